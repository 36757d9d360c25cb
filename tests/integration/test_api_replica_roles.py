"""Several gateways: who leads and who follows, and what becomes of stores that differ."""

import concurrent.futures
import re
import shutil

from harness import eventually, free_port
from replica_gateways import METER, assert_equal
from store_file import open_store


def test_roles(gateways):
    """Promote, follow, the old leader that returns: nothing is lost, nothing is used again."""
    leader = gateways("a", common__units="1-20").start()
    follower = gateways("b", common__units="1-20").start(api__follow=leader.url + "/")
    for number in range(3):
        leader.api.device(f"d{number}", f"t/{number}", [{"name": "x"}, {"name": "y"}])
    leader.must("DELETE", "/devices/d2?confirm=3")
    assert_equal(leader, follower)
    newest = leader.sql("SELECT name, seq FROM sqlite_sequence ORDER BY name")
    marks = dict(leader.sql("SELECT \"table\", address FROM high_water"))

    status, said = follower.command("promote", "--if-leaderless")
    assert status == 0 and "answers and leads: term 0" in said, said
    status, said = leader.command("promote", "--if-leaderless")
    assert status == 0 and "leads already" in said, said
    status, said = leader.command("follow", follower.url)
    assert status == 1 and "does not lead" in said, said
    status, said = leader.command("follow", leader.url)
    assert status == 1 and "itself" in said, said
    status, said = leader.command("follow", "ftp://x")
    assert status == 2 and "http://" in said, said
    status, said = leader.command("follow", f"http://127.0.0.1:{free_port()}")
    assert status == 1 and "Nothing is changed" in said, said
    assert leader.itself()["role"] == "leader"

    # The leader fails; the follower is promoted and goes on where it was.
    status, said = follower.command("-o", "api.follow_token_file=/nowhere", "promote", "--if-leaderless")
    assert status == 0 and "may lead" in said and "/nowhere" in said, said
    leader.api.kill()
    with concurrent.futures.ThreadPoolExecutor() as pool:  # only one of them finds it without a leader
        answers = list(pool.map(lambda _: follower.command("promote", "--if-leaderless"), range(3)))
    said = "\n".join(sorted((each for _, each in answers), key=lambda each: "leads already" in each))
    assert {each for each, _ in answers} == {0} and said.count("leads already: term 1") == 2, said
    assert "leads now: term 1" in said and leader.url in said, said
    eventually(lambda: follower.itself()["role"] == "leader", "it leads")
    made = follower.api.device("after", "t/after", [{"name": "x"}])[0]
    ids = dict(newest)
    assert made["id"] > ids["tag"] and follower.must("GET", "/devices/after")["id"] > ids["device"]
    assert made["modbus"]["address"] > marks["holding_register"], "no address is used again"
    entry = follower.must("GET", "/audit?limit=20")["items"]
    assert any(item["after"] and "promoted_to_term" in item["after"] for item in entry)

    # The old leader returns, is changed, and hears of the newer one. Nothing is overwritten.
    leader.api.start()
    leader.api.device("lonely", "t/lonely")
    eventually(lambda: leader.error() == "superseded", "the old leader knows")
    assert "term 1" in leader.itself()["last_error"]["detail"]
    assert leader.must("GET", "/devices/lonely") and leader.itself()["role"] == "leader"
    items = follower.must("GET", "/gateways")["items"]
    assert items[0]["term"] == 1 and items[0]["self"]
    status, said = follower.command("follow", leader.url)
    assert status == 1 and "newer" in said, said

    # On command it follows, and keeps its own store. The API is told while it is down.
    leader.api.stop()
    status, said = leader.command("follow", follower.url)
    assert status == 0 and "follows" in said and "kept" in said, said
    leader.api.start()
    assert_equal(follower, leader)
    assert leader.error() is None and leader.itself()["leader"] == follower.url
    kept, = leader.kept()
    assert re.fullmatch(r"tagferry\.db-term-0-\d{8}T\d{9}Z", kept.name)
    with open_store(kept) as store:
        assert ("lonely",) in store.execute("SELECT name FROM device").fetchall()
    assert leader.api.get("/devices/lonely").status == 404

    # A backup of an older term is restored at the leader: its role and term stay, the follower gets it.
    assert follower.command("restore", kept)[0] == 0
    assert_equal(follower, leader)
    assert follower.itself()["term"] == 1 and leader.must("GET", "/devices/lonely")
    assert follower.itself()["role"] == "leader" and leader.itself()["role"] == "follower"
    follower.must("PUT", "/devices/after", {"mqtt": {"topic": "t"}})
    follower.must("POST", "/devices/after/tags", {"name": "x"})
    assert_equal(follower, leader)

    # The role outlives restarts, whatever [api] follow says.
    follower.api.stop()
    follower.api.start()
    assert follower.itself()["role"] == "leader" and follower.itself()["term"] == 1
    follower.must("PATCH", "/devices/after", {"description": "again"})
    assert_equal(follower, leader)

    # Back, over REST; a gateway without changes of its own keeps nothing.
    answer = leader.must("POST", "/gateways", {"role": "leader"})["items"][0]
    assert (answer["role"], answer["term"], answer["leader"]) == ("leader", 2, None)
    answer = follower.must("POST", "/gateways", {"role": "follower", "leader": leader.url})
    assert answer["items"][0]["role"] == "follower"
    leader.must("DELETE", "/devices/after?confirm=2")
    assert_equal(leader, follower)
    assert follower.kept() == []
    assert follower.api.request("POST", "/gateways", {
        "role": "follower", "leader": follower.url}).status == 409
    for body, pointer in (({"role": "king"}, "/role"), ({"role": "follower"}, "/leader"),
                          ({"role": "leader", "leader": "http://x"}, "/leader"),
                          ({"role": "leader", "colour": 1}, "/colour"),
                          ({"role": "follower", "leader": "http://x/path"}, "/leader")):
        answer = follower.api.request("POST", "/gateways", body)
        assert answer.status == 422 and answer.json()["errors"][0]["pointer"] == pointer, body


