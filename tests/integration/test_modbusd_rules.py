"""Access rules by register, function and client, and other names of units, with pymodbus as client."""

import contextlib
import subprocess

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.other_message import ReportSlaveIdRequest
from pymodbus.register_write_message import MaskWriteRegisterRequest
from pymodbus.register_read_message import ReadWriteMultipleRegistersRequest

from harness import BIN, DEADLINE, eventually
from mqttd_helpers import reloaded
from test_modbusd_limits import Configured

FUNCTION, ADDRESS, TARGET = 1, 2, 11  # exceptions
PANEL, READER, OPERATOR = "127.0.0.2", "127.0.0.3", "127.0.0.4"
RULES = (f"{PANEL} rw unit=1-2 holding_register=200-299,400 fc=3,6,16",
         f"{READER} ro holding_register=0-99", f"{READER} ro unit=1 fc=2,4,43",
         f"{OPERATOR} ro holding_register=10-19", f"{OPERATOR} rw", "127.0.0.1 rw")


@contextlib.contextmanager
def client(modbusd, source="127.0.0.1"):
    host, port = modbusd.address().rsplit(":", 1)
    peer = ModbusTcpClient(host, port=int(port), timeout=DEADLINE, source_address=(source, 0), retries=0)
    assert peer.connect()
    yield peer
    peer.close()


def outcome(answer):
    """The exception, or 0."""
    return answer.exception_code if answer.isError() else 0


def exchange(peer, read, write, count=1, unit=1):
    return peer.execute(ReadWriteMultipleRegistersRequest(
        read_address=read, read_count=1, write_address=write, write_registers=[7] * count, slave=unit))


def counted(stack, reason):
    name = f'tagferry_modbusd_requests_refused_total{{reason="{reason}"}} '
    text = stack.api.get("/metrics").body.decode()
    return int([line for line in text.splitlines() if line.startswith(name)][0][len(name):])


def test_registers_and_functions(stack):
    modbusd = stack.start_modbusd(common__units="1-3", modbusd__allow=", ".join(RULES))
    with client(modbusd) as full, client(modbusd, PANEL) as panel:
        assert outcome(full.write_registers(0, list(range(100)), slave=1)) == 0
        assert outcome(panel.write_registers(200, [5] * 100, slave=1)) == 0
        assert panel.read_holding_registers(299, 1, slave=1).registers == [5]
        assert outcome(panel.write_register(400, 6, slave=2)) == 0
        assert full.read_holding_registers(400, 1, slave=2).registers == [6]
        for request, expected in (
                (panel.read_holding_registers(199, 1, slave=1), ADDRESS),
                (panel.read_holding_registers(199, 2, slave=1), ADDRESS),
                (panel.read_holding_registers(299, 2, slave=1), ADDRESS),
                (panel.read_holding_registers(300, 101, slave=1), ADDRESS),
                (panel.write_registers(299, [9, 9], slave=1), ADDRESS),
                (panel.write_register(401, 9, slave=2), ADDRESS),
                (panel.read_input_registers(200, 1, slave=1), FUNCTION),
                (panel.read_coils(200, 1, slave=1), FUNCTION),
                (panel.write_coil(200, True, slave=1), FUNCTION),
                (panel.write_coils(200, [True], slave=1), FUNCTION),
                (panel.execute(MaskWriteRegisterRequest(200, 0, 9, slave=1)), FUNCTION),
                (exchange(panel, 200, 200), FUNCTION),
                (panel.execute(ReportSlaveIdRequest(slave=1)), FUNCTION),
                (panel.execute(ReadDeviceInformationRequest(1, 0, slave=1)), FUNCTION),
                (panel.read_holding_registers(200, 1, slave=3), TARGET),
                (panel.read_holding_registers(200, 1, slave=4), TARGET)):
            assert outcome(request) == expected
        assert full.read_holding_registers(299, 2, slave=1).registers == [5, 0]
        assert full.read_holding_registers(200, 1, slave=1).registers == [5]


