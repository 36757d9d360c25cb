/* A discovery: its connection, filters, budget and file. The session is replaced. */
#include "said_log.h"
#include "set_clock.h"

#include <sys/stat.h>

#include "common/shared/discovery_file.h"
#include "mqttd/discovery/discovery_run.h"

struct mqtt_session {
    int number;
};

enum { ID = 7, BUDGET = 2, EPOLL_FD = 99 };

static struct {
    struct mqtt_session session;
    struct mqtt_session_hooks hooks;
    const struct mqtt_session_options *options;
    struct broker_link link;
    bool exists, connected, failed, cannot_create;
    int due_ms;
    enum subscribe_result subscribed;
    int packet;
    char said[2000];
    unsigned created, ticks, flushes, watches, reads;
    /* Of discovery_file_write. */
    bool cannot_save;
    uint64_t saving_ms;
    unsigned saves;
} fake;

static struct bench {
    char folder[40];
    struct counters counters;
    struct discovery_run *run;
    struct said_log said;
} bench;

static const struct mqtt_session_options options = {.client_id = "me"},
                                         others = {.client_id = "you"};

static void say(const char *text)
{
    if (fake.said[0])
        strcat(fake.said, ", ");
    strcat(fake.said, text);
}

#define check_said(expected)                                                                       \
    do {                                                                                           \
        assert_string_equal(fake.said, expected);                                                  \
        fake.said[0] = '\0';                                                                       \
    } while (0)

struct mqtt_session *__wrap_mqtt_session_create(const struct mqtt_session_options *given,
                                                const struct mqtt_session_hooks *hooks, char *why,
                                                size_t why_size);
void __wrap_mqtt_session_destroy(struct mqtt_session *session);
void __wrap_mqtt_session_read(struct mqtt_session *session);
void __wrap_mqtt_session_tick(struct mqtt_session *session);
void __wrap_mqtt_session_flush(struct mqtt_session *session);
void __wrap_mqtt_session_watch_socket(struct mqtt_session *session, int epoll_fd, uint64_t number);
int __wrap_mqtt_session_due_ms(const struct mqtt_session *session);
bool __wrap_mqtt_session_is_connected(const struct mqtt_session *session);
bool __wrap_mqtt_session_has_failed(const struct mqtt_session *session);
const struct broker_link *__wrap_mqtt_session_link(const struct mqtt_session *session);
enum subscribe_result __wrap_mqtt_session_subscribe(struct mqtt_session *session,
                                                    const char *const *filters, size_t count,
                                                    int qos, bool retained, int *number);
bool __real_discovery_file_write(const char *runtime_dir, struct discovery_status *status,
                                 const struct survey *survey, char *why, size_t why_size);
bool __wrap_discovery_file_write(const char *runtime_dir, struct discovery_status *status,
                                 const struct survey *survey, char *why, size_t why_size);

struct mqtt_session *__wrap_mqtt_session_create(const struct mqtt_session_options *given,
                                                const struct mqtt_session_hooks *hooks, char *why,
                                                size_t why_size)
{
    fake.created++;
    if (fake.cannot_create) {
        snprintf(why, why_size, "there is no client");
        return NULL;
    }
    assert_false(fake.exists);
    fake.exists = true;
    fake.connected = fake.failed = false;
    fake.hooks = *hooks;
    fake.options = given;
    return &fake.session;
}

void __wrap_mqtt_session_destroy(struct mqtt_session *session)
{
    if (!session)
        return;
    assert_true(fake.exists);
    fake.exists = false;
    say("ended");
}

void __wrap_mqtt_session_read(struct mqtt_session *session)
{
    assert_ptr_equal(session, &fake.session);
    fake.reads++;
}

void __wrap_mqtt_session_tick(struct mqtt_session *session)
{
    assert_ptr_equal(session, &fake.session);
    fake.ticks++;
}

void __wrap_mqtt_session_flush(struct mqtt_session *session)
{
    assert_ptr_equal(session, &fake.session);
    fake.flushes++;
}

void __wrap_mqtt_session_watch_socket(struct mqtt_session *session, int epoll_fd, uint64_t number)
{
    assert_ptr_equal(session, &fake.session);
    assert_int_equal(epoll_fd, EPOLL_FD);
    assert_int_equal(number, 3);
    fake.watches++;
}

int __wrap_mqtt_session_due_ms(const struct mqtt_session *session)
{
    assert_ptr_equal(session, &fake.session);
    return fake.due_ms;
}

