"""A Modbus TCP server with several units behind it, each of which may be silent for itself.

It serves its connections one request at a time, as a gateway to a serial line does, and can begin
again with zeros on the same port."""

import socket
import struct
import threading
import time

from harness import free_port
from small_plc import exactly

REGISTERS = 200


class Gateway:
    def __init__(self, units=(1,), functions=(3, 6, 16, 22), registers=REGISTERS):
        self.lock = threading.Condition()
        self.functions = set(functions)
        self.registers = registers
        self.units = {unit: [0] * registers for unit in units}
        self.silent = set()   # units that do not answer
        self.away = set()     # units for which the gateway answers exception 11
        self.ignored = set()  # functions without an answer
        self.exceptions = {}  # by (unit, address): the answer to requests that start there
        self.once = {}        # the same, for one request: "silent", "closed" or an exception
        self.delay = 0        # before each answer, in seconds
        self.seen = []        # unit, function and address of the requests, in order
        self.connects = 0
        self.open = 0
        self.most_open = 0
        self.hold = threading.Event()  # requests wait for it
        self.hold.set()
        self.port = None
        self.connections = []
        self.start()

    def start(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.port = self.port or free_port()  # nobody else gets it while the listener is down
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(16)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.drop()

    def drop(self):
        """Closes the connections, like a server that ends."""
        with self.lock:
            connections, self.connections = self.connections, []
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()

    def restart(self, words=0):
        """Loses all registers between its end and its restart."""
        self.stop()
        with self.lock:
            for unit in self.units:
                self.units[unit] = [words] * self.registers
        self.start()

    close = stop

    def count(self, unit, function=None):
        with self.lock:
            return sum(seen[0] == unit and function in (None, seen[1]) for seen in self.seen)

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections.append(connection)
                self.connects += 1
                self.open += 1
                self.most_open = max(self.most_open, self.open)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            while self._answer(connection):
                pass
        except OSError:
            pass
        with self.lock:
            self.open -= 1

    def _answer(self, connection):
        head = exactly(connection, 7)
        if not head:
            return False
        transaction, _, length, unit = struct.unpack(">HHHB", head)
        pdu = exactly(connection, length - 1)
        with self.lock:
            self.seen.append((unit, pdu[0], struct.unpack(">H", pdu[1:3])[0]))
            once = self.once.pop((unit, struct.unpack(">H", pdu[1:3])[0]), None)
        self.hold.wait()
        time.sleep(self.delay)
        if once == "closed":
            connection.shutdown(socket.SHUT_RDWR)
            return False
        with self.lock:
            answer = self._act(unit, pdu) if once is None else self._refuse(once, pdu)
        if answer:
            connection.sendall(struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer)
        return True

    @staticmethod
    def _refuse(how, pdu):
        return None if how == "silent" else bytes([pdu[0] | 0x80, how])

    def _act(self, unit, pdu):
        function, address, third = struct.unpack(">BHH", pdu[:5])
        if unit in self.away or unit not in self.units:
            return bytes([function | 0x80, 11])
        if unit in self.silent or function in self.ignored:
            return None
        if function not in self.functions:
            return bytes([function | 0x80, 1])
        if (unit, address) in self.exceptions:
            return bytes([function | 0x80, self.exceptions[unit, address]])
        words = self.units[unit]
        if function == 3:
            found = words[address:address + third]
            return struct.pack(f">BB{len(found)}H", 3, 2 * len(found), *found)
        if function == 22:
            words[address] = words[address] & third | struct.unpack(">H", pdu[5:7])[0] & ~third
            return pdu
        new = [third] if function == 6 else list(struct.unpack(f">{third}H", pdu[6:]))
        words[address:address + len(new)] = new
        return pdu[:5]
