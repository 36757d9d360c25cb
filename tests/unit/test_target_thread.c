/* The thread of a Modbus server, against a test server: what it sends, in which order, and its
 * behaviour when the server or a unit is down. */
#include "common/modbus/modbus_client.h"
#include "target_bed.h"

#include <errno.h>
#include <stdatomic.h>

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

/* The first allocation of an array of this size is refused, unless it is 0. */
static atomic_size_t refused_size, refusals;

void *__wrap_realloc(void *old, size_t size)
{
    if (old || size != refused_size)
        return __real_realloc(old, size);
    refusals++;
    errno = ENOMEM;
    return NULL;
}

static void refuse_memory(size_t size)
{
    refusals = 0;
    refused_size = size;
}

static int set_up_foreign(void **state)
{
    return start_bed(state, false, TIMEOUT_MS);
}

static int set_up_impatient(void **state)
{
    return start_bed(state, false, SHORT_TIMEOUT_MS);
}

static int set_up_local(void **state)
{
    return start_bed(state, true, TIMEOUT_MS);
}

static atomic_uint closed_checks;

bool __real_modbus_client_check_closed(struct modbus_client *link);
bool __wrap_modbus_client_check_closed(struct modbus_client *link);

bool __wrap_modbus_client_check_closed(struct modbus_client *link)
{
    closed_checks++;
    return __real_modbus_client_check_closed(link);
}

/* Fills each array that a round needs while no allocation is refused. Dirty rows are in two arrays
 * that are swapped: a value that arrives while an earlier one is sent is in the other array. */
static void write_some(struct bed *bed)
{
    static const struct target_write words = {
        .unit = 1, .table = TABLE_HOLDING_REGISTER, .address = 30, .count = 1, .has_words = true};
    target_queue_write(bed->target, &words);
    wait_until(!target_has_raw_writes(bed->target));
    size_t requests = peer_count_requests(bed->peer);
    peer_set(bed->peer, holds = true);
    put_message(bed, 1, 3, 1);
    peer_wait_requests(bed->peer, requests + 1);
    put_message(bed, 1, 4, 2);
    peer_set(bed->peer, holds = false);
    wait_until(is_written(bed, 3) && is_written(bed, 4));
    put_message(bed, 1, 3, 3);
    wait_until(is_written(bed, 3));
}

/* A refused value without memory to record it is a lost mark: the value itself is not lost. */
static void test_refused_value_without_memory(void **state)
{
    struct bed *bed = *state;
    write_some(bed);
    peer_set(bed->peer, refused_address = 3);
    refuse_memory(16 * sizeof(uint32_t));
    put_message(bed, 1, 3, 9);
    wait_until(row_of(bed, 3).write_fault.fault == FAULT_MODBUS_EXCEPTION);
    wait_until(refusals > 0);
    refuse_memory(0);
    wait_until(target_take_lost_marks(bed->target));
}

/* A zero that a busy server refused stays pending, with or without memory. */
static void test_refused_zero_without_memory(void **state)
{
    struct bed *bed = *state;
    const struct target_write zeros = {
        .unit = 1, .table = TABLE_HOLDING_REGISTER, .address = 3, .count = 1};
    write_some(bed);
    assert_int_equal(peer_register(bed->peer, 1, 3), 3);
    peer_set(bed->peer, exception = PDU_DEVICE_BUSY);
    peer_set(bed->peer, refused_address = 3);
    refuse_memory(16 * sizeof(struct target_write));
    target_queue_write(bed->target, &zeros);
    wait_until(refusals > 0);
    assert_true(target_has_raw_writes(bed->target));
    peer_set(bed->peer, refused_address = -1);
    assert_true(target_has_raw_writes(bed->target));
    refuse_memory(0);
    wait_until(!target_has_raw_writes(bed->target));
    assert_int_equal(peer_register(bed->peer, 1, 3), 0);
}

/* A look at the connection costs a system call: one each second, however many values are sent. */
static void test_checks_of_the_connection(void **state)
{
    enum { VALUES = 100, CHECK_MS = 1000 };
    struct bed *bed = *state;
    write_some(bed);
    const uint64_t began_ms = clock_steady_ms();
    closed_checks = 0;
    for (uint16_t number = 0; number < VALUES; number++) {
        put_message(bed, 1, 3, number);
        wait_until(is_written(bed, 3));
    }
    const unsigned checks = closed_checks;
    const uint64_t took_ms = clock_steady_ms() - began_ms;
    assert_true(checks <= (took_ms / CHECK_MS + 1) * 2);
    wait_until(closed_checks > checks);
}

