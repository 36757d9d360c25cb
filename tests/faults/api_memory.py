"""Refuses one allocation after the other while tagferry-api serves a request of each kind."""

import contextlib
import http.client
import io
import json
import socket

import openpyxl

from harness import DEADLINE, eventually

MOST = 3000  # allocations that one request may take
JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}


def numbers():
    """All of the first, which the library and each request need; then samples."""
    number = 1
    while number < MOST:
        yield number
        number += 1 + number // 25


class Asker:
    """Requests on a connection that was opened before the order."""

    def __init__(self, plant):
        self.plant, self.client = plant, None

    def open(self):
        if not self.client:
            host, port = self.plant.api.options["api.listen"].rsplit(":", 1)
            self.client = http.client.HTTPConnection(host, int(port), timeout=DEADLINE)
            self.client.connect()
            assert self.ask("GET", "/healthz")[0] == 200, "a new connection is served"

    def ask(self, method, path, body=None, headers=None):
        """Status and body; None when the connection ended instead of an answer."""
        base = "" if path in ("/healthz", "/readyz", "/metrics", "/metrics/values") else self.plant.api.base
        try:
            self.client.request(method, base + path, body, headers or {})
            answer = self.client.getresponse()
            content = answer.read()
        except (http.client.HTTPException, ConnectionError):
            self.close()
            return None, b""
        if answer.will_close:
            self.close()
        return answer.status, content

    def close(self):
        if self.client:
            self.client.close()
        self.client = None


def state(plant):
    """The state that a change would modify."""
    return plant.api.must("GET", "/readyz")["revision"], plant.api.must("GET", "/tags?limit=1")["total"]


def devices(*names):
    return json.dumps({"devices": [
        {"name": name, "description": "x" * 250, "mqtt": {"topic": name},
         "tags": [{"name": f"t{n}", "modbus": {"table": "input_register"}} for n in range(3)]}
        for name in names]})


def rows(name):
    return "device,tag,topic\n" + "".join(f"{name},t{n},c\n" for n in range(3))


def workbook():
    """With shared texts and a style, as an office program writes it."""
    book = openpyxl.Workbook()
    book.active.append(["Liste"])
    for row in (["device", "tag", "topic", "address"], ["w", "Öl 1", "t", 464101], ["", "Öl 2", "", 464103]):
        book.active.append(row)
    book.active["A1"].font = openpyxl.styles.Font(bold=True)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


KEPWARE = '''Tag Name,Address,Data Type,Client Access
"Plant.t1","464201",Float,R/W
"Plant.Öl 2","464203.20H",String,RO
'''

# Name, method, path, body and headers for the nth try, the status when all goes well, and whether
# it changes the configuration.
REQUESTS = [
    ("a device", "GET", "/devices/f", None, None, 200, False),
    ("a tag", "GET", "/devices/f/tags/v1", None, None, 200, False),
    ("no device", "GET", "/devices/none", None, None, 404, False),
    ("a list", "GET", "/devices/f/tags?limit=30", None, {"Accept-Encoding": "gzip"}, 200, False),
    ("a search", "GET", "/tags?q=%C3%84v1", None, None, 200, False),
    ("values", "GET", "/values?limit=30", None, None, 200, False),
    ("a value", "GET", "/devices/f/tags/v1/value", None, None, 200, False),
    ("writing a value", "PUT", "/devices/f/tags/step/value", '{"value": 1000000}', JSON, 200, False),
    ("registers", "GET", "/registers/input_register?count=20", None, None, 200, False),
    ("messages", "GET", "/messages?limit=5", None, None, 200, False),
    ("the audit", "GET", "/audit?limit=5", None, None, 200, False),
    ("clients", "GET", "/modbus/clients", None, None, 200, False),
    ("the history of a tag", "GET", "/devices/f/tags/v1/history", None, None, 200, False),
    ("places of registers", "GET", "/registers", None, None, 200, False),
    ("owners of registers", "GET", "/registers/input_register/owners", None, None, 200, False),
    ("the session", "GET", "/session", None, None, 200, False),
    ("metrics", "GET", "/metrics", None, None, 200, False),
    ("metrics of tags", "GET", "/metrics/values", None, None, 200, False),
    ("readiness", "GET", "/readyz", None, None, 200, False),
    ("an export", "GET", "/export", None, None, 200, False),
    ("an export as CSV", "GET", "/export?format=csv", None, None, 200, False),
    ("an export as a workbook", "GET", "/export?format=xlsx", None, None, 200, False),
    ("an export for KEPServerEX", "GET", "/export?format=kepware&device=f", None, None, 200, False),
    ("an export for Ignition", "GET", "/export?format=ignition&device=f", None, None, 200, False),
    ("the register map", "GET", "/export?format=map", None, None, 200, False),
    ("a new device", "POST", "/devices", '{"name": "m%d", "mqtt": {"topic": "m"}}', JSON, 201, True),
    ("a wrong device", "POST", "/devices", '{"name": "", "colour": 1}', JSON, 422, False),
    ("no JSON", "POST", "/devices", '{"name": ', JSON, 400, False),
    ("a new tag", "PUT", "/devices/f/tags/m%d", "{}", JSON, 201, True),
    ("a change", "PATCH", "/devices/f", '{"description": "%d"}', JSON, 200, True),
    ("a deletion", "DELETE", "/devices/f/tags/m%d", None, None, 204, True),
    ("an import", "POST", "/import", devices("i%d", "j%d"), JSON, 200, True),
    ("an import of CSV", "POST", "/import", rows("c%d"), CSV, 200, True),
    ("a list of one device", "POST", "/import?device=L%C3%BC&topic=t&command_topic=c/{tag}&dry_run=true",
     "Parameter;FC;Register;Format;R/W\nTemp 1;3;64300;STRING[9];R/W\n", CSV, 200, False),
    ("a dry run of a workbook", "POST", "/import?dry_run=true", workbook(), CSV, 200, False),
    ("faults of a workbook", "POST", "/import?dry_run=true&sheet=x", workbook(), CSV, 422, False),
    ("a damaged workbook", "POST", "/import", workbook()[:3000], CSV, 400, False),
    ("a file of KEPServerEX", "POST", "/import?format=kepware&dry_run=true", KEPWARE, CSV, 200, False),
    ("a dry run for people", "POST", "/import?dry_run=true", rows("c"), {**CSV, "Accept": "text/plain"}, 200,
     False),
    ("a dry run", "POST", "/import?dry_run=true", devices("k"), JSON, 200, False),
]


