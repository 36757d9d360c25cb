"""Changing what is there: rename, move, copy, undo; and the audit that shows what differs."""

import pytest

from test_api_audit import DEVICE, Client


@pytest.fixture
def ops(stack):
    return Client(stack.start_api(), "ops")


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
