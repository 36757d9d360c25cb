/* A filter is a path of levels from the root of one trie. Filters without wildcards hang below a
 * root of their own as a single level each, which makes that part a hash table of topics.
 *
 * All nodes stand in one hash table by (parent, level), so that a step down costs one look-up
 * however many siblings there are. */
#include "mqttd/config/topic_tree.h"

#include <stdlib.h>
#include <string.h>

#include "common/model/topic.h"

struct node {
    struct node *parent;
    struct node *next; /* in the bucket */
    struct feed *feeds;
    struct node *plus, *hash; /* the children "+" and "#" */
    uint32_t children;
    uint32_t code;
    uint32_t len;
    char level[];
};

struct match {
    struct node *exact, *wild; /* the two roots */
    struct node **buckets;
    size_t bucket_count, node_count;
};

static uint32_t code_of(const struct node *parent, const char *level, size_t len)
{
    uint32_t hash = 2166136261U ^ (uint32_t)((uintptr_t)parent >> 4);
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)level[i]) * 16777619U;
    return hash;
}

static struct node *make_node(struct node *parent, const char *level, size_t len)
{
    struct node *node = calloc(1, sizeof *node + len);
    if (!node)
        return NULL;
    node->parent = parent;
    node->len = (uint32_t)len;
    node->code = code_of(parent, level, len);
    memcpy(node->level, level, len);
    return node;
}

struct match *match_create(void)
{
    struct match *match = calloc(1, sizeof *match);
    if (!match)
        return NULL;
    match->bucket_count = 64;
    match->buckets = calloc(match->bucket_count, sizeof(struct node *));
    match->exact = make_node(NULL, "", 0);
    match->wild = make_node(NULL, "", 0);
    if (match->buckets && match->exact && match->wild)
        return match;
    match_destroy(match);
    return NULL;
}

void match_destroy(struct match *match)
{
    if (!match)
        return;
    for (size_t i = 0; match->buckets && i < match->bucket_count; i++) {
        for (struct node *node = match->buckets[i], *next; node; node = next) {
            next = node->next;
            free(node);
        }
    }
    free(match->exact);
    free(match->wild);
    free(match->buckets);
    free(match);
}

static struct node **bucket_of(const struct match *match, uint32_t code)
{
    return &match->buckets[code & (match->bucket_count - 1)];
}

static struct node *find(const struct match *match, const struct node *parent, const char *level,
                         size_t len)
{
    uint32_t code = code_of(parent, level, len);
    struct node *node = *bucket_of(match, code);
    while (node && !(node->code == code && node->parent == parent && node->len == len &&
                     memcmp(node->level, level, len) == 0))
        node = node->next;
    return node;
}

static void put_in_bucket(const struct match *match, struct node *node)
{
    struct node **bucket = bucket_of(match, node->code);
    node->next = *bucket;
    *bucket = node;
}

/* A table that cannot grow is slower, and works. */
static void grow(struct match *match)
{
    struct match bigger = {.bucket_count = match->bucket_count * 2};
    bigger.buckets = calloc(bigger.bucket_count, sizeof(struct node *));
    if (!bigger.buckets)
        return;
    for (size_t i = 0; i < match->bucket_count; i++) {
        for (struct node *node = match->buckets[i], *next; node; node = next) {
            next = node->next;
            put_in_bucket(&bigger, node);
        }
    }
    free(match->buckets);
    match->buckets = bigger.buckets;
    match->bucket_count = bigger.bucket_count;
}

static struct node **wildcard_of(struct node *parent, const char *level, size_t len)
{
    if (len == 1 && level[0] == '+')
        return &parent->plus;
    if (len == 1 && level[0] == '#')
        return &parent->hash;
    return NULL;
}

