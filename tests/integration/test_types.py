"""The types bcd16, bcd32, int8 and uint8, and the orders of 64 bits: from MQTT to registers and back, beside others
in one register. pymodbus and mbpoll are the SCADA side."""

import json
import random
import struct
import subprocess
import threading

import pytest

from harness import DEADLINE, eventually
from mqttd_helpers import back, landed, reloaded, shows, tag
from small_plc import SmallPlc
from test_mqttd_foreign import holds, network

FOUR = ["ABCD", "CDAB", "BADC", "DCBA"]
EIGHT = {"ABCDEFGH": "ABCDEFGH", "BADCFEHG": "BADCFEHG", "CDABGHEF": "CDABGHEF", "DCBAHGFE": "DCBAHGFE",
         "EFGHABCD": "EFGHABCD", "FEHGBADC": "FEHGBADC", "GHEFCDAB": "GHEFCDAB", "HGFEDCBA": "HGFEDCBA",
         "ABCD": "ABCDEFGH", "CDAB": "GHEFCDAB", "BADC": "BADCFEHG", "DCBA": "HGFEDCBA"}


def ordered(data, letters):
    """The bytes of a value, most significant first, as registers in the order of the letters."""
    moved = bytes(data["ABCDEFGH".index(letter)] for letter in letters[:len(data)])
    return list(struct.unpack(f">{len(data) // 2}H", moved))


def cases():
    """Name, type, other members, value of MQTT, registers."""
    for order in FOUR:
        yield f"bcd32-{order}", "bcd32", {"byte_order": order}, 12345678, ordered(bytes.fromhex("12345678"), order)
        yield (f"bcd16-{order}", "bcd16", {"byte_order": order, "scale": 0.01}, 98.76,
               [0x9876 if order[0] in "AC" else 0x7698])
    for name, letters in EIGHT.items():
        for type, form, value in (("uint64", "Q", 0x0102030405060708), ("int64", "q", -0x0102030405060708),
                                  ("float64", "d", -1234.5678)):
            yield f"{type}-{name}", type, {"byte_order": name}, value, ordered(struct.pack(">" + form, value), letters)


def published(value):
    """As a number, but as a text if JSON's numbers are not exact."""
    return str(value) if isinstance(value, int) and abs(value) >= 2 ** 53 else value


def test_values_go_both_ways(plant):
    """Each value goes from MQTT to input registers, and from SCADA's write of the same registers to MQTT."""
    tags, rows, address = [], list(cases()), 0
    places = {}
    for name, type, modbus, value, words in rows:
        places[name] = address
        tags += [tag(f"in-{name}", address, type, "input_register", **modbus),
                 back(f"out-{name}", address, type, f"cmd/{name}", **modbus)]
        address += len(words)
    reloaded(plant, lambda: plant.api.device("d", "d", tags))
    listener = plant.broker.subscribe("cmd/#")
    plant.broker.publish("d", {f"in-{name}": published(value) for name, _, _, value, _ in rows})
    with plant.modbusd.client() as client:
        for name, _, _, value, words in rows:
            shows(plant.modbusd, "input_register", places[name], words)
            client.write(places[name], *words)
    found = {topic.removeprefix("cmd/"): json.loads(text) for topic, text in listener.wait(len(rows))}
    for name, _, _, value, _ in rows:
        assert found[name] == {f"out-{name}": published(value)}
        assert plant.api.value("d", f"in-{name}")["value"] == published(value)
        assert plant.api.value("d", f"out-{name}")["value"] == published(value)


def test_limits(plant):
    """Values beyond a type are refused, or become its limit."""
    limits = [("bcd16", 0, 9999), ("bcd32", 0, 99999999), ("int8", -128, 127), ("uint8", 0, 255)]
    reloaded(plant, lambda: plant.api.device("d", "d", [
        tag(f"{type}-{how}", 10 * i + 2 * (how == "clamp"), type, "input_register", on_overflow=how)
        for i, (type, _, _) in enumerate(limits) for how in ("reject", "clamp")]))
    for low in (True, False):
        plant.broker.publish("d", {f"{type}-{how}": least if low else most
                                   for type, least, most in limits for how in ("reject", "clamp")})
        for type, least, most in limits:
            for how in ("reject", "clamp"):
                eventually(lambda: plant.api.value("d", f"{type}-{how}")["value"] == (least if low else most), type)
        plant.broker.publish("d", {f"{type}-{how}": least - 1 if low else most + 1
                                   for type, least, most in limits for how in ("reject", "clamp")})
        for type, least, most in limits:
            eventually(lambda: (plant.api.value("d", f"{type}-reject")["last_error"] or {}).get("code") ==
                       "out_of_range", type)
            for how in ("reject", "clamp"):
                assert plant.api.value("d", f"{type}-{how}")["value"] == (least if low else most)
    for type, least, most in limits:
        answer = plant.api.request("PUT", f"/devices/d/tags/{type}-reject/value", {"value": most + 1})
        assert answer.status == 422 and answer.json()["errors"][0]["code"] == "out_of_range"


