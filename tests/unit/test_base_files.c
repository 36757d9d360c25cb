/* Small things of common/base that touch files and limits of the system: folders, secrets, free
 * space, descriptors, the watchdog; and pieces of memory. */
#include "check.h"

#include <errno.h>
#include <limits.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "child.h"
#include "common/base/chunks.h"
#include "common/base/daemon.h"
#include "common/base/disk_space.h"
#include "common/base/folder.h"
#include "common/base/log.h"
#include "common/base/name_list.h"
#include "common/base/private_file.h"

static int sync_error;
static struct stat synced;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
    assert_int_equal(fstat(fd, &synced), 0);
    errno = sync_error;
    return sync_error != 0 ? -1 : 0;
}

static bool alloc_fails;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    return alloc_fails ? NULL : __real_malloc(size);
}

static int lowest_free(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

/* The folder of the file, and no other, is synced. */
static void test_folder_sync(void **state)
{
    char folder[] = "/tmp/base_files.XXXXXX", path[PATH_MAX + 8];
    struct stat expected;
    (void)state;
    assert_non_null(mkdtemp(folder));
    const int free_before = lowest_free();
    sync_error = 0;
    snprintf(path, sizeof path, "%s/file", folder);
    assert_true(folder_sync_parent(path));
    assert_int_equal(stat(folder, &expected), 0);
    assert_int_equal(synced.st_ino, expected.st_ino);
    assert_true(folder_sync_parent("file"));
    assert_int_equal(stat(".", &expected), 0);
    assert_int_equal(synced.st_ino, expected.st_ino);
    assert_true(folder_sync_parent("/file"));
    assert_int_equal(stat("/", &expected), 0);
    assert_int_equal(synced.st_ino, expected.st_ino);

    sync_error = EINVAL; /* the file system cannot */
    assert_true(folder_sync_parent(path));
    sync_error = EIO;
    assert_false(folder_sync_parent(path));
    assert_int_equal(errno, EIO);
    assert_int_equal(rmdir(folder), 0);
    assert_false(folder_sync_parent(path));
    assert_int_equal(errno, ENOENT);
    assert_int_equal(lowest_free(), free_before);

    memset(path, 'x', sizeof path);
    path[PATH_MAX] = '/';
    path[PATH_MAX + 1] = '\0';
    assert_false(folder_sync_parent(path));
    assert_int_equal(errno, ENAMETOOLONG);
}

static void test_make_folder(void **state)
{
    char base[] = "/tmp/base_files.XXXXXX", path[PATH_MAX + 8];
    struct stat st;
    (void)state;
    assert_non_null(mkdtemp(base));
    const mode_t mask = umask(0);
    snprintf(path, sizeof path, "%s/a/b", base);
    assert_true(daemon_make_folder(path));
    assert_true(daemon_make_folder(path)); /* it is there */
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode, S_IFDIR | 0750);
    snprintf(path, sizeof path, "%s/a//c/", base);
    assert_true(daemon_make_folder(path));
    assert_int_equal(stat(path, &st), 0);
    umask(mask);
    assert_int_equal(rmdir(path), 0);
    snprintf(path, sizeof path, "%s/a/b", base);
    assert_int_equal(rmdir(path), 0);
    snprintf(path, sizeof path, "%s/a", base);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(base), 0);

    errno = 0;
    assert_false(daemon_make_folder(""));
    assert_int_equal(errno, ENAMETOOLONG);
    memset(path, 'x', PATH_MAX);
    path[PATH_MAX] = '\0';
    errno = 0;
    assert_false(daemon_make_folder(path));
    assert_int_equal(errno, ENAMETOOLONG);
    assert_false(daemon_make_folder("/dev/null/a"));
    assert_int_equal(errno, ENOTDIR);
}

static char secret[64];
static mode_t secret_mode;

static void check_secret(void)
{
    chmod(secret, secret_mode);
    log_open(LOG_LEVEL_WARNING);
    private_file_check(secret);
}

