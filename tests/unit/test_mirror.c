/* The mirror without a broker: the test of the topic, setpoints of other gateways and SCADA's
 * writes in all orders, changes of the configuration. A trace has what was published. */
#include "device_fixture.h"

#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/shared/write_times.h"
#include "mqttd/mirror/mirror_internal.h"

#define PREFIX "tagferry/mirror/line-1/"

static struct {
    struct fixture *f;
    struct mirror *mirror;
    struct tagdb_device device;
    struct tagdb_tag tags[3];
    struct device *served;
    enum publish_result result;
    int number;
    bool is_repeated; /* member of the setpoints that are taken */
    char fence[32];   /* the newest payload of the own topic */
    char trace[8192];
} m;

/* Setpoints as "v:7@tagferry-b", with a "*" behind those whose command this gateway has repeated,
 * cleared ones as "-device/v", the own messages as "fence0". */
static enum publish_result take_publish(void *context, const char *topic, const char *payload,
                                        size_t len, int qos, bool retain, int *number)
{
    char text[512];
    struct mirror_message message;
    (void)context;
    assert_int_equal(strncmp(topic, PREFIX, strlen(PREFIX)), 0);
    if (m.result != PUBLISH_SENT)
        return m.result;
    *number = ++m.number;
    if (strcmp(topic, PREFIX "%/tagferry-a") == 0) {
        assert_false(retain);
        snprintf(m.fence, sizeof m.fence, "%.*s", (int)len, payload);
        snprintf(text, sizeof text, "fence%d ", qos);
    } else {
        assert_true(retain);
        assert_int_equal(qos, 1);
        if (len == 0) {
            snprintf(text, sizeof text, "-%s ", topic + strlen(PREFIX));
        } else {
            assert_int_equal(mirror_message_read(payload, len, &message), MIRROR_READ_OK);
            snprintf(text, sizeof text, "%s:%u@%s%s ", message.tag,
                     message.words[message.count - 1], message.from,
                     message.is_repeated ? "*" : "");
        }
    }
    strncat(m.trace, text, sizeof m.trace - strlen(m.trace) - 1);
    return PUBLISH_SENT;
}

static void note_overtaken(void *context, const struct device *device, const struct tag *tag)
{
    (void)context;
    assert_ptr_equal(device, m.served);
    strncat(m.trace, "again:", sizeof m.trace - strlen(m.trace) - 1);
    strncat(m.trace, tag->name, sizeof m.trace - strlen(m.trace) - 1);
    strncat(m.trace, " ", sizeof m.trace - strlen(m.trace) - 1);
}

#define expect(text)                                                                               \
    do {                                                                                           \
        assert_string_equal(m.trace, text);                                                        \
        m.trace[0] = '\0';                                                                         \
    } while (0)

static uint64_t count_of(size_t which)
{
    return counters_get(&m.f->counters, which);
}

static void serve(void)
{
    m.served = serve_device(m.f, &m.device, m.tags, COUNT(m.tags));
    mirror_run(m.mirror, clock_steady_ms());
}

static const struct tag *tag_of(size_t index)
{
    return &m.served->tags[index];
}

static void take(const char *levels, const void *payload, size_t len, bool retained)
{
    char topic[512];
    snprintf(topic, sizeof topic, PREFIX "%s", levels);
    const struct mqtt_message message = {
        .topic = topic, .payload = payload, .len = len, .retained = retained, .qos = 1};
    assert_true(mirror_has_topic(m.mirror, topic));
    assert_true(mirror_take_message(m.mirror, &message, clock_steady_ms()));
}

static void take_fence(void)
{
    take("%/tagferry-a", m.fence, strlen(m.fence), false);
}

/* Another gateway's setpoint of a tag. */
static void take_setpoint(size_t tag, uint16_t value, uint64_t stamp, const char *from,
                          bool retained)
{
    char levels[MIRROR_LEVELS_SIZE], payload[MIRROR_PAYLOAD_SIZE];
    struct mirror_message message = {
        .stamp = stamp, .point = m.tags[tag].point, .count = point_width(&m.tags[tag].point)};
    message.is_repeated = m.is_repeated;
    snprintf(message.device, sizeof message.device, "%s", m.device.name);
    snprintf(message.tag, sizeof message.tag, "%s", m.tags[tag].name);
    snprintf(message.from, sizeof message.from, "%s", from);
    message.words[message.count - 1] = value;
    size_t len = mirror_message_write(&message, payload);
    assert_true(mirror_message_write_levels(message.device, message.tag, levels));
    take(levels, payload, len, retained);
}

static void connect(void)
{
    mirror_note_connect(m.mirror, clock_steady_ms());
    assert_true(mirror_holds_commands(m.mirror, clock_steady_ms()));
    mirror_note_subscription(m.mirror, "other/+", FAULT_SUBSCRIPTION_REFUSED, clock_steady_ms());
    mirror_note_subscription(m.mirror, PREFIX "+/+", FAULT_NONE, clock_steady_ms());
    expect("fence0 ");
    take_fence();
    expect("fence1 ");
    assert_true(mirror_holds_commands(m.mirror, clock_steady_ms()));
    take_fence();
    assert_false(mirror_holds_commands(m.mirror, clock_steady_ms()));
    assert_int_equal(m.mirror->link, MIRROR_LINK_OPEN);
}

