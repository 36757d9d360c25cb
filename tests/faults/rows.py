"""The fault matrix. Each row is a test and a row of a table in docs/reliability.md."""

import collections
import errno
import itertools

# `table` selects the heading in the document (document.TITLES), `name` is the row's name, `may` is
# the data that may be lost, `how` is for the test.
Row = collections.namedtuple("Row", "table name may how")

DAEMONS = ("mqttd", "modbusd", "api")
STATES = ("up", "down", "stopped")
ACTIONS = ("killed", "stopped", "restarted")
NOTHING = "nothing"


def others(daemon):
    return [each for each in DAEMONS if each != daemon]


def of_daemon(daemon):
    """Rows for a daemon that is killed, stopped or restarted, in each state of the two others."""
    first, second = others(daemon)
    return [Row(daemon, f"{action}, {first} {one}, {second} {two}", NOTHING,
                (action, {first: one, second: two}))
            for one, two, action in itertools.product(STATES, STATES, ACTIONS)]


def rows(table, *cells):
    return [Row(table, *each) for each in cells]


BROKER = rows(
    "broker",
    ("restarted, with persistence", NOTHING, "term"),
    ("kill -9, with persistence", "messages that it had acknowledged but not saved", "kill"),
    ("restarted, without persistence", "messages that it had not delivered", "forget"),
    ("kill -9, without persistence", "messages that it had not delivered", "forget killed"),
    ("hangs (SIGSTOP)", NOTHING, "stop"),
    ("slow: 20 KiB/s", NOTHING, "slow"),
    ("refuses the connection (CONNACK)", NOTHING, "refuse"),
    ("accepts the connection and does not answer", NOTHING, "mute"),
)

NUMBERS = {"disk full": errno.ENOSPC, "disk read-only": errno.EROFS, "I/O error": errno.EIO}
DISK = rows(
    "disk",
    *((f"{daemon}: {what}", may, (daemon, number))
      for daemon, may in (("api", "changes that were not answered with success"),
                          ("modbusd", "the newest changes of registers, in a power cut"),
                          ("mqttd", NOTHING))
      for what, number in NUMBERS.items()),
    ("modbusd starts on a full disk, for the first time", "it does not start, and logs the reason",
     ("first start", errno.ENOSPC)),
    ("modbusd starts on a full disk, with existing files", NOTHING, ("start", errno.ENOSPC)),
)

LIMITS = rows(
    "limits",
    *((f"{daemon}: no free descriptor", may, (daemon, "descriptors"))
      for daemon, may in (("mqttd", NOTHING), ("modbusd", "new connections wait or are closed"),
                          ("api", "new connections wait or are closed"))),
    *((f"{daemon}: no free memory (RLIMIT_AS)", may, (daemon, "space"))
      for daemon, may in (("mqttd", NOTHING), ("modbusd", "new connections"),
                          ("api", "requests that were not answered with success"))),
    *((f"{daemon}: each allocation of {size} or more fails", may, (daemon, str(number)))
      for daemon, may in (("mqttd", NOTHING), ("modbusd", "new connections"),
                          ("api", "requests that were not answered with success"))
      for size, number in (("1 KiB", 1024), ("a byte", 1))),
)

# Each allocation of a serving daemon is refused once.
MEMORY = rows(
    "limits",
    ("modbusd: one allocation after the other fails", "new connections", "modbusd"),
    ("mqttd: one allocation after the other fails", NOTHING, "mqttd"),
    ("api: one allocation after the other fails, in each kind of request",
     "requests that were answered with 503", "api"),
)

# A foreign server with two polled units.
FOREIGN = rows(
    "foreign",
    ("stops, and restarts with zeros", NOTHING, "restart"),
    ("closes an idle connection", NOTHING, "drop"),
    ("one unit does not answer, then restarts with zeros", NOTHING, "silent"),
    ("the gateway answers for one unit with exception 11, then the unit restarts with zeros",
     NOTHING, "away"),
)

CLOCK = rows(
    "clock",
    ("set an hour ahead", NOTHING, (3600,)),
    ("set an hour back", NOTHING, (-3600,)),
    ("set a day ahead and back, five times", NOTHING, (86400, -86400) * 5),
    ("set beyond 2038, 2100 and 2106, and back", NOTHING, (370_000_000, 2_330_000_000, 2_520_000_000)),
)

SIGNALS = rows(
    "signals",
    *((f"{daemon}: 500 SIGHUPs in a row", NOTHING, daemon) for daemon in DAEMONS),
)

RELOADS = rows(
    "reload",
    *((f"{daemon}: SIGHUP with {text}", NOTHING, (daemon, fault))
      for daemon in DAEMONS
      for fault, text in (("a value", "an invalid value"), ("a key", "an unknown key"))),
)

# The fault, and the number of commands that were not published before.
JOURNAL = rows(
    "journal",
    ("deleted, then modbusd restarted", NOTHING, ("deleted", 0)),
    ("deleted, then modbusd restarted, while mqttd is down", "commands that were not yet published",
     ("deleted", 1)),
    ("of another version when modbusd starts", NOTHING, ("layout", 0)),
    ("of another version when modbusd starts, while mqttd is down",
     "commands that were not yet published", ("layout", 1)),
    ("an entry is damaged", "that command, if a newer one followed",
     ("damaged", 1)),
)

ALL = [*(row for daemon in DAEMONS for row in of_daemon(daemon)), *BROKER, *DISK, *LIMITS,
       *MEMORY, *FOREIGN, *CLOCK, *SIGNALS, *RELOADS, *JOURNAL]
