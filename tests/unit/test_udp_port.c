/* Datagrams: which are answered, whom the table shows, whose answers wait for the disk, who is
 * forgotten. */
#include "net_bed.h"

#include "common/base/log.h"
#include "modbusd/net/udp_port.h"

enum { HELD_MAX = 128, PEERS_MAX = 256, TURN_MAX = 32, WHOLE_MAX = MBAP_SIZE + PDU_LONG_MAX };

struct udp_bed {
    struct bed *bed;
    struct udp_port *port;
    int fd;
    struct sockaddr_in at; /* of the port */
};

static int udp_socket(const char *address, struct sockaddr_in *at)
{
    struct sockaddr_storage place = bed_address(address, 0);
    socklen_t len = sizeof *at;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&place, sizeof *at), 0);
    if (at)
        assert_int_equal(getsockname(fd, (struct sockaddr *)at, &len), 0);
    return fd;
}

static int start(void **state)
{
    struct udp_bed *u = calloc(1, sizeof *u);
    void *bed;
    if (bed_start(&bed) != 0)
        return -1;
    log_open(LOG_LEVEL_ERROR);
    u->bed = bed;
    u->fd = udp_socket("127.0.0.1", &u->at);
    u->port = udp_port_create(u->fd, &u->bed->clients);
    assert_non_null(u->port);
    *state = u;
    return 0;
}

static int end(void **state)
{
    struct udp_bed *u = *state;
    void *bed = u->bed;
    udp_port_destroy(u->port);
    close(u->fd);
    assert_int_equal(bed_shown(u->bed, NULL), 0);
    free(u);
    udp_port_destroy(NULL);
    return bed_end(&bed);
}

static void send_to(const struct udp_bed *u, int fd, const void *bytes, size_t len)
{
    assert_int_equal(sendto(fd, bytes, len, 0, (const struct sockaddr *)&u->at, sizeof u->at), len);
}

static const uint8_t read_two[] = {0x12, 0x34, 0, 0, 0, 6, 1, 3, 0, 10, 0, 2};
static const uint8_t write_one[] = {0x12, 0x35, 0, 0, 0, 6, 1, 6, 0, 10, 0x56, 0x78};

/* The answer must be these bytes, from the port. */
static void check_answer(const struct udp_bed *u, int fd, const void *bytes, size_t len)
{
    uint8_t got[300];
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    assert_int_equal(recvfrom(fd, got, sizeof got, 0, (struct sockaddr *)&from, &size), len);
    assert_memory_equal(got, bytes, len);
    assert_int_equal(from.sin_port, u->at.sin_port);
    assert_int_equal(from.sin_addr.s_addr, u->at.sin_addr.s_addr);
}

static void check_silence(int fd)
{
    uint8_t byte;
    assert_int_equal(recv(fd, &byte, 1, 0), -1);
}

static void test_answers(void **state)
{
    static const uint8_t answer[] = {0x12, 0x34, 0, 0, 0, 7, 1, 3, 4, 0x56, 0x78, 0, 0};
    struct udp_bed *u = *state;
    struct sockaddr_in own;
    struct client_facts facts;
    int fd = udp_socket("127.0.0.2", &own);
    send_to(u, fd, write_one, sizeof write_one);
    send_to(u, fd, read_two, sizeof read_two);
    assert_false(udp_port_serve(u->port, 0));
    check_answer(u, fd, write_one, sizeof write_one);
    check_answer(u, fd, answer, sizeof answer);
    check_silence(fd);
    assert_int_equal(bed_count(u->bed, MODBUSD_BYTES_IN), 24);
    assert_int_equal(bed_count(u->bed, MODBUSD_BYTES_OUT), 25);
    assert_int_equal(bed_count(u->bed, MODBUSD_UDP_MALFORMED), 0);

    assert_int_equal(bed_shown(u->bed, &facts), 1);
    assert_int_equal(facts.port, ntohs(own.sin_port));
    assert_int_equal(facts.protocol, CLIENT_UDP);
    assert_int_equal(facts.side, CLIENT_SCADA);
    assert_int_equal(facts.since_ms, BED_NOW + BED_OFFSET);
    static const uint8_t address[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 2};
    assert_memory_equal(facts.address, address, sizeof address);
    assert_int_equal(facts.requests, 0);
    u->bed->service.now += 34;
    udp_port_publish_requests(u->port);
    bed_shown(u->bed, &facts);
    assert_int_equal(facts.requests, 2);
    assert_int_equal(facts.last_ms, BED_NOW + BED_OFFSET);
    assert_int_equal(facts.last.start, 10);
    close(fd);
}

