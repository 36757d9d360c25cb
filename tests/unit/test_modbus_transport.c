/* Ways to a server: what an endpoint is, bytes over TCP and serial lines, what is lost, interrupts.
 */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/modbus/modbus_transport.h"
#include "serial_pair.h"

enum { PATIENCE_MS = 30000, DRAIN_MAX = 65536 };

static void test_endpoints(void **state)
{
    static const struct {
        const char *host;
        uint16_t port;
        enum framing framing;
        bool is_tls;
        const char *name;
        bool is_serial, has_tls;
        enum framing has_framing;
    } rows[] = {
        {"plc", 502, FRAMING_TCP, false, "plc:502", false, false, FRAMING_TCP},
        {"plc", 502, FRAMING_RTU, false, "plc:502", false, false, FRAMING_RTU},
        {"plc", 802, FRAMING_TCP, true, "plc:802", false, true, FRAMING_TCP},
        {"plc", 802, FRAMING_RTU, true, "plc:802", false, true, FRAMING_TCP},
        {"fe80::12", 65535, FRAMING_TCP, false, "[fe80::12]:65535", false, false, FRAMING_TCP},
        {"serial:/dev/ttyS12:9600", 502, FRAMING_TCP, true, "/dev/ttyS12", true, false,
         FRAMING_RTU},
        {"serial:ttyS12", 502, FRAMING_TCP, false, "[serial:ttyS12]:502", false, false,
         FRAMING_TCP},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct modbus_endpoint endpoint;
        char name[NET_TEXT_SIZE];
        modbus_endpoint_make(rows[i].host, rows[i].port, rows[i].framing, rows[i].is_tls,
                             &endpoint);
        modbus_endpoint_format(&endpoint, name);
        assert_string_equal(name, rows[i].name);
        assert_int_equal(endpoint.is_serial, rows[i].is_serial);
        assert_int_equal(endpoint.is_tls, rows[i].has_tls);
        assert_int_equal(endpoint.framing, rows[i].has_framing);
        assert_int_equal(endpoint.addr.port, rows[i].port);
        assert_string_equal(endpoint.addr.host, rows[i].is_serial ? "" : rows[i].host);
        assert_int_equal(endpoint.line.baud, rows[i].is_serial ? 9600 : endpoint.line.baud);
    }
}

static void test_equal_endpoints(void **state)
{
    static const struct {
        const char *host;
        uint16_t port;
        enum framing framing;
        bool is_tls;
        int group; /* those of a group are equal */
    } rows[] = {
        {"plc", 502, FRAMING_TCP, false, 0},
        {"PLC.", 502, FRAMING_TCP, false, 0},
        {"plc", 503, FRAMING_TCP, false, 1},
        {"plc", 502, FRAMING_RTU, false, 2},
        {"plc", 502, FRAMING_TCP, true, 3},
        {"plc", 502, FRAMING_RTU, true, 3},
        {"serial:/dev/ttyS1:9600", 0, FRAMING_TCP, false, 4},
        {"serial:/dev//ttyS1:9600,8E1", 7, FRAMING_RTU, true, 4},
        {"serial:/dev/ttyS1:19200", 0, FRAMING_TCP, false, 5},
        {"serial:/dev/ttyS2:9600", 0, FRAMING_TCP, false, 6},
        {"serial:/dev/ttyS1:9600,8O1", 0, FRAMING_TCP, false, 7},
        {"serial:/dev/ttyS1:9600,8E2", 0, FRAMING_TCP, false, 8},
        {"serial:/dev/ttyS1:9600,rs485", 0, FRAMING_TCP, false, 9},
        {"serial:/dev/ttyS1:9600,rs485,rts=low", 0, FRAMING_TCP, false, 10},
        {"serial:/dev/ttyS1:9600,rs485,before=1", 0, FRAMING_TCP, false, 11},
        {"serial:/dev/ttyS1:9600,rs485,after=1", 0, FRAMING_TCP, false, 12},
    };
    struct modbus_endpoint a, b;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t j = 0; j < COUNT(rows); j++) {
            modbus_endpoint_make(rows[i].host, rows[i].port, rows[i].framing, rows[i].is_tls, &a);
            modbus_endpoint_make(rows[j].host, rows[j].port, rows[j].framing, rows[j].is_tls, &b);
            check_row(modbus_endpoint_is_equal(&a, &b) == (rows[i].group == rows[j].group),
                      rows[i].host);
        }
    }
}

/* A transport and the other end of its connection. */
struct bed {
    struct modbus_transport transport;
    int far;
};

