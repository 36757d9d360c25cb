"""A hundred thousand tags: load time, messages, changes, memory."""

import re
import sqlite3

from harness import DEADLINE, ROOT, eventually
from mqttd_helpers import served

DEVICES, TAGS = 20000, 5
LONG = 10 * DEADLINE  # for all tags, under ThreadSanitizer beside other tests
UNITS = 4
BYTES_A_TAG = 400

DEVICE = ("INSERT INTO device (id, name, mqtt_topic, network_unit_id, slot, revision, created_ms,"
          " updated_ms) VALUES (?, ?, ?, ?, ?, 1, 0, 0)")
TAG = ("INSERT INTO tag (id, device_id, name, mqtt_key, modbus_table, modbus_address, modbus_type,"
       " slot, revision, created_ms, updated_ms)"
       " VALUES (?, ?, ?, ?, 'input_register', ?, 'float32', ?, 1, 0, 0)")


def place(device, tag):
    """Unit and address of a tag."""
    index = device * TAGS + tag
    return index * UNITS // (DEVICES * TAGS) + 1, index % (DEVICES * TAGS // UNITS) * 2


def fill(path):
    """A store as tagferry-api makes it, written at once."""
    store = sqlite3.connect(path)
    schemas = sorted((ROOT / "sql").glob("*.sql"))
    for schema in schemas:
        store.executescript(schema.read_text())
    store.execute("PRAGMA journal_mode = WAL")
    store.execute(f"PRAGMA user_version = {len(schemas)}")
    slots = iter(range(DEVICES * (TAGS + 1)))
    with store:
        for d in range(DEVICES):
            store.execute(DEVICE, (d + 1, f"device-{d}", f"plant/device-{d}/telemetry",
                                   place(d, 0)[0], next(slots)))
            for t in range(TAGS):
                key = f"temperature_{t}"
                store.execute(TAG, (d * TAGS + t + 1, d + 1, key, key, place(d, t)[1],
                                    next(slots)))
        store.execute("UPDATE store SET revision = 1, next_slot = ?", (DEVICES * (TAGS + 1),))
    return store


def private_bytes(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"RssAnon:\s+(\d+)", status.read()).group(1)) * 1024


def has_sanitizer(process):
    with open(f"/proc/{process.pid}/maps", encoding="ascii") as maps:
        return re.search(r"lib[at]san", maps.read()) is not None


def test_hundred_thousand_tags(stack):
    stack.common.update({"common.log_level": "info", "common.units": f"1-{UNITS}"})
    store = fill(stack.common["common.database"])
    stack.start_broker()
    stack.start_modbusd()
    stack.start_mqttd()
    stack.mqttd.wait_log(f"loaded {DEVICES} devices and {DEVICES * TAGS} tags", LONG)
    stack.mqttd.wait_log(f"subscribed to {DEVICES} topics", LONG)
    if not has_sanitizer(stack.mqttd.process):
        assert private_bytes(stack.mqttd.process) < BYTES_A_TAG * DEVICES * TAGS
    for device in (0, DEVICES // 2, DEVICES - 1):
        unit, address = place(device, TAGS - 1)
        stack.broker.publish(f"plant/device-{device}/telemetry", {f"temperature_{TAGS - 1}": 1.5})
        with stack.modbusd.client(unit=unit) as client:
            eventually(lambda: client.inputs(address, 2) == [0x3FC0, 0], f"device {device}")
    with store:
        store.execute("UPDATE tag SET mqtt_key = 'other', revision = 2 WHERE id = ?",
                      (DEVICES * TAGS,))
        store.execute("UPDATE store SET revision = 2")
    served(stack)
    assert "reloaded 1 device and 5 tags" in stack.mqttd.log()
    unit, address = place(DEVICES - 1, TAGS - 1)
    stack.broker.publish(f"plant/device-{DEVICES - 1}/telemetry", {"other": 2.5})
    with stack.modbusd.client(unit=unit) as client:
        eventually(lambda: client.inputs(address, 2) == [0x4020, 0])
    store.close()
