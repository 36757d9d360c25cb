/* Matches paths with the patterns of a table. */
#include "api/http/route.h"

#include <string.h>

const char *const method_names[] = {"GET",   "HEAD",   "POST",    "PUT",
                                    "PATCH", "DELETE", "OPTIONS", NULL};

/* The parts of a path that stand where the pattern has its parameters, as they were sent. */
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

static bool route_decode_params(const struct path_params *parts, struct arena *arena,
                                const char *param[PARAMS_MAX])
{
    for (size_t i = 0; i < parts->count; i++) {
        param[i] = percent_decode(arena, parts->item[i].text, parts->item[i].len, false);
        if (!param[i] || *param[i] == '\0')
            return false;
    }
    return true;
}

static bool route_fits_path(const struct route *route, const char *path, struct arena *arena,
                            const char *param[PARAMS_MAX])
{
    struct path_params parts;
    return route_match_pattern(route->pattern, path, &parts) &&
           route_decode_params(&parts, arena, param);
}

/* "GET, HEAD, PUT, OPTIONS" */
static const char *route_list_methods(unsigned methods, struct arena *arena)
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
    *allow = route_list_methods(methods, arena);
    return ROUTE_NO_METHOD;
}