def test_the_first_rule_decides_for_each_register(stack):
    modbusd = stack.start_modbusd(common__units="1-3", modbusd__allow=", ".join(RULES))
    with client(modbusd, READER) as reader, client(modbusd, OPERATOR) as operator:
        assert outcome(reader.read_holding_registers(0, 100, slave=3)) == 0
        assert outcome(reader.read_holding_registers(0, 101, slave=3)) == ADDRESS
        assert outcome(reader.read_input_registers(500, 1, slave=1)) == 0
        assert outcome(reader.read_input_registers(500, 1, slave=3)) == ADDRESS
        assert outcome(reader.read_discrete_inputs(500, 1, slave=1)) == 0
        assert outcome(reader.write_register(0, 1, slave=1)) == FUNCTION
        assert not reader.execute(ReadDeviceInformationRequest(1, 0, slave=1)).isError()
        # A longer request does not reach registers that a rule before it protects.
        assert outcome(operator.write_registers(0, [1] * 10, slave=1)) == 0
        assert outcome(operator.write_registers(0, [1] * 11, slave=1)) == ADDRESS
        assert outcome(operator.write_registers(5, [1] * 50, slave=1)) == ADDRESS
        assert outcome(operator.write_registers(19, [1, 1], slave=1)) == ADDRESS
        assert outcome(operator.write_registers(20, [1] * 100, slave=1)) == 0
        assert operator.read_holding_registers(0, 30, slave=1).registers == [1] * 10 + [0] * 10 + [1] * 10
        assert outcome(exchange(operator, 15, 9)) == 0
        assert outcome(exchange(operator, 15, 9, 2)) == ADDRESS
        assert outcome(operator.execute(MaskWriteRegisterRequest(10, 0, 1, slave=1))) == ADDRESS
        assert outcome(operator.execute(MaskWriteRegisterRequest(20, 0, 2, slave=1))) == 0
        assert operator.read_holding_registers(20, 1, slave=1).registers == [2]
        assert outcome(operator.write_coil(10, True, slave=1)) == 0


def test_counted_and_logged(stack):
    modbusd = stack.start_modbusd(common__units="1-3", modbusd__allow=", ".join(RULES))
    stack.start_api()
    with client(modbusd, PANEL) as panel, client(modbusd, OPERATOR) as operator:
        before = [counted(stack, "register"), counted(stack, "function")]
        assert outcome(panel.read_holding_registers(299, 2, slave=1)) == ADDRESS
        line = "request refused: 127.0.0.2 may not use holding register 300 of unit 1 (function 3): no allow rule"
        eventually(lambda: line in modbusd.log(), "the line")
        for _ in range(20):
            assert outcome(operator.write_register(12, 1, slave=2)) == ADDRESS
        assert outcome(panel.read_coils(0, 1, slave=1)) == FUNCTION
        assert [counted(stack, "register"), counted(stack, "function")] == [before[0] + 21, before[1] + 1]
    assert modbusd.log().count(" refused: ") < 5


def test_no_right_at_all(stack):
    modbusd = stack.start_modbusd(modbusd__allow=f"serial rw, any rw role=operator, {PANEL} ro coil=1")
    host, port = modbusd.address().rsplit(":", 1)
    with client(modbusd, PANEL) as panel:
        assert outcome(panel.read_coils(1, 1, slave=1)) == 0
        stranger = ModbusTcpClient(host, port=int(port), timeout=DEADLINE, source_address=(READER, 0), retries=0)
        assert stranger.connect()
        eventually(lambda: "connection refused: 127.0.0.3" in modbusd.log(), "the refusal")
        stranger.close()


def test_reload(stack):
    configured = Configured(stack)
    with client(configured.modbusd, PANEL) as panel:
        assert outcome(panel.write_register(7, 1, slave=1)) == 0
        assert outcome(panel.read_holding_registers(0, 1, slave=9)) == TARGET
        configured.write(f"allow = {PANEL} rw holding_register=200-299", "unknown_unit = first")
        configured.reload("configuration reloaded")
        assert outcome(panel.write_register(7, 2, slave=1)) == ADDRESS
        assert outcome(panel.write_register(200, 3, slave=9)) == 0
        assert panel.read_holding_registers(200, 1, slave=1).registers == [3]
        configured.write(f"allow = {PANEL} rw holding_register=200-70000")
        configured.reload("not reloaded")
        assert "registers are 0 to 65535" in configured.modbusd.log()
        assert outcome(panel.write_register(7, 2, slave=1)) == ADDRESS
        configured.write(f"allow = {PANEL} ro fc=3")
        configured.reload("configuration reloaded")
        assert panel.read_holding_registers(7, 1, slave=1).registers == [1]
        assert outcome(panel.write_register(200, 3, slave=1)) == FUNCTION
        assert outcome(panel.read_holding_registers(0, 1, slave=9)) == TARGET


def test_other_names_of_units(stack):
    """What SCADA does under another name happens in the unit itself."""
    stack.common["common.units"] = "1-2, 20-21=1, 30=2"
    stack.start_all()
    reloaded(stack, lambda: stack.api.device("pump", "pump/state", [
        {"name": "speed", "direction": "both", "mqtt": {"key": "speed", "command_topic": "pump/set"},
         "modbus": {"address": 10, "type": "uint16", "table": "holding_register"}}]))
    commands = stack.broker.subscribe("pump/set")
    with client(stack.modbusd) as peer:
        stack.broker.publish("pump/state", {"speed": 77})
        eventually(lambda: peer.read_holding_registers(10, 1, slave=20).registers == [77], "the value")
        assert outcome(peer.write_register(10, 88, slave=21)) == 0
        assert commands.wait(1) == [("pump/set", '{"speed": 88}')]
        assert peer.read_holding_registers(10, 1, slave=1).registers == [88]
        assert peer.read_holding_registers(10, 1, slave=30).registers == [0]
        assert outcome(peer.read_holding_registers(10, 1, slave=22)) == TARGET
    # The daemons know units only by their own ids.
    answer = stack.api.request("POST", "/devices", {"name": "twin", "mqtt": {"topic": "t"},
                                                    "network": {"unit_id": 20}})
    assert answer.status == 422 and "another name of unit 1" in answer.body.decode()
    answer = stack.api.get("/registers/holding_register?unit=20")
    assert answer.status == 400 and "ask for unit 1" in answer.body.decode()
    assert stack.api.must("GET", "/registers")["units"] == [1, 2]
    with stack.modbusd.client("outputs") as process:
        assert outcome(process.client.write_register(10, 9, slave=20)) == TARGET


