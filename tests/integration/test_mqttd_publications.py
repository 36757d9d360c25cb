"""Brokers that close the connection after a message, a QoS or a will that they cannot take, as NATS
and RabbitMQ do in MQTT 3.1.1."""

import signal
import socket

import pytest

from harness import Daemon, eventually
from mqtt_peer import Peer
from mqttd_helpers import back, landed, metrics, shows, tag

ODD = "plant/boiler.7/set"


def configure(stack, *tags):
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag("v", 0, "uint16"), *tags])


def start(stack, *peers, topics=1, **options):
    options = {f"mqttd.{key}": value for key, value in options.items()}
    options.update(stack.common, **{"mqttd.broker": ",".join(peer.address for peer in peers)})
    stack.mqttd = stack.add(Daemon("tagferry-mqttd", stack.folder, options)).start(wait=False)
    stack.mqttd.wait_log(f"subscribed to {topics} topic")


def write(stack, address, value):
    with stack.modbusd.client() as client:
        client.write(address, value)


def error(stack, path):
    found = stack.api.must("GET", path)["last_error"]
    return found and (found["code"], found["detail"])


def command(name, address, topic, qos=1):
    return back(name, address, "uint16", topic,
                mqtt={"command_qos": qos, "command_template": "{value}"})


def commands(peer, topic):
    return [message.payload.decode() for message in peer.messages if message.topic == topic]


class Old(Peer):
    """Refuses MQTT 5, and closes after messages that `bad` names."""

    @staticmethod
    def bad(message):
        return False

    def __init__(self):
        super().__init__()
        self.taken = []  # topic and payload of the messages that it has acknowledged

    def connected(self, connection):
        connection.connack(0 if connection.version == 4 else 132)

    def published(self, connection, message):
        if self.bad(message):
            connection.close()
            return
        if message.qos:
            self.taken.append((message.topic, message.payload.decode()))
        super().published(connection, message)


class NoDots(Old):
    @staticmethod
    def bad(message):
        return "." in message.topic


def test_a_command_after_which_the_broker_closes(stack):
    """It is found and dropped, the others arrive, once and in order, and values flow on."""
    configure(stack, command("bad", 10, ODD), command("good", 11, "d/set"))
    with NoDots() as peer:
        start(stack, peer)
        with stack.modbusd.client() as client:
            for number in range(1, 6):
                client.write(10, number, number)
        eventually(lambda: len([each for each in peer.taken if each[0] == "d/set"]) == 5, "commands")
        landed(stack)
        stack.mqttd.wait_log(rf'closes the connection after a message to "{ODD}"')
        assert [text for topic, text in peer.taken if topic == "d/set"] == list("12345")
        assert error(stack, "/devices/d/tags/bad/value") == ("command_refused", ODD)
        assert error(stack, "/devices/d/tags/good/value") is None
        assert stack.api.must("GET", "/devices/d/status")["last_error"]["code"] == "command_refused"
        connects = len(peer.connects)
        assert connects <= 6

        write(stack, 10, 9)
        write(stack, 11, 9)
        eventually(lambda: ("d/set", "9") in peer.taken)
        assert "9" not in commands(peer, ODD), "it is not sent again within a minute"
        assert len(peer.connects) == connects
        assert metrics(stack)["commands_refused_total"] == 6
        peer.open[-1].publish("d", '{"v": 77}')
        shows(stack.modbusd, "holding_register", 0, [77])

        peer.bad = lambda message: False
        stack.mqttd.signal(signal.SIGHUP)
        write(stack, 10, 10)
        eventually(lambda: (ODD, "10") in peer.taken, "it is tried again")


def test_topics_with_a_dot_are_learnt_as_a_kind(stack):
    """After two of them, no other one costs a connection."""
    configure(stack, *(command(f"c{n}", 10 + n, f"c.{n}/set") for n in range(6)))
    with NoDots() as peer:
        start(stack, peer)
        for n in range(6):
            write(stack, 10 + n, 1)
            path = f"/devices/d/tags/c{n}/value"
            eventually(lambda: error(stack, path) == ("command_refused", f"c.{n}/set"), path)
        assert {message.topic for message in peer.messages if message.topic[0] == "c"} == \
            {"c.0/set", "c.1/set"}


class NoQos2(Old):
    """As NATS does."""

    @staticmethod
    def bad(message):
        return message.qos == 2


class AnswersQos2As1(Old):
    """As RabbitMQ does, whereupon the library closes the connection."""


