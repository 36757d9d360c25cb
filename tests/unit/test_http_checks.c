/* The head of a request: which headers are read, which framing is refused, and what each check
 * answers, in their order. The results are compared with a file of tests/unit/api. */
#include "golden.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>

#include "api/http/accept.h"
#include "api/http/http_head.h"
#include "api/http/request_checks.h"

enum { HEADERS_MAX = 24 };

/* The headers that the library has, and what the tokens say. */
static struct {
    const char *header[HEADERS_MAX][2];
    size_t count;
    bool needs_token, refuses;
    struct text said;
} given;

int __wrap_MHD_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                     MHD_KeyValueIterator take, void *context);
bool __wrap_auth_needs_token(struct auth *auth);
bool __wrap_auth_check_request(struct auth *auth, const char *authorization, enum token_scope scope,
                               struct request *request, struct response *response);

int __wrap_MHD_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                     MHD_KeyValueIterator take, void *context)
{
    assert_null(connection);
    assert_int_equal(kind, MHD_HEADER_KIND);
    for (size_t i = 0; i < given.count; i++)
        assert_int_equal(take(context, kind, given.header[i][0], given.header[i][1]), MHD_YES);
    return (int)given.count;
}

bool __wrap_auth_needs_token(struct auth *auth)
{
    assert_null(auth);
    return given.needs_token;
}

bool __wrap_auth_check_request(struct auth *auth, const char *authorization, enum token_scope scope,
                               struct request *request, struct response *response)
{
    (void)request;
    assert_null(auth);
    text_printf(&given.said, "token %s, scope %s\n", authorization ? authorization : "-",
                scope == SCOPE_READ ? "read" : "write");
    if (given.refuses)
        response->status = 401;
    return !given.refuses;
}

static void handle_nothing(struct thread_ctx *thread_ctx, const struct request *request,
                           struct response *response)
{
    (void)thread_ctx, (void)request, (void)response;
}

static const struct route rows[] = {
    {METHOD_GET, "/things", QUEUE_INLINE, .handle = handle_nothing, .query_params = "limit q"},
    {METHOD_POST, "/things", QUEUE_STORE, BODY_JSON, .handle = handle_nothing,
     .operand = "operand"},
    {METHOD_PATCH, "/things/{thing}", QUEUE_STORE, BODY_PATCH, .handle = handle_nothing},
    {METHOD_POST, "/import", QUEUE_STORE, BODY_TABLE, .handle = handle_nothing},
    {METHOD_POST, "/preview", QUEUE_REPORT, BODY_JSON, .handle = handle_nothing, .reads = true},
    {METHOD_GET, "/open", QUEUE_INLINE, .handle = handle_nothing, .open = true},
    {METHOD_GET, "/health", QUEUE_INLINE, .handle = handle_nothing, .open = true, .spare = true},
};
static const struct route_table table = ROUTE_TABLE(rows);
static const struct route_table *const tables[] = {&table};
static const struct route_tables routes = ROUTE_TABLE(tables);

static void read_head(struct http_head *head, struct request *request,
                      const char *const headers[][2], size_t count)
{
    given.count = count;
    for (size_t i = 0; i < count; i++) {
        given.header[i][0] = headers[i][0];
        given.header[i][1] = headers[i][1];
    }
    http_head_read(NULL, head, request);
}

