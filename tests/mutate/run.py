"""Tries mutants, each in a copy of the tree: build, unit tests that run the line, then a few other tests."""

import difflib
import threading
import time

import choice
from tree import BuildError, MUTANT_FLAGS, Tree

AT_ONCE = 3  # integration tests wait most of the time


def diff_of(mutant, old, new):
    return "".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "a/" + mutant.path,
                                        "b/" + mutant.path, n=2))


class Worker:
    def __init__(self, run, number):
        self.run = run
        self.tree = Tree(run.root, run.folder / f"trees/{number}", MUTANT_FLAGS)
        self.codes = {}  # of sources without a mutant
        self.logs = run.folder / f"logs/{number}"
        self.logs.mkdir(parents=True, exist_ok=True)

    def prepare(self):
        self.tree.sync()
        self.tree.make()
        self.tests = self.tree.tests()
        self.programs = self.tree.programs(self.tests)
        self.texts = {name: choice.words_of("".join(p.read_text(encoding="utf-8") for p in test.sources))
                      for name, test in self.tests.items()}

    def try_mutant(self, mutant):
        """A row of the results, or None if the run was stopped meanwhile."""
        copy = self.tree.folder / mutant.path
        old = copy.read_text(encoding="utf-8")
        new = mutant.apply(old)
        begin = time.monotonic()
        if mutant.path not in self.codes:
            self.codes[mutant.path] = self.tree.machine_code(mutant.path)
        copy.write_text(new, encoding="utf-8")
        try:
            result, ran = self.judge(mutant)
        finally:
            copy.write_text(old, encoding="utf-8")
        if result is None:
            return None
        return {"id": mutant.identity, "module": choice.module_of(mutant.path), "path": mutant.path,
                "function": mutant.function, "line": mutant.line, "text": mutant.text, "kind": mutant.kind,
                "change": choice.change_of(mutant), "diff": diff_of(mutant, old, new), "result": result,
                "reason": "The compiler makes the same code of both, on this machine." if result == "equivalent" else "",
                "tests": ran, "commit": self.run.commit, "seconds": round(time.monotonic() - begin, 1)}

    def judge(self, mutant):
        stopped = self.run.stopped
        code = self.tree.machine_code(mutant.path)
        if code is None:
            return "did not compile", []
        if code and code == self.codes[mutant.path]:
            return "equivalent", []
        units, others = self.run.tests_for(mutant, self.tests, self.texts)
        ran = []
        for batch, at_once in ((units, 2), (others, AT_ONCE)):
            if not batch:
                continue
            targets = [self.tests[n].target for n in batch if self.tests[n].target]
            if not self.tree.compile(targets or self.programs, stopped):
                return None if stopped() else "did not compile", []
            failed = self.run_batch(batch, at_once, ran)
            if stopped():
                return None, ran
            if failed:
                ran.append(ran.pop(ran.index(failed)))
                return "timed out" if failed[2] == "timed out" else "killed", ran
        return "survived" if ran else "not covered", ran

    def run_batch(self, names, at_once, ran):
        """Returns the first row of `ran` that failed, and stops the others then."""
        queue, lock, failed = list(names), threading.Lock(), []

        def work():
            while True:
                with lock:
                    if not queue or failed or self.run.stopped():
                        return
                    name = queue.pop(0)
                test, limit = self.tests[name], self.run.options.limit + 5 * self.run.coverage.tests[name]["seconds"]
                for _ in range(1 if test.is_unit else 2):  # others may fail now and then on a busy machine
                    status, seconds = test.run(self.logs / (name + ".log"), limit,
                                               stopped=lambda: bool(failed) or self.run.stopped())
                    if status in (0, None):
                        break
                with lock:
                    if status is None and (failed or self.run.stopped()):
                        return
                    verdict = "passed" if status == 0 else "timed out" if status is None else "failed"
                    ran.append((name, round(seconds, 1), verdict))
                    if status != 0:
                        failed.append(ran[-1])
        threads = [threading.Thread(target=work) for _ in range(at_once)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failed[0] if failed else None


class Run:
    """What the workers share."""

    def __init__(self, root, folder, commit, coverage, results, options):
        self.root = root
        self.folder = folder
        self.commit = commit
        self.coverage = coverage
        self.results = results
        self.options = options
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.deadline = None

    def begin(self):
        if self.options.minutes:
            self.deadline = time.monotonic() + 60 * self.options.minutes

    def stopped(self):
        return self.stop.is_set()

    def tests_for(self, mutant, tests, texts):
        """Names of unit tests, and of others within the limits of number and time."""
        green = [n for n in tests if n in self.coverage.tests and self.coverage.tests[n]["passed"]]
        first = self.results.killers(mutant.path)
        units = choice.order_tests([n for n in green if tests[n].is_unit], self.coverage, mutant, first, texts)
        others, seconds = [], 0.0
        for name in choice.order_tests([n for n in green if not tests[n].is_unit], self.coverage, mutant, first,
                                       texts):
            cost = self.coverage.tests[name]["seconds"]
            if len(others) < self.options.tests and (not others or seconds + cost <= self.options.seconds):
                others.append(name)
                seconds += cost
        return units[:12], others

    def work(self, worker, take, note):
        try:
            worker.prepare()
            while not self.stopped() and not (self.deadline and time.monotonic() > self.deadline):
                with self.lock:
                    mutant = take()
                if mutant is None:
                    return
                row = worker.try_mutant(mutant)
                if row:
                    with self.lock:
                        note(mutant, row)
        except BaseException:
            self.stop.set()
            raise

    def all(self, jobs, take, note):
        errors = []

        def guarded(worker):
            try:
                self.work(worker, take, note)
            except (BuildError, OSError) as error:
                errors.append(error)
        threads = [threading.Thread(target=guarded, args=(Worker(self, k + 1),)) for k in range(jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
