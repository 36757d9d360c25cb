/* Writes records as rows of a table. */
#include <string.h>

#include "api/model/field_types.h"
#include "api/transfer/tag_table.h"
#include "common/base/require.h"

/* The columns that every export has, in their order. The others follow in the order of the fields.
 */
static const struct tag_table_place first_columns[] = {
    {&device_resource, DEVICE_NAME},    {&device_resource, DEVICE_TOPIC},
    {&device_resource, DEVICE_UNIT_ID}, {&tag_resource, TAG_NAME},
    {&tag_resource, TAG_KEY},           {&tag_resource, TAG_DIRECTION},
    {&tag_resource, TAG_TABLE},         {&tag_resource, TAG_ADDRESS},
    {&tag_resource, TAG_TYPE},          {&tag_resource, TAG_BYTE_ORDER},
    {&tag_resource, TAG_BIT},           {&tag_resource, TAG_LENGTH},
    {&tag_resource, TAG_SCALE},         {&tag_resource, TAG_OFFSET},
    {&tag_resource, TAG_ON_OVERFLOW},   {&tag_resource, TAG_ON_STALE},
    {&tag_resource, TAG_UNIT},          {&tag_resource, TAG_ENABLED},
    {&tag_resource, TAG_DESCRIPTION}};

enum { FIRST_COLUMNS = sizeof first_columns / sizeof first_columns[0] };

_Static_assert((int)TAG_FIELDS + (int)DEVICE_FIELDS <= (int)TABLE_COLUMNS_MAX,
               "a file that was exported can be imported");

void tag_table_note_fields(struct tag_table_columns *columns, const struct resource *resource,
                           const struct record *record)
{
    uint64_t *used = resource == &device_resource ? &columns->devices : &columns->tags;
    for (size_t i = 0; i < resource->count; i++) {
        if (!cell_is_equal(&record->cells[i], &resource->fields[i].fallback))
            *used |= UINT64_C(1) << i;
    }
}

static bool column_is_first(const struct resource *resource, size_t field)
{
    for (size_t i = 0; i < FIRST_COLUMNS; i++) {
        if (first_columns[i].resource == resource && first_columns[i].field == field)
            return true;
    }
    return false;
}

void tag_table_list_columns(struct tag_table_columns *columns)
{
    columns->count = FIRST_COLUMNS;
    memcpy(columns->list, first_columns, sizeof first_columns);
    for (size_t i = 0; i < DEVICE_FIELDS + TAG_FIELDS; i++) {
        bool is_device = i < DEVICE_FIELDS;
        const struct resource *resource = is_device ? &device_resource : &tag_resource;
        size_t field = is_device ? i : i - DEVICE_FIELDS;
        uint64_t used = is_device ? columns->devices : columns->tags;
        if ((used >> field & 1) != 0 && !column_is_first(resource, field))
            columns->list[columns->count++] = (struct tag_table_place){resource, field};
    }
}

void tag_table_make_cell(const struct resource *resource, size_t field, const struct record *record,
                         struct tag_table_cell *cell)
{
    const struct field *row = &resource->fields[field];
    const struct cell *value = record ? &record->cells[field] : NULL;
    cell->text = "";
    cell->kind = TAG_CELL_EMPTY;
    bool has_default = row->fallback.kind != CELL_NULL;
    if (value && value->kind == CELL_NULL && row->nullable && has_default) {
        cell->kind = TAG_CELL_WORD;
        cell->text = "null"; /* an empty cell is the default */
        return;
    }
    if (!value || value->kind == CELL_NULL)
        return;
    if (row->type->shape == SHAPE_FLAG) {
        cell->kind = TAG_CELL_FLAG;
        cell->text = value->as.integer ? "true" : "false";
    } else if (row->type->shape == SHAPE_SCALAR) { /* a text has its quotes */
        const char first = value->as.text[0];
        cell->kind = first == '"'                   ? TAG_CELL_WORD
                     : first == 't' || first == 'f' ? TAG_CELL_FLAG
                                                    : TAG_CELL_NUMBER;
        cell->text = value->as.text;
    } else if (row->type->shape == SHAPE_STALE && strcmp(value->as.text, "nan") != 0) {
        cell->kind = TAG_CELL_NUMBER;
        cell->text = value->as.text;
    } else if (value->kind == CELL_TEXT) {
        bool is_text = row->type->shape == SHAPE_TEXT && !row->names;
        cell->kind = is_text ? TAG_CELL_TEXT : TAG_CELL_WORD;
        cell->text = value->as.text;
        if (is_text && row->nullable && *cell->text == '\0') {
            cell->kind = TAG_CELL_WORD;
            cell->text = "'"; /* an empty text; an empty cell is null */
        } else if (is_text && row->nullable && has_default && strcmp(cell->text, "null") == 0) {
            cell->kind = TAG_CELL_WORD;
            cell->text = "'null";
        }
    } else {
        cell->kind = TAG_CELL_NUMBER;
        value_format_double(value->kind == CELL_REAL ? value->as.real : (double)value->as.integer,
                            cell->number);
        cell->text = cell->number;
    }
}

void tag_table_write_header(const struct tag_table_columns *columns, char separator,
                            struct text *text)
{
    char before = '\0';
    REQUIRE(columns->count >= FIRST_COLUMNS);
    for (size_t i = 0; i < columns->count; i++) {
        const struct tag_table_place *place = &columns->list[i];
        csv_write_cell(text, place->resource->fields[place->field].csv, before);
        before = separator;
    }
    csv_write_row_end(text);
}

void tag_table_write_row(const struct tag_table_columns *columns, char separator,
                         const struct record *device, const struct record *tag, struct text *text)
{
    char before = '\0';
    for (size_t i = 0; i < columns->count; i++) {
        const struct tag_table_place *place = &columns->list[i];
        bool is_device = place->resource == &device_resource;
        struct tag_table_cell cell;
        tag_table_make_cell(place->resource, place->field, is_device ? device : tag, &cell);
        if (cell.kind == TAG_CELL_TEXT) {
            csv_write_text_cell(text, cell.text, before);
        } else if (cell.kind == TAG_CELL_NUMBER && separator == ';') {
            char number[VALUE_TEXT_SIZE];
            REQUIRE(strlen(cell.text) < sizeof number);
            strcpy(number, cell.text);
            number[strcspn(number, ".")] = number[strcspn(number, ".")] ? ',' : '\0';
            csv_write_cell(text, number, before);
        } else {
            csv_write_cell(text, cell.text, before);
        }
        before = separator;
    }
    csv_write_row_end(text);
}