static uint64_t stamp_now(void)
{
    return mirror_stamp_now(m.mirror);
}

/* A tag of one register at 0, one of two at 10 and 11, and one for both directions at 20. */
static int open_mirror(void **state)
{
    char why[256];
    memset(&m, 0, sizeof m);
    open_fixture((void **)&m.f);
    m.device = device_row(1);
    for (size_t i = 0; i < COUNT(m.tags); i++) {
        static const char *const names[] = {"v", "w", "b"};
        m.tags[i] = tag_row(1, (int64_t)i + 1, names[i]);
        m.tags[i].direction = i == 2 ? BOTH_WAYS : TO_MQTT;
        m.tags[i].mqtt_command_topic = names[i];
        m.tags[i].mqtt_hold_off_ms = 30000;
        m.tags[i].mqtt_settle_ms = 20;
        m.tags[i].point.address = (uint16_t)(10 * i);
        m.tags[i].point.type = i == 1 ? TYPE_UINT32 : TYPE_UINT16;
    }
    const struct mirror_spec spec = {.device_table = &m.f->device_table,
                                     .counters = &m.f->counters,
                                     .memory_shortage = &m.f->memory_shortage,
                                     .runtime_dir = m.f->folder->path,
                                     .topic = "tagferry/mirror",
                                     .gateway = "line-1",
                                     .client_id = "tagferry-a",
                                     .publish = take_publish,
                                     .overtaken = note_overtaken};
    m.mirror = mirror_create(&spec, why, sizeof why);
    assert_non_null(m.mirror);
    serve();
    *state = &m;
    return 0;
}

static int close_mirror(void **state)
{
    char path[128];
    (void)state;
    snprintf(path, sizeof path, "%s/mirror-clock", m.f->folder->path);
    mirror_destroy(m.mirror);
    unlink(path);
    snprintf(path, sizeof path, "%s/write-times", m.f->folder->path);
    unlink(path);
    close_fixture((void **)&m.f);
    return 0;
}

static void test_off(void **state)
{
    const uint16_t words[] = {1};
    (void)state;
    mirror_note_connect(NULL, 0);
    mirror_note_lost(NULL, true, 0);
    mirror_note_subscription(NULL, "a", FAULT_NONE, 0);
    mirror_note_published(NULL, 1, NULL, 0);
    mirror_run(NULL, 0);
    mirror_keep_file(NULL);
    mirror_note_waiting(NULL, tag_of(0), 1);
    mirror_note_part(NULL, tag_of(0), 1, 1);
    mirror_publish_write(NULL, tag_of(0), words);
    mirror_destroy(NULL);
    assert_false(mirror_has_topic(NULL, PREFIX "a/b"));
    assert_false(mirror_holds_commands(NULL, 0));
    assert_int_equal(mirror_due_ms(NULL, 0), -1);
    assert_int_equal(mirror_judge_write(NULL, tag_of(0), 1, 1), MIRROR_WRITE_IS_NEWEST);
    assert_int_equal(mirror_judge_read(NULL, tag_of(0), words, false, 1), MIRROR_WRITE_IS_NEWEST);
}

static void test_the_topic_is_not_served(void **state)
{
    uint64_t now = clock_steady_ms();
    (void)state;
    /* The message does not come back. */
    mirror_note_connect(m.mirror, now);
    mirror_note_subscription(m.mirror, PREFIX "+/+", FAULT_NONE, now);
    expect("fence0 ");
    assert_in_range(mirror_due_ms(m.mirror, now), 1, MIRROR_WAIT_MS);
    mirror_run(m.mirror, now + MIRROR_WAIT_MS);
    assert_false(mirror_holds_commands(m.mirror, now));
    assert_int_equal(count_of(MQTTD_MIRROR_REFUSED), 1);
    take_fence(); /* too late */
    assert_int_equal(m.mirror->link, MIRROR_LINK_REFUSED);
    mirror_run(m.mirror, now + MIRROR_WAIT_MS + MIRROR_RETRY_MS);
    expect("fence0 ");

    /* The broker closes. The next connections do not wait, and after the second there is a pause.
     */
    for (unsigned i = 0; i < MIRROR_CLOSES_MAX; i++) {
        mirror_note_lost(m.mirror, true, now);
        mirror_note_connect(m.mirror, now);
        assert_false(mirror_holds_commands(m.mirror, now));
        mirror_note_subscription(m.mirror, PREFIX "+/+", FAULT_NONE, now);
    }
    expect("fence0 ");
    assert_int_equal(m.mirror->link, MIRROR_LINK_REFUSED);
    mirror_run(m.mirror, now + MIRROR_PAUSE_MS);
    expect("fence0 ");

    /* The subscription is refused, and taken later. */
    mirror_note_subscription(m.mirror, PREFIX "+/+", FAULT_SUBSCRIPTION_REFUSED, now);
    take_fence();
    assert_int_equal(mirror_due_ms(m.mirror, now), -1);
    mirror_note_subscription(m.mirror, PREFIX "+/+", FAULT_NONE, now + MIRROR_PAUSE_MS);
    expect("fence0 ");

    /* Without memory, or a topic that the library refuses. */
    m.result = PUBLISH_REFUSED;
    take_fence();
    assert_int_equal(m.mirror->link, MIRROR_LINK_REFUSED);
}

