/* Follows births, deaths and sequence numbers of edge nodes. */
#include "mqttd/sparkplug/sparkplug_nodes.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/require.h"

enum { SEQ_MASK = 255, REQUEST_SIZE = 128, REQUEST_RETRY_MS = 1000 };

struct sparkplug_node {
    struct hash_node hash; /* of group and node */
    struct sparkplug_source *sources;
    bool is_born; /* its birth has come, and no message is missing since */
    bool is_dead; /* its death has come, and no birth since */
    bool has_seq, has_session;
    uint8_t seq;       /* of the newest message */
    uint64_t session;  /* bdSeq of the newest birth */
    uint64_t due_ms;   /* when a rebirth is to be asked for; 0: not at all */
    uint64_t asked_ms; /* when it was asked for last; 0: never */
    bool is_asked;     /* and no birth has come since */
    size_t group_len, node_len;
    char path[]; /* the group and the node, not terminated */
};

bool sparkplug_nodes_init(struct sparkplug_nodes *nodes)
{
    *nodes = (struct sparkplug_nodes){.due_ms = UINT64_MAX};
    return hash_table_init(&nodes->nodes);
}

void sparkplug_nodes_finish(struct sparkplug_nodes *nodes)
{
    REQUIRE(nodes->nodes.count == 0);
    hash_table_finish(&nodes->nodes);
    *nodes = (struct sparkplug_nodes){0};
}

static struct sparkplug_node *nodes_find_or_make(struct sparkplug_nodes *nodes,
                                                 const struct sparkplug_topic *topic)
{
    uint32_t hash = hash32_add(HASH32_START, topic->group, topic->group_len);
    hash = hash32_add(hash32_add(hash, "/", 1), topic->node, topic->node_len);
    for (struct hash_node *at = hash_table_chain(&nodes->nodes, hash); at; at = at->next) {
        struct sparkplug_node *node = (struct sparkplug_node *)at;
        if (at->hash == hash && node->group_len == topic->group_len &&
            node->node_len == topic->node_len &&
            memcmp(node->path, topic->group, topic->group_len) == 0 &&
            memcmp(node->path + topic->group_len, topic->node, topic->node_len) == 0)
            return node;
    }
    struct sparkplug_node *node = calloc(1, sizeof *node + topic->group_len + topic->node_len);
    if (!node)
        return NULL;
    node->group_len = topic->group_len;
    node->node_len = topic->node_len;
    memcpy(node->path, topic->group, topic->group_len);
    memcpy(node->path + topic->group_len, topic->node, topic->node_len);
    hash_table_add(&nodes->nodes, &node->hash, hash);
    return node;
}

static void nodes_prune(struct sparkplug_nodes *nodes, struct sparkplug_node *node)
{
    if (node->sources)
        return;
    hash_table_remove(&nodes->nodes, &node->hash);
    free(node);
}

static bool source_is_of(const struct sparkplug_source *source, const struct sparkplug_topic *topic)
{
    return source->device_len == topic->device_len &&
           (topic->device_len == 0 ||
            memcmp(source->device, topic->device, topic->device_len) == 0);
}

static struct sparkplug_source *node_find_source(const struct sparkplug_node *node,
                                                 const struct sparkplug_topic *topic)
{
    struct sparkplug_source *source = node->sources;
    while (source && !source_is_of(source, topic))
        source = source->next;
    return source;
}

struct sparkplug_source *sparkplug_nodes_acquire(struct sparkplug_nodes *nodes,
                                                 const struct sparkplug_topic *family)
{
    struct sparkplug_node *node = nodes_find_or_make(nodes, family);
    if (!node)
        return NULL;
    struct sparkplug_source *source = node_find_source(node, family);
    if (!source) {
        source = calloc(1, sizeof *source + family->device_len);
        if (!source) {
            nodes_prune(nodes, node);
            return NULL;
        }
        source->node = node;
        source->is_dead = node->is_dead;
        source->device_len = family->device_len;
        if (family->device_len > 0)
            memcpy(source->device, family->device, family->device_len);
        source->next = node->sources;
        node->sources = source;
    }
    source->users++;
    return source;
}

void sparkplug_nodes_release(struct sparkplug_nodes *nodes, struct sparkplug_source *source)
{
    if (!source)
        return;
    REQUIRE(source->users > 0);
    if (--source->users > 0)
        return;
    struct sparkplug_node *node = source->node;
    struct sparkplug_source **at = &node->sources;
    while (*at != source)
        at = &(*at)->next;
    *at = source->next;
    sparkplug_birth_destroy(source->birth);
    free(source);
    nodes_prune(nodes, node);
}

bool sparkplug_source_is_meant(const struct sparkplug_source *source,
                               const struct sparkplug_topic *topic)
{
    return topic->kind == SPARKPLUG_NDEATH || source_is_of(source, topic);
}

