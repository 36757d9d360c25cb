"""Values that Tagferry sets itself: constants, and companions of other tags."""

import time

import pytest

from harness import eventually
from mqttd_helpers import reloaded, served, shows, tag
from small_plc import SmallPlc


@pytest.fixture
def plc():
    made = SmallPlc()
    yield made
    made.close()


def constant(name, address, value, type="uint16", table="holding_register", **modbus):
    return tag(name, address, type, table, direction="constant", constant=value, **modbus)


def test_each_type_and_table(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [
        constant("mark", 0, 0x53756e53, "uint32"), constant("swapped", 2, 1, "uint32", byte_order="CDAB"),
        constant("name", 10, "SunSpec", "string", length=5), constant("tenths", 20, 21.5, "int16", scale=0.1),
        constant("real", 30, -2.5, "float32", table="input_register"), constant("bit", 40, True, "bool", bit=3),
        constant("coil", 5, True, "bool", "coil"), constant("off", 6, 0, "bool", "discrete_input"),
        constant("large", 50, "18446744073709551615", "uint64")]))
    shows(plant.modbusd, "holding_register", 0, [0x5375, 0x6e53, 1, 0])
    shows(plant.modbusd, "holding_register", 10, [0x5375, 0x6e53, 0x7065, 0x6300, 0])
    shows(plant.modbusd, "holding_register", 20, [215])
    shows(plant.modbusd, "input_register", 30, [0xc020, 0])
    shows(plant.modbusd, "holding_register", 40, [8])
    shows(plant.modbusd, "holding_register", 50, [0xffff] * 4)
    shows(plant.modbusd, "coil", 5, [True])
    shows(plant.modbusd, "discrete_input", 6, [False])
    assert plant.api.value("d", "tenths")["value"] == 21.5


def test_it_is_good_without_messages_and_without_a_broker(plant):
    """Its device is silent, and its broker is away."""
    plant.api.device("d", "d", [constant("a", 0, 7), tag("b", 2)], mqtt={"stale_after_s": 1})

    def verdict():
        value = plant.api.value("d", "a")
        return value["quality"], value["reason"], value["value"]
    eventually(lambda: verdict() == ("good", None, 7), "a good constant")
    plant.broker.stop()
    eventually(lambda: plant.api.value("d", "b")["reason"] == "broker_lost", "the loss")
    assert verdict() == ("good", None, 7)
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/a", {"enabled": False}))
    assert verdict()[:2] == ("never", "disabled")


def test_what_scada_overwrites_comes_back(plant):
    """Also while the broker is away, and whichever part of it was written."""
    reloaded(plant, lambda: plant.api.device("d", "d", [
        constant("a", 0, 0x00010002, "uint32"), constant("bit", 4, True, "bool", bit=2),
        constant("coil", 9, True, "bool", "coil"), tag("value", 8, "uint16")]))
    shows(plant.modbusd, "holding_register", 0, [1, 2])
    with plant.modbusd.client() as scada:
        for _ in range(3):
            scada.write(1, 99)
            scada.write(4, 0xff00)
            scada.write_coil(9, False)
            shows(plant.modbusd, "holding_register", 0, [1, 2])
            shows(plant.modbusd, "holding_register", 4, [0xff04])
            shows(plant.modbusd, "coil", 9, [True])
        plant.broker.stop()
        scada.write(0, 7, 7)
        scada.write(8, 5)
    shows(plant.modbusd, "holding_register", 0, [1, 2])
    shows(plant.modbusd, "holding_register", 8, [5])


def test_a_change_a_move_and_an_import(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [constant("a", 0, 5)]))
    shows(plant.modbusd, "holding_register", 0, [5])
    plant.api.must("PATCH", "/devices/d/tags/a", {"modbus": {"constant": 6}})
    shows(plant.modbusd, "holding_register", 0, [6])
    plant.api.must("PATCH", "/devices/d/tags/a", {"modbus": {"address": 100, "type": "float32", "constant": 1.5}})
    shows(plant.modbusd, "holding_register", 100, [0x3fc0, 0])
    shows(plant.modbusd, "holding_register", 0, [0])
    body = plant.api.must("GET", "/export")
    body["devices"][0]["tags"][0]["modbus"]["constant"] = 2
    plant.api.must("POST", "/import?mode=replace", body)
    shows(plant.modbusd, "holding_register", 100, [0x4000, 0])
    # A value of messages takes its place, and the other way round.
    plant.api.must("PATCH", "/devices/d/tags/a", {"direction": "to_modbus", "modbus": {"constant": None}})
    served(plant)
    plant.broker.publish("d", '{"a": 9}', "-r")
    shows(plant.modbusd, "holding_register", 100, [0x4110, 0])
    plant.api.must("PATCH", "/devices/d/tags/a", {"direction": "constant", "modbus": {"constant": 3}})
    shows(plant.modbusd, "holding_register", 100, [0x4040, 0])


