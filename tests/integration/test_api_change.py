"""Changing what is there: rename, move, copy, undo; and the audit that shows what differs."""

import http.client
import random
import threading

import pytest

from store_file import read_store
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
    ops.must("PUT", "/devices/b/tags/y", {})
    back = merge(ops, "/devices/far/tags/y", {"device": "b", "name": "free"})
    assert back.status == 200, "the old name is taken there, the new one is not"


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


def state(ops):
    """The configuration without what each change renews."""
    devices = ops.must("GET", "/export")["devices"]
    for device in devices:
        for resource in [device, *device["tags"]]:
            del resource["revision"], resource["updated_at"]
    return devices


def undo(ops, entry=None, status=200, **query):
    """Undoes an entry of the audit, the newest by default."""
    entry = entry or ops.audit("?limit=1")[0]
    number = entry["id"] if isinstance(entry, dict) else entry
    words = "&".join(f"{key}={value}" for key, value in query.items())
    answer = ops.request("POST", f"/audit/{number}/revert?{words}")
    assert answer.status == status, answer.body
    return answer.json()


def codes(answer):
    return {row["code"] for row in answer["errors"]}


STEPS = [
    ("PATCH", "/devices/a", {"description": "d", "status": {"address": 70}}),
    ("PATCH", "/devices/a", {"network": {"unit_id": 3}}),
    ("PATCH", "/devices/a", {"name": "renamed"}),
    ("PUT", "/devices/a/mqtt", {"topic": "other"}),
    ("PATCH", "/devices/a/tags/x", {"modbus": {"scale": 0.1, "address": 40, "type": "int32"}}),
    ("PATCH", "/devices/a/tags/x", {"mqtt": {"values": {"ON": 7}}, "enabled": False}),
    ("PATCH", "/devices/a/tags/x", {"device": "b", "name": "moved", "modbus": {"address": 50}}),
    ("PUT", "/devices/a/tags/new", {"modbus": {"address": 60}}),
    ("DELETE", "/devices/a/tags/x", None),
    ("PUT", "/devices/new", DEVICE),
    ("DELETE", "/devices/b", None),
    ("DELETE", "/devices/a", None),
    ("POST", "/import?mode=replace", {"devices": [dict(DEVICE, name="b", tags=[{"name": "q"}])]}),
]


@pytest.fixture
def two(ops):
    ops.must("PUT", "/devices/a", dict(DEVICE, description="first", status={"address": 90}))
    ops.must("PUT", "/devices/b", DEVICE)
    ops.must("PUT", "/devices/a/tags/x", {"modbus": {"address": 10}, "mqtt": {"values": {"ON": 1}}})
    ops.must("PUT", "/devices/a/tags/s", {"modbus": {"type": "string", "length": 5}})
    ops.must("PUT", "/devices/b/tags/y", {"unit": "Kä\"\n", "modbus": {"on_stale": "nan"}})
    return ops


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step[0]}-{list(step[2] or ['-'])[0]}")
def test_each_change_is_undone_and_done_again(two, step):
    before = state(two)
    two.must(*step)
    after = state(two)
    assert after != before
    answer = undo(two)
    assert state(two) == before
    summary = two.audit("?limit=1")[0]
    assert (summary["action"], summary["kind"], summary["id"]) == ("revert", "all", answer["audit"])
    assert summary["revision"] == answer["revision"]
    assert len(answer["changes"]) >= 1
    undo(two)
    assert state(two) == after, "the revert is undone"
    undo(two)
    assert state(two) == before, "and done again"


def test_limits_of_writes_are_undone(two):
    """Whole, or not at all: a tag of a local device cannot have them."""
    two.must("PUT", "/devices/plc", {"mqtt": {"topic": "p"}, "network": {"modbus_host": "plc"}})
    two.must("PUT", "/devices/plc/tags/t", {"direction": "both", "mqtt": {"command_topic": "c", "min_change": 2, "min_interval_ms": 7}, "modbus": {
        "type": "int16", "address": 900, "min_change": 0.5, "min_interval_ms": 1000}})
    limited, revision = state(two), two.must("GET", "/readyz?need=store")["revision"]
    two.must("PATCH", "/devices/plc/tags/t", {"mqtt": {"min_change": 0}, "modbus": {"min_change": 0, "min_interval_ms": 0}})
    change, without = two.audit("?limit=1")[0], state(two)
    undo(two)
    assert state(two) == limited
    undo(two)
    assert state(two) == without
    two.must("PATCH", "/devices/plc", {"network": {"modbus_host": None}})
    local, newest = state(two), two.must("GET", "/readyz?need=store")["revision"]
    assert codes(undo(two, change, 409)) >= {"foreign_only"}
    assert state(two) == local
    two.must("POST", f"/revert?to={revision}")
    assert state(two) == limited
    two.must("POST", f"/revert?to={newest}")
    assert state(two) == local
    two.must("DELETE", "/devices/plc")
    undo(two)
    assert state(two) == local


