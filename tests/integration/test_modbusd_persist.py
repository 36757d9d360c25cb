"""The promises of tagferry-modbusd for its registers: after kill -9, and with a slow or failing
disk."""

import gzip
import os
import random
import struct
import subprocess
import threading

import pytest

from harness import ROOT, Modbusd, eventually
from wire import Wire, frame, read_request, write_request

WIDTH = 123
READ = frame(read_request(3, 0, 1))
KILLS = int(os.environ.get("TAGFERRY_KILLS", "25"))  # in total; a soak does hundreds


class Writer(threading.Thread):
    """Fills its own block with one number after the other; records the newest acknowledged one."""

    def __init__(self, address, block, unit, number):
        super().__init__(daemon=True)
        self.address, self.block, self.unit = address, block, unit
        self.number = self.acknowledged = number

    def run(self):
        try:
            with Wire(self.address) as wire:
                while True:
                    self.number = (self.number + 1) % 65536
                    if wire.ask(write_request(self.block, *[self.number] * WIDTH),
                                self.unit) != struct.pack(">BHH", 16, self.block, WIDTH):
                        return
                    self.acknowledged = self.number
        except (OSError, AssertionError, TypeError):
            return


@pytest.mark.parametrize("persist", ["interval", "always", "never"])
def test_killed_under_load(stack, persist):
    """On both sides, no FC16 is torn and no acknowledged one is lost."""
    modbusd = stack.start_modbusd(common__units="1-2", modbusd__persist=persist,
                                  modbusd__sync_interval_ms=10)
    chance = random.Random(persist)
    numbers = {("scada", 0, 1): 0, ("scada", 1000, 2): 0, ("inputs", 0, 1): 0}
    for _ in range((KILLS + 2) // 3):
        writers = {key: Writer(modbusd.address(key[0]), key[1], key[2], number)
                   for key, number in numbers.items()}
        for writer in writers.values():
            writer.start()
        goal = chance.randrange(2, 60)
        eventually(lambda: min((w.acknowledged - numbers[key]) % 65536
                               for key, w in writers.items()) >= goal, "some writes")
        modbusd.kill()
        for writer in writers.values():
            writer.join()
        modbusd.start()
        for (side, block, unit), writer in writers.items():
            with modbusd.client("scada", unit) as client:
                read = client.inputs if side == "inputs" else client.holding
                values = read(block, WIDTH)
            assert len(set(values)) == 1, f"torn: {values}"
            assert values[0] in (writer.acknowledged, writer.number)
            numbers[side, block, unit] = values[0]


@pytest.fixture
def slow_disk(stack):
    """Starts a modbusd whose msync obeys `say`: "hold", "fail", or nothing."""
    shim, orders = stack.folder / "msync_shim.so", stack.folder / "msync_orders"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim,
                    ROOT / "tests/integration/msync_shim.c", "-ldl"], check=True)

    def start(**options):
        merged = dict(stack.common, **{key: "127.0.0.1:0" for key in Modbusd.PORTS.values()})
        merged["modbusd.image"] = stack.folder / "image"
        merged.update({f"modbusd.{key}": value for key, value in options.items()})
        modbusd = stack.add(Modbusd("tagferry-modbusd", stack.folder, merged))
        modbusd.env.update(LD_PRELOAD=str(shim), TAGFERRY_TEST_MSYNC=str(orders),
                           ASAN_OPTIONS="verify_asan_link_order=0")
        modbusd.say = lambda word: orders.write_text(word) if word else orders.unlink()
        return modbusd.start()
    yield start
    orders.unlink(missing_ok=True)


