/* What is written to a foreign server, and when, for given messages and answers. */
#include "target_script.h"

static void put_first(void)
{
    put(1, H, 5, 50);
    put(1, H, 6, 60);
    put(1, H, 4, 40);
    put(1, H, 8, 80);
    put(2, H, 9, 90);
    put_bit(20, 1, 30, 2, 1);
    put_bit(21, 1, 30, 4, 0);
    put(1, C, 11, 1);
    put(1, C, 10, 0);
    wake();
}

static void scene_first(void)
{
    at(10, put_first);
    at(4000, NULL);
    at(4100, wake); /* nothing is marked */
    at(4200, stop);
}

static void put_old(void)
{
    put(1, H, 5, 51);
    put(1, H, 6, 60);
    set_clock_ms += 700;
    put(1, H, 7, 70);
    wake();
}

static void put_text(void)
{
    static const uint16_t words[3] = {0x4142, 0x4300, 0};
    const struct point point = {
        .table = H, .type = TYPE_STRING, .bit = NO_BIT, .address = 40, .length = 3};
    const struct point wide = {
        .table = H, .type = TYPE_UINT64, .bit = NO_BIT, .address = 43, .scale = 1};
    put_point(70, 1, &point, 0, words);
    put_point(71, 1, &wide, UINT64_C(0x0004000300020001), NULL);
    wake();
}

/* A value that is another server's, or is written already, needs no request. */
static void put_of_another(void)
{
    struct live_table_value value = {.raw = 1};
    const struct point point = {
        .table = H, .type = TYPE_UINT16, .bit = NO_BIT, .address = 50, .scale = 1};
    live_table_set_location(&value, (uint64_t)(PLAY_DIGEST + 1) << 32, 1, &point);
    target_put_value(play.target, 50, &value, &point, NULL);
    target_lock_rows(play.target);
    target_mark_dirty(play.target, 5);
    target_mark_dirty(play.target, PLAY_ROWS + 5); /* there is no such row */
    target_unlock_rows(play.target);
    wake();
}

static void scene_kinds(void)
{
    set_pace((struct target_pace){.max_write_registers = 6});
    at(10, put_old);
    at(1000, put_text);
    at(1500, put_of_another);
    at(1600, stop);
}

static void put_three(void)
{
    put(1, H, 5, 50);
    put(1, H, 6, 60);
    put(1, H, 7, 70);
    put(1, C, 8, 1);
    put_bit(20, 1, 30, 15, 1);
    wake();
}

static void scene_single(void)
{
    set_pace((struct target_pace){.max_write_registers = 3, .write_single = true});
    at(10, put_three);
    at(500, stop);
}

static void set_other_pace(void)
{
    set_pace((struct target_pace){.max_write_registers = 2, .min_interval_ms = 30});
}

static void scene_pace(void)
{
    set_pace((struct target_pace){
        .max_write_registers = 123, .min_interval_ms = 100, .write_single = true});
    at(10, put_three);
    at(200, NULL);
    at(250, set_other_pace);
    at(1100, put_three);
    at(1200, stop);
}

/* The first register is written before the second is refused: then each goes alone. */
static void scene_single_refused(void)
{
    set_pace((struct target_pace){.max_write_registers = 3, .write_single = true});
    replies_ok(1);
    refused(PDU_ILLEGAL_ADDRESS);
    replies_ok(1);
    refused(PDU_ILLEGAL_ADDRESS);
    at(10, put_three);
    at(500, stop);
}

static void put_some(void)
{
    for (uint16_t i = 1; i <= 3; i++)
        put(1, H, i, (uint16_t)(10 * i));
    wake();
}

static void put_two(void)
{
    put(1, H, 2, 21);
    wake();
}

/* A refused value is written again after 5 s; the log names another one after 5 s, the same one
 * after ten minutes. */
static void scene_refused(void)
{
    refused(PDU_ILLEGAL_ADDRESS);
    replies_ok(1);
    refused(PDU_ILLEGAL_VALUE);
    replies_ok(1);
    at(10, put_some);
    at(20, show_backlog);
    for (unsigned i = 0; i < 2; i++)
        refused(PDU_ILLEGAL_VALUE);
    at(3000, put_nine);
    replies_ok(1);
    at(7000, put_nine);
    refused(PDU_ILLEGAL_ADDRESS);
    at(11900, put_two);
    at(12000, stop);
}

static void put_other(void)
{
    put(1, H, 8, 80);
    wake();
}

