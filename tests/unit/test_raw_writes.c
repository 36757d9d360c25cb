/* Raw writes: in order, the newest for each address, and none lost while a server is down. */
#include "check.h"

#include "mqttd/targets/raw_writes.h"

static struct target_write words(uint16_t address, uint16_t word)
{
    return (struct target_write){
        .unit = 1, .address = address, .count = 1, .has_words = true, .words = {word}};
}

static struct target_write zeros(uint16_t address)
{
    return (struct target_write){.unit = 1, .address = address, .count = 1};
}

static void add(struct raw_writes *raw_writes, struct target_write write)
{
    raw_writes_add(raw_writes, &write);
}

/* Addresses and first words, in order. */
static void expect(const struct raw_writes *raw_writes, const uint16_t (*items)[2], size_t count)
{
    assert_int_equal(raw_writes->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(raw_writes->item[i].address, items[i][0]);
        assert_int_equal(raw_writes->item[i].words[0], items[i][1]);
    }
}

static void test_the_newest_of_a_place(void **state)
{
    static const uint16_t left[][2] = {{6, 2}, {5, 3}, {5, 0}, {5, 0}, {5, 9}};
    struct raw_writes raw_writes = {0};
    struct target_write other = words(5, 9);
    (void)state;
    add(&raw_writes, words(5, 1));
    add(&raw_writes, words(6, 2));
    add(&raw_writes, words(5, 3));
    add(&raw_writes, zeros(5)); /* an abandoned register: it keeps its position */
    add(&raw_writes, zeros(5));
    other.unit = 2;
    add(&raw_writes, other);
    expect(&raw_writes, left, COUNT(left));
    raw_writes_finish(&raw_writes);
}

/* A register abandoned between two writes of the same words is zeroed between them, too. */
static void test_newer_words_come_after_zeros(void **state)
{
    static const uint16_t left[][2] = {{5, 0}, {5, 3}};
    struct raw_writes raw_writes = {0};
    (void)state;
    add(&raw_writes, words(5, 1));
    add(&raw_writes, zeros(5));
    add(&raw_writes, words(5, 3));
    expect(&raw_writes, left, COUNT(left));
    raw_writes_finish(&raw_writes);
}

static void test_append(void **state)
{
    static const uint16_t all[][2] = {{1, 1}, {3, 0}, {7, 7}, {2, 9}};
    struct raw_writes raw_writes = {0}, newer = {0};
    (void)state;
    assert_true(raw_writes_append(&raw_writes, &newer));
    add(&raw_writes, words(1, 1));
    add(&raw_writes, words(2, 2));
    add(&raw_writes, zeros(3));
    add(&newer, words(7, 7));
    add(&newer, words(2, 9));
    assert_true(raw_writes_append(&raw_writes, &newer));
    expect(&raw_writes, all, COUNT(all));
    assert_int_equal(newer.count, 0);
    raw_writes_finish(&raw_writes);
    raw_writes_finish(&newer);
}

/* A register that was written since is not zeroed. */
static void test_cut(void **state)
{
    static const struct {
        const char *name;
        uint16_t owed; /* mask of the zero, at register 5 of unit 1 */
        uint8_t unit, table;
        uint16_t address, count, mask;
        bool left;
        uint16_t left_mask;
    } rows[] = {
        {"the register", 0, 1, TABLE_HOLDING_REGISTER, 5, 1, 0, false, 0},
        {"within others", 0, 1, TABLE_HOLDING_REGISTER, 2, 4, 0, false, 0},
        {"those before it", 0, 1, TABLE_HOLDING_REGISTER, 1, 4, 0, true, 0},
        {"those behind it", 0, 1, TABLE_HOLDING_REGISTER, 6, 4, 0, true, 0},
        {"another unit", 0, 2, TABLE_HOLDING_REGISTER, 5, 1, 0, true, 0},
        {"another table", 0, 1, TABLE_COIL, 5, 1, 0, true, 0},
        {"bits of it", 0, 1, TABLE_HOLDING_REGISTER, 5, 1, 0x00ff, true, 0xff00},
        {"bits of bits", 0x000f, 1, TABLE_HOLDING_REGISTER, 5, 1, 0x0003, true, 0x000c},
        {"all of the bits", 0x0003, 1, TABLE_HOLDING_REGISTER, 5, 1, 0x0007, false, 0},
        {"all with the bits", 0x0003, 1, TABLE_HOLDING_REGISTER, 5, 1, 0, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct raw_writes raw_writes = {0};
        struct target_write zero = zeros(5);
        zero.table = TABLE_HOLDING_REGISTER;
        zero.mask = rows[i].owed;
        add(&raw_writes, zero);
        raw_writes_drop_zeros(&raw_writes, rows[i].unit, rows[i].table, rows[i].address,
                              rows[i].count, rows[i].mask);
        check_row(raw_writes.count == rows[i].left, rows[i].name);
        check_row(!rows[i].left || raw_writes.item[0].mask == rows[i].left_mask, rows[i].name);
        raw_writes_finish(&raw_writes);
    }
}

static void test_many(void **state)
{
    struct raw_writes raw_writes = {0};
    (void)state;
    for (uint16_t i = 0; i < 1000; i++)
        add(&raw_writes, words(i, i));
    assert_int_equal(raw_writes.count, 1000);
    for (uint16_t i = 0; i < 1000; i++)
        assert_int_equal(raw_writes.item[i].address, i);
    raw_writes_finish(&raw_writes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_of_a_place),
        cmocka_unit_test(test_newer_words_come_after_zeros),
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
