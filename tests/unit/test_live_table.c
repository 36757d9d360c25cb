/* The live table: rows change owners, outlive their writer, and are never read half-written. */
#include "live_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void test_a_row(void **state)
{
    struct folder *f = *state;
    uint64_t me = live_table_make_owner(LIVE_TAG, 5);
    struct live_table_row row;
    struct live_table_value value = {.settings = 9, .raw = 0x1234, .wall_ms = 3, .steady_ms = 4};
    assert_false(live_table_read_row(&f->reader, 7, me, &row));
    assert_true(live_table_claim_row(&f->writer, 7, me, false));
    assert_true(live_table_read_row(&f->reader, 7, me, &row));
    assert_int_equal(row.changed, 0);
    assert_int_equal(live_table_put_value(&f->writer, 7, &value, NULL, 0), 1);
    live_table_add_message(&f->writer, 7, LIVE_GOOD);
    live_table_reject_value(&f->writer, 7, FAULT_OUT_OF_RANGE, "abc", 3, 77);
    assert_true(live_table_read_row(&f->reader, 7, me, &row));
    assert_int_equal(row.value.raw, 0x1234);
    assert_int_equal(row.messages, 1);
    assert_int_equal(row.rejects, 1);
    assert_int_equal(row.fault, FAULT_OUT_OF_RANGE);
    assert_int_equal(row.fault_wall_ms, 77);
    assert_string_equal(row.excerpt, "abc");
    assert_int_equal(row.written, 0);
    assert_false(row.is_setpoint);
    live_table_set_setpoint(&f->writer, 7, true);
    live_table_add_message(&f->writer, 7, LIVE_REFUSED);
    assert_true(live_table_read_row(&f->reader, 7, me, &row));
    assert_true(row.is_setpoint);
    assert_int_equal(row.outcome, LIVE_REFUSED);
    assert_int_equal(row.session, live_table_read_state(&f->reader).session);
    assert_false(row.is_settled);
    live_table_set_settled_setpoint(&f->writer, 7);
    assert_true(live_table_read_row(&f->reader, 7, me, &row));
    assert_true(row.is_setpoint && row.is_settled);
    assert_int_equal(row.session, live_table_read_state(&f->reader).session);
    live_table_set_setpoint(&f->writer, 7, false);
    assert_true(live_table_read_row(&f->reader, 7, me, &row));
    assert_false(row.is_setpoint || row.is_settled);
    assert_int_equal(row.outcome, LIVE_REFUSED);
    live_table_mark_write_failed(
        &f->writer, 7, 1, &(struct live_table_write_fault){.fault = FAULT_MODBUS_UNREACHABLE}, 88);
    assert_true(live_table_read_row(&f->reader, 7, me, &row));
    assert_int_equal(row.write_fault.fault, FAULT_MODBUS_UNREACHABLE);
    assert_int_equal(row.write_fault_wall_ms, 88);
    live_table_mark_written(&f->writer, 7, 1, 99);
    assert_true(live_table_read_row(&f->reader, 7, me, &row));
    assert_int_equal(row.written, 1);
    assert_int_equal(row.write_fault.fault, FAULT_NONE);
    assert_false(live_table_read_row(&f->reader, 7, live_table_make_owner(LIVE_DEVICE, 5), &row));
}

static uint64_t read_changes(const struct folder *f)
{
    return live_table_read_state(&f->reader).changes;
}

/* Heartbeats until the number of changes stays the same. */
static uint64_t settle_changes(struct folder *f)
{
    live_table_set_heartbeat(&f->writer, 1);
    live_table_set_heartbeat(&f->writer, 2);
    return read_changes(f);
}

/* True when the stamp differs from the last one, which it replaces. Then the table must say that a
 * row changes. */
static bool stamp_has_changed(struct folder *f, struct live_table_stamp *last)
{
    struct live_table_stamp stamp;
    assert_true(live_table_read_stamp(&f->reader, 7, live_table_make_owner(LIVE_TAG, 5), &stamp));
    bool changed = memcmp(&stamp, last, sizeof stamp) != 0;
    *last = stamp;
    if (changed)
        assert_int_equal(read_changes(f) % 2, 1);
    settle_changes(f);
    return changed;
}

