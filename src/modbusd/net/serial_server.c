/* The thread of a serial line: waits for bytes, pauses, and the answers of the loop. */
#include "modbusd/net/serial_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/base/thread.h"
#include "common/modbus/serial_port.h"
#include "modbusd/net/rtu_bus.h"

enum {
    BUS_BUFFER_SIZE = 4 * RTU_SIZE_MAX,
    /* Adapters deliver bytes late and in groups: what began is given up after this time only. */
    GIVE_UP_US = 50000,
    ECHO_US = 100000, /* an echo comes within this time after the answer */
    ECHO_REPEATS = 20,
    WHY_SIZE = 320,
};

struct serial_server {
    struct thread thread;
    struct serial_line line;
    const struct unit_set *units;
    struct counters *counters;
    uint32_t pause_us; /* between frames */
    /* The loop offers the thread's end of a socket pair here; -1: none. It does so while the thread
     * has none. */
    _Atomic int offered;
    atomic_bool is_connected;

    /* Only the thread uses what follows. */
    int port, loop; /* descriptors, or -1 */
    struct backoff backoff;
    bool reported; /* logged why the line cannot be opened */
    uint8_t in[BUS_BUFFER_SIZE];
    size_t in_len, pause_at;
    uint64_t heard_us;    /* when the last bytes came */
    uint16_t transaction; /* of the latest request */
    bool awaits_answer;   /* to it */
    uint8_t from_loop[2 * ADU_MAX];
    size_t from_loop_len;
    uint8_t answer[RTU_SIZE_MAX]; /* to be sent after the pause, then the last one that was */
    size_t answer_size;           /* 0: none */
    bool is_sent;
    uint64_t sent_us;
    bool has_echo;    /* the adapter hears what it sends */
    unsigned repeats; /* requests in a row that are equal to the answer before them */
};

const char *serial_server_name(const struct serial_server *server)
{
    const char *slash = strrchr(server->line.path, '/');
    return slash ? slash + 1 : server->line.path;
}

static void serial_server_close_port(struct serial_server *server)
{
    close(server->port);
    server->port = -1;
    server->in_len = server->pause_at = 0;
    server->awaits_answer = false;
    server->answer_size = 0;
    server->is_sent = false;
    counters_add(server->counters, MODBUSD_SERIAL_LINES_UP, UINT64_MAX); /* one less */
}

static void serial_server_open_port(struct serial_server *server)
{
    char why[WHY_SIZE], text[SERIAL_TEXT_SIZE];
    if (backoff_remaining_ms(&server->backoff, clock_steady_us() / 1000) > 0)
        return;
    server->port = serial_port_open(&server->line, why, sizeof why);
    if (server->port < 0) {
        backoff_add_failure(&server->backoff, clock_steady_us());
        if (!server->reported)
            log_warning("serial line: %s; it is tried again until it can be opened", why);
        server->reported = true;
        return;
    }
    server->backoff = (struct backoff){0};
    server->reported = false;
    serial_line_format(&server->line, text);
    log_info("serving the serial line %s", text);
    counters_add(server->counters, MODBUSD_SERIAL_LINES_UP, 1);
}

static void serial_server_lose_port(struct serial_server *server)
{
    log_warning("serial line: %s is gone; it is tried again until it can be opened",
                server->line.path);
    server->reported = true;
    serial_server_close_port(server);
    backoff_add_failure(&server->backoff, clock_steady_us());
}

static void serial_server_drop_loop(struct serial_server *server)
{
    if (server->loop >= 0)
        close(server->loop);
    server->loop = -1;
    server->from_loop_len = 0;
    server->awaits_answer = false;
    atomic_store(&server->is_connected, false);
}

/* Passes a request to the loop. */
static void serial_server_ask(struct serial_server *server, const struct rtu_frame *frame,
                              uint8_t unit)
{
    uint8_t request[ADU_MAX];
    const size_t size = MBAP_SIZE + frame->pdu_len;
    pdu_put_header(request, ++server->transaction, unit, frame->pdu_len);
    memcpy(request + MBAP_SIZE, frame->pdu, frame->pdu_len);
    if (server->loop >= 0 && send(server->loop, request, size, MSG_NOSIGNAL) != (ssize_t)size)
        serial_server_drop_loop(server);
}

/* True for an answer that is equal to its request, so that its echo looks like a new one. */
static bool serial_server_answer_is_request(const struct serial_server *server)
{
    const uint8_t function = server->answer[1];
    return function == FC_WRITE_COIL || function == FC_WRITE_REGISTER || function == FC_MASK_WRITE;
}

/* Learns from answers that differ from their requests whether the adapter hears what it sends.
 * Without such answers, from many equal requests: each echo would cause the next. */
