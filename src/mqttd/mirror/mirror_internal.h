/* The inner parts of the mirror:
 *
 *     mirror.c          the connection, and what is due by time
 *     mirror_take.c     setpoints of other gateways
 *     mirror_write.c    SCADA's writes at this gateway
 *     mirror_publish.c  messages to the other gateways
 *     mirror_handover.c values and setpoints of devices that move to another gateway
 *     mirror_table.c    the tags with what is known of their setpoints
 */
#ifndef TAGFERRY_MQTTD_MIRROR_MIRROR_INTERNAL_H
#define TAGFERRY_MQTTD_MIRROR_MIRROR_INTERNAL_H

#include <limits.h>
#include <stdatomic.h>

#include "common/base/array.h"
#include "common/base/hash_table.h"
#include "common/base/log_limit.h"
#include "common/shared/shm.h"
#include "mqttd/mirror/mirror.h"
#include "mqttd/mirror/mirror_message.h"

enum {
    MIRROR_WAIT_MS = 2000,        /* for the own messages to come back */
    MIRROR_RETRY_MS = 10000,      /* until the next test of the topic */
    MIRROR_PAUSE_MS = 60000,      /* the same after tests on which the broker closed */
    MIRROR_CLOSES_MAX = 2,        /* such tests in a row before the pause */
    MIRROR_UNCONFIRMED_MAX = 512, /* messages without an acknowledgement */
    MIRROR_TURN_MAX = 128,        /* records that one turn looks at */
    MIRROR_TOPIC_SIZE = 1024,     /* of mirror_topic, gateway, and levels */
    MIRROR_PART_LIMIT_MS = 2000,  /* after settle_ms and min_interval_ms: a part is forgotten */
};

/* The order of the counters' rows. */
enum mirror_reason {
    MIRROR_OWN,
    MIRROR_OLDER,
    MIRROR_UNKNOWN_TAG,
    MIRROR_OTHER_REGISTERS,
    MIRROR_INVALID,
    MIRROR_REASON_COUNT
};

/* The connection:
 *
 *     DOWN --> SUBSCRIBING --SUBACK--> PROBING --back--> FENCING --back--> OPEN
 *                   |                     |  refused, or too late |
 *                   +---------------------+-----> REFUSED <-------+
 *
 *   REFUSED becomes PROBING when the test is due again, or with a SUBACK. */
enum mirror_link {
    MIRROR_LINK_DOWN,
    MIRROR_LINK_SUBSCRIBING,
    MIRROR_LINK_PROBING, /* the message with QoS 0 is under way */
    MIRROR_LINK_FENCING, /* the message with QoS 1 is under way */
    MIRROR_LINK_OPEN,
    MIRROR_LINK_REFUSED
};

/* What is known of the setpoint of a tag. */
struct mirror_record {
    struct hash_node node; /* by the levels */
    char levels[MIRROR_LEVELS_SIZE];
    struct device *device;
    struct tag *tag;
    uint64_t settings;      /* of the tag, when the record was made or published last */
    uint64_t stamp;         /* of the newest setpoint; 0: none is known */
    const char *from;       /* its client id, in mirror->names; NULL without a stamp */
    uint64_t waiting;       /* latest stamp of a write that waits in the journal, or 0 */
    uint64_t part;          /* latest stamp of the newest part; 0: no value is written in parts */
    uint64_t part_until_ms; /* when the part is forgotten, steady clock */
    uint64_t lost_ms; /* as of the newest loss of entries: when SCADA wrote last, or a later time,
                       * steady clock; 0: never */
    bool has_loss;    /* since then no write was judged: one may be lost */
    struct mirror_message *staged; /* a setpoint that waits until a write is judged, or NULL: a
                                    * newer one than the parts, or an older one than a lost write */
    uint64_t judged;               /* the first stamp of the write that was judged last */
    bool is_own_process;           /* SCADA wrote it here, in this process */
    bool is_at_broker;             /* the broker has it as far as is known */
    bool is_echoed;                /* the broker has sent it back */
    bool is_overtaken; /* it is this gateway's: an older one of another gateway came to the broker
                        * later, so that the command has to be published again */
    bool is_withdrawn; /* an older command of this gateway is not sent again, but the broker may
                        * have it: that of the newest has to be published again */
};

/* A message to another gateway, or one that clears such a message. */
struct handover_message {
    uint64_t due_ms; /* steady clock; 0: now */
    char *topic;     /* owned, with the payload after its NUL */
    size_t len;      /* of the payload */
};

struct handover_queue {
    ARRAY_OF(struct handover_message) messages; /* in order of due_ms */
    size_t first;                               /* the next one */
};

struct named_device {
    struct hash_node node; /* by the name */
    struct device *device;
};

/* The part of mirror_handover.c. */
struct handover {
    struct handover_queue out;   /* values for other gateways */
    struct handover_queue taken; /* values that were taken: to be cleared */
    ARRAY_OF(char *) awaited;    /* names of devices whose values came before the device */
    struct hash_table by_name;   /* of `named`, as of the generation */
    struct named_device *named;  /* NULL: none yet */
    uint64_t generation;         /* of the device table */
    uint32_t cursor;             /* the tag after the one that was found last */
};

/* The file of the clock. */
struct stored_clock {
    struct shm_header header;
    _Atomic uint64_t offset_us;
};

