"""The stream of values, raw registers, metrics."""

import fcntl
import itertools
import json
import os
import pathlib
import re
import socket
import struct
import time

import pytest

import traffic
from harness import BIN, DEADLINE, eventually
from mqttd_helpers import served
from small_plc import SmallPlc
from test_api_auth import bearer, command, token


@pytest.fixture
def api(stack):
    stack.start_modbusd()
    api = stack.start_api()
    api.device("a", "t", tags=[{"name": f"t{n}", "modbus": {"type": "int16"}} for n in range(3)])
    return api


class Stream:
    """Reads server-sent events from a socket."""

    def __init__(self, api, query="", buffer=None, token=None):
        host, port = api.options["api.listen"].rsplit(":", 1)
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(DEADLINE)
        self.socket.connect((host, int(port)))
        right = f"Authorization: Bearer {token}\r\n" if token else ""
        self.socket.sendall(f"GET /api/v1/values/stream{query} HTTP/1.0\r\nHost: x\r\n{right}\r\n".encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        for line in iter(self.file.readline, b"\r\n"):
            name, value = line.decode().split(":", 1)
            self.headers[name.lower()] = value.strip()
        refusal = b"" if self.status == 200 else self.file.read()
        self.refusal = json.loads(refusal) if refusal else None
        traffic.note("GET", f"/api/v1/values/stream{query}", None, self.status, self.headers, refusal)

    def next(self):
        """Kind and data of the next event; (None, None) at the end."""
        return next(((kind, data) for kind, data in iter(self.next_or_heartbeat, None)
                     if kind != "heartbeat"))

    def next_or_heartbeat(self):
        """The same; ("heartbeat", None) for a heartbeat."""
        kind = None
        for line in self.file:
            if line.startswith(b": heartbeat"):
                return "heartbeat", None
            if line.startswith(b"event:"):
                kind = line[6:].strip().decode()
            if line.startswith(b"data:"):
                return kind, json.loads(line[5:])
        return None, None

    def event(self):
        """The values of the next event that has some; None at the end."""
        for kind, data in iter(self.next, (None, None)):
            assert kind in ("revision", "values", "complete")
            if kind == "values":
                return {f"{v['device']}/{v['tag']}": v["value"] for v in data}
        return None

    def snapshot(self):
        """All values of the first scan, and the number in the event after them."""
        seen = {}
        for kind, data in iter(self.next, (None, None)):
            if kind == "values":
                seen.update((f"{v['device']}/{v['tag']}", v["value"]) for v in data)
            if kind == "complete":
                return seen, data["count"]
        raise AssertionError("the stream has ended")

    def close(self):
        self.file.close()
        self.socket.close()


def put(api, name, value):
    assert api.request("PUT", f"/devices/a/tags/{name}/value", {"value": value}).status == 200


def test_snapshot_then_changes(api):
    stream = Stream(api)
    assert stream.status == 200 and stream.headers["content-type"] == "text/event-stream"
    assert stream.headers["x-accel-buffering"] == "no", "nginx passes each event on at once"
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


def revision_of(api):
    return api.must("GET", "/readyz", status=(200, 503))["revision"]


def test_begins_with_the_revision_and_says_when_all_values_came(api):
    stream = Stream(api)
    assert stream.next() == ("revision", {"revision": revision_of(api)})
    kind, values = stream.next()
    assert kind == "values" and [value["tag"] for value in values] == ["t0", "t1", "t2"]
    assert stream.next() == ("complete", {"count": 3})
    empty = api.must("POST", "/devices", {"name": "empty", "mqtt": {"topic": "t"}})
    assert stream.next() == ("revision", {"revision": revision_of(api)})
    none = Stream(api, f"?device={empty['name']}")
    assert [none.next() for _ in range(2)] == [("revision", {"revision": revision_of(api)}),
                                               ("complete", {"count": 0})]
    none.close()
    stream.close()


def test_an_empty_store_has_a_revision_too(stack):
    """Without it, a page that was opened before the first import would not notice the import."""
    stack.start_modbusd()
    api = stack.start_api()
    stream = Stream(api)
    assert [stream.next() for _ in range(2)] == [("revision", {"revision": 0}),
                                                 ("complete", {"count": 0})]
    api.device("a", "t", tags=[{"name": "x"}])
    assert stream.next()[0] == "revision"
    stream.close()


def test_follows_names_and_deletions(api):
    stream = Stream(api)
    assert stream.snapshot() == ({"a/t0": 0, "a/t1": 0, "a/t2": 0}, 3)
    api.must("PATCH", "/devices/a/tags/t1", {"name": "r1"})
    assert stream.next() == ("revision", {"revision": revision_of(api)})
    assert stream.event() == {"a/r1": 0}, "a renamed tag comes alone"
    assert api.request("DELETE", "/devices/a/tags/t0").status == 204
    assert stream.next() == ("revision", {"revision": revision_of(api)})
    api.must("PATCH", "/devices/a", {"name": "b"})
    assert stream.next() == ("revision", {"revision": revision_of(api)})
    assert stream.event() == {"b/r1": 0, "b/t2": 0}
    one = Stream(api, "?device=b")
    assert one.snapshot() == ({"b/r1": 0, "b/t2": 0}, 2)
    assert api.request("DELETE", "/devices/b").status == 204
    for left in (stream, one):
        assert left.next() == ("revision", {"revision": revision_of(api)})
        assert left.next_or_heartbeat() == ("heartbeat", None), "a deleted device says nothing more"
        left.close()


def test_an_import_while_streams_are_open(api):
    streams = [Stream(api) for _ in range(5)]
    for stream in streams:
        assert stream.snapshot()[1] == 3
    rows = "".join(f"d{n // 40:02},n{n:04},t,int16\n" for n in range(1200))
    answer = api.request("POST", "/import", ("device,tag,topic,type\n" + rows).encode(),
                         {"Content-Type": "text/csv"})
    assert answer.status == 200
    for stream in streams:
        assert stream.next() == ("revision", {"revision": revision_of(api)})
        fresh = {}
        while len(fresh) < 1200:
            fresh.update(stream.event())
        assert "a/t0" not in fresh, "values without a change are not repeated"
        stream.close()


def test_the_first_scan_ends_while_the_store_changes(api):
    """It continues behind the last tag, by name: a change of the store does not begin it again."""
    rows = "".join(f"many,n{n:04},t,int16\n" for n in range(4000))
    answer = api.request("POST", "/import", ("device,tag,topic,type\n" + rows).encode(),
                         {"Content-Type": "text/csv"})
    assert answer.status == 200
    watcher, slow = Stream(api), Stream(api, buffer=2048)
    watcher.snapshot()
    got, changes = [], 0
    for kind, data in iter(slow.next, (None, None)):
        if kind == "complete":
            assert data["count"] == len(got)
            break
        if kind == "values":
            got += [(v["device"], v["tag"]) for v in data]
            if changes < 5:  # the watcher says when the streams know the new revision
                changes += 1
                api.must("PATCH", "/devices/a", {"description": f"{changes}"})
                while watcher.next() != ("revision", {"revision": revision_of(api)}):
                    pass
    assert changes == 5 and len(got) == len(set(got)) == 4003, "each tag once"
    watcher.close()
    slow.close()


def test_the_same_value_again_tells_its_age(plant):
    api = plant.api
    api.device("a", "topic", tags=[{"name": "v", "modbus": {"type": "int16"}}])
    served(plant)
    stream = Stream(api)
    stream.snapshot()
    seen, times = [], itertools.count()

    def received():
        """Publishes the same value until the stream has it with another time."""
        plant.broker.publish("topic", {"v": 5})
        next(times)
        kind, data = stream.next()
        if kind == "values" and data[0]["value"] == 5 and data[0]["quality"] == "good":
            seen.append(data[0]["received_at"])
        return len(set(seen)) >= 2
    eventually(received, "the time of a message with the same value")
    stream.close()


class Followed:
    """The newest value of each tag, as a stream tells it."""

    def __init__(self, api, query=""):
        self.stream, self.values = Stream(api, query), {}

    def until(self, tag, **wanted):
        """Reads on until the members of the tag's value are these."""
        while not self.shows(tag, wanted):
            kind, data = self.stream.next()
            assert kind, f"the stream ended with {self.values.get(tag)}, not {wanted}"
            if kind == "values":
                self.values.update((f"{value['device']}/{value['tag']}", value) for value in data)

    def shows(self, tag, wanted):
        value = self.values.get(tag)
        return value is not None and all(value[name] == member for name, member in wanted.items())


def test_each_cause_of_a_change_is_told(plant):
    """Also those that are found in no register: age, availability, rejects, a daemon that ends."""
    plant.api.device("a", "topic", tags=[
        {"name": "v", "modbus": {"type": "uint16"}},
        {"name": "text", "mqtt": {"key": "t"}, "modbus": {"type": "string", "length": 4}},
        {"name": "bit", "mqtt": {"key": "b"}, "modbus": {"type": "bool", "bit": 3, "table": "holding_register",
                                                         "address": 900}},
        {"name": "coil", "mqtt": {"key": "c"}, "modbus": {"type": "bool", "table": "coil"}},
    ], mqtt={"availability_topic": "lwt"})
    plant.api.device("old", "old", tags=[{"name": "v", "modbus": {"type": "uint16"}}], mqtt={"stale_after_s": 86400})
    served(plant)
    seen = Followed(plant.api)
    seen.until("a/v", quality="never", reason="never_heard", value=0, raw=[0])
    plant.broker.publish("topic", {"v": 7, "t": "Öl", "b": True, "c": True})
    seen.until("a/v", quality="good", value=7)
    seen.until("a/text", quality="good", value="Öl")
    seen.until("a/bit", quality="good", value=True)
    seen.until("a/coil", quality="good", value=True)
    plant.broker.publish("topic", {"v": -1})
    seen.until("a/v", quality="bad", reason="refused", value=7, rejects=1)
    assert seen.values["a/v"]["last_error"]["code"] == "out_of_range"
    plant.broker.publish("lwt", "offline")
    seen.until("a/text", quality="bad", reason="unavailable")
    plant.broker.publish("lwt", "online")
    seen.until("a/text", quality="good", reason=None)
    plant.broker.publish("old", {"v": 1})
    seen.until("old/v", quality="good")
    plant.api.must("PATCH", "/devices/old", {"mqtt": {"stale_after_s": 1}})
    seen.until("old/v", quality="stale", reason="silent", value=1)
    plant.modbusd.kill()
    seen.until("a/text", quality="stale", reason="modbusd_down", value=None)
    assert seen.values["a/text"]["last_error"]["code"] == "modbus_unreachable"
    assert seen.values["a/text"]["last_error"]["detail"] != ""
    plant.modbusd.start()
    seen.until("a/text", quality="good", value="Öl")
    plant.mqttd.kill()
    seen.until("a/text", quality="stale", reason="mqttd_down", value="Öl")
    plant.mqttd.start()
    plant.broker.publish("topic", {"v": 8})
    seen.until("a/v", quality="good", value=8)
    plant.api.must("PATCH", "/devices/a", {"enabled": False})
    seen.until("a/v", reason="disabled")
    seen.stream.close()


def test_values_on_a_foreign_server_are_told(plant):
    plc = SmallPlc()
    plant.api.device("p", "p", tags=[{"name": "v", "modbus": {"type": "uint32", "address": 4}}],
                     network={"modbus_host": "127.0.0.1", "modbus_port": plc.port})
    served(plant)
    seen = Followed(plant.api, "?device=p")
    seen.until("p/v", value=None, quality="never")
    for value in (65537, 3):
        plant.broker.publish("p", {"v": value})
        seen.until("p/v", value=value, quality="good")
    plant.api.must("PATCH", "/devices/p/tags/v", {"modbus": {"scale": 2}})
    served(plant)
    plant.broker.publish("p", {"v": 10})
    seen.until("p/v", value=10, raw=[0, 5])
    plc.close()
    seen.stream.close()


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
    refused = Stream(api)
    assert refused.status == 503, "100 at a time by default"
    assert refused.headers["retry-after"] == "5" and "max_streams" in refused.refusal["detail"]
    refused.close()
    put(api, "t0", 5)
    for stream in streams:
        assert stream.event() == {"a/t0": 5}
    streams.pop().close()
    stream = Stream(api)
    assert stream.event() == {"a/t0": 5}, "a stream that its client has closed does not count"
    assert Stream(api).status == 503
    streams.append(stream)
    assert api.stop() == 0, "open streams do not hold up the end"
    for stream in streams:
        while stream.event():
            pass
        stream.close()


def test_a_stream_ends_with_its_token(api):
    """As long as a new request with its token would be allowed, it goes on."""
    anonymous = Stream(api)
    anonymous.snapshot()
    eyes = token(api, "eyes")
    while anonymous.event():  # a token is needed now
        pass
    ops = token(api, "ops", "--scope", "write")
    streams = {text: Stream(api, token=text) for text in (eyes, ops)}
    for stream in streams.values():
        stream.snapshot()
    assert command(api, "token", "revoke", "eyes").returncode == 0
    while streams[eyes].event():
        pass
    assert api.request("PUT", "/devices/a/tags/t0/value", {"value": 8}, bearer(ops)).status == 200
    assert streams[ops].event() == {"a/t0": 8}, "the others go on"
    pathlib.Path(api.options["api.token_file"]).write_text("rubbish\n")
    while streams[ops].event():  # nobody is let in until the file is good again
        pass
    for stream in (anonymous, *streams.values()):
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
    stream.snapshot()
    assert [stream.next_or_heartbeat() for _ in range(2)] == [("heartbeat", None)] * 2
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
    # The changes would amount to 10 MB by now. ThreadSanitizer keeps four bytes and more for each of the program.
    factor = 6 if b"__tsan_init" in (BIN / "tagferry-api").read_bytes() else 1
    assert sizes[-1] - sizes[3] < 3000 * factor, sizes
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
                                  "owners": [{"device": "a", "tag": "t1", "bit": None, "byte": None,
                                              "gateway": None}]}
    assert answer["items"][9]["owners"] == []
    assert answer["items"][13]["owners"] == [
        {"device": "a", "tag": None, "bit": None, "byte": None, "gateway": None}]
    assert answer["items"][20]["owners"] == [
        {"device": "a", "tag": "bit", "bit": 5, "byte": None, "gateway": None}]
    assert len(api.must("GET", "/registers/coil?start=65000&count=1000")["items"]) == 536
    assert len(api.must("GET", "/registers/input_register")["items"]) == 100
    assert api.get("/registers/nothing").status == 404
    for query in ("start=65536", "count=0", "count=1001", "unit=7", "unit=x", "other=1"):
        assert api.get(f"/registers/coil?{query}").status == 400, query


