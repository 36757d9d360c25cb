/* Reads templates with a cursor that each function moves behind what it has read. */
#include "api/recognisers/ha_template.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/recognisers/maker_json.h"

struct ha_cursor {
    struct arena *arena;
    const char *at;
};

static void cursor_skip_blanks(struct ha_cursor *cursor)
{
    while (isspace((unsigned char)*cursor->at))
        cursor->at++;
}

/* Reads a sign or word if it comes next; a word must not go on. */
static bool cursor_take_text(struct ha_cursor *cursor, const char *text)
{
    cursor_skip_blanks(cursor);
    size_t len = strlen(text);
    if (strncmp(cursor->at, text, len) != 0)
        return false;
    unsigned char next = (unsigned char)cursor->at[len];
    if (isalpha((unsigned char)text[0]) && (isalnum(next) || next == '_'))
        return false;
    cursor->at += len;
    return true;
}

static const char *cursor_take_name(struct ha_cursor *cursor)
{
    const char *begin = cursor->at;
    while (isalnum((unsigned char)*cursor->at) || *cursor->at == '_')
        cursor->at++;
    return cursor->at > begin ? arena_strndup(cursor->arena, begin, (size_t)(cursor->at - begin))
                              : NULL;
}

/* Reads a text in quotes. Escapes are not simple. */
static const char *cursor_take_quoted(struct ha_cursor *cursor)
{
    cursor_skip_blanks(cursor);
    char quote = *cursor->at;
    if (quote != '\'' && quote != '"')
        return NULL;
    const char *begin = cursor->at + 1;
    size_t len = strcspn(begin, quote == '"' ? "\"\\" : "'\\");
    if (begin[len] != quote)
        return NULL;
    cursor->at = begin + len + 1;
    return arena_strndup(cursor->arena, begin, len);
}

/* Reads the arguments of a filter or function, with the closing bracket, whatever they are. */
static bool cursor_skip_arguments(struct ha_cursor *cursor)
{
    for (;;) {
        cursor_skip_blanks(cursor);
        if (*cursor->at == '\'' || *cursor->at == '"') {
            if (!cursor_take_quoted(cursor))
                return false;
            continue;
        }
        if (*cursor->at == '\0' || *cursor->at == '(')
            return false;
        if (*cursor->at++ == ')')
            return true;
    }
}

/* Reads what is between brackets: a name in quotes, or an index. */
static const char *cursor_take_subscript(struct ha_cursor *cursor)
{
    const char *token = cursor_take_quoted(cursor);
    if (!token) {
        const char *begin = cursor->at + (*cursor->at == '-');
        size_t len = strspn(begin, "0123456789");
        if (len == 0 || len > 6)
            return NULL;
        token = arena_strndup(cursor->arena, cursor->at, (size_t)(begin + len - cursor->at));
        cursor->at = begin + len;
    }
    return cursor_take_text(cursor, "]") ? token : NULL;
}

/* Reads value, or value_json with a path. NULL when it is something else. */
static const char *cursor_take_path(struct ha_cursor *cursor, bool *is_text)
{
    const char *pointer = "";
    *is_text = cursor_take_text(cursor, "value");
    if (*is_text)
        return pointer;
    if (!cursor_take_text(cursor, "value_json"))
        return NULL;
    for (;;) {
        const char *token = NULL;
        if (*cursor->at == '.') {
            cursor->at++;
            token = cursor_take_name(cursor);
            if (token && strcmp(token, "get") == 0 && *cursor->at == '(') {
                cursor->at++;
                token = cursor_take_quoted(cursor);
                if (!cursor_skip_arguments(cursor))
                    return NULL;
            }
        } else if (*cursor->at == '[') {
            cursor->at++;
            token = cursor_take_subscript(cursor);
        } else {
            return pointer;
        }
        if (!token)
            return NULL;
        pointer = maker_pointer_join(cursor->arena, pointer, token);
    }
}

