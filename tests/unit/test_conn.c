/* One connection: its budget, its answer buffer, its time limits, its end. */
#include "modbusd_fixture.h"

#include <sys/socket.h>

#include "modbusd/net/conn.h"

struct peer {
    struct fixture *f;
    struct service service;
    struct counters counters;
    struct conn *conn;
    int fd; /* the client's end */
};

static void connect_peer(struct peer *peer, struct fixture *f)
{
    int ends[2];
    struct client_session client_session = {.side = SIDE_SCADA};
    struct access_source source = {.is_serial = false};
    access_grant_all(&client_session.rights);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    *peer = (struct peer){.f = f, .fd = ends[1]};
    peer->service =
        (struct service){.units = &f->units, .bank = f->bank, .counters = &peer->counters};
    peer->conn = conn_create(ends[0], &client_session, &source, 1);
    assert_non_null(peer->conn);
}

static void disconnect(struct peer *peer)
{
    conn_destroy(peer->conn);
    close(peer->fd);
}

static void send_bytes(struct peer *peer, const void *bytes, size_t len, uint64_t now)
{
    assert_int_equal(send(peer->fd, bytes, len, 0), len);
    conn_receive_bytes(peer->conn, &peer->counters);
    conn_answer_frames(peer->conn, &peer->service, now);
}

static const uint8_t read_one[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1};
static const uint8_t read_most[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 125};
enum { ONE_ANSWER = MBAP_SIZE + 4, MOST_ANSWER = MBAP_SIZE + 252 };

static void repeat(const uint8_t frame[12], size_t count, uint8_t *bytes)
{
    for (size_t i = 0; i < count; i++)
        memcpy(bytes + i * 12, frame, 12);
}

static void test_budget(void **state)
{
    struct peer peer;
    uint8_t flood[12 * 100];
    connect_peer(&peer, *state);
    repeat(read_one, 100, flood);
    send_bytes(&peer, flood, sizeof flood, 1);
    for (size_t left = 100; left > 0;) {
        size_t now = left < CONN_FRAMES_PER_TURN ? left : CONN_FRAMES_PER_TURN;
        assert_int_equal(peer.conn->out_end, now * ONE_ANSWER);
        left -= now;
        assert_int_equal(conn_has_work(peer.conn), left > 0);
        conn_send_answers(peer.conn, &peer.counters, 1);
        conn_answer_frames(peer.conn, &peer.service, 1);
    }
    disconnect(&peer);
}

static void test_room(void **state)
{
    struct peer peer;
    uint8_t flood[12 * 60], answers[sizeof peer.conn->out];
    size_t count = 0;
    connect_peer(&peer, *state);
    repeat(read_most, 60, flood);
    send_bytes(&peer, flood, sizeof flood, 1);
    while (peer.conn->out_end > 0) {
        assert_int_equal(peer.conn->out_end % MOST_ANSWER, 0);
        count += peer.conn->out_end / MOST_ANSWER;
        conn_send_answers(peer.conn, &peer.counters, 1);
        assert_false(conn_is_blocked(peer.conn));
        assert_true(recv(peer.fd, answers, sizeof answers, 0) > 0);
        conn_answer_frames(peer.conn, &peer.service, 1);
    }
    assert_int_equal(count, 60);
    disconnect(&peer);
}

static void test_frame_clock(void **state)
{
    struct peer peer;
    connect_peer(&peer, *state);
    assert_int_equal(peer.conn->frame_since, 0);
    send_bytes(&peer, read_one, 1, 100);
    assert_int_equal(peer.conn->frame_since, 100);
    send_bytes(&peer, read_one + 1, 10, 200);
    assert_int_equal(peer.conn->frame_since, 100);
    send_bytes(&peer, read_one + 11, 1, 300);
    assert_int_equal(peer.conn->frame_since, 0);
    assert_int_equal(peer.conn->active_since, 300);
    uint8_t one_and_a_bit[13] = {0};
    memcpy(one_and_a_bit, read_one, 12);
    send_bytes(&peer, one_and_a_bit, sizeof one_and_a_bit, 400);
    assert_int_equal(peer.conn->frame_since, 400);
    send_bytes(&peer, one_and_a_bit + 1, 12, 500);
    assert_int_equal(peer.conn->frame_since, 500); /* the next frame's first byte */
    disconnect(&peer);
}

/* Complete frames in the queue do not close the connection. */
static void test_waiting_frames_have_no_deadline(void **state)
{
    struct peer peer;
    uint8_t flood[12 * 40];
    connect_peer(&peer, *state);
    repeat(read_one, 40, flood);
    send_bytes(&peer, flood, sizeof flood, 100);
    assert_true(conn_has_work(peer.conn));
    assert_int_equal(peer.conn->frame_since, 0);
    disconnect(&peer);
}

static void test_write_clock(void **state)
{
    struct peer peer;
    static uint8_t flood[12 * 300], sink[1 << 16];
    uint64_t now = 10;
    connect_peer(&peer, *state);
    repeat(read_most, 300, flood);
    while (!conn_is_blocked(peer.conn)) {
        if (!conn_has_work(peer.conn))
            send(peer.fd, flood, sizeof flood, 0);
        conn_receive_bytes(peer.conn, &peer.counters);
        conn_answer_frames(peer.conn, &peer.service, ++now);
        conn_send_answers(peer.conn, &peer.counters, now);
    }
    uint64_t since = peer.conn->write_since;
    assert_int_equal(since, now);
    conn_send_answers(peer.conn, &peer.counters, now + 5);
    assert_int_equal(peer.conn->write_since, since);
    while (recv(peer.fd, sink, sizeof sink, 0) > 0)
        ;
    conn_send_answers(peer.conn, &peer.counters, now + 6);
    assert_false(conn_is_blocked(peer.conn));
    assert_int_equal(peer.conn->write_since, 0);
    disconnect(&peer);
}

