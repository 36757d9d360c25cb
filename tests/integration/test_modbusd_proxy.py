"""Behind a proxy: the header of the PROXY protocol names the client. With HAProxy itself, and with
bytes that it would not send."""

import re
import select
import signal
import socket
import struct

import pytest

from harness import DEADLINE, ROOT, Process, eventually, free_port
from test_modbusd_limits import Configured
from wire import Wire, frame, read_request, write_request

PROXY = "127.0.0.2"  # where the connections of the proxy come from
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
READ, ZERO = read_request(3, 0, 1), b"\3\2\0\0"
WRITTEN = b"\x10\0\0\0\1"
NO_HEADER = r"127\.0\.0\.2 is in proxy_protocol_from but sends no PROXY header \((.*)\): set send-proxy-v2"


def header(source, family=0x11, command=0x21, extensions=b""):
    kind = socket.AF_INET6 if ":" in source else socket.AF_INET
    family = 0x21 if kind == socket.AF_INET6 else family
    peer = socket.inet_pton(kind, source)
    body = peer + peer + struct.pack(">HH", 50000, 502) + extensions
    return SIGNATURE + bytes([command, family]) + struct.pack(">H", len(body)) + body


LOCAL = SIGNATURE + b"\x20\0\0\0"
UNSPEC = SIGNATURE + b"\x21\0\0\0"
UNIX = SIGNATURE + b"\x21\x31\0\xd8" + bytes(216)


class Proxied(Wire):
    """A connection from the proxy's address."""

    def __init__(self, modbusd, *pieces):
        super().__init__(modbusd.address(), PROXY)
        self.send(*pieces)


def clients(stack, list_name="items"):
    return stack.api.must("GET", "/modbus/clients?side=scada")[list_name]


def shown(stack, address):
    return eventually(lambda: [item for item in clients(stack) if item["address"] == address], address)[0]


@pytest.fixture
def gateway(stack):
    stack.start_modbusd(modbusd__proxy_protocol_from=f"{PROXY}, fd00:9::/64",
                        modbusd__allow="127.0.0.1 rw, 10.0.0.0/8 rw, fd00::/16 ro, 127.0.0.2 ro",
                        modbusd__max_connections_per_ip=2)
    stack.start_api()
    eventually(lambda: stack.api.must("GET", "/modbus/clients")["state"] == "up", "tagferry-modbusd")
    return stack


def test_the_named_client_counts(gateway):
    """For rules, limits, the log and /modbus/clients; the rest of the connection is as ever."""
    modbusd = gateway.modbusd
    with Proxied(modbusd, header("10.0.0.7"), frame(READ)) as one:
        assert one.answer()[2] == ZERO
        assert one.ask(write_request(0, 1)) == WRITTEN
        eventually(lambda: shown(gateway, "10.0.0.7")["functions"] == {"3": 1, "16": 1}, "its requests")
        assert shown(gateway, "10.0.0.7")["port"] == 50000
        with Proxied(modbusd, header("10.0.0.7")) as two, Proxied(modbusd, header("10.0.0.8")) as other:
            assert two.ask(READ) == other.ask(READ) == b"\3\2\0\1"
            with Proxied(modbusd, header("10.0.0.7")) as three:
                assert three.closed()
        modbusd.wait_log(r"connection refused: 10\.0\.0\.7: max_connections_per_ip is reached")
    with Proxied(modbusd, header("11.0.0.7")) as stranger:
        assert stranger.closed()
    refused = {item["address"]: item["reason"] for item in clients(gateway, "refused")}
    assert refused == {"10.0.0.7": "max_connections_per_ip", "11.0.0.7": "no_allow_rule"}
    with Proxied(modbusd, header("fd00::7")) as reader, Proxied(modbusd, header("::ffff:10.0.0.9")) as mapped:
        assert reader.ask(READ) == b"\3\2\0\1" and reader.ask(write_request(0, 2)) == b"\x90\1"
        assert shown(gateway, "fd00::7")["port"] == 50000
        assert mapped.ask(write_request(0, 2)) == WRITTEN and shown(gateway, "10.0.0.9")
    modbusd.wait_log("write refused: fd00::7 may not write")
    with Proxied(modbusd, b"PROXY TCP4 10.0.0.5 10.0.0.1 1234 502\r\n") as text:
        assert text.ask(READ) == b"\3\2\0\2" and shown(gateway, "10.0.0.5")["port"] == 1234
        text.send(b"GET / HTTP/1.1\r\n")
        assert text.closed()
    modbusd.wait_log(r"10\.0\.0\.5 sends HTTP instead of Modbus TCP")


def test_headers_without_a_client(gateway):
    """The address of the connection counts: here one that may only read."""
    modbusd = gateway.modbusd
    for first in (LOCAL, UNSPEC, UNIX, b"PROXY UNKNOWN\r\n",
                  header("10.0.0.7", command=0x20), header("10.0.0.7", family=0x10)):
        with Proxied(modbusd, first) as wire:
            assert wire.ask(READ) == ZERO and wire.ask(write_request(0, 1)) == b"\x90\1"
            port = wire.socket.getsockname()[1]
            assert shown(gateway, PROXY)["port"] == port
        eventually(lambda: not [item for item in clients(gateway) if item["address"] == PROXY], "its end")


