"""Memory of their own of the three daemons of another architecture with 100 tags, after a start, as part_process.py of
tests/bench measures it. They run under qemu-user, whose own memory is left out: only what lies in the guest's part of the
addresses counts. Usage: memory.py FOLDER, with TAGFERRY_BIN."""

import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "bench"))
sys.path.insert(0, str(HERE.parent / "integration"))

from candidates import Tagferry  # noqa: E402
from measure import own_kb  # noqa: E402

DAEMONS = ("modbusd", "api", "mqttd")
DEVICES, KEYS = 10, 10
GUEST = 4 << 30


def guest_addresses(pid, program):
    """qemu maps the guest, its program among it, within 4 GiB: from 0 with 32 bits, from a multiple of 4 GiB with 64."""
    lines = pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
    low = min(int(line.split("-")[0], 16) for line in lines if line.endswith(str(program)))
    return range(low - low % GUEST, low - low % GUEST + GUEST)


def main():
    folder = pathlib.Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stack = Tagferry(folder / "stack", "1")
    programs = pathlib.Path(os.environ["TAGFERRY_BIN"]).parent / "package/usr/bin"
    try:
        stack.start(DEVICES, KEYS)
        daemons = {name: getattr(stack.stack, name) for name in DAEMONS}
        for daemon in reversed(daemons.values()):
            daemon.stop()
        for daemon in daemons.values():
            daemon.start()
        daemons["mqttd"].wait_log("connected to broker")
        total = 0
        for name, daemon in daemons.items():
            pid = daemon.process.pid
            own = own_kb(pid, guest_addresses(pid, programs / f"tagferry-{name}"))
            print(f"memory of its own of tagferry-{name}, {DEVICES * KEYS} tags: {own:,} kB")
            total += own
        print(f"memory of their own of the three: {total:,} kB")
    finally:
        stack.finish()


main()
