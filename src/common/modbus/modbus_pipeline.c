/* Sends request frames and matches the answers to them by transaction number. */
#include "common/modbus/modbus_pipeline.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/clock.h"
#include "common/base/require.h"
#include "common/modbus/pdu.h"

struct pipeline_exchange {
    int fd;
    uint16_t transaction;
    struct pipeline_request *requests;
    size_t count, answered;
    unsigned timeout_ms;
    uint64_t until_ms; /* deadline of the next answer, or of space to send */
};

static bool pipeline_reads_bits(const struct pipeline_request *request)
{
    return request->function <= FC_READ_DISCRETE_INPUTS;
}

/* Writes the first five bytes of a request, which the answer to a write repeats: function, address,
 * and a quantity, a value or the and-mask. */
static void pipeline_put_start(uint8_t pdu[5], const struct pipeline_request *request)
{
    uint16_t third = request->count;
    if (request->function == FC_WRITE_COIL)
        third = request->words[0] ? 0xff00 : 0;
    else if (request->function == FC_WRITE_REGISTER)
        third = request->words[0];
    else if (request->function == FC_MASK_WRITE)
        third = (uint16_t)~request->mask;
    pdu[0] = request->function;
    pdu_put_u16(pdu + 1, request->address);
    pdu_put_u16(pdu + 3, third);
}

static size_t pipeline_put_frame(uint8_t *bytes, uint16_t transaction,
                                 const struct pipeline_request *request)
{
    const uint16_t *words = request->words;
    uint8_t *pdu = bytes + MBAP_SIZE;
    size_t len = 5, count = request->count;
    pipeline_put_start(pdu, request);
    switch (request->function) {
    case FC_WRITE_REGISTERS:
        REQUIRE(count >= 1 && count <= MODBUS_WRITE_REGISTERS_MAX);
        pdu[5] = (uint8_t)(2 * count);
        for (size_t i = 0; i < count; i++)
            pdu_put_u16(pdu + 6 + 2 * i, words[i]);
        len = 6 + pdu[5];
        break;
    case FC_WRITE_COILS:
        REQUIRE(count >= 1 && count <= MODBUS_WRITE_BITS_MAX);
        pdu[5] = (uint8_t)((count + 7) / 8);
        memset(pdu + 6, 0, pdu[5]);
        for (size_t i = 0; i < count; i++) {
            if (words[i])
                pdu[6 + i / 8] |= (uint8_t)(1U << (i % 8));
        }
        len = 6 + pdu[5];
        break;
    case FC_MASK_WRITE:
        pdu_put_u16(pdu + 5, words[0] & request->mask);
        len = 7;
        break;
    default:
        REQUIRE(request->function <= FC_WRITE_REGISTER);
    }
    pdu_put_header(bytes, transaction, request->unit, len);
    return MBAP_SIZE + len;
}

static int pipeline_await_socket(const struct pipeline_exchange *exchange, short events)
{
    struct pollfd one = {.fd = exchange->fd, .events = events};
    uint64_t now;
    while ((now = clock_steady_ms()) <= exchange->until_ms) {
        int ready = poll(&one, 1, (int)(exchange->until_ms - now));
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return errno;
    }
    return ETIMEDOUT;
}

static void pipeline_start_clock(struct pipeline_exchange *exchange)
{
    exchange->until_ms = clock_steady_ms() + exchange->timeout_ms;
}

static int pipeline_send_all(const struct pipeline_exchange *exchange, const uint8_t *bytes,
                             size_t len)
{
    while (len > 0) {
        ssize_t sent = send(exchange->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            len -= (size_t)sent;
        } else if (errno == EAGAIN) {
            int error = pipeline_await_socket(exchange, POLLOUT);
            if (error)
                return error;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

static bool pipeline_take_words(const struct pipeline_request *request,
                                const struct pdu_frame *frame)
{
    size_t size =
        pipeline_reads_bits(request) ? (request->count + 7U) / 8 : (size_t)request->count * 2;
    const uint8_t *data = frame->pdu + 2;
    if (frame->pdu_len != 2 + size || frame->pdu[0] != request->function || frame->pdu[1] != size)
        return false;
    for (size_t i = 0; i < request->count; i++) {
        if (pipeline_reads_bits(request))
            request->read[i] = data[i / 8] >> (i % 8) & 1;
        else
            request->read[i] = pdu_get_u16(data + 2 * i);
    }
    return true;
}

static bool pipeline_take_answer(struct pipeline_exchange *exchange, const struct pdu_frame *frame)
{
    size_t at = (uint16_t)(frame->transaction - exchange->transaction);
    if (at >= exchange->count)
        return false;
    struct pipeline_request *request = &exchange->requests[at];
    if (request->answered || frame->unit != request->unit)
        return false;
    bool refused =
        frame->pdu[0] == (request->function | 0x80) && frame->pdu_len == 2 && frame->pdu[1] != 0;
    if (!refused && request->function <= FC_READ_INPUT_REGISTERS) {
        if (!pipeline_take_words(request, frame))
            return false;
    } else if (!refused) {
        /* The answer to a write repeats the start of the request; that to FC22 also the bits. */
        bool masked = request->function == FC_MASK_WRITE;
        uint8_t start[5];
        pipeline_put_start(start, request);
        if (frame->pdu_len != (masked ? 7U : 5U) || memcmp(frame->pdu, start, sizeof start) != 0 ||
            (masked && pdu_get_u16(frame->pdu + 5) != (request->words[0] & request->mask)))
            return false;
    }
    request->answered = true;
    request->exception = refused ? frame->pdu[1] : 0;
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
        int error = pipeline_await_socket(exchange, POLLIN);
        if (error)
            return error;
        ssize_t got = recv(exchange->fd, bytes + len, sizeof bytes - len, MSG_DONTWAIT);
        if (got == 0)
            return ECONNRESET;
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            return errno;
        if (got < 0)
            continue;
        len += (size_t)got;

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

int pipeline_run_requests(int fd, uint16_t transaction, struct pipeline_request *requests,
                          size_t count, unsigned timeout_ms)
{
    uint8_t bytes[PIPELINE_MAX * ADU_MAX];
    struct pipeline_exchange exchange = {.fd = fd,
                                         .transaction = transaction,
                                         .requests = requests,
                                         .count = count,
                                         .timeout_ms = timeout_ms};
    size_t len = 0;
    REQUIRE(count >= 1 && count <= PIPELINE_MAX);
    for (size_t i = 0; i < count; i++) {
        requests[i].answered = false;
        requests[i].exception = 0;
        len += pipeline_put_frame(bytes + len, (uint16_t)(transaction + i), &requests[i]);
    }
    pipeline_start_clock(&exchange);
    int error = pipeline_send_all(&exchange, bytes, len);
    return error ? error : pipeline_receive_all(&exchange);
}
