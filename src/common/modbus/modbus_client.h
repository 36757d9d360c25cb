/* A Modbus client for one server, with time-outs and back-off: by TCP, also with TLS, by RTU over
 * TCP, or by RTU on a serial line.
 *
 * By TCP it uses modbus_pipeline.h, by RTU rtu_exchange.h. An answer counts only with the
 * transaction, the unit, the function and the exact length that the request asks for; the answer to
 * a write also repeats its address and its count or value. Any other answer is malformed.
 *
 * A call connects if necessary. After a time-out, an I/O error or a malformed answer, the
 * connection is closed, and calls fail at once until the back-off (100 ms, doubling to 5 s) has
 * passed. An exception from the server does not close the connection. Calls block. Not thread-safe.
 */
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

/* The reason of MODBUS_UNREACHABLE. */
enum modbus_failure {
    MODBUS_BACKS_OFF,           /* no attempt during the back-off, or interrupted */
    MODBUS_NOT_CONNECTED,       /* the server does not accept the connection, or the certificate */
    MODBUS_NO_ANSWER,           /* no valid answer to the request */
    MODBUS_NO_ANSWER_TO_MASKED, /* the same for FC22, which the unit may not support */
    MODBUS_WRONG_CRC,           /* by RTU: only damaged answers, also to the repeated request */
};

enum { MODBUS_REASON_SIZE = 256 };

/* `timeout_ms` limits the connect and each answer. Does not connect yet. NULL when out of memory.
 */
struct modbus_client *modbus_client_create(const struct net_addr *server, unsigned timeout_ms);
/* The same for any endpoint. By RTU, requests and answers have, besides, the time that they need on
 * the line. After a time-out by RTU the answer may still come: modbus_client_unit_wait_ms says how
 * long requests to that unit fail with MODBUS_BACKS_OFF; those to other units do not. A serial line
 * is kept open then. Damaged answers are asked for again. A write to unit 0 is for all units of the
 * line and succeeds when it is sent; a read of it fails like one of a reserved unit. */
struct modbus_client *modbus_client_create_for(const struct modbus_endpoint *endpoint,
                                               unsigned timeout_ms);

/* Sets where the certificates for an endpoint with TLS are kept; it must outlive the client.
 * Without it no connection to such an endpoint succeeds. */
void modbus_client_use_tls(struct modbus_client *link, struct modbus_tls_keeper *keeper);

/* The requests that are sent again when the server has closed the connection. */
enum modbus_repeat { MODBUS_REPEAT_NOTHING, MODBUS_REPEAT_READS, MODBUS_REPEAT_ALL };
/* Hides a restart of the server from the caller. If the server has closed the connection since the
 * last call, it is opened again before the request, without back-off. If it closes during a
 * request, which it may have carried out, the request is repeated once if it is a read, or, with
 * MODBUS_REPEAT_ALL, a write. A request is not repeated after a time-out. The default is
 * MODBUS_REPEAT_NOTHING. */
void modbus_client_set_repeat(struct modbus_client *link, enum modbus_repeat repeat);
/* For tagferry-modbusd, by TCP without TLS: single requests are made through libmodbus, which does
 * not compare all of an answer as above. Call it once, before the first request. False: out of
 * memory, and nothing has changed. */
bool modbus_client_trust_server(struct modbus_client *link);
/* Closes the connection and frees the client. Accepts NULL. */
void modbus_client_destroy(struct modbus_client *link);
/* From any thread: the call under way ends soon, and it and all later ones fail with
 * MODBUS_BACKS_OFF. Only the look-up of a name goes on. Repeat it until the thread that uses the
 * client has ended (transport_interrupt). */
void modbus_client_interrupt(struct modbus_client *link);

/* For a server with several units, each of which may fail alone: only failed connects cause a
 * back-off, and the caller must delay requests to units that do not answer. `pause`, which may be
 * NULL, is called between the requests of one call; if it returns false, the call fails with
 * MODBUS_BACKS_OFF. Sets MODBUS_REPEAT_ALL; modbus_client_loss_count shows restarts of the server.
 */
