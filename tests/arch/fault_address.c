/* A library to preload for programs of a big-endian machine under qemu-user. When qemu reports a
 * SIGBUS of the host, it copies the address as two numbers of 32 bits, so that such a program gets
 * its halves in the wrong order. This puts them right before the program's own handler runs. */
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>

typedef int sigaction_call(int number, const struct sigaction *action, struct sigaction *before);

static struct sigaction wanted; /* what the program has set for SIGBUS */

static void pass_on(int number, siginfo_t *info, void *context)
{
    uint64_t address = (uint64_t)(uintptr_t)info->si_addr;
    info->si_addr = (void *)(uintptr_t)(address << 32 | address >> 32);
    wanted.sa_sigaction(number, info, context);
}

int sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
    sigaction_call *set = (sigaction_call *)dlsym(RTLD_NEXT, "sigaction");
    struct sigaction old, passing;
    const struct sigaction earlier = wanted;
    if (number == SIGBUS && action && (action->sa_flags & SA_SIGINFO)) {
        passing = wanted = *action;
        passing.sa_sigaction = pass_on;
        action = &passing;
    }
    int rc = set(number, action, &old);
    if (before)
        *before = old.sa_sigaction == pass_on ? earlier : old;
    return rc;
}
