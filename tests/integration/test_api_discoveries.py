"""Discoveries over REST: asked for, read, proposed, previewed. With a real broker and tagferry-mqttd."""

import json
import pathlib
import struct

import pytest

from harness import eventually
from mqttd_helpers import served

CASES = json.loads((pathlib.Path(__file__).parent / "cases.json").read_text())

# Ten values of a broker that nobody knows, in three forms.
BROKER = {
    "tele/plug1/SENSOR": {"ENERGY": {"Power": 230, "Total": 12.345}, "Relay": "ON"},
    "tele/plug2/SENSOR": {"ENERGY": {"Power": -5, "Total": 0.5}, "Relay": "OFF"},
    "plant/boiler/supply": 61.5,
    "plant/boiler/pressure_bar": 1.8,
    "shop/counter": {"parts": 70000, "running": True},
}


def heard(api, path, topics):
    """The discovery, once so many topics are in its file."""
    def probe():
        found = api.must("GET", path)
        return found if found["totals"]["topics"] >= topics else None
    return eventually(probe, f"{topics} topics heard")


def start(api, *topics, seconds=600):
    return api.must("POST", "/discoveries", {"topics": list(topics), "seconds": seconds})


def path_of(discovery):
    return f"/discoveries/{discovery['id']}"


def words_of(tag, number):
    type = tag["modbus"]["type"]
    if type == "bool":
        return [int(number)]
    code = {"float32": ">f", "uint16": ">H", "int16": ">h", "uint32": ">I"}[type]
    data = struct.pack(code, number)
    return list(struct.unpack(f">{len(data) // 2}H", data))


def test_ten_values_of_an_unknown_broker_take_two_commands(plant):
    api = plant.api
    for topic, payload in BROKER.items():
        plant.broker.publish(topic, json.dumps(payload), "-r")
    # 1: POST /discoveries.
    created = api.request("POST", "/discoveries", {"topic": "#", "seconds": 60})
    assert created.status == 201
    discovery = created.json()
    assert created.headers["Location"] == f"/api/v1{path_of(discovery)}"
    heard(api, path_of(discovery), 5)
    # 2: the proposal, into the import as it is.
    proposal = api.get(path_of(discovery) + "/proposal")
    assert proposal.status == 200
    result = api.must("POST", "/import", proposal.json())
    devices = {device["name"]: device for device in proposal.json()["devices"]}
    assert set(devices) == {"plug1", "plug2", "boiler", "counter"}
    assert result["created"] == 4 + sum(len(device["tags"]) for device in devices.values()) == 14
    values = {("plug1", "Power"): 230, ("plug1", "Total"): 12.345, ("plug1", "Relay"): 1,
              ("plug2", "Power"): -5, ("plug2", "Total"): 0.5, ("plug2", "Relay"): 0,
              ("boiler", "supply"): 61.5, ("boiler", "pressure_bar"): 1.8,
              ("counter", "parts"): 70000, ("counter", "running"): 1}
    assert {(name, tag["name"]) for name in devices for tag in devices[name]["tags"]} == set(values)
    with plant.modbusd.client() as client:
        for (device, name), number in values.items():
            tag = next(tag for tag in devices[device]["tags"] if tag["name"] == name)
            words = words_of(tag, number)
            place = tag["modbus"]["table"], tag["modbus"]["address"]
            eventually(lambda: list(client.read(*place, len(words))) == words, f"{device}/{name}")
    # Each device has one block, in which its tags are neighbours.
    power, total = (tag["modbus"]["address"] for tag in devices["plug1"]["tags"][:2])
    assert total == power + 2 and total % 2 == 0
    # Nothing of it is proposed again, unless it is asked for: with other names and other registers.
    again = api.must("GET", path_of(discovery) + "/proposal")
    assert again["devices"] == []
    assert again["notes"][-1]["text"].startswith("10 values are configured already, in ")
    again = api.must("GET", path_of(discovery) + "/proposal?configured=true")
    assert {device["name"] for device in again["devices"]} == {f"{name}_2" for name in devices}
    assert api.must("POST", "/import", again)["created"] == 14


def test_what_was_heard_is_shown_topic_by_topic(plant):
    api = plant.api
    discovery = start(api, "a/#", "b/+")
    eventually(lambda: api.must("GET", path_of(discovery))["state"] == "running", "it runs")
    for number in range(3):
        plant.broker.publish("a/one", {"n": number, "d": number + 0.25, "w": "ON", "l": [None]})
    plant.broker.publish("a/one", {"n": "12"})
    plant.broker.publish("b/two", bytes([0, 255, 1]))
    plant.broker.publish("b/Three", "OPEN")
    found = eventually(lambda: (found := api.must("GET", path_of(discovery)))["totals"]["messages"] == 6
                       and found, "six messages")
    assert found["topics"] == ["a/#", "b/+"] and found["total"] == 3 and found["next"] is None
    one, two, three = found["items"]
    assert (one["topic"], one["messages"], one["format"], one["retained"]) == ("a/one", 4, "json", False)
    assert one["payload"] == '{"n": "12"}' and one["encoding"] == "text" and one["rate"] > 0
    keys = {key["key"]: key for key in one["keys"]}
    assert keys["n"]["types"] == ["integer", "number_as_text"] and keys["n"]["present"] == 1
    assert (keys["n"]["smallest"], keys["n"]["largest"], keys["n"]["sample"]) == (0, 12, "12")
    assert keys["d"]["types"] == ["decimal"] and keys["d"]["decimals"] == 2
    assert keys["d"]["present"] == 0.75 and keys["w"]["words"] == ["ON"]
    assert (two["payload"], two["encoding"], two["format"], two["bytes"]) == ("00ff01", "hex", "binary", 3)
    assert (three["payload"], three["format"], three["keys"][0]["key"]) == ("OPEN", "text", "")
    # Pages, and a search in any case.
    page = api.must("GET", path_of(discovery) + "?limit=2")
    assert [item["topic"] for item in page["items"]] == ["a/one", "b/two"] and page["total"] == 3
    rest = api.must("GET", f"{path_of(discovery)}?limit=2&after={page['next']}")
    assert [item["topic"] for item in rest["items"]] == ["b/Three"] and rest["next"] is None
    found = api.must("GET", path_of(discovery) + "?q=three")
    assert found["total"] == 1 and found["items"][0]["topic"] == "b/Three"
    for query in ("limit=0", "limit=1001", "after=x", "nonsense=1"):
        assert api.get(f"{path_of(discovery)}?{query}").status == 400
    listed = api.must("GET", "/discoveries")
    assert [item["id"] for item in listed["items"]] == [discovery["id"]]
    assert listed["items"][0]["totals"]["topics"] == 3 and "items" not in listed["items"][0]


