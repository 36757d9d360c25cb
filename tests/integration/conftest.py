"""Fixtures: `stack` is an empty folder of parts to start, `plant` has all of them running."""

import subprocess

import pytest

from harness import ROOT, Stack


@pytest.fixture
def stack(tmp_path):
    made = Stack(tmp_path)
    yield made
    made.finish()


@pytest.fixture
def plant(stack):
    return stack.start_all()


class Disk:
    """The disk below the store of an api started with it: `say` is an order to disk_shim.c."""

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
        """Is in force at once: the file is replaced, so that nobody reads half of it."""
        fresh = self.orders.with_suffix(".new")
        fresh.write_text(word)
        fresh.replace(self.orders)


@pytest.fixture
def disk(stack):
    made = Disk(stack)
    yield made
    made.say()
