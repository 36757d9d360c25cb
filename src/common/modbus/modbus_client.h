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
#include "common/model/tag.h"

struct modbus_link;

enum link_result { LINK_OK, LINK_UNREACHABLE, LINK_EXCEPTION };

/* Why a call was LINK_UNREACHABLE. */
enum link_failure {
    LINK_BACKS_OFF,           /* nothing was tried */
    LINK_NOT_CONNECTED,       /* the server does not take the connection */
    LINK_NO_ANSWER,           /* it took the request, and gave no answer that makes sense */
    LINK_NO_ANSWER_TO_MASKED, /* the same, to FC22, which it may not know */
};

enum {
    LINK_READ_REGISTERS_MAX = 125,
    LINK_READ_BITS_MAX = 2000,
    LINK_WRITE_REGISTERS_MAX = 123,
    LINK_WRITE_BITS_MAX = 1968,
    LINK_REASON_SIZE = 160
};

/* `timeout_ms` bounds the connect and each answer. NULL when out of memory. */
struct modbus_link *modbus_link_create(const struct net_addr *server, unsigned timeout_ms);

/* The requests that are sent once more when the server closed the connection. */
enum link_repeat { LINK_REPEAT_NOTHING, LINK_REPEAT_READS, LINK_REPEAT_ALL };
/* For callers that need not know that the server was restarted: a connection that the server has
 * closed since the last call is opened again before anything is sent, without back-off. When it
 * closes during a call, which it may have carried out, the call is made once more if it is a read,
 * or with LINK_REPEAT_ALL also if it is a write. Time-outs are never repeated. The default is
 * LINK_REPEAT_NOTHING. */
void modbus_link_set_repeat(struct modbus_link *link, enum link_repeat repeat);
/* Takes NULL. */
void modbus_link_destroy(struct modbus_link *link);

/* For a server with several units behind it, each of which may be silent for itself: only attempts
 * to connect back off, and the caller holds back the units that do not answer. `pause`, which may
 * be NULL, is called between the requests of one call; when it answers false, the call ends as
 * LINK_BACKS_OFF. Sets LINK_REPEAT_ALL; modbus_link_losses tells the news. */
void modbus_link_serve_units(struct modbus_link *link, bool (*pause)(void *context), void *context);

/* Reads `count` registers, or bits as words of 0 and 1, within the limits above. This and all that
 * follow answer LINK_EXCEPTION for the units 248 to 254, which Modbus reserves. */
enum link_result modbus_link_read(struct modbus_link *link, uint8_t unit, enum modbus_table table,
                                  uint16_t address, uint16_t count, uint16_t *words);
/* Writes holding registers (FC16) or coils (FC15). `table` is one of these two. */
enum link_result modbus_link_write(struct modbus_link *link, uint8_t unit, enum modbus_table table,
                                   uint16_t address, uint16_t count, const uint16_t *words);
/* The same for one register (FC6) or coil (FC5), for servers that know no other way. */
enum link_result modbus_link_write_one(struct modbus_link *link, uint8_t unit,
                                       enum modbus_table table, uint16_t address, uint16_t word);
/* Changes the bits of one register that `mask` names (FC22). A unit that refuses FC22, or that does
 * not answer to it and answers to the next request, gets a read and a write instead, from then on;
 * modbus_link_unmasked counts these. With modbus_link_serve_units that next request is a call of
 * its own: after LINK_NO_ANSWER_TO_MASKED, make the same call again. */
enum link_result modbus_link_write_masked(struct modbus_link *link, uint8_t unit, uint16_t address,
                                          uint16_t mask, uint16_t bits);
/* Makes up to PIPELINE_MAX requests of one unit or server in one round trip, in their order, for
 * servers that bear it. LINK_UNREACHABLE when some have no answer, else LINK_EXCEPTION when the
 * server refused some. */
enum link_result modbus_link_request_many(struct modbus_link *link,
                                          struct pipeline_request *requests, size_t count);

/* Looks whether the server has closed the connection while it was idle, or is gone without having
 * said so. True when it has, which counts as a loss; the next call connects again. */
bool modbus_link_check(struct modbus_link *link);

/* Milliseconds until the back-off ends; 0 when a call would try. */
unsigned modbus_link_backoff_ms(const struct modbus_link *link);
/* Why the newest failed call failed: in words; of LINK_UNREACHABLE; of LINK_EXCEPTION, 0 when the
 * unit is a reserved one. */
const char *modbus_link_reason(const struct modbus_link *link);
enum link_failure modbus_link_failure(const struct modbus_link *link);
uint8_t modbus_link_exception(const struct modbus_link *link);
uint64_t modbus_link_unmasked(const struct modbus_link *link);
/* How often the server was found to be gone: it had closed a connection, or did not take one. It
 * may have forgotten what it held. Connections that this side closed do not count. */
uint64_t modbus_link_losses(const struct modbus_link *link);

#endif
