"""A broker of the test's own, which does what real ones do on bad days.

It speaks MQTT 5 and 3.1.1, keeps no session and no messages. A test overrides what it wants to be
different: `connected`, `subscribed`, `unsubscribed`, `published`, `acknowledged`. Each connection
has a thread.
"""

import contextlib
import socket
import struct
import threading
import time

from harness import DEADLINE

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 10, 11, 12, 13, 14


def varint(number):
    out = b""
    while True:
        number, low = number >> 7, number & 0x7F
        out += bytes([low | (0x80 if number else 0)])
        if not number:
            return out


def text(data):
    data = data.encode() if isinstance(data, str) else data
    return struct.pack(">H", len(data)) + data


class Reader:
    """Parses an MQTT packet."""

    def __init__(self, data):
        self.data = data

    def take(self, count):
        part, self.data = self.data[:count], self.data[count:]
        return part

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def text(self):
        return self.take(self.number(2))

    def varint(self):
        number = shift = 0
        while True:
            byte = self.number(1)
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number


class Connect:
    """The content of a CONNECT packet."""

    def __init__(self, data):
        self.at = time.monotonic()
        reader = Reader(data)
        assert reader.text() == b"MQTT"
        self.version, flags = reader.number(1), reader.number(1)
        self.keepalive = reader.number(2)
        self.properties = reader.take(reader.varint()) if self.version == 5 else b""
        self.client_id = reader.text().decode()
        self.clean = bool(flags & 2)
        self.will_qos, self.will_retain = flags >> 3 & 3, bool(flags & 0x20)
        self.will_topic = self.will = None
        if flags & 4:
            if self.version == 5:
                reader.take(reader.varint())
            self.will_topic, self.will = reader.text().decode(), reader.text()
        self.user = reader.text() if flags & 0x80 else None
        self.password = reader.text() if flags & 0x40 else None


class Connection:
    """One client: its packets so far, and functions to answer."""

    def __init__(self, broker, sock):
        self.broker, self.socket = broker, sock
        self.connect = None
        self.filters = []
        self.number = 0
        self.lock = threading.RLock()
        self.pending = None

    @property
    def version(self):
        return self.connect.version

    def send(self, kind, body, flags=0):
        packet = bytes([kind << 4 | flags]) + varint(len(body)) + body
        with self.lock:
            if self.pending is None:
                self.socket.sendall(packet)
            else:
                self.pending += packet

    @contextlib.contextmanager
    def in_one_piece(self):
        """Sends all packets of the block together at its end."""
        with self.lock:
            self.pending = b""
            try:
                yield
                self.socket.sendall(self.pending)
            finally:
                self.pending = None

    def properties(self, raw=b""):
        return varint(len(raw)) + raw if self.version == 5 else b""

    def connack(self, code=0, kept=False, properties=b""):
        self.send(CONNACK, bytes([kept, code]) + self.properties(properties))

    def suback(self, number, codes):
        self.send(SUBACK, struct.pack(">H", number) + self.properties() + bytes(codes))

    def puback(self, number, reason=0):
        tail = bytes([reason]) if self.version == 5 else b""
        self.send(PUBACK, struct.pack(">H", number) + tail)

    def publish(self, topic, payload, qos=1, retain=False, properties=b"", number=None):
        self.number = number or self.number % 65535 + 1
        head = text(topic) + (struct.pack(">H", self.number) if qos else b"")
        data = payload if isinstance(payload, bytes) else payload.encode()
        self.send(PUBLISH, head + self.properties(properties) + data, qos << 1 | retain)
        return self.number

    def close(self):
        """Closes without a DISCONNECT."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def read_packet(self):
        """(kind and flags, body), or None at the end."""
        def exactly(count):
            data = b""
            while len(data) < count:
                part = self.socket.recv(count - len(data))
                if not part:
                    raise ConnectionError
                data += part
            return data
        try:
            head = exactly(1)[0]
            length = shift = 0
            while True:
                byte = exactly(1)[0]
                length |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    return head, exactly(length)
        except (OSError, ConnectionError):
            return None


class Published:
    """A message from the client."""

    def __init__(self, connection, flags, body):
        reader = Reader(body)
        self.qos, self.retain = flags >> 1 & 3, bool(flags & 1)
        self.topic = reader.text().decode()
        self.number = reader.number(2) if self.qos else None
        if connection.version == 5:
            reader.take(reader.varint())
        self.payload = reader.data


class Peer:
    """The broker. `connects` and `messages` have all packets of all connections."""

    def __init__(self):
        self.connects, self.messages, self.open = [], [], []
        self.faults = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        assert not self.faults, self.faults

    def close(self):
        self.socket.close()
        for connection in list(self.open):
            connection.close()

    def _accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            sock.settimeout(4 * DEADLINE)
            connection = Connection(self, sock)
            self.open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            while packet := connection.read_packet():
                self._take(connection, *packet)
        except OSError:
            pass  # already closed
        except Exception as fault:  # an error of the test must not look like a closed connection
            self.faults.append(fault)
        self.open.remove(connection)
        connection.close()

    def _take(self, connection, head, body):
        kind, flags = head >> 4, head & 15
        if kind == CONNECT:
            connection.connect = Connect(body)
            self.connects.append(connection.connect)
            self.connected(connection)
        elif kind == SUBSCRIBE:
            reader = Reader(body)
            number = reader.number(2)
            if connection.version == 5:
                reader.take(reader.varint())
            filters = []
            while reader.data:
                filters.append((reader.text().decode(), reader.number(1) & 3))
            connection.filters += [name for name, _ in filters]
            self.subscribed(connection, number, filters)
        elif kind == UNSUBSCRIBE:
            reader = Reader(body)
            number = reader.number(2)
            if connection.version == 5:
                reader.take(reader.varint())
            filters = []
            while reader.data:
                filters.append(reader.text().decode())
            self.unsubscribed(connection, number, filters)
        elif kind == PUBLISH:
            message = Published(connection, flags, body)
            self.messages.append(message)
            self.published(connection, message)
        elif kind == PUBACK:
            self.acknowledged(connection, int.from_bytes(body[:2], "big"))
        elif kind == PINGREQ:
            connection.send(PINGRESP, b"")

    # For tests to override.

    def connected(self, connection):
        connection.connack()

    def subscribed(self, connection, number, filters):
        connection.suback(number, [qos for _, qos in filters])

    def unsubscribed(self, connection, number, filters):
        codes = bytes(len(filters)) if connection.version == 5 else b""
        connection.send(UNSUBACK, struct.pack(">H", number) + connection.properties() + codes)

    def published(self, connection, message):
        if message.qos:
            connection.puback(message.number)

    def acknowledged(self, connection, number):
        pass
