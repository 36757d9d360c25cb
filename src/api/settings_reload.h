/* Checks and publishes the settings that a reload has read. */
#ifndef TAGFERRY_API_SETTINGS_RELOAD_H
#define TAGFERRY_API_SETTINGS_RELOAD_H

#include "api/base/api_options.h"
#include "common/base/daemon.h"
#include "common/base/reload.h"

/* The context of settings_reload_ops. */
struct settings_reload {
    /* The settings in force. Any thread may read them; they stay valid until reload_finish. */
    const struct api_settings *_Atomic now;
};

/* Older settings stay valid until reload_finish, for the requests that began with them. */
extern const struct reload_ops settings_reload_ops;

/* Checks the conditions of startup and reload: the certificate loads, and there are tokens if other
 * machines can connect. False after it has logged the condition that failed. */
bool settings_check_serving(const struct api_settings *settings);
/* For daemon_spec: checks the files that the settings name. `settings` is a struct api_settings. */
bool settings_check_files(const void *settings, char *why);

#endif
