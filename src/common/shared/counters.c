/* The tables of the counters of each daemon, and the files with the numbers. */
#include "common/shared/counters.h"

#include <limits.h>
#include <stdio.h>

#include "common/base/hash.h"
#include "common/base/require.h"

#define COUNTER(metric, text)                                                                      \
    {                                                                                              \
        .name = "tagferry_" metric, .help = (text)                                                 \
    }
#define LABELLED(metric, label, text)                                                              \
    {                                                                                              \
        .name = "tagferry_" metric, .labels = (label), .help = (text)                              \
    }
#define GAUGE(metric, text)                                                                        \
    {                                                                                              \
        .name = "tagferry_" metric, .help = (text), .kind = COUNTER_GAUGE                          \
    }

#define REFUSED(reason)                                                                            \
    LABELLED("modbusd_connections_refused_total", "reason=\"" reason "\"",                         \
             "Connections closed as soon as they were accepted.")
#define CLOSED(reason)                                                                             \
    LABELLED("modbusd_connections_closed_total", "reason=\"" reason "\"",                          \
             "Connections that the server closed.")
#define API_CLOSED(reason)                                                                         \
    LABELLED("api_connections_closed_total", "reason=\"" reason "\"",                              \
             "HTTP connections that the server closed.")
#define API_REFUSED(reason)                                                                        \
    LABELLED(                                                                                      \
        "api_connections_refused_total", "reason=\"" reason "\"",                                  \
        "HTTP connections closed as soon as they were accepted, or answered with 503 at once.")
#define OUTCOME(outcome)                                                                           \
    LABELLED("mqttd_message_outcomes_total", "outcome=\"" outcome "\"",                            \
             "Messages by outcome, counted once for each device that uses the topic.")
#define BROKER_DOWN(reason)                                                                        \
    {                                                                                              \
        .name = "tagferry_mqttd_broker_down", .labels = "reason=\"" reason "\"",                   \
        .help = "1 for the reason why the broker is not connected, else 0.", .kind = COUNTER_GAUGE \
    }
#define MIRROR_IGNORED(reason)                                                                     \
    LABELLED("mqttd_mirror_ignored_total", "reason=\"" reason "\"",                                \
             "Mirrored setpoints that were received and not put into the registers.")
#define DELAY                                                                                      \
    .name = "tagferry_mqttd_write_delay_seconds",                                                  \
    .help = "Time from a value's message to its register.", .per_second = 1000
#define BATCH                                                                                      \
    .name = "tagferry_mqttd_batch_values", .help = "Values in one successful Modbus request."
#define BUCKET(histogram, most)                                                                    \
    {                                                                                              \
        histogram, .kind = COUNTER_BUCKET, .limit = (most)                                         \
    }
#define SUM(histogram)                                                                             \
    {                                                                                              \
        histogram, .kind = COUNTER_SUM                                                             \
    }
#define REQUESTS(function)                                                                         \
    LABELLED("modbusd_requests_total", "function=\"" function "\"", "Requests by function code.")
#define UDP_DROPPED(reason)                                                                        \
    LABELLED("modbusd_udp_dropped_total", "reason=\"" reason "\"",                                 \
             "Datagrams that were not answered, by reason.")
#define REQUESTS_ROW(code, ...) [MODBUSD_REQUESTS_##code] = REQUESTS(#code),
#define EXCEPTIONS(code)                                                                           \
    LABELLED("modbusd_exceptions_total", "code=\"" code "\"", "Exceptions answered, by code.")
#define REQUESTS_REFUSED(reason)                                                                   \
    LABELLED("modbusd_requests_refused_total", "reason=\"" reason "\"",                            \
             "Requests that the access rules refused, because of the function or of a register.")

