#!/usr/bin/python3
"""Compares Tagferry with its alternatives on this machine; scripts/bench runs it."""

import argparse
import pathlib
import sys
import tempfile
import time

import candidates
import part_back
import part_busy
import part_change
import part_cluster
import part_ctl
import part_disk
import part_discovery
import part_flow
import part_history
import part_modbus
import part_pair
import part_process
import part_rest
import part_small
import part_stream
import part_tls
import part_translate
import part_where
import report
from measure import Results, say

DEFAULT_REPORT = candidates.harness.ROOT / "docs/performance.md"
PARTS = {"flow": part_flow, "busy": part_busy, "where": part_where, "discovery": part_discovery, "back": part_back,
         "change": part_change, "pair": part_pair, "modbus": part_modbus, "tls": part_tls, "rest": part_rest,
         "stream": part_stream, "history": part_history, "process": part_process, "small": part_small, "translate": part_translate,
         "ctl": part_ctl, "disk": part_disk}
APART = {"cluster": part_cluster}  # only by name: its table is for docs/scaling.md


def read_options():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=f"what to measure: {', '.join(PARTS)}; all by default. "
                        "cluster, with slices of a fleet at one broker and at three, is measured only by name")
    parser.add_argument("--step", default="", help="only the steps of the parts whose name contains this")
    parser.add_argument("--quick", action="store_true", help="short rounds: about a quarter of an hour")
    parser.add_argument("--rounds", type=int, help="rounds of each figure (5; quick: 3)")
    parser.add_argument("--report", type=pathlib.Path, help="where to write the report; without it "
                        "a whole run that is not quick writes docs/performance.md")
    parser.add_argument("--beside-load", action="store_true", help="keep each core busy with a loop of lower priority during "
                        "the whole run; with --report, only the table of the goals beside other load is replaced there")
    parser.add_argument("--note", default="", help="a sentence about this run, for the report")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS | APART]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    if not (options.parts or options.step or options.quick or options.report):
        options.report = DEFAULT_REPORT
    if options.beside_load and options.report and not options.report.exists():
        parser.error(f"there is no {options.report}: run without --beside-load first")
    options.parts = options.parts or list(PARTS)
    options.rounds = options.rounds or (3 if options.quick else 5)
    options.seconds = 0.4 if options.quick else 1.5
    options.latency_seconds = 1 if options.quick else 5
    return options


def measure(results, options, part, folder):
    """Runs the steps of a part; a failing step does not stop the others."""
    faults = []
    steps = (PARTS | APART)[part].STEPS.items()
    for number, (step, function) in enumerate(pair for pair in steps if options.step in pair[0]):
        own = folder / f"{part}-{number}"  # short, because it contains sockets
        own.mkdir()
        if not results.attempt(f"{part}, {step}", "the bench", function, results, options, own):
            faults.append(f"{part}, {step}")
    return faults


def main():
    options = read_options()
    candidates.raise_descriptor_limit()
    results, began, faults = Results(), time.monotonic(), []
    neighbour = part_busy.busy_neighbour if options.beside_load else part_busy.alone
    with neighbour([]), tempfile.TemporaryDirectory(prefix="tagferry-bench-") as folder:
        for part in options.parts:
            faults += measure(results, options, part, pathlib.Path(folder))
    for figure, by in results.rounds.items():
        say(f"{figure}: " + ", ".join(f"{name} {results.median(figure, name):.1f}" for name in by))
    if "cluster" in options.parts:
        say(report.cluster_table(results))
    for figure, candidate in results.failures:
        say(f"failed: {figure}: {candidate}")
    say(f"{time.monotonic() - began:.0f} s")
    if options.report:
        (report.write_beside_load if options.beside_load else report.write)(results, options, options.report)
        say(f"The report is {options.report}.")
    return 1 if faults or any(name == "tagferry" for _, name in results.failures) else 0


if __name__ == "__main__":
    sys.exit(main())
