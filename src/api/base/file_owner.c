/* Owners by the store's own. */
#include "api/base/file_owner.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool file_owner_get_folder(const char *path, char folder[PATH_MAX])
{
    if ((size_t)snprintf(folder, PATH_MAX, "%s", path) >= PATH_MAX)
        return false;
    char *slash = strrchr(folder, '/');
    if (!slash)
        snprintf(folder, PATH_MAX, ".");
    else
        slash[slash == folder] = '\0';
    return true;
}

static void file_owner_say_user(uid_t uid, char *why, size_t why_size)
{
    const struct passwd *user = getpwuid(uid);
    if (user)
        snprintf(
            why, why_size,
            "the store is %s's, who could not read what this makes; nothing was done: run it as "
            "\"sudo -u %s tagferry-api …\"",
            user->pw_name, user->pw_name);
    else
        snprintf(why, why_size,
                 "the store is of the user id %lu, who could not read what this makes; nothing was "
                 "done: run it as that user",
                 (unsigned long)uid);
}

bool file_owner_find(struct file_owner *owner, const char *database, char *why, size_t why_size)
{
    char folder[PATH_MAX];
    struct stat st;
    if (stat(database, &st) != 0 &&
        (errno != ENOENT || !file_owner_get_folder(database, folder) || stat(folder, &st) != 0)) {
        if (errno == ENOENT)
            snprintf(
                why, why_size,
                "%s: neither the store nor its folder exists, so its owner is unknown; is this "
                "the daemon's configuration (-c)?",
                database);
        else
            snprintf(why, why_size, "%s: %s", database, strerror(errno));
        return false;
    }
    *owner = (struct file_owner){st.st_uid, st.st_gid};
    if (geteuid() == 0 || geteuid() == owner->uid)
        return true;
    file_owner_say_user(owner->uid, why, why_size);
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
