/* The thread of a Modbus server in tagferry-mqttd, against a server that answers anything: what it
 * reads, writes, polls and reports, compared with what the bytes on the wire allow.
 *
 * The first bytes of an input choose the framing, and whether it is the local server, with two
 * connections and several requests at once. The rest is a program: what the MQTT thread does while
 * the target's thread waits, and how the server answers each request (foreign_server.c). In the end
 * the server behaves, and has to be served again. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "foreign_server.h"
#include "mqttd/targets/target_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    DIGEST = 77,
    TIMEOUT_MS = 200,
    INPUT_MAX = 600,
    READS_MAX = 256,
    END_MS = 60000,
    RESERVED_UNIT = 250
};

/* The tags: neighbours and gaps, values of several registers, parts of one, bits, several units. */
static const struct spot {
    uint8_t unit, table, type, address;
    int8_t bit;
} spots[] = {
    {1, TABLE_HOLDING_REGISTER, TYPE_UINT16, 0, NO_BIT},
    {1, TABLE_HOLDING_REGISTER, TYPE_INT16, 1, NO_BIT},
    {1, TABLE_HOLDING_REGISTER, TYPE_UINT32, 2, NO_BIT},
    {1, TABLE_HOLDING_REGISTER, TYPE_UINT64, 8, NO_BIT},
    {1, TABLE_HOLDING_REGISTER, TYPE_BOOL, 12, 3},
    {1, TABLE_HOLDING_REGISTER, TYPE_BOOL, 12, 5},
    {2, TABLE_HOLDING_REGISTER, TYPE_FLOAT32, 0, NO_BIT},
    {2, TABLE_COIL, TYPE_BOOL, 0, NO_BIT},
    {2, TABLE_COIL, TYPE_BOOL, 1, NO_BIT},
    {3, TABLE_COIL, TYPE_BOOL, 9, NO_BIT},
    {3, TABLE_HOLDING_REGISTER, TYPE_UINT16, 7, NO_BIT},
    {0, TABLE_HOLDING_REGISTER, TYPE_UINT16, 50, NO_BIT},
    {RESERVED_UNIT, TABLE_HOLDING_REGISTER, TYPE_UINT16, 51, NO_BIT},
    {1, TABLE_INPUT_REGISTER, TYPE_UINT16, 60, NO_BIT}, /* these two are on the local server only */
    {1, TABLE_DISCRETE_INPUT, TYPE_BOOL, 61, NO_BIT},
};
enum { SPOTS = sizeof spots / sizeof spots[0], FOREIGN_SPOTS = SPOTS - 2 };

/* Successful readings of a spot, the newest at `count` - 1. */
struct readings {
    uint16_t words[READS_MAX][4];
    size_t count, taken; /* those before `taken` must not be handed over any more */
    bool newest_failed;
};

static struct system {
    struct live_table live;
    struct counters counters;
    _Atomic uint64_t values[MQTTD_COUNTERS];
    struct memory_shortage memory_shortage;
    struct wakeup notify;
    struct target_spec spec;
    struct target *target;
    void (*run)(void *context);
    struct readings readings[SPOTS];
    size_t spots; /* in use */
    uint64_t writes, failures, registers, polls, polls_failed;
    bool is_polled[SPOTS];
    enum { RUNNING, SETTLING, CHECKING, STOPPED } phase;
    uint64_t phase_ms;
    size_t read_before[SPOTS];
} under_test;

static struct point point_of(const struct spot *spot)
{
    return (struct point){.table = spot->table,
                          .type = spot->type,
                          .bit = spot->bit,
                          .address = spot->address,
                          .scale = 1};
}

static uint16_t width_of(const struct spot *spot)
{
    return type_info[spot->type].registers;
}

