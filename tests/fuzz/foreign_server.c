#include "foreign_server.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/net.h"
#include "common/modbus/modbus_pipeline.h"
#include "common/modbus/pdu.h"
#include "common/modbus/rtu_exchange.h"
#include "common/modbus/rtu_frame.h"

enum { START_US = 1000000000, FRAME_MAX = SERVER_FRAME_MAX, DUE_MAX = 64, EARLIER_MAX = 8 };

/* Bytes or an end of the connection that come later. */
static struct due {
    uint64_t at_us;
    size_t link, len;
    enum { DUE_BYTES, DUE_CLOSE, DUE_RESET } kind;
    uint8_t bytes[FRAME_MAX];
} dues[DUE_MAX];
static size_t due_count;

/* Right answers to earlier requests. */
static struct earlier {
    uint8_t bytes[FRAME_MAX];
    size_t len;
} earlier[EARLIER_MAX];
static size_t earlier_count;

struct server_state server;

void check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

uint8_t program_next(void)
{
    return server.program < server.program_end ? *server.program++ : 0;
}

static unsigned word_at(const uint8_t *bytes)
{
    return bytes[0] * 256u + bytes[1];
}

static void put_word(uint8_t *bytes, unsigned word)
{
    bytes[0] = (uint8_t)(word >> 8);
    bytes[1] = (uint8_t)word;
}

