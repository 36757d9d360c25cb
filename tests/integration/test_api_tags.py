"""Tags over HTTP: defaults, rules, allocation, overlaps."""

import json

import pytest

from test_api_devices import errors


API_OPTIONS = {"common__units": "1-3"}


@pytest.fixture
def api(lone_api):
    lone_api.device("a", "t")
    return lone_api


def post(api, device="a", **tag):
    return api.request("POST", f"/devices/{device}/tags", tag)


def made(api, device="a", **tag):
    answer = post(api, device, **tag)
    assert answer.status == 201, answer.body
    return answer.json()


def address(tag):
    return tag["modbus"]["table"], tag["modbus"]["address"]


def test_defaults(api):
    answer = post(api, name="t1")
    assert answer.headers["Location"] == "/api/v1/devices/a/tags/t1"
    tag = answer.json()
    for member in ("id", "revision", "created_at", "updated_at"):
        del tag[member]
    assert tag == {
        "device": "a", "profile": False, "name": "t1", "label": "", "description": "", "unit": "",
        "enabled": True, "direction": "to_modbus",
        "mqtt": {"key": "t1", "topic": None, "payload": "json", "values": None,
                 "command_topic": None, "command_template": None, "command_qos": 1,
                 "command_retain": False, "settle_ms": 50, "hold_off_ms": 2000,
                 "pattern": None, "number": "decimal", "quality_key": None,
                 "expires_s": 0, "expire_value": None, "command_on": "write", "min_interval_ms": 0,
                 "min_change": 0},
        "modbus": {"table": "holding_register", "address": 0, "modicon": "400001",
                   "type": "float32", "byte_order": "ABCD", "bit": None, "byte": None, "length": None,
                   "scale": 1, "offset": 0, "on_overflow": "reject", "on_stale": None,
                   "on_null": "hold", "constant": None, "companion": "none",
                   "companion_of": None, "min_change": 0, "min_interval_ms": 0}}
    assert api.get("/devices/a/tags/t1").json() == answer.json()
    assert made(api, name="t2", modbus={"table": "coil"})["modbus"]["type"] == "bool"
    assert post(api, device="none", name="t").status == 404


