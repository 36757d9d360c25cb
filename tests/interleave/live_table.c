/* The live table under all interleavings: a reader gets whole values, never an older one than
 * before, and only of the owner it asked for; "written" is true; a change of a stamp is announced.
 */
#include <string.h>

#include "common/base/hash.h"
#include "common/shared/live_table_layout.h"
#include "explore.h"
#include "numbered_value.h"
#include "region.h"

enum { SLOT = 3, TEXT_SLOT = 4, SUCCESSORS = 9 /* the value that the next process puts */ };

static struct {
    struct live_table writer, saved, reader;
    uint64_t owner, other; /* of the row, before and after */
    uint64_t first;        /* `changed` of the value 1 */
    uint64_t marked[3];    /* numbers that were marked as written */
    unsigned marked_count;
    struct live_table_stamp last; /* in the end */
    uint64_t last_changes;
} bed;

/* The value n, of which each word tells n. */
static struct live_table_value value_of(uint64_t n, bool text)
{
    return numbered_value(n, (uint64_t)text << 56 | (text ? 123U : 1U) << 16 | n);
}

static uint64_t put(uint32_t slot, uint64_t n)
{
    struct live_table_value value = value_of(n, slot == TEXT_SLOT);
    uint16_t text[STRING_REGISTERS_MAX];
    for (size_t i = 0; i < STRING_REGISTERS_MAX; i++)
        text[i] = (uint16_t)n;
    return live_table_put_value(&bed.writer, slot, &value, slot == TEXT_SLOT ? text : NULL,
                                STRING_REGISTERS_MAX);
}

/* A table with two rows, whose value is 1. */
static void open_table(void)
{
    char why[SHM_WHY_SIZE];
    region_remove_files();
    bed.owner = live_table_make_owner(LIVE_TAG, 7);
    bed.other = live_table_make_owner(LIVE_TAG, 8);
    explore_check(live_table_open_writer(&bed.writer, "run", why, sizeof why) &&
                      live_table_open_reader(&bed.reader, "run", why, sizeof why) &&
                      live_table_claim_row(&bed.writer, SLOT, bed.owner, false) &&
                      live_table_claim_row(&bed.writer, TEXT_SLOT, bed.owner, true),
                  "the files open");
    bed.first = put(SLOT, 1);
    put(TEXT_SLOT, 1);
    live_table_set_heartbeat(&bed.writer, 1);
    live_table_set_heartbeat(&bed.writer, 2);
    live_table_set_heartbeat(&bed.writer, 3);
    bed.saved = bed.writer;
}

/* All words of a copy are alike: only some of them have a choice, to save time. */
static void limit_choices(const struct stored_row *row, size_t words)
{
    for (int i = 0; i < 2; i++)
        explore_read_oldest(&row->copies[i][COPY_WORDS - 1 - words], words * sizeof(word));
}

static void open_table_of_text(void)
{
    open_table();
    limit_choices(live_table_row_at(&bed.reader, TEXT_SLOT), COPY_WORDS - 2);
    const struct stored_text *text = live_table_text_at(&bed.reader, 0);
    for (int i = 0; i < 2; i++)
        explore_read_oldest(&text->copies[i][1], (TEXT_WORDS - 2) * sizeof(word));
}

static void open_limited_table(void)
{
    open_table();
    limit_choices(live_table_row_at(&bed.reader, SLOT), COPY_WORDS - (explore_is_deep() ? 4 : 2));
}

/* Of a value, only `raw` has a choice. */
static void open_table_of_numbers(void)
{
    enum { RAW = offsetof(struct live_table_value, raw) / sizeof(word) };
    open_table();
    const struct stored_row *row = live_table_row_at(&bed.reader, SLOT);
    for (unsigned i = 0; i < 2; i++) {
        explore_read_oldest(row->copies[i], RAW * sizeof(word));
        explore_read_oldest(&row->copies[i][RAW + 1], (COPY_WORDS - RAW - 1) * sizeof(word));
    }
}

static void begin(void)
{
    bed.writer = bed.saved;
    bed.marked_count = 0;
}

static void mark(uint64_t changed)
{
    live_table_mark_written(&bed.writer, SLOT, changed, 5);
}

