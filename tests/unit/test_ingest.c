/* Ingest without a broker: from a message to live rows, dirty rows, counters and the trace. */
#include "device_fixture.h"

#include <string.h>

#include "common/base/clock.h"

static char newest_payload[TRACE_PAYLOAD_SIZE]; /* of the entry that newest_entry returned last */

/* The newest entry of the trace. */
static struct message_trace_entry newest_entry(struct fixture *f)
{
    struct message_trace reader = {.sequence = 0};
    struct message_trace_entry entry;
    char why[SHM_WHY_SIZE];
    assert_true(message_trace_open_reader(&reader, f->folder->path, why, sizeof why));
    assert_true(message_trace_read_entry(&reader, message_trace_newest_sequence(&reader), &entry,
                                         newest_payload));
    message_trace_close(&reader);
    return entry;
}

static size_t send(struct fixture *f, const char *topic, const char *payload, bool retained)
{
    const struct mqtt_message message = {
        .topic = topic, .payload = payload, .len = strlen(payload), .retained = retained, .qos = 1};
    return ingest_message(&f->ingest, &message);
}

static uint64_t count_of(const struct fixture *f, size_t which)
{
    return counters_get(&f->counters, which);
}

/* The result of one message for a device with two tags, "a" of uint16 and "b" of string. */
static void test_payloads(void **state)
{
    static const struct {
        const char *payload;
        enum live_table_outcome a, b, device;
        uint64_t raw;     /* of a */
        const char *text; /* of b */
        size_t marked;
        enum message_trace_verdict verdict;
        enum fault fault; /* the newest of the device's row */
        unsigned written, rejected;
    } rows[] = {
        {"{\"a\":7,\"b\":\"on\"}", LIVE_GOOD, LIVE_GOOD, LIVE_GOOD, 7, "on", 2, TRACE_TAKEN,
         FAULT_NONE, 2, 0},
        {"{\"a\":7}", LIVE_GOOD, LIVE_NONE, LIVE_GOOD, 7, "", 1, TRACE_TAKEN, FAULT_NONE, 1, 0},
        {"{\"a\":70000,\"b\":\"on\"}", LIVE_REFUSED, LIVE_GOOD, LIVE_GOOD, 0, "on", 1, TRACE_TAKEN,
         FAULT_OUT_OF_RANGE, 1, 1},
        {"{\"a\":null}", LIVE_REFUSED, LIVE_NONE, LIVE_REFUSED, 0, "", 0, TRACE_TAKEN,
         FAULT_NULL_VALUE, 0, 1},
        {"{\"other\":1}", LIVE_NONE, LIVE_NONE, LIVE_GOOD, 0, "", 0, TRACE_TAKEN, FAULT_NONE, 0, 0},
        {"{\"a\":7", LIVE_NOT_JSON, LIVE_NOT_JSON, LIVE_NOT_JSON, 0, "", 0, TRACE_NOT_JSON,
         FAULT_INVALID_JSON, 0, 0},
        {"", LIVE_NOT_JSON, LIVE_NOT_JSON, LIVE_NOT_JSON, 0, "", 0, TRACE_NOT_JSON,
         FAULT_INVALID_JSON, 0, 0},
        {"{\"a\":7,\"long\":\"........................................................\"}",
         LIVE_REFUSED, LIVE_REFUSED, LIVE_REFUSED, 0, "", 0, TRACE_TOO_LARGE, FAULT_TOO_LARGE, 0,
         0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture *f;
        const char *name = rows[i].payload;
        open_fixture((void **)&f);
        f->ingest.max_payload = 60;
        const struct tagdb_device device = device_row(1);
        struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, "b")};
        tags[1].point.type = TYPE_STRING;
        tags[1].point.length = 2;
        serve_device(f, &device, tags, COUNT(tags));
        check_row(send(f, "d", rows[i].payload, false) == 1, name);
        struct live_table_row a = row_of_tag(f, &tags[0]), b = row_of_tag(f, &tags[1]);
        struct live_table_row whole = row_of_device(f, &device);
        check_row(a.outcome == rows[i].a && b.outcome == rows[i].b, name);
        check_row(whole.outcome == rows[i].device && whole.messages == 1, name);
        check_row(whole.fault == rows[i].fault, name);
        check_row(a.value.raw == rows[i].raw, name);
        check_row(b.text[0] == (rows[i].text[0] ? rows[i].text[0] << 8 | rows[i].text[1] : 0),
                  name);
        check_row((a.changed != a.written) + (b.changed != b.written) == (int)rows[i].marked, name);
        check_row(marked_rows(f) == rows[i].marked, name);
        struct message_trace_entry entry = newest_entry(f);
        check_row(entry.device == 1 && entry.tags == 2 && entry.verdict == rows[i].verdict, name);
        check_row(entry.written == rows[i].written && entry.rejected == rows[i].rejected, name);
        check_row(count_of(f, MQTTD_MESSAGES) == 1, name);
        check_row(count_of(f, MQTTD_OUTCOMES + rows[i].verdict) == 1, name);
        check_row(count_of(f, MQTTD_VALUES) == rows[i].written, name);
        check_row(count_of(f, MQTTD_VALUES_REFUSED) == rows[i].rejected, name);
        check_row(count_of(f, MQTTD_MESSAGES_REFUSED) == (rows[i].verdict != TRACE_TAKEN), name);
        close_fixture((void **)&f);
    }
}

