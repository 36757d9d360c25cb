/* A binary heap in an array: no item is earlier than its parent. */
#include "mqttd/writeback/expiry_queue.h"

#include <stdlib.h>

#include "common/base/array.h"
#include "common/base/require.h"

bool expiry_queue_reset(struct expiry_queue *queue, size_t room)
{
    queue->count = 0;
    return ARRAY_RESERVE(queue, room);
}

void expiry_queue_finish(struct expiry_queue *queue)
{
    free(queue->item);
    *queue = (struct expiry_queue){0};
}

/* Equal times are in the order of the indexes. */
static bool expiry_item_is_earlier(struct expiry_item a, struct expiry_item b)
{
    return a.due_ms != b.due_ms ? a.due_ms < b.due_ms : a.index < b.index;
}

void expiry_queue_add(struct expiry_queue *queue, uint32_t index, uint64_t due_ms)
{
    REQUIRE(queue->count < queue->room);
    const struct expiry_item item = {.due_ms = due_ms, .index = index};
    size_t at = queue->count++;
    while (at > 0 && expiry_item_is_earlier(item, queue->item[(at - 1) / 2])) {
        queue->item[at] = queue->item[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    queue->item[at] = item;
}

const struct expiry_item *expiry_queue_first(const struct expiry_queue *queue)
{
    return queue->count > 0 ? &queue->item[0] : NULL;
}

/* Puts an item in place of the first one, which is free. */
static void expiry_queue_sink(struct expiry_queue *queue, struct expiry_item item)
{
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < queue->count; at = child) {
        if (child + 1 < queue->count &&
            expiry_item_is_earlier(queue->item[child + 1], queue->item[child]))
            child++;
        if (!expiry_item_is_earlier(queue->item[child], item))
            break;
        queue->item[at] = queue->item[child];
    }
    queue->item[at] = item;
}

void expiry_queue_delay_first(struct expiry_queue *queue, uint64_t due_ms)
{
    REQUIRE(queue->count > 0 && due_ms >= queue->item[0].due_ms);
    expiry_queue_sink(queue, (struct expiry_item){due_ms, queue->item[0].index});
}

void expiry_queue_remove_first(struct expiry_queue *queue)
{
    REQUIRE(queue->count > 0);
    struct expiry_item last = queue->item[--queue->count];
    if (queue->count > 0)
        expiry_queue_sink(queue, last);
}
