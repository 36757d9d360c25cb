/* The image file: kept values, added units, and files that are refused instead of reset. */
#include "modbusd_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static bool try_open(struct fixture *f, const char *units, char *why, size_t why_size)
{
    assert_true(unit_set_parse(units, &f->units, why, why_size));
    return image_open(&f->image, f->image_path, &f->units, why, why_size);
}

static void must_open(struct fixture *f, const char *units)
{
    char why[SHM_WHY_SIZE * 2] = "";
    if (!try_open(f, units, why, sizeof why))
        fail_msg("%s", why);
}

static void patch(const struct fixture *f, off_t offset, const void *bytes, size_t len)
{
    int fd = open(f->image_path, O_RDWR);
    assert_int_equal(pwrite(fd, bytes, len, offset), len);
    close(fd);
}

static void test_begins_with_zeros_and_keeps(void **state)
{
    struct fixture *f = *state;
    must_open(f, "1,5");
    assert_int_equal(f->image.unit_count, 2);
    for (size_t i = 0; i < TABLE_SIZE; i++)
        assert_int_equal(f->image.unit[1]->holding_registers[i], 0);
    f->image.unit[1]->holding_registers[65535] = 4711;
    f->image.unit[1]->discrete_inputs[65535] = 1;
    image_close(&f->image);
    must_open(f, "1,5");
    assert_int_equal(f->image.unit[1]->holding_registers[65535], 4711);
    assert_int_equal(f->image.unit[1]->discrete_inputs[65535], 1);
    assert_int_equal(f->image.unit[0]->holding_registers[65535], 0);
    image_close(&f->image);
}

static void test_every_byte_is_allocated(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    must_open(f, "1-3");
    assert_int_equal(fstat(f->image.shm.fd, &st), 0);
    assert_true(st.st_size >= 3 * (off_t)sizeof(struct image_unit));
    assert_true(st.st_blocks * 512 >= st.st_size);
    image_close(&f->image);
}

static void test_units_come_and_go(void **state)
{
    struct fixture *f = *state;
    must_open(f, "9");
    f->image.unit[0]->input_registers[0] = 9;
    image_close(&f->image);
    must_open(f, "1-3,9");
    f->image.unit[0]->input_registers[0] = 1;
    assert_int_equal(f->image.unit[3]->input_registers[0], 9);
    image_close(&f->image);
    must_open(f, "3");
    assert_int_equal(f->image.unit[0]->input_registers[0], 0);
    image_close(&f->image);
    must_open(f, "1,9");
    assert_int_equal(f->image.unit[0]->input_registers[0], 1);
    assert_int_equal(f->image.unit[1]->input_registers[0], 9);
    image_close(&f->image);
    must_open(f, "1-247");
    assert_int_equal(f->image.unit[8]->input_registers[0], 9);
    image_close(&f->image);
}

/* The linker replaces fdatasync with this function, which saves the state that a power cut would
 * leave. */
static const char *synced_path;
static size_t synced_units;

int __wrap_fdatasync(int fd);
int __real_fdatasync(int fd);

int __wrap_fdatasync(int fd)
{
    uint8_t ids[4] = {0};
    int file = synced_path ? open(synced_path, O_RDONLY) : -1;
    if (file >= 0) {
        assert_int_equal(pread(file, ids, sizeof ids, 32), sizeof ids);
        close(file);
        synced_units = strnlen((const char *)ids, sizeof ids);
    }
    return __real_fdatasync(fd);
}

/* Otherwise the table could list units that have no bytes in the file. */
static void test_units_come_after_their_bytes(void **state)
{
    struct fixture *f = *state;
    must_open(f, "1");
    image_close(&f->image);
    synced_path = f->image_path;
    must_open(f, "1-3");
    assert_int_equal(synced_units, 1);
    synced_units = 7;
    image_close(&f->image);
    must_open(f, "1-3");
    assert_int_equal(synced_units, 7); /* not again if no units are added */
    image_close(&f->image);
    synced_path = NULL;
}

static void test_in_use(void **state)
{
    struct fixture *f = *state;
    struct image second;
    char why[SHM_WHY_SIZE * 2] = "";
    must_open(f, "1");
    assert_false(image_open(&second, f->image_path, &f->units, why, sizeof why));
    assert_non_null(strstr(why, "in use"));
    image_close(&f->image);
}

