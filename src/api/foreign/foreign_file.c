/* Collects the tags of another product's file. */
#include "api/foreign/foreign_file.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "common/base/require.h"

void foreign_file_note(struct foreign_file *file, enum foreign_note note, const char *item)
{
    REQUIRE(note < FOREIGN_NOTES);
    struct foreign_note_items *items = &file->notes[note];
    if (items->count < FOREIGN_NOTE_SHOWN)
        items->first = arena_format(file->arena, "%s%s%.64s", items->count ? items->first : "",
                                    items->count ? ", " : "", item);
    items->count++;
}

void foreign_file_ignore(struct foreign_file *file, const char *name)
{
    file->ignored.arena = file->arena;
    if (string_map_find(&file->ignored, name))
        return;
    const char *copy = arena_strdup(file->arena, name);
    string_map_add(&file->ignored, copy, file);
    foreign_file_note(file, FOREIGN_NOTE_COLUMNS, copy);
}

void foreign_file_split_units(struct foreign_file *file)
{
    struct device_units {
        int first;
        bool has_several;
    };
    struct string_map devices = {.arena = file->arena};
    for (size_t i = 0; i < file->count; i++) {
        const struct foreign_tag *tag = &file->tags[i];
        struct device_units *units = string_map_find(&devices, tag->device);
        if (!units) {
            units = arena_alloc(file->arena, sizeof *units);
            units->first = tag->unit;
            string_map_add(&devices, tag->device, units);
        }
        units->has_several |= units->first != tag->unit;
    }
    for (size_t i = 0; i < file->count; i++) {
        struct foreign_tag *tag = &file->tags[i];
        const struct device_units *units = string_map_find(&devices, tag->device);
        if (units->has_several && tag->unit >= 0)
            tag->device = arena_format(file->arena, "%s-%d", tag->device, tag->unit);
    }
}

void foreign_file_write_notes(struct foreign_file *file)
{
    static const struct {
        const char *code, *sentence;
    } texts[FOREIGN_NOTES] = {
        [FOREIGN_NOTE_COLUMNS] = {"ignored", "no counterpart here, so ignored"},
        [FOREIGN_NOTE_SKIPPED] = {"skipped", "no Modbus address, so left out"},
        [FOREIGN_NOTE_SCALING] =
            {"scaling_assumed",
             "the file leaves out limits of the scaling: read as raw 0 to 10, scaled 0 to 10"},
        [FOREIGN_NOTE_ORDER] =
            {"byte_order_assumed",
             "the order of registers is a setting of the product's device, which the file does "
             "not have: its default is assumed; if a value is wrong, import again with "
             "byte_order="},
        [FOREIGN_NOTE_COMMAND] =
            {"read_only_now",
             "writable in the file, but without a command topic here, so that writes do not reach "
             "the device; import with command_topic=, such as plant/{device}/set/{tag}"},
        [FOREIGN_NOTE_TOPIC] = {"topic_assumed",
                                "the file has no MQTT topic: the device's name is assumed; import "
                                "with topic=, such as plant/{device}"},
        [FOREIGN_NOTE_NAME] = {"plain_name",
                               "a name has only letters, digits, '.', '_' and '-'; the "
                               "label keeps the original, which is also the key"},
    };
    struct validation *warnings = file->warnings;
    warnings->row = 0;
    warnings->prefix = "";
    for (size_t i = 0; i < FOREIGN_NOTES; i++) {
        const struct foreign_note_items *items = &file->notes[i];
        const char *more = "";
        if (items->count == 0)
            continue;
        if (items->count > FOREIGN_NOTE_SHOWN)
            more = arena_format(file->arena, " and %zu more", items->count - FOREIGN_NOTE_SHOWN);
        validation_add_at(
            warnings, "", texts[i].code, "%s%s: %s%s", items->first, more, texts[i].sentence,
            i == FOREIGN_NOTE_ORDER ? strcmp(file->default_order, "CDAB") == 0 ? "ABCD" : "CDAB"
                                    : "");
    }
}

