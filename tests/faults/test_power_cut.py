"""Power cuts: the writes of the real programs are recorded, and states of the disk that a cut between two of
them can leave are opened by the real programs again. Only what docs/reliability.md says may be missing.

power_cuts.py has what these tests share with those of a migration and a restore."""

import contextlib
import functools
import os
import sqlite3
import struct
import subprocess
import threading
import time

import pytest

import replay
from harness import BIN, DEADLINE, Api, Modbusd, eventually
from mqttd_helpers import tag
from power_cuts import each, reopen
from wire import Line, Wire, read_request, write_request


# Registers.

class Writer(threading.Thread):
    """Writes one number after the other into a block of registers, each until a write of it succeeds."""

    def __init__(self, modbusd, at, width, first, most=1 << 16):
        super().__init__(daemon=True)
        self.modbusd, self.most, self.ends = modbusd, most, False
        self.at, self.width, self.first = at, width, first
        self.sent, self.acknowledged = [], []  # times, of the number first + index
        self.refused = 0

    def run(self):
        line = Line(self.modbusd)
        while not self.ends and len(self.sent) < self.most:
            number = self.first + len(self.sent)
            self.sent.append(time.monotonic_ns())
            pdu = write_request(self.at, *[number] * self.width)
            while line.ask(pdu) != struct.pack(">BHH", 16, self.at, self.width):
                self.refused += 1
                if self.ends:
                    return
            self.acknowledged.append(time.monotonic_ns())

    def check(self, values, safe_ns, cut_ns):
        """Each register has a number that was sent before the cut, and none older than the newest that is safe.
        Returns whether the write is stored in part."""
        low = sum(at < safe_ns for at in self.acknowledged) - 1
        high = sum(at < cut_ns for at in self.sent) - 1
        for value in values:
            number = value - self.first if value else -1
            assert low <= number <= high, f"{set(values)}: not from {low} to {high} (+ {self.first})"
        return len(set(values)) > 1


# Pages begin at register 0, 2048, ...; a record of more than 95 registers has two sectors.
BLOCKS = ((1990, 123, 1000), (4096, 123, 20000), (9000, 1, 40000))


def await_writes(writers, more):
    """Waits until each writer has had so many more answers."""
    before = [len(writer.acknowledged) for writer in writers]
    eventually(lambda: all(len(writer.acknowledged) >= count + more for writer, count in zip(writers, before)),
               "writes")


def fail_syncs(recorded, modbusd, writers):
    """Syncs fail for a while, more than once, while the writers write. Returns writers of a single number, of whose
    pages nothing is written later."""
    singles = [Writer(modbusd, 14000 + 2048 * n, 5, 50000, 1) for n in range(3)]
    for single in singles:
        with recorded.failing():
            single.start()
            eventually(lambda: single.acknowledged or single.refused, "the single write")
            failures = modbusd.counter("MODBUSD_IMAGE_SYNC_FAILURES")
            eventually(lambda: modbusd.counter("MODBUSD_IMAGE_SYNC_FAILURES") >= failures + 2, "syncs that fail")
        syncs = modbusd.counter("MODBUSD_IMAGE_SYNCS")
        eventually(lambda: modbusd.counter("MODBUSD_IMAGE_SYNCS") > syncs, "a sync")
        eventually(lambda: single.acknowledged, "the single write")
        await_writes(writers, 3)
    return singles


@pytest.mark.parametrize("syncs", ["good", "failing"])
@pytest.mark.parametrize("persist", ["always", "interval"])
def test_registers(recorded, tmp_path, persist, syncs):
    options = {"common.runtime_dir": tmp_path / "runtime", "common.units": "1",
               "modbusd.image": recorded.disk / "image", "modbusd.persist": persist,
               "modbusd.sync_interval_ms": 20}
    options.update({key: "127.0.0.1:0" for key in Modbusd.PORTS.values()})
    modbusd = Modbusd("tagferry-modbusd", tmp_path, options)
    modbusd.env.update(recorded.env)
    modbusd.start()
    writers = [Writer(modbusd, *block) for block in BLOCKS]
    for writer in writers:
        writer.start()
    await_writes(writers, 25 if syncs == "good" else 5)
    if syncs == "failing":
        writers += fail_syncs(recorded, modbusd, writers)
        assert persist == "interval" or all(writer.refused for writer in writers)
    for writer in writers:
        writer.ends = True
    assert modbusd.stop() == 0
    for writer in writers:
        writer.join()
    options["common.units"] = "1,2"  # the file grows
    assert modbusd.start().stop() == 0
    modbusd.close_notify()
    modbusd.check_sanitizers()
    ports = {key: "127.0.0.1:0" for key in Modbusd.PORTS.values()}

    def check(state, folder):
        # Always: what is answered is safe; else what was written before the last complete sync began.
        safe_ns = state.next_ns if persist == "always" else max(state.synced_ns.values(), default=0)
        opened = reopen(Modbusd, folder, common__units="1,2", modbusd__image=folder / "image", **ports)
        try:
            with Wire(opened.address()) as wire:
                parts = 0
                for writer in writers:
                    answer = wire.ask(read_request(3, writer.at, writer.width))
                    values = struct.unpack(f">{writer.width}H", answer[2:])
                    parts += writer.check(values, safe_ns, state.next_ns)
                assert wire.ask(read_request(3, 0, 1), unit=2) == b"\3\2\0\0"
        finally:
            opened.kill()
            opened.close_notify()
        opened.check_sanitizers()
        return parts, "is not whole" in opened.log()

    results = each(recorded.states(80 if syncs == "good" else 20, weights=(1, 1, 1, 3, 8)), recorded, tmp_path, check)
    print(f"{persist}, {syncs}: {len(results)} states, {sum(r[0] for r in results)} writes stored in part, "
          f"{sum(r[1] for r in results)} records dropped")


