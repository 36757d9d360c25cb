"""Tokens, the audit, backup and restore."""

import http.client
import os
import stat
import subprocess

import pytest

from harness import BIN, DEADLINE, eventually

DEVICE = {"name": "a", "mqtt": {"topic": "t"}}


@pytest.fixture
def api(stack):
    return stack.start_api()


def command(api, *words):
    options = [word for key, value in api.options.items() for word in ("-o", f"{key}={value}")]
    return subprocess.run([BIN / "tagferry-api", "-c", "/dev/null", *options, *map(str, words)],
                          capture_output=True, text=True, timeout=DEADLINE)


def token(api, name, *more):
    made = command(api, "token", "add", name, *more)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


def test_a_token_closes_the_door(api):
    assert api.get("/devices").status == 200
    reader, writer = token(api, "grafana"), token(api, "ops", "--scope", "write")
    answer = api.get("/devices")
    assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert api.get("/nothing").status == 401, "what there is is not told to everybody"
    assert api.get("/devices", headers=bearer(reader)).status == 200
    answer = api.request("POST", "/devices", DEVICE, bearer(reader))
    assert answer.status == 403 and "insufficient_scope" in answer.headers["WWW-Authenticate"]
    preview = {"tag": {"mqtt": {"topic": "a", "key": "b"}}}  # changes nothing
    assert api.request("POST", "/discoveries/preview", preview, bearer(reader)).status == 200
    assert api.request("POST", "/discoveries/preview", preview).status == 401
    assert api.request("POST", "/devices", DEVICE, bearer(writer)).status == 201
    assert api.get("/devices/a", headers=bearer(writer)).status == 200
    assert api.get("/healthz").status == 200 and api.get("/readyz?need=store").status == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp5",
                                    "Bearer tf_" + "0" * 64, "Bearer " + "x" * 9000],
                         ids=range(7))
def test_wrong_tokens(api, header):
    token(api, "ops")
    assert api.get("/devices", headers={"Authorization": header}).status == 401


def test_the_file(api, stack):
    text = token(api, "ops", "--scope", "write")
    path = stack.folder / "tokens"
    name, scope, digest, _ = path.read_text().split()
    assert (name, scope) == ("ops", "write") and len(digest) == 64 and text not in path.read_text()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert len(text) == 67
    listed = command(api, "token", "list").stdout
    assert "ops" in listed and digest not in listed
    again = command(api, "token", "add", "ops")
    assert again.returncode == 1 and "already" in again.stderr
    for words in (["token"], ["token", "add"], ["token", "add", "x", "--scope", "all"],
                  ["token", "add", "x", "y"], ["dance"], ["backup"]):
        assert command(api, *words).returncode == 2, words
    assert command(api, "token", "add", "-x").returncode == 1


def test_revoked_at_once(api):
    keep, lose = token(api, "keep"), token(api, "lose")
    assert api.get("/devices", headers=bearer(lose)).status == 200
    assert command(api, "token", "revoke", "lose").returncode == 0
    assert api.get("/devices", headers=bearer(lose)).status == 401
    assert api.get("/devices", headers=bearer(keep)).status == 200
    assert command(api, "token", "revoke", "lose").returncode == 1


def test_a_broken_file_lets_nobody_in(api, stack):
    text = token(api, "ops")
    path = stack.folder / "tokens"
    path.write_text(path.read_text() + "rubbish\n")
    assert api.get("/devices", headers=bearer(text)).status == 401
    assert api.get("/devices").status == 401
    api.wait_log("tokens:2")


def be_folder(path):
    path.unlink()
    path.mkdir()


def be_gone(path):
    path.unlink()


def be_in_a_loop(path):
    path.unlink()
    path.symlink_to(path.name)


def be_empty(path):
    """The token file while another program writes it, or on a full disk."""
    path.write_bytes(b"")


