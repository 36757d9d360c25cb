/* Sparkplug messages in, live rows out: by name and by alias, births, deaths, reloads. */
#include "device_fixture.h"

#include <string.h>

#include "common/base/clock.h"
#include "sparkplug_bytes.h"

#define BOILER(kind) "spBv1.0/Plant/" kind "/Edge/Boiler"
#define EDGE(kind)   "spBv1.0/Plant/" kind "/Edge"

static struct tagdb_device boiler_row(void)
{
    struct tagdb_device device = device_row(1);
    device.mqtt_topic = BOILER("+");
    return device;
}

static struct tagdb_tag metric_row(int64_t device, int64_t id, const char *name)
{
    struct tagdb_tag tag = tag_row(device, id, name);
    tag.mqtt_payload = PAYLOAD_SPARKPLUG;
    tag.point.type = TYPE_INT16;
    return tag;
}

static size_t send_bytes(struct fixture *f, const char *topic, const struct bytes *bytes)
{
    const struct mqtt_message message = {
        .topic = topic, .payload = bytes->data, .len = bytes->len, .qos = 0};
    return ingest_message(&f->ingest, &message);
}

/* One metric with a whole number. */
static size_t send(struct fixture *f, const char *topic, int seq, const char *name, uint64_t alias,
                   unsigned type, uint64_t number)
{
    struct bytes bytes = {.len = 0};
    put_integer_metric(&bytes, name, alias, type, number);
    if (seq >= 0)
        put_number(&bytes, PAYLOAD_SEQ, (uint64_t)seq);
    return send_bytes(f, topic, &bytes);
}

static void give_birth(struct fixture *f)
{
    struct bytes bytes = {.len = 0};
    send(f, EDGE("NBIRTH"), 0, "bdSeq", 0, 4, 3);
    put_integer_metric(&bytes, "a", 10, 2, 1);
    put_integer_metric(&bytes, "b/c d", 11, 2, 0xffffffff);
    put_number(&bytes, PAYLOAD_SEQ, 1);
    send_bytes(f, BOILER("DBIRTH"), &bytes);
}

static struct message_trace_entry newest_entry(struct fixture *f)
{
    struct message_trace reader = {.sequence = 0};
    struct message_trace_entry entry = {.sequence = 0};
    char why[SHM_WHY_SIZE], payload[TRACE_PAYLOAD_SIZE];
    assert_true(message_trace_open_reader(&reader, f->folder->path, why, sizeof why));
    message_trace_read_entry(&reader, message_trace_newest_sequence(&reader), &entry, payload);
    message_trace_close(&reader);
    return entry;
}

static void test_by_name_and_alias(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = boiler_row();
    const struct tagdb_tag tags[] = {metric_row(1, 1, "a"), metric_row(1, 2, "b/c d"),
                                     metric_row(1, 3, "a")};
    struct device *served = serve_device(f, &device, tags, COUNT(tags));
    assert_string_equal(served->feeds[0].filter, "spBv1.0/Plant/+/Edge/#");
    assert_int_equal(served->feed_count, 1);
    give_birth(f);
    assert_int_equal(row_of_tag(f, &tags[0]).value.raw, 1);
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 0xffff);
    assert_int_equal(row_of_tag(f, &tags[2]).value.raw, 1); /* of the same metric */
    assert_int_equal(newest_entry(f).written, 3);
    assert_int_equal(row_of_device(f, &device).outcome, LIVE_GOOD);
    assert_int_equal(row_of_device(f, &device).messages, 1); /* the node's own do not count */

    send(f, BOILER("DDATA"), 2, NULL, 11, 0, 7); /* the birth has its type */
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 7);
    send(f, BOILER("DDATA"), 3, "a", 0, 0, 8);
    assert_int_equal(row_of_tag(f, &tags[0]).value.raw, 8);
    /* Other devices, and commands, are none of its. */
    send(f, "spBv1.0/Plant/DDATA/Edge/Pump", 4, "a", 0, 2, 99);
    send(f, BOILER("DCMD"), -1, "a", 0, 2, 99);
    send(f, EDGE("NDATA"), 5, "a", 0, 2, 99);
    assert_int_equal(row_of_tag(f, &tags[0]).value.raw, 8);
    assert_int_equal(row_of_device(f, &device).messages, 3);
    assert_int_equal(row_of_device(f, &device).outcome, LIVE_GOOD);
    assert_true(served->feeds[0].source->is_born);
}

