/* Sends request frames and matches the answers to them by transaction number. */
#include "common/modbus/modbus_pipeline.h"

#include <errno.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/require.h"
#include "common/modbus/pdu.h"

struct pipeline_exchange {
    struct modbus_transport *transport;
    uint16_t transaction;
    struct pipeline_request *requests;
    size_t count, answered;
    unsigned timeout_ms;
    uint64_t until_ms; /* deadline of the next answer */
};

static void pipeline_start_clock(struct pipeline_exchange *exchange)
{
    exchange->until_ms = clock_steady_ms() + exchange->timeout_ms;
}

static bool pipeline_take_answer(struct pipeline_exchange *exchange, const struct pdu_frame *frame)
{
    size_t at = (uint16_t)(frame->transaction - exchange->transaction);
    if (at >= exchange->count)
        return false;
    struct pipeline_request *request = &exchange->requests[at];
    if (request->answered || frame->unit != request->unit ||
        !pipeline_request_take(request, frame->pdu, frame->pdu_len))
        return false;
    exchange->answered++;
    pipeline_start_clock(exchange);
    return true;
}

/* Removes complete frames at once: only a part of one frame stays in the buffer. */
static int pipeline_receive_all(struct pipeline_exchange *exchange)
{
    uint8_t bytes[PIPELINE_MAX * ADU_MAX];
    size_t len = 0;
    while (exchange->answered < exchange->count) {
        size_t got;
        int error = transport_receive(exchange->transport, bytes + len, sizeof bytes - len,
                                      exchange->until_ms, &got);
        if (error)
            return error;
        len += got;

        struct pdu_frame frame;
        enum pdu_frame_result result;
        size_t at = 0;
        while ((result = pdu_cut_frame(bytes + at, len - at, &frame)) == FRAME_WHOLE) {
            if (!pipeline_take_answer(exchange, &frame))
                return EPROTO;
            at += frame.size;
        }
        if (result == FRAME_BAD)
            return EPROTO;
        len -= at;
        REQUIRE(len < ADU_MAX);
        memmove(bytes, bytes + at, len);
    }
    return 0;
}

int pipeline_send_requests(struct modbus_transport *transport, uint16_t transaction,
                           struct pipeline_request *requests, size_t count, uint64_t until_ms)
{
    uint8_t bytes[PIPELINE_MAX * ADU_MAX];
    size_t len = 0;
    REQUIRE(count >= 1 && count <= PIPELINE_MAX);
    for (size_t i = 0; i < count; i++) {
        requests[i].answered = false;
        requests[i].exception = 0;
        size_t size = pipeline_request_put(&requests[i], bytes + len + MBAP_SIZE);
        pdu_put_header(bytes + len, (uint16_t)(transaction + i), requests[i].unit, size);
        len += MBAP_SIZE + size;
    }
    return transport_send_all(transport, bytes, len, until_ms);
}

int pipeline_receive_answers(struct modbus_transport *transport, uint16_t transaction,
                             struct pipeline_request *requests, size_t count, uint64_t sent_ms,
                             unsigned timeout_ms)
{
    struct pipeline_exchange exchange = {.transport = transport,
                                         .transaction = transaction,
                                         .requests = requests,
                                         .count = count,
                                         .timeout_ms = timeout_ms,
                                         .until_ms = sent_ms + timeout_ms};
    REQUIRE(count >= 1 && count <= PIPELINE_MAX);
    return pipeline_receive_all(&exchange);
}

int pipeline_run_requests(struct modbus_transport *transport, uint16_t transaction,
                          struct pipeline_request *requests, size_t count, unsigned timeout_ms)
{
    int error = pipeline_send_requests(transport, transaction, requests, count,
                                       clock_steady_ms() + timeout_ms);
    if (error)
        return error;
    return pipeline_receive_answers(transport, transaction, requests, count, clock_steady_ms(),
                                    timeout_ms);
}
