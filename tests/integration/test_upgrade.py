"""Opens what older versions left behind. The fixtures, store_N.sql, are never changed."""

import pathlib
import sqlite3

import pytest

from harness import ROOT

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


def test_it_goes_on_from_there(upgraded):
    changed = upgraded.must("PATCH", "/devices/meter-1", {"description": "main meter"})
    assert changed["revision"] > 1 and changed["mqtt"]["topic"] == "tele/meter-1/SENSOR"
    # 7 was freed by a deletion, 200 is the highest ever used.
    added = upgraded.must("POST", "/devices/boiler-7/tags", {"name": "next"})
    assert added["modbus"]["address"] == 202
    overlapping = {"name": "other", "modbus": {"table": "input_register", "address": 101}}
    assert upgraded.request("POST", "/devices/meter-1/tags", overlapping).status == 409
