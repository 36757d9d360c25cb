"""Clusters of three brokers, with the settings of config/: what they cannot take costs only the device
concerned, and the node that tagferry-mqttd uses is killed. The results are a table in
docs/reliability.md."""

import json
import re
import struct
import threading
import time

import paho.mqtt.client as paho
import pytest

import rows
from broker_cluster import KINDS
from harness import DEADLINE, Daemon, Stack, eventually, free_port
from mqttd_helpers import back, is_subscribed, shows, tag

VALUES = 3000       # each number of a minute goes to a tag of its own: NATS sends some again after newer ones
SETPOINTS = 40
TOPIC, COMMANDS = "cluster/values", "cluster/set"
NEWEST = 2 * VALUES  # input registers of the newest number: of each message, and by its time
PACE_S = 0.02
LONG_S = 90         # until a value is delivered again: brokers wait for their own time-outs

# What each broker cannot take: the topic of a device, and that of a command with its QoS.
BAD = {"nats": ("odd.topic/x", ("odd.command/x", 1)), "rabbitmq": ("forbidden/x", ("plain/x", 2))}


class Plant:
    """A cluster, one gateway, a device that publishes and hears, and a SCADA client."""

    def __init__(self, kind, folder):
        self.kind, self.ended, self.flowing = kind, threading.Event(), threading.Event()
        (folder / "cluster").mkdir()
        self.cluster = KINDS[kind](folder / "cluster", [free_port() for _ in range(3)], free_port)
        self.stack = Stack(folder)
        self.number, self.acked, self.waiting, self.early = 0, set(), {}, set()
        self.written, self.heard, self.polls = [], [], []
        self.lock = threading.Lock()

    def start(self):
        self.cluster.start()
        self.stack.start_modbusd()
        self.stack.start_api()
        self.stack.api.must("POST", "/import?mode=replace", {"devices": [
            {"name": "each", "mqtt": {"topic": TOPIC}, "tags": [
                *(tag(f"v{n}", 2 * n, "uint32", "input_register") for n in range(VALUES)),
                tag("newest", NEWEST, "uint32", "input_register"),
                *(back(f"s{n}", 2 * n, "uint32", COMMANDS) for n in range(SETPOINTS))]},
            {"name": "by_time", "mqtt": {"topic": TOPIC, "timestamp_key": "at"}, "tags": [
                tag("last", NEWEST + 2, "uint32", "input_register",
                    mqtt={"key": "newest"})]}]})
        options = {"mqttd.broker": ",".join(self.cluster.addresses()), "common.log_level": "debug"}
        self.stack.mqttd = self.stack.add(Daemon(
            "tagferry-mqttd", self.stack.folder, dict(self.stack.common, **options))).start()
        self.stack.mqttd.wait_log("subscribed to")
        self.client = paho.Client("device", clean_session=False)
        self.client.max_inflight_messages_set(1000)
        self.client.on_message = self._hear
        self.client.on_publish = self._acknowledged
        ready = threading.Event()
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.connect("127.0.0.1", self.cluster.nodes[2].port)
        self.client.loop_start()
        self.client.subscribe(COMMANDS, 1)
        assert ready.wait(DEADLINE)
        self.threads = [threading.Thread(target=target, daemon=True)
                        for target in (self._publish, self._poll)]
        for thread in self.threads:
            thread.start()
        return self

    def _hear(self, _client, _data, message):
        self.heard += json.loads(message.payload).values()

    def _acknowledged(self, _client, _data, number):
        with self.lock:
            if number in self.waiting:
                self.acked.add(self.waiting.pop(number))
            else:
                self.early.add(number)

    def _publish(self):
        while not self.ended.wait(PACE_S):
            if not self.flowing.is_set():
                continue
            self.number += 1
            payload = {"newest": self.number, f"v{self.number % VALUES}": self.number,
                       "at": int(time.time() * 1000)}
            # Without the lock: the client calls back under a lock that publish takes, too.
            number = self.client.publish(TOPIC, json.dumps(payload), qos=1).mid
            with self.lock:
                if number in self.early:
                    self.early.discard(number)
                    self.acked.add(self.number)
                else:
                    self.waiting[number] = self.number

    def _poll(self):
        """Reads the newest numbers, and writes a setpoint each tenth time."""
        with self.stack.modbusd.client() as client:
            turn = 0
            while not self.ended.wait(PACE_S / 4):
                words = client.inputs(NEWEST, 4)
                self.polls.append((time.monotonic(),
                                   *struct.unpack(">II", struct.pack(">4H", *words))))
                turn += 1
                if turn % 10 == 0 and self.flowing.is_set():
                    self.written.append(len(self.written) + 1)
                    client.write(2 * (self.written[-1] % SETPOINTS), *divmod(self.written[-1], 65536))

    def moves(self, count=20):
        """Waits until as many new numbers arrived."""
        seen = self.polls[-1][1] if self.polls else 0
        eventually(lambda: self.polls and self.polls[-1][1] >= seen + count, "values", LONG_S)

    def node_in_use(self):
        port = int(re.findall(r"connected to broker 127.0.0.1:(\d+)", self.stack.mqttd.log())[-1])
        return next(node for node in self.cluster.nodes if node.port == port)

    def missing(self):
        """Acknowledged numbers that are not in their registers."""
        with self.stack.modbusd.client() as client:
            words = [word for at in range(0, 2 * VALUES, 120)
                     for word in client.inputs(at, min(120, 2 * VALUES - at))]
        shown = struct.unpack(f">{VALUES}I", struct.pack(f">{2 * VALUES}H", *words))
        newest = {}
        with self.lock:
            for number in self.acked:
                newest[number % VALUES] = max(number, newest.get(number % VALUES, 0))
        return {number for at, number in newest.items() if shown[at] != number}

    def settle(self):
        """Stops the flow and waits for what is still under way."""
        self.flowing.clear()
        eventually(lambda: not self.waiting, "acknowledgements", LONG_S)
        try:
            eventually(lambda: set(self.written) <= set(self.heard), "commands", LONG_S)
        except AssertionError as error:
            unheard = sorted(set(self.written) - set(self.heard))
            raise AssertionError(f"commands that the device has not heard: {unheard}") from error
        eventually(lambda: not self.missing(), "values", LONG_S)

    def close(self):
        self.ended.set()
        for thread in getattr(self, "threads", ()):
            thread.join()
        if hasattr(self, "client"):
            self.client.disconnect()
            self.client.loop_stop()
        try:
            self.stack.finish()
        finally:
            self.cluster.stop()


