/* A service with counters, a table of clients and clients, for the tests of sockets of
 * tagferry-modbusd. */
#ifndef TAGFERRY_TESTS_NET_BED_H
#define TAGFERRY_TESTS_NET_BED_H

#include "modbusd_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "modbusd/net/clients.h"

/* The bed's clock, and its distance from that of the table. */
enum { BED_NOW = 10000, BED_OFFSET = 5000000, BED_PATHS = 80 };

struct bed {
    struct fixture *f;
    struct counters counters;
    struct client_table table, reader;
    struct service service;
    struct access_rules rules;
    struct access_networks proxies;
    struct client_limits limits;
    struct clients clients;
};

static inline void bed_set_rules(struct bed *bed, const char *text)
{
    char why[512] = "";
    if (!access_rules_parse(text, &bed->rules, why, sizeof why))
        fail_msg("%s", why);
}

static inline int bed_start(void **state)
{
    struct bed *bed = calloc(1, sizeof *bed);
    void *fixture;
    char why[SHM_WHY_SIZE] = "";
    if (fixture_make(&fixture) != 0)
        return -1;
    fixture_open(fixture, "1-2,20-29");
    *state = bed;
    bed->f = fixture;
    assert_true(
        counters_open_writer(&bed->counters, &modbusd_counters, bed->f->folder, why, sizeof why));
    assert_true(client_table_open_writer(&bed->table, bed->f->folder, why, sizeof why));
    assert_true(client_table_open_reader(&bed->reader, bed->f->folder, why, sizeof why));
    bed->service = (struct service){.units = &bed->f->units,
                                    .bank = bed->f->bank,
                                    .counters = &bed->counters,
                                    .client_table = &bed->table,
                                    .now = BED_NOW,
                                    .wall_offset = BED_OFFSET};
    bed_set_rules(bed, "any rw");
    bed->limits = (struct client_limits){.max_connections = 3,
                                         .frame_timeout_ms = 500,
                                         .write_timeout_ms = 700,
                                         .idle_timeout_ms = 900,
                                         .allow = &bed->rules,
                                         .proxies = &bed->proxies};
    bed->clients = (struct clients){.limits = &bed->limits,
                                    .service = &bed->service,
                                    .counters = &bed->counters,
                                    .epoll = epoll_create1(EPOLL_CLOEXEC),
                                    .handshake_epoll = epoll_create1(EPOLL_CLOEXEC)};
    return 0;
}

static inline int bed_end(void **state)
{
    struct bed *bed = *state;
    void *fixture = bed->f;
    char path[BED_PATHS];
    clients_drop_all(&bed->clients);
    close(bed->clients.epoll);
    close(bed->clients.handshake_epoll);
    client_table_close(&bed->reader);
    client_table_close(&bed->table);
    counters_close(&bed->counters);
    static const char *const files[] = {"clients", "clients.damaged", "clients.old"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", bed->f->folder, files[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/%s", bed->f->folder, modbusd_counters.file);
    unlink(path);
    free(bed);
    return fixture_remove(&fixture);
}

static inline uint64_t bed_count(const struct bed *bed, size_t counter)
{
    return counters_get(&bed->counters, counter);
}

static inline struct sockaddr_storage bed_address(const char *text, uint16_t port)
{
    struct sockaddr_storage at = {.ss_family = strchr(text, ':') ? AF_INET6 : AF_INET};
    if (at.ss_family == AF_INET6) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&at;
        v6->sin6_port = htons(port);
        assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
    } else {
        struct sockaddr_in *v4 = (struct sockaddr_in *)&at;
        v4->sin_port = htons(port);
        assert_int_equal(inet_pton(AF_INET, text, &v4->sin_addr), 1);
    }
    return at;
}

/* The number of clients that the table shows, and the last one; zeros if there is none. */
static inline size_t bed_shown(const struct bed *bed, struct client_facts *last)
{
    struct client_facts facts;
    size_t count = 0;
    if (last)
        *last = (struct client_facts){.port = 0};
    for (size_t slot = 0; slot < client_table_count_slots(&bed->reader); slot++) {
        if (!client_table_read_client(&bed->reader, slot, &facts))
            continue;
        count++;
        if (last)
            *last = facts;
    }
    return count;
}

