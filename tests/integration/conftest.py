"""Fixtures: `stack` is an empty folder with parts that a test starts; in `plant` all parts run."""

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