/* The register or bit of the server that belongs to a spot, of one link. */
static bool accepted_is(const struct spot *spot, size_t i, uint16_t word)
{
    size_t link =
        table_is_writable((enum modbus_table)spot->table) || !under_test.spec.local ? 0 : 1;
    const struct accepted_unit *unit = &server.accepted[link][spot->unit % SERVER_UNITS];
    size_t at = spot->address + i;
    if (table_is_bits((enum modbus_table)spot->table))
        return unit->knows_bit[at] && unit->bits[at] == (word != 0);
    uint16_t mask = spot->bit == NO_BIT ? UINT16_MAX : (uint16_t)(1U << spot->bit);
    if (spot->bit != NO_BIT)
        word = (uint16_t)((word & 1U) << spot->bit);
    return (unit->known[at] & mask) == mask && (unit->words[at] & mask) == word;
}

/* --wrap puts these in the place of the real ones. */
bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context);
void __wrap_thread_wait(struct thread *thread, int timeout_ms);
bool __wrap_thread_wait_fds(struct thread *thread, const int *fds, size_t count, int timeout_ms);
void __real_live_table_mark_written(struct live_table *live, uint32_t slot, uint64_t changed,
                                    uint64_t wall_ms);
void __wrap_live_table_mark_written(struct live_table *live, uint32_t slot, uint64_t changed,
                                    uint64_t wall_ms);
void __real_poll_store_words(struct poll *poll, const uint16_t *words);
void __wrap_poll_store_words(struct poll *poll, const uint16_t *words);
enum modbus_result __real_sender_read_registers(struct sender *sender, uint8_t unit, uint8_t table,
                                                uint16_t address, uint16_t count, uint16_t *words);
enum modbus_result __wrap_sender_read_registers(struct sender *sender, uint8_t unit, uint8_t table,
                                                uint16_t address, uint16_t count, uint16_t *words);
void __real_sender_write_requests(struct sender *sender, const struct batch_request *requests,
                                  size_t count, enum modbus_result *results);
void __wrap_sender_write_requests(struct sender *sender, const struct batch_request *requests,
                                  size_t count, enum modbus_result *results);
void __real_sender_end_requests(struct sender *sender, enum modbus_result *results);
void __wrap_sender_end_requests(struct sender *sender, enum modbus_result *results);
enum modbus_result __real_sender_write_request(struct sender *sender,
                                               const struct batch_request *request);
enum modbus_result __wrap_sender_write_request(struct sender *sender,
                                               const struct batch_request *request);

/* Each result of a request is counted; a request that was not made, since the thread ends, is not.
 */
static void count_results(const struct sender *sender, const struct batch_request *requests,
                          size_t count, const enum modbus_result *results)
{
    for (size_t i = 0; i < count && !sender->is_ending; i++) {
        under_test.writes++;
        under_test.registers += results[i] == MODBUS_OK ? requests[i].count : 0;
        under_test.failures += results[i] != MODBUS_OK;
    }
}

enum modbus_result __wrap_sender_write_request(struct sender *sender,
                                               const struct batch_request *request)
{
    enum modbus_result result = __real_sender_write_request(sender, request);
    count_results(sender, request, 1, &result);
    return result;
}

void __wrap_sender_write_requests(struct sender *sender, const struct batch_request *requests,
                                  size_t count, enum modbus_result *results)
{
    __real_sender_write_requests(sender, requests, count, results);
    count_results(sender, requests, count, results);
}

void __wrap_sender_end_requests(struct sender *sender, enum modbus_result *results)
{
    const struct batch_request *requests = sender->begun.requests;
    size_t count = sender->begun.count;
    __real_sender_end_requests(sender, results);
    count_results(sender, requests, count, results);
}

