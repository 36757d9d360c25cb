"""A pair whose broker refuses, closes the connection, or does not acknowledge commands."""

import json
import re
import socket
import threading

import pytest

from harness import eventually
from mirror_pair import GATEWAY
from mqtt_peer import Peer
from mqttd_helpers import shows, tag
from test_mqttd_mirror import many, pass_a_millisecond
from test_mqttd_session import start


PUBLISH = 3  # a type of MQTT packet


def test_brokers_that_refuse_the_topic(make_pair, tmp_path):
    """Commands are published; the log and a counter say that setpoints are not mirrored."""
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite cmd/#\ntopic readwrite d/#\ntopic readwrite harness/#\n"
                     "topic readwrite tagferry/+/status\n")
    pair = make_pair(f"acl_file {rules}")
    a = pair.side("a")
    pair.configure(many(1))
    commands = pair.listen()
    a.write("holding_register", 2000, [1])
    eventually(lambda: commands.messages == [("cmd/v", '{"v": 1}')], "the command")
    a.mqttd.wait_log("warning setpoints are not mirrored: ")
    assert a.metric("mirror_refused_total") >= 1
    assert a.metric("mirror_published_total") == 0


class Cable:
    """Between a gateway and the broker. After `cut`, what they send waits, and they do not notice."""

    def __init__(self, port):
        self.port, self.is_cut, self.ends, self.held = port, False, [], {}
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def address(self):
        return "127.0.0.1:%d" % self.listener.getsockname()[1]

    def accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
                far = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                return
            self.ends = [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one, other):
        try:
            while data := one.recv(65536):
                with self.lock:
                    if self.is_cut:
                        self.held[other] = self.held.get(other, b"") + data
                    else:
                        other.sendall(data)
            other.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def cut(self):
        with self.lock:
            self.held, self.is_cut = {}, True

    def release(self):
        """What has waited arrives."""
        with self.lock:
            for end, data in self.held.items():
                end.sendall(data)
            self.is_cut = False

    def release_first(self):
        """Of what has waited, the first message to the broker arrives. Then the connection ends."""
        data, at = self.held[self.ends[1]], 0
        while data[at] >> 4 != PUBLISH:
            at = end_of_packet(data, at)
        self.ends[1].sendall(data[at:end_of_packet(data, at)])
        self.mend()

    def mend(self):
        """The connection ends, and what has waited is lost. The next one works."""
        self.is_cut = False
        self.ends[0].shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def end_of_packet(data, at):
    """Of the MQTT packet at this index."""
    length, shift = 0, 0
    while True:
        at += 1
        length |= (data[at] & 127) << shift
        shift += 7
        if data[at] < 128:
            return at + 1 + length


@pytest.fixture
def cable(make_pair):
    pair = make_pair()
    made = Cable(pair.broker.number)
    made.pair = pair
    yield made
    made.close()


def test_commands_that_the_broker_has_not_acknowledged(cable):
    """They are sent again, unless the other gateway has a newer setpoint: its command is sent in their place,
    and the broker keeps it."""
    pair = cable.pair

    def mirrored(count):
        """Without the word that A has repeated the command."""
        return {tag: {name: each[name] for name in each if name != "repeated"}
                for tag, each in pair.retained(count).items()}
    a = pair.side("a", mqttd__broker=cable.address())
    b = pair.side("b")
    pair.configure(many(40))
    pair.configure(lambda api: api.must("PATCH", "/devices/n/tags/n3", {"mqtt": {"command_qos": 2}}))
    pair.mirrors()
    commands = pair.listen()
    before = a.metric("published_total")
    cable.cut()
    with a.modbusd.client() as client:
        for value in (1, 2, 3):
            client.write(0, *[value] * 40)
        client.write(2002, 0, 77)
        client.write_one(2001, 7)
    eventually(lambda: a.metric("published_total") >= before + 122, "they are under way")
    pass_a_millisecond()
    with b.modbusd.client() as client:
        client.write(0, *[50] * 39)
        client.write_one(2002, 1)
    eventually(lambda: len(commands.messages) >= 40, "the commands of B")
    setpoints = mirrored(40)
    b.mqttd.kill()
    cable.mend()
    pair.open(a)
    eventually(lambda: ("cmd/w", '{"w": 7}') in commands.messages, "what only A has")
    expected = sorted(['{"n39": 1}', '{"n39": 2}', '{"n39": 3}', '{"w": 7}', '{"f": 65536}',
                       *('{"n%d": 50}' % n for n in range(39))])
    eventually(lambda: sorted(text for _, text in commands.messages[40:]) == expected, "each once")
    assert a.metric("commands_superseded_total") == 118
    assert a.metric("commands_repeated_total") == 40
    now = mirrored(42)
    assert {tag: now[tag] for tag in setpoints} == setpoints
    b.mqttd.start()
    pair.open(b)
    for side in (a, b):
        shows(side.modbusd, "holding_register", 2001, [7, 1, 0])
        shows(side.modbusd, "holding_register", 0, [50] * 39 + [3])