RULES = [
    ({"name": "x", "mqtt": {"number": "octal"}}, {("/mqtt/number", "invalid_choice")}),
    ({"name": "x", "mqtt": {"pattern": "(a)\\1"}}, {("/mqtt/pattern", "invalid_pattern")}),
    ({"name": "x", "mqtt": {"pattern": "([ab]{1,99}){1,99}"}}, {("/mqtt/pattern", "invalid_pattern")}),
    ({"name": "x", "mqtt": {"pattern": ""}}, {("/mqtt/pattern", "too_short")}),
    ({"name": "x", "mqtt": {"pattern": "°" * 200}}, {("/mqtt/pattern", "invalid_pattern")}),
    ({"name": "x", "mqtt": {"pattern": "a" * 257}}, {("/mqtt/pattern", "too_long")}),
    ({}, {("/name", "required")}),
    ({"name": "x", "modbus": {"type": "string"}}, {("/modbus/length", "required")}),
    ({"name": "x", "modbus": {"length": 3}}, {("/modbus/length", "type_mismatch")}),
    ({"name": "x", "modbus": {"type": "string", "length": 124}},
     {("/modbus/length", "out_of_range")}),
    ({"name": "x", "modbus": {"table": "coil", "type": "int16"}},
     {("/modbus/type", "type_mismatch")}),
    ({"name": "x", "modbus": {"table": "coil", "bit": 0}}, {("/modbus/bit", "type_mismatch")}),
    ({"name": "x", "modbus": {"bit": 3, "type": "int16"}}, {("/modbus/bit", "type_mismatch")}),
    ({"name": "x", "modbus": {"bit": 16, "type": "bool"}}, {("/modbus/bit", "out_of_range")}),
    ({"name": "x", "modbus": {"scale": 0}}, {("/modbus/scale", "out_of_range")}),
    ({"name": "x", "modbus": {"type": "bool", "scale": 2, "offset": 1}},
     {("/modbus/scale", "type_mismatch"), ("/modbus/offset", "type_mismatch")}),
    ({"name": "x", "modbus": {"address": 65535}}, {("/modbus/address", "out_of_range")}),
    ({"name": "x", "modbus": {"address": 65536}}, {("/modbus/address", "out_of_range")}),
    ({"name": "x", "modbus": {"address": -1}}, {("/modbus/address", "out_of_range")}),
    ({"name": "x", "modbus": {"address": 1.5}}, {("/modbus/address", "wrong_type")}),
    ({"name": "x", "modbus": {"address": "0x10"}}, {("/modbus/address", "invalid_address")}),
    ({"name": "x", "modbus": {"address": "40000"}}, {("/modbus/address", "invalid_address")}),
    ({"name": "x", "modbus": {"address": "40001", "table": "input_register"}},
     {("/modbus/address", "table_mismatch")}),
    ({"name": "x", "modbus": {"on_stale": "nan", "type": "int16"}},
     {("/modbus/on_stale", "type_mismatch")}),
    ({"name": "x", "modbus": {"on_stale": 40000, "type": "int16"}},
     {("/modbus/on_stale", "out_of_range")}),
    ({"name": "x", "modbus": {"on_stale": "NaN"}}, {("/modbus/on_stale", "wrong_type")}),
    ({"name": "x", "direction": "both"}, {("/mqtt/command_topic", "required")}),
    ({"name": "x", "direction": "to_mqtt", "modbus": {"table": "input_register"},
      "mqtt": {"command_topic": "a/+"}},
     {("/direction", "read_only_table"), ("/mqtt/command_topic", "invalid_topic")}),
    ({"name": "x", "direction": "both",
      "mqtt": {"command_topic": "c", "values": {"ON": 1, "AN": 1}}},
     {("/mqtt/values", "not_reversible")}),
    ({"name": "x", "mqtt": {"values": {"ON": "1", "a/b": None, "c": 1e999}}},
     {("/mqtt/values/ON", "wrong_type"), ("/mqtt/values/a~1b", "wrong_type"),
      ("/mqtt/values/c", "out_of_range")}),
    ({"name": "x", "mqtt": {"values": [1]}}, {("/mqtt/values", "wrong_type")}),
    ({"name": "x", "mqtt": {"payload": "text"}}, {("/mqtt/payload", "type_mismatch")}),
    ({"name": "x", "mqtt": {"key": "/a~2"}}, {("/mqtt/key", "invalid_pointer")}),
    ({"name": "x", "mqtt": {"quality_key": "/a~"}}, {("/mqtt/quality_key", "invalid_pointer")}),
    ({"name": "x", "mqtt": {"quality_key": "./a~2"}}, {("/mqtt/quality_key", "invalid_pointer")}),
    ({"name": "x", "mqtt": {"quality_key": ""}}, {("/mqtt/quality_key", "too_short")}),
    ({"name": "x", "mqtt": {"key": "", "quality_key": "./q"}},
     {("/mqtt/quality_key", "type_mismatch")}),
    ({"name": "x", "mqtt": {"key": "", "payload": "text", "quality_key": "q"}},
     {("/mqtt/quality_key", "type_mismatch")}),
    ({"name": "x", "mqtt": {"expires_s": 60}}, {("/mqtt/expires_s", "type_mismatch")}),
    ({"name": "x", "mqtt": {"expire_value": 0}}, {("/mqtt/expire_value", "type_mismatch")}),
    ({"name": "x", "mqtt": {"expires_s": -1, "expire_value": []}},
     {("/mqtt/expires_s", "out_of_range"), ("/mqtt/expire_value", "wrong_type")}),
    *[({"name": "x", "direction": "both", "modbus": modbus,
        "mqtt": {"command_topic": "c", "expires_s": 60, **mqtt}}, {("/mqtt/expire_value", code)})
      for modbus, mqtt, code in [
          ({"type": "uint16"}, {"expire_value": -1}, "out_of_range"),
          ({"type": "int16", "scale": 0.1}, {"expire_value": 3277}, "out_of_range"),
          ({"type": "int16"}, {"expire_value": "OFF"}, "not_a_number"),
          ({"type": "uint64"}, {"expire_value": 2 ** 60}, "inexact_integer"),
          ({"type": "string", "length": 2}, {"expire_value": "abcde"}, "too_long"),
          ({"type": "int16"}, {"expire_value": "AN", "values": {"ON": 1}}, "unmapped_string"),
          ({"type": "int16"}, {"expire_value": 0, "values": {"ON": 1}}, "unmapped_number")]],
    *[({"name": "x", "mqtt": {member: value}}, {(f"/mqtt/{member}", "type_mismatch")})
      for member, value in [("command_on", "change"), ("min_interval_ms", 1), ("min_change", 0.5)]],
    *[({"name": "x", "direction": "both", "modbus": modbus,
        "mqtt": {"command_topic": "c", "command_on": "change", **mqtt}}, {(f"/mqtt/{member}", code)})
      for modbus, mqtt, member, code in [
          ({}, {"min_interval_ms": -1}, "min_interval_ms", "out_of_range"),
          ({}, {"min_interval_ms": 86400001}, "min_interval_ms", "out_of_range"),
          ({}, {"min_change": -0.1}, "min_change", "out_of_range"),
          ({}, {"min_change": "1"}, "min_change", "wrong_type"),
          ({}, {"command_on": "never"}, "command_on", "invalid_choice"),
          ({}, {"command_on": "write", "min_change": 1}, "min_change", "type_mismatch"),
          ({"type": "bool"}, {"min_change": 1}, "min_change", "type_mismatch"),
          ({"type": "string", "length": 2}, {"min_change": 1}, "min_change", "type_mismatch")]],
    *[({"name": "x", "direction": direction, "modbus": {member: value, "type": "int16", **more}, "mqtt": mqtt},
       {(f"/modbus/{member}", code)})
      for member, low, high in (("min_change", -0.1, None), ("min_interval_ms", -1, 86400001))
      for direction, value, more, mqtt, code in [
          ("to_modbus", low, {}, {}, "out_of_range"), ("to_modbus", high or 1, {}, {}, "out_of_range" if high else "foreign_only"),
          ("to_modbus", "1", {}, {}, "wrong_type"), ("to_modbus", 1, {}, {}, "foreign_only"),
          ("both", 1, {}, {"command_topic": "c"}, "foreign_only"),
          ("to_mqtt", 1, {}, {"command_topic": "c"}, "type_mismatch"),
          ("constant", 1, {"constant": 1}, {}, "type_mismatch")]],
    ({"name": "x", "mqtt": 5, "modbus": []}, {("/mqtt", "wrong_type"), ("/modbus", "wrong_type")}),
    ({"name": "x", "unit": 5, "~/": 1}, {("/unit", "wrong_type"), ("/~0~1", "unknown_field")}),
    ({"name": "x", "modbus/modicon": "400001"}, {("/modbus~1modicon", "unknown_field")}),
]


