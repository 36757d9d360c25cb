/* Tables: an accepted row is written as a row that reads back the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "api/model/resource_rules.h"
#include "api/transfer/tag_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads one row as a new device with a new tag. */
static bool read_row(const struct tag_table_header *header, struct table_row *row,
                     struct arena *arena, struct record *device, struct record *tag)
{
    struct validation validation = validation_make(arena);
    validation.row = row->number;
    *device = *tag = (struct record){0};
    record_set_defaults(&device_resource, NULL, device);
    record_set_defaults(&tag_resource, NULL, tag);
    if (row->count != header->count)
        return false;
    tag_table_trim_cells(header, row, &validation);
    tag_table_read_record(header, row, &device_resource, device, &validation);
    tag_table_read_record(header, row, &tag_resource, tag, &validation);
    rules_apply_to_tag(tag, NULL, true, &validation, NULL);
    return validation.found == 0;
}

static bool open_table(struct csv *csv, const char *text, size_t len, struct arena *arena,
                       struct tag_table_header *header)
{
    struct table_row row;
    struct validation validation = validation_make(arena);
    csv_open(csv, text, len);
    bool read = csv_read_row(csv, arena, &row) == TABLE_ROW &&
                tag_table_read_header(&row, header, &validation);
    header->comma = csv->separator != ',';
    return read;
}

static void want_same(const struct record *device, const struct record *tag, struct arena *arena)
{
    struct text text = {0};
    struct csv csv;
    struct table_row row;
    struct tag_table_header header;
    struct record device_again, tag_again;
    tag_table_write_header(&text);
    tag_table_write_row(device, tag, &text);
    if (!open_table(&csv, text.data, text.len, arena, &header) ||
        csv_read_row(&csv, arena, &row) != TABLE_ROW ||
        !read_row(&header, &row, arena, &device_again, &tag_again) ||
        !record_is_equal(&tag_resource, tag, &tag_again) ||
        !record_is_equal(&device_resource, device, &device_again))
        abort();
    text_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct csv csv;
    struct table_row row;
    struct tag_table_header header;
    enum table_result result;
    if (open_table(&csv, (const char *)data, size, &arena, &header)) {
        while ((result = csv_read_row(&csv, &arena, &row)) != TABLE_END) {
            struct record device, tag;
            if (result != TABLE_ROW || !read_row(&header, &row, &arena, &device, &tag))
                continue;
            if (record_field_is_null(&tag, TAG_ADDRESS))
                tag.cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER, .as.integer = 0};
            want_same(&device, &tag, &arena);
        }
    }
    arena_finish(&arena);
    return 0;
}
