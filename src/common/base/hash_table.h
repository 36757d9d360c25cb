/* A hash table of structs that the caller owns, chained through a struct hash_node in each.
 *
 * The node is the struct's first member, so that one pointer serves for both. A look-up is the
 * caller's loop, which compares keys without a call:
 *
 *     for (struct hash_node *at = hash_table_chain(&table, hash); at; at = at->next) {
 *         struct item *item = (struct item *)at;
 *         if (at->hash == hash && strcmp(item->key, key) == 0)
 *             return item;
 *     }
 *
 * Of one thread. Pure. */
#ifndef TAGFERRY_COMMON_BASE_HASH_TABLE_H
#define TAGFERRY_COMMON_BASE_HASH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_node {
    struct hash_node *next; /* in the chain */
    uint32_t hash;          /* of the key; does not change while the node is in a table */
};

struct hash_table {
    struct hash_node **chains;
    size_t chain_count; /* a power of two */
    size_t count;       /* of nodes */
};

/* False without memory. */
bool hash_table_init(struct hash_table *table);
/* Frees the chains and leaves the nodes alone. Takes a zeroed table. */
void hash_table_finish(struct hash_table *table);

/* The first of all nodes whose hash may be this one. */
static inline struct hash_node *hash_table_chain(const struct hash_table *table, uint32_t hash)
{
    return table->chains[hash & (table->chain_count - 1)];
}

/* Adds a node. Never fails: a table without memory to grow gets slower and works. */
void hash_table_add(struct hash_table *table, struct hash_node *node, uint32_t hash);
/* Removes a node, which must be in the table. */
void hash_table_remove(struct hash_table *table, struct hash_node *node);

/* The nodes in turn, in no order that means anything: after NULL the first one, NULL after the last
 * one. Take the next one before `node` is removed; add none meanwhile. A zeroed table has none. */
struct hash_node *hash_table_next(const struct hash_table *table, const struct hash_node *node);

#endif
