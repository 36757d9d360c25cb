/* The store's follower. */
#include "mqttd/config/store_watcher.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/store/db.h"
#include "mqttd/config/changeset.h"
#include "mqttd/config/orphaned_registers.h"

enum { POLL_MS = 50, FILE_CHECK_MS = 1000 };

struct loader {
    struct loader_spec spec;
    pthread_t thread;

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t wake;
    struct reload *first, *last;
    bool stop, waiting;

    /* The thread's alone. */
    struct sqlite3 *db;
    struct sqlite3_stmt *data_version;
    int64_t seen_version, revision; /* -1: nothing read yet */
    int64_t zeroed_until;
    uint64_t file_checked_ms;
    dev_t file_device;
    ino_t file_inode;
    struct drafts drafts;
    bool logged;
};

void reload_free(struct reload *reload)
{
    if (!reload)
        return;
    for (size_t i = 0; i < reload->change_count; i++)
        device_free(reload->changes[i].device);
    free(reload->changes);
    free(reload->zeros);
    free(reload);
}

static void set_waiting(struct loader *loader, bool waiting)
{
    pthread_mutex_lock(&loader->lock);
    loader->waiting = waiting;
    pthread_mutex_unlock(&loader->lock);
}

static void notify(const struct loader *loader)
{
    static const uint64_t one = 1;
    if (write(loader->spec.notify_fd, &one, sizeof one) < 0)
        log_debug("the event counter is full");
}

static void hand_over(struct loader *loader, struct reload *reload)
{
    pthread_mutex_lock(&loader->lock);
    if (loader->last)
        loader->last->next = reload;
    else
        loader->first = reload;
    loader->last = reload;
    loader->waiting = false;
    pthread_mutex_unlock(&loader->lock);
    notify(loader);
}

struct reload *loader_take(struct loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    struct reload *reload = loader->first;
    if (reload) {
        loader->first = reload->next;
        if (!loader->first)
            loader->last = NULL;
    }
    pthread_mutex_unlock(&loader->lock);
    return reload;
}

bool loader_is_waiting(struct loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    bool waiting = loader->waiting;
    pthread_mutex_unlock(&loader->lock);
    return waiting;
}

static void close_store(struct loader *loader)
{
    db_release(loader->data_version);
    loader->data_version = NULL;
    db_close(loader->db);
    loader->db = NULL;
}

/* One line when the store goes missing, not one for each look. */
static void say_waiting(struct loader *loader, const char *why)
{
    if (!loader->logged)
        log_warning("waiting for the store: %s", why);
    loader->logged = true;
    set_waiting(loader, true);
    notify(loader);
}

static bool open_store(struct loader *loader)
{
    char why[DB_WHY_SIZE];
    struct stat st;
    const char *path = loader->spec.database;
    if (stat(path, &st) != 0) {
        snprintf(why, sizeof why, "%.400s: %s", path, strerror(errno));
        say_waiting(loader, why);
        return false;
    }
    loader->db = db_open(path, DB_READ_ONLY, why, sizeof why);
    int64_t version = loader->db ? db_schema_version(loader->db) : 0;
    if (loader->db && version != DB_SCHEMA_VERSION) {
        snprintf(why, sizeof why, "%.400s has schema version %lld, not %d", path,
                 (long long)version, DB_SCHEMA_VERSION);
        close_store(loader);
    }
    if (loader->db)
        loader->data_version = db_prepare(loader->db, "PRAGMA data_version");
    if (!loader->db || !loader->data_version) {
        close_store(loader);
        say_waiting(loader, why);
        return false;
    }
    loader->file_device = st.st_dev;
    loader->file_inode = st.st_ino;
    loader->seen_version = loader->revision = -1;
    loader->logged = false;
    return true;
}

