/* What the files of ingest share. */
#ifndef TAGFERRY_MQTTD_INGEST_INGEST_INTERNAL_H
#define TAGFERRY_MQTTD_INGEST_INGEST_INTERNAL_H

#include "common/message/payload.h"
#include "common/model/codec.h"
#include "mqttd/ingest/ingest.h"

/* A time stamp further ahead than this is ignored: otherwise all later messages of a device whose
 * clock was wrong once would be old. */
enum { SOURCE_TIME_AHEAD_MAX_MS = 86400000 };

/* A message, and its result in the present feed. */
struct ingest_ctx {
    struct ingest *ingest;
    struct live_table *live;
    const struct mqtt_message *message;
    enum live_table_outcome good_outcome; /* of a value that is accepted */
    struct payload payload;
    bool parsed;
    enum fault fault;            /* of the message as a whole */
    size_t fault_at;             /* the first wrong byte */
    uint64_t wall_ms, steady_ms; /* when it came */
    size_t taken;                /* feeds that the message is for */
    /* Of the present feed. */
    struct device *device;
    struct feed *feed;
    enum fault refusal;               /* of the message as a whole */
    char excerpt[LIVE_EXCERPT_SIZE];  /* of the payload, for that fault */
    uint64_t source_ms;               /* the message's time stamp, since 1970, or 0 */
    struct message_trace_entry entry; /* the result of the message */
};

/* Refuses the value of one tag: its row, the trace, the log and the counters show the fault. */
void ingest_refuse_value(struct ingest_ctx *ctx, struct tag *tag, enum fault fault,
                         const struct scalar *scalar);
/* What becomes of a value for a foreign server. */
enum ingest_write {
    INGEST_WRITE_AT_ONCE, /* as without limits */
    INGEST_WRITE_LIMITED, /* after modbus.min_interval_ms */
    INGEST_WRITE_NOT      /* by modbus.min_change it counts as the value that was sent last */
};

/* Judges a value of a tag with limits, before it is put into its row. With INGEST_WRITE_NOT the
 * registers become those that were sent last. Call it with the target's rows locked. */
enum ingest_write ingest_judge_write(const struct ingest_ctx *ctx, const struct tag *tag,
                                     struct codec_registers *registers);
/* Marks the row of the value, which has been put as `changed`. */
void ingest_mark_row(const struct ingest_ctx *ctx, const struct tag *tag, enum ingest_write verdict,
                     uint64_t changed);
/* Puts, holds or refuses the value of one tag. Call it with the rows of the device's target locked.
 */
void ingest_take_scalar(struct ingest_ctx *ctx, uint32_t index, const struct scalar *scalar);
/* A key_tree_found that adds to the hits of the struct ingest. */
void ingest_add_hit(void *context, uint32_t owner, const struct cJSON *item);
/* Parses the message, once for all that need its JSON. ingest->is_short when out of memory. */
enum fault ingest_parse(struct ingest_ctx *ctx);
/* Counts the message in the device's row, once for all of its feeds. A message that is invalid for
 * one feed may still be good for another. */
void ingest_count_message(struct ingest_ctx *ctx, bool good);
/* Records a fault of the message as a whole. Returns its outcome for the feed. */
enum live_table_outcome ingest_refuse_message(struct ingest_ctx *ctx);
/* Notes the result of a message with values, for the feed and for the device. */
void ingest_note_failure(struct ingest_ctx *ctx, enum live_table_outcome failure);

/* Takes a message of the availability topic of the device. */
void ingest_take_availability(struct ingest_ctx *ctx);
/* Opens a message for a Sparkplug feed and shows the deaths that it tells of. False when it has no
 * values for the feed, and, with ingest->is_short, when out of memory. */
bool ingest_open_sparkplug(struct ingest_ctx *ctx);
/* Takes the values of a Sparkplug message that was opened. */
void ingest_take_sparkplug(struct ingest_ctx *ctx);

#endif
