"""What a discovery proposes for the payloads of a maker, imported unchanged, fills the right registers: with a
real broker, for each recogniser. The expected proposals in detail are in tests/unit/proposals."""

import json
import struct

import pytest

from harness import eventually
from mqttd_helpers import served
from sparkplug_node import Codec, EdgeNode, metric

FORMATS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q", "uint64": ">Q",
           "float32": ">f", "float64": ">d"}


def registers(modbus, value):
    """What a master reads for a value."""
    if modbus["type"] == "bool":
        return [bool(value)]
    if modbus["type"] == "string":
        data = value.encode().ljust(2 * modbus["length"], b"\0")
    else:
        data = struct.pack(FORMATS[modbus["type"]], value)
    return list(struct.unpack(f">{len(data) // 2}H", data))


class Discovery:
    """A discovery that runs."""

    def __init__(self, plant, *topics):
        self.plant = plant
        made = plant.api.must("POST", "/discoveries", {"topics": topics, "seconds": 600})
        self.path = f"/discoveries/{made['id']}"
        eventually(lambda: self.read()["state"] == "running", "the discovery runs")

    def read(self):
        return self.plant.api.must("GET", self.path)

    def import_proposal(self, messages):
        """Imports what is proposed after so many messages. Returns the devices by name."""
        eventually(lambda: self.read()["totals"]["messages"] >= messages, f"{messages} messages")
        proposal = self.plant.api.must("GET", self.path + "/proposal")
        answer = self.plant.api.must("POST", "/import", proposal)
        assert answer["created"] == len(proposal["devices"]) + sum(len(each["tags"])
                                                                   for each in proposal["devices"])
        self.plant.api.must("DELETE", self.path, status=(204,))
        served(self.plant)
        return {each["name"]: each for each in proposal["devices"]}


def publish(plant, messages):
    for topic, payload in messages:
        plant.broker.publish(topic, payload)


def roots(messages):
    """Filters for all topics that begin as these."""
    return sorted({topic[:topic.find("/", 1) if "/" in topic[1:] else None] + "/#" for topic, _ in messages})


def fills(plant, devices, expected):
    """`expected`: {(device, tag): value}; no other tags are proposed."""
    tags = {(name, tag["name"]): tag for name, device in devices.items() for tag in device["tags"]}
    assert tags.keys() == expected.keys()
    with plant.modbusd.client() as client:
        for name, value in expected.items():
            modbus = tags[name]["modbus"]
            wanted = registers(modbus, value)
            eventually(lambda: list(client.read(modbus["table"], modbus["address"], len(wanted))) == wanted,
                       f"{name}: {modbus} is {value}")


def uplink_v4(eui, model, fcnt, values, name):
    return (f"application/7/device/{eui}/event/up",
            {"time": f"2026-03-14T07:{fcnt:02}:00Z", "fCnt": fcnt, "fPort": 85, "data": "AQ==", "object": values,
             "deviceInfo": {"devEui": eui, "deviceName": name, "deviceProfileName": model},
             "rxInfo": [{"gatewayId": "24e124fffef45678", "rssi": -90 - fcnt, "snr": 1.5 * fcnt}]})


def uplink_v3(eui, fcnt, values):
    return (f"application/12/device/{eui}/event/up",
            {"applicationID": "12", "deviceName": "yard", "devEUI": "JOEkE2tQIhk=", "fCnt": fcnt, "fPort": 85,
             "data": "AQ==", "objectJSON": json.dumps(values), "rxInfo": [{"rssi": -70 - fcnt, "loRaSNR": 2.5}]})


def uplink_things(fcnt, values):
    return ("v3/plant@ttn/devices/freezer/up",
            {"end_device_ids": {"device_id": "freezer", "dev_eui": "70B3D57ED0061234"},
             "received_at": f"2026-03-14T07:{fcnt:02}:00Z",
             "uplink_message": {"f_port": 2, "f_cnt": fcnt, "frm_payload": "AQ==", "decoded_payload": values,
                                "rx_metadata": [{"gateway_ids": {"gateway_id": "roof"}, "rssi": -90 - fcnt,
                                                 "snr": 2.5}]}})


