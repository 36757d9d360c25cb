"""[modbusd] gaps and writes: registers without a tag, with pymodbus as the client, and mqttd as the one that says who
owns what."""

import os
import re
import signal
import struct
import subprocess

import pytest

from gateways import Gateway, finish_all
from harness import ROOT, Daemon, eventually
from mqttd_helpers import back, landed, reloaded, shows, tag
from small_plc import SmallPlc

FILE = "register-owners"
TAGS = [tag("power", 100, "float32", "input_register"), tag("state", 104, "uint16", "input_register"),
        back("setpoint", 200, "int16", "t/set"), tag("shown", 202, "uint16"),
        tag("on", 7, "bool", "discrete_input"), back("start", 9, "bool", "t/start", table="coil"),
        tag("bit", 210, "bool", bit=3)]


class Scada:
    """What a client gets: the answer's values, True for a write, or the number of the exception."""

    def __init__(self, modbusd, unit=1):
        self.modbus = modbusd.client(unit=unit)
        self.client, self.unit = self.modbus.client, unit

    def ask(self, function, *arguments):
        answer = getattr(self.client, function)(*arguments, slave=self.unit)
        if answer.isError():
            return answer.exception_code
        if hasattr(answer, "registers"):
            return answer.registers
        return answer.bits[:arguments[1]] if function.startswith("read") else True

    def inputs(self, *arguments):
        return self.ask("read_input_registers", *arguments)

    def holding(self, *arguments):
        return self.ask("read_holding_registers", *arguments)

    def write(self, address, *words):
        return self.ask("write_registers", address, list(words))


@pytest.fixture
def scadas(stack):
    """Makes clients, and closes them."""
    made = []

    def make(unit=1):
        made.append(Scada(stack.modbusd, unit))
        return made[-1]
    yield make
    for each in made:
        each.modbus.close()


def knows(stack):
    eventually(lambda: "registers without a tag are known" in stack.modbusd.log(), "the owners")


def start(stack, *tags, units="1-3", mqttd=None, **modbusd):
    stack.start_broker()
    stack.start_modbusd(common__units=units, **{f"modbusd__{key}": value for key, value in modbusd.items()})
    stack.start_api()
    stack.start_mqttd(**(mqttd or {}))
    reloaded(stack, lambda: stack.api.device("d", "t", tags or TAGS,
                                             status={"table": "input_register", "address": 900}))
    knows(stack)


def counters(stack):
    lines = stack.api.get("/metrics").body.decode().splitlines()
    return [int(float(line.split()[1])) for kind in ("reads", "writes") for line in lines
            if line.startswith(f"tagferry_modbusd_gap_{kind}_refused_total ")]


def test_reads(stack, scadas):
    start(stack, *TAGS, gaps="zero, 2=strict, 3=exception",
          mqttd={"mqttd__gateway_status": "3:input_register:950"})
    for unit in (2, 3):
        reloaded(stack, lambda: stack.api.device(f"d{unit}", f"t{unit}", TAGS, network={"unit_id": unit},
                                                 status={"table": "input_register", "address": 900}))
    one, two, three = scadas(1), scadas(2), scadas(3)
    stack.broker.publish("t3", {"power": 71.5, "state": 5})
    eventually(lambda: three.inputs(100, 2) == [0x428F, 0], "the value")
    table = [
        # function, address, count: what each of the units says, True for values
        ("read_input_registers", 100, 2, True, True, True),
        ("read_input_registers", 101, 1, True, True, True),
        ("read_input_registers", 100, 3, True, True, 2),
        ("read_input_registers", 99, 2, True, True, 2),
        ("read_input_registers", 99, 1, True, 2, 2),
        ("read_input_registers", 102, 2, True, 2, 2),
        ("read_input_registers", 0, 100, True, 2, 2),
        ("read_input_registers", 0, 101, True, True, 2),
        ("read_input_registers", 900, 4, True, True, True),
        ("read_input_registers", 900, 5, True, True, 2),
        ("read_input_registers", 950, 4, True, 2, True),
        ("read_input_registers", 65535, 1, True, 2, 2),
        ("read_holding_registers", 200, 1, True, True, True),
        ("read_holding_registers", 210, 1, True, True, True),
        ("read_holding_registers", 201, 1, True, 2, 2),
        ("read_holding_registers", 200, 3, True, True, 2),
        ("read_holding_registers", 100, 1, True, 2, 2),
        ("read_discrete_inputs", 7, 1, True, True, True),
        ("read_discrete_inputs", 6, 3, True, True, 2),
        ("read_discrete_inputs", 8, 1000, True, 2, 2),
        ("read_coils", 9, 1, True, True, True),
        ("read_coils", 0, 2000, True, True, 2),
        ("read_coils", 10, 1, True, 2, 2),
    ]
    for function, address, count, *expected in table:
        answers = [each.ask(function, address, count) for each in (one, two, three)]
        got = [True if isinstance(answer, list) else answer for answer in answers]
        assert got == expected, (function, address, count)
    refused = sum(expected.count(2) for _, _, _, *expected in table)
    eventually(lambda: counters(stack) == [refused, 0], f"{refused} refused reads")
    # The process side reads everything, and the API every value, with gaps between them.
    with stack.modbusd.client("inputs", 3) as process:
        assert process.holding(0, 1) == [0]
    values = {item["tag"]: item for item in stack.api.must("GET", "/values")["items"] if item["device"] == "d3"}
    assert (values["power"]["value"], values["state"]["value"]) == (71.5, 5)
    assert all(item["raw"] is not None for item in values.values())


