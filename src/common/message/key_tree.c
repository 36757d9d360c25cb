/* Builds and walks the tree of keys. */
#include "common/message/key_tree.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/value.h"

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
    for (const char *slash = key; slash; slash = strchr(slash + 1, '/')) {
        size->nodes++;
        size->selectors += slash[1 + strcspn(slash + 1, "=/")] == '=';
    }
    size->text += strlen(key) + 1;
}

static bool key_is_relative(const char *key)
{
    return key[0] == '.' && key[1] == '/';
}

void key_tree_size_add_beside(struct key_tree_size *size, const char *base, const char *key)
{
    if (key_is_relative(key))
        key_tree_size_add(size, base);
    key_tree_size_add(size, key_is_relative(key) ? key + 1 : key);
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
    return nodes * sizeof(struct key_node) + size->selectors * sizeof(struct key_selector) +
           size->leaves * sizeof(struct key_leaf) + key_tree_slot_count(nodes) * sizeof(uint32_t) +
           size->text;
}

void key_tree_init(struct key_tree *keys, const struct key_tree_size *size, void *memory,
                   struct key_tree_builder *builder)
{
    size_t nodes = size->nodes + 1, slots = key_tree_slot_count(nodes);
    keys->nodes = memory;
    keys->selectors = (struct key_selector *)(keys->nodes + nodes);
    keys->leaves = (struct key_leaf *)(keys->selectors + size->selectors);
    keys->slots = (uint32_t *)(keys->leaves + size->leaves);
    keys->slot_mask = (uint32_t)slots - 1;
    memset(keys->slots, 0xff, slots * sizeof *keys->slots);
    keys->nodes[0] = (struct key_node){
        .token = "", .leaves = KEY_TREE_NONE, .parent = KEY_TREE_NONE, .selectors = KEY_TREE_NONE};
    keys->node_count = 1;
    keys->selector_count = 0;
    keys->leaf_count = 0;
    *builder = (struct key_tree_builder){
        .keys = keys, .size = *size, .text = (char *)(keys->slots + slots)};
}

/* Returns the slot of the node, or the free slot for it. The token has two parts. */
static inline uint32_t *key_tree_find_slot(const struct key_tree *keys, uint32_t hash,
                                           uint32_t parent, const char *head, size_t head_len,
                                           const char *tail, size_t tail_len)
{
    for (uint32_t at = hash;; at++) {
        uint32_t *slot = &keys->slots[at & keys->slot_mask];
        if (*slot == KEY_TREE_NONE)
            return slot;
        const struct key_node *node = &keys->nodes[*slot];
        if (node->hash == hash && node->parent == parent && node->len == head_len + tail_len &&
            memcmp(node->token, head, head_len) == 0 &&
            memcmp(node->token + head_len, tail, tail_len) == 0)
            return slot;
    }
}

static uint32_t *key_tree_find_token(const struct key_tree *keys, uint32_t parent,
                                     const char *token, size_t len)
{
    return key_tree_find_slot(keys, key_node_hash(parent, token, len), parent, token, len, "", 0);
}

static uint32_t key_tree_add_child(const struct key_tree_builder *builder, uint32_t parent,
                                   const char *token, size_t len)
{
    struct key_tree *keys = builder->keys;
    uint32_t *slot = key_tree_find_token(keys, parent, token, len);
    if (*slot == KEY_TREE_NONE) {
        REQUIRE(keys->node_count <= builder->size.nodes); /* node 0 was not counted */
        *slot = keys->node_count++;
        keys->nodes[*slot] = (struct key_node){.token = token,
                                               .hash = key_node_hash(parent, token, len),
                                               .parent = parent,
                                               .leaves = KEY_TREE_NONE,
                                               .selectors = KEY_TREE_NONE,
                                               .len = (uint16_t)len};
        keys->nodes[parent].children |= KEY_CHILDREN_ANY;
    }
    return *slot;
}

