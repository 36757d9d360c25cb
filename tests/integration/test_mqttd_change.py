"""Renames, moves and undone changes, as mqttd, the registers and the broker see them."""

import json

import pytest

from harness import eventually
from mqttd_helpers import back, reloaded, served, shows, tag
from test_mqttd_kills import Publisher

TAGS = 4


def merge(plant, path, body):
    return plant.api.must("PATCH", path, body)


def test_a_rename_keeps_value_and_quality(plant):
    reloaded(plant, lambda: plant.api.device("a", "t", [tag("v", 10, "uint16")],
                                             mqtt={"stale_after_s": 3600}))
    plant.broker.publish("t", {"v": 5})
    shows(plant.modbusd, "holding_register", 10, [5])
    before = plant.api.value("a", "v")
    assert before["quality"] == "good"
    merge(plant, "/devices/a", {"name": "b"})
    reloaded(plant, lambda: merge(plant, "/devices/b/tags/v", {"name": "w"}))
    after = plant.api.value("b", "w")
    assert {key: after[key] for key in ("value", "raw", "quality", "received_at", "messages")} == {
        key: before[key] for key in ("value", "raw", "quality", "received_at", "messages")}
    assert plant.api.must("GET", "/devices/b/status")["quality"] == "good"
    plant.broker.publish("t", {"v": 6})
    shows(plant.modbusd, "holding_register", 10, [6])


def test_a_move_keeps_value_and_quality(plant):
    plant.api.device("a", "t", [tag("v", 10, "uint16"), tag("w", 11, "uint16")])
    plant.api.device("b", "u", [])
    reloaded(plant, lambda: plant.api.device("c", "w", [], network={"unit_id": 1}))
    plant.broker.publish("t", {"v": 5, "w": 6})
    shows(plant.modbusd, "holding_register", 10, [5, 6])
    for device in ("b", "c", "a", "b"):
        owner = next(item["device"] for item in plant.api.must("GET", "/tags")["items"]
                     if item["name"] == "v")
        reloaded(plant, lambda: merge(plant, f"/devices/{owner}/tags/v", {"device": device}))
        value = plant.api.value(device, "v")
        assert (value["value"], value["quality"]) == (5, "good"), device
        shows(plant.modbusd, "holding_register", 10, [5, 6])
    plant.broker.publish("u", {"v": 7})
    shows(plant.modbusd, "holding_register", 10, [7, 6])


def test_a_move_to_another_address_zeroes_the_old_one(plant):
    plant.api.device("a", "t", [tag("v", 10, "uint16")])
    reloaded(plant, lambda: plant.api.device("b", "u", []))
    plant.broker.publish("t", {"v": 5})
    shows(plant.modbusd, "holding_register", 10, [5])
    reloaded(plant, lambda: merge(plant, "/devices/a/tags/v",
                                  {"device": "b", "modbus": {"address": 20}}))
    shows(plant.modbusd, "holding_register", 20, [5])
    shows(plant.modbusd, "holding_register", 10, [0])


def test_commands_follow(plant):
    plant.api.device("a", "t", [back("set", 0, "uint16", "a/set",
                                     mqtt={"command_template": "{device}.{tag}={value}"})])
    reloaded(plant, lambda: plant.api.device("b", "u", []))
    subscriber = plant.broker.subscribe("+/set")
    steps = [("/devices/a/tags/set", {"name": "put"}, "a/set", "a.put=1"),
             ("/devices/a/tags/put", {"device": "b"}, "a/set", "b.put=2"),
             ("/devices/b", {"name": "c"}, "a/set", "c.put=3"),
             ("/devices/c/tags/put", {"mqtt": {"command_topic": "c/set"}}, "c/set", "c.put=4")]
    for number, (path, patch, topic, payload) in enumerate(steps, 1):
        reloaded(plant, lambda: merge(plant, path, patch))
        with plant.modbusd.client() as client:
            client.write(0, number)
        subscriber.wait(number)
        assert subscriber.messages[-1] == (topic, payload)
    assert len(subscriber.messages) == len(steps)


