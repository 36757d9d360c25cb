"""Compares all descriptions of the fields of devices and tags with the list in
src/common/model/resource_fields.h: docs/openapi.json, the schema, the documents, CSV files."""

import json
import pathlib
import re
import subprocess
import tempfile

import pytest

from contract import DOCUMENT, branches, merged
from harness import ROOT
from store_file import open_store

SCHEMAS = DOCUMENT["components"]["schemas"]
LISTS = {"device": "Device", "tag": "Tag"}
INPUTS = {"device": ("DeviceInput", "DevicePut", "DevicePatch", "ConfiguredDevice"),
          "tag": ("TagInput", "TagPut", "TagPatch")}
# Members that only the server sets, and the tags of a device in an import.
NOT_FIELDS = {"id", "revision", "created_at", "updated_at", "warnings", "quality", "reason", "live",
              "device", "modicon", "tags"}
NOT_TAG_FIELDS = NOT_FIELDS | {"profile"}
TYPES = {"TEXT": {"string"}, "FLAG": {"boolean"}, "U8": {"integer"}, "U16": {"integer"},
         "U32": {"integer"}, "BIT": {"integer"}, "ADDRESS": {"integer"}, "REAL": {"number"},
         "CHOICE": {"string"}, "STATUS_TABLE": {"string"}, "BYTE": {"string"}, "VALUES": {"object"},
         "OBJECT": {"object"},
         "ON_STALE": {"number", "string"}, "SCALAR": {"number", "string", "boolean"}}
WIDTHS = {"U8": 2 ** 8, "U16": 2 ** 16, "U32": 2 ** 32, "BIT": 2 ** 7, "ADDRESS": 2 ** 16}
COLUMNS = {"TEXT": "TEXT", "CHOICE": "TEXT", "STATUS_TABLE": "TEXT", "BYTE": "TEXT", "VALUES": "TEXT",
           "OBJECT": "TEXT", "ON_STALE": "TEXT", "SCALAR": "TEXT", "REAL": "REAL"}


def read_list():
    """The list, as the compiler expands it."""
    sources = [ROOT / name for name in ("tests/integration/print_fields.c", "src/common/model/tag.c",
                                        "src/common/base/require.c")]
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "print_fields"
        subprocess.run(["cc", "-std=c11", "-D_GNU_SOURCE", f"-I{ROOT / 'src'}", "-o", program, *sources],
                       check=True)
        done = subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


LIST = read_list()
FIELDS = LIST["fields"]


def kind_of(field):
    return field["kind"].split("(")[0]


def default_of(field):
    return bool(field["default"]) if kind_of(field) == "FLAG" else field["default"]


def each_field(values=None):
    return pytest.mark.parametrize(
        "field", [field for field in FIELDS if values is None or values(field)],
        ids=lambda field: f"{field['list']}-{field['column']}")


def group_schema(schema, group):
    """The object that holds a group's members, of a schema by its name."""
    schema = merged(SCHEMAS[schema])
    return merged(schema["properties"][group]) if group else schema


def types_of(schema):
    return {kind for part in branches(schema) for kind in
            ([part["type"]] if isinstance(part.get("type"), str) else part.get("type", []))}


def choices_of(schema):
    return [part["enum"] for part in branches(schema) if "enum" in part]


def limit_of(schema, keyword):
    found = {part[keyword] for part in branches(schema) if keyword in part}
    assert len(found) <= 1
    return found.pop() if found else None


@pytest.mark.parametrize("schema, list_name", [(schema, name) for name in LISTS
                                               for schema in (LISTS[name], *INPUTS[name])])
def test_the_document_has_these_members(schema, list_name):
    groups = {field["group"] for field in FIELDS if field["list"] == list_name}
    for group in groups:
        members = set(group_schema(schema, group)["properties"])
        members -= NOT_TAG_FIELDS if list_name == "tag" else NOT_FIELDS
        listed = {field["name"] for field in FIELDS
                  if (field["list"], field["group"]) == (list_name, group)}
        assert members - (groups if group is None else set()) == listed


