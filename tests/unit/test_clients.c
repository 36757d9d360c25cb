/* Clients: who is admitted, who is refused with which words, deadlines to the millisecond, rules
 * that change, serial lines. */
#include "net_bed.h"

#include "child.h"
#include "common/base/log.h"

static void test_facts(void **state)
{
    struct bed *bed = *state;
    struct client_facts facts;
    static const struct {
        const char *address;
        uint16_t port;
        enum side side;
        enum listener_protocol protocol;
        enum client_protocol shown;
    } rows[] = {
        {"10.0.0.7", 50000, SIDE_SCADA, LISTENER_TCP, CLIENT_TCP},
        {"fe80::7", 65535, SIDE_SCADA, LISTENER_RTU, CLIENT_RTU},
        {"10.0.0.8", 1, SIDE_SCADA, LISTENER_TLS, CLIENT_TLS},
        {"127.0.0.1", 258, SIDE_INPUTS, LISTENER_TCP, CLIENT_TCP},
        {"127.0.0.1", 513, SIDE_OUTPUTS, LISTENER_TCP, CLIENT_TCP},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int fd = bed_admit(bed, rows[i].address, rows[i].port, rows[i].side, rows[i].protocol);
        const bool is_scada = rows[i].side == SIDE_SCADA;
        bed_check_counts(bed, is_scada, !is_scada, i + 1);
        assert_int_equal(bed_shown(bed, &facts), 1);
        bed_check_facts(&facts, rows[i].address, rows[i].port, (enum client_side)rows[i].side,
                        rows[i].shown);
        const struct server_client *client = bed->clients.first;
        assert_int_equal(client->event_source, SOURCE_CLIENT);
        assert_int_equal(client->interest, EPOLLIN);
        assert_int_equal(client->conn->is_rtu, rows[i].protocol == LISTENER_RTU);
        assert_int_equal(client->handshaking, rows[i].protocol == LISTENER_TLS);
        assert_int_equal(client->conn->active_since, BED_NOW);
        assert_string_equal(client->conn->client_session.peer, rows[i].address);
        assert_ptr_equal(client->conn->client_session.entry, &client->entry);
        clients_drop_client(&bed->clients, bed->clients.first);
        bed_check_counts(bed, 0, 0, i + 1);
        assert_int_equal(bed_shown(bed, NULL), 0);
        assert_true(bed_is_closed(fd));
        close(fd);
    }
}

static void test_limits(void **state)
{
    struct bed *bed = *state;
    int fds[4];
    log_open(LOG_LEVEL_ERROR);
    for (uint16_t i = 0; i < 3; i++)
        fds[i] = bed_admit(bed, "10.0.0.7", i, SIDE_SCADA, LISTENER_TCP);
    bed_check_counts(bed, 3, 0, 3);
    fds[3] = bed_admit(bed, "10.0.0.9", 12, SIDE_SCADA, LISTENER_TCP);
    bed_check_counts(bed, 3, 0, 4);
    assert_true(bed_is_closed(fds[3]));
    assert_false(bed_is_closed(fds[2]));
    assert_int_equal(bed_count(bed, MODBUSD_REFUSED_LIMIT), 1);
    bed_check_refusal(bed, "10.0.0.9", 12, CLIENT_SCADA, CLIENT_LIMIT, BED_NOW + BED_OFFSET, 1,
                      "max_connections is reached");
    close(fds[3]);

    /* The process side does not count; one that leaves makes room. */
    fds[3] = bed_admit(bed, "127.0.0.1", 13, SIDE_OUTPUTS, LISTENER_TCP);
    bed_check_counts(bed, 3, 1, 5);
    clients_drop_client(&bed->clients, bed->clients.first->next);
    bed_check_counts(bed, 2, 1, 5);
    close(fds[3]);
    fds[3] = bed_admit(bed, "10.0.0.9", 14, SIDE_SCADA, LISTENER_TCP);
    bed_check_counts(bed, 3, 1, 6);
    assert_false(bed_is_closed(fds[3]));
    for (size_t i = 0; i < 4; i++)
        close(fds[i]);
}

/* Those of the process side, of other addresses, and proxies whose header has not come do not
 * count. */
