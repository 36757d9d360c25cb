/* Listening sockets: options, the line in the log, the addresses of clients, the sockets that
 * systemd passes. */
#include "net_bed.h"

#include <netinet/tcp.h>

#include "child.h"
#include "common/base/log.h"
#include "modbusd/net/listener.h"

static int listen_at(const char *address, int type)
{
    const struct sockaddr_storage at = bed_address(address, 0);
    int fd = socket(at.ss_family, type | SOCK_CLOEXEC, 0);
    socklen_t size =
        at.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, size) != 0 ||
        (type == SOCK_STREAM && listen(fd, 8) != 0))
        fail_msg("%s: %m", address);
    return fd;
}

static void test_protocols(void **state)
{
    static const enum client_protocol shown[] = {
        [LISTENER_TCP] = CLIENT_TCP,
        [LISTENER_RTU] = CLIENT_RTU,
        [LISTENER_TLS] = CLIENT_TLS,
        [LISTENER_UDP] = CLIENT_UDP,
    };
    (void)state;
    for (enum listener_protocol i = LISTENER_TCP; i <= LISTENER_UDP; i++) {
        const struct listener listener = {.protocol = i};
        assert_int_equal(listener_client_protocol(&listener), shown[i]);
    }
}

static void test_addresses(void **state)
{
    static const struct {
        const char *address, *text;
        uint16_t port;
        uint8_t bytes[16];
    } rows[] = {
        {"10.2.3.4", "10.2.3.4", 258, {[10] = 0xFF, 0xFF, 10, 2, 3, 4}},
        {"::ffff:10.2.3.4", "10.2.3.4", 65535, {[10] = 0xFF, 0xFF, 10, 2, 3, 4}},
        {"fe80::12:34", "fe80::12:34", 1, {0xFE, 0x80, [13] = 0x12, [15] = 0x34}},
        {"::1", "::1", 0, {[15] = 1}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct sockaddr_storage at = bed_address(rows[i].address, rows[i].port);
        struct access_ip ip;
        char text[INET6_ADDRSTRLEN];
        memset(&ip, 0xAA, sizeof ip);
        listener_peer_address(&at, &ip, text);
        assert_string_equal(text, rows[i].text);
        assert_memory_equal(ip.bytes, rows[i].bytes, sizeof ip.bytes);
        assert_int_equal(listener_peer_port(&at), rows[i].port);
    }
}

static int option_of(int fd, int level, int option)
{
    int value = -1;
    socklen_t size = sizeof value;
    assert_int_equal(getsockopt(fd, level, option, &value, &size), 0);
    return value;
}

static void test_options(void **state)
{
    (void)state;
    log_open(LOG_LEVEL_ERROR);
    const struct listener listener = {.fd = listen_at("127.0.0.1", SOCK_STREAM)};
    listener_prepare(&listener);
    assert_int_equal(option_of(listener.fd, IPPROTO_TCP, TCP_NODELAY), 1);
    assert_int_equal(option_of(listener.fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    assert_int_equal(option_of(listener.fd, IPPROTO_TCP, TCP_KEEPIDLE), 60);
    assert_int_equal(option_of(listener.fd, IPPROTO_TCP, TCP_KEEPINTVL), 15);
    assert_int_equal(option_of(listener.fd, IPPROTO_TCP, TCP_KEEPCNT), 4);
    close(listener.fd);
}

/* What the child listens on, and what it is to log. */
static struct listener prepared[6];
static size_t prepared_count;

static void prepare_all(void)
{
    log_open(LOG_LEVEL_INFO);
    for (size_t i = 0; i < prepared_count; i++)
        listener_prepare(&prepared[i]);
}

static void test_lines(void **state)
{
    static const struct {
        const char *address, *shown, *words;
        int type;
        enum side side;
        enum listener_protocol protocol;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1", "scada", SOCK_STREAM, SIDE_SCADA, LISTENER_TCP},
        {"127.0.0.1", "127.0.0.1", "inputs", SOCK_STREAM, SIDE_INPUTS, LISTENER_TCP},
        {"127.0.0.2", "127.0.0.2", "outputs", SOCK_STREAM, SIDE_OUTPUTS, LISTENER_TCP},
        {"127.0.0.1", "127.0.0.1", "scada, Modbus RTU over TCP", SOCK_STREAM, SIDE_SCADA,
         LISTENER_RTU},
        {"0.0.0.0", "0.0.0.0", "scada, TLS", SOCK_STREAM, SIDE_SCADA, LISTENER_TLS},
        {"127.0.0.1", "127.0.0.1", "scada, UDP", SOCK_DGRAM, SIDE_SCADA, LISTENER_UDP},
    };
    char said[4096], line[128];
    (void)state;
    prepared_count = sizeof rows / sizeof rows[0];
    for (size_t i = 0; i < prepared_count; i++)
        prepared[i] = (struct listener){.fd = listen_at(rows[i].address, rows[i].type),
                                        .side = rows[i].side,
                                        .protocol = rows[i].protocol};
    assert_int_equal(run_child(prepare_all, said, sizeof said), 0);
    for (size_t i = 0; i < prepared_count; i++) {
        struct sockaddr_in at;
        socklen_t size = sizeof at;
        assert_int_equal(getsockname(prepared[i].fd, (struct sockaddr *)&at, &size), 0);
        snprintf(line, sizeof line, "info    listening on %s:%u (%s)\n", rows[i].shown,
                 ntohs(at.sin_port), rows[i].words);
        assert_non_null(strstr(said, line));
        close(prepared[i].fd);
    }
}

enum { PASSED_MAX = 9 };

/* What systemd passes, and what is said of it. */
static const char *passed_names;
static int passed[PASSED_MAX];
static size_t passed_count;

static void inherit(void)
{
    static const char *const sides[] = {"scada", "inputs", "outputs"};
    struct listener listeners[LISTENERS_MAX];
    char why[512] = "", text[32];
    int copies[PASSED_MAX];
    for (size_t i = 0; i < passed_count; i++)
        copies[i] = fcntl(passed[i], F_DUPFD, 50);
    for (size_t i = 0; i < passed_count; i++)
        dup2(copies[i], 3 + (int)i);
    snprintf(text, sizeof text, "%d", (int)getpid());
    setenv("LISTEN_PID", text, 1);
    snprintf(text, sizeof text, "%zu", passed_count);
    if (passed_count > 0)
        setenv("LISTEN_FDS", text, 1);
    setenv("LISTEN_FDNAMES", passed_names, 1);
    int count = listener_inherit_all(listeners, why, sizeof why);
    fprintf(stderr, "%d sockets", count);
    for (int i = 0; i < count; i++)
        fprintf(stderr, "; %d %s%s%s%s", listeners[i].fd, sides[listeners[i].side],
                listeners[i].protocol == LISTENER_TLS ? " tls" : "",
                fcntl(listeners[i].fd, F_GETFL) & O_NONBLOCK ? "" : " blocking",
                fcntl(listeners[i].fd, F_GETFD) & FD_CLOEXEC ? "" : " inherited");
    fprintf(stderr, "; %s%s\n", why, getenv("LISTEN_FDS") ? "; still set" : "");
}

static void check_inherited(const char *names, const int *fds, size_t count, const char *expected)
{
    char said[1024];
    passed_names = names;
    memcpy(passed, fds, count * sizeof *fds);
    passed_count = count;
    assert_int_equal(run_child(inherit, said, sizeof said), 0);
    assert_string_equal(said, expected);
}

static void test_sockets_of_systemd(void **state)
{
    int loopback = listen_at("127.0.0.1", SOCK_STREAM), all = listen_at("0.0.0.0", SOCK_STREAM),
        datagrams = listen_at("127.0.0.1", SOCK_DGRAM), ends[2];
    const int four[] = {all, loopback, loopback, all};
    char expected[256];
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    (void)state;
    check_inherited("", four, 0, "0 sockets; \n");
    check_inherited("scada:inputs:outputs:tls", four, 4,
                    "4 sockets; 3 scada; 4 inputs; 5 outputs; 6 scada tls; \n");
    check_inherited("tls", &loopback, 1, "1 sockets; 3 scada tls; \n");
    check_inherited("modbus-12.socket:input", four, 2, "2 sockets; 3 scada; 4 scada; \n");
    check_inherited("scada", &datagrams, 1,
                    "-1 sockets; systemd passed descriptor 3, which is not a listening TCP "
                    "socket\n");
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    const int second[] = {loopback, ends[0], all};
    check_inherited("scada:scada:scada", second, 3,
                    "-1 sockets; systemd passed descriptor 4, which is not a listening TCP "
                    "socket\n");
    const int ninth[] = {all, all, all, all, all, all, all, all, datagrams};
    check_inherited("a:b:c:d:e:f:g:h:i", ninth, 9,
                    "-1 sockets; systemd passed descriptor 11, which is not a listening TCP "
                    "socket\n");
    assert_int_equal(getsockname(all, (struct sockaddr *)&at, &size), 0);
    const int wrong[] = {loopback, all};
    snprintf(expected, sizeof expected,
             "-1 sockets; systemd passed 0.0.0.0:%u for the outputs side, which must be a "
             "loopback address\n",
             ntohs(at.sin_port));
    check_inherited("inputs:outputs", wrong, 2, expected);
    snprintf(expected, sizeof expected,
             "-1 sockets; systemd passed 0.0.0.0:%u for the inputs side, which must be a loopback "
             "address\n",
             ntohs(at.sin_port));
    check_inherited("inputs", &all, 1, expected);
    close(loopback);
    close(all);
    close(datagrams);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_sockets_of_systemd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
