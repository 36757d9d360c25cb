"""Writes the tables of docs/reliability.md from results, and reads them."""

import rows
from harness import ROOT
from tables import between, line, read_cells

DOCUMENT = ROOT / "docs/reliability.md"


def cell(row, figure, result):
    if figure not in rows.TIMES:
        return str(result[figure])
    goal = row.goals.get(figure)
    return f"{result[figure]:.2f} s" + (f" (goal: {goal} s)" if goal else "")


def render(results, table="cluster"):
    """The table of this name in rows.TABLES; `results` by name of the row."""
    listed, titles = rows.TABLES[table]
    lines = [line("fault", *titles.values()), line(*["---"] * (1 + len(titles)))]
    for row in listed:
        lines.append(line(row.name, *(cell(row, figure, results[row.name]) for figure in titles)))
    return "\n".join(lines)


def read(text, table="cluster"):
    """{name: {figure: number}} of the table."""
    titles = rows.TABLES[table][1]
    head, body = read_cells(between(text, table)[0])
    assert head[1:] == list(titles.values())
    return {cells[0]: {figure: float(each.split(" ")[0])
                       for figure, each in zip(titles, cells[1:])} for cells in body}
