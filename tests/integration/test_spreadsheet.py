"""Tables as people have them: a German list of values, exports that restore everything."""

import io
import json
import random

import openpyxl
import pytest

from test_api_transfer import load, state

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


API_OPTIONS = {"common__units": "1-3"}


@pytest.fixture
def api(lone_api):
    return lone_api


def ask(api, data, query="", kind="text/csv"):
    """The answer for people: its status and text."""
    data = data.encode() if isinstance(data, str) else data
    answer = api.request("POST", f"/import{query}", data, {"Content-Type": kind,
                                                           "Accept": "text/plain"})
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return answer.status, answer.body.decode()


ROOMS = ["Büro", "Küche", "Flur", "Aula", "Turnhalle", "Werkstatt", "Keller", "Dachgeschoß", "Foyer", "Mensa",
         "Labor Süd", "Labor Nord", "Bücherei", "Ärztezimmer", "Öltankraum"]


def german_list():
    """150 tags of 15 devices, as a spreadsheet in German saves them: "CSV (Trennzeichen-getrennt)"."""
    lines = ["Gebäudeleittechnik Schule Süd;;;;;;;;", "", "Gerät;MQTT-Topic;Name;Adresse;Datentyp;Faktor;"
             "Einheit;Bemerkung;aktiv;"]
    address = 400101
    for room in ROOMS:
        first = f"{room};schule/{room.lower().replace(' ', '_')}/werte"
        for number in range(10):
            name, kind, factor, unit = [
                ("Temperatur Vorlauf", "REAL", "", "°C"), ("Temperatur Rücklauf", "REAL", "", "°C"),
                ("Feuchte", "INT", "0,1", "%"), ("CO2-Gehalt", "WORD", "", "ppm"),
                ("Zählerstand", "UDINT", "0,001", "m³"), ("Ventilöffnung", "Int", "0,5", "%"),
                ("Störung", "BOOL", "", ""), ("Präsenz", "bool", "", ""),
                ("Sollwert (Tag)", "real", "", "°C"), ("Größe \"A\"", "DINT", "1.000,5", "m²")][number]
            place = f"{address - address % 2 + 1}" if kind.upper() != "BOOL" else f"{address}.{number}"
            quoted = '"' + name.replace('"', '""') + '"' if '"' in name else name
            lines.append(f"{first};{quoted};{place};{kind};{factor};{unit};{'prüfen' if number == 3 else ''};ja;")
            first = ";"
            address += 4
        lines.append(";;;;;;;;")
    return "\r\n".join(lines) + "\r\n"


def test_a_german_list_of_150_tags_takes_three_imports(api):
    """With an engineer's mistakes: the first import names them all, the second is a look, the third
    does it."""
    good = german_list()
    bad = good.replace(";REAL;", ";REALL;", 2).replace("0,001", "01.01.2026", 1)
    status, text = ask(api, bad.encode("cp1252"))
    assert status == 422 and "there are 3 faults" in text
    assert '4-5' in text and '"REALL"' in text and "float32 is similar" in text
    assert '"01.01.2026"' in text and "date" in text and "Faktor" in text
    assert state(api)["devices"] == []
    status, text = ask(api, good.encode("cp1252"), "?dry_run=true")
    assert status == 200 and "165 created, 0 changed, 0 deleted" in text and "dry run" in text
    assert "Windows-1252" in text and "Temperatur_Vorlauf" in text and "400101" in text
    status, text = ask(api, good.encode("cp1252"))
    assert status == 200 and "Imported: 165 created" in text
    tags = {tag["name"]: tag for tag in state(api)["devices"][0]["tags"]}
    aula = api.get("/devices/Buero").json()
    assert aula["label"] == "Büro" and aula["mqtt"]["topic"] == "schule/büro/werte"
    tags = {tag["name"]: tag for tag in api.get("/devices/Buero/tags").json()["items"]}
    assert len(tags) == 10
    flow = tags["Temperatur_Vorlauf"]
    assert (flow["label"], flow["unit"]) == ("Temperatur Vorlauf", "°C")
    assert (flow["modbus"]["modicon"], flow["modbus"]["type"]) == ("400101", "float32")
    assert tags["Feuchte"]["modbus"]["scale"] == 0.1
    assert tags["Groesse_A"]["modbus"]["scale"] == 1000.5
    fault = tags["Stoerung"]["modbus"]
    assert (fault["type"], fault["bit"], fault["modicon"]) == ("bool", 6, "400125")
    assert [tag["device"] for tag in api.get("/tags?q=gr%C3%B6%C3%9Fe").json()["items"]] == sorted(
        device["name"] for device in api.get("/devices").json()["items"])
    again = load(api, good).json()
    assert (again["created"], again["changed"]) == (0, 0)
    status, text = ask(api, good.replace("ppm", "mg", 1))
    assert status == 200 and '"ppm" -> "mg"' in text and "1 changed" in text


