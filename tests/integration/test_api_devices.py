"""Devices over HTTP, from outside."""

import http.client
import json
import re
import socket
import tempfile

import pytest

from harness import DEADLINE, eventually
from store_file import open_store


API_OPTIONS = {}


@pytest.fixture
def api(lone_api):
    return lone_api


def errors(answer):
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status and body["title"] and body["type"] and body["detail"]
    return {(error["pointer"], error["code"]) for error in body["errors"]}


def test_create_read_delete(api):
    made = api.request("POST", "/devices", {"name": "a", "mqtt": {"topic": "x/+/y"}})
    assert made.status == 201
    assert made.headers["Location"] == "/api/v1/devices/a"
    device = made.json()
    assert made.headers["ETag"] == f'"{device["revision"]}"'
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", device["created_at"])
    for member in ("id", "revision", "created_at", "updated_at"):
        del device[member]
    assert device == {
        "name": "a", "label": "", "description": "", "enabled": True, "profile": None,
        "network": {"address": None, "modbus_host": None, "modbus_port": 502, "unit_id": 1,
                    "max_write_registers": 123, "min_interval_ms": 0, "write_single": False,
                    "poll_interval_ms": 1000, "rewrite_on_reconnect": True, "gateway": None,
                    "framing": "tcp", "tls": False},
        "mqtt": {"topic": "x/+/y", "qos": 1, "availability_topic": None, "availability_key": None,
                 "payload_available": "online", "payload_unavailable": "offline",
                 "stale_after_s": 0, "timestamp_key": None, "where": None, "request": None},
        "status": None}
    assert api.get("/devices/a").json() == made.json()
    assert api.request("DELETE", "/devices/a").status == 204
    assert api.get("/devices/a").status == 404
    assert api.request("DELETE", "/devices/a").status == 404


def test_dry_run_changes_nothing(api):
    """What it answers is what the change itself answers."""
    def whole(answer):
        return {key: value for key, value in answer.json().items() if key not in ("revision", "created_at", "updated_at")}

    device, tag = {"name": "a", "mqtt": {"topic": "t"}}, {"name": "x", "modbus": {"address": 100}}
    steps = [("POST", "/devices", device), ("POST", "/devices/a/tags", tag), ("POST", "/devices/a/tags", {"name": "y"}),
             ("PATCH", "/devices/a/tags/y", {"modbus": {"address": 40101}}), ("PUT", "/devices/a/tags/y", {"unit": "K"}),
             ("PUT", "/devices/b", device | {"name": "b"}), ("PATCH", "/devices/a", {"name": "c"})]
    for method, path, body in steps:
        before = api.must("GET", "/export")
        there = api.get(path).headers["ETag"] if method != "POST" else None
        dry = api.request(method, f"{path}?dry_run=true", body)
        assert dry.headers["ETag"] == there, "good for If-Match of the change itself"
        assert dry.status == 200 and api.must("GET", "/export") == before
        done = api.must(method, path, body)
        assert whole(dry) == {key: done[key] for key in whole(dry)}
    refused = api.request("PATCH", "/devices/c/tags/y?dry_run=true", {"modbus": {"address": 100}})
    assert refused.status == 409 and errors(refused) == {("/modbus/address", "overlap")}
    assert api.request("PATCH", "/devices/c?dry_run=true", {}, {"If-Match": '"1"'}).status == 412
    for path in ("/devices/c", "/devices/c/tags/x"):
        assert api.request("DELETE", f"{path}?dry_run=true").status == 204 and api.get(path).status == 200
    for n in range(20):
        api.must("POST", "/devices/c/tags", {"name": f"t{n}"})
    assert api.request("DELETE", "/devices/c?dry_run=true").status == 204
    assert api.request("DELETE", "/devices/c").json()["confirm"] == 23
    assert api.request("DELETE", "/devices/c?dry_run=perhaps").status == 400


