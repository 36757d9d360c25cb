"""A value is converted to the new settings when a tag or its device changes."""

import pytest

from harness import eventually
from mqttd_helpers import reloaded, served, shows, tag
from small_plc import SmallPlc


@pytest.fixture
def two_units(stack):
    stack.start_broker()
    stack.start_modbusd(common__units="1-2")
    stack.start_api()
    stack.start_mqttd()
    return stack


def holds(stack, unit, table, address, words):
    with stack.modbusd.client(unit=unit) as client:
        eventually(lambda: client.read(table, address, len(words)) == words,
                   f"unit {unit}, {table} {address}: {words}")


TAGS = [tag("x", 5, "int16", scale=0.1), tag("t", 8, "string", length=2), tag("b", 12, "bool", bit=4),
        tag("c", 3, "bool", "coil"), tag("i", 3, "float32", "input_register")]
SENT = {"x": 21.5, "t": "abcd", "b": True, "c": 1, "i": 1.5}


def show_all(stack, unit, shown):
    words = {("holding_register", 5): [215], ("holding_register", 8): [0x6162, 0x6364],
             ("holding_register", 12): [16], ("coil", 3): [True], ("input_register", 3): [0x3FC0, 0]}
    for (table, address), wanted in words.items():
        holds(stack, unit, table, address, wanted if shown else [0] * len(wanted))


@pytest.mark.parametrize("dead", [False, True], ids=["mqttd runs", "mqttd is dead"])
def test_a_device_that_moves_to_another_unit(two_units, dead):
    stack = two_units
    reloaded(stack, lambda: stack.api.device("d", "d", TAGS))
    stack.broker.publish("d", SENT)
    show_all(stack, 1, True)
    before = stack.api.value("d", "x")
    if dead:
        stack.mqttd.kill()
    stack.api.must("PATCH", "/devices/d", {"network": {"unit_id": 2}})
    if dead:
        stack.mqttd.start()
    served(stack)
    show_all(stack, 2, True)
    show_all(stack, 1, False)
    if not dead:
        after = stack.api.value("d", "x")
        assert {k: after[k] for k in ("quality", "received_at", "messages", "value")} == {
            k: before[k] for k in ("quality", "received_at", "messages", "value")}


def test_many_moves_and_crashes(two_units):
    """Whenever mqttd is killed, the newest value ends up where the newest settings say, and nowhere
    else."""
    stack = two_units
    reloaded(stack, lambda: stack.api.device("d", "d", [tag("x", 5, "int16")]))
    stack.broker.publish("d", {"x": 21})
    holds(stack, 1, "holding_register", 5, [21])
    last = None
    for n in range(8):
        last = (n % 2 + 1, 10 + n, n % 3)
        stack.api.must("PATCH", "/devices/d", {"network": {"unit_id": last[0]}})
        stack.api.must("PATCH", "/devices/d/tags/x", {"modbus": {
            "address": last[1], "byte_order": ("ABCD", "DCBA", "BADC")[last[2]]}})
        stack.mqttd.kill()
        stack.mqttd.start()
    served(stack)
    holds(stack, last[0], "holding_register", last[1], [21 if last[2] == 0 else 21 << 8])
    for unit in (1, 2):
        with stack.modbusd.client(unit=unit) as client:
            others = [word for at, word in enumerate(client.holding(0, 30))
                      if (unit, at) != last[:2]]
            assert not any(others), (unit, others)


@pytest.fixture
def plc():
    made = SmallPlc()
    yield made
    made.close()


def test_a_device_that_moves_to_another_server_and_back(plant, plc):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("x", 5, "int16", scale=0.1),
                                                        tag("b", 12, "bool", bit=4)]))
    plant.broker.publish("d", {"x": 21.5, "b": 1})
    shows(plant.modbusd, "holding_register", 5, [215])
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"network": {
        "modbus_host": "127.0.0.1", "modbus_port": plc.port}}))
    eventually(lambda: (plc.registers[5], plc.registers[12]) == (215, 16), "the PLC to hold them")
    shows(plant.modbusd, "holding_register", 5, [0])
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/x", {"modbus": {
        "scale": 0.01}}))
    eventually(lambda: plc.registers[5] == 2150, "the PLC to hold the value in the new scale")
    assert plant.api.value("d", "x")["value"] == 21.5
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"network": {
        "modbus_host": None}}))
    shows(plant.modbusd, "holding_register", 5, [2150])
    shows(plant.modbusd, "holding_register", 12, [16])


def test_what_is_shown_of_a_foreign_server_is_never_read_with_other_settings(plant, plc):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("x", 5, "int16", scale=0.1)], network={
        "modbus_host": "127.0.0.1", "modbus_port": plc.port}))
    plant.broker.publish("d", {"x": 21.5})
    eventually(lambda: plc.registers[5] == 215, "the PLC to hold it")
    plant.mqttd.kill()
    plant.api.must("PATCH", "/devices/d/tags/x", {"modbus": {"type": "float32", "scale": 1}})
    assert plant.api.value("d", "x")["value"] == 21.5