@each_field()
def test_the_document_describes_what_is_shown(field):
    group = group_schema(LISTS[field["list"]], field["group"])
    member = group["properties"][field["name"]]
    assert field["name"] in group["required"]
    types = TYPES[kind_of(field)] | ({"null"} if field["nullable"] else set())
    assert types_of(member) == types
    if kind_of(field) in ("CHOICE", "STATUS_TABLE", "BYTE"):
        assert choices_of(member) == [field["names"]]
    elif kind_of(field) in WIDTHS:
        assert (limit_of(member, "minimum"), limit_of(member, "maximum")) == (
            field["min"], field["max"])
    elif field["kind"] == "TEXT(name)":
        assert limit_of(member, "pattern") == f"^[A-Za-z0-9][A-Za-z0-9._-]{{0,{field['max'] - 1}}}$"
    elif kind_of(field) == "TEXT":
        assert (limit_of(member, "minLength") or 0, limit_of(member, "maxLength")) == (
            field["min"], field["max"])
    elif kind_of(field) in ("VALUES", "OBJECT") and field["max"]:
        assert limit_of(member, "maxProperties") == field["max"]
    if field["has_default"]:
        text = f"Default: {json.dumps(default_of(field))}."
        assert any(part.get("description", "").endswith(text) for part in branches(member))


@each_field()
def test_the_document_describes_what_may_be_sent(field):
    for name in INPUTS[field["list"]]:
        group = group_schema(name, field["group"])
        member = group["properties"][field["name"]]
        types = types_of(member)
        # An address in Modicon form, or the name of a profile.
        text = {"string"} if field["kind"] in ("ADDRESS", "OBJECT(profile)") else set()
        assert types - {"null"} == TYPES[kind_of(field)] | text, name
        # For an existing resource, the path and the current values replace required members.
        new = name in ("DeviceInput", "TagInput") or (name == "DevicePut" and field["group"])
        assert (field["name"] in group["required"]) == (
            field["required"] and (bool(new) or name == "ConfiguredDevice" and not field["group"]))
        if not field["required"]:
            assert "null" in types, name


def test_the_document_lists_the_value_types():
    assert SCHEMAS["ValueType"]["enum"] == LIST["types"]
    text = json.dumps(DOCUMENT)
    assert text.count(json.dumps(LIST["types"])) == 1
    for field in FIELDS:
        if len(field["names"]) > 2:
            assert text.count(json.dumps(field["names"])) == 1, field["column"]


@pytest.fixture(scope="module")
def schema():
    with open_store(":memory:") as store:
        for path in sorted((ROOT / "sql").glob("*.sql")):
            store.executescript(path.read_text())
        yield {table: {row[1]: row for row in store.execute(f"PRAGMA table_info({table})")}
               for table in LISTS}


OF_ROWS = {"id", "slot", "revision", "created_ms", "updated_ms", "device_id", "profile_tag_id"}


def test_the_schema_has_these_columns(schema):
    for table, columns in schema.items():
        assert {name for name in columns if name not in OF_ROWS} == {
            field["column"] for field in FIELDS if field["list"] == table}


@each_field()
def test_the_column_holds_the_field(field, schema):
    _, _, kind, not_null, default, _ = schema[field["list"]][field["column"]]
    assert kind == COLUMNS.get(kind_of(field), "INTEGER")
    assert bool(not_null) == (not field["nullable"] and field["group"] != "status")
    if field["default"] is not None:
        wanted = field["default"]
        assert default == (f"'{wanted}'" if isinstance(wanted, str) else str(wanted))


@each_field(lambda field: kind_of(field) in WIDTHS)
def test_the_member_of_the_struct_holds_every_value(field):
    assert 0 <= field["min"] <= field["max"] < WIDTHS[kind_of(field)]


