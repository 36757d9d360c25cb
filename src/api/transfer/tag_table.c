/* Converts cells of CSV to fields and back. */
#include "api/transfer/tag_table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/model/field_types.h"
#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/tag.h"

/* The columns that are written, in their order. */
static const char *const column_names[] = {
    "device",      "topic",    "unit_id",    "tag",     "key",         "direction", "table",
    "address",     "type",     "byte_order", "bit",     "length",      "scale",     "offset",
    "on_overflow", "on_stale", "unit",       "enabled", "description", NULL};

_Static_assert(sizeof column_names / sizeof column_names[0] == TAG_TABLE_COLUMNS + 1,
               "tag_table.h has their number");

_Static_assert((int)TAG_TABLE_COLUMNS <= (int)TABLE_COLUMNS_MAX,
               "a file that was exported can be imported");

static const struct resource *const resources[] = {&device_resource, &tag_resource};

static const char blanks[] = " \t\r\n";

static const char *trim_cell_text(struct arena *arena, const char *cell)
{
    const char *from = cell + strspn(cell, blanks);
    size_t len = strlen(from);
    while (len > 0 && strchr(blanks, from[len - 1]))
        len--;
    return from[len] ? arena_strndup(arena, from, len) : from;
}

/* Finds the column of a name as a person may write it: "Byte order" is byte_order. */
static bool tag_table_find_column(const char *name, struct tag_table_column *column)
{
    for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++) {
        for (size_t k = 0; k < resources[i]->count; k++) {
            const char *csv = resources[i]->fields[k].csv;
            size_t at = 0;
            while (
                csv && csv[at] &&
                (strncasecmp(&csv[at], &name[at], 1) == 0 || (csv[at] == '_' && name[at] == ' ')))
                at++;
            if (csv && csv[at] == '\0' && name[at] == '\0') {
                *column = (struct tag_table_column){resources[i], k};
                return true;
            }
        }
    }
    return false;
}

static bool header_has_column(const struct tag_table_header *header,
                              const struct tag_table_column *column)
{
    for (size_t i = 0; i < header->count; i++) {
        if (header->columns[i].resource == column->resource &&
            header->columns[i].field == column->field)
            return true;
    }
    return false;
}

/* The name is cut in the message: a file without line ends is one long header. */
static void refuse_unknown_column(struct validation *validation, const char *cell)
{
    enum { NAME_MAX = 64 };
    size_t len = strlen(cell), shown = len > NAME_MAX ? utf8_prefix_len(cell, len, NAME_MAX) : len;
    const char *list = "";
    for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++) {
        for (size_t k = 0; k < resources[i]->count; k++) {
            const char *name = resources[i]->fields[k].csv;
            if (name)
                list = arena_format(validation->arena, "%s%s%s", list, *list ? ", " : "", name);
        }
    }
    validation_add(validation, NULL, arena_strndup(validation->arena, cell, shown),
                   "unknown_column", "unknown column; the columns of this table are %s", list);
}

bool tag_table_read_header(const struct table_row *row, struct tag_table_header *header,
                           struct validation *validation)
{
    size_t before = validation->found;
    struct tag_table_column device = {&device_resource, DEVICE_NAME},
                            tag = {&tag_resource, TAG_NAME};
    validation->row = row->number;
    header->count = 0;
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++) {
        struct tag_table_column column = {0};
        const char *name = trim_cell_text(validation->arena, row->cells[i]);
        if (*name && !tag_table_find_column(name, &column))
            refuse_unknown_column(validation, name);
        else if (*name && header_has_column(header, &column))
            validation_add(validation, NULL, name, "duplicate", "appears more than once");
        else
            header->columns[header->count++] = column;
    }
    if (row->count > TABLE_COLUMNS_MAX)
        validation_add_at(validation, "", "too_long", "there are more than %d columns",
                          TABLE_COLUMNS_MAX);
    if (!header_has_column(header, &device))
        validation_add(validation, NULL, "device", "required", "this column is required");
    if (!header_has_column(header, &tag))
        validation_add(validation, NULL, "tag", "required", "this column is required");
    return validation->found == before;
}

bool tag_table_row_is_blank(const struct table_row *row)
{
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++) {
        if (row->cells[i][strspn(row->cells[i], blanks)])
            return false;
    }
    return row->count <= TABLE_COLUMNS_MAX;
}

static bool field_is_word(const struct field *field)
{
    return field->names || field->type == &field_type_name ||
           (field->type->shape != SHAPE_TEXT && field->type->shape != SHAPE_JSON);
}

void tag_table_trim_cells(const struct tag_table_header *header, struct table_row *row,
                          struct validation *validation)
{
    REQUIRE(row->count == header->count);
    for (size_t i = 0; i < header->count; i++) {
        const struct tag_table_column *column = &header->columns[i];
        if (column->resource && !field_is_word(&column->resource->fields[column->field]))
            continue;
        row->cells[i] = trim_cell_text(validation->arena, row->cells[i]);
        if (!column->resource && *row->cells[i])
            validation_add(validation, NULL, "", "unknown_column",
                           "\"%.64s\" is in a column that has no name", row->cells[i]);
    }
}

const char *tag_table_find_cell(const struct tag_table_header *header, const struct table_row *row,
                                const struct resource *resource, size_t field)
{
    for (size_t i = 0; i < header->count; i++) {
        if (header->columns[i].resource == resource && header->columns[i].field == field)
            return row->cells[i];
    }
    return NULL;
}

