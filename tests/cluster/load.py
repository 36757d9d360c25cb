"""The load of a pair: devices that publish numbered values and hear commands, and a SCADA client on
the floating address that polls and writes setpoints. Both record what they see."""

import collections
import itertools
import json
import pathlib
import socket
import struct
import threading
import time

import paho.mqtt.client as paho

from harness import DEADLINE, eventually
from mqttd_helpers import back, tag
from parts import FLOATING, MODBUS, MQTT
from wire import frame, read_request, write_request

VALUES = 400        # each number goes to a tag of its own, so that no later one hides its loss
SETPOINTS = 10
TOPIC, COMMANDS = "cluster/values", "cluster/set"
NEWEST = 2 * VALUES  # the input register of the newest number
PACE_S = 0.02       # from one value, and from one poll, to the next
PATIENCE_S = 0.1    # of SCADA, for an answer and for a connection


def configure(api):
    """The device and its tags."""
    api.must("POST", "/import?mode=replace", {"devices": [{
        "name": "plant", "mqtt": {"topic": TOPIC},
        "tags": [*(tag(f"v{n}", 2 * n, "uint32", "input_register") for n in range(VALUES)),
                 tag("newest", NEWEST, "uint32", "input_register"),
                 *(back(f"s{n}", 2 * n, "uint32", COMMANDS) for n in range(SETPOINTS))]}]})


# A command that the devices have heard.
Command = collections.namedtuple("Command", "at tag number")


class Devices:
    """Publishes numbers with QoS 1, as fast as `PACE_S` says, and hears commands."""

    def __init__(self, machine, broker):
        self.number = 0
        self.sent = {}      # the newest number of each tag
        self.waiting, self.early, self.lock = set(), set(), threading.Lock()
        self.heard = []     # a Command each
        self.flowing = threading.Event()
        self.ended = threading.Event()
        ready = threading.Event()
        self.client = paho.Client("devices", clean_session=False)
        self.client.max_inflight_messages_set(1000)
        self.client.reconnect_delay_set(0.05, 0.1)
        self.client.on_message = self._hear
        self.client.on_publish = self._acknowledged
        self.client.on_subscribe = lambda *_: ready.set()
        self.client.on_connect = lambda *_: self.client.subscribe(COMMANDS, 1)
        with machine.inside():
            self.client.connect(broker.address, MQTT)
            self.client.loop_start()
        assert ready.wait(DEADLINE)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _hear(self, _client, _data, message):
        at = time.monotonic()
        self.heard += [Command(at, *each) for each in json.loads(message.payload).items()]

    def _acknowledged(self, _client, _data, number):
        with self.lock:
            if number in self.waiting:
                self.waiting.discard(number)
            else:
                self.early.add(number)

    def _run(self):
        while not self.ended.wait(PACE_S):
            if self.flowing.is_set():
                self.say()

    def say(self):
        self.number += 1
        name = f"v{self.number % VALUES}"
        self.sent[name] = self.number
        number = self.client.publish(
            TOPIC, json.dumps({"newest": self.number, name: self.number}), qos=1).mid
        with self.lock:
            if number in self.early:
                self.early.discard(number)
            else:
                self.waiting.add(number)

    def settle(self):
        eventually(lambda: not self.waiting, "the broker to acknowledge")

    def close(self):
        self.ended.set()
        self.thread.join()
        self.client.disconnect()
        self.client.loop_stop()


# One exchange of SCADA's: when it ended, what it was, and the number; None: no answer. Of a write also
# which machine had the address, as far as SCADA's machine knows.
Exchange = collections.namedtuple("Exchange", "at kind number answered mac", defaults=[None])


def mac_of(address):
    """Of the neighbour with this address, in the calling thread's machine; None: unknown."""
    for line in pathlib.Path("/proc/thread-self/net/arp").read_text().splitlines():
        words = line.split()
        if words[0] == address:
            return words[3]
    return None


class Scada:
    """Polls the newest number and writes setpoints at the floating address, one request at a time;
    connects again after each failure."""

    def __init__(self, machine):
        self.machine, self.socket = machine, None
        self.record = []
        self.number = 0
        self.flowing = threading.Event()
        self.idle = threading.Event()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        with self.machine.inside():
            for turn in itertools.count():
                if self.ended.wait(PACE_S):
                    return
                if not self.flowing.is_set():
                    self.idle.set()
                    continue
                self._read() if turn % 3 else self._write()

    def _read(self):
        answer = self._ask(read_request(4, NEWEST, 2))
        shown = struct.unpack(">I", answer[2:])[0] if answer else None
        self.record.append(Exchange(time.monotonic(), "read", shown, bool(answer)))

    def _write(self):
        self.number += 1
        at = 2 * (self.number % SETPOINTS)
        answer = self._ask(write_request(at, *divmod(self.number, 65536)))
        self.record.append(
            Exchange(time.monotonic(), "write", self.number, bool(answer), mac_of(FLOATING)))

    def _ask(self, pdu):
        """The answer, or None: the request may have been executed all the same."""
        try:
            if not self.socket:
                self.socket = socket.create_connection((FLOATING, MODBUS), PATIENCE_S)
                self.socket.settimeout(PATIENCE_S)
            self.socket.sendall(frame(pdu))
            answer = self._receive(self._receive_length())
            assert answer[1] == pdu[0], f"exception {answer[2]}"
            return answer[1:]
        except (OSError, AssertionError):
            self._drop()
            return None

    def _receive_length(self):
        return struct.unpack(">H", self._receive(6)[4:])[0]

    def _receive(self, count):
        found = b""
        while len(found) < count:
            more = self.socket.recv(count - len(found))
            if not more:
                raise ConnectionResetError
            found += more
        return found

    def _drop(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def start(self):
        self.idle.clear()
        self.flowing.set()

    def pause(self):
        self.flowing.clear()
        self.idle.clear()
        assert self.idle.wait(DEADLINE)

    def sees_new(self):
        """Waits until the values at the floating address move."""
        mark = len(self.record)
        eventually(lambda: len({each.number for each in self.record[mark:]
                                if each.kind == "read" and each.answered}) >= 3, "values that move")

    def close(self):
        self.ended.set()
        self.thread.join()
        self._drop()
