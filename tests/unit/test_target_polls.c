/* Polls of a foreign server, limits of writes to it, and the lack of memory. */
#include "target_script.h"

/* Polls. */

static void set_polls(size_t count, uint8_t units, uint32_t interval_ms)
{
    struct polls polls = {
        .item = calloc(count, sizeof(struct poll)), .count = count, .interval_ms = interval_ms};
    assert_non_null(polls.item);
    for (size_t i = 0; i < count; i++)
        polls.item[i] = (struct poll){.device = 200,
                                      .tag = (int64_t)(10 + i),
                                      .slot = (uint32_t)(10 + i),
                                      .unit = (uint8_t)(1 + i % units),
                                      .table = H,
                                      .address = (uint16_t)(10 + i),
                                      .count = i == 0 ? 2 : 1,
                                      .mask = UINT16_MAX};
    target_set_limits(play.target, &(struct target_pace){.max_write_registers = 123}, &polls,
                      &(struct write_limits){0});
}

static void poll_two(void)
{
    set_polls(2, 1, 250);
}

static void change_registers(void)
{
    play.registers[1][10] = 700;
    play.registers[1][11] = 701;
}

static void put_polled(void)
{
    put(1, H, 11, 55);
    wake();
}

static void scene_polls(void)
{
    play.registers[1][11] = 11;
    at(10, poll_two);
    at(100, say_changes);
    at(300, change_registers);
    at(600, say_changes);
    at(700, put_polled);
    at(1100, say_changes);
    at(1200, say_changes);
    at(2000, stop);
}

static void poll_many(void)
{
    play.is_quiet = true;
    set_polls(POLL_CHANGES_MAX + 3, 1, 1500);
}

static void stop_aloud(void)
{
    play.is_quiet = false;
    stop();
}

/* As many changes as there is room for; the others come with the next reading. */
static void scene_polls_full(void)
{
    at(10, poll_many);
    at(900, say_changes);
    at(1800, say_changes);
    at(1900, stop_aloud);
}

static void poll_units(void)
{
    set_polls(4, 2, 5000);
}

static void put_polled_rows(void)
{
    for (uint16_t i = 0; i < 4; i++)
        put((uint8_t)(1 + i % 2), H, (uint16_t)(10 + i), i);
    wake();
}

static void put_pending(void)
{
    put(1, H, 12, 5);
    wake();
}

/* Rows of the polls show it, but not one whose value waits, and the log says it once in ten
 * seconds.
 */
static void scene_polls_refused(void)
{
    replies_ok(4);
    at(10, put_polled_rows);
    refused(PDU_ILLEGAL_ADDRESS); /* named at 22 */
    replies_ok(1);
    refused(PDU_DEVICE_BUSY);
    refused(PDU_ILLEGAL_VALUE);
    at(20, poll_units);
    at(100, show_backlog);
    at(200, say_changes);
    replies_ok(4); /* at 5020 */
    at(5100, show_backlog);
    refused(PDU_ILLEGAL_ADDRESS); /* the value of a row is refused, and so is its poll */
    at(9000, put_pending);
    refused(PDU_ILLEGAL_ADDRESS); /* at 10022: named */
    refused(PDU_ILLEGAL_VALUE);
    at(10030, show_backlog);
    at(10100, say_changes);
    at(10110, stop);
}

static void scene_polls_silent(void)
{
    replies_ok(6);
    silent();
    at(10, put_polled_rows);
    at(20, poll_units);
    silent();
    at(95, show_backlog);
    at(300, say_losses);
    at(310, show_backlog);
    at(700, say_changes);
    silent();
    at(5100, show_backlog);
    at(6000, say_changes);
    at(6010, stop);
}

static void scene_polls_down(void)
{
    replies_ok(7);
    disconnected(100);
    at(10, put_polled_rows);
    at(20, poll_units);
    at(50, show_backlog);
    at(200, say_losses);
    at(210, say_changes);
    at(1500, stop);
}

/* Limits of writes. */

static void set_limit(void)
{
    struct write_limits limits = {0};
    for (uint32_t slot = 5; slot <= 7; slot++) {
        const struct write_limit limit = {
            .tag = slot,
            .settings = (uint64_t)PLAY_DIGEST << 32,
            .slot = slot,
            .unit = 1,
            .min_change = 10,
            .min_interval_ms = 100 * slot,
            .point = {.table = H, .type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}};
        assert_true(ARRAY_PUSH(&limits, limit));
    }
    target_set_limits(play.target, &(struct target_pace){.max_write_registers = 123},
                      &(struct polls){0}, &limits);
}

