/* A filter with wildcards is a path of levels from the root of a trie. A filter without wildcards
 * is a single level below a root of its own, which makes that part a hash table of topics.
 *
 * One hash table holds all nodes by (parent, level): a step down costs one look-up, whatever the
 * number of siblings. */
#include "mqttd/config/topic_tree.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/hash_table.h"
#include "common/base/require.h"
#include "common/model/topic.h"

struct topic_node {
    struct hash_node node;
    struct topic_node *parent;
    struct feed *feeds;
    struct where_index *where_index; /* of the feeds whose devices have conditions, or NULL */
    struct topic_node *plus, *hash;  /* the children "+" and "#" */
    uint32_t children;
    uint32_t len;
    char level[];
};

struct topic_tree {
    struct topic_node *exact, *wild; /* the two roots */
    struct hash_table nodes;
};

static uint32_t topic_node_hash(const struct topic_node *parent, const char *level, size_t len)
{
    return hash32_add(HASH32_START ^ (uint32_t)((uintptr_t)parent >> 4), level, len);
}

static struct topic_node *topic_node_make(struct topic_node *parent, const char *level, size_t len)
{
    struct topic_node *node = calloc(1, sizeof *node + len);
    if (!node)
        return NULL;
    node->parent = parent;
    node->len = (uint32_t)len;
    memcpy(node->level, level, len);
    return node;
}

struct topic_tree *topic_tree_create(void)
{
    struct topic_tree *topic_tree = calloc(1, sizeof *topic_tree);
    if (!topic_tree)
        return NULL;
    topic_tree->exact = topic_node_make(NULL, "", 0);
    topic_tree->wild = topic_node_make(NULL, "", 0);
    if (hash_table_init(&topic_tree->nodes) && topic_tree->exact && topic_tree->wild)
        return topic_tree;
    topic_tree_destroy(topic_tree);
    return NULL;
}

void topic_tree_destroy(struct topic_tree *topic_tree)
{
    if (!topic_tree)
        return;
    for (struct hash_node *node = hash_table_next(&topic_tree->nodes, NULL), *next; node;
         node = next) {
        next = hash_table_next(&topic_tree->nodes, node);
        where_index_destroy(((struct topic_node *)node)->where_index);
        free(node);
    }
    free(topic_tree->exact);
    free(topic_tree->wild);
    hash_table_finish(&topic_tree->nodes);
    free(topic_tree);
}

static struct topic_node *topic_tree_find_node(const struct topic_tree *topic_tree,
                                               const struct topic_node *parent, const char *level,
                                               size_t len)
{
    uint32_t hash = topic_node_hash(parent, level, len);
    for (struct hash_node *at = hash_table_chain(&topic_tree->nodes, hash); at; at = at->next) {
        struct topic_node *node = (struct topic_node *)at;
        if (at->hash == hash && node->parent == parent && node->len == len &&
            memcmp(node->level, level, len) == 0)
            return node;
    }
    return NULL;
}

static struct topic_node **topic_node_wildcard(struct topic_node *parent, const char *level,
                                               size_t len)
{
    if (len == 1 && level[0] == '+')
        return &parent->plus;
    if (len == 1 && level[0] == '#')
        return &parent->hash;
    return NULL;
}

static struct topic_node *topic_tree_find_or_make(struct topic_tree *topic_tree,
                                                  struct topic_node *parent, const char *level,
                                                  size_t len)
{
    struct topic_node *node = topic_tree_find_node(topic_tree, parent, level, len);
    if (node)
        return node;
    node = topic_node_make(parent, level, len);
    if (!node)
        return NULL;
    hash_table_add(&topic_tree->nodes, &node->node, topic_node_hash(parent, level, len));
    parent->children++;
    if (parent != topic_tree->exact && topic_node_wildcard(parent, level, len))
        *topic_node_wildcard(parent, level, len) = node;
    return node;
}

/* Frees the node and its ancestors that have neither feeds nor children. */
static void topic_tree_prune(struct topic_tree *topic_tree, struct topic_node *node)
{
    while (node->parent && !node->feeds && !node->where_index && node->children == 0) {
        struct topic_node *parent = node->parent;
        struct topic_node **wildcard = topic_node_wildcard(parent, node->level, node->len);
        REQUIRE(parent->children > 0);
        hash_table_remove(&topic_tree->nodes, &node->node);
        if (parent != topic_tree->exact && wildcard)
            *wildcard = NULL;
        parent->children--;
        free(node);
        node = parent;
    }
}

/* Returns the node of the filter. With `make` it makes missing nodes, and returns NULL when out of
 * memory; otherwise it returns NULL when the filter has no node. */
