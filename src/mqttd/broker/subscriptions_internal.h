/* The inner parts of the subscriptions. Each file uses only those below it:
 *
 *     subscriptions.c         connections, SUBACKs, updates
 *     subscription_search.c   the search for a filter after which the broker closes
 *     subscription_packets.c  SUBSCRIBE packets
 *     subscription_table.c    the filters, their users and states, the queues */
#ifndef TAGFERRY_MQTTD_BROKER_SUBSCRIPTIONS_INTERNAL_H
#define TAGFERRY_MQTTD_BROKER_SUBSCRIPTIONS_INTERNAL_H

#include "common/base/hash_table.h"
#include "mqttd/broker/subscriptions.h"

enum {
    SUBSCRIPTION_QOS_COUNT = 3,
    NOT_ASKED = -1,
    SUBSCRIPTION_RETRY_MS = 60000,
    SUBSCRIPTION_ANSWER_LIMIT_MS = 10000
};

/* The order in which filters are asked for. */
enum subscription_rank {
    RANK_ANSWERED, /* the broker has answered for the filter on an earlier connection */
    RANK_SUSPECT,  /* was in the only packet after which the broker closed: asked for alone */
    RANK_UNKNOWN,
    RANK_COUNT
};

/* A packet has filters of one kind only: a broker without shared subscriptions closes the
 * connection after those, and not after others. */
enum subscription_kind {
    SUBSCRIPTION_PLAIN,
    SUBSCRIPTION_WILDCARD,
    SUBSCRIPTION_SHARED,
    SUBSCRIPTION_KIND_COUNT
};

enum {
    SUBSCRIPTION_QUEUE_COUNT = RANK_COUNT * SUBSCRIPTION_KIND_COUNT * 2 * 2
}; /* with retained or not, QoS 0 or 1 */

enum subscription_state { STATE_IDLE, STATE_QUEUED, STATE_ASKED, STATE_GRANTED, STATE_FAILED };

struct subscription {
    struct hash_node node;        /* by the text */
    struct subscription *changed; /* the next one in the list of changed subscriptions */
    struct subscription *queued;  /* the next one in its queue */
    unsigned users[SUBSCRIPTION_QOS_COUNT];
    uint64_t due_ms;      /* of STATE_FAILED: when it is asked for again, steady clock */
    int reason;           /* code of the SUBACK that refused it, else 0 */
    int8_t asked;         /* the QoS asked for on this connection, or NOT_ASKED */
    uint8_t state;        /* enum subscription_state */
    uint8_t kind;         /* enum subscription_kind */
    uint8_t fault;        /* enum fault: why the broker does not serve it, as reported */
    uint8_t closes_alone; /* closes by the broker while only it was asked for, in a row */
    bool is_changed;
    bool is_subscribed; /* the broker's session may have it */
    bool is_answered;   /* a SUBACK has answered it; reset when the broker closes after it */
    bool was_answered;  /* the same, never reset */
    bool is_suspect;
    bool caused_close; /* given up because the broker closed after it, not together with others */
    bool is_urgent;    /* asked for again as soon as possible */
    bool needs_retained, asked_retained;
    bool wants_retained; /* on each connection */
    char text[];
};

/* A SUBSCRIBE without its SUBACK. */
struct subscription_packet {
    struct subscription_packet *next;
    int number;
    uint64_t sent_ms;
    bool is_late; /* its filters count as unanswered, but its SUBACK may still come */
    size_t count;
    struct subscription *list[SUBSCRIPTIONS_PER_PACKET]; /* NULL: deleted */
};

struct subscription_queue {
    struct subscription *first, **last;
};

struct subscriptions {
    struct subscriptions_hooks hooks;
    struct hash_table filters;
    struct subscription *changed;

    bool is_connected;
    struct subscription_limits limits;
    struct subscription_queue queues[SUBSCRIPTION_QUEUE_COUNT];
    size_t queued_count;
    struct subscription_packet *packets, **packets_end; /* in the order in which they were sent */
    size_t unacked_packets;                             /* packets that are not late */
    size_t late;                                        /* packets that are */
    uint64_t progress_ms; /* when a packet was sent or answered last, steady clock */
    struct subscription *leaving[SUBSCRIPTIONS_PER_PACKET]; /* to be unsubscribed from, and freed */
    size_t leaving_count;
    bool is_asking;      /* filters are queued or unanswered */
    size_t granted;      /* since is_asking was set */
    size_t failed_count; /* in STATE_FAILED */
    size_t fault_count;  /* that have a fault */
    uint64_t look_ms;    /* when the failed ones are searched for due ones next, steady clock */

