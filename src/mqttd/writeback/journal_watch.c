/* Opens the journal when it is there, and again when it was replaced. */
#include "mqttd/writeback/journal_watch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/require.h"

enum { WATCH_LOOK_MS = 1000 }; /* between two looks for a journal, or for one that replaces it */

struct journal_watch {
    char path[PATH_MAX];
    struct journal journal;
    bool is_open;
    uint64_t position;
    uint64_t looked_ms; /* steady clock; 0: never */
};

struct journal_watch *journal_watch_create(const char *runtime_dir)
{
    REQUIRE(runtime_dir);
    struct journal_watch *journal_watch = calloc(1, sizeof *journal_watch);
    if (journal_watch)
        snprintf(journal_watch->path, sizeof journal_watch->path, "%s/journal", runtime_dir);
    return journal_watch;
}

void journal_watch_destroy(struct journal_watch *journal_watch)
{
    if (!journal_watch)
        return;
    journal_watch_stop(journal_watch);
    free(journal_watch);
}

void journal_watch_stop(struct journal_watch *journal_watch)
{
    if (journal_watch->is_open)
        journal_close(&journal_watch->journal);
    journal_watch->is_open = false;
    journal_watch->looked_ms = 0;
}

/* True once in WATCH_LOOK_MS. */
static bool journal_watch_may_look(struct journal_watch *journal_watch, uint64_t now_ms)
{
    if (journal_watch->looked_ms != 0 && now_ms - journal_watch->looked_ms < WATCH_LOOK_MS)
        return false;
    journal_watch->looked_ms = now_ms;
    return true;
}

enum journal_tail_event journal_watch_next(struct journal_watch *journal_watch,
                                           struct journal_entry *entry, uint64_t now_ms)
{
    char why[SHM_WHY_SIZE];
    if (!journal_watch->is_open) {
        if (!journal_watch_may_look(journal_watch, now_ms) ||
            !journal_open_reader(&journal_watch->journal, journal_watch->path, why, sizeof why))
            return JOURNAL_TAIL_EMPTY;
        journal_watch->is_open = true;
        journal_watch->position = 1;
    }
    switch (journal_read_entry(&journal_watch->journal, &journal_watch->position, entry)) {
    case JOURNAL_ENTRY:
        journal_watch->position++;
        return JOURNAL_TAIL_ENTRY;
    case JOURNAL_EMPTY:
        break;
    default:
        return JOURNAL_TAIL_LOSS;
    }
    if (journal_watch_may_look(journal_watch, now_ms) &&
        shm_was_replaced(&journal_watch->journal.shm, journal_watch->path))
        journal_watch_stop(journal_watch);
    return JOURNAL_TAIL_EMPTY;
}
