"""Foreign Modbus servers: mqttd keeps their pace, and finds their writes by polling."""

import struct


import pytest

from harness import eventually, free_port
from mqttd_helpers import back, reloaded, served, shows, tag
from small_plc import SmallPlc
from store_file import open_store


@pytest.fixture
def plc(request):
    made = SmallPlc(**getattr(request, "param", {}))
    yield made
    made.close()


def network(plc, **pace):
    return dict({"modbus_host": "127.0.0.1", "modbus_port": plc.port, "unit_id": 1}, **pace)


def holds(plc, address, words):
    eventually(lambda: plc.registers[address:address + len(words)] == words,
               f"the PLC to hold {words}")


def test_few_registers_a_write(plant, plc):
    tags = [tag(f"v{n}", 2 * n, "uint32") for n in range(10)]
    reloaded(plant, lambda: plant.api.device("p", "p", tags, network=network(
        plc, max_write_registers=4, min_interval_ms=5)))
    for round in range(3):
        plant.broker.publish("p", {f"v{n}": 65536 * n + round for n in range(10)})
    holds(plc, 0, [word for n in range(10) for word in (n, 2)])
    assert plc.largest == 4
    assert not plc.crowded
    value = plant.api.value("p", "v3")
    assert value["value"] == 65536 * 3 + 2


@pytest.mark.parametrize("plc", [{"functions": (3, 6)}], indirect=True)
def test_single_writes(plant, plc):
    reloaded(plant, lambda: plant.api.device("p", "p", [tag("v", 10, "uint32")],
                                             network=network(plc, write_single=True)))
    plant.broker.publish("p", {"v": 0x00070008})
    holds(plc, 10, [7, 8])
    assert set(plc.seen) == {6}


def test_a_refused_value_costs_no_other(plant, plc):
    plc.forbidden = {2}
    tags = [tag(f"v{n}", n, "uint16") for n in range(4)]
    reloaded(plant, lambda: plant.api.device("p", "p", tags,
                                             network=network(plc, max_write_registers=4)))
    plant.broker.publish("p", {f"v{n}": n + 1 for n in range(4)})
    holds(plc, 0, [1, 2, 0, 4])
    plc.forbidden = set()
    holds(plc, 2, [3])


def test_bits_without_mask_write(plant, plc):
    plc.registers[5] = 0xFF00
    reloaded(plant, lambda: plant.api.device("p", "p", [tag("b", 5, "bool", bit=1)],
                                             network=network(plc)))
    plant.broker.publish("p", {"b": True})
    holds(plc, 5, [0xFF02])
    assert plant.api.value("p", "b")["value"] is True
    plant.broker.publish("p", {"b": False})
    holds(plc, 5, [0xFF00])
    assert plant.api.value("p", "b")["value"] is False


def test_a_dead_server_delays_nobody(plant, plc):
    def configure():
        plant.api.device("dead", "all", [tag("v", 0, "uint16")], network={
            "modbus_host": "127.0.0.1", "modbus_port": free_port()})
        plant.api.device("p", "all", [tag("v", 0, "uint16")], network=network(plc))
        plant.api.device("local", "all", [tag("v", 0, "uint16")])
    reloaded(plant, configure)
    for n in range(1, 6):
        plant.broker.publish("all", {"v": n})
        holds(plc, 0, [n])
        shows(plant.modbusd, "holding_register", 0, [n])


def serve_all(plant, servers):
    """A device on the local server and one on each of the ports, all with one topic."""
    def configure():
        plant.api.device("local", "all", [tag("v", 0, "uint16")])
        for name, port in servers.items():
            plant.api.device(name, "all", [tag("v", 0, "uint16")], network={
                "modbus_host": "127.0.0.1", "modbus_port": port})
    reloaded(plant, configure)


def values_reach(plant, plc, values):
    """Publishes each value after the previous one has reached both healthy servers."""
    for n in values:
        plant.broker.publish("all", {"v": n})
        holds(plc, 0, [n])
        shows(plant.modbusd, "holding_register", 0, [n])


