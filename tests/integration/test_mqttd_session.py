"""Misbehaving brokers: they refuse, close without a reason, keep connections only briefly, or lack
features."""

import json
import re
import subprocess

import pytest

from harness import BIN, DEADLINE, Daemon, eventually
from mqtt_peer import Peer
from mqttd_helpers import back, metrics, shows, tag

def configure(stack):
    """Modbus, API, and a device."""
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag("v", 0, "uint16")])


def start(stack, peer, **options):
    options = {f"mqttd.{key}": value for key, value in options.items()}
    options.update(stack.common, **{"mqttd.broker": peer.address})
    stack.mqttd = stack.add(Daemon("tagferry-mqttd", stack.folder, options)).start(wait=False)


def lines(stack):
    """The operator's view: the log without debug lines, as by default."""
    return [line for line in stack.mqttd.log().splitlines() if " debug" not in line]


def about_broker(stack):
    return [line for line in lines(stack) if "broker" in line or "subscribed" in line]


class ClosesLate(Peer):
    """Accepts, answers all requests, and closes."""

    def published(self, connection, message):
        super().published(connection, message)
        connection.close()


class ClosesAtDelivery(Peer):
    """The session's queue is damaged: its first message ends the connection."""

    def subscribed(self, connection, number, filters):
        super().subscribed(connection, number, filters)
        connection.publish("d", '{"v": 5}')
        connection.close()


@pytest.mark.parametrize("broker", [ClosesLate, ClosesAtDelivery])
def test_the_back_off_outlives_connections_that_do_not_last(stack, broker):
    """The back-off doubles although each CONNECT is accepted, and the number of log lines is
    limited."""
    configure(stack)
    with broker() as peer:
        start(stack, peer)
        eventually(lambda: len(peer.connects) >= 6, "attempts")
        times = [connect.at for connect in peer.connects]
        for attempt in range(5):
            assert times[attempt + 1] - times[attempt] >= 0.075 * 2 ** attempt
        stack.mqttd.wait_log("likely cause: .*another client uses the client id \"tagferry\"")
        said = about_broker(stack)
        eventually(lambda: len(peer.connects) >= 8, "more attempts")
        assert about_broker(stack) == said, "a cause that was named is no further line"
        assert sum("likely cause" in line for line in said) == 1


class ClosesOnBirth(Peer):
    def published(self, connection, message):
        connection.close()


def test_a_birth_that_is_not_permitted_is_named(stack):
    configure(stack)
    with ClosesOnBirth() as peer:
        start(stack, peer)
        stack.mqttd.wait_log("closes the connection after a message to \"tagferry/tagferry/status\"")
        eventually(lambda: len(peer.connects) == 4 and peer.open and peer.open[-1].filters, "a connection without it")
        peer.open[-1].publish("d", '{"v": 7}')
        shows(stack.modbusd, "holding_register", 0, [7])
        assert len(peer.messages) == 3
        stack.mqttd.stop()
        stack.mqttd.options["mqttd.status_topic"] = ""
        stack.mqttd.start()
        stack.mqttd.wait_log("subscribed to 1 topic")
        assert peer.connects[-1].will_topic is None


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_two_gateways_of_one_client_id(stack, protocol):
    stack.start_broker()
    configure(stack)
    stack.start_mqttd(mqttd__protocol=protocol)
    folder = stack.folder / "second"
    folder.mkdir()
    options = dict(stack.mqttd.options, **{"common.runtime_dir": folder / "runtime"})
    second = stack.add(Daemon("tagferry-mqttd", folder, options)).start(wait=False)
    cause = "likely cause: another client uses the client id \"tagferry\""
    stack.mqttd.wait_log(cause)
    second.wait_log(cause)
    connects = stack.mqttd.counter("MQTTD_CONNECTS")
    said = about_broker(stack)
    eventually(lambda: stack.mqttd.counter("MQTTD_CONNECTS") >= connects + 2, "further ones")
    assert len(about_broker(stack)) <= len(said) + 1, "at most a cause that has changed"
    second.stop()
    stack.mqttd.wait_log("the connection to broker .* is stable again")


class Drops(Peer):
    """Sends a value on each connection, and closes it while `drops` is set."""
    drops = False

    def subscribed(self, connection, number, filters):
        super().subscribed(connection, number, filters)
        connection.publish("d", json.dumps({"v": len(self.connects)}))
        if self.drops:
            connection.close()


