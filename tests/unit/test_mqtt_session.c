/* The session: its client of the library, its connections and their ends. */
#include "session_bed.h"

static void test_client_options(void **state)
{
    struct session_bed *bed = *state;
    char why[200];
    bed->session = mqtt_session_create(&bed->options, &bed_hooks, why, sizeof why);
    check_said("new me\n"
               "protocol=5\n"
               "expiry=3600 packet=2097152\n"
               "threaded=1\n"
               "nodelay=1\n"
               "user - password -\n"
               "expiry=3600 packet=2097152\n"
               "receive_maximum=1000");
    assert_null(fake.newest->on_log);
    mqtt_session_destroy(bed->session);
    check_said("destroy"); /* no birth, no end */

    bed->options.version = MQTT_VERSION_3_1_1;
    bed->options.clean = bed->options.tls = true;
    bed->options.username = "u";
    bed->options.password = "p";
    bed->options.ca_file = "ca";
    bed->options.cert_file = "cert";
    bed->options.key_file = "key";
    bed->session = mqtt_session_create(&bed->options, &bed_hooks, why, sizeof why);
    check_said("new me clean\n"
               "protocol=4\n"
               "no properties\n"
               "threaded=1\n"
               "nodelay=1\n"
               "tls checks=1 tlsv1.2 -\n"
               "user u password p\n"
               "tls ca - cert key\n"
               "no properties\n"
               "receive_maximum=1000");
    assert_non_null(fake.newest->on_log);
    mqtt_session_destroy(bed->session);
    bed->options.ca_file = bed->options.cert_file = bed->options.key_file = NULL;
    bed->session = mqtt_session_create(&bed->options, &bed_hooks, why, sizeof why);
    assert_non_null(strstr(fake.said, "\ntls - /etc/ssl/certs - -\n"));
    assert_false(mqtt_session_is_connected(bed->session));
    assert_false(mqtt_session_has_failed(bed->session));
    assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_CONNECTING);
    assert_int_equal(mqtt_session_link(bed->session)->since_ms, set_clock_ms);
    assert_int_equal(mqtt_session_due_ms(bed->session), 0);
}

/* Each call of the library may fail. */
static void test_no_client(void **state)
{
    struct session_bed *bed = *state;
    bed->options.tls = true;
    int fails = 0;
    for (;; fails++) {
        char why[200] = "";
        fake.calls_left = fails;
        bed->session = mqtt_session_create(&bed->options, &bed_hooks, why, sizeof why);
        if (bed->session)
            break;
        assert_memory_equal(why, "cannot set up the MQTT client: ", 31);
        assert_int_equal(fake.clients, 0);
    }
    assert_int_equal(fails, 14);
    fake.calls_left = -1;
}

/* From the first tick to the first message. */
static void test_connection(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    mqtt_session_tick(bed->session);
    check_said("protocol=5\n"
               "expiry=3600 packet=2097152\n"
               "will will=gone qos=1 retain\n"
               "connect b1:1883 keepalive=30\n"
               "socket 1/9=1\n"
               "socket 6/4=6\n"
               "socket 6/5=6\n"
               "socket 6/18=12000");
    assert_int_equal(mqtt_session_due_ms(bed->session), -1);
    mqtt_session_flush(bed->session);
    check_said("");
    assert_false(bed->session->connect_sent);
    fake.wants_write = true;
    mqtt_session_flush(bed->session);
    check_said("write");
    assert_true(bed->session->connect_sent);

    mosquitto_property *properties = NULL;
    mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, 1000);
    mosquitto_property_add_byte(&properties, MQTT_PROP_RETAIN_AVAILABLE, 0);
    mosquitto_property_add_byte(&properties, MQTT_PROP_MAXIMUM_QOS, 1);
    mosquitto_property_add_byte(&properties, MQTT_PROP_SHARED_SUB_AVAILABLE, 0);
    mosquitto_property_add_byte(&properties, MQTT_PROP_WILDCARD_SUB_AVAILABLE, 0);
    set_clock_ms += 50;
    bed_connack(0, 1, properties);
    mosquitto_property_free_all(&properties);
    check_said("connected kept packet=1000 qos=1 no_shared no_wildcards");
    check_log(bed, "info    connected to broker b1:1883 as \"me\" with MQTT 5, session kept\n");
    assert_true(mqtt_session_is_connected(bed->session));
    assert_false(bed->session->available.retain);
    assert_int_equal(bed->session->available.qos, 1);
    assert_int_equal(mqtt_session_link(bed->session)->since_ms, set_clock_ms);
    assert_string_equal(mqtt_session_link(bed->session)->name, "");

    struct mosquitto_message message = {
        .topic = (char[]){"t"}, .payload = (char[]){"abc"}, .payloadlen = 2, .qos = 2};
    fake.newest->on_message(fake.newest, bed->session, &message, NULL);
    message = (struct mosquitto_message){.topic = (char[]){"u"}, .retain = true};
    fake.newest->on_message(fake.newest, bed->session, &message, NULL);
    check_said("message t=ab qos=2\nmessage u= qos=0 retained");

    /* Another CONNACK has all abilities, with a client that knows no limit. */
    bed_disconnect(MOSQ_ERR_CONN_LOST);
    bed->session->has_packet_limit = false;
    bed_attempt(bed);
    bed_forget(bed);
    bed_connack(0, 2, NULL);
    check_said("connected packet=0 qos=2");
    check_log(bed, "info    connected to broker b1:1883 as \"me\" with MQTT 5, new session\n");
    assert_true(bed->session->available.retain);
    assert_int_equal(bed->session->available.qos, 2);
}

