/* The thread of discoveries: which runs it begins and ends for the rows of the store. The runs are
 * replaced. */
#include "said_log.h"
#include "sql_store.h"

#include <pthread.h>

#include "common/base/clock.h"
#include "common/shared/discovery_file.h"
#include "mqttd/discovery/discovery_engine.h"
#include "mqttd/discovery/discovery_run.h"

struct discovery_run {
    int64_t id;
    bool has_ended;
};

static struct bench {
    char folder[40], path[SQL_STORE_PATH_SIZE];
    struct sqlite3 *db;
    struct counters counters;
    struct memory_shortage memory_shortage;
    struct conf_addrs brokers;
    struct discovery_settings settings;
    struct discovery_engine *engine;
    struct said_log said;
} bench;

/* What the thread has done with runs. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t news;
    char said[4000];
    bool cannot_create; /* the next one */
    int64_t ends;       /* the run of this id is over */
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER};

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    va_list arguments;
    pthread_mutex_lock(&shared.lock);
    size_t len = strlen(shared.said);
    if (len > 0)
        shared.said[len++] = '\n';
    va_start(arguments, format);
    vsnprintf(shared.said + len, sizeof shared.said - len, format, arguments);
    va_end(arguments);
    pthread_cond_broadcast(&shared.news);
    pthread_mutex_unlock(&shared.lock);
}

/* Waits until so many lines are there, compares and forgets them. */
static void expect(size_t lines, const char *expected)
{
    pthread_mutex_lock(&shared.lock);
    for (;;) {
        size_t count = shared.said[0] != '\0';
        for (const char *at = shared.said; (at = strchr(at, '\n')); at++)
            count++;
        if (count >= lines)
            break;
        pthread_cond_wait(&shared.news, &shared.lock);
    }
    char said[sizeof shared.said];
    strcpy(said, shared.said);
    shared.said[0] = '\0';
    pthread_mutex_unlock(&shared.lock);
    assert_string_equal(said, expected);
}

struct discovery_run *__wrap_discovery_run_create(const struct discovery_run_spec *spec);
void __wrap_discovery_run_destroy(struct discovery_run *run);
int64_t __wrap_discovery_run_id(const struct discovery_run *run);
bool __wrap_discovery_run_has_ended(const struct discovery_run *run);
bool __wrap_discovery_run_is_saved(const struct discovery_run *run);
void __wrap_discovery_run_connect(struct discovery_run *run,
                                  const struct mqtt_session_options *options);
void __wrap_discovery_run_read(struct discovery_run *run);
void __wrap_discovery_run_step(struct discovery_run *run, int epoll_fd, uint64_t number);
int __wrap_discovery_run_due_ms(const struct discovery_run *run, int wait);

struct discovery_run *__wrap_discovery_run_create(const struct discovery_run_spec *spec)
{
    char filters[200] = "";
    for (size_t i = 0; i < spec->filter_count; i++) {
        strcat(filters, " ");
        strcat(filters, spec->filters[i]);
        free(spec->filters[i]);
    }
    free(spec->filters);
    bool cannot = __atomic_exchange_n(&shared.cannot_create, false, __ATOMIC_SEQ_CST);
    say("%s %d, %zu bytes, %u/s:%s", cannot ? "no memory for" : "create", (int)spec->id,
        spec->limits.memory_bytes, spec->limits.messages_per_s, filters);
    if (cannot)
        return NULL;
    struct discovery_run *run = calloc(1, sizeof *run);
    assert_non_null(run);
    run->id = spec->id;
    return run;
}

void __wrap_discovery_run_destroy(struct discovery_run *run)
{
    if (run)
        say("destroy %d", (int)run->id);
    free(run);
}

int64_t __wrap_discovery_run_id(const struct discovery_run *run)
{
    return run->id;
}

bool __wrap_discovery_run_has_ended(const struct discovery_run *run)
{
    return run->has_ended;
}

bool __wrap_discovery_run_is_saved(const struct discovery_run *run)
{
    return run->id == __atomic_load_n(&shared.ends, __ATOMIC_SEQ_CST);
}

void __wrap_discovery_run_connect(struct discovery_run *run,
                                  const struct mqtt_session_options *options)
{
    say("connect %d as %s: %s %s, version %d, packet %u%s%s%s", (int)run->id, options->client_id,
        options->username, options->password ? options->password : "-", options->version,
        options->max_packet, options->clean ? " clean" : "", options->is_quiet ? " quiet" : "",
        options->will_topic ? " will" : "");
}