def test_topics_and_keys_can_be_chosen(plant):
    api = plant.api
    for topic, payload in BROKER.items():
        plant.broker.publish(topic, json.dumps(payload), "-r")
    discovery = start(api, "#")
    heard(api, path_of(discovery), 5)

    def proposed(query):
        found = api.must("GET", f"{path_of(discovery)}/proposal?{query}")
        return {f"{device['name']}/{tag['name']}" for device in found["devices"] for tag in device["tags"]}
    assert proposed("topic=tele/%2B/SENSOR&key=Power") == {"plug1/Power", "plug2/Power"}
    assert proposed("topic=tele/plug1/SENSOR&topic=shop/%23") == {
        "plug1/Power", "plug1/Total", "plug1/Relay", "counter/parts", "counter/running"}
    assert proposed("key=/ENERGY/Total&key=running") == {"plug1/Total", "plug2/Total", "counter/running"}
    assert proposed("topic=nothing") == set()
    answer = api.get(f"{path_of(discovery)}/proposal?topic=a/%23/b")
    assert answer.status == 400 and "%23" in answer.json()["detail"]
    # CSV has the same tags, and is imported as well.
    table = api.get(path_of(discovery) + "/proposal?topic=tele/%23", headers={"Accept": "text/csv"})
    assert table.headers["Content-Type"].startswith("text/csv")
    assert len(table.body.decode().splitlines()) == 1 + 6
    done = api.request("POST", "/import", table.body, {"Content-Type": "text/csv"})
    assert done.status == 200 and done.json()["created"] == 8, done.body


def test_devices_of_one_kind_become_one_profile(plant):
    api = plant.api
    for number in range(1, 31):
        plant.broker.publish(f"site/meter-{number}/data", json.dumps({"power": number + 0.5, "on": True}), "-r")
    plant.broker.publish("other/x", json.dumps({"a": 1}), "-r")
    for node in ("press", "saw", "press", "saw"):
        plant.broker.publish("shared", {"node": node, "load": len(node)})
    discovery = start(api, "#")
    heard(api, path_of(discovery), 31)
    for _ in range(2):
        for node in ("press", "saw"):
            plant.broker.publish("shared", {"node": node, "load": len(node)})
    heard(api, path_of(discovery), 33)
    found = api.must("GET", path_of(discovery) + "/proposal?profile=true&topic=site/%23&topic=other/%23")
    profile, = found["profiles"]
    assert profile["name"] == "site_data" and profile["params"] == {"id": {}}
    assert profile["device"]["mqtt"]["topic"] == "site/{id}/data"
    assert [tag["modbus"]["address"] for tag in profile["tags"]] == [0, 0]
    meters = [device for device in found["devices"] if "profile" in device]
    assert [device["profile"]["params"]["id"] for device in meters] == [f"meter-{n}" for n in range(1, 31)]
    assert [device["profile"]["base"]["input_register"] for device in meters] == list(range(0, 60, 2))
    assert len(found["devices"]) == 31
    api.must("POST", "/import", found)
    for number in (1, 30):
        eventually(lambda: api.value(f"meter-{number}", "power")["value"] == number + 0.5, f"meter {number}")
    # Devices that share a topic differ in mqtt.where.
    found = api.must("GET", path_of(discovery) + "/proposal?profile=true&topic=shared")
    assert found["profiles"][0]["device"]["mqtt"]["where"] == {"node": "{id}"}
    assert {device["profile"]["params"]["id"] for device in found["devices"]} == {"press", "saw"}
    assert api.must("POST", "/import", found)["created"] > 2
    again = api.must("GET", path_of(discovery) + "/proposal?profile=true&configured=true&topic=site/%23")
    assert again["profiles"][0]["name"] == "site_data_2"
    assert api.get(path_of(discovery) + "/proposal?profile=yes").status == 400


def notes_of(proposal):
    return " ".join(note["text"] for note in proposal["notes"])


