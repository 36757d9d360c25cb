"""Files of other products: KEPServerEX, Ignition and Neuron."""

import csv
import io
import json

import openpyxl
import pytest

KEPWARE = ("Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,"
           "Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,"
           "Description,Negate Value\r\n")


API_OPTIONS = {"common__units": "1-3"}


@pytest.fixture
def api(lone_api):
    return lone_api


def load(api, query, body):
    kind = "text/csv" if isinstance(body, str) else "application/json"
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return api.request("POST", f"/import?{query}", data, {"Content-Type": kind})


def accepted(answer):
    assert answer.status == 200, answer.body
    return answer.json()


def tags(api):
    """{device/tag: the tag} of all tags."""
    return {f"{tag['device']}/{tag['name']}": tag for tag in api.must("GET", "/tags?limit=1000")["items"]}


def point(tag):
    modbus = tag["modbus"]
    return tuple(modbus[name] for name in ("table", "address", "type", "byte_order", "bit", "length",
                                           "scale", "offset"))


def warned(answer):
    return {warning["code"] for warning in answer.get("warnings", [])}


def faults(answer):
    assert answer.status == 422, answer.body
    return {(error.get("row", error.get("pointer")), error.get("column"), error["code"])
            for error in answer.json()["errors"]}


def kepware(*rows):
    """A file with these columns of each row: name, address, type, access, scaling, unit, text."""
    lines = [f'"{name}","{address}",{kind},1,{access},100,{scaling or ",,,,,,,"},{unit},"{text}",\r\n'
             for name, address, kind, access, scaling, unit, text in rows]
    return KEPWARE + "".join(lines)


def test_kepware_becomes_devices_with_tags(api):
    answer = accepted(load(api, "format=kepware&topic=plant/%7Bdevice%7D", kepware(
        ("boiler.supply", "400001", "Short", "RO", "Linear,0,1000,0,100,Float,0,0", "°C", "flow"),
        ("boiler.total", "400003", "DWord", "R/W", "", "", ""),
        ("boiler.name", "400300.20H", "String", "RO", "", "", ""),
        ("boiler.alarm", "300010.5", "Boolean", "RO", "", "", ""),
        ("site.pump", "000001", "Boolean", "R/W", "", "", ""),
        ("site.phase", "400101 [2]", "Float Array", "RO", "", "", ""))))
    assert answer["created"] == 9
    assert warned(answer) == {"ignored", "byte_order_assumed", "read_only_now"}
    found = tags(api)
    assert {name: point(tag) for name, tag in found.items()} == {
        "boiler/supply": ("holding_register", 0, "int16", "ABCD", None, None, 0.1, 0),
        "boiler/total": ("holding_register", 2, "uint32", "CDAB", None, None, 1, 0),
        "boiler/name": ("holding_register", 299, "string", "ABCD", None, 10, 1, 0),
        "boiler/alarm": ("input_register", 9, "bool", "ABCD", 5, None, 1, 0),
        "site/pump": ("coil", 0, "bool", "ABCD", None, None, 1, 0),
        "site/phase_0": ("holding_register", 100, "float32", "CDAB", None, None, 1, 0),
        "site/phase_1": ("holding_register", 102, "float32", "CDAB", None, None, 1, 0)}
    assert found["boiler/supply"]["unit"] == "°C" and found["boiler/supply"]["description"] == "flow"
    assert found["site/phase_1"]["mqtt"]["key"] == "/phase/1"
    assert found["boiler/total"]["direction"] == "to_modbus"
    assert api.must("GET", "/devices/site")["mqtt"]["topic"] == "plant/site"


