"""Changing what is there: rename, move, copy, undo; and the audit that shows what differs."""

import pytest

from test_api_audit import DEVICE, Client


@pytest.fixture
def ops(stack):
    return Client(stack.start_api(common__units="1-4"), "ops")


def test_the_audit_shows_what_differs(ops):
    ops.must("PUT", "/devices/a", dict(DEVICE, status={"address": 90}))
    ops.must("POST", "/devices/a/tags", {"name": "x", "mqtt": {"values": {"ON": 1, "a/b": 2}}})
    ops.must("PATCH", "/devices/a/tags/x", {"modbus": {"scale": 0.1, "address": 5},
                                            "mqtt": {"values": {"ON": 3, "a/b": None}}})
    ops.must("PATCH", "/devices/a", {"status": None, "mqtt": {"topic": "u"}})
    created, tag, changed, device = [entry["diff"] for entry in ops.audit()[-4:]]
    assert created == tag == []
    assert sorted(changed, key=lambda row: row["pointer"]) == [
        {"pointer": "/modbus/address", "before": 0, "after": 5},
        {"pointer": "/modbus/scale", "before": 1, "after": 0.1},
        {"pointer": "/mqtt/values/ON", "before": 1, "after": 3},
        {"pointer": "/mqtt/values/a~1b", "before": 2, "after": None}]
    assert sorted(device, key=lambda row: row["pointer"]) == [
        {"pointer": "/mqtt/topic", "before": "t", "after": "u"},
        {"pointer": "/status/address", "before": 90, "after": None},
        {"pointer": "/status/table", "before": "input_register", "after": None}]


def test_the_audit_filters(ops):
    other = Client(ops.api, "eve")
    ops.must("PUT", "/devices/a", DEVICE)
    ops.must("PUT", "/devices/b", DEVICE)
    ops.must("PUT", "/devices/a/tags/x", {})
    other.must("PUT", "/devices/b/tags/x", {})
    revision = ops.must("GET", "/devices/b/tags/x")["revision"]
    ops.must("PATCH", "/devices/b/tags/x", {"unit": "K"})

    def found(query):
        answer = ops.must("GET", f"/audit?{query}")
        assert answer["total"] == len(answer["items"]), query
        return [(entry["action"], entry["device"], entry["tag"]) for entry in answer["items"]]
    assert found("tag=x") == [("change", "b", "x"), ("create", "b", "x"), ("create", "a", "x")]
    assert found("tag=x&device=a") == [("create", "a", "x")]
    assert found("who=eve") == [("create", "b", "x")]
    assert all(entry["who"] == "" for entry in ops.must("GET", "/audit?who=")["items"])
    assert found(f"since={revision}") == [("change", "b", "x")]
    newest = ops.audit()[-1]["at"]
    assert ("change", "b", "x") in found(f"since={newest}")
    assert found("since=2999-01-01T00:00:00Z") == []
    for since in ("", "yesterday", "-1", "2026-01-02", "9" * 30):
        assert ops.request("GET", f"/audit?since={since}").status == 400, since


def merge(ops, path, body, **headers):
    return ops.api.request("PATCH", path, body, {"Authorization": f"Bearer {ops.token}", **headers})


def kept(resource):
    """What a rename and a move leave as it is."""
    return {key: value for key, value in resource.items()
            if key not in ("name", "device", "revision", "updated_at", "status")}


def test_renames(ops):
    ops.must("PUT", "/devices/a", dict(DEVICE, status={"address": 90}))
    tag = ops.must("POST", "/devices/a/tags", {"name": "x", "modbus": {"address": 7}})
    before = ops.must("GET", "/devices/a")

    answer = merge(ops, "/devices/a", {"name": "b", "description": "new"})
    assert answer.status == 200 and answer.headers["Location"] == "/api/v1/devices/b"
    device = answer.json()
    assert answer.headers["ETag"] == f'"{device["revision"]}"'
    assert dict(kept(before), description="new") == kept(device)
    assert (device["name"], device["status"]) == ("b", before["status"])
    assert ops.request("GET", "/devices/a").status == 404
    assert ops.must("GET", "/devices/b/tags/x") == dict(tag, device="b")

    answer = merge(ops, "/devices/b/tags/x", {"name": "y"}, **{"If-Match": f'"{tag["revision"]}"'})
    assert answer.headers["Location"] == "/api/v1/devices/b/tags/y"
    assert kept(answer.json()) == kept(tag) and answer.json()["mqtt"]["key"] == "x"
    assert ops.must("GET", "/devices/b/tags")["items"] == [answer.json()]
    answer = merge(ops, "/devices/b/tags/y", {"name": "z", "mqtt": {"key": None}})
    assert answer.json()["mqtt"]["key"] == "z", "null is the default: the new name"
    assert [(entry["device"], entry["tag"], entry["diff"]) for entry in ops.audit()[-2:]] == [
        ("b", "y", [{"pointer": "/name", "before": "x", "after": "y"}]),
        ("b", "z", [{"pointer": "/name", "before": "y", "after": "z"},
                    {"pointer": "/mqtt/key", "before": "x", "after": "z"}])]