REST = (ROOT / "docs/rest.md").read_text()
# The documents that describe the members.
PAGES = {"device": REST.split("\n## Devices")[1].split("\n## ")[0],
         "tag": REST.split("\n## Tags")[1].split("\n## ")[0] + "\n## " + (ROOT / "docs/scada.md").read_text()}


def is_called(field, name):
    return name in (field["name"], f"{field['group']}.{field['name']}")


@each_field()
def test_the_documents_name_the_member(field):
    names = re.findall(r"`([a-z_.]+)`", PAGES[field["list"]])
    assert any(is_called(field, name) for name in names) or (
        field["group"] == "status" and "status" in names)


def defaults_of(page):
    """The rows that list members with their defaults."""
    for names, defaults in re.findall(r"^\| (`[a-z_.`, ]+) \| ([^|]*) \|", page, re.M):
        names = re.findall(r"`([a-z_.]+)`", names)
        values = [value.strip("` ") for value in defaults.split(",")]
        if len(names) == len(values):
            yield from zip(names, values)


@pytest.mark.parametrize("list_name", LISTS)
def test_the_documents_give_the_defaults(list_name):
    found = 0
    for name, value in defaults_of(PAGES[list_name].split("\n## ")[0]):
        for field in FIELDS:
            if field["list"] != list_name or not is_called(field, name) or not field["has_default"]:
                continue
            if name != "mqtt.command_template":  # null means a template that is shown there
                assert value in (default_of(field), json.dumps(default_of(field))), name
            found += 1
    assert found > 9


def test_every_field_has_a_column_of_its_own():
    names = [field["csv"] for field in FIELDS]
    assert None not in names and len({name.replace("_", "") for name in names}) == len(names)


def test_the_documents_name_the_csv_columns():
    table = (ROOT / "docs/spreadsheet.md").read_text().split("\n## Columns")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[a-z_`, ]+) \|", table, re.M)
    assert sorted(re.findall(r"`([a-z_]+)`", "".join(rows))) == sorted(
        field["csv"] for field in FIELDS)


# A row of the tables of members from which the dashboard makes its forms, and its choices.
FORM_ROW = re.compile(r"\{ pointer: '/(?P<pointer>[^']+)'(?P<rest>.*?)\},?\n(?=    \{ pointer:|\];)", re.S)


def read_form(list_name):
    text = (ROOT / "src/api/web/screens/devices/fields.ts").read_text()
    table = text[text.index(f"export const {list_name}Fields"):]
    table = table[:table.index("\n];") + len("\n];")]
    return {row["pointer"]: row["rest"] for row in FORM_ROW.finditer(table)}


FORMS = {name: read_form(name) for name in LISTS}
QOS = {"qos", "command_qos"}


def form_pointer(field):
    whole = field["group"] == "status"  # its members are shown as one
    return field["group"] if whole else "/".join(filter(None, (field["group"], field["name"])))


@pytest.mark.parametrize("list_name", LISTS)
def test_the_forms_of_the_dashboard_have_all_members(list_name):
    listed = {form_pointer(field) for field in FIELDS if field["list"] == list_name}
    assert set(FORMS[list_name]) == listed


@each_field()
def test_the_forms_of_the_dashboard_know_defaults_and_choices(field):
    row = FORMS[field["list"]][form_pointer(field)]
    fallback = re.search(r"fallback: ('[^']*'|[^,]+),", row)[1].replace("'", '"')
    if field["group"] == "status":
        assert fallback == "null" and "nullable: true" in row
        return
    if field["has_default"]:
        assert json.loads(fallback) == default_of(field)
    else:
        assert fallback in ("null", '""')  # "": a text that is required
    assert ("nullable: true" in row) == field["nullable"]
    if kind_of(field) == "CHOICE":
        assert sorted(re.findall(r"value: '([^']*)'", row)) == sorted(field["names"])
    assert ("choices: qosChoices" in row) == (field["name"] in QOS)
