"""The soak for a few seconds, and its model of commands, which must detect faults."""

import subprocess
import sys

import pytest

from harness import BIN, ROOT

SOAK = ROOT / "tests/soak"


def test_a_short_soak(tmp_path):
    done = subprocess.run(
        ["/usr/bin/python3", SOAK / "soak.py", "0.1", "--seed", "5", "--bin", BIN,
         "--data", tmp_path], stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stdout
    for row in ("| commands lost | 0 |", "| findings | 0 |"):
        assert row in done.stdout
    folder, = tmp_path.iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["soak.log", "summary.md"]


@pytest.fixture
def commands(monkeypatch):
    """A model that has three commands, of which one has been seen."""
    monkeypatch.syspath_prepend(SOAK)
    import truth
    made = truth.Commands(ordered=True)
    for number in (1, 2, 3):
        made.wrote(number, True)
    made.see(1)
    yield made
    sys.modules.pop("truth")


def test_a_lost_command_is_noticed(commands):
    commands.see(3)
    assert commands.close_round() == (1, [])


def test_commands_out_of_order_are_noticed(commands):
    commands.see(3)
    commands.see(2)
    assert commands.close_round() == (0, [(2, 3)])


def test_repeated_commands_are_no_fault(commands):
    for number in (2, 1, 2, 3):
        commands.see(number)
    assert commands.settled() and commands.close_round() == (0, [])
    assert commands.repeats == 2


def test_a_broker_that_dies_excuses_what_was_under_way_alone(commands):
    commands.broker_died()
    commands.wrote(4, True)
    assert not commands.settled()
    assert commands.close_round() == (1, [])
    assert commands.excused == 2


def test_a_write_without_an_answer_may_be_seen_or_not(commands):
    commands.wrote(4, False)
    for number in (2, 3):
        commands.see(number)
    assert commands.close_round() == (0, [])
