/* The settings of the session with the broker, and the files that they name. */
#include "mqttd_settings.h"
#include "said_log.h"

#include "common/base/hash.h"
#include "mqttd/session_settings.h"

static char folder[40], path[80], assignments[8][200];
static const char *list[9];
static char host_name[200];

int __wrap_gethostname(char *name, size_t size);

int __wrap_gethostname(char *name, size_t size)
{
    if (!host_name[0])
        return -1;
    snprintf(name, size, "%s", host_name);
    return 0;
}

static int open_files(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/tagferry-session-XXXXXX");
    assert_non_null(mkdtemp(folder));
    unsetenv("CREDENTIALS_DIRECTORY");
    memset(list, 0, sizeof list);
    snprintf(host_name, sizeof host_name, "host");
    return 0;
}

static int close_files(void **state)
{
    static const char *const names[] = {"a", "b", "c", "tagferry.mqtt-password"};
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    unsetenv("CREDENTIALS_DIRECTORY");
    return rmdir(folder);
}

static const char *file_with(const char *name, const char *content)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (content)
        write_text_file(path, content, 0600);
    return path;
}

/* Sets option `i`; a %s is the path of a file. */
static void set(size_t i, const char *format, const char *value)
{
    snprintf(assignments[i], sizeof assignments[i], "%s%s", format, value);
    list[i] = assignments[i];
    list[i + 1] = NULL;
}

/* A session with the present assignments. */
struct reading {
    struct mqttd_conf conf;
    struct session_settings session;
    char why[1200];
    bool ok;
};

static void read_session(struct reading *reading)
{
    reading->why[0] = '\0';
    if (!mqttd_conf_read(&reading->conf, list))
        fail_msg("%s", reading->conf.said);
    reading->ok = session_settings_read(&reading->session, &reading->conf.settings, reading->why,
                                        sizeof reading->why);
}

static uint64_t digest_now(void)
{
    struct reading reading;
    read_session(&reading);
    if (!reading.ok)
        fail_msg("%s", reading.why);
    mqttd_conf_finish(&reading.conf);
    return reading.session.digest;
}

static void check_refused(const char *expected)
{
    struct reading reading;
    read_session(&reading);
    mqttd_conf_finish(&reading.conf);
    assert_string_equal(reading.why, expected);
    assert_false(reading.ok);
}

static void test_defaults(void **state)
{
    struct reading reading;
    char topic[SESSION_TOPIC_SIZE];
    (void)state;
    read_session(&reading);
    assert_true(reading.ok);
    assert_string_equal(session_settings_client_id(&reading.session), "tagferry");
    session_settings_status_topic(&reading.session, topic);
    assert_string_equal(topic, "tagferry/tagferry/status");
    struct mqtt_session_options options = session_settings_options(&reading.session, topic, "gone");
    assert_ptr_equal(options.brokers, &reading.conf.settings.broker);
    assert_string_equal(options.client_id, "tagferry");
    assert_null(options.username);
    assert_null(options.password);
    assert_null(options.ca_file);
    assert_null(options.cert_file);
    assert_null(options.key_file);
    assert_false(options.tls || options.clean || options.is_quiet);
    assert_string_equal(options.will_topic, topic);
    assert_string_equal(options.will, "gone");
    assert_int_equal(options.version, MQTT_VERSION_AUTO);
    assert_int_equal(options.max_packet, 2 << 20);
    assert_int_equal(options.keepalive_s, 30);
    assert_int_equal(options.session_expiry_s, 604800);
    options = session_settings_options(&reading.session, "", "gone");
    assert_null(options.will_topic);
    mqttd_conf_finish(&reading.conf);
}

static void test_options(void **state)
{
    struct reading reading;
    (void)state;
    set(0, "mqttd.username=", "me");
    set(1, "mqttd.password_file=", file_with("a", "pass word\r\nmore\n"));
    set(2, "mqttd.protocol=", "3.1.1");
    set(3, "mqttd.keepalive_s=", "65535");
    set(4, "mqttd.session_expiry_s=", "4294967295");
    set(5, "mqttd.client_id=", "mine");
    set(6, "common.gateway=", "east");
    read_session(&reading);
    assert_true(reading.ok);
    const struct mqtt_session_options options =
        session_settings_options(&reading.session, "t", "w");
    assert_string_equal(options.username, "me");
    assert_string_equal(options.password, "pass word");
    assert_string_equal(options.client_id, "mine");
    assert_int_equal(options.version, MQTT_VERSION_3_1_1);
    assert_int_equal(options.keepalive_s, 65535);
    assert_int_equal(options.session_expiry_s, 4294967295);
    mqttd_conf_finish(&reading.conf);
}

/* Whole MiB, with one more than the payload needs. */
static void test_max_packet(void **state)
{
    static const struct {
        const char *max_payload;
        uint32_t packet;
    } rows[] = {{"1", 2 << 20},           {"1048575", 2 << 20},    {"1048576", 3 << 20},
                {"2097151", 3 << 20},     {"2097152", 4 << 20},    {"267386879", 256 << 20},
                {"267386880", 268435460}, {"268435455", 268435460}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct reading reading;
        set(0, "mqttd.max_payload=", rows[i].max_payload);
        read_session(&reading);
        check_row(session_settings_options(&reading.session, "", NULL).max_packet == rows[i].packet,
                  rows[i].max_payload);
        mqttd_conf_finish(&reading.conf);
    }
}

