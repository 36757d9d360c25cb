"""tagferry-api killed, stopped and restarted in each state of the others."""

import pytest

import daemons
import rows


@pytest.mark.parametrize("row", rows.of_daemon("api"), ids=lambda row: row.name)
def test_api(plant, flow, record, row):
    daemons.run(plant, flow, record, "api", row)
