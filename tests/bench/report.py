"""Writes the report: inserts the tables of one run into the text of performance.md.in."""

import os
import platform
import re

from candidates import HERE, version_of
from tables import between, put_between
from measure import memory_total_mb
from part_back import WINDOWS
from part_busy import CONDITIONS, RATES, figure_of
from part_cluster import CASES as CLUSTER_CASES, COLUMNS as CLUSTER_COLUMNS, KEYS as CLUSTER_KEYS, name_of
from part_disk import DAEMONS as WRITERS, LOADS, SETTINGS
from part_flow import SCALES, SHAPES
from part_history import ENTRIES, POINTS
from part_discovery import STATES
from part_modbus import CASES, RULED
from part_process import DAEMONS, MEMORY, REQUESTS, SIZES
from part_rest import ACTIONS
from part_small import MEGABYTES, SMALL
from part_stream import CLIENTS
from part_tls import KEYS as TLS_KEYS, READS as TLS_READS
from part_translate import KEYS, PROGRAMS
from part_where import COUNTS, name_of as name_of_devices

PACKAGES = ("libmodbus5", "libmosquitto1", "libmicrohttpd12", "libsqlite3-0", "mosquitto",
            "python3-pymodbus", "python3-flask", "python3-sqlalchemy", "gunicorn",
            "python3-paho-mqtt")


