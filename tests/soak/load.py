"""The load: devices that publish and receive commands, and a SCADA client that reads and writes."""

import collections
import http.client
import json
import random
import struct
import threading
import traceback

import paho.mqtt.client as paho

import tags
from harness import eventually
from truth import Commands
from wire import Line, Wire, read_request, write_request

READ = {"coil": 1, "discrete_input": 2, "holding_register": 3, "input_register": 4}
UNSURE = (OSError, http.client.HTTPException)  # True if a request was served
OPEN_MAX = 2000  # unacknowledged messages after which a device waits


def client(name, port):
    made = paho.Client(name, clean_session=False)
    made.max_inflight_messages_set(100)
    made.reconnect_delay_set(0.1, 0.2)
    made.connect("127.0.0.1", port)
    return made


class Worker(threading.Thread):
    """A thread of the load; an error in the thread itself is a finding."""

    def __init__(self, name, gate, wrong):
        super().__init__(name=name, daemon=True)
        self.gate, self.wrong = gate, wrong
        with gate.lock:
            gate.users.add(name)

    def run(self):
        try:
            self.work()
        except Exception:  # report any exception
            self.wrong.add(f"{self.name}: {traceback.format_exc()}")
        with self.gate.lock:
            self.gate.users.discard(self.name)


class Publisher(Worker):
    """Publishes at QoS 1 for all devices; the values of each topic in order."""

    def __init__(self, gate, wrong, values, port, rate, seed):
        super().__init__("publisher", gate, wrong)
        self.values, self.pause = values, 1 / rate
        self.rng = random.Random(f"publisher {seed}")
        self.order = threading.Lock()
        self.waiting = set()
        self.early = set()
        self.numbers = collections.Counter()
        self.messages = self.invalid = self.acknowledged = 0
        self.client = client("soak-devices", port)
        self.client.on_publish = self._acknowledge
        self.client.loop_start()

    def _acknowledge(self, _client, _data, number):
        with self.order:
            self.acknowledged += 1
            if number in self.waiting:
                self.waiting.discard(number)
            else:
                self.early.add(number)

    def send(self, topic, payload, said=(), qos=1):
        """One message; `said` has its (device, tag, value)."""
        number = self.client.publish(topic, payload, qos=qos).mid
        with self.order:
            self.messages += 1
            if number in self.early:
                self.early.discard(number)
            else:
                self.waiting.add(number)
        for device, tag, value in said:
            self.values.say(device, tag, value)

    def open(self):
        with self.order:
            return len(self.waiting)

    def say(self, device, chosen):
        """A message of a device with new values of the tags."""
        body, said = {}, []
        for tag in chosen:
            self.numbers[device] += 1
            body[tag.name], value = tag.draw(self.numbers[device])
            said.append((tags.name(device), tag.name, value))
        self.send(tags.topic(device), json.dumps(body), said)

    def note(self, device):
        self.numbers[device] += 1
        text, value = tags.NOTE.draw(self.numbers[device])
        self.send(f"soak/d{device}/note", text, [(tags.name(device), tags.NOTE.name, value)])

    def echo(self, device):
        """What the device holds of its setpoint."""
        value = self.values.get(tags.name(device), tags.SETPOINT.name)
        if value is not None:
            self.send(tags.topic(device), json.dumps({tags.SETPOINT.name: value}))

    def say_all(self):
        for device in range(tags.DEVICES):
            self.say(device, tags.SAID)
            self.note(device)
            self.echo(device)

    def canary(self, value):
        self.send("soak/canary", json.dumps({tags.CANARY.name: value}))

    def work(self):
        while self.gate.turn(self.name, self.pause):
            if self.open() > OPEN_MAX:
                continue
            device = self.rng.randrange(tags.DEVICES)
            kind = self.rng.random()
            if kind < 0.05:
                self.send(tags.topic(device), tags.bad_payload(self.rng))
                self.invalid += 1
            elif kind < 0.15:
                self.note(device)
            else:
                count = self.rng.randint(1, len(tags.SAID))
                self.say(device, self.rng.sample(tags.SAID, count))

    def settle(self):
        eventually(lambda: self.open() == 0, "the broker to acknowledge")

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


