/* Extracts frames by their MBAP length and checks requests against the list of functions. */
#include "common/modbus/pdu.h"

#include "common/base/require.h"

/* The structure after the function code. */
enum pdu_shape {
    SHAPE_NOT_SERVED,     /* codes without a row */
    SHAPE_EMPTY,          /* nothing */
    SHAPE_RANGE,          /* address, count */
    SHAPE_VALUE,          /* address, value */
    SHAPE_BITS,           /* address, count, bytes, bits */
    SHAPE_REGISTERS,      /* address, count, bytes, registers */
    SHAPE_MASK,           /* address, and-mask, or-mask */
    SHAPE_EXCHANGE,       /* read address and count, write address and count, bytes, registers */
    SHAPE_IDENTIFICATION, /* MEI type, read code, object */
    SHAPE_COUNT
};

static const struct pdu_shape_row {
    uint8_t size;          /* of the fixed part, including the function code */
    uint8_t byte_count_at; /* offset of the byte count of the variable part; 0: no variable part */
} shapes[SHAPE_COUNT] = {
    [SHAPE_EMPTY] = {1, 0},     [SHAPE_RANGE] = {5, 0},          [SHAPE_VALUE] = {5, 0},
    [SHAPE_BITS] = {6, 5},      [SHAPE_REGISTERS] = {6, 5},      [SHAPE_MASK] = {7, 0},
    [SHAPE_EXCHANGE] = {10, 9}, [SHAPE_IDENTIFICATION] = {4, 0},
};

struct pdu_function_row {
    uint8_t kind, table, shape;
    uint16_t read_max, write_max;
};

