/* The packets of a session: subscriptions, messages, and those that a broker does not take. */
#include "session_bed.h"

static const char *const filters[] = {"a", "b"};

static void test_subscribe(void **state)
{
    struct session_bed *bed = *state;
    int number = 0;
    bed_create(bed);
    bed_connect(bed);
    fake.packet = 40;
    assert_int_equal(mqtt_session_subscribe(bed->session, filters, 2, 1, false, &number),
                     SUBSCRIBE_SENT);
    check_said("subscribe a qos=1 options=16\nsubscribe b qos=1 options=16");
    assert_int_equal(number, 41);
    assert_int_equal(mqtt_session_subscribe(bed->session, filters, 1, 0, true, &number),
                     SUBSCRIBE_SENT);
    check_said("subscribe a qos=0 options=0");
    assert_int_equal(bed->session->asked, 2);
    for (int i = 0; i < 3; i++) {
        set_clock_ms += 10;
        bed_suback(41 + i, 0x80 + i);
        assert_int_equal(bed->session->asked, i == 0);
        assert_int_equal(bed->session->quiet_ms, set_clock_ms);
    }
    check_said("suback 41: 1, 128\nsuback 42: 1, 129\nsuback 43: 1, 130");
    assert_string_equal(mqtt_session_suback_reason(0x87), "Not authorized");
    check_log(bed, "");
}

/* MQTT 3.1.1 has no such option: retained messages come always. */
static void test_subscribe_3_1_1(void **state)
{
    struct session_bed *bed = *state;
    int number;
    bed->options.version = MQTT_VERSION_3_1_1;
    bed_create(bed);
    bed_connect(bed);
    mqtt_session_subscribe(bed->session, filters, 1, 1, false, &number);
    check_said("subscribe a qos=1 options=0");
}

static void test_subscribe_fails(void **state)
{
    struct session_bed *bed = *state;
    static const struct {
        int rc;
        size_t count;
        enum subscribe_result result;
        const char *line;
    } rows[] = {
        {MOSQ_ERR_NO_CONN, 1, SUBSCRIBE_LATER,
         "warning cannot subscribe to \"a\": The client is not currently connected.\n"},
        {MOSQ_ERR_NO_CONN, 2, SUBSCRIBE_LATER,
         "warning cannot subscribe to \"a\" and others: The client is not currently connected.\n"},
        {MOSQ_ERR_NOMEM, 2, SUBSCRIBE_LATER,
         "warning cannot subscribe to \"a\" and others: Out of memory.\n"},
        {MOSQ_ERR_INVAL, 1, SUBSCRIBE_IMPOSSIBLE,
         "warning cannot subscribe to \"a\": Invalid function arguments provided.\n"},
        {MOSQ_ERR_OVERSIZE_PACKET, 2, SUBSCRIBE_IMPOSSIBLE, ""}, /* they are tried one by one */
    };
    int number;
    bed_create(bed);
    bed_connect(bed);
    for (size_t i = 0; i < COUNT(rows); i++) {
        fake.subscribed = rows[i].rc;
        assert_int_equal(
            mqtt_session_subscribe(bed->session, filters, rows[i].count, 1, true, &number),
            rows[i].result);
        check_log(bed, rows[i].line);
        assert_int_equal(bed->session->asked, 0);
    }
}

static void test_unsubscribe(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    bed_connect(bed);
    mqtt_session_unsubscribe(bed->session, filters, 2);
    check_said("unsubscribe a\nunsubscribe b");
    fake.unsubscribed = MOSQ_ERR_INVAL;
    mqtt_session_unsubscribe(bed->session, filters, 2);
    check_said("unsubscribe a\nunsubscribe b\nunsubscribe a\nunsubscribe b");
    mqtt_session_unsubscribe(bed->session, filters + 1, 1);
    check_said("unsubscribe b");
}

static enum publish_result publish(struct session_bed *bed, const char *topic, int qos, bool retain,
                                   int *number)
{
    *number = -1;
    return mqtt_session_publish(bed->session, topic, "payload", 4, qos, retain, number);
}

