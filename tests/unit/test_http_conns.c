/* Connections of one listening socket, on a clock of the test: each deadline and the moment before
 * it, which connection makes room for a new one, spares, what is counted and logged. */
#include "check.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/http/http_conns.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/shared/counters.h"

uint64_t __wrap_clock_steady_ms(void);
void __wrap_log_warning(const char *format, ...);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);

enum { ROOM = 40 };

static uint64_t now_ms;
static char logged[400];
static int lines;
static uint64_t acked; /* what the kernel says of the bytes that a client has */
static bool no_memory;

uint64_t __wrap_clock_steady_ms(void)
{
    return now_ms;
}

void __wrap_log_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(logged, sizeof logged, format, args);
    va_end(args);
    lines++;
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    assert_true(fd >= 0 && level == IPPROTO_TCP && name == TCP_INFO);
    assert_int_equal(*size, sizeof(struct tcp_info));
    *(struct tcp_info *)value = (struct tcp_info){.tcpi_bytes_acked = acked};
    return 0;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return no_memory ? NULL : __real_calloc(count, size);
}

struct fixture {
    struct http_conns conns;
    struct counters counters;
    _Atomic uint64_t values[API_COUNTERS];
    struct http_conn *conn[ROOM];
    int fd[ROOM], peer[ROOM];
    size_t count;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    f->counters = (struct counters){
        .rows = api_counters.rows, .count = api_counters.count, .values = f->values};
    f->conns = (struct http_conns){.limits = {.most = 3,
                                              .most_per_address = 2,
                                              .head_ms = 10000,
                                              .body_ms = 20000,
                                              .idle_ms = 30000},
                                   .counters = &f->counters};
    now_ms = 1000000;
    lines = 0;
    acked = 0;
    no_memory = false;
    strcpy(logged, "");
    return 0;
}

static void end_conn(struct fixture *f, size_t i)
{
    http_conns_remove(&f->conns, f->conn[i]);
    close(f->fd[i]);
    close(f->peer[i]);
    f->conn[i] = NULL;
    f->fd[i] = -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < f->count; i++) {
        if (f->fd[i] >= 0)
            end_conn(f, i);
    }
    assert_null(f->conns.first);
    assert_int_equal(f->conns.open, 0);
    assert_int_equal(f->conns.spares, 0);
    assert_int_equal(counters_get(&f->counters, API_CONNECTIONS), 0);
    free(f);
    return 0;
}

static struct http_conn *open_from(struct fixture *f, const struct sockaddr *address)
{
    int pair[2];
    assert_true(f->count < ROOM);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    size_t i = f->count++;
    f->fd[i] = pair[0];
    f->peer[i] = pair[1];
    return f->conn[i] = http_conns_add(&f->conns, pair[0], address);
}

static struct http_conn *open_conn(struct fixture *f, const char *address)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    assert_int_equal(inet_pton(AF_INET, address, &from.sin_addr), 1);
    return open_from(f, (const struct sockaddr *)&from);
}

/* True when the server has ended the connection: its client reads the end. */
static bool is_shut(struct fixture *f, size_t i)
{
    char byte;
    return recv(f->peer[i], &byte, 1, MSG_DONTWAIT) == 0;
}

static uint64_t count_of(struct fixture *f, enum api_counter counter)
{
    return counters_get(&f->counters, counter);
}

/* Sweeps at this time, whenever the last sweep was. */
static void sweep_at(struct fixture *f, uint64_t ms)
{
    now_ms = ms;
    f->conns.swept_ms = 0;
    http_conns_sweep(&f->conns);
}

static void test_addresses(void **state)
{
    struct fixture *f = *state;
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    assert_string_equal(open_conn(f, "10.1.2.3")->remote, "10.1.2.3");
    assert_string_equal(open_from(f, (const struct sockaddr *)&six)->remote, "::1");
    inet_pton(AF_INET6, "::ffff:10.1.2.3", &six.sin6_addr);
    assert_string_equal(open_from(f, (const struct sockaddr *)&six)->remote, "10.1.2.3");
    assert_memory_equal(&f->conn[0]->address, &f->conn[2]->address, 16);
    assert_int_equal(f->conns.open, 3);
    assert_int_equal(count_of(f, API_CONNECTIONS), 3);
    end_conn(f, 1); /* in the middle, then the newest, then the last */
    end_conn(f, 2);
    assert_ptr_equal(f->conns.first, f->conn[0]);
    end_conn(f, 0);
    assert_string_equal(open_from(f, NULL)->remote, "0.0.0.0");
    http_conns_remove(&f->conns, NULL);
}

