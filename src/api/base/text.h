/* Text that grows, and JSON written into it. Pure. */
#ifndef TAGFERRY_API_BASE_TEXT_H
#define TAGFERRY_API_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero it before use. `data` belongs to the scope of the memory_run (request_memory.h), is NULL
 * before the first byte, and then ends with a NUL that `len` does not count. Functions that append
 * call memory_fail when out of memory. */
struct text {
    char *data;
    size_t len, size;
};

/* Append bytes, a string without its NUL, a character, a formatted text. The bytes must not lie in
 * the text itself. */
void text_append(struct text *text, const char *bytes, size_t len);
void text_puts(struct text *text, const char *string);
void text_putc(struct text *text, char c);
__attribute__((format(printf, 2, 3))) void text_printf(struct text *text, const char *format, ...);
/* Replaces `copy`, which may be zero, by a copy that outlives the request. Nothing may be appended
 * to it. False when out of memory: `copy` is then as before. */
bool text_keep_copy(struct text *copy, const struct text *text);
/* Frees the text and zeroes it. */
void text_finish(struct text *text);

/* Append JSON. Commas are added where needed: before each key or value that does not follow '{',
 * '[' or ':'. Strings are UTF-8. */
void json_open(struct text *text, char bracket);
void json_close(struct text *text, char bracket);
void json_write_key(struct text *text, const char *key); /* plain ASCII: it is not escaped */
void json_write_key_escaped(struct text *text, const char *key);
void json_write_string(struct text *text, const char *string);
void json_write_string_len(struct text *text, const char *string, size_t len);
void json_write_integer(struct text *text, int64_t number);
/* The shortest text that reads back as the same number; null for infinity and NaN. */
void json_write_real(struct text *text, double number);
void json_write_bool(struct text *text, bool truth);
void json_write_null(struct text *text);
/* A string with two hexadecimal digits for each byte. */
void json_write_hex(struct text *text, const char *bytes, size_t len);
/* Writes text that is JSON already. */
void json_write_raw(struct text *text, const char *json);
/* A string, or null for NULL. */
void json_write_string_or_null(struct text *text, const char *string);
/* "2026-01-02T03:04:05.678Z", or null for 0 and for years after 9999, which only a damaged file of
 * another process can give. */
void json_write_time(struct text *text, uint64_t wall_ms);

#endif
