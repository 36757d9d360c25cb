/* Copies of the store, taken and put back while the daemons run. */
#ifndef TAGFERRY_API_BACKUP_H
#define TAGFERRY_API_BACKUP_H

#include <stdbool.h>
#include <stddef.h>

enum { BACKUP_WHY_SIZE = 1024 };

/* Copies the store to a new file. False, with the reason in `why`, also when the file exists. */
bool backup_make(const char *database, const char *file, char *why, size_t why_size);
/* Replaces what the store holds by a backup, in one transaction. Readers load everything anew. */
bool backup_restore(const char *database, const char *file, char *why, size_t why_size);

#endif
