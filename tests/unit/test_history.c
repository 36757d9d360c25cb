/* When the thread of the history looks, what it is told of writes of the API, and its file: kept,
 * resized, repaired, refused. The thread runs when the test says so. */
#include "api_bed.h"
#include "said_log.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

#include "api/history/history.h"
#include "api/history/history_file.h"
#include "api/history/history_watch.h"
#include "common/model/value.h"

static const struct route_tables no_routes;

/* The thread. */
static struct {
    void (*run)(void *context);
    void *context;
    int turns; /* of its loop, until it is to stop */
    bool cannot_start;
    int wakes, waits;
    int waited_ms;                /* of the newest wait */
    const struct live_view *asks; /* in a wait: asks to look, 300 ms later */
} of_thread;

/* What a look does. */
static struct {
    int looks;
    bool fails, no_memory;
    uint64_t due_ms;
    size_t note_count;
    struct history_note notes[300];
    struct history_watch watch; /* of the newest look */
} looked;

bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context);
bool __wrap_thread_is_stopping(const struct thread *thread);
void __wrap_thread_wake(struct thread *thread);
void __wrap_thread_wait(struct thread *thread, int timeout_ms);
bool __wrap_history_watch_look(struct history_watch *watch, const struct history_note *notes,
                               size_t note_count);

bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context)
{
    (void)thread;
    assert_string_equal(name, "history");
    of_thread.run = run;
    of_thread.context = context;
    return !of_thread.cannot_start;
}

bool __wrap_thread_is_stopping(const struct thread *thread)
{
    (void)thread;
    return of_thread.turns-- == 0;
}

void __wrap_thread_wake(struct thread *thread)
{
    (void)thread;
    of_thread.wakes++;
}

void __wrap_thread_wait(struct thread *thread, int timeout_ms)
{
    (void)thread;
    of_thread.waits++;
    of_thread.waited_ms = timeout_ms;
    if (timeout_ms > 0)
        set_clock_ms += (uint64_t)timeout_ms;
    if (of_thread.asks) {
        set_clock_ms += 300;
        history_tick(of_thread.context, of_thread.asks, 0);
    }
    of_thread.asks = NULL;
}

bool __wrap_history_watch_look(struct history_watch *watch, const struct history_note *notes,
                               size_t note_count)
{
    looked.looks++;
    looked.watch = *watch;
    looked.note_count = note_count;
    memcpy(looked.notes, notes, note_count * sizeof *notes);
    watch->due_ms = looked.due_ms;
    if (looked.no_memory)
        memory_fail();
    return !looked.fails;
}

static void run_thread(int turns)
{
    of_thread.turns = turns;
    of_thread.waits = 0;
    of_thread.waited_ms = 0;
    looked.looks = 0;
    of_thread.run(of_thread.context);
}

static struct history *begin(struct api_bed *bed, int64_t history_mb)
{
    memset(&of_thread, 0, sizeof of_thread);
    memset(&looked, 0, sizeof looked);
    api_bed_open(bed, &no_routes);
    bed->settings.history_mb = history_mb;
    return history_start(&bed->ctx);
}

/* True when the tick asked the thread to look. */
static bool tick_wakes(struct history *history, const struct live_view *live, uint64_t version)
{
    of_thread.wakes = 0;
    history_tick(history, live, version);
    return of_thread.wakes > 0;
}