static void test_setpoints_of_others(void **state)
{
    uint64_t stamp = stamp_now();
    (void)state;
    connect();
    take_setpoint(0, 7, stamp, "tagferry-b", false);
    struct live_table_row row = row_of_tag(m.f, &m.tags[0]);
    assert_int_equal(row.value.raw, 7);
    assert_true(row.is_setpoint);
    assert_int_equal(row.value.wall_ms, 0);
    assert_int_equal(marked_rows(m.f), 1);

    /* Older ones, equal ones, and the same stamp of another gateway. */
    take_setpoint(0, 8, stamp - 1, "tagferry-c", false);
    take_setpoint(0, 8, stamp, "tagferry-b", false);
    take_setpoint(0, 8, stamp, "tagferry-a", false);
    assert_int_equal(row_of_tag(m.f, &m.tags[0]).value.raw, 7);
    assert_int_equal(count_of(MQTTD_MIRROR_IGNORED + MIRROR_OLDER), 2);
    assert_int_equal(count_of(MQTTD_MIRROR_IGNORED + MIRROR_OWN), 1);
    take_setpoint(0, 9, stamp, "tagferry-c", false);
    assert_int_equal(row_of_tag(m.f, &m.tags[0]).value.raw, 9);
    assert_int_equal(count_of(MQTTD_MIRROR_APPLIED), 2);

    /* An older one has replaced the newest one at the broker: it is published again. */
    mirror_run(m.mirror, clock_steady_ms());
    expect("");
    take_setpoint(0, 8, stamp - 1, "tagferry-b", false);
    mirror_run(m.mirror, clock_steady_ms());
    expect("v:9@tagferry-c ");
    /* So has somebody who has cleared it. */
    take("device/v", NULL, 0, false);
    mirror_run(m.mirror, clock_steady_ms());
    expect("v:9@tagferry-c ");
    mirror_run(m.mirror, clock_steady_ms());
    expect("");

    take_setpoint(0, 8, stamp + 2 * MIRROR_AHEAD_US, "tagferry-b", false);
    assert_int_equal(count_of(MQTTD_MIRROR_IGNORED + MIRROR_INVALID), 1);
    take("device/nothing", "{}", 2, false);
    take("%/tagferry-b", "1", 1, false); /* the test of another gateway */
    assert_int_equal(row_of_tag(m.f, &m.tags[0]).value.raw, 9);
}

static void test_writes_of_scada(void **state)
{
    const uint16_t five[] = {5}, six[] = {6};
    uint64_t before_ms = clock_steady_ms(), now;
    (void)state;
    connect();
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), before_ms, before_ms),
                     MIRROR_WRITE_IS_NEWEST);
    mirror_publish_write(m.mirror, tag_of(0), five);
    mirror_publish_write(m.mirror, tag_of(0), six);
    expect("v:5@tagferry-a v:6@tagferry-a ");

    /* One of another gateway that is newer than a write which the journal brings later. */
    now = clock_steady_ms();
    take_setpoint(0, 7, stamp_now() + 5000000, "tagferry-b", false);
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), now - 100, now),
                     MIRROR_WRITE_IS_SUPERSEDED);
    assert_int_equal(count_of(MQTTD_COMMANDS_SUPERSEDED), 1);
    assert_int_equal(row_of_tag(m.f, &m.tags[0]).value.raw, 7);
    expect("");

    /* A write after it is newer, although the other clock is 5 s ahead. */
    now = clock_steady_ms();
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), now, now), MIRROR_WRITE_IS_NEWEST);
    mirror_publish_write(m.mirror, tag_of(0), five);
    expect("v:5@tagferry-a ");
    assert_true(m.served->tags[0].command->mirror->stamp > stamp_now() - 1000000);
}

static void test_writes_that_wait(void **state)
{
    uint64_t now = clock_steady_ms(), stamp = stamp_now();
    (void)state;
    mirror_note_connect(m.mirror, now);
    mirror_note_waiting(m.mirror, tag_of(0), now);
    mirror_note_waiting(m.mirror, tag_of(0), now - 5000);
    mirror_note_waiting(m.mirror, tag_of(1), now - 5000);
    /* The one that is older than the write does not go into the register, but counts. */
    take_setpoint(0, 7, stamp - 1000000, "tagferry-b", true);
    take_setpoint(1, 8, stamp - 1000000, "tagferry-b", true);
    assert_int_equal(row_of_tag(m.f, &m.tags[0]).changed, 0);
    assert_int_equal(row_of_tag(m.f, &m.tags[1]).value.raw >> 16, 8);
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), now, now), MIRROR_WRITE_IS_NEWEST);
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(1), now - 5000, now),
                     MIRROR_WRITE_IS_SUPERSEDED);
}

