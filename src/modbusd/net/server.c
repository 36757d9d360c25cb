/* Waits for events, accepts clients, and serves the clients that have work. */
#include "modbusd/net/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/daemon.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/require.h"
#include "modbusd/net/rtu_conn.h"
#include "modbusd/net/udp_port.h"

enum {
    EVENTS_PER_TURN = 256,
    ACCEPTS_PER_TURN = 64,
    SWEEP_MS = 100, /* after events, deadlines are checked and requests shown at most this often */
    HEARTBEAT_MS = 1000,
    HEARTBEAT_SLACK_MS = 500, /* at rest, and between requests without a pause, it is so late */
    HEARTBEAT_PAUSE_MS = 2,   /* a due heartbeat waits for so long without an event */
    BUSY_MS = 10,             /* clients count as served for so long after a request */
    HANDSHAKES_REST = 3,      /* then TLS handshakes rest, for so many times their own duration */
    REST_UNIT_US = 1000,
};

struct server_port {
    enum event_source event_source;
    struct listener listener;
    struct udp_port *udp; /* of LISTENER_UDP */
};

struct server {
    struct service *service;
    struct counters *counters;
    struct clients clients;
    struct syncer *syncer; /* NULL: answers do not wait for the disk */
    enum event_source signals_source, syncer_source, handshakes_source;
    uint64_t held; /* number of the sync for the writes of this turn */
    bool holding;  /* this turn has such writes */
    int epoll;
    int spare; /* closed temporarily to refuse a client when descriptors run out */
    struct server_port ports[LISTENERS_MAX];
    size_t port_count;
    struct serial_server *serials[SERIAL_LINES_MAX];
    size_t serial_count;
    struct server_client *queue, **queue_end; /* to be served in this turn */
    size_t reported_scada, reported_process;  /* counts in the last status */
    struct server_hooks hooks;
    bool handshakes_ready;  /* one of the TLS handshakes can continue */
    uint64_t owed_us;       /* of their rest */
    uint64_t rest_until_us; /* clock_steady_us; 0: they do not rest */
    uint64_t served_ms;     /* the newest request */
    uint64_t now, swept, next_sweep, next_heartbeat, slowest_us;
    bool stopping;
};

static bool server_watch_fd(struct server *server, int fd, void *event_source)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = event_source};
    return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

struct server *server_create(struct service *service, const struct client_limits *limits)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    *server = (struct server){.service = service,
                              .counters = service->counters,
                              .signals_source = SOURCE_SIGNALS,
                              .syncer_source = SOURCE_SYNCER,
                              .handshakes_source = SOURCE_HANDSHAKES,
                              .held = 1};
    server->queue_end = &server->queue;
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    server->clients = (struct clients){.limits = limits,
                                       .service = service,
                                       .counters = service->counters,
                                       .epoll = server->epoll,
                                       .handshake_epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (server->epoll >= 0 && server->spare >= 0 && server->clients.handshake_epoll >= 0 &&
        server_watch_fd(server, server->clients.handshake_epoll, &server->handshakes_source))
        return server;
    server_destroy(server);
    return NULL;
}

void server_destroy(struct server *server)
{
    if (!server)
        return;
    clients_drop_all(&server->clients);
    clients_take_credentials(&server->clients, NULL);
    if (server->clients.handshake_epoll >= 0)
        close(server->clients.handshake_epoll);
    for (size_t i = 0; i < server->serial_count; i++)
        serial_server_destroy(server->serials[i]);
    for (size_t i = 0; i < server->port_count; i++) {
        udp_port_destroy(server->ports[i].udp);
        close(server->ports[i].listener.fd);
    }
    if (server->epoll >= 0)
        close(server->epoll);
    if (server->spare >= 0)
        close(server->spare);
    free(server);
}

bool server_hold_writes(struct server *server, struct syncer *syncer)
{
    REQUIRE(syncer && !server->syncer);
    server->syncer = syncer;
    return server_watch_fd(server, syncer_event_fd(syncer), &server->syncer_source);
}

bool server_add_listener(struct server *server, const struct listener *listener)
{
    if (server->port_count == LISTENERS_MAX) {
        errno = ENOSPC;
        return false;
    }
    struct server_port *server_port = &server->ports[server->port_count];
    *server_port = (struct server_port){.event_source = SOURCE_PORT, .listener = *listener};
    if (listener->protocol == LISTENER_UDP) {
        server_port->udp = udp_port_create(listener->fd, &server->clients);
        if (!server_port->udp)
            return false;
    }
    if (!server_watch_fd(server, listener->fd, server_port)) {
        udp_port_destroy(server_port->udp);
        return false;
    }
    listener_prepare(listener);
    server->port_count++;
    return true;
}

