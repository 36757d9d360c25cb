"""Messages of real devices, published unchanged, and the resulting registers. The recipes of
docs/payloads.md run as they are printed there."""

import json
import pathlib
import struct

import pytest

from harness import ROOT, eventually
from mqttd_helpers import served
from pages import section
from terminal import Terminal

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


FORMATS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "float32": ">f"}


class Recipe:
    """A section of docs/payloads.md: its commands configure the devices."""

    def __init__(self, plant):
        self.plant, self.terminal = plant, Terminal(plant)

    def follow(self, heading):
        for body in section(ROOT / "docs/payloads.md", heading):
            output = self.terminal.run(body)
            assert '"status":4' not in output, output
        served(self.plant)
        return self

    def plays(self, sample):
        """Publishes a sample: lines as mosquitto_sub -v prints them."""
        for line in (SAMPLES / sample).read_text().splitlines():
            topic, _, payload = line.partition(" ")
            self.plant.broker.publish(topic, payload)
        return self

    def registers(self, name, raw):
        """Where a tag is, and its registers when they hold this number or text."""
        device, _, tag = name.partition("/")
        place = self.plant.api.must("GET", f"/devices/{device}/tags/{tag}")["modbus"]
        if place["table"] in ("coil", "discrete_input"):
            return place, [bool(raw)]
        if place["type"] == "string":
            return place, words(raw, place["length"])
        packed = struct.pack(FORMATS[place["type"]], raw)
        return place, list(struct.unpack(f">{len(packed) // 2}H", packed))

    def shows(self, expected):
        """`expected`: {"device/tag": what its registers hold}. Each tag must be good."""
        with self.plant.modbusd.client() as modbus:
            for name, raw in expected.items():
                place, wanted = self.registers(name, raw)
                eventually(lambda: modbus.read(place["table"], place["address"], len(wanted))
                           == wanted, f"{name} == {raw}")
                self.says(name, "good")
        return self

    def says(self, name, quality, **members):
        """Waits for a tag's quality and other members of its value."""
        members = dict(members, quality=quality)

        def probe():
            value = self.plant.api.value(*name.split("/"))
            value["code"] = (value["last_error"] or {}).get("code")
            return all(value[key] == wanted for key, wanted in members.items())
        eventually(probe, f"{name} {members}")
        return self

    def hears(self, topic, payload, name, quality, **members):
        """Publishes one more message and waits for what becomes of a tag."""
        self.plant.broker.publish(topic, payload)
        return self.says(name, quality, **members)

    def sends(self, name, raw, topic, payload):
        """Writes the registers of a tag and waits for the command. A payload that is not a text is
        compared as JSON."""
        place, written = self.registers(name, raw)
        seen = self.plant.broker.subscribe(topic)
        with self.plant.modbusd.client() as modbus:
            if place["table"] == "coil":
                modbus.write_coil(place["address"], written[0])
            else:
                modbus.write(place["address"], *written)
        (_, text), = seen.wait()
        assert (text if isinstance(payload, str) else json.loads(text)) == payload
        return self

    def asks(self, topic, payload):
        """Waits for the request of a device; a request follows each connection to the broker."""
        seen = self.plant.broker.subscribe(topic)
        self.plant.mqttd.stop()
        self.plant.mqttd.start()
        assert seen.wait()[0] == (topic, payload)
        served(self.plant)
        return self


@pytest.fixture
def recipe(plant):
    made = Recipe(plant)
    yield made
    made.terminal.close()


def test_recipe_tasmota(recipe):
    recipe.follow("Tasmota").asks("cmnd/plug1/TelePeriod", "").plays("tasmota-plug.messages")
    recipe.shows({"plug1/power": 73, "plug1/relay": True})
    recipe.sends("plug1/relay", False, "cmnd/plug1/POWER", "OFF")
    recipe.hears("tele/plug1/LWT", "Offline", "plug1/power", "bad", reason="unavailable")
    recipe.hears("tele/plug1/LWT", "Online", "plug1/power", "good")


