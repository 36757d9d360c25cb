/* The units behind one Modbus server, each with a back-off of its own, so that a silent one costs
 * the others one time-out in a round at most. The local server has two lanes in place of units: its
 * process sides. Pure.
 *
 * A round begins with the lanes that answered last. Once a request of the round had no answer, only
 * such lanes go on; the others wait for the next round. */
#ifndef TAGFERRY_MQTTD_TARGETS_UNIT_BACKOFF_H
#define TAGFERRY_MQTTD_TARGETS_UNIT_BACKOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/backoff.h"

enum { LANES_MAX = 256 };

struct lane {
    struct backoff backoff;
    bool has_answered; /* the newest request */
    bool is_down;      /* it gave no answer, and none since */
    uint8_t exception; /* of a gateway, in place of the answer; 0: none */
    uint64_t closed;   /* the round that it was closed in */
};

/* Zero it before use, and begin a round. */
struct lanes {
    struct lane item[LANES_MAX];
    uint64_t round, all_closed; /* this one, and the one that all were closed in */
    bool had_silence;           /* a request of this round had no answer */
};

void lanes_begin_round(struct lanes *lanes);
/* Keeps a lane, or all, from being tried again in this round. */
void lanes_close(struct lanes *lanes, uint8_t lane);
void lanes_close_all(struct lanes *lanes);
/* True when a request may be made in this round. */
bool lanes_may_go(const struct lanes *lanes, uint8_t lane, uint64_t now_ms);
/* Milliseconds until a coming round may try it. */
unsigned lanes_left_ms(const struct lanes *lanes, uint8_t lane, uint64_t now_ms);
/* A request was answered. True when the lane was down. */
bool lanes_note_answer(struct lanes *lanes, uint8_t lane);
/* A request had no answer, or a gateway's exception. True when the lane was not down before. */
bool lanes_note_silence(struct lanes *lanes, uint8_t lane, uint8_t exception, uint64_t now_us);
/* A request had no answer, which may lie in the request. The next round tries the lane again. */
void lanes_note_doubt(struct lanes *lanes, uint8_t lane);
/* Puts different lanes into the order of their turns: first those that answered last, then the ones
 * that have waited longest. */
void lanes_sort(const struct lanes *lanes, uint8_t *order, size_t count);

#endif
