/* modbus.min_change and modbus.min_interval_ms: which values of messages need not be written to a
 * foreign server, and which have to wait. Pure.
 *
 * Only values of messages are limited. Others, such as those of on_stale, converted ones, and those
 * that the server has lost, are written at once. A value is known by its number, the `changed` of
 * its row, or 0. Both threads of a target use the limits, with its lock held. */
#ifndef TAGFERRY_MQTTD_TARGETS_WRITE_LIMITS_H
#define TAGFERRY_MQTTD_TARGETS_WRITE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/tag.h"
#include "mqttd/targets/dirty_rows.h"

enum { LIMITED_WORDS_MAX = 4 }; /* of a number */

/* The limits of one row. */
struct write_limit {
    int64_t tag;       /* id */
    uint64_t settings; /* of the tag, as in its row */
    uint32_t slot;
    uint8_t unit;
    uint32_t min_interval_ms; /* 0: none */
    double min_change;        /* in engineering units, of numbers only; 0: none */
    struct point point;
    /* The state; zeros at first. */
    uint64_t of_message;               /* the newest value that may have to wait */
    uint64_t sent;                     /* the value that was sent last */
    uint64_t same;                     /* a newer one with the same registers */
    uint64_t accepted;                 /* the value that the server has accepted last */
    uint64_t accepted_ms;              /* when, steady clock; 0: the next value need not wait */
    uint64_t due_ms;                   /* with is_held: when it is written */
    uint16_t words[LIMITED_WORDS_MAX]; /* with has_words: the registers of `sent` */
    bool has_words;
    bool is_held;  /* the row waits here, and not in a queue */
    bool has_held; /* it has waited since a value was sent last */
    /* The rows that wait are a heap, in which a row is due before those at twice its place. */
    uint32_t heap_at; /* with is_held: the place of this row */
    uint32_t in_heap; /* the item at the place that is the number of this item */
};

/* In order of the slot. */
struct write_limits {
    struct write_limit *item;
    size_t count, room;
    size_t held;     /* rows that wait */
    uint64_t due_ms; /* with held > 0: when the first of them is due */
};

/* Frees the limits and zeroes them. Accepts zeroed ones. */
void write_limits_finish(struct write_limits *limits);
/* Sorts `newer`, moves it to `limits` and zeroes it. Limits that have stayed as they were keep
 * their state; the rows of others that wait are added to `dirty_rows`. */
void write_limits_replace(struct write_limits *limits, struct write_limits *newer,
                          struct dirty_rows *dirty_rows, uint64_t now_ms);
/* Returns the limit of the row, or NULL. */
struct write_limit *write_limits_find(const struct write_limits *limits, uint32_t slot);
/* True when the value of this number has to wait; the row is then held. */
bool write_limits_hold(struct write_limits *limits, struct write_limit *limit, uint64_t number,
                       uint64_t now_ms);
/* Moves the rows that are due to `dirty_rows`; with UINT64_MAX all that wait. */
void write_limits_release(struct write_limits *limits, struct dirty_rows *dirty_rows,
                          uint64_t now_ms);
/* The servers of these units, a bit for each, may have lost their registers: the next values are
 * written, and rows that wait are due. */
void write_limits_forget_units(struct write_limits *limits, const uint8_t units[32],
                               uint64_t now_ms);

/* True when registers of a message count as those that were sent last. Both are as encoded. */
bool write_limit_is_unchanged(const struct write_limit *limit, const uint16_t *words);
/* A value is sent. */
void write_limit_note_sent(struct write_limit *limit, uint64_t number, const uint16_t *words);
/* The server has accepted a value. True if it was the one that was sent last. */
bool write_limit_note_accepted(struct write_limit *limit, uint64_t number, uint64_t now_ms);
/* The registers may have another value than the one that was sent: the next one is written. */
void write_limit_forget(struct write_limit *limit);

#endif
