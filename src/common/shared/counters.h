/* Counters and gauges: one mapped file for each daemon, which writes it; any process may read it.
 *
 * The table of a daemon describes its series, so that tagferry-api can show the file of any daemon.
 * To add a series, add an enumerator and a row of the table. Adding to a counter is thread-safe. */
#ifndef TAGFERRY_COMMON_SHARED_COUNTERS_H
#define TAGFERRY_COMMON_SHARED_COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/modbus/pdu.h"
#include "common/shared/shm.h"

/* A histogram has a row for each bucket, in order of their limits (the last is COUNTER_UNLIMITED),
 * and then one for the sum. Each bucket counts only its own values; Prometheus gets cumulative
 * ones. */
enum counter_kind { COUNTER_COUNT, COUNTER_GAUGE, COUNTER_BUCKET, COUNTER_SUM };

/* A series of Prometheus. Rows with the same name are adjacent and have the same help and, except
 * in histograms, the same kind. */
struct counter_row {
    const char *name;   /* "tagferry_modbusd_requests_total" */
    const char *labels; /* "function=\"3\"", or NULL */
    const char *help;
    uint64_t limit;      /* of a bucket: the greatest value in it */
    uint8_t kind;        /* enum counter_kind */
    unsigned per_second; /* for times: units per second; shown in seconds. Else 0 */
};

#define COUNTER_UNLIMITED UINT64_MAX

struct counter_table {
    const char *file; /* name in runtime_dir */
    const struct counter_row *rows;
    size_t count;
};

extern const struct counter_table modbusd_counters;
extern const struct counter_table mqttd_counters;
extern const struct counter_table api_counters;

#define MODBUSD_REQUESTS_OF(code, ...) MODBUSD_REQUESTS_##code,

/* Indexes in the tables. */
enum modbusd_counter {
    MODBUSD_CONNECTIONS, /* gauge */
    MODBUSD_PROCESS_CONNECTIONS,
    MODBUSD_ACCEPTED,
    MODBUSD_REFUSED_LIMIT,
    MODBUSD_REFUSED_IP_LIMIT,
    MODBUSD_REFUSED_RULE,
    MODBUSD_REFUSED_MEMORY,
    MODBUSD_REFUSED_CERTIFICATE,
    MODBUSD_CLOSED_FRAME_TIMEOUT,
    MODBUSD_CLOSED_WRITE_TIMEOUT,
    MODBUSD_CLOSED_IDLE,
    MODBUSD_CLOSED_PROXY_HEADER,
    MODBUSD_CLOSED_TLS_HANDSHAKE,
    MODBUSD_TLS_HANDSHAKES,
    MODBUSD_TLS_RESUMED,
    MODBUSD_BAD_FRAMES,
    MODBUSD_RTU_CRC_ERRORS,
    MODBUSD_RTU_SKIPPED_BYTES,
    MODBUSD_RTU_BROADCASTS,
    MODBUSD_UDP_MALFORMED,
    MODBUSD_UDP_REFUSED,
    MODBUSD_UDP_BUSY,
    MODBUSD_SERIAL_LINES_UP, /* gauge */
    MODBUSD_SERIAL_OTHER_FRAMES,
    MODBUSD_SERIAL_LATE_ANSWERS,
    MODBUSD_BYTES_IN,
    MODBUSD_BYTES_OUT,
    PDU_FUNCTIONS(MODBUSD_REQUESTS_OF) /* MODBUSD_REQUESTS_3 counts requests of function 3 */
    MODBUSD_REQUESTS_OTHER,
    MODBUSD_EXCEPTIONS_1,
    MODBUSD_EXCEPTIONS_2,
    MODBUSD_EXCEPTIONS_3,
    MODBUSD_EXCEPTIONS_4,
    MODBUSD_EXCEPTIONS_11,
    MODBUSD_WRITES_REFUSED,
    MODBUSD_FUNCTIONS_REFUSED,
    MODBUSD_REGISTERS_REFUSED,
    MODBUSD_GAP_READS_REFUSED,
    MODBUSD_GAP_WRITES_REFUSED,
    MODBUSD_JOURNAL_ENTRIES,
    MODBUSD_IMAGE_SYNCS,
    MODBUSD_IMAGE_SYNC_FAILURES,
    MODBUSD_SLOWEST_TURN_US, /* gauge */
    MODBUSD_PROCESS_LOST,    /* gauge */
    MODBUSD_STARTED_MS,      /* gauge: since 1970 */
    MODBUSD_BEAT_MS,         /* gauge: the latest heartbeat, once a second, clock_steady_ms */
    MODBUSD_COUNTERS,
};

enum { MQTTD_OUTCOME_ROWS = 9, MQTTD_DELAY_ROWS = 13, MQTTD_BATCH_ROWS = 9 };
enum { MQTTD_REASON_ROWS = 14, MQTTD_MIRROR_IGNORED_ROWS = 5 };

