/* Expressions and texts of any bytes; and where the C library has the same expressions, it finds
 * the same match. Input: an expression, a line end, a text; behind a `!`, all bytes are made
 * characters of such expressions. */
#include <inttypes.h>
#include <regex.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/pattern.h"
#include "common/model/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The library takes long for long ones. */
enum { COMPARED_BYTES = 24 };

static const char common[] = "ab01.^$|()*+?aab(|*";

static bool is_common(const char *expression, const char *text, size_t len)
{
    return strlen(expression) <= COMPARED_BYTES && len <= COMPARED_BYTES &&
           strspn(expression, common) == strlen(expression) && strspn(text, common) == len;
}

static char *copy_bytes(const uint8_t *data, size_t len, bool as_common)
{
    char *text = malloc(len + 1);
    for (size_t i = 0; i < len; i++)
        text[i] = as_common ? common[data[i] % (sizeof common - 1)] : (char)data[i];
    text[len] = '\0';
    return text;
}

static void compare(const struct pattern *pattern, const char *expression, const char *text,
                    bool found, size_t from, size_t to)
{
    regex_t regex;
    regmatch_t matches[2];
    if (regcomp(&regex, expression, REG_EXTENDED) != 0)
        return;
    bool theirs = regexec(&regex, text, 2, matches, 0) == 0;
    regfree(&regex);
    if (!pattern->has_group && (found != theirs || (found && (from != (size_t)matches[0].rm_so ||
                                                              to != (size_t)matches[0].rm_eo))))
        abort();
    if (pattern->is_group_simple && !theirs && found)
        abort();
    if (found && (from < (size_t)matches[0].rm_so || to > (size_t)matches[0].rm_eo))
        abort();
}

/* A text that has been read as an integer is that integer in the same form. */
static void read_values(const struct pattern *pattern, const char *text, size_t len)
{
    const struct scalar scalar = {.kind = SCALAR_STRING, .text = text, .len = len};
    for (uint8_t form = NUMBER_DECIMAL; form <= NUMBER_HEX; form++) {
        const struct value_reading reading = {.pattern = pattern, .number = form};
        char own[VALUE_TEXT_SIZE], again[VALUE_TEXT_SIZE];
        struct value value, second;
        if (value_read_scalar(&scalar, TYPE_UINT64, &reading, own, &value) != FAULT_NONE ||
            value.kind != VALUE_INTEGER || value.negative)
            continue;
        int written = form == NUMBER_HEX
                          ? snprintf(again, sizeof again, "%" PRIx64, value.magnitude)
                          : snprintf(again, sizeof again, "%" PRIu64, value.magnitude);
        const struct scalar back = {.kind = SCALAR_STRING, .text = again, .len = (size_t)written};
        const struct value_reading plain = {.number = form};
        if (value_read_scalar(&back, TYPE_UINT64, &plain, own, &second) != FAULT_NONE ||
            second.magnitude != value.magnitude)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pattern_room room;
    struct pattern pattern;
    struct pattern_error error = {0};
    size_t from, to, len = 0;
    bool as_common = size > 0 && data[0] == '!';
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t expression_len = end ? (size_t)(end - data) : size;
    if (expression_len > 2 * PATTERN_BYTES_MAX)
        return 0;
    char *expression = copy_bytes(data + as_common, expression_len - as_common, as_common);
    if (end)
        len = size - expression_len - 1;
    if (len > PATTERN_TEXT_MAX)
        len = PATTERN_TEXT_MAX;
    char *text = copy_bytes(end ? end + 1 : data, len, as_common);

    if (!pattern_compile(expression, &room, &pattern, &error)) {
        if (error.at > strlen(expression) || !error.what)
            abort();
    } else {
        read_values(&pattern, text, len);
        read_values(NULL, text, len);
        bool found = pattern_find(&pattern, text, len, &from, &to);
        if (found && (from > to || to > len))
            abort();
        if (is_common(expression, text, len))
            compare(&pattern, expression, text, found, from, to);
    }
    free(text);
    free(expression);
    return 0;
}
