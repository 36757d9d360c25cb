/* Looks at the store when it was written, and queues updates for the MQTT thread. */
#include "mqttd/config/store_watcher.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/store/db.h"
#include "common/store/db_follow.h"
#include "common/store/db_watch.h"
#include "mqttd/config/changeset.h"
#include "mqttd/config/orphaned_registers.h"

/* SHORT_MS: the pause after a lack of memory. */
enum { SHORT_MS = 1000 };

struct store_watcher {
    struct store_watcher_spec spec;
    struct thread thread;

    pthread_mutex_t lock; /* protects the next two lines */
    struct store_update *first, *last;
    bool waiting;

    /* Used by the thread only. */
    struct db_follow store;
    struct db_watch watch;
    int64_t revision; /* -1: nothing read yet */
    int64_t generation;
    int64_t zeroed_until;
    struct changeset changeset;
    bool logged;               /* why the store cannot be opened */
    bool is_short;             /* there was no memory for the newest changes */
    struct log_limit failures; /* of reading the store */
};

void store_update_free(struct store_update *update)
{
    if (!update)
        return;
    for (size_t i = 0; i < update->change_count; i++)
        device_free(update->changes[i].device);
    free(update->changes);
    free(update->zeros);
    free(update);
}

static void store_watcher_queue_update(struct store_watcher *store_watcher,
                                       struct store_update *update)
{
    pthread_mutex_lock(&store_watcher->lock);
    if (store_watcher->last)
        store_watcher->last->next = update;
    else
        store_watcher->first = update;
    store_watcher->last = update;
    store_watcher->waiting = false;
    pthread_mutex_unlock(&store_watcher->lock);
    wakeup_raise(store_watcher->spec.notify);
}

struct store_update *store_watcher_take(struct store_watcher *store_watcher)
{
    pthread_mutex_lock(&store_watcher->lock);
    struct store_update *update = store_watcher->first;
    if (update) {
        store_watcher->first = update->next;
        if (!store_watcher->first)
            store_watcher->last = NULL;
    }
    pthread_mutex_unlock(&store_watcher->lock);
    return update;
}

bool store_watcher_is_waiting(struct store_watcher *store_watcher)
{
    pthread_mutex_lock(&store_watcher->lock);
    bool waiting = store_watcher->waiting;
    pthread_mutex_unlock(&store_watcher->lock);
    return waiting;
}

/* Logs why the store cannot be opened, once until it succeeds, and tells the MQTT thread. */
static void store_watcher_note_closed(struct store_watcher *store_watcher, const char *why)
{
    if (!store_watcher->logged)
        log_warning("waiting for the store: %s", why);
    store_watcher->logged = true;
    pthread_mutex_lock(&store_watcher->lock);
    store_watcher->waiting = true;
    pthread_mutex_unlock(&store_watcher->lock);
    wakeup_raise(store_watcher->spec.notify);
}

/* Logs the devices among the changes that this gateway does not hold. Without a name that may be an
 * oversight. */
static void store_watcher_log_elsewhere(const struct store_watcher *store_watcher, bool whole)
{
    const struct elsewhere *elsewhere = &store_watcher->changeset.elsewhere;
    const char *own = store_watcher->spec.place.gateway;
    if (elsewhere->count == 0)
        return;
    if (*own == '\0')
        log_warning(
            "%zu device%s not served: %s names the gateway %s, but this gateway has no name "
            "([common] gateway)",
            elsewhere->count, elsewhere->count == 1 ? " is" : "s are", elsewhere->device,
            elsewhere->gateway);
    else if (whole)
        log_info("this gateway is %s: %zu device%s to other gateways", own, elsewhere->count,
                 elsewhere->count == 1 ? " belongs" : "s belong");
}

/* Reads all changes in one transaction, so that all rows are of one revision, and queues them as an
 * update. On failure they remain in the store and are read later. */