/* As ingest does. */
static void put_limited(uint16_t address, uint16_t number)
{
    const struct point point = {
        .table = H, .type = TYPE_UINT16, .bit = NO_BIT, .address = address, .scale = 1};
    struct live_table_value value = {
        .raw = number, .wall_ms = clock_wall_ms(), .steady_ms = clock_steady_ms()};
    target_lock_rows(play.target);
    uint16_t words[4] = {number};
    bool is_unchanged = target_is_unchanged(play.target, address, words);
    value.raw = words[0];
    live_table_set_location(&value, (uint64_t)PLAY_DIGEST << 32, 1, &point);
    uint64_t changed = live_table_put_value(play.spec.live, address, &value, NULL, 0);
    if (is_unchanged)
        target_skip_unchanged(play.target, address, changed);
    else
        target_mark_limited(play.target, address, changed);
    target_unlock_rows(play.target);
    say("put %u: %u%s", address, number, is_unchanged ? " is unchanged" : "");
    wake();
}

static void put_100(void)
{
    put_limited(5, 100);
    put_limited(6, 100);
    put_limited(7, 100);
}

static void put_109(void)
{
    put_limited(5, 109);
    put_limited(6, 110);
}

static void put_120(void)
{
    put_limited(5, 120);
    put_limited(8, 120); /* has no limits */
    target_forget_sent(play.target, 6);
    target_forget_sent(play.target, 8);
    put_limited(6, 100);
}

static void put_at_once(void)
{
    put(1, H, 5, 1); /* of on_stale */
    wake();
}

static void scene_limits(void)
{
    set_limit();
    at(10, put_100);
    at(50, put_109);
    at(100, put_120);
    at(150, put_at_once);
    at(600, put_120);
    at(660, put_100);
    at(800, stop);
}

/* An outage and a refusal forget what was sent. */
static void scene_limits_refused(void)
{
    set_limit();
    refused(PDU_ILLEGAL_VALUE);
    refused(PDU_ILLEGAL_VALUE);
    replies_ok(2);
    at(10, put_100);
    at(50, put_109);
    silent();
    at(2000, put_109);
    at(3000, put_100);
    at(3100, stop);
}

/* Memory. */

static void no_memory(void)
{
    play.has_no_memory = true;
    put(1, H, 9, 90);
    wake();
    write_raw(60, 1, 0, true);
    say("reserved%s", target_reserve_writes(play.target, 1000) ? "" : " not");
    say("lost marks%s", target_take_lost_marks(play.target) ? "" : ": none");
    say("lost marks%s", target_take_lost_marks(play.target) ? "" : ": none");
}

static void memory(void)
{
    play.has_no_memory = false;
    say("lost marks%s", target_take_lost_marks(play.target) ? "" : ": none");
}

static void scene_no_memory(void)
{
    at(10, no_memory);
    at(1100, memory);
    at(1200, put_nine);
    at(1300, stop);
}

static void put_few(void)
{
    put(1, H, 9, 91);
    put(1, H, 8, 81);
    wake();
    play.has_no_memory = true;
}

/* There is no memory for copies of the rows, nor for marks. */
static void scene_no_copies(void)
{
    at(10, put_few);
    at(80, show_backlog);
    at(120, show_backlog);
    at(150, memory);
    at(300, stop);
}

static void put_20(void)
{
    for (uint16_t i = 0; i < 20; i++)
        put(1, H, i, i);
    wake();
}

static void put_40(void)
{
    for (uint16_t i = 0; i < 40; i++)
        put(1, H, i, (uint16_t)(100 + i));
    wake();
    play.has_no_memory = true;
}

/* There is memory for the copies of some: the others stay dirty. */
static void scene_some_copies(void)
{
    at(10, put_20);
    at(20, put_20);
    at(30, put_40);
    at(50, show_backlog);
    at(300, memory);
    at(310, stop);
}

static const struct scene scenes[] = {
    {"polls", false, scene_polls},
    {"more changes than room", false, scene_polls_full},
    {"refused polls", false, scene_polls_refused},
    {"polls of a silent unit", false, scene_polls_silent},
    {"polls of a server that is down", false, scene_polls_down},
    {"limits of writes", false, scene_limits},
    {"limits and refused values", false, scene_limits_refused},
    {"no memory", false, scene_no_memory},
    {"no memory for copies", false, scene_no_copies},
    {"memory for some copies", false, scene_some_copies},
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
