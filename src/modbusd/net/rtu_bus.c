/* Tries both lengths of a frame, as a request and as an answer: only the CRC tells them apart. */
#include "modbusd/net/rtu_bus.h"

#include "common/base/require.h"

static bool rtu_bus_is_own(const struct unit_set *units, uint8_t unit)
{
    return unit == RTU_BROADCAST ||
           (unit <= UNIT_MAX && unit_set_named_index(units, unit) != UNIT_NONE);
}

/* RTU_WHOLE if a frame in either direction begins here; `is_request` says which. RTU_WRONG only if
 * none can. */
static enum rtu_result rtu_bus_cut(const uint8_t *bytes, size_t len, struct rtu_frame *frame,
                                   bool *is_request)
{
    const enum rtu_result request = rtu_cut_frame(bytes, len, RTU_REQUEST, frame);
    *is_request = request == RTU_WHOLE;
    if (request == RTU_WHOLE)
        return RTU_WHOLE;
    if (bytes[0] == RTU_BROADCAST)
        return request;
    const enum rtu_result answer = rtu_cut_frame(bytes, len, RTU_ANSWER, frame);
    return answer == RTU_WHOLE || request == RTU_WRONG ? answer : request;
}

/* Where the next whole frame begins, at least 1; `len` if there is none. */
static size_t rtu_bus_find(const uint8_t *bytes, size_t len)
{
    struct rtu_frame frame;
    bool is_request;
    for (size_t at = 1; at < len; at++) {
        if (rtu_bus_cut(bytes + at, len - at, &frame, &is_request) == RTU_WHOLE)
            return at;
    }
    return len;
}

enum rtu_bus_result rtu_bus_next(const struct rtu_bus_bytes *bus, const struct unit_set *units,
                                 struct rtu_frame *frame, size_t *skip)
{
    const uint8_t *bytes = bus->bytes;
    const size_t len = bus->len;
    struct rtu_frame later;
    bool is_request;
    REQUIRE(len > 0);
    enum rtu_result result = rtu_bus_cut(bytes, len, frame, &is_request);
    /* A function of unknown length ends at the pause. An exception is an answer. */
    if (result != RTU_WHOLE && bus->is_paused && rtu_check_frame(bytes, len, frame)) {
        result = RTU_WHOLE;
        is_request = frame->pdu[0] < 0x80;
    }
    if (result == RTU_WHOLE)
        return is_request && rtu_bus_is_own(units, frame->unit) ? RTU_BUS_REQUEST : RTU_BUS_OTHER;

    /* The bytes before a pause were cut short, if a whole frame begins after it. */
    *skip = len;
    if (bus->pause_at > 0 && bus->pause_at < len) {
        bool ignored;
        *skip = bus->pause_at;
        if (rtu_bus_cut(bytes + *skip, len - *skip, &later, &ignored) == RTU_WHOLE)
            return RTU_BUS_NOISE;
    }
    const bool may_go_on =
        result == RTU_PART ? !bus->is_over : result == RTU_UNKNOWN && !bus->is_paused;
    *skip = may_go_on ? len : rtu_bus_find(bytes, len);
    if (*skip < len || bus->is_over || len > RTU_SIZE_MAX)
        return RTU_BUS_NOISE;
    return RTU_BUS_WAIT;
}
