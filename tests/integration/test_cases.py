"""Small inputs on which the daemons were wrong once: what is set up, what comes in, what must be there.

cases.json is a list. A case has `devices` and `tags` as they are PUT (a tag under "device/tag"), `steps`
in order, and what is expected after them.

steps         ["pub", topic, payload], ["retain", topic, payload]: a payload with hex: in front is bytes
              ["wait", s]: lets so much time pass; it is part of the input
              ["pdu", hex]: a Modbus request to unit 1 on the SCADA side
              ["forget"]: commands published until here do not count
              ["patch", name, body], ["put", name, body]: of a device or a "device/tag"
              ["kill", part], ["start", part]: mqttd, modbusd or the broker, by SIGKILL
expectations  ["words", table, address, [numbers]]: what a client reads; null is anything
              ["value", "device/tag", {members}], ["device", name, {members}]: of the value, of the status
              ["commands", topic, [payloads]]: all that were published there, compared as JSON
              ["answer", "device/tag" or name, [codes]]: the warnings in the answer that set it up
"""

import json
import pathlib
import socket
import struct
import time

import pytest

from harness import DEADLINE, eventually
from mqttd_helpers import landed, served

CASES = json.loads((pathlib.Path(__file__).parent / "cases.json").read_text())


class Bench:
    """A case on real daemons."""

    def __init__(self, plant, case):
        self.plant, self.case = plant, case
        self.forgotten = {}
        self.warnings = {}
        topics = {row[1] for row in case["expect"] if row[0] == "commands"}
        self.commands = {topic: plant.broker.subscribe(topic) for topic in sorted(topics)}
        self.marks = 0

    def put(self, name, body, method="PUT"):
        device, _, tag = name.partition("/")
        path = f"/devices/{device}/tags/{tag}" if tag else f"/devices/{device}"
        answer = self.plant.api.must(method, path, body)
        found = answer.get("warnings", []) + answer.get("modbus", {}).get("warnings", [])
        self.warnings[name] = sorted(warning["code"] for warning in found)
        if self.plant.mqttd.alive():
            served(self.plant)

    def publish(self, topic, payload, *options):
        data = bytes.fromhex(payload[4:]) if payload.startswith("hex:") else payload
        self.plant.broker.publish(topic, data, *options)

    def request(self, text):
        """One request. The case ignores its answer, or the end of the connection."""
        body = bytes.fromhex(text)
        host, port = self.plant.modbusd.address().rsplit(":", 1)
        with socket.create_connection((host, int(port)), DEADLINE) as link:
            link.sendall(struct.pack(">HHHB", 1, 0, len(body) + 1, 1) + body)
            link.recv(512)
        if self.plant.mqttd.alive():
            landed(self.plant)

    def part(self, name):
        return {"mqttd": self.plant.mqttd, "modbusd": self.plant.modbusd,
                "broker": self.plant.broker}[name]

    def start(self, name):
        self.part(name).start()
        if name != "modbusd":
            self.plant.mqttd.wait_log("(?s).*connected to broker")
            served(self.plant)

    def step(self, word, *rest):
        steps = {
            "pub": self.publish,
            "retain": lambda topic, payload: self.publish(topic, payload, "-r"),
            "wait": time.sleep,
            "pdu": self.request,
            "forget": self.forget,
            "put": self.put,
            "patch": lambda name, body: self.put(name, body, "PATCH"),
            "kill": lambda name: self.part(name).kill(),
            "start": self.start,
        }
        steps[word](*rest)

    def heard(self, topic):
        """All commands there. A later message shows that none is still under way."""
        listener = self.commands[topic]
        self.marks += 1
        mark = (topic, f"mark {self.marks}")
        self.plant.broker.publish(*mark)
        eventually(lambda: mark in listener.messages, "the mark behind the commands")
        return [json.loads(text) for _, text in listener.messages if not text.startswith("mark ")]

    def forget(self):
        self.forgotten = {topic: len(self.heard(topic)) for topic in self.commands}

    def seen(self, word, name, *rest):
        """The current value for the last member of the expectation."""
        if word == "words":
            address, numbers = rest
            with self.plant.modbusd.client() as client:
                words = [int(word) for word in client.read(name, address, len(numbers))]
            return [None if wanted is None else word for word, wanted in zip(words, numbers)]
        if word == "commands":
            return self.heard(name)[self.forgotten.get(name, 0):]
        if word == "answer":
            return self.warnings[name]
        device, _, tag = name.partition("/")
        whole = (self.plant.api.value(device, tag) if word == "value" else
                 self.plant.api.must("GET", f"/devices/{device}/status"))
        return {member: whole[member] for member in rest[0]}

    def check(self, expectation):
        wanted = expectation[-1]
        if expectation[0] == "commands":
            wanted = [json.loads(payload) for payload in wanted]
        seen = {}

        def probe():
            seen["last"] = self.seen(*expectation)
            return seen["last"] == wanted
        try:
            eventually(probe, deadline=DEADLINE / 3)
        except AssertionError:
            raise AssertionError(f"{expectation}: {seen['last']}") from None

    def run(self):
        for name, body in self.case["devices"].items():
            self.put(name, body)
        for name, body in self.case["tags"].items():
            self.put(name, body)
        for step in self.case["steps"]:
            self.step(*step)
        for expectation in self.case["expect"]:
            self.check(expectation)


def test_no_case_stands_twice():
    names = [case["id"] for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(plant, case):
    Bench(plant, case).run()