bool __wrap_mqtt_session_is_connected(const struct mqtt_session *session)
{
    assert_ptr_equal(session, &fake.session);
    return fake.connected;
}

bool __wrap_mqtt_session_has_failed(const struct mqtt_session *session)
{
    assert_ptr_equal(session, &fake.session);
    return fake.failed;
}

const struct broker_link *__wrap_mqtt_session_link(const struct mqtt_session *session)
{
    assert_ptr_equal(session, &fake.session);
    return &fake.link;
}

enum subscribe_result __wrap_mqtt_session_subscribe(struct mqtt_session *session,
                                                    const char *const *filters, size_t count,
                                                    int qos, bool retained, int *number)
{
    assert_ptr_equal(session, &fake.session);
    assert_int_equal(count, 1);
    assert_int_equal(qos, 0);
    assert_true(retained);
    say(filters[0]);
    *number = ++fake.packet;
    return fake.subscribed;
}

bool __wrap_discovery_file_write(const char *runtime_dir, struct discovery_status *status,
                                 const struct survey *survey, char *why, size_t why_size)
{
    fake.saves++;
    set_clock_ms += fake.saving_ms;
    if (fake.cannot_save) {
        snprintf(why, why_size, "the disk is full");
        return false;
    }
    return __real_discovery_file_write(runtime_dir, status, survey, why, why_size);
}

static int open_bench(void **state)
{
    char why[SHM_WHY_SIZE];
    (void)state;
    memset(&fake, 0, sizeof fake);
    fake.due_ms = -1;
    snprintf(bench.folder, sizeof bench.folder, "/tmp/tagferry-discovery-XXXXXX");
    assert_non_null(mkdtemp(bench.folder));
    assert_true(
        counters_open_writer(&bench.counters, &mqttd_counters, bench.folder, why, sizeof why));
    said_log_begin(&bench.said);
    return 0;
}

static int close_bench(void **state)
{
    char path[80];
    (void)state;
    discovery_run_destroy(bench.run);
    bench.run = NULL;
    said_log_end(&bench.said);
    assert_false(fake.exists);
    counters_close(&bench.counters);
    discovery_file_remove(bench.folder, ID);
    snprintf(path, sizeof path, "%s/mqttd.counters", bench.folder);
    unlink(path);
    return rmdir(bench.folder);
}

#define check_log(expected)                                                                        \
    do {                                                                                           \
        assert_string_equal(said_log_end(&bench.said), expected);                                  \
        said_log_begin(&bench.said);                                                               \
    } while (0)

static int64_t wall_now(void)
{
    return (int64_t)(UINT64_C(1700000000000) + set_clock_ms);
}

/* A discovery of an hour with these filters, ended by NULL. */
static struct discovery_run *create(const char *const *filters, size_t memory_bytes)
{
    struct discovery_run_spec spec = {.id = ID,
                                      .ends_ms = wall_now() + 3600000,
                                      .runtime_dir = bench.folder,
                                      .counters = &bench.counters,
                                      .limits = {memory_bytes, BUDGET},
                                      .filters = calloc(DISCOVERY_FILTERS_MAX, sizeof(char *))};
    assert_non_null(spec.filters);
    for (; *filters; filters++)
        spec.filters[spec.filter_count++] = strdup(*filters);
    return discovery_run_create(&spec);
}

static void begin(const char *const *filters)
{
    bench.run = create(filters, SURVEY_BLOCK_MIN);
    assert_non_null(bench.run);
    discovery_run_connect(bench.run, &options);
}

static void step(void)
{
    discovery_run_step(bench.run, EPOLL_FD, 3);
}

static void accept_connection(const struct subscription_limits *limits)
{
    fake.connected = true;
    fake.hooks.connected(fake.hooks.context, false, limits);
}

static void answer(int number, int code)
{
    fake.hooks.suback(fake.hooks.context, number, &code, 1);
}

static void send(const char *topic, const char *payload)
{
    const struct mqtt_message message = {
        .topic = topic, .payload = payload, .len = strlen(payload)};
    fake.hooks.message(fake.hooks.context, &message);
}

/* The file as it is now. */
static struct discovery_status saved(struct survey_totals *totals)
{
    char why[DISCOVERY_WHY_SIZE];
    struct discovery_file file;
    if (discovery_file_read(bench.folder, ID, &file, why, sizeof why) != DISCOVERY_FILE_READ)
        fail_msg("%s", why);
    if (totals)
        *totals = survey_read_totals(file.survey);
    struct discovery_status status = file.status;
    discovery_file_finish(&file);
    return status;
}

