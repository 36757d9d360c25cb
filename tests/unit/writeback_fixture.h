/* The writeback without broker, journal and Modbus server. The tests feed the journal's events and
 * the results of reads, and compare a trace of what the writeback did with the expected one:
 *
 *     v=5#1      published 5 for the tag "v", as message number 1 (0 with QoS 0)
 *     read 10+2  asked for two registers from address 10 on
 *     at 7       saved position 7 */
#ifndef TAGFERRY_TESTS_WRITEBACK_FIXTURE_H
#define TAGFERRY_TESTS_WRITEBACK_FIXTURE_H

#include "device_fixture.h"

#include <string.h>

#include "mqttd/writeback/writeback_internal.h"

enum { JOURNAL = 77, SETTLE_MS = 50, EVENTS_MAX = 600, TAGS_MAX = 300 };

struct fed_event {
    enum journal_tail_event event;
    uint64_t journal;
    struct journal_entry entry;
};

static struct {
    struct fixture *f;
    struct writeback *writeback;
    uint64_t now_ms;
    struct fed_event events[EVENTS_MAX];
    size_t first_event, first_watched, event_count;
    struct register_read reads[EVENTS_MAX]; /* requested and not answered yet */
    size_t read_count;
    struct register_read result;
    bool has_result, is_reader_busy;
    struct poll poll;
    bool has_poll;
    enum publish_result publish_result;
    int last_number;
    char trace[4096];
    struct tagdb_device device;
    struct tagdb_tag tags[TAGS_MAX];
    uint32_t tag_count;
} w;

/* Not every includer uses all of these. */
#define MAY_BE_UNUSED __attribute__((unused))

