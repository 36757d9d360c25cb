/* Requests to another gateway: what is sent, and what becomes of each answer, whole, cut, slow, too
 * large or of another program. The server sends what the test says. */
#include "check.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/replica/replica_fetch.h"

enum { LARGE = 65536 };

static struct server {
    int listener;
    unsigned port;
    /* What it does with each connection. */
    const char *answer;
    size_t len;
    bool keeps;      /* the connection, after the answer */
    bool waits;      /* until the client closes the connection */
    int connections; /* so far */
    char request[4096];
} server;

static pthread_t server_thread;

/* Protects what both threads use of it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct server server_now(void)
{
    pthread_mutex_lock(&lock);
    struct server now = server;
    pthread_mutex_unlock(&lock);
    return now;
}

static void set_flag(bool *flag)
{
    pthread_mutex_lock(&lock);
    *flag = true;
    pthread_mutex_unlock(&lock);
}

/* Reads the head of a request, or something that is none. */
static bool read_request(int fd)
{
    char text[sizeof server.request] = "";
    for (size_t len = 0; !strstr(text, "\r\n\r\n") && text[0] != '\x16';) {
        ssize_t got = recv(fd, text + len, sizeof text - 1 - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
        text[len] = '\0';
    }
    pthread_mutex_lock(&lock);
    memcpy(server.request, text, sizeof text);
    pthread_mutex_unlock(&lock);
    return true;
}

static void *serve(void *context)
{
    char byte;
    int fd;
    (void)context;
    while ((fd = accept(server.listener, NULL, NULL)) >= 0) {
        pthread_mutex_lock(&lock);
        server.connections++;
        pthread_mutex_unlock(&lock);
        while (read_request(fd)) {
            const struct server plan = server_now();
            for (size_t sent = 0; sent < plan.len;) {
                ssize_t part = send(fd, plan.answer + sent, plan.len - sent, MSG_NOSIGNAL);
                if (part < 0)
                    break;
                sent += (size_t)part;
            }
            if (plan.waits)
                (void)!recv(fd, &byte, 1, 0);
            if (!plan.keeps)
                break;
        }
        close(fd);
    }
    return NULL;
}

static int begin_server(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    (void)state;
    replica_fetch_prepare_process();
    server.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server.listener, (struct sockaddr *)&at, len) != 0 ||
        listen(server.listener, 5) != 0 ||
        getsockname(server.listener, (struct sockaddr *)&at, &len) != 0)
        return -1;
    server.port = ntohs(at.sin_port);
    return pthread_create(&server_thread, NULL, serve, NULL);
}

static int end_server(void **state)
{
    (void)state;
    shutdown(server.listener, SHUT_RDWR);
    pthread_join(server_thread, NULL);
    close(server.listener);
    return 0;
}

static void answer_with(const char *answer, size_t len)
{
    pthread_mutex_lock(&lock);
    server.answer = answer;
    server.len = len;
    server.keeps = server.waits = false;
    pthread_mutex_unlock(&lock);
}

/* One request, and what has come of it. */
struct attempt {
    struct replica_fetch *fetch; /* NULL: a new one */
    struct api_settings settings;
    struct replica_request request;
    char url[100];
    struct replica_answer answer;
    struct replica_fault fault;
};

static struct attempt make_attempt(const char *scheme)
{
    struct attempt attempt = {.settings = {.follow_token_file = "", .follow_ca_file = ""},
                              .request = {.accept = "application/x",
                                          .limit = 1000,
                                          .timeout_ms = 30000,
                                          .connect_ms = 60000,
                                          .slow_s = 60}};
    snprintf(attempt.url, sizeof attempt.url, "%s://127.0.0.1:%u/api?secret=1", scheme,
             server.port);
    return attempt;
}

