"""Setpoints of SCADA on both gateways of a pair."""

import json
import struct
import subprocess
import threading
import time

from harness import ROOT, eventually
from mirror_pair import FAST, GATEWAY
from mqttd_helpers import back, served, shows, tag


def words(form, value):
    data = struct.pack(">" + form, value)
    return list(struct.unpack(f">{len(data) // 2}H", data))


TYPES = [
    ("i16", "int16", "holding_register", 0, [0x8001], {}),
    ("u16", "uint16", "holding_register", 1, [65535], {"byte_order": "DCBA"}),
    ("i32", "int32", "holding_register", 2, words("i", -70000), {}),
    ("u32", "uint32", "holding_register", 4, words("I", 4000000000), {"byte_order": "CDAB"}),
    ("f32", "float32", "holding_register", 6, words("f", 21.5), {"scale": 0.1}),
    ("i64", "int64", "holding_register", 8, words("q", -(2 ** 62) - 1), {}),
    ("u64", "uint64", "holding_register", 12, words("Q", 2 ** 64 - 1), {}),
    ("f64", "float64", "holding_register", 16, words("d", -1e300), {"byte_order": "BADC"}),
    ("b", "bool", "holding_register", 20, [1], {}),
    ("bcd", "bcd32", "holding_register", 22, [0x5678, 0x1234], {"byte_order": "CDAB"}),
    ("half", "uint64", "holding_register", 24, [3, 4, 1, 2], {"byte_order": "EFGHABCD"}),
    ("c", "bool", "coil", 3, [1], {}),
    ("s.t", "string", "holding_register", 30, words("20s", "Grüße %".encode()), {"length": 10}),
    ("long", "string", "holding_register", 200, words("246s", b"x" * 246), {"length": 123}),
]


def by_type(api):
    # Between the two parts of an i32, a busy machine may do something else.
    tags = [back(name, address, type, f"cmd/{name}", table=table,
                 mqtt={"settle_ms": 2000} if name == "i32" else FAST, **more)
            for name, type, table, address, _, more in TYPES]
    bits = [back(f"bit{bit}", 50, "bool", f"cmd/bit{bit}", mqtt=FAST, bit=bit) for bit in (0, 5)]
    bytes_of_one = [back("low", 51, "int8", "cmd/low", mqtt=FAST),
                    back("high", 51, "uint8", "cmd/high", mqtt=FAST, byte="high")]
    api.device("d.1", "d", tags + bits + bytes_of_one + [
        back("echo", 60, "uint16", "cmd/echo", "both", {"hold_off_ms": 600000}),
        back("free", 61, "uint16", "cmd/free", "both", {"hold_off_ms": 0}),
        back("ends", 62, "uint16", "cmd/ends"),
        tag("plain", 70, "uint16")])


