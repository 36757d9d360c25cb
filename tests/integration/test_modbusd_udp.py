"""Modbus over UDP: one frame in a datagram, one answer, to the sender and from the address that it asked."""

import json
import random
import select
import socket
import urllib.request

import pytest
from pymodbus.client import ModbusUdpClient

from harness import DEADLINE, eventually, free_port
from wire import frame, read_request, write_request


class Sender:
    def __init__(self, address, source="127.0.0.1", port=0):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((source, port))
        self.socket.settimeout(DEADLINE)
        host, port = address.split(":")
        self.to = (host, int(port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendto(data, self.to)

    def answer(self):
        data, source = self.socket.recvfrom(2000)
        assert source == self.to
        return data

    def ask(self, pdu, transaction=1, unit=1):
        self.send(frame(pdu, transaction, unit))
        data = self.answer()
        assert data == frame(data[7:], transaction, unit)
        return data[7:]

    def quiet(self):
        return not select.select([self.socket], [], [], 0)[0]


@pytest.fixture
def start(stack):
    def start_with(host="127.0.0.1", **options):
        port = free_port()
        modbusd = stack.start_modbusd(modbusd__udp_listen=f"{host}:{port}", **options)
        modbusd.udp = f"127.0.0.1:{port}"
        return modbusd
    return start_with


def test_a_client_of_others(start):
    modbusd = start(common__units="1-2")
    assert modbusd.wait_log(r"listening on \S+ \(scada, UDP\)")
    host, port = modbusd.udp.split(":")
    client = ModbusUdpClient(host, port=int(port), timeout=DEADLINE)
    assert client.connect()
    assert not client.write_registers(100, list(range(120)), slave=2).isError()
    assert client.read_holding_registers(100, 120, slave=2).registers == list(range(120))
    assert client.read_holding_registers(65535, 2, slave=1).exception_code == 2
    client.close()
    with modbusd.client(unit=2) as plain:
        assert plain.holding(100, 2) == [0, 1]


def test_one_answer_for_each_request(start):
    modbusd = start()
    with Sender(modbusd.udp) as one, Sender(modbusd.udp) as two:
        for i in range(200):
            one.send(frame(read_request(3, 0, 1), i))
            two.send(frame(read_request(3, 0, 2), i))
            assert one.answer() == frame(bytes([3, 2, 0, 0]), i)
            assert two.answer() == frame(bytes([3, 4, 0, 0, 0, 0]), i)
        assert one.quiet() and two.quiet()


def test_writes_that_are_too_long(start):
    with Sender(start().udp) as sender:
        assert sender.ask(write_request(0, *range(124))) == b"\x90\x03"
        assert sender.ask(write_request(0, *range(123))) == write_request(0, *range(123))[:5]


REQUEST = frame(read_request(3, 0, 1))
MALFORMED = {
    "nothing": b"",
    "a byte missing": REQUEST[:-1],
    "a byte more": REQUEST + b"\0",
    "two frames": REQUEST * 2,
    "another protocol": frame(read_request(3, 0, 1), protocol=1),
    "length 1": frame(b"", length=1),
    "an exception": frame(b"\x83\x02"),
    "RTU": b"\x01\x03\x00\x00\x00\x0a\xc5\xcd",
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
    "long": bytes(60000),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_datagrams_are_not_answered(start, name):
    modbusd = start()
    with Sender(modbusd.udp) as sender:
        sender.send(MALFORMED[name])
        assert sender.ask(read_request(3, 0, 1)) == bytes([3, 2, 0, 0])
        assert sender.quiet()
    assert modbusd.counter("MODBUSD_UDP_MALFORMED") == 1


def test_random_datagrams(start):
    modbusd = start()
    random.seed(3)
    with Sender(modbusd.udp) as noise, Sender(modbusd.udp) as sender:
        for i in range(2000):
            noise.send(random.randbytes(random.randrange(64)))
            if i % 20 == 0:
                assert sender.ask(read_request(3, 0, 1), i) == bytes([3, 2, 0, 0])
        assert noise.quiet()


def test_what_comes_from_the_same_port_is_not_answered(start):
    """Two servers must not answer one another."""
    modbusd = start()
    port = int(modbusd.udp.split(":")[1])
    with Sender(modbusd.udp, "127.0.0.2", port) as other, Sender(modbusd.udp) as sender:
        other.send(REQUEST)
        assert sender.ask(read_request(3, 0, 1)) == bytes([3, 2, 0, 0])
        assert other.quiet()
    assert modbusd.counter("MODBUSD_UDP_MALFORMED") == 1


def test_rules(start):
    modbusd = start(modbusd__allow="127.0.0.2 ro, 127.0.0.3 rw", host="0.0.0.0")
    with (Sender(modbusd.udp) as nobody, Sender(modbusd.udp, "127.0.0.2") as reader,
          Sender(modbusd.udp, "127.0.0.3") as writer):
        nobody.send(REQUEST)
        assert reader.ask(write_request(0, 1)) == b"\x90\x01"
        assert writer.ask(write_request(0, 1)) == write_request(0, 1)[:5]
        assert reader.ask(read_request(3, 0, 1)) == bytes([3, 2, 0, 1])
        assert nobody.quiet()
    assert modbusd.counter("MODBUSD_UDP_REFUSED") == 1
    assert modbusd.wait_log("connection refused: 127.0.0.1: no allow rule matches its address")


def test_the_answer_comes_from_the_address_that_was_asked(start):
    modbusd = start(host="0.0.0.0")
    port = modbusd.udp.split(":")[1]
    with Sender(f"127.0.0.9:{port}") as sender:
        assert sender.ask(read_request(3, 0, 1)) == bytes([3, 2, 0, 0])


def test_more_senders_than_are_remembered(start):
    modbusd = start()
    for _ in range(300):
        with Sender(modbusd.udp) as sender:
            assert sender.ask(read_request(3, 0, 1)) == bytes([3, 2, 0, 0])


def test_answers_to_writes_wait_for_the_disk(start):
    modbusd = start(modbusd__persist="always")
    with Sender(modbusd.udp) as sender:
        for i in range(1, 301):  # more than wait at the same time
            assert sender.ask(write_request(0, i), i) == write_request(0, i)[:5]
        assert modbusd.counter("MODBUSD_IMAGE_SYNCS") >= 300
        for i in range(200):  # fewer than the kernel keeps
            sender.send(frame(write_request(1, i), i))
        answers = 0
        def all_answered():
            nonlocal answers
            while not sender.quiet():
                sender.answer()
                answers += 1
            return answers + modbusd.counter("MODBUSD_UDP_BUSY") == 200
        eventually(all_answered, "each write is answered, or dropped before it is done")


def test_listed_as_a_client(stack, start):
    modbusd = start()
    api = stack.start_api()
    with Sender(modbusd.udp) as sender:
        sender.ask(read_request(3, 0, 1))
        port = sender.socket.getsockname()[1]

        def shown():
            items = json.load(urllib.request.urlopen(api.url("/modbus/clients?side=scada")))["items"]
            return [item for item in items if item["requests"] and
                    (item["address"], item["port"], item["protocol"]) == ("127.0.0.1", port, "udp")]
        eventually(shown, "the sender is listed")

        def has_rate():
            sender.ask(read_request(3, 0, 1))
            return any(item["rate"] for item in shown())
        eventually(has_rate, "its requests in a second")
        (stack.folder / "runtime/clients").unlink()
        eventually(shown, "it is listed in the new file")
