"""Frozen values are detected: age, availability, a lost broker, retained messages, status
registers."""

import re
import subprocess
import time

from harness import ROOT, eventually, free_port
from mqttd_helpers import publish_once, reloaded, served, shows, tag

GOOD, STALE, BAD = 192, 500, 0
OLDEST = 65535


def status(address=900, table="input_register"):
    return {"table": table, "address": address}


def device(plant, tags, mqtt=None, **members):
    reloaded(plant, lambda: plant.api.device("d", "d", tags, mqtt=mqtt or {}, **members))


def has_quality(plant, name, quality):
    eventually(lambda: plant.api.value("d", name)["quality"] == quality, f"{name} to be {quality}")


def device_is(plant, quality):
    eventually(lambda: plant.api.must("GET", "/devices/d/status")["quality"] == quality,
               f"the device to be {quality}")


def test_age(plant):
    device(plant, [tag("v", 0, "uint16"), tag("w", 1, "uint16", on_stale=9999),
                   tag("n", 2, "float32", on_stale="nan")], {"stale_after_s": 1},
           status=status())
    shows(plant.modbusd, "input_register", 900, [BAD, OLDEST, 0, 0])
    has_quality(plant, "v", "never")
    plant.broker.publish("d", {"v": 1, "w": 2, "n": 1})
    shows(plant.modbusd, "holding_register", 0, [1, 9999, 0x7FC0, 0])
    has_quality(plant, "w", "stale")
    device_is(plant, "stale")
    with plant.modbusd.client() as client:
        eventually(lambda: client.inputs(900)[0] == STALE)
        assert client.inputs(902, 2) == [1, 0]
        assert 1 <= client.inputs(901)[0] < OLDEST
    plant.broker.publish("d", {"w": 3, "v": "x"})
    shows(plant.modbusd, "input_register", 902, [2, 1])


def test_what_does_not_come_after_a_restart_shows(plant):
    """The registers outlive mqttd, and even a reboot: on_stale applies to their content, too."""
    device(plant, [tag("v", 0, "uint16", on_stale=9999), tag("w", 1, "uint16"),
                   tag("n", 2, "float32", on_stale="nan"),
                   tag("s", 4, "uint16", on_stale=8888, direction="both",
                       mqtt={"command_topic": "d/set"})], {"stale_after_s": 86400})
    publish_once(plant.broker, "d", {"v": 1, "w": 2, "s": 3})
    shows(plant.modbusd, "holding_register", 0, [1, 2, 0x7FC0, 0, 3])
    plant.mqttd.kill()
    plant.mqttd.start()
    served(plant)
    shows(plant.modbusd, "holding_register", 0, [1, 2, 0x7FC0, 0, 3])

    def stale_after(seconds):
        plant.api.must("PATCH", "/devices/d", {"mqtt": {"stale_after_s": seconds}})
    reloaded(plant, lambda: stale_after(3))
    shows(plant.modbusd, "holding_register", 0, [9999, 2, 0x7FC0, 0, 3])
    assert plant.api.value("d", "v")["quality"] == "never", "no message has come since the start"
    reloaded(plant, lambda: stale_after(86400))
    plant.broker.publish("d", {"v": 5, "n": 1})
    shows(plant.modbusd, "holding_register", 0, [5, 2, 0x3F80, 0, 3])
    has_quality(plant, "v", "good")


def test_a_device_that_is_away_when_mqttd_starts(plant):
    device(plant, [tag("v", 0, "uint16", on_stale=55)], {"availability_topic": "d/lwt"})
    plant.broker.publish("d", {"v": 1})
    shows(plant.modbusd, "holding_register", 0, [1])
    plant.mqttd.kill()
    plant.broker.publish("d/lwt", "offline", "-r")
    plant.mqttd.start()
    has_quality(plant, "v", "bad")
    shows(plant.modbusd, "holding_register", 0, [55])


def test_silence_is_told_once(plant):
    """One log line when a device falls silent and one when it sends again, but few lines when many
    do."""
    def configure():
        for n in range(30):
            plant.api.device(f"d{n}", "all", [tag("v", n, "uint16")], mqtt={"stale_after_s": 2})
        plant.api.device("one", "one", [tag("v", 100, "uint16")], mqtt={"stale_after_s": 1})
    reloaded(plant, configure)
    plant.broker.publish("one", {"v": 1})
    plant.mqttd.wait_log("warning one is stale: no message for 1 s")

    def sends_again():
        """A value may be stale again before a busy mqttd looks at it."""
        plant.broker.publish("one", {"v": 2})
        return "info    one sends again" in plant.mqttd.log()
    eventually(sends_again)
    plant.mqttd.wait_log("(?s)sends again.*one is stale")
    plant.broker.publish("all", {"v": 3})
    plant.mqttd.wait_log("warning 10 more devices stopped or resumed sending")
    assert len(re.findall(r"d\d+ is stale", plant.mqttd.log())) == 20
    said = re.findall("one (is stale|sends again)", plant.mqttd.log())
    assert all(line != after for line, after in zip(said, said[1:])), "each once"


