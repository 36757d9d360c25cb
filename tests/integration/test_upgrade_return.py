"""The backup before each migration, kills and a full disk meanwhile, the way back, and files of newer and older
versions in each daemon."""

import hashlib
import re
import stat
import struct
import subprocess

import pytest

from harness import BIN, DEADLINE, ROOT, eventually
from history_file import write_file
from mqttd_helpers import back, reloaded, served
from store_file import open_store
from test_upgrade import FIXTURES, HERE, SCHEMAS, assert_kept, contents, make_store, version_of

NEWEST, KEPT = len(SCHEMAS), 5
OLDER = [path for path in FIXTURES if version_of(path) < NEWEST]
PLAIN_TIME = "20200101T0000000{}Z"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def folder_digests(path):
    """The store with its log, and what is beside it."""
    return {file.name: digest(file) for file in path.parent.glob(path.name + "*") if not file.name.endswith("-shm")}


def schema(path):
    with open_store(path) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return store.execute("PRAGMA user_version").fetchone()[0]


def kept(path):
    """The backups before migrations, the oldest first."""
    return sorted(path.parent.glob(path.name + "-schema-*"), key=lambda file: file.name.rsplit("-", 1)[1])


def run(stack, *words, **more):
    options = dict(stack.common, **{"api.listen": "127.0.0.1:0", "api.token_file": stack.folder / "tokens",
                                    "api.history_mb": 1, **more})
    command = [BIN / "tagferry-api", "-c", "/dev/null",
               *(part for key, value in options.items() for part in ("-o", f"{key}={value}")), *words]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=DEADLINE)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def path(stack):
    return stack.common["common.database"]


@pytest.mark.parametrize("fixture", OLDER, ids=lambda fixture: fixture.stem)
def test_the_store_is_backed_up_before_its_migration(stack, path, fixture):
    make_store(path, fixture)
    before = contents(path)
    api = stack.start_api()
    file, = kept(path)
    assert re.fullmatch(rf"tagferry\.db-schema-{version_of(fixture)}-\d{{8}}T\d{{9}}Z", file.name)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"from schema version {version_of(fixture)} to {NEWEST}, {path} was copied to {file}" in api.log()
    assert schema(file) == version_of(fixture) and contents(file) == before
    api.stop()
    api.start()
    assert kept(path) == [file], "a store of the newest schema needs none"


def test_no_backup_of_a_new_store_and_of_a_backup_that_is_restored(stack, path):
    old = stack.folder / "old.db"
    make_store(old, OLDER[-1])
    api = stack.start_api()
    status, said = run(stack, "restore", old)
    assert status == 0, said
    assert api.must("GET", "/tags")["total"] == 3 and kept(path) == kept(old) == []
    assert schema(old) == version_of(OLDER[-1])


def test_the_way_back(stack, path):
    """The steps of docs/operations.md. The older program is played by a store that is migrated once more."""
    make_store(path, OLDER[-1])
    before = contents(path)
    api = stack.start_api()
    api.device("later", "t")
    assert api.stop() == 0
    file, = kept(path)
    step, = re.findall(r"^sudo -u tagferry (sh -c 'cd /var/lib/tagferry && .*')$",
                       (ROOT / "docs/operations.md").read_text(), re.M)
    step = re.sub(r"tagferry\.db-schema-\S+", file.name, step.replace("/var/lib/tagferry", str(stack.folder)))
    subprocess.run(step, shell=True, check=True)
    assert path.with_name(path.name + "-history").exists()
    assert schema(path) == version_of(OLDER[-1]) and contents(path) == before
    api.start()
    assert api.get("/devices/later").status == 404
    api.stop()
    assert_kept(before, contents(path))
    assert schema(stack.folder / "newer" / path.name) == NEWEST and len(kept(path)) == 1


def test_the_newest_backups_stay(stack, path):
    make_store(path, OLDER[-1])
    old = [path.with_name(f"{path.name}-schema-{9 - number}-" + PLAIN_TIME.format(10 + number)) for number in range(6)]
    mine = [path.with_name(name) for name in (path.name + "-schema-old", path.name + "-term-1-" + PLAIN_TIME.format(10),
                                              "x" + path.name + "-schema-1-" + PLAIN_TIME.format(10))]
    for file in old + mine:
        file.write_text("a backup")
    stack.start_api()
    left = [file for file in kept(path) if file not in mine]
    assert left[:-1] == old[-(KEPT - 1):], "the newest, whatever their schema"
    assert schema(left[-1]) == version_of(OLDER[-1])
    assert all(file.exists() for file in mine)