static void test_limit_of_an_address(void **state)
{
    struct bed *bed = *state;
    int fds[8];
    log_open(LOG_LEVEL_ERROR);
    bed->limits.max_connections = 100;
    bed->limits.max_connections_per_ip = 2;
    assert_true(access_network_parse("10.0.0.99", &bed->proxies.item[0]));
    bed->proxies.count = 1;
    fds[0] = bed_admit(bed, "10.0.0.7", 1, SIDE_OUTPUTS, LISTENER_TCP);
    fds[1] = bed_admit(bed, "10.0.0.8", 1, SIDE_SCADA, LISTENER_TCP);
    fds[2] = bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP);
    fds[3] = bed_admit(bed, "10.0.0.7", 2, SIDE_SCADA, LISTENER_TCP);
    bed_check_counts(bed, 3, 1, 4);
    for (uint16_t i = 1; i <= 12; i++) {
        fds[4] = bed_admit(bed, "10.0.0.7", i, SIDE_SCADA, LISTENER_TCP);
        assert_true(bed_is_closed(fds[4]));
        close(fds[4]);
        assert_int_equal(bed_count(bed, MODBUSD_REFUSED_IP_LIMIT), i);
        bed_check_refusal(bed, "10.0.0.7", i, CLIENT_SCADA, CLIENT_IP_LIMIT, BED_NOW + BED_OFFSET,
                          i, "max_connections_per_ip is reached");
    }
    for (size_t i = 5; i < 8; i++)
        fds[i] = bed_admit(bed, "10.0.0.99", 1, SIDE_SCADA, LISTENER_TCP);
    bed_check_counts(bed, 6, 1, 19);
    fds[4] = bed_admit(bed, "10.0.0.8", 9, SIDE_SCADA, LISTENER_TCP);
    bed_check_counts(bed, 7, 1, 20);
    for (size_t i = 0; i < 8; i++)
        close(fds[i]);
}

static void test_process_side(void **state)
{
    struct bed *bed = *state;
    int fds[CLIENTS_PROCESS_MAX + 1];
    log_open(LOG_LEVEL_ERROR);
    bed_set_rules(bed, "10.0.0.0/8 ro");
    for (size_t i = 0; i < CLIENTS_PROCESS_MAX; i++)
        fds[i] = bed_admit(bed, "127.0.0.1", 1, SIDE_INPUTS, LISTENER_TCP);
    bed_check_counts(bed, 0, 64, 64);
    assert_int_equal(bed->clients.first->conn->client_session.rights.of[0], ACCESS_WRITE);
    fds[64] = bed_admit(bed, "127.0.0.1", 64, SIDE_OUTPUTS, LISTENER_TCP);
    bed_check_counts(bed, 0, 64, 65);
    assert_true(bed_is_closed(fds[64]));
    assert_int_equal(bed_count(bed, MODBUSD_REFUSED_LIMIT), 1);
    bed_check_refusal(bed, "127.0.0.1", 64, CLIENT_OUTPUTS, CLIENT_PROCESS_FULL,
                      BED_NOW + BED_OFFSET, 1, "the process side is full");
    for (size_t i = 0; i <= CLIENTS_PROCESS_MAX; i++)
        close(fds[i]);
}

static void test_rules(void **state)
{
    struct bed *bed = *state;
    int fds[3];
    log_open(LOG_LEVEL_ERROR);
    bed_set_rules(bed, "10.0.0.7 ro unit=1, 10.0.0.8 rw role=operator");
    fds[0] = bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP);
    assert_int_equal(bed->clients.first->conn->client_session.rights.of[0], ACCESS_READ);
    assert_int_equal(bed->clients.first->conn->client_session.rights.of[1], ACCESS_NONE);
    fds[1] = bed_admit(bed, "10.0.0.8", 2, SIDE_SCADA, LISTENER_TCP);
    bed_check_counts(bed, 1, 0, 2);
    assert_int_equal(bed_count(bed, MODBUSD_REFUSED_RULE), 1);
    bed_check_refusal(bed, "10.0.0.8", 2, CLIENT_SCADA, CLIENT_NO_RULE, BED_NOW + BED_OFFSET, 1,
                      "no allow rule matches its address");
    fds[2] =
        bed_admit(bed, "10.0.0.8", 3, SIDE_SCADA, LISTENER_TLS); /* its role is not known yet */
    bed_check_counts(bed, 2, 0, 3);

    bed->service.now = BED_NOW + 5;
    bed_set_rules(bed, "10.0.0.9 ro");
    clients_review_rights(&bed->clients);
    assert_true(bed->clients.first->handshaking && !bed->clients.first->conn->broken);
    assert_true(bed->clients.first->next->conn->broken);
    bed_check_refusal(bed, "10.0.0.7", 1, CLIENT_SCADA, CLIENT_RULE_CHANGED,
                      BED_NOW + BED_OFFSET + 5, 1, "no allow rule matches its address any more");
    clients_review_rights(&bed->clients); /* once */
    assert_int_equal(bed_refusal(bed).count, 1);
    for (size_t i = 0; i < 3; i++)
        close(fds[i]);
}

