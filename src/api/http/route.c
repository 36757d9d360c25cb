/* Matches a path with the patterns of the tables. */
#include "api/http/route.h"

#include <string.h>

#include "common/base/require.h"

const char *const method_names[] = {"GET",   "HEAD",   "POST",    "PUT",
                                    "PATCH", "DELETE", "OPTIONS", NULL};

_Static_assert(sizeof method_names / sizeof method_names[0] == METHOD_OTHER + 1,
               "a name for each method");

/* Compares byte by byte, since most rows of a table differ early; decodes the parameters only when
 * the whole path fits. */
static bool route_fits_path(const struct route *route, const char *path, struct arena *arena,
                            const char *param[PARAMS_MAX])
{
    const char *pattern = route->pattern;
    size_t count = 0;
    struct {
        const char *text; /* as sent */
        size_t len;
    } parts[PARAMS_MAX];
    while (*pattern) {
        if (*pattern == '{') {
            REQUIRE(count < PARAMS_MAX);
            size_t len = (size_t)(strchrnul(path, '/') - path);
            parts[count].text = path;
            parts[count++].len = len;
            path += len;
            pattern = strchrnul(pattern, '/');
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    if (*path)
        return false;
    for (size_t i = 0; i < count; i++) {
        param[i] = percent_decode(arena, parts[i].text, parts[i].len, false);
        if (!param[i] || *param[i] == '\0')
            return false;
    }
    return true;
}

/* True when a row has exactly this path: those with a parameter in its place are not meant. */
static bool route_has_plain_path(const struct route_tables *routes, const char *path)
{
    for (size_t i = 0; i < routes->count; i++) {
        const struct route_table *table = routes->tables[i];
        for (size_t j = 0; j < table->count; j++) {
            if (strcmp(table->rows[j].pattern, path) == 0)
                return true;
        }
    }
    return false;
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
            if (row->method == method && route_fits_path(row, path, arena, param) &&
                (!strchr(row->pattern, '{') || !route_has_plain_path(routes, path))) {
                *route = row;
                return ROUTE_FOUND;
            }
        }
    }
    for (size_t i = 0; i < routes->count; i++) {
        const struct route_table *table = routes->tables[i];
        for (size_t j = 0; j < table->count; j++) {
            if (route_fits_path(&table->rows[j], path, arena, param) &&
                (!strchr(table->rows[j].pattern, '{') || !route_has_plain_path(routes, path)))
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
