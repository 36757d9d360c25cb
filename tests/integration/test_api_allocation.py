"""Automatic addresses: above the mark, which only allocation raises; then the lowest gap."""

import pathlib

import pytest

from store_file import open_store
from test_api_devices import errors
from test_api_transfer import load, load_json

STORE_1 = pathlib.Path(__file__).with_name("store_1.sql")


@pytest.fixture
def api(stack):
    api = stack.start_api(common__units="1-3")
    api.device("a", "t")
    return api


def post(api, name, device="a", **modbus):
    return api.request("POST", f"/devices/{device}/tags", {"name": name, "modbus": modbus})


def made(api, name, device="a", **modbus):
    """The address of a new tag, which must not be reused."""
    answer = post(api, name, device, **modbus)
    assert answer.status == 201, answer.body
    codes = [warning["code"] for warning in answer.json().get("warnings", [])]
    assert "address_reused" not in codes, codes
    return answer.json()["modbus"]["address"]


def reused(api, name, **modbus):
    """The address of a new tag, which must have the warning."""
    answer = post(api, name, **modbus)
    assert answer.status == 201, answer.body
    assert [(w["pointer"], w["code"]) for w in answer.json()["warnings"]] == [
        ("/modbus/address", "address_reused")]
    assert "warnings" not in api.get(f"/devices/a/tags/{name}").json()
    return answer.json()["modbus"]["address"]


@pytest.mark.parametrize("table, kind", [
    ("holding_register", "uint16"), ("input_register", "uint16"), ("coil", "bool"),
    ("discrete_input", "bool")])
def test_a_typing_error_costs_nothing(api, table, kind):
    assert made(api, "a0", table=table, type=kind) == 0
    assert made(api, "typo", table=table, type=kind, address=65535) == 65535
    assert made(api, "a1", table=table, type=kind) == 1
    api.must("DELETE", "/devices/a/tags/typo")
    assert made(api, "a2", table=table, type=kind) == 2
    api.must("PATCH", "/devices/a/tags/a2", {"modbus": {"address": 65535}})
    assert made(api, "a3", table=table, type=kind) == 3


def test_each_unit_and_table_has_its_own(api):
    api.device("b", "t", network={"unit_id": 2})
    assert made(api, "typo", address=65534) == 65534
    assert [made(api, "x", "b"), made(api, "x", table="input_register"), made(api, "x1")] == [0, 0, 0]
    api.must("PATCH", "/devices/b", {"network": {"unit_id": 3}})
    assert made(api, "y", "b") == 2, "that of a tag that moved in is passed over, too"
    api.device("c", "t", network={"unit_id": 2})
    assert made(api, "z", "c") == 2, "and is not given again where it was"


def test_what_is_given_by_hand_is_passed_over(api):
    api.must("PATCH", "/devices/a", {"status": {"table": "holding_register", "address": 4}})
    for name, address, kind in (("m0", 2, "uint16"), ("m1", 9, "uint16"), ("m2", 12, "float64")):
        made(api, name, address=address, type=kind)
    made(api, "m3", address=20, type="bool", bit=3)
    assert made(api, "f0", type="float32") == 0
    assert made(api, "s0", type="string", length=3) == 16, "8 is too narrow, and 3 is odd"
    assert made(api, "u0", type="uint16") == 19, "never below what was allocated before"
    assert made(api, "b0", type="bool", bit=0) == 21, "20 is not shared by itself"
    assert made(api, "s1", type="string", length=1) == 22
    assert made(api, "s2", type="string", length=123) == 24


def test_a_freed_address_is_not_given_again(api):
    assert [made(api, f"x{n}", type="uint16") for n in range(4)] == [0, 1, 2, 3]
    for name in ("x1", "x3"):
        api.must("DELETE", f"/devices/a/tags/{name}")
    assert made(api, "x4", type="uint16") == 4


def fill(api, *blocks):
    """Strings with given addresses from one to another, exclusive, of any device."""
    tags = []
    for first, end in blocks:
        while first < end:
            length = min(123, end - first)
            tags.append({"name": f"s{first}", "modbus": {"address": first, "type": "string",
                                                         "length": length}})
            first += length
    document = {"devices": [{"name": "full", "mqtt": {"topic": "t"}, "tags": tags}]}
    assert load_json(api, document, "?changes=none").status == 200


