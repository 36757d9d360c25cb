"""Read-only members: a client can send them back unchanged; different values are refused."""

import copy
import datetime

import pytest

from test_api_devices import errors
from test_api_transfer import load_json, state

STAMP = ("id", "revision", "created_at", "updated_at")


API_OPTIONS = {"common__units": "1-3"}


@pytest.fixture
def api(lone_api):
    lone_api.device("a", "t", [{"name": "x", "modbus": {"address": 100}}])
    lone_api.device("b", "t")
    return lone_api


PATHS = ("/devices/a", "/devices/a/tags/x")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_was_read_can_be_sent_back(api, path, method):
    before = api.get(path).json()
    assert api.must(method, path, dict(before, warnings=[])) == before
    changed = api.must(method, path, dict(before, description="new"))
    assert changed["description"] == "new" and changed["revision"] > before["revision"]
    for name in (*STAMP, *(["device"] if "tags" in path else [])):
        assert api.request("PATCH", path, {name: changed[name]}).status == 200, name


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("name", STAMP)
@pytest.mark.parametrize("wrong", ["other", None, "7", [], 0.5])
def test_what_differs_is_refused(api, path, method, name, wrong):
    before = api.get(path).json()
    if wrong == "other":
        wrong = before[name] + 1 if name in ("id", "revision") else "2026-01-02T03:04:05.678Z"
    answer = api.request(method, path, dict(before, **{name: wrong}, description="new"))
    assert answer.status == 422 and errors(answer) == {(f"/{name}", "read_only")}
    assert api.get(path).json() == before


@pytest.mark.parametrize("path", PATHS)
def test_the_same_moment_may_be_written_in_other_ways(api, path):
    before = api.get(path).json()
    made = datetime.datetime.fromisoformat(before["created_at"].replace("Z", "+00:00"))
    east = made.astimezone(datetime.timezone(datetime.timedelta(hours=2)))
    for text in (made.isoformat(), east.isoformat(), before["created_at"].lower().replace("t", "T")):
        assert api.must("PATCH", path, {"created_at": text}) == before, text


@pytest.mark.parametrize("path", PATHS)
def test_a_lost_update_is_found(api, path):
    """Two clients read the same resource, and both send changes: the second is refused."""
    mine, theirs = api.get(path).json(), api.get(path).json()
    api.must("PUT", path, dict(theirs, description="theirs"))
    answer = api.request("PUT", path, dict(mine, description="mine"))
    assert answer.status == 422
    assert errors(answer) == {("/revision", "read_only"), ("/updated_at", "read_only")}
    for name in ("revision", "updated_at"):
        del mine[name]
    assert api.must("PUT", path, dict(mine, description="mine"))["description"] == "mine"


@pytest.mark.parametrize("method, path, body", [
    ("POST", "/devices", {"name": "n", "mqtt": {"topic": "t"}}),
    ("PUT", "/devices/n", {"mqtt": {"topic": "t"}}),
    ("POST", "/devices/a/tags", {"name": "n"}), ("PUT", "/devices/a/tags/n", {})])
def test_what_is_new_has_none_of_them(api, method, path, body):
    stamp = {name: api.get("/devices/a").json()[name] for name in STAMP}
    answer = api.request(method, path, dict(body, **stamp))
    assert answer.status == 422
    assert errors(answer) == {(f"/{name}", "read_only") for name in STAMP}
    assert api.request(method, path, body).status == 201


@pytest.mark.parametrize("wrong", ["b", "A", "", None, 5, "none"])
def test_a_tag_is_its_devices(api, wrong):
    for method, path in (("PUT", "/x"), ("PUT", "/new"), ("POST", "")):
        body = {"name": "new", "device": wrong} if method == "POST" else {"device": wrong}
        answer = api.request(method, f"/devices/a/tags{path}", body)
        assert answer.status == 422 and errors(answer) == {("/device", "read_only")}, method
        assert "a" in answer.json()["errors"][0]["detail"]
    assert api.request("POST", "/devices/b/tags", {"name": "y", "device": "b"}).status == 201
    assert api.get("/tags").json()["total"] == 2
    document = {"devices": [{"name": "a", "tags": [{"name": "x", "device": wrong}]}]}
    answer = load_json(api, document)
    assert answer.status == 422 and errors(answer) == {("/devices/0/tags/0/device", "read_only")}


