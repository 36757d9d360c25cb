/* Makes one or several requests to a Modbus TCP server at once, so that separate registers take one
 * round trip in total. Matches answers by their transaction numbers. */
#ifndef TAGFERRY_COMMON_MODBUS_MODBUS_PIPELINE_H
#define TAGFERRY_COMMON_MODBUS_MODBUS_PIPELINE_H

#include <stddef.h>
#include <stdint.h>

#include "common/modbus/modbus_transport.h"
#include "common/modbus/pipeline_request.h"

enum { PIPELINE_MAX = 16 };

/* Sends 1 to PIPELINE_MAX requests over an open transport, with transaction numbers from
 * `transaction`, and waits at most `timeout_ms` for each answer, however slowly it arrives. No
 * other request may be in progress. Returns 0 or an errno; after an error, requests that are not
 * `answered` may or may not have been carried out, and the connection cannot be used any more.
 * ECONNRESET or EPIPE: the server closed it. EPROTO: an answer was malformed or matches no request.
 */
int pipeline_run_requests(struct modbus_transport *transport, uint16_t transaction,
                          struct pipeline_request *requests, size_t count, unsigned timeout_ms);

/* The two halves of it, with the same errors. Waits until `until_ms`, steady clock, for space to
 * send; 0: not at all. After an error the connection cannot be used any more. */
int pipeline_send_requests(struct modbus_transport *transport, uint16_t transaction,
                           struct pipeline_request *requests, size_t count, uint64_t until_ms);
/* Waits for the answers to requests that were sent at this time, steady clock. What has come is
 * taken, also after the time-out. */
int pipeline_receive_answers(struct modbus_transport *transport, uint16_t transaction,
                             struct pipeline_request *requests, size_t count, uint64_t sent_ms,
                             unsigned timeout_ms);

#endif
