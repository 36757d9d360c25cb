"""Foreign Modbus servers with TLS (Modbus/TCP Security). The servers are pymodbus's, Python's ssl, and tagferry-modbusd;
the certificates are by openssl."""

import re
import shutil
import signal
import ssl
import struct
import subprocess
import sys

import pytest

import pages
from harness import BIN, DEADLINE, ROOT, eventually, free_port
from mqttd_helpers import back, reloaded, tag
from rtu_line import Units
from tls_peer import ROLE, Authority, TlsServer, server_context

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
OUT = "Modbus server out of reach, its values wait"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("certificates"))
    authority.serve()
    authority.sign("gateway", "UTF8String:operator")
    authority.sign("plain")
    return authority


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("others"), "other")
    authority.serve()
    return authority


@pytest.fixture
def files(tmp_path, made):
    """The gateway's files, which a test may replace."""
    def place(name="gateway", ca=made.certificate):
        shutil.copy(ca, tmp_path / "ca.pem")
        for kind in ("pem", "key"):
            shutil.copy(made.folder / f"{name}.{kind}", tmp_path / f"own.{kind}")
    place()
    place.options = {"mqttd__modbus_tls_ca": tmp_path / "ca.pem", "mqttd__modbus_tls_certificate": tmp_path / "own.pem",
                     "mqttd__modbus_tls_key": tmp_path / "own.key"}
    place.folder = tmp_path
    return place