/* The newest refusal in the table. */
static inline struct client_refusal bed_refusal(const struct bed *bed)
{
    struct client_refusal newest = {.number = 0}, refusal;
    for (size_t place = 0; place < CLIENT_REFUSALS; place++) {
        if (client_table_read_refusal(&bed->reader, place, &refusal) &&
            refusal.number > newest.number)
            newest = refusal;
    }
    return newest;
}

/* Compares the newest refusal as a whole. */
static inline void bed_check_refusal(const struct bed *bed, const char *address, uint16_t port,
                                     enum client_side side, enum client_refusal_reason reason,
                                     uint64_t at_ms, uint64_t count, const char *detail)
{
    const struct client_refusal refusal = bed_refusal(bed);
    struct access_ip ip;
    char text[INET6_ADDRSTRLEN];
    memcpy(ip.bytes, refusal.address, sizeof ip.bytes);
    access_ip_format(&ip, text);
    assert_string_equal(text, address);
    assert_int_equal(refusal.port, port);
    assert_int_equal(refusal.side, side);
    assert_int_equal(refusal.reason, reason);
    assert_int_equal(refusal.at_ms, at_ms);
    assert_int_equal(refusal.count, count);
    assert_string_equal(refusal.detail, detail);
}

/* Lets a client in from this address; returns its end of the connection. */
static inline int bed_admit(struct bed *bed, const char *address, uint16_t port, enum side side,
                            enum listener_protocol protocol)
{
    const struct listener listener = {.fd = 99, .side = side, .protocol = protocol};
    const struct sockaddr_storage at = bed_address(address, port);
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    clients_admit(&bed->clients, ends[0], &listener, &at, bed->service.now);
    return ends[1];
}

static inline void bed_check_counts(const struct bed *bed, size_t scada, size_t process,
                                    uint64_t accepted)
{
    assert_int_equal(bed->clients.scada_count, scada);
    assert_int_equal(bed->clients.process_count, process);
    assert_int_equal(bed_count(bed, MODBUSD_CONNECTIONS), scada);
    assert_int_equal(bed_count(bed, MODBUSD_PROCESS_CONNECTIONS), process);
    assert_int_equal(bed_count(bed, MODBUSD_ACCEPTED), accepted);
}

static inline void bed_check_facts(const struct client_facts *facts, const char *address,
                                   uint16_t port, enum client_side side,
                                   enum client_protocol protocol)
{
    struct access_ip ip;
    char text[INET6_ADDRSTRLEN];
    memcpy(ip.bytes, facts->address, sizeof ip.bytes);
    access_ip_format(&ip, text);
    assert_string_equal(text, address);
    assert_int_equal(facts->port, port);
    assert_int_equal(facts->side, side);
    assert_int_equal(facts->protocol, protocol);
    assert_string_equal(facts->role, "");
    assert_int_equal(facts->since_ms, BED_NOW + BED_OFFSET);
    assert_int_equal(facts->requests, 0);
}

/* Cuts the file of the table short. */
static inline void bed_damage_table(struct bed *bed)
{
    char path[BED_PATHS], why[SHM_WHY_SIZE];
    client_table_close(&bed->reader); /* opening it again restores the handler of SIGBUS */
    assert_true(client_table_open_reader(&bed->reader, bed->f->folder, why, sizeof why));
    snprintf(path, sizeof path, "%s/clients", bed->f->folder);
    assert_int_equal(truncate(path, 40), 0);
}

/* Reads the file that replaced a damaged one. */
static inline void bed_reopen_table(struct bed *bed)
{
    char why[SHM_WHY_SIZE];
    client_table_close(&bed->reader);
    assert_true(client_table_open_reader(&bed->reader, bed->f->folder, why, sizeof why));
}

/* True if the server has closed the other end of a socket. */
static inline bool bed_is_closed(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

#endif
