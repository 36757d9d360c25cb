"""A slow, small PLC: one connection, one request at a time, few registers per write, optionally
only FC6."""

import socket
import struct
import threading


def exactly(connection, size):
    """Reads this many bytes; none if the connection ended."""
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            return b""
        data += piece
    return data


class SmallPlc:
    def __init__(self, max_write=4, functions=(3, 6, 16), delay=0.01):
        self.max_write, self.functions, self.delay = max_write, functions, delay
        self.registers = [0] * 200
        self.seen = []        # functions of the requests, in order
        self.largest = 0      # registers of one write
        self.crowded = False  # violations: a second connection, or a request before the last answer
        self.forbidden = set()
        self.pause = threading.Event()  # if there is no delay, answers wait for this
        self.requests = 0               # number of requests so far
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = 0
        self.connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.pause.set()
        self.listener.close()
        for connection in self.connections:
            connection.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            self.open += 1
            self.crowded |= self.open > 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            while self._answer(connection):
                pass
        except OSError:
            pass
        self.open -= 1

    def _answer(self, connection):
        head = exactly(connection, 7)
        if not head:
            return False
        transaction, _, length, unit = struct.unpack(">HHHB", head)
        pdu = exactly(connection, length - 1)
        self.requests += 1
        self.pause.wait(self.delay)
        connection.setblocking(False)
        try:
            if not connection.recv(1, socket.MSG_PEEK):
                return False  # no one waits for the answer any more
            self.crowded = True
        except BlockingIOError:
            pass
        connection.setblocking(True)
        answer = self._act(pdu)
        connection.sendall(struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer)
        return True

    def _act(self, pdu):
        function, address, third = struct.unpack(">BHH", pdu[:5])
        self.seen.append(function)
        if function not in self.functions:
            return bytes([function | 0x80, 1])
        if function == 3:
            words = self.registers[address:address + third]
            return struct.pack(f">BB{len(words)}H", 3, 2 * len(words), *words)
        words = [third] if function == 6 else struct.unpack(f">{third}H", pdu[6:])
        self.largest = max(self.largest, len(words))
        if len(words) > self.max_write:
            return bytes([function | 0x80, 3])
        if self.forbidden & set(range(address, address + len(words))):
            return bytes([function | 0x80, 2])
        self.registers[address:address + len(words)] = words
        return pdu[:5]
