"""Fixtures: `image` and `broker_image`, which scripts/image --test has built; `network` with the machine
`gateway`, on which containers run, and `plant`; `run` starts a container."""

import os
import pathlib
import sys

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "integration"), str(TESTS / "cluster")]

import pytest  # noqa: E402

from engine import Container, Image  # noqa: E402
from netns import Network  # noqa: E402


@pytest.fixture(scope="session")
def image():
    return Image.of("TAGFERRY_IMAGE")


@pytest.fixture(scope="session")
def broker_image():
    return Image.of("TAGFERRY_BROKER")


@pytest.fixture
def network():
    with Network("gateway", "plant") as made:
        yield made


@pytest.fixture
def run(tmp_path):
    """Makes the function run(IMAGE, NAME, MACHINE, MOUNTS, ...), which starts a container. Of `mounts`,
    a name is that of a volume, which is made for the image's user if it is new."""
    started = []

    def start(image, name, machine, mounts, arguments=None, env=None):
        folders = {}
        for place, volume in mounts.items():
            folders[place] = volume
            if volume != "tmpfs":
                folders[place] = tmp_path / f"volume-{volume}"
                if not folders[place].exists():
                    folders[place].mkdir(mode=0o750)
                    os.chown(folders[place], *image.user()[:2])
        container = Container(image, tmp_path, name, machine, folders, arguments, env)
        started.append(container)
        return container.start()

    yield start
    for container in started:
        container.close()
        print(f"== {container.name}\n{container.log()}")