class Devices:
    """Receives the devices' commands, and reports a setpoint that a device has applied."""

    def __init__(self, wrong, publisher, port):
        self.wrong, self.publisher = wrong, publisher
        self.commands = {}
        for device in range(tags.DEVICES):
            for tag in tags.COMMANDS:
                self.commands[device, tag.name] = Commands(tag.kind != "bool")
        self.ready = threading.Event()
        self.client = client("soak-ears", port)
        self.client.on_message = self._take
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.on_connect = lambda *_: self.client.subscribe("soak/+/set/+", qos=1)
        self.client.loop_start()

    def _take(self, _client, _data, message):
        try:
            _, device, _, name = message.topic.split("/")
            number, value = int(device[1:]), json.loads(message.payload)[name]
            self.commands[number, name].see(value)
            if name == tags.SETPOINT.name:
                self.publisher.values.say(device, name, value)
                self.publisher.echo(number)
        except Exception:
            self.wrong.add(f"a command {message.topic} {message.payload}: "
                           f"{traceback.format_exc()}")

    def open(self):
        return {f"d{device}/{name}": commands.open()
                for (device, name), commands in self.commands.items() if not commands.settled()}

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


class Link(Line):
    """Registers of every table."""

    def registers(self, table, address, count):
        answer = self.ask(read_request(READ[table], address, count))
        if answer is None:
            return None
        if table in ("coil", "discrete_input"):
            return [answer[2 + n // 8] >> n % 8 & 1 for n in range(count)]
        return list(struct.unpack(f">{count}H", answer[2:]))


class Scada(Worker):
    """Writes commands, and checks for torn values."""

    def __init__(self, gate, wrong, devices, stack, rate, seed):
        super().__init__("scada", gate, wrong)
        self.devices, self.link, self.pause = devices, Link(stack.modbusd), 1 / rate
        self.rng = random.Random(f"scada {seed}")
        self.numbers = collections.Counter()
        self.reads = self.writes = 0

    def work(self):
        while self.gate.turn(self.name, self.pause):
            chance = self.rng.random()
            if chance < 0.02:
                self.link.drop()
            elif chance < 0.5:
                self.look()
            else:
                self.write(self.rng.randrange(tags.DEVICES), self.rng.choice(tags.COMMANDS))

    def look(self):
        device = self.rng.randrange(tags.DEVICES)
        answer = self.link.ask(read_request(4, device * tags.SPAN, 4))
        if answer is None:
            return
        self.reads += 1
        words = struct.unpack(">4H", answer[2:])
        if words[:2] != words[2:]:
            self.wrong.add(f"d{device}/count is torn: {words}")

    def write(self, device, tag):
        self.numbers[device, tag.name] += 1
        number, address = self.numbers[device, tag.name], device * tags.SPAN + tag.offset
        value = number
        if tag.kind == "bool":
            value = number % 2 == 0
            pdu = struct.pack(">BHH", 5, address, 0xFF00 if value else 0)
        elif tag.kind == "uint16":
            value = number % 65536
            pdu = struct.pack(">BHH", 6, address, value)
        else:
            pdu = write_request(address, *tag.words(number))
        answer = self.link.ask(pdu)
        if answer is not None and answer[0] != pdu[0]:
            self.wrong.add(f"the write of d{device}/{tag.name} = {value} was refused: {answer}")
        self.writes += answer is not None
        self.devices.commands[device, tag.name].wrote(value, answer is not None)


class Reader(Worker):
    """Follows the stream of values, and reconnects when it is cut."""

    def __init__(self, gate, wrong, stack):
        super().__init__("stream", gate, wrong)
        self.stack = stack
        self.values, self.events, self.connects = {}, 0, 0
        with gate.lock:
            gate.users.discard(self.name)  # it only listens: no other thread waits for it

    def work(self):
        while not self.gate.ended.is_set():
            try:
                self.follow()
            except (OSError, ValueError):
                pass
            self.gate.ended.wait(0.1)

    def follow(self):
        with Wire(self.stack.api.options["api.listen"]) as wire:
            wire.send(b"GET /api/v1/values/stream HTTP/1.0\r\nHost: soak\r\n\r\n")
            file = wire.socket.makefile("rb")
            if b" 200 " not in file.readline():
                return
            self.connects += 1
            kind, fresh = None, {}
            for line in file:
                if line.startswith(b"event:"):
                    kind = line[6:].strip()
                if line.startswith(b"data:") and kind == b"values":
                    fresh.update((f"{v['device']}/{v['tag']}", v["value"])
                                 for v in json.loads(line[5:]))
                    self.values = fresh
                    self.events += 1
                if self.gate.ended.is_set():
                    return
