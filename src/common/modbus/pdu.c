/* Cuts frames by their MBAP length and checks requests, by one table of functions. */
#include "common/modbus/pdu.h"

/* How the bytes after the function code are laid out. */
enum pdu_shape {
    SHAPE_RANGE,
    SHAPE_VALUE,
    SHAPE_BITS,
    SHAPE_REGISTERS,
    SHAPE_MASK,
    SHAPE_READ_WRITE,
    SHAPE_OTHER
};

static const struct pdu_function_row {
    uint8_t function;
    uint8_t kind, table, shape;
    uint16_t max; /* quantity */
} rows[] = {
    {FC_READ_COILS, PDU_READ, PDU_COILS, SHAPE_RANGE, READ_BITS_MAX},
    {FC_READ_DISCRETE_INPUTS, PDU_READ, PDU_DISCRETE_INPUTS, SHAPE_RANGE, READ_BITS_MAX},
    {FC_READ_HOLDING_REGISTERS, PDU_READ, PDU_HOLDING_REGISTERS, SHAPE_RANGE, READ_REGISTERS_MAX},
    {FC_READ_INPUT_REGISTERS, PDU_READ, PDU_INPUT_REGISTERS, SHAPE_RANGE, READ_REGISTERS_MAX},
    {FC_WRITE_COIL, PDU_WRITE, PDU_COILS, SHAPE_VALUE, 1},
    {FC_WRITE_REGISTER, PDU_WRITE, PDU_HOLDING_REGISTERS, SHAPE_VALUE, 1},
    {FC_WRITE_COILS, PDU_WRITE, PDU_COILS, SHAPE_BITS, WRITE_BITS_MAX},
    {FC_WRITE_REGISTERS, PDU_WRITE, PDU_HOLDING_REGISTERS, SHAPE_REGISTERS, WRITE_REGISTERS_MAX},
    {FC_MASK_WRITE, PDU_WRITE, PDU_HOLDING_REGISTERS, SHAPE_MASK, 1},
    {FC_READ_WRITE_REGISTERS, PDU_WRITE, PDU_HOLDING_REGISTERS, SHAPE_READ_WRITE,
     EXCHANGE_WRITE_MAX},
    {FC_REPORT_SERVER_ID, PDU_IDENTIFY, 0, SHAPE_OTHER, 0},
    {FC_ENCAPSULATED, PDU_IDENTIFY, 0, SHAPE_OTHER, 0},
};

static const struct pdu_function_row *pdu_find_function(uint8_t function)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].function == function)
            return &rows[i];
    }
    return NULL;
}

bool pdu_is_write(uint8_t function)
{
    const struct pdu_function_row *row = pdu_find_function(function);
    return row && row->kind == PDU_WRITE;
}

/* A request whose length follows from how much it writes may be too long. */
static bool pdu_may_be_long(uint8_t function)
{
    const struct pdu_function_row *row = pdu_find_function(function);
    return row && (row->shape == SHAPE_BITS || row->shape == SHAPE_REGISTERS ||
                   row->shape == SHAPE_READ_WRITE);
}

/* Fills `frame` when the length that it says is there. */
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

/* Looks at the header as far as it is there: protocol 0, and a length from 2 to `most`. */
static bool pdu_may_be_header(const uint8_t *bytes, size_t len, size_t most)
{
    if ((len >= 3 && bytes[2] != 0) || (len >= 4 && bytes[3] != 0))
        return false;
    if (len >= 5 && bytes[4] > most >> 8)
        return false;
    return len < 6 || (pdu_get_u16(bytes + 4) >= 2 && pdu_get_u16(bytes + 4) <= most);
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
    if (len < 6 || (pdu_get_u16(bytes + 4) > PDU_MAX + 1 && len < MBAP_SIZE + 1))
        return FRAME_PART;
    if (pdu_get_u16(bytes + 4) > PDU_MAX + 1 && !pdu_may_be_long(bytes[MBAP_SIZE]))
        return FRAME_BAD;
    return pdu_cut_whole(bytes, len, frame);
}

