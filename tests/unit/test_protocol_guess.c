/* The protocols of clients that do not speak the one of their port. */
#include "check.h"

#include <string.h>

#include "modbusd/requests/protocol_guess.h"

static void test_guesses(void **state)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t len;
        enum protocol protocol;
    } rows[] = {
        {"nothing", "", 0, PROTOCOL_UNKNOWN},
        {"RTU, FC3 of 0, 10 registers", "\x01\x03\x00\x00\x00\x0a\xc5\xcd", 8, PROTOCOL_RTU},
        {"and another behind it",
         "\x01\x03\x00\x00\x00\x0a\xc5\xcd\x01\x03\x00\x00\x00\x0a\xc5\xcd", 16, PROTOCOL_RTU},
        {"a byte missing", "\x01\x03\x00\x00\x00\x0a\xc5", 7, PROTOCOL_UNKNOWN},
        {"a wrong checksum", "\x01\x03\x00\x00\x00\x0a\xc5\xce", 8, PROTOCOL_UNKNOWN},
        {"RTU, FC16", "\x01\x10\x00\x01\x00\x02\x04\x00\x0a\x01\x02\x92\x30", 13, PROTOCOL_RTU},
        {"RTU, FC17", "\x11\x11\xcd\xec", 4, PROTOCOL_RTU},
        {"Modbus TCP", "\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a", 12, PROTOCOL_UNKNOWN},
        {"ASCII", ":010300000001FB\r\n", 17, PROTOCOL_ASCII},
        {"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11, PROTOCOL_TLS},
        {"HTTP", "GET / HTTP/1.1\r\n", 16, PROTOCOL_HTTP},
        {"half a method", "GET", 3, PROTOCOL_UNKNOWN},
        {"HTTP, POST", "POST /api HTTP/1.1\r\n", 20, PROTOCOL_HTTP},
        {"MQTT", "\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", 14, PROTOCOL_MQTT},
        {"PROXY, version 2",
         "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\x0a\0\0\7\x0a\0\0\1\xc3\x50\x01\xf6", 28,
         PROTOCOL_PROXY},
        {"PROXY, version 1", "PROXY TCP4 10.0.0.7 10.0.0.1 50000 502\r\n", 40, PROTOCOL_PROXY},
        {"SSH", "SSH-2.0-OpenSSH_9.2\r\n", 21, PROTOCOL_SSH},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum protocol protocol =
            protocol_guess(PROTOCOL_TCP, (const uint8_t *)rows[i].bytes, rows[i].len);
        if (protocol != rows[i].protocol)
            fail_msg("%s: %s", rows[i].name, protocol_name(protocol));
    }
}

/* On a port for Modbus RTU over TCP. */
static void test_guesses_instead_of_rtu(void **state)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t len;
        enum protocol protocol;
    } rows[] = {
        {"RTU", "\x01\x03\x00\x00\x00\x0a\xc5\xcd", 8, PROTOCOL_UNKNOWN},
        {"a wrong checksum", "\x01\x03\x00\x00\x00\x0a\xc5\xce", 8, PROTOCOL_UNKNOWN},
        {"Modbus TCP", "\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a", 12, PROTOCOL_TCP},
        {"its header", "\x00\x01\x00\x00\x00\x06\x01", 7, PROTOCOL_UNKNOWN},
        {"a function that is not served", "\x00\x01\x00\x00\x00\x06\x01\x09\x00\x00\x00\x0a", 12,
         PROTOCOL_UNKNOWN},
        {"HTTP", "GET / HTTP/1.1\r\n", 16, PROTOCOL_HTTP},
        {"ASCII", ":010300000001FB\r\n", 17, PROTOCOL_ASCII},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum protocol protocol =
            protocol_guess(PROTOCOL_RTU, (const uint8_t *)rows[i].bytes, rows[i].len);
        check_row(protocol == rows[i].protocol, rows[i].name);
        check_row(protocol_remedy(PROTOCOL_RTU, protocol) != NULL, rows[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guesses),
        cmocka_unit_test(test_guesses_instead_of_rtu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