static void test_trace_names_the_keys(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = device_row(1);
    const struct tagdb_tag tag = tag_row(1, 1, "missing");
    serve_device(f, &device, &tag, 1);
    send(f, "d", "{\"one\":1,\"two\":2}", false);
    struct message_trace_entry entry = newest_entry(f);
    assert_string_equal(entry.keys, "one, two");
    assert_string_equal(entry.topic, "d");
    assert_string_equal(newest_payload, "{\"one\":1,\"two\":2}");
    assert_int_equal(send(f, "elsewhere", "1", true), 0);
    entry = newest_entry(f);
    assert_int_equal(entry.verdict, TRACE_NOBODY);
    assert_true(entry.retained);
    assert_int_equal(entry.device, 0);
}

/* A text tag and a JSON tag of one topic: the text tag accepts any payload. */
static void test_text_payload(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = device_row(1);
    struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, "")};
    tags[1].mqtt_payload = PAYLOAD_TEXT;
    serve_device(f, &device, tags, COUNT(tags));
    send(f, "d", "12", false);
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 12);
    assert_int_equal(row_of_tag(f, &tags[0]).outcome, LIVE_NONE);
    send(f, "d", "+13", false);
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 13);
    assert_int_equal(row_of_tag(f, &tags[0]).outcome, LIVE_NOT_JSON);
    assert_int_equal(row_of_tag(f, &tags[1]).outcome, LIVE_GOOD);
    assert_int_equal(row_of_device(f, &device).messages, 2);
    assert_int_equal(newest_entry(f).written, 1);
}

static void check_fault(struct fixture *f, const struct tagdb_tag *tag, enum fault fault,
                        const char *excerpt, unsigned rejects)
{
    struct live_table_row row = row_of_tag(f, tag);
    assert_int_equal(row.fault, fault);
    assert_string_equal(row.excerpt, excerpt);
    assert_int_equal(row.rejects, rejects);
}

/* A message that is refused as a whole names its fault at each tag that would have read it. It is
 * the value of a tag with the whole payload, so that it counts there. */
static void test_refused_messages_name_their_tags(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = device_row(1);
    struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, ""), tag_row(1, 3, "")};
    tags[2].mqtt_payload = PAYLOAD_TEXT;
    serve_device(f, &device, tags, COUNT(tags));
    send(f, "d", "5", false);
    send(f, "d", "{\"a\": nan}", false);
    check_fault(f, &tags[0], FAULT_INVALID_JSON, "nan}", 0);
    check_fault(f, &tags[1], FAULT_INVALID_JSON, "nan}", 1);
    check_fault(f, &tags[2], FAULT_NOT_A_NUMBER, "{\"a\": nan}", 1);
    assert_int_equal(row_of_tag(f, &tags[0]).messages, 0);
    assert_int_equal(row_of_tag(f, &tags[1]).messages, 2);
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 5);
    assert_int_equal(row_of_tag(f, &tags[1]).outcome, LIVE_NOT_JSON);
    assert_int_equal(row_of_device(f, &device).rejects, 2);
    assert_int_equal(newest_entry(f).rejected, 1);
    send(f, "d", "", false);
    check_fault(f, &tags[1], FAULT_INVALID_JSON, "an empty payload", 2);
    send(f, "d", "junk", true); /* older than the live messages */
    check_fault(f, &tags[1], FAULT_INVALID_JSON, "an empty payload", 2);
    f->ingest.max_payload = 3;
    send(f, "d", "12345", false);
    check_fault(f, &tags[0], FAULT_TOO_LARGE, "12345", 0);
    check_fault(f, &tags[2], FAULT_TOO_LARGE, "12345", 3);
    send(f, "d", "6", false);
    assert_int_equal(row_of_tag(f, &tags[1]).outcome, LIVE_GOOD);
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 6);
}

