/* The journal's follower: a short queue between its thread and the MQTT thread. A full queue makes
 * the follower wait, and the journal keeps the rest. */
#include "mqttd/writeback/journal_tail.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"

enum {
    QUEUE_ENTRIES = 64,
    WAIT_MS = 200,
    LAYOUT = 1,
    LOSS_LINE_MS = 10000,
    ABSENCE_LINE_MS = 10000
};

/* The position file. An identity of 0 means that no journal was followed yet. */
struct stored_position {
    struct shm_header header;
    _Atomic uint64_t identity, position;
};

struct queued {
    struct journal_entry entry;
    uint64_t journal; /* its identity */
};

struct watch {
    char journal_path[PATH_MAX], position_path[PATH_MAX];
    int notify_fd;
    struct counters *counters;
    struct shm position_file;
    pthread_t thread;
    /* The thread's own: when the newest line about a loss was written, since when there has been no
     * journal to read, whether a line has said so, and whether there was no file. */
    uint64_t loss_said_ms, absent_ms;
    bool absence_said, had_none;

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t room;
    struct queued queue[QUEUE_ENTRIES];
    size_t first, count;
    uint64_t identity; /* of the journal that is followed; the queue may hold entries of another */
    /* The content of the position file; its own words may be lost or overwritten. */
    uint64_t followed, position;
    bool misplaced; /* it said what cannot be */
    bool stop, lost;
};

static struct stored_position *stored(const struct watch *watch)
{
    return (struct stored_position *)watch->position_file.base;
}

static bool is_stopping(struct watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    bool stop = watch->stop;
    pthread_mutex_unlock(&watch->lock);
    return stop;
}

static void pause_a_moment(struct watch *watch)
{
    struct timespec until = clock_deadline(WAIT_MS);
    pthread_mutex_lock(&watch->lock);
    if (!watch->stop)
        pthread_cond_clockwait(&watch->room, &watch->lock, CLOCK_MONOTONIC, &until);
    pthread_mutex_unlock(&watch->lock);
}

static void notify(const struct watch *watch)
{
    static const uint64_t one = 1;
    if (write(watch->notify_fd, &one, sizeof one) < 0)
        log_debug("the event counter is full");
}

/* Waits for room. */
static void hand_over(struct watch *watch, const struct journal_entry *entry)
{
    pthread_mutex_lock(&watch->lock);
    while (watch->count == QUEUE_ENTRIES && !watch->stop)
        pthread_cond_wait(&watch->room, &watch->lock);
    if (!watch->stop)
        watch->queue[(watch->first + watch->count++) % QUEUE_ENTRIES] =
            (struct queued){*entry, watch->identity};
    pthread_mutex_unlock(&watch->lock);
    notify(watch);
}

/* One line for many: a client that writes faster than the broker takes it overruns all the time. */
static void note_loss(struct watch *watch, const char *what)
{
    uint64_t now = clock_steady_ms();
    counters_add(watch->counters, MQTTD_JOURNAL_OVERRUNS, 1);
    if (watch->loss_said_ms == 0 || now - watch->loss_said_ms >= LOSS_LINE_MS) {
        log_warning("%s; reading the registers instead", what);
        watch->loss_said_ms = now;
    }
    pthread_mutex_lock(&watch->lock);
    watch->lost = true;
    pthread_mutex_unlock(&watch->lock);
    notify(watch);
}

/* Under the lock. */
static void store_position(struct watch *watch)
{
    atomic_store(&stored(watch)->position, watch->position);
    atomic_store(&stored(watch)->identity, watch->followed);
}

/* Of a journal that took the place of the one that was followed, by this process or the one before
 * it, or that was not there at first, all is new. */
static uint64_t first_position(struct watch *watch, const struct journal *journal)
{
    uint64_t end = journal_end(journal), identity = journal_identity(journal);
    bool same = watch->followed == identity;
    if (same && watch->position > 0 && watch->position <= end)
        return watch->position;
    watch->misplaced = same;
    bool replaced = watch->followed != 0 && !same;
    watch->position = replaced || watch->had_none ? 1 : end;
    watch->followed = identity;
    store_position(watch);
    return watch->position;
}

