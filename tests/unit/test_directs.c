/* Writes without a row: in order, the newest of each place, and none lost while a server is away.
 */
#include "check.h"

#include "mqttd/directs.h"

static struct target_write words(uint16_t address, uint16_t word)
{
    return (struct target_write){
        .unit = 1, .address = address, .count = 1, .has_words = true, .words = {word}};
}

static struct target_write zeros(uint16_t address)
{
    return (struct target_write){.unit = 1, .address = address, .count = 1};
}

static void add(struct directs *directs, struct target_write write)
{
    directs_add(directs, &write);
}

/* Addresses and first words, in order. */
static void expect(const struct directs *directs, const uint16_t (*items)[2], size_t count)
{
    assert_int_equal(directs->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(directs->item[i].address, items[i][0]);
        assert_int_equal(directs->item[i].words[0], items[i][1]);
    }
}

static void test_the_newest_of_a_place(void **state)
{
    static const uint16_t left[][2] = {{5, 3}, {6, 2}, {5, 0}, {5, 0}, {5, 9}};
    struct directs directs = {0};
    struct target_write other = words(5, 9);
    (void)state;
    add(&directs, words(5, 1));
    add(&directs, words(6, 2));
    add(&directs, words(5, 3));
    add(&directs, zeros(5)); /* a register that was given up: it stays behind what was there */
    add(&directs, zeros(5));
    other.unit = 2;
    add(&directs, other);
    expect(&directs, left, COUNT(left));
    directs_finish(&directs);
}

static void test_put_back(void **state)
{
    static const uint16_t all[][2] = {{2, 2}, {3, 3}, {7, 7}};
    struct directs directs = {0}, taken = {0};
    (void)state;
    for (uint16_t i = 1; i <= 3; i++)
        add(&taken, words(i, i));
    add(&directs, words(7, 7));
    directs_put_back(&directs, &taken, 1);
    expect(&directs, all, COUNT(all));
    assert_int_equal(taken.count, 0);
    add(&directs, words(2, 9));
    assert_int_equal(directs.count, 3);
    assert_int_equal(directs.item[0].words[0], 9);
    directs_put_back(&directs, &taken, 0);
    assert_int_equal(directs.count, 3);
    directs_finish(&directs);
}

static void test_nothing_to_put_back(void **state)
{
    static const uint16_t all[][2] = {{7, 7}};
    struct directs directs = {0}, taken = {0};
    (void)state;
    add(&taken, words(1, 1));
    add(&directs, words(7, 7));
    directs_put_back(&directs, &taken, 1);
    expect(&directs, all, COUNT(all));
    assert_null(taken.item);
    directs_finish(&directs);
}

static void test_many(void **state)
{
    struct directs directs = {0};
    (void)state;
    for (uint16_t i = 0; i < 1000; i++)
        add(&directs, words(i, i));
    assert_int_equal(directs.count, 1000);
    for (uint16_t i = 0; i < 1000; i++)
        assert_int_equal(directs.item[i].address, i);
    directs_finish(&directs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_newest_of_a_place),
        cmocka_unit_test(test_put_back),
        cmocka_unit_test(test_nothing_to_put_back),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
