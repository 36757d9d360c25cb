/* Copies of the store: backups, those that the service keeps beside the database, and a restore of
 * each kind. */
#include "store_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "api/store/audit.h"
#include "api/store/backup.h"
#include "api/store/kept_store.h"
#include "api/store/store_role.h"

struct fixture {
    struct store_folder folder;
    char backup[STORE_PATH_SIZE];
    struct store *store;
    struct arena arena;
    char why[BACKUP_WHY_SIZE];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    store_folder_make(&f->folder);
    snprintf(f->backup, STORE_PATH_SIZE, "%s/backup.db", f->folder.path);
    f->store = store_open_well(f->folder.database, STORE_WRITE);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    store_folder_remove(&f->folder);
    arena_finish(&f->arena);
    free(f);
    return 0;
}

/* The files whose names begin so, sorted and with a blank after each. */
static const char *list_files(struct fixture *f, const char *prefix)
{
    struct dirent **names;
    struct text list = {0};
    text_puts(&list, "");
    int count = scandir(f->folder.path, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (strncmp(names[i]->d_name, prefix, strlen(prefix)) == 0)
            text_printf(&list, "%s ", names[i]->d_name);
        free(names[i]);
    }
    free(names);
    const char *text = arena_strdup(&f->arena, list.data);
    text_finish(&list);
    return text;
}

