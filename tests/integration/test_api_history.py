"""The history of tags: what is recorded, restarts, kills, damage, and a ring that is full."""

import datetime
import fcntl
import math
import os
import struct
import subprocess
import time

import pytest

from harness import ROOT, eventually
from history_file import HEAD, capacity, write_file
from mqttd_helpers import back, reloaded, tag

CAPACITY = capacity(1)  # of the smallest file


@pytest.fixture
def gateway(stack):
    stack.start_all()
    return stack


def history(api, name="x", **query):
    """Without a query, the last five minutes, which no test takes, in points of 60 ms."""
    query = query or {"from": int(time.time() * 1000) - 300000, "points": 5000}
    text = "&".join(f"{key}={value}" for key, value in query.items())
    return api.must("GET", f"/devices/d/tags/{name}/history?{text}")


def lasts(answer):
    return [point[3] for point in answer["points"]]


def kinds(answer, kind):
    return [(event["code"], event["detail"]) for event in answer["events"]
            if event["kind"] == kind]


def records(api, value, name="x"):
    return eventually(lambda: lasts(found := history(api, name))[-1:] == [value] and found,
                      f"{value} in the history")


def say(stack, value, name="x"):
    """Publishes a value, and waits until it is recorded and its point of time is over."""
    stack.broker.publish("d", {name: value})
    answer = records(stack.api, value, name)
    eventually(lambda: time.time() * 1000 > answer["points"][-1][0] + 70)
    return answer


def database_file(stack):
    return stack.folder / "tagferry.db-history"


def test_values_come_back_after_a_restart_and_a_kill(gateway):
    before = int(time.time() * 1000)
    reloaded(gateway, lambda: gateway.api.device("d", "d", [tag("x", 0), tag("y", 2)]))
    for value in (1, 2.5, -3):
        answer = say(gateway, value)
    assert lasts(answer) == [1, 2.5, -3]
    times = [point[0] for point in answer["points"]]
    assert before <= times[0] < times[1] < times[2] <= answer["to"]
    assert answer["kept_from"] <= times[0]
    assert all(point[1] == point[2] == point[3] for point in answer["points"])
    whole = gateway.api.must("GET", "/devices/d/tags/x/history")
    assert whole["to"] - whole["from"] == 3600000 and whole["events_left_out"] == 0
    assert lasts(whole)[-1] == -3 and whole["points"][0][1] <= -3
    assert kinds(answer, "quality")[-1] == ("good", None)
    assert lasts(history(gateway.api, "y")) == []
    gateway.api.stop()
    gateway.broker.publish("d", {"x": 4})  # while nothing records it
    gateway.api.start()
    answer = records(gateway.api, 4)
    assert lasts(answer) == [1, 2.5, -3, 4]
    say(gateway, 5)
    gateway.api.kill()
    gateway.api.start()
    again = history(gateway.api)
    assert lasts(again) == [1, 2.5, -3, 4, 5] and again["kept_from"] == answer["kept_from"]
    assert lasts(say(gateway, 6)) == [1, 2.5, -3, 4, 5, 6]


def test_the_value_before_begins_the_line(gateway):
    reloaded(gateway, lambda: gateway.api.device("d", "d", [tag("x", 0)]))
    say(gateway, 1)
    answer = say(gateway, 2)
    second = answer["points"][1][0]
    later = history(gateway.api, **{"from": second - 1, "to": second + 1000})
    assert later["points"] == [[second - 1, 1, 1, 1], [second, 2, 2, 2]]
    later = history(gateway.api, **{"from": second + 1, "to": second + 1000})
    assert later["points"] == [[second + 1, 2, 2, 2]]
    few = history(gateway.api, points=2)
    assert few["points"] == [[second, 1, 2, 2]]
    iso = datetime.datetime.fromtimestamp(second / 1000, datetime.timezone.utc).isoformat()
    text = history(gateway.api, to=iso.replace("+00:00", "Z"), points=2)
    assert text["to"] == second and text["points"] == [[second, 1, 2, 2]]
    assert history(gateway.api, to=second - 3600001)["points"] == []


