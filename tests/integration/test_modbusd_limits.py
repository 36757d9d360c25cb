"""tagferry-modbusd's limits, access rules, addresses and identification."""

import contextlib
import os
import pathlib
import resource
import signal
import socket
import subprocess
import time

import pytest

from harness import BIN, DEADLINE, Modbusd, eventually
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.other_message import ReportSlaveIdRequest
from wire import Wire, frame, read_request, write_request

READ = frame(read_request(3, 0, 1))


def test_more_connections_than_the_limit(stack):
    modbusd = stack.start_modbusd(modbusd__max_connections=5)
    wires = [Wire(modbusd.address()) for _ in range(5)]
    for wire in wires:
        assert wire.ask(read_request(3, 0, 1)) == b"\x03\2\0\0"
    with Wire(modbusd.address()) as refused:
        assert refused.closed()
    with modbusd.client("inputs") as inputs, modbusd.client("outputs") as outputs:
        inputs.write(0, 1)
        outputs.write(0, 2)
    for wire in wires:
        assert wire.ask(read_request(3, 0, 1)) == b"\x03\2\0\2"
    wires.pop().close()

    def let_in():
        with Wire(modbusd.address()) as wire:
            wire.send(READ)
            return wire.answer()
    eventually(let_in, "a connection in place of the closed one")
    for wire in wires:
        wire.close()


def test_connections_of_one_address(stack):
    modbusd = stack.start_modbusd(modbusd__max_connections_per_ip=2)
    first, second = Wire(modbusd.address()), Wire(modbusd.address())
    assert first.ask(read_request(3, 0, 1)) and second.ask(read_request(3, 0, 1))
    with Wire(modbusd.address()) as third:
        assert third.closed()
    with Wire(modbusd.address(), source="127.0.0.2") as other:
        assert other.ask(read_request(3, 0, 1))
    with modbusd.client("inputs") as inputs, modbusd.client("inputs") as more, \
            modbusd.client("inputs") as most:
        for client in (inputs, more, most):
            client.write(0, 1)
    first.close()
    second.close()


