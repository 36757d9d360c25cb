/* Makes one or several requests to a Modbus TCP server at once, so that separate registers take one
 * round trip in total. Matches answers by their transaction numbers. */
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
    uint16_t mask;           /* for 22: change these bits of the register to those of words[0] */
    const uint16_t *words;   /* data to write; a bit is a word, 0 or not 0 */
    uint16_t *read;          /* for 1 to 4: receives the data; a bit is a word, 0 or 1 */
    /* The answer. */
    bool answered;
    uint8_t exception; /* code in the answer; 0: carried out */
};

/* Sends 1 to PIPELINE_MAX requests over a connected socket, with transaction numbers from
 * `transaction`, and waits at most `timeout_ms` for each answer, however slowly it arrives. No
 * other request may be in progress. Returns 0 or an errno; after an error, requests that are not
 * `answered` may or may not have been carried out, and the connection cannot be used any more.
 * ECONNRESET or EPIPE: the server closed it. EPROTO: an answer was malformed or matches no request.
 */
int pipeline_run_requests(int fd, uint16_t transaction, struct pipeline_request *requests,
                          size_t count, unsigned timeout_ms);

#endif
