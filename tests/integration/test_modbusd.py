"""tagferry-modbusd alone: functions, sides, hostile bytes, restarts."""

import signal
import struct
import threading

import pytest

from harness import DEADLINE, eventually
from wire import Wire, frame, read_request, write_request


@pytest.fixture
def modbusd(stack):
    return stack.start_modbusd(common__units="1-3")


def good(answer):
    assert not answer.isError(), answer
    return answer


def test_every_function(modbusd):
    with modbusd.client() as scada:
        client, unit = scada.client, {"slave": 1}
        good(client.write_coil(7, True, **unit))
        assert good(client.read_coils(6, 3, **unit)).bits[:3] == [False, True, False]
        good(client.write_register(100, 0xBEEF, **unit))
        assert good(client.read_holding_registers(99, 3, **unit)).registers == [0, 0xBEEF, 0]
        good(client.write_coils(16, [True, False] * 984, **unit))
        assert good(client.read_coils(16, 1968, **unit)).bits[:1968] == [True, False] * 984
        block = list(range(1000, 1123))
        good(client.write_registers(65535 - 122, block, **unit))
        assert good(client.read_holding_registers(65535 - 122, 123, **unit)).registers == block
        good(client.mask_write_register(100, 0xF0F0, 0x0101, **unit))
        assert scada.holding(100) == [0xBEEF & 0xF0F0 | 0x0101 & 0x0F0F]
        answer = good(client.readwrite_registers(read_address=199, read_count=4, write_address=200,
                                                 write_registers=[5, 6], **unit))
        assert answer.registers == [0, 5, 6, 0]
        assert good(client.read_discrete_inputs(0, 2000, **unit)).bits == [False] * 2000
        assert good(client.read_input_registers(0, 125, **unit)).registers == [0] * 125


def test_two_sides(modbusd):
    with modbusd.client("inputs", 2) as inputs, modbusd.client("outputs", 2) as outputs, \
            modbusd.client("scada", 2) as scada:
        inputs.write(10, 1, 2, 3)
        inputs.write_coil(4, True)
        outputs.write(10, 7, 8)
        outputs.write_coil(5, True)
        assert scada.inputs(10, 4) == [1, 2, 3, 0]
        assert scada.discretes(4, 2) == [True, False]
        assert scada.holding(10, 3) == [7, 8, 0]
        assert scada.coils(4, 2) == [False, True]
        scada.write(11, 9)
        assert outputs.holding(10, 2) == [7, 9]
        assert inputs.holding(10, 3) == [1, 2, 3]
        assert inputs.inputs(10, 2) == [7, 9]
    with modbusd.client("scada", 1) as other:
        assert other.inputs(10, 3) == [0, 0, 0]


def test_process_side_must_be_loopback(stack):
    modbusd = stack.start_modbusd()
    modbusd.stop()
    modbusd.options["modbusd.inputs_listen"] = "0.0.0.0:0"
    modbusd.start(wait=False)
    assert modbusd.process.wait(DEADLINE) == 2
    assert "loopback" in modbusd.log()


@pytest.mark.parametrize("bytes_", [
    frame(read_request(3, 0, 1), protocol=1),
    frame(read_request(3, 0, 1), protocol=0x0100),
    frame(b"", length=0),
    frame(b"", length=1),
    frame(b"\x03" * 254, length=255),
    frame(b"\x03" * 10, length=0xFFFF),
    b"GET / HTTP/1.1\r\nHost: plant\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
], ids=["protocol", "protocol high", "length 0", "length 1", "length 255", "length 65535", "http",
        "tls"])
def test_what_is_not_modbus_is_closed(modbusd, bytes_):
    with modbusd.client() as victim, Wire(modbusd.address()) as wire:
        victim.write(0, 1)
        wire.send(bytes_)
        assert wire.closed()
        assert victim.holding(0) == [1]


def test_good_frames_before_a_bad_one_are_answered(modbusd):
    with Wire(modbusd.address()) as wire:
        wire.send(frame(write_request(0, 5), 1), frame(read_request(3, 0, 1), 2), b"\0\3\xff\xff")
        assert wire.answer() == (1, 1, b"\x10\0\0\0\1")
        assert wire.answer() == (2, 1, b"\x03\2\0\5")
        assert wire.closed()


def test_a_frame_may_come_byte_by_byte(modbusd):
    with Wire(modbusd.address()) as wire:
        for byte in frame(write_request(3, 77), 9):
            wire.send(bytes([byte]))
        assert wire.answer() == (9, 1, b"\x10\0\3\0\1")


