"""Fixtures: `plant` runs all parts with the shim, `flow` is the load on it; both exist once per
file. mqttd connects to the broker through a proxy, the devices directly. `record` stores the result
of a row of the matrix."""

import json
import os
import pathlib
import re
import struct
import subprocess
import sys

sys.dont_write_bytecode = sys.pycache_prefix is None
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import pytest  # noqa: E402

from flow import Flow  # noqa: E402
from harness import ROOT, Daemon, Stack  # noqa: E402
from mqttd_helpers import served  # noqa: E402
from power_cuts import Recorded  # noqa: E402
from proxy import Proxy  # noqa: E402


class Plant(Stack):
    """A stack whose daemons run with the shim, each with its own folder."""

    def __init__(self, folder):
        super().__init__(folder)
        self.shim = folder / "shim.so"
        # With frame pointers, AddressSanitizer shows who asked the shim for memory.
        subprocess.run(["cc", "-std=c11", "-O1", "-fno-omit-frame-pointer", "-shared", "-fPIC", "-o",
                        self.shim, ROOT / "tests/faults/shim.c", "-ldl"], check=True)
        for name in ("store", "registers"):
            (folder / name).mkdir()
        self.common["common.database"] = folder / "store/tagferry.db"
        self.image = folder / "registers/image"

    def add(self, part):
        if isinstance(part, Daemon):
            orders = self.folder / f"{part.name}.orders"
            orders.mkdir()
            (orders / "allocations").write_bytes(bytes(48))
            part.orders = orders
            part.env.update(LD_PRELOAD=str(self.shim), TAGFERRY_FAULTS=str(orders),
                            ASAN_OPTIONS="verify_asan_link_order=0:allocator_may_return_null=1")
        return super().add(part)

    def order(self, name, what, text):
        """Gives the shim of a daemon an order; None cancels an order."""
        path = getattr(self, name).orders / what
        if text is None:
            path.unlink(missing_ok=True)
            return
        draft = path.with_suffix(".new")
        draft.write_text(str(text))
        draft.rename(path)

    def refuse(self, name, first, times=1, every=1, own=False):
        """Refuses allocation number `first` of a daemon that runs, or starts next, and then each so
        many after it, a given total; with `own` only allocations of its own code count, not those
        of its libraries. 0 cancels the order."""
        with open(getattr(self, name).orders / "allocations", "r+b", buffering=0) as file:
            os.pwrite(file.fileno(), bytes(8), 0)
            os.pwrite(file.fileno(), struct.pack("<5Q", times, every, own, 0, 0), 8)
            os.pwrite(file.fileno(), struct.pack("<Q", first), 0)

    def refused(self, name):
        """The number of allocations since the order, and of refused ones."""
        words = (getattr(self, name).orders / "allocations").read_bytes()
        return struct.unpack_from("<2Q", words, 32)


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
