/* Backup and restore by SQLite's online backup. */
#include "api/store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/store/audit.h"
#include "api/store/store.h"
#include "common/base/folder.h"

/* Claims the name, so that nothing is overwritten. */
static bool backup_create_file(const char *file, char *why, size_t why_size)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        snprintf(why, why_size, "%s: %s", file, strerror(errno));
        return false;
    }
    close(fd);
    return true;
}

static int64_t backup_query_integer(struct store *store, const char *sql)
{
    struct query query = store_prepare_query(store, sql);
    int64_t number = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    return number;
}

static bool backup_read_content(struct store *store, struct backup_content *content)
{
    if (!store_begin(store))
        return false;
    content->devices = backup_query_integer(store, "SELECT count(*) FROM device");
    content->tags = backup_query_integer(store, "SELECT count(*) FROM tag");
    content->revision = store_read_revision(store);
    return store_commit(store);
}

bool backup_create(const char *database, const char *file, struct backup_content *content,
                   char *why, size_t why_size)
{
    struct store *from = NULL, *to = NULL;
    bool ok = false;
    if (!backup_create_file(file, why, why_size))
        return false;
    from = store_open(database, STORE_READ, why, why_size);
    to = from ? store_open(file, STORE_RAW, why, why_size) : NULL;
    ok = to && store_copy(from, to, NULL, NULL, why, why_size) && store_check(to, why, why_size);
    if (ok && (!backup_read_content(to, content) || !store_remove_wal(to))) {
        snprintf(why, why_size, "%s: %s", file, store_failure_reason(to));
        ok = false;
    }
    store_close(from);
    store_close(to);
    if (ok && !folder_sync_parent(file)) {
        snprintf(why, why_size, "the folder of %s: %s", file, strerror(errno));
        ok = false;
    }
    if (!ok)
        unlink(file);
    return ok;
}

/* What a backup takes over from the store that it replaces, which cannot change any more. */
struct restore_ctx {
    struct store *old;
    const char *file;
};

enum { AUDIT_COLUMNS = 12 };

static const char newest_audit_sql[] = "SELECT coalesce(max(id), 0) FROM audit";

/* Whether the backup is known to be of another gateway: the newest entry that both audits could
 * have is not the same. */
static bool backup_is_foreign(struct store *copy, struct store *old)
{
    int64_t common = backup_query_integer(copy, newest_audit_sql),
            newest_here = backup_query_integer(old, newest_audit_sql);
    bool differs = false;
    common = newest_here < common ? newest_here : common;
    struct query here = store_prepare_query(old, "SELECT revision, at_ms FROM audit WHERE id = ?");
    struct query there =
        store_prepare_query(copy, "SELECT revision, at_ms FROM audit WHERE id = ?");
    query_bind_integer(&here, common);
    query_bind_integer(&there, common);
    if (query_next_row(&here) && query_next_row(&there))
        differs = query_read_integer(&here) != query_read_integer(&there) ||
                  query_read_integer(&here) != query_read_integer(&there);
    query_finish(&here);
    query_finish(&there);
    return differs;
}

/* Puts the audit of another gateway behind this one's, whose ids it has. */
static void restore_move_audit(struct store *copy, int64_t newest_here)
{
    store_execute(copy, "UPDATE audit SET id = -id - ?", newest_here);
    store_execute_integers(copy, "UPDATE audit SET id = -id", NULL,
                           0); /* no two have one id meanwhile */
    store_execute_integers(copy,
                           "UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT max(id) FROM"
                           " audit), 0)) WHERE name = 'audit'",
                           NULL, 0);
}

/* Of a backup that is restored a second time, each entry counts once. */
static void restore_dedupe_audit(struct store *copy)
{
    store_execute_integers(
        copy,
        "DELETE FROM audit WHERE id NOT IN (SELECT min(id) FROM audit GROUP BY at_ms,"
        " revision, request_id, action, kind, device, tag, before, after)",
        NULL, 0);
}

/* The audit goes on: what the backup does not know yet is added. As far as the old store can be
 * read, which may be damaged. */
