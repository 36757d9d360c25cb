"""Fixtures: `plant` runs all parts with the shim, `flow` is the load on it; both exist once per
file. mqttd connects to the broker through a proxy, the devices directly. `record` stores the result
of a row of the matrix."""

import json
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = sys.pycache_prefix is None
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import pytest  # noqa: E402

from flow import Flow  # noqa: E402
from harness import Stack  # noqa: E402
from mqttd_helpers import served  # noqa: E402
from plant import Plant  # noqa: E402
from power_cuts import Recorded  # noqa: E402
from proxy import Proxy  # noqa: E402


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    made = Plant(tmp_path_factory.mktemp("plant"))
    yield made
    made.finish()


@pytest.fixture(scope="module")
def flow(plant):
    plant.start_broker("autosave_interval 0", persistence=True)
    plant.start_modbusd(modbusd__image=plant.image)
    plant.start_api()
    plant.proxy = Proxy(plant.broker.number)
    plant.start_mqttd(mqttd__broker=plant.proxy.address())
    made = Flow(plant, plant.broker.number)
    served(plant)
    made.say()
    made.back()
    yield made
    made.close()
    plant.proxy.close()


@pytest.fixture
def record():
    """Writes a row's result into the folder of TAGFERRY_FAULT_RESULTS, if there is one."""
    folder = os.environ.get("TAGFERRY_FAULT_RESULTS")

    def write(row, lost, back_ms):
        if folder:
            name = re.sub(r"\W+", "-", f"{row.table} {row.name}") + ".json"
            (pathlib.Path(folder) / name).write_text(json.dumps(
                {"table": row.table, "name": row.name, "lost": lost,
                 "back_ms": None if back_ms is None else round(back_ms)}), encoding="utf-8")
    return write


@pytest.fixture
def stack(tmp_path):
    """Parts without the shim."""
    made = Stack(tmp_path)
    yield made
    made.finish()


@pytest.fixture
def recorded(tmp_path):
    return Recorded(tmp_path)
