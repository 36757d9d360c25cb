"""Values, commands and changes that flow during a fault, and their results."""

import json
import struct
import threading
import time

import paho.mqtt.client as paho

from harness import DEADLINE, eventually
from mqttd_helpers import back, served, tag
from wire import Line, read_request

TOPIC, MARKS, COMMANDS = "faults/values", "faults/marks", "faults/set"
WIDE = 20          # tags in each message, in addition to those with their own part
STEP = 200         # the holding register of the tag that changes of the configuration move
MARK = 250         # of the values that show that the flow has recovered
MODE = 300         # of the commands
QUIET_S = 1.0      # a Modbus server that does not answer for this long is stopped


def numbers(line, function, address, count):
    """This many 32-bit numbers, or None."""
    answer = line.ask(read_request(function, address, 2 * count))
    return answer and list(struct.unpack(f">{count}I", answer[2:]))


class Flow:
    """The load of the matrix, on a stack that has all parts."""

    def __init__(self, stack, broker_port):
        self.stack, self.link = stack, Line(stack.modbusd, QUIET_S)
        self.number = 1000
        self.newest = [0] * WIDE  # of each tag
        self.marks = 0
        self.offset = 0
        self.written, self.heard = [], []
        self.ready = threading.Event()
        self.waiting, self.early, self.lock = set(), set(), threading.Lock()
        stack.api.device("f", TOPIC, [
            *(tag(f"v{n}", 2 * n, "uint32", "input_register") for n in range(WIDE)),
            tag("step", STEP, "uint32"),
            tag("mark", MARK, "uint32", mqtt={"topic": MARKS}),
            back("mode", MODE, "uint16", COMMANDS)])
        self.client = paho.Client("flow", clean_session=False)
        self.client.reconnect_delay_set(0.05, 0.1)
        self.client.on_message = self._hear
        self.client.on_publish = self._acknowledged
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.on_connect = lambda *_: self.client.subscribe(COMMANDS, 1)
        self.client.connect("127.0.0.1", broker_port)
        self.client.loop_start()
        assert self.ready.wait(DEADLINE)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()
        self.link.drop()

    def _hear(self, _client, _data, message):
        self.heard.append(json.loads(message.payload)["mode"])

    def _acknowledged(self, _client, _data, number):
        with self.lock:
            if number in self.waiting:
                self.waiting.discard(number)
            else:
                self.early.add(number)

    # The flow.

    def say(self, times=1, **more):
        """New values for all tags, with the other members of the message."""
        for _ in range(times):
            self.number += 1
            self.newest = [self.number] * WIDE
            body = dict.fromkeys([*(f"v{n}" for n in range(WIDE)), "step"], self.number)
            self.publish(TOPIC, dict(body, **more))
        return self.number

    def publish(self, topic, body):
        number = self.client.publish(topic, json.dumps(body), qos=1).mid
        with self.lock:
            if number in self.early:
                self.early.discard(number)
            else:
                self.waiting.add(number)

    def settle(self):
        """Waits until the broker has acknowledged all messages."""
        eventually(lambda: not self.waiting, "the broker to acknowledge")

    def command(self):
        """Writes like SCADA; records acknowledged writes."""
        number = self.written[-1] + 1 if self.written else 1
        if self.link.ask(struct.pack(">BHH", 6, MODE, number)):
            self.written.append(number)

    def change(self):
        """Changes a tag's offset; returns the status, and records a success."""
        offset = self.offset + 1
        answer = self.stack.api.request("PATCH", "/devices/f/tags/step",
                                        {"modbus": {"offset": offset}})
        if answer.status == 200:
            self.offset = offset
        return answer.status

    # The results.

    def wrong(self):
        """Tags whose register does not hold the last value sent."""
        shown = numbers(self.link, 4, 0, WIDE)
        return WIDE if shown is None else sum(one != other for one, other in zip(shown, self.newest))

    def missing(self):
        return [number for number in self.written if number not in self.heard]

    def back(self):
        """Milliseconds until the last values sent are in their registers."""
        began = time.monotonic()
        eventually(lambda: not self.wrong(), "the values to be back")
        return (time.monotonic() - began) * 1000

    def mark(self):
        """Waits until a new value is in its register: earlier values that have not arrived by then
        are lost."""
        first, said_at = self.marks + 1, 0.0

        def probe():
            nonlocal said_at
            if time.monotonic() - said_at > 1:  # the broker may have no subscriber for it yet
                self.marks += 1
                self.client.publish(MARKS, json.dumps({"mark": self.marks}), qos=1)
                said_at = time.monotonic()
            shown = numbers(self.link, 3, MARK, 1)
            return shown and shown[0] >= first
        eventually(probe, "a value to come through")

    def lost_now(self):
        """The number of lost values and commands, after a mark. Call it once."""
        self.command()
        eventually(lambda: self.written[-1] in self.heard, "a command to come through")
        lost = self.wrong() + len(self.missing())
        self.forget()
        return lost

    def forget(self):
        """Each loss counts once."""
        self.written = self.written[-1:]
        self.heard = list(self.written)

    def lost(self):
        """The number of values, commands and changes that are lost finally. Call it once."""
        self.wait(lambda: not self.wrong() and not self.missing())
        lost = self.wrong() + len(self.missing()) + self.lost_change()
        firsts = list(dict.fromkeys(self.heard))
        assert firsts == sorted(firsts), f"commands came out of order: {self.heard}"
        self.forget()
        return lost

    def wait(self, probe):
        try:
            eventually(probe)
        except AssertionError:
            pass  # losses are counted

    def lost_change(self):
        """1 when the newest successful change is not in the store, or not used."""
        served(self.stack)
        kept = self.stack.api.must("GET", "/devices/f/tags/step")["modbus"]["offset"]
        self.say()
        expected = [self.number - self.offset]
        self.wait(lambda: numbers(self.link, 3, STEP, 1) == expected and not self.wrong())
        return int(kept != self.offset or numbers(self.link, 3, STEP, 1) != expected)
