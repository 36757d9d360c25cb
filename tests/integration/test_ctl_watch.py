"""tagferryctl watch: on a terminal, in a pipe, while the server is away, with 10,000 tags."""

import csv
import io
import json
import re
import signal
import subprocess

import pytest

from ctl import PROGRAM, REFUSED, UNREACHABLE, Screen
from harness import DEADLINE, eventually, free_port


@pytest.fixture
def screen(ctl):
    screens = []

    def start(*words, **size):
        screens.append(Screen(ctl, *words, **size))
        return screens[-1]
    yield start
    for one in screens:
        one.close()


def publish_until(plant, topic, message, device, tag, value):
    def probe():
        plant.broker.publish(topic, message)
        return plant.api.value(device, tag)["value"] == value
    eventually(probe)


def test_a_live_table(plant, screen):
    plant.api.device("boiler", "b", [{"name": "temp", "unit": "°C"}, {"name": "state", "modbus": {"type": "string", "length": 4}}])
    plant.api.device("pump", "p", [{"name": "speed", "modbus": {"type": "uint16"}}])
    publish_until(plant, "b", {"temp": 21.5, "state": "größe"}, "boiler", "state", "größe")
    watch = screen("watch")
    watch.shows(r"^boiler/temp +21\.5 °C +good +\d")
    watch.shows(r"^boiler/state +größe +good")
    watch.shows(r"^pump/speed +0 +never +never_heard")
    watch.shows(r"3 tags: 2 good, 0 stale, 0 bad, 1 never")
    plant.broker.publish("b", {"temp": 22})
    watch.shows(r"^boiler/temp +22 °C")
    # The age ticks without a message.
    first = float(watch.shows(r"^boiler/state .* ([\d.]+) s ")[1])
    eventually(lambda: float(watch.shows(r"^boiler/state .* ([\d.]+) s ")[1]) > first)
    # Only what is wrong, search, order.
    watch.keys("w")
    eventually(lambda: "boiler/temp" not in watch.text())
    watch.shows(r"^pump/speed")
    watch.keys("w")
    watch.shows(r"^boiler/temp")
    watch.keys("/", "sta")
    watch.shows(r"search: sta_")
    eventually(lambda: "boiler/temp" not in watch.text())
    watch.keys("Escape")
    watch.keys("s")
    watch.shows(r"by quality")
    eventually(lambda: "".join(watch.lines()[2:3]).startswith("pump/speed"))
    watch.keys("r")
    eventually(lambda: "".join(watch.lines()[2:3]).startswith("boiler"))
    watch.keys("r", "s", "s", "s")
    watch.shows(r"by name")
    # A tag that comes, one that goes, one that is renamed.
    plant.api.device("chiller", "c", [{"name": "flow"}])
    watch.shows(r"^chiller/flow")
    plant.api.must("PATCH", "/devices/boiler/tags/temp", {"name": "supply"})
    watch.shows(r"^boiler/supply +22 °C")
    plant.api.must("DELETE", "/devices/pump")
    eventually(lambda: "pump/speed" not in watch.text())
    # Another size, also a very small one, and help.
    watch.resize(50, 6)
    watch.shows(r"^boiler/supply")
    eventually(lambda: len(watch.lines()) <= 6)
    watch.resize(20, 2)
    watch.resize(120, 30)
    watch.keys("?")
    watch.shows("only what is wrong")
    watch.shows("MESSAGES")
    # The terminal is as before.
    watch.keys("q")
    watch.shows("ended with 0")
    assert re.search(r" echo\b", watch.text()) and re.search(r" icanon\b", watch.text())


def test_a_lost_stream_greys_and_returns(plant, screen):
    plant.api.device("boiler", "b", [{"name": "temp"}])
    publish_until(plant, "b", {"temp": 21.5}, "boiler", "temp", 21.5)
    watch = screen("watch")
    watch.shows(r"^boiler/temp +21\.5")
    plant.api.kill()
    watch.shows(r"The values are of \d\d:\d\d:\d\d\. The connection is lost")
    eventually(lambda: re.search(r"\x1b\[[\d;]*2m[^\n]*boiler/temp", watch.text(styles=True)))
    # The age stands still, as the value does.
    age = re.search(r"^boiler/temp .*? ([\d.]+) s ", watch.text(), re.M)[1]
    plant.broker.publish("b", {"temp": 23})
    plant.api.start()
    watch.shows(r"^boiler/temp +23 ")
    watch.shows(r"1 tags: 1 good")
    assert float(age) < DEADLINE
    # A server that says nothing more.
    plant.api.process.send_signal(signal.SIGSTOP)
    try:
        watch.shows("nothing came for 8 s")
    finally:
        plant.api.process.send_signal(signal.SIGCONT)
    watch.shows(r"1 tags: 1 good")
    watch.keys("C-c")
    watch.shows("ended with 0")


