"""Commands on change, with a dead band (mqtt.command_on, min_change), and at an interval (min_interval_ms)."""


from harness import eventually
from mqttd_helpers import KeptCommands, back, landed, metrics, reloaded, served, shows
from test_mqttd_expiry import MARKER, Commands, expired, expires

HOUR = 3600000


def setpoint(name, address, type="uint16", direction="to_mqtt", mqtt=None, **modbus):
    return back(name, address, type, f"cmd/{name}", direction, {"command_template": "{value}", "command_on": "change",
                                                                "hold_off_ms": 0, **(mqtt or {})}, **modbus)


def make(plant, *tags):
    reloaded(plant, lambda: plant.api.device("d", "d", [*tags, MARKER]))
    return Commands(plant)


def unchanged(plant):
    return metrics(plant)["commands_unchanged_total"]


def test_a_master_that_writes_cyclically(plant):
    tags = [setpoint("each", 0, mqtt={"command_on": "write"}), setpoint("word", 1), setpoint("wide", 2, "float32"),
            setpoint("b1", 4, "bool", bit=1), setpoint("b2", 4, "bool", bit=2), setpoint("coil", 0, "bool", table="coil"),
            setpoint("text", 5, "string", length=2, mqtt={"payload": "text", "key": ""})]
    commands = make(plant, *tags)
    with plant.modbusd.client() as scada:
        for _ in range(20):
            scada.write(0, 7, 8, 0x4120, 0, 2, 0x4142, 0x4300)
            scada.write_coil(0, True)
        landed(plant)
        assert commands.take() == {"each": ["7"] * 20, "word": ["8"], "wide": ["10"], "b1": ["true"], "b2": ["false"],
                                   "coil": ["true"], "text": ["ABC"]}
        assert unchanged(plant) == 6 * 19 - 1  # the first write changes only the other bit
        scada.write(0, 7, 8, 0x4120, 0, 6, 0x4142, 0x4400)
        scada.write_one(3, 0)  # in part, with the same value
        landed(plant)
        scada.write_one(3, 1)
        landed(plant)
        assert commands.take() == {"each": ["7"], "b2": ["true"], "text": ["ABD"], "wide": ["10.000001"]}
        # The first write after a restart is published; a reload changes nothing.
        reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/word", {"label": "x", "mqtt": {"settle_ms": 9}}))
        scada.write_one(1, 8)
        assert commands.take() == {}
        plant.mqttd.stop()
        plant.mqttd.start()
        served(plant)
        scada.write_one(1, 8)
        scada.write_one(1, 8)
        assert commands.take() == {"word": ["8"]}


def test_a_dead_band_with_a_drift(plant):
    commands = make(plant, setpoint("t", 0, "int16", mqtt={"min_change": 0.5}, scale=0.1),
                    setpoint("f", 2, "float32", mqtt={"min_change": 0.3}))
    with plant.modbusd.client() as scada:
        for value in (600, 602, 604, 605, 607, 610, 606, 605):
            scada.write_one(0, value)
        shows(plant.modbusd, "holding_register", 0, [605])
        for words in ((0x41A0, 0), (0x41A2, 0x6666), (0x41A1, 0x999A)):  # 20, 20.3, 20.2
            scada.write(2, *words)
        assert commands.take() == {"t": ["60", "60.5", "61", "60.5"], "f": ["20", "20.3"]}
        assert unchanged(plant) == 5
        scada.write_one(0, 607)
        assert commands.take() == {}
        assert plant.api.value("d", "t")["value"] == 60.7


