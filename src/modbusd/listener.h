/* Listening sockets: what accepted ones inherit, and those that systemd gives. */
#ifndef TAGFERRY_MODBUSD_LISTENER_H
#define TAGFERRY_MODBUSD_LISTENER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "modbusd/access.h"
#include "modbusd/bank.h"

enum { LISTENERS_MAX = 64 };

struct listener {
    int fd;
    enum side side;
};

/* The sockets that systemd gave: those named "inputs" and "outputs" are the process side's, all
 * others are for SCADA clients. Answers their number, or -1 with the reason. They are ours then. */
int listener_inherit_all(struct listener listeners[LISTENERS_MAX], char *why, size_t why_size);
/* Sets what accepted sockets inherit, and says in the log where the socket listens. */
void listener_prepare(const struct listener *listener);

/* The address of a client, for the rules and for people. */
void listener_peer_address(const struct sockaddr_storage *at, struct access_ip *ip,
                           char text[INET6_ADDRSTRLEN]);

#endif