static void test_a_stamp(void **state)
{
    struct folder *f = *state;
    uint64_t me = live_table_make_owner(LIVE_TAG, 5);
    struct live_table_stamp stamp = {.changed = 1}, none = {0};
    struct live_table_value value = {.settings = 9, .raw = 0x1234, .wall_ms = 3, .steady_ms = 4};
    const struct live_table_write_fault down = {.fault = FAULT_MODBUS_UNREACHABLE};
    assert_false(live_table_read_stamp(&f->reader, 7, me, &stamp));
    assert_memory_equal(&stamp, &none, sizeof stamp);
    assert_true(live_table_claim_row(&f->writer, 7, me, false));
    assert_false(stamp_has_changed(f, &stamp));
    live_table_put_value(&f->writer, 7, &value, NULL, 0);
    assert_true(stamp_has_changed(f, &stamp));
    live_table_put_value(&f->writer, 7, &value, NULL, 0); /* the same value again */
    assert_true(stamp_has_changed(f, &stamp));
    live_table_add_message(&f->writer, 7, LIVE_GOOD);
    assert_true(stamp_has_changed(f, &stamp));
    live_table_add_message(&f->writer, 7, LIVE_GOOD);
    assert_false(stamp_has_changed(f, &stamp));
    live_table_set_setpoint(&f->writer, 7, true);
    assert_true(stamp_has_changed(f, &stamp));
    live_table_reject_value(&f->writer, 7, FAULT_OUT_OF_RANGE, "abc", 3, 77);
    assert_true(stamp_has_changed(f, &stamp));
    live_table_set_fault(&f->writer, 7, FAULT_SUBSCRIPTION_REFUSED, "abc", 3, 77);
    assert_true(stamp_has_changed(f, &stamp));
    live_table_mark_write_failed(&f->writer, 7, 2, &down, 88);
    assert_true(stamp_has_changed(f, &stamp));
    live_table_mark_written(&f->writer, 7, 2, 99);
    assert_true(stamp_has_changed(f, &stamp));
    assert_false(
        live_table_read_stamp(&f->reader, 7, live_table_make_owner(LIVE_DEVICE, 5), &stamp));
    assert_memory_equal(&stamp, &none, sizeof stamp);
}

/* A reader that remembers the number misses no change, whenever it looks. */
static void test_the_number_of_changes(void **state)
{
    struct folder *f = *state;
    uint64_t me = live_table_make_owner(LIVE_TAG, 5);
    assert_true(live_table_claim_row(&f->writer, 7, me, false));
    uint64_t rest = settle_changes(f);
    assert_true(rest != 0 && rest % 2 == 0);
    assert_int_equal(settle_changes(f), rest);
    live_table_set_outcome(&f->writer, 7, LIVE_GOOD);
    uint64_t changing = read_changes(f);
    live_table_set_outcome(&f->writer, 7, LIVE_REFUSED);
    assert_int_equal(changing % 2, 1);
    assert_int_equal(read_changes(f), changing);
    live_table_set_heartbeat(&f->writer, 3);
    uint64_t changed = read_changes(f);
    assert_true(changed > changing && changed % 2 == 0);
    /* Once more, for a change that another thread made at the heartbeat before. */
    live_table_set_heartbeat(&f->writer, 4);
    assert_true(read_changes(f) > changed);
    assert_int_equal(settle_changes(f), read_changes(f));
    live_table_release_row(&f->writer, 7, me);
    assert_int_equal(read_changes(f) % 2, 1);
}

