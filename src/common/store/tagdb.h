/* Devices and tags as the store has them, read row by row.
 *
 * The rows handed to callbacks borrow their texts: copy what is to be kept. A callback that answers
 * false ends the reading. All functions answer false on an error of the database: db_error_reason.
 */
#ifndef TAGFERRY_COMMON_STORE_TAGDB_H
#define TAGFERRY_COMMON_STORE_TAGDB_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/tag.h"
#include "common/model/value.h"

struct sqlite3;

struct tagdb_device {
    int64_t id, revision;
    uint32_t slot;
    const char *name;
    bool enabled;
    struct {
        const char *modbus_host; /* NULL: the local server */
        uint16_t modbus_port;
        uint8_t unit_id;
        uint8_t max_write_registers;
        bool write_single;
        uint32_t min_interval_ms, poll_interval_ms;
        bool rewrite_on_reconnect;
    } network;
    struct {
        const char *topic;
        int qos;
        const char *availability_topic; /* or NULL */
        const char *payload_available, *payload_unavailable;
        uint32_t stale_after_s;
        const char *timestamp_key; /* or NULL */
    } mqtt;
    int status_table; /* enum modbus_table, or -1 for no status block */
    uint16_t status_address;
};

struct tagdb_tag {
    int64_t id, device_id, revision;
    uint32_t slot;
    const char *name;
    bool enabled;
    enum direction direction;
    struct {
        const char *key;
        const char *topic; /* or NULL: the device's */
        enum payload_kind payload;
        struct value_map values;
        const char *command_topic;    /* or NULL */
        const char *command_template; /* or NULL */
        int command_qos;
        bool command_retain;
        uint32_t settle_ms, hold_off_ms;
    } mqtt;
    struct point point;
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

/* The store's revision; `gone_from`: deletions up to that revision are forgotten. */
bool tagdb_read_revision(struct sqlite3 *db, int64_t *revision, int64_t *gone_from);

/* Every row whose revision is above `since`, in order of revision; -1 reads all, in order of id. */
bool tagdb_each_device(struct sqlite3 *db, int64_t since,
                       bool (*take)(void *context, const struct tagdb_device *), void *context);
bool tagdb_each_tag(struct sqlite3 *db, int64_t since,
                    bool (*take)(void *context, const struct tagdb_tag *), void *context);
bool tagdb_each_deletion(struct sqlite3 *db, int64_t since,
                         bool (*take)(void *context, const struct tagdb_deletion *), void *context);
/* The device of that id, if there is one. */
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
