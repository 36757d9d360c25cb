/* Date and time in the format of RFC 3339. Pure. */
#ifndef TAGFERRY_COMMON_BASE_UTC_H
#define TAGFERRY_COMMON_BASE_UTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTC_TEXT_SIZE = 32 };

/* 9999-12-31T23:59:59.999Z, the newest time that RFC 3339 can write. */
#define UTC_YEAR_9999_END_MS UINT64_C(253402300799999)

/* Writes milliseconds since 1970-01-01 UTC as "2026-01-02T03:04:05.678Z", and returns the length. A
 * year after 9999 has more digits. */
size_t utc_format(uint64_t wall_ms, char text[UTC_TEXT_SIZE]);
/* Parses an RFC 3339 time with any zone and any number of decimals; those after the milliseconds
 * are ignored. False when the text is not such a time, or the time is before 1970. */
bool utc_parse(const char *text, uint64_t *wall_ms);

#endif