/* A device keeps nothing of the rows that it was built from. */
static void test_names_are_copied(void **state)
{
    struct fixture *f = *state;
    char topic[] = BOILER("+"), key[] = "a", plain[] = "d", member[] = "b";
    struct tagdb_device device = device_row(1);
    struct tagdb_tag tags[] = {metric_row(1, 1, key), tag_row(1, 2, member)};
    device.mqtt_topic = topic;
    tags[1].mqtt_topic = plain;
    serve_device(f, &device, tags, COUNT(tags));
    topic[0] = key[0] = plain[0] = member[0] = 'x';
    give_birth(f);
    assert_int_equal(row_of_tag(f, &tags[0]).value.raw, 1);
    const struct mqtt_message message = {.topic = "d", .payload = "{\"b\":2}", .len = 7};
    ingest_message(&f->ingest, &message);
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 2);
}

/* An alias is worth nothing without its birth: no value of another metric gets into a register. */
static void test_alias_without_birth(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = boiler_row();
    const struct tagdb_tag tag = metric_row(1, 1, "a");
    serve_device(f, &device, &tag, 1);
    send(f, BOILER("DDATA"), 5, NULL, 10, 2, 7);
    assert_int_equal(row_of_tag(f, &tag).changed, 0);
    assert_int_equal(row_of_device(f, &device).outcome, LIVE_REFUSED);
    assert_int_equal(row_of_device(f, &device).fault, FAULT_NO_BIRTH);
    assert_int_equal(newest_entry(f).verdict, TRACE_NO_BIRTH);
    assert_int_equal(newest_entry(f).fault, FAULT_NO_BIRTH);
    send(f, BOILER("DDATA"), 6, "a", 0, 2, 7); /* by name it is clear */
    assert_int_equal(row_of_tag(f, &tag).value.raw, 7);
    give_birth(f);
    send(f, BOILER("DDATA"), 2, NULL, 10, 2, 8);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 8);
    assert_int_equal(row_of_device(f, &device).outcome, LIVE_GOOD);
    send(f, BOILER("DDATA"), 4, NULL, 10, 2, 9); /* 3 is missing */
    assert_int_equal(row_of_tag(f, &tag).value.raw, 8);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_REFUSED);
    give_birth(f);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_GOOD);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 1);
}

