/* Walks over JSON without a tree, for documents that are too large for one. Pure.
 *
 * The text must be valid JSON: the caller has checked it with json_text_is_valid. Parts point into
 * the text, which must outlive them. */
#ifndef TAGFERRY_API_BASE_JSON_SPLIT_H
#define TAGFERRY_API_BASE_JSON_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

/* The text of a value, without the blanks around it. */
struct json_part {
    const char *text;
    size_t len;
};

/* A position between two elements of an array, or two members of an object. */
struct json_walk {
    const char *at, *end;
};

/* Returns the value that the text consists of. */
struct json_part json_split_root(const char *text, size_t len);
/* Begins a walk over an array (bracket '[') or an object ('{'). False when the part is not one. */
bool json_split_enter(const struct json_part *part, char bracket, struct json_walk *walk);
/* Read the next element, or member. False at the end. */
bool json_split_next_element(struct json_walk *walk, struct json_part *element);
/* `key` includes the quotes, with its escapes as they are. */
bool json_split_next_member(struct json_walk *walk, struct json_part *key, struct json_part *value);
/* True when the text of the key is exactly `name` in quotes. */
bool json_split_key_equals(const struct json_part *key, const char *name);

#endif
