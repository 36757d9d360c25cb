/* Accepts, waits, lets each connection have its turn, and closes those that overstay a deadline. */
#include "modbusd/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/daemon.h"
#include "common/log.h"
#include "modbusd/conn.h"

enum {
    EVENTS_PER_TURN = 256,
    ACCEPTS_PER_TURN = 64,
    SWEEP_MS = 100, /* deadlines are looked at this often */
    HEARTBEAT_MS = 1000,
};

/* What an event of epoll points to; the first member of each. */
enum source { SOURCE_SIGNALS, SOURCE_SYNCER, SOURCE_PORT, SOURCE_CLIENT };

struct port {
    enum source source;
    struct listener listener;
};

struct client {
    enum source source;
    bool queued;       /* in server->queue */
    uint32_t interest; /* events that epoll looks for */
    struct conn *conn;
    struct client *next, *previous;
};

struct server {
    struct service *service;
    struct counters *counters;
    struct server_limits limits;
    struct syncer *syncer; /* NULL: no answer waits for the disk */
    enum source syncer_source;
    uint64_t held; /* number of the sync that this turn's writes wait for */
    bool holding;  /* there are some */
    int epoll;
    int spare; /* given up for a moment to refuse a client when descriptors run out */
    struct port ports[LISTENERS_MAX];
    size_t port_count;
    struct client *clients; /* all of them */
    size_t scada_count, process_count;
    struct client **queue; /* those that have something to do this turn */
    size_t queue_len;
    uint64_t now, next_sweep, next_heartbeat, slowest_us;
    bool stopping;
};

struct server *server_create(struct service *service, struct counters *counters,
                             const struct server_limits *limits)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    *server = (struct server){.service = service, .counters = counters, .limits = *limits};
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    /* In one turn every client may stand here twice: served, and queued again behind the others. */
    server->queue =
        calloc(2 * (limits->max_connections + SERVER_PROCESS_CONNECTIONS), sizeof *server->queue);
    if (server->epoll >= 0 && server->spare >= 0 && server->queue)
        return server;
    server_destroy(server);
    return NULL;
}

static size_t *count_of(struct server *server, enum side side)
{
    return side == SIDE_SCADA ? &server->scada_count : &server->process_count;
}

static void show_counts(struct server *server)
{
    counters_set(server->counters, MODBUSD_CONNECTIONS, server->scada_count);
    counters_set(server->counters, MODBUSD_PROCESS_CONNECTIONS, server->process_count);
}

static void drop(struct server *server, struct client *client)
{
    if (client->previous)
        client->previous->next = client->next;
    else
        server->clients = client->next;
    if (client->next)
        client->next->previous = client->previous;
    (*count_of(server, client->conn->session.side))--;
    conn_destroy(client->conn);
    free(client);
    show_counts(server);
}

void server_destroy(struct server *server)
{
    if (!server)
        return;
    while (server->clients)
        drop(server, server->clients);
    for (size_t i = 0; i < server->port_count; i++)
        close(server->ports[i].listener.fd);
    if (server->epoll >= 0)
        close(server->epoll);
    if (server->spare >= 0)
        close(server->spare);
    free(server->queue);
    free(server);
}

static bool watch(struct server *server, int operation, int fd, uint32_t events, void *source)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    return epoll_ctl(server->epoll, operation, fd, &event) == 0;
}

bool server_hold_writes(struct server *server, struct syncer *syncer)
{
    server->syncer = syncer;
    server->syncer_source = SOURCE_SYNCER;
    server->held = 1;
    return watch(server, EPOLL_CTL_ADD, syncer_fd(syncer), EPOLLIN, &server->syncer_source);
}

bool server_listen(struct server *server, const struct listener *listener)
{
    if (server->port_count == LISTENERS_MAX) {
        errno = ENOSPC;
        return false;
    }
    struct port *port = &server->ports[server->port_count];
    *port = (struct port){.source = SOURCE_PORT, .listener = *listener};
    if (!watch(server, EPOLL_CTL_ADD, listener->fd, EPOLLIN, port))
        return false;
    listener_prepare(listener);
    server->port_count++;
    return true;
}

static bool is_full(const struct server *server, enum side side)
{
    return side == SIDE_SCADA ? server->scada_count >= server->limits.max_connections
                              : server->process_count >= SERVER_PROCESS_CONNECTIONS;
}

static bool ip_is_full(const struct server *server, const struct access_ip *ip)
{
    size_t count = 0;
    if (server->limits.max_connections_per_ip == 0)
        return false;
    for (const struct client *client = server->clients; client; client = client->next) {
        if (client->conn->session.side == SIDE_SCADA)
            count += memcmp(&client->conn->ip, ip, sizeof *ip) == 0;
    }
    return count >= server->limits.max_connections_per_ip;
}