/* Neighbours share a request, whatever their order in the message. */
static void test_values_are_joined(void **state)
{
    struct bed *bed = *state;
    static const struct peer_request expected[] = {{1, FC_WRITE_REGISTERS, 0, 3, 10},
                                                   {1, FC_WRITE_REGISTERS, 8, 1, 18},
                                                   {2, FC_WRITE_REGISTERS, 9, 1, 19}};
    target_lock_rows(bed->target);
    put(bed, 2, 9, 19);
    put(bed, 1, 2, 12);
    put(bed, 1, 8, 18);
    put(bed, 1, 0, 10);
    put(bed, 1, 1, 11);
    target_unlock_rows(bed->target);
    target_wake_thread(bed->target);
    peer_expect(bed->peer, 0, expected, COUNT(expected));
    assert_int_equal(peer_register(bed->peer, 1, 2), 12);
    wait_until(is_written(bed, 9));
    for (uint32_t slot = 0; slot < 3; slot++)
        assert_true(is_written(bed, slot));
    wait_until(backlog_values(bed) == 0);
    target_stop(bed->target);
    wait_until(target_try_destroy(bed->target));
    bed->target = NULL;
    assert_int_equal(peer_request_count(bed->peer), COUNT(expected));
}

/* The local server accepts several requests at once; their order stays. */
static void test_pipeline(void **state)
{
    struct bed *bed = *state;
    target_lock_rows(bed->target);
    for (uint16_t address = 0; address < ROWS; address += 2)
        put(bed, 1, address, (uint16_t)(100 + address));
    target_unlock_rows(bed->target);
    target_wake_thread(bed->target);
    for (uint16_t address = 0; address < ROWS; address += 2) {
        wait_until(is_written(bed, address));
        assert_int_equal(peer_register(bed->peer, 1, address), 100 + address);
    }
}

/* Raw writes come first, in order; they do not overwrite the value of a row. */
static void test_order(void **state)
{
    struct bed *bed = *state;
    static const struct peer_request expected[] = {{1, FC_WRITE_REGISTERS, 5, 1, 1},
                                                   {1, FC_WRITE_REGISTERS, 20, 2, 7},
                                                   {1, FC_WRITE_REGISTERS, 5, 3, 0},
                                                   {1, FC_WRITE_REGISTERS, 5, 1, 2}};
    const struct target_write words = {.unit = 1,
                                       .table = TABLE_HOLDING_REGISTER,
                                       .address = 20,
                                       .count = 2,
                                       .has_words = true,
                                       .words = {7, 8}};
    const struct target_write zeros = {
        .unit = 1, .table = TABLE_HOLDING_REGISTER, .address = 5, .count = 3};
    peer_set(bed->peer, holds = true);
    put_message(bed, 1, 5, 1);
    peer_wait_requests(bed->peer, 1);
    target_lock_rows(bed->target);
    put(bed, 1, 5, 2);
    target_unlock_rows(bed->target);
    target_queue_write(bed->target, &words);
    target_queue_write(bed->target, &zeros);
    assert_true(target_has_raw_writes(bed->target));
    target_wake_thread(bed->target);
    peer_set(bed->peer, holds = false);
    peer_expect(bed->peer, 0, expected, COUNT(expected));
    wait_until(is_written(bed, 5));
    wait_until(!target_has_raw_writes(bed->target));
    assert_int_equal(peer_register(bed->peer, 1, 5), 2);
    assert_int_equal(peer_register(bed->peer, 1, 21), 8);
}

/* Values that arrive while the server is slow are written once, with the newest value. */
static void test_last_value_wins(void **state)
{
    struct bed *bed = *state;
    static const struct peer_request expected[] = {{1, FC_WRITE_REGISTERS, 3, 1, 1},
                                                   {1, FC_WRITE_REGISTERS, 3, 1, 9}};
    peer_set(bed->peer, holds = true);
    put_message(bed, 1, 3, 1);
    peer_wait_requests(bed->peer, 1);
    for (uint16_t number = 2; number <= 9; number++)
        put_message(bed, 1, 3, number);
    assert_int_equal(backlog_values(bed), 2); /* the current request, and its successor */
    peer_set(bed->peer, holds = false);
    peer_expect(bed->peer, 0, expected, COUNT(expected));
    wait_until(is_written(bed, 3));
    target_destroy(bed->target);
    bed->target = NULL;
    assert_int_equal(peer_request_count(bed->peer), COUNT(expected));
}

