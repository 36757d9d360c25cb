"""From SCADA's writes to commands: the bits they address, refused values, and the guarantees when
the journal, the broker or the configuration changes meanwhile."""

import re
import signal
import struct
import subprocess

import pytest

from harness import ROOT, eventually
from mqtt_peer import DISCONNECT, Peer
from mqttd_helpers import back, landed, metrics, reloaded, served, shows, tag
from test_mqttd_session import start
from wire import Wire


def mask_write(address, and_mask, or_mask):
    return struct.pack(">BHHH", 22, address, and_mask, or_mask)


def write_one(address, value):
    return struct.pack(">BHH", 6, address, value)


class Scada:
    """Writes like SCADA; `commands` are the resulting ones, complete, in order of topic."""

    def __init__(self, plant, unit=1, marker=999):
        self.plant, self.unit, self.marker = plant, unit, marker
        self.wire = Wire(plant.modbusd.address())
        self.listener = plant.broker.subscribe("cmd/#")
        self.seen = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()
        self.listener.close()

    def write(self, pdu):
        answer = self.wire.ask(pdu, unit=self.unit)
        assert answer[0] == pdu[0], answer

    def commands(self, *pdus):
        """A command of another tag follows all commands of the writes."""
        for pdu in pdus:
            self.write(pdu)
        self.write(write_one(self.marker, 1))

        def marked():
            return any(topic == "cmd/marker" for topic, _ in self.listener.messages[self.seen:])
        eventually(marked, "the marker's command")
        found = [each for each in self.listener.messages[self.seen:] if each[0] != "cmd/marker"]
        self.seen = len(self.listener.messages)
        return sorted((topic.removeprefix("cmd/"), text) for topic, text in found)


def bits(*numbers):
    return [back(f"b{bit}", 121, "bool", f"cmd/b{bit}", "both", {"hold_off_ms": 0}, bit=bit)
            for bit in numbers]


MARKER = back("marker", 999, "uint16", "cmd/marker")


def said(bit, truth):
    return (f"b{bit}", f'{{"b{bit}": {"true" if truth else "false"}}}')


@pytest.mark.parametrize("unit", [1, 2])
def test_a_mask_write_means_the_bits_outside_its_and_mask(stack, unit):
    stack.start_broker()
    stack.start_modbusd(common__units="1-2")
    stack.start_api()
    stack.start_mqttd()
    reloaded(stack, lambda: stack.api.device("m", "m", [*bits(1, 2, 15), MARKER],
                                             network={"unit_id": unit}))
    with Scada(stack, unit) as scada:
        assert said(1, True) in scada.commands(write_one(121, 2))
        assert scada.commands(mask_write(121, 0xFFFB, 0)) == [said(2, False)]
        assert scada.commands(mask_write(121, 0xFFFD, 0xFFFF)) == [said(1, True)]
        assert scada.commands(mask_write(121, 0x7FFB, 0x8000)) == [said(15, True), said(2, False)]
        assert scada.commands(mask_write(121, 0xFFF7, 8)) == []
        assert scada.commands(mask_write(121, 0xFFFF, 0xFFFF)) == []
        assert scada.commands(mask_write(121, 0, 0)) == [said(1, False), said(15, False),
                                                         said(2, False)]
        assert scada.commands(mask_write(121, 0xFFFB, 4), mask_write(121, 0xFFFB, 0)) == [
            said(2, False), said(2, True)]


def test_a_register_write_means_the_bits_that_it_changes(plant):
    """A client without mask write writes the other bits back as it read them."""
    reloaded(plant, lambda: plant.api.device("m", "m", [*bits(1, 2, 15), MARKER]))
    with Scada(plant) as scada:
        assert scada.commands(write_one(121, 2)) == [said(1, True)]
        assert scada.commands(write_one(121, 0x0A)) == []  # bit 3 has no tag
        assert scada.commands(write_one(121, 0x0C)) == [said(1, False), said(2, True)]
        assert scada.commands(write_one(121, 0x0C)) == [said(1, False), said(15, False),
                                                        said(2, True)]
        three = struct.pack(">BHHBHHH", 16, 120, 3, 6, 1, 0x8C, 1)
        assert scada.commands(three) == []
        exchange = struct.pack(">BHHHHBH", 23, 0, 1, 121, 1, 2, 0x808C)
        assert scada.commands(exchange) == [said(15, True)]
        plant.broker.publish("m", {"b1": True})
        shows(plant.modbusd, "holding_register", 121, [0x808E])
        assert scada.commands(write_one(121, 0x808A)) == [said(2, False)]
        plant.mqttd.stop()
        scada.write(write_one(121, 0x8088))
        plant.mqttd.start()
        assert scada.commands(write_one(121, 0x0088)) == [said(1, False), said(15, False)]


