"""Modbus/TCP Security: TLS with certificates on both sides, and the role in the client's. The clients are Python's
ssl, openssl and pymodbus; the certificates are by openssl."""

import asyncio
import contextlib
import re
import signal
import socket
import ssl
import struct
import subprocess
import threading

import pytest
from pymodbus.client import AsyncModbusTlsClient
from pymodbus.framer.socket_framer import ModbusSocketFramer

import pages
from harness import DEADLINE, ROOT, Modbusd, eventually
from test_modbusd_attacks import Victim, compare, send_quietly
from test_modbusd_limits import run_with_sockets
from test_modbusd_proxy import PROXY, header
from tls_peer import Authority, MemoryTls, TlsWire, refused
from wire import Wire, frame, read_request, write_request

READ, ZERO = read_request(3, 0, 1), b"\3\2\0\0"
SECURE = "scada, TLS"  # as the log names it
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


class TlsModbusd(Modbusd):
    PORTS = {**Modbusd.PORTS, SECURE: "modbusd.tls_listen"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Certificates for all tests."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = Authority(folder)
    authority.serve()
    authority.sign("operator", "UTF8String:operator")
    authority.sign("plain")
    return authority


def tls_options(authority, server="server"):
    return {"modbusd.tls_certificate": authority.folder / f"{server}.pem",
            "modbusd.tls_key": authority.folder / f"{server}.key",
            "modbusd.tls_client_ca": authority.certificate}


def make_server(stack, authority, name="tls", **options):
    folder = stack.folder / name
    folder.mkdir()
    every = dict(stack.common, **{key: "127.0.0.1:0" for key in TlsModbusd.PORTS.values()})
    every.update({"modbusd.image": folder / "image", **tls_options(authority), **options})
    return stack.add(TlsModbusd("tagferry-modbusd", folder, every))


@pytest.fixture
def modbusd(stack, made):
    return make_server(stack, made).start()


@pytest.fixture
def gateway(stack, made):
    stack.modbusd = make_server(stack, made).start()
    stack.start_api()
    eventually(lambda: stack.api.must("GET", "/modbus/clients")["state"] == "up", "tagferry-modbusd")
    return stack


def clients(stack, list_name="items"):
    return stack.api.must("GET", "/modbus/clients?side=scada")[list_name]


def test_the_role_decides(stack, made):
    """The operator may write; who has no role may read some registers; without TLS nobody comes in."""
    modbusd = make_server(stack, made, **{
        "modbusd.allow": "127.0.0.0/8 rw role=engineer,operator, 127.0.0.2 ro holding_register=0-9 fc=3"}).start()
    with TlsWire(modbusd.address(SECURE), made.context("operator")) as wire:
        assert wire.ask(write_request(0, 7)) == b"\x10\0\0\0\1"
    with TlsWire(modbusd.address(SECURE), made.context("plain"), "127.0.0.2") as wire:
        assert wire.ask(READ) == b"\3\2\0\7"
        assert wire.ask(write_request(0, 8)) == b"\x90\1"
        assert wire.ask(read_request(3, 9, 2)) == b"\x83\2"
    with Wire(modbusd.address()) as stranger:
        assert stranger.closed()


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_long_chains(stack, tmp_path, version):
    """Ten CAs between the certificate and its root; with 20 the chain is refused, and the log says so."""
    own = Authority(tmp_path)
    own.serve()
    modbusd = make_server(stack, own).start()
    own.sign_below(10, "deep", role="UTF8String:operator")
    own.sign_below(20, "deeper")
    with TlsWire(modbusd.address(SECURE), own.context("deep", version, version)) as wire:
        assert wire.ask(READ) == ZERO
    assert refused(modbusd.address(SECURE), own.context("deeper", version, version))
    eventually(lambda: "are too many" in modbusd.log(), "the reason")


def refusals(stack):
    return {item["reason"]: item for item in clients(stack, "refused")}


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_reads_and_writes(gateway, made, version):
    """Like the plain port; the table and the API show protocol and role."""
    modbusd = gateway.modbusd
    context = made.context("operator", version, version)
    with TlsWire(modbusd.address(SECURE), context) as wire, modbusd.client() as plain:
        assert wire.ask(write_request(7, 1, 2, 3)) == b"\x10\0\7\0\3"
        assert plain.holding(7, 3) == [1, 2, 3]
        assert wire.ask(read_request(3, 7, 3)) == b"\3\6\0\1\0\2\0\3"
        port = wire.socket.getsockname()[1]
        shown = eventually(lambda: [item for item in clients(gateway) if item["port"] == port and item["requests"] == 2],
                           "the client")[0]
        assert (shown["protocol"], shown["role"]) == ("tls", "operator")
        other, = (item for item in clients(gateway) if item["port"] != port)
        assert (other["protocol"], other["role"]) == ("tcp", None)
    listen = gateway.api.must("GET", "/modbus/clients")["listen"]
    assert {item["protocol"]: item["port"] for item in listen} == {
        "tcp": modbusd.port("scada"), "tls": modbusd.port(SECURE)}
    with TlsWire(modbusd.address(SECURE), made.context("plain", version, version)) as wire:
        assert wire.ask(READ) == ZERO
        port = wire.socket.getsockname()[1]
        shown, = (item for item in clients(gateway) if item["port"] == port)
        assert (shown["protocol"], shown["role"]) == ("tls", None)


def test_peers(modbusd, made):
    """pymodbus, whose own framing for TLS lacks the header of Modbus TCP, and openssl s_client."""
    host, port = modbusd.address(SECURE).split(":")

    async def ask():
        client = AsyncModbusTlsClient(host, port=int(port), framer=ModbusSocketFramer, sslctx=made.context("operator"),
                                      server_hostname="127.0.0.1", timeout=DEADLINE)
        await client.connect()
        assert not (await client.write_registers(0, [5, 6], slave=1)).isError()
        assert (await client.read_holding_registers(0, 2, slave=1)).registers == [5, 6]
        await client.close()
    asyncio.run(ask())
    with subprocess.Popen(
            ["openssl", "s_client", "-connect", f"{host}:{port}", "-CAfile", made.certificate, "-cert",
             made.folder / "operator.pem", "-key", made.folder / "operator.key", "-verify_return_error", "-quiet"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0) as client:
        client.stdin.write(frame(READ))
        answer = frame(b"\3\2\0\5")
        assert client.stdout.read(len(answer)) == answer
        client.kill()


def test_rsa(stack, made):
    """A server and a client with RSA; only suites with forward secrecy and authenticated encryption."""
    made.serve("rsaserver", key=("rsa:2048",))
    made.sign("rsaclient", "UTF8String:viewer", key=("rsa:2048",))
    modbusd = make_server(stack, made, **tls_options(made, "rsaserver")).start()
    for version in VERSIONS:
        with TlsWire(modbusd.address(SECURE), made.context("rsaclient", version, version)) as wire:
            assert wire.ask(READ) == ZERO
    context = made.context("rsaclient", highest=ssl.TLSVersion.TLSv1_2)
    for suites in ("AES128-SHA256", "ECDHE-RSA-AES128-SHA256", "DHE-RSA-AES128-GCM-SHA256"):
        context.set_ciphers(suites)
        assert refused(modbusd.address(SECURE), context)


def test_who_is_refused(gateway, made, tmp_path):
    """Each for a reason of its own, in the list, the log and the counters; a plain client goes on."""
    modbusd, address = gateway.modbusd, gateway.modbusd.address(SECURE)
    other = Authority(tmp_path, "other")
    other.sign("stranger", "UTF8String:operator")
    made.sign("late", "UTF8String:operator", days=-1)
    made.sign("server only", extensions=("extendedKeyUsage=serverAuth",))
    made.sign("long", "UTF8String:" + "x" * 65)
    made.sign("ascii", "PRINTABLESTRING:operator")
    made.sign("longest", "FORMAT:UTF8,UTF8String:" + "é" * 32)
    with modbusd.client() as plain:
        for version in VERSIONS:
            stranger = other.context("stranger", version, version)
            stranger.load_verify_locations(made.certificate)
            assert refused(address, stranger)
            for name in (None, "late", "server only", "long", "ascii"):
                assert refused(address, made.context(name, version, version))
            assert plain.holding(0) == [0]
    found = refusals(gateway)
    assert {reason: item["count"] for reason, item in found.items()} == {
        "tls_certificate_untrusted": 4, "tls_no_certificate": 2, "tls_certificate_expired": 2, "tls_bad_role": 4}
    assert "(late) has expired" in found["tls_certificate_expired"]["detail"]
    assert "extendedKeyUsage" in found["tls_certificate_untrusted"]["detail"]
    assert modbusd.counter("MODBUSD_REFUSED_CERTIFICATE") == 12
    assert len(re.findall("connection refused", modbusd.log())) == 1  # then once in 10 s
    assert "its certificate (stranger) is not signed by a CA in tls_client_ca" in modbusd.log()
    with TlsWire(address, made.context("longest")) as wire:
        assert wire.ask(READ) == ZERO
        assert [item["role"] for item in clients(gateway)] == ["é" * 32]


def test_what_is_no_tls(gateway, made):
    """Old versions, plain Modbus, HTTP, nothing at all."""
    modbusd, address = gateway.modbusd, gateway.modbusd.address(SECURE)
    old = made.context("operator", ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):  # as the server's alert says
        TlsWire(address, old)
    assert "version" in refusals(gateway)["tls_handshake"]["detail"].lower()
    for first in (frame(READ), b"GET / HTTP/1.1\r\n\r\n", bytes(3000)):
        with Wire(address) as wire:
            wire.send(first)
            while wire.socket.recv(4096):  # an alert at most
                pass
    assert "it does not use TLS (its first byte is 00)" in refusals(gateway)["tls_handshake"]["detail"]
    assert modbusd.counter("MODBUSD_CLOSED_TLS_HANDSHAKE") == 4
    with Wire(address):  # as a health check does
        pass
    with TlsWire(modbusd.address(SECURE), made.context("operator")) as wire:
        assert wire.ask(READ) == ZERO
    assert modbusd.counter("MODBUSD_CLOSED_TLS_HANDSHAKE") == 4
    with Wire(modbusd.address()) as wire:
        wire.send(b"\x16\x03\1\0\5")
        assert wire.closed()
    modbusd.wait_log(r"sends TLS instead of Modbus TCP .*\[modbusd\] tls_listen")


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_records_of_any_size(modbusd, made, version):
    """Split, joined, with several frames or parts of one; requests behind the handshake."""
    context = made.context("operator", version, version)
    with MemoryTls(modbusd.address(SECURE), context) as peer:
        def drip(data):
            for byte in data:
                peer.wire.send(bytes([byte]))
        peer.shake_hands(drip)
        one = frame(b"\3\2\0\0")
        drip(peer.encrypt(frame(READ)))
        assert peer.read(len(one)) == one
        peer.wire.send(b"".join(peer.encrypt(bytes([byte])) for byte in frame(READ) * 2))
        assert peer.read(2 * len(one)) == one * 2
        # The largest record, with more frames than the buffer for requests holds.
        count = 16380 // len(frame(READ))
        peer.wire.send(peer.encrypt(frame(READ) * count))
        assert peer.read(count * len(one)) == one * count
        data = peer.encrypt(frame(READ) * 600)
        for at in range(0, len(data), 1000):
            peer.wire.send(data[at:at + 1000])
        assert peer.read(600 * len(one)) == one * 600
    # The client's last flight and its first requests in one piece.
    with MemoryTls(modbusd.address(SECURE), context) as peer:
        while not peer.step(peer.tls.do_handshake):
            peer.wire.send(peer.outgoing.read())
            peer.incoming.write(peer.wire.socket.recv(65536))
        peer.wire.send(peer.outgoing.read() + (peer.encrypt(frame(READ) * 10)))
        assert peer.read(10 * len(one)) == one * 10


def test_close_notify(modbusd, made):
    """In both directions; a client that shuts down its side still gets its answers."""
    with MemoryTls(modbusd.address(SECURE), made.context("operator")) as peer:
        peer.shake_hands()
        data = peer.encrypt(frame(READ) * 20)
        with contextlib.suppress(ssl.SSLWantReadError):
            peer.tls.unwrap()
        peer.wire.send(data + peer.outgoing.read())
        one = frame(b"\3\2\0\0")
        assert peer.read(20 * len(one)) == one * 20
        while not peer.step(peer.tls.unwrap):  # ends with the server's close_notify
            got = peer.wire.socket.recv(65536)
            assert got, "closed without close_notify"
            peer.incoming.write(got)
    with TlsWire(modbusd.address(SECURE), made.context("operator")) as wire:
        assert wire.ask(READ) == ZERO
        wire.send(b"this is no Modbus TCP at all")
        assert wire.socket.recv(100) == b""


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_a_slow_reader(modbusd, made, version):
    """What the socket does not take is sent later, in order."""
    with TlsWire(modbusd.address(SECURE), made.context("operator", version, version)) as wire:
        wire.socket.settimeout(DEADLINE)
        count = 3000
        data = b"".join(frame(read_request(3, number % 60000, 125), number) for number in range(count))
        sender = threading.Thread(target=wire.socket.sendall, args=(data,))
        sender.start()
        eventually(lambda: modbusd.counter("MODBUSD_REQUESTS_3") > 100, "the first answers")
        for number in range(count):
            transaction, _, pdu = wire.answer()
            assert transaction == number and pdu[:2] == b"\3\xfa"
        sender.join()


def test_one_who_never_reads(stack, made):
    modbusd = make_server(stack, made, **{"modbusd.write_timeout_ms": 500}).start()
    with TlsWire(modbusd.address(SECURE), made.context("operator")) as wire:
        wire.socket.setblocking(False)
        flood = frame(read_request(3, 0, 125)) * 1000

        def closed():
            with contextlib.suppress(OSError):
                wire.socket.send(flood)
            return modbusd.counter("MODBUSD_CLOSED_WRITE_TIMEOUT") == 1
        eventually(closed, "its end")


def test_renegotiation_is_refused(modbusd, made):
    host, port = modbusd.address(SECURE).split(":")
    client = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"{host}:{port}", "-CAfile", made.certificate, "-cert",
         made.folder / "operator.pem", "-key", made.folder / "operator.key", "-tls1_2"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    eventually(lambda: modbusd.counter("MODBUSD_TLS_HANDSHAKES") == 1, "the handshake")
    shown, _ = client.communicate(b"R\n", timeout=DEADLINE)
    assert client.returncode != 0 and (b"no renegotiation" in shown or b"RENEGOTIATING" in shown)
    assert modbusd.counter("MODBUSD_TLS_HANDSHAKES") == 1


def test_sessions_are_resumed(modbusd, made):
    """With TLS 1.2 and 1.3, and only while the certificate is good: see test_reload."""
    for version in VERSIONS:
        context = made.context("operator", version, version)
        before = modbusd.counter("MODBUSD_TLS_RESUMED")
        with TlsWire(modbusd.address(SECURE), context) as wire:
            assert wire.ask(READ) == ZERO
            session = wire.socket.session
        with TlsWire(modbusd.address(SECURE), context, session=session) as wire:
            assert wire.ask(READ) == ZERO and wire.socket.session_reused
        assert modbusd.counter("MODBUSD_TLS_RESUMED") == before + 1


def test_half_handshakes_have_a_deadline(stack, made):
    modbusd = make_server(stack, made, **{"modbusd.frame_timeout_ms": 300}).start()
    with Wire(modbusd.address(SECURE)) as silent, Wire(modbusd.address(SECURE)) as half, \
            TlsWire(modbusd.address(SECURE), made.context("operator")) as good:
        half.send(b"\x16\3\1\2\0\1\0\1\xfc\3\3")
        assert silent.closed() and half.closed()
        assert good.ask(READ) == ZERO
    modbusd.wait_log("it did not complete the TLS handshake within frame_timeout_ms")
    assert modbusd.counter("MODBUSD_CLOSED_TLS_HANDSHAKE") == 2


def test_half_handshakes_of_one_address(gateway, made):
    """32 of them; other addresses and the plain port are not touched."""
    address = gateway.modbusd.address(SECURE)
    with contextlib.ExitStack() as held:
        for _ in range(32):
            held.enter_context(Wire(address, "127.0.0.3")).send(b"\x16\3\1")
        with Wire(address, "127.0.0.3") as one_more:
            assert one_more.closed()
        assert refusals(gateway)["tls_handshakes_per_ip"]["address"] == "127.0.0.3"
        with TlsWire(address, made.context("operator")) as wire, Wire(gateway.modbusd.address()) as plain:
            assert wire.ask(READ) == plain.ask(READ) == ZERO
    eventually(lambda: not refused_quickly(address, made), "room for it")


def refused_quickly(address, authority):
    try:
        with TlsWire(address, authority.context("operator"), "127.0.0.3") as wire:
            return wire.ask(READ) != ZERO
    except (OSError, ssl.SSLError):
        return True


@pytest.fixture
def servers(stack, made):
    """The server to attack and the calm one."""
    return [make_server(stack, made, name, **{"modbusd.frame_timeout_ms": 2000,
                                              "common.runtime_dir": stack.folder / name / "run"}).start()
            for name in ("attacked", "calm")]


def test_500_half_handshakes(servers):
    """From 25 addresses, each with the first bytes of a ClientHello; new ones take the place of the oldest."""
    with contextlib.ExitStack() as all_of_them:
        held = []

        def act():
            number = len(held)
            wire = all_of_them.enter_context(Wire(servers[0].address(SECURE), f"127.0.0.{10 + number % 25}"))
            send_quietly(wire, b"\x16\3\1\2\0\1\0\1\xfc\3\3")
            held.append(wire)
            if number >= 500:
                held[number - 500].close()
        for _ in range(500):
            act()
        compare(servers, 0.2, act)


def test_a_flood_of_handshakes(servers, made):
    """Four clients that do nothing but complete handshakes: a plain client has most of the time for itself."""
    ended = threading.Event()

    def flood():
        context = made.context("operator")
        while not ended.is_set():
            with contextlib.suppress(OSError, ssl.SSLError):
                TlsWire(servers[0].address(SECURE), context).close()
    flooders = [threading.Thread(target=flood) for _ in range(4)]
    for flooder in flooders:
        flooder.start()
    try:
        compare(servers, 0.05)
        assert servers[0].counter("MODBUSD_TLS_HANDSHAKES") > 0
    finally:
        ended.set()
        for flooder in flooders:
            flooder.join()


def test_garbage_in_the_handshake(servers, made):
    """A ClientHello with each of its bytes changed."""
    outgoing = ssl.MemoryBIO()
    client = made.context("operator").wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    hello = outgoing.read()
    for at in range(len(hello)):
        with Wire(servers[0].address(SECURE)) as wire:
            wire.send(hello[:at] + bytes([hello[at] ^ 0xFF]) + hello[at + 1:])
            wire.socket.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):
                while wire.socket.recv(65536):
                    pass
    with TlsWire(servers[0].address(SECURE), made.context("operator")) as wire:
        assert wire.ask(READ) == ZERO


def test_reload(stack, made, tmp_path):
    """SIGHUP reads the files again: bad ones change nothing, another CA or a revocation ends the connections of
    clients that are not good any more, and their resumption."""
    authority = Authority(tmp_path)
    authority.serve()
    authority.sign("first", "UTF8String:first")
    authority.sign("second", "UTF8String:second")
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(authority.certificate.read_bytes() + made.certificate.read_bytes())
    modbusd = make_server(stack, authority, **{"modbusd.tls_client_ca": bundle}).start()
    address = modbusd.address(SECURE)
    theirs = made.context("operator")
    theirs.load_verify_locations(authority.certificate)

    def reload(words):
        before = len(modbusd.log())
        modbusd.signal(signal.SIGHUP)
        eventually(lambda: words in modbusd.log()[before:], words)

    with TlsWire(address, authority.context("first")) as first, TlsWire(address, authority.context("second")) as second, \
            TlsWire(address, theirs) as third:
        kept = authority.context("second", highest=ssl.TLSVersion.TLSv1_2)
        with TlsWire(address, kept) as wire:
            assert wire.ask(READ) == ZERO
            session = wire.socket.session
        again = authority.context("first", highest=ssl.TLSVersion.TLSv1_2)
        with TlsWire(address, again) as wire:
            good_session = wire.socket.session
        for file, text in ((tmp_path / "server.pem", "no certificate"), (tmp_path / "server.key", "no key"),
                           (tmp_path / "server.key", (tmp_path / "first.key").read_text()), (bundle, "")):
            good = file.read_text()
            file.write_text(text)
            reload("configuration not reloaded")
            assert str(file) in modbusd.log()
            file.write_text(good)
            for wire in (first, second, third):
                assert wire.ask(READ) == ZERO
        reload("configuration reloaded")
        for wire in (first, second, third):
            assert wire.ask(READ) == ZERO
        authority.serve()  # another certificate and key
        bundle.write_bytes(authority.certificate.read_bytes() + authority.revoke("second").read_bytes())
        reload("configuration reloaded")
        assert first.ask(READ) == ZERO
        assert second.socket.recv(1) == b"" and third.socket.recv(1) == b""
        assert refused(address, authority.context("second")) and refused(address, theirs)
        assert refused(address, kept, session=session)
        with TlsWire(address, again, session=good_session) as wire:
            assert wire.ask(READ) == ZERO and wire.socket.session_reused
        with TlsWire(address, authority.context("first")) as wire:
            assert wire.ask(READ) == first.ask(READ) == ZERO
            assert ssl.DER_cert_to_PEM_cert(wire.socket.getpeercert(True)).split() == \
                (tmp_path / "server.pem").read_text().split()
    assert modbusd.counter("MODBUSD_REFUSED_CERTIFICATE") == 5


def test_reload_during_traffic(modbusd, made):
    victim = Victim(modbusd.address())
    victim.wire.close()
    victim.wire = TlsWire(modbusd.address(SECURE), made.context("operator"))
    victim.start()
    for number in range(10):
        begun = victim.count
        modbusd.signal(signal.SIGHUP)
        eventually(lambda: modbusd.log().count("configuration reloaded") == number + 1, "the reload")
        with TlsWire(modbusd.address(SECURE), made.context("plain")) as wire:
            assert wire.ask(READ) == ZERO
        eventually(lambda: victim.fault or victim.count > begun + 1, "its requests")
    victim.end()
    assert victim.fault is None, victim.fault


def test_what_is_missing(stack, made):
    """Without a CA for the clients there would be none to admit."""
    modbusd = make_server(stack, made)
    for key in list(tls_options(made)):
        for value in ("", "/nonexistent"):
            kept = modbusd.options[key]
            modbusd.options[key] = value
            modbusd.start(wait=False)
            assert modbusd.process.wait(DEADLINE) == 2
            assert ("needs tls_certificate, tls_key and tls_client_ca" if value == "" else "/nonexistent: ") in modbusd.log()
            modbusd.options[key] = kept
    modbusd.start()


def test_behind_a_proxy(stack, made):
    """The header comes before TLS, in pieces or with the ClientHello in one."""
    stack.modbusd = make_server(stack, made, **{
        "modbusd.proxy_protocol_from": PROXY, "modbusd.allow": "10.0.0.0/8 rw, 127.0.0.1 ro"}).start()
    modbusd = stack.modbusd
    stack.start_api()
    for version in VERSIONS:
        context = made.context("operator", version, version)
        with TlsWire(modbusd.address(SECURE), context, PROXY, first=header("10.0.0.7")) as wire:
            assert wire.ask(write_request(0, 0)) == b"\x10\0\0\0\1"
            shown = eventually(lambda: [item for item in clients(stack) if item["address"] == "10.0.0.7"], "the client")[0]
            assert (shown["protocol"], shown["role"]) == ("tls", "operator")
        with MemoryTls(modbusd.address(SECURE), context, PROXY) as peer:
            peer.step(peer.tls.do_handshake)
            peer.wire.send(header("10.0.0.8") + peer.outgoing.read())
            peer.incoming.write(peer.wire.socket.recv(65536))
            peer.shake_hands()
            peer.wire.send(peer.encrypt(frame(READ)))
            assert peer.read(11) == frame(b"\3\2\0\0")
    assert refused(modbusd.address(SECURE), made.context("operator"), source=PROXY, first=header("11.0.0.7"))
    assert refused(modbusd.address(SECURE), made.context("operator"), source=PROXY)
    modbusd.wait_log("sends no PROXY header")


def test_rules(stack, made):
    """The address counts as ever: strangers get no handshake."""
    modbusd = make_server(stack, made, **{"modbusd.allow": "127.0.0.1 ro"}).start()
    with TlsWire(modbusd.address(SECURE), made.context("operator")) as wire:
        assert wire.ask(READ) == ZERO and wire.ask(write_request(0, 1)) == b"\x90\1"
    with Wire(modbusd.address(SECURE), "127.0.0.9") as stranger:
        assert stranger.closed()


def test_limits(stack, made):
    modbusd = make_server(stack, made, **{"modbusd.max_connections": 3, "modbusd.max_connections_per_ip": 2,
                                          "modbusd.idle_timeout_s": 5}).start()
    address, context = modbusd.address(SECURE), made.context("operator")
    with TlsWire(address, context) as one, TlsWire(address, context) as two:
        assert refused(address, context)
        with TlsWire(address, context, "127.0.0.2") as three:
            assert refused(address, context, source="127.0.0.3")
            for wire in (one, two, three):
                assert wire.ask(READ) == ZERO
        assert one.socket.recv(1) == b""  # idle
    assert modbusd.counter("MODBUSD_CLOSED_IDLE") >= 1


def test_writes_that_wait_for_the_disk(stack, made):
    modbusd = make_server(stack, made, **{"modbusd.persist": "always"}).start()
    with MemoryTls(modbusd.address(SECURE), made.context("operator")) as peer:
        peer.shake_hands()
        peer.wire.send(peer.encrypt(b"".join(frame(write_request(0, number)) for number in range(700))))
        one = frame(b"\x10\0\0\0\1")
        assert peer.read(700 * len(one)) == one * 700
    with modbusd.client() as plain:
        assert plain.holding(0) == [699]


def test_a_reset_in_the_handshake(modbusd, made):
    for _ in range(20):
        with contextlib.suppress(OSError):
            wire = Wire(modbusd.address(SECURE))
            wire.send(b"\x16\3\1\2\0")
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wire.close()
    with TlsWire(modbusd.address(SECURE), made.context("operator")) as wire:
        assert wire.ask(READ) == ZERO


def test_sockets_of_systemd(stack, made):
    """The name says which one is for TLS; the configured address is not used."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    plain, secure = (one.getsockname()[1] for one in sockets)
    stack.common.update(tls_options(made))
    stack.common["modbusd.tls_listen"] = "127.0.0.1:1"
    with run_with_sockets(stack, sockets, "tagferry-modbusd.socket:tls", "127.0.0.1:0") as run:
        try:
            with Wire(f"127.0.0.1:{plain}") as wire, TlsWire(f"127.0.0.1:{secure}", made.context("operator")) as tls:
                assert wire.ask(READ) == tls.ask(READ) == ZERO
        finally:
            run.terminate()
        assert f"listening on 127.0.0.1:{secure} (scada, TLS)" in run.stderr.read()


def test_the_page(stack, tmp_path):
    """The commands of docs/scada.md, in order, and the answer that it shows."""
    bodies = pages.section(ROOT / "docs/scada.md", pages.TLS)
    text = (ROOT / "docs/scada.md").read_text().partition(f"\n## {pages.TLS}\n")[2]
    (language, settings, _), (_, printed, _) = [block for block in pages.blocks(text.partition("\n## ")[0])
                                               if block[0] != "sh"]
    assert language == "ini" and "openssl s_client" in bodies[-1]
    etc = tmp_path / "etc"
    etc.mkdir()

    def run(body, port=0):
        for there, here in (("sudo install -o root -g tagferry", "install"), ("/etc/tagferry", str(etc)),
                            ("IP:10.20.0.5", "IP:127.0.0.1"), ("10.20.0.5:802", f"127.0.0.1:{port}")):
            body = body.replace(there, here)
        return subprocess.run(["bash", "-ec", body], cwd=tmp_path, check=True, capture_output=True, timeout=DEADLINE)
    for body in bodies[:-1]:
        run(body)
    options = dict(re.findall(r"^(tls_\w+) = (.*)$", settings.replace("/etc/tagferry", str(etc)), re.M))
    options["tls_listen"] = "127.0.0.1:0"
    folder = stack.folder / "page"
    folder.mkdir()
    every = dict(stack.common, **{key: "127.0.0.1:0" for key in TlsModbusd.PORTS.values()})
    every.update({"modbusd.image": folder / "image", **{f"modbusd.{key}": value for key, value in options.items()}})
    modbusd = stack.add(TlsModbusd("tagferry-modbusd", folder, every)).start()
    with modbusd.client("inputs") as inputs:
        inputs.write(100, 0x428F, 0)
    assert run(bodies[-1], modbusd.port(SECURE)).stdout.decode() == printed
