/* Which names gateways may have, and which devices they hold. */
#include <string.h>

#include "check.h"
#include "common/base/gateway_name.h"

static void checks_names(void **state)
{
    static const struct {
        const char *name;
        bool valid;
    } rows[] = {
        {"line-1", true}, {"7", true},   {"A_b-9", true},     {"", false},
        {"-a", false},    {"_a", false}, {"a.b", false},      {"a b", false},
        {"a/b", false},   {"a+", false}, {"\xc3\xa4", false}, {"a\n", false},
    };
    char longest[GATEWAY_NAME_MAX + 2];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_row(gateway_name_is_valid(rows[i].name) == rows[i].valid, rows[i].name);
    memset(longest, 'a', sizeof longest - 1);
    longest[GATEWAY_NAME_MAX + 1] = '\0';
    assert_false(gateway_name_is_valid(longest));
    longest[GATEWAY_NAME_MAX] = '\0';
    assert_true(gateway_name_is_valid(longest));
}

static void holds_its_devices_and_those_of_all(void **state)
{
    (void)state;
    assert_true(gateway_holds_device("", NULL));
    assert_true(gateway_holds_device("line-1", NULL));
    assert_true(gateway_holds_device("line-1", "line-1"));
    assert_false(gateway_holds_device("line-1", "line-2"));
    assert_false(gateway_holds_device("line-1", "LINE-1"));
    assert_false(gateway_holds_device("", "line-1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_names),
        cmocka_unit_test(holds_its_devices_and_those_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