def test_a_choice_reaches_what_does_not_fit_into_a_proposal(plant):
    api = plant.api
    discovery = start(api, "wide/+/state", "own")
    heard_path = path_of(discovery)
    eventually(lambda: api.must("GET", heard_path)["state"] == "running", "it runs")
    assert "No message was heard" in api.must("GET", heard_path)["reason"]
    assert "No message was heard" in notes_of(api.must("GET", heard_path + "/proposal"))
    for n in range(35):  # of 1,000 values each; a proposal has 30,000
        plant.broker.publish(f"wide/{n:02}/state", {f"v{key}": key for key in range(1000)})
    plant.broker.publish("own", {"v": [1] * 9})
    heard(api, heard_path, 36)
    whole = api.must("GET", heard_path + "/proposal")
    assert sum(len(device["tags"]) for device in whole["devices"]) == 30000
    assert "6 more devices and 5008 more tags" in notes_of(whole)
    one = api.must("GET", heard_path + "/proposal?topic=wide/34/state")
    assert [(device["name"], len(device["tags"])) for device in one["devices"]] == [("wide_34", 1000)]
    assert "full" not in notes_of(one)
    none = api.must("GET", heard_path + "/proposal?topic=wide/")
    assert none["devices"] == [] and "%23" in notes_of(none)
    own = api.must("GET", heard_path + "/proposal?topic=own")
    assert len(own["devices"][0]["tags"]) == 8 and "more values than a discovery keeps, such as own" in notes_of(own)


def test_one_note_names_the_devices_without_registers(plant):
    api = plant.api
    discovery = start(api, "x/#")
    eventually(lambda: api.must("GET", path_of(discovery))["state"] == "running", "it runs")
    # The registers of the unit are taken, but for the last ten.
    api.must("POST", "/devices", {"name": "full", "mqtt": {"topic": "full"}})
    for address in range(0, 65526, 123):
        width = min(123, 65526 - address)
        api.must("POST", "/devices/full/tags", {"name": f"t{address}", "modbus": {
            "table": "input_register", "type": "string", "length": width, "address": address}})
    for number in range(8):
        plant.broker.publish(f"x/{number}/state", {"a": 1.5, "b": 2.5})
    heard(api, path_of(discovery), 8)
    found = api.must("GET", path_of(discovery) + "/proposal")
    assert len(found["devices"]) == 2
    notes = [note["text"] for note in found["notes"] if "no unit of the local server" in note["text"]]
    assert len(notes) == 1 and notes[0].startswith("6 devices are left out, such as x_2: "), found["notes"]


def test_values_in_service_are_not_proposed_again(plant):
    api = plant.api
    discovery = start(api, "#")
    eventually(lambda: api.must("GET", path_of(discovery))["state"] == "running", "it runs")
    for topic, payload in BROKER.items():
        plant.broker.publish(topic, json.dumps(payload))
    for node in ("press", "pump", "press", "pump"):
        plant.broker.publish("shared", {"node": node, "t": 21})
    heard(api, path_of(discovery), 7)
    plant.broker.publish("shop/counter", {"parts": 70001, "running": True})
    eventually(lambda: api.must("GET", path_of(discovery))["totals"]["messages"] >= 10, "all are heard")
    first = api.must("GET", path_of(discovery) + "/proposal")
    count = sum(len(device["tags"]) for device in first["devices"])
    api.must("POST", "/import", first)
    again = api.must("GET", path_of(discovery) + "/proposal")
    assert again["devices"] == [] and f"{count} values are configured already" in notes_of(again)
    plant.broker.publish("shop/counter", {"parts": 70001, "running": True, "speed": 5})
    plant.broker.publish("shop/new", {"a": 1})

    def new():
        found = api.must("GET", path_of(discovery) + "/proposal")
        names = [f"{device['name']}/{tag['name']}" for device in found["devices"] for tag in device["tags"]]
        return names == ["counter/speed", "shop_new/a"] or names == ["counter/speed", "new/a"]
    eventually(new, "only new values are proposed")
    everything = api.must("GET", path_of(discovery) + "/proposal?configured=true")
    assert sum(len(device["tags"]) for device in everything["devices"]) == count + 2
    assert api.get(path_of(discovery) + "/proposal?configured=yes").status == 400


def test_a_discovery_says_that_mqttd_was_killed(plant):
    api = plant.api
    discovery = start(api, "a")
    eventually(lambda: api.must("GET", path_of(discovery))["state"] == "running", "it runs")
    plant.mqttd.kill()
    found = eventually(lambda: (found := api.must("GET", path_of(discovery)))["state"] == "waiting" and found,
                       "it waits")
    assert found["reason"] == "tagferry-mqttd does not run. The discovery goes on when it does."
    plant.mqttd.start()
    eventually(lambda: api.must("GET", path_of(discovery))["state"] == "running", "it goes on")


def stored(api, name):
    """A device as it is in the store, and its tags, without what each change of it changes."""
    device, tags = api.must("GET", f"/devices/{name}"), api.must("GET", f"/devices/{name}/tags?limit=1000")["items"]
    for record in (device, *tags):
        for member in ("revision", "updated_at"):
            record.pop(member)
    return device, {tag["name"]: tag for tag in tags}


def proposed(api, discovery, query=""):
    """The proposal's devices by name, with their tags by name, and its texts."""
    found = api.must("GET", f"{path_of(discovery)}/proposal{query}")
    return found, {device["name"]: {tag["name"]: tag for tag in device["tags"]} for device in found["devices"]}, \
        " ".join(note["text"] for note in found["notes"])


