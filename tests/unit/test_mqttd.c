/* The whole of tagferry-mqttd but its process: a real store and shared files, a broker that the
 * test plays, and no Modbus server. */
#include "fake_mosquitto.h"
#include "mqttd_settings.h"
#include "said_log.h"
#include "sql_store.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

#include "mqttd/mqttd_internal.h"
#include "mqttd/sparkplug/sparkplug_nodes.h"

static struct bench {
    char folder[40], path[SQL_STORE_PATH_SIZE];
    struct sqlite3 *db;
    struct mqttd_conf conf;
    struct mqttd d;
    int ends[2];
    struct said_log said;
} bench;

#define VERSION "\"version\": \"" TAGFERRY_VERSION "\""

static void run_sql(const char *sql)
{
    sql_store_run(bench.db, sql);
}

static int open_bench(void **state)
{
    char sql[80], runtime_dir[80], database[120];
    (void)state;
    memset(&bench, 0, sizeof bench);
    fake_reset();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bench.ends), 0);
    fake.socket = bench.ends[0];
    snprintf(bench.folder, sizeof bench.folder, "/tmp/tagferry-mqttd-XXXXXX");
    assert_non_null(mkdtemp(bench.folder));
    bench.db = sql_store_open(bench.path);
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", TAGFERRY_SCHEMA_VERSION);
    run_sql(sql);
    run_sql("INSERT INTO device (id, name, mqtt_topic, slot, revision, created_ms, updated_ms) "
            "VALUES (1, 'one', 't/1', 10, 1, 0, 0), (2, 'two', 'a.b/c', 20, 2, 0, 0)");
    run_sql("INSERT INTO tag (id, device_id, name, mqtt_key, modbus_table, modbus_address, "
            "modbus_type, slot, revision, created_ms, updated_ms) VALUES "
            "(1, 1, 'a', 'a', 'holding_register', 1, 'uint16', 11, 1, 0, 0), "
            "(2, 1, 'b', 'b', 'holding_register', 2, 'uint16', 12, 1, 0, 0), "
            "(3, 2, 'c', 'c', 'holding_register', 3, 'uint16', 21, 2, 0, 0)");
    run_sql("UPDATE store SET revision = 2");
    snprintf(runtime_dir, sizeof runtime_dir, "common.runtime_dir=%s", bench.folder);
    snprintf(database, sizeof database, "common.database=%s", bench.path);
    const char *const list[] = {runtime_dir,
                                database,
                                "common.modbus_inputs=127.0.0.1:1",
                                "common.modbus_outputs=127.0.0.1:1",
                                "mqttd.client_id=me",
                                "mqttd.modbus_timeout_ms=50",
                                NULL};
    if (!mqttd_conf_read(&bench.conf, list))
        fail_msg("%s", bench.conf.said);
    bench.d = (struct mqttd){.settings = &bench.conf.settings,
                             .epoll_fd = -1,
                             .signal_fd = eventfd(0, EFD_CLOEXEC),
                             .wakeup = {.fd = -1}};
    said_log_begin(&bench.said);
    return 0;
}

static int close_bench(void **state)
{
    char command[80];
    (void)state;
    mqttd_finish(&bench.d);
    close(bench.d.signal_fd);
    said_log_end(&bench.said);
    assert_int_equal(fake.clients, 0);
    mqttd_conf_finish(&bench.conf);
    sql_store_close(bench.db, bench.path);
    snprintf(command, sizeof command, "rm -r '%s'", bench.folder);
    assert_int_equal(system(command), 0);
    close(bench.ends[0]);
    close(bench.ends[1]);
    return 0;
}

static void start(void)
{
    if (!mqttd_start(&bench.d))
        fail_msg("%s", bench.d.why);
}

/* Turns until the store is loaded in this revision. */
static void load(int64_t revision)
{
    while (bench.d.device_table.revision != revision)
        mqttd_run_once(&bench.d);
}

/* Turns until the session has asked for a connection; the broker accepts. */
static void connect_broker(bool kept)
{
    while (!strstr(fake.said, "connect 127.0.0.1:1883 "))
        mqttd_run_once(&bench.d);
    fake.newest->on_connect(fake.newest, fake.newest->context, 0, kept, NULL);
}

