"""MQTT to register: messages/s and latency of the whole stack, publisher and poller outside."""

import functools
import json
import subprocess

import harness
from candidates import Original, Tagferry
from measure import cpu_ns, memory_kb, say

MAX_MESSAGES = 400_000
MAX_WINDOW = 5000

# Name, devices, keys of a message: measured with both stacks.
SHAPES = (("10 keys", 1, 10), ("1 key", 100, 1))
# Variation with the configuration: Tagferry only. The last number is the distance between
# registers: above 1, each register needs a separate Modbus request.
SCALES = (("10 devices", 10, 1, 1), ("1000 devices", 1000, 1, 1), ("20000 devices", 20000, 1, 1),
          ("message of 1 key", 1, 1, 1), ("message of 100 keys", 1, 100, 1),
          ("message of 10 keys, registers apart", 1, 10, 3),
          ("message of 100 keys, registers apart", 1, 100, 3))


class Run:
    """bench_flow against one stack."""

    def __init__(self, stack, devices, keys, stride=1):
        self.stack, self.devices, self.keys, self.stride = stack, devices, keys, stride
        self.sizes = {}  # messages of a round, by QoS

    def flow(self, messages, qos, *options):
        command = [harness.BIN / "bench_flow", "--broker", self.stack.broker_port, "--modbus",
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

    def measure_latency(self, results, figure, seconds, rate=200):
        got = self.flow(rate * seconds, 0, "--rate", rate, "--poll-gap", 50)
        for name in ("p50_us", "p99_us", "p999_us"):
            results.add(f"{figure}, latency {name[:-3]} µs", self.stack.name, got[name])


def measure_shape(results, options, folder, shape):
    figure, devices, keys = shape
    stacks = []
    try:
        for kind in (Tagferry, Original):
            stack = kind(folder / f"{kind.name}-{keys}")
            stacks.append(stack)
            stack.start(devices, keys)
        runs = [Run(stack, devices, keys) for stack in stacks]
        for number in range(options.rounds):
            say(f"flow: {figure}, round {number + 1}")
            for qos in (0, 1):
                for run in runs:
                    run.measure_speed(results, figure, qos, options.seconds)
            for run in runs:
                run.measure_latency(results, figure, options.latency_seconds)
        note_memory(results, stacks[0], figure)
    finally:
        for stack in reversed(stacks):
            stack.finish()


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