static void test_publish(void **state)
{
    struct session_bed *bed = *state;
    int number;
    bed_create(bed);
    bed_connect(bed);
    fake.packet = 70;
    assert_int_equal(publish(bed, "t", 2, true, &number), PUBLISH_SENT);
    assert_int_equal(number, 1);
    assert_int_equal(publish(bed, "t", 1, false, &number), PUBLISH_SENT);
    assert_int_equal(number, 2);
    assert_int_equal(publish(bed, "t", 0, true, &number), PUBLISH_SENT);
    assert_int_equal(number, 0);
    check_said("publish t=payl qos=2 retain\npublish t=payl qos=1\npublish t=payl qos=0 retain");
    bed_puback(72, 0);
    bed_puback(71, 0x80);
    bed_puback(71, 0); /* again */
    bed_puback(73, 0); /* of QoS 0: it is written */
    check_said("published 2: taken\npublished 1: Unspecified error\npublished 3: taken");
    assert_int_equal(publish(bed, "t", 1, false, &number), PUBLISH_SENT);
    bed_puback(74, 0x7f);
    check_said("publish t=payl qos=1\npublished 4: taken");
    assert_null(bed->session->publications.first);
}

/* What the broker lacks is not asked of it. */
static void test_abilities(void **state)
{
    struct session_bed *bed = *state;
    int number;
    bed_create(bed);
    for (uint8_t most = 0; most < 2; most++) {
        mosquitto_property *properties = NULL;
        mosquitto_property_add_byte(&properties, MQTT_PROP_RETAIN_AVAILABLE, 0);
        mosquitto_property_add_byte(&properties, MQTT_PROP_MAXIMUM_QOS, most);
        bed_attempt(bed);
        bed_connack(0, 0, properties);
        mosquitto_property_free_all(&properties);
        fake.said[0] = '\0';
        assert_int_equal(publish(bed, "t", 2, true, &number), PUBLISH_SENT);
        assert_int_equal(number, 1 + most); /* the caller waits for an answer */
        check_said(most ? "publish t=payl qos=1" : "publish t=payl qos=0");
        bed_puback(fake.packet, 0);
        bed_disconnect(MOSQ_ERR_KEEPALIVE);
    }
    /* The library may still have the limit of an earlier broker. */
    bed_connect(bed);
    fake.published = MOSQ_ERR_QOS_NOT_SUPPORTED;
    assert_int_equal(publish(bed, "t", 2, false, &number), PUBLISH_SENT);
    check_said("publish t=payl qos=2\npublish t=payl qos=1\npublish t=payl qos=0");
    fake.published = MOSQ_ERR_SUCCESS;
    bed_puback(fake.packet, 0);
}

static void test_publish_fails(void **state)
{
    struct session_bed *bed = *state;
    int number;
    bed_create(bed);
    bed_connect(bed);
    fake.published = MOSQ_ERR_PAYLOAD_SIZE;
    assert_int_equal(publish(bed, "t", 1, false, &number), PUBLISH_REFUSED);
    check_log(bed, "warning cannot publish to t: Payload too large.\n");
    assert_null(bed->session->publications.first);
    fake.published = MOSQ_ERR_NOMEM;
    assert_int_equal(publish(bed, "t", 0, false, &number), PUBLISH_NO_MEMORY);
    assert_false(bed->session->keeps_unsent);
    fake.published = MOSQ_ERR_NO_CONN; /* it was not even queued */
    assert_int_equal(publish(bed, "t", 0, false, &number), PUBLISH_NO_MEMORY);
    assert_null(bed->session->publications.first);
    /* The library keeps it for the next connection. */
    fake.keeps_packet = true;
    assert_int_equal(publish(bed, "t", 1, false, &number), PUBLISH_SENT);
    assert_int_equal(bed->session->publications.sent_count, 1);
    fake.keeps_packet = false;
    bed_puback(fake.packet, 0);
    bed_forget(bed);

    /* One that may be sent after newer messages ends the connection. */
    fake.published = MOSQ_ERR_NOMEM;
    assert_int_equal(publish(bed, "t", 1, false, &number), PUBLISH_NO_MEMORY);
    assert_true(bed->session->keeps_unsent);
    assert_true(mqtt_session_is_connected(bed->session));
    bed_forget(bed);
    mqtt_session_flush(bed->session);
    check_said("lost");
    check_log(bed, "warning connection to broker b1:1883 lost: no memory for a message to the "
                   "broker\n");
    assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_NO_MEMORY);
    assert_false(bed->session->keeps_unsent);
    fake.published = MOSQ_ERR_SUCCESS;
}