def test_a_fresh_value_is_good(plant):
    device(plant, [tag("v", 0, "uint16", on_stale=7)], {"stale_after_s": 86400}, status=status())
    plant.broker.publish("d", {"v": 1})
    has_quality(plant, "v", "good")
    shows(plant.modbusd, "input_register", 900, [GOOD])
    shows(plant.modbusd, "holding_register", 0, [1])


def test_availability(plant):
    device(plant, [tag("v", 0, "uint16", on_stale=55)],
           {"availability_topic": "d/lwt", "payload_unavailable": "gone"}, status=status())
    plant.broker.publish("d", {"v": 1})
    has_quality(plant, "v", "good")
    plant.broker.publish("d/lwt", "gone")
    has_quality(plant, "v", "bad")
    device_is(plant, "bad")
    shows(plant.modbusd, "holding_register", 0, [55])
    shows(plant.modbusd, "input_register", 900, [BAD])
    plant.broker.publish("d/lwt", "online")
    device_is(plant, "good")
    plant.broker.publish("d", {"v": 2})
    has_quality(plant, "v", "good")
    shows(plant.modbusd, "holding_register", 0, [2])
    for n in range(2):
        plant.broker.publish("d/lwt", f'{{"state": "gone", "n": {n}}}')
    plant.broker.publish("d", {"v": 3})
    shows(plant.modbusd, "holding_register", 0, [3])
    assert plant.mqttd.log().count('on d/lwt is neither payload_available, "online", nor') == 1
    outcomes = [item["outcome"] for item in plant.api.must("GET", "/messages?device=d")["items"]
                if item["topic"] == "d/lwt"]
    assert outcomes == ["unknown_availability"] * 2 + ["taken"] * 2


def test_a_lost_broker_makes_all_stale(plant):
    device(plant, [tag("v", 0, "uint16")])
    plant.broker.publish("d", {"v": 1})
    has_quality(plant, "v", "good")
    plant.broker.kill()
    has_quality(plant, "v", "stale")
    plant.broker.start()
    plant.mqttd.wait_log("(?s)connected to broker.*connected to broker.*subscribed")
    plant.broker.publish("d", {"v": 2})
    has_quality(plant, "v", "good")


def test_a_lost_mqttd_makes_all_stale(plant):
    device(plant, [tag("v", 0, "uint16")])
    publish_once(plant.broker, "d", {"v": 1})
    shows(plant.modbusd, "holding_register", 0, [1])
    has_quality(plant, "v", "good")
    plant.mqttd.kill()
    has_quality(plant, "v", "stale")
    plant.mqttd.start()
    has_quality(plant, "v", "never")
    shows(plant.modbusd, "holding_register", 0, [1])


def test_retained_messages(plant):
    plant.broker.publish("d", {"v": 1}, "-r")
    device(plant, [tag("v", 0, "uint16", on_stale=99)], {"stale_after_s": 86400})
    shows(plant.modbusd, "holding_register", 0, [1])
    has_quality(plant, "v", "stale")
    plant.broker.publish("d", {"v": 2})
    has_quality(plant, "v", "good")
    shows(plant.modbusd, "holding_register", 0, [2])


def test_time_stamps(plant):
    device(plant, [tag("v", 0, "uint16"), tag("w", 1, "uint16")], {"timestamp_key": "/meta/at"})
    plant.broker.publish("d", {"v": 1, "meta": {"at": "2026-01-02T03:04:05Z"}})
    shows(plant.modbusd, "holding_register", 0, [1, 0])
    plant.broker.publish("d", {"v": 2, "meta": {"at": "2026-01-02T03:04:04.999Z"}})
    plant.broker.publish("d", {"meta": {"at": 1767323045}, "w": 3})
    shows(plant.modbusd, "holding_register", 0, [1, 3])
    assert plant.api.must("GET", "/devices/d/status")["messages"] == 3
    plant.broker.publish("d", {"v": 4})
    shows(plant.modbusd, "holding_register", 0, [4, 3])


