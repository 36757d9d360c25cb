/* Part of each unit test: at its end no descriptor is open that was closed at its begin. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 4096 };

static bool open_before[DESCRIPTORS_MAX];
static pid_t process;

static bool descriptor_is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

__attribute__((constructor)) static void descriptors_note_open(void)
{
    process = getpid();
    for (int fd = 0; fd < DESCRIPTORS_MAX; fd++)
        open_before[fd] = descriptor_is_open(fd);
}

__attribute__((destructor)) static void descriptors_check_closed(void)
{
    bool leaks = false;
    for (int fd = 0; getpid() == process && fd < DESCRIPTORS_MAX; fd++) {
        char link[64], name[256];
        if (open_before[fd] || !descriptor_is_open(fd))
            continue;
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t len = readlink(link, name, sizeof name - 1);
        name[len > 0 ? len : 0] = '\0';
        fprintf(stderr, "descriptor %d is still open: %s\n", fd, name);
        leaks = true;
    }
    if (leaks)
        _exit(1);
}