/* Reads nothing while answers wait; the rest of the frame may stay in the socket. */
static void test_frame_clock_after_blocked_answers(void **state)
{
    struct peer peer;
    static uint8_t sink[1 << 16];
    connect_peer(&peer, *state);
    send_bytes(&peer, read_one, 1, 100);
    peer.conn->out_end = 5;
    peer.conn->write_since = 100;
    conn_send_answers(peer.conn, &peer.counters, 900);
    assert_false(conn_is_blocked(peer.conn));
    assert_int_equal(peer.conn->frame_since, 900);
    conn_send_answers(peer.conn, &peer.counters, 950);
    assert_int_equal(peer.conn->frame_since, 900);
    assert_int_equal(recv(peer.fd, sink, sizeof sink, 0), 5);
    disconnect(&peer);
}

/* Its bytes are no frame, its deadline runs from the start, and the frames behind it are answered.
 */
static void test_header_of_a_proxy(void **state)
{
    static const uint8_t header_and_frame[] = {
        0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 'Q', 'U', 'I', 'T',  0x0A, 0x21, 0x11,
        0,    12,   10,   0,    0, 7,    10,   0,   0,   1,   0xC3, 0x50, 1,    0xF6,
        0,    1,    0,    0,    0, 6,    1,    3,   0,   0,   0,    1};
    enum { HEADER = 28 };
    struct peer peer;
    struct proxy_header header;
    connect_peer(&peer, *state);
    conn_expect_header(peer.conn, 100);
    assert_int_equal(send(peer.fd, header_and_frame, HEADER - 1, 0), HEADER - 1);
    conn_receive_bytes(peer.conn, &peer.counters);
    assert_int_equal(conn_take_header(peer.conn, &header), PROXY_HEADER_PART);
    assert_int_equal(peer.conn->frame_since, 100);
    assert_false(conn_has_work(peer.conn));
    assert_true(peer.conn->awaits_header);
    assert_int_equal(send(peer.fd, header_and_frame + HEADER - 1, 13, 0), 13);
    conn_receive_bytes(peer.conn, &peer.counters);
    assert_int_equal(conn_take_header(peer.conn, &header), PROXY_HEADER_WHOLE);
    assert_int_equal(header.port, 50000);
    assert_int_equal(peer.conn->frame_since, 0);
    assert_true(conn_has_work(peer.conn));
    conn_answer_frames(peer.conn, &peer.service, 200);
    assert_int_equal(peer.conn->out_end, ONE_ANSWER);
    disconnect(&peer);

    connect_peer(&peer, *state);
    conn_expect_header(peer.conn, 100);
    assert_int_equal(send(peer.fd, read_one, sizeof read_one, 0), sizeof read_one);
    conn_receive_bytes(peer.conn, &peer.counters);
    assert_int_equal(conn_take_header(peer.conn, &header), PROXY_HEADER_BAD);
    assert_true(conn_is_finished(peer.conn));
    disconnect(&peer);
}

static void test_half_close(void **state)
{
    struct peer peer;
    uint8_t flood[12 * 40 + 3] = {0};
    connect_peer(&peer, *state);
    repeat(read_one, 40, flood);
    send_bytes(&peer, flood, sizeof flood, 1);
    shutdown(peer.fd, SHUT_WR);
    conn_receive_bytes(peer.conn, &peer.counters);
    assert_true(peer.conn->eof);
    assert_false(conn_is_finished(peer.conn));
    conn_send_answers(peer.conn, &peer.counters, 1);
    conn_answer_frames(peer.conn, &peer.service, 1);
    conn_send_answers(peer.conn, &peer.counters, 1);
    assert_true(conn_is_finished(peer.conn));
    disconnect(&peer);
}

static void test_bad_frame(void **state)
{
    static const uint8_t good_then_bad[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1, 0, 2, 0, 1};
    struct peer peer;
    connect_peer(&peer, *state);
    send_bytes(&peer, good_then_bad, sizeof good_then_bad, 1);
    assert_true(peer.conn->broken);
    assert_int_equal(peer.conn->out_end, ONE_ANSWER);
    peer.conn->held = 1;
    assert_false(conn_is_finished(peer.conn));
    peer.conn->held = 0;
    assert_true(conn_is_finished(peer.conn));
    disconnect(&peer);
}

static void test_changed(void **state)
{
    static const uint8_t write_one[] = {0, 1, 0, 0, 0, 6, 1, 6, 0, 0, 0, 1};
    struct peer peer;
    connect_peer(&peer, *state);
    send_bytes(&peer, read_one, sizeof read_one, 1);
    assert_false(peer.conn->changed);
    send_bytes(&peer, write_one, sizeof write_one, 1);
    assert_true(peer.conn->changed);
    send_bytes(&peer, read_one, sizeof read_one, 1);
    assert_false(peer.conn->changed);
    conn_discard_client(peer.conn);
    assert_false(conn_is_blocked(peer.conn));
    assert_true(conn_is_finished(peer.conn));
    disconnect(&peer);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_start, fixture_remove)
    static const struct CMUnitTest tests[] = {
        TEST(test_budget),      TEST(test_room),
        TEST(test_frame_clock), TEST(test_waiting_frames_have_no_deadline),
        TEST(test_write_clock), TEST(test_frame_clock_after_blocked_answers),
        TEST(test_half_close),  TEST(test_bad_frame),
        TEST(test_changed),     TEST(test_header_of_a_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