void modbus_client_serve_units(struct modbus_client *link, bool (*pause)(void *context),
                               void *context);

/* Reads `count` registers, or bits as words of 0 and 1, within the limits of one request (pdu.h).
 * This and the following functions return MODBUS_EXCEPTION for the reserved units 248 to 254. */
enum modbus_result modbus_client_read(struct modbus_client *link, uint8_t unit,
                                      enum modbus_table table, uint16_t address, uint16_t count,
                                      uint16_t *words);
/* Writes holding registers (FC16) or coils (FC15). `table` is one of these two. */
enum modbus_result modbus_client_write(struct modbus_client *link, uint8_t unit,
                                       enum modbus_table table, uint16_t address, uint16_t count,
                                       const uint16_t *words);
/* Writes one register (FC6) or coil (FC5), for servers without FC16 or FC15. */
enum modbus_result modbus_client_write_single(struct modbus_client *link, uint8_t unit,
                                              enum modbus_table table, uint16_t address,
                                              uint16_t word);
/* Changes the bits in `mask` of one register to those of `bits` (FC22). For a unit that refuses
 * FC22, or does not answer it but answers the next request, this and all later calls read and write
 * the register instead; modbus_client_unmasked_count counts these. With modbus_client_serve_units,
 * repeat the call after MODBUS_NO_ANSWER_TO_MASKED. */
enum modbus_result modbus_client_mask_write(struct modbus_client *link, uint8_t unit,
                                            uint16_t address, uint16_t mask, uint16_t bits);
/* Makes 1 to PIPELINE_MAX requests in one round trip, in order, for servers that support it.
 * MODBUS_UNREACHABLE if one has no answer, else MODBUS_EXCEPTION if the server refused one. */
enum modbus_result modbus_client_request_many(struct modbus_client *link,
                                              struct pipeline_request *requests, size_t count);

/* Sends requests as above, but without waiting, on a TCP connection without TLS that has answered
 * before; with MODBUS_REPEAT_NOTHING. False if there is no such connection: nothing was sent. Until
 * modbus_client_end_requests, `requests` must not change, and no other request may be made. */
bool modbus_client_begin_requests(struct modbus_client *link, struct pipeline_request *requests,
                                  size_t count);
/* False if they could not be sent: then modbus_client_end_requests fails at once. */
bool modbus_client_has_sent(const struct modbus_client *link);
/* Waits for the answers; when modbus_client_socket is readable, some have come. Returns the result
 * as modbus_client_request_many does. */
enum modbus_result modbus_client_end_requests(struct modbus_client *link,
                                              struct pipeline_request *requests);
/* The socket of the connection; -1 without one. */
int modbus_client_socket(const struct modbus_client *link);

/* Checks, without a request, whether the connection was lost while it was idle. If so, true: counts
 * a loss and closes the connection; the next call connects again. */
bool modbus_client_check_closed(struct modbus_client *link);

/* Milliseconds until the back-off ends; 0 without a back-off. */
unsigned modbus_client_backoff_ms(const struct modbus_client *link);
/* Milliseconds until requests to the unit are possible again after a time-out by RTU; else 0. */
unsigned modbus_client_unit_wait_ms(const struct modbus_client *link, uint8_t unit);
/* The reason of the latest failure: as text; for MODBUS_UNREACHABLE; for MODBUS_EXCEPTION, the
 * exception code, or 0 for a reserved unit. */
const char *modbus_client_reason(const struct modbus_client *link);
enum modbus_failure modbus_client_failure(const struct modbus_client *link);
uint8_t modbus_client_exception(const struct modbus_client *link);
/* For MODBUS_NOT_CONNECTED: what failed of TLS, if anything. */
enum tls_fault modbus_client_tls_fault(const struct modbus_client *link);
/* The number of reads and writes in place of FC22. */
uint64_t modbus_client_unmasked_count(const struct modbus_client *link);
/* How often the server closed a connection or did not accept one: it may have lost its data.
 * Connections that this side closed do not count. */
uint64_t modbus_client_loss_count(const struct modbus_client *link);

#endif
