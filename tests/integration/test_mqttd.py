"""MQTT to registers, and back, through the three daemons."""

import json
import struct

import pytest

from harness import eventually


def tag(name, address, type="float32", table="holding_register", mqtt=None, direction=None,
        **modbus):
    body = {"name": name,
            "modbus": dict(modbus, table=table, type=type, address=address)}
    if mqtt:
        body["mqtt"] = mqtt
    if direction:
        body["direction"] = direction
    return body


def shows(modbusd, table, address, words):
    """Waits until the registers hold the words."""
    with modbusd.client() as client:
        def probe():
            found = client.read(table, address, len(words))
            return found == words or (print(found) if False else None)
        eventually(probe, f"{table} {address} to hold {words}")


def test_one_value(plant):
    plant.api.device("boiler", "plant/boiler", [tag("temperature", 100)])
    plant.mqttd.wait_log("reloaded 1 devices and 1 tags|loaded 1 devices and 1 tags")
    plant.broker.publish("plant/boiler", {"temperature": 21.5})
    shows(plant.modbusd, "holding_register", 100, [0x41AC, 0x0000])
    value = plant.api.value("boiler", "temperature")
    assert value["value"] == 21.5
    assert value["quality"] == "good"
