/* The columns of the table format, one row a tag: cells from and to records. Pure.
 *
 * What is read may have more columns than are written: those of commands. */
#ifndef TAGFERRY_API_TRANSFER_TAG_TABLE_H
#define TAGFERRY_API_TRANSFER_TAG_TABLE_H

#include "api/base/csv.h"
#include "api/base/validation.h"
#include "api/model/fields.h"

enum { TAG_TABLE_COLUMNS = 19 };

/* A column is a field of the device or of the tag. */
struct tag_table_column {
    const struct resource *resource;
    size_t field;
};

/* The file's columns, by place. */
struct tag_table_header {
    size_t count;
    bool comma; /* set by the caller: 0,1 is a number, as where ; parts a spreadsheet's cells */
    struct tag_table_column columns[CSV_COLUMNS_MAX]; /* no resource: a column without a name */
};

/* Reads the header row, names in any case, a blank for a _. Unknown and repeated columns are
 * faults, and a missing device or tag. Spreadsheets keep empty columns: one without a name is none.
 */
bool tag_table_read_header(const struct csv_row *row, struct tag_table_header *header,
                           struct validation *validation);
/* True when no cell of the row says anything, as in the empty rows that spreadsheets keep. */
bool tag_table_row_is_blank(const struct csv_row *row);
/* Takes the blanks around words and numbers away, which nobody sees in a spreadsheet; free text
 * keeps its own. A cell in a column without a name is a fault. */
void tag_table_trim_cells(const struct tag_table_header *header, struct csv_row *row,
                          struct validation *validation);
/* The cell of a field, or NULL when the file has no such column. */
const char *tag_table_find_cell(const struct tag_table_header *header, const struct csv_row *row,
                                const struct resource *resource, size_t field);
/* Puts the row's cells of one resource into the record. Columns that the file has not are left as
 * they are. */
void tag_table_read_record(const struct tag_table_header *header, const struct csv_row *row,
                           const struct resource *resource, struct record *record,
                           struct validation *validation);

void tag_table_write_header(struct text *text);
void tag_table_write_row(const struct record *device, const struct record *tag, struct text *text);

#endif
