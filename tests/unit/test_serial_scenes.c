/* Scenes of a serial line: requests, noise, echoes and failures at given times. What happens is
 * compared with serial_scenes.txt, which TAGFERRY_APPROVE=1 writes: read what has changed. */
#include "serial_play.h"

static size_t put_frame(uint8_t *bytes, uint8_t unit, const char *pdu, size_t len)
{
    return rtu_put_frame(bytes, unit, (const uint8_t *)pdu, len);
}

#define MASTER_SENDS(name, unit, pdu)                                                              \
    static void name(void)                                                                         \
    {                                                                                              \
        play.in_len = (ssize_t)put_frame(play.in, unit, pdu, sizeof pdu - 1);                      \
    }

MASTER_SENDS(ask_1, 1, "\x03\x00\x10\x00\x01")
MASTER_SENDS(ask_2, 2, "\x03\x00\x20\x00\x01")
MASTER_SENDS(ask_5, 5, "\x03\x00\x20\x00\x01")   /* another device */
MASTER_SENDS(answer_5, 5, "\x03\x02\x12\x34")    /* its answer */
MASTER_SENDS(write_1, 1, "\x06\x00\x10\x00\x07") /* the answer is equal */
MASTER_SENDS(write_all, 0, "\x06\x00\x10\x00\x07")
MASTER_SENDS(ask_all, 0, "\x03\x00\x10\x00\x01")
MASTER_SENDS(ask_odd, 1, "\x41\x01")             /* a function of unknown length */
MASTER_SENDS(echo_answer, 1, "\x03\x02\x12\x34") /* of loop_answers */

static void half_a_frame(void)
{
    ask_1();
    play.in_len = 5;
}

static void other_half(void)
{
    ask_1();
    play.in_len -= 5;
    memmove(play.in, play.in + 5, (size_t)play.in_len);
}

static void noise_and_frame(void)
{
    play.in[0] = 0xaa;
    play.in[1] = 0x55;
    play.in[2] = 0x99;
    play.in_len = 3 + (ssize_t)put_frame(play.in + 3, 2, "\x01\x00\x20\x00\x01", 5);
}

static void wrong_crc(void)
{
    ask_1();
    play.in[6] ^= 1;
}

static void much_noise(void)
{
    play.in_len = 300;
    memset(play.in, 0x03, (size_t)play.in_len);
}

static void nothing(void)
{
    play.in_len = -EAGAIN;
}

static void interrupted(void)
{
    play.in_len = -EINTR;
}

static void broken(void)
{
    play.in_len = -EIO;
}

static void hung_up(void)
{
    play.in_len = 0;
}

static void loop_sends(uint16_t transaction, uint8_t unit, const char *pdu, size_t len)
{
    uint8_t bytes[ADU_MAX];
    pdu_put_header(bytes, transaction, unit, len);
    memcpy(bytes + MBAP_SIZE, pdu, len);
    say("the loop answers %u", transaction);
    assert_int_equal(__real_send(play.loop, bytes, MBAP_SIZE + len, MSG_NOSIGNAL), MBAP_SIZE + len);
}

#define LOOP_ANSWERS(name, transaction)                                                            \
    static void name(void)                                                                         \
    {                                                                                              \
        loop_sends(transaction, 1, "\x03\x02\x12\x34", 4);                                         \
    }

LOOP_ANSWERS(loop_answers, 1)
LOOP_ANSWERS(loop_answers_2, 2)
LOOP_ANSWERS(loop_answers_4, 4)

static void answers_1_and_2(void)
{
    loop_answers();
    loop_answers_2();
}

static void answers_part(void)
{
    const uint8_t part[] = {0, 1, 0, 0, 0, 7, 1};
    assert_int_equal(__real_send(play.loop, part, sizeof part, MSG_NOSIGNAL), sizeof part);
}

static void answers_rest(void)
{
    assert_int_equal(__real_send(play.loop, "\x03\x04\x01\x02\x03\x04", 6, MSG_NOSIGNAL), 6);
}

