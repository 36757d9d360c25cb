/* Brings a store to the schema that this program knows. */
#ifndef TAGFERRY_API_MIGRATE_H
#define TAGFERRY_API_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

struct sqlite3;

/* Runs the files of sql/ that the store has not seen, each in a transaction of its own that also
 * raises user_version. False with the reason in `why`, also for a store of a newer program. */
bool migrate(struct sqlite3 *db, char *why, size_t why_size);

#endif
