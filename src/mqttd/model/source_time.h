/* Parses the time stamp of a message. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_SOURCE_TIME_H
#define TAGFERRY_MQTTD_MODEL_SOURCE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/value.h"

/* Reads ISO 8601 ("2026-01-02T03:04:05.678Z"; also with a space for the T, with an offset, or
 * without a zone, which means UTC), or a number, also as a string: seconds or, from 10^11 on,
 * milliseconds since 1970. Sets *wall_ms, milliseconds since 1970, above 0. False for anything
 * else. */
bool source_time_read(const struct scalar *scalar, uint64_t *wall_ms);

#endif
