"""Each daemon alone: time from its start to READY=1, its memory when idle and after requests, of its own and shared, and
its wake-ups when nothing happens."""

import functools
import time

from candidates import Prototype, Tagferry
from measure import memory_kb, own_kb, say, wakeups
from part_rest import wrk

# Figure, devices, keys of each, units.
SIZES = (("100 tags", 10, 10, "1"), ("1,000 tags", 100, 10, "1"), ("100,000 tags", 20000, 5, "1-2"))
DAEMONS = ("modbusd", "api", "mqttd")
REST_DEVICES, REST_KEYS = 100, 10  # of a gateway at rest
QUIET_S = 3  # after the last work, before a gateway is at rest
REQUESTS = 200_000
RELEASE_S = 11  # after the last request, until tagferry-api has released memory
MEMORY = ("memory kB", "memory of its own kB", "memory it shares kB")


def start_ms(daemon):
    began = time.monotonic()
    daemon.start(wait=False)
    while "READY=1" not in daemon.read_notices(0.0005):
        assert daemon.alive(), daemon.log()
    return (time.monotonic() - began) * 1000


def note_memory(results, pid, candidate, when):
    """Returns what is its own."""
    resident, own = memory_kb(pid), own_kb(pid)
    for what, value in zip(MEMORY, (resident, own, resident - own)):
        results.add(f"{when}, {what}", candidate, value)
    return own


def measure_size(results, options, folder, size):
    figure, devices, keys, units = size
    stack = Tagferry(folder / figure.replace(" ", "-").replace(",", ""), units)
    try:
        stack.start(devices, keys)
        daemons = {name: getattr(stack.stack, name) for name in DAEMONS}
        for number in range(options.rounds):
            say(f"process: {figure}, round {number + 1}")
            for daemon in reversed(daemons.values()):
                daemon.stop()
            for name, daemon in daemons.items():
                results.add(f"{figure}, start to ready ms", name, start_ms(daemon))
            daemons["mqttd"].wait_log("connected to broker")
            results.add(f"{figure}, memory of their own kB", "tagferry", sum(
                note_memory(results, daemon.process.pid, name, figure)
                for name, daemon in daemons.items()))
    finally:
        stack.finish()


def measure_rest(results, options, folder):
    """Wake-ups of all threads, per second: connected to the broker, without messages and without clients."""
    tagferry, prototype = Tagferry(folder / "tagferry"), Prototype(folder / "prototype")
    try:
        tagferry.start(REST_DEVICES, REST_KEYS)
        prototype.start(REST_DEVICES, REST_KEYS)
        pids = {f"tagferry-{name}": [getattr(tagferry.stack, name).process.pid] for name in DAEMONS}
        pids["prototype"] = prototype.flow_pids()
        time.sleep(QUIET_S)
        for number in range(options.rounds):
            say(f"process: at rest, round {number + 1}")
            before, began = {name: sum(map(wakeups, of)) for name, of in pids.items()}, time.monotonic()
            time.sleep(max(3, options.latency_seconds))
            took = time.monotonic() - began
            for name, of in pids.items():
                results.add("at rest, wake-ups/s", name, (sum(map(wakeups, of)) - before[name]) / took)
    finally:
        prototype.finish()
        tagferry.finish()


def measure_requests(results, options, folder):
    """The memory of tagferry-api before many requests, after them, and when it has released what they freed. None makes
    the configuration larger."""
    stack = Tagferry(folder / "tagferry")
    try:
        stack.start_servers().configure(10, 100)
        stack.stack.api.stop()
        pid = stack.stack.api.start().process.pid
        note_memory(results, pid, "tagferry", "tagferry-api at start")
        done = rounds = 0
        while done < REQUESTS:
            for action, seconds in (("get", options.seconds), ("list", 1), ("values", 1), ("patch", 1)):
                done += wrk(stack.api_port, action, seconds, rounds)["requests"]
            rounds += 1
            say(f"process: {done:,} requests")
        note_memory(results, pid, "tagferry", "tagferry-api after requests")
        time.sleep(RELEASE_S)
        note_memory(results, pid, "tagferry", "tagferry-api at rest after requests")
    finally:
        stack.finish()


STEPS = {**{size[0]: functools.partial(measure_size, size=size) for size in SIZES}, "at rest": measure_rest,
         "requests": measure_requests}
