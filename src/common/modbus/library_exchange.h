/* One request at a time through libmodbus, on a socket that the caller has connected and owns.
 *
 * libmodbus takes answers of another unit or length, and to a write those that repeat another
 * address or value: use it for a trusted server. modbus_pipeline.h compares all of an answer.
 */
#ifndef TAGFERRY_COMMON_MODBUS_LIBRARY_EXCHANGE_H
#define TAGFERRY_COMMON_MODBUS_LIBRARY_EXCHANGE_H

#include <modbus.h>
#include <stdbool.h>

#include "common/base/net.h"
#include "common/modbus/pipeline_request.h"

/* The number that libmodbus gives to each request of library_exchange_send. */
enum { LIBRARY_EXCHANGE_TRANSACTION = 0 };

/* `timeout_ms` limits each answer. Does not connect. NULL when out of memory; the caller frees it
 * with library_exchange_destroy. */
modbus_t *library_exchange_create(const struct net_addr *server, unsigned timeout_ms);
/* Leaves the socket open. Accepts NULL. */
void library_exchange_destroy(modbus_t *library);

/* False for a descriptor from FD_SETSIZE on, with which the select of libmodbus overflows:
 * library_exchange_run may not be called with it. */
bool library_exchange_takes(int fd);

/* Makes one request and waits for its answer. 0, with `answered`, `exception` and what was read set
 * in the request, or an errno: EPROTO if the answer is malformed. */
int library_exchange_run(modbus_t *library, int fd, struct pipeline_request *request);
/* Sends one request without waiting, for pipeline_receive_answers. 0 or an errno: EPROTO if only a
 * part was sent. */
int library_exchange_send(modbus_t *library, int fd, struct pipeline_request *request);

#endif