/* Runs the checks of a request, whose headers end with NULL, and says what comes of them. */
static void check_with(const char *const origins[], size_t origin_count, const char *method,
                       const char *uri, const char *const headers[][2])
{
    struct arena arena = {0};
    struct http_head head = {.method = method, .needs_host = true};
    struct request request = {.arena = &arena};
    struct response response = {0};
    struct request_checks checks;
    struct api_settings settings = {.max_body_bytes = 100, .max_import_bytes = 2000};
    struct text *said = &given.said;
    settings.cors_origins.count = origin_count;
    for (size_t i = 0; i < origin_count; i++)
        snprintf(settings.cors_origins.item[i], sizeof settings.cors_origins.item[i], "%s",
                 origins[i]);
    text_printf(said, "\n%s %s", method, uri);
    size_t count = 0;
    for (; headers[count][0]; count++)
        text_printf(said, ", %s: %s", headers[count][0], headers[count][1]);
    text_putc(said, '\n');
    read_head(&head, &request, headers, count);
    head.uri = uri;
    bool ok = request_checks_run(&settings, &routes, NULL, &head, &request, &response, &checks);
    if (ok) {
        text_printf(said, "ok: %s, path %s, param %s, limit %zu%s%s%s%s, q %s\n",
                    checks.route->pattern, request.path, request.param[0] ? request.param[0] : "-",
                    checks.body_limit, checks.is_head ? ", head" : "",
                    checks.takes_gzip ? ", gzip" : "", checks.origin ? ", origin " : "",
                    checks.origin ? checks.origin : "",
                    query_param(&request.query_params, "q", "-"));
        assert_ptr_equal(request.operand, checks.route->operand);
    } else {
        text_printf(said, "%d%s%s%s%s%s\n", response.status, response.close ? ", close" : "",
                    response.allow ? ", allow " : "", response.allow ? response.allow : "",
                    checks.preflight ? ", preflight of " : "",
                    checks.preflight ? checks.origin : "");
        if (response.body.len > 0)
            text_printf(said, "%s\n", response.body.data);
    }
    text_finish(&response.body);
    arena_finish(&arena);
}

#define CHECK(method, uri, ...)                                                                    \
    check_with(NULL, 0, method, uri,                                                               \
               (const char *const[][2]){{"Host", "10.0.0.5:5000"}, __VA_ARGS__{NULL, NULL}})
#define CHECK_FROM(origin, method, uri, ...)                                                       \
    check_with((const char *const[]){origin}, 1, method, uri,                                      \
               (const char *const[][2]){__VA_ARGS__, {NULL, NULL}})

static void finish(const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", TAGFERRY_API_ANSWERS, name);
    bool ok = golden_is_equal(path, given.said.data);
    text_finish(&given.said);
    memset(&given, 0, sizeof given);
    assert_true(ok);
}

static void test_checks(void **state)
{
    (void)state;
    CHECK("GET", "/things", );
    CHECK("HEAD", "/things?q=a%20b&limit=5", {"Accept-Encoding", "gzip"}, );
    CHECK("GET", "http://other.example/things?q=1", {"Authorization", "Bearer x"}, );
    CHECK("GET", "HTTPS://other.example?q=1", );
    CHECK("GET", "/things?limit=5&x=1", );
    CHECK("GET", "/things x", );
    CHECK("GET", "/nothing", );
    CHECK("PUT", "/things", );
    CHECK("TRACE", "/things", );
    CHECK("OPTIONS", "/things", );
    CHECK("OPTIONS", "/nothing", );
    CHECK("POST", "/things", {"Content-Length", "100"}, );
    CHECK("POST", "/things", {"Content-Length", "101"}, );
    CHECK("POST", "/import", {"Content-Length", "2000"},
          {"Content-Type", "text/csv; charset=utf-8"}, );
    CHECK("POST", "/import", {"Content-Length", "2001"}, );
    CHECK("POST", "/things", {"Content-Type", "APPLICATION/json ; x"}, );
    CHECK("POST", "/things", {"Content-Type", "application/jsonx"}, );
    CHECK("POST", "/things", {"Content-Type", "application/merge-patch+json"}, );
    CHECK("PATCH", "/things/a%2Fb", {"Content-Type", "application/merge-patch+json"}, );
    CHECK("PATCH", "/things/a", {"Content-Type", "application/json"}, );
    CHECK("POST", "/import", {"Content-Type", "application/json"}, );
    CHECK("POST", "/import", {"Content-Type", "application/octet-stream"}, );
    CHECK("POST", "/import", {"Content-Type", "text/tab-separated-values"}, );
    CHECK("POST", "/import", {"Content-Type", "application/vnd.ms-excel"}, );
    CHECK("POST", "/import", {"Content-Type", "text/html"}, );
    CHECK("POST", "/import", {"Content-Type", "application/x-www-form-urlencoded"}, );
    CHECK("POST", "/import", {"Content-Type", "application/x-www-form-urlencoded"},
          {"Sec-Fetch-Site", "same-origin"}, {"X-Requested-With", "x"}, );
    CHECK("POST", "/things", {"Content-Type", "application/x-www-form-urlencoded"}, );
    CHECK("POST", "/things", {"Content-Encoding", "identity"}, );
    CHECK("POST", "/things", {"Content-Encoding", "gzip"}, );
    CHECK("GET", "/things", {"Content-Encoding", "gzip"}, {"Content-Type", "text/html"}, );
    CHECK("POST", "/preview", );
    CHECK("GET", "/open", );
    CHECK("GET", "/health", );
    given.refuses = true;
    CHECK("GET", "/things", );
    CHECK("GET", "/nothing", );
    CHECK("GET", "/open", );
    finish("checks.txt");
}

