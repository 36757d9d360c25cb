/* A device table like mqttd's, with a live table, counters and a trace in a temporary folder. The
 * local Modbus server cannot be reached, so all values wait for it. */
#ifndef TAGFERRY_TESTS_DEVICE_FIXTURE_H
#define TAGFERRY_TESTS_DEVICE_FIXTURE_H

#include "config_rows.h"
#include "live_fixture.h"

#include "common/base/unit_set.h"
#include "mqttd/config/row_claims.h"
#include "mqttd/ingest/ingest.h"

struct fixture {
    struct folder *folder;
    struct live_table *live; /* the writer of the folder's files */
    struct counters counters;
    struct memory_shortage memory_shortage;
    struct message_trace trace;
    struct wakeup wakeup;
    struct targets targets;
    struct device_table device_table;
    struct ingest ingest;
};

static inline int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char why[SHM_WHY_SIZE];
    assert_non_null(f);
    open_folder((void **)&f->folder);
    f->live = &f->folder->writer;
    const char *path = f->folder->path;
    assert_true(counters_open_writer(&f->counters, &mqttd_counters, path, why, sizeof why));
    assert_true(message_trace_open_writer(&f->trace, path, why, sizeof why));
    assert_true(wakeup_init(&f->wakeup));
    const struct target_spec local = {.local = true,
                                      .digest = device_server_digest(NULL, 0),
                                      .outputs.addr = {"127.0.0.1", 1},
                                      .inputs = {"127.0.0.1", 1},
                                      .timeout_ms = 100,
                                      .notify = &f->wakeup,
                                      .live = f->live,
                                      .counters = &f->counters,
                                      .memory_shortage = &f->memory_shortage};
    memory_shortage_init(&f->memory_shortage, &f->counters, MQTTD_SHORTAGES);
    assert_true(target_set_init(&f->targets, &local));
    assert_true(device_table_init(&f->device_table, f->live, &f->targets));
    f->ingest = (struct ingest){.device_table = &f->device_table,
                                .counters = &f->counters,
                                .message_trace = &f->trace,
                                .max_payload = 1000};
    *state = f;
    return 0;
}

static inline int close_fixture(void **state)
{
    struct fixture *f = *state;
    char path[128];
    target_set_finish(&f->targets);
    wakeup_finish(&f->wakeup);
    device_table_finish(&f->device_table);
    ingest_finish(&f->ingest);
    message_trace_close(&f->trace);
    counters_close(&f->counters);
    static const char *const names[] = {"mqttd.counters", "messages"};
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", f->folder->path, names[i]);
        unlink(path);
    }
    close_folder((void **)&f->folder);
    free(f);
    return 0;
}

static inline struct device *build_device(const struct tagdb_device *row,
                                          const struct tagdb_tag *tags, uint32_t count)
{
    static const struct net_addr local = {"127.0.0.1", 502};
    struct unit_set units;
    char why[128];
    assert_true(unit_set_parse("1-2", &units, why, sizeof why));
    const struct local_server place = {.local = &local, .units = &units};
    struct device *device = device_build(&place, row, tags, count);
    assert_non_null(device);
    return device;
}

/* An update with one change. */
static inline struct store_update *make_update(int64_t id, struct device *device, bool whole)
{
    struct store_update *update = calloc(1, sizeof *update);
    assert_non_null(update);
    update->changes = calloc(1, sizeof *update->changes);
    assert_non_null(update->changes);
    update->changes[0] = (struct device_change){id, device, NULL};
    update->change_count = 1;
    update->whole = whole;
    return update;
}

/* Applies an update like mqttd, and frees it. */
static inline void apply_update(struct fixture *f, struct store_update *update)
{
    assert_true(row_claims_reserve(&f->device_table, update));
    assert_true(device_table_prepare(&f->device_table, update));
    device_table_apply(&f->device_table, update);
    store_update_free(update);
}

/* Puts a device with these tags into service, in place of the one with the same id. */
static inline struct device *serve_device(struct fixture *f, const struct tagdb_device *row,
                                          const struct tagdb_tag *tags, uint32_t count)
{
    struct device *device = build_device(row, tags, count);
    apply_update(f, make_update(row->id, device, false));
    return device;
}

static inline struct live_table_row row_of_tag(const struct fixture *f, const struct tagdb_tag *tag)
{
    struct live_table_row row;
    if (!live_table_read_row(f->live, tag->slot, live_table_make_owner(LIVE_TAG, tag->id), &row))
        fail_msg("tag %d has no row", (int)tag->id);
    return row;
}

static inline struct live_table_row row_of_device(const struct fixture *f,
                                                  const struct tagdb_device *device)
{
    struct live_table_row row;
    if (!live_table_read_row(f->live, device->slot, live_table_make_owner(LIVE_DEVICE, device->id),
                             &row))
        fail_msg("device %d has no row", (int)device->id);
    return row;
}

/* The rows that are marked for the local server and not written yet. */
static inline size_t marked_rows(struct fixture *f)
{
    target_set_wake_threads(&f->targets);
    return target_set_backlog(&f->targets).values;
}

#endif
