/* One request, and a server whose answer is right but for a field: the client must not take it. */
#include "check.h"

#include <arpa/inet.h>
#include <modbus.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/modbus/modbus_client.h"

enum { TIMEOUT_MS = 10000, UNIT = 3, ADDRESS = 7, ANSWER_MAX = 32 };

static uint32_t timeout_s, timeout_us;
static unsigned calls_of_libmodbus;

int __real_modbus_set_response_timeout(modbus_t *modbus, uint32_t s, uint32_t us);
int __wrap_modbus_set_response_timeout(modbus_t *modbus, uint32_t s, uint32_t us);
int __real_modbus_set_slave(modbus_t *modbus, int unit);
int __wrap_modbus_set_slave(modbus_t *modbus, int unit);

int __wrap_modbus_set_response_timeout(modbus_t *modbus, uint32_t s, uint32_t us)
{
    timeout_s = s;
    timeout_us = us;
    return __real_modbus_set_response_timeout(modbus, s, us);
}

int __wrap_modbus_set_slave(modbus_t *modbus, int unit)
{
    calls_of_libmodbus++;
    return __real_modbus_set_slave(modbus, unit);
}

struct peer {
    int listener;
    const uint8_t *answer; /* after the transaction, which is the request's */
    size_t len;
    uint8_t transaction_xor;
};

static void *peer_run(void *context)
{
    const struct peer *peer = context;
    uint8_t request[ANSWER_MAX], answer[2 + ANSWER_MAX];
    int fd = accept(peer->listener, NULL, NULL);
    if (fd >= 0 && recv(fd, request, sizeof request, 0) > 2) {
        answer[0] = request[0];
        answer[1] = request[1] ^ peer->transaction_xor;
        memcpy(answer + 2, peer->answer, peer->len);
        send(fd, answer, 2 + peer->len, MSG_NOSIGNAL);
        recv(fd, request, sizeof request, 0); /* until the client closes */
    }
    close(fd);
    return NULL;
}

/* Makes the request of this function. */
static enum modbus_result call(struct modbus_client *client, uint8_t function, uint16_t *words)
{
    static const uint16_t values[] = {0x0102, 0x0304};
    switch (function) {
    case FC_READ_COILS:
        return modbus_client_read(client, UNIT, TABLE_COIL, ADDRESS, 2, words);
    case FC_READ_HOLDING_REGISTERS:
        return modbus_client_read(client, UNIT, TABLE_HOLDING_REGISTER, ADDRESS, 2, words);
    case FC_WRITE_COIL:
        return modbus_client_write_single(client, UNIT, TABLE_COIL, ADDRESS, values[0]);
    case FC_WRITE_REGISTER:
        return modbus_client_write_single(client, UNIT, TABLE_HOLDING_REGISTER, ADDRESS, values[0]);
    case FC_WRITE_COILS:
        return modbus_client_write(client, UNIT, TABLE_COIL, ADDRESS, 2, values);
    case FC_WRITE_REGISTERS:
        return modbus_client_write(client, UNIT, TABLE_HOLDING_REGISTER, ADDRESS, 2, values);
    default:
        return modbus_client_mask_write(client, UNIT, ADDRESS, 0x00ff, values[0]);
    }
}

