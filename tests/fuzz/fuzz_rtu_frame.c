/* Frames of Modbus RTU: the result of a cut must not depend on how the bytes are split, a whole
 * frame must have the CRC of a second implementation, and encoding it must give the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "common/modbus/rtu_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Bit by bit. */
static unsigned slow_crc(const uint8_t *bytes, size_t len)
{
    unsigned crc = 0xFFFF;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
    }
    return crc;
}

static void check_whole(const uint8_t *bytes, size_t len, const struct rtu_frame *frame)
{
    uint8_t again[RTU_SIZE_MAX];
    check(frame->size >= RTU_SIZE_MIN && frame->size <= len && frame->size <= RTU_SIZE_MAX);
    check(frame->pdu == bytes + 1 && frame->pdu_len + 3 == frame->size);
    check(slow_crc(bytes, frame->size - 2) ==
          (unsigned)(bytes[frame->size - 2] | bytes[frame->size - 1] << 8));
    check(rtu_put_frame(again, frame->unit, frame->pdu, frame->pdu_len) == frame->size);
    check(memcmp(again, bytes, frame->size) == 0);
}

static enum rtu_result check_cut(const uint8_t *data, size_t len, enum rtu_direction direction)
{
    uint8_t *exact = malloc(len ? len : 1); /* detects a read beyond it */
    struct rtu_frame frame;
    memcpy(exact, data, len);
    enum rtu_result result = rtu_cut_frame(exact, len, direction, &frame);
    if (result == RTU_WHOLE)
        check_whole(exact, len, &frame);
    if (rtu_check_frame(exact, len, &frame))
        check(frame.size == len);
    free(exact);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 600)
        return 0;
    for (enum rtu_direction direction = RTU_REQUEST; direction <= RTU_ANSWER; direction++) {
        enum rtu_result before = RTU_PART;
        for (size_t len = 0; len <= size; len++) {
            enum rtu_result result = check_cut(data, len, direction);
            check(before == RTU_PART || result == before); /* more bytes change no decision */
            check(result != RTU_PART || len < RTU_SIZE_MAX);
            before = result;
        }
        /* Resynchronisation always moves, and only to a frame or to the end. */
        for (size_t at = 0, skip; at < size; at += skip) {
            struct rtu_frame frame;
            skip = rtu_find_frame(data + at, size - at, direction);
            check(skip >= 1 && at + skip <= size);
            check(at + skip == size || rtu_cut_frame(data + at + skip, size - at - skip, direction,
                                                     &frame) == RTU_WHOLE);
        }
    }
    return 0;
}