def test_the_lowest_gap_when_nothing_is_left_above(api):
    assert made(api, "x0", type="uint16") == 0
    fill(api, (2, 7), (8, 100), (103, 65534))
    assert made(api, "f0", type="float32") == 100
    assert made(api, "u0", type="uint16") == 102
    assert made(api, "f1", type="float32") == 65534
    assert reused(api, "u1", type="uint16") == 1
    assert reused(api, "u2", type="uint16") == 7
    answer = post(api, "u3", type="uint16")
    assert answer.status == 409 and errors(answer) == {("/modbus/address", "table_full")}
    assert "1 free register" in answer.json()["errors"][0]["detail"]
    api.must("DELETE", "/devices/a/tags/u0")
    assert reused(api, "u4", type="uint16") == 102, "a freed one, rather than none"
    api.must("DELETE", "/devices/a/tags/f0")
    assert reused(api, "f2", type="float32") == 100
    api.must("DELETE", "/devices/a/tags/u1")
    answer = post(api, "f3", type="float32")
    assert answer.status == 409 and "2 free registers" in answer.json()["errors"][0]["detail"]


def test_an_import_says_so_too(api):
    fill(api, (0, 7))
    assert made(api, "x0", type="uint16") == 7
    fill(api, (0, 5), (6, 7), (8, 65535))
    rows = "device,tag,topic,type\na,x,t,uint16\na,y,t,uint16\n"
    for query in ("?dry_run=true", ""):
        answer = load(api, rows, query=query).json()
        assert [(w["row"], w["column"], w["code"]) for w in answer["warnings"]] == [
            (3, "address", "address_reused")], answer["warnings"]
        assert [(c["tag"], c["address"]) for c in answer["changes"] if c["tag"]] == [
            ("x", 65535), ("y", 5)]
    document = {"devices": [{"name": "a", "tags": [{"name": "z", "modbus": {"type": "uint16"}}]}]}
    answer = load_json(api, document)
    assert answer.status == 409 and errors(answer) == {
        ("/devices/0/tags/0/modbus/address", "table_full")}
    api.must("DELETE", "/devices/a/tags/y")
    answer = load_json(api, document).json()
    assert [(w["pointer"], w["code"]) for w in answer["warnings"]] == [
        ("/devices/0/tags/0/modbus/address", "address_reused")]


def old_store(stack, *tags, mark, deleted=()):
    """A store of schema 1 with these holding registers of unit 1: (first, last)."""
    with open_store(stack.common["common.database"]) as store:
        store.executescript(STORE_1.read_text())
        store.execute("DELETE FROM tag")
        store.execute("DELETE FROM span")
        store.execute("DELETE FROM gone")
        store.execute("DELETE FROM free_slot")
        for number, (first, last) in enumerate(tags):
            store.execute(
                "INSERT INTO tag (id, device_id, name, mqtt_key, modbus_table, modbus_address, modbus_type,"
                " modbus_length, slot, revision, created_ms, updated_ms) VALUES (?, 1, ?, 'k',"
                " 'holding_register', ?, 'string', ?, ?, 6, 0, 0)",
                (100 + number, f"t{number}", first, last - first + 1, 100 + number))
            store.execute("INSERT INTO span (server, unit, \"table\", first, last, tag_id) VALUES"
                          " ('', 1, 'holding_register', ?, ?, ?)", (first, last, 100 + number))
        for first, last in deleted:
            store.execute("INSERT INTO gone (revision, kind, unit, \"table\", first, last) VALUES"
                          " (6, 'registers', 1, 'holding_register', ?, ?)", (first, last))
        store.execute("UPDATE store SET next_slot = 1000")
        store.execute("UPDATE high_water SET address = ? WHERE \"table\" = 'holding_register'", (mark,))
    api = stack.start_api()
    answer = post(api, "next", "boiler-7", type="uint16")
    assert answer.status == 201 and "warnings" not in answer.json(), answer.body
    return answer.json()["modbus"]["address"]


@pytest.mark.parametrize("tags, mark, deleted, expected", [
    ([(0, 1), (2, 3), (4, 5), (65535, 65535)], 65535, [], 6),
    ([(0, 1), (65530, 65531)], 65531, [], 2),
    ([(65535, 65535)], 65535, [], 0),
    ([], 65535, [], 0),
    ([], 65535, [(65535, 65535)], 0),
    ([(0, 1)], 65535, [(2, 9), (65535, 65535)], 10),
    ([(0, 9), (40000, 40100), (65535, 65535)], 65535, [], 10),
    ([(30000, 30009), (65535, 65535)], 65535, [], 30010),
    ([(0, 1), (60000, 60000)], 60000, [], 60001),
    ([(0, 1)], 200, [], 201)])
def test_old_stores_heal(stack, tags, mark, deleted, expected):
    """A mark with space above it stays; one raised by a typing error moves below the widest gap."""
    assert old_store(stack, *tags, mark=mark, deleted=deleted) == expected
