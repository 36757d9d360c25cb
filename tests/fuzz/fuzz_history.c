/* Whatever the file of the history has become, the ring is opened with the entries that are whole,
 * or refused, and takes new ones.
 *
 * The input changes a ring: pieces of 10 bytes, where a word is and what it is changed by. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/history/history_ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES = 100, WORDS = (HISTORY_HEAD_SIZE + ENTRIES * HISTORY_ENTRY_SIZE) / 8, PIECE = 10 };
enum { TAGS = 3, POINTS = 7, EVENTS = 5 };

static uint64_t memory[WORDS];
static struct history_ring ring;

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void append(uint64_t id, uint64_t wall_ms)
{
    struct history_tag *tag = history_ring_add_tag(&ring, id);
    must(tag != NULL);
    history_ring_append(&ring, tag,
                        &(struct history_entry){.wall_ms = wall_ms,
                                                .value = (double)wall_ms,
                                                .has_value = wall_ms % 3 != 0,
                                                .has_quality = true,
                                                .verdict = {QUALITY_BAD, REASON_REFUSED}});
}

static void ask(const struct history_tag *tag, uint64_t from_ms, uint64_t to_ms)
{
    struct history_point points[POINTS];
    struct history_entry events[EVENTS];
    struct history_query query = {.from_ms = from_ms,
                                  .to_ms = to_ms,
                                  .points = points,
                                  .points_max = POINTS,
                                  .events = events,
                                  .events_max = EVENTS};
    history_ring_query(&ring, tag, &query);
    must(query.point_count <= POINTS && query.event_count <= EVENTS);
    must(query.event_count + query.events_left_out <= ENTRIES);
    for (size_t i = 0; i < query.point_count; i++) {
        must(points[i].wall_ms >= from_ms && points[i].wall_ms <= to_ms);
        must(isnan(points[i].last) ||
             (points[i].min <= points[i].last && points[i].last <= points[i].max));
    }
    for (size_t i = 0; i < query.event_count; i++)
        must(history_entry_is_event(&events[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(memory, 0, sizeof memory);
    must(history_ring_init(&ring, memory, sizeof memory, 1) == HISTORY_EMPTY);
    for (uint64_t i = 0; i < 2 * ENTRIES; i++)
        append(i % TAGS + 1, 1000 + i);
    history_ring_finish(&ring);
    for (; size >= PIECE; data += PIECE, size -= PIECE) {
        uint16_t at;
        uint64_t by;
        memcpy(&at, data, sizeof at);
        memcpy(&by, data + sizeof at, sizeof by);
        memory[at % WORDS] ^= by;
    }
    enum history_state state = history_ring_init(&ring, memory, sizeof memory, 2);
    must(state == HISTORY_EMPTY || state == HISTORY_KEPT || state == HISTORY_DAMAGED);
    if (state == HISTORY_DAMAGED) {
        memset(memory, 0, sizeof memory);
        must(history_ring_init(&ring, memory, sizeof memory, 3) == HISTORY_EMPTY);
    }
    history_ring_kept_from(&ring);
    history_ring_begin_tags(&ring);
    for (uint64_t id = 1; id <= TAGS; id++)
        append(id, history_ring_newest_ms(&ring) + 1);
    history_ring_end_tags(&ring);
    for (uint64_t id = 1; id <= TAGS; id++) {
        ask(history_ring_find_tag(&ring, id), 0, (UINT64_C(1) << 44) - 1);
        ask(history_ring_find_tag(&ring, id), 1100, 1150);
    }
    history_ring_finish(&ring);
    must(history_ring_init(&ring, memory, sizeof memory, 4) == HISTORY_KEPT);
    history_ring_finish(&ring);
    return 0;
}
