/* bench_fleet: publishes for the devices of several gateways, from one thread, and waits until all
 * of their tagferry-mqttd have received everything. Prints one line of JSON.
 *
 * Message n is of device FIRST + n % DEVICES, on topic bench/dDEVICE, through the broker n %
 * BROKERS, with the keys k0, k1, ... that all hold the same number. */
#include <fcntl.h>
#include <mosquitto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "samples.h"

enum { LINKS_MAX = 16, KEYS_MAX = 100, PAYLOAD_SIZE = KEYS_MAX * 16 + 4, IN_FLIGHT = 1000 };

struct link {
    struct mosquitto *session;
    bool connected;
    size_t published, acknowledged;
};

struct fleet {
    unsigned first, devices, keys, qos, messages, window, rate, timeout_s, place;
    struct link links[LINKS_MAX];
    unsigned link_count;
    const uint64_t *received[LINKS_MAX]; /* a counter of each gateway */
    unsigned gateway_count;
    uint64_t before;      /* the sum of the counters at the start */
    uint64_t progress_ns; /* when it has risen last */
    uint64_t last;
};

static void fail(const char *what, const char *detail)
{
    fprintf(stderr, "bench_fleet: %s: %s\n", what, detail);
    exit(1);
}

static void on_connect(struct mosquitto *session, void *data, int code)
{
    (void)session;
    ((struct link *)data)->connected = code == 0;
}

static void on_publish(struct mosquitto *session, void *data, int id)
{
    (void)session;
    (void)id;
    ((struct link *)data)->acknowledged++;
}

static uint64_t sum_received(const struct fleet *fleet)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < fleet->gateway_count; i++)
        sum += __atomic_load_n(fleet->received[i], __ATOMIC_RELAXED);
    return sum - fleet->before;
}

static void turn(struct link *link, int patience_ms)
{
    int result = mosquitto_loop(link->session, patience_ms, 1);
    if (result != MOSQ_ERR_SUCCESS)
        fail("publisher", mosquitto_strerror(result));
}

static void open_links(struct fleet *fleet, char *ports)
{
    for (char *port = strtok(ports, ","); port; port = strtok(NULL, ",")) {
        if (fleet->link_count == LINKS_MAX)
            fail("--brokers", "too many");
        struct link *link = &fleet->links[fleet->link_count++];
        link->session = mosquitto_new(NULL, true, link);
        if (!link->session)
            fail("publisher", "out of memory");
        mosquitto_int_option(link->session, MOSQ_OPT_TCP_NODELAY, 1);
        mosquitto_max_inflight_messages_set(link->session, IN_FLIGHT);
        mosquitto_connect_callback_set(link->session, on_connect);
        mosquitto_publish_callback_set(link->session, on_publish);
        int result = mosquitto_connect(link->session, "127.0.0.1", atoi(port), 60);
        if (result != MOSQ_ERR_SUCCESS)
            fail("publisher", mosquitto_strerror(result));
        for (uint64_t end = now_ns() + 10000000000U; !link->connected; turn(link, 10)) {
            if (now_ns() > end)
                fail("publisher", "the broker does not answer");
        }
    }
}

static void map_counters(struct fleet *fleet, char *paths)
{
    for (char *path = strtok(paths, ","); path; path = strtok(NULL, ",")) {
        struct stat stat;
        int fd = open(path, O_RDONLY);
        if (fd < 0 || fstat(fd, &stat) != 0 || fleet->gateway_count == LINKS_MAX ||
            (size_t)stat.st_size < fleet->place + sizeof(uint64_t))
            fail("--counters", path);
        const char *bytes = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
        if (bytes == MAP_FAILED)
            fail("--counters", path);
        fleet->received[fleet->gateway_count++] =
            (const uint64_t *)(const void *)(bytes + fleet->place);
        close(fd);
    }
    fleet->before = sum_received(fleet);
}

static void publish(struct fleet *fleet, size_t message)
{
    struct link *link = &fleet->links[message % fleet->link_count];
    char topic[32], payload[PAYLOAD_SIZE];
    int len = 0;
    snprintf(topic, sizeof topic, "bench/d%zu", fleet->first + message % fleet->devices);
    for (unsigned key = 0; key < fleet->keys; key++)
        len +=
            snprintf(payload + len, (size_t)(PAYLOAD_SIZE - len), "%c\"k%u\":%u", key ? ',' : '{',
                     key, (unsigned)(message / fleet->devices + message) & 0xffff);
    len += snprintf(payload + len, (size_t)(PAYLOAD_SIZE - len), "}");
    int result =
        mosquitto_publish(link->session, NULL, topic, len, payload, (int)fleet->qos, false);
    if (result != MOSQ_ERR_SUCCESS)
        fail("publisher", mosquitto_strerror(result));
    link->published++;
}

