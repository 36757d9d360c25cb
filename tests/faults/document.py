"""Writes the tables of docs/reliability.md from results, and reads them."""

import itertools

import rows
from harness import ROOT
from tables import between, line, read_cells

DOCUMENT = ROOT / "docs/reliability.md"
TITLES = {
    "mqttd": "tagferry-mqttd killed, stopped, restarted",
    "modbusd": "tagferry-modbusd killed, stopped, restarted",
    "api": "tagferry-api killed, stopped, restarted",
    "broker": "The broker",
    "disk": "Disks",
    "limits": "Descriptors and memory",
    "foreign": "A foreign Modbus server",
    "clock": "The wall clock",
    "signals": "Many SIGHUPs",
    "reload": "An invalid configuration",
    "journal": "The journal of SCADA's writes",
}
NEVER = "–"


def cell(result):
    """The number of lost items, and the time until the newest values are back."""
    back = NEVER if result["back_ms"] is None else f"{result['back_ms']} ms"
    return f"{result['lost']} lost, {back}"


def daemon_table(daemon, results):
    first, second = rows.others(daemon)
    yield line(first, second, *rows.ACTIONS)
    yield line(*["---"] * 5)
    for one, two in itertools.product(rows.STATES, rows.STATES):
        found = [results[daemon, f"{action}, {first} {one}, {second} {two}"]
                 for action in rows.ACTIONS]
        yield line(one, two, *map(cell, found))


def plain_table(table, results):
    yield line("fault", "may be lost", "lost", "back after")
    yield line(*["---"] * 4)
    for row in rows.ALL:
        if row.table == table:
            lost, back = cell(results[table, row.name]).split(" lost, ")
            yield line(row.name, row.may, lost, back)


def render(results):
    """All tables; `results` by (table, name)."""
    lines = []
    for table, title in TITLES.items():
        write = daemon_table if table in rows.DAEMONS else plain_table
        lines += [f"### {title}", "", *write(table, results), ""]
    return "\n".join(lines)


def read(text):
    """{(table, name): (may be lost, lost)} of all tables."""
    found = {}
    for part in between(text, "faults")[0].split("### ")[1:]:
        title = part.split("\n", 1)[0]
        table = next(name for name, known in TITLES.items() if known == title)
        head, body = read_cells(part)
        for cells in body:
            if table not in rows.DAEMONS:
                found[table, cells[0]] = cells[1], int(cells[2])
                continue
            for action, result in zip(head[2:], cells[2:]):
                name = f"{action}, {head[0]} {cells[0]}, {head[1]} {cells[1]}"
                found[table, name] = rows.NOTHING, int(result.split(" ")[0])
    return found
