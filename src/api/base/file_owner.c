/* The daemon's user is the owner of its store. */
#include "api/base/file_owner.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool file_owner_find(struct file_owner *owner, const char *database, char *why, size_t why_size)
{
    struct stat st;
    int failed = stat(database, &st);
    if (failed && errno == ENOENT) { /* no store yet: the owner of its folder */
        char folder[PATH_MAX];
        size_t len = (size_t)snprintf(folder, sizeof folder, "%s", database);
        char *slash = strrchr(folder, '/');
        if (!slash)
            snprintf(folder, sizeof folder, ".");
        else
            slash[slash == folder] = '\0';
        errno = ENOENT;
        failed = len >= sizeof folder || stat(folder, &st);
    }
    if (failed && errno == ENOENT)
        snprintf(why, why_size,
                 "%s: neither the store nor its folder exists, so its owner is unknown; is this "
                 "the daemon's configuration (-c)?",
                 database);
    else if (failed)
        snprintf(why, why_size, "%s: %s", database, strerror(errno));
    if (failed)
        return false;

    *owner = (struct file_owner){st.st_uid, st.st_gid};
    if (geteuid() == 0 || geteuid() == owner->uid)
        return true;
    const struct passwd *user = getpwuid(owner->uid);
    if (user)
        snprintf(why, why_size,
                 "the store belongs to the user %s, who could not read the files that this command "
                 "creates; nothing was done: run it as \"sudo -u %s tagferry-api …\"",
                 user->pw_name, user->pw_name);
    else
        snprintf(why, why_size,
                 "the store belongs to the user id %lu, who could not read the files that this "
                 "command creates; nothing was done: run it as that user",
                 (unsigned long)owner->uid);
    return false;
}

bool file_owner_can_read(const struct file_owner *owner, const struct stat *file)
{
    if (owner->uid == 0 || file->st_mode & S_IROTH)
        return true;
    if (file->st_uid == owner->uid)
        return file->st_mode & S_IRUSR;
    return file->st_gid == owner->gid && file->st_mode & S_IRGRP;
}

bool file_owner_give(const struct file_owner *owner, int fd)
{
    return geteuid() != 0 || fchown(fd, owner->uid, owner->gid) == 0;
}
