"""A discovery of all topics beside values in service: what the messages of the devices notice of it."""

import harness
from candidates import Rest, Tagferry
from measure import say, thread_cpu_ns
from part_flow import Run

DEVICES, KEYS = 100, 10
RATE = 200  # messages/s
STATES = ("none", "running")


def start_discovery(rest):
    discovery = rest.call("POST", "/discoveries", {"topic": "#", "seconds": 3600})
    path = f"/discoveries/{discovery['id']}"
    harness.eventually(lambda: rest.call("GET", path)["state"] == "running", "the discovery runs")
    return path


def measure_state(results, options, stack, run, state):
    got = run.flow(int(RATE * options.latency_seconds), 1, "--rate", RATE, "--poll-gap", 50)
    for percentile in ("p50", "p99"):
        results.add(f"beside a discovery, latency {percentile} µs", state, got[f"{percentile}_us"])
    messages = run.size(1, options.seconds)
    pid = stack.stack.mqttd.process.pid
    before = thread_cpu_ns(pid, "tagferry-mqttd")
    results.add("beside a discovery, messages/s", state, run.speed(messages, 1)["per_s"])
    results.add("beside a discovery, CPU of the MQTT thread µs/message", state,
                (thread_cpu_ns(pid, "tagferry-mqttd") - before) / 1000 / messages)


def measure(results, options, folder):
    stack = Tagferry(folder / "tagferry")
    try:
        run = Run(stack.start(DEVICES, KEYS), DEVICES, KEYS)
        run.size(1, options.seconds)
        rest = Rest(stack.api_port)
        for number in range(options.rounds):
            say(f"discovery: round {number + 1}")
            for state in STATES:
                path = start_discovery(rest) if state == "running" else None
                measure_state(results, options, stack, run, state)
                if path:
                    heard = rest.call("GET", path)["totals"]
                    assert heard["topics"] >= DEVICES, heard
                    rest.call("DELETE", path)
        rest.close()
    finally:
        stack.finish()


STEPS = {"discovery": measure}