def test_values_of_connections_that_do_not_last_are_not_good(stack):
    configure(stack)
    with Drops() as peer:
        start(stack, peer)
        eventually(lambda: stack.api.value("d", "v")["quality"] == "good")
        peer.drops = True
        peer.open[0].close()
        eventually(lambda: stack.api.value("d", "v")["quality"] == "stale")
        eventually(lambda: metrics(stack)["broker_connected"] == 0, "the end of the connection in the metrics")
        connects = len(peer.connects)
        samples = set()

        def sample():
            samples.add(stack.api.value("d", "v")["quality"])
            samples.add(metrics(stack)["broker_connected"])
            return len(peer.connects) >= connects + 2
        eventually(sample, "two more connections")
        assert samples == {"stale", 0.0}
        peer.drops = False
        eventually(lambda: stack.api.value("d", "v")["quality"] == "good")
        eventually(lambda: metrics(stack)["broker_connected"] == 1, "the connection in the metrics")


def down(stack):
    """The reason in the metrics."""
    return [name.split('"')[1] for name, on in metrics(stack).items()
            if name.startswith("broker_down{") and on]


def test_each_reason_is_said_once(stack):
    """The password changes under a running gateway, the broker is down, and the password is wrong
    again: one line each, and the same text in the status and the metrics."""
    secrets = stack.folder / "passwords"

    def demand(word):
        subprocess.run(["mosquitto_passwd", "-b", "-c", secrets, "ferry", word], check=True)
    demand("old")
    (stack.folder / "password").write_text("old\n")
    stack.start_broker(f"password_file {secrets}", "allow_anonymous false")
    configure(stack)
    stack.start_mqttd(mqttd__username="ferry", mqttd__password_file=stack.folder / "password")
    eventually(lambda: down(stack) == [], "the connection in the metrics")
    refused = r"cannot connect to broker .*: (Not authori[sz]ed|Connection Refused: not authori.ed)"

    def said(pattern):
        return sum(bool(re.search(pattern, line)) for line in lines(stack))

    def tried(amount):
        """Waits for this many more attempts."""
        seen = stack.mqttd.log().count(f"broker {stack.broker.address()}")
        eventually(lambda: stack.mqttd.log().count(f"broker {stack.broker.address()}") >=
                   seen + amount, "attempts")
    for times in (1, 2):
        stack.broker.stop()
        eventually(lambda: said("Connection refused") == times, "the broker is away")
        tried(2)
        eventually(lambda: down(stack) == ["unreachable"])
        demand("new")
        stack.broker.start()
        eventually(lambda: said(refused) == times, "the refusal")
        tried(2)
        assert (said("Connection refused"), said(refused)) == (times, times)
        eventually(lambda: down(stack) == ["not_authorized"])
    eventually(lambda: re.search(r"STATUS=.*waiting for the broker \(not_authorized: .*uthori",
                                 stack.mqttd.notices))


class Knows(Peer):
    """Speaks 3.1.1 only; `how` says how it refuses clients with version 5."""

    def __init__(self, how):
        self.how = how
        super().__init__()

    def connected(self, connection):
        if connection.version == 4:
            connection.connack()
        elif self.how == "refuses":
            connection.connack(0x84)
            connection.close()
        elif self.how == "refuses as 3.1.1":
            connection.send(2, b"\x00\x01")
            connection.close()
        elif self.how == "accepts as 3.1.1":
            connection.send(2, b"\x00\x00")
        else:
            connection.close()


@pytest.mark.parametrize("how", ["closes", "refuses", "refuses as 3.1.1", "accepts as 3.1.1"])
def test_the_older_version_is_tried_next(stack, how):
    configure(stack)
    with Knows(how) as peer:
        start(stack, peer)
        stack.mqttd.wait_log("subscribed to 1 topic")
        assert [connect.version for connect in peer.connects] == [5, 4]
        stack.mqttd.wait_log("with MQTT 5: .*; retrying with MQTT 3.1.1")
        stack.mqttd.wait_log("connected to broker .* with MQTT 3.1.1, new session")
        peer.open[-1].publish("d", '{"v": 7}')
        shows(stack.modbusd, "holding_register", 0, [7])
        peer.open[-1].close()
        eventually(lambda: len(peer.connects) >= 3, "the next connection")
        assert peer.connects[2].version == 4, "what worked is remembered"


def test_the_version_of_the_configuration_is_kept(stack):
    configure(stack)
    with Knows("closes") as peer:
        start(stack, peer, protocol="5")
        eventually(lambda: len(peer.connects) >= 4, "attempts")
        assert {connect.version for connect in peer.connects} == {5}
        stack.mqttd.wait_log("cannot connect to broker .* with MQTT 5: it closed the connection in "
                             "place of an answer; retrying\n")
        assert sum("cannot connect" in line for line in lines(stack)) == 1


