"""MQTT to registers, and back, through the three daemons."""

import re
import signal
import struct
import subprocess

import pytest

from harness import DEADLINE, eventually
from mqttd_helpers import back, flood, landed, metrics, reloaded, shows, tag


FORMS = {"int16": ">h", "uint16": ">H", "int32": ">i", "uint32": ">I", "int64": ">q",
         "uint64": ">Q", "float32": ">f", "float64": ">d"}


def in_order(data, order):
    """The bytes as words in a byte order, from the definition in the API."""
    words = [data[i:i + 2] for i in range(0, len(data), 2)]
    if order in ("CDAB", "DCBA"):
        words.reverse()
    if order in ("BADC", "DCBA"):
        words = [bytes(reversed(word)) for word in words]
    return [int.from_bytes(word, "big") for word in words]


SAMPLES = {"int16": -12345, "uint16": 54321, "int32": -1234567890, "uint32": 3456789012,
           "int64": "-9007199254740993", "uint64": "18446744073709551615",
           "float32": 21.3, "float64": -1234.56789}


@pytest.mark.parametrize("table", ["holding_register", "input_register"])
def test_every_type_and_order(plant, table):
    tags, expected, message = [], {}, {}
    address = 100
    for type, sample in SAMPLES.items():
        for order in ("ABCD", "CDAB", "BADC", "DCBA"):
            name = f"{type}_{order}"
            number = int(sample) if isinstance(sample, str) else sample
            expected[address] = in_order(struct.pack(FORMS[type], number), order)
            tags.append(tag(name, address, type, table, byte_order=order))
            message[name] = sample
            address += len(expected[address])
    reloaded(plant, lambda: plant.api.device("all", "all", tags))
    plant.broker.publish("all", message)
    for at, words in expected.items():
        shows(plant.modbusd, table, at, words)
    for type, sample in SAMPLES.items():
        assert plant.api.value("all", f"{type}_CDAB")["value"] == sample


def test_values_of_all_kinds(plant):
    tags = [
        tag("scaled", 0, "int16", scale=0.1, offset=-10),
        tag("mapped", 1, "uint16", mqtt={"values": {"heat": 2, "off": 0}}),
        tag("text", 2, "string", length=4),
        tag("swapped", 6, "string", length=2, byte_order="BADC"),
        tag("nested", 8, "uint16", mqtt={"key": "/ENERGY/Power/1"}),
        tag("slashed", 9, "uint16", mqtt={"key": "/a~1b/m~0n"}),
        tag("colon", 10, "uint16", mqtt={"key": "switch:0"}),
        tag("clamped", 11, "int16", on_overflow="clamp"),
        tag("truth", 12, "bool"),
        tag("decimal", 13, "float32"),
        tag("tenth", 15, "uint16", scale=0.1),
    ]
    reloaded(plant, lambda: plant.api.device("dev", "dev", tags))
    plant.broker.publish("dev", {
        "scaled": 21.5, "mapped": "heat", "text": "grün", "swapped": "abc",
        "ENERGY": {"Power": [7, 8, 9]}, "a/b": {"m~n": 77}, "switch:0": 5, "clamped": 1e9,
        "truth": "OPEN", "decimal": "0021.25", "tenth": 0.15})
    shows(plant.modbusd, "holding_register", 0, [315, 2])
    shows(plant.modbusd, "holding_register", 2, [0x6772, 0xC3BC, 0x6E00, 0])
    shows(plant.modbusd, "holding_register", 6, [0x6261, 0x0063])
    shows(plant.modbusd, "holding_register", 8, [8, 77, 5, 32767, 1])
    shows(plant.modbusd, "holding_register", 13, [0x41AA, 0, 2])
    assert plant.api.value("dev", "text")["value"] == "grün"
    assert plant.api.value("dev", "scaled")["value"] == 21.5


def test_bits_and_bit_tables(plant):
    tags = [tag(f"b{bit}", 40, "bool", bit=bit) for bit in (0, 3, 15)]
    tags += [tag("c", 5, "bool", "coil"), tag("d", 6, "bool", "discrete_input"),
             tag("i", 7, "bool", "input_register", bit=2)]
    reloaded(plant, lambda: plant.api.device("bits", "bits", tags))
    with plant.modbusd.client() as client:
        client.write(40, 0x0100)
    plant.broker.publish("bits", {"b0": True, "b3": 1, "b15": "on", "c": True, "d": "yes", "i": 1})
    shows(plant.modbusd, "holding_register", 40, [0x8109])
    shows(plant.modbusd, "coil", 5, [True])
    shows(plant.modbusd, "discrete_input", 6, [True])
    shows(plant.modbusd, "input_register", 7, [4])
    plant.broker.publish("bits", {"b3": False, "c": 0})
    shows(plant.modbusd, "holding_register", 40, [0x8101])
    shows(plant.modbusd, "coil", 5, [False])


