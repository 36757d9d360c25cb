/* Which entries the history gets: of values, writes, refused values and changes of quality, with
 * whose time. The file of the history changes its size and is repaired. */
#include "api_devices.h"

#include "api/history/history_file.h"
#include "api/history/history_watch.h"
#include "api/resources/resource_routes.h"

static const struct route_table *const tables[] = {&device_routes, &tag_routes};
static const struct route_tables routes = ROUTE_TABLE(tables);

enum { ENTRIES = 500, RING_SIZE = HISTORY_HEAD_SIZE + ENTRIES * HISTORY_ENTRY_SIZE };

static const uint64_t wall_start = UINT64_C(1700000000000);

static struct {
    struct api_bed bed;
    uint64_t memory[RING_SIZE / sizeof(uint64_t)];
    struct history_ring ring;
    pthread_mutex_t mutex;
    struct history_watch watch;
    struct memory of_watch;
    uint64_t shown; /* entries that were said */
    const struct history_note *notes;
    size_t note_count;
    struct counters modbusd;
} one = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void say_entry(struct text *said, const char *tag, const struct history_entry *entry)
{
    static const char *const writers[] = {"", ", by SCADA", ", by the API"};
    text_printf(said, "%s at %+lld", tag, (long long)(entry->wall_ms - wall_start - set_clock_ms));
    if (entry->has_value)
        text_printf(said, ": %.15g", entry->value);
    text_puts(said, writers[entry->writer]);
    if (entry->has_quality)
        text_printf(said, ", %s %s", quality_names[entry->verdict.quality],
                    entry->verdict.reason == REASON_NONE
                        ? ""
                        : quality_reason_names[entry->verdict.reason]);
    if (entry->fault != FAULT_NONE)
        text_printf(said, ", %s", fault_names[entry->fault]);
    text_putc(said, '\n');
}

static void run_look(void *context)
{
    bool *ok = context;
    *ok = history_watch_look(&one.watch, one.notes, one.note_count);
}

/* Looks, and says the new entries and when the time alone changes a quality. */
static void look(const char *why)
{
    bool ok = false;
    struct arena arena = {0};
    text_printf(&one.bed.said, "\n%s\n", why);
    assert_true(memory_run(&one.of_watch, run_look, &ok));
    assert_true(ok);
    for (; one.shown + 1 < one.ring.next; one.shown++) {
        struct history_entry entry;
        uint64_t id;
        assert_true(history_ring_read_entry(&one.ring, one.shown + 1, &entry, &id));
        assert_true(store_begin(one.bed.ctx.store));
        struct query query =
            store_prepare_query(one.bed.ctx.store, "SELECT d.name || '/' || t.name FROM tag t "
                                                   "JOIN device d ON d.id = device_id "
                                                   "WHERE t.id = ?");
        query_bind_integer(&query, (int64_t)id);
        for (size_t rows = 0; query_next_row(&query); rows++) {
            assert_int_equal(rows, 0);
            say_entry(&one.bed.said, query_read_text(&query, &arena), &entry);
        }
        assert_true(store_commit(one.bed.ctx.store));
    }
    if (one.watch.due_ms != UINT64_MAX)
        text_printf(&one.bed.said, "due in %lld ms\n",
                    (long long)(one.watch.due_ms - set_clock_ms));
    one.note_count = 0;
    arena_finish(&arena);
}

/* The time goes on; both daemons are alive. */
static void pass(uint64_t ms)
{
    set_clock_ms += ms;
    live_table_set_heartbeat(&one.bed.live, set_clock_ms);
    counters_set(&one.modbusd, MODBUSD_BEAT_MS, set_clock_ms);
}

static void note(const struct bed_row *row, bool has_value, double value, uint64_t age_ms)
{
    static struct history_note notes[2];
    assert_true(one.note_count < COUNT(notes));
    notes[one.note_count++] = (struct history_note){.tag = row->id,
                                                    .wall_ms = __wrap_clock_wall_ms() - age_ms,
                                                    .has_value = has_value,
                                                    .value = value};
    one.notes = notes;
}

static void put_one(const struct bed_row *row, unsigned word, uint64_t age_ms, bool is_setpoint)
{
    const uint16_t words[] = {0, (uint16_t)word, 0, 0};
    api_bed_put(&one.bed, row, row->point.type == TYPE_UINT32 ? words : words + 1, age_ms);
    live_table_set_setpoint(&one.bed.live, row->slot, is_setpoint);
}

