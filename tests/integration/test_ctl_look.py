"""The commands of tagferryctl that only read, compared with what the API says."""

import csv
import http.server
import io
import itertools
import json
import re
import signal
import socket
import subprocess
import threading

import pytest

import test_api_audit
from ctl import NOT_FOUND, PROGRAM, REFUSED, USAGE, Ctl
from harness import DEADLINE, Stack, eventually


@pytest.fixture(scope="module")
def look(tmp_path_factory):
    """One gateway for all cases: a device with values, one that was never heard, one with wrong messages."""
    stack = Stack(tmp_path_factory.mktemp("look"))
    stack.start_all()
    api, publish = stack.api, stack.broker.publish
    api.device("boiler-7", "p/b", label="Kessel größer", tags=[
        {"name": "temp", "unit": "°C", "mqtt": {"key": "/a/t"},
         "modbus": {"table": "input_register", "address": 100, "type": "float32", "byte_order": "CDAB"}},
        {"name": "setpoint", "unit": "°C", "direction": "both", "mqtt": {"command_topic": "p/set"},
         "modbus": {"table": "holding_register", "address": 200, "type": "int16", "scale": 0.1, "offset": -40}},
        {"name": "mode", "mqtt": {"values": {"off": 0, "on": 1}}, "modbus": {"table": "input_register", "type": "uint16", "address": 110}},
        {"name": "alarm", "enabled": False, "modbus": {"table": "holding_register", "type": "bool", "bit": 3, "address": 210}}])
    api.device("pump", "p/p", [{"name": "x"}])
    api.device("wrong", "p/w", [{"name": "small", "modbus": {"type": "uint16", "table": "input_register", "address": 0}}])

    def heard():
        publish("p/b", {"a": {"t": 21.5}, "setpoint": 60, "mode": "on"})
        publish("p/w", {"small": 70000})
        return (api.value("boiler-7", "mode")["quality"], api.value("wrong", "small")["quality"]) == ("good", "bad")
    eventually(heard)
    yield stack
    stack.finish()


@pytest.fixture
def ctl(look):
    return Ctl(look.folder, f"http://{look.api.options['api.listen']}")


def rows_of(ran):
    return list(csv.DictReader(io.StringIO(ran.out)))


def plain(ran):
    return re.sub(r"\033\[\d*m", "", ran.out)


def test_tags(look, ctl):
    api = look.api
    assert ctl.run("tags", "-o", "json").json() == api.must("GET", "/tags?limit=1000")
    assert ctl.run("tags", "pump", "wrong", "-o", "json").json()["items"] == [
        item for device in ("pump", "wrong") for item in api.must("GET", f"/tags?device={device}")["items"]]
    rows = rows_of(ctl.run("tags", "-o", "csv", "boiler-7"))
    assert [(row["name"], row["modbus.address"], row["modbus.byte_order"], row["modbus.bit"], row["enabled"]) for row in rows] == [
        ("alarm", "210", "ABCD", "3", "false"), ("mode", "110", "ABCD", "", "true"),
        ("setpoint", "200", "ABCD", "", "true"), ("temp", "100", "CDAB", "", "true")]
    table = ctl.run("tags", "boiler-7").out
    assert re.search(r"^boiler-7/temp +/a/t +to_modbus +input_register +100 +300101 +float32 CDAB +1 +°C$", table, re.M), table
    assert re.search(r"200 +400201 +int16 +0.1 - 40 +°C$", table, re.M) and "bool bit 3" in table, table
    assert [row["name"] for row in rows_of(ctl.run("tags", "--table", "input_register", "-w", "-o", "csv"))] == ["small"]
    assert ctl.run("tags", "-q", "no such tag", "-o", "json").json()["items"] == []
    missing = ctl.run("tags", "pump", "nothere", status=NOT_FOUND)
    assert "pump/x" in missing.out and "nothere" in missing.err
    assert len(ctl.run("tags", "boiler-7", "pump", "-n", "4", "-o", "json").json()["items"]) == 4


