"""The output and the files of the commands of tagferry-api, above all as root."""

import os
import shutil
import stat
import subprocess
import tempfile

import pytest

from harness import BIN, DEADLINE, Stack, eventually
from store_file import open_store

NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@pytest.fixture
def stack():
    """In a folder without an owner, with all files in it."""
    folder = tempfile.mkdtemp(prefix="tagferry-")
    os.chown(folder, NOBODY, NOBODY)
    made = Stack(folder)
    before = os.umask(0)  # the daemon's notifications go to a socket of the test
    yield made
    made.finish()
    os.umask(before)
    shutil.rmtree(folder)


@pytest.fixture
def api(stack):
    def add(part):
        part.prefix = AS_NOBODY
        stack.parts.append(part)
        return part
    stack.add = add
    return stack.start_api()


def command(stack, *words, prefix=()):
    options = {**stack.common, "api.token_file": stack.folder / "tokens"}
    flags = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    return subprocess.run([*prefix, BIN / "tagferry-api", "-c", "/dev/null", *flags,
                           *map(str, words)], capture_output=True, text=True, timeout=DEADLINE)


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


def owner(path):
    return os.stat(path).st_uid


def test_tokens_made_by_root_let_people_in(api, stack):
    made = command(stack, "token", "add", "ops", "--scope", "write")
    assert made.returncode == 0, made.stderr
    assert f"Added ops (write) to {stack.folder}/tokens; every request" in made.stderr
    text = made.stdout.strip()
    eventually(lambda: api.get("/devices").status == 401, "the door to be closed")
    assert api.get("/devices", headers=bearer(text)).status == 200
    assert api.request("POST", "/devices", {"name": "a", "mqtt": {"topic": "t"}},
                       bearer(text)).status == 201
    for path in stack.folder.iterdir():
        if path.name.startswith(("tokens", "tagferry.db")):
            assert owner(path) == NOBODY, path
    own = command(stack, "token", "add", "more", prefix=AS_NOBODY)
    assert own.returncode == 0, own.stderr
    revoked = command(stack, "token", "revoke", "ops")
    assert "Revoked ops; 1 token is left" in revoked.stderr
    assert api.get("/devices", headers=bearer(text)).status == 401
    assert api.get("/devices", headers=bearer(own.stdout.strip())).status == 200
    revoked = command(stack, "token", "revoke", "more")
    assert "the last token" in revoked.stderr
    eventually(lambda: api.get("/devices").status == 200, "the door to be open")


def test_tokens_that_root_alone_could_read_are_mended(api, stack):
    path = stack.folder / "tokens"
    text = command(stack, "token", "add", "ops", prefix=AS_NOBODY).stdout.strip()
    os.chown(path, 0, 0)
    eventually(lambda: api.get("/devices", headers=bearer(text)).status == 401, "nobody is let in")
    assert command(stack, "token", "add", "more").returncode == 0
    eventually(lambda: api.get("/devices", headers=bearer(text)).status == 200, "it counts again")


def test_an_owner_that_was_chosen_stays(api, stack):
    """Like in /etc, where the daemon reads through its group."""
    path = stack.folder / "tokens"
    text = command(stack, "token", "add", "ops").stdout.strip()
    os.chown(path, 0, NOBODY)
    path.chmod(0o640)
    assert command(stack, "token", "add", "more").returncode == 0
    status = os.stat(path)
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (0, NOBODY, 0o640)
    assert api.get("/devices", headers=bearer(text)).status == 200


@pytest.mark.parametrize("words", [["token", "add", "x"], ["token", "revoke", "ops"],
                                   ["restore", "/nothing"]])
def test_another_user_changes_nothing(api, stack, words):
    """Although the folder permits it: the daemon could not read the resulting file."""
    text = command(stack, "token", "add", "ops").stdout.strip()
    stack.folder.chmod(0o777)
    (stack.folder / "tokens").chmod(0o644)
    before = (stack.folder / "tokens").read_bytes()
    done = command(stack, *words, prefix=("setpriv", "--reuid=1", "--regid=1", "--clear-groups"))
    assert done.returncode == 1 and "the store belongs to the user nobody" in done.stderr
    assert "nothing was done" in done.stderr
    assert (stack.folder / "tokens").read_bytes() == before
    assert api.get("/devices", headers=bearer(text)).status == 200


