/* Scenes of the writeback: all that it publishes, reads, logs, counts and puts into rows, and when
 * it is due, for given writes of SCADA. Compared with writeback_scenes.txt, which
 * TAGFERRY_APPROVE=1 writes: read what has changed. */
#include "golden.h"
#include "set_clock.h"
#include "writeback_fixture.h"

#include <stdarg.h>

#include "common/base/log.h"

static char text[100000];
static size_t text_len;
static uint64_t counted[MQTTD_COUNTERS];

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    va_list list;
    text_len += (size_t)snprintf(text + text_len, sizeof text - text_len, "%8llu ",
                                 (unsigned long long)(w.now_ms - SET_CLOCK_START));
    va_start(list, format);
    text_len += (size_t)vsnprintf(text + text_len, sizeof text - text_len, format, list);
    va_end(list);
    assert_true(text_len + 1 < sizeof text);
    text[text_len++] = '\n';
    text[text_len] = '\0';
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

/* No thread of a server: values only wait for it. */
bool __wrap_thread_start(struct thread *thread, const char *name, void (*run_)(void *),
                         void *context);
bool __wrap_thread_start(struct thread *thread, const char *name, void (*run_)(void *),
                         void *context)
{
    (void)thread, (void)name, (void)run_, (void)context;
    return true;
}

static enum publish_result publish(void *context, const char *topic, const char *payload,
                                   size_t len, int qos, bool retain, int *number)
{
    static const char *const results[] = {[PUBLISH_SENT] = "",
                                          [PUBLISH_REFUSED] = " refused",
                                          [PUBLISH_BLOCKED] = " blocked",
                                          [PUBLISH_NO_MEMORY] = " no memory"};
    (void)context;
    int shown = len < 60 ? (int)len : 60;
    say("publish %s %.*s (%zu) qos %d%s%s", topic, shown, payload, len, qos,
        retain ? " retained" : "", results[w.publish_result]);
    if (w.publish_result == PUBLISH_SENT)
        *number = qos > 0 ? ++w.last_number : 0;
    return w.publish_result;
}

static void show(void)
{
    if (w.trace[0])
        say("%s", w.trace);
    w.trace[0] = '\0';
    say("due %d, expiry %d", writeback_due_ms(w.writeback, w.now_ms),
        writeback_expiry_due_ms(w.writeback, w.now_ms));
}

static void advance(uint64_t ms)
{
    w.now_ms += ms;
    set_clock_ms = w.now_ms;
}

static void turn(uint64_t ms)
{
    advance(ms);
    writeback_check_expiry(w.writeback, w.now_ms);
    run();
    show();
}

/* The answer to the oldest read. */
static void answer_read(enum modbus_result result, uint16_t value)
{
    if (w.read_count == 0)
        say("nothing is read");
    else
        answer(result, value);
    show();
}

static void confirm(int number, const char *refusal)
{
    writeback_note_published(w.writeback, number, refusal, w.now_ms);
    show();
}

static long long since_start(uint64_t wall_ms)
{
    return wall_ms ? (long long)(wall_ms - UINT64_C(1700000000000) - SET_CLOCK_START) : -1;
}

static void show_rows(void)
{
    for (uint32_t i = 0; i < w.tag_count; i++) {
        struct live_table_row row = row_of_tag(w.f, &w.tags[i]);
        if (row.changed == 0 && row.fault == FAULT_NONE && row.expiry.wall_ms == 0)
            continue;
        say("row %s: %llu%s%s, received %lld, expiry %lld%s%s, %llu rejects %s '%s' at %lld",
            w.tags[i].name, (unsigned long long)row.value.raw,
            row.changed == row.written ? "" : " waits", row.is_setpoint ? " setpoint" : "",
            since_start(row.value.wall_ms), since_start(row.expiry.wall_ms),
            row.expiry.is_expired ? " expired" : "", row.expiry.is_owed ? " owed" : "",
            (unsigned long long)row.rejects, fault_names[row.fault], row.excerpt,
            since_start(row.fault_wall_ms));
    }
    struct live_table_row row = row_of_device(w.f, &w.device);
    if (row.fault != FAULT_NONE)
        say("row of the device: %llu rejects %s '%s'", (unsigned long long)row.rejects,
            fault_names[row.fault], row.excerpt);
}

