/* The socket of a session, and the calls of the library that find its end. */
#include "session_bed.h"

/* As the C library's. */
_Noreturn void __assert_fail(const char *assertion, const char *file, unsigned line,
                             const char *function);

/* The socket, as epoll is told of it. */
static void test_watch_socket(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    mqtt_session_watch_socket(bed->session, 5, 12);
    check_said("epoll 5 remove number=-1 fails");
    bed_attempt(bed);
    fake.said[0] = '\0';
    fake.wants_write = true;
    mqtt_session_watch_socket(bed->session, 5, 12);
    check_said("epoll 5 change in out number=12 fails\nepoll 5 add in out number=12");
    fake.wants_write = false;
    mqtt_session_watch_socket(bed->session, 5, 12);
    check_said("epoll 5 change in number=12");
    bed_connack(0, 0, NULL);
    bed_disconnect(MOSQ_ERR_KEEPALIVE);
    fake.said[0] = '\0';
    mqtt_session_watch_socket(bed->session, 5, 12);
    check_said("epoll 5 remove number=-1");
    fake.socket = -1;
    mqtt_session_watch_socket(bed->session, 5, 12);
    mqtt_session_flush(bed->session);
    check_said("");
}

static void fail_in_library(void)
{
    __assert_fail("mosq", "logging_mosq.c", 1, "log__printf");
}

static void test_read(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    bed_connect(bed);
    mqtt_session_read(bed->session);
    assert_int_equal(fake.reads, 1); /* also without bytes: the end is found so */
    assert_int_equal(write(bed->ends[1], "x", 1), 1);
    fake.reads = 0;
    mqtt_session_read(bed->session);
    assert_int_equal(fake.reads, 256); /* the library leaves the byte */
    fake.read = MOSQ_ERR_NO_CONN;      /* it is known already */
    fake.reads = 0;
    mqtt_session_read(bed->session);
    assert_int_equal(fake.reads, 1);
    assert_true(mqtt_session_is_connected(bed->session));
    fake.read = MOSQ_ERR_KEEPALIVE;
    mqtt_session_read(bed->session);
    check_said("lost");
    fake.read = MOSQ_ERR_CONN_LOST;
    bed_connect(bed);
    mqtt_session_read(bed->session);
    check_said("lost by_broker");
    fake.read = MOSQ_ERR_NOMEM;
    bed_connect(bed);
    mqtt_session_read(bed->session);
    check_said("lost");
    assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_NO_MEMORY);
    /* The library would end the process. */
    fake.read = MOSQ_ERR_SUCCESS;
    fake.reading = fail_in_library;
    bed_connect(bed);
    mqtt_session_read(bed->session);
    check_said("lost by_broker");
    assert_string_equal(mqtt_session_link(bed->session)->words, "it sent a malformed packet");
    /* In place of an answer to CONNECT it is one of another version. */
    bed_attempt(bed);
    mqtt_session_read(bed->session);
    assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_PROTOCOL_REFUSED);
    fake.reading = NULL;
}

/* A connection that does not come about. */
static void test_read_while_connecting(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    mqtt_session_tick(bed->session);
    fake.wants_write = true;
    mqtt_session_read(bed->session);
    assert_int_equal(fake.reads, 1);
    assert_int_equal(bed->session->state, SESSION_CONNECTING);
    shutdown(bed->ends[1], SHUT_RDWR);
    mqtt_session_read(bed->session);
    assert_int_equal(fake.reads, 1);
    assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_UNREACHABLE);
    assert_string_equal(mqtt_session_link(bed->session)->words, "Connection refused or reset");
}

static void test_tls_failure(void **state)
{
    struct session_bed *bed = *state;
    bed->options.tls = true;
    bed_create(bed);
    bed_attempt(bed);
    bed_forget(bed);
    struct mosquitto *client = fake.newest;
    client->on_log(client, bed->session, MOSQ_LOG_ERR,
                   "OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed");
    client->on_log(client, bed->session, MOSQ_LOG_DEBUG, "Error: other");
    fake.read = MOSQ_ERR_TLS;
    mqtt_session_read(bed->session);
    assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_TLS_FAILED);
    assert_string_equal(mqtt_session_link(bed->session)->words,
                        "A TLS error occurred (certificate verify failed)");
    bed_attempt(bed);
    client->on_log(client, bed->session, MOSQ_LOG_ERR, "Error: whole: text");
    mqtt_session_read(bed->session);
    assert_string_equal(mqtt_session_link(bed->session)->words,
                        "A TLS error occurred (Error: whole: text)");
    /* The next attempt has no complaint yet; nor has a connection that ends so. */
    bed_attempt(bed);
    assert_string_equal(bed->session->complaint, "");
    client->on_log(client, bed->session, MOSQ_LOG_ERR, "Error: before CONNACK");
    bed_connack(0, 0, NULL);
    mqtt_session_read(bed->session);
    assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_LOST);
    assert_string_equal(mqtt_session_link(bed->session)->words, "A TLS error occurred");
}

/* Calls of the library that find the end of the connection. */
static void test_errors(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    bed_connect(bed);
    fake.misc = MOSQ_ERR_KEEPALIVE;
    mqtt_session_tick(bed->session);
    check_said("lost");
    fake.misc = MOSQ_ERR_SUCCESS;
    bed_connect(bed);
    fake.wants_write = true;
    fake.written = MOSQ_ERR_CONN_LOST;
    mqtt_session_flush(bed->session);
    check_said("write\nlost by_broker");
    fake.written = MOSQ_ERR_SUCCESS;
    bed_connect(bed);
    bed_connack(0, 0, NULL);
    check_said("lost");
    check_log(bed, "warning broker b1:1883: no connection lasts 10 s, the newest 3 ended early "
                   "(the broker sent a second CONNACK); likely cause: another client uses the "
                   "client id \"me\", or the session's queue at the broker is damaged\n");
    bed_connect(bed);
    mqtt_session_abort(bed->session, "no memory for a message; it must be sent again");
    check_said("lost");
    assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_NO_MEMORY);
    mqtt_session_abort(bed->session, "again");
    check_said("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_watch_socket, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_read, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_read_while_connecting, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_tls_failure, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_errors, bed_open, bed_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
