#!/usr/bin/python3
"""tagferry-modbusd against a plain TCP echo of the same sizes: medians of rounds in which the two take
turns in one run.  modbusd.py [BUILD_FOLDER] [ROUNDS] [SECONDS]"""

import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release")
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
SECONDS = sys.argv[3] if len(sys.argv) > 3 else "1"
LOAD, ECHO = BUILD / "tests/bench/bench_load", BUILD / "tests/bench/bench_echo"

CASES = [  # name, connections, depth, function, registers
    ("FC3 x 10, 1 connection", 1, 1, 3, 10),
    ("FC3 x 10, 16 connections", 16, 1, 3, 10),
    ("FC3 x 10, 100 connections", 100, 1, 3, 10),
    ("FC3 x 10, 1000 connections", 1000, 1, 3, 10),
    ("FC3 x 10, 1 connection, 16 deep", 1, 16, 3, 10),
    ("FC3 x 10, 16 connections, 16 deep", 16, 16, 3, 10),
    ("FC16 x 1, 16 connections", 16, 1, 16, 1),
    ("FC16 x 123, 16 connections", 16, 1, 16, 123),
    ("FC16 x 123, 16 connections, 16 deep", 16, 16, 16, 123),
]


def sizes(function, count):
    return (12, 9 + 2 * count) if function == 3 else (13 + 2 * count, 12)


def load(port, connections, depth, function, count):
    run = subprocess.run([LOAD, "127.0.0.1", port, str(connections), str(depth), str(function),
                          str(count), SECONDS], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def load_echo(connections, depth, function, count):
    command = [ECHO, *map(str, sizes(function, count))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as echo:
        try:
            port = echo.stdout.readline().strip()
            return load(port, connections, depth, f"{function}e", count)
        finally:
            echo.kill()


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def start(folder):
    options = {"common.runtime_dir": f"{folder}/run", "modbusd.image": f"{folder}/image",
               "modbusd.listen": "127.0.0.1:0", "modbusd.inputs_listen": "127.0.0.1:0",
               "modbusd.outputs_listen": "127.0.0.1:0"}
    command = [BUILD / "bin/tagferry-modbusd", "-c", "/dev/null"]
    for key, value in options.items():
        command += ["-o", f"{key}={value}"]
    daemon = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in daemon.stderr:
        found = re.search(r":(\d+) \(scada\)", line)
        if found:
            return daemon, found.group(1)
    raise SystemExit("tagferry-modbusd did not start")


def main():
    with tempfile.TemporaryDirectory() as folder:
        daemon, port = start(folder)
        print("| load | requests/s | of the echo | p50 us | p99 us | p99.9 us |")
        print("| --- | --- | --- | --- | --- | --- |")
        try:
            for name, *case in CASES:
                ours, echo = [], []
                for _ in range(ROUNDS):
                    echo.append(load_echo(*case))
                    ours.append(load(port, *case))
                rate = median(ours, "per_second")
                print(f"| {name} | {rate:.0f} | {rate / median(echo, 'per_second'):.2f} | "
                      f"{median(ours, 'p50_us'):.0f} | {median(ours, 'p99_us'):.0f} | "
                      f"{median(ours, 'p999_us'):.0f} |", flush=True)
        finally:
            daemon.terminate()
            daemon.wait()


if __name__ == "__main__":
    main()
