/* Opens listening sockets, or takes those that systemd opened. Separate from net.c, because
 * libsystemd and its dependencies take a megabyte of memory: only daemons that listen link it. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/base/net.h"

enum { FIRST_FREE_PORT = 1024 }; /* lower ones need a privilege */

/* The listening socket that systemd passed for this address, or -1. */
static int net_find_inherited(const struct addrinfo *at)
{
    int end = SD_LISTEN_FDS_START + sd_listen_fds(0);
    for (int fd = SD_LISTEN_FDS_START; fd < end; fd++) {
        if (sd_is_socket_sockaddr(fd, SOCK_STREAM, at->ai_addr, at->ai_addrlen, 1) > 0 &&
            fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0)
            return fd;
    }
    return -1;
}

static int net_listen_on(const struct addrinfo *at, bool both)
{
    static const int on = 1;
    const int v6_only = !both;
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    const bool is_stream = at->ai_socktype == SOCK_STREAM;
    if (is_stream) /* for datagrams it would share the port */
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (at->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && (!is_stream || listen(fd, SOMAXCONN) == 0))
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

bool net_is_unavailable(int error)
{
    return error == EADDRINUSE || error == EACCES;
}

static int net_listen_for(const struct net_addr *addr, int socket_type, bool both, char *why,
                          size_t why_size)
{
    struct addrinfo hints = {.ai_socktype = socket_type, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found;
    char port[8], text[NET_TEXT_SIZE];
    snprintf(port, sizeof port, "%u", addr->port);
    net_addr_format(addr, text);
    int rc = getaddrinfo(addr->host, port, &hints, &found);
    if (rc != 0) {
        snprintf(why, why_size, "cannot listen on %s: %s", text, gai_strerror(rc));
        errno = EINVAL;
        return -1;
    }
    int fd = socket_type == SOCK_STREAM ? net_find_inherited(found) : -1;
    if (fd < 0)
        fd = net_listen_on(found, both);
    int saved = errno;
    freeaddrinfo(found);
    if (fd < 0) {
        bool privileged = saved == EACCES && addr->port < FIRST_FREE_PORT;
        snprintf(why, why_size, "cannot listen on %s: %s%s%s%s", text, strerror(saved),
                 privileged ? "; ports below 1024 need a privilege: let systemd open it (" : "",
                 privileged ? program_invocation_short_name : "",
                 privileged ? ".socket), or choose another port" : "");
    }
    errno = saved;
    return fd;
}

int net_listen(const struct net_addr *addr, bool both, char *why, size_t why_size)
{
    return net_listen_for(addr, SOCK_STREAM, both, why, why_size);
}

int net_listen_udp(const struct net_addr *addr, bool both, char *why, size_t why_size)
{
    return net_listen_for(addr, SOCK_DGRAM, both, why, why_size);
}

uint16_t net_bound_port(int fd)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return 0;
    if (at.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&at)->sin6_port);
    return ntohs(((struct sockaddr_in *)&at)->sin_port);
}