static const struct row {
    const char *name;
    uint8_t function, transaction_xor;
    uint8_t answer[ANSWER_MAX];
    size_t len;
    enum modbus_result result;
} rows[] = {
    {"registers", 3, 0, {0, 0, 0, 7, 3, 3, 4, 1, 2, 3, 4}, 11, MODBUS_OK},
    {"coils", 1, 0, {0, 0, 0, 4, 3, 1, 1, 2}, 8, MODBUS_OK},
    {"exception", 3, 0, {0, 0, 0, 3, 3, 0x83, 2}, 7, MODBUS_EXCEPTION},
    {"exception for coils", 1, 0, {0, 0, 0, 3, 3, 0x81, 2}, 7, MODBUS_EXCEPTION},
    {"unknown exception", 3, 0, {0, 0, 0, 3, 3, 0x83, 99}, 7, MODBUS_EXCEPTION},
    {"read: another transaction", 3, 1, {0, 0, 0, 7, 3, 3, 4, 1, 2, 3, 4}, 11, MODBUS_UNREACHABLE},
    {"read: another unit", 3, 0, {0, 0, 0, 7, 4, 3, 4, 1, 2, 3, 4}, 11, MODBUS_UNREACHABLE},
    {"read: no Modbus", 3, 0, {0, 1, 0, 7, 3, 3, 4, 1, 2, 3, 4}, 11, MODBUS_UNREACHABLE},
    {"read: a shorter length", 3, 0, {0, 0, 0, 5, 3, 3, 4, 1, 2, 3, 4}, 11, MODBUS_UNREACHABLE},
    {"exception of another unit", 3, 0, {0, 0, 0, 3, 4, 0x83, 2}, 7, MODBUS_UNREACHABLE},
    {"FC5", 5, 0, {0, 0, 0, 6, 3, 5, 0, 7, 255, 0}, 10, MODBUS_OK},
    {"FC5: another address", 5, 0, {0, 0, 0, 6, 3, 5, 0, 8, 255, 0}, 10, MODBUS_UNREACHABLE},
    {"FC5: another value", 5, 0, {0, 0, 0, 6, 3, 5, 0, 7, 0, 0}, 10, MODBUS_UNREACHABLE},
    {"FC6", 6, 0, {0, 0, 0, 6, 3, 6, 0, 7, 1, 2}, 10, MODBUS_OK},
    {"FC6: another unit", 6, 0, {0, 0, 0, 6, 1, 6, 0, 7, 1, 2}, 10, MODBUS_UNREACHABLE},
    {"FC6: another address", 6, 0, {0, 0, 0, 6, 3, 6, 1, 7, 1, 2}, 10, MODBUS_UNREACHABLE},
    {"FC6: another value", 6, 0, {0, 0, 0, 6, 3, 6, 0, 7, 1, 3}, 10, MODBUS_UNREACHABLE},
    {"FC15", 15, 0, {0, 0, 0, 6, 3, 15, 0, 7, 0, 2}, 10, MODBUS_OK},
    {"FC15: another address", 15, 0, {0, 0, 0, 6, 3, 15, 0, 6, 0, 2}, 10, MODBUS_UNREACHABLE},
    {"FC16", 16, 0, {0, 0, 0, 6, 3, 16, 0, 7, 0, 2}, 10, MODBUS_OK},
    {"FC16: another address", 16, 0, {0, 0, 0, 6, 3, 16, 0, 6, 0, 2}, 10, MODBUS_UNREACHABLE},
    {"FC22", 22, 0, {0, 0, 0, 8, 3, 22, 0, 7, 255, 0, 0, 2}, 12, MODBUS_OK},
};

/* A trusted server is asked through libmodbus: right answers have the same result. */
static void check_answers(bool is_trusted)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (is_trusted && (rows[i].result == MODBUS_UNREACHABLE || rows[i].answer[6] == 99))
            continue;
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t size = sizeof address;
        struct peer peer = {socket(AF_INET, SOCK_STREAM, 0), rows[i].answer, rows[i].len,
                            rows[i].transaction_xor};
        assert_int_equal(bind(peer.listener, (struct sockaddr *)&address, size), 0);
        assert_int_equal(listen(peer.listener, 1), 0);
        getsockname(peer.listener, (struct sockaddr *)&address, &size);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, peer_run, &peer), 0);

        const struct net_addr server = {"127.0.0.1", ntohs(address.sin_port)};
        struct modbus_client *client = modbus_client_create(&server, TIMEOUT_MS);
        uint16_t words[2] = {0xffff, 0xffff};
        if (is_trusted)
            assert_true(modbus_client_trust_server(client));
        enum modbus_result result = call(client, rows[i].function, words);
        check_row(result == rows[i].result, rows[i].name);
        if (result == MODBUS_UNREACHABLE)
            check_row(strstr(modbus_client_reason(client), "unit 3: the answer is malformed"),
                      rows[i].name);
        if (result == MODBUS_OK && rows[i].function == FC_READ_HOLDING_REGISTERS)
            check_row(words[0] == 0x0102 && words[1] == 0x0304, rows[i].name);
        if (result == MODBUS_OK && rows[i].function == FC_READ_COILS)
            check_row(words[0] == 0 && words[1] == 1, rows[i].name);
        if (result == MODBUS_EXCEPTION)
            check_row(modbus_client_exception(client) == rows[i].answer[6], rows[i].name);
        modbus_client_destroy(client);
        pthread_join(thread, NULL);
        close(peer.listener);
    }
}

static void test_answers(void **state)
{
    (void)state;
    check_answers(false);
}

static void test_answers_of_a_trusted_server(void **state)
{
    (void)state;
    calls_of_libmodbus = 0;
    check_answers(true);
    assert_true(calls_of_libmodbus > 5);
}

static void test_the_timeout_is_the_caller_s(void **state)
{
    const struct net_addr server = {"127.0.0.1", 502};
    (void)state;
    struct modbus_client *client = modbus_client_create(&server, 1250);
    assert_true(modbus_client_trust_server(client));
    modbus_client_destroy(client);
    assert_int_equal(timeout_s, 1);
    assert_int_equal(timeout_us, 250000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_answers_of_a_trusted_server),
        cmocka_unit_test(test_the_timeout_is_the_caller_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
