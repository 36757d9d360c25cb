/* Opens, checks, repairs and extends the files of the live table. */
#include "common/shared/live_table_layout.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "common/base/clock.h"
#include "common/base/require.h"

enum {
    LAYOUT = 2,
    ROWS_FIRST = 1024, /* of a new file */
    STRINGS_FIRST = 64,
    GENERATIONS_MAX = 1 << 30,
};

_Static_assert(FIRST_ROW + (uint64_t)LIVE_ROWS_MAX * sizeof(struct stored_row) <= SIZE_MAX / 2,
               "all rows can be mapped");
_Static_assert((uint64_t)GENERATIONS_MAX <= UINT64_MAX >> LIVE_GENERATION_SHIFT,
               "a generation fits above the count of puts");
_Static_assert(ROWS_FIRST <= (int)LIVE_ROWS_MAX && STRINGS_FIRST <= (int)LIVE_STRINGS_MAX,
               "a new file can be mapped");

static size_t live_table_rows_size(uint32_t rows)
{
    return FIRST_ROW + (size_t)rows * sizeof(struct stored_row);
}

static size_t live_table_strings_size(uint32_t entries)
{
    return FIRST_TEXT + (size_t)entries * sizeof(struct stored_text);
}

/* Sets the paths and describes both files. False, with the reason, if the path is too long. */
static bool live_table_describe(struct live_table *live, const char *directory,
                                struct shm_spec *rows, struct shm_spec *strings, char *why,
                                size_t why_size)
{
    *live = (struct live_table){.rows.fd = -1, .strings.fd = -1};
    size_t size = sizeof live->rows_path;
    if (snprintf(live->rows_path, size, "%s/live", directory) >= (int)size ||
        snprintf(live->strings_path, size, "%s/live-strings", directory) >= (int)size) {
        snprintf(why, why_size, "%s: the path is too long", directory);
        return false;
    }
    *rows = (struct shm_spec){.path = live->rows_path,
                              .magic = "TFliverw",
                              .layout = LAYOUT,
                              .size = live_table_rows_size(ROWS_FIRST),
                              .map = live_table_rows_size(LIVE_ROWS_MAX)};
    *strings = (struct shm_spec){.path = live->strings_path,
                                 .magic = "TFlivest",
                                 .layout = LAYOUT,
                                 .size = live_table_strings_size(STRINGS_FIRST),
                                 .map = live_table_strings_size(LIVE_STRINGS_MAX)};
    return true;
}

static void live_table_set_capacity(struct live_table *live, uint64_t rows)
{
    atomic_store_explicit(&live->capacity, rows, memory_order_release);
    shared_word_store(&live_table_head(live)->capacity, rows);
}

static void live_table_set_strings_capacity(struct live_table *live, uint64_t entries)
{
    atomic_store_explicit(&live->strings_capacity, entries, memory_order_release);
    shared_word_store(&live_table_head(live)->strings, entries);
}

/* What live_table_check_rows finds in the files of an earlier writer. */
struct live_table_findings {
    uint64_t strings;    /* string entries in use */
    uint64_t generation; /* above that of each row; at least that in the head */
};

/* A row without an owner is sound: its writer may have been killed while it emptied the row. */
static bool live_table_row_is_sound(const struct stored_row *row)
{
    uint64_t owner = shared_word_load(&row->owner), changed = shared_word_load(&row->changed);
    enum live_table_kind kind = live_table_owner_kind(owner);
    if (owner == 0)
        return true;
    const word *newest = row->copies[changed & 1];
    return (kind == LIVE_DEVICE || kind == LIVE_TAG) && owner << 8 != 0 &&
           (shared_word_load(&row->outcome) & 0xff) < LIVE_OUTCOME_COUNT &&
           shared_word_load(&row->write_fault) >> 56 < FAULT_COUNT &&
           shared_word_load(&row->fault[0].code_and_time) >> 56 < FAULT_COUNT &&
           shared_word_load(&row->fault[1].code_and_time) >> 56 < FAULT_COUNT &&
           changed >> LIVE_GENERATION_SHIFT < GENERATIONS_MAX &&
           live_table_location_is_sound(shared_word_load(
               &newest[offsetof(struct live_table_value, place) / sizeof(uint64_t)]));
}

