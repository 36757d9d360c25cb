/* A Modbus TCP server for tests, on loopback, in a thread, with registers 0 to 63 of units 0 to 7.
 * It records each request and can refuse, stay silent, delay its answers, hang up, or be down. Its
 * address is of this process only, so that nobody takes its port while it is down. */
#ifndef TAGFERRY_TESTS_MODBUS_PEER_H
#define TAGFERRY_TESTS_MODBUS_PEER_H

#include "check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/modbus/pdu.h"

enum { PEER_UNITS = 8, PEER_REGISTERS = 64, PEER_REQUESTS = 256, PEER_CONNECTIONS = 4 };
enum { PEER_DEADLINE_S = 90 };

struct peer_request {
    uint8_t unit, function;
    uint16_t address, count;
    uint16_t first; /* of the words written */
};

struct modbus_peer {
    char host[INET_ADDRSTRLEN];
    uint16_t port;
    int listener, stop_fd, connections[PEER_CONNECTIONS];
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t changed;
    uint16_t registers[PEER_UNITS][PEER_REGISTERS];
    bool is_silent[PEER_UNITS];
    int refused_address; /* -1: none */
    uint8_t exception;   /* that refuses it */
    bool holds;          /* answers wait */
    bool hangs_up;       /* closes the connection in place of an answer */
    struct peer_request requests[PEER_REQUESTS];
    size_t count;
};

