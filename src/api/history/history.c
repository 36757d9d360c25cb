/* The thread looks at all tags once a second, except at rest: while the live table, the store and
 * the state of the daemons stay as they are, and no value becomes stale with time. A mutex protects
 * the ring; the thread holds it while it adds an entry, a query while it reads one tag. */
#include "api/history/history.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/handler/thread_ctx.h"
#include "api/history/history_file.h"
#include "api/history/history_watch.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_limit.h"
#include "common/base/require.h"
#include "common/base/thread.h"
#include "common/model/value.h"

enum { LOOK_MS = 1000, REOPEN_MS = 10000, NOTES_MAX = 256 };

/* What a look depends on, other than the time. */
struct history_mark {
    uint64_t identity, changes; /* of the live table */
    uint64_t version;           /* of the store */
    struct quality_moment moment;
};

struct history {
    struct thread thread;
    atomic_bool is_asked;        /* to look */
    atomic_uint_fast64_t due_ms; /* the next look that the time brings, steady; UINT64_MAX: none */
    struct history_mark mark;    /* of history_tick */
    pthread_mutex_t mutex;       /* protects all from `file` to `notes` */
    struct history_file file;
    char why[SHM_WHY_SIZE]; /* why the file is not open */
    size_t note_count;      /* more notes than fit in a second are left out */
    struct history_note notes[NOTES_MAX];
    struct thread_ctx *thread_ctx; /* of the thread, as the rest */
    struct history_watch watch;
    struct memory memory;      /* of `watch` */
    struct log_limit failures; /* log lines about lack of memory */
    char path[PATH_MAX];
    size_t size;        /* bytes of the file; 0: the history is off */
    size_t taken_count; /* notes that the thread has taken */
    struct history_note taken[NOTES_MAX];
};

/* Logs a reason once. */
static void history_open_file(struct history *history)
{
    char why[SHM_WHY_SIZE];
    struct history_watch *watch = &history->watch;
    struct thread_ctx *thread_ctx = history->thread_ctx;
    pthread_mutex_lock(&history->mutex);
    if (history_file_open(&history->file, history->path, history->size, why, sizeof why)) {
        uint64_t newest_ms = history_ring_newest_ms(&history->file.ring);
        *watch = (struct history_watch){.store = thread_ctx->store,
                                        .live = &thread_ctx->live,
                                        .common = &thread_ctx->settings->common,
                                        .ring = &history->file.ring,
                                        .mutex = &history->mutex,
                                        .since_ms = newest_ms ? newest_ms : clock_wall_ms()};
    } else if (strcmp(why, history->why) != 0) {
        log_error("%s; the history is off until it can be opened", why);
        snprintf(history->why, sizeof history->why, "%s", why);
    }
    pthread_mutex_unlock(&history->mutex);
}

static void history_look_at_values(void *context)
{
    struct history *history = context;
    if (history_watch_look(&history->watch, history->taken, history->taken_count))
        atomic_store(&history->due_ms, history->watch.due_ms);
    else
        log_debug("history: the store cannot be read now");
}

/* When out of memory, empties the watch; the next look loads the tags again. */
static void history_look(struct history *history)
{
    struct thread_ctx *thread_ctx = history->thread_ctx;
    thread_ctx_begin_work(thread_ctx);
    atomic_store(&history->is_asked, false);
    atomic_store(&history->due_ms, 0); /* after a failure: the next second */
    pthread_mutex_lock(&history->mutex);
    history->taken_count = history->note_count;
    memcpy(history->taken, history->notes, history->note_count * sizeof history->notes[0]);
    history->note_count = 0;
    pthread_mutex_unlock(&history->mutex);
    if (!memory_run(&history->memory, history_look_at_values, history)) {
        uint64_t now = clock_steady_ms();
        store_abort_request(thread_ctx->store);
        memory_finish(&history->memory);
        history_watch_reset(&history->watch);
        if (log_limit_count_event(&history->failures, now)) {
            log_error("history: no memory; changes of values are not recorded");
            log_limit_mark_logged(&history->failures, now);
        }
    }
    thread_ctx_end_work(thread_ctx);
}

