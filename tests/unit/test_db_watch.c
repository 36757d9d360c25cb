/* Writes to the files of the store, and what a reader waits for. Times are given, not taken. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/store/db.h"
#include "common/store/db_watch.h"
#include "said_log.h"

enum { LONG_MS = 600000 };

int __real_inotify_init1(int flags);
int __wrap_inotify_init1(int flags);

static int refused; /* errno of inotify_init1; 0: it works */

int __wrap_inotify_init1(int flags)
{
    if (refused == 0)
        return __real_inotify_init1(flags);
    errno = refused;
    return -1;
}

struct bed {
    char folder[64], path[128];
    struct sqlite3 *db;
    struct db_watch watch;
    uint64_t now;
};

static void bed_path(const struct bed *bed, const char *end, char path[static 160])
{
    snprintf(path, 160, "%s%s", bed->path, end);
}

static int make_bed(void **state)
{
    struct bed *bed = calloc(1, sizeof *bed);
    char why[DB_WHY_SIZE];
    snprintf(bed->folder, sizeof bed->folder, "/tmp/tagferry-watch-XXXXXX");
    assert_non_null(mkdtemp(bed->folder));
    snprintf(bed->path, sizeof bed->path, "%s/store.db", bed->folder);
    bed->db = db_open(bed->path, DB_READ_WRITE_CREATE, why, sizeof why);
    assert_non_null(bed->db);
    assert_true(db_run_sql(bed->db, "PRAGMA journal_mode = WAL; CREATE TABLE t (n)"));
    bed->now = LONG_MS;
    refused = 0;
    db_watch_init(&bed->watch);
    db_watch_follow(&bed->watch, bed->path, bed->now);
    *state = bed;
    return 0;
}

static int remove_bed(void **state)
{
    static const char *const names[] = {"", "-wal", "-shm", "-other", "-link"};
    struct bed *bed = *state;
    char path[160];
    db_watch_finish(&bed->watch);
    db_close(bed->db);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        bed_path(bed, names[i], path);
        unlink(path);
    }
    rmdir(bed->folder);
    free(bed);
    return 0;
}

static bool is_readable(const struct bed *bed)
{
    struct pollfd fd = {.fd = bed->watch.fd, .events = POLLIN};
    return poll(&fd, 1, 0) == 1;
}

/* Lets time pass until the watch waits for an event. */
static void come_to_rest(struct bed *bed)
{
    int fd, wait = 0;
    for (int i = 0; wait != DB_WATCH_REST_MS; i++) {
        wait = db_watch_wait_ms(&bed->watch, bed->now, &fd);
        bed->now += (uint64_t)wait;
        db_watch_take_events(&bed->watch, bed->now);
        assert_true(i < 1000);
    }
    assert_false(is_readable(bed));
}

static void expect_wait(struct bed *bed, int ms, bool has_fd)
{
    int fd;
    assert_int_equal(db_watch_wait_ms(&bed->watch, bed->now, &fd), ms);
    assert_int_equal(fd >= 0, has_fd);
}

/* At first often, then each DB_WATCH_POLL_MS: the commit follows the event some time later. */
static void test_a_commit_is_an_event(void **state)
{
    struct bed *bed = *state;
    int fd, before = 0, wait;
    come_to_rest(bed);
    expect_wait(bed, DB_WATCH_REST_MS, true);
    assert_true(db_run_sql(bed->db, "INSERT INTO t VALUES (1)"));
    assert_true(is_readable(bed));
    assert_true(db_watch_take_events(&bed->watch, bed->now));
    while ((wait = db_watch_wait_ms(&bed->watch, bed->now, &fd)) < DB_WATCH_POLL_MS) {
        assert_true(wait > before && fd < 0);
        before = wait;
        bed->now += (uint64_t)wait;
    }
    assert_true(before > 0);
    expect_wait(bed, DB_WATCH_POLL_MS, false);
    /* A storm of events does not bring the short pauses back, but twice a second. */
    for (int i = 0; i < 8; i++) {
        assert_true(db_run_sql(bed->db, "INSERT INTO t VALUES (2)"));
        assert_true(db_watch_take_events(&bed->watch, bed->now));
        expect_wait(bed, DB_WATCH_POLL_MS, false);
        bed->now += DB_WATCH_POLL_MS;
    }
    bed->now += 2 * DB_WATCH_POLL_MS;
    expect_wait(bed, DB_WATCH_POLL_MS, true);
    assert_true(db_run_sql(bed->db, "INSERT INTO t VALUES (3)"));
    assert_true(db_watch_take_events(&bed->watch, bed->now));
    assert_true(db_watch_wait_ms(&bed->watch, bed->now, &fd) < DB_WATCH_POLL_MS && fd < 0);
    come_to_rest(bed);
}

