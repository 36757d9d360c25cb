"""Profiles: one description for many devices."""

import copy
import json
import random
import struct
import threading

import pytest

from harness import eventually
from mqttd_helpers import served
from store_file import open_store

METER = {
    "name": "meter",
    "params": {"serial": {"description": "as on its plate"}, "root": {"default": "m"}},
    "room": {"input_register": 10},
    "device": {"label": "Meter {serial}", "mqtt": {"topic": "{root}/{serial}", "stale_after_s": 60}},
    "tags": [
        {"name": "power", "unit": "W", "modbus": {"table": "input_register", "address": 0}},
        {"name": "energy", "mqtt": {"key": "/e/{serial}"},
         "modbus": {"table": "input_register", "address": 2, "type": "uint32"}},
        {"name": "relay", "direction": "both", "mqtt": {"command_topic": "{root}/{serial}/set"},
         "modbus": {"table": "coil", "address": 0}}]}


API_OPTIONS = {"common__units": "1-20"}


@pytest.fixture
def api(lone_api):
    return lone_api


def meter(**members):
    return dict(copy.deepcopy(METER), **members)


def with_tags(*tags):
    return meter(tags=[copy.deepcopy(METER["tags"][0]), *tags])


def put(api, body):
    return api.must("PUT", f"/profiles/{body['name']}", body)


def devices(api, *names, **members):
    """Creates devices whose serial numbers are their names."""
    return api.must("POST", "/profiles/meter/devices", [
        dict(members, name=name, params={"serial": name}) for name in names])


def tags_of(api, device):
    return {tag["name"]: tag for tag in api.must("GET", f"/devices/{device}/tags?limit=1000")["items"]}


def errors(answer, status):
    assert answer.status == status, answer.body
    return {(error["pointer"], error["code"]) for error in answer.json()["errors"]}


def details(answer):
    return " | ".join(error["detail"] for error in answer.json()["errors"])


def check_invariants(api):
    """Each device has exactly the tags of its profile and its own, at their places; no register has
    two owners."""
    profiles = {each["name"]: each for each in api.must("GET", "/profiles?limit=1000")["items"]}
    taken = {}
    for device in api.must("GET", "/devices?limit=1000")["items"]:
        tags = tags_of(api, device["name"])
        use = device["profile"]
        following = {name: tag for name, tag in tags.items() if tag["profile"]}
        if use is None:
            assert not following
        else:
            listed = {tag["name"]: tag for tag in profiles[use["name"]]["tags"]}
            assert set(listed) == set(following), device["name"]
            for name, tag in listed.items():
                found, wanted = following[name]["modbus"], tag["modbus"]
                assert (found["table"], found["type"]) == (wanted["table"], wanted["type"])
                assert found["address"] == wanted["address"] + use["base"][wanted["table"]]
                assert following[name]["unit"] == tag.get("unit", "")
        for tag in tags.values():
            modbus = tag["modbus"]
            width = {"float32": 2, "uint32": 2, "float64": 4, "bool": 1, "uint16": 1}[modbus["type"]]
            for at in range(modbus["address"], modbus["address"] + width):
                place = (device["network"]["unit_id"], modbus["table"], at)
                assert place not in taken, (place, taken.get(place), tag["name"])
                taken[place] = f"{device['name']}/{tag['name']}"


def test_a_profile_is_a_resource(api):
    created = api.request("POST", "/profiles", METER)
    assert created.status == 201 and created.headers["Location"].endswith("/profiles/meter")
    profile = created.json()
    assert [tag["modbus"] for tag in profile["tags"]] == [
        {"table": "input_register", "address": 0, "type": "float32"},
        {"table": "input_register", "address": 2, "type": "uint32"},
        {"table": "coil", "address": 0, "type": "bool"}]
    assert [tag["id"] for tag in profile["tags"]] == [1, 2, 3] and profile["devices"] == 0
    assert api.must("GET", "/profiles/meter") == profile
    assert api.must("GET", "/profiles?q=MET")["items"] == [profile]
    assert api.must("GET", "/profiles?q=x") == {"items": [], "total": 0, "next": None}
    assert errors(api.request("POST", "/profiles", METER), 409) == {("/name", "name_taken")}
    # What was read can be written back, and changes nothing.
    etag = api.get("/profiles/meter").headers["ETag"]
    assert api.must("PUT", "/profiles/meter", profile) == profile
    assert api.get("/profiles/meter").headers["ETag"] == etag
    assert api.get("/profiles/meter", headers={"If-None-Match": etag}).status == 304
    old = {"If-Match": '"999"'}
    assert api.request("PATCH", "/profiles/meter", {"label": "x"}, headers=old).status == 412
    changed = api.must("PATCH", "/profiles/meter", {"label": "x", "params": {"more": {}}})
    assert changed["label"] == "x" and set(changed["params"]) == {"serial", "root", "more"}
    assert errors(api.request("PUT", "/profiles/meter", profile), 422) == {("/revision", "read_only")}
    assert errors(api.request("PUT", "/profiles/meter", meter(name="b")), 422) == {
        ("/name", "name_mismatch")}
    assert api.request("DELETE", "/profiles/meter", headers=old).status == 412
    api.must("DELETE", "/profiles/meter")
    for method in ("GET", "DELETE", "PATCH"):
        assert api.request(method, "/profiles/meter", None if method != "PATCH" else {}).status == 404


def test_lists_have_pages(api):
    for name in ("a", "b", "c"):
        put(api, meter(name=name))
    page = api.must("GET", "/profiles?limit=2")
    assert [each["name"] for each in page["items"]] == ["a", "b"] and page["next"] == "b"
    page = api.must("GET", "/profiles?limit=2&after=b")
    assert [each["name"] for each in page["items"]] == ["c"] and page["next"] is None
    put(api, METER)
    devices(api, "x", "y", "z")
    page = api.must("GET", "/profiles/meter/devices?limit=2")
    assert [each["name"] for each in page["items"]] == ["x", "y"] and page["next"] == "y"
    assert page["total"] == 3


