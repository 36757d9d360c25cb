"""tagferryctl: the commands that change something."""

import csv
import http.client
import http.server
import io
import threading
import json
import re

import pytest

from ctl import CHANGED, NOT_FOUND, REFUSED, USAGE, Ctl
from harness import Stack, eventually


class Between:
    """Passes requests on to an API, and does something before the first one that has this beginning."""

    def __init__(self, api):
        self.api, self.waits_for, self.action = api, None, None
        between = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if between.waits_for and f"{self.command} {self.path}".startswith(between.waits_for):
                    between.waits_for = None
                    between.action()
                link = http.client.HTTPConnection(api.options["api.listen"])
                link.request(self.command, self.path, body or None, {
                    name: self.headers[name] for name in ("If-Match", "Content-Type") if name in self.headers})
                answer = link.getresponse()
                data = answer.read()
                self.send_response(answer.status)
                for name in ("ETag", "Content-Type"):
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                link.close()
            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = pass_on

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def before(self, request, action):
        self.waits_for, self.action = request, action

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A gateway without a broker, for all tests of this file."""
    stack = Stack(tmp_path_factory.mktemp("change"))
    stack.start_modbusd()
    stack.start_api()
    yield stack
    stack.finish()


@pytest.fixture
def api(stack):
    yield stack.api
    for item in stack.api.must("GET", "/devices?limit=1000")["items"]:
        count = stack.api.must("GET", f"/devices/{item['name']}/tags")["total"] + 1
        stack.api.must("DELETE", f"/devices/{item['name']}?confirm={count}")
    for item in stack.api.must("GET", "/profiles")["items"]:
        stack.api.must("DELETE", f"/profiles/{item['name']}")


@pytest.fixture
def ctl(stack, api):
    return Ctl(stack.folder, f"http://{api.options['api.listen']}")


def rows(ran):
    return list(csv.DictReader(io.StringIO(ran.out)))


def test_set_merges_each_kind(ctl, api, tmp_path):
    api.device("boiler-7", "p/b", [{"name": "temp", "unit": "C", "mqtt": {"values": {"OFF": 0}}}])
    out = ctl.run("set", "boiler-7/temp", "modbus.scale=0.1", "mqtt.key=/a/b").out
    assert out == 'boiler-7/temp changed: mqtt.key "temp" -> "/a/b", modbus.scale 1 -> 0.1\n'
    assert ctl.run("set", "boiler-7/temp", "modbus.scale=0.1").out == "boiler-7/temp has these values already\n"
    (tmp_path / "text").write_text("null\r\n")
    (tmp_path / "values").write_text('{"ON": 1}\n')
    ctl.run("set", "boiler-7/temp", "label=123", "enabled=no", f"description=@{tmp_path}/text", "unit=@@home",
            f"mqtt.values=@{tmp_path}/values", "mqtt.values.eco.night=2", "mqtt.values.OFF=null", "modbus.on_stale=nan",
            "modbus.address=400301", "mqtt.topic=p/other", "mqtt.command_template=null")
    tag = api.must("GET", "/devices/boiler-7/tags/temp")
    assert (tag["label"], tag["enabled"], tag["description"], tag["unit"]) == ("123", False, "null", "@home")
    assert tag["mqtt"]["values"] == {"ON": 1, "eco.night": 2} and tag["mqtt"]["topic"] == "p/other"
    assert tag["modbus"]["on_stale"] == "nan" and tag["modbus"]["address"] == 300 and tag["modbus"]["scale"] == 0.1
    found = rows(ctl.run("set", "boiler-7", "status.table=input_register", "status.address=9000", "mqtt.qos=0", "-o", "csv"))
    assert [(row["object"], row["action"], row["pointer"], row["after"]) for row in found] == [
        ("boiler-7", "changed", "/mqtt/qos", "0"),
        ("boiler-7", "changed", "/status", '{"table":"input_register","address":9000}')]
    resource = ctl.run("set", "boiler-7", "status=null", "mqtt.where.id=5", "-o", "json").json()
    resource.pop("warnings", None)
    assert resource["status"] is None and resource == api.must("GET", "/devices/boiler-7")
    assert resource["mqtt"]["where"] == {"id": 5}
    warned = ctl.run("set", "boiler-7/temp", "modbus.type=int16", "modbus.on_stale=7", "mqtt.values=null")
    assert "modbus.on_stale" in warned.err and warned.err.startswith("warning: ")


@pytest.mark.parametrize("words, says", [
    (["modbus.scael=1"], "do you mean modbus.scale?"),
    (["scale=1"], "do you mean modbus.scale?"),
    (["modbus.x=1"], "modbus has table, address, type"),
    (["modbus.scale"], '"modbus.scale" must be MEMBER=VALUE'),
    (["modbus.scale=0,1"], "a point before decimals"),
    (["enabled=perhaps"], "enabled: it must be true or false"),
    (["mqtt.values=ON"], "mqtt.values: it must be a JSON object"),
    (["label=@/nowhere"], "label: /nowhere: No such file"),
])
def test_set_with_a_wrong_operand_sends_nothing(tmp_path, words, says):
    assert says in Ctl(tmp_path, "http://127.0.0.1:1").run("set", "boiler-7/temp", *words, status=USAGE).err


def test_set_says_what_the_server_refuses(ctl, api):
    api.device("a", "t", [{"name": "x", "modbus": {"address": 100}}, {"name": "y", "modbus": {"address": 102}}])
    err = ctl.run("set", "a/y", "modbus.scale=0", status=REFUSED).err
    assert err == "tagferryctl: a/y: modbus.scale: must not be 0\n"
    err = ctl.run("set", "a/y", "modbus.address=40102", status=REFUSED).err
    assert "modbus.address: holding_register 100 to 101" in err and "a/x" in err
    err = ctl.run("set", "a/y", "modbus.address=30102", status=USAGE).err
    assert "430103" in err and "300102" in err, "both meanings are named"
    ctl.run("set", "a/y", "modbus.table=holding_register", "modbus.address=30102")
    assert api.must("GET", "/devices/a/tags/y")["modbus"]["address"] == 30102


def test_set_dry_run_tells_what_the_change_does(ctl, api):
    api.device("a", "t", [{"name": "x", "modbus": {"address": 100}}, {"name": "y"}])
    before = api.must("GET", "/export")
    dry = ctl.run("set", "a/y", "modbus.type=int16", "modbus.scale=2", "--dry-run")
    refused = ctl.run("set", "a/y", "modbus.address=100", "--dry-run", status=REFUSED).err
    created = ctl.run("set", "a/z", "unit=K", "--create", "--dry-run")
    assert api.must("GET", "/export") == before
    assert ctl.run("set", "a/z", "unit=K", "--create").out == created.out.replace("would be created", "created")
    assert ctl.run("set", "a/y", "modbus.type=int16", "modbus.scale=2").out == dry.out.replace("would change", "changed")
    assert ctl.run("set", "a/y", "modbus.address=100", status=REFUSED).err == refused


def test_set_creates_only_with_create(ctl, api):
    err = ctl.run("set", "pump", "label=Pump", status=NOT_FOUND).err
    assert 'no device "pump"' in err and "--create" in err
    assert "set pump mqtt.topic=TOPIC --create" in ctl.run("set", "pump/x", "unit=K", "--create", status=NOT_FOUND).err
    assert "mqtt.topic: is required" in ctl.run("set", "pump", "label=Pump", "--create", status=REFUSED).err
    assert ctl.run("set", "pump", "mqtt.topic=a/b", "--create").out == "pump created: topic a/b, unit 1\n"
    assert "holding_register 100 (400101), int16" in ctl.run(
        "set", "pump/x", "modbus.type=int16", "modbus.address=40101", "--create").out
    assert ctl.run("set", "pump", "label=P", "--create").out == 'pump changed: label "" -> "P"\n'
    assert ctl.run("set", "profile:p", "label=P", 'tags=[{"name": "t"}]', "--create").out == "profile:p created\n"
    assert 'label "P" -> "Q"' in ctl.run("set", "profile:p", "label=Q").out


def test_set_what_somebody_else_changed(ctl, api):
    api.device("a", "t")
    old = ctl.run("set", "a", "label=1", "-o", "json").json()["revision"]
    api.must("PATCH", "/devices/a", {"label": "2"})
    ctl.run("set", "a", "label=3", "--if-match", old, status=CHANGED)
    ran = ctl.run("set", "a", "label=3", "--if-match", f'"{old}"', status=CHANGED)
    assert "somebody else has changed it" in ran.err and "tagferryctl get a" in ran.err
    assert api.must("GET", "/devices/a")["label"] == "2"
    ctl.run("set", "a", "label=3", "--if-match", "*")
    assert api.must("GET", "/devices/a")["label"] == "3"


def test_rm_deletes_all_or_nothing(ctl, api):
    api.device("a", "t", [{"name": "x"}, {"name": "y"}])
    api.device("b", "t")
    ran = ctl.run("rm", "b", "a/x", "c", "a/nope", status=NOT_FOUND)
    assert 'no device "c"' in ran.err and 'no tag "nope"' in ran.err and "Nothing was deleted" in ran.err
    assert api.must("GET", "/tags")["total"] == 2
    assert ctl.run("rm", "a", "a/x", "b", "--dry-run").out == "a would be deleted, with its 2 tags\nb would be deleted\n"
    assert ctl.run("rm", "a", "--dry-run", "-o", "json").json() == {
        "deleted": [{"object": "a", "tags": 2}], "dry_run": True}
    api.must("PUT", "/profiles/p", {"tags": [{"name": "t"}]})
    api.must("POST", "/devices", {"name": "d", "mqtt": {"topic": "t"}, "profile": {"name": "p"}})
    ran = ctl.run("rm", "b", "d/t", status=REFUSED)
    assert "follows the device's profile" in ran.err and "Nothing was deleted" in ran.err
    assert "1 device uses it" in ctl.run("rm", "b", "profile:p", status=REFUSED).err
    ctl.run("rm", "a", "b", "--if-match", '"1"', status=USAGE)
    ctl.run("rm", "a", "--if-match", '"1"', status=CHANGED)
    assert ctl.run("rm", "profile:p", "a/x", "b", "b", "d").out == (
        "a/x deleted\nb deleted\nd deleted, with its tag\nprofile:p deleted\n")
    assert [item["name"] for item in api.must("GET", "/tags")["items"]] == ["y"]


def test_rm_asks_before_many(ctl, api):
    for name in ("a", "b"):
        api.device(name, "t", [{"name": f"t{n}"} for n in range(10)])
    ran = ctl.run("rm", "a", "b", status=REFUSED)
    assert "22 devices and tags" in ran.err and "--yes" in ran.err and "Nothing was changed" in ran.err
    ran = ctl.on_terminal("rm", "a", "b", keys="n\n", status=REFUSED)
    assert "[y/N]" in ran.out and "deleted" not in ran.out
    assert api.must("GET", "/tags")["total"] == 20
    assert "a deleted, with its 10 tags" in ctl.on_terminal("rm", "a", "b", keys="y\n").out
    api.device("a", "t", [{"name": f"t{n}"} for n in range(30)])
    assert ctl.run("rm", "a", "--yes").out == "a deleted, with its 30 tags\n"


def test_rename_and_move(ctl, api):
    api.device("a", "p/a", [{"name": "x", "modbus": {"address": 100}}, {"name": "y"}])
    api.device("b", "p/b", [{"name": "x"}])
    dry = ctl.run("rename", "a", "c", "--dry-run").out
    assert api.request("GET", "/devices/c").status == 404
    renamed = ctl.run("rename", "a", "c").out
    assert renamed == dry.replace("would become", "is now") and renamed.startswith("a is now c: ") and "p/a" in renamed
    assert 'c/x is now c/z: its register 400101, its key "x"' in ctl.run("rename", "c/x", "z").out
    assert "already has a tag named y" in ctl.run("rename", "c/z", "y", status=REFUSED).err
    ctl.run("rename", "c/z", "b/z", status=USAGE)
    api.must("PUT", "/profiles/p", {"tags": [{"name": "t"}]})
    assert "profile:p is now profile:q" in ctl.run("rename", "profile:p", "q").out
    moved = ctl.run("move", "c/z", "b").out
    assert "c/z is now b/z: its register 400101 and its value stay" in moved and 'the key "x" of the topic p/b' in moved
    api.must("PATCH", "/devices/b/tags/z", {"mqtt": {"topic": "own"}})
    assert "still reads its own topic, own" in ctl.run("move", "b/z", "c/again").out
    assert 'no device "nowhere"' in ctl.run("move", "c/again", "nowhere", status=NOT_FOUND).err
    api.must("PATCH", "/devices/b", {"network": {"modbus_host": "192.0.2.1", "unit_id": 7}})
    assert "400101 in unit 7 of 192.0.2.1:502, no longer in unit 1" in ctl.run("move", "c/again", "b").out
    old = api.must("GET", "/devices/b/tags/again")["revision"]
    api.must("PATCH", "/devices/b/tags/again", {"unit": "K"})
    ctl.run("move", "b/again", "c", "--if-match", f'"{old}"', status=CHANGED)


def test_copy(ctl, api):
    api.device("m-1", "p/m-1", [{"name": "x", "modbus": {"table": "input_register", "address": 100}}])
    before = api.must("GET", "/export")
    dry = ctl.run("copy", "m-1", "m-2", "m-3", "--stride", "input_register=50", "--dry-run").out
    assert api.must("GET", "/export") == before
    assert ctl.run("copy", "m-1", "m-2", "m-3", "--stride", "input_register=50").out == dry.replace("would be created", "created")
    assert "m-3 created: topic p/m-3, unit 1, 1 tag, input_register from 200\n" in dry.replace("would be created", "created")
    found = rows(ctl.run("copy", "m-1", "m-4", "--topic", "hall/four", "--label", "Four", "--where", '{"id": 4}', "-o", "csv"))
    assert [(row["device"], row["name"], row["modbus.table"]) for row in found] == [("m-4", "x", "input_register")]
    device = api.must("GET", "/devices/m-4")
    assert (device["label"], device["mqtt"]["topic"], device["mqtt"]["where"]) == ("Four", "hall/four", {"id": 4})
    api.must("PUT", "/profiles/p", {"params": {"serial": {}}, "device": {"mqtt": {"topic": "q/{serial}"}}, "tags": [{"name": "t"}]})
    api.must("POST", "/devices", {"name": "q-1", "profile": {"name": "p", "params": {"serial": "1"}}})
    ctl.run("copy", "q-1", "q-2", "--param", "serial=2")
    assert api.must("GET", "/devices/q-2")["mqtt"]["topic"] == "q/2"
    assert "already exists" in ctl.run("copy", "m-1", "m-2", status=REFUSED).err
    err = ctl.run("copy", "m-1", "m-1", status=REFUSED).err
    assert err.startswith("tagferryctl: a copy of m-1: copies.0.name: a device named m-1 already exists\n"), err
    api.device("plain", "p/all")
    assert ctl.run("copy", "plain", "other", status=REFUSED).err == (
        "tagferryctl: a copy of plain: copies.0.topic: is required: the topic p/all does not contain the name plain\n"
        "  --topic names the topic of one copy.\n")
    ctl.run("copy", "none", "m-9", status=NOT_FOUND)
    for words in (["m-8", "m-9", "--topic", "t"], ["m-9", "--stride", "coils=1"], ["m-9", "--stride", "coil=x"],
                  ["m-9", "--param", "serial"], ["m-9", "--where", "id"], ["m-9", "--unit", "256"], ["m-9/x"]):
        ctl.run("copy", "m-1", *words, status=USAGE)


def test_write(ctl, api):
    command = {"command_topic": "p/set"}
    api.device("a", "t", [
        {"name": "measured", "unit": "K", "modbus": {"type": "int16", "scale": 0.1}},
        {"name": "setpoint", "direction": "both", "mqtt": command, "modbus": {"type": "int64"}},
        {"name": "text", "modbus": {"type": "string", "length": 4}},
        {"name": "run", "mqtt": {"values": {"off": 0, "on": 1}}, "modbus": {"type": "uint16"}},
        {"name": "bit", "modbus": {"type": "bool"}}])
    ran = ctl.run("write", "a/measured", "5", status=REFUSED)
    assert "next message replaces" in ran.err and "--yes" in ran.err and "Nothing was changed" in ran.err
    ran = ctl.on_terminal("write", "a/setpoint", "-5", keys="y\n")
    assert "published to p/set" in ran.out and "a/setpoint written: 0 -> -5, read back -5\n" in ran.out
    ctl.on_terminal("write", "a/setpoint", "6", keys="n\n", status=REFUSED)
    assert api.value("a", "setpoint")["value"] == -5
    assert ctl.run("write", "a/measured", "5.26", "-y").out == "a/measured written: 0 -> 5.26, read back 5.3 K\n"
    ctl.run("write", "a/setpoint", "9007199254740993", "-y")
    assert api.value("a", "setpoint")["value"] == "9007199254740993"
    ctl.run("write", "a/text", "12", "-y")
    ctl.run("write", "a/run", "on", "-y")
    assert api.value("a", "text")["value"] == "12" and api.value("a", "run")["value"] in (1, "on")
    assert ctl.run("write", "a/bit", "true", "-y", "-o", "json").json()["value"] is True
    assert rows(ctl.run("write", "a/bit", "off", "-y", "-o", "csv")) == [
        {"device": "a", "tag": "bit", "before": "true", "value": "false"}]
    for name, value, says in [
            ("measured", "9999", "int16, which goes from -3276.8 to 3276.7 with its scale"), ("measured", "nan", "int16, which"),
            ("setpoint", "1e30", "int64, which goes from -9223372036854775808 to 9223372036854775807"),
            ("text", "123456789", "string, which is a text of at most 8 bytes"),
            ("run", "onn", "uint16, which goes from 0 to 65535; mqtt.values has the words off, on"),
            ("bit", "x", "bool; a bool accepts numbers and on, off, ")]:
        assert f"not a value of type {says}" in ctl.run("write", f"a/{name}", value, "-y", status=REFUSED).err
    ctl.run("write", "a/none", "1", "-y", status=NOT_FOUND)
    ctl.run("write", "a", "1", "-y", status=USAGE)


def test_revert(ctl, api):
    api.device("a", "p/a", [{"name": "x"}])
    start = api.must("GET", "/audit?limit=1")["items"][0]["revision"]
    ctl.run("set", "a/x", "modbus.scale=2")
    first = api.must("GET", "/audit?limit=1")["items"][0]["id"]
    assert ctl.run("revert", "--dry-run").out == (
        "a/x would be set back: modbus.scale 2 -> 1\nin all: 1 is set back; nothing is changed yet\n")
    ctl.run("set", "a/x", "modbus.scale=3")
    changed = ctl.run("revert", first, status=CHANGED)
    assert "a/x" in changed.err and "Nothing was undone" in changed.err
    undone = ctl.run("revert").out
    assert undone.startswith("a/x is set back: modbus.scale 3 -> 2\nundone: 1 is set back; revision ")
    ctl.run(*undone.split("; ")[-1].split()[1:3])
    assert api.must("GET", "/devices/a/tags/x")["modbus"]["scale"] == 3
    ctl.run("rm", "a")
    assert "a comes back\n" in ctl.run("revert", "newest").out
    assert [row["after"] for row in rows(ctl.run("revert", "--to", start, "--dry-run", "-o", "csv")) if row["pointer"]][-1:] == ["1"]
    ctl.run("revert", "--to", start)
    assert api.must("GET", "/devices/a/tags/x")["modbus"]["scale"] == 1
    ctl.run("revert", "999999", status=NOT_FOUND)
    ctl.run("revert", "5", "--to", "5", status=USAGE)
    ctl.run("copy", "a", *(f"b-{n}" for n in range(11)))
    ran = ctl.run("revert", "newest", status=REFUSED)
    assert "deletes 22 devices and tags" in ran.err and "--yes" in ran.err
    ctl.on_terminal("revert", keys="n\n", status=REFUSED)
    assert api.must("GET", "/devices")["total"] == 12
    assert "... and 2 more" in ctl.on_terminal("revert", keys="y\n").out
    assert api.must("GET", "/devices")["total"] == 1


def test_a_follower_says_where_to_change_and_may_lead(twins):
    leader, follower = twins
    ctl = Ctl(follower.folder, follower.url)
    leader.api.must("POST", "/devices", {"name": "a", "mqtt": {"topic": "p/a"}})
    eventually(lambda: follower.api.get("/devices/a").status == 200)
    for words in (["set", "a", "label=1"], ["set", "b", "mqtt.topic=t", "--create"], ["set", "a", "label=1", "--dry-run"],
                  ["rm", "a"], ["rename", "a", "b"], ["copy", "a", "b"], ["revert"]):
        assert f"--url {leader.url}" in ctl.run(*words, status=REFUSED).err, words
    assert leader.api.must("GET", "/devices")["total"] == 1
    ran = ctl.run("gateways", "promote", status=REFUSED)
    assert "becomes the leader" in ran.err and "Nothing was changed" in ran.err
    assert f"{follower.url} is now the leader, term 1" in ctl.on_terminal("gateways", "promote", keys="y\n").out
    ctl.run("set", "a", "label=2")
    old = Ctl(leader.folder, leader.url)
    assert f"{leader.url} is now a follower of {follower.url}" in old.run("gateways", "follow", follower.url, "--yes").out
    eventually(lambda: leader.api.must("GET", "/devices/a")["label"] == "2")
    for words in (["follow"], ["promote", "x"], ["demote"]):
        ctl.run("gateways", *words, status=USAGE)
    assert "follow" in ctl.run("gateways", "follow", follower.url, "-y", status=REFUSED).err


def test_what_somebody_else_changes_between_reading_and_changing(api, tmp_path):
    api.device("a", "t", [{"name": "x"}])
    api.device("b", "t", [{"name": "y"}])
    api.device("c", "t")
    between = Between(api)
    ctl = Ctl(tmp_path, between.url)

    def changes(path, body):
        return lambda: api.must("PATCH", path, body)

    try:
        between.before("PATCH /api/v1/devices/a/tags/x", changes("/devices/a/tags/x", {"unit": "K"}))
        assert "somebody else" in ctl.run("set", "a/x", "unit=C", status=CHANGED).err
        assert api.must("GET", "/devices/a/tags/x")["unit"] == "K"
        between.before("PATCH /api/v1/devices/a", changes("/devices/a", {"label": "A"}))
        ctl.run("rename", "a", "d", status=CHANGED)
        between.before("PUT /api/v1/devices/a/tags/x/value", changes("/devices/a/tags/x", {"modbus": {"scale": 2}}))
        assert "nothing was written" in ctl.run("write", "a/x", "5", "--yes", status=CHANGED).err
        between.before("DELETE /api/v1/devices/b?dry_run", changes("/devices/b", {"label": "B"}))
        assert "Nothing was deleted" in ctl.run("rm", "a", "b", status=CHANGED).err
        between.before("DELETE /api/v1/devices/b?confirm", lambda: api.must("POST", "/devices/b/tags", {"name": "z"}))
        ran = ctl.run("rm", "a", "b", "c", status=CHANGED)
        assert ran.out == "a deleted, with its tag\n" and "1 of 3 were deleted" in ran.err
        assert [item["name"] for item in api.must("GET", "/devices")["items"]] == ["b", "c"]
        ctl.run("revert")
        assert api.must("GET", "/devices/b/tags")["total"] == 1, "the newest change is the tag z"
    finally:
        between.close()
