"""What the daemons write to the disk: bytes of pages that they make dirty or write, as the kernel counts them
(/proc/PID/io), extrapolated to an hour. The journal of the file system is not in it. The runtime folder is in memory, as
/run is."""

import json
import os
import pathlib
import tempfile
import time

import paho.mqtt.client

from candidates import Rest, Tagferry
from measure import say, written_bytes

DEVICES, RATE = 10, 100
DAEMONS = ("modbusd", "api", "mqttd")
# Name, keys of a message (0: no messages), whether values change.
LOADS = (("at rest", 0, False), ("100 messages/s, one key", 1, True), ("100 messages/s, ten keys", 10, True),
         ("100 messages/s, ten keys, the same values", 10, False))
# Name, settings.
SETTINGS = (("defaults", {}, {}), ("without the history", {}, {"api__history_mb": 0}),
            ("sync_interval_ms = 10000", {"modbusd__sync_interval_ms": 10000}, {}))
CHANGES = 50


def check_disk(folder):
    before = written_bytes(os.getpid())
    with open(folder / "probe", "wb") as probe:
        probe.write(bytes(1 << 16))
        probe.flush()
        os.fsync(probe.fileno())
    assert written_bytes(os.getpid()) - before >= 1 << 16, f"{folder} is not on a disk: set TMPDIR"


def start(folder, runtime, modbusd, api):
    stack = Tagferry(folder, **modbusd)
    stack.stack.common["common.runtime_dir"] = runtime
    stack.stack.start_broker()
    stack.stack.start_modbusd(**modbusd)
    stack.stack.start_api(**api)
    stack.configure(DEVICES, 10)
    stack.start_mqttd(DEVICES)
    return stack


def publish(stacks, seconds, keys, changes):
    clients = []
    for stack in stacks:
        client = paho.mqtt.client.Client()
        client.connect("127.0.0.1", stack.broker_port)
        client.loop_start()
        clients.append(client)
    began, number = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        number += 1
        time.sleep(max(0, began + number / RATE - time.monotonic()))
        value = number // DEVICES + 1 if changes else 1
        for client in clients if keys else ():
            client.publish(f"bench/d{number % DEVICES}", json.dumps({f"k{key}": value for key in range(keys)}))
    for client in clients:
        client.loop_stop()
        client.disconnect()
    return time.monotonic() - began


def counts(stack):
    return {daemon: written_bytes(getattr(stack.stack, daemon).process.pid) for daemon in DAEMONS}


def measure_hour(results, options, folder):
    """All settings at the same time, one load after the other; once, since the figures hardly vary."""
    check_disk(folder)
    seconds = 20 if options.quick else 120
    with tempfile.TemporaryDirectory(prefix="tagferry-bench-", dir="/dev/shm") as runtime:
        stacks = {}
        try:
            for number, (name, modbusd, api) in enumerate(SETTINGS):
                stacks[name] = start(folder / f"tagferry-{number}", pathlib.Path(runtime) / str(number), modbusd, api)
            for load, keys, changes in LOADS:
                say(f"disk: {load}, {seconds} s")
                publish(stacks.values(), 5, keys, changes)  # the values of the load before are on the disk
                before = {name: counts(stack) for name, stack in stacks.items()}
                took = publish(stacks.values(), seconds, keys, changes)
                for name, stack in stacks.items():
                    for daemon, count in counts(stack).items():
                        results.add(f"{load}, {name}, MB/h", daemon, (count - before[name][daemon]) / took * 3600 / 1e6)
                    results.add(f"{load}, {name}, MB/h", "tagferry", sum(
                        results.median(f"{load}, {name}, MB/h", daemon) for daemon in DAEMONS))
        finally:
            for stack in stacks.values():
                stack.finish()


def measure_change(results, _options, folder):
    """A change of the configuration, each with its own transaction, and the share of it in moving the log into the file."""
    check_disk(folder)
    stack = Tagferry(folder / "tagferry")
    try:
        stack.start_servers().configure(DEVICES, 10)
        pid = stack.stack.api.process.pid
        rest, before = Rest(stack.api_port), written_bytes(pid)
        for number in range(CHANGES):
            rest.call("PATCH", f"/devices/d{number % DEVICES}", {"description": str(number)})
        rest.close()
        results.add("a change by REST, written kB", "tagferry", (written_bytes(pid) - before) / CHANGES / 1000)
    finally:
        stack.finish()


STEPS = {"an hour": measure_hour, "a change": measure_change}