/* Checks all rows. Returns the fault, or NULL. */
static const char *live_table_check_rows(const struct live_table *live,
                                         struct live_table_findings *findings)
{
    static const char damaged[] = "its rows are damaged";
    const uint64_t rows = live_table_capacity(live), strings = live_table_strings_capacity(live);
    if (findings->generation >= GENERATIONS_MAX)
        return damaged;
    for (uint32_t slot = 0; slot < rows; slot++) {
        const struct stored_row *row = live_table_row_at(live, slot);
        uint64_t changed = shared_word_load(&row->changed), text = shared_word_load(&row->text);
        if (!live_table_row_is_sound(row) || text > strings)
            return damaged;
        if (text != 0) {
            /* A string entry belongs to one row. Older versions did not store which. */
            word *owner = &live_table_text_at(live, text - 1)->owner;
            if (shared_word_load(owner) == 0)
                shared_word_store(owner, slot + UINT64_C(1));
            if (shared_word_load(owner) != slot + UINT64_C(1))
                return damaged;
        }
        if (text > findings->strings)
            findings->strings = text;
        if (changed != 0 && changed >> LIVE_GENERATION_SHIFT >= findings->generation)
            findings->generation = (changed >> LIVE_GENERATION_SHIFT) + 1;
    }
    return NULL;
}

/* The part of a file in use according to its head. The file may be much longer, but empty there. */
static uint64_t live_table_used_count(uint64_t claimed, uint64_t least, uint64_t room)
{
    uint64_t used = claimed > least ? claimed : least;
    return used < room ? used : room;
}

/* Checks the files of an earlier writer, and keeps or replaces each. */
static bool live_table_take_over(struct live_table *live, bool has_strings)
{
    struct stored_head *head = live_table_head(live);
    uint64_t rows = (shm_file_size(&live->rows) - FIRST_ROW) / sizeof(struct stored_row);
    uint64_t strings = (shm_file_size(&live->strings) - FIRST_TEXT) / sizeof(struct stored_text);
    const char *fault = shared_word_load(&head->capacity) > rows ? "was cut short" : NULL;
    struct live_table_findings findings = {.generation = shared_word_load(&head->generation)};

    if (has_strings && shared_word_load(&head->strings) > strings) {
        if (!shm_begin_again(&live->strings, "was cut short"))
            return false;
        has_strings = false;
        strings = STRINGS_FIRST;
    }
    live_table_set_capacity(
        live, live_table_used_count(shared_word_load(&head->capacity), ROWS_FIRST, rows));
    live_table_set_strings_capacity(
        live, live_table_used_count(shared_word_load(&head->strings), STRINGS_FIRST, strings));
    for (uint32_t slot = 0; !has_strings && slot < live_table_capacity(live); slot++)
        shared_word_store(&live_table_row_at(live, slot)->text, 0);

    if (!fault)
        fault = live_table_check_rows(live, &findings);
    if (fault) {
        if (!shm_begin_again(&live->rows, fault))
            return false;
        findings = (struct live_table_findings){0};
        live_table_set_capacity(live, ROWS_FIRST);
        live_table_set_strings_capacity(live, live_table_strings_capacity(live));
    }
    /* Frees the pages that only this check has read. */
    madvise(live->rows.base, live_table_rows_size((uint32_t)live_table_capacity(live)),
            MADV_DONTNEED);
    madvise(live->strings.base,
            live_table_strings_size((uint32_t)live_table_strings_capacity(live)), MADV_DONTNEED);
    live->strings_used = (uint32_t)findings.strings;
    live->generation = findings.generation;
    shared_word_store(&head->generation, live->generation);
    return true;
}

/* Writes the head from the copies in `live`, at the start and after the file was repaired. */
static void live_table_write_head(struct live_table *live)
{
    struct stored_head *head = live_table_head(live);
    const struct live_table_state *state = &live->state;
    shared_word_store(&head->session, state->session);
    shared_word_store(&head->started_wall_ms, state->started_wall_ms);
    shared_word_store(&head->heartbeat_steady_ms, state->heartbeat_steady_ms);
    shared_word_store(&head->revision, state->revision);
    shared_word_store(&head->condition, state->condition);
    shared_word_store(&head->changes, (state->changes + 2) | 1);
    shared_word_store(&head->modbusd_down, state->modbusd_down);
    live_table_set_broker(live, &live->broker);
    shared_word_store(&head->generation, live->generation);
    shared_word_store(&head->capacity, live_table_capacity(live));
    shared_word_store(&head->strings, live_table_strings_capacity(live));
}