@pytest.fixture
def base(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    return stack


@pytest.fixture
def plant(base, files):
    base.start_mqttd(mqttd__modbus_timeout_ms=500, **files.options)
    return base


@pytest.fixture
def patient(base, files):
    """A server of a busy machine is never taken for one that does not answer."""
    base.start_mqttd(**files.options)
    return base


@pytest.fixture
def serve():
    """Starts TlsServers."""
    servers = []

    def start(context):
        servers.append(TlsServer(context))
        return servers[-1]
    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def units():
    made = Units((1, 2))
    yield made
    made.close()


def add_device(stack, name, port, tags=None, unit=1, host="127.0.0.1", **more):
    reloaded(stack, lambda: stack.api.device(name, name, tags or [tag("v", 0, "uint16")], network=dict(
        {"modbus_host": host, "modbus_port": port, "tls": True, "unit_id": unit}, **more)))


def last_error(stack, device, name="v"):
    return stack.api.value(device, name)["last_error"] or {}


def shows_fault(stack, device, words):
    eventually(lambda: words in last_error(stack, device).get("detail", ""), f"{device}: {words}")
    value = stack.api.value(device, "v")
    assert last_error(stack, device)["code"] == "modbus_unreachable"
    assert (value["quality"], value["reason"]) == ("stale", "target_down")


def holds(server, address, *words):
    eventually(lambda: server.registers[address:address + len(words)] == list(words), f"{words} in the server")


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_writes_and_polls(patient, units, made, version):
    """Several units of one server; each kind of request."""
    port = units.serve_tls(server_context(made, clients=made, lowest=version, highest=version))
    add_device(patient, "u1", port, [
        tag("v", 0, "float32"), tag("bit", 10, "bool", bit=3), tag("coil", 5, "bool", "coil"),
        tag("text", 30, "string", length=40), back("w", 20, "uint16", "cmd/w")], poll_interval_ms=50)
    add_device(patient, "u2", port, [tag("v", 0, "uint16"), back("w", 20, "uint16", "cmd/w2")], unit=2, write_single=True,
               poll_interval_ms=50)
    units.set_holding(1, 10, 0x0100)
    patient.broker.publish("u1", {"v": 21.5, "bit": True, "coil": True, "text": "x" * 80})
    patient.broker.publish("u2", {"v": 7})
    units.holds(1, 0, *struct.unpack(">2H", struct.pack(">f", 21.5)))
    units.holds(1, 10, 0x0108)
    units.holds(1, 30, *[0x7878] * 40)
    units.holds(2, 0, 7)
    eventually(lambda: units.contexts[1].getValues(1, 5, 1) == [True], "the coil")
    listener = patient.broker.subscribe("cmd/#")
    units.set_holding(1, 20, 77)
    assert listener.wait(1) == [("cmd/w", '{"w": 77}')]
    units.set_holding(2, 20, 78)
    assert listener.wait(2)[1] == ("cmd/w2", '{"w": 78}')
    listener.close()
    eventually(lambda: patient.api.value("u1", "v")["quality"] == "good", "a good value")
    assert OUT not in patient.mqttd.log()


def test_what_the_server_sees(patient, serve, made):
    """The gateway's certificate with its role, also for a CA that the server does not name; its name only if it has one."""
    secure, open_to_all = serve(server_context(made, clients=made)), serve(server_context(made))
    add_device(patient, "a", secure.port, host="localhost")
    add_device(patient, "b", open_to_all.port)
    for name, server in (("a", secure), ("b", open_to_all)):
        patient.broker.publish(name, {"v": 5})
        holds(server, 0, 5)
    assert (secure.names, open_to_all.names) == (["localhost"], [None])
    sent = subprocess.run(["openssl", "asn1parse", "-inform", "DER"], input=secure.certificates[0], capture_output=True,
                          check=True).stdout.decode()
    assert ROLE in sent
    assert b"operator" in secure.certificates[0]
    assert open_to_all.certificates == [None]


def test_servers_that_are_not_trusted(patient, serve, made, other, units):
    """Each says why, and takes no value; the first one is then repaired."""
    made.serve("late", days=-1)
    made.serve("named", extensions=("subjectAltName=DNS:plc.example",))
    made.serve("client", extensions=("subjectAltName=IP:127.0.0.1", "extendedKeyUsage=clientAuth"))
    made.serve("weak", key=("rsa:1024",))
    made.serve("rsa", key=("rsa:2048",))
    old = server_context(made, lowest=ssl.TLSVersion.TLSv1, highest=ssl.TLSVersion.TLSv1_1)
    weak = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    weak.set_ciphers("DEFAULT:@SECLEVEL=0")
    weak.load_cert_chain(made.folder / "weak.pem", made.folder / "weak.key")
    cases = {
        "stranger": (server_context(other), "its certificate is not signed by a CA in modbus_tls_ca"),
        "late": (server_context(made, "late"), "its certificate has expired"),
        "named": (server_context(made, "named"), "its certificate is not for the name or address in modbus_host"),
        "client": (server_context(made, "client"), "its certificate is not for TLS servers"),
        "weak": (weak, "has a weak key"),
        "old": (old, "no version or suite in common"),
        "demanding-2": (server_context(made, clients=other, highest=VERSIONS[0]), "it refused the certificate"),
        "demanding-3": (server_context(made, clients=other, lowest=VERSIONS[1]), "it refused the certificate"),
        "mute": (None, "it does not answer the handshake"),
    }
    servers = {}
    for name, (context, words) in cases.items():
        servers[name] = serve(context)
        add_device(patient, name, servers[name].port)
        patient.broker.publish(name, {"v": 5})
    plain = units.serve_tcp()
    add_device(patient, "plain", plain)
    patient.broker.publish("plain", {"v": 5})
    rsa = serve(server_context(made, "rsa"))
    add_device(patient, "rsa", rsa.port)
    patient.broker.publish("rsa", {"v": 6})
    holds(rsa, 0, 6)
    for name, (context, words) in cases.items():
        shows_fault(patient, name, f"127.0.0.1:{servers[name].port}, TLS: ")
        shows_fault(patient, name, words)
        patient.mqttd.wait_log(re.escape(f"127.0.0.1:{servers[name].port}: cannot connect: TLS: ") + ".*" + re.escape(words))
        assert servers[name].requests == [] and servers[name].registers[0] == 0
        assert len(re.findall(f"{OUT}: 127.0.0.1:{servers[name].port}:", patient.mqttd.log())) == 1
    shows_fault(patient, "plain", "TLS: it ")
    assert units.holding(1, 0) == [0]
    servers["late"].restart(server_context(made))
    holds(servers["late"], 0, 5)
    eventually(lambda: last_error(patient, "late") == {}, "no error")


def test_without_a_certificate(base, serve, made):
    """A server that demands one says so; one that does not is used. A pinned certificate is its own CA."""
    made.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", "/CN=plc", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "own.key", "-out", "own.pem")
    both = made.folder / "both.pem"
    both.write_text(made.certificate.read_text() + (made.folder / "own.pem").read_text())
    base.start_mqttd(mqttd__modbus_tls_ca=both, mqttd__modbus_timeout_ms=500)
    for number, version in enumerate(VERSIONS):
        name = f"d{number}"
        demanding = serve(server_context(made, clients=made, lowest=version, highest=version))
        add_device(base, name, demanding.port)
        base.broker.publish(name, {"v": 5})
        shows_fault(base, name, "TLS: it demands a client certificate: set [mqttd] modbus_tls_certificate")
    pinned = serve(server_context(made, "own"))
    add_device(base, "pinned", pinned.port)
    base.broker.publish("pinned", {"v": 5})
    holds(pinned, 0, 5)


def test_without_a_ca_nothing_is_sent(base, serve):
    base.start_mqttd()
    server = serve(None)
    add_device(base, "d", server.port)
    base.broker.publish("d", {"v": 5})
    shows_fault(base, "d", "TLS: [mqttd] modbus_tls_ca is not set")
    eventually(lambda: len(server.sockets) > 1, "a second attempt")
    assert server.first == []


def test_a_mute_server_delays_no_other(plant, serve, made):
    """It accepts each connection, and says nothing: its attempts back off, other servers get their values."""
    mute, good = serve(None), serve(server_context(made))
    add_device(plant, "mute", mute.port)
    add_device(plant, "good", good.port)
    plant.broker.publish("mute", {"v": 5})
    for value in range(1, 200):
        plant.broker.publish("good", {"v": value})
        if len(mute.sockets) >= 3:
            break
        holds(good, 0, value)
    else:
        eventually(lambda: len(mute.sockets) >= 3, "three attempts")
    holds(good, 0, value)
    assert len(re.findall(f"{OUT}: 127.0.0.1:{mute.port}", plant.mqttd.log())) == 1
    mute.restart(server_context(made))
    holds(mute, 0, 5)


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_records_in_pieces(patient, serve, made, version):
    server = serve(server_context(made, lowest=version, highest=version))

    def dribble(connection, data):
        for byte in data:
            connection.sendall(bytes([byte]))
    server.carry = dribble
    add_device(patient, "d", server.port, [tag("v", 0, "uint16"), back("w", 20, "uint16", "cmd/w")], poll_interval_ms=50)
    listener = patient.broker.subscribe("cmd/#")
    eventually(lambda: patient.api.value("d", "w")["value"] == 0, "the first poll")
    for value in range(1, 6):
        patient.broker.publish("d", {"v": value})
        holds(server, 0, value)
        server.registers[20] = value
        assert listener.wait(value)[-1] == ("cmd/w", '{"w": %d}' % value)
    listener.close()
    assert len(server.certificates) == 1
    assert OUT not in patient.mqttd.log()


def test_a_server_that_closes_within_a_record(plant, serve, made):
    """And one that closes within the answer of a fresh connection. Nothing is lost or wrong."""
    server = serve(server_context(made))
    add_device(plant, "d", server.port, [tag(f"v{n}", 10 * n, "uint16") for n in range(5)])
    left = [0]

    def cut(connection, data):
        left[0] -= 1
        if left[0] == 0:
            connection.sendall(data[:len(data) // 2])
            raise ConnectionError
        connection.sendall(data)
    server.carry = cut
    for turn in range(1, 9):
        left[0] = turn
        plant.broker.publish("d", {f"v{n}": 100 * turn + n for n in range(5)})
        for n in range(5):
            holds(server, 10 * n, 100 * turn + n)
    eventually(lambda: last_error(plant, "d", "v0") == {}, "no error")
    assert len(server.certificates) > 1


def test_a_server_that_restarts(plant, serve, made):
    """With a new certificate of the same CA, and zeros: the values are written again."""
    made.serve("renewed")
    server = serve(server_context(made))
    add_device(plant, "d", server.port, [tag("v", 0, "uint16"), tag("w", 10, "uint16")])
    plant.broker.publish("d", {"v": 5, "w": 6})
    holds(server, 0, 5)
    server.restart(server_context(made, "renewed"))
    holds(server, 0, 5)
    holds(server, 10, 6)


def test_reload(patient, serve, made, other, files):
    """SIGHUP: new files end no good connection for long, wrong ones change nothing, a CA that is gone is not trusted."""
    server = serve(server_context(made, clients=made))
    add_device(patient, "d", server.port)
    patient.broker.publish("d", {"v": 1})
    holds(server, 0, 1)

    def reload(words):
        seen = patient.mqttd.log().count(words)
        patient.mqttd.signal(signal.SIGHUP)
        eventually(lambda: patient.mqttd.log().count(words) > seen, words)
    reload("configuration reloaded")  # the same files
    patient.broker.publish("d", {"v": 2})
    holds(server, 0, 2)
    assert len(server.certificates) == 1
    (files.folder / "own.key").write_text("no key")
    reload("own.key: ")
    patient.broker.publish("d", {"v": 3})
    holds(server, 0, 3)
    assert len(server.certificates) == 1
    files("plain")
    reload("configuration reloaded")
    patient.broker.publish("d", {"v": 4})
    holds(server, 0, 4)
    assert len(server.certificates) == 2
    assert b"operator" in server.certificates[0] and b"operator" not in server.certificates[1]
    assert OUT not in patient.mqttd.log()
    files("plain", ca=other.certificate)
    reload("configuration reloaded")
    patient.broker.publish("d", {"v": 5})
    shows_fault(patient, "d", "its certificate is not signed by a CA in modbus_tls_ca")
    assert server.registers[0] == 4
    files()
    reload("configuration reloaded")
    holds(server, 0, 5)


def test_revoked(plant, serve, made, files):
    made.serve("stolen")
    files.folder.joinpath("ca.pem").write_text(made.certificate.read_text() + made.revoke("stolen").read_text())
    plant.mqttd.signal(signal.SIGHUP)
    plant.mqttd.wait_log("configuration reloaded")
    stolen, good = serve(server_context(made, "stolen")), serve(server_context(made))
    for name, server in (("stolen", stolen), ("good", good)):
        add_device(plant, name, server.port)
        plant.broker.publish(name, {"v": 5})
    holds(good, 0, 5)
    shows_fault(plant, "stolen", "its certificate is revoked")


def test_a_device_changes_to_tls(plant, units, made):
    """Another connection, and the values are written there."""
    port = units.serve_tls(server_context(made))
    add_device(plant, "d", port, tls=False)
    plant.broker.publish("d", {"v": 5})
    eventually(lambda: last_error(plant, "d").get("code") == "modbus_unreachable", "an error")
    assert units.holding(1, 0) == [0]
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"network": {"tls": True}}))
    units.holds(1, 0, 5)
    eventually(lambda: plant.api.value("d", "v")["quality"] == "good", "the answer")