@pytest.mark.usefixtures("stack")
def test_thirty_devices_in_one_command(api):
    put(api, METER)
    names = [f"m{n:02}" for n in range(30)]
    answer = devices(api, *names)
    assert answer["created"] == 30
    assert [each["profile"]["base"] for each in answer["devices"]] == [
        {"coil": n, "input_register": 10 * n} for n in range(30)]
    device = api.must("GET", "/devices/m07")
    assert device["label"] == "Meter m07" and device["mqtt"]["topic"] == "m/m07"
    tags = tags_of(api, "m07")
    assert tags["energy"]["mqtt"]["key"] == "/e/m07" and tags["energy"]["profile"]
    assert tags["relay"]["mqtt"]["command_topic"] == "m/m07/set"
    assert tags["power"]["modbus"]["address"] == 70 and tags["energy"]["modbus"]["address"] == 72
    check_invariants(api)


@pytest.mark.usefixtures("stack")
def test_many_devices_are_created_all_or_none(api):
    put(api, METER)
    body = [{"name": "a", "params": {"serial": "1"}}, {"name": "b"},
            {"name": "c", "params": {"serial": "x/#", "other": 1}, "unit_id": 77},
            {"name": "d", "profile": "meter"}, 5, {"params": {"serial": "6"}}]
    answer = api.request("POST", "/profiles/meter/devices", body)
    assert errors(answer, 422) == {
        ("/1/params/serial", "required"), ("/2/params/other", "unknown_field"),
        ("/2/unit_id", "unknown_unit"), ("/3/profile", "unknown_field"), ("/4", "wrong_type"),
        ("/5/name", "required")}
    body = [{"name": "a", "params": {"serial": "1"}},
            {"name": "b", "params": {"serial": "2"}, "base": {"input_register": 2}},
            {"name": "a", "params": {"serial": "3"}}]
    answer = api.request("POST", "/profiles/meter/devices", body)
    assert errors(answer, 409) == {("/2/name", "name_taken")}
    answer = api.request("POST", "/profiles/meter/devices", body[:2])
    assert errors(answer, 409) == {("/0", "overlap"), ("/1", "overlap")}
    assert "input_register 2 to 3 (300003 to 300004) in unit 1 belong to b/power" in details(answer)
    assert api.must("GET", "/devices")["total"] == 0
    assert api.request("POST", "/profiles/none/devices", body).status == 404


def test_a_unit_of_its_own_begins_at_0(api):
    put(api, METER)
    for unit in (3, 4):
        made = devices(api, f"u{unit}", unit_id=unit)["devices"][0]
        assert made["unit_id"] == unit
        assert made["profile"]["base"] == {"coil": 0, "input_register": 0}
    again = devices(api, "v", unit_id=3)["devices"][0]["profile"]["base"]
    assert again["input_register"] == 10


@pytest.mark.usefixtures("stack")
def test_a_device_names_its_profile(api):
    put(api, METER)
    unknown = {"name": "d", "profile": {"name": "none"}}
    assert errors(api.request("POST", "/devices", unknown), 422) == {
        ("/profile/name", "unknown_profile")}
    device = api.must("POST", "/devices", {
        "name": "d", "network": {"address": "10.0.0.1"},
        "profile": {"name": "meter", "params": {"serial": 4711}, "base": {"input_register": 100}}})
    assert device["profile"]["base"] == {"coil": 0, "input_register": 100}
    assert device["mqtt"]["topic"] == "m/4711" and device["network"]["address"] == "10.0.0.1"
    # What was read can be written back. What the profile sets cannot be changed here.
    assert api.must("PUT", "/devices/d", device) == device
    answer = api.request("PATCH", "/devices/d", {"mqtt": {"topic": "x", "qos": 0}})
    assert errors(answer, 422) == {("/mqtt/topic", "profile_setting")}
    assert api.must("PATCH", "/devices/d", {"mqtt": {"qos": 0}})["mqtt"]["topic"] == "m/4711"
    # Other parameters change topic and keys, and keep ids and registers.
    before = tags_of(api, "d")
    api.must("PATCH", "/devices/d", {"profile": {"params": {"serial": "12"}}})
    after = tags_of(api, "d")
    assert after["energy"]["mqtt"]["key"] == "/e/12"
    assert [after[name]["id"] for name in after] == [before[name]["id"] for name in before]
    assert [after[name]["modbus"] for name in after] == [before[name]["modbus"] for name in before]
    # A rename fills {device} again.
    put(api, meter(device={"mqtt": {"topic": "{device}/x"}}))
    api.must("PATCH", "/devices/d", {"name": "e"})
    assert api.must("GET", "/devices/e")["mqtt"]["topic"] == "e/x"
    moved = api.must("PATCH", "/devices/e", {"profile": {"base": {"input_register": 200}}})
    assert moved["profile"]["base"] == {"coil": 0, "input_register": 200}
    assert tags_of(api, "e")["power"]["modbus"]["address"] == 200
    after = api.must("PATCH", "/devices/e", {"profile": {"base": "new"}})
    assert after["profile"]["base"]["input_register"] not in (100, 200)
    check_invariants(api)


def test_tags_of_a_profile_are_changed_there(api):
    put(api, METER)
    devices(api, "d")
    own = api.must("POST", "/devices/d/tags", {"name": "own"})
    assert own["profile"] is False
    for method, path, body in (("PATCH", "", {"unit": "kW"}), ("PATCH", "", {"name": "p"}),
                               ("PUT", "", {"unit": "kW"}), ("PUT", "/modbus", {"address": 500}),
                               ("PUT", "/mqtt", {"key": "z"}), ("DELETE", "", None)):
        answer = api.request(method, f"/devices/d/tags/power{path}", body)
        assert answer.status == 409 and b"profile" in answer.body, (method, answer.body)
    tag = api.must("GET", "/devices/d/tags/power")
    assert api.must("PUT", "/devices/d/tags/power", tag) == tag
    assert api.must("PATCH", "/devices/d/tags/own", {"unit": "A"})["unit"] == "A"
    assert errors(api.request("POST", "/devices/d/tags", {"name": "power"}), 409) == {
        ("/name", "name_taken")}
    answer = api.request("DELETE", "/profiles/meter")
    assert errors(answer, 409) == {("", "in_use")} and "1 device uses the profile: d" in details(answer)


