"""Limits of what the polled registers of foreign servers publish: mqtt.min_change and min_interval_ms. The server is
pymodbus's; the test changes its registers."""


import pytest
from pymodbus.framer.socket_framer import ModbusSocketFramer

from harness import eventually
from mqttd_helpers import KeptCommands, back, metrics, reloaded, served
from rtu_line import Units

HOUR = 3600000


class Plc(Units):
    def __init__(self):
        super().__init__((1,))
        self.port = None
        self.start()

    def start(self):
        self.port = self.serve_tcp(self.port, ModbusSocketFramer)

    def put(self, address, *words):
        self.set_holding(1, address, *words)


@pytest.fixture
def plc():
    made = Plc()
    yield made
    made.close()


def network(plc, poll_interval_ms=10):
    return {"modbus_host": "127.0.0.1", "modbus_port": plc.port, "poll_interval_ms": poll_interval_ms,
            "rewrite_on_reconnect": False}


def limited(name, address, type="uint16", direction="to_mqtt", mqtt=None, **modbus):
    return back(name, address, type, f"cmd/{name}", direction, {"command_template": "{value}", "hold_off_ms": 0,
                                                                **(mqtt or {})}, **modbus)


class Publications:
    """The commands since the last call, by topic. The register with the highest address is polled last: after the
    second command of the marker, all others were read since the call."""

    def __init__(self, plant, plc):
        self.plant, self.plc, self.seen, self.mark = plant, plc, 0, 0
        self.listener = plant.broker.subscribe("cmd/#")

    def commands(self):
        return [(topic.removeprefix("cmd/"), text) for topic, text in self.listener.messages]

    def settle(self):
        """Waits until mqttd has taken what the registers hold now."""
        for _ in range(2):
            self.mark += 1
            self.plc.put(99, self.mark)
            eventually(lambda: ("marker", str(self.mark)) in self.commands(), "the marker's command")

    def take(self):
        self.settle()
        commands, found = self.commands(), {}
        for name, text in commands[self.seen:]:
            if name != "marker":
                found.setdefault(name, []).append(text)
        self.seen = len(commands)
        return found

    def put(self, address, *words):
        """Changes registers, and waits until that was taken."""
        self.plc.put(address, *words)
        self.settle()


def make(plant, plc, *tags):
    reloaded(plant, lambda: plant.api.device("p", "p", [*tags, limited("marker", 99)], network=network(plc)))
    known(plant)
    return Publications(plant, plc)


def known(plant):
    """Waits until each register was read at least once since now."""
    tags = len(plant.api.must("GET", "/devices/p/tags")["items"])
    before = metrics(plant)["polls_total"]
    eventually(lambda: metrics(plant)["polls_total"] >= before + 2 * tags, "two rounds of polls")


def restart_server(plant, plc, first, *words):
    """The server starts again with these words from address 0 on, of which the tag `first` has the first one. What is
    read first is no command."""
    plc.stop_server()
    plc.put(0, *words)
    plc.start()
    eventually(lambda: plant.api.value("p", first)["value"] == words[0], "the first reading")
    known(plant)


def restarted(plant):
    plant.mqttd.stop()
    plant.mqttd.start()
    served(plant)
    known(plant)


def test_noise_and_a_drift(plant, plc):
    """Noise within the band publishes nothing, a slow drift does; each change without a band."""
    plc.put(0, 600, 600, 0x4220, 0, 1)
    publications = make(plant, plc, limited("t", 0, "int16", scale=0.1, mqtt={"min_change": 0.5}), limited("each", 1),
                        limited("f", 2, "float32", mqtt={"min_change": 0.3}), limited("b", 4, "bool", bit=0))
    assert publications.take() == {}
    publications.put(0, 601)  # nothing is known: the first change is published
    for noise in (603, 599, 604, 601, 605, 597) * 3:
        publications.put(0, noise, 600 + noise)
    found = publications.take()
    assert found["t"] == ["60.1"] and len(found["each"]) == 18
    before = metrics(plant)["commands_unchanged_total"]
    for drift in range(602, 622):
        publications.put(0, drift)
    assert publications.take() == {"t": ["60.6", "61.1", "61.6", "62.1"]}
    assert metrics(plant)["commands_unchanged_total"] == before + 16
    assert plant.api.value("p", "t")["value"] == 62.1
    publications.put(0, 620)
    assert plant.api.value("p", "t")["value"] == 62
    for words in ((0x41A0, 0), (0x41A2, 0x6666), (0x41A1, 0x999A)):  # 20, 20.3, 20.2
        publications.put(2, *words)
    publications.put(4, 0)
    assert publications.take() == {"f": ["20", "20.3"], "b": ["false"]}


