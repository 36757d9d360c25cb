"""Limits of writes to slow foreign servers: modbus.min_change and min_interval_ms. The server is pymodbus's."""

import pytest

from harness import eventually
from mqttd_helpers import back, metrics, reloaded, served, shows, tag
from recording_plc import RecordingPlc
from small_plc import SmallPlc

HOUR = 3600000
MARKER = 50


@pytest.fixture
def plc():
    made = RecordingPlc()
    yield made
    made.close()


class Device:
    """A device on the server. Each message also has a number for a register without limits: when it is there, all
    whole registers of the message are. Parts of registers come behind it."""

    def __init__(self, plant, plc, *tags, mqtt=None, **network):
        self.plant, self.plc, self.number = plant, plc, 0
        self.network = dict({"modbus_host": "127.0.0.1", "modbus_port": plc.port, "poll_interval_ms": 20}, **network)
        reloaded(plant, lambda: plant.api.device("d", "d", [*tags, tag("marker", MARKER, "uint16")],
                                                 network=self.network, mqtt=mqtt or {}))

    def send(self, **values):
        self.number += 1
        self.plant.broker.publish("d", dict(values, marker=self.number))
        self.plc.holds(MARKER, self.number)

    def change(self, name, **members):
        reloaded(self.plant, lambda: self.plant.api.must("PATCH", f"/devices/d/tags/{name}", members))

    def value(self, name="v"):
        return self.plant.api.value("d", name)


def counted(plant, name):
    return metrics(plant)[f"writes_{name}_total"]


def test_a_dead_band_with_a_slow_drift(plant, plc):
    device = Device(plant, plc, tag("v", 0, "int16", scale=0.1, min_change=0.5), tag("f", 2, "float32", min_change=0.3),
                    tag("byte", 4, "uint8", min_change=3), tag("all", 5, "int16"))
    for value in (60, 60.2, 60.4, 60.5, 60.7, 60.9, 60.1, 60, 59.8):
        device.send(v=value, all=1)
    assert plc.written(0) == [600, 605, 600] and plc.written(5) == [1] * 9
    assert counted(plant, "unchanged") == 6
    shown = device.value()
    assert shown["value"] == 60 and shown["raw"] == [600] and shown["quality"] == "good" and shown["last_error"] is None
    assert shown["received_at"] > shown["written_at"]
    device.send(v=60.2)
    assert device.value()["received_at"] > shown["received_at"] and device.value()["value"] == 60
    for value in (20, 20.3, 20.2):
        device.send(f=value)
    assert plc.written(3) == [0, 0x6666]
    for value in (0x11, 0x13, 0x14):
        device.send(byte=value)
    plc.holds(4, 0x14)
    assert counted(plant, "unchanged") == 9 and counted(plant, "delayed") == 0


def test_the_first_value_after_something_else(plant, plc):
    """After a change of the settings, a time without quality, and a restart it is written, whatever it is."""
    device = Device(plant, plc, tag("v", 0, "int16", min_change=5, min_interval_ms=HOUR, on_stale=99),
                    mqtt={"availability_topic": "alive"})
    def sends(*values):
        for value in values:
            device.send(v=value)
        return plc.take(0)
    plc.holds(0, 99)
    assert sends(20, 22) == [99, 20]
    plant.broker.publish("alive", "offline")
    plc.holds(0, 99)  # although the hour has not passed
    plant.broker.publish("alive", "online")
    eventually(lambda: device.value()["reason"] != "unavailable", "the device to be available")
    assert sends(97, 98) == [99, 97]
    device.change("v", label="x")
    assert sends(98) == []
    device.change("v", modbus={"min_change": 4})
    assert sends(98, 99) == [98]
    device.change("v", modbus={"scale": 0.5})  # 98, in other registers: this is the first value
    plc.holds(0, 196)
    assert sends(99) == [196]
    plant.mqttd.stop()
    plant.mqttd.start()
    served(plant)
    eventually(lambda: plc.written(0) == [196], "the value of before, in case the server has lost it")
    assert sends(100, 101) == [196, 200]
    plant.broker.publish("d", '{"v": "bad"}')
    eventually(lambda: device.value()["quality"] == "bad", "a refused value")
    assert sends(101, 102) == [202]


def test_an_interval(plant, plc):
    """At most one write in the interval, and the newest value at its end."""
    device = Device(plant, plc, tag("v", 0, "int16", min_interval_ms=300), tag("s", 10, "string", length=2, min_interval_ms=300))
    for value in range(1, 31):
        device.send(v=value, s=f"{value:04}")
    plc.holds(0, 30)
    plc.holds(10, 0x3030, 0x3330)
    for address in (0, 10):
        times = [at for at, _ in plc.timed(address)]
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        assert gaps and min(gaps) >= 0.299, gaps
    assert plc.written(0) == sorted(plc.written(0)) and plc.written(0)[0] == 1
    assert counted(plant, "delayed") == len(plc.written(0)) + len(plc.written(10)) - 2
    assert counted(plant, "unchanged") == 0
    def is_written():
        shown = device.value()
        return shown["value"] == 30 and shown["written_at"] > shown["received_at"]
    eventually(is_written, "the note that it is written, behind the write")


