/* Preloaded into a daemon: says how many bytes of its heap are in use. Each byte written into the
 * FIFO that TAGFERRY_HEAP names is answered with a line in the FIFO of that name and ".answer".
 *
 * With AddressSanitizer its allocator counts; blocks in quarantine are not in use. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static int asks, answers;

static size_t in_use(void)
{
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

static void *answer(void *context)
{
    char byte, line[32];
    while (read(asks, &byte, 1) == 1) {
        int len = snprintf(line, sizeof line, "%zu\n", in_use());
        if (write(answers, line, (size_t)len) != len)
            break;
    }
    return context;
}

__attribute__((constructor)) static void begin(void)
{
    char path[PATH_MAX];
    const char *name = getenv("TAGFERRY_HEAP");
    pthread_t thread;
    if (!name || snprintf(path, sizeof path, "%s.answer", name) >= (int)sizeof path)
        return;
    asks = open(name, O_RDWR | O_CLOEXEC);
    answers = open(path, O_RDWR | O_CLOEXEC);
    if (asks < 0 || answers < 0)
        return;
    /* Signals are for the daemon's own threads, which block them. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, answer, NULL) == 0)
        pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
