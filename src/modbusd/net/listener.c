/* Inherits, prepares and describes listening sockets. */
#include "modbusd/net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/net.h"
#include "common/base/require.h"

static const char *const side_names[] = {
    [SIDE_SCADA] = "scada", [SIDE_INPUTS] = "inputs", [SIDE_OUTPUTS] = "outputs"};

/* For the log. */
static const char *const protocol_words[] = {[LISTENER_TCP] = "",
                                             [LISTENER_RTU] = ", Modbus RTU over TCP",
                                             [LISTENER_TLS] = ", TLS",
                                             [LISTENER_UDP] = ", UDP"};

enum client_protocol listener_client_protocol(const struct listener *listener)
{
    static const enum client_protocol protocols[] = {[LISTENER_TCP] = CLIENT_TCP,
                                                     [LISTENER_RTU] = CLIENT_RTU,
                                                     [LISTENER_TLS] = CLIENT_TLS,
                                                     [LISTENER_UDP] = CLIENT_UDP};
    return protocols[listener->protocol];
}

void listener_peer_address(const struct sockaddr_storage *at, struct access_ip *ip,
                           char text[INET6_ADDRSTRLEN])
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)at;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)at;
    if (at->ss_family == AF_INET6) {
        memcpy(ip->bytes, &v6->sin6_addr, sizeof ip->bytes);
    } else {
        memcpy(ip->bytes, mapped, sizeof mapped);
        memcpy(ip->bytes + sizeof mapped, &v4->sin_addr, sizeof v4->sin_addr);
    }
    access_ip_format(ip, text);
}

uint16_t listener_peer_port(const struct sockaddr_storage *at)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)at;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)at;
    return ntohs(at->ss_family == AF_INET6 ? v6->sin6_port : v4->sin_port);
}

/* Formats the address of a listening socket as "127.0.0.1:8502" or "[::1]:8502"; `host` receives
 * the IP address. */
static void listener_describe(int fd, char host[INET6_ADDRSTRLEN], char text[NET_TEXT_SIZE])
{
    struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof at;
    struct access_ip ip;
    struct net_addr addr = {.port = net_bound_port(fd)};
    getsockname(fd, (struct sockaddr *)&at, &len);
    listener_peer_address(&at, &ip, host);
    snprintf(addr.host, sizeof addr.host, "%s", host);
    net_addr_format(&addr, text);
}

void listener_prepare(const struct listener *listener)
{
    static const int on = 1, idle_s = 60, interval_s = 15, probes = 4;
    char host[INET6_ADDRSTRLEN], text[NET_TEXT_SIZE];
    REQUIRE(listener->fd >= 0 && listener->side < SIDE_COUNT);
    /* Sends small answers at once, and detects dead clients within two minutes. */
    setsockopt(listener->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(listener->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(listener->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(listener->fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(listener->fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    listener_describe(listener->fd, host, text);
    log_info("listening on %s (%s%s)", text, side_names[listener->side],
             protocol_words[listener->protocol]);
}

static bool listener_check_given(const struct listener *listener, char *why, size_t why_size)
{
    char host[INET6_ADDRSTRLEN], text[NET_TEXT_SIZE];
    if (sd_is_socket(listener->fd, AF_INET, SOCK_STREAM, 1) <= 0 &&
        sd_is_socket(listener->fd, AF_INET6, SOCK_STREAM, 1) <= 0) {
        snprintf(why, why_size, "systemd passed descriptor %d, which is not a listening TCP socket",
                 listener->fd);
        return false;
    }
    listener_describe(listener->fd, host, text);
    if (listener->side != SIDE_SCADA && !net_host_is_loopback(host)) {
        snprintf(why, why_size,
                 "systemd passed %s for the %s side, which must be a loopback address", text,
                 side_names[listener->side]);
        return false;
    }
    return fcntl(listener->fd, F_SETFL, fcntl(listener->fd, F_GETFL) | O_NONBLOCK) == 0 &&
           fcntl(listener->fd, F_SETFD, FD_CLOEXEC) == 0;
}

int listener_inherit_all(struct listener listeners[LISTENERS_MAX], char *why, size_t why_size)
{
    char **names = NULL;
    int count = sd_listen_fds_with_names(1, &names);
    if (count < 0 || count > LISTENERS_MAX) {
        snprintf(why, why_size, "systemd passed too many sockets, or sockets that cannot be used");
        count = -1;
    }
    for (int i = 0; i < count; i++) {
        struct listener *listener = &listeners[i];
        *listener = (struct listener){.fd = SD_LISTEN_FDS_START + i, .side = SIDE_SCADA};
        for (enum side side = SIDE_INPUTS; side < SIDE_COUNT; side++) {
            if (names[i] && strcmp(names[i], side_names[side]) == 0)
                listener->side = side;
        }
        if (names[i] && strcmp(names[i], "tls") == 0)
            listener->protocol = LISTENER_TLS;
        if (!listener_check_given(listener, why, why_size))
            count = -1;
    }
    for (size_t i = 0; names && names[i]; i++)
        free(names[i]);
    free(names);
    return count;
}
