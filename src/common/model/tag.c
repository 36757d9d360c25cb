/* Names, the table of value types, Modicon addresses. */
#include "common/model/tag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

const char *const table_names[] = {"coil", "discrete_input", "input_register", "holding_register",
                                   NULL};
const char *const status_table_names[] = {"input_register", "holding_register", NULL};

#define VALUE_TYPE_NAME(id, name, ...) [TYPE_##id] = (name),
const char *const type_names[] = {VALUE_TYPE_LIST(VALUE_TYPE_NAME)[TYPE_COUNT] = NULL};

const char *const order_names[] = {"ABCD",     "CDAB",     "BADC",     "DCBA",     "ABCDEFGH",
                                   "BADCFEHG", "CDABGHEF", "DCBAHGFE", "EFGHABCD", "FEHGBADC",
                                   "GHEFCDAB", "HGFEDCBA", NULL};
const char *const byte_names[] = {"low", "high", NULL};
const char *const direction_names[] = {"to_modbus", "to_mqtt",   "both",
                                       "constant",  "companion", NULL};
const char *const companion_names[] = {"none", "quality", "age_s", "time_s", "time_ms", NULL};
const char *const framing_names[] = {"tcp", "rtu", NULL};
const char *const on_null_names[] = {"hold", "stale", NULL};
const char *const overflow_names[] = {"reject", "clamp", NULL};
const char *const number_names[] = {"decimal", "decimal_comma", "hex", NULL};
const char *const command_on_names[] = {"write", "change", NULL};
const char *const payload_names[] = {"json", "text", "sparkplug", NULL};

_Static_assert(sizeof order_names / sizeof order_names[0] == ORDER_COUNT + 1, "byte orders");
_Static_assert(sizeof table_names / sizeof table_names[0] == TABLE_COUNT + 1, "tables");

/* The first digit of Modicon addresses, by table. */
static const char table_digits[TABLE_COUNT] = {'0', '1', '3', '4'};

#define VALUE_TYPE_INFO(id, name, count, coding, ...)                                              \
    [TYPE_##id] = {.registers = (count), __VA_ARGS__},
const struct type_info type_info[TYPE_COUNT] = {VALUE_TYPE_LIST(VALUE_TYPE_INFO)};

bool table_is_bits(enum modbus_table table)
{
    return table == TABLE_COIL || table == TABLE_DISCRETE_INPUT;
}

bool table_is_writable(enum modbus_table table)
{
    return table == TABLE_COIL || table == TABLE_HOLDING_REGISTER;
}

uint16_t point_width(const struct point *point)
{
    REQUIRE(point->type < TYPE_COUNT);
    return point->type == TYPE_STRING ? point->length : type_info[point->type].registers;
}

/* The number of the lowest bit of the value in its register. */
static unsigned point_shift(const struct point *point)
{
    if (type_info[point->type].is_byte)
        return point->byte == BYTE_HIGH ? 8 : 0;
    return point->bit == NO_BIT ? 0 : (unsigned)point->bit;
}

bool point_is_part(const struct point *point)
{
    REQUIRE(point->type < TYPE_COUNT);
    return point->bit != NO_BIT || type_info[point->type].is_byte;
}

uint16_t point_mask(const struct point *point)
{
    unsigned bits = type_info[point->type].is_byte ? UINT8_MAX : 1U;
    if (!point_is_part(point))
        return UINT16_MAX;
    return (uint16_t)(bits << point_shift(point));
}

uint16_t point_take_part(const struct point *point, uint16_t word)
{
    return (uint16_t)((word & point_mask(point)) >> point_shift(point));
}

uint16_t point_place_part(const struct point *point, uint16_t part)
{
    return (uint16_t)((unsigned)part << point_shift(point) & point_mask(point));
}

struct point point_of_content(const struct point *point)
{
    struct point content = *point;
    content.bit = NO_BIT;
    content.byte = BYTE_LOW;
    return content;
}

bool point_is_equal(const struct point *a, const struct point *b)
{
    return a->table == b->table && a->type == b->type && a->order == b->order &&
           a->overflow == b->overflow && a->stale == b->stale && a->bit == b->bit &&
           a->byte == b->byte && a->address == b->address && a->length == b->length &&
           a->scale == b->scale && a->offset == b->offset && a->stale_raw == b->stale_raw;
}

void modicon_format(enum modbus_table table, uint16_t address, char text[MODICON_SIZE])
{
    unsigned number = address + 1U;
    REQUIRE(table < TABLE_COUNT);
    text[0] = table_digits[table];
    for (size_t i = 5; i > 0; i--, number /= 10)
        text[i] = (char)('0' + number % 10);
    text[6] = '\0';
}

/* Parses a string of one to five decimal digits. */
static bool modicon_read_digits(const char *text, long *number)
{
    size_t len = strlen(text);
    if (len == 0 || len > 5 || strspn(text, "0123456789") != len)
        return false;
    *number = strtol(text, NULL, 10);
    return true;
}

bool modicon_parse(const char *text, enum modbus_table *table, uint16_t *address)
{
    long number = 0;
    bool ok;
    size_t len = strlen(text);
    if (strncmp(text, "%M", 2) == 0) { /* IEC 61131: %MW is a word, %M a bit */
        bool is_word = text[2] == 'W';
        *table = is_word ? TABLE_HOLDING_REGISTER : TABLE_COIL;
        ok = modicon_read_digits(text + (is_word ? 3 : 2), &number);
    } else {
        bool has_x = len == 7 && (text[1] == 'x' || text[1] == 'X');
        const char *digit = len > 0 ? memchr(table_digits, text[0], TABLE_COUNT) : NULL;
        ok = (has_x || len == 5 || len == 6) && digit &&
             modicon_read_digits(text + (has_x ? 2 : 1), &number);
        if (ok)
            *table = (enum modbus_table)(digit - table_digits);
        number--;
    }
    if (!ok || number < 0 || number > ADDRESS_MAX)
        return false;
    *address = (uint16_t)number;
    return true;
}

bool modicon_looks_like(enum modbus_table table, long number)
{
    char text[16];
    enum modbus_table read;
    uint16_t address;
    if (number < 10000 || number > 999999)
        return false;
    snprintf(text, sizeof text, "%ld", number);
    return modicon_parse(text, &read, &address) && read == table;
}
