/* Preloaded into a daemon: the file named by TAGFERRY_TEST_MSYNC controls msync. "hold" makes it
 * wait until the file changes, "fail" makes it fail; without the file it works normally. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char order(void)
{
    char word = '\0';
    const char *path = getenv("TAGFERRY_TEST_MSYNC");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return '\0';
    if (read(fd, &word, 1) != 1)
        word = '\0';
    close(fd);
    return word;
}

int msync(void *start, size_t len, int flags)
{
    int (*real)(void *, size_t, int);
    void *found = dlsym(RTLD_NEXT, "msync");
    memcpy(&real, &found, sizeof real);
    while (order() == 'h')
        usleep(1000);
    if (order() == 'f') {
        errno = EIO;
        return -1;
    }
    return real(start, len, flags);
}
