"""Which mutants a run tries, which of them are judged equivalent, and which tests a mutant meets in which order."""

import random
import re

from c_source import Source
from mutators import KINDS, find_mutants

WEIGHTS = {"memory-order": 1, "swap-arguments": 2, "format": 2, "constant": 3, "clean-up": 4}
HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def module_of(path):
    return path.split("/")[1]


def changed_lines(diff):
    """From a diff without context to {path: lines of the new text}."""
    found = {}
    for part in re.split(r"^diff --git ", diff, flags=re.MULTILINE)[1:]:
        name = re.search(r"^\+\+\+ b/(.*)$", part, re.MULTILINE)
        if name:
            lines = found.setdefault(name[1], set())
            for start, count in HUNK.findall(part):
                lines.update(range(int(start), int(start) + int(count or 1)))
    return found


def all_mutants(root, modules=None, changed=None, below=()):
    """Those of the modules, on changed lines, in files or folders `below`, where these are given."""
    for path in sorted((root / "src").rglob("*.[ch]")):
        name = str(path.relative_to(root))
        if modules and module_of(name) not in modules or changed is not None and name not in changed:
            continue
        if below and not any(name == b or name.startswith(b + "/") for b in below):
            continue
        for mutant in find_mutants(Source(name, path.read_text(encoding="utf-8"))):
            if changed is None or mutant.line in changed[name]:
                yield mutant


def choose(mutants, seed):
    """All of them in the order of the seed: modules in turn, and in a module the kinds by their weight."""
    modules = {}
    for mutant in mutants:
        modules.setdefault(module_of(mutant.path), {}).setdefault(mutant.kind, []).append(mutant)
    chance = random.Random(seed)
    for kinds in modules.values():
        for kind in KINDS:
            chance.shuffle(kinds.get(kind, []))
    while modules:
        for module in sorted(modules):
            kinds = modules[module]
            names = [k for k in KINDS if kinds.get(k)]
            if not names:
                del modules[module]
                continue
            kind = chance.choices(names, [WEIGHTS.get(k, 4) for k in names])[0]
            yield kinds[kind].pop()


class Equivalents:
    """tests/mutate/equivalent.txt: paragraphs of "path function", "kind: old => new", the line, and the reason.

    A mutant is found by its file, function, change and the text of its line, so that a shift of lines does not matter.
    """

    def __init__(self, text):
        self.reasons = {}
        for block in re.split(r"\n\s*\n", re.sub(r"^#.*\n?", "", text, flags=re.MULTILINE)):
            rows = [row.strip() for row in block.strip().splitlines()]
            if not rows:
                continue
            if len(rows) < 4 or len(rows[0].split()) != 2:
                raise ValueError(f"equivalent.txt: not in the form: {rows}")
            self.reasons[(*rows[0].split(), rows[1], rows[2])] = " ".join(rows[3:])

    def reason(self, mutant):
        return self.reasons.get((mutant.path, mutant.function, change_of(mutant), mutant.text))


def change_of(mutant):
    old, new = (" ".join(t.split()) for t in (mutant.old, mutant.new))
    return " ".join(f"{mutant.kind}: {old} => {new}".split())


def words_of(text):
    """The words, and each two neighbours in a name, such as stop_ms: they say more."""
    text = text.lower()
    return {*re.findall(r"[a-z]+", text), *re.findall(r"(?<![a-z])(?=([a-z]+_[a-z]+))", text)}


def order_tests(names, coverage, mutant, first=(), texts=None):
    """Tests of `names` that run the mutant's statement, the most promising first.

    `first` are tests that have killed mutants of this file. Then those that cost little for what they run of the
    file: a test that runs many of its lines is about it, and most likely compares what it does; so is one that has
    words of the path or the line in its name, or that seldom occur in its text: `texts` are the words of each test.
    Where the compiler has joined the statement with others, so that none
    seems to run it, tests of the function take their place. Transcripts come before tests like them, because they compare
    all that they see.
    """
    words = words_of(f"{mutant.path} {mutant.function} {mutant.text}") - {"src", "c", module_of(mutant.path)}
    texts = texts or {}
    seldom = {w for w in words if sum(w in text for text in texts.values()) * 8 <= len(texts)}
    rated, lines = [], {name: coverage.lines(name, mutant.path) for name in names}
    for begin, end in (mutant.reach, mutant.body):
        for name in names:
            if not lines[name].isdisjoint(range(begin, end + 1)):
                alike = len(words & words_of(name)) + min(4, sum(1 + w.count("_") for w in seldom & texts.get(name, set())))
                alike += name.startswith("integration.transcript.")
                cost = (10 + coverage.tests[name]["seconds"]) / (1 + len(lines[name])) / 8**alike
                rated.append((-first.count(name), cost, name))
        if rated:
            break
    return [name for _, _, name in sorted(rated)]
