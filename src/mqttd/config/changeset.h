/* Reads the devices that were added, changed or deleted since a revision of the store, and builds
 * each of them with all of its tags. Used by the store watcher's thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_CHANGESET_H
#define TAGFERRY_MQTTD_CONFIG_CHANGESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/array.h"
#include "common/base/gateway_name.h"
#include "mqttd/config/store_watcher.h"

struct sqlite3;

enum { ELSEWHERE_NAME_SIZE = 65 };

/* The device of a tag as it was read last: a deletion in the store names the tag only, and a tag
 * that moves its new device only. */
struct tag_owner {
    int64_t tag, device; /* ids */
};

/* Devices among the changes that only other gateways hold. They are as good as disabled. */
struct elsewhere {
    size_t count;
    char device[ELSEWHERE_NAME_SIZE], gateway[GATEWAY_NAME_SIZE]; /* of the first one */
};

struct chunk;

/* Set `place` and zero the rest before use. */
struct changeset {
    const struct local_server *place;
    ARRAY_OF(struct tag_owner) owners; /* in order of tag */
    ARRAY_OF(int64_t) ids; /* devices to read and build; after a failure, those of that read */
    ARRAY_OF(struct device_change) changes;
    size_t change_tags;              /* tags of the devices in `changes` */
    struct elsewhere elsewhere;      /* of the newest read */
    ARRAY_OF(char *) gateways;       /* names of other gateways, kept for the changes */
    ARRAY_OF(struct tagdb_tag) tags; /* of the device that is read at present */
    struct chunk *chunks;            /* the texts of those tags */
    struct sqlite3 *db;
    bool whole;  /* all devices are read */
    bool failed; /* out of memory */
};

/* Reads the changes after the revision `since`, or all devices when it is -1. Call it in a
 * transaction. False on an error of the database, or when out of memory (`failed`). */
bool changeset_read(struct changeset *changeset, struct sqlite3 *db, int64_t since);
/* Moves the changes and their number to the caller, who frees the array and the devices in it;
 * *tags is the number of their tags. */
void changeset_take(struct changeset *changeset, struct device_change **changes, size_t *count,
                    size_t *tags);
/* Accepts a zeroed one. */
void changeset_finish(struct changeset *changeset);

#endif