/* Fills the rights of a new client. MODBUSD_COUNTERS, or the counter of the reason against it. */
static size_t judge(const struct server *server, struct session *session,
                    const struct access_ip *ip)
{
    if (is_full(server, session->side))
        return MODBUSD_REFUSED_LIMIT;
    if (session->side != SIDE_SCADA) {
        access_grant_all(&session->rights);
        return MODBUSD_COUNTERS;
    }
    if (!access_decide(server->limits.allow, ip, server->service->units, &session->rights))
        return MODBUSD_REFUSED_RULE;
    return ip_is_full(server, ip) ? MODBUSD_REFUSED_IP_LIMIT : MODBUSD_COUNTERS;
}

static bool add_client(struct server *server, int fd, const struct session *session,
                       const struct access_ip *ip)
{
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        return false;
    *client = (struct client){.source = SOURCE_CLIENT, .interest = EPOLLIN};
    client->conn = conn_create(fd, session, ip, server->now);
    if (!client->conn || !watch(server, EPOLL_CTL_ADD, fd, EPOLLIN, client)) {
        free(client->conn); /* the caller closes the socket */
        free(client);
        return false;
    }
    client->next = server->clients;
    if (client->next)
        client->next->previous = client;
    server->clients = client;
    (*count_of(server, session->side))++;
    return true;
}

static void admit(struct server *server, int fd, enum side side, const struct sockaddr_storage *at)
{
    struct session session = {.side = side};
    struct access_ip ip;
    listener_peer(at, &ip, session.peer);
    size_t refusal = judge(server, &session, &ip);
    if (refusal != MODBUSD_COUNTERS) {
        log_debug("%s: connection refused", session.peer);
        counters_add(server->counters, refusal, 1);
        close(fd);
    } else if (!add_client(server, fd, &session, &ip)) {
        close(fd);
    }
}

/* Without a descriptor to accept with, a waiting client would keep the loop awake for ever. */
static void refuse_without_descriptor(struct server *server, int listener)
{
    close(server->spare);
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    counters_add(server->counters, MODBUSD_REFUSED_LIMIT, 1);
}

static void accept_clients(struct server *server, const struct listener *listener)
{
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
        socklen_t len = sizeof at;
        int fd = accept4(listener->fd, (struct sockaddr *)&at, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE))
            refuse_without_descriptor(server, listener->fd);
        if (fd < 0)
            break;
        counters_add(server->counters, MODBUSD_ACCEPTED, 1);
        admit(server, fd, listener->side, &at);
    }
    show_counts(server);
}

static void enqueue(struct server *server, struct client *client)
{
    if (client->queued)
        return;
    client->queued = true;
    server->queue[server->queue_len++] = client;
}

static void take_signals(struct server *server, int signals)
{
    for (int number; (number = daemon_next_signal(signals)) != 0;) {
        if (number == SIGTERM || number == SIGINT)
            server->stopping = true;
    }
}

/* What could not be written to the disk is never acknowledged: those clients are closed. */
static void release_held(struct server *server)
{
    struct syncer_news news = syncer_take_news(server->syncer);
    for (struct client *client = server->clients; client; client = client->next) {
        struct conn *conn = client->conn;
        if (conn->held == 0 || conn->held > news.done)
            continue;
        if (conn->held <= news.failed)
            conn_discard(conn);
        conn->held = 0;
        enqueue(server, client);
    }
}

static void take_client_event(struct server *server, struct client *client, uint32_t events)
{
    if (conn_blocked(client->conn)) {
        if (events & (EPOLLERR | EPOLLHUP))
            conn_discard(client->conn);
    } else {
        conn_fill(client->conn, server->counters);
    }
    enqueue(server, client);
}

static void take_event(struct server *server, int signals, const struct epoll_event *event)
{
    switch (*(enum source *)event->data.ptr) {
    case SOURCE_SIGNALS:
        take_signals(server, signals);
        break;
    case SOURCE_SYNCER:
        release_held(server);
        break;
    case SOURCE_PORT:
        accept_clients(server, &((struct port *)event->data.ptr)->listener);
        break;
    case SOURCE_CLIENT:
        take_client_event(server, event->data.ptr, event->events);
        break;
    }
}