def kepware(second, **values):
    return ("iotgateway", {"timestamp": 1773472890000 + 1000 * second,
                           "values": [{"id": f"Channel1.Press.{name}", "v": value, "q": True, "t": 1773472890000}
                                      for name, value in values.items()]})


def neuron(second, node, *, tags=None, **values):
    payload = {"timestamp": 1773472890000 + 1000 * second, "node": node, "group": "fast"}
    if tags:
        payload["tags"] = [{"name": name, "value": value} for name, value in tags.items()]
    else:
        payload.update(values=values, errors={})
    return ("/neuron/MQTT/all", payload)


def senml(base, *records):
    return ("plant/senml", [{"bn": base, **records[0]}, *records[1:]])


MAKERS = {
    "chirpstack_v4": (
        [uplink_v4("24e124136b502217", "th", 1, {"temperature": 20, "door": {"open": False}}, "Halle 3")],
        [uplink_v4("24e124136b502217", "th", 2, {"temperature": 21.5, "door": {"open": True}}, "Halle 3")],
        {("Halle_3", "temperature"): 21.5, ("Halle_3", "door_open"): True, ("Halle_3", "rssi"): -92,
         ("Halle_3", "snr"): 3}),
    "chirpstack_v3": (
        [uplink_v3("24e124136b502219", 1, {"temperature": -4.5, "probe": {"1": 3.25}})],
        [uplink_v3("24e124136b502219", 2, {"temperature": -5.5, "probe": {"1": 3.5}})],
        {("yard", "temperature"): -5.5, ("yard", "probe_1"): 3.5, ("yard", "rssi"): -72, ("yard", "snr"): 2.5}),
    "things_stack": (
        [uplink_things(1, {"temperature": -18.75, "door": "closed", "channels": [{"name": "p 2", "value": 1.5},
                                                                                 {"name": "p 1", "value": 2.5}]})],
        [uplink_things(2, {"temperature": -19.25, "door": "open", "channels": [{"name": "p 1", "value": 3.5},
                                                                               {"name": "p 2", "value": 4.5}]})],
        {("freezer", "temperature"): -19.25, ("freezer", "door"): True, ("freezer", "channels_p_1_value"): 3.5,
         ("freezer", "channels_p_2_value"): 4.5, ("freezer", "rssi"): -92, ("freezer", "snr"): 2.5}),
    "senml": (
        [message for _ in range(2) for message in (
            senml("urn:dev:a:", {"n": "t", "u": "Cel", "v": 20}, {"n": "on", "vb": False}, {"n": "mode", "vs": "run"}),
            senml("urn:dev:b:", {"n": "t", "u": "Cel", "v": 5.5}))],
        [senml("urn:dev:a:", {"n": "t", "u": "Cel", "v": 21.5}, {"n": "on", "vb": True}, {"n": "mode", "vs": "off"}),
         senml("urn:dev:b:", {"n": "t", "u": "Cel", "v": 6.5})],
        {("urn_dev_a", "t"): 21.5, ("urn_dev_a", "on"): True, ("urn_dev_a", "mode"): "off", ("urn_dev_b", "t"): 6.5}),
    "kepware": (
        [kepware(1, Pressure=4.25, Running=False), kepware(2, Order="A-4711"), kepware(3, **{"Axis.1.Steps": 70000})],
        [kepware(4, Running=True, Order="B-12"), kepware(5, **{"Axis.1.Steps": 70001}), kepware(6, Pressure=5.5)],
        {("Channel1.Press", "Pressure"): 5.5, ("Channel1.Press", "Running"): True, ("Channel1.Press", "Order"): "B-12",
         ("Channel1.Press", "Axis.1.Steps"): 70001}),
    "neuron": (
        [message for _ in range(2) for message in (neuron(1, "press", pressure=4.25, order="A"),
                                                   neuron(1, "mill", tags={"speed": 1480}))],
        [neuron(2, "press", pressure=5.5, order="B"), neuron(2, "mill", tags={"speed": 1490})],
        {("press_fast", "pressure"): 5.5, ("press_fast", "order"): "B", ("mill_fast", "speed"): 1490}),
    "victron": (
        [("N/c0619ab1c2d3/battery/279/Dc/0/Voltage", {"value": 52}), ("N/c0619ab1c2d3/battery/279/Soc", {"value": None}),
         ("N/c0619ab1c2d3/system/0/Relay/0/State", {"value": 1}), ("N/c0619ab1c2d3/vebus/276/Mode", {"value": 3}),
         ("N/c0619ab1c2d3/heartbeat", {"value": 1773472890})],
        [("N/c0619ab1c2d3/battery/279/Dc/0/Voltage", {"value": 52.25}), ("N/c0619ab1c2d3/battery/279/Soc", {"value": 81.5}),
         ("N/c0619ab1c2d3/system/0/Relay/0/State", {"value": 1}), ("N/c0619ab1c2d3/vebus/276/Mode", {"value": 4})],
        {("battery_279", "Dc_0_Voltage"): 52.25, ("battery_279", "Soc"): 81.5, ("system_0", "Relay_0_State"): True,
         ("vebus_276", "Mode"): 4}),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_proposal_fills_registers(plant, maker):
    first, later, expected = MAKERS[maker]
    discovery = Discovery(plant, *roots(first))
    publish(plant, first)
    devices = discovery.import_proposal(len(first))
    publish(plant, later)
    fills(plant, devices, expected)


def test_victron_takes_setpoints_and_is_kept_alive(plant):
    first, later, _ = MAKERS["victron"]
    discovery = Discovery(plant, "N/#")
    publish(plant, first)
    heard = plant.broker.subscribe("R/#", "W/#")
    devices = discovery.import_proposal(len(first))
    assert heard.wait()[0] == ("R/c0619ab1c2d3/keepalive", "")
    publish(plant, later)
    tags = {tag["name"]: tag["modbus"] for device in devices.values() for tag in device["tags"]}
    with plant.modbusd.client() as client:
        client.write(tags["Mode"]["address"], 3)
        client.write_coil(tags["Relay_0_State"]["address"], False)

    def commands():
        return {topic: json.loads(payload) for topic, payload in list(heard.messages) if topic.startswith("W/")}
    eventually(lambda: commands() == {"W/c0619ab1c2d3/vebus/276/Mode": {"value": 3},
                                      "W/c0619ab1c2d3/system/0/Relay/0/State": {"value": 0}}, "two commands")


def test_sparkplug_births(plant):
    codec = Codec()
    born = [metric("Inlet/Supply temp", "Int16", -5), metric("Running", "Boolean", False),
            metric("Order", "String", "A-4711"), metric("Ratio", "Double", 0.5),
            metric("Raw", "Bytes", {"$bytes": "00ff"})]
    node = EdgeNode(plant.broker, codec, "Line1", [metric("CPU load", "Float", 12.5)], {"Boiler": born}, aliases=True)
    try:
        discovery = Discovery(plant, "spBv1.0/#")
        node.connect().birth()
        devices = discovery.import_proposal(2)
        eventually(lambda: node.births > 1, "a rebirth, for the new tags")
        node.data("Boiler", {"alias": 1000, "type": "Int16", "value": -7}, {"alias": 1001, "type": "Boolean", "value": True})
        fills(plant, devices, {("Line1", "CPU_load"): 12.5, ("Line1_Boiler", "Inlet_Supply_temp"): -7,
                               ("Line1_Boiler", "Running"): True, ("Line1_Boiler", "Order"): "A-4711",
                               ("Line1_Boiler", "Ratio"): 0.5})
    finally:
        node.close()
        codec.close()
