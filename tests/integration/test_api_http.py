"""The HTTP service under odd and hostile requests."""

import gzip
import http.client
import json
import pathlib
import socket
import threading

import pytest

from harness import Api, DEADLINE, eventually
from store_file import open_store


API_OPTIONS = {"api__max_body_bytes": 4096, "api__idle_timeout_s": 2}


@pytest.fixture
def api(lone_api):
    return lone_api


def connect(api):
    host, port = api.options["api.listen"].rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=DEADLINE)


def exchange(api, data):
    """Sends bytes; returns all that arrives until the server closes or is silent."""
    with connect(api) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server has closed; read its answer first
        answer = b""
        while True:
            try:
                part = connection.recv(65536)
            except ConnectionResetError:
                break
            if not part:
                break
            answer += part
        return answer


def post(headers, body=b""):
    return (b"POST /api/v1/devices HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n" + body)


DEVICE = b'{"name":"a","mqtt":{"topic":"t"}}'


@pytest.mark.parametrize("headers", [
    b"Content-Length: 33\r\nTransfer-Encoding: chunked\r\n",
    b"Content-Length: 33\r\nContent-Length: 33\r\n",
    b"Content-Length: 33\r\nContent-Length: 5\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Transfer-Encoding: chunked, gzip\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    b"Content-Length: +33\r\n",
    b"Content-Length: 3,3\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 0x21\r\n",
    b"Content-Length: 33, 33\r\n",
    b"Content-Length : 33\r\n",
    b"Content-Length\t: 33\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding:\r\n chunked\r\n",
    b"Content-Length:\r\n 33\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding: chunked,\r\n",
    b"Transfer-Encoding: \x0bchunked\r\n",
    b"Host: y\r\nContent-Length: 33\r\n",
])
def test_smuggling_shapes(api, headers):
    second = b"GET /api/v1/devices HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = exchange(api, post(headers, DEVICE + second))
    statuses = {part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]}
    assert statuses == {b"400"}, "nothing behind it is taken for a request"
    assert api.get("/devices").json()["total"] == 0


@pytest.mark.parametrize("size", [b"0x21", b"+21", b"-21", b" 21", b"10000000000000021", b"g", b""])
def test_odd_chunks(api, size):
    second = b"GET /api/v1/devices HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = exchange(api, post(b"Transfer-Encoding: chunked\r\n",
                                size + b"\r\n" + DEVICE + b"\r\n0\r\n\r\n" + second))
    assert answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 413"), answer[:100]
    assert b"HTTP/1.1 2" not in answer
    assert api.get("/devices").json()["total"] == 0


def test_a_target_that_names_the_host(api):
    for target in (b"http://x/api/v1/devices?limit=1", b"HTTPS://x:5000/healthz"):
        answer = exchange(api, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer[:100]


@pytest.mark.parametrize("head, status", [
    (b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 60000 + b"\r\n\r\n", b"431"),
    (b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(5000)) + b"\r\n", b"431"),
])
def test_large_heads(api, head, status):
    assert exchange(api, head)[9:12] == status
    assert api.get("/healthz").status == 200


@pytest.mark.parametrize("target", [b"/healthz", b"/api/v1/devices", b"http://x/healthz"])
@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_a_missing_host_is_answered_once(api, method, target):
    answer = exchange(api, method + b" " + target + b" HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1") == 1, answer
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.lower().count(b"content-length:") == 1
    assert json.loads(body)["status"] == 400 and b"application/problem+json" in head
    assert exchange(api, b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("target", [b"/api/v1/devices/a b", b"/api/v1/devices?q=a b", b"/a\tb"])
def test_a_target_with_a_blank(api, target):
    answer = exchange(api, b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ") and answer.count(b"HTTP/1.1") == 1, answer[:200]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "x-unknown", "GZIP"])
@pytest.mark.parametrize("method, path", [("POST", "/devices"), ("PATCH", "/devices/a"),
                                          ("PUT", "/devices/a"), ("POST", "/import"),
                                          ("PUT", "/devices/a/tags/x/value")])
def test_a_compressed_body_is_not_taken(api, method, path, coding):
    answer = api.request(method, path, gzip.compress(DEVICE), {"Content-Encoding": coding})
    assert answer.status == 415 and "Content-Encoding" in answer.json()["detail"]
    assert api.get("/devices").json()["total"] == 0


def test_a_body_that_is_said_to_be_plain(api):
    answer = api.request("POST", "/devices", DEVICE, {"Content-Encoding": "identity"})
    assert answer.status == 201


def test_chunked(api):
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(DEVICE), DEVICE)
    answer = exchange(api, post(b"Transfer-Encoding: chunked\r\n", body))
    assert answer.startswith(b"HTTP/1.1 201")


def test_large_bodies(api):
    large = DEVICE + b" " * 4096
    answer = exchange(api, post(b"Content-Length: %d\r\n" % len(large), large))
    assert answer.startswith(b"HTTP/1.1 413") and b"application/problem+json" in answer
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(large), large)
    answer = exchange(api, post(b"Transfer-Encoding: chunked\r\n", chunks))
    assert answer.startswith(b"HTTP/1.1 413")
    assert api.get("/devices").json()["total"] == 0


