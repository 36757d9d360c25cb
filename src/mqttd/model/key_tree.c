/* Builds and walks the tree of keys. */
#include "mqttd/model/key_tree.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/json_text.h"

static uint32_t key_node_hash(uint32_t parent, const char *token, size_t len)
{
    return hash32_add(HASH32_START ^ parent * UINT32_C(2654435761), token, len);
}

void key_tree_size_add(struct key_tree_size *room, const char *key)
{
    room->leaves++;
    if (key[0] != '/') {
        room->nodes += key[0] != '\0';
        return;
    }
    for (const char *slash = key; slash; slash = strchr(slash + 1, '/'))
        room->nodes++;
    room->text += strlen(key) + 1;
}

static size_t key_tree_slot_count(size_t nodes)
{
    size_t slots = 4;
    while (slots < nodes + nodes / 2)
        slots *= 2;
    return slots;
}

size_t key_tree_size_bytes(const struct key_tree_size *room)
{
    size_t nodes = room->nodes + 1;
    return nodes * sizeof(struct key_node) + room->leaves * sizeof(struct key_leaf) +
           key_tree_slot_count(nodes) * sizeof(uint32_t) + room->text;
}

void key_tree_init(struct key_tree *keys, const struct key_tree_size *room, void *memory,
                   struct key_tree_builder *builder)
{
    size_t nodes = room->nodes + 1, slots = key_tree_slot_count(nodes);
    keys->nodes = memory;
    keys->leaves = (struct key_leaf *)(keys->nodes + nodes);
    keys->slots = (uint32_t *)(keys->leaves + room->leaves);
    keys->slot_mask = (uint32_t)slots - 1;
    memset(keys->slots, 0xff, slots * sizeof *keys->slots);
    keys->nodes[0] =
        (struct key_node){.token = "", .leaves = KEY_TREE_NONE, .parent = KEY_TREE_NONE};
    keys->node_count = 1;
    keys->leaf_count = 0;
    *builder = (struct key_tree_builder){.keys = keys, .text = (char *)(keys->slots + slots)};
}

/* The slot of the node, or the free one where it belongs. */
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

static uint32_t key_tree_add_child(struct key_tree *keys, uint32_t parent, const char *token,
                                   size_t len)
{
    uint32_t *slot = key_tree_find_slot(keys, parent, token, len);
    if (*slot == KEY_TREE_NONE) {
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

static uint32_t key_tree_add_pointer(struct key_tree_builder *builder, const char *key)
{
    uint32_t node = 0;
    while (*key == '/') {
        char *token = builder->text;
        size_t len = json_pointer_next_token(&key, token, strlen(key));
        builder->text += len + 1;
        node = key_tree_add_child(builder->keys, node, token, len);
    }
    return node;
}

void key_tree_add(struct key_tree_builder *builder, const char *key, uint32_t owner)
{
    struct key_tree *keys = builder->keys;
    bool is_member = key[0] != '/' && key[0] != '\0';
    uint32_t node = is_member ? key_tree_add_child(keys, 0, key, strlen(key))
                              : key_tree_add_pointer(builder, key);
    uint32_t leaf = keys->leaf_count++;
    keys->leaves[leaf] =
        (struct key_leaf){.owner = owner, .next = keys->nodes[node].leaves, .is_member = is_member};
    keys->nodes[node].leaves = leaf;
}

void key_tree_scratch_finish(struct key_tree_scratch *scratch)
{
    free(scratch->stamps);
    *scratch = (struct key_tree_scratch){0};
}

static bool key_tree_scratch_prepare(struct key_tree_scratch *scratch, uint32_t nodes)
{
    if (nodes > scratch->size) {
        uint32_t *stamps = realloc(scratch->stamps, nodes * sizeof *stamps);
        if (!stamps)
            return false;
        memset(stamps + scratch->size, 0, (nodes - scratch->size) * sizeof *stamps);
        scratch->stamps = stamps;
        scratch->size = nodes;
    }
    if (++scratch->stamp == 0) {
        memset(scratch->stamps, 0, scratch->size * sizeof *scratch->stamps);
        scratch->stamp = 1;
    }
    return true;
}

struct key_tree_walk_ctx {
    const struct key_tree *keys;
    const char *ignored;
    struct key_tree_scratch *scratch;
    key_tree_found *found;
    void *context;
};

static void key_tree_report_leaves(const struct key_tree_walk_ctx *key_tree_walk_ctx, uint32_t node,
                                   const cJSON *item, bool is_element)
{
    uint32_t at = key_tree_walk_ctx->keys->nodes[node].leaves;
    for (; at != KEY_TREE_NONE; at = key_tree_walk_ctx->keys->leaves[at].next) {
        const struct key_leaf *leaf = &key_tree_walk_ctx->keys->leaves[at];
        if (!(is_element && leaf->is_member))
            key_tree_walk_ctx->found(key_tree_walk_ctx->context, leaf->owner, item);
    }
}

static void key_tree_visit(const struct key_tree_walk_ctx *key_tree_walk_ctx, uint32_t node,
                           const cJSON *item);

static void key_tree_visit_child(const struct key_tree_walk_ctx *key_tree_walk_ctx, uint32_t node,
                                 const char *token, const cJSON *item, bool is_element)
{
    uint32_t found = *key_tree_find_slot(key_tree_walk_ctx->keys, node, token, strlen(token));
    if (found == KEY_TREE_NONE ||
        key_tree_walk_ctx->scratch->stamps[found] == key_tree_walk_ctx->scratch->stamp)
        return;
    key_tree_walk_ctx->scratch->stamps[found] = key_tree_walk_ctx->scratch->stamp;
    key_tree_report_leaves(key_tree_walk_ctx, found, item, is_element);
    key_tree_visit(key_tree_walk_ctx, found, item);
}

/* As deep as the longest pointer, whatever the payload. */
static void key_tree_visit(const struct key_tree_walk_ctx *key_tree_walk_ctx, uint32_t node,
                           const cJSON *item)
{
    const cJSON *each;
    char index[16];
    unsigned count = 0;
    if (!key_tree_walk_ctx->keys->nodes[node].has_children)
        return;
    if (cJSON_IsObject(item)) {
        cJSON_ArrayForEach(each, item)
        {
            if (!key_tree_walk_ctx->ignored || !strstr(each->string, key_tree_walk_ctx->ignored))
                key_tree_visit_child(key_tree_walk_ctx, node, each->string, each, false);
        }
    } else if (cJSON_IsArray(item)) {
        cJSON_ArrayForEach(each, item)
        {
            snprintf(index, sizeof index, "%u", count++);
            key_tree_visit_child(key_tree_walk_ctx, node, index, each, true);
        }
    }
}

bool key_tree_walk(const struct key_tree *keys, const cJSON *root, const char *ignored,
                   struct key_tree_scratch *scratch, key_tree_found *found, void *context)
{
    struct key_tree_walk_ctx key_tree_walk_ctx = {keys, ignored, scratch, found, context};
    if (!key_tree_scratch_prepare(scratch, keys->node_count))
        return false;
    key_tree_report_leaves(&key_tree_walk_ctx, 0, root, false);
    key_tree_visit(&key_tree_walk_ctx, 0, root);
    return true;
}
