/* Backup and restore of the store while the daemons run. */
#ifndef TAGFERRY_API_STORE_BACKUP_H
#define TAGFERRY_API_STORE_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/base/file_owner.h"

enum { BACKUP_WHY_SIZE = 1024 };

/* The content of a backup: the numbers of devices and tags, and the store's revision. */
struct backup_content {
    int64_t devices, tags, revision;
};

/* Copies the store to a new file. False, with the reason in `why`, on failure; an existing file is
 * a failure and is not changed. */
bool backup_create(const char *database, const char *file, struct backup_content *content,
                   char *why, size_t why_size);
/* Replaces the content of the store by a backup, in one transaction. Readers then load everything
 * again. A missing store is created, with this owner. False, with the reason in `why`, on failure:
 * the store is then unchanged. */
bool backup_restore(const char *database, const char *file, const struct file_owner *owner,
                    struct backup_content *content, char *why, size_t why_size);

#endif
