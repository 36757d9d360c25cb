/* The keys of a feed, as a tree of tokens, so that one walk over a JSON value finds them all:
 * member names, JSON Pointers (which have several tokens), and the whole payload. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_KEY_TREE_H
#define TAGFERRY_MQTTD_MODEL_KEY_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

enum { KEYS_NONE = UINT32_MAX };

/* A token below another one. Node 0 is the whole payload. */
struct key_node {
    const char *token;
    uint32_t hash; /* of token and parent */
    uint32_t parent;
    uint32_t leaves; /* the first leaf that ends here, or KEYS_NONE */
    uint16_t len;
    bool has_children;
};

/* A key that ends at a node, and whose it is. */
struct key_leaf {
    uint32_t owner;
    uint32_t next;  /* leaf of the same node, or KEYS_NONE */
    bool is_member; /* a plain name, which no array element answers to */
};

struct keys {
    struct key_node *nodes;
    struct key_leaf *leaves;
    uint32_t *slots; /* hash table of nodes; KEYS_NONE: free */
    uint32_t node_count, leaf_count, slot_mask;
};

/* Memory for keys is the caller's: `keys_room` adds what one more key can need, and keys_init lays
 * the tree into `memory`, which is aligned as malloc's. */
struct keys_room {
    size_t nodes, leaves, text;
};
void keys_room(struct keys_room *room, const char *key);
size_t keys_room_bytes(const struct keys_room *room);

struct keys_builder {
    struct keys *keys;
    char *text;
};
void keys_init(struct keys *keys, const struct keys_room *room, void *memory,
               struct keys_builder *builder);
/* The key's text must outlive the tree. */
void keys_add(struct keys_builder *builder, const char *key, uint32_t owner);

/* Remembers, during a walk, which nodes were met. Zero it once, free with keys_scratch_finish. */
struct keys_scratch {
    uint32_t *stamps;
    uint32_t size, stamp;
};
void keys_scratch_finish(struct keys_scratch *scratch);

typedef void keys_found(void *context, uint32_t owner, const struct cJSON *item);

/* Calls `found` for each key that the payload has; of equal names in an object the first counts.
 * `ignored` is a byte sequence that makes a name match nothing, or NULL. False when out of memory.
 */
bool keys_walk(const struct keys *keys, const struct cJSON *root, const char *ignored,
               struct keys_scratch *scratch, keys_found *found, void *context);

#endif
