"""Backup and restore while everything runs."""

import hashlib
import random
import subprocess
import threading

import pytest

from harness import BIN, DEADLINE, eventually
from store_file import open_store

DEVICE = {"mqtt": {"topic": "t"}}
BACKUPS = 6


def start_command(api, *words):
    options = [part for key, value in api.options.items() for part in ("-o", f"{key}={value}")]
    command = [BIN / "tagferry-api", "-c", "/dev/null", *options, *words]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


def command(api, *words):
    process = start_command(api, *words)
    said, _ = process.communicate(timeout=DEADLINE)
    return process.returncode, said


def must(api, *words):
    status, said = command(api, *words)
    assert status == 0, said


def look(path):
    """The content of a store, after an integrity check."""
    with open_store(path) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        devices = {name: revision for name, revision in
                   store.execute("SELECT name, revision FROM device")}
        bare = store.execute("SELECT name FROM device WHERE name LIKE 'w%' AND NOT EXISTS "
                             "(SELECT 1 FROM tag WHERE device_id = device.id)").fetchall()
        (revision, newest), = store.execute(
            "SELECT revision, (SELECT max(revision) FROM audit) FROM store")
        spans, = store.execute("SELECT (SELECT count(*) FROM span), count(*) FROM tag").fetchall()
    return {"devices": devices, "bare": bare, "revision": revision, "newest": newest,
            "spans": spans}


class Writer(threading.Thread):
    """Creates devices with one tag each, one import per device, at full speed."""

    def __init__(self, api, number):
        super().__init__()
        self.api, self.number = api, number
        self.asked = self.done = 0
        self.revisions = []
        self.fault = None
        self.ending = threading.Event()

    def name(self, number):
        return f"w{self.number}-{number}"

    def run(self):
        try:
            while not self.ending.is_set():
                self.asked += 1
                name = self.name(self.asked)
                body = {"devices": [dict(DEVICE, name=name, tags=[{"name": "x"}])]}
                answer = self.api.request("POST", "/import", body)
                assert answer.status in (200, 503), answer.body
                answer = self.api.request("PUT", "/devices/counter", dict(
                    DEVICE, description=f"{self.number}.{self.asked}"))
                if answer.status in (200, 201):
                    self.revisions.append(answer.json()["revision"])
                    self.done = self.asked
                else:
                    assert answer.status == 503, answer.body
        except Exception as fault:  # reported by the test's thread
            self.fault = fault


@pytest.fixture
def writers(stack):
    api = stack.start_api(api__audit_entries=1000000)
    api.device("keep", "t", [{"name": "x"}])
    made = [Writer(api, number) for number in range(3)]
    yield made
    for writer in made:
        end(writer)


def end(writer):
    writer.ending.set()
    if writer.ident:
        writer.join()
    assert writer.fault is None, writer.fault


def start(writers):
    for writer in writers:
        writer.start()
    eventually(lambda: all(writer.done > 3 for writer in writers), "the writers")


def test_backup_under_load(writers, stack):
    api = stack.api
    start(writers)
    for number in range(BACKUPS):
        before = {writer.name(n) for writer in writers for n in range(1, writer.done + 1)}
        file = stack.folder / f"{number}.db"
        must(api, "backup", file)
        after = {writer.name(n) for writer in writers for n in range(1, writer.asked + 1)}
        found = look(file)
        names = set(found["devices"]) - {"keep", "counter"}
        assert before <= names <= after, "what was there at the beginning, not more than at the end"
        assert found["bare"] == [] and found["spans"][0] == found["spans"][1], "whole changes"
        assert found["newest"] == found["revision"]
    assert all(writer.done > BACKUPS for writer in writers), "writers were not held up"


def test_restore_under_load(writers, stack):
    api, file = stack.api, stack.folder / "backup.db"
    start(writers)
    must(api, "backup", file)
    kept = set(look(file)["devices"])
    for _ in range(BACKUPS):
        must(api, "restore", file)
        now = [writer.done for writer in writers]
        eventually(lambda: all(w.done > n + 2 for w, n in zip(writers, now)), "the writers")
    asked = [writer.asked + 1 for writer in writers]
    eventually(lambda: all(w.done > n for w, n in zip(writers, asked)), "the writers")
    for writer in writers:
        end(writer)
        assert sorted(set(writer.revisions)) == writer.revisions, "revisions never go back"
    found = look(stack.common["common.database"])
    assert kept <= set(found["devices"])
    for writer, first in zip(writers, asked):
        assert {writer.name(n) for n in range(first, writer.done + 1)} <= set(found["devices"])
    assert found["bare"] == [] and found["spans"][0] == found["spans"][1]