/* Records what a token of a pointer may match besides the name of a member. */
static void key_tree_note_token(const struct key_tree_builder *builder, uint32_t parent,
                                const char *token)
{
    struct key_tree *keys = builder->keys;
    struct key_node *node = &keys->nodes[parent];
    const char *digit = token[0] == '-' ? token + 1 : token;
    node->children |= KEY_CHILDREN_POINTER;
    if (*digit >= '0' && *digit <= '9')
        node->children |= token[0] == '-' ? KEY_CHILDREN_FROM_END : KEY_CHILDREN_INDEX;

    size_t len = strcspn(token, "=");
    if (len == 0 || token[len] == '\0')
        return;
    for (uint32_t at = node->selectors; at != KEY_TREE_NONE; at = keys->selectors[at].next) {
        if (keys->selectors[at].len == len && memcmp(keys->selectors[at].member, token, len) == 0)
            return;
    }
    REQUIRE(keys->selector_count < builder->size.selectors);
    keys->selectors[keys->selector_count] =
        (struct key_selector){.member = token,
                              .hash = key_node_hash(parent, token, len + 1),
                              .next = node->selectors,
                              .len = (uint16_t)len};
    node->selectors = keys->selector_count++;
}

/* Adds the tokens of a pointer up to `end`, and returns the node of the last one. */
static uint32_t key_tree_add_tokens(struct key_tree_builder *builder, uint32_t node,
                                    const char *pointer, const char *end)
{
    while (pointer < end) {
        char *token = builder->text;
        size_t len = json_pointer_next_token(&pointer, token, strlen(pointer));
        builder->text += len + 1;
        key_tree_note_token(builder, node, token);
        node = key_tree_add_child(builder, node, token, len);
    }
    return node;
}

static void key_tree_add_leaf(struct key_tree_builder *builder, uint32_t node, uint32_t owner,
                              bool is_member)
{
    struct key_tree *keys = builder->keys;
    REQUIRE(keys->leaf_count < builder->size.leaves);
    uint32_t leaf = keys->leaf_count++;
    keys->leaves[leaf] =
        (struct key_leaf){.owner = owner, .next = keys->nodes[node].leaves, .is_member = is_member};
    keys->nodes[node].leaves = leaf;
}

void key_tree_add(struct key_tree_builder *builder, const char *key, uint32_t owner)
{
    bool is_member = key[0] != '/' && key[0] != '\0';
    uint32_t node = is_member ? key_tree_add_child(builder, 0, key, strlen(key))
                              : key_tree_add_tokens(builder, 0, key, key + strlen(key));
    key_tree_add_leaf(builder, node, owner, is_member);
}

void key_tree_add_beside(struct key_tree_builder *builder, const char *base, const char *key,
                         uint32_t owner)
{
    if (!key_is_relative(key)) {
        key_tree_add(builder, key, owner);
        return;
    }
    uint32_t node = base[0] == '/' ? key_tree_add_tokens(builder, 0, base, strrchr(base, '/')) : 0;
    node = key_tree_add_tokens(builder, node, key + 1, key + strlen(key));
    key_tree_add_leaf(builder, node, owner, false);
}

struct key_tree_walk_ctx {
    const struct key_tree *keys;
    const struct key_tree_input *input;
    const char *ignored;
    struct key_tree_scratch *scratch;
    key_tree_found *found;
    void *context;
    bool is_short; /* out of memory */
};

static void key_tree_visit(struct key_tree_walk_ctx *walk, uint32_t node, const cJSON *item,
                           bool is_member);

/* Visits a child with the first item that is found for it, and ignores later ones. */
static void key_tree_visit_child(struct key_tree_walk_ctx *walk, uint32_t child, const cJSON *item,
                                 bool is_member)
{
    if (child == KEY_TREE_NONE || walk->scratch->stamps.item[child] == walk->scratch->walk)
        return;
    walk->scratch->stamps.item[child] = walk->scratch->walk;
    key_tree_visit(walk, child, item, is_member);
}

