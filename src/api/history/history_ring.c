/* Packs entries, rebuilds the index from them, and walks the chain of a tag. */
#include "api/history/history_ring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"
#include "common/shared/shm.h"

struct history_head {
    struct shm_header header;
    uint64_t next;     /* the next sequence number; 0, in new memory, means 1 */
    uint64_t began_ms; /* when the ring was empty */
    uint64_t spare[2];
};

enum { CELL_WORDS = HISTORY_ENTRY_SIZE / sizeof(uint64_t) };
_Static_assert(sizeof(struct history_head) == HISTORY_HEAD_SIZE, "the format stays as it is");

/* A cell: time below the flags; the value; the id below the check. */
enum {
    TIME_BITS = 44,
    VALUE_SHIFT = TIME_BITS,
    WRITER_SHIFT = 45,
    HAS_QUALITY_SHIFT = 47,
    QUALITY_SHIFT = 48,
    REASON_SHIFT = 50,
    FAULT_SHIFT = 55,
    SPARE_SHIFT = 61,
    ID_BITS = 40
};
_Static_assert((int)QUALITY_COUNT <= 1 << (REASON_SHIFT - QUALITY_SHIFT), "a quality fits");
_Static_assert((int)REASON_COUNT <= 1 << (FAULT_SHIFT - REASON_SHIFT), "a reason fits");
_Static_assert((int)FAULT_COUNT <= 1 << (SPARE_SHIFT - FAULT_SHIFT), "a fault fits");

/* After a power cut the head may be older than the entries: the search for newer ones ends after
 * this many cells without one. */
enum { SEARCH_GAP = 4096 };
static const uint64_t SEQUENCE_MAX = UINT64_C(1) << 56;

