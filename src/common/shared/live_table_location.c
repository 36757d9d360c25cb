/* Packs owners, places and codings into the words of the live table. */
#include "common/shared/live_table_layout.h"

#include <math.h>
#include <string.h>

#include "common/base/require.h"

uint64_t live_table_make_owner(enum live_table_kind kind, int64_t id)
{
    return (uint64_t)kind << 56 | (uint64_t)id;
}

enum live_table_kind live_table_owner_kind(uint64_t owner)
{
    return (enum live_table_kind)(owner >> 56);
}

/* The part of the register: 0 for all of it, 1 to 16 for a bit, 17 and 18 for a byte. */
enum { PART_LOW_BYTE = 17, PART_HIGH_BYTE = 18 };

static uint64_t live_table_part_of(const struct point *point)
{
    if (type_info[point->type].is_byte)
        return point->byte == BYTE_HIGH ? PART_HIGH_BYTE : PART_LOW_BYTE;
    return (uint64_t)(point->bit + 1);
}

uint64_t live_table_pack_location(uint8_t unit, const struct point *point)
{
    REQUIRE(point->table < TABLE_COUNT && point->bit >= NO_BIT && point->bit < 16);
    return (uint64_t)(point->type == TYPE_STRING) << 56 | (uint64_t)unit << 48 |
           (uint64_t)point->table << 40 | live_table_part_of(point) << 32 |
           (uint64_t)point_width(point) << 16 | point->address;
}

void live_table_set_location(struct live_table_value *value, uint64_t settings, uint8_t unit,
                             const struct point *point)
{
    value->settings = settings;
    value->place = live_table_pack_location(unit, point);
    value->coding = (uint64_t)point->order << 16 | (uint64_t)point->type << 8 | 1;
    value->scale = point->scale;
    value->offset = point->offset;
}

uint64_t live_table_pack_raw(const struct point *point, const uint16_t *words)
{
    uint64_t raw = 0;
    for (unsigned i = 0; point->type != TYPE_STRING && i < point_width(point); i++)
        raw |= (uint64_t)words[i] << (16 * i);
    return point_is_part(point) ? point_take_part(point, words[0]) : raw;
}

void live_table_unpack_words(const struct live_table_row *row, uint16_t words[POINT_REGISTERS_MAX])
{
    bool is_text = live_table_location_is_text(row->value.place);
    memset(words, 0, POINT_REGISTERS_MAX * sizeof *words);
    if (is_text)
        memcpy(words, row->text, sizeof row->text);
    for (unsigned i = 0; !is_text && i < 4; i++)
        words[i] = (uint16_t)(row->value.raw >> (16 * i));
}

uint8_t live_table_location_unit(uint64_t place)
{
    return (uint8_t)(place >> 48);
}

bool live_table_location_is_text(uint64_t place)
{
    return (place >> 56 & 1) != 0;
}

struct point live_table_location_point(uint64_t place)
{
    int part = (int)(place >> 32 & 0xff);
    bool is_byte = part == PART_LOW_BYTE || part == PART_HIGH_BYTE;
    return (struct point){.table = (uint8_t)(place >> 40),
                          .bit = (int8_t)(is_byte ? NO_BIT : part - 1),
                          .byte = part == PART_HIGH_BYTE ? BYTE_HIGH : BYTE_LOW,
                          .length = (uint16_t)(place >> 16),
                          .address = (uint16_t)place,
                          .type = is_byte ? TYPE_UINT8 : TYPE_STRING,
                          .scale = 1};
}

bool live_table_value_point(const struct live_table_value *value, struct point *point)
{
    uint64_t type = value->coding >> 8 & 0xff, order = value->coding >> 16 & 0xff;
    if ((value->coding & 1) == 0 || type >= TYPE_COUNT || order >= ORDER_COUNT ||
        !live_table_location_is_sound(value->place) ||
        live_table_location_is_text(value->place) != (type == TYPE_STRING) ||
        !isfinite(value->scale) || value->scale == 0 || !isfinite(value->offset))
        return false;
    *point = live_table_location_point(value->place);
    if (type_info[type].is_byte != type_info[point->type].is_byte)
        return false;
    point->type = (uint8_t)type;
    point->order = (uint8_t)order;
    point->length = type == TYPE_STRING ? point->length : 0;
    point->scale = value->scale;
    point->offset = value->offset;
    return true;
}

bool live_table_location_is_sound(uint64_t place)
{
    struct point point = live_table_location_point(place);
    uint16_t most = live_table_location_is_text(place) ? STRING_REGISTERS_MAX : 4;
    return place >> 57 == 0 && point.table < TABLE_COUNT && point.bit >= -1 && point.bit <= 15 &&
           point.length <= most && point.address + point.length <= UINT16_MAX + 1;
}