static const struct counter_row modbusd_rows[] = {
    [MODBUSD_CONNECTIONS] = GAUGE("modbusd_connections", "SCADA connections open now."),
    [MODBUSD_PROCESS_CONNECTIONS] =
        GAUGE("modbusd_process_connections", "Connections of the process side open now."),
    [MODBUSD_ACCEPTED] =
        COUNTER("modbusd_connections_accepted_total", "Connections accepted, on either side."),
    [MODBUSD_REFUSED_LIMIT] = REFUSED("limit"),
    [MODBUSD_REFUSED_IP_LIMIT] = REFUSED("ip_limit"),
    [MODBUSD_REFUSED_RULE] = REFUSED("rule"),
    [MODBUSD_REFUSED_MEMORY] = REFUSED("memory"),
    [MODBUSD_REFUSED_CERTIFICATE] = REFUSED("certificate"),
    [MODBUSD_CLOSED_FRAME_TIMEOUT] = CLOSED("frame_timeout"),
    [MODBUSD_CLOSED_WRITE_TIMEOUT] = CLOSED("write_timeout"),
    [MODBUSD_CLOSED_IDLE] = CLOSED("idle"),
    [MODBUSD_CLOSED_PROXY_HEADER] = CLOSED("proxy_header"),
    [MODBUSD_CLOSED_TLS_HANDSHAKE] = CLOSED("tls_handshake"),
    [MODBUSD_TLS_HANDSHAKES] =
        COUNTER("modbusd_tls_handshakes_total", "TLS handshakes that succeeded."),
    [MODBUSD_TLS_RESUMED] =
        COUNTER("modbusd_tls_resumed_total", "TLS handshakes that resumed an earlier session."),
    [MODBUSD_BAD_FRAMES] =
        COUNTER("modbusd_bad_frames_total", "Invalid frames, whose connections were closed."),
    [MODBUSD_RTU_CRC_ERRORS] =
        COUNTER("modbusd_rtu_crc_errors_total",
                "Times that bytes were skipped because of a wrong CRC or an impossible length."),
    [MODBUSD_RTU_SKIPPED_BYTES] =
        COUNTER("modbusd_rtu_skipped_bytes_total", "Bytes that were skipped for that reason."),
    [MODBUSD_RTU_BROADCASTS] =
        COUNTER("modbusd_rtu_broadcasts_total", "Requests to unit 0, which all units take."),
    [MODBUSD_UDP_MALFORMED] = UDP_DROPPED("malformed"),
    [MODBUSD_UDP_REFUSED] = UDP_DROPPED("rule"),
    [MODBUSD_UDP_BUSY] = UDP_DROPPED("busy"),
    [MODBUSD_SERIAL_LINES_UP] =
        GAUGE("modbusd_serial_lines_open", "Serial lines that are open now."),
    [MODBUSD_SERIAL_OTHER_FRAMES] =
        COUNTER("modbusd_serial_other_frames_total",
                "Frames on serial lines to and from other devices, and echoes."),
    [MODBUSD_SERIAL_LATE_ANSWERS] =
        COUNTER("modbusd_serial_late_answers_total",
                "Answers that were not sent because the line had gone on, or did not take them."),
    [MODBUSD_BYTES_IN] = COUNTER("modbusd_received_bytes_total", "Bytes received."),
    [MODBUSD_BYTES_OUT] = COUNTER("modbusd_sent_bytes_total", "Bytes sent."),
    PDU_FUNCTIONS(REQUESTS_ROW) /* one for each function */
        [MODBUSD_REQUESTS_OTHER] = REQUESTS("other"),
    [MODBUSD_EXCEPTIONS_1] = EXCEPTIONS("1"),
    [MODBUSD_EXCEPTIONS_2] = EXCEPTIONS("2"),
    [MODBUSD_EXCEPTIONS_3] = EXCEPTIONS("3"),
    [MODBUSD_EXCEPTIONS_4] = EXCEPTIONS("4"),
    [MODBUSD_EXCEPTIONS_11] = EXCEPTIONS("11"),
    [MODBUSD_WRITES_REFUSED] =
        COUNTER("modbusd_writes_refused_total", "Writes that the access rules refused."),
    [MODBUSD_FUNCTIONS_REFUSED] = REQUESTS_REFUSED("function"),
    [MODBUSD_REGISTERS_REFUSED] = REQUESTS_REFUSED("register"),
    [MODBUSD_GAP_READS_REFUSED] =
        COUNTER("modbusd_gap_reads_refused_total", "Reads that [modbusd] gaps refused."),
    [MODBUSD_GAP_WRITES_REFUSED] =
        COUNTER("modbusd_gap_writes_refused_total", "Writes that [modbusd] writes = tags refused."),
    [MODBUSD_JOURNAL_ENTRIES] =
        COUNTER("modbusd_journal_entries_total", "SCADA writes added to the journal."),
    [MODBUSD_IMAGE_SYNCS] = COUNTER("modbusd_image_syncs_total", "Writes of the image to disk."),
    [MODBUSD_IMAGE_SYNC_FAILURES] =
        COUNTER("modbusd_image_sync_failures_total", "Failed writes of the image to disk."),
    [MODBUSD_SLOWEST_TURN_US] = {.name = "tagferry_modbusd_slowest_turn_seconds",
                                 .help = "Longest duration of one turn of the loop.",
                                 .kind = COUNTER_GAUGE,
                                 .per_second = 1000000},
    [MODBUSD_PROCESS_LOST] =
        GAUGE("modbusd_process_lost", "1 while reads are refused because the process is lost."),
    [MODBUSD_STARTED_MS] = {.name = "tagferry_modbusd_start_time_seconds",
                            .help = "Start time, since 1970.",
                            .kind = COUNTER_GAUGE,
                            .per_second = 1000},
    [MODBUSD_BEAT_MS] = {.name = "tagferry_modbusd_beat_seconds",
                         .help = "Latest heartbeat of the loop, since boot.",
                         .kind = COUNTER_GAUGE,
                         .per_second = 1000},
};