static void test_review_changes_rights(void **state)
{
    struct bed *bed = *state;
    int fds[2] = {bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP),
                  bed_admit(bed, "127.0.0.1", 1, SIDE_INPUTS, LISTENER_TCP)};
    const uint8_t *process = bed->clients.first->conn->client_session.rights.of;
    const uint8_t *scada = bed->clients.first->next->conn->client_session.rights.of;
    assert_int_equal(scada[0], ACCESS_WRITE);
    bed_set_rules(bed, "any ro unit=2");
    clients_review_rights(&bed->clients);
    assert_int_equal(scada[0], ACCESS_NONE);
    assert_int_equal(scada[1], ACCESS_READ);
    assert_int_equal(process[0], ACCESS_WRITE);
    assert_false(bed->clients.first->conn->broken || bed->clients.first->next->conn->broken);
    close(fds[0]);
    close(fds[1]);
}

static void test_no_descriptor(void **state)
{
    struct bed *bed = *state;
    const struct sockaddr_storage at = bed_address("10.0.0.7", 12345);
    clients_note_unaccepted(&bed->clients, SIDE_SCADA, &at);
    assert_int_equal(bed_count(bed, MODBUSD_REFUSED_LIMIT), 1);
    bed_check_refusal(bed, "10.0.0.7", 12345, CLIENT_SCADA, CLIENT_NO_DESCRIPTORS,
                      BED_NOW + BED_OFFSET, 1,
                      "the process has no file descriptor left: raise LimitNOFILE");
}

