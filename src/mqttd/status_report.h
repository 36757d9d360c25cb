/* The status reports of mqttd: to the service manager as a line of text, to tagferry-api in the
 * head of the live table, to Prometheus as gauges. Used by the MQTT thread only. */
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
    bool ready;                  /* the service manager was notified */
    struct broker_link reported; /* the state of the connection as reported last */
    uint64_t since_wall_ms;      /* reported.since_ms, since 1970 */
    struct {
        uint64_t began_ms; /* steady clock */
        uint64_t before;   /* all rejects until then */
        uint64_t rejects;  /* of the minute before */
    } minute;              /* the present one */
};

/* Set `live` and `counters` and zero the rest before the first call. */

/* Reports the state of the connection to the broker, if it has changed. */
void status_report_set_broker(struct status_report *report, const struct broker_link *link);
/* Reports the condition to tagferry-api, and to the service manager from the first call with
 * `ready` on, which notifies it that mqttd is ready. */
void status_report_set_condition(struct status_report *report, enum live_table_condition condition,
                                 bool ready, size_t devices, size_t tags);

#endif
