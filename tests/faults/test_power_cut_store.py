"""Power cuts while tagferry-api migrates a store of an older version, and while `tagferry-api restore` replaces one.
Nothing is lost in any state of the disk: the store is the one before or the one after, and whole."""

import contextlib
import os
import shutil
import subprocess
import time

import pytest

from harness import BIN, DEADLINE, Api
from power_cuts import each, reopen
from test_upgrade import FIXTURES, assert_kept, contents, make_store
from test_upgrade_return import NEWEST, kept, schema


@contextlib.contextmanager
def copy_of(folder):
    """To look at the files without tagferry-api: SQLite changes them when it opens them after a cut."""
    copy = shutil.copytree(folder, folder.with_name(f"{folder.name}-copy"))
    yield copy
    shutil.rmtree(copy)


@contextlib.contextmanager
def opened_again(folder):
    """tagferry-api on a state of the disk, as after a boot."""
    api = reopen(Api, folder, common__database=folder / "tagferry.db", api__listen="127.0.0.1:0", api__history_mb=0)
    try:
        yield api
        assert api.stop() == 0
    finally:
        api.close_notify()
    api.check_sanitizers()


@pytest.mark.parametrize("fixture", [FIXTURES[0], FIXTURES[-2]], ids=lambda path: path.stem)
def test_a_migration(recorded, tmp_path, stack, fixture):
    path = stack.common["common.database"] = recorded.disk / "tagferry.db"
    make_store(path, fixture)
    older, before = schema(path), contents(path)
    since = recorded.begin_again()
    api = stack.start_api(env=recorded.env, api__history_mb=0)
    started_ns = time.monotonic_ns()
    assert api.stop() == 0
    seen = {"older": 0, "newest": 0}

    def check(state, folder):
        with copy_of(folder) as copy:
            found = schema(copy / "tagferry.db")
            assert_kept(before, contents(copy / "tagferry.db"))
            backups = kept(copy / "tagferry.db")
            for backup in backups:
                assert schema(backup) == older
                assert_kept(before, contents(backup))
        assert found in (older, NEWEST)
        assert found == NEWEST or state.next_ns <= started_ns, "the migration was lost after the start"
        assert backups or found == older, "a migrated store without the backup before it"
        seen["newest" if found == NEWEST else "older"] += 1
        with opened_again(folder) as again:
            assert again.must("GET", "/tags")["total"] == len(before[0]["tag"])
        assert schema(folder / "tagferry.db") == NEWEST
        assert_kept(before, contents(folder / "tagferry.db"))

    results = each(recorded.states(60, weights=(1, 3, 1, 3, 5), since=since), recorded, tmp_path, check)
    assert all(seen.values()), seen
    print(f"{fixture.stem}: {len(results)} states, {seen}")


def test_a_restore(recorded, tmp_path, stack):
    """Of a backup of an older schema, over a store with other devices."""
    path = stack.common["common.database"] = tmp_path / "first.db"
    api = stack.start_api(api__history_mb=0)
    for number in range(30):
        api.device(f"now-{number}", "t", [{"name": f"t{tag}"} for tag in range(5)])
    assert api.stop() == 0
    backup = tmp_path / "backup"
    make_store(backup, FIXTURES[0])
    shutil.copy(path, recorded.disk / "tagferry.db")
    since = recorded.begin_again()
    done = subprocess.run(
        [BIN / "tagferry-api", "-c", "/dev/null", "-o", f"common.database={recorded.disk / 'tagferry.db'}",
         "-o", f"common.runtime_dir={stack.common['common.runtime_dir']}", "restore", backup],
        env=dict(os.environ, **recorded.env), capture_output=True, text=True, timeout=DEADLINE, check=False)
    restored_ns = time.monotonic_ns()
    assert done.returncode == 0, done.stderr
    now, then = {f"now-{number}" for number in range(30)}, {"boiler-7", "meter-1"}
    seen = {"before": 0, "after": 0}

    def check(state, folder):
        with copy_of(folder) as copy:
            assert schema(copy / "tagferry.db") == NEWEST
        with opened_again(folder) as again:
            names = {device["name"] for device in again.must("GET", "/devices?limit=100")["items"]}
            tags = again.must("GET", "/tags")["total"]
        assert (names, tags) in ((now, 150), (then, 3)), (names, tags)
        assert names == then or state.next_ns <= restored_ns, "the restored store was lost"
        seen["after" if names == then else "before"] += 1

    results = each(recorded.states(60, weights=(1, 3, 1, 3, 5), since=since), recorded, tmp_path, check)
    assert all(seen.values()), seen
    print(f"restore: {len(results)} states, {seen}")
