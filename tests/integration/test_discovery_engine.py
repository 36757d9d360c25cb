"""Discoveries as tagferry-mqttd runs them: rows of the store in, files with what was heard out. The
values in service lose nothing by them."""

import contextlib
import json
import os
import pathlib
import socket
import sqlite3
import struct
import subprocess
import threading
import time

import pytest

from harness import DEADLINE, Daemon, eventually
from mqtt_peer import Peer
from mqttd_helpers import metrics, served, shows, tag

PRINT = pathlib.Path(os.environ["TAGFERRY_BIN"]).resolve().parent / "tests/integration/print_discovery"


class Discoveries:
    """The table of a stack, and the files."""

    def __init__(self, stack):
        self.path = stack.common["common.database"]
        self.folder = stack.common["common.runtime_dir"]

    def run(self, statement, *values):
        with contextlib.closing(sqlite3.connect(self.path, timeout=DEADLINE)) as store, store:
            return store.execute(statement, values).lastrowid

    def start(self, *topics, seconds=600):
        now = time.time_ns() // 1_000_000
        return self.run("INSERT INTO discovery (topics, seconds, created_ms, ends_ms) "
                        "VALUES (?, ?, ?, ?)",
                        json.dumps(topics), seconds, now, now + seconds * 1000)

    def end(self, id):
        self.run("UPDATE discovery SET ends_ms = created_ms WHERE id = ?", id)

    def delete(self, id):
        self.run("DELETE FROM discovery WHERE id = ?", id)

    def file(self, id):
        return self.folder / f"discovery-{id}"

    def read(self, id):
        """What the file says, or None."""
        found = subprocess.run([PRINT, self.folder, str(id)], capture_output=True, text=True,
                               check=False)
        assert found.returncode in (0, 3), found.stderr
        return json.loads(found.stdout) if found.returncode == 0 else None

    def wait(self, id, probe, what="what was heard"):
        """Waits until probe(file) is true, and returns the file."""
        last = {}

        def look():
            last["file"] = self.read(id)
            return last["file"] and probe(last["file"]) and last["file"]
        try:
            return eventually(look, what)
        except AssertionError as fault:
            raise AssertionError(f"{fault}: {json.dumps(last['file'])[:2000]}") from None

    def wait_state(self, id, state):
        return self.wait(id, lambda file: file["state"] == state, state)


def topics(file):
    return {entry["topic"]: entry for entry in file["topics"]}


@pytest.fixture
def discoveries(plant):
    return Discoveries(plant)


def test_hears_topics_with_keys(plant, discoveries):
    plant.broker.publish("tele/kept", {"v": 1}, "-r")
    id = discoveries.start("tele/#", "other/+")
    discoveries.wait(id, lambda file: "tele/kept" in topics(file))
    plant.broker.publish("tele/a", {"t": 21.5, "mode": "heat", "list": [{"id": 7, "v": True}]})
    plant.broker.publish("tele/a", {"t": 19, "mode": "cool", "list": [{"id": 7, "v": False}]})
    plant.broker.publish("other/b", "ON")
    plant.broker.publish("elsewhere", "1")
    file = discoveries.wait(id, lambda file: len(file["topics"]) == 3 and file["messages"] == 4)
    assert file["state"] == "running" and file["error"] == "" and file["connected_ms"] > 0
    heard = topics(file)
    assert heard["tele/kept"]["retained"] == 1
    keys = heard["tele/a"]["keys"]
    assert set(keys) == {"t", "mode", "/list/id=7/v"}
    assert (keys["t"]["smallest"], keys["t"]["largest"], keys["t"]["count"]) == (19, 21.5, 2)
    assert keys["mode"]["words"] == ["heat", "cool"]
    assert heard["other/b"]["keys"][""]["sample"] == "ON"
    counted = metrics(plant)
    assert counted["discovery_messages_total"] == 4 and counted["discovery_dropped_total"] == 0


def test_ends_by_time_and_is_deleted(plant, discoveries):
    id = discoveries.start("#", seconds=2)
    plant.broker.publish("a", "1")
    file = discoveries.wait_state(id, "done")
    assert file["connected_ms"] == 0
    plant.mqttd.wait_log(f"discovery {id} is done")
    again = discoveries.start("#")  # in the place of the first
    discoveries.wait_state(again, "running")
    discoveries.delete(id)
    eventually(lambda: not discoveries.file(id).exists(), "the file is removed")
    discoveries.delete(again)
    eventually(lambda: not discoveries.file(again).exists(), "the file of one that runs, too")
    assert discoveries.read(again) is None


