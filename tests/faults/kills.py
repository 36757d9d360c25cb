#!/usr/bin/python3
"""Kills the daemons (SIGKILL), one or several at once, at random moments in each state of the fault matrix, while
messages, commands, writes and changes flow. Afterwards all that was acknowledged is there, nothing is invented, all
daemons are ready again, and nothing is left over.

The seed and the number of a kill choose all but the moment. With --results FILE, a run continues where the last one
ended."""

import argparse
import collections
import contextlib
import errno
import json
import os
import pathlib
import random
import signal
import sqlite3
import sys
import threading
import time

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
    os.environ.setdefault("TAGFERRY_BIN", str(pathlib.Path(__file__).resolve().parents[2] / "build/release/bin"))

import daemons  # noqa: E402
import rows  # noqa: E402
from harness import eventually  # noqa: E402
from kill_load import KillPlant  # noqa: E402
from mqttd_helpers import flood  # noqa: E402
from refuse import Plants, await_start  # noqa: E402

PERSIST = ("always", "interval", "never")
FLOODED, MORE_THAN_THE_JOURNAL = 41000, 9000
# `back`: the kill comes when the state has just ended.
Kill = collections.namedtuple("Kill", "number state back victims others persist")

STATES = {}


def state(function):
    """A state of the fault matrix: its block runs while it lasts."""
    STATES[function.__name__.replace("_", " ")] = contextlib.contextmanager(function)
    return function


def pause(chance):
    """Up to a random moment, from microseconds to a tenth of a second."""
    threading.Event().wait(chance.choice((0.0005, 0.005, 0.03, 0.1)) * chance.random())


def parts(plant, one):
    return [getattr(plant, name) for name in one.victims]


def strike(victims):
    """The same moment for all."""
    for part in victims:
        if part.alive():
            part.signal(signal.SIGKILL)
    for part in victims:
        part.kill()


@state
def up(plant, one, chance):
    yield


@state
def others_down_or_stopped(plant, one, chance):
    daemons.bring(plant, one.others)
    yield
    daemons.restore(plant, one.others)


@state
def starting(plant, one, chance):
    for _ in range(chance.randint(1, 3)):
        strike(parts(plant, one))
        for part in parts(plant, one):
            part.start(wait=False)
        pause(chance)
    yield


@state
def reloading(plant, one, chance):
    plant.configure(one.number)
    for part in parts(plant, one):
        part.signal(signal.SIGHUP)
    yield


@state
def importing(plant, one, chance):
    worker = threading.Thread(target=plant.flow.import_device)
    worker.start()
    yield
    worker.join()


@state
def broker_dead(plant, one, chance):
    plant.broker.stop()
    yield
    plant.broker.start()


@state
def broker_stalled(plant, one, chance):
    plant.broker.signal(signal.SIGSTOP)
    yield
    plant.broker.signal(signal.SIGCONT)


def behind_proxy(mode):
    """The broker refuses, does not answer, or is slow; see proxy.py."""
    def lasts(plant, one, chance):
        plant.proxy.set(mode)
        yield
        plant.proxy.set("pass")
    return contextlib.contextmanager(lasts)


STATES.update({"broker refuses": behind_proxy("refuse"), "broker mute": behind_proxy("mute"),
               "broker slow": behind_proxy("slow")})


@state
def journal_full(plant, one, chance):
    """SCADA has written more than the journal holds."""
    silent = chance.choice((plant.broker, plant.mqttd))
    silent.signal(signal.SIGSTOP)
    flood(plant.modbusd, FLOODED, MORE_THAN_THE_JOURNAL)
    plant.flow.overrun = True
    yield
    if silent.alive():
        silent.signal(signal.SIGCONT)


@state
def foreign_server_dead(plant, one, chance):
    gateway = plant.flow.gateway
    gateway.stop()
    with gateway.lock:
        gateway.units[1] = [0] * gateway.registers
    yield
    gateway.start()


@state
def foreign_server_hangs(plant, one, chance):
    plant.flow.gateway.hold.clear()
    yield
    plant.flow.gateway.hold.set()


@state
def store_locked(plant, one, chance):
    with contextlib.closing(sqlite3.connect(plant.common["common.database"], timeout=60, isolation_level=None)) as store:
        store.execute("BEGIN IMMEDIATE")
        yield
        store.execute("ROLLBACK")


