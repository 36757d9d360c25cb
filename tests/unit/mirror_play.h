/* A mirror that is played: without a broker, without the thread of a server, at times that the
 * scene sets. All that it publishes, logs, counts and asks for is a line of the trace. Link with
 * --wrap for each __wrap_ function below, and for those of set_clock.h. */
#ifndef TAGFERRY_TESTS_MIRROR_PLAY_H
#define TAGFERRY_TESTS_MIRROR_PLAY_H

#include "device_fixture.h"
#include "golden.h"
#include "set_clock.h"

#include <stdarg.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/shared/write_times.h"
#include "mqttd/mirror/mirror_internal.h"

enum { TEXT_SIZE = 200000, TAGS = 6 };

#define STAMP_START ((UINT64_C(1700000000000) + SET_CLOCK_START) * 1000)

static struct {
    struct fixture *f;
    struct mirror *mirror;
    struct tagdb_device device;
    struct tagdb_tag tags[TAGS];
    struct device *served;
    enum publish_result result;
    int number;
    bool is_quiet;
    char fence[32];
    uint64_t counted[MQTTD_COUNTERS];
} m;

static char trace[TEXT_SIZE];
static size_t trace_len;

static inline void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void say(const char *format, ...)
{
    va_list list;
    if (m.is_quiet)
        return;
    trace_len += (size_t)snprintf(trace + trace_len, sizeof trace - trace_len, "%7llu ",
                                  (unsigned long long)(set_clock_ms - SET_CLOCK_START));
    va_start(list, format);
    trace_len += (size_t)vsnprintf(trace + trace_len, sizeof trace - trace_len, format, list);
    va_end(list);
    assert_true(trace_len + 1 < sizeof trace);
    trace[trace_len++] = '\n';
    trace[trace_len] = '\0';
}

#define LOG_FAKE(name, word)                                                                       \
    void __wrap_##name(const char *format, ...);                                                   \
    void __wrap_##name(const char *format, ...)                                                    \
    {                                                                                              \
        char line[2048];                                                                           \
        va_list list;                                                                              \
        va_start(list, format);                                                                    \
        vsnprintf(line, sizeof line, format, list);                                                \
        va_end(list);                                                                              \
        say(word " %s", line);                                                                     \
    }

LOG_FAKE(log_error, "error")
LOG_FAKE(log_warning, "warning")
LOG_FAKE(log_info, "info")
LOG_FAKE(log_debug, "debug")

uint64_t __wrap_clock_steady_us(void);
uint64_t __wrap_clock_steady_us(void)
{
    return set_clock_ms * 1000;
}

uint64_t __wrap_clock_wall_us(void);
uint64_t __wrap_clock_wall_us(void)
{
    return __wrap_clock_wall_ms() * 1000;
}

/* No thread of a server: values only wait for it. */
bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context);
bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context)
{
    (void)thread, (void)name, (void)run, (void)context;
    return true;
}

void __wrap_subscriptions_request_retained(struct subscriptions *subscriptions, const char *filter);
void __wrap_subscriptions_request_retained(struct subscriptions *subscriptions, const char *filter)
{
    (void)subscriptions;
    say("asks again for %s", filter);
}

/* The spec of the mirror. */

static inline enum publish_result take_publish(void *context, const char *topic,
                                               const char *payload, size_t len, int qos,
                                               bool retain, int *number)
{
    static const char *const results[] = {[PUBLISH_SENT] = "",
                                          [PUBLISH_REFUSED] = " refused",
                                          [PUBLISH_BLOCKED] = " blocked",
                                          [PUBLISH_NO_MEMORY] = " no memory"};
    (void)context;
    say("publish %s %.*s qos %d%s%s", topic, (int)len, len > 0 ? payload : "", qos,
        retain ? " retained" : "", results[m.result]);
    if (strstr(topic, "/%/"))
        snprintf(m.fence, sizeof m.fence, "%.*s", (int)len, payload);
    if (m.result == PUBLISH_SENT)
        *number = ++m.number;
    return m.result;
}

static inline void note_taken(void *context, const struct device *device, const struct tag *tag,
                              bool is_expired, uint64_t age_ms)
{
    (void)context;
    say("taken %s/%s%s age %llu", device->name, tag->name, is_expired ? " expired" : "",
        (unsigned long long)age_ms);
}

static inline void note_overtaken(void *context, const struct device *device, const struct tag *tag)
{
    (void)context;
    say("command again %s/%s", device->name, tag->name);
}

/* What a scene does. */

static inline uint64_t now(void)
{
    return set_clock_ms;
}

static inline void pass(uint64_t ms)
{
    set_clock_ms += ms;
}

