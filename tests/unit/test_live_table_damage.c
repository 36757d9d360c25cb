/* Damaged files of the live table, with a wrong length, or truncated while in use: the table
 * remains usable. */
#include "live_fixture.h"

#include <fcntl.h>
#include <string.h>

enum { FEW = 4 };

static uint64_t tag_owner(uint32_t slot)
{
    return live_table_make_owner(LIVE_TAG, slot + 1);
}

/* A table with rows of each kind. */
static void fill_some(struct folder *f)
{
    struct point point = {.type = TYPE_STRING, .length = 3, .bit = NO_BIT, .scale = 1};
    uint16_t text[3] = {1, 2, 3};
    for (uint32_t slot = 0; slot < FEW; slot++) {
        struct live_table_value value = {
            .raw = slot, .wall_ms = 5, .place = live_table_pack_location(1, &point)};
        bool is_text = slot % 2;
        if (!is_text)
            value.place =
                live_table_pack_location(1, &(struct point){.type = TYPE_UINT16, .bit = NO_BIT});
        assert_true(live_table_claim_row(&f->writer, slot, tag_owner(slot), is_text));
        live_table_put_value(&f->writer, slot, &value, is_text ? text : NULL, 3);
        live_table_add_message(&f->writer, slot, LIVE_GOOD);
        live_table_reject_value(&f->writer, slot, FAULT_TOO_LONG, "long", 4, 7);
    }
}

/* The table can be used, whatever its content. */
static void use(struct folder *f)
{
    struct live_table_row row;
    struct live_table_pending_value pending;
    uint16_t text[STRING_REGISTERS_MAX] = {7};
    struct live_table_value value = {.raw = 42};
    uint32_t rows = (uint32_t)live_table_read_state(&f->writer).capacity;
    for (uint32_t slot = 0; slot < rows; slot++) {
        live_table_read_row(&f->writer, slot, 0, &row);
        live_table_read_pending_value(&f->writer, slot, &pending);
        assert_true(row.fault < FAULT_COUNT && row.write_fault.fault < FAULT_COUNT);
        assert_true(row.outcome < LIVE_OUTCOME_COUNT);
        assert_true(memchr(row.excerpt, 0, sizeof row.excerpt) != NULL);
    }
    for (uint32_t slot = 0; slot < FEW; slot++) {
        assert_true(live_table_claim_row(&f->writer, slot, tag_owner(slot) + 100, slot % 2));
        live_table_put_value(&f->writer, slot, &value, text, COUNT(text));
        assert_true(live_table_read_row(&f->writer, slot, tag_owner(slot) + 100, &row));
        assert_int_equal(row.value.raw, 42);
    }
    live_table_close(&f->reader);
    assert_true(live_table_open_reader(&f->reader, f->path, f->why, sizeof f->why));
    assert_true(live_table_read_row(&f->reader, 0, tag_owner(0) + 100, &row));
    assert_int_equal(row.value.raw, 42);
}

