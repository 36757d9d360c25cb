"""What each integration test checks of each daemon that it stops: no descriptor and no thread is left over, no line
fills the log, and a daemon that took much processor time comes to rest. What is in order costs no time.

A test whose purpose is the exception says so: `part.repeats` is how often a line may come."""

import collections
import contextlib
import ctypes
import os
import pathlib
import re
import signal
import socket
import struct
import time

# Most descriptors of each kind, apart from connections. The store: two for each thread that opens it.
KINDS = {
    "tagferry-modbusd": {"eventfd": 2, "eventpoll": 2, "signalfd": 1, "file": 2},
    "tagferry-mqttd": {"eventfd": 5, "eventpoll": 2, "signalfd": 1, "inotify": 1, "file": 2},  # and one of each target
    "tagferry-api": {"eventfd": 5, "eventpoll": 0, "signalfd": 1, "inotify": 1, "file": 10},  # and of each listener
}
# Sockets that are not connected at this moment: a name is looked up, a connection begins or ends.
IDLE_SOCKETS = 2
# Peers that have closed: tagferry-api finds out when it needs one of its connections to Modbus servers again.
HALF_CLOSED = {"tagferry-modbusd": 2, "tagferry-mqttd": 2, "tagferry-api": 8}
OUTGOING = 6  # most connections of mqttd besides those of targets
REPEATS = 25

TCP_STATES = {1: "connected", 7: "idle", 8: "half closed", 10: "listens"}
PIDFD_GETFD = 438  # a system call of Linux 5.6 without a function in Python
LIBC = ctypes.CDLL(None, use_errno=True)

# Counters of work.
WORK = {"tagferry-modbusd": ("MODBUSD_ACCEPTED", "MODBUSD_JOURNAL_ENTRIES",
                             *(f"MODBUSD_REQUESTS_{code}" for code in (1, 2, 3, 4, 5, 6, 15, 16, 22, 23))),
        "tagferry-mqttd": ("MQTTD_MESSAGES", "MQTTD_PUBLISHED", "MQTTD_MODBUS_REQUESTS", "MQTTD_POLLS",
                           "MQTTD_JOURNAL_READ", "MQTTD_RELOADS", "MQTTD_CONNECTS", "MQTTD_DISCOVERY_MESSAGES",
                           "MQTTD_MIRROR_PUBLISHED", "MQTTD_MIRROR_APPLIED"),
        "tagferry-api": ("API_REQUESTS", "API_GROUPED", "API_CLOSED_HEAD", "API_REFUSED_LIMIT")}


def socket_states(pid):
    """The state of each socket in its network by inode. A socket that was never connected, or whose connection has
    failed, is in no list. Each read takes tens of milliseconds."""
    states = {}
    for name in ("tcp", "tcp6", "udp", "udp6", "unix"):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]:
                part = line.split()
                if name == "unix":
                    states[part[6]] = "local"
                else:
                    states[part[9]] = TCP_STATES.get(int(part[3], 16), "other") if name.startswith("tcp") else "datagrams"
    return states


def socket_state(process, number):
    """The state of one socket of the process of this descriptor, from a copy. OSError where copies are not permitted."""
    copy = LIBC.syscall(PIDFD_GETFD, process, number, 0)
    if copy < 0:
        raise OSError(ctypes.get_errno(), "pidfd_getfd")
    with socket.socket(fileno=copy) as found:
        if found.family == socket.AF_UNIX:
            return "local"
        if found.family not in (socket.AF_INET, socket.AF_INET6):
            return "idle"
        if found.type != socket.SOCK_STREAM:
            return "datagrams" if found.getsockname()[1] else "idle"
        return TCP_STATES.get(found.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0], "other")


def states_of(pid, sockets):
    """The states of sockets, given as {number: link}, by number: those of copies or, without permission, those of the
    lists."""
    process = os.pidfd_open(pid)
    try:
        return {number: socket_state(process, number) for number in sockets}
    except OSError:
        states = socket_states(pid)
        return {number: states.get(link[8:-1], "idle") for number, link in sockets.items()}
    finally:
        os.close(process)


