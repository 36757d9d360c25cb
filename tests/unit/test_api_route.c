/* Finds routes for paths. */
#include "check.h"

#include <string.h>

#include "api/http/route.h"

static const struct route rows[] = {
    {METHOD_GET, "/v1/devices", QUEUE_INLINE, .body = BODY_NONE},
    {METHOD_POST, "/v1/devices", QUEUE_STORE, .body = BODY_JSON},
    {METHOD_DELETE, "/v1/devices/{device}", QUEUE_STORE, .body = BODY_NONE},
    {METHOD_GET, "/v1/devices/{device}/tags/{tag}", QUEUE_INLINE, .body = BODY_NONE},
    {METHOD_GET, "/healthz", QUEUE_INLINE, .body = BODY_NONE},
    {METHOD_GET, "/v1/devices/fleet", QUEUE_INLINE, .body = BODY_NONE},
};
static const struct route more[] = {
    {METHOD_PUT, "/v1/devices/{device}", QUEUE_STORE, .body = BODY_JSON},
    {METHOD_POST, "/v1/devices/all", QUEUE_STORE, .body = BODY_JSON},
};
static const struct route_table table = ROUTE_TABLE(rows), other = ROUTE_TABLE(more);
static const struct route_table *const tables[] = {&table, &other};
static const struct route_tables routes = ROUTE_TABLE(tables);

static void test_find(void **state)
{
    static const struct {
        enum http_method method;
        const char *path;
        int row; /* -1: no path, -2: no method */
        const char *first, *second;
    } cases[] = {
        {METHOD_GET, "/v1/devices", 0, NULL, NULL},
        {METHOD_POST, "/v1/devices", 1, NULL, NULL},
        {METHOD_DELETE, "/v1/devices/a", 2, "a", NULL},
        {METHOD_DELETE, "/v1/devices/a%20b", 2, "a b", NULL},
        {METHOD_DELETE, "/v1/devices/a%2Fb", 2, "a/b", NULL},
        {METHOD_GET, "/v1/devices/a/tags/b", 3, "a", "b"},
        {METHOD_GET, "/healthz", 4, NULL, NULL},
        {METHOD_GET, "/", -1, NULL, NULL},
        {METHOD_GET, "", -1, NULL, NULL},
        {METHOD_GET, "*", -1, NULL, NULL},
        {METHOD_GET, "/v1/devices/", -1, NULL, NULL},
        {METHOD_GET, "//v1/devices", -1, NULL, NULL},
        {METHOD_GET, "/v1/device", -1, NULL, NULL},
        {METHOD_GET, "/v1/devicess", -1, NULL, NULL},
        {METHOD_GET, "/v1/devices/a/tags/b/c", -1, NULL, NULL},
        {METHOD_DELETE, "/v1/devices/%zz", -1, NULL, NULL},
        {METHOD_DELETE, "/v1/devices/%00", -1, NULL, NULL},
        {METHOD_GET, "/v1/devices/fleet", 5, NULL, NULL},
        {METHOD_DELETE, "/v1/devices/fleet", -2, NULL, NULL}, /* it is no device */
        {METHOD_PUT, "/v1/devices/fleet", -2, NULL, NULL},
        {METHOD_DELETE, "/v1/devices/all", -2, NULL, NULL},
        {METHOD_PUT, "/v1/devices", -2, NULL, NULL},
        {METHOD_OTHER, "/healthz", -2, NULL, NULL},
    };
    struct arena arena = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct route *route = NULL;
        const char *param[PARAMS_MAX] = {NULL}, *allow = NULL;
        enum route_result result =
            route_find(&routes, cases[i].method, cases[i].path, &arena, &route, param, &allow);
        if (cases[i].row < 0) {
            assert_int_equal(result, cases[i].row == -1 ? ROUTE_NO_PATH : ROUTE_NO_METHOD);
            continue;
        }
        assert_int_equal(result, ROUTE_FOUND);
        assert_ptr_equal(route, &rows[cases[i].row]);
        for (int j = 0; j < PARAMS_MAX; j++) {
            const char *expected = j == 0 ? cases[i].first : cases[i].second;
            if (expected)
                assert_string_equal(param[j], expected);
            else
                assert_null(param[j]);
        }
    }
    arena_finish(&arena);
}

static void test_allow(void **state)
{
    const struct route *route;
    const char *param[PARAMS_MAX], *allow = NULL;
    struct arena arena = {0};
    (void)state;
    route_find(&routes, METHOD_PATCH, "/v1/devices", &arena, &route, param, &allow);
    assert_string_equal(allow, "GET, HEAD, POST, OPTIONS");
    route_find(&routes, METHOD_PATCH, "/v1/devices/x", &arena, &route, param, &allow);
    assert_string_equal(allow, "PUT, DELETE, OPTIONS");
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find), cmocka_unit_test(test_allow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