/* A blocked client is heard again when it has taken its answers. */
static void set_interest(struct server *server, struct client *client)
{
    uint32_t events = 0;
    if (client->conn->held != 0)
        events = 0;
    else if (conn_blocked(client->conn))
        events = EPOLLOUT;
    else if (!client->conn->eof)
        events = EPOLLIN;
    if (events == client->interest)
        return;
    client->interest = events;
    if (!watch(server, EPOLL_CTL_MOD, client->conn->fd, events, client))
        client->conn->broken = true;
}

static void hold(struct server *server, struct conn *conn)
{
    if (!server->syncer || !conn->changed)
        return;
    conn->held = server->held;
    server->holding = true;
}

static void give_turn(struct server *server, struct client *client)
{
    struct conn *conn = client->conn;
    client->queued = false;
    if (conn->held == 0 && conn_blocked(conn) && !conn->broken)
        conn_flush(conn, server->counters, server->now);
    if (!conn_blocked(conn) && !conn->broken) {
        conn_answer(conn, server->service, server->now);
        hold(server, conn);
    }
    if (conn->held == 0)
        conn_flush(conn, server->counters, server->now);
    if (!conn->broken)
        set_interest(server, client);
    if (conn_over(conn))
        drop(server, client);
    else if (!conn_blocked(conn) && conn_has_work(conn))
        enqueue(server, client);
}

static void give_turns(struct server *server)
{
    size_t count = server->queue_len;
    for (size_t i = 0; i < count; i++)
        give_turn(server, server->queue[i]);
    server->queue_len -= count;
    memmove(server->queue, server->queue + count, server->queue_len * sizeof *server->queue);
    bank_settle(server->service->bank);
    if (server->holding)
        syncer_ask(server->syncer, server->held++);
    server->holding = false;
}

static bool overdue(uint64_t since, uint64_t limit, uint64_t now)
{
    return since != 0 && now - since >= limit;
}

static void sweep(struct server *server)
{
    for (struct client *client = server->clients, *next; client; client = next) {
        const struct conn *conn = client->conn;
        next = client->next;
        if (client->queued)
            continue;
        if (overdue(conn->frame_since, server->limits.frame_timeout_ms, server->now))
            counters_add(server->counters, MODBUSD_CLOSED_FRAME_TIMEOUT, 1);
        else if (overdue(conn->write_since, server->limits.write_timeout_ms, server->now))
            counters_add(server->counters, MODBUSD_CLOSED_WRITE_TIMEOUT, 1);
        else if (server->limits.idle_timeout_ms != 0 && conn->session.side == SIDE_SCADA &&
                 overdue(conn->active_since, server->limits.idle_timeout_ms, server->now))
            counters_add(server->counters, MODBUSD_CLOSED_IDLE, 1);
        else
            continue;
        drop(server, client);
    }
}

static void keep_time(struct server *server)
{
    if (server->now >= server->next_sweep) {
        sweep(server);
        server->next_sweep = server->now + SWEEP_MS;
    }
    if (server->now >= server->next_heartbeat) {
        daemon_alive();
        server->next_heartbeat = server->now + HEARTBEAT_MS;
    }
}

static int patience(const struct server *server)
{
    if (server->queue_len > 0)
        return 0;
    return server->clients ? SWEEP_MS : HEARTBEAT_MS;
}

static void measure_turn(struct server *server, uint64_t began_us)
{
    uint64_t took_us = clock_steady_us() - began_us;
    if (took_us <= server->slowest_us)
        return;
    server->slowest_us = took_us;
    counters_set(server->counters, MODBUSD_SLOWEST_TURN_US, took_us);
}

static bool turn(struct server *server, int signals)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int count = epoll_wait(server->epoll, events, EVENTS_PER_TURN, patience(server));
    if (count < 0 && errno != EINTR) {
        log_error("cannot wait for events: %s", strerror(errno));
        return false;
    }
    uint64_t began_us = clock_steady_us();
    server->now = began_us / 1000;
    service_tick(server->service, server->now);
    for (int i = 0; i < count; i++)
        take_event(server, signals, &events[i]);
    give_turns(server);
    keep_time(server);
    measure_turn(server, began_us);
    return true;
}

bool server_run(struct server *server, int signals)
{
    enum source source = SOURCE_SIGNALS;
    server->now = clock_steady_ms();
    service_start(server->service, server->now);
    if (!watch(server, EPOLL_CTL_ADD, signals, EPOLLIN, &source)) {
        log_error("cannot wait for signals: %s", strerror(errno));
        return false;
    }
    bool ok = true;
    while (ok && !server->stopping)
        ok = turn(server, signals);
    epoll_ctl(server->epoll, EPOLL_CTL_DEL, signals, NULL);
    return ok;
}
