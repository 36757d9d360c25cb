"""Subscriptions that a broker refuses, closes upon, does not offer or does not answer: the others
continue, they show in last_error, and mqttd retries them."""

import contextlib
import glob
import itertools
import json
import os
import signal
import stat
from collections import Counter

import pytest

from harness import Daemon, eventually
from mqtt_peer import Peer
from mqttd_helpers import reloaded, shows, tag

VERSIONS = pytest.mark.parametrize("protocol", ["5", "3.1.1"])


CLOSE, SILENCE = "close", "silence"

# Properties of CONNACK.
NO_WILDCARDS, NO_SHARED = b"\x28\x00", b"\x2a\x00"


def max_packet(size):
    return b"\x27" + size.to_bytes(4, "big")


class Answers(Peer):
    """`answer` returns for the filters of a SUBSCRIBE a list of reason codes, CLOSE or SILENCE."""

    def __init__(self, answer=None, properties=b""):
        self.answer = answer or (lambda filters: [1] * len(filters))
        self.properties = properties
        self.subscribes, self.unsubscribes = [], []  # the filters of each packet
        super().__init__()

    @property
    def connections(self):
        return len(self.connects)

    @property
    def granted(self):
        """On the current connection."""
        return getattr(self.open[-1], "granted", set()) if self.open else set()

    def asked(self):
        """How often each filter was requested."""
        return Counter(itertools.chain(*self.subscribes))

    def publish(self, topic, payload):
        """On the current connection, once a filter is granted there."""
        if self.granted:
            with contextlib.suppress(OSError, IndexError):  # it has ended since then
                self.open[-1].publish(topic, payload, qos=0)

    def connected(self, connection):
        connection.granted = set()
        connection.connack(properties=self.properties)

    def subscribed(self, connection, number, filters):
        names = [name for name, _ in filters]
        answer = self.answer(names)
        self.subscribes.append(names)
        if answer == CLOSE:
            connection.close()
        elif answer != SILENCE:
            connection.granted |= {each for each, code in zip(names, answer) if code < 128}
            connection.suback(number, answer)

    def unsubscribed(self, connection, number, filters):
        self.unsubscribes.append(filters)
        super().unsubscribed(connection, number, filters)


@pytest.fixture
def fakes():
    with contextlib.ExitStack() as opened:
        yield lambda *arguments: opened.enter_context(Answers(*arguments))


def start(stack, broker, topics, protocol="5", **settings):
    """Device and register number n for each topic."""
    stack.start_modbusd()
    stack.start_api()
    for number, topic in enumerate(topics):
        stack.api.device(f"d{number}", topic, [tag("v", number, "uint16")], **settings)
    options = dict(stack.common, **{"mqttd.broker": broker.address, "mqttd.protocol": protocol})
    stack.mqttd = stack.add(Daemon("tagferry-mqttd", stack.folder, options)).start(wait=False)


def error(stack, device):
    found = stack.api.must("GET", f"/devices/{device}/status")["last_error"]
    return found and found["code"], found and found["detail"]


def flows(stack, broker, topic, register, number):
    """A value that is sent repeatedly over changing connections reaches its register."""
    def probe():
        broker.publish(topic, json.dumps({"v": number}))
        with stack.modbusd.client() as client:
            return client.read("holding_register", register, 1) == [number]
    eventually(probe, f"{topic} in register {register}")


@VERSIONS
@pytest.mark.parametrize("guilty", ["$share/g/plant/x", "forbidden/x", "bad/+/x"])
def test_a_broker_that_closes_on_a_topic(stack, fakes, protocol, guilty):
    broker = fakes(lambda filters: CLOSE if guilty in filters else [1] * len(filters))
    start(stack, broker, [f"t/{n}" for n in range(10)] + [guilty] + [f"u/{n}" for n in range(10)],
          protocol)
    eventually(lambda: error(stack, "d10") == ("subscription_disconnected", guilty), "the guilty one")
    eventually(lambda: len(broker.granted) == 20, "the others")
    connections = broker.connections
    assert connections < 8
    for register in (0, 9, 11, 20):
        topic = f"t/{register}" if register < 10 else f"u/{register - 11}"
        flows(stack, broker, topic, register, 100 + register)
        assert error(stack, f"d{register}") == (None, None)
    value = stack.api.must("GET", "/devices/d10/tags/v/value")
    assert value["last_error"]["code"] == "subscription_disconnected"
    assert value["quality"] == "never"
    assert broker.connections == connections, "it is not asked for again at once"
    assert stack.mqttd.log().count(f'after the subscription to "{guilty}"') == 1


