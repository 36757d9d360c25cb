/* The answers of a build without the dashboard: its table of files is empty. */
#include <string.h>

#include "api/base/embedded.h"
#include "api/page/page_routes.h"
#include "check.h"

const struct embedded web_files[] = {{NULL, NULL, 0}};

static void check_missing(const char *path, const char *detail)
{
    struct arena arena = {0};
    struct request request = {.method = METHOD_GET, .arena = &arena};
    struct response response = {0};
    const struct route_table *const tables[] = {&page_routes};
    const struct route_tables routes = {tables, 1};
    const struct route *route = NULL;
    const char *allow = NULL;
    assert_int_equal(route_find(&routes, METHOD_GET, path, &arena, &route, request.param, &allow),
                     ROUTE_FOUND);
    assert_true(route->open);
    assert_false(route->spare);
    route->handle(NULL, &request, &response);
    assert_int_equal(response.status, 404);
    assert_string_equal(response.content_type, "application/problem+json");
    assert_non_null(strstr(response.body.data, detail));
    assert_null(response.policy);
    text_finish(&response.body);
    arena_finish(&arena);
}

static void test_page(void **state)
{
    (void)state;
    check_missing("/", "built without the dashboard");
    check_missing("/", "curl");
}

static void test_asset(void **state)
{
    (void)state;
    check_missing("/assets/app.js", "has no file \\\"app.js\\\"");
    check_missing("/assets/index.html", "has no file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_page), cmocka_unit_test(test_asset)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
