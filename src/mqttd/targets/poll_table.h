/* Registers of a foreign server that are polled for changes, since there is no journal of its
 * writes. The first reading sets the known content. Values that mqttd has written are no changes.
 * Used by the target's thread only. Pure. */
#ifndef TAGFERRY_MQTTD_TARGETS_POLL_TABLE_H
#define TAGFERRY_MQTTD_TARGETS_POLL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/tag.h"

struct poll {
    int64_t device, tag; /* ids */
    uint32_t slot;       /* of the tag's row in the live table */
    uint8_t unit, table;
    uint16_t address, count;   /* 1 to 123 */
    uint16_t mask;             /* the bits that matter, of each word */
    bool known;                /* `words` are the newest known content */
    bool has_failed;           /* the newest reading has failed */
    uint64_t changed, written; /* of the row, before the reading */
    uint16_t words[POINT_REGISTERS_MAX];
};

/* In order of unit. */
struct polls {
    struct poll *item;
    size_t count, room;
    uint32_t interval_ms;
};

/* Frees the polls and zeroes the table. Accepts a zeroed one. */
void poll_table_finish(struct polls *polls);
/* Sorts `newer`, moves it to `polls` and zeroes it. Polls that are in both keep their known
 * content.
 */
void poll_table_replace(struct polls *polls, struct polls *newer);
/* Returns the index after the last poll of the unit whose polls begin at index `first`. */
size_t poll_table_end_of_unit(const struct polls *polls, size_t first);
/* True when the content is known and differs from `words` in a bit that matters. */
bool poll_has_changed(const struct poll *poll, const uint16_t *words);
/* Makes `words`, as many as the poll's count, the known content. */
void poll_store_words(struct poll *poll, const uint16_t *words);
/* Updates the known content after mqttd has written these registers; with a mask, which is not 0,
 * only these bits of one register. */
void poll_table_note_written(struct polls *polls, uint8_t unit, uint8_t table, uint16_t address,
                             uint16_t count, uint16_t mask, const uint16_t *words);
/* The content of these registers is unknown from now on: their next reading counts as the first. */
void poll_table_forget(struct polls *polls, uint8_t unit, uint8_t table, uint16_t address,
                       uint16_t count);
/* The same for all registers of the units in a set, which has a bit for each unit. */
void poll_table_forget_units(struct polls *polls, const uint8_t units[32]);

#endif