/* Compares the answer with "STATUS TYPE BODY", or with the code of the fault. */
static void check_attempt(const char *name, struct attempt *attempt, const char *expected)
{
    char got[1200];
    struct replica_fetch *fetch =
        attempt->fetch ? attempt->fetch : replica_fetch_create(NULL, NULL);
    attempt->request.url = attempt->url;
    bool ok = replica_fetch_get(fetch, &attempt->settings, &attempt->request, &attempt->answer,
                                &attempt->fault);
    if (ok)
        snprintf(got, sizeof got, "%ld %s %.*s", attempt->answer.status, attempt->answer.type,
                 attempt->answer.len < 100 ? (int)attempt->answer.len : 100, attempt->answer.body);
    else
        snprintf(got, sizeof got, "%s", replica_code_names[attempt->fault.code]);
    if (strcmp(got, expected) != 0)
        fail_msg("%s: %s: %s", name, got, attempt->fault.detail);
    if (!attempt->fetch)
        replica_fetch_destroy(fetch);
}

#define HEAD(length)                                                                               \
    "HTTP/1.1 200 OK\r\nContent-Type: application/x\r\nContent-Length: " #length "\r\n\r\n"

static void test_answers(void **state)
{
    static const struct {
        const char *name, *answer, *expected;
    } rows[] = {
        {"whole", HEAD(5) "hello", "200 application/x hello"},
        {"parameters",
         "HTTP/1.1 200 OK\r\nContent-Type: application/x; a=b\r\nContent-Length: 2\r\n\r\nhi",
         "200 application/x hi"},
        {"no type", "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nhi", "404  hi"},
        {"until the end", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>",
         "200 text/html <p>"},
        {"not modified", "HTTP/1.1 304 Same\r\n\r\n", "304  "},
        {"a redirect",
         "HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "302  "},
        {"cut", HEAD(50) "hello", "truncated"},
        {"cut in chunks",
         "HTTP/1.1 200 OK\r\nContent-Type: application/x\r\nTransfer-Encoding: "
         "chunked\r\n\r\n5\r\nhello\r\n",
         "truncated"},
        {"too large", HEAD(1001), "too_large"},
        {"nothing", "", "not_tagferry"},
        {"another protocol", "SSH-2.0-x\r\n", "not_tagferry"},
        {"bad encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: nothing\r\n\r\nx", "not_tagferry"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct attempt attempt = make_attempt("http");
        answer_with(rows[i].answer, strlen(rows[i].answer));
        check_attempt(rows[i].name, &attempt, rows[i].expected);
        if (attempt.fault.code != REPLICA_OK) {
            char url[60];
            snprintf(url, sizeof url, "http://127.0.0.1:%u/api: ", server.port);
            assert_memory_equal(attempt.fault.detail, url, strlen(url)); /* without the query */
        }
        assert_false(attempt.answer.is_slow || attempt.answer.is_given_up);
    }
}

/* Bodies of the limit and of one byte more; those of another type have 64 kB. */
static void test_sizes(void **state)
{
    static const struct {
        const char *type;
        size_t limit, body;
        const char *fault; /* or NULL */
    } rows[] = {
        {"application/x", 1000, 1000, NULL},     {"application/x", 1000, 1001, "too_large"},
        {"application/x", 200000, 200000, NULL}, {"application/x", 16383, 16383, NULL},
        {"application/x", 16384, 16384, NULL},   {"application/x", 16385, 16385, NULL},
        {"text/html", 200000, LARGE, NULL},      {"text/html", 200000, LARGE + 1, "not_tagferry"},
        {"text/html", 1000, 1000, NULL},         {"text/html", 1000, 1001, "not_tagferry"}};
    /* One for each: the server may still send the answer before. */
    static char answers[COUNT(rows)][200200];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct attempt attempt = make_attempt("http");
        char *answer = answers[i];
        size_t head = (size_t)snprintf(answer, sizeof answers[i],
                                       "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n", rows[i].type);
        for (size_t k = 0; k < rows[i].body; k++)
            answer[head + k] = (char)('a' + k % 26);
        answer_with(answer, head + rows[i].body);
        attempt.fetch = replica_fetch_create(NULL, NULL);
        attempt.request.limit = rows[i].limit;
        char expected[200];
        snprintf(expected, sizeof expected, "200 %s %.*s", rows[i].type, 100, answer + head);
        check_attempt(rows[i].type, &attempt, rows[i].fault ? rows[i].fault : expected);
        if (!rows[i].fault) {
            assert_int_equal(attempt.answer.len, rows[i].body);
            assert_memory_equal(attempt.answer.body, answer + head, rows[i].body);
            assert_int_equal(attempt.answer.body[rows[i].body], '\0');
        } else {
            assert_non_null(strstr(attempt.fault.detail, ": the answer is too large"));
        }
        replica_fetch_destroy(attempt.fetch);
    }
}

/* The head of a request has these lines. */
static void test_requests(void **state)
{
    char path[] = "/tmp/tagferry-token-XXXXXX";
    (void)state;
    int fd = mkstemp(path);
    struct attempt attempt = make_attempt("http");
    attempt.fetch = replica_fetch_create(NULL, NULL);
    answer_with(HEAD(2) "ok", strlen(HEAD(2) "ok"));
    set_flag(&server.keeps);
    int before = server_now().connections;
    check_attempt("plain", &attempt, "200 application/x ok");
    assert_memory_equal(server_now().request, "GET /api?secret=1 HTTP/1.1\r\n", 28);
    assert_non_null(strstr(server_now().request, "\r\nAccept: application/x\r\n"));
    assert_null(strstr(server_now().request, "Authorization"));
    assert_null(strstr(server_now().request, "If-None-Match"));
    attempt.request.if_none_match = "\"5-a\"";
    attempt.settings.follow_token_file = path;
    check_attempt("an empty token file", &attempt, "no_token");
    assert_non_null(strstr(attempt.fault.detail, "cannot be read: it is empty"));
    assert_int_equal(write(fd, "abc\tdef\nghi\n", 12), 12);
    close(fd);
    check_attempt("with a token", &attempt, "200 application/x ok");
    assert_non_null(strstr(server_now().request, "\r\nAuthorization: Bearer abc\r\n"));
    assert_non_null(strstr(server_now().request, "\r\nIf-None-Match: \"5-a\"\r\n"));
    assert_int_equal(server_now().connections, before + 1); /* it is kept */
    unlink(path);
    check_attempt("no token file", &attempt, "no_token");
    assert_non_null(strstr(attempt.fault.detail, "cannot be read: No such file"));
    replica_fetch_destroy(attempt.fetch);
    replica_fetch_destroy(NULL);
}

static void test_connections(void **state)
{
    (void)state;
    struct attempt tls = make_attempt("https");
    answer_with("HTTP/1.1 400 No\r\n\r\n", 19);
    check_attempt("no TLS", &tls, "tls_refused");
    struct attempt no_ca = make_attempt("https");
    no_ca.settings.follow_ca_file = "/nothing/here";
    check_attempt("no CA", &no_ca, "tls_refused");
    struct attempt other = make_attempt("ftp");
    check_attempt("another scheme", &other, "not_tagferry");
    struct attempt closed = make_attempt("http");
    snprintf(closed.url, sizeof closed.url, "http://127.0.0.1:1/");
    check_attempt("nobody listens", &closed, "unreachable");
    struct attempt slow = make_attempt("http");
    answer_with("", 0);
    set_flag(&server.waits);
    slow.request.timeout_ms = 100;
    check_attempt("no answer in time", &slow, "unreachable");
    assert_true(slow.answer.is_slow);
    struct attempt half = make_attempt("http");
    answer_with(HEAD(50) "half", strlen(HEAD(50) "half"));
    set_flag(&server.waits);
    half.request.timeout_ms = 1000;
    check_attempt("half of an answer in time", &half, "truncated");
    assert_true(half.answer.is_slow);
}

static bool stop_now(void *context)
{
    ++*(int *)context;
    return true;
}

static void test_given_up(void **state)
{
    int asked = 0;
    (void)state;
    struct attempt attempt = make_attempt("http");
    answer_with("", 0);
    set_flag(&server.waits);
    attempt.fetch = replica_fetch_create(stop_now, &asked);
    attempt.request.url = attempt.url;
    assert_false(replica_fetch_get(attempt.fetch, &attempt.settings, &attempt.request,
                                   &attempt.answer, &attempt.fault));
    assert_true(attempt.answer.is_given_up && !attempt.answer.is_slow);
    assert_int_equal(attempt.fault.code, REPLICA_OK);
    assert_true(asked > 0);
    replica_fetch_destroy(attempt.fetch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),  cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_requests), cmocka_unit_test(test_connections),
        cmocka_unit_test(test_given_up),
    };
    return cmocka_run_group_tests(tests, begin_server, end_server);
}
