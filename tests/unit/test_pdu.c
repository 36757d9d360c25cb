/* Frames and requests: each limit, and one beyond it. */
#include "common/modbus/pdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_frame_cut(void **state)
{
    static const struct {
        const char *name;
        uint8_t bytes[16];
        size_t len;
        enum pdu_frame_result result;
    } rows[] = {
        {"nothing", {0}, 0, FRAME_PART},
        {"one byte", {9}, 1, FRAME_PART},
        {"a protocol's first byte", {0, 1, 'G'}, 3, FRAME_BAD},
        {"a protocol's second byte", {0, 1, 0, 1}, 4, FRAME_BAD},
        {"length in the thousands, half seen", {0, 1, 0, 0, 4}, 5, FRAME_BAD},
        {"length not whole", {0, 1, 0, 0, 0}, 5, FRAME_PART},
        {"length 0", {0, 1, 0, 0, 0, 0}, 6, FRAME_BAD},
        {"length 1", {0, 1, 0, 0, 0, 1, 1}, 7, FRAME_BAD},
        {"length 2", {0, 1, 0, 0, 0, 2, 1, 3}, 8, FRAME_WHOLE},
        {"length 2, a byte missing", {0, 1, 0, 0, 0, 2, 1}, 7, FRAME_PART},
        {"length 254", {0, 1, 0, 0, 0, 254}, 6, FRAME_PART},
        {"length 255", {0, 1, 0, 0, 0, 255}, 6, FRAME_BAD},
        {"length 256", {0, 1, 0, 0, 1, 0}, 6, FRAME_BAD},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pdu_frame frame;
        if (pdu_cut_frame(rows[i].bytes, rows[i].len, &frame) != rows[i].result)
            fail_msg("%s", rows[i].name);
    }
}

static void test_frame_fields(void **state)
{
    static const uint8_t bytes[] = {0x12, 0x34, 0, 0, 0, 6, 0x77, 3, 1, 2, 0, 4, 0xFF, 0xFF};
    struct pdu_frame frame;
    (void)state;
    assert_int_equal(pdu_cut_frame(bytes, sizeof bytes, &frame), FRAME_WHOLE);
    assert_int_equal(frame.transaction, 0x1234);
    assert_int_equal(frame.unit, 0x77);
    assert_ptr_equal(frame.pdu, bytes + 7);
    assert_int_equal(frame.pdu_len, 5);
    assert_int_equal(frame.size, 12);
    uint8_t header[MBAP_SIZE];
    pdu_put_header(header, frame.transaction, frame.unit, frame.pdu_len);
    assert_memory_equal(header, bytes, sizeof header);
}

static void test_longest_frame(void **state)
{
    uint8_t bytes[ADU_MAX] = {0, 1, 0, 0, 0, 254};
    struct pdu_frame frame;
    (void)state;
    assert_int_equal(pdu_cut_frame(bytes, ADU_MAX - 1, &frame), FRAME_PART);
    assert_int_equal(pdu_cut_frame(bytes, ADU_MAX, &frame), FRAME_WHOLE);
    assert_int_equal(frame.pdu_len, PDU_MAX);
}

/* A server accepts writes that are too long for a frame, to answer them. */
static void test_long_requests(void **state)
{
    static const struct {
        const char *name;
        uint8_t header[8];
        size_t len;
        enum pdu_frame_result result;
    } rows[] = {
        {"FC16, 124 registers", {0, 1, 0, 0, 0, 255, 1, 16}, 6 + 255, FRAME_WHOLE},
        {"a byte missing", {0, 1, 0, 0, 0, 255, 1, 16}, 6 + 254, FRAME_PART},
        {"FC16, 125 registers", {0, 1, 0, 0, 1, 1, 1, 16}, 6 + 257, FRAME_WHOLE},
        {"FC15", {0, 1, 0, 0, 1, 6, 1, 15}, 6 + 262, FRAME_WHOLE},
        {"FC23", {0, 1, 0, 0, 1, 10, 1, 23}, 6 + 266, FRAME_WHOLE},
        {"FC3", {0, 1, 0, 0, 0, 255, 1, 3}, 6 + 255, FRAME_BAD},
        {"FC22", {0, 1, 0, 0, 0, 255, 1, 22}, 8, FRAME_BAD},
        {"function not there yet", {0, 1, 0, 0, 0, 255, 1}, 7, FRAME_PART},
        {"longest", {0, 1, 0, 0, 3, 255, 1, 16}, 6 + 1023, FRAME_WHOLE},
        {"longer", {0, 1, 0, 0, 4, 0, 1, 16}, 5, FRAME_BAD},
        {"of usual length", {0, 1, 0, 0, 0, 254, 1, 16}, 6 + 254, FRAME_WHOLE},
        {"length 1", {0, 1, 0, 0, 0, 1, 1, 16}, 8, FRAME_BAD},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[6 + 1023] = {0};
        struct pdu_frame frame = {.size = 0};
        struct pdu_request request;
        memcpy(bytes, rows[i].header, 8);
        enum pdu_frame_result result = pdu_cut_request(bytes, rows[i].len, &frame);
        if (result != rows[i].result || (result == FRAME_WHOLE && frame.size != rows[i].len))
            fail_msg("%s: %d, %zu", rows[i].name, (int)result, frame.size);
        if (result == FRAME_WHOLE)
            assert_int_equal(pdu_check_request(frame.pdu, frame.pdu_len, &request),
                             PDU_ILLEGAL_VALUE);
        if (bytes[4] != 0 || bytes[5] == 255)
            assert_int_equal(pdu_cut_frame(bytes, rows[i].len, &frame), FRAME_BAD);
    }
}

