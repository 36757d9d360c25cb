/* Reads devices and tags of the store row by row.
 *
 * The texts of a row are valid only during the callback. A callback that returns false ends the
 * reading, which is no error. All functions return false on an error of the database (see
 * db_error_reason) and when out of memory. A tag with a choice that this version does not know is
 * skipped and logged. */
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
#define TAGDB_TYPE_OBJECT(check) const char * /* JSON text; NULL for SQL's NULL */
#define TAGDB_TYPE_SCALAR        const char * /* JSON text; NULL for SQL's NULL */
#define TAGDB_TYPE_FLAG          bool
#define TAGDB_TYPE_U8            uint8_t
#define TAGDB_TYPE_U16           uint16_t /* 0 for SQL's NULL */
#define TAGDB_TYPE_U32           uint32_t
#define TAGDB_TYPE_REAL(check)   double
#define TAGDB_TYPE_CHOICE(names) uint8_t          /* its index in the names */
#define TAGDB_TYPE_STATUS_TABLE  int              /* enum modbus_table, or -1 for no status block */
#define TAGDB_TYPE_VALUES        struct value_map /* empty for SQL's NULL */

#define TAGDB_MEMBER(id, group, member, column, kind, ...) TAGDB_TYPE_##kind column;
#define TAGDB_NO_MEMBER(...)

/* A row of `device`: the fields of resource_fields.h, named after their columns, except those only
 * for the API. Without network_modbus_host the registers are on the local server. */
struct tagdb_device {
    int64_t id, revision, created_ms;
    uint32_t slot;
    DEVICE_FIELD_LIST(TAGDB_MEMBER, TAGDB_NO_MEMBER)
};

/* A row of `tag`; the location and coding of its value are in `point`. */
struct tagdb_tag {
    int64_t id, device_id, revision, created_ms;
    uint32_t slot;
    struct point point;
    TAG_FIELD_LIST(TAGDB_MEMBER, TAGDB_NO_MEMBER, TAGDB_NO_MEMBER)
};

enum tagdb_deletion_kind { DELETED_DEVICE, DELETED_TAG, ORPHANED_REGISTERS };

/* A deleted device or tag, or registers of the local server without an owner. */
struct tagdb_deletion {
    enum tagdb_deletion_kind kind;
    int64_t id;    /* of the device or tag */
    uint8_t unit;  /* of registers, from here on */
    uint8_t table; /* enum modbus_table */
    uint16_t mask; /* the bits of each */
    uint16_t first, last;
    const char *gateway; /* whose registers they are; "": of all gateways */
};

/* Which state of the store a reader sees. */
struct tagdb_state {
    int64_t revision;
    int64_t gone_from;  /* deletions up to this revision are no longer listed */
    int64_t generation; /* raised when all rows were replaced: the revision may then be any */
};
bool tagdb_read_state(struct sqlite3 *db, struct tagdb_state *state);
/* False when tagferry-api runs with another [common] gateway than this one. */
bool tagdb_has_gateway(struct sqlite3 *db, const char *gateway);

/* Each reads the rows with a revision above `since`, in order of revision; -1: all, in order of id.
 */
bool tagdb_each_device(struct sqlite3 *db, int64_t since,
                       bool (*take)(void *context, const struct tagdb_device *), void *context);
bool tagdb_each_tag(struct sqlite3 *db, int64_t since,
                    bool (*take)(void *context, const struct tagdb_tag *), void *context);
bool tagdb_each_deletion(struct sqlite3 *db, int64_t since,
                         bool (*take)(void *context, const struct tagdb_deletion *), void *context);
/* Calls `take` with the device of this id if it exists. */
bool tagdb_find_device(struct sqlite3 *db, int64_t id,
                       bool (*take)(void *context, const struct tagdb_device *), void *context);
/* Reads the tags of a device, in order of id; -1: of all devices, in order of device id and tag id.
 */
bool tagdb_each_tag_of(struct sqlite3 *db, int64_t device_id,
                       bool (*take)(void *context, const struct tagdb_tag *), void *context);

/* Owned registers of the local server, or owned bits of one register. */
struct tagdb_range {
    uint16_t first, last;
    uint16_t mask; /* the bits of each */
};
/* Reads the owned ranges of a unit and table that overlap `first` to `last`, at this gateway: those
 * of all gateways and its own. */
bool tagdb_each_range(struct sqlite3 *db, const char *gateway, uint8_t unit,
                      enum modbus_table table, uint16_t first, uint16_t last,
                      bool (*take)(void *context, const struct tagdb_range *), void *context);

#endif