def test_a_full_disk_keeps_the_tokens(api, stack):
    text = command(stack, "token", "add", "ops").stdout.strip()
    limit = ("prlimit", "--fsize=0")
    done = command(stack, "token", "add", "more", prefix=("bash", "-c", 'trap "" XFSZ; exec "$@"',
                                                          "bash", *limit))
    assert done.returncode == 1 and "nothing was changed" in done.stderr, done.stderr
    assert not (stack.folder / "tokens.new").exists()
    assert api.get("/devices", headers=bearer(text)).status == 200


def test_backup_and_restore_say_what_they_did(api, stack):
    api.device("a", "t", [{"name": "x"}, {"name": "y"}])
    file = stack.folder / "backup.db"
    done = command(stack, "backup", file)
    assert done.stdout == f"Copied {stack.common['common.database']} to {file}: " \
                          "1 device, 2 tags, revision 3\n", done
    assert "exists" in command(stack, "backup", file).stderr
    api.must("DELETE", "/devices/a/tags/x")
    done = command(stack, "restore", file)
    assert done.stdout == f"Restored {stack.common['common.database']} from {file}: " \
                          "1 device, 2 tags, revision 5\n", done
    assert api.must("GET", "/devices/a/tags")["total"] == 2
    assert api.request("PATCH", "/devices/a", {"description": "n"}).status == 200
    done = command(stack, "restore", stack.common["common.database"])
    assert done.returncode == 1 and "is the store itself; nothing was done" in done.stderr


def test_a_store_that_root_restores_can_be_written(api, stack):
    """Into a folder without a store, while the daemon is stopped."""
    api.device("a", "t")
    file = stack.folder / "backup.db"
    assert command(stack, "backup", file).returncode == 0
    api.stop()
    for path in stack.folder.glob("tagferry.db*"):
        path.unlink()
    assert command(stack, "restore", file).returncode == 0
    for path in stack.folder.glob("tagferry.db*"):
        assert owner(path) == NOBODY, path
    api.start()
    assert api.request("PATCH", "/devices/a", {"description": "n"}).status == 200


@pytest.fixture
def backup(api, stack):
    """A backup on a medium that the daemon's user can only read."""
    medium = stack.folder / "medium"
    medium.mkdir(0o755)
    medium.chmod(0o755)
    api.device("a", "t", [{"name": "x"}])
    assert command(stack, "backup", medium / "backup.db").returncode == 0
    (medium / "backup.db").chmod(0o644)
    api.must("DELETE", "/devices/a/tags/x")
    return medium / "backup.db"


def test_a_backup_is_read_where_nothing_can_be_written(backup, api, stack):
    done = command(stack, "restore", backup, prefix=AS_NOBODY)
    assert done.returncode == 0, done.stderr
    assert api.must("GET", "/devices/a/tags")["total"] == 1
    assert command(stack, "restore", backup).returncode == 0
    assert os.listdir(backup.parent) == [backup.name], "nothing is left beside it"


def test_a_backup_that_cannot_be_read_is_not_called_damaged(backup, api, stack):
    """A backup of an older version, or a copy of the store: they need a write-ahead log beside
    them."""
    with open_store(backup) as store:
        assert store.execute("PRAGMA journal_mode = WAL").fetchall() == [("wal",)]
    done = command(stack, "restore", backup, prefix=AS_NOBODY)
    assert done.returncode == 1 and "copy it to a folder" in done.stderr, done.stderr
    shutil.copy(backup, stack.folder / "copy.db")
    os.chown(stack.folder / "copy.db", NOBODY, NOBODY)
    assert command(stack, "restore", stack.folder / "copy.db", prefix=AS_NOBODY).returncode == 0
    assert api.must("GET", "/devices/a/tags")["total"] == 1


def test_a_token_for_a_store_that_is_elsewhere_is_not_made(tmp_path):
    """Without the daemon's configuration: the owner of the token file is unknown."""
    tokens = tmp_path / "tokens"
    made = subprocess.run([BIN / "tagferry-api", "-c", "/dev/null",
                           "-o", f"common.database={tmp_path}/none/tagferry.db",
                           "-o", f"api.token_file={tokens}", "token", "add", "ops"],
                          capture_output=True, text=True, timeout=DEADLINE)
    assert made.returncode == 1
    assert "neither the store nor its folder exists" in made.stderr and "(-c)" in made.stderr
    assert not tokens.exists()