enum mqttd_counter {
    MQTTD_BROKER_CONNECTED, /* gauge */
    MQTTD_CONNECTS,
    MQTTD_MESSAGES,
    MQTTD_BYTES,
    MQTTD_MESSAGES_REFUSED,
    MQTTD_MESSAGES_LOST,
    MQTTD_SHORTAGES,
    MQTTD_OUTCOMES, /* one for each enum message_trace_verdict */
    MQTTD_VALUES = MQTTD_OUTCOMES + MQTTD_OUTCOME_ROWS,
    MQTTD_VALUES_REFUSED,
    MQTTD_VALUES_HELD,
    MQTTD_WRITE_DELAY, /* a histogram */
    MQTTD_PUBLISHED = MQTTD_WRITE_DELAY + MQTTD_DELAY_ROWS,
    MQTTD_COMMANDS_REFUSED,
    MQTTD_SETPOINTS_EXPIRED,
    MQTTD_QUEUE_VALUES, /* gauge */
    MQTTD_QUEUE_AGE_MS, /* gauge */
    MQTTD_MODBUS_REQUESTS,
    MQTTD_BATCH_VALUES, /* a histogram */
    MQTTD_MODBUS_FAILURES = MQTTD_BATCH_VALUES + MQTTD_BATCH_ROWS,
    MQTTD_MODBUS_REGISTERS,
    MQTTD_MASK_EMULATED,
    MQTTD_POLLS,
    MQTTD_POLLS_FAILED,
    MQTTD_JOURNAL_READ,
    MQTTD_JOURNAL_OVERRUNS,
    MQTTD_RELOADS,
    MQTTD_DISCOVERY_MESSAGES,
    MQTTD_DISCOVERY_DROPPED,
    MQTTD_MIRROR_PUBLISHED,
    MQTTD_MIRROR_APPLIED,
    MQTTD_MIRROR_IGNORED, /* one for each enum mirror_reason */
    MQTTD_MIRROR_REFUSED = MQTTD_MIRROR_IGNORED + MQTTD_MIRROR_IGNORED_ROWS,
    MQTTD_COMMANDS_SUPERSEDED,
    MQTTD_COMMANDS_REPEATED,
    MQTTD_COMMANDS_UNCHANGED,
    MQTTD_WRITES_UNCHANGED,
    MQTTD_WRITES_DELAYED,
    MQTTD_DEVICES,     /* gauge */
    MQTTD_TAGS,        /* gauge */
    MQTTD_BROKER_DOWN, /* gauges: one for each enum broker_reason but BROKER_CONNECTED */
    MQTTD_COUNTERS = MQTTD_BROKER_DOWN + MQTTD_REASON_ROWS,
};

enum api_counter {
    API_REQUESTS,
    API_ERRORS_CLIENT,
    API_ERRORS_SERVER,
    API_GROUPS,      /* commits of several changes */
    API_GROUPED,     /* the changes in them */
    API_CONNECTIONS, /* gauge */
    API_CLOSED_HEAD,
    API_CLOSED_BODY,
    API_CLOSED_ANSWER,
    API_CLOSED_FOR_ROOM,
    API_REFUSED_LIMIT,
    API_REFUSED_MEMORY,
    API_REFUSED_SPARE,
    API_NO_MEMORY,
    API_COUNTERS,
};

struct counters {
    struct shm shm;
    const struct counter_row *rows;
    size_t count;
    _Atomic uint64_t *values; /* NULL when closed: the functions then do nothing */
};

/* Opens the daemon's own file in `runtime_dir` and sets every series to 0. False with the reason in
 * `why`. */
bool counters_open_writer(struct counters *counters, const struct counter_table *table,
                          const char *runtime_dir, char *why, size_t why_size);
/* Opens the file of any daemon for reading. False with the reason in `why`, also when its series
 * are others than those of the table. */
bool counters_open_reader(struct counters *counters, const struct counter_table *table,
                          const char *runtime_dir, char *why, size_t why_size);
/* True when the file was replaced: close the counters and open them again. */
bool counters_were_replaced(const struct counters *counters, const struct counter_table *table,
                            const char *runtime_dir);
/* Accepts NULL and closed counters. */
void counters_close(struct counters *counters);
/* For the writer: call it once a second to repair the file if it was cut short or removed. */
void counters_repair_file(struct counters *counters);

/* Adds to a counter, sets a gauge, reads a value. `which` is an index in the table. */
static inline void counters_add(struct counters *counters, size_t which, uint64_t amount)
{
    if (counters->values)
        atomic_fetch_add_explicit(&counters->values[which], amount, memory_order_relaxed);
}

static inline void counters_set(struct counters *counters, size_t which, uint64_t value)
{
    if (counters->values)
        atomic_store_explicit(&counters->values[which], value, memory_order_relaxed);
}

/* Counts a value `times` times in the histogram whose first bucket is at `first`. */
void counters_observe(struct counters *counters, size_t first, uint64_t value, uint64_t times);

static inline uint64_t counters_get(const struct counters *counters, size_t which)
{
    return counters->values ? atomic_load_explicit(&counters->values[which], memory_order_relaxed)
                            : 0;
}

#endif
