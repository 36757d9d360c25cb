/* Reads the devices that are new, changed or gone since a revision, and builds each whole. */
#ifndef TAGFERRY_MQTTD_CONFIG_CHANGESET_H
#define TAGFERRY_MQTTD_CONFIG_CHANGESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/array.h"
#include "mqttd/config/store_watcher.h"

struct sqlite3;

/* Whose a tag is: a deletion in the store names the tag only. */
struct tag_owner {
    int64_t tag, device;
};

struct changeset_chunk;

/* Zero it, except `place`. */
struct changeset {
    const struct local_server *place;
    ARRAY_OF(struct tag_owner) owners; /* in order of tag */
    ARRAY_OF(int64_t) ids;             /* devices to build again */
    ARRAY_OF(struct device_change) changes;
    size_t change_tags;
    ARRAY_OF(struct tagdb_tag) tags; /* of the device that is being built */
    struct changeset_chunk *chunks;  /* the texts of those tags */
    struct sqlite3 *db;
    bool whole;  /* everything is being read */
    bool failed; /* out of memory */
};

/* Reads what is newer than `since`, or everything when it is -1. Call it in a transaction. False
 * on an error of the database, or without memory. */
bool changeset_read(struct changeset *changeset, struct sqlite3 *db, int64_t since);
/* Hands over what was built. */
void changeset_take(struct changeset *changeset, struct device_change **changes, size_t *count,
                    size_t *tags);
void changeset_finish(struct changeset *changeset);

#endif
