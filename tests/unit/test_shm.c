/* Files shared by processes: created completely, locked, checked, replaced, grown. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/shared/shm.h"

enum { SIZE = 8192 };

struct folder {
    char path[64], file[80];
};

static int make_folder(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    assert_non_null(folder);
    strcpy(folder->path, "/tmp/tagferry-shm-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    snprintf(folder->file, sizeof folder->file, "%s/file", folder->path);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    unlink(folder->file);
    rmdir(folder->path);
    free(folder);
    return 0;
}

static struct shm_spec spec_of(const struct folder *folder)
{
    return (struct shm_spec){
        .path = folder->file, .magic = "TFtestxx", .layout = 3, .size = SIZE, .map = 4 * SIZE};
}

static uint8_t *byte(const struct shm *shm, size_t at)
{
    return (uint8_t *)shm->base + at;
}

static void test_create_and_reopen(void **state)
{
    struct shm_spec spec = spec_of(*state);
    struct shm shm;
    char why[SHM_WHY_SIZE];
    assert_int_equal(shm_open_writer(&shm, &spec, false, why, sizeof why), SHM_CREATED);
    assert_int_equal(shm_file_size(&shm), SIZE);
    uint64_t identity = shm.base->identity;
    for (size_t i = sizeof(struct shm_header); i < SIZE; i++)
        assert_int_equal(*byte(&shm, i), 0);
    *byte(&shm, 5000) = 42;
    shm_close(&shm);

    assert_int_equal(shm_open_writer(&shm, &spec, false, why, sizeof why), SHM_EXISTING);
    assert_int_equal(*byte(&shm, 5000), 42);
    assert_true(shm.base->identity == identity);
    shm_close(&shm);
}

static void test_one_writer(void **state)
{
    struct shm_spec spec = spec_of(*state);
    struct shm first, second;
    char why[SHM_WHY_SIZE];
    assert_int_equal(shm_open_writer(&first, &spec, true, why, sizeof why), SHM_CREATED);
    assert_int_equal(shm_open_writer(&second, &spec, true, why, sizeof why), SHM_FAILED);
    assert_non_null(strstr(why, "in use"));
    shm_close(&first);
    assert_int_equal(shm_open_writer(&second, &spec, true, why, sizeof why), SHM_EXISTING);
    shm_close(&second);
}

enum { RIVALS = 4, RACES = 200 };

/* Waits until all have come. */
static void meet(_Atomic int *here)
{
    atomic_fetch_add(here, 1);
    while (atomic_load(here) % RIVALS != 0)
        sched_yield();
}

/* 0: not the writer, 1: the writer, 2: believes to be the writer of a file that does not exist. No
 * process exits before all have tried. */
static int compete(const struct shm_spec *spec, _Atomic int *here)
{
    struct shm shm;
    char why[SHM_WHY_SIZE];
    meet(&here[0]);
    bool won = shm_open_writer(&shm, spec, true, why, sizeof why) != SHM_FAILED;
    meet(&here[1]);
    int found = !won ? 0 : shm_was_replaced(&shm, spec->path) ? 2 : 1;
    meet(&here[2]);
    return found;
}

/* Rivals that start at the same time, without a file or with one to replace. */
static void test_one_writer_of_many(void **state)
{
    struct shm_spec spec = spec_of(*state);
    _Atomic int *here = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(here != MAP_FAILED);
    for (int race = 0; race < RACES; race++) {
        int found[3] = {0}, status;
        if (race % 2 == 0)
            unlink(spec.path);
        else
            assert_int_equal(truncate(spec.path, 10), 0);
        for (int i = 0; i < RIVALS; i++) {
            if (fork() == 0)
                _exit(compete(&spec, here));
        }
        for (int i = 0; i < RIVALS; i++) {
            assert_true(wait(&status) > 0);
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 3);
            found[WEXITSTATUS(status)]++;
        }
        if (found[1] != 1 || found[2] != 0)
            fail_msg("race %d: %d writers, %d of no file", race, found[1], found[2]);
    }
    munmap((void *)here, 4096);
}

