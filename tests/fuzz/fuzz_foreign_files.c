/* Files of other products: the first byte is the product and the options. Tags that are read are
 * written, and what was written reads back the same. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/csv.h"
#include "api/foreign/foreign_ignition.h"
#include "api/foreign/foreign_kepware.h"
#include "api/foreign/foreign_neuron.h"
#include "api/model/fields.h"
#include "common/base/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum product { KEPWARE, IGNITION, NEURON_JSON, NEURON_TABLE };

struct reading {
    struct validation validation, warnings;
    struct foreign_file file;
    cJSON *root;
};

static enum table_result next_csv_row(void *context, struct arena *arena, struct table_row *row)
{
    return csv_read_row(context, arena, row);
}

static void read_table(struct foreign_file *file, enum product product, const char *text,
                       size_t len)
{
    struct csv csv;
    csv_open(&csv, text, len);
    const struct foreign_table source = {
        .next_row = next_csv_row, .context = &csv, .comma = csv.separator != ','};
    if (product == KEPWARE)
        foreign_kepware_read(file, &source);
    else
        foreign_neuron_read_table(file, &source);
}

/* Reads a file; its JSON must be valid, as in a request. */
static void read_file(struct reading *reading, struct arena *arena, enum product product,
                      const char *text, size_t len)
{
    size_t at;
    reading->validation = validation_make(arena);
    reading->warnings = validation_make(arena);
    reading->validation.prefix = reading->warnings.prefix = "";
    reading->file.arena = arena;
    reading->file.validation = &reading->validation;
    reading->file.warnings = &reading->warnings;
    if (product == KEPWARE || product == NEURON_TABLE) {
        read_table(&reading->file, product, text, len);
    } else if (json_text_is_valid(text, len, &at)) {
        reading->root = cJSON_ParseWithLength(text, len);
        if (reading->root && product == IGNITION &&
            cJSON_GetObjectItemCaseSensitive(reading->root, "project"))
            foreign_kepware_read_project(&reading->file, reading->root);
        else if (reading->root && product == IGNITION)
            foreign_ignition_read(&reading->file, reading->root);
        else if (reading->root)
            foreign_neuron_read_json(&reading->file, reading->root);
    }
}

static void write_file(const struct foreign_tag *tag, struct arena *arena, enum product product,
                       struct text *text)
{
    if (product == KEPWARE) {
        foreign_kepware_write_header(text);
        foreign_kepware_write_tag(arena, tag, text);
    } else {
        foreign_ignition_write_begin(text);
        foreign_ignition_write_device_begin(arena, tag->device, text);
        foreign_ignition_write_tag(arena, tag, "Tagferry", text);
        foreign_ignition_write_device_end(text);
        foreign_ignition_write_end(text);
    }
}

static bool has_no_blanks_around(const char *text)
{
    static const char blanks[] = " \t\r\n";
    return !*text || (!strchr(blanks, text[0]) && !strchr(blanks, text[strlen(text) - 1]));
}

/* The tags that Tagferry can have: others are refused after reading. */
static bool is_a_tag(const struct foreign_tag *tag)
{
    int type = name_list_find(type_names, tag->type);
    bool is_text = type == TYPE_STRING, is_bool = type == TYPE_BOOL;
    bool has_order = !tag->byte_order || name_list_find(order_names, tag->byte_order) >= 0;
    return resource_name_is_valid(tag->device) && resource_name_is_valid(tag->name) && has_order &&
           has_no_blanks_around(tag->description) && has_no_blanks_around(tag->eng_unit) &&
           is_text == (tag->length > 0) && tag->length <= STRING_REGISTERS_MAX &&
           (is_bool || !table_is_bits(tag->table)) && (is_bool || tag->bit == NO_BIT) &&
           ((!is_bool && !is_text) || (tag->scale == 1 && tag->offset == 0)) &&
           isfinite(tag->scale) && tag->scale != 0 && isfinite(tag->offset);
}

/* The byte order of one register is whether its bytes are swapped; some of 64 bits have two names.
 */
static bool has_same_order(const struct foreign_tag *tag, const struct foreign_tag *got)
{
    const char *order = tag->byte_order ? tag->byte_order : "ABCD";
    const char *again = got->byte_order ? got->byte_order : "ABCD";
    int type = name_list_find(type_names, tag->type);
    bool is_wide = type != TYPE_STRING && type_info[type].registers > 1;
    bool is_swapped = strcmp(order, "BADC") == 0 || strcmp(order, "DCBA") == 0;
    bool is_swapped_again = strcmp(again, "BADC") == 0 || strcmp(again, "DCBA") == 0;
    return table_is_bits(tag->table) || tag->bit != NO_BIT ||
           (is_wide ? strcmp(foreign_order_name(order), foreign_order_name(again)) == 0
                    : is_swapped == is_swapped_again);
}

static bool has_same_texts(const struct foreign_tag *tag, const struct foreign_tag *got)
{
    return strcmp(got->device, tag->device) == 0 && strcmp(got->name, tag->name) == 0 &&
           strcmp(got->type, tag->type) == 0 && strcmp(got->eng_unit, tag->eng_unit) == 0 &&
           strcmp(got->description, tag->description) == 0;
}

static void want_same(const struct foreign_tag *tag, enum product product)
{
    struct arena arena = {0};
    struct text text = {0};
    struct reading again = {.file = {.base = 1}};
    struct foreign_tag copy = *tag;
    copy.byte_order = copy.byte_order ? copy.byte_order : "ABCD";
    copy.unit = copy.unit >= 0 ? copy.unit : 1;
    write_file(&copy, &arena, product, &text);
    read_file(&again, &arena, product, text.data, text.len);
    const struct foreign_tag *got = again.file.tags;
    if (again.validation.found > 0 || again.file.count != 1 || !has_same_texts(tag, got) ||
        got->table != tag->table || got->address != tag->address || got->bit != tag->bit ||
        got->length != tag->length || got->scale != tag->scale || got->offset != tag->offset ||
        got->writable != tag->writable || got->disabled != tag->disabled ||
        !has_same_order(tag, got))
        abort();
    cJSON_Delete(again.root);
    text_finish(&text);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    if (size < 1)
        return 0;
    enum product product = (enum product)(data[0] & 3);
    struct reading reading = {
        .file = {.base = (data[0] & 8) ? 0 : 1, .device = (data[0] & 4) ? "all" : NULL}};
    read_file(&reading, &arena, product, (const char *)data + 1, size - 1);
    foreign_file_split_units(&reading.file);
    foreign_file_write_notes(&reading.file);
    for (size_t i = 0; i < reading.file.count && i < 20; i++) {
        const struct foreign_tag *tag = &reading.file.tags[i];
        if (!tag->device || !tag->name || tag->bit < NO_BIT || tag->bit > 15 || tag->unit > 255 ||
            name_list_find(type_names, tag->type) < 0)
            abort();
        if (is_a_tag(tag)) {
            want_same(tag, KEPWARE);
            want_same(tag, IGNITION);
        }
    }
    cJSON_Delete(reading.root);
    arena_finish(&arena);
    return 0;
}
