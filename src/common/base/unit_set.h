/* The set of Modbus unit ids that the local server holds. Pure. */
#ifndef TAGFERRY_COMMON_BASE_UNIT_SET_H
#define TAGFERRY_COMMON_BASE_UNIT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNIT_MIN = 1, UNIT_MAX = 247, UNIT_NONE = -1 };

struct unit_set {
    size_t count;
    uint8_t id[UNIT_MAX]; /* ascending */
    int16_t index[256];   /* place of a unit id in id[], or UNIT_NONE; 0 and 255 are the first */
};

/* Reads "1-16,20". False when it is no such list; `why` then says what is wrong. */
bool unit_set_parse(const char *text, struct unit_set *set, char *why, size_t why_size);
/* Place of `unit` in set->id, or UNIT_NONE. */
int unit_set_index(const struct unit_set *set, uint8_t unit);
/* True for the ids that are in the set by their own name; 0 and 255 are not. */
bool unit_set_contains(const struct unit_set *set, long unit);

#endif