def test_what_the_file_does_not_say_comes_with_the_request(api):
    body = kepware(("total", "400002", "Long", "R/W", "", "", ""),
                   ("group.b", "400000", "Word", "RO", "", "", ""))
    query = ("format=kepware&device=plc&topic=t/%7Bdevice%7D&byte_order=BADC&unit=2&base=0"
             "&command_topic=t/%7Bdevice%7D/set/%7Btag%7D")
    assert warned(accepted(load(api, query, body))) == {"ignored"}
    found = tags(api)
    assert point(found["plc/total"])[:4] == ("holding_register", 2, "int32", "BADC")
    assert point(found["plc/group.b"])[:3] == ("holding_register", 0, "uint16")
    assert found["plc/total"]["direction"] == "both"
    assert found["plc/total"]["mqtt"]["command_topic"] == "t/plc/set/total"
    device = api.must("GET", "/devices/plc")
    assert device["network"]["unit_id"] == 2 and device["mqtt"]["topic"] == "t/plc"


def project_tag(name, address, kind, **more):
    return {"common.ALLTYPES_NAME": name, "servermain.TAG_ADDRESS": address,
            "servermain.TAG_DATA_TYPE": kind, "servermain.TAG_READ_WRITE_ACCESS": 0,
            "servermain.TAG_SCALING_TYPE": 0, **more}


def project(*devices, driver="Modbus TCP/IP Ethernet"):
    return {"project": {"channels": [
        {"common.ALLTYPES_NAME": "line", "servermain.MULTIPLE_TYPES_DEVICE_DRIVER": driver,
         "devices": list(devices)}]}}


def test_a_project_of_kepware_has_the_settings_of_its_devices(api):
    """Unit, word order and base of addresses are settings of a device in KEPServerEX."""
    usual = {"common.ALLTYPES_NAME": "Usual", "servermain.DEVICE_ID_STRING": "<192.0.2.1>.2",
             "tags": [project_tag("f", "400001", 8)],
             "tag_groups": [{"common.ALLTYPES_NAME": "Sub", "tags": [
                 project_tag("a", "400101 [2]", 26),
                 project_tag("s", "300001", 4, **{
                     "servermain.TAG_SCALING_TYPE": 1, "servermain.TAG_SCALING_RAW_LOW": 0,
                     "servermain.TAG_SCALING_RAW_HIGH": 1000, "servermain.TAG_SCALING_SCALED_LOW": 0,
                     "servermain.TAG_SCALING_SCALED_HIGH": 100, "servermain.TAG_SCALING_UNITS": "bar",
                     "servermain.TAG_SCALING_NEGATE_VALUE": True})]}]}
    other = {"common.ALLTYPES_NAME": "Other", "servermain.DEVICE_ID_STRING": "<192.0.2.1>.3",
             "modbus_ethernet.DEVICE_ZERO_BASED_ADDRESSING": False,
             "modbus_ethernet.DEVICE_MODBUS_BYTE_ORDER": False,
             "modbus_ethernet.DEVICE_FIRST_WORD_LOW": False,
             "modbus_ethernet.DEVICE_FIRST_DWORD_LOW": False,
             "tags": [project_tag("f", "400001", 8), project_tag("w", "400005", 5)]}
    answer = accepted(load(api, "format=kepware&topic=%7Bdevice%7D", project(usual, other)))
    assert warned(answer) == set()
    assert {name: point(tag)[:4] for name, tag in tags(api).items()} == {
        "Usual/f": ("holding_register", 0, "float32", "CDAB"),
        "Usual.Sub/a_0": ("holding_register", 100, "int32", "CDAB"),
        "Usual.Sub/a_1": ("holding_register", 102, "int32", "CDAB"),
        "Usual.Sub/s": ("input_register", 0, "int16", "ABCD"),
        "Other/f": ("holding_register", 1, "float32", "BADC"),
        "Other/w": ("holding_register", 5, "uint16", "BADC")}
    assert tags(api)["Usual.Sub/s"]["modbus"]["scale"] == -0.1
    units = {name: api.must("GET", f"/devices/{name}")["network"]["unit_id"]
             for name in ("Usual", "Usual.Sub", "Other")}
    assert units == {"Usual": 2, "Usual.Sub": 2, "Other": 3}


@pytest.mark.parametrize("bytes_first, word_low, dword_low, order", [
    (True, True, False, "CDABGHEF"), (True, False, True, "EFGHABCD"),
    (False, True, False, "DCBAHGFE"), (False, False, True, "FEHGBADC"), (True, True, True, "CDAB")])
