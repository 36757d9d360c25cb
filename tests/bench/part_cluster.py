"""Slices: several gateways that share the devices of a fleet, at one broker and at a cluster of three.

Each gateway has a third, a half, ... of the devices, in a store of its own, as gateways with different names have. The
gateways of a cluster are connected to different nodes, and so is the publisher."""

import functools
import json
import pathlib
import subprocess
import sys
import time

import harness
from candidates import Rest
from measure import cpu_ns, memory_kb, say

sys.path.append(str(harness.ROOT / "tests/cluster"))
import broker_cluster  # in that folder

KEYS = 5  # of each device
UNIT_REGISTERS = 65536 // KEYS * KEYS
IMPORT_DEVICES = 20000
PROBES = 100  # devices whose delay is measured
PROBE_RATE = 50
BASE_RATE = 2000  # most messages/s of all others meanwhile; at most a quarter of what was reached
SUBSCRIBE_S = 300
MAX_MESSAGES = 400_000

# Broker, its nodes, QoS, gateways, devices of the whole fleet.
CASES = [*(("mosquitto", 1, 1, gateways, 20000) for gateways in (1, 2, 4)),
         *(("mosquitto", 1, 1, gateways, 100000) for gateways in (1, 4)),
         ("mosquitto", 1, 1, 4, 400000),
         *(("rabbitmq", nodes, 1, gateways, 2000) for nodes, gateways in ((1, 1), (3, 1), (3, 2), (3, 4))),
         *(("nats", nodes, 0, gateways, 20000) for nodes, gateways in ((1, 1), (3, 1), (3, 2), (3, 4)))]
COLUMNS = ("messages/s", "CPU µs/message of mqttd", "CPU µs/message of the broker", "delay p50 ms", "delay p99 ms",
           "subscribed after s", "bytes/device of mqttd", "bytes/device of a gateway", "bytes/device of the broker")


def name_of(case):
    broker, nodes, qos, gateways, devices = case
    return f"{broker}, {nodes} node{'s' if nodes > 1 else ''}, {gateways} gateway{'s' if gateways > 1 else ''}, " \
        f"{devices:,} devices"


class Mosquitto:
    def __init__(self, folder):
        folder.mkdir()
        self.broker = harness.Broker(folder, ["max_packet_size 100000000"])

    def start(self):
        self.broker.start()
        return self

    def ports(self):
        return [self.broker.number]

    def pids(self):
        return [self.broker.process.pid]

    def stop(self):
        self.broker.stop()
        self.broker.close_notify()


class Clustered:
    def __init__(self, kind, folder, nodes):
        folder.mkdir()
        ports = [harness.free_port() for _ in range(nodes)]
        self.cluster = broker_cluster.KINDS[kind](folder, ports, harness.free_port)

    def start(self):
        self.cluster.start()
        return self

    def ports(self):
        return [node.port for node in self.cluster.nodes]

    def pids(self):
        return [node.pid for node in self.cluster.nodes]

    def stop(self):
        self.cluster.stop()


def rows(first, places, qos):
    """Devices of one gateway as CSV; key j of its device i is register i * KEYS + j, over several units."""
    yield "device,topic,qos,unit_id,tag,key,table,address,type\r\n"
    for place in places:
        unit, address = divmod(place * KEYS, UNIT_REGISTERS)
        for key in range(KEYS):
            yield (f"d{first + place},bench/d{first + place},{qos},{unit + 1},k{key},k{key},holding_register,"
                   f"{address + key},uint16\r\n")


class Slice:
    """A gateway with the devices from `first`."""

    def __init__(self, folder, number, first, count, qos):
        folder.mkdir()
        self.number, self.first, self.count, self.qos = number, first, count, qos
        self.stack = harness.Stack(folder)
        units = (count * KEYS + UNIT_REGISTERS - 1) // UNIT_REGISTERS
        self.stack.common.update({"common.log_level": "info", "common.units": f"1-{units}"})

    def configure(self):
        self.stack.start_modbusd()
        self.stack.start_api(api__history_mb=0)
        rest = Rest(int(self.stack.api.options["api.listen"].rsplit(":")[-1]))
        for place in range(0, self.count, IMPORT_DEVICES):
            places = range(place, min(place + IMPORT_DEVICES, self.count))
            rest.call("POST", "/import", "".join(rows(self.first, places, self.qos)), "text/csv")
        rest.close()

    def connect(self, port):
        options = dict(self.stack.common, **{"mqttd.broker": f"127.0.0.1:{port}",
                                             "mqttd.client_id": f"slice-{self.number}"})
        self.stack.mqttd = self.stack.add(harness.Daemon("tagferry-mqttd", self.stack.folder, options))
        self.stack.mqttd.start(wait=False)

    def wait_subscribed(self):
        self.stack.mqttd.wait_log(f"subscribed to {self.count} topics", SUBSCRIBE_S)

    @property
    def mqttd_pid(self):
        return self.stack.mqttd.process.pid

    def counters(self):
        return pathlib.Path(self.stack.common["common.runtime_dir"]) / "mqttd.counters"

    def pids(self):
        return [part.process.pid for part in (self.stack.modbusd, self.stack.api, self.stack.mqttd)]


