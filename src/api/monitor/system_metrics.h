/* Metrics of what the daemons need of the machine: versions, memory, disk. */
#ifndef TAGFERRY_API_MONITOR_SYSTEM_METRICS_H
#define TAGFERRY_API_MONITOR_SYSTEM_METRICS_H

#include <stdbool.h>

#include "api/base/text.h"
#include "common/base/settings.h"

enum daemon_kind { DAEMON_API, DAEMON_MODBUSD, DAEMON_MQTTD, DAEMONS };
/* "api", "modbusd", "mqttd". */
extern const char *const daemon_names[];

/* `up`: the daemons that work, as far as the API can tell. */
void system_metrics_write(const struct common_settings *common, const bool up[DAEMONS],
                          struct text *text);

#endif
