/* Which values a stream sends: what has changed since a client's position, in portions, and what is
 * composed once for all clients at the same position. */
#include "api_devices.h"

#include "api/live/value_watch.h"
#include "api/monitor/stream_frames.h"
#include "api/resources/resource_routes.h"

static const struct route_table *const tables[] = {&device_routes, &tag_routes};
static const struct route_tables routes = ROUTE_TABLE(tables);

static struct value_watch watch_values(struct api_bed *bed)
{
    return (struct value_watch){.store = bed->ctx.store,
                                .live = &bed->ctx.live,
                                .links = &bed->ctx.links,
                                .common = &bed->settings.common};
}

/* Polls, and says what is new to the reader. */
static void poll_values(struct api_bed *bed, struct value_watch *watch,
                        struct value_watch_reader *reader, const char *device, const char *why)
{
    size_t count;
    text_printf(&bed->said, "\n%s\n", why);
    assert_true(value_watch_poll(watch));
    do {
        struct text taken = {0};
        count = value_watch_take_changes(watch, reader, device, 5, &taken);
        assert_int_equal(count == 0, taken.len == 0);
        text_printf(&bed->said, "%zu values%s\n", count, reader->is_scanning ? ", not all" : "");
        api_bed_write_body(&taken, &bed->said);
        text_finish(&taken);
    } while (reader->is_scanning);
}

static void beat(struct api_bed *bed, struct counters *modbusd, uint64_t ms)
{
    set_clock_ms += ms;
    live_table_set_heartbeat(&bed->live, set_clock_ms);
    counters_set(modbusd, MODBUSD_BEAT_MS, set_clock_ms);
}