def test_the_thread_has_a_low_priority(plant):
    tasks = {(task / "comm").read_text().strip(): int(task.name)
             for task in pathlib.Path(f"/proc/{plant.mqttd.process.pid}/task").iterdir()}
    nice = {name: os.getpriority(os.PRIO_PROCESS, id) for name, id in tasks.items()}
    assert nice.pop("discoveries") == 15
    assert set(nice.values()) == {os.getpriority(os.PRIO_PROCESS, 0)}, "the others: as they were started"


def test_several_at_once(plant, discoveries):
    first = [discoveries.start(f"site/{n}/#") for n in range(4)]
    for id in first:
        discoveries.wait_state(id, "running")
    fifth = discoveries.start("site/5/#")
    for n in range(4):
        plant.broker.publish(f"site/{n}/x", "1")
    for n, id in enumerate(first):
        file = discoveries.wait(id, lambda file: file["messages"])
        assert set(topics(file)) == {f"site/{n}/x"}
    assert discoveries.read(fifth) is None
    discoveries.end(first[1])
    discoveries.delete(first[1])
    discoveries.wait_state(fifth, "running")


def test_goes_on_after_a_kill(plant, discoveries):
    id = discoveries.start("a/#")
    discoveries.wait_state(id, "running")
    gone, over = discoveries.start("b/#"), discoveries.start("c/#")
    discoveries.wait_state(gone, "running")
    discoveries.wait_state(over, "running")
    plant.broker.publish("a/1", {"v": 1})
    before = discoveries.wait(id, lambda file: file["messages"] == 1)["connected_ms"]
    plant.mqttd.kill()
    discoveries.delete(gone)
    discoveries.end(over)
    plant.mqttd.start()
    discoveries.wait(id, lambda file: file["state"] == "running" and file["connected_ms"] > before)
    plant.broker.publish("a/1", {"v": 5})
    file = discoveries.wait(id, lambda file: file["messages"] == 2)
    key = topics(file)["a/1"]["keys"]["v"]
    assert (key["smallest"], key["largest"]) == (1, 5)
    eventually(lambda: not discoveries.file(gone).exists(), "the file of the deleted row")
    discoveries.wait_state(over, "done")

    # A discovery with a damaged file begins again; an orderly end saves all.
    plant.mqttd.kill()
    damaged = b"TFdiscov" + bytes(1000)
    discoveries.file(id).write_bytes(damaged)
    plant.mqttd.start()
    plant.mqttd.wait_log("begins again without what it had heard")
    eventually(lambda: discoveries.file(id).read_bytes() != damaged, "a new file")
    discoveries.wait_state(id, "running")
    plant.broker.publish("a/1", {"v": 9})
    eventually(lambda: metrics(plant)["discovery_messages_total"] >= 1)
    plant.mqttd.stop()
    assert discoveries.read(id)["messages"] == 1


class Refuses(Peer):
    """Refuses filters that begin with "secret", and all with `all`."""

    closes = False

    def subscribed(self, connection, number, filters):
        if self.closes and connection.connect.client_id.endswith("-discovery"):
            connection.close()
            return
        connection.suback(number, [0x87 if name.startswith("secret") else qos
                                   for name, qos in filters])


def start_with(stack, peer):
    stack.start_modbusd()
    stack.start_api()
    stack.mqttd = stack.add(Daemon("tagferry-mqttd", stack.folder,
                                   {**stack.common, "mqttd.broker": peer.address})).start()
    return Discoveries(stack)


