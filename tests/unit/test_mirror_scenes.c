/* Scenes of the mirror: with given messages at given times. What happens is compared with
 * mirror_scenes.txt, which TAGFERRY_APPROVE=1 writes: read what has changed. */
#include "mirror_play.h"

static void scene_test(void)
{
    show();
    mirror_note_connect(m.mirror, now());
    show();
    pass(1999);
    show();
    pass(1);
    show();
    mirror_note_subscription(m.mirror, m.mirror->filter, FAULT_NONE, now());
    run_at(3999);
    run_at(4000);
    run_at(13999);
    run_at(14000);
    take("%/tagferry-a", "0", false);
    take("%/tagferry-a", "f4241", false);
    take_fence();
    show();
    take("%/tagferry-b", "1", false);
    run_at(15999);
    run_at(16000); /* the second message does not come back: not logged again */
    run_at(26000);
    take_fence();
    take_fence();
    show();
    show_counters();
    /* A refusal is logged again when the link was open since. */
    mirror_note_lost(m.mirror, true, now());
    show();
    mirror_note_connect(m.mirror, now());
    mirror_note_subscription(m.mirror, m.mirror->filter, FAULT_SUBSCRIPTION_REFUSED, now());
    show();
    mirror_note_subscription(m.mirror, "other", FAULT_NONE, now());
    show();
    m.result = PUBLISH_BLOCKED;
    mirror_note_subscription(m.mirror, m.mirror->filter, FAULT_NONE, now());
    show();
    m.result = PUBLISH_SENT;
    run_at(35999);
    run_at(36000);
    m.result = PUBLISH_NO_MEMORY;
    take_fence();
    show();
    show_counters();
}

static void scene_closes(void)
{
    connect();
    mirror_note_lost(m.mirror, false, now()); /* an outage: does not count */
    connect();
    mirror_note_lost(m.mirror, true, now());
    connect();
    take_fence();
    take_fence(); /* the count begins again */
    mirror_note_lost(m.mirror, true, now());
    connect();
    mirror_note_lost(m.mirror, true, now());
    connect();
    take_fence();
    mirror_note_lost(m.mirror, true, now()); /* the second one */
    connect();
    show();
    run_at(59999);
    mirror_note_subscription(m.mirror, m.mirror->filter, FAULT_NONE, now());
    show();
    run_at(60000);
    take_fence();
    take_fence();
    connect();
    show();
    show_counters();
}

static void scene_wait_prolonged(void)
{
    connect();
    pass(1500);
    take_setpoint(0, 7, 0, "tagferry-b", true);
    show();
    take_setpoint(1, 7, 0, "tagferry-b", false); /* not retained: no progress */
    pass(1);
    show();
    take_fence();
    pass(1000);
    take_setpoint(1, 8, 0, "tagferry-b", true);
    show();
    take_fence();
    show();
    show_rows();
    show_counters();
}

static void scene_topic(void)
{
    char why[256] = "", levels[MIRROR_TOPIC_SIZE];
    static const char *const ids[] = {"tag/ferry+1#.% \x01\x7f\xc3\xa4", "plain-id_0"};
    struct mirror_spec spec = m.mirror->spec;
    for (size_t i = 0; i < COUNT(ids); i++) {
        spec.client_id = ids[i];
        mirror_destroy(m.mirror);
        for (size_t tag = 0; tag < TAGS; tag++) {
            if (tag_of(tag)->command)
                tag_of(tag)->command->mirror = NULL;
        }
        m.mirror = mirror_create(&spec, why, sizeof why);
        assert_non_null(m.mirror);
        say("%s | %s | %s", m.mirror->fence, m.mirror->filter, m.mirror->prefix);
    }
    snprintf(levels, sizeof levels, "%s", spec.runtime_dir);
    spec.runtime_dir = "/nowhere/at/all";
    mirror_destroy(m.mirror);
    m.mirror = mirror_create(&spec, why, sizeof why);
    say("%s: %s", m.mirror ? "there" : "none", why);
    assert_null(m.mirror);
    spec.runtime_dir = m.f->folder->path;
    m.mirror = mirror_create(&spec, why, sizeof why);
    assert_non_null(m.mirror);
}