def test_recipe_shelly(recipe):
    recipe.follow("Shelly").plays("shelly-gen1.messages").plays("shelly-gen3.messages")
    recipe.shows({"fan/power": 61.37, "fan/energy": 3072, "fan/on": True,
                  "pump/power": 1184.6, "pump/temperature": 473, "pump/on": True})
    recipe.sends("fan/on", False, "shellies/shellyplug-s-7a1b2c/relay/0/command", "off")
    recipe.sends("pump/on", False, "shelly1pmg3-84fce63a1b2c/rpc", {
        "id": 1, "src": "tagferry", "method": "Switch.Set", "params": {"id": 0, "on": False}})
    for device, topic in {"fan": "shellies/shellyplug-s-7a1b2c",
                          "pump": "shelly1pmg3-84fce63a1b2c"}.items():
        recipe.hears(f"{topic}/online", "false", f"{device}/power", "bad", reason="unavailable")
        recipe.hears(f"{topic}/online", "true", f"{device}/power", "good")
    recipe.asks("shellies/shellyplug-s-7a1b2c/command", "update")
    recipe.asks("shelly1pmg3-84fce63a1b2c/command", "status_update")


def test_recipe_zigbee2mqtt(recipe):
    recipe.follow("Zigbee2MQTT").plays("zigbee2mqtt.messages")
    recipe.shows({"living/setpoint": 215, "living/mode": 2})
    recipe.sends("living/setpoint", 185, "zigbee2mqtt/living/set",
                 {"occupied_heating_setpoint": 18.5})
    recipe.hears("zigbee2mqtt/living/availability", {"state": "offline"}, "living/mode", "bad",
                 reason="unavailable")
    recipe.hears("zigbee2mqtt/living/availability", {"state": "online"}, "living/mode", "good")


def test_recipe_esphome(recipe):
    recipe.follow("ESPHome, Homie and others with a topic for each value")
    recipe.plays("esphome.messages")
    recipe.shows({"hall/temperature": 20.4, "hall/door": True, "hall/pump": False,
                  "hall/setpoint": 215})
    recipe.sends("hall/pump", True, "hall/switch/pump/command", "ON")
    recipe.sends("hall/setpoint", 190, "hall/climate/heating/target_temperature/command", "19")
    recipe.hears("hall/sensor/temperature/state", "nan", "hall/temperature", "bad",
                 code="not_a_number", value=20.4)
    recipe.hears("hall/status", "offline", "hall/door", "bad", reason="unavailable")
    recipe.hears("hall/status", "online", "hall/door", "good")


def test_recipe_victron(recipe):
    recipe.follow("Victron Venus OS").asks("R/c0619ab1c2d3/keepalive", "")
    recipe.plays("victron.messages")
    recipe.shows({"venus/l1_voltage": 2301, "venus/max_charge": 70})
    recipe.says("venus/l1_power", "bad", code="null_value")
    recipe.sends("venus/max_charge", 50,
                 "W/c0619ab1c2d3/settings/0/Settings/SystemSetup/MaxChargeCurrent", {"value": 50})
    recipe.hears("N/c0619ab1c2d3/vebus/276/Ac/Out/L1/V", "", "venus/l1_voltage", "bad",
                 reason="not_json", value=230.1)
    recipe.hears("N/c0619ab1c2d3/vebus/276/Ac/Out/L1/V", {"value": 229.3}, "venus/l1_voltage",
                 "good", value=229.3)


def test_recipe_chirpstack(recipe):
    recipe.follow("ChirpStack").plays("chirpstack-v4.messages").plays("chirpstack-v3.messages")
    recipe.shows({"store-3/temperature": -3.1, "store-3/rssi": -87, "store-3/battery": 89,
                  "store-4/temperature": -4.5})
    down = ("application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0004a30b001c0530/"
            "command/down")
    recipe.sends("store-3/interval", 15, down, {
        "devEui": "0004a30b001c0530", "confirmed": False, "fPort": 85,
        "object": {"interval": 15}})
    recipe.sends("store-3/buzzer", True, down, {
        "devEui": "0004a30b001c0530", "confirmed": True, "fPort": 10, "data": "AQE="})
    down = "application/12/device/0004a30b001c0531/command/down"
    recipe.sends("store-4/interval", 30, down, {
        "confirmed": False, "fPort": 85, "object": {"interval": 30}})
    recipe.sends("store-4/raw", "/w4eAA==", down, {
        "confirmed": True, "fPort": 10, "data": "/w4eAA=="})