static void test_browsers(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "127.0.0.1:5000",    "[::1]:5000",
                                        "localhost", "LOCALHOST:5000",    "localhost.evil.example",
                                        "10.1.1.1x", "evil.example:5000", "hmi.example",
                                        ":5000"};
    static const char *const sites[] = {"same-origin", "none", "same-site", "cross-site"};
    (void)state;
    for (size_t i = 0; i < COUNT(hosts); i++) {
        CHECK_FROM("https://hmi.example:8443", "GET", "/things", {"Host", hosts[i]},
                   {"Accept-Language", "de"});
        CHECK_FROM("*", "GET", "/things", {"Host", hosts[i]}, {"Accept-Language", "de"});
    }
    CHECK_FROM("https://hmi.example", "GET", "/things", {"Host", "evil.example"},
               {"User-Agent", "mozilla/5.0"});
    CHECK_FROM("https://hmi.example", "GET", "/things", {"Host", "evil.example"},
               {"User-Agent", "Mozilla"});
    CHECK_FROM("https://hmi.example", "GET", "/things", {"Host", "evil.example"}, {"Origin", "x"});
    CHECK_FROM("https://hmi.example", "GET", "/things", {"Host", "evil.example"},
               {"Sec-Fetch-Site", "x"});
    CHECK_FROM("https://hmi.example", "GET", "/health", {"Host", "evil.example"},
               {"Accept-Language", "de"});
    CHECK_FROM("https://hmi.example", "GET", "/open", {"Host", "evil.example"},
               {"Accept-Language", "de"});
    given.needs_token = true;
    CHECK_FROM("https://hmi.example", "GET", "/things", {"Host", "evil.example"},
               {"Accept-Language", "de"});
    for (size_t i = 0; i < COUNT(sites); i++) {
        CHECK_FROM("https://hmi.example", "POST", "/things", {"Host", "own:1"},
                   {"Sec-Fetch-Site", sites[i]});
        CHECK_FROM("https://hmi.example", "POST", "/things", {"Host", "own:1"},
                   {"Sec-Fetch-Site", sites[i]}, {"X-Requested-With", "tagferry"});
    }
    static const char *const pairs[][2] = {
        {"http://own:1", "own:1"},     {"http://own", "own"},
        {"http://own", "own:80"},      {"http://own", "own:443"},
        {"https://own", "own:443"},    {"https://own", "own:80"},
        {"http://own", "owner"},       {"own:1", "own:1"},
        {"http://OWN:1", "own:1"},     {"https://HMI.example", "x"},
        {"https://hmi.example.x", "x"}};
    for (size_t i = 0; i < COUNT(pairs); i++)
        CHECK_FROM("https://hmi.example", "POST", "/things", {"Host", pairs[i][1]},
                   {"Origin", pairs[i][0]}, {"X-Requested-With", "tagferry"});
    CHECK_FROM("https://hmi.example", "OPTIONS", "/things", {"Host", "x"},
               {"Origin", "https://hmi.example"}, {"Access-Control-Request-Method", "POST"});
    CHECK_FROM("https://hmi.example", "OPTIONS", "/things", {"Host", "x"},
               {"Origin", "https://other.example"}, {"Access-Control-Request-Method", "POST"});
    finish("browsers.txt");
}

