/* bench_flow: measures the path from an MQTT message to a Modbus register, from outside. Prints one
 * line of JSON. */
#include "flow.h"

#include <mosquitto.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "samples.h"

uint16_t flow_number(const struct flow *flow, size_t message)
{
    return (uint16_t)(flow->first[message % flow->devices] + message / flow->devices);
}

uint64_t flow_due_ns(const struct flow *flow, size_t message)
{
    if (flow->rate == 0)
        return flow->start_ns;
    return flow->start_ns + message * 1000000000ULL / flow->rate;
}

void flow_fail(struct flow *flow, const char *format, ...)
{
    va_list arguments;
    if (atomic_exchange(&flow->failed, true))
        return;
    va_start(arguments, format);
    fputs("bench_flow: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

static void usage(void)
{
    fputs("Usage: bench_flow --broker PORT --modbus PORT [--devices N] [--keys N] [--stride N]\n"
          "                  [--qos 0|1] [--messages N] [--window N] [--rate PER_S]\n"
          "                  [--poll-gap US] [--timeout S] [--shared 0|1]\n",
          stderr);
    exit(2);
}

static void read_options(struct flow *flow, int argc, char **argv)
{
    const struct {
        const char *name;
        unsigned *value;
    } options[] = {
        {"--broker", &flow->broker_port}, {"--modbus", &flow->modbus_port},
        {"--devices", &flow->devices},    {"--keys", &flow->keys},
        {"--stride", &flow->stride},      {"--qos", &flow->qos},
        {"--messages", &flow->messages},  {"--window", &flow->window},
        {"--rate", &flow->rate},          {"--poll-gap", &flow->gap_us},
        {"--timeout", &flow->timeout_s},  {"--shared", &flow->shared},
    };
    enum { COUNT = sizeof options / sizeof *options };
    for (int i = 1; i < argc; i += 2) {
        size_t row = 0;
        while (row < COUNT && strcmp(options[row].name, argv[i]) != 0)
            row++;
        if (row == COUNT || i + 1 == argc)
            usage();
        *options[row].value = (unsigned)strtoul(argv[i + 1], NULL, 10);
    }
    if (flow->broker_port == 0 || flow->modbus_port == 0 || flow->devices == 0 || flow->keys == 0 ||
        flow->keys > FLOW_KEYS_MAX || flow->messages == 0 || flow->qos > 1 || flow->window == 0 ||
        flow->stride == 0 || (size_t)flow->devices * flow->keys * flow->stride > FLOW_REGISTERS)
        usage();
}

static bool allocate(struct flow *flow)
{
    flow->first = calloc(flow->devices, sizeof *flow->first);
    flow->published_ns = calloc(flow->messages, sizeof *flow->published_ns);
    flow->visible_ns = calloc(flow->messages, sizeof *flow->visible_ns);
    return flow->first && flow->published_ns && flow->visible_ns;
}

static void *run_poller(void *poller)
{
    prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
    poller_run(poller);
    return NULL;
}

static double us(uint64_t ns)
{
    return (double)ns / 1000.0;
}

static void print_result(struct flow *flow)
{
    uint64_t *latency = flow->visible_ns;
    size_t count = flow->messages;
    double seconds = (double)(flow->end_ns - atomic_load(&flow->published_ns[0])) / 1e9;
    for (size_t i = 0; i < count; i++)
        latency[i] -= atomic_load(&flow->published_ns[i]);
    samples_sort(latency, count);
    printf("{\"messages\": %zu, \"seconds\": %.6f, \"per_s\": %.1f", count, seconds,
           (double)count / seconds);
    if (flow->rate > 0)
        printf(", \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f",
               us(samples_at(latency, count, 0.5)), us(samples_at(latency, count, 0.99)),
               us(samples_at(latency, count, 0.999)));
    puts("}");
}

int main(int argc, char **argv)
{
    struct flow flow = {.devices = 1,
                        .keys = 1,
                        .stride = 1,
                        .messages = 1000,
                        .window = 5000,
                        .gap_us = 200,
                        .timeout_s = 20};
    struct poller *poller = NULL;
    pthread_t thread;
    read_options(&flow, argc, argv);
    prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
    mosquitto_lib_init();
    if (!allocate(&flow)) {
        flow_fail(&flow, "out of memory");
        goto done;
    }
    poller = poller_create(&flow);
    if (!poller || !poller_learn(poller))
        goto done;
    flow.start_ns = now_ns() + 200000000U;
    if (pthread_create(&thread, NULL, run_poller, poller) != 0) {
        flow_fail(&flow, "no thread");
        goto done;
    }
    publisher_run(&flow);
    pthread_join(thread, NULL);
    if (!atomic_load(&flow.failed))
        print_result(&flow);
done:
    poller_destroy(poller);
    free(flow.first);
    free(flow.published_ns);
    free(flow.visible_ns);
    mosquitto_lib_cleanup();
    return atomic_load(&flow.failed) ? 1 : 0;
}