def test_the_guilty_one_is_asked_again(stack, fakes):
    """Immediately when its device changes, and on SIGHUP."""
    bad = {"bad/0", "bad/1"}
    broker = fakes(lambda filters: CLOSE if bad & set(filters) else [1] * len(filters))
    start(stack, broker, ["good/0", "good/1", "bad/0", "bad/1"])
    for device in ("d2", "d3"):
        eventually(lambda: error(stack, device)[0] == "subscription_disconnected")
    eventually(lambda: len(broker.granted) == 2)
    bad.clear()
    reloaded(stack, lambda: stack.api.must("PATCH", "/devices/d2", {"description": "x"}))
    eventually(lambda: "bad/0" in broker.granted, "asked again after a change")
    flows(stack, broker, "bad/0", 2, 7)
    eventually(lambda: error(stack, "d2") == (None, None))
    stack.mqttd.signal(signal.SIGHUP)
    eventually(lambda: "bad/1" in broker.granted, "asked again on SIGHUP")
    flows(stack, broker, "bad/1", 3, 8)
    eventually(lambda: error(stack, "d3") == (None, None))


@VERSIONS
def test_a_broker_that_closes_on_more_than_eight_filters(stack, fakes, protocol):
    broker = fakes(lambda filters: CLOSE if len(filters) > 8 else [1] * len(filters))
    start(stack, broker, [f"t/{n}" for n in range(50)], protocol)
    eventually(lambda: len(broker.granted) == 50)
    assert broker.connections == 1
    for n in range(50):
        stack.api.must("DELETE", f"/devices/d{n}")
    eventually(lambda: sum(map(len, broker.unsubscribes)) == 50)
    assert max(map(len, broker.unsubscribes)) <= 8


def test_a_broker_that_takes_two_filters_a_packet(stack, fakes):
    broker = fakes(lambda filters: CLOSE if len(filters) > 2 else [1] * len(filters))
    start(stack, broker, [f"t/{n}" for n in range(20)])
    eventually(lambda: len(broker.granted) == 20)
    assert broker.connections < 12
    for device in ("d0", "d10", "d19"):
        assert error(stack, device) == (None, None)


def test_a_broker_that_takes_ten_topics(stack, fakes):
    """Closes on each further one, like AWS on more than fifty."""
    broker = fakes()
    broker.answer = lambda filters: (CLOSE if len(broker.granted) + len(filters) > 10
                                     else [1] * len(filters))
    start(stack, broker, [f"t/{n}" for n in range(30)])

    def told():
        return [n for n in range(30) if error(stack, f"d{n}")[0] == "subscription_disconnected"]
    eventually(lambda: len(told()) == 20 and len(broker.granted) == 10, "ten of thirty")
    connections = broker.connections
    assert connections < 30
    served = next(n for n in range(30) if n not in told())
    flows(stack, broker, f"t/{served}", served, 5)
    assert broker.connections == connections


def test_what_connack_does_not_offer_is_not_asked_for(stack, fakes):
    longest = "x" * 100
    topics = ["plain", "$share/g/a", "wild/+", longest]
    broker = fakes(lambda filters: [1] * len(filters) if set(filters) == {"plain"} else CLOSE,
                   NO_WILDCARDS + NO_SHARED + max_packet(200))
    broker.properties = NO_WILDCARDS + NO_SHARED + max_packet(100)
    start(stack, broker, topics)
    expected = {"d1": ("shared_subscriptions_unavailable", "$share/g/a"),
                "d2": ("wildcard_subscriptions_unavailable", "wild/+"),
                "d3": ("topic_too_long", "x" * 31)}
    for device, shown in expected.items():
        eventually(lambda: error(stack, device) == shown, device)
    flows(stack, broker, "plain", 0, 3)
    assert error(stack, "d0") == (None, None)
    reloaded(stack, lambda: stack.api.must("PATCH", "/devices/d1", {"description": "x"}))
    stack.mqttd.signal(signal.SIGHUP)
    stack.mqttd.wait_log("configuration reloaded")
    flows(stack, broker, "plain", 0, 4)
    assert (broker.connections, broker.asked()) == (1, {"plain": 1})
    assert error(stack, "d1") == expected["d1"]


@VERSIONS
def test_refused_and_then_accepted(stack, fakes, protocol):
    refused = {"secret/0", "secret/1", "secret/2"}
    code = 0x87 if protocol == "5" else 0x80
    broker = fakes(lambda filters: [code if each in refused else 1 for each in filters])
    start(stack, broker, ["open", "secret/0", "secret/1", "secret/2"], protocol)
    for n in range(1, 4):
        eventually(lambda: error(stack, f"d{n}") == ("subscription_refused", f"secret/{n - 1}"))
    refused.remove("secret/0")
    reloaded(stack, lambda: stack.api.must("PATCH", "/devices/d1", {"description": "x"}))
    eventually(lambda: error(stack, "d1") == (None, None), "asked again after a change")
    assert broker.asked()["secret/1"] == 1, "the others are not asked for by it"
    reloaded(stack, lambda: stack.api.device("late", "secret/1", [tag("v", 10, "uint16")]))
    eventually(lambda: error(stack, "late") == ("subscription_refused", "secret/1"),
               "a second device of a refused topic")
    refused.clear()
    stack.mqttd.signal(signal.SIGHUP)
    for device in ("d2", "d3", "late"):
        eventually(lambda: error(stack, device) == (None, None), "asked again on SIGHUP")
    flows(stack, broker, "secret/2", 3, 9)
    assert broker.connections == 1
    for n in range(3):
        assert stack.mqttd.log().count(f'refuses the subscription to "secret/{n}"') == 1