static void refused_soon(uint8_t exception)
{
    reply((struct reply){
        .result = MODBUS_EXCEPTION, .exception = exception, .takes_ms = 1, .reason = "refused"});
}

/* To the millisecond: another refused value is named 5 s after the first one, the same one ten
 * minutes after it. */
static void scene_refused_pauses(void)
{
    play.leaves_out_waits = true;
    refused(PDU_ILLEGAL_VALUE);
    at(10, put_two); /* named at 12 */
    refused(PDU_DEVICE_BUSY);
    at(5009, put_other); /* at 5011: not named */
    refused_soon(PDU_ILLEGAL_VALUE);
    at(5011, put_nine); /* at 5012: named */
    replies_ok(4);
    at(600000, put_nine);
    refused(PDU_ILLEGAL_VALUE);
    at(605009, put_nine); /* at 605011: not named */
    refused_soon(PDU_ILLEGAL_VALUE);
    at(605011, put_nine); /* at 605012: named */
    at(620000, stop);
}

static void put_units(void)
{
    for (uint8_t unit = 1; unit <= 4; unit++)
        put(unit, H, (uint16_t)(10 + unit), unit);
    wake();
}

/* Unit 2 is silent: it is tried again after 100 ms, then 200 ms; unit 1 goes on. */
static void scene_silent_unit(void)
{
    replies_ok(1);
    silent();
    at(10, put_units);
    replies_ok(2);
    silent();
    at(100, show_backlog);
    at(110, put_units);
    replies_ok(3);
    silent();
    at(800, say_losses);
    replies_ok(10);
    at(2000, put_units);
    at(2500, stop);
}

/* A gateway says that the unit does not answer; a unit answers with a damaged frame. */
static void scene_gateway(void)
{
    refused(PDU_GATEWAY_PATH);
    refused(PDU_GATEWAY_TARGET);
    reply((struct reply){
        .result = MODBUS_UNREACHABLE, .failure = MODBUS_WRONG_CRC, .reason = "wrong CRC"});
    replies_ok(1);
    at(10, put_units);
    at(15, show_backlog);
    at(20, say_losses);
    at(100, put_units);
    at(150, stop);
}

/* Damaged answers are no loss; the silence after them is one. */
static void scene_crc(void)
{
    reply((struct reply){
        .result = MODBUS_UNREACHABLE, .failure = MODBUS_WRONG_CRC, .reason = "wrong CRC"});
    at(10, put_nine);
    at(20, show_backlog);
    silent();
    at(300, say_losses);
    silent();
    at(700, say_losses);
    reply((struct reply){
        .result = MODBUS_UNREACHABLE, .failure = MODBUS_WRONG_CRC, .reason = "wrong CRC"});
    at(1400, put_nine);
    at(3000, say_losses);
    at(3100, stop);
    silent();
}

/* The late answer of a unit by RTU keeps only that unit waiting. */
static void scene_late(void)
{
    reply((struct reply){.result = MODBUS_UNREACHABLE,
                         .failure = MODBUS_NO_ANSWER,
                         .late_ms = 450,
                         .reason = "no answer"});
    at(10, put_nine);
    at(100, put_units);
    at(900, stop);
}

static void refuse_tls(enum tls_fault fault)
{
    reply((struct reply){.result = MODBUS_UNREACHABLE,
                         .failure = MODBUS_NOT_CONNECTED,
                         .tls_fault = fault,
                         .backoff_ms = 100,
                         .reason = tls_fault_words(fault)});
}

/* The loss of the server is logged once, a reason of TLS when it is another one. */
static void scene_server_down(void)
{
    replies_ok(1);
    disconnected(100);
    disconnected(200);
    refuse_tls(TLS_FAULT_EXPIRED);
    refuse_tls(TLS_FAULT_EXPIRED);
    refuse_tls(TLS_FAULT_NONE);
    refuse_tls(TLS_FAULT_EXPIRED);
    at(10, put_nine);
    at(20, put_units);
    at(60, show_backlog);
    at(70, say_losses);
    at(75, put_some);
    at(460, show_backlog);
    at(2000, show_backlog);
    at(2010, say_losses);
    reply((struct reply){.result = MODBUS_UNREACHABLE, .failure = MODBUS_BACKS_OFF});
    at(3000, put_nine);
    at(3010, stop);
}

static void put_bits(void)
{
    put_bit(20, 1, 30, 2, 1);
    put(2, H, 5, 1);
    wake();
}

