"""Connections to the file of a store that end with their block. One that stays open, until Python collects it, keeps
the daemon from removing its log when it ends, and makes later ones of this process share its index of the log, also
when the store was copied and started again since: they would see the state of before."""

import contextlib
import sqlite3


@contextlib.contextmanager
def open_store(path):
    """Commits at the end of the block, unless it fails."""
    with contextlib.closing(sqlite3.connect(path)) as store, store:
        yield store


def read_store(path):
    return contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True))