def test_overlaps_come_with_faults(api):
    table = "device;tag;topic;address;type\na;x;t;400101;DINT\na;y;t;400102;INT\na;z;t;400110;INTT\n"
    status, text = ask(api, table)
    assert status == 422 and "there are 3 faults" in text
    assert "400101 to 400102" in text and "a/x" in text and "INTT" in text
    moved = "device;tag;topic;address;type\na;x;t;400101;INT\na;y;t;400102;INT\n"
    assert load(api, moved).status == 200
    swapped = "device;tag;topic;address;type\na;x;t;400102;INTT\na;y;t;400101;INT\n"
    assert [error["code"] for error in load(api, swapped).json()["errors"]] == ["invalid_choice"], \
        "x leaves the register that y gets"


def test_the_answer_to_json_is_a_table_too(api):
    status, text = ask(api, json.dumps({"devices": [{"name": "a", "mqtt": {}}]}).encode(),
                       kind="application/json")
    assert status == 422 and "/devices/0/mqtt/topic" in text
    status, text = ask(api, json.dumps({"devices": []}).encode(), kind="application/json")
    assert status == 200 and "0 created" in text


def test_changes_have_before_and_after(api):
    load(api, "device,tag,topic,scale,unit\na,x,t,0.1,K\n")
    plan = load(api, "device,tag,topic,scale,unit\na,x,t,0.5,K\na,y,t,,\n", query="?dry_run=true").json()
    assert [(change["action"], change["tag"]) for change in plan["changes"]] == [
        ("change", "x"), ("create", "y")]
    assert plan["changes"][0]["before"] == {"modbus": {"scale": 0.1}}
    assert plan["changes"][0]["after"] == {"modbus": {"scale": 0.5}}
    assert plan["changes"][1]["before"] is None
    assert plan["changes"][1]["after"]["modbus"]["type"] == "float32"
    assert plan["changes"][1]["modicon"] == "400003"
    plan = load(api, "device,tag,topic\na,x,t\n", query="?dry_run=true&mode=replace").json()
    assert [change["action"] for change in plan["changes"]] == ["unchanged"]
    done = load(api, "device,tag,topic\na,y,t\n", query="?mode=replace").json()
    assert [(change["action"], change["tag"]) for change in done["changes"]] == [
        ("delete", "x"), ("create", "y")]
    assert done["changes"][0]["before"]["unit"] == "K" and done["changes"][0]["after"] is None


def test_warnings_are_with_their_change(api):
    done = load(api, "device,tag,topic,table,address\na,x,t,holding_register,40001\na,y,t,,\n").json()
    assert [[w["code"] for w in change.get("warnings", [])] for change in done["changes"]] == [
        [], ["looks_like_modicon"], []]


