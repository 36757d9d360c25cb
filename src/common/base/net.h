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
/* Writes what net_addr_parse reads. */
void net_addr_format(const struct net_addr *addr, char text[NET_TEXT_SIZE]);
/* True when host and port are equal; the case of a name and the spelling of an IP address do not
 * count, and "localhost" is 127.0.0.1. */
bool net_addr_is_equal(const struct net_addr *a, const struct net_addr *b);
/* Writes the one spelling of the host under which equal hosts are equal texts: lower case, no dot
 * at the end, IP addresses as inet_ntop writes them, IPv4 ones without ::ffff:, localhost as
 * 127.0.0.1. */
void net_host_normalise(const char *host, char text[NET_HOST_SIZE]);
/* True when the host is an address of the loopback interface, or "localhost". */
bool net_host_is_loopback(const char *host);

/* True when this one of the addresses to listen on is [::], and none of the others has its port for
 * IPv4: it then serves IPv4 too. */
bool net_serves_both_families(const struct net_addr *addrs, size_t count, size_t which);
/* Opens a listening socket, non-blocking and close-on-exec, or takes the one that systemd passed
 * for this very address. With `both` an IPv6 socket serves IPv4 too. -1 with the reason in `why`;
 * errno is then EADDRINUSE when another program has the address, EACCES when its port needs a
 * privilege. */
int net_listen(const struct net_addr *addr, bool both, char *why, size_t why_size);
/* True when net_listen failed with this errno because the address cannot be had, now or later. */
bool net_is_unavailable(int error);
/* Connects within the time, which counts for each address of the host; a non-blocking,
 * close-on-exec socket that sends small packets at once. -1 with the reason in `why`; errno is then
 * ENOMEM when memory is what was missing. */
int net_connect(const struct net_addr *addr, unsigned timeout_ms, char *why, size_t why_size);
/* The port that a socket is bound to, 0 on error. */
uint16_t net_bound_port(int fd);

#endif
