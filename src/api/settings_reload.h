/* The settings while the daemon serves: what a reload checks, and what it changes. */
#ifndef TAGFERRY_API_SETTINGS_RELOAD_H
#define TAGFERRY_API_SETTINGS_RELOAD_H

#include "api/base/api_options.h"
#include "common/base/reload.h"

/* The context of settings_reload_ops. */
struct settings_reload {
    /* In force, for any thread; valid until reload_finish. */
    const struct api_settings *_Atomic now;
};

/* The settings that a request began with stay valid until reload_finish. */
extern const struct reload_ops settings_reload_ops;

/* What the start and a reload have to have: a certificate that can be loaded, and tokens where
 * others than this machine are served. False, having logged what is missing. */
bool settings_check_serving(const struct api_settings *settings);

#endif