/* The offsets are those of the layout: magic, layout, size, identity, ids, redo. */
static void test_what_is_refused(void **state)
{
    static const struct {
        const char *name;
        off_t offset;
        uint8_t bytes[8];
        size_t len;
        const char *why;
    } rows[] = {
        {"another kind of file", 0, "PK\3\4", 4, "kind"},
        {"a newer layout", 8, {3}, 1, "layout"},
        {"an older layout", 8, {0, 0, 0, 0, 0, 0, 0, 0}, 8, "layout"},
        {"a unit named twice", 32, {1, 1}, 2, "table of units"},
        {"a unit of no number", 32, {250}, 1, "table of units"},
        {"a unit behind the end", 40, {7}, 1, "table of units"},
        {"more units than bytes", 32, {1, 2, 3}, 3, "cut short"},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char why[SHM_WHY_SIZE * 2] = "";
        struct stat before, after;
        unlink(f->image_path);
        must_open(f, "1");
        f->image.unit[0]->coils[3] = 1;
        image_close(&f->image);
        patch(f, rows[i].offset, rows[i].bytes, rows[i].len);
        assert_int_equal(stat(f->image_path, &before), 0);
        if (try_open(f, "1,2", why, sizeof why))
            fail_msg("%s was taken", rows[i].name);
        if (!strstr(why, rows[i].why) || !strstr(why, f->image_path) || !strstr(why, "move it"))
            fail_msg("%s: %s", rows[i].name, why);
        assert_int_equal(stat(f->image_path, &after), 0);
        assert_int_equal(before.st_ino, after.st_ino);
        assert_int_equal(before.st_size, after.st_size);
    }
}

/* Makes an image of layout 1, whose redo record begins with `armed`. */
static void make_layout_1(struct fixture *f, uint64_t armed, uint16_t length)
{
    static const uint64_t layout = 1;
    unlink(f->image_path);
    must_open(f, "1");
    f->image.redo->length = length;
    f->image.redo->frame[3] = 9;
    image_close(&f->image);
    patch(f, 8, &layout, sizeof layout);
    patch(f, 280, &armed, sizeof armed);
}

static void test_layout_1_is_taken_over(void **state)
{
    struct fixture *f = *state;
    uint64_t check = 1;
    /* The last one: the process that took it over was killed before it stored the layout. */
    const struct {
        const uint64_t *armed;
        bool is_armed;
    } rows[] = {{&(const uint64_t){0}, false}, {&(const uint64_t){1}, true}, {&check, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make_layout_1(f, *rows[i].armed, 12);
        must_open(f, "1,2");
        assert_int_equal(f->image.shm.base->layout, 2);
        assert_int_equal(f->image.shm.header.layout, 2);
        assert_int_equal(f->image.redo->check,
                         rows[i].is_armed ? image_redo_check(f->image.redo) : 0);
        check = image_redo_check(f->image.redo);
        assert_int_equal(image_sync(&f->image, false), IMAGE_SYNCED);
        image_close(&f->image);
    }
}

static void test_damaged_layout_1(void **state)
{
    static const struct {
        uint64_t armed;
        uint16_t length;
    } rows[] = {{2, 12}, {UINT64_MAX, 12}, {1, ADU_MAX + 1}};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char why[SHM_WHY_SIZE * 2] = "";
        make_layout_1(f, rows[i].armed, rows[i].length);
        assert_false(try_open(f, "1", why, sizeof why));
        assert_non_null(strstr(why, "redo record"));
        assert_non_null(strstr(why, "move it"));
    }
}

static void test_other_byte_order_is_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t layout = __builtin_bswap64(1);
    uint8_t bytes[sizeof layout];
    char why[SHM_WHY_SIZE * 2] = "";
    must_open(f, "1");
    image_close(&f->image);
    memcpy(bytes, &layout, sizeof layout);
    patch(f, 8, bytes, sizeof bytes);
    assert_false(try_open(f, "1", why, sizeof why));
    assert_non_null(strstr(why, "is of a machine with the other byte order"));
    assert_non_null(strstr(why, "Nothing was changed"));
}