def test_a_line_for_each_change(plant, ctl):
    plant.api.device("boiler", "b", [{"name": "temp", "unit": "°C"}])
    plant.api.device("pump", "p", [{"name": "x"}])
    forms = {"table": (), "json": ("-o", "json"), "csv": ("-o", "csv"), "one": ("-d", "boiler", "-o", "json")}
    running = {name: subprocess.Popen([PROGRAM, "watch", *words], stdout=open(plant.folder / name, "w"),
                                      stderr=open(plant.folder / "lost", "w"), env=ctl.env)
               for name, words in forms.items()}

    def text(name):
        return (plant.folder / name).read_text()

    def has(name, value):
        wanted = {"table": f"boiler/temp {value} °C good", "csv": f",boiler,temp,{value},°C,good"}
        return re.search(wanted.get(name, f'"value":{value},[^\n]*"quality":"good"'), text(name))
    try:
        for name in forms:
            eventually(lambda name=name: "boiler" in text(name))
        for value in (1.5, 2.5):
            publish_until(plant, "b", {"temp": value}, "boiler", "temp", value)
            for name in forms:
                eventually(lambda name=name, value=value: has(name, value))
        plant.api.kill()
        eventually(lambda: "is lost" in text("lost"))
        plant.api.start()
        publish_until(plant, "b", {"temp": 3.5}, "boiler", "temp", 3.5)
        for name in forms:
            eventually(lambda name=name: has(name, 3.5))
    finally:
        for process in running.values():
            process.send_signal(signal.SIGINT)
    assert [process.wait(DEADLINE) for process in running.values()] == [0, 0, 0, 0]
    assert re.search(r"^\d{4}-\d\d-\d\dT[\d:.]+Z boiler/temp 2\.5 °C good$", text("table"), re.M)
    values = [json.loads(line) for line in text("json").splitlines()]
    seen = [value["value"] for value in values if value["device"] == "boiler" and value["quality"] == "good"]
    assert [value for at, value in enumerate(seen) if at == 0 or seen[at - 1] != value] == [1.5, 2.5, 3.5]
    assert set(values[0]) == set(plant.api.value("boiler", "temp"))
    assert {value["device"] for value in map(json.loads, text("one").splitlines())} == {"boiler"}
    rows = list(csv.DictReader(io.StringIO(text("csv"))))
    assert [row["value"] for row in rows if row["quality"] == "good"][-1] == "3.5" and rows[-1]["unit"] == "°C"


def test_what_ends_it(plant, ctl):
    assert "No device has the name" in ctl.run("watch", "-d", "nothing", status=4).err
    assert "does not answer" in ctl.run("watch", "-u", f"http://127.0.0.1:{free_port()}", status=UNREACHABLE).err
    plant.api.device("boiler", "b", [{"name": "temp"}])
    # A reader that has gone.
    ended = subprocess.run(f"{PROGRAM} watch | head -1", shell=True, capture_output=True, text=True, timeout=DEADLINE,
                           env=ctl.env)
    assert "boiler/temp" in ended.stdout and ended.stderr == ""
    dumb = subprocess.Popen([PROGRAM, "watch"], stdout=subprocess.PIPE, text=True, env={**ctl.env, "TERM": "dumb"})
    assert "boiler/temp" in dumb.stdout.readline()
    dumb.send_signal(signal.SIGTERM)
    assert dumb.wait(DEADLINE) == 0
    dumb.stdout.close()
    plant.api.stop()
    plant.api.options["api.max_streams"] = 1
    plant.api.start()
    first = subprocess.Popen([PROGRAM, "watch"], stdout=subprocess.PIPE, text=True,
                             env={**ctl.env, "TAGFERRY_CTL_URL": f"http://{plant.api.options['api.listen']}"})
    assert "boiler/temp" in first.stdout.readline()
    assert "stream" in ctl.run("watch", "-u", f"http://{plant.api.options['api.listen']}", status=REFUSED).err
    first.kill()
    first.wait()
    first.stdout.close()


def test_ten_thousand_tags(plant, screen):
    """Reachable from the first to the last, and a name that is at the top stays there."""
    tags = [{"name": f"t{n:04}", "modbus": {"type": "uint16"}} for n in range(1000)]
    plant.api.must("POST", "/import?changes=none", {"devices": [
        {"name": f"d{n}", "mqtt": {"topic": f"d{n}"}, "tags": tags} for n in range(10)]})
    watch = screen("watch", lines=20)
    watch.shows("10000 tags")
    watch.shows(r"^d0/t0000")
    watch.keys("End")
    watch.shows(r"^d9/t0999")
    watch.shows(r"9984-10000 of 10000")
    watch.keys("PPage")
    watch.shows(r"^d9/t0966")
    watch.shows(r"9967-9983 of 10000")
    watch.keys("Home", "/", "d7/t0123", "Enter")
    watch.shows(r"1-1 of 1 ")
    publish_until(plant, "d7", {"t0123": 77}, "d7", "t0123", 77)
    watch.shows(r"^d7/t0123 +77 ")
    watch.keys("q")
    watch.shows("ended with 0")