static void history_run_thread(void *context)
{
    struct history *history = context;
    uint64_t opened_ms = clock_steady_ms(), looked_ms = 0;
    while (!thread_is_stopping(&history->thread)) {
        uint64_t now = clock_steady_ms();
        if (!history->file.open && now - opened_ms >= REOPEN_MS) {
            opened_ms = now;
            history_open_file(history);
        }
        if (history->file.open && atomic_load(&history->is_asked) && now - looked_ms >= LOOK_MS) {
            looked_ms = now;
            history_look(history);
        }
        now = clock_steady_ms();
        uint64_t due_ms = history->file.open ? looked_ms + LOOK_MS : opened_ms + REOPEN_MS;
        if (history->file.open && !atomic_load(&history->is_asked))
            thread_wait(&history->thread, THREAD_FOREVER);
        else if (due_ms > now)
            thread_wait(&history->thread, (int)(due_ms - now));
    }
}

struct history *history_start(struct thread_ctx *thread_ctx)
{
    const struct api_settings *settings = thread_ctx->settings;
    struct history *history = calloc(1, sizeof *history);
    if (!history) {
        log_error("history: no memory");
        return NULL;
    }
    pthread_mutex_init(&history->mutex, NULL);
    atomic_init(&history->is_asked, true);
    atomic_init(&history->due_ms, 0);
    history->thread_ctx = thread_ctx;
    history->size = (size_t)settings->history_mb << 20;
    if (history->size == 0) {
        snprintf(history->why, sizeof history->why, "[api] history_mb is 0");
        return history;
    }
    int len =
        snprintf(history->path, sizeof history->path, "%s-history", settings->common.database);
    REQUIRE(len > 0);
    history_open_file(history);
    if (thread_start(&history->thread, "history", history_run_thread, history))
        return history;
    log_error("history: cannot start its thread");
    history_stop(history);
    return NULL;
}

void history_stop(struct history *history)
{
    if (!history)
        return;
    thread_join(&history->thread);
    memory_finish(&history->memory);
    history_file_close(&history->file);
    pthread_mutex_destroy(&history->mutex);
    free(history);
}

void history_tick(struct history *history, const struct live_view *live, uint64_t version)
{
    if (!history || history->size == 0)
        return;
    struct history_mark *mark = &history->mark;
    const struct history_mark now = {.identity = live->open ? live->live.rows.header.identity : 0,
                                     .changes = live->state.changes,
                                     .version = version,
                                     .moment = live->moment};
    bool is_due = live->now_ms >= atomic_load(&history->due_ms);
    bool has_changed = now.identity != mark->identity || now.changes != mark->changes ||
                       now.version != mark->version ||
                       !quality_moment_is_same(&now.moment, &mark->moment);
    bool is_changing = version == 0 || (live->open && (now.changes == 0 || now.changes % 2 != 0));
    *mark = now;
    pthread_mutex_lock(&history->mutex);
    history_file_repair(&history->file);
    bool has_notes = history->note_count > 0;
    pthread_mutex_unlock(&history->mutex);
    if (!is_due && !has_changed && !is_changing && !has_notes)
        return;
    atomic_store(&history->is_asked, true);
    thread_wake(&history->thread);
}

void history_note_write(struct history *history, int64_t tag, const struct value *value)
{
    if (!history || history->size == 0)
        return;
    struct history_note note = {.tag = tag, .wall_ms = clock_wall_ms()};
    note.has_value = value && value->kind != VALUE_NONE && value->kind != VALUE_TEXT;
    note.value = note.has_value ? value_to_double(value) : 0;
    pthread_mutex_lock(&history->mutex);
    if (history->file.open && history->note_count < NOTES_MAX)
        history->notes[history->note_count++] = note;
    pthread_mutex_unlock(&history->mutex);
}

bool history_read_tag(struct history *history, int64_t tag, struct history_query *query,
                      uint64_t *kept_from_ms, char *why, size_t why_size)
{
    const struct history_ring *ring = &history->file.ring;
    pthread_mutex_lock(&history->mutex);
    bool is_open = history->file.open;
    if (is_open) {
        static const struct history_tag none;
        const struct history_tag *found = history_ring_find_tag(ring, (uint64_t)tag);
        history_ring_query(ring, found ? found : &none, query);
        *kept_from_ms = history_ring_kept_from(ring);
    } else {
        snprintf(why, why_size, "The history is off: %s.", history->why);
    }
    pthread_mutex_unlock(&history->mutex);
    return is_open;
}