def test_every_fault_at_once(api):
    answer = api.request("POST", "/devices", {
        "name": "-x", "enabled": 1, "colour": "red", "mqtt": {"topic": "a/#/b", "qos": 3, "q": 1},
        "network": {"unit_id": 1.5, "modbus_port": 0, "modbus_host": "a b"},
        "status": {"table": "coil"}})
    assert answer.status == 422
    assert errors(answer) == {
        ("/name", "invalid_name"), ("/enabled", "wrong_type"), ("/colour", "unknown_field"),
        ("/mqtt/topic", "invalid_topic"), ("/mqtt/qos", "out_of_range"),
        ("/mqtt/q", "unknown_field"), ("/network/unit_id", "wrong_type"),
        ("/network/modbus_port", "out_of_range"), ("/network/modbus_host", "invalid_host"),
        ("/status/table", "invalid_choice"), ("/status/address", "required")}


@pytest.mark.parametrize("topic", ["a\x01", "a\x7f/b", "\ufffe", "/" * 201])
def test_topics_that_no_broker_takes(api, topic):
    """Such a filter would end mqttd's connection, or affect the other topics."""
    api.device("a", "t")
    answer = api.request("PATCH", "/devices/a", {"mqtt": {"topic": topic,
                                                          "availability_topic": topic}})
    assert answer.status == 422
    assert errors(answer) == {("/mqtt/topic", "invalid_topic"),
                              ("/mqtt/availability_topic", "invalid_topic")}
    answer = api.request("PUT", "/devices/a/tags/x", {"mqtt": {"command_topic": topic}})
    assert answer.status == 422 and errors(answer) == {("/mqtt/command_topic", "invalid_topic")}


def test_missing_members_are_named(api):
    answer = api.request("POST", "/devices", {})
    assert answer.status == 422
    assert errors(answer) == {("/name", "required"), ("/mqtt/topic", "required")}


def test_name_taken(api):
    api.device("a", "t")
    answer = api.request("POST", "/devices", {"name": "a", "mqtt": {"topic": "t"}})
    assert answer.status == 409 and errors(answer) == {("/name", "name_taken")}


@pytest.mark.parametrize("body", [b"", b"{", b"nope", b'{"a":1}x', b'{"a":01}', b'\xff',
                                  b'{"name":"a\\u0000"}', b"[" * 5000])
def test_not_json(api, body):
    answer = api.request("POST", "/devices", body)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_that_is_no_object(api):
    answer = api.request("POST", "/devices", [1])
    assert answer.status == 422 and ("", "wrong_type") in errors(answer)


def test_repeated_member(api):
    answer = api.request("POST", "/devices", b'{"name":"a","name":"b","mqtt":{"topic":"t"}}')
    assert answer.status == 422 and errors(answer) == {("/name", "duplicate")}


def test_put_creates_and_replaces(api):
    made = api.request("PUT", "/devices/a", {"mqtt": {"topic": "t"}, "description": "first"})
    assert made.status == 201 and made.json()["name"] == "a"
    again = api.request("PUT", "/devices/a", {"mqtt": {"topic": "u"}})
    assert again.status == 200
    assert again.json()["mqtt"]["topic"] == "u" and again.json()["description"] == ""
    assert again.json()["id"] == made.json()["id"]
    assert again.json()["revision"] > made.json()["revision"]


def test_put_of_what_was_read_changes_nothing(api):
    api.device("a", "t", status={"address": 9000})
    before = api.get("/devices/a")
    answer = api.request("PUT", "/devices/a", before.json())
    assert answer.status == 200 and answer.json() == before.json()
    assert answer.headers["ETag"] == before.headers["ETag"]


def test_put_of_another_name(api):
    answer = api.request("PUT", "/devices/a", {"name": "b", "mqtt": {"topic": "t"}})
    assert answer.status == 422 and errors(answer) == {("/name", "name_mismatch")}


def test_put_of_an_invalid_name(api):
    answer = api.request("PUT", "/devices/-a", {"mqtt": {"topic": "t"}})
    assert answer.status == 422 and errors(answer) == {("/name", "invalid_name")}