def test_topics(plant):
    """Wildcards, topics of tags, whole payloads, text."""
    tags = [
        tag("main", 0, "uint16"),
        tag("whole", 1, "uint16", mqtt={"key": "", "topic": "t/whole"}),
        tag("state", 2, "uint16", mqtt={"key": "", "topic": "t/state", "payload": "text",
                                        "values": {"OPEN": 1, "SHUT": 2}}),
        tag("any", 3, "uint16", mqtt={"topic": "t/+/any"}),
        tag("deep", 4, "uint16", mqtt={"key": "v", "topic": "t/deep/#"}),
    ]
    reloaded(plant, lambda: plant.api.device("topics", "plant/+/data", tags))
    plant.broker.publish("plant/7/data", {"main": 1})
    plant.broker.publish("t/whole", "42")
    plant.broker.publish("t/state", "SHUT")
    plant.broker.publish("t/x/any", {"any": 3})
    plant.broker.publish("t/deep", {"v": 4})
    shows(plant.modbusd, "holding_register", 0, [1, 42, 2, 3, 4])
    plant.broker.publish("t/deep/er/still", {"v": 5})
    plant.broker.publish("plant/8/data", {"main": 6})
    shows(plant.modbusd, "holding_register", 0, [6, 42, 2, 3, 5])


BAD = [b"{", b'{"v": 1} x', b'{"v": 01}', b'{"v": 1.}', b'{"v": .5}', b"{'v': 1}", b"\xff",
       b'{"v": 1,}', b'{"v": "\xc3\x28"}', b"", b'{"v": "a\x01"}', b"[" * 2000, b'{"v": NaN}',
       b"\xef\xbb{\"v\": 1}", b"x" * 70000]


def test_refusals_are_counted_and_change_nothing(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16"),
                                                        tag("w", 1, "uint16")]))
    plant.broker.publish("d", {"v": 7, "w": 8})
    shows(plant.modbusd, "holding_register", 0, [7, 8])
    for text in BAD:
        plant.broker.publish("d", text)
    values = [(None, "null_value"), ([], "not_a_number"), ({}, "not_a_number"),
              ("warm", "not_a_number"), (65536, "out_of_range"), (-1, "out_of_range"),
              (1e300, "out_of_range")]
    for value, code in values:
        plant.broker.publish("d", {"v": value})
        eventually(lambda: (plant.api.value("d", "v")["last_error"] or {}).get("code") == code,
                   f"{code} for {value}")
    # Two consecutive ones have the same code, so that only the count shows that the last has
    # arrived.
    eventually(lambda: plant.api.value("d", "v")["rejects"] == len(values), "all refusals")
    shown = plant.api.value("d", "v")
    assert (shown["quality"], shown["value"]) == ("bad", 7)
    status = plant.api.must("GET", "/devices/d/status")
    assert status["rejects"] == len(BAD) + len(values)
    plant.broker.publish("d", {"w": 9})
    shows(plant.modbusd, "holding_register", 0, [7, 9])
    plant.broker.publish("d", {"v": 10})
    shows(plant.modbusd, "holding_register", 0, [10, 9])
    assert plant.api.value("d", "v")["quality"] == "good"


def test_why_a_value_is_not_there(plant):
    """The trace of the newest message, for each cause in the message itself."""
    tags = [tag("v", 0, "uint16"), back("set", 1, "uint16", "cmd", "both",
                                        {"hold_off_ms": 600000})]
    reloaded(plant, lambda: plant.api.device("d", "d", tags, mqtt={"timestamp_key": "at"}))
    listener = plant.broker.subscribe("cmd")
    with plant.modbusd.client() as client:
        client.write_one(1, 5)
    listener.wait(1)
    for topic, text, expected in (
            ("d", '{"V": 1, "other": 2, "at": 20}',
             {"outcome": "taken", "tags": 2, "written": 0, "keys": "V, other, at"}),
            ("d", '{"v": "x", "set": 2}',
             {"outcome": "taken", "rejected": 1, "held": 1, "error": {
                 "code": "not_a_number", "tag": "v", "byte": None}, "keys": None}),
            ("d", '{"v": 3, "at": 19}', {"outcome": "old", "written": 0, "error": None}),
            ("d", '{"v": 3', {"outcome": "not_json", "error": {
                "code": "invalid_json", "tag": None, "byte": 7}}),
            ("d", '"%s"' % ("x" * 65535), {"outcome": "too_large", "bytes": 65537}),
            ("d", '{"v": 4, "at": 21}', {"outcome": "taken", "written": 1, "rejected": 0})):
        before = len(plant.api.must("GET", "/messages")["items"])
        plant.broker.publish(topic, text)
        items = eventually(lambda: plant.api.must("GET", "/messages")["items"][:-before or None], "the message")
        message, = items
        assert message["device"] == "d" and message["topic"] == topic
        assert {name: message[name] for name in expected} == expected
    shows(plant.modbusd, "holding_register", 0, [4, 5])
    listener.close()


