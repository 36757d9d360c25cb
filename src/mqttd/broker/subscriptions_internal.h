/* Subscriptions from the inside. Each file uses only those below it:
 *
 *     subscriptions.c         connections, SUBACKs, updates
 *     subscription_search.c   the search for a filter behind which the broker closes
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

/* In which order filters are asked for. */
enum subscription_rank {
    RANK_ANSWERED, /* the broker has answered for it on an earlier connection */
    RANK_SUSPECT,  /* stood in the one packet behind which the broker closed: asked for alone */
    RANK_UNKNOWN,
    RANK_COUNT
};

/* Filters of one kind go into one packet: a broker without shared subscriptions closes behind
 * those, and not behind any other. */
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
    struct subscription *changed; /* in the list of those to look at */
    struct subscription *queued;  /* behind this one in its queue */
    unsigned users[SUBSCRIPTION_QOS_COUNT];
    uint64_t due_ms; /* of STATE_FAILED: when it is asked for again */
    int reason;      /* code of the SUBACK that refused it, else 0 */
    int8_t asked;    /* the QoS asked for on this connection, or NOT_ASKED */
    uint8_t state;   /* enum subscription_state */
    uint8_t kind;    /* enum subscription_kind */
    uint8_t fault;   /* enum fault: why the broker does not serve it, as reported */
    uint8_t strikes; /* connections that ended while it was asked for alone */
    bool is_changed;
    bool is_subscribed; /* the broker's session may have it */
    bool is_answered;   /* a SUBACK has named it; forgotten when the broker closes behind it */
    bool was_answered;  /* the same, never forgotten */
    bool is_suspect;
    bool is_guilty; /* given up on its own account, not with others */
    bool is_urgent; /* asked for again as soon as can be */
    bool needs_retained, asked_retained;
    char text[];
};

/* A SUBSCRIBE without its SUBACK. */
struct subscription_packet {
    struct subscription_packet *next;
    int number;
    uint64_t sent_ms;
    bool is_late; /* nobody waits for its SUBACK any more, but it may come */
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
    struct subscription_packet *packets, **packets_end; /* in order of their sending */
    size_t unacked_packets;                             /* packets whose SUBACK is waited for */
    size_t late;                                        /* and those whose SUBACK may still come */
    uint64_t progress_ms; /* when a packet was sent or answered last */
    struct subscription *leaving[SUBSCRIPTIONS_PER_PACKET]; /* to be unsubscribed from, and freed */
    size_t leaving_count;
    size_t granted;      /* since nothing was asked for */
    bool is_asking;      /* since then something was */
    size_t failed_count; /* in STATE_FAILED */
    size_t fault_count;  /* that have a fault */
    uint64_t look_ms;    /* when those are looked through next */

    /* The search for the filter behind which the broker closes. */
    bool is_careful;          /* one packet at a time of what has not been answered */
    size_t packet_filters;    /* as many as the broker bears in one packet */
    size_t group;             /* filters of the packet that all suspects come from; 0: none */
    bool group_is_guilty;     /* one of them was found */
    unsigned innocent_groups; /* in a row */
    size_t suspect_count;
    unsigned closes;            /* in a row, without an answer for a new filter */
    struct subscription *probe; /* one that was given up, asked for again, alone */
    uint64_t probe_ms;          /* when the next one is */
    uint64_t probe_pause_ms;    /* grows with each probe that ends the connection */
};

/* The table: subscription_table.c. */

/* All subscriptions in turn, as hash_table_next. */
struct subscription *subscriptions_next(const struct subscriptions *subscriptions,
                                        const struct subscription *subscription);
/* The QoS that the feeds need, or NOT_ASKED when there are none. */
int subscription_qos(const struct subscription *subscription);
/* The QoS to ask the broker for, which it serves: at most 1. */
int subscription_asked_qos(const struct subscriptions *subscriptions,
                           const struct subscription *subscription);
/* Sets the state, or the mark, and keeps the counts of them. */
void subscription_set_state(struct subscriptions *subscriptions, struct subscription *subscription,
                            enum subscription_state state);
void subscription_set_suspect(struct subscriptions *subscriptions,
                              struct subscription *subscription, bool is_suspect);
/* Puts it into its queue, unless it waits for its SUBACK. */
void subscription_enqueue(struct subscriptions *subscriptions, struct subscription *subscription);
/* The number of the queue for it. */
size_t subscription_queue_of(const struct subscriptions *subscriptions,
                             const struct subscription *subscription);
/* The broker does not serve it: reports why, if that is new, and sets when it is asked for again.
 * UINT64_MAX: not on this connection. */
void subscription_fail(struct subscriptions *subscriptions, struct subscription *subscription,
                       enum fault fault, int reason, uint64_t due_ms);
/* Frees one that no feed needs, which is not queued, asked for or changed. Unsubscribes first when
 * the broker's session may have it. */
void subscription_release(struct subscriptions *subscriptions, struct subscription *subscription);
/* Sends the UNSUBSCRIBE that subscription_release has begun. */
void subscriptions_unsubscribe(struct subscriptions *subscriptions);

/* Packets: subscription_packets.c. */

/* A packet of so many filters, or the first of several, is about to be sent. */
void subscriptions_log_start(struct subscriptions *subscriptions, size_t count);
/* Sends one packet of 1 to 8 filters. False when it has to wait; then its filters are queued again.
 */
bool subscriptions_send_packet(struct subscriptions *subscriptions,
                               struct subscription *const *list, size_t count, uint64_t now_ms);
/* Sends the queued filters that may be sent now. Logs when the broker has answered for all. */
void subscriptions_send_queued(struct subscriptions *subscriptions, uint64_t now_ms);
/* Takes out the packet of this number, which the caller frees; NULL when it is unknown. */
struct subscription_packet *subscriptions_take_packet(struct subscriptions *subscriptions,
                                                      int number);
/* Forgets packets whose SUBACK is so late that it will not come. */
void subscriptions_drop_late(struct subscriptions *subscriptions, uint64_t now_ms);
void subscriptions_drop_packets(struct subscriptions *subscriptions);

/* The search: subscription_search.c. */

/* The broker has closed the connection, and the packets that it has not answered are to blame. */
void subscriptions_blame_inflight(struct subscriptions *subscriptions, uint64_t now_ms);
/* The subscription is asked for again alone, and later. `is_guilty`: the broker closed behind it.
 */
void subscription_give_up(struct subscriptions *subscriptions, struct subscription *subscription,
                          bool is_guilty, uint64_t now_ms);
/* All filters of the packet that the broker closed upon have been answered alone, or given up. */
void subscriptions_end_group(struct subscriptions *subscriptions);
/* The broker has borne the probe. */
void subscriptions_end_probe(struct subscriptions *subscriptions);
/* Asks again for what failed, where it is due. */
void subscriptions_retry_failed(struct subscriptions *subscriptions, uint64_t now_ms);
/* True when the broker did nothing but close until all subscriptions were given up. */
bool subscriptions_all_given_up(const struct subscriptions *subscriptions);

#endif
