/* A request of a client, and its PDU: shared by the framings of TCP and RTU. Pure. */
#ifndef TAGFERRY_COMMON_MODBUS_PIPELINE_REQUEST_H
#define TAGFERRY_COMMON_MODBUS_PIPELINE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* True for a function that reads. */
bool pipeline_request_reads(const struct pipeline_request *request);
/* Writes the PDU, at most PDU_MAX bytes, and returns its length. */
size_t pipeline_request_put(const struct pipeline_request *request, uint8_t *pdu);
/* The length of the PDU of the answer, unless it is an exception. */
size_t pipeline_request_answer_size(const struct pipeline_request *request);
/* Takes the PDU of an answer: the data, or the exception. False, and nothing is changed, if it does
 * not answer this request. */
bool pipeline_request_take(struct pipeline_request *request, const uint8_t *pdu, size_t len);

#endif
