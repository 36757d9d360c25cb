/* Handles SIGBUS in guarded mappings. */
#include "common/shared/shm_guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/require.h"

struct shm_guard {
    atomic_bool taken;
    _Atomic uintptr_t base; /* 0: not in use yet */
    size_t size;
    _Atomic int fd;
    const char *_Atomic ends; /* the path, if a loss ends the process; else NULL */
    atomic_bool lost;
};

static struct {
    struct shm_guard list[SHM_GUARDS_MAX];
    pthread_mutex_t lock;    /* for the two below, when the handler is installed */
    struct sigaction before; /* the action of SIGBUS before this handler */
    uintptr_t page;          /* bytes of a page */
} guards = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uintptr_t shm_guard_round_down(uintptr_t at)
{
    return at & ~(guards.page - 1);
}

/* Maps zeros where the file has no data: from its end to the end of the mapping, or one page if the
 * file is long enough but cannot be read. */
static bool shm_guard_put_zeros(const struct shm_guard *guard, uintptr_t at)
{
    uintptr_t base = atomic_load(&guard->base), end = base + guard->size;
    uintptr_t from = shm_guard_round_down(at), to = from + guards.page;
    struct stat st;
    if (fstat(atomic_load(&guard->fd), &st) == 0) {
        uintptr_t last = base + shm_guard_round_down((uintptr_t)st.st_size + guards.page - 1);
        if (from >= last) {
            from = last;
            to = shm_guard_round_down(end + guards.page - 1);
        }
    }
    return mmap((void *)from, to - from, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}

/* Calls only functions that are safe in a signal handler; mmap and fstat are plain system calls.
 * For an address without a guard, the access is repeated with the action of before. */
static void shm_guard_handle_signal(int number, siginfo_t *info, void *context)
{
    static const char reason[] =
        ": was cut short or cannot be read while it was in use; shutting down\n";
    int saved = errno;
    uintptr_t at = (uintptr_t)info->si_addr;
    struct shm_guard *guard = NULL;
    (void)context;
    for (size_t i = 0; info->si_code > 0 && i < SHM_GUARDS_MAX && !guard; i++) {
        uintptr_t base = atomic_load(&guards.list[i].base);
        if (base != 0 && at >= base && at - base < guards.list[i].size)
            guard = &guards.list[i];
    }
    const char *path = guard ? atomic_load(&guard->ends) : NULL;
    if (path) {
        (void)!write(STDERR_FILENO, path, strlen(path));
        (void)!write(STDERR_FILENO, reason, sizeof reason - 1);
        _exit(1);
    }
    if (guard && shm_guard_put_zeros(guard, at))
        atomic_store(&guard->lost, true);
    else
        sigaction(number, &guards.before, NULL);
    errno = saved;
}

struct shm_guard *shm_guard_add(void *base, size_t size, int fd)
{
    struct sigaction now,
        action = {.sa_sigaction = shm_guard_handle_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    REQUIRE(base && size > 0 && fd >= 0);
    /* Checked each time: a library may have replaced the handler. */
    sigemptyset(&action.sa_mask);
    pthread_mutex_lock(&guards.lock);
    if (guards.page == 0) /* once, because a handler of another thread may read it */
        guards.page = (uintptr_t)sysconf(_SC_PAGESIZE);
    if (sigaction(SIGBUS, NULL, &now) == 0 && now.sa_sigaction != shm_guard_handle_signal) {
        guards.before = now;
        sigaction(SIGBUS, &action, NULL);
    }
    pthread_mutex_unlock(&guards.lock);

    for (size_t i = 0; i < SHM_GUARDS_MAX; i++) {
        struct shm_guard *guard = &guards.list[i];
        if (atomic_exchange(&guard->taken, true))
            continue;
        guard->size = size;
        atomic_store(&guard->ends, NULL);
        atomic_store(&guard->fd, fd);
        atomic_store(&guard->lost, false);
        atomic_store(&guard->base, (uintptr_t)base);
        return guard;
    }
    errno = ENFILE;
    return NULL;
}

void shm_guard_drop(struct shm_guard *guard)
{
    if (!guard)
        return;
    REQUIRE(atomic_load(&guard->taken));
    atomic_store(&guard->base, 0);
    atomic_store(&guard->taken, false);
}

void shm_guard_end_process(struct shm_guard *guard, const char *path)
{
    if (guard)
        atomic_store(&guard->ends, path);
}

bool shm_guard_is_lost(const struct shm_guard *guard)
{
    return guard && atomic_load(&guard->lost);
}

void shm_guard_mark_lost(struct shm_guard *guard)
{
    if (guard)
        atomic_store(&guard->lost, true);
}

void shm_guard_renew(struct shm_guard *guard, int fd)
{
    if (!guard)
        return;
    atomic_store(&guard->fd, fd);
    atomic_store(&guard->lost, false);
}
