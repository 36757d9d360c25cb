/* Devices and tags in the store: find, list, insert, update. The SQL is made from the fields. */
#ifndef TAGFERRY_API_STORE_RECORD_STORE_H
#define TAGFERRY_API_STORE_RECORD_STORE_H

#include "api/model/fields.h"
#include "api/store/store.h"

/* Puts the SQL together, for as long as the process lives: outside of any memory_run. */
void record_store_init(void);

/* False when it does not exist, or the store failed. */
bool record_store_find_device(struct store *store, struct arena *arena, const char *name,
                              struct record *record);
bool record_store_find_tag(struct store *store, struct arena *arena, const char *device,
                           const char *name, struct record *record);

/* What a list shows. Texts are never NULL: empty means any. */
struct record_filter {
    const char *after;        /* names above this */
    const char *after_device; /* of tags over all devices: beyond this device's `after` */
    const char *needle;       /* part of a name or description, in any case */
    const char *device;       /* of tags */
    const char *table;        /* of tags */
    int64_t limit;            /* rows; -1 for all */
};

/* Calls `take` with each record in order of name, of tags by device first, until it answers false.
 * The arena is for the record's texts. */
void record_store_each_device(struct store *store, struct arena *arena,
                              const struct record_filter *list,
                              bool (*take)(void *context, const struct record *), void *context);
void record_store_each_tag(struct store *store, struct arena *arena,
                           const struct record_filter *list,
                           bool (*take)(void *context, const struct record *), void *context);
/* The number of records in the whole list, without `after` and `limit`. */
int64_t record_store_count_devices(struct store *store, const struct record_filter *list);
int64_t record_store_count_tags(struct store *store, const struct record_filter *list);

/* Inserts the record and sets its id. */
void record_store_insert_device(struct store *store, struct record *record);
void record_store_insert_tag(struct store *store, struct record *record);
/* Writes all fields, revision and updated_ms of the row with the record's id. */
void record_store_update_device(struct store *store, const struct record *record);
void record_store_update_tag(struct store *store, const struct record *record);

#endif