@pytest.mark.parametrize("table, wanted", [
    ("device,tag,topic,address\na,x,t,400210.3\n", ("holding_register", 209, 3, "bool")),
    ("device;tag;topic;address\na;x;t;400.101\n", ("holding_register", 100, None, "float32")),
    ("device,tag,topic,address\na,x,t,40 0101\n", ("holding_register", 100, None, "float32")),
    ("device,tag,topic,address,table\na,x,t,300101,Input Register\n",
     ("input_register", 100, None, "float32")),
    ("device,tag,topic,address,table\na,x,t,100.7,4x\n", ("holding_register", 100, 7, "bool")),
    ("device,tag,topic,address,table\na,x,t,'7,Coil\n", ("coil", 7, None, "bool")),
    ("device,tag,topic,address,type\na,x,t,4X00101,WORD\n", ("holding_register", 100, None, "uint16")),
    ("device,tag,topic,address\na,x,t,40001:3\n", ("holding_register", 0, 3, "bool")),
    ("device,tag,topic,address\na,x,t,%MX100.3\n", ("holding_register", 100, 3, "bool")),
    ("device,tag,topic,address\na,x,t,%mw100:x15\n", ("holding_register", 100, 15, "bool")),
    ("device,tag,topic,address\na,x,t,%IX1.2\n", ("discrete_input", 10, None, "bool")),
    ("device,tag,topic,address,table\na,x,t,%MW100,4x\n",
     ("holding_register", 100, None, "float32")),
])
def test_addresses(api, table, wanted):
    answer = load(api, table)
    assert answer.status == 200, answer.body
    modbus = api.get("/devices/a/tags/x").json()["modbus"]
    assert (modbus["table"], modbus["address"], modbus["bit"], modbus["type"]) == wanted


@pytest.mark.parametrize("table, column, code", [
    ("device,tag,topic,address,bit\na,x,t,400210.3,4\n", "bit", "differs"),
    ("device,tag,topic,address,type\na,x,t,400210.3,REAL\n", "bit", "type_mismatch"),
    ("device,tag,topic,address\na,x,t,400210.16\n", "address", "out_of_range"),
    ("device,tag,topic,address\na,x,t,400.101\n", "address", "invalid_address"),
    ("device,tag,topic,address\na,x,t,%IW5\n", "address", "invalid_address"),
    ("device,tag,topic,address\na,x,t,HR201\n", "address", "invalid_address"),
    ("device,tag,topic,address,table\na,x,t,%MW100,Coil\n", "address", "table_mismatch"),
    ("device,tag,topic,table,address\na,x,t,Coil,400101\n", "address", "table_mismatch"),
    ("device,tag,topic,type\na,x,t,Integer\n", "type", "invalid_choice"),
    ("device,tag,topic,byte_order\na,x,t,swapped\n", "byte_order", "invalid_choice"),
    ("Gerät,Name,Topic,Datentyp\na,x,t,Kommazahl\n", "Datentyp", "invalid_choice"),
    ("device,tag,topic,values\na,x,t,ON=1\n", "values", "wrong_type"),
    ("device,tag,topic,values\na,x,t,\"{\"\"ON\"\":\"\"x\"\"}\"\n", "values", "wrong_type"),
    ("device,tag,topic,enabled\na,x,t,x\na,y,t,\n", "enabled", "ambiguous"),
    ("device,tag,topic,status_address\na,x,t,99999\n", "status_address", "out_of_range"),
    ("device,Name,Variable,topic\na,x,y,t\n", "Variable", "duplicate"),
])
def test_what_is_not_clear_is_refused(api, table, column, code):
    answer = load(api, table)
    assert answer.status == 422
    assert (column, code) in {(error["column"], error["code"]) for error in answer.json()["errors"]}
    assert state(api)["devices"] == []


def test_rows_of_merged_cells(api):
    table = ("device;topic;unit_id;device_label;tag\nHalle;t/h;2;Die Halle;a\n;;;;b\nHalle;;;;c\n"
             "Hof;t/y;;;\n")
    assert load(api, table).json()["created"] == 5
    devices = {device["name"]: device for device in state(api)["devices"]}
    assert devices["Halle"]["network"]["unit_id"] == 2 and devices["Halle"]["label"] == "Die Halle"
    assert len(devices["Halle"]["tags"]) == 3 and devices["Hof"]["tags"] == []
    refused = load(api, "device;topic;tag\nHalle;t/h;a\nHalle;other;b\n").json()["errors"]
    assert [(error["row"], error["column"], error["code"]) for error in refused] == [(3, "topic", "differs")]
    assert "tag_topic" in refused[0]["detail"]


