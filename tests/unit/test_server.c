/* The loop: whom it serves, what it tells the service manager, when it ends, answers that wait for
 * the disk, listeners to the last one. Signals come through a pipe. */
#include "net_bed.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/un.h>

#include "child.h"
#include "common/base/log.h"
#include "modbusd/net/server.h"

static atomic_bool disk_fails;

int __real_msync(void *from, size_t len, int flags);
int __wrap_msync(void *from, size_t len, int flags);

int __wrap_msync(void *from, size_t len, int flags)
{
    errno = EIO;
    return disk_fails ? -1 : __real_msync(from, len, flags);
}

struct server_bed {
    struct bed *bed;
    struct server *server;
    struct syncer *syncer;
    int signals[2];
    int manager; /* what the service manager hears */
    char manager_path[64];
    pthread_t thread;
    bool ok; /* of the loop */
    atomic_uint hangups, beats, answers;
    struct sockaddr_in at[3]; /* of the sides */
    struct sockaddr_in udp_at;
};

static void on_hangup(void *context)
{
    struct server_bed *s = context;
    s->hangups++;
}

static void on_heartbeat(void *context)
{
    struct server_bed *s = context;
    s->beats++;
}

static void on_answered(void *context)
{
    struct server_bed *s = context;
    s->answers++;
}

static void *run_loop(void *context)
{
    struct server_bed *s = context;
    const struct server_hooks hooks = {on_hangup, on_heartbeat, on_answered, s};
    s->ok = server_run_loop(s->server, s->signals[0], &hooks);
    return NULL;
}

static void listen_on(struct server_bed *s, enum side side, enum listener_protocol protocol,
                      struct sockaddr_in *at)
{
    const struct sockaddr_storage place = bed_address("127.0.0.1", 0);
    socklen_t len = sizeof *at;
    const bool is_udp = protocol == LISTENER_UDP;
    struct listener listener = {
        .fd =
            socket(AF_INET, (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
        .side = side,
        .protocol = protocol};
    assert_int_equal(bind(listener.fd, (const struct sockaddr *)&place, sizeof *at), 0);
    assert_true(is_udp || listen(listener.fd, 64) == 0);
    assert_int_equal(getsockname(listener.fd, (struct sockaddr *)at, &len), 0);
    assert_true(server_add_listener(s->server, &listener));
}

static int start(void **state)
{
    struct server_bed *s = calloc(1, sizeof *s);
    void *bed;
    struct sockaddr_un manager = {.sun_family = AF_UNIX};
    if (bed_start(&bed) != 0)
        return -1;
    log_open(LOG_LEVEL_ERROR);
    disk_fails = false;
    *state = s;
    s->bed = bed;
    s->bed->limits = (struct client_limits){.max_connections = 100,
                                            .frame_timeout_ms = 60000,
                                            .write_timeout_ms = 60000,
                                            .allow = &s->bed->rules,
                                            .proxies = &s->bed->proxies};
    snprintf(s->manager_path, sizeof s->manager_path, "%s/manager", s->bed->f->folder);
    strcpy(manager.sun_path, s->manager_path);
    s->manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->manager, (struct sockaddr *)&manager, sizeof manager), 0);
    const struct timeval limit = {.tv_sec = 30};
    assert_int_equal(setsockopt(s->manager, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    setenv("NOTIFY_SOCKET", s->manager_path, 1);
    assert_int_equal(pipe2(s->signals, O_NONBLOCK | O_CLOEXEC), 0);
    s->server = server_create(&s->bed->service, &s->bed->limits);
    assert_non_null(s->server);
    for (enum side side = SIDE_SCADA; side < SIDE_COUNT; side++)
        listen_on(s, side, LISTENER_TCP, &s->at[side]);
    return 0;
}

static void begin(struct server_bed *s)
{
    assert_int_equal(pthread_create(&s->thread, NULL, run_loop, s), 0);
}

static void raise_signals(const struct server_bed *s, const int *numbers, size_t count)
{
    struct signalfd_siginfo infos[4];
    memset(infos, 0, sizeof infos);
    for (size_t i = 0; i < count; i++)
        infos[i].ssi_signo = (uint32_t)numbers[i];
    assert_int_equal(write(s->signals[1], infos, count * sizeof infos[0]), count * sizeof infos[0]);
}

static void finish_loop(struct server_bed *s, int signal_number)
{
    raise_signals(s, &signal_number, 1);
    assert_int_equal(pthread_join(s->thread, NULL), 0);
    assert_true(s->ok);
}

static int end(void **state)
{
    struct server_bed *s = *state;
    void *bed = s->bed;
    server_destroy(s->server);
    syncer_destroy(s->syncer);
    assert_int_equal(bed_shown(s->bed, NULL), 0);
    unsetenv("NOTIFY_SOCKET");
    close(s->manager);
    unlink(s->manager_path);
    close(s->signals[0]);
    close(s->signals[1]);
    free(s);
    server_destroy(NULL);
    return bed_end(&bed);
}

static int connect_to(const struct sockaddr_in *at)
{
    const struct timeval limit = {.tv_sec = 30};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)at, sizeof *at), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    return fd;
}