static void test_a_file_that_replaces_the_store(void **state)
{
    struct bed *bed = *state;
    char other[160];
    come_to_rest(bed);
    bed_path(bed, "-other", other);
    close(open(other, O_WRONLY | O_CREAT, 0600));
    assert_false(db_watch_take_events(&bed->watch, bed->now));
    assert_int_equal(rename(other, bed->path), 0);
    assert_true(db_watch_take_events(&bed->watch, bed->now));
}

/* They must not cause more wake-ups than polling would. */
static void test_other_files_of_the_folder(void **state)
{
    struct bed *bed = *state;
    char other[160];
    come_to_rest(bed);
    bed_path(bed, "-other", other);
    int file = open(other, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(file, "x", 1), 1);
    close(file);
    assert_true(is_readable(bed));
    assert_false(db_watch_take_events(&bed->watch, bed->now));
    expect_wait(bed, DB_WATCH_POLL_MS, false);
    expect_wait(bed, DB_WATCH_REST_MS, true);
}

/* SQLite's other files are beside the file that the link leads to. */
static void test_a_symbolic_link(void **state)
{
    struct bed *bed = *state;
    char link_path[160];
    snprintf(link_path, sizeof link_path, "%s-link", bed->path);
    assert_int_equal(symlink(bed->path, link_path), 0);
    db_watch_follow(&bed->watch, link_path, bed->now);
    come_to_rest(bed);
    assert_true(db_run_sql(bed->db, "INSERT INTO t VALUES (1)"));
    assert_true(db_watch_take_events(&bed->watch, bed->now));
}

static void test_a_folder_that_is_gone(void **state)
{
    struct bed *bed = *state;
    char moved[80];
    come_to_rest(bed);
    snprintf(moved, sizeof moved, "%s-moved", bed->folder);
    assert_int_equal(rename(bed->folder, moved), 0);
    assert_true(db_watch_take_events(&bed->watch, bed->now));
    assert_int_equal(rename(moved, bed->folder), 0);
}

static void expect_polling(struct bed *bed)
{
    assert_int_equal(bed->watch.fd, -1);
    for (int i = 0; i < 3; i++) {
        expect_wait(bed, DB_WATCH_POLL_MS, false);
        bed->now += LONG_MS;
    }
}

static void test_a_limit_of_inotify(void **state)
{
    struct bed *bed = *state;
    refused = EMFILE;
    db_watch_follow(&bed->watch, bed->path, bed->now);
    expect_polling(bed);
    assert_true(bed->watch.is_logged);
    /* The next store has another chance. */
    refused = 0;
    db_watch_follow(&bed->watch, bed->path, bed->now);
    come_to_rest(bed);
}

/* On a file system that reports no changes, the look at rest finds one. */
static void test_a_change_without_an_event(void **state)
{
    struct bed *bed = *state;
    come_to_rest(bed);
    bed->now += LONG_MS;
    db_watch_note_change(&bed->watch, bed->now);
    expect_polling(bed);
    db_watch_follow(&bed->watch, bed->path, bed->now);
    expect_polling(bed);
}

/* A slow disk: the commit can be seen long after the bytes were written. */
static void test_a_change_long_after_its_event(void **state)
{
    struct bed *bed = *state;
    come_to_rest(bed);
    bed->now += LONG_MS;
    assert_true(db_run_sql(bed->db, "INSERT INTO t VALUES (1)"));
    assert_true(db_watch_take_events(&bed->watch, bed->now));
    bed->now += DB_WATCH_REST_MS;
    db_watch_note_change(&bed->watch, bed->now);
    expect_wait(bed, DB_WATCH_REST_MS, true);
    /* An event that came since the last look counts, too. */
    bed->now += LONG_MS;
    assert_true(db_run_sql(bed->db, "INSERT INTO t VALUES (2)"));
    db_watch_note_change(&bed->watch, bed->now);
    assert_true(bed->watch.fd >= 0);
}