static bool serial_server_is_echo(struct serial_server *server, const uint8_t *bytes, size_t size)
{
    const bool is_equal =
        server->is_sent && server->answer_size == size && memcmp(server->answer, bytes, size) == 0;
    const bool is_soon = clock_steady_us() - server->sent_us < ECHO_US;
    if (!server->is_sent)
        return false;
    /* The answer is done: it is not sent again, and not late. */
    server->is_sent = false;
    server->answer_size = 0;
    if (!serial_server_answer_is_request(server))
        server->has_echo = is_equal;
    else if (is_equal && is_soon && !server->has_echo)
        server->has_echo = ++server->repeats >= ECHO_REPEATS;
    if (!is_equal || !is_soon)
        server->repeats = 0;
    return is_equal && is_soon && server->has_echo;
}

static void serial_server_take_request(struct serial_server *server, const struct rtu_frame *frame)
{
    /* Only the answer to the newest request may be sent. */
    server->awaits_answer = false;
    if (frame->unit != RTU_BROADCAST) {
        serial_server_ask(server, frame, frame->unit);
        server->awaits_answer = server->loop >= 0;
        return;
    }
    counters_add(server->counters, MODBUSD_RTU_BROADCASTS, 1);
    if (!pdu_is_write(frame->pdu[0]))
        return;
    for (size_t i = 0; i < server->units->count; i++)
        serial_server_ask(server, frame, server->units->id[i]);
}

static void serial_server_note_late(struct serial_server *server)
{
    if (server->awaits_answer || (server->answer_size > 0 && !server->is_sent))
        counters_add(server->counters, MODBUSD_SERIAL_LATE_ANSWERS, 1);
    server->awaits_answer = false;
    if (!server->is_sent)
        server->answer_size = 0;
}

/* Decides about the received bytes, as far as possible. */
static void serial_server_take_frames(struct serial_server *server, uint64_t now_us)
{
    const uint64_t silent_us = now_us - server->heard_us;
    const uint64_t give_up_us = server->pause_us > GIVE_UP_US ? server->pause_us : GIVE_UP_US;
    size_t at = 0, skip = 0;
    enum rtu_bus_result result = RTU_BUS_REQUEST;
    while (at < server->in_len && result != RTU_BUS_WAIT) {
        const struct rtu_bus_bytes bus = {.bytes = server->in + at,
                                          .len = server->in_len - at,
                                          .pause_at =
                                              server->pause_at > at ? server->pause_at - at : 0,
                                          .is_paused = silent_us >= server->pause_us,
                                          .is_over = silent_us >= give_up_us};
        struct rtu_frame frame;
        result = rtu_bus_next(&bus, server->units, &frame, &skip);
        if (result == RTU_BUS_WAIT)
            break;
        if (result == RTU_BUS_NOISE) {
            counters_add(server->counters, MODBUSD_RTU_CRC_ERRORS, 1);
            counters_add(server->counters, MODBUSD_RTU_SKIPPED_BYTES, skip);
            at += skip;
            continue;
        }
        at += frame.size;
        if (serial_server_is_echo(server, frame.pdu - 1, frame.size))
            continue;
        serial_server_note_late(server);
        if (result == RTU_BUS_REQUEST)
            serial_server_take_request(server, &frame);
        else
            counters_add(server->counters, MODBUSD_SERIAL_OTHER_FRAMES, 1);
    }
    memmove(server->in, server->in + at, server->in_len - at);
    server->in_len -= at;
    server->pause_at = server->pause_at > at ? server->pause_at - at : 0;
}

static void serial_server_receive(struct serial_server *server, uint64_t now_us)
{
    if (server->in_len > 0 && now_us - server->heard_us >= server->pause_us)
        server->pause_at = server->in_len;
    REQUIRE(server->in_len < sizeof server->in);
    ssize_t got =
        read(server->port, server->in + server->in_len, sizeof server->in - server->in_len);
    if (got > 0) {
        server->in_len += (size_t)got;
        server->heard_us = now_us;
        counters_add(server->counters, MODBUSD_BYTES_IN, (uint64_t)got);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        serial_server_lose_port(server);
    }
}

/* Keeps the answer that is awaited; drops those to broadcasts and old requests. */
static void serial_server_take_answers(struct serial_server *server)
{
    ssize_t got = recv(server->loop, server->from_loop + server->from_loop_len,
                       sizeof server->from_loop - server->from_loop_len, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        serial_server_drop_loop(server);
        return;
    }
    if (got > 0)
        server->from_loop_len += (size_t)got;
    struct pdu_frame frame;
    size_t at = 0;
    while (pdu_cut_frame(server->from_loop + at, server->from_loop_len - at, &frame) ==
           FRAME_WHOLE) {
        at += frame.size;
        if (!server->awaits_answer || frame.transaction != server->transaction)
            continue;
        server->awaits_answer = false;
        server->answer_size = rtu_put_frame(server->answer, frame.unit, frame.pdu, frame.pdu_len);
        server->is_sent = false;
    }
    memmove(server->from_loop, server->from_loop + at, server->from_loop_len - at);
    server->from_loop_len -= at;
}