/* All parts of a fault read back, and do not change its time. */
static void test_write_faults(void **state)
{
    static const struct {
        struct live_table_write_fault fault;
        bool refused;
    } rows[] = {
        {{.fault = FAULT_MODBUS_UNREACHABLE}, false},
        {{.fault = FAULT_MODBUS_UNREACHABLE, .is_of_unit = true}, false},
        {{.fault = FAULT_MODBUS_UNREACHABLE, .is_of_unit = true, .is_of_poll = true}, false},
        {{.fault = FAULT_MODBUS_UNREACHABLE, .wrong_crc = true, .is_of_unit = true}, false},
        {{.fault = FAULT_MODBUS_UNREACHABLE, .tls_fault = TLS_FAULT_NO_CA}, false},
        {{.fault = FAULT_MODBUS_UNREACHABLE, .tls_fault = TLS_FAULT_OTHER}, false},
        {{.fault = FAULT_MODBUS_EXCEPTION, .exception = 2}, true},
        {{.fault = FAULT_MODBUS_EXCEPTION, .exception = 2, .is_of_poll = true}, false},
        {{.fault = FAULT_MODBUS_EXCEPTION, .exception = 11, .is_of_unit = true}, false},
        {{.fault = FAULT_NONE}, false},
    };
    static const uint64_t at = UINT64_C(1893456000123);
    struct folder *f = *state;
    uint64_t me = live_table_make_owner(LIVE_TAG, 5);
    assert_true(live_table_claim_row(&f->writer, 7, me, false));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct live_table_row row;
        const struct live_table_write_fault *fault = &rows[i].fault;
        live_table_mark_write_failed(&f->writer, 7, 0, fault, at);
        assert_true(live_table_read_row(&f->reader, 7, me, &row));
        assert_int_equal(row.write_fault.fault, fault->fault);
        assert_int_equal(row.write_fault.exception, fault->exception);
        assert_int_equal(row.write_fault.is_of_unit, fault->is_of_unit);
        assert_int_equal(row.write_fault.wrong_crc, fault->wrong_crc);
        assert_int_equal(row.write_fault.tls_fault, fault->tls_fault);
        assert_int_equal(row.write_fault.is_of_poll, fault->is_of_poll);
        assert_int_equal(row.write_fault_wall_ms, fault->fault == FAULT_NONE ? 0 : at);
        assert_int_equal(live_table_write_is_refused(&f->writer, 7), rows[i].refused);
    }
}

static void test_a_row_changes_hands(void **state)
{
    struct folder *f = *state;
    uint64_t one = live_table_make_owner(LIVE_TAG, 1), two = live_table_make_owner(LIVE_TAG, 2);
    struct live_table_value value = {.raw = 1};
    struct live_table_row row;
    assert_true(live_table_claim_row(&f->writer, 3, one, false));
    live_table_put_value(&f->writer, 3, &value, NULL, 0);
    assert_true(live_table_claim_row(&f->writer, 3, one, false));
    assert_true(live_table_read_row(&f->reader, 3, one, &row));
    assert_int_equal(row.changed, 1);
    assert_true(live_table_claim_row(&f->writer, 3, two, false));
    live_table_release_row(&f->writer, 3, one);
    assert_true(live_table_read_row(&f->reader, 3, two, &row));
    assert_int_equal(row.changed, 0);
    live_table_release_row(&f->writer, 3, two);
    assert_false(live_table_read_row(&f->reader, 3, 0, &row));
}

/* A target may still write the old owner's value when the new owner's value arrives. */
static void test_a_late_write_of_an_old_owner(void **state)
{
    struct folder *f = *state;
    uint64_t one = live_table_make_owner(LIVE_TAG, 1), two = live_table_make_owner(LIVE_TAG, 2);
    struct live_table_value value = {.raw = 1};
    struct live_table_row row;
    const struct live_table_write_fault refused = {.fault = FAULT_MODBUS_EXCEPTION};
    assert_true(live_table_claim_row(&f->writer, 3, one, false));
    uint64_t old = live_table_put_value(&f->writer, 3, &value, NULL, 0);
    assert_true(live_table_claim_row(&f->writer, 3, two, false));
    assert_true(live_table_read_row(&f->reader, 3, two, &row));
    assert_int_equal(row.changed, 0);
    uint64_t newer = live_table_put_value(&f->writer, 3, &value, NULL, 0);
    live_table_mark_written(&f->writer, 3, old, 99);
    live_table_mark_write_failed(&f->writer, 3, old, &refused, 99);
    assert_true(live_table_read_row(&f->reader, 3, two, &row));
    assert_int_equal(row.changed, newer);
    assert_int_equal(row.written, 0);
    assert_int_equal(row.written_wall_ms, 0);
    assert_int_equal(row.write_fault.fault, FAULT_NONE);
    live_table_release_row(&f->writer, 3, two);
    live_table_mark_written(&f->writer, 3, newer, 99);
    live_table_mark_write_failed(&f->writer, 3, newer, &refused, 99);
    assert_true(live_table_claim_row(&f->writer, 3, one, false));
    assert_true(live_table_read_row(&f->reader, 3, one, &row));
    assert_int_equal(row.written, 0);
    assert_int_equal(row.write_fault.fault, FAULT_NONE);
}

