/* The layout of the two files of the live table. Only for live_table*.c and their tests. */
#ifndef TAGFERRY_COMMON_SHARED_LIVE_TABLE_LAYOUT_H
#define TAGFERRY_COMMON_SHARED_LIVE_TABLE_LAYOUT_H

#include "common/shared/live_table.h"
#include "common/shared/shared_word.h"

enum {
    COPY_WORDS = sizeof(struct live_table_value) / sizeof(uint64_t),
    EXCERPT_WORDS = LIVE_EXCERPT_SIZE / sizeof(uint64_t),
    TEXT_WORDS = (STRING_REGISTERS_MAX + 3) / 4,
};

struct fault_copy {
    word code_and_time;
    word excerpt[EXCERPT_WORDS];
};

struct stored_row {
    word owner, changed, written, written_wall_ms;
    word write_fault; /* code and time */
    word messages, rejects;
    word outcome; /* session above, outcome in the low byte, and the flags LIVE_SETPOINT … */
    word copies[2][COPY_WORDS];
    word faults; /* incremented by each fault; the low bit selects the valid copy */
    struct fault_copy fault[2];
    word text; /* index of the row's string entry, plus one; 0: none */
    word expiry_steady_ms, expiry_wall_ms;
};
_Static_assert(sizeof(struct stored_row) == 320, "a row is five cache lines");
_Static_assert(sizeof(struct live_table_value) == 9 * sizeof(uint64_t), "a value has no padding");
_Static_assert(LIVE_EXCERPT_SIZE % sizeof(uint64_t) == 0, "an excerpt is whole words");
_Static_assert(offsetof(struct stored_row, copies) == 64, "the format stays as it is");
_Static_assert(offsetof(struct stored_row, text) == 296, "the format stays as it is");

/* A string entry. Its copy i belongs to copy i of the row. */
struct stored_text {
    word owner; /* the slot, plus one */
    word copies[2][TEXT_WORDS];
    word spare;
};
_Static_assert(sizeof(struct stored_text) == 512, "an entry is eight cache lines");
_Static_assert(TEXT_WORDS * 4 >= STRING_REGISTERS_MAX, "an entry holds the longest string");

struct broker_copy {
    word reason_and_time;
    word words[LIVE_BROKER_WORDS_SIZE / sizeof(uint64_t)];
};

struct stored_head {
    struct shm_header header;
    word session, started_wall_ms, heartbeat_steady_ms, revision, connected, broker_steady_ms;
    word capacity, strings; /* rows and string entries in the files */
    word broker_changes;    /* incremented by each change; the low bit selects the valid copy */
    struct broker_copy broker[2];
    word condition;
    word generation; /* for the next row that gets its first value */
    word modbusd_down;
    word changes; /* see live_table_state; from live_table_note_change and the heartbeat */
    word spare;
};

enum { FIRST_ROW = 256, FIRST_TEXT = 512 };
_Static_assert(FIRST_ROW >= sizeof(struct stored_head), "the rows follow the head");
_Static_assert(FIRST_TEXT >= sizeof(struct shm_header), "the entries follow the header");
_Static_assert(offsetof(struct stored_head, session) == sizeof(struct shm_header), "no gap");

/* The low bits of `changed` count the values within a generation, the high bits are the generation.
 */
enum { LIVE_GENERATION_SHIFT = 32 };
static const uint64_t LIVE_COUNT_MASK = (UINT64_C(1) << LIVE_GENERATION_SHIFT) - 1;

/* The high bits of `outcome`. */
static const uint64_t LIVE_SETPOINT = UINT64_C(1) << 63, LIVE_EXPIRED = UINT64_C(1) << 62,
                      LIVE_OWED = UINT64_C(1) << 61, LIVE_SETTLED = UINT64_C(1) << 60,
                      LIVE_FLAGS = UINT64_C(15) << 60;

/* The head, a row, a string entry. The index must be below the capacity. */
static inline struct stored_head *live_table_head(const struct live_table *live)
{
    return (struct stored_head *)live->rows.base;
}

static inline struct stored_row *live_table_row_at(const struct live_table *live, uint32_t slot)
{
    return (struct stored_row *)((char *)live->rows.base + FIRST_ROW) + slot;
}

static inline struct stored_text *live_table_text_at(const struct live_table *live, uint64_t entry)
{
    return (struct stored_text *)((char *)live->strings.base + FIRST_TEXT) + entry;
}

/* Call it after a change of a row that its stamp shows. */
static inline void live_table_note_change(const struct live_table *live)
{
    word *changes = &live_table_head(live)->changes;
    if ((shared_word_load(changes) & 1) == 0)
        atomic_fetch_or(changes, 1);
}

/* A code and its time share a word, so that a reader always sees a matching pair. */
enum { CODE_SHIFT = 56 };
static const uint64_t TIME_MASK = (UINT64_C(1) << CODE_SHIFT) - 1;

/* Of a write fault: the byte between code and time. Exception codes are below 64. */
enum { OF_UNIT = 0x40, OF_POLL = 0x80, EXCEPTION_BITS = 0x3f, DETAIL_SHIFT = 48 };
/* In place of an exception, which FAULT_MODBUS_UNREACHABLE does not have: this, or what fails of
 * TLS. */
enum { DETAIL_WRONG_CRC = EXCEPTION_BITS };
_Static_assert((int)TLS_FAULT_COUNT <= (int)DETAIL_WRONG_CRC, "a fault of TLS fits");

static inline uint64_t live_table_room_in(const struct shm *shm, size_t first, size_t size,
                                          uint64_t claimed)
{
    uint64_t most = (shm->mapped - first) / size;
    return claimed < most ? claimed : most;
}

/* The number of accessible rows. The writer uses its own number; a reader uses the number in the
 * file, limited to the mapping. */
static inline uint64_t live_table_capacity(const struct live_table *live)
{
    return live->is_writer ? atomic_load_explicit(&live->capacity, memory_order_acquire)
                           : live_table_room_in(&live->rows, FIRST_ROW, sizeof(struct stored_row),
                                                shared_word_load(&live_table_head(live)->capacity));
}

static inline uint64_t live_table_strings_capacity(const struct live_table *live)
{
    return live->is_writer
               ? atomic_load_explicit(&live->strings_capacity, memory_order_acquire)
               : live_table_room_in(&live->strings, FIRST_TEXT, sizeof(struct stored_text),
                                    shared_word_load(&live_table_head(live)->strings));
}

/* False when the file could not grow for this row: its memory must not be accessed. */
static inline bool live_table_has_row(const struct live_table *live, uint32_t slot)
{
    return slot < live_table_capacity(live);
}

/* True when live_table_pack_location could have packed this place: it is within a table, and the
 * registers fit into a copy of a row. */
bool live_table_location_is_sound(uint64_t place);

#endif