def test_recipe_the_things_stack(recipe):
    recipe.follow("The Things Stack").plays("the-things-stack.messages")
    recipe.shows({"freezer/temperature": -18.75, "freezer/probe": -18.25, "freezer/door": False})
    down = "v3/plant@ttn/devices/freezer/down/push"
    recipe.sends("freezer/interval", 20, down, {"downlinks": [
        {"f_port": 2, "priority": "NORMAL", "decoded_payload": {"interval": 20}}]})
    recipe.sends("freezer/light", True, down, {"downlinks": [
        {"f_port": 3, "frm_payload": "AQ==", "priority": "NORMAL"}]})


def test_recipe_opendtu(recipe):
    recipe.follow("OpenDTU").plays("opendtu.messages")
    recipe.shows({"roof/power": 412.7, "roof/energy": 1204337, "roof/limit": 800})
    recipe.sends("roof/limit", 350, "solar/116183217654/cmd/limit_nonpersistent_absolute", "350")
    reachable = "solar/116183217654/status/reachable"
    recipe.hears(reachable, "0", "roof/power", "bad", reason="unavailable", value=412.7)
    recipe.hears(reachable, "1", "roof/power", "good")


def test_recipe_evcc(recipe):
    recipe.follow("evcc").plays("evcc.messages")
    recipe.shows({"evcc/grid": -1284.5, "evcc/connected": True, "evcc/mode": 1,
                  "evcc/limit_soc": 80})
    recipe.sends("evcc/mode", 3, "evcc/loadpoints/1/mode/set", "now")
    recipe.sends("evcc/limit_soc", 60, "evcc/loadpoints/1/limitSoc/set", "60")
    recipe.hears("evcc/site/grid/power", "", "evcc/grid", "bad", value=-1284.5)
    recipe.hears("evcc/site/grid/power", "310", "evcc/grid", "good", value=310)
    recipe.hears("evcc/status", "offline", "evcc/grid", "bad", reason="unavailable")
    recipe.hears("evcc/status", "online", "evcc/grid", "good")


def test_recipe_ems_esp(recipe):
    recipe.follow("EMS-ESP").plays("ems-esp.messages")
    recipe.shows({"boiler/flow": 463, "boiler/hot_water": 512, "boiler/burner": True,
                  "boiler/buffer": 544, "boiler/room_setpoint": 215})
    recipe.sends("boiler/room_setpoint", 195, "ems-esp/thermostat",
                 {"cmd": "seltemp", "data": 19.5, "hc": 1})
    recipe.hears("ems-esp/status", "offline", "boiler/flow", "bad", reason="unavailable")
    recipe.hears("ems-esp/status", "online", "boiler/flow", "good")


def test_recipe_teleinfo(recipe):
    recipe.follow("Teleinfo").plays("teleinfo.messages")
    recipe.shows({"meter/power": 4110, "meter/energy": 9752846, "meter/tariff": 2,
                  "linky/power": 170, "linky/tariff": 1})
    recipe.hears("tele/linky/SENSOR", {"TIC": {"PAPP": 190}}, "linky/power", "good", value=190)
    recipe.shows({"linky/tariff": 1})
    recipe.hears("tele/linky/LWT", "Offline", "linky/power", "bad", reason="unavailable")
    recipe.hears("tele/linky/LWT", "Online", "linky/power", "good")


def test_recipe_rtl_433(recipe):
    """The third message has the id of the first, but is of another model."""
    recipe.follow("rtl_433 and other gateways with one topic for many devices")
    recipe.plays("rtl_433.messages")
    recipe.shows({"garden/temperature": 7.4, "garden/battery_low": False,
                  "freezer-2/temperature": -3.2, "freezer-2/battery_low": True})
    assert recipe.plant.api.must("GET", "/devices/garden/status")["messages"] == 1


