/* A server that is down, silent, hangs up or refuses: results, reasons, back-off, losses, what is
 * asked again. */
#include "modbus_peer.h"

#include <netinet/tcp.h>
#include <stdio.h>

#include "common/base/clock.h"
#include "common/modbus/modbus_client.h"

enum { PATIENCE_MS = 30000, REASON_SIZE = 300 };

/* The time of the client, in µs; 0: it goes on. */
static uint64_t frozen_us;

uint64_t __real_clock_steady_us(void);
uint64_t __wrap_clock_steady_us(void);
uint64_t __real_clock_steady_ms(void);
uint64_t __wrap_clock_steady_ms(void);

uint64_t __wrap_clock_steady_us(void)
{
    return frozen_us != 0 ? frozen_us : __real_clock_steady_us();
}

uint64_t __wrap_clock_steady_ms(void)
{
    return frozen_us != 0 ? frozen_us / 1000 : __real_clock_steady_ms();
}

struct pair {
    struct modbus_peer *peer;
    struct modbus_client *client;
};

static struct modbus_client *client_of(const struct modbus_peer *peer, unsigned timeout_ms)
{
    struct net_addr server = {.port = peer->port};
    snprintf(server.host, sizeof server.host, "%s", peer->host);
    struct modbus_client *client = modbus_client_create(&server, timeout_ms);
    assert_non_null(client);
    return client;
}

static int start(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    frozen_us = 0;
    pair->peer = peer_create();
    pair->client = client_of(pair->peer, PATIENCE_MS);
    *state = pair;
    return 0;
}

static int end(void **state)
{
    struct pair *pair = *state;
    modbus_client_destroy(pair->client);
    modbus_client_destroy(NULL);
    peer_destroy(pair->peer);
    free(pair);
    return 0;
}

static enum modbus_result read_one(const struct pair *pair, uint8_t unit)
{
    uint16_t word;
    return modbus_client_read(pair->client, unit, TABLE_HOLDING_REGISTER, 7, 1, &word);
}

static enum modbus_result write_one(const struct pair *pair, uint8_t unit)
{
    const uint16_t word = 12345;
    return modbus_client_write(pair->client, unit, TABLE_HOLDING_REGISTER, 7, 1, &word);
}

/* The reason begins with the server. */
static void check_reason(const struct pair *pair, const char *rest)
{
    char expected[REASON_SIZE];
    snprintf(expected, sizeof expected, "%s:%u%s", pair->peer->host, pair->peer->port, rest);
    assert_string_equal(modbus_client_reason(pair->client), expected);
}

static void check_failure(const struct pair *pair, enum modbus_failure failure, uint64_t losses)
{
    assert_int_equal(modbus_client_failure(pair->client), failure);
    assert_int_equal(modbus_client_loss_count(pair->client), losses);
}

/* Without a server: 100 ms, doubled at each attempt, at most 5 s; no attempt in between. */
static void test_back_off(void **state)
{
    static const unsigned waits_ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
    struct pair *pair = *state;
    peer_stop(pair->peer);
    frozen_us = 1000000000;
    assert_int_equal(modbus_client_backoff_ms(pair->client), 0);
    for (uint64_t i = 0; i < COUNT(waits_ms); i++) {
        assert_int_equal(read_one(pair, 3), MODBUS_UNREACHABLE);
        check_failure(pair, MODBUS_NOT_CONNECTED, i + 1);
        check_reason(pair, ": cannot connect: Connection refused");
        assert_int_equal(modbus_client_backoff_ms(pair->client), waits_ms[i]);
        frozen_us += waits_ms[i] * 1000 - 1000;
        assert_int_equal(modbus_client_backoff_ms(pair->client), 1);
        assert_int_equal(read_one(pair, 3), MODBUS_UNREACHABLE);
        check_failure(pair, MODBUS_BACKS_OFF, i + 1);
        frozen_us += 1000;
        assert_int_equal(modbus_client_backoff_ms(pair->client), 0);
    }
    peer_start(pair->peer);
    assert_int_equal(read_one(pair, 3), MODBUS_OK);
    assert_int_equal(modbus_client_backoff_ms(pair->client), 0);
    peer_stop(pair->peer);
    assert_int_equal(read_one(pair, 3), MODBUS_UNREACHABLE); /* the connection is closed */
    check_failure(pair, MODBUS_NO_ANSWER, COUNT(waits_ms) + 1);
    check_reason(pair, ", unit 3: the server closed the connection");
    assert_int_equal(modbus_client_backoff_ms(pair->client), 100); /* from the start */
    assert_int_equal(modbus_client_socket(pair->client), -1);
    frozen_us = 0;
    peer_start(pair->peer);
}

