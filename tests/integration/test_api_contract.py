"""The API against its OpenAPI document: examples work, what the document forbids is refused."""

import copy
import json

import pytest

import contract
from contract import DOCUMENT, resolve

DEVICE, TAG = "boiler-7", "supply_temperature"


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    from harness import Stack
    stack = Stack(tmp_path_factory.mktemp("contract"))
    stack.start_modbusd()
    yield stack.start_api()
    stack.finish()


def operations():
    for path, row in DOCUMENT["paths"].items():
        for method, operation in row.items():
            if method != "parameters":
                yield method.upper(), path, operation


def fill(path):
    for name, value in (("device", DEVICE), ("tag", TAG), ("table", "input_register")):
        path = path.replace("{%s}" % name, value)
    return path.removeprefix("/api/v1")


def body_of(operation):
    """Schema and example of the JSON body, or None."""
    content = operation.get("requestBody", {}).get("content", {})
    media = content.get("application/json")
    return (media["schema"], media["example"]) if media else None


def reset(api):
    api.request("DELETE", f"/devices/{DEVICE}")
    api.must("POST", "/devices", {"name": DEVICE, "mqtt": {"topic": "t"}})
    api.must("POST", f"/devices/{DEVICE}/tags", {"name": TAG, "modbus": {"address": 100}})


def test_it_is_served(api):
    answer = api.get("/openapi.json")
    assert answer.json() == DOCUMENT
    again = api.get("/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status == 304


def test_the_document_is_whole():
    names = set()
    for method, path, operation in operations():
        assert operation["operationId"] not in names and operation["summary"]
        names.add(operation["operationId"])
        for response in operation["responses"].values():
            for media in resolve(response).get("content", {}).values():
                assert "example" in media, (method, path)
                if isinstance(media["example"], (dict, list)):
                    assert contract.faults(media["example"], media["schema"]) == []
        body = body_of(operation)
        assert body is None or contract.faults(body[1], body[0]) == [], (method, path)
        assert path.count("{") == len([p for p in DOCUMENT["paths"][path].get("parameters", [])
                                       if resolve(p)["in"] == "path"])


def test_every_route_is_described(api):
    for path, row in DOCUMENT["paths"].items():
        answer = api.request("OPTIONS", fill(path))
        served = set(answer.headers["Allow"].split(", ")) - {"OPTIONS", "HEAD"}
        assert served == {method.upper() for method in row} - {"PARAMETERS"}, path


@pytest.mark.parametrize("method, path, operation", operations(),
                         ids=lambda value: value if isinstance(value, str) else "")
def test_the_example_works(api, method, path, operation):
    if path.endswith("/stream"):
        pytest.skip("has no end; test_api_live reads it")
    reset(api)
    body = body_of(operation)
    if operation["operationId"] in ("createDevice", "createTag"):
        api.request("DELETE", fill(path) + "/" + body[1]["name"])
    answer = api.request(method, fill(path), body and body[1])
    assert answer.status in (200, 201, 204), answer.body


WRONG = [None, True, 5, -1, 1.5, 1e300, "", "x" * 70000, "a/#/b", [], {}, {"x": 1}, ["x"]]


def bad_values(schema):
    """Values of every sort that the schema refuses, and those just beyond its limits."""
    schema = resolve(schema)
    beyond = [schema[limit] + step for limit, step in (("minimum", -1), ("maximum", 1))
              if limit in schema]
    if "maxLength" in schema:
        beyond.append("x" * (schema["maxLength"] + 1))
    if "enum" in schema:
        beyond += [str(schema["enum"][0]).upper() + "?", str(schema["enum"][0]) + " "]
    return [value for value in WRONG + beyond if contract.faults(value, schema)]


def places(schema, path=()):
    """Every member of every object in a body, with its schema."""
    schema = resolve(schema)
    for name, member in schema.get("properties", {}).items():
        member = resolve(member)
        if not member.get("readOnly"):
            yield (*path, name), member
            yield from places(member, (*path, name))


def put_at(body, path, value):
    body = copy.deepcopy(body)
    at = body
    for name in path[:-1]:
        if not isinstance(at.get(name), dict):
            at[name] = {}
        at = at[name]
    at[path[-1]] = value
    return body


def negatives(schema, example):
    for path, member in places(schema):
        for value in bad_values(member):
            yield put_at(example, path, value)
        if resolve(member).get("properties"):
            yield put_at(example, (*path, "no_such_member"), 1)
    for name in resolve(schema).get("required", []):
        yield {key: value for key, value in example.items() if key != name}
    yield from (put_at(example, ("no_such_member",), 1), [], "x", 5, None, True)


@pytest.mark.parametrize("method, path, operation",
                         [row for row in operations() if body_of(row[2])],
                         ids=lambda value: value if isinstance(value, str) else "")
def test_what_the_document_forbids_is_refused(api, method, path, operation):
    reset(api)
    schema, example = body_of(operation)
    if operation["operationId"].startswith("create"):
        example = dict(example, name="other")
    before = api.get("/export").body
    count = 0
    for body in negatives(schema, example):
        text = json.dumps(body)
        answer = api.request(method, fill(path), text.encode())
        assert 400 <= answer.status < 500, (text[:300], answer.status, answer.body)
        assert answer.headers["Content-Type"] == "application/problem+json"
        count += 1
    assert count > 5
    assert api.get("/export").body == before, "nothing has changed"
