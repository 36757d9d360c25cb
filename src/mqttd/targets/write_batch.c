/* Sorts values by their registers and joins neighbours. */
#include "mqttd/targets/write_batch.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"
#include "common/model/tag.h"

static uint64_t batch_item_rank(const struct batch_item *item)
{
    return (uint64_t)item->unit << 40 | (uint64_t)item->table << 32 |
           (uint64_t)(item->mask != UINT16_MAX) << 24 | item->address;
}

static int compare_batch_items(const void *left, const void *right)
{
    const struct batch_item *a = left, *b = right;
    uint64_t x = batch_item_rank(a), y = batch_item_rank(b);
    if (x != y)
        return x < y ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

void batch_sort_items(struct batch_item *items, size_t count)
{
    size_t sorted = 1;
    /* The values of a message are most often in order already. */
    while (sorted < count && compare_batch_items(&items[sorted - 1], &items[sorted]) < 0)
        sorted++;
    if (sorted < count)
        qsort(items, count, sizeof *items, compare_batch_items);
}

bool batch_next_request(const struct batch_item *items, size_t count,
                        const struct batch_limits *limits, size_t *at,
                        struct batch_request *request)
{
    if (*at >= count)
        return false;
    const struct batch_item *first = &items[*at], *item = first;
    bool is_masked = first->mask != UINT16_MAX, joins;
    unsigned limit =
        table_is_bits((enum modbus_table)first->table) ? limits->bits : limits->registers;
    REQUIRE(limit <= BATCH_WORDS_MAX && first->width <= BATCH_WORDS_MAX);
    request->unit = first->unit;
    request->table = first->table;
    request->address = first->address;
    request->count = is_masked ? 1 : 0;
    request->mask = 0;
    request->words[0] = 0;
    request->first = *at;
    do {
        if (is_masked) {
            request->mask |= item->mask;
            request->words[0] |= item->words[0] & item->mask;
        } else {
            memcpy(request->words + request->count, item->words, item->width * sizeof *item->words);
            request->count = (uint16_t)(request->count + item->width);
        }
        item++;
        (*at)++;
        joins = *at < count && item->unit == first->unit && item->table == first->table &&
                (item->mask != UINT16_MAX) == is_masked;
        if (joins && is_masked)
            joins = item->address == request->address && !(request->mask & item->mask);
        else if (joins)
            joins = item->address == request->address + request->count &&
                    request->count + item->width <= limit;
    } while (joins);
    request->items = *at - request->first;
    return true;
}