static void test_exceptions(void **state)
{
    static const struct {
        uint8_t exception;
        const char *words;
    } rows[] = {{1, ", unit 6: exception 1, illegal function"},
                {2, ", unit 6: exception 2, illegal data address"},
                {11, ", unit 6: exception 11, gateway target device failed to respond"},
                {99, ", unit 6: exception 99, unknown"}};
    struct pair *pair = *state;
    peer_set(pair->peer, refused_address = 7);
    for (size_t i = 0; i < COUNT(rows); i++) {
        peer_set(pair->peer, exception = rows[i].exception);
        assert_int_equal(write_one(pair, 6), MODBUS_EXCEPTION);
        assert_int_equal(modbus_client_exception(pair->client), rows[i].exception);
        check_reason(pair, rows[i].words);
    }
    assert_int_equal(modbus_client_loss_count(pair->client), 0);
    assert_int_equal(modbus_client_backoff_ms(pair->client), 0);
    assert_int_equal(peer_count_requests(pair->peer), COUNT(rows));
}

/* They are reserved: nothing is sent. */
static void test_reserved_units(void **state)
{
    struct pair *pair = *state;
    char expected[64];
    peer_set(pair->peer, refused_address = 7);
    assert_int_equal(read_one(pair, 7), MODBUS_EXCEPTION);
    assert_int_equal(modbus_client_exception(pair->client), 2);
    for (unsigned unit = 248; unit <= 254; unit++) {
        assert_int_equal(read_one(pair, (uint8_t)unit), MODBUS_EXCEPTION);
        assert_int_equal(modbus_client_exception(pair->client), 0);
        snprintf(expected, sizeof expected, ": unit id %u is reserved", unit);
        check_reason(pair, expected);
    }
    assert_int_equal(peer_count_requests(pair->peer), 1);
    peer_set(pair->peer, refused_address = -1);
    assert_int_equal(read_one(pair, 247), MODBUS_OK);
    assert_int_equal(read_one(pair, 255), MODBUS_OK);
    assert_int_equal(peer_count_requests(pair->peer), 3);
}

static void test_silence(void **state)
{
    struct pair *pair = *state;
    modbus_client_destroy(pair->client);
    pair->client = client_of(pair->peer, 50);
    peer_set(pair->peer, is_silent[5] = true);
    assert_int_equal(read_one(pair, 5), MODBUS_UNREACHABLE);
    check_failure(pair, MODBUS_NO_ANSWER, 0);
    check_reason(pair, ", unit 5: no answer within 50 ms");
    assert_int_equal(modbus_client_socket(pair->client), -1);
    assert_int_equal(modbus_client_unit_wait_ms(pair->client, 5), 0); /* not by RTU */
    assert_int_equal(peer_count_requests(pair->peer), 1);             /* and not repeated */
}

