/* Matches paths with the patterns of a table. */
#include "api/http/route.h"

#include <string.h>

const char *const method_names[] = {"GET",   "HEAD",   "POST",    "PUT",
                                    "PATCH", "DELETE", "OPTIONS", NULL};

_Static_assert(sizeof method_names / sizeof method_names[0] == METHOD_OTHER + 1,
               "a name for each method");

/* The parts of a path at the places of the pattern's parameters, as they were sent. */
struct path_params {
    size_t count;
    struct {
        const char *text;
        size_t len;
    } item[PARAMS_MAX];
};

/* Compares byte by byte: most of a table's rows differ early. */
static bool route_match_pattern(const char *pattern, const char *path, struct path_params *parts)
{
    *parts = (struct path_params){0};
    while (*pattern) {
        if (*pattern == '{' && parts->count < PARAMS_MAX) {
            size_t len = (size_t)(strchrnul(path, '/') - path);
            parts->item[parts->count].text = path;
            parts->item[parts->count++].len = len;
            path += len;
            pattern = strchrnul(pattern, '/');
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

static bool route_fits_path(const struct route *route, const char *path, struct arena *arena,
                            const char *param[PARAMS_MAX])
{
    struct path_params parts;
    if (!route_match_pattern(route->pattern, path, &parts))
        return false;
    for (size_t i = 0; i < parts.count; i++) {
        param[i] = percent_decode(arena, parts.item[i].text, parts.item[i].len, false);
        if (!param[i] || *param[i] == '\0')
            return false;
    }
    return true;
}

enum route_result route_find(const struct route_tables *routes, enum http_method method,
                             const char *path, struct arena *arena, const struct route **route,
                             const char *param[PARAMS_MAX], const char **allow)
{
    unsigned methods = 0;
    for (size_t i = 0; i < routes->count; i++) {
        const struct route_table *table = routes->tables[i];
        for (size_t j = 0; j < table->count; j++) {
            const struct route *row = &table->rows[j];
            if (row->method == method && route_fits_path(row, path, arena, param)) {
                *route = row;
                return ROUTE_FOUND;
            }
        }
    }
    for (size_t i = 0; i < routes->count; i++) {
        const struct route_table *table = routes->tables[i];
        for (size_t j = 0; j < table->count; j++) {
            if (route_fits_path(&table->rows[j], path, arena, param))
                methods |= 1U << table->rows[j].method;
        }
    }
    if (methods == 0)
        return ROUTE_NO_PATH;
    /* "GET, HEAD, PUT, OPTIONS" */
    *allow = "";
    methods |= 1U << METHOD_OPTIONS;
    if (methods & 1U << METHOD_GET)
        methods |= 1U << METHOD_HEAD;
    for (unsigned i = 0; method_names[i]; i++) {
        if (methods & 1U << i)
            *allow = arena_format(arena, "%s%s%s", *allow, **allow ? ", " : "", method_names[i]);
    }
    return ROUTE_NO_METHOD;
}
