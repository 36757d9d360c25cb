/* The local server: keeping it alive, and its two connections. */
#include "target_script.h"

static void set_timeouts(void)
{
    static const uint64_t timeouts[] = {0,     3200,  3204,  3203,  8000,       19999,
                                        20000, 20004, 12345, 12348, UINT64_MAX, 800};
    for (size_t i = 0; i < COUNT(timeouts); i++) {
        target_set_timeout(play.target, timeouts[i]);
        say("time-out %llu: due in %u", (unsigned long long)timeouts[i],
            sender_keep_alive_due_ms(&play.target->sender));
    }
}

static void set_long_timeout(void)
{
    target_set_timeout(play.target, 16000);
}

static void scene_local_rest(void)
{
    at(3000, set_timeouts);
    at(3100, set_long_timeout);
    at(9000, NULL);
    at(10000, stop);
}

static void put_local(void)
{
    for (uint16_t i = 0; i < 18; i++)
        put(1, H, (uint16_t)(10 + 2 * i), i);
    put(1, I, 60, 6);
    put(1, TABLE_DISCRETE_INPUT, 61, 1);
    put_bit(80, 1, 70, 1, 1);
    wake();
}

static void put_now(void)
{
    put(1, H, 5, 55);
    put(1, H, 6, 66);
    put_bit(80, 1, 70, 1, 0);
    wake();
}

static void scene_local(void)
{
    at(10, put_local);
    at(100, put_now);
    readable_at(100, NULL);
    at(200, put_now);
    at(300, put_local); /* too much to send at once */
    at(400, stop);
}

static void begin_no(void)
{
    play.refuses_begin = true;
    put_now();
    play.refuses_begin = false;
}

static void not_sent(void)
{
    play.has_not_sent = true;
    put_now();
    play.has_not_sent = false;
}

static void set_single(void)
{
    set_pace((struct target_pace){.max_write_registers = 123, .write_single = true});
}

static void set_interval(void)
{
    set_pace((struct target_pace){.max_write_registers = 123, .min_interval_ms = 1});
}

static void scene_local_now(void)
{
    at(10, put_now); /* no connection yet */
    at(100, begin_no);
    at(200, not_sent);
    at(300, set_single);
    at(310, put_now);
    at(400, set_interval);
    at(410, put_now);
    at(500, stop);
}

/* Answers to what was sent at once: a refusal, and silence. */
static void scene_local_answers(void)
{
    replies_ok(3);
    reply((struct reply){.result = MODBUS_EXCEPTION,
                         .exception = PDU_ILLEGAL_ADDRESS,
                         .answered = 16,
                         .refused = 1,
                         .reason = "refused"});
    replies_ok(1);
    refused(PDU_ILLEGAL_ADDRESS);
    at(10, put_local);
    at(100, put_now);
    at(200, put_now); /* not now, while a value is refused */
    replies_ok(30);
    at(6000, stop);
}

static void scene_local_silent(void)
{
    replies_ok(3);
    reply((struct reply){.result = MODBUS_UNREACHABLE,
                         .failure = MODBUS_NO_ANSWER,
                         .answered = 1,
                         .losses = 1,
                         .reason = "no answer"});
    at(10, put_local);
    at(100, put_now);
    at(110, show_backlog);
    at(120, say_losses);
    at(900, show_backlog);
    at(1000, stop);
}

static void hang_up(void)
{
    play.clients[0].is_closed = play.clients[1].is_closed = true;
}

static void scene_local_closed(void)
{
    at(10, put_local);
    at(50, set_long_timeout);
    readable_at(100, hang_up);
    at(110, say_losses);
    disconnected(100);
    at(1000, put_now);
    at(1050, show_backlog);
    at(1060, say_losses);
    at(1500, show_backlog);
    at(1800, stop);
}

static void scene_local_down(void)
{
    disconnected(150);
    disconnected(80);
    at(10, put_local);
    at(20, show_backlog);
    at(30, say_losses);
    at(700, stop);
}

static const struct scene scenes[] = {
    {"local: keeping alive", true, scene_local_rest},
    {"local: values", true, scene_local},
    {"local: ways to send now", true, scene_local_now},
    {"local: a refusal", true, scene_local_answers},
    {"local: silence", true, scene_local_silent},
    {"local: closed connections", true, scene_local_closed},
    {"local: down", true, scene_local_down},
};

static void test_scenes(void **state)
{
    (void)state;
    play_scenes(scenes, COUNT(scenes), TAGFERRY_SCENES);
}

/* Each part that cannot be had leaves nothing behind, and says why. */
static void test_no_target(void **state)
{
    (void)state;
    for (unsigned local = 0; local < 2; local++) {
        for (unsigned lack = 0; lack < 3; lack++) {
            begin(local);
            bool *const lacks[] = {&play.has_no_thread, &play.has_no_client, &play.trusts_nobody};
            *lacks[lack] = true;
            errno = 0;
            play.target = target_create(&play.spec);
            assert_int_equal(!play.target, local || lack < 2);
            assert_int_equal(errno, lack == 0 ? EAGAIN : lack == 1 || local ? ENOMEM : EAGAIN);
            finish();
        }
    }
    free(play.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_no_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