def number(value):
    """Three significant digits, thousands in groups."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def times(value):
    return "–" if value is None else f"{number(value)}×"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in heads) + " |"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


class Goal:
    """A figure with a least or a most value, absolute or as a ratio to the candidate `over`.
    `bound` is a candidate that does less than any gateway must; if it misses the goal, too, the
    report shows its ratio."""

    def __init__(self, text, figure, least=None, most=None, over=None, candidate="tagferry",
                 unit="", bound=None):
        self.text, self.figure, self.least, self.most = text, figure, least, most
        self.over, self.candidate, self.unit, self.bound = over, candidate, unit, bound

    def row(self, results):
        value = (results.ratio(self.figure, self.over, self.candidate) if self.over
                 else results.median(self.figure, self.candidate))
        if value is None:
            return (self.text, self.wanted(), "not measured", "–")
        return (self.text, self.wanted(), self.shown(value), self.verdict(results, value))

    def is_reached(self, value):
        return (self.least is None or value >= self.least) and \
            (self.most is None or value <= self.most)

    def verdict(self, results, value):
        if self.is_reached(value):
            return "yes"
        most = self.bound and results.ratio(self.figure, self.over, self.bound)
        if most is None or self.is_reached(most):
            return "**no**"
        return f"**no**; {self.bound} reaches {self.shown(most)}"

    def shown(self, value):
        if self.over and self.most is not None and self.most < 1:
            return f"1/{1 / value:.3g}"
        return times(value) if self.over else f"{number(value)} {self.unit}"

    def wanted(self):
        word = "≥" if self.least is not None else "≤"
        return f"{word} {self.shown(self.least if self.least is not None else self.most)}"


def prototype_goals():
    """Goals over the bare prototype, on an otherwise idle machine and on others."""
    for shape, *_ in SHAPES:
        yield f"{shape}, QoS 0, messages/s", {"least": 1.2}
        for percentile in ("p50", "p99"):
            yield f"{shape}, latency {percentile} µs", {"most": 1}
    for condition in CONDITIONS:
        yield f"{condition}, QoS 0, messages/s", {"least": 1.2}
        for rate in RATES:  # of one message per second there are too few for a p99
            for percentile in ("p50", "p99") if rate > 1 else ("p50",):
                yield f"{figure_of(condition, rate)}, latency {percentile} µs", {"most": 1}


def goals_of_features():
    """What a message, a client or a change costs with the options that have a price."""
    few, many = map(name_of_devices, COUNTS)
    yield Goal(f"MQTT thread's time for a message, {many} on one topic, ratio to {few}",
               "shared topic, CPU of the MQTT thread µs/message", most=1.2, over=few, candidate=many)
    yield Goal("instructions for a value by a selector, 100 values, ratio to a plain key",
               "message of 100 keys, instructions/key", most=2.5, over="translate", candidate="select")
    yield Goal("instructions for a plain key, 100 keys", "message of 100 keys, instructions/key", most=1300,
               candidate="translate", unit="instructions")
    for what, limit in (("messages/s", {"least": 0.8}), ("latency p50 µs", {"most": 1.2}), ("latency p99 µs", {"most": 1.2})):
        yield Goal(f"beside a discovery of all topics, {what.removesuffix(' µs')}, ratio to without one",
                   f"beside a discovery, {what}", over="none", candidate="running", **limit)
    yield Goal("300 devices of 40 tags from one profile", "300 devices of a profile ms", most=1000, unit="ms")
    yield Goal("a change of a profile of 300 devices", "change of a profile ms", most=1000, unit="ms")
    yield Goal("a change is at the follower, the slowest", "a change is at the follower, slowest ms", most=1000, unit="ms")
    yield Goal("a setpoint is at the other gateway, the slowest", "a setpoint is at the other gateway, slowest ms", most=100,
               unit="ms")
    for figure in RULED:
        yield Goal(f"{figure}, with access rules and without gaps, ratio to the defaults",
                   f"{figure}, with rules, requests/s", 0.95, over="defaults", candidate="rules")
    for count in TLS_READS:
        yield Goal(f"reads with TLS, {count} connection{'s' if count > 1 else ''}, ratio to bare GnuTLS",
                   f"TLS reads, {count} connections", 0.75, over="echo")
    for key in TLS_KEYS:
        yield Goal(f"handshakes with TLS, {key}, ratio to bare GnuTLS", f"TLS handshakes, {key}", 0.75, over="echo")
    yield Goal("recording the history", "recording the history, CPU percent", most=5, unit="% of a core")
    yield Goal(f"all of a tag with {ENTRIES:,} changes, as {POINTS} points", "all of a full history ms", most=50, unit="ms")


def goals_at_rest():
    for daemon in DAEMONS:
        yield Goal(f"wake-ups of tagferry-{daemon} at rest", "at rest, wake-ups/s", most=2 if daemon == "mqttd" else 1,
                   candidate=f"tagferry-{daemon}", unit="per second")
    yield Goal(f"memory of its own of tagferry-api, at rest after {REQUESTS:,} requests",
               "tagferry-api at rest after requests, memory of its own kB", most=10240, unit="kB")
    yield Goal(f"memory that a broker and the three daemons need at most, {SMALL}", f"{SMALL}, peak without cache kB",
               most=MEGABYTES << 10, unit="kB")
    for load, most in (("at rest", 0.1), ("100 messages/s, ten keys", 60)):
        yield Goal(f"written to the disk, {load}", f"{load}, defaults, MB/h", most=most, unit="MB in an hour")
    yield Goal("memory of their own of the three daemons, 100 tags", "100 tags, memory of their own kB", most=12288, unit="kB")


def goals():
    for figure, limit in prototype_goals():
        yield Goal(f"{figure.removesuffix(' µs')}, ratio to the prototype", figure, over="prototype",
                   bound="one process", **limit)
    yield Goal("10-key messages/s, QoS 0, ratio to the Python stack", "10 keys, QoS 0, messages/s",
               60, over="original")
    yield Goal("1-key messages/s, QoS 0, ratio to the Python stack", "1 key, QoS 0, messages/s", 28,
               over="original")
    yield Goal("1-key messages/s, QoS 1, ratio to the Python stack", "1 key, QoS 1, messages/s", 12,
               over="original")
    for keys, share in (("10 keys", 9), ("1 key", 2.5)):
        for percentile in ("p50", "p99"):
            yield Goal(f"latency {percentile}, {keys}, ratio to the Python stack",
                       f"{keys}, latency {percentile} µs", most=1 / share, over="original")
    yield Goal("latency from SCADA's write to the command, p99", "way back, latency p99 µs",
               most=20000, unit="µs")
    yield Goal("a change of one of 100,000 tags takes effect", "a change to be in force ms", most=150,
               unit="ms")
    for figure in ("1 connection", "16 connections", "100 connections", "1000 connections"):
        yield Goal(f"FC3 × 10, {figure}, ratio to the echo", f"FC3 × 10, {figure}, requests/s",
                   0.75, over="echo")
    yield Goal("GET one, ratio to a bare libmicrohttpd", "GET one, requests/s", 0.8, over="bare")
    for figure, least in (("GET one", 40), ("list of 100", 19), ("POST", 37)):
        yield Goal(f"{figure}, ratio to gunicorn × 2", f"{figure}, requests/s", least, over="original")
    yield Goal("processor time of tagferry-api for 100 streams", "100 streams, CPU percent", most=50,
               unit="% of a core")
    yield Goal("`tagferryctl status`, start to output", "ctl status ms", most=30, unit="ms")
    yield Goal("processor time of `tagferryctl watch`", "ctl watch, terminal, CPU percent", most=10,
               unit="% of a core")
    for daemon in DAEMONS:
        yield Goal(f"memory of tagferry-{daemon}, 1,000 tags", "1,000 tags, memory kB", most=8192,
                   candidate=daemon, unit="kB")
    for size, most in (("1,000 tags", 30), ("100,000 tags", 2000)):
        for daemon in DAEMONS:
            yield Goal(f"start of tagferry-{daemon}, {size}", f"{size}, start to ready ms",
                       most=most, candidate=daemon, unit="ms")
    for figure in ("import of 100,000 rows", "import of 100,000 rows of a workbook",
                   "import of 100,000 tags of kepware", "refusal of 100,000 overlaps"):
        yield Goal(figure, f"{figure} s", most=5, unit="s")
    yield from goals_of_features()
    yield from goals_at_rest()


def goal_table(results):
    return table(("figure", "goal", "measured", "reached"), (goal.row(results) for goal in goals()))


STACKS = ("tagferry", "prototype", "one process", "original")  # as the table of candidates shows them


def stack_table(results, figures):
    """Rows of text and figure: the figure of each stack, and the ratio to the prototype."""
    rows = []
    for text, figure in figures:
        mine, *others = (number(results.median(figure, name)) for name in STACKS)
        rows.append((text.replace("p999", "p99.9"), mine, others[0], times(results.ratio(figure, "prototype")), *others[1:],
                     times(results.ratio(figure))))
    return table(("", "Tagferry", "prototype", "ratio", "one process", "Python stack", "ratio"), rows)


def flow_table(results):
    names = [f"QoS {qos}, {what}" for qos in (0, 1) for what in ("messages/s", "CPU µs/message")]
    names += [f"latency {percentile} µs" for percentile in ("p50", "p99", "p999")]
    figures = [f"{shape}, {name}" for shape, *_ in SHAPES for name in names]
    return stack_table(results, zip(figures, figures))


def busy_table(results):
    figures = []
    for condition in CONDITIONS:
        figures += [f"{condition}, QoS 0, {what}" for what in ("messages/s", "CPU µs/message")]
        figures += [f"{figure_of(condition, rate)}, latency {percentile} µs"
                    for rate in RATES for percentile in ("p50", "p99")]
    return stack_table(results, ((figure.replace("QoS 0, ", "").replace("latency ", ""), figure) for figure in figures))


def scale_table(results):
    rows = []
    for figure, *_ in SCALES:
        rows.append((figure, *(number(results.median(f"{figure}, {what}")) for what in (
            "QoS 0, messages/s", "QoS 0, CPU µs/message", "latency p50 µs", "latency p99 µs",
            "latency p999 µs"))))
    return table(("", "messages/s", "CPU µs/message", "p50 µs", "p99 µs", "p99.9 µs"), rows)


def back_table(results):
    rows = [(f"latency {percentile}".replace("p999", "p99.9"),
             f"{number(results.median(f'way back, latency {percentile} µs'))} µs", "")
            for percentile in ("p50", "p99", "p999")]
    rows += [(f"highest rate, {figure}".replace("on their way", "in flight"),
              f"{number(results.median(f'way back, {figure}, commands/s'))} commands/s",
              f"{number(results.median(f'way back, {figure}, CPU µs/command'))} CPU µs/command")
             for figure, _ in WINDOWS]
    return table(("", "", ""), rows)


def change_table(results):
    force = results.median("a change to be in force ms")
    rows = [(text, *(number(results.median(f"changes, {figure}, latency {which} µs"))
                     for which in ("p50", "p99", "p999")))
            for figure, text in (("none", "without changes"),
                                 ("ten a second", "with ten changes per second"))]
    return table(("latency of messages", "p50 µs", "p99 µs", "p99.9 µs"), rows) + \
        f"\n\nA change takes effect after {number(force)} ms."


def modbus_table(results):
    rows = []
    for case, *_ in CASES:
        figure = f"{case}, requests/s"
        rows.append((case, number(results.median(figure)),
                     *(times(results.ratio(figure, other))
                       for other in ("pymodbus", "libmodbus", "echo")),
                     *(number(results.median(f"{case}, {percentile} µs"))
                       for percentile in ("p50", "p99", "p999"))))
    return table(("", "requests/s", "ratio to pymodbus", "ratio to plain libmodbus",
                  "ratio to the echo", "p50 µs", "p99 µs", "p99.9 µs"), rows)


def rules_table(results):
    return table(("", "requests/s", "with rules", "ratio", "CPU µs/request", "with rules"), [
        (figure, *(number(results.median(f"{figure}, with rules, requests/s", side)) for side in ("defaults", "rules")),
         times(results.ratio(f"{figure}, with rules, requests/s", "defaults", "rules")),
         *(number(results.median(f"{figure}, with rules, CPU µs/request", side)) for side in ("defaults", "rules")))
        for figure in RULED])


def where_table(results):
    names = [name_of_devices(count) for count in COUNTS]
    figures = [("messages/s", "shared topic, messages/s"),
               ("MQTT thread, CPU µs/message", "shared topic, CPU of the MQTT thread µs/message")]
    return table(("", *names, "ratio"), [
        (text, *(number(results.median(figure, name)) for name in names), times(results.ratio(figure, names[0], names[1])))
        for text, figure in figures])


def discovery_table(results):
    none, running = STATES
    return table(("", "without", "beside a discovery", "ratio"), [
        (what.replace("CPU of the MQTT thread", "MQTT thread, CPU"),
         *(number(results.median(f"beside a discovery, {what}", state)) for state in STATES),
         times(results.ratio(f"beside a discovery, {what}", none, running)))
        for what in ("messages/s", "CPU of the MQTT thread µs/message", "latency p50 µs", "latency p99 µs")])


def pair_table(results):
    return table(("", "median ms", "slowest ms"), [
        (text, number(results.median(f"{text} ms")), number(results.median(f"{text}, slowest ms")))
        for text in ("a change is at the follower", "a setpoint is at the other gateway")])


def rest_table(results):
    rows = []
    for action, _ in ACTIONS:
        rows.append((action, number(results.median(f"{action}, requests/s")),
                     number(results.median(f"{action}, requests/s", "original")),
                     times(results.ratio(f"{action}, requests/s")),
                     number(results.median(f"{action}, p50 µs")),
                     number(results.median(f"{action}, p99 µs"))))
    text = table(("", "requests/s", "gunicorn × 2", "ratio", "p50 µs", "p99 µs"), rows)
    return text + "\n\n" + table(("", ""), [
        ("GET one, ratio to a bare libmicrohttpd that serves a constant of the same size",
         times(results.ratio("GET one, requests/s", "bare"))),
        ("values of 10,000 tags, in pages of 1,000",
         f"{number(results.median('values of 10,000 tags ms'))} ms"),
        ("import of 100,000 rows of CSV",
         f"{number(results.median('import of 100,000 rows s'))} s"),
        ("the same as a workbook",
         f"{number(results.median('import of 100,000 rows of a workbook s'))} s"),
        ("100,000 tags of KEPServerEX",
         f"{number(results.median('import of 100,000 tags of kepware s'))} s"),
        ("refusal of 100,000 tags in one register",
         f"{number(results.median('refusal of 100,000 overlaps s'))} s"),
        ("300 devices of 40 tags from one profile",
         f"{number(results.median('300 devices of a profile ms'))} ms"),
        ("change of one tag of that profile",
         f"{number(results.median('change of a profile ms'))} ms")])


def stream_table(results):
    return table(("streams", "% of a core", "values/s", "kB/s", "first values, CPU ms", "resident kB"), [
        (str(count), *(number(results.median(f"{count} streams, {what}"))
                       for what in ("CPU percent", "values/s", "kB/s", "CPU of all first values ms",
                                    "memory kB")))
        for count in CLIENTS])


def history_table(results):
    return table(("", ""), [
        (text, f"{number(results.median(figure))} {unit}") for text, figure, unit in (
            ("recording, share of a core", "recording the history, CPU percent", "%"),
            ("recorded changes per second", "recording the history, entries/s", ""),
            (f"all of a tag with {ENTRIES:,} changes, as {POINTS} points", "all of a full history ms", "ms"),
            (f"its last hour, as {POINTS} points", "the last hour of it ms", "ms"),
            ("start of tagferry-api with this history", "start with a full history ms", "ms"),
            ("`/metrics/values` of 10,000 tags", "metrics of 10,000 tags ms", "ms"),
            ("the same, processor time", "metrics of 10,000 tags, CPU ms", "ms"),
            ("the same, size", "metrics of 10,000 tags kB", "kB"))])


def disk_table(results):
    rows = []
    for load, *_ in LOADS:
        for setting, *_ in SETTINGS:
            figure = f"{load}, {setting}, MB/h"
            rows.append((load, setting, *(number(results.median(figure, name)) for name in (*WRITERS, "tagferry"))))
    change = number(results.median("a change by REST, written kB"))
    return table(("MB in an hour", "settings", *(f"tagferry-{name}" for name in WRITERS), "together"), rows) + \
        f"\n\nA change by REST writes {change} kB."


def ctl_table(results):
    rows = [("`status`, start to output", f"{number(results.median('ctl status ms'))} ms", "", "")]
    rows += [(f"`watch`, {where}", f"{number(results.median(f'ctl watch, {where}, CPU percent'))} % of a core",
              f"{number(results.median(f'ctl watch, {where}, kB/s'))} kB/s",
              f"{number(results.median(f'ctl watch, {where}, memory kB'))} kB") for where in ("terminal", "pipe")]
    return table(("", "time", "printed", "resident"), rows)


def process_table(results):
    rows = []
    for size, *_ in SIZES:
        for daemon in DAEMONS:
            rows.append((f"tagferry-{daemon}, {size}", *(
                number(results.median(f"{size}, {what}", daemon))
                for what in ("start to ready ms", *MEMORY))))
    rows += [(f"tagferry-{daemon}, after the load with 1-key messages", "–",
              number(results.median("1 key, memory after load kB", daemon)), "–", "–")
             for daemon in DAEMONS]
    rows += [(f"tagferry-api, {text}", "–", *(number(results.median(f"tagferry-api {when}, {what}")) for what in MEMORY))
             for text, when in (("before requests", "at start"), (f"after {REQUESTS:,} requests", "after requests"),
                                ("at rest after them", "at rest after requests"))]
    return table(("", "start to ready ms", "resident kB", "own kB", "shared kB"), rows) + "\n\n" + table(
        ("at rest", "wake-ups/s"), [(name, number(results.median("at rest, wake-ups/s", name)))
                                    for name in (*(f"tagferry-{daemon}" for daemon in DAEMONS), "prototype")])


def small_table(results):
    return table(("", "peak kB"), [(text, number(results.median(f"{SMALL}, peak {what} kB"))) for text, what in (
        ("memory of the processes and of `/run`", "without cache"), ("the same with the page cache", "with cache"))])


def cluster_table(results):
    """For docs/scaling.md; cases without figures are left out."""
    made = []
    for case in CLUSTER_CASES:
        found = [results.median(f"{name_of(case)}, {column}") for column in CLUSTER_COLUMNS]
        if found[0] is not None:
            made.append((name_of(case), number(found[0]), number(found[0] * CLUSTER_KEYS), *map(number, found[1:])))
    return table(("", CLUSTER_COLUMNS[0], "values/s", *CLUSTER_COLUMNS[1:]), made)


def tls_table(results):
    figures = [(f"reads of 10 registers, {count} connection{'s' if count > 1 else ''}",
                f"TLS reads, {count} connections") for count in TLS_READS]
    figures += [(f"full handshakes, {key}", f"TLS handshakes, {key}") for key in TLS_KEYS]
    return table(("per second", "tagferry", "bare GnuTLS"), [
        (text, *(number(results.median(figure, name)) for name in ("tagferry", "echo"))) for text, figure in figures])


def translate_table(results):
    return table(("", "to registers", "by selectors", "into a discovery"), [
        (f"message of {keys} key{'s' if keys > 1 else ''}",
         *(number(results.median(f"{step}, message of {keys} keys, instructions")) for step in PROGRAMS))
        for keys in KEYS])


def machine(results, options):
    packages = ", ".join(f"{name} {version_of(name)}" for name in PACKAGES)
    failed = "; ".join(f"{name} ({figure})" for figure, name in results.failures)
    return (f"{os.cpu_count()} cores, {platform.machine()}, {memory_total_mb() // 1024} GB of memory, "
            f"Linux {platform.release().split('-')[0]}; {packages}. Rounds: {options.rounds}, of "
            f"{options.seconds} s for speed and {options.latency_seconds} s for latency. {options.note}").rstrip() + \
        (f" Failed, and shown as –: {failed}." if failed else "")


SECTIONS = {"goals": goal_table, "flow": flow_table, "busy": busy_table, "scale": scale_table, "back": back_table,
            "change": change_table, "where": where_table, "discovery": discovery_table, "pair": pair_table,
            "modbus": modbus_table, "rules": rules_table, "tls": tls_table,
            "rest": rest_table, "stream": stream_table, "ctl": ctl_table, "history": history_table, "process": process_table,
             "small": small_table, "disk": disk_table,
            "translate": translate_table}


BESIDE_LOAD = "goals beside other load"  # the marks of a table that a run of its own writes


def write(results, options, path):
    text = (HERE / "performance.md.in").read_text()
    text = text.replace("@machine@", machine(results, options))
    text = re.sub(r"@(\w+)@", lambda found: SECTIONS[found.group(1)](results), text)
    if path.exists() and BESIDE_LOAD in path.read_text():
        text = put_between(text, BESIDE_LOAD, between(path.read_text(), BESIDE_LOAD)[0])
    path.write_text(text)


def write_beside_load(results, options, path):
    content = f"That run: {machine(results, options)}\n\n{goal_table(results)}"
    path.write_text(put_between(path.read_text(), BESIDE_LOAD, content))
