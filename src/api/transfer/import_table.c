/* Imports a table: one row for each tag. */
#include "api/transfer/import_table.h"

#include <string.h>
#include <strings.h>

#include "api/base/plain_name.h"
#include "api/store/record_store.h"
#include "api/transfer/tag_table.h"
#include "common/base/plural.h"
#include "common/base/require.h"

/* The rows before the header that are searched for it. */
enum { TITLE_ROWS_MAX = 20 };

/* The table that is being read. */
struct table_reader {
    struct import *import;
    const struct table_source *source;
    struct tag_table_header header;
    struct table_row row;        /* as in the file */
    struct table_row clean;      /* in the words of the API */
    const char *device;          /* the device of the last row, "" before the first */
    struct string_map originals; /* "device\ntag" as people write it: the plain name */
    struct string_map finals;    /* "device\nplain name": the name as people write it */
    size_t plain_count;          /* of names that were made plain */
    long plain_row;              /* the first of them */
    const char *plain_column, *plain_from, *plain_to;
    bool adds_device; /* the column device is not in the file, and the last one */
    size_t read_only; /* tags that the file says are written, without a command topic */
    long read_only_row;
};

/* Tells an error its column and, in the row that is being read, its cell as the file has them. */
static void table_locate_error(const void *table, struct validation_error *error)
{
    const struct table_reader *reader = table;
    const struct tag_table_header *header = &reader->header;
    if (!error->column)
        return;
    size_t len = strcspn(error->column, "/"); /* values/ON is in the column values */
    for (size_t i = 0; i < header->count; i++) {
        const struct tag_table_column *column = &header->columns[i];
        const char *csv = column->resource ? column->resource->fields[column->field].csv : NULL;
        if (!csv || strncmp(csv, error->column, len) != 0 || csv[len])
            continue;
        if (strcmp(csv, error->column) == 0 || *column->title)
            error->column = column->title;
        if (error->row == reader->row.number && i < reader->row.count)
            error->cell = reader->row.cells[i];
        return;
    }
}

/* True when the store has a resource of this name that is not the one that people call `original`.
 */
static bool stored_name_is_other(struct table_reader *reader, const char *device, const char *name,
                                 const char *original)
{
    struct import *import = reader->import;
    struct store *store = import->config_service.store;
    struct arena *arena = import->config_service.arena;
    struct record record;
    bool found = device ? record_store_find_tag(store, arena, device, name, &record)
                        : record_store_find_device(store, arena, name, &record);
    const char *label =
        found ? record_field_text(&record, device ? TAG_LABEL : DEVICE_LABEL) : NULL;
    return label && *label && strcmp(label, original) != 0;
}

/* Returns the name of a device, or of a tag of `device`, that people call `original`: that itself
 * if it is a name, else a plain one, which is always the same for the same original and store.
 * `is_fresh`: the store has no tags of the device. */
static const char *table_find_name(struct table_reader *reader, const char *device, bool is_fresh,
                                   const char *original, const char *column)
{
    struct import *import = reader->import;
    struct arena *arena = import->config_service.arena;
    const char *scope = device ? device : "";
    if (resource_name_is_valid(original))
        return original;
    const char *key = arena_format(arena, "%s\n%s", scope, original);
    const char *known = string_map_find(&reader->originals, key);
    if (known)
        return known;
    const char *base = plain_name_make(arena, original, NULL), *plain = base;
    if (!base)
        return original;
    for (unsigned number = 2;; number++) {
        const char *other =
            string_map_find(&reader->finals, arena_format(arena, "%s\n%s", scope, plain));
        bool taken = device ? import_has_tag(import, device, plain)
                            : string_map_find(&import->devices, plain) != NULL;
        if (!other && !taken &&
            (is_fresh || !stored_name_is_other(reader, device, plain, original)))
            break;
        plain = plain_name_number(arena, base, number);
    }
    string_map_add(&reader->originals, key, (void *)plain);
    string_map_add(&reader->finals, arena_format(arena, "%s\n%s", scope, plain),
                   arena_strdup(arena, original));
    if (reader->plain_count++ == 0) {
        reader->plain_row = reader->row.number;
        reader->plain_column = column;
        reader->plain_from = original;
        reader->plain_to = plain;
    }
    return plain;
}

