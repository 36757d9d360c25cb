"""Workbooks: written by openpyxl as spreadsheets write them, read back by it, damaged and hostile."""

import datetime
import io
import zipfile

import openpyxl
import pytest

from test_spreadsheet import XLSX, ask

HEADER = ["Device", "Topic", "Tag", "Address", "Type", "Scale", "Enabled", "Description"]


API_OPTIONS = {}


@pytest.fixture
def api(lone_api):
    return lone_api


def workbook(rows, **sheets):
    """The bytes of a workbook with these rows in its first sheet, and other sheets."""
    book = openpyxl.Workbook()
    book.active.title = "List"
    for row in rows:
        book.active.append(row)
    for name, others in sheets.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(row)
    return book


def saved(book):
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def send(api, data, query=""):
    return api.request("POST", f"/import{query}", data, {"Content-Type": XLSX})


def tags(api, device):
    return {tag["name"]: tag for tag in api.get(f"/devices/{device}/tags").json()["items"]}


def test_a_workbook_as_a_person_has_it(api):
    book = workbook([["Plant 7"], [], HEADER, ["Süd", "t/s", "Vorlauf °C", 400101, "REAL", None, True, 1.5],
                     [None, None, "Druck", "400103", "INT", 0.125, "ja", "nothing"],
                     [None, None, "Zähler", "400 105", "udint", "0,5", 1, None],
                     [None, None, "Alarm", 400210.3, None, None, False, None]])
    book.active.merge_cells("A4:A7")
    book.active["K99"] = " "
    answer = send(api, saved(book))
    assert answer.status == 200, answer.body
    found = tags(api, "Sued")
    assert set(found) == {"Vorlauf_C", "Druck", "Zaehler", "Alarm"}
    flow, pressure, count, alarm = (found[name] for name in ("Vorlauf_C", "Druck", "Zaehler", "Alarm"))
    assert flow["label"] == "Vorlauf °C" and flow["description"] == "1.5"
    assert (flow["modbus"]["modicon"], flow["modbus"]["type"]) == ("400101", "float32")
    assert pressure["modbus"]["scale"] == 0.125 and pressure["enabled"]
    assert (count["modbus"]["modicon"], count["modbus"]["scale"]) == ("400105", 0.5)
    assert (alarm["modbus"]["bit"], alarm["enabled"]) == (3, False)


def test_the_first_sheet_with_a_table_is_read(api):
    table = [HEADER[:3], ["a", "t", "x"]]
    book = workbook([["Notes"], ["about", "this"]], Tags=table, More=[HEADER[:3], ["b", "t", "y"]],
                    Hidden=[HEADER[:3], ["c", "t", "z"]])
    book["Hidden"].sheet_state = "hidden"
    warnings = send(api, saved(book)).json()["warnings"]
    assert '"Tags"' in warnings[0]["detail"] and "sheet=" in warnings[0]["detail"]
    assert [device["name"] for device in api.get("/devices").json()["items"]] == ["a"]
    assert send(api, saved(book), "?sheet=Hidden").json()["created"] == 2
    refused = send(api, saved(book), "?sheet=Other")
    assert refused.status == 422 and '"More"' in refused.json()["errors"][0]["detail"]


@pytest.mark.parametrize("column, value, word", [
    ("F", datetime.datetime(2026, 5, 1), "date"), ("H", datetime.date(2026, 5, 1), "date"),
    ("F", "#N/A", "spreadsheet"), ("D", 400210.1, "bit 10"), ("F", "=1/3", "result"),
    ("F", "1.000", "1000"), ("E", "Integer", "int16")])
def test_cells_that_do_not_say_what_is_meant(api, column, value, word):
    book = workbook([HEADER, ["a", "t", "x"]])
    book.active[f"{column}2"] = value
    answer = send(api, saved(book))
    assert answer.status == 422, answer.body
    error, = answer.json()["errors"]
    assert error["column"] == HEADER["ABCDEFGH".index(column)] and error["row"] == 2
    assert word in error["detail"]
    status, text = ask(api, saved(book), kind=XLSX)
    assert status == 422 and word in text


