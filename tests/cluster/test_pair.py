"""A pair of gateways: each test is a row of the table in docs/reliability.md."""

import pytest

import rows
from harness import eventually


def daemon(pair, master, backup, name):
    getattr(master, name).kill()
    pair.switched(master, backup)
    getattr(master, name).start()


def mqttd(pair, master, backup):
    daemon(pair, master, backup, "mqttd")


def modbusd(pair, master, backup):
    daemon(pair, master, backup, "modbusd")


def api(pair, master, backup):
    daemon(pair, master, backup, "api")


def lost(pair, master, backup):
    """The leader of the configuration: keepalived's scripts promote the other one, and let the old
    leader follow when it is back."""
    if master.itself()["role"] != "leader":
        planned(pair, master, backup)
        pair.settle()
        master, backup = backup, master
    master.lose_power()
    pair.switched(master, backup)
    eventually(lambda: backup.itself()["role"] == "leader", "the other one to lead")
    master.boot()
    eventually(lambda: master.itself()["role"] == "follower", "the old leader to follow")


def planned(pair, master, backup):
    master.keepalived.stop()
    pair.switched(master, backup)
    master.start_keepalived()


def cable(pair, master, backup):
    master.machine.unplug()
    pair.switched(master, backup)
    master.machine.plug()


def mute(pair, master, backup):
    """It hears that there is another master, and that the broker does not get its answers."""
    pair.network.cut(master.name, None)
    pair.switched(master, backup)
    pair.network.heal()


def deaf(pair, master, backup):
    """Its advertisements arrive: nobody else becomes master until it says that it is not ready."""
    pair.network.cut(None, master.name)
    pair.served_by(backup)
    pair.network.heal()


def partition(pair, master, backup):
    """Both are master, and both have all values. SCADA speaks to the one that gives up when they hear one
    another again, which is the one with the lower address."""
    if backup is not pair.gateways[0]:
        planned(pair, master, backup)
        pair.settle()
        master, backup = backup, master
    pair.network.cut(master.name, backup.name)
    pair.network.cut(backup.name, master.name)
    pair.served_by(backup)
    pair.network.heal()


def no_broker(pair, master, backup):
    pair.network.cut(master.name, "broker")
    pair.network.cut("broker", master.name)
    pair.switched(master, backup)
    pair.network.heal()


def upgrade(pair, master, backup):
    """Without the address."""
    for old, new in ((backup, master), (master, backup)):
        old.keepalived.stop()
        pair.served_by(new)
        old.stop_daemons()
        old.start_daemons()
        old.start_keepalived()
        pair.settle()


def there_and_back(pair, master, backup):
    planned(pair, master, backup)
    pair.settle()
    planned(pair, backup, master)


def ahead(pair, master, backup, seconds=10):
    clock = pair.gateways[1]
    clock.set_clock(seconds)
    there_and_back(pair, master, backup)
    clock.set_clock(0)


def behind(pair, master, backup):
    ahead(pair, master, backup, -10)


def ten(pair, master, backup):
    for _ in range(5):
        there_and_back(pair, master, backup)
        pair.settle()


@pytest.mark.parametrize("row", rows.PAIR, ids=lambda row: row.name)
def test_pair(pair, record, row):
    master, backup = pair.begin()
    globals()[row.how](pair, master, backup)
    figures = pair.end()
    record(row, figures)
    assert not rows.wrong(row, figures._asdict()), f"{figures}\n{pair.tell()}"