static void restore_keep_audit(struct store *copy, struct store *old)
{
    struct arena arena = {0};
    struct query from = store_prepare_query(old, "SELECT * FROM audit ORDER BY id");
    while (query_next_row(&from)) {
        struct query to = store_prepare_query(
            copy, "INSERT OR IGNORE INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        for (int i = 0; i < AUDIT_COLUMNS; i++) {
            struct cell cell = query_read_cell(&from, &arena);
            query_bind_cell(&to, &cell);
        }
        query_execute(&to);
        arena_finish(&arena);
    }
}

/* Ids go on from the old store's, so that none that it gave after the backup names another thing:
 * the live table, the journal and the audit know things by their ids. */
static void restore_keep_sequences(struct store *copy, struct store *old)
{
    struct arena arena = {0};
    struct query from = store_prepare_query(old, "SELECT name, seq FROM sqlite_sequence");
    while (query_next_row(&from)) {
        const char *name = query_read_text(&from, &arena);
        int64_t newest = query_read_integer(&from);
        struct query raise = store_prepare_query(
            copy, "UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = ?2");
        query_bind_integer(&raise, newest);
        query_bind_text(&raise, name);
        query_execute(&raise);
        struct query add = store_prepare_query(
            copy, "INSERT INTO sqlite_sequence (name, seq) SELECT ?2, ?1"
                  " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?2)");
        query_bind_integer(&add, newest);
        query_bind_text(&add, name);
        query_execute(&add);
    }
    arena_finish(&arena);
}

/* Allocation goes on above what the old store has allocated, which SCADA may read still. */
static void restore_keep_high_water(struct store *copy, struct store *old)
{
    struct arena arena = {0};
    struct query from = store_prepare_query(old, "SELECT unit, \"table\", address FROM high_water");
    while (query_next_row(&from)) {
        struct query raise = store_prepare_query(
            copy, "INSERT INTO high_water (unit, \"table\", address) VALUES (?, ?, ?)"
                  " ON CONFLICT DO UPDATE SET address = max(address, excluded.address)");
        query_bind_integer(&raise, query_read_integer(&from));
        query_bind_text(&raise, query_read_text(&from, &arena));
        query_bind_integer(&raise, query_read_integer(&from));
        query_execute(&raise);
    }
    arena_finish(&arena);
}

/* Whether an id names one thing in the copy and another in the old store: `things` lists those of
 * the old store, `other` looks for one of the copy with the same id. */
static bool restore_ids_conflict(struct store *copy, struct store *old, const char *things,
                                 const char *other)
{
    bool clash = false;
    struct query from = store_prepare_query(old, things);
    while (!clash && query_next_row(&from)) {
        struct query to = store_prepare_query(copy, other);
        query_bind_integer(&to, query_read_integer(&from));
        query_bind_integer(&to, query_read_integer(&from));
        clash = query_next_row(&to);
        query_finish(&to);
    }
    query_finish(&from);
    return clash;
}

/* A backup of another gateway has ids of its own. They become new ones here, where they would name
 * what this gateway's have named. */
static void restore_renumber_ids(struct store *copy, struct store *old, bool of_another)
{
    if (!of_another &&
        !restore_ids_conflict(copy, old, "SELECT id, created_ms FROM device",
                              "SELECT 1 FROM device WHERE id = ?1 AND created_ms <> ?2") &&
        !restore_ids_conflict(copy, old, "SELECT id, created_ms FROM tag",
                              "SELECT 1 FROM tag WHERE id = ?1 AND created_ms <> ?2"))
        return;
#define NEWEST_ID(table) "(SELECT seq FROM sqlite_sequence WHERE name = '" table "')"
    /* Until the commit a row may name one that is not there yet. */
    store_execute_integers(copy, "PRAGMA defer_foreign_keys = ON", NULL, 0);
    store_execute_integers(copy, "UPDATE tag SET device_id = device_id + " NEWEST_ID("device"),
                           NULL, 0);
    store_execute_integers(copy, "UPDATE span SET status_of = status_of + " NEWEST_ID("device"),
                           NULL, 0);
    store_execute_integers(copy, "UPDATE device SET id = id + " NEWEST_ID("device"), NULL, 0);
    store_execute_integers(copy, "UPDATE span SET tag_id = tag_id + " NEWEST_ID("tag"), NULL, 0);
    store_execute_integers(copy, "UPDATE tag SET id = id + " NEWEST_ID("tag"), NULL, 0);
    store_execute_integers(
        copy,
        "UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT max(id) FROM device),"
        " 0)) WHERE name = 'device'",
        NULL, 0);
    store_execute_integers(
        copy,
        "UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT max(id) FROM tag),"
        " 0)) WHERE name = 'tag'",
        NULL, 0);
#undef NEWEST_ID
}

