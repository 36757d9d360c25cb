/* Devices and tags of the store, read row by row.
 *
 * The rows handed to callbacks borrow their texts: copy what you keep. A callback that returns
 * false ends the reading. All functions return false on an error of the database, for which see
 * db_error_reason, and without memory. A tag with a choice that this version does not know is left
 * out, with a log line. */
#ifndef TAGFERRY_COMMON_STORE_TAGDB_H
#define TAGFERRY_COMMON_STORE_TAGDB_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/resource_fields.h"
#include "common/model/tag.h"
#include "common/model/value.h"

struct sqlite3;

/* The C type of a field of each kind. */
#define TAGDB_TYPE_TEXT(check)   const char * /* NULL for SQL's NULL */
#define TAGDB_TYPE_FLAG          bool
#define TAGDB_TYPE_U8            uint8_t
#define TAGDB_TYPE_U16           uint16_t /* 0 for SQL's NULL */
#define TAGDB_TYPE_U32           uint32_t
#define TAGDB_TYPE_CHOICE(names) uint8_t          /* its place among the names */
#define TAGDB_TYPE_STATUS_TABLE  int              /* enum modbus_table, or -1 for no status block */
#define TAGDB_TYPE_VALUES        struct value_map /* empty for SQL's NULL */

#define TAGDB_MEMBER(id, group, member, column, kind, ...) TAGDB_TYPE_##kind column;
#define TAGDB_NO_MEMBER(...)

/* A row of `device`: the fields of resource_fields.h by their columns, but those for the API only.
 * Without network_modbus_host the registers are on the local server. */
struct tagdb_device {
    int64_t id, revision;
    uint32_t slot;
    DEVICE_FIELD_LIST(TAGDB_MEMBER, TAGDB_NO_MEMBER)
};

/* A row of `tag`, in the same way; what says where and how its value lies is in `point`. */
struct tagdb_tag {
    int64_t id, device_id, revision;
    uint32_t slot;
    struct point point;
    TAG_FIELD_LIST(TAGDB_MEMBER, TAGDB_NO_MEMBER, TAGDB_NO_MEMBER)
};

enum tagdb_deletion_kind { DELETED_DEVICE, DELETED_TAG, ORPHANED_REGISTERS };

/* Something that was deleted, or registers of the local server without an owner. */
struct tagdb_deletion {
    enum tagdb_deletion_kind kind;
    int64_t id;    /* of the device or tag */
    uint8_t unit;  /* of registers, from here on */
    uint8_t table; /* enum modbus_table */
    int8_t bit;    /* or NO_BIT */
    uint16_t first, last;
};

/* The store's revision; `gone_from`: deletions up to that revision are no longer listed. */
bool tagdb_read_revision(struct sqlite3 *db, int64_t *revision, int64_t *gone_from);

/* Every row whose revision is above `since`, in order of revision; -1 reads all, in order of id. */
bool tagdb_each_device(struct sqlite3 *db, int64_t since,
                       bool (*take)(void *context, const struct tagdb_device *), void *context);
bool tagdb_each_tag(struct sqlite3 *db, int64_t since,
                    bool (*take)(void *context, const struct tagdb_tag *), void *context);
bool tagdb_each_deletion(struct sqlite3 *db, int64_t since,
                         bool (*take)(void *context, const struct tagdb_deletion *), void *context);
/* Calls `take` with the device of this id when it exists. */
bool tagdb_find_device(struct sqlite3 *db, int64_t id,
                       bool (*take)(void *context, const struct tagdb_device *), void *context);
/* The tags of a device, in order of id; -1: of all devices, in order of the devices' ids. */
bool tagdb_each_tag_of(struct sqlite3 *db, int64_t device_id,
                       bool (*take)(void *context, const struct tagdb_tag *), void *context);

/* Registers of the local server that have an owner, or one bit of a register. */
struct tagdb_range {
    uint16_t first, last;
    int8_t bit; /* or NO_BIT */
};
/* The owned registers of a unit and table, from `first` to `last`. */
bool tagdb_each_range(struct sqlite3 *db, uint8_t unit, enum modbus_table table, uint16_t first,
                      uint16_t last, bool (*take)(void *context, const struct tagdb_range *),
                      void *context);

#endif