static void test_serial_lines(void **state)
{
    struct bed *bed = *state;
    static const struct {
        const char *name, *shown;
    } rows[] = {{"ttyS12", "ttyS12"},
                {"usb-adapter-1234", "usb-adapter-1234"},
                {"usb-adapter-12345", "sb-adapter-12345"}};
    bed->limits.max_connections = 1; /* a line is never refused */
    bed->limits.max_connections_per_ip = 1;
    for (size_t i = 0; i < 3; i++) {
        struct client_facts facts;
        char shown[17] = "";
        int ends[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        clients_admit_line(&bed->clients, ends[0], rows[i].name, BED_NOW);
        bed_check_counts(bed, i + 1, 0, 0);
        assert_int_equal(bed_shown(bed, &facts), i + 1);
        memcpy(shown, facts.address, 16);
        assert_string_equal(shown, rows[i].shown);
        assert_int_equal(facts.protocol, CLIENT_SERIAL);
        assert_int_equal(facts.side, CLIENT_SCADA);
        assert_int_equal(facts.port, 0);
        assert_int_equal(facts.since_ms, BED_NOW + BED_OFFSET);
        const struct client_session *session = &bed->clients.first->conn->client_session;
        assert_string_equal(session->peer, rows[i].name);
        assert_true(session->is_serial && bed->clients.first->conn->source.is_serial);
        assert_int_equal(session->rights.of[0], ACCESS_WRITE);
        close(ends[1]);
    }
    /* It is not closed without rights, nor when it is silent. */
    bed_set_rules(bed, "10.0.0.9 ro");
    clients_review_rights(&bed->clients);
    assert_false(bed->clients.first->conn->broken);
    assert_int_equal(bed->clients.first->conn->client_session.rights.of[0], ACCESS_NONE);
    assert_true(clients_close_overdue(&bed->clients, BED_NOW + 1000000) == UINT64_MAX);
    bed_check_counts(bed, 3, 0, 0);
    assert_int_equal(bed_refusal(bed).number, 0);
}

/* One client with a deadline that ends in `limit` ms: it stays until then, and not longer. */
static void check_deadline(struct bed *bed, uint64_t limit, size_t counter,
                           enum client_refusal_reason reason, const char *detail)
{
    const uint64_t counted = bed_count(bed, counter);
    assert_int_equal(clients_close_overdue(&bed->clients, BED_NOW), BED_NOW + limit);
    assert_int_equal(clients_close_overdue(&bed->clients, BED_NOW + limit - 1), BED_NOW + limit);
    assert_int_equal(bed->clients.scada_count, 1);
    bed->clients.first->queued = true; /* it is served first */
    assert_true(clients_close_overdue(&bed->clients, BED_NOW + limit) == UINT64_MAX);
    assert_int_equal(bed->clients.scada_count, 1);
    bed->clients.first->queued = false;
    assert_true(clients_close_overdue(&bed->clients, BED_NOW + limit) == UINT64_MAX);
    assert_int_equal(bed->clients.scada_count, 0);
    assert_int_equal(bed_count(bed, MODBUSD_CONNECTIONS), 0);
    assert_int_equal(bed_count(bed, counter), counted + 1);
    assert_int_equal(bed_refusal(bed).reason, reason);
    assert_string_equal(bed_refusal(bed).detail, detail);
}

static void test_deadlines(void **state)
{
    struct bed *bed = *state;
    static const char idle[] = "it sent no request for idle_timeout_s";
    static const char frame[] =
        "it began a request and did not complete it within frame_timeout_ms";
    static const char unread[] = "it did not read its answers for write_timeout_ms";
    log_open(LOG_LEVEL_ERROR);
    close(bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP));
    check_deadline(bed, 900, MODBUSD_CLOSED_IDLE, CLIENT_IDLE_TIMEOUT, idle);

    close(bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP));
    bed->clients.first->conn->frame_since = BED_NOW;
    check_deadline(bed, 500, MODBUSD_CLOSED_FRAME_TIMEOUT, CLIENT_FRAME_TIMEOUT, frame);

    close(bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP));
    bed->clients.first->conn->write_since = BED_NOW;
    check_deadline(bed, 700, MODBUSD_CLOSED_WRITE_TIMEOUT, CLIENT_WRITE_TIMEOUT, unread);

    /* Why it is closed is known already. */
    close(bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP));
    bed->clients.first->conn->frame_since = BED_NOW;
    bed->clients.first->conn->reported = true;
    const uint64_t number = bed_refusal(bed).number;
    assert_true(clients_close_overdue(&bed->clients, BED_NOW + 500) == UINT64_MAX);
    assert_int_equal(bed->clients.scada_count, 0);
    assert_int_equal(bed_refusal(bed).number, number);
    assert_int_equal(bed_count(bed, MODBUSD_CLOSED_FRAME_TIMEOUT), 2);
}

/* Who has which deadline. */
static void test_other_deadlines(void **state)
{
    struct bed *bed = *state;
    log_open(LOG_LEVEL_ERROR);
    assert_true(clients_close_overdue(&bed->clients, BED_NOW) == UINT64_MAX);
    close(bed_admit(bed, "127.0.0.1", 1, SIDE_INPUTS, LISTENER_TCP)); /* never idle */
    assert_true(clients_close_overdue(&bed->clients, BED_NOW + 100000) == UINT64_MAX);
    assert_int_equal(bed->clients.process_count, 1);

    close(bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP));
    struct conn *conn = bed->clients.first->conn;
    conn->held = 12; /* the disk, not the client, is late */
    assert_true(clients_close_overdue(&bed->clients, BED_NOW + 100000) == UINT64_MAX);
    conn->held = 0;
    conn->out_end = 1; /* it must read before it is served */
    conn->frame_since = BED_NOW - 20;
    conn->write_since = BED_NOW;
    assert_int_equal(clients_close_overdue(&bed->clients, BED_NOW), BED_NOW + 480);
    assert_int_equal(clients_close_overdue(&bed->clients, BED_NOW + 699), BED_NOW + 480);
    assert_int_equal(bed->clients.scada_count, 1);
    assert_true(clients_close_overdue(&bed->clients, BED_NOW + 700) == UINT64_MAX);
    assert_int_equal(bed->clients.scada_count, 0);
    assert_int_equal(bed_count(bed, MODBUSD_CLOSED_WRITE_TIMEOUT), 1);

    bed->limits.idle_timeout_ms = 0;
    close(bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP));
    assert_true(clients_close_overdue(&bed->clients, BED_NOW + 100000) == UINT64_MAX);
    assert_int_equal(bed->clients.scada_count, 1);
    bed->clients.first->conn->frame_since = BED_NOW + 3;
    bed->clients.first->conn->write_since = BED_NOW + 2;
    close(bed_admit(bed, "10.0.0.8", 1, SIDE_SCADA, LISTENER_TCP));
    bed->clients.first->conn->frame_since = BED_NOW + 4;
    assert_int_equal(clients_close_overdue(&bed->clients, BED_NOW + 5), BED_NOW + 503);
}