static inline void show(void)
{
    int due_ms = mirror_due_ms(m.mirror, now());
    say("due %d%s", due_ms, mirror_holds_commands(m.mirror, now()) ? ", commands wait" : "");
}

static inline void run(void)
{
    mirror_run(m.mirror, now());
    show();
}

static inline void run_at(uint64_t ms)
{
    set_clock_ms = SET_CLOCK_START + ms;
    run();
}

static inline void take(const char *levels, const char *payload, bool retained)
{
    char topic[1024];
    snprintf(topic, sizeof topic, "tagferry/mirror/line-1/%s", levels);
    const struct mqtt_message message = {
        .topic = topic, .payload = payload, .len = strlen(payload), .retained = retained, .qos = 1};
    assert_true(mirror_has_topic(m.mirror, topic));
    say("message %s %s", levels, retained ? "retained" : "");
    assert_true(mirror_take_message(m.mirror, &message, now()));
}

static inline void take_fence(void)
{
    char levels[100];
    snprintf(levels, sizeof levels, "%%/%s", strchr(m.mirror->fence, '%') + 2);
    take(levels, m.fence, false);
}

static inline void connect(void)
{
    mirror_note_connect(m.mirror, now());
    mirror_note_subscription(m.mirror, m.mirror->filter, FAULT_NONE, now());
}

static inline void open_link(void)
{
    bool was_quiet = m.is_quiet;
    m.is_quiet = true;
    connect();
    take_fence();
    take_fence();
    m.is_quiet = was_quiet;
}

/* A setpoint of another gateway, this much before now. */
static inline void take_setpoint(size_t tag, uint16_t value, int64_t age_us, const char *from,
                                 bool retained)
{
    char levels[MIRROR_LEVELS_SIZE], payload[MIRROR_PAYLOAD_SIZE];
    const struct point *point = &m.tags[tag].point;
    struct mirror_message message = {.stamp = now() * 1000 + UINT64_C(1700000000000000) -
                                              (uint64_t)age_us,
                                     .point = *point,
                                     .count = point_width(point)};
    snprintf(message.device, sizeof message.device, "%s", m.device.name);
    snprintf(message.tag, sizeof message.tag, "%s", m.tags[tag].name);
    snprintf(message.from, sizeof message.from, "%s", from);
    message.words[0] = value;
    mirror_message_write(&message, payload);
    mirror_message_write_levels(message.device, message.tag, levels);
    take(levels, payload, retained);
}

/* A value that another gateway hands over. */
static inline void take_value(const char *device, size_t tag, uint16_t value, uint64_t age_ms,
                              enum live_table_outcome outcome)
{
    char levels[MIRROR_LEVELS_SIZE], payload[MIRROR_PAYLOAD_SIZE];
    const struct point *point = &m.tags[tag].point;
    struct mirror_message message = {.stamp = STAMP_START,
                                     .is_value = true,
                                     .wall_ms = clock_wall_ms() - age_ms,
                                     .source_ms = clock_wall_ms() - age_ms - 5,
                                     .outcome = (uint8_t)outcome,
                                     .point = *point,
                                     .count = point_width(point)};
    message.point.address = 999; /* of the other gateway */
    snprintf(message.device, sizeof message.device, "%s", device);
    snprintf(message.tag, sizeof message.tag, "%s", m.tags[tag].name);
    snprintf(message.from, sizeof message.from, "tagferry-c");
    message.words[0] = value;
    mirror_message_write(&message, payload);
    mirror_message_write_levels(message.device, message.tag, levels);
    take(levels, payload, true);
}

static inline const struct tag *tag_of(size_t index)
{
    return &m.served->tags[index];
}

static inline void judge_write(size_t tag, uint64_t age_ms)
{
    static const char *const verdicts[] = {[MIRROR_WRITE_IS_NEWEST] = "newest",
                                           [MIRROR_WRITE_IS_SUPERSEDED] = "superseded",
                                           [MIRROR_WRITE_IS_REPEATED] = "repeated"};
    say("write of %s: %s", m.tags[tag].name,
        verdicts[mirror_judge_write(m.mirror, tag_of(tag), now() - age_ms, now())]);
}

static inline void publish_write(size_t tag, uint16_t value)
{
    const uint16_t words[POINT_REGISTERS_MAX] = {value, 2, 3};
    mirror_publish_write(m.mirror, tag_of(tag), words);
}

