"""Modbus RTU over TCP: its frames, noise between them, broadcast, and the rules of all clients."""

import json
import random
import select
import struct
import subprocess
import urllib.request

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.framer.rtu_framer import ModbusRtuFramer

from harness import DEADLINE, eventually, free_port
from wire import Wire, frame, read_request, rtu, write_request


class RtuWire(Wire):
    """A socket of RTU frames. `rtu_answer` reads one whose length the caller knows."""

    def rtu_answer(self, size):
        while len(self.rest) < size:
            more = self.socket.recv(4096)
            assert more, f"closed after {self.rest!r}"
            self.rest += more
        whole, self.rest = self.rest[:size], self.rest[size:]
        assert rtu(whole[1:-2], whole[0]) == whole, whole
        return whole[1:-2]

    def registers(self, address, count, unit=1):
        self.send(rtu(read_request(3, address, count), unit))
        pdu = self.rtu_answer(5 + 2 * count)
        assert pdu[:2] == bytes([3, 2 * count])
        return list(struct.unpack(f">{count}H", pdu[2:]))


@pytest.fixture
def start(stack):
    def start_with(**options):
        address = f"127.0.0.1:{free_port()}"
        modbusd = stack.start_modbusd(modbusd__rtu_listen=address, **{"common__units": "1-4", **options})
        modbusd.rtu = address
        return modbusd
    return start_with


@pytest.fixture
def modbusd(start):
    return start()


def rtu_client(modbusd):
    host, port = modbusd.rtu.split(":")
    client = ModbusTcpClient(host, port=int(port), framer=ModbusRtuFramer, timeout=DEADLINE)
    assert client.connect()
    return client


def test_a_client_of_others_reads_and_writes(modbusd):
    assert modbusd.wait_log(r"listening on \S+ \(scada, Modbus RTU over TCP\)")
    client = rtu_client(modbusd)
    assert not client.write_registers(100, list(range(120)), slave=2).isError()
    assert client.read_holding_registers(100, 120, slave=2).registers == list(range(120))
    assert not client.write_register(7, 4711, slave=1).isError()
    assert not client.write_coils(3, [True, False, True], slave=1).isError()
    assert client.read_coils(3, 3, slave=1).bits[:3] == [True, False, True]
    assert client.read_holding_registers(65535, 2, slave=1).exception_code == 2
    assert client.read_holding_registers(0, 1, slave=9).exception_code == 11
    client.close()
    with modbusd.client() as plain:
        assert plain.holding(7, 1) == [4711]


def test_frames_in_pieces_and_in_a_row(modbusd):
    request = rtu(read_request(3, 0, 2))
    with RtuWire(modbusd.rtu) as wire:
        for i in range(len(request)):
            wire.send(request[i:i + 1])
        assert wire.rtu_answer(9) == bytes([3, 4, 0, 0, 0, 0])
        wire.send(request * 200)
        for _ in range(200):
            assert wire.rtu_answer(9) == bytes([3, 4, 0, 0, 0, 0])
        wire.send(rtu(struct.pack(">BHHHHBH", 23, 0, 2, 1, 1, 2, 9)))
        assert wire.rtu_answer(9) == bytes([23, 4, 0, 0, 0, 9])
        wire.send(rtu(write_request(0, 11, 12)), request)  # a write and the read of it
        assert wire.rtu_answer(8) == write_request(0, 11, 12)[:5]
        assert wire.rtu_answer(9) == bytes([3, 4, 0, 11, 0, 12])


def test_function_of_unknown_length(modbusd):
    with RtuWire(modbusd.rtu) as wire:
        wire.send(rtu(b"\x41\x01\x02\x03"))
        assert wire.rtu_answer(5) == b"\xc1\x01"
        wire.send(rtu(b"\x07"))
        assert wire.rtu_answer(5) == b"\x87\x01"


NOISE = {
    "a wrong CRC": rtu(read_request(3, 0, 1))[:-1] + b"\xff",
    "a byte": b"\x01",
    "half a request": rtu(write_request(0, *range(100)))[:50],
    "zeros": bytes(30),
    "a request of impossible length": b"\x01\x10\x00\x00\x00\x7c\xf8",
    "ones": b"\xff" * 300,
}