    /* The search for the filter after which the broker closes. */
    bool is_careful;               /* sends unanswered filters in one packet at a time */
    size_t packet_filters;         /* the most filters of one packet */
    size_t group;                  /* filters of the packet that all suspects come from; 0: none */
    bool group_has_cause;          /* one of them caused the close, or was refused */
    unsigned groups_without_cause; /* in a row: groups in which the search found no cause */
    size_t suspect_count;
    unsigned closes;            /* in a row, without an answer for a new filter */
    struct subscription *probe; /* one that was given up and is asked for again, alone */
    uint64_t probe_ms;          /* when the next probe is due, steady clock */
    uint64_t probe_pause_ms;    /* grows with each probe after which the broker closes */
};

/* The table: subscription_table.c. */

/* Returns all subscriptions in turn, as hash_table_next does. */
struct subscription *subscriptions_next(const struct subscriptions *subscriptions,
                                        const struct subscription *subscription);
/* The QoS that the feeds need, or NOT_ASKED without feeds. */
int subscription_qos(const struct subscription *subscription);
/* The QoS to ask the broker for: at most 1, and at most the one that it announces. */
int subscription_asked_qos(const struct subscriptions *subscriptions,
                           const struct subscription *subscription);
/* Set the state, or the mark, and update the counts. */
void subscription_set_state(struct subscriptions *subscriptions, struct subscription *subscription,
                            enum subscription_state state);
void subscription_set_suspect(struct subscriptions *subscriptions,
                              struct subscription *subscription, bool is_suspect);
/* Puts it into its queue, unless it is queued or waits for its SUBACK. */
void subscription_enqueue(struct subscriptions *subscriptions, struct subscription *subscription);
/* The index of its queue. */
size_t subscription_queue_of(const struct subscriptions *subscriptions,
                             const struct subscription *subscription);
/* Sets STATE_FAILED, reports the fault if it is new, and sets when to ask again. UINT64_MAX: not on
 * this connection. */
void subscription_fail(struct subscriptions *subscriptions, struct subscription *subscription,
                       enum fault fault, int reason, uint64_t due_ms);
/* Frees a subscription that no feed needs and that is not queued, asked for or changed.
 * Unsubscribes first when the broker's session may have it. */
void subscription_release(struct subscriptions *subscriptions, struct subscription *subscription);
/* Sends the UNSUBSCRIBE for subscriptions that were released, and frees them. */
void subscriptions_unsubscribe(struct subscriptions *subscriptions);

/* Packets: subscription_packets.c. */

/* Logs, before the first packet, that `count` filters are going to be asked for. */
void subscriptions_log_start(struct subscriptions *subscriptions, size_t count);
/* Sends one packet of 1 to SUBSCRIPTIONS_PER_PACKET filters. False when it has to wait; then its
 * filters are queued again. */
bool subscriptions_send_packet(struct subscriptions *subscriptions,
                               struct subscription *const *list, size_t count, uint64_t now_ms);
/* Sends the queued filters that may be sent now. Logs when the broker has answered all. */
void subscriptions_send_queued(struct subscriptions *subscriptions, uint64_t now_ms);
/* Removes the packet of this number and returns it; the caller frees it. NULL when it is unknown.
 */
struct subscription_packet *subscriptions_take_packet(struct subscriptions *subscriptions,
                                                      int number);
/* Frees late packets whose SUBACK is not expected any more. */
void subscriptions_drop_late(struct subscriptions *subscriptions, uint64_t now_ms);
/* Frees all packets. */
void subscriptions_drop_packets(struct subscriptions *subscriptions);

/* The search: subscription_search.c. */

/* Treats the unanswered packets as the cause of a close of the connection by the broker. False when
 * the broker has closed so often that all subscriptions were given up. */
bool subscriptions_suspect_unanswered(struct subscriptions *subscriptions, uint64_t now_ms);
/* Gives a subscription up until it is asked for again as a probe. `caused_close`: the broker closed
 * the connection after it. */
void subscription_give_up(struct subscriptions *subscriptions, struct subscription *subscription,
                          bool caused_close, uint64_t now_ms);
/* Ends the search in a packet: each of its filters was answered alone, or given up. */
void subscriptions_end_group(struct subscriptions *subscriptions);
/* Ends the probe: the broker has not closed the connection. */
void subscriptions_end_probe(struct subscriptions *subscriptions);
/* Asks again for failed subscriptions that are due. */
void subscriptions_retry_failed(struct subscriptions *subscriptions, uint64_t now_ms);

#endif
