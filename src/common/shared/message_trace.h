/* The newest messages and their results: a mapped ring that mqttd writes. The API shows it to
 * explain why a value is missing. One thread per struct message_trace. */
#ifndef TAGFERRY_COMMON_SHARED_MESSAGE_TRACE_H
#define TAGFERRY_COMMON_SHARED_MESSAGE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/shm.h"

enum {
    TRACE_ENTRIES = 1024,
    TRACE_TOPIC_SIZE = 128,
    TRACE_KEYS_SIZE = 160,
    TRACE_PAYLOAD_SIZE = 1024
};

/* The result of a message for one device. */
enum message_trace_verdict {
    TRACE_TAKEN,        /* the counts tell how many values */
    TRACE_NOT_JSON,     /* `fault` and `fault_at` tell why */
    TRACE_TOO_LARGE,    /* longer than max_payload */
    TRACE_OLD,          /* its time stamp is older than that of the current values */
    TRACE_NOBODY,       /* no device uses the topic */
    TRACE_STRANGE,      /* an availability message with an unknown payload */
    TRACE_NOT_SELECTED, /* devices have its topic, but the message meets none of their mqtt.where */
    TRACE_NOT_SPARKPLUG, /* no payload of Sparkplug B, for tags that need one */
    TRACE_NO_BIRTH,      /* of Sparkplug B, with metrics that no birth has named */
    TRACE_COUNT
};

/* "taken", "not_json", "too_large", "old", "nobody", "unknown_availability",
 * "not_selected", "not_sparkplug", "no_birth". */
extern const char *const message_trace_verdict_names[];

/* A message for one device, without its payload. A message for two devices makes two entries. */
struct message_trace_entry {
    uint64_t sequence; /* counts from 1 */
    uint64_t wall_ms;  /* when it was received, since 1970 */
    int64_t device;    /* id, or 0 */
    uint32_t len;      /* bytes of the payload */
    uint32_t fault_at; /* offset of the first wrong byte, for TRACE_NOT_JSON */
    uint16_t tags;     /* that use this topic and accept messages */
    uint16_t written;  /* values accepted for the registers */
    uint16_t rejected; /* values refused */
    uint16_t held;     /* values ignored because a newer one exists: from SCADA or a live message */
    uint8_t verdict;   /* enum message_trace_verdict */
    uint8_t fault;     /* enum fault, of the first refused value */
    bool retained;
    uint16_t kept;                /* bytes of the payload that the trace has: the first ones */
    int64_t fault_tag;            /* id of the tag with that value, or 0 */
    char topic[TRACE_TOPIC_SIZE]; /* cut at a character and terminated */
    char keys[TRACE_KEYS_SIZE];   /* keys in the payload, "a, b", if a tag did not find its own */
};

struct message_trace {
    struct shm shm;
    uint64_t sequence; /* for the writer: the newest one */
};

/* Opens the ring for its one writer. Keeps the entries of the previous writer: they help to explain
 * a crash. False with the reason in `why`. */
bool message_trace_open_writer(struct message_trace *explain, const char *runtime_dir, char *why,
                               size_t why_size);
/* Call it once a second: repairs the file if it was cut short or removed. */
void message_trace_repair_file(struct message_trace *explain);
/* Adds an entry with the first TRACE_PAYLOAD_SIZE - 1 bytes of its payload, which has entry->len
 * bytes; NULL if that is 0. Sets `kept`, and the sequence number to the next one. Does nothing if
 * the ring is closed. */
void message_trace_add_entry(struct message_trace *explain, struct message_trace_entry *entry,
                             const char *payload);

/* Opens the ring for a reader, in any process. False with the reason in `why`. */
bool message_trace_open_reader(struct message_trace *explain, const char *runtime_dir, char *why,
                               size_t why_size);
/* True when the file was replaced: close the ring and open it again. */
bool message_trace_was_replaced(const struct message_trace *explain, const char *runtime_dir);
/* Accepts NULL and a closed ring. */
void message_trace_close(struct message_trace *explain);
/* The sequence number of the newest entry; 0 if the ring is empty. */
uint64_t message_trace_newest_sequence(const struct message_trace *explain);
/* Copies an entry, and the bytes that are kept of its payload with a NUL behind them. False if it
 * is not in the ring any more, or not yet. */
bool message_trace_read_entry(const struct message_trace *explain, uint64_t sequence,
                              struct message_trace_entry *entry, char payload[TRACE_PAYLOAD_SIZE]);

#endif
