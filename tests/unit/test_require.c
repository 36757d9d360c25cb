/* REQUIRE: no effect while its condition holds; otherwise ends the process. */
#include <string.h>

#include "check.h"
#include "child.h"
#include "common/base/require.h"

static void passes_a_condition_that_holds(void **state)
{
    (void)state;
    int calls = 0;
    REQUIRE(++calls == 1);
    assert_int_equal(calls, 1);
}

static void break_a_condition(void)
{
    REQUIRE(1 + 1 == 3);
}

static void ends_the_process_and_names_the_place(void **state)
{
    (void)state;
    char line[300];
    int status = run_child(break_a_condition, line, sizeof line);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(line, "1 + 1 == 3 is false in break_a_condition at test_require.c:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_a_condition_that_holds),
        cmocka_unit_test(ends_the_process_and_names_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