/* True while the gateways receive; the run ends without progress. */
static bool has_progress(struct fleet *fleet)
{
    uint64_t received = sum_received(fleet), now = now_ns();
    if (received != fleet->last)
        fleet->progress_ns = now;
    fleet->last = received;
    return now - fleet->progress_ns < fleet->timeout_s * 1000000000ULL;
}

static void wait_turn(struct fleet *fleet, size_t message, uint64_t start_ns)
{
    struct link *link = &fleet->links[message % fleet->link_count];
    if (fleet->rate > 0) {
        uint64_t due_ns = start_ns + message * 1000000000ULL / fleet->rate;
        struct timespec due = {.tv_sec = (time_t)(due_ns / 1000000000U),
                               .tv_nsec = (long)(due_ns % 1000000000U)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    }
    while (message - sum_received(fleet) >= fleet->window ||
           (fleet->qos > 0 && link->published - link->acknowledged >= IN_FLIGHT)) {
        for (unsigned i = 0; i < fleet->link_count; i++)
            turn(&fleet->links[i], 1);
        if (!has_progress(fleet))
            fail("the gateways", "no progress");
    }
}

static void run(struct fleet *fleet)
{
    uint64_t start_ns = fleet->progress_ns = now_ns();
    for (size_t message = 0; message < fleet->messages; message++) {
        wait_turn(fleet, message, start_ns);
        publish(fleet, message);
        if (message % 16 == 0 || fleet->rate > 0)
            turn(&fleet->links[message / 16 % fleet->link_count], 0);
    }
    while (sum_received(fleet) < fleet->messages && has_progress(fleet)) {
        for (unsigned i = 0; i < fleet->link_count; i++)
            turn(&fleet->links[i], 1);
    }
    double seconds = (double)(fleet->progress_ns - start_ns) / 1e9;
    uint64_t received = sum_received(fleet);
    printf("{\"messages\": %u, \"received\": %llu, \"seconds\": %.6f, \"per_s\": %.1f}\n",
           fleet->messages, (unsigned long long)received, seconds, (double)received / seconds);
}

static void usage(void)
{
    fputs("Usage: bench_fleet --brokers PORT[,PORT] --counters FILE[,FILE] --place BYTES [--first "
          "N]\n"
          "                   [--devices N] [--keys N] [--qos 0|1] [--messages N] [--window N]\n"
          "                   [--rate PER_S] [--timeout S]\n"
          "--place: of the counter of received messages in each FILE.\n",
          stderr);
    exit(2);
}

int main(int argc, char **argv)
{
    struct fleet fleet = {
        .devices = 1, .keys = 1, .messages = 1000, .window = 5000, .timeout_s = 20};
    char *brokers = NULL, *counters = NULL;
    const struct {
        const char *name;
        unsigned *value;
    } numbers[] = {{"--place", &fleet.place},     {"--first", &fleet.first},
                   {"--devices", &fleet.devices}, {"--keys", &fleet.keys},
                   {"--qos", &fleet.qos},         {"--messages", &fleet.messages},
                   {"--window", &fleet.window},   {"--timeout", &fleet.timeout_s},
                   {"--rate", &fleet.rate}};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    for (int i = 1; i < argc; i += 2) {
        size_t row = 0;
        while (row < COUNT && strcmp(numbers[row].name, argv[i]) != 0)
            row++;
        if (i + 1 == argc)
            usage();
        else if (row < COUNT)
            *numbers[row].value = (unsigned)strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--brokers") == 0)
            brokers = argv[i + 1];
        else if (strcmp(argv[i], "--counters") == 0)
            counters = argv[i + 1];
        else
            usage();
    }
    if (!brokers || !counters || fleet.devices == 0 || fleet.keys == 0 || fleet.keys > KEYS_MAX ||
        fleet.qos > 1 || fleet.window == 0 || fleet.place % sizeof(uint64_t) != 0)
        usage();
    mosquitto_lib_init();
    map_counters(&fleet, counters);
    open_links(&fleet, brokers);
    run(&fleet);
    for (unsigned i = 0; i < fleet.link_count; i++) {
        mosquitto_disconnect(fleet.links[i].session);
        mosquitto_destroy(fleet.links[i].session);
    }
    mosquitto_lib_cleanup();
    return 0;
}
