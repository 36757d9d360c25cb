/* Writes the tag JSON of Ignition. */
#include <string.h>

#include "api/foreign/foreign_ignition.h"
#include "api/foreign/foreign_remark.h"
#include "common/base/require.h"

/* The letters after HR or IR, and the type of a tag that holds all values of the register. */
static const struct {
    const char *type, *letters, *data_type;
} ignition_types[] = {
    {"int16", "", "Int2"},       {"uint16", "US", "Int4"},   {"int32", "I", "Int4"},
    {"uint32", "UI", "Int8"},    {"int64", "I_64", "Int8"},  {"uint64", "UI_64", "Int8"},
    {"float32", "F", "Float4"},  {"float64", "D", "Float8"}, {"bcd16", "BCD", "Int4"},
    {"bcd32", "BCD_32", "Int8"}, {"string", "S", "String"},
};

/* Returns the name in Ignition: without points, and not that of the folder of UDT definitions. */
static const char *ignition_name(struct arena *arena, const char *name)
{
    char *copy = arena_strdup(arena, name);
    for (char *dot; (dot = strchr(copy, '.'));)
        *dot = '_';
    return strcmp(copy, "_types_") == 0 ? "_types" : copy;
}

/* Returns the address of the Modbus driver, and the type of the tag. What neither can say is in
 * the remark. */
static const char *ignition_address(struct arena *arena, const struct foreign_tag *tag,
                                    const char **data_type, struct foreign_remark *remark)
{
    static const char *const bit_tables[] = {[TABLE_COIL] = "C", [TABLE_DISCRETE_INPUT] = "DI"};
    const char *table = tag->table == TABLE_HOLDING_REGISTER ? "HR" : "IR";
    const char *unit = tag->unit >= 0 ? arena_format(arena, "%d.", tag->unit) : "";
    unsigned number = tag->address + 1U;
    *data_type = "Boolean";
    if (table_is_bits(tag->table))
        return arena_format(arena, "%s%s%u", unit, bit_tables[tag->table], number);
    if (tag->bit != NO_BIT)
        return arena_format(arena, "%s%s%u.%d", unit, table, number, tag->bit);
    for (size_t i = 0; i < sizeof ignition_types / sizeof ignition_types[0]; i++) {
        if (strcmp(ignition_types[i].type, tag->type) != 0)
            continue;
        bool is_string = strcmp(tag->type, "string") == 0;
        *data_type = ignition_types[i].data_type;
        return arena_format(arena, "%s%s%s%u%s", unit, table, ignition_types[i].letters, number,
                            is_string ? arena_format(arena, ":%u", 2 * tag->length) : "");
    }
    remark->type = tag->type;
    remark->byte = tag->byte;
    *data_type = "Int4";
    return arena_format(arena, "%s%sUS%u", unit, table, number);
}

static void write_scaling(const struct foreign_tag *tag, struct foreign_remark *remark,
                          struct text *text)
{
    double raw_high, scaled_low, scaled_high;
    if (tag->scale == 1 && tag->offset == 0)
        return;
    enum foreign_limits limits =
        foreign_limits_from_scale(tag->scale, tag->offset, &raw_high, &scaled_low, &scaled_high);
    if (limits != FOREIGN_LIMITS_EXACT) {
        remark->has_scale = true;
        remark->scale = tag->scale;
        remark->offset = tag->offset;
    }
    if (limits == FOREIGN_LIMITS_NONE)
        return;
    json_write_key(text, "scaleMode");
    json_write_string(text, "Linear");
    json_write_key(text, "rawLow");
    json_write_real(text, 0);
    json_write_key(text, "rawHigh");
    json_write_real(text, raw_high);
    json_write_key(text, "scaledLow");
    json_write_real(text, scaled_low);
    json_write_key(text, "scaledHigh");
    json_write_real(text, scaled_high);
    json_write_key(text, "clampMode");
    json_write_string(text, "No_Clamp");
}

void foreign_ignition_write_tag(struct arena *arena, const struct foreign_tag *tag,
                                const char *connection, struct text *text)
{
    REQUIRE(tag->device && tag->name && tag->type && tag->byte_order);
    struct foreign_remark remark = {0};
    const char *data_type;
    const char *address = ignition_address(arena, tag, &data_type, &remark);
    int type = name_list_find(type_names, tag->type);
    bool is_wide = type >= 0 && type_info[type].registers > 1;
    bool is_scaled = tag->scale != 1 || tag->offset != 0;
    const char *order = foreign_order_name(tag->byte_order);
    if (!table_is_bits(tag->table) && strcmp(order, "ABCD") != 0 &&
        (is_wide || strcmp(order, "CDAB") != 0))
        remark.byte_order = tag->byte_order;
    const char *name = ignition_name(arena, tag->name);
    if (strcmp(ignition_name(arena, tag->device), tag->device) != 0)
        remark.device = tag->device;
    if (strcmp(name, tag->name) != 0)
        remark.tag = tag->name;
    json_open(text, '{');
    json_write_key(text, "name");
    json_write_string(text, name);
    json_write_key(text, "tagType");
    json_write_string(text, "AtomicTag");
    json_write_key(text, "valueSource");
    json_write_string(text, "opc");
    json_write_key(text, "dataType");
    json_write_string(text, is_scaled ? "Float8" : data_type);
    json_write_key(text, "opcServer");
    json_write_string(text, "Ignition OPC UA Server");
    json_write_key(text, "opcItemPath");
    json_write_string(text, arena_format(arena, "ns=1;s=[%s]%s", connection, address));
    write_scaling(tag, &remark, text);
    if (*tag->eng_unit) {
        json_write_key(text, "engUnit");
        json_write_string(text, tag->eng_unit);
    }
    if (!tag->writable) {
        json_write_key(text, "readOnly");
        json_write_bool(text, true);
    }
    json_write_key(text, "enabled");
    json_write_bool(text, !tag->disabled);
    const char *documentation = foreign_remark_append(arena, tag->description, &remark);
    if (*documentation) {
        json_write_key(text, "documentation");
        json_write_string(text, documentation);
    }
    json_close(text, '}');
}

void foreign_ignition_write_begin(struct text *text)
{
    json_open(text, '{');
    json_write_key(text, "tags");
    json_open(text, '[');
}

void foreign_ignition_write_device_begin(struct arena *arena, const char *device, struct text *text)
{
    json_open(text, '{');
    json_write_key(text, "name");
    json_write_string(text, ignition_name(arena, device));
    json_write_key(text, "tagType");
    json_write_string(text, "Folder");
    json_write_key(text, "tags");
    json_open(text, '[');
}

void foreign_ignition_write_device_end(struct text *text)
{
    json_close(text, ']');
    json_close(text, '}');
}

void foreign_ignition_write_end(struct text *text)
{
    json_close(text, ']');
    json_close(text, '}');
}
