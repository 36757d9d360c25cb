"""Refuses allocations while a daemon starts, one in each start: it serves all the same, or it ends with a word; the
next start is as ever, and nothing is lost. A sample: TAGFERRY_SEED chooses it, TAGFERRY_TRIES is its size for each
row, and 0 means each allocation, which takes hours."""

import os
import random

import pytest

import refuse
from harness import BIN

SEED = int(os.environ.get("TAGFERRY_SEED", "23"))
TRIES = int(os.environ.get("TAGFERRY_TRIES", "2"))
NEVER = 1 << 40
# AddressSanitizer itself gives up where the C library lacks memory for a new thread.
OWN = [True] if b"__asan_init" in (BIN / "tagferry-modbusd").read_bytes() else [True, False]


def start(plant, daemon, number, own):
    """Returns the number of allocations until the daemon was ready or ended, that of refusals, and which it was."""
    counts = []

    def end():
        counts[:] = plant.refused(daemon)
        plant.refuse(daemon, 0)
        return counts[1]
    refusals, ended = refuse.start_refused(plant, daemon, lambda: plant.refuse(daemon, number, own=own), end)
    return counts[0], refusals, ended


@pytest.mark.parametrize("own", OWN, ids=lambda own: "own" if own else "any")
@pytest.mark.parametrize("daemon", refuse.DAEMONS)
def test_start(plant, flow, daemon, own):
    plant.flow = flow
    count, refusals, ended = start(plant, daemon, NEVER, own)
    assert (refusals, ended) == (0, "ready") and count > 5
    numbers = range(1, count + 1)
    if TRIES:
        numbers = sorted(random.Random(f"{SEED} {daemon} {own}").sample(numbers, TRIES))
    for number in numbers:
        _, refusals, ended = start(plant, daemon, number, own)
        print(f"{daemon}: allocation {number} of {count}: {ended}, {refusals} refused")
