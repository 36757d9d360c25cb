"""tagferry-modbusd killed, stopped and restarted in each state of the others."""

import pytest

import daemons
import rows


@pytest.mark.parametrize("row", rows.of_daemon("modbusd"), ids=lambda row: row.name)
def test_modbusd(plant, flow, record, row):
    daemons.run(plant, flow, record, "modbusd", row)
