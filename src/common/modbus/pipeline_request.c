/* Encodes requests, and checks answers against them. */
#include "common/modbus/pipeline_request.h"

#include <string.h>

#include "common/base/require.h"
#include "common/modbus/pdu.h"

enum { START_SIZE = 5, MASK_SIZE = 7, EXCEPTION_SIZE = 2 };

static bool request_reads_bits(const struct pipeline_request *request)
{
    return request->function <= FC_READ_DISCRETE_INPUTS;
}

bool pipeline_request_reads(const struct pipeline_request *request)
{
    return request->function <= FC_READ_INPUT_REGISTERS;
}

/* Writes the first five bytes of a request, which the answer to a write repeats: function, address,
 * and a quantity, a value or the and-mask. */
static void request_put_start(uint8_t pdu[START_SIZE], const struct pipeline_request *request)
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

size_t pipeline_request_put(const struct pipeline_request *request, uint8_t *pdu)
{
    const uint16_t *words = request->words;
    size_t len = START_SIZE, count = request->count;
    request_put_start(pdu, request);
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
    return len;
}

size_t pipeline_request_answer_size(const struct pipeline_request *request)
{
    if (pipeline_request_reads(request))
        return 2 + (request_reads_bits(request) ? (request->count + 7U) / 8 : 2U * request->count);
    return request->function == FC_MASK_WRITE ? MASK_SIZE : START_SIZE;
}

static bool request_take_words(const struct pipeline_request *request, const uint8_t *pdu)
{
    const uint8_t *data = pdu + 2;
    if (pdu[0] != request->function || pdu[1] != pipeline_request_answer_size(request) - 2)
        return false;
    for (size_t i = 0; i < request->count; i++) {
        if (request_reads_bits(request))
            request->read[i] = data[i / 8] >> (i % 8) & 1;
        else
            request->read[i] = pdu_get_u16(data + 2 * i);
    }
    return true;
}

/* The answer to a write repeats the start of the request; that to FC22 also the bits. */
static bool request_check_echo(const struct pipeline_request *request, const uint8_t *pdu)
{
    uint8_t start[START_SIZE];
    request_put_start(start, request);
    return memcmp(pdu, start, sizeof start) == 0 &&
           (request->function != FC_MASK_WRITE ||
            pdu_get_u16(pdu + START_SIZE) == (request->words[0] & request->mask));
}

bool pipeline_request_take(struct pipeline_request *request, const uint8_t *pdu, size_t len)
{
    bool refused = len == EXCEPTION_SIZE && pdu[0] == (request->function | 0x80) && pdu[1] != 0;
    if (!refused && (len != pipeline_request_answer_size(request) ||
                     !(pipeline_request_reads(request) ? request_take_words(request, pdu)
                                                       : request_check_echo(request, pdu))))
        return false;
    request->answered = true;
    request->exception = refused ? pdu[1] : 0;
    return true;
}