static void scene_invalid(void)
{
    open_link();
    take("device/v", "no", false);
    pass(9999);
    take("device/v", "{}", false);
    take_setpoint(0, 1, -(int64_t)MIRROR_AHEAD_US, "tagferry-b", false);
    show_rows();
    pass(1);
    /* The clock is a day ahead now: one more day is not too much. */
    take_setpoint(0, 2, -2 * (int64_t)MIRROR_AHEAD_US - 1, "tagferry-b", false);
    take_setpoint(0, 3, -2 * (int64_t)MIRROR_AHEAD_US, "tagferry-b", false);
    take("device/w",
         "{\"device\":\"device\",\"tag\":\"v\",\"stamp\":5,\"from\":\"x\",\"table\":\"coil\","
         "\"address\":1,\"type\":\"bool\",\"byte_order\":\"ABCD\",\"registers\":[1]}",
         false);
    take("device/v",
         "{\"device\":\"device\",\"tag\":\"v\",\"stamp\":5,\"from\":\"x\",\"table\":\"coil\","
         "\"address\":1,\"type\":\"bool\",\"byte_order\":\"ABCD\",\"registers\":[1]}",
         false);
    take("device/nobody",
         "{\"device\":\"device\",\"tag\":\"nobody\",\"stamp\":5,\"from\":\"x\",\"table\":\"coil\","
         "\"address\":1,\"type\":\"bool\",\"byte_order\":\"ABCD\",\"registers\":[1]}",
         false);
    pass(9998);
    take("device/v", "[]", false);
    pass(1);
    take("device/v", "[]", false);
    pass(1);
    take("device/v", "[]", false);
    take("device/v", "", false); /* cleared by somebody: published again */
    run();
    show_rows();
    show_counters();
}

/* The wall clock is set a day and more ahead: what was refused before is asked for again. */
static void scene_clock(void)
{
    open_link();
    take_setpoint(0, 1, -3 * (int64_t)MIRROR_AHEAD_US, "tagferry-b", true);
    run_at(100);
    mirror_clock_set_wall(&m.mirror->clock, clock_wall_us() + 2 * MIRROR_AHEAD_US,
                          clock_steady_us());
    run_at(199); /* looks ten times a second */
    run_at(200);
    mirror_keep_file(m.mirror);
}

static void scene_ages(void)
{
    static const uint64_t ages[] = {0, 9999, 10000, 10001, 29999, 30000, 30001, 60000};
    open_link();
    mirror_note_lost(m.mirror, false, now());
    connect();
    set_clock_ms += 100000;
    for (size_t i = COUNT(ages); i-- > 0;) {
        take_setpoint(2, (uint16_t)i, (int64_t)ages[i] * 1000, "tagferry-b", true);
        struct live_table_row row = row_of_tag(m.f, &m.tags[2]);
        say("%s, %lld", row.is_settled ? "settled" : "not settled",
            (long long)(tag_of(2)->command->written_at_ms - SET_CLOCK_START));
    }
    /* The own one has no doubt; neither has one that comes while the link is open. */
    take_setpoint(1, 5, 15000000, "tagferry-a", true);
    take_fence();
    take_fence();
    take_setpoint(1, 6, 14000000, "tagferry-b", false);
    take_setpoint(1, 7, 13000000, "tagferry-b", true);
    show_rows();
    show_counters();
}

/* The device said something else since, or before the setpoint. */
static void scene_device_is_newer(void)
{
    connect();
    set_clock_ms += 100000;
    put_value(2, 50, 1000, false);
    take_setpoint(2, 49, 31001000, "tagferry-b", true); /* older than the value by more than 30 s */
    show_rows();
    take_setpoint(2, 51, 31000000, "tagferry-b", true);
    show_rows();
    take_setpoint(2, 52, 30999000, "tagferry-b", true);
    show_rows();
    put_value(2, 53, 1000, false);
    take_setpoint(2, 54, 30998000 - 1000, "tagferry-b", true); /* is not settled */
    show_rows();
    put_value(4, 3, 1000, false);
    take_setpoint(4, 1, 90000000, "tagferry-b", true); /* of a tag without values: always taken */
    take_setpoint(4, 1, 80000000, "tagferry-b", true); /* the row has it */
    take_setpoint(4, 1, 70000000, "tagferry-a", true); /* its own */
    show_rows();
    show_counters();
}

static void scene_superseded(void)
{
    open_link();
    take_setpoint(0, 7, -5000000, "tagferry-b", false);
    judge_write(0, 0);
    take_setpoint(1, 7, -5000000, "tagferry-c", false);
    judge_write(0, 100);
    judge_write(1, 0);
    pass(9999);
    take_setpoint(0, 8, -5000000, "tagferry-b", false);
    judge_write(0, 100);
    pass(1);
    judge_write(0, 100);
    publish_write(0, 66);
    publish_write(5, 77);
    run();
    show_rows();
    show_counters();
}

