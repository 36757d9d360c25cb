"""One configuration for several gateways: a store that follows another one."""

import json
import random
import re
import socket
import subprocess
import threading

import pytest

from harness import ROOT, eventually
from mqttd_helpers import served
from replica_gateways import METER, assert_equal, content
from store_file import open_store


def change_at_random(api, chance, number):
    """One change; most succeed."""
    names = [item["name"] for item in api.must("GET", "/devices?limit=1000")["items"]]
    name = chance.choice(names) if names else "none"
    tags = [item["name"] for item in api.must("GET", f"/devices/{name}/tags")["items"]] if names else []
    tag = chance.choice(tags) if tags else "none"
    body = {"name": f"d{number}", "mqtt": {"topic": f"t/{number}"}}
    actions = [
        lambda: api.request("POST", "/devices", body),
        lambda: api.request("POST", f"/devices/{name}/tags", {"name": f"t{number}"}),
        lambda: api.request("POST", f"/devices/{name}/tags",
                            {"name": f"c{number}", "modbus": {"table": "coil", "type": "bool"}}),
        lambda: api.request("PATCH", f"/devices/{name}", {"name": f"r{number}"}),
        lambda: api.request("PATCH", f"/devices/{name}", {"network": {"unit_id": number % 5 + 1}}),
        lambda: api.request("PATCH", f"/devices/{name}",
                            {"status": {"table": "input_register", "address": 4 * number + 20000}}),
        lambda: api.request("PATCH", f"/devices/{name}/tags/{tag}", {"modbus": {"scale": number + 1}}),
        lambda: api.request("PATCH", f"/devices/{name}/tags/{tag}", {"device": chance.choice(names or ["none"])}),
        lambda: api.request("DELETE", f"/devices/{name}/tags/{tag}"),
        lambda: api.confirm("DELETE", f"/devices/{name}"),
        lambda: api.request("POST", "/profiles/meter/devices",
                            [{"name": f"m{number}", "params": {"serial": f"{number}"}}]),
        lambda: api.request("PATCH", "/profiles/meter", {"tags": METER["tags"] + [
            {"name": f"p{number}", "modbus": {"table": "input_register", "address": 2}}]}),
        lambda: api.request("POST", f"/devices/{name}/copy",
                            {"copies": [{"name": f"x{number}", "topic": f"x/{number}"}]}),
        lambda: api.request("POST", f"/audit/{api.must('GET', '/audit?limit=1')['items'][0]['id']}/revert"),
        lambda: api.request("POST", "/discoveries", {"topic": f"t{number}", "seconds": 1}),
        lambda: api.request("PATCH", f"/devices/{name}", {
            "network": {"gateway": chance.choice([None, "line-1", "line-2"])}}),
        lambda: api.request("POST", f"/revert?to={chance.randint(max(0, number - 9), number)}"),
        lambda: api.request("POST", "/import", {"devices": [
            {"name": name, "mqtt": {"topic": f"i/{number}"}, "tags": [{"name": f"i{number}"}]}]}),
    ]
    answer = chance.choice(actions)()
    assert answer.status < 500, answer.body


class Cutter:
    """Between a follower and its leader: passes bytes on, and cuts each connection after `limit`."""

    def __init__(self, leader):
        self.limit = None
        self.cuts = 0
        self.to = leader.api.options["api.listen"].split(":")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return
            try:
                far = socket.create_connection(self.to)
            except OSError:
                near.close()
                continue
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other, one is far), daemon=True).start()

    def carry(self, one, other, answers):
        try:
            while data := one.recv(65536):
                limit = self.limit if answers else None
                other.sendall(data if limit is None else data[:limit])
                if limit is not None and len(data) > limit:
                    self.cuts += 1
                    break
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


