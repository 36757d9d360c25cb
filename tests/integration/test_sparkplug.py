"""Sparkplug B: births, aliases, deaths, requests for a rebirth, history, null, types, quality, commands."""

import json

import pytest

from harness import eventually
from mqttd_helpers import back, reloaded, served, shows, tag
from sparkplug_node import Codec, EdgeNode, metric

TOPIC = "spBv1.0/Plant/+/Edge 1/Boiler"


@pytest.fixture(scope="module")
def codec():
    made = Codec()
    yield made
    made.close()


@pytest.fixture
def edge(plant, codec):
    """Makes nodes that are ended with the test."""
    nodes = []

    def make(*args, **members):
        nodes.append(EdgeNode(plant.broker, codec, *args, **members).connect())
        return nodes[-1]
    yield make
    for node in nodes:
        node.close()


def metric_tag(name, address, key, type="int16", **members):
    return tag(name, address, type, mqtt={"key": key, "payload": "sparkplug"}, **members)


def boiler(plant, *tags, topic=TOPIC, **mqtt):
    plant.api.device("boiler", topic, tags, mqtt={"topic": topic, **mqtt} if mqtt else {"topic": topic})
    served(plant)


def is_judged(plant, device, quality, reason):
    def probe():
        status = plant.api.must("GET", f"/devices/{device}/status")
        return (status["quality"], status["reason"]) == (quality, reason)
    eventually(probe, f"{device} is {quality}, {reason}")


def is_born(node):
    eventually(lambda: node.births, "a birth")


def test_metrics_by_alias(plant, edge):
    boiler(plant, metric_tag("temp", 0, "Inlet/supply temp"), metric_tag("level", 1, "level"))
    node = edge("Edge 1", devices={"Boiler": [metric("Inlet/supply temp", "Int16", -5),
                                              metric("level", "UInt8", 200)],
                                   "Pump": [metric("level", "UInt8", 1)]}, aliases=True)
    node.birth()
    shows(plant.modbusd, "holding_register", 0, [65531, 200])
    node.data("Pump", {"alias": 2000, "type": "UInt8", "value": 3})
    node.data("Boiler", {"alias": 1001, "type": "UInt8", "value": 201})
    shows(plant.modbusd, "holding_register", 0, [65531, 201])
    is_judged(plant, "boiler", "good", None)
    value = plant.api.value("boiler", "level")
    assert (value["value"], value["quality"]) == (201, "good")


TYPES = [
    ("Int8", -128, "int16", -128), ("Int16", -32768, "int16", -32768), ("Int32", -2**31, "int32", -2**31),
    ("Int64", str(-2**63), "int64", str(-2**63)), ("UInt8", 255, "uint16", 255), ("UInt16", 65535, "uint16", 65535),
    ("UInt32", 2**32 - 1, "uint32", 2**32 - 1), ("UInt64", str(2**64 - 1), "uint64", str(2**64 - 1)),
    ("Float", 21.3, "float32", 21.3), ("Double", 0.1, "float64", 0.1), ("Boolean", True, "uint16", 1),
    ("String", "läuft", "string", "läuft"), ("Text", "", "string", ""), ("UUID", "6f1c-22", "string", "6f1c-22"),
    ("DateTime", 1700000000000, "uint64", 1700000000000),
]


def test_types(plant, edge):
    tags = [metric_tag(f"t{at}", 20 * at, f"m/{kind}", type, **({"length": 8} if type == "string" else {}))
            for at, (kind, _, type, _) in enumerate(TYPES)]
    boiler(plant, *tags)
    node = edge("Edge 1", devices={"Boiler": [metric(f"m/{kind}", kind, sent) for kind, sent, _, _ in TYPES]})
    node.birth()
    for at, (kind, _, _, wanted) in enumerate(TYPES):
        def probe():
            value = plant.api.value("boiler", f"t{at}")
            return value["quality"] == "good" and value["value"] == wanted
        eventually(probe, f"{kind} as {wanted}")


