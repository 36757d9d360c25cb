/* The owner of the daemon's files: a command that root runs gives the files that it creates to the
 * daemon's user. */
#ifndef TAGFERRY_API_BASE_FILE_OWNER_H
#define TAGFERRY_API_BASE_FILE_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The user that the daemon runs as. */
struct file_owner {
    uid_t uid;
    gid_t gid;
};

/* Finds the owner of the store, or of its folder when there is no store yet. False, with the reason
 * in `why`, when the owner cannot be determined, or when this process runs neither as root nor as
 * this user: the daemon could not read the files that it creates. */
bool file_owner_find(struct file_owner *owner, const char *database, char *why, size_t why_size);
/* True when the file's mode and owner let the daemon's user read it. */
bool file_owner_can_read(const struct file_owner *owner, const struct stat *file);
/* Gives an open file to the owner if this process runs as root. False, with errno, on failure. */
bool file_owner_give(const struct file_owner *owner, int fd);

#endif