def test_after_a_kill_and_with_empty_registers(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [constant("a", 0, 5), constant("i", 0, 6, table="input_register")]))
    shows(plant.modbusd, "holding_register", 0, [5])
    plant.mqttd.kill()
    with plant.modbusd.client() as scada:
        scada.write(0, 77)
    plant.mqttd.start()
    shows(plant.modbusd, "holding_register", 0, [5])
    plant.modbusd.kill()
    plant.modbusd.options["modbusd.image"].unlink()
    plant.modbusd.start()
    shows(plant.modbusd, "holding_register", 0, [5])
    shows(plant.modbusd, "input_register", 0, [6])


def test_a_foreign_server_gets_it(plant, plc):
    reloaded(plant, lambda: plant.api.device(
        "d", "d", [constant("a", 3, 5)], network={"modbus_host": "127.0.0.1", "modbus_port": plc.port}))
    eventually(lambda: plc.registers[3] == 5, "the constant")


def companion(name, address, shows, of, type="uint16", table="input_register", **modbus):
    return tag(name, address, type, table, direction="companion", companion=shows, companion_of=of, **modbus)


def words(plant, address, count, table="input_register"):
    with plant.modbusd.client() as scada:
        return scada.read(table, address, count)


def test_companions_follow_a_value(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [
        tag("v", 0, "uint16", mqtt={"key": "v"}), tag("other", 1, "uint16"),
        companion("quality", 0, "quality", "v"), companion("age", 1, "age_s", "v"),
        companion("time", 2, "time_s", "v", "uint32"), companion("ms", 4, "time_ms", "v", "uint64"),
        companion("small", 8, "age_s", "v", "int16"), companion("real", 10, "age_s", "v", "float32"),
        companion("held", 12, "quality", "v", table="holding_register")], mqtt={"stale_after_s": 3600}))
    # No value yet: never, as old as the type can say, no time.
    eventually(lambda: words(plant, 0, 9) == [0, 65535, 0, 0, 0, 0, 0, 0, 32767], "never")
    before = time.time()
    plant.broker.publish("d", '{"v": 5}')
    eventually(lambda: words(plant, 0, 1) == [192], "good")
    high, low = words(plant, 2, 2)
    assert before - 1 <= (high << 16 | low) <= time.time()
    ms = sum(word << 16 * (3 - i) for i, word in enumerate(words(plant, 4, 4)))
    assert before * 1000 - 1000 <= ms <= time.time() * 1000
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"mqtt": {"stale_after_s": 2}}))
    eventually(lambda: words(plant, 0, 1) == [500], "stale")
    eventually(lambda: words(plant, 1, 1)[0] >= 3, "its age")
    with plant.modbusd.client() as scada:
        scada.write(12, 7)
        eventually(lambda: words(plant, 12, 1, "holding_register") == [500], "SCADA's write is overwritten")
    eventually(lambda: plant.api.value("d", "quality")["quality"] == "good", "the companion's own quality")
    assert plant.api.value("d", "quality")["value"] == 500
    # It is killed: the companions are the same afterwards, but the value is older.
    plant.api.must("PATCH", "/devices/d", {"mqtt": {"stale_after_s": 3600}})
    plant.mqttd.kill()
    plant.mqttd.start()
    eventually(lambda: words(plant, 0, 1) == [0], "never heard in this session")
    plant.broker.publish("d", '{"v": 6}')
    eventually(lambda: words(plant, 0, 1) == [192], "good again")


def test_companions_of_constants_setpoints_and_nothing(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [
        constant("c", 0, 7), companion("of_constant", 0, "quality", "c"),
        companion("of_none", 1, "quality", "missing"), companion("of_companion", 2, "quality", "of_constant")]))
    eventually(lambda: words(plant, 0, 3) == [192, 0, 192], "their qualities")
    assert plant.api.value("d", "of_none")["quality"] == "never"
    reloaded(plant, lambda: plant.api.must("POST", "/devices/d/tags", tag("missing", 9)))
    eventually(lambda: plant.api.value("d", "of_none")["quality"] == "good", "the tag is there now")