static struct topic_node *topic_tree_node_of(struct topic_tree *topic_tree, const char *filter,
                                             bool make)
{
    const char *body = topic_filter_body(filter);
    if (!topic_has_wildcard(body))
        return make ? topic_tree_find_or_make(topic_tree, topic_tree->exact, body, strlen(body))
                    : topic_tree_find_node(topic_tree, topic_tree->exact, body, strlen(body));
    struct topic_node *node = topic_tree->wild;
    for (;; body++) {
        size_t len = strcspn(body, "/");
        struct topic_node *below = make ? topic_tree_find_or_make(topic_tree, node, body, len)
                                        : topic_tree_find_node(topic_tree, node, body, len);
        if (!below && make)
            topic_tree_prune(topic_tree, node);
        node = below;
        body += len;
        if (!node || *body == '\0')
            return node;
    }
}

/* True when the messages of the feed bring values of its device. */
static bool feed_brings_values(const struct feed *feed)
{
    const struct device *device = feed->device;
    for (uint32_t i = 0; i < device->feed_count; i++) {
        if (device->feeds[i].kind == FEED_VALUES &&
            strcmp(device->feeds[i].filter, feed->filter) == 0)
            return true;
    }
    return feed->kind == FEED_VALUES;
}

/* Conditions are about values. They do not concern an availability that has a topic of its own. */
static bool feed_has_where(const struct feed *feed)
{
    return feed->device && feed->device->where.count > 0 && !feed->is_sparkplug &&
           feed_brings_values(feed);
}

bool topic_tree_add(struct topic_tree *topic_tree, struct feed *feed)
{
    REQUIRE(!feed->next);
    struct topic_node *node = topic_tree_node_of(topic_tree, feed->filter, true);
    if (!node)
        return false;
    if (feed_has_where(feed)) {
        if (where_index_add(&node->where_index, feed))
            return true;
        topic_tree_prune(topic_tree, node);
        return false;
    }
    feed->next = node->feeds;
    node->feeds = feed;
    return true;
}

void topic_tree_remove(struct topic_tree *topic_tree, struct feed *feed)
{
    struct topic_node *node = topic_tree_node_of(topic_tree, feed->filter, false);
    if (!node)
        return;
    if (feed_has_where(feed))
        where_index_remove(&node->where_index, feed);
    struct feed **at = &node->feeds;
    while (*at && *at != feed)
        at = &(*at)->next;
    if (*at)
        *at = feed->next;
    feed->next = NULL;
    topic_tree_prune(topic_tree, node);
}

/* A node also has the feeds of shared subscriptions to its topics: compare the whole filter. */
struct filter_visitor {
    const char *filter;
    void (*take)(void *context, struct feed *feed);
    void *context;
};

static void filter_visit_feed(void *context, struct feed *feed)
{
    const struct filter_visitor *visitor = context;
    if (strcmp(feed->filter, visitor->filter) == 0)
        visitor->take(visitor->context, feed);
}

void topic_tree_find_filter(struct topic_tree *topic_tree, const char *filter,
                            void (*take)(void *context, struct feed *feed), void *context)
{
    const struct topic_node *node = topic_tree_node_of(topic_tree, filter, false);
    struct filter_visitor visitor = {filter, take, context};
    if (!node)
        return;
    for (struct feed *feed = node->feeds; feed; feed = feed->next)
        filter_visit_feed(&visitor, feed);
    where_index_for_each(node->where_index, filter_visit_feed, &visitor);
}

static size_t topic_tree_visit_node(const struct topic_visitor *visitor,
                                    const struct topic_node *node)
{
    size_t count = 0;
    if (!node)
        return 0;
    for (struct feed *feed = node->feeds, *next; feed; feed = next) {
        next = feed->next;
        visitor->take(visitor->context, feed);
        count++;
    }
    if (node->where_index) {
        visitor->take_where(visitor->context, node->where_index);
        count++;
    }
    return count;
}

/* Visits the nodes below `node` that match the levels from `topic` on. The depth of the recursion
 * is at most that of the deepest filter. Wildcards do not match a first level that begins with $.
 */
static size_t topic_tree_descend(const struct topic_tree *topic_tree, const struct topic_node *node,
                                 const char *topic, bool first, const struct topic_visitor *visitor)
{
    bool hidden = first && topic[0] == '$';
    size_t len = strcspn(topic, "/"), count = 0;
    const struct topic_node *below[] = {topic_tree_find_node(topic_tree, node, topic, len),
                                        node->plus};
    if (!hidden)
        count += topic_tree_visit_node(visitor, node->hash);
    for (int i = 0; i < 2; i++) {
        if (!below[i] || (i == 1 && hidden))
            continue;
        if (topic[len] == '/')
            count += topic_tree_descend(topic_tree, below[i], topic + len + 1, false, visitor);
        else
            count += topic_tree_visit_node(visitor, below[i]) +
                     topic_tree_visit_node(visitor, below[i]->hash);
    }
    return count;
}

size_t topic_tree_match_topic(const struct topic_tree *topic_tree, const char *topic,
                              const struct topic_visitor *visitor)
{
    size_t count = topic_tree_visit_node(
        visitor, topic_tree_find_node(topic_tree, topic_tree->exact, topic, strlen(topic)));
    if (topic_tree->wild->children > 0)
        count += topic_tree_descend(topic_tree, topic_tree->wild, topic, true, visitor);
    return count;
}