@pytest.mark.parametrize("name", NOISE)
@pytest.mark.parametrize("together", (True, False))
def test_noise_is_skipped(modbusd, name, together):
    with RtuWire(modbusd.rtu) as wire:
        assert wire.registers(0, 1) == [0]
        before = modbusd.counter("MODBUSD_RTU_CRC_ERRORS")
        received = modbusd.counter("MODBUSD_BYTES_IN")
        if together and name != "half a request":  # which would go on with the next one
            wire.send(NOISE[name] + rtu(read_request(3, 0, 1)))
        else:
            wire.send(NOISE[name])
            eventually(lambda: modbusd.counter("MODBUSD_BYTES_IN")
                       == received + len(NOISE[name]), "the noise has come")
            wire.send(rtu(read_request(3, 0, 1)))
        assert wire.rtu_answer(7) == bytes([3, 2, 0, 0])
        assert modbusd.counter("MODBUSD_RTU_CRC_ERRORS") > before
        assert modbusd.counter("MODBUSD_RTU_SKIPPED_BYTES") == len(NOISE[name])
        assert wire.quiet()


def test_broadcast_writes_all_units_and_is_not_answered(modbusd):
    with RtuWire(modbusd.rtu) as wire:
        wire.send(rtu(write_request(40, 5, 6), unit=0), rtu(read_request(3, 40, 1), unit=0))
        for unit in (1, 2, 3, 4):
            assert wire.registers(40, 2, unit) == [5, 6]
        assert modbusd.counter("MODBUSD_RTU_BROADCASTS") == 2
        assert modbusd.counter("MODBUSD_JOURNAL_ENTRIES") == 4


def test_broadcast_keeps_to_the_rules(start):
    modbusd = start(modbusd__allow="any rw unit=2, any ro")
    with RtuWire(modbusd.rtu) as wire:
        wire.send(rtu(write_request(40, 5), unit=0))
        assert [wire.registers(40, 1, unit) for unit in (1, 2, 3)] == [[0], [5], [0]]
        wire.send(rtu(write_request(40, 5), unit=1))
        assert wire.rtu_answer(5) == b"\x90\x01"
    assert modbusd.counter("MODBUSD_WRITES_REFUSED") == 1


def test_broadcast_keeps_to_rules_with_registers(start):
    modbusd = start(common__units="1-3,30=2", modbusd__allow="any rw unit=2 holding_register=40-49 fc=3,16, any ro")
    with RtuWire(modbusd.rtu) as wire:
        wire.send(rtu(write_request(40, 5), unit=0), rtu(write_request(49, 5, 6), unit=0))
        assert [wire.registers(40, 1, unit) for unit in (1, 2, 3, 30)] == [[0], [5], [0], [5]]
        assert wire.registers(49, 2, 2) == [0, 0]


def test_rules_and_limits_are_those_of_all_clients(start):
    modbusd = start(modbusd__allow="127.0.0.1 rw", modbusd__max_connections=2)
    with RtuWire(modbusd.rtu, source="127.0.0.7") as wire:
        assert wire.closed()
    with RtuWire(modbusd.rtu) as wire, Wire(modbusd.address()) as plain:
        assert wire.registers(0, 1) == [0]
        assert plain.ask(read_request(3, 0, 1))
        with RtuWire(modbusd.rtu) as third:
            assert third.closed()
    assert modbusd.wait_log("connection refused: 127.0.0.7: no allow rule")
    assert modbusd.counter("MODBUSD_REFUSED_LIMIT") == 1


def test_the_header_of_a_proxy(start):
    modbusd = start(modbusd__proxy_protocol_from="127.0.0.2", modbusd__allow="10.0.0.7 ro")
    with RtuWire(modbusd.rtu, source="127.0.0.2") as wire:
        wire.send(b"PROXY TCP4 10.0.0.7 10.0.0.1 50000 502\r\n" + rtu(read_request(3, 0, 1)))
        assert wire.rtu_answer(7) == bytes([3, 2, 0, 0])
        wire.send(rtu(write_request(0, 1)))
        assert wire.rtu_answer(5) == b"\x90\x01"