def test_two_bytes_never_disturb_one_another(plant):
    """MQTT writes the low byte of a register and the bits of another one's low byte, and SCADA the high bytes, all at
    once. Each write stays, and each of SCADA's is a command of its own tag."""
    rounds = 150
    reloaded(plant, lambda: plant.api.device("d", "d", [
        tag("low", 5, "int8"), back("high", 5, "int8", "cmd/high", byte="high"),
        *[tag(f"b{bit}", 6, "bool", bit=bit) for bit in range(8)],
        back("half", 6, "uint8", "cmd/half", byte="high")]))
    listener = plant.broker.subscribe("cmd/#")
    wrong = []
    numbers = [random.Random(n).randint(-128, 127) for n in range(rounds)]

    def scada():
        with plant.modbusd.client() as modbus:
            for n in numbers:
                for address in (5, 6):
                    word = (n & 0xFF) << 8
                    answer = modbus.client.mask_write_register(address, 0x00FF, word, slave=1)
                    if answer.isError() or modbus.holding(address)[0] >> 8 != n & 0xFF:
                        wrong.append((n, address, answer))

    thread = threading.Thread(target=scada)
    thread.start()
    for n in numbers:
        plant.broker.publish("d", {"low": n, **{f"b{bit}": n >> bit & 1 for bit in range(8)}})
    thread.join()
    last = numbers[-1] & 0xFF
    shows(plant.modbusd, "holding_register", 5, [last << 8 | last] * 2)
    assert not wrong
    landed(plant)
    messages = listener.wait(2 * rounds)
    assert [json.loads(text)["high"] for topic, text in messages if topic == "cmd/high"] == numbers
    assert [json.loads(text)["half"] for topic, text in messages if topic == "cmd/half"] == [n & 0xFF for n in numbers]


def test_a_register_write_means_the_bytes_that_it_changes(plant):
    """A client that writes whole registers writes the other byte back as it read it."""
    reloaded(plant, lambda: plant.api.device("d", "d", [
        back("low", 5, "uint8", "cmd/low"), back("high", 5, "int8", "cmd/high", byte="high"),
        back("marker", 9, "uint16", "cmd/marker")]))
    listener = plant.broker.subscribe("cmd/#")
    with plant.modbusd.client() as client:
        for at, word in enumerate((0x0007, 0xFE07, 0x8080)):
            client.write_one(5, word)
            client.write_one(9, at)
        messages = listener.wait(7)
    assert [(topic, json.loads(text)) for topic, text in messages if topic != "cmd/marker"][:2] == [
        ("cmd/low", {"low": 7}), ("cmd/high", {"high": -2})]
    assert sorted(json.loads(text).popitem() for _, text in messages[-3:-1]) == [("high", -128), ("low", 128)]
    # A person writes one byte: the other one stays, and the command is that of the byte.
    plant.api.must("PUT", "/devices/d/tags/high/value", {"value": 1})
    assert json.loads(listener.wait(8)[-1][1]) == {"high": 1}
    shows(plant.modbusd, "holding_register", 5, [0x0180])
    owners = plant.api.must("GET", "/registers/holding_register?start=5&count=1")["items"][0]["owners"]
    assert [(owner["tag"], owner["bit"], owner["byte"]) for owner in owners] == [
        ("low", None, "low"), ("high", None, "high")]
    owners = plant.api.must("GET", "/registers/holding_register/owners")["items"]
    assert [owner["byte"] for owner in owners] == ["low", "high", None]


