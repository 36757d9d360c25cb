/* TLS with certificates on both sides: a bare echo server of GnuTLS on one epoll thread, which is
 * what the library gives at most, and a load generator for it and for tagferry-modbusd.
 *
 * bench_tls echo CERTIFICATE KEY CA REQUEST REPLY: answers each REQUEST bytes with REPLY bytes;
 * prints its port. bench_tls read CERTIFICATE KEY CA PORT CONNECTIONS SECONDS: reads of 10
 * registers, one in flight on each connection; prints those per second. bench_tls shake CERTIFICATE
 * KEY CA PORT SECONDS: one full handshake after another; prints those per second. */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, EVENTS = 64, BUFFER = 4096, ANSWER = 29 };

static gnutls_certificate_credentials_t credentials;

struct peer {
    int fd;
    bool open;
    gnutls_session_t tls;
};

static void fail(const char *what)
{
    fprintf(stderr, "bench_tls: %s\n", what);
    exit(1);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void load_files(char **files)
{
    gnutls_certificate_allocate_credentials(&credentials);
    if (gnutls_certificate_set_x509_key_file(credentials, files[0], files[1], GNUTLS_X509_FMT_PEM) <
            0 ||
        gnutls_certificate_set_x509_trust_file(credentials, files[2], GNUTLS_X509_FMT_PEM) < 1)
        fail("cannot load the certificates");
}

static void begin_session(struct peer *peer, int fd, unsigned flags, const char *priorities)
{
    static const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    peer->fd = fd;
    gnutls_init(&peer->tls, flags | GNUTLS_NO_SIGNAL);
    gnutls_priority_set_direct(peer->tls, priorities, NULL);
    gnutls_credentials_set(peer->tls, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_transport_set_int(peer->tls, fd);
}

static void end_session(struct peer *peer)
{
    gnutls_deinit(peer->tls);
    close(peer->fd);
}

/* False when the peer has left. */
static bool serve_peer(struct peer *peer, size_t request, size_t reply)
{
    static char in[BUFFER], out[BUFFER];
    if (!peer->open) {
        int rc = gnutls_handshake(peer->tls);
        unsigned status = 0;
        if (rc == GNUTLS_E_AGAIN)
            return true;
        if (rc < 0 || gnutls_certificate_verify_peers2(peer->tls, &status) < 0 || status != 0)
            return false;
        peer->open = true;
    }
    for (;;) {
        ssize_t got = gnutls_record_recv(peer->tls, in, sizeof in);
        if (got == GNUTLS_E_AGAIN)
            return true;
        if (got <= 0 || (size_t)got != request ||
            gnutls_record_send(peer->tls, out, reply) != (ssize_t)reply)
            return false;
    }
}

static void run_echo(size_t request, size_t reply)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN}, events[EVENTS];
    if (bind(listener, (struct sockaddr *)&at, len) != 0 || listen(listener, SOMAXCONN) != 0 ||
        getsockname(listener, (struct sockaddr *)&at, &len) != 0)
        fail("cannot listen");
    printf("%u\n", ntohs(at.sin_port));
    fflush(stdout);
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct peer *peer = events[i].data.ptr;
            if (!peer) {
                int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (fd < 0 || !(peer = calloc(1, sizeof *peer)))
                    fail("cannot accept");
                begin_session(peer, fd, GNUTLS_SERVER | GNUTLS_NONBLOCK, "NORMAL");
                gnutls_certificate_server_set_request(peer->tls, GNUTLS_CERT_REQUIRE);
                event.data.ptr = peer;
                epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
            } else if (!serve_peer(peer, request, reply)) {
                end_session(peer);
                free(peer);
            }
        }
    }
}

static void connect_peer(struct peer *peer, const char *port, const char *priorities)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int rc, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_port = htons((uint16_t)atoi(port));
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
        fail("cannot connect");
    begin_session(peer, fd, GNUTLS_CLIENT, priorities);
    do {
        rc = gnutls_handshake(peer->tls);
    } while (rc < 0 && !gnutls_error_is_fatal(rc));
    if (rc < 0)
        fail(gnutls_strerror(rc));
}

static void send_read(struct peer *peer)
{
    static const char request[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 10};
    if (gnutls_record_send(peer->tls, request, sizeof request) != (ssize_t)sizeof request)
        fail("cannot send");
}

static void take_answer(struct peer *peer)
{
    char answer[BUFFER];
    for (ssize_t len = 0; len < ANSWER;) {
        ssize_t got = gnutls_record_recv(peer->tls, answer, sizeof answer);
        if (got == 0 || (got < 0 && gnutls_error_is_fatal((int)got)))
            fail("the server has closed");
        len += got > 0 ? got : 0;
    }
}

static double run_reads(const char *port, size_t connections, double seconds)
{
    static struct peer peers[CONNECTIONS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < connections; i++)
        connect_peer(&peers[i], port, "NORMAL");
    double began = now_s(), now = began;
    for (; now - began < seconds; now = now_s()) {
        for (size_t i = 0; i < connections; i++)
            send_read(&peers[i]);
        for (size_t i = 0; i < connections; i++)
            take_answer(&peers[i]);
        count += connections;
    }
    return (double)count / (now - began);
}

/* With TLS 1.2 the server's part ends last. */
static double run_handshakes(const char *port, double seconds)
{
    size_t count = 0;
    double began = now_s(), now = began;
    for (; now - began < seconds; now = now_s(), count++) {
        struct peer peer;
        connect_peer(&peer, port, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
        gnutls_bye(peer.tls, GNUTLS_SHUT_WR);
        end_session(&peer);
    }
    return (double)count / (now - began);
}

int main(int argc, char **argv)
{
    if (argc < 7)
        fail("see the source for its arguments");
    load_files(argv + 2);
    if (strcmp(argv[1], "echo") == 0 && argc == 7)
        run_echo((size_t)atoi(argv[5]), (size_t)atoi(argv[6]));
    else if (strcmp(argv[1], "read") == 0 && argc == 8 && atoi(argv[6]) <= CONNECTIONS_MAX)
        printf("%.0f\n", run_reads(argv[5], (size_t)atoi(argv[6]), atof(argv[7])));
    else if (strcmp(argv[1], "shake") == 0 && argc == 7)
        printf("%.0f\n", run_handshakes(argv[5], atof(argv[6])));
    else
        fail("see the source for its arguments");
    return 0;
}
