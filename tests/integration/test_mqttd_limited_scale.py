"""Twenty thousand tags with limits of writes on one foreign server."""

import json

from gateway import Gateway
from harness import DEADLINE, eventually
from mqttd_helpers import metrics, reloaded

TAGS, UNITS = 20000, 20
EACH = TAGS // UNITS
LONG = 10 * DEADLINE


def test_twenty_thousand_limited_tags(stack):
    """Each has its first value at once, and its newest one after its interval: no more, no less."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__modbus_timeout_ms=30000)
    server = Gateway(units=range(1, UNITS + 1), registers=EACH)
    try:
        devices = [{"name": f"d{unit}", "mqtt": {"topic": f"d/{unit}"},
                    "network": {"modbus_host": "127.0.0.1", "modbus_port": server.port, "unit_id": unit},
                    "tags": [{"name": f"t{at}", "modbus": {"table": "holding_register", "address": at, "type": "uint16",
                                                           "min_change": 2, "min_interval_ms": 3000}} for at in range(EACH)]}
                   for unit in range(1, UNITS + 1)]
        reloaded(stack, lambda: stack.api.must("POST", "/import", {"devices": devices}))
        for value in (10, 11, 20, 21, 30):
            for unit in range(1, UNITS + 1):
                stack.broker.publish(f"d/{unit}", json.dumps({f"t{at}": value for at in range(EACH)}))
        eventually(lambda: all(word == 30 for words in server.units.values() for word in words), "the newest values", LONG)
        eventually(lambda: metrics(stack)["queue_values"] == 0, "an empty queue")
    finally:
        server.close()
