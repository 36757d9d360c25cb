"""Opens what older versions left behind. The fixtures, store_N.sql, are never changed."""

import pathlib
import sqlite3

import pytest

from harness import ROOT, eventually

HERE = pathlib.Path(__file__).parent
SCHEMAS = sorted((ROOT / "sql").glob("*.sql"))


@pytest.fixture(params=sorted(HERE.glob("store_*.sql")), ids=lambda path: path.stem)
def upgraded(request, stack):
    """An API on such a store."""
    path = stack.common["common.database"]
    with sqlite3.connect(path) as store:
        store.executescript(request.param.read_text())
    store.close()
    return stack.start_api()


def test_every_version_has_its_fixture():
    assert len(list(HERE.glob("store_*.sql"))) == len(SCHEMAS)


def test_the_schema_is_the_newest(upgraded):
    upgraded.stop()
    store = sqlite3.connect(upgraded.options["common.database"])
    assert store.execute("PRAGMA user_version").fetchone() == (len(SCHEMAS),)
    assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store.close()


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
    """A store that knew a member keeps what it said of it."""
    version = int(request.node.callspec.id.split("_")[1])
    tag = upgraded.must("GET", "/devices/boiler-7/tags/supply_temperature")
    meter = upgraded.must("GET", "/devices/meter-1")
    assert tag["modbus"]["on_null"] == ("hold" if version < 2 else "stale")
    assert meter["network"]["rewrite_on_reconnect"] == (version < 2)


def test_it_goes_on_from_there(upgraded):
    changed = upgraded.must("PATCH", "/devices/meter-1", {"description": "main meter"})
    assert changed["revision"] > 1 and changed["mqtt"]["topic"] == "tele/meter-1/SENSOR"
    # 7 was freed by a deletion, 200 is the highest ever used.
    added = upgraded.must("POST", "/devices/boiler-7/tags", {"name": "next"})
    assert added["modbus"]["address"] == 202
    overlapping = {"name": "other", "modbus": {"table": "input_register", "address": 101}}
    assert upgraded.request("POST", "/devices/meter-1/tags", overlapping).status == 409


def test_a_store_of_a_newer_version_is_waited_for(plant):
    """tagferry-api refuses it (test_api_http.py); mqttd says so, goes on with what it knows, and takes
    up a store that it understands."""
    plant.api.device("d", "t", [{"name": "a"}])
    plant.mqttd.wait_log("reloaded 1 device")
    plant.api.stop()
    plant.mqttd.stop()
    path = plant.common["common.database"]

    def set_version(version):
        with sqlite3.connect(path) as store:
            store.execute(f"PRAGMA user_version = {version}")
        store.close()
    set_version(1000)
    plant.mqttd.start()
    plant.mqttd.wait_log(rf"waiting for the store: {path} has schema version 1000, not {len(SCHEMAS)}")
    eventually(lambda: "waiting for the store" in plant.mqttd.read_notices(), "the words")
    set_version(len(SCHEMAS))
    eventually(lambda: "1 device, 1 tag, broker connected" in plant.mqttd.read_notices(),
               "the store in service")
