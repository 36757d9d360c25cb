/* The table format: one row a tag. */
#include <string.h>

#include "api/transfer/import_formats.h"
#include "api/transfer/tag_table.h"

/* The device's columns in a later row of the same device must say the same. */
static void check_again(const struct table_header *header, const struct csv_row *row,
                        const struct import_device *device, struct flaws *flaws)
{
    struct record again = device->record;
    struct flaws ignored = flaws_make(flaws->arena);
    ignored.row = row->line;
    again.bad = 0;
    table_read(header, row, &device_resource, &again, &ignored);
    for (size_t i = 0; i < device_resource.count; i++) {
        const struct field *field = &device_resource.fields[i];
        bool same = (again.bad >> i & 1) == (device->record.bad >> i & 1) &&
                    cell_equal(&again.cells[i], &device->record.cells[i]);
        if (field->csv && !same)
            flaws_add(flaws, NULL, field->csv, "differs",
                      "differs from an earlier row of the same device");
    }
}

static struct import_device *take_device(struct import *import, const struct table_header *header,
                                         const struct csv_row *row)
{
    bool again;
    const char *name = table_cell(header, row, &device_resource, DEVICE_NAME);
    struct import_device *device = import_device(import, name, &again);
    if (again) {
        check_again(header, row, device, &import->flaws);
        return device;
    }
    table_read(header, row, &device_resource, &device->record, &import->flaws);
    import_put_device(import, device);
    return device;
}

static void take_row(struct import *import, const struct table_header *header, struct csv_row *row)
{
    struct record tag, old;
    import->flaws.row = row->line;
    if (row->count != header->count) {
        flaws_add_at(&import->flaws, "", "wrong_count", "has %zu fields, the header has %zu",
                     row->count, header->count);
        return;
    }
    table_tidy(header, row, &import->flaws);
    struct import_device *device = take_device(import, header, row);
    const char *name = table_cell(header, row, &tag_resource, TAG_NAME);
    if (!import_tag(import, device, name, &tag, &old)) {
        flaws_add(&import->flaws, NULL, "tag", "duplicate", "is in an earlier row already");
        return;
    }
    table_read(header, row, &tag_resource, &tag, &import->flaws);
    import_put_tag(import, device, &old, &tag);
}

static void refuse_row(struct flaws *flaws, enum csv_result result, long line)
{
    flaws->row = line;
    if (result == CSV_BAD_QUOTE)
        flaws_add_at(flaws, "", "bad_quote", "a quote is not closed, or text follows one");
    else
        flaws_add_at(flaws, "", "invalid_text",
                     "is not UTF-8, or has a NUL; save the table as \"CSV UTF-8\"");
}

static enum csv_result next_row(struct csv *csv, struct arena *arena, struct csv_row *row)
{
    enum csv_result result;
    do
        result = csv_next(csv, arena, row);
    while (result == CSV_ROW && table_row_is_blank(row));
    return result;
}

void import_csv(struct import *import, const char *body, size_t len)
{
    struct csv csv;
    struct csv_row row;
    struct table_header header;
    enum csv_result result;
    struct arena *arena = import->registry.arena;
    import->keep_bare_devices = true;
    import->base = BASE_OLD;
    csv_open(&csv, body, len);
    header.comma = csv.separator != ',';
    result = next_row(&csv, arena, &row);
    if (result == CSV_END) {
        import->flaws.row = 1;
        flaws_add_at(&import->flaws, "", "required", "a header row is missing");
        return;
    }
    if (result != CSV_ROW) {
        refuse_row(&import->flaws, result, row.line);
        return;
    }
    if (!table_read_header(&row, &header, &import->flaws))
        return;
    while ((result = next_row(&csv, arena, &row)) != CSV_END) {
        if (result == CSV_ROW)
            take_row(import, &header, &row);
        else
            refuse_row(&import->flaws, result, row.line);
    }
    import_end(import);
}
