/* Modbus TCP on the wire: cuts frames, checks requests. Pure.
 *
 * Nothing acts on a request that pdu_check_request has not passed: the limits and the order of the
 * checks are those of the Modbus Application Protocol 1.1b3. All numbers on the wire are
 * big-endian. */
#ifndef TAGFERRY_COMMON_MODBUS_PDU_H
#define TAGFERRY_COMMON_MODBUS_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MBAP_SIZE = 7, PDU_MAX = 253, ADU_MAX = MBAP_SIZE + PDU_MAX, TABLE_SIZE = 65536 };
enum { PDU_LONG_MAX = 1022 }; /* of a request that is refused for its length */

/* Limits of one request. */
enum {
    READ_BITS_MAX = 2000,
    READ_REGISTERS_MAX = 125,
    WRITE_BITS_MAX = 1968,
    WRITE_REGISTERS_MAX = 123,
    EXCHANGE_WRITE_MAX = 121, /* of function 23 */
};

enum pdu_exception {
    PDU_OK = 0,
    PDU_ILLEGAL_FUNCTION = 1,
    PDU_ILLEGAL_ADDRESS = 2,
    PDU_ILLEGAL_VALUE = 3,
    PDU_DEVICE_FAILURE = 4,
    PDU_DEVICE_BUSY = 6,
    PDU_GATEWAY_PATH = 10,
    PDU_GATEWAY_TARGET = 11, /* no answer from the unit */
};

/* In words, "unknown" for a number that Modbus does not have. */
const char *pdu_exception_name(uint8_t exception);

enum pdu_function {
    FC_READ_COILS = 1,
    FC_READ_DISCRETE_INPUTS = 2,
    FC_READ_HOLDING_REGISTERS = 3,
    FC_READ_INPUT_REGISTERS = 4,
    FC_WRITE_COIL = 5,
    FC_WRITE_REGISTER = 6,
    FC_WRITE_COILS = 15,
    FC_WRITE_REGISTERS = 16,
    FC_REPORT_SERVER_ID = 17,
    FC_MASK_WRITE = 22,
    FC_READ_WRITE_REGISTERS = 23, /* write registers, then read registers */
    FC_ENCAPSULATED = 43,
};

/* One frame, cut out of a stream; the pointers point into the stream's buffer. */
struct pdu_frame {
    uint16_t transaction;
    uint8_t unit;
    const uint8_t *pdu;
    size_t pdu_len; /* 1 to PDU_MAX; of a request that is too long to PDU_LONG_MAX */
    size_t size;    /* of the whole frame: MBAP_SIZE and the PDU */
};

enum pdu_frame_result {
    FRAME_WHOLE,
    FRAME_PART, /* what there is may become a frame */
    FRAME_BAD,  /* it is not Modbus: close */
};

/* Looks for a frame at the start of `bytes`; fills `frame` when it is whole. */
enum pdu_frame_result pdu_cut_frame(const uint8_t *bytes, size_t len, struct pdu_frame *frame);
/* The same for a server. A client that writes more than one request may hold, with function 15, 16
 * or 23, is to have an exception in answer: up to PDU_LONG_MAX such a request is a frame, too. */
enum pdu_frame_result pdu_cut_request(const uint8_t *bytes, size_t len, struct pdu_frame *frame);
/* Writes the MBAP header of a frame with a PDU of `pdu_len` bytes. */
void pdu_put_header(uint8_t *bytes, uint16_t transaction, uint8_t unit, size_t pdu_len);

enum pdu_kind {
    PDU_READ,     /* answered from the tables */
    PDU_WRITE,    /* changes a table; function 23 also reads */
    PDU_IDENTIFY, /* functions 17 and 43, whose structure is not checked here */
};

enum pdu_table { PDU_COILS, PDU_DISCRETE_INPUTS, PDU_HOLDING_REGISTERS, PDU_INPUT_REGISTERS };

/* What a request asks for. Counts are of bits or registers, 0 when it has no such part. */
struct pdu_request {
    uint8_t function;
    enum pdu_kind kind;
    enum pdu_table table;
    uint16_t read_address, read_count;
    uint16_t write_address, write_count;
    uint16_t write_mask; /* of function 22: the bits outside its and-mask */
};

/* Checks function, structure and quantities, addresses, in this order. PDU_OK fills `request`. */
enum pdu_exception pdu_check_request(const uint8_t *pdu, size_t len, struct pdu_request *request);
/* True for the functions that change a table. */
bool pdu_is_write(uint8_t function);
/* Writes the two bytes of an exception; answers their number. */
size_t pdu_put_exception(uint8_t *pdu, uint8_t function, enum pdu_exception code);

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