def test_a_device_leaves_its_profile_and_comes_back(api):
    put(api, METER)
    devices(api, "d")
    before, use = tags_of(api, "d"), api.must("GET", "/devices/d")["profile"]
    assert api.must("PATCH", "/devices/d", {"profile": None})["profile"] is None
    left = tags_of(api, "d")
    assert not any(tag["profile"] for tag in left.values())
    assert {name: tag["id"] for name, tag in left.items()} == {
        name: tag["id"] for name, tag in before.items()}
    put(api, with_tags())
    assert set(tags_of(api, "d")) == {"power", "energy", "relay"}
    put(api, METER)
    # Tags that are equal follow again; one that differs is named.
    api.must("PATCH", "/devices/d/tags/power", {"unit": "kW"})
    answer = api.request("PATCH", "/devices/d", {"profile": use})
    assert errors(answer, 409) == {("/profile", "name_taken")} and "differs in unit" in details(answer)
    api.must("PATCH", "/devices/d/tags/power", {"unit": "W"})
    api.must("PATCH", "/devices/d", {"profile": use})
    assert {name: (tag["id"], tag["profile"]) for name, tag in tags_of(api, "d").items()} == {
        name: (tag["id"], True) for name, tag in before.items()}
    # Another profile: tags of the same name stay, the others go.
    put(api, dict(with_tags({"name": "new"}), name="other"))
    api.must("PATCH", "/devices/d", {"profile": {"name": "other"}})
    after = tags_of(api, "d")
    assert set(after) == {"power", "new"} and after["power"]["id"] == before["power"]["id"]
    check_invariants(api)


@pytest.mark.usefixtures("stack")
def test_a_change_reaches_every_device(api):
    profile = put(api, METER)
    devices(api, "a", "b")
    before = {name: tags_of(api, name) for name in "ab"}
    body = copy.deepcopy(profile)
    del body["revision"], body["tags"][2]
    body["tags"][0].update(name="active_power", unit="kW")
    body["tags"][1]["modbus"]["type"] = "float64"
    body["tags"].append({"name": "state", "mqtt": {"key": "{root}"}, "modbus": {
        "table": "input_register", "address": 6, "type": "uint16"}})
    body["params"]["root"]["default"] = "n"
    changed = api.must("PUT", "/profiles/meter", body)
    assert changed["revision"] == api.must("GET", "/devices/a")["revision"]
    for name, number in (("a", 0), ("b", 1)):
        tags, base = tags_of(api, name), 10 * number
        assert set(tags) == {"active_power", "energy", "state"}
        assert tags["active_power"]["id"] == before[name]["power"]["id"]
        assert tags["active_power"]["unit"] == "kW"
        assert tags["active_power"]["mqtt"]["key"] == "active_power"
        assert tags["energy"]["modbus"]["type"] == "float64"
        assert tags["energy"]["modbus"]["address"] == base + 2
        assert tags["state"]["modbus"]["address"] == base + 6
        assert tags["state"]["mqtt"]["key"] == "n"
        assert api.must("GET", f"/devices/{name}")["mqtt"]["topic"] == f"n/{name}"
    check_invariants(api)


def test_tags_exchange_their_names(api):
    profile = put(api, METER)
    devices(api, "a", "b")
    before = tags_of(api, "b")
    first, second = profile["tags"][:2]
    first["name"], second["name"] = second["name"], first["name"]
    api.must("PUT", "/profiles/meter", profile)
    after = tags_of(api, "b")
    assert after["power"]["id"] == before["energy"]["id"]
    assert after["energy"]["id"] == before["power"]["id"]
    assert after["energy"]["modbus"] == before["power"]["modbus"]


def test_a_profile_is_renamed(api):
    put(api, METER)
    devices(api, "a")
    before = tags_of(api, "a")
    revision = api.must("GET", "/devices/a")["revision"]
    api.must("PATCH", "/profiles/meter", {"name": "counter"})
    device = api.must("GET", "/devices/a")
    assert device["profile"]["name"] == "counter" and device["revision"] > revision
    assert api.must("PUT", "/devices/a", device) == device
    assert tags_of(api, "a") == before
    assert api.get("/profiles/meter").status == 404


@pytest.mark.usefixtures("stack")
def test_overlaps_are_all_named_and_nothing_is_changed(api):
    put(api, meter(room={}))
    devices(api, "a", "b", "c")
    api.device("other", "t", tags=[{"name": "x", "modbus": {"table": "coil", "address": 3}}])
    before = api.must("GET", "/export")
    answer = api.request("PUT", "/profiles/meter", meter(room={}, tags=METER["tags"] + [
        {"name": "more", "modbus": {"table": "input_register", "address": 4}},
        {"name": "on", "modbus": {"table": "coil", "address": 1}}]))
    assert errors(answer, 409) == {("/tags/3/modbus/address", "overlap"),
                                   ("/tags/4/modbus/address", "overlap")}
    text = details(answer)
    for line in ("a/more would overlap: input_register 4 to 5 (300005 to 300006) in unit 1 belong to b/power",
                 "b/more would overlap: input_register 8 to 9 (300009 to 300010) in unit 1 belong to c/power"):
        assert line in text, text
    assert api.must("GET", "/export") == before
    # A tag of a device's own in the way, by name and by register.
    api.must("POST", "/devices/b/tags", {"name": "more"})
    answer = api.request("PUT", "/profiles/meter", meter(room={}, tags=METER["tags"] + [
        {"name": "more", "modbus": {"table": "holding_register", "address": 40}}]))
    assert errors(answer, 409) == {("/tags/3/name", "name_taken")}
    assert "device b" in details(answer) and "modbus.address" in details(answer)


def test_faults_of_a_device_are_named_at_the_profile(api):
    put(api, METER)
    devices(api, "a", "b")
    for change, expected in (
            ({"device": {"mqtt": {"topic": "{serial}", "qos": 1}, "network": {"unit_id": "{serial}"}}},
             {("/device/network/unit_id", "wrong_type")}),
            ({"params": {"serial": {}, "root": {"default": "m"}, "place": {}}}, {("/profile/params/place", "required")}),
            ({"tags": [{"name": "t", "modbus": {"scale": "{serial}"}}]},
             {("/tags/0/modbus/scale", "wrong_type")})):
        answer = api.request("PUT", "/profiles/meter", meter(**change))
        assert errors(answer, 422) == expected, answer.body
        assert "device a: " in details(answer) and "device b: " in details(answer)


