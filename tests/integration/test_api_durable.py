"""kill -9 under a writing load: each change answered 2xx is in the store, and nothing that was not
requested."""

import os
import random
import threading

from store_file import open_store

KILLS = int(os.environ.get("TAGFERRY_KILLS", "25"))


WRITERS = 6  # so many that changes wait for each other and form groups


class Writer(threading.Thread):
    """Creates, changes and deletes devices until the server ends. In between, sends refused
    requests, which must not affect their neighbours."""

    def __init__(self, api, run, number):
        super().__init__()
        self.api, self.prefix = api, f"r{run}-w{number}-"
        self.certain = {}  # name: the acknowledged (description, revision), None if deleted
        self.doubtful = set()  # the name whose last request had no answer
        self.fault = None

    def change(self, method, name, body):
        path = "/devices" if method == "POST" else f"/devices/{name}"
        self.doubtful = {name}
        answer = self.api.request(method, path, body)
        assert answer.status in (200, 201, 204), answer.body
        got = answer.json() if answer.body else None
        self.certain[name] = got and (got["description"], got["revision"])
        self.doubtful = set()

    def refused(self, status, method, path, body, headers=None):
        answer = self.api.request(method, path, body, headers)
        assert answer.status == status, (answer.status, answer.body)

    def step(self, number):
        name = f"{self.prefix}{number}"
        device = {"name": name, "mqtt": {"topic": "t"}, "description": "first"}
        self.change("POST", name, device)
        self.refused(409, "POST", f"/devices/{name}/tags", TAKEN)
        self.change("PATCH", name, {"description": "second"})
        self.refused(412, "DELETE", f"/devices/{name}", None, {"If-Match": '"0"'})
        if number % 3 == 0:
            self.change("DELETE", name, None)

    def run(self):
        number = 0
        try:
            while True:
                self.step(number)
                number += 1
        except OSError:
            pass
        except Exception as fault:  # reported by the test's thread
            self.fault = fault


# Its register belongs to another tag; this is detected only after it is stored.
TAKEN = {"name": "x", "modbus": {"table": "holding_register", "address": 0}}


def stored(path):
    with open_store(path) as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        slots = [slot for (slot,) in store.execute(
            "SELECT slot FROM device UNION ALL SELECT slot FROM tag "
            "UNION ALL SELECT slot FROM free_slot")]
        (next_slot,), = store.execute("SELECT next_slot FROM store")
        assert sorted(slots) == list(range(next_slot)), "every slot is used or free, once"
        assert store.execute("SELECT count(*) FROM tag").fetchall() == [(1,)], "what was refused"
        revisions = [revision for (revision,) in store.execute("SELECT revision FROM audit")]
        assert sorted(set(revisions)) == sorted(revisions), "a revision for each change"
        return {name: (description, revision) for name, description, revision in
                store.execute("SELECT name, description, revision FROM device")}


def run_writers(api, run, seconds):
    """Lets writers work until a kill. Returns the certain state and the uncertain requests."""
    writers = [Writer(api, run, number) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    threading.Event().wait(seconds)
    api.kill()
    certain, doubtful = {}, set()
    for writer in writers:
        writer.join()
        assert writer.fault is None, writer.fault
        certain.update(writer.certain)
        doubtful |= writer.doubtful
    return certain, doubtful


def test_kill_under_load(stack):
    api = stack.start_api(api__audit_entries=1000000)
    api.device("base", "t", [{"name": "x", "modbus": {"address": 0}}])
    chance = random.Random(7)
    certain, grouped = {"base": ("", 1)}, 0
    for run in range(KILLS):
        known, doubtful = run_writers(api, run, chance.uniform(0.05, 0.4))
        certain.update(known)
        grouped += api.counter("API_GROUPED")
        found = stored(stack.common["common.database"])
        for name, state in certain.items():
            if name not in doubtful:
                assert found.get(name) == state, (run, name)
        assert set(found) <= set(certain) | doubtful
        for name in doubtful:  # its result is known from here on
            certain[name] = found.get(name)
        api.start()
    assert len(certain) > KILLS
    assert grouped > KILLS, "changes were committed together"
