/* Preloaded into tagferry-api: the file named by TAGFERRY_TEST_DISK controls the store's disk.
 * "hold" makes a commit wait until the file changes, "fail" makes it fail, "full" and "protected"
 * refuse writes, "unreadable" refuses reads; without the file the disk works normally. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int says(const char *word)
{
    char order[16] = "";
    const char *path = getenv("TAGFERRY_TEST_DISK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    ssize_t len = read(fd, order, sizeof order - 1);
    close(fd);
    return len > 0 && strcmp(order, word) == 0;
}

static void find(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(function, &found, sizeof found);
}

int fdatasync(int fd)
{
    int (*real)(int);
    find("fdatasync", &real);
    while (says("hold"))
        usleep(1000);
    if (says("fail")) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    ssize_t (*real)(int, const void *, size_t, off64_t);
    find("pwrite64", &real);
    if (says("full") || says("protected")) {
        errno = says("full") ? ENOSPC : EROFS;
        return -1;
    }
    return real(fd, bytes, len, at);
}

ssize_t pread64(int fd, void *bytes, size_t len, off64_t at)
{
    ssize_t (*real)(int, void *, size_t, off64_t);
    find("pread64", &real);
    if (says("unreadable")) {
        errno = EIO;
        return -1;
    }
    return real(fd, bytes, len, at);
}