static void show_counters(void)
{
    for (size_t i = 0; i < MQTTD_COUNTERS; i++) {
        uint64_t count = counters_get(&w.f->counters, i);
        if (count > counted[i])
            say("count %s %llu", mqttd_counters.rows[i].name + strlen("tagferry_mqttd_"),
                (unsigned long long)(count - counted[i]));
        counted[i] = count;
    }
}

/* A value of the device, which its server has or not. */
static void put_value(uint32_t tag, uint64_t raw, uint64_t came_ms, uint64_t written_ms)
{
    const struct device *device = device_table_next(&w.f->device_table, NULL);
    struct live_table_value value = {
        .raw = raw, .wall_ms = UINT64_C(1700000000000) + came_ms, .steady_ms = came_ms};
    live_table_set_location(&value, device->tags[tag].settings, 1, &device->tags[tag].point);
    uint64_t changed = live_table_put_value(w.f->live, w.tags[tag].slot, &value, NULL, 0);
    if (written_ms > 0)
        live_table_mark_written(w.f->live, w.tags[tag].slot, changed,
                                UINT64_C(1700000000000) + written_ms);
    live_table_set_setpoint(w.f->live, w.tags[tag].slot, false);
}

/* Scenes. */

static void scene_commands(void)
{
    w.tags[0].mqtt_command_retain = true;
    w.tags[0].mqtt_command_qos = 2;
    w.tags[1].mqtt_command_template = NULL;
    reload();
    write_one(7, 0, 65535);
    write_two(8, 10, 1000);
    write_two(9, 20, 3);
    turn(0);
    confirm(2, NULL);
    confirm(1, NULL);
    confirm(9, NULL);
    write_one(10, 10, 1); /* a part: read after 50 ms */
    turn(10);
    turn(49);
    write_one(11, 11, 2);
    turn(0);
    turn(49);
    turn(1);
    answer_read(MODBUS_UNREACHABLE, 0);
    turn(199);
    turn(1);
    answer_read(MODBUS_OK, 500);
    confirm(3, NULL);
    w.is_reader_busy = true;
    write_one(12, 11, 2);
    turn(0);
    turn(50);
    w.is_reader_busy = false;
    turn(199);
    turn(1);
    answer_read(MODBUS_EXCEPTION, 0);
    show_rows();
    show_counters();
}

static void scene_no_memory(void)
{
    w.publish_result = PUBLISH_NO_MEMORY;
    write_one(7, 0, 5);
    turn(0);
    turn(199);
    w.publish_result = PUBLISH_SENT;
    turn(1);
    write_one(8, 11, 5);
    turn(0);
    turn(50);
    w.publish_result = PUBLISH_NO_MEMORY;
    answer_read(MODBUS_OK, 6);
    w.publish_result = PUBLISH_SENT;
    turn(199);
    turn(1);
    answer_read(MODBUS_OK, 7);
    confirm(1, NULL);
    confirm(2, NULL);
    show_rows();
    show_counters();
}

static void scene_refused(void)
{
    w.publish_result = PUBLISH_BLOCKED;
    write_one(7, 0, 5);
    turn(0);
    write_one(8, 0, 6);
    turn(1000);
    w.publish_result = PUBLISH_REFUSED;
    write_one(9, 0, 7);
    turn(0);
    w.publish_result = PUBLISH_SENT;
    for (uint64_t i = 0; i < 4; i++)
        write_one(10 + i, 0, (uint16_t)(20 + i));
    turn(0);
    confirm(1, "Not authorized");
    advance(9999);
    confirm(2, "Quota exceeded");
    advance(1);
    confirm(3, "Packet too large");
    confirm(4, NULL);
    show_rows();
    show_counters();
}

static void scene_too_long(void)
{
    static char template[WRITEBACK_MESSAGE_SIZE + 16];
    for (size_t len = WRITEBACK_MESSAGE_SIZE - 7; len <= WRITEBACK_MESSAGE_SIZE - 4; len++) {
        memset(template, 'x', len);
        strcpy(template + len, "{value}");
        w.tags[0].mqtt_command_template = template;
        reload();
        write_one(len, 0, 12345);
        turn(0);
        confirm(w.last_number, NULL);
    }
    write_one(20000, 0, 12345);
    turn(9999);
    write_one(20001, 0, 12345);
    turn(1);
    show_counters();
}