static void begin_history(void)
{
    api_bed_open(&one.bed, &routes);
    make_devices(&one.bed);
    one.modbusd = run_modbusd(&one.bed, true);
    memset(one.memory, 0, sizeof one.memory);
    one.shown = 0;
    assert_int_equal(history_ring_init(&one.ring, one.memory, RING_SIZE, __wrap_clock_wall_ms()),
                     HISTORY_EMPTY);
    one.watch = (struct history_watch){.store = one.bed.ctx.store,
                                       .live = &one.bed.ctx.live,
                                       .common = &one.bed.settings.common,
                                       .ring = &one.ring,
                                       .mutex = &one.mutex,
                                       .since_ms = __wrap_clock_wall_ms() - 2000};
}

static void end_history(const char *name)
{
    counters_close(&one.modbusd);
    memory_finish(&one.of_watch);
    history_ring_finish(&one.ring);
    api_bed_check(&one.bed, name);
    api_bed_close(&one.bed);
}

static void test_entries(void **state)
{
    (void)state;
    begin_history();
    fill_rows(&one.bed);
    look("the first look");
    look("nothing new");
    struct bed_row flow = api_bed_claim(&one.bed, "far", "flow"),
                   low = api_bed_claim(&one.bed, "kiln", "low");
    struct bed_row set = api_bed_claim(&one.bed, "kiln", "set"),
                   text = api_bed_claim(&one.bed, "kiln", "text");
    struct bed_row temp = api_bed_claim(&one.bed, "kiln", "temp");
    flow.unit = 17;
    pass(1000);
    put_one(&flow, 7, 1000, false);
    put_one(&low, 12, 0, false);
    look("values, from the look before until now");
    pass(1000);
    put_one(&flow, 8, 1001, false);
    put_one(&low, 12, 0, false);
    look("a message from before, and the same value");
    pass(1000);
    put_one(&text, 0x4344, 0, false);
    look("a string has no value");

    /* SCADA writes. */
    const struct live_table_expiry running = {.steady_ms = 1, .wall_ms = 1};
    live_table_set_expiry(&one.bed.live, set.slot, &running);
    pass(1000);
    put_one(&set, 15, 500, true);
    look("SCADA writes");
    pass(59999);
    put_one(&set, 15, 0, true);
    look("the same soon");
    pass(1);
    put_one(&set, 15, 0, true);
    look("the same after a minute");
    pass(1000);
    live_table_set_expiry(
        &one.bed.live, set.slot,
        &(struct live_table_expiry){.is_expired = true, .steady_ms = 1, .wall_ms = 1});
    put_one(&set, 7, 0, true);
    look("it expires");
    live_table_set_expiry(&one.bed.live, set.slot, &running);
    look("not any more");

    /* The API writes. */
    pass(1000);
    note(&low, true, 33, 10);
    look("the API writes");
    pass(1000);
    note(&low, false, 0, 10);
    look("it has written, and the value is not known");
    pass(1000);
    note(&set, true, 21, 10);
    put_one(&set, 21, 5, true);
    look("the row shows what the API has written");
    pass(1000);
    note(&set, true, 22, 10);
    put_one(&set, 23, 5, true);
    look("SCADA has written later");
    pass(1000);
    note(&low, true, 44, 10);
    put_one(&low, 45, 5, false);
    look("the device has sent a value later");
    pass(1000);
    note(&low, true, 46, 1001);
    note(&flow, true, 47, 0);
    look("notes of before and of now");
    note(&(struct bed_row){.id = 99999}, true, 1, 0);
    look("a note of a tag that is not there");

    /* Refused values. */
    pass(1000);
    live_table_reject_value(&one.bed.live, temp.slot, FAULT_OUT_OF_RANGE, "9", 1,
                            __wrap_clock_wall_ms() - 3);
    live_table_reject_value(&one.bed.live, low.slot, FAULT_NOT_A_NUMBER, "9", 1,
                            __wrap_clock_wall_ms() - 1001);
    look("refused values");
    pass(1000);
    put_one(&low, 46, 10, false);
    live_table_reject_value(&one.bed.live, low.slot, FAULT_NOT_A_NUMBER, "9", 1,
                            __wrap_clock_wall_ms() - 3);
    look("a value and a refused one");
    end_history("entries.txt");
}

