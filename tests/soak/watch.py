"""Memory and descriptors of the daemons over time, and signs of a leak."""

import collections
import pathlib
import statistics
import threading
import time

EVERY_S = 2.0
# The number of samples (10 minutes) after which a life is evaluated. The first quarter is warm-up:
# each connection to the store fills a cache of 2 MiB. Then the medians of the second and the last
# quarter are compared.
SAMPLES_MIN = 300
GROWTH_KIB, GROWTH_PART, GROWTH_DESCRIPTORS = 2048, 0.10, 4

Sample = collections.namedtuple("Sample", "at rss anonymous descriptors threads")


def sample(pid):
    """None when the process has ended."""
    process = pathlib.Path(f"/proc/{pid}")
    try:
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        return Sample(time.monotonic(), int(status["VmRSS"].split()[0]),
                      int(status["RssAnon"].split()[0]), len(list((process / "fd").iterdir())),
                      int(status["Threads"]))
    except (OSError, KeyError):
        return None


class Watch(threading.Thread):
    """Takes samples of each life of each daemon."""

    def __init__(self, parts):
        super().__init__(daemon=True)
        self.parts = parts
        self.lives = {part.name: {} for part in parts}  # the samples by process id
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(EVERY_S):
            for part in self.parts:
                process = part.process
                taken = sample(process.pid)
                if taken:
                    self.lives[part.name].setdefault(process.pid, []).append(taken)

    def close(self):
        self.ended.set()
        self.join()

    def newest(self, name):
        lives = self.lives[name]
        return lives[next(reversed(lives))][-1] if lives else None

    def longest(self, name):
        """The samples of the longest life."""
        return max(self.lives[name].values(), key=len, default=[])

    def growth(self, name):
        """(before, after) as samples of medians, of the longest life; None if it was short."""
        life = self.longest(name)
        if len(life) < SAMPLES_MIN:
            return None
        quarter = len(life) // 4
        return tuple(Sample(*(statistics.median(column) for column in zip(*part)))
                     for part in (life[quarter:2 * quarter], life[-quarter:]))

    def leaks(self):
        """The growth, as text."""
        for name in self.lives:
            grown = self.growth(name)
            if not grown:
                continue
            before, after = grown
            more = after.anonymous - before.anonymous
            if more > max(GROWTH_KIB, before.anonymous * GROWTH_PART):
                yield f"{name}: memory grew from {before.anonymous} to {after.anonymous} KiB"
            if after.descriptors - before.descriptors > GROWTH_DESCRIPTORS:
                yield (f"{name}: descriptors grew from {before.descriptors} to "
                       f"{after.descriptors}")
