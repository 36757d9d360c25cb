"""The stream of values, raw registers, metrics."""

import itertools
import json
import pathlib
import re
import socket

import pytest

import traffic
from harness import DEADLINE, eventually


@pytest.fixture
def api(stack):
    stack.start_modbusd()
    api = stack.start_api()
    api.device("a", "t", tags=[{"name": f"t{n}", "modbus": {"type": "int16"}} for n in range(3)])
    return api


class Stream:
    """Reads server-sent events from a socket."""

    def __init__(self, api, query="", buffer=None):
        host, port = api.options["api.listen"].rsplit(":", 1)
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(DEADLINE)
        self.socket.connect((host, int(port)))
        self.socket.sendall(f"GET /api/v1/values/stream{query} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        for line in iter(self.file.readline, b"\r\n"):
            name, value = line.decode().split(":", 1)
            self.headers[name.lower()] = value.strip()
        refusal = b"" if self.status == 200 else self.file.read()
        traffic.note("GET", f"/api/v1/values/stream{query}", None, self.status, self.headers, refusal)

    def event(self):
        """The values of the next event."""
        kind = None
        for line in self.file:
            if line.startswith(b"event:"):
                kind = line[6:].strip()
            if line.startswith(b"data:"):
                assert kind == b"values"
                return {f"{v['device']}/{v['tag']}": v["value"] for v in json.loads(line[5:])}
        return None

    def close(self):
        self.file.close()
        self.socket.close()


def put(api, name, value):
    assert api.request("PUT", f"/devices/a/tags/{name}/value", {"value": value}).status == 200


def test_snapshot_then_changes(api):
    stream = Stream(api)
    assert stream.status == 200 and stream.headers["content-type"] == "text/event-stream"
    assert stream.event() == {"a/t0": 0, "a/t1": 0, "a/t2": 0}
    put(api, "t1", 7)
    assert stream.event() == {"a/t1": 7}
    put(api, "t0", 1)
    put(api, "t0", 2)
    changes = stream.event()
    while changes != {"a/t0": 2}:
        assert changes == {"a/t0": 1}
        changes = stream.event()
    api.must("POST", "/devices/a/tags", {"name": "t3", "modbus": {"type": "int16"}})
    assert stream.event() == {"a/t3": 0}, "a new tag comes alone"
    stream.close()


def test_stream_of_one_device(api):
    api.device("b", "t", tags=[{"name": "x"}])
    stream = Stream(api, "?device=b")
    assert stream.event() == {"b/x": 0}
    put(api, "t0", 1)
    assert api.request("PUT", "/devices/b/tags/x/value", {"value": 2.5}).status == 200
    assert stream.event() == {"b/x": 2.5}
    stream.close()
    assert api.get("/values/stream?device=none").status == 404


def test_a_lost_server_is_seen(api, stack):
    stream = Stream(api)
    stream.event()
    stack.modbusd.kill()
    assert stream.event() == {"a/t0": None, "a/t1": None, "a/t2": None}
    stack.modbusd.start()
    assert stream.event() == {"a/t0": 0, "a/t1": 0, "a/t2": 0}
    stream.close()


def test_many_streams_and_a_limit(stack):
    stack.start_modbusd()
    api = stack.start_api()
    api.device("a", "t", tags=[{"name": "t0", "modbus": {"type": "int16"}}])
    streams = [Stream(api) for _ in range(100)]
    for stream in streams:
        assert stream.event() == {"a/t0": 0}
    assert Stream(api).status == 503, "100 at a time by default"
    put(api, "t0", 5)
    for stream in streams:
        assert stream.event() == {"a/t0": 5}
    streams.pop().close()
    values = itertools.count(6)

    def room():
        """The service detects a lost client when it sends something."""
        put(api, "t0", next(values))
        stream = Stream(api)
        stream.close()
        return stream.status == 200
    eventually(room, "room for another stream")
    assert api.stop() == 0, "open streams do not hold up the end"
    for stream in streams:
        while stream.event():
            pass
        stream.close()


def test_a_slow_reader_loses_values_not_the_order(api):
    rows = "".join(f"many,n{n:04},t,int16\n" for n in range(3000))
    answer = api.request("POST", "/import", ("device,tag,topic,type\n" + rows).encode(),
                         {"Content-Type": "text/csv"})
    assert answer.status == 200
    slow, quick = Stream(api, "?device=a", buffer=2048), Stream(api)
    everything = {}
    while len(everything) < 3003:
        everything.update(quick.event())
    for value in range(1, 60):
        put(api, "t0", value)
    while everything["a/t0"] != 59:
        everything.update(quick.event())
    assert slow.event()["a/t0"] == 0
    seen = [0]
    while seen[-1] != 59:
        seen.append(slow.event()["a/t0"])
    assert seen == sorted(seen)
    slow.close()
    quick.close()


def test_a_heartbeat_where_nothing_changes(api):
    """So that both ends, and devices in between, detect a lost connection."""
    stream = Stream(api)
    assert stream.event() == {"a/t0": 0, "a/t1": 0, "a/t2": 0}
    assert stream.file.readline() == b"\n"
    assert stream.file.readline() == b": heartbeat\n"
    assert stream.file.readline() == b"\n"
    put(api, "t0", 1)
    assert stream.event() == {"a/t0": 1}
    stream.close()


def test_a_reader_that_never_reads_costs_one_buffer(stack):
    stack.start_modbusd()
    # The sanitizer must not hold freed memory.
    api = stack.start_api(env={"ASAN_OPTIONS": "quarantine_size_mb=1"})
    rows = "".join(f"many,n{n:04},t,uint16,{n}\n" for n in range(3000))
    table = "device,tag,topic,type,address,table\n" + rows.replace("\n", ",holding_register\n")
    answer = api.request("POST", "/import", table.encode(), {"Content-Type": "text/csv"})
    assert answer.status == 200, answer.body
    mute, quick, seen = Stream(api, buffer=2048), Stream(api), {}
    sizes = []
    with stack.modbusd.client() as client:
        for value in range(1, 25):
            for start in range(0, 3000, 120):
                client.write(start, *[value] * 120)
            while set(seen.values()) != {value}:
                seen.update(quick.event())
            status = pathlib.Path(f"/proc/{api.process.pid}/status").read_text()
            sizes.append(int(re.search(r"VmRSS:\s+(\d+)", status).group(1)))
    # The changes would amount to 10 MB by now.
    assert sizes[-1] - sizes[3] < 3000, sizes
    mute.close()
    quick.close()


def test_registers(api):
    put(api, "t1", 700)
    api.must("PATCH", "/devices/a", {"status": {"table": "holding_register", "address": 10}})
    api.must("POST", "/devices/a/tags", {"name": "bit", "modbus": {"type": "bool", "bit": 5,
                                                                   "address": 20}})
    answer = api.must("GET", "/registers/holding_register?start=0&count=30")
    assert (answer["table"], answer["unit"], answer["start"], answer["count"]) == (
        "holding_register", 1, 0, 30)
    assert answer["items"][1] == {"address": 1, "modicon": "400002", "raw": 700,
                                  "owners": [{"device": "a", "tag": "t1", "bit": None}]}
    assert answer["items"][9]["owners"] == []
    assert answer["items"][13]["owners"] == [{"device": "a", "tag": None, "bit": None}]
    assert answer["items"][20]["owners"] == [{"device": "a", "tag": "bit", "bit": 5}]
    assert len(api.must("GET", "/registers/coil?start=65000&count=1000")["items"]) == 536
    assert len(api.must("GET", "/registers/input_register")["items"]) == 100
    assert api.get("/registers/nothing").status == 404
    for query in ("start=65536", "count=0", "count=1001", "unit=7", "unit=x", "other=1"):
        assert api.get(f"/registers/coil?{query}").status == 400, query


def test_metrics(api, stack):
    with stack.modbusd.client() as client:
        client.holding(0)
    answer = api.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.body.decode().splitlines()
    samples = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert samples['tagferry_up{daemon="api"}'] == "1"
    assert samples['tagferry_up{daemon="modbusd"}'] == "1"
    assert samples['tagferry_up{daemon="mqttd"}'] == "0"
    assert samples['tagferry_devices{quality="never"}'] == "1" and samples["tagferry_tags"] == "3"
    assert int(samples["tagferry_api_requests_total"]) >= 4
    assert int(samples['tagferry_modbusd_requests_total{function="3"}']) >= 1
    named = set()
    for line in lines:
        if line.startswith("# TYPE "):
            name = line.split()[2]
            assert name not in named, "one head for each name"
            assert name.endswith("_total") == (line.split()[3] == "counter"), line
            assert not re.search("(milli|micro|nano)seconds|kilobytes|_[mun]s_", name), line
            named.add(name)
        elif not line.startswith("#"):
            assert re.fullmatch(r'[a-z_:][a-z0-9_:]*(\{[a-z_]+="[^"]*"\})? [0-9.e+-]+', line), line
            assert line.split("{")[0].split(" ")[0] in named
    stack.modbusd.kill()
    assert 'tagferry_up{daemon="modbusd"} 0' in api.get("/metrics").body.decode()