@pytest.fixture
def shims(tmp_path):
    """Makes the environment of a daemon whose disk and clock obey two files."""
    built = []
    for name in ("disk", "clock"):
        built.append(tmp_path / f"{name}_shim.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", built[-1],
                        ROOT / f"tests/integration/{name}_shim.c", "-ldl"], check=True)
    return {"LD_PRELOAD": f"{built[0]} {built[1]}", "ASAN_OPTIONS": "verify_asan_link_order=0",
            "TAGFERRY_TEST_DISK": str(tmp_path / "disk"), "TAGFERRY_TEST_CLOCK": str(tmp_path / "clock")}


def test_follower_has_everything(gateways, shims, tmp_path):
    """Equal row for row and byte for byte after every kind of change, whatever fails meanwhile: both
    are killed, the disk of the follower is full, the connection is cut in an answer, the clock of the
    leader is set, and it deletes its oldest entries."""
    leader = gateways("a", common__units="1-20").start(env={
        key: value for key, value in shims.items() if key != "TAGFERRY_TEST_DISK"})
    cutter = Cutter(leader)
    follower = gateways("b", common__units="1-20").start(api__follow=cutter.url, env={
        key: value for key, value in shims.items() if key != "TAGFERRY_TEST_CLOCK"})
    chance = random.Random(18)
    disk, clock = tmp_path / "disk", tmp_path / "clock"

    def heal():
        if disk.exists():
            eventually(lambda: follower.error() == "store_failed", "the disk is missed")
        if cutter.limit is not None:
            eventually(lambda: follower.error() in ("truncated", "unreachable"), "the cut is noticed")
        disk.unlink(missing_ok=True)
        cutter.limit = None
        if not follower.api.alive():
            follower.api.start()
        elif follower.error():
            follower.must("POST", "/gateways", {"role": "follower", "leader": cutter.url})  # asks at once

    def restart_leader():
        leader.api.kill()
        leader.api.options["api.audit_entries"] = chance.choice([3, 40, 100000])
        leader.api.options["api.undo_mb"] = chance.choice([0, 1, 64])
        leader.api.start()

    faults = [follower.api.kill, follower.api.stop, restart_leader, lambda: disk.write_text("full"),
              lambda: disk.write_text("fail"), lambda: clock.write_text(str(chance.randint(-9, 9) * 3600)),
              lambda: setattr(cutter, "limit", chance.randint(300, 1400))]
    leader.must("PUT", "/profiles/meter", METER)
    assert_equal(leader, follower)
    for number in range(168):
        change_at_random(leader.api, chance, number)
        if number % 12 == 3:
            faults[number // 12 % len(faults)]()
        if number % 12 == 11:
            heal()
            assert_equal(leader, follower)
    assert cutter.cuts > 0
    eventually(lambda: follower.error() is None, "nothing is wrong any more")
    metrics = follower.api.get("/metrics").body.decode()
    for line in (r"tagferry_store_leader 0", r"tagferry_store_term 0",
                 r"tagferry_replica_lag_seconds \d+\.\d"):
        assert re.search(f"^{line}$", metrics, re.M), line
    assert "\ntagferry_replica_lag_seconds " not in leader.api.get("/metrics").body.decode()
    saved = leader.must("GET", "/export")
    assert leader.api.confirm("POST", "/import?mode=replace", {"devices": []}).status == 200
    assert_equal(leader, follower)
    leader.must("POST", "/import", saved)
    assert_equal(leader, follower)
    with open_store(follower.database) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
    assert follower.kept() == [], "its history was always the leader's"
    cutter.close()


def test_names_that_swap_between_two_polls(twins):
    """The follower stands still while names, slots and registers change hands."""
    leader, follower = twins
    for name in ("one", "two"):
        leader.api.device(name, name, [{"name": "x"}, {"name": "y"}])
    assert_equal(leader, follower)
    follower.api.signal(19)  # SIGSTOP
    for old, new in (("one", "three"), ("two", "one"), ("three", "two")):
        leader.must("PATCH", f"/devices/{old}", {"name": new})
    for old, new in (("x", "z"), ("y", "x"), ("z", "y")):
        leader.must("PATCH", f"/devices/one/tags/{old}", {"name": new})
    leader.must("DELETE", "/devices/two/tags/x")
    for name in "abc":  # they take the slot, and one gives it back
        leader.must("POST", "/devices/one/tags", {"name": name})
    leader.must("DELETE", "/devices/one/tags/b")
    leader.must("PUT", "/profiles/meter", METER)
    leader.must("DELETE", "/profiles/meter")
    follower.api.signal(18)  # SIGCONT
    assert_equal(leader, follower)


CHANGES = [
    ("POST", "/devices", {"name": "new", "mqtt": {"topic": "t"}}),
    ("PUT", "/devices/new", {"mqtt": {"topic": "t"}}),
    ("PUT", "/devices/boiler", {"mqtt": {"topic": "other"}}),
    ("PATCH", "/devices/boiler", {"description": "other"}),
    ("PUT", "/devices/boiler/network", {"unit_id": 3}),
    ("PUT", "/devices/boiler/mqtt", {"topic": "other"}),
    ("DELETE", "/devices/boiler", None),
    ("POST", "/devices/boiler/copy", {"copies": [{"name": "new", "topic": "n"}]}),
    ("POST", "/devices/boiler/tags", {"name": "new"}),
    ("PUT", "/devices/boiler/tags/new", {}),
    ("PATCH", "/devices/boiler/tags/temp", {"description": "other"}),
    ("PUT", "/devices/boiler/tags/temp/mqtt", {"key": "other"}),
    ("PUT", "/devices/boiler/tags/temp/modbus", {"address": 77}),
    ("DELETE", "/devices/boiler/tags/temp", None),
    ("POST", "/import", {"devices": [{"name": "new", "mqtt": {"topic": "t"}}]}),
    ("POST", "/import?mode=replace", {"devices": []}),
    ("POST", "/audit/{newest}/revert", None),
    ("POST", "/revert?to=1", None),
    ("POST", "/profiles", dict(METER, name="new")),
    ("PUT", "/profiles/meter", dict(METER, label="other")),
    ("PATCH", "/profiles/meter", {"label": "other"}),
    ("DELETE", "/profiles/meter", None),
    ("POST", "/profiles/meter/devices", [{"name": "new", "params": {"serial": "1"}}]),
]
# What changes no configuration.
ALLOWED = {("POST", "/gateways"), ("POST", "/discoveries"), ("POST", "/discoveries/preview"),
           ("DELETE", "/discoveries/{discovery}"), ("PUT", "/devices/{device}/tags/{tag}/value")}


def changing_routes():
    """The routes of openapi.json that may change the configuration."""
    document = json.loads((ROOT / "docs/openapi.json").read_text())
    return {(method.upper(), path.removeprefix("/api/v1")) for path, item in document["paths"].items()
            for method in item if method in ("post", "put", "patch", "delete")} - ALLOWED


def is_tried(method, path):
    pattern = re.sub(r"\\{[^}]*\\}", "[^/?]+", re.escape(path))
    return any(method == tried and re.fullmatch(pattern, url.split("?")[0]) for tried, url, _ in CHANGES)


def test_changes_are_refused_at_a_follower(twins):
    """Every route that changes the configuration; what changes none goes on."""
    leader, follower = twins
    assert [route for route in sorted(changing_routes()) if not is_tried(*route)] == []
    leader.api.device("boiler", "plant/boiler", [{"name": "temp"}])
    leader.must("PUT", "/profiles/meter", METER)
    leader.must("PATCH", "/devices/boiler/tags/temp", {"description": "hot"})
    assert_equal(leader, follower)
    newest = leader.must("GET", "/audit?limit=1")["items"][0]["id"]
    before = content(follower)
    for method, path, body in CHANGES:
        answer = follower.api.confirm(method, path.replace("{newest}", str(newest)), body)
        assert answer.status == 409, (method, path, answer.status, answer.body)
        found = answer.json()
        assert (found["code"], found["leader"]) == ("follower", leader.url), (method, path)
        assert leader.url in found["detail"]
    assert content(follower) == before
    dry = follower.must("POST", "/import?mode=replace&dry_run=true", {"devices": []})
    assert dry["deleted"] > 0
    assert follower.api.request("POST", f"/audit/{newest}/revert?dry_run=true").status == 200
    made = follower.must("POST", "/discoveries", {"topic": "t/#", "seconds": 1})
    follower.must("DELETE", f"/discoveries/{made['id']}")
    status = follower.api.request("PUT", "/devices/boiler/tags/temp/value", {"value": 1}).status
    assert status == 503, "there is no Modbus server; the value is not refused"
    assert content(follower) == before, "discoveries leave no entries in the audit of a follower"
    with open_store(follower.database) as store:
        assert store.execute("SELECT count(*) FROM discovery").fetchall() == [(0,)]
    assert_equal(leader, follower)


def fill(api, devices, tags):
    """Many devices in one import."""
    api.must("POST", "/import", {"devices": [
        {"name": f"d{number}", "mqtt": {"topic": f"t/{number}"},
         "network": {"unit_id": number % 20 + 1},
         "tags": [{"name": f"t{tag}"} for tag in range(tags)]} for number in range(devices)]})


def test_kill_in_mid_copy(gateways):
    """kill -9 of the follower while it copies: it has the old store or the new one."""
    leader = gateways("a", common__units="1-20").start()
    fill(leader.api, 150, 10)
    follower = gateways("b", common__units="1-20").start()
    follower.api.device("own", "own")
    before = content(follower)["device"]
    follower.api.stop()
    follower.api.options["api.follow"] = leader.url
    chance = random.Random(3)
    seen = set()
    for _ in range(8):
        follower.api.start()
        threading.Event().wait(chance.uniform(0, 0.5))  # the time of the kill is what is tested
        follower.api.kill()
        devices = content(follower)["device"]
        whole = devices == content(leader)["device"]
        assert whole or devices == before
        seen.add(whole)
        if whole:
            break
    follower.api.start()
    assert_equal(leader, follower)


def start_mqttd(gateway, broker, name):
    gateway.start_modbusd(common__units="1-20")
    gateway.broker = broker
    return lambda: gateway.start_mqttd(mqttd__client_id=name)


def test_values_at_the_follower(gateways, tmp_path):
    """tagferry-mqttd of a follower serves what the leader's API changes, and after a whole copy of
    another store no value of the store before."""
    plant = gateways("broker")
    broker = plant.start_broker()
    leader, follower = gateways("a"), gateways("b")
    mqttds = [start_mqttd(gateway, broker, name) for gateway, name in ((leader, "a"), (follower, "b"))]
    leader.start()
    follower.start()
    for start in mqttds:
        start()
    # Both have a device and a tag with the same ids, and a value.
    for gateway, name in ((leader, "pump"), (follower, "valve")):
        gateway.api.device(name, f"plant/{name}",
                           [{"name": "x", "modbus": {"address": 0, "type": "uint16"}}])
        served(gateway)
    broker.publish("plant/valve", {"x": 5})
    eventually(lambda: follower.api.value("valve", "x")["value"] == 5, "its own value")
    status, said = follower.command("follow", leader.url)
    assert status == 0, said
    assert_equal(leader, follower)
    eventually(lambda: follower.api.value("pump", "x")["quality"] == "never", "no value of the valve")
    assert follower.api.value("pump", "x")["received_at"] is None
    served(follower)
    broker.publish("plant/pump", {"x": 7})
    eventually(lambda: follower.api.value("pump", "x")["value"] == 7, "the value of the pump")
    # A new tag and a changed one are served, and a deleted one is zeroed.
    leader.must("POST", "/devices/pump/tags", {"name": "y", "modbus": {"address": 10, "type": "uint16"}})
    leader.must("PATCH", "/devices/pump/tags/x", {"modbus": {"scale": 0.5}})
    with follower.modbusd.client() as scada:
        def arrives():
            broker.publish("plant/pump", {"x": 8, "y": 9})
            return scada.holding(0) == [16] and scada.holding(10) == [9]
        eventually(arrives, "both values")
        leader.must("DELETE", "/devices/pump/tags/y")
        eventually(lambda: scada.holding(10) == [0], "the registers of a deleted tag are zero")