def test_everything_since_a_revision(two):
    revisions, states = [], []
    for step in STEPS[:2] + STEPS[3:8] + [("DELETE", "/devices/b/tags/moved", None), STEPS[11]]:
        revisions.append(two.must("GET", "/readyz?need=store")["revision"])
        states.append(state(two))
        two.must(*step)
    newest, last = two.must("GET", "/readyz?need=store")["revision"], state(two)
    for revision, wanted in list(zip(revisions, states))[::-1]:
        dry = two.must("POST", f"/revert?to={revision}&dry_run=true")
        assert dry["dry_run"] and dry["revision"] is None and state(two) != wanted
        two.must("POST", f"/revert?to={revision}")
        assert state(two) == wanted
        two.must("POST", f"/revert?to={newest}")
        assert state(two) == last, "the reverts are changes since, too"
    two.must("POST", f"/revert?to={revisions[0]}&changes=none")
    assert state(two) == states[0]
    now = two.must("GET", "/readyz?need=store")["revision"]
    assert two.must("POST", f"/revert?to={now}")["revision"] is None
    for query, status in (("", 400), ("?to=x", 400), ("?to=99999", 400), ("?to=1&dry_run=1", 400),
                          ("?to=1&changes=some", 400)):
        assert two.request("POST", f"/revert{query}").status == status
    stale = two.api.request("POST", f"/revert?to={newest}", None,
                            {"Authorization": f"Bearer {two.token}", "If-Match": '"1"'})
    assert stale.status == 412


def test_what_changed_since_is_named(two):
    two.must("PATCH", "/devices/a/tags/x", {"modbus": {"scale": 0.5}, "unit": "V"})
    scale = two.audit("?limit=1")[0]
    two.must("PATCH", "/devices/a/tags/x", {"description": "later"})
    two.must("PATCH", "/devices/a/tags/x", {"modbus": {"scale": 0.25}})
    before = state(two)
    answer = undo(two, scale, 409)
    assert codes(answer) == {"changed_since"}
    assert answer["errors"][0]["detail"] == (
        "a/x: /modbus/scale is 0.25 now; the change to undo set it to 0.5")
    assert state(two) == before
    undo(two)
    undo(two, scale)
    tag = two.must("GET", "/devices/a/tags/x")
    assert (tag["modbus"]["scale"], tag["unit"], tag["description"]) == (1, "", "later")
    assert codes(undo(two, scale, 409)) == {"nothing_to_undo"}

    two.must("PUT", "/devices/a/tags/z", {"modbus": {"address": 200}})
    created = two.audit("?limit=1")[0]
    two.must("PATCH", "/devices/a/tags/z", {"unit": "K"})
    answer = undo(two, created, 409)
    assert codes(answer) == {"changed_since"} and "a/z" in answer["errors"][0]["detail"]

    two.must("DELETE", "/devices/a/tags/z")
    deleted = two.audit("?limit=1")[0]
    two.must("PUT", "/devices/b/tags/z", {"modbus": {"address": 200}})
    assert codes(undo(two, deleted, 409)) == {"overlap"}
    two.must("PUT", "/devices/a/tags/z", {"modbus": {"address": 300}})
    assert codes(undo(two, deleted, 409)) == {"name_taken"}
    two.must("PUT", "/devices/c", DEVICE)
    made = two.audit("?limit=1")[0]
    two.must("PUT", "/devices/c/tags/t", {})
    answer = undo(two, made, 409)
    assert codes(answer) == {"changed_since"} and "c/t" in answer["errors"][0]["detail"]

    two.must("DELETE", "/devices/c")
    gone = two.audit("?limit=2")
    assert [entry["kind"] for entry in gone] == ["tag", "device"]
    assert codes(undo(two, gone[0], 409)) == {"no_device"}
    two.must("PUT", "/devices/c", DEVICE)
    assert "name_taken" in codes(undo(two, gone[1], 409))


def test_what_cannot_be_undone(two, stack):
    for number in ("0", "999999", "x", "-1", "9" * 40):
        assert two.request("POST", f"/audit/{number}/revert").status == 404
    token = next(entry for entry in two.audit() if entry["kind"] == "all")
    assert codes(undo(two, token, 409)) == {"not_revertable"}
    reader = Client(two.api, "eyes", "read")
    assert reader.request("POST", f"/audit/{two.audit()[-2]['id']}/revert").status == 403
    assert reader.request("POST", "/revert?to=1").status == 403


def not_too_large(stack):
    with read_store(stack.common["common.database"]) as store:
        kept, counted = store.execute("SELECT (SELECT sum(length(data)) FROM undo), undo_bytes"
                                      " FROM store").fetchone()
    return kept <= counted <= 1 << 20


def test_the_bound_of_what_is_kept(stack):
    ops = Client(stack.start_api(api__undo_mb=1), "ops")
    dice = random.Random(1)
    rows = [{"name": f"t{n}", "modbus": {"address": 2 * n}} for n in range(1000)]
    ops.must("PUT", "/devices/first", DEVICE)
    first = ops.audit("?limit=1")[0]
    ops.must("POST", "/import?changes=none",
             {"devices": [dict(DEVICE, name="a", tags=rows)]})
    imported = ops.audit("?limit=1")[0]
    for _ in range(5):
        for row in rows:
            row["description"] = f"{dice.getrandbits(2000):x}"
        ops.must("POST", "/import?changes=none", {"devices": [dict(DEVICE, name="a", tags=rows)]})
    answer = undo(ops, first, 409)
    assert codes(answer) == {"not_kept"} and "undo_mb" in answer["errors"][0]["detail"]
    assert codes(undo(ops, imported, 409)) == {"not_kept"}
    kept = undo(ops, changes="none")
    assert kept["changed"] == 1000
    first_kept = next(number for number in range(100)
                      if ops.request("POST", f"/revert?to={number}&dry_run=true").status == 200)
    assert not_too_large(stack)
    assert first_kept > imported["revision"]


