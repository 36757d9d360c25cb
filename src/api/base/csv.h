/* CSV by RFC 4180, and as spreadsheets write it: with a byte order mark, semicolons or tabs. Pure.
 */
#ifndef TAGFERRY_API_BASE_CSV_H
#define TAGFERRY_API_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/arena.h"
#include "api/base/table.h"
#include "api/base/text.h"

/* A file that is being read. */
struct csv {
    const char *text;
    size_t len, at;
    long line;      /* where the next row begins, from 1 */
    char separator; /* a comma, a semicolon or a tab */
};

/* Starts at the first row and finds the separator: that of a first line "sep=;", which is skipped,
 * or the one that half of the first lines have most of, or without one a single line. The text is
 * not copied and must outlive `csv`. */
void csv_open(struct csv *csv, const char *text, size_t len);
/* Reads the next row; its cells are in the arena. Blank lines are skipped. row->number is the line
 * where the row begins, also for a bad row. Reading continues with the line after a bad row. */
enum table_result csv_read_row(struct csv *csv, struct arena *arena, struct table_row *row);

/* Writes a cell, in quotes where needed, after the separator, which is NUL for the first cell of
 * its row. */
void csv_write_cell(struct text *text, const char *cell, char separator);
/* The same for free text: a ' precedes a cell that a spreadsheet could take for a formula. */
void csv_write_text_cell(struct text *text, const char *cell, char separator);
void csv_write_row_end(struct text *text);
/* Returns a cell of csv_write_text_cell without its '. */
const char *csv_strip_quote_mark(const char *cell);

#endif
