"""Fixtures: `stack` is an empty folder of parts to start, `plant` has all of them running."""

import pytest

from harness import Stack


@pytest.fixture
def stack(tmp_path):
    made = Stack(tmp_path)
    yield made
    made.finish()


@pytest.fixture
def plant(stack):
    return stack.start_all()