@pytest.mark.parametrize("log", ["delete", "wal"])
def test_a_full_disk_refuses_the_migration(disk, log):
    stack, path = disk.stack, disk.stack.common["common.database"]
    make_store(path, OLDER[-1])
    with open_store(path) as store:
        store.execute(f"PRAGMA journal_mode = {log}")
    before, content = digest(path), contents(path)
    disk.say("full")
    api = disk.start_api(wait=False)
    assert api.process.wait(DEADLINE) == 1
    assert "full" in api.log() and str(path) in api.log()
    if log == "delete":  # else it is already full for the index of the log
        assert (f"no backup can be made before its migration from schema version {NEWEST - 1} to {NEWEST}: "
                in api.log() and "Nothing was changed" in api.log())
    assert digest(path) == before and contents(path) == content and kept(path) == []
    assert not list(path.parent.glob("*.keeping*"))
    disk.say()
    api.start()
    assert api.must("GET", "/tags")["total"] == 3 and len(kept(path)) == 1


def test_a_migration_that_fails_leaves_no_backup(stack, path):
    """Its store is as before; each start tries again, and the folder must not fill."""
    make_store(path, OLDER[-1])
    with open_store(path) as store:
        store.execute("CREATE INDEX device_on_line ON device (id)")  # the name is taken
    before = contents(path)
    api = stack.start_api(wait=False)
    assert api.process.wait(DEADLINE) == 1
    assert f"{SCHEMAS[-1].name}: index device_on_line already exists" in api.log()
    assert kept(path) == [] and contents(path) == before and schema(path) == NEWEST - 1


def make_large(path, fixture):
    """Its copy and its migration take long enough to be killed meanwhile."""
    make_store(path, fixture)
    with open_store(path) as store:
        store.executemany(
            "INSERT INTO audit (revision, at_ms, who, remote, request_id, action, kind, after)"
            " VALUES (7, 0, '', '', '', 'import', 'all', ?)", [("x" * 1000000,)] * 60)


@pytest.mark.parametrize("moment", ["within the backup", "after the backup", "within the migration"])
def test_killed(stack, path, moment):
    fixture = HERE / "store_3.sql"  # its migration writes the audit again
    make_large(path, fixture)
    before = contents(path)
    part, log = path.with_name(path.name + ".keeping"), path.with_name(path.name + "-wal")
    reached = {"within the backup": lambda: part.exists() and part.stat().st_size > 1000000,
               "after the backup": lambda: kept(path),
               "within the migration": lambda: log.exists() and log.stat().st_size > 1000000}[moment]
    api = stack.start_api(wait=False)
    eventually(reached, moment)
    api.kill()
    assert schema(path) == 3 and contents(path) == before
    assert len(kept(path)) == (moment != "within the backup"), "complete or not there"
    api.start()
    assert api.must("GET", "/tags")["total"] == 3
    assert not list(path.parent.glob("*.keeping*"))
    for file in kept(path):
        assert schema(file) == 3 and contents(file) == before
    assert kept(path)
    api.stop()
    assert_kept(before, contents(path))


# Newer versions

def make_newer(path):
    with open_store(path) as store:
        store.execute("PRAGMA user_version = 1000")


@pytest.fixture
def newer(stack, path):
    """A newer store with a log beside it, as a killed daemon leaves it."""
    api = stack.start_api()
    api.device("a", "t", [{"name": "x"}])
    backup = stack.folder / "backup.db"
    assert run(stack, "backup", backup)[0] == 0
    api.stop()
    copy = {}
    with open_store(path) as store:
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("PRAGMA user_version = 1000")
        store.commit()
        copy = {name: path.with_name(path.name + name).read_bytes() for name in ("", "-wal")}
    for name, content in copy.items():
        path.with_name(path.name + name).write_bytes(content)
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    assert len(copy["-wal"]) > 4096
    return path


def says_newer(said):
    assert f"schema version 1000, but this program supports only {NEWEST}" in said, said
    assert "a newer tagferry-api has written it. Nothing was changed. Install that version again" in said
    assert "docs/operations.md" in said


def test_tagferry_api_refuses_a_newer_store(stack, newer):
    before = folder_digests(newer)
    api = stack.api
    api.start(wait=False)
    assert api.process.wait(DEADLINE) == 1
    says_newer(api.log())
    assert folder_digests(newer) == before
    assert kept(newer) == []