static void scene_writes(void)
{
    open_link();
    for (size_t i = 0; i < TAGS; i++) {
        judge_write(i, i);
        publish_write(i, (uint16_t)(300 + i));
    }
    const uint16_t words[POINT_REGISTERS_MAX] = {1, 2, 3};
    mirror_publish_expired(m.mirror, tag_of(0), words);
    put_value(1, 44, 0, true);
    mirror_publish_expired(m.mirror, tag_of(1), NULL);
    mirror_publish_expired(m.mirror, tag_of(4), NULL); /* its row holds no setpoint */
    tag_of(0)->command->expiry.is_expired = true;
    publish_write(0, 9);
    tag_of(0)->command->expiry.is_expired = false;
    /* Stamps end: the newest one is the last. */
    tag_of(0)->command->mirror->stamp = MIRROR_STAMP_LIMIT - 3;
    publish_write(0, 10);
    publish_write(0, 11);
    publish_write(0, 12);
    mirror_publish_expired(m.mirror, tag_of(0), words);
    show_counters();
}

static void scene_refused_messages(void)
{
    open_link();
    publish_write(0, 1);
    publish_write(1, 2);
    mirror_note_published(m.mirror, m.number, "Not authorized", now());
    mirror_note_published(m.mirror, m.number, "Not authorized", now()); /* has an answer already */
    pass(9999);
    mirror_note_published(m.mirror, m.number - 1, "Quota exceeded", now());
    publish_write(0, 3);
    pass(1);
    mirror_note_published(m.mirror, m.number, "Packet too large", now());
    publish_write(0, 3);
    mirror_note_published(m.mirror, m.number, NULL, now());
    m.result = PUBLISH_REFUSED;
    publish_write(0, 4);
    m.result = PUBLISH_BLOCKED;
    publish_write(0, 5);
    run();
    show_counters();
    m.result = PUBLISH_NO_MEMORY;
    put_value(0, 6, 0, true);
    publish_write(0, 6);
    show();
    publish_write(0, 6); /* not before the next look */
    m.result = PUBLISH_SENT;
    run();
    pass(99);
    run();
    pass(1);
    run();
    run();
    show_counters();
}

/* As many messages as may be without an acknowledgement. */
static void scene_unconfirmed(void)
{
    open_link();
    put_value(0, 9, 0, true);
    m.is_quiet = true;
    int first = m.number;
    for (int i = 0; i < MIRROR_UNCONFIRMED_MAX - 1; i++)
        publish_write(0, 9);
    m.is_quiet = false;
    publish_write(0, 9);
    publish_write(0, 9);
    say("%d are sent, %zu without an acknowledgement", m.number - first, m.mirror->sent_count);
    run();
    mirror_note_published(m.mirror, first + 1, NULL, now());
    run();
    run();
    mirror_note_connect(m.mirror, now()); /* the numbers begin again */
    say("%zu without an acknowledgement", m.mirror->sent_count);
}

/* A device goes to another gateway. */
static void scene_hand_over(void)
{
    open_link();
    take_setpoint(2, 50, 1000, "tagferry-b", false);
    put_value(0, 41, 0, true);
    put_value(1, 42, 2000, false);
    put_value(3, 43, 3000, false);
    put_value(5, 0x4142, 4000, false);
    m.served->tags[3].heard = LIVE_BAD_QUALITY;
    m.served->tags[5].heard = LIVE_GOOD;
    mirror_hand_over(m.mirror, m.served, "line-2");
    show();
    run();
    run();
    show_counters();
    m.served->tags[3].shows_stale = true;
    mirror_hand_over(m.mirror, m.served, "line-2");
    m.result = PUBLISH_NO_MEMORY;
    run();
    show_counters();
    m.result = PUBLISH_SENT;
    pass(99);
    run();
    pass(1);
    run();
    mirror_hand_over(m.mirror, m.served, "line-2"); /* and never sent */
}

