/* Whether requests were answered, by the bytes on the wire alone. The functions that make requests
 * are wrapped: what they return is compared with it. */
#include <errno.h>
#include <string.h>

#include "common/modbus/rtu_exchange.h"
#include "common/modbus/rtu_frame.h"
#include "foreign_server.h"

int __real_pipeline_run_requests(struct modbus_transport *transport, uint16_t transaction,
                                 struct pipeline_request *requests, size_t count,
                                 unsigned timeout_ms);
int __wrap_pipeline_run_requests(struct modbus_transport *transport, uint16_t transaction,
                                 struct pipeline_request *requests, size_t count,
                                 unsigned timeout_ms);
int __real_pipeline_send_requests(struct modbus_transport *transport, uint16_t transaction,
                                  struct pipeline_request *requests, size_t count,
                                  uint64_t until_ms);
int __wrap_pipeline_send_requests(struct modbus_transport *transport, uint16_t transaction,
                                  struct pipeline_request *requests, size_t count,
                                  uint64_t until_ms);
int __real_pipeline_receive_answers(struct modbus_transport *transport, uint16_t transaction,
                                    struct pipeline_request *requests, size_t count,
                                    uint64_t sent_ms, unsigned timeout_ms);
int __wrap_pipeline_receive_answers(struct modbus_transport *transport, uint16_t transaction,
                                    struct pipeline_request *requests, size_t count,
                                    uint64_t sent_ms, unsigned timeout_ms);
int __real_rtu_exchange_run(struct rtu_exchange *exchange, struct modbus_transport *transport,
                            struct pipeline_request *request, unsigned timeout_ms);
int __wrap_rtu_exchange_run(struct rtu_exchange *exchange, struct modbus_transport *transport,
                            struct pipeline_request *request, unsigned timeout_ms);

static unsigned word_at(const uint8_t *bytes)
{
    return bytes[0] * 256u + bytes[1];
}

static bool reads(unsigned function)
{
    return function <= FC_READ_INPUT_REGISTERS;
}

/* The data of the request, or of its answer: bits from `bits` on, or words. */
static uint16_t datum_at(bool is_bits, const uint8_t *data, size_t i)
{
    return is_bits ? data[i / 8] >> i % 8 & 1 : (uint16_t)word_at(data + 2 * i);
}

static void check_request(const struct pipeline_request *asked, const struct received *got)
{
    const uint8_t *pdu = got->pdu;
    bool is_bits = asked->function == FC_WRITE_COILS;
    size_t bytes = is_bits ? (asked->count + 7u) / 8 : 2u * asked->count, len = 5;
    unsigned third = asked->count;
    switch (asked->function) {
    case FC_WRITE_COIL:
        third = asked->words[0] ? 0xff00 : 0;
        break;
    case FC_WRITE_REGISTER:
        third = asked->words[0];
        break;
    case FC_MASK_WRITE:
        third = 0xffffu & ~(unsigned)asked->mask;
        len = 7;
        check(word_at(pdu + 5) == (asked->words[0] & asked->mask), "other bits were sent");
        break;
    case FC_WRITE_COILS:
    case FC_WRITE_REGISTERS:
        len = 6 + bytes;
        check(pdu[5] == bytes, "another byte count was sent");
        for (size_t i = 0; i < asked->count; i++)
            check(datum_at(is_bits, pdu + 6, i) ==
                      (is_bits ? asked->words[i] != 0 : asked->words[i]),
                  "other data were sent");
        break;
    default:
        break;
    }
    check(got->unit == asked->unit && got->len == len && pdu[0] == asked->function &&
              word_at(pdu + 1) == asked->address && word_at(pdu + 3) == third,
          "another request was sent");
}

