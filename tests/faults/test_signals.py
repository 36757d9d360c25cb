"""Many SIGHUPs in a row."""

import signal
import time

import pytest

import rows

STORM = 500


@pytest.mark.parametrize("row", rows.SIGNALS, ids=lambda row: row.name)
def test_signals(plant, flow, record, row):
    part = getattr(plant, row.how)
    for n in range(STORM):
        part.signal(signal.SIGHUP)
        if n % 50 == 0:
            flow.say()
            flow.command()
            assert flow.change() == 200
    began = time.monotonic()
    flow.back()
    back = (time.monotonic() - began) * 1000
    lost = flow.lost()
    record(row, lost, back)
    assert lost == 0
    assert part.alive()
