/* The frames on a line that several devices share. This server has the units 1 and 2. */
#include "modbusd/net/rtu_bus.h"

#include <string.h>

#include "check.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

#define READ_1       "\x01\x03\x00\x00\x00\x0a\xc5\xcd"
#define READ_17      "\x11\x03\x00\x6b\x00\x03\x76\x87"
#define ANSWER_17    "\x11\x03\x06\xae\x41\x56\x52\x43\x40\x49\xad"
#define WRITE_17     "\x11\x05\x00\xac\xff\x00\x4e\x8b"
#define EXCEPTION_10 "\x0a\x81\x02\xb0\x53"

static void test_decisions(void **state)
{
    static const struct {
        const char *name;
        const uint8_t *bytes;
        size_t len, pause_at;
        bool is_paused, is_over;
        enum rtu_bus_result result;
        size_t size; /* of the frame, or of the noise */
    } rows[] = {
        {"a request", BYTES(READ_1), 0, false, false, RTU_BUS_REQUEST, 8},
        {"two", BYTES(READ_1 READ_1), 0, false, false, RTU_BUS_REQUEST, 8},
        {"a part of one", BYTES("\x01\x03\0\0"), 0, false, false, RTU_BUS_WAIT, 0},
        {"and a pause, which may be the adapter's", BYTES("\x01\x03\0\0"), 0, true, false,
         RTU_BUS_WAIT, 0},
        {"and a long pause", BYTES("\x01\x03\0\0"), 0, true, true, RTU_BUS_NOISE, 4},
        {"and the next after a pause", BYTES("\x01\x10\0\0\0\x7b\xf6" READ_1), 7, false, false,
         RTU_BUS_NOISE, 7},
        {"and no pause", BYTES("\x01\x10\0\0\0\x7b\xf6" READ_1), 0, false, false, RTU_BUS_WAIT, 0},
        {"to another unit", BYTES(READ_17), 0, false, false, RTU_BUS_OTHER, 8},
        {"its answer", BYTES(ANSWER_17), 0, false, false, RTU_BUS_OTHER, 11},
        {"a part of it", BYTES("\x11\x03\x06\xae\x41\x56\x52\x43\x40"), 0, false, false,
         RTU_BUS_WAIT, 0},
        {"a write and its answer are the same", BYTES(WRITE_17), 0, false, false, RTU_BUS_OTHER, 8},
        {"an exception", BYTES(EXCEPTION_10), 0, false, false, RTU_BUS_OTHER, 5},
        {"an answer from an own unit, an echo", BYTES("\x01\x03\x04\0\0\0\0\xfa\x33"), 0, false,
         false, RTU_BUS_OTHER, 9},
        {"a private function", BYTES("\x01\x41\x01\xd1\x90"), 0, false, false, RTU_BUS_WAIT, 0},
        {"and a pause", BYTES("\x01\x41\x01\xd1\x90"), 0, true, false, RTU_BUS_REQUEST, 5},
        {"broadcast", BYTES("\x00\x06\0\0\0\x01\x49\xdb"), 0, false, false, RTU_BUS_REQUEST, 8},
        {"a wrong CRC", BYTES("\x01\x06\0\0\0\x0a\xc5\xcd"), 0, false, false, RTU_BUS_WAIT, 0},
        {"and the next request", BYTES("\x01\x06\0\0\0\x0a\xc5\xcd" READ_1), 0, false, false,
         RTU_BUS_NOISE, 8},
        {"and the next frame of another", BYTES("\x01\x06\0\0\0\x0a\xc5\xcd" ANSWER_17), 0, false,
         false, RTU_BUS_NOISE, 8},
        {"and a long pause", BYTES("\x01\x06\0\0\0\x0a\xc5\xcd"), 0, true, true, RTU_BUS_NOISE, 8},
        {"a byte", BYTES("\x01"), 0, true, false, RTU_BUS_WAIT, 0},
        {"a byte and a long pause", BYTES("\x01"), 0, true, true, RTU_BUS_NOISE, 1},
    };
    struct unit_set units;
    char why[100];
    (void)state;
    assert_true(unit_set_parse("1-2", &units, why, sizeof why));
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct rtu_bus_bytes bus = {rows[i].bytes, rows[i].len, rows[i].pause_at,
                                          rows[i].is_paused, rows[i].is_over};
        struct rtu_frame frame = {.size = 0};
        size_t skip = 0;
        enum rtu_bus_result result = rtu_bus_next(&bus, &units, &frame, &skip);
        if (result != rows[i].result)
            fail_msg("%s: %d", rows[i].name, result);
        if (result == RTU_BUS_NOISE)
            check_row(skip == rows[i].size, rows[i].name);
        else if (result != RTU_BUS_WAIT)
            check_row(frame.size == rows[i].size, rows[i].name);
    }
}

/* Noise must not fill the buffer. */
static void test_never_waits_for_more_than_a_frame(void **state)
{
    uint8_t bytes[RTU_SIZE_MAX + 1];
    struct unit_set units;
    struct rtu_frame frame;
    char why[100];
    size_t skip = 0;
    (void)state;
    assert_true(unit_set_parse("1-2", &units, why, sizeof why));
    for (unsigned value = 0; value < 256; value++) {
        memset(bytes, (int)value, sizeof bytes);
        const struct rtu_bus_bytes bus = {.bytes = bytes, .len = sizeof bytes};
        assert_int_equal(rtu_bus_next(&bus, &units, &frame, &skip), RTU_BUS_NOISE);
        assert_int_equal(skip, sizeof bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decisions),
        cmocka_unit_test(test_never_waits_for_more_than_a_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
