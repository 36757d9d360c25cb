/* The physical limit: a server on one epoll thread that answers each REQUEST bytes with REPLY bytes
 * without looking at them. Prints its port.
 *
 * bench_echo REQUEST REPLY */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, BUFFER = 65536 };

struct client {
    int fd;
    size_t rest; /* bytes of an incomplete request */
};

static void serve(struct client *client, size_t request, size_t reply)
{
    static char in[4096], out[BUFFER];
    ssize_t got = recv(client->fd, in, sizeof in, 0);
    if (got <= 0) {
        close(client->fd);
        free(client);
        return;
    }
    size_t whole = (client->rest + (size_t)got) / request;
    client->rest = (client->rest + (size_t)got) % request;
    size_t len = whole * reply < BUFFER ? whole * reply : BUFFER;
    if (len > 0 && send(client->fd, out, len, MSG_NOSIGNAL) != (ssize_t)len)
        exit(1);
}

static int listen_anywhere(void)
{
    static const int on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        exit(1);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    printf("%u\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static void accept_all(int listener, int epoll)
{
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        struct client *client = calloc(1, sizeof *client);
        if (!client)
            exit(1);
        client->fd = fd;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    size_t request = argc == 3 ? (size_t)atol(argv[1]) : 0;
    size_t reply = argc == 3 ? (size_t)atol(argv[2]) : 0;
    if (request < 1 || reply < 1) {
        fprintf(stderr, "Usage: %s REQUEST REPLY\n", argv[0]);
        return 2;
    }
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int epoll = epoll_create1(EPOLL_CLOEXEC), listener = listen_anywhere();
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr)
                serve(events[i].data.ptr, request, reply);
            else
                accept_all(listener, epoll);
        }
    }
}
