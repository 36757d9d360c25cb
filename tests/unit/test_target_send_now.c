/* The short way to the local server: the thread that marks rows sends them while the target's
 * thread rests; the target's thread takes the answers, and does all that is out of the ordinary. */
#include "target_bed.h"

#include <errno.h>
#include <stdatomic.h>

#include "mqttd/targets/target_internal.h"

/* The next send of the thread that marks rows fails so; 0: none does. */
static atomic_int send_error;
static pthread_t marking_thread;

ssize_t send(int fd, const void *bytes, size_t len, int flags);

/* Takes the place of the C library's. */
ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
    int error = pthread_equal(pthread_self(), marking_thread) ? atomic_exchange(&send_error, 0) : 0;
    if (error == 0)
        return sendto(fd, bytes, len, flags, NULL, 0);
    errno = error;
    return -1;
}

enum { ROWS_NOW = 256, MANY = ROWS_NOW + 1 };

/* Locks the rows at a moment when the thread rests: it makes no request until they are unlocked. */
static void lock_while_thread_rests(struct bed *bed)
{
    uint64_t deadline_ms = clock_steady_ms() + PEER_DEADLINE_S * 1000;
    target_lock_rows(bed->target);
    while (!bed->target->may_send_now || bed->target->sent_count > 0) {
        target_unlock_rows(bed->target);
        assert_true(clock_steady_ms() < deadline_ms);
        sched_yield();
        target_lock_rows(bed->target);
    }
}

/* Returns the number of requests that were sent at once. */
static size_t wake_and_unlock(struct bed *bed)
{
    target_wake_thread(bed->target);
    size_t count = bed->target->sent_count;
    target_unlock_rows(bed->target);
    return count;
}

/* Both connections are in use, and the thread rests. */
static void open_connections(struct bed *bed)
{
    target_lock_rows(bed->target);
    put(bed, 1, 0, 1);
    put_row(bed, 1, 1, TABLE_INPUT_REGISTER, 1, 1);
    wake_and_unlock(bed);
    wait_until(is_written(bed, 0) && is_written(bed, 1));
}

static int set_up(void **state)
{
    int rc = start_bed(state, true, TIMEOUT_MS);
    struct bed *bed = *state;
    assert_true(live_table_reserve_rows(bed->spec.live, MANY));
    for (uint32_t slot = ROWS; slot < MANY; slot++)
        assert_true(live_table_claim_row(bed->spec.live, slot,
                                         live_table_make_owner(LIVE_TAG, slot + 1), false));
    open_connections(bed);
    return rc;
}

static int set_up_short(void **state)
{
    int rc = start_bed(state, true, SHORT_TIMEOUT_MS);
    open_connections(*state);
    return rc;
}

/* A server that does not answer keeps nobody waiting who marks rows. */
static void test_sent_without_the_thread(void **state)
{
    struct bed *bed = *state;
    lock_while_thread_rests(bed);
    size_t before = peer_count_requests(bed->peer);
    peer_set(bed->peer, holds = true);
    put(bed, 1, 3, 7);
    assert_int_equal(wake_and_unlock(bed), 1);
    peer_wait_requests(bed->peer, before + 1);
    target_lock_rows(bed->target);
    put(bed, 1, 3, 8);
    put(bed, 1, 4, 9);
    wake_and_unlock(bed);
    assert_int_equal(backlog_values(bed), 3);
    assert_false(is_written(bed, 3));
    peer_set(bed->peer, holds = false);
    wait_until(is_written(bed, 3) && is_written(bed, 4));
    assert_int_equal(peer_register(bed->peer, 1, 3), 8);
    assert_int_equal(peer_register(bed->peer, 1, 4), 9);
    wait_until(backlog_values(bed) == 0);
}

/* As many requests as one round trip carries; one more is for the thread. */
static void test_most_requests(void **state)
{
    struct bed *bed = *state;
    for (unsigned count = PIPELINE_MAX; count <= PIPELINE_MAX + 1; count++) {
        lock_while_thread_rests(bed);
        for (uint16_t i = 0; i < count; i++)
            put(bed, 1, (uint16_t)(2 * i), (uint16_t)(count + i));
        assert_int_equal(wake_and_unlock(bed), count == PIPELINE_MAX ? PIPELINE_MAX : 0);
        for (uint16_t i = 0; i < count; i++) {
            wait_until(is_written(bed, 2U * i));
            assert_int_equal(peer_register(bed->peer, 1, (uint16_t)(2 * i)), count + i);
        }
    }
}

/* As many rows as are sent at once; one more is for the thread. */
static void test_most_rows(void **state)
{
    struct bed *bed = *state;
    for (uint32_t count = ROWS_NOW; count <= ROWS_NOW + 1; count++) {
        lock_while_thread_rests(bed);
        for (uint32_t i = 0; i < count; i++)
            put_row(bed, i, (uint8_t)(i / PEER_REGISTERS), TABLE_HOLDING_REGISTER,
                    (uint16_t)(i % PEER_REGISTERS), (uint16_t)(count + i));
        assert_int_equal(wake_and_unlock(bed), count == ROWS_NOW ? ROWS_NOW / PEER_REGISTERS : 0);
        for (uint32_t i = 0; i < count; i++)
            wait_until(is_written(bed, i));
        assert_int_equal(peer_register(bed->peer, 3, 63), count + 255);
    }
}