def test_messages_that_nobody_wants(plant):
    """Messages in a kept session for a device that is now disabled."""
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")]))
    plant.mqttd.stop()
    plant.broker.publish("d", {"v": 1})
    plant.api.must("PATCH", "/devices/d", {"enabled": False})
    plant.mqttd.start()
    message = eventually(lambda: plant.api.must("GET", "/messages?limit=1")["items"])[0]
    assert (message["outcome"], message["device"], message["topic"]) == ("nobody", None, "d")


def test_the_configuration_is_followed(plant):
    """A new tag, a moved one and a deleted one take effect without a reconnect."""
    api = plant.api
    reloaded(plant, lambda: api.device("d", "d", [tag("v", 10, "uint16")]))
    plant.broker.publish("d", {"v": 1, "x": 2})
    shows(plant.modbusd, "holding_register", 10, [1])
    reloaded(plant, lambda: api.must("POST", "/devices/d/tags", tag("x", 20, "uint16")))
    plant.broker.publish("d", {"x": 3})
    shows(plant.modbusd, "holding_register", 20, [3])
    reloaded(plant, lambda: api.must("PATCH", "/devices/d/tags/v", {"modbus": {"address": 30}}))
    shows(plant.modbusd, "holding_register", 10, [0])
    plant.broker.publish("d", {"v": 4})
    shows(plant.modbusd, "holding_register", 30, [4])
    shows(plant.modbusd, "holding_register", 10, [0])
    reloaded(plant, lambda: api.must("PATCH", "/devices/d", {"mqtt": {"topic": "other"}}))
    plant.broker.publish("d", {"v": 5})
    plant.broker.publish("other", {"v": 6})
    shows(plant.modbusd, "holding_register", 30, [6])
    reloaded(plant, lambda: api.must("DELETE", "/devices/d/tags/x"))
    shows(plant.modbusd, "holding_register", 20, [0])
    reloaded(plant, lambda: api.must("PATCH", "/devices/d", {"enabled": False}))
    plant.broker.publish("other", {"v": 7})
    reloaded(plant, lambda: api.must("PATCH", "/devices/d", {"enabled": True}))
    plant.broker.publish("other", {"v": 8})
    shows(plant.modbusd, "holding_register", 30, [8])
    assert plant.mqttd.log().count("connected to broker") == 1
    reloaded(plant, lambda: api.must("DELETE", "/devices/d"))
    shows(plant.modbusd, "holding_register", 30, [0])


def test_a_freed_register_with_a_new_owner_is_not_zeroed(plant):
    api = plant.api
    reloaded(plant, lambda: api.device("d", "d", [tag("v", 10, "uint32"), tag("z", 50, "uint16")]))
    plant.broker.publish("d", {"v": 0x00010002})
    shows(plant.modbusd, "holding_register", 10, [1, 2])
    reloaded(plant, lambda: api.must("PATCH", "/devices/d/tags/v", {"modbus": {"type": "uint16"}}))
    shows(plant.modbusd, "holding_register", 11, [0])
    plant.broker.publish("d", {"v": 9})
    shows(plant.modbusd, "holding_register", 10, [9, 0])


def test_zeros_wait_for_modbusd(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16"),
                                                        tag("w", 5, "uint16")]))
    plant.broker.publish("d", {"v": 7, "w": 1})
    shows(plant.modbusd, "holding_register", 0, [7])
    plant.modbusd.stop()
    reloaded(plant, lambda: plant.api.must("DELETE", "/devices/d/tags/v"))
    plant.mqttd.kill()
    plant.mqttd.start()
    plant.modbusd.start()
    shows(plant.modbusd, "holding_register", 0, [0])
    shows(plant.modbusd, "holding_register", 5, [1])


