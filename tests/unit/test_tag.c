/* Modicon addresses, points, names. */
#include "check.h"

#include <string.h>

#include "common/model/tag.h"

static const struct {
    const char *text;
    int table; /* -1: refused */
    unsigned address;
} addresses[] = {
    {"40101", TABLE_HOLDING_REGISTER, 100},
    {"400101", TABLE_HOLDING_REGISTER, 100},
    {"40001", TABLE_HOLDING_REGISTER, 0},
    {"400001", TABLE_HOLDING_REGISTER, 0},
    {"465536", TABLE_HOLDING_REGISTER, 65535},
    {"49999", TABLE_HOLDING_REGISTER, 9998},
    {"465537", -1, 0},
    {"499999", -1, 0},
    {"400000", -1, 0},
    {"40000", -1, 0},
    {"000010", TABLE_COIL, 9},
    {"00010", TABLE_COIL, 9},
    {"00000", -1, 0},
    {"30001", TABLE_INPUT_REGISTER, 0},
    {"10005", TABLE_DISCRETE_INPUT, 4},
    {"165536", TABLE_DISCRETE_INPUT, 65535},
    {"4x00101", TABLE_HOLDING_REGISTER, 100},
    {"4X00101", TABLE_HOLDING_REGISTER, 100},
    {"0x00001", TABLE_COIL, 0},
    {"1x00002", TABLE_DISCRETE_INPUT, 1},
    {"3x65536", TABLE_INPUT_REGISTER, 65535},
    {"0x0064", -1, 0},
    {"0x64", -1, 0},
    {"0xABCDE", -1, 0},
    {"0x000064", -1, 0},
    {"%MW100", TABLE_HOLDING_REGISTER, 100},
    {"%M7", TABLE_COIL, 7},
    {"%MW65535", TABLE_HOLDING_REGISTER, 65535},
    {"%MW65536", -1, 0},
    {"%MW", -1, 0},
    {"%M", -1, 0},
    {"%MD4", -1, 0},
    {"20001", -1, 0},
    {"50001", -1, 0},
    {"4010", -1, 0},
    {"4000101", -1, 0},
    {" 40101", -1, 0},
    {"40101 ", -1, 0},
    {"4010a", -1, 0},
    {"-40101", -1, 0},
    {"", -1, 0},
    {"100", -1, 0},
};

static void test_modicon_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(addresses); i++) {
        enum modbus_table table;
        uint16_t address;
        bool ok = modicon_parse(addresses[i].text, &table, &address);
        check_row(ok == (addresses[i].table >= 0), addresses[i].text);
        if (ok) {
            check_row((int)table == addresses[i].table, addresses[i].text);
            check_row(address == addresses[i].address, addresses[i].text);
        }
    }
}

static void test_modicon_round_trip(void **state)
{
    (void)state;
    for (unsigned table = 0; table < TABLE_COUNT; table++) {
        for (unsigned address = 0; address <= ADDRESS_MAX; address++) {
            char text[MODICON_SIZE];
            enum modbus_table read;
            uint16_t back;
            modicon_format((enum modbus_table)table, (uint16_t)address, text);
            assert_int_equal(strlen(text), 6);
            assert_true(modicon_parse(text, &read, &back));
            assert_int_equal(read, table);
            assert_int_equal(back, address);
        }
    }
}

static void test_modicon_looks_like(void **state)
{
    (void)state;
    assert_true(modicon_looks_like(TABLE_HOLDING_REGISTER, 40101));
    assert_true(modicon_looks_like(TABLE_HOLDING_REGISTER, 400101));
    assert_true(modicon_looks_like(TABLE_INPUT_REGISTER, 30001));
    assert_false(modicon_looks_like(TABLE_HOLDING_REGISTER, 30001));
    assert_false(modicon_looks_like(TABLE_HOLDING_REGISTER, 101));
    assert_false(modicon_looks_like(TABLE_HOLDING_REGISTER, 40000));
    assert_false(modicon_looks_like(TABLE_COIL, 101));
}

static void test_point_width(void **state)
{
    (void)state;
    static const uint16_t widths[TYPE_COUNT] = {1, 1, 1, 2, 2, 4, 4, 2, 4, 17, 1, 2, 1, 1};
    for (unsigned type = 0; type < TYPE_COUNT; type++) {
        struct point point = {.type = (uint8_t)type, .length = 17};
        check_row(point_width(&point) == widths[type], type_names[type]);
    }
}

static void test_point_same(void **state)
{
    struct point one, other;
    (void)state;
    memset(&one, 0x00, sizeof one);
    memset(&other, 0xFF, sizeof other); /* padding between the members does not count */
    one = (struct point){.table = TABLE_COIL, .bit = NO_BIT, .scale = 0.1};
    other.table = TABLE_COIL;
    other.type = other.order = other.overflow = other.stale = 0;
    other.address = other.length = other.byte = 0;
    other.scale = 0.1;
    other.offset = other.stale_raw = 0;
    assert_true(point_is_equal(&one, &other));
    other.address = 1;
    assert_false(point_is_equal(&one, &other));
    other.address = 0;
    other.offset = 1;
    assert_false(point_is_equal(&one, &other));
}

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(name_list_find(type_names, "bool"), TYPE_BOOL);
    assert_int_equal(name_list_find(type_names, "string"), TYPE_STRING);
    assert_int_equal(name_list_find(order_names, "DCBA"), ORDER_DCBA);
    assert_int_equal(name_list_find(order_names, "dcba"), -1);
    assert_int_equal(name_list_find(order_names, "HGFEDCBA"), ORDER_HGFEDCBA);
    assert_int_equal(name_list_find(order_names, "ABCDEFGH"), ORDER_OF_EIGHT_BYTES);
    assert_int_equal(name_list_find(byte_names, "high"), BYTE_HIGH);
    assert_int_equal(name_list_find(table_names, ""), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_modicon_parse),      cmocka_unit_test(test_modicon_round_trip),
        cmocka_unit_test(test_modicon_looks_like), cmocka_unit_test(test_point_width),
        cmocka_unit_test(test_point_same),         cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