/* Values for both sides of the server go by two connections. */
static void test_both_sides(void **state)
{
    struct bed *bed = *state;
    lock_while_thread_rests(bed);
    put(bed, 1, 5, 50);
    put_row(bed, 6, 1, TABLE_INPUT_REGISTER, 6, 60);
    assert_int_equal(wake_and_unlock(bed), 0);
    wait_until(is_written(bed, 5) && is_written(bed, 6));
    lock_while_thread_rests(bed);
    put_row(bed, 6, 1, TABLE_INPUT_REGISTER, 6, 61);
    assert_int_equal(wake_and_unlock(bed), 1);
    wait_until(is_written(bed, 6));
    assert_int_equal(peer_register(bed->peer, 1, 6), 61);
}

/* Writes without a row come first: the thread has them. */
static void test_raw_write_first(void **state)
{
    struct bed *bed = *state;
    const struct target_write zeros = {
        .unit = 1, .table = TABLE_HOLDING_REGISTER, .address = 7, .count = 1};
    lock_while_thread_rests(bed);
    put(bed, 1, 7, 70);
    target_queue_write(bed->target, &zeros);
    assert_int_equal(wake_and_unlock(bed), 0);
    wait_until(is_written(bed, 7) && !target_has_raw_writes(bed->target));
    assert_int_equal(peer_register(bed->peer, 1, 7), 70);
}

/* A row that has been written since it was marked needs no request. */
static void test_nothing_to_write(void **state)
{
    struct bed *bed = *state;
    lock_while_thread_rests(bed);
    target_mark_dirty(bed->target, 0);
    assert_int_equal(wake_and_unlock(bed), 0);
    assert_int_equal(backlog_values(bed), 0);
}

/* A refused register does not affect the others of its request. */
static void test_refused_value(void **state)
{
    struct bed *bed = *state;
    lock_while_thread_rests(bed);
    peer_set(bed->peer, refused_address = 9);
    for (uint16_t address = 8; address < 11; address++)
        put(bed, 1, address, address);
    assert_int_equal(wake_and_unlock(bed), 1);
    wait_until(is_written(bed, 8) && is_written(bed, 10));
    wait_until(row_of(bed, 9).write_fault.fault == FAULT_MODBUS_EXCEPTION);
    put_message(bed, 1, 8, 80); /* the thread has the refused value: it writes this one, too */
    wait_until(peer_register(bed->peer, 1, 8) == 80);
    target_lock_rows(bed->target);
    assert_false(bed->target->may_send_now);
    target_unlock_rows(bed->target);
}

/* The server restarts in place of its answer: the value is written on the next connection, and the
 * loss is noted. */
static void test_hangs_up(void **state)
{
    struct bed *bed = *state;
    target_take_losses(bed->target);
    lock_while_thread_rests(bed);
    peer_set(bed->peer, hangs_up = true);
    put(bed, 1, 11, 110);
    assert_int_equal(wake_and_unlock(bed), 1);
    wait_until(target_take_losses(bed->target));
    assert_false(is_written(bed, 11));
    peer_set(bed->peer, hangs_up = false);
    wait_until(is_written(bed, 11));
    assert_int_equal(peer_register(bed->peer, 1, 11), 110);
}

/* The end of an idle connection is noticed without a request, and the next value opens another. */
static void test_idle_end(void **state)
{
    struct bed *bed = *state;
    lock_while_thread_rests(bed);
    target_unlock_rows(bed->target);
    target_take_losses(bed->target);
    peer_stop(bed->peer);
    wait_until(target_take_losses(bed->target));
    peer_start(bed->peer);
    put_message(bed, 1, 12, 120);
    wait_until(is_written(bed, 12));
    assert_int_equal(peer_register(bed->peer, 1, 12), 120);
}

/* A server that is silent is out of reach after its time-out, and has the value later. */
static void test_no_answer(void **state)
{
    struct bed *bed = *state;
    lock_while_thread_rests(bed);
    peer_set(bed->peer, is_silent[1] = true);
    put(bed, 1, 13, 130);
    assert_int_equal(wake_and_unlock(bed), 1);
    wait_until(row_of(bed, 13).write_fault.fault == FAULT_MODBUS_UNREACHABLE);
    peer_set(bed->peer, is_silent[1] = false);
    wait_until(is_written(bed, 13));
    assert_int_equal(peer_register(bed->peer, 1, 13), 130);
}

/* A value that could not be sent is written by the thread. A socket that has space again is tried
 * again at once. */
static void test_failed_send(void **state)
{
    struct bed *bed = *state;
    static const int errors[] = {EAGAIN, ENOBUFS, EPIPE, ECONNRESET};
    marking_thread = pthread_self();
    for (uint16_t i = 0; i < COUNT(errors); i++) {
        lock_while_thread_rests(bed);
        atomic_store(&send_error, errors[i]);
        put(bed, 1, 15, (uint16_t)(150 + i));
        assert_int_equal(wake_and_unlock(bed), 1);
        assert_int_equal(atomic_load(&send_error), 0);
        if (errors[i] != EAGAIN)
            wait_until(row_of(bed, 15).write_fault.fault != FAULT_NONE);
        wait_until(is_written(bed, 15));
        assert_int_equal(peer_register(bed->peer, 1, 15), 150 + i);
    }
}

/* The last answers are taken before the thread ends. */
static void test_stop(void **state)
{
    struct bed *bed = *state;
    lock_while_thread_rests(bed);
    peer_set(bed->peer, holds = true);
    put(bed, 1, 14, 140);
    assert_int_equal(wake_and_unlock(bed), 1);
    target_stop(bed->target);
    assert_false(target_try_destroy(bed->target));
    peer_set(bed->peer, holds = false);
    target_destroy(bed->target);
    bed->target = NULL;
    assert_true(is_written(bed, 14));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sent_without_the_thread, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_most_requests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_most_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_both_sides, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_raw_write_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_to_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hangs_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_idle_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_answer, set_up_short, tear_down),
        cmocka_unit_test_setup_teardown(test_failed_send, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stop, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