/* What is asked again when the server closes the connection during a request. */
static void test_repeats(void **state)
{
    static const struct {
        const char *name;
        enum modbus_repeat repeat;
        bool is_write, was_in_use;
        size_t asked;
        uint64_t losses;
    } rows[] = {
        {"read, nothing", MODBUS_REPEAT_NOTHING, false, true, 1, 1},
        {"write, nothing", MODBUS_REPEAT_NOTHING, true, true, 1, 1},
        {"read, reads", MODBUS_REPEAT_READS, false, true, 2, 1},
        {"write, reads", MODBUS_REPEAT_READS, true, true, 1, 1},
        {"read, all", MODBUS_REPEAT_ALL, false, true, 2, 1},
        {"write, all", MODBUS_REPEAT_ALL, true, true, 2, 1},
        {"read, new connection", MODBUS_REPEAT_ALL, false, false, 1, 0},
        {"write, new connection", MODBUS_REPEAT_ALL, true, false, 1, 0},
    };
    struct pair *pair = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        modbus_client_destroy(pair->client);
        pair->client = client_of(pair->peer, PATIENCE_MS);
        modbus_client_set_repeat(pair->client, rows[i].repeat);
        if (rows[i].was_in_use)
            check_row(read_one(pair, 4) == MODBUS_OK, rows[i].name);
        peer_set(pair->peer, count = 0);
        peer_set(pair->peer, hangs_up = true);
        const enum modbus_result result = rows[i].is_write ? write_one(pair, 4) : read_one(pair, 4);
        check_row(result == MODBUS_UNREACHABLE, rows[i].name);
        check_row(peer_count_requests(pair->peer) == rows[i].asked, rows[i].name);
        check_failure(pair, MODBUS_NO_ANSWER, rows[i].losses);
        check_reason(pair, ", unit 4: the server closed the connection");
        peer_set(pair->peer, hangs_up = false);
    }
}

/* Closed while it was idle: who repeats connects again first, others fail once. */
static void test_restarts(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(read_one(pair, 4), MODBUS_OK);
    assert_false(modbus_client_check_closed(pair->client));
    peer_stop(pair->peer);
    peer_start(pair->peer);
    modbus_client_set_repeat(pair->client, MODBUS_REPEAT_READS);
    assert_int_equal(write_one(pair, 4), MODBUS_OK);
    assert_int_equal(modbus_client_loss_count(pair->client), 1);
    peer_stop(pair->peer);
    assert_true(modbus_client_check_closed(pair->client));
    assert_int_equal(modbus_client_loss_count(pair->client), 2);
    assert_int_equal(modbus_client_socket(pair->client), -1);
    assert_false(modbus_client_check_closed(pair->client));
    peer_start(pair->peer);
    assert_int_equal(read_one(pair, 4), MODBUS_OK); /* without back-off */
    assert_int_equal(modbus_client_loss_count(pair->client), 2);
}

static int option_of(const struct pair *pair, int level, int option)
{
    int value = -1;
    socklen_t size = sizeof value;
    const int fd = modbus_client_socket(pair->client);
    assert_int_equal(getsockopt(fd, level, option, &value, &size), 0);
    return value;
}