static const char *const one_filter[] = {"a/#", NULL}, *const three_filters[] = {"a/#", "b", "c/+",
                                                                                 NULL};
static const struct subscription_limits no_limits = {.qos_max = 2};

static void test_life(void **state)
{
    struct survey_totals totals;
    (void)state;
    begin(one_filter);
    assert_int_equal(discovery_run_id(bench.run), ID);
    assert_ptr_equal(fake.options, &options);
    step();
    struct discovery_status status = saved(&totals);
    assert_int_equal(status.id, ID);
    assert_int_equal(status.state, DISCOVERY_WAITING);
    assert_int_equal(status.connected_ms, 0);
    assert_int_equal(status.budget, BUDGET);
    assert_int_equal(status.memory, SURVEY_BLOCK_MIN);
    assert_string_equal(status.error, "");
    assert_int_equal(totals.messages, 0);
    check_said("");

    set_clock_ms += 1000;
    accept_connection(&no_limits);
    check_said("a/#");
    int64_t connected_ms = wall_now();
    step();
    assert_int_equal(saved(NULL).connected_ms, connected_ms);
    assert_int_equal(saved(NULL).state, DISCOVERY_WAITING); /* not answered yet */
    answer(1, 0);
    send("a/1", "{\"t\":1}");
    send("a/1", "{\"t\":2}");
    send("a/2", "x");
    set_clock_ms += 999;
    step();
    assert_int_equal(saved(NULL).state, DISCOVERY_WAITING);
    set_clock_ms += 1;
    step();
    status = saved(&totals);
    assert_int_equal(status.state, DISCOVERY_RUNNING);
    assert_int_equal(status.saved_ms, wall_now());
    assert_int_equal(totals.messages, 3);
    assert_int_equal(totals.topics, 2);
    assert_int_equal(counters_get(&bench.counters, MQTTD_DISCOVERY_MESSAGES), 3);
    check_said("");
    /* Nothing new is nothing to save. */
    unsigned saves = fake.saves;
    set_clock_ms += 5000;
    step();
    assert_int_equal(fake.saves, saves);

    set_clock_ms += 3600000 - 7001;
    step();
    assert_false(discovery_run_has_ended(bench.run));
    check_log("");
    set_clock_ms += 1;
    step();
    assert_true(discovery_run_has_ended(bench.run));
    assert_true(discovery_run_is_saved(bench.run));
    check_said("ended");
    check_log("info    discovery 7 is done: 3 messages of 2 topics, 0 over the budget\n");
    status = saved(NULL);
    assert_int_equal(status.state, DISCOVERY_DONE);
    assert_int_equal(status.connected_ms, 0);
    /* It never connects again. */
    unsigned created = fake.created;
    discovery_run_connect(bench.run, &others);
    discovery_run_read(bench.run);
    step();
    assert_int_equal(fake.created, created);
    assert_int_equal(fake.reads, 0);
}

/* Each turn does the session's work. */
static void test_turns(void **state)
{
    (void)state;
    begin(one_filter);
    for (unsigned i = 1; i <= 3; i++) {
        discovery_run_read(bench.run);
        step();
        assert_int_equal(fake.ticks, i);
        assert_int_equal(fake.flushes, i);
        assert_int_equal(fake.watches, i);
        assert_int_equal(fake.reads, i);
    }
    accept_connection(&no_limits);
    fake.hooks.published(fake.hooks.context, 1, "refused"); /* it publishes nothing */
    set_clock_ms += 1000;
    step();
    assert_true(saved(NULL).connected_ms > 0);
    fake.connected = false;
    assert_false(fake.hooks.lost(fake.hooks.context, true));
    set_clock_ms += 1000;
    step();
    assert_int_equal(saved(NULL).connected_ms, 0);
    /* Other options begin another connection. */
    fake.said[0] = '\0';
    discovery_run_connect(bench.run, &others);
    check_said("ended");
    assert_ptr_equal(fake.options, &others);
}