/* A value that waits across a restart has a number from the previous process. No later value of the
 * slot may get the same number, however many rows change owners in either process. */
static void test_no_number_comes_twice(void **state)
{
    enum { SLOT = 3, RESTARTS = 4, OWNERS = 5 };
    struct folder *f = *state;
    struct live_table_value value = {.raw = 1};
    uint64_t seen[RESTARTS * OWNERS];
    size_t count = 0;
    for (size_t restart = 0; restart < RESTARTS; restart++) {
        for (int64_t owner = 1; owner <= OWNERS; owner++) {
            assert_true(live_table_claim_row(&f->writer, SLOT,
                                             live_table_make_owner(LIVE_TAG, owner), false));
            seen[count] = live_table_put_value(&f->writer, SLOT, &value, NULL, 0);
            for (size_t i = 0; i < count; i++)
                assert_true(seen[i] < seen[count]);
            count++;
        }
        reopen(f);
    }
}

enum { KILLS = 40, PUTS_OF_ONE = 1000 };

/* Records of killed processes, in memory that outlives them. */
struct told {
    _Atomic uint32_t count;
    uint64_t numbers[KILLS * PUTS_OF_ONE];
};

/* Puts, releases and moves a row until it is killed. */
static _Noreturn void put_until_killed(const char *path, struct told *told)
{
    struct live_table live;
    char why[SHM_WHY_SIZE];
    struct live_table_value value = {.raw = 1};
    if (!live_table_open_writer(&live, path, why, sizeof why))
        _exit(1);
    for (int64_t n = 1; n <= PUTS_OF_ONE; n++) {
        uint64_t owner = live_table_make_owner(LIVE_TAG, n % 3 + 1);
        live_table_claim_row(&live, 0, owner, false);
        uint64_t number = live_table_put_value(&live, 0, &value, NULL, 0);
        uint32_t count = atomic_load(&told->count);
        told->numbers[count] = number;
        atomic_store(&told->count, count + 1);
        if (n % 2)
            live_table_release_row(&live, 0, owner);
    }
    for (;;)
        pause();
}

