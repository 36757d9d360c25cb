"""Setpoints that expire (mqtt.expires_s): what renews them, and what happens when nothing does."""

import datetime

import pytest

from harness import eventually
from mqttd_helpers import KeptCommands, back, landed, metrics, reloaded, served, shows

MARKER = back("marker", 999, "uint16", "cmd/marker")


def expiring(name, address, type="uint16", seconds=3600, value=None, direction="to_mqtt", mqtt=None, **modbus):
    return back(name, address, type, f"cmd/{name}", direction,
                dict(mqtt or {}, command_template="{value}", expires_s=seconds, expire_value=value), **modbus)


def expires(plant, seconds, *tags):
    """Changes the time of these tags. It counts from SCADA's last write; what has expired stays so."""
    for tag in tags:
        plant.api.must("PATCH", f"/devices/d/tags/{tag}", {"mqtt": {"expires_s": seconds}})


def reason_of(plant, tag):
    return plant.api.value("d", tag)["reason"]


def expired(plant, *tags):
    for tag in tags:
        eventually(lambda tag=tag: reason_of(plant, tag) == "expired", f"{tag} expires")


def due(plant, tag):
    text = plant.api.value("d", tag)["expires_at"]
    return text and datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Commands:
    """The commands since the last call, by topic; a command of another tag follows all of them."""

    def __init__(self, plant):
        self.plant, self.seen = plant, 0
        self.listener = plant.broker.subscribe("cmd/#")

    def take(self):
        with self.plant.modbusd.client() as scada:
            scada.write_one(999, 1)

        def marked():
            return any(topic == "cmd/marker" for topic, _ in self.listener.messages[self.seen:])
        eventually(marked, "the marker's command")
        found = {}
        for topic, text in self.listener.messages[self.seen:]:
            found.setdefault(topic.removeprefix("cmd/"), []).append(text)
        self.seen = len(self.listener.messages)
        found.pop("marker")
        return found


def test_each_type_falls_back_once(plant):
    """With the value of its type in register and command; without a value, only the quality changes."""
    tags = [expiring("number", 0, "float32", value=12.5), expiring("tenths", 2, "int16", value=0.7, scale=0.1),
            expiring("word", 3, value="OFF", mqtt={"values": {"ON": 7, "OFF": 9}}),
            expiring("text", 10, "string", value="1.5", length=4, mqtt={"payload": "text", "key": ""}),
            expiring("bit", 20, "bool", value=True, bit=3), expiring("other", 20, "bool", 0, bit=4),
            expiring("coil", 5, "bool", value=False, table="coil"), expiring("none", 30),
            expiring("wide", 32, "uint64", value="18446744073709551615"), expiring("steady", 40, value=3)]
    falling = ("number", "tenths", "word", "text", "bit", "coil", "none", "wide")
    reloaded(plant, lambda: plant.api.device("d", "d", [*tags, MARKER]))
    commands = Commands(plant)
    with plant.modbusd.client() as scada:
        scada.write(0, 0x4120, 0)
        scada.write(2, 500, 7)
        scada.write(10, 0x4142, 0x4300, 0, 0)
        scada.write(20, 0x10)
        scada.write_coil(5, True)
        scada.write(30, 55)
        scada.write(32, 0, 0, 0, 5)
        scada.write(40, 44)
    landed(plant)
    expires(plant, 1, *falling)
    expired(plant, *falling)
    for address, words in {0: [0x4148, 0], 2: [7, 9], 10: [0x312E, 0x3500, 0, 0], 20: [0x18], 30: [55],
                           32: [0xFFFF] * 4, 40: [44]}.items():
        shows(plant.modbusd, "holding_register", address, words)
    shows(plant.modbusd, "coil", 5, [0])
    landed(plant)
    sent = commands.take()
    sent.pop("other", None)
    assert sent.pop("bit")[-1] == "true"
    assert sent == {"number": ["10", "12.5"], "tenths": ["50", "0.7"], "word": ["ON", "OFF"], "text": ["ABC", "1.5"],
                    "coil": ["true", "false"], "none": ["55"], "wide": ["5", '18446744073709551615'],
                    "steady": ["44"]}
    value = plant.api.value("d", "number")
    assert (value["quality"], value["reason"], value["value"]) == ("bad", "expired", 12.5)
    assert due(plant, "number") < due(plant, "steady") and due(plant, "other") is None
    assert metrics(plant)["setpoints_expired_total"] == 8
    good = plant.api.get("/metrics/values").body.decode()
    assert 'tagferry_tag_good{device="d",tag="number"} 0' in good
    assert 'tagferry_tag_good{device="d",tag="steady"} 1' in good
    assert {each["tag"] for each in plant.api.must("GET", "/values?reason=expired")["items"]} == set(falling)

    def events(kind):
        listed = plant.api.must("GET", "/devices/d/tags/number/history")["events"]
        return [(each["code"], each["detail"]) for each in listed if each["kind"] == kind]
    eventually(lambda: ("bad", "expired") in events("quality"), "the history has it")
    assert ("scada", 12.5) not in events("write")

    # The next write of SCADA ends it at once, also by PUT of a value, and with the same value.
    reloaded(plant, lambda: expires(plant, 3600, "number", "none"))
    assert reason_of(plant, "number") == reason_of(plant, "none") == "expired"
    plant.api.must("PUT", "/devices/d/tags/number/value", {"value": 12.5})
    with plant.modbusd.client() as scada:
        scada.write_one(30, 55)
        eventually(lambda: reason_of(plant, "number") != "expired" and reason_of(plant, "none") != "expired",
                   "they are renewed")
    landed(plant)
    expires(plant, 1, "number", "none")
    expired(plant, "number", "none")
    assert commands.take() == {"number": ["12.5", "12.5"], "none": ["55"]}