def test_values_flow_without_the_api(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")]))
    plant.api.kill()
    plant.broker.publish("d", {"v": 5})
    shows(plant.modbusd, "holding_register", 0, [5])
    plant.mqttd.kill()
    plant.mqttd.start()
    plant.mqttd.wait_log("connected to broker")
    plant.broker.publish("d", {"v": 6})
    shows(plant.modbusd, "holding_register", 0, [6])


def test_mqttd_waits_for_the_store(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_mqttd(wait_connected=False)
    assert "waiting for the store" in stack.mqttd.read_notices()
    stack.start_api()
    stack.mqttd.wait_log("connected to broker")
    reloaded(stack, lambda: stack.api.device("d", "d", [tag("v", 0, "uint16")]))
    stack.broker.publish("d", {"v": 5})
    shows(stack.modbusd, "holding_register", 0, [5])


def test_mqttd_waits_for_the_broker(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "d", [tag("v", 0, "uint16")])
    stack.broker.kill()
    stack.start_mqttd(wait_connected=False)
    assert "waiting for the broker" in stack.mqttd.read_notices()
    stack.broker.start()
    stack.mqttd.wait_log("subscribed to 1 topic")
    stack.broker.publish("d", {"v": 5})
    shows(stack.modbusd, "holding_register", 0, [5])


def test_messages_of_an_absent_mqttd_are_kept(plant):
    """The session outlives the process: messages published meanwhile arrive."""
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")]))
    assert plant.mqttd.stop() == 0
    plant.broker.publish("d", {"v": 77})
    plant.mqttd.start()
    shows(plant.modbusd, "holding_register", 0, [77])
    assert "session kept" in plant.mqttd.log()


def test_values_wait_for_modbusd(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16"),
                                                        tag("i", 0, "uint16", "input_register")]))
    plant.modbusd.kill()
    plant.broker.publish("d", {"v": 1, "i": 2})
    plant.broker.publish("d", {"v": 3})
    plant.mqttd.wait_log("out of reach")
    plant.mqttd.kill()
    plant.mqttd.start()
    plant.modbusd.start()
    shows(plant.modbusd, "holding_register", 0, [3])
    shows(plant.modbusd, "input_register", 0, [2])


@pytest.mark.parametrize("who", ["modbusd", "broker", "mqttd", "api"])
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_each_part_restarts_alone(plant, who, how):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")]))
    plant.broker.publish("d", {"v": 1})
    shows(plant.modbusd, "holding_register", 0, [1])
    part = getattr(plant, who)
    getattr(part, how)()
    part.start()
    if who in ("broker", "mqttd"):
        eventually(lambda: plant.mqttd.log().count("connected to broker") >=
                   (2 if who == "broker" else 1), "a connection")
    number = 2

    def again():
        plant.broker.publish("d", {"v": number})
        with plant.modbusd.client() as client:
            return client.holding(0) == [number]
    eventually(again, "the flow to come back")


# From SCADA to MQTT.

def test_commands(plant):
    tags = [
        back("setpoint", 0, "float32", "cmd/setpoint"),
        back("level", 2, "int16", "cmd/level", scale=0.1),
        back("mode", 3, "uint16", "cmd/mode", mqtt={"values": {"off": 0, "heat": 2}}),
        back("name", 4, "string", "cmd/name", length=3),
        back("big", 7, "uint64", "cmd/big"),
        back("templ", 11, "uint16", "cmd/templ",
             mqtt={"command_template": '{"{tag}@{device}": {value}, "s": "{value}"}'}),
        back("bare", 12, "uint16", "cmd/bare",
             mqtt={"command_template": "{value}", "values": {"ON": 1, "OFF": 0}}),
        back("pointer", 13, "uint16", "cmd/pointer", mqtt={"key": "/a/b~1c"}),
        back("whole", 14, "uint16", "cmd/whole", mqtt={"key": ""}),
    ]
    tags.append(tag("lamp", 3, "bool", "coil", direction="to_mqtt",
                    mqtt={"command_topic": "cmd/lamp"}))
    reloaded(plant, lambda: plant.api.device("d", "d", tags))
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write(0, 0x41AA, 0x6666)
        client.write(2, 0xFFFF)
        client.write(3, 2)
        client.write(4, 0x6162, 0x6300, 0)
        client.write(7, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF)
        client.write_one(11, 8)
        client.write_one(12, 1)
        client.write_one(13, 9)
        client.write_one(14, 10)
        client.write_coil(3, True)
        client.write_one(14, 10)
    expected = [("cmd/setpoint", '{"setpoint": 21.3}'), ("cmd/level", '{"level": -0.1}'),
                ("cmd/mode", '{"mode": "heat"}'), ("cmd/name", '{"name": "abc"}'),
                ("cmd/big", '{"big": "18446744073709551615"}'),
                ("cmd/templ", '{"templ@d": 8, "s": "8"}'), ("cmd/bare", "ON"),
                ("cmd/pointer", '{"b/c": 9}'), ("cmd/whole", "10"),
                ("cmd/lamp", '{"lamp": true}'), ("cmd/whole", "10")]
    assert listener.wait(len(expected)) == expected
    listener.close()


def test_commands_written_while_mqttd_was_away(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 0, "uint16", "cmd/v")]))
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(0, 1)
        listener.wait(1)
        plant.mqttd.stop()
        client.write_one(0, 2)
        client.write_one(0, 2)
        plant.mqttd.start()
        assert listener.wait(3) == [("cmd/v", '{"v": 1}'), ("cmd/v", '{"v": 2}'),
                                    ("cmd/v", '{"v": 2}')]
        plant.mqttd.kill()
        client.write_one(0, 3)
        plant.mqttd.start()
        assert eventually(lambda: ("cmd/v", '{"v": 3}') in listener.messages)
    listener.close()