def test_a_project_of_kepware_orders_the_halves_of_64_bits(api, bytes_first, word_low, dword_low, order):
    device = {"common.ALLTYPES_NAME": "D",
              "modbus_ethernet.DEVICE_MODBUS_BYTE_ORDER": bytes_first,
              "modbus_ethernet.DEVICE_FIRST_WORD_LOW": word_low,
              "modbus_ethernet.DEVICE_FIRST_DWORD_LOW": dword_low,
              "tags": [project_tag("q", "400001", 14), project_tag("l", "400011", 11)]}
    accepted(load(api, "format=kepware", project(device)))
    assert point(tags(api)["D/q"])[2:4] == ("uint64", order)
    of_32_bits = ("CDAB" if word_low else "ABCD") if bytes_first else ("DCBA" if word_low else "BADC")
    assert point(tags(api)["D/l"])[2:4] == ("bcd32", of_32_bits)


def test_types_that_few_products_have(api):
    """BCD comes from the types of KEPServerEX and the addresses of Ignition. What their files cannot say is in the
    remark of an export, and an import of it gives the same tags."""
    accepted(load(api, "format=kepware&device=k", kepware(
        ("c", "400001", "BCD", "RO", "", "", ""), ("lc", "400003", "LBCD", "RO", "", "", ""))))
    accepted(load(api, "format=ignition&device=i&unit=2", {"tags": [
        {"name": name, "tagType": "AtomicTag", "valueSource": "opc", "opcItemPath": f"ns=1;s=[M]{path}"}
        for name, path in (("c", "HRBCD101"), ("lc", "HRBCD_32103"))]}))
    assert {name: point(tag)[1:4] for name, tag in tags(api).items()} == {
        "k/c": (0, "bcd16", "ABCD"), "k/lc": (2, "bcd32", "CDAB"),
        "i/c": (100, "bcd16", "ABCD"), "i/lc": (102, "bcd32", "ABCD")}
    api.device("t", "t", [
        {"name": "low", "modbus": {"address": 10, "type": "int8", "scale": 0.5}},
        {"name": "high", "modbus": {"address": 10, "type": "uint8", "byte": "high"}},
        {"name": "c", "modbus": {"address": 11, "type": "bcd16"}},
        {"name": "q", "modbus": {"address": 20, "type": "uint64", "byte_order": "DCBAHGFE"}},
        {"name": "same", "modbus": {"address": 24, "type": "int64", "byte_order": "GHEFCDAB"}}],
        network={"unit_id": 3})
    before = {name: (point(tag)[:7], tag["modbus"]["byte"] or "low") for name, tag in tags(api).items()
              if name.startswith("t/")}
    before["t/same"] = (("holding_register", 24, "int64", "CDAB", None, None, 1), "low")
    for form in ("kepware", "ignition"):
        text = api.get(f"/export?format={form}&device=t").body.decode()
        body = json.loads(text) if form == "ignition" else text
        api.must("DELETE", "/devices/t")
        accepted(load(api, f"format={form}&unit=3", body))
        after = {name: (point(tag)[:7], tag["modbus"]["byte"] or "low") for name, tag in tags(api).items()
                 if name.startswith("t/")}
        assert after == before, form


def test_errors_of_a_project_name_the_member(api):
    device = {"common.ALLTYPES_NAME": "D", "tag_groups": [{"common.ALLTYPES_NAME": "G", "tags": [
        project_tag("ok", "400001", 5), project_tag("date", "400001", 12),
        project_tag("far", "465536", 8), project_tag("", "400009", 5)]}]}
    place = "/project/channels/0/devices/0/tag_groups/0/tags"
    assert faults(load(api, "format=kepware", project(device))) == {
        (f"{place}/1/servermain.TAG_DATA_TYPE", None, "invalid_type"),
        (f"{place}/2/servermain.TAG_ADDRESS", None, "out_of_range"),
        (f"{place}/3/common.ALLTYPES_NAME", None, "required")}
    assert load(api, "format=kepware", project(device, driver="Siemens TCP/IP")).status == 422
    assert load(api, "format=kepware", {"tags": []}).status == 422


