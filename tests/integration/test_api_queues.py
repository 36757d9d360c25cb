"""Reads continue while other requests wait: for Modbus, for the disk, for a long import."""

import concurrent.futures
import signal

import pytest

from harness import DEADLINE

READS = ["/devices", "/devices/a", "/devices/a/tags?limit=5", "/devices/a/tags/x", "/tags?limit=5",
         "/audit?limit=5", "/readyz?need=store"]


def read_all(api, times):
    for _ in range(times):
        for path in READS:
            answer = api.get(path)
            assert answer.status == 200, (path, answer.body)


@pytest.fixture
def pool():
    with concurrent.futures.ThreadPoolExecutor(8) as made:
        yield made


def send_import(api, rows):
    text = "device,topic,tag,table,address\r\n" + "".join(
        f"d{n // 1000},t,t{n},coil,{n}\r\n" for n in range(rows))
    return api.request("POST", "/import", text.encode(), {"Content-Type": "text/csv"})


def test_modbus_stands_still_and_so_does_the_disk(stack, disk, pool):
    modbusd = stack.start_modbusd()
    api = disk.start_api(api__modbus_timeout_ms=500)
    api.device("a", "t", [{"name": "x"}])
    modbusd.signal(signal.SIGSTOP)
    disk.say("hold")
    imported = pool.submit(send_import, api, 100)
    change = pool.submit(api.request, "PATCH", "/devices/a", {"description": "d"})
    values = [pool.submit(api.get, "/devices/a/tags/x/value") for _ in range(4)]
    read_all(api, 20)
    assert not imported.done() and not change.done(), "they wait for the disk"
    assert [value.result(DEADLINE).status for value in values] == [503] * 4
    read_all(api, 20)
    assert not imported.done() and not change.done()
    modbusd.signal(signal.SIGCONT)
    disk.say()
    assert imported.result(DEADLINE).status == 200 and change.result(DEADLINE).status == 200


def test_an_import_is_under_way(stack, pool):
    api = stack.start_api()
    api.device("a", "t", [{"name": "x"}])
    imported = pool.submit(send_import, api, 8000)
    rounds = 0
    while not imported.done():
        read_all(api, 1)
        rounds += 1
    assert imported.result().json()["created"] == 8008
    assert rounds >= 5, "reads were answered all the while"
