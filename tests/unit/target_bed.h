/* A target with its thread, and a test server: for tests of what is sent, and when. */
#ifndef TAGFERRY_TESTS_TARGET_BED_H
#define TAGFERRY_TESTS_TARGET_BED_H

#include "live_fixture.h"
#include "modbus_peer.h"

#include <sched.h>

#include "common/base/clock.h"
#include "mqttd/targets/target.h"

/* Short, for tests that wait for time-outs. */
enum { DIGEST = 77, ROWS = 32, TIMEOUT_MS = 10000, SHORT_TIMEOUT_MS = 300 };

struct bed {
    struct folder *folder;
    struct modbus_peer *peer;
    struct target *target;
    struct counters counters;
    struct memory_shortage memory_shortage;
    struct wakeup notify;
    struct target_spec spec;
};

/* Polls without sleeping: the event takes a few time-outs at most. */
#define wait_until(condition)                                                                      \
    do {                                                                                           \
        uint64_t deadline_ms = clock_steady_ms() + PEER_DEADLINE_S * 1000;                         \
        while (!(condition)) {                                                                     \
            assert_true(clock_steady_ms() < deadline_ms);                                          \
            sched_yield();                                                                         \
        }                                                                                          \
    } while (0)

/* A foreign server, or both sides of the local server at the same peer. */
static inline int start_bed(void **state, bool local, unsigned timeout_ms)
{
    struct bed *bed = calloc(1, sizeof *bed);
    assert_non_null(bed);
    open_folder((void **)&bed->folder);
    *state = bed;
    struct live_table *live = &bed->folder->writer;
    assert_true(live_table_reserve_rows(live, ROWS));
    for (uint32_t slot = 0; slot < ROWS; slot++)
        assert_true(
            live_table_claim_row(live, slot, live_table_make_owner(LIVE_TAG, slot + 1), false));
    assert_true(wakeup_init(&bed->notify));
    memory_shortage_init(&bed->memory_shortage, &bed->counters, MQTTD_SHORTAGES);
    bed->peer = peer_create();
    bed->spec = (struct target_spec){.local = local,
                                     .digest = DIGEST,
                                     .timeout_ms = timeout_ms,
                                     .first_unit = 1,
                                     .live = live,
                                     .counters = &bed->counters,
                                     .memory_shortage = &bed->memory_shortage,
                                     .notify = &bed->notify};
    snprintf(bed->spec.outputs.addr.host, sizeof bed->spec.outputs.addr.host, "%s",
             bed->peer->host);
    bed->spec.outputs.addr.port = bed->peer->port;
    bed->spec.inputs = bed->spec.outputs.addr;
    bed->target = target_create(&bed->spec);
    assert_non_null(bed->target);
    return 0;
}

static inline int tear_down(void **state)
{
    struct bed *bed = *state;
    peer_set(bed->peer, holds = false);
    target_destroy(bed->target);
    peer_destroy(bed->peer);
    wakeup_finish(&bed->notify);
    close_folder((void **)&bed->folder);
    free(bed);
    return 0;
}

/* A value for this register, in this row. Call it between target_lock_rows and target_unlock_rows.
 */
static inline void put_row(struct bed *bed, uint32_t slot, uint8_t unit, enum modbus_table table,
                           uint16_t address, uint16_t number)
{
    const struct point point = {
        .table = table, .type = TYPE_UINT16, .bit = NO_BIT, .address = address, .scale = 1};
    struct live_table_value value = {
        .raw = number, .wall_ms = clock_wall_ms(), .steady_ms = clock_steady_ms()};
    live_table_set_location(&value, (uint64_t)DIGEST << 32, unit, &point);
    live_table_put_value(bed->spec.live, slot, &value, NULL, 0);
    target_mark_dirty(bed->target, slot);
}

/* The same for a holding register; its row has the register's number. */
static inline void put(struct bed *bed, uint8_t unit, uint16_t address, uint16_t number)
{
    put_row(bed, address, unit, TABLE_HOLDING_REGISTER, address, number);
}

static inline void put_message(struct bed *bed, uint8_t unit, uint16_t address, uint16_t number)
{
    target_lock_rows(bed->target);
    put(bed, unit, address, number);
    target_unlock_rows(bed->target);
    target_wake_thread(bed->target);
}

static inline struct live_table_row row_of(struct bed *bed, uint32_t slot)
{
    struct live_table_row row;
    assert_true(live_table_read_row(bed->spec.live, slot, 0, &row));
    return row;
}

static inline bool is_written(struct bed *bed, uint32_t slot)
{
    struct live_table_row row = row_of(bed, slot);
    return row.changed != 0 && row.written == row.changed;
}

static inline size_t backlog_values(struct bed *bed)
{
    struct target_backlog backlog = {0};
    target_add_backlog(bed->target, &backlog);
    return backlog.values;
}

#endif
