/* The journal: entries as written, readers that lag or are overrun, damaged files. */
#include "journal_fixture.h"

#include <fcntl.h>

#include "common/base/clock.h"

static void test_entries_come_back(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    uint64_t position = 1;
    open_writer(&writer, *state);
    open_reader(&reader, *state);
    assert_int_equal(journal_identity(&writer), journal_identity(&reader));
    assert_int_equal(journal_next_sequence(&reader), 1);
    assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_EMPTY);
    append(&writer, 1, 2);
    struct journal_entry coils = {.unit = 247,
                                  .table = JOURNAL_COIL,
                                  .address = 65535 - 1967,
                                  .count = 1968,
                                  .values = {[0] = 0x8001, [122] = 0xFFFF}};
    journal_append_entry(&writer, &coils);
    assert_int_equal(journal_next_sequence(&reader), 4);
    for (; position <= 2; position++) {
        assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_ENTRY);
        assert_int_equal(entry.sequence, position);
        assert_true(entry_is(&entry, position));
    }
    assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_ENTRY);
    assert_int_equal(entry.unit, 247);
    assert_int_equal(entry.table, JOURNAL_COIL);
    assert_int_equal(entry.address, 63568);
    assert_int_equal(entry.count, 1968);
    assert_memory_equal(entry.values, coils.values, sizeof entry.values);
    assert_int_equal(entry.masks[0], 0);
    position++;
    assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_EMPTY);
    assert_int_equal(position, 4);
    journal_close(&reader);
    journal_close(&writer);
}

static void test_writer_goes_on(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    open_writer(&writer, *state);
    uint64_t identity = journal_identity(&writer);
    append(&writer, 1, 5);
    open_reader(&reader, *state);
    journal_close(&writer);
    open_writer(&writer, *state);
    assert_int_equal(journal_identity(&writer), identity);
    append(&writer, 6, 6);
    uint64_t position = 6;
    assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_ENTRY);
    assert_true(entry_is(&entry, 6));
    journal_close(&reader);
    journal_close(&writer);
}

/* A writer killed between its last two stores has written an entry without counting it: the
 * header's count is too low. Another entry must not get the same number. */
static void test_uncounted_entry(void **state)
{
    struct journal writer;
    struct journal_entry entry;
    const struct place *place = *state;
    uint64_t position = 3, uncounted = 3;
    open_writer(&writer, place);
    append(&writer, 1, 3);
    journal_close(&writer);
    int fd = open(place->path, O_RDWR);
    assert_int_equal(pwrite(fd, &uncounted, 8, sizeof(struct shm_header)), 8);
    close(fd);
    open_writer(&writer, place);
    assert_int_equal(journal_next_sequence(&writer), 4);
    append(&writer, 4, 4);
    assert_int_equal(journal_read_entry(&writer, &position, &entry), JOURNAL_ENTRY);
    assert_true(entry_is(&entry, 3));
    journal_close(&writer);
}

static void test_one_writer_only(void **state)
{
    struct journal writer, second;
    char why[SHM_WHY_SIZE];
    const struct place *place = *state;
    open_writer(&writer, place);
    assert_false(journal_open_writer(&second, place->path, why, sizeof why));
    journal_close(&writer);
}

static void test_overrun(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    uint64_t position = 1;
    open_writer(&writer, *state);
    open_reader(&reader, *state);
    append(&writer, 1, JOURNAL_ENTRIES);
    assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_ENTRY);
    append(&writer, JOURNAL_ENTRIES + 1, JOURNAL_ENTRIES + 10);
    assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_OVERRUN);
    assert_true(position > 10 && position <= 12);
    uint64_t seen = 0;
    for (; journal_read_entry(&reader, &position, &entry) == JOURNAL_ENTRY; position++, seen++)
        assert_true(entry_is(&entry, position));
    assert_int_equal(position, JOURNAL_ENTRIES + 11);
    assert_true(seen >= JOURNAL_ENTRIES - 1);
    journal_close(&reader);
    journal_close(&writer);
}

/* Offsets in the file: see struct ring. */
enum {
    AT_LAYOUT = SHM_MAGIC_SIZE,
    AT_NEXT = sizeof(struct shm_header),
    AT_SLOTS = sizeof(struct shm_header) + 32
};

static void overwrite(const struct place *place, off_t at, uint64_t word)
{
    int fd = open(place->path, O_RDWR);
    assert_int_equal(pwrite(fd, &word, sizeof word, at), sizeof word);
    close(fd);
}

static uint64_t meta_of(unsigned unit, unsigned table, unsigned address, unsigned count)
{
    return (uint64_t)unit << 40 | (uint64_t)table << 32 | (uint64_t)address << 16 | count;
}

/* The content of the file comes from another process and from the disk: nothing is used unchecked.
 */
