/* A table of cells, which any format can bring: rows in their order, the first of them with the
 * names of the columns. Pure. */
#ifndef TAGFERRY_API_BASE_TABLE_H
#define TAGFERRY_API_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/arena.h"

enum { TABLE_COLUMNS_MAX = 192, TABLE_FAULTS_MAX = 8 };

/* A cell that the format could not give as it was meant: what is wrong with it, for people. */
struct table_fault {
    size_t column;
    const char *what;
};

struct table_row {
    long number;  /* as a person sees it: the line of a text file, the row of a sheet, from 1 */
    size_t count; /* of all cells; only the first TABLE_COLUMNS_MAX are kept */
    const char *cells[TABLE_COLUMNS_MAX]; /* UTF-8 without NUL; "" for an empty one */
    /* The cell is a number, with a decimal point, not digits that somebody has written. */
    bool is_number[TABLE_COLUMNS_MAX];
    size_t fault_count;
    struct table_fault faults[TABLE_FAULTS_MAX]; /* the first ones */
};

enum table_result {
    TABLE_ROW,
    TABLE_END,
    TABLE_BAD_QUOTE, /* a closing quote is missing, or is not the end of its cell */
    TABLE_BAD_TEXT,  /* a cell has a NUL or is not UTF-8 */
};

#endif
