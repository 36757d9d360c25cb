"""Serial lines: tagferry-modbusd as one or several devices on a line, with masters of others and other devices."""

import json
import os
import random
import select
import struct
import subprocess
import time
import tty
import urllib.request

import pytest
from pymodbus.client import ModbusSerialClient

from harness import BIN, DEADLINE, eventually
from wire import read_request, rtu, write_request


class Line:
    """A pair of pseudo-terminals: modbusd opens `path`, the test has the other end."""

    def __init__(self, path):
        self.path = path
        self.plug()

    def plug(self):
        self.fd, self.device = os.openpty()
        tty.setraw(self.fd)
        tty.setraw(self.device)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self.device))

    def unplug(self):
        self.path.unlink()
        os.close(self.fd)
        os.close(self.device)

    def send(self, *pieces):
        os.write(self.fd, b"".join(pieces))

    def receive(self, size):
        data = b""
        while len(data) < size:
            assert select.select([self.fd], [], [], DEADLINE)[0], data
            data += os.read(self.fd, size - len(data))
        return data

    def drain(self):
        """What comes until nothing comes for a while."""
        data = b""
        while select.select([self.fd], [], [], 0.2)[0]:
            data += os.read(self.fd, 65536)
        return data

    def quiet(self):
        return not select.select([self.fd], [], [], 0)[0]

    def answer(self, pdu_size, unit=1):
        frame = self.receive(pdu_size + 3)
        assert frame == rtu(frame[1:-2], unit), frame
        return frame[1:-2]

    def registers(self, address, count, unit=1):
        self.send(rtu(read_request(3, address, count), unit))
        pdu = self.answer(2 + 2 * count, unit)
        return list(struct.unpack(f">{count}H", pdu[2:]))


@pytest.fixture
def line(tmp_path):
    line = Line(tmp_path / "ttyPanel")
    yield line
    if line.path.is_symlink():
        line.unplug()


@pytest.fixture
def start(stack, line):
    def start_with(line_options=":115200,8N1", **options):
        options.setdefault("common__units", "1-4")
        modbusd = stack.start_modbusd(modbusd__serial=f"{line.path}{line_options}", **options)
        eventually(lambda: modbusd.counter("MODBUSD_SERIAL_LINES_UP") == 1, "the line is open")
        return modbusd
    return start_with


@pytest.fixture
def modbusd(start):
    return start()


def test_reads_and_writes(modbusd, line):
    assert modbusd.wait_log(r"serving the serial line \S+/ttyPanel:115200,8N1")
    line.send(rtu(write_request(10, 1, 2, 3), unit=2))
    assert line.answer(5, unit=2) == write_request(10, 1, 2, 3)[:5]
    assert line.registers(10, 3, unit=2) == [1, 2, 3]
    assert line.registers(0, 125) == [0] * 125
    line.send(rtu(read_request(3, 65535, 2)))
    assert line.answer(2) == b"\x83\x02"
    line.send(rtu(b"\x41\x01"))  # its end is where the master pauses
    assert line.answer(2) == b"\xc1\x01"
    line.send(rtu(b"\x11"))
    assert line.receive(4)[:2] == b"\x01\x11"
    with modbusd.client(unit=2) as plain:
        assert plain.holding(10, 3) == [1, 2, 3]


def test_split_bytes(modbusd, line):
    def is_answered():
        """Not always: a busy machine may pause for so long that what began is given up."""
        for byte in rtu(read_request(3, 0, 2)):
            line.send(bytes([byte]))
            time.sleep(0.002)  # this is the input: a pause longer than that between frames
        return select.select([line.fd], [], [], 1)[0]
    eventually(is_answered, "an answer")
    assert line.answer(6) == bytes([3, 4, 0, 0, 0, 0])