static void test_events(void **state)
{
    struct bed *bed = *state;
    int fd = bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP);
    struct server_client *client = bed->clients.first;
    struct conn *conn = client->conn;
    struct epoll_event event;
    assert_int_equal(send(fd, "x", 1, 0), 1);
    assert_int_equal(epoll_wait(bed->clients.epoll, &event, 1, 0), 1);
    assert_int_equal(event.events, EPOLLIN);
    assert_ptr_equal(event.data.ptr, client);
    conn->held = 1;
    clients_update_epoll(&bed->clients, client);
    assert_int_equal(client->interest, 0);
    assert_int_equal(epoll_wait(bed->clients.epoll, &event, 1, 0), 0);
    conn->held = 0;
    conn->out_end = 1;
    clients_update_epoll(&bed->clients, client);
    assert_int_equal(client->interest, EPOLLOUT);
    assert_int_equal(epoll_wait(bed->clients.epoll, &event, 1, 0), 1);
    assert_int_equal(event.events, EPOLLOUT);
    assert_ptr_equal(event.data.ptr, client);
    conn->out_end = 0;
    conn->eof = true;
    clients_update_epoll(&bed->clients, client);
    assert_int_equal(client->interest, 0);
    conn->eof = false;
    clients_update_epoll(&bed->clients, client);
    assert_int_equal(client->interest, EPOLLIN);
    assert_int_equal(epoll_wait(bed->clients.epoll, &event, 1, 0), 1);

    /* A socket that cannot be waited for would never be served. */
    assert_int_equal(epoll_ctl(bed->clients.epoll, EPOLL_CTL_DEL, conn->fd, NULL), 0);
    conn->held = 1;
    clients_update_epoll(&bed->clients, client);
    assert_true(conn->broken);
    close(fd);
}

/* A socket that no epoll takes is refused, and nothing of it is left. */
static void test_no_room_for_a_client(void **state)
{
    struct bed *bed = *state;
    log_open(LOG_LEVEL_ERROR);
    const int epoll = bed->clients.epoll;
    bed->clients.epoll = -1;
    int fd = bed_admit(bed, "10.0.0.7", 12, SIDE_SCADA, LISTENER_TCP);
    bed->clients.epoll = epoll;
    assert_true(bed_is_closed(fd));
    close(fd);
    bed_check_counts(bed, 0, 0, 1);
    assert_int_equal(bed_shown(bed, NULL), 0);
    assert_int_equal(bed_count(bed, MODBUSD_REFUSED_MEMORY), 1);
    bed_check_refusal(bed, "10.0.0.7", 12, CLIENT_SCADA, CLIENT_NO_MEMORY, BED_NOW + BED_OFFSET, 1,
                      "no memory for its connection");
    const int handshakes = bed->clients.handshake_epoll;
    bed->clients.handshake_epoll = -1;
    fd = bed_admit(bed, "10.0.0.7", 12, SIDE_SCADA, LISTENER_TLS);
    bed->clients.handshake_epoll = handshakes;
    assert_true(bed_is_closed(fd));
    close(fd);
    bed_check_counts(bed, 0, 0, 2);
}

