"""Slices: two gateways with the same configuration, each of which holds its devices."""

import csv
import io

import pytest

from gateways import Gateway, finish_all
from harness import Modbus, eventually
from mqttd_helpers import back, metrics, served, shows, tag
from store_file import read_store
from test_api_live import Stream
from test_config import run
from test_mqttd_mirror import TYPES

DAEMONS = ("tagferry-api", "tagferry-modbusd", "tagferry-mqttd")


class Plant:
    """Two gateways at one broker; each change goes into both stores."""

    def __init__(self, folder, broker):
        self.stacks, self.broker = [], broker
        for name in ("line-1", "line-2"):
            self.stacks.append(Gateway(folder / name, name, broker))
            self.stacks[-1].start_daemons()
        self.one, self.two = (stack.api for stack in self.stacks)

    def must(self, method, path, body=None):
        return [stack.api.must(method, path, body) for stack in self.stacks][0]

    def device(self, name, gateway, address, key="v", **members):
        body = dict(members, name=name, mqtt={"topic": f"p/{name}"}, network={"gateway": gateway})
        self.must("POST", "/devices", body)
        self.must("POST", f"/devices/{name}/tags",
                  {"name": key, "modbus": {"type": "uint16", "address": address}})

    def move(self, name, gateway):
        self.must("PATCH", f"/devices/{name}", {"network": {"gateway": gateway}})

    def holds(self, address, one, two):
        """Waits until the register has these values at the two gateways."""
        def words():
            found = []
            for stack in self.stacks:
                with Modbus(stack.modbusd.address()) as scada:
                    found += scada.holding(address)
            return found
        eventually(lambda: words() == [one, two], f"{one} and {two} in register {address}")


@pytest.fixture
def plant(stack):
    made = Plant(stack.folder, stack.start_broker())
    yield made
    finish_all(made.stacks)


def quality(api, path):
    answer = api.must("GET", path)
    return answer["quality"], answer["reason"]


def check_what_the_api_says(plant):
    """`press` belongs to line-1: line-2 does not have it."""
    elsewhere = ("never", "other_gateway")
    assert quality(plant.two, "/devices/press/status") == elsewhere
    assert plant.two.must("GET", "/devices/press/status")["gateway"] == "line-1"
    value = plant.two.value("press", "v")
    assert (value["quality"], value["reason"]) == elsewhere
    assert all(value[key] is None for key in ("value", "raw", "received_at", "age_ms", "last_error"))
    assert plant.one.value("press", "v")["value"] == 11
    for path in ("/devices", "/tags", "/values"):
        found = plant.two.must("GET", f"{path}?reason=other_gateway")
        assert [item.get("device", item.get("name")) for item in found["items"]] == ["press"], path
        found = plant.two.must("GET", f"{path}?quality=good")
        assert [item.get("device", item.get("name")) for item in found["items"]] == ["hall", "oven"]
    refused = plant.two.request("PUT", "/devices/press/tags/v/value", {"value": 5})
    assert refused.status == 409 and "belongs to the gateway line-1" in refused.json()["detail"]

    stream = Stream(plant.two)
    assert stream.event() == {"hall/v": 13, "oven/v": 12, "press/v": None}
    stream.close()
    metrics = plant.two.get("/metrics").body.decode()
    assert "tagferry_devices_elsewhere 1\n" in metrics
    assert 'tagferry_devices{quality="never"} 0\n' in metrics
    assert 'device="press"' not in plant.two.get("/metrics/values").body.decode()
    history = plant.two.must("GET", "/devices/press/tags/v/history")
    assert history["points"] == [] and history["events"] == []


def owners(api, query=""):
    found = api.must("GET", f"/registers/holding_register/owners{query}")
    return [(item["device"], item["gateway"]) for item in found["items"]]


def check_the_map(plant):
    """Both have a register 100, of different devices."""
    assert owners(plant.one) == owners(plant.two, "?gateway=line-1") == [
        ("press", "line-1"), ("hall", None)]
    assert owners(plant.two) == owners(plant.one, "?gateway=line-2") == [
        ("oven", "line-2"), ("hall", None)]
    assert plant.one.get("/registers/coil/owners?gateway=a.b").status == 400
    raw = plant.two.must("GET", "/registers/holding_register?start=100&count=1")["items"][0]
    assert raw["raw"] == 12
    assert raw["owners"] == [{"device": "oven", "tag": "v", "bit": None, "byte": None, "gateway": "line-2"}]
    places = plant.one.must("GET", "/registers")
    assert places["gateway"] == "line-1"
    assert [(item["gateway"], item["table"], item["owners"]) for item in places["items"]] == [
        (None, "holding_register", 1), ("line-1", "holding_register", 1),
        ("line-1", "input_register", 1), ("line-2", "holding_register", 1),
        ("line-2", "input_register", 1)]


