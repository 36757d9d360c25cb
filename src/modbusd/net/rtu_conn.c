/* Cuts RTU frames from a stream, passes them to the service as frames of Modbus TCP, and converts
 * the answers. */
#include "modbusd/net/rtu_conn.h"

#include <string.h>

#include "common/base/require.h"
#include "common/modbus/rtu_frame.h"
#include "modbusd/requests/protocol_guess.h"

/* Decides about the first of `len` received bytes. RTU_WRONG sets `skip`, the number of bytes that
 * are no frame. Never RTU_UNKNOWN. */
static enum rtu_result rtu_conn_next(const struct conn *conn, struct rtu_frame *frame, size_t *skip)
{
    const uint8_t *bytes = conn->in + conn->in_start;
    const size_t len = conn->in_end - conn->in_start;
    const size_t newest =
        conn->chunk_start > conn->in_start ? conn->chunk_start - conn->in_start : 0;
    struct rtu_frame other;
    enum rtu_result result = rtu_cut_frame(bytes, len, RTU_REQUEST, frame);
    if (result == RTU_WHOLE)
        return result;
    /* The length of the request is not known: it ends where the client paused. */
    if (result == RTU_UNKNOWN && rtu_check_frame(bytes, len, frame))
        return RTU_WHOLE;
    *skip = rtu_find_frame(bytes, len, RTU_REQUEST);
    if (result == RTU_WRONG || (result == RTU_UNKNOWN && (*skip < len || len > RTU_SIZE_MAX)))
        return RTU_WRONG;
    /* The client gave up a request that was cut short, and sent the next one. */
    if (newest > 0 &&
        rtu_cut_frame(bytes + newest, len - newest, RTU_REQUEST, &other) == RTU_WHOLE) {
        *skip = newest;
        return RTU_WRONG;
    }
    return RTU_PART;
}

bool rtu_conn_has_work(const struct conn *conn)
{
    struct rtu_frame frame;
    size_t skip;
    return conn->in_start < conn->in_end && rtu_conn_next(conn, &frame, &skip) != RTU_PART;
}

/* Passes a request to the service. */
static void rtu_conn_ask(struct conn *conn, struct service *service, const struct rtu_frame *frame,
                         uint8_t unit, struct answers *out)
{
    uint8_t request[ADU_MAX];
    const struct pdu_frame asked = {.unit = unit,
                                    .pdu = request + MBAP_SIZE,
                                    .pdu_len = frame->pdu_len,
                                    .size = MBAP_SIZE + frame->pdu_len};
    pdu_put_header(request, 0, unit, frame->pdu_len);
    memcpy(request + MBAP_SIZE, frame->pdu, frame->pdu_len);
    service_answer_frame(service, &conn->client_session, &asked, out);
}

/* Does a write in all units that the client may write to. Its answers are discarded. */
static void rtu_conn_broadcast(struct conn *conn, struct service *service,
                               const struct rtu_frame *frame, struct answers *out)
{
    const struct unit_set *units = service->units;
    if (!pdu_is_write(frame->pdu[0]))
        return;
    const size_t len = out->len;
    for (size_t i = 0; i < units->count; i++) {
        const uint8_t right = conn->client_session.rights.of[i];
        if (right != ACCESS_WRITE && right != ACCESS_BY_REQUEST)
            continue;
        rtu_conn_ask(conn, service, frame, units->id[i], out);
        out->len = len;
    }
}

/* Names what a client sends that has not sent a request yet. */
static void rtu_conn_check_protocol(struct conn *conn, struct service *service)
{
    const uint8_t *bytes = conn->in + conn->in_start;
    const size_t len = conn->in_end - conn->in_start;
    if (conn->heard || conn->reported ||
        protocol_guess(PROTOCOL_RTU, bytes, len) == PROTOCOL_UNKNOWN)
        return;
    service_log_protocol(service, &conn->client_session, PROTOCOL_RTU, bytes, len);
    conn->reported = true;
    conn->broken = true;
}

size_t rtu_conn_convert_answers(uint8_t *bytes, size_t len)
{
    struct pdu_frame frame;
    size_t size = 0;
    for (size_t at = 0; at < len; at += frame.size) {
        const enum pdu_frame_result result = pdu_cut_frame(bytes + at, len - at, &frame);
        REQUIRE(result == FRAME_WHOLE);
        size += rtu_put_frame(bytes + size, frame.unit, frame.pdu, frame.pdu_len);
    }
    return size;
}

void rtu_conn_answer_frames(struct conn *conn, struct service *service, uint64_t now)
{
    struct answers out = {.bytes = conn->out, .len = conn->out_end, .size = sizeof conn->out};
    const size_t answers_start = out.len;
    enum rtu_result result = RTU_PART;
    struct rtu_frame frame;
    size_t skip;
    size_t budget = CONN_FRAMES_PER_TURN;
    uint64_t writes = bank_write_count(service->bank);
    REQUIRE(!conn->awaits_header && conn->held == 0);

    while (budget > 0 && !conn->broken && answers_have_room(&out) &&
           conn->in_start < conn->in_end &&
           (result = rtu_conn_next(conn, &frame, &skip)) != RTU_PART) {
        budget--;
        if (result == RTU_WRONG) {
            rtu_conn_check_protocol(conn, service);
            counters_add(service->counters, MODBUSD_RTU_CRC_ERRORS, 1);
            counters_add(service->counters, MODBUSD_RTU_SKIPPED_BYTES, skip);
            conn->in_start += skip;
            conn->frame_since = 0;
            continue;
        }
        if (frame.unit == RTU_BROADCAST) {
            counters_add(service->counters, MODBUSD_RTU_BROADCASTS, 1);
            rtu_conn_broadcast(conn, service, &frame, &out);
            budget = 0; /* it is the work of many requests */
        } else {
            rtu_conn_ask(conn, service, &frame, frame.unit, &out);
        }
        conn->in_start += frame.size;
        conn->active_since = now;
        conn->frame_since = 0;
        conn->heard = true;
    }
    conn->out_end = answers_start +
                    rtu_conn_convert_answers(conn->out + answers_start, out.len - answers_start);
    conn->changed = bank_write_count(service->bank) != writes;

    if (result != RTU_PART || conn->in_start == conn->in_end)
        conn->frame_since = 0;
    else if (conn->frame_since == 0)
        conn->frame_since = now;
}