def test_the_device_has_a_value_of_its_own(plant):
    commands = make(plant, setpoint("s", 0, direction="both"), setpoint("n", 1, direction="both", on_stale=0,
                                                                        on_null="stale"))
    with plant.modbusd.client() as scada:
        scada.write(0, 60, 5)
        landed(plant)
        plant.broker.publish("d", {"s": 50})
        shows(plant.modbusd, "holding_register", 0, [50])
        scada.write(0, 60, 5)  # changed at the device: once more
        landed(plant)
        scada.write_one(0, 60)
        landed(plant)
        plant.broker.publish("d", {"s": 40})
        shows(plant.modbusd, "holding_register", 0, [40])
        scada.write_one(0, 40)  # what it has already
        scada.write_one(0, 40)
        assert commands.take() == {"s": ["60", "60"], "n": ["5"]}
        # What stands in the register for no value is not the device's.
        plant.broker.publish("d", {"n": None})
        shows(plant.modbusd, "holding_register", 1, [0])
        scada.write_one(1, 0)
        scada.write_one(1, 0)
        assert commands.take() == {"n": ["0"]}


def test_an_interval_keeps_the_newest(plant):
    """Also of two registers and of bits; the device's values do not replace what waits."""
    interval = {"min_interval_ms": 12000}  # longer than a busy machine needs for all the writes
    each = {**interval, "command_on": "write"}
    commands = make(plant, setpoint("word", 0, direction="both", mqtt=each), setpoint("wide", 2, "uint32", mqtt=each),
                    setpoint("b1", 4, "bool", mqtt=each, bit=1), setpoint("b2", 4, "bool", mqtt=each, bit=2),
                    setpoint("back", 5, mqtt=interval))
    with plant.modbusd.client() as scada:
        scada.write(0, 1, 0, 0, 1, 6, 1)
        landed(plant)
        for value in range(2, 30):
            scada.write_one(0, value)
            scada.write_one(3, value)
        scada.write_one(4, 4)
        scada.write_one(4, 0)
        scada.write_one(5, 2)
        scada.write_one(5, 1)
        plant.broker.publish("d", {"word": 99})
        assert commands.take() == {"word": ["1"], "wide": ["1"], "b1": ["true"], "b2": ["true"], "back": ["1"]}
        shows(plant.modbusd, "holding_register", 0, [29, 0, 0, 29, 0, 1])
        assert plant.api.value("d", "word")["value"] == 29
        landed(plant)
        assert commands.take() == {"word": ["29"], "wide": ["29"], "b1": ["false"], "b2": ["false"]}
        plant.broker.publish("d", {"word": 99})
        shows(plant.modbusd, "holding_register", 0, [99])


def test_a_kill_while_a_command_waits(plant):
    """Nor do the writes to other tags wait for it."""
    commands = make(plant, setpoint("word", 0, mqtt={"min_interval_ms": HOUR}),
                    setpoint("wide", 2, "uint32", mqtt={"min_interval_ms": HOUR}), setpoint("other", 9))
    with plant.modbusd.client() as scada:
        scada.write(0, 1, 0, 0, 1)
        landed(plant)
        scada.write_one(0, 2)
        scada.write_one(3, 5)
        for value in range(600):
            scada.write_one(9, value)
        found = commands.take()
        assert (found["word"], found["wide"], len(found["other"])) == (["1"], ["1"], 600)
        plant.mqttd.kill()
        plant.mqttd.start()
        served(plant)
        landed(plant)
        found = commands.take()
        assert (found["word"], found["wide"]) == (["2"], ["5"])


def test_the_broker_is_away(stack):
    kept = KeptCommands(stack)
    reloaded(stack, lambda: stack.api.device("d", "d", [setpoint("s", 0), setpoint("i", 1, mqtt={"min_interval_ms": 1000}),
                                                        MARKER]))
    with stack.modbusd.client() as scada:
        scada.write(0, 1, 1)
        landed(stack)
        stack.broker.stop()
        for value in (1, 2, 2, 3, 3):
            scada.write(0, value, value)
        stack.broker.start()
        landed(stack)
        scada.write(0, 3, 3)
        landed(stack)
        count = int(metrics(stack)["published_total"])
    sent = kept.take(count)
    assert [line for line in sent if line.startswith("cmd/s ")] == ["cmd/s 1", "cmd/s 2", "cmd/s 3"]
    assert [line for line in sent if line.startswith("cmd/i ")][-1] == "cmd/i 3"