static void restore_add_audit(struct store *copy, const char *file)
{
    struct text after = {0};
    struct audit audit = {.who = "", .remote = "local", .request_id = "", .keep = INT64_MAX};
    json_open(&after, '{');
    json_write_key(&after, "restored");
    json_write_string(&after, file);
    json_close(&after, '}');
    audit_add_bulk_change(copy, &audit, "import", after.data);
    text_finish(&after);
}

/* The revision goes on from the old store's, and counts for every row, so that a reader that knows
 * the old store sees all of it as new. */
static bool restore_merge_old_store(struct store *copy, void *context)
{
    const struct restore_ctx *restore = context;
    int64_t revision = store_read_revision(restore->old);
    if (!store_begin(copy))
        return false;
    store_execute(copy, "UPDATE store SET revision = max(revision, ?1)", revision);
    store_raise_revision(copy);
    store_execute_integers(copy, "UPDATE store SET gone_from = revision, local = ''", NULL, 0);
    store_execute_integers(copy, "UPDATE device SET revision = (SELECT revision FROM store)", NULL,
                           0);
    store_execute_integers(copy, "UPDATE tag SET revision = (SELECT revision FROM store)", NULL, 0);
    store_execute_integers(copy, "DELETE FROM gone", NULL, 0);
    bool of_another = backup_is_foreign(copy, restore->old);
    restore_keep_sequences(copy, restore->old);
    restore_keep_high_water(copy, restore->old);
    restore_renumber_ids(copy, restore->old, of_another);
    if (of_another)
        restore_move_audit(copy, backup_query_integer(restore->old, newest_audit_sql));
    restore_keep_audit(copy, restore->old);
    if (of_another)
        restore_dedupe_audit(copy);
    restore_add_audit(copy, restore->file);
    return store_commit(copy);
}

static bool paths_are_same_file(const char *one, const char *other)
{
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* SQLite gives its files beside the store to the store's owner; the store itself is ours to give.
 */
static bool create_owned_store(const char *database, const struct file_owner *owner)
{
    int fd = open(database, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0)
        return errno == EEXIST;
    bool ok = file_owner_give(owner, fd);
    close(fd);
    return ok;
}

bool backup_restore(const char *database, const char *file, const struct file_owner *owner,
                    struct backup_content *content, char *why, size_t why_size)
{
    char work[4096];
    struct restore_ctx restore = {.file = file};
    struct store *from = NULL, *copy = NULL, *to = NULL;
    bool ok = false;
    if ((size_t)snprintf(work, sizeof work, "%s.restore", database) >= sizeof work) {
        snprintf(why, why_size, "the path of the store is too long");
        return false;
    }
    if (paths_are_same_file(database, file)) {
        snprintf(why, why_size, "%s is the store itself; nothing was done", file);
        return false;
    }
    unlink(work);
    from = store_open(file, STORE_READ, why, why_size);
    if (!from || !store_check(from, why, why_size))
        goto done;
    copy = store_open(work, STORE_RAW, why, why_size);
    if (!copy || !store_copy(from, copy, NULL, NULL, why, why_size))
        goto done;
    store_close(copy);
    copy = store_open(work, STORE_WRITE, why, why_size); /* migrates an older one */
    if (copy && !create_owned_store(database, owner)) {
        snprintf(why, why_size, "%s: %s", database, strerror(errno));
        goto done;
    }
    to = copy ? store_open(database, STORE_WRITE, why, why_size) : NULL;
    restore.old = to ? store_open(database, STORE_READ, why, why_size) : NULL;
    ok = restore.old && store_copy(copy, to, restore_merge_old_store, &restore, why, why_size);
    if (ok && !backup_read_content(to, content))
        *content = (struct backup_content){0};
done:
    store_close(from);
    store_close(copy);
    store_close(to);
    store_close(restore.old);
    unlink(work);
    return ok;
}