def test_setpoints_that_expire(api):
    """Every form of expire_value; a warning without expires_s; only on the local server."""
    for at, (type, value) in enumerate([("int16", -5), ("float32", 0.1), ("bool", True), ("bool", "off"), ("uint16", "7"),
                                        ("string", ""), ("string", "0"), ("uint64", str(2 ** 63)), ("int16", None)]):
        modbus = {"type": type, "length": 4 if type == "string" else None}
        made = post(api, name=f"x{at}", direction="to_mqtt", modbus=modbus,
                    mqtt={"command_topic": "c", "expires_s": 60, "expire_value": value})
        assert made.status == 201, made.body
        assert made.json()["mqtt"]["expire_value"] == value and "warnings" not in made.json()
        assert api.must("GET", f"/devices/a/tags/x{at}")["mqtt"]["expires_s"] == 60
    kept = api.must("PATCH", "/devices/a/tags/x0", {"mqtt": {"expires_s": 0}})
    assert [(each["pointer"], each["code"]) for each in kept["warnings"]] == [("/mqtt/expire_value", "no_effect")]
    refused = api.request("PATCH", "/devices/a/tags/x1", b'{"modbus": {"type": "int16"}}')
    assert refused.status == 200  # rounded, as any value is
    foreign = api.request("PATCH", "/devices/a", b'{"network": {"modbus_host": "plc"}}')
    assert foreign.status == 422 and errors(foreign) == {("/network/modbus_host", "local_only")}
    api.must("PUT", "/devices/b", {"mqtt": {"topic": "b"}, "network": {"modbus_host": "plc"}})
    foreign = api.request("PUT", "/devices/b/tags/x", b'''{"direction": "to_mqtt", "modbus": {"address": 0},
        "mqtt": {"command_topic": "c", "expires_s": 1}}''')
    assert foreign.status == 422 and errors(foreign) == {("/mqtt/expires_s", "local_only")}


CHANGE_LIMITS = [{"min_interval_ms": 0}, {"min_interval_ms": 86400000}, {"command_on": "change"},
                 {"command_on": "change", "min_change": 0}, {"command_on": "change", "min_change": 1e300}]


def change_tag(api, device, name, status, type="int16", direction="to_mqtt", **mqtt):
    """Puts a tag with these members."""
    body = {"direction": direction, "modbus": {"type": type, "address": 100 + int(name[1:])},
            "mqtt": {**({} if direction == "to_modbus" else {"command_topic": "c"}), **mqtt}}
    answer = api.request("PUT", f"/devices/{device}/tags/{name}", json.dumps(body).encode())
    assert answer.status == status, answer.body
    return errors(answer) if status == 422 else answer.json()["mqtt"]


