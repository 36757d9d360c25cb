"""Foreign Modbus servers by RTU: on a serial line, and over TCP. The units are pymodbus's."""

import fcntl
import json
import random
import re
import struct

import pytest

from harness import eventually
from mqttd_helpers import back, reloaded, tag
from rtu_line import Line, Units, crc


@pytest.fixture
def plant(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__modbus_timeout_ms=500)
    return stack


@pytest.fixture
def line(tmp_path):
    made = Line(tmp_path, (1, 2, 3))
    yield made
    made.close()


@pytest.fixture
def units():
    made = Units((1, 2))
    yield made
    made.close()


def add_device(stack, name, host, tags, unit=1, **more):
    reloaded(stack, lambda: stack.api.device(name, name, tags, network=dict(
        {"modbus_host": host, "unit_id": unit}, **more)))


def last_error(stack, device, name="v"):
    return stack.api.value(device, name)["last_error"] or {}


def test_writes_and_polls_on_a_line(plant, line):
    add_device(plant, "u1", line.host(), [
        tag("v", 0, "float32"), tag("bit", 10, "bool", bit=3), tag("coil", 5, "bool", "coil"),
        back("w", 20, "uint16", "cmd/w")], poll_interval_ms=50)
    add_device(plant, "u2", line.host(), [tag("v", 0, "uint16")], unit=2)
    line.units.set_holding(1, 10, 0x0100)
    plant.broker.publish("u1", {"v": 21.5, "bit": True, "coil": True})
    plant.broker.publish("u2", {"v": 7})
    line.units.holds(1, 0, *struct.unpack(">2H", struct.pack(">f", 21.5)))
    line.units.holds(1, 10, 0x0108)
    line.units.holds(2, 0, 7)
    eventually(lambda: line.units.contexts[1].getValues(1, 5, 1) == [True], "the coil")
    listener = plant.broker.subscribe("cmd/#")
    line.units.set_holding(1, 20, 77)
    assert listener.wait(1) == [("cmd/w", '{"w": 77}')]
    listener.close()
    eventually(lambda: plant.api.value("u1", "v")["quality"] == "good", "a good value")
    # One thread, and so one descriptor, for both units.
    assert plant.mqttd.log().count("another program") == 0
    assert all(crc(frame[:-2]) == frame[-2:] for frame in line.requests)


def test_noise_costs_no_value(plant, line):
    """Wrong bytes, lost bytes and bytes before and after answers: what is taken is right. A change is shown but not
    published if the unit seemed to be lost at that moment, as it may be on a busy machine."""
    chance = random.Random(1)

    def disturb(answer):
        kind = chance.randrange(6)
        at = chance.randrange(len(answer))
        if kind == 0:
            return [(0, answer[:at] + bytes([answer[at] ^ 1 << chance.randrange(8)]) + answer[at + 1:])]
        if kind == 1:
            return [(0, answer[:at] + answer[at + 1:])]
        if kind == 2:
            return [(0, chance.randbytes(chance.randrange(1, 9)) + answer + chance.randbytes(3))]
        return [(0, answer)]
    line.disturb = disturb
    tags = [tag(f"v{n}", 10 * n, "uint16") for n in range(5)]
    add_device(plant, "u1", line.host(), tags + [back("w", 90, "uint16", "cmd/w")],
               poll_interval_ms=20)
    eventually(lambda: plant.api.value("u1", "w")["value"] == 0, "the first poll")
    sent = len(line.requests)
    eventually(lambda: len(line.requests) > sent + 10, "polls after it")
    listener = plant.broker.subscribe("cmd/#")
    for turn in range(1, 16):
        plant.broker.publish("u1", {f"v{n}": 100 * turn + n for n in range(5)})
        line.units.set_holding(1, 90, turn)
        eventually(lambda: plant.api.value("u1", "w")["value"] == turn, "the change")
        for n in range(5):
            line.units.holds(1, 10 * n, 100 * turn + n)
    eventually(lambda: 15 - len(listener.messages) <= plant.mqttd.log().count("out of reach"), "the changes")
    published = [json.loads(text)["w"] for _, text in listener.messages]
    assert published == sorted(set(published) & set(range(1, 16)))
    listener.close()


def test_a_wrong_crc_is_named(plant, line):
    line.disturb = lambda answer: [(0, answer[:-1] + bytes([answer[-1] ^ 0x10]))]
    add_device(plant, "u1", line.host(), [tag("v", 0, "uint16")])
    plant.broker.publish("u1", {"v": 3})
    plant.mqttd.wait_log(re.escape(f"{line.path}, unit 1: the answer has a wrong CRC"))
    eventually(lambda: last_error(plant, "u1").get("code") == "modbus_unreachable", "an error")
    assert last_error(plant, "u1")["detail"] == f"serial:{line.path}, unit 1: the answer has a wrong CRC"
    assert plant.api.value("u1", "v")["reason"] == "target_down"
    assert f'tagferry_foreign_unit_up{{server="serial:{line.path}",unit="1"}} 0' in \
        plant.api.get("/metrics").body.decode()
    line.disturb = lambda answer: [(0, answer)]
    eventually(lambda: last_error(plant, "u1") == {}, "no error")
    line.units.holds(1, 0, 3)


