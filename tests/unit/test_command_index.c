/* The registers and bits of a tag that a journal entry addresses. */
#include "check.h"

#include "mqttd/writeback/command_index.h"

enum { R = JOURNAL_HOLDING_REGISTER, C = JOURNAL_COIL };

/* An entry that writes 0x1110, 0x1111, ... from `address` on and addresses the bits of `mask`. */
static struct journal_entry entry_of(uint8_t table, uint16_t address, uint16_t count, uint16_t mask)
{
    struct journal_entry entry = {.unit = 1, .table = table, .address = address, .count = count};
    for (uint16_t i = 0; table == R && i < count; i++) {
        entry.values[i] = (uint16_t)(0x1110 + i);
        entry.masks[i] = mask;
    }
    return entry;
}

static void test_matches(void **state)
{
    static const struct {
        const char *name;
        uint16_t address, count, mask;
        uint16_t at;
        int8_t bit; /* of int8 and uint8 the byte */
        uint8_t type;
        enum command_match match;
        uint16_t first, last; /* of the words */
    } rows[] = {
        {"one register", 10, 1, 0xffff, 10, NO_BIT, TYPE_UINT16, COMMAND_MATCH_WHOLE, 0x1110,
         0x1110},
        {"before it", 9, 1, 0xffff, 10, NO_BIT, TYPE_UINT16, COMMAND_MATCH_NONE, 0, 0},
        {"behind it", 11, 1, 0xffff, 10, NO_BIT, TYPE_UINT16, COMMAND_MATCH_NONE, 0, 0},
        {"first half", 9, 2, 0xffff, 10, NO_BIT, TYPE_UINT32, COMMAND_MATCH_PART, 0, 0},
        {"second half", 11, 5, 0xffff, 10, NO_BIT, TYPE_UINT32, COMMAND_MATCH_PART, 0, 0},
        {"around it", 8, 6, 0xffff, 10, NO_BIT, TYPE_UINT64, COMMAND_MATCH_WHOLE, 0x1112, 0x1115},
        {"middle", 11, 2, 0xffff, 10, NO_BIT, TYPE_UINT64, COMMAND_MATCH_PART, 0, 0},
        {"its bit", 10, 1, 0x0004, 10, 2, TYPE_BOOL, COMMAND_MATCH_WHOLE, 0x1110, 0x1110},
        {"a bit beside it", 10, 1, 0x000a, 10, 2, TYPE_BOOL, COMMAND_MATCH_NONE, 0, 0},
        {"its bit among others", 9, 3, 0x800f, 10, 15, TYPE_BOOL, COMMAND_MATCH_WHOLE, 0x1111,
         0x1111},
        {"a bit of a value", 10, 1, 0x0100, 10, NO_BIT, TYPE_INT16, COMMAND_MATCH_WHOLE, 0x1110,
         0x1110},
        {"a bit of half a value", 11, 1, 0x0100, 10, NO_BIT, TYPE_INT32, COMMAND_MATCH_PART, 0, 0},
        {"no bit at all", 10, 1, 0, 10, NO_BIT, TYPE_INT16, COMMAND_MATCH_NONE, 0, 0},
        {"no bit at all of a bit", 10, 1, 0, 10, 0, TYPE_BOOL, COMMAND_MATCH_NONE, 0, 0},
        {"its low byte", 10, 1, 0x00ff, 10, BYTE_LOW, TYPE_INT8, COMMAND_MATCH_WHOLE, 0x1110,
         0x1110},
        {"the other byte", 10, 1, 0xff00, 10, BYTE_LOW, TYPE_INT8, COMMAND_MATCH_NONE, 0, 0},
        {"its high byte", 10, 1, 0xff00, 10, BYTE_HIGH, TYPE_UINT8, COMMAND_MATCH_WHOLE, 0x1110,
         0x1110},
        {"a bit of its byte", 10, 1, 0x0100, 10, BYTE_HIGH, TYPE_UINT8, COMMAND_MATCH_WHOLE, 0x1110,
         0x1110},
        {"a bit of the other byte", 10, 1, 0x0080, 10, BYTE_HIGH, TYPE_UINT8, COMMAND_MATCH_NONE, 0,
         0},
        {"both bytes", 10, 1, 0xffff, 10, BYTE_HIGH, TYPE_INT8, COMMAND_MATCH_WHOLE, 0x1110,
         0x1110},
        {"last register", 65535, 1, 1, 65535, 0, TYPE_BOOL, COMMAND_MATCH_WHOLE, 0x1110, 0x1110},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool is_byte = type_info[rows[i].type].is_byte;
        const struct point point = {.table = TABLE_HOLDING_REGISTER,
                                    .type = rows[i].type,
                                    .bit = (int8_t)(is_byte ? NO_BIT : rows[i].bit),
                                    .byte = (uint8_t)(is_byte ? rows[i].bit : BYTE_LOW),
                                    .address = rows[i].at};
        struct journal_entry entry = entry_of(R, rows[i].address, rows[i].count, rows[i].mask);
        uint16_t words[POINT_REGISTERS_MAX] = {0};
        enum command_match match = command_match_entry(&entry, &point, words);
        if (match != rows[i].match ||
            (match == COMMAND_MATCH_WHOLE &&
             (words[0] != rows[i].first || words[point_width(&point) - 1] != rows[i].last)))
            fail_msg("%s: %d, %x", rows[i].name, (int)match, words[0]);
    }
}

static void test_coils(void **state)
{
    const struct point point = {
        .table = TABLE_COIL, .type = TYPE_BOOL, .bit = NO_BIT, .address = 20};
    struct journal_entry entry = entry_of(C, 3, 18, 0);
    uint16_t words[POINT_REGISTERS_MAX];
    (void)state;
    assert_int_equal(command_match_entry(&entry, &point, words), COMMAND_MATCH_WHOLE);
    assert_int_equal(words[0], 0);
    entry.values[1] = 2;
    assert_int_equal(command_match_entry(&entry, &point, words), COMMAND_MATCH_WHOLE);
    assert_int_equal(words[0], 1);
    entry.count = 17;
    assert_int_equal(command_match_entry(&entry, &point, words), COMMAND_MATCH_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_coils),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
