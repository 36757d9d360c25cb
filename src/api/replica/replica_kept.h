/* Stores that were kept as files before another gateway's took their place:
 * DATABASE-term-TERM-TIME, beside the database. */
#ifndef TAGFERRY_API_REPLICA_REPLICA_KEPT_H
#define TAGFERRY_API_REPLICA_REPLICA_KEPT_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/utc.h"

enum { REPLICA_KEPT_FILES = 10 };

struct replica_kept_file {
    char name[NAME_MAX + 1]; /* without its folder */
    int64_t term;            /* of the store */
    char at[UTC_TEXT_SIZE];  /* when it was kept */
};

/* Writes the path of a file for a store of this term, kept now. Returns its length, as snprintf. */
int replica_kept_format(const char *database, int64_t term, char *path, size_t size);
/* Lists the newest files of the database, the newest first. Returns their number; 0 as well when
 * out of memory. */
size_t replica_kept_list(const char *database, struct replica_kept_file list[REPLICA_KEPT_FILES]);
/* Deletes all but the newest REPLICA_KEPT_FILES. */
void replica_kept_limit(const char *database);

#endif