/* Answers to CONNECT. */
static void test_refusals(void **state)
{
    struct session_bed *bed = *state;
    static const struct {
        int code;
        enum broker_reason reason;
        const char *words;
    } rows[] = {
        {1, BROKER_PROTOCOL_REFUSED, "Connection Refused: unacceptable protocol version"},
        {2, BROKER_CLIENT_ID_REFUSED, "Connection Refused: identifier rejected"},
        {3, BROKER_REFUSED, "Connection Refused: broker unavailable"},
        {4, BROKER_NOT_AUTHORIZED, "Connection Refused: bad user name or password"},
        {5, BROKER_NOT_AUTHORIZED, "Connection Refused: not authorised"},
        {128, BROKER_REFUSED, "Unspecified error"},
        {132, BROKER_PROTOCOL_REFUSED, "Unsupported Protocol Version"},
        {133, BROKER_CLIENT_ID_REFUSED, "Client Identifier not valid"},
        {134, BROKER_NOT_AUTHORIZED, "Bad User Name or Password"},
        {135, BROKER_NOT_AUTHORIZED, "Not authorized"},
        {136, BROKER_REFUSED, "Server unavailable"},
        {137, BROKER_REFUSED, "Server busy"},
        {138, BROKER_NOT_AUTHORIZED, "Banned"},
        {140, BROKER_NOT_AUTHORIZED, "Bad authentication method"},
        {151, BROKER_REFUSED, "Quota exceeded"},
        {255, BROKER_REFUSED, "Unknown reason"},
    };
    bed->options.version = MQTT_VERSION_5;
    bed_create(bed);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char expected[300];
        bed_attempt(bed);
        bed_forget(bed);
        bed_connack(rows[i].code, 0, NULL);
        check_said("");
        assert_int_equal(mqtt_session_link(bed->session)->down, rows[i].reason);
        assert_string_equal(mqtt_session_link(bed->session)->words, rows[i].words);
        snprintf(expected, sizeof expected,
                 "warning cannot connect to broker b1:1883 with MQTT 5: %s; retrying\n",
                 rows[i].words);
        check_log(bed, expected);
        assert_true(mqtt_session_has_failed(bed->session));
        set_clock_ms += 60000; /* another minute of the log */
    }
}

/* The will of the next attempt asks for less. */
static void test_will_is_refused(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    bed_attempt(bed);
    bed_connack(MQTT_RC_RETAIN_NOT_SUPPORTED, 0, NULL);
    fake.said[0] = '\0';
    bed_attempt(bed);
    assert_non_null(strstr(fake.said, "will will=gone qos=1\n"));
    bed_connack(MQTT_RC_QOS_NOT_SUPPORTED, 0, NULL);
    fake.said[0] = '\0';
    bed_attempt(bed);
    assert_non_null(strstr(fake.said, "will will=gone qos=0\n"));
    bed_connack(0, 0, NULL);
    fake.said[0] = '\0';
    mqtt_session_announce(bed->session, "here");
    check_said("publish will=here qos=0");
    /* Other settings begin with all of it. */
    mqtt_session_reconfigure(bed->session, &bed->options, true);
    bed_disconnect(0);
    fake.said[0] = '\0';
    bed_attempt(bed);
    assert_non_null(strstr(fake.said, "will will=gone qos=1 retain\n"));
}