@pytest.mark.parametrize("how", ["rename", "move"])
def test_under_load_nothing_is_lost(plant, how):
    """Registers never go back, and show the last value that the broker has acknowledged."""
    def configure():
        for name in "ab":
            plant.api.device(name, f"none/{name}", [])
        for n in range(TAGS):
            plant.api.must("POST", "/devices/a/tags",
                           tag(f"v{n}", 4 * n, "uint32", mqtt={"topic": f"t/{n}", "key": "v"}))
    reloaded(plant, configure)
    publisher, value, seen = Publisher(plant.broker.number), 1, [0] * TAGS
    where = {n: ("a", f"v{n}") for n in range(TAGS)}
    with plant.modbusd.client() as client:
        for round in range(40):
            for _ in range(50):
                publisher.publish(f"t/{value % TAGS}", value)
                value += 1
            number = round % TAGS
            device, name = where[number]
            patch = {"device": "b" if device == "a" else "a"} if how == "move" else {
                "name": f"v{number}r{round}"}
            merge(plant, f"/devices/{device}/tags/{name}", patch)
            where[number] = patch.get("device", device), patch.get("name", name)
            for n in range(TAGS):
                high, low = client.holding(4 * n, 2)
                assert high << 16 | low >= seen[n], "a register went back"
                seen[n] = high << 16 | low
        publisher.settle()
        served(plant)

        def probe():
            found = {}
            for n in range(TAGS):
                high, low = client.holding(4 * n, 2)
                found[f"t/{n}"] = high << 16 | low
            return found == publisher.acknowledged or None
        eventually(probe, f"registers to hold {json.dumps(publisher.acknowledged)}")
    publisher.close()


def test_an_undone_deletion_shows_the_newest_value(plant):
    reloaded(plant, lambda: plant.api.device("a", "t", [tag("v", 10, "uint16"),
                                                       tag("w", 11, "uint16")]))
    ids = [item["id"] for item in plant.api.must("GET", "/tags")["items"]]
    plant.broker.publish("t", {"v": 5, "w": 6}, "-r")
    shows(plant.modbusd, "holding_register", 10, [5, 6])
    reloaded(plant, lambda: plant.api.must("DELETE", "/devices/a"))
    shows(plant.modbusd, "holding_register", 10, [0, 0])
    reloaded(plant, lambda: plant.api.must("POST", "/audit/newest/revert"))
    shows(plant.modbusd, "holding_register", 10, [5, 6])
    assert [item["id"] for item in plant.api.must("GET", "/tags")["items"]] == ids
    plant.broker.publish("t", {"v": 7, "w": 8})
    shows(plant.modbusd, "holding_register", 10, [7, 8])


def test_a_deletion_undone_at_once(plant):
    """mqttd may see both changes at the same time."""
    reloaded(plant, lambda: plant.api.device("a", "t", [tag("v", 10, "uint16")]))
    plant.broker.publish("t", {"v": 5}, "-r")
    shows(plant.modbusd, "holding_register", 10, [5])
    for number in range(10):
        plant.api.must("DELETE", "/devices/a" if number % 2 else "/devices/a/tags/v")
        plant.api.must("POST", "/audit/newest/revert")
    served(plant)
    shows(plant.modbusd, "holding_register", 10, [5])
    plant.broker.publish("t", {"v": 6})
    shows(plant.modbusd, "holding_register", 10, [6])


def test_copies_take_messages_at_once(plant):
    reloaded(plant, lambda: plant.api.device(
        "meter-1", "m/meter-1/data", [tag("v", 0, "uint16"), tag("w", 1, "uint16")]))
    reloaded(plant, lambda: plant.api.must("POST", "/devices/meter-1/copy", {
        "copies": [{"name": f"meter-{n}"} for n in range(2, 31)],
        "stride": {"holding_register": 2}}))
    for number in range(1, 31):
        plant.broker.publish(f"m/meter-{number}/data", {"v": number, "w": number + 100})
    shows(plant.modbusd, "holding_register", 0,
          [word for number in range(1, 31) for word in (number, number + 100)])
