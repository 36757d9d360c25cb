/* The free space of the file system that holds a file. */
#ifndef TAGFERRY_COMMON_BASE_DISK_SPACE_H
#define TAGFERRY_COMMON_BASE_DISK_SPACE_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes. `size` is 0 when the rest is unknown. */
struct disk_space {
    uint64_t device; /* the file system: st_dev of its files */
    uint64_t size;
    uint64_t available; /* to a process without privileges */
};

/* Both return zeros on error, and for a file system that does not count its blocks. */
struct disk_space disk_space_of_path(const char *path);
struct disk_space disk_space_of_fd(int fd);

#endif
