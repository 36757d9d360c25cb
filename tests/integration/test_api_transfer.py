"""Import and export of the whole configuration."""

import csv
import io
import json

import pytest

HEADER = ("device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,"
          "offset,on_overflow,on_stale,unit,enabled,description").split(",")


API_OPTIONS = {"common__units": "1-3"}


@pytest.fixture
def api(lone_api):
    return lone_api


def fill(api):
    api.device("a", "t/a", description="first", status={"address": 9000}, tags=[
        {"name": "x", "unit": "°C", "description": "a, \"b\"\nc", "modbus": {"scale": 0.1}},
        {"name": "y", "mqtt": {"key": "", "values": {"ON": 1, "OFF": 0}}, "enabled": False,
         "modbus": {"table": "coil", "address": 7}},
        {"name": "z", "direction": "both", "mqtt": {"command_topic": "c", "key": "/p/0"},
         "description": "=1+1", "modbus": {"type": "string", "length": 4, "on_stale": None}}])
    api.device("b", "t/b", network={"unit_id": 2}, tags=[
        {"name": "x", "description": "'quoted", "modbus": {"on_stale": "nan", "address": 65534}},
        {"name": "bit", "modbus": {"table": "input_register", "type": "bool", "bit": 3}}])
    api.device("bare", "t/bare")


def state(api):
    return api.must("GET", "/export")


def load(api, body, kind="text/csv", query=""):
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return api.request("POST", f"/import{query}", data, {"Content-Type": kind})


def load_json(api, body, query=""):
    return load(api, body, "application/json", query)


def table(api):
    answer = api.get("/export", headers={"Accept": "text/csv"})
    assert answer.headers["Content-Type"].startswith("text/csv")
    return answer.body.decode()


def faults(answer):
    assert answer.headers["Content-Type"] == "application/problem+json"
    return {tuple(error.get(key) for key in ("row", "column", "code"))
            for error in answer.json()["errors"]}


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_json_round_trip(api, mode):
    fill(api)
    before = state(api)
    answer = load_json(api, before, f"?mode={mode}")
    assert answer.json() == {"created": 0, "changed": 0, "deleted": 0, "dry_run": False,
                             "changes": []}
    assert state(api) == before


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_csv_round_trip(api, mode):
    fill(api)
    before, text = state(api), table(api)
    answer = load(api, text, query=f"?mode={mode}")
    assert answer.json() == {"created": 0, "changed": 0, "deleted": 0, "dry_run": False,
                             "changes": []}
    assert state(api) == before
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == HEADER + ["device_description", "status_table", "status_address", "values",
                                "command_topic"]
    assert [row[0] + "/" + row[3] for row in rows[1:]] == ["a/x", "a/y", "a/z", "b/bit", "b/x",
                                                           "bare/"]
    assert rows[1][18] == 'a, "b"\nc' and rows[3][18] == "'=1+1" and rows[5][18] == "''quoted"
    assert rows[1][6:8] == ["holding_register", "0"]


FORMULA = "=cmd|' /C calc'!A0"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\r\n", "'", "\uff1d", "\uff0b",
                                   "\uff0d", "\uff20"])
def test_no_cell_is_a_formula(api, start):
    """A description cannot make a spreadsheet program execute anything."""
    text = start + FORMULA
    api.device("a", "t", tags=[{"name": "x", "unit": start + "1", "description": text,
                                "mqtt": {"key": text}}])
    before = state(api)
    row, = csv.DictReader(io.StringIO(table(api), newline=""))
    assert (row["description"], row["key"], row["unit"]) == ("'" + text, "'" + text, f"'{start}1")
    for mode in ("merge", "replace"):
        assert load(api, table(api), query=f"?mode={mode}").json()["changes"] == []
    api.must("DELETE", "/devices/a")
    load(api, "\ufeff" + ",".join(row) + "\n" + ",".join(
        '"' + cell.replace('"', '""') + '"' for cell in row.values()) + "\n")
    tag = state(api)["devices"][0]["tags"][0]
    assert (tag["description"], tag["mqtt"]["key"]) == (text, text)
    described = api.get("/export?format=map", headers={"Accept": "text/csv"}).body.decode()
    row, = csv.DictReader(io.StringIO(described, newline=""))
    assert row["Description"] == "'" + text
    assert before["devices"][0]["tags"][0]["unit"] == start + "1"


