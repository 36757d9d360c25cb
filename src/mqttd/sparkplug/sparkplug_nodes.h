/* The Sparkplug edge nodes that devices in service use, and what is known of them: births, deaths,
 * sequence numbers, and whether a rebirth is to be asked for. The MQTT thread's alone. Times are
 * milliseconds of the steady clock.
 *
 * A birth gives names and aliases. They hold until the node or its device dies, or until a message
 * of the node is missing, which may have been another birth: then metrics that have only an alias
 * cannot be identified, and the node is asked for a rebirth, once, and again after
 * SPARKPLUG_REBIRTH_AGAIN_MS if none has come and a message shows that the node is alive. */
#ifndef TAGFERRY_MQTTD_SPARKPLUG_SPARKPLUG_NODES_H
#define TAGFERRY_MQTTD_SPARKPLUG_SPARKPLUG_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash_table.h"
#include "common/model/sparkplug_topic.h"
#include "mqttd/sparkplug/sparkplug_birth.h"

enum {
    SPARKPLUG_REBIRTH_LEAST_MS = 5000,  /* between two requests to one node */
    SPARKPLUG_REBIRTH_AGAIN_MS = 60000, /* until a request without an answer is repeated */
    SPARKPLUG_REBIRTH_WAIT_MS = 1000,   /* a birth may be on its way already */
    SPARKPLUG_REQUESTS_MAX = 100        /* at once, and then once a second */
};

struct sparkplug_node;

/* An edge node itself, or one of its devices. */
struct sparkplug_source {
    struct sparkplug_node *node;
    struct sparkplug_source *next; /* of the node */
    struct sparkplug_birth *birth; /* the newest, or NULL */
    unsigned users;
    bool is_born; /* names and aliases of `birth` hold */
    bool is_dead; /* by its death, or its node's, since when no birth has come */
    size_t device_len;
    char device[]; /* not terminated; empty for the node itself */
};

struct sparkplug_nodes {
    struct hash_table nodes;
    uint64_t due_ms; /* of the earliest request; UINT64_MAX: none is to be sent */
};

/* False when out of memory. */
bool sparkplug_nodes_init(struct sparkplug_nodes *nodes);
/* No source may be in use. Takes a zeroed one. */
void sparkplug_nodes_finish(struct sparkplug_nodes *nodes);

/* The source of this family of topics, for one more user. NULL when out of memory. */
struct sparkplug_source *sparkplug_nodes_acquire(struct sparkplug_nodes *nodes,
                                                 const struct sparkplug_topic *family);
/* One fewer user. Takes NULL. */
void sparkplug_nodes_release(struct sparkplug_nodes *nodes, struct sparkplug_source *source);

/* A message of a node. `payload` is NULL when it could not be decoded. */
struct sparkplug_message {
    struct sparkplug_topic topic;
    const struct sparkplug_payload *payload;
    bool is_retained;
    uint64_t now_ms;
};

enum sparkplug_verdict {
    SPARKPLUG_TAKEN,
    SPARKPLUG_IGNORED,  /* a command, or a death of an earlier session of the node */
    SPARKPLUG_NO_MEMORY /* for the birth: the message has to come again */
};

/* Notes a message of the source's node, whichever of its devices it is of. A retained message tells
 * nothing about the present. */
enum sparkplug_verdict sparkplug_nodes_take_message(struct sparkplug_nodes *nodes,
                                                    struct sparkplug_source *source,
                                                    const struct sparkplug_message *message);
/* True when a message of the source's node is about this source: its own, and deaths of its node.
 */
bool sparkplug_source_is_meant(const struct sparkplug_source *source,
                               const struct sparkplug_topic *topic);

/* Asks for a rebirth after `wait_ms`, unless one is asked for. */
void sparkplug_nodes_want_rebirth(struct sparkplug_nodes *nodes, struct sparkplug_source *source,
                                  uint64_t now_ms, uint64_t wait_ms);
/* A connection to the broker has begun. Unless the broker has `kept` the session, messages may be
 * missing: all nodes are asked for a rebirth. */
void sparkplug_nodes_note_connect(struct sparkplug_nodes *nodes, bool kept, uint64_t now_ms);
/* Calls `publish` for each request that is due, with its topic and payload; when that returns
 * false, the request is due again in a second. Costs nothing while none is due. */
void sparkplug_nodes_send_requests(struct sparkplug_nodes *nodes, uint64_t now_ms, uint64_t wall_ms,
                                   bool (*publish)(void *context, const char *topic,
                                                   const char *payload, size_t len),
                                   void *context);

#endif
