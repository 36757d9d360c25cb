/* The requests of devices: when they are published, and what happens if they cannot be. */
#include "device_fixture.h"
#include "said_log.h"

#include <string.h>

#include "mqttd/config/device_requests.h"

enum { CALL_MAX = 1000 }; /* requests in one call */

static struct fixture *fixture;
static enum publish_result result;
static char published[400]; /* the topics, and all of the newest message */
static size_t published_count;

enum publish_result __wrap_mqtt_session_publish(struct mqtt_session *mqtt_session,
                                                const char *topic, const char *payload, size_t len,
                                                int qos, bool retain, int *number);

enum publish_result __wrap_mqtt_session_publish(struct mqtt_session *mqtt_session,
                                                const char *topic, const char *payload, size_t len,
                                                int qos, bool retain, int *number)
{
    char one[100];
    assert_ptr_equal(mqtt_session, fixture);
    assert_false(retain);
    assert_int_equal(len, strlen(payload));
    *number = 1;
    published_count++;
    snprintf(one, sizeof one, "%s%s=%s/%d", published[0] ? " " : "", topic, payload, qos);
    if (strlen(published) + strlen(one) < sizeof published)
        strcat(published, one);
    return result;
}

static int open_requests(void **state)
{
    open_fixture(state);
    fixture = *state;
    result = PUBLISH_SENT;
    published_count = 0;
    published[0] = '\0';
    return 0;
}

static void serve(struct fixture *f, int64_t id, const char *request)
{
    char name[20];
    struct tagdb_device row = device_row(id);
    const struct tagdb_tag tag = tag_row(id, id, "a");
    snprintf(name, sizeof name, "dev-%d", (int)id);
    row.name = name;
    row.mqtt_request = request;
    serve_device(f, &row, &tag, 1);
}

static void check_published(struct fixture *f, uint64_t now_ms, const char *expected)
{
    published[0] = '\0';
    assert_true(device_requests_publish(&f->device_table, (struct mqtt_session *)f, now_ms));
    assert_string_equal(published, expected);
}

/* At once, and then after each interval. */
static void test_interval(void **state)
{
    struct fixture *f = *state;
    serve(f, 1, NULL);
    check_published(f, 5000, "");
    serve(f, 2, "{\"topic\":\"ask\",\"payload\":\"{}\",\"interval_s\":10,\"qos\":1}");
    check_published(f, 5000, "ask={}/1");
    check_published(f, 14999, "");
    check_published(f, 15000, "ask={}/1");
    check_published(f, 15001, "");
    /* A late turn delays no later request. */
    check_published(f, 34999, "ask={}/1");
    check_published(f, 34999, "");
    check_published(f, 35000, "ask={}/1");
    /* After a whole interval too late, the next one begins now. */
    check_published(f, 55000, "ask={}/1");
    check_published(f, 64999, "");
    check_published(f, 65000, "ask={}/1");
    device_requests_restart(&f->device_table);
    check_published(f, 65500, "ask={}/1");
    check_published(f, 75499, "");
    check_published(f, 75500, "ask={}/1");
}

/* A replacement keeps the time of the same request only. */
static void test_replacement(void **state)
{
    struct fixture *f = *state;
    static const char *const others[] = {
        "{\"topic\":\"b\",\"payload\":\"x\",\"interval_s\":10,\"qos\":1}",
        "{\"topic\":\"b\",\"payload\":\"y\",\"interval_s\":10,\"qos\":1}",
        "{\"topic\":\"b\",\"payload\":\"y\",\"interval_s\":11,\"qos\":1}",
        "{\"topic\":\"b\",\"payload\":\"y\",\"interval_s\":11,\"qos\":2}",
    };
    static const char *const sent[] = {"b=x/1", "b=y/1", "b=y/1", "b=y/2"};
    serve(f, 1, "{\"topic\":\"a\",\"payload\":\"x\",\"interval_s\":10,\"qos\":1}");
    check_published(f, 5000, "a=x/1");
    for (size_t i = 0; i < COUNT(others); i++) {
        serve(f, 1, others[i]);
        check_published(f, 5000, sent[i]);
        serve(f, 1, others[i]);
        check_published(f, 5001, "");
    }
}

/* One line for a request that cannot be published, until one can. */
static void test_refusals(void **state)
{
    struct fixture *f = *state;
    struct said_log said;
    static const enum publish_result results[] = {PUBLISH_SENT,    PUBLISH_REFUSED,
                                                  PUBLISH_BLOCKED, PUBLISH_REFUSED,
                                                  PUBLISH_SENT,    PUBLISH_BLOCKED};
    serve(f, 1, "{\"topic\":\"ask\",\"payload\":\"\",\"interval_s\":1,\"qos\":0}");
    said_log_begin(&said);
    for (uint64_t i = 0; i < COUNT(results); i++) {
        result = results[i];
        check_published(f, 1000 * (i + 1), "ask=/0");
        check_published(f, 1000 * (i + 1) + 999, "");
    }
    assert_string_equal(said_log_end(&said),
                        "warning dev-1: the request on ask cannot be published\n"
                        "warning dev-1: the request on ask cannot be published\n");
}

/* Without memory the request stays due. */
static void test_no_memory(void **state)
{
    struct fixture *f = *state;
    serve(f, 1, "{\"topic\":\"ask\",\"payload\":\"p\",\"interval_s\":10,\"qos\":2}");
    result = PUBLISH_NO_MEMORY;
    for (int i = 0; i < 2; i++)
        assert_false(device_requests_publish(&f->device_table, (struct mqtt_session *)f, 1000));
    assert_int_equal(published_count, 2);
    result = PUBLISH_SENT;
    check_published(f, 2000, "ask=p/2");
    check_published(f, 11999, "");
    check_published(f, 12000, "ask=p/2");
}

/* More requests than one call publishes: the others follow. */
static void test_many(void **state)
{
    struct fixture *f = *state;
    for (int64_t id = 1; id <= CALL_MAX + 50; id++)
        serve(f, id, "{\"topic\":\"ask\",\"payload\":\"p\",\"interval_s\":10,\"qos\":0}");
    static const size_t counts[] = {CALL_MAX, 50, 0};
    for (uint64_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT(counts); i++) {
            published_count = 0;
            assert_true(device_requests_publish(&f->device_table, (struct mqtt_session *)f,
                                                1000 + 10000 * round));
            assert_int_equal(published_count, counts[i]);
        }
    }
    /* Each of them has its turn, though all are due at all times. */
    bool asked[CALL_MAX + 51] = {false};
    for (int call = 0; call < 2; call++) {
        uint64_t now_ms = 100000 + 20000 * (uint64_t)call;
        assert_true(device_requests_publish(&f->device_table, (struct mqtt_session *)f, now_ms));
        for (int64_t id = 1; id <= CALL_MAX + 50; id++)
            asked[id] |= device_table_find(&f->device_table, id)->request.due_ms > now_ms;
    }
    for (int64_t id = 1; id <= CALL_MAX + 50; id++)
        assert_true(asked[id]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_interval, open_requests, close_fixture),
        cmocka_unit_test_setup_teardown(test_replacement, open_requests, close_fixture),
        cmocka_unit_test_setup_teardown(test_refusals, open_requests, close_fixture),
        cmocka_unit_test_setup_teardown(test_no_memory, open_requests, close_fixture),
        cmocka_unit_test_setup_teardown(test_many, open_requests, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