static void close_loop(void)
{
    close(play.loop);
    play.loop = -1;
    say("the loop closes");
}

static void scene_request(void)
{
    port_at(1000, ask_1);
    loop_at(1500, loop_answers);
    port_at(10000, ask_2);
    port_at(10001, nothing);
    port_at(10002, interrupted);
    loop_at(20000, loop_answers_2);
    loop_at(20001, answers_part); /* nobody waits for it */
    at(30000, connect_loop);      /* has a connection */
}

static void scene_parts(void)
{
    port_at(1000, half_a_frame);
    port_at(1400, other_half);
    loop_at(1500, answers_part);
    loop_at(1600, answers_rest);
    port_at(60000, half_a_frame); /* and nothing more */
    port_at(120000, noise_and_frame);
    port_at(130000, wrong_crc);
    port_at(180000, half_a_frame); /* cut short by a pause */
    port_at(190000, ask_1);
    port_at(250000, ask_odd);
    loop_at(260000, loop_answers_4);
}

static void scene_bus(void)
{
    port_at(1000, ask_5);
    port_at(5000, answer_5);
    port_at(10000, ask_all);
    port_at(15000, write_all);
    loop_at(16000, loop_answers_2); /* nobody answers these */
}

/* The answer to a request comes after the next frame. */
static void scene_late(void)
{
    port_at(1000, ask_1);
    port_at(5000, ask_2);
    loop_at(6000, loop_answers);
    loop_at(6100, loop_answers_2);
    port_at(10000, ask_1);
    loop_at(10100, answers_1_and_2);
    loop_at(10200, NULL);
    port_at(10300, ask_5); /* before the pause */
    port_at(20000, ask_1); /* the fourth */
    loop_at(20100, loop_answers_4);
    port_at(20200, half_a_frame);
    port_at(25000, other_half);
}

/* An adapter that hears what it sends: known from an answer that differs from its request. */
static void scene_echo(void)
{
    port_at(1000, ask_1);
    loop_at(1100, loop_answers);
    port_at(5000, echo_answer);
    port_at(10000, ask_1);
    loop_at(10100, loop_answers_2);
    port_at(20000, echo_answer);
    port_at(20100, echo_answer); /* not an echo any more */
    port_at(50000, ask_1);       /* the third */
    port_at(90000, ask_1);       /* the fourth */
    loop_at(90100, loop_answers_4);
    port_at(191900, echo_answer); /* too late */
}

static unsigned repeat;

static void loop_repeats(void)
{
    play.is_quiet = repeat < 18;
    loop_sends((uint16_t)++repeat, 1, "\x06\x00\x10\x00\x07", 5);
}

/* Equal requests: after 20 of them that come soon it is an echo. */
static void scene_repeats(void)
{
    repeat = 0;
    play.is_quiet = true;
    for (unsigned i = 0; i < 21; i++) {
        port_at(10000 * i + 1000, write_1);
        loop_at(10000 * i + 1100, loop_repeats);
    }
    port_at(230000, write_1);
    port_at(500000, write_1);
}

static unsigned slow;

static void loop_repeats_slowly(void)
{
    play.is_quiet = true;
    loop_sends((uint16_t)++slow, 1, "\x06\x00\x10\x00\x07", 5);
}

static void aloud(void)
{
    play.is_quiet = false;
    write_1();
}

/* Requests that come 100 ms after the answer are none: one of them ends the row. */
static void scene_slow_repeats(void)
{
    uint64_t us = 1000;
    slow = 0;
    play.is_quiet = true;
    for (unsigned i = 0; i < 38; i++) {
        port_at(us, write_1);
        loop_at(us + 100, loop_repeats_slowly); /* sent 1750 µs after the request */
        us += i == 18 ? 101750 : 101749;
    }
    port_at(us, aloud);
}

static void short_write(void)
{
    loop_answers();
    play.writes = 3;
}

static void no_write(void)
{
    loop_answers_2();
    play.writes = -EAGAIN;
}

