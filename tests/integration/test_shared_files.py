"""The files that the daemons share, damaged in each way that a disk, a program or a person can:
while no process writes them, and while all run."""

import os
import pathlib
import random
import signal
import stat
import subprocess

import pytest

from harness import BIN, eventually
from mqttd_helpers import back, served, tag

OWNERS = {
    "mqttd": ("live", "live-strings", "messages", "journal-position", "mqttd.counters",
              "mqttd.info", "register-owners"),
    "modbusd": ("journal", "write-times", "modbusd.counters", "clients", "modbusd.info"),
    "api": ("api.counters", "api.info"),
}
FILES = [name for names in OWNERS.values() for name in names]


def flip(path, chance, words=8):
    """Some words of the file: the header, which is never skipped by chance, and any."""
    size = path.stat().st_size
    with open(path, "r+b", buffering=0) as file:
        for _ in range(words):
            at = 8 * chance.randrange(min(size, chance.choice((64, 1024, size))) // 8)
            word = int.from_bytes(os.pread(file.fileno(), 8, at), "little")
            word ^= chance.choice((1, 1 << 31, 1 << 56, (1 << 64) - 1))
            os.pwrite(file.fileno(), word.to_bytes(8, "little"), at)


def zero(path, _):
    with open(path, "r+b", buffering=0) as file:
        os.pwrite(file.fileno(), bytes(path.stat().st_size), 0)


def fill_with_ones(path, _):
    with open(path, "r+b", buffering=0) as file:
        os.pwrite(file.fileno(), b"\xff" * path.stat().st_size, 0)


def longer(path, _):
    os.truncate(path, 1 << 40)


def a_bit_longer(path, _):
    with open(path, "ab") as file:
        file.write(b"\xff" * 5000)


def shorter(path, chance):
    os.truncate(path, chance.randrange(path.stat().st_size))


def empty(path, _):
    os.truncate(path, 0)


def remove(path, _):
    path.unlink()


KINDS = [flip, zero, fill_with_ones, longer, a_bit_longer, shorter, empty, remove]


@pytest.fixture
def shared(plant):
    """All daemons, with values, strings and commands in the files."""
    plant.runtime = pathlib.Path(plant.common["common.runtime_dir"])
    plant.api.device("d", "t", [
        tag("n", 0, "uint16"), {"name": "s", "modbus": {"type": "string", "length": 4}},
        back("c", 100, "uint16", "t/set")])
    plant.heard = plant.broker.subscribe("t/set")
    served(plant)
    plant.number = 0
    works(plant)
    return plant


def works(shared, commands=True):
    """Checks values, commands, and what the API reads from the files."""
    shared.number += 1
    number = shared.number

    def flows():
        shared.broker.publish("t", {"n": number, "s": f"s{number}"})
        found = [shared.api.get(f"/devices/d/tags/{name}/value") for name in "ns"]
        return [each.status == 200 and each.json()["value"] for each in found] == \
            [number, f"s{number}"]
    eventually(flows, "values to flow")
    for path in ("/messages", "/values", "/devices"):
        assert shared.api.get(path).status == 200
    assert shared.api.get("/metrics").status == 200
    eventually(lambda: shared.api.get("/readyz").status == 200, "no part counts as down")
    eventually(lambda: {item["side"] for item in shared.api.must("GET", "/modbus/clients")["items"]}
               >= {"scada", "outputs"}, "the clients")
    if commands:
        with shared.modbusd.client() as scada:
            scada.write(100, number)
        eventually(lambda: any(payload.endswith(f'"c":{number}}}') or f"{number}" in payload
                               for _, payload in shared.heard.messages), "the command")
    assert all(getattr(shared, name).alive() for name in OWNERS)


def damage(shared, names, kind, chance):
    for name in names:
        if (shared.runtime / name).exists():
            kind(shared.runtime / name, chance)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_damaged_while_stopped(shared, kind):
    chance = random.Random(kind.__name__)
    for owner, names in OWNERS.items():
        for _ in range(4 if kind is flip else 1):
            part = getattr(shared, owner)
            part.kill() if chance.random() < 0.5 else part.stop()
            damage(shared, names, kind, chance)
            if owner != "api":  # it reads them unchanged
                for path in ("/messages", "/values", "/devices"):
                    assert shared.api.get(path).status in (200, 503)
                assert shared.api.get("/metrics").status == 200
            part.start()
            if kind not in (flip, remove):
                assert "replaced by a new file" in part.log(), part.log()
            works(shared)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_damaged_in_use(shared, kind):
    chance = random.Random(kind.__name__)
    for owner, names in OWNERS.items():
        part = getattr(shared, owner)
        damage(shared, names, kind, chance)
        if kind is flip:  # the content of a word may stay wrong until
            for path in ("/messages", "/values", "/devices"):
                assert shared.api.get(path).status in (200, 503)
            shared.broker.publish("t", {"n": 1, "s": "x"})
            part.stop()
            part.start()
        works(shared)
        if kind in (zero, shorter, empty, longer):
            eventually(lambda: "replaced by a new file" in part.log() or "created again" in part.log(),
                       "a line about it")


def test_a_value_that_comes_while_the_table_is_cut_short(shared):
    """It is neither lost nor late, and values that wait for a server survive a restart as usual."""
    shared.modbusd.signal(signal.SIGSTOP)
    os.truncate(shared.runtime / "live", 0)
    shared.broker.publish("t", {"n": 4711})
    shared.mqttd.wait_log("live: was .*set aside")
    shared.modbusd.signal(signal.SIGCONT)
    eventually(lambda: shared.api.value("d", "n")["value"] == 4711, "the value")
    works(shared)
    assert (shared.runtime / "live.damaged").exists()


def test_an_image_that_is_cut_short_is_never_zeros(shared):
    """The daemon ends with a log line, and does not start until someone has intervened."""
    image = pathlib.Path(shared.modbusd.options["modbusd.image"])
    os.truncate(image, 4096)
    eventually(lambda: not shared.modbusd.alive(), "the end")
    assert shared.modbusd.process.returncode == 1
    assert "cut short" in shared.modbusd.log()
    shared.modbusd.start(wait=False)
    assert shared.modbusd.process.wait(30) != 0
    assert "is cut short" in shared.modbusd.log()
    shared.parts.remove(shared.modbusd)
    shared.modbusd.close_notify()
    shared.modbusd.check_sanitizers()


def test_modes_and_links(shared):
    """Only the owner and the group can read them, for any umask, and no link is followed."""
    for name in FILES:
        mode = stat.S_IMODE((shared.runtime / name).stat().st_mode)
        assert mode & ~0o640 == 0, f"{name} has {mode:o}"
    (shared.runtime / "live").chmod(0o666)
    shared.mqttd.stop()
    shared.mqttd.start()
    assert stat.S_IMODE((shared.runtime / "live").stat().st_mode) == 0o640
    shared.mqttd.stop()
    other = shared.folder / "other"
    other.write_text("mine")
    (shared.runtime / "messages").unlink()
    (shared.runtime / "messages").symlink_to(other)
    shared.mqttd.start(wait=False)
    assert shared.mqttd.process.wait(30) != 0
    assert "is a symbolic link" in shared.mqttd.log()
    assert other.read_text() == "mine"
    (shared.runtime / "messages").unlink()
    shared.mqttd.start()
    works(shared)


def test_the_token_file_follows_no_link(stack):
    other = stack.folder / "other"
    other.write_text("mine")
    other.chmod(0o644)
    for name in ("tokens.new", "tokens.lock"):
        link = stack.folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(other)
        subprocess.run(
            [BIN / "tagferry-api", "-c", "/dev/null", "-o", f"api.token_file={stack.folder}/tokens",
             "-o", f"common.database={stack.folder}/tagferry.db", "token", "add", name[7:]],
            capture_output=True, check=False)
        assert other.read_text() == "mine"
        assert stat.S_IMODE(other.stat().st_mode) == 0o644
        link.unlink(missing_ok=True)
