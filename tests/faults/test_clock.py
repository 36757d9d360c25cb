"""The wall clock stepped, for all three daemons at once."""

import datetime
import time

import pytest

import rows
from harness import eventually

DAEMONS = rows.DAEMONS


def now_shown(plant):
    """The time of a value in the API, in seconds since 1970."""
    text = plant.api.value("f", "v0")["received_at"]
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


@pytest.mark.parametrize("row", rows.CLOCK, ids=lambda row: row.name)
def test_clock(plant, flow, record, row):
    plant.api.must("PATCH", "/devices/f", {"mqtt": {"stale_after_s": 30}})
    flow.mark()
    began = time.monotonic()
    for step in row.how:
        for daemon in DAEMONS:
            plant.order(daemon, "clock", step)
        flow.say()
        flow.command()
        flow.back()
        eventually(lambda: abs(now_shown(plant) - time.time() - step) < 60, "the stepped time")
        assert plant.api.value("f", "v0")["quality"] == "good", "no step makes a value stale"
        assert 0 <= plant.api.value("f", "v0")["age_ms"] < 30000
        assert flow.change() == 200
    for daemon in DAEMONS:
        plant.order(daemon, "clock", None)
    flow.say()
    flow.back()
    assert plant.api.value("f", "v0")["quality"] == "good"
    back = (time.monotonic() - began) * 1000 / (len(row.how) + 1)
    lost = flow.lost()
    record(row, lost, back)
    assert lost == 0
