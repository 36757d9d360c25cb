"""Fixtures: `stack` is an empty folder with parts that a test starts; in `plant` all parts run."""

import os
import subprocess

import pytest

from ctl import Ctl
from gateways import finish_all
from harness import ROOT, Daemon, Stack
from mirror_pair import Pair
from replica_gateways import ApiGateway

Daemon.is_checked = True


def pytest_addoption(parser):
    parser.addoption("--transcript", metavar="FILE", help="only this file, of test_transcripts.py")


def pytest_collection_modifyitems(config, items):
    """Selects a part of a file's cases: TAGFERRY_PART=1/4 is the first of four, see tests/schedule.cmake. Neighbours
    take about as long, so they go to different parts."""
    number, parts = (int(text) for text in os.environ.get("TAGFERRY_PART", "1/1").split("/"))
    left_out = [item for at, item in enumerate(items) if at % parts != number - 1]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = items[number - 1::parts]


@pytest.fixture
def stack(tmp_path):
    made = Stack(tmp_path)
    yield made
    made.finish()


@pytest.fixture(scope="module")
def shared_api(request, tmp_path_factory):
    shared = Stack(tmp_path_factory.mktemp("shared"))
    yield shared.start_api(**request.module.API_OPTIONS)
    shared.finish()


@pytest.fixture
def lone_api(request):
    """tagferry-api alone with an empty store, started with API_OPTIONS of the file. The tests of a file share it, since
    its start and end cost most of such a test; a test that also asks for `stack` has its own, with a new store."""
    if "stack" in request.fixturenames:
        return request.getfixturevalue("stack").start_api(**request.module.API_OPTIONS)
    api = request.getfixturevalue("shared_api")
    assert api.confirm("POST", "/import?mode=replace", {"devices": []}).status == 200
    for profile in api.must("GET", "/profiles?limit=1000")["items"]:
        api.must("DELETE", f"/profiles/{profile['name']}")
    return api


@pytest.fixture
def plant(stack):
    return stack.start_all()


@pytest.fixture
def ctl(plant):
    """tagferryctl for the plant."""
    return Ctl(plant.folder, f"http://{plant.api.options['api.listen']}")


@pytest.fixture
def gateways(tmp_path):
    """Makes gateways that have an API, and stops them."""
    made = []

    def make(name, **options):
        made.append(ApiGateway(tmp_path / name, **options))
        return made[-1]
    yield make
    finish_all(made)


@pytest.fixture
def twins(gateways):
    """A leader and its follower."""
    leader = gateways("a", common__units="1-20").start()
    return leader, gateways("b", common__units="1-20").start(api__follow=leader.url)


@pytest.fixture
def make_pair(tmp_path):
    """Makes pairs, and stops them."""
    pairs = []

    def make(*lines, **options):
        pairs.append(Pair(tmp_path, *lines, **options))
        return pairs[-1]
    yield make
    for pair in pairs:
        pair.finish()


class Disk:
    """Controls the disk of the store of an api started with it: `say` gives an order to
    disk_shim.c."""

    def __init__(self, stack):
        self.stack, self.orders = stack, stack.folder / "disk_orders"
        self.shim = stack.folder / "disk_shim.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-o", self.shim,
                        ROOT / "tests/integration/disk_shim.c", "-ldl"], check=True)

    def env(self):
        return {"LD_PRELOAD": str(self.shim), "TAGFERRY_TEST_DISK": str(self.orders),
                "ASAN_OPTIONS": "verify_asan_link_order=0"}

    def start_api(self, **options):
        return self.stack.start_api(env=self.env(), **options)

    def say(self, word=""):
        """Takes effect immediately. Replaces the file, so that it is never read incomplete."""
        fresh = self.orders.with_suffix(".new")
        fresh.write_text(word)
        fresh.replace(self.orders)


@pytest.fixture
def disk(stack):
    made = Disk(stack)
    yield made
    made.say()