@pytest.mark.parametrize("form", ["application/json", "text/csv"])
def test_new_values_of_a_device_join_it_and_change_nothing_else(plant, form):
    api = plant.api
    plant.broker.publish("plant/boiler/telemetry", json.dumps({"supply": 61.5, "return": 48.25, "name": "B"}), "-r")
    plant.broker.publish("plant/pump/telemetry", json.dumps({"flow": 12.5}), "-r")
    api.must("POST", "/import", {"devices": [
        {"name": "kessel", "label": "Der Kessel", "description": "in the cellar",
         "network": {"unit_id": 1, "min_interval_ms": 20},
         "mqtt": {"topic": "plant/boiler/telemetry", "qos": 2, "stale_after_s": 77},
         "status": {"table": "input_register", "address": 500},
         "tags": [{"name": "vorlauf", "unit": "\u00b0C", "mqtt": {"key": "/supply"},
                   "modbus": {"table": "input_register", "type": "int16", "scale": 0.1, "address": 40}},
                  {"name": "return", "enabled": False, "mqtt": {"key": "other"},
                   "modbus": {"table": "input_register", "type": "float32", "address": 42}}]},
        {"name": "next", "mqtt": {"topic": "x"}, "tags": [
            {"name": "t", "modbus": {"table": "input_register", "type": "int16", "address": 60}}]}]})
    before = stored(api, "kessel")
    discovery = start(api, "plant/#")
    heard(api, path_of(discovery), 2)
    found, devices, text = proposed(api, discovery)
    assert "1 value is configured already, in kessel: it is left out." in text
    assert set(devices) == {"kessel", "pump"}
    kessel = next(device for device in found["devices"] if device["name"] == "kessel")
    assert set(kessel) == {"name", "tags"}, "nothing that would change the device"
    # "return" is the name of another tag; the registers are beside the others.
    new = devices["kessel"]
    assert set(new) == {"return_2", "name"} and "topic" not in new["return_2"]["mqtt"]
    assert new["return_2"]["mqtt"]["key"] == "return"
    assert sorted(tag["modbus"]["address"] for tag in new.values())[0] == 44
    body = api.get(path_of(discovery) + "/proposal", headers={"Accept": form})
    done = api.request("POST", "/import", body.body, {"Content-Type": form})
    assert done.status == 200 and (done.json()["created"], done.json()["changed"]) == (4, 0), done.body
    after = stored(api, "kessel")
    assert after[0] == before[0]
    assert {name: after[1][name] for name in before[1]} == before[1]
    assert set(after[1]) == {"vorlauf", "return", "return_2", "name"}
    assert after[1]["return_2"]["mqtt"]["topic"] is None
    eventually(lambda: api.value("kessel", "return_2")["value"] == 48.25, "the new value")
    assert proposed(api, discovery)[1] == {}
    # Which tags read a key is told where it is shown.
    items = api.must("GET", path_of(discovery) + "?q=boiler")["items"]
    assert {key["key"]: key["tags"] for key in items[0]["keys"]} == {
        "supply": ["kessel/vorlauf"], "return": ["kessel/return_2"], "name": ["kessel/name"]}


def test_configured_is_what_reads_the_same_values(plant):
    api = plant.api
    for topic, payload in BROKER.items():
        plant.broker.publish(topic, json.dumps(payload), "-r")
    plant.broker.publish("far/1", json.dumps({"a": 1, "b": 2}), "-r")
    plant.broker.publish("lamp/1/state", json.dumps({"on": True}), "-r")
    plant.broker.publish("lamp/1/set", json.dumps({"on": True}), "-r")
    plant.broker.publish("ask/1", json.dumps({"give": 1}), "-r")
    api.must("POST", "/import", {"devices": [
        {"name": "plugs", "mqtt": {"topic": "tele/+/SENSOR"}, "tags": [
            {"name": "power", "mqtt": {"key": "/ENERGY/Power"}, "modbus": {"address": 0}}]},
        {"name": "shop", "mqtt": {"topic": "elsewhere"}, "tags": [
            {"name": "parts", "mqtt": {"topic": "shop/counter", "key": "parts"}, "modbus": {"address": 10}}]},
        {"name": "far", "mqtt": {"topic": "far/1"}, "network": {"modbus_host": "192.0.2.9"}, "tags": [
            {"name": "a", "modbus": {"address": 0}}]},
        {"name": "lamp", "mqtt": {"topic": "lamp/1/state", "request": {"topic": "ask/1", "payload": "", "interval_s": 3600}},
         "tags": [{"name": "on", "direction": "both", "mqtt": {"command_topic": "lamp/1/set"},
                   "modbus": {"table": "coil", "type": "bool", "address": 0}}]}]})
    discovery = start(api, "#")
    heard(api, path_of(discovery), 9)
    found, devices, text = proposed(api, discovery)
    # A device with a wildcard gets no tags: each would take the values of all its topics.
    assert {name: set(tags) for name, tags in devices.items()} == {
        "plug1": {"Total", "Relay"}, "plug2": {"Total", "Relay"}, "boiler": {"supply", "pressure_bar"},
        "shop": {"running"}}
    assert devices["shop"]["running"]["mqtt"]["topic"] == "shop/counter"
    assert "5 values are configured already, in " in text and " and 1 more: they are left out." in text
    assert "2 values are of topics to which Tagferry publishes commands or requests" in text
    assert "1 new value of far is left out: its registers are on another Modbus server" in text
    api.must("POST", "/import", found)
    eventually(lambda: api.value("shop", "running")["value"] in (1, True), "the value of another topic")
    assert proposed(api, discovery)[1] == {}
    assert len(proposed(api, discovery, "?configured=true")[1]) == 8


