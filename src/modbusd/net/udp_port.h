/* A socket for Modbus over UDP: each datagram is one frame of Modbus TCP, and so is its answer.
 *
 * Nobody connects: the newest senders are remembered, with their rights, and are listed as clients.
 * Datagrams that are no request, and those of senders without rights, are counted and not answered:
 * their sender's address may be false. One thread. */
#ifndef TAGFERRY_MODBUSD_NET_UDP_PORT_H
#define TAGFERRY_MODBUSD_NET_UDP_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "modbusd/net/clients.h"
#include "modbusd/registers/syncer.h"

struct udp_port;

/* The socket, which the caller keeps, and the clients must outlive it. NULL with errno. */
struct udp_port *udp_port_create(int fd, struct clients *clients);
/* Accepts NULL. */
void udp_port_destroy(struct udp_port *port);

/* Answers datagrams, up to a limit. `held` 0: all answers are sent at once. Otherwise those to
 * requests that changed registers are kept for udp_port_release_held; true if there are such. */
bool udp_port_serve(struct udp_port *port, uint64_t held);
/* Sends the answers whose sync is complete; drops those whose sync failed. */
void udp_port_release_held(struct udp_port *port, const struct syncer_results *news);

/* As clients_publish_requests; also forgets who has been silent for a minute. */
void udp_port_publish_requests(struct udp_port *port);
/* Once a second: computes the rates. `is_renewed`: the file of the table of clients is new. */
void udp_port_keep_table(struct udp_port *port, bool is_renewed);
/* Forgets all senders, after the rules have changed. */
void udp_port_forget_peers(struct udp_port *port);

#endif
