/* The query of a URL, and percent-encoding (RFC 3986). Pure. */
#ifndef TAGFERRY_API_HTTP_QUERY_H
#define TAGFERRY_API_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/arena.h"

enum { QUERY_PARAMS_MAX = 16 };

struct query_param {
    const char *name, *value;
};
struct query_params {
    size_t count;
    struct query_param item[QUERY_PARAMS_MAX];
};

/* Decodes %XX, and + as a blank when `plus` is set. NULL for an invalid escape, for a NUL, and
 * for text that is not UTF-8. */
const char *percent_decode(struct arena *arena, const char *text, size_t len, bool plus);
/* Writes the text with all but unreserved characters encoded. */
const char *percent_encode(struct arena *arena, const char *text);

/* Reads "a=b&c=d". Names must be among `allowed`, a list such as "limit after q", each at most
 * once. False with a sentence in *why. */
bool query_params_parse(const char *query, const char *allowed, struct arena *arena,
                        struct query_params *query_params, const char **why);
/* The value, or `fallback` when it is not there. */
const char *query_param(const struct query_params *query_params, const char *name,
                        const char *fallback);
/* Reads an integer from `min`, which is 0 or more, to `max` into *number, which keeps its value
 * when the parameter is missing. False with a sentence in *why. */
bool query_param_number(const struct query_params *query_params, const char *name, long min,
                        long max, struct arena *arena, long *number, const char **why);

#endif