/* The text of the element's member, or a NULL text. Of equal members the last counts. A number
 * beyond 2^53 has no text: it may be another one than in the payload. */
static struct text_span key_selector_text(const struct key_tree_walk_ctx *walk,
                                          const struct key_selector *selector, const cJSON *element,
                                          char number[VALUE_TEXT_SIZE])
{
    const struct text_span nothing = {NULL, 0};
    const cJSON *first = element->child, *each = first ? first->prev : NULL;
    while (each && !(strncmp(each->string, selector->member, selector->len) == 0 &&
                     each->string[selector->len] == '\0'))
        each = each == first ? NULL : each->prev;
    if (!each || (walk->ignored && strstr(each->string, walk->ignored)))
        return nothing;
    const struct scalar scalar = scalar_from_json(each);
    switch (scalar.kind) {
    case SCALAR_STRING:
        if (walk->ignored && strstr(scalar.text, walk->ignored))
            return nothing;
        break;
    case SCALAR_NUMBER:
        if (!(fabs(scalar.number) < 0x1p53))
            return nothing;
        break;
    case SCALAR_BOOL:
        break;
    case SCALAR_NULL:
    case SCALAR_OTHER:
        return nothing;
    }
    return value_scalar_text(&scalar, number);
}

/* Visits the children that select this element. The cost depends on the members that selectors
 * name, not on the number of texts. */
static void key_tree_visit_selected(struct key_tree_walk_ctx *walk, uint32_t node,
                                    const cJSON *element)
{
    const struct key_tree *keys = walk->keys;
    if (!cJSON_IsObject(element))
        return;
    for (uint32_t at = keys->nodes[node].selectors; at != KEY_TREE_NONE;
         at = keys->selectors[at].next) {
        const struct key_selector *selector = &keys->selectors[at];
        char number[VALUE_TEXT_SIZE];
        const struct text_span text = key_selector_text(walk, selector, element, number);
        if (text.text)
            key_tree_visit_child(
                walk,
                *key_tree_find_slot(keys, hash32_add(selector->hash, text.text, text.len), node,
                                    selector->member, selector->len + 1U, text.text, text.len),
                element, false);
    }
}

static int key_member_compare_name(const void *a, const void *b)
{
    const struct key_member *left = a, *right = b;
    int order = strcmp(left->item->string, right->item->string);
    return order ? order : (left->place > right->place) - (left->place < right->place);
}

static int key_member_compare_place(const void *a, const void *b)
{
    const struct key_member *left = a, *right = b;
    return (left->place > right->place) - (left->place < right->place);
}

/* Selects from the values of an object's members, in order. Of equal members only the last counts.
 * Children whose own name is a member were visited before. */
static void key_tree_visit_selected_members(struct key_tree_walk_ctx *walk, uint32_t node,
                                            const cJSON *object)
{
    struct key_tree_scratch *scratch = walk->scratch;
    size_t begin = scratch->members.count, end = begin; /* those before it are in use by a caller */
    const cJSON *each;
    cJSON_ArrayForEach(each, object)
    {
        const struct key_member member = {each, scratch->members.count};
        if (!ARRAY_PUSH(&scratch->members, member)) {
            walk->is_short = true;
            break;
        }
    }
    size_t count = scratch->members.count - begin;
    if (count == 0)
        return;
    struct key_member *members = scratch->members.item + begin;
    if (count > 1)
        qsort(members, count, sizeof *members, key_member_compare_name);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 == count || strcmp(members[i].item->string, members[i + 1].item->string) != 0)
            scratch->members.item[end++] = members[i];
    }
    scratch->members.count = end;
    if (end - begin > 1)
        qsort(members, end - begin, sizeof *members, key_member_compare_place);
    for (size_t i = begin; i < end; i++)
        key_tree_visit_selected(walk, node, scratch->members.item[i].item);
    scratch->members.count = begin;
}

/* Starts with the last member, so that the last of equal names counts. `is_own`: the object is part
 * of the payload itself, not of a string in it. */