@contextlib.contextmanager
def descriptors(soft):
    """Limits this process and its children for a while; afterwards raises the limit to the
    maximum."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def test_more_than_1024_descriptors(stack):
    with descriptors(1024):
        modbusd = stack.start_modbusd()
    wires = []
    try:
        for _ in range(1100):
            wires.append(Wire(modbusd.address()))
        for number, wire in enumerate(wires[-80:]):
            wire.send(frame(write_request(number, number), number))
        for number, wire in enumerate(wires[-80:]):
            assert wire.answer() == (number, 1, b"\x10" + number.to_bytes(2, "big") + b"\0\1")
    finally:
        for wire in wires:
            wire.close()


def test_descriptors_run_out(stack):
    """Fewer descriptors than connections are allowed: the server refuses, and does not spin."""
    stack.start_modbusd().stop()
    modbusd = stack.modbusd
    modbusd.start(wait=False)
    modbusd.wait_ready()
    subprocess.run(["prlimit", "--pid", str(modbusd.process.pid), "--nofile=40:40"], check=True)
    with modbusd.client() as victim:
        wires = [Wire(modbusd.address()) for _ in range(60)]
        assert wires[-1].closed()
        victim.write(0, 3)
        assert victim.holding(0) == [3]
        for wire in wires:
            wire.close()

        def let_in():
            with Wire(modbusd.address()) as wire:
                wire.send(READ)
                return wire.answer()
        eventually(let_in, "a connection after the others have gone")


def test_too_few_descriptors_for_the_limit(stack):
    """There are fewer SCADA clients then, and the process side has the descriptors that it
    needs."""
    stack.start_modbusd().stop()
    modbusd = stack.modbusd
    modbusd.prefix = ("prlimit", "--nofile=200:200")
    modbusd.start()
    modbusd.wait_log("only 200 file descriptors are allowed, too few for max_connections")
    wires = [Wire(modbusd.address()) for _ in range(300)]
    assert wires[-1].closed()
    with contextlib.ExitStack() as clients:
        for number in range(64):
            client = clients.enter_context(modbusd.client("inputs" if number % 2 else "outputs"))
            client.write(0, number)
    eventually(lambda: modbusd.counter("MODBUSD_CONNECTIONS") == 72, "all to be counted")
    for wire in wires:
        wire.close()


def test_too_many_of_the_process_side(stack):
    modbusd = stack.start_modbusd()
    with contextlib.ExitStack() as clients:
        for number in range(64):
            clients.enter_context(modbusd.client("inputs")).write(0, number)
        with Wire(modbusd.address("inputs")) as refused:
            assert refused.closed()
        modbusd.wait_log("connection refused: 127.0.0.1: the process side is full")
        with modbusd.client() as client:
            assert client.inputs(0) == [63]


def test_frame_timeout_counts_from_the_first_byte(stack):
    modbusd = stack.start_modbusd(modbusd__frame_timeout_ms=300)
    with Wire(modbusd.address()) as idle, Wire(modbusd.address()) as slow:
        whole = frame(write_request(0, *range(100)))

        def drip():
            try:
                slow.send(whole[drip.at:drip.at + 1])
            except OSError:
                return True
            drip.at += 1
            return drip.at >= len(whole) or not slow.quiet()
        drip.at = 0
        eventually(drip, "the end of the dribbler")
        assert slow.closed()
        assert drip.at < len(whole)
        assert idle.ask(read_request(3, 0, 1)) == b"\x03\2\0\0"


def test_a_frame_cut_short_is_closed(stack):
    modbusd = stack.start_modbusd(modbusd__frame_timeout_ms=100)
    with Wire(modbusd.address()) as wire:
        wire.send(frame(write_request(0, 1), length=200))
        assert wire.closed()
    with Wire(modbusd.address("outputs")) as wire:
        wire.send(b"\0")
        assert wire.closed()
    with modbusd.client() as client:
        assert client.holding(0) == [0]


def test_one_who_never_reads_is_closed(stack):
    modbusd = stack.start_modbusd(modbusd__write_timeout_ms=300)
    with Wire(modbusd.address()) as deaf, modbusd.client() as victim:
        flood = frame(read_request(3, 0, 125)) * 200
        deaf.socket.settimeout(0.05)

        def cut_off():
            victim.write(0, 1)
            try:
                deaf.socket.send(flood)
            except TimeoutError:
                return None
            except OSError:
                return True
        eventually(cut_off, "the end of the one who never reads")


def test_idle_timeout(stack):
    modbusd = stack.start_modbusd(modbusd__idle_timeout_s=3)
    with Wire(modbusd.address()) as idle, Wire(modbusd.address()) as active, \
            Wire(modbusd.address("inputs")) as process:
        def idle_is_closed():
            assert active.ask(read_request(3, 0, 1)) == b"\x03\2\0\0"
            return not idle.quiet()
        eventually(idle_is_closed, "the end of the idle one")
        assert idle.closed()
        assert process.ask(read_request(3, 0, 1)) == b"\x03\2\0\0"


def test_waits_for_events(stack):
    """Until the end of an idle client, the loop runs, or wants to run, for less than half of the time."""
    modbusd = stack.start_modbusd(modbusd__idle_timeout_s=1)
    schedule = pathlib.Path(f"/proc/{modbusd.process.pid}/schedstat")

    def busy_ns():
        return sum(map(int, schedule.read_text(encoding="ascii").split()[:2]))
    with Wire(modbusd.address()) as idle:
        assert idle.ask(read_request(3, 0, 1)) == b"\x03\2\0\0"
        begin, before = time.monotonic_ns(), busy_ns()
        assert idle.closed()
        assert busy_ns() - before < (time.monotonic_ns() - begin) / 2


def test_access_rules(stack):
    modbusd = stack.start_modbusd(
        common__units="1-3",
        modbusd__allow="127.0.0.2/31 rw unit=1, 127.0.0.2 ro, 127.0.0.1 rw")
    refused = write_request(0, 9)
    with Wire(modbusd.address()) as full, Wire(modbusd.address(), "127.0.0.2") as mixed, \
            Wire(modbusd.address(), "127.0.0.3") as narrow:
        assert full.ask(write_request(0, 7), unit=3) == b"\x10\0\0\0\1"
        assert mixed.ask(write_request(0, 8), unit=1) == b"\x10\0\0\0\1"
        assert mixed.ask(refused, unit=3) == b"\x90\1"
        assert mixed.ask(read_request(3, 0, 1), unit=3) == b"\x03\2\0\7"
        assert narrow.ask(refused, unit=2) == b"\x90\x0b"
        assert narrow.ask(read_request(3, 0, 1), unit=1) == b"\x03\2\0\x08"
        assert full.ask(read_request(3, 0, 1), unit=3) == b"\x03\2\0\7"
        for _ in range(50):
            assert mixed.ask(refused, unit=2) == b"\x90\1"
        with Wire(modbusd.address(), "127.0.0.4") as stranger:
            assert stranger.closed()
        with Wire(modbusd.address("outputs"), "127.0.0.4") as process:
            assert process.ask(refused, unit=2) == b"\x10\0\0\0\1"
    assert modbusd.log().count("write refused: 127.0.0.2") < 5


@pytest.mark.parametrize("option,value,words", [
    ("modbusd.allow", "10.0.0.0/99 rw", "10.0.0.0/99"),
    ("modbusd.allow", "any", "ro or rw"),
    ("modbusd.max_connections", "0", "1 to"),
    ("modbusd.frame_timeout_ms", "soon", "whole number"),
    ("modbusd.on_process_loss", "panic", "hold"),
    ("modbusd.vendor_name", "x" * 65, "64"),
    ("modbusd.outputs_listen", "192.0.2.1:0", "loopback"),
    ("common.units", "0", "unit ids"),
])
def test_wrong_configuration(option, value, words):
    run = subprocess.run([BIN / "tagferry-modbusd", "-c", "/dev/null", "-o", f"{option}={value}",
                          "--check-config"], capture_output=True, text=True)
    assert run.returncode == 2
    assert words in run.stderr and option.split(".")[1] in run.stderr


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def test_several_addresses(stack):
    listen = "127.0.0.1:0,127.0.0.2:0" + (",[::1]:0" if has_ipv6() else "")
    modbusd = stack.add(Modbusd("tagferry-modbusd", stack.folder, dict(stack.common, **{
        "modbusd.listen": listen, "modbusd.inputs_listen": "127.0.0.1:0",
        "modbusd.outputs_listen": "127.0.0.1:0", "modbusd.image": stack.folder / "image"})))
    modbusd.start(wait=False)
    modbusd.wait_ready()
    places = [line.split("listening on ")[1].split(" ")[0]
              for line in modbusd.log().splitlines() if "(scada)" in line]
    assert len(places) == listen.count(",") + 1
    for number, place in enumerate(places):
        with Wire(place) as wire:
            assert wire.ask(write_request(number, number)) == b"\x10\0" + bytes([number]) + b"\0\1"


def run_with_sockets(stack, sockets, names, inputs="127.0.0.1:1"):
    """Like systemd: descriptors from 3 on, LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID."""
    command = [BIN / "tagferry-modbusd", "-c", "/dev/null"]
    for key, value in dict(stack.common, **{
            "modbusd.image": stack.folder / "image", "modbusd.listen": "127.0.0.1:1",
            "modbusd.inputs_listen": inputs,
            "modbusd.outputs_listen": "127.0.0.1:0"}).items():
        command += ["-o", f"{key}={value}"]
    moves = " ".join(f"{3 + at}<&{made.fileno()}" for at, made in enumerate(sockets))
    env = dict(os.environ, LISTEN_FDS=str(len(sockets)), LISTEN_FDNAMES=names)
    return subprocess.Popen(
        ["bash", "-c", f"exec {moves}; LISTEN_PID=$$ exec \"$@\"", "bash", *map(str, command)],
        env=env, text=True, stderr=subprocess.PIPE, pass_fds=[s.fileno() for s in sockets])


def test_sockets_of_systemd(stack):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [made.getsockname()[1] for made in sockets]
    with run_with_sockets(stack, sockets, "tagferry-modbusd.socket:inputs") as run:
        try:
            with Wire(f"127.0.0.1:{ports[0]}") as scada, Wire(f"127.0.0.1:{ports[1]}") as inputs:
                assert inputs.ask(write_request(0, 5)) == b"\x10\0\0\0\1"
                assert scada.ask(read_request(4, 0, 1)) == b"\x04\2\0\5"
        finally:
            run.terminate()
        log = run.stderr.read()
    assert run.returncode == 0, log
    assert f"listening on 127.0.0.1:{ports[0]} (scada)" in log
    assert f"listening on 127.0.0.1:{ports[1]} (inputs)" in log
    assert "(outputs)" in log


def unix_socket(stack):
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(stack.folder / "socket"))
    made.listen()
    return made


@pytest.mark.parametrize("make,name,words", [
    (unix_socket, "scada", "not a listening TCP socket"),
    (lambda _: socket.socket(), "scada", "not a listening TCP socket"),
    (lambda _: socket.create_server(("0.0.0.0", 0)), "outputs", "must be a loopback address"),
], ids=["unix", "not listening", "process side in the open"])
def test_sockets_that_cannot_serve(stack, make, name, words):
    with make(stack) as made, run_with_sockets(stack, [made], name) as run:
        log = run.stderr.read()
        assert run.wait(DEADLINE) == 1
        assert words in log


def test_the_socket_that_cannot_serve_is_named(stack):
    sockets = [*(socket.create_server(("127.0.0.1", 0)) for _ in range(7)), socket.socket()]
    with run_with_sockets(stack, sockets, ":".join(["scada"] * len(sockets))) as run:
        log = run.stderr.read()
        assert run.wait(DEADLINE) == 1
    assert "systemd passed descriptor 10, which is not a listening TCP socket" in log
    for each in sockets:
        each.close()


def test_identification(stack):
    modbusd = stack.start_modbusd(modbusd__vendor_name="Acme", modbusd__application_name="Hall 3")
    with modbusd.client() as client:
        basic = client.client.execute(ReadDeviceInformationRequest(1, 0, slave=1, unit=1))
        assert basic.information[0] == b"Acme"
        assert basic.information[1] == b"tagferry-modbusd"
        assert sorted(basic.information) == [0, 1, 2]
        regular = client.client.execute(ReadDeviceInformationRequest(2, 0, slave=1, unit=1))
        assert regular.information[6] == b"Hall 3"
        one = client.client.execute(ReadDeviceInformationRequest(4, 4, slave=1, unit=1))
        assert one.information == {4: b"Tagferry"}
        report = client.client.execute(ReportSlaveIdRequest(slave=1, unit=1))
        assert b"Acme Tagferry" in report.identifier and b"modbus" not in report.identifier


def test_process_loss(stack):
    modbusd = stack.start_modbusd(modbusd__on_process_loss="exception",
                                  modbusd__process_timeout_s=4)
    with Wire(modbusd.address()) as scada, Wire(modbusd.address("outputs")) as outputs, \
            Wire(modbusd.address("inputs")) as inputs:
        read = read_request(4, 0, 1)
        assert inputs.ask(write_request(0, 7)) == b"\x10\0\0\0\1"

        def lost():
            assert outputs.ask(read) == b"\x04\2\0\7"
            return scada.ask(read) == b"\x84\x0b"
        eventually(lost, "the loss of the process")
        assert scada.ask(write_request(0, 1)) == b"\x10\0\0\0\1"
        modbusd.wait_log("process lost")
        assert inputs.ask(read_request(3, 0, 1)) == b"\x03\2\0\7"
        assert scada.ask(read) == b"\x04\2\0\7"
        modbusd.wait_log("tagferry-mqttd sends requests again")


def test_counters(stack):
    modbusd = stack.start_modbusd(modbusd__max_connections=2, modbusd__frame_timeout_ms=100)
    with Wire(modbusd.address()) as wire, modbusd.client("inputs") as process:
        process.write(0, 1)
        answers = [wire.ask(pdu) for pdu in (read_request(3, 0, 1), write_request(0, 1, 2),
                                             read_request(3, 0, 0), b"\x07",
                                             read_request(1, 65535, 2))]
        with Wire(modbusd.address()) as bad:
            bad.send(b"GET /")
            assert bad.closed()
        with Wire(modbusd.address()) as slow:
            slow.send(b"\0")
            assert slow.closed()

        def refused():
            with Wire(modbusd.address()), Wire(modbusd.address()):
                return modbusd.counter("MODBUSD_REFUSED_LIMIT") > 0
        eventually(refused, "a refused connection")
        expected = {"REQUESTS_3": 2, "REQUESTS_16": 2, "REQUESTS_1": 1, "REQUESTS_OTHER": 1,
                    "EXCEPTIONS_1": 1, "EXCEPTIONS_2": 1, "EXCEPTIONS_3": 1, "BAD_FRAMES": 1,
                    "CLOSED_FRAME_TIMEOUT": 1, "JOURNAL_ENTRIES": 1, "PROCESS_CONNECTIONS": 1}
        for name, value in expected.items():
            assert modbusd.counter(f"MODBUSD_{name}") == value, name
        sent = sum(len(answer) + 7 for answer in answers) + 12
        assert modbusd.counter("MODBUSD_BYTES_OUT") == sent
        eventually(lambda: modbusd.counter("MODBUSD_CONNECTIONS") == 1, "one connection")
        assert modbusd.counter("MODBUSD_SLOWEST_TURN_US") > 0


def test_followers_of_the_journal_are_woken(stack):
    """The word that they wait on is at offset 40; it changes only for SCADA's writes."""
    modbusd = stack.start_modbusd()
    journal = modbusd.options["common.runtime_dir"] / "journal"

    def word():
        return journal.read_bytes()[40:44]
    before = word()
    with modbusd.client("outputs") as process, modbusd.client() as scada:
        process.write(0, 1)
        assert scada.holding(0) == [1]
        assert word() == before
        scada.write(0, 2)
        eventually(lambda: word() != before, "a wake-up")


