/* Slots of live rows that wait, in order. Pure. */
#ifndef TAGFERRY_MQTTD_TARGETS_DIRTY_ROWS_H
#define TAGFERRY_MQTTD_TARGETS_DIRTY_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slots {
    uint32_t *item;
    size_t count, room;
    bool has_lost; /* slots that there was no memory for: look for them in the live table */
};

/* A queue in which a slot stands once, however often it is added. */
struct marks {
    struct slots queue;
    uint8_t *present; /* a bit for each slot */
    size_t size;
    uint64_t since_ms; /* when the first of them began to wait */
    bool has_lost;     /* as for slots, those of marks_add_all too */
};

/* Without memory the mark is lost, as its value is not, and `has_lost` says so. */
void slots_push(struct slots *slots, uint32_t slot);
void slots_finish(struct slots *slots);

/* The slot waits since then, on any clock. */
void marks_add(struct marks *marks, uint32_t slot, uint64_t since_ms);
/* Moves all of them, those that are present already without effect. */
void marks_add_all(struct marks *marks, struct slots *from, uint64_t since_ms);
/* Hands over what waits. `into` is empty, and its memory is used for what comes next. */
void marks_take(struct marks *marks, struct slots *into);
void marks_finish(struct marks *marks);

#endif