/* True when the PDU is the answer to the request. */
static bool is_answer(const struct received *request, const uint8_t *pdu, size_t len)
{
    const uint8_t *asked = request->pdu;
    if (len == 2 && pdu[0] == (asked[0] | 0x80) && pdu[1] != 0)
        return true;
    size_t count = word_at(asked + 3), bytes = asked[0] <= 2 ? (count + 7) / 8 : 2 * count;
    if (reads(asked[0]))
        return len == 2 + bytes && pdu[0] == asked[0] && pdu[1] == bytes;
    size_t echo = asked[0] == FC_MASK_WRITE ? 7 : 5;
    return len == echo && memcmp(pdu, asked, echo) == 0;
}

static void note_accepted(size_t link, const struct pipeline_request *asked)
{
    struct accepted_unit *unit = &server.accepted[link][asked->unit % SERVER_UNITS];
    bool is_bits = asked->function == FC_WRITE_COIL || asked->function == FC_WRITE_COILS;
    for (size_t i = 0; i < asked->count && asked->address + i < SERVER_CELLS; i++) {
        size_t at = asked->address + i;
        uint16_t mask = asked->mask ? asked->mask : UINT16_MAX;
        if (is_bits) {
            unit->bits[at] = asked->words[i] != 0;
            unit->knows_bit[at] = true;
        } else {
            unit->words[at] = (uint16_t)((unit->words[at] & ~mask) | (asked->words[i] & mask));
            unit->known[at] |= mask;
        }
    }
}

/* The client's view of an answer is that of the bytes. */
static void check_taken(const struct pipeline_request *asked, const uint8_t *pdu)
{
    check(asked->exception == (pdu[0] & 0x80 ? pdu[1] : 0), "another exception was taken");
    for (size_t i = 0; i < asked->count && reads(asked->function) && asked->exception == 0; i++)
        check(asked->read[i] == datum_at(asked->function <= 2, pdu + 2, i),
              "another value was read");
}

/* By TCP the unread bytes begin with a frame for each request, in any order. Returns the number of
 * bytes that they have. */
static size_t find_answers(struct connection *connection, const struct pipeline_request *asked,
                           size_t count)
{
    const uint8_t *at = connection->stream;
    size_t left = connection->stream_len, found = 0;
    while (found < count && left >= 8 && word_at(at + 2) == 0 && word_at(at + 4) >= 2 &&
           word_at(at + 4) <= 1 + PDU_MAX && left >= 6 + word_at(at + 4)) {
        size_t len = word_at(at + 4) - 1, i = 0;
        while (i < count && connection->requests[i].transaction != word_at(at))
            i++;
        struct received *request = &connection->requests[i];
        if (i == count || request->answered || request->unit != at[6] ||
            !is_answer(request, at + 7, len))
            break;
        request->answered = true;
        found++;
        if (asked[i].answered)
            check_taken(&asked[i], at + 7);
        at += 7 + len;
        left -= 7 + len;
    }
    return connection->stream_len - left;
}

static void note_attempt(const struct pipeline_request *asked, size_t count, bool answered,
                         int error)
{
    const struct pipeline_request *last = &asked[count - 1];
    struct attempt *attempt = &server.attempt;
    attempt->number++;
    attempt->error = error;
    attempt->answered = answered;
    attempt->exception = last->exception;
    attempt->unit = last->unit;
    attempt->function = last->function;
    attempt->address = last->address;
    attempt->count = last->count;
    attempt->mask = last->mask;
    if (answered || !reads(last->function))
        memcpy(attempt->words, reads(last->function) ? last->read : last->words,
               last->count * sizeof *last->words);
}

static void check_tcp(struct connection *connection, const struct pipeline_request *asked,
                      size_t count, int error)
{
    size_t link = (size_t)(connection - server.connections), used = 0;
    bool all = connection->count == count;
    check(all || error != 0, "an answer to requests that were not sent");
    for (size_t i = 0; i < connection->count; i++)
        check_request(&asked[i], &connection->requests[i]);
    if (all)
        used = find_answers(connection, asked, count);
    for (size_t i = 0; i < count; i++) {
        all = all && connection->requests[i].answered;
        check(!asked[i].answered || (i < connection->count && connection->requests[i].answered),
              "an answer was taken that is none");
        if (asked[i].answered && asked[i].exception == 0 && !reads(asked[i].function))
            note_accepted(link, &asked[i]);
    }
    check(error != 0 || all, "success without an answer");
    check(error == 0 || !all || used < connection->stream_len, "a right answer was not taken");
    connection->is_spent = error != 0;
    note_attempt(asked, count, error == 0, error);
}

