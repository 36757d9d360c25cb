/* The files of the live table: opens, takes over, restores and grows them. */
#include "common/shared/live_table_layout.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "common/base/clock.h"

enum { LAYOUT = 2, ROWS_FIRST = 1024, STRINGS_FIRST = 64 };

static const char rows_magic[] = "TFliverw";
static const char strings_magic[] = "TFlivest";

static size_t live_table_rows_size(uint32_t rows)
{
    return FIRST_ROW + (size_t)rows * sizeof(struct stored_row);
}

static size_t live_table_strings_size(uint32_t entries)
{
    return FIRST_TEXT + (size_t)entries * sizeof(struct stored_text);
}

static bool live_table_set_paths(struct live_table *live, const char *directory, char *why,
                                 size_t why_size)
{
    *live = (struct live_table){.rows.fd = -1, .strings.fd = -1};
    size_t room = sizeof live->rows_path;
    if (snprintf(live->rows_path, room, "%s/live", directory) < (int)room &&
        snprintf(live->strings_path, room, "%s/live-strings", directory) < (int)room)
        return true;
    snprintf(why, why_size, "%s: the path is too long", directory);
    return false;
}

static struct shm_spec live_table_rows_spec(const struct live_table *live)
{
    return (struct shm_spec){live->rows_path, rows_magic, LAYOUT, live_table_rows_size(ROWS_FIRST),
                             live_table_rows_size(LIVE_ROWS_MAX)};
}

static struct shm_spec live_table_strings_spec(const struct live_table *live)
{
    return (struct shm_spec){live->strings_path, strings_magic, LAYOUT,
                             live_table_strings_size(STRINGS_FIRST),
                             live_table_strings_size(LIVE_STRINGS_MAX)};
}

/* The number of rows of `size` bytes each behind `first` bytes that the file really has. */
static uint64_t live_table_file_room(const struct shm *shm, size_t first, size_t size)
{
    return (shm_file_size(shm) - first) / size;
}

static void live_table_set_capacity(struct live_table *live, uint64_t rows)
{
    atomic_store_explicit(&live->capacity, rows, memory_order_release);
    live_word_store(&live_table_head(live)->capacity, rows);
}

static void set_strings_capacity(struct live_table *live, uint64_t entries)
{
    atomic_store_explicit(&live->strings_capacity, entries, memory_order_release);
    live_word_store(&live_table_head(live)->strings, entries);
}

/* The strings have no rows any more that they belong to, or the rows no strings. */
static void live_table_drop_texts(struct live_table *live)
{
    for (uint32_t slot = 0; slot < live_table_capacity(live); slot++)
        live_word_store(&live_table_row_at(live, slot)->text, 0);
}

/* The part of a file in use, by its head: a file may be much longer, with nothing there. */
static uint64_t live_table_used_count(uint64_t claimed, uint64_t least, uint64_t room)
{
    uint64_t used = claimed > least ? claimed : least;
    return used < room ? used : room;
}

/* Checks what an earlier writer has left, and goes on in it or begins again. The rows that only
 * this walk has looked at shall not count as memory of ours. */
static bool live_table_take_over(struct live_table *live, bool has_strings)
{
    struct stored_head *head = live_table_head(live);
    uint64_t rows = live_table_file_room(&live->rows, FIRST_ROW, sizeof(struct stored_row));
    uint64_t strings = live_table_file_room(&live->strings, FIRST_TEXT, sizeof(struct stored_text));
    const char *fault = live_word_load(&head->capacity) > rows ? "was cut short" : NULL;
    struct live_table_findings findings = {.generation = live_word_load(&head->generation)};
    if (has_strings && live_word_load(&head->strings) > strings) {
        if (!shm_begin_again(&live->strings, "was cut short"))
            return false;
        has_strings = false;
        strings = STRINGS_FIRST;
    }
    live_table_set_capacity(
        live, live_table_used_count(live_word_load(&head->capacity), ROWS_FIRST, rows));
    set_strings_capacity(
        live, live_table_used_count(live_word_load(&head->strings), STRINGS_FIRST, strings));
    if (!has_strings)
        live_table_drop_texts(live);
    if (!fault)
        fault = live_table_check_rows(live, live_table_capacity(live), strings_capacity_of(live),
                                      &findings);
    if (fault) {
        if (!shm_begin_again(&live->rows, fault))
            return false;
        findings = (struct live_table_findings){0};
        live_table_set_capacity(live, ROWS_FIRST);
        set_strings_capacity(live, strings_capacity_of(live));
    }
    madvise(live->rows.base, live_table_rows_size((uint32_t)live_table_capacity(live)),
            MADV_DONTNEED);
    madvise(live->strings.base, live_table_strings_size((uint32_t)strings_capacity_of(live)),
            MADV_DONTNEED);
    live->strings_used = (uint32_t)findings.strings;
    live->generation = findings.generation;
    live_word_store(&head->generation, live->generation);
    return true;
}

