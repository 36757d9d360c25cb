/* The time that a message says it was made at. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_SOURCE_TIME_H
#define TAGFERRY_MQTTD_MODEL_SOURCE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/value.h"

/* Reads ISO 8601 ("2026-01-02T03:04:05.678Z", a space for the T, an offset, or no zone, which is
 * UTC), or a number (also as a string) of seconds or, from 10^11 on, milliseconds since 1970. False
 * when it is none of these. */
bool source_time_read(const struct scalar *scalar, uint64_t *wall_ms);

#endif
