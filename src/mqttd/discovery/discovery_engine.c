/* Follows the rows of discoveries in the store and runs them. */
#include "mqttd/discovery/discovery_engine.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/array.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/base/thread.h"
#include "common/shared/discovery_file.h"
#include "common/store/db.h"
#include "common/store/db_follow.h"
#include "common/store/discovery_rows.h"
#include "mqttd/discovery/discovery_run.h"

enum {
    POLL_MS = 200,   /* while a discovery runs */
    RETRY_MS = 1000, /* after a lack of memory, or an error of the store */
    NICENESS = 15,
    CLIENT_ID_SIZE = 512,
    /* A payload that is kept whole, and its topic. The broker does not send longer packets. */
    PACKET_BYTES_MAX = SURVEY_PAYLOAD_MAX + 70000
};

/* Settings with all that they point to. */
struct engine_settings {
    struct discovery_settings given;
    struct conf_addrs brokers;
    char *texts; /* behind one another */
    char client_ids[DISCOVERY_RUNNING_MAX][CLIENT_ID_SIZE];
    struct mqtt_session_options sessions[DISCOVERY_RUNNING_MAX];
};

struct discovery_engine {
    struct discovery_engine_spec spec;
    struct thread thread;
    atomic_bool store_has_changed; /* since the thread has read the rows */

    pthread_mutex_t lock;         /* protects the next line */
    struct engine_settings *next; /* to be taken by the thread, or NULL */

    /* Used by the thread only. */
    struct engine_settings *settings;
    struct db_follow store;
    uint64_t poll_due_ms;                /* UINT64_MAX: after a change of the store */
    ARRAY_OF(struct discovery_row) rows; /* of the store */
    bool is_short;                       /* a row did not fit into memory */
    bool has_read;                       /* the rows, since the start */
    struct discovery_run *runs[DISCOVERY_RUNNING_MAX];
    int epoll_fd;
};

/* Settings. */

