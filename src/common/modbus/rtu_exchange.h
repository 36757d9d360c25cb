/* Makes requests of Modbus RTU, one at a time, over a serial line or a TCP connection to one.
 *
 * Nothing in an answer tells which request it belongs to. So an answer is taken only from the unit
 * and for the function and length that were asked for, and with a right CRC; other bytes are
 * skipped. What comes between two requests is thrown away. After ETIMEDOUT the unit's answer may
 * still come: the caller makes no request to this unit until rtu_late_ms has passed. */
#ifndef TAGFERRY_COMMON_MODBUS_RTU_EXCHANGE_H
#define TAGFERRY_COMMON_MODBUS_RTU_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/modbus/modbus_transport.h"
#include "common/modbus/pipeline_request.h"

struct rtu_exchange {
    uint32_t pause_us;     /* between two frames */
    uint32_t character_us; /* the time of one byte; 0 over TCP */
    bool was_damaged;      /* the answer to the newest request */
    uint64_t free_at_us;   /* when the next frame may begin, steady clock */
};

/* Sets the times for an endpoint with FRAMING_RTU. */
void rtu_exchange_init(struct rtu_exchange *exchange, const struct modbus_endpoint *endpoint);

/* Sends one request over an open transport and waits at most `timeout_ms` for its answer, plus the
 * time that both need on the line. A write to unit 0, which all units carry out, has no answer: it
 * counts as answered when it is sent. A read of unit 0 is not allowed. Returns 0 or an errno:
 * ETIMEDOUT without an answer; EBADMSG if about as many bytes came as the answer has, and they are
 * no frame: the answer has come, and is lost; others mean that the transport cannot be used any
 * more. */
int rtu_exchange_run(struct rtu_exchange *exchange, struct modbus_transport *transport,
                     struct pipeline_request *request, unsigned timeout_ms);

/* How long after ETIMEDOUT the answer may still come. */
unsigned rtu_late_ms(unsigned timeout_ms);

#endif
