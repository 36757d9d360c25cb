/* Matches paths with the patterns of a table. */
#include "api/http/route.h"

#include <string.h>

const char *const method_names[] = {"GET",   "HEAD",   "POST",    "PUT",
                                    "PATCH", "DELETE", "OPTIONS", NULL};

/* The parts of a path that stand where the pattern has its parameters, as they were sent. */
struct parts {
    size_t count;
    struct {
        const char *text;
        size_t len;
    } item[PARAMS_MAX];
};

/* Compares byte by byte: most of a table's rows differ early. */
static bool match(const char *pattern, const char *path, struct parts *parts)
{
    *parts = (struct parts){0};
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

static bool decode(const struct parts *parts, struct arena *arena, const char *param[PARAMS_MAX])
{
    for (size_t i = 0; i < parts->count; i++) {
        param[i] = percent_decode(arena, parts->item[i].text, parts->item[i].len, false);
        if (!param[i] || *param[i] == '\0')
            return false;
    }
    return true;
}

static bool fits(const struct route *route, const char *path, struct arena *arena,
                 const char *param[PARAMS_MAX])
{
    struct parts parts;
    return match(route->pattern, path, &parts) && decode(&parts, arena, param);
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
        if (row->method == method && fits(row, path, arena, param)) {
            *route = row;
            return ROUTE_FOUND;
        }
    }
    for (size_t i = 0; i < table->count; i++) {
        if (fits(&table->rows[i], path, arena, param))
            methods |= 1U << table->rows[i].method;
    }
    if (methods == 0)
        return ROUTE_NO_PATH;
    *allow = list_methods(methods, arena);
    return ROUTE_NO_METHOD;
}