def test_other_devices_on_the_bus(modbusd, line):
    """Requests to others and their answers are passed over, however they are grouped; nobody answers for others."""
    other = [rtu(read_request(3, 0, 2), 9), rtu(b"\x03\x04\x00\x01\x00\x02", 9), rtu(write_request(5, 6, 7), 9),
             rtu(write_request(5, 6, 7)[:5], 9), rtu(b"\x83\x02", 9), rtu(b"\x06\x00\x01\x00\x02", 9),
             rtu(b"\x06\x00\x01\x00\x02", 9), rtu(b"\x17" + bytes(8) + b"\x02\x00\x01", 9)]
    mine = rtu(read_request(3, 0, 1))
    for frame in other:
        line.send(frame)
        eventually(lambda: modbusd.counter("MODBUSD_SERIAL_OTHER_FRAMES") > 0, "it was seen")
        assert line.registers(0, 1) == [0]
    line.send(*other, mine)
    assert line.answer(4) == bytes([3, 2, 0, 0])
    assert modbusd.counter("MODBUSD_SERIAL_OTHER_FRAMES") == 2 * len(other)
    assert modbusd.counter("MODBUSD_RTU_CRC_ERRORS") == 0
    assert line.quiet()


def test_units_without_rights_are_silent(start, line):
    start(modbusd__allow="any rw unit=1-2")
    for unit in (3, 9, 247, 248, 255):
        line.send(rtu(read_request(3, 0, 1), unit))
        assert line.registers(0, 1) == [0]
    assert line.quiet()


def test_broadcast(modbusd, line):
    line.send(rtu(write_request(40, 5, 6), unit=0))
    for unit in (1, 2, 3, 4):
        assert line.registers(40, 2, unit) == [5, 6]
    assert line.quiet()
    assert modbusd.counter("MODBUSD_RTU_BROADCASTS") == 1


NOISE = {
    "a wrong CRC": rtu(read_request(3, 0, 1))[:-1] + b"\xff",
    "a byte": b"\x01",
    "half a request": rtu(write_request(0, *range(100)))[:50],
    "half an answer of another": rtu(bytes([3, 200]) + bytes(200), 9)[:50],
    "zeros": bytes(30),
    "ones": b"\xff" * 300,
    "a request of impossible length": b"\x01\x10\x00\x00\x00\x7c\xf8",
}


@pytest.mark.parametrize("name", NOISE)
def test_noise(modbusd, line, name):
    before = modbusd.counter("MODBUSD_BYTES_IN") + len(NOISE[name])
    line.send(NOISE[name])
    eventually(lambda: modbusd.counter("MODBUSD_BYTES_IN") == before, "the noise has come")
    time.sleep(0.005)  # this is the input: the pause between frames
    assert line.registers(0, 1) == [0]
    assert modbusd.counter("MODBUSD_RTU_SKIPPED_BYTES") == len(NOISE[name])
    assert line.quiet()


def test_random_bytes(modbusd, line):
    random.seed(2)
    end = modbusd.counter("MODBUSD_BYTES_IN") + 100000
    for _ in range(200):
        line.send(random.randbytes(500))
        while select.select([line.fd], [], [], 0)[0]:
            os.read(line.fd, 65536)
    eventually(lambda: modbusd.counter("MODBUSD_BYTES_IN") == end, "all has come")
    time.sleep(0.06)  # this is the input: so long a pause that what began is given up
    while select.select([line.fd], [], [], 0)[0]:
        os.read(line.fd, 65536)
    assert line.registers(0, 1) == [0]
    with modbusd.client() as plain:
        assert plain.holding(0) == [0]


def test_an_adapter_that_hears_itself(modbusd, line):
    """The echo of a write looks like the same write again, and must not be answered for ever."""
    request = rtu(b"\x06\x00\x07\x00\x09")

    def is_known():
        """Not always: on a busy machine, the echo of the test may come later than that of an adapter."""
        before = modbusd.counter("MODBUSD_JOURNAL_ENTRIES")
        line.send(rtu(read_request(3, 0, 1)))
        line.send(line.receive(7))  # the echo
        for _ in range(3):
            line.send(request)
            line.send(line.receive(8))
        line.send(rtu(read_request(3, 7, 1)))
        answer = line.receive(7)
        extra = line.drain()
        return (answer == rtu(b"\x03\2\0\x09") and not extra and
                modbusd.counter("MODBUSD_JOURNAL_ENTRIES") == before + 3)
    eventually(is_known, "three writes for three")


def test_the_same_write_again_and_again(modbusd, line):
    for _ in range(10):
        line.send(rtu(b"\x06\x00\x07\x00\x09"))
        assert line.answer(5) == b"\x06\x00\x07\x00\x09"
    assert modbusd.counter("MODBUSD_JOURNAL_ENTRIES") == 10
    assert modbusd.counter("MODBUSD_SERIAL_LATE_ANSWERS") == 0