/* A file that was put in the store's place is another store. */
static bool store_was_replaced(struct loader *loader)
{
    struct stat st;
    uint64_t now = clock_steady_ms();
    if (now - loader->file_checked_ms < FILE_CHECK_MS)
        return false;
    loader->file_checked_ms = now;
    return stat(loader->spec.database, &st) != 0 || st.st_ino != loader->file_inode ||
           st.st_dev != loader->file_device;
}

/* Moves the drafts' devices into a reload. */
static struct reload *make_reload(struct loader *loader, bool whole, int64_t revision)
{
    struct reload *reload = calloc(1, sizeof *reload);
    if (!reload)
        return NULL;
    reload->whole = whole;
    reload->revision = revision;
    drafts_take(&loader->drafts, &reload->changes, &reload->change_count, &reload->tag_count);
    if (orphans_find(loader->db, loader->zeroed_until, &reload->zeros, &reload->zero_count))
        return reload;
    reload_free(reload);
    return NULL;
}

/* Reads within one transaction, so that all rows are of one revision. */
static bool read_changes(struct loader *loader)
{
    int64_t revision, gone_from;
    struct reload *reload = NULL;
    if (!db_run(loader->db, "BEGIN") || !tagdb_revision(loader->db, &revision, &gone_from))
        goto done;
    if (revision == loader->revision) {
        db_run(loader->db, "COMMIT");
        return true;
    }
    bool whole = loader->revision < 0 || gone_from > loader->revision;
    if (drafts_read(&loader->drafts, loader->db, whole ? -1 : loader->revision))
        reload = make_reload(loader, whole, revision);
done:
    if (!reload)
        log_warning("cannot read the store: %s", db_reason(loader->db));
    db_run(loader->db, reload ? "COMMIT" : "ROLLBACK");
    if (!reload)
        return false;
    loader->revision = loader->zeroed_until = revision;
    hand_over(loader, reload);
    return true;
}

static void look(struct loader *loader)
{
    if (loader->db && store_was_replaced(loader))
        close_store(loader);
    if (!loader->db && !open_store(loader))
        return;
    int64_t version = db_step_integer(loader->data_version, -1);
    if (version == loader->seen_version)
        return;
    if (read_changes(loader))
        loader->seen_version = version;
    else
        close_store(loader);
}

static bool wait_a_moment(struct loader *loader)
{
    struct timespec until = clock_deadline(POLL_MS);
    pthread_mutex_lock(&loader->lock);
    if (!loader->stop)
        pthread_cond_clockwait(&loader->wake, &loader->lock, CLOCK_MONOTONIC, &until);
    bool stop = loader->stop;
    pthread_mutex_unlock(&loader->lock);
    return !stop;
}

static void *run(void *context)
{
    struct loader *loader = context;
    do {
        look(loader);
    } while (wait_a_moment(loader));
    close_store(loader);
    return NULL;
}

struct loader *loader_create(const struct loader_spec *spec, char *why, size_t why_size)
{
    struct loader *loader = calloc(1, sizeof *loader);
    if (!loader) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    loader->spec = *spec;
    loader->zeroed_until = spec->zeroed_until;
    loader->drafts.place = &loader->spec.place;
    pthread_mutex_init(&loader->lock, NULL);
    pthread_cond_init(&loader->wake, NULL);
    int rc = pthread_create(&loader->thread, NULL, run, loader);
    if (rc == 0)
        return loader;
    snprintf(why, why_size, "cannot start a thread: %s", strerror(rc));
    free(loader);
    return NULL;
}

void loader_destroy(struct loader *loader)
{
    if (!loader)
        return;
    pthread_mutex_lock(&loader->lock);
    loader->stop = true;
    pthread_cond_signal(&loader->wake);
    pthread_mutex_unlock(&loader->lock);
    pthread_join(loader->thread, NULL);
    for (struct reload *reload; (reload = loader_take(loader));)
        reload_free(reload);
    drafts_finish(&loader->drafts);
    pthread_cond_destroy(&loader->wake);
    pthread_mutex_destroy(&loader->lock);
    free(loader);
}