@VERSIONS
def test_no_answer(stack, fakes, protocol):
    broker = fakes(lambda filters: SILENCE if "silent/+" in filters else [1] * len(filters))
    start(stack, broker, ["a", "silent/+", "b"], protocol)
    flows(stack, broker, "a", 0, 1)
    eventually(lambda: error(stack, "d1") == ("subscription_unanswered", "silent/+"))
    flows(stack, broker, "silent/x", 1, 2)
    assert stack.api.must("GET", "/devices/d1/status")["quality"] == "good"
    assert broker.connections == 1


@VERSIONS
def test_fewer_codes_than_filters(stack, fakes, protocol):
    broker = fakes(lambda filters: [1])
    start(stack, broker, [f"t/{n}" for n in range(10)], protocol)
    eventually(lambda: len(broker.granted) == 10)
    assert broker.connections == 1
    flows(stack, broker, "t/9", 9, 1)
    assert error(stack, "d9") == (None, None)


@VERSIONS
def test_no_codes_at_all(stack, fakes, protocol):
    """The library ends the connection on it."""
    broker = fakes(lambda filters: [] if "odd" in filters else [1] * len(filters))
    start(stack, broker, [f"t/{n}" for n in range(10)] + ["odd"], protocol)
    eventually(lambda: error(stack, "d10") == ("subscription_disconnected", "odd"))
    eventually(lambda: len(broker.granted) == 10)
    flows(stack, broker, "t/9", 9, 1)


def test_a_broker_that_restarts_meanwhile_is_not_blamed(stack, fakes):
    """One close after the only topic: mqttd requests it again on the next connection."""
    closes = [True]
    broker = fakes(lambda filters: CLOSE if closes and closes.pop() else [1] * len(filters))
    start(stack, broker, ["only"])
    flows(stack, broker, "only", 0, 1)
    assert error(stack, "d0") == (None, None)
    assert broker.connections == 2


@VERSIONS
def test_access_rules_of_a_real_broker(stack, protocol):
    """mosquitto refuses filters that its rules deny, and grants the others of the packet."""
    plugin = glob.glob("/usr/lib/*/mosquitto_dynamic_security.so")[0]
    acls = [{"acltype": "subscribePattern", "topic": "secret/#", "priority": 1, "allow": False}]
    allowed = ["publishClientSend", "publishClientReceive", "subscribe", "unsubscribe"]
    rules = {"defaultACLAccess": dict.fromkeys(allowed, True), "anonymousGroup": "all",
             "groups": [{"groupname": "all", "roles": [{"rolename": "all"}]}],
             "roles": [{"rolename": "all", "acls": acls}]}
    (stack.folder / "rules.json").write_text(json.dumps(rules))
    stack.start_broker(f"plugin {plugin}", f"plugin_opt_config_file {stack.folder}/rules.json")
    stack.start_modbusd()
    stack.start_api()
    for n in range(20):
        stack.api.device(f"d{n}", f"secret/{n}" if n % 2 else f"open/{n}", [tag("v", n, "uint16")])
    stack.start_mqttd(mqttd__protocol=protocol)
    for n in range(1, 20, 2):
        eventually(lambda: error(stack, f"d{n}") == ("subscription_refused", f"secret/{n}"))
    for n in range(0, 20, 2):
        stack.broker.publish(f"open/{n}", {"v": n})
        shows(stack.modbusd, "holding_register", n, [n])
        assert error(stack, f"d{n}") == (None, None)


def test_the_file_of_wildcards(stack):
    """Created like the other files of runtime_dir, without following a link."""
    runtime = stack.folder / "runtime"
    stack.start_broker()
    stack.start_modbusd()
    stack.start_api()
    stack.api.device("d", "w/+", [tag("v", 0, "uint16")])
    victim = stack.folder / "victim"
    victim.write_text("theirs\n")
    for name in ("wildcards.new", "wildcards"):
        (runtime / name).symlink_to(victim)
    old = os.umask(0)
    try:
        stack.start_mqttd()
    finally:
        os.umask(old)
    wildcards = runtime / "wildcards"
    eventually(lambda: not wildcards.is_symlink() and wildcards.read_text() == "w/+\n", "the note")
    assert stat.S_IMODE(wildcards.stat().st_mode) == 0o640
    assert victim.read_text() == "theirs\n"
