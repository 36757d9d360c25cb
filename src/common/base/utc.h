/* The time of day as people and RFC 3339 write it. Pure. */
#ifndef TAGFERRY_COMMON_BASE_UTC_H
#define TAGFERRY_COMMON_BASE_UTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTC_TEXT_SIZE = 32 };
/* Writes "2026-01-02T03:04:05.678Z" for milliseconds since 1970-01-01 UTC, and returns its length.
 * A year beyond 9999 has more digits. */
size_t utc_format(uint64_t wall_ms, char text[UTC_TEXT_SIZE]);
/* Reads a time of RFC 3339, with any zone and any number of decimals, of which those beyond the
 * milliseconds are dropped. False when the text is not a time, or before 1970. */
bool utc_parse(const char *text, uint64_t *wall_ms);

#endif
