/* Copies of the store that tagferry-api makes by itself, beside the database:
 * DATABASE-term-TERM-TIME before another gateway's store takes its place,
 * DATABASE-schema-VERSION-TIME before a migration. `tagferry-api restore` reads them. */
#ifndef TAGFERRY_API_STORE_KEPT_STORE_H
#define TAGFERRY_API_STORE_KEPT_STORE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/utc.h"

enum { KEPT_FILES = 10 }; /* at most, of a kind */

/* The newest ten of KEPT_TERM and the newest five of KEPT_SCHEMA stay. */
enum kept_kind { KEPT_TERM, KEPT_SCHEMA };

struct kept_store_file {
    char name[NAME_MAX + 1]; /* without its folder */
    int64_t number;          /* the term or the version of the schema */
    char at[UTC_TEXT_SIZE];  /* when it was made */
};

/* Copies the database to a file, whose path it writes to `path`, with the mode 0600 and the owner
 * of the database. A file of this name is always complete and on the disk: it is written under
 * another name first. The caller holds SQLite's write lock of the database, so that one process at
 * a time does this; the copy is the state before the caller's transaction. False, with the reason
 * in `why`, on failure. */
bool kept_store_create(const char *database, enum kept_kind kind, int64_t number,
                       char path[PATH_MAX], char *why, size_t why_size);
/* Lists the newest files of the database, the newest first. Returns their number; 0 as well when
 * out of memory. */
size_t kept_store_list(const char *database, enum kept_kind kind,
                       struct kept_store_file list[KEPT_FILES]);
/* Deletes all but the newest files of this kind. */
void kept_store_limit(const char *database, enum kept_kind kind);

#endif