def test_huge_declared_length(api):
    answer = exchange(api, post(b"Content-Length: 99999999999999999999999\r\n"))
    assert answer.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400")), answer[:100]


@pytest.mark.parametrize("data", [
    b"", b"\r\n\r\n", b"\x00\x01\x02", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"GET " + b"/a" * 40000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(5000)) + b"\r\n",
    b"GET /api/v1/devices?" + b"a=b&" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/v1/devices?" + b"a=b&" * 400 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /api/v1/devices HTTP/1.1\r\nHost: x", b"GET /api/v1/devices HTTP/1.1\r\n",
    b"POST /api/v1/devices HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nshort",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
])
def test_rubbish_stops_nothing(api, data):
    answer = exchange(api, data)
    assert answer[:12] in (b"", b"HTTP/1.1 505") or answer.startswith(b"HTTP/1.1 4"), answer[:100]
    assert api.get("/healthz").status == 200


def test_the_whole_url_as_a_proxy_sends_it(api):
    for origin in (b"http://tagferry.example", b"HTTP://[::1]:5000"):
        answer = exchange(api, b"GET " + origin + b"/api/v1/devices?limit=1 HTTP/1.1\r\n"
                          b"Host: x\r\nConnection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 ") and b'"total":0' in answer
    assert b" 404 " in exchange(api, b"GET http://x HTTP/1.1\r\nHost: x\r\n"
                                     b"Connection: close\r\n\r\n")


def test_pipelined_requests_are_answered_in_order(api):
    one = post(b"Content-Length: %d\r\n" % len(DEVICE), DEVICE)
    two = b"GET /api/v1/devices/a HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = exchange(api, one + two)
    statuses = [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"201", b"200"]


@pytest.mark.parametrize("head", [
    b"GET /api/v1/devices HTTP/1.1\r\n",           # answered by the thread of the connection
    b"GET /api/v1/tags HTTP/1.1\r\n",              # by a queue
    b"POST /api/v1/devices HTTP/1.1\r\nContent-Length: 0\r\n",
    b"GET /api/v1/nothing HTTP/1.1\r\n",           # refused by its head
    b"DELETE /api/v1/devices HTTP/1.1\r\nContent-Length: 0\r\n",
    b"HEAD /healthz HTTP/1.1\r\n",
])
def test_a_request_without_a_body_that_expects_100_continue(api, head):
    """It has its answer, and so does the request behind it, whether that has arrived or not."""
    second = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    first = head + b"Host: x\r\nExpect: 100-continue\r\n\r\n"
    with connect(api) as connection:
        connection.sendall(first + second + b"\r\n" + first + second + b"Connection: close\r\n\r\n")
        answer = connection.makefile("rb").read()
    statuses = [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:] if part[:3] != b"100"]
    assert len(statuses) == 4 and statuses[1::2] == [200, 200], answer
    assert statuses[0] == statuses[2]
    assert b"HTTP/1.1 %d " % statuses[0] in exchange(api, first)


def test_a_refused_request_takes_no_earlier_answer_with_it(api):
    """The refused one ends the connection. What has arrived behind it stays unread."""
    large = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    refused = b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"
    whole = exchange(api, large)
    with connect(api) as connection:
        connection.sendall(large + refused + large * 1000)
        answer = connection.makefile("rb").read()
    assert len(answer) > len(whole) and answer.count(b"HTTP/1.1 ") == 2
    assert answer[len(whole) - 200:].count(b"HTTP/1.1 400 ") == 1


def test_an_idle_connection_is_closed(api):
    with connect(api) as connection:
        connection.sendall(b"GET /hea")
        assert connection.recv(1000) == b"", "closed without an answer"


def test_a_stalled_body_ends_the_connection(api):
    with connect(api) as connection:
        connection.sendall(post(b"Content-Length: 50\r\n", b"{"))
        assert connection.recv(1000) == b"", "closed without an answer"
    assert api.get("/devices").json()["total"] == 0


