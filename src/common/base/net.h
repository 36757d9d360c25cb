/* TCP addresses and listening sockets. */
#ifndef TAGFERRY_COMMON_BASE_NET_H
#define TAGFERRY_COMMON_BASE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NET_HOST_SIZE = 256, NET_WHY_SIZE = 256, NET_TEXT_SIZE = NET_HOST_SIZE + 8 };

struct net_addr {
    char host[NET_HOST_SIZE]; /* a name, an IPv4 or an IPv6 address, without brackets */
    uint16_t port;            /* 0 in a listen address: any free port */
};

/* Reads "host:port" or "[ipv6]:port". False, with the reason in `why`, for anything else. */
bool net_addr_parse(const char *text, struct net_addr *addr, char *why, size_t why_size);
/* The same for a server to connect to: port 0 is refused, too. */
bool net_server_parse(const char *text, struct net_addr *addr, char *why, size_t why_size);
/* Writes what net_addr_parse reads. */
void net_addr_format(const struct net_addr *addr, char text[NET_TEXT_SIZE]);
/* True when port and normalised host are equal; see net_host_normalise. */
bool net_addr_is_equal(const struct net_addr *a, const struct net_addr *b);
/* Normalises a host, so that equal hosts become equal texts: names in lower case without a dot at
 * the end, IP addresses as inet_ntop writes them, IPv4 addresses without ::ffff:, "localhost" as
 * 127.0.0.1. Resolves no names. */
void net_host_normalise(const char *host, char text[NET_HOST_SIZE]);
/* True when the host is an address of the loopback interface, or "localhost". */
bool net_host_is_loopback(const char *host);

/* True when addrs[which] is [::] and no other of these listen addresses is an IPv4 address or name
 * with the same port: its socket then serves IPv4 too. */
bool net_serves_both_families(const struct net_addr *addrs, size_t count, size_t which);
/* Opens a listening socket, non-blocking and close-on-exec, or takes the one that systemd passed
 * for exactly this address. With `both`, an IPv6 socket serves IPv4 too. -1 on error, with the
 * reason in `why`; errno is EADDRINUSE when another program uses the address, EACCES when its port
 * needs a privilege. */
int net_listen(const struct net_addr *addr, bool both, char *why, size_t why_size);
/* The same for datagrams: binds a socket, which nobody else passes. */
int net_listen_udp(const struct net_addr *addr, bool both, char *why, size_t why_size);
/* True when this errno of net_listen says that a retry will not help: the address is in use or
 * needs a privilege. */
bool net_is_unavailable(int error);
/* Connects to the first address of the host that answers, each within `timeout_ms`. Returns a
 * non-blocking, close-on-exec socket with TCP_NODELAY, or -1 with the reason in `why`; errno is
 * ENOMEM when memory ran out. Blocks. */
int net_connect(const struct net_addr *addr, unsigned timeout_ms, char *why, size_t why_size);
/* The same for a caller that can end the attempt from another thread, with shutdown: `watch` gets
 * each socket before it is connected, and -1 before a socket is closed. If it returns false the
 * attempt ends with ECANCELED. */
int net_connect_watched(const struct net_addr *addr, unsigned timeout_ms,
                        bool (*watch)(void *context, int fd), void *context, char *why,
                        size_t why_size);
/* The port that a socket is bound to, 0 on error. */
uint16_t net_bound_port(int fd);

#endif
