"""MQTT to register: messages/s and latency of the whole stack, publisher and poller outside."""

import functools
import json
import subprocess

import harness
from candidates import OneProcess, Original, Prototype, Tagferry
from measure import cpu_ns, memory_kb, say

MAX_MESSAGES = 400_000
MAX_WINDOW = 5000

KINDS = (Tagferry, Prototype, OneProcess, Original)
# Name, devices, keys of a message: measured with all stacks.
SHAPES = (("10 keys", 1, 10), ("1 key", 100, 1))
# Variation with the configuration: Tagferry only. The last number is the distance between
# registers: above 1, each register needs a separate Modbus request.
SCALES = (("10 devices", 10, 1, 1), ("1000 devices", 1000, 1, 1), ("20000 devices", 20000, 1, 1),
          ("message of 1 key", 1, 1, 1), ("message of 100 keys", 1, 100, 1),
          ("message of 10 keys, registers apart", 1, 10, 3),
          ("message of 100 keys, registers apart", 1, 100, 3))


class Run:
    """bench_flow against one stack. `prefix`: a command in front of it; `before_all`: one in front of all."""

    before_all = ()

    def __init__(self, stack, devices, keys, stride=1):
        self.stack, self.devices, self.keys, self.stride = stack, devices, keys, stride
        self.sizes = {}  # messages of a round, by QoS
        self.prefix = ()

    @property
    def name(self):
        return self.stack.name

    def flow(self, messages, qos, *options):
        command = [*Run.before_all, *self.prefix, harness.BIN / "bench_flow", "--broker", self.stack.broker_port, "--modbus",
                   self.stack.modbus_port, "--devices", self.devices, "--keys", self.keys,
                   "--stride", self.stride, "--qos", qos, "--messages", messages, *options]
        answer = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                                timeout=300, check=False)
        if answer.returncode != 0:
            raise AssertionError(f"{self.stack.name}: {answer.stderr.strip()}")
        return json.loads(answer.stdout)

    def speed(self, messages, qos):
        return self.flow(messages, qos, "--window", MAX_WINDOW, "--poll-gap", 5000)

    def size(self, qos, seconds):
        """The number of messages for a round of about `seconds`."""
        if qos not in self.sizes:
            messages = 50
            while (took := self.speed(messages, qos)["seconds"]) < seconds / 4 \
                    and messages < MAX_MESSAGES / 4:
                messages *= 4
            self.sizes[qos] = max(50, min(MAX_MESSAGES, int(messages * seconds / took)))
        return self.sizes[qos]

    def measure_speed(self, results, figure, qos, seconds):
        messages = self.size(qos, seconds)
        pids = self.stack.flow_pids()
        before = cpu_ns(*pids)
        got = self.speed(messages, qos)
        cpu_us = (cpu_ns(*pids) - before) / 1000 / messages
        results.add(f"{figure}, QoS {qos}, messages/s", self.stack.name, got["per_s"])
        results.add(f"{figure}, QoS {qos}, CPU µs/message", self.stack.name, cpu_us)
        return got["per_s"]

    def measure_latency(self, results, figure, seconds, rate=200):
        got = self.flow(int(rate * seconds), 0, "--rate", rate, "--poll-gap", 50)
        for name in ("p50_us", "p99_us", "p999_us"):
            results.add(f"{figure}, latency {name[:-3]} µs", self.stack.name, got[name])


class Field:
    """The stacks of all kinds, each with bench_flow. One that does not start is named and left out."""

    def __init__(self, results, figure, folder, devices, keys):
        self.results, self.figure, self.stacks, self.runs = results, figure, [], []
        for number, kind in enumerate(KINDS):
            stack = kind(folder / str(number))  # short, because it contains sockets
            self.stacks.append(stack)
            if results.attempt(f"{figure}, start", kind.name, stack.start, devices, keys):
                self.runs.append(Run(stack, devices, keys))

    def each(self, what, action, *arguments):
        """Calls action(run, ...) for all in turn."""
        for run in self.runs:
            self.results.attempt(f"{self.figure}, {what}", run.name, action, run, *arguments)

    def finish(self):
        for stack in reversed(self.stacks):
            self.results.attempt(f"{self.figure}, end", stack.name, stack.finish)


def measure_shape(results, options, folder, shape):
    figure, devices, keys = shape
    field = Field(results, figure, folder, devices, keys)
    try:
        for number in range(options.rounds):
            say(f"flow: {figure}, round {number + 1}")
            for qos in (0, 1):
                field.each(f"QoS {qos}", Run.measure_speed, results, figure, qos, options.seconds)
            field.each("latency", Run.measure_latency, results, figure, options.latency_seconds)
        results.attempt(f"{figure}, memory", Tagferry.name, note_memory, results, field.stacks[0], figure)
    finally:
        field.finish()


def note_memory(results, stack, figure):
    for name in ("modbusd", "mqttd", "api"):
        pid = getattr(stack.stack, name).process.pid
        results.add(f"{figure}, memory after load kB", name, memory_kb(pid))


def measure_scale(results, options, folder, scale):
    figure, *sizes = scale
    stack = Tagferry(folder / "tagferry")
    try:
        stack.start(*sizes)
        run = Run(stack, *sizes)
        for number in range(options.rounds):
            say(f"flow: {figure}, round {number + 1}")
            run.measure_speed(results, figure, 0, options.seconds)
            run.measure_latency(results, figure, options.latency_seconds)
    finally:
        stack.finish()


STEPS = {
    **{shape[0]: functools.partial(measure_shape, shape=shape) for shape in SHAPES},
    **{scale[0]: functools.partial(measure_scale, scale=scale) for scale in SCALES},
}
