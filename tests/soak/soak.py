#!/usr/bin/python3
"""Runs Tagferry under load, injects random faults, and compares it with a model."""

import argparse
import os
import pathlib
import shutil
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import harness  # noqa: E402
import summary  # noqa: E402
import tags  # noqa: E402
from changes import Changes  # noqa: E402
from disturb import Disturber, Plan  # noqa: E402
from load import Devices, Publisher, Reader, Scada  # noqa: E402
from mqttd_helpers import served  # noqa: E402
from quiet import Quiet  # noqa: E402
from truth import Gate, Values, Wrong  # noqa: E402
from watch import Watch  # noqa: E402

ROUND_S = 40        # of faults, between two quiet points
STORM_PART = 0.6    # of the time; daemons then keep running, so that leaks become visible
WRONG_MAX = 10      # findings after which the run stops


def read_options():
    parser = argparse.ArgumentParser(
        prog="scripts/soak", description=__doc__,
        epilog="Ends with 1, and keeps its folder, when something was wrong.")
    parser.add_argument("minutes", nargs="?", type=float, default=10,
                        help="how long to run (10); quiet points and the end take a little more")
    parser.add_argument("--seed", type=int, help="of the faults and the load; by default the time")
    parser.add_argument("--rate", type=float, default=100, help="messages a second (100)")
    parser.add_argument("--bin", type=pathlib.Path, help="run these daemons, build none")
    parser.add_argument("--data", type=pathlib.Path, default=harness.ROOT / "run",
                        help="where to make the run's own folder (run/)")
    parser.add_argument("--keep", action="store_true", help="keep the folder in any case")
    options = parser.parse_args()
    if options.minutes <= 0 or options.minutes > 10000 or options.rate <= 0:
        parser.error("MINUTES and --rate have to be above 0")
    if options.seed is None:
        options.seed = int(time.time())
    return options


class Soak:
    """All parts of a run."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.began = time.monotonic()
        self.log_file = open(folder / "soak.log", "a", encoding="utf-8", buffering=1)
        self.wrong = Wrong(self.say)
        self.stack = harness.Stack(folder)
        self.stack.common["common.log_level"] = "info"
        self.gate = Gate()
        self.watch = None
        self.workers = []

    def seconds(self):
        return time.monotonic() - self.began

    def log(self, text):
        self.log_file.write(f"{self.seconds():9.2f} {text}\n")

    def say(self, text):
        print(f"{self.seconds() / 60:6.1f} min  {text}", flush=True)
        self.log(text)

    def start(self):
        stack, options = self.stack, self.options
        stack.start_broker("autosave_interval 0", persistence=True)
        stack.start_modbusd()
        stack.start_api()
        stack.start_mqttd()
        tags.set_up(stack.api)
        served(stack)
        self.publisher = Publisher(self.gate, self.wrong, Values(), stack.broker.number,
                                   options.rate, options.seed)
        self.devices = Devices(self.wrong, self.publisher, stack.broker.number)
        assert self.devices.ready.wait(harness.DEADLINE), "the devices cannot subscribe"
        self.scada = Scada(self.gate, self.wrong, self.devices, stack, 40, options.seed)
        self.changes = Changes(self.gate, self.wrong, stack, 5, options.seed)
        self.reader = Reader(self.gate, self.wrong, stack)
        self.disturber = Disturber(self)
        self.quiet = Quiet(self)
        self.watch = Watch([stack.mqttd, stack.modbusd, stack.api])
        self.watch.start()
        self.publisher.say_all()
        self.workers = [self.publisher, self.scada, self.changes, self.reader]
        for worker in self.workers:
            worker.start()
        self.quiet.check()

    def run(self):
        plan = Plan(self.options.seed)
        end = self.options.minutes * 60
        minute = 1
        while self.seconds() < end and len(self.wrong.found) < WRONG_MAX:
            until = min(end, self.seconds() + ROUND_S)
            while self.seconds() < until:
                self.disturber.do(plan.draw(self.seconds() < end * STORM_PART),
                                  self.quiet.look)
                self.gate.ended.wait(plan.pause())
                if self.seconds() > minute * 60:
                    self.say(summary.line(self))
                    minute = int(self.seconds() / 60) + 1
            self.quiet.check()
        for leak in self.watch.leaks():
            self.wrong.add(leak)

    def finish(self):
        """Stops the load, then the processes started here, each by its id."""
        self.gate.end()
        if self.watch:
            self.watch.close()
        for worker in self.workers:
            worker.join(harness.DEADLINE)
        for link in ("publisher", "devices"):
            if hasattr(self, link):
                getattr(self, link).close()
        try:
            self.stack.finish()
        except AssertionError as fault:
            self.wrong.add(fault)


def take_daemons(source, folder):
    """Runs copies: a later build changes nothing."""
    folder.mkdir()
    for name in ("tagferry-api", "tagferry-modbusd", "tagferry-mqttd"):
        shutil.copy(source / name, folder)
    harness.BIN = folder


def interrupt(_number, _frame):
    raise KeyboardInterrupt


def run(soak):
    """Runs to the end, or until it cannot continue. True: to the end."""
    try:
        soak.start()
        soak.run()
        return True
    except KeyboardInterrupt:
        soak.say("interrupted")
    except Exception as fault:  # a finding, too: the awaited event did not happen
        soak.wrong.add(f"{type(fault).__name__}: {fault}")
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        soak.finish()
    return False


def main():
    options = read_options()
    folder = options.data.resolve() / f"soak-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    folder.mkdir(parents=True)
    take_daemons(options.bin or harness.BIN, folder / "bin")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, interrupt)
    soak = Soak(options, folder)
    soak.say(f"{options.minutes:g} minutes with --seed {options.seed}, in {folder}")
    whole = run(soak)
    if whole or soak.wrong.found:
        text = summary.write(soak)
        (folder / "summary.md").write_text(text, encoding="utf-8")
        print(text)
    soak.log_file.close()
    if soak.wrong.found:
        print(f"{len(soak.wrong.found)} findings; what is left lies in {folder}")
        return 1
    if not options.keep:
        for path in folder.iterdir():
            if path.name not in ("summary.md", "soak.log"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    return 0 if whole else 130


if __name__ == "__main__":
    sys.exit(main())
