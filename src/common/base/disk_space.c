/* Asks the system for the free space of a file system. */
#include "common/base/disk_space.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

static struct disk_space disk_space_make(const struct stat *st, const struct statvfs *system)
{
    if (system->f_blocks == 0)
        return (struct disk_space){0};
    return (struct disk_space){.device = st->st_dev,
                               .size = (uint64_t)system->f_blocks * system->f_frsize,
                               .available = (uint64_t)system->f_bavail * system->f_frsize};
}

struct disk_space disk_space_of_path(const char *path)
{
    struct stat st;
    struct statvfs system;
    if (stat(path, &st) != 0 || statvfs(path, &system) != 0)
        return (struct disk_space){0};
    return disk_space_make(&st, &system);
}

struct disk_space disk_space_of_fd(int fd)
{
    struct stat st;
    struct statvfs system;
    if (fstat(fd, &st) != 0 || fstatvfs(fd, &system) != 0)
        return (struct disk_space){0};
    return disk_space_make(&st, &system);
}