/* After a restart of tagferry-mqttd and then of tagferry-api: what was there before is no write. */
static void look_after_restarts(void)
{
    char why[SHM_WHY_SIZE];
    assert_true(live_table_open_writer(&one.bed.live, one.bed.folder.path, why, sizeof why));
    live_table_set_condition(&one.bed.live, LIVE_SERVING);
    live_table_set_broker(
        &one.bed.live,
        &(struct live_table_broker){.reason = BROKER_CONNECTED, .wall_ms = 1, .steady_ms = 1});
    pass(1000);
    look("the daemons are back");
    struct bed_row set = api_bed_claim(&one.bed, "kiln", "set"),
                   low = api_bed_claim(&one.bed, "kiln", "low");
    const struct live_table_expiry running = {.steady_ms = 1, .wall_ms = 1};
    live_table_set_expiry(&one.bed.live, set.slot, &running);
    put_one(&set, 31, 10, true);
    put_one(&low, 32, 10, false);
    live_table_reject_value(&one.bed.live, low.slot, FAULT_TOO_LONG, "9", 1,
                            __wrap_clock_wall_ms());
    history_watch_reset(&one.watch);
    memory_finish(&one.of_watch);
    look("from the start again");
    put_one(&set, 31, 10, true);
    note(&low, true, 77, 0);
    look("the same value, and a note");
    put_one(&low, 32, 5, false); /* the message from before the note */
    history_watch_reset(&one.watch);
    memory_finish(&one.of_watch);
    look("a value that is older than what the API has written");
}

/* Qualities that change with the time, the daemons, the settings and the device. */
static void test_qualities(void **state)
{
    (void)state;
    begin_history();
    look("without rows");
    fill_rows(&one.bed);
    struct bed_row kiln = api_bed_claim(&one.bed, "kiln", NULL),
                   far = api_bed_claim(&one.bed, "far", "flow");
    pass(1000);
    look("with rows: nothing was missed");
    pass(one.watch.due_ms - set_clock_ms - 1);
    look("before the time");
    pass(1);
    look("at the time");
    live_table_set_outcome(&one.bed.live, kiln.slot, LIVE_UNAVAILABLE);
    look("the device is unavailable");
    live_table_set_outcome(&one.bed.live, kiln.slot, LIVE_GOOD);
    look("and available");
    live_table_mark_write_failed(
        &one.bed.live, far.slot, 0,
        &(struct live_table_write_fault){.fault = FAULT_MODBUS_UNREACHABLE}, 5);
    look("another server is out of reach");
    struct bed_row far_device = api_bed_claim(&one.bed, "far", NULL);
    live_table_set_outcome(&one.bed.live, far_device.slot, LIVE_UNAVAILABLE);
    look("the second device is unavailable");
    live_table_set_outcome(&one.bed.live, far_device.slot, LIVE_GOOD);
    look("and available");
    assert_int_equal(api_bed_ask_with(&one.bed, METHOD_PATCH, "/api/v1/devices/kiln",
                                      "{\"enabled\": false}", NULL),
                     200);
    look("the device is disabled");
    assert_int_equal(api_bed_ask_with(&one.bed, METHOD_PATCH, "/api/v1/devices/kiln",
                                      "{\"enabled\": true}", NULL),
                     200);
    assert_int_equal(api_bed_ask_with(&one.bed, METHOD_PATCH, "/api/v1/devices/kiln/tags/temp",
                                      "{\"enabled\": false}", NULL),
                     200);
    api_bed_post(&one.bed, "/api/v1/devices/far/tags",
                 "{\"name\": \"new\", \"mqtt\": {\"key\": \"n\"}, \"modbus\": {\"address\": 7, "
                 "\"type\": \"int16\"}}");
    look("the tag is disabled, another one is new");
    struct bed_row fresh = api_bed_claim(&one.bed, "far", "new");
    pass(1000);
    fresh.unit = 17;
    put_one(&fresh, 65535, 5, false);
    look("its first value");
    assert_int_equal(api_bed_ask_with(&one.bed, METHOD_PATCH, "/api/v1/devices/far",
                                      "{\"network\": {\"gateway\": \"mill\"}}", NULL),
                     200);
    look("the device moves to another gateway");
    assert_int_equal(
        api_bed_ask_with(&one.bed, METHOD_DELETE, "/api/v1/devices/far/tags/new", NULL, NULL), 204);
    look("a tag is deleted");
    assert_non_null(history_ring_find_tag(&one.ring, (uint64_t)fresh.id)); /* its entries stay */
    const int64_t other = api_bed_find(&one.bed, "other", "x").id;
    assert_non_null(history_ring_find_tag(&one.ring, (uint64_t)other));
    assert_int_equal(history_ring_find_tag(&one.ring, (uint64_t)other)->newest, 0);
    assert_int_equal(api_bed_ask_with(&one.bed, METHOD_DELETE, "/api/v1/devices/other", NULL, NULL),
                     204);
    look("without entries, it is forgotten");
    assert_null(history_ring_find_tag(&one.ring, (uint64_t)other));
    set_clock_ms += 3001;
    look("the daemons hang");
    live_table_close(&one.bed.live);
    look("tagferry-mqttd ends");

    look_after_restarts();
    end_history("qualities.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_qualities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