static void touch(struct fixture *f, const char *name)
{
    int fd = open(arena_format(&f->arena, "%s/%s", f->folder.path, name),
                  O_CREAT | O_EXCL | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
}

/* Only files of this database with a whole time are listed; the newest come first, whatever their
 * number, at most ten; five or ten of a kind stay. */
static void test_kept_files(void **state)
{
    static const char *const others[] = {
        "store.db-term-1-20260101T00000000Z",   "store.db-term-1-20260101T0000000000Z",
        "store.db-term-1-2026010T000000000Z",   "store.db-term-1-202601011T000000000Z",
        "store.db-term-1-20260101T000000000",   "store.db-term-1-20260101T000000000Zx",
        "store.db-term--20260101T000000000Z",   "store.db-term-x-20260101T000000000Z",
        "store.db-term-1x-20260101T000000000Z", "store.db-term-1-20260101X000000000Z",
        "stare.db-term-1-20260101T000000000Z",  "store.db-terms1-20260101T000000000Z",
        "store.db-schema-7-20260101T000000000Z"};
    struct fixture *f = *state;
    struct kept_store_file list[KEPT_FILES];
    assert_int_equal(kept_store_list(f->folder.database, KEPT_TERM, list), 0);
    for (size_t i = 0; i < COUNT(others); i++)
        touch(f, others[i]);
    assert_int_equal(kept_store_list(f->folder.database, KEPT_TERM, list), 0);
    assert_int_equal(kept_store_list(f->folder.database, KEPT_SCHEMA, list), 1);
    assert_int_equal(list[0].number, 7);
    touch(f, "store.db-term-123-20260102T030405678Z");
    touch(f, "store.db-term-9-20251231T235959999Z");
    assert_int_equal(kept_store_list(f->folder.database, KEPT_TERM, list), 2);
    assert_string_equal(list[0].name, "store.db-term-123-20260102T030405678Z");
    assert_int_equal(list[0].number, 123);
    assert_string_equal(list[0].at, "2026-01-02T03:04:05.678Z");
    assert_string_equal(list[1].at, "2025-12-31T23:59:59.999Z");
    for (int i = 0; i < 9; i++)
        touch(f, arena_format(&f->arena, "store.db-term-5-20270101T00000000%dZ", i));
    assert_int_equal(kept_store_list(f->folder.database, KEPT_TERM, list), KEPT_FILES);
    assert_string_equal(list[0].name, "store.db-term-5-20270101T000000008Z");
    assert_string_equal(list[9].name, "store.db-term-123-20260102T030405678Z");
    kept_store_limit(f->folder.database, KEPT_TERM);
    assert_string_equal(list_files(f, "store.db-term-9-"), "");
    assert_int_not_equal(strlen(list_files(f, "store.db-term-123-")), 0);
    for (int i = 0; i < 5; i++)
        touch(f, arena_format(&f->arena, "store.db-schema-6-20250101T00000000%dZ", i));
    kept_store_limit(f->folder.database, KEPT_SCHEMA);
    assert_string_equal(
        list_files(f, "store.db-schema-6-"),
        "store.db-schema-6-20250101T000000001Z store.db-schema-6-20250101T000000002Z "
        "store.db-schema-6-20250101T000000003Z store.db-schema-6-20250101T000000004Z ");
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_not_equal(strlen(list_files(f, others[i])), 0);
    /* A database without a folder in its path is in the working folder. */
    assert_int_equal(kept_store_list("no-such-database", KEPT_TERM, list), 0);
}

static void test_keeping(void **state)
{
    struct fixture *f = *state;
    struct kept_store_file list[KEPT_FILES];
    struct stat st;
    char path[PATH_MAX];
    touch(f, "store.db.keeping"); /* of a service that was killed */
    touch(f, "store.db.keeping-journal");
    assert_true(store_begin(f->store));
    store_add_device(f->store, "a", "a");
    assert_true(store_commit(f->store));
    assert_true(kept_store_create(f->folder.database, KEPT_TERM, 12, path, f->why, sizeof f->why));
    assert_int_equal(kept_store_list(f->folder.database, KEPT_TERM, list), 1);
    assert_int_equal(list[0].number, 12);
    assert_string_equal(path, arena_format(&f->arena, "%s/%s", f->folder.path, list[0].name));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_string_equal(list_files(f, "store.db.keeping"), "");
    struct store *kept = store_open_well(path, STORE_READ);
    assert_true(store_begin(kept));
    assert_int_equal(store_query_integer(kept, "SELECT count(*) FROM device"), 1);
    assert_true(store_commit(kept));
    store_close(kept);
    const char *long_name = arena_format(&f->arena, "/%0*d", PATH_MAX - 20, 1);
    assert_false(kept_store_create(long_name, KEPT_TERM, 1, path, f->why, sizeof f->why));
    assert_string_equal(f->why, "the path of the copy is too long");
    const char *missing = arena_format(&f->arena, "%s/none/store.db", f->folder.path);
    assert_false(kept_store_create(missing, KEPT_TERM, 1, path, f->why, sizeof f->why));
    assert_non_null(strstr(f->why, "No such file or directory"));
}

/* Without its log the store is one file, and the connection goes on. */
static void test_without_log(void **state)
{
    struct fixture *f = *state;
    assert_true(store_begin(f->store));
    store_add_device(f->store, "a", "a");
    assert_true(store_commit(f->store));
    assert_string_equal(list_files(f, "store.db-"), "store.db-shm store.db-wal ");
    assert_true(store_remove_wal(f->store));
    assert_string_equal(list_files(f, "store.db-"), "");
    assert_true(store_begin(f->store));
    store_add_device(f->store, "b", "b");
    assert_int_equal(store_query_integer(f->store, "SELECT count(*) FROM device"), 2);
    assert_true(store_commit(f->store));
}

static struct backup_content back_up(struct fixture *f)
{
    struct backup_content content;
    if (!backup_create(f->folder.database, f->backup, &content, f->why, sizeof f->why))
        fail_msg("%s", f->why);
    return content;
}

static struct backup_content restore(struct fixture *f, const char *database)
{
    struct backup_content content = {.devices = -1};
    const struct file_owner owner = {getuid(), getgid()};
    if (!backup_restore(database, f->backup, &owner, &content, f->why, sizeof f->why))
        fail_msg("%s", f->why);
    return content;
}

static void check_content(struct backup_content content, int64_t devices, int64_t tags,
                          int64_t revision)
{
    assert_int_equal(content.devices, devices);
    assert_int_equal(content.tags, tags);
    assert_int_equal(content.revision, revision);
}

static int64_t number_of(struct fixture *f, const char *sql)
{
    assert_true(store_begin(f->store));
    int64_t number = store_query_integer(f->store, sql);
    assert_true(store_commit(f->store));
    return number;
}

static void run(struct fixture *f, const char *sql)
{
    store_execute_integers(f->store, sql, NULL, 0);
    assert_false(store_has_failed(f->store));
}

/* One more device with two tags in a revision of its own. */
static void add(struct fixture *f, const char *name, int64_t created_ms)
{
    struct audit audit = {.who = "", .remote = "", .request_id = name, .keep = 1000};
    assert_true(store_begin(f->store));
    struct record device = store_add_device(f->store, name, name);
    audit_add_change(f->store, &audit, &device_resource, NULL, &device);
    store_add_tag(f->store, &device, "t", 12);
    store_add_tag(f->store, &device, "u", 34);
    store_execute(f->store, "UPDATE device SET created_ms = ? WHERE id = ?", created_ms, device.id);
    store_execute(f->store, "UPDATE tag SET created_ms = ? WHERE device_id = ?", created_ms,
                  device.id);
    assert_true(store_commit(f->store));
}

/* What this gateway has assigned since the backup is not assigned again, its audit goes on. */
static void test_own_backup(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1000);
    run(f, "INSERT INTO high_water VALUES (1, 'coil', '', 10), (2, 'coil', 'g', 20)");
    check_content(back_up(f), 1, 2, 1);
    add(f, "b", 2000);
    run(f, "UPDATE high_water SET address = 11 WHERE unit = 1");
    run(f, "UPDATE high_water SET address = 19 WHERE unit = 2");
    run(f, "INSERT INTO high_water VALUES (3, 'coil', '', 30)");
    run(f, "INSERT INTO gone (revision, kind, id, gateway, bits) VALUES (2, 'tag', 77, '', 1)");
    run(f, "UPDATE store SET term = 4, generation = 6, local = 'x', undo_bytes = 9");
    run(f, "UPDATE leadership SET decided = 1, former = 'http://f', instance = 'i'");
    int64_t branch = number_of(f, "SELECT branch = '' FROM store");
    check_content(restore(f, f->folder.database), 1, 2, 3);
    assert_int_equal(branch, 0);
    assert_int_equal(number_of(f, "SELECT seq FROM sqlite_sequence WHERE name = 'device'"), 2);
    assert_int_equal(number_of(f, "SELECT seq FROM sqlite_sequence WHERE name = 'tag'"), 4);
    assert_int_equal(number_of(f, "SELECT id FROM device"), 1);
    assert_int_equal(number_of(f, "SELECT max(id) FROM tag"), 2);
    assert_int_equal(number_of(f, "SELECT min(revision) FROM device"), 3);
    assert_int_equal(number_of(f, "SELECT min(revision) FROM tag"), 3);
    assert_int_equal(number_of(f, "SELECT address FROM high_water WHERE unit = 1"), 11);
    assert_int_equal(number_of(f, "SELECT address FROM high_water WHERE unit = 2"), 20);
    assert_int_equal(number_of(f, "SELECT address FROM high_water WHERE unit = 3"), 30);
    assert_int_equal(number_of(f, "SELECT count(*) FROM gone"), 0);
    assert_int_equal(number_of(f, "SELECT gone_from FROM store"), 3);
    assert_int_equal(number_of(f, "SELECT term FROM store"), 4);
    assert_int_equal(number_of(f, "SELECT generation FROM store"), 7);
    assert_int_equal(
        number_of(f, "SELECT local = '' AND undo_bytes = 0 AND undo_from = 3 FROM store"), 1);
    assert_int_equal(number_of(f, "SELECT decided AND former = 'http://f' AND instance = 'i'"
                                  " AND leader = '' FROM leadership"),
                     1);
    assert_int_equal(number_of(f, "SELECT length(branch) = 16 AND parent = '' FROM store"), 1);
    assert_int_equal(number_of(f, "SELECT count(*) FROM audit"), 3);
    assert_true(store_begin(f->store));
    assert_string_equal(
        store_read_text(f->store, "SELECT group_concat(id || request_id || action, ' ') FROM audit",
                        &f->arena),
        "1acreate 2bcreate 3import");
    assert_string_equal(
        store_read_text(f->store, "SELECT after FROM audit WHERE id = 3", &f->arena),
        arena_format(&f->arena, "{\"restored\":\"%s\"}", f->backup));
    assert_true(store_commit(f->store));
    assert_string_equal(list_files(f, "store.db.restore"), "");
}