def test_nothing_is_kept_without_room(stack):
    ops = Client(stack.start_api(api__undo_mb=0), "ops")
    ops.must("PUT", "/devices/a", DEVICE)
    assert codes(undo(ops, None, 409)) == {"not_kept"}


def test_a_restore_cannot_be_undone(two, stack):
    from test_api_audit import command
    command(two.api, "backup", stack.folder / "backup.db")
    two.must("PATCH", "/devices/a", {"description": "later"})
    changed = two.audit("?limit=1")[0]
    command(two.api, "restore", stack.folder / "backup.db")
    assert codes(undo(two, None, 409)) == {"not_kept"}
    assert codes(undo(two, changed, 409)) == {"not_kept"}
    two.must("PATCH", "/devices/a", {"description": "again"})
    undo(two)


def test_a_large_import_is_undone(ops):
    """More objects than the audit has rows for: created, changed and deleted."""
    tags = [{"name": f"t{n}", "modbus": {"address": 2 * n}} for n in range(3000)]
    ops.must("POST", "/import?changes=none", {"devices": [dict(DEVICE, name="a", tags=tags)]})
    created, before = ops.audit("?limit=1")[0], state(ops)
    other = [dict(tag, unit="K") for tag in tags[:1500]]
    other += [{"name": f"n{n}", "modbus": {"address": 9000 + 2 * n}} for n in range(1500)]
    ops.must("POST", "/import?mode=replace&changes=none&confirm=1500",
             {"devices": [dict(DEVICE, name="a", tags=other)]})
    replaced, after = ops.audit("?limit=1")[0], state(ops)
    answer = undo(ops, replaced, 409)
    assert codes(answer) == {"confirm_required"} and "confirm=1500" in answer["errors"][0]["detail"]
    assert codes(undo(ops, replaced, 409, confirm=1499)) == {"confirm_required"}
    assert undo(ops, replaced, dry_run="true")["deleted"] == 1500
    answer = undo(ops, replaced, confirm=1500, changes="none")
    assert (answer["created"], answer["changed"], answer["deleted"]) == (1500, 1500, 1500)
    assert state(ops) == before
    undo(ops, answer["audit"], confirm=1500)
    assert state(ops) == after
    undo(ops, confirm=1500)
    assert codes(undo(ops, created, 409)) == {"changed_since"}
    ops.must("DELETE", "/devices/a?confirm=3001")
    deleted = ops.audit("?limit=1")[0]
    assert (deleted["action"], deleted["kind"]) == ("delete", "device"), "in the audit with its tags"
    undo(ops, deleted)
    assert state(ops) == before


def test_the_deletion_of_a_device_is_confirmed(ops):
    ops.must("POST", "/import", {"devices": [dict(
        DEVICE, name="a", tags=[{"name": f"t{n}"} for n in range(20)])]})
    for query in ("", "?confirm=20", "?confirm=22"):
        answer = ops.request("DELETE", f"/devices/a{query}")
        assert answer.status == 409 and codes(answer.json()) == {"confirm_required"}
        assert "21 objects: the device a with its 20 tags" in answer.json()["errors"][0]["detail"]
    assert ops.request("DELETE", "/devices/a?confirm=all").status == 400
    ops.must("DELETE", "/devices/a/tags/t0")
    ops.must("DELETE", "/devices/a")


def test_the_newest_change_is_undone_by_one_command(two):
    before = state(two)
    two.must("PATCH", "/devices/a", {"description": "wrong"})
    from test_api_audit import command
    command(two.api, "token", "add", "other")
    undo(two, "newest")
    assert state(two) == before
    undo(two, "newest")
    assert two.must("GET", "/devices/a")["description"] == "wrong"


def test_replace_within_devices(two):
    two.must("PUT", "/devices/bare", DEVICE)
    table = b"device,topic,tag\r\na,t,x\r\n"

    def replace(query, body=table):
        return two.request("POST", f"/import?mode=replace&changes=all{query}", body, "text/csv")

    def deleted(query):
        answer = replace(f"&dry_run=true{query}")
        assert answer.status == 200, answer.body
        return {(row["device"], row["tag"]) for row in answer.json()["changes"]
                if row["action"] == "delete"}
    assert deleted("") == {("a", "s"), ("b", "y"), ("b", None)}
    assert deleted("&device=a") == {("a", "s")}
    assert deleted("&device=b") == {("b", "y"), ("b", None)}
    assert deleted("&device=b,a") == {("a", "s"), ("b", "y"), ("b", None)}
    assert deleted("&device=bare") == set(), "CSV cannot express a device without tags"
    for query in ("&device=", "&device=,", "&device=nobody", "&device=a,nobody"):
        assert replace(query).status == 400, query
    assert two.request("POST", "/import?device=a", table, "text/csv").status == 422, "it has the column"
    assert two.request("POST", "/import?device=a", {"devices": []}).status == 400
    assert replace("&device=a").json()["deleted"] == 1
    assert [tag["name"] for tag in two.must("GET", "/tags")["items"]] == ["x", "y"]


