/* Relates an entry of the journal to a tag. Pure. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_JOURNAL_MATCH_H
#define TAGFERRY_MQTTD_WRITEBACK_JOURNAL_MATCH_H

#include <stdint.h>

#include "common/model/tag.h"
#include "common/shared/journal.h"

enum journal_match_entry {
    JOURNAL_MATCH_NONE,  /* it wrote other registers, or other bits of the tag's register */
    JOURNAL_MATCH_PART,  /* it wrote some of the tag's registers */
    JOURNAL_MATCH_WHOLE, /* it wrote the tag's value */
};

/* The entry's unit and table must be those of the point. WHOLE fills `words`, point_width of them:
 * registers, of a point with a bit the whole register, or one coil as 0 or 1. */
enum journal_match_entry journal_match_entry(const struct journal_entry *entry,
                                             const struct point *point,
                                             uint16_t words[POINT_REGISTERS_MAX]);

#endif
