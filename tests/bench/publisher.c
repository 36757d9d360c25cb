/* Publishes the messages of a run with libmosquitto, from one thread. */
#include <mosquitto.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flow.h"
#include "samples.h"

enum { PAYLOAD_SIZE = FLOW_KEYS_MAX * 16 + 32, IN_FLIGHT = 1000, CONNECT_MS = 10000 };

struct publisher {
    struct flow *flow;
    struct mosquitto *mosquitto;
    bool connected;
    size_t acknowledged;
};

static void on_connect(struct mosquitto *mosquitto, void *data, int code)
{
    struct publisher *publisher = data;
    (void)mosquitto;
    publisher->connected = code == 0;
}

static void on_publish(struct mosquitto *mosquitto, void *data, int id)
{
    struct publisher *publisher = data;
    (void)mosquitto;
    (void)id;
    publisher->acknowledged++;
}

/* One turn of the network. */
static bool turn(struct publisher *publisher, int patience_ms)
{
    int result = mosquitto_loop(publisher->mosquitto, patience_ms, 1);
    if (result == MOSQ_ERR_SUCCESS)
        return true;
    flow_fail(publisher->flow, "publisher: %s", mosquitto_strerror(result));
    return false;
}

static bool open_session(struct publisher *publisher)
{
    uint64_t end = now_ns() + CONNECT_MS * 1000000ULL;
    mosquitto_int_option(publisher->mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_max_inflight_messages_set(publisher->mosquitto, IN_FLIGHT);
    mosquitto_connect_callback_set(publisher->mosquitto, on_connect);
    mosquitto_publish_callback_set(publisher->mosquitto, on_publish);
    int result =
        mosquitto_connect(publisher->mosquitto, "127.0.0.1", (int)publisher->flow->broker_port, 60);
    if (result != MOSQ_ERR_SUCCESS) {
        flow_fail(publisher->flow, "publisher: %s", mosquitto_strerror(result));
        return false;
    }
    while (!publisher->connected && now_ns() < end) {
        if (!turn(publisher, 10))
            return false;
    }
    if (!publisher->connected)
        flow_fail(publisher->flow, "publisher: the broker does not answer");
    return publisher->connected;
}

static int write_payload(const struct flow *flow, size_t message, char text[PAYLOAD_SIZE])
{
    unsigned number = flow_number(flow, message);
    int len = snprintf(text, PAYLOAD_SIZE, "{");
    if (flow->shared)
        len += snprintf(text + len, (size_t)(PAYLOAD_SIZE - len), "\"id\":%zu,",
                        message % flow->devices);
    for (unsigned key = 0; key < flow->keys; key++)
        len += snprintf(text + len, (size_t)(PAYLOAD_SIZE - len), "%s\"k%u\":%u", key ? "," : "",
                        key, number);
    return len + snprintf(text + len, (size_t)(PAYLOAD_SIZE - len), "}");
}

static bool publish(struct publisher *publisher, size_t message)
{
    struct flow *flow = publisher->flow;
    char topic[32] = "bench/all", payload[PAYLOAD_SIZE];
    if (!flow->shared)
        snprintf(topic, sizeof topic, "bench/d%zu", message % flow->devices);
    int len = write_payload(flow, message, payload);
    atomic_store(&flow->published_ns[message], now_ns());
    int result =
        mosquitto_publish(publisher->mosquitto, NULL, topic, len, payload, (int)flow->qos, false);
    if (result != MOSQ_ERR_SUCCESS) {
        flow_fail(flow, "publisher: %s", mosquitto_strerror(result));
        return false;
    }
    atomic_store(&flow->published, message + 1);
    return true;
}

static void sleep_until(uint64_t due_ns)
{
    struct timespec due = {.tv_sec = (time_t)(due_ns / 1000000000U),
                           .tv_nsec = (long)(due_ns % 1000000000U)};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
}

/* Waits until the next message may be sent: until its time, or until fewer messages are under way.
 */
static bool wait_turn(struct publisher *publisher, size_t message)
{
    struct flow *flow = publisher->flow;
    if (flow->rate > 0)
        sleep_until(flow_due_ns(flow, message));
    while (message - atomic_load(&flow->visible) >= flow->window ||
           (flow->qos > 0 && message - publisher->acknowledged >= IN_FLIGHT)) {
        if (atomic_load(&flow->failed) || !turn(publisher, 1))
            return false;
    }
    return !atomic_load(&flow->failed);
}

void publisher_run(struct flow *flow)
{
    struct publisher publisher = {.flow = flow};
    publisher.mosquitto = mosquitto_new(NULL, true, &publisher);
    if (!publisher.mosquitto || !open_session(&publisher)) {
        flow_fail(flow, "publisher: no session");
        goto done;
    }
    /* The kernel accepts a message of QoS 0 within its own call; only every 16th call waits for
     * answers. */
    for (size_t message = 0; message < flow->messages; message++) {
        if (!wait_turn(&publisher, message) || !publish(&publisher, message))
            goto done;
        if ((message % 16 == 0 || flow->rate > 0) && !turn(&publisher, 0))
            goto done;
    }
    while (publisher.acknowledged < flow->messages || mosquitto_want_write(publisher.mosquitto)) {
        if (atomic_load(&flow->failed) || !turn(&publisher, 10))
            goto done;
    }
    mosquitto_disconnect(publisher.mosquitto);
done:
    mosquitto_destroy(publisher.mosquitto);
}