/* Keeps the name as people write it as the label, unless the row has a label. */
static void table_keep_label(struct table_reader *reader, const struct resource *resource,
                             size_t name_field, size_t label_field, const char *original,
                             struct record *record)
{
    struct field_error why;
    struct validation *validation = &reader->import->validation;
    const struct scalar label = {.kind = SCALAR_STRING, .text = original, .len = strlen(original)};
    const char *name = tag_table_find_cell(&reader->header, &reader->clean, resource, name_field);
    const char *cell = tag_table_find_cell(&reader->header, &reader->row, resource, label_field);
    if (strcmp(name, original) == 0 || (cell && *cell))
        return;
    if (!record_set_value(resource, record, label_field, &label, validation->arena, &why))
        validation_add(validation, NULL, resource->fields[name_field].csv, why.code,
                       "is made plain, and as a label it %s", why.detail);
}

/* Checks that the columns of a device have the same values in each of its rows; an empty cell means
 * the value above. */
static void table_check_repeated(struct table_reader *reader, const struct import_device *device)
{
    struct validation *validation = &reader->import->validation;
    struct record again = device->given;
    struct validation ignored = validation_make(validation->arena);
    ignored.row = validation->row;
    again.bad = 0;
    tag_table_read_record(&reader->header, &reader->clean, &device_resource, true, &again,
                          &ignored);
    for (size_t i = 0; i < device_resource.count; i++) {
        const char *cell =
            tag_table_find_cell(&reader->header, &reader->clean, &device_resource, i);
        bool same = (again.bad >> i & 1) == (device->given.bad >> i & 1) &&
                    cell_is_equal(&again.cells[i], &device->given.cells[i]);
        if (cell && *cell && !same)
            validation_add(validation, NULL, device_resource.fields[i].csv, "differs",
                           "differs from an earlier row of the same device%s",
                           i == DEVICE_TOPIC ? "; a topic of one tag goes into the column tag_topic"
                                             : "");
    }
}

const char *table_fill_topic(struct arena *arena, const char *pattern, const char *device,
                             const char *tag)
{
    static const char device_word[] = "{device}", tag_word[] = "{tag}";
    struct text out = {0};
    for (const char *at = pattern; *at;) {
        if (strncmp(at, device_word, strlen(device_word)) == 0) {
            text_puts(&out, device);
            at += strlen(device_word);
        } else if (tag && strncmp(at, tag_word, strlen(tag_word)) == 0) {
            text_puts(&out, tag);
            at += strlen(tag_word);
        } else {
            text_putc(&out, *at++);
        }
    }
    const char *topic = arena_strdup(arena, out.data ? out.data : "");
    text_finish(&out);
    return topic;
}

/* Gives the record a topic that the request has for all, unless the row has its own. */
static void table_set_topic(struct table_reader *reader, const struct resource *resource,
                            size_t field, const char *topic, struct record *record)
{
    struct validation *validation = &reader->import->validation;
    const char *cell = tag_table_find_cell(&reader->header, &reader->clean, resource, field);
    const struct scalar text = {.kind = SCALAR_STRING, .text = topic, .len = strlen(topic)};
    struct field_error why;
    if (cell && *cell)
        return;
    if (!record_set_value(resource, record, field, &text, validation->arena, &why))
        validation_add_at(validation, "", why.code, "%s=%.200s in the query: the topic %s",
                          resource->fields[field].csv, topic, why.detail);
}

/* Finds the device of the row, and stores it when it is new in the file. */
static struct import_device *table_read_device(struct table_reader *reader)
{
    struct import *import = reader->import;
    struct validation *validation = &import->validation;
    int column = tag_table_find_column(&reader->header, &device_resource, DEVICE_NAME);
    REQUIRE(column >= 0);
    const char *original = reader->clean.cells[column];
    const char *name =
        *original ? table_find_name(reader, NULL, false, original, "device") : reader->device;
    bool again;
    struct import_device *device = import_find_device(import, name, &again);
    reader->clean.cells[column] = name;
    reader->device = name;
    if (again) {
        table_check_repeated(reader, device);
        return device;
    }
    tag_table_read_record(&reader->header, &reader->clean, &device_resource, false, &device->record,
                          validation);
    table_keep_label(reader, &device_resource, DEVICE_NAME, DEVICE_LABEL, original,
                     &device->record);
    if (import->topic)
        table_set_topic(reader, &device_resource, DEVICE_TOPIC,
                        table_fill_topic(validation->arena, import->topic, name, NULL),
                        &device->record);
    import_store_device(import, device);
    return device;
}