def test_owners_of_registers(api, stack):
    put(api, "t1", 700)
    api.must("PATCH", "/devices/a", {"status": {"table": "input_register", "address": 10}})
    api.must("POST", "/devices/a/tags", {"name": "far", "unit": "bar", "modbus": {
        "type": "float32", "table": "input_register", "address": 20, "byte_order": "CDAB",
        "scale": 0.5, "offset": -3}})
    api.must("POST", "/devices", {"name": "plc", "mqtt": {"topic": "p"}, "network": {
        "modbus_host": "127.0.0.1", "modbus_port": 9, "unit_id": 7}})
    api.must("POST", "/devices/plc/tags", {"name": "bit", "modbus": {
        "table": "holding_register", "type": "bool", "bit": 5, "address": 20}})
    tables = api.must("GET", "/registers")
    assert tables["units"] == [1] and tables["server"] == stack.modbusd.address()
    assert {"server": None, "gateway": None, "unit": 1, "table": "input_register", "owners": 2,
            "first": 10, "last": 21} in tables["items"]
    assert {"server": "127.0.0.1:9", "gateway": None, "unit": 7, "table": "holding_register",
            "owners": 1, "first": 20, "last": 20} in tables["items"]
    answer = api.must("GET", "/registers/input_register/owners")
    assert (answer["server"], answer["unit"], answer["table"]) == (None, 1, "input_register")
    status, far = answer["items"]
    assert status == {"first": 10, "last": 13, "bit": None, "byte": None, "gateway": None, "device": "a",
                      "tag": None, "type": None, "byte_order": None, "unit": None, "scale": 1, "offset": 0}
    assert far == {"first": 20, "last": 21, "bit": None, "byte": None, "gateway": None, "device": "a",
                   "tag": "far", "type": "float32", "byte_order": "CDAB", "unit": "bar", "scale": 0.5,
                   "offset": -3}
    (bit,) = api.must("GET", "/registers/holding_register/owners?server=127.0.0.1:9&unit=7")["items"]
    assert (bit["device"], bit["tag"], bit["bit"]) == ("plc", "bit", 5)
    assert api.must("GET", "/registers/coil/owners?unit=9")["items"] == []
    assert api.get("/registers/nothing/owners").status == 404
    assert api.get("/registers/coil/owners?unit=x").status == 400
    assert api.get("/registers?unit=1").status == 400


