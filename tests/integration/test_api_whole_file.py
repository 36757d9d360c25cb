"""After a clean stop the store is one complete file: a copy of tagferry.db alone has each change.
Only owner and group can read its files."""

import shutil

import pytest

from mqttd_helpers import served
from store_file import open_store, read_store
from test_api_backup import Writer, command, must, start


def copy_alone(stack):
    """The copy that a person makes who does not know about SQLite's log."""
    copy = stack.folder / "copy.db"
    shutil.copy(stack.common["common.database"], copy)
    return copy


def names(path):
    with open_store(path) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {name for name, in store.execute("SELECT name FROM device")}


def log_size(stack):
    log = stack.folder / "tagferry.db-wal"
    return log.stat().st_size if log.exists() else 0


@pytest.mark.parametrize("followed", [False, True], ids=["alone", "mqttd runs"])
def test_a_stop_under_load(stack, followed):
    """The end of the API stops the writers at any point."""
    api = stack.start_api()
    if followed:
        stack.start_broker()
        stack.start_modbusd()
        stack.start_mqttd()
    writers = [Writer(api, number) for number in range(3)]
    start(writers)
    assert api.stop() == 0
    for writer in writers:
        writer.ending.set()
        writer.join()
        assert isinstance(writer.fault, (OSError, type(None))), writer.fault
    acknowledged = {w.name(n) for w in writers for n in range(1, w.done + 1)}
    assert len(acknowledged) > 9 and acknowledged <= names(copy_alone(stack))
    assert log_size(stack) == 0


def test_mqttd_stopped_last(plant):
    plant.api.device("a", "t", [{"name": "x"}])
    served(plant)
    plant.api.stop()
    plant.mqttd.stop()
    assert names(copy_alone(plant)) == {"a"}


def test_a_store_that_was_only_just_made(stack):
    """Its schema, too: 4,096 bytes would be an empty database."""
    stack.start_api().stop()
    assert names(copy_alone(stack)) == set()


def test_commands_beside_a_reader(plant):
    """tagferry-api is stopped, tagferry-mqttd holds the store open, and a command changes it."""
    api, file = plant.api, plant.folder / "backup.db"
    api.device("a", "t")
    must(api, "backup", file)
    api.device("b", "t")
    served(plant)
    api.stop()
    assert command(api, "token", "add", "someone")[0] == 0
    with open_store(copy_alone(plant)) as store:
        noted, = store.execute("SELECT after FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    assert "token_added" in noted
    must(api, "restore", file)
    assert names(copy_alone(plant)) == {"a"} == names(file)


def test_a_reader_that_will_not_let_go(stack):
    """The stop does not wait forever, and logs that the file alone is incomplete."""
    api = stack.start_api()
    api.device("a", "t")
    with read_store(stack.common["common.database"]) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM device").fetchall()
        api.device("b", "t")
        assert api.stop() == 0
        api.wait_log("a copy needs both files")
    api.start()
    assert api.must("GET", "/devices")["total"] == 2
    api.stop()
    assert names(copy_alone(stack)) == {"a", "b"}


@pytest.mark.parametrize("umask", ["000", "022", "027", "077"])
def test_nobody_else_reads_the_store(stack, umask):
    files = [stack.folder / f"tagferry.db{end}" for end in ("", "-wal", "-shm")]
    api = stack.start_api()
    api.stop()
    files[0].chmod(0o644)  # as an older version left it
    for was_there in (True, False):
        api.prefix = ("sh", "-c", f'umask {umask}; exec "$@"', "sh")
        api.start()
        api.device("a", "t")
        for file in files:
            assert file.stat().st_mode & 0o137 == 0, (file.name, oct(file.stat().st_mode), was_there)
        must(api, "backup", stack.folder / f"{was_there}.db")
        must(api, "restore", stack.folder / f"{was_there}.db")
        assert [oct(file.stat().st_mode) for file in files if file.stat().st_mode & 0o137] == []
        assert (stack.folder / f"{was_there}.db").stat().st_mode & 0o177 == 0
        api.stop()
        for file in files:
            file.unlink(missing_ok=True)