def test_recipe_kepware(recipe):
    """The second message has one tag only: the others keep their values."""
    recipe.follow("Kepware IoT Gateway").plays("kepware.messages")
    recipe.shows({"press/pressure": 4.25, "press/running": True, "press/order": "A-4711",
                  "press/setpoint": 130})
    recipe.sends("press/setpoint", 142, "iotgateway/write",
                 [{"id": "Channel1.Press.Setpoint", "v": 14.2}])
    bad = {"values": [{"id": "Channel1.Press.Pressure", "v": 0, "q": False}]}
    recipe.hears("iotgateway", bad, "press/pressure", "bad", reason="bad_quality", value=4.25)
    recipe.says("press/running", "good")


def test_recipe_neuron(recipe):
    """All formats. A tag with an error has no value."""
    recipe.follow("Neuron").plays("neuron.messages")
    recipe.shows({"neuron-press/pressure": 4.25, "neuron-press/setpoint": 125,
                  "neuron-mill/speed": 1480, "neuron-saw/feed": 1.23, "neuron-saw/on": True})
    recipe.says("neuron-mill/level", "never")
    recipe.sends("neuron-press/setpoint", 131, "/neuron/mqtt/write/req", {
        "uuid": "tagferry", "node": "press", "group": "fast", "tag": "setpoint", "value": 13.1})
    recipe.plant.api.must("PATCH", "/devices/neuron-press", {"mqtt": {"stale_after_s": 1}})
    unread = {"node": "press", "group": "fast", "values": {"setpoint": 13.1},
              "errors": {"pressure": 3002}}

    def is_stale():
        recipe.plant.broker.publish("/neuron/values", unread)
        qualities = [recipe.plant.api.value("neuron-press", tag)["quality"]
                     for tag in ("setpoint", "pressure")]
        return qualities == ["good", "stale"]
    eventually(is_stale, "a tag that is not read becomes stale")
    recipe.plant.api.must("PATCH", "/devices/neuron-press", {"mqtt": {"stale_after_s": 0}})
    for link, quality in ((0, "bad"), (1, "good")):
        states = {"states": [{"node": "oven", "link": 1 - link}, {"node": "press", "link": link}]}
        recipe.hears("/neuron/mqtt/state/update", states, "neuron-press/pressure", quality)


def test_recipe_ignition(recipe):
    """A DDATA message has only the metrics that changed; the last message is of another device."""
    recipe.follow("Ignition with the modules of Cirrus Link").plays("ignition.messages")
    recipe.shows({"tank/level": 71.5, "tank/full": False, "line1-pump/speed": 1450,
                  "line1-pump/current": 5.75})
    recipe.sends("tank/setpoint", 65, "tagferry/plant/line1/tank/setpoint", {"value": 65})
    recipe.hears("unsAv1.0/plant/line1/tank/level", {"value": 0, "quality": 0}, "tank/level",
                 "bad", reason="bad_quality", value=71.5)


def test_recipe_senml(recipe):
    """The second pack is of another device, the third has another record first."""
    recipe.follow("SenML").plays("senml.messages")
    recipe.shows({"weather/temperature": 23.5, "weather/humidity": 664, "weather/open": True,
                  "weather/state": 1})


def test_recipe_aws_iot_shadow(recipe):
    """The last message changes only what is desired."""
    recipe.follow("AWS IoT device shadow").asks("$aws/things/pump-7/shadow/get", "")
    recipe.plays("aws-shadow.messages")
    recipe.shows({"pump-7/pressure": 3.46, "pump-7/running": True, "pump-7/setpoint": 35})
    recipe.sends("pump-7/setpoint", 42, "$aws/things/pump-7/shadow/update",
                 {"state": {"desired": {"setpoint": 4.2}}})
    presence = "$aws/events/presence/"
    recipe.hears(presence + "disconnected/pump-7",
                 {"clientId": "pump-7", "eventType": "disconnected"}, "pump-7/pressure", "bad",
                 reason="unavailable")
    recipe.hears(presence + "connected/pump-7",
                 {"clientId": "pump-7", "eventType": "connected"}, "pump-7/pressure", "good")
