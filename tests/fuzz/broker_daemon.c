/* Starts mqttd without threads and takes the places of those. */
#include "broker_daemon.h"
#include "../unit/config_rows.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/message/payload.h"
#include "mqttd/broker/mqtt_session_internal.h"

enum { DEVICES = 6, JOURNAL = 77, START_S = 100000 };

struct broker_daemon bd;

/* The clocks. */

uint64_t __wrap_clock_wall_ms(void);
uint64_t __wrap_clock_wall_us(void);
uint64_t __wrap_clock_steady_ms(void);
uint64_t __wrap_clock_steady_us(void);

static const uint64_t wall_us = 1700000000ULL * 1000000;

uint64_t __wrap_clock_wall_ms(void)
{
    return (wall_us + bd.now_us) / 1000;
}

uint64_t __wrap_clock_wall_us(void)
{
    return wall_us + bd.now_us;
}

uint64_t __wrap_clock_steady_ms(void)
{
    return bd.now_us / 1000;
}

uint64_t __wrap_clock_steady_us(void)
{
    return bd.now_us;
}

/* libmosquitto's clock. The fuzzer measures its own time with another one. On armhf, where this is
 * the function for 64-bit times, libmosquitto calls that for 32-bit ones, and no keep-alive ends.
 */
int clock_gettime(clockid_t id, struct timespec *now)
{
#ifdef SYS_clock_gettime64
    const long real = sizeof(time_t) > sizeof(long) ? SYS_clock_gettime64 : SYS_clock_gettime;
#else
    const long real = SYS_clock_gettime;
#endif
    if (id != CLOCK_MONOTONIC || bd.now_us == 0)
        return (int)syscall(real, id, now);
    now->tv_sec = (time_t)(bd.now_us / 1000000);
    now->tv_nsec = (long)(bd.now_us % 1000000) * 1000;
    return 0;
}

int __real_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms);

int __wrap_epoll_wait(int fd, struct epoll_event *events, int max, int timeout_ms)
{
    int count = __real_epoll_wait(fd, events, max, 0);
    REQUIRE(timeout_ms >= 0);
    if (count == 0)
        bd.now_us += (uint64_t)timeout_ms * bd.leap * 1000;
    bd.now_us += 50; /* a turn takes time */
    return count;
}

/* Threads: none runs. */

bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context);
void __wrap_thread_join(struct thread *thread);
bool __wrap_thread_try_join(struct thread *thread);
bool __wrap_thread_join_within(struct thread *thread, unsigned timeout_ms);

bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context)
{
    REQUIRE(!thread->running && name && run && context);
    atomic_init(&thread->stopping, false);
    return thread->running = wakeup_init(&thread->wakeup);
}

void __wrap_thread_join(struct thread *thread)
{
    if (thread->running)
        wakeup_finish(&thread->wakeup);
    thread->running = false;
}

bool __wrap_thread_try_join(struct thread *thread)
{
    __wrap_thread_join(thread);
    return true;
}

bool __wrap_thread_join_within(struct thread *thread, unsigned timeout_ms)
{
    (void)timeout_ms;
    __wrap_thread_join(thread);
    return true;
}

/* The configuration. */

struct store_update *__wrap_store_watcher_take(struct store_watcher *store_watcher);

struct store_update *__wrap_store_watcher_take(struct store_watcher *store_watcher)
{
    struct store_update *update = bd.updates;
    (void)store_watcher;
    if (update)
        bd.updates = update->next;
    return update;
}

/* Tags that SCADA may write. */
static struct tagdb_tag command_row(uint16_t address, const char *topic, uint8_t qos)
{
    struct tagdb_tag tag = tag_row(1, 10 + address, topic);
    tag.direction = BOTH_WAYS;
    tag.mqtt_command_topic = topic;
    tag.mqtt_command_template = "{value}";
    tag.mqtt_command_qos = qos;
    tag.mqtt_command_retain = qos == 1;
    tag.point.address = address;
    return tag;
}

