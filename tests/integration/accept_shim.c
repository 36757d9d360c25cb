/* Preloaded into tagferry-api: while the file named by TAGFERRY_TEST_ACCEPT exists, the thread that
 * accepts a connection hangs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int accept4(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
    int (*real)(int, struct sockaddr *, socklen_t *, int);
    void *found = dlsym(RTLD_NEXT, "accept4");
    const char *path = getenv("TAGFERRY_TEST_ACCEPT");
    memcpy(&real, &found, sizeof real);
    while (path && access(path, F_OK) == 0)
        usleep(1000);
    return real(fd, address, len, flags);
}
