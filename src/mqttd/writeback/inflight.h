/* Entries of the journal on their way to the broker: one lands when the broker has all that it
 * published and nothing of it settles any more. The position moves on when all before it have
 * landed, too. Pure. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_INFLIGHT_H
#define TAGFERRY_MQTTD_WRITEBACK_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INFLIGHT_MAX = 256 };

struct inflight_entry {
    uint64_t journal;  /* identity of the journal that the entry is from */
    uint64_t sequence; /* its number there */
    unsigned open;     /* messages and settling values that it waits for */
};

/* Zero it before use. */
struct inflight {
    struct inflight_entry ring[INFLIGHT_MAX]; /* in the order in which they took off */
    uint64_t first;                           /* number of the first one, less 1 */
    size_t count;                             /* below INFLIGHT_MAX for another one to take off */
};

/* Where a journal is to be read on. */
struct inflight_position {
    uint64_t journal, position;
};

/* Returns the inflight_entry's number, from 1. Numbers never repeat, where the sequences of a
 * journal that takes the place of another one do. There must be room. */
uint64_t inflight_add_entry(struct inflight *inflight, uint64_t journal, uint64_t sequence);
/* Adds one thing that the inflight_entry waits for. False when there is no inflight_entry of this
 * number. */
bool inflight_hold_entry(struct inflight *inflight, uint64_t number);
/* One of the things that it waits for has come. */
void inflight_release_entry(struct inflight *inflight, uint64_t number);
/* Removes those in front that wait for nothing. False when there are none, else the position behind
 * the last of them. */
bool inflight_pop_completed(struct inflight *inflight, struct inflight_position *position);

#endif
