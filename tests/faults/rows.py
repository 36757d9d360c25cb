"""The fault matrix: each row is a test, and a row of a table in docs/reliability.md."""

import collections
import errno
import itertools

# `table` is the heading's name in the document, `name` the row's, `may` what a user has to reckon
# with; `how` is what the test needs to know.
Row = collections.namedtuple("Row", "table name may how")

DAEMONS = ("mqttd", "modbusd", "api")
STATES = ("up", "dead", "stopped")
ACTIONS = ("killed", "stopped", "restarted")
NOTHING = "nothing"


def others(daemon):
    return [each for each in DAEMONS if each != daemon]


def of_daemon(daemon):
    """A daemon that is killed, stopped or restarted, in each state of the two others."""
    first, second = others(daemon)
    return [Row(daemon, f"{action}, {first} {one}, {second} {two}", NOTHING,
                (action, {first: one, second: two}))
            for one, two, action in itertools.product(STATES, STATES, ACTIONS)]


def rows(table, *cells):
    return [Row(table, *each) for each in cells]


BROKER = rows(
    "broker",
    ("gone for a moment, with persistence", NOTHING, "term"),
    ("killed with -9, with persistence", "what it had acknowledged and not saved", "kill"),
    ("gone for a moment, without persistence", "what it had not delivered", "forget"),
    ("killed with -9, without persistence", "what it had not delivered", "forget killed"),
    ("hangs (SIGSTOP)", NOTHING, "stop"),
    ("slow: 20 KiB/s", NOTHING, "slow"),
    ("refuses the connection (CONNACK)", NOTHING, "refuse"),
    ("accepts and says nothing", NOTHING, "mute"),
)

NUMBERS = {"disk full": errno.ENOSPC, "disk read-only": errno.EROFS, "I/O error": errno.EIO}
DISK = rows(
    "disk",
    *((f"{daemon}: {what}", may, (daemon, number))
      for daemon, may in (("api", "changes that were not answered with success"),
                          ("modbusd", "registers of the last moments, in a power cut"),
                          ("mqttd", NOTHING))
      for what, number in NUMBERS.items()),
    ("modbusd starts on a full disk, for the first time", "it does not start, and says why",
     ("first start", errno.ENOSPC)),
    ("modbusd starts on a full disk, with its files there", NOTHING, ("start", errno.ENOSPC)),
)

LIMITS = rows(
    "limits",
    *((f"{daemon}: no descriptor left", may, (daemon, "descriptors"))
      for daemon, may in (("mqttd", NOTHING), ("modbusd", "new connections wait or are closed"),
                          ("api", "new connections wait or are closed"))),
    *((f"{daemon}: no memory left (RLIMIT_AS)", may, (daemon, "space"))
      for daemon, may in (("mqttd", NOTHING), ("modbusd", "new connections"),
                          ("api", "requests that were not answered with success"))),
    *((f"{daemon}: each allocation of {size} or more is refused", may, (daemon, str(number)))
      for daemon, may in (("mqttd", NOTHING), ("modbusd", "new connections"),
                          ("api", "requests that were not answered with success"))
      for size, number in (("1 KiB", 1024), ("a byte", 1))),
)

# Each allocation of a daemon that serves is refused in its turn.
MEMORY = rows(
    "limits",
    ("modbusd: each allocation is refused in its turn", "new connections", "modbusd"),
    ("mqttd: each allocation is refused in its turn", NOTHING, "mqttd"),
    ("api: each allocation of a request of each kind is refused in its turn",
     "requests that were answered 503", "api"),
)

# A foreign server with two units, which are polled, too.
FOREIGN = rows(
    "foreign",
    ("gone, and back with zeros", NOTHING, "restart"),
    ("closes an idle connection", NOTHING, "drop"),
    ("one unit silent, and back with zeros", NOTHING, "silent"),
    ("one unit away by the gateway's exception 11, and back with zeros", NOTHING, "away"),
)

CLOCK = rows(
    "clock",
    ("an hour ahead", NOTHING, (3600,)),
    ("an hour back", NOTHING, (-3600,)),
    ("back and forth, ten times", NOTHING, (86400, -86400) * 5),
)

SIGNALS = rows(
    "signals",
    *((f"{daemon}: 500 SIGHUPs in a row", NOTHING, daemon) for daemon in DAEMONS),
)

RELOADS = rows(
    "reload",
    *((f"{daemon}: {fault} is wrong when SIGHUP comes", NOTHING, (daemon, fault))
      for daemon in DAEMONS for fault in ("a value", "a key")),
)

# What is done to it, and how many commands were not published before.
JOURNAL = rows(
    "journal",
    ("deleted, then modbusd restarted", NOTHING, ("deleted", 0)),
    ("deleted, then modbusd restarted, while mqttd is away", "commands that were not published yet",
     ("deleted", 1)),
    ("of another version when modbusd starts", NOTHING, ("layout", 0)),
    ("of another version when modbusd starts, while mqttd is away",
     "commands that were not published yet", ("layout", 1)),
    ("an entry is damaged", "that command, where a newer one followed",
     ("damaged", 1)),
)

ALL = [*(row for daemon in DAEMONS for row in of_daemon(daemon)), *BROKER, *DISK, *LIMITS,
       *MEMORY, *FOREIGN, *CLOCK, *SIGNALS, *RELOADS, *JOURNAL]
