/* Connections of the fuzz target, by non-blocking sockets. */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    PORTS_MAX = 4,
    VERSIONS = 3,
    DESCRIPTORS_MAX = 160,
    PATIENCE_TURNS = 40,
    BUSY_TURNS = 3,
    CUTS_MAX = 20,
    FAILED_WAIT_MS = 5
};

static uint16_t allowed_ports[PORTS_MAX];
static gnutls_certificate_credentials_t credentials;
static gnutls_priority_t priorities[VERSIONS];

void (*fuzz_clean_up)(void);

void fuzz_check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_http: %s\n", what);
    if (fuzz_clean_up)
        fuzz_clean_up();
    abort();
}

uint64_t fuzz_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void fuzz_rest(unsigned turn)
{
    const struct timespec moment = {.tv_nsec = 100000};
    if (turn < BUSY_TURNS)
        sched_yield();
    else
        nanosleep(&moment, NULL);
}

/* In the place of the C library's: a host that an input names is never asked. */
int connect(int fd, const struct sockaddr *address, socklen_t size)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
    for (size_t i = 0; i < PORTS_MAX; i++) {
        if (address->sa_family == AF_INET && size >= sizeof *in && allowed_ports[i] != 0 &&
            in->sin_addr.s_addr == htonl(INADDR_LOOPBACK) &&
            in->sin_port == htons(allowed_ports[i]))
            return (int)syscall(SYS_connect, fd, address, size);
    }
    errno = ECONNREFUSED;
    return -1;
}

void link_allow_port(uint16_t port)
{
    size_t i = 0;
    while (i < PORTS_MAX && allowed_ports[i] != 0)
        i++;
    fuzz_check(i < PORTS_MAX && port != 0, "too many ports");
    allowed_ports[i] = port;
}

