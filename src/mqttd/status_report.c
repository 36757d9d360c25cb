/* Reports the condition of mqttd and its connection to the broker. */
#include "mqttd/status_report.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/daemon.h"
#include "common/base/plural.h"
#include "common/base/require.h"

enum { REPORT_MINUTE_MS = 60000 };

_Static_assert((int)MQTTD_REASON_ROWS == (int)BROKER_REASON_COUNT - 1, "a gauge for each reason");
_Static_assert(BROKER_CONNECTED == 0, "the gauge of a reason is at the reason minus 1");

void status_report_set_broker(struct status_report *report, const struct broker_link *link)
{
    enum broker_reason reason = broker_link_reason(link);
    const struct broker_link *before = &report->reported;
    REQUIRE(report->live && report->counters);
    if (before->since_ms == link->since_ms && broker_link_reason(before) == reason &&
        strcmp(before->words, link->words) == 0 && strcmp(before->name, link->name) == 0)
        return;
    if (report->since_wall_ms == 0 || before->since_ms != link->since_ms)
        report->since_wall_ms = clock_wall_ms() - (clock_steady_ms() - link->since_ms);
    struct live_table_broker broker = {
        .reason = reason, .steady_ms = link->since_ms, .wall_ms = report->since_wall_ms};
    snprintf(broker.words, sizeof broker.words, "%.*s", (int)sizeof broker.words - 1,
             reason == BROKER_CONNECTED ? link->name : link->words);
    live_table_set_broker(report->live, &broker);
    counters_set(report->counters, MQTTD_BROKER_CONNECTED, reason == BROKER_CONNECTED);
    for (int i = BROKER_CONNECTED + 1; i < BROKER_REASON_COUNT; i++)
        counters_set(report->counters, (size_t)(MQTTD_BROKER_DOWN + i - 1), i == (int)reason);
    report->reported = *link;
}

/* Returns the refusals of the last full minute, or of the present one if they are more already. */
static uint64_t report_rejects_per_minute(struct status_report *report)
{
    uint64_t now = clock_steady_ms();
    uint64_t all = counters_get(report->counters, MQTTD_MESSAGES_REFUSED) +
                   counters_get(report->counters, MQTTD_VALUES_REFUSED);
    bool first = report->minute.began_ms == 0;
    uint64_t current = first ? 0 : all - report->minute.before;
    if (first || now - report->minute.began_ms >= REPORT_MINUTE_MS) {
        report->minute.began_ms = now;
        report->minute.before = all;
        report->minute.rejects = current;
    }
    return current > report->minute.rejects ? current : report->minute.rejects;
}

static void report_write_broker(const struct broker_link *link, char *words, size_t size)
{
    enum broker_reason reason = broker_link_reason(link);
    if (reason == BROKER_CONNECTED)
        snprintf(words, size, "broker connected");
    else if (link->words[0])
        snprintf(words, size, "waiting for the broker (%s: %s)", broker_reason_names[reason],
                 link->words);
    else
        snprintf(words, size, "waiting for the broker");
}

void status_report_set_condition(struct status_report *report, enum live_table_condition condition,
                                 bool ready, size_t devices, size_t tags)
{
    static const char *const words[] = {[LIVE_STARTING] = "starting",
                                        [LIVE_WAITING_FOR_STORE] = "waiting for the store",
                                        [LIVE_READING_STORE] = "reading the store",
                                        [LIVE_WITHOUT_ROOM] = "no room in the live table"};
    char broker[BROKER_LINK_WORDS_SIZE + 80];
    REQUIRE(condition == LIVE_SERVING || condition < sizeof words / sizeof words[0]);
    live_table_set_condition(report->live, condition);
    if (!ready && !report->ready)
        return;
    if (condition == LIVE_SERVING)
        report_write_broker(&report->reported, broker, sizeof broker);
    void (*notify)(const char *format, ...) =
        report->ready ? daemon_notify_status : daemon_notify_ready;
    unsigned long long rejects = report_rejects_per_minute(report);
    notify("%zu device%s, %zu tag%s, %s, %llu reject%s/min", devices, plural_suffix(devices), tags,
           plural_suffix(tags), condition == LIVE_SERVING ? broker : words[condition], rejects,
           plural_suffix(rejects));
    report->ready = true;
}