def test_what_is_no_scalar(plant, edge):
    boiler(plant, metric_tag("set", 0, "set"), metric_tag("raw", 1, "raw"), metric_tag("ok", 2, "ok"))
    table = {"numOfColumns": 1, "types": ["Int32"], "columns": ["a"], "rows": [[1]]}
    node = edge("Edge 1", devices={"Boiler": [metric("set", "DataSet", table),
                                              metric("raw", "Bytes", {"$bytes": "00ff"}),
                                              metric("ok", "Int16", 5)]})
    node.birth()
    shows(plant.modbusd, "holding_register", 0, [0, 0, 5])
    for name, text in (("set", "a data set"), ("raw", "bytes, an array or a file")):
        value = plant.api.value("boiler", name)
        assert (value["quality"], value["reason"]) == ("bad", "refused")
        error = value["last_error"]
        assert error["code"] == "not_a_number" and error["detail"] == text


def test_history_null_and_quality(plant, edge):
    boiler(plant, metric_tag("a", 0, "a"), metric_tag("b", 1, "b", on_null="stale", on_stale=-1),
           metric_tag("c", 2, "c"), metric_tag("end", 3, "end"))
    born = [metric("a", "Int16", 1), metric("b", "Int16", 2), metric("c", "Int16", 3), metric("end", "Int16", 0)]
    node = edge("Edge 1", devices={"Boiler": born})
    node.birth()
    shows(plant.modbusd, "holding_register", 0, [1, 2, 3, 0])

    def quality(number):
        return {"Quality": {"type": "Int32", "value": number}}
    node.data("Boiler", metric("a", "Int16", 99, isHistorical=True), metric("b", "Int16", None),
              metric("c", "Int16", 98, properties=quality(0)), metric("end", "Int16", 1))
    shows(plant.modbusd, "holding_register", 0, [1, 65535, 3, 1])
    value = plant.api.value("boiler", "c")
    assert value["last_error"]["code"] == "bad_quality" and value["quality"] == "bad"
    assert plant.api.value("boiler", "a")["quality"] == "good"
    node.data("Boiler", metric("c", "Int16", 4, properties=quality(192)),
              metric("a", "Int16", None), metric("end", "Int16", 2))
    shows(plant.modbusd, "holding_register", 0, [1, 65535, 4, 2])
    assert plant.api.value("boiler", "a")["last_error"]["code"] == "null_value"
    assert plant.api.value("boiler", "c")["quality"] == "good"


def test_deaths(plant, edge, codec):
    boiler(plant, metric_tag("a", 0, "a"))
    plant.api.device("edge", "spBv1.0/Plant/+/Edge 1", [metric_tag("load", 10, "load")])
    served(plant)
    node = edge("Edge 1", [metric("load", "Int16", 7)], {"Boiler": [metric("a", "Int16", 1)]}, aliases=True)
    node.birth()
    shows(plant.modbusd, "holding_register", 10, [7])
    is_judged(plant, "boiler", "good", None)
    is_judged(plant, "edge", "good", None)
    node.publish("DDEATH", "Boiler", [])
    is_judged(plant, "boiler", "bad", "unavailable")
    assert plant.api.value("boiler", "a")["reason"] == "unavailable"
    is_judged(plant, "edge", "good", None)
    node.publish("DBIRTH", "Boiler", [metric("a", "Int16", 2, alias=1000)])
    is_judged(plant, "boiler", "good", None)
    # The will of an earlier session comes late.
    node.send(node.topic("NDEATH"), codec.encode({"timestamp": 1, "metrics": [metric("bdSeq", "Int64", 0)]}))
    node.data(None, {"alias": 1, "type": "Int16", "value": 8})
    shows(plant.modbusd, "holding_register", 10, [8])
    is_judged(plant, "edge", "good", None)
    # The node's own.
    node.die()
    is_judged(plant, "boiler", "bad", "unavailable")
    is_judged(plant, "edge", "bad", "unavailable")
    node.connect()
    node.birth()
    is_judged(plant, "boiler", "good", None)
    is_judged(plant, "edge", "good", None)


def test_a_restart_asks_for_births(plant, edge):
    boiler(plant, metric_tag("a", 0, "a"))
    node = edge("Edge 1", devices={"Boiler": [metric("a", "Int16", 1)]}, aliases=True)
    node.birth()
    shows(plant.modbusd, "holding_register", 0, [1])
    plant.mqttd.kill()
    asked = node.rebirths
    plant.mqttd.start()
    eventually(lambda: node.rebirths > asked and node.births > 1, "the request for a rebirth")
    node.data("Boiler", {"alias": 1000, "type": "Int16", "value": 2})
    shows(plant.modbusd, "holding_register", 0, [2])
    assert plant.api.value("boiler", "a")["quality"] == "good"
    assert node.rebirths == asked + 1