def test_a_mask_write_of_a_number(plant):
    """It is the command of the whole value, except for a write that addresses no bit."""
    reloaded(plant, lambda: plant.api.device("m", "m", [
        back("v", 0, "uint16", "cmd/v"), back("w", 1, "uint32", "cmd/w"), MARKER]))
    with Scada(plant) as scada:
        assert scada.commands(mask_write(0, 0xFF00, 5), mask_write(0, 0xFFFF, 5),
                              mask_write(1, 0xFFFF, 0)) == [("v", '{"v": 5}')]
        scada.write(mask_write(2, 0xFFF0, 3))
        assert scada.listener.wait(scada.seen + 1)[-1] == ("cmd/w", '{"w": 3}')


def test_coils(plant):
    tags = [tag(f"c{n}", n, "bool", "coil", direction="both", mqtt={"command_topic": f"cmd/c{n}"})
            for n in (10, 25)]
    reloaded(plant, lambda: plant.api.device("m", "m", [*tags, MARKER]))
    with Scada(plant) as scada:
        assert scada.commands(bytes.fromhex("05000AFF00"), bytes.fromhex("050019FF00")) == [
            ("c10", '{"c10": true}'), ("c25", '{"c25": true}')]
        assert scada.commands(bytes.fromhex("0F000B000F020000")) == [("c25", '{"c25": false}')]


REFUSED = [
    ("bcd16", {"scale": 0.1}, {}, [0x12AB], "not_bcd", "0x12ab", [0x1234], "123.4"),
    ("bcd32", {"byte_order": "CDAB"}, {}, [0x5678, 0xA234], "not_bcd", "0x5678 0xa234", [0x5678, 0x1234], "12345678"),
    ("uint16", {}, {"values": {"ON": 1, "OFF": 0}}, [5], "unmapped_number", "5", [1], '"ON"'),
    ("int16", {"scale": 0.5}, {"values": {"HALF": 0.5}}, [2], "unmapped_number", "1", [1], '"HALF"'),
    ("float32", {}, {}, [0x7FC0, 0], "not_a_number", "nan", [0x41AA, 0x6666], "21.3"),
    ("float32", {"byte_order": "CDAB"}, {}, [0, 0xFF80], "out_of_range", "-inf", [0, 0x3F80], "1"),
    ("float64", {"scale": 10}, {}, [0x7FEF, 0xFFFF, 0xFFFF, 0xFFFF], "out_of_range", "inf",
     [0x3FF0, 0, 0, 0], "10"),
    ("string", {"length": 2}, {}, [0x4BFC, 0x6368], "not_a_string", "K", [0x4B00, 0xFCFC], '"K"'),
]


@pytest.mark.parametrize("type, modbus, mqtt, words, code, detail, good, json", REFUSED,
                         ids=[f"{row[0]}-{row[4]}" for row in REFUSED])
def test_values_that_no_message_can_carry(plant, type, modbus, mqtt, words, code, detail, good, json):
    reloaded(plant, lambda: plant.api.device("w", "w", [
        back("s", 7, type, "cmd/s", mqtt=mqtt, **modbus), MARKER]))

    def write(numbers):
        return struct.pack(f">BHHB{len(numbers)}H", 16, 7, len(numbers), 2 * len(numbers), *numbers)
    with Scada(plant) as scada:
        assert scada.commands(write(words), write(words)) == []
        error = plant.api.value("w", "s")["last_error"]
        assert (error["code"], error["detail"]) == (code, detail)
        assert plant.api.must("GET", "/devices/w/status")["last_error"]["code"] == code
        assert plant.api.value("w", "s")["rejects"] == 2
        assert metrics(plant)["commands_refused_total"] == 2
        lines = re.findall(r"warning w/s: SCADA's value is not published, .*", plant.mqttd.log())
        assert len(lines) == 1 and code in lines[0]
        assert scada.commands(write(good)) == [("s", f'{{"s": {json}}}')]
    landed(plant)


