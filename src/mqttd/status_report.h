/* The status reports of mqttd: to the service manager in a line of words, to tagferry-api in the
 * head of the live table, to Prometheus in gauges. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_STATUS_REPORT_H
#define TAGFERRY_MQTTD_STATUS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/counters.h"
#include "common/shared/live_table.h"
#include "mqttd/broker/broker_link.h"

struct status_report {
    struct live_table *live;
    struct counters *counters;
    bool ready;              /* the service manager knows */
    struct broker_link told; /* of the broker, as the others know it */
    uint64_t since_wall_ms;  /* told.since_ms since 1970 */
    struct {
        uint64_t began_ms, before, rejects; /* the rejects until then, and of the minute before */
    } minute;
};

/* Set live table and counters and zero the rest before the first call. */

/* Writes down how the connection to the broker stands, when that has changed. */
void status_report_set_broker(struct status_report *report, const struct broker_link *link);
/* Writes down what mqttd does, and tells the service manager once it is `ready`. */
void status_report_set_condition(struct status_report *report, enum live_table_condition condition,
                                 bool ready, size_t devices, size_t tags);

#endif
