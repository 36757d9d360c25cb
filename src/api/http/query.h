/* The query of a URL, and percent-encoding (RFC 3986). Pure. */
#ifndef TAGFERRY_API_HTTP_QUERY_H
#define TAGFERRY_API_HTTP_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/base/arena.h"

enum { QUERY_PARAMS_MAX = 32 };

struct query_param {
    const char *name, *value;
};
struct query_params {
    size_t count;
    struct query_param item[QUERY_PARAMS_MAX];
};

/* Decodes %XX, and + as a blank if `plus` is set. NULL for an invalid escape, a NUL, or invalid
 * UTF-8. */
const char *percent_decode(struct arena *arena, const char *text, size_t len, bool plus);
/* Encodes all characters except the unreserved ones. */
const char *percent_encode(struct arena *arena, const char *text);

/* Parses "a=b&c=d". Each name must be in `allowed`, a list such as "limit after q topic*", and
 * appear at most once, unless a * follows it in the list. False with a sentence in *why. */
bool query_params_parse(const char *query, const char *allowed, struct arena *arena,
                        struct query_params *query_params, const char **why);
/* Returns the value, the first one of several, or `fallback` if the parameter is missing. */
const char *query_param(const struct query_params *query_params, const char *name,
                        const char *fallback);
/* Reads an integer from `min`, at least 0, to `max` into *number; leaves *number unchanged if the
 * parameter is missing. False with a sentence in *why. */
bool query_param_number(const struct query_params *query_params, const char *name, int64_t min,
                        int64_t max, struct arena *arena, int64_t *number, const char **why);

#endif