def test_conditions_tell_devices_of_one_topic_apart(plant):
    api = plant.api
    discovery = start(api, "shared", "one")
    eventually(lambda: api.must("GET", path_of(discovery))["state"] == "running", "it runs")
    for node in ("press", "saw", "mill") * 3:
        plant.broker.publish("shared", {"node": node, "hall": "H" + node, "load": len(node)})
    plant.broker.publish("one", {"who": "x", "v": 1})
    heard(api, path_of(discovery), 4)
    def tag(address):
        return {"name": "load", "modbus": {"type": "int16", "address": address}}
    api.must("POST", "/import", {"devices": [
        {"name": "p", "mqtt": {"topic": "shared", "where": {"node": "press"}}, "tags": [tag(0)]},
        {"name": "s", "mqtt": {"topic": "shared", "where": {"hall": "Hsaw"}}, "tags": [tag(1)]},
        {"name": "o", "mqtt": {"topic": "one", "where": {"who": "somebody else"}}, "tags": [
            {"name": "v", "modbus": {"address": 4}}]}]})
    _, devices, _ = proposed(api, discovery)
    kept = {name: set(tags) for name, tags in devices.items()}
    assert "load" not in kept["p"] and "load" not in kept["s"], kept
    rest = [name for name in kept if name not in ("p", "s")]
    assert sorted("load" in kept[name] for name in rest) == [False, True] and "o" not in kept, kept
    keys = {key["key"]: key["tags"] for item in api.must("GET", path_of(discovery) + "?q=shared")["items"]
            for key in item["keys"] if item["where"] == {"node": "press"}}
    assert keys["load"] == ["p/load"]


def test_new_values_of_a_device_with_a_profile_are_its_own(plant):
    api = plant.api
    for number in range(1, 4):
        plant.broker.publish(f"site/m{number}/data", json.dumps({"power": number}), "-r")
    discovery = start(api, "site/#")
    heard(api, path_of(discovery), 3)
    api.must("POST", "/import", api.must("GET", path_of(discovery) + "/proposal?profile=true"))
    before = stored(api, "m2")
    plant.broker.publish("site/m2/data", json.dumps({"power": 2, "more": 1.5}), "-r")
    eventually(lambda: proposed(api, discovery)[1], "a new value")
    found, devices, _ = proposed(api, discovery, "?profile=true")
    assert {name: set(tags) for name, tags in devices.items()} == {"m2": {"more"}} and not found["profiles"]
    assert api.must("POST", "/import", found)["created"] == 1
    after = stored(api, "m2")
    assert after[0] == before[0] and after[1]["power"] == before[1]["power"] and "more" in after[1]


def test_the_gateway_is_no_device(stack):
    broker = stack.start_broker()
    stack.start_modbusd()
    api = stack.start_api()
    stack.start_mqttd(mqttd__status_topic="site/gateways/{client_id}")
    discovery = start(api, "#")
    broker.publish("a", {"x": 1}, "-r")
    heard(api, path_of(discovery), 2)
    assert set(proposed(api, discovery)[1]) == {"a"}


def test_unit_and_table_can_be_chosen(stack):
    broker = stack.start_broker()
    stack.start_modbusd(common__units="1-3")
    api = stack.start_api()
    stack.start_mqttd()
    broker.publish("a/one", json.dumps({"x": 1.5, "on": True, "w": "idle"}), "-r")
    api.must("POST", "/devices", {"name": "d", "mqtt": {"topic": "d"}, "network": {"unit_id": 3}})
    api.must("POST", "/devices/d/tags", {"name": "t", "modbus": {"address": 0}})
    discovery = start(api, "#")
    heard(api, path_of(discovery), 2)
    found, devices, _ = proposed(api, discovery, "?unit_id=3&table=holding_register")
    assert found["devices"][0]["network"] == {"unit_id": 3}
    assert {tag["modbus"]["table"] for tag in devices["one"].values()} == {"holding_register"}
    assert min(tag["modbus"]["address"] for tag in devices["one"].values()) == 2
    api.must("POST", "/import", found)
    eventually(lambda: [api.value("one", name)["value"] for name in ("x", "on", "w")] == [1.5, True, "idle"],
               "the values")
    for query, word in (("unit_id=4", "[common] units"), ("unit_id=0", "unit_id"), ("unit_id=x", "unit_id"),
                        ("table=coil", "holding_register"), ("configured=1", "true or false")):
        answer = api.get(f"{path_of(discovery)}/proposal?{query}")
        assert answer.status == 400 and word in answer.json()["detail"], (query, answer.json())


def test_a_proposal_that_is_too_old_says_so(plant):
    api = plant.api
    plant.broker.publish("a/one", json.dumps({"x": 1.5}), "-r")
    plant.broker.publish("b/two", json.dumps({"y": 2.5}), "-r")
    discovery = start(api, "#")
    heard(api, path_of(discovery), 2)
    first, second = (api.must("GET", f"{path_of(discovery)}/proposal?topic={topic}") for topic in ("a/one", "b/two"))
    api.must("POST", "/import", first)
    answer = api.request("POST", "/import", second)
    assert answer.status == 409
    assert "ask for the proposal again" in answer.json()["errors"][0]["detail"]
    second = api.must("GET", f"{path_of(discovery)}/proposal?topic=b/two")
    assert api.must("POST", "/import", second)["created"] == 2


def test_a_discovery_without_mqttd_waits_and_says_so(stack):
    stack.start_modbusd()
    api = stack.start_api()
    discovery = start(api, "a")
    found = api.must("GET", path_of(discovery))
    assert found["state"] == "waiting" and "tagferry-mqttd" in found["reason"] and found["items"] == []
    answer = api.get(path_of(discovery) + "/proposal")
    assert answer.status == 409 and "tagferry-mqttd" in answer.json()["detail"]