/* Filters that change only the form of the value. */
static bool cursor_skip_filters(struct ha_cursor *cursor)
{
    static const char *const names[] = {"float", "int",    "round", "default",    "d",
                                        "trim",  "string", "bool",  "is_defined", "tojson"};
    while (cursor_take_text(cursor, "|")) {
        bool is_known = false;
        for (size_t i = 0; !is_known && i < sizeof names / sizeof names[0]; i++)
            is_known = cursor_take_text(cursor, names[i]);
        if (!is_known)
            return false;
        if (cursor_take_text(cursor, "(") && !cursor_skip_arguments(cursor))
            return false;
    }
    return true;
}

/* Reads a constant factor or divisor, if there is one. */
static bool cursor_take_factor(struct ha_cursor *cursor, double *factor)
{
    bool divides = cursor_take_text(cursor, "/");
    if (!divides && !cursor_take_text(cursor, "*"))
        return true;
    cursor_skip_blanks(cursor);
    char *end;
    double number = isdigit((unsigned char)*cursor->at) ? strtod(cursor->at, &end) : 0;
    if (!isfinite(number) || number <= 0)
        return false;
    cursor->at = end;
    *factor = divides ? 1 / number : number;
    return isfinite(*factor);
}

/* Reads "if PATH is defined and PATH is defined else ...", where each path is a part of the
 * value's: without the value this key has no value, whatever default the template gives. */
static bool cursor_take_condition(struct ha_cursor *cursor, const char *pointer)
{
    if (!cursor_take_text(cursor, "if"))
        return true;
    do {
        bool is_text;
        const char *part = cursor_take_path(cursor, &is_text);
        size_t len = part ? strlen(part) : 0;
        if (!part || strncmp(part, pointer, len) != 0 ||
            (pointer[len] != '\0' && pointer[len] != '/') || !cursor_take_text(cursor, "is") ||
            !cursor_take_text(cursor, "defined"))
            return false;
    } while (cursor_take_text(cursor, "and"));
    if (cursor_take_text(cursor, "else")) {
        const char *end = strstr(cursor->at, "}}");
        cursor->at = end ? end : cursor->at;
    }
    return true;
}

bool ha_template_read_value(struct arena *arena, const char *text, struct ha_value *value)
{
    struct ha_cursor cursor = {.arena = arena, .at = text};
    *value = (struct ha_value){.factor = 1};
    if (!cursor_take_text(&cursor, "{{") || strstr(cursor.at, "{{") || strstr(cursor.at, "{%"))
        return false;
    cursor_take_text(&cursor, "-");
    bool has_bracket = cursor_take_text(&cursor, "(");
    value->pointer = cursor_take_path(&cursor, &value->is_text);
    if (!value->pointer || !cursor_skip_filters(&cursor) ||
        !cursor_take_factor(&cursor, &value->factor))
        return false;
    /* Without the bracket, a filter would be one of the factor. */
    if (has_bracket && (!cursor_take_text(&cursor, ")") || !cursor_skip_filters(&cursor)))
        return false;
    if (!cursor_take_condition(&cursor, value->pointer))
        return false;
    cursor_take_text(&cursor, "-");
    if (!cursor_take_text(&cursor, "}}"))
        return false;
    cursor_skip_blanks(&cursor);
    return *cursor.at == '\0';
}

const char *ha_template_read_command(struct arena *arena, const char *text)
{
    static const char *const placeholders[] = {"{value}", "{tag}", "{device}"};
    for (size_t i = 0; i < sizeof placeholders / sizeof placeholders[0]; i++) {
        if (strstr(text, placeholders[i]))
            return NULL;
    }
    const char *begin = strstr(text, "{{");
    if (!begin || strstr(text, "{%") || strstr(text, "{#"))
        return NULL;
    /* In {"x":{{ value }}} the outer bracket is the text's. */
    while (begin[2] == '{')
        begin++;
    struct ha_cursor cursor = {.arena = arena, .at = begin + 2};
    if (!cursor_take_text(&cursor, "value") && !cursor_take_text(&cursor, "position") &&
        !cursor_take_text(&cursor, "tilt_position"))
        return NULL;
    if (!cursor_skip_filters(&cursor) || !cursor_take_text(&cursor, "}}") ||
        strstr(cursor.at, "{{"))
        return NULL;
    return arena_format(arena, "%.*s{value}%s", (int)(begin - text), text, cursor.at);
}
