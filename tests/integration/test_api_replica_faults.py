"""A follower whose leader hangs, is no leader, sends what does not fit, or is not trusted."""

import http.server
import json
import subprocess
import threading
import time

from harness import eventually
from replica_gateways import assert_equal, content
from store_file import open_store


def test_leaders_that_hang(gateways):
    """The leader says nothing: a command and the end of the service do not wait for it."""
    one = gateways("a").start()
    two = gateways("b").start(api__follow=one.url)
    one.api.device("d", "t")
    assert_equal(one, two)
    one.api.signal(19)  # SIGSTOP
    eventually(lambda: two.itself()["lag_s"] > 0.6, "it waits")
    assert two.must("POST", "/gateways", {"role": "leader"})["items"][0]["last_error"] is None
    one.api.signal(18)  # SIGCONT
    assert "Operation too slow" not in two.api.log()
    one.must("POST", "/gateways", {"role": "leader"})
    two.must("POST", "/gateways", {"role": "follower", "leader": one.url})
    assert_equal(one, two)
    one.api.signal(19)
    eventually(lambda: two.itself()["lag_s"] > 0.6, "it waits")
    two.api.stop()
    assert "unreachable" not in two.api.log().split("follows http")[-1], "an end is no fault"
    one.api.signal(18)


class FakeLeader:
    """An HTTP server that answers each request with what a test says."""

    def __init__(self):
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_GET(self):
                fake.asked_at.append(time.monotonic())
                if self.path.startswith("/api/v1/gateways"):
                    self.send_error(404)
                    return
                fake.answer(self)

            def log_message(self, *_):
                pass
        self.asked_at = []
        self.answer = lambda handler: handler.send_error(404)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def asked(self):
        return len(self.asked_at)

    def says(self, status, body, kind="application/vnd.sqlite3", length=None):
        def answer(handler):
            handler.send_response(status)
            handler.send_header("Content-Type", kind)
            handler.send_header("Content-Length", str(len(body) if length is None else length))
            handler.end_headers()
            handler.wfile.write(body)
            handler.close_connection = length is not None
        self.answer = answer

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def deltas(folder, good):
    """Databases that are not what a leader sends, made of one that is."""
    def changed(*statements):
        path = folder / "delta.db"
        path.write_bytes(good)
        with open_store(path) as store:
            for statement in statements:
                store.execute(statement)
        return path.read_bytes()
    torn = bytearray(good)
    torn[4096:12288] = bytes(8192)
    yield "damaged", b""
    yield "damaged", b"SQLite format 3\0" + bytes(5000)
    yield "damaged", bytes(torn)
    yield "damaged", good[:len(good) // 2]
    yield "damaged", changed("CREATE TABLE more (x)")
    yield "damaged", changed("CREATE TRIGGER t AFTER INSERT ON tag BEGIN DELETE FROM device; END")
    yield "damaged", changed("DROP TABLE undo", "CREATE VIEW undo AS SELECT 1 AS id, 2 AS size, 3 AS data")
    yield "damaged", changed("ALTER TABLE tag ADD COLUMN surprise")
    yield "damaged", changed("UPDATE state SET revision = revision + 1")
    yield "damaged", changed("UPDATE answer SET whole = 0, since = 1")
    yield "damaged", changed("UPDATE tag SET device_id = 999")
    yield "damaged", changed("UPDATE tag SET modbus_type = 'int17'")
    yield "damaged", changed("UPDATE tag SET modbus_address = 70000")
    yield "damaged", changed("UPDATE state SET next_slot = 9000000")
    yield "damaged", changed("UPDATE device SET name = NULL")
    yield "damaged", changed("DELETE FROM device")
    yield "damaged", changed("DELETE FROM audit")
    yield "other_version", changed("UPDATE answer SET schema = schema + 1")


def test_hostile_leaders(gateways, tmp_path):
    """Whatever answers: the error says what it is, and the own store stays."""
    real = gateways("a").start()
    real.api.device("boiler", "t", [{"name": "x"}])
    good = real.api.get("/store").body
    fake = FakeLeader()
    follower = gateways("b").start()
    follower.api.device("own", "t", [{"name": "x"}])
    before = content(follower)
    follower.api.stop()
    follower.api.options["api.follow"] = fake.url
    follower.api.start()
    problem = json.dumps({"status": 401, "code": "x", "detail": "No token."}).encode()
    cases = [("unauthorized", lambda: fake.says(401, problem, "application/problem+json")),
             ("not_tagferry", lambda: fake.says(200, b"<html>Router</html>", "text/html")),
             ("refused", lambda: fake.says(503, problem, "application/problem+json")),
             ("truncated", lambda: fake.says(200, good[:9000], length=len(good))),
             ("too_large", lambda: fake.says(200, good, length=2 << 30)),
             ("not_leader", lambda: fake.says(409, json.dumps(
                 {"code": "follower", "leader": "http://c", "detail": ""}).encode(),
                 "application/problem+json"))]
    for name, bytes_ in deltas(tmp_path, good):
        cases.append((name, lambda bytes_=bytes_: fake.says(200, bytes_)))
    def endless(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        while True:  # until the follower has enough of it
            handler.wfile.write(bytes(65536))

    def wake():  # a command, and the leader is asked at once
        assert follower.api.request("POST", "/gateways", {"role": "follower", "leader": fake.url}).status == 409
    fake.answer = endless
    eventually(lambda: "too large" in (follower.itself()["last_error"] or {}).get("detail", ""), "enough")
    assert follower.error() == "not_tagferry"
    for number, (code, say) in enumerate(cases):
        say()
        asked = fake.asked
        wake()
        eventually(lambda: fake.asked >= asked + 3, "it has asked twice after the command")
        eventually(lambda: follower.error() == code, f"case {number}: {code}")
        assert content(follower) == before, number
        assert follower.itself()["last_error"]["detail"], number
    # A leader that answers now and then: the log does not fill.
    def fickle(handler):
        handler.send_response(503 if fake.asked % 2 else 304)
        handler.end_headers()
    fake.answer = fickle
    lines, asked = follower.api.log().count("gateways: "), fake.asked
    eventually(lambda: fake.asked >= asked + 8, "it asks")
    assert follower.api.log().count("gateways: ") <= lines + 2
    # Answers of no use are asked for ever more rarely.
    fake.says(200, b"<html>", "text/html")
    wake()
    asked = fake.asked
    eventually(lambda: fake.asked >= asked + 4, "it asks")
    before_last, last = fake.asked_at[asked + 2:asked + 4]
    assert last - before_last > 0.9, "four times the first pause, at least"
    fake.close()
    wake()
    eventually(lambda: follower.error() == "unreachable", "nobody is there")
    assert content(follower) == before
    # The real one is followed as soon as it is named; the own store is kept.
    status, said = follower.command("follow", real.url)
    assert status == 0, said
    assert_equal(real, follower)
    assert len(follower.kept()) == 1
    assert follower.error() is None


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                    "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"],
                   check=True, capture_output=True)
    return folder / f"{name}.pem", folder / f"{name}.key"


