/* Request targets: path and query decode to valid UTF-8, and encoded text decodes to itself. The
 * rest of the bytes are used as entity tags. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/etag.h"
#include "api/http/route.h"
#include "common/base/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct route rows[] = {
    {METHOD_GET, "/v1/devices", QUEUE_INLINE, .body = BODY_NONE},
    {METHOD_GET, "/v1/devices/{device}", QUEUE_INLINE, .body = BODY_NONE},
    {METHOD_PUT, "/v1/devices/{device}/tags/{tag}", QUEUE_STORE, .body = BODY_JSON},
};
static const struct route_table table = ROUTE_TABLE(rows);
static const struct route_table *const tables[] = {&table};
static const struct route_tables routes = ROUTE_TABLE(tables);

static void want_same(struct arena *arena, const char *text)
{
    const char *encoded = percent_encode(arena, text);
    const char *decoded = percent_decode(arena, encoded, strlen(encoded), true);
    if (!utf8_is_valid(text, strlen(text)) || !decoded || strcmp(decoded, text) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    const char *target = arena_strndup(&arena, (const char *)data, size);
    const char *question = strchrnul(target, '?'), *why = NULL, *allow = NULL;
    const char *param[PARAMS_MAX] = {NULL};
    const struct route *route = NULL;
    struct query_params query_params;
    const char *path = arena_strndup(&arena, target, (size_t)(question - target));
    if (route_find(&routes, METHOD_GET, path, &arena, &route, param, &allow) == ROUTE_FOUND) {
        for (size_t i = 0; i < PARAMS_MAX && param[i]; i++)
            want_same(&arena, param[i]);
    }
    if (*question &&
        query_params_parse(question + 1, "limit after q", &arena, &query_params, &why)) {
        for (size_t i = 0; i < query_params.count; i++)
            want_same(&arena, query_params.item[i].value);
    }
    etag_matches(target, "\"7\"", true);
    arena_finish(&arena);
    return 0;
}