/* The client id of a gateway with a name has the host's name. */
static void test_client_id(void **state)
{
    static char host_79[80], id_79[100];
    static const struct {
        const char *gateway, *host, *id;
    } rows[] = {
        {"", "host", "tagferry"},
        {"east", "host", "tagferry-east-host"},
        {"east", "", "tagferry-east"},
        {"east", "Plant-1_a.local/x+#", "tagferry-east-Plant-1_a_local_x__"},
        {"e", host_79, id_79},
    };
    (void)state;
    memset(host_79, 'h', sizeof host_79 - 1);
    snprintf(id_79, sizeof id_79, "tagferry-e-%.78s", host_79);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct reading reading;
        snprintf(host_name, sizeof host_name, "%s", rows[i].host);
        set(0, "common.gateway=", rows[i].gateway);
        read_session(&reading);
        assert_true(reading.ok);
        assert_string_equal(session_settings_client_id(&reading.session), rows[i].id);
        mqttd_conf_finish(&reading.conf);
    }
}

static void test_status_topic(void **state)
{
    static char long_id[170], long_topic[200];
    static const struct {
        const char *topic, *id, *expected;
    } rows[] = {
        {"a/{client_id}/b", "me", "a/me/b"},
        {"{client_id}", "a+b#c", "a_b_c"},
        {"plain", "me", "plain"},
        {"", "me", ""},
        {"x/{client_id}", long_id, long_topic},
    };
    (void)state;
    memset(long_id, 'i', sizeof long_id - 1);
    memcpy(long_id + 159, "\xc3\xa9", 2); /* at the limit: it is left out */
    snprintf(long_topic, sizeof long_topic, "x/%.159s", long_id);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct reading reading;
        char topic[SESSION_TOPIC_SIZE];
        set(0, "mqttd.status_topic=", rows[i].topic);
        set(1, "mqttd.client_id=", rows[i].id);
        read_session(&reading);
        assert_true(reading.ok);
        session_settings_status_topic(&reading.session, topic);
        assert_string_equal(topic, rows[i].expected);
        mqttd_conf_finish(&reading.conf);
    }
}

static void check_password(const char *expected)
{
    struct reading reading;
    read_session(&reading);
    if (!reading.ok)
        fail_msg("%s", reading.why);
    assert_string_equal(reading.session.password, expected);
    mqttd_conf_finish(&reading.conf);
}

