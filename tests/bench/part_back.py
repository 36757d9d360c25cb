"""Register to MQTT: from a SCADA client's write to the command that a subscriber receives."""

import json
import subprocess

import harness
from candidates import Rest, Tagferry
from measure import cpu_ns, say

TAGS = 10
RATE = 100
# Name, writes on their way at most.
WINDOWS = (("one by one", 1), ("100 on their way", 100))


def configure(stack):
    rest = Rest(stack.api_port)
    rest.call("POST", "/devices", {"name": "b", "mqtt": {"topic": "bench/b"}})
    for n in range(TAGS):
        rest.call("POST", "/devices/b/tags", {
            "name": f"k{n}", "direction": "to_mqtt",
            "mqtt": {"key": "k", "command_topic": f"bench/back/{n}"},
            "modbus": {"table": "holding_register", "address": n, "type": "uint16"}})
    rest.close()


def run(stack, writes, *options):
    command = [harness.BIN / "bench_back", "--broker", stack.broker_port, "--modbus",
               stack.modbus_port, "--tags", TAGS, "--writes", writes, *options]
    answer = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=300, check=False)
    if answer.returncode != 0:
        raise AssertionError(answer.stderr.strip())
    return json.loads(answer.stdout)


def measure_latency(results, options, stack):
    got = run(stack, RATE * options.latency_seconds, "--rate", RATE, "--window", RATE)
    for name in ("p50_us", "p99_us", "p999_us"):
        results.add(f"way back, latency {name[:-3]} µs", "tagferry", got[name])


def measure_speed(results, options, stack, figure, window):
    trial = run(stack, 500, "--window", window)
    writes = max(500, int(trial["per_s"] * options.seconds))
    before = cpu_ns(*stack.flow_pids())
    got = run(stack, writes, "--window", window)
    cpu_us = (cpu_ns(*stack.flow_pids()) - before) / 1000 / writes
    results.add(f"way back, {figure}, commands/s", "tagferry", got["per_s"])
    results.add(f"way back, {figure}, CPU µs/command", "tagferry", cpu_us)


def measure(results, options, folder):
    stack = Tagferry(folder / "tagferry")
    try:
        stack.stack.start_broker()
        stack.start_servers()
        configure(stack)
        stack.stack.start_mqttd()
        for number in range(options.rounds):
            say(f"back: round {number + 1}")
            measure_latency(results, options, stack)
            for figure, window in WINDOWS:
                measure_speed(results, options, stack, figure, window)
    finally:
        stack.finish()


STEPS = {"way back": measure}
