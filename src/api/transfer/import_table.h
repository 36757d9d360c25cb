/* Imports a table with one row for each tag, from any format: the reader of the format brings rows
 * of cells, whose first row names columns of the table (tag_table.h).
 *
 * A reader of another product's file brings rows with the columns of this table. */
#ifndef TAGFERRY_API_TRANSFER_IMPORT_TABLE_H
#define TAGFERRY_API_TRANSFER_IMPORT_TABLE_H

#include "api/base/table.h"
#include "api/transfer/cell_number.h"
#include "api/transfer/import.h"

/* Where the rows come from. */
struct table_source {
    /* Reads the next row; its cells are in the arena, or outlive it. After a bad row it continues
     * with the next one. row->number is also set for a bad row. */
    enum table_result (*next_row)(void *context, struct arena *arena, struct table_row *row);
    /* Goes back to the first row. NULL if the source cannot: with DECIMAL_EITHER, the decimal mark
     * of the file is then not looked for. */
    void (*restart)(void *context);
    void *context;
    bool ragged;            /* a row ends with its last cell that is not empty */
    enum decimal_mark mark; /* of the numbers in the file */
};

/* Puts the names in place of {device} and {tag} in a pattern of topics. */
const char *table_fill_topic(struct arena *arena, const char *pattern, const char *device,
                             const char *tag);
/* Reads all rows and calls import_finish. */
void import_read_table(struct import *import, const struct table_source *source);

#endif