static void test_password(void **state)
{
    static char content[SESSION_PASSWORD_SIZE + 2];
    char expected[200];
    (void)state;
    static const struct {
        const char *content, *password;
    } rows[] = {{"", ""},        {"\n", ""},     {"a", "a"},         {"a\n", "a"},
                {"a\r\nb", "a"}, {"\nnext", ""}, {" a b ", " a b "}, {"a\rb\n", "a"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        set(0, "mqttd.password_file=", file_with("a", rows[i].content));
        check_password(rows[i].password);
    }
    memset(content, 'p', sizeof content);
    content[SESSION_PASSWORD_SIZE - 2] = '\0';
    file_with("a", content);
    check_password(content);
    content[SESSION_PASSWORD_SIZE - 2] = 'p';
    content[SESSION_PASSWORD_SIZE - 1] = '\0';
    file_with("a", content);
    snprintf(expected, sizeof expected, "[mqttd] password_file: %s/a: the line is too long",
             folder);
    check_refused(expected);
    unlink(path);
    snprintf(expected, sizeof expected, "[mqttd] password_file: %s/a: No such file or directory",
             folder);
    check_refused(expected);
    set(0, "mqttd.password_file=", folder);
    snprintf(expected, sizeof expected, "[mqttd] password_file: %s: Is a directory", folder);
    check_refused(expected);
}

/* A file that all may read is said. */
static void test_readable_password(void **state)
{
    struct said_log said;
    (void)state;
    set(0, "mqttd.password_file=", file_with("a", "p"));
    said_log_begin(&said);
    check_password("p");
    assert_string_equal(said_log_end(&said), "");
    chmod(path, 0644);
    said_log_begin(&said);
    check_password("p");
    assert_non_null(strstr(said_log_end(&said), path));
}

/* The credential of the service manager, without a password_file. */
static void test_credential(void **state)
{
    char expected[200];
    (void)state;
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    check_password(""); /* there is none */
    file_with("tagferry.mqtt-password", "secret\n");
    check_password("secret");
    set(0, "mqttd.password_file=", file_with("a", "other"));
    check_password("other");
    list[0] = NULL;
    snprintf(path, sizeof path, "%s/tagferry.mqtt-password", folder);
    unlink(path);
    assert_int_equal(symlink(path, path), 0); /* exists, and cannot be read */
    snprintf(expected, sizeof expected,
             "[mqttd] password_file: %s: Too many levels of symbolic links", path);
    check_refused(expected);
    unsetenv("CREDENTIALS_DIRECTORY");
    check_password("");
}

/* Each setting that needs a new connection changes the digest, and no other does. */
static void test_digest(void **state)
{
    static const struct {
        const char *option, *value;
        bool changes;
    } rows[] = {
        {"mqttd.broker=", "127.0.0.1:1884", true},
        {"mqttd.broker=", "127.0.0.2:1883", true},
        {"mqttd.broker=", "127.0.0.1:1883,127.0.0.1:1884", true},
        {"mqttd.username=", "u", true},
        {"mqttd.keepalive_s=", "31", true},
        {"mqttd.session_expiry_s=", "604801", true},
        {"mqttd.max_payload=", "1048576", true},
        {"mqttd.max_payload=", "1048575", false},
        {"mqttd.ca_file=", "/x", true}, /* without TLS it is not read */
        {"mqttd.cert_file=", "/x", true},
        {"mqttd.key_file=", "/x", true},
        {"mqttd.discovery_mb=", "17", false},
        {"mqttd.gateway_status=", "1:input_register:9000", false},
    };
    (void)state;
    list[0] = NULL;
    uint64_t before = digest_now();
    assert_int_equal(digest_now(), before);
    for (size_t i = 0; i < COUNT(rows); i++) {
        set(0, rows[i].option, rows[i].value);
        check_row((digest_now() != before) == rows[i].changes, rows[i].option);
    }
    set(0, "mqttd.password_file=", file_with("a", "p"));
    uint64_t with_password = digest_now();
    assert_int_not_equal(with_password, before);
    file_with("a", "p\nmore");
    assert_int_equal(digest_now(), with_password);
    file_with("a", "q");
    assert_int_not_equal(digest_now(), with_password);
    /* A text is not joined with the next one. */
    set(0, "mqttd.username=", "ab");
    uint64_t user = digest_now();
    set(0, "mqttd.username=", "a");
    set(1, "mqttd.password_file=", file_with("a", "b"));
    assert_int_not_equal(digest_now(), user);
}

/* With TLS the contents of the files count. */
static void test_pem_files(void **state)
{
    static const char *const keys[] = {"ca_file", "cert_file", "key_file"};
    char expected[200];
    (void)state;
    set(0, "mqttd.tls=", "yes");
    uint64_t before = digest_now();
    set(1, "mqttd.cert_file=", file_with("b", "-----BEGIN X-----\nb\n"));
    check_refused("[mqttd] cert_file and key_file need one another");
    set(1, "mqttd.key_file=", file_with("c", "-----BEGIN X-----\nc\n"));
    check_refused("[mqttd] cert_file and key_file need one another");
    set(2, "mqttd.cert_file=", file_with("b", NULL));
    set(3, "mqttd.ca_file=", file_with("a", "text before\n-----BEGIN X-----\na\n"));
    uint64_t all = digest_now();
    assert_int_not_equal(all, before);
    for (size_t i = 0; i < 3; i++) {
        char name[2] = {(char)('a' + i), '\0'}, content[60];
        snprintf(content, sizeof content, "-----BEGIN X-----\n%s\n-----END X-----\n", name);
        file_with(name, content);
        uint64_t other = digest_now();
        assert_int_not_equal(other, all);
        all = other;
        file_with(name, "-----BEGIN\n");
        snprintf(expected, sizeof expected, "[mqttd] %s: %s/%s: the file has no data in PEM format",
                 keys[i], folder, name);
        check_refused(expected);
        file_with(name, "");
        check_refused(expected);
        unlink(path);
        snprintf(expected, sizeof expected, "[mqttd] %s: %s/%s: No such file or directory", keys[i],
                 folder, name);
        check_refused(expected);
        assert_int_equal(mkdir(path, 0700), 0);
        snprintf(expected, sizeof expected, "[mqttd] %s: %s/%s: Is a directory", keys[i], folder,
                 name);
        check_refused(expected);
        rmdir(path);
        file_with(name, content);
        assert_int_equal(digest_now(), all);
    }
    /* A key that all may read is said. */
    struct said_log said;
    said_log_begin(&said);
    digest_now();
    assert_string_equal(said_log_end(&said), "");
    file_with("c", NULL);
    chmod(path, 0644);
    said_log_begin(&said);
    digest_now();
    assert_non_null(strstr(said_log_end(&said), path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults, open_files, close_files),
        cmocka_unit_test_setup_teardown(test_options, open_files, close_files),
        cmocka_unit_test_setup_teardown(test_max_packet, open_files, close_files),
        cmocka_unit_test_setup_teardown(test_client_id, open_files, close_files),
        cmocka_unit_test_setup_teardown(test_status_topic, open_files, close_files),
        cmocka_unit_test_setup_teardown(test_password, open_files, close_files),
        cmocka_unit_test_setup_teardown(test_readable_password, open_files, close_files),
        cmocka_unit_test_setup_teardown(test_credential, open_files, close_files),
        cmocka_unit_test_setup_teardown(test_digest, open_files, close_files),
        cmocka_unit_test_setup_teardown(test_pem_files, open_files, close_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