static void follow(struct watch *watch, struct journal *journal)
{
    struct journal_entry entry;
    pthread_mutex_lock(&watch->lock);
    uint64_t position = first_position(watch, journal);
    watch->identity = journal_identity(journal);
    bool misplaced = watch->misplaced;
    watch->misplaced = false;
    pthread_mutex_unlock(&watch->lock);
    if (misplaced)
        note_loss(watch, "the position in the journal is damaged");
    while (!is_stopping(watch)) {
        switch (journal_read(journal, &position, &entry)) {
        case JOURNAL_ENTRY:
            counters_add(watch->counters, MQTTD_JOURNAL_READ, 1);
            hand_over(watch, &entry);
            position++;
            break;
        case JOURNAL_OVERRUN:
            note_loss(watch, "SCADA wrote more than the journal holds");
            break;
        case JOURNAL_DAMAGED:
            note_loss(watch, "the journal is damaged");
            break;
        case JOURNAL_EMPTY:
            if (shm_was_replaced(&journal->shm, watch->journal_path))
                return;
            journal_wait(journal, position, WAIT_MS);
            break;
        }
    }
}

static void look_for_none(struct watch *watch)
{
    if (watch->had_none || access(watch->journal_path, F_OK) == 0 || errno != ENOENT)
        return;
    log_debug("there is no journal yet");
    watch->had_none = true;
}

/* A journal that cannot be had for longer than a start or an upgrade takes. One line, not one for
 * each attempt. */
static void note_absence(struct watch *watch, const char *why)
{
    uint64_t now = clock_steady_ms();
    if (watch->absent_ms == 0)
        watch->absent_ms = now;
    if (watch->absence_said || now - watch->absent_ms < ABSENCE_LINE_MS)
        return;
    log_warning("SCADA's writes are not published: %s; retrying", why);
    watch->absence_said = true;
}

static void note_presence(struct watch *watch)
{
    if (watch->absence_said)
        log_info("SCADA's writes are published again");
    watch->absence_said = false;
    watch->absent_ms = 0;
}

static void *run(void *context)
{
    struct watch *watch = context;
    struct journal journal;
    char why[SHM_WHY_SIZE];
    while (!is_stopping(watch)) {
        if (journal_open_reader(&journal, watch->journal_path, why, sizeof why)) {
            note_presence(watch);
            follow(watch, &journal);
            journal_close(&journal);
        } else {
            look_for_none(watch);
            note_absence(watch, why);
            pause_a_moment(watch);
        }
    }
    return NULL;
}

struct watch *watch_create(const char *runtime_dir, int notify_fd, struct counters *counters,
                           char *why, size_t why_size)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    watch->notify_fd = notify_fd;
    watch->counters = counters;
    snprintf(watch->journal_path, sizeof watch->journal_path, "%s/journal", runtime_dir);
    snprintf(watch->position_path, sizeof watch->position_path, "%s/journal-position", runtime_dir);
    const struct shm_spec spec = {watch->position_path, "TFposit\0", LAYOUT,
                                  sizeof(struct stored_position), sizeof(struct stored_position)};
    if (shm_open_writer(&watch->position_file, &spec, true, why, why_size) == SHM_FAILED) {
        free(watch);
        return NULL;
    }
    watch->followed = atomic_load(&stored(watch)->identity);
    watch->position = atomic_load(&stored(watch)->position);
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->room, NULL);
    int rc = pthread_create(&watch->thread, NULL, run, watch);
    if (rc == 0)
        return watch;
    snprintf(why, why_size, "cannot start a thread: %s", strerror(rc));
    shm_close(&watch->position_file);
    free(watch);
    return NULL;
}

void watch_destroy(struct watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stop = true;
    pthread_cond_signal(&watch->room);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->room);
    pthread_mutex_destroy(&watch->lock);
    shm_close(&watch->position_file);
    free(watch);
}

bool watch_next(struct watch *watch, struct journal_entry *entry, uint64_t *journal)
{
    pthread_mutex_lock(&watch->lock);
    bool found = watch->count > 0 && !watch->lost;
    if (found) {
        *entry = watch->queue[watch->first].entry;
        *journal = watch->queue[watch->first].journal;
        watch->first = (watch->first + 1) % QUEUE_ENTRIES;
        watch->count--;
        pthread_cond_signal(&watch->room);
    }
    pthread_mutex_unlock(&watch->lock);
    return found;
}

bool watch_has_lost(struct watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    bool lost = watch->lost;
    watch->lost = false;
    pthread_mutex_unlock(&watch->lock);
    return lost;
}

void watch_save(struct watch *watch, uint64_t journal, uint64_t position)
{
    pthread_mutex_lock(&watch->lock);
    if (journal == watch->identity) {
        watch->position = position;
        atomic_store(&stored(watch)->position, position);
    }
    pthread_mutex_unlock(&watch->lock);
}

void watch_keep(struct watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->lock);
    if (shm_keep(&watch->position_file) == SHM_RENEWED)
        store_position(watch);
    pthread_mutex_unlock(&watch->lock);
}
