"""SIGHUP: changeable settings take effect immediately, others are logged, an error changes
nothing."""

import signal
import subprocess
import threading

import pytest

from harness import BIN, DEADLINE, eventually

DEVICE = {"name": "a", "mqtt": {"topic": "t"}}


class Configured:
    """An api with sections [api] and [common] that a test writes."""

    def __init__(self, stack):
        self.path = stack.folder / "tagferry.conf"
        self.write()
        api = stack.start_api()
        api.stop()
        api.config = self.path
        for key in ("common.log_level", "api.token_file", "api.modbus_timeout_ms"):
            del api.options[key]
        self.token_file = stack.folder / "tokens"
        self.write()
        self.api = api.start()

    def write(self, *lines, level="debug"):
        rest = "\n".join(lines)
        if "token_file" not in rest and hasattr(self, "token_file"):
            rest += f"\ntoken_file = {self.token_file}"
        self.path.write_text(f"[common]\nlog_level = {level}\n[api]\n{rest}\n")

    def reload(self, words="configuration reloaded"):
        before = len(self.api.log())
        self.api.signal(signal.SIGHUP)
        eventually(lambda: words in self.api.log()[before:], words)
        return self.api.log()[before:]


@pytest.fixture
def configured(stack):
    return Configured(stack)


def big(api):
    return api.request("POST", "/devices", dict(DEVICE, name="?", description="x" * 5000)).status


def test_limits_origins_and_audit(configured):
    api = configured.api
    assert big(api) == 422
    configured.write("max_body_bytes = 2000", "cors_origins = https://hmi.example",
                     "audit_entries = 2", "max_import_bytes = 1024")
    assert "restart" not in configured.reload()
    assert big(api) == 413
    rows = b"device,tag,topic\n" + b"a,x,t\n" * 1000
    assert api.request("POST", "/import", rows, {"Content-Type": "text/csv"}).status == 413
    answer = api.get("/devices", headers={"Origin": "https://hmi.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://hmi.example"
    for number in range(4):
        api.must("PUT", "/devices/a", {"mqtt": {"topic": f"t{number}"}})
    assert api.must("GET", "/audit")["total"] == 2
    configured.write()
    configured.reload()
    assert big(api) == 422, "and back to the default"
    assert api.get("/devices", headers={"Origin": "https://hmi.example"}).headers.get(
        "Access-Control-Allow-Origin") is None


def test_the_log_level(configured):
    api = configured.api
    configured.write(level="info")
    configured.reload()
    api.get("/devices?q=seen")
    api.wait_log("q=seen 200")
    configured.write(level="warning")
    api.signal(signal.SIGHUP)

    def is_quiet():
        before = len(api.log())
        api.get("/devices?q=unseen")
        api.get("/devices?q=unseen")
        return "unseen" not in api.log()[before:]
    eventually(is_quiet, "the silence")


def test_another_file_of_tokens(configured, stack):
    api = configured.api
    assert api.get("/devices").status == 200
    other = stack.folder / "others"
    command = [BIN / "tagferry-api", "-c", "/dev/null", "-o", f"api.token_file={other}",
               "-o", f"common.database={stack.common['common.database']}", "token", "add", "ops"]
    made = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True,
                          timeout=DEADLINE).stdout.strip()
    configured.write(f"token_file = {other}")
    configured.reload()
    assert api.get("/devices").status == 401
    assert api.get("/devices", headers={"Authorization": f"Bearer {made}"}).status == 200


FAULTS = [("max_body_bytes = many", "max_body_bytes"), ("colour = red", "unknown key"),
          ("max_body_bytes = 2000\ntls_key = /none", "must be set together"),
          ("max_body_bytes", "tagferry.conf:"),
          (f"max_body_bytes = 2000\ncors_origins = {'x' * 150}", "cors_origins")]


@pytest.mark.parametrize("lines,words", FAULTS)
def test_a_fault_changes_nothing(configured, lines, words):
    api = configured.api
    configured.write("max_body_bytes = 3000")
    configured.reload()
    assert big(api) == 413
    configured.write(lines, level="error")
    said = configured.reload("not reloaded")
    assert words in said
    assert big(api) == 413 and api.request("POST", "/devices", DEVICE).status == 201
    api.wait_log("POST /api/v1/devices 201")  # at the old level
    configured.write("max_body_bytes = 6000")
    configured.reload()
    assert big(api) == 422


def test_what_takes_a_restart(configured):
    configured.write("listen = 127.0.0.1:1", "max_connections = 7", "modbus_timeout_ms = 77",
                     "max_body_bytes = 2000", "tls_certificate = /none", "tls_key = /none")
    said = configured.reload()
    assert "[api] max_connections has changed, which takes a restart" in said
    assert "[api] modbus_timeout_ms has changed" in said
    assert "turns HTTPS on or off, which takes a restart" in said
    assert "listen" not in said, "the command line's is in force"
    assert big(configured.api) == 413, "the rest is taken"


def test_under_load(configured):
    """Requests under way finish with the settings they began with."""
    api, ending, faults = configured.api, threading.Event(), []

    def work(number):
        path = f"/devices/d{number}"
        while not ending.is_set():
            for answer in (api.request("PUT", path, {"mqtt": {"topic": "t"}}), api.get(path),
                           api.request("DELETE", path)):
                if answer.status not in (200, 201, 204):
                    faults.append(answer.body)
    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for number in range(20):
        configured.write(f"max_body_bytes = {2000 + number}", "cors_origins = https://a.example")
        configured.reload()
    ending.set()
    for worker in workers:
        worker.join()
    assert not faults, faults[:3]
