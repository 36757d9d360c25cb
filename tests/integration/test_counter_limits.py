"""Numbers that grow for years, set to a few before 2^32: the revisions of the store, SCADA's writes in the journal, the
messages of the trace, the counters (which begin at 0 with each start). All daemons step across."""

import struct

from harness import Daemon, eventually
from mqttd_helpers import back, landed, metrics, served, shows, tag
from store_file import open_store

LIMIT, BEFORE, STEPS = 1 << 32, 3, 6
BEHIND_THE_HEADER = 32


def set_number(stack, name, at=BEHIND_THE_HEADER):
    with open(stack.common["common.runtime_dir"] / name, "r+b") as file:
        file.seek(at)
        file.write(struct.pack("<Q", LIMIT - BEFORE))


def test_numbers_that_grow_for_years(stack):
    stack.start_all()
    stack.mqttd.stop()
    stack.api.stop()
    stack.modbusd.stop()
    with open_store(stack.common["common.database"]) as store:
        store.execute("UPDATE store SET revision = ?", (LIMIT - BEFORE,))
    for name in ("journal", "messages"):
        set_number(stack, name)
    set_number(stack, "journal-position", 40)
    stack.modbusd.start()
    stack.api.start()
    stack.mqttd.start()
    stack.mqttd.wait_log("connected to broker")
    stack.api.device("d", "d", [tag("v", 0, "uint32"), back("c", 10, "uint16", "cmd")])
    served(stack)
    listener = stack.broker.subscribe("cmd")
    for name in ("MQTTD_MESSAGES", "MQTTD_PUBLISHED", "MQTTD_JOURNAL_READ"):
        set_number(stack, "mqttd.counters", Daemon.counter_place(name))
    before = metrics(stack)
    for number in range(1, STEPS + 1):
        found = stack.api.must("GET", "/devices/d")
        answer = stack.api.request("PATCH", "/devices/d", {"description": str(number)},
                                   {"If-Match": f'"{found["revision"]}"'})
        assert answer.status == 200 and answer.json()["revision"] > found["revision"]
        served(stack)
        stack.broker.publish("d", {"v": number})
        shows(stack.modbusd, "holding_register", 0, [0, number])
        with stack.modbusd.client() as client:
            client.write_one(10, number)
        assert listener.wait(number)[-1] == ("cmd", '{"c": %d}' % number)
        landed(stack)
    listener.close()
    assert stack.api.must("GET", "/devices/d")["revision"] >= LIMIT + BEFORE
    assert stack.api.must("GET", "/audit?limit=1")["items"][0]["revision"] >= LIMIT + BEFORE
    messages = stack.api.must("GET", "/messages?limit=3")["items"]
    assert messages[0]["sequence"] >= LIMIT and messages[0]["sequence"] > messages[2]["sequence"]
    after = metrics(stack)
    for name in ("messages_total", "published_total"):
        assert before[name] < LIMIT < after[name] == before[name] + STEPS, name
    eventually(lambda: stack.mqttd.counter("MQTTD_JOURNAL_READ") == LIMIT - BEFORE + STEPS, "the journal")
    for part in (stack.mqttd, stack.modbusd, stack.api):
        part.stop()
        part.start()
    served(stack)
    stack.broker.publish("d", {"v": 77})
    shows(stack.modbusd, "holding_register", 0, [0, 77])
