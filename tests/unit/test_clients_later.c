/* Clients that are known later: behind proxies, and those whose TLS handshake does not end. */
#include "net_bed.h"

#include "common/base/log.h"

static void test_handshakes_that_do_not_end(void **state)
{
    struct bed *bed = *state;
    int fds[34];
    log_open(LOG_LEVEL_ERROR);
    bed->limits.max_connections = 100;
    fds[33] = bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TCP); /* it has no handshake */
    for (size_t i = 0; i < 32; i++)
        fds[i] = bed_admit(bed, "10.0.0.7", 1, SIDE_SCADA, LISTENER_TLS);
    bed_check_counts(bed, 33, 0, 33);
    assert_int_equal(bed->clients.first->conn->frame_since, BED_NOW);
    fds[32] = bed_admit(bed, "10.0.0.7", 77, SIDE_SCADA, LISTENER_TLS);
    bed_check_counts(bed, 33, 0, 34);
    assert_int_equal(bed_count(bed, MODBUSD_REFUSED_IP_LIMIT), 1);
    bed_check_refusal(bed, "10.0.0.7", 77, CLIENT_SCADA, CLIENT_TLS_TOO_MANY, BED_NOW + BED_OFFSET,
                      1, "too many of its TLS handshakes have not ended");
    close(fds[32]);
    fds[32] = bed_admit(bed, "10.0.0.8", 78, SIDE_SCADA, LISTENER_TLS);
    bed_check_counts(bed, 34, 0, 35);
    assert_null(clients_run_handshake(&bed->clients, BED_NOW)); /* nothing has come */

    assert_int_equal(clients_close_overdue(&bed->clients, BED_NOW + 499), BED_NOW + 500);
    bed_check_counts(bed, 34, 0, 35);
    assert_int_equal(clients_close_overdue(&bed->clients, BED_NOW + 500), BED_NOW + 900);
    bed_check_counts(bed, 1, 0, 35);
    assert_int_equal(bed_count(bed, MODBUSD_CLOSED_TLS_HANDSHAKE), 33);
    bed_check_refusal(bed, "10.0.0.7", 1, CLIENT_SCADA, CLIENT_TLS_TIMEOUT, BED_NOW + BED_OFFSET,
                      32, "it did not complete the TLS handshake within frame_timeout_ms");
    for (size_t i = 0; i < 34; i++)
        close(fds[i]);
}

/* A proxy at 10.0.0.99 sends this header. */
static int admit_proxy(struct bed *bed, const char *header, enum listener_protocol protocol)
{
    assert_true(access_network_parse("10.0.0.99", &bed->proxies.item[0]));
    bed->proxies.count = 1;
    int fd = bed_admit(bed, "10.0.0.99", 4711, SIDE_SCADA, protocol);
    struct server_client *client = bed->clients.first;
    assert_true(client->conn->awaits_header);
    assert_int_equal(client->conn->frame_since, BED_NOW);
    assert_false(client->handshaking);
    assert_int_equal(send(fd, header, strlen(header), 0), strlen(header));
    conn_receive_bytes(client->conn, &bed->counters);
    clients_take_header(&bed->clients, client, bed->service.now);
    return fd;
}

static void test_proxies(void **state)
{
    static const char header[] = "PROXY TCP4 10.1.2.3 10.0.0.1 54321 502\r\n";
    struct bed *bed = *state;
    struct client_facts facts;
    log_open(LOG_LEVEL_ERROR);
    bed->limits.max_connections_per_ip = 1; /* it does not count itself */
    bed_set_rules(bed, "10.1.2.0/24 ro");
    int fd = admit_proxy(bed, header, LISTENER_TCP);
    struct conn *conn = bed->clients.first->conn;
    assert_false(conn->awaits_header || conn->broken);
    assert_string_equal(conn->client_session.peer, "10.1.2.3");
    assert_int_equal(conn->client_session.rights.of[0], ACCESS_READ);
    assert_int_equal(bed_shown(bed, &facts), 1);
    bed_check_facts(&facts, "10.1.2.3", 54321, CLIENT_SCADA, CLIENT_TCP);

    int other = admit_proxy(bed, header, LISTENER_TCP);
    assert_true(bed->clients.first->conn->broken);
    assert_int_equal(bed_count(bed, MODBUSD_REFUSED_IP_LIMIT), 1);
    bed_check_refusal(bed, "10.1.2.3", 54321, CLIENT_SCADA, CLIENT_IP_LIMIT, BED_NOW + BED_OFFSET,
                      1, "max_connections_per_ip is reached");
    clients_drop_all(&bed->clients);
    close(fd);
    close(other);

    fd = admit_proxy(bed, header, LISTENER_TLS);
    assert_true(bed->clients.first->handshaking);
    assert_int_equal(bed->clients.first->interest, EPOLLIN);
    clients_drop_all(&bed->clients);
    close(fd);
    fd = admit_proxy(bed, "PROXY TCP4 10.1.2.3 10.0.0.1 54321 502\r\nhello", LISTENER_TLS);
    assert_true(bed->clients.first->handshaking);
    assert_int_equal(bed->clients.first->interest, EPOLLIN | EPOLLOUT);
    close(fd);
}

