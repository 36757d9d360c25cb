/* The channels to one Modbus server: the units behind it, or the two process sides of the local
 * server. Each channel has a back-off of its own, so that a silent one costs the others at most one
 * time-out in a round. Pure.
 *
 * A round begins with the channels that answered their newest request. After a request without an
 * answer, only these channels continue; the others wait for the next round. */
#ifndef TAGFERRY_MQTTD_TARGETS_UNIT_BACKOFF_H
#define TAGFERRY_MQTTD_TARGETS_UNIT_BACKOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/backoff.h"

enum { CHANNELS_MAX = 256 };

struct channel {
    struct backoff backoff;
    bool has_answered; /* the newest request */
    bool is_down;      /* the newest request had no answer */
    uint8_t exception; /* the gateway's, in place of an answer; 0: none */
    bool wrong_crc;    /* there were answers, but damaged ones; set by the caller */
    uint64_t closed;   /* the round in which it was closed last */
};

/* Zero it before use and call unit_backoff_begin_round. */
struct channels {
    struct channel item[CHANNELS_MAX];
    uint64_t round, all_closed; /* this round, and the one in which all were closed last */
    bool had_silence;           /* a request of this round had no answer */
};

/* Begins the next round: opens all channels. */
void unit_backoff_begin_round(struct channels *channels);
/* Closes a channel, or all of them, for the rest of this round. */
void unit_backoff_close(struct channels *channels, uint8_t channel);
void unit_backoff_close_all(struct channels *channels);
/* True when a request to the channel may be sent in this round. */
bool unit_backoff_may_send(const struct channels *channels, uint8_t channel, uint64_t now_ms);
/* Milliseconds until a later round may try the channel. */
unsigned unit_backoff_left_ms(const struct channels *channels, uint8_t channel, uint64_t now_ms);
/* A request was answered. True when the channel was down. */
bool unit_backoff_note_answer(struct channels *channels, uint8_t channel);
/* A request had no answer, or a gateway's exception. True when the channel was not down before. */
bool unit_backoff_note_silence(struct channels *channels, uint8_t channel, uint8_t exception,
                               uint64_t now_us);
/* A request had no answer, perhaps because of its kind. The next round tries the channel again. */
void unit_backoff_note_doubt(struct channels *channels, uint8_t channel);
/* Sorts `order`, in which each channel is at most once, into the order of their turns: first those
 * whose newest request was answered, then those that have waited longest. */
void unit_backoff_sort(const struct channels *channels, uint8_t *order, size_t count);

#endif
