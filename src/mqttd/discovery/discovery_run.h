/* One discovery: its connection to the broker, its budgets, its survey and its file. Used by the
 * thread of discoveries only. */
#ifndef TAGFERRY_MQTTD_DISCOVERY_DISCOVERY_RUN_H
#define TAGFERRY_MQTTD_DISCOVERY_DISCOVERY_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/counters.h"
#include "mqttd/broker/mqtt_session.h"

struct discovery_limits {
    size_t memory_bytes;
    unsigned messages_per_s;
};

struct discovery_run;

struct discovery_run_spec {
    int64_t id, ends_ms; /* since 1970 */
    const char *runtime_dir;
    struct counters *counters;
    struct discovery_limits limits;
    char **filters; /* on the heap, as the list itself: taken also on failure */
    size_t filter_count;
};

/* Goes on from the file of an earlier tagferry-mqttd, if there is one. Copies `spec` and borrows
 * the rest of it. NULL when out of memory. */
struct discovery_run *discovery_run_create(const struct discovery_run_spec *spec);
/* Ends the connection and saves. Accepts NULL. */
void discovery_run_destroy(struct discovery_run *run);

/* The id of the row in the store. */
int64_t discovery_run_id(const struct discovery_run *run);
/* True when it will not connect any more. */
bool discovery_run_has_ended(const struct discovery_run *run);
/* True when it has ended and its file says so. */
bool discovery_run_is_saved(const struct discovery_run *run);

/* Connects with these options, which are borrowed, and ends an earlier connection. */
void discovery_run_connect(struct discovery_run *run, const struct mqtt_session_options *options);
/* Reads messages that have arrived. */
void discovery_run_read(struct discovery_run *run);
/* Does what is due: connect, subscribe, save, end. Registers the socket with epoll under `number`.
 */
void discovery_run_step(struct discovery_run *run, int epoll_fd, uint64_t number);
/* Milliseconds until the next step is due, at most `wait`. */
int discovery_run_due_ms(const struct discovery_run *run, int wait);

#endif