enum modbus_result __wrap_sender_read_registers(struct sender *sender, uint8_t unit, uint8_t table,
                                                uint16_t address, uint16_t count, uint16_t *words)
{
    enum modbus_result result =
        __real_sender_read_registers(sender, unit, table, address, count, words);
    under_test.polls++;
    under_test.polls_failed += result != MODBUS_OK;
    for (size_t i = 0; i < under_test.spots; i++) {
        const struct spot *spot = &spots[i];
        struct readings *readings = &under_test.readings[i];
        if (spot->unit != unit || spot->table != table || spot->address != address)
            continue;
        readings->newest_failed = result != MODBUS_OK;
        if (result == MODBUS_OK)
            memcpy(readings->words[readings->count++ % READS_MAX], words, count * sizeof *words);
    }
    return result;
}

/* What a poll knows is what was read just now. */
void __wrap_poll_store_words(struct poll *poll, const uint16_t *words)
{
    const struct readings *readings = &under_test.readings[poll->slot];
    check(readings->count > 0 && !readings->newest_failed &&
              memcmp(words, readings->words[(readings->count - 1) % READS_MAX],
                     poll->count * sizeof *words) == 0,
          "a poll takes a value that was not read");
    __real_poll_store_words(poll, words);
}

void __wrap_live_table_mark_written(struct live_table *live, uint32_t slot, uint64_t changed,
                                    uint64_t wall_ms)
{
    struct live_table_pending_value pending;
    check(live_table_read_pending_value(live, slot, &pending), "a row without an owner");
    for (size_t i = 0; pending.changed == changed && i < width_of(&spots[slot]); i++)
        check(accepted_is(&spots[slot], i, pending.words[i]),
              "a value counts as written that is not");
    __real_live_table_mark_written(live, slot, changed, wall_ms);
}

bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context)
{
    (void)context;
    check(strlen(name) < THREAD_NAME_SIZE, "a long name");
    atomic_init(&thread->stopping, false);
    thread->wakeup.fd = -1;
    atomic_init(&thread->wakeup.raised, false);
    atomic_init(&thread->wakeup.asleep, false);
    under_test.run = run;
    return true;
}

static uint16_t program_word(void)
{
    unsigned high = program_next();
    return (uint16_t)(high << 8 | program_next());
}

static struct live_table_value make_value(const struct spot *spot, uint16_t number)
{
    const struct point point = point_of(spot);
    struct live_table_value value = {.wall_ms = server.now_us / 1000,
                                     .steady_ms = server.now_us / 1000};
    bool is_bit = spot->type == TYPE_BOOL;
    for (unsigned i = 0; i < width_of(spot); i++)
        value.raw |= (uint64_t)(is_bit ? number & 1 : (number + i * 257) & UINT16_MAX) << (16 * i);
    live_table_set_location(&value, (uint64_t)DIGEST << 32, spot->unit, &point);
    return value;
}

/* A message with values of neighbours. */
static void put_values(size_t first, size_t count, uint16_t number, bool is_limited)
{
    struct target *target = under_test.target;
    target_lock_rows(target);
    for (size_t i = first; i < first + count && i < under_test.spots; i++) {
        struct live_table_value value = make_value(&spots[i], (uint16_t)(number + i));
        uint16_t words[4];
        for (unsigned w = 0; w < 4; w++)
            words[w] = (uint16_t)(value.raw >> (16 * w));
        bool is_unchanged = is_limited && target_is_unchanged(target, (uint32_t)i, words);
        const struct point point = point_of(&spots[i]);
        live_table_set_registers(&value, value.settings, spots[i].unit, &point, words);
        uint64_t changed = live_table_put_value(&under_test.live, (uint32_t)i, &value, NULL, 0);
        if (is_unchanged)
            target_skip_unchanged(target, (uint32_t)i, changed);
        else if (is_limited)
            target_mark_limited(target, (uint32_t)i, changed);
        else
            target_mark_dirty(target, (uint32_t)i);
    }
    target_unlock_rows(target);
    target_wake_thread(target);
}

