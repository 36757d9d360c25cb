/* Files that are part of the program. Tables of them are made at build and end with a NULL name. */
#ifndef TAGFERRY_API_BASE_EMBEDDED_H
#define TAGFERRY_API_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name; /* without its folder */
    const char *data; /* ended by a NUL that does not count */
    size_t len;
};

extern const struct embedded schema_files[];  /* sql/, in order */
extern const struct embedded openapi_files[]; /* docs/openapi.json */

#endif