/* A request consists of these first bytes, then zeros up to `len`. */
struct row {
    const char *name;
    uint8_t start[10];
    size_t len;
    enum pdu_exception code;
};

#define U16(value) (uint8_t)((value) >> 8), (uint8_t)((value)&0xFF)
#define OK         PDU_OK
#define FUNCTION   PDU_ILLEGAL_FUNCTION
#define ADDRESS    PDU_ILLEGAL_ADDRESS
#define VALUE      PDU_ILLEGAL_VALUE

static const struct row rows[] = {
    /* Reads: quantity, then address, then length. */
    {"FC1 none", {1, U16(0), U16(0)}, 5, VALUE},
    {"FC1 one", {1, U16(0), U16(1)}, 5, OK},
    {"FC1 2000", {1, U16(0), U16(2000)}, 5, OK},
    {"FC1 2001", {1, U16(0), U16(2001)}, 5, VALUE},
    {"FC1 65535", {1, U16(0), U16(65535)}, 5, VALUE},
    {"FC1 last bit", {1, U16(65535), U16(1)}, 5, OK},
    {"FC1 beyond", {1, U16(65535), U16(2)}, 5, ADDRESS},
    {"FC1 2001 at a bad address", {1, U16(65535), U16(2001)}, 5, VALUE},
    {"FC1 short", {1, U16(0), 0}, 4, VALUE},
    {"FC1 alone", {1}, 1, VALUE},
    {"FC1 long", {1, U16(0), U16(1)}, 6, VALUE},
    {"FC2 none", {2, U16(0), U16(0)}, 5, VALUE},
    {"FC2 2000", {2, U16(0), U16(2000)}, 5, OK},
    {"FC2 2001", {2, U16(0), U16(2001)}, 5, VALUE},
    {"FC2 to the end", {2, U16(63536), U16(2000)}, 5, OK},
    {"FC2 beyond", {2, U16(63537), U16(2000)}, 5, ADDRESS},
    {"FC3 none", {3, U16(0), U16(0)}, 5, VALUE},
    {"FC3 one", {3, U16(0), U16(1)}, 5, OK},
    {"FC3 125", {3, U16(0), U16(125)}, 5, OK},
    {"FC3 126", {3, U16(0), U16(126)}, 5, VALUE},
    {"FC3 to the end", {3, U16(65411), U16(125)}, 5, OK},
    {"FC3 beyond", {3, U16(65412), U16(125)}, 5, ADDRESS},
    {"FC3 short", {3, U16(0), 0}, 4, VALUE},
    {"FC3 long", {3, U16(0), U16(1)}, 253, VALUE},
    {"FC4 none", {4, U16(0), U16(0)}, 5, VALUE},
    {"FC4 125", {4, U16(0), U16(125)}, 5, OK},
    {"FC4 126", {4, U16(0), U16(126)}, 5, VALUE},
    {"FC4 beyond", {4, U16(65535), U16(2)}, 5, ADDRESS},
    /* Single writes. */
    {"FC5 off", {5, U16(65535), U16(0)}, 5, OK},
    {"FC5 on", {5, U16(0), U16(0xFF00)}, 5, OK},
    {"FC5 1", {5, U16(0), U16(1)}, 5, VALUE},
    {"FC5 FF01", {5, U16(0), U16(0xFF01)}, 5, VALUE},
    {"FC5 FFFF", {5, U16(65535), U16(0xFFFF)}, 5, VALUE},
    {"FC5 FEFF", {5, U16(0), U16(0xFEFF)}, 5, VALUE},
    {"FC5 short", {5, U16(0), 0xFF}, 4, VALUE},
    {"FC5 long", {5, U16(0), U16(0)}, 6, VALUE},
    {"FC6", {6, U16(65535), U16(65535)}, 5, OK},
    {"FC6 short", {6, U16(0), 0}, 4, VALUE},
    {"FC6 long", {6, U16(0), U16(1)}, 6, VALUE},
    /* Multiple bits. */
    {"FC15 none", {15, U16(0), U16(0), 0}, 6, VALUE},
    {"FC15 one", {15, U16(0), U16(1), 1}, 7, OK},
    {"FC15 8", {15, U16(0), U16(8), 1}, 7, OK},
    {"FC15 9", {15, U16(0), U16(9), 2}, 8, OK},
    {"FC15 9 in one byte", {15, U16(0), U16(9), 1}, 7, VALUE},
    {"FC15 8 in two bytes", {15, U16(0), U16(8), 2}, 8, VALUE},
    {"FC15 1968", {15, U16(0), U16(1968), 246}, 252, OK},
    {"FC15 1969", {15, U16(0), U16(1969), 247}, 253, VALUE},
    {"FC15 to the end", {15, U16(63568), U16(1968), 246}, 252, OK},
    {"FC15 beyond", {15, U16(63569), U16(1968), 246}, 252, ADDRESS},
    {"FC15 byte count alone wrong", {15, U16(0), U16(8), 2}, 7, VALUE},
    {"FC15 data cut", {15, U16(0), U16(16), 2}, 7, VALUE},
    {"FC15 data more", {15, U16(0), U16(16), 2}, 9, VALUE},
    {"FC15 no byte count", {15, U16(0), U16(1)}, 5, VALUE},
    {"FC15 byte count wraps", {15, U16(0), U16(2048), 0}, 6, VALUE},
    /* Multiple registers. */
    {"FC16 none", {16, U16(0), U16(0), 0}, 6, VALUE},
    {"FC16 one", {16, U16(0), U16(1), 2}, 8, OK},
    {"FC16 123", {16, U16(0), U16(123), 246}, 252, OK},
    {"FC16 124", {16, U16(0), U16(124), 248}, 253, VALUE},
    {"FC16 128, byte count wraps", {16, U16(0), U16(128), 0}, 6, VALUE},
    {"FC16 129, byte count wraps", {16, U16(0), U16(129), 2}, 8, VALUE},
    {"FC16 byte count low", {16, U16(0), U16(2), 2}, 8, VALUE},
    {"FC16 byte count high", {16, U16(0), U16(1), 4}, 10, VALUE},
    {"FC16 byte count odd", {16, U16(0), U16(1), 3}, 9, VALUE},
    {"FC16 byte count alone wrong", {16, U16(0), U16(1), 4}, 8, VALUE},
    {"FC16 data cut", {16, U16(0), U16(2), 4}, 9, VALUE},
    {"FC16 data more", {16, U16(0), U16(1), 2}, 9, VALUE},
    {"FC16 no byte count", {16, U16(0), U16(1)}, 5, VALUE},
    {"FC16 to the end", {16, U16(65413), U16(123), 246}, 252, OK},
    {"FC16 beyond", {16, U16(65414), U16(123), 246}, 252, ADDRESS},
    {"FC16 wrong and beyond", {16, U16(65535), U16(2), 2}, 8, VALUE},
    /* Mask write. */
    {"FC22", {22, U16(65535), U16(0), U16(0)}, 7, OK},
    {"FC22 short", {22, U16(0), U16(0), 0}, 6, VALUE},
    {"FC22 long", {22, U16(0), U16(0), U16(0)}, 8, VALUE},
    /* Read and write in one request. */
    {"FC23", {23, U16(0), U16(1), U16(0), U16(1), 2}, 12, OK},
    {"FC23 read none", {23, U16(0), U16(0), U16(0), U16(1), 2}, 12, VALUE},
    {"FC23 read 125", {23, U16(0), U16(125), U16(0), U16(1), 2}, 12, OK},
    {"FC23 read 126", {23, U16(0), U16(126), U16(0), U16(1), 2}, 12, VALUE},
    {"FC23 write none", {23, U16(0), U16(1), U16(0), U16(0), 0}, 10, VALUE},
    {"FC23 write 121", {23, U16(0), U16(1), U16(0), U16(121), 242}, 252, OK},
    {"FC23 write 122", {23, U16(0), U16(1), U16(0), U16(122), 244}, 253, VALUE},
    {"FC23 byte count low", {23, U16(0), U16(1), U16(0), U16(2), 2}, 12, VALUE},
    {"FC23 byte count alone wrong", {23, U16(0), U16(1), U16(0), U16(1), 4}, 12, VALUE},
    {"FC23 data cut", {23, U16(0), U16(1), U16(0), U16(1), 2}, 11, VALUE},
    {"FC23 data more", {23, U16(0), U16(1), U16(0), U16(1), 2}, 13, VALUE},
    {"FC23 no data", {23, U16(0), U16(1), U16(0), U16(1)}, 9, VALUE},
    {"FC23 read beyond", {23, U16(65535), U16(2), U16(0), U16(1), 2}, 12, ADDRESS},
    {"FC23 write beyond", {23, U16(0), U16(1), U16(65535), U16(2), 4}, 14, ADDRESS},
    {"FC23 both last", {23, U16(65535), U16(1), U16(65535), U16(1), 2}, 12, OK},
    /* Identification, whose structure is not checked here. */
    {"FC17", {17}, 1, OK},
    {"FC43", {43, 14, 1, 0}, 4, OK},
    /* Unsupported functions. */
    {"FC0", {0}, 1, FUNCTION},
    {"FC7", {7}, 1, FUNCTION},
    {"FC8", {8, U16(0), U16(0)}, 5, FUNCTION},
    {"FC11", {11}, 1, FUNCTION},
    {"FC13", {13}, 1, FUNCTION},
    {"FC14", {14}, 1, FUNCTION},
    {"FC12", {12}, 1, FUNCTION},
    {"FC20", {20, 7}, 9, FUNCTION},
    {"FC21", {21, 7}, 9, FUNCTION},
    {"FC24", {24, U16(0)}, 3, FUNCTION},
    {"FC100", {100}, 1, FUNCTION},
    {"FC127", {127}, 1, FUNCTION},
    {"FC 0x83", {0x83, U16(0), U16(1)}, 5, FUNCTION},
    {"FC255", {255}, 1, FUNCTION},
};

