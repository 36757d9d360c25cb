/* CSV by RFC 4180, and as spreadsheets write it: with a byte order mark, semicolons or tabs. Pure.
 */
#ifndef TAGFERRY_API_BASE_CSV_H
#define TAGFERRY_API_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/arena.h"
#include "api/base/text.h"

enum { CSV_COLUMNS_MAX = 64 };

/* A file that is being read. */
struct csv {
    const char *text;
    size_t len, at;
    long line;      /* where the next row begins, from 1 */
    char separator; /* a comma, a semicolon or a tab: the one that the header row uses */
};

struct csv_row {
    long line;
    size_t count; /* of all cells; only the first CSV_COLUMNS_MAX are kept */
    const char *cells[CSV_COLUMNS_MAX];
};

enum csv_result {
    CSV_ROW,
    CSV_END,
    CSV_BAD_QUOTE, /* a closing quote is missing, or is not the end of its cell */
    CSV_BAD_TEXT,  /* a cell has a NUL or is not UTF-8 */
};

/* Starts at the first row and finds the separator. The text is not copied and must outlive `csv`.
 */
void csv_open(struct csv *csv, const char *text, size_t len);
/* Reads the next row; its cells are in the arena. Blank lines are skipped. row->line is the line
 * where the row begins, also for a bad row. Reading continues with the line after a bad row. */
enum csv_result csv_read_row(struct csv *csv, struct arena *arena, struct csv_row *row);

/* Writes a cell, in quotes where needed, after a comma unless it is the `first` of its row. */
void csv_write_cell(struct text *text, const char *cell, bool first);
/* The same for free text: a ' precedes a cell that a spreadsheet could take for a formula. */
void csv_write_text_cell(struct text *text, const char *cell, bool first);
void csv_write_row_end(struct text *text);
/* Returns a cell of csv_write_text_cell without its '. */
const char *csv_strip_quote_mark(const char *cell);

#endif