static void test_commands_without_an_acknowledgement(void **state)
{
    uint16_t words[] = {5};
    (void)state;
    assert_false(mirror_supersedes_command(NULL, tag_of(0), 0));
    assert_false(mirror_supersedes_command(m.mirror, tag_of(0), clock_steady_ms()));
    mirror_judge_write(m.mirror, tag_of(0), clock_steady_ms(), clock_steady_ms());
    mirror_publish_write(m.mirror, tag_of(0), words);
    assert_false(mirror_supersedes_command(m.mirror, tag_of(0), clock_steady_ms()));
    take_setpoint(0, 7, stamp_now() - 1000000, "tagferry-b", true);
    assert_false(mirror_supersedes_command(m.mirror, tag_of(0), clock_steady_ms()));
    take_setpoint(0, 7, stamp_now() + 1000, "tagferry-b", true);
    assert_true(mirror_supersedes_command(m.mirror, tag_of(0), clock_steady_ms()));
    assert_int_equal(count_of(MQTTD_COMMANDS_SUPERSEDED), 1);

    assert_true(mirror_drops_message(m.mirror, PREFIX "device/v", 9));
    assert_true(mirror_drops_message(m.mirror, PREFIX "%/tagferry-a", 9));
    assert_false(mirror_drops_message(m.mirror, PREFIX "device/v", 0));
    assert_false(mirror_drops_message(m.mirror, "v", 9));
    assert_false(mirror_drops_message(NULL, "v", 9));
}

/* SCADA writes a value here, which the writeback puts into the row. */
static uint64_t write_own(uint16_t value)
{
    uint64_t now = clock_steady_ms();
    struct live_table_value shown = {.raw = value};
    live_table_set_location(&shown, tag_of(0)->settings, 1, &tag_of(0)->point);
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), now, now), MIRROR_WRITE_IS_NEWEST);
    live_table_mark_written(m.f->live, m.tags[0].slot, row_of_tag(m.f, &m.tags[0]).changed, 1);
    live_table_put_target_value(m.f->live, m.tags[0].slot, &shown, NULL, 0);
    live_table_set_setpoint(m.f->live, m.tags[0].slot, true);
    mirror_publish_write(m.mirror, tag_of(0), &value);
    return tag_of(0)->command->mirror->stamp;
}

static void take_and_run(uint16_t value, uint64_t stamp, const char *from, bool retained)
{
    take_setpoint(0, value, stamp, from, retained);
    mirror_run(m.mirror, clock_steady_ms());
}

/* The broker may have an older command after a newer one. */
static void test_commands_that_come_late(void **state)
{
    (void)state;
    connect();
    uint64_t stamp = write_own(5);
    expect("v:5@tagferry-a ");
    take_and_run(7, stamp - 9000, "tagferry-b", false); /* it came before the own one */
    expect("v:5@tagferry-a ");
    take_and_run(5, stamp, "tagferry-a", false);
    take_and_run(7, stamp - 9000, "tagferry-b", true); /* nobody knows when it came */
    take_and_run(5, stamp - 9000, "tagferry-b", false);
    expect("v:5@tagferry-a v:5@tagferry-a ");
    take_and_run(7, stamp - 9000, "tagferry-b", false);
    expect("again:v v:5@tagferry-a ");
    take_and_run(4, stamp - 9000, "tagferry-a", false); /* an own one that is older */
    expect("");

    /* The other gateway has repeated an older own one, and does not know the newest one. */
    m.is_repeated = true;
    take_and_run(5, stamp, "tagferry-a", false);
    expect("");
    take_and_run(4, stamp - 9000, "tagferry-a", false);
    expect("again:v v:5@tagferry-a ");
    m.is_repeated = false;

    /* The other gateway has a newer one meanwhile, whose command came after both. */
    take_setpoint(0, 7, stamp - 9000, "tagferry-b", false);
    take_and_run(6, stamp + 5000, "tagferry-b", false);
    expect("");

    /* Commands that are not sent again, since the other gateway has a newer one. */
    take_and_run(8, stamp + 9000, "tagferry-b", false);
    expect("");
    assert_true(mirror_supersedes_command(m.mirror, tag_of(0), clock_steady_ms()));
    assert_true(mirror_supersedes_command(m.mirror, tag_of(0), clock_steady_ms()));
    assert_int_equal(mirror_due_ms(m.mirror, clock_steady_ms()), 0);
    mirror_run(m.mirror, clock_steady_ms());
    mirror_run(m.mirror, clock_steady_ms());
    expect("again:v v:8@tagferry-b* ");
    take_and_run(7, stamp, "tagferry-a", false); /* only the other one repeats its own */
    expect("");
    take_and_run(7, stamp - 9000, "tagferry-c", false);
    expect("v:8@tagferry-b ");
}