def test_names_are_told_apart(api):
    table = "device,tag,topic\na,Temp 1,t\na,Temp/1,t\na,Temp_1_2,t\n"
    assert load(api, table).status == 422, "Temp_1_2 is what the second becomes"
    table = "device,tag,topic\na,Temp 1,t\na,Temp/1,t\n"
    assert load(api, table).json()["created"] == 3
    labels = {tag["name"]: tag["label"] for tag in api.get("/devices/a/tags").json()["items"]}
    assert labels == {"Temp_1": "Temp 1", "Temp_1_2": "Temp/1"}
    again = load(api, "device,tag,topic,unit\na,Temp/1,t,K\n").json()
    assert (again["created"], again["changed"]) == (0, 1), "a part of the table means the same tags"
    assert api.get("/devices/a/tags/Temp_1_2").json()["unit"] == "K"
    only_labels = load(api, "device,Bezeichnung,topic\nb,Größe,t\n")
    assert only_labels.status == 200
    assert api.get("/devices/b/tags/Groesse").json()["label"] == "Größe"


ENGLISH = """Register list AHU,,,,,
Point Name,Function Code,Register,Data Type,No. of registers,Access
Supply Air Temp (zone),04,100,Float,2,RO
Filter,FC 3,102,Unsigned 16 bit,1,R/W
Alarm,0x01,7,Boolean,1,RO
Serial,3 / 16,110,STRING[9],,R/W
"""


def test_a_list_of_one_device_without_a_column_for_it(api):
    """The header that is meant is found, and what is missing comes with the request."""
    status, text = ask(api, ENGLISH)
    assert status == 422 and "2     device" in text and "device=NAME" in text
    status, text = ask(api, ENGLISH, "?device=AHU+S%C3%BCd&topic=ahu/{device}")
    assert status == 200 and "5 created" in text and "command_topic=" in text
    tags = {tag["name"]: tag for tag in state(api)["devices"][0]["tags"]}
    assert {name: (tag["modbus"]["table"], tag["modbus"]["address"], tag["modbus"]["type"],
                   tag["modbus"]["length"], tag["direction"]) for name, tag in tags.items()} == {
        "Supply_Air_Temp_zone": ("input_register", 100, "float32", None, "to_modbus"),
        "Filter": ("holding_register", 102, "uint16", None, "to_modbus"),
        "Alarm": ("coil", 7, "bool", None, "to_modbus"),
        "Serial": ("holding_register", 110, "string", 5, "to_modbus")}
    device = api.get("/devices/AHU_Sued").json()
    assert (device["label"], device["mqtt"]["topic"]) == ("AHU Süd", "ahu/AHU_Sued")
    status, text = ask(api, ENGLISH, "?device=AHU+S%C3%BCd&command_topic=ahu/{device}/set/{tag}")
    assert status == 200 and "2 changed" in text and "command_topic=" not in text
    serial = api.get("/devices/AHU_Sued/tags/Serial").json()
    assert serial["direction"] == "both"
    assert serial["mqtt"]["command_topic"] == "ahu/AHU_Sued/set/Serial"
    for query in ("?device=a,b", "?topic=t"):
        assert ask(api, ENGLISH, query)[0] == 422
    assert ask(api, "device,tag\nd,t\n", "?device=d")[0] == 422
    assert ask(api, ENGLISH, "?device=AHU_Sued&mode=replace")[0] == 200
    assert api.request("POST", "/import?topic=t", b"{}", {"Content-Type": "application/json"}).status == 400