def test_columns_for_narrow_terminals(ctl):
    """Of columns that may be left out none is cut, and no line is longer than the terminal."""
    narrow, wide = plain(ctl.on_terminal("tags", columns=80)), plain(ctl.on_terminal("tags", columns=200))
    assert "MODICON" in narrow and "DIRECTION" not in narrow and "DIRECTION" in wide and "TABLE" in wide
    assert all(len(line) <= 80 for line in narrow.splitlines()), narrow
    assert "…" not in wide


def test_get(look, ctl):
    api, path = look.api, "/devices/boiler-7/tags/setpoint"
    assert ctl.run("get", "boiler-7/setpoint", "-o", "json").json() == api.must("GET", path)
    lines = ctl.run("get", "boiler-7/setpoint").out.splitlines()
    assert {"modbus.scale=0.1", "mqtt.command_topic=p/set", "label=", "mqtt.values=null", "modbus.bit=null",
            "enabled=true", "# modbus.modicon=400201"} <= set(lines), lines
    assert 'mqtt.values={"off":0,"on":1}' in ctl.run("get", "boiler-7/mode").out
    assert ctl.run("get", "boiler-7", "mqtt.topic", "label", "status", "network").out.splitlines()[:3] == ["p/b", "Kessel größer", ""]
    assert ctl.run("get", "boiler-7", "mqtt.qos", "label", "-o", "json").out == '1\n"Kessel größer"\n'
    members = {row["member"]: row["value"] for row in rows_of(ctl.run("get", "boiler-7", "-o", "csv"))}
    assert members["mqtt.topic"] == "p/b" and members["network.unit_id"] == "1"
    assert "no member mqtt.nothing" in ctl.run("get", "boiler-7", "mqtt.nothing", status=NOT_FOUND).err
    assert "nothere" in ctl.run("get", "boiler-7/nothere", status=NOT_FOUND).err
    assert "DEVICE" in ctl.run("get", "a/b/c", status=USAGE).err


def test_get_prints_what_set_takes(look, ctl):
    api = look.api
    for text, line in (("12", "12"), ("", ""), ("@file", "@@file"), ("a = b", "a = b")):
        api.must("PATCH", "/devices/pump", {"description": text})
        assert f"\ndescription={line}\n" in ctl.run("get", "pump").out
        assert ctl.run("get", "pump", "description").out == text + "\n"
    api.must("PATCH", "/devices/pump", {"description": "two\n\033[31mlines"})
    assert "two??[31mlines" in ctl.on_terminal("get", "pump").out, "no command for the terminal"
    api.must("PATCH", "/devices/pump", {"description": None})
    api.device("valve", "p/v", [{"name": "s", "direction": "to_mqtt", "mqtt": {
        "command_topic": "p/v/set", "expires_s": 60, "expire_value": 12}}])
    assert "mqtt.expire_value=12\n" in ctl.run("get", "valve/s").out
    api.must("DELETE", "/devices/valve")
    for name in ("boiler-7", "boiler-7/setpoint", "boiler-7/mode"):
        members = [line for line in ctl.run("get", name).out.splitlines() if not line.startswith("#")]
        before = ctl.run("get", name).out
        ctl.run("set", name, *members)
        assert ctl.run("get", name).out == before


def test_value(look, ctl):
    api = look.api
    ours, theirs = ctl.run("value", "boiler-7/temp", "-o", "json").json(), api.value("boiler-7", "temp")
    assert {**ours, "age_ms": 0} == {**theirs, "age_ms": 0}
    listed = ctl.run("value", "-o", "json").json()
    assert [{**item, "age_ms": 0} for item in listed["items"]] == [
        {**item, "age_ms": 0} for item in api.must("GET", "/values?limit=1000")["items"]]
    table = ctl.run("value", "boiler-7").out
    assert re.search(r"^boiler-7/temp +21.5 +°C +good +\d.* 0000 41AC$", table, re.M), table
    assert re.search(r"^boiler-7/setpoint +60 +°C +good", table, re.M) and "boiler-7/alarm" in table
    wrong = ctl.run("value", "--wrong", "--reason", "refused").out.splitlines()
    assert len(wrong) == 2 and "refused: the number does not fit into the type: 70000" in wrong[1], wrong
    rows = rows_of(ctl.run("value", "wrong", "boiler-7/mode", "-o", "csv"))
    assert [(row["device"], row["tag"], row["value"], row["raw"], row["last_error.code"]) for row in rows] == [
        ("wrong", "small", "0", "[0]", "out_of_range"), ("boiler-7", "mode", "1", "[1]", "")]
    assert [row["tag"] for row in rows_of(ctl.run("value", "-d", "pump", "-d", "wrong", "-o", "csv"))] == ["x", "small"]
    missing = ctl.run("value", "boiler-7/temp", "boiler-7/none", "nothere", status=NOT_FOUND)
    assert "21.5" in missing.out and "none" in missing.err and "nothere" in missing.err
    assert "profile" not in ctl.run("value", "profile:x", status=USAGE).out


