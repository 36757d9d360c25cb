"""A gateway at rest sleeps: connected to the broker, with devices, without messages and without clients. Its wake-ups are
counted (voluntary context switches), not its time: a busy machine makes them fewer."""

import pathlib
import signal
import time

import pytest

from harness import eventually
from mqttd_helpers import tag

WINDOW_S = 3
# Most wake-ups a second of all threads, and of each thread that waits for events only: with a time of its own it would
# have at least 4.
ALL = {"mqttd": 4, "modbusd": 3, "api": 4}
EACH = {"mqttd": {"store watcher": 2, "journal tail": 2, "discoveries": 1, "readback": 1},
        "modbusd": {"image sync": 1},
        "api": {"store": 1, "modbus": 1, "report": 1, "stream": 1, "gateways": 1, "http": 1}}


def wakeups(part):
    """By name of the thread, and of all."""
    counts = {"all": 0}
    for task in pathlib.Path(f"/proc/{part.process.pid}/task").iterdir():
        status = (task / "status").read_text().splitlines()
        count = next(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt_switches:"))
        counts["all"] += count
        counts[(task / "comm").read_text().strip()] = count
    return counts


def rates(part):
    """Wake-ups a second in a window that begins now."""
    before, began = wakeups(part), time.monotonic()
    eventually(lambda: time.monotonic() - began >= WINDOW_S)
    after, took = wakeups(part), time.monotonic() - began
    return {name: (count - before.get(name, 0)) / took for name, count in after.items()}


@pytest.fixture
def resting(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    for number in range(20):
        stack.api.device(f"d{number}", f"t/{number}", [tag("t", 2 * number)])
    stack.start_mqttd()
    stack.mqttd.wait_log("subscribed to 20 topics")
    return stack


@pytest.mark.parametrize("name", ALL)
def test_daemons_sleep_at_rest(resting, name):
    """Right after the start there is work; some seconds later there is none."""
    part, seen = getattr(resting, name), {}

    def is_at_rest():
        seen.update(rates(part))
        return seen["all"] <= ALL[name] and all(seen[thread] <= most for thread, most in EACH[name].items())
    eventually(is_at_rest, f"rest of {name}: {seen}")


def test_signs_of_life_of_mqttd(resting):
    """They are rare, unless modbusd would miss mqttd soon; a reload of modbusd changes that."""
    modbusd = resting.modbusd
    modbusd.config = resting.folder / "modbusd.conf"

    def reload(words):
        modbusd.config.write_text("[modbusd]\n" + words)
        before = modbusd.log().count("configuration reloaded")
        modbusd.signal(signal.SIGHUP)
        eventually(lambda: modbusd.log().count("configuration reloaded") > before, "a reload")

    def rate():
        before, began = modbusd.counter("MODBUSD_REQUESTS_3"), time.monotonic()
        eventually(lambda: time.monotonic() - began >= WINDOW_S)
        return (modbusd.counter("MODBUSD_REQUESTS_3") - before) / (time.monotonic() - began)
    modbusd.config.write_text("")
    modbusd.stop()
    modbusd.start()
    eventually(lambda: 0 < rate() <= 0.7, "rare signs of life")
    reload("on_process_loss = exception\nprocess_timeout_s = 2\n")
    eventually(lambda: rate() > 0.9, "signs of life each second")
    reload("on_process_loss = hold\n")
    eventually(lambda: 0 < rate() <= 0.7, "rare ones again")
    modbusd.config.write_text("[modbusd]\non_process_loss = exception\nprocess_timeout_s = 2\n")
    modbusd.stop()
    modbusd.start()
    eventually(lambda: rate() > 0.9, "signs of life each second after a restart")