static struct device *make_device(unsigned device, unsigned variant)
{
    static const char *const topics[DEVICES] = {"d/1",   "w/+/x",           "$share/g/s/1",
                                                "r.1/x", "spBv1.0/G/+/N/D", "q/1"};
    static const struct net_addr local = {"127.0.0.1", 8502};
    const struct local_server place = {
        .local = &local, .units = &bd.settings.common.units, .gateway = bd.settings.common.gateway};
    struct tagdb_device row = device_row(device);
    row.name = row.mqtt_topic = topics[device - 1];
    row.mqtt_qos = device == 2 ? 0 : (uint8_t)(variant % 3);
    row.mqtt_stale_after_s = 60;
    if (device == 2 && variant > 1)
        row.mqtt_topic = variant == 2 ? "w/#" : "w/1/x";
    if (device == 1)
        row.mqtt_availability_topic = "d/1/state";
    if (device == 6)
        row.mqtt_request =
            "{\"topic\": \"q/1/get\", \"payload\": \"?\", \"interval_s\": 30, \"qos\": 1}";
    const struct tagdb_tag tags[] = {tag_row(device, device * 10 + 1, "a"),
                                     command_row(COMMAND_ADDRESS, "d/1/set", 1),
                                     command_row(COMMAND_ADDRESS_2, "d/1/set2", 2),
                                     command_row(COMMAND_ADDRESS_0, "d/1/set0", 0)};
    return device_build(&place, &row, tags, device == 1 ? 4 : 1);
}

static struct store_update *make_update(size_t count)
{
    static int64_t revision;
    struct store_update *update = calloc(1, sizeof *update), **last = &bd.updates;
    REQUIRE(update);
    update->changes = calloc(count, sizeof *update->changes);
    REQUIRE(update->changes);
    update->change_count = count;
    update->revision = ++revision;
    while (*last)
        last = &(*last)->next;
    *last = update;
    return update;
}

void broker_daemon_change(unsigned device, unsigned variant)
{
    device = 1 + device % DEVICES;
    if (device == 1 && variant == 0)
        variant = 1; /* the checks need one */
    struct device *made = variant > 0 ? make_device(device, variant) : NULL;
    make_update(1)->changes[0] = (struct device_change){device, made, NULL};
    bd.is_present[device] = variant > 0;
}

/* SCADA's writes. */

enum journal_tail_event __wrap_journal_tail_next(struct journal_tail *journal_tail,
                                                 struct journal_entry *entry, uint64_t *journal);
enum journal_tail_event __wrap_journal_watch_next(struct journal_watch *journal_watch,
                                                  struct journal_entry *entry, uint64_t now_ms);
void __wrap_journal_watch_stop(struct journal_watch *journal_watch);
void __wrap_journal_tail_save(struct journal_tail *journal_tail, uint64_t journal,
                              uint64_t position);
bool __wrap_journal_tail_each_waiting(struct journal_tail *journal_tail,
                                      void (*take)(void *context,
                                                   const struct journal_entry *entry),
                                      void *context);

void broker_daemon_write(uint16_t address)
{
    if (bd.write_count == WRITES_MAX)
        return;
    bd.writes[bd.write_count] =
        (struct scada_write){.address = address, .value = (uint16_t)(1000 + bd.write_count)};
    bd.write_count++;
}

static struct journal_entry make_entry(size_t number)
{
    return (struct journal_entry){.sequence = number + 1,
                                  .steady_ms = bd.now_us / 1000,
                                  .unit = 1,
                                  .table = JOURNAL_HOLDING_REGISTER,
                                  .address = bd.writes[number].address,
                                  .count = 1,
                                  .values = {bd.writes[number].value},
                                  .masks = {UINT16_MAX}};
}

enum journal_tail_event __wrap_journal_tail_next(struct journal_tail *journal_tail,
                                                 struct journal_entry *entry, uint64_t *journal)
{
    (void)journal_tail;
    if (bd.taken_writes == bd.write_count)
        return JOURNAL_TAIL_EMPTY;
    *entry = make_entry(bd.taken_writes++);
    *journal = JOURNAL;
    return JOURNAL_TAIL_ENTRY;
}

enum journal_tail_event __wrap_journal_watch_next(struct journal_watch *journal_watch,
                                                  struct journal_entry *entry, uint64_t now_ms)
{
    (void)journal_watch, (void)now_ms;
    if (bd.watched_writes == bd.write_count)
        return JOURNAL_TAIL_EMPTY;
    *entry = make_entry(bd.watched_writes++);
    return JOURNAL_TAIL_ENTRY;
}

void __wrap_journal_watch_stop(struct journal_watch *journal_watch)
{
    (void)journal_watch;
    bd.watched_writes = 0;
}

bool __wrap_journal_tail_each_waiting(struct journal_tail *journal_tail,
                                      void (*take)(void *context,
                                                   const struct journal_entry *entry),
                                      void *context)
{
    (void)journal_tail;
    for (size_t i = bd.taken_writes; i < bd.write_count; i++) {
        const struct journal_entry entry = make_entry(i);
        take(context, &entry);
    }
    return true;
}

/* A write before the position is never published again: its message was acknowledged. In a pair a
 * setpoint of the other gateway may have superseded it. */