static void test_table(void **state)
{
    static const uint8_t pdu[] = {3, 0, 10, 0, 12};
    struct bed *bed = *state;
    struct client_facts facts;
    close(bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP));
    client_entry_note_request(&bed->clients.first->entry, CLIENT_FUNCTION_3, 12, PDU_OK, pdu,
                              sizeof pdu);
    bed->clients.first->conn->active_since = BED_NOW + 34;
    bed_shown(bed, &facts);
    assert_int_equal(facts.requests, 0);
    clients_publish_requests(&bed->clients);
    bed_shown(bed, &facts);
    assert_int_equal(facts.requests, 1);
    assert_int_equal(facts.last_ms, BED_NOW + BED_OFFSET + 34);
    assert_int_equal(facts.last.start, 10);
    assert_int_equal(facts.last.count, 12);
    assert_false(clients_keep_table(&bed->clients));
    for (size_t i = 1; i <= 10; i++) {
        bed->service.now += 1000;
        clients_keep_table(&bed->clients);
    }
    bed_shown(bed, &facts);
    assert_int_equal(facts.rate_milli, 0);
    bed_damage_table(bed);
    assert_true(clients_keep_table(&bed->clients));
    bed_reopen_table(bed);
    assert_int_equal(bed_shown(bed, &facts), 1);
    assert_int_equal(facts.requests, 1);
}

/* The list stays whole, whoever leaves it. */
static void test_list(void **state)
{
    struct bed *bed = *state;
    for (size_t place = 0; place < 3; place++) {
        for (uint16_t i = 0; i < 3; i++)
            close(bed_admit(bed, "10.0.0.7", i, SIDE_SCADA, LISTENER_TCP));
        struct server_client *client = bed->clients.first;
        for (size_t i = 0; i < place; i++)
            client = client->next;
        clients_drop_client(&bed->clients, client);
        assert_null(bed->clients.first->previous);
        assert_ptr_equal(bed->clients.first->next->previous, bed->clients.first);
        assert_null(bed->clients.first->next->next);
        bed->clients.first->queued = true;
        clients_drop_all(&bed->clients);
        assert_null(bed->clients.first);
        assert_int_equal(bed->clients.scada_count, 0);
    }
}

static struct bed *talker;

static void refuse_many(void)
{
    log_open(LOG_LEVEL_DEBUG);
    talker->limits.max_connections = 1;
    close(bed_admit(talker, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP));
    for (uint16_t i = 0; i < 12; i++)
        close(bed_admit(talker, "10.0.0.8", i, SIDE_SCADA, LISTENER_TCP));
    talker->service.now += LOG_LIMIT_MS - 1;
    close(bed_admit(talker, "10.0.0.9", 1, SIDE_SCADA, LISTENER_TCP));
    talker->service.now++;
    close(bed_admit(talker, "fe80::1", 1, SIDE_SCADA, LISTENER_TCP));
    clients_close_overdue(&talker->clients, talker->service.now);
}

static void test_lines(void **state)
{
    char said[4096];
    talker = *state;
    assert_int_equal(run_child(refuse_many, said, sizeof said), 0);
    const char *line = strstr(said, "warning ");
    assert_non_null(line);
    assert_memory_equal(line,
                        "warning connection refused: 10.0.0.8: max_connections is reached; 1 "
                        "refused since the last line\n",
                        94);
    line = strstr(line + 1, "warning ");
    assert_non_null(line);
    assert_non_null(strstr(line, "warning connection refused: fe80::1: max_connections is reached; "
                                 "13 refused since the last line\n"));
    assert_null(strstr(line + 1, "warning "));
    assert_non_null(strstr(line, "debug   10.0.0.7: closed: idle_timeout_s exceeded\n"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_start, bed_end)
    static const struct CMUnitTest tests[] = {
        TEST(test_facts),           TEST(test_limits),       TEST(test_limit_of_an_address),
        TEST(test_process_side),    TEST(test_rules),        TEST(test_review_changes_rights),
        TEST(test_no_descriptor),   TEST(test_serial_lines), TEST(test_deadlines),
        TEST(test_other_deadlines), TEST(test_events),       TEST(test_no_room_for_a_client),
        TEST(test_table),           TEST(test_list),         TEST(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