/* How a connection ends. */
static void test_ends(void **state)
{
    struct session_bed *bed = *state;
    static const struct {
        int code;
        enum broker_reason reason;
        bool by_broker;
        const char *words;
    } rows[] = {
        {0, BROKER_LOST, true, "it ended the connection"},
        {MOSQ_ERR_NOMEM, BROKER_NO_MEMORY, false, "Out of memory"},
        {MOSQ_ERR_PROTOCOL, BROKER_LOST, true,
         "A network protocol error occurred when communicating with the broker"},
        {MOSQ_ERR_CONN_LOST, BROKER_LOST, true, "The connection was lost"},
        {MOSQ_ERR_ERRNO, BROKER_LOST, true, "Network is unreachable"},
        {MOSQ_ERR_KEEPALIVE, BROKER_LOST, false, "it does not answer any more"},
        {MOSQ_ERR_MALFORMED_PACKET, BROKER_LOST, true, "it sent a malformed packet"},
        {MQTT_RC_UNSPECIFIED, BROKER_LOST, true, "Unspecified error"},
        {MQTT_RC_NOT_AUTHORIZED, BROKER_LOST, true, "Not authorized"},
        {MQTT_RC_SERVER_BUSY, BROKER_LOST, false, "Server busy"},
        {MQTT_RC_SERVER_SHUTTING_DOWN, BROKER_LOST, false, "Server shutting down"},
        {MQTT_RC_KEEP_ALIVE_TIMEOUT, BROKER_LOST, false, "Keep Alive timeout"},
        {MQTT_RC_SESSION_TAKEN_OVER, BROKER_SESSION_TAKEN_OVER, false, "Session taken over"},
        {MQTT_RC_ADMINISTRATIVE_ACTION, BROKER_LOST, false, "Administrative action"},
        {MQTT_RC_USE_ANOTHER_SERVER, BROKER_LOST, false, "Use another server"},
        {MQTT_RC_SERVER_MOVED, BROKER_LOST, false, "Server moved"},
        {MQTT_RC_CONNECTION_RATE_EXCEEDED, BROKER_LOST, false, "Connection rate exceeded"},
        {MQTT_RC_MAXIMUM_CONNECT_TIME, BROKER_LOST, false, "Maximum connect time"},
        {MQTT_RC_QUOTA_EXCEEDED, BROKER_LOST, true, "Quota exceeded"},
        {255, BROKER_LOST, true, "Unknown reason"},
    };
    bed_create(bed);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char expected[300];
        bed_connect(bed);
        bed_last(bed);
        errno = ENETUNREACH;
        bed_disconnect(rows[i].code);
        check_said(rows[i].by_broker ? "lost by_broker" : "lost");
        assert_int_equal(mqtt_session_link(bed->session)->down, rows[i].reason);
        assert_string_equal(mqtt_session_link(bed->session)->words, rows[i].words);
        snprintf(expected, sizeof expected, "warning connection to broker b1:1883 lost: %s\n",
                 rows[i].words);
        check_log(bed, expected);
        assert_int_equal(mqtt_session_due_ms(bed->session), 100); /* it has lasted */
        bed_disconnect(MOSQ_ERR_CONN_LOST);                       /* has ended already */
        check_said("");
        set_clock_ms += 60000;
    }
    /* The hook may ask for a soon attempt. */
    bed_connect(bed);
    bed->wants_soon = true;
    bed_disconnect(MOSQ_ERR_CONN_LOST);
    assert_int_equal(mqtt_session_due_ms(bed->session), 500);
}

/* A broker that does not answer, and a connection that does not come about. */
static void test_no_answer(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    for (int sent = 0; sent < 2; sent++) {
        set_clock_ms += (uint64_t)mqtt_session_due_ms(bed->session);
        mqtt_session_tick(bed->session);
        fake.wants_write = true;
        if (sent)
            mqtt_session_flush(bed->session);
        set_clock_ms += 10000;
        mqtt_session_tick(bed->session);
        assert_int_equal(bed->session->state, SESSION_CONNECTING);
        set_clock_ms += 1;
        mqtt_session_tick(bed->session);
        assert_int_equal(bed->session->state, SESSION_DISCONNECTED);
        assert_int_equal(mqtt_session_link(bed->session)->down,
                         sent ? BROKER_NO_ANSWER : BROKER_UNREACHABLE);
        assert_string_equal(mqtt_session_link(bed->session)->words, "no answer");
    }
    check_log(bed, "warning cannot connect to broker b1:1883 with MQTT 5: no answer; retrying\n"
                   "warning cannot connect to broker b1:1883 with MQTT 5: no answer; retrying with "
                   "MQTT 3.1.1\n");
    fake.said[0] = '\0';
    bed_attempt(bed);
    assert_memory_equal(fake.said, "protocol=4\nno properties\n", 25);
}