def test_every_fault_of_a_profile_at_once(api):
    body = {
        "name": "p q", "params": {"tag": {}, "z": 3, "1": {}, "ok": {"default": [], "x": 1}},
        "room": {"coils": 1, "coil": 0}, "more": 1,
        "device": {"name": "x", "mqtt": {"topic": "{u}/#/a", "qos": 9}, "network": {"unit_id": 70},
                   "status": {"table": "{ok}", "address": 0}},
        "tags": [{"name": "a", "modbus": {"address": 1, "type": "float32"}},
                 {"name": "a", "modbus": {"address": 2, "scale": 0}}, {"modbus": {"table": "{t}"}},
                 {"name": "b", "modbus": {"address": 2}}, 7,
                 {"name": "{device}", "mqtt": {"key": "{v}"}}]}
    found = errors(api.request("POST", "/profiles", body), 422)
    assert found >= {
        ("/name", "invalid_name"), ("/params/tag", "invalid_name"), ("/params/z", "wrong_type"),
        ("/params/1", "invalid_name"), ("/params/ok/default", "wrong_type"),
        ("/params/ok/x", "unknown_field"), ("/room/coils", "unknown_field"),
        ("/room/coil", "out_of_range"), ("/more", "unknown_field"), ("/device/name", "unknown_field"),
        ("/device/mqtt/topic", "unknown_placeholder"), ("/device/mqtt/qos", "out_of_range"),
        ("/device/network/unit_id", "unknown_unit"), ("/device/status/table", "placeholder"),
        ("/tags/1/name", "duplicate"), ("/tags/1/modbus/scale", "out_of_range"),
        ("/tags/2/modbus/table", "placeholder"), ("/tags/3/modbus/address", "overlap"),
        ("/tags/4", "wrong_type"), ("/tags/5/name", "invalid_name"),
        ("/tags/5/mqtt/key", "unknown_placeholder")}


HOSTILE = ["", "#", "+", "a/#", "a+b", "\u0001", "\x7f", "x" * 1025, "{root}", "{serial}", "%s%n",
           "'; DROP TABLE device; --", '"}', "\\", "~1", "a/b", "\u00e4\U0001f600", "{" * 1000, "}{", "//"]


def test_hostile_parameters(api):
    profile = meter(
        device={"label": "{serial}", "mqtt": {
            "topic": "{root}/{serial}", "where": {"id": "{serial}"},
            "request": {"topic": "r/{serial}", "interval_s": 5,
                        "payload": '{"id": "{serial}", "x": {x}}'}}},
        tags=[{"name": "s", "direction": "both", "modbus": {"table": "coil"}, "mqtt": {
            "key": "/a/{serial}/b", "command_topic": "c/{serial}",
            "command_template": '{"d": "{device}", "s": "{serial}", "v": {value}, "t": "{tag}"}'}}])
    put(api, profile)
    taken = 0
    for number, text in enumerate(HOSTILE):
        answer = api.request("POST", "/devices", {
            "name": f"h{number}", "profile": {"name": "meter", "params": {"serial": text}}})
        legal = 0 < len(text) <= 128 and not any(c in text for c in "+#\u0001\x7f")
        assert answer.status == (201 if legal else 422), (text, answer.body)
        if not legal:
            continue
        taken += 1
        device, tag = answer.json(), api.must("GET", f"/devices/h{number}/tags/s")
        assert device["label"] == text and device["mqtt"]["topic"] == f"m/{text}"
        assert device["mqtt"]["where"] == {"id": text}
        request = device["mqtt"]["request"]
        assert request["topic"] == f"r/{text}"
        assert json.loads(request["payload"].replace("{x}", "1"))["id"] == text
        assert tag["mqtt"]["key"] == "/a/%s/b" % text.replace("~", "~0").replace("/", "~1")
        template = tag["mqtt"]["command_template"]
        assert '"d": "{device}"' in template and '"t": "{tag}"' in template
        assert json.loads(template.replace("{value}", "1"))["s"] == text
        assert api.must("PUT", f"/devices/h{number}", device) == device
    assert taken >= 8
    check_invariants(api)


def test_a_placeholder_alone_keeps_its_type(api):
    put(api, {"name": "typed", "params": {"unit": {}, "id": {}, "on": {"default": True}, "scale": {}},
              "device": {"enabled": "{on}", "network": {"unit_id": "{unit}"}, "description": "{unit}",
                         "mqtt": {"topic": "t", "where": {"id": "{id}"}}},
              "tags": [{"name": "t", "unit": "{unit}", "modbus": {"scale": "{scale}"}}]})
    for number, params in enumerate(({"unit": 3, "id": 37, "scale": 0.1},
                                     {"unit": "4", "id": "37", "scale": "0.1", "on": "false"})):
        device = api.must("POST", "/devices", {"name": f"d{number}",
                                               "profile": {"name": "typed", "params": params}})
        tag = api.must("GET", f"/devices/d{number}/tags/t")
        assert device["network"]["unit_id"] == int(params["unit"])
        assert device["mqtt"]["where"] == {"id": params["id"]}
        assert device["description"] == tag["unit"] == str(params["unit"])
        assert device["enabled"] is (number == 0) and tag["modbus"]["scale"] == 0.1


