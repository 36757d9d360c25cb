/* The answers of a build with the dashboard. */
#include <string.h>

#include "api/base/embedded.h"
#include "api/page/page_routes.h"
#include "check.h"

/* As gzip ends: the checksum, least significant byte first, and the size, here 0x0012c. */
#define GZIP_END "\x04\xa3\x02\x10\x2c\x01\x00\x00"

const struct embedded web_files[] = {
    {"app-1.js", "script-of-the-page" GZIP_END, 26},
    {"index.html", "the-page-itself" GZIP_END, 23},
    {"a.css", "style-of-page" GZIP_END, 21},
    {"a.b.svg", "image-of-page" GZIP_END, 21},
    {"font.woff", "glyph-of-page" GZIP_END, 21},
    {"LICENSE", "words-of-page" GZIP_END, 21},
    {NULL, NULL, 0},
};

static struct response ask(const char *path, const char *if_none_match, struct arena *arena)
{
    struct request request = {.method = METHOD_GET, .arena = arena, .if_none_match = if_none_match};
    struct response response = {0};
    const struct route_table *const tables[] = {&page_routes};
    const struct route_tables routes = {tables, 1};
    const struct route *route = NULL;
    const char *allow = NULL;
    assert_int_equal(route_find(&routes, METHOD_GET, path, arena, &route, request.param, &allow),
                     ROUTE_FOUND);
    assert_true(route->open);
    route->handle(NULL, &request, &response);
    return response;
}

static void test_files(void **state)
{
    static const struct {
        const char *path, *type, *body, *cache;
    } rows[] = {
        {"/", "text/html; charset=utf-8", "the-page-itself" GZIP_END, NULL},
        {"/assets/app-1.js", "text/javascript; charset=utf-8", "script-of-the-page" GZIP_END,
         "public"},
        {"/assets/a.css", "text/css; charset=utf-8", "style-of-page" GZIP_END, "public"},
        {"/assets/a.b.svg", "image/svg+xml", "image-of-page" GZIP_END, "public"},
        {"/assets/font.woff", "application/octet-stream", "glyph-of-page" GZIP_END, "public"},
        {"/assets/LICENSE", "application/octet-stream", "words-of-page" GZIP_END, "public"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena = {0};
        struct response response = ask(rows[i].path, NULL, &arena);
        size_t len = strlen(rows[i].body) + 2; /* two bytes 0 end the size */
        assert_int_equal(response.status, 200);
        assert_string_equal(response.content_type, rows[i].type);
        assert_string_equal(response.etag, "\"1002a304-12c\"");
        assert_string_equal(response.policy,
                            "default-src 'self'; object-src 'none'; base-uri 'none'; "
                            "frame-ancestors 'none'; form-action 'none'");
        assert_true(response.packed);
        assert_int_equal(response.body.len, len);
        assert_memory_equal(response.body.data, rows[i].body, len);
        if (rows[i].cache)
            assert_string_equal(response.cache_control, "public, max-age=31536000, immutable");
        else
            assert_null(response.cache_control);
        text_finish(&response.body);
        arena_finish(&arena);
    }
}

static void test_known_files_are_not_sent(void **state)
{
    static const struct {
        const char *if_none_match;
        int status;
    } rows[] = {{"\"1002a304-12c\"", 304},        {"W/\"1002a304-12c\"", 304},
                {"\"x\", \"1002a304-12c\"", 304}, {"*", 304},
                {"\"1002a304-12b\"", 200},        {"\"1002a305-12c\"", 200}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena = {0};
        struct response response = ask("/assets/app-1.js", rows[i].if_none_match, &arena);
        check_row(response.status == rows[i].status, rows[i].if_none_match);
        assert_string_equal(response.etag, "\"1002a304-12c\"");
        assert_string_equal(response.cache_control, "public, max-age=31536000, immutable");
        assert_non_null(response.policy);
        check_row((response.body.len == 0) == (rows[i].status == 304), rows[i].if_none_match);
        text_finish(&response.body);
        arena_finish(&arena);
    }
}

static void test_other_names(void **state)
{
    static const struct {
        const char *path, *detail;
    } rows[] = {
        {"/assets/index.html", "The dashboard has no file \\\"index.html\\\"."},
        {"/assets/app.js", "The dashboard has no file \\\"app.js\\\"."},
        {"/assets/app-1.js2", "The dashboard has no file \\\"app-1.js2\\\"."},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena = {0};
        struct response response = ask(rows[i].path, NULL, &arena);
        assert_int_equal(response.status, 404);
        check_row(strstr(response.body.data, rows[i].detail), rows[i].path);
        assert_null(response.cache_control);
        assert_null(response.policy);
        assert_false(response.packed);
        text_finish(&response.body);
        arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_known_files_are_not_sent),
        cmocka_unit_test(test_other_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
