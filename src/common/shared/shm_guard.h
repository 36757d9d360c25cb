/* Keeps a process alive when a mapped file is cut short or cannot be read: instead of SIGBUS, the
 * process gets private memory of zeros at that address.
 *
 * Thread-safe. All functions accept NULL for no guard. */
#ifndef TAGFERRY_COMMON_SHARED_SHM_GUARD_H
#define TAGFERRY_COMMON_SHARED_SHM_GUARD_H

#include <stdbool.h>
#include <stddef.h>

struct shm_guard;

enum { SHM_GUARDS_MAX = 256 };

/* Guards the mapping of `fd` until shm_guard_drop. NULL with errno ENFILE if there are
 * SHM_GUARDS_MAX guards already. */
struct shm_guard *shm_guard_add(void *base, size_t size, int fd);
/* From now on a loss ends the process, with a line on stderr that gives `path`, because zeros would
 * be shown as values. The path must outlive the guard. */
void shm_guard_end_process(struct shm_guard *guard, const char *path);
/* Ends the guard. Call it before munmap. */
void shm_guard_drop(struct shm_guard *guard);

/* True after a part of the mapping was replaced by zeros, or after shm_guard_mark_lost. */
bool shm_guard_is_lost(const struct shm_guard *guard);
/* Records a loss that the caller found. */
void shm_guard_mark_lost(struct shm_guard *guard);
/* Records that the mapping was repaired and now maps `fd`. */
void shm_guard_renew(struct shm_guard *guard, int fd);

#endif
