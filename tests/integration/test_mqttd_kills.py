"""kill -9 at any moment: each value that the broker acknowledged to the publisher reaches its
register."""

import collections
import json
import random
import re
import signal
import subprocess
import threading
import time

import paho.mqtt.client as paho
import pytest

from harness import DEADLINE, ROOT, eventually
from mqttd_helpers import back, metrics, reloaded, tag

ROUNDS = 25
TAGS = 6


class Publisher:
    """Publishes at QoS 1 and records the newest acknowledged value of each topic."""

    def __init__(self, port):
        self.acknowledged = {}
        self.waiting = {}
        self.numbers = collections.deque()  # acknowledged and not processed yet
        self.count = 0
        self.client = paho.Client("publisher", clean_session=False)
        self.client.max_inflight_messages_set(50)
        self.client.on_publish = lambda _client, _data, number: self.numbers.append(number)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def publish(self, topic, value):
        self.waiting[self.client.publish(topic, '{"v": %d}' % value, qos=1).mid] = (topic, value)

    def look(self):
        """Records the acknowledgements."""
        for _ in range(len(self.numbers)):
            topic, value = self.waiting.pop(self.numbers.popleft())
            self.acknowledged[topic] = max(value, self.acknowledged.get(topic, 0))
            self.count += 1
        return self.count

    def settle(self):
        """Waits until all is acknowledged."""
        eventually(lambda: self.look() and not self.waiting, "the broker to acknowledge")

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def stream(plant):
    def configure():
        for n in range(TAGS):
            plant.api.device(f"d{n}", f"t/{n}", [tag("v", 4 * n, "uint32")])
    reloaded(plant, configure)
    plant.mqttd.repeats = 4 * ROUNDS  # modbusd is killed as often
    publisher = Publisher(plant.broker.number)
    yield publisher
    publisher.close()


def pour(publisher, value, amount):
    """Publishes `amount` values, all topics in turn, and returns the next value."""
    for _ in range(amount):
        publisher.publish(f"t/{value % TAGS}", value)
        value += 1
    return value


def holds_all(plant, publisher):
    with plant.modbusd.client() as client:
        def probe():
            found = {}
            for n in range(TAGS):
                high, low = client.holding(4 * n, 2)
                found[f"t/{n}"] = high << 16 | low
            return found == publisher.acknowledged or None
        eventually(probe, f"registers to hold {publisher.acknowledged}")


def seen(publisher, amount):
    """Waits until the broker has acknowledged this many more: a moment in the middle of the
    stream."""
    target = publisher.count + amount
    eventually(lambda: publisher.look() >= target or not publisher.waiting, "acknowledgements")


def test_kills_of_mqttd(plant, stream):
    dice = random.Random(1)
    value = 1
    for _ in range(ROUNDS):
        value = pour(stream, value, 200)
        seen(stream, dice.randrange(200))
        plant.mqttd.kill()
        value = pour(stream, value, 20)
        stream.settle()
        plant.mqttd.start(wait=False)
        holds_all(plant, stream)


@pytest.fixture
def puback_shim(tmp_path_factory):
    shim = tmp_path_factory.mktemp("shim") / "puback_shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim,
                    ROOT / "tests/integration/puback_shim.c", "-ldl"], check=True)
    return shim


def test_death_behind_each_acknowledgement(plant, stream, puback_shim):
    """The worst moment: the broker drops the message, and no process has acted on it yet. Each
    message has its own topic, so that none hides the loss of another."""
    value, env = 1, dict(plant.mqttd.env)
    for number in range(1, TAGS + 1):
        plant.mqttd.stop()
        plant.mqttd.env = dict(env, LD_PRELOAD=str(puback_shim),
                               TAGFERRY_TEST_PUBACKS=str(number),
                               ASAN_OPTIONS="verify_asan_link_order=0")
        plant.mqttd.start(wait=False)
        value = pour(stream, value, TAGS)
        eventually(lambda: not plant.mqttd.alive(), "its death")
        stream.settle()
        plant.mqttd.env = env
        plant.mqttd.start()
        holds_all(plant, stream)


def test_kills_of_mqttd_beside_a_dead_modbusd(plant, stream):
    dice = random.Random(2)
    value = pour(stream, 1, TAGS)
    stream.settle()
    holds_all(plant, stream)
    for _ in range(ROUNDS):
        plant.modbusd.kill()
        value = pour(stream, value, 100)
        seen(stream, dice.randrange(100))
        plant.mqttd.kill()
        stream.settle()
        plant.modbusd.start()
        plant.mqttd.start(wait=False)
        holds_all(plant, stream)


