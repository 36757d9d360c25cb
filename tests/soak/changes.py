"""Changes the configuration over REST, and holds the model of their results."""

import collections
import copy
import random

import tags
from load import UNSURE, Worker

DEVICES, SLOTS = 4, 8
FIRST = 20000       # the first holding register of these devices
KINDS = ["uint16", "int32", "float32", "uint32", "float64"]


class Changes(Worker):
    """Creates, changes and deletes devices and their tags. `truth` has the fields and tags of each
    device by name; each change answered 2xx must persist, whatever is killed."""

    def __init__(self, gate, wrong, stack, rate, seed):
        super().__init__("changes", gate, wrong)
        self.stack, self.pause = stack, 1 / rate
        self.rng = random.Random(f"changes {seed}")
        self.truth = {f"c{n}": None for n in range(DEVICES)}
        self.done = collections.Counter()
        self.unsure = 0
        self.topics = 0

    # The current state.

    def region(self, device):
        return FIRST + int(device[1:]) * 10 * SLOTS

    def found(self, device):
        """The device in the API; raises one of UNSURE when the API does not answer."""
        answer = self.stack.api.get(f"/devices/{device}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise OSError(f"{answer.status} for {device}")
        body = answer.json()
        listed = self.stack.api.get(f"/devices/{device}/tags?limit=1000")
        if listed.status != 200:
            raise OSError(f"{listed.status} for the tags of {device}")
        return {"enabled": body["enabled"], "topic": body["mqtt"]["topic"],
                "description": body["description"],
                "tags": {tag["name"]: {"enabled": tag["enabled"], "key": tag["mqtt"]["key"],
                                       "address": tag["modbus"]["address"],
                                       "type": tag["modbus"]["type"],
                                       "byte_order": tag["modbus"]["byte_order"]}
                         for tag in listed.json()["items"]}}

    # The actions. Each returns (method, path, body, the device afterwards).

    def create(self, device):
        self.topics += 1
        after = {"enabled": True, "topic": f"soak/{device}/{self.topics}",
                 "description": f"made {self.topics}", "tags": {}}
        body = {"name": device, "description": after["description"],
                "mqtt": {"topic": after["topic"]}}
        return "POST", "/devices", body, after

    def delete(self, device):
        return "DELETE", f"/devices/{device}", None, None

    def switch(self, device):
        after = copy.deepcopy(self.truth[device])
        after["enabled"] = not after["enabled"]
        return "PATCH", f"/devices/{device}", {"enabled": after["enabled"]}, after

    def move(self, device):
        after = copy.deepcopy(self.truth[device])
        self.topics += 1
        after["topic"] = f"soak/{device}/{self.topics}"
        return "PATCH", f"/devices/{device}", {"mqtt": {"topic": after["topic"]}}, after

    def some_tag(self, device):
        """A tag's fields, at an address of its slot: tags never overlap."""
        slot = self.rng.randrange(SLOTS)
        fields = {"enabled": self.rng.random() < 0.9, "key": f"k{self.rng.randrange(3)}",
                  "address": self.region(device) + 10 * slot + self.rng.choice((0, 4)),
                  "type": self.rng.choice(KINDS),
                  "byte_order": self.rng.choice(("ABCD", "CDAB", "BADC", "DCBA"))}
        return f"t{slot}", fields

    def put_tag(self, device):
        name, fields = self.some_tag(device)
        after = copy.deepcopy(self.truth[device])
        after["tags"][name] = fields
        body = {"enabled": fields["enabled"], "mqtt": {"key": fields["key"]},
                "modbus": {"table": "holding_register", "address": fields["address"],
                           "type": fields["type"], "byte_order": fields["byte_order"]}}
        return "PUT", f"/devices/{device}/tags/{name}", body, after

    def patch_tag(self, device):
        after = copy.deepcopy(self.truth[device])
        name = self.rng.choice(sorted(after["tags"]))
        after["tags"][name]["enabled"] = not after["tags"][name]["enabled"]
        body = {"enabled": after["tags"][name]["enabled"]}
        return "PATCH", f"/devices/{device}/tags/{name}", body, after

    def delete_tag(self, device):
        after = copy.deepcopy(self.truth[device])
        name = self.rng.choice(sorted(after["tags"]))
        del after["tags"][name]
        return "DELETE", f"/devices/{device}/tags/{name}", None, after

    def draw(self):
        device = f"c{self.rng.randrange(DEVICES)}"
        if self.truth[device] is None:
            return device, self.create
        kinds = {self.put_tag: 10, self.switch: 1, self.move: 1, self.delete: 1}
        if self.truth[device]["tags"]:
            kinds.update({self.patch_tag: 4, self.delete_tag: 4})
        return device, self.rng.choices(list(kinds), list(kinds.values()))[0]

    def work(self):
        while self.gate.turn(self.name, self.pause):
            self.change(*self.draw())

    def change(self, device, kind):
        method, path, body, after = kind(device)
        try:
            answer = self.stack.api.request(method, path, body)
        except UNSURE:
            return self.make_sure(device, after)
        if answer.status == 503:
            return self.make_sure(device, after)
        if answer.status not in (200, 201, 204):
            self.wrong.add(f"{method} {path} {body}: {answer.status} {answer.body}")
            return self.make_sure(device, after)
        self.truth[device] = after
        self.done[kind.__name__] += 1
        return None

    def make_sure(self, device, after):
        """The result is unknown: both states are correct, nothing else."""
        self.unsure += 1
        while not self.gate.ended.is_set():
            try:
                found = self.found(device)
                break
            except UNSURE:
                self.gate.ended.wait(0.1)
        else:
            return
        if found not in (self.truth[device], after):
            self.wrong.add(f"{device} is {found}, neither {self.truth[device]} nor {after}")
        self.truth[device] = found

    def check(self):
        """All acknowledged changes exist."""
        for device, expected in self.truth.items():
            found = self.found(device)
            if found != expected:
                self.wrong.add(f"REST: {device} is {found}, not {expected}")
                self.truth[device] = found

    def say_all(self, publisher, number):
        """New values for all tags, and the expected registers; None: any."""
        expected = {}
        for device, fields in self.truth.items():
            first = self.region(device)
            words = dict.fromkeys(range(first, first + 10 * SLOTS), 0)
            for tag in fields["tags"].values() if fields else ():
                value = number + int(tag["key"][1:])
                shown = tags.words_of(value, tag["type"], tag["byte_order"])
                live = fields["enabled"] and tag["enabled"]
                words.update((tag["address"] + n, word if live else None)
                             for n, word in enumerate(shown))
            expected.update(words)
            if fields:
                keys = ", ".join(f'"k{n}": {number + n}' for n in range(3))
                publisher.send(fields["topic"], "{%s}" % keys)
        return expected