static void test_looks(void **state)
{
    static struct api_bed bed;
    struct live_view live = {.now_ms = 50};
    (void)state;
    struct history *history = begin(&bed, 1);
    looked.due_ms = set_clock_ms + 30000;
    run_thread(2); /* at the start it looks, and has nothing more to do then */
    assert_int_equal(looked.looks, 1);
    assert_int_equal(looked.note_count, 0);
    assert_int_equal(of_thread.waited_ms, THREAD_FOREVER);
    assert_int_equal(looked.watch.since_ms, __wrap_clock_wall_ms());
    assert_ptr_equal(looked.watch.store, bed.ctx.store);
    assert_ptr_equal(looked.watch.common, &bed.settings.common);
    assert_ptr_equal(looked.watch.live, &bed.ctx.live);

    /* At rest it sleeps. */
    live.now_ms = set_clock_ms;
    tick_wakes(history, &live, 5);
    run_thread(1);
    assert_false(tick_wakes(history, &live, 5));
    live.now_ms = looked.due_ms - 1;
    assert_false(tick_wakes(history, &live, 5));
    live.now_ms = looked.due_ms;
    assert_true(tick_wakes(history, &live, 5));
    live.now_ms = 0;
    assert_true(tick_wakes(history, &live, 6)); /* the store */
    assert_false(tick_wakes(history, &live, 6));
    assert_true(tick_wakes(history, &live, 0)); /* it cannot be read */
    assert_true(tick_wakes(history, &live, 0));
    assert_true(tick_wakes(history, &live, 6));
    live.moment.gateway = REASON_BROKER_LOST;
    assert_true(tick_wakes(history, &live, 6));
    assert_false(tick_wakes(history, &live, 6));
    live.moment.now_steady_ms++; /* the time alone is no change */
    assert_false(tick_wakes(history, &live, 6));
    live.state.changes = 8;
    assert_true(tick_wakes(history, &live, 6));
    assert_false(tick_wakes(history, &live, 6));
    live.open = true;
    live.live.rows.header.identity = 77;
    assert_true(tick_wakes(history, &live, 6));
    assert_false(tick_wakes(history, &live, 6));
    live.state.changes = 9; /* odd: it is changing */
    assert_true(tick_wakes(history, &live, 6));
    assert_true(tick_wakes(history, &live, 6));
    live.state.changes = 0; /* an older tagferry-mqttd */
    assert_true(tick_wakes(history, &live, 6));
    assert_true(tick_wakes(history, &live, 6));
    live.state.changes = 10;
    assert_true(tick_wakes(history, &live, 6));
    assert_false(tick_wakes(history, &live, 6));
    history_note_write(history, 5, NULL);
    assert_true(tick_wakes(history, &live, 6));

    /* It looks at most once a second, however often it is asked. */
    set_clock_ms += 1000;
    of_thread.asks = &live;
    run_thread(2);
    assert_int_equal(looked.looks, 1);
    assert_int_equal(of_thread.waits, 2);
    assert_int_equal(of_thread.waited_ms, 700);
    set_clock_ms += 1000;
    tick_wakes(history, &live, 0);
    of_thread.asks = &live;
    run_thread(3);
    assert_int_equal(looked.looks, 2);
    assert_int_equal(of_thread.waits, 3);
    assert_int_equal(of_thread.waited_ms, THREAD_FOREVER);
    history_stop(history);
    api_bed_close(&bed);
}

static void test_failures(void **state)
{
    static struct api_bed bed;
    static struct said_log said;
    struct live_view live = {.now_ms = 1};
    (void)state;
    struct history *history = begin(&bed, 1);
    said_log_begin(&said);
    looked.fails = true;
    looked.due_ms = UINT64_MAX;
    run_thread(1);
    tick_wakes(history, &live, 5);
    assert_true(tick_wakes(history, &live, 5)); /* it tries again in the next second */
    looked.fails = false;
    looked.no_memory = true;
    run_thread(1);
    tick_wakes(history, &live, 5);
    run_thread(1); /* it is said once */
    looked.no_memory = false;
    tick_wakes(history, &live, 5);
    run_thread(1);
    assert_false(tick_wakes(history, &live, 5));
    assert_int_equal(bed.ctx.busy_since_ms, 0);
    assert_string_equal(said_log_end(&said),
                        "error   history: no memory; changes of values are not recorded\n");
    history_stop(history);
    history_stop(NULL);
    history_tick(NULL, &live, 5);
    history_note_write(NULL, 5, NULL);
    api_bed_close(&bed);
}

static void test_notes(void **state)
{
    static struct api_bed bed;
    const struct value real = {.kind = VALUE_REAL, .real = 2.5},
                       text = {.kind = VALUE_TEXT, .text = "x", .len = 1};
    const struct value none = {.kind = VALUE_NONE}, truth = {.kind = VALUE_BOOL, .truth = true};
    const struct value *const values[] = {&real, &text, &none, &truth, NULL};
    static const struct history_note expected[] = {
        {1, 0, true, 2.5}, {2, 0, false, 0}, {3, 0, false, 0}, {4, 0, true, 1}, {5, 0, false, 0}};
    (void)state;
    struct history *history = begin(&bed, 1);
    for (size_t i = 0; i < COUNT(values); i++, set_clock_ms++)
        history_note_write(history, (int64_t)i + 1, values[i]);
    run_thread(1);
    assert_int_equal(looked.note_count, COUNT(values));
    for (size_t i = 0; i < COUNT(values); i++) {
        assert_int_equal(looked.notes[i].tag, expected[i].tag);
        assert_int_equal(looked.notes[i].has_value, expected[i].has_value);
        assert_true(looked.notes[i].value == expected[i].value);
        assert_int_equal(looked.notes[i].wall_ms, __wrap_clock_wall_ms() - COUNT(values) + i);
    }
    for (int64_t i = 0; i < 257; i++) /* one too many */
        history_note_write(history, i, &real);
    history_tick(history, &bed.ctx.live, 1);
    set_clock_ms += 1000;
    run_thread(1);
    assert_int_equal(looked.note_count, 256);
    assert_int_equal(looked.notes[255].tag, 255);
    history_tick(history, &bed.ctx.live, 0);
    run_thread(1);
    assert_int_equal(looked.note_count, 0);
    history_stop(history);
    api_bed_close(&bed);
}