def test_a_value_that_waits_is_shown_and_survives(plant, plc):
    tags = [tag(name, at, "uint16", min_interval_ms=HOUR) for at, name in enumerate(("v", "w", "gone", "band"))]
    tags[3]["modbus"]["min_change"] = 5
    device = Device(plant, plc, *tags)
    device.send(v=1, w=1, gone=1, band=10)
    for value in (2, 3):
        device.send(v=value, w=value, gone=value, band=20 * value)
    shown = device.value()
    assert (shown["value"], shown["raw"], shown["quality"]) == (3, [3], "good") and shown["received_at"] > shown["written_at"]
    assert device.value("band")["value"] == 60
    assert plc.words(0, 4) == [1, 1, 1, 10] and counted(plant, "delayed") == 4
    eventually(lambda: metrics(plant)["queue_values"] == 0, "the note that the marker is written")
    # A value that is again within the band of what was sent needs no write any more.
    device.send(band=12)
    assert device.value("band")["value"] == 10
    device.send(band=30)
    # A reload changes nothing; without the interval the value is written; a tag that is gone drops it.
    device.change("v", label="x")
    device.send()
    assert plc.words(0) == [1] and device.value()["value"] == 3
    reloaded(plant, lambda: plant.api.must("DELETE", "/devices/d/tags/gone"))
    device.change("w", modbus={"min_interval_ms": 0})
    plc.holds(1, 3)
    assert plc.written(0) == [1] and plc.written(2) == [1]
    # The message was acknowledged: a kill loses nothing.
    plant.mqttd.kill()
    plant.mqttd.start()
    plc.holds(0, 3)
    plc.holds(3, 30)
    served(plant)
    assert plc.written(0) == [1, 3] and plc.written(2) == [1] and plc.written(3) == [10, 30]
    # A stop writes what waits.
    device.send(v=4)
    device.send(v=5)
    assert plc.written(0)[-1] == 4
    plant.mqttd.stop()
    assert plc.written(0)[-1] == 5


@pytest.mark.parametrize("rewrites", [True, False])
def test_a_server_that_restarts(plant, plc, rewrites):
    device = Device(plant, plc, tag("v", 0, "uint16", min_interval_ms=HOUR), tag("w", 1, "uint16", min_change=5),
                    back("polled", 2, "uint16", "cmd/polled", "both", min_interval_ms=HOUR),
                    rewrite_on_reconnect=rewrites)
    device.send(v=1, w=10, polled=1)
    device.send(v=2, w=12, polled=2)
    assert plc.words(0, 3) == [1, 10, 1]
    plc.stop()
    plc.start()
    plc.holds(0, 2)  # it waited, and need not wait any longer
    plc.holds(2, 2)  # what is read first is no write of SCADA
    plc.holds(1, 10 if rewrites else 0)
    device.send(v=3, w=11)
    assert plc.words(1) == [10 if rewrites else 11], "the first value after the restart"


def test_a_tag_that_waits_becomes_one_with_commands(plant, plc):
    """What is read first is no write of SCADA: the value still waits."""
    device = Device(plant, plc, tag("v", 0, "uint16", min_interval_ms=HOUR))
    device.send(v=1)
    device.send(v=2)
    polls = metrics(plant)["polls_total"]
    device.change("v", direction="both", mqtt={"command_topic": "cmd/v"})
    eventually(lambda: metrics(plant)["polls_total"] >= polls + 3, "polls")
    assert device.value()["value"] == 2 and plc.words(0) == [1]
    listener = plant.broker.subscribe("cmd/v")
    plc.set(0, 7)
    assert listener.wait(1) == [("cmd/v", '{"v": 7}')]
    eventually(lambda: device.value()["value"] == 7, "SCADA's value")
    listener.close()


