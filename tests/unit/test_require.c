/* REQUIRE: no effect while its condition holds; otherwise ends the process. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "common/base/require.h"

static void passes_a_condition_that_holds(void **state)
{
    (void)state;
    int calls = 0;
    REQUIRE(++calls == 1);
    assert_int_equal(calls, 1);
}

static void ends_the_process_and_names_the_place(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        REQUIRE(1 + 1 == 3);
        _exit(0);
    }
    close(ends[1]);
    char line[300] = "";
    ssize_t len = 0, got;
    while ((got = read(ends[0], line + len, sizeof line - 1 - (size_t)len)) > 0)
        len += got;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(line, "1 + 1 == 3 is false in ends_the_process_and_names_the_place at "
                                 "test_require.c:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_a_condition_that_holds),
        cmocka_unit_test(ends_the_process_and_names_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
