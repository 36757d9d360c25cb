"""kill -9 under a writing load: every 2xx is in the store, and nothing that was never asked for."""

import os
import random
import sqlite3
import threading

KILLS = int(os.environ.get("TAGFERRY_KILLS", "25"))


class Writer(threading.Thread):
    """Creates, changes and deletes devices until the server is gone."""

    def __init__(self, api, run, number):
        super().__init__()
        self.api, self.prefix = api, f"r{run}-w{number}-"
        self.certain = {}  # name: the description that was acknowledged, None for deleted
        self.doubtful = set()  # the name whose last request had no answer

    def change(self, method, name, body, state):
        path = "/devices" if method == "POST" else f"/devices/{name}"
        self.doubtful = {name}
        answer = self.api.request(method, path, body)
        assert answer.status in (200, 201, 204), answer.body
        self.certain[name] = state
        self.doubtful = set()

    def run(self):
        number = 0
        try:
            while True:
                name = f"{self.prefix}{number}"
                device = {"name": name, "mqtt": {"topic": "t"}, "description": "first"}
                self.change("POST", name, device, "first")
                self.change("PATCH", name, {"description": "second"}, "second")
                if number % 3 == 0:
                    self.change("DELETE", name, None, None)
                number += 1
        except OSError:
            pass


def stored(path):
    with sqlite3.connect(path) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        slots = [slot for (slot,) in store.execute(
            "SELECT slot FROM device UNION ALL SELECT slot FROM tag "
            "UNION ALL SELECT slot FROM free_slot")]
        (next_slot,), = store.execute("SELECT next_slot FROM store")
        assert sorted(slots) == list(range(next_slot)), "every slot is used or free, once"
        return dict(store.execute("SELECT name, description FROM device"))


def test_kill_under_load(stack):
    api = stack.start_api()
    chance = random.Random(7)
    certain = {}
    for run in range(KILLS):
        writers = [Writer(api, run, n) for n in range(2)]
        for writer in writers:
            writer.start()
        threading.Event().wait(chance.uniform(0.05, 0.4))
        api.kill()
        doubtful = set()
        for writer in writers:
            writer.join()
            certain.update(writer.certain)
            doubtful |= writer.doubtful
        found = stored(stack.common["common.database"])
        for name, state in certain.items():
            if name not in doubtful:
                assert found.get(name) == state, (run, name)
        assert set(found) <= set(certain) | doubtful
        for name in doubtful:  # what became of it is known from now on
            certain[name] = found.get(name)
        api.start()
    assert len(certain) > KILLS
