"""A broker of the test's own, MQTT 3.1.1 and 5, that does to a SUBSCRIBE what a test wants."""

import socket
import threading

from harness import DEADLINE

CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, PINGREQ = 1, 3, 8, 10, 12
CLOSE, SILENCE = "close", "silence"

# Properties of CONNACK.
NO_WILDCARDS, NO_SHARED = b"\x28\x00", b"\x2a\x00"


def max_packet(size):
    return b"\x27" + size.to_bytes(4, "big")


def length(size):
    out = b""
    while True:
        out += bytes([size % 128 | (128 if size >= 128 else 0)])
        size //= 128
        if size == 0:
            return out


def text(data, at):
    end = at + 2 + int.from_bytes(data[at:at + 2], "big")
    return data[at + 2:end].decode(), end


class SubackBroker:
    """`answer` is asked for each SUBSCRIBE: from its filters it makes a list of reason codes, CLOSE
    or SILENCE."""

    def __init__(self, answer=None, properties=b""):
        self.answer = answer or (lambda filters: [1] * len(filters))
        self.properties = properties
        self.connections = 0
        self.is_v5 = True
        self.subscribes = []    # (connection, filters)
        self.unsubscribes = []  # filters
        self.granted = set()    # on the connection that stands
        self.lock = threading.Lock()
        self.connection = None
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        with self.lock:
            if self.connection:
                self.connection.shutdown(socket.SHUT_RDWR)
        self.thread.join(DEADLINE)

    def asked(self):
        """How often each filter was asked for."""
        counts = {}
        for _, filters in list(self.subscribes):
            for each in filters:
                counts[each] = counts.get(each, 0) + 1
        return counts

    def publish(self, topic, payload):
        """QoS 0, on the connection that stands, once something is granted there."""
        body = len(topic).to_bytes(2, "big") + topic.encode()
        body += (b"\x00" if self.is_v5 else b"") + payload.encode()
        with self.lock:
            if self.connection and self.granted:
                self.connection.sendall(bytes([PUBLISH << 4]) + length(len(body)) + body)

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                try:
                    self._serve_one(connection)
                except (OSError, EOFError):
                    pass
                with self.lock:
                    self.connection, self.granted = None, set()

    @staticmethod
    def _read(connection, count):
        data = b""
        while len(data) < count:
            part = connection.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def _packet(self, connection):
        kind, size, shift = self._read(connection, 1)[0], 0, 0
        while True:
            byte = self._read(connection, 1)[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return kind >> 4, kind & 15, self._read(connection, size)

    def _serve_one(self, connection):
        while True:
            kind, flags, body = self._packet(connection)
            if kind == CONNECT:
                self.is_v5 = body[6] == 5
                tail = length(len(self.properties)) + self.properties if self.is_v5 else b""
                self._send(connection, 0x20, b"\x00\x00" + tail)
                with self.lock:
                    self.connection = connection
            elif kind == SUBSCRIBE:
                if not self._subscribe(connection, body):
                    return
            elif kind == UNSUBSCRIBE:
                filters = self._filters(body, 0)
                self.unsubscribes.append(filters)
                codes = b"\x00" + b"\x00" * len(filters) if self.is_v5 else b""
                self._send(connection, 0xb0, body[:2] + codes)
            elif kind == PUBLISH and flags >> 1 & 3:
                _, at = text(body, 0)
                self._send(connection, 0x40, body[at:at + 2])
            elif kind == PINGREQ:
                self._send(connection, 0xd0, b"")

    def _send(self, connection, head, body):
        with self.lock:
            connection.sendall(bytes([head]) + length(len(body)) + body)

    def _filters(self, body, options):
        at, filters = 3 + body[2] if self.is_v5 else 2, []
        while at < len(body):
            each, at = text(body, at)
            filters.append(each)
            at += options
        return filters

    def _subscribe(self, connection, body):
        filters = self._filters(body, 1)
        answer = self.answer(filters)
        self.subscribes.append((self.connections, filters))
        if answer == CLOSE:
            return False
        if answer != SILENCE:
            self.granted |= {each for each, code in zip(filters, answer) if code < 128}
            self._send(connection, 0x90, body[:2] + (b"\x00" if self.is_v5 else b"") + bytes(answer))
        return True