static int open_part(const struct folder *f, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* Damages each word of the header and of the first rows or entries, one after the other, as a disk,
 * a program or a person may: while no process has the file open, and while it is in use. */
static void test_each_word_damaged(void **state)
{
    static const uint64_t flips[] = {1, UINT64_C(1) << 31, UINT64_C(1) << 56, UINT64_MAX};
    static const char *const names[] = {"live", "live-strings"};
    struct folder *f = *state;
    for (size_t n = 0; n < COUNT(names) * COUNT(flips) * 2; n++) {
        uint64_t flip = flips[n / 2 % COUNT(flips)];
        bool in_use = n % 2;
        for (off_t at = 0; at < 256 + FEW * 256; at += (off_t)sizeof flip) {
            uint64_t number;
            reopen(f);
            fill_some(f);
            int fd = open_part(f, names[n / (2 * COUNT(flips))]);
            assert_int_equal(pread(fd, &number, sizeof number, at), sizeof number);
            number ^= flip;
            if (!in_use)
                live_table_close(&f->writer);
            assert_int_equal(pwrite(fd, &number, sizeof number, at), sizeof number);
            if (in_use) {
                live_table_repair_files(&f->writer);
                use(f);
            }
            reopen(f);
            use(f);
            close(fd);
        }
    }
}

/* A table that had grown begins again with few rows, and grows again. */
static void test_damage_of_a_large_table(void **state)
{
    enum { MANY = 20000 };
    struct folder *f = *state;
    struct live_table_row row;
    reopen(f);
    const uint64_t first = live_table_read_state(&f->writer).capacity;
    assert_true(first < MANY && live_table_reserve_rows(&f->writer, MANY));
    fill_some(f);
    live_table_close(&f->writer);
    int fd = open_part(f, "live");
    const uint64_t bytes = UINT64_MAX; /* an outcome that does not exist, at least */
    for (off_t at = 512; at < 1024; at += (off_t)sizeof bytes)
        assert_int_equal(pwrite(fd, &bytes, sizeof bytes, at), sizeof bytes);
    close(fd);
    reopen(f);
    assert_int_equal(live_table_read_state(&f->writer).capacity, first);
    use(f);
    assert_true(live_table_reserve_rows(&f->writer, MANY));
    assert_false(live_table_read_row(&f->writer, MANY - 1, tag_owner(MANY - 1), &row));
}

static void test_other_lengths(void **state)
{
    static const off_t lengths[] = {
        0, 1, 31, 224, 300, 4096, 40000, (off_t)1 << 31, (off_t)1 << 40};
    static const char *const names[] = {"live", "live-strings"};
    struct folder *f = *state;
    struct live_table_value value = {.raw = 1};
    for (size_t n = 0; n < COUNT(names) * COUNT(lengths) * 2; n++) {
        bool in_use = n % 2;
        reopen(f);
        fill_some(f);
        int fd = open_part(f, names[n / (2 * COUNT(lengths))]);
        if (!in_use)
            live_table_close(&f->writer);
        assert_int_equal(ftruncate(fd, lengths[n / 2 % COUNT(lengths)]), 0);
        close(fd);
        if (in_use) {
            live_table_put_value(&f->writer, 0, &value, NULL, 0);
            live_table_add_message(&f->writer, 1, LIVE_GOOD);
            live_table_repair_files(&f->writer);
            use(f);
        }
        reopen(f);
        use(f);
    }
}

/* After the file is whole again, it has the values written meanwhile and those that were not cut
 * off; a reader follows. */
static void test_cut_short_in_use(void **state)
{
    struct folder *f = *state;
    struct live_table_value value = {.raw = 42};
    struct live_table_pending_value pending;
    struct live_table_row row;
    reopen(f); /* cmocka installs its own handlers from here on */
    fill_some(f);
    int fd = open_part(f, "live");
    assert_true(live_table_claim_row(&f->writer, 500, live_table_make_owner(LIVE_TAG, 900), false));
    uint64_t old = live_table_put_value(&f->writer, 500, &value, NULL, 0);
    assert_int_equal(ftruncate(fd, 4096), 0);
    close(fd);
    assert_false(live_table_read_row(&f->reader, 500, 0, &row));
    assert_true(live_table_was_replaced(&f->reader));
    uint64_t newer = live_table_put_value(&f->writer, 500, &value, NULL, 0);
    assert_true(newer > old);
    assert_true(live_table_repair_files(&f->writer));
    assert_false(live_table_repair_files(&f->writer));
    for (uint32_t slot = 0; slot < FEW; slot++)
        assert_true(live_table_restore_row(&f->writer, slot, tag_owner(slot), slot % 2));
    assert_true(
        live_table_restore_row(&f->writer, 500, live_table_make_owner(LIVE_TAG, 900), false));
    assert_true(live_table_read_pending_value(&f->writer, 500, &pending));
    assert_int_equal(pending.changed, newer);
    assert_int_equal(pending.value.raw, 42);
    assert_true(pending.written < newer);
    live_table_close(&f->reader);
    assert_true(live_table_open_reader(&f->reader, f->path, f->why, sizeof f->why));
    assert_true(live_table_read_row(&f->reader, 500, live_table_make_owner(LIVE_TAG, 900), &row));
    assert_int_equal(row.value.raw, 42);
    assert_true(live_table_read_row(&f->reader, 1, tag_owner(1), &row));
    assert_int_equal(row.text[2], 3);
    assert_int_equal(row.messages, 1);
    assert_true(live_table_read_state(&f->reader).session > 0);
    reopen(f);
    assert_true(live_table_read_row(&f->writer, 500, live_table_make_owner(LIVE_TAG, 900), &row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_word_damaged, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_damage_of_a_large_table, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_other_lengths, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_cut_short_in_use, open_folder, close_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
