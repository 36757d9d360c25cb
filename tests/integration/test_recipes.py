"""Holds CONTRIBUTING.md to the code: files, functions and rows that it names exist."""

import re

import pytest

from harness import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text()
SECTIONS = dict(re.findall(r"^## (.*)\n((?:(?!^## ).*\n)*)", TEXT, re.M))
RECIPES = dict(re.findall(r"^### (.*)\n((?:(?!^### ).*\n)*)", SECTIONS["Recipes"], re.M))
FOLDERS = ("src/", "sql/", "docs/", "tests/", "scripts/", "config/", "debian/")


def squeeze(text):
    return " ".join(text.split())


def is_path(word):
    return " " not in word and (word.startswith(FOLDERS) or word + "/" in FOLDERS)


def backquoted(text):
    return [squeeze(word) for word in re.findall(r"`([^`]+)`", text)]


def steps():
    """Each numbered step of each recipe: the recipe, the step's file, the rows that it quotes."""
    for name, text in RECIPES.items():
        for number, step in re.findall(r"^(\d)\. ((?:.*\n)(?:   .*\n)*)", text, re.M):
            path, *rest = backquoted(step)
            rows = [squeeze(row) for row in re.findall(r"like\s+`([^`]+)`", step)]
            yield pytest.param(path, rows, id=f"{name}-{number}")


def test_the_recipes_are_there():
    assert list(RECIPES) == ["A tag option", "A value type", "A function code", "A route",
                             "A configuration key", "A recogniser", "A screen of the dashboard",
                             "A command of tagferryctl"]
    assert all(re.search(r"^1\. ", text, re.M) for text in RECIPES.values())


@pytest.mark.parametrize("path, rows", steps())
def test_the_file_has_a_row_of_this_form(path, rows):
    assert rows, "the step quotes no row"
    text = squeeze((ROOT / path).read_text().replace("\\\n", "\n"))  # rows of macros have several lines
    for row in rows:
        assert row in text


@pytest.mark.parametrize("path", sorted({word for word in backquoted(TEXT) if is_path(word)}))
def test_the_path_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("path, function", re.findall(
    r"^\| [^|]* \| `(src/[^`]+)` \| `([^`]+)` \|$", TEXT, re.M))
def test_the_file_defines_the_function(path, function):
    assert re.search(rf"^[a-z].*\b{function}\(", (ROOT / path).read_text(), re.M)


def test_each_way_has_its_table():
    for section in ("The life of a message", "The life of a write", "The life of a request"):
        assert len(re.findall(r"^\| [^|]* \| `src/", SECTIONS[section], re.M)) >= 10


def test_the_folders_use_one_another_as_the_map_says():
    """The arrows of the map are arrows of the READMEs."""
    block = SECTIONS["Map"].split("```")[1]
    daemon = None
    for line in block.splitlines():
        if not line.strip():
            continue
        daemon = line.split(":")[0].strip() if ":" in line else daemon
        stages = [[word.strip() for word in stage.split(",")] for stage in
                  line.split(":")[-1].split("→")]
        for users, used in zip(stages, stages[1:]):
            for user in users:
                folder = ROOT / "src" / daemon / ("" if user.endswith(".c") else user)
                uses = re.search(r"^Uses: ((?:.+\n)+)", (folder / "README.md").read_text(), re.M)[1]
                for other in used:
                    assert f"`{daemon}/{other}`" in uses, f"{user} does not use {other}"
