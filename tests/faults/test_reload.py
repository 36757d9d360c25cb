"""An invalid configuration at SIGHUP: the old one stays in force."""

import re
import signal
import time

import pytest

import rows

GOOD = "[modbusd]\nidle_timeout_s = 0\n[mqttd]\nkeepalive_s = 30\n[api]\nidle_timeout_s = 30\n"
FAULTS = {"a value": "no number", "a key": "1\nno_such_key = 1"}


@pytest.fixture(scope="module")
def config(plant, flow):
    """All daemons restart with a file."""
    path = plant.folder / "tagferry.conf"
    path.write_text(GOOD)
    for daemon in rows.DAEMONS:
        part = getattr(plant, daemon)
        part.stop()
        part.config = path
        part.start()
    flow.mark()
    return path


@pytest.mark.parametrize("row", rows.RELOADS, ids=lambda row: row.name)
def test_reload(plant, flow, record, config, row):
    daemon, fault = row.how
    part = getattr(plant, daemon)
    before, after = GOOD.split(f"[{daemon}]\n")
    key, rest = after.split(" = ", 1)
    broken = f"{before}[{daemon}]\n{key} = {FAULTS[fault]}\n" + rest.split("\n", 1)[1]
    bad = "no number" if fault == "a value" else "no_such_key"
    line = 1 + next(n for n, text in enumerate(broken.splitlines()) if bad in text)
    config.write_text(broken)
    flow.say(20)
    part.signal(signal.SIGHUP)
    began = time.monotonic()
    part.wait_log(rf"{re.escape(str(config))}.*\b{line}\b")
    part.wait_log("not reloaded")
    flow.command()
    assert flow.change() == 200
    flow.back()
    back = (time.monotonic() - began) * 1000
    config.write_text(GOOD)
    part.signal(signal.SIGHUP)
    part.wait_log("configuration reloaded")
    lost = flow.lost()
    record(row, lost, back)
    assert lost == 0
    assert part.alive()