/* True when a row without a name of a tag says something about a tag. */
static bool table_row_has_tag(const struct table_reader *reader)
{
    for (size_t i = 0; i < reader->header.count; i++) {
        const struct tag_table_column *column = &reader->header.columns[i];
        if (column->resource == &tag_resource && *reader->clean.cells[i])
            return true;
    }
    return false;
}

/* Puts the bit of an address such as 400210.3 into the tag, which is then a bool. */
static void table_set_bit(struct table_reader *reader, int bit, struct record *tag)
{
    struct validation *validation = &reader->import->validation;
    struct field_error why;
    const struct scalar number = {.kind = SCALAR_NUMBER, .number = bit};
    const struct scalar type = {.kind = SCALAR_STRING, .text = "bool", .len = 4};
    if (record_is_given(tag, TAG_BIT) && record_has_value(tag, TAG_BIT) &&
        record_field_integer(tag, TAG_BIT) != bit) {
        validation_add(validation, "modbus", "bit", "differs",
                       "differs from the bit in the address");
        return;
    }
    record_set_value(&tag_resource, tag, TAG_BIT, &number, validation->arena, &why);
    if (!record_is_given(tag, TAG_TYPE))
        record_set_value(&tag_resource, tag, TAG_TYPE, &type, validation->arena, &why);
}

/* Gives a tag that the SCADA system writes the command topic of the request. Lists of registers say
 * R/W of a device's own registers: without a command topic such a tag is only read, with a warning.
 */
static void table_set_command(struct table_reader *reader, const char *name, struct record *tag)
{
    struct import *import = reader->import;
    struct field_error why;
    const char *cell =
        tag_table_find_cell(&reader->header, &reader->row, &tag_resource, TAG_DIRECTION);
    const char *direction = record_field_text(tag, TAG_DIRECTION);
    if (!direction || !record_field_is_null(tag, TAG_COMMAND_TOPIC) ||
        (strcmp(direction, "both") != 0 && strcmp(direction, "to_mqtt") != 0))
        return;
    if (import->command_topic) {
        table_set_topic(
            reader, &tag_resource, TAG_COMMAND_TOPIC,
            table_fill_topic(import->validation.arena, import->command_topic, reader->device, name),
            tag);
    } else if (cell && *cell && strcasecmp(cell, direction) != 0 &&
               strcmp(direction, "both") == 0) {
        const struct scalar read = {.kind = SCALAR_STRING, .text = "to_modbus", .len = 9};
        record_set_value(&tag_resource, tag, TAG_DIRECTION, &read, import->validation.arena, &why);
        if (reader->read_only++ == 0)
            reader->read_only_row = reader->row.number;
    }
}

/* Puts the length of a type such as STRING[16] into the tag. */
static void table_set_length(struct table_reader *reader, long length, struct record *tag)
{
    struct validation *validation = &reader->import->validation;
    struct field_error why;
    const struct scalar number = {.kind = SCALAR_NUMBER, .number = (double)length};
    if (!record_set_value(&tag_resource, tag, TAG_LENGTH, &number, validation->arena, &why))
        validation_add(validation, "modbus", "type", why.code, "the length in registers %s",
                       why.detail);
}

static void table_warn_read_only(const struct table_reader *reader)
{
    struct validation *warnings = &reader->import->warnings;
    if (reader->read_only == 0)
        return;
    warnings->row = reader->read_only_row;
    validation_add(warnings, NULL, "direction", "read_only_now",
                   "%zu tag%s may be written, but %s no command topic, so that writes do not reach "
                   "the device: the direction is to_modbus; import with command_topic=, such as "
                   "plant/{device}/set/{tag}",
                   reader->read_only, plural_suffix(reader->read_only),
                   reader->read_only == 1 ? "has" : "have");
}

