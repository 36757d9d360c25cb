/* Devices and tags as mqttd keeps them: built once from the store's rows, in one block of memory,
 * and exchanged whole when anything about the device changes. */
#ifndef TAGFERRY_MQTTD_MODEL_DEVICE_MODEL_H
#define TAGFERRY_MQTTD_MODEL_DEVICE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash_table.h"
#include "common/model/modbus_location.h"
#include "common/model/tag.h"
#include "common/model/value.h"
#include "common/store/tagdb.h"
#include "mqttd/model/key_tree.h"

struct device;
struct target;

/* Whose key it is that holds a message's time stamp, where others are a tag's place. */
enum { KEY_OWNER_TIMESTAMP = UINT32_MAX - 1 }; /* KEY_TREE_NONE is the one above */

/* The way back of a tag; the last four members change, in the MQTT thread. */
struct tag_command {
    const char *topic;
    const char *template_text; /* or NULL: the default */
    uint32_t settle_ms, hold_off_ms;
    uint8_t qos;
    bool retain;
    uint64_t written_at_ms;        /* when SCADA wrote last, steady clock; 0: never */
    int8_t bit_known;              /* of a point with a bit: its newest value, or -1 */
    uint64_t shown_from, shown_to; /* `changed` of the row, moved by polled values alone */
};

struct tag {
    int64_t id;
    const char *name;
    const char *key;
    struct value_reading reading;
    struct tag_command *command; /* NULL for to_modbus */
    uint64_t settings;           /* digest of target, unit and point; see live.h */
    struct point point;
    uint32_t slot;
    uint8_t direction; /* enum direction */
    uint8_t payload;   /* enum payload_kind */
    /* The MQTT thread's. */
    bool has_value;   /* a value has come in this session */
    bool shows_stale; /* its registers hold what on_stale says */
    bool is_new;      /* made while this mqttd runs: nobody has written its registers before */
    uint8_t
        heard; /* enum live_table_outcome of the newest value in this session, good or refused */
    uint64_t live_ms; /* when the newest one came that was not retained, steady clock; 0: never */
};

enum feed_kind { FEED_VALUES, FEED_AVAILABILITY };

/* What a device takes from one topic filter. */
struct feed {
    struct device *device;
    const char *filter;
    struct feed *next;       /* of the same filter; for match */
    struct key_tree keys;    /* of FEED_VALUES */
    uint8_t kind;            /* enum feed_kind */
    bool is_main;            /* the device's own topic */
    bool has_json, has_text; /* which kinds of tag there are */
    bool has_wildcard;       /* so that it brings messages of several topics */
    uint32_t tag_count;
    /* The MQTT thread's. */
    uint8_t refusal; /* enum fault: why the broker does not send it */
    bool is_heard;   /* a message was understood in this session */
    bool is_fine;    /* heard, not in trouble, and not all of its tags' newest values refused */
    uint8_t
        trouble; /* enum live_table_outcome of the newest messages that came to nothing, or NONE */
    uint8_t trouble_count;              /* so many of them, up to TROUBLE_COUNT_MAX */
    uint32_t valued_tags, refused_tags; /* tags that had a value, and whose newest was refused */
    uint64_t live_ms;   /* when the newest message came that was not retained, steady clock, or 0 */
    uint64_t source_ms; /* the newest time stamp, since 1970, or 0 */
    uint64_t old_ms;    /* that of the newest message dropped as old, and how many in order */
    uint32_t old_count;
};

/* One topic's messages are in trouble with the first that comes to nothing; of several topics some
 * may be meant for others, and it takes this many in a row. */
enum { TROUBLE_COUNT_MAX = 3 };

/* Whether a device is silent for longer than stale_after_s, and what the log says of it. */
enum quiet {
    QUIET_NOT,
    QUIET_LOGGED,      /* a line of its own */
    QUIET_SINCE_OUTAGE /* one line for all that were not heard since the broker is back */
};

struct device {
    struct hash_node node; /* by the id */
    int64_t id;
    const char *name;
    const char *host; /* of a foreign Modbus server, or NULL: the local one */
    uint16_t port;
    uint8_t unit;
    uint8_t qos;
    uint8_t max_write_registers;
    bool write_single;
    bool rewrite_on_reconnect; /* its server is written again after a lost connection */
    uint32_t min_interval_ms, poll_interval_ms;
    uint32_t stale_after_s;
    const char *payload_available, *payload_unavailable;
    const char *timestamp_key; /* or NULL */
    uint32_t slot;
    uint32_t tag_count, feed_count;
    struct tag *tags;
    struct feed *feeds;
    bool has_commands; /* some tag has a way back */
    bool has_on_stale; /* some tag writes another value when it is stale */
    bool has_status;
    struct point status; /* four uint16 registers, when has_status */
    uint8_t status_unit;
    uint64_t status_settings;
    /* The MQTT thread's, while the device is in service. */
    struct target *target;
    uint64_t message;      /* number of the newest message it has counted */
    uint64_t good_message; /* and of the newest one that was good */
    uint64_t status_raw;   /* the status registers as shown last */
    uint64_t since_ms;     /* when it was first looked at in service, steady clock; 0: not yet */
    uint64_t source_ms;    /* the newest of its feeds' time stamps */
    uint64_t any_ms;       /* when the newest message with values came, understood or not */
    uint32_t fine_feeds;   /* feeds that are fine */
    uint8_t heard;    /* enum live_table_outcome of the newest understood message in this session */
    uint8_t trouble;  /* and of the newest that was not fine, or LIVE_NONE */
    bool unavailable; /* by its availability topic */
    uint8_t quiet;    /* enum quiet */
    bool strange;     /* it has said neither of the two words there, and the log has told so */
    struct {
        uint64_t said_ms; /* when the newest line about refusals was written; 0: never */
        uint32_t since;   /* refusals since then */
    } refusals;
};

/* What the model needs to know of the local server. */
struct local_server {
    const struct net_addr *local; /* a device's host and port equal to this one is no foreign one */
    const struct unit_set *units;
};

/* A device and its enabled tags. Nothing is borrowed from the rows. NULL when out of memory. */
struct device *device_build(const struct local_server *place, const struct tagdb_device *row,
                            const struct tagdb_tag *tags, uint32_t tag_count);
/* True when the device has the tag, whose index *at then is. *at starts at 0, and the tags are
 * asked for in order of id. */
bool device_has_tag(const struct device *device, uint32_t *at, int64_t tag);
/* The feed of the same kind and filter, or NULL. *at starts at 0; feeds that are asked for in the
 * order of the device's are found at once. */
const struct feed *device_find_same_feed(const struct device *device, const struct feed *like,
                                         uint32_t *at);
/* Takes NULL. */
void device_free(struct device *device);

/* Digest of a Modbus server: the upper half of `settings`. NULL host: the local one. */
uint32_t device_server_digest(const char *host, uint16_t port);

#endif