def test_data_before_birth_is_not_guessed(plant, edge):
    node = edge("Edge 1", devices={"Boiler": [metric("a", "Int16", 1)]}, aliases=True, answers=False)
    boiler(plant, metric_tag("a", 0, "a"), metric_tag("b", 1, "b"))
    node.data("Boiler", {"alias": 1000, "type": "Int16", "value": 5})
    eventually(lambda: plant.api.must("GET", "/devices/boiler/status")["last_error"], "the refusal")
    is_judged(plant, "boiler", "bad", "refused")
    newest = plant.api.must("GET", "/messages?device=boiler")["items"][0]
    assert newest["outcome"] == "no_birth" and newest["error"]["code"] == "no_birth"
    eventually(lambda: node.rebirths, "the request for a rebirth")
    node.data("Boiler", metric("b", "Int16", 6))  # by name it is clear
    shows(plant.modbusd, "holding_register", 0, [0, 6])
    node.birth()
    shows(plant.modbusd, "holding_register", 0, [1, 6])
    is_judged(plant, "boiler", "good", None)


def test_a_gap_asks_once(plant, edge):
    boiler(plant, metric_tag("a", 0, "a"))
    node = edge("Edge 1", devices={"Boiler": [metric("a", "Int16", 1)]}, aliases=True)
    eventually(lambda: node.rebirths, "the request of a new device")
    eventually(lambda: node.births, "its answer")
    shows(plant.modbusd, "holding_register", 0, [1])
    asked = node.rebirths
    node.answers = False
    node.data("Boiler", {"alias": 1000, "type": "Int16", "value": 2}, seq=(node.seq + 3) % 256)
    node.data("Boiler", {"alias": 1000, "type": "Int16", "value": 3}, seq=(node.seq + 3) % 256)
    eventually(lambda: node.rebirths > asked, "the request")
    node.birth()
    node.data("Boiler", {"alias": 1000, "type": "Int16", "value": 4})
    shows(plant.modbusd, "holding_register", 0, [4])
    assert node.rebirths == asked + 1


def test_a_new_tag_gets_its_value(plant, edge):
    boiler(plant, metric_tag("a", 0, "a"))
    node = edge("Edge 1", devices={"Boiler": [metric("a", "Int16", 1), metric("b", "Int16", 2)]}, aliases=True)
    eventually(lambda: node.births, "the births")
    shows(plant.modbusd, "holding_register", 0, [1])
    births = node.births
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/boiler", {"description": "x", "mqtt": {"qos": 0}}))
    node.data("Boiler", {"alias": 1000, "type": "Int16", "value": 3})
    shows(plant.modbusd, "holding_register", 0, [3])
    assert node.births == births  # nothing was asked
    reloaded(plant, lambda: plant.api.must("POST", "/devices/boiler/tags", metric_tag("b", 1, "b")))
    shows(plant.modbusd, "holding_register", 0, [1, 2])
    assert node.births > births


def test_commands(plant, edge):
    def command(name, address, key, type, direction="both", **modbus):
        body = back(name, address, type, None, direction, {"key": key, "payload": "sparkplug"}, **modbus)
        del body["mqtt"]["command_topic"]
        return body
    boiler(plant, command("mode", 0, "mode", "int16"), command("set", 1, "set/point", "int16", scale=0.1),
           command("word", 10, "word", "string", "to_mqtt", length=4))
    plant.api.device("edge", "spBv1.0/Plant/+/Edge 1", [command("load", 20, "load", "int16")])
    served(plant)
    born = [metric("mode", "UInt32", 1), metric("set/point", "Float", 20.5), metric("word", "String", "x")]
    node = edge("Edge 1", [metric("load", "Int16", 7)], {"Boiler": born})
    node.birth()
    shows(plant.modbusd, "holding_register", 0, [1, 205])
    with plant.modbusd.client() as client:
        client.write(0, 3)
        client.write(1, 216)
        client.write(10, 0x6865, 0x6174, 0, 0)
        client.write(20, 65535)
    commands = node.wait_commands(4)
    seen = {(topic, each["name"]): (each["type"], each["value"])
            for topic, payload in commands for each in payload["metrics"]}
    boiler_topic, edge_topic = "spBv1.0/Plant/DCMD/Edge 1/Boiler", "spBv1.0/Plant/NCMD/Edge 1"
    wanted = seen.pop((boiler_topic, "set/point"))
    assert wanted[0] == "Float" and abs(wanted[1] - 21.6) < 1e-5
    assert seen == {(boiler_topic, "mode"): ("UInt32", 3), (boiler_topic, "word"): ("String", "heat"),
                    (edge_topic, "load"): ("Int16", -1)}
    # A number that the metric cannot be.
    with plant.modbusd.client() as client:
        client.write(0, 65535)
    eventually(lambda: (plant.api.value("boiler", "mode")["last_error"] or {}).get("code") == "out_of_range",
               "the refusal")
    assert len(node.commands) == 4


