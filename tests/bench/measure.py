"""Figures of a run: rounds in which candidates take turns, medians, ratios, processor time, memory."""

import os
import statistics
import sys


def say(text):
    print(text, flush=True)


class Results:
    """Values by figure and candidate, one per round."""

    def __init__(self):
        self.rounds = {}
        self.facts = {}  # single values that are no measurements: versions, counts
        self.failures = []  # figure, candidate

    def add(self, figure, candidate, value):
        self.rounds.setdefault(figure, {}).setdefault(candidate, []).append(float(value))

    def attempt(self, figure, candidate, action, *arguments):
        """Measures something of a candidate. When it fails, it is named, and the others are measured."""
        try:
            action(*arguments)
            return True
        except Exception as error:  # whatever the candidate did
            warn(f"{figure}: {candidate} failed: {error or type(error).__name__}")
            if (figure, candidate) not in self.failures:
                self.failures.append((figure, candidate))
            return False

    def median(self, figure, candidate="tagferry"):
        values = self.rounds.get(figure, {}).get(candidate)
        return statistics.median(values) if values else None

    def ratio(self, figure, over="original", candidate="tagferry"):
        """The ratio to the other's median; None when one was not measured."""
        mine, other = self.median(figure, candidate), self.median(figure, over)
        return mine / other if mine is not None and other else None


def tasks(pid):
    return [f"/proc/{pid}/task/{task}" for task in os.listdir(f"/proc/{pid}/task")]


def cpu_ns(*pids):
    """Processor time, user and system, of all current threads of the processes."""
    total = 0
    for pid in pids:
        for task in tasks(pid):
            with open(f"{task}/schedstat") as file:
                total += int(file.read().split()[0])
    return total


def thread_cpu_ns(pid, name):
    """Processor time of one thread of a process."""
    for task in tasks(pid):
        with open(f"{task}/comm") as comm, open(f"{task}/schedstat") as file:
            if comm.read().strip() == name:
                return int(file.read().split()[0])
    raise AssertionError(f"no thread {name}")


def wakeups(pid):
    """How often the threads of the process have waited for something."""
    total = 0
    for task in tasks(pid):
        with open(f"{task}/status") as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches:"))
    return total


def written_bytes(pid):
    """Bytes of pages that the process has written or made dirty, also through mapped files, and that were not removed before
    they were on the disk. Files in memory do not count."""
    with open(f"/proc/{pid}/io") as file:
        words = dict(line.split(": ") for line in file)
    return int(words["write_bytes"]) - int(words["cancelled_write_bytes"])


def memory_kb(pid, field="VmRSS"):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1])
    raise ValueError(field)


def own_kb(pid, addresses=range(1 << 64)):
    """Memory of its own: anonymous pages, and its share of the files that daemons have in memory for one another. Not the
    pages of programs and libraries, which the kernel drops and reads again, and of which those that no other process
    happens to map at the moment would count as private. `addresses`: only mappings that begin there."""
    total, is_shared, counts = 0, False, False
    with open(f"/proc/{pid}/smaps") as file:
        for line in file:
            first, *rest = line.split()
            if not first.endswith(":"):
                is_shared, counts = rest[0].endswith("s"), int(first.split("-")[0], 16) in addresses
            elif counts and first == ("Pss:" if is_shared else "Anonymous:"):
                total += int(rest[0])
    return total


def warn(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def memory_total_mb():
    with open("/proc/meminfo") as file:
        return int(file.readline().split()[1]) // 1024