static void key_tree_visit_members(struct key_tree_walk_ctx *walk, uint32_t node,
                                   const cJSON *object, bool is_own)
{
    const struct key_tree *keys = walk->keys;
    const cJSON *first = object->child;
    for (const cJSON *each = first ? first->prev : NULL; each;
         each = each == first ? NULL : each->prev) {
        if (walk->ignored && strstr(each->string, walk->ignored))
            continue;
        key_tree_visit_child(walk,
                             *key_tree_find_token(keys, node, each->string, strlen(each->string)),
                             each, is_own);
    }
    if (keys->nodes[node].selectors != KEY_TREE_NONE)
        key_tree_visit_selected_members(walk, node, object);
}

static void key_tree_visit_elements(struct key_tree_walk_ctx *walk, uint32_t node,
                                    const cJSON *array)
{
    const struct key_tree *keys = walk->keys;
    unsigned children = keys->nodes[node].children;
    int index = 0, count = children & KEY_CHILDREN_FROM_END ? cJSON_GetArraySize(array) : 0;
    const cJSON *each;
    cJSON_ArrayForEach(each, array)
    {
        char token[16];
        if (children & KEY_CHILDREN_INDEX) {
            int len = snprintf(token, sizeof token, "%d", index);
            key_tree_visit_child(walk, *key_tree_find_token(keys, node, token, (size_t)len), each,
                                 false);
        }
        if (children & KEY_CHILDREN_FROM_END) {
            int len = snprintf(token, sizeof token, "-%d", count - index);
            key_tree_visit_child(walk, *key_tree_find_token(keys, node, token, (size_t)len), each,
                                 false);
        }
        if (keys->nodes[node].selectors != KEY_TREE_NONE)
            key_tree_visit_selected(walk, node, each);
        index++;
    }
}

/* Reports the keys that end at this node, and visits the children that the item has. The depth of
 * the recursion is at most that of the longest pointer, whatever the payload. `is_member`: plain
 * names match. */
static void key_tree_visit(struct key_tree_walk_ctx *walk, uint32_t node, const cJSON *item,
                           bool is_member)
{
    const struct key_tree *keys = walk->keys;
    unsigned children = keys->nodes[node].children;
    bool is_own = true;
    for (uint32_t at = keys->nodes[node].leaves; at != KEY_TREE_NONE; at = keys->leaves[at].next) {
        if (is_member || !keys->leaves[at].is_member)
            walk->found(walk->context, keys->leaves[at].owner, item);
    }
    if (!children)
        return;
    while (item && (item->type & 0xff) == cJSON_String && children & KEY_CHILDREN_POINTER) {
        item = walk->input->open_string(walk->input->context, item);
        walk->ignored = *walk->input->ignored;
        is_own = false;
    }
    if (item && (item->type & 0xff) == cJSON_Object)
        key_tree_visit_members(walk, node, item, is_own);
    else if (item && (item->type & 0xff) == cJSON_Array)
        key_tree_visit_elements(walk, node, item);
}

bool key_tree_walk(const struct key_tree *keys, const struct key_tree_input *input,
                   struct key_tree_scratch *scratch, key_tree_found *found, void *context)
{
    REQUIRE(keys->node_count >= 1); /* key_tree_init was called */
    if (!ARRAY_EXTEND(&scratch->stamps, keys->node_count))
        return false;
    if (++scratch->walk == 0) {
        memset(scratch->stamps.item, 0, scratch->stamps.count * sizeof *scratch->stamps.item);
        scratch->walk = 1;
    }
    struct key_tree_walk_ctx walk = {keys, input, *input->ignored, scratch, found, context, false};
    key_tree_visit(&walk, 0, input->root, false);
    return !walk.is_short;
}

void key_tree_scratch_finish(struct key_tree_scratch *scratch)
{
    free(scratch->stamps.item);
    free(scratch->members.item);
    *scratch = (struct key_tree_scratch){0};
}
