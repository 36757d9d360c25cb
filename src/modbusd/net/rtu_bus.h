/* The frames on a serial line that several devices share: finds the requests to this server among
 * those to others, the answers of others, and noise. Pure.
 *
 * The length of a frame decides where it ends, if its function has one; pauses decide otherwise,
 * and where to begin again after noise. */
#ifndef TAGFERRY_MODBUSD_NET_RTU_BUS_H
#define TAGFERRY_MODBUSD_NET_RTU_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/unit_set.h"
#include "common/modbus/rtu_frame.h"

/* The received bytes that no decision was made about. */
struct rtu_bus_bytes {
    const uint8_t *bytes;
    size_t len;
    size_t pause_at; /* the latest pause was before this byte, if it is above 0 and below `len` */
    bool is_paused;  /* there is a pause after the last byte */
    bool is_over;    /* it is so long that nothing belongs to these bytes any more */
};

enum rtu_bus_result {
    RTU_BUS_WAIT,    /* for more bytes, or a pause */
    RTU_BUS_REQUEST, /* to a unit of this server, or to all; `frame` is filled */
    RTU_BUS_OTHER,   /* a frame of another device, or an echo of an own answer; `frame` is filled */
    RTU_BUS_NOISE,   /* `skip` bytes are no frame */
};

/* Decides about the first of the bytes; at least one. */
enum rtu_bus_result rtu_bus_next(const struct rtu_bus_bytes *bus, const struct unit_set *units,
                                 struct rtu_frame *frame, size_t *skip);

#endif
