/* Frames out, answers in, matched by their numbers. */
#include "common/pipeline.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/pdu.h"

enum { ANSWER_MAX = MBAP_SIZE + 7 };

struct exchange {
    int fd;
    uint16_t transaction;
    struct pipeline_write *writes;
    size_t count, answered;
    unsigned timeout_ms;
};

static uint8_t function_of(const struct pipeline_write *write)
{
    if (write->mask)
        return FC_MASK_WRITE;
    return table_is_bits(write->table) ? FC_WRITE_COILS : FC_WRITE_REGISTERS;
}

static size_t put_registers(uint8_t *pdu, const struct pipeline_write *write)
{
    pdu[5] = (uint8_t)(2 * write->count);
    for (size_t i = 0; i < write->count; i++)
        put_u16(pdu + 6 + 2 * i, write->words[i]);
    return 6 + pdu[5];
}

static size_t put_bits(uint8_t *pdu, const struct pipeline_write *write)
{
    pdu[5] = (uint8_t)((write->count + 7) / 8);
    memset(pdu + 6, 0, pdu[5]);
    for (size_t i = 0; i < write->count; i++) {
        if (write->words[i])
            pdu[6 + i / 8] |= (uint8_t)(1U << (i % 8));
    }
    return 6 + pdu[5];
}

/* What request and answer begin with: function, address, and count or the mask that is kept. */
static void put_start(uint8_t pdu[5], const struct pipeline_write *write)
{
    pdu[0] = function_of(write);
    put_u16(pdu + 1, write->address);
    put_u16(pdu + 3, write->mask ? (uint16_t)~write->mask : write->count);
}

static size_t put_frame(uint8_t *bytes, uint16_t transaction, const struct pipeline_write *write)
{
    uint8_t *pdu = bytes + MBAP_SIZE;
    size_t len = 7;
    put_start(pdu, write);
    if (write->mask)
        put_u16(pdu + 5, write->words[0] & write->mask);
    else
        len = table_is_bits(write->table) ? put_bits(pdu, write) : put_registers(pdu, write);
    frame_header(bytes, transaction, write->unit, len);
    return MBAP_SIZE + len;
}

static int await(const struct exchange *exchange, short events)
{
    struct pollfd one = {.fd = exchange->fd, .events = events};
    uint64_t until = clock_steady_ms() + exchange->timeout_ms, now;
    while ((now = clock_steady_ms()) <= until) {
        int ready = poll(&one, 1, (int)(until - now));
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return errno;
    }
    return ETIMEDOUT;
}

static int send_all(const struct exchange *exchange, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(exchange->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            len -= (size_t)sent;
        } else if (errno == EAGAIN) {
            int error = await(exchange, POLLOUT);
            if (error)
                return error;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/* An answer repeats what the request began with, a masked one the bits, too. */
static bool fits(const struct pipeline_write *write, const struct frame *frame)
{
    uint8_t start[5];
    put_start(start, write);
    return frame->pdu_len == (write->mask ? 7U : 5U) && memcmp(frame->pdu, start, 5) == 0 &&
           (!write->mask || get_u16(frame->pdu + 5) == (write->words[0] & write->mask));
}

static bool take_answer(struct exchange *exchange, const struct frame *frame)
{
    size_t at = (uint16_t)(frame->transaction - exchange->transaction);
    if (at >= exchange->count)
        return false;
    struct pipeline_write *write = &exchange->writes[at];
    bool refused =
        frame->pdu[0] == (function_of(write) | 0x80) && frame->pdu_len == 2 && frame->pdu[1] != 0;
    if (write->answered || frame->unit != write->unit || (!refused && !fits(write, frame)))
        return false;
    write->answered = true;
    write->exception = refused ? frame->pdu[1] : 0;
    exchange->answered++;
    return true;
}

/* Takes the whole frames off the front of the bytes. */
static int take_answers(struct exchange *exchange, uint8_t *bytes, size_t *len)
{
    struct frame frame;
    enum frame_result result;
    size_t at = 0;
    while ((result = frame_cut(bytes + at, *len - at, &frame)) == FRAME_WHOLE) {
        if (!take_answer(exchange, &frame))
            return EPROTO;
        at += frame.size;
    }
    *len -= at;
    memmove(bytes, bytes + at, *len);
    return result == FRAME_BAD ? EPROTO : 0;
}

static int receive_all(struct exchange *exchange)
{
    uint8_t bytes[PIPELINE_MAX * ANSWER_MAX + ADU_MAX];
    size_t len = 0;
    int error = 0;
    while (!error && exchange->answered < exchange->count) {
        ssize_t got = recv(exchange->fd, bytes + len, sizeof bytes - len, MSG_DONTWAIT);
        if (got > 0) {
            len += (size_t)got;
            error = take_answers(exchange, bytes, &len);
        } else if (got == 0) {
            error = ECONNRESET;
        } else if (errno == EAGAIN) {
            error = await(exchange, POLLIN);
        } else if (errno != EINTR) {
            error = errno;
        }
    }
    return error;
}

int pipeline_run(int fd, uint16_t transaction, struct pipeline_write *writes, size_t count,
                 unsigned timeout_ms)
{
    uint8_t bytes[PIPELINE_MAX * ADU_MAX];
    struct exchange exchange = {.fd = fd,
                                .transaction = transaction,
                                .writes = writes,
                                .count = count,
                                .timeout_ms = timeout_ms};
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        writes[i].answered = false;
        writes[i].exception = 0;
        len += put_frame(bytes + len, (uint16_t)(transaction + i), &writes[i]);
    }
    int error = send_all(&exchange, bytes, len);
    return error ? error : receive_all(&exchange);
}
