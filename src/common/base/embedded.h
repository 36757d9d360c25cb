/* Files that are part of a program. The build makes tables of them, which end with a NULL name. */
#ifndef TAGFERRY_COMMON_BASE_EMBEDDED_H
#define TAGFERRY_COMMON_BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name; /* without the folder */
    const char *data; /* followed by a NUL, which `len` does not count */
    size_t len;
};

#endif