/* Devices and tags of another gateway get ids above all that this one has assigned, and so do the
 * entries of its audit, once. */
static void test_foreign_backup(void **state)
{
    struct fixture *f = *state;
    add(f, "a", 1000);
    add(f, "b", 1500);
    back_up(f);
    store_close(f->store);
    char own[STORE_PATH_SIZE], database[STORE_PATH_SIZE];
    snprintf(own, sizeof own, "%s/own.db", f->folder.path);
    snprintf(database, sizeof database, "%s", f->folder.database);
    f->store = store_open_well(own, STORE_WRITE);
    add(f, "own", 9000);
    run(f, "UPDATE audit SET at_ms = 5");
    run(f, "UPDATE store SET term = 3");
    run(f, "UPDATE leadership SET leader = 'http://l'");
    run(f, "UPDATE sqlite_sequence SET seq = 50 WHERE name = 'device'");
    run(f, "UPDATE sqlite_sequence SET seq = 60 WHERE name = 'tag'");
    check_content(restore(f, own), 2, 4, 3);
    assert_int_equal(number_of(f, "SELECT min(id) FROM device"), 51);
    assert_int_equal(number_of(f, "SELECT max(id) FROM device"), 52);
    assert_int_equal(number_of(f, "SELECT min(id) FROM tag"), 61);
    assert_int_equal(number_of(f, "SELECT count(*) FROM tag JOIN device ON device.id = device_id"),
                     4);
    assert_int_equal(number_of(f, "SELECT seq FROM sqlite_sequence WHERE name = 'device'"), 52);
    assert_int_equal(number_of(f, "SELECT seq FROM sqlite_sequence WHERE name = 'tag'"), 64);
    assert_int_equal(number_of(f, "SELECT term FROM store"), 3);
    assert_true(store_begin(f->store));
    static const char list_sql[] =
        "SELECT group_concat(id || request_id || action, ' ') FROM audit";
    assert_string_equal(store_read_text(f->store, list_sql, &f->arena),
                        "1owncreate 2acreate 3bcreate"); /* a follower's audit is its leader's */
    store_execute_integers(f->store, "UPDATE leadership SET leader = ''", NULL, 0);
    store_note_change(f->store);
    assert_true(store_commit(f->store));
    restore(f, own);
    assert_true(store_begin(f->store));
    assert_string_equal(store_read_text(f->store, list_sql, &f->arena),
                        "1owncreate 2acreate 3bcreate 6import");
    assert_true(store_commit(f->store));
    assert_int_equal(number_of(f, "SELECT min(id) FROM device"), 53);
}

