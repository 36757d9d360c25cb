/* The handler of SIGBUS, and the mappings that it is for. */
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

struct shm_guard {
    atomic_bool taken;
    _Atomic uintptr_t base; /* 0: guards nothing yet */
    size_t size;
    _Atomic int fd;
    const char *_Atomic ends; /* the path, when its loss ends the process */
    atomic_bool lost;
};

static struct shm_guard guards[SHM_GUARDS_MAX];
static struct sigaction before; /* what SIGBUS did */
static uintptr_t page;          /* bytes of one */

static uintptr_t shm_guard_round_down(uintptr_t at)
{
    return at & ~(page - 1);
}

static struct shm_guard *shm_guard_find(uintptr_t at)
{
    for (size_t i = 0; i < SHM_GUARDS_MAX; i++) {
        uintptr_t base = atomic_load(&guards[i].base);
        if (base != 0 && at >= base && at - base < guards[i].size)
            return &guards[i];
    }
    return NULL;
}

static void shm_guard_write_text(const char *text)
{
    ssize_t put = write(STDERR_FILENO, text, strlen(text));
    (void)put; /* there is nobody else to tell */
}

static void shm_guard_abort(const struct shm_guard *guard)
{
    shm_guard_write_text(atomic_load(&guard->ends));
    shm_guard_write_text(": was cut short or cannot be read while it was in use; ending\n");
    _exit(1);
}

/* Puts zeros where the file has nothing: behind its end all is lost, before it one page. */
static bool shm_guard_put_zeros(const struct shm_guard *guard, uintptr_t at)
{
    uintptr_t base = atomic_load(&guard->base), end = base + guard->size;
    uintptr_t from = shm_guard_round_down(at), to = from + page;
    struct stat st;
    if (fstat(atomic_load(&guard->fd), &st) == 0) {
        uintptr_t last = base + shm_guard_round_down((uintptr_t)st.st_size + page - 1);
        if (from >= last) {
            from = last;
            to = shm_guard_round_down(end + page - 1);
        }
    }
    return mmap((void *)from, to - from, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}

/* Calls nothing that is not safe in a handler; mmap and fstat are plain system calls. For any
 * other address the access is repeated under the handler that was there before. */
static void shm_guard_handle_signal(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    uintptr_t at = (uintptr_t)info->si_addr;
    struct shm_guard *guard = info->si_code > 0 ? shm_guard_find(at) : NULL;
    (void)context;
    if (guard && atomic_load(&guard->ends))
        shm_guard_abort(guard);
    if (guard && shm_guard_put_zeros(guard, at))
        atomic_store(&guard->lost, true);
    else
        sigaction(number, &before, NULL);
    errno = saved;
}

/* Looked at each time: a library may have put its own handler in the place of ours. */
static void shm_guard_install_handler(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct sigaction now,
        action = {.sa_sigaction = shm_guard_handle_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigemptyset(&action.sa_mask);
    pthread_mutex_lock(&lock);
    page = (uintptr_t)sysconf(_SC_PAGESIZE);
    if (sigaction(SIGBUS, NULL, &now) == 0 && now.sa_sigaction != shm_guard_handle_signal) {
        before = now;
        sigaction(SIGBUS, &action, NULL);
    }
    pthread_mutex_unlock(&lock);
}

struct shm_guard *shm_guard_add(void *base, size_t size, int fd)
{
    shm_guard_install_handler();
    for (size_t i = 0; i < SHM_GUARDS_MAX; i++) {
        struct shm_guard *guard = &guards[i];
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
