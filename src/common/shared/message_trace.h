/* The newest messages and what became of them: a mapped ring that mqttd writes and the API shows to
 * whoever asks why a value is not there. */
#ifndef TAGFERRY_COMMON_SHARED_MESSAGE_TRACE_H
#define TAGFERRY_COMMON_SHARED_MESSAGE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/shm.h"

enum { TRACE_ENTRIES = 1024, TRACE_TOPIC_SIZE = 128, TRACE_TEXT_SIZE = 160 };

/* Why a message, as far as one device is concerned, put less than all of its tags' values. */
enum message_trace_verdict {
    TRACE_TAKEN,     /* the counts say how many values were */
    TRACE_NOT_JSON,  /* fault says how */
    TRACE_TOO_LARGE, /* longer than max_payload */
    TRACE_OLD,       /* its time stamp is older than that of the values shown */
    TRACE_NOBODY,    /* no device wants the topic */
    TRACE_STRANGE,   /* of its availability, and neither of the two words */
    TRACE_COUNT
};

/* "taken", "not_json", "too_large", "old", "nobody", "unknown_availability". */
extern const char *const message_trace_verdict_names[];

/* One message for one device; one that reaches two devices makes two entries. */
struct message_trace_entry {
    uint64_t sequence; /* counts from 1 */
    uint64_t wall_ms;  /* when it was received, since 1970 */
    int64_t device;    /* id, or 0 */
    uint32_t len;      /* bytes of the payload */
    uint32_t fault_at; /* offset of the first wrong byte, for TRACE_NOT_JSON */
    uint16_t tags;     /* that listen to this topic and take messages */
    uint16_t written;  /* values on their way to the registers */
    uint16_t rejected; /* values refused */
    uint16_t held;     /* values ignored for newer ones: SCADA's, or a live message's */
    uint8_t verdict;   /* enum message_trace_verdict */
    uint8_t fault;     /* enum fault, of the first value refused */
    bool retained;
    int64_t fault_tag;             /* id of the tag whose value it was, or 0 */
    char topic[TRACE_TOPIC_SIZE];  /* cut at a character and terminated */
    char payload[TRACE_TEXT_SIZE]; /* its beginning, cut at a character and terminated */
    char keys[TRACE_TEXT_SIZE];    /* names in the payload, "a, b", when some tag missed its */
};

struct message_trace {
    struct shm shm;
    uint64_t sequence; /* of the writer: the newest one */
};

/* The one writer. It goes on in the ring of the last one: who looks for the reason of a crash sees
 * the messages before it. */
bool message_trace_open_writer(struct message_trace *explain, const char *runtime_dir, char *why,
                               size_t why_size);
/* To be called once a second: makes the ring whole again when its file was cut short or removed. */
void message_trace_repair_file(struct message_trace *explain);
/* Adds an entry, giving it the next sequence number. */
void message_trace_add_entry(struct message_trace *explain, struct message_trace_entry *entry);

bool message_trace_open_reader(struct message_trace *explain, const char *runtime_dir, char *why,
                               size_t why_size);
/* True when another ring stands in the place of this one: close and open again. */
bool message_trace_was_replaced(const struct message_trace *explain, const char *runtime_dir);
void message_trace_close(struct message_trace *explain);
/* The sequence number of the newest entry, 0 when there is none. */
uint64_t message_trace_newest_sequence(const struct message_trace *explain);
/* Copies an entry. False when it is not there any more, or not yet. */
bool message_trace_read_entry(const struct message_trace *explain, uint64_t sequence,
                              struct message_trace_entry *entry);

#endif
