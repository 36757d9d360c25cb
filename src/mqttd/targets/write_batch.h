/* Joins values that wait into as few Modbus requests as possible: neighbours share a request, a
 * value is never split, and bits and bytes of registers are written by mask-writes. Pure. */
#ifndef TAGFERRY_MQTTD_TARGETS_WRITE_BATCH_H
#define TAGFERRY_MQTTD_TARGETS_WRITE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A value and its registers. */
struct batch_item {
    uint8_t unit;
    uint8_t table; /* enum modbus_table */
    uint16_t mask; /* all bits, or those of one register that words[0], which has only them, sets */
    uint16_t address, width;
    uint32_t index; /* the caller's; of two items for the same registers the higher one is later */
    const uint16_t *words;
};

struct batch_limits {
    uint16_t registers; /* of one request, 1 to 123; a wider value is still sent whole */
    uint16_t bits;      /* of one request, 1 to BATCH_WORDS_MAX */
};

enum { BATCH_WORDS_MAX = 1968 };

struct batch_request {
    uint8_t unit;
    uint8_t table;
    uint16_t address, count;
    uint16_t mask;       /* not 0: change these bits of one register to those of words[0] */
    size_t first, items; /* the index of its first item among the sorted ones, and their number */
    uint16_t words[BATCH_WORDS_MAX];
};

/* Sorts the items into the order that batch_next_request needs. */
void batch_sort_items(struct batch_item *items, size_t count);

/* Makes the request that begins with items[*at] and moves *at past its last item. False at the end.
 */
bool batch_next_request(const struct batch_item *items, size_t count,
                        const struct batch_limits *limits, size_t *at,
                        struct batch_request *request);

#endif