def test_status_in_words(stack):
    modbusd = stack.start_modbusd(common__units="1-11")
    with modbusd.client() as scada, modbusd.client("inputs") as process:
        scada.write(0, 1)
        process.write(0, 1)
        eventually(lambda: "STATUS=11 units, 1 SCADA client, 1 process connection"
                   in modbusd.read_notices(), "the status")


class Configured:
    """Writes the file of a modbusd and reloads it."""

    def __init__(self, stack):
        self.path = stack.folder / "tagferry.conf"
        self.write()
        options = dict(stack.common, **{key: "127.0.0.1:0" for key in Modbusd.PORTS.values()})
        options["modbusd.image"] = stack.folder / "image"
        self.modbusd = stack.add(Modbusd("tagferry-modbusd", stack.folder, options))
        self.modbusd.config = self.path
        self.modbusd.start()

    def write(self, *lines):
        self.path.write_text("[modbusd]\n" + "\n".join(lines) + "\n")

    def reload(self, words):
        before = len(self.modbusd.log())
        self.modbusd.signal(signal.SIGHUP)
        eventually(lambda: words in self.modbusd.log()[before:], words)


def test_reload(stack):
    configured = Configured(stack)
    modbusd = configured.modbusd
    with Wire(modbusd.address()) as one, Wire(modbusd.address(), "127.0.0.2") as other:
        assert one.ask(write_request(0, 1)) == b"\x10\0\0\0\1"
        assert other.ask(write_request(0, 2)) == b"\x10\0\0\0\1"
        configured.write("allow = 127.0.0.1 ro", "vendor_name = Acme")
        configured.reload("configuration reloaded")
        assert other.closed()
        assert one.ask(write_request(0, 3)) == b"\x90\1"
        assert one.ask(read_request(3, 0, 1)) == b"\x03\2\0\2"
        assert b"Acme" in one.ask(b"\x11")
        configured.write("allow = 127.0.0.1 nonsense")
        configured.reload("not reloaded")
        assert "ro or rw" in modbusd.log()
        assert one.ask(write_request(0, 3)) == b"\x90\1"
        for line in ("sync_interval_ms = 77", "persist = always"):
            configured.write(line)
            configured.reload(f"{line.split()[0]} has changed, which takes a restart")
        assert one.ask(write_request(0, 4)) == b"\x10\0\0\0\1"
        assert one.ask(b"\x11")[4:12] == b"Tagferry"
        for _ in range(100):
            modbusd.signal(signal.SIGHUP)
        assert one.ask(write_request(0, 5)) == b"\x10\0\0\0\1"


def test_units_of_a_rule(stack):
    modbusd = stack.start_modbusd(common__units="1-9",
                                  modbusd__allow="127.0.0.2 rw unit=1-2,5, 127.0.0.1 rw,any ro")
    with Wire(modbusd.address(), "127.0.0.2") as wire, Wire(modbusd.address()) as full:
        written = [unit for unit in range(1, 10)
                   if wire.ask(write_request(0, 1), unit=unit) == b"\x10\0\0\0\1"]
        assert written == [1, 2, 5]
        assert wire.ask(read_request(3, 0, 1), unit=9) == b"\x03\2\0\0"
        assert full.ask(write_request(0, 1), unit=9) == b"\x10\0\0\0\1"