def test_export_into_an_empty_store(api):
    fill(api)
    before = state(api)
    text = table(api)
    for name in ("a", "b", "bare"):
        api.must("DELETE", f"/devices/{name}")
    assert load_json(api, before).json()["created"] == 8

    def bare(document):
        for device in document["devices"]:
            for thing in [device, *device["tags"]]:
                for member in ("id", "revision", "created_at", "updated_at"):
                    del thing[member]
        return document
    assert bare(state(api)) == bare(before)
    assert table(api) == text


def test_merge_keeps_and_replace_deletes(api):
    fill(api)
    rows = "device,tag,topic,unit\na,x,t/a,K\nnew,n,t/n,\n"
    plan = load(api, rows, query="?mode=replace&dry_run=true").json()
    assert plan["dry_run"] is True
    assert {(c["action"], c["device"], c["tag"]) for c in plan["changes"]} == {
        ("change", "a", "x"), ("create", "new", None), ("create", "new", "n"),
        ("delete", "a", "y"), ("delete", "a", "z"), ("delete", "b", "x"), ("delete", "b", "bit"),
        ("delete", "b", None)}
    assert api.get("/devices/new").status == 404
    done = load(api, rows).json()
    assert (done["created"], done["changed"], done["deleted"], done["dry_run"]) == (2, 1, 0, False)
    tag = api.get("/devices/a/tags/x").json()
    assert tag["unit"] == "K" and tag["description"] and tag["modbus"]["scale"] == 0.1
    done = load(api, rows, query="?mode=replace").json()
    assert (done["created"], done["changed"], done["deleted"]) == (0, 0, 5)
    names = [device["name"] for device in state(api)["devices"]]
    assert names == ["a", "bare", "new"], "a device without tags is not the table's business"
    gone = load_json(api, {"devices": []}, "?mode=replace").json()
    assert gone["deleted"] == 5 and state(api) == {"profiles": [], "devices": []}


@pytest.mark.usefixtures("stack")
def test_spreadsheet_habits(api):
    text = "\ufeffdevice;tag;topic;table;address\r\n\r\na;x;t;coil;5\r\n"
    assert load(api, text).status == 200
    assert api.get("/devices/a/tags/x").json()["modbus"]["address"] == 5
    text = "device,tag,topic,address\r\nb,x,t,40101\r\nb,y,t,%M7\r\nb,z,t,\r\n"
    assert load(api, text).status == 200
    assert api.get("/devices/b/tags/x").json()["modbus"]["address"] == 100
    assert api.get("/devices/b/tags/y").json()["modbus"]["table"] == "coil"
    assert api.get("/devices/b/tags/z").json()["modbus"]["address"] == 0


def test_a_table_as_a_spreadsheet_in_german_saves_it(api):
    text = ("Device;Tag;Topic;Table;Address;Scale;Offset;Type\r\n"
            "a;x;t;holding_register;7;0,1;-1,5e1;int16\r\na;y;t;coil;5;;;\r\n")
    done = load(api, text).json()
    assert done["created"] == 3
    modbus = api.get("/devices/a/tags/x").json()["modbus"]
    assert (modbus["address"], modbus["scale"], modbus["offset"]) == (7, 0.1, -15)
    for cell, number in (("1.000,5", 1000.5), ("1.000", 1000), ("-1.234.567", -1234567)):
        assert load(api, f"device;tag;scale;offset\na;x;{cell};0,5\n").status == 200, cell
        assert api.get("/devices/a/tags/x").json()["modbus"]["scale"] == number
    for cell in ("0,1,2", ",", "1.000"):
        refused = load(api, f"device;tag;scale\na;x;{cell}\n")
        assert refused.status == 422, cell
    assert load(api, 'device,tag,scale\na,x,"0,1"\n').status == 422