BAD_BODIES = [
    ({}, "/topic", "required"),
    ({"topic": "a", "topics": ["b"]}, "/topics", "duplicate"),
    ({"topic": 5}, "/topic", "wrong_type"),
    ({"topic": "a/#/b"}, "/topic", "bad_topic"),
    ({"topic": "$share/g/a"}, "/topic", "bad_topic"),
    ({"topics": []}, "/topics", "wrong_type"),
    ({"topics": ["a"] * 9}, "/topics", "wrong_type"),
    ({"topics": ["a", ""]}, "/topics/1", "bad_topic"),
    ({"topic": "a", "seconds": 0}, "/seconds", "out_of_range"),
    ({"topic": "a", "seconds": 3601}, "/seconds", "out_of_range"),
    ({"topic": "a", "seconds": 1.5}, "/seconds", "wrong_type"),
    ({"topic": "a", "seconds": "60"}, "/seconds", "wrong_type"),
    ({"topic": "a", "time": 1}, "/time", "unknown_field"),
    ([], "", "wrong_type"),
]


def test_bad_requests_are_refused_in_words(stack):
    api = stack.start_api()
    for body, pointer, code in BAD_BODIES:
        answer = api.request("POST", "/discoveries", body)
        errors = answer.json()["errors"]
        assert answer.status == 422 and (errors[0]["pointer"], errors[0]["code"]) == (pointer, code), body
    assert api.must("GET", "/discoveries")["total"] == 0
    for id in ("0", "7", "x", "1x", "-1", "99999999999999999999", "%20"):
        for method, end in (("GET", ""), ("DELETE", ""), ("GET", "/proposal")):
            assert api.request(method, f"/discoveries/{id}{end}").status == 404, (method, id, end)


def test_four_run_at_once_and_the_newest_are_kept(stack):
    api = stack.start_api()
    first = start(api, "a", seconds=60)
    for _ in range(3):
        start(api, "a", seconds=600)
    answer = api.request("POST", "/discoveries", {"topic": "a"})
    assert answer.status == 409
    assert f"DELETE /api/v1{path_of(first)}" in answer.json()["detail"]
    assert first["ends_at"] in answer.json()["detail"]
    api.must("DELETE", path_of(first))
    assert api.get(path_of(first)).status == 404
    ids = [start(api, "a", seconds=1)["id"]]
    for _ in range(24):
        def another():
            answer = api.request("POST", "/discoveries", {"topic": "a", "seconds": 1})
            return answer.json() if answer.status == 201 else None
        ids.append(eventually(another, "a place is free")["id"])
    kept = [item["id"] for item in api.must("GET", "/discoveries")["items"]]
    assert kept == sorted(kept, reverse=True) and len(kept) <= 3 + 20 + 1
    assert ids[-1] in kept and ids[0] not in kept


def test_it_needs_the_scope_write_and_is_in_the_audit(stack):
    import subprocess
    from harness import BIN
    api = stack.start_api()

    def token(name, scope):
        options = [part for key, value in api.options.items() for part in ("-o", f"{key}={value}")]
        return subprocess.run([BIN / "tagferry-api", "-c", "/dev/null", *options, "token", "add", name,
                               "--scope", scope], check=True, capture_output=True, text=True).stdout.strip()
    reader = {"Authorization": "Bearer " + token("reader", "read")}
    writer = {"Authorization": "Bearer " + token("ops", "write")}
    assert api.request("POST", "/discoveries", {"topic": "a"}, reader).status == 403
    assert api.request("POST", "/discoveries", {"topic": "a"}).status == 401
    discovery = api.request("POST", "/discoveries", {"topic": "a/#", "seconds": 9}, writer).json()
    assert discovery["who"] == "ops"
    assert api.request("GET", path_of(discovery), headers=reader).status == 200
    assert api.request("DELETE", path_of(discovery), headers=reader).status == 403
    assert api.request("DELETE", path_of(discovery), headers=writer).status == 204
    entries = api.request("GET", "/audit", headers=reader).json()["items"]
    deleted, created = [entry for entry in entries if entry["kind"] == "discovery"]
    described = {"id": discovery["id"], "topics": ["a/#"], "seconds": 9}
    assert (created["action"], created["kind"], created["who"]) == ("create", "discovery", "ops")
    assert (created["before"], created["after"]) == (None, described)
    assert (deleted["action"], deleted["before"], deleted["after"]) == ("delete", described, None)