def test_setpoints_are_on_both_sides(make_pair):
    pair = make_pair()
    a, b = pair.side("a"), pair.side("b")
    pair.configure(by_type)
    pair.mirrors()
    commands = pair.listen()

    # Each type, from either side.
    for i, (name, _, table, address, value, _) in enumerate(TYPES):
        here, there = (a, b) if i % 2 else (b, a)
        here.write(table, address, value)
        shows(there.modbusd, table, address, value)
    a.write("holding_register", 50, [0x21])
    shows(b.modbusd, "holding_register", 50, [0x21])
    b.write("holding_register", 50, [0x23])  # bit 1 is no tag's, and not mirrored
    a.write("holding_register", 50, [0x20])
    shows(b.modbusd, "holding_register", 50, [0x22])

    # Each side writes one byte, so that both sides have both.
    a.write("holding_register", 51, [0x00FE])
    shows(b.modbusd, "holding_register", 51, [0x00FE])
    b.write("holding_register", 51, [0xC8FE])
    shows(a.modbusd, "holding_register", 51, [0xC8FE])

    # A value that is written in parts is mirrored as a whole.
    with a.modbusd.client() as client:
        client.write_one(2, 1)
        client.write_one(3, 2)
    shows(b.modbusd, "holding_register", 2, [1, 2])

    # A register without a tag, and one of the device, are not.
    a.write("holding_register", 70, [9])
    a.write("holding_register", 99, [9])

    # The device answers. Its older value is held off on both sides, and each side has its answer.
    a.write("holding_register", 60, [5])
    shows(b.modbusd, "holding_register", 60, [5])
    pair.broker.publish("d", {"echo": 4, "free": 8})
    for side in (a, b):
        shows(side.modbusd, "holding_register", 61, [8])
        assert side.read(60) == [5]
    b.write("holding_register", 61, [9])
    shows(a.modbusd, "holding_register", 61, [9])
    pair.broker.publish("d", {"free": 9})
    a.write("holding_register", 62, [1])
    shows(b.modbusd, "holding_register", 62, [1])
    assert b.read(70) == [0] and b.read(99) == [0]

    # The device had each command once.
    eventually(lambda: [t for t, _ in commands.messages].count("cmd/ends") == 1, "the last command")
    once = [f"cmd/{name}" for name, *_ in TYPES]
    once += ["cmd/bit0", "cmd/bit5", "cmd/bit0", "cmd/low", "cmd/high", "cmd/i32", "cmd/echo", "cmd/free", "cmd/ends"]
    eventually(lambda: sorted(topic for topic, _ in commands.messages) == sorted(once), "those of both gateways")

    # Both write at the same time: both end with the same values.
    storm({a: 1000, b: 2000}, lambda client, number: (
        client.write(4, number, number), client.write_one(0, number), client.write_one(60, number)))
    for side in (a, b):  # after it no message of the storm is under way
        side.write("holding_register", 62, [100 + (side is a)])
    eventually(lambda: a.read(62) == b.read(62), "the last writes")
    for address, count in ((4, 2), (0, 1), (60, 1)):
        eventually(lambda: a.read(address, count) == b.read(address, count), f"{address}")
    assert a.read(0) in ([1039], [2039])
    for side in (a, b):
        eventually(lambda: side.api.value("d.1", "u32")["raw"] == a.read(4, 2), "the value")

    # The configuration changes: a tag is renamed, one moves, one gets another type, two are gone.
    kept = pair.retained(len(TYPES) + 7)
    assert kept["d.1", "s.t"]["registers"] == next(row[4] for row in TYPES if row[0] == "s.t")
    assert kept["d.1", "high"]["byte"] == "high" and kept["d.1", "high"]["registers"] == [0xC8]
    assert kept["d.1", "bit5"]["bit"] == 5 and kept["d.1", "bit5"]["registers"] == [1]
    pair.configure(lambda api: (
        api.must("PATCH", "/devices/d.1/tags/i16", {"name": "renamed"}),
        api.must("PATCH", "/devices/d.1/tags/u16", {"modbus": {"address": 1000}}),
        api.must("PATCH", "/devices/d.1/tags/ends", {"modbus": {"type": "int16"}}),
        api.must("PATCH", "/devices/d.1/tags/free", {"direction": "to_modbus"}),
        api.must("DELETE", "/devices/d.1/tags/f64")))

    def settled():
        now = pair.retained(len(TYPES) + 5)
        return (("d.1", "f64") not in now and ("d.1", "free") not in now and
                ("d.1", "i16") not in now and
                now["d.1", "renamed"]["registers"] == a.read(0) and
                now["d.1", "u16"]["address"] == 1000 and now["d.1", "ends"]["type"] == "int16")
    eventually(settled, "the retained setpoints follow the configuration")
    b.write("holding_register", 1000, [77])
    shows(a.modbusd, "holding_register", 1000, [77])
    a.write("holding_register", 0, [11])
    shows(b.modbusd, "holding_register", 0, [11])
    unknown = b.ignored("unknown_tag")
    pair.broker.publish(f"tagferry/mirror/{GATEWAY}/d%2E1/f64", json.dumps(kept["d.1", "f64"]), "-r")
    # Twice, if B asks for the retained setpoints just then, since its tags have changed.
    eventually(lambda: b.ignored("unknown_tag") > unknown, "the setpoint of no tag")

    hostile_messages(pair, a, b, kept["d.1", "u32"])
    assert a.metric("mirror_refused_total") == 0
    assert a.metric("mirror_published_total") > 0 and b.metric("mirror_applied_total") > 0
    assert a.ignored("own") > 0


