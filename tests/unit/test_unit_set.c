/* Lists of unit ids, and other names of units. */
#include "common/base/unit_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The set as text: its ids, then its other names. */
static const char *set_text(const struct unit_set *set, char text[1024])
{
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < set->count; i++) {
        assert_true(unit_set_contains(set, set->id[i]));
        assert_int_equal(unit_set_index(set, set->id[i]), i);
        assert_int_equal(unit_set_named_index(set, set->id[i]), i);
        len += (size_t)snprintf(text + len, 1024 - len, "%s%u", i > 0 ? " " : "", set->id[i]);
    }
    for (unsigned unit = 0; unit < 256; unit++) {
        unsigned original = unit_set_find_original(set, unit);
        if (original == 0)
            continue;
        assert_false(unit_set_contains(set, unit));
        assert_int_equal(unit_set_index(set, (uint8_t)unit), UNIT_NONE);
        assert_int_equal(unit_set_named_index(set, (uint8_t)unit),
                         unit_set_index(set, (uint8_t)original));
        len += (size_t)snprintf(text + len, 1024 - len, " %u=%u", unit, original);
    }
    return text;
}

static void test_lists(void **state)
{
    static const struct {
        const char *text, *set;
    } rows[] = {
        {"1", "1"},
        {"247", "247"},
        {" 3 - 5 , 1,4 ", "1 3 4 5"},
        {"1-3, 20=1", "1 2 3 20=1"},
        {"20=3,1-3", "1 2 3 20=3"},
        {"9, 20 - 21 = 9, 247=9, 1=9", "9 1=9 20=9 21=9 247=9"},
        {"9,20=9,20=9", "9 20=9"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct unit_set set;
        char why[256], text[1024];
        if (!unit_set_parse(rows[i].text, &set, why, sizeof why))
            fail_msg("%s: %s", rows[i].text, why);
        assert_string_equal(set_text(&set, text), rows[i].set);
        assert_int_equal(unit_set_named_index(&set, 0), 0);
        assert_int_equal(unit_set_named_index(&set, 255), 0);
        assert_int_equal(unit_set_named_index(&set, 248), UNIT_NONE);
        assert_int_equal(unit_set_find_original(&set, -1), 0);
        assert_int_equal(unit_set_find_original(&set, 1000), 0);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "\"\" is not a list of unit ids 1 to 247 such as"},
        {"0", "is not a list"},
        {"248", "is not a list"},
        {"1,", "is not a list"},
        {"3-1", "is not a list"},
        {"1,20=", "is not a list"},
        {"1,=1", "is not a list"},
        {"1,20=0", "is not a list"},
        {"1,248=1", "is not a list"},
        {"1,0=1", "is not a list"},
        {"1-2,20=1-2", "is not a list"},
        {"1-2,20=1=2", "is not a list"},
        {"1,20=2", "20=2: 2 is not one of the units in the list"},
        {"20=1", "20=1: 1 is not one of the units in the list"},
        {"1,20=20", "20=20: 20 is not one of the units in the list"},
        {"1-20,20=1", "20=1: 20 is a unit of its own in the same list"},
        {"1,20=1,21=20", "21=20: 20 is not one of the units in the list"},
        {"1-2,20=1,20=2", "is not a list"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct unit_set set = {.count = 99};
        char why[256] = "";
        if (unit_set_parse(rows[i].text, &set, why, sizeof why) || !strstr(why, rows[i].why))
            fail_msg("%s: %s", rows[i].text, why);
        assert_int_equal(set.count, 99);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
