/* Births, deaths, sequence numbers and requests for a rebirth of Sparkplug nodes. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "mqttd/sparkplug/sparkplug_nodes.h"
#include "sparkplug_bytes.h"

struct bench {
    struct sparkplug_nodes nodes;
    struct sparkplug_source *node, *boiler, *pump; /* of Plant/Edge */
    uint64_t now_ms;
    size_t requests;
    char topic[128]; /* of the newest request */
    bool is_full;    /* requests cannot be sent */
};

static struct sparkplug_source *acquire(struct bench *bench, const char *filter)
{
    struct sparkplug_topic family;
    assert_true(sparkplug_topic_read_family(filter, &family));
    struct sparkplug_source *source = sparkplug_nodes_acquire(&bench->nodes, &family);
    assert_non_null(source);
    return source;
}

static int open_bench(void **state)
{
    static struct bench bench;
    bench = (struct bench){.now_ms = 1000000};
    assert_true(sparkplug_nodes_init(&bench.nodes));
    bench.node = acquire(&bench, "spBv1.0/Plant/+/Edge");
    bench.boiler = acquire(&bench, "spBv1.0/Plant/+/Edge/Boiler");
    bench.pump = acquire(&bench, "spBv1.0/Plant/DDATA/Edge/Pump");
    *state = &bench;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;
    sparkplug_nodes_release(&bench->nodes, bench->node);
    sparkplug_nodes_release(&bench->nodes, bench->boiler);
    sparkplug_nodes_release(&bench->nodes, bench->pump);
    sparkplug_nodes_finish(&bench->nodes);
    return 0;
}

/* A message with a metric, the number of a session and a sequence number; -1 for none. */
static enum sparkplug_verdict send_as(struct bench *bench, const char *topic, int seq, int session,
                                      bool is_retained)
{
    struct bytes bytes = {.len = 0};
    struct sparkplug_payload payload;
    if (session >= 0)
        put_integer_metric(&bytes, "bdSeq", 0, SPARKPLUG_INT64, (uint64_t)session);
    put_integer_metric(&bytes, "a", 5, SPARKPLUG_INT32, 1);
    if (seq >= 0)
        put_number(&bytes, PAYLOAD_SEQ, (uint64_t)seq);
    assert_true(sparkplug_payload_decode(&payload, bytes.data, bytes.len));
    struct sparkplug_message message = {
        .payload = &payload, .is_retained = is_retained, .now_ms = bench->now_ms};
    assert_true(sparkplug_topic_read(topic, &message.topic));
    enum sparkplug_verdict verdict =
        sparkplug_nodes_take_message(&bench->nodes, bench->boiler, &message);
    sparkplug_payload_finish(&payload);
    return verdict;
}

static enum sparkplug_verdict send(struct bench *bench, const char *topic, int seq, int session)
{
    return send_as(bench, topic, seq, session, false);
}

static bool publish(void *context, const char *topic, const char *payload, size_t len)
{
    struct bench *bench = context;
    struct sparkplug_payload read;
    struct sparkplug_metric metric;
    if (bench->is_full)
        return false;
    snprintf(bench->topic, sizeof bench->topic, "%s", topic);
    assert_true(sparkplug_payload_decode(&read, payload, len));
    assert_int_equal(read.metric_count, 1);
    sparkplug_payload_read_metric(&read, 0, &metric);
    assert_int_equal(metric.name_len, strlen("Node Control/Rebirth"));
    assert_memory_equal(metric.name, "Node Control/Rebirth", metric.name_len);
    assert_int_equal(metric.type, SPARKPLUG_BOOLEAN);
    assert_true(metric.truth && metric.field == SPARKPLUG_BOOLEAN_FIELD);
    assert_int_equal(metric.timestamp_ms, 77);
    sparkplug_payload_finish(&read);
    bench->requests++;
    return true;
}

