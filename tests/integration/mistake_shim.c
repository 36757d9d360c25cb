/* Preloaded into a daemon: mistakes that end_checks.py must see. TAGFERRY_MISTAKE is "leak": no
 * socket is closed; "spin": the loop does not wait; "log": each line comes thirty times. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_mistake(const char *name)
{
    const char *mistake = getenv("TAGFERRY_MISTAKE");
    return mistake && strcmp(mistake, name) == 0;
}

int close(int fd)
{
    struct stat st;
    if (is_mistake("leak") && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode))
        return 0;
    return (int)syscall(SYS_close, fd);
}

int epoll_wait(int fd, struct epoll_event *events, int most, int ms)
{
    return (int)syscall(SYS_epoll_wait, fd, events, most, is_mistake("spin") ? 0 : ms);
}

ssize_t write(int fd, const void *data, size_t size)
{
    for (int i = 0; fd == 2 && is_mistake("log") && i < 30; i++)
        syscall(SYS_write, fd, data, size);
    return syscall(SYS_write, fd, data, size);
}