def test_writes(stack, scadas):
    start(stack, writes="tags")
    scada = scadas()
    heard = stack.broker.subscribe("t/set", "t/start")
    assert scada.write(200, 7) is True
    assert scada.ask("write_register", 200, 8) is True
    assert scada.ask("mask_write_register", 200, 0xFFF0, 9) is True
    assert scada.ask("write_coil", 9, True) is True
    assert scada.ask("write_coils", 8, [True, False]) is True
    heard.wait(4)
    landed(stack)
    refused = [
        ("write_register", 201, 1), ("write_registers", 201, [1, 2, 3]), ("write_register", 202, 1),
        ("write_register", 210, 1), ("mask_write_register", 202, 0, 1), ("write_coil", 10, True),
        ("write_coils", 10, [True] * 100), ("write_register", 100, 1)]
    for request in refused:
        assert scada.ask(*request) == 2, request
    assert scada.ask("read_coils", 10, 1) == [False]
    assert scada.holding(201, 4) == [0, 0, 0, 0]
    # Function 23: its write decides, and nothing is written when it is refused.
    both = {"read_address": 200, "read_count": 1, "slave": 1}
    assert scada.client.readwrite_registers(write_address=201, write_registers=[5], **both).exception_code == 2
    assert scada.holding(201, 1) == [0]
    assert scada.client.readwrite_registers(write_address=200, write_registers=[6], **both).registers == [6]
    # A request that touches a tag is carried out as a whole, also where it touches none.
    assert scada.write(199, 1, 2, 3) is True
    assert scada.holding(199, 3) == [1, 2, 3]
    eventually(lambda: counters(stack) == [0, len(refused) + 1], "refused writes")
    assert "writes 1 holding register from 201 of unit 1 (function 6), and no tag takes writes there" in \
        stack.modbusd.log()
    assert stack.modbusd.log().count("and no tag takes writes there") == 1  # at most one line in 10 s
    assert stack.api.must("PUT", "/devices/d/tags/setpoint/value", {"value": 12})
    shows(stack.modbusd, "holding_register", 200, [12])


def test_changes_take_effect_at_once(stack, scadas):
    start(stack, gaps="exception", writes="tags")
    scada = scadas()
    change = stack.api.must

    def becomes(read, expected):
        eventually(lambda: read() == expected, expected)
    assert scada.holding(300, 1) == 2
    change("POST", "/devices/d/tags", back("new", 300, "uint16", "t/new"))
    becomes(lambda: scada.holding(300, 1), [0])
    assert scada.write(300, 5) is True
    change("PATCH", "/devices/d/tags/new", {"modbus": {"address": 310}})
    becomes(lambda: scada.holding(300, 1), 2)
    assert scada.holding(310, 1) == [5]
    assert (scada.write(300, 5), scada.write(310, 6)) == (2, True)
    # Another owner of the same register: it stays owned.
    stack.api.device("e", "u", [])
    change("PATCH", "/devices/d/tags/new", {"device": "e"})
    change("PATCH", "/devices/e/tags/new", {"direction": "to_modbus"})
    becomes(lambda: scada.write(310, 6), 2)
    assert scada.holding(310, 1) == [6]
    for off, on in (("/devices/e/tags/new",) * 2, ("/devices/e",) * 2):
        change("PATCH", off, {"enabled": False})
        becomes(lambda: scada.holding(310, 1), 2)
        change("PATCH", on, {"enabled": True})
        becomes(lambda: isinstance(scada.holding(310, 1), list), True)
    change("DELETE", "/devices/e")
    becomes(lambda: scada.holding(310, 1), 2)
    change("PATCH", "/devices/d", {"status": {"table": "holding_register", "address": 950}})
    becomes(lambda: scada.inputs(900, 4), 2)
    assert isinstance(scada.holding(950, 4), list)
    assert scada.write(950, 1) == 2


