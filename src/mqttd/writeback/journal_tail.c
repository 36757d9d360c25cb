/* A thread reads the journal into a short queue for the MQTT thread. When the queue is full the
 * thread waits, and the journal keeps the rest. */
#include "mqttd/writeback/journal_tail.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"

enum {
    TAIL_QUEUE_EVENTS = 64,
    TAIL_WAIT_MS = 200, /* between two checks of a missing journal */
    /* The longest wait for an entry: nobody can end a wait at a file that was cut short. */
    TAIL_REST_MS = 5000,
    TAIL_JOIN_MS = 1, /* between two attempts to end a wait of the thread */
    TAIL_LAYOUT = 1,
    TAIL_LOSS_LINE_MS = 10000,
    TAIL_ABSENCE_LINE_MS = 10000 /* longer than a start or an upgrade takes */
};

/* The position file. An identity of 0 means that no journal was followed yet. */
struct stored_position {
    struct shm_header header;
    _Atomic uint64_t identity, position;
};

struct queued_event {
    enum journal_tail_event event; /* EMPTY: a loss that was merged into a later one */
    uint64_t journal;              /* identity of the entry's journal */
    struct journal_entry entry;
};

struct journal_tail {
    char journal_path[PATH_MAX], position_path[PATH_MAX];
    struct wakeup *notify;
    struct counters *counters;
    struct shm position_file;
    struct thread thread;
    /* Used by the thread only. */
    uint64_t loss_logged_ms; /* when a loss was logged last, steady clock; 0: never */
    uint64_t absent_ms; /* when the journal became unreadable, steady clock; 0: it is readable */
    bool is_absence_logged;
    bool had_none; /* there was no journal at first */

    pthread_mutex_t lock;         /* protects the members below */
    const struct journal *waited; /* the thread waits for its next entry; or NULL */
    uint64_t awaited;             /* the sequence number of that entry */
    struct queued_event queue[TAIL_QUEUE_EVENTS];
    size_t first, count;
    uint64_t identity; /* of the journal that is followed; the queue may hold entries of another */
    uint64_t queued;   /* the entries before it are in the queue, or were; 0: not known yet */
    /* The content of the position file, which may be damaged or cut short. */
    uint64_t followed, position;
};

static struct stored_position *tail_stored_position(const struct journal_tail *journal_tail)
{
    return (struct stored_position *)journal_tail->position_file.base;
}

/* Adds an event when the queue has room. A loss replaces a queued one, since all registers are read
 * only once for both. After a crash the earlier loss is found again at its position in the journal.
 */
static void tail_queue_event(struct journal_tail *journal_tail, enum journal_tail_event event,
                             const struct journal_entry *entry)
{
    struct queued_event *queue = journal_tail->queue;
    bool is_queued = false;
    while (!is_queued && !thread_is_stopping(&journal_tail->thread)) {
        pthread_mutex_lock(&journal_tail->lock);
        size_t count = journal_tail->count;
        is_queued = count < TAIL_QUEUE_EVENTS;
        for (size_t i = 0; is_queued && event == JOURNAL_TAIL_LOSS && i < count; i++) {
            struct queued_event *queued = &queue[(journal_tail->first + i) % TAIL_QUEUE_EVENTS];
            if (queued->event == JOURNAL_TAIL_LOSS)
                queued->event = JOURNAL_TAIL_EMPTY;
        }
        if (is_queued) {
            REQUIRE(event != JOURNAL_TAIL_EMPTY);
            struct queued_event *end = &queue[(journal_tail->first + count) % TAIL_QUEUE_EVENTS];
            end->event = event;
            end->journal = journal_tail->identity;
            end->entry = *entry;
            if (event == JOURNAL_TAIL_ENTRY)
                journal_tail->queued = entry->sequence + 1;
            journal_tail->count++;
        }
        pthread_mutex_unlock(&journal_tail->lock);
        if (!is_queued)
            thread_wait(&journal_tail->thread, THREAD_FOREVER);
    }
    wakeup_raise(journal_tail->notify);
}