struct mirror {
    struct mirror_spec spec;
    char own[MIRROR_FROM_SIZE];        /* the client id */
    char prefix[MIRROR_TOPIC_SIZE];    /* "tagferry/mirror/line-1/" */
    char filter[MIRROR_TOPIC_SIZE];    /* the same with "+/+" */
    char fence[MIRROR_TOPIC_SIZE * 2]; /* topic of the own messages */
    struct mirror_clock clock;
    struct shm clock_file;
    struct hash_table records; /* by the levels */
    uint64_t generation;       /* of the device table that they are from */
    ARRAY_OF(char *) names;    /* client ids */
    ARRAY_OF(char *) clears;   /* levels of retained messages to clear */

    struct handover handover;

    enum mirror_link link;
    uint64_t due_ms; /* SUBSCRIBING: commands wait no longer; PROBING, FENCING: too late; REFUSED:
                      * test again */
    uint64_t nonce;  /* of the newest own message */
    unsigned closes; /* connections in a row that the broker ended during a test */
    uint64_t paused_until_ms; /* no test until then, steady clock */
    bool is_refusal_logged;   /* since the link was open */
    bool has_changed;         /* tags are new, or have other settings */
    bool has_unused;          /* retained setpoints came that no tag takes */
    bool has_far_ahead;       /* setpoints were refused, since their stamps are far ahead */
    size_t staged_count;      /* setpoints that wait for parts */
    uint64_t tick_ms;         /* when staged setpoints and the clock were looked at last */

    bool has_unsent;          /* some record may not be at the broker, since the pass began */
    bool is_in_pass;          /* mirror_send_unsent looks at the records in turn */
    struct hash_node *cursor; /* the record that the pass looked at last; NULL: none yet */
    uint64_t sent[(UINT16_MAX + 1) / 64]; /* by number: messages without an acknowledgement */
    size_t sent_count;
    bool is_loss_ahead; /* entries that are judged are from before the noted loss */
    bool is_holding;    /* commands wait for setpoints, since the connection began */
    bool is_short;      /* there was no memory to send: no message until the next tick */
    struct log_limit superseded, invalid, refused; /* lines */
    char payload[MIRROR_PAYLOAD_SIZE];
    struct mirror_message message; /* the newest one, received or sent */
};

/* Updates the records to the devices in service. False when out of memory: some tags have none. */
bool mirror_refresh_records(struct mirror *mirror);
/* NULL when there is none. */
struct mirror_record *mirror_find_record(const struct hash_table *records, const char *levels);
/* Returns the client id among the names, which it adds; NULL when out of memory, or when there are
 * too many. */
const char *mirror_keep_name(struct mirror *mirror, const char *name);
/* Copies the row of the record's tag. False when it holds no value, or one of other registers. */
bool mirror_read_row(const struct mirror *mirror, const struct mirror_record *record,
                     struct live_table_row *row);
/* Frees all records. */
void mirror_finish_records(struct mirror *mirror);

/* Takes the wall clock into account. */
void mirror_set_clock(struct mirror *mirror);
/* The last stamp that a write of SCADA at this millisecond can have. */
uint64_t mirror_last_stamp_of(const struct mirror *mirror, uint64_t written_ms);
/* The present stamp. */
uint64_t mirror_stamp_now(struct mirror *mirror);
/* Keeps the clock in its file. */
void mirror_store_clock(struct mirror *mirror);
/* A message from the broker is progress: the test of the topic goes on. */
void mirror_prolong_test(struct mirror *mirror, uint64_t now_ms);
/* An own message for the test of the topic has come back. */
void mirror_take_fence(struct mirror *mirror, const char *payload, size_t len, uint64_t now_ms);
void mirror_ignore(struct mirror *mirror, enum mirror_reason reason);

/* Takes over stamp and client id. */
void mirror_set_mark(struct mirror_record *record, uint64_t stamp, const char *from,
                     bool is_own_process);
/* Ends the wait of a setpoint for a write to be judged: it is used, unless the write is newer,
 * which then has to get a stamp above it. `write` may be NULL. Does nothing without one. */
void mirror_end_staged(struct mirror *mirror, struct mirror_record *record,
                       const struct mirror_mark *write, uint64_t now_ms);

/* Publishes the setpoint of the record with these words; NULL: from the row. */
void mirror_send_setpoint(struct mirror *mirror, struct mirror_record *record,
                          const uint16_t *words);
/* Publishes some of what is not at the broker, and clears what is to be cleared. */
void mirror_send_unsent(struct mirror *mirror);
/* True while a message can be sent. */
bool mirror_may_send(const struct mirror *mirror);
/* Publishes a retained message. False when it has to be done again. */
bool mirror_send(struct mirror *mirror, const char *topic, const char *payload, size_t len);

/* Sends values to other gateways, and clears those that were taken some seconds ago. */
void mirror_send_handovers(struct mirror *mirror, uint64_t now_ms);
/* When mirror_send_handovers is due, steady clock; UINT64_MAX: it is not. */
uint64_t mirror_handover_due_ms(const struct mirror *mirror);
/* Takes the value in mirror->message, which came on this topic. False when out of memory. */
bool mirror_take_value(struct mirror *mirror, const char *topic, uint64_t now_ms);
/* True when a device is in service now whose values have come before. */
bool mirror_has_awaited(struct mirror *mirror);
void mirror_finish_handover(struct mirror *mirror);

/* Publishes the own message for the test of the topic. */
bool mirror_send_fence(struct mirror *mirror, int qos);

#endif