/* The header's words, so that they can be put back when the file has lost them. */
static void live_table_write_head(struct live_table *live)
{
    struct stored_head *head = live_table_head(live);
    const struct live_table_state *state = &live->state;
    live_word_store(&head->session, state->session);
    live_word_store(&head->started_wall_ms, state->started_wall_ms);
    live_word_store(&head->heartbeat_steady_ms, state->heartbeat_steady_ms);
    live_word_store(&head->revision, state->revision);
    live_word_store(&head->condition, state->condition);
    live_word_store(&head->modbusd_down, state->modbusd_down);
    live_table_set_broker(live, &live->broker);
    live_word_store(&head->generation, live->generation);
    live_word_store(&head->capacity, live_table_capacity(live));
    live_word_store(&head->strings, strings_capacity_of(live));
}

static void live_table_begin_session(struct live_table *live)
{
    live->state = live_table_state(live);
    live->state.session++;
    live->state.started_wall_ms = clock_wall_ms();
    live->state.heartbeat_steady_ms = clock_steady_ms();
    live->state.condition = LIVE_STARTING;
    live->state.modbusd_down = false;
    live->broker = (struct live_table_broker){
        .reason = BROKER_CONNECTING, .wall_ms = clock_wall_ms(), .steady_ms = clock_steady_ms()};
    live_table_write_head(live);
}

bool live_table_open_writer(struct live_table *live, const char *directory, char *why,
                            size_t why_size)
{
    if (!live_table_set_paths(live, directory, why, why_size))
        return false;
    live->is_writer = true;
    struct shm_spec rows = live_table_rows_spec(live), strings = live_table_strings_spec(live);
    if (shm_open_writer(&live->rows, &rows, true, why, why_size) == SHM_FAILED)
        return false;
    enum shm_opened strings_opened = shm_open_writer(&live->strings, &strings, true, why, why_size);
    if (strings_opened != SHM_FAILED &&
        live_table_take_over(live, strings_opened == SHM_EXISTING)) {
        live_table_begin_session(live);
        return true;
    }
    if (strings_opened != SHM_FAILED)
        snprintf(why, why_size, "%s: the live table cannot be begun again", directory);
    live_table_close(live);
    return false;
}

bool live_table_repair_files(struct live_table *live)
{
    enum shm_repair_result rows = shm_repair_file(&live->rows),
                           strings = shm_repair_file(&live->strings);
    if (rows == SHM_RENEWED)
        live_table_write_head(live);
    return rows == SHM_RENEWED || strings == SHM_RENEWED;
}

bool live_table_open_reader(struct live_table *live, const char *directory, char *why,
                            size_t why_size)
{
    if (!live_table_set_paths(live, directory, why, why_size))
        return false;
    struct shm_spec rows = live_table_rows_spec(live), strings = live_table_strings_spec(live);
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

static bool live_table_grow_strings(struct live_table *live)
{
    uint64_t entries = strings_capacity_of(live) * 2;
    if (entries > LIVE_STRINGS_MAX) {
        errno = ENOSPC;
        return false;
    }
    if (!shm_grow(&live->strings, live_table_strings_size((uint32_t)entries)))
        return false;
    set_strings_capacity(live, entries);
    return true;
}

bool live_table_reserve_texts(struct live_table *live, uint32_t texts)
{
    while (strings_capacity_of(live) - live->strings_used < texts) {
        if (!live_table_grow_strings(live))
            return false;
    }
    return true;
}
