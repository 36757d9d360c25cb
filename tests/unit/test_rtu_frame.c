/* Frames of Modbus RTU: known ones, lengths by function, each cut, pauses. */
#include "common/modbus/rtu_frame.h"

#include <string.h>

#include "check.h"

/* Bytes may contain NULs. */
#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void test_crc_of_known_frames(void **state)
{
    static const struct {
        const char *name;
        const uint8_t *frame;
        size_t size;
    } rows[] = {
        /* The example of the specification of Modbus over serial line, V1.02, 6.2.2. */
        {"function 7 to unit 2", BYTES("\x02\x07\x41\x12")},
        {"FC3 of 0, 10 registers", BYTES("\x01\x03\x00\x00\x00\x0a\xc5\xcd")},
        {"FC3 of 107, 3 registers", BYTES("\x11\x03\x00\x6b\x00\x03\x76\x87")},
        {"its answer", BYTES("\x11\x03\x06\xae\x41\x56\x52\x43\x40\x49\xad")},
        {"FC5", BYTES("\x11\x05\x00\xac\xff\x00\x4e\x8b")},
        {"an exception", BYTES("\x0a\x81\x02\xb0\x53")},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const uint8_t *crc = rows[i].frame + rows[i].size - 2;
        struct rtu_frame frame;
        check_row(rtu_crc(rows[i].frame, rows[i].size - 2) == (crc[0] | crc[1] << 8), rows[i].name);
        check_row(rtu_check_frame(rows[i].frame, rows[i].size, &frame), rows[i].name);
        check_row(frame.unit == rows[i].frame[0] && frame.pdu == rows[i].frame + 1, rows[i].name);
        check_row(frame.size == rows[i].size && frame.pdu_len == rows[i].size - 3, rows[i].name);
        uint8_t bytes[RTU_SIZE_MAX];
        check_row(rtu_put_frame(bytes, frame.unit, frame.pdu, frame.pdu_len) == rows[i].size,
                  rows[i].name);
        check_row(memcmp(bytes, rows[i].frame, rows[i].size) == 0, rows[i].name);
    }
}

