/* Watches the folder, since the files of the store come and go, and are replaced by rename. */
#include "common/store/db_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/require.h"

enum {
    ACTIVE_MS = 2000, /* the time from an event to its commit is rarely longer */
    FIRST_PAUSE_MS = 2,
    SHORT_PAUSES_MS = 500, /* at most so often, while writes go on, an event ends a pause */
    /* A change so long after the newest event was not announced; before, the disk was slow. */
    ANNOUNCED_MS = 60000,
    EVENTS_BYTES = 4096
};

static const uint32_t watched_events =
    IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

void db_watch_init(struct db_watch *watch)
{
    *watch = (struct db_watch){.fd = -1, .folder = -1};
}

void db_watch_finish(struct db_watch *watch)
{
    if (watch->fd >= 0)
        close(watch->fd);
    watch->fd = watch->folder = -1;
}

static void db_watch_give_up(struct db_watch *watch, const char *why)
{
    db_watch_finish(watch);
    if (!watch->is_logged)
        log_info("changes of the store are found by looking each %d ms: %s", DB_WATCH_POLL_MS, why);
    watch->is_logged = true;
}

/* Begins a time of short intervals. */
static void db_watch_activate(struct db_watch *watch, uint64_t now_ms)
{
    if (now_ms - watch->shortened_ms >= SHORT_PAUSES_MS) {
        watch->pause_ms = FIRST_PAUSE_MS;
        watch->shortened_ms = now_ms;
    }
    watch->active_until_ms = now_ms + ACTIVE_MS;
}

void db_watch_follow(struct db_watch *watch, const char *path, uint64_t now_ms)
{
    REQUIRE(path);
    if (watch->is_useless)
        return;
    db_watch_finish(watch); /* with the events of a former folder */
    /* SQLite puts the other files beside the file that a symbolic link leads to. */
    char *whole = realpath(path, NULL);
    char *slash = whole ? strrchr(whole, '/') : NULL;
    watch->fd = slash ? inotify_init1(IN_NONBLOCK | IN_CLOEXEC) : -1;
    if (watch->fd >= 0) {
        snprintf(watch->name, sizeof watch->name, "%s", slash + 1);
        *slash = '\0';
        watch->folder =
            inotify_add_watch(watch->fd, slash == whole ? "/" : whole, watched_events | IN_ONLYDIR);
    }
    if (watch->folder < 0)
        db_watch_give_up(watch, errno == ENOSPC   ? "fs.inotify.max_user_watches is reached"
                                : errno == EMFILE ? "fs.inotify.max_user_instances is reached"
                                                  : strerror(errno));
    watch->event_ms = now_ms;
    db_watch_activate(watch, now_ms);
    free(whole);
}

/* True for the files that a change of the store writes. Events without a name are about the folder.
 */
static bool db_watch_is_of_store(const struct db_watch *watch, const struct inotify_event *event)
{
    size_t len = strlen(watch->name);
    if ((event->mask & IN_Q_OVERFLOW) != 0 || event->len == 0)
        return true;
    return strncmp(event->name, watch->name, len) == 0 &&
           (event->name[len] == '\0' || strcmp(event->name + len, "-wal") == 0 ||
            strcmp(event->name + len, "-journal") == 0);
}

bool db_watch_take_events(struct db_watch *watch, uint64_t now_ms)
{
    _Alignas(struct inotify_event) char bytes[EVENTS_BYTES];
    bool is_of_store = false;
    ssize_t count;
    while (watch->fd >= 0 && (count = read(watch->fd, bytes, sizeof bytes)) > 0) {
        for (const char *at = bytes; at < bytes + count;) {
            const struct inotify_event *event = (const void *)at;
            is_of_store = is_of_store || db_watch_is_of_store(watch, event);
            at += sizeof *event + event->len;
        }
        watch->is_noisy = !is_of_store;
    }
    if (is_of_store) {
        db_watch_activate(watch, now_ms);
        watch->event_ms = now_ms;
    }
    return is_of_store;
}

void db_watch_note_change(struct db_watch *watch, uint64_t now_ms)
{
    if (watch->fd < 0)
        return;
    /* The event of a commit is there before the commit can be seen. */
    db_watch_take_events(watch, now_ms);
    if (now_ms - watch->event_ms >= ANNOUNCED_MS) {
        watch->is_useless = true;
        db_watch_give_up(watch, "its file system does not report them");
    }
}

int db_watch_wait_ms(struct db_watch *watch, uint64_t now_ms, int *fd)
{
    bool is_noisy = watch->is_noisy;
    *fd = -1;
    watch->is_noisy = false;
    if (watch->fd < 0)
        return DB_WATCH_POLL_MS;
    if (now_ms < watch->active_until_ms) {
        int pause_ms = watch->pause_ms;
        watch->pause_ms = pause_ms * 2 < DB_WATCH_POLL_MS ? pause_ms * 2 : DB_WATCH_POLL_MS;
        if (!is_noisy && now_ms - watch->shortened_ms >= SHORT_PAUSES_MS)
            *fd = watch->fd;
        return pause_ms;
    }
    if (is_noisy) /* bounds the wake-ups by files that are of no interest */
        return DB_WATCH_POLL_MS;
    *fd = watch->fd;
    return DB_WATCH_REST_MS;
}