/* The requests that are sent at this time. */
static size_t requests_at(struct bench *bench, uint64_t now_ms)
{
    bench->now_ms = now_ms;
    bench->requests = 0;
    sparkplug_nodes_send_requests(&bench->nodes, now_ms, 77, publish, bench);
    return bench->requests;
}

#define EDGE(kind)   "spBv1.0/Plant/" kind "/Edge"
#define BOILER(kind) "spBv1.0/Plant/" kind "/Edge/Boiler"

static void give_birth(struct bench *bench, int session)
{
    assert_int_equal(send(bench, EDGE("NBIRTH"), 0, session), SPARKPLUG_TAKEN);
    assert_int_equal(send(bench, BOILER("DBIRTH"), 1, -1), SPARKPLUG_TAKEN);
    assert_int_equal(send(bench, "spBv1.0/Plant/DBIRTH/Edge/Pump", 2, -1), SPARKPLUG_TAKEN);
}

static void test_sources_are_shared(void **state)
{
    struct bench *bench = *state;
    struct sparkplug_source *again = acquire(bench, "spBv1.0/Plant/+/Edge/Boiler");
    struct sparkplug_source *other = acquire(bench, "spBv1.0/Plant/+/Edge2/Boiler");
    struct sparkplug_source *group = acquire(bench, "spBv1.0/PlantE/+/dge/Boiler");
    assert_ptr_equal(again, bench->boiler);
    assert_ptr_equal(bench->boiler->node, bench->pump->node);
    assert_ptr_not_equal(other->node, bench->boiler->node);
    assert_ptr_not_equal(group->node, bench->boiler->node);
    sparkplug_nodes_release(&bench->nodes, again);
    sparkplug_nodes_release(&bench->nodes, other);
    sparkplug_nodes_release(&bench->nodes, group);
    sparkplug_nodes_release(&bench->nodes, NULL);
}

static void test_births_and_deaths(void **state)
{
    struct bench *bench = *state;
    give_birth(bench, 4);
    assert_true(bench->node->is_born && bench->boiler->is_born && bench->pump->is_born);
    assert_non_null(sparkplug_birth_find_alias(bench->boiler->birth, 5));
    assert_int_equal(requests_at(bench, bench->now_ms + 100000), 0);

    /* A device dies alone. */
    send(bench, BOILER("DDEATH"), 3, -1);
    assert_true(bench->boiler->is_dead && !bench->boiler->is_born);
    assert_true(!bench->pump->is_dead && !bench->node->is_dead);
    send(bench, BOILER("DBIRTH"), 4, -1);
    assert_true(!bench->boiler->is_dead && bench->boiler->is_born);

    /* All die with their node, but not of a will of another session. */
    assert_int_equal(send(bench, EDGE("NDEATH"), -1, 3), SPARKPLUG_IGNORED);
    assert_false(bench->boiler->is_dead);
    assert_int_equal(send_as(bench, EDGE("NDEATH"), -1, 4, true), SPARKPLUG_IGNORED);
    assert_false(bench->boiler->is_dead);
    assert_int_equal(send(bench, EDGE("NDEATH"), -1, 4), SPARKPLUG_TAKEN);
    assert_true(bench->boiler->is_dead && bench->pump->is_dead && bench->node->is_dead);
    assert_false(bench->node->is_born || bench->boiler->is_born);

    /* The birth of the node alone does not bring its devices back. */
    send(bench, EDGE("NBIRTH"), 0, 5);
    assert_true(!bench->node->is_dead && bench->boiler->is_dead);
    send(bench, BOILER("DBIRTH"), 1, -1);
    assert_true(!bench->boiler->is_dead && bench->pump->is_dead);
    assert_int_equal(requests_at(bench, bench->now_ms + 100000), 0);
}

