/* The settings while the daemon serves. SIGHUP reads them again; whoever has begun a request with
 * the old ones ends it with them. */
#ifndef TAGFERRY_API_SETTINGS_RELOAD_H
#define TAGFERRY_API_SETTINGS_RELOAD_H

#include "api/base/api_options.h"
#include "common/base/daemon.h"

/* Where the settings come from, and what was read first. It outlives the daemon. */
struct api_source {
    const struct daemon_spec *spec;
    int argc;
    char **argv;
    const struct conf *conf;
    const struct api_settings *settings;
};

struct settings_reading;

/* Zero it, except source and now, before use. */
struct settings_reload {
    const struct api_source *source;
    const struct api_settings
        *_Atomic now; /* in force, for any thread; valid until settings_reload_finish */
    struct settings_reading *readings;
};

/* What the start and a reload have to have: a certificate that can be loaded, and tokens where
 * others than this machine are served. False, having logged what is missing. */
bool settings_check_serving(const struct api_settings *settings);
/* Reads the configuration again. One with a fault changes nothing, and the log says so; what takes
 * a restart is named there. Of the main thread. */
void settings_reload_run(struct settings_reload *reload);
/* When no thread uses settings any more. */
void settings_reload_finish(struct settings_reload *reload);

#endif
