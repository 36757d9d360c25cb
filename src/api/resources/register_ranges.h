/* Which registers belong to which tag or status block: allocation, overlaps, registers that lose
 * their owner. All within a transaction of the writing connection. */
#ifndef TAGFERRY_API_RESOURCES_REGISTER_RANGES_H
#define TAGFERRY_API_RESOURCES_REGISTER_RANGES_H

#include "api/base/validation.h"
#include "api/model/record_location.h"
#include "api/store/store.h"

/* Allocates an address on the local server, where `location` must be, for a tag without one; it is
 * even for a value of several registers. It lies above the highest address that was ever allocated
 * in this unit and table, so that no other tag is given an address that a deletion has freed.
 * Addresses that users have chosen are skipped. When nothing is left above, the lowest gap that
 * fits is used and *reused is set. -1 when no gap fits. */
int64_t register_ranges_allocate(struct store *store, const struct modbus_location *location,
                                 const struct record *tag, bool *reused);

/* Gives the registers that its settings name to a tag that has none. */
void register_ranges_put_tag(struct store *store, const struct modbus_location *location,
                             const struct record *tag);
/* Replaces the registers of the device's status block by those that its settings name, if any. */
void register_ranges_put_status(struct store *store, const struct common_settings *common,
                                const struct record *device);
/* Moves the registers of all tags of the device. */
void register_ranges_move(struct store *store, int64_t device_id,
                          const struct modbus_location *location);
/* Records that the registers of a device and all its tags, or of one tag, lose their owner. */
void register_ranges_orphan_device(struct store *store, int64_t device_id);
void register_ranges_orphan_tag(struct store *store, int64_t tag_id);
/* The same, and deletes the tag's range: it is given another. */
void register_ranges_delete_tag(struct store *store, int64_t tag_id);

/* Registers that have two owners. */
struct overlap {
    const char *owner, *other; /* "boiler-7/temperature", "the status block of boiler-7" */
    bool owner_is_status;
    const char *table;
    int64_t unit, first, last; /* the registers of the other */
    int64_t bit;               /* or -1 */
};

/* "holding_register 4 to 5 in unit 1 belong to boiler-7/temperature" */
const char *register_overlap_describe(struct arena *arena, const struct overlap *overlap);

/* The owners whose overlaps are asked for. OF_ALL reports each overlap from both sides. */
enum overlap_scope {
    OVERLAPS_OF_TAG,          /* id: the tag's */
    OVERLAPS_OF_DEVICE_TAGS,  /* id: the device's; without its status block */
    OVERLAPS_OF_STATUS_BLOCK, /* id: the device's */
    OVERLAPS_OF_ALL,          /* id: unused */
};

/* Calls `take` for the first 100 overlaps in this scope, in order of device and address. */
typedef void register_overlap_visitor(void *context, const struct overlap *overlap);
void register_ranges_each_overlap(struct store *store, struct arena *arena,
                                  enum overlap_scope scope, int64_t id,
                                  register_overlap_visitor *take, void *context);

/* Computes all ranges again if the address or the units of the local server differ from those that
 * they were computed with. True when they did. */
bool register_ranges_follow_settings(struct store *store, struct arena *arena,
                                     const struct common_settings *common);

#endif
