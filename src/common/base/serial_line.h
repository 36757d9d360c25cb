/* The parameters of a serial line for Modbus RTU, as users write them. Pure.
 *
 *     PATH[:BAUD][,FORMAT][,rs485[,rts=high|low][,before=MS][,after=MS]]
 *
 * such as "/dev/ttyUSB0:9600,8N1" or "/dev/ttyS1:19200,8E1,rs485,after=1". FORMAT has the data
 * bits, which are 8, the parity (N, E or O) and the stop bits (1 or 2). What is left out is 19200
 * and 8E1, the defaults of Modbus over Serial Line 1.02. */
#ifndef TAGFERRY_COMMON_BASE_SERIAL_LINE_H
#define TAGFERRY_COMMON_BASE_SERIAL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIAL_HOST_PREFIX "serial:"

enum {
    SERIAL_PATH_SIZE = 200,
    SERIAL_TEXT_SIZE = SERIAL_PATH_SIZE + 56, /* what serial_line_format writes */
    SERIAL_DELAY_MAX = 100,                   /* ms, before and after sending */
};

struct serial_line {
    char path[SERIAL_PATH_SIZE]; /* absolute and normalised: no "//", "/./", "/" at the end */
    uint32_t baud;               /* a row of serial_line_speeds */
    char parity;                 /* 'N', 'E' or 'O' */
    uint8_t stop_bits;           /* 1 or 2 */
    bool rs485;                  /* the driver switches the transmitter by RTS */
    bool rts_low;                /* RTS is low while sending */
    uint8_t before_ms, after_ms; /* from RTS to the first bit, and from the last bit to RTS */
};

/* The speeds that a line can have, in rising order, with 0 at the end. */
extern const uint32_t serial_line_speeds[];

/* Reads the text. False, with the reason in `why`, if it describes no line. */
bool serial_line_parse(const char *text, struct serial_line *line, char *why, size_t why_size);
/* The same for a network.modbus_host: the text after "serial:", which a host of another kind does
 * not begin with. */
bool serial_line_parse_host(const char *host, struct serial_line *line, char *why, size_t why_size);
/* True for a host that begins with "serial:". */
bool serial_line_is_host(const char *host);
/* Writes the text with speed and format, without options that have their default.
 * serial_line_parse reads it back. */
void serial_line_format(const struct serial_line *line, char text[SERIAL_TEXT_SIZE]);
/* True when all members are equal. */
bool serial_line_is_equal(const struct serial_line *a, const struct serial_line *b);

/* The time of one character in microseconds, rounded up: start bit, data, parity, stop bits. */
uint32_t serial_line_character_us(const struct serial_line *line);

#endif
