/* The columns of the table format, one row a tag: cells from and to records. Pure.
 *
 * What is read may have more columns than are written: those of commands. */
#ifndef TAGFERRY_API_TRANSFER_TAG_TABLE_H
#define TAGFERRY_API_TRANSFER_TAG_TABLE_H

#include "api/base/csv.h"
#include "api/base/validation.h"
#include "api/model/fields.h"

enum { TABLE_COLUMNS = 19 };

/* A column is a field of the device or of the tag. */
struct table_column {
    const struct resource *resource;
    size_t field;
};

/* The file's columns, by place. */
struct table_header {
    size_t count;
    bool comma; /* set by the caller: 0,1 is a number, as where ; parts a spreadsheet's cells */
    struct table_column columns[CSV_COLUMNS_MAX]; /* no resource: a column without a name */
};

/* Reads the header row, names in any case, a blank for a _. Unknown and repeated columns are
 * faults, and a missing device or tag. Spreadsheets keep empty columns: one without a name is none.
 */
bool table_read_header(const struct csv_row *row, struct table_header *header, struct flaws *flaws);
/* True when no cell of the row says anything, as in the empty rows that spreadsheets keep. */
bool table_row_is_blank(const struct csv_row *row);
/* Takes the blanks around words and numbers away, which nobody sees in a spreadsheet; free text
 * keeps its own. A cell in a column without a name is a fault. */
void table_tidy(const struct table_header *header, struct csv_row *row, struct flaws *flaws);
/* The cell of a field, or NULL when the file has no such column. */
const char *table_cell(const struct table_header *header, const struct csv_row *row,
                       const struct resource *resource, size_t field);
/* Puts the row's cells of one resource into the record. Columns that the file has not are left as
 * they are. */
void table_read(const struct table_header *header, const struct csv_row *row,
                const struct resource *resource, struct record *record, struct flaws *flaws);

void table_write_header(struct text *text);
void table_write_row(const struct record *device, const struct record *tag, struct text *text);

#endif