def test_always_answers_when_it_is_on_the_disk(slow_disk):
    modbusd = slow_disk(persist="always")
    with Wire(modbusd.address()) as writer, Wire(modbusd.address("inputs")) as process, \
            Wire(modbusd.address()) as reader:
        assert writer.ask(write_request(0, 1)) == b"\x10\0\0\0\1"
        assert modbusd.counter("MODBUSD_IMAGE_SYNCS") >= 1
        modbusd.say("hold")
        writer.send(frame(write_request(0, 2), 7), frame(read_request(3, 0, 1), 8))
        process.send(frame(write_request(0, 3), 9))
        eventually(lambda: reader.ask(read_request(3, 0, 1)) == b"\x03\2\0\2", "the write")
        eventually(lambda: reader.ask(read_request(4, 0, 1)) == b"\x04\2\0\3", "the other write")
        for _ in range(100):
            assert reader.ask(read_request(3, 0, 1)) == b"\x03\2\0\2"
        assert writer.quiet() and process.quiet()
        modbusd.say("")
        assert writer.answer() == (7, 1, b"\x10\0\0\0\1")
        assert writer.answer() == (8, 1, b"\x03\2\0\2")
        assert process.answer() == (9, 1, b"\x10\0\0\0\1")


def test_always_never_acknowledges_what_could_not_be_written(slow_disk):
    modbusd = slow_disk(persist="always")
    with Wire(modbusd.address()) as writer, Wire(modbusd.address()) as reader:
        modbusd.say("fail")
        writer.send(frame(write_request(0, 2)))
        assert writer.closed()
        assert reader.ask(read_request(3, 0, 1)) == b"\x03\2\0\2"
        modbusd.wait_log("cannot be written to disk")
        modbusd.say("")
        assert reader.ask(write_request(0, 3)) == b"\x10\0\0\0\1"
        modbusd.wait_log("written to disk again")


def test_the_same_values_again_are_not_written_to_the_disk(slow_disk):
    modbusd = slow_disk(persist="always")
    writes = (write_request(0, 1, 2), struct.pack(">BHHBB", 15, 0, 3, 1, 5), struct.pack(">BHH", 6, 9, 7),
              struct.pack(">BHHH", 22, 9, 0xff, 0))

    def write_all(*wires):
        for pdu in writes:
            assert [wire.ask(pdu)[0] for wire in wires] == [pdu[0]] * len(wires)
        return modbusd.counter("MODBUSD_IMAGE_SYNCS")
    with Wire(modbusd.address()) as writer, Wire(modbusd.address("inputs")) as process:
        syncs = write_all(writer, process)
        assert syncs >= 6  # function 22 has changed nothing
        assert write_all(writer, process) == syncs
        # After a failure, the values are not on the disk.
        modbusd.say("fail")
        writer.send(frame(write_request(0, 1, 3)))
        assert writer.closed()
        with Wire(modbusd.address()) as other:
            other.send(frame(write_request(0, 1, 3)))
            assert other.closed()
        modbusd.say("")
        assert process.ask(writes[0])[0] == 16


def test_a_client_that_goes_while_its_answer_is_held(slow_disk):
    modbusd = slow_disk(persist="always")
    modbusd.say("hold")
    with Wire(modbusd.address()) as reader:
        for number in range(10):
            wire = Wire(modbusd.address())
            wire.send(frame(write_request(number, 5)), b"\0\0\1" if number % 2 else b"")
            eventually(lambda: reader.ask(read_request(3, number, 1)) == b"\x03\2\0\5", "it")
            wire.reset()
        modbusd.say("")
        assert reader.ask(write_request(0, 6)) == b"\x10\0\0\0\1"


def test_a_slow_disk_costs_nobody_the_time_for_a_frame(slow_disk):
    """While an answer is held, the server does not read from the client: the client's next request
    is in time."""
    modbusd = slow_disk(persist="always", frame_timeout_ms=300)
    modbusd.say("hold")
    with Wire(modbusd.address()) as wire, Wire(modbusd.address()) as reader:
        wire.send(frame(write_request(0, 5), 1), READ[:7])
        eventually(lambda: reader.ask(read_request(3, 0, 1)) == b"\x03\2\0\5", "the write")
        wire.send(READ[7:])
        with Wire(modbusd.address()) as slow:
            slow.send(READ[:7])
            assert slow.closed()
        modbusd.say("")
        assert wire.answer() == (1, 1, b"\x10\0\0\0\1")
        assert wire.answer() == (1, 1, b"\x03\2\0\5")
        assert modbusd.counter("MODBUSD_CLOSED_FRAME_TIMEOUT") == 1
        wire.send(READ[:7])
        assert wire.closed()