static inline uint16_t peer_word(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Executes a request and replaces it with the answer. Returns the answer's size, 0 for none. */
static inline size_t peer_answer(struct modbus_peer *peer, uint8_t *frame)
{
    uint8_t unit = frame[6] % PEER_UNITS, *pdu = frame + MBAP_SIZE;
    struct peer_request request = {
        .unit = unit, .function = pdu[0], .address = peer_word(pdu + 1), .count = 1};
    uint16_t *at = &peer->registers[unit][request.address % PEER_REGISTERS];
    size_t size = 5;
    if (request.function == FC_READ_HOLDING_REGISTERS || request.function == FC_WRITE_REGISTERS)
        request.count = peer_word(pdu + 3);
    if (request.function == FC_WRITE_REGISTERS)
        request.first = peer_word(pdu + 6);
    else if (request.function == FC_WRITE_REGISTER)
        request.first = peer_word(pdu + 3);
    peer->requests[peer->count++ % PEER_REQUESTS] = request;
    pthread_cond_broadcast(&peer->changed);
    while (peer->holds)
        pthread_cond_wait(&peer->changed, &peer->lock);
    if (peer->is_silent[unit])
        return 0;
    if (peer->refused_address >= request.address &&
        peer->refused_address < request.address + request.count) {
        pdu[0] |= 0x80;
        pdu[1] = peer->exception;
        size = 2;
    } else if (request.function == FC_READ_HOLDING_REGISTERS) {
        pdu[1] = (uint8_t)(2 * request.count);
        for (uint16_t i = 0; i < request.count; i++) {
            pdu[2 + 2 * i] = (uint8_t)(at[i] >> 8);
            pdu[3 + 2 * i] = (uint8_t)at[i];
        }
        size = 2 + 2U * request.count;
    } else if (request.function == FC_WRITE_REGISTERS) {
        for (uint16_t i = 0; i < request.count; i++)
            at[i] = peer_word(pdu + 6 + 2 * i);
    } else if (request.function == FC_WRITE_REGISTER) {
        *at = request.first;
    } else if (request.function == FC_MASK_WRITE) {
        *at = (uint16_t)((*at & peer_word(pdu + 3)) | (peer_word(pdu + 5) & ~peer_word(pdu + 3)));
        size = 7;
    }
    frame[4] = 0;
    frame[5] = (uint8_t)(size + 1);
    return MBAP_SIZE + size;
}

/* False at the end of the connection. */
static inline bool peer_serve(struct modbus_peer *peer, int fd)
{
    uint8_t frame[ADU_MAX];
    if (recv(fd, frame, MBAP_SIZE, MSG_WAITALL) != MBAP_SIZE)
        return false;
    ssize_t rest = peer_word(frame + 4) - 1;
    if (rest < 1 || rest > PDU_MAX ||
        recv(fd, frame + MBAP_SIZE, (size_t)rest, MSG_WAITALL) != rest)
        return false;
    pthread_mutex_lock(&peer->lock);
    size_t size = peer_answer(peer, frame);
    bool hangs_up = peer->hangs_up;
    pthread_mutex_unlock(&peer->lock);
    if (hangs_up)
        return false;
    return size == 0 || send(fd, frame, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static inline void *peer_run(void *context)
{
    struct modbus_peer *peer = context;
    struct pollfd fds[2 + PEER_CONNECTIONS];
    while (true) {
        fds[0] = (struct pollfd){.fd = peer->stop_fd, .events = POLLIN};
        fds[1] = (struct pollfd){.fd = peer->listener, .events = POLLIN};
        for (size_t i = 0; i < PEER_CONNECTIONS; i++)
            fds[2 + i] = (struct pollfd){.fd = peer->connections[i], .events = POLLIN};
        poll(fds, COUNT(fds), -1);
        if (fds[0].revents)
            return NULL;
        for (size_t i = 0; i < PEER_CONNECTIONS; i++) {
            if (fds[2 + i].revents && !peer_serve(peer, peer->connections[i])) {
                close(peer->connections[i]);
                peer->connections[i] = -1;
            }
        }
        int fd = fds[1].revents ? accept(peer->listener, NULL, NULL) : -1;
        for (size_t i = 0; i < PEER_CONNECTIONS && fd >= 0; i++) {
            if (peer->connections[i] < 0) {
                peer->connections[i] = fd;
                fd = -1;
            }
        }
        if (fd >= 0)
            close(fd);
    }
}

/* Starts listening, on the previous port if there was one. */
static inline void peer_start(struct modbus_peer *peer)
{
    const uint32_t host = 127U << 24 | 1U << 23 | (uint32_t)getpid();
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(peer->port), .sin_addr = {htonl(host)}};
    socklen_t size = sizeof address;
    const int one = 1;
    inet_ntop(AF_INET, &address.sin_addr, peer->host, sizeof peer->host);
    peer->listener = socket(AF_INET, SOCK_STREAM, 0);
    peer->stop_fd = eventfd(0, 0);
    setsockopt(peer->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    assert_int_equal(bind(peer->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(peer->listener, 8), 0);
    getsockname(peer->listener, (struct sockaddr *)&address, &size);
    peer->port = ntohs(address.sin_port);
    for (size_t i = 0; i < PEER_CONNECTIONS; i++)
        peer->connections[i] = -1;
    assert_int_equal(pthread_create(&peer->thread, NULL, peer_run, peer), 0);
}

static inline struct modbus_peer *peer_create(void)
{
    struct modbus_peer *peer = calloc(1, sizeof *peer);
    assert_non_null(peer);
    pthread_mutex_init(&peer->lock, NULL);
    pthread_cond_init(&peer->changed, NULL);
    peer->refused_address = -1;
    peer->exception = PDU_ILLEGAL_ADDRESS;
    peer_start(peer);
    return peer;
}

/* Closes all connections and stops listening. */
static inline void peer_stop(struct modbus_peer *peer)
{
    eventfd_write(peer->stop_fd, 1);
    pthread_join(peer->thread, NULL);
    for (size_t i = 0; i < PEER_CONNECTIONS; i++) {
        if (peer->connections[i] >= 0)
            close(peer->connections[i]);
    }
    close(peer->listener);
    close(peer->stop_fd);
}

static inline void peer_destroy(struct modbus_peer *peer)
{
    peer_stop(peer);
    pthread_cond_destroy(&peer->changed);
    pthread_mutex_destroy(&peer->lock);
    free(peer);
}

/* Changes the peer's behaviour: `set` is an assignment. */
#define peer_set(peer, set)                                                                        \
    do {                                                                                           \
        pthread_mutex_lock(&(peer)->lock);                                                         \
        (peer)->set;                                                                               \
        pthread_cond_broadcast(&(peer)->changed);                                                  \
        pthread_mutex_unlock(&(peer)->lock);                                                       \
    } while (0)

/* The number of requests so far. */
static inline size_t peer_count_requests(struct modbus_peer *peer)
{
    pthread_mutex_lock(&peer->lock);
    size_t count = peer->count;
    pthread_mutex_unlock(&peer->lock);
    return count;
}

/* Waits until the peer has received this many requests in total. */
static inline void peer_wait_requests(struct modbus_peer *peer, size_t count)
{
    struct timespec until;
    int rc = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PEER_DEADLINE_S;
    pthread_mutex_lock(&peer->lock);
    while (peer->count < count && rc == 0)
        rc = pthread_cond_timedwait(&peer->changed, &peer->lock, &until);
    pthread_mutex_unlock(&peer->lock);
    assert_int_equal(rc, 0);
}

/* Compares the requests, starting at number `from`. */
static inline void peer_expect(struct modbus_peer *peer, size_t from,
                               const struct peer_request *expected, size_t count)
{
    peer_wait_requests(peer, from + count);
    pthread_mutex_lock(&peer->lock);
    for (size_t i = 0; i < count; i++) {
        const struct peer_request *request = &peer->requests[(from + i) % PEER_REQUESTS];
        assert_int_equal(request->unit, expected[i].unit);
        assert_int_equal(request->function, expected[i].function);
        assert_int_equal(request->address, expected[i].address);
        assert_int_equal(request->count, expected[i].count);
        assert_int_equal(request->first, expected[i].first);
    }
    pthread_mutex_unlock(&peer->lock);
}

static inline uint16_t peer_register(struct modbus_peer *peer, uint8_t unit, uint16_t address)
{
    pthread_mutex_lock(&peer->lock);
    uint16_t held = peer->registers[unit][address];
    pthread_mutex_unlock(&peer->lock);
    return held;
}

static inline size_t peer_request_count(struct modbus_peer *peer)
{
    pthread_mutex_lock(&peer->lock);
    size_t count = peer->count;
    pthread_mutex_unlock(&peer->lock);
    return count;
}

#endif
