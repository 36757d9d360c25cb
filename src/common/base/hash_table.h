/* A hash table of structs that the caller owns, chained through a struct hash_node in each.
 *
 * The node is the struct's first member, so that a pointer to it converts to the struct. The caller
 * writes the look-up as a loop:
 *
 *     for (struct hash_node *at = hash_table_chain(&table, hash); at; at = at->next) {
 *         struct item *item = (struct item *)at;
 *         if (at->hash == hash && strcmp(item->key, key) == 0)
 *             return item;
 *     }
 *
 * Not thread-safe. Pure. */
#ifndef TAGFERRY_COMMON_BASE_HASH_TABLE_H
#define TAGFERRY_COMMON_BASE_HASH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_node {
    struct hash_node *next; /* in the chain */
    uint32_t hash;          /* of the key; fixed while the node is in a table */
};

struct hash_table {
    struct hash_node **chains;
    size_t chain_count; /* a power of two */
    size_t count;       /* of nodes */
};

/* False when out of memory. */
bool hash_table_init(struct hash_table *table);
/* Frees the chains, not the nodes. Accepts a zeroed table. */
void hash_table_finish(struct hash_table *table);

/* The first node of the chain in which nodes of this hash are. The table is not zeroed. */
static inline struct hash_node *hash_table_chain(const struct hash_table *table, uint32_t hash)
{
    return table->chains[hash & (table->chain_count - 1)];
}

/* Adds a node. Never fails: when out of memory, the table does not grow and gets slower. */
void hash_table_add(struct hash_table *table, struct hash_node *node, uint32_t hash);
/* Removes a node, which must be in the table. */
void hash_table_remove(struct hash_table *table, struct hash_node *node);

/* Iterates over the nodes in no particular order: the first one for NULL, NULL after the last one.
 * To remove `node`, get the next one first; add none during the iteration. Accepts a zeroed table.
 */
struct hash_node *hash_table_next(const struct hash_table *table, const struct hash_node *node);

#endif
