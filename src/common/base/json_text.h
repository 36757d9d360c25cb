/* What cJSON does not check: that a text is JSON as RFC 8259 has it, UTF-8, and JSON Pointers
 * (RFC 6901). Pure. */
#ifndef TAGFERRY_COMMON_BASE_JSON_TEXT_H
#define TAGFERRY_COMMON_BASE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

enum { JSON_DEPTH_MAX = 1000 };

/* True when `text` is one JSON value and nothing else. `at` receives the offset of the first byte
 * that is wrong. Deeper than JSON_DEPTH_MAX is refused. */
bool json_text_is_valid(const char *text, size_t len, size_t *at);

bool utf8_is_valid(const char *text, size_t len);
/* The longest prefix of valid UTF-8, at most `max` bytes, that ends at a character's end. */
size_t utf8_prefix_len(const char *text, size_t len, size_t max);

/* True for "" and for texts of "/token" parts in which every ~ begins ~0 or ~1. */
bool json_pointer_is_valid(const char *pointer);
/* Decodes the token that begins behind the slash at *pointer into `token`, and moves *pointer to
 * the next slash or the end. `size` of strlen(*pointer) is enough; the length is returned. */
size_t json_pointer_next_token(const char **pointer, char *token, size_t size);

#endif
