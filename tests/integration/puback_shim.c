/* Preloaded into tagferry-mqttd: ends the process, as with kill -9, when it has passed the kernel
 * the acknowledgement (PUBACK) of as many messages as TAGFERRY_TEST_PUBACKS says. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PUBACK = 0x40, PUBACK_SIZE = 4 };

static void count(const void *bytes, size_t size)
{
    static atomic_int sent;
    const char *limit = getenv("TAGFERRY_TEST_PUBACKS");
    if (size != PUBACK_SIZE || *(const unsigned char *)bytes != PUBACK || !limit)
        return;
    if (atomic_fetch_add(&sent, 1) + 1 == atoi(limit))
        kill(getpid(), SIGKILL);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    ssize_t (*real)(int, const void *, size_t);
    void *found = dlsym(RTLD_NEXT, "write");
    memcpy(&real, &found, sizeof real);
    ssize_t done = real(fd, bytes, size);
    count(bytes, size);
    return done;
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    ssize_t (*real)(int, const void *, size_t, int);
    void *found = dlsym(RTLD_NEXT, "send");
    memcpy(&real, &found, sizeof real);
    ssize_t done = real(fd, bytes, size, flags);
    count(bytes, size);
    return done;
}
