"""Messages that a broker repeats, delays, reorders or damages: after its own crash, after mqttd's,
and when a message is too long."""

import json
import subprocess

import pytest

from harness import ROOT, Broker, eventually
from mqtt_peer import Peer
from mqttd_helpers import allow_library_leaks, metrics, shows, tag
from test_mqttd_session import configure, start

SETTINGS = [line for line in (ROOT / "config/mosquitto.conf").read_text().splitlines()
            if line and not line.startswith("#")]


class ShippedBroker(Broker):
    """A mosquitto with the shipped settings only."""

    def __init__(self, folder, without=()):
        super().__init__(folder)
        self.settings = [line for line in SETTINGS if not line.startswith(tuple(without) or "\n")]

    def _write_config(self, port):
        lines = [f"listener {port} 127.0.0.1", "allow_anonymous true", "user root",
                 f"persistence_location {self.folder}/", *self.settings]
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")


QUEUED = 200


def publish_all(broker, count):
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.number), "-t", "d", "-q",
                    "1", "-l"], check=True, input="".join(f'{{"v{n}": {n + 1}}}\n'
                                                          for n in range(count)).encode())


def test_a_crash_of_the_broker_keeps_what_it_queued(stack):
    stack.broker = stack.add(ShippedBroker(stack.folder)).start()
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag(f"v{n}", n, "uint16") for n in range(QUEUED)])
    stack.start_mqttd()
    stack.mqttd.wait_log("subscribed to 1 topic")
    stack.mqttd.stop()
    publish_all(stack.broker, QUEUED)
    store = stack.folder / "mosquitto.db"
    eventually(lambda: store.exists() and f'"v{QUEUED - 1}"'.encode() in store.read_bytes(),
               "the broker to write it down")
    stack.broker.kill()
    stack.broker.start()
    stack.mqttd.start()
    for first in range(0, QUEUED, 100):
        shows(stack.modbusd, "holding_register", first, range(first + 1, first + 101))


def test_a_message_that_is_much_too_long_does_not_come(stack):
    """In MQTT 5, whatever the broker itself accepts; the log explains one that is slightly too
    long."""
    stack.broker = stack.add(ShippedBroker(stack.folder, without=["message_size_limit"])).start()
    configure(stack)
    stack.start_mqttd()
    stack.mqttd.wait_log("subscribed to 1 topic")
    stack.broker.publish("d", b'{"v": 1, "x": "' + b"x" * 3_000_000 + b'"}')
    stack.broker.publish("d", b'{"v": 2, "x": "' + b"x" * 100_000 + b'"}')
    stack.broker.publish("d", {"v": 3})
    shows(stack.modbusd, "holding_register", 0, [3])
    assert metrics(stack)["received_bytes_total"] < 200_000
    assert metrics(stack)['message_outcomes_total{outcome="too_large"}'] == 1


def test_the_shipped_broker_takes_no_message_without_end(stack):
    stack.broker = stack.add(ShippedBroker(stack.folder)).start()
    configure(stack)
    stack.start_mqttd(mqttd__protocol="3.1.1")
    stack.mqttd.wait_log("subscribed to 1 topic")
    stack.broker.publish("d", b'{"v": 1, "x": "' + b"x" * 3_000_000 + b'"}', "-V", "5")
    stack.broker.publish("d", {"v": 3})
    shows(stack.modbusd, "holding_register", 0, [3])
    assert metrics(stack)["received_bytes_total"] < 1000


class Broken(Peer):
    """Sends messages, the last of them with an unknown property, until `broken` is unset; repeats
    unacknowledged messages at each connection."""
    broken = True

    def __init__(self):
        self.kept = {number: json.dumps({f"v{number}": number}) for number in range(1, 6)}
        super().__init__()

    def connected(self, connection):
        connection.connack(0, len(self.connects) > 1)

    def subscribed(self, connection, number, filters):
        super().subscribed(connection, number, filters)
        for mid, payload in list(self.kept.items()):
            bad = self.broken and mid == 5
            connection.publish("d", payload, number=mid, properties=b"\x7f\x00" if bad else b"")

    def acknowledged(self, connection, number):
        self.kept.pop(number, None)


def test_a_property_that_the_library_does_not_know_loses_nothing(stack, monkeypatch):
    """libmosquitto 2.0.11 alone would end the process. The connection ends, and all messages come again."""
    allow_library_leaks(stack, monkeypatch)
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag(f"v{n}", n, "uint16") for n in range(1, 6)])
    with Broken() as peer:
        start(stack, peer)
        stack.mqttd.wait_log("it sent a malformed packet")
        peer.broken = False
        shows(stack.modbusd, "holding_register", 1, range(1, 6))
        eventually(lambda: not peer.kept, "acknowledgements")
        assert stack.mqttd.alive()


class Late(Peer):
    """Repeats what was not acknowledged in time, after newer messages, like NATS."""

    def give(self):
        for second, value in ((10, 1), (12, 3), (11, 2)):
            self.open[-1].publish("d", json.dumps({"v": value, "at": f"2026-01-01T00:00:{second}Z"}))


@pytest.mark.parametrize("key, left", [(None, 2), ("at", 3)])
def test_redelivery_out_of_order(stack, key, left):
    """Without a time stamp an old value stays; timestamp_key solves this."""
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag("v", 0, "uint16")], mqtt={"timestamp_key": key})
    with Late() as peer:
        start(stack, peer)
        eventually(lambda: peer.open and peer.open[-1].filters, "the subscription")
        peer.give()
        eventually(lambda: metrics(stack)["messages_total"] == 3, "all three")
        shows(stack.modbusd, "holding_register", 0, [left])
        # The register may hold 3 before the message behind it is counted.
        eventually(lambda: metrics(stack)['message_outcomes_total{outcome="old"}'] == (1 if key else 0), "an old one")


def test_many_messages_that_are_sent_again(stack):
    """At once and in order, as a cluster does that has lost a node: the device's clock was not set back."""
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag("v", 0, "uint16")], mqtt={"timestamp_key": "at"})
    with Late() as peer:
        start(stack, peer)
        eventually(lambda: peer.open and peer.open[-1].filters, "the subscription")

        def give(*values):
            with peer.open[-1].in_one_piece():
                for value in values:
                    peer.open[-1].publish("d", json.dumps({"v": value, "at": 1767225600 + 60 * value}))
        give(*range(1, 31))
        shows(stack.modbusd, "holding_register", 0, [30])
        give(*range(1, 26))
        eventually(lambda: metrics(stack)['message_outcomes_total{outcome="old"}'] == 25, "all are old")
        shows(stack.modbusd, "holding_register", 0, [30])
        give(31)
        shows(stack.modbusd, "holding_register", 0, [31])
    assert "went back" not in stack.mqttd.log()
