"""Hostile clients, and a victim of the attack. A second server without an attack has a victim, too;
the test compares their progress, so that a slow machine slows both."""

import contextlib
import random
import resource
import threading

import pytest

from harness import Modbusd, eventually
from wire import Wire, frame, read_request, write_request


PATIENCE = 120.0  # s; for a busy machine
COMPARISONS = 5


class Victim(threading.Thread):
    """Sends one request at a time, checks each answer and counts them."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.wire = Wire(address)
        self.count = 0
        self.fault = None
        self.ended = False

    def run(self):
        try:
            while not self.ended:
                number = self.count % 65536
                assert self.wire.ask(write_request(500, number)) == b"\x10\x01\xf4\0\1"
                assert self.wire.ask(read_request(3, 500, 1)) == b"\x03\2" + number.to_bytes(2, "big")
                self.count += 1
        except Exception as fault:  # pylint: disable=broad-except
            self.fault = fault

    def end(self):
        self.ended = True
        self.join()
        self.wire.close()


@pytest.fixture
def servers(stack):
    """The server to attack and the calm one; both give up on bad clients after a while."""
    made = []
    for name in ("attacked", "calm"):
        folder = stack.folder / name
        folder.mkdir()
        options = dict(stack.common, **{key: "127.0.0.1:0" for key in Modbusd.PORTS.values()})
        options.update({"common.runtime_dir": folder / "run", "modbusd.image": folder / "image",
                        "modbusd.frame_timeout_ms": 1000, "modbusd.write_timeout_ms": 1000})
        made.append(stack.add(Modbusd("tagferry-modbusd", folder, options)).start())
    return made


def progress(servers, rounds=100, act=None):
    """Waits until the victim of the first server has completed its rounds, all answers correct.
    Returns the rounds of the victim of each server."""
    victims = [Victim(server.address()) for server in servers]
    for victim in victims:
        victim.start()

    def far_enough():
        if act:
            act()
        for victim in victims:
            assert victim.fault is None, victim.fault
        return victims[0].count - begun[0] >= rounds
    eventually(lambda: all(victim.count > 0 for victim in victims), "the first answers", PATIENCE)
    begun = [victim.count for victim in victims]
    eventually(far_enough, "the progress of the attack's victim", PATIENCE)
    made = [victim.count - at for victim, at in zip(victims, begun)]
    for victim in victims:
        victim.end()
    return made


def compare(servers, share, act=None):
    """When the victim of the attack has completed its rounds, the other has not completed more than
    its share allows. Counts rounds, not seconds: a busy machine slows both. It may slow one of them
    for a moment, so one of several comparisons is enough: an attack that works slows each of them."""
    compared = []
    for _ in range(COMPARISONS):
        attacked, calm = progress(servers, act=act)
        if attacked >= calm * share:
            return
        compared.append(f"{attacked} against {calm}")
    pytest.fail(", ".join(compared))


@contextlib.contextmanager
def connections(address, count):
    wires = [Wire(address) for _ in range(count)]
    try:
        yield wires
    finally:
        for wire in wires:
            wire.close()


def send_quietly(wire, data):
    """Sends as much as the socket accepts and returns the number of bytes; ignores a closed
    connection."""
    wire.socket.setblocking(False)
    try:
        return wire.socket.send(data)
    except OSError:
        return 0


def test_dribblers(servers):
    whole = frame(write_request(0, *range(123)))
    with connections(servers[0].address(), 100) as wires:
        state = {"at": 0}

        def drip():
            at = state["at"] = (state["at"] + 1) % len(whole)
            for wire in wires:
                send_quietly(wire, whole[at:at + 1])
        compare(servers, 0.2, act=drip)


def test_non_readers(servers):
    """They block no other client: neither while they flood, nor while they are not read, nor when
    they are closed. The speed of the victim depends more on the machine than on the server."""
    flood = frame(read_request(3, 0, 125)) * 300
    attacked = servers[:1]
    with connections(attacked[0].address(), 30) as wires:
        def send():
            return sum(send_quietly(wire, flood) for wire in wires)
        progress(attacked, act=send)
        eventually(lambda: send() == 0, "that nothing more is read from them", PATIENCE)
        progress(attacked, act=send)
        eventually(lambda: attacked[0].counter("MODBUSD_CLOSED_WRITE_TIMEOUT") == 30,
                   "that they are closed", PATIENCE)
        progress(attacked)


def test_half_sent_and_half_closed(servers):
    with connections(servers[0].address(), 300) as wires:
        for number, wire in enumerate(wires):
            send_quietly(wire, frame(write_request(0, 1, 2, 3))[:number % 18])
            if number % 3 == 0:
                wire.socket.shutdown(1)
        compare(servers, 0.3)


def test_1500_idle_ones(servers):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with connections(servers[0].address(), 1500):
        compare(servers, 0.3)


@pytest.mark.parametrize("pdu", [read_request(3, 0, 125), write_request(0, *range(123)), b"\x07"],
                         ids=["reads", "writes", "exceptions"])
def test_floods(servers, pdu):
    """Four clients keep as many requests in flight as the sockets accept, and read the answers."""
    data = frame(pdu) * 100
    ended = threading.Event()
    with connections(servers[0].address(), 4) as wires:
        def flood():
            while not ended.is_set():
                for wire in wires:
                    send_quietly(wire, data)
                    with contextlib.suppress(OSError):
                        wire.socket.recv(1 << 20)
        flooder = threading.Thread(target=flood)
        flooder.start()
        try:
            compare(servers, 0.01)
        finally:
            ended.set()
            flooder.join()


def test_connect_storm(servers):
    def storm():
        for _ in range(20):
            wire = Wire(servers[0].address())
            send_quietly(wire, frame(read_request(3, 0, 1)))
            wire.reset()
    compare(servers, 0.05, act=storm)


def test_garbage(servers):
    chance = random.Random(4711)

    def throw():
        for _ in range(5):
            with Wire(servers[0].address()) as wire:
                send_quietly(wire, chance.randbytes(chance.randrange(1, 2000)))
                header = frame(b"", length=chance.randrange(2, 255))
                send_quietly(wire, header + chance.randbytes(250) * 4)
    compare(servers, 0.05, act=throw)


def test_the_process_side_is_not_shut_out(servers):
    """All SCADA connections are in use and flooding: the process side can still write."""
    attacked = servers[0]
    attacked.stop()
    attacked.options["modbusd.max_connections"] = 50
    attacked.start()
    flood = frame(read_request(3, 0, 125)) * 300
    with connections(attacked.address(), 50) as wires:
        with attacked.client("inputs") as inputs, attacked.client("outputs") as outputs:
            for number in range(50):
                for wire in wires:
                    send_quietly(wire, flood)
                inputs.write(0, number)
                outputs.write(600, number)
                assert inputs.holding(0) == [number]
                assert outputs.inputs(0) == [number]
