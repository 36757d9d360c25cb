/* Finds the ends of values by strings and brackets only, which is enough in valid JSON. */
#include "api/base/json_split.h"

#include "common/base/require.h"

#include <string.h>

static const char *json_split_skip_space(const char *at, const char *end)
{
    while (at < end && memchr(" \t\r\n", *at, 4))
        at++;
    return at;
}

static const char *json_split_skip_value(const char *at, const char *end)
{
    size_t depth = 0;
    while (at < end) {
        if (*at == '"') {
            for (at++; at < end && *at != '"'; at++) {
                if (*at == '\\')
                    at++;
            }
            at = at < end ? at + 1 : end;
        } else if (*at == '{' || *at == '[') {
            depth++;
            at++;
        } else if (*at == '}' || *at == ']') {
            REQUIRE(depth > 0); /* the text is valid JSON */
            depth--;
            at++;
        } else if (depth == 0) {
            while (at < end && !memchr(",]} \t\r\n", *at, 7))
                at++;
            return at;
        } else {
            at++;
        }
        if (depth == 0)
            return at;
    }
    return end;
}

struct json_part json_split_root(const char *text, size_t len)
{
    const char *from = json_split_skip_space(text, text + len);
    return (struct json_part){from, (size_t)(json_split_skip_value(from, text + len) - from)};
}

bool json_split_enter(const struct json_part *part, char bracket, struct json_walk *walk)
{
    if (part->len < 2 || part->text[0] != bracket)
        return false;
    *walk = (struct json_walk){part->text + 1, part->text + part->len - 1};
    return true;
}

bool json_split_next_element(struct json_walk *walk, struct json_part *element)
{
    const char *from = json_split_skip_space(walk->at, walk->end);
    const char *to = json_split_skip_value(from, walk->end);
    *element = (struct json_part){from, (size_t)(to - from)};
    /* The comma after the value, or the colon after a key. */
    walk->at = json_split_skip_space(to, walk->end);
    if (walk->at < walk->end)
        walk->at++;
    return element->len > 0;
}

bool json_split_next_member(struct json_walk *walk, struct json_part *key, struct json_part *value)
{
    return json_split_next_element(walk, key) && json_split_next_element(walk, value);
}

bool json_split_key_equals(const struct json_part *key, const char *name)
{
    size_t len = strlen(name);
    return key->len == len + 2 && memcmp(key->text + 1, name, len) == 0;
}
