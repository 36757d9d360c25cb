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
#include "api/store/store_role.h"
#include "common/base/folder.h"

static bool backup_read_content(struct store *store, struct backup_content *content)
{
    if (!store_begin(store))
        return false;
    content->devices = store_query_integer(store, "SELECT count(*) FROM device");
    content->tags = store_query_integer(store, "SELECT count(*) FROM tag");
    content->revision = store_read_revision(store);
    return store_commit(store);
}

bool backup_create(const char *database, const char *file, struct backup_content *content,
                   char *why, size_t why_size)
{
    /* Creates the file exclusively: an existing one is never overwritten. */
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        snprintf(why, why_size, "%s: %s", file, strerror(errno));
        return false;
    }
    close(fd);
    struct store *from = store_open(database, STORE_READ, why, why_size);
    struct store *to = from ? store_open(file, STORE_RAW, why, why_size) : NULL;
    bool ok =
        to && store_copy(from, to, NULL, NULL, why, why_size) && store_check(to, why, why_size);
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

/* The context of restore_merge_old_store: the store that the backup replaces, which nobody can
 * change any more, and the path of the backup. */
struct restore_ctx {
    struct store *old;
    const char *file;
};

static const char newest_audit_sql[] = "SELECT coalesce(max(id), 0) FROM audit";

/* True when the backup is certainly from another gateway: the newest audit entry that both could
 * have differs. */
static bool backup_is_foreign(struct store *copy, struct store *old)
{
    static const char entry_sql[] = "SELECT revision, at_ms FROM audit WHERE id = ?";
    int64_t common = store_query_integer(copy, newest_audit_sql),
            newest_here = store_query_integer(old, newest_audit_sql);
    bool differs = false;
    common = newest_here < common ? newest_here : common;
    struct query here = store_prepare_query(old, entry_sql);
    struct query there = store_prepare_query(copy, entry_sql);
    query_bind_integer(&here, common);
    query_bind_integer(&there, common);
    if (query_next_row(&here) && query_next_row(&there))
        differs = query_read_integer(&here) != query_read_integer(&there) ||
                  query_read_integer(&here) != query_read_integer(&there);
    query_finish(&here);
    query_finish(&there);
    return differs;
}

/* Ids and allocated addresses continue above those of the old store. The live table, the journal
 * and the audit identify devices and tags by id, so an id that the old store assigned after the
 * backup must not be assigned again; and SCADA may still read an address that the old store
 * allocated. */
static void restore_keep_marks(struct store *copy, struct store *old)
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
    from = store_prepare_query(old, "SELECT unit, \"table\", gateway, address FROM high_water");
    while (query_next_row(&from)) {
        struct query raise = store_prepare_query(
            copy, "INSERT INTO high_water (unit, \"table\", gateway, address) VALUES (?, ?, ?, ?)"
                  " ON CONFLICT DO UPDATE SET address = max(address, excluded.address)");
        query_bind_integer(&raise, query_read_integer(&from));
        query_bind_text(&raise, query_read_text(&from, &arena));
        query_bind_text(&raise, query_read_text(&from, &arena));
        query_bind_integer(&raise, query_read_integer(&from));
        query_execute(&raise);
    }
    arena_finish(&arena);
}

/* True when an id belongs to different devices, or tags, in the copy and in the old store.
 * `list_sql` lists their ids and times in the old store, `find_sql` finds a different one of the
 * copy. */
static bool restore_ids_conflict(struct store *copy, struct store *old, const char *list_sql,
                                 const char *find_sql)
{
    bool conflict = false;
    struct query from = store_prepare_query(old, list_sql);
    while (!conflict && query_next_row(&from)) {
        struct query to = store_prepare_query(copy, find_sql);
        query_bind_integer(&to, query_read_integer(&from));
        query_bind_integer(&to, query_read_integer(&from));
        conflict = query_next_row(&to);
        query_finish(&to);
    }
    query_finish(&from);
    return conflict;
}

/* The ids in a backup of another gateway may equal ids that this gateway has assigned. All devices
 * and tags of the backup then get new ids. */
static void restore_renumber_ids(struct store *copy, struct store *old, bool is_foreign)
{
#define NEWEST_ID(table) "(SELECT seq FROM sqlite_sequence WHERE name = '" table "')"
#define RAISE_NEWEST_ID(table)                                                                     \
    "UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT max(id) FROM " table               \
    "), 0)) WHERE name = '" table "'"
    static const char *const steps[] = {
        /* Until the commit a row may refer to one that does not exist yet. */
        "PRAGMA defer_foreign_keys = ON",
        "UPDATE tag SET device_id = device_id + " NEWEST_ID("device"),
        "UPDATE span SET status_of = status_of + " NEWEST_ID("device"),
        "UPDATE device SET id = id + " NEWEST_ID("device"),
        "UPDATE span SET tag_id = tag_id + " NEWEST_ID("tag"),
        "UPDATE tag SET id = id + " NEWEST_ID("tag"),
        RAISE_NEWEST_ID("device"),
        RAISE_NEWEST_ID("tag"),
    };
#undef RAISE_NEWEST_ID
#undef NEWEST_ID
    if (!is_foreign &&
        !restore_ids_conflict(copy, old, "SELECT id, created_ms FROM device",
                              "SELECT 1 FROM device WHERE id = ?1 AND created_ms <> ?2") &&
        !restore_ids_conflict(copy, old, "SELECT id, created_ms FROM tag",
                              "SELECT 1 FROM tag WHERE id = ?1 AND created_ms <> ?2"))
        return;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        store_execute_integers(copy, steps[i], NULL, 0);
}

