/* When SCADA wrote each register last. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/shared/write_times.h"

static char folder[40], why[SHM_WHY_SIZE];

static void note(struct write_times *times, uint64_t ms, uint8_t unit, uint8_t table,
                 uint16_t address, uint16_t count)
{
    const struct journal_entry entry = {
        .steady_ms = ms, .unit = unit, .table = table, .address = address, .count = count};
    write_times_note_entry(times, &entry);
}

static void test_the_newest_write_of_some_registers(void **state)
{
    struct write_times writer, reader;
    (void)state;
    assert_false(write_times_open_reader(&reader, folder, why, sizeof why));
    assert_true(write_times_open_writer(&writer, folder, why, sizeof why));
    assert_true(write_times_open_reader(&reader, folder, why, sizeof why));
    note(&writer, 5, 1, JOURNAL_HOLDING_REGISTER, 10, 3);
    note(&writer, 6, 1, JOURNAL_HOLDING_REGISTER, 11, 1);
    note(&writer, 7, 1, JOURNAL_COIL, 10, 2);
    note(&writer, 8, 247, JOURNAL_HOLDING_REGISTER, 65535, 1);
    static const struct {
        uint8_t unit, table;
        uint16_t address, count;
        uint64_t ms;
    } rows[] = {
        {1, JOURNAL_HOLDING_REGISTER, 10, 1, 5},
        {1, JOURNAL_HOLDING_REGISTER, 9, 2, 5},
        {1, JOURNAL_HOLDING_REGISTER, 10, 4, 6},
        {1, JOURNAL_HOLDING_REGISTER, 12, 2, 5},
        {1, JOURNAL_HOLDING_REGISTER, 13, 2, 0},
        {1, JOURNAL_COIL, 11, 1, 7},
        {1, JOURNAL_COIL, 12, 1, 0},
        {2, JOURNAL_HOLDING_REGISTER, 10, 2, 0},
        {247, JOURNAL_HOLDING_REGISTER, 65534, 2, 8},
    };
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < COUNT(rows); i++)
            assert_int_equal(write_times_newest(&reader, rows[i].unit, rows[i].table,
                                                rows[i].address, rows[i].count),
                             rows[i].ms);
        /* They outlive the writer. */
        write_times_close(&writer);
        assert_true(write_times_open_writer(&writer, folder, why, sizeof why));
    }
    write_times_repair_file(&writer);
    write_times_close(&reader);
    write_times_close(&writer);
    write_times_close(NULL);
}

/* The first registers and coils of each unit have slots of their own. */
static void test_many_units(void **state)
{
    struct write_times times;
    uint64_t ms = 0;
    (void)state;
    assert_true(write_times_open_writer(&times, folder, why, sizeof why));
    for (unsigned unit = 1; unit <= 247; unit++) {
        note(&times, ++ms, (uint8_t)unit, JOURNAL_COIL, 0, 132);
        note(&times, ++ms, (uint8_t)unit, JOURNAL_HOLDING_REGISTER, 0, 132);
    }
    ms = 0;
    for (unsigned unit = 1; unit <= 247; unit++) {
        assert_int_equal(write_times_newest(&times, (uint8_t)unit, JOURNAL_COIL, 0, 132), ++ms);
        assert_int_equal(
            write_times_newest(&times, (uint8_t)unit, JOURNAL_HOLDING_REGISTER, 0, 132), ++ms);
    }
    write_times_close(&times);
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/test_times.XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char path[64];
    (void)state;
    snprintf(path, sizeof path, "%s/write-times", folder);
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_newest_write_of_some_registers, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_many_units, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