static void open_again(uint32_t slot, uint64_t owner)
{
    char why[SHM_WHY_SIZE];
    explore_check(live_table_open_writer(&bed.writer, "run", why, sizeof why) &&
                      live_table_claim_row(&bed.writer, slot, owner, slot == TEXT_SLOT) &&
                      put(slot, SUCCESSORS) != 0,
                  "the next process opens the files");
}

static void check_value(const struct live_table_value *value, bool text)
{
    struct live_table_value expected = value_of(value->raw, text);
    explore_check(memcmp(value, &expected, sizeof expected) == 0, "a value is whole");
}

static void check_text(const uint16_t text[STRING_REGISTERS_MAX], uint64_t n)
{
    for (size_t i = 0; i < STRING_REGISTERS_MAX; i++)
        explore_check(text[i] == n, "a string is whole, and that of its value");
}

/* Two or three values. */

static void put_values(void)
{
    for (uint64_t n = 2; n <= (explore_is_deep() ? 4 : 3); n++)
        put(SLOT, n);
}

static void open_after_values(void)
{
    open_again(SLOT, bed.owner);
}

static void read_values(void)
{
    struct live_table_row row;
    uint64_t before[2] = {0, 0};
    for (unsigned i = 0; i < 2; i++) {
        explore_check(live_table_read_row(&bed.reader, SLOT, bed.owner, &row),
                      "the row keeps its owner");
        check_value(&row.value, false);
        explore_check(row.value.raw >= before[0] && row.changed >= before[1],
                      "no value is older than one before");
        before[0] = row.value.raw;
        before[1] = row.changed;
        explore_merge(i, hash64_add(HASH64_START, before, sizeof before));
    }
}

static void read_pending_values(void)
{
    struct live_table_pending_value pending;
    uint64_t before = 0;
    for (unsigned i = 0; i < 2; i++) {
        explore_check(live_table_read_pending_value(&bed.reader, SLOT, &pending),
                      "the row keeps its owner");
        check_value(&pending.value, false);
        explore_check(pending.changed >= before, "no value is older than one before");
        before = pending.changed;
        explore_merge(i, before);
    }
}

static void put_texts(void)
{
    put(TEXT_SLOT, 2);
    put(TEXT_SLOT, 3);
}

static void put_text(void)
{
    put(TEXT_SLOT, 2);
}

static void open_after_texts(void)
{
    open_again(TEXT_SLOT, bed.owner);
}

static void read_text(void)
{
    struct live_table_row row;
    explore_check(live_table_read_row(&bed.reader, TEXT_SLOT, bed.owner, &row),
                  "the row keeps its owner");
    check_value(&row.value, true);
    check_text(row.text, row.value.raw);
}

static void read_pending_text(void)
{
    struct live_table_pending_value pending;
    explore_check(live_table_read_pending_value(&bed.reader, TEXT_SLOT, &pending),
                  "the row keeps its owner");
    check_value(&pending.value, true);
    check_text(pending.words, pending.value.raw);
}

/* The row gets another owner, while the value of the first one is being marked as written. */

static void change_owner(void)
{
    live_table_release_row(&bed.writer, SLOT, bed.owner);
    live_table_claim_row(&bed.writer, SLOT, bed.other, false);
    put(SLOT, 2);
}

static void open_after_owner(void)
{
    open_again(SLOT, bed.other);
}

static void mark_first(void)
{
    mark(bed.first);
}

static void read_first_owner(void)
{
    struct live_table_row row;
    if (!live_table_read_row(&bed.reader, SLOT, bed.owner, &row))
        return;
    explore_check(row.changed == bed.first && row.value.raw == 1,
                  "a row has the value of its owner");
    check_value(&row.value, false);
}

static void read_other_owner(void)
{
    struct live_table_row row;
    if (!live_table_read_row(&bed.reader, SLOT, bed.other, &row) || row.changed == 0)
        return;
    explore_check(row.value.raw == 2 || row.value.raw == SUCCESSORS,
                  "a row has the value of its owner");
    check_value(&row.value, false);
    explore_check(row.written != row.changed, "no value is written that was not marked");
}

/* A number of a value is used once, also when the process that used it is killed. */

static void use_number(void)
{
    change_owner();
    live_table_release_row(&bed.writer, SLOT, bed.other);
}