def test_commands_in_a_journal_that_is_new(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 10, "uint16", "cmd/v")]))
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(10, 1)
        listener.wait(1)
    plant.modbusd.stop()
    (plant.folder / "runtime/journal").unlink()
    plant.modbusd.start()
    with plant.modbusd.client() as client:
        client.write_one(10, 2)
        client.write_one(10, 3)
    assert listener.wait(3)[1:] == [("cmd/v", '{"v": 2}'), ("cmd/v", '{"v": 3}')]
    eventually(lambda: struct.unpack_from("<Q", (plant.folder / "runtime/journal-position")
                                          .read_bytes(), 40)[0] == 3, "the position to be saved")
    listener.close()


def test_a_value_written_in_pieces_settles(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 10, "uint32", "cmd/v", mqtt={"settle_ms": 3000})]))
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(10, 1)
        client.write_one(11, 2)
        assert listener.wait(1) == [("cmd/v", '{"v": 65538}')]
        client.write(10, 0, 7)
        assert listener.wait(2)[1] == ("cmd/v", '{"v": 7}')
    listener.close()


def test_a_value_of_which_scada_has_written_a_part_is_left_alone(plant):
    mqtt = {"settle_ms": 12000, "hold_off_ms": 60000}
    reloaded(plant, lambda: plant.api.device(
        "d", "d", [back("v", 10, "uint32", "cmd/v", "both", mqtt), tag("w", 0, "uint16"),
                   back("behind", 20, "uint16", "cmd/behind")]))
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(10, 7)
        client.write_one(20, 1)
        assert listener.wait(1) == [("cmd/behind", '{"behind": 1}')]
        plant.broker.publish("d", {"v": 65538, "w": 1})
        shows(plant.modbusd, "holding_register", 0, [1])
        client.write_one(11, 8)
    assert listener.wait(2)[1:] == [("cmd/v", '{"v": 458760}')]
    listener.close()


def test_only_the_bits_that_changed_are_commands(plant):
    tags = [back(f"b{bit}", 0, "bool", f"cmd/b{bit}", direction="both", bit=bit) for bit in (0, 1)]
    reloaded(plant, lambda: plant.api.device("d", "d", tags))
    plant.broker.publish("d", {"b0": False, "b1": False})
    eventually(lambda: plant.api.value("d", "b1")["quality"] == "good")
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(0, 2)
        client.write_one(0, 3)
    assert listener.wait(2) == [("cmd/b1", '{"b1": true}'), ("cmd/b0", '{"b0": true}')]
    listener.close()


def test_a_bit_that_on_stale_changed_is_no_command(plant):
    tags = [back(f"b{bit}", 0, "bool", f"cmd/b{bit}", "both", bit=bit, on_stale=0)
            for bit in (0, 1)]
    reloaded(plant, lambda: plant.api.device("d", "d", tags, mqtt={"availability_topic": "d/lwt"}))
    plant.broker.publish("d", {"b0": True, "b1": False})
    shows(plant.modbusd, "holding_register", 0, [1])
    plant.broker.publish("d/lwt", "offline")
    shows(plant.modbusd, "holding_register", 0, [0])
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(0, 2)
        client.write_one(0, 0)
    assert listener.wait(2) == [("cmd/b1", '{"b1": true}'), ("cmd/b1", '{"b1": false}')]
    listener.close()


def test_a_setpoint_does_not_bounce(plant):
    mqtt = {"hold_off_ms": 600000}
    reloaded(plant, lambda: plant.api.device(
        "d", "d", [back("v", 0, "uint16", "cmd/v", "both", mqtt), tag("w", 1, "uint16")]))
    plant.broker.publish("d", {"v": 1})
    shows(plant.modbusd, "holding_register", 0, [1])
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(0, 50)
        assert listener.wait(1) == [("cmd/v", '{"v": 50}')]
    plant.broker.publish("d", {"v": 1, "w": 2})
    shows(plant.modbusd, "holding_register", 0, [50, 2])
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/v",
                                           {"mqtt": {"hold_off_ms": 0}}))
    plant.broker.publish("d", {"v": 3})
    shows(plant.modbusd, "holding_register", 0, [3, 2])
    listener.close()


def test_what_is_retained_never_overwrites_a_setpoint(plant):
    """However long ago SCADA wrote it: with hold_off_ms 0, live messages replace it immediately."""
    plant.broker.publish("d", {"v": 1, "w": 2}, "-r")
    reloaded(plant, lambda: plant.api.device(
        "d", "d", [back("v", 0, "uint16", "cmd/v", "both", {"hold_off_ms": 0}),
                   tag("w", 1, "uint16")]))
    shows(plant.modbusd, "holding_register", 0, [1, 2])
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(0, 50)
    assert listener.wait(1) == [("cmd/v", '{"v": 50}')]
    more = tag("more", 2, "uint16", mqtt={"key": "w"})  # for which the broker repeats the message
    reloaded(plant, lambda: plant.api.must("POST", "/devices/d/tags", more))
    shows(plant.modbusd, "holding_register", 0, [50, 2, 2])
    message = plant.api.must("GET", "/messages?device=d&limit=1")["items"][0]
    assert (message["retained"], message["held"]) == (True, 1)
    plant.broker.publish("d", {"v": 3})
    shows(plant.modbusd, "holding_register", 0, [3, 2, 2])
    listener.close()