@pytest.mark.parametrize("query", ["from=x", "to=-1", "points=1", "points=5001", "points=x",
                                   "from=2&to=1", "to=99999999999999999", "from=",
                                   "to=2026-13-01T00:00:00Z", "limit=3"])
def test_refuses_queries(stack, query):
    stack.start_modbusd()
    api = stack.start_api()
    api.device("d", "d", [tag("x", 0)])
    answer = api.get(f"/devices/d/tags/x/history?{query}")
    assert answer.status == 400, answer.body
    assert api.get("/devices/d/tags/none/history").status == 404


def test_rejects_and_quality(gateway):
    reloaded(gateway, lambda: gateway.api.device("d", "d", [tag("x", 0)],
                                                 mqtt={"stale_after_s": 86400}))
    say(gateway, 1)
    gateway.broker.publish("d", {"x": "hot"})
    answer = eventually(lambda: kinds(found := history(gateway.api), "reject") and found)
    assert kinds(answer, "reject") == [("not_a_number", "hot")]
    assert kinds(answer, "quality")[-1][1] == "refused" and lasts(answer) == [1]
    say(gateway, 2)
    eventually(lambda: kinds(history(gateway.api), "quality")[-1] == ("good", None), "the good value")
    gateway.api.must("PATCH", "/devices/d", {"mqtt": {"stale_after_s": 1}})
    answer = eventually(lambda: ("stale", "silent") in kinds(found := history(gateway.api),
                                                             "quality") and found)
    assert kinds(answer, "quality")[-2:] == [("good", None), ("stale", "silent")]
    assert all(left["at"] <= right["at"]
               for left, right in zip(answer["events"], answer["events"][1:]))
    gateway.api.must("PATCH", "/devices/d/tags/x", {"enabled": False})
    eventually(lambda: kinds(history(gateway.api), "quality")[-1] == ("never", "disabled"))


@pytest.mark.parametrize("direction", ["to_mqtt", "both"])
def test_scada_writes(gateway, direction):
    reloaded(gateway, lambda: gateway.api.device(
        "d", "d", [back("x", 0, "int16", "cmd", direction, {"hold_off_ms": 0},
                        scale=0.1)]))
    with gateway.modbusd.client() as scada:
        scada.write_one(0, 215)
        answer = records(gateway.api, 21.5)
        assert kinds(answer, "write") == [("scada", "21.5")]
        scada.write_one(0, 215)  # the same value again is no news
        scada.write_one(0, 216)
    answer = records(gateway.api, 21.6)
    assert kinds(answer, "write") == [("scada", "21.5"), ("scada", "21.6")]
    gateway.api.stop()
    gateway.api.start()
    # A change of the settings is no write.
    reloaded(gateway, lambda: gateway.api.must("PATCH", "/devices/d/tags/x",
                                               {"modbus": {"scale": 0.2}}))
    answer = say(gateway, 3) if direction == "both" else history(gateway.api)
    assert kinds(answer, "write") == [("scada", "21.5"), ("scada", "21.6")]


def test_the_api_writes(gateway):
    reloaded(gateway, lambda: gateway.api.device(
        "d", "d", [tag("x", 0, "uint16"), back("c", 1, "uint16", "cmd"),
                   tag("s", 10, "string", length=4)]))
    say(gateway, 1)
    for name, value in (("x", 7), ("c", 8), ("s", "on")):
        gateway.api.must("PUT", f"/devices/d/tags/{name}/value", {"value": value})
    for name, detail in (("x", "7"), ("c", "8"), ("s", None)):
        eventually(lambda: ("api", detail) in kinds(history(gateway.api, name), "write"),
                   f"the write of {name}")
    assert lasts(history(gateway.api)) == [1, 7]
    # Each write is recorded once: a later one does not repeat it.
    gateway.api.must("PUT", "/devices/d/tags/c/value", {"value": 9})
    answer = eventually(lambda: ("api", "9") in kinds(found := history(gateway.api, "c"), "write") and found)
    assert kinds(answer, "write") == [("api", "8"), ("api", "9")]
    assert kinds(history(gateway.api), "write") == [("api", "7")]
    # The register keeps it while the device is silent; its next message is a value again.
    gateway.api.stop()
    gateway.api.start()
    assert lasts(history(gateway.api)) == [1, 7]
    assert lasts(say(gateway, 1)) == [1, 7, 1]


