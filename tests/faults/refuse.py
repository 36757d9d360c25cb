#!/usr/bin/python3
"""Refuses each system call of each daemon once: the first call of a function, the second, and so on (of hundreds, the
later ones in steps), with each error that the kernel gives for it, while the daemon starts and while it does its job.
Afterwards all is as before: nothing acknowledged is lost, nothing hangs, no descriptor is left, and the log says
little.

All of it takes hours. With --results FILE, a run continues where the last one ended."""

import argparse
import collections
import contextlib
import errno
import http.client
import itertools
import json
import os
import pathlib
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
    os.environ.setdefault("TAGFERRY_BIN", str(pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"))

import end_checks  # noqa: E402
from flow import Flow  # noqa: E402
from harness import DEADLINE, ROOT, Daemon, Stack, eventually  # noqa: E402
from mqttd_helpers import served  # noqa: E402
from proxy import Proxy  # noqa: E402
from wire import Wire, read_request, write_request  # noqa: E402

DAEMONS = ("mqttd", "modbusd", "api")
PHASES = ("start", "job")
ORDER = struct.Struct("<6Q24s")  # struct call_order of refuse_shim.c
ANYTHING, A_FILE, A_SOCKET = range(3)
SHORT = 1000   # a transfer of half the bytes
ALL = 1 << 40  # refusals
MOST = 5000    # most calls of one function in one try
# A refusal may be repeated by the daemon, and each repetition may have a line; but not without end.
LINES_MOST, SAME_MOST = 40, 12

# The errors of each function, for each kind of descriptor. EINTR only where the call may wait.
CALLS = {
    "open": [(ANYTHING, (errno.EMFILE, errno.ENOMEM, errno.EIO))],
    "fopen": [(ANYTHING, (errno.EMFILE, errno.ENOMEM))],
    "read": [(A_FILE, (errno.EIO,)), (A_SOCKET, (errno.ECONNRESET, errno.EINTR, errno.EAGAIN, SHORT))],
    "write": [(A_FILE, (errno.EIO, errno.ENOSPC, SHORT)),
              (A_SOCKET, (errno.EPIPE, errno.EINTR, errno.EAGAIN, SHORT))],
    "pread": [(A_FILE, (errno.EIO, SHORT))],
    "pwrite": [(A_FILE, (errno.EIO, errno.ENOSPC, SHORT))],
    "recv": [(A_SOCKET, (errno.ECONNRESET, errno.EINTR, errno.EAGAIN, errno.ENOMEM, SHORT))],
    "recvmsg": [(A_SOCKET, (errno.ECONNRESET, errno.EINTR))],
    "recvfrom": [(A_SOCKET, (errno.EINTR,))],
    "send": [(A_SOCKET, (errno.EPIPE, errno.EINTR, errno.EAGAIN, errno.ENOBUFS, SHORT))],
    "sendmsg": [(A_SOCKET, (errno.EPIPE, errno.EINTR, errno.EAGAIN, errno.ENOBUFS))],
    "sendto": [(A_SOCKET, (errno.ENOBUFS, errno.ECONNREFUSED))],
    "sendfile": [(A_SOCKET, (errno.EIO, errno.EAGAIN, SHORT))],
    "socket": [(ANYTHING, (errno.EMFILE, errno.ENOBUFS))],
    "socketpair": [(ANYTHING, (errno.EMFILE, errno.ENFILE))],
    "bind": [(A_SOCKET, (errno.EADDRINUSE, errno.ENOMEM))],
    "listen": [(A_SOCKET, (errno.EADDRINUSE,))],
    "accept4": [(A_SOCKET, (errno.EMFILE, errno.ENOBUFS, errno.ECONNABORTED, errno.EINTR))],
    "connect": [(A_SOCKET, (errno.ECONNREFUSED, errno.EADDRNOTAVAIL, errno.EINTR))],
    "setsockopt": [(A_SOCKET, (errno.ENOMEM,))],
    "getsockname": [(A_SOCKET, (errno.ENOBUFS,))],
    "epoll_create1": [(ANYTHING, (errno.EMFILE, errno.ENOMEM))],
    "epoll_ctl": [(ANYTHING, (errno.ENOSPC, errno.ENOMEM))],
    "epoll_wait": [(ANYTHING, (errno.EINTR,))],
    "poll": [(ANYTHING, (errno.EINTR, errno.ENOMEM))],
    "ppoll": [(ANYTHING, (errno.EINTR, errno.ENOMEM))],
    "select": [(ANYTHING, (errno.EINTR, errno.ENOMEM))],
    "pselect": [(ANYTHING, (errno.EINTR, errno.ENOMEM))],
    "eventfd": [(ANYTHING, (errno.EMFILE, errno.ENOMEM))],
    "signalfd": [(ANYTHING, (errno.EMFILE,))],
    "inotify_init1": [(ANYTHING, (errno.EMFILE,))],
    "inotify_add_watch": [(ANYTHING, (errno.ENOSPC, errno.ENOMEM))],
    "memfd_create": [(ANYTHING, (errno.EMFILE, errno.ENOMEM))],
    "pthread_create": [(ANYTHING, (errno.EAGAIN,))],
    "mmap": [(ANYTHING, (errno.ENOMEM,))],
    "flock": [(A_FILE, (errno.ENOLCK, errno.EINTR))],
    "fcntl": [(A_FILE, (errno.ENOLCK,))],
    "ftruncate": [(A_FILE, (errno.EIO,))],
    "posix_fallocate": [(A_FILE, (errno.ENOSPC, errno.EINTR))],
    "fsync": [(A_FILE, (errno.EIO, errno.ENOSPC))],
    "fdatasync": [(A_FILE, (errno.EIO, errno.ENOSPC))],
    "msync": [(ANYTHING, (errno.EIO,))],
    "rename": [(ANYTHING, (errno.EIO, errno.ENOSPC))],
    "link": [(ANYTHING, (errno.EIO,))],
    "unlink": [(ANYTHING, (errno.EIO,))],
    "mkdir": [(ANYTHING, (errno.ENOSPC,))],
    "chmod": [(ANYTHING, (errno.EIO,))],
    "fchmod": [(A_FILE, (errno.EIO,))],
    "stat": [(ANYTHING, (errno.EIO, errno.ENOMEM))],
    "lstat": [(ANYTHING, (errno.EIO,))],
    "fstat": [(A_FILE, (errno.EIO,))],
    "fstatvfs": [(A_FILE, (errno.EIO,))],
    "getrandom": [(ANYTHING, (errno.EINTR,))],
}

# `number`: the call that is refused, from 1; 0: all.
Try = collections.namedtuple("Try", "daemon phase call what error number")


def word_of(error):
    return "SHORT" if error == SHORT else errno.errorcode[error]


class Plant(Stack):
    """All parts, whose daemons run with the shim, each with its own folder."""

    def __init__(self, folder):
        super().__init__(folder)
        self.shim = folder / "refuse_shim.so"
        # With frame pointers, AddressSanitizer shows the callers.
        subprocess.run(["cc", "-std=c11", "-O1", "-fno-omit-frame-pointer", "-shared", "-fPIC", "-o", self.shim,
                        ROOT / "tests/faults/refuse_shim.c", "-ldl"], check=True)
        self.start_broker("autosave_interval 0", persistence=True)
        self.start_modbusd(modbusd__persist="always")
        self.start_api()
        self.proxy = Proxy(self.broker.number)
        self.start_mqttd(mqttd__broker=self.proxy.address())
        self.flow = Flow(self, self.broker.number)
        served(self)
        self.flow.say()
        self.flow.back()

    def add(self, part):
        if isinstance(part, Daemon):
            part.orders = self.folder / f"{part.name}.orders"
            part.orders.mkdir()
            (part.orders / "calls").write_bytes(bytes(ORDER.size))
            part.env.update(LD_PRELOAD=str(self.shim), TAGFERRY_FAULTS=str(part.orders),
                            ASAN_OPTIONS="verify_asan_link_order=0")
        return super().add(part)

    def refuse(self, one):
        """Gives the order to a daemon that runs, or starts next."""
        times, first = (1, one.number) if one.number else (ALL, 1)
        with open(getattr(self, one.daemon).orders / "calls", "r+b", buffering=0) as file:
            os.pwrite(file.fileno(), bytes(8), 0)
            order = ORDER.pack(0, times, one.error, one.what, 0, 0, one.call.encode())
            os.pwrite(file.fileno(), order[8:], 8)
            os.pwrite(file.fileno(), struct.pack("<Q", first), 0)

    def end(self, daemon):
        """Cancels the order; returns the number of refusals."""
        with open(getattr(self, daemon).orders / "calls", "r+b", buffering=0) as file:
            os.pwrite(file.fileno(), bytes(8), 0)
            return ORDER.unpack(os.pread(file.fileno(), ORDER.size, 0))[5]

    def finish(self):
        self.flow.close()
        super().finish()
        self.proxy.close()


def lines(part, since=0):
    """The lines of the log that an administrator sees, without times and numbers."""
    shown = [line[25:] for line in part.log()[since:].splitlines() if not line[25:].startswith("debug")]
    return collections.Counter(re.sub(r"\d+", "#", line) for line in shown)


@contextlib.contextmanager
def may_fail():
    with contextlib.suppress(OSError, http.client.HTTPException, urllib.error.URLError, AssertionError, TypeError):
        yield


def do_job(plant, daemon):
    """Everything that the daemons do; any part may fail."""
    flow, part = plant.flow, getattr(plant, daemon)
    flow.say()
    flow.command()
    with may_fail(), Wire(plant.modbusd.address()) as wire:
        wire.socket.settimeout(1)
        wire.ask(write_request(900, 1, 2, 3))
        wire.ask(read_request(3, 900, 3))
    for path in ("/devices/f", "/values?limit=5", "/devices/f/tags/step/value", "/export", "/metrics",
                 "/devices/f/tags/v1/history", "/audit?limit=2"):
        with may_fail():
            plant.api.send("GET", path, None, None)
    with may_fail():
        plant.api.send("PUT", "/devices/f/tags/mark/value", {"value": 5}, None)
    with may_fail():
        flow.change()
    part.signal(signal.SIGHUP)
    plant.proxy.cut()
    flow.say()
    flow.command()


def settle(plant, daemon):
    """After the refusals: all that was acknowledged is in its place."""
    flow = plant.flow
    eventually(lambda: plant.api.send("GET", "/devices/f/tags/step", None, None).status == 200, "the API")
    kept = plant.api.must("GET", "/devices/f/tags/step")["modbus"]["offset"]
    assert kept >= flow.offset, f"a change is lost: {kept}, not {flow.offset}"
    flow.offset = kept  # a change that was not answered may be stored
    eventually(lambda: flow.change() == 200, "a change")
    flow.command()
    flow.settle()
    lost = flow.lost()
    assert lost == 0, f"{lost} lost"


def check_log(part, since, refusals):
    shown = lines(part, since)
    text = "\n".join(f"{count} {line}" for line, count in shown.most_common(20))
    assert sum(shown.values()) <= LINES_MOST + refusals // 10, f"too many lines:\n{text}"
    assert not shown or max(shown.values()) <= SAME_MOST + refusals // 10, f"a line is repeated:\n{text}"


def check_alive(part):
    status = part.process.poll()
    assert status is None, f"{part.name} ended with {status}:\n{part.log()[-3000:]}"
    part.check_sanitizers()


def await_start(part):
    """Waits until it is "ready", or has "ended" with a word."""
    ended = eventually(lambda: "ended" if not part.alive() else "READY=1" in part.read_notices() and "ready", "a start")
    if ended == "ended":
        status, log = part.process.poll(), part.log()
        assert status > 0, f"ended with {status}:\n{log[-3000:]}"
        assert re.search(r"^(?!\S+ (info|debug) )", log.rstrip(), re.M), f"it ended without a word:\n{log[-3000:]}"
        part.check_sanitizers()
    return ended


def start_refused(plant, daemon, order, end):
    """The daemon starts after it was killed, or ends with a word; then it starts again. `order` and `end` give and
    cancel the order to refuse something; `end` returns the number of refusals."""
    part = getattr(plant, daemon)
    part.kill()
    plant.flow.say(2)
    if daemon != "modbusd":
        plant.flow.command()
    order()
    part.start(wait=False)
    ended = await_start(part)
    refusals = end()
    if ended == "ended":
        check_log(part, 0, refusals)
        part.start()
    settle(plant, daemon)
    check_alive(part)
    check_log(part, 0, refusals)
    eventually(lambda: not end_checks.left_over(part), "nothing left over")
    return refusals, ended


def try_start(plant, one):
    return start_refused(plant, one.daemon, lambda: plant.refuse(one), lambda: plant.end(one.daemon))


def try_job(plant, one):
    part = getattr(plant, one.daemon)
    since = len(part.log())
    plant.refuse(one)
    do_job(plant, one.daemon)
    check_alive(part)
    refusals = plant.end(one.daemon)
    settle(plant, one.daemon)
    check_alive(part)
    check_log(part, since, refusals)
    eventually(lambda: not end_checks.left_over(part), "nothing left over")
    return refusals, "job"


TRIES = {"start": try_start, "job": try_job}


def attempt(plant, one):
    """One try; returns the number of refusals, and what became of the daemon."""
    try:
        return TRIES[one.phase](plant, one)
    except AssertionError as fault:
        raise AssertionError(f"{' '.join(map(str, one[:3]))} {word_of(one.error)} number {one.number}: "
                             f"{fault}") from fault


def series(daemons=DAEMONS, phases=PHASES, calls=None):
    """The tries without their number."""
    for daemon, phase, call in itertools.product(daemons, phases, calls or CALLS):
        for what, errors in CALLS[call]:
            for error in errors:
                yield Try(daemon, phase, call, what, error, 0)


def all_of(plant, one, after):
    """One refusal after the other until no call is left, after the first forty in growing steps; then all of the job at
    once. Yields each try and its result."""
    number = after
    while number < MOST:
        number += 1 + number // 40
        this = one._replace(number=number)
        refusals, ended = attempt(plant, this)
        yield this, refusals, ended
        if refusals == 0:
            break
    else:
        raise AssertionError(f"more than {MOST} calls")
    if number > 1 and one.phase == "job":  # a start would not end
        yield one, *attempt(plant, one)


def read_results(path):
    """The number of the last try of each series, and the series that are complete."""
    last, complete = {}, set()
    for line in path.read_text(encoding="utf-8").splitlines() if path and path.exists() else ():
        entry = json.loads(line)
        one = Try(*entry["try"])
        last[one._replace(number=0)] = max(last.get(one._replace(number=0), 0), one.number)
        if entry.get("complete"):
            complete.add(one._replace(number=0))
    return last, complete


def read_options():
    parser = argparse.ArgumentParser(prog="tests/faults/refuse.py", description=__doc__)
    parser.add_argument("--daemon", choices=DAEMONS, action="append", help="only this daemon")
    parser.add_argument("--phase", choices=PHASES, action="append", help="only this phase")
    parser.add_argument("--call", choices=CALLS, action="append", help="only this function")
    parser.add_argument("--results", type=pathlib.Path, metavar="FILE", help="a line for each try")
    parser.add_argument("--minutes", type=float, help="end after the series that is running then")
    parser.add_argument("--shuffle", type=int, metavar="SEED", help="the series in another order")
    return parser.parse_args()


class Plants:
    """One plant for all tries, until a fault."""

    def __init__(self, make):
        self.make, self.plant, self.folder = make, None, None

    def get(self):
        if not self.plant:
            self.folder = tempfile.TemporaryDirectory()
            self.plant = self.make(pathlib.Path(self.folder.name))
        return self.plant

    def drop(self):
        """After a fault: no further checks."""
        plant, self.plant = self.plant, None
        if plant:
            plant.flow.close()
            for part in reversed(plant.parts):
                if part.alive():
                    part.kill()
                part.close_notify()
            self.folder.cleanup()

    def finish(self):
        if self.plant:
            plant, self.plant = self.plant, None
            plant.finish()
            self.folder.cleanup()


def run_series(plants, one, after, note):
    """True without a fault."""
    try:
        for this, refusals, ended in all_of(plants.get(), one, after):
            note({"try": this, "refusals": refusals, "ended": ended})
        note({"try": one, "complete": True})
        return True
    except AssertionError as fault:
        note({"try": one, "complete": True, "fault": str(fault)[-6000:]})
        print(f"FAULT {fault}", flush=True)
        plants.drop()
        return False


def main():
    options = read_options()
    last, complete = read_results(options.results)
    began, faults, tries, plants = time.monotonic(), 0, 0, Plants(Plant)
    todo = [one for one in series(options.daemon or DAEMONS, options.phase or PHASES, options.call)
            if one not in complete]
    if options.shuffle is not None:
        random.Random(options.shuffle).shuffle(todo)

    def note(entry):
        nonlocal tries
        tries += "refusals" in entry
        if options.results:
            with open(options.results, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
    for one in todo:
        if options.minutes and time.monotonic() - began > 60 * options.minutes:
            break
        before = tries
        faults += not run_series(plants, one, last.get(one, 0), note)
        print(*one[:3], word_of(one.error), tries - before, "tries", flush=True)
    plants.finish()
    print(f"{tries} tries, {faults} faults")
    return faults != 0


if __name__ == "__main__":
    sys.exit(main())