static void test_probes(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(read_one(pair, 1), MODBUS_OK);
    assert_int_equal(option_of(pair, SOL_SOCKET, SO_KEEPALIVE), 0);
    modbus_client_destroy(pair->client);
    pair->client = client_of(pair->peer, PATIENCE_MS);
    modbus_client_serve_units(pair->client, NULL, NULL);
    assert_int_equal(read_one(pair, 1), MODBUS_OK);
    assert_int_equal(option_of(pair, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option_of(pair, IPPROTO_TCP, TCP_KEEPIDLE), 10);
    assert_int_equal(option_of(pair, IPPROTO_TCP, TCP_KEEPINTVL), 5);
    assert_int_equal(option_of(pair, IPPROTO_TCP, TCP_KEEPCNT), 3);
}

static void test_interrupt(void **state)
{
    struct pair *pair = *state;
    assert_int_equal(read_one(pair, 1), MODBUS_OK);
    modbus_client_interrupt(pair->client);
    assert_int_equal(read_one(pair, 1), MODBUS_UNREACHABLE);
    check_failure(pair, MODBUS_BACKS_OFF, 0);
    assert_int_equal(peer_count_requests(pair->peer), 1);
    assert_int_equal(read_one(pair, 250), MODBUS_EXCEPTION); /* nobody is asked */
}

static void test_mask_write(void **state)
{
    struct pair *pair = *state;
    peer_set(pair->peer, registers[2][9] = 0x1234);
    assert_int_equal(modbus_client_mask_write(pair->client, 2, 9, 0x00F0, 0xFF5F), MODBUS_OK);
    assert_int_equal(peer_register(pair->peer, 2, 9), 0x1254);
    assert_int_equal(modbus_client_unmasked_count(pair->client), 0);
    assert_int_equal(peer_count_requests(pair->peer), 1);
    assert_int_equal(pair->peer->requests[0].function, FC_MASK_WRITE);
    /* A unit that refuses the function is read and written, from then on without trying it. */
    peer_set(pair->peer, refused_address = 9);
    peer_set(pair->peer, exception = 1);
    assert_int_equal(modbus_client_mask_write(pair->client, 2, 9, 0x00F0, 0), MODBUS_EXCEPTION);
    assert_int_equal(pair->peer->requests[1].function, FC_MASK_WRITE);
    assert_int_equal(pair->peer->requests[2].function, FC_READ_HOLDING_REGISTERS);
    assert_int_equal(peer_count_requests(pair->peer), 3);
    peer_set(pair->peer, refused_address = -1);
    assert_int_equal(modbus_client_mask_write(pair->client, 2, 9, 0x0FF0, 0xF12F), MODBUS_OK);
    assert_int_equal(peer_count_requests(pair->peer), 5);
    assert_int_equal(pair->peer->requests[3].function, FC_READ_HOLDING_REGISTERS);
    assert_int_equal(pair->peer->requests[4].function, FC_WRITE_REGISTER);
    assert_int_equal(peer_register(pair->peer, 2, 9), 0x1124);
    assert_int_equal(modbus_client_unmasked_count(pair->client), 1);
    assert_int_equal(modbus_client_mask_write(pair->client, 3, 9, 0xFFFF, 1), MODBUS_OK);
    assert_int_equal(pair->peer->requests[5].function, FC_MASK_WRITE); /* another unit */
    /* Another exception says nothing about the function. */
    peer_set(pair->peer, refused_address = 9);
    peer_set(pair->peer, exception = 2);
    assert_int_equal(modbus_client_mask_write(pair->client, 4, 9, 0x00F0, 0), MODBUS_EXCEPTION);
    assert_int_equal(peer_count_requests(pair->peer), 7);
}

/* Requests that are sent without waiting need a connection that has answered. */
static void test_begin_and_end(void **state)
{
    struct pair *pair = *state;
    uint16_t words[2] = {0, 0};
    peer_set(pair->peer, registers[1][7] = 4711);
    struct pipeline_request requests[2] = {
        {.unit = 1, .function = 3, .address = 7, .count = 1, .read = &words[0]},
        {.unit = 1, .function = 3, .address = 8, .count = 1, .read = &words[1]},
    };
    assert_int_equal(modbus_client_socket(pair->client), -1);
    assert_false(modbus_client_begin_requests(pair->client, requests, 2));
    assert_false(modbus_client_has_sent(pair->client));
    assert_int_equal(read_one(pair, 1), MODBUS_OK);
    requests[0].unit = 248;
    assert_false(modbus_client_begin_requests(pair->client, requests, 2));
    requests[0].unit = 1;
    for (size_t i = 0; i < 3; i++) {
        words[0] = words[1] = 9;
        assert_true(modbus_client_begin_requests(pair->client, requests, 2));
        assert_true(modbus_client_has_sent(pair->client));
        assert_int_equal(modbus_client_end_requests(pair->client, requests), MODBUS_OK);
        assert_false(modbus_client_has_sent(pair->client));
        assert_int_equal(words[0], 4711);
        assert_int_equal(words[1], 0);
    }
    assert_int_equal(peer_count_requests(pair->peer), 7);
    peer_set(pair->peer, hangs_up = true);
    assert_true(modbus_client_begin_requests(pair->client, requests, 2));
    assert_int_equal(modbus_client_end_requests(pair->client, requests), MODBUS_UNREACHABLE);
    check_failure(pair, MODBUS_NO_ANSWER, 1);
    check_reason(pair, ", unit 1: the server closed the connection");
    peer_set(pair->peer, hangs_up = false);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(test_back_off),      TEST(test_exceptions), TEST(test_reserved_units),
        TEST(test_silence),       TEST(test_repeats),    TEST(test_restarts),
        TEST(test_probes),        TEST(test_interrupt),  TEST(test_mask_write),
        TEST(test_begin_and_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
