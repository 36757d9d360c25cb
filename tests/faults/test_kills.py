"""A share of what kills.py does. TAGFERRY_SEED chooses it, TAGFERRY_KILLS is the number of kills."""

import os
import random

import pytest

import kills
from kill_load import KillPlant

SEED = int(os.environ.get("TAGFERRY_SEED", "23"))
KILLS = int(os.environ.get("TAGFERRY_KILLS", "10"))


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    made = KillPlant(tmp_path_factory.mktemp("plant"))
    yield made
    made.finish()


def test_kills(plant):
    chance = random.Random(SEED)
    for number in sorted(chance.sample(range(1000), KILLS)):
        one = kills.choose(SEED, number)
        print(one)
        kills.attempt(plant, one, random.Random(f"{SEED} {number} moment"))