def test_a_late_answer_is_never_taken(plant, line):
    """Unit 1 answers after the time-out. Each read is of other registers with other values, of the same number."""
    tags = [back(f"w{n}", 10 * n, "uint16", f"cmd/w{n}") for n in range(8)]
    for n in range(8):
        line.units.set_holding(1, 10 * n, 1000 + n)
    late = iter(range(1, 1000))
    line.disturb = lambda answer: [(0.7 if next(late) % 11 == 0 else 0, answer)]
    add_device(plant, "u1", line.host(), tags, poll_interval_ms=20)
    add_device(plant, "u2", line.host(), [tag("v", 0, "uint16")], unit=2)

    def known():
        return [plant.api.value("u1", f"w{n}")["value"] for n in range(8)]
    seen = []

    def probe():
        seen.append(known())
        return all(word is not None for word in seen[-1])
    eventually(probe, "all to be read")
    plant.mqttd.wait_log("unit 1: no answer within 500 ms")
    for turn in range(5):  # unit 2 is served meanwhile
        plant.broker.publish("u2", {"v": turn + 1})
        line.units.holds(2, 0, turn + 1)
        seen.append(known())
    for words in seen:
        assert all(word in (None, 1000 + n) for n, word in enumerate(words)), words


def test_a_dead_unit_stalls_no_other(plant, line):
    add_device(plant, "dead", line.host(), [back("w", 0, "uint16", "cmd/dead")], unit=9,
               poll_interval_ms=50)
    add_device(plant, "u1", line.host(), [tag("v", 0, "uint16")])
    plant.mqttd.wait_log("unit 9: no answer within 500 ms")
    for n in range(1, 10):
        plant.broker.publish("u1", {"v": n})
        eventually(lambda: plant.api.value("u1", "v")["value"] == n, "mqttd to have it")
        before = len(line.frames_to(9))
        line.units.holds(1, 0, n)
        assert len(line.frames_to(9)) - before <= 2


def test_an_adapter_that_is_pulled_out(plant, line):
    add_device(plant, "u1", line.host(), [tag("v", 0, "uint16"), tag("old", 1, "uint16")])
    plant.broker.publish("u1", {"v": 1, "old": 5})
    line.units.holds(1, 0, 1, 5)
    line.unplug()
    plant.broker.publish("u1", {"v": 2})
    plant.mqttd.wait_log("Modbus server out of reach, its values wait: "
                         + re.escape(line.path) + ": No such file")
    eventually(lambda: plant.api.value("u1", "v")["reason"] == "target_down", "the reason")
    line.units.set_holding(1, 1, 0)  # as if the units had lost their power
    line.plug()
    line.units.holds(1, 0, 2, 5)
    plant.mqttd.wait_log("Modbus server " + re.escape(line.path) + " is back")


def test_a_line_of_another_program(plant, line):
    """The line is taken when the other program has ended."""
    with open(line.path, "rb+", buffering=0) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        add_device(plant, "u1", line.host(), [tag("v", 0, "uint16")])
        plant.broker.publish("u1", {"v": 1})
        plant.mqttd.wait_log(re.escape(f"{line.path}: another program uses this line"))
    line.units.holds(1, 0, 1)
    with open(line.path, "rb+", buffering=0) as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_kills_lose_no_value(plant, line):
    tags = [tag(f"v{n}", n, "uint16") for n in range(10)]
    add_device(plant, "u1", line.host(), tags)
    for turn in range(1, 6):
        plant.broker.publish("u1", {f"v{n}": 10 * turn + n for n in range(10)})
        eventually(lambda: plant.api.value("u1", "v9")["value"] == 10 * turn + 9, "mqttd to have it")
        plant.mqttd.kill()
        plant.mqttd.start()
        line.units.holds(1, 0, *(10 * turn + n for n in range(10)))


def test_a_broadcast_reaches_all_units(plant, line):
    add_device(plant, "all", line.host(), [tag("v", 0, "uint16")], unit=0)
    add_device(plant, "u3", line.host(), [tag("v", 1, "uint16")], unit=3)
    plant.broker.publish("all", {"v": 9})
    for unit in (1, 2, 3):
        line.units.holds(unit, 0, 9)
    plant.broker.publish("u3", {"v": 4})
    line.units.holds(3, 1, 4)
    eventually(lambda: plant.api.value("all", "v")["written_at"], "it to count as written")
    assert last_error(plant, "all") == {}


def test_rtu_over_tcp(plant, units):
    port = units.serve_tcp()
    for unit in (1, 2):
        add_device(plant, f"u{unit}", "127.0.0.1", [
            tag("v", 0, "uint16"), back("w", 20, "uint16", f"cmd/w{unit}")], unit=unit,
            modbus_port=port, framing="rtu", poll_interval_ms=50)
    for n in range(1, 6):
        for unit in (1, 2):
            plant.broker.publish(f"u{unit}", {"v": n})
        units.holds(1, 0, n)
        units.holds(2, 0, n)
    listener = plant.broker.subscribe("cmd/#")
    units.set_holding(2, 20, 5)
    assert listener.wait(1) == [("cmd/w2", '{"w": 5}')]
    listener.close()


def test_a_device_server_that_restarts(plant, units):
    port = units.serve_tcp()
    add_device(plant, "u1", "127.0.0.1", [tag("v", 0, "uint16")], modbus_port=port, framing="rtu")
    plant.broker.publish("u1", {"v": 1})
    units.holds(1, 0, 1)
    units.run(units.server.server_close())
    plant.broker.publish("u1", {"v": 2})
    plant.mqttd.wait_log("Modbus server out of reach, its values wait")
    units.serve_tcp(port)
    units.holds(1, 0, 2)
