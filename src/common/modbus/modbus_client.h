/* A Modbus TCP client for one server, with time-outs, back-off and table names.
 *
 * Plain libmodbus calls, but several requests at once (pipeline.h). A call connects when it must.
 * After a time-out, an I/O error or an answer that makes no sense the connection is closed, and
 * calls fail at once until the back-off (100 ms doubling to 5 s) has passed. An exception from the
 * server leaves the connection as it is. One thread at a time. */
#ifndef TAGFERRY_COMMON_MODBUS_MODBUS_CLIENT_H
#define TAGFERRY_COMMON_MODBUS_MODBUS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/net.h"
#include "common/modbus/modbus_pipeline.h"
#include "common/modbus/pdu.h"
#include "common/model/tag.h"

struct modbus_client;

enum modbus_result { MODBUS_OK, MODBUS_UNREACHABLE, MODBUS_EXCEPTION };

/* Why a call was MODBUS_UNREACHABLE. */
enum modbus_failure {
    MODBUS_BACKS_OFF,           /* nothing was tried */
    MODBUS_NOT_CONNECTED,       /* the server does not take the connection */
    MODBUS_NO_ANSWER,           /* it took the request, and gave no answer that makes sense */
    MODBUS_NO_ANSWER_TO_MASKED, /* the same, to FC22, which it may not know */
};

enum { MODBUS_REASON_SIZE = 160 };

/* `timeout_ms` bounds the connect and each answer. NULL when out of memory. */
struct modbus_client *modbus_client_create(const struct net_addr *server, unsigned timeout_ms);

/* The requests that are sent once more when the server closed the connection. */
enum modbus_repeat { MODBUS_REPEAT_NOTHING, MODBUS_REPEAT_READS, MODBUS_REPEAT_ALL };
/* For callers that need not know that the server was restarted: a connection that the server has
 * closed since the last call is opened again before anything is sent, without back-off. When it
 * closes during a call, which it may have carried out, the call is made once more if it is a read,
 * or with MODBUS_REPEAT_ALL also if it is a write. Time-outs are never repeated. The default is
 * MODBUS_REPEAT_NOTHING. */
void modbus_client_set_repeat(struct modbus_client *link, enum modbus_repeat repeat);
/* Takes NULL. */
void modbus_client_destroy(struct modbus_client *link);

/* For a server with several units behind it, each of which may be silent for itself: only attempts
 * to connect back off, and the caller holds back the units that do not answer. `pause`, which may
 * be NULL, is called between the requests of one call; when it answers false, the call ends as
 * MODBUS_BACKS_OFF. Sets MODBUS_REPEAT_ALL; modbus_client_loss_count tells the news. */
void modbus_client_serve_units(struct modbus_client *link, bool (*pause)(void *context),
                               void *context);

/* Reads `count` registers, or bits as words of 0 and 1, within the limits of one request (pdu.h).
 * This and all that follow answer MODBUS_EXCEPTION for the units 248 to 254, which Modbus reserves.
 */
enum modbus_result modbus_client_read(struct modbus_client *link, uint8_t unit,
                                      enum modbus_table table, uint16_t address, uint16_t count,
                                      uint16_t *words);
/* Writes holding registers (FC16) or coils (FC15). `table` is one of these two. */
enum modbus_result modbus_client_write(struct modbus_client *link, uint8_t unit,
                                       enum modbus_table table, uint16_t address, uint16_t count,
                                       const uint16_t *words);
/* The same for one register (FC6) or coil (FC5), for servers that know no other way. */
enum modbus_result modbus_client_write_single(struct modbus_client *link, uint8_t unit,
                                              enum modbus_table table, uint16_t address,
                                              uint16_t word);
/* Changes the bits of one register that `mask` names (FC22). A unit that refuses FC22, or that does
 * not answer to it and answers to the next request, gets a read and a write instead, from then on;
 * modbus_client_unmasked_count counts these. With modbus_client_serve_units that next request is a
 * call of its own: after MODBUS_NO_ANSWER_TO_MASKED, make the same call again. */
enum modbus_result modbus_client_mask_write(struct modbus_client *link, uint8_t unit,
                                            uint16_t address, uint16_t mask, uint16_t bits);
/* Makes up to PIPELINE_MAX requests of one unit or server in one round trip, in their order, for
 * servers that bear it. MODBUS_UNREACHABLE when some have no answer, else MODBUS_EXCEPTION when the
 * server refused some. */
enum modbus_result modbus_client_request_many(struct modbus_client *link,
                                              struct pipeline_request *requests, size_t count);

/* Looks whether the server has closed the connection while it was idle, or is gone without having
 * said so. True when it has, which counts as a loss; the next call connects again. */
bool modbus_client_check_closed(struct modbus_client *link);

/* Milliseconds until the back-off ends; 0 when a call would try. */
unsigned modbus_client_backoff_ms(const struct modbus_client *link);
/* Why the newest failed call failed: in words; of MODBUS_UNREACHABLE; of MODBUS_EXCEPTION, 0 when
 * the unit is a reserved one. */
const char *modbus_client_reason(const struct modbus_client *link);
enum modbus_failure modbus_client_failure(const struct modbus_client *link);
uint8_t modbus_client_exception(const struct modbus_client *link);
uint64_t modbus_client_unmasked_count(const struct modbus_client *link);
/* How often the server was found to be gone: it had closed a connection, or did not take one. It
 * may have forgotten what it held. Connections that this side closed do not count. */
uint64_t modbus_client_loss_count(const struct modbus_client *link);

#endif
