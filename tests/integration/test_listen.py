"""Listening: [::] serves IPv4 too, and a port that needs a privilege says what to do.

The machine needs IPv6 on its loopback interface."""

import http.client
import subprocess

import pytest

from harness import BIN, DEADLINE, Api, Modbusd, free_port
from wire import Wire, read_request


def modbusd_at(stack, listen, wait=True):
    options = dict(stack.common, **{key: "127.0.0.1:0" for key in Modbusd.PORTS.values()})
    options.update({"modbusd.image": stack.folder / "image", "modbusd.listen": listen})
    made = stack.add(Modbusd("tagferry-modbusd", stack.folder, options))
    made.start(wait=False)
    if wait:
        made.wait_ready()
    return made


def api_at(stack, listen, wait=True):
    options = dict(stack.common, **{"api.listen": listen, "api.token_file": stack.folder / "tokens"})
    given = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    subprocess.run([BIN / "tagferry-api", "-c", "/dev/null", *given, "token", "add", "ops"],
                   check=True, capture_output=True)
    made = stack.add(Api("tagferry-api", stack.folder, options))
    made.start(wait=False)
    if wait:
        made.wait_ready()
    return made


def asks_modbus(host, port):
    with Wire(f"{host}:{port}") as wire:
        return wire.ask(read_request(3, 0, 1)) == b"\3\2\0\0"


def asks_http(host, port):
    connection = http.client.HTTPConnection(host.strip("[]"), port, timeout=DEADLINE)
    connection.request("GET", "/healthz")
    status = connection.getresponse().status
    connection.close()
    return status == 200


@pytest.mark.parametrize("start, what, asks", [(modbusd_at, "scada", asks_modbus),
                                               (api_at, "http", asks_http)], ids=["modbusd", "api"])
def test_the_wildcard_of_ipv6_serves_ipv4(stack, start, what, asks):
    daemon = start(stack, "[::]:0")
    port = daemon.port(what)
    assert asks("127.0.0.1", port) and asks("[::1]", port)


@pytest.mark.parametrize("start, asks", [(modbusd_at, asks_modbus), (api_at, asks_http)],
                         ids=["modbusd", "api"])
@pytest.mark.parametrize("order", [("0.0.0.0", "[::]"), ("[::]", "0.0.0.0"), ("127.0.0.1", "[::]")])
def test_both_wildcards_may_be_named(stack, start, asks, order):
    port = free_port()
    start(stack, ",".join(f"{host}:{port}" for host in order))
    assert asks("127.0.0.1", port) and asks("[::1]", port)


def test_rules_and_lines_know_an_ipv4_client_by_its_own_address(stack):
    daemon = modbusd_at(stack, "[::]:0")
    port = daemon.port("scada")
    with Wire(f"127.0.0.1:{port}") as wire:
        wire.send(b"GET / HTTP/1.1\r\n\r\n")
        assert wire.closed()
    daemon.wait_log("warning 127.0.0.1 sends HTTP instead of Modbus TCP")
    daemon.stop()
    daemon.options["modbusd.allow"] = "127.0.0.0/8 rw"
    daemon.start(wait=False)
    daemon.wait_ready()
    assert asks_modbus("127.0.0.1", daemon.port("scada"))
    with Wire(f"[::1]:{daemon.port('scada')}") as wire:
        assert wire.closed()


@pytest.mark.parametrize("start, name", [(modbusd_at, "modbusd"), (api_at, "api")],
                         ids=["modbusd", "api"])
def test_a_port_that_needs_a_privilege(stack, monkeypatch, start, name):
    """Like for a port in use: the log says what to do, and the exit status is 3, after which
    systemd does not restart."""
    unprivileged = ("unshare", "-n", "setpriv", "--bounding-set", "-net_bind_service",
                    "--inh-caps", "-net_bind_service", "--ambient-caps", "-net_bind_service")
    for kind in (Modbusd, Api):
        monkeypatch.setattr(kind, "prefix", unprivileged)
    daemon = start(stack, "0.0.0.0:502", wait=False)
    assert daemon.process.wait(DEADLINE) == 3
    daemon.wait_log(r"error +cannot listen on 0\.0\.0\.0:502: Permission denied; ports below 1024 need a "
                    rf"privilege: let systemd open it \(tagferry-{name}\.socket\), or choose another port")