@pytest.mark.parametrize("kind", ["application/octet-stream", "application/x-www-form-urlencoded", "text/csv"])
def test_a_body_is_recognised(api, kind):
    """As curl sends a file without a header, but not as a page of another site sends a form."""
    book = openpyxl.Workbook()
    for row in (["device", "topic", "tag"], ["d", "t", "x"]):
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    bodies = [saved.getvalue(), b"device;topic;tag\nd;t;x\n", b'\n{"devices": []}']
    for body in bodies[:2] if kind == "text/csv" else bodies:
        answer = api.request("POST", "/import", body, {"Content-Type": kind})
        assert answer.status == 200, answer.body
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://other"}
    assert api.request("POST", "/import", bodies[2], form).status == 403
    assert api.request("POST", "/devices", b"{}", {"Content-Type": kind}).status == 415
    old = api.request("POST", "/import", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", {"Content-Type": kind})
    assert old.status == 400 and ".xls" in old.json()["detail"]


@pytest.mark.parametrize("cell", ["03;04", "7", "3-4", "FC", "x3"])
def test_what_is_no_function_code_is_refused(api, cell):
    answer = load(api, f'device,topic,tag,FC,address\nd,t,x,"{cell}",1\n')
    assert answer.status == 422
    assert [fault["column"] for fault in answer.json()["errors"]] == ["FC"]


def test_integer_says_what_to_write(api):
    status, text = ask(api, "device,topic,tag,type,address\n" + "".join(
        f"d,t,t{n},{word},{400001 + n}\n" for n, word in enumerate(["Integer", "unsigned integer"] * 20)))
    assert status == 422 and text.count("int16, uint16, int32 or uint32") == 1
    assert '2-41  type    "Integer", "unsigned integer"' in text


def test_equal_faults_are_one_line_whatever_the_cells_are(api):
    status, text = ask(api, "device,topic,tag,address\n" + "".join(f"d,t,t{n},{n + 1}\n" for n in range(99)))
    assert status == 422 and '2-100  address  "1", "2", "3" ...  ' in text
    assert len(text.splitlines()) == 4


def test_texts_do_not_choose_the_separator(api):
    text = "a\t" * 30
    for rows in ([f"d,t,x,{text}"], [f"d,t,x{n},{text if n % 3 else ''}" for n in range(9)]):
        assert load(api, "device,topic,tag,description\n" + "\n".join(rows) + "\n").status == 200
    assert load(api, "Liste, von Haus 1, 2, 3, 4, 5\n\ndevice;topic;tag;scale\nd;t;y;0,5\n").status == 200


def test_overlaps_are_found_by_their_registers(api):
    """As many as one register has: the first 100 are listed."""
    body = {"devices": [{"name": "d", "mqtt": {"topic": "t"}, "tags": [
        {"name": f"t{n}", "modbus": {"table": "holding_register", "address": 5, "type": "bool",
                                     "bit": n % 16}} for n in range(20000)]}]}
    answer = api.request("POST", "/import", body)
    assert answer.status == 409 and len(answer.json()["errors"]) == 100
    del body["devices"][0]["tags"][16:]
    assert api.request("POST", "/import", body).status == 200
    body["devices"][0]["tags"].append({"name": "s", "modbus": {"table": "holding_register", "address": 2,
                                                               "type": "string", "length": 10}})
    faults = api.request("POST", "/import", body).json()["errors"]
    assert len(faults) == 32 and all(fault["code"] == "overlap" for fault in faults)


TEXTS = ["", " ", "x", "ä ö", "'", "''", "=1+1", "-5", "+x", "@", "null", "'null", "a,b;c", 'q"q', "a\nb", "a\r\nb",
         "\tt", "1,5", "1.000", "true", "#NV", "😀"]


def some_text(dice, longest=20):
    return "".join(dice.choice(TEXTS) for _ in range(dice.randrange(3)))[:longest]


def some_tag(dice, name, address):
    kind = dice.choice(["int16", "float32", "uint64", "bool", "string"])
    tag = {"name": name, "label": some_text(dice), "description": some_text(dice), "unit": some_text(dice),
           "enabled": dice.random() < 0.7,
           "mqtt": {"key": dice.choice(["", "k", "/a/0", "=k"]), "topic": dice.choice([None, "t/+/x"]),
                    "number": dice.choice(["decimal", "hex"]), "pattern": dice.choice([None, "^(.*);$"]),
                    "quality_key": dice.choice([None, "./q"]),
                    "values": dice.choice([None, {"ON": 1, "OFF": 0}, {"ä;\"": 1, "x": 0}])},
           "modbus": {"table": "holding_register", "address": address, "type": kind}}
    if tag["mqtt"]["key"] == "":
        tag["mqtt"]["quality_key"] = None
    if dice.random() < 0.3:
        tag["direction"] = "both"
        tag["mqtt"].update(command_topic="c/" + name, command_template=dice.choice([None, "", "{value}", "'"]),
                           command_qos=dice.randrange(3), command_retain=dice.random() < 0.5,
                           settle_ms=dice.randrange(1000), hold_off_ms=dice.randrange(3000),
                           values=None)
        values = {"string": [text[:2].encode()[:2].decode(errors="ignore") for text in TEXTS + ["0", "-7", '"x"', "null"]],
                  "bool": [True, False, 1, "on", "true"], "uint64": [5, "9007199254740993"]}
        tag["mqtt"].update(expires_s=dice.choice([0, 60]),
                           expire_value=dice.choice([None, *values.get(kind, [0, 1, "1"])]),
                           command_on=dice.choice(["write", "change"]), min_interval_ms=dice.choice([0, 500]))
        if tag["mqtt"]["command_on"] == "change" and kind not in ("bool", "string"):
            tag["mqtt"]["min_change"] = dice.choice([0, 0.5, 1e-7])
    if kind == "string":
        tag["modbus"]["length"] = dice.randrange(1, 4)
    elif kind != "bool":
        tag["modbus"].update(scale=dice.choice([1, 0.1, 1000, 1.5, -1e-7, 1e300]),
                             offset=dice.choice([0, -1.25, 1000]),
                             byte_order=dice.choice(["ABCD", "DCBA", "CDAB"]),
                             on_overflow=dice.choice(["reject", "clamp"]),
                             on_null=dice.choice(["hold", "stale"]),
                             on_stale=dice.choice([None, 0, 7]) if kind != "float32" else
                             dice.choice([None, "nan", -1.5]))
        if tag["mqtt"].get("expire_value") is not None:
            tag["modbus"]["on_overflow"] = "clamp"  # with most scales it does not fit
    elif dice.random() < 0.5:
        tag["modbus"]["bit"] = dice.randrange(16)
    return tag


def some_device(dice, number):
    device = {"name": f"d{number}", "label": some_text(dice), "description": some_text(dice),
              "enabled": dice.random() < 0.7,
              "network": {"address": dice.choice([None, "10.0.0.1"]), "unit_id": dice.randrange(1, 4),
                          "poll_interval_ms": dice.choice([1000, 5]),
                          "write_single": dice.random() < 0.5,
                          "rewrite_on_reconnect": dice.random() < 0.5},
              "mqtt": {"topic": dice.choice(["t", "+/x", "=t"]), "qos": dice.randrange(3),
                       "availability_topic": dice.choice([None, "a/b"]),
                       "availability_key": dice.choice([None, "", "k"]),
                       "payload_available": dice.choice([None, "", "null", "up", "'null"]),
                       "payload_unavailable": dice.choice(["offline", "down"]),
                       "stale_after_s": dice.choice([0, 60]),
                       "timestamp_key": dice.choice([None, "", "/ts"]),
                       "where": dice.choice([None, {"id": 37}, {"a;b": "x\"", "c": True}]),
                       "request": dice.choice([None, {"topic": "r", "payload": "'", "interval_s": 5}])}}
    if dice.random() < 0.5:
        device["status"] = {"table": "input_register", "address": 60000 + 4 * number}
    device["tags"] = [some_tag(dice, f"t{k}", 200 * number + 4 * k) for k in range(dice.randrange(6))]
    return device


def bare(document):
    for device in document["devices"]:
        for thing in [device, *device["tags"]]:
            for member in ("id", "revision", "created_at", "updated_at"):
                del thing[member]
    return document


FORMATS = [("format=csv", "text/csv"), ("format=csv&delimiter=semicolon", "text/csv"),
           ("format=xlsx", XLSX)]


@pytest.mark.parametrize("query, kind", FORMATS, ids=[query for query, _ in FORMATS])
def test_export_delete_everything_import_is_the_identity(api, query, kind):
    dice = random.Random(query)
    for _ in range(25):
        made = api.confirm("POST", "/import?mode=replace", {"devices": [
            some_device(dice, n) for n in range(dice.randrange(1, 6))]})
        assert made.status == 200, made.body
        before = state(api)
        data = api.get(f"/export?{query}").body
        for mode in ("merge", "replace"):
            same = api.request("POST", f"/import?mode={mode}", data, {"Content-Type": kind})
            assert same.status == 200, same.body
            assert same.json()["changes"] == [], data.decode(errors="replace")
        assert api.confirm("POST", "/import?mode=replace", {"devices": []}).status == 200
        assert api.request("POST", "/import", data, {"Content-Type": kind}).status == 200
        assert bare(state(api)) == bare(before)


def some_profile(dice, number):
    """With parameters in texts of all kinds, and tags of all types of some_tag."""
    tags = [some_tag(dice, f"p{k}", 4 * k) for k in range(dice.randrange(1, 5))]
    for tag in tags:
        if dice.random() < 0.5:
            tag["description"] = "{serial}" + tag["description"]
        if tag["mqtt"].get("command_topic"):
            tag["mqtt"]["command_topic"] = "c/{device}/" + tag["name"]
    device = {"mqtt": {"topic": dice.choice(["t/{device}", "t/{device}/{root}"])}}
    if dice.random() < 0.5:
        device["label"] = "{serial} {root}"
        device["mqtt"]["stale_after_s"] = "{age}"
    return {"name": f"kind{number}", "label": some_text(dice), "description": some_text(dice),
            "params": {"serial": {"description": some_text(dice)}, "root": {"default": "m"},
                       "age": {"default": 60}},
            "room": {"holding_register": 20}, "device": device, "tags": tags}


def some_followers(dice, profile, number):
    """Devices of a profile, with own members and tags."""
    devices = []
    for k in range(dice.randrange(1, 4)):
        address = 20000 + 1000 * number + 100 * k
        base = {"holding_register": address}
        devices.append({
            "name": f"{profile['name']}-{k}", "description": some_text(dice), "enabled": dice.random() < 0.8,
            "network": {"address": dice.choice([None, "10.0.0.1"]), "unit_id": dice.randrange(1, 4)},
            "profile": {"name": profile["name"], "base": base,
                        "params": {"serial": dice.choice(["4711", "a;\"b", "=1", "'x", "ä,\nb", "😀", "true"]),
                                   **({"age": dice.choice([0, 5])} if dice.random() < 0.5 else {}),
                                   **({"root": "ö/x"} if dice.random() < 0.5 else {})}},
            "tags": [some_tag(dice, f"own{n}", address + 50 + 4 * n) for n in range(dice.randrange(3))]})
        if "label" not in profile["device"]:
            devices[-1]["label"] = some_text(dice)
    return devices


def rows_of(api):
    """All tags, also those that follow from profiles, and all devices."""
    found = bare({"devices": [dict(device, tags=api.get(f"/devices/{device['name']}/tags?limit=1000").json()["items"])
                              for device in api.get("/devices?limit=1000").json()["items"]]})["devices"]
    return sorted(found, key=lambda device: device["name"])


@pytest.mark.parametrize("query, kind", [("format=json", "application/json"), *FORMATS],
                         ids=["json", *[query for query, _ in FORMATS]])
def test_devices_of_profiles_come_back(api, query, kind):
    """With their profiles; a table has the devices, and the profiles stay in the store."""
    dice = random.Random(query + "profiles")
    is_table = kind != "application/json"
    for _ in range(15):
        profiles = [some_profile(dice, n) for n in range(dice.randrange(1, 4))]
        devices = [device for n, profile in enumerate(profiles) for device in some_followers(dice, profile, n)]
        devices += [some_device(dice, n) for n in range(dice.randrange(3))]
        made = api.confirm("POST", "/import?mode=replace", {"profiles": profiles, "devices": devices})
        assert made.status == 200, made.body
        before, profiles = rows_of(api), api.get("/export").json()["profiles"]
        data = api.get(f"/export?{query}").body
        for mode in ("merge", "replace"):
            same = api.request("POST", f"/import?mode={mode}", data, {"Content-Type": kind})
            assert same.status == 200, same.body
            assert same.json()["changes"] == [], data.decode(errors="replace")
        empty = {"devices": []} if is_table else {"profiles": [], "devices": []}
        assert api.confirm("POST", "/import?mode=replace", empty).status == 200
        back = api.request("POST", "/import", data, {"Content-Type": kind})
        assert back.status == 200, (back.body, data)
        assert rows_of(api) == before
        if not is_table:
            again = api.get("/export").json()["profiles"]
            for profile in profiles + again:
                for member in ("id", "revision", "created_at", "updated_at"):
                    del profile[member]
                for tag in profile["tags"]:
                    del tag["id"]
            assert again == profiles