@pytest.mark.parametrize("modbus, status", [
    ({"modicon": "400101"}, 200), ({"modicon": "400201"}, 422), ({"modicon": None}, 422),
    ({"modicon": 400101}, 422), ({"modicon": ""}, 422), ({"modicon": "40101"}, 422),
    ({"address": 200, "modicon": "400101"}, 200), ({"address": 200, "modicon": "400201"}, 200),
    ({"address": 200, "modicon": "400301"}, 422), ({"address": "400201", "modicon": "400101"}, 200),
    ({"table": "input_register", "modicon": "400101"}, 200),
    ({"table": "input_register", "modicon": "300101"}, 200),
    ({"table": "input_register", "modicon": "100101"}, 422)])
def test_modicon_is_that_before_or_after(api, modbus, status):
    """A client that changes the address sends the old Modicon form back."""
    path = "/devices/a/tags/x"
    for method, where, body in (("PATCH", "", {"modbus": modbus}), ("PUT", "", {"modbus": modbus}),
                                ("PUT", "/modbus", modbus)):
        answer = api.request(method, path + where, body)
        assert answer.status == status, (method, where, answer.body)
        if status == 422:
            assert errors(answer) == {("/modicon" if where else "/modbus/modicon", "read_only")}
        api.must("PUT", path, {"modbus": {"table": "holding_register", "address": 100}})
    answer = load_json(api, {"devices": [{"name": "a", "tags": [{"name": "x", "modbus": modbus}]}]})
    assert answer.status == status
    if status == 422:
        assert errors(answer) == {("/devices/0/tags/0/modbus/modicon", "read_only")}


def test_modicon_asks_for_no_address(api):
    path = "/devices/a/tags"
    answer = api.request("POST", path, {"name": "y", "modbus": {"modicon": "400201"}})
    assert answer.status == 422 and errors(answer) == {("/modbus/modicon", "read_only")}
    given = {"name": "y", "modbus": {"address": 200, "modicon": "400201"}}
    assert api.request("POST", path, given).status == 201
    assert api.request("POST", path, {"name": "z", "modbus": {"address": "x", "modicon": "y"}}).status == 422


@pytest.mark.parametrize("where", ["network", "mqtt"])
def test_the_parts_have_no_stamp(api, where):
    part = api.get(f"/devices/a/{where}").json()
    answer = api.request("PUT", f"/devices/a/{where}", dict(part, id=1))
    assert answer.status == 422 and errors(answer) == {("/id", "unknown_field")}


def test_warnings_are_an_answers(api):
    path = "/devices/a/tags/x"
    answer = api.must("PUT", path, {"modbus": {"address": 40101}})
    assert answer["warnings"]
    assert api.must("PUT", path, answer)["revision"] == answer["revision"]
    refused = api.request("PATCH", path, {"warnings": "none"})
    assert refused.status == 422 and errors(refused) == {("/warnings", "wrong_type")}


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_an_export_is_of_its_store_and_its_day(api, mode):
    """An import ignores ids, revisions and times: the store may have changed since."""
    fill_in = copy.deepcopy(state(api))
    api.must("PATCH", "/devices/a", {"description": "later"})
    api.must("DELETE", "/devices/a/tags/x")
    answer = load_json(api, fill_in, f"?mode={mode}").json()
    assert (answer["created"], answer["changed"], answer["deleted"]) == (1, 1, 0)
    assert api.get("/devices/a/tags/x").json()["id"] > fill_in["devices"][0]["tags"][0]["id"]
    assert load_json(api, state(api), f"?mode={mode}").json()["changes"] == []


def test_an_export_goes_into_another_store(api, stack):
    api.device("c", "t", [{"name": "x", "direction": "both", "mqtt": {"command_topic": "c"},
                           "modbus": {"type": "bool"}}])
    whole = state(api)
    api.must("DELETE", "/devices/b")
    for number, mode in enumerate(("merge", "replace")):
        other = stack.start_api(common__units="1-3", common__database=stack.folder / f"{number}.db",
                                common__runtime_dir=stack.folder / f"runtime{number}")
        other.device("b", "else", [{"name": "y"}])
        answer = load_json(other, whole, f"?mode={mode}").json()
        assert (answer["created"], answer["changed"], answer["deleted"]) == (4, 1, number)
        assert load_json(other, whole, f"?mode={mode}").json()["changes"] == []
