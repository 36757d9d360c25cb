/* Imports a table with one row for each tag, from any format: the reader of the format brings rows of
 * cells, whose first row names columns of the table (tag_table.h).
 *
 * A reader of another product's file brings rows with the columns of this table. */
#ifndef TAGFERRY_API_TRANSFER_IMPORT_TABLE_H
#define TAGFERRY_API_TRANSFER_IMPORT_TABLE_H

#include "api/base/table.h"
#include "api/transfer/import.h"

/* Reads all rows and calls import_finish. */
void import_read_table(struct import *import, const struct table_source *source);

#endif
