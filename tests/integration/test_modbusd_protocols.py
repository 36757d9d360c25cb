"""Clients that do not speak Modbus TCP, or exceed the limits of a request: log and answers say
so."""

import re
import struct

import pytest

from harness import eventually
from wire import Wire, frame, read_request, rtu, write_request


@pytest.fixture
def modbusd(stack):
    return stack.start_modbusd(modbusd__frame_timeout_ms=1000)


STRANGERS = {
    "rtu that is no header": (rtu(read_request(3, 100, 2)), "Modbus RTU over TCP"),
    "rtu that is half a frame": (rtu(read_request(3, 0, 10)), "Modbus RTU over TCP"),
    "rtu that is a whole frame": (rtu(read_request(4, 0, 2)), "Modbus RTU over TCP"),
    "rtu that is too short": (rtu(read_request(1, 0, 1)), "Modbus RTU over TCP"),
    "rtu write": (rtu(write_request(0, *range(10)), unit=17), "Modbus RTU over TCP"),
    "ascii": (b":010300000001FB\r\n", "Modbus ASCII over TCP"),
    "tls": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "TLS"),
    "http": (b"GET / HTTP/1.1\r\nHost: plant\r\n\r\n", "HTTP"),
    "mqtt": (b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", "MQTT"),
    "rubbish": (b"hello, plant\r\n", "something else"),
}
LINE = r"warning 127\.0\.0\.1 sends (.*) instead of Modbus TCP \(\d+ bytes?:.*\): .* since the last line"


@pytest.mark.parametrize("name", STRANGERS)
def test_a_line_says_what_a_client_speaks(modbusd, name):
    data, protocol = STRANGERS[name]
    with Wire(modbusd.address()) as wire:
        wire.send(data)
        assert modbusd.wait_log(LINE).group(1) == protocol


def test_one_line_in_ten_seconds(modbusd):
    for _ in range(30):
        with Wire(modbusd.address()) as wire:
            wire.send(STRANGERS["http"][0])
            assert wire.closed()
    with modbusd.client() as client:
        client.write(0, 1)
    assert len(re.findall(LINE, modbusd.log())) == 1


def test_who_speaks_modbus_tcp_makes_no_line(modbusd):
    """For all transaction numbers, although some look like the start of an RTU request."""
    for transaction in (0, 1, 0x0103, 0x0110, 0x1103, 0xFFFF):
        with Wire(modbusd.address()) as wire:
            assert wire.ask(read_request(3, 0, 2), transaction=transaction) == b"\3\4\0\0\0\0"
            assert wire.ask(rtu(read_request(3, 0, 2))) == b"\x81\3"
    assert not re.search(LINE, modbusd.log())


def test_the_process_side_says_it_too(modbusd):
    with Wire(modbusd.address("inputs")) as wire:
        wire.send(STRANGERS["http"][0])
        assert wire.closed()
    modbusd.wait_log(LINE)


def write_coils(count, size=None):
    size = (count + 7) // 8 if size is None else size
    return struct.pack(">BHHB", 15, 0, count, min(size, 255)) + bytes(size)


def exchange(count):
    return struct.pack(">BHHHHB", 23, 0, 1, 0, count, 2 * count & 255) + bytes(2 * count)


TOO_LONG = {
    "124 registers": struct.pack(">BHHB", 16, 0, 124, 248) + bytes(248),
    "125 registers": struct.pack(">BHHB", 16, 0, 125, 250) + bytes(250),
    "127 registers": struct.pack(">BHHB", 16, 0, 127, 254) + bytes(254),
    "200 registers": struct.pack(">BHHB", 16, 0, 200, 400 & 255) + bytes(400),
    "1969 coils": write_coils(1969),
    "2000 coils": write_coils(2000),
    "2040 coils": write_coils(2040),
    "4000 coils": write_coils(4000),
    "exchange of 122": exchange(122),
    "exchange of 125": exchange(125),
    "exchange of 127": exchange(127),
}


@pytest.mark.parametrize("name", TOO_LONG)
def test_writes_that_are_too_long_have_an_answer(modbusd, name):
    pdu = TOO_LONG[name]
    with modbusd.client("outputs") as process, Wire(modbusd.address()) as wire:
        process.write(0, 7)
        wire.send(frame(pdu, 5), frame(read_request(3, 0, 1), 6))
        assert wire.answer() == (5, 1, bytes([pdu[0] | 0x80, 3]))
        assert wire.answer() == (6, 1, b"\3\2\0\7")
        for byte in frame(pdu, 7):
            wire.send(bytes([byte]))
        assert wire.answer() == (7, 1, bytes([pdu[0] | 0x80, 3]))
        assert wire.ask(pdu, unit=9) == bytes([pdu[0] | 0x80, 11])


def test_the_longest_writes_are_made(modbusd):
    with modbusd.client() as client, Wire(modbusd.address()) as wire:
        assert wire.ask(write_request(0, *range(123))) == b"\x10\0\0\0\x7b"
        assert wire.ask(write_coils(1968)) == b"\x0f\0\0\x07\xb0"
        assert wire.ask(exchange(121)) == b"\x17\2\0\0"
        eventually(lambda: client.holding(0, 123) == [0] * 121 + [121, 122])
