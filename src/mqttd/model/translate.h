/* A tag's value between JSON and registers, both ways. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_TRANSLATE_H
#define TAGFERRY_MQTTD_MODEL_TRANSLATE_H

#include "common/model/codec.h"
#include "common/model/fault.h"
#include "common/model/tag.h"
#include "common/model/value.h"

/* A JSON scalar as the registers of the point. On a fault nothing is written. `reading` may be
 * NULL. */
enum fault translate_to_registers(const struct point *point, const struct value_reading *reading,
                                  const struct scalar *scalar, struct codec_registers *registers);

/* A value for a template: JSON text (strings quoted), and the same bare. */
enum { TRANSLATE_BARE_SIZE = 2 * STRING_REGISTERS_MAX + 1 };
enum { TRANSLATE_JSON_SIZE = 6 * TRANSLATE_BARE_SIZE + 3 };
struct translated {
    char json[TRANSLATE_JSON_SIZE];
    char bare[TRANSLATE_BARE_SIZE];
};

/* Registers as JSON, scaled, and through the value map in reverse; an entry whose text is true,
 * false or a JSON number has no quotes. On a fault no message can carry the value, and `bare` alone
 * is filled, with what a log may show of it. FAULT_UNMAPPED_NUMBER: no entry of the map stands for
 * it; FAULT_NOT_A_NUMBER: NaN; FAULT_OUT_OF_RANGE: an infinity, or scaling overflows;
 * FAULT_NOT_A_STRING: bytes that are no UTF-8. */
enum fault translate_to_json(const struct point *point, const struct value_map *map,
                             const uint16_t *words, struct translated *translated);

/* Writes `text` as a JSON string's inside, with what must be escaped. `to` needs 6 bytes for each
 * one of `text`, and one more. Returns the length. */
size_t translate_escape_json(const char *text, size_t len, char *to);

#endif