bool server_add_serial(struct server *server, const struct serial_line *line)
{
    REQUIRE(server->serial_count < SERIAL_LINES_MAX);
    struct serial_server *serial =
        serial_server_create(line, server->service->units, server->counters);
    if (!serial)
        return false;
    server->serials[server->serial_count++] = serial;
    return true;
}

/* Makes the serial lines clients again that are not: at the start, and after an error. */
static void server_connect_serials(struct server *server)
{
    for (size_t i = 0; i < server->serial_count; i++) {
        const int fd = serial_server_connect(server->serials[i]);
        if (fd >= 0)
            clients_admit_line(&server->clients, fd, serial_server_name(server->serials[i]),
                               server->now);
    }
}

static void server_accept_clients(struct server *server, const struct listener *listener)
{
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
        socklen_t len = sizeof at;
        int fd = accept4(listener->fd, (struct sockaddr *)&at, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
            /* A client that cannot be accepted would keep waking the loop: refuse it. */
            close(server->spare);
            fd = accept4(listener->fd, (struct sockaddr *)&at, &len, SOCK_CLOEXEC);
            if (fd >= 0)
                close(fd);
            server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
            clients_note_unaccepted(&server->clients, listener->side, &at);
            return;
        }
        if (fd < 0)
            return;
        clients_admit(&server->clients, fd, listener, &at, server->now);
    }
}

static void server_enqueue_client(struct server *server, struct server_client *client)
{
    if (client->queued)
        return;
    client->queued = true;
    client->next_queued = NULL;
    *server->queue_end = client;
    server->queue_end = &client->next_queued;
}

static void server_take_signals(struct server *server, int signals)
{
    bool hung_up = false; /* several SIGHUPs count as one */
    for (int number; (number = daemon_read_signal(signals)) != 0;) {
        if (number == SIGTERM || number == SIGINT)
            server->stopping = true;
        else
            hung_up = true;
    }
    if (hung_up)
        server->hooks.on_hangup(server->hooks.context);
}

/* Releases the answers whose sync is complete. If the sync failed, the write must not be
 * acknowledged: closes the client. */
static void server_release_held(struct server *server)
{
    struct syncer_results news = syncer_take_results(server->syncer);
    for (struct server_client *client = server->clients.first; client; client = client->next) {
        struct conn *conn = client->conn;
        if (conn->held == 0 || conn->held > news.done)
            continue;
        if (conn->held <= news.failed) {
            service_note_closed(server->service, &conn->client_session, CLIENT_NOT_STORED,
                                "its write could not be stored on the disk");
            conn_discard_client(conn);
        }
        conn->held = 0;
        conn_resume_frame(conn, server->now);
        server_enqueue_client(server, client);
    }
    for (size_t i = 0; i < server->port_count; i++) {
        if (server->ports[i].udp)
            udp_port_release_held(server->ports[i].udp, &news);
    }
}

/* Accepts clients, or answers datagrams. */
static void server_take_port(struct server *server, const struct server_port *server_port)
{
    if (!server_port->udp) {
        server_accept_clients(server, &server_port->listener);
        return;
    }
    server->served_ms = server->now;
    if (udp_port_serve(server_port->udp, server->syncer ? server->held : 0))
        server->holding = true;
}

static void server_take_event(struct server *server, int signals, const struct epoll_event *event)
{
    switch (*(enum event_source *)event->data.ptr) {
    case SOURCE_SIGNALS:
        server_take_signals(server, signals);
        break;
    case SOURCE_SYNCER:
        server_release_held(server);
        break;
    case SOURCE_PORT:
        server_take_port(server, event->data.ptr);
        break;
    case SOURCE_HANDSHAKES:
        server->handshakes_ready = true;
        break;
    case SOURCE_CLIENT: {
        struct server_client *client = event->data.ptr;
        if (!conn_is_blocked(client->conn))
            conn_receive_bytes(client->conn, server->counters);
        else if (event->events & (EPOLLERR | EPOLLHUP))
            conn_discard_client(client->conn);
        server_enqueue_client(server, client);
        break;
    }
    }
}