def test_a_large_deletion_by_import_is_confirmed(two):
    tags = [{"name": f"t{n}"} for n in range(20)]
    two.must("POST", "/import", {"devices": [dict(DEVICE, name="c", tags=tags)]})
    empty = {"devices": []}
    dry = two.must("POST", "/import?mode=replace&dry_run=true", empty)
    assert dry["deleted"] == 26
    for query in ("", "&confirm=25"):
        answer = two.request("POST", f"/import?mode=replace{query}", empty)
        assert answer.status == 409 and codes(answer.json()) == {"confirm_required"}
        assert "26 objects: 3 devices and 23 tags" in answer.json()["errors"][0]["detail"]
    assert len(two.must("GET", "/tags?limit=1000")["items"]) == 23
    two.must("POST", "/import?mode=replace&confirm=26", empty)
    undo(two)
    assert len(two.must("GET", "/tags?limit=1000")["items"]) == 23


METER = {"name": "meter-1", "label": "Meter 1 \u2013 meter-1", "network": {"unit_id": 1},
         "status": {"address": 40},
         "mqtt": {"topic": "tele/meter-1/SENSOR", "availability_topic": "tele/meter-1/LWT",
                  "request": {"topic": "cmnd/meter-1/STATUS", "payload": "8", "interval_s": 60}}}
METER_TAGS = [
    {"name": "power", "modbus": {"table": "input_register", "type": "float32", "address": 20}},
    {"name": "count", "modbus": {"table": "holding_register", "type": "uint16", "address": 3}},
    {"name": "low", "modbus": {"table": "holding_register", "type": "bool", "bit": 2, "address": 5}},
    {"name": "high", "modbus": {"table": "holding_register", "type": "bool", "bit": 3,
                                "address": 5}},
    {"name": "relay", "direction": "both",
     "mqtt": {"topic": "stat/meter-1/POWER", "command_topic": "cmnd/meter-1/POWER",
              "command_template": '{{"to": "meter-1", "v": {value}}}'},
     "modbus": {"table": "coil", "address": 0}}]


@pytest.fixture
def meter(ops):
    ops.must("POST", "/import", {"devices": [dict(METER, tags=METER_TAGS)]})
    return ops


def copy(ops, body, status=201, device="meter-1", query=""):
    answer = ops.request("POST", f"/devices/{device}/copy{query}", body)
    assert answer.status == status, answer.body
    return answer.json()


def places(device):
    return {tag["name"]: (tag["modbus"]["table"], tag["modbus"]["address"])
            for tag in device["tags"]}


def faults(answer):
    return {(row["pointer"], row["code"]) for row in answer["errors"]}


def test_a_copy(meter):
    before = state(meter)
    answer = copy(meter, {"copies": [{"name": "meter-2", "topic": "tele/meter-2/SENSOR"},
                                     {"name": "meter-3"}]})
    assert answer["created"] == 12 and not answer["dry_run"]
    exported = {device["name"]: device for device in meter.must("GET", "/export")["devices"]}
    assert answer["devices"] == [exported["meter-2"], exported["meter-3"]]
    for number, device in ((2, exported["meter-2"]), (3, exported["meter-3"])):
        mqtt = device["mqtt"]
        assert (mqtt["topic"], mqtt["availability_topic"], mqtt["request"]["topic"]) == (
            f"tele/meter-{number}/SENSOR", f"tele/meter-{number}/LWT",
            f"cmnd/meter-{number}/STATUS")
        assert device["label"] == f"Meter 1 \u2013 meter-{number}"
        relay = next(tag for tag in device["tags"] if tag["name"] == "relay")
        assert relay["mqtt"]["topic"] == f"stat/meter-{number}/POWER"
        assert relay["mqtt"]["command_topic"] == f"cmnd/meter-{number}/POWER"
        assert f'"to": "meter-{number}"' in relay["mqtt"]["command_template"]
        # One block in each table, laid out as the source's, without a gap between the copies.
        first = places(exported["meter-1"])
        moved = {name: (table, address - first[name][1])
                 for name, (table, address) in places(device).items()}
        for table in ("input_register", "holding_register", "coil"):
            assert len({shift for at, shift in moved.values() if at == table}) == 1, moved
        assert device["status"]["address"] - 40 == moved["power"][1]
    newest = meter.audit("?limit=1")[0]
    assert (newest["action"], newest["kind"]) == ("copy", "all")
    assert newest["after"] == {"copied": "meter-1", "created": 12, "details": 12}
    undo(meter)
    assert state(meter) == before, "one command undoes all copies"


def test_thirty_meters_in_one_command(meter):
    meter.must("PATCH", "/devices/meter-1", {"status": None})
    copies = [{"name": f"meter-{n}"} for n in range(2, 32)]
    dry = copy(meter, {"copies": copies, "stride": {
        "holding_register": 10, "input_register": 100, "coil": 1}}, 200, query="?dry_run=true")
    assert dry["dry_run"] and dry["created"] == 180 and len(dry["devices"]) == 30
    assert len(meter.must("GET", "/devices?limit=1000")["items"]) == 1
    copy(meter, {"copies": copies, "stride": {
        "holding_register": 10, "input_register": 100, "coil": 1}})
    devices = {device["name"]: device for device in meter.must("GET", "/export")["devices"]}
    assert len(devices) == 31
    for number in range(1, 32):
        away = number - 1
        assert places(devices[f"meter-{number}"]) == {
            "power": ("input_register", 20 + 100 * away), "count": ("holding_register", 3 + 10 * away),
            "low": ("holding_register", 5 + 10 * away),
            "high": ("holding_register", 5 + 10 * away), "relay": ("coil", away)}
    answer = undo(meter, None, 409)
    assert codes(answer) == {"confirm_required"} and "confirm=180" in answer["errors"][0]["detail"]


