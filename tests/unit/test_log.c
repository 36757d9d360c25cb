/* Lines of the log, as an administrator and the journal get them. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "child.h"
#include "common/base/log.h"

enum { SAID_SIZE = 40000, DATE_SIZE = sizeof "2026-01-02T03:04:05.678Z " - 1 };

static char said[SAID_SIZE];

static void say_each_level(void)
{
    log_error("error %d", 1);
    log_warning("warning %d", 2);
    log_info("info %d", 3);
    log_debug("debug %d", 4);
}

static void say_at_info(void)
{
    unsetenv("JOURNAL_STREAM");
    log_open(LOG_LEVEL_INFO);
    say_each_level();
}

static void say_at_error(void)
{
    unsetenv("JOURNAL_STREAM");
    log_open(LOG_LEVEL_ERROR);
    say_each_level();
}

static void say_to_the_journal(void)
{
    setenv("JOURNAL_STREAM", "8:1", 1);
    log_open(LOG_LEVEL_DEBUG);
    say_each_level();
}

/* Takes the dates away: each line begins with one. */
static void remove_dates(void)
{
    for (char *line = said, *end; (end = strchr(line, '\n')); line = end - DATE_SIZE + 1) {
        assert_true(end - line > DATE_SIZE);
        assert_true(line[4] == '-' && line[10] == 'T' && line[DATE_SIZE - 2] == 'Z');
        memmove(line, line + DATE_SIZE, strlen(line + DATE_SIZE) + 1);
    }
}

static void test_levels(void **state)
{
    (void)state;
    assert_int_equal(run_child(say_at_info, said, sizeof said), 0);
    remove_dates();
    assert_string_equal(said, "error   error 1\nwarning warning 2\ninfo    info 3\n");
    assert_int_equal(run_child(say_at_error, said, sizeof said), 0);
    remove_dates();
    assert_string_equal(said, "error   error 1\n");
}

static void test_journal(void **state)
{
    (void)state;
    assert_int_equal(run_child(say_to_the_journal, said, sizeof said), 0);
    assert_string_equal(said, "<3>error 1\n<4>warning 2\n<6>info 3\n<7>debug 4\n");
}

static void say_what_forges_lines(void)
{
    setenv("JOURNAL_STREAM", "8:1", 1);
    log_open(LOG_LEVEL_INFO);
    log_info("a\nb\x7f\x1f ü%s", "\r");
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    log_info("%s", text);
    log_info("after it");
}

static void test_what_a_line_may_hold(void **state)
{
    (void)state;
    assert_int_equal(run_child(say_what_forges_lines, said, sizeof said), 0);
    assert_memory_equal(said, "<6>a?b?? ü?\n<6>xxx", strlen("<6>a?b?? ü?\n<6>xxx"));
    const char *end = strstr(said, "x\n<6>after it\n");
    assert_non_null(end);
    assert_true(end - said > 900);
    assert_int_equal(strlen(end), strlen("x\n<6>after it\n"));
}

static void hold_lines(void)
{
    setenv("JOURNAL_STREAM", "8:1", 1);
    log_open(LOG_LEVEL_INFO);
    log_hold_lines();
    log_info("held");
    fputs("|", stderr);
    log_warning("at once");
    log_info("held, too");
    fputs("|", stderr);
    log_release_lines();
    log_info("not held");
    fputs("|", stderr);
}

static void test_held_lines(void **state)
{
    (void)state;
    assert_int_equal(run_child(hold_lines, said, sizeof said), 0);
    assert_string_equal(said, "|<6>held\n<4>at once\n|<6>held, too\n<6>not held\n|");
}

static void hold_many_lines(void)
{
    setenv("JOURNAL_STREAM", "8:1", 1);
    log_open(LOG_LEVEL_INFO);
    log_hold_lines();
    for (int i = 0; i < 1000; i++)
        log_info("line %d", i);
    fputs("|\n", stderr);
    log_release_lines();
}

/* A full buffer is written; no line is lost or torn. */
static void test_many_held_lines(void **state)
{
    (void)state;
    assert_int_equal(run_child(hold_many_lines, said, sizeof said), 0);
    const char *at = said, *bar = strstr(said, "|\n");
    assert_true(bar && bar > said);
    for (int i = 0; i < 1000; i++) {
        char line[32];
        snprintf(line, sizeof line, "<6>line %d\n", i);
        at = at == bar ? at + 2 : at;
        assert_memory_equal(at, line, strlen(line));
        at += strlen(line);
    }
    assert_string_equal(at, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_journal),
        cmocka_unit_test(test_what_a_line_may_hold),
        cmocka_unit_test(test_held_lines),
        cmocka_unit_test(test_many_held_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