def test_a_leader_with_an_empty_disk(twins):
    """A machine that was replaced does not empty its follower."""
    leader, follower = twins
    leader.api.device("d", "t")
    assert_equal(leader, follower)
    leader.api.stop()
    for path in leader.folder.glob("tagferry.db*"):
        path.unlink()
    leader.api.start()
    eventually(lambda: follower.error() == "older_term", "it does not follow")
    assert "new and empty" in follower.itself()["last_error"]["detail"] and follower.kept() == []
    follower.must("POST", "/gateways", {"role": "leader"})
    leader.must("POST", "/gateways", {"role": "follower", "leader": follower.url})
    assert_equal(follower, leader)
    assert leader.must("GET", "/devices/d")


def test_two_leaders_and_loops(gateways):
    """Two that follow each other, one that follows itself, two of the same term."""
    ports = [free_port(), free_port(), free_port()]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    one = gateways("a", api__listen=f"127.0.0.1:{ports[0]}", api__follow=urls[1]).start()
    two = gateways("b", api__listen=f"127.0.0.1:{ports[1]}", api__follow=urls[0]).start()
    own = gateways("c", api__listen=f"127.0.0.1:{ports[2]}", api__follow=urls[2]).start()
    for gateway in (one, two, own):
        eventually(lambda: gateway.error() == "not_leader", "the loop is found")
    assert urls[1] in one.itself()["last_error"]["detail"]
    two.api.stop()  # or it takes what the other one has
    one.must("POST", "/gateways", {"role": "leader"})
    assert two.command("promote")[0] == 0
    two.api.start()
    for gateway in (one, two):
        gateway.api.device("d", "t")
    for gateway in (one, two):
        eventually(lambda: gateway.error() == "two_leaders", "both say so")
    # One of them follows: it keeps what it had, both have one configuration.
    two.must("POST", "/gateways", {"role": "follower", "leader": one.url})
    assert_equal(one, two)
    assert len(two.kept()) == 1
    eventually(lambda: one.error() is None, "the other one is no rival any more")