static void server_serve_client(struct server *server, struct server_client *client)
{
    struct conn *conn = client->conn;
    REQUIRE(!client->queued);
    if (conn->awaits_header && !conn->broken)
        clients_take_header(&server->clients, client, server->now);
    if (client->handshaking && !conn->broken)
        return;
    if (conn->held == 0)
        conn_send_answers(conn, server->counters, server->now);
    if (!conn_is_blocked(conn) && !conn->broken && !conn->awaits_header) {
        if (conn_has_pending(conn))
            conn_receive_bytes(conn, server->counters);
        if (conn->is_rtu)
            rtu_conn_answer_frames(conn, server->service, server->now);
        else
            conn_answer_frames(conn, server->service, server->now);
        if (conn->heard && conn->active_since == server->now)
            server->served_ms = server->now;
        if (server->syncer && conn->changed) {
            conn->held = server->held;
            server->holding = true;
        }
        if (conn->held == 0)
            conn_send_answers(conn, server->counters, server->now);
    }
    if (!conn->broken)
        clients_update_epoll(&server->clients, client);
    if (conn_is_finished(conn))
        clients_drop_client(&server->clients, client);
    else if (!conn_is_blocked(conn) && conn_has_work(conn))
        server_enqueue_client(server, client);
}

/* Serves the clients in the queue. A client that is enqueued meanwhile is served in the next turn.
 */
static void server_serve_queue(struct server *server)
{
    struct server_client *client = server->queue;
    server->queue = NULL;
    server->queue_end = &server->queue;
    while (client) {
        struct server_client *next = client->next_queued;
        client->queued = false;
        server_serve_client(server, client);
        client = next;
    }
    bank_wake_journal(server->service->bank);
    if (server->holding)
        syncer_request_sync(server->syncer, server->held++);
    server->holding = false;
}

/* While they rest, the sockets of TLS handshakes wake nobody. */
static void server_let_handshakes_rest(struct server *server, uint64_t until_us)
{
    struct epoll_event event = {.events = until_us != 0 ? 0 : EPOLLIN,
                                .data.ptr = &server->handshakes_source};
    server->rest_until_us = until_us;
    epoll_ctl(server->epoll, EPOLL_CTL_MOD, server->clients.handshake_epoll, &event);
}

/* One step of one TLS handshake in a turn: it takes as long as many answers. While other clients
 * are served, handshakes have at most a quarter of the time. */
static void server_run_handshake(struct server *server)
{
    if (!server->handshakes_ready)
        return;
    const uint64_t began_us = clock_steady_us();
    server->handshakes_ready = false;
    struct server_client *client = clients_run_handshake(&server->clients, server->now);
    if (client)
        server_enqueue_client(server, client);
    if (server->served_ms == 0 || server->now - server->served_ms >= BUSY_MS)
        return;
    const uint64_t ended_us = clock_steady_us();
    server->owed_us += HANDSHAKES_REST * (ended_us - began_us);
    if (server->owed_us < REST_UNIT_US)
        return;
    server_let_handshakes_rest(server, ended_us + server->owed_us);
    server->owed_us = 0;
}

/* How long a turn may wait for events: until the first of the things that are due by time. */
static int server_wait_ms(const struct server *server)
{
    if (server->queue)
        return 0;
    const uint64_t lost = service_process_due_ms(server->service);
    uint64_t until = server->now >= server->next_heartbeat
                         ? server->now + HEARTBEAT_PAUSE_MS
                         : server->next_heartbeat + HEARTBEAT_SLACK_MS;
    until = server->next_sweep < until ? server->next_sweep : until;
    until = lost < until ? lost : until;
    uint64_t now_us = clock_steady_us(), until_us = until * 1000;
    if (server->rest_until_us != 0 && server->rest_until_us < until_us)
        until_us = server->rest_until_us;
    return now_us >= until_us ? 0 : (int)((until_us - now_us + 999) / 1000);
}

static void server_show_status(struct server *server)
{
    const size_t scada = server->clients.scada_count, process = server->clients.process_count,
                 units = server->service->units->count;
    if (scada == server->reported_scada && process == server->reported_process)
        return;
    server->reported_scada = scada;
    server->reported_process = process;
    daemon_notify_status("%zu unit%s, %zu SCADA client%s, %zu process connection%s", units,
                         plural_suffix(units), scada, plural_suffix(scada), process,
                         plural_suffix(process));
}

static void server_keep_table(struct server *server)
{
    const bool is_renewed = clients_keep_table(&server->clients);
    for (size_t i = 0; i < server->port_count; i++) {
        if (server->ports[i].udp)
            udp_port_keep_table(server->ports[i].udp, is_renewed);
    }
}