def test_a_moving_tag_is_never_missed(stack, scadas):
    """The tag moves between two addresses; a read over both never meets a gap."""
    start(stack, tag("a", 10, "uint16"), gaps="strict")
    scada = scadas()
    for new, old in ((130, 10), (10, 130)) * 3:
        stack.api.must("PATCH", "/devices/d/tags/a", {"modbus": {"address": new}})

        def has_moved():
            answer = scada.holding(10, 121)
            assert isinstance(answer, list), answer
            return scada.holding(old, 1) == 2
        eventually(has_moved, f"the move to {new}")


def test_other_servers_and_gateways(tmp_path):
    """Registers of devices that another gateway holds, or that are on another server, belong to nobody here; their
    status blocks do."""
    plc = SmallPlc()
    gateway = Gateway(tmp_path / "a", "a")
    try:
        gateway.start_broker()
        gateway.start_modbusd(modbusd__gaps="exception")
        gateway.start_api()
        gateway.start_mqttd()
        api = gateway.api
        knows(gateway)
        api.device("foreign", "f", [tag("v", 10, "uint16")],
                   network={"modbus_host": "127.0.0.1", "modbus_port": plc.port, "unit_id": 1},
                   status={"table": "input_register", "address": 20})
        api.device("mine", "m", [tag("v", 30, "uint16")], network={"gateway": "a"})
        reloaded(gateway, lambda: api.device("other", "o", [tag("v", 40, "uint16")], network={"gateway": "b"}))
        scada = Scada(gateway.modbusd)
        eventually(lambda: scada.holding(30, 1) == [0], "the own register")
        assert isinstance(scada.inputs(20, 4), list)
        assert (scada.holding(10, 1), scada.holding(40, 1)) == (2, 2)
        for name, held in (("mine", "b"), ("other", "a")):
            reloaded(gateway, lambda: api.must("PATCH", f"/devices/{name}", {"network": {"gateway": held}}))
        eventually(lambda: (scada.holding(30, 1), scada.holding(40, 1)) == (2, [0]), "the move")
        scada.modbus.close()
    finally:
        finish_all([gateway])
        plc.close()


class Reloading:
    """A modbusd whose section of the configuration file a test rewrites."""

    def __init__(self, stack, *lines):
        self.stack, self.path = stack, stack.folder / "modbusd.conf"
        self.write(*lines)
        stack.start_modbusd()
        stack.modbusd.stop()
        stack.modbusd.config = self.path
        stack.modbusd.start()

    def write(self, *lines):
        self.path.write_text("\n".join(["[modbusd]", *lines, ""]))

    def reload(self, *lines, words="configuration reloaded"):
        self.write(*lines)
        before = len(self.stack.modbusd.log())
        self.stack.modbusd.signal(signal.SIGHUP)
        eventually(lambda: words in self.stack.modbusd.log()[before:], words)


def test_sighup(stack, scadas):
    stack.start_broker()
    configured = Reloading(stack)
    stack.start_api()
    stack.start_mqttd()
    reloaded(stack, lambda: stack.api.device("d", "t", TAGS))
    scada = scadas()
    assert (scada.holding(0, 1), scada.write(0, 1)) == ([0], True)
    configured.reload("gaps = strict")
    assert (scada.holding(0, 1), scada.write(0, 1)) == (2, True)
    configured.reload("gaps = zero, 2=strict", "writes = tags")
    assert (scada.holding(0, 1), scada.write(0, 2)) == ([1], 2)
    configured.reload("gaps = 1=nothing", words="must be zero, strict or exception")
    configured.reload("writes = all", words="configuration not reloaded")
    assert (scada.holding(0, 1), scada.write(0, 2)) == ([1], 2)
    configured.reload()
    assert (scada.holding(0, 1), scada.write(0, 2)) == ([1], True)


def test_gateway_status_moves(stack, scadas):
    """SIGHUP of mqttd."""
    stack.start_broker()
    stack.start_modbusd(modbusd__gaps="exception")
    stack.start_api()
    path = stack.folder / "mqttd.conf"

    def place(*lines):
        path.write_text("\n".join(["[mqttd]", f"broker = {stack.broker.address()}", *lines, ""]))
    place("gateway_status = 1:input_register:50")
    stack.mqttd = stack.add(Daemon("tagferry-mqttd", stack.folder, dict(stack.common)))
    stack.mqttd.config = path
    stack.mqttd.start()
    knows(stack)
    scada = scadas()
    assert isinstance(scada.inputs(50, 4), list)
    for lines, expected in ((["gateway_status = 1:input_register:52"], [2, True, True]),
                            (["gateway_status = 1:holding_register:50"], [2, 2, 2]), ([], [2, 2, 2])):
        place(*lines)
        stack.mqttd.signal(signal.SIGHUP)
        eventually(lambda: [isinstance(answer, list) or answer for answer in
                            (scada.inputs(50, 1), scada.inputs(52, 4), scada.inputs(55, 1))] == expected, expected)


