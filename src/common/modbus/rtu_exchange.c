/* Waits for silence, sends a frame, and looks for its answer in what comes. */
#include "common/modbus/rtu_exchange.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/require.h"
#include "common/modbus/rtu_frame.h"

enum {
    TURNAROUND_US = 100000, /* after a broadcast, which the units carry out */
    BABBLE_MS = 50,         /* the longest wait for a silence that does not come */
    REST_MS = 100,          /* for the rest of a frame that is damaged: adapters pause less */
    RECEIVED_MAX = 2 * RTU_SIZE_MAX,
    LOST_BYTES_MAX = 2, /* an answer that lacks more is not recognised as one */
};

/* Bytes that came since the request. */
struct rtu_received {
    uint8_t bytes[RECEIVED_MAX];
    size_t len;
    size_t damaged; /* bytes that were removed and are no frame */
};

void rtu_exchange_init(struct rtu_exchange *exchange, const struct modbus_endpoint *endpoint)
{
    REQUIRE(endpoint->framing == FRAMING_RTU);
    *exchange = (struct rtu_exchange){0};
    if (!endpoint->is_serial)
        return; /* the device server keeps the pauses of its line */
    exchange->pause_us = rtu_frame_pause_us(endpoint->line.baud);
    exchange->character_us = serial_line_character_us(&endpoint->line);
}

unsigned rtu_late_ms(unsigned timeout_ms)
{
    return timeout_ms;
}

static void rtu_sleep_until(uint64_t until_us)
{
    uint64_t now = clock_steady_us();
    while (now < until_us) {
        const struct timespec left = {.tv_sec = (time_t)((until_us - now) / 1000000),
                                      .tv_nsec = (long)((until_us - now) % 1000000 * 1000)};
        nanosleep(&left, NULL);
        now = clock_steady_us();
    }
}

/* Waits for the pause since the newest byte. On a line that is never silent the request is sent
 * anyway. */
static int rtu_await_silence(const struct rtu_exchange *exchange,
                             struct modbus_transport *transport)
{
    uint64_t give_up_ms = clock_steady_ms() + BABBLE_MS;
    size_t count = 0;
    int error = 0;
    rtu_sleep_until(exchange->free_at_us);
    do {
        if (count > 0)
            rtu_sleep_until(clock_steady_us() + exchange->pause_us);
        error = transport_drain(transport, &count);
    } while (error == 0 && count > 0 && clock_steady_ms() < give_up_ms);
    return error;
}

static void rtu_forget_bytes(struct rtu_received *received, size_t count)
{
    REQUIRE(count <= received->len);
    received->len -= count;
    memmove(received->bytes, received->bytes + count, received->len);
}

/* Looks for the answer, and removes what cannot be a part of it. */
static bool rtu_find_answer(struct rtu_received *received, struct pipeline_request *request)
{
    struct rtu_frame frame;
    while (received->len > 0) {
        const uint8_t *bytes = received->bytes;
        enum rtu_result result = rtu_cut_frame(bytes, received->len, RTU_ANSWER, &frame);
        if (result == RTU_WHOLE) {
            if (frame.unit == request->unit &&
                pipeline_request_take(request, frame.pdu, frame.pdu_len))
                return true;
            rtu_forget_bytes(received, frame.size); /* of another unit, or late */
            continue;
        }
        size_t at = rtu_find_frame(bytes, received->len, RTU_ANSWER);
        if (at == received->len) /* there is no whole frame yet */
            return false;
        received->damaged += at;
        rtu_forget_bytes(received, at);
    }
    return false;
}

/* Waits for the answer until the time given, or until the rest of a damaged one would have come.
 * Fewer bytes may be noise before an answer that is late. */
static int rtu_receive_answer(struct modbus_transport *transport, struct pipeline_request *request,
                              uint64_t until_ms)
{
    struct rtu_received received = {.len = 0};
    const size_t most = pipeline_request_answer_size(request) + RTU_OVERHEAD - LOST_BYTES_MAX;
    int error = 0;
    while (error == 0) {
        size_t got;
        if (received.len == RECEIVED_MAX) { /* noise; an answer may be in the second half */
            received.damaged += RECEIVED_MAX / 2;
            rtu_forget_bytes(&received, RECEIVED_MAX / 2);
        }
        error = transport_receive(transport, received.bytes + received.len,
                                  RECEIVED_MAX - received.len, until_ms, &got);
        received.len += got;
        if (error == 0 && rtu_find_answer(&received, request))
            return 0;
        uint64_t rest_ms = clock_steady_ms() + REST_MS;
        if (received.damaged + received.len >= most && rest_ms < until_ms)
            until_ms = rest_ms;
    }
    return error == ETIMEDOUT && received.damaged + received.len >= most ? EBADMSG : error;
}

int rtu_exchange_run(struct rtu_exchange *exchange, struct modbus_transport *transport,
                     struct pipeline_request *request, unsigned timeout_ms)
{
    uint8_t bytes[RTU_SIZE_MAX];
    const bool has_answer = request->unit != RTU_BROADCAST;
    REQUIRE(has_answer || !pipeline_request_reads(request));
    request->answered = false;
    request->exception = 0;
    size_t size =
        rtu_put_frame(bytes, request->unit, bytes + 1, pipeline_request_put(request, bytes + 1));
    int error = rtu_await_silence(exchange, transport);
    uint64_t on_line_us = size * exchange->character_us;
    if (has_answer)
        on_line_us +=
            (pipeline_request_answer_size(request) + RTU_OVERHEAD) * exchange->character_us;
    uint64_t until_ms = clock_steady_ms() + timeout_ms + (on_line_us + 999) / 1000;
    if (error == 0)
        error = transport_send_all(transport, bytes, size, until_ms);
    if (error == 0 && has_answer)
        error = rtu_receive_answer(transport, request, until_ms);
    exchange->free_at_us = clock_steady_us() + exchange->pause_us;
    if (error == 0 && exchange->was_damaged) /* in case both requests are answered */
        exchange->free_at_us += (uint64_t)REST_MS * 1000;
    exchange->was_damaged = error == EBADMSG;
    if (!has_answer && error == 0) {
        exchange->free_at_us += on_line_us + TURNAROUND_US;
        request->answered = true;
    }
    return error;
}