static void test_changes(void **state)
{
    static struct api_bed bed;
    struct value_watch_reader all = {0}, far = {0}, nobody = {0};
    char why[100];
    (void)state;
    api_bed_open(&bed, &routes);
    make_devices(&bed);
    api_bed_post(
        &bed, "/api/v1/devices",
        "{\"name\": \"unit3\", \"network\": {\"unit_id\": 3}, \"mqtt\": {\"topic\": \"unit3\"}}");
    struct counters modbusd = run_modbusd(&bed, true);
    fill_rows(&bed);
    struct value_watch watch = watch_values(&bed);
    poll_values(&bed, &watch, &all, "", "the first time");
    poll_values(&bed, &watch, &far, "far", "the first time, of one device");
    poll_values(&bed, &watch, &nobody, "nobody", "of no device");
    poll_values(&bed, &watch, &all, "", "nothing new");
    bed_server.words[TABLE_HOLDING_REGISTER][101]++;
    poll_values(&bed, &watch, &all, "", "a register");
    poll_values(&bed, &watch, &far, "far", "not of this device");
    bed_server.refused_address = 200;
    poll_values(&bed, &watch, &all, "", "two tags are refused");
    poll_values(&bed, &watch, &all, "", "still");
    bed_server.refused_address = -1;
    poll_values(&bed, &watch, &all, "", "not any more");

    const uint16_t flow[] = {1, 3};
    struct bed_row row = api_bed_claim(&bed, "far", "flow");
    row.unit = 17;
    api_bed_put(&bed, &row, flow, 0);
    poll_values(&bed, &watch, &all, "", "of another server");
    beat(&bed, &modbusd, VALUE_WATCH_REPEAT_MS - 1);
    api_bed_put(&bed, &row, flow, 0);
    poll_values(&bed, &watch, &all, "",
                "the same value so soon, and others without a message for too long");
    beat(&bed, &modbusd, 1);
    poll_values(&bed, &watch, &all, "", "the same value");
    beat(&bed, &modbusd, VALUE_WATCH_REPEAT_MS);
    poll_values(&bed, &watch, &all, "", "without a message");
    live_table_reject_value(&bed.live, row.slot, FAULT_TOO_LONG, "12345678901", 11, 1700000000777);
    poll_values(&bed, &watch, &all, "", "a refused value");
    live_table_set_modbusd_down(&bed.live, true);
    poll_values(&bed, &watch, &all, "", "all of the local server");
    live_table_set_modbusd_down(&bed.live, false);
    poll_values(&bed, &watch, &all, "", "again");
    row = api_bed_claim(&bed, "kiln", NULL);
    live_table_set_outcome(&bed.live, row.slot, LIVE_UNAVAILABLE);
    poll_values(&bed, &watch, &all, "", "all of a device");
    poll_values(&bed, &watch, &far, "far", "all since then, of one device");

    /* Changes of the store: new tags are new, the others stay known. */
    api_bed_post(&bed, "/api/v1/devices/far/tags",
                 "{\"name\": \"new\", \"mqtt\": {\"key\": \"n\"}, \"modbus\": {\"address\": 7, "
                 "\"type\": \"int16\"}}");
    api_bed_post(&bed, "/api/v1/devices/unit3/tags",
                 "{\"name\": \"a\", \"mqtt\": {\"key\": \"n\"}, \"modbus\": {\"address\": 7, "
                 "\"type\": \"int16\"}}");
    poll_values(&bed, &watch, &all, "", "new tags");
    assert_int_equal(api_bed_ask_with(&bed, METHOD_PATCH, "/api/v1/devices/kiln/tags/temp",
                                      "{\"modbus\": {\"scale\": 2}}", NULL),
                     200);
    assert_int_equal(api_bed_ask_with(&bed, METHOD_PATCH, "/api/v1/devices/kiln/tags/low",
                                      "{\"description\": \"x\"}", NULL),
                     200);
    assert_int_equal(
        api_bed_ask_with(&bed, METHOD_DELETE, "/api/v1/devices/far/tags/new", NULL, NULL), 204);
    poll_values(&bed, &watch, &all, "", "another scale");
    counters_close(&modbusd);
    live_table_close(&bed.live);
    poll_values(&bed, &watch, &all, "far2", "without tagferry-mqttd");
    value_watch_finish(&watch);
    assert_null(watch.tags);
    assert_int_equal(watch.count, 0);
    poll_values(&bed, &watch, &far, "far", "again from the start");
    value_watch_finish(&watch);
    assert_true(unit_set_parse("1-2", &bed.settings.common.units, why, sizeof why));
    poll_values(&bed, &watch, &nobody, "unit3", "of a unit that is not served");
    value_watch_finish(&watch);
    api_bed_check(&bed, "changes.txt");
    api_bed_close(&bed);
}

/* While the store changes all the time, a load may take a fifth of the time. */
static void test_loads(void **state)
{
    static struct api_bed bed;
    (void)state;
    api_bed_open(&bed, &routes);
    make_devices(&bed);
    struct value_watch watch = watch_values(&bed);
    assert_true(value_watch_poll(&watch));
    assert_int_equal(watch.load_again_ms, set_clock_ms);
    assert_int_equal(watch.count, 21);
    assert_int_equal(watch.device_count, 6);
    assert_int_equal(watch.revision, 27);
    watch.load_again_ms = set_clock_ms + 1;
    api_bed_post(&bed, "/api/v1/devices/far/tags",
                 "{\"name\": \"new\", \"mqtt\": {\"key\": \"n\"}, \"modbus\": {\"address\": 7, "
                 "\"type\": \"int16\"}}");
    assert_true(value_watch_poll(&watch));
    assert_int_equal(watch.count, 21);
    set_clock_ms++;
    assert_true(value_watch_poll(&watch));
    assert_int_equal(watch.count, 22);
    assert_int_equal(watch.revision, 28);
    assert_int_equal(watch.tick, 3);
    value_watch_finish(&watch);
    assert_int_equal(watch.tick, 3);
    api_bed_close(&bed);
}