def test_conditions(api):
    api.device("a", "t")
    tag = api.get("/devices/a").headers["ETag"]
    body = {"mqtt": {"topic": "u"}}
    stale = {"If-Match": '"999999"'}
    assert api.request("PUT", "/devices/a", body, {"If-None-Match": "*"}).status == 412
    assert api.request("PUT", "/devices/b", body, {"If-Match": "*"}).status == 412
    assert api.request("PUT", "/devices/b", body, {"If-None-Match": "*"}).status == 201
    assert api.request("PATCH", "/devices/a", body, stale).status == 412
    assert api.request("DELETE", "/devices/a", headers=stale).status == 412
    assert api.get("/devices/a", headers={"If-None-Match": tag}).status == 304
    assert api.get("/devices/a", headers={"If-None-Match": '"1000"'}).status == 200
    assert api.request("PATCH", "/devices/a", body, {"If-Match": f'"0", {tag}'}).status == 200
    assert api.get("/devices/a", headers={"If-None-Match": tag}).status == 200
    assert api.request("PATCH", "/devices/a", body, {"If-Match": tag}).status == 412


def test_what_adds_to_the_whole_honours_if_match(api):
    """The entity tag of a list or an export is the store's revision."""
    for path, add in (("/devices", lambda n: {"name": f"d{n}", "mqtt": {"topic": "t"}}),
                      ("/devices/d1/tags", lambda n: {"name": f"t{n}"})):
        old = {"If-Match": api.get(path).headers["ETag"]}
        assert api.request("POST", path, add(1), old).status == 201
        assert api.request("POST", path, add(2), old).status == 412
        new = {"If-Match": api.get(path).headers["ETag"]}
        assert api.request("POST", path, add(2), new).status == 201
    whole = api.get("/export")
    seen = {"If-Match": whole.headers["ETag"]}
    assert api.get("/export", headers={"If-None-Match": seen["If-Match"]}).status == 304
    api.must("DELETE", "/devices/d2")
    answer = api.request("POST", "/import?mode=replace", whole.json(), seen)
    assert answer.status == 412 and api.get("/devices").json()["total"] == 1
    assert api.get("/export", headers={"If-None-Match": seen["If-Match"]}).status == 200
    seen["If-Match"] = api.get("/export").headers["ETag"]
    assert api.request("POST", "/import?mode=replace", whole.json(), seen).status == 200
    assert api.get("/devices").json()["total"] == 2


def test_patch_merges(api):
    api.device("a", "t", mqtt={"stale_after_s": 5}, status={"address": 8},
               network={"address": "10.0.0.1"})
    device = api.must("PATCH", "/devices/a", {"mqtt": {"qos": 2, "stale_after_s": None},
                                              "status": None})
    assert device["mqtt"]["topic"] == "t" and device["mqtt"]["qos"] == 2
    assert device["mqtt"]["stale_after_s"] == 0 and device["status"] is None
    assert device["network"]["address"] == "10.0.0.1"
    answer = api.request("PATCH", "/devices/a", {"mqtt": {"topic": None}})
    assert answer.status == 422 and errors(answer) == {("/mqtt/topic", "required")}
    assert api.request("PATCH", "/devices/none", {}).status == 404


def test_patch_that_changes_nothing_keeps_the_revision(api):
    api.device("a", "t")
    before = api.get("/devices/a").json()
    assert api.must("PATCH", "/devices/a", {"mqtt": {"topic": "t"}}) == before


def test_groups(api):
    api.device("a", "t")
    assert api.get("/devices/a/mqtt").json() == api.get("/devices/a").json()["mqtt"]
    assert api.get("/devices/a/network").json() == api.get("/devices/a").json()["network"]
    mqtt = api.must("PUT", "/devices/a/mqtt", {"topic": "u", "qos": 0})
    assert mqtt["topic"] == "u" and api.get("/devices/a").json()["mqtt"] == mqtt
    answer = api.request("PUT", "/devices/a/mqtt", {"qos": 9, "x": 1})
    assert answer.status == 422
    assert errors(answer) == {("/qos", "out_of_range"), ("/x", "unknown_field"),
                              ("/topic", "required")}
    assert api.must("PUT", "/devices/a/network", {"address": "h"})["address"] == "h"
    assert api.get("/devices/a").json()["mqtt"] == mqtt
    assert api.get("/devices/b/mqtt").status == 404
    assert api.request("PUT", "/devices/b/mqtt", {"topic": "t"}).status == 404


