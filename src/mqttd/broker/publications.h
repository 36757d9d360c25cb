/* The messages that mqttd publishes, each kept until the broker has acknowledged it, and the search
 * for a message after which the broker closes the connection: it must neither block the others nor
 * be sent for ever. Some brokers close so when they cannot take a topic or a QoS, since MQTT 3.1.1
 * has no other way to refuse a message.
 *
 * When the broker closes a connection with unacknowledged messages, the search begins: each
 * message is sent alone, after all subscriptions were answered. One after which the broker closes
 * twice is the cause, provided that the connection was quiet for a while before it was sent again:
 * a broker that closes whatever it is sent refuses no message. Its topic is refused from then on,
 * and tried again after a minute, then after longer and longer pauses.
 *
 * Pure, independent of the MQTT library. Times are milliseconds of the steady clock. Used by the
 * thread of the session only. */
#ifndef TAGFERRY_MQTTD_BROKER_PUBLICATIONS_H
#define TAGFERRY_MQTTD_BROKER_PUBLICATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PUBLICATION_QUIET_MS = 1000, /* of the connection, before a suspect is sent again */
    PUBLICATION_RETRY_MS = 60000,
    PUBLICATION_RETRY_MAX_MS = 3600000,
    PUBLICATION_REFUSED_MAX = 64 /* topics that are remembered as refused */
};

struct publication {
    struct publication *next;
    int number; /* for the caller, from 1 */
    int packet; /* the library's number; 0: not sent on this connection */
    int qos;
    bool retain;
    bool is_probe;        /* its topic was refused, and is tried again */
    bool is_held;         /* it is not sent before publications_review says so */
    uint8_t closes_alone; /* closes by the broker while only it was unacknowledged */
    uint64_t sent_ms;
    size_t len;
    const char *payload; /* in `topic`, after its end */
    char topic[];
};

/* Zero it before use, and call publications_init. */
struct publications {
    struct publication *first, **last; /* in the order in which they were published */
    size_t sent_count;                 /* of QoS 1 and 2, sent and unacknowledged */
    int last_number;
    bool is_careful; /* the search is under way */

    char *suspect; /* topic of a message of QoS 0 before a close, or NULL */
    uint64_t suspect_ms;
    bool suspect_closed;           /* the broker closed after `suspect` */
    struct refused_topic *refused; /* the newest first */
    size_t refused_count;
    /* What topics with a dot, or a blank, have in common. */
    struct topic_trait {
        unsigned refused;
        bool is_taken; /* the broker has acknowledged one */
    } dots, blanks;
};

void publications_init(struct publications *publications);
/* Accepts a zeroed object. */
void publications_finish(struct publications *publications);

/* True while messages to the topic are refused, because the broker closes the connection after
 * them. */
bool publications_is_refused(const struct publications *publications, const char *topic,
                             uint64_t now_ms);
/* Forgets which topics were refused: the settings have changed. */
void publications_retry_all(struct publications *publications);

/* Adds a copy of a message at the end. NULL when out of memory. */
struct publication *publications_add(struct publications *publications, const char *topic,
                                     const char *payload, size_t len, int qos, bool retain);
/* The next message that may be sent now, or NULL. `quiet_since_ms`: when all subscriptions of the
 * connection were answered; UINT64_MAX: they are not yet. */
struct publication *publications_next_unsent(const struct publications *publications,
                                             uint64_t quiet_since_ms, uint64_t now_ms);
/* The message was sent as this packet. */
void publications_set_sent(struct publications *publications, struct publication *publication,
                           int packet, uint64_t now_ms);
/* Removes a message, which the caller frees. */
void publications_remove(struct publications *publications, struct publication *publication);
/* Removes the message of a packet that the broker has acknowledged, or that is written, with QoS 0;
 * the caller frees it. NULL when it is unknown. */
struct publication *publications_take_sent(struct publications *publications, int packet);
/* Puts a message that publications_on_close has removed before all others. */
void publications_put_back(struct publications *publications, struct publication *publication);
/* All sent messages have to be sent again: the library does not keep them any more. */
void publications_reset_sent(struct publications *publications);
/* What becomes of an unacknowledged message. */
enum publication_fate { PUBLICATION_SEND, PUBLICATION_HOLD, PUBLICATION_DROP };

/* Asks for each message what becomes of it. True when one is held or dropped that was sent: the
 * library must not send it again. */
bool publications_review(struct publications *publications,
                         enum publication_fate (*judge)(void *context,
                                                        const struct publication *publication),
                         void *context);
/* The connection has lasted, and the broker has closed it after none of the messages. */
void publications_note_lasting(struct publications *publications);

enum publications_verdict {
    PUBLICATIONS_KEPT,     /* the library sends unacknowledged messages again */
    PUBLICATIONS_WAITING,  /* they are sent again one by one: replace the library's client */
    PUBLICATIONS_SEARCHED, /* the same, and the search goes on: connect again soon */
    PUBLICATIONS_CULPRIT   /* the same, and the broker does not take *culprit: removed from the
                            * messages. The caller reports or adds it again, and frees it. */
};

/* The connection has ended; messages of QoS 0 that were sent are forgotten. `by_broker`: the broker
 * closed it without naming an outage as the reason, and all subscriptions were answered. */
enum publications_verdict publications_on_close(struct publications *publications, bool by_broker,
                                                struct publication **culprit, uint64_t now_ms);
/* Refuses the topic of the culprit from now on. Returns the minutes until it is tried again. */
unsigned publications_refuse_topic(struct publications *publications,
                                   const struct publication *culprit, uint64_t now_ms);
/* Removes an unsent message to a refused topic, which the caller frees; NULL when there is none. */
struct publication *publications_take_refused(struct publications *publications, uint64_t now_ms);

#endif