@pytest.mark.parametrize("broker", [NoQos2, AnswersQos2As1])
def test_a_command_of_qos_2(stack, broker):
    """It is sent with QoS 1, and so are all others from then on."""
    configure(stack, command("c", 10, "d/set", 2))
    with broker() as peer:
        start(stack, peer)
        write(stack, 10, 1)
        stack.mqttd.wait_log("closes the connection after a message of QoS 2; using QoS 1")
        landed(stack)
        sent = len(peer.messages)
        write(stack, 10, 2)
        landed(stack)
        assert commands(peer, "d/set")[-2:] == ["1", "2"]
        assert {message.qos for message in peer.messages[sent:]} == {1}
        assert error(stack, "/devices/d/tags/c/value") is None


def test_a_command_of_qos_0(stack):
    """It is found although the broker acknowledges none of these."""
    configure(stack, command("bad", 10, ODD, 0),
              command("good", 11, "d/set", 0))
    with NoDots() as peer:
        start(stack, peer)
        for number in (1, 2):
            write(stack, 10, number)
            eventually(lambda: str(number) in commands(peer, ODD))
        eventually(lambda: error(stack, "/devices/d/tags/bad/value") == ("command_refused", ODD))
        write(stack, 11, 5)
        eventually(lambda: "5" in commands(peer, "d/set"))


class ThrowsOut(Old):
    """Accepts connections and subscriptions and closes, whatever it is sent, until it is well."""

    well = False

    def subscribed(self, connection, number, filters):
        super().subscribed(connection, number, filters)
        if not self.well:
            connection.close()

    def published(self, connection, message):
        if self.well:
            super().published(connection, message)
        else:
            connection.close()


def test_a_broker_that_throws_out_everybody_refuses_no_command(stack):
    configure(stack, command("c", 10, "d/set"))
    with ThrowsOut() as peer:
        peer.well = True
        start(stack, peer)
        peer.well = False
        write(stack, 10, 1)
        count = len(peer.connects)
        eventually(lambda: len(peer.connects) >= count + 6, "attempts")
        peer.well = True
        eventually(lambda: ("d/set", "1") in peer.taken)
        landed(stack)
        assert error(stack, "/devices/d/tags/c/value") is None


class NoDotsInWill(NoDots):
    def connected(self, connection):
        if connection.version == 4 and "." in (connection.connect.will_topic or ""):
            connection.close()
        else:
            super().connected(connection)


def test_a_will_that_the_broker_does_not_take(stack):
    configure(stack)
    with NoDotsInWill() as peer:
        start(stack, peer, client_id="gw.plant")
        stack.mqttd.wait_log('does not take the topic of the will, "tagferry/gw.plant/status"')
        assert peer.connects[-1].will_topic is None
        assert peer.messages == []


def test_the_version_is_found_at_once_and_remembered(stack):
    """One attempt with MQTT 5, none with the other nodes of the cluster, and no pause."""
    configure(stack)
    with Old() as first, Old() as second:
        start(stack, first, second)
        assert [connect.version for connect in first.connects] == [5, 4]
        first.socket.shutdown(socket.SHUT_RDWR)
        first.close()
        eventually(lambda: second.connects, "the second broker")
        stack.mqttd.wait_log(f"connected to broker {second.address} as .* with MQTT 3.1.1")
        assert [connect.version for connect in second.connects] == [4]


def test_a_broker_that_delivers_dots_as_slashes(stack):
    """As RabbitMQ does. The message is the device's, and its subscription stays."""
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "plant/boiler.7/+/x.y", [tag("v", 0, "uint16")])
    stack.api.device("e", "plant/boiler/7/a/b", [tag("v", 1, "uint16")])
    with Old() as peer:
        peer.gone = []
        peer.unsubscribed = lambda connection, number, filters: peer.gone.extend(filters)
        start(stack, peer, topics=2)
        for value in (5, 6):
            peer.open[-1].publish("plant/boiler/7/w/x/y", f'{{"v": {value}}}')
            shows(stack.modbusd, "holding_register", 0, [value])
        peer.open[-1].publish("plant/boiler/7/a/b", '{"v": 9}')
        shows(stack.modbusd, "holding_register", 1, [9])
        peer.open[-1].publish("other/x", "1")
        eventually(lambda: peer.gone == ["other/x"])
        assert stack.mqttd.log().count("delivers dots in topics as slashes") == 1