/* A refused register does not affect others, and its row gives the reason. */
static void test_refused_value(void **state)
{
    struct bed *bed = *state;
    peer_set(bed->peer, refused_address = 1);
    target_lock_rows(bed->target);
    for (uint16_t address = 0; address < 3; address++)
        put(bed, 1, address, (uint16_t)(50 + address));
    target_unlock_rows(bed->target);
    target_wake_thread(bed->target);
    wait_until(is_written(bed, 0) && is_written(bed, 2));
    assert_false(is_written(bed, 1));
    wait_until(row_of(bed, 1).write_fault.fault == FAULT_MODBUS_EXCEPTION);
    assert_int_equal(row_of(bed, 1).write_fault.exception, PDU_ILLEGAL_ADDRESS);
    assert_int_equal(peer_register(bed->peer, 1, 2), 52);
    assert_false(target_is_down(bed->target));
}

/* A silent unit does not delay values of other units; its own values wait for it. */
static void test_lost_unit(void **state)
{
    struct bed *bed = *state;
    peer_set(bed->peer, is_silent[2] = true);
    put_message(bed, 2, 4, 1);
    wait_until(row_of(bed, 4).write_fault.fault == FAULT_MODBUS_UNREACHABLE);
    assert_true(row_of(bed, 4).write_fault.is_of_unit);
    put_message(bed, 1, 3, 2);
    wait_until(is_written(bed, 3));
    assert_false(is_written(bed, 4));
    assert_false(target_is_down(bed->target));
    wait_until(target_take_losses(bed->target));
    assert_true(target_unit_has_lost(bed->target, 2));
    assert_false(target_unit_has_lost(bed->target, 1));
    put_message(bed, 2, 4, 5);
    peer_set(bed->peer, is_silent[2] = false);
    wait_until(is_written(bed, 4));
    assert_int_equal(peer_register(bed->peer, 2, 4), 5);
    assert_int_equal(row_of(bed, 4).write_fault.fault, FAULT_NONE);
}

/* Values wait for a server that is down. All its units may have lost their registers. */
static void test_lost_server(void **state)
{
    struct bed *bed = *state;
    put_message(bed, 1, 6, 1);
    wait_until(is_written(bed, 6));
    peer_stop(bed->peer);
    put_message(bed, 1, 6, 2);
    wait_until(target_is_down(bed->target));
    assert_false(is_written(bed, 6));
    wait_until(backlog_values(bed) == 1);
    wait_until(target_take_losses(bed->target));
    assert_true(target_unit_has_lost(bed->target, 1));
    assert_true(target_unit_has_lost(bed->target, 200));
    put_message(bed, 1, 6, 3);
    peer_start(bed->peer);
    wait_until(is_written(bed, 6));
    assert_int_equal(peer_register(bed->peer, 1, 6), 3);
    wait_until(!target_is_down(bed->target));
}

/* A server with a full connection queue answers nothing; the thread ends nevertheless. */
static void test_stop_while_connecting(void **state)
{
    struct bed *bed = *state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), waiting[4];
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 0), 0);
    getsockname(listener, (struct sockaddr *)&address, &size);
    for (size_t i = 0; i < COUNT(waiting); i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(waiting[i], (struct sockaddr *)&address, size);
    }
    target_destroy(bed->target);
    snprintf(bed->spec.outputs.addr.host, sizeof bed->spec.outputs.addr.host, "127.0.0.1");
    bed->spec.outputs.addr.port = ntohs(address.sin_port);
    bed->target = target_create(&bed->spec);
    assert_non_null(bed->target);
    put_message(bed, 1, 7, 1);
    target_stop(bed->target);
    wait_until(target_try_destroy(bed->target));
    bed->target = NULL;
    assert_false(is_written(bed, 7));
    for (size_t i = 0; i < COUNT(waiting); i++)
        close(waiting[i]);
    close(listener);
}

/* Waiting values are written before the thread ends. */
static void test_stop_writes_what_waits(void **state)
{
    struct bed *bed = *state;
    peer_set(bed->peer, holds = true);
    put_message(bed, 1, 1, 1);
    peer_wait_requests(bed->peer, 1);
    put_message(bed, 1, 2, 2);
    target_stop(bed->target);
    peer_set(bed->peer, holds = false);
    wait_until(target_try_destroy(bed->target));
    bed->target = NULL;
    assert_true(is_written(bed, 1));
    assert_true(is_written(bed, 2));
}