def test_strings_have_events_only(gateway):
    reloaded(gateway, lambda: gateway.api.device(
        "d", "d", [tag("x", 0, "string", length=4), tag("b", 9, "bool", "coil")]))
    gateway.broker.publish("d", {"x": "on", "b": True})
    records(gateway.api, 1, "b")
    gateway.broker.publish("d", {"x": "longer than that"})
    answer = eventually(lambda: kinds(found := history(gateway.api), "reject") and found)
    assert answer["points"] == [] and kinds(answer, "reject") == [("too_long", "longer than that")]
    assert [row["code"] for row in answer["warnings"]] == ["no_points"]


def test_the_history_belongs_to_the_tag_not_to_its_name(gateway):
    api = gateway.api
    reloaded(gateway, lambda: api.device("d", "d", [tag("x", 0)]))
    api.device("e", "e")
    say(gateway, 1)
    api.must("PATCH", "/devices/d/tags/x", {"name": "y"})
    assert lasts(history(api, "y")) == [1]
    api.must("PATCH", "/devices/d/tags/y", {"device": "e"})
    found = api.must("GET", "/devices/e/tags/y/history")
    assert lasts(found) == [1] and (found["device"], found["tag"]) == ("e", "y")
    reloaded(gateway, lambda: api.must("POST", "/devices/d/tags", tag("x", 50)))
    assert lasts(history(api)) == []
    say(gateway, 2)
    api.must("DELETE", "/devices/d/tags/x")
    reloaded(gateway, lambda: api.must("POST", "/devices/d/tags", tag("x", 60)))
    assert lasts(history(api)) == []
    assert lasts(say(gateway, 3)) == [3]


def test_without_a_history(gateway):
    reloaded(gateway, lambda: gateway.api.device("d", "d", [tag("x", 0)]))
    say(gateway, 1)
    gateway.api.stop()
    gateway.api.options["api.history_mb"] = 0
    gateway.api.start()
    gateway.api.must("PUT", "/devices/d/tags/x/value", {"value": 2})
    answer = history(gateway.api)
    assert answer["points"] == answer["events"] == [] and answer["kept_from"] is None
    assert answer["warnings"] == [{"code": "history_off",
                                   "detail": "The history is off: [api] history_mb is 0."}]
    gateway.api.stop()
    gateway.api.options["api.history_mb"] = 1
    gateway.api.start()
    assert lasts(history(gateway.api))[0] == 1


def test_another_size_keeps_the_newest(gateway):
    reloaded(gateway, lambda: gateway.api.device("d", "d", [tag("x", 0)]))
    say(gateway, 1)
    kept_from = history(gateway.api)["kept_from"]
    for value, megabytes in ((2, 2), (3, 1)):
        gateway.api.stop()
        gateway.api.options["api.history_mb"] = megabytes
        gateway.api.start()
        gateway.api.wait_log("the newest entries that fit are kept")
        answer = say(gateway, value)
        assert lasts(answer)[0] == 1 and answer["kept_from"] == kept_from
        assert database_file(gateway).stat().st_size == megabytes << 20
        assert not list(gateway.folder.glob("*-history.*"))


