"""Brokers: several of them, both versions, passwords, TLS, birth and will."""

import functools
import glob
import json
import os
import socket
import ssl
import subprocess
import time
import warnings

import pytest

from harness import BIN, DEADLINE, Daemon, eventually, free_port
from mqttd_helpers import back, landed, reloaded, shows, tag
from store_file import open_store


def start(stack, *lines, **options):
    stack.start_broker(*lines)
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag("v", 0, "uint16")])
    stack.start_mqttd(**options)
    stack.mqttd.wait_log("subscribed to 1 topic")


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_versions(stack, protocol):
    start(stack, mqttd__protocol=protocol)
    stack.broker.publish("d", {"v": 1})
    shows(stack.modbusd, "holding_register", 0, [1])
    stack.mqttd.stop()
    stack.broker.publish("d", {"v": 2})
    stack.mqttd.start()
    shows(stack.modbusd, "holding_register", 0, [2])
    reloaded(stack, lambda: stack.api.must("PATCH", "/devices/d", {"mqtt": {"topic": "e"}}))
    stack.broker.publish("e", {"v": 3})
    shows(stack.modbusd, "holding_register", 0, [3])


def test_the_next_broker_is_tried(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag("v", 0, "uint16")])
    dead = f"127.0.0.1:{free_port()}"
    stack.start_mqttd(mqttd__broker=f"{dead},{stack.broker.address()}")
    stack.mqttd.wait_log("subscribed to 1 topic")
    stack.broker.publish("d", {"v": 1})
    shows(stack.modbusd, "holding_register", 0, [1])
    eventually(lambda: stack.api.get("/readyz").json()["broker"]["detail"] == stack.broker.address(), "its address")


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_broker_that_says_nothing_costs_nothing(stack):
    stack.start_modbusd()
    stack.start_api()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = dict(stack.common, **{
            "mqttd.broker": f"127.0.0.1:{silent.getsockname()[1]}"})
        mqttd = stack.add(Daemon("tagferry-mqttd", stack.folder, options)).start(wait=False)
        connection, _ = silent.accept()
        connection.recv(1)
        before, beats = cpu_seconds(mqttd.process), mqttd.notices.count("WATCHDOG")
        eventually(lambda: mqttd.notices.count("WATCHDOG") >= beats + 3, "beats")
        assert cpu_seconds(mqttd.process) - before < 0.5
        connection.close()


def test_birth_and_will(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag("v", 0, "uint16")])
    listener = stack.broker.subscribe("tagferry/+/status")
    stack.start_mqttd(mqttd__client_id="gate")
    topic, text = listener.wait(1)[0]
    birth = json.loads(text)
    assert topic == "tagferry/gate/status"
    assert (birth["status"], birth["devices"], birth["tags"]) == ("online", 1, 1)
    stack.mqttd.kill()
    assert json.loads(listener.wait(2)[1][1]) == dict(birth, status="offline")
    stack.mqttd.start()
    listener.wait(3)
    stack.mqttd.stop()
    assert json.loads(listener.wait(4)[3][1]) == dict(birth, status="offline")
    listener.close()


class Listener:
    """A test broker that accepts one connection after the other."""

    def __init__(self, context=None):
        self.context = context  # of TLS
        self.faults = []        # of handshakes
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(DEADLINE)
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]

    def accept(self):
        """The first bytes of the next connection and its time; no bytes when TLS fails."""
        connection, _ = self.socket.accept()
        at = time.monotonic()
        with connection:
            connection.settimeout(DEADLINE)
            try:
                if self.context:
                    connection = self.context.wrap_socket(connection, server_side=True)
                return connection.recv(4096), at
            except (ssl.SSLError, ConnectionError) as fault:
                self.faults.append(fault)
                return b"", at

    def close(self):
        self.socket.close()


