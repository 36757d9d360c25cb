"""Tables of a page that a program writes: they are between two marks."""

import re


def between(text, name):
    """The text between a pair of marks, its first and its last offset."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    first = text.index(begin) + len(begin)
    last = text.index(end)
    return text[first:last], first, last


def put_between(text, name, content):
    _, first, last = between(text, name)
    return text[:first] + content.rstrip("\n") + "\n" + text[last:]


def line(*cells):
    return "| " + " | ".join(cells) + " |"


def read_cells(text):
    """The cells of the head and of each line of a table."""
    found = [re.split(r" *\| *", each.strip("| ")) for each in text.splitlines()
             if each.startswith("|")]
    return found[0], found[2:]
