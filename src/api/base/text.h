/* Text that grows, and JSON written into it. Pure. */
#ifndef TAGFERRY_API_BASE_TEXT_H
#define TAGFERRY_API_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero it before use. `data` comes from memory.h and is ended by a NUL that does not count. Whoever
 * appends and finds no memory calls memory_fail. */
struct text {
    char *data;
    size_t len, size;
};

void text_append(struct text *text, const char *bytes, size_t len);
void text_puts(struct text *text, const char *string);
void text_putc(struct text *text, char c);
__attribute__((format(printf, 2, 3))) void text_printf(struct text *text, const char *format, ...);
/* Makes `copy`, which may be zero, a copy that outlives the request and is not to be appended to.
 * False when there is no memory; it is as before then. */
bool text_keep_copy(struct text *copy, const struct text *text);
void text_finish(struct text *text);

/* JSON. Commas come by themselves: a value follows '{', '[' or ':', or gets a comma in front. */
void json_open(struct text *text, char bracket);
void json_close(struct text *text, char bracket);
void json_write_key(struct text *text, const char *key); /* plain ASCII: it is not escaped */
void json_write_key_escaped(struct text *text, const char *key);
void json_write_string(struct text *text, const char *string);
void json_write_string_len(struct text *text, const char *string, size_t len);
void json_write_integer(struct text *text, int64_t number);
/* The shortest text that reads back the same; null when it is no finite number. */
void json_write_real(struct text *text, double number);
void json_write_bool(struct text *text, bool truth);
void json_write_null(struct text *text);
/* Writes text that is JSON already. */
void json_write_raw(struct text *text, const char *json);
/* A string, or null for NULL. */
void json_write_string_or_null(struct text *text, const char *string);
/* "2026-01-02T03:04:05.678Z", or null for 0. */
void json_write_time(struct text *text, uint64_t wall_ms);

#endif
