/* The query of a URL, and percent-encoding (RFC 3986). Pure. */
#ifndef TAGFERRY_API_HTTP_QUERY_H
#define TAGFERRY_API_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/arena.h"

enum { ARGUMENTS_MAX = 16 };

struct argument {
    const char *name, *value;
};
struct arguments {
    size_t count;
    struct argument item[ARGUMENTS_MAX];
};

/* Decodes %XX, and + as a blank when `plus` is set. NULL for a broken escape, for a NUL, and for
 * what is no UTF-8. */
const char *percent_decode(struct arena *arena, const char *text, size_t len, bool plus);
/* Writes the text with all but unreserved characters encoded. */
const char *percent_encode(struct arena *arena, const char *text);

/* Reads "a=b&c=d". Names must be among `allowed`, a list such as "limit after q", each at most
 * once. False with a sentence in *why. */
bool arguments_parse(const char *query, const char *allowed, struct arena *arena,
                     struct arguments *arguments, const char **why);
/* The value, or `fallback` when it is not there. */
const char *argument(const struct arguments *arguments, const char *name, const char *fallback);
/* Reads a whole number within limits into *number, which keeps its default when the argument is
 * missing. False with a sentence in *why. */
bool argument_number(const struct arguments *arguments, const char *name, long min, long max,
                     struct arena *arena, long *number, const char **why);

#endif