void __wrap_discovery_run_read(struct discovery_run *run)
{
    (void)run;
}

void __wrap_discovery_run_step(struct discovery_run *run, int epoll_fd, uint64_t number)
{
    (void)run, (void)number;
    assert_true(epoll_fd >= 0);
}

int __wrap_discovery_run_due_ms(const struct discovery_run *run, int wait)
{
    (void)run;
    return wait;
}

static void run_sql(const char *sql)
{
    sql_store_run(bench.db, sql);
    discovery_engine_note_store(bench.engine);
}

/* A row whose time is over in `left_s`. */
static void add_row(int id, int left_s, const char *filter)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "INSERT INTO discovery (id, topics, seconds, created_ms, ends_ms) "
             "VALUES (%d, json_array('%s'), 60, 1, %lld)",
             id, filter, (long long)clock_wall_ms() + left_s * 1000);
    sql_store_run(bench.db, sql);
}

static void start(void)
{
    char why[200];
    const struct discovery_engine_spec spec = {.database = bench.path,
                                               .runtime_dir = bench.folder,
                                               .counters = &bench.counters,
                                               .memory_shortage = &bench.memory_shortage};
    bench.engine = discovery_engine_create(&spec, &bench.settings, why, sizeof why);
    assert_non_null(bench.engine);
}

static int open_bench(void **state)
{
    char why[SHM_WHY_SIZE], sql[80];
    (void)state;
    memset(&bench, 0, sizeof bench);
    shared.said[0] = '\0';
    shared.cannot_create = false;
    shared.ends = 0;
    bench.db = sql_store_open(bench.path);
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", TAGFERRY_SCHEMA_VERSION);
    sql_store_run(bench.db, sql);
    snprintf(bench.folder, sizeof bench.folder, "/tmp/tagferry-engine-XXXXXX");
    assert_non_null(mkdtemp(bench.folder));
    assert_true(
        counters_open_writer(&bench.counters, &mqttd_counters, bench.folder, why, sizeof why));
    memory_shortage_init(&bench.memory_shortage, &bench.counters, MQTTD_SHORTAGES);
    bench.brokers = (struct conf_addrs){.count = 1, .item = {{"b", 1883}}};
    bench.settings = (struct discovery_settings){
        .session = {.brokers = &bench.brokers, .client_id = "me", .username = "u", .version = 2},
        .memory_bytes = 1 << 20,
        .messages_per_s = 50};
    said_log_begin(&bench.said);
    return 0;
}

static int close_bench(void **state)
{
    char path[80];
    (void)state;
    discovery_engine_destroy(bench.engine);
    said_log_end(&bench.said);
    counters_close(&bench.counters);
    snprintf(path, sizeof path, "%s/mqttd.counters", bench.folder);
    unlink(path);
    assert_int_equal(rmdir(bench.folder), 0);
    sql_store_close(bench.db, bench.path);
    return 0;
}

/* Ends the thread, and returns what it has logged. */
static const char *end(void)
{
    discovery_engine_destroy(bench.engine);
    bench.engine = NULL;
    const char *text = said_log_end(&bench.said);
    said_log_begin(&bench.said);
    return text;
}

#define RUN(id, place, filter)                                                                     \
    "create " #id ", 1048576 bytes, 50/s: " filter "\n"                                            \
    "connect " #id " as me-discovery" place ": u -, version 2, packet 1118576 clean quiet"

/* At most four at a time, in the order of their ids; the next one takes a place that is free. */
static void test_places(void **state)
{
    (void)state;
    for (int id = 1; id <= 6; id++)
        add_row(id, 3600, "a/#");
    start();
    expect(8, RUN(1, "", "a/#") "\n" RUN(2, "-2", "a/#") "\n" RUN(3, "-3", "a/#") "\n" RUN(4, "-4",
                                                                                           "a/#"));
    run_sql("DELETE FROM discovery WHERE id = 2");
    expect(3, "destroy 2\n" RUN(5, "-2", "a/#"));
    run_sql("UPDATE discovery SET ends_ms = 1 WHERE id = 3");
    __atomic_store_n(&shared.ends, 3, __ATOMIC_SEQ_CST);
    expect(3, "destroy 3\n" RUN(6, "-3", "a/#"));
    const char *text = end();
    expect(4, "destroy 1\ndestroy 5\ndestroy 6\ndestroy 4");
    assert_string_equal(text, "info    discovery 1 begins as \"me-discovery\"\n"
                              "info    discovery 2 begins as \"me-discovery-2\"\n"
                              "info    discovery 3 begins as \"me-discovery-3\"\n"
                              "info    discovery 4 begins as \"me-discovery-4\"\n"
                              "info    discovery 2 is deleted\n"
                              "info    discovery 5 begins as \"me-discovery-2\"\n"
                              "info    discovery 6 begins as \"me-discovery-3\"\n");
}

