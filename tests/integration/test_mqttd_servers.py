"""More foreign servers than the initial descriptor limit, and than select can handle."""

import selectors
import socket
import struct
import threading

from harness import eventually
from mqttd_helpers import served, tag

SERVERS = 1100


class Servers:
    """One socket for all addresses of 127.0.0.0/8, and a thread that answers all writes."""

    def __init__(self):
        self.listener = socket.create_server(("", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.written = {}  # words, by address of the server
        self.events = selectors.DefaultSelector()
        self.events.register(self.listener, selectors.EVENT_READ)
        self.ended = False
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while not self.ended:
            for key, _ in self.events.select(0.1):
                if key.fileobj is self.listener:
                    connection, _ = self.listener.accept()
                    self.events.register(connection, selectors.EVENT_READ)
                else:
                    self._answer(key.fileobj)

    def _answer(self, connection):
        request = connection.recv(260)
        if not request:
            self.events.unregister(connection)
            connection.close()
            return
        assert len(request) == 15 and request[7] == 16, request
        self.written[connection.getsockname()[0]] = struct.unpack(">H", request[13:])[0]
        connection.sendall(request[:4] + b"\0\6" + request[6:12])

    def close(self):
        self.ended = True
        for key in list(self.events.get_map().values()):
            key.fileobj.close()


def host(n):
    return f"127.0.{n // 250 + 1}.{n % 250 + 1}"


def test_more_than_a_thousand_servers(stack):
    servers = Servers()
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd()
    stack.mqttd.stop()
    devices = [{"name": f"d{n}", "mqtt": {"topic": "all"}, "tags": [tag("v", 0, "uint16")],
                "network": {"modbus_host": host(n), "modbus_port": servers.port}}
               for n in range(SERVERS)]
    stack.api.must("POST", "/import", {"devices": devices})
    stack.mqttd.prefix = ("prlimit", "--nofile=1024:")
    # A reload holds the lock of each server; ThreadSanitizer's deadlock detector supports 64 locks.
    stack.mqttd.env["TSAN_OPTIONS"] = "detect_deadlocks=0"
    stack.mqttd.start()
    served(stack)
    for value in (7, 8):
        stack.broker.publish("all", {"v": value})
        wanted = {host(n): value for n in range(SERVERS)}
        eventually(lambda: servers.written == wanted, f"{value} on all servers")
    assert "out of reach" not in stack.mqttd.log()
    servers.close()