def test_copies_in_other_units(meter):
    answer = copy(meter, {"copies": [{"name": f"meter-{n}", "unit_id": n} for n in (2, 3)]})
    source = meter.must("GET", "/export")["devices"][0]
    for device in answer["devices"]:
        assert places(device) == places(source) and device["status"] == source["status"]
    answer = copy(meter, {"copies": [{"name": "meter-5", "unit_id": 4}],
                          "stride": {"holding_register": 7}})
    found = places(answer["devices"][0])
    assert found["count"] == ("holding_register", 10) and found["power"] == ("input_register", 20)


def test_a_shared_topic(ops):
    """Where and keys tell the devices apart."""
    ops.must("POST", "/import", {"devices": [{
        "name": "sensor-1", "mqtt": {"topic": "rtl/events", "where": {"id": "sensor-1", "ch": 1}},
        "tags": [{"name": "t", "mqtt": {"key": "/data/sensor-1/temp"}}]}]})
    answer = copy(ops, {"copies": [{"name": "sensor-2", "topic": "rtl/events"},
                                   {"name": "sensor-3", "topic": "rtl/events",
                                    "where": {"id": 33}}]}, device="sensor-1")
    two, three = answer["devices"]
    assert two["mqtt"]["where"] == {"id": "sensor-2", "ch": 1}
    assert three["mqtt"]["where"] == {"id": 33}
    assert two["tags"][0]["mqtt"]["key"] == "/data/sensor-2/temp"


def test_faults_of_a_copy_all_at_once(meter):
    meter.must("PUT", "/devices/taken", DEVICE)
    before = state(meter)
    answer = copy(meter, {"copies": [
        {"name": "meter-2", "topic": "a/#/b"}, {"topic": "t"}, {"name": "x y", "topic": "t"},
        {"name": "other", "topic": 5}, {"name": "meter-4", "unit_id": 77},
        {"name": "meter-5", "nonsense": 1}, {"name": "meter-6"}, {"name": "meter-6"}, 5,
        {"name": "meter-7", "params": {}}, {"name": "meter-8", "where": {"a": None}}],
        "stride": {"coil": 0, "coils": 1}, "more": 1}, 422)
    assert faults(answer) == {
        ("/copies/0/topic", "invalid_topic"), ("/copies/1/name", "required"),
        ("/copies/2/name", "invalid_name"), ("/copies/3/topic", "wrong_type"),
        ("/copies/4/unit_id", "unknown_unit"), ("/copies/5/nonsense", "unknown_field"),
        ("/copies/7/name", "duplicate"), ("/copies/8", "wrong_type"),
        ("/copies/9/params", "no_profile"), ("/copies/10/where", "wrong_type"),
        ("/stride/coil", "out_of_range"), ("/stride/coils", "unknown_field"),
        ("/more", "unknown_field")}
    answer = copy(meter, {"copies": [{"name": "taken", "topic": "t"},
                                     {"name": "meter-1", "topic": "t"}]}, 409)
    assert faults(answer) == {("/copies/0/name", "name_taken"), ("/copies/1/name", "name_taken")}
    answer = copy(meter, {"copies": [{"name": "meter-2"}, {"name": "meter-3"}],
                          "stride": {"holding_register": 1, "input_register": 100, "coil": 9}}, 409)
    assert {row["code"] for row in answer["errors"]} == {"overlap"}
    assert {row["pointer"] for row in answer["errors"]} == {"/copies/1"}
    answer = copy(meter, {"copies": [{"name": f"meter-{n}"} for n in range(2, 9)],
                          "stride": {"holding_register": 10000}}, 422)
    assert ("/stride/holding_register", "out_of_range") in faults(answer)
    for body in ({}, {"copies": []}, {"copies": {}}, [], 5, {"copies": [{}]}):
        assert copy(meter, body, 422)["errors"]
    copy(meter, {"copies": [{"name": "meter-2", "topic": "plain"}]}, 404, device="nobody")
    stale = meter.api.request("POST", "/devices/meter-1/copy", {"copies": [{"name": "meter-2"}]},
                              {"Authorization": f"Bearer {meter.token}", "If-Match": '"1000"'})
    assert stale.status == 412
    assert state(meter) == before


def test_a_copy_on_another_server(ops):
    ops.must("POST", "/import", {"devices": [{
        "name": "plc-1", "network": {"modbus_host": "10.9.9.9", "unit_id": 1},
        "status": {"address": 10}, "mqtt": {"topic": "plc/plc-1"},
        "tags": [{"name": "x", "modbus": {"address": 100}}]}]})
    answer = copy(ops, {"copies": [{"name": "plc-2"}]}, 422, device="plc-1")
    assert faults(answer) == {("/stride/holding_register", "required")}
    made = copy(ops, {"copies": [{"name": "plc-2"}], "stride": {"holding_register": 10}},
                device="plc-1")["devices"][0]
    assert made["tags"][0]["modbus"]["address"] == 110 and made["status"]["address"] >= 14
    assert made["network"]["modbus_host"] == "10.9.9.9"
    made = copy(ops, {"copies": [{"name": "plc-3", "unit_id": 7}]}, device="plc-1")["devices"][0]
    assert made["tags"][0]["modbus"]["address"] == 100


PROFILE = {"name": "meter", "params": {"serial": {}},
           "device": {"mqtt": {"topic": "m/{serial}/data"}},
           "tags": [{"name": "power", "modbus": {"type": "float32", "address": 0}},
                    {"name": "state", "modbus": {"type": "uint16", "address": 2}}]}


