"""The log and the API describe devices that are not good correctly, and without repetition."""

import itertools
import json
import re
import time
import urllib.request

import pytest

from harness import DEADLINE, eventually, free_port
from mqttd_helpers import reloaded, shows, tag
from small_plc import SmallPlc


def status_of(plant, device="d"):
    found = plant.api.must("GET", f"/devices/{device}/status")
    return found["quality"], found["reason"]


def is_judged(plant, quality, reason, device="d"):
    eventually(lambda: status_of(plant, device) == (quality, reason), f"{device}: {quality}, {reason}")


def names(plant, query):
    return [item.get("tag") or item["name"] for item in plant.api.must("GET", query)["items"]]


def is_found(plant, query, wanted):
    eventually(lambda: names(plant, query) == wanted, f"{query}: {wanted}")


@pytest.mark.parametrize("payload, why", [
    (lambda n: "rubbish", "are not JSON"),
    (lambda n: {"v": 2, "at": 999 - n}, "are older than the newest by their time stamps")],
    ids=["rubbish", "old"])
def test_what_came_in_place_of_a_valid_message(plant, payload, why):
    mqtt = {"stale_after_s": 86400, "timestamp_key": "at"}
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")], mqtt=mqtt))
    plant.broker.publish("d", {"v": 1, "at": 1000})
    sent = itertools.count()
    plant.broker.publish("d", payload(next(sent)))
    eventually(lambda: plant.api.must("GET", "/devices/d/status")["messages"] == 2, "both messages")
    plant.api.must("PATCH", "/devices/d", {"mqtt": {"stale_after_s": 2}})

    def keeps_on():
        plant.broker.publish("d", payload(next(sent)))
        return re.search("d is stale", plant.mqttd.log())
    eventually(keeps_on, "the line")
    assert f"d is stale: no valid message for 2 s; the received messages {why}" in plant.mqttd.log()
    assert "no message for" not in plant.mqttd.log()


def test_one_line_for_all_after_an_outage(plant):
    names = [f"d{n:02}" for n in range(30)]

    def configure(seconds):
        plant.api.must("POST", "/import?mode=merge", {"devices": [
            {"name": name, "mqtt": {"topic": "all", "stale_after_s": seconds}, "tags": [tag("v", n, "uint16")]}
            for n, name in enumerate(names)]})
    reloaded(plant, lambda: configure(86400))
    plant.broker.publish("all", {"v": 1})
    is_judged(plant, "good", None, "d29")
    plant.broker.kill()
    is_judged(plant, "stale", "broker_lost", "d00")
    reloaded(plant, lambda: configure(2))
    plant.broker.start()
    plant.mqttd.wait_log("30 devices have not been heard since the broker is back: d00, d01, ")
    is_judged(plant, "stale", "silent", "d29")
    reloaded(plant, lambda: configure(86400))
    plant.broker.publish("all", {"v": 2})
    is_judged(plant, "good", None, "d29")
    plant.mqttd.wait_log("(?s)since the broker is back.*")
    assert len(re.findall("not been heard since", plant.mqttd.log())) == 1
    assert not re.search(r"d\d\d is (stale|heard again)", plant.mqttd.log())


def test_refused_values_are_one_line(plant):
    for name in ("d", "e"):
        reloaded(plant, lambda: plant.api.device(name, name, [tag("v", ord(name), "uint16")]))
    for n in range(20):
        plant.broker.publish("d", {"v": f"word {n}"})
    plant.broker.publish("d", "rubbish")
    plant.broker.publish("e", '{"v": ')
    is_judged(plant, "bad", "not_json", "e")
    lines = [line for line in plant.mqttd.log().splitlines() if " warning " in line]
    assert [line.split(" warning ")[1] for line in lines] == [
        "d/v: the value was refused, not_a_number: word 0",
        'e: a message of 6 bytes on e was refused, invalid_json at byte 6; it begins with: {"v": ']


