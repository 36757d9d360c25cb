/* The texts of serial lines, and the times that follow from them. */
#include "check.h"

#include <stdbool.h>
#include <string.h>

#include "common/base/serial_line.h"

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *normal;
    } rows[] = {
        {"/dev/ttyUSB0", "/dev/ttyUSB0:19200,8E1"},
        {"/dev/ttyUSB0:9600", "/dev/ttyUSB0:9600,8E1"},
        {"/dev/ttyUSB0:9600,8N1", "/dev/ttyUSB0:9600,8N1"},
        {"/dev/ttyUSB0,8o2", "/dev/ttyUSB0:19200,8O2"},
        {"/dev/ttyUSB0:300,8n2", "/dev/ttyUSB0:300,8N2"},
        {"/dev/ttyUSB0:4000000", "/dev/ttyUSB0:4000000,8E1"},
        {"//dev/./ttyUSB0/:009600", "/dev/ttyUSB0:9600,8E1"},
        {"/a/..b/.c", "/a/..b/.c:19200,8E1"},
        {"/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0",
         "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0:19200,8E1"},
        {"/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0:9600,8N1",
         "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0:9600,8N1"},
        {"/dev/ttyS1,rs485", "/dev/ttyS1:19200,8E1,rs485"},
        {"/dev/ttyS1:9600,rs485,8N1,rts=high,before=0,after=0", "/dev/ttyS1:9600,8N1,rs485"},
        {"/dev/ttyS1:9600,8N1,rs485,after=100,rts=low,before=1",
         "/dev/ttyS1:9600,8N1,rs485,rts=low,before=1,after=100"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct serial_line line, again;
        char why[256] = "", text[SERIAL_TEXT_SIZE];
        check_row(serial_line_parse(rows[i].text, &line, why, sizeof why), rows[i].text);
        serial_line_format(&line, text);
        assert_string_equal(text, rows[i].normal);
        check_row(serial_line_parse(text, &again, why, sizeof why), text);
        check_row(serial_line_is_equal(&line, &again), text);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why; /* a part of the reason */
    } rows[] = {
        {"", "absolute path"},
        {"ttyUSB0:9600", "absolute path"},
        {"/", "absolute path"},
        {"/:9600", "absolute path"},
        {"/dev/../etc/passwd", "absolute path"},
        {"/dev/tty USB0", "absolute path"},
        {"/dev/tty\nUSB0", "absolute path"},
        {"/dev/ttyUSB0:", "\"\" is not a speed"},
        {"/dev/ttyUSB0:96OO", "\"96OO\" is not a speed"},
        {"/dev/ttyUSB0:9601,8N1", "\"9601\" is not a speed"},
        {"/dev/ttyUSB0:0", "\"0\" is not a speed"},
        {"/dev/ttyUSB0:299", "\"299\" is not a speed"},
        {"/dev/ttyUSB0:4000001", "is not a speed"},
        {"/dev/ttyUSB0:4294976896", "is not a speed"}, /* 9600 in 32 bits */
        {"/dev/ttyUSB0:-9600", "is not a speed"},
        {"/dev/ttyUSB0:9600,7E1", "Modbus ASCII"},
        {"/dev/ttyUSB0:9600,9N1", "is not a format"},
        {"/dev/ttyUSB0:9600,8X1", "is not a format"},
        {"/dev/ttyUSB0:9600,8N0", "is not a format"},
        {"/dev/ttyUSB0:9600,8N3", "is not a format"},
        {"/dev/ttyUSB0:9600,8N", "is not a format"},
        {"/dev/ttyUSB0:9600,8", "is not a format"},
        {"/dev/ttyUSB0:9600,8N11", "is not a format"},
        {"/dev/ttyUSB0:9600,", "\"\" is not an option"},
        {"/dev/ttyUSB0:9600,8N1,", "\"\" is not an option"},
        {"/dev/ttyUSB0:9600,8N1,RS485", "is not an option"},
        {"/dev/ttyUSB0:9600,8N1, rs485", "is not an option"},
        {"/dev/ttyUSB0:9600,rts=low", "needs rs485"},
        {"/dev/ttyUSB0:9600,rs485,rts=up", "is not an option"},
        {"/dev/ttyUSB0:9600,rs485,before=101", "0 to 100 ms"},
        {"/dev/ttyUSB0:9600,rs485,after=-1", "0 to 100 ms"},
        {"/dev/ttyUSB0:9600,rs485,after=", "0 to 100 ms"},
        {"/dev/ttyUSB0:9600,rs485,after=1ms", "0 to 100 ms"},
        {"/dev/ttyUSB0:9600,rs485,after=4294967296", "0 to 100 ms"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct serial_line line;
        char why[256] = "";
        check_row(!serial_line_parse(rows[i].text, &line, why, sizeof why), rows[i].text);
        if (!strstr(why, rows[i].why))
            fail_msg("%s: %s", rows[i].text, why);
    }
}

static void test_long_paths(void **state)
{
    (void)state;
    for (size_t len = SERIAL_PATH_SIZE - 2; len <= SERIAL_PATH_SIZE; len++) {
        char text[SERIAL_PATH_SIZE + 1], why[256];
        struct serial_line line;
        memset(text, 'a', len);
        text[0] = '/';
        text[len] = '\0';
        assert_int_equal(serial_line_parse(text, &line, why, sizeof why), len < SERIAL_PATH_SIZE);
    }
}

static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t character_us;
    } rows[] = {
        {"/dev/a:9600,8E1", 1146}, {"/dev/a:9600,8N1", 1042}, {"/dev/a:9600,8E2", 1250},
        {"/dev/a:300,8E2", 40000}, {"/dev/a:4000000,8N1", 3},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct serial_line line;
        char why[256];
        check_row(serial_line_parse(rows[i].text, &line, why, sizeof why), rows[i].text);
        check_row(serial_line_character_us(&line) == rows[i].character_us, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_long_paths),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