def test_headers_in_pieces_and_with_extensions(gateway):
    extensions = b"\x04\x01\0" + bytes(256) + b"\xea\0\3abc"
    whole = header("10.0.0.7", extensions=extensions) + frame(READ)
    with Proxied(gateway.modbusd) as wire:
        for byte in whole:
            wire.send(bytes([byte]))
        assert wire.answer()[2] == ZERO
    most = header("10.0.0.7", extensions=b"\x04\x0f\xd1" + bytes(4096 - 28 - 3))
    assert len(most) == 4096
    with Proxied(gateway.modbusd, most + frame(READ)) as wire:
        assert wire.answer()[2] == ZERO
    # A client that closes right behind its request is answered.
    with Proxied(gateway.modbusd, header("10.0.0.7"), frame(READ)) as wire:
        wire.socket.shutdown(socket.SHUT_WR)
        assert wire.answer()[2] == ZERO and wire.closed()


WRONG = {
    "none": frame(READ),
    "one byte of none": b"\0",
    "another version": SIGNATURE + b"\x31\x11\0\x0c" + bytes(12),
    "a family that is too short": SIGNATURE + b"\x21\x21\0\x0c" + bytes(12),
    "too long": SIGNATURE + b"\x21\x11\xff\xff" + bytes(12),
    "text": b"PROXY TCP4 plant 10.0.0.1 1 2\r\n",
    "http": b"GET / HTTP/1.1\r\n\r\n",
}


def test_a_proxy_without_a_header(gateway):
    modbusd = gateway.modbusd
    for data in WRONG.values():
        with Proxied(modbusd, data) as wire:
            assert wire.closed()
    assert modbusd.counter("MODBUSD_CLOSED_PROXY_HEADER") == len(WRONG)
    assert modbusd.wait_log(NO_HEADER).group(1) == "12 bytes: 00 01 00 00 00 06 01 03"
    assert len(re.findall(NO_HEADER, modbusd.log())) == 1, "one line in ten seconds"
    refused = clients(gateway, "refused")
    assert [(item["address"], item["reason"], item["count"]) for item in refused] == \
        [(PROXY, "no_proxy_header", len(WRONG))]
    assert "set send-proxy-v2" in refused[0]["detail"]
    assert b'connections_closed_total{reason="proxy_header"} 7' in gateway.api.get("/metrics").body
    with modbusd.client() as direct:
        assert direct.holding(0, 1) == [0], "other addresses are not looked at"
    # A connection that says nothing, as the check of a load balancer: no line, no count.
    for _ in range(3):
        Proxied(modbusd).close()
    eventually(lambda: not [item for item in clients(gateway) if item["address"] == PROXY], "its end")
    assert modbusd.counter("MODBUSD_CLOSED_PROXY_HEADER") == len(WRONG)


def test_a_header_that_does_not_end(stack):
    modbusd = stack.start_modbusd(modbusd__proxy_protocol_from=PROXY, modbusd__frame_timeout_ms=1000)
    with Proxied(modbusd) as silent, Proxied(modbusd, header("10.0.0.7")[:-1]) as part, \
            Proxied(modbusd, header("10.0.0.7")) as good:
        assert silent.closed() and part.closed()
        assert good.ask(READ) == ZERO, "the deadline ends with the header"
    assert modbusd.counter("MODBUSD_CLOSED_PROXY_HEADER") == 2
    modbusd.wait_log(NO_HEADER)
    # Dribbling does not extend it: it is closed before the last of 500 bytes, one each 10 ms.
    with Proxied(modbusd) as wire:
        sent = 0
        for byte in header("10.0.0.7", extensions=bytes(500 - 28)):
            if select.select([wire.socket], [], [], 0.01)[0]:
                break
            wire.send(bytes([byte]))
            sent += 1
        assert wire.closed() and sent < 500


def test_health_checks_need_no_rule(stack):
    """They are closed, or served where a rule permits it, without a line or a count."""
    modbusd = stack.start_modbusd(modbusd__proxy_protocol_from=PROXY, modbusd__allow="10.0.0.0/8 rw")
    for _ in range(3):
        with Proxied(modbusd, LOCAL) as wire:
            assert wire.closed()
    with Proxied(modbusd, UNSPEC) as wire:
        assert wire.closed()
    assert modbusd.counter("MODBUSD_REFUSED_RULE") == 1
    modbusd.wait_log(r"connection refused: 127\.0\.0\.2: no allow rule matches its address; 1 refused")


def test_a_header_from_elsewhere(gateway):
    for data in (header("10.0.0.7"), b"PROXY TCP4 10.0.0.7 10.0.0.1 1 2\r\n"):
        with Wire(gateway.modbusd.address()) as wire:
            wire.send(data)
            assert wire.closed()
    gateway.modbusd.wait_log(r"127\.0\.0\.1 sends a header of the PROXY protocol instead of Modbus TCP "
                             r".*: add the proxy's address to \[modbusd\] proxy_protocol_from")
    with Wire(gateway.modbusd.address("outputs"), PROXY) as process:
        process.send(header("10.0.0.7"))
        assert process.closed(), "the process side has no proxies"