def test_who_renews(plant):
    """SCADA with the same value and PUT of a value; not the device."""
    tags = [expiring("scada", 0, "uint32", value=1), expiring("put", 2, value=2),
            expiring("device", 3, value=3, direction="both", mqtt={"hold_off_ms": 0}), expiring("part", 4, "uint32", value=4)]
    reloaded(plant, lambda: plant.api.device("d", "d", [*tags, MARKER]))
    commands = Commands(plant)
    with plant.modbusd.client() as scada:
        first = {name: eventually(lambda name=name: due(plant, name), f"the time of {name}")
                 for name in ("scada", "put", "part", "device")}
        scada.write(0, 0, 77)
        scada.write_one(4, 0)
        plant.api.must("PUT", "/devices/d/tags/put/value", {"value": 88})
        eventually(lambda: all(due(plant, name) > first[name] for name in ("scada", "put", "part")),
                   "the times of the others begin again")
    plant.broker.publish("d", {"device": 65})
    shows(plant.modbusd, "holding_register", 3, [65])
    assert due(plant, "device") == first["device"]
    expires(plant, 1, "device")
    expired(plant, "device")
    assert [reason_of(plant, name) for name in ("scada", "put", "part")] == ["never_heard"] * 3
    plant.broker.publish("d", {"device": 66})
    shows(plant.modbusd, "holding_register", 3, [66])
    sent = commands.take()
    assert (sent["scada"], sent["put"], sent["device"]) == (["77"], ["88"], ["3"])
    # The register has what the device reports, but SCADA is expected.
    value = plant.api.value("d", "device")
    assert (value["value"], value["quality"], value["reason"]) == (66, "bad", "expired")


