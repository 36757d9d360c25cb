/* Brings a store to the schema that this program knows. */
#ifndef TAGFERRY_API_STORE_MIGRATE_H
#define TAGFERRY_API_STORE_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

struct sqlite3;

/* Only reads. False with the reason in `why` for a store of a newer program, for another program's
 * file, and for what is no database at all: such a file is to be left as it is. */
bool migrate_check_version(struct sqlite3 *db, char *why, size_t why_size);
/* Runs the files of sql/ that the store has not seen, each in a transaction of its own that also
 * raises user_version. False with the reason in `why`. */
bool migrate_run(struct sqlite3 *db, char *why, size_t why_size);

#endif