static void test_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t pdu[PDU_MAX] = {0};
        struct pdu_request request;
        memcpy(pdu, rows[i].start, sizeof rows[i].start);
        enum pdu_exception code = pdu_check_request(pdu, rows[i].len, &request);
        if (code != rows[i].code)
            fail_msg("%s: %d, not %d", rows[i].name, code, rows[i].code);
        if (code == PDU_OK)
            assert_int_equal(request.function, rows[i].start[0]);
    }
}

/* Each supported function has a row above, with a valid request. */
static void test_each_function(void **state)
{
#define CODE(code, ...) code,
    static const uint8_t codes[] = {PDU_FUNCTIONS(CODE)};
    (void)state;
    for (size_t i = 0; i < sizeof codes; i++) {
        bool has_row = false;
        for (size_t j = 0; j < sizeof rows / sizeof rows[0] && !has_row; j++) {
            has_row = rows[j].start[0] == codes[i] && rows[j].code == OK;
            if (has_row)
                assert_int_equal(pdu_request_size(rows[j].start, rows[j].len), rows[j].len);
        }
        if (!has_row)
            fail_msg("no row for function %u", codes[i]);
    }
}

static void test_exchange_fields(void **state)
{
    static const uint8_t pdu[] = {23, U16(5), U16(6), U16(300), U16(2), 4, 0, 1, 0, 2};
    struct pdu_request request;
    (void)state;
    assert_int_equal(pdu_check_request(pdu, sizeof pdu, &request), PDU_OK);
    assert_int_equal(request.kind, PDU_WRITE);
    assert_int_equal(request.table, PDU_HOLDING_REGISTERS);
    assert_int_equal(request.read_address, 5);
    assert_int_equal(request.read_count, 6);
    assert_int_equal(request.write_address, 300);
    assert_int_equal(request.write_count, 2);
}

static void test_writes(void **state)
{
    static const uint8_t writes[] = {5, 6, 15, 16, 22, 23};
    (void)state;
    for (unsigned function = 0; function < 256; function++)
        assert_int_equal(pdu_is_write((uint8_t)function),
                         memchr(writes, (int)function, sizeof writes) != NULL);
}

static void test_exception(void **state)
{
    uint8_t pdu[2];
    (void)state;
    assert_int_equal(pdu_put_exception(pdu, 3, PDU_ILLEGAL_ADDRESS), 2);
    assert_int_equal(pdu[0], 0x83);
    assert_int_equal(pdu[1], 2);
    pdu_put_exception(pdu, 0x83, PDU_ILLEGAL_FUNCTION);
    assert_int_equal(pdu[0], 0x83);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_cut),       cmocka_unit_test(test_frame_fields),
        cmocka_unit_test(test_longest_frame),   cmocka_unit_test(test_long_requests),
        cmocka_unit_test(test_requests),        cmocka_unit_test(test_each_function),
        cmocka_unit_test(test_exchange_fields), cmocka_unit_test(test_exception),
        cmocka_unit_test(test_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