def test_each_register_is_only_where_it_should_be(plant):
    block = {"table": "input_register", "address": 0}
    plant.device("press", "line-1", 100, status=block)
    plant.device("oven", "line-2", 100, status=block)
    plant.device("hall", None, 200)
    for topic, number in (("p/press", 11), ("p/oven", 12), ("p/hall", 13)):
        plant.broker.publish(topic, {"v": number}, "-r")
    plant.holds(100, 11, 12)
    plant.holds(200, 13, 13)
    for stack in plant.stacks:
        with Modbus(stack.modbusd.address()) as scada:
            eventually(lambda: scada.inputs(0)[0] == 192, "the status block of its own device")
        assert f'session "tagferry-{stack.common["common.gateway"]}-' in stack.mqttd.log()
    check_what_the_api_says(plant)
    check_the_map(plant)
    check_moves(plant)
    check_others_orphans(plant)
    check_a_new_name(plant)
    check_a_gateway_without_a_name(plant)


def check_moves(plant):
    """A device takes its values with it, there and back; a retained message fills its registers."""
    plant.device("mixer", "line-1", 300)
    plant.broker.publish("p/mixer", {"v": 7}, "-r")
    plant.holds(300, 7, 0)
    plant.move("mixer", "line-2")
    plant.holds(300, 0, 7)
    assert quality(plant.one, "/devices/mixer/status") == ("never", "other_gateway")
    eventually(lambda: plant.two.value("mixer", "v")["quality"] == "good", "good there")
    plant.move("mixer", "line-1")
    plant.holds(300, 7, 0)
    plant.move("mixer", None)
    plant.holds(300, 7, 7)
    plant.broker.publish("p/mixer", {"v": 8}, "-r")
    plant.holds(300, 8, 8)
    plant.move("mixer", "line-2")
    plant.holds(300, 0, 8)
    plant.move("mixer", "line-3")
    plant.holds(300, 0, 0)
    taken = plant.one.request("PATCH", "/devices/press", {"network": {"gateway": "line-2"}})
    assert taken.status == 409
    assert {fault["pointer"] for fault in taken.json()["errors"]} == {"/network/gateway"}
    assert "at line-2 belong" in taken.json()["errors"][0]["detail"], taken.body
    shared = plant.one.request("POST", "/devices/hall/tags", {
        "name": "w", "modbus": {"type": "uint16", "address": 100}})
    assert shared.status == 409 and len(shared.json()["errors"]) == 2, "with either"
    assert plant.one.request("PATCH", "/devices/oven", {"network": {"gateway": None}}).status == 409


def check_others_orphans(plant):
    """The registers of a deleted device are zeroed where it was, and nowhere else."""
    plant.must("DELETE", "/devices/press?confirm=2")
    plant.holds(100, 0, 12)


def check_a_new_name(plant):
    """Registers that a gateway held under its old name are zeroed there."""
    stack = plant.stacks[1]
    for daemon in (stack.api, stack.mqttd):
        daemon.stop()
        daemon.options["common.gateway"] = "line-9"
        daemon.start()
        served(stack)  # mqttd still with the old name
    plant.holds(100, 0, 0)
    plant.holds(200, 13, 13)
    plant.move("oven", "line-9")
    plant.holds(100, 0, 12)
    plant.move("oven", "line-2")


def check_a_gateway_without_a_name(plant):
    stack = plant.stacks[0]
    for daemon in (stack.api, stack.mqttd):
        daemon.stop()
        del daemon.options["common.gateway"]
        daemon.start()
    stack.mqttd.wait_log("2 devices are not served: oven names the gateway line-2, but this gateway "
                         r"has no name \(\[common\] gateway\)")
    assert quality(stack.api, "/devices/oven/status") == ("never", "other_gateway")
    refused = stack.api.request("PUT", "/devices/oven/tags/v/value", {"value": 5})
    assert refused.status == 409 and "set [common] gateway here" in refused.json()["detail"]
    plant.broker.publish("p/hall", {"v": 14}, "-r")
    plant.holds(200, 14, 14)