@pytest.mark.parametrize("part", [",", ";", "\t"])
def test_what_nobody_sees_in_a_spreadsheet(api, part):
    """Empty columns and rows in the saved file, and blanks around words and numbers."""
    rows = [["", "", "", "", "", "", "", ""], [" Device ", "TAG", "Topic", "Table ", "address",
                                               "Byte Order", "description", ""],
            ["a ", " x", "t", "input_register ", " 7", "CDAB ", " two ", " "],
            ["", "", "", " ", "", "", "", ""], ["a", "y", "t", "coil", " ", "", "", ""],
            ["", "", "", "", "", "", "", ""]]
    text = "\r\n".join(part.join(row) for row in rows) + "\r\n"
    assert load(api, text).json()["created"] == 3
    tag = api.get("/devices/a/tags/x").json()
    place = tag["modbus"]
    assert (place["table"], place["address"], place["byte_order"]) == ("input_register", 7, "CDAB")
    assert tag["description"] == " two ", "free text is as it was written"
    answer = load(api, text + part.join(["a", "z", "t", "coil", "", "", "", "lost"]) + "\r\n")
    warning, = answer.json()["warnings"]
    assert (warning["row"], warning["column"], warning["code"]) == (7, "", "unknown_column")
    assert "lost" in warning["detail"]


def test_faults_of_cells_are_told_in_the_words_of_a_table(api):
    text = "device,tag,topic,table,address,enabled\na,x,t,holding_register,500101,vielleicht\n"
    details = {error["column"]: error["detail"] for error in load(api, text).json()["errors"]}
    assert "no Modicon address" in details["address"] and "string" not in details["address"]
    assert details["enabled"] == "must be true or false, 1 or 0"
    comma = load(api, 'device,tag,topic,scale\na,x,t,"0,1"\n').json()["errors"][0]
    assert (comma["column"], comma["code"]) == ("scale", "wrong_type")
    assert "comma" in comma["detail"]


def test_an_offset_that_looks_like_modicon_is_a_warning(api):
    text = "device,tag,topic,table,address\na,x,t,holding_register,40001\n"
    done = load(api, text, query="?dry_run=true").json()
    assert [(w["row"], w["column"], w["code"]) for w in done["warnings"]] == [
        (2, "address", "looks_like_modicon")]
    assert "column table empty" in done["warnings"][0]["detail"]
    assert "string" not in done["warnings"][0]["detail"], "a table has none"
    assert "warnings" in load(api, text).json()
    assert "warnings" not in load(api, text).json(), "it is there, as somebody wanted it"


def test_commands_in_a_table(api):
    text = ("device,tag,topic,direction,table,command_topic,command_template\n"
            "a,x,t,both,coil,a/set,{value}\na,y,t,both,coil,a/set,\n")
    assert load(api, text).status == 200
    assert api.get("/devices/a/tags/x").json()["mqtt"]["command_template"] == "{value}"
    assert api.get("/devices/a/tags/y").json()["mqtt"]["command_template"] is None
    refused = load(api, "device,tag,topic,direction\nb,x,t,both\n").json()
    assert refused["errors"][0]["column"] == "command_topic"


def test_what_a_table_may_be_is_said(api):
    warnings = load(api, "device,tag,topic,scaale\n").json()["warnings"]
    assert "ignored" in warnings[0]["detail"] and "scale" in warnings[0]["detail"]
    joined = load(api, "device,tag,topic" + "ä,x" * 100 + "ä" * 100).json()["warnings"]
    assert max(len(warning["column"] or "") for warning in joined) <= 64
    errors = load(api, "device,tag,topic,address\na,x,t,101\n").json()["errors"]
    assert errors[0]["code"] == "invalid_address" and "table" in errors[0]["detail"]
    refused = load(api, "device,tag\n", "application/xml")
    assert refused.status == 415 and "text/csv" in refused.json()["detail"]


