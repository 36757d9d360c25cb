/* One run of messages from MQTT to Modbus registers, seen from outside: a publisher and a Modbus
 * poller, which share what is below.
 *
 * Message n is of device n % devices, on topic bench/dDEVICE, with the keys k0, k1, ... that all
 * hold the same number, one above the device's last. Key j of device i is holding register
 * (i * keys + j) * stride. When the topic is shared, it is bench/all, and the message has the
 * device's number as id. */
#ifndef TAGFERRY_BENCH_FLOW_H
#define TAGFERRY_BENCH_FLOW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FLOW_REGISTERS = 65536, FLOW_KEYS_MAX = 100 };

struct flow {
    /* Parameters of the run. */
    unsigned broker_port, modbus_port;
    unsigned devices, keys, qos, messages;
    unsigned stride;    /* from one key's register to the next one's */
    unsigned window;    /* most messages under way */
    unsigned rate;      /* messages/s; 0: limited by the window only */
    unsigned gap_us;    /* between two polls */
    unsigned timeout_s; /* the longest time without progress */
    unsigned shared;    /* 1: one topic for all devices */
    /* Progress of the two. */
    uint16_t *first;                  /* of each device: the number of its first message */
    uint64_t start_ns, end_ns;        /* when the first message is due, when all are visible */
    _Atomic uint64_t *published_ns;   /* of each message */
    uint64_t *visible_ns;             /* of each message, when there is a rate */
    atomic_size_t published, visible; /* messages */
    atomic_bool failed;
};

/* The number that message n carries. */
uint16_t flow_number(const struct flow *flow, size_t message);
/* When message n is due, for a run with a rate. */
uint64_t flow_due_ns(const struct flow *flow, size_t message);
/* Prints the reason to standard error and ends the run. */
void flow_fail(struct flow *flow, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Publishes all messages. Returns when the broker (QoS 1) or the kernel (QoS 0) has accepted them.
 */
void publisher_run(struct flow *flow);

struct poller;
/* Connects. NULL after flow_fail. */
struct poller *poller_create(struct flow *flow);
void poller_destroy(struct poller *poller);
/* Uses the current numbers in the registers as those before each device's first message. */
bool poller_learn(struct poller *poller);
/* Polls until all messages are visible. */
void poller_run(struct poller *poller);

#endif