def test_a_broker_that_knows_both_is_spoken_to_in_5(stack):
    stack.start_broker()
    configure(stack)
    stack.start_mqttd()
    stack.mqttd.wait_log("connected to broker .* with MQTT 5, new session")


class ProxyThenBroker(Peer):
    """The behaviour of a proxy whose broker is down."""
    down = False

    def connected(self, connection):
        if self.down:
            connection.close()
        else:
            connection.connack()


def test_a_proxy_does_not_cost_the_newer_version(stack):
    configure(stack)
    with ProxyThenBroker() as peer:
        start(stack, peer)
        stack.mqttd.wait_log("with MQTT 5, new session")
        peer.down = True
        peer.open[0].close()
        eventually(lambda: [c.version for c in peer.connects].count(4) >= 2, "both are tried")
        eventually(lambda: peer.connects[-1].version == 5, "a moment before 3.1.1 is next")
        peer.down = False
        eventually(lambda: peer.open and peer.open[-1].filters, "a connection")
        seen = len(peer.connects)
        if peer.connects[-1].version == 4:
            peer.open[-1].close()
            eventually(lambda: len(peer.connects) > seen, "the next connection")
            assert peer.connects[seen].version == 5, "5 once more"


def test_no_will_and_no_birth(stack):
    """For brokers that permit only the devices' topics."""
    (stack.folder / "acl").write_text("topic read d\n")
    (stack.folder / "acl").chmod(0o600)
    stack.start_broker(f"acl_file {stack.folder}/acl")
    configure(stack)
    with Peer() as peer:
        start(stack, peer, status_topic="")
        eventually(lambda: peer.open and peer.open[-1].filters, "the subscription")
        assert (peer.connects[0].will_topic, peer.messages) == (None, [])
        assert stack.mqttd.stop() == 0
        assert peer.messages == []
    stack.mqttd.options.update({"mqttd.broker": stack.broker.address()})
    stack.mqttd.start()
    stack.mqttd.wait_log("subscribed to 1 topic")


def test_the_status_topic_may_have_another_name(stack):
    configure(stack)
    with Peer() as peer:
        start(stack, peer, client_id="gate+7", status_topic="site/{client_id}/x")
        eventually(lambda: peer.messages, "the birth")
        assert {peer.connects[0].will_topic, peer.messages[0].topic} == {"site/gate_7/x"}
        assert peer.messages[0].retain and peer.connects[0].will_retain


@pytest.mark.parametrize("topic", ["a/#", "a/+/b", "{client_id}/{client_id}", "x" * 257, "a\x01b"])
def test_a_status_topic_that_cannot_be(topic):
    found = subprocess.run(
        [BIN / "tagferry-mqttd", "-c", "/dev/null", f"-omqttd.status_topic={topic}",
         "--check-config"], capture_output=True, text=True, timeout=DEADLINE)
    assert found.returncode == 2 and "is not a topic to publish to" in found.stderr


class Poor(Peer):
    """A broker without retained messages, or with QoS 0 only, that announces it as the standard
    requires."""

    def __init__(self, lacks):
        self.lacks = lacks
        super().__init__()

    def connected(self, connection):
        connect = connection.connect
        if self.lacks == "retain" and connect.will_retain:
            connection.connack(0x9A)
            connection.close()
        elif self.lacks == "qos" and connect.will_qos > 0:
            connection.connack(0x9B)
            connection.close()
        else:
            connection.connack(0, False, b"\x25\x00" if self.lacks == "retain" else b"\x24\x00")

    def published(self, connection, message):
        if (self.lacks == "retain" and message.retain) or (self.lacks == "qos" and message.qos):
            connection.close()
        else:
            super().published(connection, message)


@pytest.mark.parametrize("lacks", ["retain", "qos"])
def test_what_the_broker_cannot_do_is_not_asked_for(stack, lacks):
    configure(stack)
    stack.api.device("e", "e", [back("sp", 9, "uint16", "e/set",
                                     mqtt={"command_retain": True, "command_qos": 1})])
    with Poor(lacks) as peer:
        start(stack, peer)
        eventually(lambda: peer.messages, "the birth")
        assert len(peer.connects) == 2
        with stack.modbusd.client() as client:
            client.write(9, 7)
        eventually(lambda: len(peer.messages) >= 2, "the command")
        birth, command = peer.messages[:2]
        assert (birth.topic, command.topic) == ("tagferry/tagferry/status", "e/set")
        wanted = (1, False) if lacks == "retain" else (0, True)
        assert {(m.qos, m.retain) for m in (birth, command)} == {wanted}
        assert len(peer.connects) == 2, "and the connection stands"
