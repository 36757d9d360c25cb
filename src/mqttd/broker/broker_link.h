/* The state of the connection to the broker: whether it counts as up, since when, why not, and
 * which versions of MQTT to try. A connection counts when it has lasted, or when the one before it
 * did: a broker that accepts and closes again and again is a lost broker. Pure. */
#ifndef TAGFERRY_MQTTD_BROKER_BROKER_LINK_H
#define TAGFERRY_MQTTD_BROKER_BROKER_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/broker_reason.h"

enum {
    BROKER_LINK_LASTING_MS = 10000, /* a shorter connection is a short one */
    BROKER_LINK_SHORT_MAX = 3,      /* so many short ones in a row have a cause */
    BROKER_LINK_WORDS_SIZE = 160
};

struct broker_link {
    bool accepted;           /* the broker has accepted CONNECT, and the connection stands */
    bool lasts;              /* the connection that stands has lasted */
    unsigned short_count;    /* short connections in a row, until one lasts */
    unsigned on_subscribe;   /* of these, those that ended before a SUBACK */
    uint64_t accepted_ms;    /* when, steady clock */
    uint64_t since_ms;       /* when broker_link_is_up changed last, steady clock */
    enum broker_reason down; /* why the newest connection or attempt ended */
    char words[BROKER_LINK_WORDS_SIZE]; /* the same in the broker's or the system's words */
};

/* Before the first attempt. */
void broker_link_init(struct broker_link *link, uint64_t now_ms);

void broker_link_set_accepted(struct broker_link *link, uint64_t now_ms);
/* True once for each connection, when it has lasted: then the back-off may begin again. */
bool broker_link_check_lasting(struct broker_link *link, uint64_t now_ms);
/* The connection has ended, or, when none was accepted, the attempt has failed. */
void broker_link_set_ended(struct broker_link *link, enum broker_reason reason, const char *words,
                           uint64_t now_ms);
/* We have ended it to connect again with other settings, which says nothing about the broker. */
void broker_link_set_renewing(struct broker_link *link, uint64_t now_ms);

bool broker_link_is_up(const struct broker_link *link);
/* True while no connection lasts and the cause has been logged: then each further one is not worth
 * a line. */
bool broker_link_is_flapping(const struct broker_link *link);
/* BROKER_CONNECTED while it is up. */
enum broker_reason broker_link_reason(const struct broker_link *link);

/* Which version of MQTT to speak with one broker. Zero it before use. */
enum mqtt_version { MQTT_VERSION_AUTO, MQTT_VERSION_5, MQTT_VERSION_3_1_1, MQTT_VERSION_COUNT };

struct broker_protocol {
    enum mqtt_version next;   /* MQTT_VERSION_AUTO: the one that worked, else 5 */
    enum mqtt_version worked; /* MQTT_VERSION_AUTO: none yet */
    bool doubted;             /* 5 has worked, but 3.1.1 since then */
};

/* The version for the next attempt. */
enum mqtt_version broker_protocol_next_version(const struct broker_protocol *protocol);
/* The broker refused the version, or ended the connection in place of answering: the other one is
 * next. */
void broker_protocol_note_failure(struct broker_protocol *protocol);
/* The broker accepted it. A broker that has spoken 5 is asked for it once more after a connection
 * with 3.1.1, because a proxy in front of a broker that is down closes connections, too. */
void broker_protocol_note_success(struct broker_protocol *protocol);

#endif
