/* Cuts RTU frames by the lengths that the Modbus Application Protocol 1.1b3 gives them. */
#include "common/modbus/rtu_frame.h"

#include <string.h>

#include "common/base/require.h"

/* Length of a PDU: the fixed part, and the offset and width of a byte count for the rest. */
struct rtu_length {
    uint8_t size; /* 0: not known */
    uint8_t count_at, count_width;
};

/* Requests that PDU_FUNCTIONS does not have. */
static const struct rtu_length other_requests[] = {
    [7] = {1, 0, 0},  /* read exception status */
    [8] = {5, 0, 0},  /* diagnostics with one data field */
    [11] = {1, 0, 0}, /* communication event counter */
    [12] = {1, 0, 0}, /* communication event log */
    [20] = {2, 1, 1}, /* read file record */
    [21] = {2, 1, 1}, /* write file record */
    [24] = {3, 0, 0}, /* read FIFO queue */
};

static const struct rtu_length answers[] = {
    [1] = {2, 1, 1},  [2] = {2, 1, 1},  [3] = {2, 1, 1},  [4] = {2, 1, 1},  [5] = {5, 0, 0},
    [6] = {5, 0, 0},  [7] = {2, 0, 0},  [8] = {5, 0, 0},  [11] = {5, 0, 0}, [12] = {2, 1, 1},
    [15] = {5, 0, 0}, [16] = {5, 0, 0}, [17] = {2, 1, 1}, [20] = {2, 1, 1}, [21] = {2, 1, 1},
    [22] = {7, 0, 0}, [23] = {2, 1, 1}, [24] = {3, 1, 2},
};

enum {
    EXCEPTION_BIT = 0x80,
    EXCEPTION_SIZE = 2,
    MEI_HEADER_SIZE = 7,     /* of the answer of function 43: up to the number of objects */
    MEI_IDENTIFICATION = 14, /* its MEI type; the other one has no length in it */
};

uint16_t rtu_crc(const uint8_t *bytes, size_t len)
{
    /* Reflected, polynomial 0xA001, initial value 0xFFFF; four bits at a time. */
    static const uint16_t nibbles[16] = {
        0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
        0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400,
    };
    unsigned crc = 0xFFFF;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ nibbles[crc & 15];
        crc = crc >> 4 ^ nibbles[crc & 15];
    }
    return (uint16_t)crc;
}

static int rtu_apply_length(const struct rtu_length *length, const uint8_t *pdu, size_t len)
{
    if (length->count_width == 0)
        return length->size;
    if (len < (size_t)length->count_at + length->count_width)
        return -1;
    int count =
        length->count_width == 1 ? pdu[length->count_at] : pdu_get_u16(pdu + length->count_at);
    return length->size + count;
}

/* The answer with the identification: a list of objects, each with its length. */
static int rtu_identification_size(const uint8_t *pdu, size_t len)
{
    if (len < 2)
        return -1;
    if (pdu[1] != MEI_IDENTIFICATION)
        return 0;
    if (len < MEI_HEADER_SIZE)
        return -1;
    size_t at = MEI_HEADER_SIZE;
    for (unsigned left = pdu[MEI_HEADER_SIZE - 1]; left > 0; left--) {
        if (at > PDU_MAX)
            break;
        if (len < at + 2)
            return -1;
        at += 2 + (size_t)pdu[at + 1];
    }
    return (int)at;
}

static int rtu_request_size(const uint8_t *pdu, size_t len)
{
    const size_t size = pdu_request_size(pdu, len);
    if (size != 0)
        return (int)size;
    if (pdu_is_served(pdu[0]))
        return -1; /* the byte count has not arrived */
    if (pdu[0] >= sizeof other_requests / sizeof other_requests[0])
        return 0;
    return rtu_apply_length(&other_requests[pdu[0]], pdu, len);
}