def test_an_import_keeps_what_the_file_does_not_say(api):
    api.device("plc", "some/topic", [
        {"name": "x", "direction": "both", "unit": "bar",
         "mqtt": {"key": "/a/b", "command_topic": "c"},
         "modbus": {"type": "float32", "address": 10, "byte_order": "BADC"}}])
    answer = accepted(load(api, "format=kepware", kepware(
        ("plc.x", "400021", "Float", "R/W", "", "", ""))))
    assert (answer["created"], answer["changed"]) == (0, 1)
    tag = tags(api)["plc/x"]
    assert point(tag)[:4] == ("holding_register", 20, "float32", "BADC")
    assert tag["mqtt"]["key"] == "/a/b" and tag["direction"] == "both" and tag["unit"] == "bar"
    assert api.must("GET", "/devices/plc")["mqtt"]["topic"] == "some/topic"


def test_names_become_plain_and_the_files_own_become_labels(api):
    answer = accepted(load(api, "format=kepware&topic=p/%7Bdevice%7D", kepware(
        ("Kessel 7.Vorlauf Süd", "400001", "Word", "RO", "", "", ""),
        ("Kessel 7.Vorlauf_Sued", "400002", "Word", "RO", "", "", ""),
        ("Kessel 7.x", "400003", "Word", "RO", "", "", ""))))
    assert answer["created"] == 4
    found = tags(api)
    assert sorted(found) == ["Kessel_7/Vorlauf_Sued", "Kessel_7/Vorlauf_Sued_2", "Kessel_7/x"]
    renamed = found["Kessel_7/Vorlauf_Sued_2"]
    assert renamed["label"] == "Vorlauf Süd" and renamed["mqtt"]["key"] == "Vorlauf Süd"
    assert found["Kessel_7/x"]["label"] == "" and found["Kessel_7/x"]["mqtt"]["key"] == "x"
    device = api.must("GET", "/devices/Kessel_7")
    assert device["label"] == "Kessel 7" and device["mqtt"]["topic"] == "p/Kessel_7"
    again = accepted(load(api, "format=kepware", kepware(
        ("Kessel 7.Vorlauf Süd", "400001", "Word", "RO", "", "", ""),
        ("Kessel 7.Vorlauf_Sued", "400002", "Word", "RO", "", "", ""))))
    assert (again["created"], again["changed"]) == (0, 0)


def test_braces_that_curl_took_away_are_noticed(api):
    body = kepware(("plc.x", "400001", "Word", "RO", "", "", ""))
    assert "same_topic" in warned(accepted(load(api, "format=kepware&topic=plant/device", body)))
    assert "same_topic" not in warned(accepted(load(api, "format=kepware&topic=plant/seven", body)))


def test_errors_name_row_and_column_of_the_file(api):
    answer = load(api, "format=kepware", kepware(
        ("plain", "400001", "Word", "RO", "", "", ""),
        ("d.siemens", "DB1.DBW2", "Word", "RO", "", "", ""),
        ("d.date", "400001", "Date", "RO", "", "", ""),
        ("d.root", "400001", "Word", "RO", "Square Root,0,1,0,1,,,", "", ""),
        ("d.bit", "400001.3", "Word", "RO", "", "", ""),
        ("d.twice", "400011", "Word", "RO", "", "", ""),
        ("d.twice", "400012", "Word", "RO", "", "", ""),
        ("d.last", "465536", "Float", "RO", "", "", "")))
    found = faults(answer)
    assert found >= {(2, "Tag Name", "required"), (3, "Address", "invalid_address"),
                     (4, "Data Type", "invalid_type"), (5, "Scaling", "invalid_scaling"),
                     (6, "Data Type", "invalid_type"), (8, "Tag Name", "duplicate")}, found
    assert any(row == 9 and column == "Address" for row, column, _ in found), found
    assert api.must("GET", "/tags")["total"] == 0
    answer = load(api, "format=ignition", {"tags": [{"name": "d", "tags": [
        {"name": "a", "opcItemPath": "[P]HR65536"}, {"name": "b", "opcItemPath": "[P]HRF65536"},
        {"name": "c", "opcItemPath": "[P]V2000"}]}]})
    found = faults(answer)
    assert ("/tags/0/tags/2/opcItemPath", None, "invalid_address") in found, found
    assert any(place == "/tags/0/tags/1/opcItemPath" for place, _, _ in found), found
    answer = load(api, "format=kepware", kepware(
        ("d.a", "400001", "Long", "RO", "", "", ""), ("d.b", "400002", "Word", "RO", "", "", "")))
    assert answer.status == 409
    assert {(error["row"], error["column"], error["code"]) for error in answer.json()["errors"]} == {
        (2, "Address", "overlap"), (3, "Address", "overlap")}


