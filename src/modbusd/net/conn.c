/* Receives bytes, extracts frames, passes them to the service, sends the answers. */
#include "modbusd/net/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/require.h"
#include "modbusd/net/rtu_conn.h"
#include "modbusd/requests/protocol_guess.h"

_Static_assert(sizeof(((struct conn *)0)->in) >= (size_t)MBAP_SIZE + PDU_LONG_MAX,
               "the longest request fits");
_Static_assert(sizeof(((struct conn *)0)->in) >= PROXY_HEADER_MAX, "the longest header fits");
_Static_assert(sizeof(((struct conn *)0)->in) <= TLS_BUFFER_SIZE, "TLS takes what came behind it");
_Static_assert(sizeof(((struct conn *)0)->out) >= (size_t)2 * ADU_MAX,
               "an answer fits after a waiting one");

struct conn *conn_create(int fd, const struct client_session *client_session,
                         const struct access_source *source, uint64_t now)
{
    struct conn *conn = malloc(sizeof *conn);
    if (!conn)
        return NULL;
    memset(conn, 0, offsetof(struct conn, in)); /* untouched buffers cost no memory */
    conn->fd = fd;
    conn->client_session = *client_session;
    conn->source = *source;
    conn->active_since = now;
    return conn;
}

void conn_destroy(struct conn *conn)
{
    if (!conn)
        return;
    tls_session_destroy(conn->tls);
    close(conn->fd);
    free(conn);
}

static bool conn_would_block(void)
{
    return errno == EAGAIN || errno == EINTR;
}

void conn_receive_bytes(struct conn *conn, struct counters *counters)
{
    REQUIRE(conn->in_start <= conn->in_end && conn->in_end <= sizeof conn->in);
    if (conn->in_start > 0) {
        memmove(conn->in, conn->in + conn->in_start, conn->in_end - conn->in_start);
        conn->in_end -= conn->in_start;
        conn->in_start = 0;
    }
    conn->chunk_start = conn->in_end;
    if (conn->in_end == sizeof conn->in)
        return;
    uint8_t *end = conn->in + conn->in_end;
    const size_t room = sizeof conn->in - conn->in_end;
    ssize_t got =
        conn->tls ? tls_session_receive(conn->tls, end, room) : recv(conn->fd, end, room, 0);
    if (got > 0) {
        conn->in_end += (size_t)got;
        counters_add(counters, MODBUSD_BYTES_IN, (uint64_t)got);
    } else if (got == 0) {
        conn->eof = true;
    } else if (!conn_would_block()) {
        conn->broken = true;
    }
}

enum tls_progress conn_shake_hands(struct conn *conn, struct tls_credentials *credentials)
{
    if (!conn->tls) {
        conn->tls = tls_session_create(credentials, conn->fd);
        if (!conn->tls)
            return TLS_CLOSED;
        tls_session_put_first(conn->tls, conn->in + conn->in_start, conn->in_end - conn->in_start);
        conn->in_start = conn->in_end = 0;
    }
    return tls_session_shake_hands(conn->tls);
}

bool conn_has_pending(const struct conn *conn)
{
    return conn->tls && !conn->eof && !conn->broken && tls_session_has_pending(conn->tls);
}

void conn_expect_header(struct conn *conn, uint64_t now)
{
    conn->awaits_header = true;
    conn->frame_since = now;
}

enum proxy_header_result conn_take_header(struct conn *conn, struct proxy_header *header)
{
    REQUIRE(conn->awaits_header && conn->in_start == 0);
    enum proxy_header_result result = proxy_header_parse(conn->in, conn->in_end, header);
    if (result == PROXY_HEADER_BAD)
        conn->broken = true;
    if (result != PROXY_HEADER_WHOLE)
        return result;
    REQUIRE(header->size <= conn->in_end);
    conn->in_start = header->size;
    conn->awaits_header = false;
    conn->frame_since = 0;
    return result;
}