/* With a wildcard only several messages in a row concern a tag. */
static void test_refused_messages_of_several_topics(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device device = device_row(1);
    const struct tagdb_tag tag = tag_row(1, 1, "");
    device.mqtt_topic = "d/#";
    serve_device(f, &device, &tag, 1);
    send(f, "d/a", "5", false);
    for (int i = 1; i < FAILURE_COUNT_MAX; i++) {
        send(f, "d/b", "junk", false);
        check_fault(f, &tag, FAULT_NONE, "", 0);
        assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_GOOD);
    }
    assert_int_equal(row_of_device(f, &device).fault, FAULT_INVALID_JSON);
    send(f, "d/b", "junk", false);
    check_fault(f, &tag, FAULT_INVALID_JSON, "junk", 1);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_NOT_JSON);
    send(f, "d/a", "6", false);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_GOOD);
}

/* A device is refused while all its values are, however often they were refused before. */
static void test_refused_again_and_again(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = device_row(1);
    const struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, "b")};
    serve_device(f, &device, tags, COUNT(tags));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3; i++) {
            send(f, "d", "{\"a\":-1,\"b\":-1}", false);
            assert_int_equal(row_of_device(f, &device).outcome, LIVE_REFUSED);
        }
        for (int i = 0; i < 3; i++) {
            send(f, "d", i % 2 ? "{\"a\":-1,\"b\":1}" : "{\"a\":1,\"b\":-1}", false);
            assert_int_equal(row_of_device(f, &device).outcome, LIVE_GOOD);
        }
    }
}

/* The trace keeps the bytes of a payload that is not text. */
static void test_trace_keeps_bytes(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = device_row(1);
    const struct tagdb_tag tag = tag_row(1, 1, "a");
    static const char bytes[] = "\x1f\x8b\x08\x00\xff";
    serve_device(f, &device, &tag, 1);
    const struct mqtt_message message = {.topic = "d", .payload = bytes, .len = sizeof bytes - 1};
    ingest_message(&f->ingest, &message);
    struct message_trace_entry entry = newest_entry(f);
    assert_int_equal(entry.kept, sizeof bytes - 1);
    assert_memory_equal(newest_payload, bytes, sizeof bytes);
    check_fault(f, &tag, FAULT_INVALID_JSON, "1f8b0800ff (gzip)", 0);
}

/* A tag with the whole payload as text, and the time stamp. */
static void test_text_is_time_stamp(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device device = device_row(1);
    struct tagdb_tag tags[] = {tag_row(1, 1, ""), tag_row(1, 2, "a")};
    device.mqtt_timestamp_key = "";
    tags[0].mqtt_payload = PAYLOAD_TEXT;
    struct device *served = serve_device(f, &device, tags, COUNT(tags));
    send(f, "d", "1000", false);
    assert_int_equal(row_of_tag(f, &tags[0]).value.raw, 1000);
    assert_int_equal(served->source_ms, 1000000);
}

/* Messages with time stamps: the newest counts, a late one is dropped. */
static void test_time_stamps(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device device = device_row(1);
    const struct tagdb_tag tag = tag_row(1, 1, "a");
    device.mqtt_timestamp_key = "t";
    serve_device(f, &device, &tag, 1);
    send(f, "d", "{\"a\":1,\"t\":1000}", false);
    assert_int_equal(row_of_tag(f, &tag).value.source_ms, 1000000);
    send(f, "d", "{\"a\":2,\"t\":999}", false);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 1);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_OLD);
    assert_int_equal(newest_entry(f).verdict, TRACE_OLD);
    send(f, "d", "{\"a\":3,\"t\":99999999999}", false); /* too far ahead: no time stamp */
    assert_int_equal(row_of_tag(f, &tag).value.raw, 3);
    assert_int_equal(row_of_tag(f, &tag).value.source_ms, 0);
    send(f, "d", "{\"a\":4,\"t\":1001}", false);
    assert_int_equal(row_of_tag(f, &tag).value.source_ms, 1001000);
    assert_int_equal(row_of_device(f, &device).value.source_ms, 1001000);
    send(f, "d", "{\"a\":5,\"t\":1000}", true); /* retained: old, and not counted */
    assert_int_equal(row_of_tag(f, &tag).value.raw, 4);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_GOOD);
}

/* A retained message never replaces the value of a live one of the same connection. */
static void test_retained_messages(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = device_row(1);
    const struct tagdb_tag tag = tag_row(1, 1, "a");
    serve_device(f, &device, &tag, 1);
    send(f, "d", "{\"a\":1}", true);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_RETAINED);
    assert_int_equal(row_of_device(f, &device).outcome, LIVE_RETAINED);
    send(f, "d", "{\"a\":2}", false);
    send(f, "d", "{\"a\":3}", true);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 2);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_GOOD);
    assert_int_equal(newest_entry(f).held, 1);
    assert_int_equal(count_of(f, MQTTD_VALUES_HELD), 1);
    f->ingest.connected_ms = clock_steady_ms() + 1; /* another connection */
    send(f, "d", "{\"a\":4}", true);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 4);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_RETAINED);
}

