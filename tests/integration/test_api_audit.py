"""The audit: who, from where, when, before and after, for each change and nothing else."""

import datetime
import os
import sqlite3
import subprocess

import pytest

from harness import BIN, DEADLINE

DEVICE = {"mqtt": {"topic": "t"}}


def run(api, *words, **env):
    options = [part for key, value in api.options.items() for part in ("-o", f"{key}={value}")]
    ran = subprocess.run([BIN / "tagferry-api", "-c", "/dev/null", *options, *map(str, words)],
                         capture_output=True, text=True, timeout=DEADLINE,
                         env=dict(os.environ, **env))
    assert ran.returncode == 0, ran.stderr
    return ran


def command(api, *words, **env):
    return run(api, *words, **env).stdout.strip()


class Client:
    """Makes changes with a token's name, each with a request id."""

    def __init__(self, api, who, scope="write"):
        self.api, self.who, self.count = api, who, 0
        self.token = command(api, "token", "add", who, "--scope", scope)

    def request(self, method, path, body=None, kind=None):
        self.count += 1
        headers = {"Authorization": f"Bearer {self.token}",
                   "X-Request-Id": f"{self.who}-{self.count}"}
        if kind:
            headers["Content-Type"] = kind
        return self.api.request(method, path, body, headers)

    def must(self, *request):
        answer = self.request(*request)
        assert answer.status in (200, 201, 204), answer.body
        return answer.json() if answer.body else None

    def audit(self, query="?limit=1000"):
        """Oldest first."""
        return self.must("GET", f"/audit{query}")["items"][::-1]


@pytest.fixture
def ops(stack):
    return Client(stack.start_api(), "ops")


def brief(entry):
    return tuple(entry[key] for key in ("action", "kind", "device", "tag", "request_id"))


def test_every_way_to_change_something(ops):
    ops.must("PUT", "/devices/a", DEVICE)
    ops.must("POST", "/devices/a/tags", {"name": "x"})
    steps = [("PUT", "/devices/a", dict(DEVICE, description="d"), "device"),
             ("PATCH", "/devices/a", {"enabled": False}, "device"),
             ("PUT", "/devices/a/network", {"unit_id": 1, "min_interval_ms": 5}, "device"),
             ("PUT", "/devices/a/mqtt", {"topic": "u"}, "device"),
             ("PUT", "/devices/a/tags/x", {"unit": "K"}, "tag"),
             ("PATCH", "/devices/a/tags/x", {"unit": "V"}, "tag"),
             ("PUT", "/devices/a/tags/x/mqtt", {"key": "k"}, "tag"),
             ("PUT", "/devices/a/tags/x/modbus", {"address": 8}, "tag")]
    for method, path, body, kind in steps:
        whole = "/devices/a" + ("/tags/x" if kind == "tag" else "")
        before = ops.must("GET", whole)
        started = datetime.datetime.now(datetime.timezone.utc)
        ops.must(method, path, body)
        number = ops.count
        after, newest = ops.must("GET", whole), ops.audit("?limit=1")[0]
        assert (newest["before"], newest["after"]) == (before, after), path
        assert brief(newest) == ("change", kind, "a", "x" if kind == "tag" else None,
                                 f"ops-{number}")
        assert (newest["who"], newest["remote"]) == ("ops", "127.0.0.1")
        assert newest["revision"] == after["revision"] and newest["at"] == after["updated_at"]
        at = datetime.datetime.fromisoformat(newest["at"].replace("Z", "+00:00"))
        assert abs(at - started) < datetime.timedelta(seconds=DEADLINE)


def test_nothing_else_is_noted(ops):
    ops.must("PUT", "/devices/a", DEVICE)
    ops.must("POST", "/devices/a/tags", {"name": "x"})
    reader = Client(ops.api, "eyes", "read")
    before = ops.audit()
    rows = b"device,topic,tag,unit\r\na,t,x,K\r\na,t,y,V\r\n"
    for status, answer in [
            (200, ops.request("PUT", "/devices/a", DEVICE)),
            (200, ops.request("PATCH", "/devices/a/tags/x", {"unit": ""})),
            (409, ops.request("POST", "/devices", dict(DEVICE, name="a"))),
            (409, ops.request("POST", "/devices/a/tags", {"name": "y", "modbus": {"address": 0}})),
            (422, ops.request("PATCH", "/devices/a", {"enabled": 5})),
            (404, ops.request("DELETE", "/devices/b")),
            (403, reader.request("DELETE", "/devices/a")),
            (200, ops.request("POST", "/import?dry_run=true", rows, "text/csv")),
            (422, ops.request("POST", "/import", rows + b"a,t,?,\r\n", "text/csv")),
            (200, ops.request("POST", "/import", ops.must("GET", "/export")))]:
        assert answer.status == status, answer.body
    assert ops.audit() == before


