/* The loop: one thread, one epoll, all listeners and clients. */
#ifndef TAGFERRY_MODBUSD_SERVER_H
#define TAGFERRY_MODBUSD_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/counters.h"
#include "common/net.h"
#include "modbusd/service.h"

/* The process side has this many connections of its own, whatever SCADA clients do. */
enum { SERVER_PROCESS_CONNECTIONS = 64 };

struct server_limits {
    size_t max_connections;
    uint64_t frame_timeout_ms, write_timeout_ms;
};

struct server;

/* The service and the counters must outlive the server. NULL with errno. */
struct server *server_create(struct service *service, struct counters *counters,
                             const struct server_limits *limits);
void server_destroy(struct server *server);

/* Opens a listening socket for a side and says so in the log. False with the reason. */
bool server_listen(struct server *server, const struct net_addr *addr, enum side side, char *why,
                   size_t why_size);

/* Serves until SIGTERM or SIGINT comes from `signals`, a descriptor of daemon_signals. False when
 * the loop itself fails, having said so in the log. */
bool server_run(struct server *server, int signals);

#endif
