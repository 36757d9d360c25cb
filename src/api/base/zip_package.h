/* Reads and writes zip packages in memory, as office programs use them.
 *
 * The library is libzip: it knows the variants of the format (zip64, sizes behind the data) and
 * checks what an attacker may write into its tables; Debian keeps it well. It reads an entry as a
 * stream, so that a package that claims gigabytes costs only the time up to the reader's bound. */
#ifndef TAGFERRY_API_BASE_ZIP_PACKAGE_H
#define TAGFERRY_API_BASE_ZIP_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/text.h"

struct zip_package;

/* Opens a package in memory, which must outlive it. NULL if the bytes are no package. Calls
 * memory_fail, as reading does. The caller closes it, also when it leaves because memory is short
 * (memory_guard). */
struct zip_package *zip_package_open(const char *bytes, size_t len);
void zip_package_close(struct zip_package *package);
/* Begins to read an entry, in place of the one before. False if the package has no entry of this
 * name. */
bool zip_package_enter(struct zip_package *package, const char *name);
/* Reads the entry on. 0 at its end; -1 if it is damaged, or more than `limit` bytes were read of
 * the package. */
long zip_package_read(struct zip_package *package, size_t limit, char *bytes, size_t size);

/* A file of a package that is written. */
struct zip_part {
    const char *name;
    const char *bytes;
    size_t len;
};

/* Appends a package with these files to the text. Calls memory_fail. */
void zip_package_write(const struct zip_part *parts, size_t count, struct text *text);

#endif