static void test_secrets(void **state)
{
    static const struct {
        mode_t mode;
        const char *verb; /* NULL: no word */
    } rows[] = {{0600, NULL},   {0640, NULL},     {0660, NULL},     {0770, NULL}, {0644, "read"},
                {0604, "read"}, {0602, "change"}, {0606, "change"}, {0601, NULL}, {0444, "read"}};
    char said[512], expected[256];
    (void)state;
    strcpy(secret, "/tmp/base_files.XXXXXX");
    int fd = mkstemp(secret);
    close(fd);
    for (size_t i = 0; i < COUNT(rows); i++) {
        secret_mode = rows[i].mode;
        assert_int_equal(run_child(check_secret, said, sizeof said), 0);
        const char *words = strstr(said, "warning ");
        check_row((words != NULL) == (rows[i].verb != NULL), rows[i].verb ? rows[i].verb : "none");
        if (!words)
            continue;
        snprintf(expected, sizeof expected,
                 "warning %s holds a secret, and every user of this machine can %s it: chmod o= "
                 "%s\n",
                 secret, rows[i].verb, secret);
        assert_string_equal(words, expected);
    }
    assert_int_equal(unlink(secret), 0);
    assert_int_equal(run_child(check_secret, said, sizeof said), 0);
    assert_string_equal(said, ""); /* there is none */
    strcpy(secret, "/dev/null");   /* no file */
    secret_mode = 0666;
    assert_int_equal(run_child(check_secret, said, sizeof said), 0);
    assert_string_equal(said, "");
}

static void test_disk_space(void **state)
{
    struct stat st;
    struct statvfs system;
    (void)state;
    assert_int_equal(stat("/tmp", &st), 0);
    assert_int_equal(statvfs("/tmp", &system), 0);
    const struct disk_space space = disk_space_of_path("/tmp");
    assert_int_equal(space.device, st.st_dev);
    assert_int_equal(space.size, (uint64_t)system.f_blocks * system.f_frsize);
    assert_true(space.available <= space.size);
    FILE *file = tmpfile();
    const struct disk_space same = disk_space_of_fd(fileno(file));
    assert_int_equal(same.size, space.size);
    assert_int_equal(same.device, space.device);
    fclose(file);
    const struct disk_space none = disk_space_of_path("/tmp/no/such/folder"),
                            closed = disk_space_of_fd(-1), proc = disk_space_of_path("/proc");
    assert_true(none.size == 0 && none.available == 0 && none.device == 0);
    assert_true(closed.size == 0 && closed.available == 0 && closed.device == 0);
    assert_true(proc.size == 0 && proc.available == 0 && proc.device == 0);
}

static void reserve(void)
{
    struct rlimit limit = {.rlim_cur = 100, .rlim_max = 300};
    log_open(LOG_LEVEL_INFO);
    setrlimit(RLIMIT_NOFILE, &limit);
    const size_t fewer = daemon_reserve_descriptors(99), all = daemon_reserve_descriptors(100);
    getrlimit(RLIMIT_NOFILE, &limit);
    fprintf(stderr, "%zu %zu, limit %u\n", fewer, all, (unsigned)limit.rlim_cur);
    const size_t more = daemon_reserve_descriptors(299);
    getrlimit(RLIMIT_NOFILE, &limit);
    fprintf(stderr, "%zu, limit %u\n", more, (unsigned)limit.rlim_cur);
    const size_t most = daemon_reserve_descriptors(300);
    fprintf(stderr, "%zu\n", most);
    const size_t too_many = daemon_reserve_descriptors(301);
    getrlimit(RLIMIT_NOFILE, &limit);
    fprintf(stderr, "%zu, limit %u\n", too_many, (unsigned)limit.rlim_cur);
    limit.rlim_cur = 200;
    setrlimit(RLIMIT_NOFILE, &limit);
    daemon_raise_descriptors();
    daemon_raise_descriptors();
    getrlimit(RLIMIT_NOFILE, &limit);
    fprintf(stderr, "limit %u\n", (unsigned)limit.rlim_cur);
}