static enum pdu_frame_result conn_next_frame(const struct conn *conn, struct pdu_frame *frame)
{
    return pdu_cut_request(conn->in + conn->in_start, conn->in_end - conn->in_start, frame);
}

static void conn_report_protocol(struct conn *conn, struct service *service)
{
    if (!conn->reported)
        service_log_protocol(service, &conn->client_session, PROTOCOL_TCP,
                             conn->in + conn->in_start, conn->in_end - conn->in_start);
    conn->reported = true;
}

void conn_answer_frames(struct conn *conn, struct service *service, uint64_t now)
{
    struct answers out = {.bytes = conn->out, .len = conn->out_end, .size = sizeof conn->out};
    enum pdu_frame_result result;
    struct pdu_frame frame;
    int budget = CONN_FRAMES_PER_TURN;
    uint64_t writes = bank_write_count(service->bank);
    REQUIRE(!conn->awaits_header && conn->held == 0);

    /* A Modbus RTU request may look like a frame of Modbus TCP, or like the start of one that never
     * becomes complete. Only log it: the guess may be wrong. */
    if (!conn->heard && protocol_is_rtu(conn->in + conn->in_start, conn->in_end - conn->in_start))
        conn_report_protocol(conn, service);

    while ((result = conn_next_frame(conn, &frame)) == FRAME_WHOLE && budget-- > 0 &&
           answers_have_room(&out)) {
        service_answer_frame(service, &conn->client_session, &frame, &out);
        conn->in_start += frame.size;
        conn->active_since = now;
        conn->frame_since = 0;
        conn->heard = true;
    }
    conn->out_end = out.len;
    conn->changed = bank_write_count(service->bank) != writes;

    /* The deadline of a frame counts from its first byte; later bytes do not extend it. */
    if (result != FRAME_PART || conn->in_start == conn->in_end)
        conn->frame_since = 0;
    else if (conn->frame_since == 0)
        conn->frame_since = now;
    if (result == FRAME_BAD) {
        counters_add(service->counters, MODBUSD_BAD_FRAMES, 1);
        conn_report_protocol(conn, service);
        conn->broken = true;
    }
}

void conn_send_answers(struct conn *conn, struct counters *counters, uint64_t now)
{
    REQUIRE(conn->out_end <= sizeof conn->out);
    if (conn->out_start < conn->out_end) {
        const uint8_t *start = conn->out + conn->out_start;
        const size_t len = conn->out_end - conn->out_start;
        ssize_t sent = conn->tls ? tls_session_send(conn->tls, start, len)
                                 : send(conn->fd, start, len, MSG_NOSIGNAL);
        if (sent >= 0) {
            conn->out_start += (size_t)sent;
            counters_add(counters, MODBUSD_BYTES_OUT, (uint64_t)sent);
        } else if (!conn_would_block()) {
            conn->broken = true;
        }
    }
    if (!conn_is_blocked(conn)) {
        if (conn->write_since != 0)
            conn_resume_frame(conn, now);
        conn->out_start = conn->out_end = 0;
        conn->write_since = 0;
    } else if (conn->write_since == 0) {
        conn->write_since = now;
    }
}

void conn_resume_frame(struct conn *conn, uint64_t now)
{
    if (conn->frame_since != 0)
        conn->frame_since = now;
}

void conn_discard_client(struct conn *conn)
{
    conn->out_start = conn->out_end = 0;
    conn->held = 0;
    conn->broken = true;
}

bool conn_is_blocked(const struct conn *conn)
{
    return conn->out_start < conn->out_end;
}

bool conn_has_work(const struct conn *conn)
{
    struct pdu_frame frame;
    if (conn->awaits_header)
        return false;
    return conn->is_rtu ? rtu_conn_has_work(conn)
                        : conn_next_frame(conn, &frame) != FRAME_PART || conn_has_pending(conn);
}

bool conn_is_finished(const struct conn *conn)
{
    return (conn->broken && conn->held == 0) ||
           (conn->eof && !conn_is_blocked(conn) && !conn_has_work(conn));
}