@pytest.mark.parametrize("query, body", [
    ("format=kepware", "device,tag\r\nd,x\r\n"), ("format=kepware", ""),
    ("format=kepware", KEPWARE), ("format=ignition", {}), ("format=ignition", {"tags": []}),
    ("format=neuron", {}), ("format=neuron", "a,b\n1,2\n")])
def test_files_without_tags_change_nothing(api, query, body):
    api.device("d", "t", [{"name": "x"}])
    assert load(api, f"{query}&mode=replace", body).status == 422
    assert api.must("GET", "/tags")["total"] == 1


@pytest.mark.parametrize("query", [
    "format=siemens", "topic=t", "device=d", "format=kepware&base=2", "format=kepware&unit=256",
    "format=kepware&byte_order=AB", "format=kepware&device=", "format=ignition"])
def test_bad_queries_are_refused(api, query):
    body = "{" if "format" in query else {"devices": []}
    assert load(api, query, body).status == 400


def test_ignition_becomes_devices_by_folder_and_unit(api):
    def tag(name, path, **more):
        return {"name": name, "tagType": "AtomicTag", "valueSource": "opc",
                "opcServer": "Ignition OPC UA Server", "opcItemPath": path, **more}
    udt = {"name": "Motor", "tagType": "UdtType", "parameters": {"base": {"dataType": "Integer"}},
           "tags": [tag("speed", {"bindType": "parameter", "binding": "ns=1;s=[PLC]HRUS{base}"}),
                    tag("current", {"bindType": "parameter", "binding": "ns=1;s=[PLC]HRF{base+1}"})]}
    document = {"name": "", "tagType": "Provider", "tags": [
        {"name": "_types_", "tagType": "Folder", "tags": [udt]},
        {"name": "plant", "tagType": "Folder", "tags": [{"name": "boiler", "tagType": "Folder", "tags": [
            tag("supply", "ns=1;s=[PLC]HRF201", engUnit="bar", documentation="flow", readOnly=True),
            tag("level", "[PLC]IR1", scaleMode="Linear", rawLow=0, rawHigh=1000, scaledLow=0,
                scaledHigh=1, alarms=[]),
            tag("run", "[PLC]HR9.3", enabled=False),
            {"name": "sum", "valueSource": "expr", "expression": "1+1"}]}]},
        {"name": "m1", "tagType": "UdtInstance", "typeId": "Motor",
         "parameters": {"base": {"value": 301}}},
        {"name": "meters", "tagType": "Folder", "tags": [
            tag("a", "[PLC]2.HR1"), tag("b", "[PLC]3.HR1")]}]}
    answer = accepted(load(api, "format=ignition&topic=p/%7Bdevice%7D", document))
    assert warned(answer) == {"ignored", "skipped", "byte_order_assumed", "read_only_now"}
    found = tags(api)
    assert {name: point(tag)[:3] for name, tag in found.items()} == {
        "plant.boiler/supply": ("holding_register", 200, "float32"),
        "plant.boiler/level": ("input_register", 0, "int16"),
        "plant.boiler/run": ("holding_register", 8, "bool"),
        "m1/speed": ("holding_register", 300, "uint16"),
        "m1/current": ("holding_register", 301, "float32"),
        "meters-2/a": ("holding_register", 0, "int16"),
        "meters-3/b": ("holding_register", 0, "int16")}
    assert found["plant.boiler/level"]["modbus"]["scale"] == 0.001
    assert not found["plant.boiler/run"]["enabled"]
    assert api.must("GET", "/devices/meters-3")["network"]["unit_id"] == 3