def test_a_write_of_scada(plant, plc):
    """On the server, while a value waits: it is newer, and is published. A value within the dead band then is written."""
    tags = [back("v", 0, "uint16", "cmd/v", "both", {"hold_off_ms": 0}, min_interval_ms=HOUR),
            back("w", 1, "uint16", "cmd/w", "both", {"hold_off_ms": 0}, min_change=5)]
    device = Device(plant, plc, *tags)
    listener = plant.broker.subscribe("cmd/#")
    device.send(v=1, w=20)
    device.send(v=2, w=22)
    polls = metrics(plant)["polls_total"]
    eventually(lambda: metrics(plant)["polls_total"] >= polls + 6, "polls")
    assert listener.messages == [] and plc.words(0, 2) == [1, 20], "a value that waits is no write of SCADA"
    plc.set(0, 7)
    assert listener.wait(1) == [("cmd/v", '{"v": 7}')]
    eventually(lambda: device.value()["value"] == 7, "SCADA's value")
    plc.set(1, 50)
    assert listener.wait(2)[1] == ("cmd/w", '{"w": 50}')
    device.send(w=21)
    plc.holds(1, 21)
    device.send(v=8)
    assert plc.words(0) == [7] and plc.written(0) == [1]
    # By the API: written at once.
    plant.api.must("PUT", "/devices/d/tags/v/value", {"value": 9})
    plc.holds(0, 9)
    assert listener.wait(3)[2] == ("cmd/v", '{"v": 9}')
    polls = metrics(plant)["polls_total"]
    eventually(lambda: metrics(plant)["polls_total"] >= polls + 6, "polls")
    assert plc.words(0) == [9] and device.value()["value"] == 9 and len(listener.messages) == 3
    listener.close()


def test_a_write_of_scada_among_steady_messages(plant):
    """Messages within the dead band do not hide it, even if one comes during each reading of the slow server."""
    slow = SmallPlc(delay=0.2)
    reloaded(plant, lambda: plant.api.device("d", "d", [back("v", 0, "uint16", "cmd/v", "both", {"hold_off_ms": 0}, min_change=50)],
                                             network={"modbus_host": "127.0.0.1", "modbus_port": slow.port, "poll_interval_ms": 1}))
    plant.broker.publish("d", {"v": 100})
    eventually(lambda: slow.registers[0] == 100, "the first value")
    listener = plant.broker.subscribe("cmd/#")
    slow.registers[0] = 300

    def published():
        for value in range(80, 90):
            plant.broker.publish("d", {"v": value})
        return listener.messages
    assert eventually(published, "SCADA's value") == [("cmd/v", '{"v": 300}')]
    listener.close()
    slow.close()


def test_a_refused_value_is_tried_again(plant, plc):
    """The band is not measured from a value that the server does not have."""
    device = Device(plant, plc, tag("v", 200, "uint16", min_change=5, min_interval_ms=100))
    device.send(v=10)
    eventually(lambda: device.value()["last_error"], "an error")
    device.send(v=11)
    assert device.value()["value"] == 11 and counted(plant, "unchanged") == 0
    assert device.value()["last_error"]["code"] == "modbus_exception"


def test_a_shorter_interval_shortens_the_wait(plant, plc):
    """Of a tag, or of its whole server. The old intervals would take longer than the test."""
    device = Device(plant, plc, tag("v", 0, "int16", min_interval_ms=HOUR))
    device.send(v=1)
    device.send(v=2)
    assert plc.words(0) == [1]
    device.change("v", modbus={"min_interval_ms": 1})
    plc.holds(0, 2)


def test_a_shorter_pace_shortens_the_wait(plant, plc):
    device = Device(plant, plc, tag("v", 0, "int16"))
    device.send(v=1)
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"network": {"min_interval_ms": HOUR}}))
    plant.broker.publish("d", {"v": 2})
    eventually(lambda: device.value()["value"] == 2, "the value")
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"network": {"min_interval_ms": 0}}))
    plc.holds(0, 2)


@pytest.mark.parametrize("interval", [{"min_interval_ms": HOUR}, {"min_interval_ms": HOUR, "min_change": 5}], ids=["interval", "band"])
def test_a_value_that_waits_moves_with_its_device(plant, plc, interval):
    """To the local server, where no value waits: an import changes tag and device at once."""
    device = Device(plant, plc, tag("v", 0, "int16", **interval))
    for value in (1, 20, 30):
        device.send(v=value)
    assert plc.words(0) == [1] and device.value()["value"] == 30
    content = plant.api.must("GET", "/export")
    content["devices"][0]["network"]["modbus_host"] = None
    refused = plant.api.request("POST", "/import", content)
    assert refused.status == 422 and b"foreign_only" in refused.body
    for each in content["devices"][0]["tags"]:
        each["modbus"].update(min_interval_ms=0, min_change=0)
    reloaded(plant, lambda: plant.api.must("POST", "/import", content))
    shows(plant.modbusd, "holding_register", 0, [30])
    assert device.value()["value"] == 30
    eventually(lambda: device.value()["quality"] == "good", "the note that it is written, behind the write")
    plant.broker.publish("d", {"v": 31})
    shows(plant.modbusd, "holding_register", 0, [31])
