/* The ring of changes of tags: entries of 24 bytes, the newest in place of the oldest, in memory
 * that a mapped file backs. An index in private memory links the entries of each tag.
 *
 * Entries have sequence numbers, which count from 1 and are not stored: an entry's check covers
 * its number, so that neither a torn entry nor one of an earlier round is taken for a valid one.
 * Sequence numbers order entries, times do not: the wall clock may be set back.
 *
 * Not thread-safe. Pure. */
#ifndef TAGFERRY_API_HISTORY_HISTORY_RING_H
#define TAGFERRY_API_HISTORY_HISTORY_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/hash_table.h"
#include "common/model/fault.h"
#include "common/shared/quality.h"

/* Who wrote a value, if not the device. */
enum history_writer { WRITER_NONE, WRITER_SCADA, WRITER_API, WRITER_COUNT };

/* What became of one tag within a second. At least one of value, writer, quality and fault is set.
 */
struct history_entry {
    uint64_t wall_ms; /* since 1970, below 2^44 */
    double value;     /* in engineering units; any NaN is one NaN */
    bool has_value, has_quality;
    enum history_writer writer;
    struct quality_verdict verdict; /* with has_quality: the new one */
    enum fault fault;               /* of a refused value, else FAULT_NONE */
};

/* A tag in the index. Read it; the ring changes it. */
struct history_tag {
    struct hash_node node;
    uint64_t id;
    uint64_t newest;            /* sequence number of its newest entry; 0: none */
    uint64_t newest_ms;         /* its time */
    struct history_entry value; /* its newest entry with a value, even if overwritten since */
    struct quality_verdict newest_verdict;
    bool has_verdict;
    uint64_t round; /* of history_ring_begin_tags in which it was added */
};

enum history_state {
    HISTORY_EMPTY,
    HISTORY_KEPT,     /* it holds entries */
    HISTORY_DAMAGED,  /* nothing in it can be trusted: zero the memory and init it again */
    HISTORY_NO_MEMORY /* for the index */
};

struct history_head;

struct history_ring {
    struct history_head *head; /* the memory given to history_ring_init */
    uint64_t *cells;
    uint32_t *older;   /* of each cell: how many entries back the tag's previous one is; 0: none */
    uint64_t capacity; /* entries */
    uint64_t next;     /* sequence number of the next entry */
    uint64_t began_ms; /* when the ring was empty */
    uint64_t disorder; /* the newest entry with an earlier time than its tag's previous one; 0 */
    uint64_t lost;     /* entries that history_ring_init could not trust */
    struct hash_table tags;
    uint64_t round;
};

/* The bytes of a ring: before the entries, and of each entry. */
enum { HISTORY_HEAD_SIZE = 64, HISTORY_ENTRY_SIZE = 24 };
/* Ids of tags above this are not recorded. */
#define HISTORY_ID_MAX ((UINT64_C(1) << 40) - 1)

/* Uses `size` bytes of memory, zeroed or with an earlier ring of this size; the first
 * sizeof(struct shm_header) of them are left alone. `size` has room for at least one entry, and the
 * memory must outlive the ring. After DAMAGED and NO_MEMORY the ring is finished. */
enum history_state history_ring_init(struct history_ring *ring, void *memory, size_t size,
                                     uint64_t now_ms);
/* Frees the index. Accepts a zeroed ring. */
void history_ring_finish(struct history_ring *ring);
/* Stores the head again, after the memory may have lost it. */
void history_ring_restore_head(struct history_ring *ring);

/* Finds the tag in the index, or NULL. */
struct history_tag *history_ring_find_tag(const struct history_ring *ring, uint64_t id);
/* Between these two calls, add each tag that exists: the second one drops tags from the index that
 * were not added and have no entries. Pointers to other tags stay valid. */
void history_ring_begin_tags(struct history_ring *ring);
struct history_tag *history_ring_add_tag(struct history_ring *ring, uint64_t id); /* or NULL */
void history_ring_end_tags(struct history_ring *ring);

/* Adds an entry of this tag. */
void history_ring_append(struct history_ring *ring, struct history_tag *tag,
                         const struct history_entry *entry);
/* The sequence number of the oldest entry that the ring can hold. */
uint64_t history_ring_oldest(const struct history_ring *ring);
/* Reads an entry. False if it was overwritten or is torn. */
bool history_ring_read_entry(const struct history_ring *ring, uint64_t sequence,
                             struct history_entry *entry, uint64_t *id);
/* The time of the oldest entry that can be read; 0 for an empty ring. */
uint64_t history_ring_first_ms(const struct history_ring *ring);
/* The time since which the ring holds all entries: that of the oldest one, or when the ring was
 * empty if none was overwritten. */
uint64_t history_ring_kept_from(const struct history_ring *ring);
/* The time of the newest entry; 0 for an empty ring. */
uint64_t history_ring_newest_ms(const struct history_ring *ring);

/* Values within a part of the time asked for. */
struct history_point {
    uint64_t wall_ms; /* of `last` */
    double min, max;  /* NaN when all values are */
    double last;
    bool is_set;
};

/* What to read, and the answer. */
struct history_query {
    uint64_t from_ms, to_ms; /* inclusive; from_ms <= to_ms */
    struct history_point *points;
    size_t points_max; /* at least 2, at most 65536 */
    struct history_entry *events;
    size_t events_max;
    /* The answer. */
    size_t point_count, event_count; /* both oldest first */
    uint64_t events_left_out;        /* older ones */
};

/* Reads a tag's values and events. The first point is at from_ms if the value at that time is
 * known. */
void history_ring_query(const struct history_ring *ring, const struct history_tag *tag,
                        struct history_query *query);
/* True for an entry that is an event: a reject, a write or a change of quality. */
bool history_entry_is_event(const struct history_entry *entry);

#endif
