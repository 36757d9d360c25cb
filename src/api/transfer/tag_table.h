/* The CSV of an import or export, one row for each tag: converts cells to records and back. Pure.
 *
 * The columns of commands can be read, but are not written. */
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

/* The columns of the file, in their order. */
struct tag_table_header {
    size_t count;
    bool comma; /* set by the caller: 0,1 is a number, as in files whose separator is ; */
    struct tag_table_column columns[TABLE_COLUMNS_MAX]; /* resource NULL: it has no name */
};

/* Reads the header row. Names may be in upper or lower case, with blanks for _. Unknown and
 * repeated columns are errors, and so is a missing column device or tag. Columns without a name,
 * which spreadsheets may add, are ignored. False after an error. */
bool tag_table_read_header(const struct table_row *row, struct tag_table_header *header,
                           struct validation *validation);
/* True when all cells of the row are blank, as in the empty rows that spreadsheets may add. */
bool tag_table_row_is_blank(const struct table_row *row);
/* Removes the blanks around words and numbers, which a spreadsheet does not show; free text keeps
 * its blanks. A cell with text in a column without a name is an error. */
void tag_table_trim_cells(const struct tag_table_header *header, struct table_row *row,
                          struct validation *validation);
/* Returns the cell of a field, or NULL when the file has no such column. */
const char *tag_table_find_cell(const struct tag_table_header *header, const struct table_row *row,
                                const struct resource *resource, size_t field);
/* Reads the cells of one resource into the record. Fields without a column keep their values. */
void tag_table_read_record(const struct tag_table_header *header, const struct table_row *row,
                           const struct resource *resource, struct record *record,
                           struct validation *validation);

/* Write the header row, or the row of a tag, with TAG_TABLE_COLUMNS cells. */
void tag_table_write_header(struct text *text);
void tag_table_write_row(const struct record *device, const struct record *tag, struct text *text);

#endif
