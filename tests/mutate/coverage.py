"""Which lines each test runs, from a build with gcov, kept in build/mutate/coverage.

One JSON file a test: the seconds, whether it passed, and per source the digest of its text and the lines. The texts
are kept by digest, so that lines can be found again after a change of the source.
"""

import difflib
import functools
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import threading

FLAGS = "--coverage -fprofile-update=atomic"


def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]


def map_lines(old, new):
    """From the numbers of old's lines to those of new; lines that changed are missing."""
    mapping = {}
    for a, b, n in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        mapping.update((a + k + 1, b + k + 1) for k in range(n))
    return mapping


class Coverage:
    def __init__(self, folder, tree):
        self.folder = folder
        self.tree = tree
        self.texts = folder / "texts"
        self.tests = {}
        self.texts.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.json"):
            self.tests[path.stem] = json.loads(path.read_text())

    def missing(self, tests, commit):
        """Tests without coverage, or that failed, or whose own source has changed; with a commit, those of other
        commits, too."""
        return [t for t in tests.values() if (known := self.tests.get(t.name)) is None
                or not known["passed"] or known["source"] != self.key(t) or commit and known["commit"] != commit]

    @staticmethod
    def key(test):
        return digest(b"".join(p.read_bytes() for p in test.sources))

    def measure(self, tests, commit, jobs, say, stopped=lambda: False):
        """Runs these tests in the tree, which is built for it. A test that is stopped is left for the next run."""
        queue, lock = sorted(tests, key=lambda t: not t.is_unit), threading.Lock()

        def work():
            while not stopped():
                with lock:
                    if not queue:
                        return
                    test = queue.pop(0)
                    say(f"coverage: {test.name} ({len(queue)} more)")
                self.measure_one(test, commit, stopped)
        threads = [threading.Thread(target=work) for _ in range(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def measure_one(self, test, commit, stopped):
        data = self.folder / ("data-" + test.name)
        shutil.rmtree(data, ignore_errors=True)
        status, seconds = test.run(self.folder / (test.name + ".log"), 1800, {"GCOV_PREFIX": str(data)}, stopped)
        if not (status is None and stopped()):
            entry = {"commit": commit, "source": self.key(test), "seconds": round(seconds, 2),
                     "passed": status == 0, "files": self.read(data)}
            path = self.folder / (test.name + ".json")
            path.with_suffix(".new").write_text(json.dumps(entry))
            path.with_suffix(".new").rename(path)
            self.tests[test.name] = entry
        shutil.rmtree(data, ignore_errors=True)

    def read(self, data):
        """The lines of sources under src/ that ran."""
        lines = {}
        counts = [p for p in data.rglob("*.gcda") if "/src/" in str(p)]
        for path in counts:
            notes = pathlib.Path("/", path.relative_to(data)).with_suffix(".gcno")
            if notes.exists() and not path.with_suffix(".gcno").exists():
                os.symlink(notes, path.with_suffix(".gcno"))
        for k in range(0, len(counts), 50):
            run = subprocess.run(["gcov", "--json-format", "--stdout", *map(str, counts[k:k + 50])], cwd=data,
                                 capture_output=True, text=True, check=False)
            for document in run.stdout.splitlines():
                self.take(json.loads(document), lines)
        return lines

    def take(self, document, lines):
        for file in document["files"]:
            path = pathlib.Path(document["current_working_directory"], file["file"])
            if not path.is_relative_to(self.tree.folder / "src") or not path.is_file():
                continue
            ran = sorted({row["line_number"] for row in file["lines"] if row["count"] > 0})
            if ran:
                name = str(path.relative_to(self.tree.folder))
                old = lines.get(name, [None, []])
                lines[name] = [self.keep_text(path), sorted({*old[1], *ran})]

    def keep_text(self, path):
        data = path.read_bytes()
        kept = self.texts / digest(data)
        if not kept.exists():
            kept.write_bytes(data)
        return kept.name

    @functools.lru_cache(maxsize=None)
    def mapping(self, old, path):
        """None: the text is the same."""
        data = (self.tree.root / path).read_bytes()
        if digest(data) == old:
            return None
        return map_lines((self.texts / old).read_text().splitlines(), data.decode().splitlines())

    def lines(self, test, path):
        """The lines of the source as it is now that the test runs."""
        old, lines = self.tests[test]["files"].get(path, (None, ()))
        mapping = self.mapping(old, path) if old else None
        return set(lines) if mapping is None else {mapping[line] for line in lines if line in mapping}