static void check_rtu(struct connection *connection, const struct pipeline_request *asked,
                      unsigned timeout_ms, int error)
{
    size_t link = (size_t)(connection - server.connections);
    bool is_broadcast = asked->unit == RTU_BROADCAST, found = false, exact = false;
    if (is_broadcast) /* the client has not waited */
        server_pass_time(server.now_us, NULL, 0);
    check(error == 0 ? connection->count == 1 && asked->answered : !asked->answered,
          "a result without a request");
    if (connection->count == 1)
        check_request(asked, connection->requests);
    for (size_t at = 0; connection->count == 1 && at < connection->stream_len && !found; at++) {
        const uint8_t *frame = connection->stream + at;
        for (size_t len = 4; at + len <= connection->stream_len && len <= RTU_SIZE_MAX && !found;
             len++) {
            uint16_t crc = rtu_crc(frame, len - 2);
            found = frame[0] == asked->unit && frame[len - 2] == (crc & 255) &&
                    frame[len - 1] == crc >> 8 &&
                    is_answer(connection->requests, frame + 1, len - 3);
            if (!found)
                continue;
            exact = at == 0 && len == connection->stream_len;
            if (asked->answered)
                check_taken(asked, frame + 1);
        }
    }
    check(error != 0 || found || is_broadcast, "an answer was taken that is none");
    check(error == 0 || !exact, "a right answer was not taken");
    if (asked->answered && asked->exception == 0 && !reads(asked->function))
        note_accepted(link, asked);
    connection->is_spent = error != 0 && error != EBADMSG;
    if (error == ETIMEDOUT)
        server.late_us[asked->unit] = server.now_us + timeout_ms * UINT64_C(1000);
    note_attempt(asked, 1, error == 0, error);
}

int __wrap_pipeline_run_requests(struct modbus_transport *transport, uint16_t transaction,
                                 struct pipeline_request *requests, size_t count,
                                 unsigned timeout_ms)
{
    struct connection *connection = server_begin_attempt(transport->fd);
    int error = __real_pipeline_run_requests(transport, transaction, requests, count, timeout_ms);
    check_tcp(connection, requests, count, error);
    return error;
}

int __wrap_pipeline_send_requests(struct modbus_transport *transport, uint16_t transaction,
                                  struct pipeline_request *requests, size_t count,
                                  uint64_t until_ms)
{
    server_begin_attempt(transport->fd);
    return __real_pipeline_send_requests(transport, transaction, requests, count, until_ms);
}

int __wrap_pipeline_receive_answers(struct modbus_transport *transport, uint16_t transaction,
                                    struct pipeline_request *requests, size_t count,
                                    uint64_t sent_ms, unsigned timeout_ms)
{
    struct connection *connection = server_find_connection(transport->fd);
    int error = __real_pipeline_receive_answers(transport, transaction, requests, count, sent_ms,
                                                timeout_ms);
    check_tcp(connection, requests, count, error);
    return error;
}

int __wrap_rtu_exchange_run(struct rtu_exchange *exchange, struct modbus_transport *transport,
                            struct pipeline_request *request, unsigned timeout_ms)
{
    struct connection *connection = server_begin_attempt(transport->fd);
    check(server.late_us[request->unit] / 1000 <= server.now_us / 1000,
          "a late answer may come now");
    int error = __real_rtu_exchange_run(exchange, transport, request, timeout_ms);
    check_rtu(connection, request, timeout_ms, error);
    return error;
}