static void test_own_setpoints_after_a_restart(void **state)
{
    uint64_t now = clock_steady_ms(), stamp = stamp_now();
    (void)state;
    mirror_note_connect(m.mirror, now);
    take_setpoint(0, 7, stamp, "tagferry-a", true);
    assert_int_equal(row_of_tag(m.f, &m.tags[0]).value.raw, 7); /* an empty machine takes it */
    assert_int_equal(count_of(MQTTD_MIRROR_APPLIED), 1);
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), now - 3000, now),
                     MIRROR_WRITE_IS_REPEATED);
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), now + 1, now), MIRROR_WRITE_IS_NEWEST);
    assert_int_equal(count_of(MQTTD_COMMANDS_SUPERSEDED), 0);
}

static void test_parts(void **state)
{
    const uint16_t words[] = {1, 2};
    uint64_t now = clock_steady_ms();
    (void)state;
    connect();
    /* A newer setpoint waits until the parts have settled, and wins. */
    mirror_note_part(m.mirror, tag_of(1), now, now);
    take_setpoint(1, 8, stamp_now() + 2000000, "tagferry-b", false);
    assert_int_equal(row_of_tag(m.f, &m.tags[1]).changed, 0);
    assert_int_equal(m.mirror->staged_count, 1);
    assert_int_equal(mirror_judge_read(m.mirror, tag_of(1), words, false, now),
                     MIRROR_WRITE_IS_SUPERSEDED);
    assert_int_equal(row_of_tag(m.f, &m.tags[1]).value.raw >> 16, 8);
    assert_int_equal(m.mirror->staged_count, 0);

    /* One between the parts loses against the last one, whose stamp is above it. */
    now = clock_steady_ms();
    uint64_t between = stamp_now() + 2000;
    mirror_note_part(m.mirror, tag_of(1), now, now);
    take_setpoint(1, 9, between, "tagferry-b", false);
    mirror_note_part(m.mirror, tag_of(1), now + 10, now + 10);
    assert_int_equal(mirror_judge_read(m.mirror, tag_of(1), words, false, now + 10),
                     MIRROR_WRITE_IS_NEWEST);
    mirror_publish_write(m.mirror, tag_of(1), words);
    expect("w:2@tagferry-a ");
    assert_int_equal(row_of_tag(m.f, &m.tags[1]).value.raw >> 16, 8);
    assert_true(m.served->tags[1].command->mirror->stamp > between);

    /* Parts that never settle. */
    now = clock_steady_ms();
    mirror_note_part(m.mirror, tag_of(1), now, now);
    take_setpoint(1, 10, stamp_now() + 5000000, "tagferry-b", false);
    take_setpoint(1, 11, stamp_now() + 6000000, "tagferry-b", false);
    assert_in_range(mirror_due_ms(m.mirror, now), 0, 100);
    mirror_run(m.mirror, now + 60000);
    assert_int_equal(row_of_tag(m.f, &m.tags[1]).value.raw >> 16, 11);
    assert_int_equal(m.mirror->staged_count, 0);
}

/* SCADA writes a register now, and the entry is lost. Returns the stamp. */
static uint64_t lose_write(uint16_t address, uint64_t ms)
{
    struct write_times times;
    char why[SHM_WHY_SIZE];
    const struct journal_entry entry = {.steady_ms = ms,
                                        .unit = m.served->unit,
                                        .table = JOURNAL_HOLDING_REGISTER,
                                        .address = address,
                                        .count = 1};
    assert_true(write_times_open_writer(&times, m.f->folder->path, why, sizeof why));
    write_times_note_entry(&times, &entry);
    write_times_close(&times);
    return mirror_clock_stamp_at(&m.mirror->clock, ms * 1000);
}

static enum mirror_verdict judge_read(size_t tag, uint16_t value)
{
    const uint16_t words[] = {0, value};
    return mirror_judge_read(m.mirror, tag_of(tag), words + (tag != 1), false, clock_steady_ms());
}

static uint16_t value_of(size_t tag)
{
    return (uint16_t)(row_of_tag(m.f, &m.tags[tag]).value.raw >> (tag == 1 ? 16 : 0));
}