static void test_a_new_start_without_a_death(void **state)
{
    struct bench *bench = *state;
    give_birth(bench, 4);
    send(bench, EDGE("NBIRTH"), 0, 4); /* a rebirth: the devices are where they were */
    assert_true(!bench->boiler->is_dead && !bench->boiler->is_born);
    give_birth(bench, 4);
    send(bench, EDGE("NBIRTH"), 0, 5);
    assert_true(bench->boiler->is_dead && bench->pump->is_dead && !bench->node->is_dead);
}

static void test_data_before_birth(void **state)
{
    struct bench *bench = *state;
    uint64_t start = bench->now_ms;
    assert_int_equal(requests_at(bench, start), 0);
    assert_int_equal(send(bench, BOILER("DDATA"), 7, -1), SPARKPLUG_TAKEN);
    assert_int_equal(requests_at(bench, start), 1);
    assert_string_equal(bench->topic, EDGE("NCMD"));
    /* Once, until it is clear that there is no answer. */
    send(bench, BOILER("DDATA"), 8, -1);
    send(bench, EDGE("NDATA"), 9, -1);
    assert_int_equal(requests_at(bench, start + SPARKPLUG_REBIRTH_AGAIN_MS - 1), 0);
    send(bench, BOILER("DDATA"), 10, -1);
    assert_int_equal(requests_at(bench, start + SPARKPLUG_REBIRTH_AGAIN_MS - 1), 0);
    bench->now_ms = start + SPARKPLUG_REBIRTH_AGAIN_MS;
    assert_int_equal(requests_at(bench, bench->now_ms), 0); /* nothing shows that it is alive */
    send(bench, BOILER("DDATA"), 11, -1);
    assert_int_equal(requests_at(bench, bench->now_ms), 1);
    /* The birth of the node is not that of the device. */
    send(bench, EDGE("NBIRTH"), 0, 1);
    send(bench, BOILER("DDATA"), 1, -1);
    assert_int_equal(requests_at(bench, bench->now_ms), 0);
    assert_int_equal(requests_at(bench, bench->now_ms + SPARKPLUG_REBIRTH_LEAST_MS), 1);
    /* Commands, ours among them, are none of it. */
    assert_int_equal(send(bench, EDGE("NCMD"), -1, -1), SPARKPLUG_IGNORED);
    assert_int_equal(send(bench, BOILER("DCMD"), -1, -1), SPARKPLUG_IGNORED);
}

static void test_gaps(void **state)
{
    struct bench *bench = *state;
    uint64_t now = bench->now_ms;
    give_birth(bench, 4);
    send(bench, EDGE("NDATA"), 3, -1);
    send(bench, "spBv1.0/Plant/DDATA/Edge/Unknown", 4, -1); /* of a device that nobody uses */
    send(bench, BOILER("DDATA"), 5, -1);
    send(bench, BOILER("DDATA"), 5, -1); /* the same one twice */
    send(bench, EDGE("NDATA"), -1, -1);  /* without a number */
    assert_true(bench->boiler->is_born);
    send(bench, EDGE("NDATA"), 7, -1);
    assert_false(bench->node->is_born || bench->boiler->is_born || bench->pump->is_born);
    assert_false(bench->boiler->is_dead);
    assert_int_equal(requests_at(bench, now), 1);
    send(bench, EDGE("NDATA"), 9, -1); /* one more: it is asked already */
    assert_int_equal(requests_at(bench, now + SPARKPLUG_REBIRTH_LEAST_MS), 0);
    give_birth(bench, 4);
    for (int seq = 3; seq < 1000; seq++) /* from 255 to 0 */
        send(bench, EDGE("NDATA"), seq % 256, -1);
    assert_true(bench->boiler->is_born);
    /* A gap soon after a request waits for its time. */
    assert_int_equal(requests_at(bench, now + 100000), 0);
    send(bench, EDGE("NDATA"), 20, -1);
    assert_int_equal(requests_at(bench, now + 100000), 1);
    give_birth(bench, 4);
    send(bench, EDGE("NDATA"), 20, -1);
    assert_int_equal(requests_at(bench, now + 100000), 0);
    assert_int_equal(requests_at(bench, now + 100000 + SPARKPLUG_REBIRTH_LEAST_MS), 1);
}

