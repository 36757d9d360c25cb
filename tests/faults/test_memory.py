"""Refuses each allocation once in a serving daemon."""

import contextlib
import pathlib
import re
import signal
import socket
import time

import pytest

import api_memory
import mqttd_memory
import rows
from harness import DEADLINE, eventually
from wire import Wire, frame, read_request

MOST = 2000  # most allocations of one act


def refuse_each(plant, daemon, act, own=False):
    """Runs `act`, which returns the number of refusals, with its first allocation refused, then its
    second, until it makes no more; returns their number. The daemon must survive each."""
    part = getattr(plant, daemon)
    for number in range(1, MOST):
        plant.refuse(daemon, number, own=own)
        refused = act()
        assert part.alive(), f"allocation {number}:\n{part.log()}"
        if refused == 0:
            return number - 1
    raise AssertionError(f"more than {MOST} allocations")


def end(plant, daemon):
    """Cancels the order; returns the number of refused allocations."""
    _, refused = plant.refused(daemon)
    plant.refuse(daemon, 0)
    return refused


def connections(part):
    return part.counter("MODBUSD_CONNECTIONS") + part.counter("MODBUSD_PROCESS_CONNECTIONS")


def other_descriptors(part):
    """The number of descriptors that belong to no connection in use."""
    return len(list(pathlib.Path(f"/proc/{part.process.pid}/fd").iterdir())) - connections(part)


def modbusd_connection(plant, open_link):
    """A new client is served or closed; the connected one is served."""
    with contextlib.suppress(OSError), Wire(plant.modbusd.address()) as wire:
        wire.send(frame(read_request(3, 0, 1)))
        answer = wire.answer()
        assert answer is None or answer[2][0] == 3
    assert open_link.ask(read_request(3, 0, 1))[0] == 3
    return end(plant, "modbusd")


def is_let_in(plant, source):
    host, port = plant.modbusd.address().rsplit(":", 1)
    with socket.create_connection((host, int(port)), source_address=(source, 0)) as client:
        client.settimeout(DEADLINE)
        with contextlib.suppress(ConnectionError):
            client.send(frame(read_request(3, 0, 1)))
            return client.recv(1) != b""
    return False


def modbusd_reload(plant):
    """A reload is complete or refused: the rules in force are all those of the file."""
    pattern = r"configuration (?:not )?reloaded"
    before = len(re.findall(pattern, plant.modbusd.log()))
    plant.modbusd.signal(signal.SIGHUP)
    eventually(lambda: len(re.findall(pattern, plant.modbusd.log())) > before, "a reload")
    refused = end(plant, "modbusd")
    assert [is_let_in(plant, f"127.0.0.{n}") for n in (1, 2, 3)] == [True, True, False], \
        plant.modbusd.log()
    return refused


def modbusd(plant, flow):
    part = plant.modbusd
    part.config = plant.folder / "modbusd.conf"
    part.config.write_text("[modbusd]\nmax_connections = 300\nallow = 127.0.0.1 rw\n"
                           "allow = 127.0.0.2 ro\n")
    part.stop()
    part.start()
    flow.say()
    flow.back()  # mqttd's connection for input registers is there,
    flow.mark()  # and that for holding registers
    with Wire(part.address()) as link:
        assert link.ask(read_request(3, 0, 1))
        before, connected = other_descriptors(part), connections(part)
        assert refuse_each(plant, "modbusd", lambda: modbusd_connection(plant, link)) >= 2
        assert refuse_each(plant, "modbusd", lambda: modbusd_reload(plant)) >= 10
        eventually(lambda: other_descriptors(part) == before, "all descriptors of refused clients closed")
        eventually(lambda: connections(part) <= connected, "nobody left")
    assert "no memory" in part.log()
    flow.say(5)
    flow.settle()


def api(plant, _flow):
    """A request of each kind: its answer is correct, or it is a 503 and nothing has changed. Very
    rarely the library lacks the memory to answer at all."""
    eventually(lambda: plant.api.get("/readyz").status == 200, "a connection to the broker that lasts")
    for request in api_memory.REQUESTS:
        # libzip 1.7.3 leaks 160 bytes if it lacks the memory to open an entry, and 56 bytes if it lacks
        # the memory to compute the checksum of a new one, which are no faults here.
        uses_zip = request[0] in ("a dry run of a workbook", "faults of a workbook",
                                  "an export as a workbook")
        counts = api_memory.check(plant, request, own=uses_zip)
        assert counts[503] > 0 and counts[None] <= 3, f"{request[0]}: {counts}"
    api_memory.large_requests(plant)
    api_memory.streams(plant)
    assert "no memory for a request" in plant.api.log()


DOES = {"modbusd": modbusd, "api": api, "mqttd": mqttd_memory.check}


@pytest.mark.parametrize("row", rows.MEMORY, ids=lambda row: row.name)
def test_memory(plant, flow, record, row):
    DOES[row.how](plant, flow)
    began = time.monotonic()
    flow.back()
    back = (time.monotonic() - began) * 1000
    lost = flow.lost()
    record(row, lost, back)
    assert lost == 0