def test_what_is_retained_comes_again_after_a_restart(stack):
    """In MQTT 3.1.1 the broker sends retained messages with each subscription; the setpoint from
    before the restart stays."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__protocol="3.1.1")
    stack.broker.publish("d", {"v": 1, "w": 2}, "-r")
    reloaded(stack, lambda: stack.api.device(
        "d", "d", [back("v", 0, "uint16", "cmd/v", "both"), tag("w", 1, "uint16")]))
    shows(stack.modbusd, "holding_register", 0, [1, 2])
    listener = stack.broker.subscribe("cmd/#")
    with stack.modbusd.client() as client:
        client.write_one(0, 50)
        listener.wait(1)
        for how in ("stop", "kill"):
            getattr(stack.mqttd, how)()
            client.write_one(1, 0)
            stack.mqttd.start()
            shows(stack.modbusd, "holding_register", 0, [50, 2])
    stack.broker.publish("d", {"v": 3})
    shows(stack.modbusd, "holding_register", 0, [3, 2])
    listener.close()


def test_a_registers_mere_value_is_no_command(stack):
    """Not at the first start, not at a later one, and not when a tag is placed there."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    listener = stack.broker.subscribe("cmd/#")
    with stack.modbusd.client() as client:
        client.write(0, 7, 8)
        stack.api.device("d", "d", [back("v", 0, "uint16", "cmd/v")])
        stack.start_mqttd()
        reloaded(stack, lambda: stack.api.must("POST", "/devices/d/tags",
                                               back("w", 1, "uint16", "cmd/w")))
        stack.mqttd.stop()
        stack.mqttd.start()
        stack.mqttd.wait_log("connected to broker")
        client.write_one(1, 9)
        assert listener.wait(1) == [("cmd/w", '{"w": 9}')]
    listener.close()


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_qos_and_retain_of_commands(plant, qos):
    mqtt = {"command_qos": qos, "command_retain": True}
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 0, "uint16", "cmd/v",
                                                             mqtt=mqtt)]))
    with plant.modbusd.client() as client:
        client.write_one(0, 5)
    command = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(plant.broker.number), "-q", "2",
               "-t", "cmd/#", "-F", "%q %r %p", "-C", "1"]

    def heard():
        return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE,
                              check=True).stdout
    eventually(lambda: heard() == f'{qos} 1 {{"v": 5}}\n', "the retained command")


def test_an_overrun_journal_is_mended(plant):
    """Commands that the journal has lost are replaced by the values of the registers."""
    tags = [back("v", 0, "uint16", "cmd/v"), back("w", 1, "uint32", "cmd/w")]
    reloaded(plant, lambda: plant.api.device("d", "d", tags))
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(0, 1)
        listener.wait(1)
        eventually(lambda: client.holding(0) == [1])
        plant.mqttd.stop()
        client.write_one(0, 2)
        client.write(1, 1, 1)
    flood(plant.modbusd, 90, 9000)
    plant.mqttd.start()
    assert sorted(listener.wait(3)[1:3]) == [("cmd/v", '{"v": 2}'), ("cmd/w", '{"w": 65537}')]
    listener.close()


def overrun(plant):
    """The journal wraps while mqttd is stopped."""
    plant.mqttd.stop()
    flood(plant.modbusd, 90, 9000)


def test_a_tag_that_comes_after_an_overrun(plant):
    """The content of its register is not a command, in this case as at any other time."""
    tags = [back("v", 0, "uint16", "cmd/v"),
            back("u", 2, "uint32", "cmd/u", mqtt={"settle_ms": 500})]
    reloaded(plant, lambda: plant.api.device("d", "d", tags))
    listener = plant.broker.subscribe("cmd/#")
    overrun(plant)
    plant.mqttd.start()
    assert sorted(listener.wait(2)) == [("cmd/u", '{"u": 0}'), ("cmd/v", '{"v": 0}')]
    with plant.modbusd.client("outputs") as client:
        client.write_one(10, 7)
    reloaded(plant, lambda: plant.api.must("POST", "/devices/d/tags",
                                           back("w", 10, "uint16", "cmd/w")))
    with plant.modbusd.client() as client:
        client.write_one(3, 1)
    assert listener.wait(3)[2:] == [("cmd/u", '{"u": 1}')]
    listener.close()