static void table_read_tag(struct table_reader *reader, struct import_device *device,
                           const struct tag_table_extras *extras)
{
    struct record tag, old;
    struct import *import = reader->import;
    struct validation *validation = &import->validation;
    int column = tag_table_find_column(&reader->header, &tag_resource, TAG_NAME);
    REQUIRE(column >= 0);
    const char *original = reader->clean.cells[column];
    if (*original == '\0' && !table_row_has_tag(reader))
        return; /* a device without tags */
    const char *name = table_find_name(reader, device->name, device->fresh, original, "tag");
    reader->clean.cells[column] = name;
    if (!import_read_tag(import, device, name, &tag, &old)) {
        const char *other = string_map_find(
            &reader->finals, arena_format(validation->arena, "%s\n%s", device->name, name));
        if (other && strcmp(other, original) != 0)
            validation_add(validation, NULL, "tag", "duplicate",
                           "is what \"%.128s\" of an earlier row was made; change one of the two",
                           other);
        else
            validation_add(validation, NULL, "tag", "duplicate",
                           "already appears in an earlier row");
        return;
    }
    tag_table_read_record(&reader->header, &reader->clean, &tag_resource, false, &tag, validation);
    table_keep_label(reader, &tag_resource, TAG_NAME, TAG_LABEL, original, &tag);
    if (extras->bit >= 0 && extras->bit <= 15)
        table_set_bit(reader, extras->bit, &tag);
    bool has_length = record_is_given(&tag, TAG_LENGTH) && record_has_value(&tag, TAG_LENGTH);
    if (extras->length >= 0 && !has_length)
        table_set_length(reader, extras->length, &tag);
    table_set_command(reader, name, &tag);
    import_store_tag(import, device, &old, &tag);
}

/* Gives the row as many cells as the header has. False, with an error, when it has others. */
static bool table_fit_row(struct table_reader *reader)
{
    struct table_row *row = &reader->row;
    size_t wanted = reader->header.count - reader->adds_device, last = row->count;
    while (last > wanted && last <= TABLE_COLUMNS_MAX && *row->cells[last - 1] == '\0')
        last--;
    for (; reader->source->ragged && last < wanted; last++) {
        row->cells[last] = "";
        row->is_number[last] = false;
    }
    if (last != wanted) {
        validation_add_at(&reader->import->validation, "", "wrong_count",
                          "has %zu fields, but the header has %zu", row->count, wanted);
        return false;
    }
    row->count = wanted;
    if (reader->adds_device) {
        row->cells[row->count] = reader->import->device;
        row->is_number[row->count++] = false;
    }
    return true;
}

static void table_refuse_row(struct validation *validation, enum table_result result, long number)
{
    validation->row = number;
    if (result == TABLE_BAD_QUOTE)
        validation_add_at(validation, "", "bad_quote",
                          "a quoted field is not closed, or text follows its closing quote");
    else
        validation_add_at(validation, "", "invalid_text",
                          "is not UTF-8, or has a NUL; save the table as \"CSV UTF-8\"");
}

static enum table_result table_next_filled_row(struct table_reader *reader)
{
    const struct table_source *source = reader->source;
    enum table_result result;
    do
        result =
            source->next_row(source->context, reader->import->config_service.arena, &reader->row);
    while (result == TABLE_ROW && tag_table_row_is_blank(&reader->row));
    return result;
}

/* Finds the header: the first row that names a tag and another column, or else the row that names
 * most columns, which is refused. False after an error. */