def storm(sides, write):
    """All sides write forty numbers at the same time, each its own."""
    def run(side, first):
        with side.modbusd.client() as client:
            for i in range(40):
                write(client, first + i)
    threads = [threading.Thread(target=run, args=each) for each in sides.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def hostile_messages(pair, a, b, good):
    """They change a counter and nothing else."""
    topic = f"tagferry/mirror/{GATEWAY}/d%2E1/u32"
    before, invalid = [side.read(0, 62) for side in (a, b)], a.ignored("invalid")
    good = dict(good, stamp=good["stamp"] + 10 ** 9)
    cases = ["x", "[]", "{", '"', "{}", "null", "1e999", "[" * 2000, "x" * 70000,
             *[json.dumps({k: v for k, v in good.items() if k != left_out}) for left_out in good],
             *[json.dumps(dict(good, **change)) for change in (
                 {"stamp": -1}, {"stamp": 0}, {"stamp": 2 ** 53}, {"stamp": 1.5}, {"stamp": "1"},
                 {"stamp": 9 * 10 ** 15}, {"from": ""}, {"from": 7}, {"from": "x" * 256},
                 {"table": "x"}, {"table": 3}, {"address": -1}, {"address": 65536},
                 {"type": "x"}, {"byte_order": "x"}, {"registers": {}}, {"registers": []},
                 {"registers": [1, "2"]}, {"registers": [1, 65536]}, {"registers": [0.5, 1]},
                 {"registers": [1] * 124}, {"bit": 16}, {"bit": None}, {"device": "other"},
                 {"device": "d%2E1"}, {"tag": "i32"}, {"tag": ""}, {"tag": "x" * 65})]]
    for case in cases:
        pair.broker.publish(topic, case)
    for side in (a, b):
        eventually(lambda: side.ignored("invalid") == invalid + len(cases), "the invalid ones")
    apart = a.ignored("other_registers"), b.ignored("other_registers")
    others = [dict(good, registers=[1]), dict(good, address=5), dict(good, type="int32"),
              dict(good, byte_order="ABCD"), dict(good, table="input_register"),
              dict(good, registers=[1, 2, 3]), dict(good, bit=3, registers=[1])]
    for case in others:
        pair.broker.publish(topic, json.dumps(case))
    for side, count in zip((a, b), apart):
        eventually(lambda: side.ignored("other_registers") == count + len(others), "other points")
    older = a.ignored("older")
    pair.broker.publish(topic, json.dumps(dict(good, stamp=5, registers=[9, 9], **{"from": "z"})))
    eventually(lambda: a.ignored("older") > older, "the old one")
    assert [side.read(0, 62) for side in (a, b)] == before


def pass_a_millisecond():
    """The journal has times in milliseconds. Either of two writes within one may win, and two clocks may
    differ by some microseconds: a whole one passes."""
    now = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 10 ** 6
    while time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 10 ** 6 < now + 2:
        pass


def many(count):
    def create(api):
        api.must("POST", "/import", {"devices": [
            {"name": "n", "mqtt": {"topic": "n"},
             "tags": [back(f"n{i}", i, "uint16", f"cmd/n{i}") for i in range(count)]},
            {"name": "w", "mqtt": {"topic": "w"},
             "tags": [back("v", 2000, "uint16", "cmd/v"), back("w", 2001, "uint16", "cmd/w"),
                      back("f", 2002, "uint32", "cmd/f", mqtt=FAST),
                      back("both", 2010, "uint16", "cmd/both", "both")]}]})
    return create


def test_restarts(make_pair):
    """What is lost and found again: daemons, broker, machine."""
    pair = make_pair(persistence=False)
    a, b = pair.side("a"), pair.side("b")
    pair.configure(many(1000))
    pair.mirrors()
    commands = pair.listen()

    # A thousand at once.
    with a.modbusd.client() as client:
        for first in range(0, 1000, 100):
            client.write(first, *range(first + 1, first + 101))
    for first in range(0, 1000, 100):  # in any order
        shows(b.modbusd, "holding_register", first, range(first + 1, first + 101))
    eventually(lambda: len(commands.messages) == 1000, "the commands")

    # Written while mqttd was away, and superseded on the other side.
    b.write("holding_register", 2000, [1])
    shows(a.modbusd, "holding_register", 2000, [1])
    b.mqttd.kill()
    for value in (2, 3, 4):
        b.write("holding_register", 2000, [value])
        b.write("holding_register", 2002, [0, value])
    pass_a_millisecond()
    a.write("holding_register", 2001, [6])
    eventually(lambda: ("cmd/w", '{"w": 6}') in commands.messages, "the first command of A")
    pass_a_millisecond()
    b.write("holding_register", 2001, [7])
    a.write("holding_register", 2000, [5])
    a.write("holding_register", 2002, [0, 5])
    eventually(lambda: ("cmd/f", '{"f": 5}') in commands.messages, "the command of A")
    del commands.messages[:]
    b.mqttd.start()
    pair.open(b)
    for side in (a, b):
        shows(side.modbusd, "holding_register", 2000, [5, 7, 0, 5])
    eventually(lambda: commands.messages, "the command that is newer")
    assert b.metric("commands_superseded_total") == 6
    assert "is not published, because tagferry-a has a newer one" in b.mqttd.log()
    assert commands.messages == [("cmd/w", '{"w": 7}')]
    del commands.messages[:]

    # The broker loses all retained messages: they are there again.
    commands.close()
    pair.broker.kill()
    a.write("holding_register", 2000, [8])
    b.write("holding_register", 2001, [9])
    pass_a_millisecond()
    a.write("holding_register", 2001, [10])
    a.write("holding_register", 2010, [50])
    pair.broker.start()
    for side in (a, b):
        pair.open(side)
        shows(side.modbusd, "holding_register", 2000, [8, 10, 0, 5])
        shows(side.modbusd, "holding_register", 2010, [50])
    assert len(pair.retained(1004)) == 1004

    # The device changes on the spot; a mqttd that begins again does not undo that.
    pair.configure(lambda api: api.must("PATCH", "/devices/w/tags/both",
                                        {"mqtt": {"hold_off_ms": 0}}))
    pair.broker.publish("w", {"both": 55})
    for side in (a, b):
        shows(side.modbusd, "holding_register", 2010, [55])
    b.mqttd.kill()
    b.mqttd.start()
    pair.open(b)
    b.write("holding_register", 2000, [12])
    shows(a.modbusd, "holding_register", 2000, [12])
    assert b.read(2010) == [55] == a.read(2010)

    # Another machine with the name and the client id of B, and empty registers.
    for part in (b.mqttd, b.modbusd, b.api):
        part.kill()
    new = pair.side("new", mqttd__client_id="tagferry-b")
    many(1000)(new.api)
    served(new)
    shows(new.modbusd, "holding_register", 2000, [12, 10, 0, 5])
    with new.modbusd.client() as client:
        for first in range(0, 1000, 100):
            eventually(lambda: client.holding(first, 100) == list(range(first + 1, first + 101)),
                       "all setpoints")
    new.write("holding_register", 2001, [13])
    shows(a.modbusd, "holding_register", 2001, [13])


def overrun(side):
    """More writes than the journal holds."""
    with side.modbusd.client() as client:
        for i in range(9000):  # it holds 8192
            client.write_one(2000 + i % 2, i % 60000)
    pass_a_millisecond()


def test_a_journal_full_of_commands(make_pair):
    """SCADA writes more at one gateway than its journal holds while mqttd is away. The newest value wins, also
    of registers whose writes the journal has lost."""
    pair = make_pair()
    a, b = pair.side("a"), pair.side("b")
    pair.configure(many(10))
    pair.mirrors()
    commands = pair.listen()

    def everywhere(first, *values):
        """The values are in both gateways, and the device has received them last."""
        for side in (a, b):
            shows(side.modbusd, "holding_register", first, values)
        for address, value in enumerate(values, first):
            name = {2000: "v", 2001: "w"}.get(address, f"n{address}")
            eventually(lambda: [text for topic, text in commands.messages if topic == f"cmd/{name}"][-1:] ==
                       [f'{{"{name}": {value}}}'], f"{value} as the last command of {name}")

    a.write("holding_register", 1, [10])
    everywhere(1, 10)
    # Otherwise the next mqttd writes it again.
    eventually(lambda: b.api.value("n", "n1")["written_at"], "the note that it is written")
    b.mqttd.kill()
    b.write("holding_register", 1, [11, 12, 13])  # n1: newer than A's
    overrun(b)
    a.write("holding_register", 2000, [61000])
    a.write("holding_register", 2, [14])  # n2: newer than B's
    eventually(lambda: {"cmd/v", "cmd/n2"} <= {topic for topic, _ in commands.messages}, "the commands of A")
    assert len(pair.retained(3)) == 3
    b.mqttd.start()
    pair.open(b)
    b.write("holding_register", 0, [1])
    everywhere(0, 1, 11, 14, 13)
    everywhere(2000, 61000, 8999)
    assert b.metric("journal_overruns_total") > 0

    # Two losses, and mqttd does not come to an end with the first one.
    b.mqttd.kill()
    b.write("holding_register", 4, [20])
    a.write("holding_register", 5, [21])
    pass_a_millisecond()
    b.write("holding_register", 5, [22, 23])  # n5: newer than A's
    overrun(b)
    a.write("holding_register", 6, [24])  # n6: newer than B's
    eventually(lambda: ("cmd/n6", '{"n6": 24}') in commands.messages, "the command of A")
    b.mqttd.start()
    eventually(lambda: "journal overrun" in b.mqttd.log(), "the first loss")
    b.mqttd.kill()
    b.write("holding_register", 7, [25])
    overrun(b)
    b.mqttd.start()
    pair.open(b)
    everywhere(4, 20, 22, 24, 25)
    everywhere(0, 1, 11, 14, 13)
    everywhere(2000, 8998, 8999)


def ahead(side, folder):
    """Starts mqttd again with a clock that is 10 s ahead. Returns the file with the seconds."""
    shim, clock = folder / "clock_shim.so", folder / "clock_offset"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim,
                    ROOT / "tests/integration/clock_shim.c", "-ldl"], check=True)
    clock.write_text("10")
    side.mqttd.stop()
    side.mqttd.env.update({"LD_PRELOAD": str(shim), "TAGFERRY_TEST_CLOCK": str(clock),
                           "ASAN_OPTIONS": "verify_asan_link_order=0"})
    side.mqttd.start()
    return clock


