/* Slots of live rows that wait, in order. Pure. */
#ifndef TAGFERRY_MQTTD_TARGETS_DIRTY_ROWS_H
#define TAGFERRY_MQTTD_TARGETS_DIRTY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct row_slots {
    uint32_t *item;
    size_t count, room;
    bool has_lost; /* row_slots that there was no memory for: look for them in the live table */
};

/* A queue in which a slot stands once, however often it is added. */
struct dirty_rows {
    struct row_slots queue;
    uint8_t *present; /* a bit for each slot */
    size_t size;
    uint64_t since_ms; /* when the first of them began to wait */
    bool has_lost;     /* as for row_slots, those of dirty_rows_add_all too */
};

/* Without memory the mark is lost, as its value is not, and `has_lost` says so. */
void row_slots_push(struct row_slots *row_slots, uint32_t slot);
void row_slots_finish(struct row_slots *row_slots);

/* The slot waits since then, on any clock. */
void dirty_rows_add(struct dirty_rows *dirty_rows, uint32_t slot, uint64_t since_ms);
/* Moves all of them, those that are present already without effect. */
void dirty_rows_add_all(struct dirty_rows *dirty_rows, struct row_slots *from, uint64_t since_ms);
/* Hands over what waits. `into` is empty, and its memory is used for what comes next. */
void dirty_rows_take(struct dirty_rows *dirty_rows, struct row_slots *into);
void dirty_rows_finish(struct dirty_rows *dirty_rows);

#endif