def test_history(look, ctl):
    api = look.api

    def recorded():
        look.broker.publish("p/b", {"a": {"t": 21.5}, "setpoint": 60, "mode": "on"})
        past = ctl.run("history", "boiler-7/temp", "-o", "json").json()
        return past if past["points"] and past["events"] else None
    past = eventually(recorded)
    path = f"/devices/boiler-7/tags/temp/history?from={past['from']}&to={past['to']}&points=40"
    assert past["points"] == api.must("GET", path)["points"]
    rows = list(csv.DictReader(io.StringIO(ctl.run("history", "boiler-7/temp", "--since", "30m", "-o", "csv").out)))
    assert [row["last"] for row in rows if row["last"]][-1] == "21.5" and rows[0]["at"].endswith("Z")
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert re.search(r"good$", ctl.run("history", "boiler-7/temp").out, re.M)
    eventually(lambda: re.search(r"refused: the number does not fit into the type: 70000$",
                                 ctl.run("history", "wrong/small").out, re.M))
    none = ctl.run("history", "boiler-7/temp", "--until", "2001-01-01T00:00:00Z", "-o", "json").json()
    assert none["events"] == [] and none["to"] == 978307200000
    assert "--until x: it must be an age" in ctl.run("history", "boiler-7/temp", "--until", "x", status=USAGE).err
    assert ctl.run("history", "boiler-7/temp", "--until", "12h", "-o", "json").json()["to"]
    assert "which is now" in ctl.run("history", "boiler-7/temp", "--since", "2100-01-01T00:00:00Z", status=REFUSED).err
    assert "must be DEVICE/TAG" in ctl.run("history", "boiler-7", status=USAGE).err
    ctl.run("history", "boiler-7/nothing", status=NOT_FOUND)
    assert "--limit 1: it must be" in ctl.run("history", "boiler-7/temp", "-n", 1, status=USAGE).err


def test_regs(look, ctl):
    api = look.api
    assert ctl.run("regs", "-o", "json").json() == api.must("GET", "/registers")
    assert re.search(r"^ +1 +input_register +0 +110 +300001-300111 +3$", ctl.run("regs").out, re.M), ctl.run("regs").out
    body = api.must("GET", "/registers/input_register?start=100&count=3")
    for words in (("input_register", "100-102"), ("input_register", "100+3"), ("300101-300103",), ("30101+3",), ("input_register", "300101+3")):
        assert ctl.run("regs", *words, "-o", "json").json() == body, words
    lines = ctl.run("regs", "input_register", "100-102").out.splitlines()
    assert lines[0].split() == ["ADDRESS", "MODICON", "HEX", "DECIMAL", "TAG"]
    assert lines[2].split() == ["101", "300102", "41AC", "16812", "boiler-7/temp"] and lines[3].split() == ["102", "300103", "0000", "0"]
    assert [row["address"] for row in rows_of(ctl.run("regs", "input_register", "-o", "csv"))] == ["0", "100", "101", "110"]
    assert "boiler-7/alarm bit 3" in ctl.run("regs", "holding_register", "210", "--unit", "1").out
    assert "HEX" not in ctl.run("regs", "000001+2").out
    assert "no tag has a register in coil" in ctl.run("regs", "coil", status=NOT_FOUND).err
    for words in (("foo", "1"), ("500001",), ("100",), ("coil", "1-"), ("coil", "5-4"), ("coil", "65536"), ("coil", "0+65537"),
                  ("400101-300102",), ("coil", "0+1001"), ("coil", "400001"), ("coil", "1", "2"), ("coil", "1+99999999999999999999")):
        ctl.run("regs", *words, status=USAGE)