/* A value that SCADA has written is not replaced within hold_off_ms, nor by a retained message. */
static void test_setpoints(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device row = device_row(1);
    struct tagdb_tag tag = tag_row(1, 1, "a");
    tag.direction = BOTH_WAYS;
    tag.mqtt_command_topic = "d/set";
    tag.mqtt_hold_off_ms = 3600000;
    struct device *device = serve_device(f, &row, &tag, 1);
    send(f, "d", "{\"a\":1}", false);
    device->tags[0].command->written_at_ms = clock_steady_ms();
    send(f, "d", "{\"a\":2}", false);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 1);
    assert_int_equal(newest_entry(f).held, 1);
    send(f, "d", "{\"a\":-1}", false); /* hold-off does not delay a refusal */
    assert_int_equal(row_of_tag(f, &tag).fault, FAULT_OUT_OF_RANGE);
    device->tags[0].command->written_at_ms = 0;
    live_table_set_setpoint(f->live, tag.slot, true);
    f->ingest.connected_ms = clock_steady_ms() + 1;
    send(f, "d", "{\"a\":3}", true);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 1);
    live_table_set_settled_setpoint(f->live, tag.slot);
    send(f, "d", "{\"a\":3}", true);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 3);
    assert_false(row_of_tag(f, &tag).is_settled);
    live_table_set_setpoint(f->live, tag.slot, true);
    send(f, "d", "{\"a\":4}", false);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 4);
    assert_false(row_of_tag(f, &tag).is_setpoint);
    assert_int_equal(device->tags[0].command->part_known, 4);
}

/* A JSON null of a tag whose on_null is "stale" writes its on_stale value. */
static void test_null_writes_on_stale(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = device_row(1);
    struct tagdb_tag tag = tag_row(1, 1, "a");
    tag.point.on_null = NULL_STALE;
    tag.point.stale = STALE_RAW;
    tag.point.stale_raw = 99;
    serve_device(f, &device, &tag, 1);
    send(f, "d", "{\"a\":7}", false);
    send(f, "d", "{\"a\":null}", false);
    struct live_table_row row = row_of_tag(f, &tag);
    assert_int_equal(row.value.raw, 99);
    assert_int_equal(row.outcome, LIVE_NULL);
    assert_int_equal(row.fault, FAULT_NULL_VALUE);
    assert_int_equal(row.rejects, 0);
    assert_true(marked_rows(f) > 0);
    assert_int_equal(newest_entry(f).written, 1);
}

static void test_availability(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device device = device_row(1);
    const struct tagdb_tag tag = tag_row(1, 1, "a");
    device.mqtt_availability_topic = "d/state";
    struct device *served = serve_device(f, &device, &tag, 1);
    send(f, "d", "{\"a\":1}", false);
    send(f, "d/state", "off", true);
    assert_int_equal(row_of_device(f, &device).outcome, LIVE_UNAVAILABLE);
    send(f, "d/state", "something", false);
    assert_int_equal(newest_entry(f).verdict, TRACE_STRANGE);
    assert_true(served->unavailable);
    send(f, "d/state", "on", false);
    assert_int_equal(row_of_device(f, &device).outcome, LIVE_GOOD);
    assert_int_equal(row_of_device(f, &device).messages, 1);
}

/* Two devices with one topic get the same message, each with an entry in the trace. */
static void test_shared_topic(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device devices[] = {device_row(1), device_row(2)};
    const struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(2, 2, "b")};
    for (size_t i = 0; i < COUNT(devices); i++)
        serve_device(f, &devices[i], &tags[i], 1);
    assert_int_equal(send(f, "d", "{\"a\":1,\"b\":2}", false), 2);
    assert_int_equal(row_of_tag(f, &tags[0]).value.raw, 1);
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 2);
    assert_int_equal(count_of(f, MQTTD_MESSAGES), 1);
    assert_int_equal(count_of(f, MQTTD_OUTCOMES + TRACE_TAKEN), 2);
    assert_int_equal(marked_rows(f), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payloads),
        cmocka_unit_test_setup_teardown(test_trace_names_the_keys, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_text_payload, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_refused_messages_name_their_tags, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(test_refused_again_and_again, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_refused_messages_of_several_topics, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(test_trace_keeps_bytes, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_text_is_time_stamp, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_time_stamps, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_retained_messages, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_setpoints, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_null_writes_on_stale, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_availability, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_shared_topic, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