def test_the_owners_of_registers_have_an_entity_tag(api, stack):
    path = "/registers/input_register/owners"
    first = api.get(path)

    def again():
        return api.get(path, headers={"If-None-Match": first.headers["ETag"]})
    unchanged = again()
    assert unchanged.status == 304 and unchanged.body == b""
    assert unchanged.headers["ETag"] == first.headers["ETag"]
    api.must("PATCH", "/devices/a", {"network": {"unit_id": 1}, "description": "changed"})
    assert again().status == 200 and again().headers["ETag"] != first.headers["ETag"]
    first = api.get(path)
    stack.api.stop()
    stack.api.options["common.units"] = "1-2"  # other registers may be local now
    stack.api.start()
    assert again().status == 200


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
            assert re.fullmatch(r'[a-z_:][a-z0-9_:]*(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? '
                                r'[0-9.e+-]+', line), line
            assert line.split("{")[0].split(" ")[0] in named
    stack.modbusd.kill()
    assert 'tagferry_up{daemon="modbusd"} 0' in api.get("/metrics").body.decode()


def system_samples(api, name):
    lines = api.get("/metrics").body.decode().splitlines()
    found = [re.fullmatch(rf"{name}\{{(.*)\}} (\S+)", line) for line in lines]
    return {tuple(re.findall(r'"([^"]*)"', each.group(1))): float(each.group(2))
            for each in found if each}