# The store and the history.

DEVICES = 6


class Changer(threading.Thread):
    """Gives a device of its own one description after the other, until there are `goal` in all."""

    def __init__(self, api, name, goal):
        super().__init__(daemon=True)
        self.api, self.name, self.goal = api, name, goal
        self.sent, self.acknowledged, self.refused, self.fault = [], [], 0, None

    def run(self):
        try:
            for number in range(self.goal):
                body = {"description": f"{number} " + "x" * 400}
                self.sent.append(time.monotonic_ns())
                request = ("PATCH", f"/devices/{self.name}", body)
                if number == 0:
                    request = ("POST", "/devices", {"name": self.name, "mqtt": {"topic": "t"}, **body})
                while (status := self.api.request(*request).status) == 503:
                    self.refused += 1
                assert status in (200, 201), status
                self.acknowledged.append(time.monotonic_ns())
        except Exception as fault:  # reported by the test's thread
            self.fault = fault

    def check(self, found, cut_ns):
        """What is answered is safe."""
        low = sum(at < cut_ns for at in self.acknowledged) - 1
        high = sum(at < cut_ns for at in self.sent) - 1
        number = int(found[self.name].split()[0]) if self.name in found else -1
        assert low <= number <= high, f"{self.name} has {number}: not from {low} to {high}"


def descriptions(path):
    """Without the daemon, which is slow to start."""
    if not path.exists():
        return {}
    with contextlib.closing(sqlite3.connect(path)) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if store.execute("SELECT 1 FROM sqlite_schema WHERE name = 'device'").fetchone() is None:
            return {}
        return dict(store.execute("SELECT name, description FROM device"))


def recorded_values(api):
    points = api.must("GET", "/devices/h/tags/x/history?points=5000")["points"]
    return {value for point in points for value in point[1:]}


def fail_commits(recorded, changers):
    """Syncs fail again and again, until all changes are made."""
    while any(changer.is_alive() for changer in changers):
        refused = sum(changer.refused for changer in changers)
        with recorded.failing():
            eventually(lambda: sum(changer.refused for changer in changers) > refused or
                       not any(changer.is_alive() for changer in changers), "a change that is refused")
        made = sum(len(changer.acknowledged) for changer in changers)
        eventually(lambda: sum(len(changer.acknowledged) for changer in changers) > made + 20 or
                   not any(changer.is_alive() for changer in changers), "changes")