static const struct counter_row mqttd_rows[] = {
    [MQTTD_BROKER_CONNECTED] = GAUGE("mqttd_broker_connected", "1 while the broker is connected."),
    [MQTTD_CONNECTS] = COUNTER("mqttd_connects_total", "Connections made to the broker."),
    [MQTTD_MESSAGES] = COUNTER("mqttd_messages_total", "Messages received."),
    [MQTTD_BYTES] = COUNTER("mqttd_received_bytes_total", "Bytes of their payloads."),
    [MQTTD_MESSAGES_REFUSED] =
        COUNTER("mqttd_messages_refused_total", "Messages refused as a whole."),
    [MQTTD_MESSAGES_LOST] =
        COUNTER("mqttd_messages_lost_total", "Messages of QoS 0 lost for lack of memory."),
    [MQTTD_SHORTAGES] = COUNTER("mqttd_no_memory_total", "Failed memory allocations."),
    [MQTTD_OUTCOMES] = OUTCOME("taken"),
    OUTCOME("not_json"),
    OUTCOME("too_large"),
    OUTCOME("old"),
    OUTCOME("nobody"),
    OUTCOME("unknown_availability"),
    OUTCOME("not_selected"),
    OUTCOME("not_sparkplug"),
    OUTCOME("no_birth"),
    [MQTTD_VALUES] = COUNTER("mqttd_values_total", "Values accepted for tags."),
    [MQTTD_VALUES_REFUSED] = COUNTER("mqttd_values_refused_total", "Values refused."),
    [MQTTD_VALUES_HELD] = COUNTER("mqttd_values_held_total",
                                  "Values ignored because of newer ones, such as SCADA's."),
    [MQTTD_WRITE_DELAY] = BUCKET(DELAY, 1),
    BUCKET(DELAY, 2),
    BUCKET(DELAY, 5),
    BUCKET(DELAY, 10),
    BUCKET(DELAY, 20),
    BUCKET(DELAY, 50),
    BUCKET(DELAY, 100),
    BUCKET(DELAY, 250),
    BUCKET(DELAY, 500),
    BUCKET(DELAY, 1000),
    BUCKET(DELAY, 5000),
    BUCKET(DELAY, COUNTER_UNLIMITED),
    SUM(DELAY),
    [MQTTD_PUBLISHED] = COUNTER("mqttd_published_total", "Commands published."),
    [MQTTD_COMMANDS_REFUSED] =
        COUNTER("mqttd_commands_refused_total", "Values from SCADA that cannot be published."),
    [MQTTD_SETPOINTS_EXPIRED] =
        COUNTER("mqttd_setpoints_expired_total", "Setpoints that SCADA did not write in time."),
    [MQTTD_QUEUE_VALUES] =
        GAUGE("mqttd_queue_values", "Values and status registers waiting for their Modbus server."),
    [MQTTD_QUEUE_AGE_MS] = {.name = "tagferry_mqttd_queue_age_seconds",
                            .help = "Age of the oldest of them.",
                            .kind = COUNTER_GAUGE,
                            .per_second = 1000},
    [MQTTD_MODBUS_REQUESTS] = COUNTER("mqttd_modbus_requests_total", "Modbus requests sent."),
    [MQTTD_BATCH_VALUES] = BUCKET(BATCH, 1),
    BUCKET(BATCH, 2),
    BUCKET(BATCH, 5),
    BUCKET(BATCH, 10),
    BUCKET(BATCH, 25),
    BUCKET(BATCH, 50),
    BUCKET(BATCH, 100),
    BUCKET(BATCH, COUNTER_UNLIMITED),
    SUM(BATCH),
    [MQTTD_MODBUS_FAILURES] =
        COUNTER("mqttd_modbus_failures_total", "Modbus requests that failed."),
    [MQTTD_MODBUS_REGISTERS] =
        COUNTER("mqttd_modbus_registers_total", "Registers and bits written."),
    [MQTTD_MASK_EMULATED] =
        COUNTER("mqttd_mask_emulated_total",
                "Bits written by read and write, because the server lacks function 22."),
    [MQTTD_POLLS] = COUNTER("mqttd_polls_total", "Polls of foreign servers."),
    [MQTTD_POLLS_FAILED] =
        COUNTER("mqttd_polls_failed_total", "Polls that were refused or not answered."),
    [MQTTD_JOURNAL_READ] = COUNTER("mqttd_journal_read_total", "Journal entries read."),
    [MQTTD_JOURNAL_OVERRUNS] = COUNTER("mqttd_journal_overruns_total", "Journal overruns."),
    [MQTTD_DISCOVERY_MESSAGES] =
        COUNTER("mqttd_discovery_messages_total", "Messages that discoveries have received."),
    [MQTTD_DISCOVERY_DROPPED] =
        COUNTER("mqttd_discovery_dropped_total", "Those of them that were over the budget."),
    [MQTTD_MIRROR_PUBLISHED] =
        COUNTER("mqttd_mirror_published_total", "Setpoints published for the paired gateways."),
    [MQTTD_MIRROR_APPLIED] = COUNTER("mqttd_mirror_applied_total",
                                     "Setpoints of paired gateways put into the registers."),
    [MQTTD_MIRROR_IGNORED] = MIRROR_IGNORED("own"),
    MIRROR_IGNORED("older"),
    MIRROR_IGNORED("unknown_tag"),
    MIRROR_IGNORED("other_registers"),
    MIRROR_IGNORED("invalid"),
    [MQTTD_MIRROR_REFUSED] =
        COUNTER("mqttd_mirror_refused_total",
                "Mirrored setpoints, and tests of the mirror topic, that the broker refused."),
    [MQTTD_COMMANDS_SUPERSEDED] =
        COUNTER("mqttd_commands_superseded_total",
                "Commands not published, because a paired gateway has a newer setpoint."),
    [MQTTD_COMMANDS_REPEATED] =
        COUNTER("mqttd_commands_repeated_total",
                "Commands published again, because an older one may have come after them."),
    [MQTTD_COMMANDS_UNCHANGED] = COUNTER("mqttd_commands_unchanged_total",
                                         "Writes of SCADA and changes of foreign servers not "
                                         "published, because the device has the value."),
    [MQTTD_WRITES_UNCHANGED] =
        COUNTER("mqttd_writes_unchanged_total",
                "Values not written to a foreign server, by modbus.min_change."),
    [MQTTD_WRITES_DELAYED] =
        COUNTER("mqttd_writes_delayed_total",
                "Writes to a foreign server that waited for modbus.min_interval_ms."),
    [MQTTD_RELOADS] = COUNTER("mqttd_reloads_total", "Reloads of the configuration."),
    [MQTTD_DEVICES] = GAUGE("mqttd_devices", "Devices in service."),
    [MQTTD_TAGS] = GAUGE("mqttd_tags", "Tags in service."),
    [MQTTD_BROKER_DOWN] = BROKER_DOWN("connecting"),
    BROKER_DOWN("unreachable"),
    BROKER_DOWN("tls_failed"),
    BROKER_DOWN("no_answer"),
    BROKER_DOWN("closed"),
    BROKER_DOWN("protocol_refused"),
    BROKER_DOWN("client_id_refused"),
    BROKER_DOWN("not_authorized"),
    BROKER_DOWN("refused"),
    BROKER_DOWN("lost"),
    BROKER_DOWN("session_taken_over"),
    BROKER_DOWN("closed_on_subscribe"),
    BROKER_DOWN("closed_on_publish"),
    BROKER_DOWN("no_memory"),
};

