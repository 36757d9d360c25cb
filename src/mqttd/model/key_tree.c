/* Builds and walks the tree of keys. */
#include "mqttd/model/key_tree.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"

static uint32_t hash_of(uint32_t parent, const char *token, size_t len)
{
    uint32_t hash = 2166136261U ^ parent * 2654435761U;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)token[i]) * 16777619U;
    return hash;
}

void keys_room(struct keys_room *room, const char *key)
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

static size_t slots_for(size_t nodes)
{
    size_t slots = 4;
    while (slots < nodes + nodes / 2)
        slots *= 2;
    return slots;
}

size_t keys_room_bytes(const struct keys_room *room)
{
    size_t nodes = room->nodes + 1;
    return nodes * sizeof(struct key_node) + room->leaves * sizeof(struct key_leaf) +
           slots_for(nodes) * sizeof(uint32_t) + room->text;
}

void keys_init(struct keys *keys, const struct keys_room *room, void *memory,
               struct keys_builder *builder)
{
    size_t nodes = room->nodes + 1, slots = slots_for(nodes);
    keys->nodes = memory;
    keys->leaves = (struct key_leaf *)(keys->nodes + nodes);
    keys->slots = (uint32_t *)(keys->leaves + room->leaves);
    keys->slot_mask = (uint32_t)slots - 1;
    memset(keys->slots, 0xff, slots * sizeof *keys->slots);
    keys->nodes[0] = (struct key_node){.token = "", .leaves = KEYS_NONE, .parent = KEYS_NONE};
    keys->node_count = 1;
    keys->leaf_count = 0;
    *builder = (struct keys_builder){.keys = keys, .text = (char *)(keys->slots + slots)};
}

/* The slot of the node, or the free one where it belongs. */
static uint32_t *slot_of(const struct keys *keys, uint32_t parent, const char *token, size_t len)
{
    uint32_t hash = hash_of(parent, token, len);
    for (uint32_t at = hash;; at++) {
        uint32_t *slot = &keys->slots[at & keys->slot_mask];
        if (*slot == KEYS_NONE)
            return slot;
        const struct key_node *node = &keys->nodes[*slot];
        if (node->hash == hash && node->parent == parent && node->len == len &&
            memcmp(node->token, token, len) == 0)
            return slot;
    }
}

static uint32_t child(struct keys *keys, uint32_t parent, const char *token, size_t len)
{
    uint32_t *slot = slot_of(keys, parent, token, len);
    if (*slot == KEYS_NONE) {
        *slot = keys->node_count++;
        keys->nodes[*slot] = (struct key_node){.token = token,
                                               .hash = hash_of(parent, token, len),
                                               .parent = parent,
                                               .leaves = KEYS_NONE,
                                               .len = (uint16_t)len};
        keys->nodes[parent].has_children = true;
    }
    return *slot;
}

static uint32_t add_pointer(struct keys_builder *builder, const char *key)
{
    uint32_t node = 0;
    while (*key == '/') {
        char *token = builder->text;
        size_t len = json_pointer_token(&key, token, strlen(key));
        builder->text += len + 1;
        node = child(builder->keys, node, token, len);
    }
    return node;
}

void keys_add(struct keys_builder *builder, const char *key, uint32_t owner)
{
    struct keys *keys = builder->keys;
    bool is_member = key[0] != '/' && key[0] != '\0';
    uint32_t node = is_member ? child(keys, 0, key, strlen(key)) : add_pointer(builder, key);
    uint32_t leaf = keys->leaf_count++;
    keys->leaves[leaf] =
        (struct key_leaf){.owner = owner, .next = keys->nodes[node].leaves, .is_member = is_member};
    keys->nodes[node].leaves = leaf;
}

void keys_scratch_finish(struct keys_scratch *scratch)
{
    free(scratch->stamps);
    *scratch = (struct keys_scratch){0};
}

static bool prepare(struct keys_scratch *scratch, uint32_t nodes)
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

struct walk {
    const struct keys *keys;
    const char *ignored;
    struct keys_scratch *scratch;
    keys_found *found;
    void *context;
};

static void report(const struct walk *walk, uint32_t node, const cJSON *item, bool is_element)
{
    uint32_t at = walk->keys->nodes[node].leaves;
    for (; at != KEYS_NONE; at = walk->keys->leaves[at].next) {
        const struct key_leaf *leaf = &walk->keys->leaves[at];
        if (!(is_element && leaf->is_member))
            walk->found(walk->context, leaf->owner, item);
    }
}

static void visit(const struct walk *walk, uint32_t node, const cJSON *item);

static void visit_child(const struct walk *walk, uint32_t node, const char *token,
                        const cJSON *item, bool is_element)
{
    uint32_t found = *slot_of(walk->keys, node, token, strlen(token));
    if (found == KEYS_NONE || walk->scratch->stamps[found] == walk->scratch->stamp)
        return;
    walk->scratch->stamps[found] = walk->scratch->stamp;
    report(walk, found, item, is_element);
    visit(walk, found, item);
}

/* As deep as the longest pointer, whatever the payload. */
static void visit(const struct walk *walk, uint32_t node, const cJSON *item)
{
    const cJSON *each;
    char index[16];
    unsigned count = 0;
    if (!walk->keys->nodes[node].has_children)
        return;
    if (cJSON_IsObject(item)) {
        cJSON_ArrayForEach(each, item)
        {
            if (!walk->ignored || !strstr(each->string, walk->ignored))
                visit_child(walk, node, each->string, each, false);
        }
    } else if (cJSON_IsArray(item)) {
        cJSON_ArrayForEach(each, item)
        {
            snprintf(index, sizeof index, "%u", count++);
            visit_child(walk, node, index, each, true);
        }
    }
}

bool keys_walk(const struct keys *keys, const cJSON *root, const char *ignored,
               struct keys_scratch *scratch, keys_found *found, void *context)
{
    struct walk walk = {keys, ignored, scratch, found, context};
    if (!prepare(scratch, keys->node_count))
        return false;
    report(&walk, 0, root, false);
    visit(&walk, 0, root);
    return true;
}