def test_commands_on_change(api):
    for at, mqtt in enumerate(CHANGE_LIMITS):
        kept = change_tag(api, "a", f"x{at}", 201, **mqtt)
        assert {name: kept[name] for name in mqtt} == mqtt


def test_changes_of_another_server(api):
    """The same limits there; a dead band needs no command_on, which changes nothing."""
    api.must("PUT", "/devices/b", {"mqtt": {"topic": "b"}, "network": {"modbus_host": "plc"}})
    for at, mqtt in enumerate([*CHANGE_LIMITS, {"min_change": 0.5}, {"min_change": 0.5, "min_interval_ms": 1}]):
        for direction in ("to_mqtt", "both"):
            kept = change_tag(api, "b", f"x{at}", 201 if direction == "to_mqtt" else 200, direction=direction, **mqtt)
            assert {name: kept[name] for name in mqtt} == mqtt
    for mqtt in ({"min_interval_ms": -1}, {"min_interval_ms": 86400001}, {"min_change": -0.1}):
        assert change_tag(api, "b", "x9", 422, **mqtt) == {(f"/mqtt/{next(iter(mqtt))}", "out_of_range")}
    for member, value in (("command_on", "change"), ("min_change", 1), ("min_interval_ms", 1)):
        found = change_tag(api, "b", "x9", 422, direction="to_modbus", **{member: value})
        assert found == {(f"/mqtt/{member}", "type_mismatch")}
    for type in ("bool", "string"):
        body = {"direction": "to_mqtt", "modbus": {"type": type, "address": 200, **({"length": 2} if type == "string" else {})},
                "mqtt": {"command_topic": "c", "min_change": 1}}
        answer = api.request("PUT", "/devices/b/tags/x9", json.dumps(body).encode())
        assert answer.status == 422 and ("/mqtt/min_change", "type_mismatch") in errors(answer)


def test_a_move_with_a_dead_band(api):
    """To the local server only with command_on change; there and back is no matter otherwise."""
    api.must("PUT", "/devices/b", {"mqtt": {"topic": "b"}, "network": {"modbus_host": "plc"}})
    change_tag(api, "b", "x0", 201, min_change=1, min_interval_ms=1)
    home = json.dumps({"network": {"modbus_host": None}}).encode()
    refused = api.request("PATCH", "/devices/b", home)
    assert refused.status == 422 and errors(refused) == {("/network/modbus_host", "foreign_only")}
    content = api.must("GET", "/export")
    for device in content["devices"]:
        if device["name"] == "b":
            device["network"]["modbus_host"] = None
    refused = api.request("POST", "/import", json.dumps(content).encode())
    assert refused.status == 422 and "foreign_only" in refused.body.decode(), refused.body
    api.must("PATCH", "/devices/b/tags/x0", {"mqtt": {"command_on": "change"}})
    for host in (None, "plc"):
        api.must("PATCH", "/devices/b", {"network": {"modbus_host": host}})


def test_limits_of_writes(api):
    """On a foreign server only, at the limits; the device stays there, and bool and string have no distance."""
    api.must("PUT", "/devices/b", {"mqtt": {"topic": "b"}, "network": {"modbus_host": "plc"}})
    for at, modbus in enumerate([{"min_interval_ms": 0}, {"min_interval_ms": 1}, {"min_interval_ms": 86400000},
                                 {"min_change": 0}, {"min_change": 1e-300}, {"min_change": 1e300, "min_interval_ms": 5}]):
        for direction, mqtt in (("to_modbus", {}), ("both", {"command_topic": "c"})):
            path = f"/devices/b/tags/{direction}{at}"
            api.must("PUT", path, {"direction": direction, "mqtt": mqtt, "modbus": {
                "type": "int16", "address": 2 * at + (direction == "both"), **modbus}})
            kept = api.must("GET", path)["modbus"]
            assert {name: kept[name] for name in modbus} == modbus
    for modbus, code in (({"type": "bool"}, "type_mismatch"), ({"type": "string", "length": 2}, "type_mismatch"),
                         ({"type": "bool", "table": "coil"}, "type_mismatch")):
        answer = post(api, "b", name="x", modbus={"address": 90, "min_change": 1, "min_interval_ms": 1, **modbus})
        assert answer.status == 422 and errors(answer) == {("/modbus/min_change", code)}
    assert post(api, "b", name="x", modbus={"address": 90, "type": "bool", "min_interval_ms": 1}).status == 201
    local = api.request("PATCH", "/devices/b", b'{"network": {"modbus_host": null}}')
    assert local.status == 422 and errors(local) == {("/network/modbus_host", "foreign_only")}
    for kind in ("format=csv", "format=json"):
        whole = api.get(f"/export?{kind}").body
        assert (b"modbus_min_change,modbus_min_interval_ms" if kind == "format=csv" else b'"min_change":1e+300') in whole
        api.must("PATCH", "/devices/b/tags/both5", {"modbus": {"min_change": 0, "min_interval_ms": 0}})
        again = api.request("POST", "/import", whole, {"Content-Type": "text/csv" if kind == "format=csv" else "application/json"})
        assert again.status == 200, again.body
        assert api.must("GET", "/devices/b/tags/both5")["modbus"]["min_change"] == 1e300
    moved = json.loads(whole)
    for device in moved["devices"]:
        device["network"]["modbus_host"] = None
    refused = api.request("POST", "/import", moved)
    assert refused.status == 422 and {error["code"] for error in refused.json()["errors"]} == {"foreign_only"}


