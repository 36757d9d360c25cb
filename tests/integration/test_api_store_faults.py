"""The store on a bad day: a disk that is full, broken or read-only, a file that is damaged or none.
What is not answered 2xx is not there, reads go on where they can, and it heals without a restart."""

import concurrent.futures
import hashlib
import os
import re
import subprocess

import pytest

from harness import BIN, DEADLINE, eventually
from store_file import open_store

DEVICE = {"mqtt": {"topic": "t"}}


def device(name, **members):
    return dict(DEVICE, name=name, **members)


def check_file(stack):
    with open_store(stack.common["common.database"]) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def state(api):
    return api.must("GET", "/export"), api.must("GET", "/audit")["total"]


def is_refused(answer, word):
    assert answer.status == 503, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert word in answer.json()["detail"], answer.body


class Together:
    """Sends changes that wait for one whose commit the disk holds, so that they form a group.
    `finish` lets the disk do something else, and returns the results of the first change and of the
    group."""

    def __init__(self, api, disk, requests):
        self.api, self.disk, self.size = api, disk, len(requests)
        self.groups = api.counter("API_GROUPS"), api.counter("API_GROUPED")
        self.pool = concurrent.futures.ThreadPoolExecutor(len(requests) + 1)
        disk.say("hold")
        self.first = self.pool.submit(api.request, "PUT", "/devices/first", DEVICE)
        self.wait_for_store_lane(1)
        self.rest = [self.pool.submit(api.request, *request) for request in requests]
        self.wait_for_store_lane(1 + len(requests))

    def wait_for_store_lane(self, count):
        """Waits until this many requests are in the store's queue: their connections are open, and
        a later read has been answered repeatedly."""
        port = int(self.api.options["api.listen"].rsplit(":")[-1])
        eventually(lambda: open_connections(port) >= count, "the connections")
        for _ in range(20):
            self.api.must("GET", "/devices?limit=1")

    def finish(self, word=""):
        self.disk.say(word)
        answers = [future.result(DEADLINE) for future in [self.first, *self.rest]]
        self.pool.shutdown()
        assert self.api.counter("API_GROUPS") == self.groups[0] + 1
        assert self.api.counter("API_GROUPED") == self.groups[1] + self.size
        return answers[0], answers[1:]


def open_connections(port):
    """Established connections to a port on loopback, as the server sees them."""
    with open("/proc/net/tcp") as table:
        return len(re.findall(rf"0100007F:{port:04X} 0100007F:[0-9A-F]{{4}} 01", table.read()))


def test_a_group_is_as_if_one_after_the_other(disk):
    api = disk.start_api()
    api.device("a", "t", [{"name": "x", "modbus": {"address": 0}}])
    etag = api.get("/devices/a").headers["ETag"]
    before = api.must("GET", "/readyz?need=store")["revision"]
    first, rest = Together(api, disk, [
        ("POST", "/devices", device("g")), ("POST", "/devices", device("g")),
        ("POST", "/devices/a/tags", {"name": "y", "modbus": {"address": 1}}),
        ("POST", "/devices/a/tags", {"name": "z"}), ("POST", "/devices", device("?")),
        ("POST", "/devices", b"{"), ("PATCH", "/devices/a", {"enabled": True}),
        ("PATCH", "/devices/a", {"description": "mine"}, {"If-Match": etag}),
        ("PATCH", "/devices/a", {"description": "mine too"}, {"If-Match": etag}),
        ("DELETE", "/devices/none"),
    ]).finish()
    status = [answer.status for answer in rest]
    assert first.status == 201 and sorted(status[0:2]) == [201, 409]
    assert status[2:7] == [409, 201, 422, 400, 200] and status[9] == 404
    assert sorted(status[7:9]) == [200, 412]
    done = [answer.json() for answer in [first, *rest] if answer.status in (200, 201)]
    revisions = {body["revision"] for body in done}
    assert {before + 1, before + 2, before + 3, before + 4} <= revisions, "each has its own"
    for body in done:
        path = f"/devices/{body['device']}/tags/{body['name']}" if "device" in body else None
        now = api.get(path or f"/devices/{body['name']}").json()
        assert now == body or body["revision"] <= before, "what was answered is what is there"
    made = {answer.json()["revision"]: answer.headers["X-Request-Id"]
            for answer in [first, *rest] if answer.status in (200, 201)}
    noted = [entry for entry in api.must("GET", "/audit")["items"] if entry["revision"] > before]
    assert len(noted) == 4
    for entry in noted:
        assert entry["request_id"] == made[entry["revision"]], "each change under its own request"
    assert rest[3].json()["modbus"]["address"] == 2, "what was rolled back took no address"
    assert api.must("GET", "/readyz?need=store")["revision"] == before + 4
    check_file(disk.stack)


