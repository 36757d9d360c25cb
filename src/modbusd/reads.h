/* Answers to the read functions, encoded straight from the register_tables. Pure. */
#ifndef TAGFERRY_MODBUSD_READS_H
#define TAGFERRY_MODBUSD_READS_H

#include <stddef.h>
#include <stdint.h>

#include "common/modbus/pdu.h"

/* The four register_tables as one side sees them, TABLE_SIZE each; a bit is a byte, set when not 0.
 */
struct register_tables {
    uint8_t *coils, *discrete_inputs;
    uint16_t *holding_registers, *input_registers;
};

/* Writes the answer to a request of kind PDU_READ that pdu_check_request has passed; answers its
 * length, PDU_MAX at most. */
size_t reads_encode_answer(const struct register_tables *register_tables,
                           const struct pdu_request *request, uint8_t *pdu);

#endif