void __wrap_journal_tail_save(struct journal_tail *journal_tail, uint64_t journal,
                              uint64_t position)
{
    (void)journal_tail;
    REQUIRE(journal == JOURNAL && position >= bd.saved && position <= bd.write_count + 1);
    for (uint64_t i = 1; i < position && !bd.d.mirror; i++)
        REQUIRE(bd.writes[i - 1].is_settled);
    bd.saved = position;
}

enum publish_result __real_mqtt_session_publish(struct mqtt_session *mqtt_session,
                                                const char *topic, const char *payload, size_t len,
                                                int qos, bool retain, int *number);
enum publish_result __wrap_mqtt_session_publish(struct mqtt_session *mqtt_session,
                                                const char *topic, const char *payload, size_t len,
                                                int qos, bool retain, int *number);
void __real_writeback_note_published(struct writeback *writeback, int number, const char *refusal,
                                     uint64_t now_ms);
void __wrap_writeback_note_published(struct writeback *writeback, int number, const char *refusal,
                                     uint64_t now_ms);

enum publish_result __wrap_mqtt_session_publish(struct mqtt_session *mqtt_session,
                                                const char *topic, const char *payload, size_t len,
                                                int qos, bool retain, int *number)
{
    enum publish_result result =
        __real_mqtt_session_publish(mqtt_session, topic, payload, len, qos, retain, number);
    unsigned value = strncmp(topic, "d/1/set", 7) == 0 ? (unsigned)atoi(payload) : 0;
    if (value < 1000)
        return result;
    REQUIRE(value - 1000 < bd.write_count);
    struct scada_write *write = &bd.writes[value - 1000];
    write->number = *number;
    write->is_settled |= result == PUBLISH_REFUSED || result == PUBLISH_BLOCKED;
    bool has_qos = write->address != COMMAND_ADDRESS_0 && bd.d.mqtt_session->available.qos > 0;
    write->is_settled |= result == PUBLISH_SENT && *number == 0 && !has_qos;
    return result;
}

/* A refusal may come before mqtt_session_publish returns the number: `number` is then of a write
 * that has no number yet, which PUBLISH_REFUSED settles. */
void __wrap_writeback_note_published(struct writeback *writeback, int number, const char *refusal,
                                     uint64_t now_ms)
{
    for (size_t i = 0; i < bd.write_count; i++) {
        if (number == 0 || bd.writes[i].number != number)
            continue;
        bd.writes[i].is_settled = true;
        bd.acknowledged += !refusal && bd.writes[i].address != COMMAND_ADDRESS_0;
    }
    __real_writeback_note_published(writeback, number, refusal, now_ms);
}

/* Registers that are read back. */

bool __wrap_readback_request(struct readback *readback, const struct register_read *register_read);
bool __wrap_readback_request(struct readback *readback, const struct register_read *register_read)
{
    (void)readback, (void)register_read;
    return false;
}

/* Messages. */

void __real_mqttd_on_message(void *context, const struct mqtt_message *message);
void __wrap_mqttd_on_message(void *context, const struct mqtt_message *message);
size_t __real_ingest_message(struct ingest *ingest, const struct mqtt_message *message);
size_t __wrap_ingest_message(struct ingest *ingest, const struct mqtt_message *message);

static uint64_t counter(unsigned index)
{
    return counters_get(&bd.d.counters, index);
}

/* Each message has an outcome, for each feed that takes it. */
static uint64_t count_outcomes(void)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < MQTTD_OUTCOME_ROWS; i++)
        sum += counter(MQTTD_OUTCOMES + i);
    return sum;
}

size_t __wrap_ingest_message(struct ingest *ingest, const struct mqtt_message *message)
{
    uint64_t messages = counter(MQTTD_MESSAGES), bytes = counter(MQTTD_BYTES);
    uint64_t outcomes = count_outcomes();
    if (bd.is_short) {
        bd.is_short = false;
        bd.loses_memory = message->qos > 0;
        ingest->is_short = true;
        return 1;
    }
    size_t feeds = __real_ingest_message(ingest, message);
    REQUIRE(counter(MQTTD_MESSAGES) == messages + 1);
    REQUIRE(counter(MQTTD_BYTES) == bytes + message->len);
    REQUIRE(count_outcomes() > outcomes);
    bd.taken++;
    return feeds;
}

void __wrap_mqttd_on_message(void *context, const struct mqtt_message *message)
{
    uint64_t lost = counter(MQTTD_MESSAGES_LOST);
    bool was_short = bd.is_short;
    broker_peer_before_message(message);
    __real_mqttd_on_message(context, message);
    lost += was_short && !bd.is_short && message->qos == 0;
    REQUIRE(counter(MQTTD_MESSAGES_LOST) == lost);
    broker_peer_after_message(message, !bd.d.needs_redelivery);
}

