/* Listening sockets: the options that accepted sockets inherit, and the sockets of systemd. */
#ifndef TAGFERRY_MODBUSD_NET_LISTENER_H
#define TAGFERRY_MODBUSD_NET_LISTENER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "common/shared/client_table.h"
#include "modbusd/registers/bank.h"
#include "modbusd/requests/access.h"

enum { LISTENERS_MAX = 64 };

/* What the clients of a listener speak. Only Modbus TCP is for the process side, too. */
enum listener_protocol { LISTENER_TCP, LISTENER_RTU, LISTENER_TLS, LISTENER_UDP };

struct listener {
    int fd;
    enum side side;
    enum listener_protocol protocol;
};

/* Takes ownership of the sockets from systemd: those named "inputs" and "outputs" are for the
 * process, all others for SCADA clients, "tls" for those with TLS. Returns their number, or -1 with
 * the reason in `why`. */
int listener_inherit_all(struct listener listeners[LISTENERS_MAX], char *why, size_t why_size);
/* Sets the options that accepted sockets inherit, and logs the address. */
void listener_prepare(const struct listener *listener);

/* The same for the table of clients. */
enum client_protocol listener_client_protocol(const struct listener *listener);

/* Converts the address of a client for the access rules, and to text. */
void listener_peer_address(const struct sockaddr_storage *at, struct access_ip *ip,
                           char text[INET6_ADDRSTRLEN]);
uint16_t listener_peer_port(const struct sockaddr_storage *at);

#endif
