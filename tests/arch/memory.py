"""Memory of their own of the three daemons of another architecture with 100 tags, after a message, as tests/bench/measure.py
counts it. They run under qemu-user, whose own memory is left out: only what lies in the guest's part of the addresses
counts. Usage: memory.py FOLDER, with TAGFERRY_BIN."""

import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "bench"))
sys.path.insert(0, str(HERE.parent / "integration"))

from candidates import Tagferry  # noqa: E402
from harness import eventually  # noqa: E402

DAEMONS = ("modbusd", "api", "mqttd")
DEVICES, KEYS = 10, 10
GUEST = 4 << 30


def mappings(pid):
    """(first address, its line of /proc/PID/smaps, the numbers below it in kB) of each mapping."""
    found = []
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        first, *rest = line.split()
        if not first.endswith(":"):
            found.append((int(first.split("-")[0], 16), line, {}))
        elif rest[-1] == "kB":
            found[-1][2][first[:-1]] = int(rest[0])
    return found


def own_kb(pid, program):
    """qemu maps the guest, its program among it, within 4 GiB: from 0 with 32 bits, from a multiple of 4 GiB with 64."""
    found = mappings(pid)
    low = min(at for at, line, _ in found if line.endswith(str(program))) // GUEST * GUEST
    total = 0
    for at, line, numbers in found:
        if low <= at < low + GUEST:
            total += numbers["Pss" if line.split()[1].endswith("s") else "Anonymous"]
    return total


def main():
    folder = pathlib.Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stack = Tagferry(folder / "stack", "1")
    programs = pathlib.Path(os.environ["TAGFERRY_BIN"]).parent / "package/usr/bin"
    try:
        stack.start(DEVICES, KEYS)
        stack.stack.broker.publish("bench/d0", {f"k{key}": key + 1 for key in range(KEYS)})
        eventually(lambda: stack.stack.api.value("d0", "k9")["value"] == 10, "the message")
        total = 0
        for name in DAEMONS:
            own = own_kb(getattr(stack.stack, name).process.pid, programs / f"tagferry-{name}")
            print(f"memory of its own of tagferry-{name}, {DEVICES * KEYS} tags: {own:,} kB")
            total += own
        print(f"memory of their own of the three: {total:,} kB")
    finally:
        stack.finish()


main()