def test_a_clock_set_back(plant):
    """One hour, as at the end of summer time: nine messages are dropped, and this is visible."""
    mqtt = {"timestamp_key": "at"}
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")], mqtt=mqtt))
    now = int(time.time())
    plant.broker.publish("d", {"v": 1, "at": now})
    shows(plant.modbusd, "holding_register", 0, [1])
    for n in range(9):  # in the same second, however fast they come
        plant.broker.publish("d", {"v": 10 + n, "at": now - 3600})
        if n == 4:
            reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"description": "x"}))
    is_judged(plant, "stale", "old_messages")
    value = plant.api.value("d", "v")
    assert (value["value"], value["quality"], value["reason"]) == (1, "stale", "old_messages")
    is_found(plant, "/devices?reason=old_messages", ["d"])
    for n in range(9, 12):
        plant.broker.publish("d", {"v": 10 + n, "at": now - 3600})
    shows(plant.modbusd, "holding_register", 0, [21])
    is_judged(plant, "good", None)
    assert plant.api.value("d", "v")["quality"] == "good"
    assert plant.mqttd.log().count("the time stamps on d went back by 3600 s") == 1
    assert plant.mqttd.log().count("a message on d was dropped") == 1


def test_late_messages_are_no_clock_set_back(plant):
    """On a topic with several senders, and out of order."""
    mqtt = {"timestamp_key": "at"}
    reloaded(plant, lambda: plant.api.device("d", "d/#", [tag("v", 0, "uint16")], mqtt=mqtt))
    plant.broker.publish("d/1", {"v": 1, "at": 1000})
    for n in range(15):
        plant.broker.publish("d/2", {"v": 99, "at": 500 - n})
    plant.broker.publish("d/1", {"v": 2, "at": 1001})
    shows(plant.modbusd, "holding_register", 0, [2])
    assert "went back" not in plant.mqttd.log()
    is_judged(plant, "good", None)


def test_lists_by_quality_and_reason(plant):
    def configure():
        for name, mqtt in (("away", {"availability_topic": "away/lwt"}), ("fine", {}), ("mute", {}),
                           ("old", {"timestamp_key": "at"}), ("rubbish", {}), ("wrong", {})):
            plant.api.device(name, name, [tag(f"{name}_v", len(names(plant, "/tags")), "uint16")],
                             mqtt=mqtt)
        plant.api.device("off", "off", [tag("off_v", 30, "uint16")], enabled=False)
        plant.api.must("POST", "/devices/fine/tags", dict(tag("fine_off", 31, "uint16"), enabled=False))
        plant.api.must("POST", "/devices/fine/tags", tag("fine_w", 32, "uint16"))
    reloaded(plant, configure)
    for name in ("away", "fine", "wrong", "old"):
        plant.broker.publish(name, {f"{name}_v": 1, "fine_w": -1, "at": 9})
    plant.broker.publish("away/lwt", "offline")
    plant.broker.publish("old", {"old_v": 2, "at": 8})
    plant.broker.publish("rubbish", "rubbish")
    plant.broker.publish("wrong", {"wrong_v": -1})
    wanted = {"unavailable": "away", "never_heard": "mute", "old_messages": "old",
              "not_json": "rubbish", "refused": "wrong", "disabled": "off"}
    for reason, name in wanted.items():
        is_found(plant, f"/devices?reason={reason}", [name])
    tags = dict({reason: [f"{name}_v"] for reason, name in wanted.items()},
                refused=["fine_w", "wrong_v"], disabled=["fine_off", "off_v"])
    for reason, found in tags.items():
        for path in ("/tags", "/values"):
            page = plant.api.must("GET", f"{path}?reason={reason}")
            items = page["items"]
            assert [item.get("tag") or item["name"] for item in items] == found
            assert {item["reason"] for item in items} == {reason}
            assert page["total"] == len(found) and page["next"] is None
    assert names(plant, "/devices?quality=good") == ["fine"]
    assert names(plant, "/values?quality=good") == names(plant, "/tags?quality=good") == ["fine_v"]
    assert names(plant, "/devices?quality=bad") == ["away", "rubbish", "wrong"]
    assert names(plant, "/devices?quality=bad,stale&reason=refused,old_messages") == ["old", "wrong"]
    assert names(plant, "/devices?quality=stale&reason=refused") == []
    page = plant.api.must("GET", "/devices?quality=bad&limit=1&after=away")
    assert ([item["name"] for item in page["items"]], page["total"], page["next"]) == (
        ["rubbish"], 3, "rubbish")
    page = plant.api.must("GET", "/values?quality=bad&limit=2&device=fine")
    assert [item["tag"] for item in page["items"]] == ["fine_w"]
    for path in ("/devices", "/tags", "/values"):
        for query in ("quality=fine", "reason=none", "reason=silent,nothing", "quality="):
            assert plant.api.get(f"{path}?{query}").status == 400
    page = plant.api.must("GET", "/devices?live=true&limit=3&after=away")
    assert ([item["name"] for item in page["items"]], page["total"], page["next"]) == (
        ["fine", "mute", "off"], 7, "off")
    fine, mute, _ = [item["live"] for item in page["items"]]
    assert fine["age_ms"] >= 0 and fine["last_message_at"]
    assert (fine["messages"], fine["rejects"], fine["tags"]) == (1, 1, 3)
    assert mute == {"last_message_at": None, "age_ms": None, "messages": 0, "rejects": 0, "tags": 1}
    assert page["items"][0]["quality"] == "good"
    assert plant.api.must("GET", "/devices?live=true&q=mute")["items"][0]["reason"] == "never_heard"
    assert names(plant, "/devices?live=true&quality=bad") == ["away", "rubbish", "wrong"]
    assert plant.api.get("/devices?live=1").status == 400
    # A client may send back the members of a list.
    item = plant.api.must("GET", "/devices?live=true&q=fine")["items"][0]
    assert plant.api.must("PUT", "/devices/fine", item)["revision"] == item["revision"]
    item = plant.api.must("GET", "/devices?reason=refused")["items"][0]
    assert plant.api.must("PUT", "/devices/wrong", item)["revision"] == item["revision"]