def test_a_group_whose_commit_fails_has_never_been(disk):
    api = disk.start_api()
    api.device("a", "t", [{"name": "x"}])
    before = state(api), api.must("GET", "/readyz?need=store")["revision"]
    first, rest = Together(api, disk, [
        *[("POST", "/devices", device(f"g{number}")) for number in range(6)],
        ("POST", "/devices/a/tags", {"name": "y"}), ("PATCH", "/devices/a", {"enabled": False}),
        ("DELETE", "/devices/a/tags/x"), ("POST", "/devices", device("?")),
    ]).finish("fail")
    for answer in [first, *rest]:
        is_refused(answer, "disk I/O error")
        assert answer.headers["ETag"] is None and answer.headers["Location"] is None
    assert (state(api), api.must("GET", "/readyz?need=store")["revision"]) == before
    disk.say()
    made = api.must("POST", "/devices/a/tags", {"name": "y"})
    assert made["modbus"]["address"] == 2 and made["revision"] == before[1] + 1
    assert api.must("POST", "/devices", device("g0"))["revision"] == before[1] + 2
    api.stop()
    check_file(disk.stack)


@pytest.mark.parametrize("together", [False, True])
def test_what_failed_is_not_there_after_a_crash(disk, together):
    """The pages of the failed commit are in the write-ahead log; only the disk refused them."""
    api = disk.start_api()
    api.device("a", "t")
    before = state(api)
    if together:
        Together(api, disk, [("POST", "/devices", device(f"g{number}")) for number in range(5)]
                 ).finish("fail")
    else:
        disk.say("fail")
        is_refused(api.request("POST", "/devices", device("b")), "disk I/O error")
    api.kill()
    disk.say()
    api.start()
    assert state(api) == before
    assert api.must("POST", "/devices", device("c"))["revision"] == 2
    api.stop()
    check_file(disk.stack)


@pytest.mark.parametrize("word,reason", [("full", "full"), ("protected", "disk I/O error"),
                                         ("fail", "disk I/O error")])
def test_a_disk_that_takes_nothing(disk, word, reason):
    api = disk.start_api()
    api.device("a", "t", [{"name": "x"}])
    before = state(api)
    disk.say(word)
    rows = "device,topic,tag\r\n" + "".join(f"i,t,t{number}\r\n" for number in range(2000))
    for request in [("POST", "/devices", device("b")), ("PATCH", "/devices/a", {"enabled": False}),
                    ("DELETE", "/devices/a"), ("POST", "/import", rows.encode(),
                                               {"Content-Type": "text/csv"})]:
        is_refused(api.request(*request), reason)
        assert state(api) == before, "reads go on"
    assert api.get("/readyz?need=store").status == 200
    assert re.search(rf"ERROR|error.*{reason}", api.log())
    disk.say()
    api.must("POST", "/devices", device("b"))
    assert state(api)[1] == before[1] + 1, "it heals by itself"
    api.stop()
    check_file(disk.stack)


def test_a_full_disk_in_a_group(disk):
    api = disk.start_api()
    api.device("a", "t")
    before = state(api)
    first, rest = Together(api, disk, [
        ("POST", "/devices", device(f"g{number}")) for number in range(5)]).finish("full")
    assert first.status == 201, "its pages were written already"
    for answer in rest:
        is_refused(answer, "full")
    disk.say()
    api.must("DELETE", "/devices/first")
    assert state(api) == (before[0], before[1] + 2)
    api.stop()
    check_file(disk.stack)