def test_the_broker_refuses(stack):
    with Refuses() as peer:
        discoveries = start_with(stack, peer)
        id = discoveries.start("secret/#")
        file = discoveries.wait_state(id, "refused")
        assert file["error"] == 'the broker refuses the filter "secret/#": Not authorized'
        some = discoveries.start("open/#", "secret/1", "secret/2")
        file = discoveries.wait(some, lambda file: "1 other" in file["error"])
        assert file["state"] == "running"
        assert file["error"] == ('the broker refuses the filter "secret/1", and 1 other: '
                                 "Not authorized")
        # It remains refused when mqttd begins again.
        asked = len(peer.connects)
        stack.mqttd.stop()
        stack.mqttd.start()
        eventually(lambda: sorted(connect.client_id for connect in peer.connects[asked:]) ==
                   ["tagferry", "tagferry-discovery-2"], "the client of the other one")
        discoveries.wait(some, lambda file: file["state"] == "running")
        assert discoveries.read(id)["state"] == "refused"
        assert len(peer.connects) == asked + 2


def test_the_broker_closes_on_subscribe(stack):
    with Refuses() as peer:
        peer.closes = True
        discoveries = start_with(stack, peer)
        id = discoveries.start("#")
        file = discoveries.wait_state(id, "refused")
        assert "closed_on_subscribe" in file["error"]


