/* Matches paths part by part. */
#include "api/route.h"

#include <string.h>

const char *const method_names[] = {"GET",   "HEAD",   "POST",    "PUT",
                                    "PATCH", "DELETE", "OPTIONS", NULL};

/* The length of the part that begins behind the slash at `path`, which it has. */
static size_t part_len(const char *path)
{
    return strcspn(path + 1, "/");
}

static bool match_part(const char *pattern, size_t pattern_len, const char *path, size_t path_len,
                       struct arena *arena, const char *param[PARAMS_MAX], size_t *params)
{
    if (pattern[0] != '{')
        return pattern_len == path_len && memcmp(pattern, path, path_len) == 0;
    const char *decoded = percent_decode(arena, path, path_len, false);
    if (!decoded || *decoded == '\0' || *params == PARAMS_MAX)
        return false;
    param[(*params)++] = decoded;
    return true;
}

static bool match(const char *pattern, const char *path, struct arena *arena,
                  const char *param[PARAMS_MAX])
{
    size_t params = 0;
    while (*pattern == '/' && *path == '/') {
        size_t pattern_len = part_len(pattern), path_len = part_len(path);
        if (!match_part(pattern + 1, pattern_len, path + 1, path_len, arena, param, &params))
            return false;
        pattern += 1 + pattern_len;
        path += 1 + path_len;
    }
    return *pattern == '\0' && *path == '\0';
}

/* "GET, HEAD, PUT, OPTIONS" */
static const char *list_methods(unsigned methods, struct arena *arena)
{
    const char *list = "";
    methods |= 1U << METHOD_OPTIONS;
    if (methods & 1U << METHOD_GET)
        methods |= 1U << METHOD_HEAD;
    for (unsigned i = 0; method_names[i]; i++) {
        if (methods & 1U << i)
            list = arena_format(arena, "%s%s%s", list, *list ? ", " : "", method_names[i]);
    }
    return list;
}

enum route_result route_find(const struct route_table *table, enum method method, const char *path,
                             struct arena *arena, const struct route **route,
                             const char *param[PARAMS_MAX], const char **allow)
{
    unsigned methods = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct route *row = &table->rows[i];
        const char *found[PARAMS_MAX] = {NULL};
        if (!match(row->pattern, path, arena, found))
            continue;
        if (row->method == method) {
            *route = row;
            memcpy(param, found, sizeof found);
            return ROUTE_FOUND;
        }
        methods |= 1U << row->method;
    }
    if (methods == 0)
        return ROUTE_NO_PATH;
    *allow = list_methods(methods, arena);
    return ROUTE_NO_METHOD;
}
