/* Guesses the protocol of a client that does not speak Modbus TCP. Pure. */
#ifndef TAGFERRY_MODBUSD_PROTOCOL_GUESS_H
#define TAGFERRY_MODBUSD_PROTOCOL_GUESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum protocol {
    PROTOCOL_UNKNOWN,
    PROTOCOL_RTU, /* Modbus RTU, as a serial line has it, on TCP */
    PROTOCOL_ASCII,
    PROTOCOL_TLS,
    PROTOCOL_HTTP,
    PROTOCOL_MQTT,
    PROTOCOL_SSH,
    PROTOCOL_COUNT
};

/* Judges by the first bytes of a connection. UNKNOWN when they look like none of the others. */
enum protocol protocol_guess(const uint8_t *bytes, size_t len);
/* Its name, and what to do about it, for a line in the log. */
const char *protocol_name(enum protocol protocol);
const char *protocol_remedy(enum protocol protocol);

/* True when the bytes begin with a whole request of Modbus RTU and its right checksum. Such a
 * request may pass for a frame of Modbus TCP, too, or for the beginning of one. */
bool protocol_is_rtu(const uint8_t *bytes, size_t len);

#endif