def test_metrics_of_the_machine(api, stack):
    began = time.time()
    stack.start_broker()
    stack.start_mqttd()
    daemons = {("api",), ("modbusd",), ("mqttd",)}

    def memory_is_true():
        memory = system_samples(api, "process_resident_memory_bytes")
        assert set(memory) == daemons
        for daemon, size in memory.items():
            status = pathlib.Path(f"/proc/{getattr(stack, daemon[0]).process.pid}/status").read_text()
            rss = int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024
            if not rss / 2 < size < rss * 2:
                return False
        return True
    eventually(memory_is_true, "each daemon measures its memory, once a second")
    started = system_samples(api, "process_start_time_seconds")
    assert set(started) == daemons and began - 1 < started["mqttd",] <= time.time()
    assert started["api",] < started["mqttd",]

    database = str(stack.api.options["common.database"])
    files = system_samples(api, "tagferry_store_size_bytes")
    assert set(files) >= {("database",), ("history",)}
    assert files["database",] == os.stat(database).st_size
    assert files["history",] == os.stat(database + "-history").st_size
    eventually(lambda: len(system_samples(api, "tagferry_filesystem_size_bytes")) == 3, "the image")
    sizes = system_samples(api, "tagferry_filesystem_size_bytes")
    free = system_samples(api, "tagferry_filesystem_avail_bytes")
    assert set(sizes) == set(free) and {use for use, _ in sizes} == {"store", "runtime_dir", "image"}
    folder = os.statvfs(os.path.dirname(database))
    device = os.stat(database).st_dev
    place = ("store", f"{os.major(device)}:{os.minor(device)}")
    assert sizes[place] == folder.f_blocks * folder.f_frsize
    assert all(0 < free[each] <= sizes[each] for each in sizes)
    stack.modbusd.kill()
    assert {use for use, _ in system_samples(api, "tagferry_filesystem_avail_bytes")} == \
        {"store", "runtime_dir"}


