/* Topics and payloads of mirrored setpoints, good and hostile ones. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "mqttd/mirror/mirror_message.h"
#include "mqttd/mirror/mirror_order.h"

static void test_levels(void **state)
{
    static const struct {
        const char *device, *tag, *levels;
    } rows[] = {
        {"boiler-7", "set_point", "boiler-7/set_point"},
        {"d.1", "s.t", "d%2E1/s%2Et"},
        {"a%2E", "%", "a%252E/%25"},
        {"", "t", NULL},
        {"d", "", NULL},
    };
    char levels[MIRROR_LEVELS_SIZE], longest[MIRROR_NAME_SIZE + 1];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool ok = mirror_message_write_levels(rows[i].device, rows[i].tag, levels);
        check_row(ok == (rows[i].levels != NULL), rows[i].device);
        if (ok)
            assert_string_equal(levels, rows[i].levels);
    }
    memset(longest, '.', sizeof longest);
    longest[MIRROR_NAME_SIZE] = '\0';
    assert_false(mirror_message_write_levels(longest, "t", levels));
    longest[MIRROR_NAME_SIZE - 1] = '\0';
    assert_true(mirror_message_write_levels(longest, longest, levels));
    assert_int_equal(strlen(levels), 2 * 3 * (MIRROR_NAME_SIZE - 1) + 1);
}

static struct mirror_message sample(void)
{
    return (struct mirror_message){.device = "d",
                                   .tag = "t",
                                   .from = "tagferry-a",
                                   .stamp = 1795976661000123,
                                   .point = {.table = TABLE_HOLDING_REGISTER,
                                             .address = 100,
                                             .type = TYPE_FLOAT32,
                                             .order = ORDER_CDAB,
                                             .bit = NO_BIT},
                                   .count = 2,
                                   .words = {16801, 65535}};
}

static void expect_same(const struct mirror_message *message)
{
    char text[MIRROR_PAYLOAD_SIZE];
    struct mirror_message read;
    size_t len = mirror_message_write(message, text);
    assert_true(len > 0);
    assert_int_equal(mirror_message_read(text, len, &read), MIRROR_READ_OK);
    assert_string_equal(read.device, message->device);
    assert_string_equal(read.tag, message->tag);
    assert_string_equal(read.from, message->from);
    assert_int_equal(read.stamp, message->stamp);
    assert_true(read.is_repeated == message->is_repeated);
    assert_int_equal(read.count, message->count);
    assert_memory_equal(read.words, message->words, message->count * sizeof *read.words);
    assert_true(mirror_message_fits(&read, &message->point) || message->point.type == TYPE_STRING);
}

static void test_there_and_back(void **state)
{
    struct mirror_message message = sample();
    char text[MIRROR_PAYLOAD_SIZE];
    (void)state;
    mirror_message_write(&message, text);
    assert_string_equal(text, "{\"device\":\"d\",\"tag\":\"t\",\"stamp\":1795976661000123,"
                              "\"from\":\"tagferry-a\",\"table\":\"holding_register\","
                              "\"address\":100,\"type\":\"float32\",\"byte_order\":\"CDAB\","
                              "\"registers\":[16801,65535]}");
    expect_same(&message);
    message.is_repeated = true;
    expect_same(&message);
    message.stamp = MIRROR_STAMP_LIMIT - 1;
    strcpy(message.from, "\"q\\uote\x01\x1f \xc3\xa4");
    expect_same(&message);
    message = sample();
    message.point.type = TYPE_BOOL;
    message.point.bit = 15;
    message.count = 1;
    message.words[0] = 1;
    expect_same(&message);
    message.point.bit = NO_BIT;
    message.point.table = TABLE_COIL;
    expect_same(&message);

    message = sample();
    message.point.type = TYPE_UINT8;
    message.point.byte = BYTE_HIGH;
    message.count = 1;
    message.words[0] = 255;
    expect_same(&message);
    message.point.byte = BYTE_LOW;
    expect_same(&message);

    /* The longest one. */
    message = sample();
    message.point.type = TYPE_STRING;
    message.point.length = message.count = POINT_REGISTERS_MAX;
    memset(message.words, 0xff, sizeof message.words);
    memset(message.from, '\x01', sizeof message.from - 1);
    memset(message.device, 'd', sizeof message.device - 1);
    memset(message.tag, 't', sizeof message.tag - 1);
    expect_same(&message);
}

#define HEAD  "{\"device\":\"d\",\"tag\":\"t\",\"stamp\":5,\"from\":\"a\","
#define POINT "\"table\":\"coil\",\"address\":1,\"type\":\"bool\",\"byte_order\":\"ABCD\","
#define BYTE_POINT                                                                                 \
    "\"table\":\"holding_register\",\"address\":1,\"type\":\"int8\",\"byte_order\":\"ABCD\","
#define VALUE "\"received_at\":5,\"source_at\":4,"

