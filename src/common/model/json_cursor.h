/* Reads JSON from its text, without a tree and without memory for one. The text must be valid
 * (json_text_is_valid). Pure.
 *
 * A cursor stands at a value, or where a function says. */
#ifndef TAGFERRY_COMMON_MODEL_JSON_CURSOR_H
#define TAGFERRY_COMMON_MODEL_JSON_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "common/model/value.h"

struct json_cursor {
    const char *at, *end;
};

/* Skips white space, and returns the character behind it; NUL at the end. */
char json_cursor_skip_space(struct json_cursor *text);
/* Returns a string as it is between its quotes, and moves behind it. */
struct text_span json_cursor_read_string(struct json_cursor *text);
/* Returns a number, true, false or null, and moves behind it. */
struct text_span json_cursor_read_word(struct json_cursor *text);
/* Moves behind a value of any kind. */
void json_cursor_skip_value(struct json_cursor *text);

/* Moves from the bracket to the first member's name or the first element. False when there is none:
 * the cursor is then behind the closing bracket. */
bool json_cursor_enter(struct json_cursor *text);
/* Moves from behind a value to the next member's name or element. False at the end: the cursor is
 * then behind the closing bracket. */
bool json_cursor_has_more(struct json_cursor *text);
/* Reads the name of a member, and moves to its value. */
struct text_span json_cursor_read_name(struct json_cursor *text);

/* Finds the value of a member of the object at the cursor, by its name as in the text. */
bool json_cursor_find_member(const struct json_cursor *object, struct text_span name,
                             struct json_cursor *value);
/* Decodes what json_cursor_read_string has returned into as many bytes or fewer, without a NUL at
 * the end. Returns how many. */
size_t json_cursor_decode_string(struct text_span string, char *to);

#endif
