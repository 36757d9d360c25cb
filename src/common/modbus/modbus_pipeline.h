/* Requests on their way to one Modbus TCP server, one or several at once: registers that lie apart
 * cost one round trip, not one each. Answers are matched by their numbers. */
#ifndef TAGFERRY_COMMON_MODBUS_MODBUS_PIPELINE_H
#define TAGFERRY_COMMON_MODBUS_MODBUS_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PIPELINE_MAX = 16 };

struct pipeline_request {
    uint8_t unit;
    uint8_t function;        /* enum pdu_function: 1 to 6, 15, 16 or 22 */
    uint16_t address, count; /* within the limits of the function; 1 for 5, 6 and 22 */
    uint16_t mask;           /* of 22: change these bits of the register to those of words[0] */
    const uint16_t *words;   /* to be written; bits as words of 0 and others */
    uint16_t *read;          /* where the answer to 1 to 4 goes; bits as words of 0 and 1 */
    /* The answer. */
    bool answered;
    uint8_t exception; /* of an answer; 0: carried out */
};

/* Sends 1 to PIPELINE_MAX requests over a connected socket and waits for their answers, for each
 * `timeout_ms` at most, however slowly its bytes come. The frames are numbered from `transaction`;
 * no others may be on their way. 0, or an errno: the requests that are not `answered` may or may
 * not have been carried out, and the connection is of no more use. ECONNRESET or EPIPE: the server
 * has closed it. EPROTO: an answer that answers none of them. */
int pipeline_run_requests(int fd, uint16_t transaction, struct pipeline_request *requests,
                          size_t count, unsigned timeout_ms);

#endif
