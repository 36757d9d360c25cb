/* A whole connection: bytes in, bytes out, and the registers after it, against a simple model of
 * the specification, so that a wrong answer is found and not only a crash.
 *
 * The first byte of an input chooses the side, the rights and whether the process is lost; the
 * second how many bytes come at a time. The rest is what the client sends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "modbusd/net/conn.h"
#include "modbusd_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct system {
    struct unit_set units;
    struct image image;
    struct bank *bank;
    struct counters counters;
    struct service service;
} under_test;

/* What the model says to the stream. True if it closes the connection. */
static bool model_stream(const uint8_t *data, size_t size)
{
    enum pdu_frame_result result;
    unsigned pdu_len;
    while ((result = model_cut_frame(data, size, &pdu_len)) == FRAME_WHOLE) {
        model_answer_frame(data, pdu_len);
        data += 7 + pdu_len;
        size -= 7 + pdu_len;
    }
    return result == FRAME_BAD;
}

/* The parts of the daemon, created once. */
static void start(void)
{
    char path[] = "/tmp/fuzz_modbusd.XXXXXX";
    char why[1024];
    check(unit_set_parse("1,5", &under_test.units, why, sizeof why), "units");
    int fd = mkstemp(path);
    check(fd >= 0 && unlink(path) == 0, "temporary file");
    close(fd);
    if (!image_open(&under_test.image, path, &under_test.units, why, sizeof why))
        check(false, why);
    unlink(path);
    under_test.bank = bank_create(&under_test.image, NULL, NULL, &under_test.units);
    check(under_test.bank != NULL, "bank");
    under_test.service = (struct service){
        .units = &under_test.units,
        .bank = under_test.bank,
        .counters = &under_test.counters,
        .ident = {{"V", "C", "R", "", "P", "", ""}},
    };
}

/* Sends the stream in pieces, like the loop, and collects the answers. */
static bool converse(const struct client_session *client_session, const uint8_t *data, size_t size,
                     size_t piece, uint8_t *out, size_t *out_len)
{
    int ends[2];
    struct access_source source = {.is_serial = false};
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0, "socket pair");
    struct conn *conn = conn_create(ends[0], client_session, &source, 1);
    check(conn != NULL, "connection");
    *out_len = 0;
    for (size_t at = 0; !conn->broken && (at < size || conn_has_work(conn));) {
        size_t len = size - at < piece ? size - at : piece;
        ssize_t sent = len ? send(ends[1], data + at, len, MSG_NOSIGNAL) : 0;
        at += sent > 0 ? (size_t)sent : 0;
        if (!conn_is_blocked(conn)) {
            conn_receive_bytes(conn, &under_test.counters);
            conn_answer_frames(conn, &under_test.service, 1);
        }
        conn_send_answers(conn, &under_test.counters, 1);
        ssize_t got = recv(ends[1], out + *out_len, MODEL_OUT_MAX - *out_len, 0);
        *out_len += got > 0 ? (size_t)got : 0;
    }
    bool closed = conn->broken;
    conn_destroy(conn);
    for (ssize_t got; (got = recv(ends[1], out + *out_len, MODEL_OUT_MAX - *out_len, 0)) > 0;)
        *out_len += (size_t)got;
    close(ends[1]);
    return closed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[MODEL_OUT_MAX];
    size_t out_len;
    if (!under_test.bank)
        start();
    if (size < 3 || size > 4000)
        return 0;
    enum side side = data[0] % SIDE_COUNT;
    bool may_write = side != SIDE_SCADA || !(data[0] & 0x40);
    const struct model_rule rule = {.writes = may_write, .unit = MODEL_EVERY_UNIT};
    const struct model_client client = {.side = side, .rules = &rule, .rule_count = 1};
    model.client = &client;
    model.lost = side == SIDE_SCADA && (data[0] & 0x80);
    struct client_session client_session = {.side = side};
    memset(client_session.rights.of, may_write ? ACCESS_WRITE : ACCESS_READ,
           sizeof client_session.rights.of);
    under_test.service.process_timeout_ms = model.lost ? 1 : 0;
    service_start_clock(&under_test.service, 1);
    under_test.service.now = 2;
    /* Suppresses log lines. */
    under_test.service.refusals.logged_ms = under_test.service.protocols.logged_ms = 2;
    bool closed = converse(&client_session, data + 2, size - 2, data[1] + 1u, out, &out_len);
    check(closed == model_stream(data + 2, size - 2), "closed, or not");
    check(out_len == model.out_len, "another length of answers");
    check(memcmp(out, model.out, out_len) == 0, "another answer");
    model_compare_tables(&under_test.image);
    model_clear(&under_test.image);
    return 0;
}