def test_entity_tags_of_another_history(gateways):
    """The same name and revision in two stores: what a client has of the one is not taken for the
    other."""
    leader, other = gateways("a").start(), gateways("b").start()
    paths = ("/devices/boiler", "/devices", "/profiles/meter")

    def tags(gateway):
        return [gateway.api.get(path).headers["ETag"] for path in paths]
    for gateway in (leader, other):
        gateway.api.device("boiler", str(gateway.folder))
        gateway.must("PUT", "/profiles/meter", dict(METER, label=str(gateway.folder)))
    old = tags(other)
    assert old == tags(leader) == ['"1"', '"2"', '"2"']
    status, said = other.command("follow", leader.url)
    assert status == 0, said
    assert_equal(leader, other)
    new = tags(other)
    assert tags(leader) == old, "it has never followed"
    for path, stale, fresh in zip(paths, old, new):
        assert other.api.request("GET", path, headers={"If-None-Match": stale}).status == 200
        assert other.api.request("GET", path, headers={"If-None-Match": fresh}).status == 304
    other.must("POST", "/gateways", {"role": "leader"})
    change = {"description": "mine"}
    fresh = tags(other)[0]
    assert other.api.request("PATCH", paths[0], change, {"If-Match": old[0]}).status == 412
    assert other.api.request("PATCH", paths[0], change, {"If-Match": fresh}).status == 200
    assert other.api.request("PATCH", paths[0], change, {"If-Match": fresh}).status == 412


def test_copies_and_older_states(gateways):
    """Files of stores that were copied, put back to an older state, or restored at the wrong place:
    nothing is mixed, and what differs is kept, the newest ten."""
    leader = gateways("a").start()
    follower = gateways("b").start(api__follow=leader.url)
    leader.api.device("first", "t", [{"name": "x"}])
    assert_equal(leader, follower)

    # The leader's machine is put back to a snapshot, and has made as many changes since as it lost.
    leader.api.stop()
    snapshot = leader.folder / "snapshot"
    shutil.copy(leader.database, snapshot)
    leader.api.start()
    leader.api.device("lost", "t", [{"name": "x"}])
    assert_equal(leader, follower)
    follower.api.stop()
    leader.api.stop()
    shutil.copy(snapshot, leader.database)
    leader.api.start()
    leader.api.device("other", "t", [{"name": "x"}])
    old = [follower.folder / f"tagferry.db-term-{20 - number}-202001{number:02}T000000000Z"
           for number in range(1, 13)]
    mine = follower.folder / "tagferry.db-term-1-20200101T000000000Z.mine"
    for path in (*old, mine):
        path.write_text("")
    follower.api.start()
    assert_equal(leader, follower)
    kept = [path for path in follower.kept() if path not in old and path != mine]
    assert len(kept) == 1 and mine.exists()
    assert [path for path in old if path.exists()] == old[3:], "the newest nine and the new one"
    with open_store(kept[0]) as store:
        assert ("lost",) in store.execute("SELECT name FROM device").fetchall()
    listed = follower.must("GET", "/gateways")["kept"]
    assert [each["name"] for each in listed] == [path.name for path in (*kept, *reversed(old[3:]))]
    assert listed[-1] == {"name": old[3].name, "term": 16, "at": "2020-01-04T00:00:00.000Z"}
    for path in (*old, *kept, mine):
        path.unlink(missing_ok=True)

    # A copy of the leader's machine: both lead with the same term, one knows the other and says so.
    leader.must("POST", "/gateways", {"role": "leader"})
    leader.api.stop()
    copy = gateways("c")
    shutil.copy(leader.database, copy.database)
    leader.api.start()
    copy.start(api__follow=leader.url)
    copy.api.device("copied", "t")
    leader.api.device("led", "t")
    eventually(lambda: copy.error() == "two_leaders", "the copy knows")
    status, said = copy.command("follow", leader.url)
    assert status == 0, said
    assert_equal(leader, copy)
    kept, = copy.kept()
    with open_store(kept) as store:
        assert ("copied",) in store.execute("SELECT name FROM device").fetchall()

    # A backup of a higher term, restored at a follower: it takes its leader's store again.
    for _ in range(3):
        copy.must("POST", "/gateways", {"role": "leader"})
    backup = copy.folder / "backup"
    assert copy.command("backup", backup)[0] == 0
    assert_equal(leader, follower)
    assert follower.command("restore", backup)[0] == 0
    assert_equal(leader, follower)
    assert follower.error() is None