int broker_daemon_value(unsigned device)
{
    struct live_table_row row;
    bool found = live_table_read_row(&bd.d.live, device * 10 + 1,
                                     live_table_make_owner(LIVE_TAG, device * 10 + 1), &row);
    return found && row.changed ? (int)row.value.raw : -1;
}

/* Start and end. */

static void remove_files_except(const char *kept)
{
    char path[384];
    DIR *folder = opendir(bd.folder);
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        snprintf(path, sizeof path, "%s/%s", bd.folder, entry->d_name);
        if (strcmp(entry->d_name, kept) != 0)
            unlink(path);
    }
    if (folder)
        closedir(folder);
}

void broker_daemon_remove_files(void)
{
    remove_files_except("messages");
}

static void remove_folder(void)
{
    remove_files_except("");
    rmdir(bd.folder);
}

static void set_folder(void)
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    if (bd.folder[0])
        return;
    snprintf(bd.folder, sizeof bd.folder, "%s/tagferry-fuzz-%ld", base, (long)getpid());
    snprintf(bd.socket, sizeof bd.socket, "%s/broker", bd.folder);
    mkdir(bd.folder, 0700);
    atexit(remove_folder);
}

static void read_settings(unsigned config)
{
    static struct conf conf;
    static char folder[96];
    const struct conf_table tables[] = {common_options, mqttd_options};
    static const enum mqtt_version versions[] = {MQTT_VERSION_AUTO, MQTT_VERSION_5,
                                                 MQTT_VERSION_3_1_1, MQTT_VERSION_5};
    snprintf(folder, sizeof folder, "common.runtime_dir=%s", bd.folder);
    if (!conf.values)
        REQUIRE(conf_init(&conf, tables, 2) && conf_set_option(&conf, folder, stderr));
    REQUIRE(conf_apply_settings(&conf, &bd.settings, stderr));
    struct net_addr broker = {.port = 0};
    snprintf(broker.host, sizeof broker.host, "%s", bd.socket);
    bd.settings.broker = (struct conf_addrs){config & CONFIG_TWO_BROKERS ? 2 : 1, {broker, broker}};
    bd.settings.client_id = "fuzz";
    bd.settings.protocol = (int)versions[config & CONFIG_VERSION];
    bd.settings.common.gateway = config & CONFIG_PAIR ? "g" : "";
}

static void start_mqttd(void)
{
    bd.d = (struct mqttd){.settings = &bd.settings, .epoll_fd = -1, .wakeup = {.fd = -1}};
    bd.d.signal_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!mqttd_start(&bd.d)) {
        fprintf(stderr, "%s\n", bd.d.why);
        abort();
    }
}

static void serve_all(void)
{
    struct store_update *update = make_update(DEVICES);
    update->whole = true;
    for (unsigned i = 1; i <= DEVICES; i++) {
        update->changes[i - 1] = (struct device_change){i, make_device(i, 1), NULL};
        bd.is_present[i] = true;
    }
}

void broker_daemon_start(unsigned config)
{
    set_folder();
    bd.now_us = START_S * 1000000ULL;
    bd.leap = 1;
    bd.saved = 0;
    bd.taken_writes = bd.watched_writes = bd.write_count = 0;
    bd.is_short = bd.loses_memory = false;
    bd.acknowledged = bd.taken = 0;
    read_settings(config);
    start_mqttd();
    serve_all();
}

void broker_daemon_finish(void)
{
    mqttd_finish(&bd.d);
    close(bd.d.signal_fd);
    for (struct store_update *at; (at = bd.updates);) {
        bd.updates = at->next;
        store_update_free(at);
    }
}

/* Writes that are not acknowledged are read again from the journal. */
void broker_daemon_restart(unsigned config)
{
    broker_daemon_finish();
    bd.taken_writes = bd.saved > 0 ? bd.saved - 1 : 0;
    bd.watched_writes = 0;
    for (size_t i = bd.taken_writes; i < bd.write_count; i++)
        bd.writes[i].number = 0, bd.writes[i].is_settled = false;
    bd.is_short = bd.loses_memory = false;
    read_settings(config);
    start_mqttd();
    serve_all();
}

void broker_daemon_turn(void)
{
    mqttd_run_once(&bd.d);
    REQUIRE(!bd.loses_memory || !mqtt_session_is_connected(bd.d.mqtt_session));
    bd.loses_memory = false;
}