def test_neuron_reads_json_and_tables(api):
    document = {"node": "meter", "groups": [{"group": "fast", "interval": 1000, "tags": [
        {"name": "u", "address": "1!400001#BL", "type": 9, "attribute": 1},
        {"name": "t", "address": "1!300001", "type": 3, "attribute": 3, "decimal": 0.1, "bias": -40},
        {"name": "s", "address": "1!400010.9L", "type": 13, "attribute": 1}]}]}
    accepted(load(api, "format=neuron", document))
    table = ("group,name,address,attribute,type,description,decimal,bias\n"
             "slow,a,2!400001,Read Write,UINT16,first,0.5,\n"
             "slow,b,2!000001,Read,BIT,,,\n")
    assert warned(accepted(load(api, "format=neuron", table))) == {"read_only_now", "topic_assumed"}
    assert {name: point(tag) for name, tag in tags(api).items()} == {
        "meter/u": ("holding_register", 0, "float32", "CDAB", None, None, 1, 0),
        "meter/t": ("input_register", 0, "int16", "ABCD", None, None, 0.1, -40),
        "meter/s": ("holding_register", 9, "string", "BADC", None, 5, 1, 0),
        "slow/a": ("holding_register", 0, "uint16", "ABCD", None, None, 0.5, 0),
        "slow/b": ("coil", 0, "bool", "ABCD", None, None, 1, 0)}


