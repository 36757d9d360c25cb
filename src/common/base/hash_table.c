/* Chains of nodes, doubled in number when there are as many nodes. */
#include "common/base/hash_table.h"

#include <stdlib.h>

#include "common/base/require.h"

enum { CHAINS_AT_FIRST = 64 };

bool hash_table_init(struct hash_table *table)
{
    *table = (struct hash_table){.chains = calloc(CHAINS_AT_FIRST, sizeof *table->chains)};
    table->chain_count = table->chains ? CHAINS_AT_FIRST : 0;
    return table->chains != NULL;
}

void hash_table_finish(struct hash_table *table)
{
    free(table->chains);
    *table = (struct hash_table){0};
}

static void hash_table_insert(struct hash_table *table, struct hash_node *node)
{
    struct hash_node **chain = &table->chains[node->hash & (table->chain_count - 1)];
    node->next = *chain;
    *chain = node;
}

static void hash_table_grow(struct hash_table *table)
{
    struct hash_table bigger = {.chain_count = table->chain_count * 2, .count = table->count};
    bigger.chains = calloc(bigger.chain_count, sizeof *bigger.chains);
    if (!bigger.chains)
        return;
    for (size_t i = 0; i < table->chain_count; i++) {
        for (struct hash_node *node = table->chains[i], *next; node; node = next) {
            next = node->next;
            hash_table_insert(&bigger, node);
        }
    }
    free(table->chains);
    *table = bigger;
}

void hash_table_add(struct hash_table *table, struct hash_node *node, uint32_t hash)
{
    REQUIRE(table->chain_count > 0);
    if (table->count >= table->chain_count)
        hash_table_grow(table);
    node->hash = hash;
    hash_table_insert(table, node);
    table->count++;
}

void hash_table_remove(struct hash_table *table, struct hash_node *node)
{
    struct hash_node **at = &table->chains[node->hash & (table->chain_count - 1)];
    while (*at && *at != node)
        at = &(*at)->next;
    REQUIRE(*at == node);
    *at = node->next;
    node->next = NULL;
    table->count--;
}

struct hash_node *hash_table_next(const struct hash_table *table, const struct hash_node *node)
{
    size_t chain = 0;
    if (node && node->next)
        return node->next;
    if (node)
        chain = (node->hash & (table->chain_count - 1)) + 1;
    while (chain < table->chain_count && !table->chains[chain])
        chain++;
    return chain < table->chain_count ? table->chains[chain] : NULL;
}