def test_a_unit_that_becomes_another_name(stack):
    """A device of a unit that is now another name of unit 1 does not touch the registers of unit 1."""
    stack.start_broker()
    stack.start_modbusd(common__units="1-2", modbusd__unknown_unit="first")
    stack.start_api()
    stack.start_mqttd()
    for unit in (1, 2):
        reloaded(stack, lambda: stack.api.device(f"d{unit}", f"d{unit}", [
            {"name": "level", "direction": "both", "mqtt": {"key": "level", "command_topic": "set"},
             "modbus": {"address": 10, "type": "uint16", "table": "holding_register"}}],
            network={"unit_id": unit}))
    stack.broker.publish("d1", {"level": 11})
    with client(stack.modbusd) as peer:
        eventually(lambda: peer.read_holding_registers(10, 1, slave=1).registers == [11], "the value")
    for daemon in (stack.modbusd, stack.mqttd, stack.api):
        daemon.stop()
        daemon.options["common.units"] = "1,2=1"  # 2 was a unit of its own
    for daemon in (stack.modbusd, stack.mqttd, stack.api):
        daemon.start()
    with client(stack.modbusd) as peer:
        assert peer.read_holding_registers(10, 1, slave=2).registers == [11]
        assert peer.read_holding_registers(10, 1, slave=99).registers == [11]
        stack.mqttd.wait_log("connected to broker")
        stack.broker.publish("d2", {"level": 22})

        def refused():
            value = stack.api.must("GET", "/values?device=d2")["items"][0]
            return value["quality"] == "bad" and value
        value = eventually(refused, "a bad tag")
        assert value["value"] is None and value["last_error"]["code"] == "modbus_exception"
        answer = stack.api.get("/devices/d2/tags/level/value")
        assert answer.status == 503 and "[common] units" in answer.body.decode()
        assert stack.api.request("PUT", "/devices/d2/tags/level/value", {"value": 33}).status == 503
        assert peer.read_holding_registers(10, 1, slave=1).registers == [11]
        assert stack.api.value("d1", "level")["value"] == 11


def checked(*options):
    options = [word for option in options for word in ("-o", option)]
    return subprocess.run([BIN / "tagferry-modbusd", "-c", "/dev/null", *options, "--check-config"],
                          capture_output=True, text=True, check=True)


def test_rules_in_words():
    assert checked().stdout == "rule 1: all clients may read and write all units\n"
    done = checked("common.units=1-4", "modbusd.allow=10.1.0.0/16 rw unit=1-4 holding_register=200-299 fc=3,6,16",
                   "modbusd.allow=10.1.7.0/24 ro unit=2 holding_register=250 fc=3")
    assert done.stdout.splitlines() == [
        "rule 1: clients in 10.1.0.0/16 may read and write units 1 to 4, holding registers 200 to 299, "
        "with functions 3, 6 and 16",
        "rule 2: clients in 10.1.7.0/24 may read unit 2, holding register 250, with function 3",
        "warning: rule 2 can never match: rule 1 covers it"]
    assert "nobody" not in done.stdout and not done.stderr
    assert "no rule lets anybody in" in checked("modbusd.allow=").stdout


@pytest.mark.parametrize("option,words", [
    ("modbusd.allow=any rw coil=65536", "registers are 0 to 65535, such as coil=200-299,400"),
    ("modbusd.allow=any rw fc=3,7", "functions are 1-6, 15-17, 22, 23 and 43"),
    ("modbusd.allow=any rw registers=1", "holding_register=200-299"),
    ("modbusd.allow=any rw role=1", "a role is a word"),
    ("modbusd.unknown_unit=second", "is not one of exception first"),
    ("common.units=1-20,20=1", "20=1: 20 is a unit of its own in the same list"),
    ("common.units=1,20=2", "20=2: 2 is not one of the units in the list"),
])
def test_refused_words(option, words):
    done = subprocess.run([BIN / "tagferry-modbusd", "-c", "/dev/null", "-o", option, "--check-config"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and words in done.stderr