static size_t text_room(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static const char *text_put(char **at, const char *text)
{
    char *copy = *at;
    if (!text)
        return NULL;
    *at = stpcpy(copy, text) + 1;
    return copy;
}

static struct engine_settings *engine_settings_copy(const struct discovery_settings *given)
{
    const struct mqtt_session_options *from = &given->session;
    struct engine_settings *settings = calloc(1, sizeof *settings);
    char *at =
        malloc(text_room(from->username) + text_room(from->password) + text_room(from->ca_file) +
               text_room(from->cert_file) + text_room(from->key_file) + 1);
    if (!settings || !at) {
        free(settings);
        free(at);
        return NULL;
    }
    settings->given = *given;
    settings->brokers = *from->brokers;
    settings->texts = at;
    struct mqtt_session_options session = {.brokers = &settings->brokers,
                                           .username = text_put(&at, from->username),
                                           .password = text_put(&at, from->password),
                                           .version = from->version,
                                           .keepalive_s = from->keepalive_s,
                                           .max_packet = PACKET_BYTES_MAX,
                                           .clean = true,
                                           .is_quiet = true,
                                           .tls = from->tls,
                                           .ca_file = text_put(&at, from->ca_file),
                                           .cert_file = text_put(&at, from->cert_file),
                                           .key_file = text_put(&at, from->key_file)};
    for (size_t i = 0; i < DISCOVERY_RUNNING_MAX; i++) {
        char *id = settings->client_ids[i];
        int len = snprintf(id, CLIENT_ID_SIZE, "%.480s-discovery", from->client_id);
        if (i > 0)
            snprintf(id + len, (size_t)(CLIENT_ID_SIZE - len), "-%zu", i + 1);
        settings->sessions[i] = session;
        settings->sessions[i].client_id = id;
    }
    return settings;
}

static void engine_settings_destroy(struct engine_settings *settings)
{
    if (settings)
        free(settings->texts);
    free(settings);
}

static void engine_take_settings(struct discovery_engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    struct engine_settings *next = engine->next;
    engine->next = NULL;
    pthread_mutex_unlock(&engine->lock);
    if (!next)
        return;
    for (size_t i = 0; i < DISCOVERY_RUNNING_MAX; i++) {
        if (engine->runs[i])
            discovery_run_connect(engine->runs[i], &next->sessions[i]);
    }
    engine_settings_destroy(engine->settings);
    engine->settings = next;
}

/* Rows and runs. */

static bool engine_take_row(void *context, const struct discovery_row *row)
{
    struct discovery_engine *engine = context;
    engine->is_short |= !ARRAY_PUSH(&engine->rows, *row);
    return !engine->is_short;
}

static bool engine_has_row(void *context, int64_t id)
{
    const struct discovery_engine *engine = context;
    size_t low = 0, high = engine->rows.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (engine->rows.item[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < engine->rows.count && engine->rows.item[low].id == id;
}

struct filter_list {
    char **item;
    size_t count;
    bool is_short;
};

static bool filter_list_take(void *context, const char *filter)
{
    struct filter_list *list = context;
    char *copy = strdup(filter);
    list->is_short = !copy;
    if (copy)
        list->item[list->count++] = copy;
    return copy && list->count < DISCOVERY_FILTERS_MAX;
}

/* Starts a run for the row at this place. False when out of memory, or on an error of the store. */
static bool engine_start_run(struct discovery_engine *engine, size_t place,
                             const struct discovery_row *row)
{
    struct filter_list filters = {.item = calloc(DISCOVERY_FILTERS_MAX, sizeof(char *))};
    if (!filters.item ||
        !discovery_rows_each_topic(engine->store.db, row->id, filter_list_take, &filters) ||
        filters.is_short) {
        for (size_t i = 0; filters.item && i < filters.count; i++)
            free(filters.item[i]);
        free(filters.item);
        return false;
    }
    const struct discovery_settings *given = &engine->settings->given;
    const struct discovery_run_spec spec = {.id = row->id,
                                            .ends_ms = row->ends_ms,
                                            .runtime_dir = engine->spec.runtime_dir,
                                            .counters = engine->spec.counters,
                                            .limits = {given->memory_bytes, given->messages_per_s},
                                            .filters = filters.item,
                                            .filter_count = filters.count};
    engine->runs[place] = discovery_run_create(&spec);
    if (!engine->runs[place])
        return false;
    if (!discovery_run_has_ended(engine->runs[place]))
        log_info("discovery %lld begins as \"%s\"", (long long)row->id,
                 engine->settings->client_ids[place]);
    discovery_run_connect(engine->runs[place], &engine->settings->sessions[place]);
    return true;
}

static bool engine_is_running(const struct discovery_engine *engine, int64_t id)
{
    for (size_t i = 0; i < DISCOVERY_RUNNING_MAX; i++) {
        if (engine->runs[i] && discovery_run_id(engine->runs[i]) == id)
            return true;
    }
    return false;
}

/* Ends the runs whose row is gone, and gives up those that are done and saved. */
static void engine_end_runs(struct discovery_engine *engine)
{
    int64_t now = (int64_t)clock_wall_ms();
    for (size_t i = 0; i < DISCOVERY_RUNNING_MAX; i++) {
        struct discovery_run *run = engine->runs[i];
        bool is_over = run && discovery_run_is_saved(run);
        for (size_t row = 0; is_over && row < engine->rows.count; row++) {
            if (engine->rows.item[row].id == discovery_run_id(run))
                is_over = engine->rows.item[row].ends_ms <= now;
        }
        if (!run || (!is_over && engine_has_row(engine, discovery_run_id(run))))
            continue;
        int64_t id = discovery_run_id(run);
        discovery_run_destroy(run);
        engine->runs[i] = NULL;
        if (!engine_has_row(engine, id)) {
            log_info("discovery %lld is deleted", (long long)id);
            discovery_file_remove(engine->spec.runtime_dir, id);
        }
    }
}

/* After a restart: a discovery whose end came while tagferry-mqttd was away is done. */
static void engine_close_file(const struct discovery_engine *engine, int64_t id)
{
    char why[DISCOVERY_WHY_SIZE];
    struct discovery_file file;
    if (discovery_file_read(engine->spec.runtime_dir, id, &file, why, sizeof why) ==
            DISCOVERY_FILE_READ &&
        file.status.state != DISCOVERY_DONE && file.status.state != DISCOVERY_REFUSED) {
        file.status.state = DISCOVERY_DONE;
        file.status.connected_ms = 0;
        if (!discovery_file_write(engine->spec.runtime_dir, &file.status, file.survey, why,
                                  sizeof why))
            log_warning("discovery %lld: %s", (long long)id, why);
    }
    discovery_file_finish(&file);
}

/* Starts runs for rows that have none. False when one could not be started. */
static bool engine_start_runs(struct discovery_engine *engine)
{
    int64_t now = (int64_t)clock_wall_ms();
    bool ok = true;
    for (size_t i = 0; i < engine->rows.count && ok; i++) {
        const struct discovery_row *row = &engine->rows.item[i];
        size_t place = 0;
        if (row->ends_ms <= now || engine_is_running(engine, row->id))
            continue;
        while (place < DISCOVERY_RUNNING_MAX && engine->runs[place])
            place++;
        if (place == DISCOVERY_RUNNING_MAX)
            break;
        ok = engine_start_run(engine, place, row);
    }
    if (!ok)
        memory_shortage_note(engine->spec.memory_shortage, "a discovery; retrying");
    return ok;
}

/* Reads the rows again after a change of the store, and looks at the runs. */
static void engine_poll_store(struct discovery_engine *engine)
{
    char why[DB_WHY_SIZE];
    uint64_t now = clock_steady_ms();
    if (atomic_exchange(&engine->store_has_changed, false))
        db_follow_expect_file(&engine->store); /* it may be another store, too */
    else if (now < engine->poll_due_ms)
        return;
    enum db_follow_result result = db_follow_check(&engine->store, now, why, sizeof why);
    if (result == DB_FOLLOW_CLOSED) { /* the store watcher says so in the log */
        engine->poll_due_ms = now + RETRY_MS;
        return;
    }
    if (result != DB_FOLLOW_SAME) {
        engine->rows.count = 0;
        engine->is_short = false;
        if (!discovery_rows_each(engine->store.db, engine_take_row, engine) || engine->is_short) {
            engine->poll_due_ms = now + RETRY_MS;
            return;
        }
        db_follow_mark_read(&engine->store);
        for (size_t i = 0; !engine->has_read && i < engine->rows.count; i++) {
            if (engine->rows.item[i].ends_ms <= (int64_t)clock_wall_ms())
                engine_close_file(engine, engine->rows.item[i].id);
        }
        engine->has_read = true;
    }
    engine_end_runs(engine);
    /* After the runs have ended, which write their files once more. */
    if (result != DB_FOLLOW_SAME)
        discovery_file_remove_unused(engine->spec.runtime_dir, engine_has_row, engine);
    bool ok = engine_start_runs(engine), has_runs = false;
    for (size_t i = 0; i < DISCOVERY_RUNNING_MAX; i++)
        has_runs = has_runs || engine->runs[i];
    engine->poll_due_ms = !ok ? now + RETRY_MS : has_runs ? now + POLL_MS : UINT64_MAX;
}

/* The loop. */

static void engine_wait(struct discovery_engine *engine)
{
    uint64_t now = clock_steady_ms();
    struct epoll_event events[DISCOVERY_RUNNING_MAX];
    int wait = THREAD_FOREVER;
    if (engine->poll_due_ms != UINT64_MAX)
        wait = engine->poll_due_ms > now ? (int)(engine->poll_due_ms - now) : 0;
    for (size_t i = 0; i < DISCOVERY_RUNNING_MAX; i++) {
        if (engine->runs[i])
            wait = discovery_run_due_ms(engine->runs[i], wait);
    }
    thread_wait_fd(&engine->thread, engine->epoll_fd, wait);
    int count = epoll_wait(engine->epoll_fd, events, DISCOVERY_RUNNING_MAX, 0);
    for (int i = 0; i < count; i++) {
        struct discovery_run *run = engine->runs[events[i].data.u64 % DISCOVERY_RUNNING_MAX];
        if (run)
            discovery_run_read(run);
    }
}

static void engine_run(void *context)
{
    struct discovery_engine *engine = context;
    /* Of this thread only. */
    if (setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS) != 0)
        log_info("discoveries run with the priority of the others: %s", strerror(errno));
    while (!thread_is_stopping(&engine->thread)) {
        engine_take_settings(engine);
        engine_poll_store(engine);
        for (size_t i = 0; i < DISCOVERY_RUNNING_MAX; i++) {
            if (engine->runs[i])
                discovery_run_step(engine->runs[i], engine->epoll_fd, i);
        }
        engine_wait(engine);
    }
    for (size_t i = 0; i < DISCOVERY_RUNNING_MAX; i++)
        discovery_run_destroy(engine->runs[i]);
    db_follow_close(&engine->store);
}

struct discovery_engine *discovery_engine_create(const struct discovery_engine_spec *spec,
                                                 const struct discovery_settings *settings,
                                                 char *why, size_t why_size)
{
    REQUIRE(spec->database && spec->runtime_dir && settings->session.brokers);
    struct discovery_engine *engine = calloc(1, sizeof *engine);
    if (!engine) {
        snprintf(why, why_size, "out of memory");
        return NULL;
    }
    engine->spec = *spec;
    engine->store.path = spec->database;
    atomic_init(&engine->store_has_changed, false);
    pthread_mutex_init(&engine->lock, NULL);
    engine->settings = engine_settings_copy(settings);
    engine->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (engine->settings && engine->epoll_fd >= 0 &&
        thread_start(&engine->thread, "discoveries", engine_run, engine))
        return engine;
    snprintf(why, why_size, "cannot start the thread of discoveries: %s", strerror(errno));
    discovery_engine_destroy(engine);
    return NULL;
}

bool discovery_engine_configure(struct discovery_engine *engine,
                                const struct discovery_settings *settings)
{
    struct engine_settings *next = engine_settings_copy(settings);
    if (!next)
        return false;
    pthread_mutex_lock(&engine->lock);
    struct engine_settings *replaced = engine->next;
    engine->next = next;
    pthread_mutex_unlock(&engine->lock);
    engine_settings_destroy(replaced);
    thread_wake(&engine->thread);
    return true;
}

void discovery_engine_note_store(struct discovery_engine *engine)
{
    atomic_store(&engine->store_has_changed, true);
    thread_wake(&engine->thread);
}

void discovery_engine_destroy(struct discovery_engine *engine)
{
    if (!engine)
        return;
    thread_join(&engine->thread);
    engine_settings_destroy(engine->settings);
    engine_settings_destroy(engine->next);
    free(engine->rows.item);
    if (engine->epoll_fd >= 0)
        close(engine->epoll_fd);
    pthread_mutex_destroy(&engine->lock);
    free(engine);
}
