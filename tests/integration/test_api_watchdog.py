"""The watchdog of tagferry-api is fed only while the loop of its HTTP thread turns."""

import socket
import subprocess

import pytest

from harness import DEADLINE, ROOT, eventually

# The loop turns at least once a second, and may stall for this long.
WATCHDOG = {"WATCHDOG_USEC": "4000000"}


def fed(api):
    return api.read_notices().count("WATCHDOG=1")


def assert_fed(api, more=2):
    count = fed(api) + more
    eventually(lambda: fed(api) >= count, "the watchdog is fed")


def assert_starves(api, what):
    """After the log line, no notification arrives within the time of two."""
    api.wait_log(what)
    count = fed(api)
    api.read_notices(2.5)
    assert fed(api) == count and api.alive()


@pytest.fixture
def held(stack):
    """An api whose HTTP thread hangs at the next connection while `orders` is there."""
    shim, orders = stack.folder / "accept_shim.so", stack.folder / "orders"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim,
                    ROOT / "tests/integration/accept_shim.c", "-ldl"], check=True)
    api = stack.start_api(env=dict(
        WATCHDOG, LD_PRELOAD=str(shim), TAGFERRY_TEST_ACCEPT=str(orders),
        ASAN_OPTIONS="verify_asan_link_order=0"))
    yield api, orders
    orders.unlink(missing_ok=True)


def test_a_hanging_http_thread_starves_the_watchdog(held):
    api, orders = held
    assert_fed(api)
    orders.touch()
    host, port = api.options["api.listen"].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=DEADLINE):
        assert_starves(api, "a request does not end")
        orders.unlink()
    assert_fed(api)
    assert api.get("/healthz").status == 200
