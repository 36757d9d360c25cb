/* Whether registers have the same value, or numbers within a dead band. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_DEAD_BAND_H
#define TAGFERRY_MQTTD_MODEL_DEAD_BAND_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/tag.h"

/* True when the registers have the same content, or are two numbers that differ by less than
 * `band`, in engineering units; with a band of 0 or below only equal ones do. How the type and the
 * scale round does not count: 70.1 and 69.8 differ by 0.3. Both are as encoded, also a bit or a
 * byte. */
bool dead_band_holds(const struct point *point, double band, const uint16_t *now,
                     const uint16_t *known);

#endif