def versions(api):
    return {daemon: version for daemon, version in system_samples(api, "tagferry_build_info")}


class OtherVersion:
    """The file of a mqttd of another version, with the lock of a daemon that runs."""

    def __init__(self, folder, version, layout=1):
        words = version.ljust(64, b"\0") + (1700000000123).to_bytes(8, "little")
        header = b"TFdaemon" + b"".join(number.to_bytes(8, "little")
                                        for number in (layout, 1024, 7))
        self.file = open(os.path.join(folder, "mqttd.info"), "w+b")
        self.file.write((header + words).ljust(1024, b"\0"))
        self.file.flush()
        flock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        fcntl.fcntl(self.file, 37, flock)  # F_OFD_SETLK


def test_versions_after_half_an_upgrade(api, stack):
    folder = stack.api.options["common.runtime_dir"]
    mine = versions(api)["api"]
    assert versions(api) == {"api": mine, "modbusd": mine}
    other = OtherVersion(folder, b"0.0.7~rc1")
    assert versions(api) == {"api": mine, "modbusd": mine, "mqttd": "0.0.7~rc1"}
    assert system_samples(api, "process_start_time_seconds")["mqttd",] == 1700000000.123
    other.file.close()
    assert versions(api) == {"api": mine, "modbusd": mine}, "it does not run any more"
    for version, layout in ((b'1"} 1\nfake 1', 1), (b"", 1), (b"\xff" * 64, 1), (b"1", 2)):
        other = OtherVersion(folder, version, layout)
        assert versions(api) == {"api": mine, "modbusd": mine}
        assert b"fake" not in api.get("/metrics").body
        other.file.close()
    # A daemon that works and has no such file is of an older version.
    os.unlink(os.path.join(folder, "mqttd.info"))
    stack.start_broker()
    stack.start_mqttd()
    assert versions(api)["mqttd"] == mine
    path = pathlib.Path(folder) / "mqttd.info"

    def blocked():  # it writes a missing file again each second
        path.unlink(missing_ok=True)
        try:
            path.mkdir()
        except FileExistsError:
            return False
        return True
    eventually(blocked, "a folder in place of the file")
    eventually(lambda: versions(api).get("mqttd") == "unknown", "a daemon without its file")
    path.rmdir()
    eventually(lambda: versions(api)["mqttd"] == mine, "the file is written again")