@pytest.mark.parametrize("values, modbus, status", [
    ({"ON": 1, "OFF": 0}, {"type": "bool", "bit": 3}, 201),
    ({"ON": 1, "OFF": 0}, {"table": "coil"}, 201), ({"ON": 5, "OFF": 0}, {"table": "coil"}, 422),
    ({"A": -1, "B": 2}, {"type": "int16"}, 201), ({"A": 1.5}, {"type": "int16"}, 422),
    ({"A": 70000}, {"type": "uint16", "on_overflow": "clamp"}, 422),
    ({"A": 21.3, "B": -40}, {"type": "uint16", "scale": 0.1, "offset": -40}, 201),
    ({"A": 21.35}, {"type": "int16", "scale": 0.1}, 422), ({"A": 0.1}, {"type": "float32"}, 201),
    ({"A": 16777217}, {"type": "float32"}, 422), ({"A": 1.5}, {"type": "string", "length": 2}, 201)])
def test_a_command_finds_its_way_back_through_the_map(api, values, modbus, status):
    answer = post(api, name="x", direction="both", modbus=modbus,
                  mqtt={"command_topic": "c", "values": values})
    assert answer.status == status, answer.body
    if status == 422:
        assert errors(answer) == {("/mqtt/values", "not_reversible")}
    assert post(api, name="y", modbus=modbus, mqtt={"values": values}).status == 201


@pytest.mark.parametrize("number", range(len(RULES)))
def test_rules(api, number):
    body, expected = RULES[number]
    answer = api.request("POST", "/devices/a/tags",
                         __import__("json").dumps(body).replace("Infinity", "1e999").encode())
    assert answer.status == 422
    assert errors(answer) == expected
    assert api.get("/tags").json()["total"] == 0


def test_a_value_map_names_each_string_once(api):
    for method, path in (("POST", ""), ("PUT", "/x"), ("PATCH", "/x")):
        answer = api.request(method, f"/devices/a/tags{path}",
                             b'{"name": "x", "mqtt": {"values": {"ON": 1, "OFF": 0, "ON": 2}}}')
        assert answer.status == 422
        assert errors(answer) == {("/mqtt/values/ON", "duplicate")}
        api.request("PUT", "/devices/a/tags/x", {"mqtt": {"values": {"ON": 1}}})


@pytest.mark.parametrize("given, table, offset", [
    ("40101", "holding_register", 100), ("400101", "holding_register", 100),
    ("4x00101", "holding_register", 100), ("%MW100", "holding_register", 100),
    ("%M7", "coil", 7), ("000010", "coil", 9), ("30001", "input_register", 0),
    ("10005", "discrete_input", 4), (65534, "holding_register", 65534)])
def test_address_forms(api, given, table, offset):
    tag = made(api, name="x", modbus={"address": given})
    assert address(tag) == (table, offset)


def test_modicon_number_is_warned_of(api):
    tag = made(api, name="x", modbus={"address": 40101})
    assert tag["modbus"]["address"] == 40101
    assert [warning["pointer"] for warning in tag["warnings"]] == ["/modbus/address"]
    assert 'the string "40101"' in tag["warnings"][0]["detail"]
    assert "warnings" not in made(api, name="y", modbus={"address": 20101})
    part = api.must("PUT", "/devices/a/tags/x/modbus", {"address": 40201})
    assert [warning["pointer"] for warning in part["warnings"]] == ["/address"]
    part["address"] = 100
    assert "warnings" not in api.must("PUT", "/devices/a/tags/x/modbus", part)