def descriptors(part):
    """The number of descriptors of each kind; files by their path."""
    found = {}
    for entry in pathlib.Path(f"/proc/{part.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            if int(entry.name) > 2:
                found[int(entry.name)] = os.readlink(entry)
    sockets = {number: link for number, link in found.items() if link.startswith("socket:")}
    kinds = collections.Counter(f"socket {state}" for state in states_of(part.process.pid, sockets).values())
    kinds.update(re.sub(r"^anon_inode:\[?(\w+)\]?$", r"\1", link) for number, link in found.items()
                 if number not in sockets)
    return kinds


def threads(part):
    """The number of threads of each name, the time in ns that they ran, and that in which they wanted to run."""
    names, ran, wanted = collections.Counter(), 0, 0
    for task in pathlib.Path(f"/proc/{part.process.pid}/task").iterdir():
        with contextlib.suppress(OSError):
            names[(task / "comm").read_text().strip()] += 1
            times = (task / "schedstat").read_text().split()
            ran, wanted = ran + int(times[0]), wanted + int(times[0]) + int(times[1])
    return names, ran, wanted


def has_foreign_thread(part):
    """ThreadSanitizer has a thread of its own, and so has qemu-user."""
    maps = pathlib.Path(f"/proc/{part.process.pid}/maps").read_text()
    return "libtsan" in maps or "/qemu-" in maps


def left_over(part):
    """What there are too many of, or ''."""
    kinds, (names, *_) = descriptors(part), threads(part)
    targets = sum(name.startswith("target ") for name in names)
    most = dict(KINDS[part.name])
    listeners = kinds["socket listens"]
    if part.name == "tagferry-mqttd":
        most["eventfd"] += targets
        most["socket connected"] = OUTGOING + 2 * targets
    elif part.name == "tagferry-api":
        most["eventfd"] += 2 * listeners
        most["eventpoll"] += listeners
    elif part.name == "tagferry-modbusd":
        most["eventfd"] += names["serial"]  # a thread for each line
    most.update({"socket idle": IDLE_SOCKETS + targets, "socket half closed": HALF_CLOSED[part.name]})
    faults = [f"{count} of {kind}" for kind, count in kinds.items()
              if count > most.get("file" if kind.startswith("/") else kind, 1 << 20)]
    own = (pathlib.Path(f"/proc/{part.process.pid}/comm")).read_text().strip()
    usual = {"http": listeners, "serial": names["serial"], own: 1 + has_foreign_thread(part)}
    faults += [f"{count} threads {name!r}" for name, count in names.items() if count > usual.get(name, 1)]
    return ", ".join(faults)


def repeated(part):
    """Lines that an administrator sees too often, without times and numbers. A request has a line, and a change of the
    configuration."""
    lines = collections.Counter()
    for line in part.log().splitlines():
        found = re.match(r"\d{4}-\d\d-\d\dT\S+ (error  |warning|info   ) (.*)", line)
        if found and not re.search(r" bytes [\d.]+ ms id | (re)?loaded .* revision | subscribed to ", line):
            lines[re.sub(r"\d+", "#", found[2])] += 1
    return [f"{count} times: {line}" for line, count in lines.items() if count > part.repeats]


def worked(part):
    """How much the daemon has done, from its counters."""
    with contextlib.suppress(OSError, struct.error):  # a test has damaged them
        return sum(part.counter(name) for name in WORK[part.name])
    return 0


def too_busy(part, seconds):
    """What is much processor time, or ''. Its measure is the start of this daemon on this machine, which took
    `part.start_ns`: no test compares with a limit in seconds."""
    spent, start = threads(part)[1], part.start_ns
    most = 8 * start + seconds * 1e9 / 10 + worked(part) * start / 20
    return f"{spent / 1e6:.0f} ms of processor time in {seconds:.1f} s" if spent > most else ""


class Rest:
    """True when called while the daemon rests: since a call before, it wanted a processor for less than a tenth of the
    time. A loop that does not wait always wants one, however busy the machine is."""

    def __init__(self, part):
        self.part, self.at, self.spent = part, time.monotonic(), threads(part)[2]

    def __call__(self):
        at, spent = time.monotonic(), threads(self.part)[2]
        if at - self.at < 0.1:
            return False
        rests = (spent - self.spent) / 1e9 < (at - self.at) / 10
        self.at, self.spent = at, spent
        return rests


def note_start(part):
    """Call it when the daemon is ready."""
    with contextlib.suppress(FileNotFoundError):
        part.start_ns, part.began_s = threads(part)[1], time.monotonic()


def look(part, eventually):
    """Returns all that is wrong, or ''. Not for a daemon behind another command."""
    if part.prefix:
        return ""
    part.signal(signal.SIGCONT)
    try:
        faults = find_faults(part, eventually)
    except FileNotFoundError:  # it has just ended
        return ""
    return f"{part.name} at its end: " + "; ".join(faults) if faults else ""


def find_faults(part, eventually):
    faults, busy = repeated(part), part.start_ns and too_busy(part, time.monotonic() - part.began_s)
    if left_over(part):
        with contextlib.suppress(AssertionError):
            eventually(lambda: not left_over(part))
        faults += filter(None, [left_over(part)])
    if busy:  # with much work, or a loop that does not wait: that one never rests
        try:
            eventually(Rest(part))
        except AssertionError:
            faults.append(f"{busy}, and it does not rest")
    return faults