static void scene_values(void)
{
    static struct value_map_entry entries[] = {{"closed", 0}, {"open", 1}};
    w.tags[0].mqtt_values = (struct value_map){.entries = entries, .count = 2};
    w.tags[1].point.type = TYPE_FLOAT32;
    reload();
    write_one(7, 0, 1);
    write_one(8, 0, 2); /* no entry of the map */
    turn(0);
    const uint16_t nan[] = {0x7fc0, 0};
    feed(JOURNAL_TAIL_ENTRY, JOURNAL, 9, 10, 2, nan);
    turn(0);
    show_rows();
    show_counters();
}

/* SCADA's value is put into its register again, if an older one may have been written after it. */
static void scene_restored(void)
{
    struct {
        const char *name;
        uint64_t came_ms, written_ms; /* before SCADA's write; 0: never */
    } rows[] = {{"written 6 ms before", 100, 6},
                {"written 5 ms before", 100, 5},
                {"written 4 ms before", 100, 4},
                {"came after it was written", 50, 100},
                {"not written", 100, 0},
                {"without a message, 6 ms before", 0, 6},
                {"without a message, 5 ms before", 0, 5}};
    for (uint64_t i = 0; i < COUNT(rows); i++) {
        advance(1000);
        put_value(0, 1, rows[i].came_ms ? w.now_ms - rows[i].came_ms : 0,
                  rows[i].written_ms ? w.now_ms - rows[i].written_ms : 0);
        if (rows[i].came_ms == 0) {
            const struct device *device = device_table_next(&w.f->device_table, NULL);
            struct live_table_value value = {.raw = 1};
            live_table_set_location(&value, device->tags[0].settings, 1, &device->tags[0].point);
            uint64_t changed = live_table_put_value(w.f->live, w.tags[0].slot, &value, NULL, 0);
            live_table_mark_written(w.f->live, w.tags[0].slot, changed,
                                    UINT64_C(1700000000000) + w.now_ms - rows[i].written_ms);
        }
        say("%s", rows[i].name);
        write_one(7 + i, 0, 2);
        turn(0);
        show_rows();
        confirm(w.last_number, NULL);
    }
}

/* mqtt.min_interval_ms and command_on. */
static void scene_limits(void)
{
    w.tags[0].mqtt_min_interval_ms = 1000;
    w.tags[0].mqtt_command_on = COMMAND_ON_CHANGE;
    w.tags[0].mqtt_min_change = 10;
    reload();
    write_one(7, 0, 100);
    turn(0);
    confirm(1, NULL);
    write_one(8, 0, 109); /* the device has it */
    write_one(9, 0, 110);
    turn(1);
    write_one(10, 0, 130);
    turn(998);
    turn(1);
    answer_read(MODBUS_OK, 130);
    confirm(2, NULL);
    write_one(11, 0, 150);
    turn(10);
    w.tags[0].mqtt_min_interval_ms = 500; /* the wait is shorter now */
    reload();
    turn(0);
    turn(490);
    answer_read(MODBUS_OK, 150);
    put_value(0, 160, w.now_ms, w.now_ms); /* the device's own value */
    struct device *device = device_table_next(&w.f->device_table, NULL);
    device->tags[0].has_value = true;
    write_one(12, 0, 169);
    turn(2000);
    put_value(0, 170, w.now_ms, w.now_ms);
    device->tags[0].shows_stale = true; /* a value of on_stale says nothing */
    write_one(13, 0, 170);
    turn(2000);
    show_rows();
    show_counters();
}

static void expire(uint32_t tag, const char *value)
{
    w.tags[tag].mqtt_expires_s = 5;
    w.tags[tag].mqtt_expire_value = value;
}

static void scene_expiry(void)
{
    expire(0, "9");
    expire(1, NULL);
    expire(2, "70000");
    reload();
    turn(0);
    show_rows();
    write_one(7, 0, 5);
    turn(1000);
    confirm(1, NULL);
    turn(3999);
    turn(1);
    show_rows();
    turn(999);
    turn(1);
    confirm(2, NULL);
    show_rows();
    /* Written again within two seconds after the value was put: it goes into the register again. */
    write_one(8, 0, 6);
    turn(1999);
    show_rows();
    confirm(3, NULL);
    write_one(9, 0, 7);
    turn(1);
    confirm(4, NULL);
    /* The line about others comes ten seconds after the first one. */
    turn(4999);
    turn(1);
    turn(20000);
    show_rows();
    show_counters();
}