static void read_numbers(void)
{
    struct live_table_pending_value pending;
    uint64_t before[2] = {0, 0};
    for (unsigned i = 0; i < 2; i++) {
        if (!live_table_read_pending_value(&bed.reader, SLOT, &pending) || pending.changed == 0)
            continue;
        explore_check(pending.changed != before[0] || pending.value.raw == before[1],
                      "no two values have the same number");
        before[0] = pending.changed;
        before[1] = pending.value.raw;
        explore_merge(i, hash64_add(HASH64_START, before, sizeof before));
    }
}

/* Values, and a thread that writes some of them to the target. */

static void put_two(void)
{
    put(SLOT, 2);
    put(SLOT, 3);
}

static void write_to_target(void)
{
    struct live_table_stamp stamp;
    for (unsigned i = 0; i < 2; i++) {
        live_table_read_stamp(&bed.writer, SLOT, bed.owner, &stamp);
        if (stamp.changed == stamp.written || stamp.changed == bed.first)
            continue;
        bed.marked[bed.marked_count++] = stamp.changed;
        mark(stamp.changed);
    }
}

static void read_written(void)
{
    struct live_table_row row;
    bool is_marked = false;
    live_table_read_row(&bed.reader, SLOT, bed.owner, &row);
    for (unsigned i = 0; i < bed.marked_count; i++)
        is_marked |= bed.marked[i] == row.changed;
    explore_check(row.written != row.changed || is_marked,
                  "no value is written that was not marked");
}

/* Faults, and the time of an expired setpoint. */

static void reject_values(void)
{
    for (uint64_t n = 2; n <= (explore_is_deep() ? 4 : 3); n++) {
        char excerpt[LIVE_EXCERPT_SIZE];
        memset(excerpt, (int)('a' + n), sizeof excerpt);
        live_table_reject_value(&bed.writer, SLOT, (enum fault)n, excerpt, sizeof excerpt - 1, n);
    }
}

static void open_after_rejects(void)
{
    char why[SHM_WHY_SIZE];
    explore_check(live_table_open_writer(&bed.writer, "run", why, sizeof why),
                  "the next process opens the files");
    live_table_reject_value(&bed.writer, SLOT, (enum fault)5, "fffffffffffffffffffffffffffffff", 31,
                            5);
}

static void read_faults(void)
{
    struct live_table_row row;
    uint64_t before = 0;
    for (unsigned i = 0; i < 2; i++) {
        char excerpt[LIVE_EXCERPT_SIZE] = {0};
        live_table_read_row(&bed.reader, SLOT, bed.owner, &row);
        if (row.fault != FAULT_NONE)
            memset(excerpt, (int)('a' + row.fault), sizeof excerpt - 1);
        explore_check(row.fault_wall_ms == row.fault && strcmp(row.excerpt, excerpt) == 0,
                      "a fault is whole");
        explore_check(row.fault_wall_ms >= before, "no fault is older than one before");
        before = row.fault_wall_ms;
        explore_merge(i, before);
    }
}

static void open_expired(void)
{
    open_table();
    live_table_set_expiry(&bed.writer, SLOT,
                          &(struct live_table_expiry){
                              .steady_ms = 1, .wall_ms = 1, .is_expired = true, .is_owed = true});
}

static void renew_setpoint(void)
{
    live_table_set_expiry(&bed.writer, SLOT, &(struct live_table_expiry){2, 2, false, false});
    live_table_set_expiry(&bed.writer, SLOT, &(struct live_table_expiry){2, 2, true, true});
}

static void read_expiry(void)
{
    struct live_table_row row;
    live_table_read_row(&bed.reader, SLOT, bed.owner, &row);
    explore_check(row.expiry.is_expired || (row.expiry.steady_ms == 2 && row.expiry.wall_ms == 2),
                  "a row that has not expired never shows the time of an earlier write");
}

/* The number that announces changes. Values are marked by another thread than that of heartbeats.
 */

static void put_and_beat(void)
{
    put(SLOT, 2);
    live_table_set_heartbeat(&bed.writer, 4);
    live_table_set_outcome(&bed.writer, SLOT, LIVE_GOOD);
}

static void beat_again(void)
{
    live_table_set_heartbeat(&bed.writer, 5);
    live_table_read_stamp(&bed.writer, SLOT, bed.owner, &bed.last);
    bed.last_changes = live_table_read_state(&bed.writer).changes;
}