void pdu_put_header(uint8_t *bytes, uint16_t transaction, uint8_t unit, size_t pdu_len)
{
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

static bool pdu_is_within(size_t count, size_t max)
{
    return count >= 1 && count <= max;
}

/* The structure checks read the quantities and answer whether they and the length are right. */
typedef bool structure_check(const struct pdu_function_row *row, const uint8_t *pdu, size_t len,
                             struct pdu_request *request);

static bool pdu_check_range(const struct pdu_function_row *row, const uint8_t *pdu, size_t len,
                            struct pdu_request *request)
{
    if (len != 5)
        return false;
    request->read_address = pdu_get_u16(pdu + 1);
    request->read_count = pdu_get_u16(pdu + 3);
    return pdu_is_within(request->read_count, row->max);
}

static bool pdu_check_value(const struct pdu_function_row *row, const uint8_t *pdu, size_t len,
                            struct pdu_request *request)
{
    if (len != 5)
        return false;
    request->write_address = pdu_get_u16(pdu + 1);
    request->write_count = 1;
    uint16_t value = pdu_get_u16(pdu + 3);
    return row->table != PDU_COILS || value == 0 || value == 0xFF00;
}

static bool pdu_check_bits(const struct pdu_function_row *row, const uint8_t *pdu, size_t len,
                           struct pdu_request *request)
{
    if (len < 6)
        return false;
    request->write_address = pdu_get_u16(pdu + 1);
    request->write_count = pdu_get_u16(pdu + 3);
    size_t bytes = (request->write_count + 7u) / 8u;
    return pdu_is_within(request->write_count, row->max) && pdu[5] == bytes && len == 6 + bytes;
}

static bool pdu_check_registers(const struct pdu_function_row *row, const uint8_t *pdu, size_t len,
                                struct pdu_request *request)
{
    if (len < 6)
        return false;
    request->write_address = pdu_get_u16(pdu + 1);
    request->write_count = pdu_get_u16(pdu + 3);
    size_t bytes = (size_t)2 * request->write_count;
    return pdu_is_within(request->write_count, row->max) && pdu[5] == bytes && len == 6 + bytes;
}

static bool pdu_check_mask(const struct pdu_function_row *row, const uint8_t *pdu, size_t len,
                           struct pdu_request *request)
{
    (void)row;
    if (len != 7)
        return false;
    request->write_address = pdu_get_u16(pdu + 1);
    request->write_count = 1;
    request->write_mask = (uint16_t)~pdu_get_u16(pdu + 3);
    return true;
}

static bool pdu_check_read_write(const struct pdu_function_row *row, const uint8_t *pdu, size_t len,
                                 struct pdu_request *request)
{
    if (len < 10)
        return false;
    request->read_address = pdu_get_u16(pdu + 1);
    request->read_count = pdu_get_u16(pdu + 3);
    request->write_address = pdu_get_u16(pdu + 5);
    request->write_count = pdu_get_u16(pdu + 7);
    size_t bytes = (size_t)2 * request->write_count;
    return pdu_is_within(request->read_count, READ_REGISTERS_MAX) &&
           pdu_is_within(request->write_count, row->max) && pdu[9] == bytes && len == 10 + bytes;
}

static bool pdu_check_other(const struct pdu_function_row *row, const uint8_t *pdu, size_t len,
                            struct pdu_request *request)
{
    (void)row, (void)pdu, (void)len, (void)request;
    return true;
}

static structure_check *const checks[] = {
    [SHAPE_RANGE] = pdu_check_range, [SHAPE_VALUE] = pdu_check_value,
    [SHAPE_BITS] = pdu_check_bits,   [SHAPE_REGISTERS] = pdu_check_registers,
    [SHAPE_MASK] = pdu_check_mask,   [SHAPE_READ_WRITE] = pdu_check_read_write,
    [SHAPE_OTHER] = pdu_check_other,
};

enum pdu_exception pdu_check_request(const uint8_t *pdu, size_t len, struct pdu_request *request)
{
    const struct pdu_function_row *row = len > 0 ? pdu_find_function(pdu[0]) : NULL;
    if (!row)
        return PDU_ILLEGAL_FUNCTION;
    *request = (struct pdu_request){.function = row->function,
                                    .kind = (enum pdu_kind)row->kind,
                                    .table = (enum pdu_table)row->table};
    if (!checks[row->shape](row, pdu, len, request))
        return PDU_ILLEGAL_VALUE;
    if (request->read_address + request->read_count > TABLE_SIZE ||
        request->write_address + request->write_count > TABLE_SIZE)
        return PDU_ILLEGAL_ADDRESS;
    return PDU_OK;
}