def test_no_broker(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd()
    discoveries = Discoveries(stack)
    id = discoveries.start("#")
    discoveries.wait_state(id, "running")
    stack.broker.stop()
    file = discoveries.wait(id, lambda file: file["error"])
    assert file["state"] == "waiting" and "no connection to the broker" in file["error"]
    assert file["connected_ms"] == 0
    stack.broker.start()
    discoveries.wait(id, lambda file: file["state"] == "running" and file["error"] == "")


def test_wrong_rows_are_refused(plant, discoveries):
    id = discoveries.run("INSERT INTO discovery (topics, seconds, created_ms, ends_ms) "
                         "VALUES ('{\"a\": [1]}', 10, 0, 9000000000000)")
    assert discoveries.wait_state(id, "refused")["error"] == "it has no filters"
    id = discoveries.start("a/#/b")
    assert "cannot be sent" in discoveries.wait_state(id, "refused")["error"]


def test_budgets(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__discovery_messages_per_s=2, mqttd__discovery_mb=1)
    discoveries = Discoveries(stack)
    id = discoveries.start("flood")
    discoveries.wait_state(id, "running")
    publish_many(stack, [("flood", b"%d" % n) for n in range(200)], qos=0)
    file = discoveries.wait(id, lambda file: file["dropped"] + file["messages"] == 200)
    assert file["dropped"] >= 100 and file["messages"] >= 20 and file["budget"] == 2
    counted = metrics(stack)
    assert counted["discovery_dropped_total"] == file["dropped"]
    assert counted["discovery_messages_total"] == 200


def test_memory(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__discovery_mb=1, mqttd__discovery_messages_per_s=100000)
    discoveries = Discoveries(stack)
    id = discoveries.start("site/#")
    discoveries.wait_state(id, "running")
    count = 8000
    publish_many(stack, [(f"site/{n}/{'x' * 100}", b"%d" % n) for n in range(count)], qos=0)
    file = discoveries.wait(id, lambda file: file["messages"] == count)
    assert 0 < file["lost_messages"] < count
    assert len(file["topics"]) + file["lost_messages"] == count
    assert discoveries.file(id).stat().st_size < (1 << 20) + 4096


def field(number, kind, data):
    """A field of protobuf: of a number, a float or bytes."""
    if kind == "f":
        return bytes([number << 3 | 5]) + struct.pack("<f", data)
    if kind == "b":
        return bytes([number << 3 | 2, len(data)]) + data
    return bytes([number << 3, *([data & 127 | 128, data >> 7] if data > 127 else [data])])


def test_sparkplug(plant, discoveries):
    int32, real = field(4, "n", 3), field(4, "n", 9)
    birth = (field(2, "b", field(1, "b", b"Motor/Speed") + field(2, "n", 1) + int32 +
                   field(10, "n", 1500)) +
             field(2, "b", field(1, "b", b"Motor/Temp") + field(2, "n", 2) + real +
                   field(12, "f", 21.3)))
    id = discoveries.start("spBv1.0/#")
    discoveries.wait_state(id, "running")
    plant.broker.publish("spBv1.0/g/NBIRTH/n", birth)
    plant.broker.publish("spBv1.0/g/NDATA/n", field(2, "b", field(2, "n", 1) + int32 +
                                                    field(10, "n", 1501)))
    plant.broker.publish("spBv1.0/g/NDATA/other", "no payload of Sparkplug")
    file = discoveries.wait(id, lambda file: file["messages"] == 3)
    keys = topics(file)["spBv1.0/g/NBIRTH/n"]["keys"]
    assert keys["Motor/Speed"]["type"] == "Int32" and keys["Motor/Speed"]["largest"] == 1500
    assert keys["Motor/Temp"]["type"] == "Float" and keys["Motor/Temp"]["sample"] == "21.3"
    assert topics(file)["spBv1.0/g/NDATA/n"]["keys"] == {}


def test_a_full_disk_is_said(plant, discoveries):
    id = discoveries.start("#")
    discoveries.wait_state(id, "running")
    # A folder in the place of the draft: it cannot be written, as on a full disk.
    draft = discoveries.file(id).with_suffix(".new")
    draft.mkdir()
    plant.broker.publish("a", "1")
    plant.mqttd.wait_log(f"discovery {id} cannot save what it heard, retrying")
    draft.rmdir()
    discoveries.wait(id, lambda file: file["messages"] == 1)


def publish_many(stack, messages, qos):
    """Publishes them on one connection and waits until the broker has them."""
    client = MQTT(stack.broker.number)
    client.publish(messages, qos)
    client.close()


class MQTT:
    """A client that publishes at full speed: MQTT 3.1.1, and nothing else of it."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
        name = f"load-{os.getpid()}-{id(self)}".encode()
        body = b"\x00\x04MQTT\x04\x02\x00\x00" + len(name).to_bytes(2, "big") + name
        self.socket.sendall(b"\x10" + bytes([len(body)]) + body)
        assert self.take(4) == b"\x20\x02\x00\x00"

    def take(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            assert more, "the broker closed the connection"
            data += more
        return data

    def publish(self, messages, qos, window=200):
        sent = 0
        for at in range(0, len(messages), window):
            batch, packets = messages[at:at + window], []
            for topic, payload in batch:
                sent += 1
                name = topic.encode()
                body = len(name).to_bytes(2, "big") + name
                body += (sent % 60000 + 1).to_bytes(2, "big") if qos else b""
                body += payload
                assert len(body) < 16384
                length = bytes([len(body) % 128 | 128, len(body) // 128])
                packets.append(bytes([0x30 | qos << 1]) + length + body)
            self.socket.sendall(b"".join(packets))
            if qos:
                self.take(4 * len(batch))
        self.socket.sendall(b"\xc0\x00")  # PINGREQ: the answer comes after all before it
        assert self.take(2) == b"\xd0\x00"

    def close(self):
        self.socket.sendall(b"\xe0\x00")
        self.socket.close()


def test_values_in_service_lose_nothing(stack):
    """While "#" is discovered and strangers flood the broker, all values of the tags in service
    arrive: counted, and the newest of each is in its register."""
    stack.start_broker("max_queued_messages 0", "max_inflight_messages 0")
    stack.start_modbusd()
    stack.start_api()
    devices, rounds, strangers = 20, 100, 40000
    for n in range(devices):
        stack.api.device(f"d{n}", f"plant/{n}", [tag("v", n, "uint16", mqtt={"key": "v"})])
    stack.start_mqttd(mqttd__discovery_messages_per_s=100)  # far fewer than a busy machine sends
    served(stack)
    discoveries = Discoveries(stack)
    id = discoveries.start("#", "plant/#")
    discoveries.wait_state(id, "running")

    flood = [(f"stranger/{n % 5000}", json.dumps({"n": n, "text": "x" * 200}).encode())
             for n in range(strangers)]
    values = [(f"plant/{n}", b'{"v":%d}' % (round * devices + n))
              for round in range(rounds) for n in range(devices)]
    threads = [threading.Thread(target=publish_many, args=(stack, part, qos))
               for part, qos in ((flood[::2], 0), (flood[1::2], 0), (values, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for n in range(devices):
        shows(stack.modbusd, "holding_register", n, [(rounds - 1) * devices + n])
        value = stack.api.value(f"d{n}", "v")
        assert value["messages"] == rounds and value["rejects"] == 0
    file = discoveries.wait(id, lambda file: file["dropped"] > 0)
    assert file["state"] == "running"
    assert metrics(stack)["messages_lost_total"] == 0
