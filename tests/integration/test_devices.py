"""Messages of real devices, published unchanged, and the resulting registers."""

import pathlib
import struct

from harness import eventually

SAMPLES = pathlib.Path(__file__).parent / "devices"


def float32(value):
    return list(struct.unpack(">2H", struct.pack(">f", value)))


def words(text, length):
    data = text.encode().ljust(2 * length, b"\0")
    return list(struct.unpack(f">{length}H", data))


def tag(name, key, table, address, value_type, **more):
    modbus = {"table": table, "address": address, "type": value_type}
    modbus.update({k: more.pop(k) for k in ("scale", "offset", "length", "bit", "byte_order",
                                            "on_overflow") if k in more})
    return {"name": name, "mqtt": dict({"key": key}, **more), "modbus": modbus}


def check(plant, device, topic, sample, tags, expected):
    """`expected`: {(table, address): expected registers}. Each tag must be good."""
    plant.api.device(device, topic, tags)
    plant.mqttd.wait_log("reloaded")
    payload = (SAMPLES / sample).read_bytes()

    def arrived():
        plant.broker.publish(topic, payload)
        return plant.api.value(device, tags[-1]["name"])["quality"] == "good"
    eventually(arrived, "the message")
    with plant.modbusd.client() as modbus:
        for (table, address), registers in expected.items():
            eventually(lambda: modbus.read(table, address, len(registers)) == registers,
                       f"{table} {address} == {registers}")
    for each in tags:
        value = plant.api.value(device, each["name"])
        assert value["quality"] == "good" and value["rejects"] == 0, value


def test_tasmota_energy_sensor(plant):
    """A nested object, arrays for three phases."""
    tags = [tag(f"power_l{n + 1}", f"/ENERGY/Power/{n}", "input_register", n, "int16")
            for n in range(3)]
    tags += [tag(f"voltage_l{n + 1}", f"/ENERGY/Voltage/{n}", "input_register", 10 + n, "uint16",
                 scale=0.1) for n in range(3)]
    tags += [tag(f"total_l{n + 1}", f"/ENERGY/Total/{n}", "input_register", 20 + 2 * n, "float32")
             for n in range(3)]
    tags += [tag("factor_l2", "/ENERGY/Factor/1", "input_register", 30, "uint16", scale=0.01),
             tag("frequency", "/ENERGY/Frequency", "input_register", 31, "uint16"),
             tag("time", "Time", "input_register", 40, "string", length=10)]
    check(plant, "meter", "tele/meter/SENSOR", "tasmota-sensor.json", tags, {
        ("input_register", 0): [812, 655, 1049],
        ("input_register", 10): [2310, 2290, 2300],
        ("input_register", 20): float32(1204.337) + float32(980.112) + float32(1533.009),
        ("input_register", 30): [93, 50],
        ("input_register", 40): words("2026-03-14T07:21:30", 10),
    })
    assert plant.api.value("meter", "total_l1")["value"] == 1204.337
    assert plant.api.value("meter", "voltage_l1")["value"] == 231


def test_shelly_switch(plant):
    """Booleans, nested numbers, a null that no tag reads."""
    tags = [
        tag("output", "output", "discrete_input", 0, "bool"),
        tag("output_bit", "output", "holding_register", 5, "bool", bit=3),
        tag("apower", "apower", "input_register", 0, "float32", byte_order="CDAB"),
        tag("energy", "/aenergy/total", "input_register", 2, "uint32", scale=0.001),
        tag("temperature", "/temperature/tC", "input_register", 4, "int16", scale=0.1),
        tag("minute", "/aenergy/minute_ts", "input_register", 6, "int64"),
    ]
    check(plant, "plug", "shelly/status/switch:0", "shelly-switch.json", tags, {
        ("discrete_input", 0): [True],
        ("holding_register", 5): [8],
        ("input_register", 0): float32(1184.6)[::-1],
        ("input_register", 2): [48213771 >> 16, 48213771 & 0xffff],
        ("input_register", 4): [473],
        ("input_register", 6): [0, 0, 1773472890 >> 16, 1773472890 & 0xffff],
    })


def test_shelly_notification(plant):
    """Keys with colons in a JSON Pointer."""
    tags = [
        tag("output", "/params/switch:0/output", "coil", 0, "bool"),
        tag("input", "/params/input:0/state", "coil", 1, "bool"),
        tag("uptime", "/params/sys/uptime", "holding_register", 0, "uint32", byte_order="DCBA"),
        tag("mac", "/params/sys/mac", "holding_register", 2, "string", length=6),
    ]
    low, high = 86417 & 0xffff, 86417 >> 16
    check(plant, "relay", "shellyplus1pm/events/rpc", "shelly-status.json", tags, {
        ("coil", 0): [False, True],
        ("holding_register", 0): [(low & 0xff) << 8 | low >> 8, (high & 0xff) << 8 | high >> 8],
        ("holding_register", 2): words("441793A1B2C4", 6),
    })


def test_zigbee2mqtt_thermostat(plant):
    """Strings for states, mapped to numbers; a string kept as text."""
    tags = [
        tag("battery", "battery", "input_register", 0, "uint16"),
        tag("setpoint", "current_heating_setpoint", "input_register", 1, "int16", scale=0.1),
        tag("local", "local_temperature", "input_register", 2, "int16", scale=0.1),
        tag("calibration", "local_temperature_calibration", "input_register", 3, "int16",
            scale=0.1),
        tag("mode", "system_mode", "input_register", 4, "uint16",
            values={"off": 0, "auto": 1, "heat": 2}),
        tag("heating", "running_state", "discrete_input", 0, "bool",
            values={"idle": 0, "heat": 1}),
        tag("lock", "child_lock", "discrete_input", 1, "bool", values={"LOCK": 1, "UNLOCK": 0}),
        tag("valve", "valve_detection", "discrete_input", 2, "bool"),
        tag("window", "window_open", "discrete_input", 3, "bool"),
        tag("preset", "preset", "input_register", 10, "string", length=8),
        tag("firmware", "/update/installed_version", "input_register", 20, "uint32"),
    ]
    check(plant, "thermostat", "zigbee2mqtt/living room", "zigbee2mqtt-thermostat.json", tags, {
        ("input_register", 0): [87, 215, 198, 65536 - 15, 1],
        ("discrete_input", 0): [True, False, True, False],
        ("input_register", 10): words("schedule", 8),
        ("input_register", 20): [33816645 >> 16, 33816645 & 0xffff],
    })
