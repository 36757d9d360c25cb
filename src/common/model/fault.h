/* Why a message or a value was refused, or a register not reached. The names are the codes of
 * `last_error` in the API. Pure. */
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
    FAULT_SUBSCRIPTION_REFUSED,      /* the broker will not send the topic */
    FAULT_SUBSCRIPTION_UNANSWERED,   /* it does not say whether it will */
    FAULT_SUBSCRIPTION_DISCONNECTED, /* it closes the connection instead */
    FAULT_SHARED_UNAVAILABLE,        /* it offers no shared subscriptions, as CONNACK says */
    FAULT_WILDCARD_UNAVAILABLE,      /* it offers no wildcards */
    FAULT_TOPIC_TOO_LONG,            /* for its largest packet */
    FAULT_UNMAPPED_NUMBER,           /* SCADA wrote a number without an entry in mqtt.values */
    FAULT_COUNT
};

/* "none" for FAULT_NONE. */
extern const char *const fault_names[];

#endif
