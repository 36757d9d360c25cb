/* Counters and gauges: one mapped file a daemon, written by it, read by anyone.
 *
 * A daemon's table names its series, so that tagferry-api shows any daemon's file without knowing
 * what it counts. To add one: a row in the enum and a row in the table. Any thread may add. */
#ifndef TAGFERRY_COMMON_COUNTERS_H
#define TAGFERRY_COMMON_COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shm.h"

/* One series as Prometheus sees it. Rows of one name stand together and share kind and help. */
struct counter_row {
    const char *name;   /* "tagferry_modbusd_requests_total" */
    const char *labels; /* "function=\"3\"", or NULL */
    const char *help;
    bool gauge;
};

struct counter_table {
    const char *file; /* name in runtime_dir */
    const struct counter_row *rows;
    size_t count;
};

extern const struct counter_table modbusd_counters;
extern const struct counter_table mqttd_counters;
extern const struct counter_table api_counters;

/* Places in the tables. */
enum modbusd_counter {
    MODBUSD_CONNECTIONS, /* gauge */
    MODBUSD_PROCESS_CONNECTIONS,
    MODBUSD_ACCEPTED,
    MODBUSD_REFUSED_LIMIT,
    MODBUSD_REFUSED_IP_LIMIT,
    MODBUSD_REFUSED_RULE,
    MODBUSD_CLOSED_FRAME_TIMEOUT,
    MODBUSD_CLOSED_WRITE_TIMEOUT,
    MODBUSD_CLOSED_IDLE,
    MODBUSD_BAD_FRAMES,
    MODBUSD_BYTES_IN,
    MODBUSD_BYTES_OUT,
    MODBUSD_REQUESTS_1, /* one for each function served, in order of its number, then the rest */
    MODBUSD_REQUESTS_2,
    MODBUSD_REQUESTS_3,
    MODBUSD_REQUESTS_4,
    MODBUSD_REQUESTS_5,
    MODBUSD_REQUESTS_6,
    MODBUSD_REQUESTS_15,
    MODBUSD_REQUESTS_16,
    MODBUSD_REQUESTS_17,
    MODBUSD_REQUESTS_22,
    MODBUSD_REQUESTS_23,
    MODBUSD_REQUESTS_43,
    MODBUSD_REQUESTS_OTHER,
    MODBUSD_EXCEPTIONS_1,
    MODBUSD_EXCEPTIONS_2,
    MODBUSD_EXCEPTIONS_3,
    MODBUSD_EXCEPTIONS_4,
    MODBUSD_EXCEPTIONS_11,
    MODBUSD_WRITES_REFUSED,
    MODBUSD_JOURNAL_ENTRIES,
    MODBUSD_IMAGE_SYNCS,
    MODBUSD_IMAGE_SYNC_FAILURES,
    MODBUSD_SLOWEST_TURN_US, /* gauge */
    MODBUSD_PROCESS_LOST,    /* gauge */
    MODBUSD_COUNTERS,
};

enum mqttd_counter {
    MQTTD_BROKER_CONNECTED, /* gauge */
    MQTTD_CONNECTS,
    MQTTD_MESSAGES,
    MQTTD_MESSAGES_REFUSED,
    MQTTD_VALUES,
    MQTTD_VALUES_REFUSED,
    MQTTD_WRITTEN_1MS, /* by the time from the message to its register */
    MQTTD_WRITTEN_5MS,
    MQTTD_WRITTEN_20MS,
    MQTTD_WRITTEN_100MS,
    MQTTD_WRITTEN_1S,
    MQTTD_WRITTEN_LATER,
    MQTTD_PUBLISHED,
    MQTTD_MODBUS_REQUESTS,
    MQTTD_MODBUS_FAILURES,
    MQTTD_MODBUS_REGISTERS,
    MQTTD_MASK_EMULATED,
    MQTTD_JOURNAL_READ,
    MQTTD_JOURNAL_OVERRUNS,
    MQTTD_RELOADS,
    MQTTD_DEVICES, /* gauge */
    MQTTD_TAGS,    /* gauge */
    MQTTD_COUNTERS,
};

enum api_counter {
    API_REQUESTS,
    API_ERRORS_CLIENT,
    API_ERRORS_SERVER,
    API_COUNTERS,
};

struct counters {
    struct shm shm;
    size_t count;
    _Atomic uint64_t *values; /* NULL when closed: then adding does nothing */
};

/* Opens the daemon's own file in `runtime_dir` and sets every series to 0. */
bool counters_open_writer(struct counters *counters, const struct counter_table *table,
                          const char *runtime_dir, char *why, size_t why_size);
/* Opens any daemon's file. False, with the reason, when it is not there or counts other things. */
bool counters_open_reader(struct counters *counters, const struct counter_table *table,
                          const char *runtime_dir, char *why, size_t why_size);
void counters_close(struct counters *counters);

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

static inline uint64_t counters_get(const struct counters *counters, size_t which)
{
    return counters->values ? atomic_load_explicit(&counters->values[which], memory_order_relaxed)
                            : 0;
}

#endif
