/* Which registers belong to whom: overlaps, allocation, registers that lose their owner. */
#ifndef TAGFERRY_API_RESOURCES_REGISTER_RANGES_H
#define TAGFERRY_API_RESOURCES_REGISTER_RANGES_H

#include "api/base/validation.h"
#include "api/model/record_location.h"
#include "api/store/store.h"

/* Takes the next free address on the local server, which `location` must be on, for a tag without
 * one, even for values of several registers: above the mark, the highest that was ever taken here,
 * so that an address which a deletion frees goes to no other tag by itself; those that were given
 * by hand are passed over. With nothing left above, the lowest gap that fits: then *reused is set.
 * -1 when no gap fits. */
int64_t register_ranges_allocate(struct store *store, const struct modbus_location *location,
                                 const struct record *tag, bool *reused);

/* Gives a tag that has none the registers that its settings name. */
void register_ranges_put_tag(struct store *store, const struct modbus_location *location,
                             const struct record *tag);
/* Gives the device's status block, which may be none, its registers in place of those it had. */
void register_ranges_put_status(struct store *store, const struct common_settings *common,
                                const struct record *device);
/* Moves the registers of all tags of the device. */
void register_ranges_move(struct store *store, int64_t device_id,
                          const struct modbus_location *location);
/* Notes that the registers of a device and all its tags, or of one tag, have no owner any more. */
void register_ranges_orphan_device(struct store *store, int64_t device_id);
void register_ranges_orphan_tag(struct store *store, int64_t tag_id);
/* The same, and takes them away, for a tag that gets others. */
void register_ranges_delete_tag(struct store *store, int64_t tag_id);

/* One owner of registers that another owner has too. */
struct overlap {
    const char *owner, *other; /* "boiler-7/temperature", "the status block of boiler-7" */
    bool owner_is_status;
    const char *table;
    int64_t unit, first, last; /* what the other has */
    int64_t bit;               /* or -1 */
};

/* "holding_register 4 to 5 in unit 1 belong to boiler-7/temperature" */
const char *register_overlap_describe(struct arena *arena, const struct overlap *overlap);

/* Calls `take` for each overlap of: a tag's registers; those of all tags of a device; a device's
 * status block; anything, where each of the two owners has its turn. */
typedef void register_overlap_visitor(void *context, const struct overlap *overlap);
void register_ranges_tag_overlaps(struct store *store, struct arena *arena, int64_t tag_id,
                                  register_overlap_visitor *take, void *context);
void register_ranges_device_overlaps(struct store *store, struct arena *arena, int64_t device_id,
                                     register_overlap_visitor *take, void *context);
void register_ranges_status_overlaps(struct store *store, struct arena *arena, int64_t device_id,
                                     register_overlap_visitor *take, void *context);
void register_ranges_all_overlaps(struct store *store, struct arena *arena,
                                  register_overlap_visitor *take, void *context);

/* Computes all spans again if the local server's address or units are others than those that they
 * were computed with. True when they were. Within a transaction. */
bool register_ranges_follow_settings(struct store *store, struct arena *arena,
                                     const struct common_settings *common);

#endif