def test_commands_by_alias(plant, edge):
    boiler(plant, {"name": "mode", "direction": "to_mqtt", "mqtt": {"key": "mode", "payload": "sparkplug"},
                   "modbus": {"address": 0, "type": "uint16"}})
    node = edge("Edge 1", devices={"Boiler": [metric("mode", "Int64", 1)]}, aliases=True)
    eventually(lambda: node.births, "the births, for a tag that is only written")
    plant.mqttd.wait_log("(?s).*asked 1 Sparkplug node")
    with plant.modbusd.client() as client:
        def probe():
            client.write(0, 3)
            return node.commands and "alias" in node.commands[-1][1]["metrics"][0]
        eventually(probe, "a command by alias")
    topic, payload = node.commands[-1]
    each = payload["metrics"][0]
    assert topic == "spBv1.0/Plant/DCMD/Edge 1/Boiler"
    assert (each["alias"], each["value"], each["type"]) == (1000, 3, "Int64") and "name" not in each


def test_what_the_api_refuses(plant):
    api = plant.api
    api.device("boiler", TOPIC)
    api.device("plain", "plant/boiler")

    def answer(device, mqtt, **members):
        body = {"name": "x", "mqtt": {"payload": "sparkplug", **mqtt}, "modbus": {"type": "int16"}, **members}
        return api.request("POST", f"/devices/{device}/tags", body)

    def refused(*args, **members):
        reply = answer(*args, **members)
        assert reply.status == 422, reply.json()
        return [(error["pointer"], error["code"]) for error in reply.json()["errors"]]
    assert refused("boiler", {"key": ""}) == [("/mqtt/key", "required")]
    assert refused("boiler", {"command_template": "{value}"}, direction="both") == [
        ("/mqtt/command_template", "type_mismatch")]
    assert refused("boiler", {"command_retain": True}, direction="both") == [
        ("/mqtt/command_retain", "type_mismatch")]
    assert refused("plain", {}, direction="both") == [("/mqtt/command_topic", "required")]
    assert refused("boiler", {"topic": "spBv1.0/+/+/Edge/Boiler"}, direction="both") == [
        ("/mqtt/command_topic", "required")]
    reply = answer("plain", {"key": "a"})
    assert reply.status == 201
    assert [each["code"] for each in reply.json()["warnings"]] == ["no_births"]
    reply = answer("boiler", {"key": "a"}, direction="both")
    assert reply.status == 201 and not reply.json().get("warnings")
    # A device that leaves the family of its tags is warned of.
    reply = api.request("PATCH", "/devices/boiler", {"mqtt": {"topic": "spBv1.0/Plant/#"}})
    assert reply.status == 200
    assert [each["code"] for each in reply.json()["warnings"]] == ["no_births"]


def test_rubbish(plant, edge):
    boiler(plant, metric_tag("a", 0, "a"))
    node = edge("Edge 1", devices={"Boiler": [metric("a", "Int16", 1)]})
    node.birth()
    shows(plant.modbusd, "holding_register", 0, [1])
    for payload in (b"", b"{}", b"\x12\xff", bytes(range(256)), b"\x12\x00" * 20000):
        node.send(node.topic("DDATA", "Boiler"), payload)
    eventually(lambda: plant.api.must("GET", "/devices/boiler/status")["last_error"], "the refusal")
    outcomes = {each["outcome"] for each in plant.api.must("GET", "/messages?device=boiler")["items"]}
    assert "not_sparkplug" in outcomes
    assert plant.api.must("GET", "/devices/boiler/status")["last_error"]["code"] == "invalid_sparkplug"
    node.data("Boiler", metric("a", "Int16", 2))
    shows(plant.modbusd, "holding_register", 0, [2])
    assert json.loads(plant.api.get("/devices/boiler/status").body)["quality"] == "good"
