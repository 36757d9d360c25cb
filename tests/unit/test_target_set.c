/* Which thread serves which Modbus server. Nothing is sent, because there is no work. */
#include "check.h"

#include <stdlib.h>

#include "mqttd/targets/target_internal.h"
#include "mqttd/targets/target_set.h"

static struct target *target_of(struct targets *targets, const char *host, uint16_t port)
{
    const struct device device = {.host = host, .port = port};
    return target_set_find_or_start(targets, &device);
}

static void test_one_target_a_server(void **state)
{
    (void)state;
    const struct target_spec local = {.local = true,
                                      .digest = device_server_digest(NULL, 0),
                                      .outputs.addr = {"127.0.0.1", 1},
                                      .inputs = {"127.0.0.1", 1},
                                      .timeout_ms = 100};
    struct targets targets;
    static struct counters counters;
    struct wakeup notify;
    struct target_spec spec = local;
    assert_true(wakeup_init(&notify));
    spec.counters = &counters;
    spec.notify = &notify;
    assert_true(target_set_init(&targets, &spec));
    assert_ptr_equal(target_of(&targets, NULL, 0), target_set_local(&targets));
    struct target *plc = target_of(&targets, "PLC-1", 502);
    assert_ptr_equal(target_of(&targets, "plc-1", 502), plc);
    assert_ptr_not_equal(target_of(&targets, "plc-1", 503), plc);
    assert_ptr_not_equal(plc, target_set_local(&targets));
    target_set_finish(&targets);
    wakeup_finish(&notify);
}

/* Servers with the same digest are still two servers. */
static void test_equal_digests(void **state)
{
    (void)state;
    static const char one[] = "192.168.88.134", other[] = "10.1.132.106";
    struct targets targets = {0};
    assert_int_equal(device_server_digest(one, 502), device_server_digest(other, 502));
    assert_ptr_not_equal(target_of(&targets, one, 502), target_of(&targets, other, 502));
    target_set_finish(&targets);
}

/* The values that a server has lost are written again before its current state is shown. */
static void test_losses_come_before_news(void **state)
{
    (void)state;
    struct target *target = calloc(1, sizeof *target);
    struct poll news;
    assert_non_null(target);
    pthread_mutex_init(&target->lock, NULL);
    target->poll_changes[0].tag = 5;
    target->poll_change_count = 1;
    target->has_lost = true;
    target->lost[7 / 8] = 1 << 7 % 8;
    assert_false(target_take_poll_change(target, &news));
    assert_true(target_take_losses(target));
    assert_true(target_unit_has_lost(target, 7));
    assert_false(target_unit_has_lost(target, 8));
    assert_true(target_take_poll_change(target, &news));
    assert_int_equal(news.tag, 5);
    assert_false(target_take_poll_change(target, &news));
    assert_false(target_take_losses(target));
    assert_false(target_unit_has_lost(target, 7));
    pthread_mutex_destroy(&target->lock);
    free(target);
}

/* A thread that is ending is reused, or its end is awaited: never two threads for one server. */
static void test_a_server_is_back_at_once(void **state)
{
    (void)state;
    static struct counters counters;
    struct wakeup notify;
    assert_true(wakeup_init(&notify));
    const struct target_spec spec = {.local = true,
                                     .digest = device_server_digest(NULL, 0),
                                     .outputs.addr = {"127.0.0.1", 1},
                                     .inputs = {"127.0.0.1", 1},
                                     .timeout_ms = 100,
                                     .counters = &counters,
                                     .notify = &notify};
    struct targets targets;
    assert_true(target_set_init(&targets, &spec));
    for (unsigned i = 0; i < 50; i++) {
        struct target *plc = target_of(&targets, "127.0.0.1", 1);
        assert_non_null(plc);
        assert_int_equal(targets.count, 2);
        target_set_end_target(&targets, 1);
        assert_int_equal(targets.count, 1);
        assert_non_null(target_of(&targets, "127.0.0.1", 1));
        assert_int_equal(targets.ending.count, 0);
        assert_int_equal(targets.count, 2);
    }
    target_set_finish(&targets);
    wakeup_finish(&notify);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_target_a_server),
        cmocka_unit_test(test_equal_digests),
        cmocka_unit_test(test_losses_come_before_news),
        cmocka_unit_test(test_a_server_is_back_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