def test_good_frames_before_a_bad_one_are_answered_after_the_sync(slow_disk):
    modbusd = slow_disk(persist="always")
    with Wire(modbusd.address()) as wire:
        wire.send(frame(write_request(0, 5), 1), b"\0\3\xff\xff")
        assert wire.answer() == (1, 1, b"\x10\0\0\0\1")
        assert wire.closed()


def test_a_slow_disk_delays_nobody_at_an_interval(slow_disk):
    modbusd = slow_disk(persist="interval", sync_interval_ms=10)
    modbusd.say("hold")
    with modbusd.client() as client:
        for number in range(300):
            client.write(0, number)
            assert client.holding(0) == [number]
        modbusd.say("")
        eventually(lambda: modbusd.counter("MODBUSD_IMAGE_SYNCS") > 0, "a sync")


def test_never_leaves_the_disk_alone(slow_disk):
    modbusd = slow_disk(persist="never", sync_interval_ms=10)
    modbusd.say("hold")
    with modbusd.client() as client:
        client.write(0, 7)
    assert modbusd.stop() == 0
    modbusd.start()
    with modbusd.client() as client:
        assert client.holding(0) == [7]
        assert modbusd.counter("MODBUSD_IMAGE_SYNCS") == 0


def check_of(data):
    """The check of image_redo_check."""
    check, data = 1, data + bytes(-len(data) % 8)
    for (word,) in struct.iter_unpack("<Q", data):
        check = (check ^ word) * 0x9e3779b97f4a7c15 & (1 << 64) - 1
        check ^= check >> 29
    return check


def record(write):
    return struct.pack("<QQBBH", 0, 0, 0, 0, len(write)) + write


def interrupt(modbusd, write, check=None):
    """The redo record is at offset 280: check, journal, sequence, side, length, frame."""
    with open(modbusd.options["modbusd.image"], "r+b") as image:
        image.seek(280)
        image.write(struct.pack("<Q", check or check_of(record(write))) + record(write))


def test_an_interrupted_write_is_made_whole_on_start(stack):
    modbusd = stack.start_modbusd()
    modbusd.stop()
    interrupt(modbusd, frame(write_request(7, 0x1111, 0x2222)))
    modbusd.start()
    with modbusd.client() as client:
        assert client.holding(7, 2) == [0x1111, 0x2222]


def test_a_record_of_two_writes_is_dropped(stack):
    """A power cut can leave parts of several writes in the record."""
    modbusd = stack.start_modbusd()
    with modbusd.client() as client:
        client.write(7, 1, 2)
    modbusd.stop()
    torn = frame(write_request(7, 0x1111, 0x2222))
    interrupt(modbusd, torn[:-2] + b"\x33\x33", check=check_of(record(torn)))
    modbusd.start()
    with modbusd.client() as client:
        assert client.holding(7, 2) == [1, 2]
    assert modbusd.log().count("is not whole; the write is not repeated") == 1
    modbusd.kill()
    modbusd.start()
    assert "is not whole" not in modbusd.log()


def test_takes_over_an_image_of_layout_1(stack):
    """image_1.gz: units 1 and 5, each with its own number in its registers, and a write to unit 5 that a
    kill has interrupted after its first register."""
    image = stack.folder / "image"
    image.write_bytes(gzip.decompress((ROOT / "tests/integration/image_1.gz").read_bytes()))
    for _ in range(2):
        modbusd = stack.start_modbusd(common__units="1,5,6", modbusd__image=image)
        for unit in (1, 5, 6):
            with modbusd.client(unit=unit) as client:
                numbers = [0] * 123 if unit == 6 else list(range(unit, unit + 123))
                assert client.holding(100, 123) == numbers
                assert client.coils(2, 3) == [False, unit != 6, False]
                assert client.inputs(7) == [0 if unit == 6 else 70 + unit]
                assert client.holding(7, 2) == ([0x1111, 0x2222] if unit == 5 else [0, 0])
        assert modbusd.stop() == 0
    assert struct.unpack_from("<8sQ", image.read_bytes()) == (b"TFimage\0", 2)
