/* Scripts of scenes for a target that is played, and what there is at the end of one. A test has a
 * table of scenes; all that happens in them is compared with a file, which TAGFERRY_APPROVE=1
 * writes: read what has changed. */
#ifndef TAGFERRY_TESTS_TARGET_SCRIPT_H
#define TAGFERRY_TESTS_TARGET_SCRIPT_H

#include "target_play.h"

#include "golden.h"

enum { H = TABLE_HOLDING_REGISTER, I = TABLE_INPUT_REGISTER, C = TABLE_COIL };

/* The scene's script. */

static inline void at(uint64_t at_ms, void (*act)(void))
{
    assert_true(play.event_count < PLAY_EVENTS);
    play.events[play.event_count++] = (struct event){.at_ms = at_ms, .act = act};
}

static inline void readable_at(uint64_t at_ms, void (*act)(void))
{
    at(at_ms, act);
    play.events[play.event_count - 1].is_readable = true;
}

static inline void reply(struct reply reply)
{
    assert_true(play.reply_count < PLAY_REPLIES);
    play.replies[play.reply_count++] = reply;
}

static inline void replies_ok(size_t count)
{
    for (size_t i = 0; i < count; i++)
        reply((struct reply){.answered = PIPELINE_MAX});
}

static inline void refused(uint8_t exception)
{
    reply((struct reply){.result = MODBUS_EXCEPTION, .exception = exception, .reason = "refused"});
}

static inline void silent(void)
{
    reply((struct reply){.result = MODBUS_UNREACHABLE,
                         .failure = MODBUS_NO_ANSWER,
                         .takes_ms = 50,
                         .reason = "no answer"});
}

static inline void disconnected(unsigned backoff_ms)
{
    reply((struct reply){.result = MODBUS_UNREACHABLE,
                         .failure = MODBUS_NOT_CONNECTED,
                         .losses = 1,
                         .backoff_ms = backoff_ms,
                         .reason = "cannot connect"});
}

static inline void stop(void)
{
    target_stop(play.target);
}

static inline void put_point(uint32_t slot, uint8_t unit, const struct point *point, uint64_t raw,
                             const uint16_t *text)
{
    struct live_table_value value = {
        .raw = raw, .wall_ms = clock_wall_ms(), .steady_ms = clock_steady_ms()};
    live_table_set_location(&value, (uint64_t)PLAY_DIGEST << 32, unit, point);
    target_put_value(play.target, slot, &value, point, text);
}

/* A row of the register's number. */
static inline void put(uint8_t unit, unsigned table, uint16_t address, uint16_t number)
{
    const struct point point = {.table = (uint8_t)table,
                                .type = table == TABLE_COIL ? TYPE_BOOL : TYPE_UINT16,
                                .bit = NO_BIT,
                                .address = address,
                                .scale = 1};
    put_point(address, unit, &point, number, NULL);
}

static inline void put_bit(uint32_t slot, uint8_t unit, uint16_t address, int8_t bit,
                           uint16_t is_set)
{
    const struct point point = {
        .table = H, .type = TYPE_BOOL, .bit = bit, .address = address, .scale = 1};
    put_point(slot, unit, &point, is_set, NULL);
}

static inline void wake(void)
{
    target_wake_thread(play.target);
}

static inline void write_raw(uint16_t address, uint16_t count, uint16_t mask, bool has_words)
{
    const struct target_write write = {.unit = 3,
                                       .table = H,
                                       .address = address,
                                       .count = count,
                                       .mask = mask,
                                       .has_words = has_words,
                                       .words = {91, 92, 93, 94}};
    target_queue_write(play.target, &write);
}

static inline void set_pace(struct target_pace pace)
{
    target_set_limits(play.target, &pace, &(struct polls){0}, &(struct write_limits){0});
}

/* What there is at the end of a scene. */

#define WALL_START (UINT64_C(1700000000000) + SET_CLOCK_START)

static inline void say_fault(uint32_t slot, const struct live_table_row *row)
{
    const struct live_table_write_fault *fault = &row->write_fault;
    say_more("  row %u: %llu %s, %s %u%s%s%s%s at %llu\n", slot, (unsigned long long)row->value.raw,
             row->changed == row->written ? "written" : "waits", fault_names[fault->fault],
             fault->exception, fault->is_of_unit ? " unit" : "", fault->is_of_poll ? " poll" : "",
             fault->wrong_crc ? " crc" : "", tls_fault_words(fault->tls_fault),
             (unsigned long long)(row->write_fault_wall_ms - WALL_START));
}

/* Rows that were written at the same time share a line. */
static inline void say_rows(void)
{
    uint64_t last_ms = 0;
    for (uint32_t slot = 0; slot < PLAY_ROWS; slot++) {
        struct live_table_row row;
        if (!live_table_read_row(play.spec.live, slot, 0, &row) ||
            (row.changed == 0 && row.write_fault.fault == FAULT_NONE))
            continue;
        bool is_fine = row.write_fault.fault == FAULT_NONE && row.changed == row.written;
        uint64_t written_ms = row.written_wall_ms ? row.written_wall_ms - WALL_START : 0;
        if (last_ms > 0 && (!is_fine || written_ms != last_ms))
            say_more("\n");
        if (!is_fine)
            last_ms = 0;
        if (is_fine && written_ms != last_ms)
            say_more("  written at %llu:", (unsigned long long)written_ms);
        if (is_fine) {
            say_more(" %u=%llu", slot, (unsigned long long)row.value.raw);
            last_ms = written_ms;
        } else if (row.write_fault.fault != FAULT_NONE) {
            say_fault(slot, &row);
        } else {
            say_more("  row %u: %llu waits\n", slot, (unsigned long long)row.value.raw);
        }
    }
    if (last_ms > 0)
        say_more("\n");
}