def profiles(ops):
    """Profiles and all tags, without what each change renews."""
    answer = [ops.must("GET", f"/profiles/{item['name']}")
              for item in ops.must("GET", "/profiles")["items"]]
    for profile in answer:
        for name in ("id", "revision", "created_at", "updated_at"):
            del profile[name]
        for tag in profile["tags"]:
            del tag["id"]
    tags = ops.must("GET", "/tags?limit=1000")["items"]
    return answer, [(tag["device"], tag["name"], tag["modbus"]) for tag in tags], [
        (device["name"], device["profile"], device["mqtt"]) for device in
        ops.must("GET", "/devices")["items"]]


def use(serial):
    return {"profile": {"name": "meter", "params": {"serial": serial}}}


@pytest.mark.parametrize("step", [
    ("PUT", "/profiles/other", dict(PROFILE, name="other")),
    ("PATCH", "/profiles/meter", {"tags": [dict(PROFILE["tags"][0], unit="W"), {
        "name": "more", "modbus": {"type": "int16", "address": 3}}]}),
    ("PATCH", "/profiles/meter", {"name": "renamed"}),
    ("PATCH", "/profiles/meter", {"device": {"mqtt": {"topic": "n/{serial}"}}}),
    ("DELETE", "/profiles/unused", None),
    ("PUT", "/devices/c", use("33")),
    ("DELETE", "/devices/a", None),
    ("PATCH", "/devices/a", {"profile": {"params": {"serial": "99"}}}),
    ("PATCH", "/devices/a", {"profile": None})], ids=lambda step: f"{step[0]}{step[1][:10]}")
def test_changes_of_profiles_are_undone(ops, step):
    ops.must("POST", "/profiles", PROFILE)
    ops.must("POST", "/profiles", dict(PROFILE, name="unused"))
    for name, serial in (("a", "11"), ("b", "22")):
        ops.must("PUT", f"/devices/{name}", use(serial))
    ops.must("PUT", "/devices/a/tags/own", {"modbus": {"address": 500}})
    revision, before = ops.must("GET", "/readyz?need=store")["revision"], profiles(ops)
    ops.must(*step)
    newest, after = ops.must("GET", "/readyz?need=store")["revision"], profiles(ops)
    assert after != before
    ops.must("POST", f"/revert?to={revision}")
    assert profiles(ops) == before
    ops.must("POST", f"/revert?to={newest}")
    assert profiles(ops) == after
    ops.must("POST", f"/revert?to={revision}")
    ops.must(*step)
    undo(ops, "newest")
    assert profiles(ops) == before


def exact(ops):
    """All of the configuration, with all ids, but without what each change renews."""
    def strip(body):
        if isinstance(body, dict):
            return {name: strip(value) for name, value in body.items()
                    if name not in ("revision", "updated_at")}
        return [strip(item) for item in body] if isinstance(body, list) else body
    return strip([ops.must("GET", "/export"), ops.must("GET", "/tags?limit=1000")["items"]])


def test_thirty_devices_of_a_profile_are_undone_by_one_command(ops):
    ops.must("POST", "/profiles", PROFILE)
    before = exact(ops)
    ops.must("POST", "/profiles/meter/devices",
             [{"name": f"m{n}", "params": {"serial": str(n)}} for n in range(30)])
    after = exact(ops)
    answer = undo(ops, "newest", 409)
    assert "confirm=90" in answer["errors"][0]["detail"]
    assert undo(ops, "newest", confirm=90)["deleted"] == 90
    assert exact(ops) == before
    undo(ops, "newest")
    assert exact(ops) == after, "with the ids of all tags"
    ops.must("POST", "/profiles/meter/devices",
             [{"name": name, "params": {"serial": name}} for name in ("n1", "n2")])
    row = ops.audit("?limit=1")[0]
    assert (row["action"], row["kind"], row["profile"]) == ("create", "all", "meter")
    ops.must("PUT", "/devices/later", DEVICE)
    undo(ops, row)
    ops.must("DELETE", "/devices/later")
    assert exact(ops) == after


def test_a_profile_of_a_device_is_undone_by_one_command(ops):
    ops.must("PUT", "/devices/a", dict(DEVICE, mqtt={"topic": "m/a"}))
    ops.must("PUT", "/devices/a/tags/x", {})
    before = exact(ops)
    ops.must("POST", "/profiles", {"from_device": "a", "name": "p", "use": True})
    after = exact(ops)
    for wanted in (before, after, before):
        undo(ops, "newest")
        assert exact(ops) == wanted


def test_a_device_took_a_profile(ops):
    """Undone later, by its entry: the tags that it got with the profile go, its own stay."""
    ops.must("POST", "/profiles", PROFILE)
    for name in "ab":
        ops.must("PUT", f"/devices/{name}", DEVICE)
    ops.must("PUT", "/devices/a/tags/own", {})
    before = exact(ops)[1]
    ops.must("PATCH", "/devices/a", dict(use("11"), mqtt={"topic": None}))
    entry = ops.audit("?limit=1")[0]
    ops.must("PUT", "/devices/b/tags/later", {})
    undo(ops, entry)
    assert [tag for tag in exact(ops)[1] if tag["name"] != "later"] == before
    assert ops.must("GET", "/devices/a")["mqtt"]["topic"] == "t"
    # The undo can be undone in the same way.
    revert = ops.audit("?limit=1")[0]
    ops.must("PATCH", "/devices/b/tags/later", {"unit": "K"})
    undo(ops, revert)
    assert {tag["name"] for tag in ops.must("GET", "/devices/a/tags")["items"]} == {
        "own", "power", "state"}


