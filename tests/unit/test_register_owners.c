/* Who owns which registers: what readers see during and after changes, damage and restarts. */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/shared/register_owners.h"
#include "common/shared/shared_word.h"

static char folder[40], path[64], why[SHM_WHY_SIZE];
static struct register_owners owners;
static struct owners_view view;

static const enum pdu_table HR = PDU_HOLDING_REGISTERS;

static struct owned_span span(uint8_t unit, enum pdu_table table, uint16_t address, uint16_t count,
                              bool takes_writes)
{
    return (struct owned_span){unit, table, address, count, takes_writes};
}

static void add(struct owned_span owned)
{
    register_owners_add(&owners, &owned);
}

static void drop(struct owned_span owned)
{
    register_owners_remove(&owners, &owned);
}

static void open_writer(void)
{
    if (!register_owners_open_writer(&owners, folder, why, sizeof why))
        fail_msg("%s", why);
}

/* True when all addresses are owned; `some`: at least one. */
static bool all(uint16_t address, uint16_t count)
{
    return owners_view_has_all(&view, 1, HR, address, count);
}

static bool some(uint16_t address, uint16_t count)
{
    return owners_view_has_any(&view, OWNER_OF_ANY_KIND, 1, HR, address, count);
}

static void test_spans(void **state)
{
    (void)state;
    assert_false(owners_view_follow(&view, folder));
    assert_true(all(0, 1)); /* nothing is known */
    open_writer();
    assert_false(owners_view_follow(&view, folder));
    add(span(1, HR, 100, 2, true));
    add(span(1, HR, 62, 4, false));
    add(span(1, HR, 65535, 1, true));
    add(span(1, HR, 65534, 123, false)); /* to the end */
    add(span(247, PDU_COILS, 0, 1, true));
    add(span(3, PDU_INPUT_REGISTERS, 128, 64, true));
    add(span(9, HR, 1, 0, true)); /* none */
    assert_true(all(0, 1));
    register_owners_publish(&owners);
    assert_true(owners_view_follow(&view, folder));
    static const struct {
        uint8_t unit;
        enum pdu_table table;
        uint16_t address, count;
        bool all, some, writable;
    } rows[] = {
        {1, PDU_HOLDING_REGISTERS, 100, 1, true, true, true},
        {1, PDU_HOLDING_REGISTERS, 100, 2, true, true, true},
        {1, PDU_HOLDING_REGISTERS, 99, 2, false, true, true},
        {1, PDU_HOLDING_REGISTERS, 101, 2, false, true, true},
        {1, PDU_HOLDING_REGISTERS, 98, 2, false, false, false},
        {1, PDU_HOLDING_REGISTERS, 102, 125, false, false, false},
        {1, PDU_HOLDING_REGISTERS, 62, 4, true, true, false},
        {1, PDU_HOLDING_REGISTERS, 61, 4, false, true, false},
        {1, PDU_HOLDING_REGISTERS, 63, 4, false, true, false},
        {1, PDU_HOLDING_REGISTERS, 0, 125, false, true, true},
        {1, PDU_HOLDING_REGISTERS, 0, 62, false, false, false},
        {1, PDU_HOLDING_REGISTERS, 66, 34, false, false, false},
        {1, PDU_HOLDING_REGISTERS, 65535, 1, true, true, true},
        {1, PDU_HOLDING_REGISTERS, 65534, 2, true, true, true},
        {1, PDU_HOLDING_REGISTERS, 65534, 1, true, true, false},
        {1, PDU_HOLDING_REGISTERS, 65533, 3, false, true, true},
        {1, PDU_INPUT_REGISTERS, 100, 1, false, false, false},
        {1, PDU_COILS, 100, 1, false, false, false},
        {2, PDU_HOLDING_REGISTERS, 100, 1, false, false, false},
        {9, PDU_HOLDING_REGISTERS, 1, 1, false, false, false},
        {247, PDU_COILS, 0, 1, true, true, true},
        {247, PDU_COILS, 0, 2000, false, true, true},
        {247, PDU_DISCRETE_INPUTS, 0, 1, false, false, false},
        {3, PDU_INPUT_REGISTERS, 128, 64, true, true, false}, /* cannot be written */
        {3, PDU_INPUT_REGISTERS, 127, 65, false, true, false},
        {3, PDU_INPUT_REGISTERS, 128, 65, false, true, false},
        {3, PDU_INPUT_REGISTERS, 192, 125, false, false, false},
        {255, PDU_INPUT_REGISTERS, 0, 1, false, false, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool is_all =
            owners_view_has_all(&view, rows[i].unit, rows[i].table, rows[i].address, rows[i].count);
        bool is_some = owners_view_has_any(&view, OWNER_OF_ANY_KIND, rows[i].unit, rows[i].table,
                                           rows[i].address, rows[i].count);
        bool is_writable = owners_view_has_any(&view, OWNER_OF_WRITES, rows[i].unit, rows[i].table,
                                               rows[i].address, rows[i].count);
        if (is_all != rows[i].all || is_some != rows[i].some || is_writable != rows[i].writable)
            fail_msg("row %zu: all %d, some %d, writable %d", i, is_all, is_some, is_writable);
    }
}

/* Bits of a register are several owners of it, and a tag can move. */
static void test_changes(void **state)
{
    (void)state;
    open_writer();
    for (int i = 0; i < 3; i++)
        add(span(1, HR, 10, 1, i == 0));
    register_owners_publish(&owners);
    assert_true(owners_view_follow(&view, folder) && all(10, 1));
    drop(span(1, HR, 10, 1, true));
    register_owners_publish(&owners);
    assert_true(all(10, 1));
    assert_false(owners_view_has_any(&view, OWNER_OF_WRITES, 1, HR, 10, 1));
    drop(span(1, HR, 10, 1, false));
    drop(span(1, HR, 10, 1, false));
    add(span(1, HR, 300, 1, false));
    assert_true(all(10, 1) && all(300, 1)); /* the new one is there, the old one still is */
    register_owners_publish(&owners);
    assert_false(some(10, 1));
    assert_true(all(300, 1));
    drop(span(1, HR, 300, 1, false));
    add(span(1, HR, 300, 1, true));
    register_owners_publish(&owners);
    assert_true(all(300, 1));
    drop(span(1, HR, 5000, 1, true)); /* never added: nothing happens */
    drop(span(2, HR, 300, 1, true));
    register_owners_publish(&owners);
    assert_true(all(300, 1));
    assert_false(register_owners_keep_file(&owners));
    /* More owners than can be counted: they stay. */
    for (int i = 0; i < 70000; i++)
        add(span(1, HR, 20, 1, false));
    for (int i = 0; i < 70000; i++)
        drop(span(1, HR, 20, 1, false));
    register_owners_publish(&owners);
    assert_true(all(20, 1));
}

/* The next writer keeps what was published until it publishes. */
static void test_restart(void **state)
{
    (void)state;
    open_writer();
    add(span(1, HR, 10, 1, false));
    add(span(7, HR, 10, 1, false));
    register_owners_publish(&owners);
    assert_true(owners_view_follow(&view, folder));
    register_owners_close(&owners);
    assert_true(owners_view_follow(&view, folder));
    assert_true(all(10, 1) && !some(11, 1));
    open_writer();
    assert_true(all(10, 1) && !some(11, 1));
    add(span(1, HR, 12, 1, false));
    add(span(2, HR, 10, 1, false));
    assert_true(all(10, 1) && all(12, 1));
    register_owners_publish(&owners);
    assert_true(owners_view_follow(&view, folder));
    assert_true(!some(10, 1) && all(12, 1));
    assert_true(owners_view_has_all(&view, 2, HR, 10, 1));
    assert_false(owners_view_has_all(&view, 7, HR, 10, 1));
}

static void fill(void)
{
    add(span(1, HR, 10, 1, false));
    add(span(2, HR, 10, 1, false));
}

static void repair(void)
{
    if (register_owners_keep_file(&owners)) {
        /* The new file may have zeros in place of the lost part. */
        (void)owners_view_follow(&view, folder);
        assert_true(all(10, 1));
        register_owners_forget(&owners);
        fill();
        register_owners_publish(&owners);
    }
}

static void cut_to(long size)
{
    assert_int_equal(truncate(path, size), 0);
}

/* Whatever happens to the file, a reader never misses an owner; after the repair it knows all. */
static void test_damage(void **state)
{
    static const long sizes[] = {0,    33,   200,   1000,  4095,  4096,
                                 4097, 5000, 28672, 53247, 53248, 102399};
    (void)state;
    open_writer();
    fill();
    register_owners_publish(&owners);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        assert_true(owners_view_follow(&view, folder));
        assert_false(some(11, 1));
        add(span(1, HR, 40, 1, false)); /* a change that is not published */
        drop(span(1, HR, 40, 1, false));
        cut_to(sizes[i]);
        assert_true(all(10, 1));
        assert_true(owners_view_has_all(&view, 2, HR, 10, 1));
        (void)owners_view_follow(&view, folder);
        assert_true(all(10, 1));
        assert_true(owners_view_has_all(&view, 2, HR, 10, 1));
        repair();
        if (!owners_view_follow(&view, folder))
            fail_msg("not known after a repair of a file cut to %ld", sizes[i]);
        assert_true(all(10, 1) && !some(11, 1));
        assert_true(owners_view_has_all(&view, 2, HR, 10, 1));
    }
    /* Removed: the reader keeps its file, and takes the new one. */
    assert_int_equal(unlink(path), 0);
    assert_true(owners_view_follow(&view, folder));
    assert_true(all(10, 1) && !some(11, 1));
    repair();
    assert_true(owners_view_follow(&view, folder));
    add(span(1, HR, 11, 1, false));
    register_owners_publish(&owners);
    assert_true(all(10, 2));
    /* Overwritten at its beginning. */
    int fd = open(path, O_RDWR);
    assert_int_equal(pwrite(fd, "nonsense", 8, 0), 8);
    close(fd);
    repair();
    assert_true(owners_view_follow(&view, folder));
    assert_true(all(10, 1) && !some(11, 1));
}