/* To the millisecond: short pauses for two seconds after an event, the next short ones half a
 * second after the first, and a change that is announced by an event of the last minute. */
static void test_times(void **state)
{
    struct bed *bed = *state;
    static const int pauses[] = {2, 4, 8, 16, 32, 50, 50};
    db_watch_follow(&bed->watch, bed->path, bed->now);
    for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++)
        expect_wait(bed, pauses[i], false);
    bed->now += 499;
    assert_true(db_run_sql(bed->db, "INSERT INTO t VALUES (1)"));
    assert_true(db_watch_take_events(&bed->watch, bed->now));
    expect_wait(bed, 50, false);
    bed->now += 1;
    expect_wait(bed, 50, true);
    assert_true(db_run_sql(bed->db, "INSERT INTO t VALUES (2)"));
    assert_true(db_watch_take_events(&bed->watch, bed->now));
    expect_wait(bed, 2, false);
    bed->now += 1999;
    expect_wait(bed, 4, true);
    bed->now += 1;
    expect_wait(bed, DB_WATCH_REST_MS, true);
    bed->now += 60000 - 2000 - 1;
    db_watch_note_change(&bed->watch, bed->now);
    expect_wait(bed, DB_WATCH_REST_MS, true);
    bed->now += 1;
    db_watch_note_change(&bed->watch, bed->now);
    expect_polling(bed);
}

/* Why changes are found by looking is said once. */
static void test_reasons(void **state)
{
    static const struct {
        int error;
        const char *line;
    } rows[] = {
        {EMFILE, "info    changes of the store are found by looking each 50 ms: "
                 "fs.inotify.max_user_instances is reached\n"},
        {ENOSPC, "info    changes of the store are found by looking each 50 ms: "
                 "fs.inotify.max_user_watches is reached\n"},
        {EPERM, "info    changes of the store are found by looking each 50 ms: "
                "Operation not permitted\n"},
    };
    struct bed *bed = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct said_log said;
        said_log_begin(&said);
        refused = rows[i].error;
        bed->watch.is_logged = false;
        for (int again = 0; again < 2; again++)
            db_watch_follow(&bed->watch, bed->path, bed->now);
        refused = 0;
        assert_string_equal(said_log_end(&said), rows[i].line);
    }
    struct said_log said;
    said_log_begin(&said);
    bed->watch.is_logged = false;
    db_watch_follow(&bed->watch, "/nowhere/at/all", bed->now);
    db_watch_follow(&bed->watch, bed->path, bed->now);
    bed->watch.is_logged = false;
    bed->now += LONG_MS;
    db_watch_note_change(&bed->watch, bed->now);
    assert_string_equal(said_log_end(&said),
                        "info    changes of the store are found by looking each 50 ms: "
                        "No such file or directory\n"
                        "info    changes of the store are found by looking each 50 ms: "
                        "its file system does not report them\n");
}

/* Files whose names only begin like the store's, or end like its others. */
static void test_names(void **state)
{
    static const struct {
        const char *end;
        bool is_of_store;
    } rows[] = {{"-wal", true},   {"-journal", true}, {"-shm", false},
                {"-wal2", false}, {"x", false},       {"-wa", false}};
    struct bed *bed = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[160];
        come_to_rest(bed);
        snprintf(path, sizeof path, "%s/store.db%s", bed->folder, rows[i].end);
        int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
        assert_int_equal(write(file, "", 1), 1);
        close(file);
        if (db_watch_take_events(&bed->watch, bed->now) != rows[i].is_of_store)
            fail_msg("%s", rows[i].end);
        if (!rows[i].is_of_store)
            expect_wait(bed, DB_WATCH_POLL_MS, false);
        if (strcmp(rows[i].end, "-shm") != 0)
            unlink(path);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, make_bed, remove_bed)
    const struct CMUnitTest tests[] = {
        TEST(test_a_commit_is_an_event),
        TEST(test_a_file_that_replaces_the_store),
        TEST(test_other_files_of_the_folder),
        TEST(test_a_symbolic_link),
        TEST(test_a_folder_that_is_gone),
        TEST(test_a_limit_of_inotify),
        TEST(test_a_change_without_an_event),
        TEST(test_a_change_long_after_its_event),
        TEST(test_times),
        TEST(test_reasons),
        TEST(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
