"""Opens the stores of older versions. The fixtures, store_N.sql and features_N.sql, never change. test_upgrade_return.py
has the backups before a migration and the files of newer versions."""

import contextlib
import pathlib
import re
import sqlite3

import pytest

from harness import Modbus, ROOT, eventually
from mqttd_helpers import served
from store_file import open_store

HERE = pathlib.Path(__file__).parent
FIXTURES = sorted(HERE.glob("store_*.sql"))
SCHEMAS = sorted((ROOT / "sql").glob("*.sql"))
# Data that an upgrade keeps, and the order of its rows.
KEPT = {"device": "id", "tag": "id", "gone": "rowid", "audit": "id", "free_slot": "slot",
        "high_water": 'unit, "table"', "sqlite_sequence": "name"}


@contextlib.contextmanager
def open_by_name(path):
    """Rows have their columns by name."""
    with open_store(path) as store:
        store.row_factory = sqlite3.Row
        yield store


def contents(path):
    with open_by_name(path) as store:
        rows = {table: [dict(row) for row in store.execute(
            f"SELECT {'rowid AS at, ' if table == 'gone' else ''}* FROM {table} ORDER BY {order}")]
            for table, order in KEPT.items()}
        return rows, store.execute("SELECT revision, next_slot FROM store").fetchone()[:]


def assert_kept(before, after):
    """Each row with all its members; a newer version may have added members."""
    assert before[1] == after[1]
    for table in KEPT:
        assert len(before[0][table]) == len(after[0][table]), table
        for old, new in zip(before[0][table], after[0][table]):
            assert old == {name: new[name] for name in old}


def make_store(path, fixture):
    with open_store(path) as store:
        store.executescript(fixture.read_text())


def version_of(fixture):
    return int(fixture.stem.split("_")[1])


@pytest.fixture(params=FIXTURES, ids=lambda path: path.stem)
def upgraded(request, stack):
    """An API with such a store."""
    make_store(stack.common["common.database"], request.param)
    return stack.start_api()


def test_every_older_version_has_its_fixture():
    """The newest schema has one as soon as it is released."""
    assert {version_of(path) for path in FIXTURES} >= set(range(1, len(SCHEMAS)))


def test_the_schema_is_the_newest(upgraded):
    upgraded.stop()
    with open_store(upgraded.options["common.database"]) as store:
        assert store.execute("PRAGMA user_version").fetchone() == (len(SCHEMAS),)
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_every_row_keeps_its_id_and_revision(stack, fixture):
    path = stack.common["common.database"]
    make_store(path, fixture)
    with open_store(path) as store, store:
        # The newest rows have been deleted: their ids are never reused.
        store.execute("UPDATE sqlite_sequence SET seq = 40 + seq")
        store.execute("INSERT INTO gone (rowid, revision, kind, id) VALUES (77, 7, 'device', 42)")
    before = contents(path)
    api = stack.start_api()
    api.stop()
    assert_kept(before, contents(path))
    api.start()
    assert api.must("POST", "/devices", {"name": "new", "mqtt": {"topic": "t"}})["id"] == 43