/* The lock ends with its holder, however the holder ends. */
static void test_writer_dies(void **state)
{
    struct shm_spec spec = spec_of(*state);
    struct shm shm;
    char why[SHM_WHY_SIZE];
    pid_t child = fork();
    if (child == 0) {
        shm_open_writer(&shm, &spec, true, why, sizeof why);
        *byte(&shm, 5000) = 7;
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(shm_open_writer(&shm, &spec, true, why, sizeof why), SHM_EXISTING);
    assert_int_equal(*byte(&shm, 5000), 7);
    shm_close(&shm);
}

static void check_refused(struct shm_spec *spec, const char *reason)
{
    struct shm shm;
    char why[SHM_WHY_SIZE];
    struct stat before, after;
    assert_int_equal(stat(spec->path, &before), 0);
    assert_int_equal(shm_open_writer(&shm, spec, false, why, sizeof why), SHM_FAILED);
    if (!strstr(why, reason) || !strstr(why, spec->path))
        fail_msg("\"%s\" does not say \"%s\"", why, reason);
    assert_int_equal(stat(spec->path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(before.st_size, after.st_size);
}

static void test_other_files_are_refused(void **state)
{
    struct shm_spec spec = spec_of(*state), other;
    struct shm shm;
    char why[SHM_WHY_SIZE];
    assert_int_equal(shm_open_writer(&shm, &spec, false, why, sizeof why), SHM_CREATED);
    shm_close(&shm);
    other = spec;
    other.layout = 4;
    check_refused(&other, "another layout");
    other.layout = 2;
    other.oldest = 1;
    check_refused(&other, "another layout");
    other = spec;
    other.magic = "TFothers";
    check_refused(&other, "not a file of this kind");
    other = spec;
    other.size = 2 * SIZE;
    check_refused(&other, "another size");
    other = spec;
    other.layout = __builtin_bswap64(spec.layout);
    check_refused(&other, "is of a machine with the other byte order");
    assert_int_equal(truncate(spec.path, SIZE - 1), 0);
    check_refused(&spec, "cut short");
    assert_int_equal(truncate(spec.path, 0), 0);
    check_refused(&spec, "cut short");
}

static void test_other_files_are_replaced(void **state)
{
    struct shm_spec spec = spec_of(*state);
    struct shm old, new, reader;
    char why[SHM_WHY_SIZE];
    assert_int_equal(shm_open_writer(&old, &spec, false, why, sizeof why), SHM_CREATED);
    assert_true(shm_open_reader(&reader, &spec, why, sizeof why));
    assert_false(shm_was_replaced(&reader, spec.path));
    shm_close(&old);
    spec.layout = 4;
    assert_int_equal(shm_open_writer(&new, &spec, true, why, sizeof why), SHM_CREATED);
    assert_true(shm_was_replaced(&reader, spec.path));
    assert_int_equal(reader.base->layout, 3);
    assert_int_equal(new.base->layout, 4);
    shm_close(&reader);
    shm_close(&new);
}

static void test_reader(void **state)
{
    struct shm_spec spec = spec_of(*state);
    struct shm writer, reader;
    char why[SHM_WHY_SIZE];
    assert_false(shm_open_reader(&reader, &spec, why, sizeof why));
    assert_non_null(strstr(why, "No such file"));
    assert_int_equal(shm_open_writer(&writer, &spec, false, why, sizeof why), SHM_CREATED);
    assert_true(shm_open_reader(&reader, &spec, why, sizeof why));
    *byte(&writer, 6000) = 9;
    assert_int_equal(*byte(&reader, 6000), 9);
    shm_close(&reader);
    shm_close(&writer);
}

static void test_grow(void **state)
{
    struct shm_spec spec = spec_of(*state);
    struct shm writer, reader;
    char why[SHM_WHY_SIZE];
    assert_int_equal(shm_open_writer(&writer, &spec, false, why, sizeof why), SHM_CREATED);
    assert_true(shm_open_reader(&reader, &spec, why, sizeof why));
    assert_true(shm_grow(&writer, 3 * SIZE));
    *byte(&writer, 3 * SIZE - 1) = 5;
    assert_int_equal(*byte(&reader, 3 * SIZE - 1), 5);
    assert_false(shm_grow(&writer, 5 * SIZE));
    shm_close(&reader);
    shm_close(&writer);
    /* A grown file is still the same file to its next writer. */
    assert_int_equal(shm_open_writer(&writer, &spec, false, why, sizeof why), SHM_EXISTING);
    assert_int_equal(*byte(&writer, 3 * SIZE - 1), 5);
    shm_close(&writer);
}

/* Its death shows in the next check, and checks never block a new writer. */
static void test_who_writes(void **state)
{
    struct folder *folder = *state;
    struct shm_spec spec = spec_of(folder);
    struct shm writer, reader;
    char why[SHM_WHY_SIZE];
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    for (int round = 0; round < 20; round++) {
        pid_t child = fork();
        if (child == 0) {
            bool opened = shm_open_writer(&writer, &spec, false, why, sizeof why) != SHM_FAILED;
            bool told = write(ready[1], &opened, sizeof opened) == sizeof opened;
            while (opened && told)
                pause();
            _exit(1);
        }
        bool opened = false;
        assert_int_equal(read(ready[0], &opened, sizeof opened), sizeof opened);
        assert_true(opened);
        assert_true(shm_open_reader(&reader, &spec, why, sizeof why));
        assert_true(shm_has_writer(&reader));
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_false(shm_has_writer(&reader));
        shm_close(&reader);
        assert_false(shm_has_writer(&reader));
    }
    close(ready[0]);
    close(ready[1]);
}

static bool disk_fails;

ssize_t __real_pread(int fd, void *data, size_t size, off_t at);
ssize_t __wrap_pread(int fd, void *data, size_t size, off_t at);

ssize_t __wrap_pread(int fd, void *data, size_t size, off_t at)
{
    if (!disk_fails)
        return __real_pread(fd, data, size, at);
    errno = EIO;
    return -1;
}

/* The file that replaces a lost one has a writer, too. */
static void test_who_writes_after_a_repair(void **state)
{
    struct shm_spec spec = spec_of(*state);
    struct shm writer, reader;
    char why[SHM_WHY_SIZE];
    assert_int_equal(shm_open_writer(&writer, &spec, false, why, sizeof why), SHM_CREATED);
    assert_int_equal(unlink(spec.path), 0);
    assert_int_equal(shm_repair_file(&writer), SHM_RENEWED);
    assert_true(shm_open_reader(&reader, &spec, why, sizeof why));
    assert_true(shm_has_writer(&reader));
    shm_close(&writer);
    assert_false(shm_has_writer(&reader));
    shm_close(&reader);
}

/* A disk error is not the end of the file: the existing file is not replaced by a new one. */
static void test_an_unreadable_file_is_not_replaced(void **state)
{
    struct shm_spec spec = spec_of(*state);
    struct shm shm;
    char why[SHM_WHY_SIZE];
    assert_int_equal(shm_open_writer(&shm, &spec, true, why, sizeof why), SHM_CREATED);
    *byte(&shm, 5000) = 42;
    shm_close(&shm);
    disk_fails = true;
    enum shm_opened opened = shm_open_writer(&shm, &spec, true, why, sizeof why);
    bool is_read = shm_open_reader(&shm, &spec, why, sizeof why);
    disk_fails = false;
    assert_int_equal(opened, SHM_FAILED);
    assert_false(is_read);
    assert_non_null(strstr(why, strerror(EIO)));
    assert_int_equal(shm_open_writer(&shm, &spec, true, why, sizeof why), SHM_EXISTING);
    assert_int_equal(*byte(&shm, 5000), 42);
    shm_close(&shm);
}

static void test_close_is_safe(void **state)
{
    (void)state;
    struct shm zeroed = {0};
    shm_close(NULL);
    shm_close(&zeroed);
    shm_close(&zeroed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_create_and_reopen),
        TEST(test_one_writer),
        TEST(test_one_writer_of_many),
        TEST(test_writer_dies),
        TEST(test_other_files_are_refused),
        TEST(test_other_files_are_replaced),
        TEST(test_an_unreadable_file_is_not_replaced),
        TEST(test_reader),
        TEST(test_grow),
        TEST(test_who_writes),
        TEST(test_who_writes_after_a_repair),
        cmocka_unit_test(test_close_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