static void test_what_is_not_answered(void **state)
{
    struct udp_bed *u = *state;
    static uint8_t longest[WHOLE_MAX + 2] = {0, 1, 0, 0, 0x03, 0xFF, 1, 16, 0, 0, 0, 124, 248};
    static const struct {
        const char *name;
        uint8_t bytes[16];
        size_t len;
    } rows[] = {
        {"empty", {0}, 0},
        {"a part of the header", {0, 1, 0, 0, 0, 6}, 6},
        {"a byte is missing", {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0}, 11},
        {"a byte too many", {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1, 0}, 13},
        {"another protocol", {0, 1, 0, 1, 0, 6, 1, 3, 0, 0, 0, 1}, 12},
        {"an answer", {0, 1, 0, 0, 0, 3, 1, 0x83, 2}, 9},
        {"function 128", {0, 1, 0, 0, 0, 2, 1, 0x80}, 8},
    };
    int fd = udp_socket("127.0.0.2", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        send_to(u, fd, rows[i].bytes, rows[i].len);
        assert_false(udp_port_serve(u->port, 12));
        assert_int_equal(bed_count(u->bed, MODBUSD_UDP_MALFORMED), i + 1);
        check_silence(fd);
    }
    assert_int_equal(bed_shown(u->bed, NULL), 0);
    /* The longest request is refused with an exception, a longer datagram is not answered. */
    static const uint8_t refused[] = {0, 1, 0, 0, 0, 3, 1, 0x90, 3};
    send_to(u, fd, longest, WHOLE_MAX);
    assert_false(udp_port_serve(u->port, 0));
    check_answer(u, fd, refused, sizeof refused);
    longest[4] = 4, longest[5] = 0;
    send_to(u, fd, longest, WHOLE_MAX + 1);
    assert_false(udp_port_serve(u->port, 0));
    check_silence(fd);
    assert_int_equal(bed_count(u->bed, MODBUSD_UDP_MALFORMED), 8);
    /* Function 127 is answered. */
    static const uint8_t last[] = {0, 1, 0, 0, 0, 2, 1, 0x7F},
                         no[] = {0, 1, 0, 0, 0, 3, 1, 0xFF, 1};
    send_to(u, fd, last, sizeof last);
    assert_false(udp_port_serve(u->port, 0));
    check_answer(u, fd, no, sizeof no);
    close(fd);
}

/* Two servers must not answer one another for ever. */
static void test_the_same_port(void **state)
{
    struct udp_bed *u = *state;
    struct sockaddr_storage place = bed_address("127.0.0.9", ntohs(u->at.sin_port));
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&place, sizeof(struct sockaddr_in)), 0);
    send_to(u, fd, read_two, sizeof read_two);
    assert_false(udp_port_serve(u->port, 0));
    check_silence(fd);
    assert_int_equal(bed_count(u->bed, MODBUSD_UDP_MALFORMED), 1);
    close(fd);
}

static void test_rules(void **state)
{
    struct udp_bed *u = *state;
    struct sockaddr_in own;
    bed_set_rules(u->bed, "127.0.0.2 ro");
    int fd = udp_socket("127.0.0.3", &own), other = udp_socket("127.0.0.2", NULL);
    for (uint64_t i = 1; i <= 12; i++) {
        send_to(u, fd, read_two, sizeof read_two);
        assert_false(udp_port_serve(u->port, 0));
        check_silence(fd);
        assert_int_equal(bed_count(u->bed, MODBUSD_UDP_REFUSED), i);
        assert_int_equal(bed_count(u->bed, MODBUSD_REFUSED_RULE), 1);
    }
    bed_check_refusal(u->bed, "127.0.0.3", ntohs(own.sin_port), CLIENT_SCADA, CLIENT_NO_RULE,
                      BED_NOW + BED_OFFSET, 1, "no allow rule matches its address");
    assert_int_equal(bed_shown(u->bed, NULL), 0);
    udp_port_publish_requests(u->port);
    udp_port_keep_table(u->port, true);
    assert_int_equal(bed_shown(u->bed, NULL), 0);

    static const uint8_t refused[] = {0x12, 0x35, 0, 0, 0, 3, 1, 0x86, 1};
    send_to(u, other, write_one, sizeof write_one);
    assert_false(udp_port_serve(u->port, 12));
    check_answer(u, other, refused, sizeof refused);

    bed_set_rules(u->bed, "127.0.0.3 rw");
    udp_port_forget_peers(u->port);
    assert_int_equal(bed_shown(u->bed, NULL), 0);
    send_to(u, fd, write_one, sizeof write_one);
    send_to(u, other, read_two, sizeof read_two);
    assert_false(udp_port_serve(u->port, 0));
    check_answer(u, fd, write_one, sizeof write_one);
    check_silence(other);
    assert_int_equal(bed_count(u->bed, MODBUSD_REFUSED_RULE), 2);
    close(fd);
    close(other);
}