def test_a_refused_value_holds_nothing_off(plant):
    """The device's next value shows SCADA the real state."""
    mqtt = {"hold_off_ms": 600000, "values": {"ON": 1, "OFF": 0}}
    reloaded(plant, lambda: plant.api.device("w", "w", [
        back("s", 7, "uint16", "cmd/s", "both", mqtt), MARKER]))
    plant.broker.publish("w", {"s": "ON"})
    shows(plant.modbusd, "holding_register", 7, [1])
    with Scada(plant) as scada:
        assert scada.commands(write_one(7, 5)) == []
        assert plant.api.value("w", "s")["quality"] == "good"
        plant.broker.publish("w", {"s": "OFF"})
        shows(plant.modbusd, "holding_register", 7, [0])


class Reluctant(Peer):
    """Accepts connections while `welcoming`, and does not acknowledge commands by itself."""
    welcoming = True

    def __init__(self):
        self.commands = []
        super().__init__()

    def connected(self, connection):
        if self.welcoming:
            connection.connack(kept=len(self.connects) > 1)

    def published(self, connection, message):
        if message.topic.startswith("cmd/"):
            self.commands.append(message)
        else:
            super().published(connection, message)

    def wait_commands(self, count):
        return eventually(lambda: len(self.commands) >= count and list(self.commands),
                          f"{count} commands")


@pytest.fixture
def peer(stack):
    stack.start_modbusd()
    stack.start_api()
    with Reluctant() as broker:
        start(stack, broker, protocol="5")
        yield broker


def test_a_broker_that_refuses_an_old_command_with_its_connack(stack, peer):
    """The device of that command has changed meanwhile: its known state is dropped."""
    stack.api.device("d", "d", [back("v", 0, "uint16", "cmd/v")])
    served(stack)
    with stack.modbusd.client() as client:
        client.write_one(0, 5)
    command = peer.wait_commands(1)[0]
    peer.welcoming = False
    connection = peer.open[-1]
    connection.send(DISCONNECT, b"\x8b")  # it shuts down: the library sends the command again
    connection.close()
    eventually(lambda: len(peer.connects) == 2, "another CONNECT")
    changes = stack.mqttd.log().count("reloaded")
    stack.api.must("PATCH", "/devices/d", {"description": "another"})
    eventually(lambda: stack.mqttd.log().count("reloaded") > changes, "the change")
    peer.welcoming = True
    with peer.open[-1].in_one_piece():
        peer.open[-1].connack(kept=True)
        peer.open[-1].puback(command.number, 0x87)
    stack.mqttd.wait_log("d/v: the broker refused the command to cmd/v: Not authorized")


def journal_position(stack):
    """The identity and position with which a restart begins."""
    path = stack.common["common.runtime_dir"] / "journal-position"
    return struct.unpack_from("<QQ", path.read_bytes(), 32)


def test_a_journal_that_is_replaced_while_commands_are_under_way(stack, peer):
    """An acknowledgement for the old journal's entry does not apply to the new journal's entry with
    the same number."""
    stack.api.device("d", "d", [back("v", 0, "uint16", "cmd/v"), tag("w", 1, "uint16")])
    served(stack)
    with stack.modbusd.client() as client:
        for _ in range(4):
            client.write_one(90, 1)
        client.write_one(0, 5)
    old = peer.wait_commands(1)[0]
    stack.modbusd.stop()
    (stack.common["common.runtime_dir"] / "journal").unlink()
    stack.modbusd.start()
    with stack.modbusd.client() as client:
        for value in range(4):
            client.write_one(0, value)
        for _ in range(4):
            client.write_one(90, 1)
    new = peer.wait_commands(5)[1:]
    eventually(lambda: metrics(stack)["journal_read_total"] == 13, "all entries")
    with peer.open[-1].in_one_piece():
        peer.open[-1].puback(old.number)
        peer.open[-1].publish("d", '{"w": 7}')
    shows(stack.modbusd, "holding_register", 1, [7])
    assert journal_position(stack)[1] == 1
    with peer.open[-1].in_one_piece():
        for command in new:
            peer.open[-1].puback(command.number)
    eventually(lambda: journal_position(stack)[1] == 9, "the end")