/* A broker that closes the connection is asked in the other version at once, then after pauses. */
static void test_versions(void **state)
{
    struct session_bed *bed = *state;
    static const struct {
        const char *version;
        int due_ms; /* after it */
    } steps[] = {{"protocol=5\n", 0},   {"protocol=4\n", 100}, {"protocol=5\n", 0},
                 {"protocol=4\n", 200}, {"protocol=5\n", 0},   {"protocol=4\n", 400}};
    bed_create(bed);
    for (size_t i = 0; i < COUNT(steps); i++) {
        fake.said[0] = '\0';
        bed_attempt(bed);
        assert_memory_equal(fake.said, steps[i].version, 11);
        bed_disconnect(MOSQ_ERR_CONN_LOST);
        assert_int_equal(mqtt_session_due_ms(bed->session), steps[i].due_ms);
        assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_CLOSED);
        assert_string_equal(mqtt_session_link(bed->session)->words,
                            "it closed the connection in place of an answer");
    }
    check_log(bed, "warning cannot connect to broker b1:1883 with MQTT 5: it closed the connection "
                   "in place of an answer; retrying with MQTT 3.1.1\n"
                   "warning cannot connect to broker b1:1883 with MQTT 3.1.1: it closed the "
                   "connection in place of an answer; retrying with MQTT 5\n");

    /* The version that worked is the next one, and a close is no reason to change at once. */
    bed_attempt(bed);
    bed_disconnect(MOSQ_ERR_CONN_LOST);
    bed_connect(bed);
    assert_int_equal(bed->session->version, MQTT_VERSION_3_1_1);
    bed_last(bed);
    bed_disconnect(MOSQ_ERR_CONN_LOST);
    bed_attempt(bed);
    assert_int_equal(bed->session->version, MQTT_VERSION_3_1_1);
    bed_disconnect(MOSQ_ERR_CONN_LOST);
    assert_int_equal(mqtt_session_due_ms(bed->session), 200);
    /* A version that is refused is. */
    bed_attempt(bed);
    assert_int_equal(bed->session->version, MQTT_VERSION_5);
    bed_connack(MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION, 0, NULL);
    assert_int_equal(mqtt_session_due_ms(bed->session), 0);
}

/* A version of the settings stays. */
static void test_fixed_version(void **state)
{
    struct session_bed *bed = *state;
    bed->options.version = MQTT_VERSION_3_1_1;
    bed_create(bed);
    for (int i = 0; i < 3; i++) {
        bed_attempt(bed);
        assert_int_equal(bed->session->version, MQTT_VERSION_3_1_1);
        bed_disconnect(MOSQ_ERR_CONN_LOST);
        assert_int_equal(mqtt_session_due_ms(bed->session), 100 << i);
    }
    check_log(bed, "warning cannot connect to broker b1:1883 with MQTT 3.1.1: it closed the "
                   "connection in place of an answer; retrying\n");
    /* MQTT 3.1.1 has no password without a user name. */
    bed->options.password = "p";
    mqtt_session_reconfigure(bed->session, &bed->options, true);
    set_clock_ms += 5000;
    fake.said[0] = '\0';
    mqtt_session_tick(bed->session);
    assert_null(strstr(fake.said, "connect b1"));
    check_log(bed, "warning cannot connect to broker b1:1883 with MQTT 3.1.1: a password needs a "
                   "user name; retrying\n");
    assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_PROTOCOL_REFUSED);
}

