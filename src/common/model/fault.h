/* Reasons why a message or value was refused, or a register could not be reached. The names are the
 * codes of `last_error` in the API. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_FAULT_H
#define TAGFERRY_COMMON_MODEL_FAULT_H

enum fault {
    FAULT_NONE,
    FAULT_INVALID_JSON,
    FAULT_TOO_LARGE,
    FAULT_NOT_A_NUMBER,
    FAULT_OUT_OF_RANGE,
    FAULT_INEXACT_INTEGER,
    FAULT_NULL_VALUE,
    FAULT_UNMAPPED_STRING,
    FAULT_TOO_LONG,
    FAULT_NOT_A_STRING,
    FAULT_MODBUS_UNREACHABLE,
    FAULT_MODBUS_EXCEPTION,
    FAULT_SUBSCRIPTION_REFUSED,      /* the broker refused the subscription */
    FAULT_SUBSCRIPTION_UNANSWERED,   /* the broker did not answer it */
    FAULT_SUBSCRIPTION_DISCONNECTED, /* the broker closed the connection instead */
    FAULT_SHARED_UNAVAILABLE,        /* CONNACK: the broker has no shared subscriptions */
    FAULT_WILDCARD_UNAVAILABLE,      /* CONNACK: the broker has no wildcards */
    FAULT_TOPIC_TOO_LONG,            /* longer than the broker's maximum packet */
    FAULT_UNMAPPED_NUMBER,           /* SCADA wrote a number without an entry in mqtt.values */
    FAULT_NO_MATCH,                  /* a text that mqtt.pattern does not match */
    FAULT_INVALID_SPARKPLUG,         /* the message is no payload of Sparkplug B */
    FAULT_NO_BIRTH,                  /* it has only aliases, and no birth says whose they are */
    FAULT_BAD_QUALITY,               /* the device itself says that the value is not good */
    FAULT_COMMAND_REFUSED,           /* the broker does not take messages to the command's topic */
    FAULT_NOT_BCD,                   /* a register of bcd16 or bcd32 has a digit above 9 */
    FAULT_COUNT
};

/* In the order of the enum; "none" for FAULT_NONE. */
extern const char *const fault_names[];

#endif