def test_commands_that_come_late(cable):
    """The network, or a busy machine, delivers a command after a newer one of the other gateway: the device
    receives the newer one once more, whether the connection goes on or ends before the setpoint."""
    pair = cable.pair
    a = pair.side("a", mqttd__broker=cable.address())
    b = pair.side("b")
    pair.configure(many(4))
    pair.mirrors()
    commands = pair.listen()

    def write_both(older, newer):
        """A's commands are under way when B publishes newer ones."""
        before = a.metric("published_total")
        cable.cut()
        with a.modbusd.client() as client:
            client.write(0, *older)
        eventually(lambda: a.metric("published_total") >= before + len(older), "they are under way")
        pass_a_millisecond()
        with b.modbusd.client() as client:
            client.write(0, *newer)
        eventually(lambda: all(newest(f"n{n}") == value for n, value in enumerate(newer)), "those of B")

    def newest(name):
        return ([json.loads(text)[name] for _, text in commands.messages if name in json.loads(text)] or
                [None])[-1]

    def settled(values, count):
        eventually(lambda: len(commands.messages) >= count, "them all")
        eventually(lambda: [newest(f"n{n}") for n in range(4)] == values, f"{values} at the device")
        for side in (a, b):
            shows(side.modbusd, "holding_register", 0, values)
        assert len(commands.messages) == count, commands.messages[11:]

    write_both([1, 2, 3, 9], [5, 6, 7, 9])
    cable.release()
    settled([5, 6, 7, 9], 4 + 4 + 3)  # the last one has the same value
    assert b.metric("commands_repeated_total") == 3
    assert a.metric("commands_superseded_total") == 0

    write_both([11, 12, 13, 14], [15, 16, 17, 18])
    cable.release_first()
    settled([15, 16, 17, 18], 11 + 4 + 1 + 4)
    assert (a.metric("commands_repeated_total"), b.metric("commands_repeated_total")) == (4, 3)
    assert a.metric("commands_superseded_total") == 4


class Closes(Peer):
    """Closes the connection after a message below the mirror topic, like RabbitMQ."""

    def published(self, connection, message):
        if message.topic.startswith("tagferry/mirror"):
            connection.close()
        else:
            self.seen = [*getattr(self, "seen", []), message.topic]
            super().published(connection, message)


def test_a_broker_that_closes_after_the_topic(stack):
    with Closes() as peer:
        stack.common["common.gateway"] = GATEWAY
        stack.start_modbusd()
        stack.start_api()
        many(1)(stack.api)
        start(stack, peer)
        stack.mqttd.wait_log("setpoints are not mirrored: the broker closes the connection")
        with stack.modbusd.client() as client:
            client.write_one(2000, 1)
        eventually(lambda: "cmd/v" in getattr(peer, "seen", []), "the command")
        log = stack.mqttd.log()
        assert len(re.findall("setpoints are not mirrored", log)) == 1
        stack.mqttd.stop()