static const struct counter_row api_rows[] = {
    [API_REQUESTS] = COUNTER("api_requests_total", "HTTP requests."),
    [API_ERRORS_CLIENT] = COUNTER("api_client_errors_total", "HTTP requests answered with 4xx."),
    [API_ERRORS_SERVER] = COUNTER("api_server_errors_total", "HTTP requests answered with 5xx."),
    [API_GROUPS] = COUNTER("api_store_groups_total", "Commits of several changes at once."),
    [API_GROUPED] = COUNTER("api_store_grouped_total", "Changes committed together with others."),
    [API_CONNECTIONS] = GAUGE("api_connections", "HTTP connections open."),
    [API_CLOSED_HEAD] = API_CLOSED("head_timeout"),
    [API_CLOSED_BODY] = API_CLOSED("body_timeout"),
    [API_CLOSED_ANSWER] = API_CLOSED("answer_timeout"),
    [API_CLOSED_FOR_ROOM] = API_CLOSED("made_room"),
    [API_REFUSED_LIMIT] = API_REFUSED("limit"),
    [API_REFUSED_MEMORY] = API_REFUSED("memory"),
    [API_NO_MEMORY] =
        COUNTER("api_no_memory_total", "HTTP requests answered with 503 for lack of memory."),
    [API_REFUSED_SPARE] = API_REFUSED("health_checks_only"),
};

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])
_Static_assert(COUNT(modbusd_rows) == MODBUSD_COUNTERS, "a row for each");
_Static_assert(COUNT(mqttd_rows) == MQTTD_COUNTERS, "a row for each");
_Static_assert(COUNT(api_rows) == API_COUNTERS, "a row for each");