/* A broker that closes because of a dot or a blank in the will's topic gets none. */
static void test_odd_will(void **state)
{
    struct session_bed *bed = *state;
    bed->options.version = MQTT_VERSION_5;
    bed->options.will_topic = "a.b";
    bed_create(bed);
    static const char *const wills[] = {"will a.b=gone", "no will", "will a.b=gone", "no will"};
    for (size_t i = 0; i < COUNT(wills); i++) {
        if (i > 0)
            bed_disconnect(MOSQ_ERR_CONN_LOST);
        fake.said[0] = '\0';
        bed_attempt(bed);
        assert_non_null(strstr(fake.said, wills[i]));
    }
    bed_forget(bed);
    bed_connack(0, 0, NULL);
    check_log(bed, "info    connected to broker b1:1883 as \"me\" with MQTT 5, new session\n"
                   "info    broker b1:1883 does not take the topic of the will, \"a.b\": there are "
                   "no birth and will messages\n");
    fake.said[0] = '\0';
    mqtt_session_announce(bed->session, "here");
    check_said("");
    /* With a will that some broker has taken, a close has another reason. */
    bed->session->will.is_left_out = false;
    bed->session->will.was_taken = true;
    bed_disconnect(MOSQ_ERR_CONN_LOST);
    bed_attempt(bed);
    bed_disconnect(MOSQ_ERR_CONN_LOST);
    assert_false(bed->session->will.is_left_out);
}

/* The brokers are tried in turn, and a pause follows the last of them. */
static void test_brokers(void **state)
{
    struct session_bed *bed = *state;
    bed->options.version = MQTT_VERSION_5;
    bed_set_brokers(bed, 3);
    bed_create(bed);
    fake.connected = MOSQ_ERR_EAI;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3; i++) {
            char expected[40];
            set_clock_ms += (uint64_t)mqtt_session_due_ms(bed->session);
            fake.said[0] = '\0';
            mqtt_session_tick(bed->session);
            snprintf(expected, sizeof expected, "connect b%d:%d ", i + 1, 1883 + i);
            assert_non_null(strstr(fake.said, expected));
            assert_int_equal(mqtt_session_due_ms(bed->session), i < 2 ? 0 : 100 << round);
            assert_int_equal(mqtt_session_link(bed->session)->down, BROKER_UNREACHABLE);
        }
    }
    check_log(bed,
              "warning cannot connect to broker b1:1883 with MQTT 5: Lookup error; retrying\n"
              "warning cannot connect to broker b2:1884 with MQTT 5: Lookup error; retrying\n"
              "warning cannot connect to broker b3:1885 with MQTT 5: Lookup error; retrying\n");
    bed_set_brokers(bed, 3);
    set_clock_ms += 400;
    mqtt_session_tick(bed->session);
    fake.connected = MOSQ_ERR_SUCCESS;
    bed_attempt(bed);
    bed_connack(0, 0, NULL);
    assert_string_equal(mqtt_session_link(bed->session)->name, "b2:1884");
    /* After a connection the same broker is first, and the count begins again. */
    bed_disconnect(MOSQ_ERR_CONN_LOST);
    fake.said[0] = '\0';
    bed_attempt(bed);
    assert_non_null(strstr(fake.said, "connect b2:1884 "));
}

/* An attempt that fails with this error. */
static void fail_with(struct session_bed *bed, int error, uint64_t at_ms)
{
    fake.connected = MOSQ_ERR_ERRNO;
    fake.error = error;
    set_clock_ms = at_ms;
    bed->session->backoff.until_ms = 0;
    mqtt_session_tick(bed->session);
}

/* One line for a reason, and ten a minute. */
static void test_log_of_failures(void **state)
{
    struct session_bed *bed = *state;
    char line[200], expected[3000] = "";
    uint64_t first_ms = set_clock_ms;
    bed->options.version = MQTT_VERSION_5;
    bed_create(bed);
    for (int error = 1; error <= 12; error++) {
        snprintf(line, sizeof line,
                 "warning cannot connect to broker b1:1883 with MQTT 5: %s; retrying\n",
                 strerror(error));
        if (error <= 10)
            strcat(expected, line);
        fail_with(bed, error, first_ms + (uint64_t)error);
        fail_with(bed, error, first_ms + (uint64_t)error);
    }
    check_log(bed, expected);
    fail_with(bed, 12, first_ms + 1 + 59999);
    check_log(bed, "");
    fail_with(bed, 12, first_ms + 1 + 60000);
    check_log(bed, line);
}

static void test_quiet_session(void **state)
{
    struct session_bed *bed = *state;
    bed->options.is_quiet = true;
    bed_create(bed);
    for (int i = 0; i < 4; i++) {
        bed_attempt(bed);
        bed_connack(0, 0, NULL);
        bed_disconnect(MOSQ_ERR_CONN_LOST);
    }
    bed_attempt(bed);
    bed_connack(5, 0, NULL);
    bed_attempt(bed);
    bed_connack(0, 0, NULL);
    set_clock_ms += BROKER_LINK_LASTING_MS;
    mqtt_session_tick(bed->session);
    check_log(bed, "");
}

