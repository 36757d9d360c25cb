"""Devices that share a topic and are told apart by `mqtt.where`: what a message costs when there are five of them, and
when there are 5,000."""

from candidates import Rest, Tagferry
from measure import say, thread_cpu_ns
from part_flow import MAX_WINDOW, Run

COUNTS = (5, 5000)  # devices


def name_of(count):
    return f"{count:,} devices"


def devices(count):
    return [{"name": f"d{device}", "mqtt": {"topic": "bench/all", "where": {"id": device}},
             "tags": [{"name": "k0", "modbus": {"table": "holding_register", "address": device, "type": "uint16"}}]}
            for device in range(count)]


def start(stack, count):
    stack.stack.start_broker()
    rest = Rest(stack.start_servers().api_port)
    rest.call("POST", "/import", {"devices": devices(count)})
    rest.close()
    stack.start_mqttd(1)


def measure_count(results, options, stack, count):
    """The MQTT thread finds the devices; the number of registers is another thread's matter."""
    run, pid, qos = Run(stack, count, 1), stack.stack.mqttd.process.pid, 0

    def speed(messages):
        return run.flow(messages, qos, "--window", MAX_WINDOW, "--poll-gap", 5000, "--shared", 1)
    messages = max(count, int(speed(5000)["per_s"] * options.seconds))
    before = thread_cpu_ns(pid, "tagferry-mqttd")
    got = speed(messages)
    cpu_us = (thread_cpu_ns(pid, "tagferry-mqttd") - before) / 1000 / messages
    results.add("shared topic, messages/s", name_of(count), got["per_s"])
    results.add("shared topic, CPU of the MQTT thread µs/message", name_of(count), cpu_us)


def measure(results, options, folder):
    stacks = {count: Tagferry(folder / str(count)) for count in COUNTS}
    try:
        for count, stack in stacks.items():
            start(stack, count)
        for number in range(options.rounds):
            say(f"where: round {number + 1}")
            for count, stack in stacks.items():
                results.attempt(f"where, {name_of(count)}", stack.name, measure_count, results, options, stack, count)
    finally:
        for stack in stacks.values():
            stack.finish()


STEPS = {"where": measure}
