/* One group for each set of keys, with a hash table of feeds by their values. */
#include "mqttd/config/where_index.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hash_table.h"
#include "common/base/require.h"

/* The feeds of devices whose conditions have the same keys. */
struct where_group {
    struct where_group *next;
    struct key_tree tree; /* of the keys; the owner of each is its place */
    struct hash_table feeds;
    uint32_t count, keys_size; /* of the keys */
    char *keys;                /* packed as in struct where, in the group's memory */
};

struct where_index {
    struct where_group *groups;
};

static struct feed *where_node_feed(struct hash_node *node)
{
    return (struct feed *)((char *)node - offsetof(struct feed, where_node));
}

static void where_group_free(struct where_group *group)
{
    hash_table_finish(&group->feeds);
    free(group->tree.nodes); /* the beginning of the group's memory */
    free(group);
}

/* Makes a group; its keys and their tree lie in one piece of memory. */
static struct where_group *where_group_make(const struct where *where)
{
    struct key_tree_size size = {0};
    struct key_tree_builder builder;
    const char *key = where->keys;
    for (uint32_t i = 0; i < where->count; i++, key += strlen(key) + 1)
        key_tree_size_add(&size, key);

    struct where_group *group = calloc(1, sizeof *group);
    size_t tree_size = key_tree_size_bytes(&size);
    char *memory = malloc(tree_size + where->keys_size);
    if (!group || !memory || !hash_table_init(&group->feeds)) {
        free(memory);
        free(group);
        return NULL;
    }
    group->count = where->count;
    group->keys_size = where->keys_size;
    key_tree_init(&group->tree, &size, memory, &builder);
    group->keys = memory + tree_size;
    memcpy(group->keys, where->keys, where->keys_size);
    key = group->keys;
    for (uint32_t i = 0; i < where->count; i++, key += strlen(key) + 1)
        key_tree_add(&builder, key, i);
    return group;
}

/* Returns the pointer to the group with these keys, or to the NULL at the end. */
static struct where_group **where_index_find(struct where_index *index, const struct where *where)
{
    struct where_group **at = &index->groups;
    while (*at && ((*at)->keys_size != where->keys_size ||
                   memcmp((*at)->keys, where->keys, where->keys_size) != 0))
        at = &(*at)->next;
    return at;
}

void where_index_destroy(struct where_index *index)
{
    while (index && index->groups) {
        struct where_group *group = index->groups;
        index->groups = group->next;
        where_group_free(group);
    }
    free(index);
}

bool where_index_add(struct where_index **index, struct feed *feed)
{
    const struct where *where = &feed->device->where;
    REQUIRE(where->count >= 1 && where->count <= WHERE_COUNT_MAX);
    if (!*index)
        *index = calloc(1, sizeof **index);
    if (!*index)
        return false;
    struct where_group **at = where_index_find(*index, where);
    if (!*at)
        *at = where_group_make(where);
    if (*at) {
        hash_table_add(&(*at)->feeds, &feed->where_node, where_hash_packed(where));
        return true;
    }
    if (!(*index)->groups) {
        free(*index);
        *index = NULL;
    }
    return false;
}

void where_index_remove(struct where_index **index, struct feed *feed)
{
    struct where_group **at = *index ? where_index_find(*index, &feed->device->where) : NULL;
    struct where_group *group = at ? *at : NULL;
    if (!group)
        return;
    struct hash_node *node =
        hash_table_chain(&group->feeds, where_hash_packed(&feed->device->where));
    while (node && node != &feed->where_node)
        node = node->next;
    if (!node)
        return;
    hash_table_remove(&group->feeds, node);
    if (group->feeds.count > 0)
        return;
    *at = group->next;
    where_group_free(group);
    if (!(*index)->groups) {
        free(*index);
        *index = NULL;
    }
}

void where_index_for_each(const struct where_index *index,
                          void (*take)(void *context, struct feed *feed), void *context)
{
    const struct where_group *group = index ? index->groups : NULL;
    for (; group; group = group->next) {
        struct hash_node *node = hash_table_next(&group->feeds, NULL);
        for (; node; node = hash_table_next(&group->feeds, node))
            take(context, where_node_feed(node));
    }
}

/* The values of one group's keys in a message. */
struct where_walk {
    const struct where_reader *reader;
    struct where_value values[WHERE_COUNT_MAX];
    uint32_t found; /* so many keys have a value that a condition can have */
};

static void where_take_item(void *context, uint32_t owner, const struct cJSON *item)
{
    struct where_walk *walk = context;
    struct scalar scalar;
    REQUIRE(owner < WHERE_COUNT_MAX);
    walk->reader->read(walk->reader->context, item, &scalar);
    walk->found += where_value_read(&scalar, &walk->values[owner]);
}

bool where_index_match(const struct where_index *index, const struct where_reader *reader)
{
    for (const struct where_group *group = index->groups; group; group = group->next) {
        struct where_walk walk = {.reader = reader};
        if (!reader->find(reader->context, &group->tree, where_take_item, &walk))
            return false;
        if (walk.found < group->count)
            continue;
        uint32_t hash = where_hash_values(walk.values, group->count);
        struct hash_node *node = hash_table_chain(&group->feeds, hash);
        for (struct hash_node *next; node; node = next) {
            next = node->next;
            struct feed *feed = where_node_feed(node);
            if (node->hash == hash && where_is_met(&feed->device->where, walk.values))
                reader->take(reader->context, feed);
        }
    }
    return true;
}
