/* The keys of a feed as a tree of tokens, so that one walk over a JSON value finds all of them:
 * member names, JSON Pointers of several tokens, and the empty key, which is the whole payload.
 * Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_KEY_TREE_H
#define TAGFERRY_MQTTD_MODEL_KEY_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/array.h"

struct cJSON;

enum { KEY_TREE_NONE = UINT32_MAX };

/* A token and its parent. Node 0 is the whole payload. */
struct key_node {
    const char *token;
    uint32_t hash; /* of token and parent */
    uint32_t parent;
    uint32_t leaves; /* the first key that ends here, or KEY_TREE_NONE */
    uint16_t len;
    bool has_children;
};

/* A key that ends at a node, and its owner. */
struct key_leaf {
    uint32_t owner;
    uint32_t next;  /* leaf of the same node, or KEY_TREE_NONE */
    bool is_member; /* a plain name: matches members, not elements of arrays */
};

struct key_tree {
    struct key_node *nodes;
    struct key_leaf *leaves;
    uint32_t *slots; /* hash table of nodes; KEY_TREE_NONE: free */
    uint32_t node_count, leaf_count, slot_mask;
};

/* The caller provides the memory of a tree. Zero the size and pass each key to key_tree_size_add;
 * key_tree_size_bytes then returns the bytes that they need. */
struct key_tree_size {
    size_t nodes, leaves, text;
};
void key_tree_size_add(struct key_tree_size *size, const char *key);
size_t key_tree_size_bytes(const struct key_tree_size *size);

struct key_tree_builder {
    struct key_tree *keys;
    struct key_tree_size size; /* of the memory */
    char *text;                /* the next free byte */
};
/* Starts a tree for keys of this size in `memory`, which is aligned as malloc's. */
void key_tree_init(struct key_tree *keys, const struct key_tree_size *size, void *memory,
                   struct key_tree_builder *builder);
/* Adds a key that was counted in the size, and borrows its text. `owner` is for key_tree_walk. */
void key_tree_add(struct key_tree_builder *builder, const char *key, uint32_t owner);

/* The nodes that a walk has met. Zero it once and use it for the walks of all trees. */
struct key_tree_scratch {
    ARRAY_OF(uint32_t) stamps; /* of each node: the number of the walk that met it last */
    uint32_t walk;             /* the number of the newest walk */
};
void key_tree_scratch_finish(struct key_tree_scratch *scratch);

typedef void key_tree_found(void *context, uint32_t owner, const struct cJSON *item);

/* Calls `found` for each key that the payload has. If an object has the same name twice, only the
 * first one counts. `ignored`: a text, or NULL; names that contain it match no key. False when out
 * of memory: then `found` was not called. */
bool key_tree_walk(const struct key_tree *keys, const struct cJSON *root, const char *ignored,
                   struct key_tree_scratch *scratch, key_tree_found *found, void *context);

#endif
