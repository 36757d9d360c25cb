"""Each daemon alone: time from its start to READY=1, and its memory when idle."""

import functools
import time

from candidates import Tagferry
from measure import memory_kb, private_kb, say

# Figure, devices, keys of each, units.
SIZES = (("1,000 tags", 100, 10, "1"), ("100,000 tags", 20000, 5, "1-2"))
DAEMONS = ("modbusd", "api", "mqttd")


def start_ms(daemon):
    began = time.monotonic()
    daemon.start(wait=False)
    while "READY=1" not in daemon.read_notices(0.0005):
        assert daemon.alive(), daemon.log()
    return (time.monotonic() - began) * 1000


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
            for name, daemon in daemons.items():
                results.add(f"{figure}, memory kB", name, memory_kb(daemon.process.pid))
                results.add(f"{figure}, memory of its own kB", name, private_kb(daemon.process.pid))
    finally:
        stack.finish()


STEPS = {size[0]: functools.partial(measure_size, size=size) for size in SIZES}