def test_map(look, ctl):
    api = look.api
    assert 'no device "none"' in ctl.run("map", "-d", "boiler-7", "-d", "none", status=NOT_FOUND).err
    rows = rows_of(ctl.run("map", "-o", "csv"))
    exported = list(csv.DictReader(io.StringIO(api.get("/export?format=map", headers={"Accept": "text/csv"}).body.decode())))
    assert sorted((row["device"], row["tag"], row["unit"], row["table"], row["first"], row["modicon"], row["count"], row["type"]) for row in rows) == \
        sorted((row["Device"], row["Tag"], row["Modbus unit"], row["Table"], row["Offset"], row["Modicon"], row["Registers"], row["Type"])
               for row in exported)
    places = [(row["table"], int(row["first"])) for row in rows]
    assert places == sorted(places, key=lambda place: (["coil", "discrete_input", "input_register", "holding_register"].index(place[0]), place[1]))
    body = ctl.run("map", "-o", "json").json()
    assert body["registers"] == api.must("GET", "/registers")
    assert body["owners"][0] == api.must("GET", f"/registers/{body['owners'][0]['table']}/owners")
    assert [row["tag"] for row in rows_of(ctl.run("map", "--table", "holding_register", "-d", "boiler-7", "-o", "csv"))] == ["setpoint", "alarm"]
    assert rows_of(ctl.run("map", "--unit", "9", "-o", "csv")) == []
    api.must("PATCH", "/devices/pump", {"status": {"table": "input_register", "address": 300}})
    table = ctl.run("map").out
    assert re.search(r"300301 +4 .* read +pump status$", table, re.M) and re.search(r"0.1 - 40 +°C +read, write +boiler-7/setpoint$", table, re.M), table
    api.must("PATCH", "/devices/pump", {"status": None})


def test_clients(look, ctl):
    with look.modbusd.client() as client:
        client.holding(200)
        eventually(lambda: re.search(r"^127.0.0.1:\d+ +scada .*read holding registers 200\+1 of unit 1", ctl.run("clients").out, re.M))
        body = ctl.run("clients", "-o", "json").json()
        assert {item["side"] for item in body["items"]} == {"scada", "inputs", "outputs"}
        assert len(rows_of(ctl.run("clients", "-o", "csv"))) == len(body["items"])
    with socket.create_connection(("127.0.0.1", look.modbusd.port("scada"))) as other:
        other.sendall(b"GET / HTTP/1.0\r\n\r\n")

        def is_refused():
            return rows_of(ctl.run("clients", "--wrong", "-o", "csv"))
        refused = eventually(is_refused)[0]
        assert refused["address"] == "127.0.0.1" and "HTTP" in refused["detail"]
        assert refused["detail"] in ctl.run("clients", "--wrong").out
        assert "tagferryctl clients --wrong" in ctl.on_terminal("clients").out