def test_a_name_that_cannot_be(ops):
    for name in "ab":
        ops.must("PUT", f"/devices/{name}", DEVICE)
        ops.must("POST", "/devices/a/tags", {"name": name})
    for path, name in (("/devices/a", "a"), ("/devices/a/tags/a", "a")):
        for new, status, code in (("b", 409, "name_taken"), ("", 422, "too_short"),
                                  (None, 422, "required"), ("x/y", 422, "invalid_name"),
                                  (5, 422, "wrong_type")):
            answer = merge(ops, path, {"name": new})
            assert answer.status == status, (new, answer.body)
            assert [row["pointer"] for row in answer.json()["errors"]] == ["/name"], new
            assert answer.json()["errors"][0]["code"] == code
        assert merge(ops, path, {"name": name}).status == 200
        stale = merge(ops, path, {"name": "c"}, **{"If-Match": '"1000"'})
        assert stale.status == 412
        put = ops.request("PUT", path, dict(DEVICE if "tags" not in path else {}, name="c"))
        assert put.status == 422 and put.json()["errors"][0]["code"] == "name_mismatch"


def test_moves(ops):
    ops.must("PUT", "/devices/a", DEVICE)
    ops.must("PUT", "/devices/b", DEVICE)
    ops.must("PUT", "/devices/far", dict(DEVICE, network={"unit_id": 2}))
    tag = ops.must("POST", "/devices/a/tags", {"name": "x", "modbus": {"address": 7}})
    answer = merge(ops, "/devices/a/tags/x", {"device": "b"})
    assert answer.status == 200 and answer.headers["Location"] == "/api/v1/devices/b/tags/x"
    moved = answer.json()
    assert kept(moved) == kept(tag) and moved["device"] == "b"
    assert ops.must("GET", "/devices/a/tags")["items"] == []
    assert ops.must("GET", "/devices/b/tags")["items"] == [moved]
    assert ops.audit()[-1]["diff"] == [{"pointer": "/device", "before": "a", "after": "b"}]

    answer = merge(ops, "/devices/b/tags/x", {"device": "far", "name": "y", "unit": "K"})
    assert answer.json()["modbus"]["address"] == 7 and answer.json()["unit"] == "K"
    assert answer.headers["Location"] == "/api/v1/devices/far/tags/y"
    taken = ops.request("POST", "/devices/far/tags", {"name": "z", "modbus": {"address": 8}})
    assert taken.status == 409 and "belong to far/y" in taken.json()["errors"][0]["detail"]
    ops.must("POST", "/devices/a/tags", {"name": "z", "modbus": {"address": 7}})

    ops.must("DELETE", "/devices/a")
    assert ops.must("GET", "/devices/far/tags/y")["id"] == tag["id"]


def test_moves_that_cannot_be(ops):
    for name, unit in (("a", 1), ("b", 1), ("far", 2)):
        ops.must("PUT", f"/devices/{name}", dict(DEVICE, network={"unit_id": unit}))
    ops.must("PUT", "/devices/plc", dict(DEVICE, network={"modbus_host": "10.9.9.9"}))
    ops.must("POST", "/devices/a/tags", {"name": "x", "modbus": {"address": 7}})
    ops.must("POST", "/devices/a/tags",
             {"name": "in", "modbus": {"address": 7, "table": "input_register"}})
    ops.must("POST", "/devices/b/tags", {"name": "x", "modbus": {"address": 20}})
    ops.must("POST", "/devices/far/tags", {"name": "y", "modbus": {"address": 8}})
    before = ops.must("GET", "/export")
    for tag, patch, status, pointer, code in (
            ("x", {"device": "nobody"}, 422, "/device", "unknown_device"),
            ("x", {"device": 5}, 422, "/device", "read_only"),
            ("x", {"device": "b"}, 409, "/device", "name_taken"),
            ("x", {"device": "far"}, 409, "/modbus/address", "overlap"),
            ("in", {"device": "plc"}, 422, "/modbus/table", "read_only_table"),
            ("x", {"device": "far", "id": 99}, 422, "/id", "read_only")):
        answer = merge(ops, f"/devices/a/tags/{tag}", patch)
        assert answer.status == status, (patch, answer.body)
        assert (pointer, code) in {(row["pointer"], row["code"])
                                   for row in answer.json()["errors"]}, answer.body
    put = ops.request("PUT", "/devices/a/tags/x", {"device": "b"})
    assert put.status == 422 and put.json()["errors"][0]["code"] == "read_only"
    assert ops.must("GET", "/export") == before


def test_moves_to_another_server(ops):
    ops.must("PUT", "/devices/a", DEVICE)
    ops.must("PUT", "/devices/plc", dict(DEVICE, network={"modbus_host": "10.9.9.9"}))
    ops.must("POST", "/devices/a/tags", {"name": "x", "modbus": {"address": 7}})
    moved = merge(ops, "/devices/a/tags/x", {"device": "plc"}).json()
    assert (moved["device"], moved["modbus"]["address"]) == ("plc", 7)
    ops.must("POST", "/devices/a/tags", {"name": "z", "modbus": {"address": 7}})