def mirrors(stack):
    def probe():
        log = stack.mqttd.log()
        return log.rfind("setpoints are mirrored below") > log.rfind("connected to broker")
    eventually(probe, "the mirror topic works")


def along(api):
    """A device with a tag of each type for values, the same for setpoints, and some for both: SCADA has written `echo`
    within its hold_off_ms, and `settled` before, whenever another gateway looks."""
    values = [tag(name, 500 + address, type, table, {"key": name}, **more)
              for name, type, table, address, _, more in TYPES]
    values += [tag("in", 7, "uint16", "input_register"), tag("yes", 9, "bool", "discrete_input"),
               tag("bit5", 900, "bool", bit=5), tag("silent", 910, "uint16"), tag("bad", 911, "uint16")]
    sent = [back(f"{name}-set", address, type, f"cmd/{name}", table=table, mqtt={"settle_ms": 20}, **more)
            for name, type, table, address, _, more in TYPES if table == "holding_register"]
    sent += [back("both", 830, "uint16", "cmd/both", "both"),
             back("echo", 831, "uint16", "cmd/echo", "both", mqtt={"hold_off_ms": 3600000}),
             back("settled", 833, "uint16", "cmd/settled", "both", mqtt={"hold_off_ms": 0}),
             back("old", 832, "uint16", "cmd/old", mqtt={"expires_s": 3600, "expire_value": 5})]
    api.device("d.1", "p/d", [*values, *sent], mqtt={"topic": "p/d", "stale_after_s": 3600},
               network={"gateway": "line-1"})


SENT = {"i16": -32767, "u16": 65535, "i32": -70000, "u32": 4000000000, "f32": 2.5, "i64": -5, "u64": 7, "f64": -1e300,
        "b": True, "c": True, "s.t": "Grüße %", "long": "x" * 246, "in": 8, "yes": True, "bit5": True, "both": 17,
        "bad": "x"}


def state_of(stack):
    """What a gateway has of the device: registers, values, their times and qualities."""
    with Modbus(stack.modbusd.address()) as scada:
        words = [scada.holding(first, 100) for first in (0, 100, 200, 500, 600, 700, 800, 900)]
        words += [scada.read("coil", 503, 1), scada.inputs(7), scada.read("discrete_input", 9, 1)]
    found = stack.api.must("GET", "/values?device=d.1&limit=1000")["items"]
    names = ("tag", "value", "raw", "received_at", "quality", "reason")
    device = stack.api.must("GET", "/devices/d.1/status")
    return words, [[item[name] for name in names] for item in found], device["quality"]


def becomes(probe, wanted, what):
    """Waits until the probe answers this, and says in which parts it does not."""
    seen = []

    def same():
        seen[:] = [probe()]
        return seen[0] == wanted
    try:
        eventually(same, what)
    except AssertionError as fault:
        raise AssertionError(f"{fault}: {differences(seen[0], wanted)}") from None


def differences(seen, wanted):
    """Pairs of what differs, down to the innermost lists."""
    if isinstance(seen, (list, tuple)) and len(seen) == len(wanted):
        return [pair for each in zip(seen, wanted) for pair in differences(*each)]
    return [] if seen == wanted else [(seen, wanted)]