/* `position` is the next entry that can be read. Limits the lines: a client that writes faster than
 * the broker accepts causes overruns all the time. */
static void tail_note_loss(struct journal_tail *journal_tail, const struct journal *journal,
                           uint64_t position, const char *what)
{
    uint64_t end = journal_next_sequence(journal);
    const struct journal_entry loss = {.sequence = position < end ? end : 0};
    uint64_t now = clock_steady_ms(), logged = journal_tail->loss_logged_ms;
    counters_add(journal_tail->counters, MQTTD_JOURNAL_OVERRUNS, 1);
    if (logged == 0 || now - logged >= TAIL_LOSS_LINE_MS) {
        log_warning("%s: re-reading all command registers", what);
        journal_tail->loss_logged_ms = now;
    }
    tail_queue_event(journal_tail, JOURNAL_TAIL_LOSS, &loss);
}

/* Call it with the lock held. */
static void tail_store_position(struct journal_tail *journal_tail)
{
    atomic_store(&tail_stored_position(journal_tail)->position, journal_tail->position);
    atomic_store(&tail_stored_position(journal_tail)->identity, journal_tail->followed);
}

/* Returns where to begin in a journal: at the stored position if it is of this journal; at the
 * first entry if this journal has replaced the one that this process or the one before it followed,
 * or did not exist at first; else at the end. */
static uint64_t tail_find_position(struct journal_tail *journal_tail, const struct journal *journal,
                                   bool *is_damaged)
{
    uint64_t end = journal_next_sequence(journal), identity = journal_identity(journal);
    pthread_mutex_lock(&journal_tail->lock);
    bool is_same = journal_tail->followed == identity;
    bool is_valid = journal_tail->position > 0 && journal_tail->position <= end;
    *is_damaged = is_same && !is_valid;
    journal_tail->identity = identity;
    if (!is_same || !is_valid) {
        bool is_replaced = journal_tail->followed != 0 && !is_same;
        journal_tail->position = is_replaced || journal_tail->had_none ? 1 : end;
        journal_tail->followed = identity;
        tail_store_position(journal_tail);
    }
    uint64_t position = journal_tail->position;
    journal_tail->queued = position;
    pthread_mutex_unlock(&journal_tail->lock);
    return position;
}

/* Waits for an entry. The MQTT thread looks each second whether the wait has to end for another
 * reason (journal_tail_keep), so that this thread need not wake up to look. */
static void tail_wait_entry(struct journal_tail *journal_tail, const struct journal *journal,
                            uint64_t position)
{
    pthread_mutex_lock(&journal_tail->lock);
    journal_tail->waited = journal;
    journal_tail->awaited = position;
    pthread_mutex_unlock(&journal_tail->lock);
    if (!thread_is_stopping(&journal_tail->thread))
        journal_wait_entry(journal, position, TAIL_REST_MS);
    pthread_mutex_lock(&journal_tail->lock);
    journal_tail->waited = NULL;
    pthread_mutex_unlock(&journal_tail->lock);
}

/* Reads the journal until it is replaced or the thread has to end. */
static void tail_follow_journal(struct journal_tail *journal_tail, struct journal *journal)
{
    struct journal_entry entry;
    bool is_damaged;
    uint64_t position = tail_find_position(journal_tail, journal, &is_damaged);
    if (is_damaged)
        tail_note_loss(journal_tail, journal, position, "the position in the journal is damaged");
    while (!thread_is_stopping(&journal_tail->thread)) {
        switch (journal_read_entry(journal, &position, &entry)) {
        case JOURNAL_ENTRY:
            counters_add(journal_tail->counters, MQTTD_JOURNAL_READ, 1);
            tail_queue_event(journal_tail, JOURNAL_TAIL_ENTRY, &entry);
            position++;
            break;
        case JOURNAL_OVERRUN:
            tail_note_loss(journal_tail, journal, position, "journal overrun");
            break;
        case JOURNAL_DAMAGED:
            tail_note_loss(journal_tail, journal, position, "the journal is damaged");
            break;
        case JOURNAL_EMPTY:
            if (shm_was_replaced(&journal->shm, journal_tail->journal_path))
                return;
            tail_wait_entry(journal_tail, journal, position);
            break;
        }
    }
}

