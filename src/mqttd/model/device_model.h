/* Devices and tags as mqttd keeps them: built from the rows of the store in one block of memory,
 * and replaced as a whole when a row of the device changes. */
#ifndef TAGFERRY_MQTTD_MODEL_DEVICE_MODEL_H
#define TAGFERRY_MQTTD_MODEL_DEVICE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash_table.h"
#include "common/message/key_tree.h"
#include "common/message/where.h"
#include "common/model/modbus_location.h"
#include "common/model/tag.h"
#include "common/model/value.h"
#include "common/shared/live_table.h"
#include "common/store/tagdb.h"
#include "mqttd/model/metric_index.h"

struct cJSON;
struct device;
struct feed;
struct mirror_record;
struct sparkplug_source;
struct target;

/* The owner of a key is the index of the tag whose value it holds, which is below this bit; or the
 * index of a tag with this bit, for the quality of that value; or one of the others. */
#define KEY_OWNER_QUALITY (UINT32_C(1) << 31)
enum {
    KEY_OWNER_TIMESTAMP = UINT32_MAX - 1, /* UINT32_MAX is KEY_TREE_NONE */
    KEY_OWNER_AVAILABILITY = UINT32_MAX - 2
};

static inline bool key_owner_is_quality(uint32_t owner)
{
    return owner >= KEY_OWNER_QUALITY && owner < KEY_OWNER_AVAILABILITY;
}

/* The writeback of a tag: how SCADA's writes are published to MQTT. */
struct tag_command {
    const char *topic;
    const char *template_text; /* or NULL: the default */
    const struct feed *feed;   /* of a Sparkplug tag: the feed whose births name its metric */
    uint32_t settle_ms, hold_off_ms;
    uint32_t expires_s;       /* 0: never; also on a foreign server */
    const char *expire_value; /* as JSON, or NULL: the register keeps its value */
    uint32_t min_interval_ms; /* between two commands; 0: none */
    double min_change;        /* with `known`: of a number, in engineering units; 0: any */
    uint8_t qos;              /* 0 to 2 */
    bool retain;
    /* Changed by the MQTT thread. */
    int part_known;         /* of a bit or byte: its newest content, or -1 */
    uint64_t written_at_ms; /* when SCADA wrote last, steady clock; 0: never. While its
                             * command waits for min_interval_ms, the end of that */
    uint64_t published_ms;  /* when a command was published last, steady clock; 0: never */
    uint16_t *known;        /* what the device has; NULL when nothing depends on it */
    bool has_known;
    uint16_t *waiting; /* on a foreign server, else NULL: whole registers that wait for the end of
                        * min_interval_ms */
    bool has_waiting;
    uint64_t place;                  /* of these registers: live_table_pack_location */
    struct mirror_record *mirror;    /* what paired gateways know of the setpoint; or NULL */
    uint64_t shown_from, shown_to;   /* `changed` of the row, while only polls have changed it */
    struct live_table_expiry expiry; /* as in the row, of a tag with expires_s */
    uint64_t ended_ms;               /* when SCADA wrote after that, steady clock; 0: never */
    int expire_number; /* of the message with expire_value, until it is acknowledged, or 0 */
    bool is_timed;     /* it is in the queue of times */
    bool is_waiting;   /* it is in the queue of commands that are owed */
};

/* Limits of writes to a slow foreign server. */
struct write_terms {
    double min_change;        /* modbus.min_change, in engineering units; 0: any */
    uint32_t min_interval_ms; /* modbus.min_interval_ms; 0: none */
};