@pytest.fixture(scope="module", params=list(KINDS))
def plant(request, tmp_path_factory):
    made = Plant(request.param, tmp_path_factory.mktemp(request.param))
    try:
        yield made.start()
    finally:
        made.close()


def error(plant, path):
    found = plant.stack.api.must("GET", path)["last_error"]
    return found and (found["code"], found["detail"])


def still_s(polls, column):
    """The longest time without a new number; numbers came until the first poll."""
    moved = [poll[0] for before, poll in zip(polls, polls[1:]) if poll[column] != before[column]]
    return max(later - earlier for earlier, later in zip([polls[0][0], *moved], moved))


def backwards(polls, column):
    return sum(poll[column] < before[column] for before, poll in zip(polls, polls[1:]))


def test_the_node_in_use_is_killed(plant, record):
    row = next(row for row in rows.BROKERS if row.how == plant.kind)
    node = plant.node_in_use()
    assert node.number == 1, "the device uses another one"
    plant.flowing.set()
    plant.moves()
    begun, heard = len(plant.polls), len(plant.heard)
    node.kill()
    plant.stack.mqttd.wait_log(rf"(?s)connection to broker {node.address} lost.*connected to broker",
                               LONG_S)
    plant.moves(50)
    polls = plant.polls[begun - 1:]
    plant.settle()
    plant.moves(0)
    every = plant.polls[begun - 1:]
    repeated = len(plant.heard[heard:]) - len(set(plant.heard[heard:]))
    figures = rows.BrokerFigures(
        still=still_s(polls, 1), lost=len(plant.missing()),
        commands_lost=len(set(plant.written) - set(plant.heard)), repeated=repeated,
        backwards=backwards(every, 1), backwards_by_time=backwards(every, 2))
    record(row, figures)
    assert figures.lost == figures.commands_lost == figures.backwards_by_time == 0, figures


def test_what_the_broker_cannot_take_costs_only_its_device(plant):
    """MQTT 3.1.1 was found with the first node; the bad topic and the bad command are found, and the
    others arrive."""
    topic, (command, qos) = BAD[plant.kind]
    log = plant.stack.mqttd.log()
    assert "; retrying with MQTT 3.1.1" in log and "with MQTT 3.1.1, session kept" in log
    code = {"nats": "subscription_refused", "rabbitmq": "subscription_disconnected"}[plant.kind]
    plant.stack.api.must("POST", "/import", {"devices": [
        # NATS refuses the dot, and RabbitMQ delivers it as a slash.
        {"name": "dot", "mqtt": {"topic": "dotted.topic/x"}, "tags": [
            tag("v", NEWEST + 4, "uint16", "input_register")]},
        {"name": "bad", "mqtt": {"topic": topic}, "tags": [
            tag("v", NEWEST + 5, "uint16", "input_register"),
            back("c", 2 * SETPOINTS, "uint16", command, mqtt={"command_qos": qos})]}]})
    eventually(lambda: error(plant, "/devices/bad/status") == (code, topic), "the bad topic")
    eventually(lambda: is_subscribed(plant.stack.mqttd.log()), "the other topics")
    plant.flowing.set()
    plant.moves()
    with plant.stack.modbusd.client() as client:
        client.write(2 * SETPOINTS, 7)
    if qos == 2:
        plant.stack.mqttd.wait_log("closes the connection after a message of QoS 2; using QoS 1")
    else:
        eventually(lambda: error(plant, "/devices/bad/tags/c/value") == ("command_refused", command))
    if plant.kind == "rabbitmq":
        plant.client.publish("dotted.topic/x", '{"v": 3}', qos=1)
        shows(plant.stack.modbusd, "input_register", NEWEST + 4, [3])
    else:
        assert error(plant, "/devices/dot/status") == ("subscription_refused", "dotted.topic/x")
    plant.moves()
    plant.settle()
    assert error(plant, "/devices/each/status") is None