/* Adds tags NAME0001 and so on to a device on another server. */
static void add_many(struct api_bed *bed, const char *name, size_t count)
{
    struct arena arena = {0};
    assert_true(store_begin(bed->ctx.store));
    struct record device = store_add_device(bed->ctx.store, name, name);
    for (size_t i = 0; i < count; i++)
        store_add_tag(bed->ctx.store, &device, arena_format(&arena, "%s%04zu", name, i),
                      (int64_t)(i % 65000));
    assert_true(store_commit(bed->ctx.store));
    arena_finish(&arena);
}

/* Says the events of the step, of a long list only the ends. */
static void say_step(struct api_bed *bed, const struct stream_step *step)
{
    static const char value[] = "{\"device\":\"";
    if (!step->frame) {
        text_puts(&bed->said, "nothing\n");
        return;
    }
    char *bytes = strndup(step->frame->bytes, step->frame->len);
    size_t values = 0;
    for (const char *at = bytes; (at = strstr(at, value)); at++)
        values++;
    char *first = strstr(bytes, value), *last = first;
    for (char *at = first; at && (at = strstr(at, value)); at++)
        last = at;
    if (first)
        text_printf(&bed->said, "%.*s%.33s ... %.33s (%zu) ... %s", (int)(first - bytes), bytes,
                    first, last, values, strstr(last, "}]"));
    else
        text_puts(&bed->said, bytes);
    free(bytes);
}

/* Sends until there is nothing more to send. */
static void send_all(struct api_bed *bed, struct stream_frames *frames,
                     struct stream_position *position, const char *why)
{
    text_printf(&bed->said, "\n%s\n", why);
    for (int i = 0; !stream_frames_are_sent(frames, position); i++) {
        assert_in_range(i, 0, 9);
        if (!stream_frames_find(frames, position))
            stream_frame_release(stream_frames_compose(frames, position));
        const struct stream_step *step = stream_frames_find(frames, position);
        assert_non_null(step);
        assert_false(step->no_memory);
        assert_true(stream_position_is_equal(&step->before, position));
        say_step(bed, step);
        *position = step->after;
        text_printf(&bed->said, "sent %d%s%s\n", (int)position->sent,
                    position->has_all ? ", all" : "", position->reader.is_scanning ? ", more" : "");
    }
}

/* After a poll nothing that was composed before is sent. */
static void poll_for_frames(struct stream_frames *frames, struct value_watch *watch)
{
    for (size_t i = 0; i < frames->count; i++)
        stream_frame_release(frames->steps[i].frame);
    frames->count = frames->next = 0;
    assert_true(value_watch_poll(watch));
}