/* A value of the device, received this long ago. */
static inline void put_value(size_t tag, uint16_t value, uint64_t age_ms, bool is_setpoint)
{
    const struct tag *at = tag_of(tag);
    const uint16_t words[POINT_REGISTERS_MAX] = {value, 2, 3};
    struct live_table_value shown = {.wall_ms = is_setpoint ? 0 : clock_wall_ms() - age_ms,
                                     .steady_ms = now() - age_ms,
                                     .source_ms = is_setpoint ? 0 : clock_wall_ms() - age_ms - 7};
    live_table_set_registers(&shown, at->settings, 1, &at->point, words);
    live_table_put_value(m.f->live, m.tags[tag].slot, &shown,
                         at->point.type == TYPE_STRING ? words : NULL, 3);
    live_table_set_setpoint(m.f->live, m.tags[tag].slot, is_setpoint);
}

static inline void show_rows(void)
{
    const uint64_t start = UINT64_C(1700000000000) + SET_CLOCK_START;
    for (size_t i = 0; i < TAGS; i++) {
        struct live_table_row row = row_of_tag(m.f, &m.tags[i]);
        const struct tag *tag = tag_of(i);
        if (row.changed == 0)
            continue;
        say("row %s: %llu outcome %u%s%s, %llu messages, received %lld, source %lld, written at "
            "%lld",
            m.tags[i].name, (unsigned long long)row.value.raw, row.outcome,
            row.is_setpoint ? " setpoint" : "", row.is_settled ? " settled" : "",
            (unsigned long long)row.messages,
            row.value.wall_ms ? (long long)(row.value.wall_ms - start) : -1,
            row.value.source_ms ? (long long)(row.value.source_ms - start) : -1,
            tag->command && tag->command->written_at_ms
                ? (long long)(tag->command->written_at_ms - SET_CLOCK_START)
                : -1);
    }
    struct live_table_row row = row_of_device(m.f, &m.device);
    if (row.changed)
        say("row of the device: outcome %u, received %lld", row.outcome,
            (long long)(row.value.wall_ms - start));
}

static inline void show_counters(void)
{
    for (size_t i = 0; i < MQTTD_COUNTERS; i++) {
        uint64_t count = counters_get(&m.f->counters, i);
        const struct counter_row *row = &mqttd_counters.rows[i];
        if (count > m.counted[i])
            say("count %s %s %llu", row->name + strlen("tagferry_mqttd_"),
                row->labels ? row->labels : "", (unsigned long long)(count - m.counted[i]));
        m.counted[i] = count;
    }
}

static inline void serve(void)
{
    m.served = serve_device(m.f, &m.device, m.tags, TAGS);
}

/* Tags: "v" and "t" only have commands, "w" has four registers, "b" goes both ways, "r" only has
 * values, "s" is a string of both ways. */
static inline void begin(void)
{
    static const char *const names[TAGS] = {"v", "w", "b", "r", "t", "s.1"};
    static const uint8_t directions[TAGS] = {TO_MQTT,   BOTH_WAYS, BOTH_WAYS,
                                             TO_MODBUS, TO_MQTT,   BOTH_WAYS};
    char why[256];
    memset(&m, 0, sizeof m);
    m.is_quiet = true;
    set_clock_ms = SET_CLOCK_START;
    open_fixture((void **)&m.f);
    m.device = device_row(1);
    for (size_t i = 0; i < TAGS; i++) {
        struct tagdb_tag *tag = &m.tags[i];
        *tag = tag_row(1, (int64_t)i + 1, names[i]);
        tag->direction = directions[i];
        if (i != 3)
            tag->mqtt_command_topic = names[i];
        tag->mqtt_hold_off_ms = 30000;
        tag->mqtt_settle_ms = 20;
        tag->point.address = (uint16_t)(10 * i);
    }
    m.tags[1].point.type = TYPE_UINT64;
    m.tags[4].point.type = TYPE_BOOL;
    m.tags[4].point.bit = 3;
    m.tags[5].point.type = TYPE_STRING;
    m.tags[5].point.length = 3;
    const struct mirror_spec spec = {.device_table = &m.f->device_table,
                                     .counters = &m.f->counters,
                                     .memory_shortage = &m.f->memory_shortage,
                                     .runtime_dir = m.f->folder->path,
                                     .topic = "tagferry/mirror",
                                     .gateway = "line-1",
                                     .client_id = "tagferry-a",
                                     .publish = take_publish,
                                     .taken = note_taken,
                                     .overtaken = note_overtaken};
    m.mirror = mirror_create(&spec, why, sizeof why);
    assert_non_null(m.mirror);
    serve();
    mirror_run(m.mirror, now());
    m.is_quiet = false;
}

static inline void finish(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/mirror-clock", m.f->folder->path);
    mirror_destroy(m.mirror);
    unlink(path);
    close_fixture((void **)&m.f);
}

#endif
