/* Preloaded into a daemon: while the file named by TAGFERRY_TEST_HANG names a call, this call does
 * not return. "epoll_wait" hangs in the main thread, "sqlite3_step" in all others. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static int is_held(const char *call)
{
    char word[32] = "";
    const char *path = getenv("TAGFERRY_TEST_HANG");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    ssize_t len = read(fd, word, sizeof word - 1);
    close(fd);
    return len > 0 && strcmp(word, call) == 0;
}

static void hold(const char *call, int in_main)
{
    while ((gettid() == getpid()) == in_main && is_held(call))
        usleep(1000);
}

int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
    int (*real)(int, struct epoll_event *, int, int);
    void *found = dlsym(RTLD_NEXT, "epoll_wait");
    memcpy(&real, &found, sizeof real);
    hold("epoll_wait", 1);
    return real(fd, events, max, timeout);
}

int sqlite3_step(void *statement)
{
    int (*real)(void *);
    void *found = dlsym(RTLD_NEXT, "sqlite3_step");
    memcpy(&real, &found, sizeof real);
    hold("sqlite3_step", 0);
    return real(statement);
}