def test_a_profile_that_is_gone_or_in_the_way(ops):
    ops.must("POST", "/profiles", PROFILE)
    ops.must("PUT", "/devices/a", use("11"))
    ops.must("PATCH", "/devices/a", {"profile": None})
    left = ops.audit("?limit=1")[0]
    ops.must("PATCH", "/profiles/meter", {"name": "other"})
    answer = undo(ops, left, 409)
    assert codes(answer) == {"unknown_profile"} and "meter" in answer["errors"][0]["detail"]
    ops.must("DELETE", "/devices/a")
    ops.must("PATCH", "/profiles/other", {"name": "meter"})

    ops.must("PUT", "/devices/b", DEVICE)
    tag = {"mqtt": {"key": "state"}, "modbus": {"type": "uint16", "address": 2}}
    ops.must("PUT", "/devices/b/tags/state", tag)
    own = ops.audit("?limit=1")[0]
    ops.must("PATCH", "/devices/b", {"profile": dict(use("1")["profile"],
                                                     base={"holding_register": 0}),
                                     "mqtt": {"topic": None}})
    answer = undo(ops, own, 409)
    assert codes(answer) == {"changed_since"}
    assert "b/state follows the profile of b" in answer["errors"][0]["detail"]


def test_a_table_that_a_profile_gets(ops):
    """Its base is allocated again when the change of the profile is done again, later."""
    ops.must("POST", "/profiles", PROFILE)
    ops.must("PUT", "/devices/a", use("11"))
    ops.must("PATCH", "/profiles/meter", {"tags": PROFILE["tags"] + [
        {"name": "on", "modbus": {"table": "coil"}}]})
    change = ops.audit("?limit=1")[0]
    ops.must("PUT", "/devices/b", DEVICE)
    undo(ops, change)
    revert = ops.audit("?limit=1")[0]
    ops.must("PUT", "/devices/c", DEVICE)
    undo(ops, revert)
    assert {tag["name"] for tag in ops.must("GET", "/devices/a/tags")["items"]} == {
        "on", "power", "state"}
    assert "coil" in ops.must("GET", "/devices/a")["profile"]["base"]


def random_profile(dice, name):
    tags = []
    for tag in dice.sample("abcdef", dice.randrange(1, 5)):
        table, kind = dice.choice([("input_register", "float32"), ("input_register", "uint16"),
                                   ("holding_register", "int32"), ("coil", "bool")])
        tags.append({"name": tag, "unit": dice.choice("VA"),
                     "modbus": {"table": table, "type": kind}})
    device = {"mqtt": {"topic": dice.choice(["m/{serial}", "{device}/x"])}}
    if dice.random() < 0.3:
        device["status"] = {"table": "input_register", "address": 24}
    return {"name": name, "params": {"serial": {"default": "0"}}, "device": device, "tags": tags,
            "room": dice.choice([{}, {"input_register": 30, "holding_register": 30}])}


def random_change(dice):
    device, tag, profile = (f"d{dice.randrange(4)}", dice.choice("abcdexyz"), dice.choice("pq"))
    used = {"name": profile, "params": {"serial": str(dice.randrange(9))}}
    own = {"modbus": {"type": "uint16"}}
    return dice.choice([
        ("PUT", f"/profiles/{profile}", random_profile(dice, profile)),
        ("PUT", f"/profiles/{profile}", random_profile(dice, profile)),
        ("PATCH", f"/profiles/{profile}", {"name": dice.choice("pqr")}),
        ("PATCH", f"/profiles/{profile}", {"device": {"mqtt": {"qos": dice.randrange(3)}}}),
        ("DELETE", f"/profiles/{profile}", None),
        ("POST", f"/profiles/{profile}/devices", [{"name": name} for name in ("d1", "d2")]),
        ("POST", "/profiles", {"from_device": device, "name": profile, "use": True}),
        ("PUT", f"/devices/{device}", {"profile": used}),
        ("PUT", f"/devices/{device}", DEVICE),
        ("PATCH", f"/devices/{device}", {"profile": dice.choice([used, None])}),
        ("PATCH", f"/devices/{device}", {"profile": {"base": "new"}}),
        ("PATCH", f"/devices/{device}", {"name": f"d{dice.randrange(4)}"}),
        ("DELETE", f"/devices/{device}", None),
        ("POST", f"/devices/{device}/copy", {"copies": [{"name": "d3", "topic": "z"}]}),
        ("PUT", f"/devices/{device}/tags/{tag}", own),
        ("PATCH", f"/devices/{device}/tags/{tag}", {"name": dice.choice("abxyz")}),
        ("PATCH", f"/devices/{device}/tags/{tag}", {"device": f"d{dice.randrange(4)}"}),
        ("DELETE", f"/devices/{device}/tags/{tag}", None),
        ("POST", "/import?mode=replace", {"profiles": [random_profile(dice, profile)], "devices": [
            {"name": device, "profile": used}]})])