@pytest.mark.parametrize("words", [["backup", "copy.db"], ["restore", "backup.db"], ["promote"],
                                   ["follow", "http://127.0.0.1:1"]], ids=lambda words: words[0])
def test_commands_refuse_a_newer_store(stack, newer, words):
    before = folder_digests(newer)
    status, said = run(stack, *[stack.folder / word if word.endswith(".db") else word for word in words])
    assert status == 1
    says_newer(said)
    assert folder_digests(newer) == before
    assert not (stack.folder / "copy.db").exists()


def test_a_token_is_added_but_not_recorded_in_a_newer_store(stack, newer):
    """Access does not depend on the store."""
    before = folder_digests(newer)
    status, said = run(stack, "token", "add", "t")
    assert status == 0 and "done, but not recorded in the audit" in said
    says_newer(said)
    assert folder_digests(newer) == before


def test_a_newer_backup_is_refused(stack, path):
    api = stack.start_api()
    api.device("a", "t")
    file = stack.folder / "backup.db"
    assert run(stack, "backup", file)[0] == 0
    make_newer(file)
    before = digest(file)
    status, said = run(stack, "restore", file)
    assert status == 1
    says_newer(said)
    assert digest(file) == before and api.must("GET", "/devices")["total"] == 1


def test_tagferry_mqttd_waits_at_a_newer_store(stack, newer):
    stack.start_broker()
    before = folder_digests(newer)
    mqttd = stack.start_mqttd(wait_connected=False)
    mqttd.wait_log(f"waiting for the store: {newer} has schema version 1000, not {NEWEST}: a newer tagferry-api has "
                   "written it, so tagferry-mqttd needs an upgrade, too")
    assert mqttd.stop() == 0
    assert folder_digests(newer) == before


def layout_of(path):
    return struct.unpack_from("<Q", path.read_bytes(), 8)[0]


def set_layout(path, layout):
    with open(path, "r+b") as file:
        file.seek(8)
        file.write(struct.pack("<Q", layout))


def test_tagferry_modbusd_refuses_a_newer_image(stack):
    modbusd = stack.start_modbusd()
    with modbusd.client() as client:
        client.write(5, 1, 2)
    modbusd.stop()
    image = modbusd.options["modbusd.image"]
    layout = layout_of(image)
    set_layout(image, layout + 1)
    before = digest(image)
    modbusd.start(wait=False)
    assert modbusd.process.wait(DEADLINE) == 1
    assert (f"has another layout, {layout + 1}, and this program supports only {layout}: a newer version has written "
            "it. Nothing was changed." in modbusd.log())
    assert digest(image) == before and list(image.parent.glob("*image?*")) == []
    set_layout(image, layout)
    modbusd.start()
    with modbusd.client() as client:
        assert client.holding(5, 2) == [1, 2]


def test_tagferry_api_leaves_a_newer_history_alone(stack, path):
    """The store is served without it: the history is off, and the log says what to do."""
    api = stack.start_api()
    api.device("a", "t", [{"name": "x"}])
    api.stop()
    history = path.with_name(path.name + "-history")
    layout = layout_of(history)
    set_layout(history, layout + 1)
    before = digest(history)
    for _ in range(2):
        api.start()
        api.wait_log(f"has another layout, {layout + 1}, and this program supports only {layout}: a newer version has "
                     "written it. Nothing was changed. .*move the file away.*; the history is off")
        assert api.must("GET", "/devices")["total"] == 1
        assert api.stop() == 0
        assert digest(history) == before and list(path.parent.glob("*history?*")) == []
    history.unlink()
    api.start()
    assert layout_of(history) == layout


def test_a_history_set_aside_does_not_come_back(stack, path):
    """One of another layout, which an older program has set aside: its place is taken by the one in use."""
    api = stack.start_api()
    api.device("a", "t", [{"name": "x"}])
    api.stop()
    history = path.with_name(path.name + "-history")
    aside = history.with_name(history.name + ".old")
    aside.write_bytes(history.read_bytes())
    set_layout(aside, 99)
    before = digest(aside)
    write_file(history, [(1700000000000, 1, 21.5)])
    api.start()
    api.wait_log("the history holds 1 of")
    assert digest(aside) == before


# Files of the first layout of each kind that a restart keeps

