"""Fixtures: `pair` runs two gateways under load, once for all tests of a file; `record` stores the
result of a row."""

import json
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = sys.pycache_prefix is None
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import pytest  # noqa: E402

import netns  # noqa: E402
from pair import Pair  # noqa: E402

SKIPPED = 77  # SKIP_RETURN_CODE in CMakeLists.txt


def pytest_sessionfinish(session, exitstatus):
    """What was left out has not passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == 0 and reporter.stats.get("skipped"):
        session.exitstatus = SKIPPED


@pytest.fixture(scope="session")
def namespaces():
    """Leaves the test out where network namespaces cannot be made, and says why."""
    reason = netns.why_impossible()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def pair(namespaces, tmp_path_factory):
    made = Pair(tmp_path_factory.mktemp("pair"))
    yield made
    made.close()


@pytest.fixture
def record():
    """Writes a row's result into the folder of TAGFERRY_CLUSTER_RESULTS, if there is one."""
    folder = os.environ.get("TAGFERRY_CLUSTER_RESULTS")

    def write(row, figures):
        if folder:
            path = pathlib.Path(folder, re.sub(r"\W+", "-", row.name) + ".json")
            path.write_text(json.dumps({"name": row.name, "figures": figures._asdict()}),
                            encoding="utf-8")
    return write
