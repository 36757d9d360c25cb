/* bench_back: measures the way from a SCADA client's write to the MQTT message that it becomes,
 * from outside: one thread writes registers and takes the messages. Prints one line of JSON.
 *
 * Write n puts the number n into register n % tags, whose command topic is bench/back/REGISTER. */
#include <errno.h>
#include <modbus.h>
#include <mosquitto.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "samples.h"

enum { IN_FLIGHT = 1000, TIMEOUT_S = 20 };

struct back {
    unsigned broker_port, modbus_port, tags, writes;
    unsigned window; /* most writes under way */
    unsigned rate;   /* writes/s; 0: limited by the window only */
    struct mosquitto *mosquitto;
    modbus_t *modbus;
    bool connected, subscribed, failed;
    size_t sent, received;
    uint64_t start_ns, progress_ns;
    uint64_t *sent_ns, *latency_ns; /* of each write */
};

__attribute__((format(printf, 2, 3))) static void fail(struct back *back, const char *format, ...)
{
    va_list arguments;
    if (back->failed)
        return;
    back->failed = true;
    va_start(arguments, format);
    fputs("bench_back: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

static void on_connect(struct mosquitto *mosquitto, void *data, int code)
{
    struct back *back = data;
    back->connected = code == 0;
    mosquitto_subscribe(mosquitto, NULL, "bench/back/#", 1);
}

static void on_subscribe(struct mosquitto *mosquitto, void *data, int id, int count,
                         const int *granted)
{
    struct back *back = data;
    (void)mosquitto, (void)id;
    back->subscribed = count == 1 && granted[0] < 0x80;
}

/* Commands arrive in the order of the writes, each exactly once. */
static void on_message(struct mosquitto *mosquitto, void *data,
                       const struct mosquitto_message *message)
{
    struct back *back = data;
    char expected[32], got[32];
    (void)mosquitto;
    snprintf(expected, sizeof expected, "{\"k\": %u}", (unsigned)(back->received & 0xffff));
    snprintf(got, sizeof got, "%.*s", message->payloadlen, (const char *)message->payload);
    if (strcmp(expected, got) != 0 || back->received == back->sent) {
        fail(back, "%s: %s instead of %s", message->topic, got, expected);
        return;
    }
    back->progress_ns = now_ns();
    back->latency_ns[back->received] = back->progress_ns - back->sent_ns[back->received];
    back->received++;
}

static bool turn(struct back *back, int patience_ms)
{
    int result = mosquitto_loop(back->mosquitto, patience_ms, 1);
    if (result != MOSQ_ERR_SUCCESS)
        fail(back, "%s", mosquitto_strerror(result));
    if (now_ns() - back->progress_ns > TIMEOUT_S * 1000000000ULL)
        fail(back, "no progress behind command %zu", back->received);
    return !back->failed;
}

static bool open_broker(struct back *back)
{
    back->mosquitto = mosquitto_new(NULL, true, back);
    if (!back->mosquitto)
        return false;
    mosquitto_int_option(back->mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_max_inflight_messages_set(back->mosquitto, IN_FLIGHT);
    mosquitto_connect_callback_set(back->mosquitto, on_connect);
    mosquitto_subscribe_callback_set(back->mosquitto, on_subscribe);
    mosquitto_message_callback_set(back->mosquitto, on_message);
    int result = mosquitto_connect(back->mosquitto, "127.0.0.1", (int)back->broker_port, 60);
    if (result != MOSQ_ERR_SUCCESS)
        fail(back, "%s", mosquitto_strerror(result));
    while (!back->failed && !back->subscribed && turn(back, 10))
        ;
    return back->subscribed;
}

static bool open_modbus(struct back *back)
{
    back->modbus = modbus_new_tcp("127.0.0.1", (int)back->modbus_port);
    if (back->modbus && modbus_set_slave(back->modbus, 1) == 0 &&
        modbus_set_response_timeout(back->modbus, TIMEOUT_S, 0) == 0 &&
        modbus_connect(back->modbus) == 0)
        return true;
    fail(back, "%s", modbus_strerror(errno));
    return false;
}

static uint64_t due_ns(const struct back *back)
{
    return back->rate ? back->start_ns + back->sent * 1000000000ULL / back->rate : 0;
}

static bool may_write(const struct back *back)
{
    return back->sent < back->writes && back->sent - back->received < back->window &&
           now_ns() >= due_ns(back);
}

static void write_one(struct back *back)
{
    size_t n = back->sent++;
    back->sent_ns[n] = now_ns();
    if (modbus_write_register(back->modbus, (int)(n % back->tags), (uint16_t)n) != 1)
        fail(back, "%s", modbus_strerror(errno));
}

/* The longest wait for the network, in ms. */
static int patience_ms(const struct back *back)
{
    uint64_t due = due_ns(back), now = now_ns();
    if (back->rate == 0 || back->sent == back->writes ||
        back->sent - back->received >= back->window)
        return 10;
    return due > now ? (int)((due - now) / 1000000) : 0;
}

static void run(struct back *back)
{
    back->start_ns = back->progress_ns = now_ns();
    while (!back->failed && back->received < back->writes) {
        if (may_write(back))
            write_one(back);
        if (!turn(back, may_write(back) ? 0 : patience_ms(back)))
            return;
    }
}

static double us(uint64_t ns)
{
    return (double)ns / 1000.0;
}

static void print_result(struct back *back)
{
    double seconds = (double)(back->progress_ns - back->start_ns) / 1e9;
    samples_sort(back->latency_ns, back->writes);
    printf("{\"writes\": %u, \"seconds\": %.6f, \"per_s\": %.1f, \"p50_us\": %.1f, "
           "\"p99_us\": %.1f, \"p999_us\": %.1f}\n",
           back->writes, seconds, back->writes / seconds,
           us(samples_at(back->latency_ns, back->writes, 0.5)),
           us(samples_at(back->latency_ns, back->writes, 0.99)),
           us(samples_at(back->latency_ns, back->writes, 0.999)));
}

static bool read_options(struct back *back, int argc, char **argv)
{
    const struct {
        const char *name;
        unsigned *value;
    } options[] = {{"--broker", &back->broker_port}, {"--modbus", &back->modbus_port},
                   {"--tags", &back->tags},          {"--writes", &back->writes},
                   {"--window", &back->window},      {"--rate", &back->rate}};
    enum { COUNT = sizeof options / sizeof *options };
    for (int i = 1; i < argc; i += 2) {
        size_t row = 0;
        while (row < COUNT && strcmp(options[row].name, argv[i]) != 0)
            row++;
        if (row == COUNT || i + 1 == argc)
            return false;
        *options[row].value = (unsigned)strtoul(argv[i + 1], NULL, 10);
    }
    return back->broker_port && back->modbus_port && back->tags && back->writes && back->window;
}

int main(int argc, char **argv)
{
    struct back back = {.tags = 1, .writes = 1000, .window = 1};
    if (!read_options(&back, argc, argv)) {
        fputs("Usage: bench_back --broker PORT --modbus PORT [--tags N] [--writes N] [--window N]\n"
              "                  [--rate PER_S]\n",
              stderr);
        return 2;
    }
    prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
    mosquitto_lib_init();
    back.progress_ns = now_ns();
    back.sent_ns = calloc(back.writes, sizeof *back.sent_ns);
    back.latency_ns = calloc(back.writes, sizeof *back.latency_ns);
    if (!back.sent_ns || !back.latency_ns)
        fail(&back, "out of memory");
    else if (open_broker(&back) && open_modbus(&back))
        run(&back);
    if (!back.failed)
        print_result(&back);
    modbus_free(back.modbus);
    mosquitto_destroy(back.mosquitto);
    mosquitto_lib_cleanup();
    free(back.sent_ns);
    free(back.latency_ns);
    return back.failed ? 1 : 0;
}