def test_tagferry_modbusd_with_roles(stack, made, files):
    """Our own server: the operator may write, who has no role may not."""
    stack.start_broker()
    port = free_port()
    stack.start_modbusd(modbusd__tls_listen=f"127.0.0.1:{port}", modbusd__tls_certificate=made.folder / "server.pem",
                        modbusd__tls_key=made.folder / "server.key", modbusd__tls_client_ca=made.certificate,
                        modbusd__allow="127.0.0.1 rw role=operator, 127.0.0.1 ro")
    stack.start_api()
    stack.start_mqttd(mqttd__modbus_timeout_ms=500, **files.options)
    add_device(stack, "d", port)
    stack.broker.publish("d", {"v": 5})
    with stack.modbusd.client() as client:
        eventually(lambda: client.holding(0) == [5], "the value")
        shown = [(item["protocol"], item["role"]) for item in stack.api.must("GET", "/modbus/clients")["items"]]
        assert ("tls", "operator") in shown
        files("plain")
        stack.mqttd.signal(signal.SIGHUP)
        stack.mqttd.wait_log("configuration reloaded")
        stack.broker.publish("d", {"v": 6})
        eventually(lambda: "exception 1" in last_error(stack, "d").get("detail", ""), "an exception")
        assert client.holding(0) == [5]