def test_unknown_unit(api):
    answer = api.request("POST", "/devices", {"name": "a", "mqtt": {"topic": "t"},
                                              "network": {"unit_id": 7}})
    assert answer.status == 422 and errors(answer) == {("/network/unit_id", "unknown_unit")}
    foreign = {"modbus_host": "10.9.9.9", "unit_id": 7}
    api.device("a", "t", network=foreign)
    assert api.get("/devices/a/network").json()["unit_id"] == 7
    for unit, status in ((0, 200), (247, 200), (248, 422), (254, 422), (255, 200)):
        answer = api.request("PATCH", "/devices/a", {"network": {"unit_id": unit}})
        assert answer.status == status, unit
    assert "reserved" in api.request("PUT", "/devices/a/network", dict(
        foreign, unit_id=250)).json()["errors"][0]["detail"]


def test_list_pages(api):
    for name in ("c", "a", "b", "Z"):
        api.device(name, "t", description=f"The {name} Boiler")
    page = api.get("/devices?limit=2").json()
    assert [item["name"] for item in page["items"]] == ["Z", "a"]
    assert page["total"] == 4 and page["next"] == "a"
    page = api.get("/devices?limit=2&after=a").json()
    assert [item["name"] for item in page["items"]] == ["b", "c"] and page["next"] is None
    page = api.get("/devices?q=THE%20b").json()
    assert [item["name"] for item in page["items"]] == ["b"] and page["total"] == 1
    assert api.get("/devices?q=%25").json()["total"] == 0
    api.must("PATCH", "/devices/b", {"description": "Kühlwasser ΔT"})
    for needle in ("K%C3%9CHL", "k%C3%BChl", "%CE%B4t", "%CE%94T"):
        assert api.get(f"/devices?q={needle}").json()["total"] == 1
    for bad in ("limit=0", "limit=1001", "limit=x", "limit=1&limit=1", "nope=1", "q=%zz", "q=%ff"):
        answer = api.get(f"/devices?{bad}")
        assert answer.status == 400, bad
        assert answer.headers["Content-Type"] == "application/problem+json"
    tag = api.get("/devices").headers["ETag"]
    assert api.get("/devices", headers={"If-None-Match": tag}).status == 304
    api.must("DELETE", "/devices/Z")
    assert api.get("/devices", headers={"If-None-Match": tag}).status == 200


def test_status_before_any_message(api):
    api.device("a", "t")
    assert api.get("/devices/a/status").json() == {
        "device": "a", "quality": "never", "reason": "mqttd_down", "gateway": None,
        "last_message_at": None,
        "messages": 0, "rejects": 0, "last_error": None}


def test_methods_and_paths(api):
    answer = api.request("PATCH", "/devices")
    assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    answer = api.request("OPTIONS", "/devices/a")
    assert answer.status == 204
    assert answer.headers["Allow"] == "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"
    for path in ("//", "/nope", "/devices/", "/devices/a/b", "/devices/a%2Ftags", "/devices/%00"):
        assert api.get(path).status == 404, path
    api.device("a", "t")
    head = api.request("HEAD", "/devices/a")
    assert head.status == 200 and head.body == b""
    assert int(head.headers["Content-Length"]) == len(api.get("/devices/a").body)


@pytest.mark.parametrize("target", ["/devices/{}", "/devices?{}=1", "/messages?device={}"])
def test_a_long_name_is_not_cut_within_a_character(api, target):
    answer = api.get(target.format("a" + "%C3%A4" * 40))
    assert "a\u00e4\u00e4" in answer.json()["detail"]


def test_content_type(api):
    body = {"name": "a", "mqtt": {"topic": "t"}}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
        assert api.request("POST", "/devices", body, {"Content-Type": kind}).status == 415
    kind = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert api.request("POST", "/devices", body, kind).status == 201
    kind = {"Content-Type": "application/merge-patch+json"}
    assert api.request("PATCH", "/devices/a", {"enabled": False}, kind).status == 200
    assert api.request("POST", "/devices", body, kind).status == 415