def test_address_is_kept(api):
    made(api, name="x", modbus={"address": 50})
    assert api.must("PUT", "/devices/a/tags/x", {"unit": "V"})["modbus"]["address"] == 50
    patch = {"modbus": {"address": None, "type": "int16"}}
    tag = api.must("PATCH", "/devices/a/tags/x", patch)
    assert tag["modbus"]["address"] == 50 and tag["modbus"]["type"] == "int16"
    assert api.must("PUT", "/devices/a/tags/x/modbus", {"type": "uint16"})["address"] == 50


def test_patch_nulls_give_defaults(api):
    made(api, name="x", unit="V", mqtt={"key": "k", "values": {"ON": 1, "OFF": 0}})
    tag = api.must("PATCH", "/devices/a/tags/x", {"unit": None, "mqtt": {"key": None}})
    assert tag["unit"] == "" and tag["mqtt"]["key"] == "x"
    tag = api.must("PATCH", "/devices/a/tags/x", {"mqtt": {"values": {"OFF": None, 'A"N': 2.5}}})
    assert tag["mqtt"]["values"] == {"ON": 1, 'A"N': 2.5}
    for entries in ('"NEW":1,"NEW":2', '"AN":1,"AN":null', '"NEW":null,"NEW":null'):
        answer = api.request("PATCH", "/devices/a/tags/x",
                             b'{"mqtt":{"values":{%s}}}' % entries.encode())
        assert answer.status == 422, entries
    assert api.must("PATCH", "/devices/a/tags/x", {"mqtt": {"values": None}})["mqtt"]["values"] is None


OVERLAPS = [
    ({"address": 10}, {"address": 11}, True),
    ({"address": 10}, {"address": 9}, True),
    ({"address": 10}, {"address": 12}, False),
    ({"address": 10}, {"address": 8}, False),
    ({"address": 10}, {"address": 10, "table": "input_register"}, False),
    ({"address": 10, "type": "bool", "bit": 1}, {"address": 10, "type": "bool", "bit": 2}, False),
    ({"address": 10, "type": "bool", "bit": 1}, {"address": 10, "type": "bool", "bit": 1}, True),
    ({"address": 10, "type": "bool", "bit": 1}, {"address": 10, "type": "int16"}, True),
    ({"address": 10, "type": "int8"}, {"address": 10, "type": "uint8"}, True),
    ({"address": 10, "type": "int8", "byte": "high"}, {"address": 10, "type": "int8", "byte": "high"}, True),
    ({"address": 10, "type": "int8", "byte": "high"}, {"address": 10, "type": "uint8", "byte": "low"}, False),
    ({"address": 10, "type": "int8"}, {"address": 10, "type": "bool", "bit": 7}, True),
    ({"address": 10, "type": "int8"}, {"address": 10, "type": "bool", "bit": 8}, False),
    ({"address": 10, "type": "bool", "bit": 8}, {"address": 10, "type": "int8", "byte": "high"}, True),
    ({"address": 10, "type": "bool", "bit": 7}, {"address": 10, "type": "int8", "byte": "high"}, False),
    ({"address": 10, "type": "uint16"}, {"address": 10, "type": "int8", "byte": "high"}, True),
    ({"address": 10, "type": "int8", "byte": "high"}, {"address": 10, "type": "bcd16"}, True),
    ({"address": 9, "type": "uint32"}, {"address": 10, "type": "int8", "byte": "high"}, True),
    ({"address": 10, "type": "bcd32"}, {"address": 11, "type": "bcd16"}, True),
    ({"address": 10, "type": "bcd16"}, {"address": 11, "type": "bcd16"}, False),
    ({"address": 10, "type": "string", "length": 123}, {"address": 132}, True),
    ({"address": 132}, {"address": 10, "type": "string", "length": 123}, True),
]


@pytest.mark.parametrize("first, second, clash", OVERLAPS)
def test_overlap(api, first, second, clash):
    made(api, name="x", enabled=False, modbus=first)
    answer = post(api, name="y", modbus=second)
    assert answer.status == (409 if clash else 201)
    if clash:
        assert errors(answer) == {("/modbus/address", "overlap")}
        assert "a/x" in answer.json()["errors"][0]["detail"]
        assert api.get("/devices/a/tags/y").status == 404