static struct node *find_or_make(struct match *match, struct node *parent, const char *level,
                                 size_t len)
{
    struct node *node = find(match, parent, level, len);
    if (node)
        return node;
    node = make_node(parent, level, len);
    if (!node)
        return NULL;
    if (++match->node_count > match->bucket_count)
        grow(match);
    put_in_bucket(match, node);
    parent->children++;
    if (parent != match->exact && wildcard_of(parent, level, len))
        *wildcard_of(parent, level, len) = node;
    return node;
}

static void drop(struct match *match, struct node *node)
{
    struct node **at = bucket_of(match, node->code);
    while (*at != node)
        at = &(*at)->next;
    *at = node->next;
    struct node **wildcard = wildcard_of(node->parent, node->level, node->len);
    if (node->parent != match->exact && wildcard)
        *wildcard = NULL;
    node->parent->children--;
    match->node_count--;
    free(node);
}

/* Drops the node and its ancestors as far as nothing needs them. */
static void prune(struct match *match, struct node *node)
{
    while (node->parent && !node->feeds && node->children == 0) {
        struct node *parent = node->parent;
        drop(match, node);
        node = parent;
    }
}

static struct node *node_of(struct match *match, const char *filter, bool make)
{
    const char *body = topic_filter_body(filter);
    if (!topic_has_wildcard(body))
        return make ? find_or_make(match, match->exact, body, strlen(body))
                    : find(match, match->exact, body, strlen(body));
    struct node *node = match->wild;
    for (;; body++) {
        size_t len = strcspn(body, "/");
        struct node *below =
            make ? find_or_make(match, node, body, len) : find(match, node, body, len);
        if (!below && make)
            prune(match, node);
        node = below;
        body += len;
        if (!node || *body == '\0')
            return node;
    }
}

bool match_add(struct match *match, struct feed *feed)
{
    struct node *node = node_of(match, feed->filter, true);
    if (!node)
        return false;
    feed->next = node->feeds;
    node->feeds = feed;
    return true;
}

void match_remove(struct match *match, struct feed *feed)
{
    struct node *node = node_of(match, feed->filter, false);
    if (!node)
        return;
    struct feed **at = &node->feeds;
    while (*at && *at != feed)
        at = &(*at)->next;
    if (*at)
        *at = feed->next;
    feed->next = NULL;
    prune(match, node);
}

/* Shared subscriptions stand beside those to the same topics that are not shared. */
void match_filter(struct match *match, const char *filter,
                  void (*take)(void *context, struct feed *feed), void *context)
{
    const struct node *node = node_of(match, filter, false);
    for (struct feed *feed = node ? node->feeds : NULL; feed; feed = feed->next) {
        if (strcmp(feed->filter, filter) == 0)
            take(context, feed);
    }
}

struct taker {
    void (*take)(void *context, struct feed *feed);
    void *context;
    size_t count;
};

static void take_all(struct taker *taker, const struct node *node)
{
    if (!node)
        return;
    for (struct feed *feed = node->feeds, *next; feed; feed = next) {
        next = feed->next;
        taker->take(taker->context, feed);
        taker->count++;
    }
}

/* The levels from `topic` on, below `node`. As deep as the deepest filter. */
static void descend(const struct match *match, const struct node *node, const char *topic,
                    bool first, struct taker *taker)
{
    bool hidden = first && topic[0] == '$';
    size_t len = strcspn(topic, "/");
    const struct node *below[] = {find(match, node, topic, len), node->plus};
    if (!hidden)
        take_all(taker, node->hash);
    for (int i = 0; i < 2; i++) {
        if (!below[i] || (i == 1 && hidden))
            continue;
        if (topic[len] == '/') {
            descend(match, below[i], topic + len + 1, false, taker);
        } else {
            take_all(taker, below[i]);
            take_all(taker, below[i]->hash);
        }
    }
}

size_t match_topic(const struct match *match, const char *topic,
                   void (*take)(void *context, struct feed *feed), void *context)
{
    struct taker taker = {.take = take, .context = context};
    take_all(&taker, find(match, match->exact, topic, strlen(topic)));
    if (match->wild->children > 0)
        descend(match, match->wild, topic, true, &taker);
    return taker.count;
}
