/* The frames of Modbus RTU: unit, PDU, CRC; nothing marks where one begins. Pure.
 *
 * The length of a frame follows from its function and its byte count. Of a function without a
 * known length only the pause after it shows the end: see rtu_check_frame. */
#ifndef TAGFERRY_COMMON_MODBUS_RTU_FRAME_H
#define TAGFERRY_COMMON_MODBUS_RTU_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/modbus/pdu.h"

enum {
    RTU_CRC_SIZE = 2,
    RTU_OVERHEAD = 1 + RTU_CRC_SIZE, /* unit and CRC */
    RTU_SIZE_MIN = RTU_OVERHEAD + 1,
    RTU_SIZE_MAX = RTU_OVERHEAD + PDU_MAX,
    RTU_BROADCAST = 0, /* this unit number is for all, and nobody answers */
};

/* A request and its answer have different lengths. */
enum rtu_direction { RTU_REQUEST, RTU_ANSWER };

/* One frame; `pdu` points into the bytes that it was cut from. */
struct rtu_frame {
    uint8_t unit;
    const uint8_t *pdu;
    size_t pdu_len; /* 1 to PDU_MAX */
    size_t size;    /* of the whole frame, with unit and CRC */
};

enum rtu_result {
    RTU_WHOLE,
    RTU_PART,    /* incomplete: wait for more bytes */
    RTU_UNKNOWN, /* the length is not known: wait for the pause, then call rtu_check_frame */
    RTU_WRONG,   /* no frame begins here: its length is impossible, or its CRC is wrong */
};

/* The CRC of bytes; on the wire its low byte is first. */
uint16_t rtu_crc(const uint8_t *bytes, size_t len);

/* The length of a PDU by its first `len` bytes. 0 if the function has no known length; -1 if the
 * byte that the length depends on has not arrived. An answer may be an exception. The result may
 * exceed PDU_MAX. Knows the functions of PDU_FUNCTIONS and the other public ones of the standard,
 * which other devices of a line may use. */
int rtu_pdu_size(const uint8_t *pdu, size_t len, enum rtu_direction direction);

/* Cuts the frame at the start of `bytes`; fills `frame` for RTU_WHOLE. */
enum rtu_result rtu_cut_frame(const uint8_t *bytes, size_t len, enum rtu_direction direction,
                              struct rtu_frame *frame);
/* True if all `len` bytes are one frame with a right CRC, whatever its function; fills `frame`. */
bool rtu_check_frame(const uint8_t *bytes, size_t len, struct rtu_frame *frame);
/* After RTU_WRONG, where to try again: the number of bytes before the next whole frame, at least 1;
 * `len` if there is none. */
size_t rtu_find_frame(const uint8_t *bytes, size_t len, enum rtu_direction direction);

/* Writes a frame of `pdu_len` bytes, 1 to PDU_MAX, and returns its size. `bytes` has room for
 * RTU_OVERHEAD more; the PDU may already be in it. */
size_t rtu_put_frame(uint8_t *bytes, uint8_t unit, const uint8_t *pdu, size_t pdu_len);

/* Pauses on a serial line, in µs: the longest one inside a frame (1.5 characters), and the shortest
 * one between frames (3.5 characters). A character has 11 bits. Above 19200 baud they are fixed.
 * `baud` is not 0. */
uint32_t rtu_inner_pause_us(uint32_t baud);
uint32_t rtu_frame_pause_us(uint32_t baud);

#endif