static void queue_write(void)
{
    unsigned how = program_next();
    struct target_write write = {.unit = (uint8_t)(1 + how % 3),
                                 .table = how & 4 ? TABLE_COIL : TABLE_HOLDING_REGISTER,
                                 .address = program_next() % 64u,
                                 .has_words = how & 8};
    write.count =
        (uint16_t)(write.has_words ? 1 + how / 16 % RAW_WRITE_WORDS_MAX : 1 + how / 16 * 3);
    if (how & 8 && how & 128 && write.table == TABLE_HOLDING_REGISTER) {
        write.count = 1;
        write.mask = 0x0018;
    }
    for (size_t i = 0; i < write.count && write.has_words; i++)
        write.words[i] = write.table == TABLE_COIL ? program_next() & 1 : program_word();
    target_queue_write(under_test.target, &write);
}

static void set_limits(void)
{
    static const uint32_t intervals[] = {250, 1000, 4000, 700};
    unsigned how = program_next(), which = program_word(), limited = program_next();
    struct target_pace pace = {.max_write_registers = how & 1 ? 2 : 123,
                               .min_interval_ms = under_test.spec.local ? 0
                                                  : how & 2             ? 30
                                                                        : 0,
                               .write_single = !under_test.spec.local && how & 4};
    struct polls polls = {.interval_ms = intervals[how >> 3 & 3]};
    struct write_limits limits = {0};
    for (size_t i = 0; i < under_test.spots && !under_test.spec.local; i++) {
        const struct spot *spot = &spots[i];
        under_test.is_polled[i] = which >> i & 1;
        if (under_test.is_polled[i])
            check(ARRAY_PUSH(&polls, ((struct poll){.device = 1,
                                                    .tag = (int64_t)i + 1,
                                                    .slot = (uint32_t)i,
                                                    .unit = spot->unit,
                                                    .table = spot->table,
                                                    .address = spot->address,
                                                    .count = width_of(spot),
                                                    .mask = spot->bit == NO_BIT
                                                                ? UINT16_MAX
                                                                : (uint16_t)(1U << spot->bit)})),
                  "memory");
        if (limited >> (i % 8) & 1 && spot->type != TYPE_BOOL)
            check(ARRAY_PUSH(&limits, ((struct write_limit){.tag = (int64_t)i + 1,
                                                            .settings = (uint64_t)DIGEST << 32,
                                                            .slot = (uint32_t)i,
                                                            .unit = spot->unit,
                                                            .min_interval_ms = how & 32 ? 1500 : 0,
                                                            .min_change = how & 64 ? 3 : 0,
                                                            .point = point_of(spot)})),
                  "memory");
    }
    target_set_limits(under_test.target, &pace, &polls, &limits);
}

/* As the MQTT thread does; a change is one of the readings, and later ones are newer. */
static void take_changes(void)
{
    struct poll change;
    target_take_losses(under_test.target);
    while (target_take_poll_change(under_test.target, &change)) {
        struct readings *readings = &under_test.readings[change.slot];
        size_t at = readings->count > READS_MAX && readings->taken < readings->count - READS_MAX
                        ? readings->count - READS_MAX
                        : readings->taken;
        while (at < readings->count && memcmp(readings->words[at % READS_MAX], change.words,
                                              change.count * sizeof *change.words) != 0)
            at++;
        check(at < readings->count, "a change was handed over that was not read");
        readings->taken = at + 1;
        struct live_table_row row;
        check(live_table_read_row(&under_test.live, change.slot, 0, &row), "a row is lost");
        if (row.changed != change.changed || row.written != change.written)
            continue; /* the row has a newer value */
        const struct point point = point_of(&spots[change.slot]);
        struct live_table_value value = {.raw = live_table_pack_raw(&point, change.words)};
        live_table_set_location(&value, 0, spots[change.slot].unit, &point);
        live_table_put_target_value(&under_test.live, change.slot, &value, NULL, 0);
        target_forget_sent(under_test.target, change.slot);
    }
}

