/* Reloads the configuration of a running daemon on SIGHUP, in the same way for all daemons.
 *
 * A reload reads the file, the environment and the flags again. On an error, or when out of memory,
 * it changes nothing and logs the reason. Otherwise the options that need no restart get their new
 * values, and each other option that differs from the start is logged. */
#ifndef TAGFERRY_COMMON_BASE_RELOAD_H
#define TAGFERRY_COMMON_BASE_RELOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/daemon.h"

/* The sources of the configuration, and the settings of the start. Must outlive the reload. */
struct reload_source {
    const struct daemon_spec *spec;
    int argc;
    char **argv;
    const struct conf *conf;
    const void *settings; /* begins with a struct common_settings */
    size_t settings_size;
};

/* What a daemon does at a reload. */
struct reload_ops {
    /* Keep older settings until reload_finish, because other threads may still use them. */
    bool keeps_older;
    /* Checks new settings. False, after logging the reason, when they cannot take effect. May reset
     * members to their values in `in_force`; texts only with keeps_older. NULL accepts all. */
    bool (*check)(void *context, const void *in_force, void *newer);
    /* Puts settings into effect. Cannot fail. */
    void (*apply)(void *context, const void *settings);
};

struct reload_reading;

/* Set the first three members and zero the rest. Not thread-safe. */
struct reload {
    const struct reload_source *source;
    const struct reload_ops *ops;
    void *context; /* of the ops */
    struct reload_reading *readings;
};

/* Reads the configuration again. True when it has taken effect. Logs the result in either case. */
bool reload_run(struct reload *reload);
/* Frees all settings except those of the start. Accepts a zeroed struct. */
void reload_finish(struct reload *reload);

#endif