static void open_tcp(struct bed *bed, enum framing framing)
{
    struct net_addr addr = {"127.0.0.1", 0};
    struct modbus_endpoint endpoint;
    char why[NET_WHY_SIZE] = "";
    const int listening = net_listen(&addr, false, why, sizeof why);
    modbus_endpoint_make("127.0.0.1", net_bound_port(listening), framing, false, &endpoint);
    transport_init(&bed->transport, &endpoint);
    assert_false(transport_is_open(&bed->transport));
    transport_close(&bed->transport); /* a closed one */
    assert_true(transport_open(&bed->transport, PATIENCE_MS, why, sizeof why));
    assert_true(transport_is_open(&bed->transport));
    struct pollfd readable = {.fd = listening, .events = POLLIN};
    assert_int_equal(poll(&readable, 1, PATIENCE_MS), 1);
    bed->far = accept(listening, NULL, NULL);
    assert_true(bed->far >= 0);
    close(listening);
}

static void end(struct bed *bed)
{
    const int fd = bed->transport.fd;
    transport_close(&bed->transport);
    assert_false(transport_is_open(&bed->transport));
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(bed->transport.watched_fd, -1);
    transport_finish(&bed->transport);
    close(bed->far);
}

static uint64_t later(void)
{
    return clock_steady_ms() + PATIENCE_MS;
}

static void test_bytes(void **state)
{
    struct bed bed;
    uint8_t bytes[16];
    size_t got = 99;
    (void)state;
    open_tcp(&bed, FRAMING_TCP);
    assert_int_equal(transport_receive(&bed.transport, bytes, sizeof bytes, 0, &got), ETIMEDOUT);
    assert_int_equal(got, 0);
    assert_false(transport_is_lost(&bed.transport));
    assert_int_equal(send(bed.far, "0123456789", 10, 0), 10);
    assert_int_equal(transport_receive(&bed.transport, bytes, 4, later(), &got), 0);
    assert_int_equal(got, 4);
    assert_memory_equal(bytes, "0123", 4);
    assert_true(transport_is_lost(&bed.transport)); /* nobody has asked for what is there */
    assert_int_equal(transport_receive(&bed.transport, bytes, sizeof bytes, 0, &got), 0);
    assert_int_equal(got, 6);
    assert_memory_equal(bytes, "456789", 6);

    assert_int_equal(transport_send_all(&bed.transport, (const uint8_t *)"abc", 3, 0), 0);
    assert_int_equal(recv(bed.far, bytes, sizeof bytes, 0), 3);
    assert_memory_equal(bytes, "abc", 3);
    assert_false(transport_is_outdated(&bed.transport));
    end(&bed);
}

static void test_the_other_side_closes(void **state)
{
    struct bed bed;
    uint8_t byte;
    size_t got;
    (void)state;
    open_tcp(&bed, FRAMING_TCP);
    assert_int_equal(shutdown(bed.far, SHUT_WR), 0);
    assert_int_equal(transport_receive(&bed.transport, &byte, 1, later(), &got), ECONNRESET);
    assert_int_equal(got, 0);
    assert_true(transport_is_lost(&bed.transport));
    assert_int_equal(transport_drain(&bed.transport, &got), ECONNRESET);
    end(&bed);

    open_tcp(&bed, FRAMING_RTU);
    assert_int_equal(send(bed.far, "x", 1, 0), 1);
    struct pollfd readable = {.fd = bed.transport.fd, .events = POLLIN};
    assert_int_equal(poll(&readable, 1, PATIENCE_MS), 1);
    assert_false(transport_is_lost(&bed.transport)); /* bytes may be late on a line */
    assert_int_equal(transport_drain(&bed.transport, &got), 0);
    assert_int_equal(got, 1);
    assert_false(transport_is_lost(&bed.transport));
    assert_int_equal(shutdown(bed.far, SHUT_WR), 0);
    assert_int_equal(poll(&readable, 1, PATIENCE_MS), 1);
    assert_true(transport_is_lost(&bed.transport));
    end(&bed);
}

/* A side that takes nothing: the time ends. Then it takes all, in order. */
static void test_no_space(void **state)
{
    struct bed bed;
    static uint8_t block[1 << 16];
    (void)state;
    open_tcp(&bed, FRAMING_TCP);
    int error = 0;
    for (int i = 0; i < 1000 && error == 0; i++)
        error = transport_send_all(&bed.transport, block, sizeof block, 0);
    assert_int_equal(error, ETIMEDOUT);
    close(bed.far);
    bed.far = -1;
    for (int i = 0; i < 1000 && error != EPIPE; i++)
        error = transport_send_all(&bed.transport, block, sizeof block, later());
    assert_int_equal(error, EPIPE);
    end(&bed);
}