def test_the_position_waits_for_a_whole_write_behind_a_part(stack, peer):
    """The whole write supersedes the part. Its own command is not acknowledged yet."""
    stack.api.device("d", "d", [back("v", 0, "uint32", "cmd/v", mqtt={"settle_ms": 60000})])
    served(stack)
    with stack.modbusd.client() as client:
        client.write_one(90, 1)
        client.write_one(0, 5)
        client.write(0, 0, 7)
    command = peer.wait_commands(1)[0]
    assert journal_position(stack)[1] <= 3
    stack.mqttd.kill()
    stack.mqttd.start()
    repeated = peer.wait_commands(2)[1]
    assert (repeated.topic, repeated.payload) == (command.topic, command.payload)


def set_layout(path, layout):
    with open(path, "r+b") as journal:
        journal.seek(8)
        journal.write(struct.pack("<Q", layout))


def test_a_journal_of_a_version_before(plant):
    """The journal is replaced, the log says so, and SCADA's writes into the new one are published,
    although tagferry-mqttd starts later."""
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 0, "uint16", "cmd/v")]))
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        client.write_one(0, 1)
    listener.wait(1)
    landed(plant)
    plant.mqttd.stop()
    plant.modbusd.stop()
    set_layout(plant.common["common.runtime_dir"] / "journal", 1)
    plant.modbusd.start()
    plant.modbusd.wait_log("warning .*/journal: has another layout: replaced by a new journal")
    with plant.modbusd.client() as client:
        client.write_one(0, 2)
    plant.mqttd.start()
    assert listener.wait(2) == [("cmd/v", '{"v": 1}'), ("cmd/v", '{"v": 2}')]
    listener.close()


def test_a_damaged_entry(plant):
    """No part of the file is used unchecked: the registers are read instead."""
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 5000, "uint16", "cmd/v"), MARKER]))
    journal = plant.common["common.runtime_dir"] / "journal"
    with Scada(plant) as scada:
        assert scada.commands(write_one(5000, 1)) == [("v", '{"v": 1}')]
        landed(plant)
        plant.mqttd.signal(signal.SIGSTOP)
        end = struct.unpack_from("<Q", journal.read_bytes(), 32)[0]
        scada.write(write_one(5000, 2))
        size = (journal.stat().st_size - 64) // 8192
        with open(journal, "r+b") as file:
            file.seek(64 + end * size + 16)
            file.write(struct.pack("<Q", 1 << 40 | 1 << 32 | 65535))
        plant.mqttd.signal(signal.SIGCONT)
        eventually(lambda: ("cmd/v", '{"v": 2}') in scada.listener.messages, "the command")
    plant.mqttd.wait_log("warning the journal is damaged: re-reading all command registers")
    assert plant.mqttd.alive()


@pytest.mark.parametrize("offset", [-3600, 3600])
def test_wall_clocks_that_differ(stack, offset):
    """SCADA's value is restored in its register, whatever the clocks say."""
    shim, clock = stack.folder / "clock_shim.so", stack.folder / "clock_offset"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim,
                    ROOT / "tests/integration/clock_shim.c", "-ldl"], check=True)
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd()
    reloaded(stack, lambda: stack.api.device("d", "d", [
        back("v", 0, "uint16", "cmd/v", "both", {"hold_off_ms": 600000}), tag("w", 1, "uint16")]))
    journal = stack.common["common.runtime_dir"] / "journal"
    stack.modbusd.stop()
    clock.write_text(str(offset))
    stack.modbusd.env.update({"LD_PRELOAD": str(shim), "TAGFERRY_TEST_CLOCK": str(clock),
                              "ASAN_OPTIONS": "verify_asan_link_order=0"})
    stack.modbusd.start()
    listener = stack.broker.subscribe("cmd/#")
    aside = journal.rename(journal.with_name("aside"))
    journal.mkdir()  # so that modbusd cannot repair its file
    stack.mqttd.wait_log("SCADA's writes are not published")
    with stack.modbusd.client() as client:
        client.write_one(0, 50)
        stack.broker.publish("d", {"v": 1, "w": 2})
        shows(stack.modbusd, "holding_register", 0, [1, 2])
        eventually(lambda: stack.api.value("d", "v")["written_at"], "its time")
        journal.rmdir()
        aside.rename(journal)
        assert listener.wait(1) == [("cmd/v", '{"v": 50}')]
        shows(stack.modbusd, "holding_register", 0, [50, 2])
    listener.close()