@pytest.mark.parametrize("breakage", [be_folder, be_gone, be_in_a_loop, be_empty])
def test_a_file_that_cannot_be_read_lets_nobody_in(stack, breakage):
    """Refuses clients with a token and, from loopback, those without; recovers by itself."""
    api = stack.start_api()
    path = stack.folder / "tokens"
    text = token(api, "ops")
    assert api.get("/devices", headers=bearer(text)).status == 200
    content = path.read_bytes()
    breakage(path)
    eventually(lambda: api.get("/devices").status == 401, "the door to be closed")
    for _ in range(12):
        assert api.get("/devices", headers=bearer(text)).status == 401
    api.wait_log("tokens: .*all requests are refused until this is fixed")
    assert api.log().count("until this is fixed") == 1
    if path.is_dir():
        path.rmdir()
    (stack.folder / "new").write_bytes(content)
    (stack.folder / "new").rename(path)
    eventually(lambda: api.get("/devices", headers=bearer(text)).status == 200, "the token to count")
    assert api.get("/devices").status == 401


def test_the_last_token_may_be_revoked(api):
    text = token(api, "ops")
    assert api.get("/devices").status == 401
    assert command(api, "token", "revoke", "ops").returncode == 0
    for _ in range(2):
        assert api.get("/devices").status == 200
        assert command(api, "token", "list").stdout == ""
        api.stop()
        api.start()
    again = token(api, "ops")
    assert api.get("/devices").status == api.get("/devices", headers=bearer(text)).status == 401
    assert api.get("/devices", headers=bearer(again)).status == 200


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: path.symlink_to(path.name),
                                  lambda path: path.write_bytes(b"\0" * 300)],
                         ids=["folder", "loop", "zeros"])
def test_a_token_file_of_no_use_at_the_start(stack, make):
    make(stack.folder / "tokens")
    api = stack.start_api()
    assert api.get("/devices").status == 401
    assert api.request("POST", "/devices", DEVICE).status == 401
    made = command(api, "token", "add", "ops")
    assert made.returncode == 1 and made.stderr.strip() and made.stdout == ""
    listed = command(api, "token", "list")
    assert listed.returncode == 1


def test_an_error_in_the_midst_of_the_token_file(stack):
    """EIO: the tokens read before the error are incomplete."""
    api = stack.start_api()
    path = stack.folder / "tokens"
    path.symlink_to("/proc/self/mem")  # opens, and fails with EIO when its first byte is read
    eventually(lambda: api.get("/devices").status == 401, "the door to be closed")
    api.wait_log("Input/output error")


def test_guessing_is_slowed_down(api):
    text = token(api, "ops")
    answers = [api.get("/devices", headers=bearer(f"x{n}")) for n in range(12)]
    assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert api.get("/devices", headers=bearer(text)).status == 200, "a right token never waits"
    assert api.get("/devices").status == 401
    assert api.get("/devices", headers=bearer("x")).status == 429


def test_who_guesses_is_remembered_though_others_come(api):
    good = bearer(token(api, "ops"))

    def status(address, headers):
        client = http.client.HTTPConnection(api.options["api.listen"], timeout=DEADLINE,
                                            source_address=(address, 0))
        client.request("GET", "/api/v1/devices", headers=headers)
        answer = client.getresponse()
        client.close()
        return answer.status

    assert [status("127.0.0.2", bearer("x")) for _ in range(11)] == [401] * 10 + [429]
    for last in range(3, 66):
        assert status(f"127.0.0.{last}", bearer("x")) == 401
    assert status("127.0.1.1", good) == 200
    assert status("127.0.0.2", bearer("x")) == 429


def test_serves_others_with_a_token(stack):
    api = stack.start_api()
    text = token(api, "ops")
    api.stop()
    port = api.options["api.listen"].rsplit(":", 1)[1]
    api.options["api.listen"] = f"0.0.0.0:{port}"
    api.start(wait=True)
    api.options["api.listen"] = f"127.0.0.1:{port}"
    assert api.get("/devices", headers=bearer(text)).status == 200
    assert command(api, "token", "revoke", "ops").returncode == 0
    assert api.get("/devices").status == 401, "without tokens an open address stays closed"


