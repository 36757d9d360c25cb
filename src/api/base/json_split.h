/* Walks over JSON without making a tree of it, for documents too large for one. Pure.
 *
 * The text must be valid: json_text_is_valid has looked at it. */
#ifndef TAGFERRY_API_BASE_JSON_SPLIT_H
#define TAGFERRY_API_BASE_JSON_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

/* A value's text, without blanks around it. */
struct json_part {
    const char *text;
    size_t len;
};

/* Stands between the elements of one array, or the members of one object. */
struct json_walk {
    const char *at, *end;
};

struct json_part json_split_root(const char *text, size_t len);
/* Begins a walk. False when the part is no array ('[') or object ('{'). */
bool json_split_enter(const struct json_part *part, char bracket, struct json_walk *walk);
bool json_split_next_element(struct json_walk *walk, struct json_part *element);
/* `key` receives the key with its quotes and escapes. */
bool json_split_next_member(struct json_walk *walk, struct json_part *key, struct json_part *value);
/* True when the key's text is exactly `name` in quotes. */
bool json_split_key_equals(const struct json_part *key, const char *name);

#endif