def test_a_deleted_byte_becomes_zero(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [
        tag("low", 5, "uint8"), tag("high", 5, "uint8", byte="high"), tag("bit", 6, "bool", bit=9),
        tag("byte", 6, "uint8")]))
    plant.broker.publish("d", {"low": 0x12, "high": 0x34, "bit": True, "byte": 0xFF})
    shows(plant.modbusd, "holding_register", 5, [0x3412, 0x02FF])
    reloaded(plant, lambda: plant.api.must("DELETE", "/devices/d/tags/high"))
    shows(plant.modbusd, "holding_register", 5, [0x0012, 0x02FF])
    # A move to the other byte takes the value along.
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/low", {"modbus": {"byte": "high"}}))
    shows(plant.modbusd, "holding_register", 5, [0x1200, 0x02FF])
    reloaded(plant, lambda: plant.api.must("DELETE", "/devices/d/tags/byte"))
    shows(plant.modbusd, "holding_register", 6, [0x0200])
    # So does another type.
    for type, word in (("int16", 0x12), ("bcd16", 0x18), ("uint8", 0x12)):
        reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d/tags/low", {
            "modbus": {"type": type, "byte": None}}))
        shows(plant.modbusd, "holding_register", 5, [word])


@pytest.fixture(params=[(3, 6, 16)])
def plc(request):
    made = SmallPlc(functions=request.param)
    yield made
    made.close()


def test_bytes_and_bcd_of_a_foreign_server(plant, plc):
    """Without mask write a byte is read, changed and written. A poll finds which byte has changed, and a register that is
    no BCD."""
    plc.registers[10:14] = [0xAA55, 0x4321, 0x5678, 0x1234]
    reloaded(plant, lambda: plant.api.device("p", "p", [
        tag("low", 10, "uint8"), back("high", 10, "int8", "cmd/high", "both", {"hold_off_ms": 0}, byte="high"),
        back("count", 11, "bcd16", "cmd/count"),
        back("total", 12, "bcd32", "cmd/total", byte_order="CDAB")], network=network(plc, poll_interval_ms=50)))
    listener = plant.broker.subscribe("cmd/#")
    eventually(lambda: plant.api.value("p", "total")["value"] == 12345678, "the first poll")
    plant.broker.publish("p", {"low": 0x77})
    holds(plc, 10, [0xAA77])
    plant.broker.publish("p", {"high": -1})
    holds(plc, 10, [0xFF77])
    plc.registers[10] = 0x0588
    assert listener.wait(1) == [("cmd/high", '{"high": 5}')]
    plc.registers[11] = 0x432F
    eventually(lambda: plant.api.value("p", "count")["value"] is None, "what is no BCD")
    value = plant.api.value("p", "count")
    assert (value["last_error"]["code"], value["last_error"]["detail"]) == ("not_bcd", "0x432f")
    assert value["raw"] == [0x432F]
    plc.registers[11] = 0x4329
    assert listener.wait(2)[1] == ("cmd/count", '{"count": 4329}')
    plc.registers[12] = 0x5679
    assert listener.wait(3)[2] == ("cmd/total", '{"total": 12345679}')


def test_what_is_no_bcd_is_shown_as_no_value(plant):
    """In registers that anybody may write. The metrics have no sample of it."""
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("count", 5, "bcd16"), tag("total", 6, "bcd32")]))
    with plant.modbusd.client() as client:
        client.write(5, 0x00A0, 0x0012, 0x3456)
    value = plant.api.value("d", "count")
    assert value["value"] is None and value["raw"] == [0xA0]
    assert value["last_error"]["code"] == "not_bcd"
    assert plant.api.value("d", "total")["value"] == 123456
    samples = plant.api.get("/metrics/values").body.decode()
    assert 'tag="total"' in samples and 'tagferry_tag_value{device="d",tag="count"' not in samples
    page = plant.api.must("GET", "/values")["items"]
    assert [item["value"] for item in page] == [None, 123456]


def test_mbpoll_reads_bcd_as_hex(plant):
    reloaded(plant, lambda: plant.api.device("d", "d", [tag("v", 5, "bcd32", "input_register")]))
    plant.broker.publish("d", {"v": 20260131})
    shows(plant.modbusd, "input_register", 5, [0x2026, 0x0131])
    host, port = plant.modbusd.address().rsplit(":", 1)
    done = subprocess.run(["mbpoll", "-o", "10", "-m", "tcp", "-p", port, "-0", "-r", "5", "-c", "2", "-t", "3:hex", "-1", host],
                          capture_output=True, text=True, timeout=DEADLINE, check=True)
    assert "[5]: \t0x2026" in done.stdout and "[6]: \t0x0131" in done.stdout, done.stdout


