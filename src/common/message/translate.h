/* Converts the value of a tag from JSON to registers and from registers to JSON. Pure. */
#ifndef TAGFERRY_COMMON_MESSAGE_TRANSLATE_H
#define TAGFERRY_COMMON_MESSAGE_TRANSLATE_H

#include "common/model/codec.h"
#include "common/model/fault.h"
#include "common/model/tag.h"
#include "common/model/value.h"

/* Converts a JSON scalar to the registers of the point. On a fault `registers` is unchanged.
 * `reading` may be NULL. */
enum fault translate_to_registers(const struct point *point, const struct value_reading *reading,
                                  const struct scalar *scalar, struct codec_registers *registers);

/* A value for a template: as JSON, with strings in quotes, and without quotes and escapes. */
enum { TRANSLATE_BARE_SIZE = 2 * STRING_REGISTERS_MAX + 1 };
enum { TRANSLATE_JSON_SIZE = 6 * TRANSLATE_BARE_SIZE + 3 };
struct translated {
    char json[TRANSLATE_JSON_SIZE];
    char bare[TRANSLATE_BARE_SIZE];
};

/* Converts registers to JSON: decodes and scales them, and applies the value map in reverse; an
 * entry whose text is true, false or a JSON number has no quotes. On a fault the value must not be
 * published, and only `bare` is defined: a text for the log. FAULT_UNMAPPED_NUMBER: the map has no
 * entry for the number; FAULT_NOT_A_NUMBER: NaN; FAULT_OUT_OF_RANGE: an infinity, also after
 * scaling; FAULT_NOT_A_STRING: bytes that are not UTF-8; FAULT_NOT_BCD: a digit above 9. */
enum fault translate_to_json(const struct point *point, const struct value_map *map,
                             const uint16_t *words, struct translated *translated);

/* Writes `text` as the content of a JSON string, escaped, and a NUL. `to` needs 6 bytes for each
 * byte of `text`, and one more. Returns the length. */
size_t translate_escape_json(const char *text, size_t len, char *to);

#endif