static void test_cut_short(void **state)
{
    static const off_t sizes[] = {0, 10, 4095, 4096, 5000, 4096 + sizeof(struct image_unit) - 1};
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char why[SHM_WHY_SIZE * 2] = "";
        unlink(f->image_path);
        must_open(f, "1");
        image_close(&f->image);
        assert_int_equal(truncate(f->image_path, sizes[i]), 0);
        if (try_open(f, "1", why, sizeof why))
            fail_msg("%ld bytes were taken", (long)sizes[i]);
        assert_non_null(strstr(why, "cut short"));
    }
}

/* Simulates a full disk: the image gets all its bytes at once or stays unchanged. */
static void test_no_room(void **state)
{
    struct fixture *f = *state;
    char why[SHM_WHY_SIZE * 2] = "";
    struct rlimit limit;
    must_open(f, "1");
    f->image.unit[0]->coils[3] = 1;
    image_close(&f->image);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = {.rlim_cur = 2 * sizeof(struct image_unit), .rlim_max = limit.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_false(try_open(f, "1-4", why, sizeof why));
    assert_non_null(strstr(why, "cannot grow"));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    must_open(f, "1-4");
    assert_int_equal(f->image.unit[0]->coils[3], 1);
    image_close(&f->image);
}

static void test_sync(void **state)
{
    struct fixture *f = *state;
    must_open(f, "1");
    assert_int_equal(image_sync(&f->image, false), IMAGE_SYNCED);
    assert_int_equal(image_sync(&f->image, false), IMAGE_CLEAN);
    image_mark_dirty(&f->image);
    assert_int_equal(image_sync(&f->image, false), IMAGE_SYNCED);
    assert_int_equal(image_sync(&f->image, false), IMAGE_CLEAN);
    image_close(&f->image);
}

/* The earlier owner is killed before it syncs. Nothing says whether its change is on disk. */
static void test_sync_of_an_earlier_owner(void **state)
{
    struct fixture *f = *state;
    must_open(f, "1");
    assert_int_equal(image_sync(&f->image, false), IMAGE_SYNCED);
    f->image.unit[0]->holding_registers[7] = 5;
    image_close(&f->image);
    must_open(f, "1");
    assert_int_equal(image_sync(&f->image, false), IMAGE_SYNCED);
    image_close(&f->image);
}

static long page_faults(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_minflt;
}

/* Page faults of writes to the same registers as before the sync. */
static long faults_after_sync(struct fixture *f, bool keeps_writable)
{
    uint16_t *registers = f->image.unit[1]->holding_registers;
    uint8_t *coils = f->image.unit[1]->coils;
    const size_t page = IMAGE_PAGE / sizeof *registers;
    long before = 0;
    for (int turn = 0; turn < 2; turn++) {
        before = page_faults();
        f->image.redo->length++;
        registers[page - 1]++;
        registers[page]++;
        coils[TABLE_SIZE - 1] ^= 1;
        if (turn > 0)
            break;
        image_mark_written(&f->image, &registers[page - 1], 2 * sizeof *registers);
        image_mark_written(&f->image, &coils[TABLE_SIZE - 1], 1);
        assert_int_equal(image_sync(&f->image, keeps_writable), IMAGE_SYNCED);
        assert_int_equal(image_sync(&f->image, keeps_writable), IMAGE_CLEAN);
    }
    return page_faults() - before;
}

/* Only file systems on a disk make pages read-only in a sync: on others the second line says
 * nothing. */
static void test_sync_keeps_pages_writable(void **state)
{
    struct fixture *f = *state;
    must_open(f, "1,2");
    faults_after_sync(f, true);
    assert_int_equal(faults_after_sync(f, true), 0);
    print_message("[          ] %ld page faults otherwise\n", faults_after_sync(f, false));
    image_close(&f->image);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_remove)
    static const struct CMUnitTest tests[] = {
        TEST(test_begins_with_zeros_and_keeps),
        TEST(test_every_byte_is_allocated),
        TEST(test_units_come_and_go),
        TEST(test_units_come_after_their_bytes),
        TEST(test_in_use),
        TEST(test_what_is_refused),
        TEST(test_layout_1_is_taken_over),
        TEST(test_damaged_layout_1),
        TEST(test_other_byte_order_is_refused),
        TEST(test_cut_short),
        TEST(test_no_room),
        TEST(test_sync),
        TEST(test_sync_of_an_earlier_owner),
        TEST(test_sync_keeps_pages_writable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