def test_a_kill_before_an_overrun_is_mended(plant):
    tags = [back("v", 0, "uint16", "cmd/v", mqtt={"settle_ms": 60000}),
            back("w", 1, "uint16", "cmd/w")]
    reloaded(plant, lambda: plant.api.device("d", "d", tags))
    plant.mqttd.stop()
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(0, 2)
        overrun(plant)
        client.write_one(1, 3)
    plant.mqttd.start()
    eventually(lambda: ("cmd/w", '{"w": 3}') in listener.messages)
    plant.mqttd.kill()
    assert not [topic for topic, _ in listener.messages if topic == "cmd/v"]
    plant.api.must("PATCH", "/devices/d/tags/v", {"mqtt": {"settle_ms": 20}})
    plant.mqttd.start()
    eventually(lambda: ("cmd/v", '{"v": 2}') in listener.messages)
    listener.close()


def test_an_overrun_behind_entries_that_were_read_before(plant):
    """A write that was read before the loss is older than the content of the register."""
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 0, "uint16", "cmd/v")]))
    plant.broker.stop()
    plant.mqttd.wait_log("connection to broker .* lost")
    with plant.modbusd.client() as client:
        for _ in range(64):  # fill the queue of entries that were read
            client.write_one(90, 1)
        client.write_one(0, 5)
        flood(plant.modbusd, 90, 500)
        client.write_one(0, 7)
    flood(plant.modbusd, 90, 9000)
    plant.broker.start()
    plant.mqttd.wait_log("d/v: 5 to cmd/v")
    plant.mqttd.wait_log("d/v: 7 to cmd/v")


def test_an_overrun_with_tags_of_a_unit_that_is_gone(stack):
    """Their registers cannot be read; this must not block the others forever."""
    stack.start_broker()
    stack.start_modbusd(common__units="1-2")
    stack.start_api()
    stack.start_mqttd()
    lost = [back(f"x{n}", n, "uint16", f"gone/{n}") for n in range(130)]
    stack.api.device("gone", "gone", lost)
    reloaded(stack, lambda: stack.api.device("d", "d", [back("v", 0, "uint16", "cmd/v")],
                                             network={"unit_id": 2}))
    listener = stack.broker.subscribe("cmd/#")
    overrun(stack)
    stack.modbusd.stop()
    stack.modbusd.options["common.units"] = stack.mqttd.options["common.units"] = "2"
    stack.modbusd.start()
    stack.mqttd.start()
    assert listener.wait(1) == [("cmd/v", '{"v": 0}')]
    landed(stack)
    listener.close()


def test_commands_before_mqttd_has_found_the_journal(plant):
    """mqttd started first: all entries of the journal are new."""
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 0, "uint16", "cmd/v")]))
    listener = plant.broker.subscribe("cmd/#")
    plant.mqttd.stop()
    plant.modbusd.stop()
    for name in ("journal", "journal-position"):
        (plant.common["common.runtime_dir"] / name).unlink()
    plant.mqttd.start()
    plant.mqttd.wait_log("there is no journal yet")
    plant.mqttd.signal(signal.SIGSTOP)
    plant.modbusd.start()
    with plant.modbusd.client() as client:
        client.write_one(0, 4)
        plant.mqttd.signal(signal.SIGCONT)
        assert listener.wait(1) == [("cmd/v", '{"v": 4}')]
    listener.close()


def test_commands_that_are_too_long(plant):
    long = back("s", 0, "string", "cmd/s", length=123, mqtt={"command_template": "{value}" * 80})
    reloaded(plant, lambda: plant.api.device("d", "d", [long]))
    with plant.modbusd.client() as client:
        for _ in range(50):
            client.write(0, *[0x4141] * 123)
    landed(plant)
    said = re.findall(r"d/s: the message of a command is too long.*", plant.mqttd.log())
    assert said == ["d/s: the message of a command is too long; 1 such commands since the last line"]


def test_a_journal_that_cannot_be_read(plant):
    """Like a journal of another version or user: the log says why there are no commands."""
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 0, "uint16", "cmd/v")]))
    listener = plant.broker.subscribe("cmd/#")
    plant.mqttd.stop()
    plant.modbusd.stop()
    journal = plant.common["common.runtime_dir"] / "journal"
    journal.write_bytes(b"?" * journal.stat().st_size)
    plant.mqttd.start()
    plant.mqttd.wait_log("warning SCADA's writes are not published: .*journal: is not a file of this")
    plant.modbusd.start()
    with plant.modbusd.client() as client:
        client.write_one(0, 4)
    plant.mqttd.wait_log("SCADA's writes are published again")
    assert listener.wait(1) == [("cmd/v", '{"v": 4}')]
    assert plant.mqttd.log().count("are not published") == 1
    listener.close()


def test_a_flood_of_commands_does_not_flood_the_log(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 0, "uint16", "cmd/v")]))

    def overruns():
        flood(plant.modbusd, 0, 40000)
        return metrics(plant)["journal_overruns_total"] > 5
    eventually(overruns)
    assert len(re.findall("journal overrun: re-reading", plant.mqttd.log())) == 1
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(0, 6)
    eventually(lambda: listener.messages[-1:] == [("cmd/v", '{"v": 6}')])
    listener.close()