static bool table_read_header(struct table_reader *reader)
{
    struct import *import = reader->import;
    struct table_row best;
    size_t most = 0;
    enum table_result result = table_next_filled_row(reader);
    if (result == TABLE_END) {
        import->validation.row = 1;
        validation_add_at(&import->validation, "", "required", "the header row is missing");
        return false;
    }
    if (result != TABLE_ROW) {
        table_refuse_row(&import->validation, result, reader->row.number);
        return false;
    }
    best = reader->row;
    for (int i = 0; i < TITLE_ROWS_MAX && result == TABLE_ROW; i++) {
        bool names;
        size_t count = tag_table_count_titles(&reader->row, &names);
        if (names && count > 1)
            break;
        if (count > most) {
            most = count;
            best = reader->row;
        }
        result = i + 1 < TITLE_ROWS_MAX ? table_next_filled_row(reader) : TABLE_END;
    }
    if (result != TABLE_ROW) {
        import->validation.row = best.number;
        reader->row = best;
    }
    size_t given = reader->row.count;
    if (!tag_table_read_header(&reader->row, import->device != NULL, &reader->header,
                               &import->validation, &import->warnings))
        return false;
    reader->adds_device = reader->header.count > given;
    if (import->device && !reader->adds_device && !import->within) {
        validation_add(&import->validation, NULL, "device", "conflict",
                       "the table has this column: device= in the query is for one without it, or "
                       "bounds what mode=replace deletes");
        return false;
    }
    return true;
}

/* Reads the numbers of all rows for the decimal mark, and goes back behind the header. */
static void table_find_decimal_mark(struct table_reader *reader)
{
    const struct table_source *source = reader->source;
    unsigned seen = 0;
    long header = reader->row.number;
    enum table_result result;
    reader->header.mark = source->mark;
    if (source->mark != DECIMAL_EITHER || !source->restart)
        return;
    struct arena scratch = {0};
    for (size_t i = 1;; i++) {
        result = source->next_row(source->context, &scratch, &reader->row);
        if (result == TABLE_END)
            break;
        if (result == TABLE_ROW)
            tag_table_note_marks(&reader->header, &reader->row, &seen);
        if (i % 1024 == 0)
            arena_finish(&scratch);
    }
    arena_finish(&scratch);
    bool comma = (seen >> DECIMAL_COMMA & 1) != 0, point = (seen >> DECIMAL_POINT & 1) != 0;
    if (comma != point)
        reader->header.mark = comma ? DECIMAL_COMMA : DECIMAL_POINT;
    source->restart(source->context);
    do
        result =
            source->next_row(source->context, reader->import->config_service.arena, &reader->row);
    while (result != TABLE_END && reader->row.number < header);
}

static void table_warn_plain_names(struct table_reader *reader)
{
    struct validation *warnings = &reader->import->warnings;
    if (reader->plain_count == 0)
        return;
    warnings->row = reader->plain_row;
    const char *more =
        reader->plain_count > 1
            ? arena_format(warnings->arena, ", and %zu more like this", reader->plain_count - 1)
            : "";
    validation_add(warnings, NULL, reader->plain_column, "plain_name",
                   "\"%.128s\" became %s%s: a name has only letters, digits, '.', '_' and '-'; the "
                   "label keeps the original",
                   reader->plain_from, reader->plain_to, more);
    if (warnings->count == warnings->found)
        warnings->items[warnings->count - 1].cell = reader->plain_from;
}

void import_read_table(struct import *import, const struct table_source *source)
{
    struct arena *arena = import->config_service.arena;
    struct table_reader reader = {.import = import,
                                  .source = source,
                                  .device = "",
                                  .originals = {.arena = arena},
                                  .finals = {.arena = arena}};
    struct validation *const lists[] = {&import->validation, &import->warnings, &import->conflicts};
    enum table_result result;
    import->keep_bare_devices = true;
    import->base = IMPORT_BASE_STORED;
    if (!table_read_header(&reader))
        return;
    table_find_decimal_mark(&reader);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        lists[i]->locate = table_locate_error;
        lists[i]->table = &reader;
    }
    while ((result = table_next_filled_row(&reader)) != TABLE_END) {
        struct tag_table_extras extras;
        import->validation.row = import->warnings.row = reader.row.number;
        if (result != TABLE_ROW) {
            table_refuse_row(&import->validation, result, reader.row.number);
        } else if (table_fit_row(&reader)) {
            tag_table_clean_row(&reader.header, &reader.row, &reader.clean, &extras,
                                &import->validation, &import->warnings);
            table_read_tag(&reader, table_read_device(&reader), &extras);
        }
    }
    tag_table_check_marks(&reader.header, &import->validation);
    table_warn_plain_names(&reader);
    table_warn_read_only(&reader);
    import_finish(import);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        lists[i]->locate = NULL;
}