def test_a_copy_to_another_size_was_interrupted(gateway):
    reloaded(gateway, lambda: gateway.api.device("d", "d", [tag("x", 0)]))
    say(gateway, 1)
    say(gateway, 2)
    gateway.api.stop()
    old = gateway.folder / "tagferry.db-history.old"
    database_file(gateway).rename(old)
    database_file(gateway).write_bytes(old.read_bytes()[:4096])
    gateway.api.options["api.history_mb"] = 2
    gateway.api.start()
    assert "its copy to another size was interrupted and begins again" in gateway.api.log()
    assert lasts(history(gateway.api)) == [1, 2]
    assert not old.exists()


def test_another_process_has_the_file(stack):
    stack.start_modbusd()
    api = stack.start_api()
    api.device("d", "d", [tag("x", 0)])
    api.stop()
    with open(database_file(stack), "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        api.start()
        warnings = history(api)["warnings"]
    assert warnings[0]["code"] == "history_off"
    assert "-history: is in use by another process" in warnings[0]["detail"]
    assert "is in use by another process; the history is off until" in api.log()
    eventually(lambda: "warnings" not in history(api), "a history")


def flip_header(path):
    with open(path, "r+b", buffering=0) as file:
        file.write(b"nonsense")


def flip_head(path):
    with open(path, "r+b", buffering=0) as file:
        os.pwrite(file.fileno(), b"\xff" * 16, 32)


def cut_short(path):
    os.truncate(path, 5000)


@pytest.mark.parametrize("damage", [flip_header, flip_head, cut_short])
def test_a_damaged_file_begins_anew(gateway, damage):
    reloaded(gateway, lambda: gateway.api.device("d", "d", [tag("x", 0)]))
    say(gateway, 1)
    gateway.api.stop()
    damage(database_file(gateway))
    gateway.api.start()
    assert "replaced by a new file" in gateway.api.log()
    assert lasts(say(gateway, 2))[-1] == 2


def test_a_torn_entry_is_left_out(gateway):
    reloaded(gateway, lambda: gateway.api.device("d", "d", [tag("x", 0)]))
    for value in (1, 2, 3):
        say(gateway, value)
    gateway.api.kill()
    with open(database_file(gateway), "r+b", buffering=0) as file:
        data = file.read()
        at = data.index(struct.pack("<d", 2.0), HEAD)
        os.pwrite(file.fileno(), struct.pack("<d", 99.0), at)
    gateway.api.start()
    assert "1 entry cannot be read and is left out" in gateway.api.log()
    assert lasts(history(gateway.api)) == [1, 3]


def test_a_file_that_is_cut_short_while_in_use(gateway):
    reloaded(gateway, lambda: gateway.api.device("d", "d", [tag("x", 0)]))
    say(gateway, 1)
    os.truncate(database_file(gateway), 4096)
    gateway.api.wait_log("-history: .* replaced by a new file")
    assert lasts(say(gateway, 2)) == [1, 2]
    database_file(gateway).unlink()
    gateway.api.wait_log("-history: was removed; created again")
    assert lasts(say(gateway, 3)) == [1, 2, 3]
    gateway.api.kill()
    gateway.api.start()
    assert lasts(history(gateway.api)) == [1, 2, 3]


def test_no_room_for_the_file(stack):
    """As when the disk is full: the history is off, and says why."""
    stack.start_modbusd()
    database_file(stack).mkdir()
    api = stack.start_api()
    api.device("d", "d", [tag("x", 0)])
    warnings = history(api)["warnings"]
    assert warnings[0]["detail"].startswith("The history is off: ")
    assert "the history is off until it can be opened" in api.log()
    database_file(stack).rmdir()
    eventually(lambda: "warnings" not in history(api), "a history")


class Faults:
    """Makes the disk or the clock of tagferry-api misbehave, see tests/faults/shim.c."""

    def __init__(self, folder):
        self.orders = folder / "orders"
        self.orders.mkdir()
        shim = folder / "shim.so"
        subprocess.run(["cc", "-std=c11", "-O1", "-shared", "-fPIC", "-o", shim,
                        ROOT / "tests/faults/shim.c", "-ldl"], check=True)
        self.env = {"LD_PRELOAD": str(shim), "TAGFERRY_FAULTS": str(self.orders),
                    "ASAN_OPTIONS": "verify_asan_link_order=0"}
        (self.orders / "allocations").write_bytes(bytes(48))

    def order(self, what, text):
        draft = self.orders / "draft"
        draft.write_text(str(text))
        draft.rename(self.orders / what)


def test_a_full_disk(stack):
    """Changes of the configuration go on in a store that has its room already."""
    stack.start_modbusd()
    faults = Faults(stack.folder)
    api = stack.start_api(env=faults.env)
    api.device("d", "d", [tag("x", 0)])
    size = database_file(stack).stat().st_size
    assert database_file(stack).stat().st_blocks * 512 >= size, "all room is allocated"
    api.stop()
    database_file(stack).unlink()
    faults.order("disk", f"28 {database_file(stack)}")
    api.start()
    warnings = history(api)["warnings"]
    assert warnings[0]["detail"].endswith("-history: No space left on device.")
    assert api.log().count("No space left on device; the history is off until") == 1
    (faults.orders / "disk").unlink()
    eventually(lambda: "warnings" not in history(api), "a history")


def test_the_clock_is_set(stack):
    stack.start_broker()
    stack.start_modbusd()
    faults = Faults(stack.folder)
    stack.start_api(env=faults.env)
    stack.start_mqttd()
    reloaded(stack, lambda: stack.api.device("d", "d", [tag("x", 0)]))
    say(stack, 1)

    def around(seconds):
        middle = int((time.time() + seconds) * 1000)
        return history(stack.api, **{"from": middle - 60000, "to": middle + 60000, "points": 5000})

    for value, seconds in ((2, -86400), (3, -172800), (4, 0)):
        faults.order("clock", seconds)
        stack.broker.publish("d", {"x": value})
        eventually(lambda: lasts(around(seconds))[-1:] == [value], f"{value} at its time")
    for _ in range(2):
        assert lasts(around(0))[-2:] == [1, 4]
        assert lasts(around(-86400)) == [3, 2] and lasts(around(-172800)) == [3]
        stack.api.kill()
        stack.api.start()


# An entry, made here from the description in history_ring.c.

def test_a_full_ring_forgets_the_oldest(gateway):
    reloaded(gateway, lambda: gateway.api.device("d", "d", [tag("x", 0), tag("y", 2)]))
    ids = [gateway.api.must("GET", f"/devices/d/tags/{name}")["id"] for name in "xy"]
    gateway.api.stop()
    now = int(time.time() * 1000)
    begin = now - 3 * CAPACITY
    numbers = range(1, CAPACITY + 1)  # alternating; x rises by 1, y is a sine
    write_file(database_file(gateway), ((begin + 2 * at, ids[at % 2], math.sin(at / 100) if at % 2
                                         else float(at)) for at in numbers))
    gateway.api.start()
    assert f"the history holds {CAPACITY} of {CAPACITY} entries" in gateway.api.log()
    answer = history(gateway.api, **{"from": begin, "to": now, "points": 5000})
    assert len(answer["points"]) > 2000 and max(p[2] for p in answer["points"]) == CAPACITY
    say(gateway, -1)
    after = history(gateway.api, **{"from": begin, "points": 50})
    assert after["kept_from"] > begin + 2 and len(after["points"]) <= 50
    assert after["points"][-1][3] == -1
    sine = history(gateway.api, "y", **{"from": begin, "to": now, "points": 100})
    assert all(-1 <= p[1] <= p[3] <= p[2] <= 1 for p in sine["points"])
    assert min(p[1] for p in sine["points"]) < -0.999 < 0.999 < max(p[2] for p in sine["points"])
    gateway.api.kill()
    gateway.api.start()
    assert history(gateway.api, **{"from": begin, "points": 50})["points"][-1][3] == -1