static void test_retained_messages_tell_nothing(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(send_as(bench, EDGE("NBIRTH"), 0, 4, true), SPARKPLUG_TAKEN);
    assert_int_equal(send_as(bench, BOILER("DBIRTH"), 1, -1, true), SPARKPLUG_TAKEN);
    assert_int_equal(send_as(bench, BOILER("DDEATH"), 1, -1, true), SPARKPLUG_IGNORED);
    assert_false(bench->node->is_born || bench->boiler->is_born || bench->boiler->is_dead);
    assert_int_equal(requests_at(bench, bench->now_ms), 0);
}

static void test_connections(void **state)
{
    struct bench *bench = *state;
    uint64_t now = bench->now_ms;
    sparkplug_nodes_note_connect(&bench->nodes, false, now);
    assert_int_equal(requests_at(bench, now), 0); /* a birth may be on its way */
    assert_int_equal(requests_at(bench, now + SPARKPLUG_REBIRTH_WAIT_MS), 1);
    /* With the connection the request may be lost. */
    sparkplug_nodes_note_connect(&bench->nodes, true, now + 20000);
    assert_int_equal(requests_at(bench, now + 20000 + SPARKPLUG_REBIRTH_WAIT_MS), 1);
    give_birth(bench, 4);
    sparkplug_nodes_note_connect(&bench->nodes, true, now + 40000);
    assert_true(bench->boiler->is_born);
    assert_int_equal(requests_at(bench, now + 60000), 0);
    sparkplug_nodes_note_connect(&bench->nodes, false, now + 80000);
    assert_false(bench->boiler->is_born);
    give_birth(bench, 4); /* it comes by itself */
    assert_int_equal(requests_at(bench, now + 100000), 0);
    /* A request that cannot be sent is made again. */
    send(bench, EDGE("NDATA"), 30, -1);
    bench->is_full = true;
    assert_int_equal(requests_at(bench, now + 100000), 0);
    bench->is_full = false;
    assert_int_equal(requests_at(bench, now + 100500), 0);
    assert_int_equal(requests_at(bench, now + 101000), 1);
}

static void test_many_nodes_are_asked_in_turn(void **state)
{
    enum { COUNT_OF_NODES = 250 };
    struct bench *bench = *state;
    struct sparkplug_source *all[COUNT_OF_NODES];
    uint64_t now = bench->now_ms + SPARKPLUG_REBIRTH_WAIT_MS;
    for (int i = 0; i < COUNT_OF_NODES; i++) {
        char filter[64];
        snprintf(filter, sizeof filter, "spBv1.0/Many/+/Edge%d/Boiler", i);
        all[i] = acquire(bench, filter);
    }
    sparkplug_nodes_note_connect(&bench->nodes, false, bench->now_ms);
    assert_int_equal(requests_at(bench, now), SPARKPLUG_REQUESTS_MAX);
    assert_int_equal(requests_at(bench, now + 500), 0);
    assert_int_equal(requests_at(bench, now + 1000), SPARKPLUG_REQUESTS_MAX);
    assert_int_equal(requests_at(bench, now + 2000),
                     COUNT_OF_NODES + 1 - 2 * SPARKPLUG_REQUESTS_MAX);
    assert_int_equal(requests_at(bench, now + 3000), 0);
    for (int i = 0; i < COUNT_OF_NODES; i++)
        sparkplug_nodes_release(&bench->nodes, all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sources_are_shared, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_births_and_deaths, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_a_new_start_without_a_death, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_data_before_birth, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_gaps, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_retained_messages_tell_nothing, open_bench,
                                        close_bench),
        cmocka_unit_test_setup_teardown(test_connections, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_many_nodes_are_asked_in_turn, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
