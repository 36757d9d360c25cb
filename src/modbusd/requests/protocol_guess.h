/* Guesses the protocol of a client that does not use the one of its port. Pure. */
#ifndef TAGFERRY_MODBUSD_REQUESTS_PROTOCOL_GUESS_H
#define TAGFERRY_MODBUSD_REQUESTS_PROTOCOL_GUESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum protocol {
    PROTOCOL_UNKNOWN,
    PROTOCOL_TCP, /* Modbus TCP */
    PROTOCOL_RTU, /* Modbus RTU frames, as on a serial line, over TCP */
    PROTOCOL_ASCII,
    PROTOCOL_TLS,
    PROTOCOL_HTTP,
    PROTOCOL_MQTT,
    PROTOCOL_SSH,
    PROTOCOL_PROXY, /* the header of a proxy, not a protocol of its own */
    PROTOCOL_COUNT
};

/* Guesses from the first bytes of a connection, on a port where `expected` is spoken: PROTOCOL_TCP
 * or PROTOCOL_RTU. */
enum protocol protocol_guess(enum protocol expected, const uint8_t *bytes, size_t len);
/* The name of the protocol, and a remedy, for the log. */
const char *protocol_name(enum protocol protocol);
const char *protocol_remedy(enum protocol expected, enum protocol protocol);

/* True when the bytes begin with a complete Modbus RTU request with a valid checksum. Such a
 * request may also look like a Modbus TCP frame or the start of one. */
bool protocol_is_rtu(const uint8_t *bytes, size_t len);

#endif