def test_half_a_request_ends_the_connection(start):
    modbusd = start(modbusd__frame_timeout_ms=200)
    with RtuWire(modbusd.rtu) as wire:
        assert wire.registers(0, 1) == [0]
        wire.send(rtu(read_request(3, 0, 1))[:5])
        assert wire.closed()
    assert modbusd.counter("MODBUSD_CLOSED_FRAME_TIMEOUT") == 1


def test_a_client_of_modbus_tcp_is_told(modbusd):
    with Wire(modbusd.rtu) as wire:
        wire.send(frame(read_request(3, 0, 1)))
        assert wire.closed()
    assert modbusd.wait_log(r"127\.0\.0\.1 sends Modbus TCP instead of Modbus RTU over TCP .*: set the client to "
                            r"Modbus RTU over TCP, or its port to listen;")
    with Wire(modbusd.address()) as wire:  # the other way round
        wire.send(rtu(read_request(3, 100, 2)))
        assert wire.closed()


def test_answers_to_writes_wait_for_the_disk(start):
    modbusd = start(modbusd__persist="always")
    with RtuWire(modbusd.rtu) as wire:
        wire.send(rtu(write_request(0, 1, 2)), rtu(read_request(3, 0, 2)))
        assert wire.rtu_answer(8) == write_request(0, 1, 2)[:5]
        assert wire.rtu_answer(9) == bytes([3, 4, 0, 1, 0, 2])
        assert modbusd.counter("MODBUSD_IMAGE_SYNCS") >= 1


def test_random_bytes(modbusd):
    """They never stop the loop; the connection stays, and the next request is answered."""
    random.seed(1)
    with RtuWire(modbusd.rtu) as wire:
        assert wire.registers(0, 1) == [0]
        sent = modbusd.counter("MODBUSD_BYTES_IN") + 100000
        for _ in range(100):
            wire.send(random.randbytes(1000))
        eventually(lambda: modbusd.counter("MODBUSD_BYTES_IN") == sent, "all has come")
        wire.send(bytes(300))  # more than the longest request: whatever began is over
        while select.select([wire.socket], [], [], 0)[0]:
            assert wire.socket.recv(65536)
        assert wire.registers(0, 1) == [0]
    with modbusd.client() as plain:
        assert plain.holding(0) == [0]


def test_clients_are_listed_with_their_protocol(stack, start):
    modbusd = start()
    api = stack.start_api()
    with RtuWire(modbusd.rtu) as wire, Wire(modbusd.address()) as plain:
        assert wire.registers(5, 1) == [0]
        assert plain.ask(read_request(3, 0, 1))
        def protocols():
            items = json.load(urllib.request.urlopen(api.url("/modbus/clients?side=scada")))["items"]
            return sorted(item["protocol"] for item in items if item["requests"])
        eventually(lambda: protocols() == ["rtu", "tcp"], "both are listed")


def test_mbpoll(modbusd, tmp_path):
    """An independent program, through a pseudo-terminal that socat connects to the port."""
    line = tmp_path / "line"
    with subprocess.Popen(["socat", f"pty,raw,echo=0,link={line}", f"tcp:{modbusd.rtu}"]) as socat:
        try:
            eventually(line.exists, "socat's terminal")
            mbpoll = ["mbpoll", "-o", "10", "-m", "rtu", "-b", "19200", "-P", "even", "-a", "3", "-0", "-r", "10", "-1", "-q"]
            subprocess.run([*mbpoll, line, "77", "88"], check=True, timeout=DEADLINE)
            shown = subprocess.run([*mbpoll, "-c", "2", line], check=True, timeout=DEADLINE,
                                   stdout=subprocess.PIPE, text=True).stdout
            assert "[10]: \t77" in shown and "[11]: \t88" in shown
        finally:
            socat.terminate()