@pytest.mark.usefixtures("stack")
def test_addresses_left_out_come_after_those_given(api):
    text = "device,tag,topic,table,address\na,free,t,,\na,fixed,t,holding_register,0\n"
    assert load(api, text).status == 200
    assert api.get("/devices/a/tags/free").json()["modbus"]["address"] == 2


def test_tags_may_change_places(api):
    text = "device,tag,topic,table,address\na,x,t,coil,0\na,y,t,coil,1\n"
    assert load(api, text).status == 200
    text = "device,tag,topic,table,address\na,x,t,coil,1\na,y,t,coil,0\n"
    assert load(api, text).json()["changed"] == 2


FAULTS = [
    ("", {(1, None, "required")}),
    ("device,tag,colour,tag\n", {(1, "tag", "duplicate")}),
    ("device\n", {(1, "tag", "required")}),
    ("device,tag,topic\na,x\n", {(2, None, "wrong_count")}),
    ("device,tag,topic\na,x,t,u\n", {(2, None, "wrong_count")}),
    ("device,tag,topic\n\n\na,x,\n", {(4, "topic", "required")}),
    ("device,tag,topic\n,x,t\n-,-,t\n",
     {(2, "device", "required"), (3, "device", "invalid_name"), (3, "tag", "invalid_name")}),
    ("device,tag,topic,unit_id\na,x,t,1\na,y,u,2\n",
     {(3, "topic", "differs"), (3, "unit_id", "differs")}),
    ("device,tag,topic\na,x,t\na,x,t\n", {(3, "tag", "duplicate")}),
    ("device,tag,topic,address\na,x,t,5\n", {(2, "address", "invalid_address")}),
    ("device,tag,topic,table,address\na,x,t,coil,40001\na,y,t,coil,4x00001\n",
     {(3, "address", "table_mismatch")}),
    ("device,tag,topic,type,scale,enabled,bit\na,x,t,int17,big,maybe,1.5\n",
     {(2, "type", "invalid_choice"), (2, "scale", "wrong_type"), (2, "enabled", "wrong_type"),
      (2, "bit", "wrong_type")}),
    ('device,tag,topic\na,"x,t\n', {(2, None, "bad_quote")}),
    ('device,tag,topic\na,"x"y,t\nb,x,\n', {(2, None, "bad_quote"), (3, "topic", "required")}),
    ("device,tag,topic,unit_id\na,x,t,9\n", {(2, "unit_id", "unknown_unit")}),
    ("device,tag,topic,unit\n,x,t,\n,x,t,\na,,t,K\na,,t,K\n--,x,t,\n_,x,t,\n",
     {(2, "device", "required"), (3, "device", "required"), (4, "tag", "required"),
      (5, "tag", "required"), (6, "device", "invalid_name"), (7, "device", "invalid_name")}),
]


@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_faults_by_row_and_column(api, number):
    text, expected = FAULTS[number]
    answer = load(api, text)
    assert answer.status == 422, answer.body
    assert faults(answer) == expected
    assert state(api) == {"profiles": [], "devices": []}


def test_not_utf8(api):
    answer = api.request("POST", "/import", b"device,tag,topic\na,x,\xff\xc3\xa4\n",
                         {"Content-Type": "text/csv"})
    assert answer.status == 422 and faults(answer) == {(2, None, "invalid_text")}


def test_overlaps_are_named_by_row(api):
    fill(api)
    before = state(api)
    text = "device,tag,topic,table,address\nn,p,t,holding_register,100\nn,q,t,coil,7\n" \
           "n,a,t,holding_register,101\n"
    answer = load(api, text)
    assert answer.status == 409
    assert faults(answer) == {(2, "address", "overlap"), (3, "address", "overlap"),
                              (4, "address", "overlap")}
    assert "a/y" in str(answer.json()["errors"])
    assert [error["row"] for error in answer.json()["errors"]] == [2, 3, 4]
    assert state(api) == before