def test_kills_of_modbusd(plant, stream):
    dice = random.Random(3)
    value = 1
    for _ in range(ROUNDS):
        value = pour(stream, value, 200)
        seen(stream, dice.randrange(200))
        plant.modbusd.kill()
        value = pour(stream, value, 20)
        plant.modbusd.start()
        stream.settle()
        holds_all(plant, stream)


def test_restarts_of_the_broker(stack):
    """A broker that saves its queues at exit."""
    stack.start_broker(persistence=True)
    stack.start_modbusd()
    stack.start_api()
    stack.start_mqttd()

    def configure():
        for n in range(TAGS):
            stack.api.device(f"d{n}", f"t/{n}", [tag("v", 4 * n, "uint32")])
    reloaded(stack, configure)
    publisher = Publisher(stack.broker.number)
    value = 1
    for _ in range(3):
        value = pour(publisher, value, 100)
        seen(publisher, 50)
        stack.broker.stop()
        stack.broker.start()
        value = pour(publisher, value, TAGS)
        publisher.settle()
        holds_all(stack, publisher)
    publisher.close()


def test_kills_of_the_broker(plant, stream):
    """kill -9 of a broker that saves nothing. Messages that it had acknowledged to the publisher
    and not sent yet are lost, independent of mqttd; so is its session. From mqttd's new
    subscription on, each value counts again, including those that the publisher repeats."""
    dice = random.Random(4)
    value = 1
    for _ in range(3):
        value = pour(stream, value, 200)
        seen(stream, dice.randrange(200))
        subscribed = plant.mqttd.log().count("subscribed to")
        plant.broker.kill()
        plant.broker.start()
        eventually(lambda: plant.mqttd.log().count("subscribed to") > subscribed)
        value = pour(stream, value, TAGS)
        stream.settle()
        holds_all(plant, stream)
    assert len(re.findall("connected to broker .* new session", plant.mqttd.log())) == 4


def one_setpoint(plant):
    """A tag whose command the broker retains for later subscribers."""
    setpoint = back("v", 0, "uint16", "cmd", mqtt={"command_retain": True})
    reloaded(plant, lambda: plant.api.device("d", "d", [setpoint]))


def write_unheard(plant, number):
    """SCADA writes while the broker receives nothing; then the broker is killed without having
    received it."""
    plant.broker.signal(signal.SIGSTOP)
    with plant.modbusd.client() as client:
        client.write_one(0, number)
    eventually(lambda: metrics(plant)["published_total"] == 1)
    plant.broker.kill()


def test_a_command_survives_mqttd_and_broker(plant):
    """An entry leaves the journal when the broker has acknowledged it, not when it is sent."""
    one_setpoint(plant)
    write_unheard(plant, 7)
    plant.mqttd.kill()
    plant.broker.start()
    plant.mqttd.start()
    assert plant.broker.subscribe("cmd").wait(1) == [("cmd", '{"v": 7}')]


def test_a_command_survives_the_broker(plant):
    one_setpoint(plant)
    write_unheard(plant, 8)
    plant.broker.start()
    assert plant.broker.subscribe("cmd").wait(1) == [("cmd", '{"v": 8}')]


def test_a_reader_sees_messages_whole(plant):
    """Neighbouring tags of one message change together and in order for any reader."""
    tags = [tag(f"v{n}", 4 * n, "uint64") for n in range(20)]
    tags += [tag(f"w{n}", 80 + n, "uint16") for n in range(40)]
    reloaded(plant, lambda: plant.api.device("d", "t/0", tags))
    publisher = Publisher(plant.broker.number)
    amount, newest = 2000, 0

    def pour_all():
        for value in range(1, amount + 1):
            message = {f"v{n}": value << 33 | value for n in range(20)}
            message.update({f"w{n}": value for n in range(40)})
            text = json.dumps(message)
            publisher.waiting[publisher.client.publish("t/0", text, qos=1).mid] = ("t/0", value)
    source = threading.Thread(target=pour_all)
    source.start()
    with plant.modbusd.client() as client:
        moved = time.monotonic()
        while newest < amount:
            words = client.holding(0, 120)
            blocks = {tuple(words[4 * n:4 * n + 4]) for n in range(20)}
            assert len(blocks) == 1, blocks
            high, upper, low, last = blocks.pop()
            value = low << 16 | last
            assert set(words[80:]) == {value}
            assert value >= newest, "in order"
            assert (high << 48 | upper << 32 | value) == (value << 33 | value)
            now = time.monotonic()
            moved, newest = now if value > newest else moved, value
            assert now < moved + DEADLINE, f"stands at {value}"
    source.join()
    publisher.settle()
    publisher.close()