def test_overlap_by_change(api):
    made(api, name="x", modbus={"address": 10})
    made(api, name="y", modbus={"address": 12})
    for method, path, body in (("PATCH", "", {"modbus": {"type": "float64"}}),
                               ("PUT", "/modbus", {"address": 11}),
                               ("PUT", "", {"modbus": {"address": 13}})):
        answer = api.request(method, f"/devices/a/tags/x{path}", body)
        assert answer.status == 409, (method, answer.body)
    assert api.must("PATCH", "/devices/a/tags/x", {"modbus": {"address": 11, "type": "int16"}})


def test_status_block_takes_registers(api):
    api.must("PATCH", "/devices/a", {"status": {"address": 100}})
    answer = post(api, name="x", modbus={"table": "input_register", "address": 103,
                                         "type": "int16"})
    assert answer.status == 409 and "status block of a" in answer.json()["errors"][0]["detail"]
    made(api, name="x", modbus={"table": "input_register", "address": 104, "type": "int16"})
    answer = api.request("PATCH", "/devices/a", {"status": {"address": 101}})
    assert answer.status == 409 and errors(answer) == {("/status/address", "overlap")}


def test_moving_a_device_moves_its_tags(api):
    api.device("b", "t", network={"unit_id": 2})
    made(api, name="x", modbus={"address": 10})
    made(api, "b", name="y", modbus={"address": 10})
    answer = api.request("PATCH", "/devices/b", {"network": {"unit_id": 1}})
    assert answer.status == 409 and errors(answer) == {("/network/unit_id", "overlap")}
    assert "a/x" in answer.json()["errors"][0]["detail"]
    api.must("PATCH", "/devices/b", {"network": {"unit_id": 3}})
    made(api, name="z", modbus={"address": 12})
    api.must("PUT", "/devices/a/network", {"unit_id": 2})
    assert api.get("/devices/a").json()["network"]["unit_id"] == 2


def test_foreign_server(api):
    api.device("f", "t", network={"modbus_host": "PLC.example", "modbus_port": 502})
    api.device("g", "t", network={"modbus_host": "plc.example"})
    answer = post(api, "f", name="x", modbus={"table": "input_register", "address": 1})
    assert answer.status == 422 and errors(answer) == {("/modbus/table", "read_only_table")}
    answer = post(api, "f", name="x")
    assert answer.status == 422 and errors(answer) == {("/modbus/address", "required")}
    made(api, "f", name="x", modbus={"address": 1})
    answer = post(api, "g", name="y", modbus={"address": 2})
    assert answer.status == 409 and "f/x" in answer.json()["errors"][0]["detail"]
    made(api, name="i", modbus={"table": "input_register"})
    answer = api.request("PATCH", "/devices/a", {"network": {"modbus_host": "plc2"}})
    assert answer.status == 422 and errors(answer) == {("/network/modbus_host", "read_only_table")}


@pytest.mark.parametrize("one, other", [
    ("PLC.example", "plc.EXAMPLE."), ("10.1.2.3", "::ffff:10.1.2.3"), ("fd00::1", "FD00:0::1")])
def test_a_host_has_many_spellings(api, one, other):
    api.device("f", "t", [{"name": "x", "modbus": {"address": 1}}], network={"modbus_host": one})
    api.device("g", "t", network={"modbus_host": other})
    answer = post(api, "g", name="y", modbus={"address": 2})
    assert answer.status == 409 and "f/x" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("host", ["10.1.2.3:502", "plc:502", "[::1]", "::1:x", ":"])
def test_a_host_with_a_port_is_refused(api, host):
    answer = api.request("PATCH", "/devices/a", {"network": {"modbus_host": host}})
    assert answer.status == 422 and errors(answer) == {("/network/modbus_host", "invalid_host")}
    api.must("PATCH", "/devices/a", {"network": {"modbus_host": "fe80::1%eth0"}})


@pytest.mark.parametrize("host", ["localhost", "LocalHost.", "::ffff:127.0.0.1"])
def test_host_of_the_local_server_is_local(api, host):
    port = int(api.options["common.modbus"].rpartition(":")[2])
    api.device("l", "t", network={"modbus_host": host, "modbus_port": port})
    made(api, name="x", modbus={"address": 5})
    assert post(api, "l", name="y", modbus={"address": 5}).status == 409
    assert made(api, "l", name="z", modbus={"table": "input_register"})


def test_deleting_a_device_frees_its_registers(api):
    made(api, name="x", modbus={"address": 5})
    api.must("DELETE", "/devices/a")
    assert api.get("/tags").json()["total"] == 0
    api.device("a", "t")
    assert made(api, name="x", modbus={"address": 5})["id"] > 1


