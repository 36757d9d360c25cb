"""Nothing that a daemon does over and over keeps memory, not even memory that it frees at its end: the heap in use does
not grow with each batch of the same work."""

import os
import signal
import struct
import subprocess

import paho.mqtt.client as paho
import pytest

from harness import ROOT, Daemon, Stack, eventually
from mqttd_helpers import back, landed, reloaded, served, tag
from proxy import Proxy
from wire import Wire, frame, read_request, write_request

BATCHES = 6
BYTES = 8  # a block has more, with what the allocator needs for it
TAGS = 6


class HeapStack(Stack):
    """All parts; `heap` is the number of bytes that a daemon uses."""

    def __init__(self, folder):
        super().__init__(folder)
        self.shim = folder / "heap_shim.so"
        subprocess.run(["cc", "-std=c11", "-shared", "-fPIC", "-o", self.shim, ROOT / "tests/integration/heap_shim.c"],
                       check=True)

    def add(self, part):
        if isinstance(part, Daemon):
            part.is_checked = False  # the shim has a thread
            part.fifo = self.folder / f"{part.name}.heap"
            for path in (part.fifo, f"{part.fifo}.answer"):
                os.mkfifo(path)
            part.ask, part.answer = (os.open(path, os.O_RDWR) for path in (part.fifo, f"{part.fifo}.answer"))
            part.env.update(LD_PRELOAD=str(self.shim), TAGFERRY_HEAP=str(part.fifo), ASAN_OPTIONS="verify_asan_link_order=0")
        return super().add(part)

    def heap(self, name):
        part = getattr(self, name)
        os.write(part.ask, b"?")
        return int(os.read(part.answer, 32))


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    made = HeapStack(tmp_path_factory.mktemp("heap"))
    made.start_broker()
    made.start_modbusd()
    # A store that grows fills the caches of SQLite, and the history keeps tags of its entries.
    made.start_api(api__audit_entries=1, api__undo_mb=0, api__history_mb=0)
    made.proxy = Proxy(made.broker.number)
    made.start_mqttd(mqttd__broker=made.proxy.address())
    made.api.device("d", "d", [*(tag(f"v{n}", 2 * n, "uint32") for n in range(TAGS)), tag("text", 40, "string", length=4),
                               back("c", 50, "uint16", "cmd"),
                               back("wide", 52, "uint32", "cmd", mqtt={"settle_ms": 0})])
    served(made)
    made.client = paho.Client("heap")
    made.client.connect("127.0.0.1", made.broker.number)
    made.client.loop_start()
    made.number = 0
    yield made
    made.client.disconnect()
    made.client.loop_stop()
    made.finish()


# Each does its work so many times, and waits until it is done.


def say(plant, payloads):
    before = plant.mqttd.counter("MQTTD_MESSAGES")
    for payload in payloads:
        plant.client.publish("d", payload, qos=1)
    eventually(lambda: plant.mqttd.counter("MQTTD_MESSAGES") >= before + len(payloads), "the messages")


def messages(plant, times):
    say(plant, ['{"v%d": %d, "text": "%d"}' % (n % TAGS, n, n) for n in range(times)])
    eventually(lambda: plant.api.value("d", "text")["value"] == str(times - 1), "the last value")


def refused_messages(plant, times):
    say(plant, [('{"v0": "x%d"}', '{"v1": %d', "%d")[n % 3] % n for n in range(times)])


def commands(plant, times):
    with Wire(plant.modbusd.address()) as wire:
        for n in range(times):
            wire.ask(struct.pack(">BHH", 6, 50, n))
    landed(plant)


def commands_in_parts(plant, times):
    with Wire(plant.modbusd.address()) as wire:
        for n in range(times):
            wire.ask(struct.pack(">BHH", 6, 52 + n % 2, n))
    landed(plant)


def changes(plant, times):
    for n in range(times):
        reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/v1", {"modbus": {"offset": n % 7}}))


def devices(plant, times):
    for _ in range(times):
        reloaded(plant, lambda: plant.api.device("e", "e", [tag("t", 100, "uint16"), back("u", 101, "uint16", "cmd/e")]))
        reloaded(plant, lambda: plant.api.confirm("DELETE", "/devices/e"))


def reloads(plant, times, name):
    part = getattr(plant, name)
    for _ in range(times):
        before = part.log().count("configuration reloaded")
        part.signal(signal.SIGHUP)
        eventually(lambda: part.log().count("configuration reloaded") > before, "a reload")


def requests(plant, times):
    with Wire(plant.modbusd.address()) as wire:
        for n in range(times):
            for pdu in (read_request(3, n % 100, 5), write_request(900, n), read_request(1, 0, 9), b"\x63",
                        read_request(3, 65535, 9)):
                wire.ask(pdu)


