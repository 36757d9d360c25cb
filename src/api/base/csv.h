/* CSV as RFC 4180 has it, with what spreadsheets add: a byte order mark, semicolons, tabs. Pure. */
#ifndef TAGFERRY_API_BASE_CSV_H
#define TAGFERRY_API_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/arena.h"
#include "api/base/text.h"

enum { CSV_COLUMNS_MAX = 64 };

/* Where the reading stands. */
struct csv {
    const char *text;
    size_t len, at;
    long line;      /* of the next row's first line, the first being 1 */
    char separator; /* the header row decides: a comma, or a semicolon, or a tab */
};

struct csv_row {
    long line;
    size_t count; /* of all cells; those beyond CSV_COLUMNS_MAX are not kept */
    const char *cells[CSV_COLUMNS_MAX];
};

enum csv_result {
    CSV_ROW,
    CSV_END,
    CSV_BAD_QUOTE, /* text behind a closing quote, or none at the end */
    CSV_BAD_TEXT,  /* a NUL, or no UTF-8 */
};

void csv_open(struct csv *csv, const char *text, size_t len);
/* Reads the next row, its cells into the arena. Blank lines are skipped. After a bad row the next
 * line is next; row->line says where. */
enum csv_result csv_read_row(struct csv *csv, struct arena *arena, struct csv_row *row);

/* Writes a cell, quoted where it must be; `first` leaves the comma away. */
void csv_write_cell(struct text *text, const char *cell, bool first);
/* The same for free text: what a spreadsheet would take for a formula gets a ' in front. */
void csv_write_text_cell(struct text *text, const char *cell, bool first);
void csv_write_row_end(struct text *text);
/* What csv_write_text_cell wrote, without its '. */
const char *csv_strip_quote_mark(const char *cell);

#endif
