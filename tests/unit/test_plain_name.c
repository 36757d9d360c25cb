/* Plain and unique names. */
#include "check.h"

#include <string.h>

#include "api/base/plain_name.h"
#include "api/model/fields.h"

static void test_makes_plain_names(void **state)
{
    static const char long_text[] =
        "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789";
    static const struct {
        const char *text, *name;
    } rows[] = {
        {"boiler-7", "boiler-7"},
        {"Küche oben", "Kueche_oben"},
        {"Außen/Süd", "Aussen_Sued"},
        {"  a  b  ", "a_b"},
        {"_x_", "x"},
        {"-1", "1"},
        {".hidden", "hidden"},
        {"a_b.c-d", "a_b.c-d"},
        {"Temp. [°C]", "Temp._C"},
        {"m³/h", "m3_h"},
        {"Żółć", "Zolc"},
        {"Büro's Ümlaut Öl", "Bueros_Uemlaut_Oel"},
        {"温度", "fallback"},
        {"温度 2", "2"},
        {"", "fallback"},
        {"...", "fallback"},
        {"\xff\xfe", "fallback"},
        {"a\xc3", "a"},
        {"a\xf0\x9f", "a"},
        {long_text, "0123456789_0123456789_0123456789_0123456789_0123456789_012345678"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena = {0};
        const char *name = plain_name_make(&arena, rows[i].text, "fallback");
        if (strcmp(name, rows[i].name) != 0)
            fail_msg("%s: \"%s\" in place of \"%s\"", rows[i].text, name, rows[i].name);
        check_row(resource_name_is_valid(name), rows[i].text);
        arena_finish(&arena);
    }
}

static void test_makes_unique_names(void **state)
{
    struct arena arena = {0};
    struct string_map names = {.arena = &arena};
    char full[PLAIN_NAME_MAX + 1];
    (void)state;
    memset(full, 'a', PLAIN_NAME_MAX);
    full[PLAIN_NAME_MAX] = '\0';
    assert_string_equal(plain_name_make_unique(&names, "a"), "a");
    assert_string_equal(plain_name_make_unique(&names, "a"), "a_2");
    assert_string_equal(plain_name_make_unique(&names, "a"), "a_3");
    assert_string_equal(plain_name_make_unique(&names, "b_2"), "b_2");
    assert_string_equal(plain_name_make_unique(&names, "b"), "b");
    assert_string_equal(plain_name_make_unique(&names, "b"), "b_3");
    assert_string_equal(plain_name_make_unique(&names, full), full);
    assert_string_equal(plain_name_make_unique(&names, full) + PLAIN_NAME_MAX - 3, "a_2");
    for (int i = 0; i < 20000; i++)
        plain_name_make_unique(&names, "many");
    assert_string_equal(plain_name_make_unique(&names, "many"), "many_20001");
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_makes_plain_names),
        cmocka_unit_test(test_makes_unique_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
