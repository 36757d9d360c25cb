"""Reads the documents: their fenced blocks and the commands in them."""

import re

from harness import ROOT

INSIDE = ROOT / "tests/package/inside"  # runs commands in the booted container
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]

# This section of scaling.md is followed by tests/cluster/test_walkthrough.py, on two machines.
WALK = "A pair in ten minutes"

# This one of scada.md by test_modbusd_tls.py, and that of foreign-servers.md by test_mqttd_tls.py.
TLS = "A TLS master"
TLS_SERVER = "A server with TLS"

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```\n", re.M | re.S)
PROGRAM = (r"(?:sudo |systemctl |systemd-|journalctl |apt |dpkg|cmake |ctest |mosquitto_|mbpoll |curl "
           r"|ss |scripts/|\./scripts/|tagferryctl |tagferry-(?:api|modbusd|mqttd) )")
# Replaced everywhere by the test's ports, paths and programs.
HERE = re.compile(r"(sudo -u tagferry )?tagferry(?:-\w+|ctl) |curl |mbpoll |mosquitto_pub |mosquitto_sub ")


def without_blocks(text):
    return FENCE.sub("", text)


def blocks(text):
    """[(language, body, follows)] of the fenced blocks; `follows`: directly after the previous
    block."""
    found, end = [], None
    for match in FENCE.finditer(text):
        indent, language, body = match.groups()
        body = re.sub(f"^{indent}", "", body, flags=re.M)
        found.append((language, body, end == match.start()))
        end = match.end()
    return found


def read(page):
    """The text without what other tests run."""
    return re.sub(rf"^## (?:{WALK}|{TLS}|{TLS_SERVER})\n.*?(?=^## )", "", page.read_text(), flags=re.M | re.S)


def section(page, heading):
    """The commands below a heading, up to the next one of its level: the bodies of blocks."""
    text = page.read_text().partition(f"\n## {heading}\n")[2]
    assert text, heading
    return [body for language, body, _ in blocks(text.partition("\n## ")[0]) if language == "sh"]


def lines(body):
    """The commands of a block: one per line, or on several lines with a quote or a trailing \\."""
    found, open_ = [], ""
    for line in body.splitlines():
        open_ += line + "\n"
        if open_.count("'") % 2 == 0 and not line.endswith("\\"):
            found.append(re.sub(r"\s+# .*", "", open_.strip()))
            open_ = ""
    assert not open_, open_
    return [line for line in found if line]


def configurations(pages, section):
    """[(page, block)]: the blocks of configuration that have such a section."""
    return [(page, body) for page in pages for language, body, _ in blocks(page.read_text())
            if language == "ini" and re.search(rf"^\[{section}\]$", body, re.M)]


def runs_here(body):
    return all(HERE.match(line) for line in lines(body))


def steps(page):
    """The steps of a reader of the page that can run here: [(kind, text, printed)]. The output of a
    block is the block directly after it; kind is `watch` for a line of mosquitto_sub, whose output
    is a later block that starts with a topic."""
    found = []
    for language, body, follows in blocks(read(page)):
        if language == "sh":
            found += _steps_of(body)
        elif language in ("", "json") and found:
            if follows:
                found[-1][2] = body
            elif re.match(r"[\w/-]+ \{", body):
                found[-1][2] = body
    return found


def _steps_of(body):
    if not runs_here(body):
        return [["elsewhere", body, None]]
    watched = [line for line in lines(body) if line.startswith("mosquitto_sub")]
    rest = re.sub(r"^mosquitto_sub .*\n", "", body, flags=re.M)
    return [["watch", line, None] for line in watched] + ([["run", rest, None]] if rest else [])


def commands(page):
    """Each complete command of a page, in blocks and in sentences."""
    text = read(page)
    found = [line for language, body, _ in blocks(text) if language == "sh" for line in lines(body)]
    spans = re.findall(r"`([^`…]+)`", without_blocks(text))
    return found + [" ".join(span.split()) for span in spans if re.match(PROGRAM, span)]


def pattern(printed):
    """White space matches any white space, … matches anything."""
    words = [re.escape(word).replace("…", ".*") for word in printed.split()]
    return re.compile(r"\s*".join(words), re.S)