def test_bits_after_an_overrun(plant):
    """The values read in place of lost entries are the base for comparison with the next entry."""
    tags = [back(f"b{bit}", 5, "bool", f"cmd/b{bit}", bit=bit) for bit in (0, 1)]
    reloaded(plant, lambda: plant.api.device("d", "d", tags))
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(5, 0)
        assert sorted(listener.wait(2)) == [("cmd/b0", '{"b0": false}'), ("cmd/b1", '{"b1": false}')]
        listener.close()
        plant.broker.stop()
        plant.mqttd.wait_log("connection to broker .* lost")
        flood(plant.modbusd, 90, 500)
        client.write_one(5, 1)
        flood(plant.modbusd, 90, 9000)
        plant.broker.start()
        listener = plant.broker.subscribe("cmd/#")
        plant.mqttd.wait_log("d/b0: true to cmd/b0")
        client.write_one(5, 2)
        plant.mqttd.wait_log("d/b1: true to cmd/b1")
        eventually(lambda: ("cmd/b0", '{"b0": false}') in listener.messages)
    listener.close()


def histogram(plant, name):
    """The cumulative counts of its buckets, its sum and its count."""
    samples = metrics(plant)
    found = {}
    for key, number in samples.items():
        limit = re.fullmatch(rf'{name}_bucket{{le="(.*)"}}', key)
        if limit:
            found[float(limit.group(1).replace("+Inf", "inf"))] = number
    assert list(found) == sorted(found) and list(found)[-1] == float("inf")
    assert list(found.values()) == sorted(found.values())
    assert found[float("inf")] == samples[name + "_count"]
    return found, samples[name + "_sum"], samples[name + "_count"]


def test_counters(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 0, "uint16")]))
    texts = ['{"v": %d}' % n for n in range(1, 4)]
    for n, text in enumerate(texts, 1):
        plant.broker.publish("d", text)
        shows(plant.modbusd, "holding_register", 0, [n])
    texts += ['{"v": -1}', "{"]
    for text in texts[3:]:
        plant.broker.publish("d", text)
    # What is counted last of a message, and of a write.
    eventually(lambda: metrics(plant)['message_outcomes_total{outcome="not_json"}'] == 1)
    eventually(lambda: metrics(plant)["batch_values_count"] == 3)
    counted = metrics(plant)
    assert counted["messages_total"] == 5
    assert counted["received_bytes_total"] == sum(map(len, texts))
    assert counted["values_total"] == 3
    assert counted["values_refused_total"] == 1
    assert counted['message_outcomes_total{outcome="taken"}'] == 4
    assert (counted["devices"], counted["tags"], counted["broker_connected"]) == (1, 1, 1)
    assert counted["connects_total"] == 1
    assert counted["modbus_requests_total"] == counted["modbus_registers_total"] == 3
    buckets, total, count = histogram(plant, "write_delay_seconds")
    assert count == 3 and 0 <= total
    assert 0.001 in buckets and 0.25 in buckets and 5 in buckets
    plant.mqttd.stop()
    eventually(lambda: metrics(plant)["broker_connected"] == 0, "what is gone has no connection")
    assert metrics(plant)["messages_total"] == 5


def test_counters_of_batches(plant):
    """The number of values per request, and how long values wait while their server is down."""
    tags = [tag(f"v{n}", n, "uint16") for n in range(10)] + [tag("far", 100, "uint16")]
    reloaded(plant, lambda: plant.api.device("d", "d", tags))
    plant.broker.publish("d", {f"v{n}": 1 for n in range(10)} | {"far": 1})
    shows(plant.modbusd, "holding_register", 100, [1])
    eventually(lambda: histogram(plant, "batch_values")[1:] == (11, 2))
    buckets = histogram(plant, "batch_values")[0]
    assert (buckets[1], buckets[5], buckets[10]) == (1, 1, 2)
    assert eventually(lambda: metrics(plant)["queue_values"] == 0)
    assert metrics(plant)["queue_age_seconds"] == 0
    plant.modbusd.kill()
    plant.broker.publish("d", {"v0": 2})
    plant.broker.publish("d", {"v0": 3, "v1": 3})
    eventually(lambda: metrics(plant)["queue_values"] == 2)
    aged = eventually(lambda: metrics(plant)["queue_age_seconds"])
    eventually(lambda: metrics(plant)["queue_age_seconds"] > aged)
    plant.modbusd.start()
    shows(plant.modbusd, "holding_register", 0, [3, 3])
    eventually(lambda: metrics(plant)["queue_values"] == metrics(plant)["queue_age_seconds"] == 0)
    eventually(lambda: histogram(plant, "write_delay_seconds")[2] == 13, "the delays")
    assert histogram(plant, "write_delay_seconds")[1] > aged