static const uint8_t read_one[] = {0, 9, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1};
static const uint8_t write_one[] = {0, 8, 0, 0, 0, 6, 1, 6, 0, 0, 0x12, 0x34};

static void check_answer(int fd, const void *expected, size_t len)
{
    uint8_t got[300];
    assert_int_equal(recv(fd, got, len, MSG_WAITALL), len);
    assert_memory_equal(got, expected, len);
}

static void ask(int fd)
{
    uint8_t got[11];
    assert_int_equal(send(fd, read_one, sizeof read_one, 0), sizeof read_one);
    assert_int_equal(recv(fd, got, sizeof got, MSG_WAITALL), sizeof got);
    assert_int_equal(got[1], 9);
    assert_int_equal(got[7], 3);
}

/* Waits until the service manager hears this; other things may come before. */
static void hear(const struct server_bed *s, const char *text)
{
    char heard[300];
    ssize_t len;
    do {
        len = recv(s->manager, heard, sizeof heard - 1, 0);
        if (len < 0)
            fail_msg("not heard: %s", text);
        heard[len] = '\0';
    } while (strcmp(heard, text) != 0);
}

static void test_status_in_words(void **state)
{
    struct server_bed *s = *state;
    int fds[23];
    begin(s);
    hear(s, "WATCHDOG=1");
    fds[0] = connect_to(&s->at[SIDE_SCADA]);
    hear(s, "STATUS=12 units, 1 SCADA client, 0 process connections");
    fds[1] = connect_to(&s->at[SIDE_INPUTS]);
    hear(s, "STATUS=12 units, 1 SCADA client, 1 process connection");
    for (size_t i = 2; i < 13; i++)
        fds[i] = connect_to(&s->at[SIDE_SCADA]);
    for (size_t i = 13; i < 23; i++)
        fds[i] = connect_to(&s->at[SIDE_OUTPUTS]);
    ask(fds[12]); /* it was the last one of SCADA */
    ask(fds[22]);
    hear(s, "STATUS=12 units, 12 SCADA clients, 11 process connections");
    assert_int_equal(bed_count(s->bed, MODBUSD_CONNECTIONS), 12);
    assert_int_equal(bed_count(s->bed, MODBUSD_PROCESS_CONNECTIONS), 11);
    assert_true(s->beats > 0 && s->answers > 1);
    assert_true(bed_count(s->bed, MODBUSD_BEAT_MS) > 0);
    assert_true(bed_count(s->bed, MODBUSD_SLOWEST_TURN_US) > 0);
    finish_loop(s, SIGTERM);
    for (size_t i = 0; i < 23; i++)
        close(fds[i]);
}

/* Several SIGHUPs that wait are one; SIGINT ends the loop like SIGTERM, and also in their company.
 */
static void test_signals(void **state)
{
    static const int hangups[] = {SIGHUP, SIGHUP, SIGHUP}, both[] = {SIGHUP, SIGTERM};
    struct server_bed *s = *state;
    raise_signals(s, hangups, 3);
    begin(s);
    int fd = connect_to(&s->at[SIDE_SCADA]);
    ask(fd);
    assert_int_equal(s->hangups, 1);
    raise_signals(s, hangups, 1);
    hear(s, "WATCHDOG=1"); /* it goes on */
    ask(fd);
    assert_int_equal(s->hangups, 2);
    finish_loop(s, SIGINT);
    assert_int_equal(s->hangups, 2);
    close(fd);
    server_destroy(s->server);
    s->server = server_create(&s->bed->service, &s->bed->limits);
    raise_signals(s, both, 2);
    run_loop(s);
    assert_true(s->ok);
    assert_int_equal(s->hangups, 3);
}

/* More requests at once than a turn answers; then both close. */
static void test_many_requests(void **state)
{
    enum { MANY = 300 };
    struct server_bed *s = *state;
    static uint8_t flood[MANY * sizeof read_one], answers[MANY * 11];
    begin(s);
    int fd = connect_to(&s->at[SIDE_SCADA]), quiet = connect_to(&s->at[SIDE_SCADA]);
    for (size_t i = 0; i < MANY; i++)
        memcpy(flood + i * sizeof read_one, read_one, sizeof read_one);
    assert_int_equal(send(fd, flood, sizeof flood, 0), sizeof flood);
    assert_int_equal(recv(fd, answers, sizeof answers, MSG_WAITALL), sizeof answers);
    ask(quiet);
    assert_int_equal(send(fd, flood, sizeof flood - 3, 0), sizeof flood - 3);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_int_equal(recv(fd, answers, sizeof answers, MSG_WAITALL), sizeof answers - 11);
    assert_int_equal(bed_count(s->bed, MODBUSD_REQUESTS_3), 2 * MANY);
    ask(quiet);
    finish_loop(s, SIGTERM);
    assert_int_equal(bed_count(s->bed, MODBUSD_CONNECTIONS), 1);
    close(fd);
    close(quiet);
}