/* No answer to FC22 may mean that the unit does not know it: before the next one it is read. */
static void scene_masked(void)
{
    static const struct reply no_fc22 = {.result = MODBUS_UNREACHABLE,
                                         .failure = MODBUS_NO_ANSWER_TO_MASKED,
                                         .takes_ms = 50,
                                         .reason = "no answer to FC22"};
    replies_ok(1);
    reply(no_fc22);
    replies_ok(1);
    at(10, put_bits);
    at(300, put_bits);
    reply((struct reply){.unmasked = 2, .takes_ms = 3});
    at(600, put_bits);
    replies_ok(1);
    reply(no_fc22);
    silent();
    silent();
    at(900, put_bits);
    refused(PDU_GATEWAY_TARGET);
    at(2000, stop);
}

static void masked_pace(void)
{
    set_pace((struct target_pace){.max_write_registers = 1, .min_interval_ms = 40});
    put_bit(20, 1, 30, 2, 1);
    wake();
}

static void scene_masked_pace(void)
{
    at(10, masked_pace);
    refused(PDU_ILLEGAL_ADDRESS);
    at(500, masked_pace);
    at(600, stop);
}

/* Writes without a row. */

static void queue_raw(void)
{
    assert_true(target_reserve_writes(play.target, 3));
    write_raw(60, 4, 0, true);
    write_raw(50, 10, 0, false);
    write_raw(65, 1, 0x00f0, true);
    say("has%s", target_has_raw_writes(play.target) ? "" : " not");
}

static void show_raw(void)
{
    say("raw%s", target_has_raw_writes(play.target) ? "" : " none");
}

static void scene_raw(void)
{
    at(10, queue_raw);
    at(20, show_raw);
    at(30, stop);
}

/* Refused zeros of a busy server are kept, one for each register; any others are given up. */
static void scene_raw_refused(void)
{
    static const uint8_t codes[] = {PDU_ILLEGAL_VALUE, PDU_DEVICE_FAILURE, 5, PDU_DEVICE_BUSY, 7};
    replies_ok(1);
    refused(PDU_ILLEGAL_ADDRESS);
    for (size_t i = 0; i < COUNT(codes); i++)
        refused(codes[i]);
    replies_ok(5);
    refused(PDU_DEVICE_BUSY); /* words are given up */
    at(10, queue_raw);
    at(40, show_raw);
    at(3000, put_three);
    replies_ok(3);
    refused(PDU_DEVICE_BUSY);
    at(6000, show_raw);
    at(11000, show_raw);
    at(11100, stop);
}

static void put_over(void)
{
    put(3, H, 52, 7);
    put_bit(20, 3, 53, 3, 1);
    wake();
}

/* A zero that is owed is dropped when a value is written to its register; of a bit, only its bits
 * are. */
static void scene_raw_overwritten(void)
{
    replies_ok(1);
    refused(PDU_DEVICE_BUSY);
    for (size_t i = 0; i < 10; i++)
        refused(PDU_DEVICE_BUSY);
    at(10, queue_raw);
    at(3000, put_over);
    at(6000, show_raw);
    at(6100, stop);
}

static void scene_raw_silent(void)
{
    silent();
    at(10, queue_raw);
    at(70, put_three);
    at(80, show_raw);
    at(900, show_raw);
    at(910, stop);
}

static const struct scene scenes[] = {
    {"values of two units", false, scene_first},
    {"kinds of values", false, scene_kinds},
    {"one register a request", false, scene_single},
    {"a pace that changes", false, scene_pace},
    {"a refused register of several", false, scene_single_refused},
    {"refused values", false, scene_refused},
    {"pauses between lines", false, scene_refused_pauses},
    {"a silent unit", false, scene_silent_unit},
    {"a gateway reports silence", false, scene_gateway},
    {"damaged answers", false, scene_crc},
    {"a late answer", false, scene_late},
    {"the server is down", false, scene_server_down},
    {"no answer to FC22", false, scene_masked},
    {"a read before FC22, and the pace", false, scene_masked_pace},
    {"writes without a row", false, scene_raw},
    {"refused writes without a row", false, scene_raw_refused},
    {"zeros that values overtake", false, scene_raw_overwritten},
    {"writes without a row to a silent unit", false, scene_raw_silent},
};

static void test_scenes(void **state)
{
    (void)state;
    play_scenes(scenes, COUNT(scenes), TAGFERRY_SCENES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