/* Chooses the type from what the product and the address say, unless a remark has it. NULL after an
 * error. */
static const char *choose_type(struct foreign_file *file, const struct foreign_tag *tag,
                               const struct foreign_address *address, const char *type,
                               const char *column)
{
    struct validation *validation = file->validation;
    bool is_bits = table_is_bits(address->table);
    if (tag->type)
        type = tag->type;
    else if (!type)
        type = address->type ? address->type : is_bits ? "bool" : "uint16";
    bool is_bool = strcmp(type, "bool") == 0, is_string = strcmp(type, "string") == 0;
    const char *wrong = NULL;
    if (address->type && !tag->type && strcmp(address->type, type) != 0)
        wrong = address->bit != NO_BIT ? "the address names a bit, so the type must be a bit"
                                       : "the address names a text, so the type must be a text";
    else if (is_bits && !is_bool)
        wrong = "coils and discrete inputs are bits, so the type must be a bit";
    else if (!is_bits && is_bool && address->bit == NO_BIT && !tag->type)
        wrong = "a bit in a register needs its number after the address, such as 400001.3";
    else if (is_string && address->length == 0 && tag->length == 0)
        wrong = "a text needs its length after the address, such as 400001.20H";
    else if (name_list_find(type_names, type) < 0)
        wrong = arena_format(file->arena, "%s is not one of the types here", type);
    if (!wrong)
        return type;
    validation_add(validation, NULL, column, "invalid_type", "%s", wrong);
    return NULL;
}

bool foreign_file_is_full(struct foreign_file *file)
{
    if (file->count < FOREIGN_TAGS_MAX && file->seen < FOREIGN_TAGS_MAX)
        return false;
    if (!file->is_full)
        validation_add_at(file->validation, "", "too_many",
                          "the file has more than %d tags: divide it", FOREIGN_TAGS_MAX);
    file->is_full = true;
    return true;
}

static void append_tag(struct foreign_file *file, const struct foreign_tag *tag)
{
    file->tags =
        arena_grow(file->arena, file->tags, file->count, &file->capacity, sizeof *file->tags);
    file->tags[file->count++] = *tag;
}

/* Adds the elements of an array: name_0 with the key /name/0 and so on. */
static void append_elements(struct foreign_file *file, struct foreign_tag *tag, unsigned count,
                            unsigned width, const char *column)
{
    const char *name = tag->name;
    if (tag->address + (unsigned long)count * width > ADDRESS_MAX + 1UL) {
        validation_add(file->validation, NULL, column, "out_of_range",
                       "the array does not end within 65536 registers");
        return;
    }
    for (unsigned i = 0; i < count && !foreign_file_is_full(file); i++) {
        tag->name = arena_format(file->arena, "%s_%u", name, i);
        tag->key = arena_format(file->arena, "/%s/%u", json_pointer_escape(file->arena, name), i);
        append_tag(file, tag);
        tag->address = (uint16_t)(tag->address + width);
    }
}