def test_a_setpoint_that_expires(plant):
    """A suppressed write renews it; what waits when it expires is dropped; the next write is published."""
    timed = {"expires_s": 3600, "expire_value": 9}
    commands = make(plant, setpoint("s", 0, mqtt=timed), setpoint("i", 1, mqtt={**timed, "min_interval_ms": HOUR}),
                    setpoint("n", 2, mqtt={"expires_s": 3600}))
    with plant.modbusd.client() as scada:
        scada.write(0, 1, 1, 1)
        landed(plant)
        before = plant.api.value("d", "s")["expires_at"]
        scada.write(0, 1, 1, 1)
        eventually(lambda: plant.api.value("d", "s")["expires_at"] > before, "it is renewed")
        scada.write_one(1, 2)
        assert commands.take() == {"s": ["1"], "i": ["1"], "n": ["1"]}
        expires(plant, 1, "s", "i", "n")
        expired(plant, "s", "i", "n")
        shows(plant.modbusd, "holding_register", 0, [9, 9, 1])
        landed(plant)
        assert commands.take() == {"s": ["9"], "i": ["9"]}
        expires(plant, 3600, "s", "n")
        served(plant)
        scada.write(0, 9)
        scada.write_one(2, 1)
        scada.write(0, 9)
        assert commands.take() == {"s": ["9"], "n": ["1"]}


def test_a_pair(make_pair):
    """Suppressed and waiting writes are mirrored; what the other gateway has sent is not known here."""
    pair = make_pair()
    a, b = pair.side("a"), pair.side("b")
    tags = [setpoint("s", 0, direction="both", mqtt={"min_change": 5, "hold_off_ms": 2000}),
            setpoint("i", 1, direction="both", mqtt={"min_interval_ms": 1500, "hold_off_ms": 2000})]
    pair.configure(lambda api: api.device("d", "d", tags))
    pair.mirrors()
    listener = pair.listen()

    def sent():
        return [(topic.removeprefix("cmd/"), text) for topic, text in listener.messages]
    a.write("holding_register", 0, [50, 1])
    eventually(lambda: b.read(0, 2) == [50, 1], "both are mirrored")
    a.write("holding_register", 0, [53, 2])  # less than min_change; within the interval
    eventually(lambda: b.read(0, 2) == [53, 2], "they are mirrored, too")
    eventually(lambda: ("i", "2") in sent(), "the newest is published")
    b.write("holding_register", 0, [53])
    eventually(lambda: ("s", "53") in sent(), "b does not know what the device has")
    b.write("holding_register", 0, [70])
    eventually(lambda: a.read(0) == [70], "it is mirrored")
    a.write("holding_register", 0, [53])
    eventually(lambda: sent()[-1] == ("s", "53") and len(sent()) == 6, "a knows that b has sent another value")
    assert sorted(sent()) == sorted([("s", "50"), ("i", "1"), ("i", "2"), ("s", "53"), ("s", "70"), ("s", "53")])


def test_a_shorter_interval_shortens_the_wait(plant):
    """The old interval would take longer than the test."""
    commands = make(plant, *(setpoint(name, at, mqtt={"min_interval_ms": HOUR}) for at, name in enumerate("abc")))
    with plant.modbusd.client() as scada:
        scada.write(0, 1, 1, 1)
        scada.write(0, 2, 2, 2)
    assert commands.take() == {name: ["1"] for name in "abc"}
    for name, interval in (("a", 0), ("b", 1)):
        reloaded(plant, lambda: plant.api.must("PATCH", f"/devices/d/tags/{name}", {"mqtt": {"min_interval_ms": interval}}))
        eventually(lambda: (f"cmd/{name}", "2") in commands.listener.messages, f"the value of {name} that waited")
    assert commands.take() == {"a": ["2"], "b": ["2"]}