def test_time_stamps_of_several_topics(plant):
    """One topic's clock says nothing about another's; the order of each topic continues after a
    reload."""
    device(plant, [tag("v", 0, "uint16"), tag("w", 1, "uint16", mqtt={"topic": "d/w"})],
           {"timestamp_key": "at"})
    now = time.time()
    plant.broker.publish("d", {"v": 1, "at": now})
    plant.broker.publish("d/w", {"w": 1, "at": now - 60})
    shows(plant.modbusd, "holding_register", 0, [1, 1])
    for round in (2, 3):
        plant.broker.publish("d", {"v": 9, "at": now - 1})
        plant.broker.publish("d/w", {"w": 9, "at": now - 61})
        plant.broker.publish("d", {"v": round, "at": now})
        plant.broker.publish("d/w", {"w": round, "at": now - 60})
        shows(plant.modbusd, "holding_register", 0, [round, round])
        said = plant.api.must("GET", "/messages?device=d")["items"]
        assert [m["outcome"] for m in said].count("old") == 2 * (round - 1)
        reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"description": f"{round}"}))


def test_gateway_block(stack):
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd(mqttd__gateway_status="1:input_register:500")
    device(stack, [tag("v", 0, "uint16")])
    with stack.modbusd.client() as client:
        first = eventually(lambda: client.inputs(500)[0])
        eventually(lambda: client.inputs(500)[0] > first + 1, "the heartbeat")
        eventually(lambda: client.inputs(501, 3) == [1, 1, 0])
        stack.broker.publish("d", {"v": 1})
        eventually(lambda: client.inputs(501, 3) == [1, 0, 0])
        stack.broker.publish("d", {"v": -1})
        eventually(lambda: client.inputs(501, 3)[2] == 1)
        stack.broker.kill()
        eventually(lambda: client.inputs(501)[0] == 0)


def test_status_blocks_of_a_restarted_mqttd(plant):
    device(plant, [tag("v", 0, "uint16")], status=status())
    publish_once(plant.broker, "d", {"v": 1})
    shows(plant.modbusd, "input_register", 900, [GOOD])
    plant.mqttd.kill()
    plant.mqttd.start()
    shows(plant.modbusd, "input_register", 900, [BAD, OLDEST])


def test_the_status_of_a_foreign_device_has_its_unit(stack):
    stack.start_broker()
    stack.start_modbusd(common__units="1-2")
    stack.start_api()
    stack.start_mqttd()
    device(stack, [tag("v", 0, "uint16")], status=status(), network={
        "modbus_host": "127.0.0.1", "modbus_port": free_port(), "unit_id": 2})
    with stack.modbusd.client(unit=2) as client:
        eventually(lambda: client.inputs(900, 2) == [BAD, OLDEST])
    with stack.modbusd.client(unit=1) as client:
        assert client.inputs(900, 2) == [0, 0]


def test_a_status_block_that_waits_is_given_up(plant):
    device(plant, [tag("v", 0, "uint16")], status=status())
    plant.broker.publish("d", {"v": 1})
    shows(plant.modbusd, "input_register", 900, [GOOD])
    plant.modbusd.stop()
    plant.broker.publish("d", {"v": 2})
    plant.mqttd.wait_log("out of reach")
    beats = plant.mqttd.notices.count("STATUS")
    eventually(lambda: plant.mqttd.notices.count("STATUS") >= beats + 2, "another status block")
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"status": None}))
    plant.modbusd.start()
    shows(plant.modbusd, "holding_register", 0, [2])
    shows(plant.modbusd, "input_register", 900, [0, 0, 0, 0])


def test_availability_given_up(plant):
    device(plant, [tag("v", 0, "uint16")], {"availability_topic": "d/lwt"})
    plant.broker.publish("d", {"v": 1})
    plant.broker.publish("d/lwt", "offline")
    device_is(plant, "bad")
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"description": "same"}))
    device_is(plant, "bad")
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d",
                                           {"mqtt": {"availability_topic": None}}))
    device_is(plant, "good")
    plant.broker.publish("d", {"v": 2})
    shows(plant.modbusd, "holding_register", 0, [2])
    device_is(plant, "good")


def test_availability_with_other_words(plant):
    plant.broker.publish("d/lwt", "gone", "-r")
    device(plant, [tag("v", 0, "uint16")], {"availability_topic": "d/lwt"})
    plant.broker.publish("d", {"v": 1})
    device_is(plant, "good")
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d",
                                           {"mqtt": {"payload_unavailable": "gone"}}))
    device_is(plant, "bad")


def test_what_is_retained_stays_stale_when_the_device_comes(plant):
    plant.broker.publish("d/lwt", "offline", "-r")
    plant.broker.publish("d", {"v": 1}, "-r")
    device(plant, [tag("v", 0, "uint16")], {"availability_topic": "d/lwt",
                                            "stale_after_s": 86400})
    device_is(plant, "bad")
    shows(plant.modbusd, "holding_register", 0, [1])
    plant.broker.publish("d/lwt", "online")
    device_is(plant, "stale")
    plant.broker.publish("d", {"v": 2})
    device_is(plant, "good")


