/* The state of the connection to the broker: whether it counts as up, since when, why not, and
 * which version of MQTT to try. A connection counts as up when it has lasted, or when the one
 * before it has lasted: a broker that accepts and closes again and again counts as lost. Pure. */
#ifndef TAGFERRY_MQTTD_BROKER_BROKER_LINK_H
#define TAGFERRY_MQTTD_BROKER_BROKER_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/broker_reason.h"

enum {
    BROKER_LINK_LASTING_MS = 10000, /* a connection that ends before is a short one */
    BROKER_LINK_SHORT_MAX = 3,      /* short ones in a row from which on the log names a cause */
    BROKER_LINK_WORDS_SIZE = 160,
    BROKER_LINK_NAME_SIZE = 80
};

struct broker_link {
    bool accepted;           /* the present connection: the broker has accepted CONNECT */
    bool lasts;              /* and it has lasted */
    unsigned short_count;    /* short connections in a row, until one lasts */
    unsigned on_subscribe;   /* those of them that ended before a SUBACK */
    uint64_t accepted_ms;    /* when CONNECT was accepted, steady clock */
    uint64_t since_ms;       /* when broker_link_is_up changed last, steady clock */
    enum broker_reason down; /* why the newest connection or attempt ended */
    char words[BROKER_LINK_WORDS_SIZE]; /* the same in the broker's or the system's words */
    char name[BROKER_LINK_NAME_SIZE];   /* of several brokers the one that has accepted, or "" */
};

/* All times are of the steady clock. */

/* Call it before the first attempt. */
void broker_link_init(struct broker_link *link, uint64_t now_ms);
/* The broker has accepted CONNECT; `name` is "" where there is only one. */
void broker_link_set_accepted(struct broker_link *link, const char *name, uint64_t now_ms);
/* True once for each connection, when it has lasted: reset the back-off then. */
bool broker_link_check_lasting(struct broker_link *link, uint64_t now_ms);
/* The connection has ended, or the attempt to connect has failed. */
void broker_link_set_ended(struct broker_link *link, enum broker_reason reason, const char *words,
                           uint64_t now_ms);
/* mqttd has ended the connection to connect again with other settings: this is no failure. */
void broker_link_set_renewing(struct broker_link *link, uint64_t now_ms);

/* True while the connection counts as up. */
bool broker_link_is_up(const struct broker_link *link);
/* True while BROKER_LINK_SHORT_MAX or more connections in a row did not last: log the next ones at
 * level debug. */
bool broker_link_is_flapping(const struct broker_link *link);
/* BROKER_CONNECTED while the connection counts as up, else why not. */
enum broker_reason broker_link_reason(const struct broker_link *link);

/* Chooses the version of MQTT for one broker. Zero it before use. */
enum mqtt_version { MQTT_VERSION_AUTO, MQTT_VERSION_5, MQTT_VERSION_3_1_1, MQTT_VERSION_COUNT };

struct broker_protocol {
    enum mqtt_version next; /* MQTT_VERSION_AUTO: the one that worked, else 5 */
    enum mqtt_version
        worked;   /* the version of the newest connection; MQTT_VERSION_AUTO: none yet */
    bool doubted; /* after 5, the newest connection was with 3.1.1 */
};

/* The version for the next attempt. */
enum mqtt_version broker_protocol_next_version(const struct broker_protocol *protocol);
/* The broker refused the version, or ended the connection instead of an answer: the other version
 * is next. */
void broker_protocol_note_failure(struct broker_protocol *protocol);
/* The broker accepted the version. After a connection with 3.1.1, a broker that has accepted 5
 * before is asked for 5 once more: a proxy in front of a broker that is down closes connections,
 * too. */
void broker_protocol_note_success(struct broker_protocol *protocol);

#endif