/* Logs once, not at each attempt, that the journal cannot be read. */
static void tail_note_absence(struct journal_tail *journal_tail, const char *why)
{
    uint64_t now = clock_steady_ms();
    if (!journal_tail->had_none && access(journal_tail->journal_path, F_OK) != 0 &&
        errno == ENOENT) {
        log_debug("there is no journal yet");
        journal_tail->had_none = true;
    }
    if (journal_tail->absent_ms == 0)
        journal_tail->absent_ms = now;
    if (journal_tail->is_absence_logged || now - journal_tail->absent_ms < TAIL_ABSENCE_LINE_MS)
        return;
    log_warning("SCADA's writes are not published: %s; retrying", why);
    journal_tail->is_absence_logged = true;
}

static void tail_run_thread(void *context)
{
    struct journal_tail *journal_tail = context;
    struct journal journal;
    char why[SHM_WHY_SIZE];
    while (!thread_is_stopping(&journal_tail->thread)) {
        if (!journal_open_reader(&journal, journal_tail->journal_path, why, sizeof why)) {
            tail_note_absence(journal_tail, why);
            thread_wait(&journal_tail->thread, TAIL_WAIT_MS);
            continue;
        }
        if (journal_tail->is_absence_logged)
            log_info("SCADA's writes are published again");
        journal_tail->is_absence_logged = false;
        journal_tail->absent_ms = 0;
        tail_follow_journal(journal_tail, &journal);
        journal_close(&journal);
    }
}

struct journal_tail *journal_tail_create(const char *runtime_dir, struct wakeup *notify,
                                         struct counters *counters, char *why, size_t why_size)
{
    REQUIRE(runtime_dir && notify && counters);
    struct journal_tail *journal_tail = calloc(1, sizeof *journal_tail);
    if (!journal_tail) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    journal_tail->notify = notify;
    journal_tail->counters = counters;
    snprintf(journal_tail->journal_path, sizeof journal_tail->journal_path, "%s/journal",
             runtime_dir);
    snprintf(journal_tail->position_path, sizeof journal_tail->position_path, "%s/journal-position",
             runtime_dir);
    const struct shm_spec spec = {.path = journal_tail->position_path,
                                  .magic = "TFposit\0",
                                  .layout = TAIL_LAYOUT,
                                  .size = sizeof(struct stored_position),
                                  .map = sizeof(struct stored_position)};
    if (shm_open_writer(&journal_tail->position_file, &spec, true, why, why_size) == SHM_FAILED) {
        free(journal_tail);
        return NULL;
    }
    journal_tail->followed = atomic_load(&tail_stored_position(journal_tail)->identity);
    journal_tail->position = atomic_load(&tail_stored_position(journal_tail)->position);
    pthread_mutex_init(&journal_tail->lock, NULL);
    if (thread_start(&journal_tail->thread, "journal tail", tail_run_thread, journal_tail))
        return journal_tail;
    snprintf(why, why_size, "cannot start a thread: %s", strerror(errno));
    shm_close(&journal_tail->position_file);
    free(journal_tail);
    return NULL;
}

void journal_tail_destroy(struct journal_tail *journal_tail)
{
    if (!journal_tail)
        return;
    thread_stop(&journal_tail->thread);
    while (!thread_try_join(&journal_tail->thread)) {
        pthread_mutex_lock(&journal_tail->lock);
        if (journal_tail->waited)
            journal_end_waits(journal_tail->waited);
        pthread_mutex_unlock(&journal_tail->lock);
        poll(NULL, 0, TAIL_JOIN_MS);
    }
    pthread_mutex_destroy(&journal_tail->lock);
    shm_close(&journal_tail->position_file);
    free(journal_tail);
}

