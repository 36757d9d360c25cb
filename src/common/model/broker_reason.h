/* Why mqttd has no connection to its broker that counts, as its log, the live table, the metrics
 * and tagferry-api name it. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_BROKER_REASON_H
#define TAGFERRY_COMMON_MODEL_BROKER_REASON_H

enum broker_reason {
    BROKER_CONNECTED,        /* it has one */
    BROKER_CONNECTING,       /* no attempt has failed yet */
    BROKER_UNREACHABLE,      /* no TCP connection */
    BROKER_TLS_FAILED,       /* certificates, or versions of TLS */
    BROKER_NO_ANSWER,        /* none to CONNECT, in 10 s */
    BROKER_CLOSED,           /* the broker closed instead of answering CONNECT */
    BROKER_PROTOCOL_REFUSED, /* it does not speak this version of MQTT */
    BROKER_CLIENT_ID_REFUSED,
    BROKER_NOT_AUTHORIZED,      /* user name, password, or what they permit */
    BROKER_REFUSED,             /* CONNECT was refused for another reason */
    BROKER_LOST,                /* an accepted connection ended */
    BROKER_SESSION_TAKEN_OVER,  /* by another client of the same id */
    BROKER_CLOSED_ON_SUBSCRIBE, /* it ended before a subscription was answered */
    BROKER_CLOSED_ON_PUBLISH,   /* it ended before the birth message was acknowledged */
    BROKER_NO_MEMORY,           /* ended by mqttd, so that a message comes again */
    BROKER_REASON_COUNT
};

/* In the order of the enum, ended by NULL. */
extern const char *const broker_reason_names[];

#endif
