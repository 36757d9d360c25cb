/* Which thread serves which Modbus server. Nothing is sent: there is no work. */
#include "check.h"

#include "mqttd/targets.h"

static struct target *target_of(struct targets *targets, const char *host, uint16_t port)
{
    const struct device device = {.host = host, .port = port};
    return targets_get(targets, &device);
}

static void test_one_target_a_server(void **state)
{
    (void)state;
    const struct target_spec local = {.local = true,
                                      .digest = target_digest(NULL, 0),
                                      .outputs = {"127.0.0.1", 1},
                                      .inputs = {"127.0.0.1", 1},
                                      .timeout_ms = 100};
    struct targets targets;
    static struct counters counters;
    struct target_spec spec = local;
    spec.counters = &counters;
    assert_true(targets_init(&targets, &spec));
    assert_ptr_equal(target_of(&targets, NULL, 0), targets_local(&targets));
    struct target *plc = target_of(&targets, "PLC-1", 502);
    assert_ptr_equal(target_of(&targets, "plc-1", 502), plc);
    assert_ptr_not_equal(target_of(&targets, "plc-1", 503), plc);
    assert_ptr_not_equal(plc, targets_local(&targets));
    targets_finish(&targets);
}

/* Servers whose digests are the same are two servers all the same. */
static void test_equal_digests(void **state)
{
    (void)state;
    static const char one[] = "192.168.88.134", other[] = "10.1.132.106";
    struct targets targets = {0};
    assert_int_equal(target_digest(one, 502), target_digest(other, 502));
    assert_ptr_not_equal(target_of(&targets, one, 502), target_of(&targets, other, 502));
    targets_finish(&targets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_target_a_server),
        cmocka_unit_test(test_equal_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
