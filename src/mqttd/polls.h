/* Registers of a foreign server that are watched for changes, since it keeps no journal of who
 * wrote them. The first reading only tells what is there; what mqttd wrote itself is no change.
 * The target's thread alone. Pure. */
#ifndef TAGFERRY_MQTTD_POLLS_H
#define TAGFERRY_MQTTD_POLLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/tag.h"

struct poll {
    int64_t device, tag; /* ids */
    uint8_t unit, table;
    uint16_t address, count; /* 1 to 123 */
    uint16_t mask;           /* the bits that matter, of each word */
    bool known;              /* words are what the server had last */
    uint16_t words[POINT_REGISTERS_MAX];
};

struct polls {
    struct poll *item;
    size_t count;
    uint32_t interval_ms;
};

void polls_finish(struct polls *polls);
/* Puts `newer` in the place of `polls`; what is known of the same registers stays known. */
void polls_replace(struct polls *polls, struct polls *newer);
/* True when what was read is not what is known. */
bool polls_is_news(const struct poll *poll, const uint16_t *words);
void polls_take(struct poll *poll, const uint16_t *words);
/* These registers were written by mqttd. */
void polls_written(struct polls *polls, uint8_t unit, uint8_t table, uint16_t address,
                   uint16_t count, const uint16_t *words);

#endif