def test_a_disk_that_cannot_be_read(disk):
    api = disk.start_api()
    api.device("a", "t", [{"name": "x"}])
    before = state(api)
    api.stop()
    api.start()
    disk.say("unreadable")
    is_refused(api.get("/devices/a/tags/x"), "disk I/O error")
    is_refused(api.request("PATCH", "/devices/a/tags/x", {"unit": "K"}), "is unavailable now")
    assert api.get("/healthz").status == 200
    disk.say()
    assert state(api) == before
    api.must("PATCH", "/devices/a/tags/x", {"unit": "K"})


def start_fails(stack, database, env=None):
    """Starts tagferry-api where it cannot serve; returns its output."""
    command = [BIN / "tagferry-api", "-c", "/dev/null", "-o", "api.listen=127.0.0.1:0",
               "-o", f"common.database={database}", "-o", f"common.runtime_dir={stack.folder}/run",
               "-o", f"api.token_file={stack.folder}/tokens"]
    ended = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                           timeout=DEADLINE, env=dict(os.environ, **(env or {})))
    assert ended.returncode == 1, ended.stderr
    assert str(database) in ended.stderr, "the file is named"
    return ended.stderr


def test_full_from_the_start(disk):
    """Neither a new nor an existing store can be opened; both can when there is space again."""
    database = disk.stack.common["common.database"]
    disk.say("full")
    assert "full" in start_fails(disk.stack, database, disk.env())
    disk.say()
    api = disk.start_api()
    api.device("a", "t")
    api.kill()
    disk.say("full")
    start_fails(disk.stack, database, disk.env())
    disk.say()
    api.start()
    assert api.must("GET", "/devices")["total"] == 1


@pytest.mark.parametrize("beside", ["-shm", "-wal"])
def test_rubbish_beside_the_store(stack, beside):
    """After a crash: an invalid index, and a log that continues with an invalid page."""
    api = stack.start_api()
    for number in range(5):
        api.device(f"d{number}", "t")
    before = state(api)
    api.kill()
    path = stack.folder / f"{stack.common['common.database'].name}{beside}"
    kept = path.read_bytes() if beside == "-wal" else b""
    path.write_bytes(kept + b"\xa5" * 40000)
    api.start()
    assert state(api) == before
    api.must("DELETE", "/devices/d0")
    api.stop()
    check_file(stack)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def database(stack):
    """An unused store with a device and many tags."""
    api = stack.start_api()
    rows = "device,topic,tag\r\n" + "".join(f"a,t,t{number}\r\n" for number in range(1000))
    api.request("POST", "/import", rows.encode(), {"Content-Type": "text/csv"})
    api.device("b", "t")
    assert api.stop() == 0
    return stack.common["common.database"]


def test_of_a_newer_version(stack, database):
    with open_store(database) as store:
        store.execute("PRAGMA user_version = 99")
    before = digest(database)
    assert "newer" in start_fails(stack, database)
    assert digest(database) == before, "it is left alone"


@pytest.mark.parametrize("damage", ["no store", "another's", "cut"])
def test_no_store(stack, database, damage):
    if damage == "no store":
        database.write_bytes(b"these are no pages\n" * 1000)
    elif damage == "another's":
        database.unlink()
        with open_store(database) as other:
            other.execute("CREATE TABLE device (name TEXT)")
    else:
        database.write_bytes(database.read_bytes()[:10000])
    before = digest(database)
    start_fails(stack, database)
    assert digest(database) == before, "it is left alone"


def check_read_only(api):
    assert re.search("warning.*the store is read-only", api.log())
    for _ in range(2):
        is_refused(api.request("POST", "/devices", device("c")), "readonly")
        is_refused(api.confirm("DELETE", "/devices/a"), "readonly")
        assert api.must("GET", "/devices")["total"] == 2
        api.must("GET", "/devices/a/tags/t1")
        api.must("GET", "/values?limit=1")
        api.must("GET", "/export")


