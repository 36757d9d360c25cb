/* The Modbus TCP protocol: extracts frames from a stream and checks requests. Pure.
 *
 * Execute a request only after pdu_check_request has accepted it: the limits and the order of the
 * checks are those of the Modbus Application Protocol 1.1b3. Numbers on the wire are big-endian. */
#ifndef TAGFERRY_COMMON_MODBUS_PDU_H
#define TAGFERRY_COMMON_MODBUS_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MBAP_SIZE = 7, PDU_MAX = 253, ADU_MAX = MBAP_SIZE + PDU_MAX, TABLE_SIZE = 65536 };
enum { PDU_LONG_MAX = 1022 }; /* of a request that is refused because of its length */

/* Limits of one request. */
enum {
    MODBUS_READ_BITS_MAX = 2000,
    MODBUS_READ_REGISTERS_MAX = 125,
    MODBUS_WRITE_BITS_MAX = 1968,
    MODBUS_WRITE_REGISTERS_MAX = 123,
    MODBUS_EXCHANGE_WRITE_MAX = 121, /* of function 23 */
};

enum pdu_exception {
    PDU_OK = 0,
    PDU_ILLEGAL_FUNCTION = 1,
    PDU_ILLEGAL_ADDRESS = 2,
    PDU_ILLEGAL_VALUE = 3,
    PDU_DEVICE_FAILURE = 4,
    PDU_DEVICE_BUSY = 6,
    PDU_GATEWAY_PATH = 10,
    PDU_GATEWAY_TARGET = 11, /* the unit did not answer */
};

/* The name of an exception code; "unknown" if Modbus does not define it. */
const char *pdu_exception_name(uint8_t exception);

/* The functions that tagferry-modbusd serves:
 *
 *     ROW(code, name, kind, table, shape, maximum to read, maximum to write)
 *
 * To add one, add its row here and its rows in tests/unit/test_pdu.c. FC_name, the checks of a
 * request, the length of an RTU request, the counter MODBUSD_REQUESTS_code, its metric's label and
 * the dispatch in modbusd follow from the row. The metrics are in the order of the rows. Only a new
 * kind or shape needs code: a case in pdu.c, an answer in modbusd/requests/service.c. */
#define PDU_FUNCTIONS(ROW)                                                                         \
    ROW(1, READ_COILS, READ, COILS, RANGE, MODBUS_READ_BITS_MAX, 0)                                \
    ROW(2, READ_DISCRETE_INPUTS, READ, DISCRETE_INPUTS, RANGE, MODBUS_READ_BITS_MAX, 0)            \
    ROW(3, READ_HOLDING_REGISTERS, READ, HOLDING_REGISTERS, RANGE, MODBUS_READ_REGISTERS_MAX, 0)   \
    ROW(4, READ_INPUT_REGISTERS, READ, INPUT_REGISTERS, RANGE, MODBUS_READ_REGISTERS_MAX, 0)       \
    ROW(5, WRITE_COIL, WRITE, COILS, VALUE, 0, 1)                                                  \
    ROW(6, WRITE_REGISTER, WRITE, HOLDING_REGISTERS, VALUE, 0, 1)                                  \
    ROW(15, WRITE_COILS, WRITE, COILS, BITS, 0, MODBUS_WRITE_BITS_MAX)                             \
    ROW(16, WRITE_REGISTERS, WRITE, HOLDING_REGISTERS, REGISTERS, 0, MODBUS_WRITE_REGISTERS_MAX)   \
    ROW(17, REPORT_SERVER_ID, IDENTIFY, NONE, EMPTY, 0, 0)                                         \
    ROW(22, MASK_WRITE, WRITE, HOLDING_REGISTERS, MASK, 0, 1)                                      \
    ROW(23, READ_WRITE_REGISTERS, WRITE, HOLDING_REGISTERS, EXCHANGE, MODBUS_READ_REGISTERS_MAX,   \
        MODBUS_EXCHANGE_WRITE_MAX)                                                                 \
    ROW(43, ENCAPSULATED, IDENTIFY, NONE, IDENTIFICATION, 0, 0)

#define PDU_FUNCTION_CODE(code, name, ...) FC_##name = (code),
enum pdu_function { PDU_FUNCTIONS(PDU_FUNCTION_CODE) };
#undef PDU_FUNCTION_CODE

/* One frame of a stream; `pdu` points into the buffer of the stream. */
struct pdu_frame {
    uint16_t transaction;
    uint8_t unit;
    const uint8_t *pdu;
    size_t pdu_len; /* 1 to PDU_MAX; to PDU_LONG_MAX for a request that is too long */
    size_t size;    /* of the whole frame: header and PDU */
};

enum pdu_frame_result {
    FRAME_WHOLE,
    FRAME_PART, /* incomplete: wait for more bytes */
    FRAME_BAD,  /* the bytes are not Modbus: close the connection */
};

/* Extracts the frame at the start of `bytes`; fills `frame` for FRAME_WHOLE. */
enum pdu_frame_result pdu_cut_frame(const uint8_t *bytes, size_t len, struct pdu_frame *frame);
/* The same for a server: also accepts frames of function 15, 16 and 23 up to PDU_LONG_MAX, so that
 * a client that writes too much gets an exception. */
enum pdu_frame_result pdu_cut_request(const uint8_t *bytes, size_t len, struct pdu_frame *frame);
/* Writes the MBAP header of a frame whose PDU has `pdu_len` bytes, 1 to PDU_MAX. */
void pdu_put_header(uint8_t *bytes, uint16_t transaction, uint8_t unit, size_t pdu_len);

enum pdu_kind {
    PDU_READ,     /* answered from the tables */
    PDU_WRITE,    /* changes a table; function 23 also reads */
    PDU_IDENTIFY, /* functions 17 and 43, whose structure is checked in modbusd/requests/ident.c */
    PDU_KIND_COUNT
};

enum pdu_table {
    PDU_COILS,
    PDU_DISCRETE_INPUTS,
    PDU_HOLDING_REGISTERS,
    PDU_INPUT_REGISTERS,
    PDU_NONE
};

/* The parts of a checked request. Counts are bits or registers; 0 if the function has no such part.
 */
struct pdu_request {
    uint8_t function; /* enum pdu_function */
    enum pdu_kind kind;
    enum pdu_table table;
    uint16_t read_address, read_count;
    uint16_t write_address, write_count;
    uint16_t write_mask; /* for function 22: the bits not in the and-mask */
};

/* Checks function, structure and quantities, addresses, in this order. PDU_OK fills `request`; any
 * other result is the exception to answer. */
enum pdu_exception pdu_check_request(const uint8_t *pdu, size_t len, struct pdu_request *request);
/* True for a function of PDU_FUNCTIONS. */
bool pdu_is_served(uint8_t function);
/* True for a function that changes a table. */
bool pdu_is_write(uint8_t function);
/* The length of the request according to its function and byte count; 0 if the function is not
 * served or the byte count has not arrived. */
size_t pdu_request_size(const uint8_t *pdu, size_t len);
/* Writes the two bytes of an exception; returns 2. */
size_t pdu_put_exception(uint8_t *pdu, uint8_t function, enum pdu_exception code);

/* Read and write a big-endian number. */
static inline uint16_t pdu_get_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline void pdu_put_u16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

#endif
