/* Devices and tags in the store: find, list, insert, update. The SQL is made from the fields. */
#ifndef TAGFERRY_API_STORE_RECORD_STORE_H
#define TAGFERRY_API_STORE_RECORD_STORE_H

#include "api/model/fields.h"
#include "api/store/store.h"

/* Puts the SQL together, for as long as the process lives: outside of any memory_run. */
void records_open(void);

/* False when there is none, or the store failed. */
bool device_find(struct store *store, struct arena *arena, const char *name, struct record *record);
bool tag_find(struct store *store, struct arena *arena, const char *device, const char *name,
              struct record *record);

/* What a list shows. Texts are never NULL: empty means any. */
struct list {
    const char *after;        /* names above this */
    const char *after_device; /* of tags over all devices: beyond this device's `after` */
    const char *needle;       /* part of a name or description, in any case */
    const char *device;       /* of tags */
    const char *table;        /* of tags */
    int64_t limit;            /* rows; -1 for all */
};

/* Calls `take` with each record in order of name, of tags by device first, until it answers false.
 * The arena is for the record's texts. */
void devices_each(struct store *store, struct arena *arena, const struct list *list,
                  bool (*take)(void *context, const struct record *), void *context);
void tags_each(struct store *store, struct arena *arena, const struct list *list,
               bool (*take)(void *context, const struct record *), void *context);
/* How many the list has in all, without `after` and `limit`. */
int64_t devices_count(struct store *store, const struct list *list);
int64_t tags_count(struct store *store, const struct list *list);

/* Inserts what the record holds and sets its id. */
void device_insert(struct store *store, struct record *record);
void tag_insert(struct store *store, struct record *record);
/* Writes all fields, revision and updated_ms of the row with the record's id. */
void device_update(struct store *store, const struct record *record);
void tag_update(struct store *store, const struct record *record);

#endif