API_OPTIONS = {}
REFUSED = [
    ({"direction": "constant"}, "/modbus/constant", "required"),
    ({"modbus": {"constant": 1}}, "/modbus/constant", "type_mismatch"),
    ({"direction": "constant", "modbus": {"constant": 65536}}, "/modbus/constant", "out_of_range"),
    ({"direction": "constant", "modbus": {"constant": -1}}, "/modbus/constant", "out_of_range"),
    ({"direction": "constant", "modbus": {"constant": "x"}}, "/modbus/constant", "not_a_number"),
    ({"direction": "constant", "modbus": {"constant": [1]}}, "/modbus/constant", "wrong_type"),
    ({"direction": "constant", "modbus": {"constant": 1}, "mqtt": {"topic": "t"}}, "/mqtt/topic", "type_mismatch"),
    ({"direction": "constant", "modbus": {"constant": 1}, "mqtt": {"command_topic": "t"}}, "/mqtt/command_topic",
     "type_mismatch"),
    ({"direction": "constant", "modbus": {"constant": 1}, "mqtt": {"expires_s": 5}}, "/mqtt/expires_s", "type_mismatch"),
    ({"direction": "constant", "modbus": {"constant": 1, "on_stale": 0}}, "/modbus/on_stale", "type_mismatch"),
    ({"direction": "companion"}, "/modbus/companion", "required"),
    ({"direction": "companion", "modbus": {"companion": "age_s"}}, "/modbus/companion_of", "required"),
    ({"direction": "companion", "modbus": {"companion": "age_s", "companion_of": "a"}}, "/modbus/companion_of",
     "out_of_range"),
    ({"direction": "companion", "modbus": {"companion": "age_s", "companion_of": "b", "type": "bool"}}, "/modbus/type",
     "type_mismatch"),
    ({"direction": "companion", "modbus": {"companion": "age", "companion_of": "b"}}, "/modbus/companion",
     "invalid_choice"),
    ({"direction": "companion", "modbus": {"companion": "age_s", "companion_of": "-b"}}, "/modbus/companion_of",
     "invalid_name"),
    ({"modbus": {"companion": "age_s"}}, "/modbus/companion", "type_mismatch"),
    ({"modbus": {"companion_of": "b"}}, "/modbus/companion_of", "type_mismatch"),
]


@pytest.mark.parametrize("body, pointer, code", REFUSED, ids=lambda value: str(value)[:40])
def test_what_is_refused(lone_api, body, pointer, code):
    lone_api.device("d", "d", [])
    body = {"name": "a", **body, "modbus": {"type": "uint16", **body.get("modbus", {})}}
    answer = lone_api.request("POST", "/devices/d/tags", body)
    assert answer.status == 422
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def test_limits_are_taken_and_values_cannot_be_written(plant):
    for at, value in ((0, 0), (1, 65535)):
        plant.api.device(f"d{at}", "d", [constant("a", at, value)])
        shows(plant.modbusd, "holding_register", at, [value])
    answer = plant.api.request("PUT", "/devices/d0/tags/a/value", {"value": 3})
    assert answer.status == 409 and "modbus.constant" in answer.json()["detail"]
    tag_body = plant.api.must("GET", "/devices/d1/tags/a")
    assert tag_body["direction"] == "constant" and tag_body["modbus"]["constant"] == 65535


def test_companions_follow_the_name_of_their_tag(plant):
    """In one change, which is undone as one. A tag that is deleted or moved leaves them as they are."""
    def companion(name, of, address):
        return {"name": name, "direction": "companion", "modbus": {
            "table": "input_register", "type": "uint16", "address": address, "companion": "quality", "companion_of": of}}

    def owners():
        return {name: api.must("GET", f"/devices/d/tags/{name}")["modbus"]["companion_of"] for name in ("q1", "q2", "q3")}

    api = plant.api
    reloaded(plant, lambda: api.device("d", "d", [
        {"name": name, "modbus": {"table": "input_register", "type": "uint16", "address": address}}
        for name, address in (("a", 100), ("b", 101))] + [companion("q1", "a", 110), companion("q2", "a", 111), companion("q3", "b", 112)]))
    reloaded(plant, lambda: api.device("other", "other", [companion("q1", "a", 120)]))
    plant.broker.publish("d", {"a": 1})
    shows(plant.modbusd, "input_register", 110, [192, 192])
    revision = api.must("GET", "/readyz?need=store")["revision"]
    reloaded(plant, lambda: api.must("PATCH", "/devices/d/tags/a", {"name": "c"}))
    assert owners() == {"q1": "c", "q2": "c", "q3": "b"}
    assert api.must("GET", "/devices/other/tags/q1")["modbus"]["companion_of"] == "a"
    shows(plant.modbusd, "input_register", 110, [192, 192])
    newest = api.must("GET", "/readyz?need=store")["revision"]
    api.must("POST", f"/revert?to={revision}")
    assert owners() == {"q1": "a", "q2": "a", "q3": "b"}
    api.must("POST", f"/revert?to={newest}")
    assert owners() == {"q1": "c", "q2": "c", "q3": "b"}
    reloaded(plant, lambda: api.must("DELETE", "/devices/d/tags/c"))
    assert owners() == {"q1": "c", "q2": "c", "q3": "b"}
    shows(plant.modbusd, "input_register", 110, [0, 0])
    reloaded(plant, lambda: api.must("POST", f"/revert?to={newest}"))
    plant.broker.publish("d", {"a": 2, "c": 2})
    shows(plant.modbusd, "input_register", 110, [192, 192])
