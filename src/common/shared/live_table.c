/* The files of the live table: opens, takes over, restores and grows them. */
#include "common/shared/live_table_layout.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "common/base/clock.h"

enum { LAYOUT = 2, ROWS_FIRST = 1024, STRINGS_FIRST = 64 };

static const char rows_magic[] = "TFliverw";
static const char strings_magic[] = "TFlivest";

static size_t rows_size(uint32_t rows)
{
    return FIRST_ROW + (size_t)rows * sizeof(struct stored_row);
}

static size_t strings_size(uint32_t entries)
{
    return FIRST_TEXT + (size_t)entries * sizeof(struct stored_text);
}

static bool set_paths(struct live *live, const char *directory, char *why, size_t why_size)
{
    *live = (struct live){.rows.fd = -1, .strings.fd = -1};
    size_t room = sizeof live->rows_path;
    if (snprintf(live->rows_path, room, "%s/live", directory) < (int)room &&
        snprintf(live->strings_path, room, "%s/live-strings", directory) < (int)room)
        return true;
    snprintf(why, why_size, "%s: the path is too long", directory);
    return false;
}

static struct shm_spec rows_spec(const struct live *live)
{
    return (struct shm_spec){live->rows_path, rows_magic, LAYOUT, rows_size(ROWS_FIRST),
                             rows_size(LIVE_ROWS_MAX)};
}

static struct shm_spec strings_spec(const struct live *live)
{
    return (struct shm_spec){live->strings_path, strings_magic, LAYOUT, strings_size(STRINGS_FIRST),
                             strings_size(LIVE_STRINGS_MAX)};
}

/* The number of rows of `size` bytes each behind `first` bytes that the file really has. */
static uint64_t room_of(const struct shm *shm, size_t first, size_t size)
{
    return (shm_file_size(shm) - first) / size;
}

static void set_capacity(struct live *live, uint64_t rows)
{
    atomic_store_explicit(&live->capacity, rows, memory_order_release);
    set(&head_of(live)->capacity, rows);
}

static void set_strings_capacity(struct live *live, uint64_t entries)
{
    atomic_store_explicit(&live->strings_capacity, entries, memory_order_release);
    set(&head_of(live)->strings, entries);
}

/* The strings have no rows any more that they belong to, or the rows no strings. */
static void drop_texts(struct live *live)
{
    for (uint32_t slot = 0; slot < capacity_of(live); slot++)
        set(&row_at(live, slot)->text, 0);
}

/* The part of a file in use, by its head: a file may be much longer, with nothing there. */
static uint64_t used_of(uint64_t claimed, uint64_t least, uint64_t room)
{
    uint64_t used = claimed > least ? claimed : least;
    return used < room ? used : room;
}

/* Checks what an earlier writer has left, and goes on in it or begins again. The rows that only
 * this walk has looked at shall not count as memory of ours. */
static bool take_over(struct live *live, bool has_strings)
{
    struct stored_head *head = head_of(live);
    uint64_t rows = room_of(&live->rows, FIRST_ROW, sizeof(struct stored_row));
    uint64_t strings = room_of(&live->strings, FIRST_TEXT, sizeof(struct stored_text));
    const char *fault = get(&head->capacity) > rows ? "was cut short" : NULL;
    struct live_findings findings = {.generation = get(&head->generation)};
    if (has_strings && get(&head->strings) > strings) {
        if (!shm_begin_again(&live->strings, "was cut short"))
            return false;
        has_strings = false;
        strings = STRINGS_FIRST;
    }
    set_capacity(live, used_of(get(&head->capacity), ROWS_FIRST, rows));
    set_strings_capacity(live, used_of(get(&head->strings), STRINGS_FIRST, strings));
    if (!has_strings)
        drop_texts(live);
    if (!fault)
        fault = live_check(live, capacity_of(live), strings_capacity_of(live), &findings);
    if (fault) {
        if (!shm_begin_again(&live->rows, fault))
            return false;
        findings = (struct live_findings){0};
        set_capacity(live, ROWS_FIRST);
        set_strings_capacity(live, strings_capacity_of(live));
    }
    madvise(live->rows.base, rows_size((uint32_t)capacity_of(live)), MADV_DONTNEED);
    madvise(live->strings.base, strings_size((uint32_t)strings_capacity_of(live)), MADV_DONTNEED);
    live->strings_used = (uint32_t)findings.strings;
    live->generation = findings.generation;
    set(&head->generation, live->generation);
    return true;
}