def test_the_page(base, tmp_path):
    """The commands of docs/foreign-servers.md, in order, with its stand-in."""
    text = (ROOT / "docs/foreign-servers.md").read_text().partition(f"\n## {pages.TLS_SERVER}\n")[2]
    found = pages.blocks(text.partition("\n## ")[0])
    etc = tmp_path / "etc"
    etc.mkdir()
    port = free_port()

    def fit(body):
        for there, here in (("sudo install -o root -g tagferry", "install"), ("/etc/tagferry", str(etc)), ("8020", str(port)),
                            ("127.0.0.1:5000", f"127.0.0.1:{base.api.port('http')}"),
                            ("-p 1883", f"-p {base.broker.address().rpartition(':')[2]}")):
            body = body.replace(there, here)
        return body
    commands = [fit(body) for language, body, _ in found if language == "sh"]
    settings, = (fit(body) for language, body, _ in found if language == "ini")
    program, = (fit(body) for language, body, _ in found if language == "python")
    printed, = (body for language, body, _ in found if language == "")

    def run(body):
        subprocess.run(["bash", "-ec", body], cwd=tmp_path, check=True, capture_output=True, timeout=DEADLINE)
    for body in commands[:-1]:
        run(body)
    base.start_mqttd(**{f"mqttd__{key}": value for key, value in re.findall(r"^(modbus_\w+) = (.*)$", settings, re.M)})
    (tmp_path / "plc.py").write_text(program)
    with subprocess.Popen([sys.executable, "plc.py"], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as plc:
        try:
            shown = plc.stdout.readline()
            device, _, message = commands[-1].partition("mosquitto_pub")
            reloaded(base, lambda: run(device))
            run("mosquitto_pub" + message)
            assert shown + plc.stdout.readline() == printed
        finally:
            plc.kill()


@pytest.mark.parametrize("change, words", [
    ({}, None), ({"ca": "gone.pem"}, "gone.pem: No such file or directory"),
    ({"certificate": "gone.pem"}, "gone.pem: No such file or directory"),
    ({"key": "gone.key"}, "gone.key: No such file or directory"),
    ({"key": "plain.key"}, "plain.key: The certificate and the given key do not match."),
    ({"ca": "gateway.key"}, "gateway.key: "), ({"certificate": "gateway.key"}, "gateway.key: "),
    ({"ca": "."}, "Is a directory"),
    ({"key": ""}, "modbus_tls_certificate and modbus_tls_key need one another"),
    ({"certificate": ""}, "modbus_tls_certificate and modbus_tls_key need one another"),
    ({"ca": ""}, "modbus_tls_certificate needs modbus_tls_ca"),
    ({"certificate": "", "key": ""}, None), ({"ca": "", "certificate": "", "key": ""}, None)])
def test_check_config(made, change, words):
    names = dict({"ca": "ca.pem", "certificate": "gateway.pem", "key": "gateway.key"}, **change)
    options = [f"mqttd.modbus_tls_{key}={made.folder / name if name else ''}" for key, name in names.items()]
    done = subprocess.run([BIN / "tagferry-mqttd", "-c", "/dev/null", "--check-config",
                           *[word for option in options for word in ("-o", option)]], capture_output=True, text=True)
    assert done.returncode == (2 if words else 0)
    assert (words or "") in done.stderr and done.stderr.count("\n") == (1 if words else 0)
    if f"{made.folder}/" in done.stderr:
        assert f"[mqttd] modbus_tls_{next(iter(change))}: {made.folder}/" in done.stderr


def test_a_wrong_file_ends_the_start(base, made):
    done = subprocess.run([BIN / "tagferry-mqttd", "-c", "/dev/null", "-o", f"mqttd.modbus_tls_ca={made.folder}/gone.pem",
                           "-o", f"common.runtime_dir={base.folder}/other"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "gone.pem: No such file or directory" in done.stderr


@pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])
def test_long_chains(base, serve, tmp_path, version):
    """Ten CAs between each certificate and its root."""
    own = Authority(tmp_path)
    own.sign_below(10, "server", extensions=("subjectAltName=IP:127.0.0.1",))
    own.sign_below(10, "gateway")
    base.start_mqttd(mqttd__modbus_tls_ca=own.certificate, mqttd__modbus_tls_certificate=tmp_path / "gateway.pem",
                     mqttd__modbus_tls_key=tmp_path / "gateway.key")
    server = serve(server_context(own, clients=own, lowest=version, highest=version))
    add_device(base, "d", server.port)
    base.broker.publish("d", {"v": 5})
    holds(server, 0, 5)


TICKETS = 5000


def test_a_server_with_many_tickets(plant, serve, made):
    """They are no data: the value arrives behind them, and they are not kept."""
    context = server_context(made, lowest=ssl.TLSVersion.TLSv1_3)
    context.num_tickets = 200
    server, good = serve(context), serve(server_context(made))
    add_device(plant, "d", server.port)
    add_device(plant, "good", good.port)
    for value in (1, 2, 3):
        plant.broker.publish("d", {"v": value})
        holds(server, 0, value)
        server.restart()
    context.num_tickets = TICKETS  # more than the time-out allows, perhaps
    server.restart()
    plant.broker.publish("d", {"v": 9})
    for value in range(1, 2000):
        plant.broker.publish("good", {"v": value})
        holds(good, 0, value)
        if len(server.certificates) >= 5 or server.registers[0] == 9:
            break
    context.num_tickets = 2
    server.restart()
    holds(server, 0, 9)


def test_a_server_with_key_updates(plant, serve, made):
    """It asks for new keys without end. That ends its connection, and delays no other server."""
    good, port = serve(server_context(made)), free_port()
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_3", "-cert", made.folder / "server.pem",
               "-key", made.folder / "server.key"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        add_device(plant, "d", port)
        add_device(plant, "good", good.port)
        plant.broker.publish("d", {"v": 1})
        for value in range(1, 100):
            server.stdin.write(b"K\n" * 100)
            server.stdin.flush()
            plant.broker.publish("good", {"v": value})
            holds(good, 0, value)
        eventually(lambda: "out of reach" in plant.mqttd.log(), "the loss")
        server.kill()
    heir = TlsServer(server_context(made), port)
    try:
        holds(heir, 0, 1)
    finally:
        heir.stop()
