"""Slow and numerous HTTP connections: no client is locked out."""

import json
import os
import re
import resource
import select
import socket
import time

import pytest

from harness import DEADLINE, eventually
from test_api_backup import command

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
LIST = b"GET /api/v1/devices HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = b"GET /api/v1/devices HTTP/1.1\r\nHo"


def connect(api, source=None):
    host, port = api.options["api.listen"].rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=DEADLINE,
                                    source_address=source and (source, 0))


def ask(api, request, source=None):
    """The status, or None when the server closes without an answer."""
    with connect(api, source) as connection:
        connection.sendall(request)
        try:
            return int(connection.recv(4096)[9:12] or 0) or None
        except ConnectionResetError:
            return None


def ends(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def metric(api, name):
    text = api.get("/metrics").body.decode()
    return int(re.search(rf"^{re.escape(name)} (\d+)$", text, re.MULTILINE)[1])


def closed(api, reason):
    return metric(api, f'tagferry_api_connections_closed_total{{reason="{reason}"}}')


def drip(connection, data):
    """Sends byte by byte, too slowly for the whole request, until the server closes."""
    end = time.monotonic() + DEADLINE
    for byte in data * 1000:
        try:
            connection.sendall(bytes([byte]))
        except OSError:
            return
        if select.select([connection], [], [], 0.05)[0]:
            assert ends(connection)
            return
        assert time.monotonic() < end, "it is never closed"


@pytest.mark.parametrize("start", [b"", b"GET /x HTTP/1.1\r\n", HEALTH], ids=["new", "begun", "kept"])
def test_a_head_has_to_come_in_time(stack, start):
    """Although each byte follows soon after the previous one."""
    api = stack.start_api(api__head_timeout_s=1, api__idle_timeout_s=1)
    with connect(api) as connection:
        connection.sendall(start)
        if start == HEALTH:
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        drip(connection, b"a")
    api.wait_log("127.0.0.1: connection closed: the head of its request did not arrive in time")
    assert closed(api, "head_timeout") == 1


def test_a_body_has_to_go_on(stack):
    api = stack.start_api(api__body_timeout_s=1)
    with connect(api) as connection:
        connection.sendall(b"POST /api/v1/devices HTTP/1.1\r\nHost: x\r\n"
                           b"Content-Length: 100000\r\n\r\n")
        drip(connection, b" ")
    api.wait_log("127.0.0.1: connection closed: the body of its request arrived too slowly")
    assert closed(api, "body_timeout") == 1


def test_a_body_may_take_long_while_it_goes_on(stack):
    api = stack.start_api(api__body_timeout_s=4, api__head_timeout_s=4)
    body = json.dumps({"name": "a", "mqtt": {"topic": "t"}}).encode()
    pieces = [body, *[b" " * 9000] * 6]
    with connect(api) as connection:
        connection.sendall(b"POST /api/v1/devices HTTP/1.1\r\nHost: x\r\n"
                           b"Content-Length: %d\r\n\r\n" % sum(map(len, pieces)))
        for piece in pieces:
            connection.sendall(piece)
            select.select([connection], [], [], 0.8)  # together, longer than the time-out
        assert connection.recv(4096).startswith(b"HTTP/1.1 201")


def test_an_answer_has_to_be_taken(stack):
    api = stack.start_api(api__body_timeout_s=1)
    api.must("POST", "/import", {"devices": [
        {"name": f"d{n}", "description": "x" * 200, "mqtt": {"topic": "t"},
         "tags": [{"name": f"t{m}", "description": "y" * 200} for m in range(100)]}
        for n in range(100)]})
    with connect(api) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(b"GET /api/v1/export HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(10)
        api.wait_log("127.0.0.1: connection closed: it read its answer too slowly")
    assert closed(api, "answer_timeout") == 1


def half_open(api, addresses, each):
    made = [connect(api, source) for source in addresses for _ in range(each)]
    for connection in made:
        connection.sendall(HALF)
    return made


def test_half_sent_heads_shut_nobody_out(stack):
    """The maximum number, from four addresses; the same and other addresses are served."""
    api = stack.start_api(api__head_timeout_s=600, api__idle_timeout_s=600)
    addresses = [f"127.0.0.{n}" for n in range(1, 5)]
    held = half_open(api, addresses, 128)
    try:
        eventually(lambda: metric(api, "tagferry_api_connections") >= 510, "all to be connected")
        for source in (*addresses, "127.0.0.9"):
            for _ in range(20):
                assert ask(api, HEALTH, source) == 200
                assert ask(api, LIST, source) == 200
        assert closed(api, "made_room") > 0
        api.wait_log("connection limit reached")
    finally:
        for connection in held:
            connection.close()


def test_slow_connections_are_gone_after_a_while(stack):
    api = stack.start_api(api__head_timeout_s=3)
    held = half_open(api, ["127.0.0.1"], 100)
    for connection in held:
        assert ends(connection)
        connection.close()
    assert closed(api, "head_timeout") == 100
    assert len(re.findall("connection closed: the head", api.log())) == 1, "one line for many"


def upload(api, source=None):
    """A busy connection: its body is under way."""
    connection = connect(api, source)
    connection.sendall(b"POST /api/v1/devices HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n"
                       b"Expect: 100-continue\r\n\r\n")
    assert connection.recv(100).startswith(b"HTTP/1.1 100")
    return connection


@pytest.mark.parametrize("limit", ["max_connections", "max_connections_per_ip"])
def test_busy_connections_leave_room_for_health_checks(stack, limit):
    api = stack.start_api(**{f"api__{limit}": 4, "api__body_timeout_s": 600,
                             "api__idle_timeout_s": 600})
    held = [upload(api) for _ in range(4)]
    with connect(api) as connection:
        connection.sendall(LIST)
        answer = connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 503") and b"Retry-After" in answer
        assert ends(connection), "it makes room"
    for _ in range(40):
        assert ask(api, HEALTH) == 200
    spares = [connect(api) for _ in range(40)]
    assert ask(api, HEALTH) == 200, "spare ones that ask nothing make room, too"
    if limit == "max_connections_per_ip":
        assert ask(api, LIST, "127.0.0.2") == 200, "another address has a share of its own"
    api.wait_log(limit)
    for connection in (*held, *spares):
        connection.close()
    eventually(lambda: ask(api, LIST) == 200, "room again")
    assert metric(api, 'tagferry_api_connections_refused_total{reason="health_checks_only"}') > 0


@pytest.mark.parametrize("framing", [b"Content-Length: 500\r\n\r\n",
                                     b"Transfer-Encoding: chunked\r\n\r\n5\r\n"],
                         ids=["length", "chunked"])
def test_bodies_of_health_checks_shut_out_no_others(stack, framing):
    """A health check never waits for a body, above all on a spare connection."""
    api = stack.start_api(api__max_connections=4, api__body_timeout_s=600, api__idle_timeout_s=600)
    held = [upload(api) for _ in range(4)]
    for _ in range(40):
        held.append(connect(api))
        held[-1].sendall(HEALTH[:-2] + framing)
        select.select([held[-1]], [], [], 0.02)
    for _ in range(20):
        assert ask(api, HEALTH) == 200
    for connection in held:
        connection.close()


@pytest.mark.parametrize("head", [b"POST /api/v1/devices HTTP/1.1\r\n", b"POST /nowhere HTTP/1.1\r\n",
                                  b"GET /healthz HTTP/1.1\r\n"], ids=["no token", "no path", "open"])
def test_bodies_that_nobody_reads_make_room(stack, head):
    """A client without a token does not displace those with one."""
    api = stack.start_api(api__max_connections=4, api__body_timeout_s=600, api__idle_timeout_s=600)
    token = command(api, "token", "add", "someone")[1].split()[-1].encode()
    held = []
    for _ in range(40):
        held.append(connect(api))
        held[-1].sendall(head + b"Host: x\r\nContent-Length: 500\r\n\r\n{")
        select.select([held[-1]], [], [], 0.02)
    for _ in range(6):
        assert ask(api, LIST[:-2] + b"Authorization: Bearer " + token + b"\r\n\r\n") == 200
    for connection in held:
        connection.close()


def test_an_idle_connection_makes_room(stack):
    """The connection that has been idle longest."""
    api = stack.start_api(api__max_connections=4, api__idle_timeout_s=600)
    held = []
    for _ in range(4):
        held.append(connect(api))
        held[-1].sendall(HEALTH)
        assert held[-1].recv(4096).startswith(b"HTTP/1.1 200")
    assert ask(api, LIST) == 200
    assert ends(held[0])
    for connection in held[1:]:
        connection.sendall(HEALTH)
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    for connection in held:
        connection.close()


def start_import(api, size):
    connection = connect(api)
    connection.sendall(b"POST /api/v1/import HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
                       b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % size)
    return connection, connection.recv(4096)[9:12]


def test_unfinished_imports_are_bounded(stack):
    """The total, however it is sent; small requests continue."""
    api = stack.start_api(api__max_pending_bytes=8 << 20, api__body_timeout_s=600)
    size = 3 << 20
    started = [start_import(api, size) for _ in range(6)]
    assert [status for _, status in started] == [b"100"] * 2 + [b"503"] * 4
    for connection, _ in started[:2]:
        connection.sendall(b"d" * (size - 1))
    chunked = connect(api)
    chunked.sendall(b"POST /api/v1/import HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%s\r\n" % (2 << 20, b" " * (2 << 20)) +
                    b"0\r\n\r\n")
    answer = chunked.recv(4096)
    assert answer.startswith(b"HTTP/1.1 503") and b"Retry-After" in answer
    api.device("a", "t", [{"name": "x"}])
    for connection, _ in started:
        connection.close()
    chunked.close()
    rows = b"device,tag,topic\nb,y,t\n" + b"\n" * size
    eventually(lambda: api.request("POST", "/import", rows,
                                   {"Content-Type": "text/csv"}).status == 200, "room again")


def test_answers_that_nobody_takes_are_bounded(stack):
    """One export fits, a second does not; small answers continue, and changes are always
    answered."""
    api = stack.start_api(api__body_timeout_s=600)
    api.must("POST", "/import?changes=none", {"devices": [
        {"name": f"d{n}", "description": "x" * 200, "mqtt": {"topic": "t"},
         "tags": [{"name": f"t{m}", "description": "y" * 200} for m in range(100)]}
        for n in range(100)]})
    api.options["api.max_pending_bytes"] = (len(api.get("/export").body) + 100000) * 8 // 7
    api.stop()
    api.start()
    held = []
    for _ in range(3):
        held.append(connect(api))
        held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        held[-1].sendall(b"GET /api/v1/export HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = held[-1].recv(2048)
        assert answer[9:12] == (b"200" if len(held) == 1 else b"503")
        assert (b"Retry-After: 5" in answer) == (len(held) > 1)
    assert ask(api, LIST) == 200
    api.device("small", "t")
    deleted = api.must("POST", "/import?mode=replace&confirm=10101", {"devices": []})
    assert len(deleted["changes"]) == deleted["deleted"] == 10101
    for connection in held:
        connection.close()
    api.device("a", "t")
    assert api.get("/export").status == 200


def lowest_free_descriptor(api):
    taken = {int(name) for name in os.listdir(f"/proc/{api.process.pid}/fd")}
    return next(number for number in range(len(taken) + 1) if number not in taken)


def test_listens_again_after_a_lack_of_descriptors(stack):
    """The library stops listening when it gets no descriptor for a connection. It goes on when its last one ends."""
    api = stack.start_api()
    pid = api.process.pid
    usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    with connect(api) as first:
        first.sendall(HEALTH)
        assert first.recv(4096)[9:12] == b"200"
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest_free_descriptor(api), usual[1]))
        with connect(api) as second:
            second.sendall(HEALTH)
            api.wait_log("http: .*process or system resource limit")
            resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
            first.close()
            assert second.recv(4096)[9:12] == b"200"
