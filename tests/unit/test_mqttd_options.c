/* The options of [mqttd] that have a form of their own, and the certificates that they name. */
#include "mqttd_settings.h"

#include "common/model/tag.h"
#include "mqttd/modbus_certificates.h"
#include "tls_pems.h"

/* Reads one assignment; true when it is taken. Call mqttd_conf_finish. */
static bool read_one(struct mqttd_conf *read, const char *option, const char *value)
{
    char text[400];
    snprintf(text, sizeof text, "mqttd.%s=%s", option, value);
    const char *const list[] = {text, NULL};
    return mqttd_conf_read(read, list);
}

static void test_gateway_status(void **state)
{
    static const struct {
        const char *text;
        bool taken;
        struct gateway_status_location place;
    } rows[] = {
        {"", true, {0}},
        {"1:input_register:9000", true, {true, 1, TABLE_INPUT_REGISTER, 9000}},
        {"1:holding_register:0", true, {true, 1, TABLE_HOLDING_REGISTER, 0}},
        {"247:holding_register:65532", true, {true, 247, TABLE_HOLDING_REGISTER, 65532}},
        {"247:holding_register:65533", false, {0}},
        {"248:holding_register:1", false, {0}},
        {"0:holding_register:1", false, {0}},
        {"1:coil:1", false, {0}},
        {"1:discrete_input:1", false, {0}},
        {"1:register:1", false, {0}},
        {"1:holding_register:1x", false, {0}},
        {"1:holding_register:1 2", false, {0}},
        {"1:holding_register: 1", false, {0}},
        {"1:holding_register:+1", false, {0}},
        {"+1:holding_register:1", false, {0}},
        {"1:holding_register:", false, {0}},
        {"1:holding_register", false, {0}},
        {"1:holding_register:100000", false, {0}},
        {"0001:holding_register:1", false, {0}},
        {"1:holding_register:-1", false, {0}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mqttd_conf read;
        char expected[400];
        bool ok = read_one(&read, "gateway_status", rows[i].text);
        check_row(ok == rows[i].taken, rows[i].text);
        if (!ok) {
            snprintf(expected, sizeof expected,
                     "\"%s\" is not a location of four registers such as "
                     "\"1:input_register:9000\"\n",
                     rows[i].text);
            check_row(strstr(read.said, expected) != NULL, read.said);
        }
        const struct gateway_status_location *place = &read.settings.gateway_status;
        check_row(place->on == rows[i].place.on, rows[i].text);
        check_row(place->unit == rows[i].place.unit, rows[i].text);
        check_row(place->table == rows[i].place.table, rows[i].text);
        check_row(place->address == rows[i].place.address, rows[i].text);
        mqttd_conf_finish(&read);
    }
}

static void fill(char *text, size_t len, const char *end)
{
    memset(text, 't', len);
    strcpy(text + len - strlen(end), end);
}

static void test_topics(void **state)
{
    static char status_256[300], status_257[300], mirror_200[300], mirror_201[300];
    static const char status[] = "is not a topic to publish to, of at most 256 bytes and with "
                                 "{client_id} at most once\n",
                      mirror[] = "is not a topic to publish to, of at most 200 bytes, without a "
                                 "slash at its end or $ at its beginning\n";
    static const struct {
        const char *option, *text, *refusal;
    } rows[] = {
        {"status_topic", "", NULL},
        {"status_topic", "a", NULL},
        {"status_topic", "a/{client_id}/b", NULL},
        {"status_topic", "{client_id}", NULL},
        {"status_topic", "a/{client_id}/{client_id}", status},
        {"status_topic", "a/+", status},
        {"status_topic", "a/#", status},
        {"status_topic", status_256, NULL},
        {"status_topic", status_257, status},
        {"mirror_topic", "", NULL},
        {"mirror_topic", "a", NULL},
        {"mirror_topic", "a/b", NULL},
        {"mirror_topic", "a/", mirror},
        {"mirror_topic", "/", mirror},
        {"mirror_topic", "$a", mirror},
        {"mirror_topic", "a$", NULL},
        {"mirror_topic", "a/+", mirror},
        {"mirror_topic", mirror_200, NULL},
        {"mirror_topic", mirror_201, mirror},
    };
    (void)state;
    fill(status_256, 256, "/{client_id}");
    fill(status_257, 257, "/{client_id}");
    fill(mirror_200, 200, "");
    fill(mirror_201, 201, "");
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mqttd_conf read;
        bool ok = read_one(&read, rows[i].option, rows[i].text);
        check_row(ok == !rows[i].refusal, rows[i].text);
        if (ok) {
            const char *got = strcmp(rows[i].option, "status_topic") == 0
                                  ? read.settings.status_topic
                                  : read.settings.mirror_topic;
            check_row(strlen(got) == strlen(rows[i].text), rows[i].text);
        } else {
            char expected[400];
            snprintf(expected, sizeof expected, "\"%.60s\" %s", rows[i].text, rows[i].refusal);
            check_row(strstr(read.said, expected) != NULL, read.said);
        }
        mqttd_conf_finish(&read);
    }
}

static void test_certificates(void **state)
{
    char folder[] = "/tmp/tagferry-certificates-XXXXXX", pem[80], key_file[80], lacks[80];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(pem, sizeof pem, "%s/pem", folder);
    snprintf(key_file, sizeof key_file, "%s/key", folder);
    snprintf(lacks, sizeof lacks, "%s/lacks", folder);
    write_text_file(pem, certificate, 0600);
    write_text_file(key_file, key, 0600);
    const struct {
        const char *ca, *certificate, *key, *why;
        bool taken, loaded;
    } rows[] = {
        {"", "", "", "", true, false},
        {pem, "", "", "", true, true},
        {pem, pem, key_file, "", true, true},
        {"", pem, key_file,
         "[mqttd] modbus_tls_certificate needs modbus_tls_ca: without the CA that signs the "
         "servers' certificates no server could be trusted",
         false, false},
        {pem, pem, "", "[mqttd] modbus_tls_certificate and modbus_tls_key need one another", false,
         false},
        {pem, "", key_file, "[mqttd] modbus_tls_certificate and modbus_tls_key need one another",
         false, false},
        {lacks, "", "", "[mqttd] ", false, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mqttd_settings settings = {.modbus_tls_ca = rows[i].ca,
                                          .modbus_tls_certificate = rows[i].certificate,
                                          .modbus_tls_key = rows[i].key};
        struct modbus_tls_credentials *credentials = (void *)folder;
        char why[1000] = "";
        bool ok = modbus_certificates_load(&settings, &credentials, why, sizeof why);
        assert_int_equal(ok, rows[i].taken);
        assert_int_equal(credentials != NULL, rows[i].loaded);
        if (rows[i].ca == lacks) {
            assert_memory_equal(why, rows[i].why, strlen(rows[i].why));
            assert_non_null(strstr(why, lacks));
        } else {
            assert_string_equal(why, rows[i].why);
        }
        modbus_tls_release(credentials);
    }
    unlink(pem);
    unlink(key_file);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gateway_status),
        cmocka_unit_test(test_topics),
        cmocka_unit_test(test_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