static void test_deadlines(void **state)
{
    static const struct {
        enum http_wait wait;
        uint64_t ms;
        enum api_counter counter;
        const char *line;
    } rows[] = {
        {HTTP_WAIT_HEAD, 10000, API_CLOSED_HEAD,
         "10.0.0.1: connection closed: the head of its request did not arrive in time; 1 slow "
         "connection closed since the last such line"},
        {HTTP_WAIT_BODY, 20000, API_CLOSED_BODY,
         "10.0.0.1: connection closed: the body of its request arrived too slowly; 1 slow "
         "connection "
         "closed since the last such line"},
        {HTTP_WAIT_ANSWER, 20000, API_CLOSED_ANSWER,
         "10.0.0.1: connection closed: it read its answer too slowly; 1 slow connection closed "
         "since "
         "the last such line"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t begin = 1000000 * (i + 1);
        now_ms = begin;
        struct http_conn *conn = open_conn(f, "10.0.0.1");
        if (rows[i].wait == HTTP_WAIT_BODY)
            http_conn_await_body(&f->conns, conn, true);
        else if (rows[i].wait == HTTP_WAIT_ANSWER)
            http_conn_await_answer(&f->conns, conn);
        sweep_at(f, begin + rows[i].ms - 1);
        assert_false(is_shut(f, i));
        sweep_at(f, begin + rows[i].ms);
        assert_true(is_shut(f, i));
        assert_true(conn->closing);
        assert_int_equal(count_of(f, rows[i].counter), 1);
        assert_int_equal(count_of(f, API_CONNECTIONS), 0);
        assert_string_equal(logged, rows[i].line);
        assert_int_equal(lines, i + 1);
        sweep_at(f, begin + 10 * rows[i].ms); /* it is closed once */
        assert_int_equal(count_of(f, rows[i].counter), 1);
        end_conn(f, i);
    }
    now_ms = 9000000;
    struct http_conn *conn = open_conn(f, "10.0.0.1");
    http_conn_await_service(conn); /* has no deadline */
    sweep_at(f, 90000000);
    assert_false(is_shut(f, 3));
    http_conn_await_next(&f->conns, conn);
    assert_int_equal(conn->waits_since_ms, 90000000);
    sweep_at(f, 90000000 + 39999);
    assert_false(is_shut(f, 3));
    sweep_at(f, 90000000 + 40000);
    assert_true(is_shut(f, 3));
}

/* Of a body and of an answer 8 KiB extend the deadline, one byte less does not. */
static void test_progress(void **state)
{
    struct fixture *f = *state;
    uint64_t begin = now_ms;
    struct http_conn *conn = open_conn(f, "10.0.0.1");
    http_conn_await_body(&f->conns, conn, true);
    now_ms = begin + 100;
    http_conn_note_body(&f->conns, conn, 8191);
    assert_int_equal(conn->deadline_ms, begin + 20000);
    http_conn_note_body(&f->conns, conn, 8192);
    assert_int_equal(conn->deadline_ms, begin + 20100);
    now_ms = begin + 200;
    http_conn_note_body(&f->conns, conn, 16383);
    assert_int_equal(conn->deadline_ms, begin + 20100);
    http_conn_note_body(&f->conns, conn, 16384);
    assert_int_equal(conn->deadline_ms, begin + 20200);

    http_conn_await_answer(&f->conns, conn);
    acked = 8192;
    sweep_at(f, begin + 20200);
    assert_false(conn->closing);
    assert_int_equal(conn->deadline_ms, begin + 40200);
    acked = 16384;
    sweep_at(f, begin + 40199); /* not asked before the deadline */
    assert_int_equal(conn->progress, 8192);
    sweep_at(f, begin + 40200);
    assert_int_equal(conn->progress, 16384);
    acked = 16384 + 8191;
    sweep_at(f, begin + 60200);
    assert_true(conn->closing);
}

static void test_sweeps(void **state)
{
    struct fixture *f = *state;
    open_conn(f, "10.0.0.1");
    open_conn(f, "10.0.0.2");
    f->conns.swept_ms = now_ms + 10000;
    now_ms += 10249;
    http_conns_sweep(&f->conns);
    assert_false(f->conn[0]->closing);
    now_ms++;
    http_conns_sweep(&f->conns);
    assert_true(f->conn[0]->closing && f->conn[1]->closing);
    assert_int_equal(f->conns.swept_ms, now_ms);
    assert_string_equal(logged,
                        "10.0.0.2: connection closed: the head of its request did not arrive "
                        "in time; 1 slow connection closed since the last such line");
    assert_int_equal(lines, 1); /* for ten seconds */
    open_conn(f, "10.0.0.3");
    sweep_at(f, now_ms + 10000);
    assert_int_equal(lines, 2);
    assert_string_equal(logged,
                        "10.0.0.3: connection closed: the head of its request did not arrive "
                        "in time; 2 slow connections closed since the last such line");
}

static void test_room(void **state)
{
    struct fixture *f = *state;
    /* The third of one address closes the one that waits longest, of this address. */
    for (int i = 0; i < 3; i++) {
        open_conn(f, i == 0 ? "10.0.0.9" : "10.0.0.1");
        now_ms++;
    }
    open_conn(f, "10.0.0.1");
    assert_false(is_shut(f, 0));
    assert_true(is_shut(f, 1));
    assert_false(f->conn[3]->spare);
    assert_string_equal(logged,
                        "connection limit reached: 10.0.0.1 opened one more than 2 "
                        "(max_connections_per_ip); 1 connection too many since the last such line");
    assert_int_equal(count_of(f, API_CLOSED_FOR_ROOM), 1);
    assert_int_equal(f->conns.open, 3);
    /* A fourth in all closes the one of any address that waits longest. */
    open_conn(f, "10.0.0.2");
    assert_true(is_shut(f, 0));
    assert_int_equal(lines, 1);
    /* Those at work stay; an unwanted body is no work. */
    http_conn_await_service(f->conn[2]);
    http_conn_await_answer(&f->conns, f->conn[3]);
    http_conn_await_body(&f->conns, f->conn[4], false);
    now_ms += 10000;
    open_conn(f, "10.0.0.3");
    assert_true(is_shut(f, 4));
    assert_false(f->conn[5]->spare);
    assert_string_equal(logged,
                        "connection limit reached: 10.0.0.3 opened one more than 3 "
                        "(max_connections); 2 connections too many since the last such line");
    http_conn_await_body(&f->conns, f->conn[5], true);
    open_conn(f, "10.0.0.4");
    assert_true(f->conn[6]->spare);
    assert_int_equal(count_of(f, API_CLOSED_FOR_ROOM), 3);
    assert_int_equal(f->conns.open, 4);
    assert_int_equal(f->conns.spares, 1);
    /* A spare takes no place: when one ends, the next is no spare. */
    end_conn(f, 5);
    open_conn(f, "10.0.0.5");
    assert_false(f->conn[7]->spare);
}

/* Sixteen spares; a seventeenth closes the spare that waits longest, and is refused when all work.
 */
static void test_spares(void **state)
{
    struct fixture *f = *state;
    f->conns.limits = (struct http_limits){.most = 1, .head_ms = 10000, .body_ms = 10000};
    http_conn_await_service(open_conn(f, "10.0.0.1"));
    for (size_t i = 1; i <= HTTP_SPARES; i++) {
        now_ms++;
        assert_true(open_conn(f, "10.0.0.1")->spare);
    }
    assert_int_equal(f->conns.spares, HTTP_SPARES);
    assert_int_equal(count_of(f, API_CLOSED_FOR_ROOM), 0);
    struct http_conn *next = open_conn(f, "10.0.0.1");
    assert_true(next->spare && !next->closing && f->conn[1]->closing);
    assert_int_equal(f->conns.spares, HTTP_SPARES);
    assert_int_equal(count_of(f, API_CLOSED_FOR_ROOM), 1);
    for (size_t i = 2; i < f->count; i++)
        http_conn_await_service(f->conn[i]);
    next = open_conn(f, "10.0.0.1");
    assert_true(next->closing);
    assert_true(is_shut(f, f->count - 1));
    assert_int_equal(count_of(f, API_REFUSED_LIMIT), 1);
    assert_int_equal(count_of(f, API_CONNECTIONS), HTTP_SPARES + 1);
    assert_int_equal(f->conns.spares, HTTP_SPARES);
    end_conn(f, f->count - 1);
    assert_int_equal(f->conns.open, HTTP_SPARES + 1);
    assert_int_equal(f->conns.spares, HTTP_SPARES);
    /* The end of one at work makes room for one that is none. */
    end_conn(f, 0);
    assert_false(open_conn(f, "10.0.0.1")->spare);
}

/* Of two that wait equally long the older one goes. */
static void test_equal_waits(void **state)
{
    struct fixture *f = *state;
    f->conns.limits.most_per_address = 0;
    for (int i = 0; i < 4; i++)
        open_conn(f, "10.0.0.1");
    assert_true(f->conn[0]->closing && !f->conn[1]->closing && !f->conn[2]->closing);
}

static void test_no_memory(void **state)
{
    struct fixture *f = *state;
    no_memory = true;
    assert_null(open_conn(f, "10.0.0.1"));
    no_memory = false;
    assert_true(is_shut(f, 0));
    assert_int_equal(count_of(f, API_REFUSED_MEMORY), 1);
    assert_int_equal(f->conns.open, 0);
}

/* What has arrived is read before a connection is closed. */
static void test_unread(void **state)
{
    struct fixture *f = *state;
    char bytes[40000] = "";
    open_conn(f, "10.0.0.1");
    assert_int_equal(send(f->peer[0], bytes, sizeof bytes, 0), sizeof bytes);
    http_conns_remove(&f->conns, f->conn[0]);
    f->conn[0] = NULL;
    assert_int_equal(recv(f->fd[0], bytes, sizeof bytes, MSG_DONTWAIT), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_addresses),   TEST(test_deadlines), TEST(test_progress),
        TEST(test_sweeps),      TEST(test_room),      TEST(test_spares),
        TEST(test_equal_waits), TEST(test_no_memory), TEST(test_unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