/* The header's words, so that they can be put back when the file has lost them. */
static void write_head(struct live *live)
{
    struct stored_head *head = head_of(live);
    const struct live_state *state = &live->state;
    set(&head->session, state->session);
    set(&head->started_wall_ms, state->started_wall_ms);
    set(&head->heartbeat_steady_ms, state->heartbeat_steady_ms);
    set(&head->revision, state->revision);
    set(&head->condition, state->condition);
    set(&head->modbusd_down, state->modbusd_down);
    live_set_broker(live, &live->broker);
    set(&head->generation, live->generation);
    set(&head->capacity, capacity_of(live));
    set(&head->strings, strings_capacity_of(live));
}

static void begin_session(struct live *live)
{
    live->state = live_state(live);
    live->state.session++;
    live->state.started_wall_ms = clock_wall_ms();
    live->state.heartbeat_steady_ms = clock_steady_ms();
    live->state.condition = LIVE_STARTING;
    live->state.modbusd_down = false;
    live->broker = (struct live_broker){
        .reason = BROKER_CONNECTING, .wall_ms = clock_wall_ms(), .steady_ms = clock_steady_ms()};
    write_head(live);
}

bool live_open_writer(struct live *live, const char *directory, char *why, size_t why_size)
{
    if (!set_paths(live, directory, why, why_size))
        return false;
    live->is_writer = true;
    struct shm_spec rows = rows_spec(live), strings = strings_spec(live);
    if (shm_open_writer(&live->rows, &rows, true, why, why_size) == SHM_FAILED)
        return false;
    enum shm_opened strings_opened = shm_open_writer(&live->strings, &strings, true, why, why_size);
    if (strings_opened != SHM_FAILED && take_over(live, strings_opened == SHM_EXISTING)) {
        begin_session(live);
        return true;
    }
    if (strings_opened != SHM_FAILED)
        snprintf(why, why_size, "%s: the live table cannot be begun again", directory);
    live_close(live);
    return false;
}

bool live_keep(struct live *live)
{
    enum shm_kept rows = shm_keep(&live->rows), strings = shm_keep(&live->strings);
    if (rows == SHM_RENEWED)
        write_head(live);
    return rows == SHM_RENEWED || strings == SHM_RENEWED;
}

bool live_open_reader(struct live *live, const char *directory, char *why, size_t why_size)
{
    if (!set_paths(live, directory, why, why_size))
        return false;
    struct shm_spec rows = rows_spec(live), strings = strings_spec(live);
    if (shm_open_reader(&live->rows, &rows, why, why_size) &&
        shm_open_reader(&live->strings, &strings, why, why_size))
        return true;
    live_close(live);
    return false;
}

bool live_was_replaced(const struct live *live)
{
    return shm_was_replaced(&live->rows, live->rows_path) ||
           shm_was_replaced(&live->strings, live->strings_path);
}

bool live_has_writer(const struct live *live)
{
    return shm_has_writer(&live->rows);
}

void live_close(struct live *live)
{
    if (!live)
        return;
    shm_close(&live->rows);
    shm_close(&live->strings);
}

bool live_reserve(struct live *live, uint32_t rows)
{
    uint64_t have = capacity_of(live);
    if (rows <= have)
        return true;
    uint64_t wanted = have * 2 > rows ? have * 2 : rows;
    if (wanted > LIVE_ROWS_MAX)
        wanted = LIVE_ROWS_MAX;
    if (rows > wanted) {
        errno = ENOSPC;
        return false;
    }
    if (!shm_grow(&live->rows, rows_size((uint32_t)wanted)))
        return false;
    set_capacity(live, wanted);
    return true;
}

static bool grow_strings(struct live *live)
{
    uint64_t entries = strings_capacity_of(live) * 2;
    if (entries > LIVE_STRINGS_MAX) {
        errno = ENOSPC;
        return false;
    }
    if (!shm_grow(&live->strings, strings_size((uint32_t)entries)))
        return false;
    set_strings_capacity(live, entries);
    return true;
}

bool live_reserve_texts(struct live *live, uint32_t texts)
{
    while (strings_capacity_of(live) - live->strings_used < texts) {
        if (!grow_strings(live))
            return false;
    }
    return true;
}
