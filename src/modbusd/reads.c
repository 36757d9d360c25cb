/* Encodes bits and registers as functions 1 to 4 answer them. */
#include "modbusd/reads.h"

static size_t reads_put_bits(const uint8_t *bits, size_t count, uint8_t *bytes)
{
    size_t size = (count + 7) / 8;
    for (size_t i = 0; i < size; i++) {
        size_t in_byte = count - i * 8 < 8 ? count - i * 8 : 8;
        unsigned byte = 0;
        for (size_t j = 0; j < in_byte; j++)
            byte |= (unsigned)(bits[i * 8 + j] != 0) << j;
        bytes[i] = (uint8_t)byte;
    }
    return size;
}

static size_t reads_put_registers(const uint16_t *registers, size_t count, uint8_t *bytes)
{
    for (size_t i = 0; i < count; i++)
        pdu_put_u16(bytes + 2 * i, registers[i]);
    return 2 * count;
}

size_t reads_encode_answer(const struct register_tables *register_tables,
                           const struct pdu_request *request, uint8_t *pdu)
{
    size_t at = request->read_address, count = request->read_count, size = 0;
    switch (request->table) {
    case PDU_COILS:
        size = reads_put_bits(register_tables->coils + at, count, pdu + 2);
        break;
    case PDU_DISCRETE_INPUTS:
        size = reads_put_bits(register_tables->discrete_inputs + at, count, pdu + 2);
        break;
    case PDU_HOLDING_REGISTERS:
        size = reads_put_registers(register_tables->holding_registers + at, count, pdu + 2);
        break;
    case PDU_INPUT_REGISTERS:
        size = reads_put_registers(register_tables->input_registers + at, count, pdu + 2);
        break;
    case PDU_NONE:
        break;
    }
    pdu[0] = request->function;
    pdu[1] = (uint8_t)size;
    return size + 2;
}
