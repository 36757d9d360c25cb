/* Builds and walks the tree of keys. */
#include "mqttd/model/key_tree.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/json_text.h"
#include "common/base/require.h"

static uint32_t key_node_hash(uint32_t parent, const char *token, size_t len)
{
    return hash32_add(HASH32_START ^ parent * UINT32_C(2654435761), token, len);
}

void key_tree_size_add(struct key_tree_size *size, const char *key)
{
    size->leaves++;
    if (key[0] != '/') {
        size->nodes += key[0] != '\0';
        return;
    }
    for (const char *slash = key; slash; slash = strchr(slash + 1, '/'))
        size->nodes++;
    size->text += strlen(key) + 1;
}

static size_t key_tree_slot_count(size_t nodes)
{
    size_t slots = 4;
    while (slots < nodes + nodes / 2)
        slots *= 2;
    return slots;
}

size_t key_tree_size_bytes(const struct key_tree_size *size)
{
    size_t nodes = size->nodes + 1;
    return nodes * sizeof(struct key_node) + size->leaves * sizeof(struct key_leaf) +
           key_tree_slot_count(nodes) * sizeof(uint32_t) + size->text;
}

void key_tree_init(struct key_tree *keys, const struct key_tree_size *size, void *memory,
                   struct key_tree_builder *builder)
{
    size_t nodes = size->nodes + 1, slots = key_tree_slot_count(nodes);
    keys->nodes = memory;
    keys->leaves = (struct key_leaf *)(keys->nodes + nodes);
    keys->slots = (uint32_t *)(keys->leaves + size->leaves);
    keys->slot_mask = (uint32_t)slots - 1;
    memset(keys->slots, 0xff, slots * sizeof *keys->slots);
    keys->nodes[0] =
        (struct key_node){.token = "", .leaves = KEY_TREE_NONE, .parent = KEY_TREE_NONE};
    keys->node_count = 1;
    keys->leaf_count = 0;
    *builder = (struct key_tree_builder){
        .keys = keys, .size = *size, .text = (char *)(keys->slots + slots)};
}

/* Returns the slot of the node, or the free slot for it. */
static uint32_t *key_tree_find_slot(const struct key_tree *keys, uint32_t parent, const char *token,
                                    size_t len)
{
    uint32_t hash = key_node_hash(parent, token, len);
    for (uint32_t at = hash;; at++) {
        uint32_t *slot = &keys->slots[at & keys->slot_mask];
        if (*slot == KEY_TREE_NONE)
            return slot;
        const struct key_node *node = &keys->nodes[*slot];
        if (node->hash == hash && node->parent == parent && node->len == len &&
            memcmp(node->token, token, len) == 0)
            return slot;
    }
}

static uint32_t key_tree_add_child(const struct key_tree_builder *builder, uint32_t parent,
                                   const char *token, size_t len)
{
    struct key_tree *keys = builder->keys;
    uint32_t *slot = key_tree_find_slot(keys, parent, token, len);
    if (*slot == KEY_TREE_NONE) {
        REQUIRE(keys->node_count <= builder->size.nodes); /* node 0 was not counted */
        *slot = keys->node_count++;
        keys->nodes[*slot] = (struct key_node){.token = token,
                                               .hash = key_node_hash(parent, token, len),
                                               .parent = parent,
                                               .leaves = KEY_TREE_NONE,
                                               .len = (uint16_t)len};
        keys->nodes[parent].has_children = true;
    }
    return *slot;
}

void key_tree_add(struct key_tree_builder *builder, const char *key, uint32_t owner)
{
    struct key_tree *keys = builder->keys;
    bool is_member = key[0] != '/' && key[0] != '\0';
    uint32_t node = is_member ? key_tree_add_child(builder, 0, key, strlen(key)) : 0;
    while (*key == '/') {
        char *token = builder->text;
        size_t len = json_pointer_next_token(&key, token, strlen(key));
        builder->text += len + 1;
        node = key_tree_add_child(builder, node, token, len);
    }
    REQUIRE(keys->leaf_count < builder->size.leaves);
    uint32_t leaf = keys->leaf_count++;
    keys->leaves[leaf] =
        (struct key_leaf){.owner = owner, .next = keys->nodes[node].leaves, .is_member = is_member};
    keys->nodes[node].leaves = leaf;
}

struct key_tree_walk_ctx {
    const struct key_tree *keys;
    const char *ignored;
    struct key_tree_scratch *scratch;
    key_tree_found *found;
    void *context;
};

/* Reports the keys that end at this node, and visits the children that the item has. The depth of
 * the recursion is at most that of the longest pointer, whatever the payload. */
static void key_tree_visit(const struct key_tree_walk_ctx *walk, uint32_t node, const cJSON *item,
                           bool is_element)
{
    const struct key_tree *keys = walk->keys;
    for (uint32_t at = keys->nodes[node].leaves; at != KEY_TREE_NONE; at = keys->leaves[at].next) {
        if (!(is_element && keys->leaves[at].is_member))
            walk->found(walk->context, keys->leaves[at].owner, item);
    }
    if (!keys->nodes[node].has_children)
        return;
    bool is_array = cJSON_IsArray(item);
    if (!is_array && !cJSON_IsObject(item))
        return;
    char index[16];
    unsigned count = 0;
    const cJSON *each;
    cJSON_ArrayForEach(each, item)
    {
        const char *token = is_array ? index : each->string;
        if (is_array)
            snprintf(index, sizeof index, "%u", count++);
        else if (walk->ignored && strstr(token, walk->ignored))
            continue;
        uint32_t child = *key_tree_find_slot(keys, node, token, strlen(token));
        if (child == KEY_TREE_NONE || walk->scratch->stamps.item[child] == walk->scratch->walk)
            continue;
        walk->scratch->stamps.item[child] = walk->scratch->walk;
        key_tree_visit(walk, child, each, is_array);
    }
}

bool key_tree_walk(const struct key_tree *keys, const cJSON *root, const char *ignored,
                   struct key_tree_scratch *scratch, key_tree_found *found, void *context)
{
    REQUIRE(keys->node_count >= 1); /* key_tree_init was called */
    if (!ARRAY_EXTEND(&scratch->stamps, keys->node_count))
        return false;
    if (++scratch->walk == 0) {
        memset(scratch->stamps.item, 0, scratch->stamps.count * sizeof *scratch->stamps.item);
        scratch->walk = 1;
    }
    const struct key_tree_walk_ctx walk = {keys, ignored, scratch, found, context};
    key_tree_visit(&walk, 0, root, false);
    return true;
}

void key_tree_scratch_finish(struct key_tree_scratch *scratch)
{
    free(scratch->stamps.item);
    *scratch = (struct key_tree_scratch){0};
}