def full(daemon):
    def disk_full(plant, one, chance):
        plant.order(daemon, "disk", f"{errno.ENOSPC} {plant.files(daemon)}")
        yield
        plant.order(daemon, "disk", None)
    disk_full.__name__ = f"disk_of_{daemon}_full"
    return disk_full


for each_daemon in rows.DAEMONS:
    state(full(each_daemon))


def choose(seed, number):
    """The states in turn; all else by chance."""
    chance, names = random.Random(f"{seed} {number}"), list(STATES)
    name = names[number % len(names)]
    count = chance.choice((1, 1, 2)) if name.startswith("others") else chance.choice((1, 1, 2, 3))
    victims = tuple(chance.sample(rows.DAEMONS, count))
    others = {}
    if name.startswith("others"):
        left = [each for each in rows.DAEMONS if each not in victims]
        others = dict(zip(left, chance.choice([("down", "down"), ("down", "stopped"), ("stopped", "down"), ("up", "down"),
                                               ("stopped", "up"), ("stopped", "stopped"), ("down", "up")])))
        if set(others.values()) == {"up"}:
            others[left[0]] = "down"
    return Kill(number, name, chance.random() < 0.4, victims, others, chance.choice(PERSIST))


def revive(part):
    """A daemon that could not start in the state, and has ended with a word, starts again, as systemd would do."""
    if await_start(part) == "ended":
        part.start()


def strike_and_start(plant, one, chance):
    """Returns when the daemons start. No message after the kill hides a loss, in half of the cases."""
    pause(chance)
    if chance.random() < 0.5:
        plant.flow.hushed.set()
    strike(parts(plant, one))
    pause(chance)
    for part in parts(plant, one):
        part.start(wait=False)


def attempt(plant, one, chance):
    plant.modbusd.options["modbusd.persist"] = one.persist  # from its next start on
    try:
        with plant.flow.running(one.number):
            pause(chance)
            with STATES[one.state](plant, one, chance):
                if not one.back:
                    strike_and_start(plant, one, chance)
                pause(chance)
            if one.back:
                strike_and_start(plant, one, chance)
            for part in parts(plant, one):
                revive(part)
        plant.flow.check()
        for name in rows.DAEMONS:
            part = getattr(plant, name)
            assert part.alive(), f"{name} ended with {part.process.poll()}:\n{part.log()[-3000:]}"
        eventually(lambda: not plant.left_over(), "nothing left over")
    except AssertionError as fault:
        raise AssertionError(f"{one}: {plant.left_over()}; {fault}") from fault


def read_results(path, seed):
    """The numbers of the kills that a file has."""
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path and path.exists() else []
    return {entry["kill"][0] for entry in entries if entry["seed"] == seed}


def read_options():
    parser = argparse.ArgumentParser(prog="tests/faults/kills.py", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="number of kills (1000)")
    parser.add_argument("--seed", type=int, default=23, help="chooses the kills (23)")
    parser.add_argument("--state", choices=STATES, action="append", help="only this state")
    parser.add_argument("--results", type=pathlib.Path, metavar="FILE", help="a line for each kill")
    parser.add_argument("--minutes", type=float, help="end after the kill that is running then")
    return parser.parse_args()


def run_one(plants, one, seed):
    """The fault that was found, or None."""
    try:
        attempt(plants.get(), one, random.Random(f"{seed} {one.number} moment"))
        return None
    except AssertionError as fault:
        print(f"FAULT {fault}", flush=True)
        plants.drop()
        return str(fault)[-6000:]


def main():
    options = read_options()
    known = read_results(options.results, options.seed)
    todo = [choose(options.seed, number) for number in range(options.count) if number not in known]
    began, plants = time.monotonic(), Plants(KillPlant)
    done, faults = collections.Counter(), 0
    try:
        for one in todo:
            if options.state and one.state not in options.state:
                continue
            if options.minutes and time.monotonic() - began > 60 * options.minutes:
                break
            fault = run_one(plants, one, options.seed)
            done[one.state] += 1
            faults += fault is not None
            if options.results:
                with open(options.results, "a", encoding="utf-8") as file:
                    file.write(json.dumps({"seed": options.seed, "kill": one, "fault": fault}) + "\n")
        plants.finish()
    finally:
        plants.drop()
    for name, count in done.items():
        print(f"{count:5} {name}")
    print(f"{sum(done.values())} kills, {faults} faults")
    return faults != 0


if __name__ == "__main__":
    sys.exit(main())