static void test_lengths(void **state)
{
    static const struct {
        const char *name;
        enum rtu_direction direction;
        const uint8_t *pdu;
        size_t len;
        int size;
    } rows[] = {
        {"nothing", RTU_REQUEST, BYTES(""), -1},
        {"FC3", RTU_REQUEST, BYTES("\x03"), 5},
        {"FC6", RTU_REQUEST, BYTES("\x06"), 5},
        {"FC7", RTU_REQUEST, BYTES("\x07"), 1},
        {"FC8", RTU_REQUEST, BYTES("\x08"), 5},
        {"FC11", RTU_REQUEST, BYTES("\x0b"), 1},
        {"FC15", RTU_REQUEST, BYTES("\x0f\0\0\0\x0a\x02"), 8},
        {"FC16, no byte count yet", RTU_REQUEST, BYTES("\x10\0\0\0\x02"), -1},
        {"FC16", RTU_REQUEST, BYTES("\x10\0\0\0\x02\x04"), 10},
        {"FC16, longest", RTU_REQUEST, BYTES("\x10\0\0\0\x7b\xf6"), 252},
        {"FC16, too long", RTU_REQUEST, BYTES("\x10\0\0\0\x7c\xf8"), 254},
        {"FC17", RTU_REQUEST, BYTES("\x11"), 1},
        {"FC20", RTU_REQUEST, BYTES("\x14\x07"), 9},
        {"FC20, no byte count yet", RTU_REQUEST, BYTES("\x14"), -1},
        {"FC22", RTU_REQUEST, BYTES("\x16"), 7},
        {"FC23", RTU_REQUEST, BYTES("\x17\0\0\0\1\0\0\0\1\x02"), 12},
        {"FC24", RTU_REQUEST, BYTES("\x18"), 3},
        {"FC43", RTU_REQUEST, BYTES("\x2b\x0e"), 4},
        {"a private function", RTU_REQUEST, BYTES("\x41\x01\x02"), 0},
        {"function 25", RTU_REQUEST, BYTES("\x19\x01\x02"), 0},
        {"an exception is no request", RTU_REQUEST, BYTES("\x83\x02"), 0},
        {"FC1, no byte count yet", RTU_ANSWER, BYTES("\x01"), -1},
        {"FC1", RTU_ANSWER, BYTES("\x01\x05"), 7},
        {"FC3, longest", RTU_ANSWER, BYTES("\x03\xfa"), 252},
        {"FC3, too long", RTU_ANSWER, BYTES("\x03\xff"), 257},
        {"FC5", RTU_ANSWER, BYTES("\x05"), 5},
        {"FC7", RTU_ANSWER, BYTES("\x07"), 2},
        {"FC11", RTU_ANSWER, BYTES("\x0b"), 5},
        {"FC16", RTU_ANSWER, BYTES("\x10"), 5},
        {"FC17", RTU_ANSWER, BYTES("\x11\x03"), 5},
        {"FC22", RTU_ANSWER, BYTES("\x16"), 7},
        {"FC23", RTU_ANSWER, BYTES("\x17\x04"), 6},
        {"FC24, half a byte count", RTU_ANSWER, BYTES("\x18\0"), -1},
        {"FC24", RTU_ANSWER, BYTES("\x18\0\x06"), 9},
        {"an exception", RTU_ANSWER, BYTES("\x83"), 2},
        {"an exception of a private function", RTU_ANSWER, BYTES("\xc1"), 2},
        {"FC43", RTU_ANSWER, BYTES("\x2b"), -1},
        {"FC43, another MEI type", RTU_ANSWER, BYTES("\x2b\x0d"), 0},
        {"FC43, no objects", RTU_ANSWER, BYTES("\x2b\x0e\x01\x01\0\0\0"), 7},
        {"FC43, no object yet", RTU_ANSWER, BYTES("\x2b\x0e\x01\x01\0\0\x01"), -1},
        {"FC43, two objects, one yet", RTU_ANSWER,
         BYTES("\x2b\x0e\x01\x01\0\0\x02\0\x02"
               "ab\x01"),
         -1},
        {"FC43, two objects", RTU_ANSWER,
         BYTES("\x2b\x0e\x01\x01\0\0\x02\0\x02"
               "ab\x01\x01"
               "c"),
         14},
        {"FC43, too long", RTU_ANSWER, BYTES("\x2b\x0e\x01\x01\0\0\x02\0\xff"), 264},
        {"a private function", RTU_ANSWER, BYTES("\x41"), 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int size = rtu_pdu_size(rows[i].pdu, rows[i].len, rows[i].direction);
        /* "Too long" is all that the last row must say. */
        if (rows[i].size > PDU_MAX ? size <= PDU_MAX && size != -1 : size != rows[i].size)
            fail_msg("%s: %d", rows[i].name, size);
    }
}

static void test_cuts(void **state)
{
    static const struct {
        const char *name;
        enum rtu_direction direction;
        const uint8_t *bytes;
        size_t len;
        enum rtu_result result;
        size_t size;
    } rows[] = {
        {"nothing", RTU_REQUEST, BYTES(""), RTU_PART, 0},
        {"a unit", RTU_REQUEST, BYTES("\x01"), RTU_PART, 0},
        {"a byte missing", RTU_REQUEST, BYTES("\x01\x03\0\0\0\x0a\xc5"), RTU_PART, 0},
        {"whole", RTU_REQUEST, BYTES("\x01\x03\0\0\0\x0a\xc5\xcd"), RTU_WHOLE, 8},
        {"and the next", RTU_REQUEST, BYTES("\x01\x03\0\0\0\x0a\xc5\xcd\x01"), RTU_WHOLE, 8},
        {"CRC's low byte", RTU_REQUEST, BYTES("\x01\x03\0\0\0\x0a\xc4\xcd"), RTU_WRONG, 0},
        {"CRC's high byte", RTU_REQUEST, BYTES("\x01\x03\0\0\0\x0a\xc5\xcc"), RTU_WRONG, 0},
        {"CRC exchanged", RTU_REQUEST, BYTES("\x01\x03\0\0\0\x0a\xcd\xc5"), RTU_WRONG, 0},
        {"a bit of the unit", RTU_REQUEST, BYTES("\x03\x03\0\0\0\x0a\xc5\xcd"), RTU_WRONG, 0},
        {"function 0", RTU_REQUEST, BYTES("\x01\0"), RTU_WRONG, 0},
        {"a private function", RTU_REQUEST, BYTES("\x01\x41"), RTU_UNKNOWN, 0},
        {"too long", RTU_REQUEST, BYTES("\x01\x10\0\0\0\x7c\xf8"), RTU_WRONG, 0},
        {"longest", RTU_REQUEST, BYTES("\x01\x10\0\0\0\x7b\xf6"), RTU_PART, 0},
        {"an answer", RTU_ANSWER, BYTES("\x11\x03\x06\xae\x41\x56\x52\x43\x40\x49\xad"), RTU_WHOLE,
         11},
        {"an exception", RTU_ANSWER, BYTES("\x0a\x81\x02\xb0\x53"), RTU_WHOLE, 5},
        {"an exception, a byte missing", RTU_ANSWER, BYTES("\x0a\x81\x02\xb0"), RTU_PART, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rtu_frame frame = {.size = 0};
        check_row(rtu_cut_frame(rows[i].bytes, rows[i].len, rows[i].direction, &frame) ==
                      rows[i].result,
                  rows[i].name);
        check_row(frame.size == rows[i].size, rows[i].name);
    }
}

static void test_limits_of_size(void **state)
{
    uint8_t bytes[RTU_SIZE_MAX + 3] = {0}, pdu[PDU_MAX + 1] = {0x41};
    struct rtu_frame frame;
    (void)state;
    assert_int_equal(rtu_put_frame(bytes, 1, pdu, PDU_MAX), RTU_SIZE_MAX);
    assert_true(rtu_check_frame(bytes, RTU_SIZE_MAX, &frame));
    assert_int_equal(frame.pdu_len, PDU_MAX);
    /* One byte more, with a right CRC: the CRC of a frame with its CRC is 0. */
    bytes[RTU_SIZE_MAX] = bytes[RTU_SIZE_MAX + 1] = 0;
    assert_int_equal(rtu_crc(bytes, RTU_SIZE_MAX), 0);
    assert_false(rtu_check_frame(bytes, RTU_SIZE_MAX + 2, &frame));
    assert_int_equal(rtu_put_frame(bytes, 1, pdu, 1), RTU_SIZE_MIN);
    assert_true(rtu_check_frame(bytes, RTU_SIZE_MIN, &frame));
    assert_false(rtu_check_frame(bytes, RTU_SIZE_MIN - 1, &frame));
    assert_false(rtu_check_frame(bytes, 0, &frame));
    /* Function 0 is none, whatever its CRC. */
    assert_int_equal(rtu_put_frame(bytes, 0, pdu + 1, 1), RTU_SIZE_MIN);
    assert_false(rtu_check_frame(bytes, RTU_SIZE_MIN, &frame));
}

/* Encodes a PDU where it is: it moves by the unit. */
static void test_put_in_place(void **state)
{
    uint8_t bytes[] = {0x03, 0x00, 0x00, 0x00, 0x0a, 0xEE, 0xEE, 0xEE};
    (void)state;
    assert_int_equal(rtu_put_frame(bytes, 1, bytes, 5), sizeof bytes);
    assert_memory_equal(bytes, "\x01\x03\x00\x00\x00\x0a\xc5\xcd", sizeof bytes);
}

static void test_finds_the_next_frame(void **state)
{
    static const uint8_t noise[] = {0x01, 0x03, 0x00, 0x55, 0x01, 0x03, 0x00,
                                    0x00, 0x00, 0x0a, 0xc5, 0xcd, 0x01};
    (void)state;
    assert_int_equal(rtu_find_frame(noise, sizeof noise, RTU_REQUEST), 4);
    assert_int_equal(rtu_find_frame(noise + 3, sizeof noise - 3, RTU_REQUEST), 1);
    assert_int_equal(rtu_find_frame(noise + 4, sizeof noise - 4, RTU_REQUEST), 9);
    assert_int_equal(rtu_find_frame(noise, 11, RTU_REQUEST), 11);
    assert_int_equal(rtu_find_frame(noise, 1, RTU_REQUEST), 1);
}

static void test_pauses(void **state)
{
    static const struct {
        uint32_t baud, inner_us, frame_us;
    } rows[] = {
        {300, 55000, 128334}, {1200, 13750, 32084}, {9600, 1719, 4011},  {19200, 860, 2006},
        {19201, 750, 1750},   {38400, 750, 1750},   {115200, 750, 1750}, {4000000, 750, 1750},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(rtu_inner_pause_us(rows[i].baud), rows[i].inner_us);
        assert_int_equal(rtu_frame_pause_us(rows[i].baud), rows[i].frame_us);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc_of_known_frames),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_limits_of_size),
        cmocka_unit_test(test_put_in_place),
        cmocka_unit_test(test_finds_the_next_frame),
        cmocka_unit_test(test_pauses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
