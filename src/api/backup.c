/* Backup and restore by SQLite's online backup. */
#include "api/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/store.h"

/* Claims the name, so that nothing is overwritten. */
static bool create_file(const char *file, char *why, size_t why_size)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        snprintf(why, why_size, "%s: %s", file, strerror(errno));
        return false;
    }
    close(fd);
    return true;
}

bool backup_make(const char *database, const char *file, char *why, size_t why_size)
{
    struct store *from = NULL, *to = NULL;
    bool ok = false;
    if (!create_file(file, why, why_size))
        return false;
    from = store_open(database, STORE_READ, why, why_size);
    to = from ? store_open(file, STORE_RAW, why, why_size) : NULL;
    ok = to && store_copy(from, to, NULL, NULL, why, why_size) && store_check(to, why, why_size);
    store_close(from);
    store_close(to);
    if (!ok)
        unlink(file);
    return ok;
}

/* The revision goes on from the store's own, which cannot change any more, and counts for every
 * row, so that a reader that knows the store of before sees all of it as new. */
static bool renumber(struct store *copy, struct store *old)
{
    int64_t revision = store_revision(old);
    if (!store_begin(copy))
        return false;
    store_run(copy, "UPDATE store SET revision = max(revision, ?1) + 1", revision);
    store_run_numbers(copy, "UPDATE store SET gone_from = revision, local = ''", NULL, 0);
    store_run_numbers(copy, "UPDATE device SET revision = (SELECT revision FROM store)", NULL, 0);
    store_run_numbers(copy, "UPDATE tag SET revision = (SELECT revision FROM store)", NULL, 0);
    store_run_numbers(copy, "DELETE FROM gone", NULL, 0);
    return store_commit(copy);
}

bool backup_restore(const char *database, const char *file, char *why, size_t why_size)
{
    char work[4096];
    struct store *from = NULL, *copy = NULL, *to = NULL, *old = NULL;
    bool ok = false;
    if ((size_t)snprintf(work, sizeof work, "%s.restore", database) >= sizeof work) {
        snprintf(why, why_size, "the path of the store is too long");
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
    to = copy ? store_open(database, STORE_WRITE, why, why_size) : NULL;
    old = to ? store_open(database, STORE_READ, why, why_size) : NULL;
    ok = old && store_copy(copy, to, renumber, old, why, why_size);
done:
    store_close(from);
    store_close(copy);
    store_close(to);
    store_close(old);
    unlink(work);
    return ok;
}
