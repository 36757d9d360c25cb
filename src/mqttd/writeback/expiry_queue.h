/* A queue of times, the earliest first, and of equal ones the one with the lowest index: a binary
 * heap. Pure. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_EXPIRY_QUEUE_H
#define TAGFERRY_MQTTD_WRITEBACK_EXPIRY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct expiry_item {
    uint64_t due_ms;
    uint32_t index; /* of the caller */
};

/* Zero it before use. */
struct expiry_queue {
    struct expiry_item *item;
    size_t count, room;
};

/* Empties the queue and makes room for this many items. False when out of memory. */
bool expiry_queue_reset(struct expiry_queue *queue, size_t room);
/* Accepts a zeroed one. */
void expiry_queue_finish(struct expiry_queue *queue);
/* Adds an item. There must be room. */
void expiry_queue_add(struct expiry_queue *queue, uint32_t index, uint64_t due_ms);
/* Returns the earliest item, or NULL. */
const struct expiry_item *expiry_queue_first(const struct expiry_queue *queue);
/* Moves the earliest item to a later time. */
void expiry_queue_delay_first(struct expiry_queue *queue, uint64_t due_ms);
/* Removes the earliest item. */
void expiry_queue_remove_first(struct expiry_queue *queue);

#endif
