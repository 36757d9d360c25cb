/* Serial lines on pseudo-terminals: the mode, the lock, and what is no line. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/modbus/serial_port.h"
#include "serial_pair.h"

/* Waits for a byte, which a pseudo-terminal passes on a little later. */
static bool has_byte(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};
    return poll(&one, 1, 20000) == 1;
}

static void check_byte(int from, int to, unsigned char sent)
{
    unsigned char got = (unsigned char)~sent;
    assert_int_equal(write(from, &sent, 1), 1);
    assert_true(has_byte(to));
    assert_int_equal(read(to, &got, 1), 1);
    assert_int_equal(got, sent);
}

static void test_mode(void **state)
{
    struct serial_pair pair = make_pair(":38400,8N2");
    struct termios mode;
    char why[256] = "", byte;
    (void)state;
    assert_int_equal(write(pair.far, "old", 3), 3);
    assert_true(has_byte(pair.near));
    int fd = serial_port_open(&pair.line, why, sizeof why);
    assert_string_equal(why, "");
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(tcgetattr(fd, &mode), 0);
    assert_int_equal(cfgetospeed(&mode), B38400);
    assert_int_equal(cfgetispeed(&mode), B38400);
    assert_int_equal(mode.c_cflag & CSIZE, CS8);
    assert_int_equal(mode.c_cflag & (CSTOPB | CLOCAL | CREAD | HUPCL | CRTSCTS),
                     CSTOPB | CLOCAL | CREAD);
    assert_int_equal(mode.c_iflag, INPCK | IGNBRK);
    assert_int_equal(mode.c_cc[VMIN], 1);
    assert_int_equal(mode.c_cc[VTIME], 0);
    assert_false(mode.c_lflag & (ICANON | ECHO | ISIG));
    assert_false(mode.c_oflag & OPOST);

    /* What came before the line was opened is gone; all bytes pass unchanged. */
    assert_int_equal(read(fd, &byte, 1), -1);
    assert_int_equal(errno, EAGAIN);
    for (int i = 0; i < 256; i++) {
        check_byte(pair.far, fd, (unsigned char)i);
        check_byte(fd, pair.far, (unsigned char)i);
    }
    close_pair(&pair);
    assert_true(has_byte(fd));
    assert_true(read(fd, &byte, 1) <= 0);
    close(fd);
}

/* The stop bits follow the line, whatever it had before. */
static void test_stop_bits(void **state)
{
    static const char *const formats[] = {":9600,8N2", ":9600,8N1", ":9600,8E1", ":9600,8O2"};
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct serial_pair pair = make_pair(formats[i]);
        struct termios mode;
        char why[256] = "";
        int fd = serial_port_open(&pair.line, why, sizeof why);
        assert_string_equal(why, "");
        assert_int_equal(tcgetattr(fd, &mode), 0);
        assert_int_equal((mode.c_cflag & CSTOPB) != 0, pair.line.stop_bits == 2);
        assert_int_equal(mode.c_cflag & PARODD ? 'O' : 'E', pair.line.parity == 'O' ? 'O' : 'E');
        assert_int_equal(cfgetospeed(&mode), B9600);
        close(fd);
        close_pair(&pair);
    }
}

static void test_lock(void **state)
{
    struct serial_pair pair = make_pair(":9600");
    char why[256] = "", expected[256];
    (void)state;
    int fd = serial_port_open(&pair.line, why, sizeof why);
    assert_string_equal(why, "");
    assert_int_equal(serial_port_open(&pair.line, why, sizeof why), -1);
    assert_int_equal(errno, EBUSY);
    snprintf(expected, sizeof expected, "%s: another program uses this line", pair.line.path);
    assert_string_equal(why, expected);
    close(fd);
    fd = serial_port_open(&pair.line, why, sizeof why);
    if (fd < 0)
        fail_msg("%s", why);
    close(fd);
    close_pair(&pair);
}

static void test_rs485(void **state)
{
    struct serial_pair pair = make_pair(":9600,8E1,rs485,after=1");
    char why[320] = "", expected[320];
    (void)state;
    assert_int_equal(serial_port_open(&pair.line, why, sizeof why), -1);
    snprintf(expected, sizeof expected,
             "%s: its driver does not switch RS-485; leave rs485 out for an adapter that switches "
             "by itself: %s",
             pair.line.path, strerror(errno));
    assert_string_equal(why, expected);
    pair.line.rs485 = false;
    int fd = serial_port_open(&pair.line, why, sizeof why); /* the failure has freed the line */
    if (fd < 0)
        fail_msg("%s", why);
    close(fd);
    close_pair(&pair);
}

static void test_other_files(void **state)
{
    (void)state;
    static const struct {
        const char *path, *why;
        int error;
    } rows[] = {
        {"/dev/null", "/dev/null is not a serial line", ENOTTY},
        {"/etc/passwd", "/etc/passwd is not a serial line", ENOTTY},
        {"/dev", "/dev is not a serial line", ENOTTY},
        {"/dev/no-such-line", "/dev/no-such-line: No such file or directory", ENOENT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct serial_line line;
        char why[256] = "";
        assert_true(serial_line_parse(rows[i].path, &line, why, sizeof why));
        check_row(serial_port_open(&line, why, sizeof why) == -1, rows[i].path);
        check_row(errno == rows[i].error, rows[i].path);
        assert_string_equal(why, rows[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mode),        cmocka_unit_test(test_stop_bits),
        cmocka_unit_test(test_lock),        cmocka_unit_test(test_rs485),
        cmocka_unit_test(test_other_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
