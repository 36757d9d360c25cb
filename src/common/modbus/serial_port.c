/* Opens a terminal device, locks it and sets its parameters. */
#include "common/modbus/serial_port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/require.h"

/* In the order of serial_line_speeds. */
static const speed_t serial_speed_codes[] = {
    B300,     B600,     B1200,    B1800,    B2400,    B4800,    B9600,    B19200,
    B38400,   B57600,   B115200,  B230400,  B460800,  B500000,  B576000,  B921600,
    B1000000, B1152000, B1500000, B2000000, B2500000, B3000000, B3500000, B4000000};

static speed_t serial_speed_code(uint32_t baud)
{
    size_t i = 0;
    while (serial_line_speeds[i] != baud && serial_line_speeds[i] != 0)
        i++;
    REQUIRE(i < sizeof serial_speed_codes / sizeof serial_speed_codes[0]);
    return serial_speed_codes[i];
}

/* Writes the reason for an errno of `call`, and returns false. */
static bool serial_port_fail(const struct serial_line *line, const char *what, char *why,
                             size_t why_size)
{
    int error = errno;
    snprintf(why, why_size, "%s: %s%s%s", line->path, what, what[0] ? ": " : "", strerror(error));
    errno = error;
    return false;
}

/* Opens nothing but devices: to open another file can have effects. */
static int serial_port_open_device(const struct serial_line *line, char *why, size_t why_size)
{
    struct stat about;
    int fd = -1;
    if (stat(line->path, &about) == 0) {
        errno = ENOTTY;
        if (S_ISCHR(about.st_mode))
            fd = open(line->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    }
    if (fd >= 0 && isatty(fd))
        return fd;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    if (error == EBUSY)
        snprintf(why, why_size, "%s: another program uses this line", line->path);
    else if (error == ENOTTY)
        snprintf(why, why_size, "%s is not a serial line", line->path);
    else
        serial_port_fail(line, error == EACCES ? "the daemon's user has no right to it" : "", why,
                         why_size);
    return -1;
}

/* The lock keeps out other daemons, also those of root, for whom TIOCEXCL means nothing. */
static bool serial_port_lock(const struct serial_line *line, int fd, char *why, size_t why_size)
{
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int error = errno == EWOULDBLOCK ? EBUSY : errno;
        snprintf(why, why_size, "%s: %s", line->path,
                 error == EBUSY ? "another program uses this line" : strerror(error));
        errno = error;
        return false;
    }
    return ioctl(fd, TIOCEXCL) == 0 || serial_port_fail(line, "", why, why_size);
}

/* Checks what became of the mode. Pseudo-terminals have no parity and need none. */
static bool serial_port_check_mode(const struct serial_line *line, int fd, char *why,
                                   size_t why_size)
{
    enum { PTY_FIRST = 136, PTY_LAST = 143 }; /* the device numbers of Unix 98 */
    struct termios mode;
    struct stat about;
    if (tcgetattr(fd, &mode) != 0 || fstat(fd, &about) != 0)
        return serial_port_fail(line, "", why, why_size);
    bool is_pty = major(about.st_rdev) >= PTY_FIRST && major(about.st_rdev) <= PTY_LAST;
    bool has_parity = (mode.c_cflag & PARENB) != 0;
    if (cfgetospeed(&mode) != serial_speed_code(line->baud))
        snprintf(why, why_size, "%s does not support %u baud", line->path, line->baud);
    else if (!is_pty && has_parity != (line->parity != 'N'))
        snprintf(why, why_size, "%s does not support parity %c", line->path, line->parity);
    else
        return true;
    errno = EINVAL;
    return false;
}

static bool serial_port_set_mode(const struct serial_line *line, int fd, char *why, size_t why_size)
{
    struct termios mode;
    speed_t speed = serial_speed_code(line->baud);
    if (tcgetattr(fd, &mode) != 0)
        return serial_port_fail(line, "", why, why_size);
    cfmakeraw(&mode);
    /* A byte with a wrong parity is read as 0, and the CRC of its frame is wrong. */
    mode.c_iflag |= INPCK | IGNBRK;
    mode.c_cflag &= ~(tcflag_t)(CSTOPB | PARODD | PARENB | CRTSCTS | HUPCL);
    mode.c_cflag |= CLOCAL | CREAD;
    if (line->parity != 'N')
        mode.c_cflag |= PARENB;
    if (line->parity == 'O')
        mode.c_cflag |= PARODD;
    if (line->stop_bits == 2)
        mode.c_cflag |= CSTOPB;
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    cfsetispeed(&mode, speed);
    cfsetospeed(&mode, speed);
    tcflush(fd, TCIOFLUSH);
    /* The C library's EINVAL means that the line has not taken all of it, such as the parity. */
    if (tcsetattr(fd, TCSANOW, &mode) != 0 && errno != EINVAL)
        return serial_port_fail(line, "cannot set its speed and format", why, why_size);
    return serial_port_check_mode(line, fd, why, why_size);
}

static bool serial_port_set_rs485(const struct serial_line *line, int fd, char *why,
                                  size_t why_size)
{
    struct serial_rs485 mode = {
        .flags =
            SER_RS485_ENABLED | (line->rts_low ? SER_RS485_RTS_AFTER_SEND : SER_RS485_RTS_ON_SEND),
        .delay_rts_before_send = line->before_ms,
        .delay_rts_after_send = line->after_ms};
    if (!line->rs485 || ioctl(fd, TIOCSRS485, &mode) == 0)
        return true;
    return serial_port_fail(line,
                            "its driver does not switch RS-485; leave rs485 out for an adapter "
                            "that switches by itself",
                            why, why_size);
}

int serial_port_open(const struct serial_line *line, char *why, size_t why_size)
{
    int fd = serial_port_open_device(line, why, why_size);
    if (fd < 0)
        return -1;
    if (serial_port_lock(line, fd, why, why_size) &&
        serial_port_set_mode(line, fd, why, why_size) &&
        serial_port_set_rs485(line, fd, why, why_size))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}