static void test_payloads(void **state)
{
    static const struct {
        const char *text;
        enum mirror_read result;
    } rows[] = {
        {HEAD POINT "\"registers\":[1]}", MIRROR_READ_OK},
        {HEAD POINT "\"registers\":[1],\"more\":{}}", MIRROR_READ_OK},
        {"", MIRROR_READ_INVALID},
        {"null", MIRROR_READ_INVALID},
        {"[]", MIRROR_READ_INVALID},
        {"{}", MIRROR_READ_INVALID},
        {"\xff", MIRROR_READ_INVALID},
        {HEAD POINT "\"registers\":[1]", MIRROR_READ_INVALID},
        {HEAD POINT "\"registers\":[2]}", MIRROR_READ_INVALID}, /* a coil */
        {HEAD POINT "\"registers\":[1,1]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"registers\":[]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"registers\":{\"a\":1}}", MIRROR_READ_INVALID},
        {HEAD POINT "\"registers\":[-1]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"registers\":[65536]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"registers\":[0.5]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"registers\":[1e999]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"registers\":[true]}", MIRROR_READ_INVALID},
        {HEAD BYTE_POINT "\"byte\":\"high\",\"registers\":[255]}", MIRROR_READ_OK},
        {HEAD BYTE_POINT "\"byte\":\"high\",\"registers\":[256]}", MIRROR_READ_INVALID},
        {HEAD BYTE_POINT "\"byte\":\"high\",\"registers\":[1,1]}", MIRROR_READ_INVALID},
        {HEAD BYTE_POINT "\"byte\":\"both\",\"registers\":[1]}", MIRROR_READ_INVALID},
        {HEAD BYTE_POINT "\"registers\":[1]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"bit\":-1,\"registers\":[1]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"bit\":16,\"registers\":[1]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"bit\":null,\"registers\":[1]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"bit\":3,\"registers\":[2]}", MIRROR_READ_INVALID},
        {HEAD POINT VALUE "\"outcome\":\"good\",\"registers\":[1]}", MIRROR_READ_OK},
        {HEAD POINT VALUE "\"outcome\":\"x\",\"registers\":[1]}", MIRROR_READ_INVALID},
        {HEAD POINT VALUE "\"registers\":[1]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"received_at\":5,\"registers\":[1]}", MIRROR_READ_INVALID},
        {HEAD POINT "\"received_at\":null,\"registers\":[1]}", MIRROR_READ_INVALID},
        {HEAD
         "\"table\":\"discrete_input\",\"address\":1,\"type\":\"bool\",\"byte_order\":\"ABCD\","
         "\"registers\":[2]}",
         MIRROR_READ_INVALID},
        {"{\"device\":\"\",\"tag\":\"t\",\"stamp\":5,\"from\":\"a\"," POINT "\"registers\":[1]}",
         MIRROR_READ_INVALID},
        {"{\"device\":\"d\",\"tag\":\"t\",\"stamp\":9007199254740992,\"from\":\"a\"," POINT
         "\"registers\":[1]}",
         MIRROR_READ_INVALID},
        {"{\"device\":\"d\",\"tag\":\"t\",\"stamp\":0,\"from\":\"a\"," POINT "\"registers\":[1]}",
         MIRROR_READ_INVALID},
        {"{\"device\":\"d\\u0000x\",\"tag\":\"t\",\"stamp\":5,\"from\":\"a\"," POINT
         "\"registers\":[1]}",
         MIRROR_READ_OK}, /* it names "d": the caller compares it with the topic */
    };
    struct mirror_message message;
    char text[MIRROR_PAYLOAD_SIZE + 1];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(mirror_message_read(rows[i].text, strlen(rows[i].text), &message) ==
                      rows[i].result,
                  rows[i].text);
    assert_int_equal(mirror_message_read(NULL, 0, &message), MIRROR_READ_INVALID);

    /* Too many registers, and too long. */
    size_t len = (size_t)sprintf(text, "%s", HEAD POINT "\"registers\":[1");
    for (size_t i = 1; i <= POINT_REGISTERS_MAX; i++)
        len += (size_t)sprintf(text + len, ",1");
    len += (size_t)sprintf(text + len, "]}");
    assert_int_equal(mirror_message_read(text, len, &message), MIRROR_READ_INVALID);
    memset(text, ' ', sizeof text);
    memcpy(text, "{}", 2);
    assert_int_equal(mirror_message_read(text, sizeof text, &message), MIRROR_READ_INVALID);

    /* Each shorter part of a good one, and each byte of it changed. */
    const struct mirror_message good = sample();
    len = mirror_message_write(&good, text);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(mirror_message_read(text, i, &message), MIRROR_READ_INVALID);
    for (size_t i = 0; i < len; i++) {
        text[i] ^= 0x55;
        if (mirror_message_read(text, len, &message) == MIRROR_READ_OK)
            assert_in_range(message.count, 1, POINT_REGISTERS_MAX);
        text[i] ^= 0x55;
    }
}

static void test_other_points(void **state)
{
    const struct mirror_message message = sample();
    struct point point = message.point;
    (void)state;
    assert_true(mirror_message_fits(&message, &point));
    point.scale = 5; /* how the value is shown does not matter */
    assert_true(mirror_message_fits(&message, &point));
    point.address++;
    assert_false(mirror_message_fits(&message, &point));
    point = message.point;
    point.type = TYPE_INT32;
    assert_false(mirror_message_fits(&message, &point));
    point = message.point;
    point.order = ORDER_ABCD;
    assert_false(mirror_message_fits(&message, &point));
    point = message.point;
    point.table = TABLE_INPUT_REGISTER;
    assert_false(mirror_message_fits(&message, &point));
    point = message.point;
    point.bit = 0;
    assert_false(mirror_message_fits(&message, &point));
    point = message.point;
    point.type = TYPE_FLOAT64;
    assert_false(mirror_message_fits(&message, &point));
    struct mirror_message low = message;
    low.point.type = TYPE_INT8;
    low.count = 1;
    point = low.point;
    assert_true(mirror_message_fits(&low, &point));
    point.byte = BYTE_HIGH;
    assert_false(mirror_message_fits(&low, &point));
    low.is_value = true; /* handed over, from any registers */
    assert_true(mirror_message_fits(&low, &point));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_payloads),
        cmocka_unit_test(test_other_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