/* Plans the next sweep for the first deadline of a client; events bring it forward. */
static void server_sweep(struct server *server)
{
    const uint64_t due = clients_close_overdue(&server->clients, server->now);
    clients_publish_requests(&server->clients);
    for (size_t i = 0; i < server->port_count; i++) {
        if (server->ports[i].udp)
            udp_port_publish_requests(server->ports[i].udp);
    }
    server->swept = server->now;
    server->next_sweep = due > server->now + SWEEP_MS ? due : server->now + SWEEP_MS;
}

/* A heartbeat takes as long as some twenty requests, and a request that wakes the daemon is seldom
 * alone: it comes behind them. `is_quiet`: no event in this turn. False if the server cannot
 * continue. */
static bool server_run_timers(struct server *server, bool is_quiet)
{
    const uint64_t patience = is_quiet ? 0 : HEARTBEAT_SLACK_MS;
    const bool beats = server->now >= server->next_heartbeat + patience;
    if (server->now >= server->next_sweep || beats)
        server_sweep(server);
    if (!beats)
        return true;
    server->next_heartbeat = server->now + HEARTBEAT_MS;
    daemon_feed_watchdog();
    counters_set(server->counters, MODBUSD_BEAT_MS, clock_steady_ms());
    server_show_status(server);
    server_connect_serials(server);
    server->service->wall_offset = clock_wall_ms() - server->now;
    server_keep_table(server);
    counters_repair_file(server->counters);
    server->hooks.on_heartbeat(server->hooks.context);
    if (bank_keep_files(server->service->bank))
        return true;
    log_error(
        "image: the file was cut short while it was in use; restore a copy of it, or move it away "
        "to start with all registers 0");
    return false;
}

/* One turn of the loop: waits, handles the events, serves clients. False if the server cannot
 * continue. */
static bool server_run_turn(struct server *server, int signals)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int count = epoll_wait(server->epoll, events, EVENTS_PER_TURN, server_wait_ms(server));
    if (count < 0 && errno != EINTR) {
        log_error("cannot wait for events: %s", strerror(errno));
        return false;
    }
    uint64_t began_us = clock_steady_us();
    server->now = began_us / 1000;
    service_set_time(server->service, server->now);
    if (server->rest_until_us != 0 && began_us >= server->rest_until_us)
        server_let_handshakes_rest(server, 0);
    if ((count > 0 || server->queue) && server->swept + SWEEP_MS < server->next_sweep)
        server->next_sweep = server->swept + SWEEP_MS;
    for (int i = 0; i < count; i++)
        server_take_event(server, signals, &events[i]);
    server_serve_queue(server);
    server->hooks.on_answered(server->hooks.context);
    server_run_handshake(server);
    bool ok = server_run_timers(server, count <= 0 && !server->queue);
    uint64_t took_us = clock_steady_us() - began_us;
    if (took_us > server->slowest_us) {
        server->slowest_us = took_us;
        counters_set(server->counters, MODBUSD_SLOWEST_TURN_US, took_us);
    }
    return ok;
}

void server_take_credentials(struct server *server, struct tls_credentials *credentials)
{
    clients_take_credentials(&server->clients, credentials);
}

void server_review_clients(struct server *server)
{
    clients_review_rights(&server->clients);
    for (size_t i = 0; i < server->port_count; i++) {
        if (server->ports[i].udp)
            udp_port_forget_peers(server->ports[i].udp);
    }
    for (struct server_client *client = server->clients.first; client; client = client->next) {
        if (client->conn->broken)
            server_enqueue_client(server, client);
    }
}

bool server_run_loop(struct server *server, int signals, const struct server_hooks *hooks)
{
    REQUIRE(hooks->on_hangup && hooks->on_heartbeat && hooks->on_answered);
    server->hooks = *hooks;
    server->now = clock_steady_ms();
    service_start_clock(server->service, server->now);
    server->service->wall_offset = clock_wall_ms() - server->now;
    if (!server_watch_fd(server, signals, &server->signals_source)) {
        log_error("cannot wait for signals: %s", strerror(errno));
        return false;
    }
    server_connect_serials(server);
    bool ok = true;
    while (ok && !server->stopping)
        ok = server_run_turn(server, signals);
    epoll_ctl(server->epoll, EPOLL_CTL_DEL, signals, NULL);
    return ok;
}
