/* Files that are part of the program. The build makes tables of them, which end with a NULL name.
 */
#ifndef TAGFERRY_API_BASE_EMBEDDED_H
#define TAGFERRY_API_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name; /* without the folder */
    const char *data; /* followed by a NUL, which `len` does not count */
    size_t len;
};

extern const struct embedded schema_files[];  /* sql/, in order */
extern const struct embedded openapi_files[]; /* docs/openapi.json */

#endif