static void receive(const char *topic, const char *payload, int qos)
{
    struct mosquitto_message message = {.topic = (char *)(uintptr_t)topic,
                                        .payload = (char *)(uintptr_t)payload,
                                        .payloadlen = (int)strlen(payload),
                                        .qos = qos};
    fake.newest->on_message(fake.newest, fake.newest->context, &message, NULL);
}

static uint64_t counter(size_t which)
{
    return counters_get(&bench.d.counters, which);
}

static uint64_t messages_of(uint32_t slot)
{
    struct live_table_row row;
    assert_true(live_table_read_row(&bench.d.live, slot, 0, &row));
    return row.messages;
}

/* True when this line was logged since the last call. */
static bool has_logged(const char *line)
{
    bool is_there = strstr(said_log_end(&bench.said), line) != NULL;
    said_log_begin(&bench.said);
    return is_there;
}

static void check_has_said(const char *line)
{
    if (!strstr(fake.said, line))
        fail_msg("%s is not in: %s", line, fake.said);
}

/* From the start to the birth message. */
static void test_start(void **state)
{
    (void)state;
    start();
    assert_string_equal(bench.d.status_topic, "tagferry/me/status");
    assert_string_equal(bench.d.will,
                        "{\"status\": \"offline\", " VERSION ", \"devices\": 0, \"tags\": 0}");
    assert_false(bench.d.device_table.loaded);
    load(2);
    assert_true(has_logged("info    loaded 2 devices and 3 tags, revision 2\n"));
    assert_int_equal(counter(MQTTD_RELOADS), 1);
    assert_int_equal(counter(MQTTD_DEVICES), 2);
    assert_int_equal(counter(MQTTD_TAGS), 3);
    assert_int_equal(counter(MQTTD_CONNECTS), 0);
    connect_broker(false);
    check_has_said("will tagferry/me/status={\"status\": \"offline\", " VERSION
                   ", \"devices\": 2, \"tags\": 3} qos=1 retain\n");
    check_has_said("publish tagferry/me/status={\"status\": \"online\", " VERSION
                   ", \"devices\": 2, \"tags\": 3} qos=1 retain");
    check_has_said("subscribe t/1 qos=1 options=16");
    check_has_said("subscribe a.b/c qos=1 options=16");
    assert_int_equal(counter(MQTTD_CONNECTS), 1);
    assert_int_equal(counter(MQTTD_BROKER_CONNECTED), 1);
    struct live_table_state live = live_table_read_state(&bench.d.live);
    assert_int_equal(live.connected, 1);
    while (!bench.d.report.ready)
        mqttd_run_once(&bench.d);
    assert_int_equal(live_table_read_state(&bench.d.live).condition, LIVE_SERVING);
    assert_int_equal(live_table_read_state(&bench.d.live).revision, 2);

    /* The end: the will as a message, and nobody is connected. */
    fake.said[0] = '\0';
    mqttd_finish(&bench.d);
    check_has_said("publish tagferry/me/status={\"status\": \"offline\", " VERSION
                   ", \"devices\": 2, \"tags\": 3} qos=1 retain\ndisconnect\nwrite\ndestroy");
    bench.d = (struct mqttd){.settings = &bench.conf.settings,
                             .epoll_fd = -1,
                             .signal_fd = bench.d.signal_fd,
                             .wakeup = {.fd = -1}};
}

/* Messages of topics that devices use, that nobody uses, and that lost their dots. */
static void test_messages(void **state)
{
    (void)state;
    start();
    load(2);
    connect_broker(true);
    fake.said[0] = '\0';
    receive("t/1", "{\"a\":7}", 1);
    assert_int_equal(messages_of(10), 1);
    assert_int_equal(messages_of(11), 1);
    check_said("");
    receive("a/b/c", "{\"c\":7}", 1);
    receive("a/b/c", "{\"c\":8}", 0);
    check_said("");
    assert_int_equal(messages_of(21), 2);
    assert_true(has_logged("info    the broker delivers dots in topics as slashes: taking "
                           "\"a/b/c\" for \"a.b/c\", and likewise others\n"));
    receive("a/b/c", "{\"c\":9}", 0);
    assert_false(has_logged("delivers dots"));
    receive("t/2", "{\"a\":7}", 1);
    check_said("unsubscribe t/2");
    /* Each of them counts once. */
    assert_int_equal(counter(MQTTD_MESSAGES), 5);
    assert_int_equal(counter(MQTTD_OUTCOMES + TRACE_TAKEN), 4);
    assert_int_equal(counter(MQTTD_OUTCOMES + TRACE_NOBODY), 1);
}