int rtu_pdu_size(const uint8_t *pdu, size_t len, enum rtu_direction direction)
{
    if (len == 0)
        return -1;
    if (direction == RTU_REQUEST)
        return rtu_request_size(pdu, len);
    if ((pdu[0] & EXCEPTION_BIT) != 0)
        return EXCEPTION_SIZE;
    if (pdu[0] == FC_ENCAPSULATED)
        return rtu_identification_size(pdu, len);
    return pdu[0] < sizeof answers / sizeof answers[0]
               ? rtu_apply_length(&answers[pdu[0]], pdu, len)
               : 0;
}

bool rtu_check_frame(const uint8_t *bytes, size_t len, struct rtu_frame *frame)
{
    if (len < RTU_SIZE_MIN || len > RTU_SIZE_MAX || bytes[1] == 0)
        return false;
    const uint16_t crc = rtu_crc(bytes, len - RTU_CRC_SIZE);
    if (bytes[len - 2] != (crc & 0xFF) || bytes[len - 1] != crc >> 8)
        return false;
    *frame = (struct rtu_frame){
        .unit = bytes[0], .pdu = bytes + 1, .pdu_len = len - RTU_OVERHEAD, .size = len};
    return true;
}

enum rtu_result rtu_cut_frame(const uint8_t *bytes, size_t len, enum rtu_direction direction,
                              struct rtu_frame *frame)
{
    if (len < 2)
        return RTU_PART;
    const int pdu_size = rtu_pdu_size(bytes + 1, len - 1, direction);
    if (pdu_size > PDU_MAX || bytes[1] == 0)
        return RTU_WRONG;
    if (pdu_size == 0)
        return RTU_UNKNOWN;
    if (pdu_size < 0 || len < (size_t)pdu_size + RTU_OVERHEAD)
        return RTU_PART;
    return rtu_check_frame(bytes, (size_t)pdu_size + RTU_OVERHEAD, frame) ? RTU_WHOLE : RTU_WRONG;
}

size_t rtu_find_frame(const uint8_t *bytes, size_t len, enum rtu_direction direction)
{
    struct rtu_frame frame;
    for (size_t at = 1; at < len; at++) {
        if (rtu_cut_frame(bytes + at, len - at, direction, &frame) == RTU_WHOLE)
            return at;
    }
    return len;
}

size_t rtu_put_frame(uint8_t *bytes, uint8_t unit, const uint8_t *pdu, size_t pdu_len)
{
    REQUIRE(pdu_len >= 1 && pdu_len <= PDU_MAX);
    memmove(bytes + 1, pdu, pdu_len);
    bytes[0] = unit;
    const uint16_t crc = rtu_crc(bytes, 1 + pdu_len);
    bytes[1 + pdu_len] = (uint8_t)crc;
    bytes[2 + pdu_len] = (uint8_t)(crc >> 8);
    return pdu_len + RTU_OVERHEAD;
}

/* From the line: a character is a start bit, 8 data bits, parity or a stop bit, a stop bit. */
enum { CHARACTER_BITS = 11, FIXED_ABOVE_BAUD = 19200, INNER_FIXED_US = 750, FRAME_FIXED_US = 1750 };

static uint32_t rtu_half_characters_us(uint32_t halves, uint32_t baud)
{
    const uint64_t bits = (uint64_t)halves * CHARACTER_BITS * 1000000;
    return (uint32_t)((bits + 2 * (uint64_t)baud - 1) / (2 * (uint64_t)baud)); /* rounded up */
}

uint32_t rtu_inner_pause_us(uint32_t baud)
{
    REQUIRE(baud > 0);
    return baud > FIXED_ABOVE_BAUD ? INNER_FIXED_US : rtu_half_characters_us(3, baud);
}

uint32_t rtu_frame_pause_us(uint32_t baud)
{
    REQUIRE(baud > 0);
    return baud > FIXED_ABOVE_BAUD ? FRAME_FIXED_US : rtu_half_characters_us(7, baud);
}
