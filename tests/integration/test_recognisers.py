"""From what a maker's devices publish to registers and back: the messages are on the broker, a
discovery proposes devices, the proposal is imported as it is, new values arrive in the registers, and
what SCADA writes arrives at the maker's command topic in the maker's form."""

import json
import struct

from harness import eventually
from mqttd_helpers import served, shows


def float32(value):
    return list(struct.unpack(">2H", struct.pack(">f", value)))


def uint32(value):
    return [value >> 16, value & 0xffff]


class Site:
    """A gateway whose configuration is the proposal for the messages on its broker."""

    def __init__(self, plant, messages):
        self.plant = plant
        for topic, payload in messages:
            plant.broker.publish(topic, payload, "-r")
        made = plant.api.must("POST", "/discoveries", {"topic": "#", "seconds": 600})
        path = f"/discoveries/{made['id']}"

        def heard():
            page = plant.api.must("GET", f"{path}?limit=1000")
            return {topic for topic, _ in messages} <= {item["topic"] for item in page["items"]}
        eventually(heard, "all topics heard")
        self.proposal = plant.api.must("GET", f"{path}/proposal")
        plant.api.must("DELETE", path)
        plant.api.must("POST", "/import", self.proposal)
        served(plant)
        self.tags = {(device["name"], tag["name"]): tag for device in self.proposal["devices"]
                     for tag in device["tags"]}

    def place(self, device, tag):
        modbus = self.tags[device, tag]["modbus"]
        return modbus["table"], modbus["address"]

    def publish(self, topic, payload):
        """A live message, as the device sends it."""
        self.plant.broker.publish(topic, payload)

    def shows(self, device, tag, words):
        table, address = self.place(device, tag)
        shows(self.plant.modbusd, table, address, words)

    def write(self, device, tag, words):
        """Writes as SCADA does."""
        table, address = self.place(device, tag)
        with self.plant.modbusd.client() as scada:
            if table == "coil":
                scada.write_coil(address, bool(words[0]))
            else:
                scada.write(address, *words)

    def commands(self, writes):
        """Each write of (device, tag, words, topic, payload) must bring this message."""
        wanted = [(topic, payload) for _, _, _, topic, payload in writes]
        commands = self.plant.broker.subscribe(*{topic for topic, _ in wanted})
        for device, tag, words, topic, payload in writes:
            before = len(commands.messages)
            self.write(device, tag, words)
            got = commands.wait(before + 1)[before]
            assert (got[0], as_json(got[1])) == (topic, as_json(payload))

    def quality(self, device):
        return self.plant.api.must("GET", f"/devices/{device}/status")["quality"]