def test_request_id(api):
    assert api.get("/devices", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    api.wait_log("GET /api/v1/devices 200 .* id abc-1")
    for odd in ("a b", "x" * 65, "\u00e4"):
        made = api.get("/devices", headers={"X-Request-Id": odd.encode()}).headers["X-Request-Id"]
        assert made and made != odd
    first, second = (api.get("/healthz").headers["X-Request-Id"] for _ in range(2))
    assert first != second


def test_audit(api):
    writer = token(api, "ops", "--scope", "write")
    headers = dict(bearer(writer), **{"X-Request-Id": "r-1"})
    device = api.request("POST", "/devices", DEVICE, headers).json()
    tag = api.request("POST", "/devices/a/tags", {"name": "x"}, headers).json()
    changed = api.request("PATCH", "/devices/a/tags/x", {"unit": "V"}, headers).json()
    api.request("PATCH", "/devices/a/tags/x", {"unit": "V"}, headers)
    api.request("POST", "/devices/a/tags", {"name": "y", "modbus": {"address": 0}}, headers)
    api.request("DELETE", "/devices/a", headers=headers)
    audit = api.get("/audit", headers=headers).json()
    assert audit["total"] == 6 and audit["next"] is None
    assert audit["items"].pop()["after"]["token_added"] == "ops"
    story = [(entry["action"], entry["kind"], entry["device"], entry["tag"], entry["before"],
              entry["after"]) for entry in reversed(audit["items"])]
    assert story == [("create", "device", "a", None, None, device),
                     ("create", "tag", "a", "x", None, tag),
                     ("change", "tag", "a", "x", tag, changed),
                     ("delete", "tag", "a", "x", changed, None),
                     ("delete", "device", "a", None, device, None)]
    newest = audit["items"][0]
    assert newest["who"] == "ops" and newest["remote"] == "127.0.0.1"
    assert newest["request_id"] == "r-1" and newest["at"]
    page = api.get("/audit?limit=2", headers=headers).json()
    rest = api.get(f"/audit?limit=1000&after={page['next']}", headers=headers).json()
    assert page["items"] + rest["items"][:-1] == audit["items"]
    assert api.get("/audit?after=x", headers=headers).status == 400


def test_audit_of_an_import(api):
    rows = "".join(f"d,t{n},t\n" for n in range(1500))
    answer = api.request("POST", "/import", ("device,tag,topic\n" + rows).encode(),
                         {"Content-Type": "text/csv"})
    assert answer.json()["created"] == 1501
    entries = api.get("/audit?limit=1").json()
    assert entries["total"] == 1001
    assert entries["items"][0]["action"] == "import"
    assert entries["items"][0]["after"] == {"created": 1501, "changed": 0, "deleted": 0,
                                            "details": 1000}


def test_the_audit_forgets(stack):
    api = stack.start_api(api__audit_entries=3)
    for n in range(5):
        api.device(f"d{n}", "t")
    audit = api.get("/audit").json()
    assert [entry["device"] for entry in audit["items"]] == ["d4", "d3", "d2"]


def test_the_audit_forgets_in_portions(stack):
    """Trims a thousandth of the limit at a time."""
    api = stack.start_api(api__audit_entries=2000)
    for n in range(4):
        rows = "".join(f"d{n},t{tag},t\n" for tag in range(1000))
        answer = api.request("POST", "/import", ("device,tag,topic\n" + rows).encode(),
                             {"Content-Type": "text/csv"})
        assert answer.json()["created"] == 1001
        api.device(f"e{n}", "t")
    audit = api.must("GET", "/audit?limit=1000")
    assert 2000 <= audit["total"] <= 2002
    assert audit["items"][0]["device"] == "e3"


def test_backup_and_restore(api, stack):
    api.device("a", "t", tags=[{"name": "x"}])
    before = api.get("/export").json()
    revision = api.get("/readyz?need=store").json()["revision"]
    file = stack.folder / "backup.db"
    assert command(api, "backup", file).returncode == 0
    assert command(api, "backup", file).returncode == 1, "nothing is overwritten"
    api.must("DELETE", "/devices/a")
    api.device("b", "t")
    restored = command(api, "restore", file)
    assert restored.returncode == 0, restored.stderr
    after = api.get("/export").json()
    assert [d["name"] for d in after["devices"]] == ["a"]
    assert after["devices"][0]["tags"][0]["modbus"] == before["devices"][0]["tags"][0]["modbus"]
    now = api.get("/readyz?need=store").json()["revision"]
    assert now > revision and after["devices"][0]["revision"] == now
    assert api.request("POST", "/devices", DEVICE).status == 409
    (stack.folder / "bad.db").write_bytes(b"not a database at all" * 1000)
    assert command(api, "restore", stack.folder / "bad.db").returncode == 1
    assert command(api, "restore", stack.folder / "none.db").returncode == 1
    assert api.get("/export").json() == after