/* One call throws away a part of a flood. */
static void test_drain(void **state)
{
    struct bed bed;
    static uint8_t block[DRAIN_MAX + 300];
    size_t got = 99, all = 0;
    (void)state;
    open_tcp(&bed, FRAMING_TCP);
    assert_int_equal(transport_drain(&bed.transport, &got), 0);
    assert_int_equal(got, 0);
    const int size = 1 << 20;
    setsockopt(bed.transport.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    assert_int_equal(send(bed.far, block, sizeof block, 0), sizeof block);
    assert_int_equal(shutdown(bed.far, SHUT_WR), 0);
    for (int error = 0; error != ECONNRESET; all += got) {
        struct pollfd readable = {.fd = bed.transport.fd, .events = POLLIN};
        assert_int_equal(poll(&readable, 1, PATIENCE_MS), 1);
        error = transport_drain(&bed.transport, &got);
        assert_true(got < DRAIN_MAX + 256);
        assert_true(error == 0 || error == ECONNRESET);
    }
    assert_int_equal(all, sizeof block);
    end(&bed);
}

static void *interrupt(void *context)
{
    transport_interrupt(context);
    return NULL;
}

static void test_interrupt(void **state)
{
    struct bed bed;
    uint8_t byte;
    size_t got;
    pthread_t thread;
    char why[NET_WHY_SIZE] = "";
    (void)state;
    open_tcp(&bed, FRAMING_TCP);
    assert_false(transport_is_interrupted(&bed.transport));
    assert_int_equal(bed.transport.watched_fd, bed.transport.fd);
    assert_int_equal(pthread_create(&thread, NULL, interrupt, &bed.transport), 0);
    const int error = transport_receive(&bed.transport, &byte, 1, later(), &got);
    assert_true(error == ECANCELED || error == ECONNRESET);
    pthread_join(thread, NULL);
    assert_true(transport_is_interrupted(&bed.transport));
    assert_int_equal(recv(bed.far, &byte, 1, 0), 0); /* the socket is shut down */
    assert_int_equal(transport_receive(&bed.transport, &byte, 1, later(), &got), ECANCELED);
    transport_close(&bed.transport);
    assert_false(transport_open(&bed.transport, PATIENCE_MS, why, sizeof why));
    transport_finish(&bed.transport);
    close(bed.far);
}

static void test_serial_lines(void **state)
{
    struct bed bed;
    struct serial_pair pair = make_pair(":19200");
    struct modbus_endpoint endpoint;
    char host[NET_HOST_SIZE], why[NET_WHY_SIZE] = "";
    uint8_t bytes[16];
    size_t got;
    (void)state;
    snprintf(host, sizeof host, "serial:%s:19200", pair.line.path);
    modbus_endpoint_make(host, 0, FRAMING_TCP, false, &endpoint);
    transport_init(&bed.transport, &endpoint);
    bed.far = pair.far;
    assert_true(transport_open(&bed.transport, PATIENCE_MS, why, sizeof why));
    assert_int_equal(transport_receive(&bed.transport, bytes, sizeof bytes, 0, &got), ETIMEDOUT);
    assert_int_equal(write(pair.far, "abc", 3), 3);
    for (size_t len = 0; len < 3; len += got)
        assert_int_equal(transport_receive(&bed.transport, bytes + len, 3 - len, later(), &got), 0);
    assert_memory_equal(bytes, "abc", 3);
    assert_false(transport_is_lost(&bed.transport));
    assert_int_equal(transport_send_all(&bed.transport, (const uint8_t *)"defg", 4, later()), 0);
    assert_int_equal(read(pair.far, bytes, sizeof bytes), 4);
    assert_memory_equal(bytes, "defg", 4);

    transport_interrupt(&bed.transport);
    assert_int_equal(transport_receive(&bed.transport, bytes, 1, later(), &got), ECANCELED);
    atomic_store(&bed.transport.interrupted, false);
    close_pair(&pair); /* the adapter is pulled out */
    struct pollfd lost = {.fd = bed.transport.fd, .events = POLLIN};
    assert_int_equal(poll(&lost, 1, PATIENCE_MS), 1);
    assert_true(transport_is_lost(&bed.transport));
    assert_int_equal(transport_receive(&bed.transport, bytes, 1, later(), &got), ECONNRESET);
    assert_int_equal(transport_send_all(&bed.transport, (const uint8_t *)"x", 1, later()),
                     ECONNRESET);
    bed.far = -1;
    end(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints), cmocka_unit_test(test_equal_endpoints),
        cmocka_unit_test(test_bytes),     cmocka_unit_test(test_the_other_side_closes),
        cmocka_unit_test(test_no_space),  cmocka_unit_test(test_drain),
        cmocka_unit_test(test_interrupt), cmocka_unit_test(test_serial_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
