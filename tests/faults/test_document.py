"""docs/reliability.md has each row of the matrix, and no other."""

import document
import rows


def test_document_has_each_row():
    found = document.read(document.DOCUMENT.read_text(encoding="utf-8"))
    assert {(row.table, row.name): row.may for row in rows.ALL} == \
        {name: may for name, (may, _) in found.items()}


def test_nothing_was_lost_where_nothing_may_be():
    for name, (may, lost) in document.read(
            document.DOCUMENT.read_text(encoding="utf-8")).items():
        assert lost == 0 or may != rows.NOTHING, name


def test_what_is_written_can_be_read():
    results = {(row.table, row.name): {"lost": n, "back_ms": None if n % 7 == 0 else n}
               for n, row in enumerate(rows.ALL)}
    text = f"<!-- faults:begin -->\n{document.render(results)}<!-- faults:end -->"
    assert {name: lost for name, (_, lost) in document.read(text).items()} == \
        {name: result["lost"] for name, result in results.items()}