#define PDU_FUNCTION_ROW(code, name, kind_, table_, shape_, read, write)                           \
    [code] = {PDU_##kind_, PDU_##table_, SHAPE_##shape_, (read), (write)},

/* By function code. */
static const struct pdu_function_row functions[256] = {PDU_FUNCTIONS(PDU_FUNCTION_ROW)};

/* The limits follow from the longest PDU; those for registers are the maximum. */
_Static_assert(2 + MODBUS_READ_BITS_MAX / 8 <= PDU_MAX, "an answer of bits fits");
_Static_assert(2 + 2 * MODBUS_READ_REGISTERS_MAX <= PDU_MAX, "an answer of registers fits");
_Static_assert(2 + 2 * (MODBUS_READ_REGISTERS_MAX + 1) > PDU_MAX, "one more does not fit");
_Static_assert(6 + MODBUS_WRITE_BITS_MAX / 8 <= PDU_MAX, "a write of bits fits");
_Static_assert(6 + 2 * MODBUS_WRITE_REGISTERS_MAX <= PDU_MAX, "a write of registers fits");
_Static_assert(6 + 2 * (MODBUS_WRITE_REGISTERS_MAX + 1) > PDU_MAX, "one more does not fit");
_Static_assert(10 + 2 * MODBUS_EXCHANGE_WRITE_MAX <= PDU_MAX, "an exchange fits");
_Static_assert(10 + 2 * (MODBUS_EXCHANGE_WRITE_MAX + 1) > PDU_MAX, "one more does not fit");
_Static_assert(10 + UINT8_MAX <= PDU_LONG_MAX,
               "a request that is too long still includes its byte count");
_Static_assert(TABLE_SIZE == UINT16_MAX + 1, "an address is 16 bits");

static const struct pdu_function_row *pdu_find_function(uint8_t function)
{
    return functions[function].shape != SHAPE_NOT_SERVED ? &functions[function] : NULL;
}

bool pdu_is_served(uint8_t function)
{
    return pdu_find_function(function) != NULL;
}

bool pdu_is_write(uint8_t function)
{
    const struct pdu_function_row *row = pdu_find_function(function);
    return row && row->kind == PDU_WRITE;
}

size_t pdu_request_size(const uint8_t *pdu, size_t len)
{
    const struct pdu_function_row *row = len > 0 ? pdu_find_function(pdu[0]) : NULL;
    if (!row)
        return 0;
    const struct pdu_shape_row *shape = &shapes[row->shape];
    if (shape->byte_count_at == 0)
        return shape->size;
    return len > shape->byte_count_at ? (size_t)shape->size + pdu[shape->byte_count_at] : 0;
}

/* Checks the header as far as it has arrived: protocol 0, and a length from 2 to `most`. */
static bool pdu_may_be_header(const uint8_t *bytes, size_t len, size_t most)
{
    if ((len >= 3 && bytes[2] != 0) || (len >= 4 && bytes[3] != 0))
        return false;
    if (len >= 5 && bytes[4] > most >> 8)
        return false;
    return len < 6 || (pdu_get_u16(bytes + 4) >= 2 && pdu_get_u16(bytes + 4) <= most);
}

/* Fills `frame` if all of its bytes have arrived. */
static enum pdu_frame_result pdu_cut_whole(const uint8_t *bytes, size_t len,
                                           struct pdu_frame *frame)
{
    size_t rest = pdu_get_u16(bytes + 4); /* unit id and PDU */
    if (len < 6 + rest)
        return FRAME_PART;
    *frame = (struct pdu_frame){.transaction = pdu_get_u16(bytes),
                                .unit = bytes[6],
                                .pdu = bytes + MBAP_SIZE,
                                .pdu_len = rest - 1,
                                .size = 6 + rest};
    return FRAME_WHOLE;
}

enum pdu_frame_result pdu_cut_frame(const uint8_t *bytes, size_t len, struct pdu_frame *frame)
{
    if (!pdu_may_be_header(bytes, len, PDU_MAX + 1))
        return FRAME_BAD;
    return len < 6 ? FRAME_PART : pdu_cut_whole(bytes, len, frame);
}

enum pdu_frame_result pdu_cut_request(const uint8_t *bytes, size_t len, struct pdu_frame *frame)
{
    if (!pdu_may_be_header(bytes, len, PDU_LONG_MAX + 1))
        return FRAME_BAD;
    if (len < 6)
        return FRAME_PART;
    if (pdu_get_u16(bytes + 4) > PDU_MAX + 1) {
        if (len < MBAP_SIZE + 1)
            return FRAME_PART;
        /* Only a request with a byte count may be too long. */
        const struct pdu_function_row *row = pdu_find_function(bytes[MBAP_SIZE]);
        if (!row || shapes[row->shape].byte_count_at == 0)
            return FRAME_BAD;
    }
    return pdu_cut_whole(bytes, len, frame);
}

void pdu_put_header(uint8_t *bytes, uint16_t transaction, uint8_t unit, size_t pdu_len)
{
    REQUIRE(pdu_len >= 1 && pdu_len <= PDU_MAX);
    pdu_put_u16(bytes, transaction);
    pdu_put_u16(bytes + 2, 0);
    pdu_put_u16(bytes + 4, (uint16_t)(pdu_len + 1));
    bytes[6] = unit;
}

const char *pdu_exception_name(uint8_t exception)
{
    static const char *const names[] = {
        [1] = "illegal function",
        [2] = "illegal data address",
        [3] = "illegal data value",
        [4] = "server device failure",
        [5] = "acknowledge",
        [6] = "server device busy",
        [7] = "negative acknowledge",
        [8] = "memory parity error",
        [10] = "gateway path unavailable",
        [11] = "gateway target device failed to respond",
    };
    const char *name = exception < sizeof names / sizeof names[0] ? names[exception] : NULL;
    return name ? name : "unknown";
}

size_t pdu_put_exception(uint8_t *pdu, uint8_t function, enum pdu_exception code)
{
    pdu[0] = function | 0x80;
    pdu[1] = (uint8_t)code;
    return 2;
}

/* True for 1 to `max`, or, if the function has no such part, for 0. */
static bool pdu_is_quantity(size_t count, size_t max)
{
    return count <= max && (count >= 1 || max == 0);
}

enum pdu_exception pdu_check_request(const uint8_t *pdu, size_t len, struct pdu_request *request)
{
    const struct pdu_function_row *row = len > 0 ? pdu_find_function(pdu[0]) : NULL;
    if (!row)
        return PDU_ILLEGAL_FUNCTION;
    *request = (struct pdu_request){
        .function = pdu[0], .kind = (enum pdu_kind)row->kind, .table = (enum pdu_table)row->table};
    if (row->kind == PDU_IDENTIFY)
        return PDU_OK;
    const struct pdu_shape_row *shape = &shapes[row->shape];
    const size_t byte_count_at = shape->byte_count_at;
    const size_t byte_count = byte_count_at != 0 && len > byte_count_at ? pdu[byte_count_at] : 0;
    if (len != shape->size + byte_count)
        return PDU_ILLEGAL_VALUE;

    size_t data_size = 0; /* according to the quantity */
    bool is_sound = true;
    switch ((enum pdu_shape)row->shape) {
    case SHAPE_RANGE:
        request->read_address = pdu_get_u16(pdu + 1);
        request->read_count = pdu_get_u16(pdu + 3);
        break;
    case SHAPE_VALUE:
        request->write_address = pdu_get_u16(pdu + 1);
        request->write_count = 1;
        uint16_t value = pdu_get_u16(pdu + 3);
        is_sound = row->table != PDU_COILS || value == 0 || value == 0xFF00;
        break;
    case SHAPE_BITS:
        request->write_address = pdu_get_u16(pdu + 1);
        request->write_count = pdu_get_u16(pdu + 3);
        data_size = (request->write_count + 7u) / 8u;
        break;
    case SHAPE_REGISTERS:
        request->write_address = pdu_get_u16(pdu + 1);
        request->write_count = pdu_get_u16(pdu + 3);
        data_size = (size_t)2 * request->write_count;
        break;
    case SHAPE_MASK:
        request->write_address = pdu_get_u16(pdu + 1);
        request->write_count = 1;
        request->write_mask = (uint16_t)~pdu_get_u16(pdu + 3);
        break;
    case SHAPE_EXCHANGE:
        request->read_address = pdu_get_u16(pdu + 1);
        request->read_count = pdu_get_u16(pdu + 3);
        request->write_address = pdu_get_u16(pdu + 5);
        request->write_count = pdu_get_u16(pdu + 7);
        data_size = (size_t)2 * request->write_count;
        break;
    default:
        REQUIRE(row->kind == PDU_IDENTIFY); /* the shapes above access a table */
    }

    if (!is_sound || !pdu_is_quantity(request->read_count, row->read_max) ||
        !pdu_is_quantity(request->write_count, row->write_max) || byte_count != data_size)
        return PDU_ILLEGAL_VALUE;
    if (request->read_address + request->read_count > TABLE_SIZE ||
        request->write_address + request->write_count > TABLE_SIZE)
        return PDU_ILLEGAL_ADDRESS;
    return PDU_OK;
}
