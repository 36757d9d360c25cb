"""A TCP proxy in front of the broker that can be slow, silent, or refuse in the broker's name."""

import socket
import threading
import time

from harness import serve_each

PIECE = 512
REFUSED = b"\x20\x03\x00\x88\x00"  # CONNACK of MQTT 5: server unavailable


class Proxy:
    """`mode`: "pass", "slow", "mute" or "refuse"; applies to each new connection."""

    def __init__(self, port):
        self.port, self.mode = port, "pass"
        self.rate = 20 * 1024  # bytes a second when slow
        self.refusals = 0
        self.open = set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        serve_each(self.listener, lambda client: self._serve(client, self.mode))

    def address(self):
        return "127.0.0.1:%d" % self.listener.getsockname()[1]

    def set(self, mode):
        """Cuts all connections; new ones use this mode."""
        self.mode = mode
        self.cut()

    def cut(self):
        with self.lock:
            for each in self.open:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # already ended

    def _serve(self, client, mode):
        with self.lock:
            self.open.add(client)
        try:
            if mode in ("pass", "slow"):
                self._join(client, mode)
            else:
                client.recv(PIECE)
                if mode == "refuse":
                    self.refusals += 1
                    client.sendall(REFUSED)
                else:
                    while client.recv(PIECE):
                        pass
        except OSError:
            pass  # cut
        with self.lock:
            self.open.discard(client)
        client.close()

    def _join(self, client, mode):
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            with self.lock:
                self.open.add(server)
            there = threading.Thread(target=self._pump, args=(client, server, "pass"), daemon=True)
            there.start()
            self._pump(server, client, mode)
            there.join()
            with self.lock:
                self.open.discard(server)

    def _pump(self, source, sink, mode):
        try:
            while data := source.recv(PIECE):
                sink.sendall(data)
                if mode == "slow":
                    time.sleep(len(data) / self.rate)
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
