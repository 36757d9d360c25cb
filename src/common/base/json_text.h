/* Checks that cJSON lacks: a text is strict JSON (RFC 8259), UTF-8, a JSON Pointer (RFC 6901).
 * Pure. */
#ifndef TAGFERRY_COMMON_BASE_JSON_TEXT_H
#define TAGFERRY_COMMON_BASE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 1000, JSON_FINDING_DIGITS_MAX = 19 };

/* True when `text` is exactly one JSON value, nested at most JSON_DEPTH_MAX deep. `at` receives the
 * offset of the first byte that is wrong, or `len`. */
bool json_text_is_valid(const char *text, size_t len, size_t *at);

/* A null, or a number that the check has read, so that a parser need not read it once more. */
struct json_finding {
    double number; /* the one that strtod returns in the C locale; 0 for null */
    size_t at;     /* offset of its first byte */
    uint8_t len;   /* bytes */
    bool is_null;
};
/* The caller's memory for `max` of them. */
struct json_findings {
    struct json_finding *item;
    size_t count, max;
};
/* The same check. It adds to the findings each null and each number that has no exponent and at
 * most JSON_FINDING_DIGITS_MAX digits, with those behind the point; without 128-bit integers of the
 * compiler, only some of these numbers. They are in the order of the text; those beyond `max` are
 * left out. */
bool json_text_check(const char *text, size_t len, size_t *at, struct json_findings *findings);

/* Skips what devices send around JSON: a byte order mark, and NULs and white space behind a closing
 * bracket. A NUL behind anything else is a fault: a number may be cut off there. Returns the number
 * of bytes before the text. */
size_t json_text_skip_padding(const char **text, size_t *len);

/* True when all `len` bytes are well-formed UTF-8, NUL characters included. */
bool utf8_is_valid(const char *text, size_t len);
/* Terminates untrusted text at its last byte, and empties it if it is not valid UTF-8. `size` > 0.
 */
void utf8_terminate_text(char *text, size_t size);
/* Length of the longest prefix of complete, well-formed UTF-8 characters within `max` bytes. */
size_t utf8_prefix_len(const char *text, size_t len, size_t max);

/* True for "" and for a sequence of "/token" in which 0 or 1 follows every ~. */
bool json_pointer_is_valid(const char *pointer);
/* Decodes the token after the slash at *pointer into `token`, moves *pointer to the next slash or
 * the end, and returns the token's length. A `size` of strlen(*pointer) is enough for every token;
 * a longer token is cut. */
size_t json_pointer_next_token(const char **pointer, char *token, size_t size);

#endif