/* New settings: those that run connect again, later ones have the new budgets. */
static void test_settings(void **state)
{
    (void)state;
    add_row(7, 3600, "a");
    start();
    expect(2, RUN(7, "", "a"));
    bench.settings.session.username = "v";
    bench.settings.session.password = "secret";
    bench.settings.session.version = MQTT_VERSION_5;
    bench.settings.memory_bytes = 2000000;
    bench.settings.messages_per_s = 7;
    bench.settings.session.will_topic = "t";
    assert_true(discovery_engine_configure(bench.engine, &bench.settings));
    expect(1, "connect 7 as me-discovery: v secret, version 1, packet 1118576 clean quiet");
    add_row(8, 3600, "b");
    discovery_engine_note_store(bench.engine);
    expect(2, "create 8, 2000000 bytes, 7/s: b\n"
              "connect 8 as me-discovery-2: v secret, version 1, packet 1118576 clean quiet");
    end();
    expect(2, "destroy 7\ndestroy 8");
}

/* Writes the file of a discovery. */
static void write_file(int64_t id, enum discovery_state discovery_state)
{
    static _Alignas(16) char block[SURVEY_BLOCK_MIN];
    char why[DISCOVERY_WHY_SIZE];
    struct discovery_status status = {.id = id, .state = discovery_state, .connected_ms = 5};
    assert_true(discovery_file_write(bench.folder, &status, survey_make(block, sizeof block), why,
                                     sizeof why));
}

static enum discovery_file_result read_file(int64_t id, struct discovery_status *status)
{
    char why[DISCOVERY_WHY_SIZE];
    struct discovery_file file;
    enum discovery_file_result result =
        discovery_file_read(bench.folder, id, &file, why, sizeof why);
    *status = file.status;
    discovery_file_finish(&file);
    return result;
}

/* After a restart: what is over is done, files without a row go. */
static void test_files(void **state)
{
    struct discovery_status status;
    (void)state;
    write_file(1, DISCOVERY_RUNNING);
    write_file(2, DISCOVERY_REFUSED);
    write_file(3, DISCOVERY_RUNNING);
    write_file(4, DISCOVERY_RUNNING); /* without a row */
    add_row(1, -1, "a");
    add_row(2, -1, "a");
    add_row(3, 3600, "a");
    start();
    expect(2, RUN(3, "", "a"));
    assert_int_equal(read_file(1, &status), DISCOVERY_FILE_READ);
    assert_int_equal(status.state, DISCOVERY_DONE);
    assert_int_equal(status.connected_ms, 0);
    assert_int_equal(read_file(2, &status), DISCOVERY_FILE_READ);
    assert_int_equal(status.state, DISCOVERY_REFUSED);
    assert_int_equal(read_file(3, &status), DISCOVERY_FILE_READ);
    assert_int_equal(status.state, DISCOVERY_RUNNING);
    assert_int_equal(read_file(4, &status), DISCOVERY_FILE_MISSING);
    run_sql("DELETE FROM discovery");
    expect(1, "destroy 3");
    end();
    for (int64_t id = 1; id <= 3; id++)
        assert_int_equal(read_file(id, &status), DISCOVERY_FILE_MISSING);
}

/* Without memory a run is tried again. */
static void test_no_memory(void **state)
{
    (void)state;
    add_row(1, 3600, "a");
    add_row(2, 3600, "b");
    shared.cannot_create = true;
    start();
    expect(5, "no memory for 1, 1048576 bytes, 50/s: a\n" RUN(1, "", "a") "\n" RUN(2, "-2", "b"));
    end();
    expect(2, "destroy 1\ndestroy 2");
    assert_int_equal(counters_get(&bench.counters, MQTTD_SHORTAGES), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_places, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_settings, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_files, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_no_memory, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