static void hold_writes(struct server_bed *s)
{
    s->syncer = syncer_create(&s->bed->f->image, &s->bed->counters, 0);
    assert_non_null(s->syncer);
    assert_true(server_hold_writes(s->server, s->syncer));
    listen_on(s, SIDE_SCADA, LISTENER_UDP, &s->udp_at);
}

static int udp_client(const struct server_bed *s)
{
    const struct timeval limit = {.tv_sec = 30};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&s->udp_at, sizeof s->udp_at), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    return fd;
}

static void test_held_writes(void **state)
{
    struct server_bed *s = *state;
    hold_writes(s);
    begin(s);
    int fd = connect_to(&s->at[SIDE_SCADA]), udp = udp_client(s);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(send(fd, write_one, sizeof write_one, 0), sizeof write_one);
        check_answer(fd, write_one, sizeof write_one);
        assert_int_equal(send(udp, write_one, sizeof write_one, 0), sizeof write_one);
        check_answer(udp, write_one, sizeof write_one);
        ask(fd);
    }
    assert_true(bed_count(s->bed, MODBUSD_IMAGE_SYNCS) > 0);
    finish_loop(s, SIGTERM);
    close(fd);
    close(udp);
}

/* A write that cannot be stored has no answer: its client is closed, and listed with the reason. */
static void test_writes_that_are_not_stored(void **state)
{
    struct server_bed *s = *state;
    uint8_t byte;
    hold_writes(s);
    disk_fails = true;
    begin(s);
    int fd = connect_to(&s->at[SIDE_SCADA]), reader = connect_to(&s->at[SIDE_SCADA]);
    assert_int_equal(send(fd, write_one, sizeof write_one, 0), sizeof write_one);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    ask(reader);
    const struct client_refusal refusal = bed_refusal(s->bed);
    assert_int_equal(refusal.reason, CLIENT_NOT_STORED);
    assert_string_equal(refusal.detail, "its write could not be stored on the disk");
    assert_true(bed_count(s->bed, MODBUSD_IMAGE_SYNC_FAILURES) > 0);
    disk_fails = false;
    int again = connect_to(&s->at[SIDE_SCADA]);
    assert_int_equal(send(again, write_one, sizeof write_one, 0), sizeof write_one);
    check_answer(again, write_one, sizeof write_one);
    finish_loop(s, SIGTERM);
    close(fd);
    close(reader);
    close(again);
}

static void test_review(void **state)
{
    struct server_bed *s = *state;
    begin(s);
    int fd = connect_to(&s->at[SIDE_SCADA]), process = connect_to(&s->at[SIDE_INPUTS]);
    uint8_t byte;
    ask(fd);
    ask(process);
    finish_loop(s, SIGTERM);
    bed_set_rules(s->bed, "10.0.0.9 rw");
    server_review_clients(s->server);
    server_destroy(s->server);
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    assert_int_equal(recv(process, &byte, 1, 0), 0);
    s->server = NULL;
    assert_int_equal(bed_refusal(s->bed).reason, CLIENT_RULE_CHANGED);
    close(fd);
    close(process);
}

/* The 65th listener is refused, and stays the caller's; so does one that cannot be waited for. */
static void test_listeners(void **state)
{
    struct server_bed *s = *state;
    struct sockaddr_in at;
    struct listener bad = {.fd = open("/dev/null", O_RDONLY | O_CLOEXEC)};
    errno = 0;
    assert_false(server_add_listener(s->server, &bad));
    assert_int_equal(errno, EPERM);
    bad.protocol = LISTENER_UDP;
    assert_false(server_add_listener(s->server, &bad));
    assert_true(fcntl(bad.fd, F_GETFD) >= 0);
    for (size_t i = 3; i < LISTENERS_MAX; i++)
        listen_on(s, SIDE_SCADA, i % 2 ? LISTENER_UDP : LISTENER_RTU, &at);
    errno = 0;
    assert_false(server_add_listener(s->server, &bad));
    assert_int_equal(errno, ENOSPC);
    assert_true(fcntl(bad.fd, F_GETFD) >= 0);
    close(bad.fd);
}

static struct server_bed *lost;

static void run_without_signals(void)
{
    const struct server_hooks hooks = {on_hangup, on_heartbeat, on_answered, lost};
    log_open(LOG_LEVEL_INFO);
    fprintf(stderr, "%d\n", server_run_loop(lost->server, -1, &hooks));
}

static void test_no_signals(void **state)
{
    char said[512];
    lost = *state;
    assert_int_equal(run_child(run_without_signals, said, sizeof said), 0);
    assert_non_null(strstr(said, "error   cannot wait for signals: Bad file descriptor\n0\n"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    static const struct CMUnitTest tests[] = {
        TEST(test_status_in_words),
        TEST(test_signals),
        TEST(test_many_requests),
        TEST(test_held_writes),
        TEST(test_writes_that_are_not_stored),
        TEST(test_review),
        TEST(test_listeners),
        TEST(test_no_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