def test_status_blocks_and_foreign_servers(api):
    put(api, meter(device={"mqtt": {"topic": "{serial}"},
                           "status": {"table": "input_register", "address": 6}}))
    made = devices(api, "a", "b")["devices"]
    for name, each in zip("ab", made):
        base = each["profile"]["base"]["input_register"]
        assert api.must("GET", f"/devices/{name}")["status"]["address"] == base + 6
    # On a foreign server each device begins at 0; its tables must be writable.
    put(api, {"name": "foreign", "device": {"mqtt": {"topic": "t"}},
              "tags": [{"name": "x", "modbus": {"table": "holding_register"}}]})
    for host in ("10.0.0.1", "10.0.0.2"):
        device = api.must("POST", "/devices", {"name": host, "network": {"modbus_host": host},
                                               "profile": "foreign"})
        assert device["profile"]["base"] == {"holding_register": 0}
    answer = api.request("PATCH", "/profiles/foreign", {"tags": [{"name": "x", "modbus": {
        "table": "input_register"}}]})
    assert errors(answer, 422) == {("/tags/0/modbus/table", "read_only_table")}
    # Limits of writes are only for foreign servers, which the profile does not name.
    limited = {"tags": [{"name": "x", "modbus": {"table": "holding_register", "min_change": 0.5, "min_interval_ms": 100}}]}
    api.must("PATCH", "/profiles/foreign", limited)
    assert api.must("GET", "/devices/10.0.0.1/tags/x")["modbus"]["min_change"] == 0.5
    local = api.request("POST", "/devices", {"name": "local", "profile": "foreign"})
    assert {code for _, code in errors(local, 422)} == {"foreign_only"}
    api.must("PATCH", "/profiles/foreign", {"tags": [{"name": "x", "modbus": {"table": "holding_register"}}]})
    api.must("POST", "/devices", {"name": "local", "profile": "foreign"})
    answer = api.request("PATCH", "/profiles/foreign", limited)
    assert {code for _, code in errors(answer, 422)} == {"foreign_only"}
    # A device cannot move there with tags that the server cannot have.
    answer = api.request("PATCH", "/devices/a", {"network": {"modbus_host": "10.0.0.3"}})
    assert answer.status == 422, answer.body


def test_the_library(api):
    listed = api.must("GET", "/profiles?library=true")
    names = [each["name"] for each in listed["items"]]
    assert {"energy-meter", "sensor"} <= set(names) and listed["total"] == len(names)
    assert all(each["tags"] > 0 for each in listed["items"])
    for name in names:
        file = api.must("GET", f"/profiles/{name}?library=true")
        assert file["name"] == name
        made = api.must("POST", "/profiles", {"library": name})
        assert api.must("PUT", f"/profiles/{name}", file) == made
    other = api.must("POST", "/profiles", {"library": "sensor", "name": "my-sensor"})
    assert other["name"] == "my-sensor"
    assert api.get("/profiles/none?library=true").status == 404
    assert api.get("/profiles/..%2F..%2Fetc?library=true").status == 404
    for body in ({"library": "none"}, {"library": "../sensor"}, {"library": 5},
                 {"library": "sensor", "name": "x", "label": "y"}):
        assert api.request("POST", "/profiles", body).status == 422, body
    page = api.must("GET", "/profiles?library=true&limit=1")
    assert page["next"] == names[0] and len(page["items"]) == 1


def test_a_device_becomes_a_profile(api):
    api.device("meter-1", "tele/4711/SENSOR", description="in the hall", mqtt={"stale_after_s": 5},
               status={"address": 112}, tags=[
                   {"name": "p", "unit": "W", "mqtt": {"key": "/4711/p"},
                    "modbus": {"table": "input_register", "address": 100, "on_stale": "nan"}},
                   {"name": "q", "mqtt": {"values": {"ON": 1, "OFF": 0}},
                    "modbus": {"table": "discrete_input", "address": 33}}])
    before = tags_of(api, "meter-1")
    made = api.must("POST", "/profiles", {"from_device": "meter-1", "name": "m",
                                          "params": {"serial": "4711"}, "use": True})
    assert made["params"] == {"serial": {}} and made["devices"] == 1
    assert made["device"] == {"mqtt": {"topic": "tele/{serial}/SENSOR", "stale_after_s": 5},
                              "status": {"table": "input_register", "address": 12}}
    assert [tag["modbus"]["address"] for tag in made["tags"]] == [0, 1]
    assert made["tags"][0]["mqtt"] == {"key": "/{serial}/p"}
    device = api.must("GET", "/devices/meter-1")
    assert device["profile"] == {"name": "m", "params": {"serial": "4711"},
                                 "base": {"discrete_input": 32, "input_register": 100}}
    after = tags_of(api, "meter-1")
    assert all(tag["profile"] for tag in after.values())
    assert [tag["id"] for tag in after.values()] == [tag["id"] for tag in before.values()]
    assert device["description"] == "in the hall"
    second = api.must("POST", "/devices", {"name": "meter-2",
                                           "profile": {"name": "m", "params": {"serial": "12"}}})
    assert second["mqtt"]["topic"] == "tele/12/SENSOR"
    assert api.must("GET", "/devices/meter-2/tags/p")["mqtt"]["key"] == "/12/p"
    answer = api.request("POST", "/profiles", {"from_device": "none", "name": "x", "params": {"a": 1},
                                               "use": 1, "more": 2})
    assert errors(answer, 422) == {("/from_device", "unknown_device"), ("/params/a", "wrong_type"),
                                   ("/use", "wrong_type"), ("/more", "unknown_field")}
    check_invariants(api)


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_export_and_import_change_nothing(api, mode):
    put(api, METER)
    put(api, meter(name="unused"))
    devices(api, "a", "b", network={"address": "10.0.0.1"})
    api.must("POST", "/devices/a/tags", {"name": "own"})
    before, tags = api.must("GET", "/export"), tags_of(api, "a")
    assert [profile["name"] for profile in before["profiles"]] == ["meter", "unused"]
    assert [tag["name"] for tag in before["devices"][0]["tags"]] == ["own"]
    nothing = {"created": 0, "changed": 0, "deleted": 0, "dry_run": False, "changes": []}
    assert api.must("POST", f"/import?mode={mode}", before) == nothing
    assert api.must("GET", "/export") == before
    # The tags of the profile may be there, too, if they are equal.
    body = copy.deepcopy(before)
    body["devices"][0]["tags"] = list(tags.values())
    assert api.must("POST", f"/import?mode={mode}", body) == nothing
    body["devices"][0]["tags"][0]["unit"] = "?"
    answer = api.request("POST", f"/import?mode={mode}", body)
    assert answer.status == 409 and b"profile" in answer.body
    # Into an empty store.
    api.must("POST", "/import?mode=replace", {"profiles": [], "devices": []})
    assert api.must("GET", "/profiles")["total"] == api.must("GET", "/devices")["total"] == 0
    answer = api.must("POST", f"/import?mode={mode}", before)
    assert answer["created"] == 5  # 2 profiles, 2 devices, 1 tag
    again = api.must("GET", "/export")
    for body in (before, again):
        for each in (*body["profiles"], *body["devices"], *(tag for device in body["devices"]
                                                            for tag in device["tags"]),
                     *(tag for profile in body["profiles"] for tag in profile["tags"])):
            for member in ("id", "revision", "created_at", "updated_at"):
                each.pop(member, None)
    assert again == before
    check_invariants(api)