def check_healed(api):
    """Without a restart; each process with an open store sees each change."""
    api.must("DELETE", "/devices/b")
    api.wait_log("the store can be written again")
    for word in ("x", "y"):
        assert api.must("GET", "/devices")["total"] == 1
        api.must("PATCH", "/devices/a/tags/t1", {"unit": word})
        assert api.must("GET", "/devices/a/tags/t1")["unit"] == word
        assert word in str(api.must("GET", "/export"))
        api.must("GET", "/values?limit=1")
    assert len(re.findall("can be written again", api.log())) == 1


def test_read_only(stack, database):
    """Also as root: the test drops the capability that ignores the mode."""
    drop = "-dac_override,-dac_read_search"
    api = stack.start_api()
    api.stop()
    api.prefix = ("setpriv", "--bounding-set", drop, "--inh-caps", drop)
    database.chmod(0o444)
    api.start()
    check_read_only(api)
    for path in database.parent.glob(f"{database.name}*"):
        path.chmod(0o644)  # the files beside it got its mode
    check_healed(api)
    api.stop()
    api.start()
    assert "the store is read-only" not in api.log()
    assert api.confirm("DELETE", "/devices/a").status == 204


@pytest.fixture
def mounted(stack):
    """A separate file system; `mounted("ro")` makes it read-only."""
    def mount(*words):
        return subprocess.run(["mount", *map(str, words), folder], capture_output=True, text=True,
                              timeout=DEADLINE)

    folder = stack.folder / "mounted"
    folder.mkdir()
    if mount("-t", "tmpfs", "tagferry-test").returncode != 0:
        pytest.skip("nothing may be mounted here")
    mount.folder = folder
    stack.common["common.database"] = folder / "tagferry.db"
    yield mount
    subprocess.run(["umount", "--lazy", folder], check=True, timeout=DEADLINE)


def test_read_only_file_system(stack, mounted):
    """After a power cut: the files beside the store are read-only, too."""
    api = stack.start_api()
    api.device("a", "t", [{"name": "t1"}])
    api.device("b", "t")
    api.kill()
    assert mounted("-o", "remount,ro").returncode == 0
    api.start()
    check_read_only(api)
    database = stack.common["common.database"]
    assert mounted("-o", "remount,rw").returncode == 0
    database.rename(mounted.folder / "away")
    is_refused(api.request("DELETE", "/devices/b"), "No such file")
    assert not database.exists(), "no other one is made in its place"
    (mounted.folder / "away").rename(database)
    check_healed(api)
    api.stop()
    check_file(stack)


def test_damaged_in_one_place(stack, database):
    """Resources elsewhere are still served."""
    with open_store(database) as store:
        (root,), = store.execute("SELECT rootpage FROM sqlite_master WHERE name = 'tag'")
        (size,), = store.execute("PRAGMA page_size")
    pages = bytearray(database.read_bytes())
    pages[(root - 1) * size:root * size] = b"\xa5" * size
    database.write_bytes(pages)
    api = stack.start_api()
    is_refused(api.get("/devices/a/tags/t1"), "malformed")
    is_refused(api.request("PATCH", "/devices/a/tags/t1", {"unit": "K"}), "malformed")
    assert api.must("GET", "/devices")["total"] == 2
    assert api.must("POST", "/devices", device("c"))["name"] == "c"
    copied = subprocess.run([BIN / "tagferry-api", "-c", "/dev/null", "-o",
                             f"common.database={database}", "backup", stack.folder / "copy.db"],
                            capture_output=True, text=True, timeout=DEADLINE)
    assert copied.returncode == 1 and "damaged" in copied.stderr
    assert not (stack.folder / "copy.db").exists()


@pytest.mark.parametrize("kind", ["missing", "missing folder", "empty"])
def test_a_new_store(stack, kind):
    path = stack.folder / "deep/er/tagferry.db" if kind == "missing folder" else \
        stack.common["common.database"]
    if kind == "empty":
        path.write_bytes(b"")
    stack.common["common.database"] = path
    api = stack.start_api()
    api.device("a", "t")
    assert api.must("GET", "/devices")["total"] == 1
    check_file(stack)


def test_a_folder_in_its_place(stack):
    path = stack.folder / "folder"
    path.mkdir()
    assert "unable to open" in start_fails(stack, path)
