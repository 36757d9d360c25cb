"""Registers with gaps between them are written to the local server in several requests at once, and a local server that
does not answer delays nothing else."""

import signal

from pymodbus.framer.socket_framer import ModbusSocketFramer

from harness import eventually
from mqttd_helpers import reloaded, shows, tag
from rtu_line import Units

TAGS = 40  # more than can be under way at once


def test_registers_apart(plant):
    """Tags of all four tables, with bits and wide values among them, all in one message."""
    def name(n):
        return f"v{n}"
    tags = [tag(name(n), 3 * n, "uint16") for n in range(TAGS)]
    tags += [tag(f"i{n}", 5 * n, "uint64", "input_register") for n in range(TAGS)]
    tags += [tag(f"b{n}", 1000 + 2 * n, "bool", bit=n % 16) for n in range(TAGS)]
    tags += [tag(f"c{n}", 4 * n, "bool", "coil") for n in range(TAGS)]
    tags += [tag(f"d{n}", 4 * n, "bool", "discrete_input") for n in range(TAGS)]
    reloaded(plant, lambda: plant.api.device("d", "t", tags))
    for round in range(1, 4):
        message = {name(n): 100 * round + n for n in range(TAGS)}
        message.update({f"i{n}": str((round << 48) + n) for n in range(TAGS)})
        for letter in "bcd":
            message.update({f"{letter}{n}": (round + n) % 2 for n in range(TAGS)})
        plant.broker.publish("t", message)
        odd = [(round + n) % 2 for n in range(TAGS)]
        shows(plant.modbusd, "holding_register", 0,
              spread([[100 * round + n] for n in range(TAGS)], 3))
        shows(plant.modbusd, "input_register", 0,
              spread([[round, 0, 0, n] for n in range(24)], 5))
        shows(plant.modbusd, "holding_register", 1000,
              spread([[odd[n] << n % 16] for n in range(TAGS)], 2))
        for table in ("coil", "discrete_input"):
            shows(plant.modbusd, table, 0, spread([[bool(on)] for on in odd], 4, False))


def spread(values, distance, gap=0):
    """The content of a table: values with gaps in between; the last one without its gap."""
    words = [word for value in values for word in value + [gap] * (distance - len(value))]
    return words[:len(words) - distance + len(values[-1])]


def test_a_refused_value_costs_no_other(stack):
    """The server lacks unit 2, although API and mqttd are configured with it."""
    stack.start_broker()
    stack.start_modbusd()
    stack.common["common.units"] = "1,2"
    stack.start_api()
    stack.start_mqttd()

    def configure():
        for unit in (1, 2):
            stack.api.device(f"d{unit}", "t", [tag(f"v{n}", 3 * n, "uint16") for n in range(10)],
                             network={"unit_id": unit})
    reloaded(stack, configure)
    for round in range(1, 4):
        stack.broker.publish("t", {f"v{n}": round + n for n in range(10)})
        shows(stack.modbusd, "holding_register", 0, spread([[round + n] for n in range(10)], 3))
    stack.mqttd.wait_log(r"a value for unit 2, address \d+ was refused")


def test_a_stopped_server_stalls_nothing(plant):
    """While modbusd is stopped with a request unanswered, values for another server, a reload and acknowledgements go on."""
    plc = Units((1,))
    port = plc.serve_tcp(framer=ModbusSocketFramer)
    elsewhere = {"modbus_host": "127.0.0.1", "modbus_port": port}

    def configure():
        plant.api.device("here", "here", [tag("v", 0, "uint16"), tag("far", 900, "uint16")])
        plant.api.device("there", "there", [tag("v", 0, "uint16")], network=elsewhere)
    try:
        reloaded(plant, configure)
        plant.broker.publish("here", {"v": 1, "far": 2})
        shows(plant.modbusd, "holding_register", 0, [1])
        plant.modbusd.signal(signal.SIGSTOP)
        for number in range(10, 300):  # QoS 1: each is acknowledged
            plant.broker.publish("here", {"v": number, "far": number + 1})
            if number % 29 == 0:
                plant.broker.publish("there", {"v": number})
                eventually(lambda: plc.holding(1, 0) == [number], "the value on the other server")
            if number == 150:
                reloaded(plant, lambda: plant.api.device("late", "late", [tag("v", 1, "uint16")], network=elsewhere))
                plant.broker.publish("late", {"v": 7})
                eventually(lambda: plc.holding(1, 1) == [7], "the value of the new device")
                plant.mqttd.process.send_signal(signal.SIGHUP)
        plant.modbusd.signal(signal.SIGCONT)
        shows(plant.modbusd, "holding_register", 0, [299])
        shows(plant.modbusd, "holding_register", 900, [300])
        plant.broker.publish("here", {"v": 301})
        shows(plant.modbusd, "holding_register", 0, [301])
    finally:
        plc.close()