void foreign_file_add(struct foreign_file *file, struct foreign_tag *tag,
                      const struct foreign_address *address, const char *type,
                      const struct foreign_names *names)
{
    if (foreign_file_is_full(file))
        return;
    type = choose_type(file, tag, address, type, names->type);
    if (!type)
        return;
    int index = name_list_find(type_names, type);
    REQUIRE(index >= 0);
    unsigned width = table_is_bits(address->table) ? 1 : type_info[index].registers;
    bool is_string = index == TYPE_STRING;
    tag->type = type;
    tag->table = address->table;
    tag->address = address->address;
    tag->bit = address->bit;
    tag->unit = address->unit < 0 && file->has_unit ? file->unit : address->unit;
    if (tag->length == 0)
        tag->length = address->length;
    if (!tag->byte_order)
        tag->byte_order = address->byte_order;
    if (width == 1 && file->swaps_bytes && index != TYPE_BOOL && !tag->byte_order)
        tag->byte_order = "BADC";
    if (width == 4 && !tag->byte_order)
        tag->byte_order = file->wide_order;
    if (width > 1 && !tag->byte_order) {
        tag->byte_order = file->byte_order ? file->byte_order : file->default_order;
        tag->order_assumed = !file->byte_order;
    }
    int order = tag->byte_order ? name_list_find(order_names, tag->byte_order) : ORDER_ABCD;
    bool is_known_byte =
        !tag->byte || (type_info[index].is_byte && name_list_find(byte_names, tag->byte) >= 0);
    if (order < 0)
        validation_add(file->validation, NULL, names->address, "invalid_choice",
                       "the byte order %.20s is not one of those here", tag->byte_order);
    else if (order >= (int)ORDER_OF_EIGHT_BYTES && width != 4)
        validation_add(file->validation, NULL, names->address, "invalid_choice",
                       "the byte order %s is one of 64 bits, and the type %s is not",
                       tag->byte_order, type);
    else if (!is_known_byte)
        validation_add(file->validation, NULL, names->address, "invalid_choice",
                       "the byte must be low or high, of the type int8 or uint8");
    else if (address->count == 0)
        append_tag(file, tag);
    else if (is_string || tag->bit != NO_BIT)
        validation_add(file->validation, NULL, names->address, "invalid_address",
                       "an array must be one of numbers or coils");
    else
        append_elements(file, tag, address->count, width, names->address);
}

const char *foreign_order_name(const char *order)
{
    static const char *const same[][2] = {
        {"ABCDEFGH", "ABCD"}, {"BADCFEHG", "BADC"}, {"GHEFCDAB", "CDAB"}, {"HGFEDCBA", "DCBA"}};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        if (strcmp(order, same[i][0]) == 0)
            return same[i][1];
    }
    return order;
}

bool foreign_scale_from_limits(double raw_low, double raw_high, double scaled_low,
                               double scaled_high, double *scale, double *offset)
{
    long double raw = (long double)raw_high - raw_low;
    long double scaled = (long double)scaled_high - scaled_low;
    if (raw == 0 || scaled == 0 || !isfinite(raw) || !isfinite(scaled))
        return false;
    *scale = (double)(scaled / raw);
    *offset = (double)(scaled_low - raw_low * (scaled / raw));
    return *scale != 0 && isfinite(*scale) && isfinite(*offset);
}

enum foreign_limits foreign_limits_from_scale(double scale, double offset, double *raw_high,
                                              double *scaled_low, double *scaled_high)
{
    static const double usual[] = {1000, 10000, 100, 10, 1, 100000, 1e6, 65535, 4095, 1e9};
    enum foreign_limits found = FOREIGN_LIMITS_NONE;
    REQUIRE(scale != 0);
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        double high = (double)((long double)scale * usual[i] + offset), again, add;
        if (!isfinite(high) || !foreign_scale_from_limits(0, usual[i], offset, high, &again, &add))
            continue;
        bool is_exact = again == scale && add == offset;
        if (is_exact || found == FOREIGN_LIMITS_NONE) {
            *raw_high = usual[i];
            *scaled_low = offset;
            *scaled_high = high;
            found = is_exact ? FOREIGN_LIMITS_EXACT : FOREIGN_LIMITS_NEAREST;
        }
        if (is_exact)
            break;
    }
    return found;
}

const char *foreign_type_find(const struct foreign_type *types, const char *word)
{
    for (; types->word; types++) {
        if (strcasecmp(types->word, word) == 0)
            return types->type;
    }
    return NULL;
}

const char *foreign_type_word(const struct foreign_type *types, const char *type)
{
    for (; types->word; types++) {
        if (strcmp(types->type, type) == 0)
            return types->word;
    }
    return NULL;
}

const char *foreign_trim(struct arena *arena, const char *text)
{
    static const char blanks[] = " \t\r\n";
    const char *from = text + strspn(text, blanks);
    size_t len = strlen(from);
    while (len > 0 && strchr(blanks, from[len - 1]))
        len--;
    return from[len] ? arena_strndup(arena, from, len) : from;
}