/* Messages wait for the connection, in their order. */
static void test_waiting_messages(void **state)
{
    struct session_bed *bed = *state;
    int number;
    bed_create(bed);
    assert_int_equal(publish(bed, "one", 1, false, &number), PUBLISH_SENT);
    assert_int_equal(publish(bed, "two", 0, true, &number), PUBLISH_SENT);
    check_said("");
    bed_attempt(bed);
    fake.said[0] = '\0';
    bed_connack(0, 0, NULL);
    check_said("connected packet=0 qos=2\npublish one=payl qos=1\npublish two=payl qos=0");

    /* Those that the library refuses are reported, the others sent. */
    bed_puback(1, 0);
    bed_puback(2, 0);
    bed_disconnect(MOSQ_ERR_KEEPALIVE);
    publish(bed, "three", 1, false, &number);
    publish(bed, "four", 2, false, &number);
    bed_attempt(bed);
    bed_forget(bed);
    fake.published = MOSQ_ERR_INVAL;
    bed_connack(0, 0, NULL);
    check_said("connected packet=0 qos=2\n"
               "publish three=payl qos=1\n"
               "published 3: the MQTT library refuses it\n"
               "publish four=payl qos=2\n"
               "published 4: the MQTT library refuses it");
    fake.published = MOSQ_ERR_SUCCESS;
}

/* The message after which the broker closes is found, and no longer sent. */
static void test_message_that_closes(void **state)
{
    struct session_bed *bed = *state;
    int number;
    bed_create(bed);
    bed_connect(bed);
    publish(bed, "t", 2, false, &number);
    bed_disconnect(MOSQ_ERR_CONN_LOST);
    assert_int_equal(mqtt_session_due_ms(bed->session), 500);
    for (int qos = 2; qos >= 1; qos--) {
        /* With the next client, at once. */
        if (qos == 2) {
            set_clock_ms += 500;
            fake.said[0] = '\0';
            mqtt_session_tick(bed->session);
            assert_memory_equal(fake.said, "new me\n", 7);
            assert_non_null(strstr(fake.said, "\ndestroy\n"));
            assert_int_equal(fake.clients, 1);
            fake.wants_write = true;
            mqtt_session_flush(bed->session);
        } else {
            bed_attempt(bed);
        }
        fake.said[0] = '\0';
        bed_connack(0, 0, NULL);
        assert_non_null(strstr(fake.said, qos == 2 ? "publish t=payl qos=2" : "qos=1"));
        bed_disconnect(MOSQ_ERR_CONN_LOST);
        bed_attempt(bed);
        bed_connack(0, 0, NULL);
        fake.said[0] = '\0';
        set_clock_ms += PUBLICATION_QUIET_MS - 1;
        mqtt_session_tick(bed->session);
        check_said("");
        set_clock_ms += 1;
        mqtt_session_tick(bed->session);
        check_said(qos == 2 ? "publish t=payl qos=2" : "publish t=payl qos=1");
        bed_forget(bed);
        bed_disconnect(MOSQ_ERR_CONN_LOST);
        const char *text = said_log_end(&bed->said);
        const char *line =
            qos == 2 ? "warning broker b1:1883 closes the connection after a message of QoS 2; "
                       "using QoS 1\n"
                     : "warning the broker closes the connection after a message to \"t\"; this "
                       "message is dropped, and others to this topic are refused for 1 min\n";
        if (!strstr(text, line))
            fail_msg("%s is not in: %s", line, text);
        said_log_begin(&bed->said);
        if (qos == 2)
            check_said("lost by_broker");
    }
    check_said("published 1: the broker closes the connection after it\nlost by_broker");
    assert_int_equal(publish(bed, "t", 1, false, &number), PUBLISH_BLOCKED);
    assert_int_equal(publish(bed, "other", 1, false, &number), PUBLISH_SENT);
    set_clock_ms += 60000;
    assert_int_equal(publish(bed, "t", 1, false, &number), PUBLISH_SENT);
    /* Other settings forget it. */
    mqtt_session_reconfigure(bed->session, &bed->options, false);
    assert_int_equal(publish(bed, "t", 1, false, &number), PUBLISH_SENT);
}