def test_a_repeated_retained_message_is_no_news(plant):
    plant.broker.publish("d", {"v": 1, "w": 2}, "-r")
    device(plant, [tag("v", 0, "uint16")], {"stale_after_s": 86400})
    plant.broker.publish("d", {"v": 3})
    device_is(plant, "good")
    reloaded(plant, lambda: plant.api.must("POST", "/devices/d/tags", tag("w", 1, "uint16")))
    shows(plant.modbusd, "holding_register", 0, [3, 2])
    device_is(plant, "good")
    has_quality(plant, "v", "good")


def test_retained_messages_reach_a_device_that_comes_later(plant):
    plant.broker.publish("d", {"v": 1, "w": 2}, "-r")
    device(plant, [tag("v", 0, "uint16")])
    shows(plant.modbusd, "holding_register", 0, [1])
    plant.api.device("e", "d", [tag("w", 1, "uint16")], enabled=False)
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/e", {"enabled": True}))
    shows(plant.modbusd, "holding_register", 0, [1, 2])
    reloaded(plant, lambda: plant.api.must("POST", "/devices/e/tags", tag(
        "x", 2, "uint16", mqtt={"topic": "e", "key": "w"})))
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/e/tags/x", {"mqtt": {"topic": "d"}}))
    shows(plant.modbusd, "holding_register", 0, [1, 2, 2])


def test_a_replaced_value_is_not_good(plant):
    device(plant, [tag("v", 0, "uint16", on_stale=55)], {"availability_topic": "d/lwt"})
    plant.broker.publish("d", {"v": 1})
    has_quality(plant, "v", "good")
    plant.broker.publish("d/lwt", "offline")
    shows(plant.modbusd, "holding_register", 0, [55])
    plant.broker.publish("d/lwt", "online")
    device_is(plant, "good")
    has_quality(plant, "v", "stale")
    plant.broker.publish("d", {"v": 1})
    has_quality(plant, "v", "good")
    shows(plant.modbusd, "holding_register", 0, [1])


def test_a_time_stamp_from_the_future_stops_nothing(plant):
    device(plant, [tag("v", 0, "uint16")], {"timestamp_key": "at"})
    plant.broker.publish("d", {"v": 1, "at": "2126-01-01T00:00:00Z"})
    shows(plant.modbusd, "holding_register", 0, [1])
    now = time.time()
    plant.broker.publish("d", {"v": 2, "at": now})
    shows(plant.modbusd, "holding_register", 0, [2])
    plant.broker.publish("d", {"v": 3, "at": now - 1})
    plant.broker.publish("d", {"v": 4, "at": now})
    shows(plant.modbusd, "holding_register", 0, [4])


def test_a_wall_clock_that_is_set_back(plant):
    shim, offset = plant.folder / "clock_shim.so", plant.folder / "clock_offset"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim,
                    ROOT / "tests/integration/clock_shim.c", "-ldl"], check=True)
    device(plant, [tag("v", 0, "uint16", on_stale=7)], {"stale_after_s": 1}, status=status())
    assert plant.mqttd.stop() == 0
    plant.mqttd.env.update(LD_PRELOAD=str(shim), TAGFERRY_TEST_CLOCK=str(offset),
                           ASAN_OPTIONS="verify_asan_link_order=0")
    plant.mqttd.start()
    offset.write_text("-7200")
    plant.broker.publish("d", {"v": 1})
    with plant.modbusd.client() as client:
        eventually(lambda: client.inputs(901)[0] < OLDEST, "the age of the newest message")
    shows(plant.modbusd, "holding_register", 0, [7])


def test_a_device_is_heard_by_any_of_its_topics(plant):
    text = {"topic": "d/+/state", "key": "", "payload": "text", "values": {"ON": 1}}
    reloaded(plant, lambda: plant.api.device("d", "d/#", [tag("v", 0, "uint16", mqtt=text)]))
    plant.broker.publish("d/lamp/state", "ON")
    has_quality(plant, "v", "good")
    device_is(plant, "good")


def test_another_time_stamp_begins_anew(plant):
    device(plant, [tag("v", 0, "uint16")], {"timestamp_key": "local"})
    now = time.time()
    plant.broker.publish("d", {"v": 1, "local": now + 7200, "utc": now})
    shows(plant.modbusd, "holding_register", 0, [1])
    reloaded(plant, lambda: plant.api.must("PATCH", "/devices/d", {"mqtt": {"timestamp_key": "utc"}}))
    plant.broker.publish("d", {"v": 2, "local": now + 7201, "utc": now + 1})
    shows(plant.modbusd, "holding_register", 0, [2])
