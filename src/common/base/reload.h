/* The configuration of a daemon that runs, and how SIGHUP changes it: the same in all daemons.
 *
 * A reload reads the file, the environment and the flags again. With a fault, or without memory, it
 * changes nothing and says so. Otherwise the options that need no restart take their new values,
 * and the log names each other one that differs from the start. */
#ifndef TAGFERRY_COMMON_BASE_RELOAD_H
#define TAGFERRY_COMMON_BASE_RELOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/daemon.h"

/* Where the settings come from, and those of the start. Outlives the daemon's loop. */
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
    /* Other threads may use older settings until reload_finish. */
    bool keeps_older;
    /* False, having logged why, when these settings cannot be in force. It may change them back to
     * those that are in force, texts only with keeps_older. NULL: all are good. */
    bool (*check)(void *context, const void *in_force, void *newer);
    /* Puts settings into force. Never fails. */
    void (*apply)(void *context, const void *settings);
};

struct reload_reading;

/* Set the first three and zero the rest. Of one thread. */
struct reload {
    const struct reload_source *source;
    const struct reload_ops *ops;
    void *context; /* of the ops */
    struct reload_reading *readings;
};

/* Reads the configuration again. True when it is in force; the result is logged in either case. */
bool reload_run(struct reload *reload);
/* Frees all settings except those of the start. Takes a zeroed one. */
void reload_finish(struct reload *reload);

#endif