RULES = [
    ({"type": "int8", "byte": "middle"}, "/modbus/byte", "invalid_choice"),
    ({"type": "int8", "byte": 1}, "/modbus/byte", "wrong_type"),
    ({"type": "uint16", "byte": "low"}, "/modbus/byte", "type_mismatch"),
    ({"type": "bool", "bit": 3, "byte": "low"}, "/modbus/byte", "type_mismatch"),
    ({"type": "uint8", "bit": 3}, "/modbus/bit", "type_mismatch"),
    ({"type": "uint8", "length": 1}, "/modbus/length", "type_mismatch"),
    ({"type": "uint8", "table": "coil"}, "/modbus/type", "type_mismatch"),
    ({"type": "int8", "on_stale": 128}, "/modbus/on_stale", "out_of_range"),
    ({"type": "int8", "on_stale": -129}, "/modbus/on_stale", "out_of_range"),
    ({"type": "uint8", "on_stale": 256}, "/modbus/on_stale", "out_of_range"),
    ({"type": "bcd16", "on_stale": 10000}, "/modbus/on_stale", "out_of_range"),
    ({"type": "bcd32", "on_stale": -1}, "/modbus/on_stale", "out_of_range"),
    ({"type": "bcd16", "on_stale": "nan"}, "/modbus/on_stale", "type_mismatch"),
    ({"type": "bcd32", "address": 65535}, "/modbus/address", "out_of_range"),
    *[({"type": type, "byte_order": "ABCDEFGH", **({"length": 4} if type == "string" else {})},
       "/modbus/byte_order", "type_mismatch")
      for type in ("int8", "int16", "uint32", "float32", "bcd32", "string", "bool")],
    ({"type": "uint64", "byte_order": "ABCDEFHG"}, "/modbus/byte_order", "invalid_choice"),
]


def test_rules(stack):
    api = stack.start_api()
    api.device("d", "d")
    for modbus, pointer, code in RULES:
        answer = api.request("POST", "/devices/d/tags", {"name": "x", "modbus": modbus})
        errors = {(error["pointer"], error["code"]) for error in answer.json()["errors"]}
        assert answer.status == 422 and errors == {(pointer, code)}, (modbus, answer.body)
    for modbus in ({"type": "int8", "on_stale": -128}, {"type": "uint8", "byte": "high", "on_stale": 255},
                   {"type": "bcd16", "on_stale": 9999}, {"type": "bcd32", "on_stale": 99999999},
                   {"type": "float64", "byte_order": "HGFEDCBA"}):
        made = api.must("POST", "/devices/d/tags", {"name": "x", "modbus": modbus})["modbus"]
        assert {name: made[name] for name in modbus} == modbus
        assert made["byte"] == modbus.get("byte")
        api.must("DELETE", "/devices/d/tags/x")


def test_tables_have_the_byte(stack):
    """A CSV file with the words of other programs, and the export of it."""
    api = stack.start_api()
    text = ("device,topic,tag,table,address,type,byte,byte_order\n"
            "d,d,a,holding_register,400001,SINT,MSB,\nd,d,b,holding_register,400001,USINT,,\n"
            "d,d,c,holding_register,400002,LBCD,,word swap\nd,d,e,holding_register,400004,ULINT,,GHEFCDAB\n")
    answer = api.request("POST", "/import", text.encode(), {"Content-Type": "text/csv"})
    assert answer.status == 200, answer.body
    made = {tag["name"]: tag["modbus"] for tag in api.must("GET", "/devices/d/tags")["items"]}
    assert {name: (modbus["type"], modbus["byte"], modbus["byte_order"]) for name, modbus in made.items()} == {
        "a": ("int8", "high", "ABCD"), "b": ("uint8", None, "ABCD"), "c": ("bcd32", None, "CDAB"),
        "e": ("uint64", None, "GHEFCDAB")}
    table = api.get("/export?format=csv").body
    api.must("DELETE", "/devices/d")
    assert api.request("POST", "/import", table, {"Content-Type": "text/csv"}).status == 200
    again = {tag["name"]: tag["modbus"] for tag in api.must("GET", "/devices/d/tags")["items"]}
    assert again == made
