/* Tables: an accepted row is written as a row that reads back the same, with either separator and
 * in a workbook. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/plain_name.h"
#include "api/base/text_encoding.h"
#include "api/model/resource_rules.h"
#include "api/transfer/tag_table.h"
#include "api/transfer/xlsx_read.h"
#include "api/transfer/xlsx_write.h"
#include "common/base/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The rows that are written, so that no input takes long. */
enum { TABLES_MAX = 20, WORKBOOKS_MAX = 2 };

static void want(bool condition)
{
    if (!condition)
        abort();
}

/* Reads one row as a new device with a new tag. */
static bool read_row(struct tag_table_header *header, struct table_row *row, struct arena *arena,
                     struct record *device, struct record *tag)
{
    struct tag_table_extras extras;
    struct table_row clean;
    struct validation validation = validation_make(arena), warnings = validation_make(arena);
    validation.row = warnings.row = row->number;
    *device = *tag = (struct record){0};
    record_set_defaults(&device_resource, NULL, device);
    record_set_defaults(&tag_resource, NULL, tag);
    if (row->count != header->count)
        return false;
    tag_table_clean_row(header, row, &clean, &extras, &validation, &warnings);
    want(extras.bit >= -1 && extras.bit <= 99 && extras.length >= -1 && extras.length <= 500);
    tag_table_read_record(header, &clean, &device_resource, false, device, &validation);
    tag_table_read_record(header, &clean, &tag_resource, false, tag, &validation);
    rules_apply_to_tag(tag, NULL, true, &validation, NULL);
    return validation.found == 0;
}

static bool open_table(struct csv *csv, const char *text, size_t len, struct arena *arena,
                       struct tag_table_header *header)
{
    struct table_row row;
    struct validation validation = validation_make(arena), warnings = validation_make(arena);
    csv_open(csv, text, len);
    bool read = csv_read_row(csv, arena, &row) == TABLE_ROW &&
                tag_table_read_header(&row, row.count % 2 == 0, header, &validation, &warnings);
    header->mark = csv->separator == ',' ? DECIMAL_POINT : DECIMAL_EITHER;
    return read;
}

/* The table with this device and tag alone. */
static void list_columns(struct tag_table_columns *columns, const struct record *device,
                         const struct record *tag)
{
    *columns = (struct tag_table_columns){0};
    tag_table_note_fields(columns, &device_resource, device);
    tag_table_note_fields(columns, &tag_resource, tag);
    tag_table_list_columns(columns);
}

static void want_row(struct tag_table_header *header, struct table_row *row,
                     const struct record *device, const struct record *tag, struct arena *arena)
{
    struct record device_again, tag_again;
    want(read_row(header, row, arena, &device_again, &tag_again));
    want(record_is_equal(&tag_resource, tag, &tag_again));
    want(record_is_equal(&device_resource, device, &device_again));
}

static void want_same(const struct record *device, const struct record *tag, char separator,
                      struct arena *arena)
{
    struct text text = {0};
    struct csv csv;
    struct table_row row;
    struct tag_table_header header;
    struct tag_table_columns columns;
    list_columns(&columns, device, tag);
    tag_table_write_header(&columns, separator, &text);
    tag_table_write_row(&columns, separator, device, tag, &text);
    want(open_table(&csv, text.data, text.len, arena, &header));
    if (separator == ';')
        header.mark = DECIMAL_COMMA; /* as import finds out by the other numbers of a file */
    want(csv_read_row(&csv, arena, &row) == TABLE_ROW);
    want_row(&header, &row, device, tag, arena);
    text_finish(&text);
}

static void want_same_workbook(const struct record *device, const struct record *tag,
                               struct arena *arena)
{
    struct text text = {0};
    struct xlsx_sheet_text sheet = {0};
    struct table_row row;
    struct tag_table_header header;
    struct tag_table_columns columns;
    struct validation validation = validation_make(arena), warnings = validation_make(arena);
    char why[160];
    list_columns(&columns, device, tag);
    xlsx_write_header(&sheet, &columns);
    xlsx_write_row(&sheet, device, tag);
    xlsx_write_workbook(&sheet, &text);
    struct xlsx *xlsx = xlsx_open(arena, text.data, text.len, why, sizeof why);
    want(xlsx != NULL);
    xlsx_enter_sheet(xlsx, 0);
    want(xlsx_next_row(xlsx, arena, &row) == TABLE_ROW);
    want(tag_table_read_header(&row, false, &header, &validation, &warnings));
    want(xlsx_next_row(xlsx, arena, &row) == TABLE_ROW);
    for (; row.count < header.count; row.count++) { /* as import fills up a row */
        row.cells[row.count] = "";
        row.is_number[row.count] = false;
    }
    want_row(&header, &row, device, tag, arena);
    xlsx_close(xlsx);
    text_finish(&text);
}

/* A plain name is a name, whatever it is made of. */
static void want_plain_names(const struct table_row *row, struct arena *arena)
{
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++) {
        const char *name = plain_name_make(arena, row->cells[i], "fallback");
        want(resource_name_is_valid(name));
        want(resource_name_is_valid(plain_name_number(arena, name, 4000000000U)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct csv csv;
    struct table_row row;
    struct tag_table_header header;
    enum table_result result;
    const char *text = (const char *)data;
    size_t len = size;
    if (text_encoding_to_utf8(&arena, &text, &len) == ENCODING_CP1252)
        want(utf8_is_valid(text, len));
    if (open_table(&csv, text, len, &arena, &header)) {
        size_t rows = 0;
        while ((result = csv_read_row(&csv, &arena, &row)) != TABLE_END) {
            struct record device, tag;
            if (result == TABLE_ROW)
                want_plain_names(&row, &arena);
            if (result != TABLE_ROW || !read_row(&header, &row, &arena, &device, &tag))
                continue;
            if (record_field_is_null(&tag, TAG_ADDRESS))
                tag.cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER, .as.integer = 0};
            if (rows < TABLES_MAX) {
                want_same(&device, &tag, ',', &arena);
                want_same(&device, &tag, ';', &arena);
            }
            if (rows++ < WORKBOOKS_MAX)
                want_same_workbook(&device, &tag, &arena);
        }
    }
    arena_finish(&arena);
    return 0;
}