/* Each header goes to its member; the first one counts. */
static void test_headers(void **state)
{
    static const char *const headers[][2] = {{"Accept", "1"},
                                             {"accept-encoding", "2"},
                                             {"Accept-Language", "3"},
                                             {"Access-Control-Request-Method", "4"},
                                             {"Authorization", "5"},
                                             {"Content-Encoding", "6"},
                                             {"Content-Length", "7"},
                                             {"Content-Type", "8"},
                                             {"Expect", "9"},
                                             {"Host", "10"},
                                             {"If-Match", "11"},
                                             {"If-None-Match", "12"},
                                             {"Origin", "13"},
                                             {"Sec-Fetch-Site", "14"},
                                             {"User-Agent", "16"},
                                             {"X-Request-Id", "17"},
                                             {"X-Requested-With", "18"},
                                             {"Accept", "19"}};
    struct arena arena = {0};
    struct http_head head = {.method = "GET", .needs_host = true};
    struct request request = {.arena = &arena};
    (void)state;
    read_head(&head, &request, headers, COUNT(headers));
    const char *const got[] = {request.accept,      head.accept_encoding, head.accept_language,
                               head.asked_method,   head.authorization,   head.content_encoding,
                               head.content_length, request.content_type, head.expect,
                               head.host,           request.if_match,     request.if_none_match,
                               head.origin,         head.fetch_site,      head.user_agent,
                               head.request_id,     head.requested_with};
    for (size_t i = 0; i < COUNT(got); i++)
        assert_string_equal(got[i], headers[i][1]);
    assert_null(head.transfer_encoding);
    assert_true(head.sane_framing && head_announces_body(&head));
    assert_int_equal(head_body_length(&head), 7);
    arena_finish(&arena);
}

static void test_framing(void **state)
{
    static const struct {
        const char *headers[3][2];
        bool needs_host, is_sane;
    } framings[] = {
        {{{"Host", "a"}}, true, true},
        {{{"Accept", "a"}}, true, false},
        {{{"Accept", "a"}}, false, true},
        {{{"Host", "a"}, {"host", "a"}}, true, false},
        {{{"Host", "a"}, {"host", "a"}}, false, false},
        {{{"Host", "a"}, {"Content-Length", "12"}}, true, true},
        {{{"Host", "a"}, {"Content-Length", "+12"}}, true, false},
        {{{"Host", "a"}, {"Content-Length", "12 "}}, true, false},
        {{{"Host", "a"}, {"Content-Length", NULL}}, true, false},
        {{{"Host", "a"}, {"Content-Length", "1"}, {"content-length", "1"}}, true, false},
        {{{"Host", "a"}, {"Transfer-Encoding", "chunked"}}, true, true},
        {{{"Host", "a"}, {"Transfer-Encoding", "CHUNKED"}}, true, true},
        {{{"Host", "a"}, {"Transfer-Encoding", "gzip"}}, true, false},
        {{{"Host", "a"}, {"Transfer-Encoding", NULL}}, true, false},
        {{{"Host", "a"}, {"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}}, true, false},
        {{{"Host", "a"}, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}},
         true,
         false},
        {{{"Host", "a"}, {"Content-Length5", "5"}}, true, false},
        {{{"Host", "a"}, {"Transfer-Encodingx", "chunked"}}, true, false},
        {{{"Host", "a"}, {"Accept ", "5"}}, true, false},
        {{{"Host", "a"}, {"Acc\tept", "5"}}, true, false},
        {{{"Host ", "a"}}, true, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(framings); i++) {
        struct arena arena = {0};
        struct http_head head = {.method = "GET", .needs_host = framings[i].needs_host};
        struct request request = {.arena = &arena};
        size_t count = 0;
        while (count < 3 && framings[i].headers[count][0])
            count++;
        read_head(&head, &request, framings[i].headers, count);
        if (head.sane_framing != framings[i].is_sane)
            fail_msg("row %zu", i);
        arena_finish(&arena);
    }
}

static void test_accept(void **state)
{
    static const struct {
        const char *accept;
        bool prefers;
    } accepts[] = {{NULL, false},
                   {"", false},
                   {"text/plain", true},
                   {"TEXT/plain", true},
                   {"text/plainx", false},
                   {"application/json", false},
                   {"text/plain, application/json", true},
                   {"application/json, text/plain", false},
                   {"application/json;q=0.5, text/plain", true},
                   {"text/plain;q=0.5,application/json", false},
                   {"text/plain;q=0.5,application/json;q=0.4", true},
                   {"text/plain;q=0", false},
                   {"text/plain, */*;q=0.1", true},
                   {"text/plain;charset=x;q=0.2, application/json;q=0.3", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(accepts); i++)
        check_row(accept_prefers(accepts[i].accept, "text/plain", "application/json") ==
                      accepts[i].prefers,
                  accepts[i].accept ? accepts[i].accept : "(none)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checks),  cmocka_unit_test(test_browsers),
        cmocka_unit_test(test_headers), cmocka_unit_test(test_framing),
        cmocka_unit_test(test_accept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