void link_prepare_process(void)
{
    static const char *const texts[VERSIONS] = {
        "NORMAL:-CIPHER-ALL:+AES-128-GCM:-GROUP-ALL:+GROUP-SECP256R1",
        "NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
    fuzz_check(gnutls_certificate_allocate_credentials(&credentials) == 0, "credentials");
    for (size_t i = 0; i < VERSIONS; i++)
        fuzz_check(gnutls_priority_init(&priorities[i], texts[i], NULL) == 0, "priorities");
}

/* The server's end has the client's address as that of its peer. -1 before it is accepted. */
static int link_find_server(const struct link *link)
{
    struct sockaddr_in own, peer;
    socklen_t size = sizeof own;
    if (getsockname(link->fd, (struct sockaddr *)&own, &size) != 0)
        return -1;
    for (int fd = 3; fd < DESCRIPTORS_MAX; fd++) {
        size = sizeof peer;
        if (fd != link->fd && getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
            peer.sin_family == AF_INET && peer.sin_port == own.sin_port)
            return fd;
    }
    return -1;
}

/* Waits until the server has read all, so that the cuts of an input are those that the server sees.
 * Gives up when it is busy: it need not read while a request runs. */
static void link_settle(struct link *link)
{
    int unread = 1;
    link->cuts++;
    for (int turn = 0; turn < PATIENCE_TURNS; turn++) {
        if (link->server_fd < 0)
            link->server_fd = link_find_server(link);
        if (link->server_fd >= 0 && (ioctl(link->server_fd, FIONREAD, &unread) != 0 || unread == 0))
            return;
        fuzz_rest((unsigned)turn);
    }
}

static bool link_send_all(struct link *link, const uint8_t *data, size_t len)
{
    uint64_t until = fuzz_now_ms() + FUZZ_WAIT_MS;
    while (len > 0) {
        size_t piece = link->cuts < CUTS_MAX && link->piece < len ? link->piece : len;
        ssize_t sent = send(link->fd, data, piece, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return false; /* the server has closed; what it sent may still be read */
        if (sent < 0) {
            struct pollfd peer = {.fd = link->fd, .events = POLLOUT};
            fuzz_check(fuzz_now_ms() < until, "the server does not read");
            poll(&peer, 1, 100);
            continue;
        }
        data += sent;
        len -= (size_t)sent;
        if (len > 0)
            link_settle(link);
    }
    return true;
}

static ssize_t link_push(gnutls_transport_ptr_t context, const void *data, size_t len)
{
    struct link *link = context;
    if (link_send_all(link, data, len))
        return (ssize_t)len;
    gnutls_transport_set_errno(link->session, EPIPE);
    return -1;
}

static void link_start_session(struct link *link, unsigned versions)
{
    fuzz_check(gnutls_init(&link->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) ==
                       0 &&
                   gnutls_priority_set(link->session, priorities[versions % VERSIONS]) == 0 &&
                   gnutls_credentials_set(link->session, GNUTLS_CRD_CERTIFICATE, credentials) == 0,
               "session");
    gnutls_transport_set_ptr2(link->session, (gnutls_transport_ptr_t)(intptr_t)link->fd, link);
    gnutls_transport_set_push_function(link->session, link_push);
}

void link_open(struct link *link, uint16_t port, bool is_tls, unsigned versions)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    link->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    link->server_fd = -1;
    link->is_tls = is_tls;
    link->piece = LINK_SENT_MAX;
    fuzz_check(link->fd >= 0, "socket");
    if (connect(link->fd, (struct sockaddr *)&address, sizeof address) != 0) {
        struct pollfd peer = {.fd = link->fd, .events = POLLOUT};
        fuzz_check(errno == EINPROGRESS && poll(&peer, 1, FUZZ_WAIT_MS) == 1, "connect");
    }
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (is_tls)
        link_start_session(link, versions);
}

bool link_put(struct link *link, const void *data, size_t len)
{
    if (len > LINK_SENT_MAX - link->sent_len)
        return false;
    memcpy(link->sent + link->sent_len, data, len);
    link->sent_len += len;
    return true;
}

bool link_wait(const struct link *link, int ms)
{
    struct pollfd peer = {.fd = link->fd, .events = POLLIN};
    return poll(&peer, 1, ms) == 1;
}

void link_step_handshake(struct link *link)
{
    if (link->fd < 0 || !link->is_tls || link->is_established || link->has_ended)
        return;
    int rc = gnutls_handshake(link->session);
    link->is_established = rc == 0;
    if (rc != 0 && gnutls_error_is_fatal(rc)) {
        fuzz_check(link->may_fail, gnutls_strerror(rc));
        link->has_ended = true;
    }
}

/* False when the server has refused or ended it, or waits for more after bytes beneath TLS. */
static bool link_shake_hands(struct link *link)
{
    uint64_t until = fuzz_now_ms() + FUZZ_WAIT_MS;
    for (link_step_handshake(link); !link->is_established && !link->has_ended;
         link_step_handshake(link)) {
        if (!link_wait(link, link->may_fail ? FAILED_WAIT_MS : 100) && link->may_fail)
            return false;
        fuzz_check(fuzz_now_ms() < until, "the handshake does not end");
    }
    return link->is_established;
}

void link_flush(struct link *link, size_t piece)
{
    if (link->fd < 0 ||
        (link->flushed == link->sent_len && (!link->is_tls || link->is_established)))
        return;
    link->piece = link->is_tls && piece % 2 == 0 ? LINK_SENT_MAX : piece;
    link->cuts = 0;
    if (link->is_tls && !link_shake_hands(link))
        return;
    while (link->flushed < link->sent_len) {
        size_t left = link->sent_len - link->flushed;
        bool is_cut = link->piece != piece || !link->is_tls;
        size_t len = is_cut && piece < left && link->cuts < CUTS_MAX ? piece : left;
        const uint8_t *data = link->sent + link->flushed;
        link->flushed += len;
        if (link->is_tls ? gnutls_record_send(link->session, data, len) < 0
                         : !link_send_all(link, data, len))
            return;
        link_settle(link);
    }
}

void link_put_beneath(struct link *link, const void *data, size_t len)
{
    link->may_fail = true;
    link->piece = LINK_SENT_MAX;
    if (link->fd >= 0 && link_send_all(link, data, len))
        link_settle(link);
}

/* Before the handshake is complete there are alerts only, which are dropped, and the end. */
static ssize_t link_take_beneath(struct link *link, void *data, size_t size)
{
    ssize_t got = recv(link->fd, data, size, link->may_fail ? 0 : MSG_PEEK);
    if (got > 0) {
        errno = EAGAIN;
        return -1;
    }
    return got;
}

static ssize_t link_take(struct link *link, void *data, size_t size)
{
    if (!link->is_tls)
        return recv(link->fd, data, size, 0);
    if (!link->is_established) /* an alert of the server, or its end */
        return link_take_beneath(link, data, size);
    ssize_t got = gnutls_record_recv(link->session, data, size);
    if (got >= 0 || got == GNUTLS_E_PREMATURE_TERMINATION || got == GNUTLS_E_PULL_ERROR)
        return got > 0 ? got : 0;
    if (gnutls_error_is_fatal((int)got)) {
        fuzz_check(link->may_fail, gnutls_strerror((int)got));
        return 0;
    }
    errno = EAGAIN;
    return -1;
}

bool link_receive(struct link *link)
{
    enum { BLOCK = 1 << 16 };
    size_t before = link->got_len;
    while (link->fd >= 0 && !link->has_ended) {
        if (link->got_size - link->got_len < BLOCK) {
            link->got_size += 2 * BLOCK;
            link->got = realloc(link->got, link->got_size);
            fuzz_check(link->got != NULL, "memory");
        }
        ssize_t got = link_take(link, link->got + link->got_len, BLOCK);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        link->got_len += got > 0 ? (size_t)got : 0;
        link->has_ended = got <= 0;
    }
    return link->got_len > before;
}

void link_end_sending(struct link *link)
{
    if (link->fd < 0)
        return;
    if (link->is_established && !link->may_fail)
        gnutls_bye(link->session, GNUTLS_SHUT_WR);
    shutdown(link->fd, SHUT_WR);
}

void link_close(struct link *link, bool with_reset)
{
    struct linger at_once = {.l_onoff = 1};
    if (link->fd < 0)
        return;
    if (with_reset)
        setsockopt(link->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(link->fd);
    link->fd = -1;
    if (link->session)
        gnutls_deinit(link->session);
    link->session = NULL;
}

void link_finish(struct link *link)
{
    link_close(link, false);
    free(link->got);
    link->got = NULL;
}