static void test_reads_after_a_loss_of_entries(void **state)
{
    static const struct {
        const char *name;
        int ahead_ms; /* of another gateway's setpoint; 0: there is none */
        enum mirror_verdict verdict;
        const char *trace;
    } rows[] = {
        {"no other setpoint", 0, MIRROR_WRITE_IS_NEWEST, "v:8@tagferry-a "},
        {"a newer one", 2, MIRROR_WRITE_IS_SUPERSEDED, ""},
        {"an older one", -2, MIRROR_WRITE_IS_NEWEST, "v:8@tagferry-a "},
    };
    const uint16_t eight[] = {8};
    (void)state;
    connect();
    /* Before and after the notice of the loss. */
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        size_t row = i / 2;
        uint64_t ms = clock_steady_ms() - 1000 + 100 * i, stamp = lose_write(0, ms);
        struct mirror_record *record = m.served->tags[0].command->mirror;
        uint64_t other = stamp + (uint64_t)(int64_t)(rows[row].ahead_ms * 1000);
        if (rows[row].ahead_ms > 0 && i % 2 == 0)
            take_setpoint(0, 7, other, "tagferry-b", false);
        mirror_note_loss(m.mirror, false);
        assert_int_equal(record->lost_ms, ms);
        if (rows[row].ahead_ms != 0 && (rows[row].ahead_ms < 0 || i % 2 == 1))
            take_setpoint(0, 7, other, "tagferry-b", i % 2 == 0);
        check_row(value_of(0) == (rows[row].ahead_ms > 0 ? 7 : 0) || row == 2, rows[row].name);
        enum mirror_verdict verdict = judge_read(0, 8);
        check_row(verdict == rows[row].verdict, rows[row].name);
        if (verdict == MIRROR_WRITE_IS_NEWEST) {
            mirror_publish_write(m.mirror, tag_of(0), eight);
            check_row(record->stamp >= stamp && record->stamp <= stamp + 1000, rows[row].name);
        }
        expect(rows[row].trace);
        assert_null(record->staged);
        assert_false(record->has_loss);
    }
}

static void test_registers_that_scada_has_not_written(void **state)
{
    const uint16_t nothing[] = {0};
    (void)state;
    lose_write(20, clock_steady_ms());
    connect();
    /* It is published, but any setpoint is newer. */
    mirror_note_loss(m.mirror, false);
    assert_int_equal(judge_read(0, 0), MIRROR_WRITE_IS_NEWEST);
    mirror_publish_write(m.mirror, tag_of(0), nothing);
    expect("v:0@tagferry-a ");
    assert_int_equal(m.served->tags[0].command->mirror->stamp, 1);
    take_setpoint(0, 7, 1000, "tagferry-b", true);
    assert_int_equal(value_of(0), 7);
    assert_int_equal(judge_read(0, 0), MIRROR_WRITE_IS_SUPERSEDED);
    /* What is in the registers is published already. */
    assert_int_equal(judge_read(0, 7), MIRROR_WRITE_IS_SUPERSEDED);
    assert_int_equal(count_of(MQTTD_COMMANDS_SUPERSEDED), 1);
}

/* The registers keep a write that is lost, whatever comes before it is read. */
static void test_a_setpoint_that_is_older_than_a_lost_write(void **state)
{
    const uint16_t eight[] = {8};
    uint64_t ms = clock_steady_ms() - 10, stamp = lose_write(0, ms);
    struct mirror_record *record = m.served->tags[0].command->mirror;
    (void)state;
    connect();
    mirror_note_loss(m.mirror, true);
    take_setpoint(0, 7, stamp - 3000, "tagferry-b", true);
    assert_int_equal(value_of(0), 0);
    mirror_run(m.mirror, clock_steady_ms() + 60000);
    assert_int_equal(value_of(0), 0);
    /* Writes from before the loss: older and newer than the setpoint. */
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), ms - 9, 0),
                     MIRROR_WRITE_IS_SUPERSEDED);
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), ms - 2, 0), MIRROR_WRITE_IS_NEWEST);
    mirror_publish_write(m.mirror, tag_of(0), eight);
    expect("v:8@tagferry-a ");
    assert_int_equal(value_of(0), 0);
    /* A second loss while the registers are read: they are read again. */
    mirror_note_loss(m.mirror, false);
    assert_int_equal(mirror_judge_read(m.mirror, tag_of(0), eight, true, 0),
                     MIRROR_WRITE_IS_NEWEST);
    assert_true(record->has_loss);
    assert_true(mirror_last_stamp_of(m.mirror, record->lost_ms) > stamp);
    /* A write from after the loss ends it, and so does the end of the recovery. */
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), ms + 1, 0), MIRROR_WRITE_IS_NEWEST);
    assert_false(record->has_loss);
    mirror_note_loss(m.mirror, false);
    lose_write(10, clock_steady_ms());
    mirror_note_loss(m.mirror, false);
    take_setpoint(1, 9, stamp - 3000, "tagferry-b", false);
    assert_int_equal(row_of_tag(m.f, &m.tags[1]).changed, 0);
    mirror_end_loss(m.mirror);
    mirror_run(m.mirror, clock_steady_ms() + 120000);
    assert_int_equal(value_of(1), 9);
    mirror_note_loss(NULL, true);
    mirror_end_loss(NULL);
}

/* An older modbusd does not keep the times. */
static void test_a_loss_without_times(void **state)
{
    (void)state;
    connect();
    take_setpoint(0, 7, stamp_now(), "tagferry-b", false);
    const struct timespec two_ms = {.tv_nsec = 2000000};
    nanosleep(&two_ms, NULL);
    mirror_note_loss(m.mirror, false);
    assert_int_equal(judge_read(0, 8), MIRROR_WRITE_IS_NEWEST);
}

