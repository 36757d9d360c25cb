/* Several writes on their way to one Modbus TCP server at once: registers that lie apart cost one
 * round trip, not one each. The frames are numbered here, since libmodbus waits for each answer and
 * numbers only its own. */
#ifndef TAGFERRY_COMMON_PIPELINE_H
#define TAGFERRY_COMMON_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/tag.h"

enum { PIPELINE_MAX = 16 };

struct pipeline_write {
    uint8_t unit;
    enum modbus_table table; /* TABLE_HOLDING_REGISTER (FC16) or TABLE_COIL (FC15) */
    uint16_t address, count; /* 1 to 123 registers, 1 to 1968 bits */
    uint16_t mask;         /* not 0: change these bits of one register to those of words[0], FC22 */
    const uint16_t *words; /* bits as words of 0 and others */
    /* The answer. */
    bool answered;
    uint8_t exception; /* of an answer; 0: written */
};

/* Sends all writes over a connected socket and waits for their answers, each `timeout_ms` at most.
 * The frames are numbered from `transaction`; no others may be on their way. 0, or an errno: the
 * writes that are not `answered` may or may not have been carried out, and the connection is of no
 * more use. EPROTO: an answer that answers none of them. */
int pipeline_run(int fd, uint16_t transaction, struct pipeline_write *writes, size_t count,
                 unsigned timeout_ms);

#endif
