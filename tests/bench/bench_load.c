/* A load generator for request and answer over TCP: so many connections, so many requests in flight
 * on each, one function; prints requests per second and percentiles of the latency as JSON.
 *
 * bench_load HOST PORT CONNECTIONS DEPTH FUNCTION COUNT SECONDS
 *
 * FUNCTION is 3 (read COUNT registers) or 16 (write COUNT registers). An "e" behind it is for
 * bench_echo: the answers have the same size but are not looked at. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/modbus/pdu.h"

enum { DEPTH_MAX = 256, SAMPLES_MAX = 1 << 23, EVENTS = 256 };

struct client {
    int fd;
    uint16_t sent, answered; /* request counts; the difference is in flight */
    uint64_t sent_ns[DEPTH_MAX];
    size_t in_len;
    uint8_t in[16384];
};

struct run {
    size_t depth;
    uint8_t request[ADU_MAX];
    size_t request_len, answer_len;
    bool look; /* for the answers */
    uint64_t answers;
    uint32_t *samples; /* ns */
    size_t sample_count;
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void make_request(struct run *run, const char *kind, uint16_t count)
{
    int function = atoi(kind);
    uint8_t *pdu = run->request + MBAP_SIZE;
    size_t len = 5;
    pdu[0] = function == 16 ? 16 : 3;
    pdu_put_u16(pdu + 1, 100);
    pdu_put_u16(pdu + 3, count);
    if (function == 16) {
        pdu[5] = (uint8_t)(2 * count);
        len = 6u + 2u * count;
    }
    pdu_put_header(run->request, 0, 1, len);
    run->request_len = MBAP_SIZE + len;
    run->answer_len = MBAP_SIZE + (function == 16 ? 5u : 2u + 2u * count);
    run->look = !strchr(kind, 'e');
}

static void send_requests(struct run *run, struct client *client, size_t count)
{
    uint8_t out[DEPTH_MAX * ADU_MAX];
    uint64_t now = now_ns();
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = out + i * run->request_len;
        memcpy(at, run->request, run->request_len);
        pdu_put_u16(at, client->sent);
        client->sent_ns[client->sent++ % DEPTH_MAX] = now;
    }
    if (send(client->fd, out, count * run->request_len, MSG_NOSIGNAL) !=
        (ssize_t)(count * run->request_len))
        fail("send");
}

static void take_answer(struct run *run, struct client *client, const uint8_t *answer, uint64_t now)
{
    if (run->look && (pdu_get_u16(answer) != client->answered || answer[7] != run->request[7] ||
                      pdu_get_u16(answer + 4) + 6u != run->answer_len)) {
        errno = EPROTO;
        fail("a wrong answer");
    }
    uint64_t took = now - client->sent_ns[client->answered++ % DEPTH_MAX];
    if (run->sample_count < SAMPLES_MAX)
        run->samples[run->sample_count++] = took < UINT32_MAX ? (uint32_t)took : UINT32_MAX;
    run->answers++;
}

static void serve(struct run *run, struct client *client)
{
    ssize_t got =
        recv(client->fd, client->in + client->in_len, sizeof client->in - client->in_len, 0);
    if (got <= 0)
        fail("recv");
    uint64_t now = now_ns();
    size_t at = 0, answered = 0;
    client->in_len += (size_t)got;
    for (; client->in_len - at >= run->answer_len; at += run->answer_len, answered++)
        take_answer(run, client, client->in + at, now);
    memmove(client->in, client->in + at, client->in_len - at);
    client->in_len -= at;
    if (answered > 0)
        send_requests(run, client, answered);
}

static struct client *connect_one(const char *host, const char *port, int epoll)
{
    static const int on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    struct client *client = calloc(1, sizeof *client);
    if (!client || inet_pton(AF_INET, host, &at.sin_addr) != 1)
        fail("address");
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 || connect(client->fd, (struct sockaddr *)&at, sizeof at) != 0)
        fail("connect");
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &event) != 0)
        fail("epoll_ctl");
    return client;
}

static void turn_until(struct run *run, int epoll, uint64_t end)
{
    struct epoll_event events[EVENTS];
    while (now_ns() < end) {
        int count = epoll_wait(epoll, events, EVENTS, 1000);
        for (int i = 0; i < count; i++)
            serve(run, events[i].data.ptr);
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double percentile_us(const struct run *run, double part)
{
    size_t at = (size_t)(part * (double)(run->sample_count - 1));
    return run->samples[at] / 1000.0;
}

static void raise_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "Usage: %s HOST PORT CONNECTIONS DEPTH FUNCTION COUNT SECONDS\n", argv[0]);
        return 2;
    }
    struct run run = {.depth = (size_t)atol(argv[4])};
    size_t connections = (size_t)atol(argv[3]);
    double seconds = atof(argv[7]);
    if (run.depth < 1 || run.depth > DEPTH_MAX || connections < 1)
        return 2;
    make_request(&run, argv[5], (uint16_t)atoi(argv[6]));
    run.samples = malloc(SAMPLES_MAX * sizeof *run.samples);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!run.samples || epoll < 0)
        fail("start");
    raise_descriptors();
    struct client **clients = calloc(connections, sizeof *clients);
    for (size_t i = 0; clients && i < connections; i++)
        clients[i] = connect_one(argv[1], argv[2], epoll);
    for (size_t i = 0; clients && i < connections; i++)
        send_requests(&run, clients[i], run.depth);
    turn_until(&run, epoll, now_ns() + 200000000u); /* warm up */
    run.answers = run.sample_count = 0;
    uint64_t began = now_ns();
    turn_until(&run, epoll, began + (uint64_t)(seconds * 1e9));
    double took = (double)(now_ns() - began) / 1e9;
    if (run.sample_count == 0)
        fail("no answers");
    qsort(run.samples, run.sample_count, sizeof *run.samples, by_size);
    printf("{\"per_second\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f}\n",
           (double)run.answers / took, percentile_us(&run, 0.5), percentile_us(&run, 0.99),
           percentile_us(&run, 0.999));
    return 0;
}