/* A topic that is refused again and again is tried after longer and longer pauses. */
static void test_growing_pauses(void **state)
{
    static const unsigned minutes[] = {1, 2, 4, 8, 16};
    struct session_bed *bed = *state;
    int number;
    bed_create(bed);
    for (size_t i = 0; i < COUNT(minutes); i++) {
        char expected[300];
        for (int closes = i == 0 ? 3 : 1; closes > 0; closes--) {
            bed_attempt(bed);
            bed_connack(0, 0, NULL);
            if (closes == 3 || i > 0)
                assert_int_equal(publish(bed, "t", 1, false, &number), PUBLISH_SENT);
            set_clock_ms += PUBLICATION_QUIET_MS;
            mqtt_session_tick(bed->session);
            bed_forget(bed);
            bed_disconnect(MOSQ_ERR_CONN_LOST);
        }
        snprintf(expected, sizeof expected,
                 "warning the broker closes the connection after a message to \"t\"; this message "
                 "is dropped, and others to this topic are refused for %u min\n",
                 minutes[i]);
        const char *text = said_log_end(&bed->said);
        if (!strstr(text, expected))
            fail_msg("%s is not in: %s", expected, text);
        said_log_begin(&bed->said);
        set_clock_ms += minutes[i] * UINT64_C(60000) - 1;
        assert_int_equal(publish(bed, "t", 1, false, &number), PUBLISH_BLOCKED);
        set_clock_ms += 1;
    }
}

static void test_announce(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    bed_connect(bed);
    mqtt_session_announce(bed->session, "here");
    check_said("publish will=here qos=1 retain");
    assert_int_equal(bed->session->birth, 1);
    mqtt_session_announce(bed->session, "again"); /* not before the first is acknowledged */
    check_said("");
    mqtt_session_announce(bed->session, bed->options.will);
    check_said("publish will=gone qos=1 retain");
    assert_int_equal(bed->session->birth, 2);
    bed_puback(1, 0);
    assert_int_equal(bed->session->birth, 2);
    bed_puback(2, 0);
    assert_int_equal(bed->session->birth, 0);
    mqtt_session_announce(bed->session, "again");
    bed_puback(3, 0);
    fake.said[0] = '\0';
    bed->session->options.will_topic = NULL;
    mqtt_session_announce(bed->session, "here");
    check_said("");
}

/* The end of the process: the will is published as any other message. */
static void test_destroy(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    bed_connect(bed);
    mqtt_session_destroy(bed->session);
    bed->session = NULL;
    check_said("publish will=gone qos=1 retain\ndisconnect\nwrite\ndestroy");
    mqtt_session_destroy(NULL);
    bed_create(bed);
    mqtt_session_tick(bed->session);
    fake.said[0] = '\0';
    mqtt_session_destroy(bed->session);
    bed->session = NULL;
    check_said("destroy");
}

