/* The table of an import or export, one row for each tag: converts cells to records and back. Pure.
 *
 * Each field of a device and a tag has a column. A file may have them in any order and leave them
 * out. An import reads the words of people (table_words.h), too. */
#ifndef TAGFERRY_API_TRANSFER_TAG_TABLE_H
#define TAGFERRY_API_TRANSFER_TAG_TABLE_H

#include "api/base/csv.h"
#include "api/base/table.h"
#include "api/base/validation.h"
#include "api/model/fields.h"
#include "api/transfer/cell_number.h"

/* A column is a field of the device or of the tag. */
struct tag_table_column {
    const struct resource *resource; /* NULL: the column is ignored */
    size_t field;
    const char *title; /* as the file writes it; "" without one */
    bool told;         /* of a column without a title: the warning is given */
    bool is_function;  /* has function codes in place of tables */
    bool has_marks;    /* a cell says yes by a mark, so that an empty one may mean no */
    long empty_row;    /* the first row whose cell is empty, or 0 */
    const char *last_word,
        *last_choice; /* the word of the row before, and what it means; or NULL */
};

/* The columns of the file, in their order. */
struct tag_table_header {
    size_t count;
    enum decimal_mark mark; /* set by the caller */
    struct tag_table_column columns[TABLE_COLUMNS_MAX];
};

/* Returns the number of columns that the row names. *names: one of them is the name or the label of
 * the tag, as the header must have. */
size_t tag_table_count_titles(const struct table_row *row, bool *names);
/* Reads the header row. A missing column device or tag is an error, and so is a column that appears
 * twice. A column that the table does not have is a warning, and is ignored. `has_device`: the name
 * of the device is known, and without that column, one is added at the end. False after an error.
 */
bool tag_table_read_header(const struct table_row *row, bool has_device,
                           struct tag_table_header *header, struct validation *validation,
                           struct validation *warnings);
/* True when all cells of the row are blank, as in the empty rows that spreadsheets may add. */
bool tag_table_row_is_blank(const struct table_row *row);

/* What a cell says beside its own field. */
struct tag_table_extras {
    int bit;     /* of an address such as 400210.3, or -1 */
    long length; /* in registers, of a type such as STRING[16], or -1 */
};
/* Makes the words of people in a row those of the API: `clean` receives all cells. Removes the
 * blanks around words and numbers, which a spreadsheet does not show; free text keeps its blanks.
 */
void tag_table_clean_row(struct tag_table_header *header, const struct table_row *row,
                         struct table_row *clean, struct tag_table_extras *extras,
                         struct validation *validation, struct validation *warnings);
/* Adds an error for each column in which a mark says yes and an empty cell may say no or nothing.
 */
void tag_table_check_marks(const struct tag_table_header *header, struct validation *validation);
/* Narrows the decimal mark of a file down by the numbers of a row: *seen has a bit for each mark.
 */
void tag_table_note_marks(const struct tag_table_header *header, const struct table_row *row,
                          unsigned *seen);

/* Returns the index of the column of a field, or -1 when the file has none. */
int tag_table_find_column(const struct tag_table_header *header, const struct resource *resource,
                          size_t field);
/* Returns the cell of a field, or NULL when the file has no such column. */
const char *tag_table_find_cell(const struct tag_table_header *header, const struct table_row *row,
                                const struct resource *resource, size_t field);
/* Reads the cells of one resource into the record. Fields without a column keep their values, and
 * with `keep_empty` those whose cell is empty. */
void tag_table_read_record(const struct tag_table_header *header, const struct table_row *row,
                           const struct resource *resource, bool keep_empty, struct record *record,
                           struct validation *validation);

/* The columns of an export: those that every export has, and those that a record needs. */
struct tag_table_columns {
    uint64_t devices, tags; /* a bit for each field that a record needs */
    size_t count;           /* of the list that tag_table_list_columns makes */
    struct tag_table_place {
        const struct resource *resource;
        size_t field;
    } list[DEVICE_FIELDS + TAG_FIELDS];
};
/* Notes the fields of a record that differ from their defaults. */
void tag_table_note_fields(struct tag_table_columns *columns, const struct resource *resource,
                           const struct record *record);
/* Makes the list of the columns, in the order of the file. */
void tag_table_list_columns(struct tag_table_columns *columns);

/* A cell of an export. */
struct tag_table_cell {
    enum { TAG_CELL_EMPTY, TAG_CELL_WORD, TAG_CELL_TEXT, TAG_CELL_NUMBER, TAG_CELL_FLAG } kind;
    const char *text;
    char number[VALUE_TEXT_SIZE]; /* `text` may point here */
};
/* Makes the cell of a field. `record` NULL: an empty one, as in the row of a device without tags.
 */
void tag_table_make_cell(const struct resource *resource, size_t field, const struct record *record,
                         struct tag_table_cell *cell);

/* Write the header row, or the row of a tag, or of a device when `tag` is NULL, as CSV. With the
 * separator ; numbers have a decimal comma. */
void tag_table_write_header(const struct tag_table_columns *columns, char separator,
                            struct text *text);
void tag_table_write_row(const struct tag_table_columns *columns, char separator,
                         const struct record *device, const struct record *tag, struct text *text);

#endif