def test_an_import_changes_a_profile_and_its_devices(api):
    put(api, METER)
    put(api, meter(name="unused"))
    devices(api, "a", "b")
    body = {"profiles": [with_tags({"name": "more", "modbus": {"table": "input_register"}})],
            "devices": [{"name": "c", "profile": {"name": "meter", "params": {"serial": "c"}},
                         "tags": [{"name": "own"}]}]}
    dry = api.must("POST", "/import?dry_run=true", body)
    assert dry["changes"][0] == {"action": "change", "profile": "meter"} and dry["created"] == 2
    assert set(tags_of(api, "a")) == {"power", "energy", "relay"}
    api.must("POST", "/import", body)
    for name in "abc":
        assert {"power", "more"} <= set(tags_of(api, name)) <= {"power", "more", "own"}
    check_invariants(api)
    # replace deletes the profiles that are not named, in the file or by a device of it.
    answer = api.must("POST", "/import?mode=replace", {"devices": body["devices"], "profiles": []})
    assert {"action": "delete", "profile": "unused"} in answer["changes"]
    assert [profile["name"] for profile in api.must("GET", "/profiles")["items"]] == ["meter"]
    # Without the member, profiles stay.
    api.must("POST", "/import?mode=replace", {"devices": []})
    assert api.must("GET", "/profiles")["total"] == 1
    answer = api.request("POST", "/import", {"profiles": [meter(room={"x": 1}), meter(), 3]})
    assert errors(answer, 422) == {("/profiles/0/room/x", "unknown_field"),
                                   ("/profiles/1/name", "duplicate"), ("/profiles/2", "wrong_type")}


def test_a_column_of_csv(api):
    put(api, METER)
    text = ('device,profile,tag,table\n'
            'a,"{""name"": ""meter"", ""params"": {""serial"": ""1""}}",own,coil\n'
            'a,"{""name"": ""meter"", ""params"": {""serial"": ""1""}}",second,coil\n')
    csv = {"Content-Type": "text/csv"}
    answer = api.request("POST", "/import", text.encode(), headers=csv)
    assert answer.status == 200, answer.body
    assert set(tags_of(api, "a")) == {"power", "energy", "relay", "own", "second"}
    answer = api.request("POST", "/import", text.replace("meter", "none").encode(), headers=csv)
    assert answer.status == 422 and answer.json()["errors"][0]["column"] == "profile"
    put(api, meter(name="plain", params={}, device={"mqtt": {"topic": "p"}},
                   tags=[METER["tags"][0]]))
    answer = api.request("POST", "/import", b"device,profile,tag\nb,plain,own\n", headers=csv)
    assert answer.status == 200, answer.body
    check_invariants(api)


@pytest.mark.usefixtures("stack")
def test_the_audit_has_one_row(api):
    put(api, METER)
    devices(api, *(f"d{n}" for n in range(5)))
    put(api, with_tags())
    api.must("PATCH", "/profiles/meter", {"label": "x"})
    api.must("DELETE", "/devices/d0")
    rows = api.must("GET", "/audit")["items"]
    assert [(row["action"], row["kind"], row["device"], row["profile"]) for row in rows] == [
        ("delete", "device", "d0", None), ("change", "profile", None, "meter"),
        ("change", "profile", None, "meter"), ("create", "all", None, "meter"),
        *[("create", "device", f"d{n}", None) for n in reversed(range(5))],
        ("create", "profile", None, "meter")]
    assert rows[1]["after"]["label"] == "x" and rows[1]["before"]["label"] == ""
    assert len(rows[2]["before"]["tags"]) == 3 and len(rows[2]["after"]["tags"]) == 1
    assert [row["pointer"] for row in rows[2]["diff"]] == ["/tags/1", "/tags/2"]
    assert rows[3]["after"] == {"profile": "meter", "created": 5, "details": 5}
    named = api.must("GET", "/audit?profile=meter")
    assert named["total"] == 4 and [row["id"] for row in named["items"]] == [
        row["id"] for row in rows if row["profile"]]
    assert api.must("GET", "/audit?profile=other")["items"] == []


def without_stamps(body):
    """A configuration without the members that each change sets again."""
    if isinstance(body, dict):
        return {name: without_stamps(value) for name, value in body.items()
                if name not in ("revision", "updated_at", "created_at", "id")}
    return [without_stamps(value) for value in body] if isinstance(body, list) else body


def test_changes_are_undone(api):
    """Each change alone, and then all of them at once."""
    def state():
        return without_stamps([api.must("GET", "/export"), api.must("GET", "/tags?limit=1000")])

    put(api, METER)
    devices(api, "a", "b")
    api.must("POST", "/devices/a/tags", {"name": "own", "modbus": {"address": 700}})
    first = api.must("GET", "/audit")["items"][0]["revision"]
    begin = state()
    device = api.must("GET", "/devices/a")
    more = meter(device={"label": "L {serial}", "mqtt": {"topic": "{serial}", "qos": 2}})
    for method, path, body in (
            ("PUT", "/profiles/meter", with_tags({"name": "x", "modbus": {"table": "coil"}})),
            ("PUT", "/profiles/meter", more),
            ("PATCH", "/profiles/meter", {"name": "counter"}),
            ("POST", "/profiles", meter(name="other")),
            ("POST", "/profiles/meter/devices", [{"name": "c", "params": {"serial": "c"}}]),
            ("PATCH", "/devices/a", {"profile": {"params": {"serial": "z"}}}),
            ("PATCH", "/devices/a", {"profile": {"base": "new"}}),
            ("PATCH", "/devices/a", {"profile": None}),
            ("DELETE", "/devices/b", None)):
        before = state()
        api.must(method, path, body)
        changed = state()
        assert changed != before
        answer = api.must("POST", "/audit/newest/revert")
        assert state() == before, (path, body, answer)
        check_invariants(api)
        again = api.must("POST", "/audit/newest/revert")
        assert state() == changed, (path, body, again)
        api.must("POST", "/audit/newest/revert")
        assert state() == before
    put(api, meter(name="third"))
    api.must("DELETE", "/profiles/third")
    api.must("PUT", "/profiles/meter", with_tags())
    api.must("PATCH", "/devices/b", {"profile": None})
    api.must("DELETE", "/devices/a")
    api.must("DELETE", "/devices/b")
    api.must("DELETE", "/profiles/meter")
    api.must("POST", f"/revert?to={first}")
    assert state() == begin
    assert api.must("GET", "/devices/a")["id"] == device["id"]
    check_invariants(api)