static void trace_step(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void trace_step(const char *format, ...)
{
    size_t len = strlen(w.trace);
    va_list list;
    va_start(list, format);
    if (len > 0)
        len += (size_t)snprintf(w.trace + len, sizeof w.trace - len, " ");
    vsnprintf(w.trace + len, sizeof w.trace - len, format, list);
    va_end(list);
}

/* Replaces journal_tail.c, journal_watch.c, readback.c and target_take_poll_change. */

enum journal_tail_event journal_tail_next(struct journal_tail *journal_tail,
                                          struct journal_entry *entry, uint64_t *journal)
{
    (void)journal_tail;
    if (w.first_event == w.event_count)
        return JOURNAL_TAIL_EMPTY;
    const struct fed_event *event = &w.events[w.first_event++];
    *entry = event->entry;
    *journal = event->journal;
    return event->event;
}

/* The watch of the journal sees the same events. */
enum journal_tail_event journal_watch_next(struct journal_watch *journal_watch,
                                           struct journal_entry *entry, uint64_t now_ms)
{
    (void)journal_watch;
    (void)now_ms;
    if (w.first_watched == w.event_count)
        return JOURNAL_TAIL_EMPTY;
    *entry = w.events[w.first_watched].entry;
    return w.events[w.first_watched++].event;
}

void journal_watch_stop(struct journal_watch *journal_watch)
{
    (void)journal_watch;
    w.first_watched = 0;
}

void journal_tail_save(struct journal_tail *journal_tail, uint64_t journal, uint64_t position)
{
    (void)journal_tail;
    if (journal == JOURNAL)
        trace_step("at %d", (int)position);
    else
        trace_step("at %d of %d", (int)position, (int)journal);
}

bool journal_tail_each_waiting(struct journal_tail *journal_tail,
                               void (*take)(void *context, const struct journal_entry *entry),
                               void *context)
{
    (void)journal_tail;
    bool is_whole = true;
    for (size_t i = w.first_event; i < w.event_count; i++) {
        if (w.events[i].event == JOURNAL_TAIL_ENTRY)
            take(context, &w.events[i].entry);
        is_whole &= w.events[i].event != JOURNAL_TAIL_LOSS;
    }
    return is_whole;
}

bool readback_request(struct readback *readback, const struct register_read *register_read)
{
    (void)readback;
    if (w.is_reader_busy)
        return false;
    assert_true(w.read_count < EVENTS_MAX);
    w.reads[w.read_count++] = *register_read;
    trace_step("read %d+%d", register_read->address, register_read->count);
    return true;
}

bool readback_take_result(struct readback *readback, struct register_read *register_read)
{
    (void)readback;
    if (!w.has_result)
        return false;
    *register_read = w.result;
    w.has_result = false;
    return true;
}

bool __wrap_target_take_poll_change(struct target *target, struct poll *poll);
bool __wrap_target_take_poll_change(struct target *target, struct poll *poll)
{
    (void)target;
    if (!w.has_poll)
        return false;
    *poll = w.poll;
    w.has_poll = false;
    return true;
}

static enum publish_result take_publish(void *context, const char *topic, const char *payload,
                                        size_t len, int qos, bool retain, int *number)
{
    (void)context;
    (void)retain;
    if (w.publish_result != PUBLISH_SENT)
        return w.publish_result;
    w.last_number++;
    *number = qos > 0 ? w.last_number : 0;
    trace_step("%s=%.*s#%d", topic, (int)len, payload, *number);
    return PUBLISH_SENT;
}

/* Actions of the tests. */

/* Compares the trace with the expected one and clears it. */
#define expect(text)                                                                               \
    do {                                                                                           \
        assert_string_equal(w.trace, text);                                                        \
        w.trace[0] = '\0';                                                                         \
    } while (0)

static void run(void)
{
    writeback_run(w.writeback, w.now_ms);
}

MAY_BE_UNUSED static void pass(uint64_t ms)
{
    w.now_ms += ms;
    run();
}

static void feed(enum journal_tail_event event, uint64_t journal, uint64_t sequence,
                 uint16_t address, uint16_t count, const uint16_t *values)
{
    assert_true(w.event_count < EVENTS_MAX);
    struct fed_event *fed = &w.events[w.event_count++];
    *fed = (struct fed_event){.event = event,
                              .journal = journal,
                              .entry = {.sequence = sequence,
                                        .steady_ms = w.now_ms,
                                        .unit = 1,
                                        .table = JOURNAL_HOLDING_REGISTER,
                                        .address = address,
                                        .count = count}};
    for (uint16_t i = 0; i < count; i++) {
        fed->entry.values[i] = values[i];
        fed->entry.masks[i] = UINT16_MAX;
    }
}

/* SCADA wrote one register, or two. */
MAY_BE_UNUSED static void write_one(uint64_t sequence, uint16_t address, uint16_t value)
{
    feed(JOURNAL_TAIL_ENTRY, JOURNAL, sequence, address, 1, &value);
}

MAY_BE_UNUSED static void write_two(uint64_t sequence, uint16_t address, uint16_t value)
{
    const uint16_t values[] = {0, value};
    feed(JOURNAL_TAIL_ENTRY, JOURNAL, sequence, address, 2, values);
}

MAY_BE_UNUSED static void lose(void)
{
    feed(JOURNAL_TAIL_LOSS, JOURNAL, 0, 0, 0, NULL);
}

/* Answers the oldest read with this value in the last register, and runs. */
MAY_BE_UNUSED static void answer(enum modbus_result result, uint16_t value)
{
    assert_true(w.read_count > 0);
    w.result = w.reads[0];
    memmove(w.reads, w.reads + 1, --w.read_count * sizeof *w.reads);
    w.result.result = result;
    w.result.words[w.result.count - 1] = value;
    w.has_result = true;
    run();
}

MAY_BE_UNUSED static void acknowledge(int number)
{
    writeback_note_published(w.writeback, number, NULL, w.now_ms);
}

MAY_BE_UNUSED static size_t count_in(enum command_state state)
{
    return w.writeback->inflight.lists[state].count;
}

MAY_BE_UNUSED static int due_ms(void)
{
    return writeback_due_ms(w.writeback, w.now_ms);
}

/* Puts w.device and w.tags into service. */
static void reload(void)
{
    serve_device(w.f, &w.device, w.tags, w.tag_count);
}

MAY_BE_UNUSED static struct tagdb_tag *add_tag(const char *name, enum value_type type,
                                               uint16_t address, int qos)
{
    assert_true(w.tag_count < TAGS_MAX);
    struct tagdb_tag *tag = &w.tags[w.tag_count++];
    *tag = tag_row(1, w.tag_count, name);
    tag->slot = 10 + w.tag_count;
    tag->direction = BOTH_WAYS;
    tag->mqtt_payload = PAYLOAD_TEXT;
    tag->mqtt_command_topic = name;
    tag->mqtt_command_template = "{value}";
    tag->mqtt_command_qos = (uint8_t)qos;
    tag->mqtt_settle_ms = SETTLE_MS;
    tag->point.type = (uint8_t)type;
    tag->point.address = address;
    return tag;
}

/* A device with the tags "v" at register 0, "w" at 10 and 11, "z" at 20 and 21 with QoS 0. */
static int open_writeback(void **state)
{
    static struct memory_shortage memory_shortage;
    memset(&w, 0, sizeof w);
    open_fixture((void **)&w.f);
    memory_shortage_init(&memory_shortage, &w.f->counters, MQTTD_SHORTAGES);
    const struct writeback_spec spec = {.device_table = &w.f->device_table,
                                        .journal_tail = (struct journal_tail *)&w,
                                        .journal_watch = (struct journal_watch *)&w,
                                        .readback = (struct readback *)&w,
                                        .counters = &w.f->counters,
                                        .memory_shortage = &memory_shortage,
                                        .publish = take_publish};
    w.writeback = writeback_create(&spec);
    assert_non_null(w.writeback);
    w.now_ms = 1000000;
    w.publish_result = PUBLISH_SENT;
    w.device = device_row(1);
    add_tag("v", TYPE_UINT16, 0, 1);
    add_tag("w", TYPE_UINT32, 10, 1);
    add_tag("z", TYPE_UINT32, 20, 0);
    reload();
    *state = &w;
    return 0;
}

static int close_writeback(void **state)
{
    (void)state;
    writeback_destroy(w.writeback);
    close_fixture((void **)&w.f);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_writeback, close_writeback)

#endif