def test_the_time_goes_on_while_mqttd_is_away(plant):
    tags = [expiring("slow", 0, value=1), expiring("fast", 1, value=2), expiring("again", 2, value=3),
            expiring("late", 3, value=4)]
    reloaded(plant, lambda: plant.api.device("d", "d", [*tags, MARKER]))
    commands = Commands(plant)
    with plant.modbusd.client() as scada:
        scada.write(0, 11, 12, 13, 14)
        landed(plant)
        before = due(plant, "slow")
        assert before
        plant.mqttd.kill()
        scada.write_one(3, 15)  # noticed later, by the journal
        expires(plant, 1, "fast", "again")
        plant.mqttd.start()
        served(plant)
        expired(plant, "fast", "again")
        eventually(lambda: due(plant, "late") > before, "the write is noticed")
        assert due(plant, "slow") == before
        shows(plant.modbusd, "holding_register", 0, [11, 2, 3, 15])
        assert commands.take() == {"slow": ["11"], "fast": ["12", "2"], "again": ["13", "3"], "late": ["14", "15"]}

        # What has expired stays so, without another command, until SCADA writes.
        reloaded(plant, lambda: expires(plant, 3600, "again"))
        plant.mqttd.stop()
        scada.write_one(2, 16)
        plant.mqttd.start()
        served(plant)
        assert reason_of(plant, "fast") == "expired"
        landed(plant)
        assert reason_of(plant, "again") != "expired"
        expires(plant, 1, "again")
        expired(plant, "again")
        shows(plant.modbusd, "holding_register", 0, [11, 2, 3, 15])
        assert commands.take() == {"again": ["16", "3"]}


def test_the_broker_is_away(stack):
    """The register falls back at once, the command follows; older commands for the tag do not."""
    kept = KeptCommands(stack)
    tags = [expiring("before", 0, value=1), expiring("while", 1, value=2), expiring("renewed", 2, value=3),
            expiring("null", 3)]
    reloaded(stack, lambda: stack.api.device("d", "d", [*tags, MARKER]))
    with stack.modbusd.client() as scada:
        scada.write_one(0, 10)
        landed(stack)
        stack.broker.stop()
        scada.write(1, 20, 30, 40)
        expires(stack, 1, "before", "while", "renewed", "null")
        expired(stack, "before", "while", "renewed", "null")
        shows(stack.modbusd, "holding_register", 0, [1, 2, 3, 40])
        reloaded(stack, lambda: expires(stack, 3600, "renewed"))
        scada.write_one(2, 31)
        eventually(lambda: reason_of(stack, "renewed") != "expired", "it is renewed")
        scada.write_one(999, 1)
        stack.broker.start()
        landed(stack)
        eventually(lambda: metrics(stack)["published_total"] >= 7, "the commands are published")
    sent = sorted(line.removeprefix("cmd/") for line in kept.take(7))
    assert sent == sorted(["before 10", "before 1", "while 2", "renewed 30", "renewed 31", "null 40",
                           'marker {"marker": 1}'])


def test_changes_while_the_time_runs(plant):
    tags = [expiring("gone", 0, "uint16", 1, 1), expiring("shorter", 1, value=2), expiring("ended", 2, value=3),
            expiring("typed", 3, value=4), expiring("off", 4, value=5), back("on", 5, "uint16", "cmd/on")]
    reloaded(plant, lambda: plant.api.device("d", "d", [*tags, MARKER]))
    commands = Commands(plant)
    with plant.modbusd.client() as scada:
        scada.write(1, 12, 13, 14)
    landed(plant)
    reloaded(plant, lambda: plant.api.must("DELETE", "/devices/d/tags/gone"))
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/off", {"enabled": False, "mqtt": {"expires_s": 1}}))
    expires(plant, 1, "ended", "typed")
    expired(plant, "ended", "typed")
    reloaded(plant, lambda: expires(plant, 0, "ended"))
    assert reason_of(plant, "ended") == "never_heard" and due(plant, "ended") is None
    shows(plant.modbusd, "holding_register", 2, [3, 4])
    # The value in the register is converted, and the tag stays expired.
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/typed", {"modbus": {"scale": 0.1}}))
    shows(plant.modbusd, "holding_register", 3, [40])
    assert reason_of(plant, "typed") == "expired"
    # A shorter time counts from the last write.
    assert reason_of(plant, "shorter") != "expired"
    reloaded(plant, lambda: expires(plant, 1, "shorter"))
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/on",
                                           {"mqtt": {"expires_s": 1, "expire_value": 6}}))
    expired(plant, "shorter", "on")
    shows(plant.modbusd, "holding_register", 0, [0, 2, 3, 40, 0, 6])
    sent = commands.take()
    assert sent.pop("on") == ['{"on": 6}'] and sent.pop("gone", ["1"]) == ["1"]
    assert sent == {"shorter": ["12", "2"], "ended": ["13", "3"], "typed": ["14", "4"]}