/* Places of units that cannot be right. */
static void test_wrong_places(void **state)
{
    static const uint64_t wrong[] = {2, 3, 257, UINT64_MAX, 65536};
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        open_writer();
        fill();
        register_owners_publish(&owners);
        assert_true(owners_view_follow(&view, folder));
        register_owners_close(&owners);
        int fd = open(path, O_RDWR);
        /* Unit 1; the head has seven words before the places. */
        assert_int_equal(pwrite(fd, &wrong[i], 8, 64 + 8), 8);
        close(fd);
        assert_true(all(10, 1));
        (void)owners_view_follow(&view, folder);
        open_writer();
        assert_int_equal(owners.blocks, 0);
        fill();
        register_owners_publish(&owners);
        assert_true(owners_view_follow(&view, folder));
        assert_true(all(10, 1) && !some(11, 1));
        register_owners_close(&owners);
    }
}

/* The file grows with the units that have owners: 48 KiB each. */
static void test_size(void **state)
{
    struct stat st;
    (void)state;
    open_writer();
    register_owners_publish(&owners);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 4096);
    for (unsigned unit = 1; unit <= 247; unit++)
        add(span((uint8_t)unit, HR, (uint16_t)unit, 1, true));
    register_owners_publish(&owners);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 4096 + 247 * 49152);
    assert_true(owners_view_follow(&view, folder));
    for (unsigned unit = 1; unit <= 247; unit++) {
        assert_true(
            owners_view_has_any(&view, OWNER_OF_WRITES, (uint8_t)unit, HR, (uint16_t)unit, 1));
        assert_false(owners_view_has_any(&view, OWNER_OF_WRITES, (uint8_t)unit, HR,
                                         (uint16_t)(unit + 1), 1));
    }
}

