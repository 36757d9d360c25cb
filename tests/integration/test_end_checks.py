"""The checks at a daemon's end see what they are for."""

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