def test_many_deletions_are_confirmed(api):
    put(api, METER)
    devices(api, *(f"d{n:02}" for n in range(21)))
    answer = api.request("PUT", "/profiles/meter", meter(tags=METER["tags"][:2]))
    assert errors(answer, 409) == {("", "confirm_required")} and "confirm=21" in details(answer)
    assert api.request("PUT", "/profiles/meter?confirm=20", meter(tags=METER["tags"][:2])).status == 409
    api.must("PUT", "/profiles/meter?confirm=21", meter(tags=METER["tags"][:2]))
    assert set(tags_of(api, "d07")) == {"power", "energy"}


def test_each_way_to_delete_many_tags_is_confirmed(api):
    many = [{"name": f"t{n}", "modbus": {"type": "uint16"}} for n in range(22)]
    fixed = {"device": {"mqtt": {"topic": "t"}}}
    put(api, dict(fixed, name="meter", tags=many[:1]))
    put(api, dict(fixed, name="meter", tags=many))
    grown = api.must("GET", "/audit?limit=1")["items"][0]
    put(api, dict(fixed, name="other", tags=many[:1]))
    api.must("PUT", "/devices/a", {"profile": "meter"})
    for method, path, body in (
            ("PATCH", "/devices/a", {"profile": {"name": "other"}}),
            ("PUT", "/devices/a", {"profile": "other"}),
            ("POST", f"/audit/{grown['id']}/revert", None),
            ("POST", "/import", {"devices": [{"name": "a", "profile": {"name": "other"}}]}),
            ("POST", "/import", {"profiles": [dict(fixed, name="meter", tags=many[:1])]})):
        answer = api.request(method, path, body)
        assert errors(answer, 409) == {("", "confirm_required")}, (path, body)
        assert "confirm=21" in details(answer)
        assert len(tags_of(api, "a")) == 22
        api.must(method, f"{path}?confirm=21", body)
        assert len(tags_of(api, "a")) == 1
        api.must("POST", "/audit/newest/revert")
        assert len(tags_of(api, "a")) == 22


def float_of(words):
    return struct.unpack(">f", struct.pack(">2H", *words))[0]


def test_values_stay_while_a_profile_changes(plant):
    api = plant.api
    api.must("POST", "/profiles", METER)
    api.must("POST", "/profiles/meter/devices", [{"name": name, "params": {"serial": name}}
                                                 for name in ("a", "b")])
    served(plant)
    for name, power in (("a", 1.5), ("b", 2.5)):
        plant.broker.publish(f"m/{name}", {"power": power, "e": {name: 7}})
    with plant.modbusd.client() as scada:
        eventually(lambda: float_of(scada.inputs(10, 2)) == 2.5, "the value")
        eventually(lambda: scada.inputs(12, 2) == [0, 7], "the other value")
        before = api.value("b", "power")
        # A new tag and another unit of measurement: the values are as they were.
        profile = api.must("GET", "/profiles/meter")
        profile["tags"][0]["unit"] = "kW"
        profile["tags"].append({"name": "new", "modbus": {"table": "input_register", "address": 4,
                                                          "type": "uint16"}})
        api.must("PUT", "/profiles/meter", profile)
        served(plant)
        after = api.value("b", "power")
        for member in ("value", "raw", "quality", "received_at", "messages"):
            assert after[member] == before[member]
        assert float_of(scada.inputs(10, 2)) == 2.5
        plant.broker.publish("m/b", {"power": 3.5, "e": {"b": 8}, "new": 9})
        eventually(lambda: scada.inputs(14) == [9] and float_of(scada.inputs(10, 2)) == 3.5, "all")
        # A tag that is removed leaves zeros.
        profile = api.must("GET", "/profiles/meter")
        del profile["tags"][1]
        api.must("PUT", "/profiles/meter", profile)
        eventually(lambda: scada.inputs(12, 2) == [0, 0], "zeros")
        assert float_of(scada.inputs(10, 2)) == 3.5
        # Another parameter: the device listens to another topic.
        api.must("PATCH", "/devices/b", {"profile": {"params": {"serial": "c"}}})
        served(plant)
        plant.broker.publish("m/c", {"power": 4.5})
        eventually(lambda: float_of(scada.inputs(10, 2)) == 4.5, "the value of the new topic")


def random_profile(random_):
    tags = [{"name": f"t{n}", "unit": random_.choice(["", "V", "A"]), "modbus": {
        "table": random_.choice(["input_register", "holding_register"]), "address": 4 * n,
        "type": random_.choice(["float32", "uint16", "float64"])}} for n in range(8)]
    return meter(room={"input_register": 40, "holding_register": 40},
                 tags=random_.sample(tags, random_.randrange(1, 8)))