/* A step of the program. Returns how long nothing happens after it. */
static unsigned run_step(void)
{
    unsigned step = program_next(), first;
    switch (step % 10) {
    case 0:
        return step / 10 * 40u + 1;
    case 1:
        put_values(step / 10 % SPOTS, 1, program_word(), false);
        return 0;
    case 2:
        first = program_next();
        put_values(first % 16, 1 + first / 16, program_word(), false);
        return 0;
    case 3:
        first = program_next();
        put_values(first % 16, 1 + first / 64, program_next(), true);
        return 0;
    case 4:
        queue_write();
        return 0;
    case 5:
        set_limits();
        return 0;
    case 6:
        take_changes();
        return 0;
    case 7:
        server_change_registers();
        return 0;
    case 8:
        server_misbehave_idle();
        return 0;
    default:
        return 5000;
    }
}

static bool is_settled(void)
{
    struct live_table_pending_value pending;
    struct target_backlog backlog = {0};
    target_add_backlog(under_test.target, &backlog);
    if (target_has_raw_writes(under_test.target) ||
        (under_test.phase == CHECKING && backlog.values > 0))
        return false;
    for (size_t i = 0; i < under_test.spots && under_test.phase == CHECKING; i++) {
        check(live_table_read_pending_value(&under_test.live, (uint32_t)i, &pending),
              "a row is lost");
        bool may_poll = spots[i].unit != RESERVED_UNIT && (spots[i].unit != 0 || !server.is_rtu);
        if (spots[i].unit != RESERVED_UNIT && pending.changed != pending.written)
            return false;
        if (may_poll && under_test.is_polled[i] &&
            under_test.readings[i].count == under_test.read_before[i])
            return false;
    }
    return true;
}

/* After the program the server behaves: what waits is written, then new values. */
static void run_end(void)
{
    uint64_t now_ms = server.now_us / 1000;
    if (under_test.phase == RUNNING || (under_test.phase == SETTLING && is_settled())) {
        bool puts = under_test.phase == SETTLING;
        under_test.phase = puts ? CHECKING : SETTLING;
        under_test.phase_ms = now_ms;
        server_become_honest();
        for (size_t i = 0; i < under_test.spots; i++)
            under_test.read_before[i] = under_test.readings[i].count;
        if (puts)
            put_values(0, SPOTS, 4711, false);
    } else if (under_test.phase == CHECKING && is_settled()) {
        under_test.phase = STOPPED;
        take_changes();
        target_stop(under_test.target);
    } else {
        check(under_test.phase == STOPPED || now_ms - under_test.phase_ms < END_MS,
              "a server that behaves is not served");
        take_changes();
    }
}

bool __wrap_thread_wait_fds(struct thread *thread, const int *fds, size_t count, int timeout_ms)
{
    uint64_t until_us = server.now_us + (unsigned)timeout_ms * UINT64_C(1000);
    int open[THREAD_FDS_MAX];
    size_t open_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0)
            open[open_count++] = fds[i];
    }
    bool is_readable = false;
    while (!is_readable && !atomic_exchange(&thread->wakeup.raised, false) &&
           server.now_us < until_us) {
        uint64_t next_us = until_us;
        if (server.program == server.program_end) {
            run_end();
        } else {
            uint64_t pause_us = run_step() * UINT64_C(1000);
            next_us = pause_us < until_us - server.now_us ? server.now_us + pause_us : until_us;
        }
        if (!atomic_load(&thread->wakeup.raised))
            is_readable = server_pass_time(next_us, open, open_count);
    }
    return is_readable;
}

void __wrap_thread_wait(struct thread *thread, int timeout_ms)
{
    __wrap_thread_wait_fds(thread, NULL, 0, timeout_ms);
}

static void check_counter(enum mqttd_counter counter, uint64_t expected)
{
    check(atomic_load(&under_test.values[counter]) == expected, "a counter differs");
}

