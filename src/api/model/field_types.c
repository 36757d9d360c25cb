/* The types of fields: each accepts some values and converts them to cells. */
#include "api/model/field_types.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/base/plain_name.h"
#include "api/base/text.h"
#include "common/base/gateway_name.h"
#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/base/serial_line.h"
#include "common/model/pattern.h"
#include "common/model/tag.h"
#include "common/model/topic.h"

__attribute__((format(printf, 3, 4))) static bool
field_refuse(struct field_error *why, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->detail, sizeof why->detail, format, args);
    va_end(args);
    why->code = code;
    return false;
}

static bool cell_copy_text(const struct scalar *in, struct arena *arena, struct cell *cell)
{
    *cell = (struct cell){.kind = CELL_TEXT, .as.text = arena_strndup(arena, in->text, in->len)};
    return true;
}

static bool field_check_text(const struct field *field, const struct scalar *in,
                             struct arena *arena, struct cell *cell, struct field_error *why)
{
    REQUIRE(field->min >= 0 && field->max >= field->min);
    if (in->kind != SCALAR_STRING)
        return field_refuse(why, "wrong_type", "must be a string");
    if (memchr(in->text, '\0', in->len))
        return field_refuse(why, "invalid_text", "must not contain the character U+0000");
    size_t count = 0; /* characters: bytes that do not continue one */
    for (size_t i = 0; i < in->len; i++)
        count += ((unsigned char)in->text[i] & 0xc0) != 0x80;
    if (count > (size_t)field->max)
        return field_refuse(why, "too_long", "must have at most %lld characters, but has %zu",
                            (long long)field->max, count);
    if (count < (size_t)field->min)
        return field_refuse(why, "too_short", "must not be empty");
    return cell_copy_text(in, arena, cell);
}

