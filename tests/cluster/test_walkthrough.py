"""Follows "A pair in ten minutes" of docs/scaling.md, as it is written, on two machines; then what a pair
goes through: its leader is lost and comes back, and both sides have changed their configuration."""

import json
import re

import pytest

import installed
from harness import ROOT, eventually
from netns import Network
from pages import WALK, blocks, pattern
from parts import HousedBroker

ADDRESSES = {"gw-a": "10.0.0.11", "gw-b": "10.0.0.12", "broker": "10.0.0.1", "scada": "10.0.0.20"}
FLOATING = "10.0.0.10"
API = "https://127.0.0.1:5000/api/v1"


class Plant:
    def __init__(self, folder):
        self.network = Network(*ADDRESSES)
        try:
            self._start(folder)
        except BaseException:
            self.network.close()
            raise

    def _start(self, folder):
        for name, address in ADDRESSES.items():
            machine = self.network[name]
            with machine.inside():
                installed.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
            machine.address = address
        (folder / "broker").mkdir()
        HousedBroker(self.network["broker"], folder / "broker").start()
        installed.install(folder / "image")
        self.machines = {name: installed.Installed(self.network[name], folder / "image", folder / name)
                         for name in ("gw-a", "gw-b", "scada")}
        self.stopped = None

    def __getitem__(self, name):
        return self.machines[name]

    def master(self):
        """The machine with the floating address, and the other one."""
        def one():
            found = sorted(("gw-a", "gw-b"),
                           key=lambda name: FLOATING not in self.network[name].addresses())
            has = [FLOATING in self.network[name].addresses() for name in found]
            return has == [True, False] and [self[name] for name in found]
        return eventually(one, "one machine with the address")

    def meant(self, where):
        """The machines of which a step speaks."""
        if where == "On both machines":
            return [self["gw-a"], self["gw-b"]]
        if where == "On the machine with the floating address":
            self.stopped = self.master()[0]
            return [self.stopped]
        if where == "On the machine with the stopped daemon":
            return [self.stopped]
        return [self["scada" if "SCADA" in where else where.removeprefix("On ")]]

    def do(self, where, language, body):
        """A block of a step. What is to be printed follows the commands."""
        for machine in self.meant(where):
            if language == "sh":
                self.output[machine] = machine.run(body, must="mbpoll" not in body)
                self.newest[machine] = re.sub(r"^sudo systemctl.*\n", "", body, flags=re.M)
                token = re.search(r"^tf_\w+$", self.output[machine], re.M)
                if token:
                    for each in self.machines.values():
                        each.words["TOKEN"] = token.group()
            elif language == "ini":
                machine.write(re.match(r"# (/\S+)\n", body)[1], body)
            else:
                self.see(machine, pattern(body))

    def see(self, machine, wanted):
        """A person types more slowly than a pair settles."""
        def seen():
            found = wanted.search(self.output[machine])
            if not found:
                self.output[machine] = machine.run(self.newest[machine], must=False)
            return found
        try:
            eventually(seen)
        except AssertionError as fault:
            raise AssertionError(f"{machine.machine.name}: {self.newest[machine]}\nprints\n"
                                 f"{self.output[machine]}\ninstead of {wanted.pattern}") from fault

    def follow_page(self):
        text = (ROOT / "docs/scaling.md").read_text().partition(f"\n## {WALK}\n")[2]
        steps = re.split(r"^\*\*\d+\. (.*?)\*\*", text.partition("\n## ")[0], flags=re.M)[1:]
        assert len(steps) > 20
        self.output, self.newest = {}, {}
        for where, step in zip(steps[::2], steps[1::2]):
            for language, body, _ in blocks(step):
                if not body.startswith("$"):  # lines of a file, as they are
                    self.do(where, language, body)

    def gateway(self, machine):
        answer = machine.run(f"curl -sS --cacert /etc/tagferry/pair.pem -H 'Authorization: Bearer TOKEN' "
                             f"{API}/gateways", must=False)
        return next((each for each in json.loads(answer)["items"] if each["self"])) if answer[:1] == "{" else {}

    def becomes(self, machine, **wanted):
        eventually(lambda: wanted.items() <= self.gateway(machine).items(),
                   f"{machine.machine.name} to be {wanted}")

    def describe(self, machine, device, text, must=True):
        """Changes the configuration."""
        return machine.run(
            "curl -sS --fail --cacert /etc/tagferry/pair.pem -H 'Authorization: Bearer TOKEN' "
            f"-H 'Content-Type: application/json' -X PATCH {API}/devices/{device} "
            f"-d '{{\"description\": \"{text}\"}}'", must)

    def description(self, machine):
        return json.loads(machine.run(
            f"curl -sS --cacert /etc/tagferry/pair.pem -H 'Authorization: Bearer TOKEN' {API}/devices/boiler-7"))[
                "description"]


@pytest.fixture
def plant(namespaces, tmp_path):
    reason = installed.why_impossible(tmp_path)
    if reason:
        pytest.skip(reason)
    made = Plant(tmp_path)
    yield made
    made.network.close()


def test_a_pair_in_ten_minutes(plant):
    plant.follow_page()
    a, b = plant["gw-a"], plant["gw-b"]
    for each in (a, b):  # people wait, tests do not
        each.run("sed -i 's/roles 15/roles 8/; s/interval 5/interval 1/' /etc/keepalived/keepalived.conf\n"
                 "systemctl restart keepalived")
    # gw-a makes a change that gw-b never gets, and is lost.
    plant.network.cut("gw-a", "gw-b")
    plant.network.cut("gw-b", "gw-a")
    plant.describe(a, "boiler-7", "only gw-a has it")
    a.lose_power()
    plant.network.heal()
    plant.network["gw-a"].unplug()
    plant.becomes(b, role="leader", term=plant.gateway(b)["term"] + 1)
    plant.describe(b, "boiler-7", "changed at gw-b")
    # It comes back, follows, and has kept its own.
    a.power_up()
    plant.becomes(a, role="follower", leader="https://10.0.0.12:5000", last_error=None)
    eventually(lambda: plant.description(a) == "changed at gw-b", "gw-a to have the configuration")
    kept = re.search(r"kept as (/var/lib/tagferry/tagferry\.db-term-\d+-\w+)", a.log())[1]
    assert "only gw-a has it" in a.run(f"strings {kept}")
    # The leader is lost while the other machine has the address already.
    if plant.master()[0] is b:
        b.run("systemctl stop keepalived")
        assert plant.master()[0] is a
        b.run("systemctl start keepalived")
    b.lose_power()
    plant.becomes(a, role="leader")
    b.power_up()
    plant.becomes(b, role="follower", leader="https://10.0.0.11:5000", last_error=None)
    # Both start at once: nothing changes.
    before = plant.gateway(a)["term"]
    for each in (a, b):
        each.lose_power()
    for each in (a, b):
        each.power_up()
    plant.becomes(a, role="leader", term=before, last_error=None)
    plant.becomes(b, role="follower", term=before, last_error=None)
    plant.master()
