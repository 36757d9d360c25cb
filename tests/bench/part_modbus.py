"""Modbus requests/s and percentiles: tagferry-modbusd, pymodbus, a plain libmodbus select server, and
a bare TCP echo of the same sizes, which is what loopback gives at most. And tagferry-modbusd with access rules and
without gaps, beside one with the defaults."""

import json
import subprocess

import harness
from candidates import Original, Tagferry, end_all, start_pymodbus, wait_for_port
from measure import cpu_ns, say

# Figure, connections, requests in flight on each, function, registers.
CASES = (
    ("FC3 × 10, 1 connection", 1, 1, 3, 10),
    ("FC3 × 10, 16 connections", 16, 1, 3, 10),
    ("FC3 × 10, 100 connections", 100, 1, 3, 10),
    ("FC3 × 10, 1000 connections", 1000, 1, 3, 10),
    ("FC3 × 10, 1 connection, 16 deep", 1, 16, 3, 10),
    ("FC3 × 10, 16 connections, 16 deep", 16, 16, 3, 10),
    ("FC16 × 1, 16 connections", 16, 1, 16, 1),
    ("FC16 × 123, 16 connections", 16, 1, 16, 123),
    ("FC16 × 123, 16 connections, 16 deep", 16, 16, 16, 123),
)
# Options of modbusd that look at each register of a request. It takes the last two rules to permit the reads.
RULES = {"modbusd__gaps": "exception", "modbusd__writes": "tags",
         "modbusd__allow": "127.0.0.2 rw unit=1 holding_register=200-299,400 fc=3,6,16, "
                           "127.0.0.3 ro holding_register=0-199, 127.0.0.1 ro holding_register=0-104, "
                           "127.0.0.1 rw holding_register=105-999 fc=3,6,16"}
SIDES = {"defaults": {}, "rules": RULES}
RULED = {figure: case for figure, *case in CASES if case[2] == 3 and case[0] <= 100}  # measured with both


def sizes(function, count):
    """Bytes of a request and of its answer."""
    return (12, 9 + 2 * count) if function == 3 else (13 + 2 * count, 12)


def load(port, kind, options, connections, depth, function, count):
    command = [harness.BIN / "bench_load", "127.0.0.1", port, connections, depth,
               f"{function}{kind}", count, options.seconds]
    answer = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            timeout=60, check=False)
    if answer.returncode != 0:
        raise AssertionError(answer.stderr.strip())
    return json.loads(answer.stdout)


def load_echo(options, case):
    command = [harness.BIN / "bench_echo", *map(str, sizes(*case[2:]))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as echo:
        try:
            return load(echo.stdout.readline().strip(), "e", options, *case)
        finally:
            echo.kill()


class Servers:
    """The servers that run during the whole part, with their ports."""

    def __init__(self, folder):
        self.tagferry, self.others = Tagferry(folder / "tagferry"), Original(folder / "others")
        self.ports = {}

    def start(self):
        self.ports["tagferry"] = self.start_modbusd()
        self.ports["pymodbus"] = start_pymodbus(self.others)
        port = harness.free_port()
        plain = harness.Process("bench_libmodbus", [harness.BIN / "bench_libmodbus", port],
                                self.others.folder)
        self.others.parts.append(plain)
        wait_for_port(plain.start(wait=False), port)
        self.ports["libmodbus"] = port

    def start_modbusd(self):
        self.tagferry.stack.start_modbusd()
        return self.tagferry.modbus_port

    def finish(self):
        end_all(self.others.parts)
        self.tagferry.finish()


def measure_case(results, options, servers, figure, case):
    for name, port in servers.ports.items():
        results.attempt(figure, name, lambda at=port: add(results, figure, name, load(at, "", options, *case)))
    results.attempt(figure, "echo", lambda: add(results, figure, "echo", load_echo(options, case)))


def add(results, figure, name, got):
    results.add(f"{figure}, requests/s", name, got["per_second"])
    for percentile in ("p50", "p99", "p999"):
        results.add(f"{figure}, {percentile} µs", name, got[f"{percentile}_us"])


def measure_all(results, options, folder):
    servers = Servers(folder)
    try:
        servers.start()
        for number in range(options.rounds):
            say(f"modbus: round {number + 1}")
            for figure, *case in CASES:
                measure_case(results, options, servers, figure, case)
    finally:
        servers.finish()


def measure_side(results, options, stack, figure, case, side):
    pid = stack.stack.modbusd.process.pid
    before = cpu_ns(pid)
    got = load(stack.modbus_port, "", options, *case)
    results.add(f"{figure}, with rules, requests/s", side, got["per_second"])
    results.add(f"{figure}, with rules, CPU µs/request", side,
                (cpu_ns(pid) - before) / 1000 / got["per_second"] / options.seconds)


def measure_rules(results, options, folder):
    """Reads of tags; the client table is there in any case."""
    stacks = {side: Tagferry(folder / side, **given) for side, given in SIDES.items()}
    try:
        for stack in stacks.values():
            stack.start(3, 100)  # the reads begin at register 100
        stacks["rules"].stack.modbusd.wait_log("registers without a tag are known")
        for number in range(options.rounds):
            say(f"modbus: rules, round {number + 1}")
            for figure, case in RULED.items():
                for side, stack in stacks.items():
                    results.attempt(f"{figure}, {side}", stack.name, measure_side, results, options, stack, figure,
                                    case, side)
    finally:
        for stack in stacks.values():
            stack.finish()


STEPS = {"requests": measure_all, "rules": measure_rules}