def test_persists(api):
    api.device("a", "t")
    before = api.get("/devices/a").json()
    api.kill()
    api.start()
    assert api.get("/devices/a").json() == before


def test_health(api):
    assert api.get("/healthz").json() == {"status": "ok"}
    ready = api.get("/readyz?need=store").json()
    assert ready["status"] == "ready" and ready["mqttd"]["state"] == "down"


def test_a_kept_page_goes_with_the_next_change(api):
    api.device("a", "t")
    pages = [api.get("/devices?limit=1") for _ in range(2)]
    assert pages[0].body == pages[1].body
    api.must("PATCH", "/devices/a", {"description": "other"})
    assert api.get("/devices?limit=1").json()["items"][0]["description"] == "other"
    for n in range(12):  # more pages than the cache holds
        assert api.get(f"/devices?limit=1&q=a&after={n}").json()["items"][0]["name"] == "a"
    assert api.get("/devices?limit=1").json()["items"][0]["description"] == "other"


def test_old_deletions_are_forgotten(api, stack):
    api.stop()
    with open_store(stack.common["common.database"]) as store:
        store.executemany("INSERT INTO gone (revision, kind, id) VALUES (?, 'tag', ?)",
                          ((n, n) for n in range(1, 100_501)))
        store.execute("UPDATE store SET revision = 100500")
    api.start()
    api.stop()
    with open_store(stack.common["common.database"]) as store:
        assert store.execute("SELECT gone_from FROM store").fetchall() == [(500,)]
        assert store.execute("SELECT min(revision), count(*) FROM gone").fetchall() == [
            (501, 100_000)]


def test_another_local_server_moves_the_registers(api, stack):
    """The configuration defines the local server, and may change it."""
    api.device("here", "t", tags=[{"name": "x", "modbus": {"address": 5}}])
    api.device("there", "t", network={"modbus_host": "127.0.0.1", "modbus_port": 1502},
               tags=[{"name": "x", "modbus": {"address": 5}}])
    api.stop()
    api.options["common.modbus"] = "127.0.0.1:1502"
    api.start()
    api.wait_log("share registers of holding_register")
    answer = api.request("POST", "/devices/there/tags", {"name": "y"})
    assert answer.json()["modbus"]["address"] == 0, "local now, so that addresses are allocated"


def test_status_in_words(api):
    api.device("a", "t", tags=[{"name": "x"}])
    eventually(lambda: "STATUS=1 device, 1 tag, mqttd is down" in api.read_notices(0.02),
               "the service manager hears what is served")


def pipelined(api, requests):
    """The answers to requests that are sent at once: status, JSON, ETag."""
    host, port = api.options["api.listen"].rsplit(":", 1)
    data = b""
    for method, path, body in requests:
        text = json.dumps(body).encode() if body else b""
        data += (f"{method} {api.base}{path} HTTP/1.1\r\nHost: x\r\n"
                 f"Content-Length: {len(text)}\r\n\r\n").encode() + text
    with socket.create_connection((host, int(port)), timeout=DEADLINE) as connection:
        connection.sendall(data)
        with connection.makefile("rb") as file:
            return [read_answer(file) for _ in requests]


def read_answer(file):
    status = int(file.readline().split()[1])
    headers = http.client.parse_headers(file)
    return status, json.loads(file.read(int(headers["Content-Length"]))), headers["ETag"]


def test_what_was_changed_is_read_at_once(stack):
    """The cache holds answers until the store changes: the next request must see each change. On
    tmpfs, where a change is so fast that changes by other processes may go unnoticed."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        api = stack.start_api(common__database=f"{folder}/tagferry.db")
        api.device("a", "t", tags=[{"name": "x"}])
        for number in range(50):
            for path in ("/devices/a", "/devices/a/tags/x"):
                kept, changed, seen = pipelined(api, [
                    ("GET", path, None), ("PATCH", path, {"description": f"{number}"}),
                    ("GET", path, None)])
                assert changed == seen and changed[0] == 200 and kept != seen
        api.stop()