struct tag {
    int64_t id, created_ms;
    const char *name;
    const char *key;
    const char *quality_key; /* of the value's quality in the device's message; or NULL */
    struct value_reading reading;
    uint32_t reading_digest;               /* of mqtt.pattern and mqtt.number */
    struct tag_command *command;           /* NULL without commands */
    const struct write_terms *write_terms; /* NULL without limits */
    const uint16_t *constant;              /* the registers of a constant; else NULL */
    const struct tag *shown;               /* of a companion: the tag that it shows, or NULL */
    uint64_t settings;                     /* digest of target, unit and point; see live_table.h */
    struct point point;
    uint32_t slot;
    uint8_t direction; /* enum direction */
    uint8_t payload;   /* enum payload_kind */
    uint8_t companion; /* enum companion */
    /* Changed by the MQTT thread. */
    bool has_value;   /* a value has come in this session */
    bool shows_stale; /* its registers hold the on_stale value */
    bool is_new;      /* created while this mqttd runs: its registers were not written before */
    bool is_moved;    /* to another device, which takes over its row */
    uint8_t heard;    /* enum live_table_outcome of the newest value in this session */
    uint64_t live_ms; /* when the newest value came that was not retained, steady clock; 0: never */
    uint64_t quality_message;    /* number of the newest message with a quality */
    const struct cJSON *quality; /* that quality, while the message is handled */
};

enum feed_kind { FEED_VALUES, FEED_AVAILABILITY };

/* A topic filter of a device: the filter of some of its tags, or of its availability. */
struct feed {
    struct device *device;
    const char *filter;
    struct feed *next; /* with the same filter, in the topic tree */
    struct hash_node
        where_node;          /* in the where_index of the filter, if the device has mqtt.where */
    struct key_tree keys;    /* of FEED_VALUES */
    uint8_t kind;            /* enum feed_kind */
    bool is_main;            /* the device's own topic */
    bool has_json, has_text; /* some tag takes such payloads */
    bool has_quality;        /* some tag has a key for its quality */
    bool has_wildcard;       /* messages of several topics match */
    bool is_sparkplug;       /* its tags are metrics of Sparkplug B, and `keys` only lists them */
    struct metric_index metrics; /* with is_sparkplug */
    const char *topic; /* with is_sparkplug: the topic of the node or device, as configured; NULL
                        * for a topic of another form */
    uint32_t tag_count;
    /* Changed by the MQTT thread. */
    struct sparkplug_source *source; /* with `topic`, in service: its births */
    uint8_t refusal;                 /* enum fault: why the broker does not send the topic */
    bool is_heard;                   /* a message was understood in this session */
    bool works; /* heard, does not fail, and not all of its tags' newest values were refused */
    uint8_t
        failure; /* enum live_table_outcome of the newest message, if it had no result, or NONE */
    uint8_t failure_count;              /* messages without a result in a row, or the maximum */
    uint32_t valued_tags, refused_tags; /* tags that had a value, and whose newest was refused */
    uint64_t live_ms;   /* when the newest message came that was not retained, steady clock, or 0 */
    uint64_t source_ms; /* the newest time stamp, since 1970, or 0 */
    uint64_t old_ms;    /* the time stamp of the newest message that was dropped as old */
    uint32_t old_count; /* such messages in a row, see message_order.h */
    uint64_t row_ms;    /* the time stamp of the first message of the row */
    uint64_t row_steady_ms; /* when that came, steady clock */
};

/* Messages without a result in a row after which a filter with a wildcard fails: some of its topics
 * may be meant for other clients. For any other filter one message is enough. */
enum { FAILURE_COUNT_MAX = 3 };

/* mqtt.request: a message that the device answers. */
struct device_request {
    const char *topic; /* NULL: none */
    const char *payload;
    uint32_t interval_s;
    uint8_t qos;
    /* The MQTT thread's. */
    bool is_refused; /* it could not be published */
    uint64_t due_ms; /* when to publish it next, steady clock; 0: at once */
};

/* Whether a device is silent for longer than stale_after_s, and how the log shows it. */
enum quiet {
    QUIET_NOT,
    QUIET_LOGGED,      /* in a line of its own */
    QUIET_SINCE_OUTAGE /* in one line for all devices not heard since an outage of the broker */
};