static void connection_end(struct connection *connection, bool resets)
{
    if (connection->fd < 0)
        return;
    /* A socket that is closed with unread bytes resets the connection. */
    if (resets && send(connection->client_fd, "?", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
        return;
    close(connection->fd);
    connection->fd = -1;
}

static void connection_send(struct connection *connection, const uint8_t *bytes, size_t len)
{
    if (connection->fd < 0 || connection->stream_len + len > sizeof connection->stream ||
        send(connection->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
        return;
    memcpy(connection->stream + connection->stream_len, bytes, len);
    connection->stream_len += len;
}

static void send_later(size_t link, const uint8_t *bytes, size_t len, int kind, unsigned ms)
{
    if (due_count == DUE_MAX || len > FRAME_MAX)
        return;
    struct due *due = &dues[due_count++];
    *due = (struct due){.at_us = server.now_us + ms * UINT64_C(1000), .link = link, .len = len};
    due->kind = kind == DUE_CLOSE ? DUE_CLOSE : kind == DUE_RESET ? DUE_RESET : DUE_BYTES;
    if (len > 0)
        memcpy(due->bytes, bytes, len);
}

/* Carries the request out; returns the length of the right answer's PDU. */
static size_t server_serve(size_t link, uint8_t unit_id, const uint8_t *pdu, uint8_t *answer)
{
    struct server_unit *unit = &server.units[link][unit_id % SERVER_UNITS];
    unsigned function = pdu[0], address = word_at(pdu + 1) % SERVER_CELLS, count = word_at(pdu + 3);
    memcpy(answer, pdu, 7);
    if (function == FC_WRITE_REGISTER || function == FC_WRITE_COIL || function == FC_MASK_WRITE)
        count = 1;
    if (address + count > SERVER_CELLS) {
        answer[0] |= 0x80;
        answer[1] = 2;
        return 2;
    }
    size_t size = 5;
    for (unsigned i = 0; i < count; i++) {
        uint16_t *word = &unit->words[address + i], *bit = &unit->bits[address + i];
        if (function == FC_READ_COILS) {
            if (i % 8 == 0)
                answer[2 + i / 8] = 0;
            answer[2 + i / 8] |= (uint8_t)(*bit << i % 8);
        } else if (function == FC_READ_HOLDING_REGISTERS) {
            put_word(answer + 2 + 2 * i, *word);
        } else if (function == FC_WRITE_REGISTERS) {
            *word = (uint16_t)word_at(pdu + 6 + 2 * i);
        } else if (function == FC_WRITE_COILS) {
            *bit = pdu[6 + i / 8] >> i % 8 & 1;
        } else if (function == FC_WRITE_REGISTER) {
            *word = (uint16_t)word_at(pdu + 3);
        } else if (function == FC_WRITE_COIL) {
            *bit = pdu[3] != 0;
        } else {
            check(function == FC_MASK_WRITE, "a function that the client does not have");
            *word = (uint16_t)((*word & word_at(pdu + 3)) | (word_at(pdu + 5) & ~word_at(pdu + 3)));
            size = 7;
        }
    }
    if (function <= FC_READ_INPUT_REGISTERS) {
        answer[1] = (uint8_t)(function == FC_READ_COILS ? (count + 7) / 8 : 2 * count);
        size = 2 + answer[1];
    }
    return size;
}

/* Frames a PDU; `crc` is added to the CRC, `length` to the length of the header. */
static size_t make_frame(uint8_t *frame, uint16_t transaction, uint8_t unit, const uint8_t *pdu,
                         size_t len, uint8_t damage)
{
    if (server.is_rtu) {
        frame[0] = unit;
        memcpy(frame + 1, pdu, len);
        uint16_t crc = (uint16_t)(rtu_crc(frame, 1 + len) + damage);
        frame[1 + len] = (uint8_t)crc;
        frame[2 + len] = (uint8_t)(crc >> 8);
        return len + 3;
    }
    put_word(frame, transaction);
    put_word(frame + 2, 0);
    put_word(frame + 4, (unsigned)(len + 1 + damage) % 65536);
    frame[6] = unit;
    memcpy(frame + 7, pdu, len);
    return len + 7;
}

static void send_in_pieces(size_t link, const uint8_t *frame, size_t len)
{
    size_t piece = program_next() % 16u + 1;
    unsigned pause_ms = program_next(), ms = 0;
    for (size_t at = 0; at < len; at += piece, ms += pause_ms)
        send_later(link, frame + at, len - at < piece ? len - at : piece, DUE_BYTES, ms);
}

/* Ways to answer. The first one is the right way. */
enum {
    ANSWER_RIGHT,
    ANSWER_TRANSACTION,
    ANSWER_UNIT,
    ANSWER_FUNCTION,
    ANSWER_LENGTH,
    ANSWER_COUNT,
    ANSWER_EXCEPTION,
    ANSWER_SHORT,
    ANSWER_LONG,
    ANSWER_PIECES,
    ANSWER_TWICE,
    ANSWER_EARLIER,
    ANSWER_EARLIER_FIRST,
    ANSWER_GARBAGE,
    ANSWER_SILENCE,
    ANSWER_CLOSE,
    ANSWER_RESET,
    ANSWER_LATE,
    ANSWER_THEN_CLOSE,
    ANSWER_PATCHED,
    ANSWER_NEXT_TOO,
    ANSWER_WAYS
};

static void server_answer(size_t link, const struct received *request)
{
    struct connection *connection = &server.connections[link];
    uint8_t frame[2 * FRAME_MAX] = {0}, pdu[PDU_MAX + 16] = {0};
    uint8_t unit = request->unit, damage = 0;
    uint16_t transaction = request->transaction;
    unsigned way = server.is_honest ? ANSWER_RIGHT : program_next() % ANSWER_WAYS;
    size_t len = server_serve(link, unit, request->pdu, pdu);
    if (server.is_rtu && unit == RTU_BROADCAST)
        return;
    struct earlier right, *old = &earlier[earlier_count++ % EARLIER_MAX];
    right.len = make_frame(right.bytes, transaction, unit, pdu, len, 0);
    uint8_t more = way == ANSWER_RIGHT ? 0 : program_next();
    switch (way) {
    case ANSWER_TRANSACTION:
        transaction = (uint16_t)(transaction + more);
        break;
    case ANSWER_UNIT:
        unit ^= more;
        break;
    case ANSWER_FUNCTION:
        pdu[0] ^= more;
        break;
    case ANSWER_LENGTH:
        damage = more;
        break;
    case ANSWER_COUNT:
        pdu[1 + more % 4] = (uint8_t)(pdu[1 + more % 4] + more / 4);
        break;
    case ANSWER_EXCEPTION:
        pdu[0] |= 0x80, pdu[1] = more, len = 2;
        break;
    case ANSWER_SHORT:
        len = more % len + 1;
        break;
    case ANSWER_LONG:
        len += more % 15;
        len = len > PDU_MAX ? PDU_MAX : len;
        break;
    case ANSWER_PATCHED:
        pdu[more % len] = program_next();
        break;
    default:
        break;
    }
    size_t size = make_frame(frame, transaction, unit, pdu, len, damage);
    const struct earlier *before = &earlier[more % EARLIER_MAX];
    if (way == ANSWER_EARLIER || way == ANSWER_EARLIER_FIRST)
        connection_send(connection, before->bytes, before->len);
    for (size_t i = 0; i < more % 32 && way == ANSWER_GARBAGE; i++)
        frame[i] = program_next();
    if (way == ANSWER_GARBAGE)
        size = more % 32;
    if (way == ANSWER_PIECES)
        send_in_pieces(link, frame, size);
    else if (way == ANSWER_LATE)
        send_later(link, frame, size, DUE_BYTES, more * 10u);
    else if (way == ANSWER_CLOSE || way == ANSWER_RESET)
        send_later(link, NULL, 0, way == ANSWER_CLOSE ? DUE_CLOSE : DUE_RESET, more);
    else if (way != ANSWER_SILENCE && way != ANSWER_EARLIER)
        connection_send(connection, frame, size);
    if (way == ANSWER_TWICE)
        send_later(link, frame, size, DUE_BYTES, more);
    if (way == ANSWER_THEN_CLOSE)
        send_later(link, NULL, 0, DUE_CLOSE, more);
    if (way == ANSWER_NEXT_TOO) { /* to a request that does not exist yet */
        size = make_frame(frame, (uint16_t)(transaction + 1), unit, pdu, len, 0);
        connection_send(connection, frame, size);
    }
    *old = right;
}

/* The length of the PDU of a request; 0 while it is incomplete. */
static size_t request_size(const uint8_t *bytes, size_t len)
{
    if (!server.is_rtu)
        return len >= MBAP_SIZE && len >= 6 + word_at(bytes + 4) ? word_at(bytes + 4) - 1 : 0;
    size_t size = len < 8                                                        ? 0
                  : bytes[1] == FC_WRITE_REGISTERS || bytes[1] == FC_WRITE_COILS ? 6u + bytes[6]
                  : bytes[1] == FC_MASK_WRITE                                    ? 7
                                                                                 : 5;
    return len >= size + RTU_OVERHEAD ? size : 0;
}

static void server_take_requests(size_t link)
{
    struct connection *connection = &server.connections[link];
    size_t size, head = server.is_rtu ? 1 : MBAP_SIZE, tail = server.is_rtu ? 2 : 0;
    while (connection->fd >= 0 && connection->in_len > 0 &&
           (size = request_size(connection->in, connection->in_len)) > 0) {
        const uint8_t *in = connection->in;
        if (server.is_rtu)
            connection->count = connection->stream_len = 0; /* older bytes were thrown away */
        check(size <= PDU_MAX && connection->count < PIPELINE_MAX,
              "too many requests, or too long");
        struct received *request = &connection->requests[connection->count++];
        *request = (struct received){.unit = in[head - 1], .len = size};
        request->transaction = server.is_rtu ? (uint16_t)0 : (uint16_t)word_at(in);
        memcpy(request->pdu, in + head, size);
        check(server.is_rtu ? word_at(in + 1 + size) ==
                                  (rtu_crc(in, 1 + size) >> 8 | (rtu_crc(in, 1 + size) & 255u) << 8)
                            : in[2] == 0 && in[3] == 0,
              "a request with a wrong CRC or header");
        connection->in_len -= head + size + tail;
        memmove(connection->in, in + head + size + tail, connection->in_len);
        server_answer(link, request);
    }
}

static void server_pump(void)
{
    for (size_t link = 0; link < SERVER_LINKS; link++) {
        struct connection *connection = &server.connections[link];
        ssize_t got = connection->fd < 0
                          ? 0
                          : recv(connection->fd, connection->in + connection->in_len,
                                 sizeof connection->in - connection->in_len, MSG_DONTWAIT);
        if (got > 0)
            connection->in_len += (size_t)got;
        else if (connection->fd >= 0 && (got == 0 || errno != EAGAIN))
            connection_end(connection, false); /* the client has closed it */
        server_take_requests(link);
    }
}

bool server_pass_time(uint64_t until_us, const int *fds, size_t count)
{
    while (true) {
        struct pollfd polled[4];
        server_pump();
        for (size_t i = 0; i < count; i++)
            polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
        if (count > 0 && ppoll(polled, count, &(struct timespec){0}, NULL) > 0)
            return true;
        size_t next = due_count;
        for (size_t i = 0; i < due_count; i++) {
            if (dues[i].at_us <= until_us &&
                (next == due_count || dues[i].at_us < dues[next].at_us))
                next = i;
        }
        if (next == due_count)
            break;
        struct due due = dues[next];
        memmove(&dues[next], &dues[next + 1], (--due_count - next) * sizeof due);
        if (due.at_us > server.now_us)
            server.now_us = due.at_us;
        if (due.kind == DUE_BYTES)
            connection_send(&server.connections[due.link], due.bytes, due.len);
        else
            connection_end(&server.connections[due.link], due.kind == DUE_RESET);
    }
    if (until_us > server.now_us)
        server.now_us = until_us;
    return false;
}

void server_start(void)
{
    memset(&server, 0, offsetof(struct server_state, connections));
    server.now_us = START_US;
    for (size_t i = 0; i < SERVER_LINKS; i++)
        server.connections[i].fd = server.connections[i].client_fd = -1;
    memset(earlier, 0, sizeof earlier);
    due_count = earlier_count = 0;
}

void server_change_registers(void)
{
    unsigned at = program_next();
    struct server_unit *unit = &server.units[at >> 7][(at >> 5) % SERVER_UNITS];
    unit->words[at % 32] = (uint16_t)(unit->words[at % 32] + program_next());
    unit->bits[at % 32] ^= 1;
}

void server_misbehave_idle(void)
{
    server_pump();
    uint8_t how = program_next(), bytes[4] = {0, 1, 0, 0};
    if (how % 4 == 0)
        send_later(how >> 7, bytes, sizeof bytes, DUE_BYTES, how / 4 % 16);
    else if (how % 4 == 1)
        connection_end(&server.connections[how >> 7], false);
    else if (how % 4 == 2)
        connection_end(&server.connections[how >> 7], true);
    else
        server.connects_fail_until_us = server.now_us + how * UINT64_C(20000);
}

void server_become_honest(void)
{
    server.is_honest = true;
    server.connects_fail_until_us = 0;
    due_count = 0;
}

struct connection *server_find_connection(int client_fd)
{
    size_t link = 0;
    while (link < SERVER_LINKS && server.connections[link].client_fd != client_fd)
        link++;
    check(link < SERVER_LINKS, "a request on another descriptor");
    return &server.connections[link];
}

struct connection *server_begin_attempt(int client_fd)
{
    struct connection *connection = server_find_connection(client_fd);
    int count;
    server_pump();
    check(ioctl(client_fd, FIONREAD, &count) == 0 && (size_t)count <= connection->stream_len,
          "more bytes than were sent");
    size_t unread = (size_t)count;
    memmove(connection->stream, connection->stream + connection->stream_len - unread, unread);
    connection->stream_len = unread;
    connection->count = 0;
    check(!connection->is_spent, "a connection is used after a request without an answer");
    return connection;
}

void server_check_closed(void)
{
    server_pump();
    for (size_t i = 0; i < SERVER_LINKS; i++)
        check(server.connections[i].fd < 0, "a connection is left over");
}

/* The clock, and waiting. */
uint64_t __wrap_clock_steady_ms(void);
uint64_t __wrap_clock_steady_us(void);
uint64_t __wrap_clock_wall_ms(void);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_nanosleep(const struct timespec *pause, struct timespec *left);
int __wrap___nanosleep64(const struct timespec *pause, struct timespec *left);

uint64_t __wrap_clock_steady_ms(void)
{
    return server.now_us / 1000;
}

uint64_t __wrap_clock_steady_us(void)
{
    return server.now_us;
}

uint64_t __wrap_clock_wall_ms(void)
{
    return server.now_us / 1000;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    check(count == 1 && timeout_ms >= 0, "a wait for one descriptor");
    fds->revents = fds->events;
    if (fds->events == POLLOUT)
        return 1;
    return server_pass_time(server.now_us + (unsigned)timeout_ms * UINT64_C(1000), &fds->fd, 1);
}

int __wrap_nanosleep(const struct timespec *pause, struct timespec *left)
{
    (void)left;
    server_pass_time(server.now_us + (uint64_t)pause->tv_sec * 1000000 +
                         (uint64_t)pause->tv_nsec / 1000 + 1,
                     NULL, 0);
    return 0;
}

/* Its name on 32 bits. */
int __wrap___nanosleep64(const struct timespec *pause, struct timespec *left)
{
    return __wrap_nanosleep(pause, left);
}

int __wrap_net_connect_watched(const struct net_addr *addr, unsigned timeout_ms,
                               bool (*watch)(void *context, int fd), void *context, char *why,
                               size_t why_size);

int __wrap_net_connect_watched(const struct net_addr *addr, unsigned timeout_ms,
                               bool (*watch)(void *context, int fd), void *context, char *why,
                               size_t why_size)
{
    struct connection *connection = &server.connections[addr->port % SERVER_LINKS];
    int ends[2];
    server_pump();
    check(connection->fd < 0, "a second connection to the same server");
    unsigned how = server.is_honest ? 0 : program_next() % 8u;
    if (how == 7)
        server_pass_time(server.now_us + timeout_ms * UINT64_C(1000), NULL, 0);
    if (how >= 6 || server.now_us < server.connects_fail_until_us) {
        errno = how == 7 ? ETIMEDOUT : ECONNREFUSED;
        snprintf(why, why_size, "%s", strerror(errno));
        return -1;
    }
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0, "a socket pair");
    for (size_t i = 0; i < SERVER_LINKS; i++) { /* the client has closed what had this number */
        if (server.connections[i].client_fd == ends[1])
            server.connections[i].client_fd = -1;
    }
    connection->fd = ends[0];
    connection->client_fd = ends[1];
    connection->in_len = connection->stream_len = connection->count = 0;
    connection->is_spent = false;
    check(watch(context, ends[1]), "interrupted");
    return ends[1];
}
