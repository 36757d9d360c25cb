"""Gateways whose stores follow one another, and what equal stores are."""

from gateways import Gateway
from harness import eventually
from store_file import read_store

METER = {"name": "meter", "params": {"serial": {"description": "as on its plate"}},
         "room": {"input_register": 10}, "device": {"mqtt": {"topic": "m/{serial}"}},
         "tags": [{"name": "power", "modbus": {"table": "input_register", "address": 0}}]}


class ApiGateway(Gateway):
    """An API with a store of its own; it may have the other daemons."""

    def __init__(self, folder, **options):
        super().__init__(folder)
        self.options = options

    def start(self, **options):
        self.start_api(**self.options, **options)
        return self

    @property
    def database(self):
        return self.common["common.database"]

    def must(self, *request, **kw):
        return self.api.must(*request, **kw)

    def error(self):
        error = self.itself()["last_error"]
        return error and error["code"]

    def command(self, *words):
        done = self.run_api(*words)
        return done.returncode, done.stdout + done.stderr

    def sql(self, query):
        """Reads the store without its lock file, as a copy."""
        with read_store(self.database) as store:
            return store.execute(query).fetchall()

    def kept(self):
        return sorted(path for path in self.folder.glob("tagferry.db-term-*")
                      if not path.name.endswith(("-wal", "-shm")))


TABLES = {
    "device": "SELECT * FROM device ORDER BY id", "tag": "SELECT * FROM tag ORDER BY id",
    "profile": "SELECT * FROM profile ORDER BY id",
    "profile_tag": "SELECT * FROM profile_tag ORDER BY id",
    "audit": "SELECT * FROM audit ORDER BY id", "undo": "SELECT * FROM undo ORDER BY id",
    "high_water": "SELECT * FROM high_water ORDER BY 1, 2, 3",
    "free_slot": "SELECT * FROM free_slot ORDER BY slot",
    "span": "SELECT server, unit, \"table\", first, last, bit, tag_id, status_of, gateway FROM span"
            " ORDER BY 1, 2, 3, 4, 7, 8",
    "counters": "SELECT name, seq FROM sqlite_sequence WHERE name <> 'discovery' ORDER BY name",
    "store": "SELECT revision, gone_from, next_slot, undo_bytes, undo_from, term, branch FROM store"}


def content(gateway):
    """All that a follower copies."""
    with read_store(gateway.database) as store:
        store.execute("BEGIN")
        return {table: store.execute(query).fetchall() for table, query in TABLES.items()}


def position(gateway):
    return gateway.sql("SELECT term, branch, revision, (SELECT max(id) FROM audit),"
                       " (SELECT at_ms FROM audit ORDER BY id DESC LIMIT 1), (SELECT max(id) FROM undo)"
                       " FROM store")


def assert_equal(one, other):
    """Waits until the second store has all of the first, then compares all rows."""
    try:
        eventually(lambda: position(one) == position(other), "the follower has everything")
    except AssertionError as fault:
        sizes = {path.name: path.stat().st_size for path in one.folder.glob("tagferry.db*")}
        raise AssertionError(f"{fault}: {position(one)}, {sizes}, {one.itself()}; {position(other)}, "
                             f"{other.itself()}") from fault
    here, there = content(one), content(other)
    for table in TABLES:
        assert here[table] == there[table], table
    for path in ("/export", "/audit?limit=1000"):
        assert one.api.get(path).body == other.api.get(path).body, path