def test_half_close_gets_its_answers(modbusd):
    with Wire(modbusd.address()) as wire:
        wire.send(*[frame(read_request(3, 0, 125), n) for n in range(200)], b"\0\1\0")
        wire.socket.shutdown(1)
        for number in range(200):
            assert wire.answer()[0] == number
        assert wire.closed()


def test_many_requests_in_flight(modbusd):
    """More answers than any buffer holds; order, transaction and unit must hold."""
    count = 3000
    with Wire(modbusd.address()) as wire:
        def send():
            for number in range(count):
                pdu = write_request(5, number) if number % 3 == 0 else read_request(3, 5, 125)
                wire.send(frame(pdu, number, 1 + number % 2))
        sender = threading.Thread(target=send)
        sender.start()
        last = [0, 0]
        for number in range(count):
            transaction, unit, pdu = wire.answer()
            assert (transaction, unit) == (number, 1 + number % 2)
            if number % 3 == 0:
                last[unit - 1] = number
                assert pdu == b"\x10\0\5\0\1"
            else:
                assert struct.unpack(">H", pdu[2:4])[0] == last[unit - 1]
        sender.join()


def test_sigterm_ends_cleanly_with_clients(modbusd):
    with Wire(modbusd.address()) as wire, modbusd.client() as client:
        client.write(0, 1)
        wire.send(b"\0\1\0")
        assert modbusd.stop() == 0
        assert "STOPPING=1" in modbusd.read_notices()
        assert wire.closed()


def test_registers_outlive_stop_and_kill(modbusd):
    tables = {"scada": (1, [11, 12, 13]), "inputs": (2, [21, 22, 23])}
    for side, (unit, values) in tables.items():
        with modbusd.client(side, unit) as client:
            client.write(40, *values)
            client.write_coil(9, True)
    for end in (modbusd.stop, modbusd.kill):
        end()
        modbusd.start()
        with modbusd.client("scada", 1) as one, modbusd.client("scada", 2) as two:
            assert one.holding(40, 3) == [11, 12, 13]
            assert one.coils(8, 3) == [False, True, False]
            assert two.inputs(40, 3) == [21, 22, 23]
            assert two.discretes(8, 3) == [False, True, False]


def test_a_second_one_does_not_start(modbusd, stack):
    from harness import Modbusd
    options = dict(modbusd.options)
    for key in Modbusd.PORTS.values():
        options[key] = "127.0.0.1:0"
    second = Modbusd("tagferry-modbusd", stack.folder / "second", options)
    second.folder.mkdir()
    second.start(wait=False)
    assert second.process.wait(DEADLINE) == 1
    assert "in use" in second.log()
    with modbusd.client() as client:
        client.write(0, 1)


def test_a_taken_port_is_an_error(modbusd, stack):
    from harness import Modbusd
    options = dict(modbusd.options, **{"common.runtime_dir": stack.folder / "second/run",
                                       "modbusd.image": stack.folder / "second/image"})
    second = Modbusd("tagferry-modbusd", stack.folder / "second", options)
    second.folder.mkdir()
    second.start(wait=False)
    assert second.process.wait(DEADLINE) == 3
    assert modbusd.address() in second.log() and "in use" in second.log()


@pytest.mark.parametrize("offset,bytes_,words", [
    (0, b"SQLite", "not a file of this kind"),
    (8, b"\x07", "another layout"),
    (32, b"\xff", "damaged"),
    (None, 5000, "cut short"),
])
def test_a_damaged_image_is_never_reset(modbusd, offset, bytes_, words):
    modbusd.stop()
    path = modbusd.options["modbusd.image"]
    with open(path, "r+b") as image:
        if offset is None:
            image.truncate(bytes_)
        else:
            image.seek(offset)
            image.write(bytes_)
    before = path.read_bytes()
    modbusd.start(wait=False)
    assert modbusd.process.wait(DEADLINE) == 1
    assert words in modbusd.log() and "move it away" in modbusd.log()
    assert path.read_bytes() == before
    path.rename(path.with_suffix(".bad"))
    modbusd.start()


def test_sighup_is_harmless(modbusd):
    with modbusd.client() as client:
        for _ in range(20):
            modbusd.signal(signal.SIGHUP)
        client.write(0, 8)
        assert client.holding(0) == [8]


def test_idle_server_feeds_the_watchdog(modbusd):
    eventually(lambda: modbusd.read_notices().count("WATCHDOG=1") >= 2, "two heartbeats")
