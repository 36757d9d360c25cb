/* The frames of a client that speaks Modbus RTU over TCP: the part of `conn` that is different from
 * Modbus TCP.
 *
 * Bytes that are no frame are counted and skipped up to the next whole request, as a device on a
 * serial line does: what comes through a device server may contain noise. */
#ifndef TAGFERRY_MODBUSD_NET_RTU_CONN_H
#define TAGFERRY_MODBUSD_NET_RTU_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbusd/net/conn.h"

/* As conn_answer_frames. A write to unit 0 is done in all units and not answered. A client whose
 * first bytes are another protocol is marked as broken. */
void rtu_conn_answer_frames(struct conn *conn, struct service *service, uint64_t now);
/* As conn_has_work. */
bool rtu_conn_has_work(const struct conn *conn);

/* Converts whole frames of Modbus TCP to frames of Modbus RTU, in place; returns the new length. */
size_t rtu_conn_convert_answers(uint8_t *bytes, size_t len);

#endif