static void serial_server_send(struct serial_server *server, uint64_t now_us)
{
    ssize_t sent = write(server->port, server->answer, server->answer_size);
    server->is_sent = true;
    server->sent_us = now_us;
    if (sent > 0)
        counters_add(server->counters, MODBUSD_BYTES_OUT, (uint64_t)sent);
    if (sent < (ssize_t)server->answer_size)
        counters_add(server->counters, MODBUSD_SERIAL_LATE_ANSWERS, 1);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        serial_server_lose_port(server);
}

static bool serial_server_has_answer(const struct serial_server *server)
{
    return server->port >= 0 && server->answer_size > 0 && !server->is_sent;
}

/* How long to wait for events, in µs; UINT64_MAX: forever. */
static uint64_t serial_server_wait_us(const struct serial_server *server, uint64_t now_us)
{
    const uint64_t silent_us = now_us - server->heard_us;
    if (server->port < 0 && server->loop < 0)
        return UINT64_MAX; /* the loop wakes it */
    if (server->port < 0)
        return 1000 * (uint64_t)backoff_remaining_ms(&server->backoff, now_us / 1000) + 1000;
    if (silent_us < server->pause_us && (server->in_len > 0 || serial_server_has_answer(server)))
        return server->pause_us - silent_us;
    if (server->in_len > 0)
        return silent_us < GIVE_UP_US ? GIVE_UP_US - silent_us : 1000;
    return UINT64_MAX;
}

static void serial_server_wait(struct serial_server *server, struct pollfd fds[3])
{
    const uint64_t wait_us = serial_server_wait_us(server, clock_steady_us());
    const struct timespec wait = {.tv_sec = (time_t)(wait_us / 1000000),
                                  .tv_nsec = (long)(wait_us % 1000000) * 1000};
    fds[0] = (struct pollfd){.fd = server->thread.wakeup.fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = server->port, .events = POLLIN}; /* -1 is ignored */
    fds[2] = (struct pollfd){.fd = server->loop, .events = POLLIN};
    if (ppoll(fds, 3, wait_us == UINT64_MAX ? NULL : &wait, NULL) <= 0)
        fds[0].revents = fds[1].revents = fds[2].revents = 0;
}

static void serial_server_run(void *context)
{
    struct serial_server *server = context;
    struct pollfd fds[3];
    /* This loop polls the descriptor of wake-ups itself, and looks for work after this. */
    atomic_store(&server->thread.wakeup.asleep, true);
    wakeup_clear(&server->thread.wakeup);
    while (!thread_is_stopping(&server->thread)) {
        if (server->loop < 0)
            server->loop = atomic_exchange(&server->offered, -1);
        if (server->port < 0 && server->loop >= 0)
            serial_server_open_port(server);
        serial_server_wait(server, fds);
        const uint64_t now_us = clock_steady_us();
        if (fds[0].revents != 0)
            wakeup_clear(&server->thread.wakeup);
        if (fds[1].revents != 0)
            serial_server_receive(server, now_us);
        serial_server_take_frames(server, now_us);
        if (fds[2].revents != 0 && server->loop >= 0)
            serial_server_take_answers(server);
        if (serial_server_has_answer(server) && now_us - server->heard_us >= server->pause_us)
            serial_server_send(server, now_us);
    }
    serial_server_drop_loop(server);
    if (server->port >= 0)
        serial_server_close_port(server);
}

struct serial_server *serial_server_create(const struct serial_line *line,
                                           const struct unit_set *units, struct counters *counters)
{
    struct serial_server *server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    server->line = *line;
    server->units = units;
    server->counters = counters;
    server->pause_us = rtu_frame_pause_us(line->baud);
    server->port = server->loop = -1;
    atomic_init(&server->offered, -1);
    if (thread_start(&server->thread, "serial", serial_server_run, server))
        return server;
    free(server);
    return NULL;
}

void serial_server_destroy(struct serial_server *server)
{
    if (!server)
        return;
    thread_join(&server->thread);
    int offered = atomic_load(&server->offered);
    if (offered >= 0)
        close(offered);
    free(server);
}

int serial_server_connect(struct serial_server *server)
{
    int pair[2];
    if (atomic_load(&server->is_connected) ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return -1;
    if (fcntl(pair[1], F_SETFL, O_NONBLOCK) != 0) {
        close(pair[0]);
        close(pair[1]);
        return -1;
    }
    atomic_store(&server->is_connected, true);
    atomic_store(&server->offered, pair[0]);
    thread_wake(&server->thread);
    return pair[1];
}
