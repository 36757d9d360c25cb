"""The checks at a daemon's end see what they are for."""

import os
import socket
import subprocess
import time

import pytest

import end_checks
from harness import ROOT, eventually
from wire import Wire, read_request


@pytest.mark.parametrize("mistake, word", [
    ("none", ""), ("leak", "socket half closed"), ("spin", "does not rest"), ("log", "times: listening on")])
def test_a_mistake_is_seen(stack, tmp_path, monkeypatch, mistake, word):
    shim = tmp_path / "mistake_shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, ROOT / "tests/integration/mistake_shim.c"], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(shim))
    monkeypatch.setenv("TAGFERRY_MISTAKE", mistake)
    monkeypatch.setenv("ASAN_OPTIONS", "verify_asan_link_order=0")
    modbusd = stack.start_modbusd()
    modbusd.is_checked = False  # at its end: here it is checked by hand
    for _ in range(8):
        with Wire(modbusd.address()) as wire:
            assert wire.ask(read_request(3, 0, 1))
    if mistake == "spin":
        eventually(lambda: end_checks.too_busy(modbusd, 0), "much processor time")
        modbusd.began_s = time.monotonic() + 60  # this machine may be busy itself
    found = end_checks.look(modbusd, lambda probe: eventually(probe, deadline=1))
    assert word in found if word else found == ""


@pytest.mark.parametrize("is_permitted", [True, False], ids=["copies", "lists"])
def test_states_of_sockets(monkeypatch, is_permitted):
    """Copies of descriptors, and where these are not permitted, the lists of /proc, say the same."""
    if not is_permitted:
        monkeypatch.setattr(end_checks, "PIDFD_GETFD", -1)
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as idle, \
            socket.create_server(("::1", 0), family=socket.AF_INET6) as six, \
            socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server, \
            socket.create_connection(listener.getsockname()) as half, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unbound, socket.socketpair()[0] as local:
        datagrams.bind(("127.0.0.1", 0))
        listener.accept()[0].close()
        wanted = {listener: "listens", six: "listens", idle: "idle", client: "connected", server: "connected",
                  half: "half closed", datagrams: "datagrams", unbound: "idle", local: "local"}
        links = {each.fileno(): os.readlink(f"/proc/self/fd/{each.fileno()}") for each in wanted}
        expected = {each.fileno(): state for each, state in wanted.items()}
        eventually(lambda: end_checks.states_of(os.getpid(), links) == expected, f"the states {expected}")