class Fleet:
    """A broker, and the gateways of a case."""

    def __init__(self, folder, case):
        self.broker_name, nodes, self.qos, gateways, self.devices = case
        self.folder = folder
        self.broker = (Mosquitto(folder / "broker") if self.broker_name == "mosquitto"
                       else Clustered(self.broker_name, folder / "broker", nodes))
        count = self.devices // gateways
        self.slices = [Slice(folder / f"slice-{number}", number, number * count, count, self.qos)
                       for number in range(gateways)]

    def start(self):
        """Returns the seconds until all topics are subscribed to, and the memory that the broker needs for them."""
        self.broker.start()
        for each in self.slices:
            each.configure()
        before, began = self.broker_bytes(), time.monotonic()
        ports = self.broker.ports()
        for each in self.slices:
            each.connect(ports[(each.number + 1) % len(ports)])
        for each in self.slices:
            each.wait_subscribed()
        return time.monotonic() - began, self.broker_bytes() - before

    def broker_bytes(self):
        return 1024 * sum(memory_kb(pid) for pid in self.broker.pids())

    def mqttd_pids(self):
        return [each.mqttd_pid for each in self.slices]

    def command(self, messages, *options):
        """bench_fleet for all devices but those of the probe."""
        ports = self.broker.ports()
        command = [harness.BIN / "bench_fleet", "--brokers", ",".join(str(port) for port in ports), "--counters",
                   ",".join(str(each.counters()) for each in self.slices), "--place",
                   self.slices[0].stack.mqttd.counter_place("MQTTD_MESSAGES"), "--first", PROBES, "--devices",
                   self.devices - PROBES, "--keys", KEYS, "--qos", self.qos, "--messages", messages, *options]
        return [str(word) for word in command]

    def publish(self, messages):
        """As fast as the gateways receive."""
        answer = subprocess.run(self.command(messages, "--window", 5000), capture_output=True, text=True, timeout=600,
                                check=False)
        assert answer.returncode == 0, answer.stderr.strip()
        got = json.loads(answer.stdout)
        assert got["received"] == messages or self.qos == 0, f"{messages - got['received']} messages are lost"
        return got

    def delay(self, seconds, rate):
        """From publishing to the register of the first gateway, beside `rate` messages/s of all other devices."""
        others = subprocess.Popen(self.command(rate * (seconds + 2), "--rate", rate, "--timeout", "5"),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        first = self.slices[0]
        command = [harness.BIN / "bench_flow", "--broker", self.broker.ports()[0], "--modbus",
                   first.stack.modbusd.address().rsplit(":")[-1], "--devices", PROBES, "--keys", KEYS, "--qos", self.qos,
                   "--messages", PROBE_RATE * seconds, "--rate", PROBE_RATE, "--poll-gap", 500]
        try:
            answer = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=300,
                                    check=False)
        finally:
            others.terminate()
            others.wait()
        assert answer.returncode == 0, answer.stderr.strip()
        return json.loads(answer.stdout)

    def finish(self):
        for each in self.slices:
            each.stack.finish()
        self.broker.stop()


def has_programs(broker):
    if broker == "mosquitto":
        return True
    missing = [path for path in broker_cluster.KINDS[broker].programs if not pathlib.Path(path).exists()]
    if missing:
        say(f"cluster: {broker} is left out, there is no {missing[0]}")
    return not missing


def private_bytes(pid):
    return 1024 * memory_kb(pid, "RssAnon")


def measure_case(results, options, folder, case):
    figure = name_of(case)
    if not has_programs(case[0]):
        return
    fleet = Fleet(folder, case)

    def add(column, value):
        results.add(f"{figure}, {column}", "tagferry", value)
    try:
        say(f"cluster: {figure}")
        seconds, bytes_of_broker = fleet.start()
        add("subscribed after s", seconds)
        add("bytes/device of the broker", bytes_of_broker / fleet.devices)
        add("bytes/device of mqttd", sum(map(private_bytes, fleet.mqttd_pids())) / fleet.devices)
        add("bytes/device of a gateway", sum(private_bytes(pid) for each in fleet.slices
                                              for pid in each.pids()) / fleet.devices)
        rate = fleet.publish(fleet.devices // 4)["per_s"]  # the first messages of each device are slower
        for number in range(options.rounds):
            say(f"cluster: {figure}, round {number + 1}")
            mqttd, broker = cpu_ns(*fleet.mqttd_pids()), cpu_ns(*fleet.broker.pids())
            got = fleet.publish(max(5000, min(MAX_MESSAGES, int(rate * options.seconds * 2))))
            rate = got["per_s"]
            add("messages/s", got["per_s"])
            add("CPU µs/message of mqttd", (cpu_ns(*fleet.mqttd_pids()) - mqttd) / 1000 / got["received"])
            add("CPU µs/message of the broker", (cpu_ns(*fleet.broker.pids()) - broker) / 1000 / got["received"])
            got = fleet.delay(options.latency_seconds, int(min(BASE_RATE, rate / 4)))
            for percentile in ("p50", "p99"):
                add(f"delay {percentile} ms", got[f"{percentile}_us"] / 1000)
    finally:
        fleet.finish()


STEPS = {name_of(case): functools.partial(measure_case, case=case) for case in CASES}
