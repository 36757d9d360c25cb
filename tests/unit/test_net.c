/* Addresses, connections and listening sockets: exact limits, reasons, what is left after a
 * failure. */
#include "check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/net.h"

#define H16  "hhhhhhhhhhhhhhhh"
#define H128 H16 H16 H16 H16 H16 H16 H16 H16
#define H255 H128 H16 H16 H16 H16 H16 H16 H16 "hhhhhhhhhhhhhhh"

static void test_parse(void **state)
{
    static const struct {
        const char *text, *host; /* host NULL: refused */
        unsigned port;
    } rows[] = {
        {"a:0", "a", 0},
        {"a:1", "a", 1},
        {"127.0.0.1:65535", "127.0.0.1", 65535},
        {"127.0.0.1:65536", NULL, 0},
        {"a:00012", "a", 12},
        {"a:000012", NULL, 0},
        {"a:99999", NULL, 0},
        {"[fe80::12]:502", "fe80::12", 502},
        {"[a]:7", "a", 7},
        {"[::1]:", NULL, 0},
        {"[::1]", NULL, 0},
        {"[::1]x:5", NULL, 0},
        {"[::1", NULL, 0},
        {"[]:5", NULL, 0},
        {"[::1]:5x", NULL, 0},
        {"::1:502", NULL, 0},
        {"a:1:2", NULL, 0},
        {":502", NULL, 0},
        {"a", NULL, 0},
        {"", NULL, 0},
        {"a:", NULL, 0},
        {"a:-1", NULL, 0},
        {"a:+1", NULL, 0},
        {"a: 1", NULL, 0},
        {"a b:1", NULL, 0},
        {"a\tb:1", NULL, 0},
        {H255 ":12", H255, 12},
        {H255 "h:12", NULL, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct net_addr addr = {.host = "before", .port = 99};
        char why[NET_WHY_SIZE] = "", expected[NET_WHY_SIZE] = "";
        const bool good = net_addr_parse(rows[i].text, &addr, why, sizeof why);
        check_row(good == (rows[i].host != NULL), rows[i].text);
        if (!good)
            snprintf(expected, sizeof expected,
                     "\"%s\" is not an address such as \"127.0.0.1:8502\" or \"[::1]:8502\"",
                     rows[i].text);
        assert_string_equal(why, expected);
        assert_string_equal(addr.host, good ? rows[i].host : "before");
        assert_int_equal(addr.port, good ? rows[i].port : 99);
    }
}

static void test_server(void **state)
{
    struct net_addr addr;
    char why[NET_WHY_SIZE] = "";
    (void)state;
    assert_true(net_server_parse("plc:1", &addr, why, sizeof why));
    assert_int_equal(addr.port, 1);
    assert_false(net_server_parse("plc:0", &addr, why, sizeof why));
    assert_string_equal(why, "\"plc:0\" has port 0, on which no server can be reached");
    assert_false(net_server_parse("plc", &addr, why, sizeof why));
    assert_string_equal(why,
                        "\"plc\" is not an address such as \"127.0.0.1:8502\" or \"[::1]:8502\"");
}

static void test_format(void **state)
{
    static const struct {
        struct net_addr addr;
        const char *text;
    } rows[] = {{{"10.0.0.9", 502}, "10.0.0.9:502"},
                {{"fe80::1", 65535}, "[fe80::1]:65535"},
                {{"plc", 0}, "plc:0"},
                {{H255, 65535}, H255 ":65535"}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[NET_TEXT_SIZE];
        net_addr_format(&rows[i].addr, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void test_normalise(void **state)
{
    static const struct {
        const char *host, *text;
    } rows[] = {
        {"PLC-1.Example", "plc-1.example"},
        {"plc.example.", "plc.example"},
        {"plc..", "plc."},
        {".", "."},
        {"", ""},
        {"a.", "a"},
        {"localhost", "127.0.0.1"},
        {"LocalHost.", "127.0.0.1"},
        {"localhost2", "localhost2"},
        {"10.0.0.9", "10.0.0.9"},
        {"::FFFF:10.0.0.9", "10.0.0.9"},
        {"::ffff:0a00:0009", "10.0.0.9"},
        {"::fffe:10.0.0.9", "::fffe:a00:9"},
        {"FE80:0:0::1", "fe80::1"},
        {H255, H255},
        {H255 "h", H255},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[NET_HOST_SIZE];
        net_host_normalise(rows[i].host, text);
        assert_string_equal(text, rows[i].text);
    }
    const struct net_addr one = {"PLC.", 502}, same = {"plc", 502}, port = {"plc", 503},
                          host = {"plc2", 502};
    assert_true(net_addr_is_equal(&one, &same));
    assert_false(net_addr_is_equal(&one, &port));
    assert_false(net_addr_is_equal(&one, &host));
}

static void test_loopback(void **state)
{
    static const struct {
        const char *host;
        bool is_loopback;
    } rows[] = {{"126.255.255.255", false},
                {"127.0.0.0", true},
                {"127.255.255.255", true},
                {"128.0.0.0", false},
                {"::1", true},
                {"::2", false},
                {"::", false},
                {"LOCALHOST", true},
                {"localhost.", false},
                {"plc", false},
                {"127.0.0.1.", false},
                {"1.0.0.127", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(net_host_is_loopback(rows[i].host) == rows[i].is_loopback, rows[i].host);
}

static void test_both_families(void **state)
{
    static const struct net_addr addrs[] = {
        {"::", 502}, {"::", 503},     {"10.0.0.9", 503}, {"::1", 502},     {"plc", 504},
        {"::", 504}, {"10.0.0.9", 0}, {"::", 0},         {"0.0.0.0", 505}, {"0:0::0:0", 506}};
    static const bool both[] = {true, false, false, false, false, false, false, true, false, true};
    (void)state;
    for (size_t i = 0; i < COUNT(addrs); i++)
        assert_int_equal(net_serves_both_families(addrs, COUNT(addrs), i), both[i]);
}

/* The lowest descriptor that is free: shows what is left open. */
static int lowest_free(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static void check_flags(int fd)
{
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static int option_of(int fd, int level, int option)
{
    int value = -1;
    socklen_t size = sizeof value;
    assert_int_equal(getsockopt(fd, level, option, &value, &size), 0);
    return value;
}

static void test_listen(void **state)
{
    struct net_addr addr = {"127.0.0.1", 0};
    char why[NET_WHY_SIZE] = "", expected[NET_WHY_SIZE];
    const int free_before = lowest_free();
    (void)state;
    const int fd = net_listen(&addr, false, why, sizeof why);
    assert_true(fd >= 0);
    check_flags(fd);
    assert_string_equal(why, "");
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
    assert_int_equal(option_of(fd, SOL_SOCKET, SO_REUSEADDR), 1);
    addr.port = net_bound_port(fd);
    assert_true(addr.port > 0);

    const int free_now = lowest_free();
    assert_int_equal(net_listen(&addr, false, why, sizeof why), -1);
    assert_int_equal(errno, EADDRINUSE);
    snprintf(expected, sizeof expected, "cannot listen on 127.0.0.1:%u: Address already in use",
             addr.port);
    assert_string_equal(why, expected);
    assert_int_equal(lowest_free(), free_now);

    const int datagrams = net_listen_udp(&addr, false, why, sizeof why);
    assert_true(datagrams >= 0); /* of another protocol */
    check_flags(datagrams);
    assert_int_equal(option_of(datagrams, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
    assert_int_equal(option_of(datagrams, SOL_SOCKET, SO_REUSEADDR), 0);
    assert_int_equal(net_bound_port(datagrams), addr.port);
    assert_int_equal(net_listen_udp(&addr, false, why, sizeof why), -1);
    assert_int_equal(errno, EADDRINUSE);
    close(datagrams);
    close(fd);

    const struct net_addr elsewhere = {"192.0.2.1", 8502}; /* nobody's */
    assert_int_equal(net_listen(&elsewhere, false, why, sizeof why), -1);
    assert_int_equal(errno, EADDRNOTAVAIL);
    assert_string_equal(why, "cannot listen on 192.0.2.1:8502: Cannot assign requested address");
    const struct net_addr nonsense = {"256.1.1.1x y", 8502};
    assert_int_equal(net_listen(&nonsense, false, why, sizeof why), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(lowest_free(), free_before);

    assert_true(net_is_unavailable(EADDRINUSE));
    assert_true(net_is_unavailable(EACCES));
    assert_false(net_is_unavailable(EADDRNOTAVAIL));
    assert_false(net_is_unavailable(0));
}

static void test_listen_on_ipv6(void **state)
{
    const struct net_addr addr = {"::", 0};
    char why[NET_WHY_SIZE];
    (void)state;
    for (int both = 0; both <= 1; both++) {
        int fd = net_listen(&addr, both, why, sizeof why);
        if (fd < 0 && errno == EAFNOSUPPORT)
            return;
        assert_true(fd >= 0);
        assert_int_equal(option_of(fd, IPPROTO_IPV6, IPV6_V6ONLY), !both);
        assert_true(net_bound_port(fd) > 0);
        close(fd);
    }
}

static void test_bound_port(void **state)
{
    (void)state;
    assert_int_equal(net_bound_port(-1), 0);
    assert_int_equal(net_bound_port(0), 0); /* no socket */
}

static void test_connect(void **state)
{
    struct net_addr addr = {"127.0.0.1", 0};
    char why[NET_WHY_SIZE] = "";
    const int free_before = lowest_free();
    (void)state;
    int listening = net_listen(&addr, false, why, sizeof why);
    addr.port = net_bound_port(listening);
    int fd = net_connect(&addr, 20000, why, sizeof why);
    assert_true(fd >= 0);
    check_flags(fd);
    assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    assert_string_equal(why, "");
    struct pollfd readable = {.fd = listening, .events = POLLIN};
    assert_int_equal(poll(&readable, 1, 20000), 1);
    close(fd);
    close(listening);

    assert_int_equal(net_connect(&addr, 20000, why, sizeof why), -1);
    assert_int_equal(errno, ECONNREFUSED);
    assert_string_equal(why, "Connection refused");
    assert_int_equal(lowest_free(), free_before);
}

/* A queue that is full answers nobody: the attempt ends after its time. */
static void test_connect_in_vain(void **state)
{
    struct net_addr addr = {"127.0.0.1", 0};
    char why[NET_WHY_SIZE] = "";
    int fds[8];
    (void)state;
    int listening = net_listen(&addr, false, why, sizeof why);
    addr.port = net_bound_port(listening);
    assert_int_equal(listen(listening, 0), 0);
    size_t count = 0;
    while (count < COUNT(fds) && (fds[count] = net_connect(&addr, 50, why, sizeof why)) >= 0)
        count++;
    assert_true(count < COUNT(fds));
    assert_int_equal(errno, ETIMEDOUT);
    assert_string_equal(why, "Connection timed out");
    while (count > 0)
        close(fds[--count]);
    close(listening);
}

struct watched {
    int seen[4];
    size_t count;
    bool goes_on;
};

static bool watch(void *context, int fd)
{
    struct watched *watched = context;
    struct stat st;
    if (watched->count < 4)
        watched->seen[watched->count] = fd < 0 ? -1 : fstat(fd, &st) == 0;
    watched->count++;
    return watched->goes_on;
}

static void test_watched(void **state)
{
    struct net_addr addr = {"127.0.0.1", 0};
    char why[NET_WHY_SIZE] = "";
    const int free_before = lowest_free();
    (void)state;
    int listening = net_listen(&addr, false, why, sizeof why);
    addr.port = net_bound_port(listening);
    struct watched watched = {.goes_on = false};
    assert_int_equal(net_connect_watched(&addr, 20000, watch, &watched, why, sizeof why), -1);
    assert_int_equal(errno, ECANCELED);
    assert_string_equal(why, "Operation canceled");
    assert_int_equal(watched.count, 2);
    assert_int_equal(watched.seen[0], 1);
    assert_int_equal(watched.seen[1], -1);

    watched = (struct watched){.goes_on = true};
    int fd = net_connect_watched(&addr, 20000, watch, &watched, why, sizeof why);
    assert_true(fd >= 0);
    assert_int_equal(watched.count, 1);
    assert_int_equal(watched.seen[0], 1);
    close(fd);
    close(listening);
    watched = (struct watched){.goes_on = true};
    assert_int_equal(net_connect_watched(&addr, 20000, watch, &watched, why, sizeof why), -1);
    assert_int_equal(watched.count, 2);
    assert_int_equal(watched.seen[1], -1);
    assert_int_equal(lowest_free(), free_before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),           cmocka_unit_test(test_server),
        cmocka_unit_test(test_format),          cmocka_unit_test(test_normalise),
        cmocka_unit_test(test_loopback),        cmocka_unit_test(test_both_families),
        cmocka_unit_test(test_listen),          cmocka_unit_test(test_listen_on_ipv6),
        cmocka_unit_test(test_bound_port),      cmocka_unit_test(test_connect),
        cmocka_unit_test(test_connect_in_vain), cmocka_unit_test(test_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
