/* A line that several devices share: whatever comes, in whatever pieces and with whatever pauses,
 * each decision moves on, the waiting bytes stay few, and a request has a right CRC. */
#include <stdlib.h>
#include <string.h>

#include "modbusd/net/rtu_bus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Decides as often as possible; returns how many bytes are left at the end of `bytes`. */
static size_t decide(const uint8_t *bytes, size_t len, size_t pause_at, unsigned pause,
                     const struct unit_set *units)
{
    size_t at = 0;
    while (at < len) {
        uint8_t *exact = malloc(len - at); /* detects a read beyond it */
        memcpy(exact, bytes + at, len - at);
        const struct rtu_bus_bytes bus = {.bytes = exact,
                                          .len = len - at,
                                          .pause_at = pause_at > at ? pause_at - at : 0,
                                          .is_paused = pause > 0,
                                          .is_over = pause > 1};
        struct rtu_frame frame;
        size_t skip = 0;
        enum rtu_bus_result result = rtu_bus_next(&bus, units, &frame, &skip);
        if (result == RTU_BUS_REQUEST || result == RTU_BUS_OTHER) {
            struct rtu_frame again;
            check(frame.size >= RTU_SIZE_MIN && frame.size <= len - at);
            check(rtu_check_frame(exact, frame.size, &again));
            check(result == RTU_BUS_OTHER || frame.unit == 0 || frame.unit == 1 || frame.unit == 7);
            skip = frame.size;
        }
        free(exact);
        if (result == RTU_BUS_WAIT)
            break;
        check(skip >= 1 && skip <= len - at);
        at += skip;
    }
    check(len - at <= RTU_SIZE_MAX);
    check(pause < 2 || at == len); /* after a long pause nothing is left */
    return len - at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct unit_set units;
    char why[100];
    uint8_t in[4 * RTU_SIZE_MAX];
    size_t len = 0, pause_at = 0;
    check(unit_set_parse("1,7", &units, why, sizeof why));
    /* Pieces: a byte for their length and the pause after them, then the bytes. */
    while (size > 1) {
        size_t piece = data[0] >> 2;
        unsigned pause = data[0] & 3;
        piece = piece < size - 1 ? piece : size - 1;
        memcpy(in + len, data + 1, piece);
        len += piece;
        data += 1 + piece;
        size -= 1 + piece;
        size_t left = decide(in, len, pause_at, pause, &units);
        memmove(in, in + len - left, left);
        pause_at = pause > 0 ? left : pause_at > len - left ? pause_at - (len - left) : 0;
        len = left;
    }
    return 0;
}