def test_an_image_of_the_first_layout(stack):
    """Its header, one unit, and the tables of the unit."""
    table = 65536
    image = stack.folder / "registers.image"
    header = struct.pack("<8sQQQ", b"TFimage\0", 1, 4096, 77) + bytes([1])
    modbusd = stack.start_modbusd()
    with modbusd.client() as client:
        client.write(5, 111, 222)
    modbusd.stop()
    # Where holding register 5 is within a unit does not depend on the header.
    unit = image.read_bytes()[4096:]
    assert len(unit) == 6 * table
    solid = struct.pack("<QQ", 0, 1)
    first = header.ljust(280, b"\0") + bytes(288) + solid
    image.write_bytes(first.ljust(4096, b"\0") + unit)
    modbusd.start()
    with modbusd.client() as client:
        assert client.holding(5, 2) == [111, 222]


def test_a_history_of_the_first_layout(stack, path):
    api = stack.start_api()
    api.device("d", "d", [{"name": "x"}])
    api.stop()
    history = path.with_name(path.name + "-history")
    assert history.stat().st_size == 1 << 20
    history.write_bytes(struct.pack("<8sQQQ", b"TFhistry", 1, 1 << 20, 5).ljust(1 << 20, b"\0"))
    write_file(history, [(1700000000000 + 100 * number, 1, number) for number in range(3)])
    api.start()
    api.wait_log("the history holds 3 of")
    found = api.must("GET", "/devices/d/tags/x/history?from=1699999999000&to=1700000001000&points=1000")
    assert [point[3] for point in found["points"]] == [0, 1, 2]


def test_a_file_of_tokens_of_the_first_version(stack):
    text = "tf_" + "ab" * 32
    (stack.folder / "tokens").write_text(
        f"scada read {hashlib.sha256(text.encode()).hexdigest()} 1767322445678\n")
    api = stack.start_api()
    assert api.get("/devices", headers={"Authorization": f"Bearer {text}"}).status == 200
    assert api.get("/devices").status == 401


# Files in runtime_dir: a restart makes new ones.

def test_runtime_files_of_other_versions_are_replaced(plant):
    """Older and newer ones, left by a service that was killed. The main job works."""
    runtime = plant.common["common.runtime_dir"]
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 0, "uint16", "cmd/v"), {"name": "x"}]))
    listener = plant.broker.subscribe("cmd/#")
    plant.broker.publish("d", {"x": 1}, "-r")
    eventually(lambda: plant.api.value("d", "x")["value"] == 1, "the value")
    parts = (plant.mqttd, plant.api, plant.modbusd)
    for layout in (0, 1 << 62):
        for part in parts:
            part.kill()
        files = [file for file in runtime.iterdir()
                 if file.is_file() and file.suffix not in (".old", ".new") and file.stat().st_size > 32
                 and file.read_bytes()[:2] == b"TF"]
        assert {"journal", "journal-position", "live", "live-strings", "write-times", "register-owners"} <= {
            file.name for file in files}, sorted(file.name for file in runtime.iterdir())
        for file in files:
            set_layout(file, layout)
        for part in (plant.modbusd, plant.api, plant.mqttd):
            part.start()
        served(plant)
        plant.broker.publish("d", {"x": 2}, "-r")
        eventually(lambda: plant.api.value("d", "x")["value"] == 2, "the value")
        number = 10 if layout else 20
        with plant.modbusd.client() as client:
            client.write_one(0, number)
        eventually(lambda: ("cmd/v", f'{{"v": {number}}}') in listener.messages, "the command")
        assert all(layout_of(file) != layout for file in files)
        assert plant.api.get("/metrics").status == 200 and plant.api.get("/messages").status == 200
        assert plant.api.get("/modbus/clients").status == 200
    listener.close()


def test_a_discovery_of_another_version_is_left_out(plant):
    """Its file in runtime_dir is not misread."""
    runtime = plant.common["common.runtime_dir"]
    plant.broker.publish("site/a", {"t": 1}, "-r")
    made = plant.api.must("POST", "/discoveries", {"topics": ["site/#"], "seconds": 1}, status=(200, 201, 202))
    eventually(lambda: plant.api.must("GET", f"/discoveries/{made['id']}")["state"] == "done", "the end")
    plant.mqttd.stop()
    plant.api.stop()
    file = runtime / f"discovery-{made['id']}"
    with open(file, "r+b") as changed:
        changed.seek(16)
        changed.write(struct.pack("<I", 99))
    plant.api.start()
    plant.mqttd.start()
    answer = plant.api.must("GET", f"/discoveries/{made['id']}")
    assert "another version of Tagferry" in answer["reason"] and answer["items"] == []