static void test_what_is_refused(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = boiler_row();
    struct tagdb_tag tags[] = {metric_row(1, 1, "a"), metric_row(1, 2, "b/c d")};
    tags[1].point.on_null = NULL_STALE;
    tags[1].point.stale = STALE_RAW;
    tags[1].point.stale_raw = 55;
    serve_device(f, &device, tags, COUNT(tags));
    give_birth(f);
    struct bytes bytes = {.len = 0}, metric = {.len = 0};
    put_name(&metric, "a");
    put_number(&metric, METRIC_TYPE, 2);
    put_number(&metric, METRIC_HISTORICAL, 1);
    put_number(&metric, METRIC_INT, 500);
    put_metric(&bytes, &metric);
    send_bytes(f, BOILER("DDATA"), &bytes);
    assert_int_equal(row_of_tag(f, &tags[0]).value.raw, 1);
    assert_int_equal(row_of_tag(f, &tags[0]).outcome, LIVE_GOOD);
    assert_int_equal(newest_entry(f).held, 1);

    bytes.len = metric.len = 0;
    put_name(&metric, "a");
    put_number(&metric, METRIC_TYPE, 2);
    put_number(&metric, METRIC_INT, 501);
    put_quality(&metric, 0);
    put_metric(&bytes, &metric);
    send_bytes(f, BOILER("DDATA"), &bytes);
    assert_int_equal(row_of_tag(f, &tags[0]).value.raw, 1);
    assert_int_equal(row_of_tag(f, &tags[0]).fault, FAULT_BAD_QUALITY);

    bytes.len = metric.len = 0;
    put_name(&metric, "a");
    put_number(&metric, METRIC_TYPE, 2);
    put_number(&metric, METRIC_INT, 502);
    put_quality(&metric, 192);
    put_metric(&bytes, &metric);
    metric.len = 0;
    put_name(&metric, "b/c d");
    put_number(&metric, METRIC_NULL, 1);
    put_metric(&bytes, &metric);
    send_bytes(f, BOILER("DDATA"), &bytes);
    assert_int_equal(row_of_tag(f, &tags[0]).value.raw, 502);
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 55);
    assert_int_equal(row_of_tag(f, &tags[1]).outcome, LIVE_NULL);

    bytes.len = metric.len = 0;
    put_name(&metric, "a");
    put_number(&metric, METRIC_TYPE, 16);
    put_text(&metric, METRIC_DATASET, "x", 1);
    put_metric(&bytes, &metric);
    send_bytes(f, BOILER("DDATA"), &bytes);
    assert_int_equal(row_of_tag(f, &tags[0]).fault, FAULT_NOT_A_NUMBER);
    assert_string_equal(row_of_tag(f, &tags[0]).excerpt, "a data set");

    bytes.len = 0;
    put_text(&bytes, 0, "", 0);
    send_bytes(f, BOILER("DDATA"), &bytes);
    assert_int_equal(row_of_device(f, &device).fault, FAULT_INVALID_SPARKPLUG);
    assert_int_equal(row_of_device(f, &device).outcome, LIVE_REFUSED);
    assert_int_equal(newest_entry(f).verdict, TRACE_NOT_SPARKPLUG);
    f->ingest.max_payload = 5;
    send(f, BOILER("DDATA"), -1, "a", 10, 2, 7);
    assert_int_equal(newest_entry(f).verdict, TRACE_TOO_LARGE);
}

static void test_deaths(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device boiler = boiler_row();
    struct tagdb_device edge = device_row(2);
    const struct tagdb_tag a = metric_row(1, 1, "a"), b = metric_row(2, 2, "load");
    edge.mqtt_topic = EDGE("+");
    serve_device(f, &boiler, &a, 1);
    serve_device(f, &edge, &b, 1);
    give_birth(f);
    send(f, EDGE("NDATA"), 2, "load", 0, 2, 12);
    assert_int_equal(row_of_tag(f, &b).value.raw, 12);
    send(f, BOILER("DDEATH"), 3, "x", 0, 2, 0);
    assert_int_equal(row_of_device(f, &boiler).outcome, LIVE_UNAVAILABLE);
    assert_int_equal(row_of_device(f, &edge).outcome, LIVE_GOOD);
    send(f, EDGE("NDEATH"), -1, "bdSeq", 0, 4, 2); /* of an earlier session */
    assert_int_equal(row_of_device(f, &edge).outcome, LIVE_GOOD);
    send(f, BOILER("DBIRTH"), 4, "a", 10, 2, 3);
    assert_int_equal(row_of_device(f, &boiler).outcome, LIVE_GOOD);
    send(f, EDGE("NDEATH"), -1, "bdSeq", 0, 4, 3);
    assert_int_equal(row_of_device(f, &boiler).outcome, LIVE_UNAVAILABLE);
    assert_int_equal(row_of_device(f, &edge).outcome, LIVE_UNAVAILABLE);

    /* A change of the device does not make it alive, one of its topic does. */
    struct tagdb_device changed = boiler;
    changed.mqtt_stale_after_s = 5;
    serve_device(f, &changed, &a, 1);
    assert_int_equal(row_of_device(f, &boiler).outcome, LIVE_UNAVAILABLE);
    changed.mqtt_topic = "spBv1.0/Plant/+/Other/Boiler";
    serve_device(f, &changed, &a, 1);
    assert_int_not_equal(row_of_device(f, &boiler).outcome, LIVE_UNAVAILABLE);
    serve_device(f, &boiler, &a, 1);
    assert_int_equal(row_of_device(f, &boiler).outcome, LIVE_UNAVAILABLE);
    give_birth(f);
    assert_int_equal(row_of_device(f, &boiler).outcome, LIVE_GOOD);
}