def start_with(stack, listener, **options):
    stack.start_api()
    stack.api.device("d", "d", [tag("v", 0, "uint16")])
    options = {f"mqttd.{key}": value for key, value in options.items()}
    options.update(stack.common, **{"mqttd.broker": listener.address})
    stack.mqttd = stack.add(Daemon("tagferry-mqttd", stack.folder, options)).start(wait=False)


def field(data):
    """Splits a two-byte length and that many bytes from the rest."""
    end = 2 + int.from_bytes(data[:2], "big")
    return data[2:end], data[end:]


def test_what_the_session_is(stack):
    """The first packet, byte by byte: session expiry, receive maximum, the will, and the client
    id."""
    (stack.folder / "password").write_text("s3cret\nmore\n")
    listener = Listener()
    start_with(stack, listener, client_id="gate", keepalive_s=77, session_expiry_s=1234,
               username="ferry", password_file=stack.folder / "password")
    packet, _ = listener.accept()
    assert packet[0] == 0x10
    rest = packet[2 + (packet[1] >> 7):]
    name, rest = field(rest)
    assert (name, rest[0]) == (b"MQTT", 5)
    user, password, retain, qos_1, will = 0x80, 0x40, 0x20, 0x08, 4  # and no clean start, 2
    assert rest[1] == user | password | retain | qos_1 | will
    assert int.from_bytes(rest[2:4], "big") == 77
    properties, rest = rest[5:5 + rest[4]], rest[5 + rest[4]:]
    expiry, maximum = b"\x11" + (1234).to_bytes(4, "big"), b"\x21" + (1000).to_bytes(2, "big")
    longest = b"\x27" + (2 * 2 ** 20).to_bytes(4, "big")
    assert sorted(properties) == sorted(expiry + maximum + longest)
    assert expiry in properties and maximum in properties and longest in properties
    name, rest = field(rest)
    topic, rest = field(rest[1 + rest[0]:])
    will, rest = field(rest)
    user, rest = field(rest)
    assert (name, topic, user) == (b"gate", b"tagferry/gate/status", b"ferry")
    assert json.loads(will)["status"] == "offline" and json.loads(will)["tags"] == 1
    assert field(rest) == (b"s3cret", b"")
    listener.close()


def test_attempts_grow_rare(stack):
    """Each pair of attempts, one for each version, not earlier than three quarters of the back-off,
    which doubles."""
    listener = Listener()
    start_with(stack, listener)
    times = [listener.accept()[1] for _ in range(9)]
    for pair in range(4):
        assert times[2 * pair + 2] - times[2 * pair + 1] >= 0.075 * 2 ** pair
    listener.close()