static void check_end(void)
{
    struct live_table_pending_value pending;
    struct target_backlog backlog = {0};
    for (size_t i = 0; i < under_test.spots; i++) {
        check(live_table_read_pending_value(&under_test.live, (uint32_t)i, &pending),
              "a row is lost");
        for (size_t w = 0; w < width_of(&spots[i]) && spots[i].unit != RESERVED_UNIT; w++)
            check(accepted_is(&spots[i], w, pending.words[w]), "the server has another value");
    }
    target_add_backlog(under_test.target, &backlog);
    check(backlog.values <= 1, "values still wait"); /* the one of the reserved unit may */
    check(!target_is_down(under_test.target), "the server counts as out of reach");
    check_counter(MQTTD_MODBUS_REQUESTS, under_test.writes);
    check_counter(MQTTD_MODBUS_REGISTERS, under_test.registers);
    check_counter(MQTTD_MODBUS_FAILURES, under_test.failures);
    check_counter(MQTTD_MASK_EMULATED, server.unmasked);
    check_counter(MQTTD_POLLS, under_test.polls);
    check_counter(MQTTD_POLLS_FAILED, under_test.polls_failed);
}

/* The parts that all runs share. */
static void start(void)
{
    char folder[] = "/tmp/fuzz_foreign.XXXXXX", path[64], why[1024];
    static const char *const names[] = {"live", "live-strings"};
    log_open(LOG_LEVEL_ERROR);
    check(mkdtemp(folder) != NULL, "temporary folder");
    if (!live_table_open_writer(&under_test.live, folder, why, sizeof why))
        check(false, why);
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    under_test.counters.values = under_test.values;
    under_test.counters.count = MQTTD_COUNTERS;
    under_test.counters.rows = mqttd_counters.rows;
    memory_shortage_init(&under_test.memory_shortage, &under_test.counters, MQTTD_SHORTAGES);
    check(live_table_reserve_rows(&under_test.live, SPOTS), "rows");
}

static void reset(bool local, enum framing framing)
{
    struct live_table *live = &under_test.live;
    for (uint32_t slot = 0; slot < SPOTS; slot++) {
        uint64_t owner = live_table_make_owner(LIVE_TAG, slot + 1);
        live_table_release_row(live, slot, owner);
        check(live_table_claim_row(live, slot, owner, false), "row");
    }
    memset(&under_test.values, 0, sizeof under_test.values);
    for (size_t i = 0; i < SPOTS; i++) {
        under_test.readings[i].count = under_test.readings[i].taken = 0;
        under_test.is_polled[i] = false;
    }
    under_test.writes = under_test.registers = under_test.failures = 0;
    under_test.polls = under_test.polls_failed = 0;
    under_test.phase = RUNNING;
    under_test.spots = local ? SPOTS : FOREIGN_SPOTS;
    under_test.notify.fd = -1;
    under_test.spec = (struct target_spec){.local = local,
                                           .outputs = {.framing = framing, .addr = {"server", 2}},
                                           .inputs = {"server", 3},
                                           .digest = DIGEST,
                                           .first_unit = 1,
                                           .timeout_ms = TIMEOUT_MS,
                                           .live = live,
                                           .counters = &under_test.counters,
                                           .memory_shortage = &under_test.memory_shortage,
                                           .notify = &under_test.notify};
}

static int lowest_descriptor(void)
{
    int fd = fcntl(0, F_DUPFD_CLOEXEC, 3);
    close(fd);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!under_test.counters.values)
        start();
    if (size < 2 || size > INPUT_MAX)
        return 0;
    bool local = data[0] % 4 == 3;
    server_start();
    server.is_rtu = data[0] % 4 == 2;
    server.program = data + 1;
    server.program_end = data + size;
    reset(local, server.is_rtu ? FRAMING_RTU : FRAMING_TCP);
    int fd = lowest_descriptor();
    under_test.target = target_create(&under_test.spec);
    check(under_test.target != NULL, "target");
    set_limits();
    under_test.run(under_test.target);
    check_end();
    target_destroy(under_test.target);
    server_check_closed();
    check(lowest_descriptor() == fd, "a descriptor is left over");
    return 0;
}
