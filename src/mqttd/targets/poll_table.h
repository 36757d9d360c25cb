/* Registers of a foreign server that are polled for changes, since it keeps no journal of who wrote
 * them. The first reading only tells what is there, and what mqttd itself has written is no change.
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
    bool known;                /* `words` are what the server held last */
    bool has_failed;           /* the newest reading */
    uint64_t changed, written; /* of the row, before the reading */
    uint16_t words[POINT_REGISTERS_MAX];
};

/* The items stand in the order of their units. */
struct polls {
    struct poll *item;
    size_t count, room;
    uint32_t interval_ms;
};

void poll_table_finish(struct polls *polls);
/* Sorts `newer`, puts it in the place of `polls` and zeroes it. What is known of polls that are in
 * both stays known. */
void poll_table_replace(struct polls *polls, struct polls *newer);
/* The place behind the last poll of the unit whose polls begin at `first`. */
size_t poll_table_end_of_unit(const struct polls *polls, size_t first);
/* True when the words that were read differ from the known ones in a bit that matters. */
bool poll_has_changed(const struct poll *poll, const uint16_t *words);
void poll_store_words(struct poll *poll, const uint16_t *words);
/* mqttd has written these registers; with a mask only these bits of one register. */
void poll_table_note_written(struct polls *polls, uint8_t unit, uint8_t table, uint16_t address,
                             uint16_t count, uint16_t mask, const uint16_t *words);
/* These registers may hold anything now: their next reading counts as the first. */
void poll_table_forget(struct polls *polls, uint8_t unit, uint8_t table, uint16_t address,
                       uint16_t count);
/* The same of all registers of the units in a set, which has a bit for each. */
void poll_table_forget_units(struct polls *polls, const uint8_t units[32]);

#endif