static bool read_history(struct history *history, int64_t tag, struct history_query *query,
                         uint64_t *kept_from_ms, char *why, size_t why_size)
{
    static struct history_point points[2];
    static struct history_entry events[1];
    *query = (struct history_query){
        .to_ms = 1, .points = points, .points_max = 2, .events = events, .events_max = 1};
    return history_read_tag(history, tag, query, kept_from_ms, why, why_size);
}

static void test_switched_off(void **state)
{
    static struct api_bed bed;
    struct history_query query;
    uint64_t kept_from_ms = 7;
    char why[200] = "";
    (void)state;
    struct history *history = begin(&bed, 0);
    assert_null(of_thread.run);
    assert_false(tick_wakes(history, &bed.ctx.live, 0));
    history_note_write(history, 1, NULL);
    assert_false(read_history(history, 1, &query, &kept_from_ms, why, sizeof why));
    assert_string_equal(why, "The history is off: [api] history_mb is 0.");
    assert_int_equal(kept_from_ms, 7);
    history_stop(history);
    api_bed_close(&bed);
    of_thread.cannot_start = true;
    static struct said_log said;
    api_bed_open(&bed, &no_routes);
    said_log_begin(&said);
    bed.settings.history_mb = 1;
    assert_null(history_start(&bed.ctx));
    const char *text = said_log_end(&said);
    assert_non_null(strstr(text, "error   history: cannot start its thread\n"));
    api_bed_close(&bed);
}

/* A file that cannot be opened is tried again every ten seconds, and the reason is said once. */
static void test_reopen(void **state)
{
    static struct api_bed bed;
    static struct said_log said;
    struct history_query query;
    uint64_t kept_from_ms = 7;
    char path[400], why[600] = "", expected[900];
    (void)state;
    memset(&of_thread, 0, sizeof of_thread);
    memset(&looked, 0, sizeof looked);
    api_bed_open(&bed, &no_routes);
    bed.settings.history_mb = 1;
    snprintf(path, sizeof path, "%s-history", bed.folder.database);
    assert_int_equal(symlink("nothing", path), 0);
    said_log_begin(&said);
    struct history *history = history_start(&bed.ctx);
    assert_non_null(history);
    history_note_write(history, 1, NULL); /* not kept */
    run_thread(3);
    assert_int_equal(looked.looks, 0);
    assert_int_equal(of_thread.waits, 3);
    assert_int_equal(of_thread.waited_ms, 10000);
    assert_false(read_history(history, 1, &query, &kept_from_ms, why, sizeof why));
    assert_int_equal(unlink(path), 0);
    run_thread(2);
    assert_int_equal(looked.looks, 1);
    assert_int_equal(looked.note_count, 0);
    assert_true(read_history(history, 1, &query, &kept_from_ms, why, sizeof why));
    assert_int_equal(query.point_count, 0);
    const char *text = said_log_end(&said);
    snprintf(expected, sizeof expected,
             "error   %.*s; the history is off until it can be opened\ninfo    ",
             (int)(strlen(why) - strlen("The history is off: .")),
             why + strlen("The history is off: "));
    assert_memory_equal(text, expected, strlen(expected));
    assert_string_equal(text + strlen(expected) + strlen(path),
                        ": the history holds 0 of 43688 entries\n");
    history_stop(history);
    api_bed_close(&bed);
}

static void put(struct history_file *file, uint64_t id, uint64_t wall_ms, double value)
{
    const struct history_entry entry = {.wall_ms = wall_ms, .value = value, .has_value = true};
    history_ring_append(&file->ring, history_ring_add_tag(&file->ring, id), &entry);
}

/* Opens the file and says what is in it: the number of entries, the oldest and the newest, since
 * when. */
static void say_file(struct history_file *file, const char *path, size_t entries, struct text *said)
{
    char why[SHM_WHY_SIZE];
    static struct said_log log;
    said_log_begin(&log);
    bool ok = history_file_open(file, path, HISTORY_HEAD_SIZE + entries * HISTORY_ENTRY_SIZE, why,
                                sizeof why);
    const char *lines = said_log_end(&log);
    for (const char *at; (at = strstr(lines, path)); lines = at + strlen(path))
        text_printf(said, "%.*sPATH", (int)(at - lines), lines);
    text_puts(said, lines);
    if (!ok) {
        const char *at = strstr(why, path);
        text_printf(said, "no: %s\n", at == why ? why + strlen(path) : why);
        return;
    }
    const struct history_ring *ring = &file->ring;
    text_printf(said, "from %lld, first %lld, newest %lld\n",
                (long long)(history_ring_kept_from(ring)), (long long)history_ring_first_ms(ring),
                (long long)history_ring_newest_ms(ring));
}