/* New settings: the connection is renewed, which is no failure. */
static void test_reconfigure(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    bed_connect(bed);
    bed->options.keepalive_s = 60;
    mqtt_session_reconfigure(bed->session, &bed->options, false);
    check_said("");
    bed->options.username = "u";
    mqtt_session_reconfigure(bed->session, &bed->options, true);
    check_said("user u password -\nexpiry=3600 packet=2097152\ndisconnect");
    check_log(bed, "info    reconnecting to the broker\n");
    bed_disconnect(0);
    check_said("lost");
    check_log(bed, "");
    assert_false(mqtt_session_has_failed(bed->session));
    assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_CONNECTING);
    assert_int_equal(mqtt_session_due_ms(bed->session), 0);
    mqtt_session_tick(bed->session);
    assert_non_null(strstr(fake.said, "connect b1:1883 keepalive=60"));
    assert_non_null(strstr(fake.said, "socket 6/4=12\nsocket 6/5=12\nsocket 6/18=24000"));
    bed_connack(0, 0, NULL);
    bed_forget(bed);
    fake.calls_left = 0;
    mqtt_session_reconfigure(bed->session, &bed->options, true);
    fake.calls_left = -1;
    check_log(bed, "error   cannot set up the MQTT client again\n"
                   "info    reconnecting to the broker\n");
    bed_disconnect(0);
    /* A pause of earlier failures ends with new settings. */
    bed_attempt(bed);
    bed_connack(5, 0, NULL);
    assert_int_equal(mqtt_session_due_ms(bed->session), 100);
    mqtt_session_reconfigure(bed->session, &bed->options, true);
    assert_int_equal(mqtt_session_due_ms(bed->session), 0);
}

/* With TLS the client is replaced, once no message is under way. */
static void test_replaced_client(void **state)
{
    struct session_bed *bed = *state;
    int number;
    bed->options.tls = true;
    bed_create(bed);
    bed_connect(bed);
    publish(bed, "t", 1, false, &number);
    mqtt_session_reconfigure(bed->session, &bed->options, true);
    bed_disconnect(0);
    bed_forget(bed);
    bed_attempt(bed);
    assert_null(strstr(fake.said, "new me"));
    bed_connack(0, 0, NULL);
    bed_forget(bed);
    mqtt_session_tick(bed->session);
    check_said("");
    bed_puback(1, 0);
    fake.said[0] = '\0';
    mqtt_session_tick(bed->session);
    check_said("disconnect");
    mqtt_session_tick(bed->session); /* it is under way */
    check_said("");
    bed_disconnect(0);
    fake.calls_left = 0;
    bed_forget(bed);
    mqtt_session_tick(bed->session); /* the old one stays when there is none */
    fake.calls_left = -1;
    const char *text = said_log_end(&bed->said);
    assert_memory_equal(text, "error   cannot set up the MQTT client again\n", 44);
    said_log_begin(&bed->said);
    assert_int_equal(fake.clients, 1);
    assert_null(strstr(fake.said, "destroy"));
}

/* The library keeps the limit of an earlier CONNACK: a broker without one gets another client. */
static void test_packet_limit(void **state)
{
    struct session_bed *bed = *state;
    mosquitto_property *properties = NULL;
    bed_create(bed);
    bed_attempt(bed);
    mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, 1);
    bed_connack(0, 0, properties);
    mosquitto_property_free_all(&properties);
    bed_disconnect(MOSQ_ERR_KEEPALIVE);
    bed_attempt(bed);
    bed_forget(bed);
    bed_connack(0, 0, NULL);
    check_said("");
    assert_int_equal(bed->session->state, SESSION_DISCONNECTED);
    check_log(bed, "");
    assert_int_equal(mqtt_session_due_ms(bed->session), 0);
    mqtt_session_tick(bed->session);
    assert_memory_equal(fake.said, "new me\n", 7);
    fake.said[0] = '\0';
    bed_connack(0, 0, NULL);
    check_said("connected packet=0 qos=2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_subscribe, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_subscribe_3_1_1, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_subscribe_fails, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_unsubscribe, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_publish, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_abilities, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_publish_fails, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_waiting_messages, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_message_that_closes, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_growing_pauses, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_announce, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_destroy, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_reconfigure, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_replaced_client, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_packet_limit, bed_open, bed_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