def test_json_faults_have_pointers(api):
    answer = load_json(api, {"devices": [
        {"name": "a", "mqtt": {"topic": "t"}, "tags": [{"name": "x", "modbus": {"type": "int3"}},
                                                       {"name": "x"}, 5]},
        {"name": "b", "tags": {}}, {"name": "a"}, 7], "other": 1})
    assert answer.status == 422
    found = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert found == {("/other", "unknown_field"),
                     ("/devices/0/tags/0/modbus/type", "invalid_choice"),
                     ("/devices/0/tags/1/name", "duplicate"), ("/devices/0/tags/2", "wrong_type"),
                     ("/devices/1/mqtt/topic", "required"), ("/devices/1/tags", "wrong_type"),
                     ("/devices/2/name", "duplicate"), ("/devices/3", "wrong_type")}
    assert load(api, "{", "application/json").status == 400
    assert load_json(api, {}).status == 422


def test_what_has_no_name_is_not_named_twice(api):
    answer = load_json(api, {"devices": [
        {"mqtt": {"topic": "t"}}, {"tags": [{"unit": 5}, {}]},
        {"name": "-b", "mqtt": {"topic": "t"}, "tags": [{"name": "x"}]},
        {"name": "-c", "mqtt": {"topic": "t"}, "tags": [{"name": "x"}]}]})
    found = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
    assert found == {("/devices/0/name", "required"), ("/devices/1/name", "required"),
                     ("/devices/1/mqtt/topic", "required"),
                     ("/devices/1/tags/0/unit", "wrong_type"),
                     ("/devices/1/tags/0/name", "required"), ("/devices/1/tags/1/name", "required"),
                     ("/devices/2/name", "invalid_name"), ("/devices/3/name", "invalid_name")}


@pytest.mark.parametrize("accept, kind", [
    ("text/csv", "text/csv"), ("text/csv, application/json", "text/csv"),
    ("application/json;q=0.5, Text/CSV", "text/csv"), ("*/*", "application/json"),
    ("application/json, text/csv", "application/json"), ("text/csvx", "application/json"),
    ("text/csv; q=0.5, application/json", "application/json"),
    ("text/csv;q=0", "application/json")])
def test_the_format_is_that_which_is_preferred(api, accept, kind):
    answer = api.get("/export", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith(kind)


def test_bad_queries(api):
    for query in ("?mode=x", "?dry_run=1", "?other=1"):
        assert load_json(api, {"devices": []}, query).status == 400
    assert api.get("/export?format=xml").status == 400
    assert load(api, "x", "application/xml").status == 415


@pytest.mark.usefixtures("stack")
def test_map(api):
    fill(api)
    page = api.get("/export?format=map", headers={"Accept": "text/html"})
    text = page.body.decode()
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h2>a</h2>" in text and "400001" in text and "a, &quot;b&quot;" in text
    assert text.index(">000008<") < text.index(">400001<") < text.index(">400003<")
    assert "<td>disabled</td>" in text and text.count("read and write") == 1
    assert "unit 1, input_register 309001, offsets 9000 to 9003" in text
    assert text.index("<h2>b</h2>") > text.index("Status:") and text.count("Status:") == 1
    rows = list(csv.DictReader(io.StringIO(
        api.get("/export?format=map", headers={"Accept": "text/csv"}).body.decode(), newline="")))
    assert [row["Tag"] for row in rows] == ["x", "y", "z", "bit", "x"]
    assert rows[0]["Modicon"] == "400001" and rows[0]["Scale"] == "0.1" and rows[0]["Unit"] == "°C"
    assert rows[4]["Modbus unit"] == "2" and rows[2]["Access"] == "read and write"