def test_rows_still_go_with_what_they_belong_to(upgraded):
    path = upgraded.options["common.database"]
    with open_by_name(path) as store:
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        assert {row["table"] for row in store.execute("PRAGMA foreign_key_list(span)")} == {
            "device", "tag"}
        indexes = {row[0] for row in store.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")}
        assert indexes == {"device_by_revision", "tag_by_revision", "span_by_place",
                           "span_of_one_gateway", "gone_by_revision", "audit_by_device", "profile_tag_by_profile",
                           "device_by_profile", "tag_by_profile", "device_on_line", "device_by_rtu",
                           "device_by_tls"}
    upgraded.must("DELETE", "/devices/boiler-7")
    with open_by_name(path) as store:
        assert [row[0] for row in store.execute("SELECT name FROM tag")] == ["power"]
        assert [tuple(row) for row in store.execute(
            "SELECT first, tag_id, status_of FROM span")] == [(0, 4, None)]


def test_no_constraint_lists_choices(upgraded):
    """SQLite cannot alter a constraint: a new choice would require another rebuild."""
    with open_store(upgraded.options["common.database"]) as store:
        for (sql,) in store.execute("SELECT sql FROM sqlite_schema WHERE sql LIKE '%CHECK%'"):
            sql = re.sub(r"--.*", "", sql)
            assert not re.search(r"CHECK[^,]*= '|\bIN \('", sql), sql


@pytest.mark.parametrize("fixture", [path for path in FIXTURES if path.stem == "store_3"],
                         ids=lambda path: path.stem)
def test_killed_in_the_middle_it_begins_again(stack, fixture):
    """Rows that exceed SQLite's cache reach the log before the migration ends."""
    path = stack.common["common.database"]
    make_store(path, fixture)
    with open_store(path) as store:
        store.execute("PRAGMA journal_mode = WAL")
        with store:
            store.executemany(
                "INSERT INTO audit (revision, at_ms, who, remote, request_id, action, kind, after)"
                " VALUES (7, 0, '', '', '', 'import', 'all', ?)", [("x" * 1000000,)] * 120)
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = contents(path)
        log = path.with_name(path.name + "-wal")
        api = stack.start_api(wait=False)
        eventually(lambda: log.exists() and log.stat().st_size > 1000000, "the middle")
        api.kill()
        assert store.execute("PRAGMA user_version").fetchone()[0] == 3
    api.start()
    assert api.must("GET", "/tags")["total"] == 3
    api.stop()
    assert_kept(before, contents(path))


def test_mqttd_waits_for_the_newest_schema(plant):
    """mqttd starts before the API that migrates the store, and uses the store afterwards."""
    path = plant.common["common.database"]
    plant.mqttd.stop()
    plant.api.stop()
    path.unlink()
    make_store(path, HERE / f"store_{len(SCHEMAS) - 1}.sql")
    plant.mqttd.start()
    plant.mqttd.wait_log(f"has schema version {len(SCHEMAS) - 1}, not {len(SCHEMAS)}")
    plant.api.start()
    plant.mqttd.wait_log("loaded 2 devices and 3 tags")


def rebuild(store, table):
    """The statements that replace a table by a copy, as migrations do."""
    sql, = store.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    indexes = [row[0] for row in store.execute(
        "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND type = 'index' AND sql IS NOT NULL",
        (table,))]
    copy = re.sub(rf'CREATE TABLE "?{table}"?', "CREATE TABLE copy", sql, count=1)
    return (f"{copy}; INSERT INTO copy SELECT * FROM {table}; DROP TABLE {table};"
            f"ALTER TABLE copy RENAME TO {table};" + "".join(f"{index};" for index in indexes))


def test_a_running_mqttd_follows_a_migration(plant):
    """An mqttd of the same version with an open store continues to read while the tables are
    rebuilt."""
    path = plant.common["common.database"]
    plant.api.device("d", "t", [{"name": "a"}])
    plant.mqttd.wait_log("reloaded 1 device")
    plant.api.stop()
    with open_store(path) as store:
        store.executescript("BEGIN; " + "".join(rebuild(store, table) for table in ("device", "tag"))
                            + "COMMIT;")
    plant.api.start()
    plant.api.must("PATCH", "/devices/d", {"description": "changed"})
    plant.api.device("e", "u", [{"name": "b"}])
    served(plant)
    plant.broker.publish("u", '{"b": 5}', "-r")
    eventually(lambda: plant.api.value("e", "b")["value"] == 5, "the value")
    assert "cannot read the store" not in plant.mqttd.log()


def test_an_unknown_choice_is_not_served(plant):
    """Only tagferry-api checks choices; manual edits must do no harm."""
    path = plant.common["common.database"]
    plant.api.device("d", "t", [{"name": "a"}, {"name": "b"}])
    plant.mqttd.wait_log("reloaded 1 device")
    with open_store(path) as store, store:
        store.execute("UPDATE store SET revision = revision + 1")
        store.execute("UPDATE tag SET modbus_type = 'int24' WHERE name = 'a'")
        store.execute("UPDATE device SET revision = (SELECT revision FROM store)")
    plant.mqttd.wait_log("the tag a .* is not served: it has the unknown setting 'int24'")
    answer = plant.api.get("/devices/d/tags/a")
    assert answer.status == 503 and "int24" in answer.json()["detail"]
    plant.broker.publish("t", '{"a": 5, "b": 6}', "-r")
    with Modbus(plant.modbusd.address()) as scada:
        eventually(lambda: scada.holding(2, 2) == [0x40c0, 0], "the other tag's value")


def test_devices_and_tags_are_all_there(upgraded):
    boiler = upgraded.must("GET", "/devices/boiler-7")
    assert boiler["description"] == "it's the first; really"
    assert boiler["mqtt"]["topic"] == "plant/boiler-7/telemetry"
    assert boiler["status"] == {"table": "input_register", "address": 9000}
    tags = upgraded.must("GET", "/tags")["items"]
    assert [(tag["device"], tag["name"]) for tag in tags] == [
        ("boiler-7", "setpoint"), ("boiler-7", "supply_temperature"), ("meter-1", "power")]
    setpoint, temperature, power = tags
    assert setpoint["direction"] == "both" and setpoint["modbus"]["scale"] == 0.1
    assert setpoint["mqtt"]["command_topic"] == "plant/boiler-7/set"
    assert temperature["unit"] == "°C" and temperature["modbus"]["on_stale"] == "nan"
    assert power["mqtt"]["key"] == "/ENERGY/Power/0" and power["modbus"]["byte_order"] == "CDAB"


def test_what_a_version_added_has_its_default(upgraded, request):
    """A store with a member keeps its value."""
    version = int(request.node.callspec.id.split("_")[1])
    tag = upgraded.must("GET", "/devices/boiler-7/tags/supply_temperature")
    meter = upgraded.must("GET", "/devices/meter-1")
    assert tag["modbus"]["on_null"] == ("hold" if version < 2 else "stale")
    assert meter["network"]["rewrite_on_reconnect"] == (version < 2)
    assert meter["network"]["gateway"] is None
    power = upgraded.must("GET", "/devices/meter-1/tags/power")
    assert power["mqtt"]["quality_key"] == (None if version < 5 else "./q")
    assert (power["mqtt"]["expires_s"], power["mqtt"]["expire_value"]) == (0, None)
    setpoint = upgraded.must("GET", "/devices/boiler-7/tags/setpoint")["mqtt"]
    assert (setpoint["expires_s"], setpoint["expire_value"]) == ((0, None) if version < 7 else (60, 0))
    mqtt = meter["mqtt"]
    assert mqtt["payload_unavailable"] == ("offline" if version < 5 else None)
    assert mqtt["where"] == (None if version < 5 else {"id": 37})
    assert (mqtt["request"] is None) == (mqtt["availability_key"] is None) == (version < 5)


def test_it_goes_on_from_there(upgraded):
    changed = upgraded.must("PATCH", "/devices/meter-1", {"description": "main meter"})
    assert changed["revision"] > 1 and changed["mqtt"]["topic"] == "tele/meter-1/SENSOR"
    # 7 was freed by a deletion, 200 is the highest ever used.
    added = upgraded.must("POST", "/devices/boiler-7/tags", {"name": "next"})
    assert added["modbus"]["address"] == 202
    overlapping = {"name": "other", "modbus": {"table": "input_register", "address": 101}}
    assert upgraded.request("POST", "/devices/meter-1/tags", overlapping).status == 409


def test_a_store_of_a_newer_version_is_waited_for(plant):
    """tagferry-api refuses it (test_api_http.py); mqttd logs it, continues with its current
    configuration, and uses a later store that it supports."""
    plant.api.device("d", "t", [{"name": "a"}])
    plant.mqttd.wait_log("reloaded 1 device")
    plant.api.stop()
    plant.mqttd.stop()
    path = plant.common["common.database"]

    def set_version(version):
        with open_store(path) as store:
            store.execute(f"PRAGMA user_version = {version}")
    set_version(1000)
    plant.mqttd.start()
    plant.mqttd.wait_log(rf"waiting for the store: {path} has schema version 1000, not {len(SCHEMAS)}")
    eventually(lambda: "waiting for the store" in plant.mqttd.read_notices(), "the words")
    set_version(len(SCHEMAS))
    eventually(lambda: "1 device, 1 tag, broker connected" in plant.mqttd.read_notices(),
               "the store in service")


# Devices of features_8.sql, and the schema that added what they use.
FEATURES = {"logger": 5, "pump-1": 6, "cabin": 7, "line-3": 8, "line-4": 8, "line-5": 8}


def add_features(path, version):
    """Adds the devices of features_8.sql whose features the version has, with the columns that it has."""
    newest = path.with_name("features.db")
    make_store(newest, HERE / "features_8.sql")
    names = [name for name, since in FEATURES.items() if since <= version]
    chosen = f"(SELECT id FROM newest.device WHERE name IN ({', '.join('?' * len(names))}))"
    wanted = {"profile": "1", "profile_tag": "1", "device": f"id IN {chosen}", "tag": f"device_id IN {chosen}",
              "span": f"tag_id IN (SELECT id FROM newest.tag WHERE device_id IN {chosen})"}
    with open_store(path) as store:
        store.execute("ATTACH ? AS newest", (str(newest),))
        for table, condition in wanted.items():
            columns = [[row[1] for row in store.execute(f"PRAGMA {schema}.table_info({table})")]
                       for schema in ("main", "newest")]
            common = ", ".join(f'"{name}"' for name in columns[0] if name in columns[1] and (table, name) != ("span", "id"))
            if common:
                store.execute(f"INSERT INTO main.{table} ({common}) SELECT {common} FROM newest.{table} AS new "
                              f"WHERE {condition}", names * condition.count(chosen))
        store.execute("DELETE FROM main.free_slot WHERE slot IN (SELECT slot FROM main.device UNION SELECT slot FROM main.tag)")
        store.execute("UPDATE main.store SET (revision, next_slot) = (SELECT revision, next_slot FROM newest.store)")


@pytest.mark.parametrize("version", [5, 6, 7, 8])
def test_what_each_version_added_is_kept(stack, version):
    path = stack.common["common.database"]
    make_store(path, HERE / f"store_{version}.sql")
    add_features(path, version)
    api = stack.start_api()
    names = {device["name"] for device in api.must("GET", "/devices")["items"]}
    assert names == {"boiler-7", "meter-1"} | {name for name, since in FEATURES.items() if since <= version}
    level = api.must("GET", "/devices/logger/tags/level")
    assert (level["mqtt"]["pattern"], level["mqtt"]["number"]) == ("level=([0-9,]+)", "decimal_comma")
    assert level["modbus"]["address"] == 20000
    if version >= 6:
        pump = api.must("GET", "/devices/pump-1")
        assert (pump["label"], pump["profile"]) == ("Pump No. 1", {
            "name": "pump", "params": {"serial": "77"}, "base": {"input_register": 9004}})
        assert api.must("GET", "/profiles/pump")["label"] == "Pump"
        assert api.must("GET", "/devices/pump-1/tags/speed")["unit"] == "rpm"
    if version >= 7:
        assert api.must("GET", "/devices/cabin")["network"]["gateway"] == "gw-a"
        lamp = api.must("GET", "/devices/cabin/tags/lamp")["mqtt"]
        assert (lamp["expires_s"], lamp["expire_value"]) == (30, 1)
    if version >= 8:
        tags = {tag["name"]: tag for tag in api.must("GET", "/devices/line-3/tags")["items"]}
        modbus = {name: tag["modbus"] for name, tag in tags.items()}
        assert [modbus[name]["byte"] for name in ("low", "high")] == ["low", "high"]
        assert modbus["count"]["type"] == "bcd32" and modbus["fixed"]["constant"] == 103
        assert (modbus["age"]["companion"], modbus["age"]["companion_of"]) == ("age_s", "count")
        mode = tags["mode"]["mqtt"]
        assert (mode["command_on"], mode["min_change"], mode["min_interval_ms"]) == ("change", 0.5, 200)
        assert api.must("GET", "/devices/line-4")["network"]["framing"] == "rtu"
        assert api.must("GET", "/devices/line-5")["network"]["tls"] is True
    else:
        # What came later has its default.
        assert level["modbus"]["byte"] is None and level["modbus"]["constant"] is None
        assert (level["mqtt"]["command_on"], api.must("GET", "/devices/logger")["network"]["framing"]) == ("write", "tcp")
    # The registers have their owners.
    taken = {"name": "n", "modbus": {"table": "input_register", "type": "uint16", "address": 20001}}
    assert api.request("POST", "/devices/boiler-7/tags", taken).status == 409
