"""A stop of tagferry-mqttd while foreign servers are silent. It must not wait for their time-outs: the log would name
them."""

import contextlib
import os
import select
import socket
import threading

import pytest

from gateway import Gateway
from harness import eventually
from mqttd_helpers import reloaded, tag
from rtu_line import make_pty
from tls_peer import Authority

HOUR = 3600000


class Deaf:
    """Accepts connections, and never sends anything."""

    def __init__(self, stack):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.got = 0
        stack.callback(self.listener.close)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        open = []
        with contextlib.suppress(OSError, ValueError):
            while True:
                for ready in select.select([self.listener, *open], [], [])[0]:
                    if ready is self.listener:
                        open.append(ready.accept()[0])
                    elif data := ready.recv(4096):
                        self.got += len(data)
                    else:
                        open.remove(ready)
                        ready.close()

    def network(self):
        return {"modbus_host": "127.0.0.1", "modbus_port": self.listener.getsockname()[1]}


class Full:
    """A server whose queue is full: a connection to it takes until the time-out."""

    def __init__(self, stack):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        stack.callback(self.listener.close)
        address = self.listener.getsockname()
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            stack.callback(one.close)
            with contextlib.suppress(BlockingIOError):
                one.connect(address)
        self.hex = f"0100007F:{address[1]:04X}"
        self.others = self._waiting()

    def _waiting(self):
        """How many sockets wait for a connection to it."""
        with open("/proc/net/tcp") as table:
            return sum(row.split()[2] == self.hex and row.split()[3] == "02" for row in list(table)[1:])

    @property
    def got(self):
        return self._waiting() - self.others

    def network(self):
        return {"modbus_host": "127.0.0.1", "modbus_port": self.listener.getsockname()[1]}


class Line:
    """A serial line without a unit."""

    def __init__(self, stack):
        self.end, far = make_pty()
        self.path = os.ttyname(far)
        for each in (self.end, far):
            stack.callback(os.close, each)

    @property
    def got(self):
        return len(select.select([self.end], [], [], 0)[0])

    def network(self):
        return {"modbus_host": f"serial:{self.path}:115200,8N1"}


CASES = {"one": (Deaf, 1, {}), "twenty": (Deaf, 20, {}), "rtu": (Deaf, 1, {"framing": "rtu"}),
         "tls": (Deaf, 1, {"tls": True}), "connect": (Full, 1, {}), "serial": (Line, 1, {})}


@pytest.mark.parametrize("case", CASES)
def test_a_stop_while_servers_are_silent(stack, tmp_path, case):
    """The last values go to the server that answers."""
    kind, count, network = CASES[case]
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__modbus_timeout_ms=30000, mqttd__modbus_tls_ca=Authority(tmp_path).certificate)
    with contextlib.ExitStack() as kept:
        silent = [kind(kept) for _ in range(count)]
        good = Gateway()
        kept.callback(good.close)

        def configure():
            for number, each in enumerate(silent):
                stack.api.device(f"s{number}", "s", [tag("v", 0, "uint16")], network={**each.network(), **network})
            stack.api.device("good", "g", [tag("v", 0, "uint16", min_interval_ms=HOUR)],
                             network={"modbus_host": "127.0.0.1", "modbus_port": good.port})
        reloaded(stack, configure)
        stack.broker.publish("g", {"v": 1})
        eventually(lambda: good.units[1][0] == 1, "the first value")
        stack.broker.publish("g", {"v": 2})
        stack.broker.publish("s", {"v": 3})
        eventually(lambda: all(each.got for each in silent), "a request to each server")
        assert stack.mqttd.stop() == 0
        assert good.units[1][0] == 2
        log = stack.mqttd.log()
        for words in ("no answer", "does not answer", "cannot connect", "out of reach", "timed out"):
            assert words not in log, log


def test_a_value_that_was_given_up_at_the_stop(stack):
    """It is written at the next start, when the server answers."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__modbus_timeout_ms=30000)
    server = Gateway()
    try:
        server.silent.add(1)
        reloaded(stack, lambda: stack.api.device("d", "d", [tag("v", 0, "uint16")], network={
            "modbus_host": "127.0.0.1", "modbus_port": server.port}))
        stack.broker.publish("d", {"v": 5})
        eventually(lambda: server.count(1), "the request")
        assert stack.mqttd.stop() == 0
        server.silent.clear()
        stack.mqttd.start()
        eventually(lambda: server.units[1][0] == 5, "the value")
        assert stack.api.value("d", "v")["value"] == 5
    finally:
        server.close()