/* A reader that finds an even number reads no row again while the number is the same. */
static void follow_changes(void)
{
    struct live_table_stamp stamp;
    uint64_t changes = live_table_read_state(&bed.reader).changes;
    live_table_read_stamp(&bed.reader, SLOT, bed.owner, &stamp);
    explore_check(changes != bed.last_changes || (changes & 1) != 0 ||
                      live_table_stamp_is_equal(&stamp, &bed.last),
                  "each change of a stamp is announced");
}

static const struct scenario scenarios[] = {{.name = "values",
                                             .set_up = open_limited_table,
                                             .begin = begin,
                                             .writers = {put_values},
                                             .recover = open_after_values,
                                             .readers = {read_values, read_pending_values}},
                                            {.name = "strings",
                                             .set_up = open_table_of_text,
                                             .begin = begin,
                                             .writers = {put_texts},
                                             .readers = {read_text, read_pending_text}},
                                            {.name = "strings of two processes",
                                             .set_up = open_table_of_text,
                                             .begin = begin,
                                             .writers = {put_text},
                                             .recover = open_after_texts,
                                             .readers = {read_text, read_pending_text}},
                                            {.name = "owners",
                                             .set_up = open_limited_table,
                                             .begin = begin,
                                             .writers = {change_owner},
                                             .recover = open_after_owner,
                                             .readers = {read_first_owner, read_other_owner}},
                                            {.name = "numbers",
                                             .set_up = open_table_of_numbers,
                                             .begin = begin,
                                             .writers = {use_number},
                                             .recover = open_after_owner,
                                             .readers = {read_numbers}},
                                            {.name = "late mark",
                                             .set_up = open_limited_table,
                                             .begin = begin,
                                             .writers = {change_owner, mark_first},
                                             .readers = {read_other_owner}},
                                            {.name = "written",
                                             .set_up = open_limited_table,
                                             .begin = begin,
                                             .writers = {put_two, write_to_target},
                                             .readers = {read_written}},
                                            {.name = "faults",
                                             .set_up = open_table,
                                             .begin = begin,
                                             .writers = {reject_values},
                                             .recover = open_after_rejects,
                                             .readers = {read_faults}},
                                            {.name = "expiry",
                                             .set_up = open_expired,
                                             .begin = begin,
                                             .writers = {renew_setpoint},
                                             .readers = {read_expiry}},
                                            {.name = "changes",
                                             .set_up = open_table,
                                             .begin = begin,
                                             .writers = {put_and_beat, mark_first},
                                             .finish = beat_again,
                                             .readers = {follow_changes}},
                                            {0}};

static const struct mistake mistakes[] = {
    {"live_table_put_value", "&row->copies[changed & 1][i]", RELAXED_ORDER, "values"},
    {"live_table_put_value", "&row->copies[changed & 1][i]", LATE_STORE, "values"},
    {"live_table_put_value", "&row->changed", RELAXED_ORDER, "values"},
    {"live_table_read_row", "&stored->changed", RELAXED_ORDER, "values"},
    {"live_table_read_row", "&stored->copies[row->changed & 1][i]", RELAXED_ORDER, "values"},
    {"live_table_read_pending_value", "&row->changed", RELAXED_ORDER, "values"},
    {"live_table_put_value", "&to->copies[changed & 1][i]", RELAXED_ORDER, "strings"},
    {"live_table_read_text", "&stored->copies[copy][i / 4]", RELAXED_ORDER, "strings"},
    {"live_table_give_row", "&row->owner", RELAXED_ORDER, "owners"},
    {"live_table_empty_row", "&row->owner", DROPPED_MARK, "owners"},
    {"live_table_put_value", "&live_table_head(live)->generation", DROPPED_STORE, "numbers"},
    {"live_table_mark_written", "&row->written", RELAXED_ORDER, "written"},
    {"live_table_read_row", "&stored->written", RELAXED_ORDER, "written"},
    {"live_table_set_fault", "&copy->excerpt[i]", LATE_STORE, "faults"},
    {"live_table_set_fault", "&row->faults", RELAXED_ORDER, "faults"},
    {"live_table_set_expiry", "&row->expiry_wall_ms", LATE_STORE, "expiry"},
    {"live_table_set_expiry", "&row->outcome", RELAXED_ORDER, "expiry"},
    {"live_table_note_change", "changes", DROPPED_STORE, "changes"},
    {"live_table_set_heartbeat", "changes", RELAXED_ORDER, "changes"},
    {0}};

int main(int argc, char **argv)
{
    return explore_main(argc, argv, scenarios, mistakes);
}
