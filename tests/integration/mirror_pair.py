"""A pair of gateways: two sets of daemons, one broker, one configuration."""

import json

from gateways import Gateway, finish_all
from harness import Stack, eventually
from mqttd_helpers import metrics, served

GATEWAY = "line-1"
FAST = {"settle_ms": 20}


class Side(Gateway):
    """One gateway of the pair."""

    def __init__(self, folder, broker, name):
        super().__init__(folder, GATEWAY, broker)
        self.name = name

    def begin(self, **options):
        return self.start_daemons(mqttd={"mqttd__client_id": f"tagferry-{self.name}", **options})

    def metric(self, name):
        return metrics(self).get(name, 0)

    def ignored(self, reason):
        return self.metric(f'mirror_ignored_total{{reason="{reason}"}}')

    def write(self, table, address, words):
        with self.modbusd.client() as client:
            if table == "coil":
                client.write_coil(address, bool(words[0]))
            elif len(words) == 1:
                client.write_one(address, words[0])
            else:
                client.write(address, *words)

    def read(self, address, count=1, table="holding_register"):
        with self.modbusd.client() as client:
            return client.read(table, address, count)


class Pair:
    def __init__(self, folder, *lines, persistence=False):
        self.stack = Stack(folder)
        self.folder = folder
        self.broker = self.stack.start_broker(*lines, persistence=persistence)
        self.sides = []
        self.listeners = []

    def side(self, name, **options):
        self.sides.append(Side(self.folder / name, self.broker, name))
        return self.sides[-1].begin(**options)

    def configure(self, action):
        """The same change on all sides."""
        for side in self.sides:
            action(side.api)
        for side in self.sides:
            served(side)

    def mirrors(self):
        for side in self.sides:
            self.open(side)

    @staticmethod
    def open(side):
        """Waits until the newest connection has tested the mirror topic."""
        def probe():
            log = side.mqttd.log()
            return log.rfind("setpoints are mirrored below") > log.rfind("connected to broker")
        eventually(probe, f"{side.name} mirrors")

    def listen(self):
        self.listeners.append(self.broker.subscribe("cmd/#"))
        return self.listeners[-1]

    def retained(self, count):
        """The retained setpoints, by device and tag."""
        listener = self.broker.subscribe(f"tagferry/mirror/{GATEWAY}/+/+")

        def setpoints():
            """Not the message that a gateway sends after them to itself, when it asks for them just then."""
            return [each for each in listener.messages if "/%/" not in each[0]]
        try:
            eventually(lambda: len({topic for topic, _ in setpoints()}) >= count, "them all")
            found = [json.loads(text) for _, text in setpoints() if text]
            return {(each["device"], each["tag"]): each for each in found}
        finally:
            listener.close()

    def finish(self):
        for listener in self.listeners:
            listener.close()
        finish_all([self.stack, *self.sides])