static void test_refused_filters(void **state)
{
    (void)state;
    begin(three_filters);
    accept_connection(&no_limits);
    check_said("a/#, b, c/+");
    answer(2, 0x87);
    check_log("warning discovery 7: the broker refuses the filter \"b\": Not authorized\n");
    answer(9, 0x87); /* of no filter */
    answer(2, 0x87); /* again */
    check_log("");
    answer(1, 0x80);
    check_log("warning discovery 7: the broker refuses the filter \"a/#\", and 1 other: "
              "Unspecified error\n");
    set_clock_ms += 1000;
    step();
    assert_int_equal(saved(NULL).state, DISCOVERY_WAITING);
    answer(3, 0x7f);
    set_clock_ms += 1000;
    step();
    struct discovery_status status = saved(NULL);
    assert_int_equal(status.state, DISCOVERY_RUNNING);
    assert_string_equal(status.error,
                        "the broker refuses the filter \"a/#\", and 1 other: Unspecified error");
    check_log("");
    /* The next connection asks for all again. */
    fake.said[0] = '\0';
    accept_connection(&no_limits);
    check_said("a/#, b, c/+");
    for (int i = 4; i <= 6; i++)
        answer(i, 0);
    set_clock_ms += 1000;
    step();
    assert_string_equal(saved(NULL).error, "");
}

/* Without any filter it ends. */
static void test_all_filters_refused(void **state)
{
    static const int codes[] = {0x87, 0x87};
    (void)state;
    begin(three_filters);
    accept_connection(&no_limits);
    fake.hooks.suback(fake.hooks.context, 1, codes, 2); /* two answers to one filter */
    answer(2, 0x97);
    step();
    assert_false(discovery_run_has_ended(bench.run));
    answer(3, 0x80);
    check_log(
        "warning discovery 7: the broker refuses the filter \"a/#\": Unspecified error\n"
        "warning discovery 7: the broker refuses the filter \"a/#\", and 1 other: Unspecified "
        "error\n"
        "warning discovery 7: the broker refuses the filter \"a/#\", and 2 others: "
        "Unspecified error\n");
    step();
    assert_true(discovery_run_has_ended(bench.run));
    check_log("info    discovery 7 is refused: 0 messages of 0 topics, 0 over the budget\n");
    assert_int_equal(saved(NULL).state, DISCOVERY_REFUSED);
    assert_string_equal(saved(NULL).error, "the broker refuses the filter \"a/#\", and 2 others: "
                                           "Unspecified error");
}

/* What a broker lacks is not asked of it. */
static void test_abilities_of_the_broker(void **state)
{
    static const char *const filters[] = {"a/#", "b", "$share/g/c", NULL};
    const struct subscription_limits no_wildcards = {.no_wildcards = true},
                                     no_shared = {.no_shared = true};
    (void)state;
    begin(filters);
    accept_connection(&no_wildcards);
    check_said("b, $share/g/c");
    check_log("warning discovery 7: the broker refuses the filter \"a/#\": it has no subscriptions "
              "with wildcards\n");
    accept_connection(&no_shared);
    check_said("a/#, b");
    check_log("warning discovery 7: the broker refuses the filter \"$share/g/c\": it has no shared "
              "subscriptions\n");
}

/* A filter that cannot be sent now is tried each second, one that never can is not. */
static void test_filters_that_cannot_be_sent(void **state)
{
    (void)state;
    begin(three_filters);
    fake.subscribed = SUBSCRIBE_LATER;
    accept_connection(&no_limits);
    check_said("a/#");
    step();
    check_said("a/#");
    set_clock_ms += 999;
    step();
    check_said("");
    set_clock_ms += 1;
    step();
    check_said("a/#");
    fake.subscribed = SUBSCRIBE_IMPOSSIBLE;
    set_clock_ms += 1000;
    step();
    check_said("a/#, b, c/+, ended");
    assert_true(discovery_run_has_ended(bench.run));
    check_log(
        "warning discovery 7: the broker refuses the filter \"a/#\", and 2 others: the filter "
        "cannot be sent\n"
        "info    discovery 7 is refused: 0 messages of 0 topics, 0 over the budget\n");
}

/* Ten seconds of messages at once, then as many as the budget. */
static void test_budget(void **state)
{
    struct survey_totals totals;
    static const struct {
        uint64_t wait_ms;
        unsigned sent, dropped; /* in all */
    } steps[] = {{0, 20, 0}, {0, 1, 1},    {499, 1, 2},    {1, 1, 2},
                 {0, 1, 3},  {1000, 3, 4}, {100000, 21, 5}};
    (void)state;
    begin(one_filter);
    accept_connection(&no_limits);
    unsigned all = 0;
    for (size_t i = 0; i < COUNT(steps); i++) {
        set_clock_ms += steps[i].wait_ms;
        for (unsigned at = 0; at < steps[i].sent; at++)
            send("a/1", "1");
        all += steps[i].sent;
        assert_int_equal(counters_get(&bench.counters, MQTTD_DISCOVERY_MESSAGES), all);
        assert_int_equal(counters_get(&bench.counters, MQTTD_DISCOVERY_DROPPED), steps[i].dropped);
    }
    set_clock_ms += 1000;
    step();
    assert_int_equal(saved(&totals).dropped, 5);
    assert_int_equal(totals.messages, all - 5);
    set_clock_ms += 3600000;
    step();
    check_log("info    discovery 7 is done: 43 messages of 1 topic, 5 over the budget\n");
}