def start_patient(stack):
    """All parts, with a time-out for a slow server that exceeds the test."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__modbus_timeout_ms=30000)


def test_a_slow_server_delays_nobody(stack, plc):
    """While it processes its first request, all other values reach two other servers, beside one
    that refuses connections; then it gets the newest value, and none of those in between."""
    slow = SmallPlc(delay=None)
    start_patient(stack)
    serve_all(stack, {"slow": slow.port, "refused": free_port(), "p": plc.port})
    values_reach(stack, plc, range(1, 16))
    assert slow.requests == 1 and slow.seen == []
    slow.pause.set()
    holds(slow, 0, [15])
    assert slow.seen == [16, 16]
    slow.close()


def test_a_server_that_never_answers_delays_nobody(stack, plc):
    mute = SmallPlc(delay=None)
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__modbus_timeout_ms=50)
    serve_all(stack, {"mute": mute.port, "refused": free_port(), "p": plc.port})
    values_reach(stack, plc, range(1, 16))
    eventually(lambda: mute.requests > 1, "a second attempt")
    assert mute.seen == []
    error = stack.api.value("mute", "v")["last_error"]
    assert error["code"] == "modbus_unreachable"
    # In so short a time, a busy machine does not always answer either.
    eventually(lambda: stack.api.value("p", "v")["last_error"] is None, "no error of the other server")
    mute.pause.set()
    holds(mute, 0, [15])
    mute.close()


@pytest.mark.parametrize("host, why", [("127.0.0.1", "Connection refused"),
                                       ("a" * 64 + ".invalid", "(Name|Non-recoverable|Temporary) .*")])
def test_a_server_out_of_reach_is_named(plant, host, why):
    port = free_port()
    reloaded(plant, lambda: plant.api.device("p", "p", [tag("v", 0, "uint16")], network={
        "modbus_host": host, "modbus_port": port}))
    plant.broker.publish("p", {"v": 1})
    plant.mqttd.wait_log(f"out of reach.*: {host}:{port}: cannot connect: {why}")
    eventually(lambda: (plant.api.value("p", "v")["last_error"] or {}).get("detail") ==
               f"{host}:{port}", "the server's name")
    status = plant.api.must("GET", "/devices/p/status")
    assert (status["last_error"]["code"], status["last_error"]["detail"]) == (
        "modbus_unreachable", f"{host}:{port}")


def test_writes_are_found_by_polling(plant, plc):
    plc.registers[0:3] = [1, 2, 3]
    tags = [back("v", 0, "uint16", "cmd/v", "both", {"hold_off_ms": 0}),
            back("w", 1, "uint32", "cmd/w")]
    reloaded(plant, lambda: plant.api.device("p", "p", tags,
                                             network=network(plc, poll_interval_ms=20)))
    listener = plant.broker.subscribe("cmd/#")
    eventually(lambda: plc.seen.count(3) >= 4, "polls")
    plc.registers[0] = 10
    assert listener.wait(1) == [("cmd/v", '{"v": 10}')]
    plc.registers[1:3] = [1, 1]
    assert listener.wait(2)[1] == ("cmd/w", '{"w": 65537}')
    plant.broker.publish("p", {"v": 33})
    holds(plc, 0, [33])
    before = plc.seen.count(3)
    eventually(lambda: plc.seen.count(3) >= before + 4, "polls")
    plc.registers[0] = 34
    assert listener.wait(3)[2] == ("cmd/v", '{"v": 34}')
    listener.close()


def test_only_the_bit_that_changed_is_news(plant, plc):
    tags = [back(f"b{bit}", 0, "bool", f"cmd/b{bit}", bit=bit) for bit in (0, 1)]
    reloaded(plant, lambda: plant.api.device("p", "p", tags,
                                             network=network(plc, poll_interval_ms=20)))
    listener = plant.broker.subscribe("cmd/#")
    eventually(lambda: plc.seen.count(3) >= 4, "polls")
    plc.registers[0] = 1
    listener.wait(1)
    plc.registers[0] = 3
    assert listener.wait(2) == [("cmd/b0", '{"b0": true}'), ("cmd/b1", '{"b1": true}')]
    listener.close()


def test_refused_bits_of_one_register_are_all_tried_again(plant, plc):
    plain, masked = plc._act, []

    def act(pdu):
        if pdu[0] != 22:
            return plain(pdu)
        _, address, keep, bits = struct.unpack(">BHHH", pdu)
        masked.append(bits)
        if len(masked) <= 2:
            return bytes([22 | 0x80, 2])
        plc.registers[address] = plc.registers[address] & keep | bits
        return pdu
    plc._act = act
    tags = [tag(f"b{bit}", 0, "bool", bit=bit) for bit in range(3)]
    reloaded(plant, lambda: plant.api.device("p", "p", tags, network=network(plc)))
    plant.broker.publish("p", {f"b{bit}": True for bit in range(3)})
    holds(plc, 0, [7])
    assert masked == [7, 7, 7]


def test_what_was_polled_is_the_value(plant, plc):
    """Also before any write, and after another client has written."""
    plc.registers[0:9] = [7, 0, 3, 0x4f4b, 0, 0, 0, 0, 0xffff]
    tags = [back("n", 0, "int16", "cmd/n", "both", scale=0.1), back("w", 1, "uint32", "cmd/w"),
            back("s", 3, "string", "cmd/s", length=2), back("b", 8, "bool", "cmd/b", bit=4)]
    reloaded(plant, lambda: plant.api.device("p", "p", tags, network=network(
        plc, poll_interval_ms=100)))
    listener = plant.broker.subscribe("cmd/#")

    def values():
        return {item["tag"]: item["value"] for item in plant.api.must("GET", "/values")["items"]}

    def become(**wanted):
        eventually(lambda: values() == wanted, f"the values to be {wanted}")
    become(n=0.7, w=3, s="OK", b=True)
    assert plant.api.value("p", "n")["received_at"] is None
    assert listener.messages == [], "a register's mere value is no command"
    plant.broker.publish("p", {"n": 1.5})
    holds(plc, 0, [15])
    received = plant.api.value("p", "n")["received_at"]
    plc.registers[0], plc.registers[8] = 16, 0xffef
    become(n=1.6, w=3, s="OK", b=False)
    assert plant.api.value("p", "n")["received_at"] == received
    assert ("cmd/n", '{"n": 1.6}') in listener.wait(2)
    plant.mqttd.kill()
    plc.registers[0] = 17
    plant.mqttd.start()
    become(n=1.7, w=3, s="OK", b=False)
    assert plc.registers[0] == 17, "what was polled is not written"


def test_a_reserved_unit_is_no_other(stack, plc):
    """libmodbus accepts no unit above 247 and would use the previous one. The API refuses such a
    unit, but an older store may contain one."""
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("p", "p", [tag("v", 0, "uint16"), tag("w", 1, "uint16")], network=network(plc))
    stack.api.device("q", "q", [tag("v", 2, "uint16")], network=network(plc))
    with open_store(stack.common["common.database"]) as store:
        store.execute("UPDATE device SET network_unit_id = 250 WHERE name = 'q'")
    stack.start_mqttd()
    served(stack)
    stack.broker.publish("p", {"v": 1})
    holds(plc, 0, [1])
    stack.broker.publish("q", {"v": 2})
    stack.mqttd.wait_log("unit id 250 is reserved")
    stack.broker.publish("p", {"w": 3})
    holds(plc, 0, [1, 3, 0])


def test_a_server_without_devices_is_left(plant, plc):
    def configure():
        plant.api.device("p", "p", [tag("v", 0, "uint16")], network=network(plc))
    for number in (1, 2):
        reloaded(plant, configure)
        plant.broker.publish("p", {"v": number})
        holds(plc, 0, [number])
        assert plc.open == 1
        reloaded(plant, lambda: plant.api.must("DELETE", "/devices/p"))
        eventually(lambda: plc.open == 0, "the connection to be closed")