static void test_descriptors(void **state)
{
    char said[1024];
    (void)state;
    assert_int_equal(run_child(reserve, said, sizeof said), 0);
    char *stamp = strstr(said, "300\n") + 4; /* of the one line of the log */
    char *word = strstr(said, "warning ");
    assert_non_null(word);
    memmove(stamp, word, strlen(word) + 1);
    assert_string_equal(said,
                        "99 100, limit 100\n299, limit 299\n300\nwarning only 300 file descriptors "
                        "are allowed, too few for max_connections\n300, limit 300\nlimit 300\n");
}

static void test_watchdog(void **state)
{
    char own[32];
    (void)state;
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    assert_int_equal(daemon_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "30999999", 1);
    assert_int_equal(daemon_watchdog_ms(), 30999);
    snprintf(own, sizeof own, "%d", (int)getpid());
    setenv("WATCHDOG_PID", own, 1);
    assert_int_equal(daemon_watchdog_ms(), 30999);
    snprintf(own, sizeof own, "%d", (int)getpid() + 1); /* for another process */
    setenv("WATCHDOG_PID", own, 1);
    assert_int_equal(daemon_watchdog_ms(), 0);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    assert_int_equal(daemon_watchdog_ms(), 0);
}

static void test_chunks(void **state)
{
    enum { ALIGN = CHUNK_ALIGN, BLOCK = 10 * ALIGN };
    struct chunk *chunks = NULL;
    (void)state;
    assert_int_equal(chunk_piece_bytes(0), 0);
    assert_int_equal(chunk_piece_bytes(1), ALIGN);
    assert_int_equal(chunk_piece_bytes(ALIGN), ALIGN);
    assert_int_equal(chunk_piece_bytes(ALIGN + 1), 2 * ALIGN);
    assert_null(chunk_alloc(&chunks, SIZE_MAX, BLOCK));
    assert_null(chunks);
    alloc_fails = true;
    assert_null(chunk_alloc(&chunks, 1, BLOCK));
    alloc_fails = false;
    assert_null(chunks);

    char *first = chunk_alloc(&chunks, 1, BLOCK), *second = chunk_alloc(&chunks, ALIGN, BLOCK);
    assert_int_equal((uintptr_t)first % alignof(max_align_t), 0);
    assert_int_equal(second - first, ALIGN);
    struct chunk *one = chunks;
    char *rest = chunk_alloc(&chunks, BLOCK - 2 * ALIGN, BLOCK); /* to the last byte */
    assert_int_equal(rest - second, ALIGN);
    assert_ptr_equal(chunks, one);
    memset(first, 1, BLOCK);
    char *large = chunk_alloc(&chunks, BLOCK + 1, BLOCK);
    assert_ptr_not_equal(chunks, one);
    memset(large, 2, BLOCK + 1);
    alloc_fails = true;
    assert_null(chunk_alloc(&chunks, BLOCK, BLOCK));
    alloc_fails = false;

    chunk_reset_all(&chunks);
    assert_ptr_equal(chunks, one); /* the oldest one is kept */
    assert_ptr_equal(chunk_alloc(&chunks, BLOCK, BLOCK), first);
    chunk_free_all(&chunks);
    assert_null(chunks);
    chunk_reset_all(&chunks);
    chunk_free_all(&chunks);
}

static void test_names(void **state)
{
    static const char *const names[] = {"one", "two", "three", NULL}, *const none[] = {NULL};
    (void)state;
    assert_int_equal(name_list_find(names, "one"), 0);
    assert_int_equal(name_list_find(names, "three"), 2);
    assert_int_equal(name_list_find(names, "thre"), -1);
    assert_int_equal(name_list_find(names, ""), -1);
    assert_int_equal(name_list_find(none, "one"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folder_sync), cmocka_unit_test(test_make_folder),
        cmocka_unit_test(test_secrets),     cmocka_unit_test(test_disk_space),
        cmocka_unit_test(test_descriptors), cmocka_unit_test(test_watchdog),
        cmocka_unit_test(test_chunks),      cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