def test_reloads_and_restarts(plant, plc):
    publications = make(plant, plc, limited("t", 0, mqtt={"min_change": 5}))
    publications.put(0, 50)
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/p/tags/t", {"label": "x", "mqtt": {"min_change": 10}}))
    for value in (55, 59, 41):
        publications.put(0, value)
    assert publications.take() == {"t": ["50"]}
    # The same registers after a restart of their server, and zeros: a first reading is no command.
    restart_server(plant, plc, "t", 57)
    publications.put(0, 59)
    publications.put(0, 60)
    assert publications.take() == {"t": ["60"]}
    restart_server(plant, plc, "t", 0)
    assert publications.take() == {}
    # mqttd knows nothing after its restart: the first change is published.
    restarted(plant)
    publications.put(0, 1)
    publications.put(0, 2)
    assert publications.take() == {"t": ["1"]}


def test_the_device_has_a_value_of_its_own(plant, plc):
    publications = make(plant, plc, limited("s", 0, direction="both", mqtt={"min_change": 10}))
    publications.put(0, 50)
    plant.broker.publish("p", {"s": 100})
    plc.holds(1, 0, 100)
    for value in (109, 91, 110, 50):
        publications.put(0, value)
    assert publications.take() == {"s": ["50", "110", "50"]}


def test_an_interval_keeps_the_newest(plant, plc):
    """Also of two registers and a bit; a value of the device does not replace what waits."""
    limits = {"min_interval_ms": 8000}  # longer than a busy machine needs for all the writes
    publications = make(plant, plc, limited("word", 0, direction="both", mqtt=limits), limited("wide", 2, "uint32", mqtt=limits),
                        limited("bit", 4, "bool", mqtt=limits, bit=1), limited("back", 5, mqtt=limits))
    publications.put(0, 1, 0, 0, 1, 2, 1)
    assert publications.take() == {"word": ["1"], "wide": ["1"], "bit": ["true"], "back": ["1"]}
    for value in range(2, 12):
        plc.put(0, value, 0, 0, value, 0, value)
    publications.put(5, 1)
    plant.broker.publish("p", {"word": 99})
    publications.settle()
    assert plc.holding(1, 0) == [11]
    eventually(lambda: ("word", "11") in publications.commands(), "the newest value")
    eventually(lambda: ("bit", "false") in publications.commands(), "the newest bit")
    assert publications.take() == {"word": ["11"], "wide": ["11"], "bit": ["false"]}
    plant.broker.publish("p", {"word": 99})
    plc.holds(1, 0, 99)


def test_what_waits(plant, plc):
    """A reload and a restart of the server lose nothing; a restart of mqttd does. An interval of 0 ends the wait."""
    publications = make(plant, plc, limited("a", 0, mqtt={"min_interval_ms": 4000}),
                        *(limited(name, at, mqtt={"min_interval_ms": HOUR}) for at, name in ((1, "b"), (2, "c"))))
    publications.put(0, 1, 1, 1)
    publications.put(0, 2, 2, 2)
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/p/tags/a", {"label": "x"}))
    restart_server(plant, plc, "a", 0, 0, 0)
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/p/tags/b", {"mqtt": {"min_interval_ms": 0}}))
    eventually(lambda: ("b", "2") in publications.commands(), "what need not wait any more")
    publications.put(1, 3)
    publications.put(2, 3)  # takes the place of the value that waits
    eventually(lambda: ("a", "2") in publications.commands(), "what waited")
    assert publications.take() == {"a": ["1", "2"], "b": ["1", "2", "3"], "c": ["1"]}
    restarted(plant)
    publications.put(2, 5)
    assert publications.take() == {"c": ["5"]}


def test_an_early_change(stack, plc):
    """Registers that change while their first reading is not taken yet: the broker is away."""
    kept = KeptCommands(stack)
    stack.broker.stop()
    plc.put(0, 1)
    stack.api.device("p", "p", [limited("v", 0)], network=network(plc, poll_interval_ms=500))
    for value in (1, 2):
        plc.put(0, value)
        before = metrics(stack)["polls_total"]
        eventually(lambda before=before: metrics(stack)["polls_total"] >= before + 2, "polls")
    stack.broker.start()
    eventually(lambda: stack.api.value("p", "v")["value"] == 2, "the newest value")
    assert kept.take(1) == ["cmd/v 2"]


def test_a_shorter_interval_shortens_the_wait(plant, plc):
    """The old interval would take longer than the test."""
    publications = make(plant, plc, *(limited(name, at, mqtt={"min_interval_ms": HOUR}) for at, name in enumerate("abc")))
    publications.put(0, 1, 1, 1)
    publications.put(0, 2, 2, 2)
    assert publications.take() == {name: ["1"] for name in "abc"}
    for name, interval in (("a", 0), ("b", 1)):
        reloaded(plant, lambda: plant.api.must("PATCH", f"/devices/p/tags/{name}", {"mqtt": {"min_interval_ms": interval}}))
        eventually(lambda: (name, "2") in publications.commands(), f"the value of {name} that waited")
    assert publications.take() == {"a": ["2"], "b": ["2"]}
