/* Whose the daemon's files are: what a command makes that root runs must not end up root's alone.
 */
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
 * in `why`, when the owner cannot be determined, or when this process is neither root nor this
 * user: what it made could not be read by the daemon. */
bool file_owner_find(struct file_owner *owner, const char *database, char *why, size_t why_size);
/* Whether the owner may read a file like this. */
bool file_owner_can_read(const struct file_owner *owner, const struct stat *file);
/* Gives an open file to the owner, when this is root. False with errno. */
bool file_owner_give(const struct file_owner *owner, int fd);

#endif