/* The broker sends more setpoints than it can in MIRROR_WAIT_MS. */
static void test_commands_wait_while_setpoints_come(void **state)
{
    uint64_t now = clock_steady_ms();
    (void)state;
    mirror_note_connect(m.mirror, now);
    assert_false(mirror_holds_commands(m.mirror, now + MIRROR_WAIT_MS));
    mirror_note_subscription(m.mirror, PREFIX "+/+", FAULT_NONE, now + 1900);
    mirror_prolong_test(m.mirror, now + 3800);
    mirror_run(m.mirror, now + 5700);
    assert_true(mirror_holds_commands(m.mirror, now + 5700));
    expect("fence0 ");
    mirror_run(m.mirror, now + 5800);
    assert_false(mirror_holds_commands(m.mirror, now + 5800));
    assert_int_equal(m.mirror->link, MIRROR_LINK_REFUSED);
}

/* A setpoint that is not yet in the registers would be taken for an older write of SCADA. */
static void test_reads_while_a_setpoint_is_written(void **state)
{
    uint64_t changed;
    (void)state;
    connect();
    assert_true(mirror_may_read(NULL, tag_of(0), &changed));
    assert_true(mirror_may_read(m.mirror, tag_of(0), &changed));
    assert_int_equal(changed, 0);
    take_setpoint(0, 7, stamp_now(), "tagferry-b", false);
    assert_false(mirror_may_read(m.mirror, tag_of(0), &changed));
    live_table_mark_written(m.f->live, m.tags[0].slot, row_of_tag(m.f, &m.tags[0]).changed, 1);
    assert_true(mirror_may_read(m.mirror, tag_of(0), &changed));
    assert_int_equal(changed, row_of_tag(m.f, &m.tags[0]).changed);
}

/* A device that was changed on the spot after SCADA's setpoint, and one that was not. */
static void test_values_of_the_device(void **state)
{
    uint64_t now = clock_steady_ms(), stamp = stamp_now();
    struct live_table_value value = {.wall_ms = clock_wall_ms(), .steady_ms = now, .raw = 55};
    (void)state;
    live_table_set_location(&value, tag_of(2)->settings, 1, &tag_of(2)->point);
    mirror_note_connect(m.mirror, now);
    target_lock_rows(m.served->target);
    live_table_put_value(m.f->live, m.tags[2].slot, &value, NULL, 0);
    target_unlock_rows(m.served->target);
    take_setpoint(2, 50, stamp - 60000000, "tagferry-b", true);
    assert_int_equal(row_of_tag(m.f, &m.tags[2]).value.raw, 55);
    take_setpoint(2, 51, stamp, "tagferry-b", true);
    struct live_table_row row = row_of_tag(m.f, &m.tags[2]);
    assert_int_equal(row.value.raw, 51);
    assert_true(row.is_setpoint);
    assert_int_equal(row.value.wall_ms, value.wall_ms); /* when the device said something */
    assert_true(m.served->tags[2].command->written_at_ms + 30000 > now);
}

static void test_an_old_setpoint_of_an_empty_machine(void **state)
{
    (void)state;
    mirror_note_connect(m.mirror, clock_steady_ms());
    take_setpoint(2, 50, stamp_now() - 60000000, "tagferry-b", true);
    struct live_table_row row = row_of_tag(m.f, &m.tags[2]);
    assert_int_equal(row.value.raw, 50);
    assert_true(row.is_setpoint && row.is_settled); /* a retained value of the device is newer */
    assert_true(clock_steady_ms() - m.served->tags[2].command->written_at_ms >= 59000);

    /* It is a setpoint for other gateways nevertheless: of a broker that has lost it, and for the
     * gateway that the device moves to. */
    connect();
    mirror_run(m.mirror, clock_steady_ms());
    expect("b:50@tagferry-b ");
    mirror_hand_over(m.mirror, m.served, "line-1");
    mirror_run(m.mirror, clock_steady_ms());
    expect("b:50@tagferry-b ");
}