static void bad_write(void)
{
    loop_sends(3, 1, "\x03\x02\x12\x34", 4);
    play.writes = -EIO;
}

static void scene_writes(void)
{
    port_at(1000, ask_1);
    loop_at(1100, short_write);
    port_at(10000, ask_1);
    loop_at(10100, no_write);
    port_at(20000, ask_1);
    loop_at(20100, bad_write);
    at(200000, NULL);
}

static void missing(void)
{
    play.is_missing = true;
    broken();
}

static void back(void)
{
    play.is_missing = false;
}

static void scene_gone(void)
{
    port_at(1000, ask_1);
    port_at(2000, missing);
    at(100000, NULL);
    at(1000000, back);
    port_at(2000000, ask_2);
    port_at(3000000, half_a_frame);
    port_at(3001000, hung_up);
    port_at(3500000, ask_2);
}

static void fail_send(void)
{
    ask_1();
    play.send_error = EPIPE;
}

static void fail_recv(void)
{
    play.recv_error = ECONNRESET;
}

static void retry_recv(void)
{
    play.recv_error = EAGAIN;
}

static void end_loop(void)
{
    __real_close(play.loop);
    connect_loop();
}

static void scene_loop(void)
{
    port_at(1000, ask_1);
    loop_at(2000, close_loop);
    woken_at(3000, connect_loop);
    port_at(4000, fail_send);
    woken_at(5000, end_loop);
    loop_at(6000, retry_recv);
    loop_at(6001, fail_recv);
    port_at(7000, ask_1); /* nobody serves it */
    woken_at(8000, end_loop);
    port_at(9000, ask_1);
}

static void scene_noise(void)
{
    for (uint64_t i = 0; i < 5; i++)
        port_at(1000 + 100 * i, much_noise);
    port_at(3000, ask_1);
}

static const struct scene {
    const char *name;
    unsigned baud;
    void (*make)(void);
} scenes[] = {
    {"requests", 19200, scene_request},
    {"parts of frames", 19200, scene_parts},
    {"parts of frames, slowly", 300, scene_parts},
    {"other devices, and all", 115200, scene_bus},
    {"late answers", 19200, scene_late},
    {"an echo", 115200, scene_echo},
    {"repeated requests", 115200, scene_repeats},
    {"repeated requests that are no echo", 115200, scene_slow_repeats},
    {"writes that fail", 115200, scene_writes},
    {"a line that is gone", 115200, scene_gone},
    {"connections to the loop", 115200, scene_loop},
    {"much noise", 19200, scene_noise},
};

static void test_scenes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scenes); i++) {
        assert_true(begin(scenes[i].baud));
        trace_len +=
            (size_t)snprintf(trace + trace_len, sizeof trace - trace_len, "%s== %s, at %u baud\n",
                             i > 0 ? "\n" : "", scenes[i].name, scenes[i].baud);
        if (i == 0)
            say("%s", serial_server_name(play.server));
        connect_loop();
        scenes[i].make();
        play.run(play.context);
        play.is_quiet = false;
        assert_int_equal(play.event, play.event_count);
        say_counters();
        wakeup_finish(&play.thread->wakeup);
        serial_server_destroy(play.server);
        if (play.loop >= 0)
            close(play.loop);
    }
    assert_true(golden_is_equal(TAGFERRY_SCENES, trace));
}

/* The socket that the thread has not taken is closed, too; and there may be no thread. */
static void test_ends(void **state)
{
    (void)state;
    char byte;
    assert_true(begin(9600));
    connect_loop();
    assert_int_equal(serial_server_connect(play.server), -1);
    wakeup_finish(&play.thread->wakeup);
    serial_server_destroy(play.server);
    assert_int_equal(__real_recv(play.loop, &byte, 1, MSG_DONTWAIT), 0);
    close(play.loop);
    serial_server_destroy(NULL);
    memset(&play, 0, sizeof play);
    play.has_no_thread = true;
    const struct serial_line line = {.path = "ttyS0", .baud = 9600};
    assert_null(serial_server_create(&line, &play.units, &play.counters));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
