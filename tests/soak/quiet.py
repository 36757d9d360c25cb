"""A quiet point: the load waits, all parts run, and all values must agree with the model."""

import signal
import time

import tags
from harness import eventually
from load import Link
from mqttd_helpers import served
from store_file import read_store

PATIENCE_S = 20


class Quiet:
    """Compares registers, values, stream, store and commands with the model."""

    def __init__(self, soak):
        self.soak, self.stack, self.wrong = soak, soak.stack, soak.wrong
        self.link = Link(soak.stack.modbusd)
        self.points = 0
        self.compared = 0
        self.churn = {}

    def check(self):
        """One quiet point, from closing the gate to opening it."""
        soak = self.soak
        soak.gate.close()
        eventually(soak.gate.is_quiet, "the load to pause")
        soak.disturber.check_alive()
        soak.publisher.settle()
        soak.disturber.flows()
        served(self.stack)
        self.check_commands()
        self.say_again()
        soak.changes.check()
        self.churn = soak.changes.say_all(soak.publisher, 1000 + self.points)
        soak.publisher.settle()
        self.check_same("registers", self.wrong_registers)
        self.check_same("/values", self.wrong_values)
        self.check_same("stream", self.wrong_stream)
        self.check_store()
        self.save_broker()
        self.points += 1
        soak.gate.reopen()

    def look(self, fault):
        """After a burst and a fault: the values sent by devices are in the registers."""
        self.soak.publisher.settle()
        self.check_same(f"after {fault.kind}", self.wrong_said)
        self.wait(lambda: not self.soak.devices.open())
        self.check_same(f"setpoints after {fault.kind}", self.wrong_setpoints)

    def wait(self, probe):
        """True when the condition held in time."""
        try:
            return eventually(probe, deadline=PATIENCE_S)
        except AssertionError:
            return False

    def check_commands(self):
        devices = self.soak.devices
        self.wait(lambda: not devices.open())
        for (device, name), commands in devices.commands.items():
            missing = commands.open()
            lost, disorder = commands.close_round()
            if lost:
                self.wrong.add(f"{lost} commands of d{device}/{name} are lost, of {missing[:20]}")
            if disorder:
                self.wrong.add(f"commands of d{device}/{name} came out of order: {disorder[:20]}")

    def say_again(self):
        """A device repeats a setpoint that hold-off ignored, like real devices; after a broker's
        kill -9 it repeats all values, because the broker may have lost acknowledged ones."""
        if not self.soak.disturber.broker_lost:
            self.check_same("setpoints", self.wrong_setpoints)
        time.sleep(tags.HOLD_OFF_S + 0.2)
        if self.soak.disturber.broker_lost:
            self.soak.publisher.say_all()
            self.soak.disturber.broker_lost = False
        else:
            for device in range(tags.DEVICES):
                self.soak.publisher.echo(device)
        self.soak.publisher.settle()

    def check_same(self, what, probe):
        """`probe` returns the deviations; there must be none before long."""
        if not self.wait(lambda: not probe()):
            found = probe()
            self.wrong.add(f"{what}: {len(found)} are not the truth: {found[:12]}")

    def expected(self):
        """(device, tag, value) of the values sent."""
        values = self.soak.publisher.values
        for device in range(tags.DEVICES):
            for tag in tags.SAID + [tags.NOTE, tags.SETPOINT]:
                value = values.get(tags.name(device), tag.name)
                if value is not None:
                    self.compared += 1
                    yield device, tag, value

    def wrong_setpoints(self):
        """SCADA's last write, which the device has applied, whatever the device sent before."""
        return self.wrong_said(lambda tag: tag is tags.SETPOINT)

    def wrong_said(self, is_meant=lambda tag: tag is not tags.SETPOINT):
        found = []
        for device, tag, value in self.expected():
            if not is_meant(tag):
                continue
            address = device * tags.SPAN + tag.offset
            words = self.link.registers(tag.table, address, tag.width())
            if words is not None and tag.bit is not None:
                words = [words[0] >> tag.bit & 1]
            if words != tag.words(value):
                found.append(f"d{device}/{tag.name} holds {words}, not {tag.words(value)}")
        return found

    def wrong_registers(self):
        return self.wrong_said() + self.wrong_setpoints() + self.wrong_commanded() + \
            self.wrong_churn()

    def wrong_commanded(self):
        """SCADA's writes stay where no other client writes: at least the newest acknowledged
        one."""
        found = []
        for (device, name), commands in self.soak.devices.commands.items():
            tag = next(tag for tag in tags.COMMANDS if tag.name == name)
            if tag.kind == "bool" or tag is tags.SETPOINT or commands.newest is None:
                continue
            words = self.link.registers(tag.table, device * tags.SPAN + tag.offset, tag.width())
            if words is None or words < tag.words(commands.newest):
                found.append(f"d{device}/{name} holds {words}, SCADA wrote {commands.newest}")
        return found

    def wrong_churn(self):
        first, last = min(self.churn), max(self.churn)
        held = {}
        for address in range(first, last + 1, 100):
            count = min(100, last + 1 - address)
            words = self.link.registers("holding_register", address, count) or [None] * count
            held.update(zip(range(address, address + count), words))
        return [f"holding register {address} holds {held[address]}, not {word}"
                for address, word in self.churn.items()
                if word is not None and held[address] != word]

    def differences(self, shown):
        return [f"d{device}/{tag.name} shows {shown.get(f'd{device}/{tag.name}')!r}, "
                f"not {tag.shown(value)!r}" for device, tag, value in self.expected()
                if shown.get(f"d{device}/{tag.name}") != tag.shown(value)]

    def wrong_values(self):
        items = self.stack.api.must("GET", "/values?limit=1000")["items"]
        return self.differences({f"{v['device']}/{v['tag']}": v["value"] for v in items})

    def wrong_stream(self):
        return self.differences(dict(self.soak.reader.values))

    def check_store(self):
        path = self.stack.common["common.database"]
        with read_store(path) as store:
            answer = store.execute("PRAGMA integrity_check").fetchall()
        if answer != [("ok",)]:
            self.wrong.add(f"integrity_check: {answer}")

    def save_broker(self):
        """The broker saves its sessions, so that a kill -9 loses no subscription."""
        saved = self.stack.broker.folder / "mosquitto.db"
        before = saved.stat().st_mtime_ns if saved.exists() else 0
        self.stack.broker.signal(signal.SIGUSR1)
        eventually(lambda: saved.exists() and saved.stat().st_mtime_ns > before,
                   "the broker to save")
