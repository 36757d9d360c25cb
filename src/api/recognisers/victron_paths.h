/* What the paths of Victron's D-Bus services mean, by name. Pure. */
#ifndef TAGFERRY_API_RECOGNISERS_VICTRON_PATHS_H
#define TAGFERRY_API_RECOGNISERS_VICTRON_PATHS_H

#include <stdbool.h>

enum victron_kind {
    VICTRON_MEASUREMENT, /* a real number, also when a whole one was heard */
    VICTRON_CODE,        /* a whole number from 0 to 65535 */
    VICTRON_COUNTER,     /* a whole number, without a limit */
    VICTRON_SWITCH,      /* 0 or 1 */
    VICTRON_IGNORED,     /* about the device, not a value of the plant */
};

struct victron_path {
    const char *service; /* such as "battery"; NULL: any */
    const char *pattern; /* as for fnmatch; '*' stands for slashes, too */
    enum victron_kind kind;
    const char *unit; /* or "" */
    bool is_writable;
};

/* The first row that fits, or NULL. `path` is without a slash at its beginning. */
const struct victron_path *victron_path_find(const char *service, const char *path);

#endif
