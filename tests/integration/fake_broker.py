"""A broker of MQTT 5 that answers only what it is told to: for what no real one does at a certain moment."""

import contextlib
import socket
import struct
import threading

from harness import DEADLINE, eventually

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 10, 11, 12, 13, 14


def packet(kind, body, flags=0):
    """One packet of less than 16,384 bytes."""
    size = bytes([len(body)]) if len(body) < 128 else bytes([len(body) % 128 | 128, len(body) // 128])
    return bytes([kind << 4 | flags]) + size + body


def connack(session_present=False, reason=0):
    return packet(CONNACK, bytes([session_present, reason, 0]))


def puback(number, reason=0):
    return packet(PUBACK, struct.pack(">HBB", number, reason, 0))


def publish(topic, payload, number=1):
    """In QoS 1."""
    return packet(PUBLISH, struct.pack(">H", len(topic)) + topic.encode() +
                  struct.pack(">HB", number, 0) + payload.encode(), flags=2)


def parse_publish(flags, body):
    """Topic, payload and packet number (0 in QoS 0)."""
    size = struct.unpack(">H", body[:2])[0]
    at = 2 + size
    number = 0
    if flags & 6:
        number = struct.unpack(">H", body[at:at + 2])[0]
        at += 2
    return body[2:2 + size].decode(), body[at + 1 + body[at]:].decode(), number


class FakeBroker:
    """Answers SUBSCRIBE, UNSUBSCRIBE and PINGREQ by itself, and CONNECT while `welcoming`; messages lie
    in `messages` as (topic, payload, number), and nothing acknowledges them."""

    def __init__(self):
        self.welcoming = True
        self.connects = 0
        self.messages = []
        self.connection = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    def address(self):
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def close(self):
        self.listener.close()
        self.drop()

    def drop(self):
        if self.connection:
            with contextlib.suppress(OSError):  # it has ended already
                self.connection.shutdown(socket.SHUT_RDWR)

    def send(self, *packets):
        """All in one piece."""
        self.connection.sendall(b"".join(packets))

    def wait_messages(self, count):
        return eventually(lambda: len(self.messages) >= count and list(self.messages),
                          f"{count} messages")

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(DEADLINE * 10)
            self.connection = connection
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            while self._take(connection):
                pass
        except OSError:
            pass  # dropped, or the client has gone
        connection.close()

    def _take(self, connection):
        head = self._exactly(connection, 1)
        if not head:
            return False
        size = shift = 0
        while True:
            byte = self._exactly(connection, 1)[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        self._act(connection, head[0] >> 4, head[0] & 15, self._exactly(connection, size))
        return True

    @staticmethod
    def _exactly(connection, size):
        data = b""
        while len(data) < size:
            piece = connection.recv(size - len(data))
            if not piece:
                raise ConnectionResetError
            data += piece
        return data

    def _act(self, connection, kind, flags, body):
        if kind == CONNECT:
            if self.welcoming:
                connection.sendall(connack(session_present=self.connects > 0))
            self.connects += 1
        elif kind in (SUBSCRIBE, UNSUBSCRIBE):
            connection.sendall(packet(kind + 1, body[:2] + bytes([0]) + bytes(self._filters(kind, body))))
        elif kind == PINGREQ:
            connection.sendall(packet(PINGRESP, b""))
        elif kind == PUBLISH:
            topic, payload, number = parse_publish(flags, body)
            if "gateway" in topic or topic.endswith("/status"):
                connection.sendall(puback(number))  # the gateway's own birth message
            else:
                self.messages.append((topic, payload, number))

    @staticmethod
    def _filters(kind, body):
        """How many filters the packet has."""
        at, count = 3 + body[2], 0
        while at < len(body):
            at += 2 + struct.unpack(">H", body[at:at + 2])[0] + (kind == SUBSCRIBE)
            count += 1
        return count
