/* A queue of the slots of live rows whose values wait to be written. Pure. */
#ifndef TAGFERRY_MQTTD_TARGETS_DIRTY_ROWS_H
#define TAGFERRY_MQTTD_TARGETS_DIRTY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/array.h"

struct row_slots {
    uint32_t *item;
    size_t count, room;
    bool has_lost; /* a slot was lost for lack of memory: search the live table for its row */
};

/* A slot is at most once in the queue, however often it is added. */
struct dirty_rows {
    struct row_slots queue;
    ARRAY_OF(uint8_t) present; /* a bit for each slot */
    uint64_t since_ms;         /* when the first of them began to wait */
    bool has_lost;             /* as for row_slots; includes those of dirty_rows_add_all */
};

/* Adds a slot at the end. When out of memory, sets `has_lost` instead; the row keeps its value. */
void row_slots_push(struct row_slots *row_slots, uint32_t slot);
/* Accepts a zeroed one; so does dirty_rows_finish. */
void row_slots_finish(struct row_slots *row_slots);

/* Adds a slot that has waited since `since_ms`, by a clock that is the same for all calls. */
void dirty_rows_add(struct dirty_rows *dirty_rows, uint32_t slot, uint64_t since_ms);
/* Moves all slots of `from` to the queue; slots that are in it already keep their places. */
void dirty_rows_add_all(struct dirty_rows *dirty_rows, struct row_slots *from, uint64_t since_ms);
/* Swaps the queue with `into`, which is empty: the memory of `into` is used for the next slots. */
void dirty_rows_take(struct dirty_rows *dirty_rows, struct row_slots *into);
void dirty_rows_finish(struct dirty_rows *dirty_rows);

#endif
