"""SIGHUP: the settings that mqttd applies without a restart, without loss of messages."""

import json
import signal
import subprocess

import pytest

from harness import Daemon, eventually, free_port
from mqttd_helpers import back, metrics, reloaded, shows, tag
from test_mqttd_broker import make_certificates
from test_mqttd_kills import Publisher


class Configured:
    """An mqttd with the other parts; tests rewrite its section of the configuration file."""

    def __init__(self, stack, *lines, broker=None):
        self.stack, self.path = stack, stack.folder / "tagferry.conf"
        self.broker = broker or stack.broker.address()
        stack.start_modbusd()
        stack.start_api()
        stack.api.device("d", "d", [tag("v", 0, "uint16"), tag("s", 10, "string", length=20)])
        self.write(*lines)
        options = {key: value for key, value in stack.common.items()
                   if key != "common.log_level"}
        self.mqttd = stack.mqttd = stack.add(Daemon("tagferry-mqttd", stack.folder, options))
        self.mqttd.config = self.path
        self.mqttd.start()

    def write(self, *lines, log_level="debug"):
        self.path.write_text("\n".join(["[common]", f"log_level = {log_level}", "[mqttd]",
                                        f"broker = {self.broker}", *lines, ""]))

    def reload(self, words="configuration reloaded"):
        before = len(self.mqttd.log())
        self.mqttd.signal(signal.SIGHUP)
        eventually(lambda: words in self.mqttd.log()[before:], words)

    def connects(self, number, words="connected to broker"):
        eventually(lambda: self.mqttd.log().count(words) == number, f"{number} times {words}")

    def passes(self, number):
        self.stack.broker.publish("d", {"v": number})
        shows(self.stack.modbusd, "holding_register", 0, [number])


def test_what_takes_no_new_connection(stack):
    stack.start_broker()
    configured = Configured(stack)
    configured.connects(1)
    text = "x" * 30
    configured.write("max_payload = 20", "gateway_status = 1:input_register:50",
                     log_level="info")
    configured.reload()
    stack.broker.publish("d", {"s": text})
    eventually(lambda: metrics(stack)["messages_refused_total"] == 1)
    with stack.modbusd.client() as client:
        eventually(lambda: client.inputs(50, 2)[1] == 1)
    log = configured.mqttd.log()
    stack.broker.publish("nobody", "1")
    configured.write("max_payload = 60", log_level="debug")
    configured.reload()
    stack.broker.publish("d", {"s": text})
    with stack.modbusd.client() as client:
        eventually(lambda: client.holding(10, 2) == [0x7878, 0x7878])
    assert "debug" not in configured.mqttd.log()[len(log):].split("configuration reloaded")[0]
    configured.connects(1)
    assert metrics(stack)["connects_total"] == 1


def test_faults_and_what_takes_a_restart(stack):
    stack.start_broker()
    configured = Configured(stack)
    configured.passes(1)
    for lines, words in ((["max_payload = none"], "max_payload"),
                         (["nonsense = 1"], "nonsense"),
                         (["password_file = missing"], "missing: No such file")):
        configured.write(*lines)
        configured.reload("configuration not reloaded")
        assert words in configured.mqttd.log()
    configured.connects(1)
    for line in ("client_id = other", "protocol = 3.1.1", "tls = yes", "modbus_timeout_ms = 77"):
        configured.write(line)
        configured.reload(f"[mqttd] {line.split()[0]} has changed, which takes a restart")
    configured.passes(2)
    for _ in range(100):
        configured.mqttd.signal(signal.SIGHUP)
    configured.passes(3)
    configured.connects(1)
    configured.write("client_id = other", "protocol = 3.1.1", "keepalive_s = 77")
    configured.reload()
    configured.connects(1, 'as "tagferry" with MQTT 5, session kept')
    configured.passes(4)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_new_connection_loses_nothing(stack, protocol):
    """The stream continues while the connection is re-established repeatedly."""
    stack.start_broker("max_inflight_messages 20")
    configured = Configured(stack, f"protocol = {protocol}")
    configured.connects(1)
    subscriber = stack.broker.subscribe("tagferry/+/status")
    subscriber.wait(1)
    publisher = Publisher(stack.broker.number)
    for round in range(1, 6):
        for number in range(100):
            publisher.publish("d", 100 * round + number)
        configured.write(f"protocol = {protocol}", f"keepalive_s = {60 + round}",
                         f"session_expiry_s = {1000 + round}")
        configured.reload()
        configured.connects(round + 1)
    publisher.settle()
    shows(stack.modbusd, "holding_register", 0, [599])
    eventually(lambda: metrics(stack)["values_total"] >= 500)
    configured.connects(6)
    configured.connects(5, "session kept")
    eventually(lambda: "online" in subscriber.messages[-1][1], "the newest birth")
    assert "lost" not in configured.mqttd.log()
    publisher.close()


