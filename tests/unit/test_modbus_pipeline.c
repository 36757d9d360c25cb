/* Several writes in one round trip: the bytes sent, and the result of each answer. */
#include "check.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/modbus/modbus_client.h"
#include "common/modbus/modbus_pipeline.h"
#include "common/modbus/pdu.h"

enum { TIMEOUT_MS = 50, WRITES = 3, FIRST = 0xfffe };

static const uint16_t words[] = {0x1234, 0xabcd}, bits[] = {1, 0, 0, 0, 0, 0, 0, 0, 5}, set[] = {8};

static void make_writes(struct pipeline_request writes[WRITES])
{
    writes[0] = (struct pipeline_request){
        .unit = 1, .function = FC_WRITE_REGISTERS, .address = 100, .count = 2, .words = words};
    writes[1] = (struct pipeline_request){
        .unit = 2, .function = FC_WRITE_COILS, .address = 7, .count = 9, .words = bits};
    writes[2] = (struct pipeline_request){.unit = 1,
                                          .function = FC_MASK_WRITE,
                                          .address = 5,
                                          .count = 1,
                                          .mask = 0x000c,
                                          .words = set};
}

/* The numbers wrap: 0xfffe, 0xffff, 0. */
#define REGISTERS_ANSWER 0xff, 0xfe, 0, 0, 0, 6, 1, 16, 0, 100, 0, 2
#define BITS_ANSWER      0xff, 0xff, 0, 0, 0, 6, 2, 15, 0, 7, 0, 9
#define MASK_ANSWER      0, 0, 0, 0, 0, 8, 1, 22, 0, 5, 0xff, 0xf3, 0, 8

static int run_requests(int fd, uint16_t transaction, struct pipeline_request *requests,
                        size_t count, unsigned timeout_ms)
{
    const struct modbus_endpoint endpoint = {.framing = FRAMING_TCP};
    struct modbus_transport transport;
    transport_init(&transport, &endpoint);
    transport.fd = fd; /* the test closes it */
    return pipeline_run_requests(&transport, transaction, requests, count, timeout_ms);
}

static void test_requests(void **state)
{
    static const uint8_t expected[] = {
        0xff, 0xfe, 0,    0, 0, 11, 1, 16, 0,  100, 0,    2,    4, 0x12, 0x34, 0xab,
        0xcd, 0xff, 0xff, 0, 0, 0,  9, 2,  15, 0,   7,    0,    9, 2,    1,    1,
        0,    0,    0,    0, 0, 8,  1, 22, 0,  5,   0xff, 0xf3, 0, 8,
    };
    static const uint8_t answers[] = {REGISTERS_ANSWER, BITS_ANSWER, MASK_ANSWER};
    uint8_t sent[sizeof expected + 1];
    struct pipeline_request writes[WRITES];
    int ends[2];
    (void)state;
    make_writes(writes);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(write(ends[1], answers, sizeof answers), sizeof answers);
    assert_int_equal(run_requests(ends[0], FIRST, writes, WRITES, TIMEOUT_MS), 0);
    assert_int_equal(recv(ends[1], sent, sizeof sent, MSG_DONTWAIT), sizeof expected);
    assert_memory_equal(sent, expected, sizeof expected);
    close(ends[0]);
    close(ends[1]);
}

static void test_answers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint8_t bytes[64];
        size_t len;
        bool close;
        int error;
        const char *became; /* of each write: + written, - no answer, a digit: the exception */
    } rows[] = {
        {"in order", {REGISTERS_ANSWER, BITS_ANSWER, MASK_ANSWER}, 38, false, 0, "+++"},
        {"out of order", {MASK_ANSWER, REGISTERS_ANSWER, BITS_ANSWER}, 38, false, 0, "+++"},
        {"an exception",
         {REGISTERS_ANSWER, 0xff, 0xff, 0, 0, 0, 3, 2, 0x8f, 2, MASK_ANSWER},
         35,
         false,
         0,
         "+2+"},
        {"exception 0", {0xff, 0xff, 0, 0, 0, 3, 2, 0x8f, 0}, 9, false, EPROTO, "---"},
        {"another function's exception",
         {0xff, 0xff, 0, 0, 0, 3, 2, 0x90, 2},
         9,
         false,
         EPROTO,
         "---"},
        {"none", {0}, 0, false, ETIMEDOUT, "---"},
        {"two, then the end", {REGISTERS_ANSWER, BITS_ANSWER}, 24, true, ECONNRESET, "++-"},
        {"half of one", {REGISTERS_ANSWER, 0xff, 0xff}, 14, false, ETIMEDOUT, "+--"},
        {"the same twice", {REGISTERS_ANSWER, REGISTERS_ANSWER}, 24, false, EPROTO, "+--"},
        {"a stale number", {0xff, 0xfd, 0, 0, 0, 6, 1, 16, 0, 100, 0, 2}, 12, false, EPROTO, "---"},
        {"another unit", {0xff, 0xfe, 0, 0, 0, 6, 3, 16, 0, 100, 0, 2}, 12, false, EPROTO, "---"},
        {"another count", {0xff, 0xfe, 0, 0, 0, 6, 1, 16, 0, 100, 0, 1}, 12, false, EPROTO, "---"},
        {"other bits", {0, 0, 0, 0, 0, 8, 1, 22, 0, 5, 0xff, 0xf3, 0, 4}, 14, false, EPROTO, "---"},
        {"too short", {0xff, 0xfe, 0, 0, 0, 5, 1, 16, 0, 100, 0}, 11, false, EPROTO, "---"},
        {"no Modbus", {'H', 'T', 'T', 'P', '/', '1', '.', '1'}, 8, false, EPROTO, "---"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pipeline_request writes[WRITES];
        char became[WRITES + 1] = "";
        int ends[2];
        make_writes(writes);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        assert_int_equal(write(ends[1], rows[i].bytes, rows[i].len), rows[i].len);
        if (rows[i].close)
            shutdown(ends[1], SHUT_WR);
        int error = run_requests(ends[0], FIRST, writes, WRITES, TIMEOUT_MS);
        for (size_t n = 0; n < WRITES; n++)
            became[n] = (char)(!writes[n].answered   ? '-'
                               : writes[n].exception ? '0' + writes[n].exception
                                                     : '+');
        check_row(error == rows[i].error, rows[i].name);
        check_row(strcmp(became, rows[i].became) == 0, rows[i].name);
        close(ends[0]);
        close(ends[1]);
    }
}