def test_the_log_tells_of_each_request(api):
    api.get("/devices?limit=7", headers={"X-Request-Id": "r-7"})
    api.wait_log(r" info    127\.0\.0\.1 - GET /api/v1/devices\?limit=7 200 \d+ bytes \d+\.\d ms id r-7\n")


def test_many_writers_at_once(api):
    statuses = []

    def create(number):
        body = {"name": f"d{number}", "mqtt": {"topic": "t"}}
        statuses.append(api.request("POST", "/devices", body).status)
    threads = [threading.Thread(target=create, args=(n,)) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 24
    revisions = [item["revision"] for item in api.get("/devices").json()["items"]]
    assert len(set(revisions)) == 24


def test_stop_finishes_what_is_under_way(api):
    body = json.dumps({"name": "a", "mqtt": {"topic": "t"}}).encode()
    with connect(api) as connection:
        connection.sendall(post(b"Content-Length: %d\r\nExpect: 100-continue\r\n" % len(body)))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100"), "it is under way"
        api.process.terminate()
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 201")
    assert api.process.wait(DEADLINE) == 0


def test_stop_waits_for_the_disk(disk):
    """Each request in a queue is answered, however long it takes."""
    api = disk.start_api()
    disk.say("hold")
    statuses = []
    body = {"name": "a", "mqtt": {"topic": "t"}}
    writer = threading.Thread(
        target=lambda: statuses.append(api.request("POST", "/devices", body).status))
    writer.start()
    eventually(lambda: waits_for_disk(api), "the commit waits")
    api.process.terminate()
    eventually(lambda: "STOPPING=1" in api.read_notices(), "it is ending")
    api.read_notices(1.5)  # longer than the wait for requests outside the queues
    assert api.alive()
    disk.say()
    writer.join()
    assert statuses == [201] and api.process.wait(DEADLINE) == 0


def waits_for_disk(api):
    """Waits until the store's thread is blocked in the shim."""
    for task in pathlib.Path(f"/proc/{api.process.pid}/task").iterdir():
        if (task / "comm").read_text().strip() == "store":
            return "nanosleep" in (task / "wchan").read_text()
    return False


def test_refuses_to_serve_others_without_tokens(stack):
    api = stack.start_api()
    api.stop()
    api.options["api.listen"] = "0.0.0.0:0"
    api.start(wait=False)
    assert api.process.wait(DEADLINE) == 2
    assert "token" in api.log()


def test_a_port_that_is_taken(stack):
    api = stack.start_api()
    first = api.options["api.listen"]
    other = Api("tagferry-api", stack.folder, dict(api.options))
    other.log_path = stack.folder / "other.log"
    other.start(wait=False)
    assert other.process.wait(DEADLINE) == 3
    assert first in other.log_path.read_text()


def test_a_store_of_a_newer_version(stack):
    api = stack.start_api()
    api.stop()
    with open_store(stack.common["common.database"]) as store:
        store.execute("PRAGMA user_version = 1000")
    api.start(wait=False)
    assert api.process.wait(DEADLINE) == 1
    assert "newer" in api.log()


def test_a_file_that_is_no_store(stack):
    stack.common["common.database"].write_bytes(b"this is no database" * 100)
    daemon = stack.add(Api("tagferry-api", stack.folder,
                           dict(stack.common, **{"api.listen": "127.0.0.1:0"})))
    daemon.start(wait=False)
    assert daemon.process.wait(DEADLINE) == 1
    assert "not a database" in daemon.log()


def test_an_end_under_load(stack):
    """Kept connections continue to send requests for the queues while the service shuts down."""
    stack.start_modbusd()
    api = stack.start_api()
    api.device("a", "t", [{"name": "x"}])
    over, answered = threading.Event(), []

    def ask():
        while not over.is_set():
            client = http.client.HTTPConnection(api.options["api.listen"], timeout=DEADLINE)
            try:
                while not over.is_set():
                    client.request("GET", "/api/v1/devices/a/tags/x/value")
                    answered.append(client.getresponse().read())
            except (OSError, http.client.HTTPException):
                client.close()

    askers = [threading.Thread(target=ask) for _ in range(16)]
    for asker in askers:
        asker.start()
    try:
        for _ in range(3):
            answered.clear()
            eventually(lambda: len(answered) > 200, "answers")
            assert api.stop() == 0, api.log()[-2000:]
            api.start()
    finally:
        over.set()
        for asker in askers:
            asker.join()