static size_t requests;

static bool count_request(void *context, const char *topic, const char *payload, size_t len)
{
    (void)context, (void)topic, (void)payload, (void)len;
    requests++;
    return true;
}

static size_t requests_until(struct fixture *f, uint64_t now_ms)
{
    requests = 0;
    sparkplug_nodes_send_requests(&f->device_table.sparkplug_nodes, now_ms, 1, count_request, NULL);
    return requests;
}

/* Births survive a reload; what is new in it makes that they are asked for. */
static void test_reloads(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = boiler_row();
    const struct tagdb_tag tags[] = {metric_row(1, 1, "a"), metric_row(1, 2, "b/c d")};
    uint64_t later = clock_steady_ms() + 1000000;
    serve_device(f, &device, tags, 1);
    assert_int_equal(requests_until(f, later), 1);
    give_birth(f);
    struct tagdb_device changed = device;
    changed.mqtt_stale_after_s = 5;
    serve_device(f, &changed, tags, 1);
    assert_int_equal(requests_until(f, later), 0);
    send(f, BOILER("DDATA"), 2, NULL, 10, 2, 8);
    assert_int_equal(row_of_tag(f, &tags[0]).value.raw, 8);
    serve_device(f, &changed, tags, COUNT(tags));
    assert_int_equal(requests_until(f, later + 1000000), 1);
    send(f, BOILER("DDATA"), 3, NULL, 11, 2, 9); /* of a metric that no tag had at the birth */
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 9);
    apply_update(f, make_update(1, NULL, false));
    assert_int_equal(f->device_table.sparkplug_nodes.nodes.count, 0);
}

/* Tags of both ways, of the node and of a device, and where their commands go. */
static void test_commands_have_topics(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = boiler_row();
    struct tagdb_tag tags[] = {metric_row(1, 1, "a"), metric_row(1, 2, "b"), metric_row(1, 3, "c")};
    for (size_t i = 0; i < COUNT(tags); i++)
        tags[i].direction = TO_MQTT;
    tags[1].mqtt_topic = EDGE("+");
    tags[2].mqtt_command_topic = "own";
    const struct device *served = serve_device(f, &device, tags, COUNT(tags));
    assert_string_equal(served->tags[0].command->topic, BOILER("DCMD"));
    assert_string_equal(served->tags[1].command->topic, EDGE("NCMD"));
    assert_string_equal(served->tags[2].command->topic, "own");
    assert_int_equal(served->feed_count, 2);
    assert_ptr_equal(served->tags[0].command->feed, &served->feeds[0]);
    assert_ptr_equal(served->tags[1].command->feed, &served->feeds[1]);
    give_birth(f);
    assert_true(served->feeds[0].source->is_born && served->feeds[1].source->is_born);
    assert_int_equal(row_of_tag(f, &tags[0]).changed, 0); /* it takes no messages */
}

/* A topic that names no node: metrics are found by name. */
static void test_other_topics(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device device = device_row(1);
    const struct tagdb_tag tag = metric_row(1, 1, "a");
    device.mqtt_topic = "bridge/#";
    const struct device *served = serve_device(f, &device, &tag, 1);
    assert_null(served->feeds[0].source);
    assert_int_equal(send(f, "bridge/x", -1, "a", 10, 2, 4), 1);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 4);
    send(f, "bridge/x", -1, NULL, 10, 2, 5);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 4);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(test_by_name_and_alias),
        TEST(test_names_are_copied),
        TEST(test_alias_without_birth),
        TEST(test_what_is_refused),
        TEST(test_deaths),
        TEST(test_reloads),
        TEST(test_commands_have_topics),
        TEST(test_other_topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