static bool cell_read_number(const char *cell, bool comma, double *number)
{
    char text[64], *end, *mark;
    size_t len = strlen(cell);
    if (len == 0 || len >= sizeof text)
        return false;
    memcpy(text, cell, len + 1);
    if (comma && !strchr(text, '.') && (mark = strchr(text, ',')))
        *mark = '.';
    if (strspn(text, "+-.0123456789eE") != len)
        return false;
    *number = strtod(text, &end);
    return *end == '\0';
}

/* Converts a cell to the value that JSON would have. */
static struct scalar cell_to_scalar(const struct field *field, const char *cell, bool has_table,
                                    bool comma)
{
    struct scalar text = {.kind = SCALAR_STRING, .text = cell, .len = strlen(cell)};
    struct scalar number = {.kind = SCALAR_NUMBER};
    struct scalar flag = {.kind = SCALAR_BOOL};
    bool is_free_text = field->type->shape == SHAPE_TEXT && !field->names && !field->nullable;
    if (*cell == '\0' && !(is_free_text && field->min == 0))
        return (struct scalar){.kind = SCALAR_NULL};
    switch (field->type->shape) {
    case SHAPE_TEXT:
    case SHAPE_JSON:
        text.text = csv_strip_quote_mark(cell);
        text.len = strlen(text.text);
        break;
    case SHAPE_INTEGER:
    case SHAPE_REAL:
    case SHAPE_STALE:
        if (cell_read_number(cell, comma, &number.number))
            return number;
        break;
    case SHAPE_FLAG:
        flag.truth = strcasecmp(cell, "true") == 0 || strcmp(cell, "1") == 0;
        if (flag.truth || strcasecmp(cell, "false") == 0 || strcmp(cell, "0") == 0)
            return flag;
        break;
    case SHAPE_ADDRESS: /* digits are an offset if the row has a table, else a Modicon address */
        if (has_table && cell_read_number(cell, false, &number.number))
            return number;
        break;
    }
    return text;
}

/* Returns the detail of an error of a cell. The general details are about JSON: they mention types
 * that cells do not have. */
static const char *cell_error_detail(const struct field *field, const char *cell, bool has_table,
                                     const struct field_error *why)
{
    enum json_shape shape = field->type->shape;
    if (shape == SHAPE_ADDRESS && strspn(cell, "0123456789") == strlen(cell))
        return has_table
                   ? "is greater than 65535, the last offset; for a Modicon address leave the "
                     "cell of the column table empty"
                   : "is not a Modicon address; an offset from 0 needs a table in the "
                     "column table";
    if (shape == SHAPE_REAL && strchr(cell, ','))
        return "must be a number such as 1000.5; a decimal comma is accepted only in files whose "
               "separator is ; or a tab";
    if (shape == SHAPE_FLAG)
        return "must be true or false, 1 or 0";
    return why->detail;
}

void tag_table_read_record(const struct tag_table_header *header, const struct table_row *row,
                           const struct resource *resource, struct record *record,
                           struct validation *validation)
{
    REQUIRE(row->count == header->count);
    const char *table = tag_table_find_cell(header, row, &tag_resource, TAG_TABLE);
    bool has_table = table && *table;
    for (size_t i = 0; i < header->count; i++) {
        const struct tag_table_column *column = &header->columns[i];
        if (column->resource != resource)
            continue;
        const struct field *field = &resource->fields[column->field];
        struct scalar scalar = cell_to_scalar(field, row->cells[i], has_table, header->comma);
        struct field_error why;
        if (!record_set_value(resource, record, column->field, &scalar, validation->arena, &why))
            validation_add(validation, field->group, field->csv, why.code, "%s",
                           cell_error_detail(field, row->cells[i], has_table, &why));
    }
}

void tag_table_write_header(struct text *text)
{
    for (size_t i = 0; column_names[i]; i++)
        csv_write_cell(text, column_names[i], i == 0);
    csv_write_row_end(text);
}

static void tag_table_write_cell(const struct field *field, const struct cell *cell, bool first,
                                 struct text *text)
{
    char number[VALUE_TEXT_SIZE];
    if (cell->kind == CELL_NULL) {
        csv_write_cell(text, "", first);
    } else if (field->type->shape == SHAPE_TEXT) {
        csv_write_text_cell(text, cell->as.text, first);
    } else if (field->type->shape == SHAPE_FLAG) {
        csv_write_cell(text, cell->as.integer ? "true" : "false", first);
    } else if (cell->kind == CELL_TEXT) {
        csv_write_cell(text, cell->as.text, first);
    } else {
        double real = cell->kind == CELL_REAL ? cell->as.real : (double)cell->as.integer;
        value_format_double(real, number);
        csv_write_cell(text, number, first);
    }
}

void tag_table_write_row(const struct record *device, const struct record *tag, struct text *text)
{
    for (size_t i = 0; column_names[i]; i++) {
        struct tag_table_column column;
        bool found = tag_table_find_column(column_names[i], &column);
        REQUIRE(found);
        const struct record *record = column.resource == &device_resource ? device : tag;
        tag_table_write_cell(&column.resource->fields[column.field], &record->cells[column.field],
                             i == 0, text);
    }
    csv_write_row_end(text);
}
