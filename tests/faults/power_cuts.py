"""A disk whose changes are recorded, and its states after a power cut, opened by the real programs.

TAGFERRY_STATES is the number of states of each test, TAGFERRY_SEED chooses them."""

import concurrent.futures
import contextlib
import os
import random
import shutil
import subprocess

import replay
from harness import ROOT

SEED = int(os.environ.get("TAGFERRY_SEED", "22"))
STATES = int(os.environ.get("TAGFERRY_STATES", "0"))


class Recorded:
    """A folder whose changes are recorded. `.env` is for the programs, `.events()` what they did."""

    def __init__(self, folder):
        self.disk, self.log, self.base = folder / "disk", folder / "writes", ()
        self.fail = folder / "fail"
        shim = folder / "write_shim.so"
        self.env = {"LD_PRELOAD": str(shim), "TAGFERRY_WRITES_BELOW": str(self.disk), "TAGFERRY_WRITES": str(self.log),
                    "TAGFERRY_WRITES_FAIL": str(self.fail),
                    "ASAN_OPTIONS": "verify_asan_link_order=0:handle_segv=0"}
        subprocess.run(["cc", "-std=c11", "-O1", "-shared", "-fPIC", "-o", shim,
                        ROOT / "tests/faults/write_shim.c", "-ldl"], check=True)
        self.disk.mkdir()

    @contextlib.contextmanager
    def failing(self):
        """All syncs fail."""
        self.fail.touch()
        yield
        self.fail.unlink()

    def events(self):
        return replay.lose_failed(replay.read_log(self.log, self.base))

    def states(self, most, **how):
        return replay.states(self.events(), random.Random(SEED), STATES or most, **how)

    def begin_again(self):
        """What the files contain now is on the disk; the record begins here. Returns the index of its first event."""
        self.base = [(str(path), path.stat().st_ino, path.read_bytes()) for path in self.disk.iterdir()]
        self.log.unlink(missing_ok=True)
        return 6 * len(self.base)


def each(states, recorded, tmp_path, check):
    """Checks the states, two at a time; returns what the checks returned."""
    def run(number, state):
        folder = state.write(recorded.disk, tmp_path / f"state-{number}")
        try:
            return check(state, folder)
        except Exception as fault:
            raise AssertionError(f"{state}: {sorted(state.files)}: {fault}") from fault
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting, results = set(), []
        for number, state in enumerate(states):
            waiting.add(pool.submit(run, number, state))
            if len(waiting) >= 4:
                done, waiting = concurrent.futures.wait(waiting, return_when="FIRST_COMPLETED")
                results += [job.result() for job in done]
        return results + [job.result() for job in waiting]


def reopen(kind, folder, **options):
    """Starts a daemon on a state; the runtime folder is empty, as after a boot."""
    options = {"common.runtime_dir": folder / "runtime", "common.log_level": "info",
               **{key.replace("__", "."): value for key, value in options.items()}}
    name = f"tagferry-{kind.__name__.lower()}"
    return kind(name, folder, options).start()