static inline void say_counters(void)
{
    for (size_t i = 0; i < MQTTD_COUNTERS; i++) {
        const struct counter_row *row = &mqttd_counters.rows[i];
        if (play.counted[i] == 0)
            continue;
        say_more("  %s", row->name + strlen("tagferry_mqttd_"));
        if (row->kind == COUNTER_BUCKET && row->limit == COUNTER_UNLIMITED)
            say_more(" more");
        else if (row->kind == COUNTER_BUCKET)
            say_more(" <=%llu", (unsigned long long)row->limit);
        say_more(row->kind == COUNTER_SUM ? " sum %llu\n" : " %llu\n",
                 (unsigned long long)play.counted[i]);
    }
}

static inline void say_losses(void)
{
    if (!target_take_losses(play.target))
        return;
    say_more("  lost:");
    for (unsigned unit = 0; unit < CHANNELS_MAX; unit++) {
        unsigned same = 0;
        while (unit + same < CHANNELS_MAX &&
               target_unit_has_lost(play.target, (uint8_t)(unit + same)))
            same++;
        if (same > 0)
            say_more(same > 1 ? " %u..%u" : " %u", unit, unit + same - 1);
        unit += same;
    }
    say_more("\n");
}

static inline void say_changes(void)
{
    struct poll change;
    while (target_take_poll_change(play.target, &change)) {
        say_more("  change of tag %lld device %lld row %u %u:%u+%u%s%s:", (long long)change.tag,
                 (long long)change.device, change.slot, change.unit, change.address, change.count,
                 change.known ? "" : " first", change.changed == change.written ? "" : " pending");
        say_words(change.words, change.count);
        say_more("\n");
    }
}

static inline void put_nine(void)
{
    put(1, H, 9, 90);
    wake();
}

static inline void show_backlog(void)
{
    struct target_backlog backlog = {0};
    target_add_backlog(play.target, &backlog);
    say("backlog %zu since %llu%s", backlog.values,
        backlog.values ? (unsigned long long)(backlog.since_ms - SET_CLOCK_START) : 0,
        target_is_down(play.target) ? ", down" : "");
    for (uint32_t slot = 0; slot < PLAY_ROWS; slot++) {
        struct live_table_row row;
        if (live_table_read_row(play.spec.live, slot, 0, &row) &&
            row.write_fault.fault != FAULT_NONE)
            say_fault(slot, &row);
    }
}

struct scene {
    const char *name;
    bool local;
    void (*make)(void);
};

static inline void begin(bool local)
{
    char *text = play.text;
    size_t len = play.len, room = play.room;
    memset(&play, 0, sizeof play);
    play.text = text;
    play.len = len;
    play.room = room;
    set_clock_ms = SET_CLOCK_START;
    open_folder((void **)&play.folder);
    struct live_table *live = &play.folder->writer;
    assert_true(live_table_reserve_rows(live, PLAY_ROWS));
    for (uint32_t slot = 0; slot < PLAY_ROWS; slot++)
        assert_true(live_table_claim_row(live, slot, live_table_make_owner(LIVE_TAG, slot + 1),
                                         slot == 70));
    play.counters = (struct counters){
        .rows = mqttd_counters.rows, .count = mqttd_counters.count, .values = play.counted};
    memory_shortage_init(&play.memory_shortage, &play.counters, MQTTD_SHORTAGES);
    play.spec = (struct target_spec){.local = local,
                                     .outputs.addr = {"plc.example", 502},
                                     .inputs = {"127.0.0.1", 5021},
                                     .digest = PLAY_DIGEST,
                                     .number = 1234567890,
                                     .first_unit = 7,
                                     .timeout_ms = 750,
                                     .live = live,
                                     .counters = &play.counters,
                                     .memory_shortage = &play.memory_shortage,
                                     .notify = &play.notify};
}

static inline void finish(void)
{
    play.has_no_memory = false;
    target_destroy(play.target);
    play.target = NULL;
    for (size_t i = 0; i < SENDER_LINKS_MAX; i++)
        assert_int_equal(play.clients[i].letter, 0);
    close_folder((void **)&play.folder);
}

/* Plays all scenes, and compares what happens with the file. */
static inline void play_scenes(const struct scene *scenes, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++) {
        begin(scenes[i].local);
        say_more("%s== %s\n", i ? "\n" : "", scenes[i].name);
        size_t len = play.len;
        play.target = target_create(&play.spec);
        assert_non_null(play.target);
        if (i > 0 && scenes[i].local == scenes[i - 1].local)
            play.len = len;
        scenes[i].make();
        target_thread(play.target);
        check_row(play.event == play.event_count, scenes[i].name);
        assert_true(play.target->thread_has_ended);
        say("the end");
        say_rows();
        say_losses();
        say_changes();
        say_counters();
        finish();
    }
    bool is_equal = golden_is_equal(path, play.text);
    free(play.text);
    play.text = NULL;
    play.len = play.room = 0;
    assert_true(is_equal);
}

#endif
