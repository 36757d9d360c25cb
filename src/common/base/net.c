/* Parses and compares addresses, and connects to them. */
#include "common/base/net.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/require.h"

_Static_assert(NET_HOST_SIZE >= INET6_ADDRSTRLEN, "inet_ntop has space for every address");
_Static_assert(NET_TEXT_SIZE >= NET_HOST_SIZE + sizeof "[]:65535" - 1,
               "an address and its port fit");

bool net_addr_parse(const char *text, struct net_addr *addr, char *why, size_t why_size)
{
    const char *host = text, *host_end, *port = NULL;
    if (text[0] == '[') { /* brackets enclose an IPv6 address */
        host = text + 1;
        host_end = strchr(host, ']');
        if (host_end && host_end[1] == ':')
            port = host_end + 2;
    } else {
        host_end = strchr(text, ':');
        if (host_end && !strchr(host_end + 1, ':'))
            port = host_end + 1;
    }
    size_t len = port ? (size_t)(host_end - host) : 0;
    size_t digits = port ? strspn(port, "0123456789") : 0;
    if (len > 0 && len < NET_HOST_SIZE && !strpbrk(text, " \t") && digits > 0 && digits <= 5 &&
        port[digits] == '\0' && strtol(port, NULL, 10) <= UINT16_MAX) {
        memcpy(addr->host, host, len);
        addr->host[len] = '\0';
        addr->port = (uint16_t)strtol(port, NULL, 10);
        return true;
    }
    snprintf(why, why_size, "\"%s\" is not an address such as \"127.0.0.1:8502\" or \"[::1]:8502\"",
             text);
    return false;
}

bool net_server_parse(const char *text, struct net_addr *addr, char *why, size_t why_size)
{
    if (!net_addr_parse(text, addr, why, why_size))
        return false;
    if (addr->port == 0)
        snprintf(why, why_size, "\"%s\" has port 0, on which no server can be reached", text);
    return addr->port != 0;
}

void net_addr_format(const struct net_addr *addr, char text[NET_TEXT_SIZE])
{
    bool brackets = strchr(addr->host, ':') != NULL;
    snprintf(text, NET_TEXT_SIZE, "%s%s%s:%u", brackets ? "[" : "", addr->host, brackets ? "]" : "",
             addr->port);
}

void net_host_normalise(const char *host, char text[NET_HOST_SIZE])
{
    struct in_addr v4;
    struct in6_addr v6;
    bool is_v4 = inet_pton(AF_INET, host, &v4) == 1;
    bool is_v6 = !is_v4 && inet_pton(AF_INET6, host, &v6) == 1;
    if (is_v6 && IN6_IS_ADDR_V4MAPPED(&v6)) {
        memcpy(&v4, &v6.s6_addr[12], sizeof v4);
        is_v4 = true;
    }
    if (is_v4) {
        inet_ntop(AF_INET, &v4, text, NET_HOST_SIZE);
    } else if (is_v6) {
        inet_ntop(AF_INET6, &v6, text, NET_HOST_SIZE);
    } else {
        size_t len = 0;
        for (; len < NET_HOST_SIZE - 1 && host[len]; len++)
            text[len] = (char)tolower((unsigned char)host[len]);
        if (len > 1 && text[len - 1] == '.') /* the dot of a fully qualified name */
            len--;
        text[len] = '\0';
        if (strcmp(text, "localhost") == 0)
            snprintf(text, NET_HOST_SIZE, "127.0.0.1");
    }
}

bool net_addr_is_equal(const struct net_addr *a, const struct net_addr *b)
{
    char one[NET_HOST_SIZE], other[NET_HOST_SIZE];
    net_host_normalise(a->host, one);
    net_host_normalise(b->host, other);
    return a->port == b->port && strcmp(one, other) == 0;
}

bool net_host_is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* A name may resolve to an IPv4 address: it counts as one. */
bool net_serves_both_families(const struct net_addr *addrs, size_t count, size_t which)
{
    struct in6_addr v6;
    REQUIRE(which < count);
    if (inet_pton(AF_INET6, addrs[which].host, &v6) != 1 || !IN6_IS_ADDR_UNSPECIFIED(&v6))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (addrs[i].port == addrs[which].port && addrs[i].port != 0 &&
            inet_pton(AF_INET6, addrs[i].host, &v6) != 1)
            return false;
    }
    return true;
}

static bool net_watch_nothing(void *context, int fd)
{
    (void)context, (void)fd;
    return true;
}

static int net_connect_one(const struct addrinfo *at, unsigned timeout_ms,
                           bool (*watch)(void *context, int fd), void *context)
{
    static const int on = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int error = ECANCELED;
    if (watch(context, fd))
        error = connect(fd, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        struct pollfd one = {.fd = fd, .events = POLLOUT};
        socklen_t size = sizeof error;
        int ready;
        do {
            ready = poll(&one, 1, (int)timeout_ms);
        } while (ready < 0 && errno == EINTR);
        if (ready <= 0)
            error = ETIMEDOUT;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            error = errno;
    }
    if (error == 0)
        return fd;
    watch(context, -1);
    close(fd);
    errno = error;
    return -1;
}

int net_connect(const struct net_addr *addr, unsigned timeout_ms, char *why, size_t why_size)
{
    return net_connect_watched(addr, timeout_ms, net_watch_nothing, NULL, why, why_size);
}

int net_connect_watched(const struct net_addr *addr, unsigned timeout_ms,
                        bool (*watch)(void *context, int fd), void *context, char *why,
                        size_t why_size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found;
    char port[8];
    int fd = -1;
    REQUIRE(timeout_ms <= INT_MAX);
    snprintf(port, sizeof port, "%u", addr->port);
    int rc = getaddrinfo(addr->host, port, &hints, &found);
    if (rc != 0) {
        snprintf(why, why_size, "%s", gai_strerror(rc));
        errno = rc == EAI_MEMORY ? ENOMEM : EHOSTUNREACH;
        return -1;
    }
    for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
        fd = net_connect_one(at, timeout_ms, watch, context);
    int error = errno;
    if (fd < 0)
        snprintf(why, why_size, "%s", strerror(error));
    freeaddrinfo(found);
    errno = error;
    return fd;
}