def test_messages(look, ctl):
    api = look.api
    look.broker.publish("p/b", {"b": 1})
    look.broker.publish("p/w", "{]")
    eventually(lambda: api.must("GET", "/messages?limit=1")["items"][0]["outcome"] == "not_json")
    assert ctl.run("messages", "-n", "3", "-o", "json").json() == api.must("GET", "/messages?limit=3")
    lines = ctl.run("messages").out.splitlines()
    assert "not JSON at byte 1" in lines[-1] and "3 missing, has the keys b" in lines[-2], lines
    assert "1 rejected (small: the number does not fit into the type)" in ctl.run("messages", "wrong").out
    rows = rows_of(ctl.run("messages", "--wrong", "-n", "2", "-o", "csv"))
    assert [(row["outcome"], row["payload"], row["keys"]) for row in rows] == [("taken", '{"b": 1}', "b"), ("not_json", "{]", "")]
    assert len(ctl.run("messages", "--wrong", "-n", "2", "-o", "json").json()["items"]) == 2
    assert ctl.run("messages", "-d", "wrong", "-o", "json").json() == api.must("GET", "/messages?device=wrong&limit=20")
    ctl.run("messages", "nothere", status=NOT_FOUND)
    look.broker.publish("p/b", json.dumps({"b": "x" * 300}))
    eventually(lambda: "xxx" in ctl.run("messages").out)
    assert "x" * 300 in ctl.run("messages").out
    assert all(len(line) <= 80 for line in plain(ctl.on_terminal("messages")).splitlines())


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_messages_that_come(look, ctl, form):
    process = subprocess.Popen([PROGRAM, "messages", "pump", "--follow", "-o", form], stdout=subprocess.PIPE, text=True, env=ctl.env)
    heard = []
    try:
        if form == "csv":
            assert process.stdout.readline().startswith("sequence,at,device")
        for n in range(3):
            look.broker.publish("p/p", {"x": n, "form": form})
            for line in process.stdout:
                if f'"form": "{form}"' in line.replace('""', '"').replace('\\"', '"'):
                    heard.append(line)
                    break
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == -signal.SIGINT
    finally:
        process.kill()
        process.stdout.close()
    assert len(heard) == len(set(heard)) == 3
    if form == "json":
        assert [json.loads(line)["written"] for line in heard] == [1, 1, 1]
    elif form == "table":
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d\d\d  p/p  1 written  \{.*\}\n", heard[0]), heard


def test_audit(look, ctl):
    api = look.api
    api.must("PATCH", "/devices/pump/tags/x", {"unit": "K", "modbus": {"scale": 0.1}})
    assert ctl.run("audit", "pump/x", "-o", "json").json() == api.must("GET", "/audit?device=pump&tag=x&limit=20")
    newest, after = ctl.run("audit", "pump/x", "-n", "1").out.splitlines()[1:]
    assert re.search(r"change +pump/x +unit \"\" -> \"K\"$", newest) and after.strip() == "modbus.scale 1 -> 0.1"
    rows = rows_of(ctl.run("audit", "pump/x", "-n", "1", "-o", "csv"))
    assert [(row["diff.pointer"], row["diff.before"], row["diff.after"]) for row in rows] == [("/unit", "", "K"), ("/modbus/scale", "1", "0.1")]
    revision = int(rows[0]["revision"])
    api.must("DELETE", "/devices/pump/tags/x")
    api.must("POST", "/import?mode=merge", {"devices": [{"name": "pump", "mqtt": {"topic": "p/p"}, "tags": [{"name": "x"}]}]})
    table = ctl.run("audit", "--since", str(revision)).out
    assert re.search(r"import +all +1 created$", table, re.M) and "delete  pump/x" in table and len(table.splitlines()) == 4, table
    assert len(ctl.run("audit", "--since", "1h", "-n", "1000", "-o", "json").json()["items"]) == api.must("GET", "/audit")["total"]
    assert ctl.run("audit", "--since", "2100-01-01T00:00:00Z", "-o", "json").json()["items"] == []
    assert ctl.run("audit", "--who", "nobody", "-o", "json").json()["items"] == []
    ctl.run("audit", "--since", "yesterday", status=USAGE)
    assert len(ctl.run("audit", "profile:none").out.splitlines()) == 1