# Tags of many kinds, each with a payload: options of the tag, and what the message has at "x".
KINDS = [
    *[({"modbus": {"type": type}}, text) for type in
      ("bool", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")
      for text in ("1", "-7.5", "70000", "1e400", '"12"', '"on"', "null", "true", "[1]", "9007199254740993",
                   '"9007199254740993"', "-0")],
    *[({"modbus": {"type": type, "byte_order": order, "scale": 0.1, "offset": -40}}, "21.5")
      for type in ("int16", "int32", "float32", "float64") for order in ("CDAB", "BADC", "DCBA")],
    *[({"modbus": {"type": "int16", "on_overflow": overflow}}, "40000") for overflow in ("clamp", "reject")],
    *[({"modbus": {"type": "string", "length": 3}}, text) for text in ('"abcdef"', '"\u00e4\u00f6\u00fc!"', "5")],
    ({"modbus": {"type": "string", "length": 2, "on_overflow": "clamp"}}, '"\u00e4\u00f6\u00fc"'),
    *[({"modbus": {"type": "uint16"}, "mqtt": {"values": {"ON": 1, "true": 2, "5": 3}}}, text)
      for text in ('"ON"', "true", "5", "6", '"?"')],
    *[({"modbus": {"type": "float32"}, "mqtt": {"pattern": "([0-9.]+) kW"}}, text)
      for text in ('"P=1.5 kW"', '"none"', "5")],
    *[({"modbus": {"type": "float32"}, "mqtt": {"number": number}}, text)
      for number in ("decimal_comma", "hex") for text in ('"1.234,5"', '"ff"', "5", '"21,5"')],
    *[({"modbus": {"type": "int16", "on_stale": -1, "on_null": "stale"}}, text) for text in ("null", "3")],
    *[({"modbus": {"type": "bool"}}, text) for text in ('"closed"', '"YES"', "0", "2", '"\\u0000on"', '"a\\u0000"')],
    *[({"modbus": {"type": "uint16"}, "mqtt": {"key": key}}, text)
      for key in ("/x/1", "/x/-1", "/x/id=7/v", "/x/s/v", "x", "y", "/x/b")
      for text in ("[1,2,3]", '[{"id":7,"v":5},{"id":8,"v":6}]', '{"s":"{\\"v\\":9}","b":4}')],
    *[({"modbus": {"type": "uint16"}, "mqtt": {"key": "/x/v", "quality_key": "./q"}}, text)
      for text in ('{"v":1,"q":192}', '{"v":1,"q":"bad"}', '{"v":1}', '{"v":1,"q":true}')],
]


def case_tags():
    """The tags of cases.json that take messages, each with a message of its topic."""
    for case in CASES:
        for name, tag in case["tags"].items():
            device, _, tag_name = name.partition("/")
            body = case["devices"].get(device)
            topic = tag.get("mqtt", {}).get("topic") or (body or {}).get("mqtt", {}).get("topic", "")
            payloads = [step[2] for step in case["steps"] if step[0] == "pub" and step[1] == topic]
            modbus = {key: value for key, value in tag.get("modbus", {}).items() if key != "address"}
            plain = body and not set(body["mqtt"]) - {"topic", "stale_after_s", "where"}
            if payloads and plain and tag.get("direction", "to_modbus") == "to_modbus" and \
                    not body.get("network") and "companion" not in modbus:
                mqtt = {"key": tag_name, **tag.get("mqtt", {})}
                mqtt.pop("topic", None)
                yield {"name": "t", "mqtt": mqtt, "modbus": modbus}, body["mqtt"].get("where"), payloads[-1]


def test_the_preview_is_what_mqttd_then_writes(plant):
    api = plant.api
    wanted = [({"name": "t", "modbus": tag["modbus"], "mqtt": {"key": "x", **tag.get("mqtt", {})}}, None,
               '{"x":%s}' % text) for tag, text in KINDS]
    wanted += list(case_tags())
    wanted += [({"name": "t", "mqtt": {"key": "", "payload": "text"}, "modbus": {"type": "int32"}}, None, text)
               for text in ("12", " 12\n", "off", "")]
    wanted += [({"name": "t", "modbus": {"type": "int16"}}, None, text) for text in ('{"t":', "hex:00ff", "[]", "")]
    assert len(wanted) > 200
    discovery = start(api, "p/#")
    eventually(lambda: api.must("GET", path_of(discovery))["state"] == "running", "it runs")
    devices = [{"name": f"d{at}", "mqtt": {"topic": f"p/{at}", **({"where": where} if where else {})},
                "tags": [tag]} for at, (tag, where, _) in enumerate(wanted)]
    previews = []
    # They are previewed before they exist, and again when they are in service.
    for at, (tag, where, payload) in enumerate(wanted):
        plant.broker.publish(f"p/{at}", bytes.fromhex(payload[4:]) if payload.startswith("hex:") else payload)
    heard(api, path_of(discovery), len(wanted))
    for device in devices:
        body = {"device": {key: device[key] for key in ("name", "mqtt")}, "tag": device["tags"][0]}
        previews.append(api.must("POST", "/discoveries/preview", body))
    api.must("POST", "/import?changes=none", {"devices": devices})
    served(plant)
    for at, (tag, where, payload) in enumerate(wanted):
        plant.broker.publish(f"p/{at}", bytes.fromhex(payload[4:]) if payload.startswith("hex:") else payload)
    last = len(wanted) - 1
    eventually(lambda: api.must("GET", f"/devices/d{last}/status")["messages"] > 0, "all messages taken")
    for at, (tag, where, payload) in enumerate(wanted):
        shown = previews[at]
        what = f"{tag} {payload}: {shown}"

        def same():
            value = api.must("GET", f"/devices/d{at}/tags/t/value")
            if shown["error"] is None:
                return value["messages"] == 1 and value["value"] == shown["value"] and \
                    value["raw"] == shown["raw"]
            if shown["error"]["code"] in ("key_not_found", "no_message"):
                return value["messages"] == 0
            if shown["error"]["code"] == "invalid_json":
                value = api.must("GET", f"/devices/d{at}/status")
            fault = value["last_error"]
            return fault and (fault["code"], fault["detail"]) == (shown["error"]["code"], shown["error"]["detail"])
        eventually(same, what)
        again = api.must("POST", "/discoveries/preview", {"device": f"d{at}", "tag": {"name": "t"}})
        assert (again["raw"], again["error"]) == (shown["raw"], shown["error"]), what


def test_a_preview_needs_little(plant):
    api = plant.api
    discovery = start(api, "p/#")
    eventually(lambda: api.must("GET", path_of(discovery))["state"] == "running", "it runs")
    plant.broker.publish("p/1", {"x": 21})
    heard(api, path_of(discovery), 1)

    def preview(**body):
        return api.request("POST", "/discoveries/preview", body)
    for body in ({"tag": {"mqtt": {"topic": "p/1", "key": "x"}}},
                 {"device": {"mqtt": {"topic": "p/1"}}, "tag": {"name": "x"}},
                 {"device": {"name": "d", "mqtt": {"topic": "p/1"}}, "tag": {"mqtt": {"key": "x"}}}):
        answer = preview(**body)
        assert answer.status == 200 and answer.json()["value"] == 21, answer.body
    for body, pointers in (({"tag": {"name": "x"}}, ["/device"]),
                           ({"device": "nobody", "tag": {"name": "x"}}, ["/device"]),
                           ({"device": {"mqtt": {"topic": "p/1"}}, "tag": {}}, ["/tag/name"]),
                           ({"device": {}, "tag": {"name": "x"}}, ["/device/mqtt/topic"])):
        answer = preview(**body)
        assert answer.status == 422 and [error["pointer"] for error in answer.json()["errors"]] == pointers, answer.body


def test_the_preview_of_a_pending_change(plant):
    api = plant.api
    api.device("a", "p/a", tags=[{"name": "x", "modbus": {"type": "float32", "address": 10}}])
    served(plant)
    plant.broker.publish("p/a", {"x": 21.5, "y": "ON"})
    eventually(lambda: api.value("a", "x")["messages"] == 1, "the value")
    change = {"device": "a", "tag": {"name": "x", "modbus": {"type": "int16", "scale": 0.1}}}
    shown = api.must("POST", "/discoveries/preview", change)
    assert (shown["value"], shown["raw"], shown["hex"], shown["json"]) == (21.5, [215], ["00D7"], 21.5)
    assert (shown["matched"], shown["read"]) == (None, 21.5)
    taken = api.must("POST", "/discoveries/preview", {"device": "a", "tag": {
        "name": "x", "mqtt": {"pattern": "([0-9])", "values": {"2": 300}}, "modbus": {"type": "int16"}}})
    assert (taken["json"], taken["matched"], taken["read"], taken["raw"]) == (21.5, "2", 300, [300])
    assert (shown["table"], shown["address"], shown["modicon"]) == ("holding_register", 10, "400011")
    assert shown["message"]["discovery"] is None and shown["is_new_address"] is False
    assert api.value("a", "x")["raw"] == [0x41AC, 0], "nothing is written"
    # A new tag of it gets an address; a change of the device counts, too.
    shown = api.must("POST", "/discoveries/preview", {"device": "a", "tag": {
        "name": "y", "modbus": {"type": "bool"}}})
    assert (shown["value"], shown["table"], shown["is_new_address"]) == (True, "discrete_input", True)
    shown = api.must("POST", "/discoveries/preview", {"device": {
        "name": "a", "mqtt": {"topic": "p/b"}}, "tag": {"name": "x"}})
    assert shown["message"] is None and shown["error"]["code"] == "no_message"
    # A message that the request gives counts in place of those that were heard.
    def given(message, **device):
        return api.must("POST", "/discoveries/preview", {**change, "message": message, "device": {"name": "a", **device}})
    shown = given({"payload": '{"x": 7}'})
    assert shown["raw"] == [70] and shown["message"]["topic"] == "p/a" and shown["error"] is None
    for message, device, code in (({"topic": "p/c", "payload": '{"x": 7}'}, {}, "other_topic"),
                                  ({"topic": "p/a", "payload": "7"}, {"mqtt": {"where": {"id": 5}}}, "other_device"),
                                  ({"payload": "{"}, {}, "invalid_json"), ({"payload": "{}"}, {}, "key_not_found")):
        shown = given(message, **device)
        assert shown["error"]["code"] == code and shown["raw"] == [], shown
    # A payload that only the trace has is cut.
    plant.broker.publish("p/a", {"x": 1, "long": "y" * 1100})
    def cut():
        return api.must("POST", "/discoveries/preview", change)["error"]
    eventually(lambda: cut() and cut()["code"] == "payload_cut", "the newest message, although it is cut")
    for body, pointer in (({"tag": {"name": "x"}}, "/device"), ({"device": "none", "tag": {"name": "x"}}, "/device"),
                          ({"device": "a"}, "/tag"), ({"device": "a", "tag": {}}, "/tag/name"),
                          ({"device": "a", "tag": {"name": "x", "modbus": {"type": "int7"}}}, "/tag/modbus/type"),
                          ({"device": {"name": "a", "mqtt": {"qos": 5}}, "tag": {"name": "x"}}, "/device/mqtt/qos"),
                          ({"device": "a", "tag": {"name": "x"}, "more": 1}, "/more"),
                          ({**change, "message": "x"}, "/message"), ({**change, "message": {}}, "/message/payload"),
                          ({**change, "message": {"topic": "a/#", "payload": ""}}, "/message/topic"),
                          ({**change, "message": {"payload": "", "qos": 1}}, "/message/qos"), ([1], "")):
        answer = api.request("POST", "/discoveries/preview", body)
        assert answer.status == 422 and pointer in [error["pointer"] for error in answer.json()["errors"]], body
