"""Brokers whose packets no client expects: mqttd ends the connection, and serves the next one. The fuzz target `broker` looks
for more of them."""

import struct

from harness import Daemon, eventually
from mqtt_peer import CONNACK, DISCONNECT, PUBLISH, Peer, text
from mqttd_helpers import allow_library_leaks, back, shows, tag

UNKNOWN = bytes([2, 0x7E, 0])  # properties of MQTT 5 with an identifier that does not exist


def packet(kind, body, flags=0):
    return bytes([kind << 4 | flags, len(body)]) + body


ODD = {
    "a second CONNACK": packet(CONNACK, bytes([0, 0, 0])),
    "PUBLISH": packet(PUBLISH, text("d") + UNKNOWN + b"{}"),
    "DISCONNECT": packet(DISCONNECT, bytes([0x8B]) + UNKNOWN),
}


class Odd(Peer):
    """Sends one of `packets` on each of the first connections, when the client has subscribed."""

    def __init__(self, packets):
        super().__init__()
        self.packets = list(packets)

    def subscribed(self, connection, number, filters):
        super().subscribed(connection, number, filters)
        if self.packets:
            connection.socket.sendall(self.packets.pop(0))


class Limits(Peer):
    """Takes only short packets on the first connection, and any on the others."""

    def connected(self, connection):
        limit = b"\x27" + struct.pack(">I", 30)
        connection.connack(properties=limit if len(self.connects) == 1 else b"")


def start(stack, peer):
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag("v", 0, "uint16"), back("w", 1, "uint16", "a/long/topic/of/a/command/w", mqtt={
        "command_qos": 1, "command_template": "{value}"})])
    options = dict(stack.common, **{"mqttd.broker": peer.address})
    stack.mqttd = stack.add(Daemon("tagferry-mqttd", stack.folder, options)).start(wait=False)


def test_no_packet_ends_mqttd(stack, monkeypatch):
    allow_library_leaks(stack, monkeypatch)
    with Odd(ODD.values()) as peer:
        start(stack, peer)
        eventually(lambda: len(peer.connects) == len(ODD) + 1 and peer.open and peer.open[0].filters, "each ends a connection")
        assert stack.mqttd.alive()
        assert "it sent a malformed packet" in stack.mqttd.log()
        peer.open[0].publish("d", '{"v": 7}')
        shows(stack.modbusd, "holding_register", 0, [7])


def test_a_limit_of_packets_ends_with_its_connection(stack):
    with Limits() as peer:
        start(stack, peer)
        eventually(lambda: peer.open and peer.open[0].filters, "a subscription")
        peer.open[0].close()
        eventually(lambda: len(peer.connects) >= 2 and peer.open and peer.open[0].filters, "another one")
        with stack.modbusd.client() as client:
            client.write(1, 5)
        eventually(lambda: [m.payload for m in peer.messages if m.topic.endswith("/w")] == [b"5"], "the command")