static void test_turns(void **state)
{
    struct udp_bed *u = *state;
    uint8_t answer[300];
    int fd = udp_socket("127.0.0.2", NULL);
    for (size_t i = 0; i < TURN_MAX + 1; i++)
        send_to(u, fd, read_two, sizeof read_two);
    assert_false(udp_port_serve(u->port, 0));
    for (size_t i = 0; i < TURN_MAX; i++)
        assert_int_equal(recv(fd, answer, sizeof answer, 0), 13);
    check_silence(fd);
    assert_false(udp_port_serve(u->port, 0));
    assert_int_equal(recv(fd, answer, sizeof answer, 0), 13);
    close(fd);
}

/* Answers to writes wait for their sync: they are sent when it is complete, and dropped if it
 * failed. Others are sent at once. */
static void test_held_answers(void **state)
{
    struct udp_bed *u = *state;
    struct syncer_results news = {.done = 10};
    uint8_t answer[300], writes[5][sizeof write_one];
    int fd = udp_socket("127.0.0.2", NULL);
    for (uint8_t i = 0; i < 5; i++) {
        memcpy(writes[i], write_one, sizeof write_one);
        writes[i][1] = i;
        writes[i][11] = i;
        send_to(u, fd, writes[i], sizeof writes[i]);
        send_to(u, fd, read_two, sizeof read_two);
        assert_true(udp_port_serve(u->port, 11 + i));
        assert_int_equal(recv(fd, answer, sizeof answer, 0), 13);
        check_silence(fd);
    }
    send_to(u, fd, read_two, sizeof read_two);
    assert_false(udp_port_serve(u->port, 16));
    assert_int_equal(recv(fd, answer, sizeof answer, 0), 13);
    udp_port_release_held(u->port, &news);
    check_silence(fd);
    news = (struct syncer_results){.done = 13, .failed = 12};
    udp_port_release_held(u->port, &news);
    check_answer(u, fd, writes[2], sizeof writes[2]);
    check_silence(fd);
    news.done = 15;
    udp_port_release_held(u->port, &news);
    check_answer(u, fd, writes[3], sizeof writes[3]);
    check_answer(u, fd, writes[4], sizeof writes[4]);
    udp_port_release_held(u->port, &news);
    check_silence(fd);
    close(fd);
}

/* A write that finds no place for its answer is not done. */
static void test_full_of_held_answers(void **state)
{
    struct udp_bed *u = *state;
    uint8_t answer[300], frame[sizeof write_one];
    const struct syncer_results news = {.done = 12};
    int fd = udp_socket("127.0.0.2", NULL);
    memcpy(frame, write_one, sizeof frame);
    for (unsigned i = 0; i <= HELD_MAX; i++) {
        frame[10] = (uint8_t)(i >> 8);
        frame[11] = (uint8_t)i;
        send_to(u, fd, frame, sizeof frame);
        assert_int_equal(udp_port_serve(u->port, 12), i < HELD_MAX);
    }
    assert_int_equal(bed_count(u->bed, MODBUSD_UDP_BUSY), 1);
    send_to(u, fd, read_two, sizeof read_two);
    assert_false(udp_port_serve(u->port, 12));
    assert_int_equal(recv(fd, answer, sizeof answer, 0), 13);
    assert_int_equal(answer[10], HELD_MAX - 1);
    udp_port_release_held(u->port, &news);
    for (unsigned i = 0; i < HELD_MAX; i++) {
        assert_int_equal(recv(fd, answer, sizeof answer, 0), 12);
        assert_int_equal(answer[11], i);
    }
    check_silence(fd);
    close(fd);
}

