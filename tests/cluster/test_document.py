"""docs/reliability.md has each row of the tables, and no other."""

import pytest

import document
import rows

EACH = pytest.mark.parametrize("table", rows.TABLES)


def found(table):
    return document.read(document.DOCUMENT.read_text(encoding="utf-8"), table)


@EACH
def test_document_has_each_row(table):
    assert list(found(table)) == [row.name for row in rows.TABLES[table][0]]


@EACH
def test_figures_are_within_the_goals(table):
    for row in rows.TABLES[table][0]:
        for figure, limit in row.goals.items():
            assert found(table)[row.name][figure] <= limit, row.name


@EACH
def test_nothing_was_lost_where_nothing_may_be(table):
    for row in rows.TABLES[table][0]:
        assert not rows.wrong(row, found(table)[row.name]), row.name


@EACH
def test_what_is_written_can_be_read(table):
    listed, titles = rows.TABLES[table]
    results = {row.name: dict.fromkeys(titles, n) for n, row in enumerate(listed)}
    text = f"<!-- {table}:begin -->\n{document.render(results, table)}\n<!-- {table}:end -->"
    assert document.read(text, table) == results
