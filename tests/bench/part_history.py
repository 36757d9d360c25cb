"""The history of tags and the values for Prometheus: the processor time for recording, and the time to
answer."""

import http.client
import os
import struct
import time

from candidates import Rest, Tagferry
from history_file import NEXT_AT, capacity, write_file
from measure import cpu_ns, say, thread_cpu_ns
from part_rest import timed_s
from part_stream import DEVICES, KEYS, Publisher

MEGABYTES = 8
ENTRIES = capacity(MEGABYTES)
POINTS = 500
HOUR_MS = 3600 * 1000


def recorded(path):
    """The number of entries since the file was new."""
    with open(path, "rb") as file:
        return struct.unpack("<Q", os.pread(file.fileno(), 8, NEXT_AT))[0]


def scrape(port):
    """The size of all series. A new connection for each, as some collectors do."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request("GET", f"/metrics/values?limit={DEVICES * KEYS}")
    text = client.getresponse().read()
    client.close()
    lines = text.count(b"\ntagferry_tag_value{")
    assert lines == DEVICES * KEYS, f"{lines} values"
    return len(text)


def measure_recording(results, options, folder):
    """10,000 tags, of which 1,000 change each second."""
    stack = Tagferry(folder / "tagferry")
    publisher = None
    try:
        stack.start(DEVICES, KEYS)
        publisher = Publisher(stack.broker_port)
        publisher.start()
        time.sleep(1.5 * DEVICES * KEYS / 1000)  # each tag has a value
        pid, path = stack.stack.api.process.pid, stack.folder / "tagferry.db-history"
        for number in range(options.rounds):
            say(f"history: round {number + 1}")
            cpu, at, count = thread_cpu_ns(pid, "history"), time.monotonic(), recorded(path)
            time.sleep(max(3, options.latency_seconds))
            took = time.monotonic() - at
            results.add("recording the history, CPU percent", stack.name,
                        (thread_cpu_ns(pid, "history") - cpu) / 1e7 / took)
            results.add("recording the history, entries/s", stack.name, (recorded(path) - count) / took)
            cpu = cpu_ns(pid)
            size, seconds = timed_s(lambda: scrape(stack.api_port))
            results.add("metrics of 10,000 tags ms", stack.name, seconds * 1000)
            results.add("metrics of 10,000 tags, CPU ms", stack.name, (cpu_ns(pid) - cpu) / 1e6)
            results.add("metrics of 10,000 tags kB", stack.name, size / 1000)
    finally:
        if publisher:
            publisher.stop()
        stack.finish()


def measure_queries(results, options, folder):
    """One tag with all entries of a full file, one each second."""
    stack = Tagferry(folder / "tagferry")
    try:
        stack.start_servers().configure(1, 1)
        api = stack.stack.api
        rest = Rest(stack.api_port)
        tag_id = rest.call("GET", "/devices/d0/tags/k0")["id"]
        rest.close()
        api.stop()
        (stack.folder / "tagferry.db-history").unlink()
        api.options["api.history_mb"] = MEGABYTES
        api.start()
        api.stop()
        now = int(time.time() * 1000)
        write_file(stack.folder / "tagferry.db-history", (
            (now - (ENTRIES - number) * 1000, tag_id, float(number)) for number in range(ENTRIES)))
        for number in range(options.rounds):
            say(f"history: queries, round {number + 1}")
            _, seconds = timed_s(api.start)
            results.add("start with a full history ms", stack.name, seconds * 1000)
            rest = Rest(stack.api_port)
            for figure, span in (("all of a full history ms", ENTRIES * 1000),
                                 ("the last hour of it ms", HOUR_MS)):
                answer, seconds = timed_s(lambda begin=now - span: rest.call(
                    "GET", f"/devices/d0/tags/k0/history?from={begin}&to={now}&points={POINTS}"))
                assert len(answer["points"]) > POINTS / 2, f"{len(answer['points'])} points"
                results.add(figure, stack.name, seconds * 1000)
            rest.close()
            api.stop()
    finally:
        stack.finish()


STEPS = {"recording": measure_recording, "queries": measure_queries}