/* Since when a ring holds all, if it or the new one is just full. */
static void say_full_rings(const char *path, struct text *said)
{
    struct history_file file = {0};
    static const size_t sizes[][3] = {
        {20, 19, 30}, {20, 20, 30}, {20, 9, 10}, {20, 10, 10}, {20, 11, 10}};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        assert_int_equal(unlink(path), 0);
        text_printf(said, "\n%zu entries, from %zu to %zu\n", sizes[i][1], sizes[i][0],
                    sizes[i][2]);
        say_file(&file, path, sizes[i][0], said);
        for (uint64_t k = 0; k < sizes[i][1]; k++)
            put(&file, 1, 4000 + k, 1);
        history_file_close(&file);
        say_file(&file, path, sizes[i][2], said);
        history_file_close(&file);
    }
}

static void test_file(void **state)
{
    static struct api_bed bed;
    struct history_file file = {0};
    char path[400], aside[410];
    (void)state;
    api_bed_open(&bed, &no_routes);
    struct text *said = &bed.said;
    said->len = 0;
    set_clock_ms = 1000;
    snprintf(path, sizeof path, "%s-history", bed.folder.database);
    snprintf(aside, sizeof aside, "%s.old", path);
    say_file(&file, path, 20, said);
    for (uint64_t i = 0; i < 15; i++)
        put(&file, 1 + i % 3, 2000 + i, (double)i);
    history_file_close(&file);
    history_file_close(&file);
    text_puts(said, "\nagain\n");
    say_file(&file, path, 20, said);
    history_file_close(&file);
    text_puts(said, "\nlarger\n");
    say_file(&file, path, 30, said);
    assert_int_equal(access(aside, F_OK), -1);
    for (uint64_t i = 0; i < 20; i++)
        put(&file, 1 + i % 3, 3000 + i, (double)i);
    history_file_close(&file);
    text_puts(said, "\nsmaller\n");
    say_file(&file, path, 8, said);
    history_file_close(&file);
    text_puts(said, "\nlarger, and full before\n");
    say_file(&file, path, 12, said);
    struct history_entry entry;
    uint64_t id;
    for (uint64_t at = 0; at < 20; at++) {
        if (history_ring_read_entry(&file.ring, at, &entry, &id))
            text_printf(said, "%llu: tag %llu at %llu: %g\n", (unsigned long long)at,
                        (unsigned long long)id, (unsigned long long)entry.wall_ms, entry.value);
    }

    /* Removed, cut short: it comes back with what is known. */
    text_puts(said, "\nremoved\n");
    assert_int_equal(unlink(path), 0);
    static struct said_log log;
    said_log_begin(&log);
    history_file_repair(&file);
    history_file_repair(&file);
    (void)said_log_end(&log);
    assert_int_equal(access(path, F_OK), 0);
    history_file_close(&file);
    say_file(&file, path, 12, said);
    history_file_close(&file);
    history_file_repair(&file); /* of a closed file: nothing */

    /* A process that died while it copied. */
    text_puts(said, "\ninterrupted\n");
    assert_int_equal(rename(path, aside), 0);
    say_file(&file, path, 16, said);
    assert_int_equal(access(aside, F_OK), -1);
    history_file_close(&file);

    /* Damage. */
    text_puts(said, "\none torn entry\n");
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "x", 1, HISTORY_HEAD_SIZE + 3 * HISTORY_ENTRY_SIZE), 1);
    say_file(&file, path, 16, said);
    history_file_close(&file);
    text_puts(said, "\ntwo torn entries\n");
    assert_int_equal(pwrite(fd, "x", 1, HISTORY_HEAD_SIZE + 4 * HISTORY_ENTRY_SIZE), 1);
    say_file(&file, path, 16, said);
    history_file_close(&file);
    text_puts(said, "\nof a newer version\n");
    uint64_t layout = 2;
    assert_int_equal(pwrite(fd, &layout, sizeof layout, offsetof(struct shm_header, layout)),
                     sizeof layout);
    say_file(&file, path, 16, said);
    layout = 1;
    assert_int_equal(pwrite(fd, &layout, sizeof layout, offsetof(struct shm_header, layout)),
                     sizeof layout);
    text_puts(said, "\nall of it damaged\n");
    static const char noise[16 * HISTORY_ENTRY_SIZE] = {1, 2, 3};
    assert_int_equal(pwrite(fd, noise, sizeof noise, HISTORY_HEAD_SIZE), sizeof noise);
    close(fd);
    say_file(&file, path, 16, said);
    history_file_close(&file);
    say_full_rings(path, said);
    api_bed_check(&bed, "history_file.txt");
    api_bed_close(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looks),  cmocka_unit_test(test_failures),
        cmocka_unit_test(test_notes),  cmocka_unit_test(test_switched_off),
        cmocka_unit_test(test_reopen), cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