const struct counter_table modbusd_counters = {"modbusd.counters", modbusd_rows, MODBUSD_COUNTERS};
const struct counter_table mqttd_counters = {"mqttd.counters", mqttd_rows, MQTTD_COUNTERS};
const struct counter_table api_counters = {"api.counters", api_rows, API_COUNTERS};

/* Describes the file; `path` receives its path. The layout is a hash of names, labels and limits: a
 * file with other series, or in another order, has another layout. */
static bool counters_describe(const struct counter_table *table, const char *runtime_dir,
                              char path[PATH_MAX], struct shm_spec *spec, char *why,
                              size_t why_size)
{
    static const unsigned char end = 0xff; /* of a text */
    uint64_t layout = HASH64_START;
    for (size_t i = 0; i < table->count; i++) {
        const struct counter_row *row = &table->rows[i];
        REQUIRE(row->name && row->help);
        layout = hash64_add(hash64_add_text(layout, row->name), &end, sizeof end);
        layout =
            hash64_add(hash64_add_text(layout, row->labels ? row->labels : ""), &end, sizeof end);
        layout += row->limit;
    }
    if (snprintf(path, PATH_MAX, "%s/%s", runtime_dir, table->file) >= PATH_MAX) {
        snprintf(why, why_size, "%s: the path is too long", table->file);
        return false;
    }
    *spec = (struct shm_spec){.path = path, .magic = "TFcounts", .layout = layout};
    spec->size = sizeof(struct shm_header) + table->count * sizeof(uint64_t);
    return true;
}

static void counters_attach(struct counters *counters, const struct counter_table *table)
{
    counters->rows = table->rows;
    counters->count = table->count;
    counters->values = (_Atomic uint64_t *)(counters->shm.base + 1);
}

bool counters_open_writer(struct counters *counters, const struct counter_table *table,
                          const char *runtime_dir, char *why, size_t why_size)
{
    char path[PATH_MAX];
    struct shm_spec spec;
    *counters = (struct counters){.shm = {.fd = -1}};
    if (!counters_describe(table, runtime_dir, path, &spec, why, why_size) ||
        shm_open_writer(&counters->shm, &spec, true, why, why_size) == SHM_FAILED)
        return false;
    counters_attach(counters, table);
    for (size_t i = 0; i < counters->count; i++)
        counters_set(counters, i, 0);
    return true;
}

bool counters_open_reader(struct counters *counters, const struct counter_table *table,
                          const char *runtime_dir, char *why, size_t why_size)
{
    char path[PATH_MAX];
    struct shm_spec spec;
    *counters = (struct counters){.shm = {.fd = -1}};
    if (!counters_describe(table, runtime_dir, path, &spec, why, why_size) ||
        !shm_open_reader(&counters->shm, &spec, why, why_size))
        return false;
    counters_attach(counters, table);
    return true;
}

bool counters_were_replaced(const struct counters *counters, const struct counter_table *table,
                            const char *runtime_dir)
{
    char path[PATH_MAX], why[SHM_WHY_SIZE];
    struct shm_spec spec;
    return counters_describe(table, runtime_dir, path, &spec, why, sizeof why) &&
           shm_was_replaced(&counters->shm, path);
}

void counters_observe(struct counters *counters, size_t first, uint64_t value, uint64_t times)
{
    size_t bucket = first, sum;
    if (!counters->values)
        return;
    REQUIRE(first < counters->count && counters->rows[first].kind == COUNTER_BUCKET);
    while (value > counters->rows[bucket].limit)
        bucket++;
    for (sum = bucket; counters->rows[sum].kind != COUNTER_SUM;)
        sum++;
    counters_add(counters, bucket, times);
    counters_add(counters, sum, value * times);
}

void counters_close(struct counters *counters)
{
    if (!counters)
        return;
    shm_close(&counters->shm);
    *counters = (struct counters){.shm = {.fd = -1}};
}

void counters_repair_file(struct counters *counters)
{
    if (counters->values)
        shm_repair_file(&counters->shm);
}
