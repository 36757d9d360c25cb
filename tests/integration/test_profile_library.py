"""The library of profiles: each file of config/profiles has a sample in tests/integration/profiles, whose
messages fill the registers of a device of the profile with the values of the sample.

A sample: "params" of the device; "messages", published in this order, {"topic", "payload"}, or of an edge node
of Sparkplug {"device", "metrics"}; "values" that all tags have afterwards; "writes" of SCADA by tag, each a
"value", and the "topic" and "payload" of the command, or its "metric"."""

import json
import pathlib
import struct

import pytest

from harness import ROOT, eventually
from mqttd_helpers import served
from sparkplug_node import Codec, EdgeNode

LIBRARY = ROOT / "config/profiles"
SAMPLES = pathlib.Path(__file__).parent / "profiles"
NAMES = sorted(path.stem for path in LIBRARY.glob("*.json"))
FORMATS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "uint64": ">Q",
           "float32": ">f", "float64": ">d"}
BITS = ("coil", "discrete_input")


def read_profile(name):
    return json.loads((LIBRARY / f"{name}.json").read_text())


def read_sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text())


def is_sparkplug(sample):
    return "metrics" in sample["messages"][0]


def registers(modbus, value):
    """What a master reads for a value."""
    if modbus["table"] in BITS:
        return [bool(value)]
    if modbus["type"] == "string":
        data = value.encode().ljust(2 * modbus["length"], b"\0")
        return list(struct.unpack(f">{modbus['length']}H", data))
    number = value / modbus.get("scale", 1)
    if not modbus["type"].startswith("float"):
        number = round(number)
    data = struct.pack(FORMATS[modbus["type"]], number)
    return list(struct.unpack(f">{len(data) // 2}H", data))


def test_each_profile_has_a_sample():
    assert NAMES and NAMES == sorted(path.stem for path in SAMPLES.glob("*.json"))
    for name in NAMES:
        profile, sample = read_profile(name), read_sample(name)
        assert profile["name"] == name and profile["label"] and profile["description"]
        assert sample["values"].keys() == {tag["name"] for tag in profile["tags"]}, name
        assert sample["params"].keys() <= profile["params"].keys(), name
        for parameter, about in profile["params"].items():
            assert about.get("description"), (name, parameter)
            assert "default" in about or parameter in sample["params"], (name, parameter)
        writable = {tag["name"] for tag in profile["tags"] if tag.get("direction") in ("to_mqtt", "both")}
        assert sample.get("writes", {}).keys() == writable, name


@pytest.fixture(scope="module")
def codec():
    made = Codec()
    yield made
    made.close()


class Device:
    """A device of the profile in service, at a base that is not 0."""

    BASE = {"coil": 100, "discrete_input": 200, "input_register": 300, "holding_register": 400}

    def __init__(self, plant, name):
        self.plant, self.profile, self.sample = plant, read_profile(name), read_sample(name)
        plant.api.must("POST", "/profiles", self.profile)
        tables = {tag["modbus"]["table"] for tag in self.profile["tags"]}
        if "status" in self.profile["device"]:
            tables.add(self.profile["device"]["status"]["table"])
        plant.api.must("POST", "/devices", {
            "name": "sample", "profile": {"name": name, "params": self.sample["params"],
                                          "base": {table: self.BASE[table] for table in tables}}})
        served(plant)

    def publish(self):
        for message in self.sample["messages"]:
            self.plant.broker.publish(message["topic"], message["payload"])

    def start_node(self, codec):
        devices = {each["device"]: each["metrics"] for each in self.sample["messages"]}
        node = EdgeNode(self.plant.broker, codec, self.sample["params"]["node"], devices.pop(None, ()), devices)
        node.connect().birth()
        return node

    def check(self):
        tags = self.plant.api.must("GET", "/devices/sample/tags")["items"]
        assert {tag["name"] for tag in tags} == self.sample["values"].keys()
        values = {}

        def is_good():
            items = self.plant.api.must("GET", "/values?device=sample&limit=1000")["items"]
            values.update({item["tag"]: item for item in items})
            return all(item["quality"] == "good" for item in items)
        try:
            eventually(is_good)
        except AssertionError:
            raise AssertionError([item for item in values.values() if item["quality"] != "good"]) from None
        with self.plant.modbusd.client() as client:
            for tag in self.profile["tags"]:
                modbus = tag["modbus"]
                wanted = registers(modbus, self.sample["values"][tag["name"]])
                address = self.BASE[modbus["table"]] + modbus["address"]
                eventually(lambda: list(client.read(modbus["table"], address, len(wanted))) == wanted,
                           f"{tag['name']}: {modbus['table']} {address} == {wanted}")

    def write(self, name, value):
        modbus = next(tag["modbus"] for tag in self.profile["tags"] if tag["name"] == name)
        address = self.BASE[modbus["table"]] + modbus["address"]
        with self.plant.modbusd.client() as client:
            if modbus["table"] == "coil":
                client.write_coil(address, value)
            else:
                client.write(address, *registers(modbus, value))

    def check_writes(self):
        for name, write in self.sample.get("writes", {}).items():
            heard = self.plant.broker.subscribe(write["topic"])
            self.write(name, write["value"])
            topic, payload = heard.wait()[0]
            assert topic == write["topic"]
            wanted = write["payload"]
            assert (payload if isinstance(wanted, str) else json.loads(payload)) == wanted

    def check_node_writes(self, node):
        for count, (name, write) in enumerate(self.sample.get("writes", {}).items(), 1):
            self.write(name, write["value"])
            metric = node.wait_commands(count)[-1][1]["metrics"][0]
            assert (metric["name"], metric["value"]) == (write["metric"], write["value"])


@pytest.mark.parametrize("name", NAMES)
def test_sample_fills_the_registers(plant, request, name):
    device = Device(plant, name)
    if not is_sparkplug(device.sample):
        device.publish()
        device.check()
        device.check_writes()
        return
    node = device.start_node(request.getfixturevalue("codec"))
    try:
        device.check()
        device.check_node_writes(node)
    finally:
        node.close()


def test_library_is_listed(stack):
    stack.start_modbusd()
    stack.start_api(api__profile_dir=LIBRARY)
    answer = stack.api.must("GET", "/profiles?library=true&limit=1000")
    assert [item["name"] for item in answer["items"]] == NAMES