static void test_damaged_entries(void **state)
{
    static const struct {
        unsigned unit, table, address, count;
        enum journal_result result;
    } rows[] = {
        {7, JOURNAL_HOLDING_REGISTER, 0, 123, JOURNAL_ENTRY},
        {7, JOURNAL_HOLDING_REGISTER, 0, 124, JOURNAL_DAMAGED},
        {7, JOURNAL_HOLDING_REGISTER, 0, 65535, JOURNAL_DAMAGED},
        {7, JOURNAL_HOLDING_REGISTER, 0, 0, JOURNAL_DAMAGED},
        {7, JOURNAL_HOLDING_REGISTER, 65413, 123, JOURNAL_ENTRY},
        {7, JOURNAL_HOLDING_REGISTER, 65414, 123, JOURNAL_DAMAGED},
        {7, JOURNAL_COIL, 0, 1968, JOURNAL_ENTRY},
        {7, JOURNAL_COIL, 0, 1969, JOURNAL_DAMAGED},
        {7, JOURNAL_COIL, 65535, 2, JOURNAL_DAMAGED},
        {7, 2, 0, 1, JOURNAL_DAMAGED},
        {0, JOURNAL_COIL, 0, 1, JOURNAL_DAMAGED},
        {248, JOURNAL_COIL, 0, 1, JOURNAL_DAMAGED},
    };
    struct journal writer, reader;
    struct journal_entry entry;
    open_writer(&writer, *state);
    append(&writer, 1, 2);
    open_reader(&reader, *state);
    size_t slot = (reader.shm.mapped - AT_SLOTS) / JOURNAL_ENTRIES;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t position = 1;
        overwrite(*state, (off_t)(AT_SLOTS + slot + 16),
                  meta_of(rows[i].unit, rows[i].table, rows[i].address, rows[i].count));
        enum journal_result result = journal_read_entry(&reader, &position, &entry);
        if (result != rows[i].result || position != (result == JOURNAL_DAMAGED ? 2 : 1))
            fail_msg("row %zu: %d", i, (int)result);
        position = 2;
        assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_ENTRY);
        assert_true(entry_is(&entry, 2));
    }
    journal_close(&reader);
    journal_close(&writer);
}

/* A reader ahead of the count does not wait until the count has caught up. */
static void test_count_that_fell(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    uint64_t position = 6;
    open_writer(&writer, *state);
    append(&writer, 1, 5);
    open_reader(&reader, *state);
    assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_EMPTY);
    overwrite(*state, AT_NEXT, 3);
    assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_DAMAGED);
    assert_int_equal(position, 3);
    append(&writer, 3, 3);
    assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_ENTRY);
    assert_true(entry_is(&entry, 3));
    journal_close(&reader);
    journal_close(&writer);
}

/* A file of an earlier version is never read as one of this version. */
static void test_another_layout_is_replaced(void **state)
{
    struct journal writer, reader;
    char why[SHM_WHY_SIZE];
    const struct place *place = *state;
    open_writer(&writer, place);
    uint64_t identity = journal_identity(&writer);
    append(&writer, 1, 3);
    journal_close(&writer);
    overwrite(place, AT_LAYOUT, 1);
    assert_false(journal_open_reader(&reader, place->path, why, sizeof why));
    assert_non_null(strstr(why, "another layout"));
    open_writer(&writer, place);
    assert_int_equal(journal_next_sequence(&writer), 1);
    assert_true(journal_identity(&writer) != identity);
    open_reader(&reader, place);
    journal_close(&reader);
    journal_close(&writer);
}

/* With a time_t of 64 bits on a processor of 32, the wrong system call would see 0 seconds. */
static void test_a_wait_has_its_timeout(void **state)
{
    struct journal writer;
    open_writer(&writer, *state);
    uint64_t begun_ms = clock_steady_ms(), spent_ms = 0;
    journal_wait_entry(&writer, journal_next_sequence(&writer), 60);
    spent_ms = clock_steady_ms() - begun_ms;
    assert_true(spent_ms >= 59);
    begun_ms = clock_steady_ms();
    journal_wait_entry(&writer, journal_next_sequence(&writer), 1040);
    spent_ms = clock_steady_ms() - begun_ms;
    assert_true(spent_ms >= 1039);
    journal_close(&writer);
}

static void test_position_zero(void **state)
{
    struct journal writer;
    struct journal_entry entry;
    uint64_t position = 0;
    open_writer(&writer, *state);
    append(&writer, 1, 1);
    assert_int_equal(journal_read_entry(&writer, &position, &entry), JOURNAL_OVERRUN);
    assert_int_equal(position, 1);
    journal_close(&writer);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_entries_come_back, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_writer_goes_on, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_uncounted_entry, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_one_writer_only, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_overrun, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_damaged_entries, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_count_that_fell, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_another_layout_is_replaced, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_a_wait_has_its_timeout, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_position_zero, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
