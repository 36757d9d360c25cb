"""The journal of SCADA's writes is missing, of another version, or damaged."""

import signal
import struct
import time

import pytest

import rows

RING_AT, ENTRIES = 64, 8192


def journal(plant):
    return plant.common["common.runtime_dir"] / "journal"


def overwrite(plant, at, word):
    with open(journal(plant), "r+b") as file:
        file.seek(at)
        file.write(struct.pack("<Q", word))


def restart_modbusd(plant, spoil):
    plant.modbusd.stop()
    spoil(plant)
    plant.modbusd.start()


def delete(plant):
    journal(plant).unlink()


def be_of_another_layout(plant):
    overwrite(plant, 8, 1)


def damage_next(plant, flow):
    """Damages the next entry, so that no part of it can be used."""
    data = journal(plant).read_bytes()
    slot = struct.unpack_from("<Q", data, 32)[0] % ENTRIES
    flow.command()
    size = (len(data) - RING_AT) // ENTRIES
    overwrite(plant, RING_AT + slot * size + 16, 2 ** 48 - 1)


@pytest.mark.parametrize("row", rows.JOURNAL, ids=lambda row: row.name)
def test_journal(plant, flow, record, row):
    how, waiting = row.how
    flow.mark()
    flow.command()
    flow.lost_now()
    if how == "damaged":
        plant.mqttd.signal(signal.SIGSTOP)
        damage_next(plant, flow)
        flow.command()
        plant.mqttd.signal(signal.SIGCONT)
    else:
        if waiting:
            plant.mqttd.stop()
            flow.command()
        restart_modbusd(plant, {"deleted": delete, "layout": be_of_another_layout}[how])
        flow.command()
        if waiting:
            plant.mqttd.start()
    began = time.monotonic()
    flow.say()
    flow.back()
    back = (time.monotonic() - began) * 1000
    lost = flow.lost_now()
    record(row, lost, back)
    assert lost == waiting
