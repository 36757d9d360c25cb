"""The faults of a pair of gateways. Each row is a test and a row of a table in docs/reliability.md."""

import collections

# `goals` are limits of figures, in seconds or in numbers, for the table: no test fails for a time. `may`:
# the most of figures that need not be 0. `how` is for the test.
Row = collections.namedtuple("Row", "name how goals may")

TITLES = {
    "unanswered": "no answer",
    "still": "values stand still",
    "followed": "configuration followed",
    "lost": "values lost",
    "backwards": "values gone back",
    "commands_lost": "commands lost",
    "repeated": "commands repeated",
    "superseded": "commands after newer ones",
    "differ": "setpoints that differ",
}
TIMES = ("unanswered", "still", "followed")


def row(name, how, may=None, **goals):
    return Row(name, how, goals, may or {})


def wrong(row, figures):
    """The figures that a test of the row must not have."""
    return {name: number for name, number in figures.items()
            if name not in TIMES and number > row.may.get(name, 0)}


ANY = float("inf")


# A command that the broker has not confirmed when the connection ends is sent again on the next one.
RESENT = {"repeated": ANY, "superseded": ANY}

def switched(times, **may):
    """Both gateways receive each message, one a little later: with each switch of the address to the other one and
    back, SCADA may read the value before once."""
    return {"backwards": times, **may}


# After a connection to the broker that lasted less than ten seconds, the next one counts as down for
# as long: faults that end the connection follow some time after those that end daemons.
PAIR = [each._replace(goals={**each.goals, "followed": 1.0}) for each in (
    row("tagferry-mqttd killed", "mqttd", may=switched(2, repeated=ANY), still=1.0),
    row("tagferry-modbusd killed", "modbusd", may=switched(2), unanswered=1.0),
    row("tagferry-api killed", "api", may=switched(2)),
    # SCADA's last write before the loss has an answer, but its command may still be on the machine.
    row("machine lost", "lost", may=switched(2, repeated=ANY, commands_lost=1), unanswered=0.5),
    row("keepalived stopped (planned switch)", "planned", may=switched(2)),
    row("cable pulled", "cable", may=switched(2, **RESENT)),
    row("the clock of one machine 10 s ahead", "ahead", may=switched(2)),
    row("the clock of one machine 10 s behind", "behind", may=switched(2)),
    row("the machines cannot reach one another", "partition", may=switched(2)),
    row("the master cannot send", "mute", may=switched(2, **RESENT)),
    row("the master cannot receive", "deaf", may=switched(2, **RESENT)),
    row("ten planned switches", "ten", may=switched(10)),
    row("the master cannot reach the broker", "no_broker", may=switched(2, **RESENT)),
    row("each machine upgraded while the other one serves", "upgrade", may=switched(2)),
)]

# Clusters of three brokers whose node is killed -9 while tagferry-mqttd uses it: test_brokers.py.
BROKER_TITLES = {
    "still": "values stand still",
    "lost": "values lost",
    "commands_lost": "commands lost",
    "repeated": "commands repeated",
    "backwards": "values gone back",
    "backwards_by_time": "the same with `timestamp_key`",
}
BrokerFigures = collections.namedtuple("BrokerFigures", BROKER_TITLES)
BROKERS = [
    row("RabbitMQ 3.10.8: the node in use killed", "rabbitmq", may={"repeated": ANY, "backwards": ANY}),
    row("NATS 2.9.10: the node in use killed", "nats", may={"repeated": ANY, "backwards": ANY}),
]
# The tables, by the name of their marks, and the tests of their rows.
TABLES = {"cluster": (PAIR, TITLES), "brokers": (BROKERS, BROKER_TITLES)}
TESTS = {"cluster": "test_pair.py", "brokers": "test_brokers.py"}
