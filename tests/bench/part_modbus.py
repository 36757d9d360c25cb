"""Modbus requests/s and percentiles: tagferry-modbusd, pymodbus, a plain libmodbus select server, and
a bare TCP echo of the same sizes, which is what loopback gives at most."""

import json
import subprocess

import harness
from candidates import Original, Tagferry, end_all, start_pymodbus, wait_for_port
from measure import say

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
        try:
            add(results, figure, name, load(port, "", options, *case))
        except (AssertionError, subprocess.TimeoutExpired) as error:
            if name == "tagferry":
                raise
            say(f"modbus: {figure}: {name}: {error}")
    add(results, figure, "echo", load_echo(options, case))


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


STEPS = {"requests": measure_all}