static void test_frames(void **state)
{
    static struct api_bed bed;
    static struct memory memory;
    static struct stream_frames frames;
    struct stream_position all = {.edition = STREAM_NO_EDITION},
                           many = {.device = "many", .edition = STREAM_NO_EDITION};
    struct stream_position few = {.device = "few", .edition = STREAM_NO_EDITION},
                           nobody = {.device = "nobody", .edition = STREAM_NO_EDITION};
    (void)state;
    api_bed_open(&bed, &routes);
    add_many(&bed, "few", 12);
    add_many(&bed, "many", 1001);
    struct value_watch watch = watch_values(&bed);
    frames = (struct stream_frames){.watch = &watch, .memory = &memory};
    assert_true(stream_frames_are_sent(&frames, &all)); /* until the tags are read */
    poll_for_frames(&frames, &watch);
    bed.said.len = 0;
    send_all(&bed, &frames, &all, "all, in portions");
    send_all(&bed, &frames, &many, "of one device, in portions");
    send_all(&bed, &frames, &few, "of a small device");
    send_all(&bed, &frames, &nobody, "of no device");
    poll_for_frames(&frames, &watch);
    send_all(&bed, &frames, &all, "nothing new");
    bed_server.words[TABLE_HOLDING_REGISTER][11] = 5; /* of both devices */
    poll_for_frames(&frames, &watch);
    send_all(&bed, &frames, &few, "a change, small device");
    struct stream_position half = {.edition = STREAM_NO_EDITION};
    stream_frame_release(stream_frames_compose(&frames, &half));
    half = stream_frames_find(&frames, &half)->after;
    assert_true(half.reader.is_scanning && !half.has_all);
    assert_int_equal(half.sent, 500);
    assert_true(store_begin(bed.ctx.store));
    store_execute_integers(bed.ctx.store,
                           "DELETE FROM tag WHERE name BETWEEN 'few0005' AND 'many0600'", NULL, 0);
    store_raise_revision(bed.ctx.store);
    assert_true(store_commit(bed.ctx.store));
    set_clock_ms += 1000;
    poll_for_frames(&frames, &watch);
    send_all(&bed, &frames, &half, "on in a list that has changed");
    send_all(&bed, &frames, &all, "a change of the store");

    /* The steps are kept until 32 others have come. */
    struct stream_position first = {.sent = 1000, .edition = watch.edition};
    struct stream_frame *released = stream_frames_compose(&frames, &first);
    stream_frame_release(released);
    assert_int_equal(frames.count <= STREAM_STEPS_MAX, true);
    struct stream_frame *shared = stream_frame_share(stream_frames_find(&frames, &first)->frame);
    assert_int_equal(shared->users, 2);
    stream_frame_release(shared);
    for (int i = 0; i < STREAM_STEPS_MAX; i++) {
        assert_non_null(stream_frames_find(&frames, &first));
        struct stream_position other = {.sent = 2000 + (uint64_t)i, .edition = watch.edition};
        released = stream_frames_compose(&frames, &other);
        assert_int_equal(released == shared, i == STREAM_STEPS_MAX - 1);
        stream_frame_release(released);
        assert_non_null(stream_frames_find(&frames, &other));
    }
    assert_null(stream_frames_find(&frames, &first));
    assert_int_equal(frames.count, STREAM_STEPS_MAX);
    for (size_t i = 0; i < frames.count; i++)
        stream_frame_release(frames.steps[i].frame);
    stream_frame_release(NULL);
    memory_finish(&memory);
    value_watch_finish(&watch);
    api_bed_check(&bed, "frames.txt");
    api_bed_close(&bed);
}

/* Two positions are equal if each member is. */
static void test_positions(void **state)
{
    const struct stream_position base = {
        .device = "a",
        .edition = 5,
        .sent = 6,
        .has_all = true,
        .reader = {.seen = 7, .is_scanning = true, .scanning = 8, .edition = 9, .at = 10}};
    struct stream_position others[] = {base, base, base, base, base, base, base, base, base};
    (void)state;
    assert_true(stream_position_is_equal(&base, &others[0]));
    others[0].device[0] = 'b';
    others[1].edition++;
    others[2].sent++;
    others[3].has_all = false;
    others[4].reader.seen++;
    others[5].reader.is_scanning = false;
    others[6].reader.scanning++;
    others[7].reader.edition++;
    others[8].reader.at++;
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_false(stream_position_is_equal(&base, &others[i]));
        assert_false(stream_position_is_equal(&others[i], &base));
    }
    /* What is sent already: all, of this edition, up to this poll. */
    const struct stream_position sent = {.edition = 5, .has_all = true, .reader = {.seen = 7}};
    struct value_watch watch = {.edition = 5, .tick = 7, .tags = (struct watched_tag *)&watch};
    const struct stream_frames frames = {.watch = &watch};
    struct stream_position unsent[] = {sent, sent, sent, sent};
    assert_true(stream_frames_are_sent(&frames, &sent));
    unsent[0].edition = 4;
    unsent[1].has_all = false;
    unsent[2].reader.is_scanning = true;
    unsent[3].reader.seen = 6;
    for (size_t i = 0; i < COUNT(unsent); i++)
        assert_false(stream_frames_are_sent(&frames, &unsent[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_loads),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_positions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
