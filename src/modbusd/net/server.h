/* The main loop of one thread: epoll for all listeners and clients. */
#ifndef TAGFERRY_MODBUSD_NET_SERVER_H
#define TAGFERRY_MODBUSD_NET_SERVER_H

#include <stdbool.h>

#include "modbusd/net/clients.h"
#include "modbusd/net/listener.h"
#include "modbusd/net/serial_server.h"
#include "modbusd/registers/syncer.h"
#include "modbusd/requests/service.h"

enum { SERIAL_LINES_MAX = 16 };

struct server;

/* The service and the limits must outlive the server. NULL with errno. */
struct server *server_create(struct service *service, const struct client_limits *limits);
/* Closes all clients and listeners. Accepts NULL. */
void server_destroy(struct server *server);

/* From now on, sends the answer to a write only after the image is on disk. Call it at most once.
 * The syncer must outlive the server. False with errno. */
bool server_hold_writes(struct server *server, struct syncer *syncer);

/* Takes ownership of a listening socket and logs its address. False with errno; the caller then
 * keeps the socket. */
bool server_add_listener(struct server *server, const struct listener *listener);

/* Takes ownership of the credentials for TLS, which listeners with LISTENER_TLS need; later calls
 * replace them: then review the clients. */
void server_take_credentials(struct server *server, struct tls_credentials *credentials);

/* Serves a serial line, also if it cannot be opened yet. False with errno. */
bool server_add_serial(struct server *server, const struct serial_line *line);

struct server_hooks {
    void (*on_hangup)(void *context);
    void (*on_heartbeat)(void *context); /* once a second */
    void (*on_answered)(void *context);  /* when all requests that were there have their answers */
    void *context;
};

/* Serves until `signals`, from daemon_open_signals, delivers SIGTERM or SIGINT; calls the hooks.
 * False, after logging the reason, if the loop fails. */
bool server_run_loop(struct server *server, int signals, const struct server_hooks *hooks);
/* Applies changed access rules and credentials to the connected clients. */
void server_review_clients(struct server *server);

#endif
