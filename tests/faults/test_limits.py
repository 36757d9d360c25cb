"""No descriptors, no address space, no memory."""

import contextlib
import http.client
import json
import resource
import time

import pytest

import rows
from harness import BIN, eventually
from wire import Wire, read_request

CROWD = 20
PATIENCE_S = 0.5


def limit(process, what, most):
    """Sets the soft limit of a running process; answers the one before."""
    before = resource.prlimit(process.pid, what)
    resource.prlimit(process.pid, what, (most, before[1]))
    return before


def open_quietly(address):
    with contextlib.suppress(OSError, AssertionError):
        return Wire(address)


def crowd(plant):
    """Starts new clients of each kind; the daemon may refuse them."""
    made = [open_quietly(plant.modbusd.address()) for _ in range(CROWD)]
    made += [open_quietly(plant.api.options["api.listen"]) for _ in range(CROWD)]
    for each in filter(None, made):
        with contextlib.suppress(OSError):
            each.socket.settimeout(0.02)
            each.send(b"GET /api/v1/values HTTP/1.0\r\n\r\n")
            each.socket.recv(1)
    return [each for each in made if each]


def ask(plant, method, path, body=None):
    """A request that may fail."""
    host, port = plant.api.options["api.listen"].rsplit(":", 1)
    client = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)
    with contextlib.suppress(OSError, http.client.HTTPException):
        client.request(method, plant.api.base + path, body and json.dumps(body),
                       {"Content-Type": "application/json"})
        client.getresponse().read()
    client.close()


def burden(plant, flow):
    """Actions that need memory. They may fail, but no daemon may end."""
    ask(plant, "POST", "/import?dry_run=true", {"devices": [
        {"name": "big", "mqtt": {"topic": "big"}, "tags": [{"name": f"t{n}"} for n in range(300)]}]})
    ask(plant, "GET", "/values?limit=1000")
    ask(plant, "GET", "/export")
    wide = {f"k{n}": "x" * 100 for n in range(500)}
    flow.client.publish("faults/values", json.dumps(wide), qos=1)


def use(plant, flow):
    """Open connections are served; new ones may wait."""
    clients = crowd(plant)
    burden(plant, flow)
    flow.say(5)
    flow.settle()
    for client in clients:
        client.close()


def descriptors(plant, flow, daemon):
    part = getattr(plant, daemon)
    flow.mark()  # its connection is open
    before = limit(part.process, resource.RLIMIT_NOFILE, 3)
    use(plant, flow)
    if daemon == "mqttd":
        plant.proxy.cut()
        plant.mqttd.wait_log("cannot connect to broker|lost|closed")
    else:
        flow.back()
    resource.prlimit(part.process.pid, resource.RLIMIT_NOFILE, before)


def is_sanitized():
    return b"libasan" in (BIN / "tagferry-api").read_bytes()


def space(plant, flow, daemon):
    """AddressSanitizer ends a process without address space for its own needs: its build is refused
    only new pages instead."""
    part = getattr(plant, daemon)
    if is_sanitized():
        memory(plant, flow, daemon, resource.getpagesize())
        return
    with open(f"/proc/{part.process.pid}/statm", encoding="ascii") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    before = limit(part.process, resource.RLIMIT_AS, size)
    use(plant, flow)
    resource.prlimit(part.process.pid, resource.RLIMIT_AS, before)


def memory(plant, flow, daemon, size):
    plant.order(daemon, "memory", size)
    use(plant, flow)
    plant.order(daemon, "memory", None)


@pytest.mark.parametrize("row", rows.LIMITS, ids=lambda row: row.name)
def test_limits(plant, flow, record, row):
    daemon, what = row.how
    if what == "descriptors":
        descriptors(plant, flow, daemon)
    elif what == "space":
        space(plant, flow, daemon)
    else:
        memory(plant, flow, daemon, int(what))
    began = time.monotonic()
    flow.mark()
    answers(plant)
    back = (time.monotonic() - began) * 1000
    part = getattr(plant, daemon)
    assert part.alive(), part.log()
    lost = flow.lost_now()
    record(row, lost, back)
    if row.may == rows.NOTHING:
        assert lost == 0
    flow.say()
    flow.back()
    assert flow.change() == 200
    assert flow.lost() == 0


def answers(plant):
    """New clients are served."""
    with Wire(plant.modbusd.address()) as wire:
        assert wire.ask(read_request(3, 0, 1))
    eventually(lambda: plant.api.get("/devices?limit=1").status == 200, "the API")