static void nodes_want(struct sparkplug_nodes *nodes, struct sparkplug_node *node, uint64_t now_ms,
                       uint64_t wait_ms)
{
    if (node->due_ms != 0 ||
        (node->is_asked && now_ms - node->asked_ms < SPARKPLUG_REBIRTH_AGAIN_MS))
        return;
    uint64_t due_ms = now_ms + wait_ms;
    if (node->asked_ms != 0 && due_ms < node->asked_ms + SPARKPLUG_REBIRTH_LEAST_MS)
        due_ms = node->asked_ms + SPARKPLUG_REBIRTH_LEAST_MS;
    node->due_ms = due_ms;
    if (due_ms < nodes->due_ms)
        nodes->due_ms = due_ms;
}

void sparkplug_nodes_want_rebirth(struct sparkplug_nodes *nodes, struct sparkplug_source *source,
                                  uint64_t now_ms, uint64_t wait_ms)
{
    nodes_want(nodes, source->node, now_ms, wait_ms);
}

/* The aliases of all births of the node no longer hold. */
static void node_forget_births(struct sparkplug_node *node)
{
    node->is_born = false;
    for (struct sparkplug_source *source = node->sources; source; source = source->next)
        source->is_born = false;
}

static void node_set_dead(struct sparkplug_node *node)
{
    for (struct sparkplug_source *source = node->sources; source; source = source->next)
        source->is_dead = true;
}

void sparkplug_nodes_note_connect(struct sparkplug_nodes *nodes, bool kept, uint64_t now_ms)
{
    for (struct hash_node *at = hash_table_next(&nodes->nodes, NULL); at;
         at = hash_table_next(&nodes->nodes, at)) {
        struct sparkplug_node *node = (struct sparkplug_node *)at;
        node->is_asked = false; /* a request may be lost with the old connection */
        if (!kept)
            node_forget_births(node);
        if (!node->is_born)
            nodes_want(nodes, node, now_ms, SPARKPLUG_REBIRTH_WAIT_MS);
    }
}

/* True when the payload has the number of the node's session. */
static bool payload_find_session(const struct sparkplug_payload *payload, uint64_t *session)
{
    static const char name[] = "bdSeq";
    struct sparkplug_metric metric;
    for (size_t i = 0; i < payload->metric_count; i++) {
        sparkplug_payload_read_metric(payload, i, &metric);
        if (metric.name_len != sizeof name - 1 || memcmp(metric.name, name, metric.name_len) != 0 ||
            metric.is_null ||
            (metric.field != SPARKPLUG_INT_FIELD && metric.field != SPARKPLUG_LONG_FIELD))
            continue;
        *session = metric.integer;
        return true;
    }
    return false;
}

/* Compares the message's number with that of the one before it. One number twice is one message
 * that came twice. */
static void node_check_seq(struct sparkplug_nodes *nodes, struct sparkplug_node *node,
                           const struct sparkplug_message *message)
{
    if (!message->payload->has_seq)
        return;
    uint8_t seq = (uint8_t)(message->payload->seq & SEQ_MASK);
    bool is_gap = node->has_seq && seq != node->seq && seq != ((node->seq + 1) & SEQ_MASK);
    if (is_gap && node->is_born) {
        log_debug("messages of the Sparkplug node %.*s are missing: %u after %u",
                  (int)node->node_len, node->path + node->group_len, seq, node->seq);
        node_forget_births(node);
    }
    node->seq = seq;
    node->has_seq = true;
    if (is_gap)
        nodes_want(nodes, node, message->now_ms, 0);
}

/* Replaces the birth of a source. False when out of memory: then the source is without one. */
static bool source_set_birth(struct sparkplug_source *source,
                             const struct sparkplug_payload *payload)
{
    struct sparkplug_birth *birth = sparkplug_birth_create(payload);
    sparkplug_birth_destroy(source->birth);
    source->birth = birth;
    source->is_born = birth != NULL;
    source->is_dead = false;
    return birth != NULL;
}

/* The births of its devices follow. After a new start of the node a device whose birth does not
 * follow is gone. */
static enum sparkplug_verdict node_take_birth(struct sparkplug_node *node,
                                              struct sparkplug_source *own,
                                              const struct sparkplug_message *message)
{
    uint64_t session = 0;
    bool has_session = payload_find_session(message->payload, &session);
    if (node->has_session && has_session && session != node->session)
        node_set_dead(node);
    node_forget_births(node);
    node->has_session = has_session;
    node->session = session;
    node->is_born = true;
    node->is_dead = false;
    node->is_asked = false;
    node->due_ms = 0;
    node->has_seq = message->payload->has_seq;
    node->seq = (uint8_t)(message->payload->seq & SEQ_MASK);
    if (own && !source_set_birth(own, message->payload))
        return SPARKPLUG_NO_MEMORY;
    return SPARKPLUG_TAKEN;
}

