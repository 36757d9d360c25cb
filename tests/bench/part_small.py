"""A small machine: broker and daemons with 512 MB of memory and 20,000 tags, while values arrive, SCADA polls all of them,
and the configuration is exported and imported."""

import pathlib
import shutil
import tempfile
import threading
import time

from candidates import Tagferry
from harness import Modbus
from measure import say
from memory_limit import MemoryLimit
from part_stream import Publisher

MEGABYTES = 512
DEVICES, KEYS, UNITS = 2000, 10, 1
REGISTERS_MAX = 125
SMALL = f"{DEVICES * KEYS:,} tags, {MEGABYTES} MB"


class Poller(threading.Thread):
    """Reads all registers of the tags again and again, as SCADA does."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address, self.rounds, self.ending, self.newest = address, 0, threading.Event(), []

    def run(self):
        with Modbus(self.address) as client:
            while not self.ending.is_set():
                self.newest = [value for at in range(0, DEVICES * KEYS, REGISTERS_MAX)
                               for value in client.holding(at, min(REGISTERS_MAX, DEVICES * KEYS - at))]
                self.rounds += 1


def start(stack, limit):
    limit.start(stack.stack.start_broker)
    limit.start(stack.start_servers)
    stack.configure(DEVICES, KEYS)
    limit.start(lambda: stack.start_mqttd(DEVICES))


def use(stack, publisher, poller, seconds):
    """Values and polls run; the configuration is exported and imported as CSV. Returns when each tag has a value."""
    publisher.start()
    poller.start()
    api = stack.stack.api
    began, rounds = time.monotonic(), 0
    while rounds == 0 or time.monotonic() - began < seconds or 0 in poller.newest or not poller.newest:
        text = api.get("/export", headers={"Accept": "text/csv"}).body
        assert text.count(b"\n") > DEVICES * KEYS, "all tags are exported"
        answer = api.request("POST", "/import", text, {"Content-Type": "text/csv"})
        assert answer.status == 200, answer.body
        values = api.must("GET", "/values?limit=1000")
        assert values["total"] == DEVICES * KEYS
        rounds += 1
        assert time.monotonic() - began < 600, "not each tag gets a value"
    return rounds


def measure_small(results, options, folder):
    stack = Tagferry(folder / "tagferry", str(UNITS))
    runtime = pathlib.Path(tempfile.mkdtemp(prefix="tagferry-bench-", dir="/dev/shm"))  # memory, as /run is
    stack.stack.common["common.runtime_dir"] = runtime
    publisher = None
    try:
        with MemoryLimit(MEGABYTES) as limit:
            try:
                say(f"small: {SMALL}")
                start(stack, limit)
                publisher = Publisher(stack.broker_port, DEVICES, KEYS)
                poller = Poller(stack.stack.modbusd.address())
                rounds = use(stack, publisher, poller, max(10, 4 * options.seconds))
                poller.ending.set()
                poller.join()
                say(f"small: {rounds} exports and imports, {poller.rounds} polls of all tags")
                assert limit.kills() == 0 and all(part.alive() for part in stack.stack.parts), "killed for lack of memory"
                results.add(f"{SMALL}, peak without cache kB", stack.name, limit.peak_kb)
                results.add(f"{SMALL}, peak with cache kB", stack.name, limit.peak_with_cache_kb)
            finally:
                if publisher:
                    publisher.stop()
                stack.finish()
    finally:
        shutil.rmtree(runtime)


STEPS = {"512 MB": measure_small}