static void test_no_client(void **state)
{
    (void)state;
    fake.cannot_create = true;
    begin(one_filter);
    check_log("warning discovery 7: there is no client\n");
    set_clock_ms += 999;
    step();
    assert_int_equal(fake.created, 1);
    set_clock_ms += 1;
    step();
    assert_int_equal(fake.created, 2);
    check_log("");
    assert_string_equal(saved(NULL).error, "there is no client");
    fake.cannot_create = false;
    set_clock_ms += 1000;
    step();
    assert_int_equal(fake.created, 3);
    assert_int_equal(fake.ticks, 1);
}

/* A connection with other options waits for no pause of the one before. */
static void test_next_connection(void **state)
{
    (void)state;
    fake.cannot_create = true;
    begin(one_filter);
    fake.cannot_create = false;
    discovery_run_connect(bench.run, &others);
    fake.subscribed = SUBSCRIBE_LATER;
    accept_connection(&no_limits);
    step();
    check_said("a/#, a/#");
}

/* Why there is no connection. */
static void test_link(void **state)
{
    (void)state;
    begin(one_filter);
    fake.link = (struct broker_link){.down = BROKER_NOT_AUTHORIZED, .words = "not authorised"};
    step();
    assert_string_equal(saved(NULL).error, "");
    fake.failed = true;
    set_clock_ms += 1000;
    step();
    assert_string_equal(saved(NULL).error,
                        "no connection to the broker (not_authorized): not authorised");
    check_log("warning discovery 7: no connection to the broker (not_authorized): not "
              "authorised\n");
    fake.failed = false;
    accept_connection(&no_limits);
    answer(1, 0);
    set_clock_ms += 1000;
    step();
    assert_int_equal(saved(NULL).state, DISCOVERY_RUNNING);
    assert_string_equal(saved(NULL).error, "");
    fake.connected = false;
    fake.hooks.lost(fake.hooks.context, true);
    set_clock_ms += 1000;
    step();
    assert_int_equal(saved(NULL).state, DISCOVERY_WAITING);
    /* The broker ends each connection after the subscriptions. */
    fake.failed = true;
    fake.link.on_subscribe = BROKER_LINK_SHORT_MAX - 1;
    step();
    assert_false(discovery_run_has_ended(bench.run));
    fake.link.on_subscribe = BROKER_LINK_SHORT_MAX;
    step();
    assert_true(discovery_run_has_ended(bench.run));
    assert_int_equal(saved(NULL).state, DISCOVERY_REFUSED);
}

/* Saving takes at most a twentieth of the time. */
static void test_pauses_of_saving(void **state)
{
    (void)state;
    begin(one_filter);
    fake.saving_ms = 50;
    step();
    assert_int_equal(fake.saves, 1);
    send("a/1", "1");
    set_clock_ms += 999;
    step();
    assert_int_equal(fake.saves, 1);
    fake.saving_ms = 51;
    set_clock_ms += 1;
    step();
    assert_int_equal(fake.saves, 2);
    send("a/1", "1");
    set_clock_ms += 51 * 20 - 1;
    step();
    assert_int_equal(fake.saves, 2);
    set_clock_ms += 1;
    step();
    assert_int_equal(fake.saves, 3);
}

static void test_cannot_save(void **state)
{
    static const char line[] =
        "warning discovery 7 cannot save what it heard, retrying: the disk is full\n";
    (void)state;
    fake.cannot_save = true;
    begin(one_filter);
    step();
    check_log(line);
    for (int i = 0; i < 9; i++) {
        set_clock_ms += 1000;
        step();
    }
    assert_int_equal(fake.saves, 10);
    check_log("");
    set_clock_ms += 1000;
    step();
    check_log(line);
    /* One that has ended goes on trying. */
    set_clock_ms += 3600000;
    step();
    assert_true(discovery_run_has_ended(bench.run));
    assert_false(discovery_run_is_saved(bench.run));
    fake.cannot_save = false;
    set_clock_ms += 1000;
    step();
    assert_true(discovery_run_is_saved(bench.run));
}