def test_concurrent_writers(api):
    """Threads change the profile, its devices and tags of their own at the same time. Each request
    succeeds or is refused with a reason, and the store is right whenever nobody writes."""
    put(api, random_profile(random.Random(1)))
    allowed = {200, 201, 204, 404, 409, 412, 422}
    wrong = []

    def write(seed):
        random_ = random.Random(seed)
        for _ in range(40):
            name = f"d{random_.randrange(6)}"
            use = {"name": "meter", "params": {"serial": str(seed)}}
            method, path, body = random_.choice([
                ("PUT", "/profiles/meter", random_profile(random_)),
                ("PUT", f"/devices/{name}", {"profile": use}),
                ("PATCH", f"/devices/{name}", {"profile": random_.choice([use, None])}),
                ("PATCH", f"/devices/{name}", {"profile": {"base": "new"}}),
                ("PUT", f"/devices/{name}/tags/t{random_.randrange(10)}", {"modbus": {
                    "type": "uint16", "address": random_.randrange(600)}}),
                ("DELETE", f"/devices/{name}/tags/t{random_.randrange(10)}", None),
                ("DELETE", f"/devices/{name}", None)])
            answer = api.send(method, path, body, None)
            if answer.status not in allowed:
                wrong.append((method, path, body, answer.status, answer.body))

    for round_ in range(3):
        threads = [threading.Thread(target=write, args=(10 * round_ + n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong, wrong[:3]
        for device in api.must("GET", "/devices")["items"]:
            if device["profile"] is None:
                for tag in tags_of(api, device["name"]):
                    api.request("DELETE", f"/devices/{device['name']}/tags/{tag}")
        check_invariants(api)


def test_a_kill_in_the_middle_changes_all_or_nothing(stack):
    api = stack.start_api()
    names = [f"d{n:02}" for n in range(30)]
    profile = meter(tags=[{"name": f"t{n}", "modbus": {"table": "input_register", "type": "uint16",
                                                       "address": n}} for n in range(20)],
                    room={"input_register": 40})
    put(api, profile)
    devices(api, *names)
    random_ = random.Random(5)
    acknowledged = 0
    for round_ in range(1, 9):
        units = {"unit": f"u{round_}"}
        body = dict(profile, tags=[dict(tag, **units) for tag in profile["tags"]])
        body["tags"].append({"name": "extra", "modbus": {"table": "input_register", "type": "uint16",
                                                         "address": 20 + round_ % 2}})
        killer = threading.Timer(random_.uniform(0, 0.2), api.kill)
        killer.start()
        try:
            acknowledged = round_ if api.send("PUT", "/profiles/meter", body, None).status == 200 \
                else acknowledged
        except OSError:
            pass
        killer.join()
        api.start()
        shown = api.must("GET", "/profiles/meter")
        unit = {tag.get("unit", "") for tag in shown["tags"] if tag["name"] != "extra"}
        assert len(unit) == 1
        if acknowledged:
            assert int(unit.copy().pop()[1:]) >= acknowledged
        for name in names:
            tags = tags_of(api, name)
            assert set(tags) == {tag["name"] for tag in shown["tags"]}
            assert {tag["unit"] for tag in tags.values() if tag["name"] != "extra"} == unit
        check_invariants(api)
    api.stop()
    with open_store(api.options["common.database"]) as store:
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []


FOREIGN_ONLY = [
    ({}, True),
    ({"modbus": {"min_change": 0.5}}, False),
    ({"modbus": {"min_interval_ms": 100}}, False),
    ({"mqtt": {"min_change": 0.5}}, False),
    ({"mqtt": {"min_change": 0.5, "command_on": "write"}}, False),
    ({"mqtt": {"min_change": 0.5, "command_on": "change"}}, True),
    ({"mqtt": {"min_change": 0.5, "command_on": "change"}, "modbus": {"min_change": 1}}, False),
    ({"mqtt": {"min_interval_ms": 100}}, True),
    ({"mqtt": {"min_change": 0, "command_on": "write"}, "modbus": {"min_change": 0, "min_interval_ms": 0}}, True),
]


@pytest.mark.parametrize("members, local", FOREIGN_ONLY)
def test_profiles_take_what_a_device_of_some_server_takes(api, members, local):
    """A profile has no server. The rule stands in the checks of a tag, of a profile, of a move and of an import."""
    tag = {"name": "x", "direction": "both", **members,
           "mqtt": {"topic": "t", "command_topic": "c", **members.get("mqtt", {})},
           "modbus": {"table": "holding_register", "type": "int16", **members.get("modbus", {})}}
    made, refused = (201, 201 if local else 422)

    def device(name, host, unit, **members):
        return {"name": name, "network": {"modbus_host": host, "unit_id": unit}, **members}

    for name, host, unit, status in (("plc", "10.9.0.1", 1, made), ("home", None, 2, refused)):
        api.must("POST", "/devices", device(name, host, unit, mqtt={"topic": "t"}))
        answer = api.request("POST", f"/devices/{name}/tags", {**tag, "modbus": {**tag["modbus"], "address": 7}})
        assert answer.status == status, (name, answer.body)
    content = api.must("GET", "/export")
    for each in content["devices"]:
        each["network"].update(modbus_host=None, unit_id=5 if each["name"] == "plc" else 2)
    imported = api.request("POST", "/import?dry_run=true", content)
    assert imported.status == (200 if local else 422), imported.body
    moved = api.request("PATCH", "/devices/plc", {"network": {"modbus_host": None, "unit_id": 3}})
    assert moved.status == (200 if local else 422), moved.body
    assert local or errors(moved, 422) == {("/network/modbus_host", "foreign_only")}

    put(api, {"name": "limits", "device": {"mqtt": {"topic": "t"}}, "tags": [tag]})
    for name, host, unit, status in (("p-plc", "10.9.0.2", 1, made), ("p-home", None, 4, refused)):
        answer = api.request("POST", "/devices", device(name, host, unit, profile="limits"))
        assert answer.status == status, (name, answer.body)
        assert api.request("GET", f"/devices/{name}").status == (200 if status == 201 else 404)
    # A change of a profile that a local device follows is refused whole.
    plain = {**tag, "mqtt": {"topic": "t", "command_topic": "c"}, "modbus": {"table": "holding_register"}}
    put(api, {"name": "plain", "device": {"mqtt": {"topic": "t"}}, "tags": [plain]})
    for name, host, unit in (("f-plc", "10.9.0.3", 1), ("f-home", None, 6)):
        api.must("POST", "/devices", device(name, host, unit, profile="plain"))
    before = [api.must("GET", f"/devices/{name}/tags/x") for name in ("f-plc", "f-home")]
    change = api.request("PATCH", "/profiles/plain", {"tags": [tag]})
    assert change.status == (200 if local else 422), change.body
    assert local or (b"f-home" in change.body and b"f-plc" not in change.body)
    assert local or before == [api.must("GET", f"/devices/{name}/tags/x") for name in ("f-plc", "f-home")]
