"""Setpoints of a pair that expire."""

import threading

from harness import eventually
from mqttd_helpers import back, shows
from test_mqttd_mirror import ahead


def test_setpoints_that_expire(make_pair):
    """The gateway that SCADA writes expires them first; the other one takes over, or learns it. SCADA at either
    renews them at both."""
    pair = make_pair()
    a, b = pair.side("a"), pair.side("b")
    tags = [back(name, at, "uint16", f"cmd/{name}", mqtt={"command_template": "{value}", "expires_s": seconds,
                                                           "expire_value": 9})
            for at, (name, seconds) in enumerate([("short", 1), ("long", 3600), ("lost", 1)])]
    pair.configure(lambda api: api.device("d", "d", tags))
    pair.mirrors()
    sent = pair.listen()

    def reason(side, name):
        return side.api.value("d", name)["reason"]

    def lose_after(api, seconds):
        api.must("PATCH", "/devices/d/tags/lost", {"mqtt": {"expires_s": seconds}})
    for side in pair.sides:
        eventually(lambda side=side: reason(side, "short") == reason(side, "lost") == "expired", "nobody wrote them")
    before = len(sent.messages)
    pair.configure(lambda api: lose_after(api, 3600))
    a.write("holding_register", 0, [11, 12, 13])
    for side in pair.sides:
        eventually(lambda side=side: reason(side, "lost") != "expired", "SCADA at one renews them at both")
        shows(side.modbusd, "holding_register", 1, [12, 13])
    a.mqttd.kill()
    for side in pair.sides:
        lose_after(side.api, 1)
    eventually(lambda: reason(b, "short") == reason(b, "lost") == "expired", "the other one takes over")
    shows(b.modbusd, "holding_register", 0, [9, 12, 9])
    eventually(lambda: ("cmd/lost", "9") in sent.messages[before:], "it publishes the command")
    a.mqttd.start()
    pair.open(a)
    eventually(lambda: reason(a, "lost") == "expired", "the first one learns it")
    shows(a.modbusd, "holding_register", 0, [9, 12, 9])
    b.write("holding_register", 0, [21, 22, 23])
    for side in pair.sides:
        shows(side.modbusd, "holding_register", 1, [22])
        eventually(lambda side=side: reason(side, "short") == "expired", "the short one expires again")
        shows(side.modbusd, "holding_register", 0, [9, 22])


def test_a_gateway_that_returns_lets_nothing_expire_that_is_renewed(make_pair):
    """Its clock is 10 s ahead, and it was away for longer than expires_s: SCADA has renewed the setpoint at the other
    one."""
    pair = make_pair()
    a, b = pair.side("a"), pair.side("b")
    ahead(b, pair.folder)
    tags = [back(name, at, "uint16", f"cmd/{name}", mqtt={"command_template": "{value}", "expires_s": seconds,
                                                           "expire_value": 9})
            for at, (name, seconds) in enumerate([("kept", 7), ("left", 2)])]
    pair.configure(lambda api: api.device("d", "d", tags))
    pair.mirrors()
    sent = pair.listen()
    stop = threading.Event()

    def renew():
        with a.modbusd.client() as client:
            client.write_one(1, 5)
            while not stop.wait(1):
                client.write_one(0, 7)

    def count():
        return [text for topic, text in sent.messages if topic == "cmd/kept"].count("7")
    thread = threading.Thread(target=renew)
    thread.start()
    try:
        for side in pair.sides:
            shows(side.modbusd, "holding_register", 0, [7])
        b.mqttd.kill()
        eventually(lambda: a.api.value("d", "left")["reason"] == "expired", "nobody renews it")
        before = count()
        eventually(lambda: count() >= before + 9, "B is away for longer than expires_s")
        b.mqttd.start()
        pair.open(b)
        before = count()
        eventually(lambda: count() >= before + 4, "renewed by the mirror only")
        for side in pair.sides:
            eventually(lambda side=side: side.api.value("d", "left")["reason"] == "expired", "it has expired")
            shows(side.modbusd, "holding_register", 0, [7, 9])
            assert side.api.value("d", "kept")["reason"] != "expired"
    finally:
        stop.set()
        thread.join()
    values = [text for topic, text in sent.messages if topic == "cmd/kept"]
    assert values[values.index("7"):].count("9") == 0
    assert b.metric("setpoints_expired_total") <= 2, "at its first start only"
    # The one that SCADA has used is gone: the other one takes over, also if it has just been started.
    b.mqttd.kill()
    a.mqttd.kill()
    b.mqttd.start()
    eventually(lambda: b.api.value("d", "kept")["reason"] == "expired", "it takes over")
    shows(b.modbusd, "holding_register", 0, [9, 9])
