"""mqtt.where: devices that share a topic; mqtt.availability_key; mqtt.request."""

import time

import pytest

from harness import eventually
from mqttd_helpers import served, shows, tag

from test_api_devices import errors


API_OPTIONS = {}


@pytest.fixture
def api(lone_api):
    return lone_api


def where_device(plant, name, address, where, **mqtt):
    plant.api.device(name, "rtl", [tag("t", address, "uint16")], mqtt={"where": where, **mqtt})


def quality(plant, device):
    return plant.api.value(device, "t")["quality"]


def test_each_message_is_for_the_devices_that_it_fits(plant):
    where_device(plant, "a", 0, {"id": 37})
    where_device(plant, "b", 1, {"id": 173})
    where_device(plant, "a2", 2, {"/id": 37, "model": "X"})
    where_device(plant, "text", 3, {"id": "37"})
    where_device(plant, "on", 4, {"/state/on": True})
    plant.api.device("all", "rtl", [tag("t", 5, "uint16")])
    served(plant)
    plant.broker.publish("rtl", {"id": 37, "model": "X", "t": 1})
    shows(plant.modbusd, "holding_register", 0, [1, 0, 1, 0, 0, 1])
    plant.broker.publish("rtl", {"id": 173, "model": "X", "t": 2})
    shows(plant.modbusd, "holding_register", 0, [1, 2, 1, 0, 0, 2])
    plant.broker.publish("rtl", {"id": "37", "t": 3})
    shows(plant.modbusd, "holding_register", 0, [1, 2, 1, 3, 0, 3])
    plant.broker.publish("rtl", {"state": {"on": True}, "t": 4})
    shows(plant.modbusd, "holding_register", 0, [1, 2, 1, 3, 4, 4])
    plant.broker.publish("rtl", {"id": 37.5, "t": 5})
    shows(plant.modbusd, "holding_register", 0, [1, 2, 1, 3, 4, 5])


def test_a_message_of_another_does_not_count(plant):
    """Neither as a message of the device nor as one that nobody wants."""
    where_device(plant, "a", 0, {"id": 37}, stale_after_s=3600)
    where_device(plant, "b", 1, {"id": 38})
    served(plant)
    plant.broker.publish("rtl", {"id": 37, "t": "warm"})
    plant.broker.publish("rtl", {"id": 99, "t": 1})
    plant.broker.publish("rtl", "{nonsense")
    plant.broker.publish("rtl", {"id": 38, "t": 9})
    shows(plant.modbusd, "holding_register", 0, [0, 9])
    items = plant.api.must("GET", "/messages")["items"]
    assert [(item["outcome"], item["device"]) for item in items] == [
        ("taken", "b"), ("not_json", None), ("not_selected", None), ("taken", "a")]
    assert items[1]["error"]["code"] == "invalid_json"
    status = plant.api.must("GET", "/devices/b/status")
    assert (status["quality"], status["messages"], status["last_error"]) == ("good", 1, None)


def test_a_changed_condition_counts_at_once(plant):
    """The broker sends again what it retains."""
    plant.broker.publish("rtl", {"id": 5, "t": 7}, "-r")
    where_device(plant, "a", 0, {"id": 4})
    served(plant)
    plant.api.must("PATCH", "/devices/a", {"mqtt": {"where": {"id": 5}}})
    shows(plant.modbusd, "holding_register", 0, [7])
    plant.api.must("PATCH", "/devices/a", {"mqtt": {"where": {"id": None}}})
    assert plant.api.must("GET", "/devices/a")["mqtt"]["where"] is None
    served(plant)
    plant.broker.publish("rtl", {"t": 8})
    shows(plant.modbusd, "holding_register", 0, [8])
    plant.api.must("DELETE", "/devices/a")
    served(plant)


@pytest.mark.parametrize("mqtt, pointer, code", [
    ({"where": 5}, "/mqtt/where", "wrong_type"),
    ({"where": {"id": None}}, "/mqtt/where/id", "wrong_type"),
    ({"where": {"id": [1]}}, "/mqtt/where/id", "wrong_type"),
    ({"where": {"id": 2**53}}, "/mqtt/where/id", "out_of_range"),
    ({"where": {"/a~2": 1}}, "/mqtt/where/~1a~02", "invalid_pointer"),
    ({"where": {str(n): n for n in range(17)}}, "/mqtt/where", "too_long"),
    ({"request": []}, "/mqtt/request", "wrong_type"),
    ({"request": {"interval_s": 5}}, "/mqtt/request/topic", "required"),
    ({"request": {"topic": "a"}}, "/mqtt/request/interval_s", "required"),
    ({"request": {"topic": "a/#", "interval_s": 5}}, "/mqtt/request/topic", "invalid_topic"),
    ({"request": {"topic": "a", "interval_s": 0}}, "/mqtt/request/interval_s", "out_of_range"),
    ({"request": {"topic": "a", "interval_s": 1.5}}, "/mqtt/request/interval_s", "wrong_type"),
    ({"request": {"topic": "a", "interval_s": 1, "qos": 3}}, "/mqtt/request/qos", "out_of_range"),
    ({"request": {"topic": "a", "interval_s": 1, "x": 3}}, "/mqtt/request/x", "unknown_field"),
    ({"request": {"topic": "a", "interval_s": 1, "payload": 3}}, "/mqtt/request/payload",
     "wrong_type"),
    ({"payload_available": None, "payload_unavailable": None}, "/mqtt/payload_unavailable",
     "required"),
    ({"payload_available": "x", "payload_unavailable": " x\n"}, "/mqtt/payload_unavailable",
     "duplicate"),
])
def test_refused_settings(api, mqtt, pointer, code):
    answer = api.request("POST", "/devices", {"name": "a", "mqtt": {"topic": "t", **mqtt}})
    assert (answer.status, errors(answer)) == (422, {(pointer, code)})


