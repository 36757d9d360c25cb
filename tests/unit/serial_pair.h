/* A serial line that is a pseudo-terminal. */
#ifndef TAGFERRY_TESTS_SERIAL_PAIR_H
#define TAGFERRY_TESTS_SERIAL_PAIR_H

#include "check.h"

#include <pty.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/serial_line.h"

struct serial_pair {
    int far, near; /* the ends of the cable; the near one in raw mode */
    struct serial_line line;
};

static inline struct serial_pair make_pair(const char *format)
{
    struct serial_pair pair;
    struct termios raw = {0};
    char name[64], text[128], why[256];
    cfmakeraw(&raw);
    raw.c_cflag |= CREAD;
    assert_int_equal(openpty(&pair.far, &pair.near, name, &raw, NULL), 0);
    snprintf(text, sizeof text, "%s%s", name, format);
    assert_true(serial_line_parse(text, &pair.line, why, sizeof why));
    return pair;
}

static inline void close_pair(struct serial_pair *pair)
{
    close(pair->near);
    close(pair->far);
}

#endif
