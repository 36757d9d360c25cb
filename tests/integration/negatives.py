"""Makes requests that the API's document forbids, from the document alone.

A case is (where, body): the JSON Pointer of what is wrong, and the body with that one fault.
"""

import copy
import re

import contract
from contract import branches, merged, resolve

WRONG = [None, True, 5, -1, 1.5, 1e300, 2 ** 53 + 1, -2 ** 63, 2 ** 64, "", " ", "x" * 70000, "a/#/b",
         "a\u0000b", "\ud800", [], [None], {}, {"x": 1}, ["x"]]

# Not JSON, or not acceptable JSON.
BROKEN = [b"", b"{", b"{}}", b'{"name": "a"', b'{"name": "a",}', b"{'name': 'a'}", b"\xff\xfe", b"nul",
          b'{"name": "\xc3\x28"}', b'{"name": "a\x00"}', b'{"a": 1e999}'[:-2], b"NaN", b"[" * 2000,
          b'{"a":' * 1500 + b"1" + b"}" * 1500, b'{"name": 012}', b"\x00" * 64]


def beyond(schema):
    """Values just beyond the limits of a schema."""
    for limit, step in (("minimum", -1), ("maximum", 1)):
        if limit in schema:
            yield schema[limit] + step
            yield schema[limit] + step / 2
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if "maxProperties" in schema:
        yield {str(n): 1 for n in range(schema["maxProperties"] + 1)}
    for one in schema.get("enum", []):
        yield from (f"{one}?", f"{one} ", f" {one}", f"{one}"[:-1], [one])


def bad_values(schema):
    """Values of each type that the schema refuses, and values just beyond its limits."""
    entries = merged(schema).get("additionalProperties")
    if isinstance(entries, dict):
        for value in bad_values(entries):
            yield {"key": value}
    for value in WRONG + [value for branch in branches(schema) for value in beyond(branch)]:
        if contract.faults(value, schema):
            yield value


def places(schema, path=()):
    """Each member of each object in a body, with its schema; the first item of arrays."""
    schema = merged(schema)
    for name, member in schema.get("properties", {}).items():
        member = resolve(member)
        if not member.get("readOnly"):
            yield (*path, name), member
            yield from places(member, (*path, name))
    if "items" in schema:
        yield (*path, 0), resolve(schema["items"])
        yield from places(schema["items"], (*path, 0))


def pointer(path):
    return "".join(f"/{name}" for name in path)


def _parent(body, path):
    at = body
    for name, inner in zip(path, path[1:]):
        if isinstance(at, dict) and not isinstance(at.get(name), (dict, list)):
            at[name] = [{}] if isinstance(inner, int) else {}
        at = at[name]
    return at


def put_at(body, path, value):
    body = copy.deepcopy(body)
    _parent(body, path)[path[-1]] = value
    return body


def without(body, path):
    body = copy.deepcopy(body)
    _parent(body, path).pop(path[-1], None)
    return body


def _of_object(schema, example, path):
    """Faults in the members of an object: an extra one, a missing one."""
    schema = merged(schema)
    if schema.get("additionalProperties") is False:
        yield pointer((*path, "no_such_member")), put_at(example, (*path, "no_such_member"), 1)
    for name in schema.get("required", []):
        yield pointer((*path, name)), without(example, (*path, name))


def cases(schema, example):
    yield from _of_object(schema, example, ())
    yield from (("", body) for body in ([], [example], "x", 5, None, True))
    for path, member in places(schema):
        for value in bad_values(member):
            yield pointer(path), put_at(example, path, value)
        yield from _of_object(member, example, path)


# The position of CSV columns in the JSON of an import.
COLUMNS = {
    "device": ("name",), "topic": ("mqtt", "topic"), "unit_id": ("network", "unit_id"),
    "tag": ("tags", 0, "name"), "key": ("tags", 0, "mqtt", "key"),
    "direction": ("tags", 0, "direction"), "unit": ("tags", 0, "unit"),
    "enabled": ("tags", 0, "enabled"), "description": ("tags", 0, "description"),
    "table": ("tags", 0, "modbus", "table"), "address": ("tags", 0, "modbus", "address"),
    **{name: ("tags", 0, "modbus", name) for name in (
        "type", "byte_order", "bit", "byte", "length", "scale", "offset", "on_overflow", "on_stale",
        "on_null")},
}


def bad_cells(column):
    """Texts that a column of an import table refuses."""
    members = dict(places({"$ref": "#/components/schemas/ConfiguredDevice"}))
    parts = list(branches(members[COLUMNS[column]]))
    kinds = {kind for part in parts for kind in contract.as_list(part.get("type", []))}
    takes_text = kinds <= {"string", "null"} and not any("enum" in part for part in parts)
    found = [str(value) for part in parts for value in beyond(part)
             if isinstance(value, (str, int, float))]
    # The schema allows no blanks around choices and numbers, but the reader may ignore them.
    found = [cell for cell in found if cell == cell.strip()]
    if column == "address":  # 100.5 is a bit of a register
        found = [cell for cell in found if not re.fullmatch(r"\d+\.\d{1,2}", cell)]
    if column == "type":  # INT and UINT of IEC 61131 are words for 16 bits
        found = [cell for cell in found if cell not in ("int", "uint")]
    if column in ("device", "tag"):  # any text becomes a name, if it has a letter or digit
        return ["-", "...", "x" * 129]
    if column == "enabled":
        return ["-", "maybe", "2", "x?", "truefalse"]
    return found if takes_text else found + ["x", "-", "1e", "0x1", "\u221e", "1" * 400, "truefalse"]


def bad_queries(operation):
    """Query strings that an operation refuses."""
    yield "no_such_parameter=1"
    for parameter in map(resolve, operation.get("parameters", [])):
        schema = resolve(parameter["schema"])
        if parameter["in"] != "query" or ("enum" not in schema and schema["type"] != "integer"):
            continue
        name = parameter["name"]
        wrong = [str(value) for value in beyond(schema) if not isinstance(value, list)]
        for value in [*wrong, "x", "1x", "-0x1", "1e1", "9" * 40, "%00", "%zz", "%ff"]:
            yield f"{name}={value.replace(' ', '%20')}"