def test_a_device_takes_its_tags_with_it(ops):
    device = ops.must("PUT", "/devices/a", DEVICE)
    tags = [ops.must("POST", "/devices/a/tags", {"name": f"t{number}"}) for number in range(3)]
    kept = len(ops.audit())
    ops.must("DELETE", "/devices/a")
    number = ops.count
    deleted = ops.audit()[kept:]
    assert [brief(entry) for entry in deleted] == [
        *[("delete", "tag", "a", f"t{n}", f"ops-{number}") for n in range(3)],
        ("delete", "device", "a", None, f"ops-{number}")]
    assert [entry["before"] for entry in deleted] == [*tags, device]
    assert {entry["after"] for entry in deleted} == {None}
    assert len({entry["revision"] for entry in deleted}) == 1, "one change"


def test_an_import(ops):
    kept = ops.must("PUT", "/devices/a", DEVICE)
    tags = {name: ops.must("POST", "/devices/a/tags", {"name": name}) for name in "xyz"}
    other = ops.must("PUT", "/devices/b", DEVICE)
    first = len(ops.audit())
    ops.must("POST", "/import?mode=replace", {"devices": [
        dict(kept, tags=[dict(tags["x"], unit="K"), tags["y"], {"name": "new"}])]})
    number = ops.count
    noted = ops.audit()[first:]
    new, changed = (ops.must("GET", f"/devices/a/tags/{name}") for name in ("new", "x"))
    story = {(entry["action"], entry["device"], entry["tag"]): (entry["before"], entry["after"])
             for entry in noted}
    assert story == {
        ("change", "a", "x"): (tags["x"], changed), ("create", "a", "new"): (None, new),
        ("delete", "a", "z"): (tags["z"], None), ("delete", "b", None): (other, None),
        ("import", None, None): (None, {"created": 1, "changed": 1, "deleted": 2, "details": 4})}
    assert {(entry["who"], entry["remote"], entry["request_id"]) for entry in noted} == {
        ("ops", "127.0.0.1", f"ops-{number}")}
    assert brief(noted[-1])[:2] == ("import", "all"), "the summary comes last"


def test_a_restore_goes_on_with_the_audit(ops, stack):
    ops.must("PUT", "/devices/a", DEVICE)
    command(ops.api, "backup", stack.folder / "backup.db")
    ops.must("PATCH", "/devices/a", {"description": "later"})
    ops.must("PUT", "/devices/b", DEVICE)
    before = ops.audit()
    command(ops.api, "restore", stack.folder / "backup.db")
    now = ops.audit()
    assert now[:-1] == before, "also what the backup did not know"
    assert brief(now[-1])[:4] == ("import", "all", None, None) and now[-1]["remote"] == "local"
    assert now[-1]["after"] == {"restored": str(stack.folder / "backup.db")}
    assert now[-1]["revision"] == ops.must("GET", "/devices/a")["revision"]
    ops.must("PUT", "/devices/c", DEVICE)
    assert [entry["device"] for entry in ops.audit()[-2:]] == [None, "c"]


def test_tokens(ops):
    """Also while the service is stopped. The configuration and its revision stay unchanged."""
    ops.must("PUT", "/devices/a", DEVICE)
    revision, before = ops.must("GET", "/readyz?need=store")["revision"], ops.audit()
    command(ops.api, "token", "add", "eyes", SUDO_USER="alice")
    command(ops.api, "token", "add", "hands", "--scope", "write", SUDO_USER='o"dd\n')
    ops.api.stop()
    command(ops.api, "token", "revoke", "eyes", SUDO_USER=b"\xff")
    ops.api.start()
    noted = ops.audit()
    assert noted[:-3] == before and ops.must("GET", "/readyz?need=store")["revision"] == revision
    assert [entry["after"] for entry in noted[-3:]] == [
        {"token_added": "eyes", "scope": "read", "user": "alice"},
        {"token_added": "hands", "scope": "write", "user": 'o"dd\n'},
        {"token_revoked": "eyes", "user": ""}]
    for entry in noted[-3:]:
        assert brief(entry) == ("change", "all", None, None, "") and entry["before"] is None
        assert (entry["who"], entry["remote"], entry["revision"]) == ("", "local", revision)


def test_a_token_that_did_not_change_is_not_noted(ops):
    before = ops.audit()
    for words in (["add", "ops"], ["add", "-x"], ["revoke", "nobody"]):
        with pytest.raises(AssertionError):
            run(ops.api, "token", *words)
    assert ops.audit() == before


@pytest.mark.parametrize("kind", ["missing", "locked", "another's"])
def test_a_token_is_revoked_whatever_the_store_is_like(ops, stack, kind):
    ops.api.stop()
    path, text = stack.common["common.database"], "not recorded in the audit"
    if kind != "locked":
        path.unlink()
    other = sqlite3.connect(path) if kind != "missing" else None
    if other:
        other.execute("BEGIN IMMEDIATE" if kind == "locked" else "CREATE TABLE device (name TEXT)")
    assert text in run(ops.api, "token", "revoke", "ops").stderr
    if other:
        other.close()
    assert "ops" not in command(ops.api, "token", "list")
    assert path.exists() == (kind != "missing"), "no store is made for a note"