enum journal_tail_event journal_tail_next(struct journal_tail *journal_tail,
                                          struct journal_entry *entry, uint64_t *journal)
{
    enum journal_tail_event event = JOURNAL_TAIL_EMPTY;
    pthread_mutex_lock(&journal_tail->lock);
    size_t before = journal_tail->count;
    while (event == JOURNAL_TAIL_EMPTY && journal_tail->count > 0) {
        const struct queued_event *queued = &journal_tail->queue[journal_tail->first];
        event = queued->event;
        *entry = queued->entry;
        *journal = queued->journal;
        journal_tail->first = (journal_tail->first + 1) % TAIL_QUEUE_EVENTS;
        journal_tail->count--;
    }
    pthread_mutex_unlock(&journal_tail->lock);
    if (before == TAIL_QUEUE_EVENTS)
        thread_wake(&journal_tail->thread);
    return event;
}

void journal_tail_save(struct journal_tail *journal_tail, uint64_t journal, uint64_t position)
{
    pthread_mutex_lock(&journal_tail->lock);
    if (journal == journal_tail->identity) {
        journal_tail->position = position;
        atomic_store(&tail_stored_position(journal_tail)->position, position);
    }
    pthread_mutex_unlock(&journal_tail->lock);
}

/* True when a loss is in the queue, or when the thread will find one. */
static bool tail_has_loss(struct journal_tail *journal_tail, const struct journal *journal,
                          uint64_t position)
{
    struct journal_entry entry;
    pthread_mutex_lock(&journal_tail->lock);
    bool has_loss = false;
    for (size_t i = 0; i < journal_tail->count; i++)
        has_loss |= journal_tail->queue[(journal_tail->first + i) % TAIL_QUEUE_EVENTS].event ==
                    JOURNAL_TAIL_LOSS;
    if (journal_tail->queued > 0 && journal_tail->identity == journal_identity(journal))
        position = journal_tail->queued;
    pthread_mutex_unlock(&journal_tail->lock);
    enum journal_result result = journal_read_entry(journal, &position, &entry);
    return has_loss || result == JOURNAL_OVERRUN || result == JOURNAL_DAMAGED;
}

bool journal_tail_each_waiting(struct journal_tail *journal_tail,
                               void (*take)(void *context, const struct journal_entry *entry),
                               void *context)
{
    struct journal journal;
    struct journal_entry entry;
    char why[SHM_WHY_SIZE];
    if (!journal_open_reader(&journal, journal_tail->journal_path, why, sizeof why))
        return true;
    uint64_t identity = journal_identity(&journal), end = journal_next_sequence(&journal);
    pthread_mutex_lock(&journal_tail->lock);
    /* A journal that was replaced is read from its first entry on. */
    uint64_t position = journal_tail->followed == identity ? journal_tail->position
                        : journal_tail->followed != 0      ? 1
                                                           : end;
    pthread_mutex_unlock(&journal_tail->lock);
    bool has_loss = tail_has_loss(journal_tail, &journal, position);
    while (position < end) {
        enum journal_result result = journal_read_entry(&journal, &position, &entry);
        if (result == JOURNAL_EMPTY)
            break;
        if (result == JOURNAL_ENTRY) {
            take(context, &entry);
            position++;
        }
    }
    journal_close(&journal);
    return !has_loss;
}

void journal_tail_keep(struct journal_tail *journal_tail)
{
    if (!journal_tail)
        return;
    pthread_mutex_lock(&journal_tail->lock);
    if (shm_repair_file(&journal_tail->position_file) == SHM_RENEWED)
        tail_store_position(journal_tail);
    /* Another file, or an entry of a modbusd that was killed before it woke its readers. */
    const struct journal *waited = journal_tail->waited;
    if (waited && (shm_was_replaced(&waited->shm, journal_tail->journal_path) ||
                   journal_next_sequence(waited) != journal_tail->awaited))
        journal_end_waits(waited);
    pthread_mutex_unlock(&journal_tail->lock);
}