static int is_less(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static void test_no_number_comes_twice_over_kills(void **state)
{
    struct folder *f = *state;
    struct told *told =
        mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(told != MAP_FAILED);
    live_table_close(&f->writer);
    for (unsigned kill_at = 0; kill_at < KILLS; kill_at++) {
        uint32_t before = atomic_load(&told->count);
        pid_t child = fork();
        if (child == 0)
            put_until_killed(f->path, told);
        while (atomic_load(&told->count) < before + 5 + kill_at % 7 &&
               waitpid(child, NULL, WNOHANG) == 0)
            ;
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_true(atomic_load(&told->count) > before);
    }
    uint32_t count = atomic_load(&told->count);
    qsort(told->numbers, count, sizeof told->numbers[0], is_less);
    for (uint32_t i = 1; i < count; i++)
        assert_true(told->numbers[i - 1] < told->numbers[i]);
    munmap(told, sizeof *told);
    reopen(f);
}

static void test_no_room(void **state)
{
    struct folder *f = *state;
    uint64_t me = live_table_make_owner(LIVE_TAG, 5);
    struct point point = {.type = TYPE_STRING, .length = 1, .bit = NO_BIT, .scale = 1};
    struct live_table_value value = {.raw = 1},
                            text = {.place = live_table_pack_location(1, &point)};
    struct live_table_pending_value pending;
    struct rlimit all, none = {.rlim_cur = 1};
    uint16_t one = 1;
    uint32_t last = (uint32_t)live_table_read_state(&f->writer).capacity - 1, slot = last + 100000;
    for (uint32_t i = 0; i < 64; i++)
        assert_true(
            live_table_claim_row(&f->writer, i, live_table_make_owner(LIVE_TAG, i + 10), true));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
    none.rlim_max = all.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_false(live_table_claim_row(&f->writer, slot, me, false));
    assert_int_equal(live_table_put_value(&f->writer, slot, &value, NULL, 0), 0);
    live_table_add_message(&f->writer, slot, LIVE_GOOD);
    live_table_reject_value(&f->writer, slot, FAULT_TOO_LONG, "x", 1, 7);
    live_table_release_row(&f->writer, slot, me);
    assert_false(live_table_read_pending_value(&f->writer, slot, &pending));
    assert_true(live_table_claim_row(&f->writer, last, me, false));
    assert_false(live_table_claim_row(&f->writer, last, me, true));
    live_table_put_value(&f->writer, last, &text, &one, 1);
    assert_false(live_table_read_pending_value(&f->writer, last, &pending));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
    assert_true(live_table_claim_row(&f->writer, slot, me, false));
}

/* A slot beyond the table: nothing is read or written past the end of the file. */
static void test_a_slot_without_row(void **state)
{
    struct folder *f = *state;
    struct live_table *live = &f->writer;
    const uint32_t slot = LIVE_ROWS_MAX - 1;
    const uint64_t owner = live_table_make_owner(LIVE_TAG, 1);
    const struct live_table_value value = {.raw = 1};
    const struct live_table_write_fault fault = {.fault = FAULT_MODBUS_UNREACHABLE};
    struct live_table_pending_value pending;
    struct live_table_row row;
    live_table_release_row(live, slot, owner);
    assert_int_equal(live_table_put_value(live, slot, &value, NULL, 0), 0);
    live_table_put_target_value(live, slot, &value, NULL, 0);
    live_table_add_message(live, slot, LIVE_GOOD);
    live_table_set_setpoint(live, slot, true);
    live_table_reject_value(live, slot, FAULT_NONE, "", 0, 0);
    live_table_mark_written(live, slot, 1, 0);
    live_table_mark_write_failed(live, slot, 0, &fault, 0);
    assert_false(live_table_write_is_refused(live, slot));
    assert_false(live_table_has_text(live, slot));
    assert_false(live_table_read_pending_value(live, slot, &pending));
    assert_false(live_table_read_row(live, slot, 0, &row));
    assert_false(shm_is_lost(&live->rows));
    assert_false(live_table_repair_files(live));
}

static void test_strings(void **state)
{
    struct folder *f = *state;
    struct point point = {.type = TYPE_STRING, .length = 123, .bit = NO_BIT, .scale = 1};
    uint16_t text[STRING_REGISTERS_MAX];
    struct live_table_row row;
    struct live_table_pending_value pending;
    for (uint32_t slot = 0; slot < 3000; slot++) {
        uint64_t owner = live_table_make_owner(LIVE_TAG, slot + 1);
        struct live_table_value value = {.place = live_table_pack_location(1, &point)};
        assert_true(live_table_claim_row(&f->writer, slot, owner, true));
        for (size_t i = 0; i < COUNT(text); i++)
            text[i] = (uint16_t)(slot + i);
        live_table_put_value(&f->writer, slot, &value, text, 123);
    }
    for (uint32_t slot = 0; slot < 3000; slot++) {
        assert_true(
            live_table_read_row(&f->reader, slot, live_table_make_owner(LIVE_TAG, slot + 1), &row));
        assert_true(live_table_read_pending_value(&f->writer, slot, &pending));
        for (size_t i = 0; i < COUNT(text); i++) {
            assert_int_equal(row.text[i], (uint16_t)(slot + i));
            assert_int_equal(pending.words[i], (uint16_t)(slot + i));
        }
    }
}

static void test_the_table_outlives_its_writer(void **state)
{
    struct folder *f = *state;
    uint64_t me = live_table_make_owner(LIVE_TAG, 5);
    struct live_table_value value = {.settings = 1, .raw = 42};
    struct live_table_row row;
    struct live_table second;
    assert_true(live_table_claim_row(&f->writer, 2000, me, false));
    live_table_put_value(&f->writer, 2000, &value, NULL, 0);
    live_table_add_message(&f->writer, 2000, LIVE_GOOD);
    uint64_t session = live_table_read_state(&f->reader).session;
    assert_false(live_table_open_writer(&second, f->path, f->why, sizeof f->why));
    live_table_close(&f->writer);
    assert_true(live_table_open_writer(&f->writer, f->path, f->why, sizeof f->why));
    assert_true(live_table_read_row(&f->reader, 2000, me, &row));
    assert_int_equal(row.value.raw, 42);
    assert_int_equal(row.session, session);
    assert_int_equal(live_table_read_state(&f->reader).session, session + 1);
    assert_false(live_table_was_replaced(&f->reader));
}

static void test_places(void **state)
{
    (void)state;
    static const struct point points[] = {
        {.table = TABLE_COIL, .type = TYPE_BOOL, .bit = NO_BIT, .address = 0},
        {.table = TABLE_HOLDING_REGISTER, .type = TYPE_BOOL, .bit = 15, .address = 65535},
        {.table = TABLE_INPUT_REGISTER, .type = TYPE_UINT64, .bit = NO_BIT, .address = 4},
        {.table = TABLE_INPUT_REGISTER, .type = TYPE_INT8, .bit = NO_BIT, .address = 5},
        {.table = TABLE_HOLDING_REGISTER, .type = TYPE_UINT8, .byte = BYTE_HIGH, .bit = NO_BIT},
        {.table = TABLE_HOLDING_REGISTER, .type = TYPE_STRING, .bit = NO_BIT, .length = 123},
    };
    for (size_t i = 0; i < COUNT(points); i++) {
        uint64_t place = live_table_pack_location(247, &points[i]);
        struct point back = live_table_location_point(place);
        assert_int_equal(live_table_location_unit(place), 247);
        assert_int_equal(back.table, points[i].table);
        assert_int_equal(back.address, points[i].address);
        assert_int_equal(back.bit, points[i].bit);
        assert_int_equal(back.byte, points[i].byte);
        assert_int_equal(point_mask(&back), point_mask(&points[i]));
        assert_int_equal(back.length, point_width(&points[i]));
        assert_int_equal(live_table_location_is_text(place), points[i].type == TYPE_STRING);
        assert_true(live_table_location_is_sound(place));

        struct live_table_value value = {0};
        struct point coded = points[i];
        coded.scale = 1;
        live_table_set_location(&value, 1, 247, &coded);
        assert_true(live_table_value_point(&value, &back));
        assert_int_equal(back.type, coded.type);
        assert_int_equal(back.byte, coded.byte);
        /* A type that does not fit the place. */
        value.coding ^=
            (uint64_t)(coded.type ^ (type_info[coded.type].is_byte ? TYPE_INT16 : TYPE_INT8)) << 8;
        assert_false(live_table_value_point(&value, &back));
    }
    const struct point high = {
        .table = TABLE_HOLDING_REGISTER, .type = TYPE_INT8, .byte = BYTE_HIGH, .bit = NO_BIT};
    const uint16_t content = 0x8001;
    assert_int_equal(live_table_pack_raw(&high, &content), 0x80);
}

/* One thread puts, one marks as written, one reads: each copy is of a single put. */
struct hammer {
    struct folder *folder;
    atomic_bool stop;
    atomic_uint torn, reads;
};

static void *hammer_reads(void *context)
{
    struct hammer *hammer = context;
    struct live_table_row row;
    while (!atomic_load(&hammer->stop)) {
        if (!live_table_read_row(&hammer->folder->reader, 0, live_table_make_owner(LIVE_TAG, 1),
                                 &row) ||
            row.changed == 0)
            continue;
        bool whole = row.value.raw == row.value.wall_ms && row.value.raw == row.value.steady_ms &&
                     row.value.raw == row.value.source_ms && row.value.raw == row.changed &&
                     row.text[0] == (uint16_t)row.changed &&
                     row.text[122] == (uint16_t)row.changed && row.written <= row.changed;
        atomic_fetch_add(&hammer->torn, !whole);
        atomic_fetch_add(&hammer->reads, 1);
    }
    return NULL;
}

static void *hammer_writes(void *context)
{
    struct hammer *hammer = context;
    struct live_table_pending_value pending;
    while (!atomic_load(&hammer->stop)) {
        if (live_table_read_pending_value(&hammer->folder->writer, 0, &pending) &&
            pending.changed > 0) {
            atomic_fetch_add(&hammer->torn, pending.value.raw != pending.changed ||
                                                pending.words[122] != (uint16_t)pending.changed);
            live_table_mark_written(&hammer->folder->writer, 0, pending.changed, pending.changed);
        }
    }
    return NULL;
}

static void test_hammered(void **state)
{
    enum { PUTS = 100000, READS = 2000 };
    struct hammer hammer = {.folder = *state};
    struct live_table *live = &hammer.folder->writer;
    struct point point = {.type = TYPE_STRING, .length = 123, .bit = NO_BIT, .scale = 1};
    uint16_t text[STRING_REGISTERS_MAX];
    pthread_t reader, writer;
    assert_true(live_table_claim_row(live, 0, live_table_make_owner(LIVE_TAG, 1), true));
    assert_int_equal(pthread_create(&reader, NULL, hammer_reads, &hammer), 0);
    assert_int_equal(pthread_create(&writer, NULL, hammer_writes, &hammer), 0);
    for (uint64_t n = 1; n <= PUTS || atomic_load(&hammer.reads) < READS; n++) {
        struct live_table_value value = {.place = live_table_pack_location(1, &point),
                                         .raw = n,
                                         .wall_ms = n,
                                         .steady_ms = n,
                                         .source_ms = n};
        for (size_t i = 0; i < COUNT(text); i++)
            text[i] = (uint16_t)n;
        live_table_put_value(live, 0, &value, text, 123);
        live_table_add_message(live, 0, LIVE_GOOD);
        live_table_reject_value(live, 0, FAULT_TOO_LONG, "x", 1, n);
    }
    atomic_store(&hammer.stop, true);
    pthread_join(reader, NULL);
    pthread_join(writer, NULL);
    assert_int_equal(atomic_load(&hammer.torn), 0);
}

static void test_the_broker(void **state)
{
    struct folder *f = *state;
    struct live_table_broker set = {.reason = BROKER_NOT_AUTHORIZED, .wall_ms = 5, .steady_ms = 7};
    assert_int_equal(live_table_read_broker(&f->reader).reason, BROKER_CONNECTING);
    assert_int_equal(live_table_read_state(&f->reader).condition, LIVE_STARTING);
    memset(set.words, 'x', sizeof set.words - 1);
    live_table_set_broker(&f->writer, &set);
    struct live_table_broker got = live_table_read_broker(&f->reader);
    assert_int_equal(got.reason, BROKER_NOT_AUTHORIZED);
    assert_int_equal(got.wall_ms, 5);
    assert_int_equal(got.steady_ms, 7);
    assert_string_equal(got.words, set.words);
    assert_int_equal(live_table_read_state(&f->reader).connected, 0);
    live_table_set_broker(&f->writer, &(struct live_table_broker){.reason = BROKER_CONNECTED});
    assert_int_equal(live_table_read_state(&f->reader).connected, 1);
    assert_string_equal(live_table_read_broker(&f->reader).words, "");
    live_table_set_condition(&f->writer, LIVE_SERVING);
    assert_int_equal(live_table_read_state(&f->reader).condition, LIVE_SERVING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_row, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_a_stamp, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_the_number_of_changes, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_write_faults, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_a_row_changes_hands, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_a_late_write_of_an_old_owner, open_folder,
                                        close_folder),
        cmocka_unit_test_setup_teardown(test_no_number_comes_twice, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_no_number_comes_twice_over_kills, open_folder,
                                        close_folder),
        cmocka_unit_test_setup_teardown(test_no_room, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_a_slot_without_row, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_strings, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_the_table_outlives_its_writer, open_folder,
                                        close_folder),
        cmocka_unit_test_setup_teardown(test_the_broker, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_hammered, open_folder, close_folder),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