def as_json(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def config(**members):
    return dict(members, dev={"ids": ["press-4"], "name": "Press 4", "mf": "Hydra"})


def test_home_assistant(plant):
    """Entities with short names, templates of values and commands, availability as JSON."""
    site = Site(plant, [
        ("homeassistant/sensor/press4/oil/config",
         config(name="Oil", stat_t="hall/press4", val_tpl="{{ value_json.oil.temp | float }}",
                unit_of_meas="°C", dev_cla="temperature", avty_t="hall/press4/avail",
                avty_tpl="{{ value_json.s }}", pl_avail="up", pl_not_avail="down")),
        ("homeassistant/sensor/press4/strokes/config",
         config(name="Strokes", stat_t="hall/press4", val_tpl="{{ value_json['strokes'] }}",
                stat_cla="total_increasing")),
        ("homeassistant/binary_sensor/press4/guard/config",
         config(name="Guard", stat_t="hall/press4/guard", pl_on="OPEN", pl_off="SHUT")),
        ("homeassistant/switch/press4/pump/config",
         config(name="Pump", stat_t="hall/press4/pump", cmd_t="hall/press4/pump/set")),
        ("homeassistant/number/press4/force/config",
         config(name="Force", stat_t="hall/press4", val_tpl="{{ value_json.force }}",
                cmd_t="hall/press4/set", cmd_tpl='{"force": {{ value }}}', min=0, max=400, step=1)),
        ("homeassistant/select/press4/mode/config",
         config(name="Mode", stat_t="hall/press4", val_tpl="{{ value_json.mode }}",
                cmd_t="hall/press4/set", cmd_tpl='{"mode": "{{ value }}"}',
                ops=["setup", "auto", "hold"])),
        ("homeassistant/button/press4/reset/config",
         config(name="Reset", cmd_t="hall/press4/reset", pl_prs="NOW")),
        ("hall/press4", {"oil": {"temp": 40}, "strokes": 10, "force": 100, "mode": "setup"}),
        ("hall/press4/avail", {"s": "up"}),
    ])
    assert [device["name"] for device in site.proposal["devices"]] == ["Press_4"]
    site.publish("hall/press4", {"oil": {"temp": 51.5}, "strokes": 70000, "force": 250,
                                 "mode": "hold"})
    site.publish("hall/press4/guard", "OPEN")
    site.publish("hall/press4/pump", "ON")
    site.shows("Press_4", "Oil", float32(51.5))
    site.shows("Press_4", "Strokes", uint32(70000))
    site.shows("Press_4", "Force", [250])
    site.shows("Press_4", "Mode", [2])
    site.shows("Press_4", "Guard", [True])
    site.shows("Press_4", "Pump", [True])
    site.commands([
        ("Press_4", "Pump", [0], "hall/press4/pump/set", "OFF"),
        ("Press_4", "Force", [380], "hall/press4/set", '{"force": 380}'),
        ("Press_4", "Mode", [1], "hall/press4/set", '{"mode": "auto"}'),
        ("Press_4", "Reset", [1], "hall/press4/reset", "NOW"),
    ])
    eventually(lambda: site.quality("Press_4") == "good", "available")
    site.publish("hall/press4/avail", {"s": "down"})
    eventually(lambda: site.quality("Press_4") == "bad", "unavailable")


def expose(type, name, access, **members):
    return dict(members, type=type, name=name, property=name, access=access)


def zigbee(number, name, model, *exposes):
    return {"ieee_address": f"0x{number:016x}", "type": "Router", "friendly_name": name,
            "definition": {"model": model, "vendor": "Zig", "exposes": exposes}}


def test_zigbee2mqtt(plant):
    """A device that was heard, and one that was not; the availability in JSON."""
    state = {"type": "switch", "features": [
        expose("binary", "state", 7, value_on="ON", value_off="OFF")]}
    hue = {"type": "composite", "name": "color_hs", "property": "color", "features": [
        expose("numeric", "hue", 7, value_min=0, value_max=360)]}
    site = Site(plant, [
        ("zigbee2mqtt/bridge/devices", [
            {"ieee_address": "0x0", "type": "Coordinator", "friendly_name": "Coordinator"},
            zigbee(1, "store/plug", "P-1", state, expose("numeric", "power", 5, unit="W"),
                   expose("enum", "memory", 7, values=["on", "off", "keep"])),
            zigbee(2, "lamp", "L-1", {"type": "light", "features": [
                expose("binary", "state", 7, value_on="ON", value_off="OFF"),
                expose("numeric", "brightness", 7, value_min=0, value_max=254), hue]}),
        ]),
        ("zigbee2mqtt/store/plug/availability", {"state": "online"}),
        ("zigbee2mqtt/store/plug", {"state": "OFF", "power": 0, "memory": "on"}),
    ])
    site.publish("zigbee2mqtt/store/plug", {"state": "ON", "power": 12.25, "memory": "keep"})
    site.publish("zigbee2mqtt/lamp", {"state": "ON", "brightness": 127, "color": {"hue": 300}})
    site.shows("store_plug", "state", [True])
    site.shows("store_plug", "power", float32(12.25))
    site.shows("store_plug", "memory", [2])
    site.shows("lamp", "brightness", [127])
    site.shows("lamp", "hue", [300])
    site.commands([
        ("store_plug", "state", [0], "zigbee2mqtt/store/plug/set", '{"state": "OFF"}'),
        ("store_plug", "memory", [1], "zigbee2mqtt/store/plug/set", '{"memory": "off"}'),
        ("lamp", "brightness", [200], "zigbee2mqtt/lamp/set", '{"brightness": 200}'),
        ("lamp", "hue", [120], "zigbee2mqtt/lamp/set", '{"color": {"hue": 120}}'),
    ])
    site.publish("zigbee2mqtt/store/plug/availability", {"state": "offline"})
    eventually(lambda: site.quality("store_plug") == "bad", "unavailable")


def test_tasmota(plant):
    """A device with its discovery, and one in the other order of topics without it."""
    site = Site(plant, [
        ("tasmota/discovery/A0B1C2D3E4F5/config",
         {"dn": "Fan", "hn": "fan", "mac": "A0B1C2D3E4F5", "md": "Plug", "ofln": "Offline",
          "onln": "Online", "state": ["OFF", "ON", "TOGGLE", "HOLD"], "t": "fan",
          "ft": "%prefix%/%topic%/", "tp": ["cmnd", "stat", "tele"], "rl": [1, 0], "ver": 1}),
        ("tasmota/discovery/A0B1C2D3E4F5/sensors",
         {"sn": {"Time": "2026-03-01T08:00:00", "ENERGY": {"Total": 1.5, "Power": 20},
                 "DS18B20-1": {"Id": "01AB", "Temperature": 20.5}, "TempUnit": "C"}, "ver": 1}),
        ("tele/fan/LWT", "Online"),
        ("yard/gate/tele/STATE", {"Time": "2026-03-01T08:00:00", "POWER1": "OFF", "POWER2": "OFF"}),
    ])
    site.publish("tele/fan/SENSOR", {
        "Time": "2026-03-01T08:05:00", "ENERGY": {"Total": 1.625, "Power": 35.5},
        "DS18B20-2": {"Id": "01AB", "Temperature": 44.5}, "TempUnit": "C"})
    site.publish("stat/fan/POWER", "ON")
    site.publish("yard/gate/stat/POWER2", "ON")
    site.shows("Fan", "Total", float32(1.625))
    site.shows("Fan", "Power", float32(35.5))
    site.shows("Fan", "DS18B20-1_Temperature", float32(44.5))
    site.shows("Fan", "POWER", [True])
    site.shows("yard_gate", "POWER2", [True])
    site.commands([
        ("Fan", "POWER", [0], "cmnd/fan/POWER", "OFF"),
        ("yard_gate", "POWER1", [1], "yard/gate/cmnd/POWER1", "ON"),
    ])
    site.publish("tele/fan/LWT", "Offline")
    eventually(lambda: site.quality("Fan") == "bad", "unavailable")


def test_shelly(plant):
    """A plug of the first generation, a switch and a cover of the later ones."""
    site = Site(plant, [
        ("shellies/plug-1/online", "true"),
        ("shellies/plug-1/relay/0", "off"),
        ("shellies/plug-1/relay/0/power", "0.00"),
        ("shellies/plug-1/relay/0/energy", "0"),
        ("shellypro1-9/online", "true"),
        ("shellypro1-9/status/switch:0", {"id": 0, "output": False, "apower": 0,
                                          "aenergy": {"total": 1.5}}),
        ("yard/awning/status/cover:0", {"id": 0, "state": "open", "current_pos": 100}),
    ])
    site.publish("shellies/plug-1/relay/0", "on")
    site.publish("shellies/plug-1/relay/0/power", "12.50")
    site.publish("shellies/plug-1/relay/0/energy", "600")
    site.publish("shellypro1-9/status/switch:0", {"id": 0, "output": True, "apower": 7.25,
                                                  "aenergy": {"total": 2.75}})
    site.publish("yard/awning/status/cover:0", {"id": 0, "state": "closing", "current_pos": 60})
    site.shows("plug-1", "relay_0", [True])
    site.shows("plug-1", "relay_0_power", float32(12.5))
    site.shows("plug-1", "relay_0_energy", uint32(10))
    site.shows("shellypro1-9", "switch_0_output", [True])
    site.shows("shellypro1-9", "switch_0_apower", float32(7.25))
    site.shows("shellypro1-9", "switch_0_aenergy_total", float32(2.75))
    site.shows("awning", "cover_0_state", [4])
    site.shows("awning", "cover_0_current_pos", [60])

    def rpc(method, **params):
        return json.dumps({"id": 1, "src": "tagferry", "method": method, "params": params})
    site.commands([
        ("plug-1", "relay_0", [0], "shellies/plug-1/relay/0/command", "off"),
        ("shellypro1-9", "switch_0_output", [0], "shellypro1-9/rpc",
         rpc("Switch.Set", id=0, on=False)),
        ("awning", "cover_0_current_pos", [25], "yard/awning/rpc",
         rpc("Cover.GoToPosition", id=0, pos=25)),
        ("awning", "cover_0_command", [2], "yard/awning/command/cover:0", "close"),
    ])
    site.publish("shellypro1-9/online", "false")
    eventually(lambda: site.quality("shellypro1-9") == "bad", "unavailable")