@pytest.mark.parametrize("syncs", ["good", "failing"])
def test_store_and_history(recorded, tmp_path, stack, syncs):
    stack.common["common.database"] = recorded.disk / "tagferry.db"
    stack.start_broker()
    stack.start_modbusd()
    api = stack.start_api(env=recorded.env, api__history_mb=1)
    stack.start_mqttd()
    api.device("h", "h", [tag("x", 0)])
    changers = [Changer(api, f"d{number}", 45) for number in range(DEVICES)]
    for changer in changers:
        changer.start()
    if syncs == "failing":
        fail_commits(recorded, changers)
        assert sum(changer.refused for changer in changers) > 0
    published, shown = [], set()

    def publish():
        published.append(len(published) + 1)
        stack.broker.publish("h", {"x": published[-1]})
        shown.update(recorded_values(api))
        return len(shown) >= 3 and not any(changer.is_alive() for changer in changers)
    eventually(publish, "changes and history")
    for changer in changers:
        assert changer.fault is None, changer.fault
    for part in (stack.mqttd, api):
        assert part.stop() == 0
    events = recorded.events()
    assert any(event.kind == "T" and event.at == 0 for event in events), "the log was moved into the file"

    def check(state, folder, always=False):
        path, history = folder / "tagferry.db", set()
        if always or state.index % 10 == 0:
            opened = reopen(Api, folder, common__database=path, api__listen="127.0.0.1:0", api__history_mb=1)
            try:
                if opened.get("/devices/h/tags/x").status == 200:
                    history = recorded_values(opened)
                    assert history <= set(published), f"{history} are not what was published"
            finally:
                opened.kill()
                opened.close_notify()
            opened.check_sanitizers()
            assert state.choice != "Choice" or state.index < len(events) - 1 or history >= shown
        found = descriptions(path)
        for changer in changers:
            changer.check(found, state.next_ns)
        return len(history)

    results = each(recorded.states(120 if syncs == "good" else 40, weights=(1, 1, 1, 3, 4)), recorded, tmp_path, check)
    if syncs == "failing":
        return
    # Entries of the history that are on the disk in part.
    since = next(event.index for event in events if event.kind == "M" and event.at >= replay.LINE)
    torn = recorded.states(24, weights=(0, 0, 0, 0, 1), since=since, units=(replay.LINE, replay.WORD))
    opened = each(torn, recorded, tmp_path, functools.partial(check, always=True))
    assert any(opened), "a history"
    print(f"store: {len(events)} events, {len(results) + len(opened)} states, "
          f"{sum(count > 0 for count in results + opened)} with a history")


def test_history_of_another_size(recorded, tmp_path, stack):
    """The old file goes when the new one is on the disk."""
    stack.common["common.database"] = recorded.disk / "tagferry.db"
    stack.start_broker()
    stack.start_modbusd()
    api = stack.start_api(env=recorded.env, api__history_mb=2)
    stack.start_mqttd()
    api.device("h", "h", [tag("x", 0)])
    shown = set()

    def publish():
        stack.broker.publish("h", {"x": len(shown) + 1})
        shown.update(recorded_values(api))
        return len(shown) >= 2
    eventually(publish, "history")
    assert stack.mqttd.stop() == 0
    shown.update(recorded_values(api))
    assert api.stop() == 0
    since = recorded.begin_again()
    api.options["api.history_mb"] = 1
    api.start()
    assert api.stop() == 0

    def check(_state, folder):
        opened = reopen(Api, folder, common__database=folder / "tagferry.db", api__listen="127.0.0.1:0",
                        api__history_mb=1)
        try:
            assert recorded_values(opened) >= shown
        finally:
            opened.kill()
            opened.close_notify()
        opened.check_sanitizers()

    each(recorded.states(20, since=since), recorded, tmp_path, check)


# Token files and backups, which commands write.

def test_tokens_and_backups(recorded, tmp_path, stack):
    stack.common["common.database"] = tmp_path / "tagferry.db"
    api = stack.start_api(api__token_file=recorded.disk / "tokens")
    api.device("d", "t")

    def run(*words, folder=recorded.disk, env=recorded.env):
        command = [str(BIN / "tagferry-api"), "-c", "/dev/null", "-o", f"api.token_file={folder / 'tokens'}",
                   "-o", f"common.database={stack.common['common.database']}",
                   "-o", f"common.runtime_dir={stack.common['common.runtime_dir']}", *words]
        done = subprocess.run(command, env=dict(os.environ, **env), capture_output=True, text=True,
                              timeout=DEADLINE, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    made = {}  # name or file: the times of its beginning and end
    for number in range(6):
        for what, words in ((f"name{number}", ("token", "add", f"name{number}")),
                            (f"copy{number}", ("backup", str(recorded.disk / f"copy{number}")))):
            began = time.monotonic_ns()
            run(*words)
            made[what] = (began, time.monotonic_ns())
    began = time.monotonic_ns()
    run("token", "revoke", "name0")
    revoked = (began, time.monotonic_ns())

    def check(state, folder):
        listed = run("token", "list", folder=folder, env={})
        for what, (began_ns, done_ns) in made.items():
            if what.startswith("copy"):
                if done_ns < state.next_ns:
                    assert "d" in descriptions(folder / what), f"{what} is not whole"
                continue
            is_there = what in listed
            must = done_ns < state.next_ns and not (what == "name0" and revoked[0] < state.next_ns)
            may = began_ns < state.next_ns and not (what == "name0" and revoked[1] < state.next_ns)
            assert is_there <= may and is_there >= must, f"{what}: {listed}"

    results = each(recorded.states(80), recorded, tmp_path, check)
    print(f"tokens: {len(recorded.events())} events, {len(results)} states")