/* A will that the broker publishes late belongs to a session that is over already. */
static enum sparkplug_verdict node_take_death(struct sparkplug_node *node,
                                              const struct sparkplug_message *message)
{
    uint64_t session;
    if (node->has_session && payload_find_session(message->payload, &session) &&
        session != node->session)
        return SPARKPLUG_IGNORED;
    node_forget_births(node);
    node_set_dead(node);
    node->is_dead = true;
    node->has_seq = node->has_session = false;
    node->due_ms = 0;
    return SPARKPLUG_TAKEN;
}

enum sparkplug_verdict sparkplug_nodes_take_message(struct sparkplug_nodes *nodes,
                                                    struct sparkplug_source *source,
                                                    const struct sparkplug_message *message)
{
    struct sparkplug_node *node = source->node;
    struct sparkplug_source *own = node_find_source(node, &message->topic);
    enum sparkplug_kind kind = message->topic.kind;
    if (kind == SPARKPLUG_NCMD || kind == SPARKPLUG_DCMD)
        return SPARKPLUG_IGNORED;
    if (!message->payload || message->is_retained)
        return message->is_retained && (kind == SPARKPLUG_NDEATH || kind == SPARKPLUG_DDEATH)
                   ? SPARKPLUG_IGNORED
                   : SPARKPLUG_TAKEN;
    if (kind == SPARKPLUG_NBIRTH)
        return node_take_birth(node, own, message);
    if (kind == SPARKPLUG_NDEATH)
        return node_take_death(node, message);

    node_check_seq(nodes, node, message);
    enum sparkplug_verdict verdict = SPARKPLUG_TAKEN;
    if (kind == SPARKPLUG_DBIRTH && own && !source_set_birth(own, message->payload))
        verdict = SPARKPLUG_NO_MEMORY;
    if (kind == SPARKPLUG_DDEATH && own) {
        own->is_born = false;
        own->is_dead = true;
    }
    bool is_data = kind == SPARKPLUG_NDATA || kind == SPARKPLUG_DDATA;
    if (!node->is_born || (is_data && own && !own->is_born))
        nodes_want(nodes, node, message->now_ms, 0);
    return verdict;
}

/* The request for a rebirth. */
static bool node_send_request(const struct sparkplug_node *node, uint64_t wall_ms,
                              bool (*publish)(void *context, const char *topic, const char *payload,
                                              size_t len),
                              void *context)
{
    static const char name[] = "Node Control/Rebirth";
    const struct sparkplug_metric metric = {.name = name,
                                            .name_len = sizeof name - 1,
                                            .timestamp_ms = wall_ms,
                                            .type = SPARKPLUG_BOOLEAN,
                                            .field = SPARKPLUG_BOOLEAN_FIELD,
                                            .truth = true};
    const struct sparkplug_topic topic = {.group = node->path,
                                          .group_len = node->group_len,
                                          .node = node->path + node->group_len,
                                          .node_len = node->node_len};
    char payload[REQUEST_SIZE];
    size_t len;
    bool fits = sparkplug_payload_encode(&metric, payload, sizeof payload, &len);
    char *text = malloc(sparkplug_topic_size(&topic));
    REQUIRE(fits);
    if (!text)
        return false;
    sparkplug_topic_write(&topic, SPARKPLUG_NCMD, text);
    bool is_sent = publish(context, text, payload, len);
    if (is_sent)
        log_debug("asked a Sparkplug node for its births: %s", text);
    free(text);
    return is_sent;
}

void sparkplug_nodes_send_requests(struct sparkplug_nodes *nodes, uint64_t now_ms, uint64_t wall_ms,
                                   bool (*publish)(void *context, const char *topic,
                                                   const char *payload, size_t len),
                                   void *context)
{
    size_t count = 0;
    if (now_ms < nodes->due_ms)
        return;
    nodes->due_ms = UINT64_MAX;
    for (struct hash_node *at = hash_table_next(&nodes->nodes, NULL); at;
         at = hash_table_next(&nodes->nodes, at)) {
        struct sparkplug_node *node = (struct sparkplug_node *)at;
        if (node->due_ms == 0)
            continue;
        bool is_due = node->due_ms <= now_ms;
        if (is_due && count < SPARKPLUG_REQUESTS_MAX &&
            node_send_request(node, wall_ms, publish, context)) {
            count++;
            node->asked_ms = now_ms;
            node->is_asked = true;
            node->due_ms = 0;
            continue;
        }
        if (is_due)
            node->due_ms = now_ms + REQUEST_RETRY_MS;
        if (node->due_ms < nodes->due_ms)
            nodes->due_ms = node->due_ms;
    }
    if (count > 0)
        log_info("asked %zu Sparkplug node%s for a rebirth", count, plural_suffix(count));
}