static void test_silent_ones_are_forgotten(void **state)
{
    struct udp_bed *u = *state;
    int fds[3];
    for (size_t i = 0; i < 3; i++) {
        fds[i] = udp_socket("127.0.0.2", NULL);
        send_to(u, fds[i], read_two, sizeof read_two);
        udp_port_serve(u->port, 0);
        u->bed->service.now++;
    }
    u->bed->service.now = BED_NOW + 59999;
    udp_port_publish_requests(u->port);
    assert_int_equal(bed_shown(u->bed, NULL), 3);
    u->bed->service.now++;
    udp_port_publish_requests(u->port);
    assert_int_equal(bed_shown(u->bed, NULL), 2);
    send_to(u, fds[1], read_two, sizeof read_two);
    udp_port_serve(u->port, 0);
    u->bed->service.now += 2;
    udp_port_publish_requests(u->port);
    assert_int_equal(bed_shown(u->bed, NULL), 1);
    for (size_t i = 0; i < 3; i++)
        close(fds[i]);
}

/* The one that is silent for longest makes room. */
static void test_many_senders(void **state)
{
    struct udp_bed *u = *state;
    static int fds[PEERS_MAX + 1];
    struct client_facts facts;
    struct sockaddr_in first, second;
    for (size_t i = 0; i <= PEERS_MAX; i++) {
        if (i == PEERS_MAX) { /* now the second one is the oldest */
            send_to(u, fds[0], read_two, sizeof read_two);
            udp_port_serve(u->port, 0);
            assert_int_equal(bed_shown(u->bed, NULL), PEERS_MAX);
        }
        fds[i] = udp_socket("127.0.0.2", i == 0 ? &first : i == 1 ? &second : NULL);
        u->bed->service.now++;
        send_to(u, fds[i], read_two, sizeof read_two);
        udp_port_serve(u->port, 0);
        assert_int_equal(bed_shown(u->bed, NULL), i < PEERS_MAX ? i + 1 : PEERS_MAX);
    }
    bool has_first = false, has_second = false;
    for (size_t slot = 0; slot < client_table_count_slots(&u->bed->reader); slot++) {
        if (!client_table_read_client(&u->bed->reader, slot, &facts))
            continue;
        has_first = has_first || facts.port == ntohs(first.sin_port);
        has_second = has_second || facts.port == ntohs(second.sin_port);
    }
    assert_true(has_first);
    assert_false(has_second);
    for (size_t i = 0; i <= PEERS_MAX; i++)
        close(fds[i]);
}

static void test_renewed_table(void **state)
{
    struct udp_bed *u = *state;
    struct client_facts facts;
    int fd = udp_socket("127.0.0.2", NULL);
    send_to(u, fd, read_two, sizeof read_two);
    udp_port_serve(u->port, 0);
    udp_port_publish_requests(u->port);
    bed_damage_table(u->bed);
    assert_true(clients_keep_table(&u->bed->clients));
    udp_port_keep_table(u->port, false);
    bed_reopen_table(u->bed);
    assert_int_equal(bed_shown(u->bed, NULL), 0);
    udp_port_keep_table(u->port, true);
    assert_int_equal(bed_shown(u->bed, &facts), 1);
    assert_int_equal(facts.requests, 1);
    for (size_t i = 0; i < 4; i++) { /* the rate follows */
        u->bed->service.now += 1000;
        send_to(u, fd, read_two, sizeof read_two);
        udp_port_serve(u->port, 0);
        udp_port_publish_requests(u->port);
        udp_port_keep_table(u->port, false);
    }
    bed_shown(u->bed, &facts);
    assert_int_equal(facts.rate_milli, 1250); /* five in four seconds */
    close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    static const struct CMUnitTest tests[] = {
        TEST(test_answers),
        TEST(test_what_is_not_answered),
        TEST(test_the_same_port),
        TEST(test_rules),
        TEST(test_turns),
        TEST(test_held_answers),
        TEST(test_full_of_held_answers),
        TEST(test_silent_ones_are_forgotten),
        TEST(test_many_senders),
        TEST(test_renewed_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