/* Values of a device that has come from another gateway. */
static void scene_take_over(void)
{
    static const enum live_table_outcome outcomes[] = {
        LIVE_GOOD, LIVE_REFUSED, LIVE_REPLACED, LIVE_BAD_QUALITY, LIVE_NULL, LIVE_RETAINED};
    open_link();
    set_clock_ms += 100000;
    take_value("elsewhere", 3, 1, 1000, LIVE_GOOD);
    take_value("elsewhere", 3, 1, 1000, LIVE_GOOD);
    show();
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        take_value("device", 3, (uint16_t)(60 + i), 9000 - 1000 * i, outcomes[i]);
        show_rows();
    }
    take_value("device", 3, 70, 4000, LIVE_GOOD); /* not newer */
    take_value("device", 3, 70, 4001, LIVE_GOOD);
    take_value("device", 5, 0x4344, 500, LIVE_GOOD);
    take_value("device", 2, 71, 200000, LIVE_GOOD); /* before the start of the steady clock */
    take_value("device", 0, 72, 10, LIVE_GOOD);     /* has no values */
    m.served->tags[2].live_ms = 1;
    take_value("device", 2, 73, 10, LIVE_GOOD);              /* is heard here already */
    take_value("device", 1, 74, (uint64_t)-5000, LIVE_GOOD); /* ahead of the clock */
    show_rows();
    show();
    show_counters();
    /* They are cleared ten seconds after they were taken. */
    pass(9999);
    run();
    pass(1);
    run();
    /* The device that was missing comes. */
    m.device.name = "elsewhere";
    serve();
    run();
    serve();
    run();
}

/* A setpoint that is newer than a part waits until the parts have settled, at most settle_ms and
 * two seconds; an older one is not used at all. */
static void scene_parts(void)
{
    open_link();
    m.served->tags[1].command->min_interval_ms = 500;
    mirror_note_part(m.mirror, tag_of(1), now(), now());
    take_setpoint(1, 6, 1, "tagferry-b", false);
    take_setpoint(1, 10, -4500, "tagferry-b", false);
    take_setpoint(1, 7, -5000, "tagferry-b", false);
    take_setpoint(1, 8, -4000, "tagferry-c", false); /* older than the one that waits */
    take_setpoint(1, 9, -5000, "tagferry-c", false); /* as old: the client id decides */
    take_setpoint(1, 10, -5000, "tagferry-b", false);
    run();
    run_at(100);
    show_rows();
    run_at(2519);
    show_rows();
    run_at(2619); /* looks ten times a second */
    show_rows();
    mirror_note_part(m.mirror, tag_of(1), now(), now());
    pass(2520);
    take_setpoint(1, 11, -5000, "tagferry-b", false); /* the parts are forgotten */
    show_rows();
    mirror_note_part(m.mirror, tag_of(1), now(), now());
    mirror_note_part(m.mirror, tag_of(2), now(), now());
    mirror_note_part(m.mirror, tag_of(3), now(), now()); /* has no commands */
    take_setpoint(1, 12, -500000, "tagferry-b", false);
    take_setpoint(2, 13, -500000, "tagferry-b", false);
    say("%zu wait", m.mirror->staged_count);
    m.tags[1].direction = TO_MODBUS;
    serve();
    run();
    say("%zu wait", m.mirror->staged_count);
    show_counters();
}

/* The names of 64 other gateways are kept. */
static void scene_names(void)
{
    open_link();
    for (int i = 1; i <= 66; i++) {
        char from[20];
        snprintf(from, sizeof from, "tagferry-%d", i % 65);
        m.is_quiet = i < 64;
        take_setpoint(0, (uint16_t)i, -i, from, false);
    }
    show_counters();
    show_rows();
}

static const struct scene {
    const char *name;
    void (*play)(void);
} scenes[] = {
    {"the test of the topic", scene_test},
    {"the broker closes", scene_closes},
    {"setpoints come during the test", scene_wait_prolonged},
    {"topics", scene_topic},
    {"messages that are no setpoints", scene_invalid},
    {"a clock that is set", scene_clock},
    {"ages", scene_ages},
    {"values of the device", scene_device_is_newer},
    {"superseded writes", scene_superseded},
    {"writes", scene_writes},
    {"messages that the broker refuses", scene_refused_messages},
    {"without acknowledgements", scene_unconfirmed},
    {"parts", scene_parts},
    {"many gateways", scene_names},
    {"a device leaves", scene_hand_over},
    {"a device comes", scene_take_over},
};

static void test_scenes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scenes); i++) {
        begin();
        trace_len += (size_t)snprintf(trace + trace_len, sizeof trace - trace_len, "%s== %s\n",
                                      i > 0 ? "\n" : "", scenes[i].name);
        scenes[i].play();
        finish();
    }
    assert_true(golden_is_equal(TAGFERRY_SCENES, trace));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
