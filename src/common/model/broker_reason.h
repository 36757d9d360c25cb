/* The state of mqttd's connection to the broker, with the reason if it is not connected. Logs, live
 * table, metrics and API use these names. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_BROKER_REASON_H
#define TAGFERRY_COMMON_MODEL_BROKER_REASON_H

enum broker_reason {
    BROKER_CONNECTED,        /* not a failure */
    BROKER_CONNECTING,       /* no attempt has failed yet */
    BROKER_UNREACHABLE,      /* no TCP connection */
    BROKER_TLS_FAILED,       /* certificate or TLS version */
    BROKER_NO_ANSWER,        /* to CONNECT, within 10 s */
    BROKER_CLOSED,           /* the broker closed the connection instead of answering CONNECT */
    BROKER_PROTOCOL_REFUSED, /* the broker does not support this MQTT version */
    BROKER_CLIENT_ID_REFUSED,
    BROKER_NOT_AUTHORIZED,      /* user name, password or permissions */
    BROKER_REFUSED,             /* CONNECT was refused for another reason */
    BROKER_LOST,                /* an accepted connection ended */
    BROKER_SESSION_TAKEN_OVER,  /* by another client with the same id */
    BROKER_CLOSED_ON_SUBSCRIBE, /* closed before a subscription was answered */
    BROKER_CLOSED_ON_PUBLISH,   /* closed before the birth message was acknowledged */
    BROKER_NO_MEMORY,           /* closed by mqttd, so that the broker sends a message again */
    BROKER_REASON_COUNT
};

/* In the order of the enum, ended by NULL. */
extern const char *const broker_reason_names[];

#endif