/* The audit continues: the copy gets the entries of the old store that the backup does not have,
 * and one about the restore. If the old store is damaged, the entries that can be read are copied.
 */
static void restore_keep_audit(struct store *copy, struct store *old, const char *file,
                               bool is_foreign)
{
    enum { AUDIT_COLUMNS = 12 };
    if (is_foreign) {
        /* The entries of another gateway get ids above this gateway's. The first step makes the ids
         * negative, so that no two rows have the same id in between. */
        store_execute(copy, "UPDATE audit SET id = -id - ?",
                      store_query_integer(old, newest_audit_sql));
        store_execute_integers(copy, "UPDATE audit SET id = -id", NULL, 0);
        store_execute_integers(copy,
                               "UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT max(id)"
                               " FROM audit), 0)) WHERE name = 'audit'",
                               NULL, 0);
    }
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
    if (is_foreign) /* a backup that is restored a second time brings its entries again */
        store_execute_integers(
            copy,
            "DELETE FROM audit WHERE id NOT IN (SELECT min(id) FROM audit GROUP BY at_ms,"
            " revision, request_id, action, kind, device, tag, before, after)",
            NULL, 0);
    struct text after = {0};
    struct audit audit = {.who = "", .remote = "local", .request_id = "", .keep = INT64_MAX};
    json_open(&after, '{');
    json_write_key(&after, "restored");
    json_write_string(&after, file);
    audit_add_bulk_change(copy, &audit, "import", &after);
}

/* The role stays that of this gateway, and so does the term of a follower, which takes its leader's
 * store again. The restored store is a branch of its own, so that followers take all of it, and
 * readers read all of it again. */
static void restore_keep_role(struct store *copy, struct store *old)
{
    struct store_role role;
    if (!store_role_read(old, &role))
        return;
    struct query set = store_prepare_query(
        copy, "UPDATE leadership SET decided = ?, leader = ?, former = ?, instance = ?");
    query_bind_integer(&set, role.decided);
    query_bind_text(&set, role.leader);
    query_bind_text(&set, role.former);
    query_bind_text(&set, role.instance);
    query_execute(&set);
    store_execute(copy,
                  role.leader[0] != '\0' ? "UPDATE store SET term = ?"
                                         : "UPDATE store SET term = max(term, ?)",
                  store_query_integer(old, "SELECT term FROM store"));
    store_execute(copy,
                  "UPDATE store SET generation = max(generation, ?) + 1,"
                  " branch = lower(hex(randomblob(8))), parent = ''",
                  store_query_integer(old, "SELECT generation FROM store"));
}

/* Changes the copy into a successor of the old store. All rows get one revision above those of the
 * old store, so that readers of the old store load every row again. */
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
    undo_log_clear(copy); /* neither the restore nor what was before it can be undone */
    bool is_foreign = backup_is_foreign(copy, restore->old);
    restore_keep_role(copy, restore->old);
    restore_keep_marks(copy, restore->old);
    restore_renumber_ids(copy, restore->old, is_foreign);
    restore_keep_audit(copy, restore->old, restore->file, is_foreign);
    return store_commit(copy);
}

bool backup_restore(const char *database, const char *file, const struct file_owner *owner,
                    struct backup_content *content, char *why, size_t why_size)
{
    char work[4096];
    struct stat stat_database, stat_file;
    struct restore_ctx restore = {.file = file};
    struct store *from = NULL, *copy = NULL, *to = NULL;
    bool ok = false;
    if ((size_t)snprintf(work, sizeof work, "%s.restore", database) >= sizeof work) {
        snprintf(why, why_size, "the path of the store is too long");
        return false;
    }
    if (stat(database, &stat_database) == 0 && stat(file, &stat_file) == 0 &&
        stat_database.st_dev == stat_file.st_dev && stat_database.st_ino == stat_file.st_ino) {
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
    copy = store_open(work, STORE_COPY, why, why_size); /* migrates an older one */
    if (!copy)
        goto done;

    /* A new store gets its owner here; SQLite gives the files beside it to the same owner. */
    int fd = open(database, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    bool owned = fd >= 0 ? file_owner_give(owner, fd) : errno == EEXIST;
    if (!owned)
        snprintf(why, why_size, "%s: %s", database, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (!owned)
        goto done;
    to = store_open(database, STORE_WRITE, why, why_size);
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