static void test_proxies_that_are_refused(void **state)
{
    struct bed *bed = *state;
    log_open(LOG_LEVEL_ERROR);
    bed_set_rules(bed, "10.1.2.0/24 ro");
    close(admit_proxy(bed, "PROXY TCP4 10.1.3.3 10.0.0.1 54321 502\r\n", LISTENER_TCP));
    assert_true(bed->clients.first->conn->broken);
    assert_int_equal(bed_count(bed, MODBUSD_REFUSED_RULE), 1);
    bed_check_refusal(bed, "10.1.3.3", 54321, CLIENT_SCADA, CLIENT_NO_RULE, BED_NOW + BED_OFFSET, 1,
                      "no allow rule matches its address");
    /* Without an address in the header the proxy's own counts. */
    close(admit_proxy(bed, "PROXY UNKNOWN\r\n", LISTENER_TCP));
    assert_true(bed->clients.first->conn->broken);
    bed_check_refusal(bed, "10.0.0.99", 4711, CLIENT_SCADA, CLIENT_NO_RULE, BED_NOW + BED_OFFSET, 1,
                      "no allow rule matches its address");

    close(admit_proxy(bed, "GET / HTTP/1.1", LISTENER_TCP));
    assert_true(bed->clients.first->conn->broken);
    assert_int_equal(bed_count(bed, MODBUSD_CLOSED_PROXY_HEADER), 1);
    bed_check_refusal(bed, "10.0.0.99", 4711, CLIENT_SCADA, CLIENT_NO_PROXY_HEADER,
                      BED_NOW + BED_OFFSET, 1,
                      "is in proxy_protocol_from but sends no PROXY header (14 bytes: 47 45 54 20 "
                      "2F 20 48 54): set send-proxy-v2, or correct proxy_protocol_from");
    clients_drop_all(&bed->clients);

    close(admit_proxy(bed, "PROXY TCP4", LISTENER_TCP));
    assert_true(bed->clients.first->conn->awaits_header && !bed->clients.first->conn->broken);
    clients_review_rights(&bed->clients); /* its address is not known yet */
    assert_false(bed->clients.first->conn->broken);
    assert_int_equal(clients_close_overdue(&bed->clients, BED_NOW + 499), BED_NOW + 500);
    assert_true(clients_close_overdue(&bed->clients, BED_NOW + 500) == UINT64_MAX);
    bed_check_counts(bed, 0, 0, 4);
    assert_int_equal(bed_count(bed, MODBUSD_CLOSED_PROXY_HEADER), 2);
    assert_int_equal(bed_count(bed, MODBUSD_CLOSED_FRAME_TIMEOUT), 0);
    assert_int_equal(bed_refusal(bed).count, 2);
}

/* A health check of the proxy itself is closed without a word if no rule is for the proxy. */
static void test_health_check(void **state)
{
    static const uint8_t local[] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51,
                                    0x55, 0x49, 0x54, 0x0A, 0x20, 0,    0,    0};
    struct bed *bed = *state;
    bed_set_rules(bed, "10.1.2.0/24 ro");
    int fd = admit_proxy(bed, "", LISTENER_TCP);
    assert_int_equal(send(fd, local, sizeof local, 0), sizeof local);
    conn_receive_bytes(bed->clients.first->conn, &bed->counters);
    clients_take_header(&bed->clients, bed->clients.first, BED_NOW);
    assert_true(bed->clients.first->conn->broken);
    assert_int_equal(bed_count(bed, MODBUSD_REFUSED_RULE), 0);
    assert_int_equal(bed_refusal(bed).number, 0);
    close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, bed_start, bed_end)
    static const struct CMUnitTest tests[] = {
        TEST(test_handshakes_that_do_not_end),
        TEST(test_proxies),
        TEST(test_proxies_that_are_refused),
        TEST(test_health_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
