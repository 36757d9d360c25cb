/* Imports a table: one row for each tag. */
#include "api/transfer/import_table.h"

#include <string.h>

#include "api/transfer/tag_table.h"

/* Checks that the columns of a device have the same values in each of its rows. */
static void table_check_repeated(const struct tag_table_header *header, const struct table_row *row,
                                 const struct import_device *device, struct validation *validation)
{
    struct record again = device->record;
    struct validation ignored = validation_make(validation->arena);
    ignored.row = row->number;
    again.bad = 0;
    tag_table_read_record(header, row, &device_resource, &again, &ignored);
    for (size_t i = 0; i < device_resource.count; i++) {
        const struct field *field = &device_resource.fields[i];
        bool same = (again.bad >> i & 1) == (device->record.bad >> i & 1) &&
                    cell_is_equal(&again.cells[i], &device->record.cells[i]);
        if (field->csv && !same)
            validation_add(validation, NULL, field->csv, "differs",
                           "differs from an earlier row of the same device");
    }
}

static void table_read_tag(struct import *import, const struct tag_table_header *header,
                           struct table_row *row)
{
    struct record tag, old;
    bool again;
    struct validation *validation = &import->validation;
    validation->row = row->number;
    if (row->count != header->count) {
        validation_add_at(validation, "", "wrong_count", "has %zu fields, but the header has %zu",
                          row->count, header->count);
        return;
    }
    tag_table_trim_cells(header, row, validation);

    const char *name = tag_table_find_cell(header, row, &device_resource, DEVICE_NAME);
    struct import_device *device = import_find_device(import, name, &again);
    if (again) {
        table_check_repeated(header, row, device, validation);
    } else {
        tag_table_read_record(header, row, &device_resource, &device->record, validation);
        import_store_device(import, device);
    }

    name = tag_table_find_cell(header, row, &tag_resource, TAG_NAME);
    if (!import_read_tag(import, device, name, &tag, &old)) {
        validation_add(validation, NULL, "tag", "duplicate", "already appears in an earlier row");
        return;
    }
    tag_table_read_record(header, row, &tag_resource, &tag, validation);
    import_store_tag(import, device, &old, &tag);
}

static void table_refuse_row(struct validation *validation, enum table_result result, long line)
{
    validation->row = line;
    if (result == TABLE_BAD_QUOTE)
        validation_add_at(validation, "", "bad_quote",
                          "a quoted field is not closed, or text follows its closing quote");
    else
        validation_add_at(validation, "", "invalid_text",
                          "is not UTF-8, or has a NUL; save the table as \"CSV UTF-8\"");
}

static enum table_result table_next_filled_row(const struct table_source *source,
                                               struct arena *arena, struct table_row *row)
{
    enum table_result result;
    do
        result = source->next_row(source->context, arena, row);
    while (result == TABLE_ROW && tag_table_row_is_blank(row));
    return result;
}

void import_read_table(struct import *import, const struct table_source *source)
{
    struct table_row row;
    struct tag_table_header header;
    struct arena *arena = import->config_service.arena;
    import->keep_bare_devices = true;
    import->base = IMPORT_BASE_STORED;
    header.comma = source->comma;
    enum table_result result = table_next_filled_row(source, arena, &row);
    if (result == TABLE_END) {
        import->validation.row = 1;
        validation_add_at(&import->validation, "", "required", "the header row is missing");
        return;
    }
    if (result != TABLE_ROW) {
        table_refuse_row(&import->validation, result, row.number);
        return;
    }
    if (!tag_table_read_header(&row, &header, &import->validation))
        return;
    while ((result = table_next_filled_row(source, arena, &row)) != TABLE_END) {
        if (result == TABLE_ROW)
            table_read_tag(import, &header, &row);
        else
            table_refuse_row(&import->validation, result, row.number);
    }
    import_finish(import);
}
