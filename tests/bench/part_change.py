"""Changes under load: from the PATCH of one of 100,000 tags until mqttd uses it, and its effect on
the messages meanwhile."""

import threading
import time

from candidates import Rest, Tagferry
from measure import say
from part_flow import Run

DEVICES, KEYS, UNITS = 20000, 5, "1-2"
SILENT = DEVICES - 1  # a device without messages from bench_flow
RATE, BUSY = 200, 1000  # messages/s; number of devices
GAP_S = 0.1


def reloads(mqttd):
    return mqttd.log().count(" reloaded ")


def change_ms(rest, mqttd, number):
    """The tag gets another key; the change is complete when mqttd logs it."""
    before = reloads(mqttd)
    began = time.monotonic()
    rest.call("PATCH", f"/devices/d{SILENT}/tags/k0", {"mqtt": {"key": f"key{number}"}})
    while reloads(mqttd) == before:
        assert time.monotonic() < began + 10, "the change is not in force"
        time.sleep(0.001)
    return (time.monotonic() - began) * 1000


class Changes(threading.Thread):
    """Makes one change after the other until stopped."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.stack, self.took_ms, self.enough = stack, [], threading.Event()

    def run(self):
        rest = Rest(self.stack.api_port)
        while not self.enough.wait(GAP_S):
            self.took_ms.append(change_ms(rest, self.stack.stack.mqttd, time.monotonic_ns()))
        rest.close()


def measure(results, options, folder):
    stack = Tagferry(folder / "tagferry", UNITS)
    try:
        stack.start(DEVICES, KEYS)
        run = Run(stack, BUSY, KEYS)
        for number in range(options.rounds):
            say(f"change: round {number + 1}")
            run.measure_latency(results, "changes, none", options.latency_seconds, RATE)
            changes = Changes(stack)
            changes.start()
            run.measure_latency(results, "changes, ten a second", options.latency_seconds, RATE)
            changes.enough.set()
            changes.join()
            for took_ms in changes.took_ms:
                results.add("a change to be in force ms", "tagferry", took_ms)
    finally:
        stack.finish()


STEPS = {"changes": measure}
