/* The owner of each register: a tag or a status block. Allocation, overlaps, and registers that
 * lose their owner. Within a transaction of the writing connection.
 *
 * Each gateway has registers of its own on its local server, so that devices of two gateways may
 * have the same addresses. The registers of a device that every gateway holds are the same ones at
 * each of them, and overlap with those of any. */
#ifndef TAGFERRY_API_RESOURCES_REGISTER_RANGES_H
#define TAGFERRY_API_RESOURCES_REGISTER_RANGES_H

#include "api/base/validation.h"
#include "api/model/record_location.h"
#include "api/store/store.h"

/* Returns a new address for a tag without one; `location` must be on the local server. The address
 * of a value of several registers is even. It is above the highest address that was ever allocated
 * in this unit and table at its gateway (for a device that every gateway holds: at any), so that no
 * tag gets an address that a deleted tag had. Addresses that users have chosen are skipped. When no
 * space is left above, the address is that of the lowest gap that fits, and *reused is set. -1 when
 * no gap fits. */
int64_t register_ranges_allocate(struct store *store, const struct modbus_location *location,
                                 const struct record *tag, bool *reused);

/* Returns the first of `width` free registers of a location on the local server, not below `from`
 * and above the highest address that was ever allocated; -1 without such a range. Changes nothing.
 */
int64_t register_ranges_find_block(struct store *store, const struct modbus_location *location,
                                   enum modbus_table table, int64_t from, int64_t width);
/* Returns the address behind the last register that the device has in the table, which is at this
 * location on the local server, when `width` registers are free there and it is above the highest
 * address that was ever allocated; else -1. Changes nothing. */
int64_t register_ranges_find_beside(struct store *store, int64_t device_id,
                                    const struct modbus_location *location, enum modbus_table table,
                                    int64_t width);
/* Returns a base for a device whose registers are from `first` to before `end` above it, in the
 * same way as above: even, above the mark if there is space. -1 when no gap fits. */
int64_t register_ranges_allocate_block(struct store *store, const struct modbus_location *location,
                                       const char *table, int64_t first, int64_t end, bool *reused);
/* Returns true when no tag or status block but those of this device has registers in the table. */
bool register_ranges_is_empty(struct store *store, const struct modbus_location *location,
                              const char *table, int64_t device_id);

/* Adds the registers of a tag that has none yet. */
void register_ranges_put_tag(struct store *store, const struct modbus_location *location,
                             const struct record *tag);
/* Replaces the registers of the status block of a device by those of its settings, if it has any.
 */
void register_ranges_put_status(struct store *store, const struct common_settings *common,
                                const struct record *device);
/* Moves the registers of all tags of a device to another server or unit. */
void register_ranges_move(struct store *store, int64_t device_id,
                          const struct modbus_location *location);
/* Computes the ranges of a device again: those of its tags, and that of its status block. */
void register_ranges_renew_device(struct store *store, const struct common_settings *common,
                                  const struct record *device);
/* Record that the registers of a device with all its tags, or of one tag, lose their owner. */
void register_ranges_orphan_device(struct store *store, int64_t device_id);
void register_ranges_orphan_tag(struct store *store, int64_t tag_id);
/* The same, and gives the tag the registers of its new settings. */
void register_ranges_change_tag(struct store *store, const struct modbus_location *location,
                                const struct record *tag);

/* Registers with two owners. */
struct overlap {
    const char *owner, *other; /* "boiler-7/temperature", "the status block of boiler-7" */
    bool owner_is_status;
    const char *table;
    const char *gateway;       /* that holds the other; "" for every gateway */
    int64_t unit, first, last; /* the registers of the other */
    int64_t bit, bits;         /* of the other: the first bit and their number, or -1 for all */
};

/* Returns "holding_register 4 to 5 (400005 to 400006) in unit 1 belong to boiler-7/temperature". */
const char *register_overlap_describe(struct arena *arena, const struct overlap *overlap);

/* The owners whose overlaps are reported. OVERLAPS_OF_ALL reports each overlap for both owners. */
enum overlap_scope {
    OVERLAPS_OF_TAG,          /* id: the tag's */
    OVERLAPS_OF_DEVICE_TAGS,  /* id: the device's; without its status block */
    OVERLAPS_OF_STATUS_BLOCK, /* id: the device's */
    OVERLAPS_OF_ALL,          /* id: unused */
};

/* Calls `take` for the first 100 overlaps in this scope, in the order of device and address, or of
 * all in the order of the registers; those of devices that different gateways hold come last. */
typedef void register_overlap_visitor(void *context, const struct overlap *overlap);
void register_ranges_each_overlap(struct store *store, struct arena *arena,
                                  enum overlap_scope scope, int64_t id,
                                  register_overlap_visitor *take, void *context);

/* If this gateway has got another name since the last start, records that the registers of the
 * devices that it held under the old one lose their owner here. */
void register_ranges_follow_gateway(struct store *store, const char *gateway);
/* Updates all ranges if the address or the units of the local server have changed since the last
 * update. True when they have. */
bool register_ranges_follow_settings(struct store *store, struct arena *arena,
                                     const struct common_settings *common);

#endif
