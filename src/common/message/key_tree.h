/* The keys of a feed as a tree of tokens, so that one walk over a JSON value finds all of them:
 * member names, JSON Pointers of several tokens, and the empty key, which is the whole payload.
 * Pure.
 *
 * Pointers have three forms beyond RFC 6901. The meaning of every valid pointer stays. In an
 * array "-1" is the last element, "-2" the one before it. "member=text" is the first element that
 * is an object whose `member` is that text, number or boolean; if an object has no member of the
 * token's own name, it is the first member value for which that is true. A token after a string
 * looks into it as JSON. */
#ifndef TAGFERRY_COMMON_MESSAGE_KEY_TREE_H
#define TAGFERRY_COMMON_MESSAGE_KEY_TREE_H

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
    uint32_t leaves;    /* the first key that ends here, or KEY_TREE_NONE */
    uint32_t selectors; /* the first selector of its children, or KEY_TREE_NONE */
    uint16_t len;
    uint8_t children; /* enum key_children, of all children */
};

/* What a node's children may match, so that others cost nothing. */
enum key_children {
    KEY_CHILDREN_ANY = 1,
    KEY_CHILDREN_POINTER = 2, /* tokens of pointers: a string is opened for them */
    KEY_CHILDREN_INDEX = 4,   /* "0" */
    KEY_CHILDREN_FROM_END = 8 /* "-1" */
};

/* The member that tokens "member=text" below a node compare: one for all texts. */
struct key_selector {
    const char *member; /* up to `len`; then '=' and some text */
    uint32_t hash;      /* of the node and "member=" */
    uint32_t next;      /* of the same node, or KEY_TREE_NONE */
    uint16_t len;
};

/* A key that ends at a node, and its owner. */
struct key_leaf {
    uint32_t owner;
    uint32_t next;  /* leaf of the same node, or KEY_TREE_NONE */
    bool is_member; /* a plain name: matches members, not elements of arrays */
};

struct key_tree {
    struct key_node *nodes;
    struct key_selector *selectors;
    struct key_leaf *leaves;
    uint32_t *slots; /* hash table of nodes; KEY_TREE_NONE: free */
    uint32_t node_count, selector_count, leaf_count, slot_mask;
};

/* The caller provides the memory of a tree. Zero the size and pass each key to key_tree_size_add;
 * key_tree_size_bytes then returns the bytes that they need. */
struct key_tree_size {
    size_t nodes, selectors, leaves, text;
};
void key_tree_size_add(struct key_tree_size *size, const char *key);
void key_tree_size_add_beside(struct key_tree_size *size, const char *base, const char *key);
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
/* The same for a key that may begin at the parent of another one: beside "/a/v", "./q" is "/a/q".
 */
void key_tree_add_beside(struct key_tree_builder *builder, const char *base, const char *key,
                         uint32_t owner);

/* A member of an object, and its place in it. */
struct key_member {
    const struct cJSON *item;
    size_t place;
};

/* The nodes that a walk has met. Zero it once and use it for the walks of all trees. */
struct key_tree_scratch {
    ARRAY_OF(uint32_t) stamps;           /* of each node: the number of the walk that met it last */
    uint32_t walk;                       /* the number of the newest walk */
    ARRAY_OF(struct key_member) members; /* of the objects whose members are being selected */
};
void key_tree_scratch_finish(struct key_tree_scratch *scratch);

/* A parsed payload. */
struct key_tree_input {
    const struct cJSON *root;
    const char *const *ignored; /* names and texts that contain it match nothing; NULL: none does */
    /* The value of a string that is JSON, or NULL. It may change *ignored. */
    const struct cJSON *(*open_string)(void *context, const struct cJSON *string);
    void *context; /* for open_string */
};

typedef void key_tree_found(void *context, uint32_t owner, const struct cJSON *item);

/* Calls `found` for each key that the payload has. If an object has the same name twice, only the
 * last one counts. False when out of memory: some keys may be missing. */
bool key_tree_walk(const struct key_tree *keys, const struct key_tree_input *input,
                   struct key_tree_scratch *scratch, key_tree_found *found, void *context);

#endif