/* A later tagferry-mqttd goes on from the file. */
static void test_from_a_file(void **state)
{
    struct survey_totals totals;
    (void)state;
    begin(one_filter);
    accept_connection(&no_limits);
    answer(1, 0);
    for (int i = 0; i < 22; i++)
        send("a/1", "1");
    discovery_run_destroy(bench.run);
    struct discovery_status status = saved(&totals);
    assert_int_equal(status.state, DISCOVERY_WAITING);
    assert_int_equal(status.connected_ms, 0);
    assert_int_equal(status.dropped, 2);
    assert_int_equal(totals.messages, 20);
    begin(one_filter);
    accept_connection(&no_limits);
    send("a/2", "1");
    set_clock_ms += 3600000;
    step();
    status = saved(&totals);
    assert_int_equal(status.state, DISCOVERY_DONE);
    assert_int_equal(status.dropped, 2);
    assert_int_equal(totals.messages, 21);
    discovery_run_destroy(bench.run);

    /* One that is done stays so. */
    unsigned created = fake.created;
    begin(one_filter);
    assert_true(discovery_run_has_ended(bench.run));
    assert_int_equal(fake.created, created);
    step();
    assert_int_equal(saved(NULL).state, DISCOVERY_DONE);
    assert_true(discovery_run_is_saved(bench.run));
}

static void test_damaged_file(void **state)
{
    char path[80];
    struct survey_totals totals;
    (void)state;
    snprintf(path, sizeof path, "%s/discovery-%d", bench.folder, ID);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("no discovery", file);
    fclose(file);
    begin(one_filter);
    const char *text = said_log_end(&bench.said);
    assert_memory_equal(text, "warning discovery 7 begins again without what it had heard: ", 60);
    said_log_begin(&bench.said);
    step();
    assert_int_equal(saved(&totals).state, DISCOVERY_WAITING);
    assert_int_equal(totals.messages, 0);
}

/* A refused one keeps its reason. */
static void test_no_filters(void **state)
{
    static const char *const none[] = {NULL};
    (void)state;
    begin(none);
    assert_true(discovery_run_has_ended(bench.run));
    assert_int_equal(fake.created, 0);
    check_log("warning discovery 7: it has no filters\n"
              "info    discovery 7 is refused: 0 messages of 0 topics, 0 over the budget\n");
    step();
    assert_int_equal(saved(NULL).state, DISCOVERY_REFUSED);
    discovery_run_destroy(bench.run);
    begin(none);
    check_log("");
    step();
    assert_string_equal(saved(NULL).error, "it has no filters");
    assert_int_equal(saved(NULL).state, DISCOVERY_REFUSED);
}

static void test_no_memory(void **state)
{
    (void)state;
    assert_null(create(three_filters, SIZE_MAX / 2));
    discovery_run_destroy(NULL);
}

/* When the thread has to look again. */
static void test_due(void **state)
{
    (void)state;
    begin(one_filter);
    assert_int_equal(discovery_run_due_ms(bench.run, 5000), 5000);
    fake.due_ms = 300;
    assert_int_equal(discovery_run_due_ms(bench.run, 5000), 300);
    assert_int_equal(discovery_run_due_ms(bench.run, 299), 299);
    fake.due_ms = -1;
    set_clock_ms += 3600000 - 100;
    assert_int_equal(discovery_run_due_ms(bench.run, 5000), 100);
    assert_int_equal(discovery_run_due_ms(bench.run, 99), 99);
    set_clock_ms += 99;
    assert_int_equal(discovery_run_due_ms(bench.run, 5000), 1);
    set_clock_ms += 1;
    assert_int_equal(discovery_run_due_ms(bench.run, 5000), 0);
    set_clock_ms += 1000;
    assert_int_equal(discovery_run_due_ms(bench.run, 5000), 0);
    step();
    assert_int_equal(discovery_run_due_ms(bench.run, 5000), 5000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_bench, close_bench)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_life),
        TEST(test_turns),
        TEST(test_refused_filters),
        TEST(test_all_filters_refused),
        TEST(test_abilities_of_the_broker),
        TEST(test_filters_that_cannot_be_sent),
        TEST(test_budget),
        TEST(test_no_client),
        TEST(test_next_connection),
        TEST(test_link),
        TEST(test_pauses_of_saving),
        TEST(test_cannot_save),
        TEST(test_from_a_file),
        TEST(test_damaged_file),
        TEST(test_no_filters),
        TEST(test_no_memory),
        TEST(test_due),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
