"""The default table of a tag: bits go to bit tables, numbers to registers; and what changes it."""

import pytest

from test_api_devices import errors
from test_api_transfer import load, load_json

COMMAND = {"command_topic": "c"}


@pytest.fixture
def api(stack):
    api = stack.start_api(common__units="1-3")
    api.device("a", "t")
    api.device("plc", "t", network={"modbus_host": "plc.example"})
    return api


def post(api, device="a", **tag):
    return api.request("POST", f"/devices/{device}/tags", dict(tag, name="x"))


def place(tag):
    return tag["modbus"]["table"], tag["modbus"]["address"]


@pytest.mark.parametrize("direction, modbus, expected", [
    ("to_modbus", {"type": "bool"}, ("discrete_input", 0)),
    ("to_mqtt", {"type": "bool"}, ("coil", 0)),
    ("both", {"type": "bool"}, ("coil", 0)),
    ("to_modbus", {"type": "bool", "address": 7}, ("discrete_input", 7)),
    ("both", {"type": "bool", "address": 7}, ("coil", 7)),
    ("to_modbus", {"type": "bool", "table": None}, ("discrete_input", 0)),
    ("to_modbus", {"type": "bool", "bit": 3}, ("holding_register", 0)),
    ("both", {"type": "bool", "bit": 3, "address": 9}, ("holding_register", 9)),
    ("to_modbus", {"type": "bool", "table": "holding_register"}, ("holding_register", 0)),
    ("to_modbus", {"type": "bool", "address": "40101"}, ("holding_register", 100)),
    ("to_modbus", {"type": "bool", "address": "00010"}, ("coil", 9)),
    ("to_modbus", {}, ("holding_register", 0)),
    ("both", {"type": "uint16"}, ("holding_register", 0)),
    ("to_modbus", {"type": "string", "length": 2}, ("holding_register", 0))])
def test_a_new_tag(api, direction, modbus, expected):
    answer = post(api, direction=direction, mqtt=COMMAND, modbus=modbus)
    assert answer.status == 201, answer.body
    assert place(answer.json()) == expected
    document = {"devices": [{"name": "n", "mqtt": {"topic": "t"}, "network": {"unit_id": 2}, "tags": [
        {"name": "x", "direction": direction, "mqtt": COMMAND, "modbus": modbus}]}]}
    for query in ("?dry_run=true", ""):
        assert shown(load_json(api, document, query).json()) == {("n", "x"): expected}
    assert place(api.get("/devices/n/tags/x").json()) == expected


def shown(answer):
    """The locations that an import reports for its tags."""
    return {(change["device"], change["tag"]): (change["table"], change["address"])
            for change in answer["changes"] if change["tag"]}


def test_a_foreign_server_has_no_inputs(api):
    answer = post(api, "plc", modbus={"type": "bool", "address": 4})
    assert answer.status == 201 and place(answer.json()) == ("coil", 4)


def test_a_table_of_tags(api):
    rows = ("device,tag,topic,type,direction,bit,table,address,command_topic\n"
            "n,in,t,bool,,,,,\nn,out,t,bool,both,,,,c\nn,bit,t,bool,,5,,,\nn,own,t,bool,,,,40008,\n"
            "n,given,t,bool,,,coil,20,\nn,number,t,,,,,,\n")
    expected = {("n", "in"): ("discrete_input", 0), ("n", "out"): ("coil", 0),
                ("n", "bit"): ("holding_register", 0), ("n", "own"): ("holding_register", 7),
                ("n", "given"): ("coil", 20), ("n", "number"): ("holding_register", 2)}
    for query in ("?dry_run=true", ""):
        assert shown(load(api, rows, query=query).json()) == expected
    assert load(api, rows).json()["changes"] == [], "again, and it stays where it is"
    deleted = load(api, "device,tag,topic\nn,in,t\n", query="?mode=replace").json()["changes"]
    assert {(change["action"], change["tag"], change["table"], change["address"], change["modicon"])
            for change in deleted} == {
        ("delete", "out", "coil", 0, "000001"), ("delete", "bit", "holding_register", 0, "400001"),
        ("delete", "own", "holding_register", 7, "400008"), ("delete", "given", "coil", 20, "000021"),
        ("delete", "number", "holding_register", 2, "400003")}


def test_changes_are_left_out_on_request(api):
    answer = load(api, "device,tag,topic\nn,x,t\n", query="?changes=none").json()
    assert "changes" not in answer and answer["created"] == 2
    assert api.request("POST", "/import?changes=some", {"devices": []}).status == 400


@pytest.mark.parametrize("before", ["discrete_input", "coil", "holding_register", "input_register"])
def test_a_change_keeps_the_table(api, before):
    post(api, modbus={"type": "bool", "table": before, "address": 6})
    path = "/devices/a/tags/x"
    for method, where, body in (
            ("PATCH", "", {"unit": "V"}), ("PATCH", "", {"modbus": {"type": "bool"}}),
            ("PUT", "", {"unit": "V"}), ("PUT", "", {"modbus": {"type": "bool"}}),
            ("PUT", "/modbus", {"type": "bool"})):
        api.must(method, path + where, body)
        assert place(api.get(path).json()) == (before, 6), (method, where, body)
    text = "device,tag,topic,type,table,address\na,x,t,bool,,\n"
    assert load(api, text).json()["changes"] == []
    answer = api.request("PATCH", path, {"direction": "both", "mqtt": COMMAND})
    if before in ("coil", "holding_register"):
        assert place(answer.json()) == (before, 6)
    else:
        assert answer.status == 422 and errors(answer) == {("/direction", "read_only_table")}
    answer = api.request("PATCH", path, {"modbus": {"type": "int16"}})
    if before in ("holding_register", "input_register"):
        assert place(answer.json()) == (before, 6)
    else:
        assert answer.status == 422 and errors(answer) == {("/modbus/type", "type_mismatch")}


def test_a_whole_new_tag_that_does_not_fit_goes_where_it_belongs(api):
    post(api, modbus={"type": "bool", "address": 6})
    path = "/devices/a/tags/x"
    body = {"direction": "both", "mqtt": COMMAND, "modbus": {"type": "bool"}}
    assert place(api.must("PUT", path, body)) == ("coil", 6)
    assert place(api.must("PUT", path, {"modbus": {"type": "int16"}})) == ("holding_register", 6)
    assert place(api.must("PATCH", path, {"modbus": {"type": "bool", "table": None}})) == (
        "discrete_input", 6), "null asks for the default"
    assert place(api.must("PUT", path, {"modbus": {"type": "bool", "address": 8}})) == (
        "discrete_input", 8)