def confirmed(ops, method, path, body):
    """Sends a request, and confirms what it deletes."""
    answer = ops.request(method, path, body)
    if answer.status == 409 and codes(answer.json()) == {"confirm_required"}:
        number = answer.json()["errors"][0]["detail"].split("This deletes ")[1].split()[0]
        answer = ops.request(method, f"{path}{'&' if '?' in path else '?'}confirm={number}", body)
    return answer


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_changes_is_undone_exactly(ops, stack, seed):
    """Random changes, some undone by their entries, others at once, and all at the end."""
    dice = random.Random(seed)
    states = []
    for _ in range(120):
        revision, before = ops.must("GET", "/readyz?need=store")["revision"], exact(ops)
        states.append((revision, before))
        method, path, body = random_change(dice)
        if dice.random() < 0.1:
            entry = dice.choice(ops.audit("?limit=30"))["id"]
            method, path, body = "POST", f"/audit/{entry}/revert", None
        answer = confirmed(ops, method, path, body)
        assert answer.status in (200, 201, 204, 404, 409, 422), (path, body, answer.body)
        after = exact(ops)
        assert answer.status < 400 or after == before
        if after != before:
            for wanted in (before, after):
                answer = confirmed(ops, "POST", "/audit/newest/revert", None)
                assert answer.status == 200, (method, path, body, answer.body)
                assert exact(ops) == wanted, (method, path, body)
        if dice.random() < 0.1:
            revision, wanted = dice.choice(states[-20:])
            assert confirmed(ops, "POST", f"/revert?to={revision}", None).status == 200
            assert exact(ops) == wanted
    with read_store(stack.common["common.database"]) as store:
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        assert store.execute("SELECT count(*) FROM tag WHERE id NOT IN (SELECT tag_id FROM span"
                             " WHERE tag_id IS NOT NULL)").fetchone() == (0,)
        assert store.execute("SELECT count(*) FROM (SELECT slot FROM tag UNION ALL SELECT slot FROM"
                             " device) JOIN free_slot USING (slot)").fetchone() == (0,)
    revision, wanted = states[0]
    assert confirmed(ops, "POST", f"/revert?to={revision}", None).status == 200
    assert exact(ops) == wanted


def test_copies_of_a_device_with_a_profile(ops):
    ops.must("POST", "/profiles", PROFILE)
    ops.must("PUT", "/devices/meter-1", use("11"))
    ops.must("PUT", "/devices/meter-1/tags/own", {"modbus": {"address": 50}})
    answer = copy(ops, {"copies": [{"name": "meter-2", "params": {"serial": "22"}},
                                   {"name": "meter-3", "params": {"serial": "33"}}]})
    assert answer["created"] == 8
    for number in (2, 3):
        device = ops.must("GET", f"/devices/meter-{number}")
        assert device["mqtt"]["topic"] == f"m/{number}{number}/data"
        assert device["profile"]["params"] == {"serial": f"{number}{number}"}
        assert [tag["name"] for tag in ops.must("GET", f"/devices/meter-{number}/tags")["items"]
                ] == ["own", "power", "state"]
    answer = copy(ops, {"copies": [{"name": "meter-4", "params": {"nobody": 1}}]}, 422)
    assert {row["pointer"] for row in answer["errors"]} == {"/copies/0/params"}
    undo(ops)
    assert ops.must("GET", "/devices")["total"] == 1


def test_a_killed_revert_does_all_or_nothing(stack):
    ops = Client(stack.start_api(), "ops")
    dice = random.Random(7)
    tags = [{"name": f"t{n}"} for n in range(2000)]
    ops.must("POST", "/import?changes=none", {"devices": [dict(DEVICE, name="a", tags=tags)]})
    full = 2000
    for _ in range(8):
        newest = ops.audit("?limit=1")[0]["id"]
        count = ops.must("GET", "/tags?limit=1")["total"]
        query = "?confirm=2001&changes=none" if count == full else "?changes=none"
        killer = threading.Timer(dice.random() * 0.4, ops.api.kill)
        killer.start()
        try:
            ops.request("POST", f"/audit/newest/revert{query}")
        except OSError:
            pass  # http.client's errors are not all OSErrors
        except http.client.HTTPException:
            pass
        killer.join()
        ops.api.start()
        now = ops.must("GET", "/tags?limit=1")["total"]
        assert now in (0, full)
        assert (now != count) == (ops.audit("?limit=1")[0]["id"] != newest)
        assert len(ops.must("GET", "/devices")["items"]) == (1 if now else 0)


def test_concurrent_writers_and_reverts(ops):
    """Each change and each revert is one step: at the end everything can still be undone."""
    ops.must("PUT", "/devices/a", DEVICE)
    revision, before = ops.must("GET", "/readyz?need=store")["revision"], state(ops)
    failed = []

    def write(number):
        for step in range(30):
            path = f"/devices/a/tags/t{number}-{step % 5}"
            answers = [ops.request("PUT", path, {"unit": f"u{step}"}),
                       ops.request("PATCH", path, {"description": str(step)}),
                       ops.request("POST", "/audit/newest/revert?confirm=1" if step % 3 == 0
                                   else "/audit/newest/revert"),
                       ops.request("PATCH", path, {"name": f"r{number}-{step}"})]
            failed.extend(answer.body for answer in answers
                          if answer.status not in (200, 201, 404, 409))
    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failed
    after, newest = state(ops), ops.must("GET", "/readyz?need=store")["revision"]
    ops.must("POST", f"/revert?to={revision}&changes=none&confirm={len(after[0]['tags'])}")
    assert state(ops) == before
    ops.must("POST", f"/revert?to={newest}&changes=none")
    assert state(ops) == after