/* One request of each other kind: its bytes after the header, an answer, and the result. */
static void test_single_requests(void **state)
{
    (void)state;
    static const uint16_t on[] = {9}, off[] = {0};
    static const struct {
        const char *name;
        uint8_t function;
        uint16_t count;
        const uint16_t *words;
        uint8_t sent[5], answer[10];
        size_t len;
        int error;
        uint16_t read[2];
    } rows[] = {
        {"coils", 1, 2, NULL, {1, 0, 7, 0, 2}, {1, 1, 2}, 3, 0, {0, 1}},
        {"discrete inputs", 2, 2, NULL, {2, 0, 7, 0, 2}, {2, 1, 1}, 3, 0, {1, 0}},
        {"registers", 3, 2, NULL, {3, 0, 7, 0, 2}, {3, 4, 1, 2, 3, 4}, 6, 0, {0x102, 0x304}},
        {"input registers", 4, 1, NULL, {4, 0, 7, 0, 1}, {4, 2, 1, 2}, 4, 0, {0x102}},
        {"fewer registers", 3, 2, NULL, {3, 0, 7, 0, 2}, {3, 2, 1, 2}, 4, EPROTO, {0}},
        {"more bytes than it says", 3, 1, NULL, {3, 0, 7, 0, 1}, {3, 2, 1, 2, 3}, 5, EPROTO, {0}},
        {"a count of another", 3, 1, NULL, {3, 0, 7, 0, 1}, {3, 4, 1, 2}, 4, EPROTO, {0}},
        {"another function", 3, 1, NULL, {3, 0, 7, 0, 1}, {4, 2, 1, 2}, 4, EPROTO, {0}},
        {"only a function", 3, 1, NULL, {3, 0, 7, 0, 1}, {3}, 1, EPROTO, {0}},
        {"a coil on", 5, 1, on, {5, 0, 7, 0xff, 0}, {5, 0, 7, 0xff, 0}, 5, 0, {0}},
        {"a coil off", 5, 1, off, {5, 0, 7, 0, 0}, {5, 0, 7, 0, 0}, 5, 0, {0}},
        {"a coil that stays on", 5, 1, off, {5, 0, 7, 0, 0}, {5, 0, 7, 0xff, 0}, 5, EPROTO, {0}},
        {"a register", 6, 1, on, {6, 0, 7, 0, 9}, {6, 0, 7, 0, 9}, 5, 0, {0}},
        {"another value", 6, 1, on, {6, 0, 7, 0, 9}, {6, 0, 7, 0, 8}, 5, EPROTO, {0}},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint16_t read[2] = {0};
        struct pipeline_request request = {.unit = 3,
                                           .function = rows[i].function,
                                           .address = 7,
                                           .count = rows[i].count,
                                           .words = rows[i].words,
                                           .read = read};
        uint8_t answer[7 + 10] = {0, 9, 0, 0, 0, (uint8_t)(rows[i].len + 1), 3}, sent[20];
        int ends[2];
        memcpy(answer + 7, rows[i].answer, rows[i].len);
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        assert_int_equal(write(ends[1], answer, 7 + rows[i].len), 7 + rows[i].len);
        check_row(run_requests(ends[0], 9, &request, 1, TIMEOUT_MS) == rows[i].error, rows[i].name);
        check_row(request.answered == (rows[i].error == 0), rows[i].name);
        check_row(memcmp(read, rows[i].read, sizeof read) == 0, rows[i].name);
        check_row(recv(ends[1], sent, sizeof sent, MSG_DONTWAIT) == 12, rows[i].name);
        check_row(memcmp(sent + 7, rows[i].sent, 5) == 0, rows[i].name);
        close(ends[0]);
        close(ends[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_single_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