def test_unplugged_and_plugged_in_again(modbusd, line):
    assert line.registers(0, 1) == [0]
    line.unplug()
    assert modbusd.wait_log(r"serial line: \S+/ttyPanel is gone")
    eventually(lambda: modbusd.counter("MODBUSD_SERIAL_LINES_UP") == 0, "it is closed")
    line.plug()
    eventually(lambda: modbusd.counter("MODBUSD_SERIAL_LINES_UP") == 1, "it is open again")
    assert line.registers(0, 1) == [0]


def test_missing_at_the_start(stack, line, tmp_path):
    line.unplug()
    modbusd = stack.start_modbusd(modbusd__serial=f"{line.path}:9600,8N1")
    assert modbusd.wait_log(r"serial line: \S+/ttyPanel: .*; it is tried again until it can be opened")
    with modbusd.client() as plain:
        assert plain.holding(0) == [0]
    line.plug()
    eventually(lambda: modbusd.counter("MODBUSD_SERIAL_LINES_UP") == 1, "it is open")
    assert line.registers(0, 1) == [0]
    modbusd.stop()


def test_answers_to_writes_wait_for_the_disk(start, line):
    start(modbusd__persist="always")
    line.send(rtu(write_request(0, 1, 2)))
    assert line.answer(5) == write_request(0, 1, 2)[:5]
    assert line.registers(0, 2) == [1, 2]


def test_rules(start, line):
    start(modbusd__allow="any ro")
    line.send(rtu(write_request(0, 1)))
    assert line.answer(2) == b"\x90\x01"
    assert line.registers(0, 1) == [0]


def test_listed_as_a_client(stack, start, line):
    start()
    api = stack.start_api()
    assert line.registers(5, 1) == [0]
    def shown():
        items = json.load(urllib.request.urlopen(api.url("/modbus/clients?side=scada")))["items"]
        return [(item["address"], item["protocol"]) for item in items if item["requests"]]
    eventually(lambda: shown() == [("ttyPanel", "serial")], "the line is listed")


@pytest.mark.parametrize("text, why", (
    ("/dev/a, /dev/b:9600,8N1, /dev/a", "/dev/a is listed twice"),
    ("/dev/a:9601", "9601"),
    (", ".join(f"/dev/tty{i}" for i in range(17)), "more than 16 lines")))
def test_configurations_that_are_refused(text, why):
    done = subprocess.run([BIN / "tagferry-modbusd", "-o", f"modbusd.serial={text}", "--check-config"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and why in done.stderr, done.stderr


def test_sixteen_lines_are_accepted():
    text = ", ".join(f"/dev/tty{i}:9600,8N1" for i in range(16))
    subprocess.run([BIN / "tagferry-modbusd", "-o", f"modbusd.serial={text}", "--check-config"], check=True)


def test_masters_of_others(stack, tmp_path):
    """pymodbus and mbpoll on one end of socat's pair, tagferry-modbusd on the other one."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    with subprocess.Popen(["socat", f"pty,raw,echo=0,link={ours}", f"pty,raw,echo=0,link={theirs}"]) as socat:
        try:
            eventually(theirs.exists, "socat's terminals")
            modbusd = stack.start_modbusd(modbusd__serial=f"{ours}:19200,8E1", common__units="1-4")
            eventually(lambda: modbusd.counter("MODBUSD_SERIAL_LINES_UP") == 1, "the line is open")
            client = ModbusSerialClient(str(theirs), baudrate=19200, timeout=DEADLINE)
            assert client.connect()
            assert not client.write_registers(100, list(range(120)), slave=2).isError()
            assert client.read_holding_registers(100, 120, slave=2).registers == list(range(120))
            assert client.read_holding_registers(65535, 2, slave=1).exception_code == 2
            client.close()
            mbpoll = ["mbpoll", "-o", "10", "-m", "rtu", "-b", "19200", "-P", "even", "-a", "3", "-0", "-r", "10", "-1", "-q"]
            subprocess.run([*mbpoll, theirs, "77", "88"], check=True, timeout=DEADLINE)
            shown = subprocess.run([*mbpoll, "-c", "2", theirs], check=True, timeout=DEADLINE,
                                   stdout=subprocess.PIPE, text=True).stdout
            assert "[10]: \t77" in shown and "[11]: \t88" in shown
        finally:
            socat.terminate()