def test_tag_conditions(api):
    made(api, name="x")
    path = "/devices/a/tags/x"
    etag = api.get(path).headers["ETag"]
    assert api.request("PUT", path, {}, {"If-None-Match": "*"}).status == 412
    assert api.request("PUT", "/devices/a/tags/n", {}, {"If-None-Match": "*"}).status == 201
    assert api.request("PUT", "/devices/none/tags/n", {}).status == 404
    assert api.request("PATCH", path, {"unit": "V"}, {"If-Match": etag}).status == 200
    assert api.request("PUT", path + "/mqtt", {"key": "k"}, {"If-Match": etag}).status == 412
    assert api.request("DELETE", path, headers={"If-Match": etag}).status == 412
    assert api.request("DELETE", path).status == 204


def test_put_of_what_was_read(api):
    tag = made(api, name="x", direction="both", modbus={"address": "40005", "on_stale": "nan", "on_null": "stale"},
               mqtt={"command_topic": "c", "values": {"a": 1, "b": 0.1}, "key": "/p/0"})
    for path in ("", "/mqtt", "/modbus"):
        before = api.get(f"/devices/a/tags/x{path}").json()
        assert api.must("PUT", f"/devices/a/tags/x{path}", before) == before
    assert api.get("/devices/a/tags/x").json()["revision"] == tag["revision"]


def test_lists(api):
    api.device("b", "t")
    for device, name in (("b", "x"), ("a", "z"), ("a", "y"), ("b", "w")):
        made(api, device, name=name, description=f"of {device}",
             modbus={"table": "coil" if name == "y" else "holding_register"})

    def names(query):
        page = api.get(f"/tags?{query}").json()
        return [f"{tag['device']}/{tag['name']}" for tag in page["items"]], page
    everything, page = names("")
    assert everything == ["a/y", "a/z", "b/w", "b/x"] and page["total"] == 4
    first, page = names("limit=2")
    assert first == ["a/y", "a/z"] and page["next"] == "a/z" and page["total"] == 4
    second, page = names("limit=2&after=a/z")
    assert second == ["b/w", "b/x"] and page["next"] is None
    assert names("device=b")[0] == ["b/w", "b/x"]
    assert names("table=coil")[0] == ["a/y"]
    assert names("q=OF%20A")[0] == ["a/y", "a/z"]
    api.must("PATCH", "/devices/b", {"label": "Pump in hall 2"})
    made(api, "b", name="v", mqtt={"key": "/flow/l", "topic": "own/topic"}, modbus={"address": 4711})
    assert names("q=HALL")[0] == ["b/v", "b/w", "b/x"] and names("q=hall&device=b")[0] == []
    assert names("q=flow/L")[0] == names("q=OWN/")[0] == names("q=4711")[0] == ["b/v"]
    assert names("q=404712")[0] == names("q=flow%20404712")[0] == names("q=4711%20%20HALL")[0] == ["b/v"]
    assert names("q=OWN%20flow")[0] == names("q=%20flow%20")[0] == ["b/v"] and names("q=flow%20404713")[0] == []
    assert names("q=104712")[0] == names("q=0471")[0] == [], "another table, or a part of an address"
    assert names("q=%20")[1]["total"] == 5, "no word"
    assert names("q=b")[1]["total"] == 3 and names("q=t&device=b")[1]["total"] == 1
    assert [item["tag"] for item in api.must("GET", "/values?q=hall&table=holding_register&limit=2")["items"]] == ["v", "w"]
    assert api.must("GET", "/values?q=hall&limit=1")["total"] == 3
    assert api.must("GET", "/values?table=coil")["total"] == 1
    assert api.must("DELETE", "/devices/b/tags/v") is None
    assert names("quality=never&limit=3")[0] == ["a/y", "a/z", "b/w"]
    assert names("quality=never&limit=3")[1]["total"] == 4
    assert names("quality=never&limit=3&after=b/w")[0] == ["b/x"]
    assert names("quality=good")[1]["total"] == 0
    for bad in ("quality=x", "after=x", "table=nope"):
        assert api.get(f"/tags?{bad}").status == 400, bad
    page = api.get("/devices/a/tags?limit=1").json()
    assert page["items"][0]["name"] == "y" and page["next"] == "y" and page["total"] == 2
    assert api.get("/devices/a/tags?after=y").json()["items"][0]["name"] == "z"
    assert api.get("/devices/none/tags").status == 404
