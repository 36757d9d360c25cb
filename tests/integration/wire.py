"""Modbus TCP at byte level, for frames that no client library would send."""

import select
import socket
import struct

from harness import DEADLINE


def frame(pdu, transaction=1, unit=1, protocol=0, length=None):
    size = len(pdu) + 1 if length is None else length
    return struct.pack(">HHHB", transaction, protocol, size, unit) + pdu


def read_request(function, address, count):
    return struct.pack(">BHH", function, address, count)


def write_request(address, *registers):
    return struct.pack(">BHHB", 16, address, len(registers), 2 * len(registers)) + struct.pack(
        f">{len(registers)}H", *registers)


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


def rtu(pdu, unit=1):
    """A frame of Modbus RTU."""
    data = bytes([unit]) + pdu
    return data + crc(data)


class Wire:
    """A socket to a server. Answers are (transaction, unit, pdu)."""

    def __init__(self, address, source=None):
        host, port = address.rsplit(":", 1)
        where = (host.strip("[]"), int(port))
        self.socket = socket.create_connection(where, timeout=DEADLINE,
                                               source_address=source and (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, *pieces):
        self.socket.sendall(b"".join(pieces))

    def answer(self):
        """The next answer, or None when the server has closed."""
        while True:
            if len(self.rest) >= 6:
                size = 6 + struct.unpack(">H", self.rest[4:6])[0]
                if len(self.rest) >= size:
                    whole, self.rest = self.rest[:size], self.rest[size:]
                    return struct.unpack(">H", whole[:2])[0], whole[6], whole[7:]
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                assert not self.rest, f"closed in mid-answer: {self.rest!r}"
                return None
            self.rest += more

    def ask(self, pdu, unit=1, transaction=1):
        self.send(frame(pdu, transaction, unit))
        return self.answer()[2]

    def closed(self):
        """Waits until the server closes; nothing may come before."""
        return self.answer() is None

    def quiet(self):
        """True when nothing has come and the connection is open."""
        return not self.rest and not select.select([self.socket], [], [], 0)[0]


class Line:
    """A Wire that reconnects when necessary."""

    def __init__(self, modbusd, patience=DEADLINE):
        self.modbusd, self.patience, self.wire = modbusd, patience, None

    def ask(self, pdu):
        """The answer, or None: the request may or may not have been executed."""
        try:
            if not self.wire:
                self.wire = Wire(self.modbusd.address())
                self.wire.socket.settimeout(self.patience)
            self.wire.send(frame(pdu))
            answer = self.wire.answer()
            if answer:
                return answer[2]
        except (OSError, AssertionError):
            pass
        self.drop()
        return None

    def drop(self):
        if self.wire:
            self.wire.close()
        self.wire = None