def test_profiles(look, ctl):
    api = look.api
    assert ctl.run("profiles", "--library", "-o", "json").json()["items"] == api.must("GET", "/profiles?library=true&limit=1000")["items"]
    assert "profiles --library" in ctl.on_terminal("profiles").out
    api.must("POST", "/profiles", {"name": "meter", "label": "A meter", "description": "With two registers.",
                                   "params": {"site": {"default": "a", "description": "Where"}},
                                   "device": {"mqtt": {"topic": "{site}/{device}"}},
                                   "tags": [{"name": "p", "unit": "W", "modbus": {"table": "input_register", "address": 2}}]})
    assert ctl.run("profiles", "meter", "-o", "json").json() == api.must("GET", "/profiles/meter")
    assert re.search(r"^meter +1 +0 +A meter +site=a$", ctl.run("profiles").out, re.M), ctl.run("profiles").out
    shown = ctl.run("profiles", "meter").out
    assert shown.splitlines()[:7] == ["name         meter", "label        A meter", "description  With two registers.",
                                      "devices      0", "topic        {site}/{device}", "parameter    site=a: Where", ""]
    assert re.search(r"^p +p +input_register +2 ", shown, re.M)
    assert rows_of(ctl.run("profiles", "meter", "-o", "csv"))[0]["modbus.address"] == "2"
    assert 'params={"site":{' in ctl.run("get", "profile:meter").out
    ctl.run("profiles", "none", status=NOT_FOUND)
    api.must("DELETE", "/profiles/meter")


