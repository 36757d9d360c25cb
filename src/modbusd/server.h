/* The loop: one thread, one epoll, all listeners and clients. */
#ifndef TAGFERRY_MODBUSD_SERVER_H
#define TAGFERRY_MODBUSD_SERVER_H

#include <stdbool.h>

#include "modbusd/clients.h"
#include "modbusd/listener.h"
#include "modbusd/service.h"
#include "modbusd/syncer.h"

struct server;

/* The service and the limits must outlive the server. NULL with errno. */
struct server *server_create(struct service *service, const struct client_limits *limits);
void server_destroy(struct server *server);

/* From now on the answer to a write is sent only after the image is on its disk. Call it once. The
 * syncer must outlive the server. False with errno. */
bool server_hold_writes(struct server *server, struct syncer *syncer);

/* Takes over a listening socket and logs its address. False with errno: the caller keeps it. */
bool server_add_listener(struct server *server, const struct listener *listener);

/* Serves until SIGTERM or SIGINT comes from `signals`, a descriptor of daemon_open_signals; calls
 * `hangup` for a SIGHUP. False, with a line in the log, if the loop itself fails. */
bool server_run_loop(struct server *server, int signals, void (*hangup)(void *), void *context);
/* Applies changed limits and rules to the clients that are connected. */
void server_review_clients(struct server *server);

#endif