static uint64_t history_mix(uint64_t a, uint64_t b)
{
    a = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
    a = (a ^ a >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return a ^ a >> 29;
}

static uint64_t history_check(const uint64_t *cell, uint64_t sequence)
{
    uint64_t id = cell[2] & HISTORY_ID_MAX;
    return history_mix(history_mix(history_mix(history_mix(1, sequence), cell[0]), cell[1]), id) >>
           ID_BITS;
}

static uint64_t *history_cell_at(const struct history_ring *ring, uint64_t sequence)
{
    return ring->cells + sequence % ring->capacity * CELL_WORDS;
}

static void history_pack_entry(const struct history_entry *entry, uint64_t id, uint64_t sequence,
                               uint64_t cell[CELL_WORDS])
{
    uint64_t time = entry->wall_ms >> TIME_BITS ? (UINT64_C(1) << TIME_BITS) - 1 : entry->wall_ms;
    double value = 0;
    if (entry->has_value)
        value = isnan(entry->value) ? (double)NAN : entry->value;
    cell[0] = time | (uint64_t)entry->has_value << VALUE_SHIFT |
              (uint64_t)entry->writer << WRITER_SHIFT | (uint64_t)entry->fault << FAULT_SHIFT;
    if (entry->has_quality)
        cell[0] |= UINT64_C(1) << HAS_QUALITY_SHIFT |
                   (uint64_t)entry->verdict.quality << QUALITY_SHIFT |
                   (uint64_t)entry->verdict.reason << REASON_SHIFT;
    memcpy(&cell[1], &value, sizeof value);
    cell[2] = id;
    cell[2] |= history_check(cell, sequence) << ID_BITS;
}

static unsigned history_take_bits(uint64_t flags, int from, int to)
{
    return (unsigned)(flags >> from & ((UINT64_C(1) << (to - from)) - 1));
}

/* False when the cell does not hold the entry of this number, whole. */
static bool history_unpack_entry(const uint64_t cell[CELL_WORDS], uint64_t sequence,
                                 struct history_entry *entry, uint64_t *id)
{
    uint64_t flags = cell[0];
    unsigned writer = history_take_bits(flags, WRITER_SHIFT, HAS_QUALITY_SHIFT);
    unsigned quality = history_take_bits(flags, QUALITY_SHIFT, REASON_SHIFT);
    unsigned reason = history_take_bits(flags, REASON_SHIFT, FAULT_SHIFT);
    unsigned fault = history_take_bits(flags, FAULT_SHIFT, SPARE_SHIFT);
    *id = cell[2] & HISTORY_ID_MAX;
    if (cell[2] >> ID_BITS != history_check(cell, sequence) || *id == 0 ||
        flags >> SPARE_SHIFT != 0 || writer >= WRITER_COUNT || quality >= QUALITY_COUNT ||
        reason >= REASON_COUNT || fault >= FAULT_COUNT)
        return false;
    *entry = (struct history_entry){
        .wall_ms = flags & ((UINT64_C(1) << TIME_BITS) - 1),
        .has_value = flags >> VALUE_SHIFT & 1,
        .has_quality = flags >> HAS_QUALITY_SHIFT & 1,
        .writer = (enum history_writer)writer,
        .verdict = {(enum quality)quality, (enum quality_reason)reason},
        .fault = (enum fault)fault,
    };
    memcpy(&entry->value, &cell[1], sizeof entry->value);
    return entry->has_value || history_entry_is_event(entry);
}

bool history_entry_is_event(const struct history_entry *entry)
{
    return entry->has_quality || entry->writer != WRITER_NONE || entry->fault != FAULT_NONE;
}

uint64_t history_ring_oldest(const struct history_ring *ring)
{
    return ring->next > ring->capacity ? ring->next - ring->capacity : 1;
}

bool history_ring_read_entry(const struct history_ring *ring, uint64_t sequence,
                             struct history_entry *entry, uint64_t *id)
{
    return sequence >= history_ring_oldest(ring) && sequence < ring->next &&
           history_unpack_entry(history_cell_at(ring, sequence), sequence, entry, id);
}

uint64_t history_ring_first_ms(const struct history_ring *ring)
{
    struct history_entry entry;
    uint64_t id;
    for (uint64_t at = history_ring_oldest(ring); at < ring->next; at++) {
        if (history_ring_read_entry(ring, at, &entry, &id))
            return entry.wall_ms;
    }
    return 0;
}

uint64_t history_ring_kept_from(const struct history_ring *ring)
{
    return ring->next <= ring->capacity ? ring->began_ms : history_ring_first_ms(ring);
}

uint64_t history_ring_newest_ms(const struct history_ring *ring)
{
    struct history_entry entry;
    uint64_t id;
    for (uint64_t at = ring->next - 1; at >= history_ring_oldest(ring); at--) {
        if (history_ring_read_entry(ring, at, &entry, &id))
            return entry.wall_ms;
    }
    return 0;
}

static uint32_t history_hash_id(uint64_t id)
{
    return (uint32_t)(history_mix(id, 0) >> 16);
}

struct history_tag *history_ring_find_tag(const struct history_ring *ring, uint64_t id)
{
    uint32_t hash = history_hash_id(id);
    for (struct hash_node *at = hash_table_chain(&ring->tags, hash); at; at = at->next) {
        struct history_tag *tag = (struct history_tag *)at;
        if (tag->id == id)
            return tag;
    }
    return NULL;
}

struct history_tag *history_ring_add_tag(struct history_ring *ring, uint64_t id)
{
    struct history_tag *tag = history_ring_find_tag(ring, id);
    if (!tag && id > 0 && id <= HISTORY_ID_MAX && (tag = calloc(1, sizeof *tag))) {
        tag->id = id;
        hash_table_add(&ring->tags, &tag->node, history_hash_id(id));
    }
    if (tag)
        tag->round = ring->round;
    return tag;
}

void history_ring_begin_tags(struct history_ring *ring)
{
    ring->round++;
}

void history_ring_end_tags(struct history_ring *ring)
{
    struct hash_node *next;
    for (struct hash_node *at = hash_table_next(&ring->tags, NULL); at; at = next) {
        struct history_tag *tag = (struct history_tag *)at;
        next = hash_table_next(&ring->tags, at);
        if (tag->round == ring->round || tag->newest >= history_ring_oldest(ring))
            continue;
        hash_table_remove(&ring->tags, at);
        free(tag);
    }
}

/* Links the entry, which is in its cell, to the tag's previous one. */
static void history_ring_link(struct history_ring *ring, struct history_tag *tag, uint64_t sequence,
                              const struct history_entry *entry)
{
    uint64_t back = tag->newest ? sequence - tag->newest : 0;
    ring->older[sequence % ring->capacity] = back < ring->capacity ? (uint32_t)back : 0;
    if (entry->wall_ms < tag->newest_ms)
        ring->disorder = sequence;
    tag->newest = sequence;
    tag->newest_ms = entry->wall_ms;
    if (entry->has_value)
        tag->value = *entry;
    if (entry->has_quality) {
        tag->newest_verdict = entry->verdict;
        tag->has_verdict = true;
    }
}

void history_ring_append(struct history_ring *ring, struct history_tag *tag,
                         const struct history_entry *entry)
{
    uint64_t cell[CELL_WORDS], sequence = ring->next;
    REQUIRE(entry->has_value || history_entry_is_event(entry));
    REQUIRE(tag->id > 0 && tag->id <= HISTORY_ID_MAX);
    history_pack_entry(entry, tag->id, sequence, cell);
    memcpy(history_cell_at(ring, sequence), cell, sizeof cell);
    ring->next = sequence + 1;
    history_ring_link(ring, tag, sequence, entry);
    ring->head->next = ring->next;
}

void history_ring_restore_head(struct history_ring *ring)
{
    ring->head->next = ring->next;
    ring->head->began_ms = ring->began_ms;
}

/* Moves `next` beyond the newest entry. The head may be older than the entries, because a power cut
 * came between the pages, or the process died between two stores. */
static void history_ring_find_end(struct history_ring *ring)
{
    struct history_entry entry;
    uint64_t id, at = ring->next;
    for (uint64_t gap = 0; gap < SEARCH_GAP && gap < ring->capacity; gap++, at++) {
        if (!history_unpack_entry(history_cell_at(ring, at), at, &entry, &id))
            continue;
        ring->next = at + 1;
        gap = 0;
    }
}

enum history_state history_ring_init(struct history_ring *ring, void *memory, size_t size,
                                     uint64_t now_ms)
{
    enum history_state state = HISTORY_NO_MEMORY;
    uint64_t capacity = (size - HISTORY_HEAD_SIZE) / HISTORY_ENTRY_SIZE, found = 0;
    REQUIRE(size >= HISTORY_HEAD_SIZE + HISTORY_ENTRY_SIZE && capacity < UINT32_MAX);
    *ring = (struct history_ring){
        .head = memory,
        .cells = (uint64_t *)((char *)memory + HISTORY_HEAD_SIZE),
        .older = calloc((size_t)capacity, sizeof *ring->older),
        .capacity = capacity,
        .next = ((const struct history_head *)memory)->next,
        .began_ms = ((const struct history_head *)memory)->began_ms,
    };
    if (!ring->older || !hash_table_init(&ring->tags))
        goto failed;
    state = HISTORY_DAMAGED;
    if (ring->next >= SEQUENCE_MAX || ring->began_ms >> TIME_BITS != 0)
        goto failed;
    if (ring->next == 0)
        ring->next = 1;
    history_ring_find_end(ring);
    for (uint64_t at = history_ring_oldest(ring); at < ring->next; at++) {
        struct history_entry entry;
        uint64_t id;
        if (!history_ring_read_entry(ring, at, &entry, &id)) {
            ring->lost++;
            continue;
        }
        struct history_tag *tag = history_ring_add_tag(ring, id);
        if (!tag) {
            state = HISTORY_NO_MEMORY;
            goto failed;
        }
        history_ring_link(ring, tag, at, &entry);
        found++;
    }
    if (found == 0 && ring->next > 1)
        goto failed;
    if (ring->began_ms == 0)
        ring->began_ms = now_ms >> TIME_BITS ? 0 : now_ms;
    history_ring_restore_head(ring);
    return found > 0 ? HISTORY_KEPT : HISTORY_EMPTY;
failed:
    history_ring_finish(ring);
    return state;
}

void history_ring_finish(struct history_ring *ring)
{
    struct hash_node *next;
    for (struct hash_node *at = hash_table_next(&ring->tags, NULL); at; at = next) {
        next = hash_table_next(&ring->tags, at);
        free(at);
    }
    hash_table_finish(&ring->tags);
    free(ring->older);
    *ring = (struct history_ring){0};
}

/* The state of a walk from the newest entry of a tag to its oldest. */
struct history_walk {
    struct history_query *query;
    struct history_entry before; /* the latest value before the time asked for */
    bool has_before, saw_value;
};

static void history_walk_take_value(struct history_walk *walk, const struct history_entry *entry)
{
    struct history_query *query = walk->query;
    walk->saw_value = true;
    if (entry->wall_ms < query->from_ms) {
        if (!walk->has_before || entry->wall_ms > walk->before.wall_ms)
            walk->before = *entry;
        walk->has_before = true;
        return;
    }
    /* The first point is for the value before the time asked for. */
    uint64_t span = query->to_ms - query->from_ms + 1;
    size_t slot = 1 + (size_t)((entry->wall_ms - query->from_ms) * (query->points_max - 1) / span);
    struct history_point *point = &query->points[slot];
    double value = entry->value;
    if (!point->is_set)
        *point = (struct history_point){entry->wall_ms, value, value, value, true};
    point->min = fmin(point->min, value);
    point->max = fmax(point->max, value);
}

static void history_walk_take_event(struct history_walk *walk, const struct history_entry *entry)
{
    struct history_query *query = walk->query;
    if (query->event_count < query->events_max)
        query->events[query->event_count++] = *entry;
    else
        query->events_left_out++;
}

/* Moves the points that are set to the beginning, and puts the events in order. */
static void history_walk_finish(const struct history_walk *walk)
{
    struct history_query *query = walk->query;
    if (walk->has_before) {
        double value = walk->before.value;
        query->points[0] = (struct history_point){query->from_ms, value, value, value, true};
    }
    for (size_t i = 0; i < query->points_max; i++) {
        if (query->points[i].is_set)
            query->points[query->point_count++] = query->points[i];
    }
    for (size_t i = 0; i < query->event_count / 2; i++) {
        struct history_entry newer = query->events[i];
        query->events[i] = query->events[query->event_count - 1 - i];
        query->events[query->event_count - 1 - i] = newer;
    }
}

void history_ring_query(const struct history_ring *ring, const struct history_tag *tag,
                        struct history_query *query)
{
    struct history_walk walk = {.query = query};
    uint64_t oldest = history_ring_oldest(ring), sequence = tag->newest;
    bool in_order = ring->disorder < oldest;
    REQUIRE(query->points_max >= 2 && query->points_max <= 65536);
    REQUIRE(query->from_ms <= query->to_ms && query->to_ms >> TIME_BITS == 0);
    query->point_count = query->event_count = 0;
    query->events_left_out = 0;
    memset(query->points, 0, query->points_max * sizeof *query->points);
    while (sequence >= oldest && sequence < ring->next && !(in_order && walk.has_before)) {
        struct history_entry entry;
        uint64_t id;
        if (history_ring_read_entry(ring, sequence, &entry, &id) && id == tag->id &&
            entry.wall_ms <= query->to_ms) {
            if (entry.has_value)
                history_walk_take_value(&walk, &entry);
            if (entry.wall_ms >= query->from_ms && history_entry_is_event(&entry))
                history_walk_take_event(&walk, &entry);
        }
        uint32_t back = ring->older[sequence % ring->capacity];
        sequence = back == 0 || back >= sequence ? 0 : sequence - back;
    }
    /* The newest value, if its entry was overwritten. */
    if (!walk.saw_value && tag->value.has_value && tag->value.wall_ms <= query->to_ms)
        history_walk_take_value(&walk, &tag->value);
    history_walk_finish(&walk);
}