def test_reload(stack):
    configured = Configured(stack)
    modbusd = configured.modbusd
    with Wire(modbusd.address(), PROXY) as before:
        assert before.ask(READ) == ZERO
        configured.write(f"proxy_protocol_from = {PROXY}", "allow = 10.0.0.0/8 rw, 127.0.0.0/8 ro")
        with Proxied(modbusd) as early:
            eventually(lambda: modbusd.counter("MODBUSD_CONNECTIONS") == 2, "both")
            configured.reload("configuration reloaded")
            assert early.ask(READ) == ZERO, "it was accepted without a header"
        assert before.ask(READ) == ZERO
        with Proxied(modbusd, header("10.0.0.7")) as wire:
            assert wire.ask(write_request(0, 0)) == WRITTEN
            with Proxied(modbusd) as waiting:
                eventually(lambda: modbusd.counter("MODBUSD_CONNECTIONS") == 3, "all three")
                configured.write(f"proxy_protocol_from = {PROXY}", "allow = 127.0.0.0/8 ro")
                configured.reload("configuration reloaded")
                assert wire.closed(), "no rule for the client any more"
                waiting.send(LOCAL, frame(READ))
                assert waiting.answer()[2] == ZERO, "the header decides, not the proxy's address"
        configured.write()
        configured.reload("configuration reloaded")
        with Proxied(modbusd, frame(READ)) as wire:
            assert wire.answer()[2] == ZERO
        for value, words in (("127.0.0.0/8", "contains 127.0.0.1, from which tagferry-api connects"),
                             ("::/0", "contains ::1"), ("any", "must be an address or a network"),
                             ("10.0.0.1/8", "must be an address or a network")):
            configured.write(f"proxy_protocol_from = {value}")
            configured.reload("not reloaded")
            assert words in modbusd.log(), modbusd.log()


class HAProxy(Process):
    """HAProxy with the example of config/haproxy, for one gateway on this machine."""

    def __init__(self, stack, extra=""):
        port, modbus = free_port(), stack.modbusd.address()
        text = (ROOT / "config/haproxy/haproxy.cfg").read_text()
        for pattern, made in ((r"bind :502", f"bind 127.0.0.1:{port}"),
                              (r"    (user|group|log) .*\n", ""),
                              (r"    server gw-b .*\n", ""),
                              (r"10\.0\.0\.11:8502 check port 5000",
                               f"{modbus} source {PROXY} check addr 127.0.0.1 port {stack.api.port('http')}")):
            text, count = re.subn(pattern, made, text)
            assert count, pattern
        path = stack.folder / "haproxy.cfg"
        path.write_text(text + extra)
        super().__init__("haproxy", ["haproxy", "-db", "-f", path], stack.folder)
        self.where = f"127.0.0.1:{port}"


def reaches(where):
    try:
        with Wire(where) as wire:
            return wire.ask(READ)
    except (OSError, TypeError, AssertionError):
        return None


def test_haproxy(stack):
    """The example: HAProxy asks the API, and names its clients; its checks of the Modbus port are
    LOCAL, and make no noise."""
    stack.start_modbusd(modbusd__proxy_protocol_from=PROXY, modbusd__allow="127.0.0.1 rw")
    stack.start_broker()
    stack.start_api()
    stack.start_mqttd()
    haproxy = HAProxy(stack, f"""
backend local_checks
    server gw-a {stack.modbusd.address()} source {PROXY} check check-send-proxy inter 50ms
""")
    stack.add(haproxy).start(wait=False)
    eventually(lambda: reaches(haproxy.where) == ZERO, "a value through HAProxy")
    with Wire(haproxy.where) as wire:
        assert wire.ask(write_request(0, 7)) == WRITTEN, "127.0.0.1 may write, the proxy may nothing"
        port = wire.socket.getsockname()[1]
        assert eventually(lambda: [item for item in clients(stack) if item["port"] == port],
                          "the client of HAProxy")[0]["address"] == "127.0.0.1"
        accepted = stack.modbusd.counter("MODBUSD_ACCEPTED")
        eventually(lambda: stack.modbusd.counter("MODBUSD_ACCEPTED") >= accepted + 10, "checks")
        assert stack.modbusd.counter("MODBUSD_REFUSED_RULE") == 0
        assert "refused" not in stack.modbusd.log() and "PROXY" not in stack.modbusd.log()
        # Not ready: the connection is cut, and with no better gateway a new one shows the last values.
        stack.mqttd.kill()
        assert wire.closed()
    eventually(lambda: reaches(haproxy.where) == b"\3\2\0\7", "the last values")
    stack.modbusd.signal(signal.SIGHUP)
    stack.mqttd.start()
    eventually(lambda: reaches(haproxy.where) == b"\3\2\0\7", "the values again", DEADLINE)
