/* Entries of the journal on their way to the broker: one lands when the broker has all that it
 * published and nothing of it settles any more. The position moves on when all before it have
 * landed, too. Pure. */
#ifndef TAGFERRY_MQTTD_FLIGHTS_H
#define TAGFERRY_MQTTD_FLIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FLIGHTS_MAX = 256 };

struct flight {
    uint64_t sequence;
    unsigned open; /* messages and settling values that it waits for */
};

/* Zero it before use. */
struct flights {
    struct flight ring[FLIGHTS_MAX]; /* in order of sequence */
    size_t first, count;             /* below FLIGHTS_MAX for another one to take off */
};

void flights_take_off(struct flights *flights, uint64_t sequence);
/* Has it wait for one thing more. False when there is no such flight, as for what was not told by
 * the journal. */
bool flights_hold(struct flights *flights, uint64_t sequence);
/* One of the things that it waits for has come. */
void flights_release(struct flights *flights, uint64_t sequence);
/* Removes those in front that wait for nothing. The position behind them, 0 when there are none. */
uint64_t flights_land(struct flights *flights);

#endif