bool resource_name_is_valid(const char *name)
{
    static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const char other[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(name);
    return len >= 1 && len <= PLAIN_NAME_MAX && strchr(first, name[0]) &&
           strspn(name, other) == len;
}

static bool field_check_name(const struct field *field, const struct scalar *in,
                             struct arena *arena, struct cell *cell, struct field_error *why)
{
    if (!field_check_text(field, in, arena, cell, why))
        return false;
    return resource_name_is_valid(cell->as.text) ||
           field_refuse(
               why, "invalid_name",
               "must begin with a letter or digit and contain only letters, digits, '.', '_' "
               "and '-'");
}

static bool field_check_gateway(const struct field *field, const struct scalar *in,
                                struct arena *arena, struct cell *cell, struct field_error *why)
{
    if (!field_check_text(field, in, arena, cell, why))
        return false;
    return gateway_name_is_valid(cell->as.text) ||
           field_refuse(why, "invalid_gateway", GATEWAY_NAME_RULE);
}

static bool field_check_integer(const struct field *field, const struct scalar *in,
                                struct arena *arena, struct cell *cell, struct field_error *why)
{
    (void)arena;
    REQUIRE(field->max >= field->min);
    bool is_number = in->kind == SCALAR_NUMBER;
    bool in_range =
        is_number && in->number >= (double)field->min && in->number <= (double)field->max;
    if (!in_range || in->number != trunc(in->number))
        return field_refuse(why, is_number && !in_range ? "out_of_range" : "wrong_type",
                            "must be an integer from %lld to %lld", (long long)field->min,
                            (long long)field->max);
    *cell = (struct cell){.kind = CELL_INTEGER, .as.integer = (int64_t)in->number};
    return true;
}

static bool field_check_real(const struct field *field, const struct scalar *in,
                             struct arena *arena, struct cell *cell, struct field_error *why)
{
    (void)field, (void)arena;
    if (in->kind != SCALAR_NUMBER)
        return field_refuse(why, "wrong_type", "must be a number");
    if (!isfinite(in->number))
        return field_refuse(why, "out_of_range", "must be a number in the range of a 64-bit float");
    *cell = (struct cell){.kind = CELL_REAL, .as.real = in->number};
    return true;
}

static bool field_check_scale(const struct field *field, const struct scalar *in,
                              struct arena *arena, struct cell *cell, struct field_error *why)
{
    if (!field_check_real(field, in, arena, cell, why))
        return false;
    return cell->as.real != 0 || field_refuse(why, "out_of_range", "must not be 0");
}

static bool field_check_distance(const struct field *field, const struct scalar *in,
                                 struct arena *arena, struct cell *cell, struct field_error *why)
{
    if (!field_check_real(field, in, arena, cell, why))
        return false;
    return cell->as.real >= 0 || field_refuse(why, "out_of_range", "must be a number from 0");
}

static bool field_check_flag(const struct field *field, const struct scalar *in,
                             struct arena *arena, struct cell *cell, struct field_error *why)
{
    (void)field, (void)arena;
    if (in->kind != SCALAR_BOOL)
        return field_refuse(why, "wrong_type", "must be true or false");
    *cell = (struct cell){.kind = CELL_INTEGER, .as.integer = in->truth};
    return true;
}

static bool field_check_choice(const struct field *field, const struct scalar *in,
                               struct arena *arena, struct cell *cell, struct field_error *why)
{
    REQUIRE(field->names);
    if (in->kind != SCALAR_STRING)
        return field_refuse(why, "wrong_type", "must be a string");
    cell_copy_text(in, arena, cell);
    if (strlen(cell->as.text) == in->len && name_list_find(field->names, cell->as.text) >= 0)
        return true;
    size_t used = (size_t)snprintf(why->detail, sizeof why->detail, "must be one of");
    for (size_t i = 0; field->names[i] && used < sizeof why->detail; i++)
        used += (size_t)snprintf(why->detail + used, sizeof why->detail - used, "%s %s",
                                 i ? "," : "", field->names[i]);
    why->code = "invalid_choice";
    return false;
}

static bool field_check_filter(const struct field *field, const struct scalar *in,
                               struct arena *arena, struct cell *cell, struct field_error *why)
{
    if (!field_check_text(field, in, arena, cell, why))
        return false;
    return topic_filter_is_valid(cell->as.text) ||
           field_refuse(
               why, "invalid_topic",
               "must be an MQTT topic filter: '+' alone in a level, '#' alone in the last one, no "
               "control characters, at most 200 slashes");
}

static bool field_check_topic(const struct field *field, const struct scalar *in,
                              struct arena *arena, struct cell *cell, struct field_error *why)
{
    if (!field_check_text(field, in, arena, cell, why))
        return false;
    return topic_name_is_valid(cell->as.text) ||
           field_refuse(
               why, "invalid_topic",
               "must be an MQTT topic without wildcards, without control characters, with at "
               "most 200 slashes");
}

static bool field_check_key(const struct field *field, const struct scalar *in, struct arena *arena,
                            struct cell *cell, struct field_error *why)
{
    if (!field_check_text(field, in, arena, cell, why))
        return false;
    return cell->as.text[0] != '/' || json_pointer_is_valid(cell->as.text) ||
           field_refuse(
               why, "invalid_pointer",
               "begins with '/', so it must be a JSON Pointer (RFC 6901), in which '~' in a "
               "name is written '~0', and '/' is written '~1'");
}

_Static_assert((int)PATTERN_BYTES_MAX == (int)FIELD_PATTERN_MAX, "the longest pattern");

static bool field_check_pattern(const struct field *field, const struct scalar *in,
                                struct arena *arena, struct cell *cell, struct field_error *why)
{
    struct pattern_room room;
    struct pattern pattern;
    struct pattern_error error;
    if (!field_check_text(field, in, arena, cell, why))
        return false;
    const char *text = cell->as.text;
    if (pattern_compile(text, &room, &pattern, &error))
        return true;
    size_t character = 1;
    for (size_t i = 0; i < error.at; i++)
        character += ((unsigned char)text[i] & 0xc0) != 0x80;
    return field_refuse(why, "invalid_pattern",
                        "must be a POSIX extended regular expression; at character %zu: %s",
                        character, error.what);
}

/* A key, or one that begins at the parent of the value's own key: "./" and tokens. */
static bool field_check_quality_key(const struct field *field, const struct scalar *in,
                                    struct arena *arena, struct cell *cell, struct field_error *why)
{
    if (!field_check_key(field, in, arena, cell, why))
        return false;
    return strncmp(cell->as.text, "./", 2) != 0 || json_pointer_is_valid(cell->as.text + 1) ||
           field_refuse(why, "invalid_pointer",
                        "begins with './', so a JSON Pointer (RFC 6901) must follow the dot, in "
                        "which '~' in a name is written '~0', and '/' is written '~1'");
}

static bool field_check_host(const struct field *field, const struct scalar *in,
                             struct arena *arena, struct cell *cell, struct field_error *why)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:%";
    if (!field_check_text(field, in, arena, cell, why))
        return false;
    const char *host = cell->as.text;
    if (serial_line_is_host(host)) {
        struct serial_line line;
        char reason[sizeof why->detail];
        return serial_line_parse_host(host, &line, reason, sizeof reason) ||
               field_refuse(why, "invalid_line", "%s", reason);
    }
    bool is_valid = strspn(host, allowed) == strlen(host);
    if (is_valid && strchr(host, ':')) { /* IPv6, perhaps with a zone: fe80::1%eth0 */
        struct in6_addr binary;
        is_valid =
            inet_pton(AF_INET6, arena_strndup(arena, host, strcspn(host, "%")), &binary) == 1;
    }
    return is_valid ||
           field_refuse(why, "invalid_host",
                        "must be a host name or an IP address, without a port, or a serial line "
                        "such as serial:/dev/ttyUSB0:19200,8E1");
}