static atomic_bool is_ended;

/* A tag moves from place to place. */
static void *move_tags(void *context)
{
    static const uint16_t places[] = {1, 65535}; /* far from each other for a reader */
    (void)context;
    for (unsigned i = 0; !atomic_load(&is_ended); i++) {
        drop(span(1, HR, places[i % COUNT(places)], 1, true));
        add(span(1, HR, places[(i + 1) % COUNT(places)], 1, true));
        register_owners_publish(&owners);
    }
    return NULL;
}

/* Counts the changes that readers have seen; the head has five words before. */
static uint64_t seen_generation(void)
{
    return shared_word_load((const word *)view.shm.base + 5);
}

/* A reader never misses an owner. It takes free registers for owned ones only when it was overtaken
 * by four changes. */
static void test_readers_during_changes(void **state)
{
    pthread_t thread;
    (void)state;
    open_writer();
    add(span(1, HR, 1, 1, true));
    add(span(1, HR, 500, 1, false));
    register_owners_publish(&owners);
    assert_true(owners_view_follow(&view, folder));
    atomic_store(&is_ended, false);
    assert_int_equal(seen_generation(), owners.generation);
    assert_int_equal(pthread_create(&thread, NULL, move_tags, NULL), 0);
    size_t missed = 0, found_without_cause = 0;
    for (int i = 0; i < 200000; i++) {
        missed += !owners_view_has_any(&view, OWNER_OF_WRITES, 1, HR, 1, 65535);
        missed += !all(500, 1);
        uint64_t before = seen_generation();
        found_without_cause += some(501, 400) && seen_generation() < before + 4;
    }
    atomic_store(&is_ended, true);
    pthread_join(thread, NULL);
    assert_int_equal(missed, 0);
    assert_int_equal(found_without_cause, 0);
}

static int make_folder(void **state)
{
    (void)state;
    log_open(LOG_LEVEL_ERROR);
    strcpy(folder, "/tmp/test_owners.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/register-owners", folder);
    return 0;
}

static int remove_folder(void **state)
{
    static const char *const ends[] = {"", ".damaged", ".old", ".new"};
    (void)state;
    register_owners_close(&owners);
    owners_view_close(&view);
    for (size_t i = 0; i < COUNT(ends); i++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(folder);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(test_spans),
        TEST(test_changes),
        TEST(test_restart),
        TEST(test_damage),
        TEST(test_size),
        TEST(test_wrong_places),
        TEST(test_readers_during_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
