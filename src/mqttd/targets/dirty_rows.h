/* Slots of live rows whose values wait to be written, in order. Pure. */
#ifndef TAGFERRY_MQTTD_TARGETS_DIRTY_ROWS_H
#define TAGFERRY_MQTTD_TARGETS_DIRTY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/array.h"

struct row_slots {
    uint32_t *item;
    size_t count, room;
    bool has_lost; /* slots for lack of memory: find their rows in the live table */
};

/* A queue in which a slot stands once, however often it is added. */
struct dirty_rows {
    struct row_slots queue;
    ARRAY_OF(uint8_t) present; /* a bit for each slot */
    uint64_t since_ms;         /* when the first of them began to wait */
    bool has_lost;             /* as for row_slots; includes those of dirty_rows_add_all */
};

/* Out of memory the slot is not added, and `has_lost` is set. The row keeps its value. */
void row_slots_push(struct row_slots *row_slots, uint32_t slot);
void row_slots_finish(struct row_slots *row_slots);

/* The slot has been waiting since `since_ms`, on any one clock. */
void dirty_rows_add(struct dirty_rows *dirty_rows, uint32_t slot, uint64_t since_ms);
/* Moves all slots of `from`; those that are in the queue already keep their places. */
void dirty_rows_add_all(struct dirty_rows *dirty_rows, struct row_slots *from, uint64_t since_ms);
/* Swaps the queue with `into`, which is empty: its memory serves the slots that are added next. */
void dirty_rows_take(struct dirty_rows *dirty_rows, struct row_slots *into);
void dirty_rows_finish(struct dirty_rows *dirty_rows);

#endif