def test_a_killed_restore_does_all_or_nothing(stack):
    api, file = stack.start_api(), stack.folder / "backup.db"
    chance = random.Random(5)
    api.device("keep", "t")

    def fill(name):
        body = {"devices": [dict(DEVICE, name=name, tags=[{"name": f"t{n}"} for n in range(500)])]}
        assert api.confirm("POST", "/import?mode=replace", body).json()["created"] == 501
        return [name, 500]

    def now():
        devices = api.must("GET", "/devices")
        assert devices["total"] == 1
        return [devices["items"][0]["name"], api.must("GET", "/tags")["total"]]

    backed = fill("backed")
    must(api, "backup", file)
    for number in range(5):
        later = fill(f"later{number}")
        restore = start_command(api, "restore", file)
        threading.Event().wait(chance.uniform(0, 0.15))
        restore.kill()
        restore.communicate(timeout=DEADLINE)
        assert now() in (backed, later)
    must(api, "restore", file)
    assert now() == backed
    assert look(stack.common["common.database"])["devices"].keys() == {"backed"}


def ids(api):
    """{name: (kind, id)} of all resources."""
    found = {device["name"]: ("device", device["id"])
             for device in api.must("GET", "/devices")["items"]}
    found.update((f"{tag['device']}/{tag['name']}", ("tag", tag["id"]))
                 for tag in api.must("GET", "/tags")["items"])
    return found


def test_no_id_is_given_a_second_time(stack):
    api, file = stack.start_api(), stack.folder / "backup.db"
    api.device("a", "t", [{"name": "x"}])
    must(api, "backup", file)
    backed = ids(api)
    api.device("later", "t", [{"name": "y"}, {"name": "z"}])
    known = ids(api)
    api.must("DELETE", "/devices/a/tags/x")
    for turn in range(2):
        must(api, "restore", file)
        assert ids(api) == backed, "what was backed up is what it was"
        api.device(f"new{turn}", "t", [{"name": "y"}])
        made = ids(api)
        for name in (f"new{turn}", f"new{turn}/y"):
            assert made[name] not in known.values(), name
        known.update(made)
    audit = [entry["id"] for entry in api.must("GET", "/audit?limit=1000")["items"]]
    assert len(set(audit)) == len(audit) and audit == sorted(audit, reverse=True)


def test_no_address_is_given_a_second_time(stack):
    """SCADA may still read values that the backup does not have, in each table and unit."""
    api, file = stack.start_api(common__units="1,2"), stack.folder / "backup.db"
    integer, boolean = {"type": "uint16"}, {"type": "bool"}
    api.device("a", "t", [{"name": "x", "modbus": integer}])
    must(api, "backup", file)
    api.device("b", "t", [{"name": "y", "modbus": boolean}], network={"unit_id": 2})
    for number in range(4):
        api.must("POST", "/devices/a/tags", {"name": f"later{number}", "modbus": integer})
    for turn in range(2):
        must(api, "restore", file)
        made = [api.must("POST", "/devices/a/tags", {"name": "new", "modbus": integer})]
        made += api.device("c", "t", [{"name": "z", "modbus": boolean}], network={"unit_id": 2})
        assert [tag["modbus"]["address"] for tag in made] == [5 + turn, 1 + turn]


def test_ids_begin_beyond_those_of_an_empty_store(stack):
    """Its own ids belong to deleted resources now; none of the backup's ids does."""
    api, file = stack.start_api(), stack.folder / "backup.db"
    must(api, "backup", file)
    api.device("a", "t", [{"name": "x"}])
    known = ids(api)
    must(api, "restore", file)
    assert ids(api) == {}
    api.device("b", "t", [{"name": "y"}])
    assert ids(api)["b"] > known["a"] and ids(api)["b/y"] > known["a/x"]