def test_settings_are_shown_as_they_were_given(api):
    request = {"topic": "r/1", "interval_s": 30}
    api.must("PUT", "/devices/a", {"mqtt": {
        "topic": "t", "where": {"b": 1.50, "a": "x\"y", "/c/0": False}, "request": request,
        "payload_unavailable": None}})
    shown = api.must("GET", "/devices/a")["mqtt"]
    assert shown["where"] == {"b": 1.5, "a": "x\"y", "/c/0": False}
    assert shown["request"] == {"topic": "r/1", "payload": "", "interval_s": 30, "qos": 0}
    assert (shown["payload_available"], shown["payload_unavailable"]) == ("online", None)
    api.must("PATCH", "/devices/a", {"mqtt": {"request": {"interval_s": 60}}})
    assert api.must("GET", "/devices/a")["mqtt"]["request"]["interval_s"] == 60
    exported = api.must("GET", "/export")
    assert api.must("POST", "/import?mode=replace", exported)


@pytest.mark.parametrize("payload, expected", [
    ('{"state": "lost"}', "bad"), ('{"state": " online\\n"}', "good"), ('{"state": 1}', "bad"),
    ('{"state": null}', "bad"), ('{"other": "lost"}', "good"), ("lost", "good")])
def test_availability_in_json(plant, payload, expected):
    plant.api.device("a", "d", [tag("t", 0, "uint16")], mqtt={
        "availability_topic": "d/a", "availability_key": "state", "payload_unavailable": None})
    served(plant)
    plant.broker.publish("d", {"t": 1})
    eventually(lambda: quality(plant, "a") == "good", "a good value")
    plant.broker.publish("d/a", payload)
    eventually(lambda: len(plant.api.must("GET", "/messages")["items"]) == 2, "both messages")
    eventually(lambda: quality(plant, "a") == expected, expected)
    is_strange = payload in ('{"other": "lost"}', "lost")
    outcome = plant.api.must("GET", "/messages?limit=1")["items"][0]["outcome"]
    assert outcome == ("unknown_availability" if is_strange else "taken")
    assert ("has no value at availability_key" in plant.mqttd.log()) == is_strange


def test_availability_on_the_shared_topic(plant):
    for number, name in enumerate("ab"):
        plant.api.device(name, "s", [tag("t", number, "uint16")], mqtt={
            "where": {"id": number}, "availability_topic": "s", "availability_key": "state",
            "payload_unavailable": None})
    served(plant)
    plant.broker.publish("s", {"id": 0, "t": 1, "state": "online"})
    plant.broker.publish("s", {"id": 1, "t": 2, "state": "online"})
    plant.broker.publish("s", {"id": 0, "t": 3, "state": "lost"})
    eventually(lambda: quality(plant, "a") == "bad", "a is unavailable")
    plant.broker.publish("s", {"id": 1, "t": 4, "state": "online"})
    shows(plant.modbusd, "holding_register", 0, [3, 4])
    assert (quality(plant, "a"), quality(plant, "b")) == ("bad", "good")


def test_availability_without_blanks_around_it(plant):
    plant.api.device("a", "d", [tag("t", 0, "uint16")], mqtt={"availability_topic": "d/a"})
    served(plant)
    plant.broker.publish("d", {"t": 1})
    plant.broker.publish("d/a", b"offline\r\n\0")
    eventually(lambda: quality(plant, "a") == "bad", "the device is unavailable")
    plant.broker.publish("d/a", " online ")
    eventually(lambda: quality(plant, "a") == "good", "the device is available")


def test_requests_are_published_after_connecting_and_at_their_interval(plant):
    heard = plant.broker.subscribe("ask/#")
    begin = time.monotonic()
    plant.api.device("a", "d", [tag("t", 0, "uint16")], mqtt={
        "request": {"topic": "ask/a", "payload": "get", "interval_s": 1}})
    plant.api.device("b", "e", [tag("t", 1, "uint16")], mqtt={
        "request": {"topic": "ask/b", "interval_s": 86400, "qos": 1}})
    eventually(lambda: heard.messages.count(("ask/a", "get")) >= 3, "three requests")
    assert time.monotonic() - begin > 1  # two intervals, less one turn of the clock
    eventually(lambda: heard.messages.count(("ask/b", "")) == 1, "the request of the device that came later")
    plant.api.must("PATCH", "/devices/b", {"description": "the time goes on"})
    served(plant)
    before = heard.messages.count(("ask/a", "get"))
    eventually(lambda: heard.messages.count(("ask/a", "get")) > before + 1, "more requests")
    assert heard.messages.count(("ask/b", "")) == 1
    plant.mqttd.kill()
    plant.mqttd.start()
    eventually(lambda: heard.messages.count(("ask/b", "")) == 2, "a request of the new connection")
    plant.api.must("PATCH", "/devices/a", {"mqtt": {"request": None}})
    served(plant)


def test_each_of_many_requests_has_its_turn(plant):
    count = 1200  # more than are published in one second
    heard = plant.broker.subscribe("ask/#")
    plant.api.must("POST", "/import?mode=merge", {"devices": [
        {"name": f"d{n}", "mqtt": {"topic": f"d/{n}", "request": {"topic": f"ask/{n}", "interval_s": 1}},
         "tags": []} for n in range(count)]})
    eventually(lambda: len({topic for topic, _ in list(heard.messages)}) == count, "a request of each")
