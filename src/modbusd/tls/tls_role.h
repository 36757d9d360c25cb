/* The role of a client, from the extension of its certificate that Modbus/TCP Security defines.
 * Pure. */
#ifndef TAGFERRY_MODBUSD_TLS_TLS_ROLE_H
#define TAGFERRY_MODBUSD_TLS_TLS_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TLS_ROLE_MAX = 64 }; /* bytes of a role */

/* Reads the value of the extension: DER of one UTF8String of 1 to TLS_ROLE_MAX bytes without
 * control characters. False if it is anything else. */
bool tls_role_parse(const uint8_t *der, size_t len, char role[TLS_ROLE_MAX + 1]);

#endif
