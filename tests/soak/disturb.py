"""The faults: a plan drawn from a seed, and the time until the flow recovers."""

import collections
import random
import signal
import time

import tags
from harness import DEADLINE, eventually
from load import UNSURE, Link

Fault = collections.namedtuple("Fault", "kind action parts down ambush")

RESTARTS = 0.75  # share of a storm: restarts of daemons
BESIDE = 0.15    # share of these while mqttd cannot write accepted values
# Faults after which the load waits: all devices send values, the fault follows after this many
# seconds, and the values must reach the registers: a later message would hide a loss.
AMBUSHES, BURST = 0.5, 4
DAEMONS = ("mqttd", "modbusd", "api")


class Plan:
    """Draws faults. In a storm daemons are killed; in a calm they keep running, so that leaks
    become visible."""

    def __init__(self, seed):
        self.rng = random.Random(f"faults {seed}")

    def draw(self, storm):
        if storm and self.rng.random() < RESTARTS:
            return self.restart()
        return self.trouble()

    def restart(self):
        if self.rng.random() < BESIDE:
            return Fault("kill -9 mqttd while modbusd is stopped", "beside", ("mqttd",),
                         self.rng.uniform(0.1, 0.6), self.rng.uniform(0, 0.01))
        parts = self.rng.sample(DAEMONS, self.rng.choices((1, 2, 3), (80, 14, 6))[0])
        action = self.rng.choices(("kill", "term"), (75, 25))[0]
        return self.fault(action, sorted(parts), self.rng.uniform(0, 1.2))

    def trouble(self):
        action, parts = self.rng.choice([
            ("stop", ("mqttd",)), ("stop", ("modbusd",)), ("stop", ("api",)), ("stop", ("broker",)),
            ("hup", ("mqttd",)), ("hup", ("modbusd",)), ("hup", ("api",)),
            ("term", ("broker",)), ("kill", ("broker",))])
        return self.fault(action, parts, self.rng.uniform(0, 1.5))

    def fault(self, action, parts, down):
        words = {"kill": "kill -9", "term": "SIGTERM", "stop": "SIGSTOP", "hup": "SIGHUP"}
        ambush = self.rng.uniform(0, 0.03) if self.rng.random() < AMBUSHES else None
        return Fault(f"{words[action]} {'+'.join(parts)}", action, tuple(parts), down, ambush)

    def pause(self):
        return self.rng.uniform(0.2, 3.0)


class Disturber:
    """Executes the plan, and measures the recovery."""

    def __init__(self, soak):
        self.stack, self.publisher, self.devices = soak.stack, soak.publisher, soak.devices
        self.scada = soak.scada
        self.gate, self.wrong, self.log = soak.gate, soak.wrong, soak.log
        self.link = Link(soak.stack.modbusd)
        self.recoveries = collections.defaultdict(list)
        self.counts = collections.Counter()
        self.kills = collections.Counter()  # by daemon
        self.canary = 0
        self.broker_lost = False  # since the devices have sent all values once more

    def part(self, name):
        return getattr(self.stack, name)

    def check_alive(self):
        """A daemon that exits by itself is a finding, and is restarted."""
        for name in (*DAEMONS, "broker"):
            part = self.part(name)
            if not part.alive():
                self.wrong.add(f"{name} ended by itself with {part.process.poll()}:\n"
                               f"{part.log()[-1000:]}")
                part.start()

    def do(self, fault, look):
        """Calls `look` after an ambush, to check that all sent values have arrived."""
        self.check_alive()
        self.log(f"{fault.kind}, down for {fault.down:.2f} s"
                 + (f", {fault.ambush * 1000:.0f} ms after a burst" if fault.ambush else ""))
        if fault.ambush is None:
            self.happen(fault)
            return
        self.gate.close()
        eventually(self.gate.is_quiet, "the load to pause")
        for _ in range(BURST):
            self.publisher.say_all()
        time.sleep(fault.ambush)
        self.happen(fault)
        if not self.broker_lost:
            look(fault)
        self.gate.reopen()

    def happen(self, fault):
        self.counts[fault.kind] += 1
        began = getattr(self, fault.action)(fault)
        if fault.action in ("kill", "beside"):
            self.kills.update(fault.parts)
        self.wait_back(fault)
        self.recoveries[fault.kind].append(time.monotonic() - began)

    def kill(self, fault):
        if "broker" in fault.parts:
            self.commands_arrive()
        for name in fault.parts:
            self.part(name).kill()
        if "broker" in fault.parts:
            self.broker_lost = True
            for commands in self.devices.commands.values():
                commands.broker_died()
        return self.start_again(fault)

    def commands_arrive(self):
        """So that earlier losses are not attributed to the broker."""
        try:
            eventually(lambda: all(commands.are_on_their_way()
                                   for commands in self.devices.commands.values()))
        except AssertionError:
            self.wrong.add(f"commands do not reach the devices: {self.devices.open()}")

    def beside(self, fault):
        """Values are acknowledged but cannot be written; then mqttd is killed."""
        self.stack.modbusd.signal(signal.SIGSTOP)
        self.publisher.say_all()
        time.sleep(fault.down)
        self.stack.mqttd.kill()
        self.stack.modbusd.signal(signal.SIGCONT)
        began = time.monotonic()
        self.stack.mqttd.start()
        return began

    def term(self, fault):
        for name in fault.parts:
            status = self.part(name).stop()
            if status != 0:
                self.wrong.add(f"{name} ended with {status} after SIGTERM")
        return self.start_again(fault)

    def start_again(self, fault):
        if fault.ambush is not None and fault.parts in (("mqttd",), ("api", "mqttd")):
            self.write_setpoints()
        time.sleep(fault.down)
        began = time.monotonic()
        for name in fault.parts:
            self.part(name).start(wait=name == "broker")
        for name in fault.parts:
            if name != "broker":
                self.part(name).wait_ready()
        return began

    def write_setpoints(self):
        """While older reports of them wait at the broker."""
        for device in range(tags.DEVICES):
            self.publisher.echo(device)
            self.scada.write(device, tags.SETPOINT)

    def stop(self, fault):
        for name in fault.parts:
            self.part(name).signal(signal.SIGSTOP)
        time.sleep(fault.down)
        for name in fault.parts:
            self.part(name).signal(signal.SIGCONT)
        return time.monotonic()

    def hup(self, fault):
        """One fault, or a storm of faults."""
        for _ in range(1 if fault.down < 0.7 else 50):
            for name in fault.parts:
                self.part(name).signal(signal.SIGHUP)
        return time.monotonic()

    def wait_back(self, fault):
        if "api" in fault.parts:
            self.api_answers()
        if fault.parts != ("api",):
            self.flows()

    def api_answers(self):
        def probe():
            try:
                return self.stack.api.get("/devices?limit=1").status == 200
            except UNSURE:
                return False
        eventually(probe, "the API to answer")

    def flows(self):
        """Sends a new value from a device to its register."""
        first, said_at = self.canary + 1, 0.0
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if time.monotonic() - said_at > 1:  # a killed broker may lose one
                self.canary += 1
                self.publisher.canary(self.canary)
                said_at = time.monotonic()
            words = self.link.registers("input_register", tags.CANARY.offset, 2)
            if words and words[0] << 16 | words[1] >= first:
                return
            time.sleep(0.005)
        raise AssertionError(f"no value flows after {DEADLINE} s")