def test_tables_can_be_workbooks(api):
    """Neuron exports its tags as a workbook."""
    book = openpyxl.Workbook()
    book.active.title = "notes"
    book.active.append(["nothing here"])
    sheet = book.create_sheet("tags")
    for row in (["group", "interval", "name", "address", "attribute", "type", "description", "decimal"],
                ["g", 1000, "a", "1!400001", "Read", "INT16", "first", 0.5],
                ["g", 1000, "b", "1!400002.7", "Read", "BIT", None, None],
                ["g", 1000, "c", "1!400003.8H", "Read Write", "STRING", None, None]):
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)

    def send(query):
        return api.request("POST", f"/import?format=neuron{query}", data.getvalue(), {
            "Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})
    assert send("").status == 422 and send("&sheet=other").status == 422
    assert accepted(send("&sheet=tags"))["created"] == 4
    assert {name: point(tag) for name, tag in tags(api).items()} == {
        "g/a": ("holding_register", 0, "int16", "ABCD", None, None, 0.5, 0),
        "g/b": ("holding_register", 1, "bool", "ABCD", 7, None, 1, 0),
        "g/c": ("holding_register", 2, "string", "ABCD", None, 4, 1, 0)}


def fill(api):
    """Devices with all that the products can and cannot say."""
    api.device("boiler", "t/boiler", [
        {"name": "supply", "unit": "°C", "description": "a, \"b\"",
         "modbus": {"type": "int16", "scale": 0.1, "offset": -40}},
        {"name": "limit", "direction": "both", "mqtt": {"command_topic": "c"},
         "modbus": {"type": "float64", "byte_order": "CDAB"}},
        {"name": "deep.name", "enabled": False, "modbus": {"type": "uint32", "byte_order": "DCBA"}},
        {"name": "text", "modbus": {"type": "string", "length": 123}},
        {"name": "bit", "modbus": {"table": "input_register", "type": "bool", "bit": 15}},
        {"name": "flag", "modbus": {"type": "bool"}},
        {"name": "coil", "modbus": {"table": "coil", "address": 65535}},
        {"name": "input", "modbus": {"table": "discrete_input"}},
        {"name": "odd", "description": "third",
         "modbus": {"type": "int64", "scale": 1 / 3, "offset": 1e17}},
        {"name": "minus", "modbus": {"type": "float32", "scale": -2.5, "offset": 7}}])
    api.device("a.b", "t/ab", [{"name": "x", "modbus": {"type": "uint16", "byte_order": "BADC"}}])


def shape(api):
    return {name: (point(tag), tag["unit"], tag["description"], tag["enabled"])
            for name, tag in tags(api).items()}


@pytest.mark.parametrize("kind", ["kepware", "ignition"])
def test_an_exported_file_brings_the_same_tags_back(api, kind):
    fill(api)
    before = shape(api)
    answer = api.get(f"/export?format={kind}")
    assert answer.status == 200 and kind in answer.headers["Content-Disposition"]
    body = answer.body.decode() if kind == "kepware" else answer.json()
    again = accepted(load(api, f"format={kind}", body))
    assert (again["created"], again["changed"], again["deleted"]) == (0, 0, 0), again
    for device in ("boiler", "a.b"):
        api.must("DELETE", f"/devices/{device}")
    accepted(load(api, f"format={kind}", body))
    assert shape(api) == before


def test_kepware_gets_a_file_for_each_unit(api):
    fill(api)
    api.device("far", "t/far", network={"unit_id": 2}, tags=[{"name": "x"}])
    api.device("other", "t/o", network={"modbus_host": "192.0.2.1"},
               tags=[{"name": "x", "modbus": {"address": 4}}])
    refused = api.get("/export?format=kepware")
    assert refused.status == 400 and "unit 2" in refused.json()["detail"]
    rows = {query: [row["Tag Name"] for row in csv.DictReader(io.StringIO(
        api.get(f"/export?format=kepware&{query}").body.decode(), newline=""))]
            for query in ("unit=2", "device=far", "device=other", "unit=3")}
    assert rows == {"unit=2": ["far.x"], "device=far": ["far.x"], "device=other": ["other.x"],
                    "unit=3": []}
    assert api.get("/export?format=kepware&device=none").status == 404
    assert api.get("/export?format=ignition&unit=x").status == 400
    assert api.get("/export?format=csv&unit=1").status == 400


def test_ignition_addresses_have_unit_and_connection(api):
    api.device("near", "t/n", [
        {"name": "f", "modbus": {"table": "input_register", "address": 100}},
        {"name": "b", "direction": "both", "mqtt": {"command_topic": "c"},
         "modbus": {"table": "coil", "address": 6}}])
    api.device("far", "t/f", network={"unit_id": 2}, tags=[{"name": "x", "modbus": {
        "type": "uint16", "scale": 0.1, "address": 0}}])
    api.device("other", "t/o", network={"modbus_host": "192.0.2.1", "unit_id": 7},
               tags=[{"name": "x", "modbus": {"type": "string", "length": 2, "address": 9}}])
    folders = api.get("/export?format=ignition&connection=Line%201").json()["tags"]
    paths = {(folder["name"], tag["name"]): (tag["opcItemPath"], tag["dataType"], tag.get("readOnly"))
             for folder in folders for tag in folder["tags"]}
    assert paths == {
        ("near", "f"): ("ns=1;s=[Line 1]1.IRF101", "Float4", True),
        ("near", "b"): ("ns=1;s=[Line 1]1.C7", "Boolean", None),
        ("far", "x"): ("ns=1;s=[Line 1]2.HRUS1", "Float8", True),
        ("other", "x"): ("ns=1;s=[192_0_2_1_502]7.HRS10:4", "String", True)}
    scaled, = (folder["tags"][0] for folder in folders if folder["name"] == "far")
    assert (scaled["scaleMode"], scaled["rawHigh"], scaled["scaledHigh"]) == ("Linear", 1000, 100)
    assert api.get("/export?format=ignition&connection=a%5D").status == 400
