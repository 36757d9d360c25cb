/* The number of chains doubles when the table has as many nodes. */
#include "common/base/hash_table.h"

#include <stdlib.h>

#include "common/base/require.h"

enum { CHAINS_AT_FIRST = 64 };
_Static_assert((CHAINS_AT_FIRST & (CHAINS_AT_FIRST - 1)) == 0, "a power of two");

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

void hash_table_add(struct hash_table *table, struct hash_node *node, uint32_t hash)
{
    REQUIRE(table->chain_count > 0);
    if (table->count >= table->chain_count) {
        struct hash_table bigger = {.chain_count = table->chain_count * 2, .count = table->count};
        bigger.chains = calloc(bigger.chain_count, sizeof *bigger.chains);
        for (size_t i = 0; bigger.chains && i < table->chain_count; i++) {
            for (struct hash_node *moved = table->chains[i], *next; moved; moved = next) {
                next = moved->next;
                hash_table_insert(&bigger, moved);
            }
        }
        if (bigger.chains) {
            free(table->chains);
            *table = bigger;
        }
    }
    node->hash = hash;
    hash_table_insert(table, node);
    table->count++;
}

void hash_table_remove(struct hash_table *table, struct hash_node *node)
{
    REQUIRE(table->count > 0);
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