struct device {
    struct hash_node node; /* by the id */
    int64_t id, created_ms;
    const char *name;
    const char *host; /* of a foreign Modbus server, or NULL: the local one */
    uint16_t port;
    uint8_t framing; /* enum framing */
    bool is_tls;     /* Modbus/TCP Security */
    uint8_t unit;
    uint8_t qos;
    uint8_t max_write_registers;
    bool write_single;
    bool rewrite_on_reconnect; /* values are written again after a lost connection */
    uint32_t min_interval_ms, poll_interval_ms;
    uint32_t stale_after_s;
    const char *payload_available, *payload_unavailable; /* NULL: any but the other */
    const char *availability_key; /* in the JSON of its topic; NULL: the whole payload as text */
    struct where where;           /* which messages of its topics are the device's */
    struct device_request request;
    const char *timestamp_key; /* or NULL */
    uint32_t slot;
    uint32_t tag_count, feed_count;
    struct tag *tags;
    struct feed *feeds;
    bool has_commands;   /* some tag has a command */
    bool has_on_stale;   /* some tag writes another value when it is stale */
    bool has_own_values; /* some tag is a constant or a companion */
    bool has_status;
    struct point status; /* four uint16 registers, when has_status */
    uint8_t status_unit;
    uint64_t status_settings;
    /* Changed by the MQTT thread while the device is in service. */
    struct target *target;
    uint64_t message;       /* number of the newest message that it has counted */
    uint64_t good_message;  /* number of the newest message that was good */
    uint64_t status_raw;    /* the status registers as shown last */
    uint64_t since_ms;      /* when it was first checked in service, steady clock; 0: not yet */
    uint64_t source_ms;     /* the newest time stamp of its feeds */
    uint64_t any_ms;        /* when the newest message with values came, understood or not */
    uint32_t working_feeds; /* feeds that work */
    uint8_t heard;    /* enum live_table_outcome of the newest understood message in this session */
    bool is_dead;     /* by the death of its Sparkplug device or node */
    uint8_t failure;  /* the same of the newest message if refused or dropped, else LIVE_NONE */
    bool unavailable; /* by its availability topic */
    uint8_t quiet;    /* enum quiet */
    bool strange;     /* the log has shown an unknown payload of the availability topic */
    struct {
        uint64_t logged_ms; /* when the newest line about refusals was logged; 0: never */
        uint32_t since;     /* refusals since then */
    } refusals;
};

/* The settings of the local server that devices depend on. */
struct local_server {
    const struct net_addr *local; /* the address at which devices are on the local server */
    const struct unit_set *units;
    const char *gateway; /* the name of this gateway, or "" */
};

/* Builds a device with its enabled tags, which are in order of id. Copies all texts of the rows.
 * NULL when out of memory. */
struct device *device_build(const struct local_server *place, const struct tagdb_device *row,
                            const struct tagdb_tag *tags, uint32_t tag_count);
/* True when the device has the tag; *at is then its index. Set *at to 0 before the first call, and
 * search for tags in order of id. */
bool device_has_tag(const struct device *device, uint32_t *at, int64_t tag);
/* Returns the tag of this name, which may be NULL; NULL without such a tag. */
const struct tag *device_find_tag(const struct device *device, const char *name);
/* True when both are of the same kind and take the same messages. */
bool feed_is_same(const struct feed *a, const struct feed *b);
/* Returns the feed of the same kind and filter, or NULL. Set *at to 0 before the first call; the
 * search is fast for feeds in the order of the device's. */
const struct feed *device_find_same_feed(const struct device *device, const struct feed *like,
                                         uint32_t *at);
/* Accepts NULL. */
void device_free(struct device *device);

/* Digest of a Modbus server: the upper half of `settings`. `host` is NULL for the local server.
 * That of a serial line is the same for all parameters. */
uint32_t device_server_digest(const char *host, uint16_t port);

#endif
