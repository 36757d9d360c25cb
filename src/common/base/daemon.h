/* What every daemon does around its loop: command line, signals, the service manager. */
#ifndef TAGFERRY_COMMON_BASE_DAEMON_H
#define TAGFERRY_COMMON_BASE_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/conf.h"
#include "common/base/settings.h"

/* Exit statuses. A service manager does not restart after the last two: a wrong configuration, and
 * a listen address that another program has or that needs a privilege. */
enum {
    DAEMON_EXIT_OK = 0,
    DAEMON_EXIT_FAILURE = 1,
    DAEMON_EXIT_CONFIG = 2,
    DAEMON_EXIT_ADDRESS = 3
};

struct daemon_spec {
    const char *name;    /* "tagferry-modbusd" */
    const char *summary; /* one line for --help */
    const char *usage;   /* what follows the options on the command line, or NULL for nothing */
    const struct conf_table *tables;
    size_t table_count;
};

enum { DAEMON_RUN = -1 };

/* Reads flags, file and environment into `settings`, which begins with a struct common_settings,
 * opens the log, and fixes LC_NUMERIC. Answers DAEMON_RUN, or the status to exit with, having
 * printed what there is to say. `first_operand` receives the place in argv after the options. */
int daemon_configure(const struct daemon_spec *spec, int argc, char **argv, struct conf *conf,
                     void *settings, int *first_operand);

/* Reads all of it again into other `conf` and `settings`, which are zeroed. False, with the reason
 * on stderr, when something is wrong. A file that `old`, the configuration in force, was read from
 * must still be there: without it all rules would become the defaults, which admit everybody. In
 * either case the caller finishes `conf`. */
bool daemon_reconfigure(const struct daemon_spec *spec, int argc, char **argv,
                        const struct conf *old, struct conf *conf, void *settings);

/* Blocks SIGTERM, SIGINT and SIGHUP in this and all later threads, ignores SIGPIPE, and returns a
 * signalfd that delivers them, non-blocking and close-on-exec. -1 with errno. Call it before any
 * thread starts. */
int daemon_open_signals(void);
/* The next signal waiting in the signalfd, or 0. */
int daemon_read_signal(int fd);

/* Raises the limit of open descriptors to so many, as far as the system lets it; says so when that
 * is too few for what the configuration allows. Answers how many of them there can be. */
size_t daemon_reserve_descriptors(size_t wanted);
/* Raises it as far as the system lets it, for a number that the configuration does not say. */
void daemon_raise_descriptors(void);

/* Makes a folder and its parents, mode 0750, if missing. False with errno. */
bool daemon_make_folder(const char *path);

/* Tell the service manager, if there is one. The status is one line in words. */
__attribute__((format(printf, 1, 2))) void daemon_notify_ready(const char *format, ...);
__attribute__((format(printf, 1, 2))) void daemon_notify_status(const char *format, ...);
void daemon_notify_stopping(void);
/* Feeds the watchdog. Call it from the daemon's own loop, once a second, and nowhere else. */
void daemon_feed_watchdog(void);
/* How long the service manager waits to be fed, in ms; 0 when it does not. */
uint64_t daemon_watchdog_ms(void);

#endif
