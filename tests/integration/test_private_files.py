"""Each daemon warns of a private key or password that every user can read: at the start, at a reload, and when the
configuration is checked."""

import re
import subprocess

import pytest

from harness import free_port


@pytest.fixture
def key(tmp_path):
    """A certificate and its key in one file each; the certificate is its own authority."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"],
                   cwd=tmp_path, check=True, capture_output=True)
    return tmp_path / "key.pem"


def start_api(stack, key):
    return stack.start_api(api__tls_certificate=key.parent / "cert.pem", api__tls_key=key)


def start_modbusd(stack, key):
    certificate = key.parent / "cert.pem"
    return stack.start_modbusd(modbusd__tls_listen=f"127.0.0.1:{free_port()}", modbusd__tls_certificate=certificate,
                               modbusd__tls_key=key, modbusd__tls_client_ca=certificate)


def start_mqttd(stack, key):
    certificate = key.parent / "cert.pem"
    return stack.start_mqttd(False, mqttd__tls="yes", mqttd__ca_file=certificate, mqttd__cert_file=certificate,
                             mqttd__key_file=key)


def start_foreign(stack, key):
    certificate = key.parent / "cert.pem"
    return stack.start_mqttd(False, mqttd__modbus_tls_ca=certificate, mqttd__modbus_tls_certificate=certificate,
                             mqttd__modbus_tls_key=key)


def start_password(stack, key):
    return stack.start_mqttd(False, mqttd__username="me", mqttd__password_file=key)


STARTS = [start_api, start_modbusd, start_mqttd, start_foreign, start_password]


@pytest.mark.parametrize("start", STARTS)
def test_who_can_read_it(stack, key, start):
    def warning(word):
        return f"{key} holds a secret, and every user of this machine can {word} it: chmod o= {key}"
    stack.start_broker()
    key.chmod(0o640)  # the group of the daemon
    daemon = start(stack, key)
    daemon.wait_log("started|listening on")
    assert "holds a secret" not in daemon.log()
    key.chmod(0o644)
    daemon.process.send_signal(1)
    daemon.wait_log(re.escape(warning("read")))
    checked = subprocess.run([*daemon.command, "--check-config"], capture_output=True, text=True, timeout=60)
    assert checked.returncode == 0 and warning("read") in checked.stderr, checked
    key.chmod(0o602)
    daemon.process.send_signal(1)
    daemon.wait_log(re.escape(warning("change")))