static bool store_watcher_read_changes(struct store_watcher *store_watcher)
{
    struct tagdb_state state;
    bool replaced; /* as a whole, such as by the store of another gateway */
    struct store_update *update = NULL;
    store_watcher->changeset.failed = false;
    errno = 0;
    if (!db_run_sql(store_watcher->store.db, "BEGIN") ||
        !tagdb_read_state(store_watcher->store.db, &state))
        goto done;
    replaced = store_watcher->revision >= 0 && state.generation != store_watcher->generation;
    if (state.revision == store_watcher->revision && !replaced) {
        db_run_sql(store_watcher->store.db, "COMMIT");
        return true;
    }

    bool whole = store_watcher->revision < 0 || state.gone_from > store_watcher->revision ||
                 state.revision < store_watcher->revision || replaced;
    /* The registers that lost their owner with the rows before are those of this revision. */
    if ((replaced || store_watcher->zeroed_until > state.revision) &&
        store_watcher->zeroed_until >= state.revision)
        store_watcher->zeroed_until = state.revision - 1;
    if (changeset_read(&store_watcher->changeset, store_watcher->store.db,
                       whole ? -1 : store_watcher->revision))
        update = calloc(1, sizeof *update);
    if (update) {
        update->whole = whole;
        update->revision = state.revision;
        update->keeps_zeros =
            !tagdb_has_gateway(store_watcher->store.db, store_watcher->spec.place.gateway);
        changeset_take(&store_watcher->changeset, &update->changes, &update->change_count,
                       &update->tag_count);
        if (!orphaned_registers_find(store_watcher->store.db, store_watcher->spec.place.gateway,
                                     store_watcher->zeroed_until, &update->zeros,
                                     &update->zero_count)) {
            store_update_free(update);
            update = NULL;
        }
    }
done:
    store_watcher->is_short = !update && (store_watcher->changeset.failed || errno == ENOMEM);
    if (store_watcher->is_short)
        memory_shortage_note(store_watcher->spec.memory_shortage,
                             "the new configuration; retrying");
    else if (!update && log_limit_count_event(&store_watcher->failures, clock_steady_ms())) {
        log_warning("cannot read the store: %s; %u attempts since the last line",
                    db_error_reason(store_watcher->store.db), store_watcher->failures.since);
        log_limit_mark_logged(&store_watcher->failures, clock_steady_ms());
    }
    db_run_sql(store_watcher->store.db, update ? "COMMIT" : "ROLLBACK");
    if (!update)
        return false;
    store_watcher_log_elsewhere(store_watcher, update->whole);
    store_watcher->revision = state.revision;
    if (!update->keeps_zeros)
        store_watcher->zeroed_until = state.revision;
    store_watcher->generation = state.generation;
    store_watcher_queue_update(store_watcher, update);
    return true;
}

/* Opens the store if it is not open, and reads what is new in it. */
static void store_watcher_look(struct store_watcher *store_watcher)
{
    char why[DB_WHY_SIZE];
    struct db_follow *store = &store_watcher->store;
    uint64_t now = clock_steady_ms();
    bool is_announced = db_watch_take_events(&store_watcher->watch, now);
    enum db_follow_result result = db_follow_check(store, now, why, sizeof why);
    switch (result) {
    case DB_FOLLOW_CLOSED:
        store_watcher_note_closed(store_watcher, why);
        return;
    case DB_FOLLOW_SAME:
        return;
    case DB_FOLLOW_OPENED:
        db_watch_follow(&store_watcher->watch, store->path, now);
        store_watcher->revision = -1;
        store_watcher->logged = false;
        break;
    case DB_FOLLOW_CHANGED:
        if (!is_announced)
            db_watch_note_change(&store_watcher->watch, now);
        break;
    }
    store_watcher->spec.changed(store_watcher->spec.context);
    if (store_watcher_read_changes(store_watcher))
        db_follow_mark_read(store);
    else if (!store_watcher->is_short)
        db_follow_close(store);
}

static void store_watcher_run(void *context)
{
    struct store_watcher *store_watcher = context;
    do {
        store_watcher_look(store_watcher);
        int wait_ms = DB_WATCH_POLL_MS, fd = -1;
        if (store_watcher->is_short)
            wait_ms = SHORT_MS;
        else if (store_watcher->store.db)
            wait_ms = db_watch_wait_ms(&store_watcher->watch, clock_steady_ms(), &fd);
        thread_wait_fd(&store_watcher->thread, fd, wait_ms);
    } while (!thread_is_stopping(&store_watcher->thread));
    db_follow_close(&store_watcher->store);
    db_watch_finish(&store_watcher->watch);
}

struct store_watcher *store_watcher_create(const struct store_watcher_spec *spec, char *why,
                                           size_t why_size)
{
    struct store_watcher *store_watcher = calloc(1, sizeof *store_watcher);
    if (!store_watcher) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    REQUIRE(spec->database && spec->notify && spec->memory_shortage && spec->changed);
    store_watcher->spec = *spec;
    store_watcher->store.path = spec->database;
    db_watch_init(&store_watcher->watch);
    store_watcher->revision = -1;
    store_watcher->zeroed_until = spec->zeroed_until;
    store_watcher->changeset.place = &store_watcher->spec.place;
    pthread_mutex_init(&store_watcher->lock, NULL);
    if (thread_start(&store_watcher->thread, "store watcher", store_watcher_run, store_watcher))
        return store_watcher;
    snprintf(why, why_size, "cannot start a thread: %s", strerror(errno));
    free(store_watcher);
    return NULL;
}

void store_watcher_destroy(struct store_watcher *store_watcher)
{
    if (!store_watcher)
        return;
    thread_join(&store_watcher->thread);
    for (struct store_update *update; (update = store_watcher_take(store_watcher));)
        store_update_free(update);
    changeset_finish(&store_watcher->changeset);
    pthread_mutex_destroy(&store_watcher->lock);
    free(store_watcher);
}