/* A stop that is cancelled before the thread has seen it has no effect. */
static void test_resume(void **state)
{
    struct bed *bed = *state;
    peer_set(bed->peer, holds = true);
    put_message(bed, 1, 1, 1);
    peer_wait_requests(bed->peer, 1);
    target_stop(bed->target);
    assert_true(target_resume(bed->target));
    peer_set(bed->peer, holds = false);
    put_message(bed, 1, 1, 2);
    wait_until(is_written(bed, 1));
    assert_int_equal(peer_register(bed->peer, 1, 1), 2);
    assert_false(target_try_destroy(bed->target));
}

/* The first reading records the state; later readings show what others have written. */
static void test_poll_change(void **state)
{
    struct bed *bed = *state;
    const struct target_pace pace = {.max_write_registers = MODBUS_WRITE_REGISTERS_MAX};
    struct polls polls = {.item = calloc(1, sizeof(struct poll)), .count = 1, .interval_ms = 1};
    struct poll change;
    assert_non_null(polls.item);
    peer_set(bed->peer, registers[1][9] = 40);
    polls.item[0] = (struct poll){.device = 3,
                                  .tag = 10,
                                  .slot = 9,
                                  .unit = 1,
                                  .table = TABLE_HOLDING_REGISTER,
                                  .address = 9,
                                  .count = 1,
                                  .mask = UINT16_MAX};
    target_set_limits(bed->target, &pace, &polls, &(struct write_limits){0});
    assert_null(polls.item);
    wait_until(target_take_poll_change(bed->target, &change));
    assert_false(change.known);
    assert_int_equal(change.words[0], 40);

    /* A value written by mqttd itself is not a change. */
    put_message(bed, 1, 9, 41);
    wait_until(is_written(bed, 9));
    size_t count = peer_request_count(bed->peer);
    peer_wait_requests(bed->peer, count + 3);
    while (target_take_poll_change(bed->target, &change))
        assert_false(change.known);

    peer_set(bed->peer, registers[1][9] = 42);
    wait_until(target_take_poll_change(bed->target, &change));
    assert_true(change.known);
    assert_int_equal(change.tag, 10);
    assert_int_equal(change.words[0], 42);
}

/* A refused poll shows in the row until a poll succeeds. */
static void test_refused_poll(void **state)
{
    struct bed *bed = *state;
    const struct target_pace pace = {.max_write_registers = MODBUS_WRITE_REGISTERS_MAX};
    struct polls polls = {.item = calloc(1, sizeof(struct poll)), .count = 1, .interval_ms = 1};
    assert_non_null(polls.item);
    polls.item[0] = (struct poll){.tag = 10,
                                  .slot = 9,
                                  .unit = 1,
                                  .table = TABLE_HOLDING_REGISTER,
                                  .address = 9,
                                  .count = 1,
                                  .mask = UINT16_MAX};
    put_message(bed, 1, 9, 1);
    wait_until(is_written(bed, 9));
    peer_set(bed->peer, refused_address = 9);
    target_set_limits(bed->target, &pace, &polls, &(struct write_limits){0});
    wait_until(row_of(bed, 9).write_fault.fault == FAULT_MODBUS_EXCEPTION);
    assert_true(row_of(bed, 9).write_fault.is_of_poll);
    peer_set(bed->peer, refused_address = -1);
    wait_until(row_of(bed, 9).write_fault.fault == FAULT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values_are_joined, set_up_foreign, tear_down),
        cmocka_unit_test_setup_teardown(test_pipeline, set_up_local, tear_down),
        cmocka_unit_test_setup_teardown(test_order, set_up_foreign, tear_down),
        cmocka_unit_test_setup_teardown(test_last_value_wins, set_up_foreign, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_value, set_up_foreign, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_value_without_memory, set_up_foreign,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_refused_zero_without_memory, set_up_foreign,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_checks_of_the_connection, set_up_foreign, tear_down),
        cmocka_unit_test_setup_teardown(test_lost_unit, set_up_impatient, tear_down),
        cmocka_unit_test_setup_teardown(test_lost_server, set_up_foreign, tear_down),
        cmocka_unit_test_setup_teardown(test_stop_while_connecting, set_up_impatient, tear_down),
        cmocka_unit_test_setup_teardown(test_stop_writes_what_waits, set_up_foreign, tear_down),
        cmocka_unit_test_setup_teardown(test_resume, set_up_foreign, tear_down),
        cmocka_unit_test_setup_teardown(test_poll_change, set_up_foreign, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_poll, set_up_foreign, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