def test_a_backup_of_another_gateway(stack):
    """Its ids belong to other resources here: the live table has the values of those."""
    file = stack.folder / "backup.db"
    other = stack.start_api(common__database=stack.folder / "other.db",
                            common__runtime_dir=stack.folder / "other")
    other.device("b", "t", [{"name": "y", "modbus": {"address": 7}}, {"name": "z"}], status={"address": 9})
    must(other, "backup", file)
    api = stack.start_api()
    api.device("a", "t", [{"name": "x"}])
    known = ids(api)
    must(api, "restore", file)
    found = ids(api)
    assert found.keys() == ids(other).keys()
    assert not set(found.values()) & set(known.values())
    assert look(stack.common["common.database"])["spans"] == (3, 2)
    overlapping = {"name": "n", "modbus": {"address": 8}}
    assert api.request("POST", "/devices/b/tags", overlapping).status == 409
    assert api.request("PATCH", "/devices/b", {"status": None}).status == 200
    api.device("c", "t", [{"name": "n"}])
    assert ids(api)["c"][1] > found["b"][1] and ids(api)["c/n"][1] > found["b/z"][1]
    must(api, "backup", stack.folder / "again.db")
    must(api, "restore", stack.folder / "again.db")
    assert {name: ids(api)[name] for name in found} == found, "its own they are from then on"


def test_a_backup_of_another_gateway_names_nothing_that_is_gone(stack):
    """Even if no resource with its ids exists, and even if it is restored twice; no audit entry is
    lost."""
    file = stack.folder / "backup.db"
    other = stack.start_api(common__database=stack.folder / "other.db",
                            common__runtime_dir=stack.folder / "other")
    other.device("b", "t", [{"name": "y"}, {"name": "z"}])
    must(other, "backup", file)
    api = stack.start_api()
    api.device("a", "t", [{"name": "x"}])
    known = set(ids(api).values())
    api.must("DELETE", "/devices/a")
    for turn in range(3):
        must(api, "restore", file)
        found = ids(api)
        assert found.keys() == ids(other).keys()
        assert not set(found.values()) & known, turn
        known |= set(found.values())
    audit = api.must("GET", "/audit?limit=1000")["items"]
    assert len({entry["id"] for entry in audit}) == len(audit)
    seen = [(entry["action"], entry["device"], entry["tag"]) for entry in audit]
    for entry in (("create", "a", None), ("create", "a", "x"), ("delete", "a", None),
                  ("create", "b", None), ("create", "b", "z")):
        assert seen.count(entry) == 1, entry
    assert audit[0]["after"] == {"restored": str(file)}
    assert look(stack.common["common.database"])["spans"] == (2, 2)


@pytest.mark.parametrize("fault", ["newer", "damaged", "no store", "another's"])
def test_what_is_not_restored(stack, fault):
    api, file = stack.start_api(), stack.folder / "backup.db"
    api.device("a", "t", [{"name": f"t{number}"} for number in range(50)])
    must(api, "backup", file)
    damage(file, fault)
    before, digest = api.must("GET", "/export"), hashlib.sha256(file.read_bytes()).hexdigest()
    status, said = command(api, "restore", file)
    assert status == 1 and said.startswith("tagferry-api: "), said
    assert api.must("GET", "/export") == before
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest, "it is left alone"


def damage(file, fault):
    if fault == "no store":
        file.write_bytes(b"these are no pages\n" * 1000)
        return
    if fault == "another's":
        file.unlink()
    with open_store(file) as store:
        if fault == "newer":
            store.execute("PRAGMA user_version = 99")
        elif fault == "another's":
            store.execute("CREATE TABLE device (name TEXT)")
        else:
            (root,), = store.execute("SELECT rootpage FROM sqlite_master WHERE name = 'audit'")
            (size,), = store.execute("PRAGMA page_size")
    if fault == "damaged":
        pages = bytearray(file.read_bytes())
        pages[(root - 1) * size + 200:root * size] = b"\xa5" * (size - 200)
        file.write_bytes(pages)


def test_mqttd_follows_a_restore(plant):
    api, file = plant.api, plant.folder / "backup.db"
    api.device("a", "t/a", [{"name": "x", "modbus": {"type": "uint16", "address": 5}}])
    must(api, "backup", file)
    api.must("DELETE", "/devices/a")
    must(api, "restore", file)

    def arrives():
        plant.broker.publish("t/a", {"x": 77})
        return api.value("a", "x")["value"] == 77
    eventually(arrives, "the value")
