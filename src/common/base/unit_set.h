/* The set of Modbus unit ids that the local server serves. Pure. */
#ifndef TAGFERRY_COMMON_BASE_UNIT_SET_H
#define TAGFERRY_COMMON_BASE_UNIT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNIT_MIN = 1, UNIT_MAX = 247, UNIT_NONE = -1 };

struct unit_set {
    size_t count;
    uint8_t id[UNIT_MAX]; /* ascending */
    int16_t index[256];   /* of a unit id in id[], or UNIT_NONE; 0 and 255 mean the first */
    int16_t named[256];   /* the same, but other names of units mean these units */
};

/* Parses a list such as "1-16, 20=1": units 1 to 16, and 20 is another name of unit 1; so are
 * 20 and 21 in "20-21=1". Only clients of the server use other names; they are no units. On error
 * false, with the reason in `why`; `set` is unchanged. */
bool unit_set_parse(const char *text, struct unit_set *set, char *why, size_t why_size);
/* Index of `unit` in set->id, or UNIT_NONE. Units 0 and 255 have index 0. */
int unit_set_index(const struct unit_set *set, uint8_t unit);
/* The same for a unit as a client names it: another name of a unit has its index. */
int unit_set_named_index(const struct unit_set *set, uint8_t unit);
/* The unit of which this id is another name; 0 if it is no other name. */
uint8_t unit_set_find_original(const struct unit_set *set, int64_t unit);
/* True when the set lists this id, 1 to 247. */
bool unit_set_contains(const struct unit_set *set, int64_t unit);

#endif
