/* Counters: written by one process, read by another. */
#include "common/shared/counters.h"

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
    static const char *const names[] = {"modbusd.counters", "mqttd.counters", "api.counters",
                                        "mqttd.counters.damaged"};
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

/* Once a second the writer makes a file again that was removed, or cut short. */
static void test_repair(void **state)
{
    struct counters writer, reader;
    char why[SHM_WHY_SIZE], path[128];
    snprintf(path, sizeof path, "%s/%s", (const char *)*state, mqttd_counters.file);
    assert_true(counters_open_writer(&writer, &mqttd_counters, *state, why, sizeof why));
    assert_true(counters_open_reader(&reader, &mqttd_counters, *state, why, sizeof why));
    counters_add(&writer, MQTTD_MESSAGES, 7);
    counters_repair_file(&writer);
    assert_false(counters_were_replaced(&reader, &mqttd_counters, *state));
    assert_int_equal(unlink(path), 0);
    counters_repair_file(&writer);
    assert_true(counters_were_replaced(&reader, &mqttd_counters, *state));
    counters_close(&reader);
    assert_true(counters_open_reader(&reader, &mqttd_counters, *state, why, sizeof why));
    counters_add(&writer, MQTTD_MESSAGES, 1);
    assert_int_equal(counters_get(&reader, MQTTD_MESSAGES), counters_get(&writer, MQTTD_MESSAGES));
    assert_int_equal(truncate(path, 100), 0);
    counters_repair_file(&writer);
    counters_add(&writer, MQTTD_TAGS - 1, 5); /* behind the cut */
    counters_close(&reader);
    assert_true(counters_open_reader(&reader, &mqttd_counters, *state, why, sizeof why));
    assert_int_equal(counters_get(&reader, MQTTD_TAGS - 1), 5);
    counters_close(&reader);
    counters_close(&writer);
    counters_repair_file(&writer); /* closed: nothing */
}

static void test_closed_counters_count_nothing(void **state)
{
    struct counters closed = {0};
    (void)state;
    counters_add(&closed, MODBUSD_ACCEPTED, 1);
    assert_int_equal(counters_get(&closed, MODBUSD_ACCEPTED), 0);
}

/* Buckets of a histogram: a value at a limit belongs to the bucket below. */
static void test_observations(void **state)
{
    enum { SUM = MQTTD_WRITE_DELAY + MQTTD_DELAY_ROWS - 1 };
    static const uint64_t values[] = {0, 1, 2, 3, 5, 5000, 5001, UINT32_MAX};
    static const uint64_t counts[MQTTD_DELAY_ROWS] = {2, 1, 2, [10] = 1, [11] = 2};
    struct counters counters;
    char why[SHM_WHY_SIZE];
    uint64_t sum = 0;
    assert_true(counters_open_writer(&counters, &mqttd_counters, *state, why, sizeof why));
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        counters_observe(&counters, MQTTD_WRITE_DELAY, values[i], 3);
        sum += 3 * values[i];
    }
    for (size_t i = MQTTD_WRITE_DELAY; i < SUM; i++)
        assert_int_equal(counters_get(&counters, i), 3 * counts[i - MQTTD_WRITE_DELAY]);
    assert_int_equal(counters_get(&counters, SUM), sum);
    assert_int_equal(counters_get(&counters, MQTTD_WRITE_DELAY - 1), 0);
    assert_int_equal(counters_get(&counters, SUM + 1), 0);
    counters_close(&counters);
    counters_observe(&counters, MQTTD_WRITE_DELAY, 1, 1);
}

/* Limits increase up to the unlimited bucket, which the sum follows. */
static void check_histogram_row(const struct counter_table *table, size_t i)
{
    const struct counter_row *row = &table->rows[i];
    bool inner = i > 0 && table->rows[i - 1].kind == COUNTER_BUCKET;
    if (inner)
        assert_string_equal(table->rows[i - 1].name, row->name);
    if (row->kind == COUNTER_BUCKET) {
        assert_true(i + 1 < table->count);
        assert_true(!inner || row->limit > table->rows[i - 1].limit);
    } else {
        assert_int_equal(row->kind == COUNTER_SUM, inner);
        assert_true(!inner || table->rows[i - 1].limit == COUNTER_UNLIMITED);
    }
}

/* The Prometheus text format requires that series of one name are consecutive. */
static void check_table(const struct counter_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct counter_row *row = &table->rows[i];
        assert_non_null(row->name);
        assert_non_null(row->help);
        check_histogram_row(table, i);
        for (size_t j = 0; j < i; j++) {
            const struct counter_row *other = &table->rows[j];
            if (strcmp(other->name, row->name) != 0)
                continue;
            assert_string_equal(table->rows[i - 1].name, row->name);
            if (row->labels)
                assert_string_not_equal(other->labels, row->labels);
            else
                assert_true(row->kind == COUNTER_SUM || row->kind == COUNTER_BUCKET);
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
        cmocka_unit_test_setup_teardown(test_repair, make_folder, remove_folder),
        cmocka_unit_test(test_closed_counters_count_nothing),
        cmocka_unit_test_setup_teardown(test_observations, make_folder, remove_folder),
        cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