def test_a_device_that_moves_takes_its_values_along(plant):
    """Without a new message: values with their time and quality, and setpoints."""
    one, two = plant.stacks
    for stack in plant.stacks:
        mirrors(stack)
        along(stack.api)
        served(stack)
    plant.broker.publish("p/d", {**SENT, "bad": 4})
    with Modbus(one.modbusd.address()) as scada:
        for _, _, table, address, value, _ in TYPES:
            if table == "holding_register":
                scada.write(address, *value)
        scada.write_one(831, 18)
        scada.write_one(832, 19)
        scada.write_one(833, 20)
    plant.broker.publish("p/d", {"bad": "x"})
    empty = state_of(two)
    eventually(lambda: one.api.value("d.1", "bad")["reason"] == "refused", "the last message")
    eventually(lambda: metrics(one)["mirror_published_total"] >= 14, "the setpoints")
    shows(one.modbusd, "holding_register", 911, [4])
    before = state_of(one)
    assert len([item for item in before[1] if item[3]]) >= len(SENT), before
    assert before[2] == "good" and [item[4] for item in before[1]].count("good") >= len(SENT) - 1

    def arrived(here, there):
        becomes(lambda: state_of(there), before, "the other gateway has all")
        becomes(lambda: state_of(here)[0], empty[0], "this one has zeros")

    plant.move("d.1", "line-2")
    arrived(one, two)
    assert two.api.value("d.1", "old")["expires_at"]
    # While the broker is away.
    plant.broker.kill()
    plant.move("d.1", "line-1")
    for stack in plant.stacks:
        served_without_broker(stack)
    plant.broker.start()
    arrived(two, one)
    # While the other gateway is down.
    two.mqttd.stop()
    plant.move("d.1", "line-2")
    served(one)
    two.mqttd.start()
    arrived(one, two)
    # A gateway learns it before the other one.
    one.api.must("PATCH", "/devices/d.1", {"network": {"gateway": "line-1"}})
    served(one)
    two.api.must("PATCH", "/devices/d.1", {"network": {"gateway": "line-1"}})
    arrived(two, one)
    two.api.must("PATCH", "/devices/d.1", {"network": {"gateway": "line-2"}})
    served(two)
    one.api.must("PATCH", "/devices/d.1", {"network": {"gateway": "line-2"}})
    arrived(one, two)
    # A message of a stranger that is older than the value, or of a tag for setpoints, changes nothing.
    for name, address in (("i16", 500), ("old", 832)):
        plant.broker.publish(f"tagferry/mirror/line-2/d%2E1/{name}", {
            "device": "d.1", "tag": name, "stamp": 5, "from": "z", "table": "holding_register", "address": address,
            "type": "int16" if name == "i16" else "uint16", "byte_order": "ABCD", "registers": [3], "received_at": 5,
            "source_at": 0, "outcome": "good"}, "-r")
    eventually(lambda: metrics(two)['mirror_ignored_total{reason="other_registers"}'] >= 1, "they are ignored")
    assert state_of(two) == before
    # A message after the move wins.
    plant.broker.publish("p/d", {"i16": 5})
    eventually(lambda: two.api.value("d.1", "i16")["value"] == 5, "the new value")
    plant.move("d.1", None)
    served(one)
    assert one.api.value("d.1", "i16")["reason"] == "never_heard"
    plant.move("d.1", "line-2")
    served(two)
    assert two.api.value("d.1", "i16")["value"] == 5

    def left():
        listener = plant.broker.subscribe("tagferry/mirror/#")
        try:
            eventually(lambda: len(listener.messages) >= 14, "the setpoints")
            return {topic for topic, text in listener.messages if text and '"received_at"' in text or "/line-1/" in topic}
        finally:
            listener.close()
    eventually(lambda: not left(), "values do not stay at the broker")


def served_without_broker(stack):
    with read_store(stack.common["common.database"]) as store:
        wanted = store.execute("SELECT revision FROM store").fetchone()[0]
    eventually(lambda: f"revision {wanted}" in stack.mqttd.log(), "in service")


@pytest.fixture
def api(stack):
    stack.common["common.gateway"] = "line-1"
    stack.start_modbusd()
    return stack.start_api()


def make(api, name, gateway, tags=0, **network):
    api.must("POST", "/devices", {"name": name, "mqtt": {"topic": f"p/{name}"},
                                  "network": dict(network, gateway=gateway)})
    return [allocate(api, name) for _ in range(tags)]


def allocate(api, device):
    number = api.must("GET", f"/devices/{device}/tags")["total"]
    made = api.must("POST", f"/devices/{device}/tags", {"name": f"t{number}"})
    return made["modbus"]["address"]


def test_addresses_are_allocated_for_each_gateway(api):
    assert make(api, "a", "line-1", 2) == make(api, "b", "line-2", 2) == [0, 2]
    assert make(api, "all", None, 1) == [4]
    assert allocate(api, "a") == 6
    assert [allocate(api, "b") for _ in range(3)] == [6, 8, 10]
    assert allocate(api, "all") == 12, "above the marks of both"
    assert allocate(api, "a") == 14, "above that of all"
    api.must("POST", "/devices/b/tags", {"name": "x", "modbus": {"address": 16}})
    assert allocate(api, "a") == 16, "another gateway's register"
    assert allocate(api, "all") == 18
    copy = api.must("POST", "/devices/b/copy", {"copies": [{"name": "c", "topic": "p/c"}]})
    assert copy["devices"][0]["network"]["gateway"] == "line-2"


