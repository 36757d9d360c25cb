/* Devices and tags in the store: find, list, count, insert, update. Within a transaction. */
#ifndef TAGFERRY_API_STORE_RECORD_STORE_H
#define TAGFERRY_API_STORE_RECORD_STORE_H

#include "api/model/fields.h"
#include "api/store/store.h"

/* Finds a record by its name; the record's texts are in the arena. False when it does not exist, or
 * the store has failed. */
bool record_store_find_device(struct store *store, struct arena *arena, const char *name,
                              struct record *record);
bool record_store_find_tag(struct store *store, struct arena *arena, const char *device,
                           const char *name, struct record *record);

/* The same by the id. */
bool record_store_find_by_id(struct store *store, struct arena *arena,
                             const struct resource *resource, int64_t id, struct record *record);
/* Finds the tag of a device that follows a tag of its profile. */
bool record_store_find_profile_tag(struct store *store, struct arena *arena, int64_t device_id,
                                   int64_t profile_tag, struct record *record);

/* The records that a list shows. Texts are never NULL: an empty one means any. */
struct record_filter {
    const char *after;        /* only names above this one */
    const char *after_device; /* of tags of all devices: `after` is a tag of this device */
    const char *needle; /* part of a name, label or description, in upper or lower case; of tags
                         * words, each of which is in these, in the key or topic, or is the
                         * address, 0-based or in Modicon form */
    const char *device; /* of tags */
    const char *table;  /* of tags */
    int64_t limit;      /* rows; -1 for all */
};

/* Calls `take` with each record in order of its name, tags in order of their device first, until
 * `take` returns false. The record's texts are in the arena. */
void record_store_each_device(struct store *store, struct arena *arena,
                              const struct record_filter *list,
                              bool (*take)(void *context, const struct record *), void *context);
void record_store_each_tag(struct store *store, struct arena *arena,
                           const struct record_filter *list,
                           bool (*take)(void *context, const struct record *), void *context);
/* Returns the number of records in the whole list: `after` and `limit` are ignored. */
int64_t record_store_count_devices(struct store *store, const struct record_filter *list);
int64_t record_store_count_tags(struct store *store, const struct record_filter *list);

/* Inserts a device or a tag, with all its fields, and sets its id unless the record has one
 * already, which no row may have. A tag has its device_id and profile_tag. */
void record_store_insert(struct store *store, const struct resource *resource,
                         struct record *record);
/* Writes all fields, the revision and updated_ms of the row with the record's id. */
void record_store_update(struct store *store, const struct resource *resource,
                         const struct record *record);
/* Writes the device and the name of a tag. record_store_update does not write the device: SQLite
 * would check it for each row. */
void record_store_move_tag(struct store *store, const struct record *tag);

#endif
