/* The connection between a serial line and the loop: requests pass, and a new connection replaces a
 * closed one. */
#include "check.h"

#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "child.h"
#include "common/base/clock.h"
#include "common/modbus/pdu.h"
#include "common/modbus/rtu_frame.h"
#include "common/modbus/serial_port.h"
#include "modbusd/net/serial_server.h"
#include "serial_pair.h"

enum { READ_SIZE = 5, REQUEST_SIZE = MBAP_SIZE + READ_SIZE, LIMIT_US = 20000000 };

static atomic_uint failed_opens;
static atomic_bool opening_fails;

int __real_serial_port_open(const struct serial_line *line, char *why, size_t why_size);
int __wrap_serial_port_open(const struct serial_line *line, char *why, size_t why_size);

int __wrap_serial_port_open(const struct serial_line *line, char *why, size_t why_size)
{
    if (!opening_fails)
        return __real_serial_port_open(line, why, why_size);
    snprintf(why, why_size, "refused here");
    failed_opens++;
    return -1;
}

struct line {
    struct serial_pair pair;
    struct unit_set units;
    struct counters counters;
    char folder[32];
    struct serial_server *server;
};

static void start_line(struct line *line)
{
    char why[256];
    *line = (struct line){.pair = make_pair(":115200"), .folder = "/tmp/serial_server.XXXXXX"};
    assert_true(unit_set_parse("1", &line->units, why, sizeof why));
    assert_non_null(mkdtemp(line->folder));
    assert_true(
        counters_open_writer(&line->counters, &modbusd_counters, line->folder, why, sizeof why));
    line->server = serial_server_create(&line->pair.line, &line->units, &line->counters);
    assert_non_null(line->server);
}

static void end_line(struct line *line)
{
    char path[64];
    serial_server_destroy(line->server);
    assert_int_equal(counters_get(&line->counters, MODBUSD_SERIAL_LINES_UP), 0);
    counters_close(&line->counters);
    snprintf(path, sizeof path, "%s/%s", line->folder, modbusd_counters.file);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(line->folder), 0);
    close_pair(&line->pair);
}

static void wait_for_line(const struct line *line)
{
    const uint64_t began_us = clock_steady_us();
    while (counters_get(&line->counters, MODBUSD_SERIAL_LINES_UP) == 0) {
        assert_true(clock_steady_us() - began_us < LIMIT_US);
        usleep(1000);
    }
}

/* The thread notices a closed socket soon, and then takes another. */
static int connect_line(struct line *line)
{
    const struct timeval limit = {.tv_sec = 20};
    const uint64_t began_us = clock_steady_us();
    int fd = -1;
    while ((fd = serial_server_connect(line->server)) < 0) {
        assert_true(clock_steady_us() - began_us < LIMIT_US);
        usleep(1000);
    }
    assert_int_equal(serial_server_connect(line->server), -1);
    /* Reads of this test end, whatever happens. */
    assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    return fd;
}

/* A request of the master reaches the loop as a frame of Modbus TCP. The master repeats it: a
 * request that comes just before the thread takes the new socket is lost. */
static void check_request(struct line *line, int fd, uint8_t address)
{
    const uint8_t pdu[READ_SIZE] = {FC_READ_HOLDING_REGISTERS, 0, address, 0, 1};
    uint8_t frame[RTU_SIZE_MAX], request[REQUEST_SIZE];
    const size_t size = rtu_put_frame(frame, 1, pdu, sizeof pdu);
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    const uint64_t began_us = clock_steady_us();
    do {
        assert_true(clock_steady_us() - began_us < LIMIT_US);
        assert_int_equal(write(line->pair.far, frame, size), size);
    } while (poll(&readable, 1, 200) == 0);
    assert_int_equal(recv(fd, request, sizeof request, MSG_WAITALL), sizeof request);
    assert_int_equal(request[6], 1);
    assert_memory_equal(request + MBAP_SIZE, pdu, sizeof pdu);
}

static void test_new_connection(void **state)
{
    (void)state;
    struct line line;
    start_line(&line);
    for (uint8_t round = 0; round < 3; round++) {
        const int fd = connect_line(&line);
        wait_for_line(&line);
        check_request(&line, fd, round);
        close(fd);
    }
    end_line(&line);
}

static void fail_to_open(void)
{
    const struct serial_line missing = {.path = "/dev/missing", .baud = 9600};
    const uint64_t began_us = clock_steady_us();
    struct unit_set units = {0};
    struct counters none = {0};
    struct serial_server *server = serial_server_create(&missing, &units, &none);
    int fd = server ? serial_server_connect(server) : -1;
    while (fd >= 0 && failed_opens < 3 && clock_steady_us() - began_us < LIMIT_US)
        usleep(1000);
    close(fd);
    serial_server_destroy(server);
    fprintf(stderr, "%u attempts\n", failed_opens < 3 ? failed_opens : 3);
}

/* Attempts that fail have one line in the log. */
static void test_failed_attempts(void **state)
{
    (void)state;
    char said[4096];
    opening_fails = true;
    assert_int_equal(run_child(fail_to_open, said, sizeof said), 0);
    opening_fails = false;
    const char *line = strstr(said, "serial line: refused here; it is tried again");
    assert_non_null(line);
    assert_null(strstr(line + 1, "serial line"));
    assert_non_null(strstr(line, "3 attempts"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_connection),
        cmocka_unit_test(test_failed_attempts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