def test_old_tls_is_refused(stack):
    """mqttd refuses it: the library with its configuration would use 1.1 here, and the broker
    supports only that."""
    make_certificates(stack.folder)
    lenient = stack.folder / "openssl.cnf"
    lenient.write_text("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n"
                       "[c]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(stack.folder / "server.crt", stack.folder / "server.key")
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    listener = Listener(context)
    os.environ["OPENSSL_CONF"] = str(lenient)
    try:
        start_with(stack, listener, tls="yes", ca_file=stack.folder / "ca.crt")
    finally:
        del os.environ["OPENSSL_CONF"]
    assert listener.accept()[0] == b""
    assert "UNSUPPORTED_PROTOCOL" in str(listener.faults) or "PROTOCOL_VERSION" in str(
        listener.faults), listener.faults
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert eventually(lambda: listener.accept()[0])[0] == 0x10
    listener.close()


@pytest.mark.parametrize("word", ["s3cret", "as long as a token " * 40], ids=["short", "long"])
def test_user_and_password(stack, word):
    secrets = stack.folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", secrets, "ferry", word], check=True)
    (stack.folder / "password").write_text(word + "\n")
    stack.start_broker(f"password_file {secrets}", "allow_anonymous false")
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(wait_connected=False, mqttd__username="ferry")
    stack.mqttd.wait_log("cannot connect to broker.*(not|Not) authori[sz]ed|Connection Refused")
    stack.mqttd.stop()
    stack.mqttd.options["mqttd.password_file"] = stack.folder / "password"
    stack.mqttd.start()
    stack.mqttd.wait_log("connected to broker")


@functools.cache
def rsa_key(authority, who):
    """A new key for each name below each authority. It is made once: that takes longer than all else of a certificate."""
    return subprocess.run(["openssl", "genrsa", "2048"], check=True, capture_output=True).stdout


def make_certificates(folder, authority="ca"):
    """Of a CA, a server and a client. `authority`: a CA with another name has keys of its own."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    for who in ("ca", "server", "client"):
        (folder / f"{who}.key").write_bytes(rsa_key(authority, who))
        (folder / f"{who}.key").chmod(0o600)
    openssl("req", "-x509", "-new", "-days", "2", "-subj", "/CN=ca", "-key", "ca.key", "-out", "ca.crt")
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
    for who in ("server", "client"):
        openssl("req", "-new", "-subj", f"/CN={who}", "-key", f"{who}.key", "-out", f"{who}.csr")
        openssl("x509", "-req", "-in", f"{who}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", "san", "-out", f"{who}.crt")


def start_tls(stack, *lines):
    """Starts all parts except mqttd; returns its options."""
    make_certificates(stack.folder)
    port = free_port()
    stack.start_broker(f"listener {port} 127.0.0.1", f"cafile {stack.folder}/ca.crt",
                       f"certfile {stack.folder}/server.crt", f"keyfile {stack.folder}/server.key",
                       *lines)
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag(f"v{n}", n, "uint16") for n in range(3)])
    return {"mqttd__broker": f"127.0.0.1:{port}", "mqttd__tls": "yes",
            "mqttd__ca_file": stack.folder / "ca.crt"}


def test_tls_with_client_certificate(stack):
    options = start_tls(stack, "require_certificate true", "tls_version tlsv1.2")
    stack.start_mqttd(wait_connected=False, **options)
    stack.mqttd.wait_log("cannot connect to broker")
    stack.mqttd.stop()
    stack.mqttd.options["mqttd.cert_file"] = stack.folder / "client.crt"
    stack.mqttd.options["mqttd.key_file"] = stack.folder / "client.key"
    stack.mqttd.start()
    stack.mqttd.wait_log("subscribed to 1 topic")
    for n in range(20):
        stack.broker.publish("d", {"v0": n, "v1": n + 1, "v2": n + 2, "filler": "x" * 20000})
    shows(stack.modbusd, "holding_register", 0, [19, 20, 21])


def test_qos_2_is_subscribed_to_as_1(stack):
    start(stack, "log_type subscribe")
    for qos in (0, 1, 2):
        reloaded(stack, lambda: stack.api.device(f"q{qos}", f"q/{qos}", [tag("v", 10 + qos, "uint16")],
                                                 mqtt={"qos": qos}))
    for qos, asked in ((0, 0), (1, 1), (2, 1)):
        stack.broker.wait_log(f"tagferry {asked} q/{qos}\\b")
    stack.broker.publish("q/2", {"v": 7}, "-q", "2")
    shows(stack.modbusd, "holding_register", 12, [7])


def refuse(stack, *topics):
    """The broker's access control refuses subscriptions from its next start on. (A plain acl_file
    never does: the broker grants the subscription and sends nothing.)"""
    acls = [{"acltype": "subscribeLiteral", "topic": topic, "priority": 1, "allow": False}
            for topic in topics]
    allowed = ["publishClientSend", "publishClientReceive", "subscribe", "unsubscribe"]
    rules = {"defaultACLAccess": dict.fromkeys(allowed, True), "anonymousGroup": "all",
             "groups": [{"groupname": "all", "roles": [{"rolename": "all"}]}],
             "roles": [{"rolename": "all", "acls": acls}]}
    (stack.folder / "rules.json").write_text(json.dumps(rules))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_refused_subscription_shows(stack, protocol):
    plugin = glob.glob("/usr/lib/*/mosquitto_dynamic_security.so")[0]
    refuse(stack, "secret")
    stack.start_broker(f"plugin {plugin}", f"plugin_opt_config_file {stack.folder}/rules.json")
    stack.start_modbusd()
    stack.start_api()
    own = tag("own", 1, "uint16", mqtt={"topic": "open"})
    stack.api.device("d", "secret", [tag("v", 0, "uint16"), own], mqtt={"availability_topic": "lwt"},
                     status={"table": "input_register", "address": 0})
    stack.start_mqttd(mqttd__protocol=protocol)

    def error(path):
        found = stack.api.must("GET", f"/devices/d{path}")["last_error"]
        return found and (found["code"], found["detail"])

    def shows_refusal(quality):
        eventually(lambda: error("/status") == ("subscription_refused", "secret"), "the refusal")
        eventually(lambda: error("/tags/v/value") == ("subscription_refused", "secret"))
        assert error("/tags/own/value") is None
        assert stack.api.must("GET", "/devices/d/status")["quality"] == quality
        assert stack.api.value("d", "v")["quality"] == quality

    def restart(*refused):
        stack.broker.stop()
        refuse(stack, *refused)
        stack.broker.start()
    shows_refusal("never")
    restart()
    eventually(lambda: error("/status") is None and error("/tags/v/value") is None)
    stack.broker.publish("secret", {"v": 1})
    stack.broker.publish("open", {"own": 2})
    shows(stack.modbusd, "holding_register", 0, [1, 2])
    shows(stack.modbusd, "input_register", 0, [192])
    restart("secret")
    shows_refusal("stale")
    shows(stack.modbusd, "input_register", 0, [500])
    for word, code in (("offline", 0), ("online", 500)):
        stack.broker.publish("lwt", word)
        shows(stack.modbusd, "input_register", 0, [code])
    eventually(lambda: stack.api.value("d", "own")["quality"] == "good")
    assert stack.api.must("GET", "/devices/d/status")["rejects"] == 0
    reloaded(stack, lambda: stack.api.must("PATCH", "/devices/d", {"description": "x"}))
    shows_refusal("stale")
    reloaded(stack, lambda: stack.api.must("PATCH", "/devices/d", {"mqtt": {"topic": "open"}}))
    eventually(lambda: error("/status") is None and error("/tags/v/value") is None)
    stack.broker.publish("open", {"v": 3})
    eventually(lambda: stack.api.value("d", "v")["quality"] == "good")


def test_what_is_wrong_with_tls_is_said(stack):
    """A broker that is down is detected immediately, a certificate of another host by its name."""
    options = start_tls(stack)
    options["mqttd__broker"] = f"127.0.0.1:{free_port()},{options['mqttd__broker']}"
    stack.start_mqttd(wait_connected=False, **options)
    stack.mqttd.wait_log("cannot connect to broker.*: Connection refused")
    stack.mqttd.wait_log("connected to broker")
    stack.mqttd.stop()
    del stack.mqttd.options["mqttd.ca_file"]
    stack.mqttd.options["mqttd.broker"] = options["mqttd__broker"].partition(",")[2]
    stack.mqttd.start()
    stack.mqttd.wait_log(r"A TLS error occurred \(certificate verify failed\); retrying")


def start_once(folder, options, **environment):
    """Runs an mqttd that cannot start."""
    arguments = [f"-omqttd.{key}={value}" for key, value in options.items()]
    return subprocess.run([BIN / "tagferry-mqttd", "-c", "/dev/null",
                           f"-ocommon.runtime_dir={folder}/runtime", *arguments],
                          env=dict(os.environ, **environment), capture_output=True, text=True,
                          timeout=DEADLINE)


@pytest.mark.parametrize("options, said", [
    ({"password_file": "/nothing"}, r"[mqttd] password_file: /nothing: No such file"),
    ({"tls": "yes", "ca_file": "/nothing"}, r"[mqttd] ca_file: /nothing: No such file"),
    ({"tls": "yes", "cert_file": "/dev/null"}, r"[mqttd] cert_file and key_file need one another"),
    ({"password_file": "/"}, r"[mqttd] password_file: /: Is a directory"),
    ({"tls": "yes", "ca_file": "/"}, r"[mqttd] ca_file: /: Is a directory"),
    ({"tls": "yes", "ca_file": "/proc/self/mem"}, r"ca_file: /proc/self/mem: Input/output error"),
])
def test_a_file_that_is_missing_is_named(tmp_path, options, said):
    done = start_once(tmp_path, options)
    assert done.returncode == 1 and said in done.stderr


def test_a_credential_that_cannot_be_read_is_not_left_out(tmp_path):
    """mqttd does not connect without a password instead."""
    (tmp_path / "tagferry.mqtt-password").symlink_to("tagferry.mqtt-password")
    done = start_once(tmp_path, {}, CREDENTIALS_DIRECTORY=str(tmp_path))
    assert done.returncode == 1 and "Too many levels of symbolic links" in done.stderr


def test_a_command_that_the_broker_refuses_is_named(stack):
    (stack.folder / "acl").write_text("topic read #\ntopic write tagferry/#\n")
    (stack.folder / "acl").chmod(0o600)
    start(stack, f"acl_file {stack.folder}/acl")
    reloaded(stack, lambda: stack.api.device("e", "e", [back("sp", 5, "uint16", "e/set")]))
    refused = "e/sp: the broker refused the command to e/set: Not authorized"
    with stack.modbusd.client() as client:
        client.write(5, 7)
        stack.mqttd.wait_log(refused)
        for number in range(200):
            client.write(5, number)
    landed(stack)
    assert stack.mqttd.log().count(refused) == 1, "one line for many"


def test_a_topic_that_cannot_be_takes_no_other_with_it(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    for name in "abc":
        stack.api.device(name, name, [tag("v", "abc".index(name), "uint16")])
    with open_store(stack.common["common.database"]) as store:
        store.execute("UPDATE device SET mqtt_topic = 'b' || char(1) WHERE name = 'b'")
    stack.start_mqttd().wait_log("cannot subscribe to \"b[^\"]*\":")
    stack.broker.publish("a", {"v": 1})
    stack.broker.publish("c", {"v": 3})
    shows(stack.modbusd, "holding_register", 0, [1, 0, 3])


def test_a_note_of_wildcards_that_cannot_be_read_is_named(stack):
    start(stack)
    assert "wildcards" not in stack.mqttd.log(), "a missing one is nothing to tell of"
    stack.mqttd.stop()
    wildcards = stack.folder / "runtime" / "wildcards"
    wildcards.unlink(missing_ok=True)
    wildcards.mkdir()
    stack.mqttd.start()
    stack.mqttd.wait_log("wildcards: Is a directory; topics with wildcards")


def test_topics_given_up_while_mqttd_was_away(stack):
    """The broker's kept session drops them, with wildcards or without."""
    start(stack, "log_type unsubscribe")
    reloaded(stack, lambda: stack.api.device("w", "w/+/#", [tag("v", 1, "uint16")]))
    stack.broker.publish("w/1", {"v": 1})
    shows(stack.modbusd, "holding_register", 1, [1])
    wildcards = stack.folder / "runtime" / "wildcards"
    eventually(lambda: wildcards.read_text() == "w/+/#\n", "the note of the wildcard")
    stack.mqttd.stop()
    stack.api.must("DELETE", "/devices/w")
    stack.api.must("DELETE", "/devices/d")
    stack.mqttd.start()
    stack.broker.wait_log(r"w/\+/#")
    stack.broker.publish("d", {"v": 3})
    stack.broker.wait_log(r"tagferry d\b|\td\b")
    eventually(lambda: wildcards.read_text() == "", "the note to be empty")