def test_an_import_may_have_the_same_addresses_for_two_gateways(api):
    def body(gateways, first=10):
        return {"devices": [
            {"name": f"d{number}", "mqtt": {"topic": "t"}, "network": {"gateway": gateway},
             "tags": [{"name": "a", "modbus": {"address": first}},
                      {"name": "b", "modbus": {"type": "bool", "address": 40, "bit": number}}]}
            for number, gateway in enumerate(gateways)]}
    api.must("POST", "/import", body(["line-1", "line-2"]))
    exported = api.must("GET", "/export")
    assert [device["network"]["gateway"] for device in exported["devices"]] == ["line-1", "line-2"]
    again = api.must("POST", "/import?mode=replace", exported)
    assert (again["created"], again["changed"], again["deleted"]) == (0, 0, 0)
    for gateways in (["line-1", "line-1"], ["line-1", None], [None, "line-2"]):
        refused = api.request("POST", "/import", body(gateways))
        assert refused.status == 409, gateways
        assert {fault["code"] for fault in refused.json()["errors"]} == {"overlap"}
        assert len(refused.json()["errors"]) == 2, "of both owners; bits of one register do not overlap"
    table = api.get("/export", headers={"Accept": "text/csv"}).body.decode()
    rows = list(csv.DictReader(io.StringIO(table)))
    assert {(row["device"], row["gateway"]) for row in rows} == {("d0", "line-1"), ("d1", "line-2")}
    # Files for SCADA are of one gateway, and the map names it.
    assert "d1" not in api.get("/export?format=ignition").body.decode()
    assert "d0" not in api.get("/export?format=kepware&gateway=line-2").body.decode()
    assert "d1" in api.get("/export?format=kepware&device=d1").body.decode()
    assert "Tagferry at line-2, unit 1" in api.get("/export?format=map").body.decode()


def test_a_profile_may_choose_the_gateway(api):
    api.must("POST", "/profiles", {
        "name": "meter", "params": {"at": {}},
        "device": {"mqtt": {"topic": "m/{device}"}, "network": {"gateway": "{at}"}},
        "tags": [{"name": "p", "modbus": {"address": 0}}, {"name": "e", "modbus": {"address": 2}}]})
    def base(name, gateway):
        made = api.must("POST", "/devices", {
            "name": name, "profile": {"name": "meter", "params": {"at": gateway}}})
        assert made["network"]["gateway"] == gateway
        return made["profile"]["base"]["holding_register"]
    assert [base("a", "line-1"), base("b", "line-1")] == [0, 4]
    assert [base("c", "line-2"), base("d", "line-2")] == [0, 4]
    moved = api.request("PATCH", "/devices/b", {"profile": {"params": {"at": "line-2"}}})
    assert moved.status == 409 and "at line-2" in moved.json()["errors"][0]["detail"]


def test_a_name_has_letters_digits_hyphens_and_underscores(stack, tmp_path):
    api = stack.start_api()
    for name in ("a.b", "-a", "a b", "", "a" * 65, 7):
        refused = api.request("POST", "/devices", {
            "name": "d", "mqtt": {"topic": "t"}, "network": {"gateway": name}})
        assert refused.status == 422
        assert refused.json()["errors"][0]["pointer"] == "/network/gateway"
    path = tmp_path / "tagferry.conf"
    path.write_text("[common]\nlog_level = info\ngateway = hall.7\n")
    for daemon in DAEMONS:
        checked = run(daemon, "-c", path, "--check-config")
        assert checked.returncode == 2
        assert f'{path}:3: [common] gateway: "hall.7" is not the name of a gateway' in checked.stderr
    for given, session in ((("common.gateway=a",), "tagferry-a-"), ((), 'tagferry"'),
                           (("common.gateway=a", "mqttd.client_id=own"), 'own"')):
        options = dict(option.split("=") for option in given)
        stack.broker = stack.broker or stack.start_broker()
        mqttd = stack.start_mqttd(**options)
        assert f'session "{session}' in mqttd.log()
        mqttd.stop()