def fill(template, number):
    return template.replace("%d", str(number)) if isinstance(template, str) else template


def encode(body):
    return body.encode() if isinstance(body, str) else body


def try_once(plant, asker, request, number, own):
    """One request with this allocation refused. Returns the number of refusals."""
    name, method, path, body, headers, good, changes = request
    asker.open()
    before = state(plant)
    plant.refuse("api", number, own=own)
    status, content = asker.ask(method, fill(path, number), encode(fill(body, number)), headers)
    _, refused = plant.refused("api")
    plant.refuse("api", 0)
    where = f"{name}, allocation {number}: {status} {content[:200]}"
    assert plant.api.alive(), f"{where}\n{plant.api.log()[-3000:]}"
    assert status in (good, 503, None), where
    after = state(plant)
    if status == 503 or not changes:
        assert after == before, f"{where}: something was changed"
    elif status == good:
        assert after != before, f"{where}: nothing was changed"
    return refused, status, content


def check(plant, request, own):
    """Refuses one allocation after the other until the request needs no more. Returns how many led
    to a 503, and to a closed connection."""
    asker = Asker(plant)
    counts = {503: 0, None: 0}
    for number in numbers():
        if "m%d" in request[2] and request[1] == "DELETE":
            plant.api.must("PUT", f"/devices/f/tags/m{number}", {})
        refused, status, content = try_once(plant, asker, request, number, own)
        counts[status] = counts.get(status, 0) + 1
        if refused == 0:
            assert status == request[5], f"{request[0]}: {status} {content[:300]} without any refusal"
            break
    else:
        raise AssertionError(f"{request[0]}: more than {MOST} allocations")
    asker.close()
    return counts


def large_requests(plant):
    """One large request, when only small allocations succeed; then when none does."""
    asker = Asker(plant)
    body = json.dumps({"devices": [{"name": "large", "mqtt": {"topic": "t"}, "tags": [
        {"name": f"t{n}", "description": "x" * 100} for n in range(2000)]}]})
    before = state(plant)
    asker.open()
    plant.order("api", "memory", 65536)
    eventually(lambda: asker_status(asker, "POST", "/import", body, JSON) == 503, "memory to be short")
    assert asker_status(asker, "GET", "/devices/f") == 200, "what is small is served"
    plant.order("api", "memory", 1)
    eventually(lambda: asker_status(asker, "GET", "/export") == 503, "all memory to be gone")
    plant.order("api", "memory", None)
    eventually(lambda: asker_status(asker, "GET", "/devices/f") == 200, "memory again")
    assert state(plant) == before
    eventually(lambda: asker_status(asker, "POST", "/import", body, JSON) == 200, "the import")
    assert plant.api.confirm("DELETE", "/devices/large").status == 204
    asker.close()


def asker_status(asker, *request):
    """The status, on the current connection if the server kept it."""
    try:
        asker.open()
    except (AssertionError, OSError):
        return None
    return asker.ask(*request)[0]


def streams(plant):
    """A stream ends or continues; the next one has all values."""
    asker = Asker(plant)
    for number in numbers():
        asker.open()
        client = open_stream(plant)
        plant.refuse("api", number)
        asker.ask("PATCH", "/devices/f", json.dumps({"description": f"s{number}"}), JSON)
        with contextlib.suppress(OSError):
            client.settimeout(0.3)
            while client.recv(65536):
                pass
        client.close()
        assert plant.api.alive(), plant.api.log()[-3000:]
        counted, _ = plant.refused("api")
        plant.refuse("api", 0)
        if number > 60 or counted < number:
            break
    # One that is opened within the tenth of a second of the newest failure may end, too.
    eventually(lambda: b'"tag":"step"' in stream_until(plant, b'"tag":"step"'), "a stream with all values")


def stream_until(plant, wanted):
    """What a new stream sends until it has the wanted bytes, or ends."""
    client, seen = open_stream(plant), b""
    while wanted not in seen and (part := client.recv(65536)):
        seen += part
    client.close()
    return seen


def open_stream(plant):
    host, port = plant.api.options["api.listen"].rsplit(":", 1)
    client = socket.create_connection((host, int(port)), timeout=DEADLINE)
    client.sendall(b"GET /api/v1/values/stream?device=f HTTP/1.1\r\nHost: x\r\n\r\n")
    assert client.recv(100).startswith(b"HTTP/1.1 200")
    return client
