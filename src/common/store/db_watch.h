/* Notices writes to the files of the store, so that its readers sleep while nobody changes it.
 *
 * An event says that a process writes; the commit is visible some time later, when the bytes are on
 * the disk. So the reader looks at the store in short intervals for some seconds after an event,
 * and at rest once in DB_WATCH_REST_MS. Without events (no inotify, or a file system whose changes
 * it does not report) it looks each DB_WATCH_POLL_MS. For one thread. */
#ifndef TAGFERRY_COMMON_STORE_DB_WATCH_H
#define TAGFERRY_COMMON_STORE_DB_WATCH_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum { DB_WATCH_POLL_MS = 50, DB_WATCH_REST_MS = 5000 };

struct db_watch {
    int fd;                  /* inotify; -1: none */
    int folder;              /* its number for the folder of the store; -1: not watched */
    char name[NAME_MAX + 1]; /* of the store, in the folder */
    bool is_useless;         /* a change came without an event */
    bool is_logged;          /* why there are no events */
    bool is_noisy;           /* other files of the folder were written since the last look */
    int pause_ms;            /* after the next look, if writes go on */
    uint64_t event_ms;       /* the newest event, or db_watch_follow; steady, as the next one */
    uint64_t active_until_ms;
    uint64_t shortened_ms; /* when the pauses became short last */
};

void db_watch_init(struct db_watch *watch);
/* Accepts a watch without a descriptor. */
void db_watch_finish(struct db_watch *watch);

/* Watches the folder of the store. Call it whenever the store was opened, before it is read. Logs
 * once, at level info, when this is not possible. */
void db_watch_follow(struct db_watch *watch, const char *path, uint64_t now_ms);
/* Takes the events. Call it before each look at the store. True when one was about the store. */
bool db_watch_take_events(struct db_watch *watch, uint64_t now_ms);
/* Call it when a look has found a change. When no event announced it, the watch is given up. */
void db_watch_note_change(struct db_watch *watch, uint64_t now_ms);
/* Milliseconds until the next look. `*fd`: the descriptor that ends the wait sooner, or -1. */
int db_watch_wait_ms(struct db_watch *watch, uint64_t now_ms, int *fd);

#endif