def test_the_stream_says_why(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")]))
    with urllib.request.urlopen(plant.api.url("/values/stream"), timeout=DEADLINE) as stream:
        def next_values():
            for line in stream:
                if line.startswith(b"data:["):
                    return json.loads(line[5:])[0]
        assert next_values()["reason"] == "never_heard"
        plant.broker.publish("d", {"v": 1})
        seen = next_values()
        while seen["quality"] != "good":
            seen = next_values()
        assert seen["reason"] is None
        plant.broker.publish("d", {"v": -1})
        seen = next_values()
        while seen["quality"] == "good":
            seen = next_values()
        assert (seen["quality"], seen["reason"]) == ("bad", "refused")


def test_a_dead_daemon_is_the_reason(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")]))
    plant.broker.publish("d", {"v": 1})
    is_judged(plant, "good", None)
    plant.modbusd.kill()
    eventually(lambda: [(item["quality"], item["reason"]) for item in
                        plant.api.must("GET", "/values")["items"]] == [("stale", "modbusd_down")],
               "the value's reason")
    is_found(plant, "/tags?reason=modbusd_down", ["v"])
    is_found(plant, "/devices?reason=modbusd_down", ["d"])
    is_judged(plant, "stale", "modbusd_down")
    plant.modbusd.start()
    is_judged(plant, "good", None)
    eventually(lambda: plant.api.must("GET", "/values")["items"][0]["quality"] == "good")
    plant.mqttd.kill()
    is_judged(plant, "stale", "mqttd_down")
    is_found(plant, "/tags?reason=mqttd_down", ["v"])


def test_a_foreign_server_out_of_reach_is_the_reason(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")], network={
        "modbus_host": "127.0.0.1", "modbus_port": free_port()}))
    plant.broker.publish("d", {"v": 1})
    is_judged(plant, "stale", "target_down")
    is_found(plant, "/devices?reason=target_down", ["d"])
    is_found(plant, "/tags?reason=target_down", ["v"])
    assert plant.api.value("d", "v")["last_error"]["code"] == "modbus_unreachable"
    plc = SmallPlc()
    try:
        reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"network": {
            "modbus_port": plc.port}}))
        eventually(lambda: plc.registers[0] == 1, "the PLC to hold it")
        is_judged(plant, "good", None)
    finally:
        plc.close()
