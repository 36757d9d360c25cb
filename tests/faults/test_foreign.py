"""A foreign Modbus server, or one unit behind it, that fails and returns with zeros."""

import time

import pytest

import rows
from gateway import Gateway
from harness import eventually
from mqttd_helpers import back, reloaded, tag

UNITS, WIDE = (1, 2), 10
TOPIC, COMMANDS = "faults/foreign", "faults/foreign/set"


class Foreign:
    """A server with two units, and the last value sent to each tag there."""

    def __init__(self, plant):
        self.plant = plant
        self.gateway = Gateway(units=UNITS)
        self.number = 0
        self.commands = plant.broker.subscribe(COMMANDS)

        def configure():
            for unit in UNITS:
                plant.api.device(f"g{unit}", TOPIC, [
                    *(tag(f"v{n}", 2 * n, "uint16") for n in range(WIDE)),
                    back("both", 2 * WIDE, "uint16", COMMANDS, "both", {"hold_off_ms": 0})],
                    network={"modbus_host": "127.0.0.1", "modbus_port": self.gateway.port,
                             "unit_id": unit, "poll_interval_ms": 50})
        reloaded(plant, configure)

    def close(self):
        for unit in UNITS:
            assert self.plant.api.confirm("DELETE", f"/devices/g{unit}").status == 204
        self.commands.close()
        self.gateway.close()

    def say(self):
        self.number += 1
        self.plant.broker.publish(TOPIC, dict.fromkeys(
            [*(f"v{n}" for n in range(WIDE)), "both"], self.number))

    def wrong(self, units=UNITS):
        """Registers that do not hold the last value sent."""
        with self.gateway.lock:
            held = [self.gateway.units[unit][0:2 * WIDE + 1:2] for unit in units]
        return sum(each != self.number for words in held for each in words)

    def back(self, units=UNITS):
        began = time.monotonic()
        eventually(lambda: not self.wrong(units), "the values to be in the registers")
        return (time.monotonic() - began) * 1000

    def polled(self, units=UNITS):
        """Waits until each unit has been read often enough for a wrong command to be under way."""
        for unit in units:
            before = self.gateway.count(unit, 3)
            eventually(lambda: self.gateway.count(unit, 3) >= before + 3, "polls")

    def forget(self, units):
        with self.gateway.lock:
            for unit in units:
                self.gateway.units[unit] = [0] * len(self.gateway.units[unit])


@pytest.fixture
def foreign(plant, flow):
    made = Foreign(plant)
    yield made
    made.close()


def go_away(foreign, how):
    """Returns the units that still answer."""
    if how == "restart":
        foreign.gateway.stop()
        foreign.forget(UNITS)
        return ()
    if how == "drop":
        foreign.gateway.drop()
        return UNITS
    setattr(foreign.gateway, how, {2})
    eventually(lambda: foreign.plant.api.value("g2", "both")["last_error"], "its loss to be noted")
    foreign.forget({2})
    return (1,)


def come_back(foreign, how):
    if how == "restart":
        foreign.gateway.start()
    elif how != "drop":
        setattr(foreign.gateway, how, set())


@pytest.mark.parametrize("row", rows.FOREIGN, ids=lambda row: row.name)
def test_foreign(flow, foreign, record, row):
    foreign.say()
    foreign.back()
    foreign.polled()
    there = go_away(foreign, row.how)
    for _ in range(3):
        flow.say()
        flow.back()
    foreign.polled(there)
    come_back(foreign, row.how)
    back = foreign.back()
    foreign.say()
    foreign.back()
    foreign.polled()
    lost = foreign.wrong() + len(foreign.commands.messages) + flow.lost()
    record(row, lost, back)
    assert lost == 0