def test_tls_and_token(gateways, tmp_path):
    certificate, key = make_certificate(tmp_path, "right")
    wrong, _ = make_certificate(tmp_path, "wrong")
    leader = gateways("a").start()
    leader.api.device("boiler", "t", [{"name": "x"}])
    leader.api.stop()
    leader.api.options.update({"api.tls_certificate": certificate, "api.tls_key": key})
    status, token = leader.command("token", "add", "b", "--scope", "read")
    token = token.splitlines()[0]
    assert status == 0 and token
    leader.api.start()
    url = f"https://{leader.api.options['api.listen']}"
    secret = tmp_path / "token"
    follower = gateways("b").start(api__follow=url, api__follow_token_file=secret,
                                   api__follow_ca_file=wrong)
    steps = [("no_token", {}), ("tls_refused", {"text": "nonsense\n"}),
             ("unauthorized", {"ca": certificate}), (None, {"text": token + "\n"})]
    for code, step in steps:
        if "text" in step:
            secret.write_text(step["text"])
        if "ca" in step:
            follower.api.stop()
            follower.api.options["api.follow_ca_file"] = step["ca"]
            follower.api.start()
        eventually(lambda: follower.error() == code, f"{code}")
    eventually(lambda: follower.api.get("/devices/boiler").status == 200, "the copy")
    assert content(leader) == content(follower)