/* The third short connection in a row: the log names a cause. */
static void test_flapping(void **state)
{
    struct session_bed *bed = *state;
    bed_create(bed);
    for (int i = 1; i <= 5; i++) {
        bed_attempt(bed);
        bed_forget(bed);
        bed_connack(0, 0, NULL);
        check_said(i > 3 ? "connected packet=0 qos=2 quiet" : "connected packet=0 qos=2");
        set_clock_ms += BROKER_LINK_LASTING_MS - 1;
        mqtt_session_tick(bed->session);
        bed_disconnect(MOSQ_ERR_CONN_LOST);
        const char *text = said_log_end(&bed->said);
        const char *connected = "info    connected to broker b1:1883 as \"me\" with MQTT 5, new "
                                "session\n";
        if (i <= 3)
            assert_memory_equal(text, connected, strlen(connected));
        assert_string_equal(
            i <= 3 ? text + strlen(connected) : text,
            i < 3 ? "warning connection to broker b1:1883 lost: The connection was lost\n"
            : i == 3
                ? "warning broker b1:1883: no connection lasts 10 s, the newest 3 ended early (The "
                  "connection was lost); likely cause: another client uses the client id \"me\", "
                  "or the session's queue at the broker is damaged\n"
                : "");
        said_log_begin(&bed->said);
    }
    /* The pauses grow, until a connection has lasted. */
    assert_int_equal(bed->session->backoff.length_ms, 1600);
    bed_attempt(bed);
    bed_connack(0, 0, NULL);
    bed_forget(bed);
    set_clock_ms += BROKER_LINK_LASTING_MS;
    mqtt_session_tick(bed->session);
    check_log(bed, "info    the connection to broker b1:1883 is stable again\n");
    mqtt_session_tick(bed->session);
    bed_disconnect(MOSQ_ERR_CONN_LOST);
    check_log(bed, "warning connection to broker b1:1883 lost: The connection was lost\n");
    assert_int_equal(mqtt_session_due_ms(bed->session), 100);
}

/* The likely cause of short connections. */
static void test_causes(void **state)
{
    static const struct {
        const char *does; /* before the end */
        int code;
        const char *reason, *cause;
    } rows[] = {
        {"", MQTT_RC_SESSION_TAKEN_OVER, "Session taken over",
         "another client uses the client id \"me\""},
        {"", MOSQ_ERR_NOMEM, "Out of memory", "this machine is out of memory"},
        {"subscribe", MOSQ_ERR_CONN_LOST, "The connection was lost",
         "it does not permit one of the subscriptions"},
        {"announce", MOSQ_ERR_CONN_LOST, "The connection was lost",
         "it does not take the message to \"will\", or another client uses the client id \"me\""},
    };
    bed_close(state);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char expected[400];
        bed_open(state);
        struct session_bed *bed = *state;
        bed_create(bed);
        for (int round = 0; round < 3; round++) {
            const char *filter = "a";
            int number;
            bed_connect(bed);
            if (strcmp(rows[i].does, "subscribe") == 0)
                mqtt_session_subscribe(bed->session, &filter, 1, 1, true, &number);
            if (strcmp(rows[i].does, "announce") == 0 && round == 0)
                mqtt_session_announce(bed->session, "here");
            if (round == 2 && rows[i].does[0] == 'a') {
                set_clock_ms += 1000;
                mqtt_session_tick(bed->session);
            }
            bed_forget(bed);
            bed_disconnect(rows[i].code);
        }
        snprintf(expected, sizeof expected,
                 "broker b1:1883: no connection lasts 10 s, the newest 3 ended early (%s); likely "
                 "cause: %s\n",
                 rows[i].reason, rows[i].cause);
        const char *text = said_log_end(&bed->said);
        if (!strstr(text, expected))
            fail_msg("%s is not in: %s", expected, text);
        said_log_begin(&bed->said);
        bed_close(state);
    }
    bed_open(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_client_options, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_no_client, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_connection, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_refusals, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_will_is_refused, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_ends, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_no_answer, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_versions, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_fixed_version, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_odd_will, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_brokers, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_log_of_failures, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_quiet_session, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_flapping, bed_open, bed_close),
        cmocka_unit_test_setup_teardown(test_causes, bed_open, bed_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
