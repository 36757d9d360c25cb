/* The tasks of every daemon outside its loop: command line, signals, the service manager. */
#ifndef TAGFERRY_COMMON_BASE_DAEMON_H
#define TAGFERRY_COMMON_BASE_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/conf.h"
#include "common/base/settings.h"

/* Exit statuses. The service manager does not restart a daemon after the last two: an invalid
 * configuration, and a listen address that another program uses or that needs a privilege. */
enum {
    DAEMON_EXIT_OK = 0,
    DAEMON_EXIT_FAILURE = 1,
    DAEMON_EXIT_CONFIG = 2,
    DAEMON_EXIT_ADDRESS = 3
};

enum { DAEMON_WHY_SIZE = 1024 };

struct daemon_spec {
    const char *name;    /* "tagferry-modbusd" */
    const char *summary; /* one line for --help */
    const char *usage;   /* operands after the options, for --help; NULL: none allowed */
    const struct conf_table *tables;
    size_t table_count;
    /* Checks with --check-config what the start would check besides, such as files. False with the
     * reason in `why`, of DAEMON_WHY_SIZE bytes; NULL: nothing. */
    bool (*check)(const void *settings, char *why);
    /* Says what the settings mean, after --check-config has accepted them; NULL: nothing. */
    void (*explain)(const void *settings, FILE *out);
};

enum { DAEMON_RUN = -1 };

/* Reads flags, file and environment into `settings`, which is zeroed and begins with a struct
 * common_settings; opens the log and sets the "C" locale. Returns DAEMON_RUN, or, after printing
 * any message, the status to exit with. `first_operand` receives the index of the first operand in
 * argv. In any case the caller finishes `conf`, which is zeroed before. */
int daemon_configure(const struct daemon_spec *spec, int argc, char **argv, struct conf *conf,
                     void *settings, int *first_operand);

/* Reads all sources again into a new `conf` and `settings`, which are zeroed. False on an error,
 * with the reason on stderr. If `old`, the configuration in effect, came from a file, the file must
 * still exist: without it, all access rules would become the defaults, which admit everybody. In
 * any case the caller finishes `conf`. */
bool daemon_reconfigure(const struct daemon_spec *spec, int argc, char **argv,
                        const struct conf *old, struct conf *conf, void *settings);

/* Blocks SIGTERM, SIGINT and SIGHUP in this and all later threads, ignores SIGPIPE, and returns a
 * signalfd that delivers them, non-blocking and close-on-exec. -1 with errno. Call it before any
 * thread starts. */
int daemon_open_signals(void);
/* The next pending signal of the signalfd, or 0. */
int daemon_read_signal(int fd);

/* Raises the limit of open descriptors to `wanted`, as far as the hard limit allows; logs a warning
 * if that is fewer. Returns the resulting limit, or `wanted` if it was high enough. */
size_t daemon_reserve_descriptors(size_t wanted);
/* Raises it to the hard limit, for a daemon whose number of descriptors has no bound. */
void daemon_raise_descriptors(void);

/* Gives this and all later threads a short slice of the processor (time_slice.h); logs it when a
 * sandbox forbids that. Call it before any thread starts. */
void daemon_shorten_time_slice(void);

/* Creates a folder and its parents, mode 0750, if they do not exist. False with errno. */
bool daemon_make_folder(const char *path);

/* Notify the service manager, if there is one: that the daemon is ready, of a status line, that it
 * is shutting down. The status line is cut at 255 bytes. */
__attribute__((format(printf, 1, 2))) void daemon_notify_ready(const char *format, ...);
__attribute__((format(printf, 1, 2))) void daemon_notify_status(const char *format, ...);
void daemon_notify_stopping(void);
/* Feeds the watchdog, and repeats a failed notice that the daemon is ready. Call it once a second,
 * only from the daemon's main loop. */
void daemon_feed_watchdog(void);
/* The time-out of the watchdog in ms; 0 without a watchdog. */
uint64_t daemon_watchdog_ms(void);

#endif