static void test_refusals(void **state)
{
    struct fixture *f = *state;
    struct backup_content content;
    const struct file_owner owner = {getuid(), getgid()};
    add(f, "a", 1);
    back_up(f);
    assert_false(backup_create(f->folder.database, f->backup, &content, f->why, sizeof f->why));
    assert_string_equal(f->why, arena_format(&f->arena, "%s: File exists", f->backup));
    assert_false(backup_restore(f->backup, f->backup, &owner, &content, f->why, sizeof f->why));
    assert_string_equal(
        f->why, arena_format(&f->arena, "%s is the store itself; nothing was done", f->backup));
    const char *long_name = arena_format(&f->arena, "/%0*d", 4096 - 10, 1);
    assert_false(backup_restore(long_name, f->backup, &owner, &content, f->why, sizeof f->why));
    assert_string_not_equal(f->why, "the path of the store is too long");
    long_name = arena_format(&f->arena, "/%0*d", 4096 - 9, 1);
    assert_false(backup_restore(long_name, f->backup, &owner, &content, f->why, sizeof f->why));
    assert_string_equal(f->why, "the path of the store is too long");
    const char *missing = arena_format(&f->arena, "%s/none/store.db", f->folder.path);
    assert_false(backup_restore(missing, f->backup, &owner, &content, f->why, sizeof f->why));
    const char *other = arena_format(&f->arena, "%s/other.db", f->folder.path);
    assert_false(backup_create(missing, other, &content, f->why, sizeof f->why));
    assert_string_equal(list_files(f, "other.db"), "");
    /* Into no store: a new one, for its owner alone to write. */
    struct stat st;
    assert_true(backup_restore(other, f->backup, &owner, &content, f->why, sizeof f->why));
    check_content(content, 1, 2, 2);
    assert_int_equal(stat(other, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_without_log), TEST(test_kept_files),     TEST(test_keeping),
        TEST(test_own_backup),  TEST(test_foreign_backup), TEST(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