def test_gateways_and_status(look, ctl):
    api = look.api
    assert ctl.run("gateways", "-o", "json").json() == api.must("GET", "/gateways")
    assert re.search(r"\(asked\) +leader +0 +\d+ +\d+ +ready$", ctl.run("gateways").out, re.M)
    assert rows_of(ctl.run("gateways", "-o", "csv"))[0]["self"] == "true"
    body = ctl.run("status", "-o", "json").json()
    assert list(body) == ["readyz", "session", "gateways", "devices", "tags", "values"]
    assert body["tags"] == api.must("GET", "/tags?limit=1") and body["session"] == api.must("GET", "/session")
    eventually(lambda: look.broker.publish("p/w", {"small": 70000}) or "refused" in ctl.run("value", "wrong").out)
    table = ctl.run("status").out
    assert re.search(r"^tags +\d not good +of 6: 1 bad, \d never$", table, re.M), table
    assert re.search(r"^cause +refused +1 tag of wrong, .* ago: the number does not fit into the type: 70000$", table, re.M), table
    assert re.search(r"^cause +disabled +1 tag of boiler-7: switched off here$", table, re.M), table


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers with what a test has given for the path, the same to each query."""

    answers = {}

    def do_GET(self):
        body = json.dumps(self.answers.get(self.path.split("?")[0], {"items": [], "total": 0, "next": None})).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def fake(tmp_path):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        Answers.answers = {}
        made = Ctl(tmp_path, f"http://127.0.0.1:{server.server_address[1]}")
        made.answers = Answers.answers
        yield made
        server.shutdown()
        thread.join()


def test_a_follower(fake):
    """What a second gateway says, without one."""
    part = {"state": "down", "reason": "unreachable", "detail": "broker-2:1883", "since": "2026-01-02T03:04:05.000Z"}
    fake.answers["/readyz"] = {"status": "ready", "revision": 7, "broker": part}
    fake.answers["/api/v1/gateways"] = {"items": [
        {"name": "west", "host": "b", "self": True, "role": "follower", "leader": "http://a:5000", "term": 3, "revision": 7, "lag_s": 4.2,
         "last_error": {"code": "unreachable", "detail": "no route", "at": None}, "devices": 2, "last_seen": None, "ready": False,
         "parts": {"broker": part, "store": {"state": "up", "reason": None}}},
        {"name": None, "host": "a", "self": False, "role": None, "leader": None, "term": None, "revision": None, "lag_s": None,
         "last_error": None, "devices": 2, "last_seen": None, "ready": None, "parts": None}], "total": 2}
    table = fake.run("status").out
    assert "role     follower  west, term 3, follows http://a:5000, 4.2 s behind: The leader does not answer: no route\n" in table, table
    assert re.search(r"^broker +down +cannot be reached: broker-2:1883, for \d+ d$", table, re.M), table
    rows = fake.run("gateways").out.splitlines()
    assert "broker cannot be reached" in rows[1] and "The leader does not answer: no route" in rows[1] and "not heard of" in rows[2], rows


WILD = {"raw": [1e300, None], "value": {}, "tags": -1, "address": 1e300, "first": -1e300, "last": 1e300, "at": 7, "device": ["x"],
        "table": "input_register", "outcome": 7, "diff": [7, {"pointer": 7}], "parts": [7], "last_request": 7, "params": ["x"], "owners": [[]]}


@pytest.mark.parametrize("junk", [
    [[7]], {"items": [None, 7, "x", []], "total": "x", "next": 7}, {"items": [WILD], "units": [1e300], "total": 1e308, "next": "x", **WILD}])
def test_answers_of_another_form(fake, junk):
    """No answer makes the program crash or run for ever."""
    for path in ("readyz", *(f"api/v1/{name}" for name in (
            "session", "gateways", "devices", "tags", "values", "registers", "registers/input_register", "registers/input_register/owners",
            "modbus/clients", "messages", "audit", "profiles", "profiles/x", "devices/x", "devices/x/tags/y", "devices/x/tags/y/value"))):
        fake.answers[f"/{path}"] = junk
    forms = itertools.cycle(("table", "csv", "json", "table"))
    for words in ("status", "devices", "tags x", "value", "value x/y", "value x", "get x", "get x/y a.b", "regs", "regs input_register 0",
                  "regs input_register", "map", "clients", "clients -w", "messages", "messages -w", "audit", "profiles", "profiles x", "gateways"):
        form = next(forms)
        done = subprocess.run([PROGRAM, *words.split(), "-o", form], capture_output=True, text=True, timeout=DEADLINE, env=fake.env, errors="replace")
        assert done.returncode in (0, 3, 4) and "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, (words, form, done)


def test_token(stack, tmp_path):
    api = stack.start_api()
    url = f"http://{api.options['api.listen']}"
    ctl, folder = Ctl(tmp_path, url), tmp_path / ".config/tagferry"
    assert "(not needed)" in ctl.run("token").out
    assert "needs no token" in ctl.run("token", "save", stdin="x\n", status=REFUSED).err and not (folder / "token").exists()
    secret = test_api_audit.command(api, "token", "add", "someone", "--scope", "write").strip()
    ctl.run("token", status=REFUSED)
    assert "does not know this token" in ctl.run("token", "save", stdin="wrong\n", status=REFUSED).err
    assert "no token" in ctl.run("token", "save", stdin="\n", status=REFUSED).err and not list(folder.glob("token*"))
    (folder / "ctl.conf").write_text(f"[ctl]\nurl = {url}")
    typed = ctl.on_terminal("token", "save", keys=secret + "\n", after="Token: ")
    assert secret not in typed.out and "The token someone may read and change everything." in typed.out
    assert (folder / "token").read_text() == secret + "\n" and (folder / "token").stat().st_mode & 0o777 == 0o600
    assert f"token_file = {folder}/token\n" in (folder / "ctl.conf").read_text()
    shown = ctl.run("token")
    assert "someone" in shown.out and secret not in shown.out
    assert ctl.run("token", "-o", "json").json() == {"tokens": True, "name": "someone", "scope": "write",
                                                     "version": ctl.run("--version").out.split()[1]}
    reader = test_api_audit.command(api, "token", "add", "reader").strip()
    ctl.run("token", "save", stdin=reader + "\n")
    assert "reader" in ctl.run("token", "-o", "csv").out and (folder / "ctl.conf").read_text().count("token_file") == 1
    ctl.run("token", "save", "--token-file", tmp_path / "other/token", stdin=secret)
    assert (tmp_path / "other/token").read_text() == secret + "\n" and "reader" in ctl.run("token").out
    ctl.run("token", "lose", status=USAGE)


def test_help_fits_into_a_terminal(tmp_path):
    """Lines of help end before the 80th column, between words, also of a command with paragraphs."""
    ctl = Ctl(tmp_path)
    commands = re.findall(r"^  (\w[\w-]*) +[A-Z]", ctl.run("--help").out, re.M)
    assert {"status", "regs", "audit", "token"} <= set(commands)
    for words in ([], *([name] for name in commands)):
        text = ctl.run(*words, "--help").out
        assert all(len(line) <= 80 for line in text.splitlines() if "tagferryctl" not in line), text
    text = ctl.run("regs", "--help").out
    assert "\n\nWithout operands, the units" in text and "  " not in text.split("Flags:")[0].split("\n\n")[1], text
