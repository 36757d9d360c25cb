/* Names of gateways. Gateways of one name hold the same devices. Pure. */
#ifndef TAGFERRY_COMMON_BASE_GATEWAY_NAME_H
#define TAGFERRY_COMMON_BASE_GATEWAY_NAME_H

#include <stdbool.h>

enum { GATEWAY_NAME_MAX = 64, GATEWAY_NAME_SIZE = GATEWAY_NAME_MAX + 1 };

/* What a name is, for messages. */
#define GATEWAY_NAME_RULE                                                                          \
    "must begin with a letter or digit, have at most 64 characters, and contain only letters, "    \
    "digits, '_' and '-'"

/* True for a text that GATEWAY_NAME_RULE describes. No dots or blanks: some brokers refuse topics
 * with them. */
bool gateway_name_is_valid(const char *name);
/* True when the gateway `own` ("" without a name) holds a device that names the gateway `named`;
 * NULL: every gateway does. */
bool gateway_holds_device(const char *own, const char *named);

#endif