/* After a message without memory none is taken before the broker sends them again. */
static void test_redelivery(void **state)
{
    (void)state;
    start();
    load(2);
    connect_broker(true);
    bench.d.needs_redelivery = true;
    receive("t/1", "{\"a\":7}", 1);
    assert_int_equal(messages_of(10), 0);
    receive("t/1", "{\"a\":7}", 0); /* that one would not come again */
    assert_int_equal(messages_of(10), 1);
    fake.said[0] = '\0';
    mqttd_run_once(&bench.d);
    assert_false(bench.d.needs_redelivery);
    assert_true(has_logged("warning connection to broker 127.0.0.1:1883 lost: no memory for a "
                           "message; it must be sent again\n"));
    fake.said[0] = '\0';
    connect_broker(true);
    receive("t/1", "{\"a\":7}", 1);
    assert_int_equal(messages_of(10), 2);
    assert_int_equal(counter(MQTTD_CONNECTS), 2);
}

/* A change of the store while mqttd runs. */
static void test_reload(void **state)
{
    (void)state;
    start();
    load(2);
    connect_broker(false);
    fake.said[0] = '\0';
    run_sql("BEGIN; DELETE FROM tag WHERE id = 3; DELETE FROM device WHERE id = 2; "
            "INSERT INTO gone (revision, kind, id) VALUES (3, 'tag', 3), (3, 'device', 2); "
            "UPDATE tag SET name = 'z', revision = 3 WHERE id = 1; "
            "UPDATE store SET revision = 3; COMMIT");
    load(3);
    /* The broker has answered no subscription yet: the one that is not needed waits. */
    assert_true(has_logged("info    reloaded 2 devices and 2 tags, revision 3\n"));
    assert_int_equal(counter(MQTTD_DEVICES), 1);
    assert_int_equal(counter(MQTTD_TAGS), 2);
    assert_int_equal(counter(MQTTD_RELOADS), 2);
    assert_string_equal(bench.d.will,
                        "{\"status\": \"offline\", " VERSION ", \"devices\": 1, \"tags\": 2}");
    run_sql("BEGIN; UPDATE device SET mqtt_qos = 2, revision = 4 WHERE id = 1; "
            "UPDATE tag SET enabled = 0, revision = 4 WHERE id = 2; "
            "UPDATE store SET revision = 4; COMMIT");
    load(4);
    assert_true(has_logged("info    reloaded 1 device and 1 tag, revision 4\n"));
}

/* Without a store mqttd is ready, says so, and does not connect. */
static void test_without_a_store(void **state)
{
    char away[SQL_STORE_PATH_SIZE + 8];
    (void)state;
    snprintf(away, sizeof away, "%s-away", bench.path);
    db_close(bench.db);
    bench.db = NULL;
    assert_int_equal(rename(bench.path, away), 0);
    start();
    while (live_table_read_state(&bench.d.live).condition != LIVE_WAITING_FOR_STORE)
        mqttd_run_once(&bench.d);
    mqttd_run_once(&bench.d);
    assert_true(bench.d.report.ready);
    assert_null(strstr(fake.said, "connect 127"));
    assert_int_equal(rename(away, bench.path), 0);
    load(2);
    connect_broker(false);
    assert_int_equal(counter(MQTTD_DEVICES), 2);
}

/* A part that cannot start. */
static void test_cannot_start(void **state)
{
    (void)state;
    fake.calls_left = 0;
    assert_false(mqttd_start(&bench.d));
    assert_memory_equal(bench.d.why, "cannot set up the MQTT client: ", 31);
    fake.calls_left = -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_start, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_messages, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_redelivery, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_reload, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_without_a_store, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_cannot_start, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