/* Entries whose times are from before the boot, and lost entries. */
static void scene_expiry_journal(void)
{
    expire(0, "9");
    expire(1, "8");
    reload();
    turn(0);
    advance(1000);
    write_one(7, 0, 5);
    w.events[w.event_count - 1].entry.steady_ms = w.now_ms + 60000; /* counts as now */
    turn(0);
    advance(1000);
    write_one(8, 0, 5);
    w.events[w.event_count - 1].entry.steady_ms = w.now_ms + 60001;
    turn(0);
    confirm(1, NULL);
    confirm(2, NULL);
    show_rows();
    advance(1000);
    lose();
    turn(0);
    show_rows();
    turn(50);
    answer_read(MODBUS_OK, 5);
    answer_read(MODBUS_OK, 6);
    answer_read(MODBUS_OK, 7);
    show_counters();
}

/* The other gateway of a pair tells what SCADA wrote to it. */
static void scene_mirrored(void)
{
    const struct device *device = device_table_next(&w.f->device_table, NULL);
    writeback_take_mirrored(w.writeback, device, &device->tags[0], false, 0, w.now_ms);
    expire(0, "9");
    reload();
    device = device_table_next(&w.f->device_table, NULL);
    const struct tag *tag = &device->tags[0];
    turn(0);
    advance(3000);
    writeback_take_mirrored(w.writeback, device, tag, false, 1000, w.now_ms);
    turn(0);
    show_rows();
    advance(1000);
    writeback_take_mirrored(w.writeback, device, tag, true, 0, w.now_ms);
    show_rows();
    turn(10000);
    /* It has expired here: the retained message of an old one does not begin it again. */
    writeback_take_mirrored(w.writeback, device, tag, false, 7000, w.now_ms);
    show_rows();
    writeback_take_mirrored(w.writeback, device, tag, false, 6999, w.now_ms);
    show_rows();
    turn(0);
    turn(1);
    show_counters();
}

static void scene_repeated(void)
{
    const struct device *device = device_table_next(&w.f->device_table, NULL);
    writeback_repeat_command(w.writeback, device, &device->tags[0], w.now_ms); /* no setpoint */
    write_one(7, 0, 5);
    turn(0);
    for (unsigned i = 0; i < 4; i++) {
        writeback_repeat_command(w.writeback, device, &device->tags[0], w.now_ms);
        advance(i == 1 ? 9999 : i == 2 ? 1 : 0);
    }
    confirm(1, NULL);
    for (int number = 2; number <= 5; number++)
        confirm(number, NULL);
    w.publish_result = PUBLISH_NO_MEMORY;
    writeback_repeat_command(w.writeback, device, &device->tags[0], w.now_ms);
    assert_false(writeback_withdraw_command(w.writeback, 99, w.now_ms));
    show_counters();
}

static const struct scene {
    const char *name;
    void (*play)(void);
} scenes[] = {
    {"commands", scene_commands},
    {"no memory", scene_no_memory},
    {"the broker refuses commands", scene_refused},
    {"messages that are too long", scene_too_long},
    {"values that cannot be published", scene_values},
    {"values that are put again", scene_restored},
    {"limits", scene_limits},
    {"setpoints that expire", scene_expiry},
    {"setpoints that expire, and the journal", scene_expiry_journal},
    {"setpoints of a pair that expire", scene_mirrored},
    {"commands that are repeated", scene_repeated},
};

static void test_scenes(void **state)
{
    for (size_t i = 0; i < COUNT(scenes); i++) {
        set_clock_ms = SET_CLOCK_START;
        memset(counted, 0, sizeof counted);
        open_writeback(state);
        w.writeback->spec.publish = publish;
        text_len = i == 0 ? 0 : text_len;
        text_len += (size_t)snprintf(text + text_len, sizeof text - text_len, "%s== %s\n",
                                     i > 0 ? "\n" : "", scenes[i].name);
        scenes[i].play();
        close_writeback(state);
    }
    assert_true(golden_is_equal(TAGFERRY_SCENES, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