static void test_changes_of_the_configuration(void **state)
{
    const uint16_t five[] = {5};
    uint64_t now = clock_steady_ms();
    (void)state;
    connect();
    take_setpoint(0, 7, stamp_now(), "tagferry-b", false);
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(2), now, now), MIRROR_WRITE_IS_NEWEST);
    mirror_publish_write(m.mirror, tag_of(2), five);
    expect("b:5@tagferry-a ");

    m.tags[0].name = "re.named";
    serve();
    mirror_run(m.mirror, now);
    expect("-device/v re.named:7@tagferry-b ");
    m.tags[0].name = "v";
    m.device.name = "other";
    serve();
    mirror_run(m.mirror, now);
    assert_non_null(strstr(m.trace, "-device/re%2Enamed "));
    assert_non_null(strstr(m.trace, "-device/b "));
    assert_non_null(strstr(m.trace, "v:7@tagferry-b "));
    m.trace[0] = '\0';

    /* Other registers. */
    m.tags[0].point.address = 100;
    serve();
    mirror_run(m.mirror, now);
    expect("v:7@tagferry-b ");

    /* Setpoints of a tag that is configured later are asked for again. */
    m.tags[0].direction = TO_MODBUS;
    serve();
    expect("-other/v ");
    take_setpoint(0, 8, stamp_now(), "tagferry-b", true);
    assert_int_equal(count_of(MQTTD_MIRROR_IGNORED + MIRROR_UNKNOWN_TAG), 1);
    assert_true(m.mirror->has_unused);
    m.tags[0].direction = TO_MQTT;
    serve();
    assert_false(m.mirror->has_unused);
    take_setpoint(0, 8, stamp_now(), "tagferry-b", true);
    assert_int_equal(row_of_tag(m.f, &m.tags[0]).value.raw, 8);

    /* Two tags exchange their names. */
    m.tags[0].name = "w";
    m.tags[1].name = "v";
    serve();
    mirror_run(m.mirror, now);
    expect("w:8@tagferry-b ");
}

static void test_the_connection_begins_again(void **state)
{
    const uint16_t five[] = {5};
    uint64_t now = clock_steady_ms();
    (void)state;
    connect();
    take_setpoint(1, 7, stamp_now(), "tagferry-b", false);
    mirror_note_lost(m.mirror, false, now);
    assert_int_equal(mirror_judge_write(m.mirror, tag_of(0), now, now), MIRROR_WRITE_IS_NEWEST);
    mirror_publish_write(m.mirror, tag_of(0), five);
    expect("");
    /* Only what the row holds as SCADA's can be published later. */
    struct live_table_value value = {.raw = 5};
    live_table_set_location(&value, tag_of(0)->settings, 1, &tag_of(0)->point);
    live_table_put_target_value(m.f->live, m.tags[0].slot, &value, NULL, 0);
    live_table_set_setpoint(m.f->live, m.tags[0].slot, true);
    connect();
    assert_int_equal(mirror_due_ms(m.mirror, now), 0);
    mirror_run(m.mirror, now);
    assert_non_null(strstr(m.trace, "v:5@tagferry-a "));
    assert_non_null(strstr(m.trace, "w:7@tagferry-b "));
    m.trace[0] = '\0';

    /* The broker refuses one, and acknowledges the other. */
    size_t sent = m.mirror->sent_count;
    mirror_note_published(m.mirror, m.number, "Not authorized", now);
    mirror_note_published(m.mirror, m.number - 1, NULL, now);
    mirror_note_published(m.mirror, m.number + 1, NULL, now);
    assert_int_equal(m.mirror->sent_count, sent - 2);
    assert_int_equal(count_of(MQTTD_MIRROR_REFUSED), 1);

    /* There is no memory: later. */
    m.result = PUBLISH_NO_MEMORY;
    take("device/v", NULL, 0, false);
    mirror_run(m.mirror, now + 1000);
    assert_true(mirror_due_ms(m.mirror, now + 1000) > 0);
    m.result = PUBLISH_SENT;
    mirror_run(m.mirror, now + 2000);
    expect("v:5@tagferry-a ");
}

static void test_the_clock_outlives_the_process(void **state)
{
    char why[256];
    (void)state;
    connect();
    take_setpoint(0, 7, stamp_now() + 10000000, "tagferry-b", false);
    uint64_t offset_us = m.mirror->clock.offset_us;
    const struct mirror_spec spec = m.mirror->spec;
    mirror_destroy(m.mirror);
    m.served->tags[0].command->mirror = m.served->tags[1].command->mirror =
        m.served->tags[2].command->mirror = NULL;
    m.mirror = mirror_create(&spec, why, sizeof why);
    assert_non_null(m.mirror);
    assert_int_equal(m.mirror->clock.offset_us, offset_us);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_mirror, close_mirror)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_off),
        TEST(test_the_topic_is_not_served),
        TEST(test_setpoints_of_others),
        TEST(test_writes_of_scada),
        TEST(test_writes_that_wait),
        TEST(test_commands_without_an_acknowledgement),
        TEST(test_commands_that_come_late),
        TEST(test_own_setpoints_after_a_restart),
        TEST(test_parts),
        TEST(test_reads_after_a_loss_of_entries),
        TEST(test_registers_that_scada_has_not_written),
        TEST(test_a_setpoint_that_is_older_than_a_lost_write),
        TEST(test_a_loss_without_times),
        TEST(test_commands_wait_while_setpoints_come),
        TEST(test_reads_while_a_setpoint_is_written),
        TEST(test_values_of_the_device),
        TEST(test_an_old_setpoint_of_an_empty_machine),
        TEST(test_changes_of_the_configuration),
        TEST(test_the_connection_begins_again),
        TEST(test_the_clock_outlives_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
