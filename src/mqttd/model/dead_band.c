/* Compares registers by the values that they stand for. */
#include "mqttd/model/dead_band.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "common/base/require.h"
#include "common/model/codec.h"

/* The distance of two numbers of the same kind. */
static double dead_band_distance(const struct value *a, const struct value *b)
{
    if (a->kind != VALUE_INTEGER || b->kind != VALUE_INTEGER)
        return fabs(a->real - b->real);
    if (a->negative != b->negative)
        return (double)a->magnitude + (double)b->magnitude;
    return (double)(a->magnitude > b->magnitude ? a->magnitude - b->magnitude
                                                : b->magnitude - a->magnitude);
}

bool dead_band_holds(const struct point *point, double band, const uint16_t *now,
                     const uint16_t *known)
{
    char text[2][CODEC_TEXT_SIZE];
    struct value newer, older;
    const struct point content = point_of_content(point);
    REQUIRE(now && known);
    if (point->type == TYPE_BOOL)
        return (now[0] != 0) == (known[0] != 0);
    if (memcmp(now, known, point_width(point) * sizeof *now) == 0)
        return true;
    if (point->type == TYPE_STRING || !(band > 0))
        return false;
    codec_decode(&content, now, text[0], &newer);
    codec_decode(&content, known, text[1], &older);
    double distance = dead_band_distance(&newer, &older), slack = 0;
    if (newer.kind != VALUE_INTEGER)
        slack = fmax(fabs(newer.real), fabs(older.real)) *
                (point->type == TYPE_FLOAT32 ? FLT_EPSILON : 4 * DBL_EPSILON);
    return distance == 0 || distance + slack < band;
}
