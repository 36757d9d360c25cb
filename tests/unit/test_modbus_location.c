/* The server and unit that hold a device's registers. */
#include <string.h>

#include "check.h"
#include "common/model/modbus_location.h"

static const struct net_addr local = {"127.0.0.1", 502};

static void finds_the_server(void **state)
{
    static const struct {
        const char *host;
        uint16_t port;
        const char *server;
    } rows[] = {
        {NULL, 502, ""},
        {NULL, 0, ""},
        {"127.0.0.1", 502, ""},
        {"LocalHost.", 502, ""},
        {"::ffff:127.0.0.1", 502, ""},
        {"127.0.0.1", 503, "127.0.0.1:503"},
        {"PLC-1.Example.", 502, "plc-1.example:502"},
        {"2001:DB8:0::1", 502, "[2001:db8::1]:502"},
        {"serial:/dev/ttyUSB0", 502, "serial:/dev/ttyUSB0"},
        {"serial://dev/./ttyUSB0:9600,8N1,rs485", 503, "serial:/dev/ttyUSB0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *name = rows[i].host ? rows[i].host : "none";
        struct modbus_location found =
            modbus_location_make(rows[i].host, rows[i].port, 7, "line-1", &local);
        bool is_local = *rows[i].server == '\0';
        check_row(strcmp(found.server, rows[i].server) == 0, name);
        check_row(found.unit == 7, name);
        check_row(found.is_exclusive == (strncmp(rows[i].server, "serial:", 7) == 0), name);
        check_row(modbus_location_is_local(&found) == is_local, name);
        check_row(strcmp(found.gateway, is_local ? "line-1" : "") == 0, name);
        check_row(modbus_server_is_local(rows[i].host, rows[i].port, &local) == is_local, name);
    }
}

static void takes_a_host_that_is_too_long(void **state)
{
    char host[2 * NET_HOST_SIZE];
    (void)state;
    memset(host, 'a', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    struct modbus_location found = modbus_location_make(host, 502, 1, NULL, &local);
    assert_false(modbus_location_is_local(&found));
    assert_true(strlen(found.server) < NET_TEXT_SIZE);
}

static void compares_server_and_unit(void **state)
{
    (void)state;
    struct modbus_location one = modbus_location_make("plc", 502, 1, NULL, &local);
    struct modbus_location same = modbus_location_make("PLC.", 502, 1, NULL, &local);
    struct modbus_location unit = modbus_location_make("plc", 502, 2, NULL, &local);
    struct modbus_location port = modbus_location_make("plc", 503, 1, NULL, &local);
    assert_true(modbus_location_is_equal(&one, &same));
    assert_false(modbus_location_is_equal(&one, &unit));
    assert_false(modbus_location_is_equal(&one, &port));
}

static void compares_gateways_on_the_local_server(void **state)
{
    struct unit_set units;
    char why[128];
    (void)state;
    struct modbus_location all = modbus_location_make(NULL, 502, 1, NULL, &local);
    struct modbus_location one = modbus_location_make(NULL, 502, 1, "line-1", &local);
    struct modbus_location two = modbus_location_make(NULL, 502, 1, "line-2", &local);
    struct modbus_location plc = modbus_location_make("plc", 502, 1, "line-1", &local);
    struct modbus_location same = modbus_location_make("plc", 502, 1, "line-2", &local);
    assert_false(modbus_location_is_equal(&all, &one));
    assert_false(modbus_location_is_equal(&one, &two));
    assert_true(modbus_location_is_equal(&plc, &same));
    assert_true(unit_set_parse("3-5", &units, why, sizeof why));
    struct modbus_location block = modbus_location_make_status(&units, 1, "line-2");
    assert_true(modbus_location_is_local(&block));
    assert_int_equal(block.unit, 3);
    assert_string_equal(block.gateway, "line-2");
}

static void finds_the_unit_of_a_status_block(void **state)
{
    struct unit_set units;
    char why[128];
    (void)state;
    assert_true(unit_set_parse("3-5", &units, why, sizeof why));
    assert_int_equal(modbus_location_status_unit(&units, 4), 4);
    assert_int_equal(modbus_location_status_unit(&units, 6), 3);
    assert_int_equal(modbus_location_status_unit(&units, 0), 3);
    assert_int_equal(modbus_location_status_unit(&units, 255), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_server),
        cmocka_unit_test(takes_a_host_that_is_too_long),
        cmocka_unit_test(compares_server_and_unit),
        cmocka_unit_test(compares_gateways_on_the_local_server),
        cmocka_unit_test(finds_the_unit_of_a_status_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
