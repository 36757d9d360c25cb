/* Counters: one process's numbers, seen by another. */
#include "common/counters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int make_folder(void **state)
{
    char *folder = strdup("/tmp/test_counters.XXXXXX");
    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"modbusd.counters", "mqttd.counters", "api.counters"};
    char path[64];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", (char *)*state, names[i]);
        unlink(path);
    }
    int rc = rmdir(*state);
    free(*state);
    return rc;
}

static void test_reader_sees_writer(void **state)
{
    struct counters writer, reader;
    char why[SHM_WHY_SIZE] = "";
    assert_true(counters_open_writer(&writer, &modbusd_counters, *state, why, sizeof why));
    assert_true(counters_open_reader(&reader, &modbusd_counters, *state, why, sizeof why));
    counters_add(&writer, MODBUSD_ACCEPTED, 2);
    counters_add(&writer, MODBUSD_ACCEPTED, 3);
    counters_set(&writer, MODBUSD_COUNTERS - 1, 77);
    assert_int_equal(counters_get(&reader, MODBUSD_ACCEPTED), 5);
    assert_int_equal(counters_get(&reader, MODBUSD_COUNTERS - 1), 77);
    counters_close(&writer);
    assert_true(counters_open_writer(&writer, &modbusd_counters, *state, why, sizeof why));
    assert_int_equal(counters_get(&reader, MODBUSD_ACCEPTED), 0);
    counters_close(&reader);
    counters_close(&writer);
}

static void test_another_table_is_refused(void **state)
{
    static const struct counter_row rows[] = {{.name = "tagferry_other", .help = "Other."}};
    static const struct counter_table other = {"modbusd.counters", rows, 1};
    struct counters writer, reader;
    char why[SHM_WHY_SIZE] = "";
    assert_false(counters_open_reader(&reader, &api_counters, *state, why, sizeof why));
    assert_true(counters_open_writer(&writer, &modbusd_counters, *state, why, sizeof why));
    assert_false(counters_open_reader(&reader, &other, *state, why, sizeof why));
    assert_non_null(strstr(why, "layout"));
    counters_close(&reader);
    counters_close(&writer);
}

static void test_closed_counters_count_nothing(void **state)
{
    struct counters closed = {0};
    (void)state;
    counters_add(&closed, MODBUSD_ACCEPTED, 1);
    assert_int_equal(counters_get(&closed, MODBUSD_ACCEPTED), 0);
}

/* Series of one name must stand together, or the text format of Prometheus is broken. */
static void check_table(const struct counter_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct counter_row *row = &table->rows[i];
        assert_non_null(row->name);
        assert_non_null(row->help);
        for (size_t j = 0; j < i; j++) {
            const struct counter_row *other = &table->rows[j];
            if (strcmp(other->name, row->name) != 0)
                continue;
            assert_string_equal(table->rows[i - 1].name, row->name);
            assert_string_not_equal(other->labels, row->labels);
            assert_string_equal(other->help, row->help);
        }
    }
}

static void test_tables(void **state)
{
    (void)state;
    check_table(&modbusd_counters);
    check_table(&mqttd_counters);
    check_table(&api_counters);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reader_sees_writer, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_another_table_is_refused, make_folder, remove_folder),
        cmocka_unit_test(test_closed_counters_count_nothing),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