def connections(plant, times):
    before = plant.modbusd.counter("MODBUSD_CONNECTIONS")
    for n in range(times):
        wire = Wire(plant.modbusd.address())
        wire.ask(read_request(3, 0, 1))
        wire.send(frame(read_request(3, 0, 1))[:n % 8])
        wire.close()
    eventually(lambda: plant.modbusd.counter("MODBUSD_CONNECTIONS") <= before, "the connections to be closed")


PATHS = ("/devices", "/devices/d", "/values?limit=5", "/devices/d/tags/v1/value", "/messages",
         "/audit", "/export", "/export?format=csv", "/metrics", "/metrics/values", "/readyz", "/devices/none",
         "/devices?limit=x", "/")


def reads(plant, times, path):
    for _ in range(times):
        plant.api.send("GET", path, None, None)


def values(plant, times):
    for n in range(times):
        plant.api.must("PUT", "/devices/d/tags/v2/value", {"value": n})


def refused_changes(plant, times):
    for n in range(times):
        assert plant.api.send("POST", "/devices", b'{"name": [%d' % n, None).status == 400
        assert plant.api.send("POST", "/devices", {"name": "d", "mqtt": {"topic": "d"}}, None).status == 409


def dry_runs(plant, times):
    content = plant.api.send("GET", "/export", None, None).content()
    for _ in range(times):
        assert plant.api.send("POST", "/import?dry_run=true", content, None).status == 200


def profiles(plant, times):
    for _ in range(times):
        plant.api.must("POST", "/profiles", {"name": "p", "params": {}, "device": {"mqtt": {"topic": "p/{device}"}}, "tags": [
            {"name": "t", "modbus": {"type": "uint16"}}]})
        plant.api.must("DELETE", "/profiles/p")


def imports(plant, times):
    content = {"devices": [{"name": "i", "mqtt": {"topic": "i"}, "tags": [{"name": "t", "modbus": {"type": "uint16"}}]}]}
    for _ in range(times):
        reloaded(plant, lambda: plant.api.must("POST", "/import", content))
        reloaded(plant, lambda: plant.api.confirm("DELETE", "/devices/i"))


def broker_connections(plant, times):
    for _ in range(times):
        before = plant.mqttd.counter("MQTTD_CONNECTS")
        plant.proxy.cut()
        eventually(lambda: plant.mqttd.counter("MQTTD_CONNECTS") > before, "a connection")
    served(plant)


def modbus_servers(plant, times):
    """Restarts of modbusd, whose clients connect again."""
    for n in range(times):
        plant.modbusd.stop()
        plant.modbusd.start()
        plant.api.must("PUT", "/devices/d/tags/v2/value", {"value": n})
        messages(plant, 3)


def streams(plant, times):
    line = "GET /api/v1/values/stream 200"  # at the end of the request
    before = plant.api.log().count(line)
    for _ in range(times):
        with Wire(plant.api.options["api.listen"]) as wire:
            wire.send(b"GET /api/v1/values/stream HTTP/1.1\r\nHost: x\r\n\r\n")
            eventually(lambda: b"data:" in wire.socket.recv(4096), "an event")
    eventually(lambda: plant.api.log().count(line) >= before + times, "the end of the streams")


WORK = [("mqttd", messages, 500), ("mqttd", refused_messages, 500), ("mqttd", commands, 300), ("mqttd", commands_in_parts, 40),
        ("mqttd", changes, 10), ("mqttd", devices, 5), ("modbusd", requests, 200), ("modbusd", connections, 60),
        ("api", values, 20), ("api", changes, 10), ("api", devices, 5), ("api", refused_changes, 20), ("api", dry_runs, 10),
        ("api", profiles, 10), ("api", imports, 5), ("mqttd", imports, 5), ("mqttd", broker_connections, 5),
        ("mqttd", modbus_servers, 3), ("api", modbus_servers, 3), ("api", streams, 10)]


def check(plant, name, work, times):
    """A batch that ends with as many bytes as it began with has kept nothing. One that ends with fewer says nothing: memory
    of earlier work was freed, too."""
    work(times)
    sizes, grown = [plant.heap(name)], -1
    while len(sizes) <= BATCHES and not 0 <= grown < BYTES * times:
        work(times)
        sizes.append(plant.heap(name))
        grown = sizes[-1] - sizes[-2]
    print(name, times, [size - sizes[0] for size in sizes[1:]])
    kept = grown if grown >= 0 else sizes[-1] - sizes[0]
    assert kept < BYTES * times, f"{name} keeps memory: {sizes} bytes after {times} times each"


@pytest.mark.parametrize("name, work, times", WORK, ids=lambda each: getattr(each, "__name__", str(each)))
def test_work_keeps_no_memory(plant, name, work, times):
    check(plant, name, lambda count: work(plant, count), times)


@pytest.mark.parametrize("name", ["mqttd", "modbusd", "api"])
def test_reloads_keep_no_memory(plant, name):
    check(plant, name, lambda count: reloads(plant, count, name), 10)


@pytest.mark.parametrize("path", PATHS)
def test_reads_keep_no_memory(plant, path):
    check(plant, "api", lambda count: reads(plant, count, path), 20)