/* Accepts an integer, or a text in Modicon form, which rules_apply_to_tag converts to an integer.
 */
static bool field_check_address(const struct field *field, const struct scalar *in,
                                struct arena *arena, struct cell *cell, struct field_error *why)
{
    enum modbus_table table;
    uint16_t address;
    if (in->kind == SCALAR_NUMBER && in->number > (double)field->max)
        return field_refuse(why, "out_of_range",
                            "must be an offset from 0 to %lld; write a Modicon address as a string",
                            (long long)field->max);
    if (in->kind == SCALAR_NUMBER)
        return field_check_integer(field, in, arena, cell, why);
    if (in->kind != SCALAR_STRING)
        return field_refuse(why, "wrong_type",
                            "must be an integer, or a string in Modicon form such as \"400101\"");
    cell_copy_text(in, arena, cell);
    return (strlen(cell->as.text) == in->len && modicon_parse(cell->as.text, &table, &address)) ||
           field_refuse(
               why, "invalid_address",
               "must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", "
               "\"4x00101\", \"%%MW100\"");
}

static bool field_check_on_stale(const struct field *field, const struct scalar *in,
                                 struct arena *arena, struct cell *cell, struct field_error *why)
{
    (void)field;
    char digits[VALUE_TEXT_SIZE];
    if (in->kind == SCALAR_STRING && in->len == 3 && memcmp(in->text, "nan", 3) == 0)
        return cell_copy_text(in, arena, cell);
    if (in->kind != SCALAR_NUMBER)
        return field_refuse(why, "wrong_type", "must be null, a number, or \"nan\"");
    if (!isfinite(in->number))
        return field_refuse(why, "out_of_range", "must be a number in the range of a 64-bit float");
    value_format_double(in->number, digits);
    *cell = (struct cell){.kind = CELL_TEXT, .as.text = arena_strdup(arena, digits)};
    return true;
}

/* Keeps the value as JSON, in one form: equal values are equal texts. */
static bool field_check_scalar(const struct field *field, const struct scalar *in,
                               struct arena *arena, struct cell *cell, struct field_error *why)
{
    char digits[VALUE_TEXT_SIZE];
    struct text text = {0};
    switch (in->kind) {
    case SCALAR_NUMBER:
        if (!isfinite(in->number))
            return field_refuse(why, "out_of_range",
                                "must be a number in the range of a 64-bit float");
        value_format_double(in->number, digits);
        *cell = (struct cell){.kind = CELL_TEXT, .as.text = arena_strdup(arena, digits)};
        return true;
    case SCALAR_BOOL:
        *cell = (struct cell){.kind = CELL_TEXT, .as.text = in->truth ? "true" : "false"};
        return true;
    case SCALAR_STRING:
        if (!field_check_text(field, in, arena, cell, why))
            return false;
        json_write_string(&text, cell->as.text);
        cell->as.text = arena_strndup(arena, text.data, text.len);
        text_finish(&text);
        return true;
    default:
        return field_refuse(why, "wrong_type", "must be null, a number, a string, true or false");
    }
}

const struct field_type field_type_name = {SHAPE_TEXT, field_check_name, NULL, NULL};
const struct field_type field_type_text = {SHAPE_TEXT, field_check_text, NULL, NULL};
const struct field_type field_type_integer = {SHAPE_INTEGER, field_check_integer, NULL, NULL};
const struct field_type field_type_real = {SHAPE_REAL, field_check_real, NULL, NULL};
const struct field_type field_type_scale = {SHAPE_REAL, field_check_scale, NULL, NULL};
const struct field_type field_type_distance = {SHAPE_REAL, field_check_distance, NULL, NULL};
const struct field_type field_type_flag = {SHAPE_FLAG, field_check_flag, NULL, NULL};
const struct field_type field_type_choice = {SHAPE_TEXT, field_check_choice, NULL, NULL};
const struct field_type field_type_filter = {SHAPE_TEXT, field_check_filter, NULL, NULL};
const struct field_type field_type_topic = {SHAPE_TEXT, field_check_topic, NULL, NULL};
const struct field_type field_type_key = {SHAPE_TEXT, field_check_key, NULL, NULL};
const struct field_type field_type_quality_key = {SHAPE_TEXT, field_check_quality_key, NULL, NULL};
const struct field_type field_type_pattern = {SHAPE_TEXT, field_check_pattern, NULL, NULL};
const struct field_type field_type_gateway = {SHAPE_TEXT, field_check_gateway, NULL, NULL};
const struct field_type field_type_host = {SHAPE_TEXT, field_check_host, NULL, NULL};
const struct field_type field_type_address = {SHAPE_ADDRESS, field_check_address, NULL, NULL};
const struct field_type field_type_on_stale = {SHAPE_STALE, field_check_on_stale, NULL, NULL};
const struct field_type field_type_scalar = {SHAPE_SCALAR, field_check_scalar, NULL, NULL};