def test_without_the_file(stack, scadas):
    """As without the options, until mqttd has read the configuration; the log says so once."""
    stack.start_modbusd(modbusd__gaps="exception", modbusd__writes="tags")
    scada = scadas()
    assert (scada.holding(0, 1), scada.write(0, 1)) == ([0], True)
    words = "[modbusd] gaps and writes do not apply yet"
    stack.modbusd.wait_log("gaps and writes do not apply yet")
    stack.start_broker()
    stack.start_api()
    stack.start_mqttd()
    knows(stack)
    assert (scada.holding(0, 1), scada.write(0, 1)) == (2, 2)  # without any tag
    assert stack.modbusd.log().count(words) == 1


def test_mqttd_dies(stack, scadas):
    """What it published last stays valid, also for a modbusd that starts meanwhile."""
    start(stack, gaps="exception", writes="tags")
    scada = scadas()

    def as_published():
        assert scada.inputs(100, 2) == [0, 0] and scada.write(200, 1) is True
        assert (scada.inputs(102, 1), scada.write(201, 1)) == (2, 2)
    as_published()
    stack.mqttd.kill()
    as_published()
    stack.modbusd.stop()
    stack.modbusd.start()
    scada = scadas()
    as_published()
    stack.api.must("DELETE", "/devices/d/tags/power")
    as_published()
    stack.mqttd.start()
    eventually(lambda: scada.inputs(100, 2) == 2, "the deleted tag")
    assert scada.inputs(104, 1) == [0]


@pytest.mark.parametrize("size", [None, 0, 100, 4096, 6000, 40000])
def test_damage(stack, scadas, size):
    """The file is removed, or cut short: no false exception, and soon all is as before."""
    start(stack, gaps="exception", writes="tags")
    scada = scadas()
    path = stack.common["common.runtime_dir"] / FILE
    before = path.stat().st_ino
    if size is None:
        path.unlink()
    else:
        os.truncate(path, size)

    def owned():
        return scada.inputs(100, 2) == [0, 0] and scada.holding(202, 1) == [0] and scada.write(200, 1) is True

    def is_repaired():
        assert owned()
        return path.exists() and path.stat().st_ino != before
    eventually(is_repaired, "a new file")

    def is_known():
        assert owned()
        return scada.inputs(102, 1) == 2 and scada.write(201, 1) == 2
    eventually(is_known, "the gaps")
    stack.api.must("POST", "/devices/d/tags", tag("late", 102, "uint16", "input_register"))
    eventually(lambda: scada.inputs(102, 1) == [0], "a change after the repair")


def test_the_example_of_the_page(stack):
    """With mbpoll, as docs/scada.md shows it."""
    start(stack, tag("supply_temperature", 100, "float32", "input_register"), units="1", gaps="exception", writes="tags")
    stack.broker.publish("t", {"supply_temperature": 71.5})
    shows(stack.modbusd, "input_register", 100, [0x428F, 0])
    page = (ROOT / "docs/scada.md").read_text()
    block = page[page.index("$ mbpoll -0"):].partition("```")[0]
    port = stack.modbusd.address().split(":")[1]
    steps = [step.splitlines() for step in block.split("$ ")[1:]]
    assert len(steps) == 3
    for command, *lines in steps:
        done = subprocess.run(command.replace("8502", port).split(), capture_output=True, text=True)
        for line in lines:
            assert line in done.stdout + done.stderr, command
    line = re.search(r"^write refused: .*holding register from.*$", page, re.M).group()
    assert line in stack.modbusd.log()


def test_size(stack):
    """One page, and 48 KiB for each unit that has an owner."""
    start(stack, units="1-247", gaps="strict")
    path = stack.common["common.runtime_dir"] / FILE
    assert path.stat().st_size == 4096 + 48 * 1024
    for unit in (2, 247):
        reloaded(stack, lambda: stack.api.device(f"u{unit}", "u", [tag("v", 1, "uint16")],
                                                 network={"unit_id": unit}))
    assert path.stat().st_size == 4096 + 3 * 48 * 1024
    assert path.stat().st_blocks * 512 <= 4096 * 38
    assert struct.unpack_from("<8sQ", path.read_bytes()) == (b"TFowners", 1)