def test_clocks_that_differ(make_pair):
    """The newer write wins, although the clock of one side is 10 s ahead, also after a restart."""
    pair = make_pair()
    a, b = pair.side("a"), pair.side("b")
    clock = ahead(a, pair.folder)
    pair.configure(many(1))
    pair.mirrors()
    commands = pair.listen()
    for value, (here, there) in enumerate([(a, b), (b, a), (b, a), (a, b), (b, a)], 1):
        here.write("holding_register", 2000, [value])
        shows(there.modbusd, "holding_register", 2000, [value])
        assert here.read(2000) == [value]
    a.write("holding_register", 2000, [10])
    shows(b.modbusd, "holding_register", 2000, [10])
    b.mqttd.kill()
    b.write("holding_register", 2000, [11])
    b.mqttd.start()
    for side in (a, b):
        shows(side.modbusd, "holding_register", 2000, [11])
    clock.write_text("-10")
    b.write("holding_register", 2001, [1])
    shows(a.modbusd, "holding_register", 2001, [1])
    a.write("holding_register", 2001, [2])
    shows(b.modbusd, "holding_register", 2001, [2])
    eventually(lambda: len(commands.messages) == 9, "each command once")
    assert b.metric("commands_superseded_total") == 0

    # A third gateway takes them all; all three write at the same time.
    c = pair.side("c")
    many(1)(c.api)
    served(c)
    shows(c.modbusd, "holding_register", 2000, [11, 2])
    storm({a: 1000, b: 2000, c: 3000}, lambda client, number: client.write_one(2000, number))
    for side in (a, b, c):  # follows all setpoints of the storm
        side.write("holding_register", 2001, [int(side.name, 16)])
    eventually(lambda: a.read(2001) == b.read(2001) == c.read(2001), "the last writes")
    eventually(lambda: a.read(2000) == b.read(2000) == c.read(2000), "the same value")
    assert a.read(2000) in ([1039], [2039], [3039])