def test_a_new_password(stack):
    secrets, password = stack.folder / "passwords", stack.folder / "password"
    subprocess.run(["mosquitto_passwd", "-b", "-c", secrets, "ferry", "right"], check=True)
    password.write_text("wrong\n")
    stack.start_broker(f"password_file {secrets}", f"listener {free_port()} 127.0.0.1",
                       "allow_anonymous false")
    configured = Configured(stack, "username = ferry", f"password_file = {password}")
    configured.mqttd.wait_log("cannot connect to broker")
    password.write_text("right\n")
    configured.reload()
    configured.connects(1)
    configured.reload()
    configured.connects(1)


def test_new_certificates(stack):
    """The broker identifies the client by the certificate's name."""
    make_certificates(stack.folder)
    port = free_port()
    folder = stack.folder
    stack.start_broker(f"listener {port} 127.0.0.1", f"cafile {folder}/ca.crt",
                       f"certfile {folder}/server.crt", f"keyfile {folder}/server.key",
                       "require_certificate true", "use_identity_as_username true")
    mine = ["tls = yes", f"ca_file = {folder}/ca.crt", f"cert_file = {folder}/mine.crt",
            f"key_file = {folder}/mine.key"]

    def take(name):
        for ending in ("crt", "key"):
            (folder / f"mine.{ending}").write_bytes((folder / f"{name}.{ending}").read_bytes())
    take("client")
    configured = Configured(stack, *mine, broker=f"127.0.0.1:{port}")
    stack.broker.wait_log("as tagferry .*u'client'")
    (folder / "mine.crt").write_text("half a certific")
    configured.reload("configuration not reloaded")
    assert "[mqttd] cert_file" in configured.mqttd.log()
    configured.passes(3)
    take("server")
    configured.reload()
    stack.broker.wait_log("as tagferry .*u'server'")
    configured.passes(1)
    configured.connects(2)
    configured.reload()
    configured.passes(2)
    configured.connects(2)


@pytest.fixture
def secured(stack):
    """A broker with TLS, and an mqttd that trusts its authority; `trust` sets others."""
    make_certificates(stack.folder)
    (stack.folder / "other").mkdir()
    make_certificates(stack.folder / "other", "other")
    authorities, port = stack.folder / "authorities", free_port()

    def trust(*folders):
        authorities.write_text("".join((folder / "ca.crt").read_text() for folder in folders))
    trust(stack.folder)
    stack.start_broker(f"listener {port} 127.0.0.1", f"cafile {stack.folder}/ca.crt",
                       f"certfile {stack.folder}/server.crt", f"keyfile {stack.folder}/server.key")
    configured = Configured(stack, "tls = yes", f"ca_file = {authorities}",
                            broker=f"127.0.0.1:{port}")
    configured.trust = trust
    configured.connects(1)
    configured.passes(1)
    return configured


def test_an_authority_that_is_no_longer_trusted(stack, secured):
    secured.trust(stack.folder / "other")
    secured.reload()
    secured.mqttd.wait_log("certificate verify failed")
    stack.broker.publish("d", {"v": 2})
    secured.trust(stack.folder / "other", stack.folder)
    secured.reload()
    secured.connects(2)
    secured.connects(1, "session kept")
    shows(stack.modbusd, "holding_register", 0, [2])
    secured.trust(stack.folder)
    secured.reload()
    secured.connects(3)
    secured.passes(3)
    assert "lost" not in secured.mqttd.log()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_command_under_way_is_kept(stack, secured, trusted):
    """When the authorities change before the broker has received it, the broker still receives it,
    also from an mqttd that does not trust it afterwards."""
    reloaded(stack, lambda: stack.api.device("c", "c", [
        back("v", 50, "uint16", "c/set", mqtt={"command_retain": True})]))
    stack.broker.signal(signal.SIGSTOP)
    with stack.modbusd.client() as client:
        client.write(50, 7)
    secured.mqttd.wait_log("c/v: 7 to c/set")
    secured.trust(stack.folder / "other", *([stack.folder] if trusted else []))
    secured.reload()
    stack.broker.kill()
    stack.broker.start()
    commands = stack.broker.subscribe("c/set")
    commands.wait(1)
    assert json.loads(commands.messages[0][1]) == {"v": 7}
    if not trusted:
        secured.mqttd.wait_log("certificate verify failed")
        return
    secured.connects(3)
    secured.passes(5)
    with stack.modbusd.client() as client:
        client.write(50, 8)
    eventually(lambda: json.loads(commands.messages[-1][1]) == {"v": 8}, "a command")


def test_another_broker(stack):
    stack.start_broker()
    configured = Configured(stack, broker=f"127.0.0.1:{free_port()}")
    configured.mqttd.wait_log("cannot connect to broker")
    configured.broker = stack.broker.address()
    configured.write()
    configured.reload()
    configured.connects(1)
    configured.mqttd.wait_log("subscribed to 1 topic")
    configured.passes(1)
