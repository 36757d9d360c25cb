"""An edge node of Sparkplug B for the tests. Its payloads are made and read by a codec of other
people, sparkplug-payload of Eclipse Tahu, in a process of Node.js."""

import json
import os
import pathlib
import shutil
import subprocess
import threading

import paho.mqtt.client as paho

from harness import DEADLINE, ROOT, eventually

TOOLS = pathlib.Path(os.environ["TAGFERRY_BIN"]).resolve().parent / "tests" / "sparkplug-tools"


class Codec:
    """Encodes and decodes payloads."""

    def __init__(self):
        subprocess.run([ROOT / "tests/contract/tools", TOOLS, ROOT / "tests/sparkplug"], check=True,
                       stdout=subprocess.DEVNULL)
        node = shutil.which("node") or "nodejs"
        self.process = subprocess.Popen([node, ROOT / "tests/sparkplug/codec.js"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, "NODE_PATH": str(TOOLS / "node_modules")})
        self.lock = threading.Lock()

    def ask(self, order):
        with self.lock:
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            return self.process.stdout.readline().strip()

    def encode(self, payload):
        return bytes.fromhex(self.ask({"encode": payload}))

    def decode(self, data):
        return json.loads(self.ask({"decode": data.hex()}))

    def close(self):
        self.process.stdin.close()
        self.process.wait(DEADLINE)
        self.process.stdout.close()


def metric(name, type, value, **members):
    return {"name": name, "type": type, "value": value, **members}


class EdgeNode:
    """Speaks for a node and its devices, whose metrics are given by name. `answers`: it answers a
    request for a rebirth. Commands are kept as (topic, payload)."""

    def __init__(self, broker, codec, node, metrics=(), devices=None, aliases=False, answers=True):
        self.codec, self.node = codec, node
        self.metrics, self.devices = list(metrics), devices or {}
        self.aliases, self.answers = aliases, answers
        self.session, self.seq, self.births = 0, 0, 0
        self.commands, self.rebirths = [], 0
        self.broker = broker
        self.client = None
        self.lock = threading.RLock()

    def topic(self, kind, device=None):
        return f"spBv1.0/Plant/{kind}/{self.node}" + (f"/{device}" if device else "")

    def _session_payload(self):
        return {"timestamp": 1, "metrics": [metric("bdSeq", "Int64", self.session)]}

    def connect(self):
        self.session += 1
        self.client = paho.Client(f"edge-{self.node}-{self.session}")
        self.client.will_set(self.topic("NDEATH"), self.codec.encode(self._session_payload()), 1)
        self.client.on_message = self._take
        subscribed = threading.Event()
        self.client.on_subscribe = lambda *_: subscribed.set()
        host, port = self.broker.address().rsplit(":", 1)
        self.client.connect(host, int(port))
        self.client.loop_start()
        self.client.subscribe([(self.topic("NCMD"), 1), (self.topic("DCMD", "+"), 1)])
        assert subscribed.wait(DEADLINE)
        return self

    def _take(self, _client, _data, message):
        payload = self.codec.decode(message.payload)
        if any(each.get("name") == "Node Control/Rebirth" for each in payload["metrics"]):
            self.rebirths += 1
            if self.answers:  # not in the client's thread, which has to send it
                threading.Thread(target=self.birth).start()
            return
        self.commands.append((message.topic, payload))

    def publish(self, kind, device, metrics, **members):
        """With the next sequence number, unless `seq` gives another."""
        with self.lock:
            payload = {"timestamp": 1700000000000, "seq": self.seq, "metrics": metrics, **members}
            self.seq = (payload["seq"] + 1) % 256
            self.send(self.topic(kind, device), self.codec.encode(payload))

    def send(self, topic, data):
        self.client.publish(topic, data, 1).wait_for_publish()

    def _born(self, metrics, first):
        return [{**each, "alias": first + at} if self.aliases else each
                for at, each in enumerate(metrics)]

    def birth(self):
        with self.lock:
            self.seq = 0
            control = [metric("Node Control/Rebirth", "Boolean", False)]
            own = self._session_payload()["metrics"] + control + self._born(self.metrics, 1)
            self.publish("NBIRTH", None, own)
            for at, (device, metrics) in enumerate(self.devices.items()):
                self.publish("DBIRTH", device, self._born(metrics, 1000 * (at + 1)))
            self.births += 1

    def data(self, device, *metrics, **members):
        self.publish("DDATA" if device else "NDATA", device, list(metrics), **members)

    def die(self):
        """As a node that has lost its power: the broker publishes its will."""
        self.client.loop_stop()
        self.client.socket().close()
        self.client = None

    def close(self):
        if self.client:
            self.client.loop_stop()
            self.client.disconnect()

    def wait_commands(self, count):
        eventually(lambda: len(self.commands) >= count, f"{count} commands")
        return self.commands
