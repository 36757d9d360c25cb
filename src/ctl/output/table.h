/* Rows and columns, printed as an aligned table or as CSV. */
#ifndef TAGFERRY_CTL_OUTPUT_TABLE_H
#define TAGFERRY_CTL_OUTPUT_TABLE_H

#include <stddef.h>

#include "ctl/output/terminal.h"

struct table_column {
    const char *title; /* in a table: "ADDRESS" */
    const char *name;  /* in CSV: the member of the API, "modbus.address" */
    bool is_number;    /* aligned to the right */
    bool is_long;      /* cut first where the terminal is too narrow */
    bool in_csv_only;  /* left out of the table */
    bool if_any;       /* left out of the table where all its cells are empty */
    unsigned drop;     /* left out where the terminal is too narrow, the highest number first; 0:
                          it stays */
};

enum { TABLE_COLUMNS_MAX = 24 };

struct table {
    const struct table_column *columns;
    size_t column_count, row_count, room;
    struct table_cell *cells; /* row by row */
};

struct table_cell {
    const char *text; /* stays until the table is printed; never NULL */
    enum terminal_style style;
};

/* At most TABLE_COLUMNS_MAX columns, which outlive the table. */
void table_init(struct table *table, const struct table_column *columns, size_t count);
#define TABLE_INIT(table, columns)                                                                 \
    table_init((table), (columns), sizeof(columns) / sizeof(columns)[0])
/* Begins a row of plain, empty cells, and returns its first cell. Valid until the next one. */
struct table_cell *table_add_row(struct table *table);
/* Prints all rows to standard output, as the terminal wants it: as CSV (RFC 4180, with a first line
 * of names), or as a table, whose cells are cut only where a terminal is too narrow. */
void table_print(const struct table *table, const struct terminal *terminal);
/* One row of CSV. */
void table_print_csv_row(FILE *out, const char *const *cells, size_t count);

#endif
