"""The bench of tests/bench, without measuring: a candidate that fails is named and the others are measured, and the
report has a place for each table."""

import argparse
import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))

import bench
import part_flow
import report
from measure import Results

OPTIONS = argparse.Namespace(step="", rounds=1, seconds=1, latency_seconds=1, note="")


class Stack:
    """A candidate that fails where it is told to."""

    def __init__(self, folder):
        self.folder, self.is_finished = folder, False

    def start(self, devices, keys):
        assert self.name != "broken", "no broker"

    def finish(self):
        self.is_finished = True


def kind(name):
    return type(name, (Stack,), {"name": name})


def test_a_candidate_that_fails_does_not_end_the_others(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(part_flow, "KINDS", [kind("tagferry"), kind("broken"), kind("slow")])
    results = Results()
    field = part_flow.Field(results, "1 key", tmp_path, 1, 1)
    assert [run.name for run in field.runs] == ["tagferry", "slow"]

    def measure(run, figure):
        if run.name == "slow":
            raise KeyError("what nobody expected")
        results.add(figure, run.name, 5)
    field.each("speed", measure, "messages/s")
    field.finish()
    assert results.median("messages/s") == 5 and results.median("messages/s", "slow") is None
    assert all(stack.is_finished for stack in field.stacks)
    assert results.failures == [("1 key, start", "broken"), ("1 key, speed", "slow")]
    said = capsys.readouterr().err
    assert "1 key, start: broken failed: no broker" in said and "1 key, speed: slow failed: 'what" in said


def test_a_step_that_fails_does_not_end_the_others(tmp_path, monkeypatch):
    def fails(*_):
        raise ZeroDivisionError
    measured = []
    part = argparse.Namespace(STEPS={"one": fails, "two": lambda *_: measured.append("two")})
    monkeypatch.setattr(bench, "PARTS", {"part": part})
    results = Results()
    assert bench.measure(results, OPTIONS, "part", tmp_path) == ["part, one"]
    assert measured == ["two"]


def test_the_report_has_each_table_and_part():
    text = (report.HERE / "performance.md.in").read_text()
    assert sorted(re.findall(r"@(\w+)@", text)) == sorted([*report.SECTIONS, "machine"])
    parts = re.search(r"the name of a part \(([^)]*)\)", text)[1]
    assert re.findall(r"`(\w+)`", parts) == list(bench.PARTS)


def test_a_report_without_figures_says_so(tmp_path):
    results = Results()
    results.failures.append(("1 key, start", "prototype"))
    path = tmp_path / "performance.md"
    report.write(results, OPTIONS, path)
    text = path.read_text()
    assert "Failed, and shown as –: prototype (1 key, start)." in text
    assert "@" not in text and "| not measured | – |" in text
    wanted = [goal.text for goal in report.goals()]
    assert len(wanted) == len(set(wanted))


def test_the_goals_beside_other_load_are_of_a_run_of_their_own(tmp_path):
    alone, beside = Results(), Results()
    alone.add("recording the history, CPU percent", "tagferry", 2)
    beside.add("recording the history, CPU percent", "tagferry", 7)
    path = tmp_path / "performance.md"
    report.write(alone, OPTIONS, path)
    assert "| recording the history | ≤ 5 % of a core | 7" not in path.read_text()
    report.write_beside_load(beside, OPTIONS, path)
    alone.add("recording the history, CPU percent", "tagferry", 4)
    report.write(alone, OPTIONS, path)
    first, second = path.read_text().split(f"<!-- {report.BESIDE_LOAD}:begin -->")
    assert "| recording the history | ≤ 5 % of a core | 3 % of a core | yes |" in first
    assert "| recording the history | ≤ 5 % of a core | 7 % of a core | **no** |" in second


@pytest.mark.parametrize("mine, bound, shown, verdict", [
    (90, 50, "0.9×", "yes"), (130, 50, "1.3×", "**no**"), (130, 120, "1.3×", "**no**; bare reaches 1.2×")])
def test_goals_as_a_ratio(mine, bound, shown, verdict):
    results = Results()
    for name, value in (("tagferry", mine), ("prototype", 100), ("bare", bound)):
        results.add("latency", name, value)
    goal = report.Goal("latency, ratio", "latency", most=1, over="prototype", bound="bare")
    assert goal.row(results) == ("latency, ratio", "≤ 1×", shown, verdict)