def test_export_is_a_sheet_to_work_with(api):
    api.device("a", "t", tags=[{"name": "7", "unit": "°C", "description": "a\r\nb _x0041_ <&>",
                                "modbus": {"scale": 0.1, "table": "holding_register", "address": 3}}])
    answer = api.get("/export?format=xlsx")
    assert answer.headers["Content-Type"] == XLSX and ".xlsx" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.body)).active
    row = dict(zip([cell.value for cell in sheet[1]], sheet[2]))
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref.startswith("A1:")
    assert row["tag"].value == "7" and row["address"].value == 3 and row["scale"].value == 0.1
    assert row["enabled"].value is True and row["unit"].value == "°C" and row["bit"].value is None
    assert api.get("/export", headers={"Accept": XLSX}).body == answer.body
    assert send(api, answer.body, "?mode=replace").json()["changes"] == []
    opened = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(answer.body)).save(opened)
    assert send(api, opened.getvalue(), "?mode=replace").json()["changes"] == []
    body = api.request("POST", "/import?format=xlsx&mode=replace", answer.body,
                       {"Content-Type": "text/csv"})
    assert body.status == 200, "the format goes before the type"


@pytest.mark.parametrize("text", ["_x0041\r", "_x0041\x01", "_x0041_x0042_", "__x000D__", "\uffff\ufffe", "_xFFFF_", "\x7f"])
def test_characters_that_xml_does_not_have_come_back(api, text):
    api.device("a", "t", tags=[{"name": "x", "description": text}])
    exported = api.get("/export?format=xlsx").body
    assert send(api, exported, "?mode=replace").json()["changes"] == []
    assert tags(api, "a")["x"]["description"] == text


def parts(**changed):
    """A small workbook, with some of its files replaced, or left out for None."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(workbook([HEADER[:3], ["a", "t", "x"]])))) as source, \
            zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            short = name.rsplit("/", 1)[-1].split(".")[0]
            if short not in changed:
                copy.writestr(name, source.read(name))
            elif changed[short] is not None:
                copy.writestr(name, changed[short])
    return data.getvalue()


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


@pytest.mark.parametrize("name, data, status", [
    ("no zip", lambda: b"device,tag,topic\n", 400), ("empty", lambda: b"", 400),
    ("old", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, 400),
    ("cut", lambda: parts()[:-200], 400), ("no list", lambda: parts(workbook=None), 400),
    ("no sheet", lambda: parts(sheet1=None), 422), ("not XML", lambda: parts(sheet1="<a><b>"), 422),
    ("entities", lambda: parts(sheet1='<!DOCTYPE a [<!ENTITY b "bbbb">]>' + SHEET % ""), 422),
    ("bomb", lambda: parts(sheet1=SHEET % (" " * (300 << 20))), 422),
    ("long token", lambda: parts(sheet1=SHEET % ("<row r='" + "1" * 200000 + "'/>")), 422),
    ("long text", lambda: parts(sheet1=SHEET % ("<row><c t='str'><v>" + "x" * 200000 + "</v></c></row>")), 422),
    ("no such text", lambda: parts(sheet1=SHEET % "<row><c t='s'><v>99</v></c></row>"), 422),
    ("bad reference", lambda: parts(sheet1=SHEET % "<row><c r='9'><v>1</v></c></row>"), 422),
    ("bad row", lambda: parts(sheet1=SHEET % "<row r='-1'><c><v>1</v></c></row>"), 422),
    ("far cell", lambda: parts(sheet1=SHEET % "<row><c r='XFD1'><v>1</v></c></row>"), 422),
    ("deep", lambda: parts(sheet1=SHEET % ("<a>" * 100000 + "</a>" * 100000)), 422),
])
def test_damaged_and_hostile_workbooks(api, name, data, status):
    answer = send(api, data())
    assert answer.status == status, answer.body
    assert api.must("GET", "/export")["devices"] == []
    assert send(api, saved(workbook([HEADER[:3], ["a", "t", "x"]]))).status == 200
