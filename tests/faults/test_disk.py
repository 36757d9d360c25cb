"""Disks that are full, read-only or broken, below each daemon's files."""

import os
import signal
import time

import pytest

import rows
from harness import DEADLINE, Modbusd, eventually
from mqttd_helpers import served
from store_file import open_store

STRINGS, TAGS = 80, 1100  # more than the initial size of the live table


def api(plant, flow, number):
    before = flow.offset
    plant.order("api", "disk", f"{number} {plant.files('api')}")
    assert flow.change() == 503
    assert plant.api.get("/devices/f/tags/step").json()["modbus"]["offset"] == before
    use(flow)
    plant.order("api", "disk", None)
    began = time.monotonic()
    eventually(lambda: flow.change() == 200, "changes to be taken")
    with open_store(plant.common["common.database"]) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return began


def use(flow):
    flow.say(5)
    flow.command()
    flow.back()


def modbusd(plant, flow, number):
    """The image is a mapping: writes to it cannot fail, only the transfer to the disk can."""
    failures = plant.modbusd.counter("MODBUSD_IMAGE_SYNC_FAILURES")
    plant.order("modbusd", "disk", f"{number} {plant.files('modbusd')}")
    use(flow)
    eventually(lambda: plant.modbusd.counter("MODBUSD_IMAGE_SYNC_FAILURES") > failures,
               "a sync that fails")
    syncs = plant.modbusd.counter("MODBUSD_IMAGE_SYNCS")
    plant.order("modbusd", "disk", None)
    began = time.monotonic()
    eventually(lambda: plant.modbusd.counter("MODBUSD_IMAGE_SYNCS") > syncs, "a sync")
    return began


def mqttd(plant, flow, number):
    """The live table cannot grow: existing rows work, new ones must wait."""
    plant.mqttd.stop()
    for name in ("live", "live-strings"):
        (plant.files("mqttd") / name).unlink()
    plant.mqttd.start()
    served(plant)
    plant.order("mqttd", "disk", f"{number} {plant.files('mqttd')}")
    made = [{"name": f"s{n}", "modbus": {"type": "string", "length": 2}} for n in range(STRINGS)]
    made += [{"name": f"n{n}", "modbus": {"type": "uint16"}} for n in range(TAGS)]
    plant.api.must("POST", "/import", {"devices": [
        {"name": f"new-{number}", "mqtt": {"topic": f"new/{number}"}, "tags": made}]})
    plant.mqttd.wait_log("no room in the live table")
    plant.broker.publish(f"new/{number}", {"s79": "ab", "n1099": 7})
    use(flow)
    assert flow.change() == 200
    plant.order("mqttd", "disk", None)
    began = time.monotonic()

    def new_flows():
        plant.broker.publish(f"new/{number}", {"s79": "yz", "n1099": number})
        shown = [plant.api.value(f"new-{number}", name)["value"] for name in ("s79", "n1099")]
        return shown == ["yz", number]
    eventually(new_flows, "the new device to be served")
    assert plant.api.confirm("DELETE", f"/devices/new-{number}").status == 204
    return began


DOES = {"api": api, "modbusd": modbusd, "mqttd": mqttd}


@pytest.mark.parametrize("row", [row for row in rows.DISK if row.how[0] in DOES],
                         ids=lambda row: row.name)
def test_disk(plant, flow, record, row):
    daemon, number = row.how
    began = DOES[daemon](plant, flow, number)
    back = (time.monotonic() - began) * 1000
    part = getattr(plant, daemon)
    assert part.alive()
    part.kill()
    part.start()
    lost = flow.lost()
    record(row, lost, back)
    assert lost == 0


@pytest.mark.parametrize("row", [row for row in rows.DISK if row.how[0] not in DOES],
                         ids=lambda row: row.name)
def test_start_on_a_full_disk(plant, flow, record, row):
    what, number = row.how
    began = time.monotonic()
    if what == "start":
        plant.modbusd.kill()
        plant.order("modbusd", "disk", f"{number} {plant.folder}")
        plant.modbusd.start()
        flow.mark()
        plant.order("modbusd", "disk", None)
    else:
        options = dict(plant.modbusd.options, **{
            "modbusd.image": plant.folder / "elsewhere", "common.runtime_dir": plant.folder / "r"})
        options.update({key: "127.0.0.1:0" for key in Modbusd.PORTS.values()})
        second = Modbusd("tagferry-modbusd", plant.folder / "second", options)
        second.folder.mkdir(exist_ok=True)
        orders = second.folder / "orders"
        orders.mkdir(exist_ok=True)
        (orders / "disk").write_text(f"{number} {plant.folder}")
        second.env.update(plant.modbusd.env, TAGFERRY_FAULTS=str(orders))
        second.start(wait=False)
        status = second.process.wait(DEADLINE)
        assert status not in (0, -signal.SIGBUS, -signal.SIGSEGV), second.log()
        assert os.strerror(number) in second.log()
        second.close_notify()
        second.check_sanitizers()
    lost = flow.lost()
    record(row, lost, (time.monotonic() - began) * 1000 if what == "start" else None)
    assert lost == 0