bool live_table_open_writer(struct live_table *live, const char *directory, char *why,
                            size_t why_size)
{
    struct shm_spec rows, strings;
    if (!live_table_describe(live, directory, &rows, &strings, why, why_size))
        return false;
    live->is_writer = true;
    if (shm_open_writer(&live->rows, &rows, true, why, why_size) == SHM_FAILED)
        return false;
    enum shm_opened strings_opened = shm_open_writer(&live->strings, &strings, true, why, why_size);
    if (strings_opened != SHM_FAILED &&
        live_table_take_over(live, strings_opened == SHM_EXISTING)) {
        live->state = live_table_read_state(live);
        live->state.session++;
        live->state.started_wall_ms = clock_wall_ms();
        live->state.heartbeat_steady_ms = clock_steady_ms();
        live->state.condition = LIVE_STARTING;
        live->state.modbusd_down = false;
        live->broker = (struct live_table_broker){.reason = BROKER_CONNECTING,
                                                  .wall_ms = clock_wall_ms(),
                                                  .steady_ms = clock_steady_ms()};
        live_table_write_head(live);
        return true;
    }
    if (strings_opened != SHM_FAILED)
        snprintf(why, why_size, "%s: the live table cannot be replaced", directory);
    live_table_close(live);
    return false;
}

bool live_table_repair_files(struct live_table *live)
{
    REQUIRE(live->is_writer);
    enum shm_repair_result rows = shm_repair_file(&live->rows),
                           strings = shm_repair_file(&live->strings);
    if (rows == SHM_RENEWED)
        live_table_write_head(live);
    return rows == SHM_RENEWED || strings == SHM_RENEWED;
}

bool live_table_open_reader(struct live_table *live, const char *directory, char *why,
                            size_t why_size)
{
    struct shm_spec rows, strings;
    if (!live_table_describe(live, directory, &rows, &strings, why, why_size))
        return false;
    if (shm_open_reader(&live->rows, &rows, why, why_size) &&
        shm_open_reader(&live->strings, &strings, why, why_size))
        return true;
    live_table_close(live);
    return false;
}

bool live_table_was_replaced(const struct live_table *live)
{
    return shm_was_replaced(&live->rows, live->rows_path) ||
           shm_was_replaced(&live->strings, live->strings_path);
}

bool live_table_has_writer(const struct live_table *live)
{
    return shm_has_writer(&live->rows);
}

void live_table_close(struct live_table *live)
{
    if (!live)
        return;
    shm_close(&live->rows);
    shm_close(&live->strings);
}

bool live_table_reserve_rows(struct live_table *live, uint32_t rows)
{
    REQUIRE(live->is_writer);
    uint64_t have = live_table_capacity(live);
    if (rows <= have)
        return true;
    uint64_t wanted = have * 2 > rows ? have * 2 : rows;
    if (wanted > LIVE_ROWS_MAX)
        wanted = LIVE_ROWS_MAX;
    if (rows > wanted) {
        errno = ENOSPC;
        return false;
    }
    if (!shm_grow(&live->rows, live_table_rows_size((uint32_t)wanted)))
        return false;
    live_table_set_capacity(live, wanted);
    return true;
}

bool live_table_reserve_texts(struct live_table *live, uint32_t texts)
{
    REQUIRE(live->is_writer);
    while (live_table_strings_capacity(live) - live->strings_used < texts) {
        uint64_t entries = live_table_strings_capacity(live) * 2;
        if (entries > LIVE_STRINGS_MAX) {
            errno = ENOSPC;
            return false;
        }
        if (!shm_grow(&live->strings, live_table_strings_size((uint32_t)entries)))
            return false;
        live_table_set_strings_capacity(live, entries);
    }
    return true;
}
