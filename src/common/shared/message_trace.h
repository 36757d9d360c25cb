/* The newest messages and what became of them: a mapped ring that mqttd writes and the API shows to
 * whoever asks why a value is not there. */
#ifndef TAGFERRY_COMMON_SHARED_MESSAGE_TRACE_H
#define TAGFERRY_COMMON_SHARED_MESSAGE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/shm.h"

enum { EXPLAIN_ENTRIES = 1024, EXPLAIN_TOPIC_SIZE = 128, EXPLAIN_TEXT_SIZE = 160 };

/* Why a message, as far as one device is concerned, put less than all of its tags' values. */
enum explain_verdict {
    EXPLAIN_TAKEN,     /* the counts say how many values were */
    EXPLAIN_NOT_JSON,  /* fault says how */
    EXPLAIN_TOO_LARGE, /* longer than max_payload */
    EXPLAIN_OLD,       /* its time stamp is older than that of the values shown */
    EXPLAIN_NOBODY,    /* no device wants the topic */
    EXPLAIN_STRANGE,   /* of its availability, and neither of the two words */
    EXPLAIN_COUNT
};

/* "taken", "not_json", "too_large", "old", "nobody", "unknown_availability". */
extern const char *const explain_verdict_names[];

/* One message for one device; one that reaches two devices makes two entries. */
struct explain_entry {
    uint64_t sequence; /* counts from 1 */
    uint64_t wall_ms;  /* when it was received, since 1970 */
    int64_t device;    /* id, or 0 */
    uint32_t len;      /* bytes of the payload */
    uint32_t fault_at; /* offset of the first wrong byte, for EXPLAIN_NOT_JSON */
    uint16_t tags;     /* that listen to this topic and take messages */
    uint16_t written;  /* values on their way to the registers */
    uint16_t rejected; /* values refused */
    uint16_t held;     /* values ignored for newer ones: SCADA's, or a live message's */
    uint8_t verdict;   /* enum explain_verdict */
    uint8_t fault;     /* enum fault, of the first value refused */
    bool retained;
    int64_t fault_tag;               /* id of the tag whose value it was, or 0 */
    char topic[EXPLAIN_TOPIC_SIZE];  /* cut at a character and terminated */
    char payload[EXPLAIN_TEXT_SIZE]; /* its beginning, cut at a character and terminated */
    char keys[EXPLAIN_TEXT_SIZE];    /* names in the payload, "a, b", when some tag missed its */
};

struct explain {
    struct shm shm;
    uint64_t sequence; /* of the writer: the newest one */
};

/* The one writer. It goes on in the ring of the last one: who looks for the reason of a crash sees
 * the messages before it. */
bool explain_open_writer(struct explain *explain, const char *runtime_dir, char *why,
                         size_t why_size);
/* To be called once a second: makes the ring whole again when its file was cut short or removed. */
void explain_keep(struct explain *explain);
/* Adds an entry, giving it the next sequence number. */
void explain_add(struct explain *explain, struct explain_entry *entry);

bool explain_open_reader(struct explain *explain, const char *runtime_dir, char *why,
                         size_t why_size);
/* True when another ring stands in the place of this one: close and open again. */
bool explain_was_replaced(const struct explain *explain, const char *runtime_dir);
void explain_close(struct explain *explain);
/* The sequence number of the newest entry, 0 when there is none. */
uint64_t explain_newest(const struct explain *explain);
/* Copies an entry. False when it is not there any more, or not yet. */
bool explain_read(const struct explain *explain, uint64_t sequence, struct explain_entry *entry);

#endif
